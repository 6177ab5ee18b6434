/* ops/ragged.c: rows of different lengths, as values and row splits.
 *
 *   RaggedRange            one range after another
 *   RaggedGather           rows by their numbers
 *   RaggedTensorToSparse   with the indices written out
 *   RaggedTensorToTensor   filled up to equal lengths
 *
 * Row i is values[splits[i] .. splits[i + 1]). Nested splits cut the splits
 * below them into rows in turn.
 */
#include <math.h>

#include "ops/sparse.h"
#include "ops/walk.h"

/* ---- Splits ------------------------------------------------------------- */

/* At least one, from 0 on, never decreasing, ending at `end`. */
static firn_code check_splits(const firn_tensor *splits, size_t number,
                              int64_t end, firn_error *err) {
  const size_t n = splits->count;
  if (n == 0 || firn_index(splits, 0) != 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "row splits %zu must begin with 0", number);
  for (size_t i = 1; i < n; i++)
    if (firn_index(splits, i) < firn_index(splits, i - 1))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "row splits %zu must not decrease, but have %lld after "
                       "%lld",
                       number, (long long)firn_index(splits, i),
                       (long long)firn_index(splits, i - 1));
  if (end >= 0 && firn_index(splits, n - 1) != end)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "row splits %zu end with %lld, what they split has %lld "
                     "rows",
                     number, (long long)firn_index(splits, n - 1),
                     (long long)end);
  return FIRN_OK;
}

/* All splits of inputs [first, first + count), and the values after them. */
static firn_code check_nested(const firn_run *run, size_t count,
                              firn_error *err) {
  for (size_t i = 0; i < count; i++) {
    const firn_tensor *below = run->in[i + 1];
    if (i + 1 == count && below->shape.rank < 1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "the values must have at least 1 axis");
    const int64_t rows =
        i + 1 == count ? below->shape.dims[0] : (int64_t)below->count - 1;
    FIRN_TRY(check_splits(run->in[i], i, rows, err));
  }
  return FIRN_OK;
}

static void put_index(firn_tensor *t, size_t i, int64_t value) {
  if (t->dtype == FIRN_INT64)
    ((int64_t *)t->data)[i] = value;
  else
    ((int32_t *)t->data)[i] = (int32_t)value;
}

/* ---- RaggedRange -------------------------------------------------------- */

static firn_code infer_range(firn_infer *q, firn_error *err) {
  static const char *const names[] = {"starts", "limits", "deltas"};
  firn_shape rows = firn_shape_scalar();
  bool known = true;
  for (size_t i = 0; i < 3; i++) {
    const firn_shape *s = &q->in[i].shape;
    if (s->rank > 1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "%s must be a scalar or a vector", names[i]);
    known &= s->rank >= 0;
    if (s->rank != 1) continue;
    if (rows.rank == 0) rows = *s;
    if (!firn_dim_merge(rows.dims[0], s->dims[0], &rows.dims[0]))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "%s has %lld elements, those before have %lld", names[i],
                       (long long)s->dims[0], (long long)rows.dims[0]);
  }
  q->out[1].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  q->out[0].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  if (rows.rank == 1 && rows.dims[0] >= 0)
    q->out[0].shape.dims[0] = rows.dims[0] + 1;
  else if (rows.rank == 0 && known)
    q->out[0].shape.dims[0] = 2;
  return FIRN_OK;
}

static size_t row_of(const firn_tensor *t, size_t row) {
  return t->shape.rank ? row : 0;
}

static firn_code range_size(const firn_run *run, size_t row, int64_t *out,
                            firn_error *err) {
  const size_t at[3] = {row_of(run->in[0], row), row_of(run->in[1], row),
                        row_of(run->in[2], row)};
  *out = 0;
  if (firn_tensor_f64(run->in[2], at[2]) == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "deltas[%zu] must not be 0",
                     row);
  if (FIRN_BIT(run->in[0]->dtype) & FIRN_FLOATS) {
    const double start = firn_tensor_f64(run->in[0], at[0]),
                 limit = firn_tensor_f64(run->in[1], at[1]),
                 delta = firn_tensor_f64(run->in[2], at[2]);
    if (!(delta > 0 ? start < limit : start > limit)) return FIRN_OK;
    const double count = ceil(fabs((limit - start) / delta));
    if (!(count < 9e18))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "range %zu has more than 2^63 - 1 elements", row);
    *out = (int64_t)count;
    return FIRN_OK;
  }
  const int64_t start = firn_tensor_i64(run->in[0], at[0]),
                limit = firn_tensor_i64(run->in[1], at[1]),
                delta = firn_tensor_i64(run->in[2], at[2]);
  if (!(delta > 0 ? start < limit : start > limit)) return FIRN_OK;
  const uint64_t way = delta > 0 ? (uint64_t)limit - (uint64_t)start
                                 : (uint64_t)start - (uint64_t)limit;
  const uint64_t step = delta > 0 ? (uint64_t)delta : -(uint64_t)delta;
  const uint64_t count = way / step + (way % step != 0);
  if (count > INT64_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "range %zu has more than 2^63 - 1 elements", row);
  *out = (int64_t)count;
  return FIRN_OK;
}

