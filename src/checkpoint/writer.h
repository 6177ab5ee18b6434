/* checkpoint/writer.h: what both generations of checkpoints are to their
 * writers.
 *
 * A writer keeps a record per tensor: type, shape, and where its parts went.
 * Bytes go to temporary files at once, so that a checkpoint may be larger than
 * memory; what is sorted (the index of V2, the table of V1) is written at
 * commit, and renaming is the last thing that happens.
 *
 * For the files of checkpoint only.
 *
 * Threads: confined.
 */
#ifndef FIRN_CHECKPOINT_WRITER_H
#define FIRN_CHECKPOINT_WRITER_H

#include "base/arena.h"
#include "base/map.h"
#include "checkpoint/slice.h"

/* Where the bytes of a part went. */
typedef struct firn_place {
  int32_t shard;
  uint64_t offset, size;
  uint32_t crc; /* unmasked */
} firn_place;

typedef struct firn_saved_part {
  firn_slice slice; /* V1: a whole tensor is one slice of whole axes */
  firn_place place;
} firn_saved_part;

typedef struct firn_saved {
  firn_str name;
  firn_dtype dtype;
  firn_shape shape;
  bool whole; /* V2: stored in one piece, at parts[0] */
  firn_saved_part *parts;
  size_t count, capacity;
} firn_saved;

/* A key of the table that is to be written. */
typedef struct firn_saved_key {
  firn_str key;
  const firn_saved *tensor;
  const firn_saved_part *part; /* NULL: the tensor's entry */
} firn_saved_key;

typedef struct firn_write_format {
  /* Writes the elements of one part and says where. */
  firn_code (*put)(firn_checkpoint_writer *w, const firn_tensor *tensor,
                   const firn_saved *saved, firn_saved_part *part,
                   firn_error *err);
  /* Writes the rest and gives the files their names. */
  firn_code (*commit)(firn_checkpoint_writer *w, firn_error *err);
} firn_write_format;

struct firn_checkpoint_writer {
  const firn_write_format *format;
  firn_env env;
  firn_arena arena;
  const char *prefix;
  bool sync;
  firn_map by_name; /* → position in tensors */
  firn_saved *tensors;
  size_t count, capacity;
  firn_writer **files; /* V2: the shards; V1: one for values by themselves */
  int32_t file_count, shard;
};

extern const firn_write_format firn_bundle_write_format;
extern const firn_write_format firn_saved_slices_write_format;

/* The tensors sorted by name; the keys of the parts, then of the tensors, in
 * the order of a table. They live in the arena. NULL when memory is short. */
firn_saved **firn_saved_by_name(firn_checkpoint_writer *w);
FIRN_CHECKED firn_code firn_saved_part_keys(firn_checkpoint_writer *w,
                                            firn_saved_key **out, size_t *count,
                                            firn_error *err);

/* Where the elements of a part are: in memory, or in another checkpoint of this
 * machine's byte order. */
typedef struct firn_elements {
  const firn_tensor *tensor; /* NULL: */
  const firn_span *span;     /* plain elements, and only for V2           */
  firn_dtype dtype;
  bool verify; /* the span's checksum                       */
} firn_elements;

/* Adds a tensor of shape `full`, or with `slice` a part of it. DATA_LOSS when
 * the bytes of a span do not have its checksum. */
FIRN_CHECKED firn_code firn_checkpoint_writer_put(
    firn_checkpoint_writer *w, firn_str name, const firn_shape *full,
    const firn_slice *slice, const firn_elements *elements, firn_error *err);

/* The message of a slice. */
FIRN_CHECKED firn_code firn_slice_to_proto(const firn_slice *slice,
                                           firn_arena *arena,
                                           firn_pb_TensorSliceProto **out,
                                           firn_error *err);

#endif
