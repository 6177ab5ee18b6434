/* model/surgery.c: the list of a surgery, from checkpoints to a checkpoint. */
#include "model/surgery.h"

#include <stdlib.h>

#include "checkpoint/slice.h"

/* ---- The list ----------------------------------------------------------- */

firn_code firn_surgery_new(const firn_options *options, firn_surgery **out,
                           firn_error *err) {
  const firn_env env = firn_env_from(options);
  *out = NULL;
  firn_surgery *s = firn_new_zeroed(&env.alloc, sizeof *s);
  if (!s) return firn_oom(err, sizeof *s);
  s->env = env;
  firn_arena_init(&s->arena, &env.alloc);
  *out = s;
  return FIRN_OK;
}

void firn_surgery_free(firn_surgery *s) {
  if (!s) return;
  const firn_allocator alloc = s->env.alloc;
  firn_delete(&alloc, s->cuts, s->capacity * sizeof *s->cuts);
  firn_arena_fini(&s->arena);
  firn_delete(&alloc, s, sizeof *s);
}

size_t firn_surgery_count(const firn_surgery *s) { return s->count; }

firn_str firn_surgery_key(const firn_surgery *s, size_t i) {
  return s->cuts[i].key;
}

firn_code firn_surgery_push(firn_surgery *s, const firn_cut *cut,
                            firn_error *err) {
  if (s->count == s->capacity) {
    const size_t more = s->capacity ? 2 * s->capacity : 64;
    firn_cut *cuts =
        firn_resize(&s->env.alloc, s->cuts, s->capacity * sizeof *cuts,
                    more * sizeof *cuts);
    if (!cuts) return firn_oom(err, more * sizeof *cuts);
    s->cuts = cuts;
    s->capacity = more;
  }
  s->cuts[s->count++] = *cut;
  return FIRN_OK;
}

firn_code firn_surgery_index(const firn_surgery *s, firn_map *map,
                             firn_error *err) {
  for (size_t i = 0; i < s->count; i++)
    if (!firn_map_set(map, s->cuts[i].key, i))
      return firn_oom(err, s->cuts[i].key.size);
  return FIRN_OK;
}

size_t firn_surgery_sweep(firn_surgery *s, const bool *marks) {
  size_t kept = 0;
  for (size_t i = 0; i < s->count; i++)
    if (!marks[i]) s->cuts[kept++] = s->cuts[i];
  const size_t gone = s->count - kept;
  s->count = kept;
  return gone;
}

/* ---- Adding ------------------------------------------------------------- */

/* Whether two partitioned tensors can be parts of one: none of their slices
 * meet. */
static bool fit_together(const firn_cut *a, const firn_cut *b) {
  const firn_checkpoint_entry ea = firn_checkpoint_at(a->from, a->tensor);
  const firn_checkpoint_entry eb = firn_checkpoint_at(b->from, b->tensor);
  if (!ea.slices || !eb.slices || ea.dtype != eb.dtype ||
      !firn_shape_equal(&ea.shape, &eb.shape))
    return false;
  for (size_t i = 0; i < ea.slices; i++)
    for (size_t k = 0; k < eb.slices; k++) {
      const firn_slice sa = firn_checkpoint_slice_at(a->from, a->tensor, i);
      const firn_slice sb = firn_checkpoint_slice_at(b->from, b->tensor, k);
      firn_slice ba, bb, common;
      if (firn_slice_resolve(&sa, &ea.shape, &ba, NULL) != FIRN_OK ||
          firn_slice_resolve(&sb, &eb.shape, &bb, NULL) != FIRN_OK ||
          firn_slice_overlap(&ba, &bb, &common))
        return false;
    }
  return true;
}

typedef struct adding {
  firn_surgery *s;
  firn_map by_key;
  firn_clash clash;
  size_t clashes;
} adding;

static firn_code add_cut(adding *a, const firn_cut *cut, firn_error *err) {
  firn_surgery *s = a->s;
  uint64_t at;
  if (!firn_map_get(&a->by_key, cut->key, &at) ||
      fit_together(&s->cuts[at], cut))
    return firn_surgery_push(s, cut, err);
  if (a->clash == FIRN_CLASH_LAST) s->cuts[at] = *cut;
  if (a->clash != FIRN_CLASH_FAIL) return FIRN_OK;
  if (!a->clashes++)
    firn_fail(err, FIRN_INVALID_ARGUMENT,
              "'%.*s' has keys that another has too",
              FIRN_ARG(firn_checkpoint_prefix(cut->from)));
  firn_error_add(err, "'%.*s'", FIRN_ARG(cut->key));
  return FIRN_OK;
}

static firn_code add_cuts(adding *a, const firn_checkpoint *ck, bool objects,
                          firn_error *err) {
  FIRN_TRY(firn_surgery_index(a->s, &a->by_key, err));
  for (size_t i = 0; i < firn_checkpoint_count(ck); i++) {
    const firn_str name = firn_checkpoint_at(ck, i).name;
    firn_cut cut = {.key = name, .from = ck, .tensor = i};
    if (firn_str_is(name, FIRN_OBJECT_GRAPH_KEY)) continue;
    if (objects) cut.object_key = name;
    FIRN_TRY(add_cut(a, &cut, err));
  }
  return a->clashes ? FIRN_INVALID_ARGUMENT : FIRN_OK;
}

