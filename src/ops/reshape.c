/* ops/reshape.c: new shapes over old bytes, and arithmetic on shapes as
 * tensors.
 *
 * Reshape, Squeeze and ExpandDims hand the bytes on. The others compute with
 * small vectors of extents: what broadcasts to what, where the parts of a
 * concatenation begin.
 */
#include "ops/infer.h"
#include "ops/walk.h"

/* Output 0 holds the integers of input 0, if it is a vector or scalar at all.
 */
static void keep_ints(firn_infer *q) {
  const int64_t *ints = NULL;
  int64_t count = -1;
  firn_infer_ints(q, 0, &ints, &count);
  if (ints && count >= 0 && q->out[0].shape.rank >= 0 &&
      q->out[0].shape.rank <= 1)
    firn_infer_set_ints(q, 0, ints, (size_t)count);
}

/* ---- Reshape ------------------------------------------------------------ */

/* What is known of a wanted shape: the product of its known extents other than
 * 0, and the places of those that are not known. */
typedef struct wanted {
  int64_t product;
  int unknown, inferred; /* extents that are not known; the one that is -1 */
  int hole;              /* the last one that is not known */
  bool zero;             /* some extent is 0 */
} wanted;

static firn_code look_at_wanted(const int64_t *ints, firn_shape *shape,
                                wanted *w, firn_error *err) {
  *w = (wanted){.product = 1, .inferred = -1};
  for (int k = 0; k < shape->rank; k++) {
    const int64_t dim = ints ? ints[k] : FIRN_UNKNOWN_INT;
    shape->dims[k] = dim >= 0 ? dim : FIRN_UNKNOWN_DIM;
    if (dim == FIRN_UNKNOWN_INT || dim == -1) w->unknown++, w->hole = k;
    if (dim == FIRN_UNKNOWN_INT) continue;
    if (dim == -1 && w->inferred >= 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "only one extent may be -1, shape[%d] and shape[%d] are",
                       w->inferred, k);
    if (dim < -1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "shape[%d] = %lld must not be negative", k,
                       (long long)dim);
    if (dim == -1) w->inferred = k;
    w->zero |= dim == 0;
    if (dim > 0 && !firn_mul_i64(w->product, dim, &w->product))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "the shape has more than 2^63 - 1 elements");
  }
  return FIRN_OK;
}

static firn_code does_not_fit(const firn_shape *from, const firn_shape *to,
                              firn_error *err) {
  char tf[256], tt[256];
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "the elements of shape %s do not fit shape %s",
                   firn_shape_text(from, tf), firn_shape_text(to, tt));
}

/* Finds the extent that is -1, from the number of elements. Among extents of 0
 * it is what the others leave over of the input's others, rounded down:
 * TensorFlow's rule, which keeps [2,0,3] as [-1,0] at [6,0]. Extents that only
 * the run knows stay open, for the run has to see that they fit. */
static firn_code fill_hole(const firn_shape *from, int64_t count,
                           firn_shape *to, const wanted *w, firn_error *err) {
  if (w->unknown > 1 || (w->zero && w->unknown && w->inferred < 0))
    return FIRN_OK;
  if (w->unknown == 1) {
    int64_t whole = 1;
    for (int k = 0; k < from->rank; k++)
      if (from->dims[k] || !w->zero)
        if (!firn_mul_i64(whole, from->dims[k], &whole))
          return does_not_fit(from, to, err);
    if (w->inferred < 0)
      return whole % w->product ? does_not_fit(from, to, err) : FIRN_OK;
    to->dims[w->hole] = whole / w->product;
  }
  int64_t have;
  if (!firn_shape_count(to, &have) || have != count)
    return does_not_fit(from, to, err);
  return FIRN_OK;
}

static firn_code infer_reshape(firn_infer *q, firn_error *err) {
  const firn_shape *from = &q->in[0].shape;
  const int64_t *ints = NULL;
  int64_t count = -1, elements;
  wanted w;
  if (q->in[1].shape.rank != 0) /* a scalar stands for a vector of one */
    FIRN_TRY(firn_infer_rank(q, 1, 1, "shape", NULL, err));
  firn_infer_ints(q, 1, &ints, &count);
  if (count < 0) return FIRN_OK;
  if (count > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "a shape of %lld axes, more than %d", (long long)count,
                     FIRN_MAX_RANK);
  firn_shape to = {.rank = (int)count};
  FIRN_TRY(look_at_wanted(ints, &to, &w, err));
  if (firn_shape_known(from) && firn_shape_count(from, &elements))
    FIRN_TRY(fill_hole(from, elements, &to, &w, err));
  q->out[0].shape = to;
  keep_ints(q);
  return FIRN_OK;
}

