/* firn/checkpoint.h: read and write TensorFlow checkpoints of either
 * generation.
 *
 * A V2 checkpoint ("tensor bundle") named P is P.index, a sorted table from
 * tensor name to place, and P.data-00000-of-0000N, the bytes. A V1 checkpoint
 * is one table file P (or several, P-00000-of-0000N) that holds names and
 * values. Opening maps the files and checks the index; tensor bytes are checked
 * when they are read. docs/formats/bundle.md and table.md have the byte
 * layouts.
 *
 *   firn_checkpoint *ck = NULL;
 *   firn_tensor *w = NULL;
 *   firn_error err = FIRN_ERROR_INIT;
 *   if (firn_checkpoint_open("model.ckpt-100", NULL, &ck, &err) != FIRN_OK ||
 *       firn_checkpoint_read(ck, "dense/kernel", &w, &err) != FIRN_OK)
 *     fprintf(stderr, "%s\n", err.message);
 *   firn_tensor_release(w);
 *   firn_checkpoint_close(ck);
 *
 * A partitioned variable is one entry here: its slices are merged when it is
 * read whole, and each can be read alone.
 *
 * Ownership: the caller closes what it opened and releases what it read. A
 * tensor outlives the checkpoint it came from; names and entries do not.
 * Threads:   immutable: any number may read one checkpoint; closing must be the
 *            last call.
 */
#ifndef FIRN_CHECKPOINT_H
#define FIRN_CHECKPOINT_H

#include "firn/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct firn_checkpoint firn_checkpoint;

/* A box within a tensor: per axis a start and an extent; extent -1 means the
 * whole axis (and start 0). Text form, as in SaveV2: "0,5:-", "-" for a whole
 * axis. */
typedef struct firn_slice {
  int rank;
  int64_t start[FIRN_MAX_RANK];
  int64_t extent[FIRN_MAX_RANK];
} firn_slice;

/* What the index says about one tensor. `name` is borrowed. */
typedef struct firn_checkpoint_entry {
  firn_str name;
  firn_dtype dtype;
  firn_shape shape;
  size_t slices; /* 0: stored whole; else the number of its parts */
} firn_checkpoint_entry;

/* Opens checkpoint `prefix`: P of a V2 checkpoint (P.index also does), or a V1
 * file (or the common part of several). On failure *out is NULL and *err says
 * why: NOT_FOUND for a missing file or shard, DATA_LOSS for a damaged index. */
FIRN_API FIRN_CHECKED firn_code
firn_checkpoint_open(const char *prefix, const firn_options *options,
                     firn_checkpoint **out, firn_error *err);

/* Closes `ck`. NULL is fine. */
FIRN_API void firn_checkpoint_close(firn_checkpoint *ck);

/* 1 or 2: the generation of the format. */
FIRN_API int firn_checkpoint_version(const firn_checkpoint *ck);

/* The number of tensors, and the i-th of them in name order. */
FIRN_API size_t firn_checkpoint_count(const firn_checkpoint *ck);
FIRN_API firn_checkpoint_entry firn_checkpoint_at(const firn_checkpoint *ck,
                                                  size_t i);

/* The index of the tensor of that name, or SIZE_MAX. */
FIRN_API size_t firn_checkpoint_find(const firn_checkpoint *ck,
                                     const char *name);

/* Reads one tensor whole, verifying its checksum. The result is new: the caller
 * releases it. NOT_FOUND (with near names as further lines) or DATA_LOSS. */
FIRN_API FIRN_CHECKED firn_code firn_checkpoint_read(const firn_checkpoint *ck,
                                                     const char *name,
                                                     firn_tensor **out,
                                                     firn_error *err);

/* The i-th stored slice of a partitioned tensor (its entry's `slices`). */
FIRN_API firn_slice firn_checkpoint_slice_at(const firn_checkpoint *ck,
                                             size_t tensor, size_t i);

/* Reads the part of a tensor inside `slice`, touching only the stored parts
 * that overlap it. OUT_OF_RANGE when the box leaves the tensor. */
FIRN_API FIRN_CHECKED firn_code firn_checkpoint_read_slice(
    const firn_checkpoint *ck, const char *name, const firn_slice *slice,
    firn_tensor **out, firn_error *err);

