/* ops/tridiagonal.c: matrices that are zero but for a few diagonals. */
#include <float.h>
#include <math.h>

#include "ops/matrix_items.h"

static bool flag(const firn_item *it, const char *name, bool other) {
  return firn_attr_bool_or(it->run->node, name, other);
}

/* ---- Three diagonals ---------------------------------------------------- */

/* The rows of an elimination: what is left of the three diagonals, a fourth
 * that row swaps make, and the right sides. */
typedef struct equations {
  firn_complex *below, *main, *above, *far, *x;
  size_t n, k;
} equations;

static void swap_with_next(equations *s, size_t i) {
  firn_complex was = s->main[i];
  s->main[i] = s->below[i + 1];
  s->below[i + 1] = was;
  was = s->above[i];
  s->above[i] = s->main[i + 1];
  s->main[i + 1] = was;
  s->far[i] = s->above[i + 1];
  s->above[i + 1] = 0;
  for (size_t j = 0; j < s->k; j++) {
    was = s->x[i * s->k + j];
    s->x[i * s->k + j] = s->x[(i + 1) * s->k + j];
    s->x[(i + 1) * s->k + j] = was;
  }
}

static bool usable(firn_complex *pivot, bool perturb) {
  if (*pivot != 0) return true;
  if (perturb) *pivot = (double)FLT_MIN;
  return perturb;
}

static bool eliminate(equations *s, bool pivoting, bool perturb) {
  for (size_t i = 0; i < s->n; i++) {
    const bool more = i + 1 < s->n;
    if (more && pivoting && cabs(s->below[i + 1]) > cabs(s->main[i]))
      swap_with_next(s, i);
    if (!usable(&s->main[i], perturb)) return false;
    if (!more) break;
    const firn_complex f = s->below[i + 1] / s->main[i];
    s->main[i + 1] -= firn_times(f, s->above[i]);
    s->above[i + 1] -= firn_times(f, s->far[i]);
    for (size_t j = 0; j < s->k; j++)
      s->x[(i + 1) * s->k + j] -= firn_times(f, s->x[i * s->k + j]);
  }
  return true;
}

static void substitute(equations *s) {
  for (size_t i = s->n; i-- > 0;)
    for (size_t j = 0; j < s->k; j++) {
      firn_complex *x = s->x + i * s->k + j;
      if (i + 1 < s->n) *x -= firn_times(s->above[i], x[s->k]);
      if (i + 2 < s->n) *x -= firn_times(s->far[i], x[2 * s->k]);
      *x /= s->main[i];
    }
}

static const char *solve(firn_item *it) {
  firn_complex *d = firn_item_load(it, 0, 3, it->n);
  firn_complex *x = firn_item_load(it, 1, it->n, it->k);
  firn_complex *far = firn_item_space(it, it->n);
  if (it->short_of_memory) return NULL;
  for (size_t i = 0; i < it->n; i++) far[i] = 0;
  if (it->n) d[it->n - 1] = 0; /* beyond the corners */
  equations s = {d + 2 * it->n, d + it->n, d, far, x, it->n, it->k};
  if (eliminate(&s, flag(it, "partial_pivoting", true),
                flag(it, "perturb_singular", false)))
    substitute(&s);
  else
    for (size_t i = 0; i < it->n * it->k; i++) x[i] = CMPLX(NAN, NAN);
  firn_item_store(it, 0, x, it->n * it->k);
  return NULL;
}

static firn_code infer_solve(firn_infer *q, firn_error *err) {
  firn_shape batch, other;
  int64_t three, n, rows, k;
  FIRN_TRY(
      firn_infer_matrix(q, 0, "diagonals", false, &batch, &three, &n, err));
  FIRN_TRY(firn_infer_matrix(q, 1, "rhs", false, &other, &rows, &k, err));
  if (!firn_dim_merge(three, 3, &three))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "diagonals must have 3 rows, has %lld", (long long)three);
  if (!firn_dim_merge(n, rows, &rows))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "rhs has %lld rows, diagonals are %lld long",
                     (long long)rows, (long long)n);
  if (firn_attr_bool_or(q->node, "perturb_singular", false) &&
      !firn_attr_bool_or(q->node, "partial_pivoting", true))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'perturb_singular' needs 'partial_pivoting'");
  FIRN_TRY(firn_shape_merge(&batch, &other, &batch, err));
  return firn_shape_matrices(&batch, rows, k, &q->out[0].shape, err);
}

