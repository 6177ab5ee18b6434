/* ops/solve.c: determinants, inverses, triangular factors, linear systems. */
#include <math.h>

#include "ops/matrix_items.h"

static bool adjoint_attr(const firn_item *it) {
  return firn_attr_bool_or(it->run->node, "adjoint", false);
}

static size_t *space_for_rows(firn_item *it, size_t n) {
  return (size_t *)firn_item_space(it, n); /* indices are smaller */
}

/* Loads input 0 and factors it; NULL when memory is short. */
static firn_complex *load_lu(firn_item *it, size_t **perm, int *sign,
                             bool *whole) {
  firn_complex *a = firn_item_load(it, 0, it->n, it->n);
  *perm = space_for_rows(it, it->n);
  if (it->short_of_memory) return NULL;
  *whole = firn_lu(a, it->n, *perm, sign);
  return a;
}

/* ---- Determinants ------------------------------------------------------- */

static const char *determinant(firn_item *it) {
  size_t *perm;
  int sign;
  bool whole;
  const firn_complex *a = load_lu(it, &perm, &sign, &whole);
  if (!a) return NULL;
  firn_complex product = sign;
  for (size_t i = 0; i < it->n; i++)
    product = firn_times(product, a[i * (it->n + 1)]);
  firn_item_store(it, 0, &product, 1);
  return NULL;
}

static const char *log_determinant(firn_item *it) {
  size_t *perm;
  int sign;
  bool whole;
  const firn_complex *a = load_lu(it, &perm, &sign, &whole);
  if (!a) return NULL;
  firn_complex unit = sign, sum = 0;
  for (size_t i = 0; i < it->n; i++) {
    const firn_complex pivot = a[i * (it->n + 1)];
    const double size = cabs(pivot);
    unit = size == 0 ? 0 : firn_times(unit, pivot / size);
    sum += log(size);
  }
  firn_item_store(it, 0, &unit, 1);
  firn_item_store(it, 1, &sum, 1);
  return NULL;
}

static firn_code infer_determinant(firn_infer *q, firn_error *err) {
  firn_shape batch;
  int64_t n;
  FIRN_TRY(firn_infer_matrix(q, 0, "input", true, &batch, &n, &n, err));
  for (size_t i = 0; i < q->out_count; i++) q->out[i].shape = batch;
  return FIRN_OK;
}

/* ---- Inverses and systems ----------------------------------------------- */

static const char singular[] = "is not invertible";

static const char *inverse(firn_item *it) {
  const size_t n = it->n;
  size_t *perm;
  int sign;
  bool whole;
  const firn_complex *a = load_lu(it, &perm, &sign, &whole);
  firn_complex *unit = firn_item_space(it, n * n),
               *x = firn_item_space(it, n * n);
  if (!a || it->short_of_memory) return NULL;
  if (!whole) return singular;
  firn_identity(unit, n);
  firn_lu_solve(a, perm, unit, x, n, n);
  if (adjoint_attr(it)) {
    firn_adjoint(x, unit, n, n);
    x = unit;
  }
  firn_item_store(it, 0, x, n * n);
  return NULL;
}

static const char *solve(firn_item *it) {
  const size_t n = it->n;
  firn_complex *a = firn_item_load(it, 0, n, n), *turned = NULL;
  const firn_complex *b = firn_item_load(it, 1, n, it->k);
  firn_complex *x = firn_item_space(it, n * it->k);
  size_t *perm = space_for_rows(it, n);
  int sign;
  if (adjoint_attr(it)) turned = firn_item_space(it, n * n);
  if (it->short_of_memory) return NULL;
  if (turned) {
    firn_adjoint(a, turned, n, n);
    a = turned;
  }
  if (!firn_lu(a, n, perm, &sign)) return singular;
  firn_lu_solve(a, perm, b, x, n, it->k);
  firn_item_store(it, 0, x, n * it->k);
  return NULL;
}

static const char *triangular_solve(firn_item *it) {
  const firn_complex *a = firn_item_load(it, 0, it->n, it->n);
  firn_complex *x = firn_item_load(it, 1, it->n, it->k);
  if (it->short_of_memory) return NULL;
  const bool lower = firn_attr_bool_or(it->run->node, "lower", true);
  firn_triangular_solve(a, x, it->n, it->k, lower, adjoint_attr(it));
  firn_item_store(it, 0, x, it->n * it->k);
  return NULL;
}

