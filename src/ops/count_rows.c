/* ops/count_rows.c: how often each value occurs in the rows of sparse and
 * ragged tensors, and counts as sparse tensors.
 *
 *   SparseBincount, RaggedBincount            y[row, v] = how often
 *   DenseCountSparseOutput, Sparse..., Ragged...   the same, only what is not 0
 *
 * With weights, their sums; with binary_output just 1.
 */
#include <stdlib.h>

#include "ops/segment.h"
#include "ops/sparse.h"
#include "ops/walk.h"

#define COUNTED                                                         \
  (FIRN_BIT(FIRN_INT32) | FIRN_BIT(FIRN_INT64) | FIRN_BIT(FIRN_FLOAT) | \
   FIRN_BIT(FIRN_DOUBLE))

/* ---- Rows --------------------------------------------------------------- */

/* Where the values are, and which row each of them belongs to. */
typedef struct counted {
  const firn_tensor *values, *weights;
  const firn_tensor *splits; /* ragged                                   */
  firn_sparse sparse;        /* sparse: the row is the first index       */
  int64_t rows;
  int64_t width; /* dense: elements of a row                           */
  bool vector;   /* one row, and the result has no axis of rows        */
  bool binary;
  size_t row_now; /* ragged: the row that the last element lay in       */
} counted;

typedef enum kind { DENSE, SPARSE, RAGGED } kind;

static kind kind_of(const firn_node *node) {
  return firn_str_starts(node->type->name, FIRN_STR("Sparse"))   ? SPARSE
         : firn_str_starts(node->type->name, FIRN_STR("Ragged")) ? RAGGED
                                                                 : DENSE;
}

/* The number of the input that holds the values. */
static size_t values_input(kind k) { return k == DENSE ? 0 : 1; }

static firn_code check_splits(const firn_tensor *splits, size_t n,
                              firn_error *err) {
  const size_t count = splits->count;
  bool fits = count > 0 && firn_index(splits, 0) == 0 &&
              firn_index(splits, count - 1) == (int64_t)n;
  for (size_t i = 1; fits && i < count; i++)
    fits = firn_index(splits, i) >= firn_index(splits, i - 1);
  if (fits) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "splits must rise from 0 to the %zu values", n);
}

static firn_code counted_of(const firn_run *run, counted *c, firn_error *err) {
  const kind k = kind_of(run->node);
  *c = (counted){.values = run->in[values_input(k)],
                 .weights = run->in[run->in_count - 1],
                 .rows = 1};
  c->binary = firn_attr_bool_or(run->node, "binary_output", false);
  if (c->weights->count && c->weights->count != c->values->count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%zu weights for %zu values",
                     c->weights->count, c->values->count);
  if (k == SPARSE) {
    FIRN_TRY(
        firn_sparse_of(run->in[0], run->in[1], run->in[2], &c->sparse, err));
    FIRN_TRY(firn_sparse_check(&c->sparse, err));
    c->vector = c->sparse.rank <= 1;
    if (!c->vector) c->rows = c->sparse.shape.dims[0];
  } else if (k == RAGGED) {
    c->splits = run->in[0];
    FIRN_TRY(check_splits(c->splits, c->values->count, err));
    c->rows = (int64_t)c->splits->count - 1;
  } else {
    const firn_shape *s = &c->values->shape;
    c->vector = s->rank == 1;
    c->width = s->dims[s->rank - 1];
    if (!c->vector) c->rows = s->dims[0];
  }
  return FIRN_OK;
}

/* The row of element i; elements are asked for in order. */
static int64_t row_of(counted *c, size_t i) {
  if (c->vector) return 0;
  if (c->splits) {
    while (firn_index(c->splits, c->row_now + 1) <= (int64_t)i) c->row_now++;
    return (int64_t)c->row_now;
  }
  if (c->sparse.indices) return firn_sparse_at(&c->sparse, i, 0);
  return (int64_t)i / c->width;
}

/* Adds the weight of element i, or 1, to a bin; `is_new` when it held nothing.
 */
