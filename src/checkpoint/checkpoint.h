/* checkpoint/checkpoint.h: a checkpoint as firn's own layers see it.
 *
 * Beside the public calls there is one for those who only pass the bytes on:
 * freezing copies a variable from the mapped bundle into a frozen graph and
 * never needs it in memory.
 *
 * Threads: immutable.
 */
#ifndef FIRN_CHECKPOINT_CHECKPOINT_H
#define FIRN_CHECKPOINT_CHECKPOINT_H

#include "base/file.h"
#include "firn/checkpoint.h"
#include "tensor/tensor.h"

/* Where the bytes of a tensor lie, exactly as tensor_content wants them. */
typedef struct firn_span {
  const firn_file *file; /* NULL: not stored in one such piece, use read */
  size_t offset, size;
  uint32_t crc; /* unmasked; of the `size` bytes               */
} firn_span;

/* Looks a tensor (or, with `slice` not NULL, a stored slice) up by its
 * position. The span's `file` is NULL for what must be read and assembled: V1
 * values, strings, slices that are not stored as such, bundles of the other
 * endianness. */
FIRN_CHECKED firn_code firn_checkpoint_span(const firn_checkpoint *ck,
                                            size_t tensor,
                                            const firn_slice *slice,
                                            firn_span *out, firn_error *err);

/* Reads by position, whole or a box of it. */
FIRN_CHECKED firn_code firn_checkpoint_load(const firn_checkpoint *ck,
                                            size_t tensor,
                                            const firn_slice *slice,
                                            firn_tensor **out, firn_error *err);

/* The index of `name`, or SIZE_MAX. */
size_t firn_checkpoint_lookup(const firn_checkpoint *ck, firn_str name);

/* The prefix it was opened by, for messages. */
firn_str firn_checkpoint_prefix(const firn_checkpoint *ck);

/* Parses the slice text of SaveV2 and RestoreV2 inputs: "" is a whole tensor
 * (rank -1 in *out), else "dim dim ... spec" as in "10 4 0,5:-": *full gets the
 * extents of the whole, *out the box. INVALID_ARGUMENT. */
FIRN_CHECKED firn_code firn_slice_parse(firn_str text, firn_shape *full,
                                        firn_slice *out, firn_error *err);

/* The extents of the box as a shape: whole axes from `full`. */
firn_shape firn_slice_shape(const firn_slice *slice, const firn_shape *full);

#endif