/* The matrices of input 0 and the right sides of input 1, whose batches are
 * equal, or broadcast. */
static firn_code infer_pair(firn_infer *q, bool square, bool broadcast,
                            firn_error *err) {
  firn_shape batch, other;
  int64_t m, n, rows, k;
  FIRN_TRY(firn_infer_matrix(q, 0, "matrix", square, &batch, &m, &n, err));
  FIRN_TRY(firn_infer_matrix(q, 1, "rhs", false, &other, &rows, &k, err));
  if (!firn_dim_merge(m, rows, &rows))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "rhs has %lld rows, matrix has %lld", (long long)rows,
                     (long long)m);
  if (broadcast)
    FIRN_TRY(firn_shape_broadcast(&batch, &other, &batch, err));
  else
    FIRN_TRY(firn_shape_merge(&batch, &other, &batch, err));
  return firn_shape_matrices(&batch, square ? rows : n, k, &q->out[0].shape,
                             err);
}

static firn_code infer_solve(firn_infer *q, firn_error *err) {
  return infer_pair(q, true, false, err);
}
static firn_code infer_triangular(firn_infer *q, firn_error *err) {
  return infer_pair(q, true, true, err);
}

/* ---- Least squares ------------------------------------------------------ */

static double regularizer(const firn_item *it) {
  return firn_tensor_f64(it->run->in[2], 0);
}

/* x = (A^H A + l)^-1 A^H b for tall A, A^H (A A^H + l)^-1 b for wide ones. */
static const char *by_normal_equations(firn_item *it) {
  const size_t m = it->m, n = it->n, k = it->k, s = m < n ? m : n;
  const firn_complex *a = firn_item_load(it, 0, m, n);
  const firn_complex *b = firn_item_load(it, 1, m, k);
  firn_complex *turned = firn_item_space(it, m * n);
  firn_complex *gram = firn_item_space(it, s * s);
  firn_complex *x = firn_item_space(it, n * k), *y = firn_item_space(it, m * k);
  if (it->short_of_memory) return NULL;
  const bool tall = m >= n;
  firn_adjoint(a, turned, m, n);
  if (tall)
    firn_product(turned, a, gram, n, m, n, false);
  else
    firn_product(a, turned, gram, m, n, m, false);
  for (size_t i = 0; i < s; i++) gram[i * (s + 1)] += regularizer(it);
  if (!firn_cholesky(gram, s))
    return "has not full rank: want fast=false or a larger l2_regularizer";
  firn_complex *z = tall ? x : y;
  if (tall)
    firn_product(turned, b, x, n, m, k, false);
  else
    for (size_t i = 0; i < m * k; i++) y[i] = b[i];
  firn_triangular_solve(gram, z, s, k, true, false);
  firn_triangular_solve(gram, z, s, k, true, true);
  if (!tall) firn_product(turned, y, x, n, m, k, false);
  firn_item_store(it, 0, x, n * k);
  return NULL;
}

/* The shortest x of all that come nearest; needs no full rank. */
static const char *by_singular_values(firn_item *it) {
  const size_t m = it->m, n = it->n, k = it->k, s = m < n ? m : n;
  const firn_complex *a = firn_item_load(it, 0, m, n);
  const firn_complex *b = firn_item_load(it, 1, m, k);
  firn_complex *u = firn_item_space(it, m * s), *v = firn_item_space(it, n * s);
  firn_complex *x = firn_item_space(it, n * k), *y = firn_item_space(it, s * k);
  double *values = (double *)firn_item_space(it, s);
  firn_complex *work = firn_item_space(it, firn_svd_work(m, n));
  if (it->short_of_memory) return NULL;
  firn_svd(a, m, n, firn_item_epsilon(it), values, u, s, v, s, work);
  firn_product(u, b, y, s, m, k, true);
  const double least = s ? values[0] * (double)(m > n ? m : n) * 2.2e-16 : 0;
  for (size_t i = 0; i < s; i++)
    for (size_t j = 0; j < k; j++)
      y[i * k + j] = values[i] > least ? y[i * k + j] / values[i] : 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < k; j++) {
      firn_complex sum = 0;
      for (size_t t = 0; t < s; t++)
        sum += firn_times(v[i * s + t], y[t * k + j]);
      x[i * k + j] = sum;
    }
  firn_item_store(it, 0, x, n * k);
  return NULL;
}

