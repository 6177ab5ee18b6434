/* ops/sparse.c: a sparse tensor, as three tensors are one. */
#include "ops/sparse.h"

#include <string.h>

#include "ops/walk.h"

/* ---- What fits together ------------------------------------------------- */

static firn_code do_not_fit(const firn_shape *indices, const firn_shape *other,
                            const char *what, firn_error *err) {
  char ti[256], to[256];
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "indices of shape %s and %s of shape %s are no sparse "
                   "tensor",
                   firn_shape_text(indices, ti), what,
                   firn_shape_text(other, to));
}

firn_code firn_sparse_of(const firn_tensor *indices, const firn_tensor *values,
                         const firn_tensor *shape, firn_sparse *out,
                         firn_error *err) {
  const firn_shape *s = &indices->shape;
  if (s->rank != 2 || shape->shape.rank != 1 ||
      s->dims[1] != shape->shape.dims[0])
    return do_not_fit(s, &shape->shape, "a dense shape", err);
  if (values &&
      (values->shape.rank != 1 || values->shape.dims[0] != s->dims[0]))
    return do_not_fit(s, &values->shape, "values", err);
  if (shape->count > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                     FIRN_MAX_RANK);
  *out = (firn_sparse){.indices = indices,
                       .values = values,
                       .n = (size_t)s->dims[0],
                       .rank = (int)shape->count,
                       .shape = {.rank = (int)shape->count}};
  for (int k = 0; k < out->rank; k++) {
    out->shape.dims[k] = firn_index(shape, (size_t)k);
    if (out->shape.dims[k] < 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "dense shape[%d] = %lld must not be negative", k,
                       (long long)out->shape.dims[k]);
  }
  return FIRN_OK;
}

firn_shape firn_infer_dense_shape(const firn_infer *q, size_t i) {
  const int64_t *ints = NULL;
  int64_t count = -1;
  firn_shape shape = firn_shape_unknown();
  firn_infer_ints(q, i, &ints, &count);
  if (count < 0 || count > FIRN_MAX_RANK) return shape;
  shape.rank = (int)count;
  for (int k = 0; k < shape.rank; k++)
    shape.dims[k] = ints && ints[k] >= 0 ? ints[k] : FIRN_UNKNOWN_DIM;
  return shape;
}

firn_code firn_infer_sparse(const firn_infer *q, size_t indices, size_t values,
                            size_t shape, int64_t *n, int64_t *rank,
                            firn_shape *dense, firn_error *err) {
  firn_shape matrix, vector = firn_shape_vector(FIRN_UNKNOWN_DIM),
                     extents = vector;
  int64_t count, axes;
  FIRN_TRY(firn_infer_rank(q, indices, 2, "indices", &matrix, err));
  if (values != SIZE_MAX)
    FIRN_TRY(firn_infer_rank(q, values, 1, "values", &vector, err));
  if (shape != SIZE_MAX)
    FIRN_TRY(firn_infer_rank(q, shape, 1, "the dense shape", &extents, err));
  if (!firn_dim_merge(matrix.dims[0], vector.dims[0], &count))
    return do_not_fit(&matrix, &vector, "values", err);
  if (!firn_dim_merge(matrix.dims[1], extents.dims[0], &axes))
    return do_not_fit(&matrix, &extents, "a dense shape", err);
  if (axes > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                     FIRN_MAX_RANK);
  if (n) *n = count;
  if (rank) *rank = axes;
  if (dense)
    *dense = shape == SIZE_MAX ? firn_shape_unknown()
                               : firn_infer_dense_shape(q, shape);
  return FIRN_OK;
}

firn_code firn_sparse_check(const firn_sparse *s, firn_error *err) {
  for (size_t i = 0; i < s->n; i++)
    for (int k = 0; k < s->rank; k++) {
      const int64_t at = firn_sparse_at(s, i, k);
      if (at < 0 || at >= s->shape.dims[k])
        return firn_fail(err, FIRN_INVALID_ARGUMENT,
                         "indices[%zu,%d] = %lld is not in [0, %lld)", i, k,
                         (long long)at, (long long)s->shape.dims[k]);
    }
  return FIRN_OK;
}

