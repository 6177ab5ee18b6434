/* ops/table.h: lookup tables: from keys to values.
 *
 * Two kinds share one face. A plain table finds keys by a hash; it is filled
 * once ("fixed") or changed at any time. A dense one is an array of buckets
 * that an export gives away as it is, so its places are TensorFlow's.
 *
 * Keys are int32, int64 or strings, values of any type; a value (of a dense
 * table a key too) may be a vector.
 *
 * Threads: safe; any number of finds at a time.
 */
#ifndef FIRN_OPS_TABLE_H
#define FIRN_OPS_TABLE_H

#include <pthread.h>

#include "ops/op.h"

typedef struct firn_table firn_table;

typedef struct firn_table_kind {
  const char *name;
  bool fixed;
  firn_code (*find)(firn_table *table, const firn_tensor *keys,
                    const firn_tensor *other, firn_tensor *values,
                    firn_error *err);
  firn_code (*insert)(firn_table *table, const firn_env *env,
                      const firn_tensor *keys, const firn_tensor *values,
                      firn_error *err);
  firn_code (*remove)(firn_table *table, const firn_tensor *keys,
                      firn_error *err);
  /* Replaces all that the table holds. */
  firn_code (*import)(firn_table *table, const firn_env *env,
                      const firn_tensor *keys, const firn_tensor *values,
                      firn_error *err);
  /* New tensors of all keys and their values. */
  firn_code (*export)(firn_table *table, const firn_env *env,
                      firn_tensor **keys, firn_tensor **values,
                      firn_error *err);
  void (*fini)(firn_table *table);
} firn_table_kind;

struct firn_table {
  firn_object object;
  const firn_table_kind *kind;
  firn_allocator alloc;
  firn_dtype key, value;
  firn_shape key_shape, value_shape; /* of one key, one value */
  pthread_rwlock_t lock;             /* guards what follows   */
  bool ready;                        /* fixed: has been filled */
  size_t count;
  firn_tensor *keys, *values; /* rows; more of them than `count` */
  size_t row_count;
};

extern const firn_object_class firn_table_class;
extern const firn_table_kind firn_table_fixed, firn_table_mutable,
    firn_table_dense;

/* Sets up what all kinds have in common; for what a kind has besides, `size` is
 * its struct's. */
FIRN_CHECKED firn_code firn_table_new(const firn_env *env,
                                      const firn_table_kind *kind, size_t size,
                                      firn_dtype key, firn_dtype value,
                                      const firn_shape *value_shape,
                                      firn_table **out, firn_error *err);

/* An empty plain table: `kind` is fixed or mutable. */
FIRN_CHECKED firn_code firn_plain_table_new(const firn_env *env,
                                            const firn_table_kind *kind,
                                            firn_dtype key, firn_dtype value,
                                            const firn_shape *value_shape,
                                            firn_table **out, firn_error *err);

/* Fills a fixed table, once. A key that comes twice must have one value. */
FIRN_CHECKED firn_code firn_table_fill(firn_table *table, const firn_env *env,
                                       const firn_tensor *keys,
                                       const firn_tensor *values,
                                       firn_error *err);

/* An empty dense table; `empty` and `deleted` (may be NULL) are the keys that
 * mark such buckets. */
FIRN_CHECKED firn_code firn_dense_table_new(
    const firn_env *env, firn_dtype value, const firn_shape *value_shape,
    firn_tensor *empty, firn_tensor *deleted, int64_t buckets, float load,
    firn_table **out, firn_error *err);

/* The number of entries. */
size_t firn_table_count(firn_table *table);

/* Elements of one key, and of one value. */
static inline size_t firn_table_key_width(const firn_table *t) {
  return (size_t)firn_shape_product(&t->key_shape, 0, t->key_shape.rank);
}
static inline size_t firn_table_value_width(const firn_table *t) {
  return (size_t)firn_shape_product(&t->value_shape, 0, t->value_shape.rank);
}

/* Makes keys and values `rows` long (at least row_count); the new rows are 0,
 * empty, NULL. Called with the lock held. */
FIRN_CHECKED firn_code firn_table_widen(firn_table *table, const firn_env *env,
                                        size_t rows, firn_error *err);

/* Copies `count` elements from place `from` of one array to place `to` of
 * another, of which each place has `width` elements. */
FIRN_CHECKED firn_code firn_table_copy(firn_dtype dtype, size_t width,
                                       void *to_data, size_t to,
                                       const void *from_data, size_t from,
                                       size_t count, firn_error *err);

/* Whether two keys of `width` elements are equal. */
bool firn_table_same_key(firn_dtype dtype, size_t width, const void *a_data,
                         size_t a, const void *b_data, size_t b);

#endif
