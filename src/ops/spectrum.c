/* ops/spectrum.c: eigenvalues, singular values, and functions of matrices. */
#include <math.h>

#include "ops/matrix_items.h"

static void fill_nan(firn_complex *x, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = CMPLX(NAN, NAN);
}

static const char not_found[] =
    "has no eigenvalues that can be found: it may hold NaN";

/* ---- Self-adjoint ------------------------------------------------------- */

typedef struct eigen {
  double *values;
  firn_complex *as_complex, *vectors;
} eigen;

static const char *hermitian(firn_item *it, eigen *e) {
  const size_t n = it->n;
  firn_complex *a = firn_item_load(it, 0, n, n);
  double *work = (double *)firn_item_space(it, 2 * n);
  e->values = (double *)firn_item_space(it, n);
  e->as_complex = firn_item_space(it, n);
  e->vectors = firn_item_space(it, n * n);
  if (it->short_of_memory) return NULL;
  if (!firn_hermitian_eigen(a, n, firn_item_epsilon(it), e->values, e->vectors,
                            work))
    return not_found;
  for (size_t i = 0; i < n; i++) e->as_complex[i] = e->values[i];
  return NULL;
}

static const char *self_adjoint_v2(firn_item *it) {
  eigen e;
  const char *reason = hermitian(it, &e);
  if (reason || it->short_of_memory) return reason;
  firn_item_store(it, 0, e.as_complex, it->n);
  if (firn_attr_bool_or(it->run->node, "compute_v", true))
    firn_item_store(it, 1, e.vectors, it->n * it->n);
  return NULL;
}

/* The first row holds the eigenvalues. */
static const char *self_adjoint_v1(firn_item *it) {
  const size_t n = it->n;
  eigen e;
  const char *reason = hermitian(it, &e);
  firn_complex *both = firn_item_space(it, (n + 1) * n);
  if (reason || it->short_of_memory) return reason;
  for (size_t i = 0; i < n; i++) both[i] = e.as_complex[i];
  for (size_t i = 0; i < n * n; i++) both[n + i] = e.vectors[i];
  firn_item_store(it, 0, both, (n + 1) * n);
  return NULL;
}

static firn_code infer_eigen(firn_infer *q, firn_error *err) {
  firn_shape batch;
  int64_t n;
  FIRN_TRY(firn_infer_matrix(q, 0, "input", true, &batch, &n, &n, err));
  q->out[0].shape = firn_shape_vectors(&batch, n);
  q->out[1].shape = firn_shape_scalar();
  if (!firn_attr_bool_or(q->node, "compute_v", true)) return FIRN_OK;
  return firn_shape_matrices(&batch, n, n, &q->out[1].shape, err);
}

static firn_code infer_eigen_v1(firn_infer *q, firn_error *err) {
  firn_shape batch;
  int64_t n;
  FIRN_TRY(firn_infer_matrix(q, 0, "input", true, &batch, &n, &n, err));
  return firn_shape_matrices(&batch, n < 0 ? n : n + 1, n, &q->out[0].shape,
                             err);
}

/* Without vectors the other outputs are scalars that mean nothing. */
static firn_code drive(const firn_run *run, firn_error *err) {
  for (size_t i = 1; i < run->out_count; i++)
    if (run->out[i]->count)
      memset(run->out[i]->data, 0, firn_tensor_bytes(run->out[i]));
  return firn_drive_items(run, 1, err);
}

/* ---- Any square matrix -------------------------------------------------- */

static bool wants_vectors(const firn_item *it) {
  return firn_attr_bool_or(it->run->node, "compute_v", true);
}

static bool is_real(const firn_item *it) {
  const firn_dtype dtype = it->run->in[0]->dtype;
  return dtype == FIRN_FLOAT || dtype == FIRN_DOUBLE;
}

/* The real parts of a, in its own place. */
static double *real_parts(firn_complex *a, size_t count) {
  double *real = (double *)a;
  for (size_t i = 0; i < count; i++) real[i] = real[2 * i];
  return real;
}

static bool all_finite(const firn_complex *a, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!(cabs(a[i]) < INFINITY)) return false;
  return true;
}

