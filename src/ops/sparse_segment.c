/* ops/sparse_segment.c: rows picked by index, then reduced by segment: what an
 * embedding lookup of several words a row is made of.
 *
 *   SparseSegment<Op>              y[s] = reduction of data[indices[i]] over
 *                                  the i with segment_ids[i] = s
 *   ...WithNumSegments             with as many rows as wanted
 *   SparseSegment<Op>Grad          dx[indices[i]] += dy[segment_ids[i]] * scale
 *   SparseSegment<Op>GradV2        only the rows of dx that occur, and which
 *
 * Op is Sum, Mean (scale 1 / count) or SqrtN (scale 1 / sqrt(count)).
 */
#include <stdlib.h>

#include "ops/segment.h"
#include "ops/walk.h"

typedef enum mode { SUM, MEAN, SQRT_N } mode;

static firn_code check_pairs(const firn_shape *indices, const firn_shape *ids,
                             firn_error *err) {
  int64_t n;
  if (firn_dim_merge(indices->dims[0], ids->dims[0], &n)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "indices has %lld elements, segment_ids %lld",
                   (long long)indices->dims[0], (long long)ids->dims[0]);
}

/* ---- Forward ------------------------------------------------------------ */

static firn_code check_segments(int64_t n, firn_error *err) {
  if (n >= 0) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "num_segments = %lld must not be negative", (long long)n);
}

static firn_code infer_forward(firn_infer *q, firn_error *err) {
  firn_shape rows = firn_shape_vector(FIRN_UNKNOWN_DIM), indices, ids;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "data", err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "indices", &indices, err));
  FIRN_TRY(firn_infer_rank(q, 2, 1, "segment_ids", &ids, err));
  FIRN_TRY(check_pairs(&indices, &ids, err));
  if (q->in_count > 3) {
    FIRN_TRY(firn_infer_rank(q, 3, 0, "num_segments", NULL, err));
    if (firn_infer_int(q, 3, &rows.dims[0]))
      FIRN_TRY(check_segments(rows.dims[0], err));
  }
  if (q->in[0].shape.rank < 0) return FIRN_OK;
  return firn_shape_join(&rows, 1, &q->in[0].shape, 1, &q->out[0].shape, err);
}

static firn_code forward_shape(const firn_run *run, firn_shape *shape,
                               firn_error *err) {
  int64_t rows;
  *shape = run->in[0]->shape;
  FIRN_TRY(firn_segments_sorted(run->in[2], &rows, err));
  shape->dims[0] = rows;
  if (run->in_count <= 3) return FIRN_OK;
  shape->dims[0] = firn_tensor_i64(run->in[3], 0);
  FIRN_TRY(check_segments(shape->dims[0], err));
  if (rows <= shape->dims[0]) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "segment id %lld is not below num_segments = %lld",
                   (long long)rows - 1, (long long)shape->dims[0]);
}

