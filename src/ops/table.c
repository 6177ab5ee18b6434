/* ops/table.c: plain lookup tables.
 *
 * Entries are rows of two tensors, in the order of their coming; an
 * open-addressed index of row numbers finds them. A removed row is filled by
 * the last one. */
#include "ops/table.h"

#include "ops/handle.h"

typedef struct plain_table {
  firn_table table;
  uint32_t *slots; /* row + 1, 0 for none */
  size_t slot_count;
} plain_table;

/* ---- What all tables have ----------------------------------------------- */

static void free_table(firn_object *object) {
  firn_table *t = (firn_table *)object;
  firn_tensor_release(t->keys);
  firn_tensor_release(t->values);
  pthread_rwlock_destroy(&t->lock);
  t->kind->fini(t);
}

const firn_object_class firn_table_class = {"lookup table", free_table};

firn_code firn_table_new(const firn_env *env, const firn_table_kind *kind,
                         size_t size, firn_dtype key, firn_dtype value,
                         const firn_shape *value_shape, firn_table **out,
                         firn_error *err) {
  int64_t count;
  *out = NULL;
  if (!firn_shape_known(value_shape) || !firn_shape_count(value_shape, &count))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'value_shape' must be known");
  firn_table *t = firn_new_zeroed(&env->alloc, size);
  if (!t) return firn_oom(err, size);
  firn_object_init(&t->object, &firn_table_class);
  pthread_rwlock_init(&t->lock, NULL);
  t->kind = kind;
  t->alloc = env->alloc;
  t->key = key;
  t->value = value;
  t->value_shape = *value_shape;
  *out = t;
  return FIRN_OK;
}

size_t firn_table_count(firn_table *t) {
  pthread_rwlock_rdlock(&t->lock);
  const size_t count = t->count;
  pthread_rwlock_unlock(&t->lock);
  return count;
}

/* A tensor of `rows` places, with the first `used` moved out of *from. */
static firn_code longer(const firn_table *t, const firn_env *env,
                        firn_dtype dtype, const firn_shape *place, size_t rows,
                        size_t used, firn_tensor **from, firn_error *err) {
  firn_shape shape;
  firn_tensor *made = NULL;
  FIRN_TRY(firn_shape_prepend((int64_t)rows, place, &shape, err));
  FIRN_TRY(firn_tensor_within(dtype, &shape, &env->limits, err));
  FIRN_TRY(firn_tensor_make(dtype, &shape, &t->alloc, &made, err));
  const size_t bytes = firn_tensor_bytes(made);
  const size_t moved = rows ? bytes / rows * used : 0;
  /* Strings and handles move as they are, and leave nothing behind. */
  if (moved) {
    memcpy(made->data, (*from)->data, moved);
    memset((*from)->data, 0, moved);
  }
  if (bytes > moved) memset((char *)made->data + moved, 0, bytes - moved);
  firn_tensor_release(*from);
  *from = made;
  return FIRN_OK;
}

firn_code firn_table_widen(firn_table *t, const firn_env *env, size_t rows,
                           firn_error *err) {
  if (rows > INT32_MAX)
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "a table of %zu entries",
                     rows);
  FIRN_TRY(
      longer(t, env, t->key, &t->key_shape, rows, t->row_count, &t->keys, err));
  FIRN_TRY(longer(t, env, t->value, &t->value_shape, rows, t->row_count,
                  &t->values, err));
  t->row_count = rows;
  return FIRN_OK;
}

firn_code firn_table_copy(firn_dtype dtype, size_t width, void *to_data,
                          size_t to, const void *from_data, size_t from,
                          size_t count, firn_error *err) {
  const size_t size = firn_dtype_size(dtype) * width;
  if (!count || !width ||
      firn_elements_copy(dtype, (char *)to_data + to * size,
                         (const char *)from_data + from * size, count * width))
    return FIRN_OK;
  return firn_oom(err, size * count);
}

