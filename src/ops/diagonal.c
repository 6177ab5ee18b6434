/* ops/diagonal.c: diagonals of matrices.
 *
 *   MatrixDiag, V2, V3      matrices with given diagonals, padding elsewhere
 *   MatrixDiagPart, ...     the way back
 *   MatrixSetDiag, ...      the diagonals of given matrices, replaced
 *   MatrixBandPart          what is near the main diagonal, zeros elsewhere
 *   Diag, DiagPart          the same of tensors: y[i, j, i, j] = x[i, j]
 *
 * Diagonal d of a matrix is the elements (i, i + d). A band of diagonals is a
 * table with one row for each, highest first; a diagonal shorter than the row
 * lies at its left or right end (attr align; V2 always left), the rest is
 * padding.
 */
#include "ops/indices.h"
#include "ops/walk.h"

/* ---- Bands -------------------------------------------------------------- */

typedef struct band {
  int64_t rows, columns; /* of the matrix; -1 unknown                     */
  int64_t low, high;     /* diagonals; FIRN_UNKNOWN_INT                    */
  int64_t width;         /* of the table of diagonals; -1 unknown          */
  bool single;           /* one diagonal given by one number: no table row */
  bool upper_right, lower_right; /* short ones lie at the right end        */
} band;

static firn_code align_of(const firn_node *node, band *b, firn_error *err) {
  const firn_str align = firn_attr_str_or(node, "align", "LEFT_LEFT");
  const bool right = firn_str_starts(align, FIRN_STR("RIGHT_"));
  b->upper_right = right;
  b->lower_right = firn_str_ends(align, FIRN_STR("_RIGHT"));
  if ((right || firn_str_starts(align, FIRN_STR("LEFT_"))) &&
      (b->lower_right || firn_str_ends(align, FIRN_STR("_LEFT"))))
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "there is no align '%.*s'",
                   FIRN_ARG(align));
}

/* The length of diagonal d. */
static int64_t length_of(const band *b, int64_t d) {
  const int64_t tall = b->rows + (d < 0 ? d : 0),
                wide = b->columns - (d > 0 ? d : 0);
  return tall < wide ? tall : wide;
}

/* The longest diagonal of the band. */
static int64_t longest(const band *b) {
  const int64_t tall = b->rows + (b->high < 0 ? b->high : 0),
                wide = b->columns - (b->low > 0 ? b->low : 0);
  return tall < wide ? tall : wide;
}

/* How far from the left end of its row diagonal d begins. */
static int64_t indent_of(const band *b, int64_t d) {
  const bool right = d >= 0 ? b->upper_right : b->lower_right;
  return right ? b->width - length_of(b, d) : 0;
}

static firn_code take_k(const int64_t *k, int64_t count, band *b,
                        firn_error *err) {
  if (count < 1 || count > 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "k must be a scalar or have 1 or 2 elements, has %lld",
                     (long long)count);
  b->single = count == 1;
  b->low = k ? k[0] : FIRN_UNKNOWN_INT;
  b->high = k ? k[count - 1] : FIRN_UNKNOWN_INT;
  if (!k || b->low == FIRN_UNKNOWN_INT || b->high == FIRN_UNKNOWN_INT)
    return FIRN_OK;
  if (b->low > b->high)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "k[0] = %lld must not be above k[1] = %lld",
                     (long long)b->low, (long long)b->high);
  b->single |= b->low == b->high;
  return FIRN_OK;
}

/* Whether the diagonals lie in a matrix of known extents. */
static firn_code check_k(const band *b, firn_error *err) {
  const int64_t both[2] = {b->low, b->high};
  for (int i = 0; i < 2; i++)
    if ((both[i] <= -b->rows || both[i] >= b->columns) && both[i] != 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "diagonal k = %lld is not in a %lld x %lld matrix",
                       (long long)both[i], (long long)b->rows,
                       (long long)b->columns);
  return FIRN_OK;
}

static bool knows_k(const band *b) {
  return b->low != FIRN_UNKNOWN_INT && b->high != FIRN_UNKNOWN_INT;
}

