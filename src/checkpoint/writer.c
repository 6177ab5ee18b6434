/* checkpoint/writer.c: the public calls that write a checkpoint, and the
 * records that both generations keep of what was added. */
#include "checkpoint/writer.h"

#include <stdlib.h>

#include "checkpoint/bundle_write.h"
#include "checkpoint/ordered_code.h"

enum { MOST_SHARDS = 99999 }; /* five digits in the names of files */

/* ---- Opening and closing ------------------------------------------------ */

static firn_code open_files(firn_checkpoint_writer *w, firn_error *err) {
  const size_t size = (size_t)w->file_count * sizeof *w->files;
  w->files =
      firn_arena_array(&w->arena, (size_t)w->file_count, sizeof *w->files);
  if (!w->files) return firn_oom(err, size);
  const bool bundle = w->format == &firn_bundle_write_format;
  for (int32_t i = 0; i < w->file_count; i++) {
    const firn_str path =
        bundle ? firn_arena_printf(&w->arena, "%s.data-%05d-of-%05d", w->prefix,
                                   i, w->file_count)
               : firn_arena_printf(&w->arena, "%s.values", w->prefix);
    if (!path.data) return firn_oom(err, strlen(w->prefix));
    FIRN_TRY(firn_writer_create(path.data, &w->env.alloc, &w->files[i], err));
  }
  return FIRN_OK;
}

static firn_code check_options(const firn_checkpoint_writer_options *o,
                               firn_error *err) {
  if (o->version < 0 || o->version > 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a checkpoint is of version 1 or 2, not %d", o->version);
  if (o->shards < 0 || o->shards > MOST_SHARDS)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a checkpoint has 1 to %d shards, not %d", MOST_SHARDS,
                     o->shards);
  if (o->version == 1 && o->shards > 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a checkpoint of version 1 is written one shard at a "
                     "time, under the name of the shard");
  return FIRN_OK;
}

static firn_checkpoint_writer_options options_from(
    const firn_checkpoint_writer_options *given) {
  firn_checkpoint_writer_options o = {.size = sizeof o};
  if (given) memcpy(&o, given, firn_min_size(given->size, sizeof o));
  if (!o.version) o.version = 2;
  if (!o.shards) o.shards = 1;
  return o;
}

static void writer_free(firn_checkpoint_writer *w) {
  const firn_allocator alloc = w->env.alloc;
  for (int32_t i = 0; w->files && i < w->file_count; i++)
    firn_writer_abandon(w->files[i]);
  firn_delete(&alloc, w->tensors, w->capacity * sizeof *w->tensors);
  firn_map_fini(&w->by_name);
  firn_arena_fini(&w->arena);
  firn_delete(&alloc, w, sizeof *w);
}

firn_code firn_checkpoint_writer_create(
    const char *prefix, const firn_checkpoint_writer_options *given,
    const firn_options *options, firn_checkpoint_writer **out,
    firn_error *err) {
  const firn_env env = firn_env_from(options);
  const firn_checkpoint_writer_options o = options_from(given);
  *out = NULL;
  FIRN_TRY(check_options(&o, err));
  firn_checkpoint_writer *w = firn_new_zeroed(&env.alloc, sizeof *w);
  if (!w) return firn_oom(err, sizeof *w);
  w->env = env;
  w->sync = o.sync;
  w->file_count = o.shards;
  w->format = o.version == 2 ? &firn_bundle_write_format
                             : &firn_saved_slices_write_format;
  firn_arena_init(&w->arena, &env.alloc);
  firn_map_init(&w->by_name, &env.alloc);
  w->prefix = firn_arena_cstr(&w->arena, firn_str_of(prefix));
  const firn_code code =
      w->prefix ? open_files(w, err) : firn_oom(err, strlen(prefix));
  if (code != FIRN_OK) {
    writer_free(w);
    return firn_while(err, code, "writing checkpoint '%s'", prefix);
  }
  *out = w;
  return FIRN_OK;
}

void firn_checkpoint_writer_abandon(firn_checkpoint_writer *w) {
  if (w) writer_free(w);
}

firn_code firn_checkpoint_writer_commit(firn_checkpoint_writer *w,
                                        firn_error *err) {
  const firn_code code = w->format->commit(w, err);
  if (code != FIRN_OK)
    firn_while(err, code, "writing checkpoint '%s'", w->prefix);
  writer_free(w);
  return code;
}

firn_code firn_checkpoint_writer_shard(firn_checkpoint_writer *w, int shard,
                                       firn_error *err) {
  if (shard < 0 || shard >= w->file_count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "checkpoint '%s' has %d shards, none of number %d",
                     w->prefix, w->file_count, shard);
  w->shard = shard;
  return FIRN_OK;
}

/* ---- Records ------------------------------------------------------------ */

