/* ops/make.c: tensors made from a few numbers.
 *
 *   Fill       one value everywhere
 *   Range      start, start + delta, ... before limit
 *   LinSpace   num numbers from start to stop
 *   OneHot     on_value at the index, off_value elsewhere
 */
#include <math.h>

#include "ops/indices.h"
#include "ops/walk.h"

/* ---- Fill --------------------------------------------------------------- */

static firn_code bad_dim(int k, int64_t dim, firn_error *err) {
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "dims[%d] = %lld must not be negative", k, (long long)dim);
}

static firn_code infer_fill(firn_infer *q, firn_error *err) {
  int64_t value, all[FIRN_MAX_INTS], count;
  FIRN_TRY(firn_infer_single(q, 1, "value", err));
  if (q->in[0].shape.rank == 0) { /* a scalar stands for a vector of one */
    int64_t dim = FIRN_UNKNOWN_DIM;
    if (firn_infer_int(q, 0, &dim) && dim < 0) return bad_dim(0, dim, err);
    q->out[0].shape = firn_shape_vector(dim);
  } else {
    FIRN_TRY(firn_infer_shape_of_value(q, 0, &q->out[0].shape, err));
  }
  const firn_shape *out = &q->out[0].shape;
  if (out->rank < 0 || out->rank > 1 || !firn_infer_int(q, 1, &value) ||
      !firn_shape_known(out) || !firn_shape_count(out, &count) ||
      count > FIRN_MAX_INTS)
    return FIRN_OK;
  for (int64_t i = 0; i < count; i++) all[i] = value;
  firn_infer_set_ints(q, 0, all, (size_t)count);
  return FIRN_OK;
}

static firn_code drive_fill(const firn_run *run, firn_error *err) {
  const firn_tensor *dims = run->in[0], *value = run->in[1];
  firn_shape shape = {.rank = (int)dims->count};
  firn_tensor *out;
  for (int k = 0; k < shape.rank; k++) {
    shape.dims[k] = firn_tensor_i64(dims, (size_t)k);
    if (shape.dims[k] < 0) return bad_dim(k, shape.dims[k], err);
  }
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  return firn_fill(out->dtype, out->data, value->data, out->count, err);
}

/* ---- Range -------------------------------------------------------------- */

static firn_code check_way(bool goes_on, bool still, firn_error *err) {
  if (still)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "delta must not be 0");
  if (goes_on) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "delta leads away from limit, not towards it");
}

static firn_code count_ints(int64_t start, int64_t limit, int64_t delta,
                            int64_t *out, firn_error *err) {
  FIRN_TRY(
      check_way(delta > 0 ? start <= limit : start >= limit, delta == 0, err));
  const uint64_t way = delta > 0 ? (uint64_t)limit - (uint64_t)start
                                 : (uint64_t)start - (uint64_t)limit;
  const uint64_t step = delta > 0 ? (uint64_t)delta : -(uint64_t)delta;
  const uint64_t count = way / step + (way % step != 0);
  if (count > INT64_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the range has more than 2^63 - 1 elements");
  *out = (int64_t)count;
  return FIRN_OK;
}

static firn_code count_floats(double start, double limit, double delta,
                              int64_t *out, firn_error *err) {
  FIRN_TRY(
      check_way(delta > 0 ? start <= limit : start >= limit, delta == 0, err));
  const double count = ceil(fabs((limit - start) / delta));
  if (!(count < 9e18))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the range has more than 2^63 - 1 elements");
  *out = (int64_t)count;
  return FIRN_OK;
}

static firn_code range_count(const firn_tensor *start, const firn_tensor *limit,
                             const firn_tensor *delta, int64_t *out,
                             firn_error *err) {
  if (FIRN_BIT(start->dtype) & FIRN_FLOATS)
    return count_floats(firn_tensor_f64(start, 0), firn_tensor_f64(limit, 0),
                        firn_tensor_f64(delta, 0), out, err);
  return count_ints(firn_tensor_i64(start, 0), firn_tensor_i64(limit, 0),
                    firn_tensor_i64(delta, 0), out, err);
}

static firn_code infer_range(firn_infer *q, firn_error *err) {
  static const char *const names[] = {"start", "limit", "delta"};
  int64_t at[3], count, all[FIRN_MAX_INTS];
  bool ints = true;
  for (size_t i = 0; i < 3; i++) {
    FIRN_TRY(firn_infer_single(q, i, names[i], err));
    ints &= firn_infer_int(q, i, &at[i]);
  }
  q->out[0].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  if (ints)
    FIRN_TRY(count_ints(at[0], at[1], at[2], &count, err));
  else if (q->in[0].value && q->in[1].value && q->in[2].value)
    FIRN_TRY(range_count(q->in[0].value, q->in[1].value, q->in[2].value, &count,
                         err));
  else
    return FIRN_OK;
  q->out[0].shape = firn_shape_vector(count);
  if (!ints || count > FIRN_MAX_INTS) return FIRN_OK;
  for (int64_t i = 0; i < count; i++) all[i] = at[0] + i * at[2];
  firn_infer_set_ints(q, 0, all, (size_t)count);
  return FIRN_OK;
}

/* Floats add up delta after delta, as TensorFlow does: rounding included. */
#define RANGE(T, SUM)                                                   \
  static void range_##T(const void *start, const void *delta, void *to, \
                        size_t n) {                                     \
    T value = *(const T *)start, *y = to;                               \
    const T step = *(const T *)delta;                                   \
    for (size_t i = 0; i < n; i++) {                                    \
      y[i] = value;                                                     \
      value = SUM;                                                      \
    }                                                                   \
  }

