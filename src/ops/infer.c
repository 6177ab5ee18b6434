/* ops/infer.c: the phrases that shape functions are written in.
 *
 * Each lives with unknown ranks, extents and values: what cannot be told stays
 * unknown, and only a contradiction is an error.
 */
#include "ops/infer.h"

#include <stdio.h>

firn_code firn_infer_same(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  for (size_t i = 0; i < q->out_count; i++) q->out[i].shape = q->in[0].shape;
  return FIRN_OK;
}

firn_code firn_infer_scalar(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  for (size_t i = 0; i < q->out_count; i++)
    q->out[i].shape = firn_shape_scalar();
  return FIRN_OK;
}

firn_code firn_infer_unknown(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  for (size_t i = 0; i < q->out_count; i++)
    q->out[i].shape = firn_shape_unknown();
  return FIRN_OK;
}

firn_code firn_infer_none(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(q);
  FIRN_UNUSED(err);
  return FIRN_OK;
}

/* ---- Two shapes become one ---------------------------------------------- */

/* One axis of a broadcast. An unknown extent may be 1, so it takes on the other
 * one only when that is above 1 (or 0). */
static bool broadcast_dim(int64_t a, int64_t b, int64_t *out) {
  if (a == 1) return *out = b, true;
  if (b == 1) return *out = a, true;
  return firn_dim_merge(a, b, out);
}

firn_code firn_shape_broadcast(const firn_shape *a, const firn_shape *b,
                               firn_shape *out, firn_error *err) {
  if (a->rank < 0 || b->rank < 0) {
    *out = firn_shape_unknown();
    return FIRN_OK;
  }
  firn_shape result = {.rank = a->rank > b->rank ? a->rank : b->rank};
  for (int i = 0; i < result.rank; i++) {
    const int ia = i - (result.rank - a->rank),
              ib = i - (result.rank - b->rank);
    const int64_t da = ia < 0 ? 1 : a->dims[ia], db = ib < 0 ? 1 : b->dims[ib];
    if (!broadcast_dim(da, db, &result.dims[i])) {
      char ta[256], tb[256];
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "shapes %s and %s do not broadcast to one",
                       firn_shape_text(a, ta), firn_shape_text(b, tb));
    }
  }
  *out = result;
  return FIRN_OK;
}

firn_code firn_infer_broadcast(firn_infer *q, firn_error *err) {
  return firn_shape_broadcast(&q->in[0].shape, &q->in[1].shape,
                              &q->out[0].shape, err);
}

bool firn_dim_merge(int64_t a, int64_t b, int64_t *out) {
  if (a >= 0 && b >= 0 && a != b) return false;
  *out = a >= 0 ? a : b;
  return true;
}

firn_code firn_shape_merge(const firn_shape *a, const firn_shape *b,
                           firn_shape *out, firn_error *err) {
  if (a->rank < 0 || b->rank < 0) {
    *out = a->rank < 0 ? *b : *a;
    return FIRN_OK;
  }
  firn_shape result = {.rank = a->rank};
  bool same = a->rank == b->rank;
  for (int i = 0; same && i < a->rank; i++)
    same = firn_dim_merge(a->dims[i], b->dims[i], &result.dims[i]);
  if (!same) {
    char ta[256], tb[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "shapes %s and %s differ",
                     firn_shape_text(a, ta), firn_shape_text(b, tb));
  }
  *out = result;
  return FIRN_OK;
}

/* ---- What an input must be ---------------------------------------------- */

firn_code firn_infer_rank(const firn_infer *q, size_t i, int rank,
                          const char *what, firn_shape *out, firn_error *err) {
  const firn_shape *shape = &q->in[i].shape;
  if (shape->rank >= 0 && shape->rank != rank) {
    char text[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%s must have %d ax%s, has shape %s", what, rank,
                     rank == 1 ? "is" : "es", firn_shape_text(shape, text));
  }
  if (!out) return FIRN_OK;
  firn_shape result = *shape;
  if (shape->rank < 0) {
    result.rank = rank;
    for (int k = 0; k < rank; k++) result.dims[k] = FIRN_UNKNOWN_DIM;
  }
  *out = result;
  return FIRN_OK;
}

