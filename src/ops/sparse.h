/* ops/sparse.h: a sparse tensor, as three tensors are one.
 *
 * indices [n, rank] (int64, row i says where value i lies), values [n], and
 * the dense shape [rank]. They come from outside: firn_sparse_of checks that
 * they fit each other, but neither order nor bounds of the indices, which
 * TensorFlow minds only where they matter.
 *
 * Ownership: borrows the tensors.
 * Threads:   pure functions.
 */
#ifndef FIRN_OPS_SPARSE_H
#define FIRN_OPS_SPARSE_H

#include "ops/indices.h"

typedef struct firn_sparse {
  const firn_tensor *indices, *values;
  size_t n;
  int rank;
  firn_shape shape;
} firn_sparse;

/* `values` may be NULL. */
FIRN_CHECKED firn_code firn_sparse_of(const firn_tensor *indices,
                                      const firn_tensor *values,
                                      const firn_tensor *shape,
                                      firn_sparse *out, firn_error *err);

/* The same about what is known: *n and *rank are -1 when unknown, *shape has
 * unknown rank. Any of the three outputs may be NULL. `values` and `shape` are
 * the numbers of the inputs, or SIZE_MAX where there is none. */
FIRN_CHECKED firn_code firn_infer_sparse(const firn_infer *q, size_t indices,
                                         size_t values, size_t shape,
                                         int64_t *n, int64_t *rank,
                                         firn_shape *dense, firn_error *err);

/* What is known of the values of a vector of extents: rank and extents. */
firn_shape firn_infer_dense_shape(const firn_infer *q, size_t i);

static inline int64_t firn_sparse_at(const firn_sparse *s, size_t i, int axis) {
  return firn_index(s->indices, i * (size_t)s->rank + (size_t)axis);
}

/* INVALID_ARGUMENT names the first index that is outside of the shape. */
FIRN_CHECKED firn_code firn_sparse_check(const firn_sparse *s, firn_error *err);

/* Row i of a against row j of b, axis by axis: below, at or above 0. */
int firn_sparse_compare(const firn_sparse *a, size_t i, const firn_sparse *b,
                        size_t j);

/* Sorts the rows by these axes, first one first; equal rows stay in order.
 * *order is an array of s->n row numbers that the caller frees with
 * firn_sparse_order_free. */
FIRN_CHECKED firn_code firn_sparse_order(const firn_sparse *s, const int *axes,
                                         int count, const firn_env *env,
                                         size_t **order, firn_error *err);
void firn_sparse_order_free(const firn_sparse *s, const firn_env *env,
                            size_t *order);

/* Copies index row i of `from` to row `to` of a tensor. */
void firn_sparse_copy_row(const firn_sparse *from, size_t i, firn_tensor *to,
                          size_t row);

/* Writes a shape as a vector of int64 into output i. */
FIRN_CHECKED firn_code firn_put_shape(const firn_run *run, size_t i,
                                      const firn_shape *shape, firn_error *err);

/* Makes outputs i (indices, n x rank) and j (values, n). */
FIRN_CHECKED firn_code firn_sparse_outputs(const firn_run *run, size_t i,
                                           size_t j, int64_t n, int rank,
                                           firn_tensor **indices,
                                           firn_tensor **values,
                                           firn_error *err);

#endif