bool firn_table_same_key(firn_dtype dtype, size_t width, const void *a_data,
                         size_t a, const void *b_data, size_t b) {
  const size_t size = firn_dtype_size(dtype) * width;
  const char *x = (const char *)a_data + a * size;
  const char *y = (const char *)b_data + b * size;
  if (dtype != FIRN_STRING) return memcmp(x, y, size) == 0;
  for (size_t i = 0; i < width; i++)
    if (!firn_str_eq(firn_tstring_get((const firn_tstring *)x + i),
                     firn_tstring_get((const firn_tstring *)y + i)))
      return false;
  return true;
}

/* ---- The index ---------------------------------------------------------- */

static size_t hash_of(const plain_table *p, const void *keys, size_t i) {
  uint64_t h;
  switch (p->table.key) {
    case FIRN_STRING:
      h = firn_hash(firn_tstring_get((const firn_tstring *)keys + i));
      break;
    case FIRN_INT32: h = (uint64_t)((const int32_t *)keys)[i]; break;
    default: h = (uint64_t)((const int64_t *)keys)[i];
  }
  h *= 0x9e3779b97f4a7c15u;
  return (size_t)(h ^ h >> 32) & (p->slot_count - 1);
}

/* The slot of a key: where it is, or where it would come. */
static size_t slot_of(const plain_table *p, const void *keys, size_t i) {
  size_t s = hash_of(p, keys, i);
  while (p->slots[s] &&
         !firn_table_same_key(p->table.key, 1, keys, i, p->table.keys->data,
                              p->slots[s] - 1))
    s = (s + 1) & (p->slot_count - 1);
  return s;
}

/* Room for one more entry: rows double, and slots stay twice the rows. */
static firn_code make_room(plain_table *p, const firn_env *env,
                           firn_error *err) {
  enum { FIRST = 32 };
  firn_table *t = &p->table;
  if (t->count < t->row_count) return FIRN_OK;
  const size_t rows = t->row_count ? t->row_count * 2 : FIRST;
  uint32_t *slots = firn_new_zeroed(&t->alloc, rows * 2 * sizeof *slots);
  if (!slots) return firn_oom(err, rows * 2 * sizeof *slots);
  const firn_code code = firn_table_widen(t, env, rows, err);
  if (code != FIRN_OK) {
    firn_delete(&t->alloc, slots, rows * 2 * sizeof *slots);
    return code;
  }
  firn_delete(&t->alloc, p->slots, p->slot_count * sizeof *slots);
  p->slots = slots;
  p->slot_count = rows * 2;
  for (size_t i = 0; i < t->count; i++)
    p->slots[slot_of(p, t->keys->data, i)] = (uint32_t)i + 1;
  return FIRN_OK;
}

/* Empties a slot, and moves those back that were put behind it. */
static void free_slot(plain_table *p, size_t s) {
  const size_t mask = p->slot_count - 1;
  for (size_t next = (s + 1) & mask; p->slots[next]; next = (next + 1) & mask) {
    const size_t home = hash_of(p, p->table.keys->data, p->slots[next] - 1);
    if (((next - home) & mask) < ((next - s) & mask)) continue;
    p->slots[s] = p->slots[next];
    s = next;
  }
  p->slots[s] = 0;
}

/* ---- Finding and changing ----------------------------------------------- */

static firn_code need_ready(const firn_table *t, firn_error *err) {
  if (!t->kind->fixed || t->ready) return FIRN_OK;
  return firn_fail(err, FIRN_FAILED_PRECONDITION,
                   "the table has not been initialised");
}

