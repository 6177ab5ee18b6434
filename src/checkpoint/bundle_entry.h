/* checkpoint/bundle_entry.h: one BundleEntryProto, read without making structs.
 *
 * An index of ten thousand tensors is walked when it is opened; this is the
 * inner loop of that walk.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_CHECKPOINT_BUNDLE_ENTRY_H
#define FIRN_CHECKPOINT_BUNDLE_ENTRY_H

#include "base/text.h"
#include "tensor/tensor.h"

typedef struct firn_bundle_entry {
  int32_t dtype;
  firn_bytes shape; /* a TensorShapeProto */
  int32_t shard;
  int64_t offset, size;
  uint32_t crc;  /* masked */
  size_t slices; /* how many the entry lists */
} firn_bundle_entry;

/* False when the bytes are no such message. */
bool firn_bundle_entry_parse(firn_bytes in, firn_bundle_entry *out);

/* DATA_LOSS for bytes that are no shape of a tensor, UNIMPLEMENTED for one of
 * too many axes; *out is of unknown rank then. */
FIRN_CHECKED firn_code firn_bundle_shape_parse(firn_bytes in, firn_shape *out,
                                               firn_error *err);

#endif