static firn_code add_weight(const counted *c, size_t i, firn_dtype dtype,
                            bool is_new, void *bin, firn_error *err) {
  uint64_t one;
  firn_put_number(dtype, &one, 1);
  if (c->binary) {
    memcpy(bin, &one, firn_dtype_size(dtype));
    return FIRN_OK;
  }
  const void *weight =
      c->weights->count ? firn_at(c->weights->data, dtype, (int64_t)i) : &one;
  return firn_combine_run(is_new ? FIRN_COMBINE_SET : FIRN_COMBINE_ADD, dtype,
                          bin, weight, 1, 1, err);
}

static firn_code bad_value(const counted *c, size_t i, firn_error *err) {
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "values[%zu] = %lld must not be negative", i,
                   (long long)firn_index(c->values, i));
}

/* ---- Bincount ----------------------------------------------------------- */

static firn_code infer_bins(firn_infer *q, firn_error *err) {
  const bool sparse = kind_of(q->node) == SPARSE;
  const size_t size_input = q->in_count - 2;
  int64_t size = FIRN_UNKNOWN_DIM, rows = FIRN_UNKNOWN_DIM, rank = 2;
  firn_shape dense, splits;
  FIRN_TRY(firn_infer_rank(q, size_input, 0, "size", NULL, err));
  if (firn_infer_int(q, size_input, &size) && size < 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "size = %lld must not be negative", (long long)size);
  if (sparse) {
    FIRN_TRY(firn_infer_sparse(q, 0, 1, 2, NULL, &rank, &dense, err));
    if (rank < 0) return FIRN_OK;
    if (dense.rank > 0) rows = dense.dims[0];
  } else {
    FIRN_TRY(firn_infer_rank(q, 0, 1, "splits", &splits, err));
    FIRN_TRY(firn_infer_rank(q, 1, 1, "values", NULL, err));
    if (splits.dims[0] > 0) rows = splits.dims[0] - 1;
  }
  q->out[0].shape = firn_shape_vector(size);
  if (rank > 1) q->out[0].shape = (firn_shape){.rank = 2, .dims = {rows, size}};
  return FIRN_OK;
}

static firn_code drive_bins(const firn_run *run, firn_error *err) {
  const int64_t size = firn_tensor_i64(run->in[run->in_count - 2], 0);
  const bool ragged = kind_of(run->node) == RAGGED;
  counted c;
  firn_tensor *out;
  FIRN_TRY(counted_of(run, &c, err));
  const firn_shape shape =
      c.vector ? firn_shape_vector(size)
               : (firn_shape){.rank = 2, .dims = {c.rows, size}};
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  firn_fill_zero(out);
  for (size_t i = 0; i < c.values->count; i++) {
    const int64_t value = firn_index(c.values, i), row = row_of(&c, i);
    if (value < 0 && (ragged || c.vector)) return bad_value(&c, i, err);
    if (value < 0 || value >= size) continue;
    FIRN_TRY(add_weight(&c, i, out->dtype, false,
                        firn_at(out->data, out->dtype, row * size + value),
                        err));
  }
  return FIRN_OK;
}

/* ---- Counts as a sparse tensor ------------------------------------------ */

static firn_code infer_counts(firn_infer *q, firn_error *err) {
  const kind k = kind_of(q->node);
  int64_t rank = 2;
  if (k == SPARSE) {
    FIRN_TRY(firn_infer_sparse(q, 0, 1, 2, NULL, &rank, NULL, err));
    if (rank > 2) rank = 2;
  } else if (k == RAGGED) {
    FIRN_TRY(firn_infer_rank(q, 0, 1, "splits", NULL, err));
    FIRN_TRY(firn_infer_rank(q, 1, 1, "values", NULL, err));
    if (q->in[0].shape.rank == 1 && q->in[0].shape.dims[0] >= 0 &&
        q->in[0].shape.dims[0] < 2)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "splits must have at least 2 elements");
  } else {
    rank = q->in[0].shape.rank;
    if (rank == 0 || rank > 2)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "values must have 1 or 2 axes, have %lld",
                       (long long)rank);
  }
  q->out[0].shape = (firn_shape){.rank = 2, .dims = {FIRN_UNKNOWN_DIM, rank}};
  q->out[1].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  q->out[2].shape = firn_shape_vector(rank);
  return FIRN_OK;
}