static firn_code new_record(firn_checkpoint_writer *w, firn_str name,
                            firn_saved **out, firn_error *err) {
  if (w->count == w->capacity) {
    const size_t more = w->capacity ? 2 * w->capacity : 16;
    firn_saved *tensors =
        firn_resize(&w->env.alloc, w->tensors, w->capacity * sizeof *tensors,
                    more * sizeof *tensors);
    if (!tensors) return firn_oom(err, more * sizeof *tensors);
    w->tensors = tensors;
    w->capacity = more;
  }
  firn_saved *saved = &w->tensors[w->count];
  *saved = (firn_saved){.name = firn_arena_str(&w->arena, name)};
  if (!saved->name.data || !firn_map_set(&w->by_name, saved->name, w->count))
    return firn_oom(err, name.size);
  w->count++;
  *out = saved;
  return FIRN_OK;
}

/* Room for one more part, which is not counted yet. */
static firn_code new_part(firn_checkpoint_writer *w, firn_saved *saved,
                          const firn_slice *slice, firn_saved_part **out,
                          firn_error *err) {
  if (saved->count == saved->capacity) {
    const size_t more = saved->capacity ? 2 * saved->capacity : 1;
    firn_saved_part *parts = firn_arena_array(&w->arena, more, sizeof *parts);
    if (!parts) return firn_oom(err, more * sizeof *parts);
    if (saved->count) memcpy(parts, saved->parts, saved->count * sizeof *parts);
    saved->parts = parts;
    saved->capacity = more;
  }
  *out = &saved->parts[saved->count];
  **out = (firn_saved_part){.slice = *slice};
  return FIRN_OK;
}

static firn_code check_name(firn_str name, firn_dtype dtype, firn_error *err) {
  if (!name.size || name.data[0] == '\0')
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a tensor's name is not empty and does not begin with a "
                     "zero byte");
  if (!firn_dtype_valid(dtype) || firn_dtype_is_handle(dtype))
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "firn cannot write values of type %s to checkpoints",
                     firn_dtype_name(dtype));
  return FIRN_OK;
}

/* Another part of a tensor that is known already. */
static firn_code check_again(const firn_saved *saved, firn_dtype dtype,
                             const firn_shape *full, const firn_slice *slice,
                             firn_error *err) {
  char text[FIRN_SLICE_TEXT], have[256], want[256];
  if (saved->whole || slice->rank < 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a tensor of that name was added before");
  if (saved->dtype != dtype || !firn_shape_equal(&saved->shape, full))
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT,
        "a slice of a %s tensor of shape %s, the one before was of %s %s",
        firn_dtype_name(dtype), firn_shape_text(full, have),
        firn_dtype_name(saved->dtype), firn_shape_text(&saved->shape, want));
  for (size_t i = 0; i < saved->count; i++)
    if (firn_slice_equal(&saved->parts[i].slice, slice))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "slice '%s' was added before",
                       firn_slice_text(slice, text));
  return FIRN_OK;
}

static firn_slice all_axes(int rank) {
  firn_slice slice = {.rank = rank};
  for (int i = 0; i < rank; i++) slice.extent[i] = -1;
  return slice;
}

/* Adds a part; `slice` is of rank -1 for a whole tensor. */
static firn_code add(firn_checkpoint_writer *w, firn_str name,
                     const firn_shape *full, const firn_slice *slice,
                     const firn_elements *from, firn_error *err) {
  firn_saved *saved = NULL;
  firn_saved_part *part = NULL;
  uint64_t at;
  FIRN_TRY(check_name(name, from->dtype, err));
  const bool known = firn_map_get(&w->by_name, name, &at);
  if (known) {
    saved = &w->tensors[at];
    FIRN_TRY(check_again(saved, from->dtype, full, slice, err));
  } else {
    FIRN_TRY(new_record(w, name, &saved, err));
    saved->dtype = from->dtype;
    saved->shape = *full;
    saved->whole = slice->rank < 0;
  }
  const firn_slice all = all_axes(full->rank);
  FIRN_TRY(new_part(w, saved, slice->rank < 0 ? &all : slice, &part, err));
  FIRN_TRY(from->tensor
               ? w->format->put(w, from->tensor, saved, part, err)
               : firn_bundle_pass(w, from->span, from->verify, part, err));
  saved->count++;
  return FIRN_OK;
}

/* A slice of a tensor whose shape is known. */
static firn_code add_slice(firn_checkpoint_writer *w, firn_str name,
                           const firn_shape *full, const firn_slice *slice,
                           const firn_elements *from, firn_error *err) {
  const firn_slice none = {.rank = -1};
  firn_slice box;
  char have[256], want[256];
  int64_t count;
  if (!firn_shape_known(full) || !firn_shape_count(full, &count))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "shape %s of the whole is not fully known",
                     firn_shape_text(full, have));
  FIRN_TRY(firn_slice_resolve(slice, full, &box, err));
  const firn_shape shape = firn_slice_shape(slice, full);
  if (from->tensor && !firn_shape_equal(&shape, &from->tensor->shape))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the slice has shape %s, the tensor %s",
                     firn_shape_text(&shape, want),
                     firn_shape_text(&from->tensor->shape, have));
  /* V2 stores a slice that is all of its tensor as the tensor. */
  const firn_slice whole = firn_slice_whole(full);
  const bool all =
      firn_slice_equal(&box, &whole) && w->format == &firn_bundle_write_format;
  return add(w, name, full, all ? &none : slice, from, err);
}