/* ---- Comparing ----------------------------------------------------------- */

/* Compares tensor `i` of one checkpoint with tensor `k` of another, of the same
 * type and shape (else INVALID_ARGUMENT). Numbers that lie in one piece never
 * are in memory as a whole. DATA_LOSS as when reading. */
FIRN_API FIRN_CHECKED firn_code firn_checkpoint_compare(
    const firn_checkpoint *a, size_t i, const firn_checkpoint *b, size_t k,
    const firn_tolerance *tolerance, firn_difference *out, firn_error *err);

/* ---- The `checkpoint` state file ---------------------------------------- */

/* What a state file says, with relative paths joined to its folder. When a
 * recorded file is gone (the folder was moved) but one of the same base name
 * lies beside the state file, that one is given. */
typedef struct firn_checkpoint_state firn_checkpoint_state;

/* Reads the state file of a folder, or a state file by its own name. NOT_FOUND
 * when there is none; DATA_LOSS when it cannot be parsed; FAILED_PRECONDITION
 * when it names no newest checkpoint. */
FIRN_API FIRN_CHECKED firn_code
firn_checkpoint_state_open(const char *path, const firn_options *options,
                           firn_checkpoint_state **out, firn_error *err);
FIRN_API void firn_checkpoint_state_close(firn_checkpoint_state *state);

/* The newest checkpoint's prefix (terminated, borrowed), and all of them,
 * oldest first. */
FIRN_API const char *firn_checkpoint_state_newest(
    const firn_checkpoint_state *state);
FIRN_API size_t firn_checkpoint_state_count(const firn_checkpoint_state *state);
FIRN_API const char *firn_checkpoint_state_at(
    const firn_checkpoint_state *state, size_t i);

/* What goes into a state file. Paths are written as they are given, or with
 * `relative` relative to the state file's folder. */
typedef struct firn_checkpoint_state_options {
  size_t size;            /* sizeof(firn_checkpoint_state_options)          */
  const char *newest;     /* the prefix of the newest checkpoint            */
  const char *const *all; /* oldest first; the newest is added when missing */
  size_t count;
  const double *times;   /* of `all`, seconds since 1970; NULL: not noted  */
  double last_preserved; /* 0: not noted                                   */
  bool relative;
} firn_checkpoint_state_options;

/* Rewrites the paths of a state file (or of a folder's) after the folder was
 * moved: to where the checkpoints lie now, or with `relative` relative to the
 * state file's folder. Times stay. Checkpoints that are gone are taken off the
 * list and, when `gone` is not NULL, given to it one by one; NOT_FOUND, and
 * nothing is changed, when the newest is gone. */
FIRN_API FIRN_CHECKED firn_code firn_checkpoint_state_relocate(
    const char *path, bool relative, void (*gone)(void *ud, const char *prefix),
    void *ud, const firn_options *options, firn_error *err);

/* Writes the state file `path` as TensorFlow does. It appears whole or not at
 * all. INVALID_ARGUMENT when `path` is the newest checkpoint's own name. */
FIRN_API FIRN_CHECKED firn_code firn_checkpoint_state_write(
    const char *path, const firn_checkpoint_state_options *state,
    const firn_options *options, firn_error *err);

/* ---- Writing --------------------------------------------------------------
 *
 *   firn_checkpoint_writer *w = NULL;
 *   if (firn_checkpoint_writer_create("model.ckpt-101", NULL, NULL, &w, &err)
 * == FIRN_OK && firn_checkpoint_writer_add(w, "dense/kernel", kernel, &err) ==
 * FIRN_OK) code = firn_checkpoint_writer_commit(w, &err); else
 *     firn_checkpoint_writer_abandon(w);
 *
 * The files are byte for byte those that TensorFlow writes for the same tensors
 * in the same order. Elements go to disk when they are added; the names appear
 * at commit, the index last. A checkpoint of the same name stays whole until
 * the new one has taken its place, whatever the moment at which the program
 * ends; what a killed program leaves behind is called NAME.tempstate<number>.
 *
 * Ownership: commit and abandon free the writer; tensors are not kept.
 * Threads:   confined. */
typedef struct firn_checkpoint_writer firn_checkpoint_writer;

