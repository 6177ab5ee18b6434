/* ops/count.c: how often, and in which bin.
 *
 *   Bincount, DenseBincount   y[v] = how often v occurs, or the weights' sum
 *   Bucketize                 between which boundaries each value lies
 *   HistogramFixedWidth       how many values in each of nbins equal bins
 *   UnravelIndex              where element i of a shape lies
 */
#include "ops/indices.h"
#include "ops/walk.h"

/* Bins are counted in T. */
#define COUNTED                                                         \
  (FIRN_BIT(FIRN_INT32) | FIRN_BIT(FIRN_INT64) | FIRN_BIT(FIRN_FLOAT) | \
   FIRN_BIT(FIRN_DOUBLE))

/* ---- Bincount ----------------------------------------------------------- */

static bool is_dense(const firn_node *node) {
  return firn_str_is(node->type->name, "DenseBincount");
}

static firn_code check_size(int64_t size, firn_error *err) {
  if (size >= 0) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "size = %lld must not be negative", (long long)size);
}

static firn_code check_weights(const firn_shape *values,
                               const firn_shape *weights, bool exact,
                               firn_error *err) {
  char tv[256], tw[256];
  int64_t count, want;
  if (!firn_shape_known(weights) || !firn_shape_count(weights, &count) ||
      count == 0 || !firn_shape_known(values) ||
      !firn_shape_count(values, &want))
    return FIRN_OK;
  if (exact ? firn_shape_equal(values, weights) : count == want) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "weights have shape %s, must have %s or be empty",
                   firn_shape_text(weights, tw), firn_shape_text(values, tv));
}

static firn_code infer_bincount(firn_infer *q, firn_error *err) {
  const firn_shape *x = &q->in[0].shape;
  const bool dense = is_dense(q->node);
  int64_t size = FIRN_UNKNOWN_DIM;
  FIRN_TRY(firn_infer_rank(q, 1, 0, "size", NULL, err));
  if (firn_infer_int(q, 1, &size)) FIRN_TRY(check_size(size, err));
  FIRN_TRY(check_weights(x, &q->in[2].shape, dense, err));
  if (dense && x->rank > 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "input must have at most 2 axes, has %d", x->rank);
  if (dense && x->rank < 0) return FIRN_OK;
  q->out[0].shape = firn_shape_vector(size);
  if (dense && x->rank == 2)
    q->out[0].shape = (firn_shape){.rank = 2, .dims = {x->dims[0], size}};
  return FIRN_OK;
}

/* bins[value] += weight, or 1; above all bins nothing happens. */
#define COUNT(ID, T)                                                          \
  static void count_##ID(const firn_tensor *x, size_t begin, size_t end,      \
                         const firn_tensor *weights, bool binary, void *bins, \
                         int64_t size) {                                      \
    const T *w = weights->count && !binary ? weights->data : NULL;            \
    T *y = bins;                                                              \
    for (size_t i = begin; i < end; i++) {                                    \
      const int64_t value = firn_index(x, i);                                 \
      if (value >= size) continue;                                            \
      y[value] = binary ? (T)1 : (T)(y[value] + (w ? w[i] : (T)1));           \
    }                                                                         \
  }
COUNT(float, float)
COUNT(double, double)
COUNT(int32, uint32_t)
COUNT(int64, uint64_t)

static firn_code check_values(const firn_tensor *x, firn_error *err) {
  for (size_t i = 0; i < x->count; i++)
    if (firn_index(x, i) < 0) {
      char place[256];
      return firn_fail(
          err, FIRN_INVALID_ARGUMENT, "input[%s] = %lld must not be negative",
          firn_place_text(&x->shape, i, place), (long long)firn_index(x, i));
    }
  return FIRN_OK;
}

