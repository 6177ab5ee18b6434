/* ops/indices.h: tensors of indices, which come from outside and are checked
 * one by one.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_INDICES_H
#define FIRN_OPS_INDICES_H

#include "ops/infer.h"

/* Element i of an int32 or int64 tensor, or of a narrower one. */
static inline int64_t firn_index(const firn_tensor *indices, size_t i) {
  if (indices->dtype == FIRN_INT64) return ((const int64_t *)indices->data)[i];
  if (indices->dtype == FIRN_INT32) return ((const int32_t *)indices->data)[i];
  return firn_tensor_i64(indices, i);
}

/* "indices[1,2] = 7 is not in [0, 5)" (INVALID_ARGUMENT), of the first element
 * that is not in [0, limit). */
FIRN_CHECKED firn_code firn_indices_check(const firn_tensor *indices,
                                          int64_t limit, const char *what,
                                          firn_error *err);

/* "1,2": where element i of a tensor of that shape lies; `out` has room for
 * 256, and is returned. */
const char *firn_place_text(const firn_shape *shape, size_t i, char *out);

/* ---- Indices that come in tuples ---------------------------------------- */

/* indices[..., depth]: each row of `depth` indices names the slice of a tensor
 * that has these first indices. */
typedef struct firn_tuples {
  const firn_tensor *indices;
  size_t count;
  int depth;
  firn_shape outer; /* the axes of the tuples, without the last one */
} firn_tuples;

/* INVALID_ARGUMENT when the indices are a scalar, or come by more than `of`
 * has axes. */
FIRN_CHECKED firn_code firn_tuples_of(const firn_tensor *indices,
                                      const firn_shape *of, firn_tuples *out,
                                      firn_error *err);

/* The number of the slice that tuple i means, or -1 when there is none. */
int64_t firn_tuple_at(const firn_tuples *tuples, size_t i,
                      const firn_shape *of);

/* "indices[0,1] = [3, 7] does not index into shape [2,5]" about the first bad
 * tuple. */
FIRN_CHECKED firn_code firn_tuples_check(const firn_tuples *tuples,
                                         const firn_shape *of, firn_error *err);

/* Fails unless input i is a scalar, or a vector of one element: what TensorFlow
 * once took for a scalar, and old graphs still hand it. */
FIRN_CHECKED firn_code firn_infer_single(const firn_infer *q, size_t i,
                                         const char *what, firn_error *err);

/* shape[0:keep] and rest[skip:] one after the other; ranks are known. */
FIRN_CHECKED firn_code firn_shape_join(const firn_shape *shape, int keep,
                                       const firn_shape *rest, int skip,
                                       firn_shape *out, firn_error *err);

#endif