/* ---- Order -------------------------------------------------------------- */

int firn_sparse_compare(const firn_sparse *a, size_t i, const firn_sparse *b,
                        size_t j) {
  for (int k = 0; k < a->rank; k++) {
    const int64_t x = firn_sparse_at(a, i, k), y = firn_sparse_at(b, j, k);
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

typedef struct sorting {
  const firn_sparse *s;
  const int *axes;
  int count;
} sorting;

static bool after(const sorting *o, size_t i, size_t j) {
  for (int k = 0; k < o->count; k++) {
    const int64_t x = firn_sparse_at(o->s, i, o->axes[k]),
                  y = firn_sparse_at(o->s, j, o->axes[k]);
    if (x != y) return x > y;
  }
  return false;
}

/* Merges the sorted runs from[a..b) and from[b..c). */
static void merge(const sorting *o, const size_t *from, size_t a, size_t b,
                  size_t c, size_t *to) {
  size_t i = a, j = b;
  for (size_t k = a; k < c; k++)
    to[k] = j == c || (i < b && !after(o, from[i], from[j])) ? from[i++]
                                                             : from[j++];
}

firn_code firn_sparse_order(const firn_sparse *s, const int *axes, int count,
                            const firn_env *env, size_t **order,
                            firn_error *err) {
  const size_t n = s->n, bytes = 2 * n * sizeof(size_t);
  const sorting o = {s, axes, count};
  size_t *from = firn_new(&env->alloc, bytes + 1);
  if (!from) return firn_oom(err, bytes);
  size_t *const block = from, *to = from + n;
  bool sorted = true;
  for (size_t i = 0; i < n; i++) {
    from[i] = i;
    sorted &= i == 0 || !after(&o, i - 1, i);
  }
  for (size_t run = 1; !sorted && run < n; run *= 2) {
    for (size_t a = 0; a < n; a += 2 * run)
      merge(&o, from, a, firn_min_size(a + run, n),
            firn_min_size(a + 2 * run, n), to);
    size_t *const swap = from;
    from = to, to = swap;
  }
  if (from != block && n) memcpy(block, from, n * sizeof *block);
  *order = block;
  return FIRN_OK;
}

void firn_sparse_order_free(const firn_sparse *s, const firn_env *env,
                            size_t *order) {
  firn_delete(&env->alloc, order, 2 * s->n * sizeof(size_t) + 1);
}

/* ---- Results ------------------------------------------------------------ */

void firn_sparse_copy_row(const firn_sparse *from, size_t i, firn_tensor *to,
                          size_t row) {
  int64_t *y = to->data;
  for (int k = 0; k < from->rank; k++)
    y[row * (size_t)from->rank + (size_t)k] = firn_sparse_at(from, i, k);
}

firn_code firn_put_shape(const firn_run *run, size_t i, const firn_shape *shape,
                         firn_error *err) {
  const firn_shape vector = firn_shape_vector(shape->rank);
  firn_tensor *out;
  FIRN_TRY(firn_run_output(run, i, &vector, &out, err));
  for (int k = 0; k < shape->rank; k++)
    ((int64_t *)out->data)[k] = shape->dims[k];
  return FIRN_OK;
}

firn_code firn_sparse_outputs(const firn_run *run, size_t i, size_t j,
                              int64_t n, int rank, firn_tensor **indices,
                              firn_tensor **values, firn_error *err) {
  const firn_shape matrix = {.rank = 2, .dims = {n, rank}},
                   vector = firn_shape_vector(n);
  FIRN_TRY(firn_run_output(run, i, &matrix, indices, err));
  return firn_run_output(run, j, &vector, values, err);
}
