/* ops/linalg_svd.c: singular values, by two-sided Jacobi rotations.
 *
 * A matrix that is not square is made so by a pivoting QR of its longer side.
 * Then pairs of rows and columns are turned until nothing is left beside the
 * diagonal. Slow for large matrices, and as exact as can be for all.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "ops/linalg.h"

enum { SWEEPS = 60 };

/* x' = c x + conj(s) y, y' = conj(c) y - s x. */
typedef struct turn {
  firn_complex c, s;
} turn;

static void turn_pair(firn_complex *x, firn_complex *y, turn r) {
  const firn_complex a = *x, b = *y;
  *x = firn_times(r.c, a) + firn_times(conj(r.s), b);
  *y = firn_times(conj(r.c), b) - firn_times(r.s, a);
}

static void turn_rows(firn_complex *a, size_t n, size_t p, size_t q, turn r) {
  for (size_t j = 0; j < n; j++) turn_pair(a + p * n + j, a + q * n + j, r);
}

static turn transposed(turn r) { return (turn){r.c, -conj(r.s)}; }

static void turn_columns(firn_complex *a, size_t rows, size_t n, size_t p,
                         size_t q, turn r) {
  const turn t = transposed(r);
  for (size_t i = 0; i < rows; i++) turn_pair(a + i * n + p, a + i * n + q, t);
}

/* The factors of a[m][n] while they come to be. */
typedef struct svd {
  firn_complex *w, *u, *v; /* [k][k], [m][wide], [n][high] */
  size_t k, m, n, wide, high;
  double epsilon;
} svd;

static void scale_row(svd *s, size_t i, firn_complex z) {
  for (size_t j = 0; j < s->k; j++) s->w[i * s->k + j] *= z;
  for (size_t r = 0; r < s->m; r++) s->u[r * s->wide + i] *= conj(z);
}

static void scale_column(svd *s, size_t j, firn_complex z) {
  for (size_t i = 0; i < s->k; i++) s->w[i * s->k + j] *= z;
  for (size_t r = 0; r < s->n; r++) s->v[r * s->high + j] *= z;
}

static firn_complex phase(firn_complex z) { return cabs(z) / z; }

/* Makes the four numbers at rows and columns p, q real. */
static void make_real(svd *s, size_t p, size_t q) {
  firn_complex *pp = s->w + p * s->k + p, *pq = s->w + p * s->k + q;
  firn_complex *qp = s->w + q * s->k + p, *qq = s->w + q * s->k + q;
  if (cimag(*pp) == 0 && cimag(*pq) == 0 && cimag(*qp) == 0 && cimag(*qq) == 0)
    return;
  const double length = sqrt(firn_square(*pp) + firn_square(*qp));
  if (length == 0) {
    if (cimag(*pq) != 0) scale_row(s, p, phase(*pq));
  } else {
    const turn r = {conj(*pp) / length, *qp / length};
    turn_rows(s->w, s->k, p, q, r);
    turn_columns(s->u, s->m, s->wide, p, q, (turn){conj(r.c), -r.s});
    *qp = 0;
    if (cimag(*pq) != 0) scale_column(s, q, phase(*pq));
  }
  if (cimag(*qq) != 0) scale_row(s, q, phase(*qq));
}

/* The rotation that makes the symmetric [x y; y z] diagonal. */
static turn jacobi(double x, double y, double z) {
  if (2 * fabs(y) < DBL_MIN) return (turn){1, 0};
  const double tau = (x - z) / (2 * fabs(y)), w = sqrt(tau * tau + 1);
  const double t = tau > 0 ? 1 / (tau + w) : 1 / (tau - w);
  const double c = 1 / sqrt(t * t + 1);
  return (turn){c, -copysign(1, y) * t * c};
}

/* Makes the numbers beside the diagonal of a real 2x2 block zero. */
static void diagonalize(svd *s, size_t p, size_t q) {
  const double a = creal(s->w[p * s->k + p]), b = creal(s->w[p * s->k + q]),
               c = creal(s->w[q * s->k + p]), d = creal(s->w[q * s->k + q]);
  turn first = {1, 0}; /* makes the block symmetric */
  if (fabs(c - b) >= DBL_MIN) {
    const double t = (a + d) / (c - b), length = sqrt(1 + t * t);
    first = isinf(t) ? first : (turn){t / length, 1 / length};
  }
  const double fc = creal(first.c), fs = creal(first.s);
  const turn right = jacobi(fc * a + fs * c, fc * b + fs * d, fc * d - fs * b);
  const turn back = transposed(right);
  const turn left = {first.c * back.c - first.s * back.s,
                     first.c * back.s + first.s * back.c};
  turn_rows(s->w, s->k, p, q, left);
  turn_columns(s->u, s->m, s->wide, p, q, transposed(left));
  turn_columns(s->w, s->k, s->k, p, q, right);
  turn_columns(s->v, s->n, s->high, p, q, right);
}