firn_code firn_infer_rank_at_least(const firn_infer *q, size_t i, int rank,
                                   const char *what, firn_error *err) {
  const firn_shape *shape = &q->in[i].shape;
  if (shape->rank < 0 || shape->rank >= rank) return FIRN_OK;
  char text[256];
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "%s must have at least %d ax%s, has shape %s", what, rank,
                   rank == 1 ? "is" : "es", firn_shape_text(shape, text));
}

/* ---- Integers as values ------------------------------------------------- */

static int64_t count_of(const firn_shape *shape) {
  int64_t count;
  return firn_shape_known(shape) && firn_shape_count(shape, &count) ? count
                                                                    : -1;
}

/* The elements of a constant that is no small vector (paddings, say). */
static const int64_t *ints_of_value(const firn_infer *q, const firn_info *in) {
  if (!in->value || in->value->dtype > 63 ||
      !(FIRN_BIT(in->value->dtype) & FIRN_INDICES))
    return NULL;
  int64_t *ints = firn_arena_array(q->arena, in->value->count, sizeof *ints);
  if (!ints) return NULL;
  for (size_t k = 0; k < in->value->count; k++)
    ints[k] = firn_tensor_i64(in->value, k);
  return ints;
}

bool firn_infer_ints(const firn_infer *q, size_t i, const int64_t **ints,
                     int64_t *count) {
  const firn_info *in = &q->in[i];
  const int64_t n = count_of(&in->shape);
  const int64_t *known = n < 0 ? NULL : in->ints;
  if (n >= 0 && !known) known = ints_of_value(q, in);
  if (ints) *ints = known;
  if (count) *count = n;
  if (n == 0) return true;
  if (!known) return false;
  for (int64_t k = 0; k < n; k++)
    if (known[k] == FIRN_UNKNOWN_INT) return false;
  return true;
}

bool firn_infer_int(const firn_infer *q, size_t i, int64_t *out) {
  const int64_t *ints = NULL;
  int64_t count = 0;
  if (!firn_infer_ints(q, i, &ints, &count) || count != 1) return false;
  *out = ints[0];
  return true;
}

firn_str firn_infer_input_name(const firn_infer *q, size_t i) {
  firn_arg_walk walk = firn_walk_inputs(q->node);
  for (size_t k = 0; k <= i; k++)
    if (firn_arg_next(&walk) < 0) return FIRN_STR("input");
  return walk.args[walk.arg - 1]->name;
}

/* INT64_MIN stands for an unknown element only where there is no tensor yet. */
static bool is_extent(const firn_info *in, int64_t dim, int64_t least) {
  return dim >= least || (dim == FIRN_UNKNOWN_INT && !in->value);
}

static firn_code shape_of_value(const firn_infer *q, size_t i, int64_t least,
                                firn_shape *out, firn_error *err) {
  const firn_str name =
      q->node ? firn_infer_input_name(q, i) : FIRN_STR("shape");
  char what[64];
  snprintf(what, sizeof what, "%.*s", FIRN_ARG(name));
  const int64_t *ints = NULL;
  int64_t count = 0;
  firn_infer_ints(q, i, &ints, &count);
  if (least < 0 && q->in[i].shape.rank == 0 && ints &&
      (ints[0] == FIRN_UNKNOWN_INT || ints[0] == -1)) {
    *out = firn_shape_unknown(); /* scalar -1: TensorFlow's unknown shape */
    return FIRN_OK;
  }
  FIRN_TRY(firn_infer_rank(q, i, 1, what, NULL, err));
  if (count < 0) {
    *out = firn_shape_unknown();
    return FIRN_OK;
  }
  if (count > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "%.*s has %lld axes, more than %d", FIRN_ARG(name),
                     (long long)count, FIRN_MAX_RANK);
  firn_shape shape = {.rank = (int)count};
  for (int k = 0; k < shape.rank; k++) {
    const int64_t dim = ints ? ints[k] : FIRN_UNKNOWN_INT;
    if (ints && !is_extent(&q->in[i], dim, least))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "%.*s[%d] = %lld must not be negative", FIRN_ARG(name),
                       k, (long long)dim);
    shape.dims[k] = dim < 0 ? FIRN_UNKNOWN_DIM : dim;
  }
  *out = shape;
  return FIRN_OK;
}