RANGE(float, value + step)
RANGE(double, value + step)
RANGE(int32_t, (int32_t)((uint32_t)value + (uint32_t)step))
RANGE(int64_t, (int64_t)((uint64_t)value + (uint64_t)step))

static void range_half(const void *start, const void *delta, void *to,
                       size_t n) {
  uint16_t value = *(const uint16_t *)start, *y = to;
  const float step = firn_half_to_float(*(const uint16_t *)delta);
  for (size_t i = 0; i < n; i++) {
    y[i] = value;
    value = firn_half_from_float(firn_half_to_float(value) + step);
  }
}

static void range_bfloat16(const void *start, const void *delta, void *to,
                           size_t n) {
  uint16_t value = *(const uint16_t *)start, *y = to;
  const float step = firn_bfloat16_to_float(*(const uint16_t *)delta);
  for (size_t i = 0; i < n; i++) {
    y[i] = value;
    value = firn_bfloat16_from_float(firn_bfloat16_to_float(value) + step);
  }
}

static firn_code drive_range(const firn_run *run, firn_error *err) {
  int64_t count;
  firn_tensor *out;
  FIRN_TRY(range_count(run->in[0], run->in[1], run->in[2], &count, err));
  const firn_shape shape = firn_shape_vector(count);
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  run->kernel->micro.binary(run->in[0]->data, run->in[2]->data, out->data,
                            out->count);
  return FIRN_OK;
}

#define RANGE_KERNEL(TYPE, FN)                                            \
  {                                                                       \
    .types = {{"Tidx", FIRN_BIT(TYPE)}}, .drive = drive_range, .micro = { \
      .binary = FN                                                        \
    }                                                                     \
  }

static const firn_kernel range[] = {
    RANGE_KERNEL(FIRN_FLOAT, range_float),
    RANGE_KERNEL(FIRN_DOUBLE, range_double),
    RANGE_KERNEL(FIRN_INT32, range_int32_t),
    RANGE_KERNEL(FIRN_INT64, range_int64_t),
    RANGE_KERNEL(FIRN_HALF, range_half),
    RANGE_KERNEL(FIRN_BFLOAT16, range_bfloat16),
    {.drive = NULL},
};

/* ---- LinSpace ----------------------------------------------------------- */

static firn_code check_num(int64_t num, firn_error *err) {
  if (num > 0) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "num = %lld must be positive",
                   (long long)num);
}

static firn_code infer_linspace(firn_infer *q, firn_error *err) {
  static const char *const names[] = {"start", "stop", "num"};
  int64_t num;
  for (size_t i = 0; i < 3; i++)
    FIRN_TRY(firn_infer_rank(q, i, 0, names[i], NULL, err));
  q->out[0].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  if (!firn_infer_int(q, 2, &num)) return FIRN_OK;
  FIRN_TRY(check_num(num, err));
  q->out[0].shape = firn_shape_vector(num);
  return FIRN_OK;
}