static double largest_diagonal(const svd *s) {
  double most = 0;
  for (size_t i = 0; i < s->k; i++) {
    const double size = cabs(s->w[i * s->k + i]);
    if (size > most) most = size;
  }
  return most;
}

static void sweep_all(svd *s) {
  bool done = false;
  for (int sweep = 0; sweep < SWEEPS && !done; sweep++) {
    done = true;
    for (size_t p = 1; p < s->k; p++)
      for (size_t q = 0; q < p; q++) {
        const double limit =
            fmax(DBL_MIN, 2 * s->epsilon * largest_diagonal(s));
        if (!(cabs(s->w[p * s->k + q]) > limit) &&
            !(cabs(s->w[q * s->k + p]) > limit))
          continue;
        done = false;
        make_real(s, p, q);
        diagonalize(s, p, q);
      }
  }
}

static void swap_columns(firn_complex *a, size_t rows, size_t n, size_t i,
                         size_t j) {
  for (size_t r = 0; r < rows; r++) {
    const firn_complex was = a[r * n + i];
    a[r * n + i] = a[r * n + j];
    a[r * n + j] = was;
  }
}

/* Positive values, the largest first. */
static void order(svd *s, double *values) {
  for (size_t i = 0; i < s->k; i++) {
    const firn_complex d = s->w[i * s->k + i];
    values[i] = cabs(d);
    if (values[i] != 0 && d != values[i])
      for (size_t r = 0; r < s->m; r++)
        s->u[r * s->wide + i] *= cimag(d) == 0 ? -1 : d / values[i];
  }
  for (size_t i = 0; i < s->k; i++) {
    size_t best = i;
    for (size_t j = i + 1; j < s->k; j++)
      if (values[j] > values[best]) best = j;
    if (best == i) continue;
    const double was = values[i];
    values[i] = values[best];
    values[best] = was;
    swap_columns(s->u, s->m, s->wide, i, best);
    swap_columns(s->v, s->n, s->high, i, best);
  }
}

/* The permutation as a matrix: column j is the unit of perm[j]. */
static void permutation(firn_complex *a, size_t n, const size_t *perm) {
  memset(a, 0, n * n * sizeof *a);
  for (size_t j = 0; j < n; j++) a[perm[j] * n + j] = 1;
}

/* w = the triangle of a[m][n] with m > n, or of the adjoint of one with n > m.
 */
static void make_square(svd *s, const firn_complex *a, firn_complex *work) {
  const bool tall = s->m > s->n;
  const size_t rows = tall ? s->m : s->n, columns = tall ? s->n : s->m;
  firn_complex *r = work, *tau = work + rows * columns;
  size_t *perm = (size_t *)(tau + rows + columns);
  if (tall)
    memcpy(r, a, rows * columns * sizeof *r);
  else
    firn_adjoint(a, r, s->m, s->n);
  firn_qr(r, rows, columns, tall ? s->u : s->v, tall ? s->wide : s->high, perm,
          tau);
  permutation(tall ? s->v : s->u, columns, perm);
  if (tall)
    memcpy(s->w, r, columns * columns * sizeof *r);
  else
    firn_adjoint(r, s->w, columns, columns);
}

size_t firn_svd_work(size_t m, size_t n) {
  const size_t k = m < n ? m : n;
  return m * n + k * k + m * n + 2 * (m + n);
}

void firn_svd(const firn_complex *a, size_t m, size_t n, double epsilon,
              double *values, firn_complex *u, size_t wide, firn_complex *v,
              size_t high, firn_complex *work) {
  svd s = {work, u, v, m < n ? m : n, m, n, wide, high, epsilon};
  firn_complex *scaled = work + s.k * s.k, *rest = scaled + m * n;
  double scale = 0;
  bool finite = true;
  for (size_t i = 0; i < m * n; i++) {
    const double size = cabs(a[i]);
    finite &= size < INFINITY;
    if (size > scale) scale = size;
  }
  if (!finite) {
    for (size_t i = 0; i < s.k; i++) values[i] = NAN;
    for (size_t i = 0; i < m * wide; i++) u[i] = NAN;
    for (size_t i = 0; i < n * high; i++) v[i] = NAN;
    return;
  }
  if (scale == 0) scale = 1;
  for (size_t i = 0; i < m * n; i++) scaled[i] = a[i] / scale;
  if (m == n) {
    memcpy(s.w, scaled, m * n * sizeof *scaled);
    firn_identity(u, m);
    firn_identity(v, n);
  } else {
    make_square(&s, scaled, rest);
  }
  sweep_all(&s);
  order(&s, values);
  for (size_t i = 0; i < s.k; i++) values[i] *= scale;
}