/* k of the first op generation is the main diagonal. */
static bool has_k(const firn_node *node) {
  return firn_str_ends(node->type->name, FIRN_STR("V2")) ||
         firn_str_ends(node->type->name, FIRN_STR("V3"));
}

static firn_code infer_k(const firn_infer *q, size_t i, band *b, bool *known,
                         firn_error *err) {
  static const int64_t main_diagonal = 0;
  const int64_t *ints = NULL;
  int64_t count = -1;
  *known = true;
  FIRN_TRY(align_of(q->node, b, err));
  if (!has_k(q->node)) return take_k(&main_diagonal, 1, b, err);
  if (q->in[i].shape.rank > 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "k must be a scalar or a vector");
  firn_infer_ints(q, i, &ints, &count);
  *known = false;
  if (count < 0) return FIRN_OK;
  FIRN_TRY(take_k(ints, count, b, err));
  *known = knows_k(b);
  return FIRN_OK;
}

static firn_code read_k(const firn_run *run, size_t i, band *b,
                        firn_error *err) {
  int64_t k[2] = {0, 0};
  FIRN_TRY(align_of(run->node, b, err));
  if (!has_k(run->node)) return take_k(k, 1, b, err);
  const size_t count = run->in[i]->count;
  for (size_t n = 0; n < count && n < 2; n++)
    k[n] = firn_tensor_i64(run->in[i], n);
  return take_k(k, (int64_t)count, b, err);
}

/* A walk along diagonal d of all matrices: strides of the matrices in `m`, of
 * the table of diagonals in `t` (d's row, and where it begins). */
typedef struct place {
  int64_t matrix, table; /* where the first elements lie */
  int64_t length;
} place;

static place place_of(const band *b, int64_t d) {
  return (place){d >= 0 ? d : -d * b->columns,
                 (b->high - d) * b->width + indent_of(b, d), length_of(b, d)};
}

/* Copies the diagonals of `count` matrices to or from tables. */
static firn_code copy_band(const firn_run *run, const band *b, int64_t count,
                           firn_dtype dtype, const void *matrix,
                           const void *table, bool to_table, firn_error *err) {
  const int64_t area = b->rows * b->columns,
                rows = (b->high - b->low + 1) * b->width;
  for (int64_t d = b->low; d <= b->high; d++) {
    const place p = place_of(b, d);
    if (p.length <= 0) continue;
    firn_walk w = {0};
    firn_walk_axis(&w, count, to_table ? area : rows, to_table ? rows : area);
    firn_walk_axis(&w, p.length, to_table ? b->columns + 1 : 1,
                   to_table ? 1 : b->columns + 1);
    void *m = firn_at(matrix, dtype, p.matrix),
         *t = firn_at(table, dtype, p.table);
    FIRN_TRY(
        firn_walk_run(&w, dtype, to_table ? m : t, to_table ? t : m, run, err));
  }
  return FIRN_OK;
}

/* ---- MatrixDiag --------------------------------------------------------- */

/* The matrix extents that num_rows and num_cols (-1: as few as needed) make of
 * diagonals of that width. */
static firn_code matrix_extents(band *b, int64_t rows, int64_t columns,
                                firn_error *err) {
  const int64_t least_rows = b->width - (b->high < 0 ? b->high : 0),
                least_columns = b->width + (b->low > 0 ? b->low : 0);
  if (rows == -1 && columns == -1) {
    const int64_t least =
        least_rows > least_columns ? least_rows : least_columns;
    b->rows = b->columns = least;
  } else if (rows == -1) {
    b->rows = least_rows, b->columns = columns;
  } else if (columns == -1) {
    b->rows = rows, b->columns = least_columns;
  } else {
    b->rows = rows, b->columns = columns;
  }
  if (b->rows < least_rows || b->columns < least_columns ||
      (b->rows != least_rows && b->columns != least_columns))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "num_rows = %lld and num_cols = %lld do not fit diagonals "
                     "of %lld elements, which need %lld and %lld",
                     (long long)rows, (long long)columns, (long long)b->width,
                     (long long)least_rows, (long long)least_columns);
  return check_k(b, err);
}