/* ---- Squeeze and ExpandDims --------------------------------------------- */

static firn_code squeeze_named(const firn_shape *from, const int64_t *axes,
                               size_t count, firn_shape *to, firn_error *err) {
  bool gone[FIRN_MAX_RANK] = {false};
  for (size_t i = 0; i < count; i++) {
    int axis;
    FIRN_TRY(firn_axis(axes[i], from->rank, &axis, err));
    if (from->dims[axis] != 1 && from->dims[axis] >= 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "axis %d of input has %lld elements, only one of 1 can "
                       "be squeezed out",
                       axis, (long long)from->dims[axis]);
    gone[axis] = true;
  }
  *to = (firn_shape){.rank = 0};
  for (int k = 0; k < from->rank; k++)
    if (!gone[k]) to->dims[to->rank++] = from->dims[k];
  return FIRN_OK;
}

static firn_code infer_squeeze(firn_infer *q, firn_error *err) {
  const firn_shape *from = &q->in[0].shape;
  const int64_t *axes;
  size_t count;
  FIRN_TRY(firn_attr_ints(q->node, "squeeze_dims", &axes, &count, err));
  if (from->rank < 0) return FIRN_OK;
  firn_shape to = {.rank = 0};
  if (count) FIRN_TRY(squeeze_named(from, axes, count, &to, err));
  for (int k = 0; !count && k < from->rank; k++) {
    if (from->dims[k] < 0) return FIRN_OK; /* may be 1 */
    if (from->dims[k] != 1) to.dims[to.rank++] = from->dims[k];
  }
  q->out[0].shape = to;
  keep_ints(q);
  return FIRN_OK;
}

static firn_code infer_expand_dims(firn_infer *q, firn_error *err) {
  const firn_shape *from = &q->in[0].shape;
  const int64_t *ints = NULL;
  int64_t count = -1;
  int axis;
  const bool known = firn_infer_ints(q, 1, &ints, &count);
  if (count >= 0 && count != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "dim must have one element, has %lld", (long long)count);
  if (from->rank < 0) return FIRN_OK;
  if (from->rank == FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                     FIRN_MAX_RANK);
  firn_shape to = {.rank = from->rank + 1};
  if (known && count == 1) {
    FIRN_TRY(firn_axis(ints[0], to.rank, &axis, err));
    for (int k = 0; k < to.rank; k++)
      to.dims[k] = k == axis ? 1 : from->dims[k - (k > axis)];
  } else {
    for (int k = 0; k < to.rank; k++) to.dims[k] = FIRN_UNKNOWN_DIM;
  }
  q->out[0].shape = to;
  keep_ints(q);
  return FIRN_OK;
}

/* ---- Bitcast ------------------------------------------------------------ */

static firn_code infer_bitcast(firn_infer *q, firn_error *err) {
  const firn_shape *from = &q->in[0].shape;
  const int64_t in = (int64_t)firn_dtype_size(q->in[0].dtype),
                out = (int64_t)firn_dtype_size(q->out[0].dtype);
  if (!firn_dtype_is_plain(q->in[0].dtype) ||
      !firn_dtype_is_plain(q->out[0].dtype))
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "no bitcast from %s to %s",
                     firn_dtype_name(q->in[0].dtype),
                     firn_dtype_name(q->out[0].dtype));
  if (from->rank < 0) return FIRN_OK;
  firn_shape to = *from;
  if (in > out) {
    if (to.rank == FIRN_MAX_RANK)
      return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                       FIRN_MAX_RANK);
    to.dims[to.rank++] = in / out;
  } else if (in < out) {
    if (to.rank < 1 ||
        (to.dims[to.rank - 1] >= 0 && to.dims[to.rank - 1] * in != out)) {
      char text[256];
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "from %s to %s the last axis must have %lld elements, "
                       "the input has shape %s",
                       firn_dtype_name(q->in[0].dtype),
                       firn_dtype_name(q->out[0].dtype), (long long)(out / in),
                       firn_shape_text(from, text));
    }
    to.rank--;
  }
  q->out[0].shape = to;
  return FIRN_OK;
}

static firn_code drive_bytes(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const size_t bytes = firn_tensor_bytes(run->in[0]);
  if (bytes) memcpy(run->out[0]->data, run->in[0]->data, bytes);
  return FIRN_OK;
}

static const firn_kernel bytes[] = {
    {.drive = drive_bytes, .unaligned = ~0u},
    {.drive = NULL},
};

/* ---- Broadcasting, as arithmetic ---------------------------------------- */

