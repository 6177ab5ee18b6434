/* ops/checkpoint_io.c: saving and restoring as nodes of a graph, the way a
 * Saver writes them into it.
 *
 *   SaveV2, RestoreV2      tensors or slices of them, whatever the generation
 * is that is restored from Save, SaveSlices       version 1 Restore,
 * RestoreSlice  one tensor MergeV2Checkpoints     what several devices saved
 * becomes one checkpoint ShardedFilename, ShardedFilespec   the names of its
 * parts
 */
#include <inttypes.h>
#include <stdio.h>

#include "checkpoint/checkpoint.h"
#include "ops/infer.h"

static firn_options options_of(const firn_env *env) {
  const firn_options options = {
      .size = sizeof options,
      .allocator = env->alloc.resize ? &env->alloc : NULL,
      .limits = env->limits,
      .threads = env->threads,
      .skip_checksums = env->skip_checksums};
  return options;
}

/* ---- Inputs ------------------------------------------------------------- */

/* A scalar string as a path. */
static firn_code path_of(const firn_tensor *t, const char *what,
                         firn_arena *arena, const char **out, firn_error *err) {
  char text[256];
  if (t->count != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%s must be one string, has shape %s", what,
                     firn_shape_text(&t->shape, text));
  *out = firn_arena_cstr(arena, firn_tensor_string(t, 0));
  return *out ? FIRN_OK : firn_oom(err, 1);
}

static firn_code check_count(const firn_tensor *t, const char *what,
                             size_t want, firn_error *err) {
  char text[256];
  if (t->shape.rank == 1 && t->count == want) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "%s must be a vector of %zu strings, has shape %s", what,
                   want, firn_shape_text(&t->shape, text));
}

/* ---- Saving ------------------------------------------------------------- */

/* The text of a slice: one that leaves its tensor is a wrong argument. */
static firn_code parse_slice(firn_str text, firn_shape *full, firn_slice *slice,
                             firn_error *err) {
  const firn_code code = firn_slice_parse(text, full, slice, err);
  if (code != FIRN_OUT_OF_RANGE) return code;
  if (err) err->code = FIRN_INVALID_ARGUMENT;
  return FIRN_INVALID_ARGUMENT;
}

/* What a kernel saves: its micro.table. */
typedef struct form {
  int version;
  bool slices; /* input 2 says which part of a whole each tensor is */
} form;

static firn_code add_one(firn_checkpoint_writer *w, const firn_run *run,
                         const form *f, size_t i, size_t first,
                         firn_arena *arena, firn_error *err) {
  const firn_tensor *tensor = run->in[first + i];
  const char *name = firn_arena_cstr(arena, firn_tensor_string(run->in[1], i));
  const firn_str text =
      f->slices ? firn_tensor_string(run->in[2], i) : (firn_str){NULL, 0};
  firn_shape full;
  firn_slice slice;
  if (!name) return firn_oom(err, 1);
  if (!text.size) return firn_checkpoint_writer_add(w, name, tensor, err);
  FIRN_TRY(parse_slice(text, &full, &slice, err));
  return firn_checkpoint_writer_add_slice(w, name, &full, &slice, tensor, err);
}

static firn_code save(const firn_run *run, const form *f, firn_arena *arena,
                      firn_error *err) {
  const size_t first = f->slices ? 3 : 2, count = run->in_count - first;
  const firn_checkpoint_writer_options wanted = {.size = sizeof wanted,
                                                 .version = f->version};
  const firn_options options = options_of(run->env);
  const char *prefix = NULL;
  firn_checkpoint_writer *w = NULL;
  FIRN_TRY(path_of(run->in[0], "the file's name", arena, &prefix, err));
  FIRN_TRY(check_count(run->in[1], "tensor_names", count, err));
  if (f->slices)
    FIRN_TRY(check_count(run->in[2], "shape_and_slices", count, err));
  FIRN_TRY(firn_checkpoint_writer_create(prefix, &wanted, &options, &w, err));
  firn_code code = FIRN_OK;
  for (size_t i = 0; i < count && code == FIRN_OK; i++)
    code = add_one(w, run, f, i, first, arena, err);
  if (code == FIRN_OK) return firn_checkpoint_writer_commit(w, err);
  firn_checkpoint_writer_abandon(w);
  return code;
}

static firn_code drive_save(const firn_run *run, firn_error *err) {
  firn_arena arena;
  firn_arena_init(&arena, &run->env->alloc);
  const firn_code code = save(run, run->kernel->micro.table, &arena, err);
  firn_arena_fini(&arena);
  return code;
}