static const char *eig_of_real(firn_item *it, firn_complex *a, firn_complex *q,
                               firn_complex *v, firn_complex *values) {
  const size_t n = it->n;
  if (!all_finite(a, n * n)) return not_found;
  firn_hessenberg(a, n, q, values);
  double *t = real_parts(a, n * n), *u = real_parts(q, n * n);
  firn_complex *work = firn_item_space(it, n);
  if (!work) return NULL;
  if (!firn_real_schur(t, n, u)) return not_found;
  firn_real_eigenvalues(t, n, values);
  if (wants_vectors(it)) firn_real_vectors(t, u, values, n, v, work);
  return NULL;
}

/* By rising size. */
static void sort_eigen(firn_complex *values, firn_complex *v, size_t n) {
  for (size_t i = 0; i < n; i++) {
    size_t least = i;
    for (size_t j = i + 1; j < n; j++)
      if (cabs(values[j]) < cabs(values[least])) least = j;
    if (least == i) continue;
    const firn_complex was = values[i];
    values[i] = values[least];
    values[least] = was;
    for (size_t r = 0; r < n; r++) {
      const firn_complex one = v[r * n + i];
      v[r * n + i] = v[r * n + least];
      v[r * n + least] = one;
    }
  }
}

static const char *eig_of_complex(firn_item *it, firn_complex *t,
                                  firn_complex *q, firn_complex *v,
                                  firn_complex *values) {
  const size_t n = it->n;
  if (!firn_schur(t, n, q, values)) return not_found;
  firn_triangular_vectors(t, q, n, v, values);
  for (size_t i = 0; i < n; i++) values[i] = t[i * (n + 1)];
  sort_eigen(values, v, n);
  return NULL;
}

static const char *eig(firn_item *it) {
  const size_t n = it->n;
  firn_complex *a = firn_item_load(it, 0, n, n);
  firn_complex *q = firn_item_space(it, n * n), *v = firn_item_space(it, n * n);
  firn_complex *values = firn_item_space(it, n);
  if (it->short_of_memory) return NULL;
  const char *reason = is_real(it) ? eig_of_real(it, a, q, v, values)
                                   : eig_of_complex(it, a, q, v, values);
  if (reason || it->short_of_memory) return reason;
  firn_item_store(it, 0, values, n);
  if (wants_vectors(it)) firn_item_store(it, 1, v, n * n);
  return NULL;
}

/* ---- Singular values ---------------------------------------------------- */

static const char *svd(firn_item *it) {
  const firn_node *node = it->run->node;
  const size_t m = it->m, n = it->n, k = m < n ? m : n;
  const firn_complex *a = firn_item_load(it, 0, m, n);
  const bool vectors = firn_attr_bool_or(node, "compute_uv", true);
  const bool full = vectors && firn_attr_bool_or(node, "full_matrices", false);
  const size_t wide = full ? m : k, high = full ? n : k;
  firn_complex *u = firn_item_space(it, m * wide);
  firn_complex *v = firn_item_space(it, n * high);
  firn_complex *work = firn_item_space(it, firn_svd_work(m, n));
  firn_complex *s = firn_item_space(it, k);
  double *values = (double *)firn_item_space(it, k);
  if (it->short_of_memory) return NULL;
  firn_svd(a, m, n, firn_item_epsilon(it), values, u, wide, v, high, work);
  for (size_t i = 0; i < k; i++) s[i] = values[i];
  firn_item_store(it, 0, s, k);
  if (!vectors) return NULL;
  firn_item_store(it, 1, u, m * wide);
  firn_item_store(it, 2, v, n * high);
  return NULL;
}

static firn_code infer_svd(firn_infer *q, firn_error *err) {
  firn_shape batch;
  int64_t m, n;
  FIRN_TRY(firn_infer_matrix(q, 0, "input", false, &batch, &m, &n, err));
  const int64_t k = m < 0 || n < 0 ? FIRN_UNKNOWN_DIM : m < n ? m : n;
  const bool full = firn_attr_bool_or(q->node, "full_matrices", false);
  q->out[0].shape = firn_shape_vectors(&batch, k);
  q->out[1].shape = q->out[2].shape = firn_shape_scalar();
  if (!firn_attr_bool_or(q->node, "compute_uv", true)) return FIRN_OK;
  FIRN_TRY(firn_shape_matrices(&batch, m, full ? m : k, &q->out[1].shape, err));
  return firn_shape_matrices(&batch, n, full ? n : k, &q->out[2].shape, err);
}