static firn_code find_all(const plain_table *p, const firn_tensor *keys,
                          const firn_tensor *other, firn_tensor *values,
                          firn_error *err) {
  const firn_table *t = &p->table;
  const size_t width = firn_table_value_width(t);
  const bool one_each = other->count == values->count && !t->kind->fixed;
  FIRN_TRY(need_ready(t, err));
  for (size_t i = 0; i < keys->count; i++) {
    const size_t s = p->slot_count ? slot_of(p, keys->data, i) : 0;
    const bool there = p->slot_count && p->slots[s];
    FIRN_TRY(firn_table_copy(t->value, width, values->data, i,
                             there ? t->values->data : other->data,
                             there      ? p->slots[s] - 1
                             : one_each ? i
                                        : 0,
                             1, err));
  }
  return FIRN_OK;
}

static firn_code find(firn_table *t, const firn_tensor *keys,
                      const firn_tensor *other, firn_tensor *values,
                      firn_error *err) {
  pthread_rwlock_rdlock(&t->lock);
  const firn_code code =
      find_all((const plain_table *)t, keys, other, values, err);
  pthread_rwlock_unlock(&t->lock);
  return code;
}

static firn_code refuse_change(firn_table *t, firn_error *err) {
  if (!t->kind->fixed) return FIRN_OK;
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "a %s is filled once and cannot be changed", t->kind->name);
}

static bool same_value(const firn_table *t, size_t row,
                       const firn_tensor *values, size_t i) {
  return firn_table_same_key(t->value, firn_table_value_width(t),
                             t->values->data, row, values->data, i);
}

static firn_code put_one(plain_table *p, const firn_env *env,
                         const firn_tensor *keys, const firn_tensor *values,
                         size_t i, firn_error *err) {
  firn_table *t = &p->table;
  const size_t width = firn_table_value_width(t);
  FIRN_TRY(make_room(p, env, err));
  const size_t s = slot_of(p, keys->data, i);
  if (p->slots[s] && t->kind->fixed) {
    if (same_value(t, p->slots[s] - 1, values, i)) return FIRN_OK;
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "key %zu is there already, with another value", i);
  }
  const size_t row = p->slots[s] ? p->slots[s] - 1 : t->count;
  FIRN_TRY(
      firn_table_copy(t->key, 1, t->keys->data, row, keys->data, i, 1, err));
  FIRN_TRY(firn_table_copy(t->value, width, t->values->data, row, values->data,
                           i, 1, err));
  if (row == t->count) {
    p->slots[s] = (uint32_t)row + 1;
    t->count++;
  }
  return FIRN_OK;
}

static firn_code put_all(plain_table *p, const firn_env *env,
                         const firn_tensor *keys, const firn_tensor *values,
                         firn_error *err) {
  for (size_t i = 0; i < keys->count; i++)
    FIRN_TRY(put_one(p, env, keys, values, i, err));
  return FIRN_OK;
}

static firn_code insert(firn_table *t, const firn_env *env,
                        const firn_tensor *keys, const firn_tensor *values,
                        firn_error *err) {
  FIRN_TRY(refuse_change(t, err));
  pthread_rwlock_wrlock(&t->lock);
  const firn_code code = put_all((plain_table *)t, env, keys, values, err);
  pthread_rwlock_unlock(&t->lock);
  return code;
}

static void forget_all(plain_table *p) {
  p->table.count = 0;
  if (p->slots) memset(p->slots, 0, p->slot_count * sizeof *p->slots);
}

static firn_code import(firn_table *t, const firn_env *env,
                        const firn_tensor *keys, const firn_tensor *values,
                        firn_error *err) {
  if (t->kind->fixed) return firn_table_fill(t, env, keys, values, err);
  pthread_rwlock_wrlock(&t->lock);
  forget_all((plain_table *)t);
  const firn_code code = put_all((plain_table *)t, env, keys, values, err);
  pthread_rwlock_unlock(&t->lock);
  return code;
}

