/* ops/tensor_map.c: the TensorMap ops: maps from tensors to tensors, as values.
 *
 * A map never changes: inserting and erasing make another one. Maps are small;
 * their keys are compared one by one. */
#include "ops/handle.h"
#include "ops/infer.h"
#include "ops/pieces.h"

typedef struct tensor_map {
  firn_object object;
  firn_allocator alloc;
  size_t count;
  firn_tensor *pairs[]; /* key, value, key, value ... */
} tensor_map;

static size_t size_of(size_t count) {
  return sizeof(tensor_map) + 2 * count * sizeof(firn_tensor *);
}

static void free_map(firn_object *object) {
  tensor_map *m = (tensor_map *)object;
  const firn_allocator alloc = m->alloc;
  for (size_t i = 0; i < 2 * m->count; i++) firn_tensor_release(m->pairs[i]);
  firn_delete(&alloc, m, size_of(m->count));
}

static const firn_object_class map_class = {"tensor map", free_map};

static firn_code new_map(const firn_run *run, size_t count, tensor_map **out,
                         firn_error *err) {
  *out = firn_new_zeroed(&run->env->alloc, size_of(count));
  if (!*out) return firn_oom(err, size_of(count));
  firn_object_init(&(*out)->object, &map_class);
  (*out)->alloc = run->env->alloc;
  (*out)->count = count;
  return FIRN_OK;
}

static firn_code map_of(const firn_run *run, tensor_map **out,
                        firn_error *err) {
  firn_object *object = NULL;
  FIRN_TRY(firn_object_of(run->in[0], &map_class, &object, err));
  *out = (tensor_map *)object;
  return FIRN_OK;
}

static bool same_key(const firn_tensor *a, const firn_tensor *b) {
  if (a->dtype != b->dtype || !firn_shape_equal(&a->shape, &b->shape))
    return false;
  if (firn_dtype_is_plain(a->dtype))
    return !a->count || !memcmp(a->data, b->data, firn_tensor_bytes(a));
  for (size_t i = 0; i < a->count; i++)
    if (a->dtype != FIRN_STRING ||
        !firn_str_eq(firn_tensor_string(a, i), firn_tensor_string(b, i)))
      return false;
  return true;
}

/* The pair with that key, or the map's count. */
static size_t find(const tensor_map *m, const firn_tensor *key) {
  size_t i = 0;
  while (i < m->count && !same_key(m->pairs[2 * i], key)) i++;
  return i;
}

static firn_code no_key(firn_error *err) {
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "the map has no such key");
}

/* ---- Ops ---------------------------------------------------------------- */

static firn_code drive_empty(const firn_run *run, firn_error *err) {
  tensor_map *m = NULL;
  FIRN_TRY(new_map(run, 0, &m, err));
  return firn_give_object(run, 0, &m->object, err);
}

static firn_code drive_size(const firn_run *run, firn_error *err) {
  tensor_map *m;
  FIRN_TRY(map_of(run, &m, err));
  *(int32_t *)run->out[0]->data = (int32_t)m->count;
  return FIRN_OK;
}

static firn_code drive_lookup(const firn_run *run, firn_error *err) {
  tensor_map *m;
  FIRN_TRY(map_of(run, &m, err));
  const size_t i = find(m, run->in[1]);
  if (i == m->count) return no_key(err);
  firn_tensor *value = m->pairs[2 * i + 1];
  if (value->dtype != (firn_dtype)run->node->output_types[0])
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the value is %s, the op wants %s",
                     firn_dtype_name(value->dtype),
                     firn_dtype_name((firn_dtype)run->node->output_types[0]));
  firn_run_give(run, 0, firn_tensor_retain(value));
  return FIRN_OK;
}