/* ---- Functions of matrices ---------------------------------------------- */

static double norm_of(const firn_complex *a, size_t n, bool less_one) {
  double sum = 0;
  for (size_t i = 0; i < n * n; i++)
    sum += firn_square(less_one && i % (n + 1) == 0 ? a[i] - 1 : a[i]);
  return sqrt(sum);
}

/* exp(A) = r(A / 2^s)^(2^s), r the quotient of two polynomials of degree 8:
 * they differ in the sign of the odd powers. */
static const char *exponential(firn_item *it) {
  enum { DEGREE = 8, HALVINGS = 1100 };
  const size_t n = it->n, count = n * n;
  firn_complex *a = firn_item_load(it, 0, n, n);
  firn_complex *power = firn_item_space(it, count),
               *next = firn_item_space(it, count),
               *over = firn_item_space(it, count),
               *under = firn_item_space(it, count);
  size_t *perm = (size_t *)firn_item_space(it, n);
  int halvings = 0, sign;
  if (it->short_of_memory) return NULL;
  double norm = norm_of(a, n, false), factor = 1;
  for (; norm > 0.5 && halvings < HALVINGS; norm /= 2) halvings++;
  for (size_t i = 0; i < count; i++) a[i] *= ldexp(1, -halvings);
  firn_identity(power, n);
  firn_identity(over, n);
  firn_identity(under, n);
  for (int k = 1; k <= DEGREE; k++) {
    factor *= (double)(DEGREE - k + 1) / (k * (2 * DEGREE - k + 1));
    firn_product(a, power, next, n, n, n, false);
    for (size_t i = 0; i < count; i++) {
      power[i] = next[i];
      over[i] += factor * power[i];
      under[i] += (k % 2 ? -factor : factor) * power[i];
    }
  }
  firn_lu(under, n, perm, &sign);
  firn_lu_solve(under, perm, over, power, n, n);
  for (int k = 0; k < halvings; k++) {
    firn_product(power, power, next, n, n, n, false);
    for (size_t i = 0; i < count; i++) power[i] = next[i];
  }
  firn_item_store(it, 0, power, count);
  return NULL;
}

/* r r = t, both upper triangular. */
static void triangular_root(const firn_complex *t, firn_complex *r, size_t n) {
  for (size_t i = 0; i < n * n; i++) r[i] = 0;
  for (size_t j = 0; j < n; j++) {
    r[j * (n + 1)] = csqrt(t[j * (n + 1)]);
    for (size_t i = j; i-- > 0;) {
      firn_complex sum = t[i * n + j];
      for (size_t k = i + 1; k < j; k++)
        sum -= firn_times(r[i * n + k], r[k * n + j]);
      r[i * n + j] = sum / (r[i * (n + 1)] + r[j * (n + 1)]);
    }
  }
}

/* y = q f q^H */
static void turn_back(const firn_complex *q, const firn_complex *f,
                      firn_complex *y, firn_complex *half, size_t n) {
  firn_product(q, f, half, n, n, n, false);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      firn_complex sum = 0;
      for (size_t k = 0; k < n; k++)
        sum += firn_times(half[i * n + k], conj(q[j * n + k]));
      y[i * n + j] = sum;
    }
}

static const char *square_root(firn_item *it) {
  const size_t n = it->n, count = n * n;
  firn_complex *t = firn_item_load(it, 0, n, n);
  firn_complex *q = firn_item_space(it, count), *r = firn_item_space(it, count);
  firn_complex *work = firn_item_space(it, n);
  if (it->short_of_memory) return NULL;
  if (firn_schur(t, n, q, work)) {
    triangular_root(t, r, n);
    firn_complex *y = t, *half = firn_item_space(it, count);
    if (!half) return NULL;
    turn_back(q, r, y, half, n);
    /* The root of a real matrix with negative eigenvalues is no real matrix. */
    double imaginary = 0;
    for (size_t i = 0; i < count; i++)
      imaginary = fmax(imaginary, fabs(cimag(y[i])));
    if (is_real(it) && !(imaginary <= 1e-8 * norm_of(y, n, false)))
      fill_nan(y, count);
  } else {
    fill_nan(t, count);
  }
  firn_item_store(it, 0, t, count);
  return NULL;
}

