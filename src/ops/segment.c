/* ops/segment.c: rows that are reduced by the number of their segment.
 *
 *   Segment<Op>           numbers in increasing order; a gap becomes 0 (1 of
 *                         a product)
 *   UnsortedSegment<Op>   any order, num_segments of them; a negative number
 *                         drops the row; a gap becomes what changes nothing
 *   Segment<Op>V2         the latter
 */
#include "ops/segment.h"

#include <float.h>
#include <math.h>

#include "ops/walk.h"

/* What an op does: its kernel's micro.table. */
typedef struct mode {
  firn_combine op;
  bool mean;
} mode;

/* ---- Numbers ------------------------------------------------------------ */

void firn_put_number(firn_dtype dtype, void *to, double value) {
  const float single[2] = {(float)value, 0};
  const double twice[2] = {value, 0};
  const int64_t integer =
      FIRN_BIT(dtype) & FIRN_INTS ? (int64_t)value : 0; /* little-endian */
  const uint16_t half = firn_half_from_float((float)value),
                 brain = firn_bfloat16_from_float((float)value);
  const void *from = &integer;
  if (dtype == FIRN_FLOAT || dtype == FIRN_COMPLEX64) from = single;
  if (dtype == FIRN_DOUBLE || dtype == FIRN_COMPLEX128) from = twice;
  if (dtype == FIRN_HALF) from = &half;
  if (dtype == FIRN_BFLOAT16) from = &brain;
  memcpy(to, from, firn_dtype_size(dtype));
}

/* The highest or lowest finite number of a real type. */
static void put_limit(firn_dtype dtype, void *to, bool highest) {
  const size_t bits = 8 * firn_dtype_size(dtype);
  const uint64_t ones = UINT64_MAX >> (64 - bits);
  const bool is_signed = FIRN_BIT(dtype) & FIRN_SIGNED_INTS;
  uint64_t integer = is_signed ? ones >> 1 : ones; /* the highest one */
  if (!highest) integer = ~integer;
  switch ((int)dtype) {
    case FIRN_FLOAT:
      firn_put_number(dtype, to, highest ? FLT_MAX : -FLT_MAX);
      return;
    case FIRN_DOUBLE:
      firn_put_number(dtype, to, highest ? DBL_MAX : -DBL_MAX);
      return;
    case FIRN_HALF:
      firn_put_number(dtype, to, highest ? 65504 : -65504);
      return;
    case FIRN_BFLOAT16: integer = highest ? 0x7f7f : 0xff7f; break;
    default: break;
  }
  memcpy(to, &integer, firn_dtype_size(dtype));
}

firn_code firn_segment_mean(firn_dtype dtype, void *to, size_t n, int64_t count,
                            bool root, firn_error *err) {
  uint64_t number[2];
  if (count <= 1) return FIRN_OK;
  firn_put_number(dtype, number, root ? sqrt((double)count) : (double)count);
  return firn_combine_run(FIRN_COMBINE_DIV, dtype, to, number, n, 0, err);
}

/* ---- Sorted numbers ----------------------------------------------------- */

firn_code firn_segments_sorted(const firn_tensor *ids, int64_t *rows,
                               firn_error *err) {
  *rows = 0;
  for (size_t i = 0; i < ids->count; i++) {
    const int64_t id = firn_index(ids, i);
    if (id < 0 || id == INT64_MAX || id + 1 < *rows)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       id < 0 ? "segment_ids[%zu] = %lld must not be negative"
                              : "segment_ids[%zu] = %lld is below the one "
                                "before: they must be sorted",
                       i, (long long)id);
    *rows = id + 1;
  }
  return FIRN_OK;
}

static firn_code infer_sorted(firn_infer *q, firn_error *err) {
  const firn_shape *data = &q->in[0].shape,
                   rows = firn_shape_vector(FIRN_UNKNOWN_DIM);
  firn_shape ids;
  int64_t n;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "data", err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "segment_ids", &ids, err));
  if (data->rank < 0) return FIRN_OK;
  if (!firn_dim_merge(data->dims[0], ids.dims[0], &n))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "segment_ids has %lld elements, data %lld rows",
                     (long long)ids.dims[0], (long long)data->dims[0]);
  return firn_shape_join(&rows, 1, data, 1, &q->out[0].shape, err);
}