/* Delta is added again and again, rounding as it goes. */
#define RANGES(ID, T, SUM)                                                \
  static void ranges_##ID(const firn_run *run, const firn_tensor *splits, \
                          firn_tensor *out) {                             \
    const T *starts = run->in[0]->data, *deltas = run->in[2]->data;       \
    T *y = out->data;                                                     \
    for (size_t row = 0; row + 1 < splits->count; row++) {                \
      T value = starts[row_of(run->in[0], row)];                          \
      const T delta = deltas[row_of(run->in[2], row)];                    \
      for (int64_t i = firn_index(splits, row);                           \
           i < firn_index(splits, row + 1); i++) {                        \
        y[i] = value;                                                     \
        value = SUM;                                                      \
      }                                                                   \
    }                                                                     \
  }

RANGES(float, float, value + delta)
RANGES(double, double, value + delta)
RANGES(int32, uint32_t, value + delta)
RANGES(int64, uint64_t, value + delta)
static firn_code drive_range(const firn_run *run, firn_error *err) {
  size_t rows = 1;
  for (size_t i = 0; i < 3; i++)
    if (run->in[i]->shape.rank == 1) rows = run->in[i]->count;
  const firn_shape shape = firn_shape_vector((int64_t)rows + 1);
  firn_tensor *splits, *out;
  int64_t total = 0, size;
  FIRN_TRY(firn_run_output(run, 0, &shape, &splits, err));
  put_index(splits, 0, 0);
  for (size_t row = 0; row < rows; row++) {
    FIRN_TRY(range_size(run, row, &size, err));
    if (!firn_add_i64(total, size, &total) ||
        (splits->dtype == FIRN_INT32 && total > INT32_MAX))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "the ranges have too many elements for %s splits",
                       firn_dtype_name(splits->dtype));
    put_index(splits, row + 1, total);
  }
  const firn_shape vector = firn_shape_vector(total);
  FIRN_TRY(firn_run_output(run, 1, &vector, &out, err));
  switch ((int)out->dtype) {
    case FIRN_FLOAT: ranges_float(run, splits, out); break;
    case FIRN_DOUBLE: ranges_double(run, splits, out); break;
    case FIRN_INT32: ranges_int32(run, splits, out); break;
    default: ranges_int64(run, splits, out); break;
  }
  return FIRN_OK;
}

/* ---- RaggedGather ------------------------------------------------------- */

static firn_code infer_gather(firn_infer *q, firn_error *err) {
  const size_t nested = q->in_count - 2;
  const int64_t ragged = firn_attr_int_or(q->node, "OUTPUT_RAGGED_RANK", 0);
  const firn_shape *values = &q->in[nested].shape,
                   *indices = &q->in[nested + 1].shape;
  for (size_t i = 0; i < nested; i++)
    FIRN_TRY(firn_infer_rank(q, i, 1, "params_nested_splits", NULL, err));
  FIRN_TRY(firn_infer_rank_at_least(q, nested, 1, "params_dense_values", err));
  if (indices->rank >= 0 && indices->rank + (int64_t)nested - 1 != ragged)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'OUTPUT_RAGGED_RANK' is %lld, must be %lld",
                     (long long)ragged,
                     (long long)indices->rank + (long long)nested - 1);
  for (size_t i = 0; i + 1 < q->out_count; i++)
    q->out[i].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  if (values->rank < 0) return FIRN_OK;
  q->out[q->out_count - 1].shape = *values;
  q->out[q->out_count - 1].shape.dims[0] = FIRN_UNKNOWN_DIM;
  return FIRN_OK;
}