static firn_code drive_bincount(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0], *weights = run->in[2];
  const bool dense = is_dense(run->node),
             binary = firn_attr_bool_or(run->node, "binary_output", false);
  const int64_t size = firn_tensor_i64(run->in[1], 0);
  firn_shape shape = firn_shape_vector(size);
  firn_tensor *out;
  FIRN_TRY(check_size(size, err));
  FIRN_TRY(check_values(x, err));
  const bool rows = dense && x->shape.rank == 2;
  if (rows) shape = (firn_shape){.rank = 2, .dims = {x->shape.dims[0], size}};
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  firn_fill_zero(out);
  const size_t n = rows ? (size_t)x->shape.dims[1] : x->count;
  for (size_t begin = 0, row = 0; begin < x->count; begin += n, row++) {
    void *bins = firn_at(out->data, out->dtype, (int64_t)row * size);
    switch ((int)out->dtype) {
      case FIRN_FLOAT:
        count_float(x, begin, begin + n, weights, binary, bins, size);
        break;
      case FIRN_DOUBLE:
        count_double(x, begin, begin + n, weights, binary, bins, size);
        break;
      case FIRN_INT32:
        count_int32(x, begin, begin + n, weights, binary, bins, size);
        break;
      default:
        count_int64(x, begin, begin + n, weights, binary, bins, size);
        break;
    }
  }
  return FIRN_OK;
}

/* ---- Bucketize ---------------------------------------------------------- */

static firn_code boundaries_of(const firn_node *node, const float **out,
                               size_t *count, firn_error *err) {
  const firn_pb_AttrValue *attr = firn_attr(node, "boundaries");
  *out = NULL;
  *count = 0;
  if (attr && attr->value_case == FIRN_ATTR_LIST && attr->list) {
    *out = attr->list->f;
    *count = attr->list->f_count;
  }
  for (size_t i = 1; i < *count; i++)
    if (!((*out)[i - 1] <= (*out)[i]))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "boundaries[%zu] = %g is below the one before", i,
                       (double)(*out)[i]);
  return FIRN_OK;
}

static firn_code infer_bucketize(firn_infer *q, firn_error *err) {
  const float *boundaries;
  size_t count;
  FIRN_TRY(boundaries_of(q->node, &boundaries, &count, err));
  return firn_infer_same(q, err);
}

/* The number of boundaries that are not above the value. */
static int32_t bucket(const float *boundaries, size_t n, double value) {
  size_t lo = 0, hi = n;
  while (lo < hi) {
    const size_t mid = lo + (hi - lo) / 2;
    if (value < (double)boundaries[mid])
      hi = mid;
    else
      lo = mid + 1;
  }
  return (int32_t)lo;
}

static firn_code drive_bucketize(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  int32_t *y = run->out[0]->data;
  const float *boundaries;
  size_t count;
  FIRN_TRY(boundaries_of(run->node, &boundaries, &count, err));
  for (size_t i = 0; i < x->count; i++) {
    double value = firn_tensor_f64(x, i);
    if (x->dtype != FIRN_DOUBLE) value = (double)(float)value;
    y[i] = bucket(boundaries, count, value);
  }
  return FIRN_OK;
}

/* ---- HistogramFixedWidth ------------------------------------------------ */

static firn_code check_bins(int64_t bins, firn_error *err) {
  if (bins > 0) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "nbins = %lld must be positive",
                   (long long)bins);
}

static firn_code infer_histogram(firn_infer *q, firn_error *err) {
  firn_shape range;
  int64_t bins = FIRN_UNKNOWN_DIM, two;
  FIRN_TRY(firn_infer_rank(q, 1, 1, "value_range", &range, err));
  FIRN_TRY(firn_infer_rank(q, 2, 0, "nbins", NULL, err));
  if (!firn_dim_merge(range.dims[0], 2, &two))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "value_range must have 2 elements, has %lld",
                     (long long)range.dims[0]);
  if (firn_infer_int(q, 2, &bins)) FIRN_TRY(check_bins(bins, err));
  q->out[0].shape = firn_shape_vector(bins);
  return FIRN_OK;
}