static firn_code drive_insert(const firn_run *run, firn_error *err) {
  tensor_map *m, *more = NULL;
  FIRN_TRY(map_of(run, &m, err));
  const size_t at = find(m, run->in[1]);
  FIRN_TRY(new_map(run, m->count + (at == m->count), &more, err));
  for (size_t i = 0; i < m->count; i++) {
    if (i == at) continue;
    more->pairs[2 * i] = firn_tensor_retain(m->pairs[2 * i]);
    more->pairs[2 * i + 1] = firn_tensor_retain(m->pairs[2 * i + 1]);
  }
  for (size_t k = 0; k < 2; k++) {
    const firn_code code = firn_tensor_settle(run->in[1 + k], &run->env->alloc,
                                              &more->pairs[2 * at + k], err);
    if (code == FIRN_OK) continue;
    firn_object_release(&more->object);
    return code;
  }
  return firn_give_object(run, 0, &more->object, err);
}

static firn_code drive_erase(const firn_run *run, firn_error *err) {
  tensor_map *m, *less = NULL;
  FIRN_TRY(map_of(run, &m, err));
  const size_t at = find(m, run->in[1]);
  if (at == m->count) return no_key(err);
  FIRN_TRY(new_map(run, m->count - 1, &less, err));
  for (size_t i = 0, to = 0; i < m->count; i++) {
    if (i == at) continue;
    less->pairs[to++] = firn_tensor_retain(m->pairs[2 * i]);
    less->pairs[to++] = firn_tensor_retain(m->pairs[2 * i + 1]);
  }
  return firn_give_object(run, 0, &less->object, err);
}

static firn_code drive_has(const firn_run *run, firn_error *err) {
  tensor_map *m;
  FIRN_TRY(map_of(run, &m, err));
  *(bool *)run->out[0]->data = find(m, run->in[1]) < m->count;
  return FIRN_OK;
}

static firn_code stack_keys(const firn_run *run, const tensor_map *m,
                            firn_tensor **keys, firn_error *err) {
  char have[256], want[256];
  for (size_t i = 0; i < m->count; i++) {
    keys[i] = m->pairs[2 * i];
    if (keys[i]->dtype != (firn_dtype)run->node->output_types[0] ||
        !firn_shape_equal(&keys[i]->shape, &keys[0]->shape))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "keys of shapes %s and %s, or of another type, make no "
                       "tensor",
                       firn_shape_text(&keys[0]->shape, want),
                       firn_shape_text(&keys[i]->shape, have));
  }
  return firn_pieces_stack(run, 0, keys, m->count, &keys[0]->shape, err);
}

static firn_code drive_keys(const firn_run *run, firn_error *err) {
  tensor_map *m;
  FIRN_TRY(map_of(run, &m, err));
  if (!m->count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "the map is empty");
  const size_t size = m->count * sizeof(firn_tensor *);
  firn_tensor **keys = firn_new(&run->env->alloc, size);
  if (!keys) return firn_oom(err, size);
  const firn_code code = stack_keys(run, m, keys, err);
  firn_delete(&run->env->alloc, keys, size);
  return code;
}

#define KERNEL(NAME) \
  static const firn_kernel NAME[] = {{.drive = drive_##NAME}, {.drive = NULL}}

KERNEL(empty);
KERNEL(size);
KERNEL(lookup);
KERNEL(insert);
KERNEL(erase);
KERNEL(has);
KERNEL(keys);

static const firn_op ops[] = {
    {"EmptyTensorMap", firn_infer_scalar, empty, FIRN_OP_GIVES},
    {"TensorMapSize", firn_infer_scalar, size, 0},
    {"TensorMapLookup", firn_infer_unknown, lookup, FIRN_OP_GIVES},
    {"TensorMapInsert", firn_infer_scalar, insert, FIRN_OP_GIVES},
    {"TensorMapErase", firn_infer_scalar, erase, FIRN_OP_GIVES},
    {"TensorMapHasKey", firn_infer_scalar, has, 0},
    {"TensorMapStackKeys", firn_infer_unknown, keys, 0},
};

FIRN_OP_FAMILY(tensor_map, ops);