/* The result of diagonals of a known shape. */
static firn_code diag_shape(const firn_shape *diagonals, band *b, int64_t rows,
                            int64_t columns, firn_shape *out, firn_error *err) {
  enum { MOST = 1 << 30 };
  const int outer = diagonals->rank - (b->single ? 1 : 2);
  if (b->low < -MOST || b->high > MOST)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "diagonals [%lld, %lld] are too far off",
                     (long long)b->low, (long long)b->high);
  if (outer < 0 || (!b->single && diagonals->dims[outer] >= 0 &&
                    diagonals->dims[outer] != b->high - b->low + 1)) {
    char text[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "diagonal has shape %s, must hold %lld diagonals",
                     firn_shape_text(diagonals, text),
                     (long long)(b->high - b->low + 1));
  }
  if (outer + 2 > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                     FIRN_MAX_RANK);
  firn_shape shape = {.rank = outer + 2};
  for (int k = 0; k < outer; k++) shape.dims[k] = diagonals->dims[k];
  b->width = diagonals->dims[diagonals->rank - 1];
  if (b->width >= 0 && rows != FIRN_UNKNOWN_INT &&
      columns != FIRN_UNKNOWN_INT) {
    FIRN_TRY(matrix_extents(b, rows, columns, err));
    shape.dims[outer] = b->rows;
    shape.dims[outer + 1] = b->columns;
  } else {
    shape.dims[outer] = shape.dims[outer + 1] = FIRN_UNKNOWN_DIM;
  }
  *out = shape;
  return FIRN_OK;
}

static firn_code infer_diag(firn_infer *q, firn_error *err) {
  static const char *const names[] = {"num_rows", "num_cols", "padding_value"};
  int64_t extent[2] = {-1, -1};
  band b = {0};
  bool known;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "diagonal", err));
  FIRN_TRY(infer_k(q, 1, &b, &known, err));
  for (size_t i = 0; has_k(q->node) && i < 3; i++) {
    FIRN_TRY(firn_infer_single(q, i + 2, names[i], err));
    if (i < 2 && !firn_infer_int(q, i + 2, &extent[i]))
      extent[i] = FIRN_UNKNOWN_INT;
  }
  if (!known || q->in[0].shape.rank < 0) return FIRN_OK;
  return diag_shape(&q->in[0].shape, &b, extent[0], extent[1], &q->out[0].shape,
                    err);
}

static firn_code drive_diag(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  const bool v2 = has_k(run->node);
  firn_shape shape;
  firn_tensor *out;
  band b = {0};
  FIRN_TRY(read_k(run, 1, &b, err));
  FIRN_TRY(diag_shape(&x->shape, &b, v2 ? firn_tensor_i64(run->in[2], 0) : -1,
                      v2 ? firn_tensor_i64(run->in[3], 0) : -1, &shape, err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  if (v2)
    FIRN_TRY(
        firn_fill(out->dtype, out->data, run->in[4]->data, out->count, err));
  else
    firn_fill_zero(out);
  if (out->count == 0 || x->count == 0) return FIRN_OK;
  return copy_band(run, &b, (int64_t)out->count / (b.rows * b.columns),
                   x->dtype, out->data, x->data, false, err);
}

/* ---- MatrixDiagPart ----------------------------------------------------- */

static firn_code part_shape(const firn_shape *matrix, band *b, firn_shape *out,
                            firn_error *err) {
  const int outer = matrix->rank - 2;
  firn_shape shape = *matrix;
  b->rows = matrix->dims[outer];
  b->columns = matrix->dims[outer + 1];
  shape.rank = outer;
  if (!b->single) {
    if (b->rows >= 0 && b->columns >= 0) FIRN_TRY(check_k(b, err));
    const int64_t count = b->high - b->low;
    shape.dims[shape.rank++] = count == INT64_MAX ? count : count + 1;
  }
  shape.dims[shape.rank] = FIRN_UNKNOWN_DIM;
  if (b->rows >= 0 && b->columns >= 0) {
    FIRN_TRY(check_k(b, err));
    b->width = longest(b);
    shape.dims[shape.rank] = b->width < 0 ? 0 : b->width;
  }
  shape.rank++;
  *out = shape;
  return FIRN_OK;
}

static firn_code infer_part(firn_infer *q, firn_error *err) {
  band b = {0};
  bool known;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 2, "input", err));
  FIRN_TRY(infer_k(q, 1, &b, &known, err));
  if (has_k(q->node)) FIRN_TRY(firn_infer_single(q, 2, "padding_value", err));
  if (!known || q->in[0].shape.rank < 0) return FIRN_OK;
  return part_shape(&q->in[0].shape, &b, &q->out[0].shape, err);
}