/* log(T) = 2^s log(T^(1/2^s)), and near 1 by the power series. */
static bool triangular_log(firn_complex *t, firn_complex *r, firn_complex *sum,
                           size_t n) {
  enum { ROOTS = 100, TERMS = 30 };
  const size_t count = n * n;
  int roots = 0;
  while (norm_of(t, n, true) > 0.25) {
    if (roots++ == ROOTS) return false;
    triangular_root(t, r, n);
    for (size_t i = 0; i < count; i++) t[i] = r[i];
  }
  for (size_t i = 0; i < n; i++) t[i * (n + 1)] -= 1;
  /* x (1 - x (1/2 - x (1/3 - ...))) from the inside out */
  for (size_t i = 0; i < count; i++) sum[i] = 0;
  for (int k = TERMS; k >= 1; k--) {
    for (size_t i = 0; i < n; i++) sum[i * (n + 1)] += 1.0 / k;
    firn_product(t, sum, r, n, n, n, false);
    for (size_t i = 0; i < count; i++) sum[i] = k == 1 ? r[i] : -r[i];
  }
  for (size_t i = 0; i < count; i++) t[i] = sum[i] * ldexp(1, roots);
  return true;
}

static const char *logarithm(firn_item *it) {
  const size_t n = it->n, count = n * n;
  firn_complex *t = firn_item_load(it, 0, n, n);
  firn_complex *q = firn_item_space(it, count), *r = firn_item_space(it, count),
               *sum = firn_item_space(it, count);
  firn_complex *work = firn_item_space(it, n);
  if (it->short_of_memory) return NULL;
  if (firn_schur(t, n, q, work) && triangular_log(t, r, sum, n))
    turn_back(q, t, sum, r, n);
  else
    fill_nan(sum, count);
  firn_item_store(it, 0, sum, count);
  return NULL;
}

/* ---- The family --------------------------------------------------------- */

#define SINGLES (FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE))
#define FIELD (SINGLES | FIRN_COMPLEXES)

FIRN_ITEM_KERNEL(v1, SINGLES, firn_drive_matrix, self_adjoint_v1);
FIRN_ITEM_KERNEL(v2, FIELD, drive, self_adjoint_v2);
FIRN_ITEM_KERNEL(svd_kernels, FIELD, drive, svd);
FIRN_ITEM_KERNEL(exponential_kernels, FIELD, firn_drive_matrix, exponential);
FIRN_ITEM_KERNEL(root_kernels, FIELD, firn_drive_matrix, square_root);
FIRN_ITEM_KERNEL(log_kernels, FIRN_COMPLEXES, firn_drive_matrix, logarithm);

#define EIG(IN, OUT)                                                          \
  {                                                                           \
    .types = {{"T", IN}, {"Tout", FIRN_BIT(OUT)}}, .drive = drive, .micro = { \
      .any = (void (*)(void))(eig)                                            \
    }                                                                         \
  }
static const firn_kernel eig_kernels[] = {
    EIG(FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_COMPLEX64), FIRN_COMPLEX64),
    EIG(FIRN_BIT(FIRN_DOUBLE) | FIRN_BIT(FIRN_COMPLEX128), FIRN_COMPLEX128),
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"SelfAdjointEig", infer_eigen_v1, v1, 0},
    {"BatchSelfAdjointEig", infer_eigen_v1, v1, 0},
    {"SelfAdjointEigV2", infer_eigen, v2, 0},
    {"BatchSelfAdjointEigV2", infer_eigen, v2, 0},
    {"Eig", infer_eigen, eig_kernels, 0},
    {"Svd", infer_svd, svd_kernels, 0},
    {"BatchSvd", infer_svd, svd_kernels, 0},
    {"MatrixExponential", firn_infer_square, exponential_kernels, 0},
    {"MatrixLogarithm", firn_infer_square, log_kernels, 0},
    {"MatrixSquareRoot", firn_infer_square, root_kernels, 0},
};

FIRN_OP_FAMILY(spectrum, ops);