static firn_code drive_linspace(const firn_run *run, firn_error *err) {
  const int64_t num = firn_tensor_i64(run->in[2], 0);
  firn_tensor *out;
  FIRN_TRY(check_num(num, err));
  const firn_shape shape = firn_shape_vector(num);
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  const double start = firn_tensor_f64(run->in[0], 0),
               stop = firn_tensor_f64(run->in[1], 0);
  if (out->dtype == FIRN_DOUBLE) {
    double *y = out->data;
    const double step = num > 1 ? (stop - start) / (double)(num - 1) : 0;
    for (int64_t i = 0; i < num; i++) y[i] = start + step * (double)i;
    if (num > 1) y[num - 1] = stop;
    return FIRN_OK;
  }
  float *y = out->data;
  const float first = (float)start, last = (float)stop;
  const float step = num > 1 ? (last - first) / (float)(num - 1) : 0;
  for (int64_t i = 0; i < num; i++) y[i] = first + step * (float)i;
  if (num > 1) y[num - 1] = last;
  return FIRN_OK;
}

/* ---- OneHot ------------------------------------------------------------- */

static firn_code one_hot_shape(const firn_node *node, const firn_shape *indices,
                               int64_t depth, int *axis, firn_shape *out,
                               firn_error *err) {
  if (indices->rank == FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                     FIRN_MAX_RANK);
  if (depth != FIRN_UNKNOWN_INT && depth < 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "depth = %lld must not be negative", (long long)depth);
  const int64_t at = firn_attr_int_or(node, "axis", -1);
  if (at < -1 || at > indices->rank)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'axis' = %lld is not in [-1, %d]", (long long)at,
                     indices->rank);
  *axis = at < 0 ? indices->rank : (int)at;
  *out = (firn_shape){.rank = indices->rank + 1};
  for (int k = 0; k < out->rank; k++)
    out->dims[k] = k == *axis ? (depth < 0 ? FIRN_UNKNOWN_DIM : depth)
                              : indices->dims[k - (k > *axis)];
  return FIRN_OK;
}

static firn_code infer_one_hot(firn_infer *q, firn_error *err) {
  int64_t depth = FIRN_UNKNOWN_INT;
  int axis;
  FIRN_TRY(firn_infer_rank(q, 1, 0, "depth", NULL, err));
  FIRN_TRY(firn_infer_rank(q, 2, 0, "on_value", NULL, err));
  FIRN_TRY(firn_infer_rank(q, 3, 0, "off_value", NULL, err));
  firn_infer_int(q, 1, &depth);
  if (q->in[0].shape.rank < 0) return FIRN_OK;
  return one_hot_shape(q->node, &q->in[0].shape, depth, &axis, &q->out[0].shape,
                       err);
}

static firn_code drive_one_hot(const firn_run *run, firn_error *err) {
  const firn_tensor *indices = run->in[0], *on = run->in[2];
  const int64_t depth = firn_tensor_i64(run->in[1], 0);
  firn_shape shape;
  firn_tensor *out;
  int axis;
  FIRN_TRY(
      one_hot_shape(run->node, &indices->shape, depth, &axis, &shape, err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  if (out->count == 0) return FIRN_OK;
  FIRN_TRY(firn_fill(out->dtype, out->data, run->in[3]->data, out->count, err));
  const int64_t inner = firn_shape_product(&shape, axis + 1, shape.rank);
  for (size_t i = 0; i < indices->count; i++) {
    const int64_t index = firn_tensor_i64(indices, i);
    if (index < 0 || index >= depth) continue;
    const int64_t at =
        ((int64_t)i / inner * depth + index) * inner + (int64_t)i % inner;
    FIRN_TRY(firn_copy(out->dtype, firn_at(out->data, out->dtype, at), on->data,
                       1, err));
  }
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

static const firn_kernel fill[] = {{.drive = drive_fill}, {.drive = NULL}};
static const firn_kernel linspace[] = {
    {.types = {{"T", FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE)}},
     .drive = drive_linspace},
    {.drive = NULL},
};
static const firn_kernel one_hot[] = {
    {.drive = drive_one_hot},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"Fill", infer_fill, fill, 0},
    {"Range", infer_range, range, 0},
    {"LinSpace", infer_linspace, linspace, 0},
    {"OneHot", infer_one_hot, one_hot, 0},
};

FIRN_OP_FAMILY(make, ops);