static firn_code infer_save(firn_infer *q, firn_error *err) {
  firn_shape ignored;
  FIRN_TRY(firn_infer_rank(q, 0, 0, "the file's name", &ignored, err));
  return firn_infer_rank(q, 1, 1, "tensor_names", &ignored, err);
}

/* ---- Restoring ---------------------------------------------------------- */

/* A slice's text must speak of the tensor that is there. */
static firn_code check_full(const firn_checkpoint_entry *e,
                            const firn_shape *full, firn_error *err) {
  char th[256], tw[256];
  if (firn_shape_equal(&e->shape, full)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "the slice is of a whole of shape %s, '%.*s' has shape %s",
                   firn_shape_text(full, th), FIRN_ARG(e->name),
                   firn_shape_text(&e->shape, tw));
}

static firn_code no_key(const firn_checkpoint *ck, firn_str name,
                        firn_error *err) {
  return firn_fail(err, FIRN_NOT_FOUND, "no key '%.*s' in checkpoint '%.*s'",
                   FIRN_ARG(name), FIRN_ARG(firn_checkpoint_prefix(ck)));
}

static firn_code restore_one(const firn_run *run, const firn_checkpoint *ck,
                             firn_str name, firn_str text, size_t i,
                             firn_error *err) {
  const firn_dtype dtype = (firn_dtype)run->node->output_types[i];
  const size_t at = firn_checkpoint_lookup(ck, name);
  firn_shape full;
  firn_slice slice;
  firn_tensor *value = NULL;
  if (at == SIZE_MAX) return no_key(ck, name, err);
  const firn_checkpoint_entry e = firn_checkpoint_at(ck, at);
  if (e.dtype != dtype)
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT, "'%.*s' is %s in checkpoint '%.*s', not %s",
        FIRN_ARG(name), firn_dtype_name(e.dtype),
        FIRN_ARG(firn_checkpoint_prefix(ck)), firn_dtype_name(dtype));
  FIRN_TRY(parse_slice(text, &full, &slice, err));
  if (slice.rank >= 0) FIRN_TRY(check_full(&e, &full, err));
  FIRN_TRY(firn_checkpoint_load(ck, at, slice.rank < 0 ? NULL : &slice, &value,
                                err));
  firn_run_give(run, i, value);
  return FIRN_OK;
}

static firn_code restore_all(const firn_run *run, const firn_checkpoint *ck,
                             firn_error *err) {
  const bool slices = run->in_count > 2;
  if (run->in[1]->count != run->out_count ||
      (slices && run->in[2]->count != run->out_count))
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT, "%zu names and %zu slices for %zu tensors",
        run->in[1]->count, slices ? run->in[2]->count : 0, run->out_count);
  for (size_t i = 0; i < run->out_count; i++) {
    const firn_str text =
        slices ? firn_tensor_string(run->in[2], i) : (firn_str){NULL, 0};
    FIRN_TRY(
        restore_one(run, ck, firn_tensor_string(run->in[1], i), text, i, err));
  }
  return FIRN_OK;
}

static firn_code drive_restore(const firn_run *run, firn_error *err) {
  const firn_options options = options_of(run->env);
  firn_checkpoint *ck = NULL;
  firn_arena arena;
  const char *prefix = NULL;
  firn_arena_init(&arena, &run->env->alloc);
  firn_code code = path_of(run->in[0], "the file's name", &arena, &prefix, err);
  if (code == FIRN_OK) code = firn_checkpoint_open(prefix, &options, &ck, err);
  if (code == FIRN_OK) code = restore_all(run, ck, err);
  firn_checkpoint_close(ck);
  firn_arena_fini(&arena);
  return code;
}

/* A constant text of a slice says what shape comes out. */
static firn_code infer_restore(firn_infer *q, firn_error *err) {
  firn_shape full, ignored;
  firn_slice slice;
  FIRN_TRY(firn_infer_rank(q, 0, 0, "the file's name", &ignored, err));
  const firn_tensor *texts = q->in_count > 2 ? q->in[2].value : NULL;
  for (size_t i = 0; texts && i < q->out_count && i < texts->count; i++) {
    const firn_str text = firn_tensor_string(texts, i);
    FIRN_TRY(parse_slice(text, &full, &slice, err));
    if (slice.rank >= 0) q->out[i].shape = firn_slice_shape(&slice, &full);
  }
  return FIRN_OK;
}

/* ---- Merging ------------------------------------------------------------ */