static const char *multiply(firn_item *it) {
  const size_t n = it->n, k = it->k;
  const firn_complex *above = firn_item_load(it, 0, 1, n);
  const firn_complex *main = firn_item_load(it, 1, 1, n);
  const firn_complex *below = firn_item_load(it, 2, 1, n);
  const firn_complex *x = firn_item_load(it, 3, n, k);
  firn_complex *y = firn_item_space(it, n * k);
  if (it->short_of_memory) return NULL;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < k; j++) {
      const firn_complex *at = x + i * k + j;
      firn_complex sum = firn_times(main[i], *at);
      if (i + 1 < n) sum += firn_times(above[i], at[k]);
      if (i > 0) sum += firn_times(below[i], at[-(ptrdiff_t)k]);
      y[i * k + j] = sum;
    }
  firn_item_store(it, 0, y, n * k);
  return NULL;
}

static firn_code infer_multiply(firn_infer *q, firn_error *err) {
  static const char *const names[] = {"superdiag", "maindiag", "subdiag"};
  firn_shape batch, other;
  int64_t n, k, one, length;
  FIRN_TRY(firn_infer_matrix(q, 3, "rhs", false, &batch, &n, &k, err));
  for (size_t i = 0; i < 3; i++) {
    FIRN_TRY(
        firn_infer_matrix(q, i, names[i], false, &other, &one, &length, err));
    if (!firn_dim_merge(one, 1, &one) || !firn_dim_merge(length, n, &n))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "%s must be 1 by %lld, is %lld by %lld", names[i],
                       (long long)n, (long long)one, (long long)length);
    FIRN_TRY(firn_shape_merge(&batch, &other, &batch, err));
  }
  return firn_shape_matrices(&batch, n, k, &q->out[0].shape, err);
}

static firn_code drive_multiply(const firn_run *run, firn_error *err) {
  return firn_drive_items(run, 4, err);
}

/* ---- Bands -------------------------------------------------------------- */

/* Element (i, i - d), or (i, i + d) of an upper matrix, of a band matrix with
 * `bands` rows: each holds one diagonal, by the row of the element. */
static firn_complex band_at(const firn_complex *a, size_t bands, size_t n,
                            bool lower, size_t row, size_t d) {
  return a[(lower ? d : bands - 1 - d) * n + row];
}

static const char *band_solve(firn_item *it) {
  const size_t bands = it->m, n = it->n, k = it->k;
  const firn_complex *a = firn_item_load(it, 0, bands, n);
  firn_complex *x = firn_item_load(it, 1, n, k);
  if (it->short_of_memory) return NULL;
  const bool lower = flag(it, "lower", true);
  const bool adjoint = flag(it, "adjoint", false);
  const bool down = lower != adjoint;
  for (size_t i = 0; i < n; i++)
    if (band_at(a, bands, n, lower, i, 0) == 0) return "is not invertible";
  for (size_t turn = 0; turn < n; turn++) {
    const size_t i = down ? turn : n - 1 - turn;
    for (size_t d = 1; d < bands && d <= turn; d++) {
      const size_t other = down ? i - d : i + d;
      firn_complex f = band_at(a, bands, n, lower, adjoint ? other : i, d);
      if (adjoint) f = conj(f);
      for (size_t j = 0; j < k; j++)
        x[i * k + j] -= firn_times(f, x[other * k + j]);
    }
    const firn_complex pivot = band_at(a, bands, n, lower, i, 0);
    for (size_t j = 0; j < k; j++)
      x[i * k + j] /= adjoint ? conj(pivot) : pivot;
  }
  firn_item_store(it, 0, x, n * k);
  return NULL;
}

static firn_code infer_band(firn_infer *q, firn_error *err) {
  firn_shape batch, other;
  int64_t bands, n, rows, k;
  FIRN_TRY(firn_infer_matrix(q, 0, "matrix", false, &batch, &bands, &n, err));
  FIRN_TRY(firn_infer_matrix(q, 1, "rhs", false, &other, &rows, &k, err));
  if (bands == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "matrix has no bands");
  if (!firn_dim_merge(n, rows, &rows))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "rhs has %lld rows, matrix has bands of %lld",
                     (long long)rows, (long long)n);
  FIRN_TRY(firn_shape_broadcast(&batch, &other, &batch, err));
  return firn_shape_matrices(&batch, rows, k, &q->out[0].shape, err);
}

/* ---- The family --------------------------------------------------------- */

#define FIELD (FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE) | FIRN_COMPLEXES)
FIRN_ITEM_KERNEL(solve_kernels, FIELD, firn_drive_matrices, solve);
FIRN_ITEM_KERNEL(multiply_kernels, FIELD, drive_multiply, multiply);
FIRN_ITEM_KERNEL(band_kernels, FIELD, firn_drive_matrices, band_solve);

static const firn_op ops[] = {
    {"TridiagonalSolve", infer_solve, solve_kernels, 0},
    {"TridiagonalMatMul", infer_multiply, multiply_kernels, 0},
    {"BandedTriangularSolve", infer_band, band_kernels, 0},
};

FIRN_OP_FAMILY(tridiagonal, ops);
