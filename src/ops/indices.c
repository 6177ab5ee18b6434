/* ops/indices.c: tensors of indices, which come from outside and are checked
 * one by one. */
#include "ops/indices.h"

#include <stdio.h>

const char *firn_place_text(const firn_shape *shape, size_t i, char *out) {
  enum { ROOM = 256 };
  size_t used = 0;
  out[0] = 0;
  for (int k = 0; k < shape->rank && used < ROOM; k++) {
    const size_t below = (size_t)firn_shape_product(shape, k + 1, shape->rank);
    used += (size_t)snprintf(out + used, ROOM - used, "%s%zu", k ? "," : "",
                             i / below % (size_t)shape->dims[k]);
  }
  return out;
}

/* The first element outside, or n. */
#define FIRST_BAD(T)                                                 \
  static size_t first_bad_##T(const T *x, size_t n, int64_t limit) { \
    size_t i = 0;                                                    \
    while (i < n && x[i] >= 0 && (int64_t)x[i] < limit) i++;         \
    return i;                                                        \
  }
FIRST_BAD(int32_t)
FIRST_BAD(int64_t)

firn_code firn_indices_check(const firn_tensor *indices, int64_t limit,
                             const char *what, firn_error *err) {
  const size_t n = indices->count;
  size_t bad = 0;
  char place[256];
  if (indices->dtype == FIRN_INT32)
    bad = first_bad_int32_t(indices->data, n, limit);
  else if (indices->dtype == FIRN_INT64)
    bad = first_bad_int64_t(indices->data, n, limit);
  else
    while (bad < n && firn_index(indices, bad) >= 0 &&
           firn_index(indices, bad) < limit)
      bad++;
  if (bad == n) return FIRN_OK;
  firn_place_text(&indices->shape, bad, place);
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "%s%s%s%s = %lld is not in [0, %lld)", what,
                   place[0] ? "[" : "", place, place[0] ? "]" : "",
                   (long long)firn_index(indices, bad), (long long)limit);
}

firn_code firn_tuples_of(const firn_tensor *indices, const firn_shape *of,
                         firn_tuples *out, firn_error *err) {
  const firn_shape *shape = &indices->shape;
  if (shape->rank < 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "indices must have at least 1 axis, are a scalar");
  const int64_t depth = shape->dims[shape->rank - 1];
  if (depth > of->rank) {
    char text[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "indices come by %lld, what they index has shape %s",
                     (long long)depth, firn_shape_text(of, text));
  }
  *out =
      (firn_tuples){.indices = indices, .depth = (int)depth, .outer = *shape};
  out->outer.rank--;
  out->count = (size_t)firn_shape_product(shape, 0, out->outer.rank);
  return FIRN_OK;
}

int64_t firn_tuple_at(const firn_tuples *t, size_t i, const firn_shape *of) {
  const size_t first = i * (size_t)t->depth;
  int64_t at = 0;
  for (int k = 0; k < t->depth; k++) {
    const int64_t index = firn_index(t->indices, first + (size_t)k);
    if (index < 0 || index >= of->dims[k]) return -1;
    at = at * of->dims[k] + index;
  }
  return at;
}

static firn_code bad_tuple(const firn_tuples *t, size_t i, const firn_shape *of,
                           firn_error *err) {
  char place[256], shape[256], tuple[256] = "";
  size_t used = 0;
  for (int k = 0; k < t->depth && used < sizeof tuple; k++)
    used += (size_t)snprintf(
        tuple + used, sizeof tuple - used, "%s%lld", k ? ", " : "",
        (long long)firn_index(t->indices, i * (size_t)t->depth + (size_t)k));
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "indices[%s] = [%s] does not index into shape %s",
                   firn_place_text(&t->outer, i, place), tuple,
                   firn_shape_text(of, shape));
}

firn_code firn_tuples_check(const firn_tuples *t, const firn_shape *of,
                            firn_error *err) {
  for (size_t i = 0; i < t->count; i++)
    if (firn_tuple_at(t, i, of) < 0) return bad_tuple(t, i, of, err);
  return FIRN_OK;
}

firn_code firn_infer_single(const firn_infer *q, size_t i, const char *what,
                            firn_error *err) {
  const firn_shape *shape = &q->in[i].shape;
  char text[256];
  if (shape->rank <= 0 || (shape->rank == 1 && shape->dims[0] < 0) ||
      (shape->rank == 1 && shape->dims[0] == 1))
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "%s must be a scalar, has shape %s", what,
                   firn_shape_text(shape, text));
}

firn_code firn_shape_join(const firn_shape *shape, int keep,
                          const firn_shape *rest, int skip, firn_shape *out,
                          firn_error *err) {
  const int more = rest->rank - skip;
  if (keep + more > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "%d axes, more than %d",
                     keep + more, FIRN_MAX_RANK);
  firn_shape result = {.rank = keep + more};
  for (int k = 0; k < keep; k++) result.dims[k] = shape->dims[k];
  for (int k = 0; k < more; k++) result.dims[keep + k] = rest->dims[skip + k];
  *out = result;
  return FIRN_OK;
}