/* The splits that the axes of `indices` make: rows of equal lengths. */
static firn_code put_even_splits(const firn_run *run, const firn_shape *indices,
                                 firn_error *err) {
  int64_t rows = indices->rank ? indices->dims[0] : 1;
  for (int k = 1; k < indices->rank; k++) {
    const firn_shape shape = firn_shape_vector(rows + 1);
    firn_tensor *splits;
    FIRN_TRY(firn_run_output(run, (size_t)k - 1, &shape, &splits, err));
    for (int64_t i = 0; i <= rows; i++)
      put_index(splits, (size_t)i, i * indices->dims[k]);
    rows *= indices->dims[k];
  }
  return FIRN_OK;
}

/* Rows that are gathered: [begin[i], end[i]) of what lies at one depth. */
typedef struct spans {
  int64_t *begin, *end;
  size_t n;
} spans;

/* Replaces each span by what its splits say about the depth below, and writes
 * the lengths as output splits. */
static firn_code descend(const firn_run *run, size_t depth, size_t output,
                         const spans *s, firn_error *err) {
  const firn_tensor *splits = run->in[depth];
  int64_t total = 0;
  size_t at = 0;
  firn_tensor *out;
  for (size_t i = 0; i < s->n; i++) total += s->end[i] - s->begin[i];
  const firn_shape shape = firn_shape_vector(total + 1);
  FIRN_TRY(firn_run_output(run, output, &shape, &out, err));
  int64_t sum = 0;
  put_index(out, at++, 0);
  for (size_t i = 0; i < s->n; i++) {
    for (int64_t r = s->begin[i]; r < s->end[i]; r++) {
      sum += firn_index(splits, (size_t)r + 1) - firn_index(splits, (size_t)r);
      put_index(out, at++, sum);
    }
    s->begin[i] = firn_index(splits, (size_t)s->begin[i]);
    s->end[i] = firn_index(splits, (size_t)s->end[i]);
  }
  return FIRN_OK;
}

static firn_code put_values(const firn_run *run, const firn_tensor *values,
                            const spans *s, firn_error *err) {
  firn_shape shape = values->shape;
  const int64_t row = firn_shape_product(&shape, 1, shape.rank);
  int64_t total = 0, at = 0;
  firn_tensor *out;
  for (size_t i = 0; i < s->n; i++) total += s->end[i] - s->begin[i];
  shape.dims[0] = total;
  FIRN_TRY(firn_run_output(run, run->out_count - 1, &shape, &out, err));
  for (size_t i = 0; i < s->n; i++) {
    const int64_t rows = s->end[i] - s->begin[i];
    FIRN_TRY(firn_copy(values->dtype,
                       firn_at(out->data, values->dtype, at * row),
                       firn_at(values->data, values->dtype, s->begin[i] * row),
                       (size_t)(rows * row), err));
    at += rows;
  }
  return FIRN_OK;
}

static firn_code gather(const firn_run *run, const spans *s, size_t nested,
                        firn_error *err) {
  const firn_tensor *indices = run->in[nested + 1], *splits = run->in[0];
  const size_t first = run->out_count - nested; /* output of a row's splits */
  int64_t total = 0;
  firn_tensor *out = NULL;
  if (indices->shape.rank > 0) {
    const firn_shape shape = firn_shape_vector((int64_t)s->n + 1);
    FIRN_TRY(firn_run_output(run, first - 1, &shape, &out, err));
    put_index(out, 0, 0);
  }
  for (size_t i = 0; i < s->n; i++) {
    const size_t row = (size_t)firn_index(indices, i);
    s->begin[i] = firn_index(splits, row);
    s->end[i] = firn_index(splits, row + 1);
    total += s->end[i] - s->begin[i];
    if (out) put_index(out, i + 1, total);
  }
  for (size_t depth = 1; depth < nested; depth++)
    FIRN_TRY(descend(run, depth, first + depth - 1, s, err));
  return put_values(run, run->in[nested], s, err);
}