static const char *least_squares(firn_item *it) {
  if (it->m == 0 || it->n == 0) {
    firn_complex *zero = firn_item_space(it, it->n * it->k);
    for (size_t i = 0; zero && i < it->n * it->k; i++) zero[i] = 0;
    if (zero) firn_item_store(it, 0, zero, it->n * it->k);
    return NULL;
  }
  return firn_attr_bool_or(it->run->node, "fast", true)
             ? by_normal_equations(it)
             : by_singular_values(it);
}

static firn_code infer_least_squares(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank(q, 2, 0, "l2_regularizer", NULL, err));
  return infer_pair(q, false, false, err);
}

static firn_code drive_least_squares(const firn_run *run, firn_error *err) {
  const double l2 = firn_tensor_f64(run->in[2], 0);
  if (!(l2 >= 0))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "l2_regularizer = %g must not be negative", l2);
  return firn_drive_items(run, 2, err);
}

/* ---- Factors ------------------------------------------------------------ */

static const char *cholesky(firn_item *it) {
  const size_t n = it->n;
  firn_complex *a = firn_item_load(it, 0, n, n);
  if (it->short_of_memory) return NULL;
  if (!firn_cholesky(a, n))
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++) a[i * n + j] = j <= i ? NAN : 0;
  firn_item_store(it, 0, a, n * n);
  return NULL;
}

/* L^-H F(L^H g) L^-1 made Hermitian, F the lower triangle with half the
 * diagonal. */
static const char *cholesky_grad(firn_item *it) {
  const size_t n = it->n;
  firn_complex *l = firn_item_load(it, 0, n, n),
               *g = firn_item_load(it, 1, n, n);
  firn_complex *f = firn_item_space(it, n * n), *t = firn_item_space(it, n * n);
  if (it->short_of_memory) return NULL;
  for (size_t i = 0; i < n; i++)
    for (size_t j = i + 1; j < n; j++) l[i * n + j] = g[i * n + j] = 0;
  firn_product(l, g, f, n, n, n, true);
  for (size_t i = 0; i < n; i++) {
    f[i * (n + 1)] /= 2;
    for (size_t j = i + 1; j < n; j++) f[i * n + j] = 0;
  }
  firn_triangular_solve(l, f, n, n, true, true);
  firn_adjoint(f, t, n, n);
  firn_triangular_solve(l, t, n, n, true, true);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      f[i * n + j] = (t[i * n + j] + conj(t[j * n + i])) / 2;
  firn_item_store(it, 0, f, n * n);
  return NULL;
}

static firn_code infer_cholesky_grad(firn_infer *q, firn_error *err) {
  firn_shape batch, other;
  int64_t n, k;
  FIRN_TRY(firn_infer_matrix(q, 0, "l", true, &batch, &n, &n, err));
  FIRN_TRY(firn_infer_matrix(q, 1, "grad", true, &other, &k, &k, err));
  if (!firn_dim_merge(n, k, &n))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "grad has %lld rows, l has %lld", (long long)k,
                     (long long)n);
  FIRN_TRY(firn_shape_merge(&batch, &other, &batch, err));
  return firn_shape_matrices(&batch, n, n, &q->out[0].shape, err);
}

static const char *lu(firn_item *it) {
  size_t *perm;
  int sign;
  bool whole;
  const firn_complex *a = load_lu(it, &perm, &sign, &whole);
  if (!a) return NULL;
  if (!whole) return singular;
  firn_item_store(it, 0, a, it->n * it->n);
  for (size_t i = 0; i < it->n; i++)
    if (it->run->out[1]->dtype == FIRN_INT64)
      ((int64_t *)it->out[1])[i] = (int64_t)perm[i];
    else
      ((int32_t *)it->out[1])[i] = (int32_t)perm[i];
  return NULL;
}

static firn_code infer_lu(firn_infer *q, firn_error *err) {
  firn_shape batch;
  int64_t n;
  FIRN_TRY(firn_infer_matrix(q, 0, "input", true, &batch, &n, &n, err));
  q->out[1].shape = firn_shape_vectors(&batch, n);
  return firn_shape_matrices(&batch, n, n, &q->out[0].shape, err);
}