static firn_code drive_part(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  firn_shape shape;
  firn_tensor *out;
  band b = {0};
  FIRN_TRY(read_k(run, 1, &b, err));
  FIRN_TRY(part_shape(&x->shape, &b, &shape, err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  if (has_k(run->node))
    FIRN_TRY(
        firn_fill(out->dtype, out->data, run->in[2]->data, out->count, err));
  if (out->count == 0 || x->count == 0) return FIRN_OK;
  return copy_band(run, &b, (int64_t)x->count / (b.rows * b.columns), x->dtype,
                   x->data, out->data, true, err);
}

/* ---- MatrixSetDiag ------------------------------------------------------ */

static firn_code check_set(const firn_shape *matrix, const firn_shape *diagonal,
                           band *b, firn_error *err) {
  firn_shape want, both;
  FIRN_TRY(part_shape(matrix, b, &want, err));
  const firn_code code = firn_shape_merge(&want, diagonal, &both, err);
  return code == FIRN_OK ? code : firn_while(err, code, "diagonal");
}

static firn_code infer_set(firn_infer *q, firn_error *err) {
  band b = {0};
  bool known;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 2, "input", err));
  FIRN_TRY(firn_infer_rank_at_least(q, 1, 1, "diagonal", err));
  FIRN_TRY(infer_k(q, 2, &b, &known, err));
  q->out[0].shape = q->in[0].shape;
  if (!known || q->in[0].shape.rank < 0) return FIRN_OK;
  return check_set(&q->in[0].shape, &q->in[1].shape, &b, err);
}

static firn_code drive_set(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  firn_tensor *out;
  band b = {0};
  FIRN_TRY(read_k(run, 2, &b, err));
  FIRN_TRY(check_set(&x->shape, &run->in[1]->shape, &b, err));
  FIRN_TRY(firn_run_output(run, 0, &x->shape, &out, err));
  if (x->count == 0) return FIRN_OK;
  FIRN_TRY(firn_copy(x->dtype, out->data, x->data, x->count, err));
  return copy_band(run, &b, (int64_t)x->count / (b.rows * b.columns), x->dtype,
                   out->data, run->in[1]->data, false, err);
}

/* ---- MatrixBandPart ----------------------------------------------------- */

static firn_code check_bounds(int64_t lower, int64_t upper,
                              const firn_shape *shape, firn_error *err) {
  const int64_t rows = shape->dims[shape->rank - 2],
                columns = shape->dims[shape->rank - 1];
  if (lower != FIRN_UNKNOWN_INT && rows >= 0 && lower > rows)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "num_lower = %lld is more than %lld rows",
                     (long long)lower, (long long)rows);
  if (upper != FIRN_UNKNOWN_INT && columns >= 0 && upper > columns)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "num_upper = %lld is more than %lld columns",
                     (long long)upper, (long long)columns);
  return FIRN_OK;
}

static firn_code infer_band(firn_infer *q, firn_error *err) {
  int64_t bounds[2];
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 2, "input", err));
  for (size_t i = 0; i < 2; i++) {
    FIRN_TRY(
        firn_infer_rank(q, i + 1, 0, i ? "num_upper" : "num_lower", NULL, err));
    if (!firn_infer_int(q, i + 1, &bounds[i])) bounds[i] = FIRN_UNKNOWN_INT;
  }
  q->out[0].shape = q->in[0].shape;
  if (q->in[0].shape.rank < 0) return FIRN_OK;
  return check_bounds(bounds[0], bounds[1], &q->in[0].shape, err);
}