static void put_dim(firn_tensor *out, size_t i, int64_t value) {
  if (out->dtype == FIRN_INT64)
    ((int64_t *)out->data)[i] = value;
  else
    ((int32_t *)out->data)[i] = (int32_t)value;
}

/* Extent k of `rank`, of a shape that is shorter and counts from its end. */
static int64_t dim_from_end(const int64_t *dims, int64_t count, int64_t rank,
                            int64_t k) {
  const int64_t at = k - (rank - count);
  return at < 0 ? 1 : dims[at];
}

static firn_code no_broadcast(int64_t axis, int64_t a, int64_t b,
                              firn_error *err) {
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "s0 and s1 do not broadcast: axis %lld has %lld and %lld "
                   "elements",
                   (long long)axis, (long long)a, (long long)b);
}

static firn_code infer_broadcast_args(firn_infer *q, firn_error *err) {
  const int64_t *a = NULL, *b = NULL;
  int64_t na = -1, nb = -1, dims[FIRN_MAX_INTS];
  FIRN_TRY(firn_infer_rank(q, 0, 1, "s0", NULL, err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "s1", NULL, err));
  firn_infer_ints(q, 0, &a, &na);
  firn_infer_ints(q, 1, &b, &nb);
  q->out[0].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  if (na < 0 || nb < 0) return FIRN_OK;
  const int64_t rank = na > nb ? na : nb;
  q->out[0].shape = firn_shape_vector(rank);
  if ((na && !a) || (nb && !b) || rank > FIRN_MAX_INTS) return FIRN_OK;
  for (int64_t k = 0; k < rank; k++) {
    const int64_t x = dim_from_end(a, na, rank, k),
                  y = dim_from_end(b, nb, rank, k);
    if (x == 1 || y == 1 || x == y)
      dims[k] = x == 1 ? y : x;
    else if (x == FIRN_UNKNOWN_INT || y == FIRN_UNKNOWN_INT)
      dims[k] = x == FIRN_UNKNOWN_INT ? y : x;
    else
      return no_broadcast(k, x, y, err);
  }
  firn_infer_set_ints(q, 0, dims, (size_t)rank);
  return FIRN_OK;
}

static firn_code drive_broadcast_args(const firn_run *run, firn_error *err) {
  const firn_tensor *a = run->in[0], *b = run->in[1];
  firn_tensor *out = run->out[0];
  for (size_t k = 0; k < out->count; k++) {
    const size_t skip_a = out->count - a->count, skip_b = out->count - b->count;
    const int64_t x = k < skip_a ? 1 : firn_tensor_i64(a, k - skip_a),
                  y = k < skip_b ? 1 : firn_tensor_i64(b, k - skip_b);
    if (x != y && x != 1 && y != 1) return no_broadcast((int64_t)k, x, y, err);
    put_dim(out, k, x == 1 ? y : x);
  }
  return FIRN_OK;
}

static firn_code infer_broadcast_gradient_args(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank(q, 0, 1, "s0", NULL, err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "s1", NULL, err));
  q->out[0].shape = q->out[1].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  return FIRN_OK;
}

/* Whether a gradient is summed over axis k on the way back to side 0 or 1. */
typedef struct sums {
  bool same, side[2];
} sums;

static firn_code sums_at(const firn_run *run, size_t rank, size_t k, sums *out,
                         firn_error *err) {
  int64_t dim[2];
  for (int i = 0; i < 2; i++) {
    const size_t skip = rank - run->in[i]->count;
    dim[i] = k < skip ? 1 : firn_tensor_i64(run->in[i], k - skip);
  }
  if (dim[0] != dim[1] && dim[0] != 1 && dim[1] != 1)
    return no_broadcast((int64_t)k, dim[0], dim[1], err);
  out->same = dim[0] == dim[1];
  out->side[0] = dim[0] == 1;
  out->side[1] = dim[1] == 1;
  return FIRN_OK;
}

static firn_code drive_broadcast_gradient_args(const firn_run *run,
                                               firn_error *err) {
  const size_t rank = firn_max_size(run->in[0]->count, run->in[1]->count);
  size_t count[2] = {0, 0};
  bool same = run->in[0]->count == run->in[1]->count;
  sums s;
  for (size_t k = 0; k < rank; k++) {
    FIRN_TRY(sums_at(run, rank, k, &s, err));
    same &= s.same;
    for (int i = 0; i < 2; i++) count[i] += s.side[i];
  }
  for (size_t i = 0; i < 2; i++) {
    const firn_shape shape = firn_shape_vector(same ? 0 : (int64_t)count[i]);
    firn_tensor *out;
    FIRN_TRY(firn_run_output(run, i, &shape, &out, err));
    for (size_t k = 0, n = 0; k < rank && n < out->count; k++) {
      FIRN_TRY(sums_at(run, rank, k, &s, err));
      if (s.side[i]) put_dim(out, n++, (int64_t)k);
    }
  }
  return FIRN_OK;
}

