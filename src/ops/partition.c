/* ops/partition.c: rows dealt out by number, and put together by number.
 *
 *   DynamicPartition        output p has the rows whose partition is p
 *   DynamicStitch           y[indices[i][j]] = data[i][j]; the last one counts
 *   ParallelDynamicStitch   the same, any one counts
 */
#include "ops/indices.h"
#include "ops/walk.h"

/* Fails unless `shape` begins with `front`; both may be unknown. */
static firn_code check_front(const firn_shape *shape, const firn_shape *front,
                             const char *what, firn_error *err) {
  char ts[256], tf[256];
  bool fits = shape->rank >= front->rank;
  int64_t dim;
  if (shape->rank < 0 || front->rank < 0) return FIRN_OK;
  for (int k = 0; fits && k < front->rank; k++)
    fits = firn_dim_merge(shape->dims[k], front->dims[k], &dim);
  if (fits) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "data has shape %s, which must begin with the shape of %s, "
                   "%s",
                   firn_shape_text(shape, ts), what,
                   firn_shape_text(front, tf));
}

/* ---- DynamicPartition --------------------------------------------------- */

static firn_code infer_partition(firn_infer *q, firn_error *err) {
  const firn_shape *data = &q->in[0].shape, *numbers = &q->in[1].shape;
  FIRN_TRY(check_front(data, numbers, "partitions", err));
  if (data->rank < 0 || numbers->rank < 0) return FIRN_OK;
  const firn_shape rows = firn_shape_vector(FIRN_UNKNOWN_DIM);
  for (size_t i = 0; i < q->out_count; i++)
    FIRN_TRY(
        firn_shape_join(&rows, 1, data, numbers->rank, &q->out[i].shape, err));
  return FIRN_OK;
}

/* Makes the outputs by how often each number occurs. */
static firn_code make_parts(const firn_run *run, const int64_t *counts,
                            firn_error *err) {
  for (size_t i = 0; i < run->out_count; i++) {
    const firn_shape rows = firn_shape_vector(counts[i]);
    firn_shape shape;
    FIRN_TRY(firn_shape_join(&rows, 1, &run->in[0]->shape,
                             run->in[1]->shape.rank, &shape, err));
    FIRN_TRY(firn_run_output(run, i, &shape, NULL, err));
  }
  return FIRN_OK;
}

static firn_code deal_out(const firn_run *run, int64_t *counts,
                          firn_error *err) {
  const firn_tensor *data = run->in[0], *numbers = run->in[1];
  const size_t row = (size_t)firn_shape_product(
      &data->shape, numbers->shape.rank, data->shape.rank);
  for (size_t i = 0; i < numbers->count; i++) counts[firn_index(numbers, i)]++;
  FIRN_TRY(make_parts(run, counts, err));
  for (size_t i = 0; i < run->out_count; i++) counts[i] = 0;
  for (size_t i = 0; row && i < numbers->count; i++) {
    const int64_t part = firn_index(numbers, i);
    FIRN_TRY(firn_copy(data->dtype,
                       firn_at(run->out[part]->data, data->dtype,
                               counts[part]++ * (int64_t)row),
                       firn_at(data->data, data->dtype, (int64_t)(i * row)),
                       row, err));
  }
  return FIRN_OK;
}

static firn_code drive_partition(const firn_run *run, firn_error *err) {
  const size_t bytes = run->out_count * sizeof(int64_t);
  FIRN_TRY(firn_indices_check(run->in[1], (int64_t)run->out_count, "partitions",
                              err));
  int64_t *counts = firn_new_zeroed(&run->env->alloc, bytes);
  if (!counts) return firn_oom(err, bytes);
  const firn_code code = deal_out(run, counts, err);
  firn_delete(&run->env->alloc, counts, bytes);
  return code;
}

/* ---- DynamicStitch ------------------------------------------------------ */

/* The shape of the rows that all data agree about: data[i] without the axes of
 * indices[i]. */
static firn_code stitch_row(const firn_shape *indices, const firn_shape *data,
                            size_t i, firn_shape *row, firn_error *err) {
  firn_shape rest;
  FIRN_TRY(check_front(data, indices, "indices", err));
  if (indices->rank < 0 || data->rank < 0) return FIRN_OK;
  FIRN_TRY(firn_shape_join(data, 0, data, indices->rank, &rest, err));
  const firn_code code = firn_shape_merge(row, &rest, row, err);
  return code == FIRN_OK
             ? code
             : firn_while(err, code, "rows of data[0] and data[%zu]", i);
}

static firn_code infer_stitch(firn_infer *q, firn_error *err) {
  const size_t n = q->in_count / 2;
  firn_shape row = firn_shape_unknown(),
             rows = firn_shape_vector(FIRN_UNKNOWN_DIM);
  for (size_t i = 0; i < n; i++)
    FIRN_TRY(stitch_row(&q->in[i].shape, &q->in[n + i].shape, i, &row, err));
  if (row.rank < 0) return FIRN_OK;
  return firn_shape_join(&rows, 1, &row, 0, &q->out[0].shape, err);
}

/* The number of rows: one more than the largest index. */
static int64_t stitched_rows(const firn_run *run, size_t n) {
  int64_t most = -1;
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < run->in[i]->count; k++)
      if (firn_index(run->in[i], k) > most) most = firn_index(run->in[i], k);
  return most + 1;
}

static firn_code drive_stitch(const firn_run *run, firn_error *err) {
  const size_t n = run->in_count / 2;
  firn_shape row = firn_shape_unknown(), shape;
  const firn_shape rows = firn_shape_vector(stitched_rows(run, n));
  firn_tensor *out;
  for (size_t i = 0; i < n; i++) {
    FIRN_TRY(firn_indices_check(run->in[i], rows.dims[0], "indices", err));
    FIRN_TRY(
        stitch_row(&run->in[i]->shape, &run->in[n + i]->shape, i, &row, err));
  }
  FIRN_TRY(firn_shape_join(&rows, 1, &row, 0, &shape, err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  firn_fill_zero(out); /* rows that nobody names */
  const int64_t size = firn_shape_product(&row, 0, row.rank);
  for (size_t i = 0; size && i < n; i++)
    for (size_t k = 0; k < run->in[i]->count; k++)
      FIRN_TRY(firn_copy(
          out->dtype,
          firn_at(out->data, out->dtype, firn_index(run->in[i], k) * size),
          firn_at(run->in[n + i]->data, out->dtype, (int64_t)k * size),
          (size_t)size, err));
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

static const firn_kernel partition[] = {
    {.drive = drive_partition, .unaligned = 1},
    {.drive = NULL},
};
static const firn_kernel stitch[] = {{.drive = drive_stitch}, {.drive = NULL}};

static const firn_op ops[] = {
    {"DynamicPartition", infer_partition, partition, 0},
    {"DynamicStitch", infer_stitch, stitch, 0},
    {"ParallelDynamicStitch", infer_stitch, stitch, 0},
};

FIRN_OP_FAMILY(partition, ops);
