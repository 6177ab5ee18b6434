/* model/surgery_convert.c: from names to objects and back.
 *
 * An object graph knows for each of its values the key under which it lies and
 * the name of its variable. Names need not be unique there; the path of the
 * object, which is its key without "/.ATTRIBUTES/...", always is. */
#include "model/surgery.h"

static const firn_str variable_suffix = {"/.ATTRIBUTES/VARIABLE_VALUE", 27};
static const firn_str counter_key = {"save_counter/.ATTRIBUTES/VARIABLE_VALUE",
                                     39};

/* The path of a variable's object; the key itself when it is none. */
static firn_str path_of(firn_str key) {
  if (firn_str_ends(key, variable_suffix)) key.size -= variable_suffix.size;
  return key;
}

/* ---- Names -------------------------------------------------------------- */

/* How many values have each name. */
static firn_code count_names(const firn_objects *objects, firn_map *names,
                             firn_error *err) {
  for (size_t n = 0; n < objects->nodes_count; n++)
    for (size_t i = 0; i < objects->nodes[n]->attributes_count; i++) {
      const firn_object_value *value = objects->nodes[n]->attributes[i];
      uint64_t before = 0;
      if (!firn_object_is_variable(value) || !value->full_name.size) continue;
      firn_map_get(names, value->full_name, &before);
      if (!firn_map_set(names, value->full_name, before + 1))
        return firn_oom(err, value->full_name.size);
    }
  return FIRN_OK;
}

static bool is_unique(const firn_map *names, firn_str name) {
  uint64_t count;
  return firn_map_get(names, name, &count) && count == 1;
}

typedef struct naming {
  firn_surgery *s;
  firn_map names;  /* → how many values have it    */
  firn_map by_key; /* object key → position of cut */
  bool paths;
  size_t ambiguous;
} naming;

static void name_one(naming *n, const firn_object_value *value,
                     firn_error *err) {
  uint64_t at;
  if (!firn_object_is_variable(value) || !value->full_name.size ||
      !firn_map_get(&n->by_key, value->checkpoint_key, &at))
    return;
  firn_cut *cut = &n->s->cuts[at];
  if (is_unique(&n->names, value->full_name)) {
    cut->key = value->full_name;
    return;
  }
  cut->key = path_of(cut->key);
  if (n->paths) return;
  if (!n->ambiguous++)
    firn_fail(err, FIRN_INVALID_ARGUMENT,
              "some names stand for more than one value");
  firn_error_add(err, "'%.*s' is the name of '%.*s'",
                 FIRN_ARG(value->full_name), FIRN_ARG(cut->key));
}

static firn_code name_all(naming *n, firn_error *err) {
  firn_surgery *s = n->s;
  FIRN_TRY(count_names(s->objects, &n->names, err));
  for (size_t i = 0; i < s->count; i++)
    if (s->cuts[i].object_key.size &&
        !firn_map_set(&n->by_key, s->cuts[i].object_key, i))
      return firn_oom(err, s->cuts[i].object_key.size);
  for (size_t k = 0; k < s->objects->nodes_count; k++)
    for (size_t i = 0; i < s->objects->nodes[k]->attributes_count; i++)
      name_one(n, s->objects->nodes[k]->attributes[i], err);
  if (n->ambiguous) return FIRN_INVALID_ARGUMENT;
  for (size_t i = 0; i < s->count; i++)
    s->cuts[i].object_key = (firn_str){NULL, 0};
  s->objects = NULL;
  return FIRN_OK;
}

firn_code firn_surgery_to_names(firn_surgery *s, bool paths, firn_error *err) {
  naming n = {.s = s, .paths = paths};
  if (!s->objects)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "there is no object graph: the keys are names already");
  firn_map_init(&n.names, &s->env.alloc);
  firn_map_init(&n.by_key, &s->env.alloc);
  const firn_code code = name_all(&n, err);
  firn_map_fini(&n.by_key);
  firn_map_fini(&n.names);
  return code;
}

/* ---- Objects ------------------------------------------------------------ */

typedef struct filing {
  firn_surgery *s;
  const firn_checkpoint *like;
  firn_objects *objects; /* of `like` */
  bool partial;
  firn_map names, by_key; /* as above; by_key: key → position of cut */
  bool *taken;
  size_t wrong;
} filing;

static void note(filing *f, firn_error *err) {
  if (!f->wrong++)
    firn_fail(err, FIRN_NOT_FOUND,
              "the keys do not fit the object graph of '%.*s'",
              FIRN_ARG(firn_checkpoint_prefix(f->like)));
}

/* The cut whose key is the variable's name or the object's path. */
static size_t find_cut(const filing *f, const firn_object_value *value) {
  uint64_t at;
  if (is_unique(&f->names, value->full_name) &&
      firn_map_get(&f->by_key, value->full_name, &at))
    return at;
  if (firn_map_get(&f->by_key, path_of(value->checkpoint_key), &at) ||
      firn_map_get(&f->by_key, value->checkpoint_key, &at))
    return at;
  return SIZE_MAX;
}