#define SHAPE_TYPE .types = {{"T", FIRN_INDICES}}

static const firn_kernel broadcast_args[] = {
    {SHAPE_TYPE, .drive = drive_broadcast_args},
    {.drive = NULL},
};
static const firn_kernel broadcast_gradient_args[] = {
    {SHAPE_TYPE, .drive = drive_broadcast_gradient_args},
    {.drive = NULL},
};

/* ---- ConcatOffset ------------------------------------------------------- */

static firn_code infer_concat_offset(firn_infer *q, firn_error *err) {
  for (size_t i = 1; i < q->in_count; i++) {
    FIRN_TRY(firn_infer_rank(q, i, 1, "shape", &q->out[i - 1].shape, err));
    if (i > 1) {
      firn_shape both;
      FIRN_TRY(
          firn_shape_merge(&q->out[0].shape, &q->out[i - 1].shape, &both, err));
      q->out[0].shape = both;
    }
  }
  for (size_t i = 1; i < q->out_count; i++) q->out[i].shape = q->out[0].shape;
  return FIRN_OK;
}

static firn_code drive_concat_offset(const firn_run *run, firn_error *err) {
  const size_t rank = run->in[1]->count;
  int64_t offset = 0;
  int axis;
  if (run->in[0]->count != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "concat_dim is no scalar");
  FIRN_TRY(firn_axis(firn_tensor_i64(run->in[0], 0), (int)rank, &axis, err));
  for (size_t i = 1; i < run->in_count; i++) {
    const firn_tensor *shape = run->in[i];
    for (size_t k = 0; k < rank; k++) {
      const int64_t dim = firn_tensor_i64(shape, k);
      const int64_t want = firn_tensor_i64(run->in[1], k);
      if (dim != want && k != (size_t)axis)
        return firn_fail(err, FIRN_INVALID_ARGUMENT,
                         "shape[%zu] has %lld elements on axis %zu, shape[0] "
                         "has %lld",
                         i - 1, (long long)dim, k, (long long)want);
      put_dim(run->out[i - 1], k, k == (size_t)axis ? offset : 0);
    }
    if (!firn_add_i64(offset, firn_tensor_i64(shape, (size_t)axis), &offset) ||
        (run->out[0]->dtype == FIRN_INT32 && offset > INT32_MAX))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "the sum of the extents along axis %d is too large",
                       axis);
  }
  return FIRN_OK;
}

static const firn_kernel concat_offset[] = {
    {.types = {{"shape_type", FIRN_INDICES}}, .drive = drive_concat_offset},
    {.drive = NULL},
};

/* ---- InvertPermutation -------------------------------------------------- */

static firn_code infer_invert(firn_infer *q, firn_error *err) {
  return firn_infer_rank(q, 0, 1, "x", &q->out[0].shape, err);
}

static firn_code drive_invert(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  firn_tensor *y = run->out[0];
  const int64_t n = (int64_t)x->count;
  for (size_t i = 0; i < x->count; i++) put_dim(y, i, -1);
  for (size_t i = 0; i < x->count; i++) {
    const int64_t at = firn_tensor_i64(x, i);
    if (at < 0 || at >= n)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "x[%zu] = %lld is not in [0, %lld)", i, (long long)at,
                       (long long)n);
    if (firn_tensor_i64(y, (size_t)at) != -1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "x has %lld twice",
                       (long long)at);
    put_dim(y, (size_t)at, (int64_t)i);
  }
  return FIRN_OK;
}

static const firn_kernel invert[] = {
    {SHAPE_TYPE, .drive = drive_invert},
    {.drive = NULL},
};

/* ---- The family --------------------------------------------------------- */

static const firn_op ops[] = {
    {"Reshape", infer_reshape, NULL, FIRN_OP_ALIAS},
    {"Squeeze", infer_squeeze, NULL, FIRN_OP_ALIAS},
    {"ExpandDims", infer_expand_dims, NULL, FIRN_OP_ALIAS},
    {"Bitcast", infer_bitcast, bytes, 0},
    {"BroadcastArgs", infer_broadcast_args, broadcast_args, 0},
    {"BroadcastGradientArgs", infer_broadcast_gradient_args,
     broadcast_gradient_args, 0},
    {"ConcatOffset", infer_concat_offset, concat_offset, 0},
    {"InvertPermutation", infer_invert, invert, 0},
};

FIRN_OP_FAMILY(reshape, ops);