firn_code firn_checkpoint_writer_put(firn_checkpoint_writer *w, firn_str name,
                                     const firn_shape *full,
                                     const firn_slice *slice,
                                     const firn_elements *elements,
                                     firn_error *err) {
  const firn_slice none = {.rank = -1};
  const firn_code code = slice ? add_slice(w, name, full, slice, elements, err)
                               : add(w, name, full, &none, elements, err);
  if (code == FIRN_OK) return code;
  return firn_while(err, code, "writing '%.*s' to checkpoint '%s'",
                    FIRN_ARG(name), w->prefix);
}

firn_code firn_checkpoint_writer_add(firn_checkpoint_writer *w,
                                     const char *name,
                                     const firn_tensor *tensor,
                                     firn_error *err) {
  return firn_checkpoint_writer_add_slice(w, name, &tensor->shape, NULL, tensor,
                                          err);
}

firn_code firn_checkpoint_writer_add_slice(
    firn_checkpoint_writer *w, const char *name, const firn_shape *full,
    const firn_slice *slice, const firn_tensor *tensor, firn_error *err) {
  const firn_elements from = {.tensor = tensor, .dtype = tensor->dtype};
  return firn_checkpoint_writer_put(w, firn_str_of(name), full, slice, &from,
                                    err);
}

/* ---- In order ----------------------------------------------------------- */

static int by_name(const void *a, const void *b) {
  const firn_saved *const *sa = a, *const *sb = b;
  return firn_str_compare((*sa)->name, (*sb)->name);
}

firn_saved **firn_saved_by_name(firn_checkpoint_writer *w) {
  firn_saved **sorted =
      firn_arena_array(&w->arena, w->count + 1, sizeof *sorted);
  if (!sorted) return NULL;
  for (size_t i = 0; i < w->count; i++) sorted[i] = &w->tensors[i];
  if (w->count) qsort(sorted, w->count, sizeof *sorted, by_name);
  return sorted;
}

static int by_key(const void *a, const void *b) {
  const firn_saved_key *ka = a, *kb = b;
  return firn_str_compare(ka->key, kb->key);
}

/* Fills in the keys of a tensor's parts. */
static firn_code put_keys(firn_checkpoint_writer *w, const firn_saved *saved,
                          firn_saved_key *out, firn_error *err) {
  firn_buf key;
  firn_buf_init(&key, &w->env.alloc);
  bool failed = false;
  for (size_t i = 0; i < saved->count && !failed; i++) {
    key.size = 0;
    firn_slice_key(&key, saved->name, &saved->parts[i].slice);
    const firn_str text = {(const char *)key.data, key.size};
    out[i] = (firn_saved_key){firn_arena_str(&w->arena, text), saved,
                              &saved->parts[i]};
    failed = key.failed || !out[i].key.data;
  }
  firn_buf_fini(&key);
  return failed ? firn_oom(err, saved->name.size) : FIRN_OK;
}

firn_code firn_saved_part_keys(firn_checkpoint_writer *w, firn_saved_key **out,
                               size_t *count, firn_error *err) {
  size_t total = 0;
  *count = 0;
  for (size_t i = 0; i < w->count; i++)
    total += w->tensors[i].whole && w->format == &firn_bundle_write_format
                 ? 0
                 : w->tensors[i].count;
  firn_saved_key *keys = firn_arena_array(&w->arena, total + 1, sizeof *keys);
  if (!keys) return firn_oom(err, total * sizeof *keys);
  for (size_t i = 0; i < w->count; i++) {
    const firn_saved *saved = &w->tensors[i];
    if (saved->whole && w->format == &firn_bundle_write_format) continue;
    FIRN_TRY(put_keys(w, saved, keys + *count, err));
    *count += saved->count;
  }
  if (total) qsort(keys, total, sizeof *keys, by_key);
  *out = keys;
  return FIRN_OK;
}

firn_code firn_slice_to_proto(const firn_slice *slice, firn_arena *arena,
                              firn_pb_TensorSliceProto **out, firn_error *err) {
  const size_t rank = slice->rank < 0 ? 0 : (size_t)slice->rank;
  firn_pb_TensorSliceProto *pb =
      firn_pb_new(&firn_pb_type_TensorSliceProto, arena);
  firn_pb_TensorSliceProto_Extent *axes =
      firn_arena_array(arena, rank + 1, sizeof *axes);
  if (!pb || !axes) return firn_oom(err, rank * sizeof *axes);
  pb->extent = firn_arena_array(arena, rank + 1, sizeof *pb->extent);
  if (!pb->extent) return firn_oom(err, rank * sizeof *pb->extent);
  pb->extent_count = rank;
  for (size_t i = 0; i < rank; i++) {
    pb->extent[i] = &axes[i];
    if (slice->extent[i] < 0) continue; /* a whole axis says nothing */
    axes[i].start = slice->start[i];
    axes[i].length = slice->extent[i];
    axes[i].has_length_hack_case = 2;
  }
  *out = pb;
  return FIRN_OK;
}