typedef struct seen {
  int64_t row, value;
  size_t index;
} seen;

static int by_place(const void *pa, const void *pb) {
  const seen *a = pa, *b = pb;
  if (a->row != b->row) return a->row < b->row ? -1 : 1;
  if (a->value != b->value) return a->value < b->value ? -1 : 1;
  return (a->index > b->index) - (a->index < b->index);
}

static bool same_place(const seen *a, const seen *b) {
  return a->row == b->row && a->value == b->value;
}

/* Sorted sightings into the outputs. */
static firn_code put_counts(const firn_run *run, const counted *c,
                            const seen *all, size_t n, int64_t width,
                            firn_error *err) {
  const int rank = c->vector ? 1 : 2;
  const firn_shape shape =
      c->vector ? firn_shape_vector(width)
                : (firn_shape){.rank = 2, .dims = {c->rows, width}};
  int64_t places = 0, at = -1;
  firn_tensor *indices, *values;
  for (size_t i = 0; i < n; i++)
    places += i == 0 || !same_place(&all[i - 1], &all[i]);
  FIRN_TRY(firn_put_shape(run, 2, &shape, err));
  FIRN_TRY(
      firn_sparse_outputs(run, 0, 1, places, rank, &indices, &values, err));
  int64_t *to = indices->data;
  for (size_t i = 0; i < n; i++) {
    const bool is_new = i == 0 || !same_place(&all[i - 1], &all[i]);
    if (is_new) {
      at++;
      if (rank == 2) *to++ = all[i].row;
      *to++ = all[i].value;
    }
    FIRN_TRY(add_weight(c, all[i].index, values->dtype, is_new,
                        firn_at(values->data, values->dtype, at), err));
  }
  return FIRN_OK;
}

static firn_code drive_counts(const firn_run *run, firn_error *err) {
  const int64_t least = firn_attr_int_or(run->node, "minlength", -1),
                most = firn_attr_int_or(run->node, "maxlength", -1);
  int64_t width = least > 1 ? least : 1;
  size_t n = 0;
  counted c;
  FIRN_TRY(counted_of(run, &c, err));
  const size_t bytes = c.values->count * sizeof(seen) + 1;
  seen *all = firn_new(&run->env->alloc, bytes);
  if (!all) return firn_oom(err, bytes);
  firn_code code = FIRN_OK;
  for (size_t i = 0; code == FIRN_OK && i < c.values->count; i++) {
    const int64_t value = firn_index(c.values, i);
    if (value < 0 || value == INT64_MAX) {
      code = bad_value(&c, i, err);
      break;
    }
    if (most >= 0 && value >= most) continue;
    if (value >= width) width = value + 1;
    all[n++] = (seen){row_of(&c, i), value, i};
  }
  if (n) qsort(all, n, sizeof *all, by_place);
  if (code == FIRN_OK)
    code = put_counts(run, &c, all, n, most >= 0 ? most : width, err);
  firn_delete(&run->env->alloc, all, bytes);
  return code;
}

/* ---- The family --------------------------------------------------------- */

static const firn_kernel bins[] = {
    {.types = {{"T", COUNTED}}, .drive = drive_bins},
    {.drive = NULL},
};
static const firn_kernel counts[] = {
    {.types = {{"output_type", COUNTED}}, .drive = drive_counts},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"SparseBincount", infer_bins, bins, 0},
    {"RaggedBincount", infer_bins, bins, 0},
    {"DenseCountSparseOutput", infer_counts, counts, 0},
    {"SparseCountSparseOutput", infer_counts, counts, 0},
    {"RaggedCountSparseOutput", infer_counts, counts, 0},
};

FIRN_OP_FAMILY(count_rows, ops);