typedef struct firn_checkpoint_writer_options {
  size_t size; /* sizeof(firn_checkpoint_writer_options)                  */
  int version; /* 2 or 1; 0 is 2                                          */
  int shards;  /* V2: the number of data files; 0 is 1                    */
  bool sync;   /* wait until the disk has it                              */
} firn_checkpoint_writer_options;

/* Begins a checkpoint of that prefix (V1: the name of its file). */
FIRN_API FIRN_CHECKED firn_code firn_checkpoint_writer_create(
    const char *prefix, const firn_checkpoint_writer_options *writer_options,
    const firn_options *options, firn_checkpoint_writer **out, firn_error *err);

/* Tensors that are added from now on go to the data file of that number. */
FIRN_API FIRN_CHECKED firn_code firn_checkpoint_writer_shard(
    firn_checkpoint_writer *w, int shard, firn_error *err);

/* Adds a whole tensor; INVALID_ARGUMENT when the name was added before,
 * UNIMPLEMENTED for resources and variants, and in V1 for types that TensorFlow
 * does not save there. */
FIRN_API FIRN_CHECKED firn_code
firn_checkpoint_writer_add(firn_checkpoint_writer *w, const char *name,
                           const firn_tensor *tensor, firn_error *err);

/* Adds a part of a tensor of shape `full`. The parts of one tensor are added
 * one by one and have one type and one full shape. */
FIRN_API FIRN_CHECKED firn_code firn_checkpoint_writer_add_slice(
    firn_checkpoint_writer *w, const char *name, const firn_shape *full,
    const firn_slice *slice, const firn_tensor *tensor, firn_error *err);

/* Writes the index, gives the files their names and frees the writer; on
 * failure nothing of it is left and an older checkpoint of that name is
 * untouched. */
FIRN_API FIRN_CHECKED firn_code
firn_checkpoint_writer_commit(firn_checkpoint_writer *w, firn_error *err);

/* Removes what was written and frees the writer. NULL is fine. */
FIRN_API void firn_checkpoint_writer_abandon(firn_checkpoint_writer *w);

typedef struct firn_checkpoint_merge_options {
  size_t size;        /* sizeof(firn_checkpoint_merge_options)         */
  bool keep_folders;  /* leave the folders of the parts, though empty  */
  bool allow_missing; /* parts that are not there are passed over      */
} firn_checkpoint_merge_options;

/* Makes one V2 checkpoint of several by renaming their data files and merging
 * their indices, as MergeV2Checkpoints does; the parts are gone afterwards.
 * INVALID_ARGUMENT when two hold the same tensor, NOT_FOUND when one is
 * missing. */
FIRN_API FIRN_CHECKED firn_code firn_checkpoint_merge(
    const char *const *prefixes, size_t count, const char *prefix,
    const firn_checkpoint_merge_options *merge_options,
    const firn_options *options, firn_error *err);

/* ---- Copying ------------------------------------------------------------- */

/* A tensor of the checkpoint that is to be made. */
typedef struct firn_checkpoint_item {
  firn_str name;
  const firn_checkpoint *from; /* where its value is: NULL for `value` */
  size_t tensor;               /* its index there                      */
  const firn_tensor *value;
} firn_checkpoint_item;

typedef struct firn_checkpoint_copy_options {
  size_t size;       /* sizeof(firn_checkpoint_copy_options)              */
  int version;       /* 2 or 1; 0 is 2                                    */
  int shards;        /* V2: data files of about the same size; 0 is 1     */
  bool merge_slices; /* store partitioned tensors whole                   */
  bool sync;         /* wait until the disk has it                        */
} firn_checkpoint_copy_options;

/* Writes checkpoint `prefix` of tensors of others, sorted by name. Numbers are
 * copied from file to file and verified on the way; of the rest one tensor at a
 * time is in memory. Two items of one name are an error unless both are
 * partitioned: then their slices make up one tensor. The result appears whole
 * or not at all, as that of a writer. */
FIRN_API FIRN_CHECKED firn_code firn_checkpoint_copy(
    const firn_checkpoint_item *items, size_t count, const char *prefix,
    const firn_checkpoint_copy_options *copy_options,
    const firn_options *options, firn_error *err);

#ifdef __cplusplus
}
#endif

#endif
