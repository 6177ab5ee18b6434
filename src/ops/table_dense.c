/* ops/table_dense.c: dense tables, whose buckets an export shows and an import
 * sets.
 *
 * So the place of a key is TensorFlow's: its hash, quadratic probing, and
 * doubling when the keys that come would fill more than the load factor, known
 * or not. */
#include "ops/hash64.h"
#include "ops/table.h"

typedef struct dense_table {
  firn_table table;
  firn_tensor *empty, *deleted; /* deleted may be NULL */
  float load;
} dense_table;

enum { FEWEST_BUCKETS = 4 };

static uint64_t hash_element(firn_dtype dtype, const void *keys, size_t i) {
  if (dtype == FIRN_STRING)
    return firn_murmur64(firn_tstring_get((const firn_tstring *)keys + i));
  if (dtype == FIRN_INT32) return (uint64_t)((const int32_t *)keys)[i];
  return (uint64_t)((const int64_t *)keys)[i];
}

static uint64_t hash_key(const firn_table *t, const void *keys, size_t i) {
  const size_t width = firn_table_key_width(t);
  if (t->key_shape.rank == 0) return hash_element(t->key, keys, i);
  uint64_t h = 0;
  for (size_t j = 0; j < width; j++)
    h ^= hash_element(t->key, keys, i * width + j) + 0x9e3779b97f4a7800u +
         (h << 10) + (h >> 4);
  return h;
}

static bool is_key(const dense_table *d, const void *keys, size_t i,
                   const firn_tensor *marker) {
  return marker &&
         firn_table_same_key(d->table.key, firn_table_key_width(&d->table),
                             keys, i, marker->data, 0);
}

static firn_code refuse_markers(const dense_table *d, const firn_tensor *keys,
                                size_t i, firn_error *err) {
  const bool empty = is_key(d, keys->data, i, d->empty);
  if (!empty && !is_key(d, keys->data, i, d->deleted)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "key %zu is the one that marks %s buckets", i,
                   empty ? "empty" : "deleted");
}

/* The bucket of a key. When it is not there, *there is false and the bucket is
 * the first that is empty (or, with `reuse`, deleted). */
static firn_code bucket_of(const dense_table *d, const void *keys, size_t i,
                           bool reuse, size_t *out, bool *there,
                           firn_error *err) {
  const firn_table *t = &d->table;
  const size_t mask = t->row_count - 1, width = firn_table_key_width(t);
  size_t at = (size_t)hash_key(t, keys, i) & mask;
  for (size_t probes = 1; probes <= t->row_count; probes++) {
    *out = at;
    *there = firn_table_same_key(t->key, width, t->keys->data, at, keys, i);
    if (*there || is_key(d, t->keys->data, at, d->empty) ||
        (reuse && is_key(d, t->keys->data, at, d->deleted)))
      return FIRN_OK;
    at = (at + probes) & mask;
  }
  return firn_fail(err, FIRN_FAILED_PRECONDITION,
                   "no bucket is empty: the imported buckets are no table");
}

/* ---- Finding ------------------------------------------------------------ */

static size_t key_count(const firn_table *t, const firn_tensor *keys) {
  const size_t width = firn_table_key_width(t);
  return width ? keys->count / width : 0;
}