firn_code firn_surgery_add(firn_surgery *s, const firn_checkpoint *ck,
                           firn_clash clash, firn_error *err) {
  adding a = {.s = s, .clash = clash};
  firn_objects *objects = NULL;
  FIRN_TRY(firn_objects_read(ck, &s->env.limits, &s->arena, &objects, err));
  if (!s->version) s->version = firn_checkpoint_version(ck);
  firn_map_init(&a.by_key, &s->env.alloc);
  firn_code code = add_cuts(&a, ck, objects, err);
  firn_map_fini(&a.by_key);
  if (code != FIRN_OK || !objects) return code;
  if (s->objects) return firn_objects_join(s->objects, objects, &s->arena, err);
  s->objects = objects;
  return FIRN_OK;
}

/* ---- Writing ------------------------------------------------------------ */

static int by_key(const void *a, const void *b) {
  const firn_cut *const *ca = a, *const *cb = b;
  return firn_str_compare((*ca)->key, (*cb)->key);
}

/* Two cuts of one key must be parts of one tensor. */
static firn_code check_keys(firn_surgery *s, firn_error *err) {
  size_t clashes = 0;
  const firn_cut **sorted =
      firn_arena_array(&s->arena, s->count + 1, sizeof *sorted);
  if (!sorted) return firn_oom(err, s->count * sizeof *sorted);
  for (size_t i = 0; i < s->count; i++) sorted[i] = &s->cuts[i];
  if (s->count) qsort(sorted, s->count, sizeof *sorted, by_key);
  for (size_t i = 1; i < s->count; i++) {
    const firn_cut *a = sorted[i - 1], *b = sorted[i];
    if (!firn_str_eq(a->key, b->key) || fit_together(a, b)) continue;
    const firn_str na = firn_checkpoint_at(a->from, a->tensor).name;
    const firn_str nb = firn_checkpoint_at(b->from, b->tensor).name;
    if (!clashes++)
      firn_fail(err, FIRN_INVALID_ARGUMENT,
                "different tensors would have the same key");
    firn_error_add(err, "'%.*s' and '%.*s' would both be '%.*s'", FIRN_ARG(na),
                   FIRN_ARG(nb), FIRN_ARG(a->key));
  }
  return clashes ? FIRN_INVALID_ARGUMENT : FIRN_OK;
}

static int by_object_key(const void *a, const void *b) {
  const firn_rekeyed *ra = a, *rb = b;
  return firn_str_compare(ra->from, rb->from);
}

/* Makes the object graph fit the list. */
static firn_code rekey(firn_surgery *s, firn_error *err) {
  size_t count = 0;
  firn_rekeyed *list = firn_arena_array(&s->arena, s->count + 1, sizeof *list);
  if (!list) return firn_oom(err, s->count * sizeof *list);
  for (size_t i = 0; i < s->count; i++)
    if (s->cuts[i].object_key.size)
      list[count++] = (firn_rekeyed){s->cuts[i].object_key, s->cuts[i].key};
  if (count) qsort(list, count, sizeof *list, by_object_key);
  FIRN_TRY(firn_objects_rekey(s->objects, list, count, &s->arena, err));
  /* From now on the graph knows the new keys. */
  for (size_t i = 0; i < s->count; i++)
    if (s->cuts[i].object_key.size) s->cuts[i].object_key = s->cuts[i].key;
  return FIRN_OK;
}

/* The object graph as a string scalar. */
static firn_code write_objects(firn_surgery *s, firn_tensor **out,
                               firn_error *err) {
  const firn_shape scalar = firn_shape_scalar();
  firn_buf bytes;
  firn_buf_init(&bytes, &s->env.alloc);
  firn_code code = firn_pb_write(&firn_pb_type_TrackableObjectGraph, s->objects,
                                 firn_sink_buf(&bytes), err);
  if (code == FIRN_OK && bytes.failed) code = firn_oom(err, bytes.size);
  if (code == FIRN_OK)
    code = firn_tensor_make(FIRN_STRING, &scalar, &s->env.alloc, out, err);
  if (code == FIRN_OK)
    code = firn_tensor_set_string(
        *out, 0, (firn_str){(const char *)bytes.data, bytes.size}, err);
  firn_buf_fini(&bytes);
  return code;
}

static firn_code write(firn_surgery *s, const char *prefix,
                       const firn_checkpoint_copy_options *o,
                       firn_tensor **objects, firn_error *err) {
  const firn_options options = {.size = sizeof options,
                                .allocator = &s->env.alloc,
                                .limits = s->env.limits};
  size_t count = s->count;
  FIRN_TRY(check_keys(s, err));
  firn_checkpoint_item *items =
      firn_arena_array(&s->arena, count + 1, sizeof *items);
  if (!items) return firn_oom(err, count * sizeof *items);
  for (size_t i = 0; i < count; i++)
    items[i] = (firn_checkpoint_item){.name = s->cuts[i].key,
                                      .from = s->cuts[i].from,
                                      .tensor = s->cuts[i].tensor};
  if (s->objects) {
    FIRN_TRY(rekey(s, err));
    FIRN_TRY(write_objects(s, objects, err));
    items[count++] = (firn_checkpoint_item){
        .name = FIRN_STR(FIRN_OBJECT_GRAPH_KEY), .value = *objects};
  }
  return firn_checkpoint_copy(items, count, prefix, o,
                              s->env.alloc.resize ? &options : NULL, err);
}

firn_code firn_surgery_write(firn_surgery *s, const char *prefix,
                             const firn_checkpoint_copy_options *options,
                             firn_error *err) {
  firn_checkpoint_copy_options o = {.size = sizeof o};
  firn_tensor *objects = NULL;
  if (options) memcpy(&o, options, firn_min_size(options->size, sizeof o));
  o.size = sizeof o;
  if (!o.version) o.version = s->version;
  if (!s->count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "nothing is left to write to '%s'", prefix);
  const firn_code code = write(s, prefix, &o, &objects, err);
  firn_tensor_release(objects);
  return code;
}