static const char *qr(firn_item *it) {
  const size_t m = it->m, n = it->n;
  const bool full = firn_attr_bool_or(it->run->node, "full_matrices", false);
  const size_t width = full || m < n ? m : n;
  firn_complex *r = firn_item_load(it, 0, m, n);
  firn_complex *q = firn_item_space(it, m * width);
  firn_complex *work = firn_item_space(it, m + n);
  if (it->short_of_memory) return NULL;
  firn_qr(r, m, n, q, width, NULL, work);
  firn_item_store(it, 0, q, m * width);
  firn_item_store(it, 1, r, width * n);
  return NULL;
}

static firn_code infer_qr(firn_infer *q, firn_error *err) {
  firn_shape batch;
  int64_t m, n;
  FIRN_TRY(firn_infer_matrix(q, 0, "input", false, &batch, &m, &n, err));
  int64_t width = m < n ? m : n;
  if (m < 0 || n < 0) width = FIRN_UNKNOWN_DIM;
  if (firn_attr_bool_or(q->node, "full_matrices", false)) width = m;
  FIRN_TRY(firn_shape_matrices(&batch, m, width, &q->out[0].shape, err));
  return firn_shape_matrices(&batch, width, n, &q->out[1].shape, err);
}

/* ---- The family --------------------------------------------------------- */

#define SINGLES (FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE))
#define FIELD (SINGLES | FIRN_COMPLEXES)
#define WITH_HALF (FIELD | FIRN_BIT(FIRN_HALF))

FIRN_ITEM_KERNEL(determinant_kernels, FIELD, firn_drive_matrix, determinant);
FIRN_ITEM_KERNEL(log_kernels, FIELD, firn_drive_matrix, log_determinant);
FIRN_ITEM_KERNEL(inverse_kernels, WITH_HALF, firn_drive_matrix, inverse);
FIRN_ITEM_KERNEL(solve_kernels, FIELD, firn_drive_matrices, solve);
FIRN_ITEM_KERNEL(triangular_kernels, FIELD, firn_drive_matrices,
                 triangular_solve);
FIRN_ITEM_KERNEL(ls_kernels, FIELD, drive_least_squares, least_squares);
FIRN_ITEM_KERNEL(cholesky_kernels, FIELD, firn_drive_matrix, cholesky);
FIRN_ITEM_KERNEL(cholesky_grad_kernels, SINGLES, firn_drive_matrices,
                 cholesky_grad);
FIRN_ITEM_KERNEL(lu_kernels, FIELD, firn_drive_matrix, lu);
FIRN_ITEM_KERNEL(qr_kernels, WITH_HALF, firn_drive_matrix, qr);

static const firn_op ops[] = {
    {"MatrixDeterminant", infer_determinant, determinant_kernels, 0},
    {"BatchMatrixDeterminant", infer_determinant, determinant_kernels, 0},
    {"LogMatrixDeterminant", infer_determinant, log_kernels, 0},
    {"MatrixInverse", firn_infer_square, inverse_kernels, 0},
    {"BatchMatrixInverse", firn_infer_square, inverse_kernels, 0},
    {"MatrixSolve", infer_solve, solve_kernels, 0},
    {"BatchMatrixSolve", infer_solve, solve_kernels, 0},
    {"MatrixTriangularSolve", infer_triangular, triangular_kernels, 0},
    {"BatchMatrixTriangularSolve", infer_triangular, triangular_kernels, 0},
    {"MatrixSolveLs", infer_least_squares, ls_kernels, 0},
    {"BatchMatrixSolveLs", infer_least_squares, ls_kernels, 0},
    {"Cholesky", firn_infer_square, cholesky_kernels, 0},
    {"BatchCholesky", firn_infer_square, cholesky_kernels, 0},
    {"CholeskyGrad", infer_cholesky_grad, cholesky_grad_kernels, 0},
    {"BatchCholeskyGrad", infer_cholesky_grad, cholesky_grad_kernels, 0},
    {"Lu", infer_lu, lu_kernels, 0},
    {"Qr", infer_qr, qr_kernels, 0},
};

FIRN_OP_FAMILY(solve, ops);