/* The order in TensorFlow is its hash table's; here that of coming. */
firn_code firn_table_fill(firn_table *t, const firn_env *env,
                          const firn_tensor *keys, const firn_tensor *values,
                          firn_error *err) {
  firn_code code = FIRN_OK;
  if (!t->kind->fixed)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a %s is not one that is initialised", t->kind->name);
  pthread_rwlock_wrlock(&t->lock);
  if (t->ready && t->count != keys->count)
    code = firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "the table has been initialised already, with %zu entries",
                     t->count);
  if (!t->ready && code == FIRN_OK) {
    code = put_all((plain_table *)t, env, keys, values, err);
    t->ready = code == FIRN_OK;
    if (code != FIRN_OK) forget_all((plain_table *)t);
  }
  pthread_rwlock_unlock(&t->lock);
  return code;
}

static firn_code remove_one(plain_table *p, const void *keys, size_t i,
                            firn_error *err) {
  firn_table *t = &p->table;
  const size_t s = p->slot_count ? slot_of(p, keys, i) : 0;
  if (!p->slot_count || !p->slots[s]) return FIRN_OK;
  const size_t row = p->slots[s] - 1, last = t->count - 1;
  free_slot(p, s);
  t->count--;
  if (row == last) return FIRN_OK;
  p->slots[slot_of(p, t->keys->data, last)] = (uint32_t)row + 1;
  FIRN_TRY(firn_table_copy(t->key, 1, t->keys->data, row, t->keys->data, last,
                           1, err));
  return firn_table_copy(t->value, firn_table_value_width(t), t->values->data,
                         row, t->values->data, last, 1, err);
}

static firn_code remove_keys(firn_table *t, const firn_tensor *keys,
                             firn_error *err) {
  firn_code code = FIRN_OK;
  FIRN_TRY(refuse_change(t, err));
  pthread_rwlock_wrlock(&t->lock);
  for (size_t i = 0; code == FIRN_OK && i < keys->count; i++)
    code = remove_one((plain_table *)t, keys->data, i, err);
  pthread_rwlock_unlock(&t->lock);
  return code;
}

static firn_code copy_rows(const firn_table *t, const firn_env *env,
                           firn_dtype dtype, const firn_shape *place,
                           const firn_tensor *from, firn_tensor **out,
                           firn_error *err) {
  firn_shape shape;
  const size_t width = (size_t)firn_shape_product(place, 0, place->rank);
  FIRN_TRY(firn_shape_prepend((int64_t)t->count, place, &shape, err));
  FIRN_TRY(firn_tensor_make(dtype, &shape, &env->alloc, out, err));
  if (!t->count) return FIRN_OK;
  return firn_table_copy(dtype, width, (*out)->data, 0, from->data, 0, t->count,
                         err);
}

static firn_code export(firn_table *t, const firn_env *env, firn_tensor **keys,
                        firn_tensor **values, firn_error *err) {
  pthread_rwlock_rdlock(&t->lock);
  firn_code code = need_ready(t, err);
  if (code == FIRN_OK)
    code = copy_rows(t, env, t->key, &t->key_shape, t->keys, keys, err);
  if (code == FIRN_OK)
    code = copy_rows(t, env, t->value, &t->value_shape, t->values, values, err);
  pthread_rwlock_unlock(&t->lock);
  return code;
}

static void fini(firn_table *t) {
  plain_table *p = (plain_table *)t;
  const firn_allocator alloc = t->alloc;
  firn_delete(&alloc, p->slots, p->slot_count * sizeof *p->slots);
  firn_delete(&alloc, p, sizeof *p);
}

const firn_table_kind firn_table_fixed = {"HashTable", true,   find,   insert,
                                          remove_keys, import, export, fini};
const firn_table_kind firn_table_mutable = {
    "MutableHashTable", false, find, insert, remove_keys, import, export, fini};

firn_code firn_plain_table_new(const firn_env *env, const firn_table_kind *kind,
                               firn_dtype key, firn_dtype value,
                               const firn_shape *value_shape, firn_table **out,
                               firn_error *err) {
  return firn_table_new(env, kind, sizeof(plain_table), key, value, value_shape,
                        out, err);
}