firn_code firn_infer_shape_of_value(const firn_infer *q, size_t i,
                                    firn_shape *out, firn_error *err) {
  return shape_of_value(q, i, -1, out, err);
}

firn_code firn_infer_extents_of_value(const firn_infer *q, size_t i,
                                      firn_shape *out, firn_error *err) {
  return shape_of_value(q, i, 0, out, err);
}

firn_code firn_axis(int64_t axis, int rank, int *out, firn_error *err) {
  if (axis < -rank || axis >= rank)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "axis %lld is not in [%d, %d)",
                     (long long)axis, -rank, rank);
  *out = (int)(axis < 0 ? axis + rank : axis);
  return FIRN_OK;
}

void firn_infer_set_ints(firn_infer *q, size_t i, const int64_t *ints,
                         size_t count) {
  q->out[i].ints = NULL;
  if (count > FIRN_MAX_INTS) return;
  int64_t *copy = firn_arena_array(q->arena, count, sizeof *copy);
  if (copy && count) memcpy(copy, ints, count * sizeof *copy);
  q->out[i].ints = copy;
}

/* ---- Windows ------------------------------------------------------------ */

static firn_code window_extent(int64_t window, int64_t stride, int64_t dilation,
                               int64_t *out, firn_error *err) {
  if (stride < 1 || dilation < 1 || window < 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "window %lld, stride %lld and dilation %lld must be at "
                     "least 1",
                     (long long)window, (long long)stride, (long long)dilation);
  int64_t extent;
  if (!firn_mul_i64(window - 1, dilation, &extent) || extent > INT64_MAX / 4 ||
      stride > INT64_MAX / 4)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "window %lld with dilation %lld is too large",
                     (long long)window, (long long)dilation);
  *out = extent + 1;
  return FIRN_OK;
}

/* in + before + after, within bounds that later sums cannot leave. */
static firn_code padded_extent(int64_t in, int64_t before, int64_t after,
                               int64_t *out, firn_error *err) {
  if (before < 0 || after < 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "padding %lld and %lld must not be negative",
                     (long long)before, (long long)after);
  if (!firn_add_i64(in, before, out) || !firn_add_i64(*out, after, out) ||
      *out > INT64_MAX / 4)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "extent %lld is too large",
                     (long long)in);
  return FIRN_OK;
}

firn_code firn_infer_window(int64_t in, int64_t window, int64_t stride,
                            int64_t dilation, firn_str padding, int64_t before,
                            int64_t after, int64_t *out, int64_t *pad_before,
                            firn_error *err) {
  const bool same = firn_str_is(padding, "SAME");
  const bool explicit = firn_str_is(padding, "EXPLICIT");
  if (!same && !explicit && !firn_str_is(padding, "VALID"))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "padding is '%.*s', not SAME, VALID or EXPLICIT",
                     FIRN_ARG(padding));
  int64_t extent = 0, padded = 0, n, pad = explicit ? before : 0;
  FIRN_TRY(window_extent(window, stride, dilation, &extent, err));
  FIRN_TRY(
      padded_extent(in < 0 ? 0 : in, pad, explicit ? after : 0, &padded, err));
  if (in < 0) {
    n = FIRN_UNKNOWN_DIM;
  } else if (same) {
    n = (in + stride - 1) / stride;
    const int64_t lack = (n - 1) * stride + extent - in;
    pad = lack > 0 ? lack / 2 : 0;
  } else {
    n = (padded - extent + stride) / stride;
    if (n < 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "a window of %lld does not fit into an extent of %lld",
                       (long long)extent, (long long)padded);
  }
  *out = n;
  if (pad_before) *pad_before = pad;
  return FIRN_OK;
}
