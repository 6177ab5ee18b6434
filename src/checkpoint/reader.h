/* checkpoint/reader.h: what both generations of checkpoints are to their
 * readers.
 *
 * An open checkpoint is an array of names in order. Under each lies what the
 * format said about it, still as bytes: decoding thousands of entries would
 * cost more than reading the few that are wanted. A format answers three
 * questions about a name: what it is, where one of its stored parts lies, and
 * what that part's elements are; assemble.c makes tensors out of the answers.
 *
 * For the files of checkpoint only.
 *
 * Threads: immutable once open.
 */
#ifndef FIRN_CHECKPOINT_READER_H
#define FIRN_CHECKPOINT_READER_H

#include "base/arena.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/slice.h"
#include "checkpoint/sstable.h"

/* The stored parts of a tensor: always in V1, in V2 of a sliced one. */
typedef struct firn_parts {
  size_t count;
  firn_pb_TensorSliceProto **slice;
  uint32_t *file; /* V1: in which of the files the part lies */
} firn_parts;

typedef struct firn_record {
  firn_str name;
  firn_bytes entry;                   /* V2: the BundleEntryProto */
  const firn_pb_SavedSliceMeta *meta; /* V1 */
  const firn_parts *parts;            /* NULL: stored whole */
} firn_record;

/* A file of the checkpoint: a shard of data, or a table of V1. */
typedef struct firn_shard {
  int32_t id;
  const char *path;
  firn_file *file;
  firn_sstable table; /* V1 */
} firn_shard;

/* One stored part, found and found plausible. */
typedef struct firn_part {
  firn_slice box; /* within its tensor */
  firn_dtype dtype;
  size_t count;     /* elements                             */
  size_t stored;    /* bytes that they take in the file     */
  firn_span span;   /* V2: where                            */
  firn_bytes value; /* V1: the SavedTensorSlices message    */
} firn_part;

typedef struct firn_format {
  int version;

  /* Type, shape and number of slices of a record. What cannot be said is
   * FIRN_INVALID or of unknown rank, and an error. */
  firn_code (*describe)(const firn_checkpoint *ck, const firn_record *record,
                        firn_checkpoint_entry *out, firn_error *err);

  /* Finds part number `part`, whose box is set, and checks its size against the
   * file. A part that lies compressed is unpacked into the arena. */
  firn_code (*locate)(const firn_checkpoint *ck, const firn_record *record,
                      const firn_checkpoint_entry *entry, size_t part,
                      firn_arena *scratch, firn_part *out, firn_error *err);

  /* Reads and verifies the elements of a located part. */
  firn_code (*read)(const firn_checkpoint *ck, const firn_part *part,
                    firn_arena *scratch, void *to, firn_error *err);
} firn_format;

struct firn_checkpoint {
  const firn_format *format;
  firn_env env;
  firn_arena arena; /* names, paths, parts */
  const char *prefix;
  firn_record *records; /* by name; V2: first the slices, then the tensors */
  size_t count, capacity;
  size_t slices;      /* how many of them are slices */
  firn_shard *shards; /* by id */
  size_t shard_count, shard_capacity;
  size_t file_bytes;  /* of all shards */
  firn_file *index;   /* V2 */
  int32_t num_shards; /* V2, as the header says */
  bool swap;          /* V2: numbers lie in the other byte order */
};

/* Opens the files of a checkpoint whose generation is known. `ck` is zero but
 * for format, env, arena and prefix; what was opened before a failure is in it.
 */
FIRN_CHECKED firn_code firn_bundle_open(firn_checkpoint *ck,
                                        const char *index_path,
                                        firn_error *err);
FIRN_CHECKED firn_code firn_saved_slices_open(firn_checkpoint *ck,
                                              const char *const *paths,
                                              size_t count, firn_error *err);

extern const firn_format firn_bundle_format;
extern const firn_format firn_saved_slices_format;

/* Adds an empty record; NULL when memory is short. */
firn_record *firn_checkpoint_add(firn_checkpoint *ck);

/* The record of that name among [begin, end), or SIZE_MAX. */
size_t firn_checkpoint_search(const firn_checkpoint *ck, size_t begin,
                              size_t end, firn_str name);

/* The shard of that id, or NULL; and a new one, whose file is not open yet. */
firn_shard *firn_checkpoint_shard(const firn_checkpoint *ck, int32_t id);
FIRN_CHECKED firn_code firn_checkpoint_add_shard(firn_checkpoint *ck,
                                                 int32_t id, firn_error *err);

/* The box of a tensor's part: the whole tensor when it has no parts. */
FIRN_CHECKED firn_code firn_part_box(const firn_record *record,
                                     const firn_checkpoint_entry *entry,
                                     size_t part, firn_slice *out,
                                     firn_error *err);

#endif
