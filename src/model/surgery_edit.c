/* model/surgery_edit.c: other names, fewer tensors, averages for values. */
#include "base/regex.h"
#include "model/surgery.h"

static firn_code no_memory(const firn_surgery *s, firn_error *err) {
  return firn_oom(err, s->count * sizeof(firn_cut));
}

static void report(size_t *count, size_t value) {
  if (count) *count = value;
}

/* ---- Renaming ----------------------------------------------------------- */

static firn_code check_rewrite(const firn_regex *regex, const char *rewrite,
                               firn_error *err) {
  for (const char *at = rewrite; (at = strchr(at, '\\')); at += 2) {
    if (at[1] == '\\') continue;
    if (at[1] < '0' || at[1] > '9')
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "in the replacement '%s' a backslash is followed by no "
                       "digit and no backslash",
                       rewrite);
    if ((size_t)(at[1] - '0') > firn_regex_groups(regex))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "the replacement '%s' asks for group %c, the pattern "
                       "has %zu",
                       rewrite, at[1], firn_regex_groups(regex));
  }
  return FIRN_OK;
}

/* *count goes up when the key changed, *matched when it matched at all. */
static firn_code rename_one(firn_surgery *s, firn_cut *cut, firn_regex *regex,
                            firn_str rewrite, firn_buf *buf, size_t *count,
                            size_t *matched, firn_error *err) {
  firn_match match;
  FIRN_TRY(firn_regex_search(regex, cut->key, 0, &match, err));
  if (!match.found) return FIRN_OK;
  ++*matched;
  buf->size = 0;
  FIRN_TRY(firn_regex_replace(regex, cut->key, rewrite, true, buf, err));
  const firn_str key = {(const char *)buf->data, buf->size};
  if (buf->failed) return firn_oom(err, buf->size);
  if (firn_str_eq(key, cut->key)) return FIRN_OK;
  if (!key.size || firn_str_is(key, FIRN_OBJECT_GRAPH_KEY))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "'%.*s' cannot be renamed to '%.*s'", FIRN_ARG(cut->key),
                     FIRN_ARG(key));
  cut->key = firn_arena_str(&s->arena, key);
  ++*count;
  return cut->key.data ? FIRN_OK : firn_oom(err, key.size);
}

static firn_code rename_all(firn_surgery *s, firn_regex *regex,
                            const char *rewrite, size_t *count,
                            firn_error *err) {
  firn_buf buf;
  size_t matched = 0;
  FIRN_TRY(check_rewrite(regex, rewrite, err));
  firn_buf_init(&buf, &s->env.alloc);
  firn_code code = FIRN_OK;
  for (size_t i = 0; i < s->count && code == FIRN_OK; i++)
    code = rename_one(s, &s->cuts[i], regex, firn_str_of(rewrite), &buf, count,
                      &matched, err);
  firn_buf_fini(&buf);
  if (code == FIRN_OK && !matched)
    code = firn_fail(err, FIRN_NOT_FOUND, "no key matches it");
  return code;
}

firn_code firn_surgery_rename(firn_surgery *s, const char *pattern,
                              const char *rewrite, size_t *count,
                              firn_error *err) {
  firn_regex *regex = NULL;
  size_t changed = 0;
  FIRN_TRY(firn_regex_new(firn_str_of(pattern), false, &regex, err));
  const firn_code code = rename_all(s, regex, rewrite, &changed, err);
  firn_regex_free(regex);
  report(count, changed);
  return code == FIRN_OK
             ? code
             : firn_while(err, code, "renaming '%s' to '%s'", pattern, rewrite);
}

/* ---- Dropping ----------------------------------------------------------- */

static firn_code drop_marked(firn_surgery *s, const bool *marks,
                             const char *what, size_t *count, firn_error *err) {
  const size_t gone = firn_surgery_sweep(s, marks);
  report(count, gone);
  return gone ? FIRN_OK
              : firn_fail(err, FIRN_NOT_FOUND, "there is nothing to drop: %s",
                          what);
}

firn_code firn_surgery_drop(firn_surgery *s, const char *pattern, size_t *count,
                            firn_error *err) {
  firn_regex *regex = NULL;
  bool *marks = firn_arena_array(&s->arena, s->count + 1, sizeof *marks);
  report(count, 0);
  if (!marks) return no_memory(s, err);
  FIRN_TRY(firn_regex_new(firn_str_of(pattern), false, &regex, err));
  firn_code code = FIRN_OK;
  for (size_t i = 0; i < s->count && code == FIRN_OK; i++) {
    firn_match match = {.found = false};
    code = firn_regex_search(regex, s->cuts[i].key, 0, &match, err);
    marks[i] = match.found;
  }
  firn_regex_free(regex);
  if (code == FIRN_OK)
    code = drop_marked(s, marks, "no key matches", count, err);
  return code == FIRN_OK ? code
                         : firn_while(err, code, "dropping '%s'", pattern);
}