static firn_code find_all(const dense_table *d, const firn_tensor *keys,
                          const firn_tensor *other, firn_tensor *values,
                          firn_error *err) {
  const firn_table *t = &d->table;
  const size_t width = firn_table_value_width(t);
  const bool one_each = other->count == values->count;
  for (size_t i = 0; i < key_count(t, keys); i++) {
    size_t at;
    bool there;
    FIRN_TRY(refuse_markers(d, keys, i, err));
    FIRN_TRY(bucket_of(d, keys->data, i, false, &at, &there, err));
    FIRN_TRY(firn_table_copy(t->value, width, values->data, i,
                             there ? t->values->data : other->data,
                             there      ? at
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
      find_all((const dense_table *)t, keys, other, values, err);
  pthread_rwlock_unlock(&t->lock);
  return code;
}

/* ---- Changing ----------------------------------------------------------- */

/* Buckets that are all empty. The old ones are released. */
static firn_code new_buckets(dense_table *d, const firn_env *env, size_t count,
                             firn_error *err) {
  firn_table *t = &d->table;
  firn_tensor_release(t->keys);
  firn_tensor_release(t->values);
  t->keys = t->values = NULL;
  t->row_count = t->count = 0;
  FIRN_TRY(firn_table_widen(t, env, count, err));
  for (size_t i = 0; i < count; i++)
    FIRN_TRY(firn_table_copy(t->key, firn_table_key_width(t), t->keys->data, i,
                             d->empty->data, 0, 1, err));
  return FIRN_OK;
}

static firn_code put_one(dense_table *d, const void *keys, const void *values,
                         size_t i, firn_error *err) {
  firn_table *t = &d->table;
  size_t at;
  bool there;
  FIRN_TRY(bucket_of(d, keys, i, true, &at, &there, err));
  FIRN_TRY(firn_table_copy(t->key, firn_table_key_width(t), t->keys->data, at,
                           keys, i, 1, err));
  FIRN_TRY(firn_table_copy(t->value, firn_table_value_width(t), t->values->data,
                           at, values, i, 1, err));
  t->count += !there;
  return FIRN_OK;
}

static firn_code put_again(dense_table *d, const firn_tensor *keys,
                           const firn_tensor *values, size_t count,
                           firn_error *err) {
  for (size_t i = 0; i < count; i++)
    if (!is_key(d, keys->data, i, d->empty) &&
        !is_key(d, keys->data, i, d->deleted))
      FIRN_TRY(put_one(d, keys->data, values->data, i, err));
  return FIRN_OK;
}

static firn_code grow(dense_table *d, const firn_env *env, size_t buckets,
                      firn_error *err) {
  firn_table *t = &d->table;
  const size_t old = t->row_count;
  firn_tensor *keys = firn_tensor_retain(t->keys);
  firn_tensor *values = firn_tensor_retain(t->values);
  firn_code code = new_buckets(d, env, buckets, err);
  if (code == FIRN_OK) code = put_again(d, keys, values, old, err);
  firn_tensor_release(keys);
  firn_tensor_release(values);
  return code;
}

static firn_code put_all(dense_table *d, const firn_env *env,
                         const firn_tensor *keys, const firn_tensor *values,
                         firn_error *err) {
  firn_table *t = &d->table;
  const size_t count = key_count(t, keys);
  const double want = (double)(t->count + count);
  size_t buckets = t->row_count;
  while (want > (double)buckets * (double)d->load) {
    if (buckets > INT32_MAX)
      return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "a table of %.0f entries",
                       want);
    buckets *= 2;
  }
  if (buckets != t->row_count) FIRN_TRY(grow(d, env, buckets, err));
  for (size_t i = 0; i < count; i++) {
    FIRN_TRY(refuse_markers(d, keys, i, err));
    FIRN_TRY(put_one(d, keys->data, values->data, i, err));
  }
  return FIRN_OK;
}

static firn_code insert(firn_table *t, const firn_env *env,
                        const firn_tensor *keys, const firn_tensor *values,
                        firn_error *err) {
  pthread_rwlock_wrlock(&t->lock);
  const firn_code code = put_all((dense_table *)t, env, keys, values, err);
  pthread_rwlock_unlock(&t->lock);
  return code;
}

static firn_code remove_all(dense_table *d, const firn_tensor *keys,
                            firn_error *err) {
  firn_table *t = &d->table;
  if (!d->deleted)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "a table without a deleted_key forgets nothing");
  for (size_t i = 0; i < key_count(t, keys); i++) {
    size_t at;
    bool there;
    FIRN_TRY(refuse_markers(d, keys, i, err));
    FIRN_TRY(bucket_of(d, keys->data, i, false, &at, &there, err));
    if (!there) continue;
    FIRN_TRY(firn_table_copy(t->key, firn_table_key_width(t), t->keys->data, at,
                             d->deleted->data, 0, 1, err));
    t->count--;
  }
  return FIRN_OK;
}

static firn_code remove_keys(firn_table *t, const firn_tensor *keys,
                             firn_error *err) {
  pthread_rwlock_wrlock(&t->lock);
  const firn_code code = remove_all((dense_table *)t, keys, err);
  pthread_rwlock_unlock(&t->lock);
  return code;
}

static firn_code set_buckets(dense_table *d, const firn_env *env,
                             const firn_tensor *keys, const firn_tensor *values,
                             firn_error *err) {
  firn_table *t = &d->table;
  const size_t count = key_count(t, keys);
  if (count == 0 || (count & (count - 1)))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu buckets: their number must be a power of 2", count);
  FIRN_TRY(new_buckets(d, env, count, err));
  FIRN_TRY(firn_table_copy(t->key, firn_table_key_width(t), t->keys->data, 0,
                           keys->data, 0, count, err));
  FIRN_TRY(firn_table_copy(t->value, firn_table_value_width(t), t->values->data,
                           0, values->data, 0, count, err));
  for (size_t i = 0; i < count; i++)
    t->count += !is_key(d, t->keys->data, i, d->empty) &&
                !is_key(d, t->keys->data, i, d->deleted);
  return FIRN_OK;
}

static firn_code import(firn_table *t, const firn_env *env,
                        const firn_tensor *keys, const firn_tensor *values,
                        firn_error *err) {
  pthread_rwlock_wrlock(&t->lock);
  const firn_code code = set_buckets((dense_table *)t, env, keys, values, err);
  pthread_rwlock_unlock(&t->lock);
  return code;
}

/* Buckets are vectors even where keys or values are scalars. */
static firn_code buckets_of(const firn_tensor *from, const firn_env *env,
                            firn_tensor **out, firn_error *err) {
  firn_tensor *copy = NULL;
  firn_shape shape = from->shape;
  if (shape.rank == 1)
    shape = (firn_shape){.rank = 2, .dims = {shape.dims[0], 1}};
  FIRN_TRY(firn_tensor_copy(from, &env->alloc, &copy, err));
  const firn_code code = firn_tensor_view(copy, copy->dtype, &shape, out, err);
  firn_tensor_release(copy);
  return code;
}

static firn_code export(firn_table *t, const firn_env *env, firn_tensor **keys,
                        firn_tensor **values, firn_error *err) {
  pthread_rwlock_rdlock(&t->lock);
  firn_code code = buckets_of(t->keys, env, keys, err);
  if (code == FIRN_OK) code = buckets_of(t->values, env, values, err);
  pthread_rwlock_unlock(&t->lock);
  return code;
}

static void fini(firn_table *t) {
  dense_table *d = (dense_table *)t;
  const firn_allocator alloc = t->alloc;
  firn_tensor_release(d->empty);
  firn_tensor_release(d->deleted);
  firn_delete(&alloc, d, sizeof *d);
}

const firn_table_kind firn_table_dense = {"MutableDenseHashTable",
                                          false,
                                          find,
                                          insert,
                                          remove_keys,
                                          import,
                                          export,
                                          fini};

/* ---- Making ------------------------------------------------------------- */

static firn_code check(const firn_tensor *empty, const firn_tensor *deleted,
                       const firn_shape *value_shape, int64_t buckets,
                       float load, firn_error *err) {
  if (!(load > 0 && load < 1))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "max_load_factor = %g is not between 0 and 1",
                     (double)load);
  if (value_shape->rank > 1 || empty->shape.rank > 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a key and a value must be scalars or vectors");
  if (deleted && !firn_shape_equal(&empty->shape, &deleted->shape))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "empty_key and deleted_key differ in shape");
  if (deleted && firn_table_same_key(empty->dtype, empty->count, empty->data, 0,
                                     deleted->data, 0))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "empty_key and deleted_key are the same");
  if (buckets < FEWEST_BUCKETS || (buckets & (buckets - 1)))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "initial_num_buckets = %lld must be a power of 2, at "
                     "least %d",
                     (long long)buckets, FEWEST_BUCKETS);
  return FIRN_OK;
}

firn_code firn_dense_table_new(const firn_env *env, firn_dtype value,
                               const firn_shape *value_shape,
                               firn_tensor *empty, firn_tensor *deleted,
                               int64_t buckets, float load, firn_table **out,
                               firn_error *err) {
  *out = NULL;
  FIRN_TRY(check(empty, deleted, value_shape, buckets, load, err));
  FIRN_TRY(firn_table_new(env, &firn_table_dense, sizeof(dense_table),
                          empty->dtype, value, value_shape, out, err));
  dense_table *d = (dense_table *)*out;
  d->load = load;
  d->table.key_shape = empty->shape;
  firn_code code = firn_tensor_copy(empty, &env->alloc, &d->empty, err);
  if (code == FIRN_OK && deleted)
    code = firn_tensor_copy(deleted, &env->alloc, &d->deleted, err);
  if (code == FIRN_OK) code = new_buckets(d, env, (size_t)buckets, err);
  if (code == FIRN_OK) return code;
  firn_object_release(&d->table.object);
  *out = NULL;
  return code;
}