static firn_code drive_near(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  const firn_shape *s = &x->shape;
  const int64_t lower = firn_tensor_i64(run->in[1], 0),
                upper = firn_tensor_i64(run->in[2], 0);
  firn_tensor *out;
  FIRN_TRY(check_bounds(lower, upper, s, err));
  FIRN_TRY(firn_run_output(run, 0, s, &out, err));
  if (x->count == 0) return FIRN_OK;
  firn_fill_zero(out);
  const int64_t rows = s->dims[s->rank - 2], columns = s->dims[s->rank - 1];
  for (int64_t i = 0; i < (int64_t)x->count / columns; i++) {
    const int64_t row = i % rows;
    const int64_t first = lower < 0 || row < lower ? 0 : row - lower;
    int64_t last = upper < 0 ? columns : row + upper + 1;
    if (last > columns) last = columns;
    if (first >= last) continue;
    const int64_t at = i * columns + first;
    FIRN_TRY(firn_copy(x->dtype, firn_at(out->data, x->dtype, at),
                       firn_at(x->data, x->dtype, at), (size_t)(last - first),
                       err));
  }
  return FIRN_OK;
}

/* ---- Diag and DiagPart -------------------------------------------------- */

static firn_code infer_tensor_diag(firn_infer *q, firn_error *err) {
  const firn_shape *x = &q->in[0].shape;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "diagonal", err));
  if (x->rank < 0) return FIRN_OK;
  return firn_shape_join(x, x->rank, x, 0, &q->out[0].shape, err);
}

static firn_code infer_tensor_part(firn_infer *q, firn_error *err) {
  const firn_shape *x = &q->in[0].shape;
  if (x->rank < 0) return FIRN_OK;
  if (x->rank == 0 || x->rank % 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "input must have an even number of axes, has %d", x->rank);
  firn_shape out = {.rank = x->rank / 2};
  for (int k = 0; k < out.rank; k++)
    if (!firn_dim_merge(x->dims[k], x->dims[k + out.rank], &out.dims[k]))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "axes %d and %d of input have %lld and %lld elements", k,
                       k + out.rank, (long long)x->dims[k],
                       (long long)x->dims[k + out.rank]);
  q->out[0].shape = out;
  return FIRN_OK;
}

static firn_code drive_tensor_diag(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  firn_walk w = {0};
  firn_fill_zero(run->out[0]);
  firn_walk_axis(&w, (int64_t)x->count, 1, (int64_t)x->count + 1);
  return firn_walk_run(&w, x->dtype, x->data, run->out[0]->data, run, err);
}

static firn_code drive_tensor_part(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  const int64_t n = (int64_t)run->out[0]->count;
  firn_walk w = {0};
  firn_walk_axis(&w, n, n + 1, 1);
  return firn_walk_run(&w, x->dtype, x->data, run->out[0]->data, run, err);
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(id)                  \
  static const firn_kernel id[] = { \
      {.drive = drive_##id},        \
      {.drive = NULL},              \
  };

KERNEL(diag)
KERNEL(part)
KERNEL(set)
KERNEL(near)
KERNEL(tensor_diag)
KERNEL(tensor_part)

static const firn_op ops[] = {
    {"MatrixDiag", infer_diag, diag, 0},
    {"MatrixDiagV2", infer_diag, diag, 0},
    {"MatrixDiagV3", infer_diag, diag, 0},
    {"MatrixDiagPart", infer_part, part, 0},
    {"MatrixDiagPartV2", infer_part, part, 0},
    {"MatrixDiagPartV3", infer_part, part, 0},
    {"MatrixSetDiag", infer_set, set, 0},
    {"MatrixSetDiagV2", infer_set, set, 0},
    {"MatrixSetDiagV3", infer_set, set, 0},
    {"MatrixBandPart", infer_band, near, 0},
    {"Diag", infer_tensor_diag, tensor_diag, 0},
    {"DiagPart", infer_tensor_part, tensor_part, 0},
};

FIRN_OP_FAMILY(diagonal, ops);