static firn_code drive_forward(const firn_run *run, firn_error *err) {
  const mode *m = run->kernel->micro.table;
  const firn_tensor *data = run->in[0], *indices = run->in[1],
                    *ids = run->in[2];
  firn_shape shape;
  firn_tensor *out;
  FIRN_TRY(forward_shape(run, &shape, err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  FIRN_TRY(firn_indices_check(indices, data->shape.dims[0], "indices", err));
  firn_fill_zero(out);
  const int64_t row = firn_shape_product(&shape, 1, shape.rank);
  size_t first = 0;
  for (size_t i = 0; row && i < ids->count; i++) {
    const int64_t id = firn_index(ids, i);
    void *to = firn_at(out->data, out->dtype, id * row);
    if (i == 0 || firn_index(ids, i - 1) != id) first = i;
    FIRN_TRY(firn_combine_run(
        first == i ? FIRN_COMBINE_SET : FIRN_COMBINE_ADD, out->dtype, to,
        firn_at(data->data, out->dtype, firn_index(indices, i) * row),
        (size_t)row, 1, err));
    if (*m != SUM && (i + 1 == ids->count || firn_index(ids, i + 1) != id))
      FIRN_TRY(firn_segment_mean(out->dtype, to, (size_t)row,
                                 (int64_t)(i + 1 - first), *m == SQRT_N, err));
  }
  return FIRN_OK;
}

/* ---- Backward ----------------------------------------------------------- */

static firn_code check_rows(int64_t rows, firn_error *err) {
  if (rows >= 0) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "output_dim0 = %lld must not be negative", (long long)rows);
}

static firn_code infer_backward(firn_infer *q, firn_error *err) {
  const bool v2 = q->out_count > 1;
  firn_shape rows = firn_shape_vector(FIRN_UNKNOWN_DIM), indices, ids;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "grad", err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "indices", &indices, err));
  FIRN_TRY(firn_infer_rank(q, 2, 1, "segment_ids", &ids, err));
  FIRN_TRY(firn_infer_rank(q, 3, 0, "output_dim0", NULL, err));
  FIRN_TRY(check_pairs(&indices, &ids, err));
  if (firn_infer_int(q, 3, &rows.dims[0]))
    FIRN_TRY(check_rows(rows.dims[0], err));
  if (v2) rows.dims[0] = FIRN_UNKNOWN_DIM;
  if (v2) q->out[1].shape = rows;
  if (q->in[0].shape.rank < 0) return FIRN_OK;
  return firn_shape_join(&rows, 1, &q->in[0].shape, 1, &q->out[0].shape, err);
}

/* The gradients with their scales: a copy in `to`, counts in `counts`. */
static firn_code scale_rows(const firn_tensor *grad, const firn_tensor *ids,
                            mode m, int64_t row, void *to, int64_t *counts,
                            firn_error *err) {
  FIRN_TRY(firn_copy(grad->dtype, to, grad->data, grad->count, err));
  if (m == SUM) return FIRN_OK;
  for (size_t i = 0; i < ids->count; i++) counts[firn_index(ids, i)]++;
  for (int64_t s = 0; s < grad->shape.dims[0]; s++)
    FIRN_TRY(firn_segment_mean(grad->dtype, firn_at(to, grad->dtype, s * row),
                               (size_t)row, counts[s], m == SQRT_N, err));
  return FIRN_OK;
}

static int by_value(const void *pa, const void *pb) {
  const int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;
  return (a > b) - (a < b);
}

/* The row of the result for index `value`: the place among the sorted ones. */
static int64_t place_of(const int64_t *sorted, int64_t n, int64_t value) {
  int64_t lo = 0, hi = n;
  while (hi - lo > 1) {
    const int64_t mid = lo + (hi - lo) / 2;
    if (sorted[mid] <= value)
      lo = mid;
    else
      hi = mid;
  }
  return lo;
}

/* The distinct indices in order, as output 1; their number. */
static firn_code put_distinct(const firn_run *run, int64_t *sorted,
                              int64_t *count, firn_error *err) {
  const firn_tensor *indices = run->in[1];
  int64_t n = 0;
  firn_tensor *out;
  for (size_t i = 0; i < indices->count; i++)
    sorted[i] = firn_index(indices, i);
  if (indices->count) qsort(sorted, indices->count, sizeof *sorted, by_value);
  for (size_t i = 0; i < indices->count; i++)
    if (n == 0 || sorted[n - 1] != sorted[i]) sorted[n++] = sorted[i];
  const firn_shape shape = firn_shape_vector(n);
  FIRN_TRY(firn_run_output(run, 1, &shape, &out, err));
  for (int64_t i = 0; i < n; i++)
    if (out->dtype == FIRN_INT64)
      ((int64_t *)out->data)[i] = sorted[i];
    else
      ((int32_t *)out->data)[i] = (int32_t)sorted[i];
  *count = n;
  return FIRN_OK;
}