static firn_code drive_histogram(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  const double low = firn_tensor_f64(run->in[1], 0),
               high = firn_tensor_f64(run->in[1], 1);
  const int64_t bins = firn_tensor_i64(run->in[2], 0);
  const firn_shape shape = firn_shape_vector(bins);
  firn_tensor *out;
  FIRN_TRY(check_bins(bins, err));
  if (!(low < high))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "value_range [%g, %g] is not from low to high", low, high);
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  firn_fill_zero(out);
  const double step = (high - low) / (double)bins;
  for (size_t i = 0; i < x->count; i++) {
    const double value = firn_tensor_f64(x, i);
    if (value != value)
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "values has a NaN");
    const double place = value > low ? (value - low) / step : 0;
    const int64_t at = place < (double)(bins - 1) ? (int64_t)place : bins - 1;
    if (out->dtype == FIRN_INT64)
      ((int64_t *)out->data)[at]++;
    else
      ((int32_t *)out->data)[at]++;
  }
  return FIRN_OK;
}

/* ---- UnravelIndex ------------------------------------------------------- */

static firn_code infer_unravel(firn_infer *q, firn_error *err) {
  const firn_shape *indices = &q->in[0].shape;
  firn_shape dims;
  FIRN_TRY(firn_infer_rank(q, 1, 1, "dims", &dims, err));
  if (indices->rank > 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "indices must be a scalar or a vector, have %d axes",
                     indices->rank);
  if (indices->rank == 0) q->out[0].shape = firn_shape_vector(dims.dims[0]);
  if (indices->rank == 1)
    q->out[0].shape =
        (firn_shape){.rank = 2, .dims = {dims.dims[0], indices->dims[0]}};
  return FIRN_OK;
}

static firn_code drive_unravel(const firn_run *run, firn_error *err) {
  const firn_tensor *indices = run->in[0], *dims = run->in[1];
  firn_tensor *out = run->out[0];
  int64_t total = 1;
  for (size_t k = 0; k < dims->count; k++) {
    const int64_t dim = firn_index(dims, k);
    if (dim == 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "dims[%zu] is 0", k);
    if (dim < 0 || !firn_mul_i64(total, dim, &total))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "dims[%zu] = %lld is negative or too large", k,
                       (long long)dim);
  }
  if (indices->count == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "indices are empty");
  for (size_t i = 0; i < indices->count; i++) {
    int64_t rest = firn_index(indices, i);
    if (rest >= total)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "indices[%zu] = %lld is not in [0, %lld)", i,
                       (long long)rest, (long long)total);
    for (size_t k = dims->count; k-- > 0;) {
      const int64_t dim = firn_index(dims, k), value = rest % dim;
      rest /= dim;
      if (out->dtype == FIRN_INT64)
        ((int64_t *)out->data)[k * indices->count + i] = value;
      else
        ((int32_t *)out->data)[k * indices->count + i] = (int32_t)value;
    }
  }
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(id, ATTR, TYPES)                        \
  static const firn_kernel id[] = {                    \
      {.types = {{ATTR, TYPES}}, .drive = drive_##id}, \
      {.drive = NULL},                                 \
  };

KERNEL(bincount, "T", COUNTED)
KERNEL(bucketize, "T", COUNTED)
KERNEL(histogram, "T", COUNTED)
KERNEL(unravel, "Tidx", FIRN_INDICES)

static const firn_op ops[] = {
    {"Bincount", infer_bincount, bincount, 0},
    {"DenseBincount", infer_bincount, bincount, 0},
    {"Bucketize", infer_bucketize, bucketize, 0},
    {"HistogramFixedWidth", infer_histogram, histogram, 0},
    {"UnravelIndex", infer_unravel, unravel, 0},
};

FIRN_OP_FAMILY(count, ops);