static firn_code drive_gather(const firn_run *run, firn_error *err) {
  const size_t nested = run->in_count - 2;
  const firn_tensor *indices = run->in[nested + 1];
  FIRN_TRY(check_nested(run, nested, err));
  FIRN_TRY(firn_indices_check(indices, (int64_t)run->in[0]->count - 1,
                              "indices", err));
  FIRN_TRY(put_even_splits(run, &indices->shape, err));
  const size_t bytes = 2 * indices->count * sizeof(int64_t) + 1;
  spans s = {.n = indices->count};
  s.begin = firn_new(&run->env->alloc, bytes);
  if (!s.begin) return firn_oom(err, bytes);
  s.end = s.begin + s.n;
  int64_t *const block = s.begin;
  const firn_code code = gather(run, &s, nested, err);
  firn_delete(&run->env->alloc, block, bytes);
  return code;
}

/* ---- RaggedTensorToSparse ----------------------------------------------- */

static firn_code infer_to_sparse(firn_infer *q, firn_error *err) {
  const size_t nested = q->in_count - 1;
  const firn_shape *values = &q->in[nested].shape;
  for (size_t i = 0; i < nested; i++)
    FIRN_TRY(firn_infer_rank(q, i, 1, "rt_nested_splits", NULL, err));
  FIRN_TRY(firn_infer_rank_at_least(q, nested, 1, "rt_dense_values", err));
  int64_t rank = FIRN_UNKNOWN_DIM, count;
  if (values->rank >= 0) rank = values->rank + (int64_t)nested;
  q->out[0].shape = (firn_shape){.rank = 2, .dims = {FIRN_UNKNOWN_DIM, rank}};
  q->out[1].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  q->out[2].shape = firn_shape_vector(rank);
  if (firn_shape_known(values) && firn_shape_count(values, &count))
    q->out[0].shape.dims[0] = q->out[1].shape.dims[0] = count;
  return FIRN_OK;
}

/* The row that `at` lies in, at or after row `from`. */
static int64_t find_row(const firn_tensor *splits, int64_t from, int64_t at) {
  while (firn_index(splits, (size_t)from + 1) <= at) from++;
  return from;
}

static firn_code drive_to_sparse(const firn_run *run, firn_error *err) {
  const size_t nested = run->in_count - 1;
  const firn_tensor *values = run->in[nested];
  const firn_shape *v = &values->shape;
  firn_shape shape = {.rank = v->rank + (int)nested};
  firn_tensor *indices, *out;
  FIRN_TRY(check_nested(run, nested, err));
  if (shape.rank > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                     FIRN_MAX_RANK);
  shape.dims[0] = (int64_t)run->in[0]->count - 1;
  for (size_t k = 0; k < nested; k++) {
    int64_t *most = &shape.dims[k + 1];
    for (size_t i = 1; i < run->in[k]->count; i++) {
      const int64_t length =
          firn_index(run->in[k], i) - firn_index(run->in[k], i - 1);
      if (length > *most) *most = length;
    }
  }
  for (int k = 1; k < v->rank; k++) shape.dims[(int)nested + k] = v->dims[k];
  FIRN_TRY(firn_put_shape(run, 2, &shape, err));
  FIRN_TRY(firn_sparse_outputs(run, 0, 1, (int64_t)values->count, shape.rank,
                               &indices, &out, err));
  FIRN_TRY(firn_copy(out->dtype, out->data, values->data, values->count, err));
  const int64_t row = firn_shape_product(v, 1, v->rank);
  int64_t rows[FIRN_MAX_RANK] = {0};
  for (int64_t i = 0; i < (int64_t)values->count; i++) {
    int64_t *to = (int64_t *)indices->data + i * shape.rank;
    int64_t rest = i % row, at = i / row;
    for (int k = v->rank - 1; k > 0; k--) {
      to[(int)nested + k] = rest % v->dims[k];
      rest /= v->dims[k];
    }
    for (size_t k = nested; k-- > 0;) {
      rows[k] = find_row(run->in[k], rows[k], at);
      to[k + 1] = at - firn_index(run->in[k], (size_t)rows[k]);
      at = rows[k];
    }
    to[0] = at;
  }
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define RANGED (FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE) | FIRN_INDICES)

static const firn_kernel range[] = {
    {.types = {{"T", RANGED}}, .drive = drive_range},
    {.drive = NULL},
};
static const firn_kernel gather_any[] = {
    {.drive = drive_gather},
    {.drive = NULL},
};
static const firn_kernel to_sparse[] = {
    {.drive = drive_to_sparse},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"RaggedRange", infer_range, range, 0},
    {"RaggedGather", infer_gather, gather_any, 0},
    {"RaggedTensorToSparse", infer_to_sparse, to_sparse, 0},
};

FIRN_OP_FAMILY(ragged, ops);