/* ---- Slots -------------------------------------------------------------- */

typedef struct slots {
  firn_surgery *s;
  firn_map keys, flat; /* see firn_is_slot_key; or by object keys */
  bool *marks;
} slots;

static void mark_slot(void *ud, firn_str key) {
  slots *it = ud;
  uint64_t at;
  if (firn_map_get(&it->keys, key, &at)) it->marks[at] = true;
}

static firn_code mark_by_objects(slots *it, firn_error *err) {
  firn_surgery *s = it->s;
  for (size_t i = 0; i < s->count; i++)
    if (s->cuts[i].object_key.size &&
        !firn_map_set(&it->keys, s->cuts[i].object_key, i))
      return no_memory(s, err);
  return firn_objects_each_slot(s->objects, &s->arena, mark_slot, it, err);
}

static firn_code mark_by_names(slots *it, firn_error *err) {
  firn_surgery *s = it->s;
  FIRN_TRY(firn_surgery_index(s, &it->keys, err));
  for (size_t i = 0; i < s->count; i++) {
    char *flat = firn_arena_cstr(&s->arena, s->cuts[i].key);
    if (!flat) return no_memory(s, err);
    for (size_t k = 0; k < s->cuts[i].key.size; k++)
      if (flat[k] == '/') flat[k] = '_';
    if (!firn_map_set(&it->flat, (firn_str){flat, s->cuts[i].key.size}, i))
      return no_memory(s, err);
  }
  for (size_t i = 0; i < s->count; i++)
    it->marks[i] = firn_is_slot_key(s->cuts[i].key, &it->keys, &it->flat);
  return FIRN_OK;
}

firn_code firn_surgery_drop_slots(firn_surgery *s, size_t *count,
                                  firn_error *err) {
  slots it = {.s = s};
  report(count, 0);
  it.marks = firn_arena_array(&s->arena, s->count + 1, sizeof *it.marks);
  if (!it.marks) return no_memory(s, err);
  firn_map_init(&it.keys, &s->env.alloc);
  firn_map_init(&it.flat, &s->env.alloc);
  firn_code code =
      s->objects ? mark_by_objects(&it, err) : mark_by_names(&it, err);
  firn_map_fini(&it.flat);
  firn_map_fini(&it.keys);
  return code == FIRN_OK
             ? drop_marked(s, it.marks, "no optimiser has slots", count, err)
             : code;
}

/* ---- Averages ----------------------------------------------------------- */

static const firn_str average_suffix = {"/ExponentialMovingAverage", 25};

static firn_code swap(firn_cut *value, firn_cut *average, firn_error *err) {
  const firn_checkpoint_entry a =
      firn_checkpoint_at(value->from, value->tensor);
  const firn_checkpoint_entry b =
      firn_checkpoint_at(average->from, average->tensor);
  char have[256], want[256];
  if (a.dtype != b.dtype || !firn_shape_equal(&a.shape, &b.shape))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "'%.*s' is %s %s, its average %s %s", FIRN_ARG(value->key),
                     firn_dtype_name(a.dtype), firn_shape_text(&a.shape, have),
                     firn_dtype_name(b.dtype), firn_shape_text(&b.shape, want));
  const firn_cut old = *value;
  value->from = average->from;
  value->tensor = average->tensor;
  average->from = old.from;
  average->tensor = old.tensor;
  return FIRN_OK;
}

static firn_code swap_all(firn_surgery *s, const firn_map *keys, size_t *count,
                          firn_error *err) {
  for (size_t i = 0; i < s->count; i++) {
    firn_cut *average = &s->cuts[i];
    firn_str key = average->key;
    uint64_t at;
    if (!firn_str_ends(key, average_suffix)) continue;
    key.size -= average_suffix.size;
    if (!firn_map_get(keys, key, &at)) continue;
    FIRN_TRY(swap(&s->cuts[at], average, err));
    ++*count;
  }
  return FIRN_OK;
}

firn_code firn_surgery_swap_averages(firn_surgery *s, size_t *count,
                                     firn_error *err) {
  firn_map keys;
  size_t swapped = 0;
  firn_map_init(&keys, &s->env.alloc);
  firn_code code = firn_surgery_index(s, &keys, err);
  if (code == FIRN_OK) code = swap_all(s, &keys, &swapped, err);
  firn_map_fini(&keys);
  report(count, swapped);
  if (code == FIRN_OK && !swapped)
    code = firn_fail(err, FIRN_NOT_FOUND,
                     "no key has its moving average under "
                     "KEY/ExponentialMovingAverage");
  return code;
}