/* Whether the cut has the type and shape that the template has there. */
static bool is_alike(filing *f, const firn_cut *cut,
                     const firn_checkpoint_entry *want, firn_error *err) {
  const firn_checkpoint_entry have = firn_checkpoint_at(cut->from, cut->tensor);
  char th[256], tw[256];
  if (have.dtype == want->dtype && firn_shape_equal(&have.shape, &want->shape))
    return true;
  note(f, err);
  firn_error_add(err, "different: '%.*s' is %s %s, '%.*s' %s %s",
                 FIRN_ARG(cut->key), firn_dtype_name(have.dtype),
                 firn_shape_text(&have.shape, th), FIRN_ARG(want->name),
                 firn_dtype_name(want->dtype),
                 firn_shape_text(&want->shape, tw));
  return false;
}

/* Takes what is no variable from the template: the tensor of that key, or those
 * of a table, whose keys begin so. */
static firn_code file_other(filing *f, firn_str key, firn_error *err) {
  size_t low = 0, high = firn_checkpoint_count(f->like);
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (firn_str_compare(firn_checkpoint_at(f->like, middle).name, key) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  for (; low < firn_checkpoint_count(f->like); low++) {
    const firn_str name = firn_checkpoint_at(f->like, low).name;
    const firn_cut cut = {
        .key = name, .object_key = name, .from = f->like, .tensor = low};
    if (!firn_str_starts(name, key)) return FIRN_OK;
    if (name.size > key.size && name.data[key.size] != '-') continue;
    FIRN_TRY(firn_surgery_push(f->s, &cut, err));
    if (name.size == key.size) return FIRN_OK;
  }
  return FIRN_OK;
}

static firn_code file_one(filing *f, const firn_object_value *value,
                          firn_error *err) {
  const firn_str key = value->checkpoint_key;
  const size_t tensor = firn_checkpoint_lookup(f->like, key);
  if (!firn_object_is_variable(value)) return file_other(f, key, err);
  if (tensor == SIZE_MAX) return FIRN_OK; /* the template lacks it as well */
  const size_t at = find_cut(f, value);
  firn_cut filed = {
      .key = key, .object_key = key, .from = f->like, .tensor = tensor};
  if (at == SIZE_MAX) {
    if (firn_str_eq(key, counter_key))
      return firn_surgery_push(f->s, &filed, err);
    note(f, err);
    firn_error_add(err, "missing: '%.*s' for '%.*s'",
                   FIRN_ARG(value->full_name), FIRN_ARG(path_of(key)));
    return FIRN_OK;
  }
  const firn_checkpoint_entry want = firn_checkpoint_at(f->like, tensor);
  f->taken[at] = true;
  if (!is_alike(f, &f->s->cuts[at], &want, err)) return FIRN_OK;
  filed.from = f->s->cuts[at].from;
  filed.tensor = f->s->cuts[at].tensor;
  return firn_surgery_push(f->s, &filed, err);
}

static firn_code file_all(filing *f, firn_error *err) {
  firn_surgery *s = f->s;
  const size_t old = s->count;
  FIRN_TRY(firn_surgery_index(s, &f->by_key, err));
  FIRN_TRY(count_names(f->objects, &f->names, err));
  for (size_t n = 0; n < f->objects->nodes_count; n++)
    for (size_t i = 0; i < f->objects->nodes[n]->attributes_count; i++)
      FIRN_TRY(file_one(f, f->objects->nodes[n]->attributes[i], err));
  for (size_t i = 0; i < old; i++)
    if (!f->taken[i]) {
      note(f, err);
      firn_error_add(err, "extra: '%.*s'", FIRN_ARG(s->cuts[i].key));
    }
  if (f->wrong && !f->partial) {
    s->count = old;
    return FIRN_NOT_FOUND;
  }
  if (f->wrong) firn_error_clear(err);
  s->count -= old;
  memmove(s->cuts, s->cuts + old, s->count * sizeof *s->cuts);
  s->objects = f->objects;
  return FIRN_OK;
}

firn_code firn_surgery_to_objects(firn_surgery *s, const firn_checkpoint *like,
                                  bool partial, firn_error *err) {
  filing f = {.s = s, .like = like, .partial = partial};
  FIRN_TRY(firn_objects_read(like, &s->env.limits, &s->arena, &f.objects, err));
  if (!f.objects)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "'%.*s' has no object graph",
                     FIRN_ARG(firn_checkpoint_prefix(like)));
  f.taken = firn_arena_array(&s->arena, s->count + 1, sizeof *f.taken);
  if (!f.taken) return firn_oom(err, s->count);
  firn_map_init(&f.names, &s->env.alloc);
  firn_map_init(&f.by_key, &s->env.alloc);
  const firn_code code = file_all(&f, err);
  firn_map_fini(&f.by_key);
  firn_map_fini(&f.names);
  return code;
}