static firn_code merge(const firn_run *run, firn_arena *arena,
                       firn_error *err) {
  const firn_tensor *parts = run->in[0];
  const firn_checkpoint_merge_options o = {
      .size = sizeof o,
      .keep_folders = !firn_attr_bool_or(run->node, "delete_old_dirs", true),
      .allow_missing =
          firn_attr_bool_or(run->node, "allow_missing_files", false)};
  const firn_options options = options_of(run->env);
  const char **prefixes =
      firn_arena_array(arena, parts->count + 1, sizeof(const char *));
  const char *to = NULL;
  if (!prefixes) return firn_oom(err, parts->count);
  for (size_t i = 0; i < parts->count; i++) {
    prefixes[i] = firn_arena_cstr(arena, firn_tensor_string(parts, i));
    if (!prefixes[i]) return firn_oom(err, parts->count);
  }
  FIRN_TRY(path_of(run->in[1], "destination_prefix", arena, &to, err));
  return firn_checkpoint_merge(prefixes, parts->count, to, &o, &options, err);
}

static firn_code drive_merge(const firn_run *run, firn_error *err) {
  firn_arena arena;
  firn_arena_init(&arena, &run->env->alloc);
  const firn_code code = merge(run, &arena, err);
  firn_arena_fini(&arena);
  return code;
}

static firn_code infer_merge(firn_infer *q, firn_error *err) {
  firn_shape ignored;
  FIRN_TRY(firn_infer_rank(q, 0, 1, "checkpoint_prefixes", &ignored, err));
  return firn_infer_rank(q, 1, 0, "destination_prefix", &ignored, err);
}

/* ---- Names -------------------------------------------------------------- */

static firn_code infer_name(firn_infer *q, firn_error *err) {
  firn_shape ignored;
  for (size_t i = 0; i < q->in_count; i++)
    FIRN_TRY(
        firn_infer_rank(q, i, 0, i ? "a number" : "basename", &ignored, err));
  q->out[0].shape = firn_shape_scalar();
  return FIRN_OK;
}

/* BASE-SHARD-of-COUNT, or with `shard` NULL the pattern of all of them. */
static firn_code drive_name(const firn_run *run, const firn_tensor *shard,
                            const firn_tensor *count, firn_error *err) {
  const firn_str base = firn_tensor_string(run->in[0], 0);
  char number[24] = "?????";
  firn_arena arena;
  if (base.size > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "basename is too long");
  if (shard)
    snprintf(number, sizeof number, "%05" PRId64, firn_tensor_i64(shard, 0));
  firn_arena_init(&arena, &run->env->alloc);
  const firn_str name = firn_arena_printf(
      &arena, "%.*s-%s-of-%05" PRId64, (int)base.size,
      base.data ? base.data : "", number, firn_tensor_i64(count, 0));
  const firn_code code = name.data
                             ? firn_tensor_set_string(run->out[0], 0, name, err)
                             : firn_oom(err, base.size);
  firn_arena_fini(&arena);
  return code;
}

static firn_code drive_filename(const firn_run *run, firn_error *err) {
  return drive_name(run, run->in[1], run->in[2], err);
}

static firn_code drive_filespec(const firn_run *run, firn_error *err) {
  return drive_name(run, NULL, run->in[1], err);
}

/* ---- The family --------------------------------------------------------- */

static const form v2 = {2, true}, v1 = {1, false}, v1_slices = {1, true};

#define KERNEL(NAME, DRIVE, TABLE)    \
  static const firn_kernel NAME[] = { \
      {.drive = DRIVE, .micro = {.table = TABLE}}, {.drive = NULL}};

KERNEL(save_v2, drive_save, &v2)
KERNEL(save_v1, drive_save, &v1)
KERNEL(save_v1_slices, drive_save, &v1_slices)
KERNEL(restore, drive_restore, NULL)
KERNEL(merge_v2, drive_merge, NULL)
KERNEL(filename, drive_filename, NULL)
KERNEL(filespec, drive_filespec, NULL)

enum { GIVES = FIRN_OP_STATEFUL | FIRN_OP_GIVES };

static const firn_op ops[] = {
    {"SaveV2", infer_save, save_v2, FIRN_OP_STATEFUL},
    {"Save", infer_save, save_v1, FIRN_OP_STATEFUL},
    {"SaveSlices", infer_save, save_v1_slices, FIRN_OP_STATEFUL},
    {"RestoreV2", infer_restore, restore, GIVES},
    {"Restore", infer_restore, restore, GIVES},
    {"RestoreSlice", infer_restore, restore, GIVES},
    {"MergeV2Checkpoints", infer_merge, merge_v2, FIRN_OP_STATEFUL},
    {"ShardedFilename", infer_name, filename, 0},
    {"ShardedFilespec", infer_name, filespec, 0},
};

FIRN_OP_FAMILY(checkpoint_io, ops);