/* `scratch` has room for the scaled gradients, their counts and the indices. */
static firn_code backward(const firn_run *run, char *scratch, firn_error *err) {
  const mode *m = run->kernel->micro.table;
  const firn_tensor *grad = run->in[0], *indices = run->in[1],
                    *ids = run->in[2];
  const bool v2 = run->out_count > 1;
  const int64_t row = firn_shape_product(&grad->shape, 1, grad->shape.rank);
  int64_t *counts = (int64_t *)scratch, *sorted = counts + grad->shape.dims[0];
  void *scaled = sorted + indices->count;
  firn_shape shape = grad->shape;
  firn_tensor *out;
  shape.dims[0] = firn_tensor_i64(run->in[3], 0);
  if (v2) FIRN_TRY(put_distinct(run, sorted, &shape.dims[0], err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  FIRN_TRY(scale_rows(grad, ids, *m, row, scaled, counts, err));
  firn_fill_zero(out);
  for (size_t i = 0; row && i < ids->count; i++) {
    const int64_t index = firn_index(indices, i);
    const int64_t to = v2 ? place_of(sorted, shape.dims[0], index) : index;
    FIRN_TRY(firn_combine_run(
        FIRN_COMBINE_ADD, out->dtype, firn_at(out->data, out->dtype, to * row),
        firn_at(scaled, out->dtype, firn_index(ids, i) * row), (size_t)row, 1,
        err));
  }
  return FIRN_OK;
}

static firn_code drive_backward(const firn_run *run, firn_error *err) {
  const firn_tensor *grad = run->in[0];
  const int64_t rows = firn_tensor_i64(run->in[3], 0);
  FIRN_TRY(check_rows(rows, err));
  FIRN_TRY(firn_indices_check(run->in[1], rows, "indices", err));
  FIRN_TRY(
      firn_indices_check(run->in[2], grad->shape.dims[0], "segment_ids", err));
  const size_t bytes =
      ((size_t)grad->shape.dims[0] + run->in[1]->count) * sizeof(int64_t) +
      firn_tensor_bytes(grad);
  char *scratch = firn_new_zeroed(&run->env->alloc, bytes + 1);
  if (!scratch) return firn_oom(err, bytes);
  const firn_code code = backward(run, scratch, err);
  firn_delete(&run->env->alloc, scratch, bytes + 1);
  return code;
}

/* ---- The family --------------------------------------------------------- */

#define REALS (FIRN_FLOATS | FIRN_INTS)

#define KERNELS(id, MODE, TYPES)           \
  static const mode id##_mode = MODE;      \
  static const firn_kernel id[] = {        \
      {.types = {{"T", TYPES}},            \
       .drive = drive_forward,             \
       .micro = {.table = &id##_mode}},    \
      {.drive = NULL},                     \
  };                                       \
  static const firn_kernel id##_grad[] = { \
      {.types = {{"T", FIRN_FLOATS}},      \
       .drive = drive_backward,            \
       .micro = {.table = &id##_mode}},    \
      {.drive = NULL},                     \
  };

KERNELS(sum, SUM, REALS)
KERNELS(mean, MEAN, FIRN_FLOATS)
KERNELS(sqrt_n, SQRT_N, FIRN_FLOATS)

static const firn_op ops[] = {
    {"SparseSegmentSum", infer_forward, sum, 0},
    {"SparseSegmentMean", infer_forward, mean, 0},
    {"SparseSegmentSqrtN", infer_forward, sqrt_n, 0},
    {"SparseSegmentSumWithNumSegments", infer_forward, sum, 0},
    {"SparseSegmentMeanWithNumSegments", infer_forward, mean, 0},
    {"SparseSegmentSqrtNWithNumSegments", infer_forward, sqrt_n, 0},
    {"SparseSegmentSumGrad", infer_backward, sum_grad, 0},
    {"SparseSegmentMeanGrad", infer_backward, mean_grad, 0},
    {"SparseSegmentSqrtNGrad", infer_backward, sqrt_n_grad, 0},
    {"SparseSegmentSumGradV2", infer_backward, sum_grad, 0},
    {"SparseSegmentMeanGradV2", infer_backward, mean_grad, 0},
    {"SparseSegmentSqrtNGradV2", infer_backward, sqrt_n_grad, 0},
};

FIRN_OP_FAMILY(sparse_segment, ops);