static firn_code drive_sorted(const firn_run *run, firn_error *err) {
  const mode *m = run->kernel->micro.table;
  const firn_tensor *data = run->in[0], *ids = run->in[1];
  firn_shape shape = data->shape;
  firn_tensor *out;
  uint64_t number[2];
  FIRN_TRY(firn_segments_sorted(ids, &shape.dims[0], err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  firn_put_number(out->dtype, number, m->op == FIRN_COMBINE_MUL);
  FIRN_TRY(firn_fill(out->dtype, out->data, number, out->count, err));
  const int64_t row = firn_shape_product(&shape, 1, shape.rank);
  size_t first = 0; /* of the segment */
  for (size_t i = 0; row && i < ids->count; i++) {
    const int64_t id = firn_index(ids, i);
    void *to = firn_at(out->data, out->dtype, id * row);
    if (i == 0 || firn_index(ids, i - 1) != id) first = i;
    FIRN_TRY(firn_combine_run(first == i ? FIRN_COMBINE_SET : m->op, out->dtype,
                              to,
                              firn_at(data->data, out->dtype, (int64_t)i * row),
                              (size_t)row, 1, err));
    if (m->mean && (i + 1 == ids->count || firn_index(ids, i + 1) != id))
      FIRN_TRY(firn_segment_mean(out->dtype, to, (size_t)row,
                                 (int64_t)(i + 1 - first), false, err));
  }
  return FIRN_OK;
}

/* ---- Unsorted numbers --------------------------------------------------- */

static firn_code check_segments(int64_t n, firn_error *err) {
  if (n >= 0) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "num_segments = %lld must not be negative", (long long)n);
}

static firn_code infer_unsorted(firn_infer *q, firn_error *err) {
  const firn_shape *data = &q->in[0].shape, *ids = &q->in[1].shape;
  firn_shape rows = firn_shape_vector(FIRN_UNKNOWN_DIM);
  char td[256], ti[256];
  FIRN_TRY(firn_infer_rank(q, 2, 0, "num_segments", NULL, err));
  if (firn_infer_int(q, 2, &rows.dims[0]))
    FIRN_TRY(check_segments(rows.dims[0], err));
  if (data->rank < 0 || ids->rank < 0) return FIRN_OK;
  bool fits = ids->rank <= data->rank;
  int64_t dim;
  for (int k = 0; fits && k < ids->rank; k++)
    fits = firn_dim_merge(data->dims[k], ids->dims[k], &dim);
  if (!fits)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "data has shape %s, which must begin with the shape of "
                     "segment_ids, %s",
                     firn_shape_text(data, td), firn_shape_text(ids, ti));
  return firn_shape_join(&rows, 1, data, ids->rank, &q->out[0].shape, err);
}

static void put_neutral(firn_dtype dtype, firn_combine op, void *to) {
  if (op == FIRN_COMBINE_MIN || op == FIRN_COMBINE_MAX)
    put_limit(dtype, to, op == FIRN_COMBINE_MIN);
  else
    firn_put_number(dtype, to, op == FIRN_COMBINE_MUL);
}

static firn_code drive_unsorted(const firn_run *run, firn_error *err) {
  const mode *m = run->kernel->micro.table;
  const firn_tensor *data = run->in[0], *ids = run->in[1];
  const firn_shape rows = firn_shape_vector(firn_tensor_i64(run->in[2], 0));
  firn_shape shape;
  firn_tensor *out;
  uint64_t number[2];
  FIRN_TRY(check_segments(rows.dims[0], err));
  FIRN_TRY(
      firn_shape_join(&rows, 1, &data->shape, ids->shape.rank, &shape, err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  put_neutral(out->dtype, m->op, number);
  FIRN_TRY(firn_fill(out->dtype, out->data, number, out->count, err));
  const int64_t row = firn_shape_product(&shape, 1, shape.rank);
  for (size_t i = 0; row && i < ids->count; i++) {
    const int64_t id = firn_index(ids, i);
    char place[256];
    if (id < 0) continue;
    if (id >= rows.dims[0])
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "segment_ids[%s] = %lld is not below num_segments = "
                       "%lld",
                       firn_place_text(&ids->shape, i, place), (long long)id,
                       (long long)rows.dims[0]);
    FIRN_TRY(firn_combine_run(m->op, out->dtype,
                              firn_at(out->data, out->dtype, id * row),
                              firn_at(data->data, out->dtype, (int64_t)i * row),
                              (size_t)row, 1, err));
  }
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define REALS (FIRN_FLOATS | FIRN_INTS)

#define KERNELS(id, OP, MEAN, TYPES)           \
  static const mode id##_mode = {OP, MEAN};    \
  static const firn_kernel sorted_##id[] = {   \
      {.types = {{"T", TYPES}},                \
       .drive = drive_sorted,                  \
       .micro = {.table = &id##_mode}},        \
      {.drive = NULL},                         \
  };                                           \
  static const firn_kernel unsorted_##id[] = { \
      {.types = {{"T", TYPES}},                \
       .drive = drive_unsorted,                \
       .micro = {.table = &id##_mode}},        \
      {.drive = NULL},                         \
  };

KERNELS(sum, FIRN_COMBINE_ADD, false, FIRN_NUMBERS)
KERNELS(prod, FIRN_COMBINE_MUL, false, FIRN_NUMBERS)
KERNELS(max, FIRN_COMBINE_MAX, false, REALS)
KERNELS(min, FIRN_COMBINE_MIN, false, REALS)

static const mode mean_mode = {FIRN_COMBINE_ADD, true};
static const firn_kernel sorted_mean[] = {
    {.types = {{"T", FIRN_NUMBERS}},
     .drive = drive_sorted,
     .micro = {.table = &mean_mode}},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"SegmentSum", infer_sorted, sorted_sum, 0},
    {"SegmentMean", infer_sorted, sorted_mean, 0},
    {"SegmentProd", infer_sorted, sorted_prod, 0},
    {"SegmentMax", infer_sorted, sorted_max, 0},
    {"SegmentMin", infer_sorted, sorted_min, 0},
    {"SegmentSumV2", infer_unsorted, unsorted_sum, 0},
    {"SegmentProdV2", infer_unsorted, unsorted_prod, 0},
    {"SegmentMaxV2", infer_unsorted, unsorted_max, 0},
    {"SegmentMinV2", infer_unsorted, unsorted_min, 0},
    {"UnsortedSegmentSum", infer_unsorted, unsorted_sum, 0},
    {"UnsortedSegmentProd", infer_unsorted, unsorted_prod, 0},
    {"UnsortedSegmentMax", infer_unsorted, unsorted_max, 0},
    {"UnsortedSegmentMin", infer_unsorted, unsorted_min, 0},
};

FIRN_OP_FAMILY(segment, ops);
