/* ops/linalg_factor.c: triangular factors, and what is solved with them. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "ops/linalg.h"

/* ---- Products ----------------------------------------------------------- */

/* y -= f x */
static void subtract(firn_complex *y, const firn_complex *x, firn_complex f,
                     size_t n) {
  for (size_t j = 0; j < n; j++) y[j] -= firn_times(f, x[j]);
}

void firn_product(const firn_complex *a, const firn_complex *b, firn_complex *c,
                  size_t m, size_t k, size_t n, bool adjoint) {
  for (size_t i = 0; i < m; i++) {
    firn_complex *row = c + i * n;
    for (size_t j = 0; j < n; j++) row[j] = 0;
    for (size_t t = 0; t < k; t++)
      subtract(row, b + t * n, adjoint ? -conj(a[t * m + i]) : -a[i * k + t],
               n);
  }
}

void firn_adjoint(const firn_complex *from, firn_complex *to, size_t m,
                  size_t n) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) to[j * m + i] = conj(from[i * n + j]);
}

void firn_identity(firn_complex *a, size_t n) {
  for (size_t i = 0; i < n * n; i++) a[i] = i % (n + 1) == 0;
}

/* ---- L U ---------------------------------------------------------------- */

static void swap_rows(firn_complex *a, size_t n, size_t i, size_t j) {
  for (size_t k = 0; k < n; k++) {
    const firn_complex was = a[i * n + k];
    a[i * n + k] = a[j * n + k];
    a[j * n + k] = was;
  }
}

bool firn_lu(firn_complex *a, size_t n, size_t *perm, int *sign) {
  bool whole = true;
  *sign = 1;
  for (size_t i = 0; i < n; i++) perm[i] = i;
  for (size_t k = 0; k < n; k++) {
    size_t best = k;
    for (size_t i = k + 1; i < n; i++)
      if (cabs(a[i * n + k]) > cabs(a[best * n + k])) best = i;
    if (best != k) {
      const size_t was = perm[k];
      perm[k] = perm[best];
      perm[best] = was;
      swap_rows(a, n, k, best);
      *sign = -*sign;
    }
    const firn_complex pivot = a[k * n + k];
    whole &= cabs(pivot) > 0;
    if (pivot == 0) continue;
    for (size_t i = k + 1; i < n; i++) {
      firn_complex *row = a + i * n;
      row[k] /= pivot;
      subtract(row + k + 1, a + k * n + k + 1, row[k], n - k - 1);
    }
  }
  return whole;
}

void firn_lu_solve(const firn_complex *lu, const size_t *perm,
                   const firn_complex *b, firn_complex *x, size_t n, size_t k) {
  for (size_t i = 0; i < n; i++) {
    memcpy(x + i * k, b + perm[i] * k, k * sizeof *x);
    for (size_t t = 0; t < i; t++)
      subtract(x + i * k, x + t * k, lu[i * n + t], k);
  }
  firn_triangular_solve(lu, x, n, k, false, false);
}

/* ---- Cholesky, triangles ------------------------------------------------ */

bool firn_cholesky(firn_complex *a, size_t n) {
  for (size_t j = 0; j < n; j++) {
    firn_complex *row = a + j * n;
    for (size_t i = 0; i <= j; i++) {
      firn_complex sum = row[i];
      for (size_t t = 0; t < i; t++)
        sum -= firn_times(row[t], conj(a[i * n + t]));
      if (i < j) {
        row[i] = sum / a[i * n + i];
      } else {
        if (!(creal(sum) > 0)) return false;
        row[i] = sqrt(creal(sum));
      }
    }
    for (size_t i = j + 1; i < n; i++) row[i] = 0;
  }
  return true;
}

void firn_triangular_solve(const firn_complex *a, firn_complex *x, size_t n,
                           size_t k, bool lower, bool adjoint) {
  const bool down = lower != adjoint; /* from the first row on */
  for (size_t turn = 0; turn < n; turn++) {
    const size_t i = down ? turn : n - 1 - turn;
    for (size_t before = 0; before < turn; before++) {
      const size_t t = down ? before : n - 1 - before;
      subtract(x + i * k, x + t * k,
               adjoint ? conj(a[t * n + i]) : a[i * n + t], k);
    }
    const firn_complex pivot = adjoint ? conj(a[i * n + i]) : a[i * n + i];
    for (size_t j = 0; j < k; j++)
      x[i * k + j] = cimag(pivot) == 0
                         ? CMPLX(creal(x[i * k + j]) / creal(pivot),
                                 cimag(x[i * k + j]) == 0
                                     ? 0
                                     : cimag(x[i * k + j]) / creal(pivot))
                         : x[i * k + j] / pivot;
  }
}

/* ---- Q R ---------------------------------------------------------------- */

void firn_reflection(firn_complex *x, size_t n, size_t stride,
                     firn_complex *tau, double *beta) {
  double tail = 0;
  for (size_t i = 1; i < n; i++) tail += firn_square(x[i * stride]);
  const firn_complex head = x[0];
  if (tail <= DBL_MIN && cimag(head) * cimag(head) <= DBL_MIN) {
    *tau = 0;
    *beta = creal(head);
    for (size_t i = 1; i < n; i++) x[i * stride] = 0;
    return;
  }
  *beta = sqrt(firn_square(head) + tail);
  if (creal(head) >= 0) *beta = -*beta;
  for (size_t i = 1; i < n; i++) x[i * stride] /= head - *beta;
  *tau = conj((*beta - head) / *beta);
}

/* Rows [row, m) of a, from column `column` on, times I - tau v v^H from the
 * left; v below its leading 1 lies in column `from` of `held`. `dots` has room
 * for a row. */
static void reflect(firn_complex *a, size_t m, size_t n, size_t row,
                    size_t column, const firn_complex *held, size_t width,
                    size_t from, firn_complex tau, firn_complex *dots) {
  firn_complex *first = a + row * n;
  if (tau == 0) return;
  for (size_t j = column; j < n; j++) dots[j] = first[j];
  for (size_t i = row + 1; i < m; i++) {
    const firn_complex v = conj(held[i * width + from]);
    for (size_t j = column; j < n; j++) dots[j] += firn_times(v, a[i * n + j]);
  }
  for (size_t j = column; j < n; j++) {
    dots[j] = firn_times(dots[j], tau);
    first[j] -= dots[j];
  }
  for (size_t i = row + 1; i < m; i++) {
    const firn_complex v = held[i * width + from];
    for (size_t j = column; j < n; j++) a[i * n + j] -= firn_times(v, dots[j]);
  }
}

static void bring_largest(firn_complex *r, size_t m, size_t n, size_t k,
                          size_t *perm) {
  size_t best = k;
  double most = -1;
  for (size_t j = k; j < n; j++) {
    double norm = 0;
    for (size_t i = k; i < m; i++) norm += firn_square(r[i * n + j]);
    if (norm > most * (1 + 4 * DBL_EPSILON)) most = norm, best = j;
  }
  if (best == k) return;
  for (size_t i = 0; i < m; i++) {
    const firn_complex was = r[i * n + k];
    r[i * n + k] = r[i * n + best];
    r[i * n + best] = was;
  }
  const size_t was = perm[k];
  perm[k] = perm[best];
  perm[best] = was;
}

void firn_qr(firn_complex *r, size_t m, size_t n, firn_complex *q, size_t width,
             size_t *perm, firn_complex *work) {
  const size_t steps = m < n ? m : n;
  for (size_t j = 0; perm && j < n; j++) perm[j] = j;
  for (size_t k = 0; k < steps; k++) {
    double beta;
    if (perm) bring_largest(r, m, n, k, perm);
    firn_reflection(r + k * n + k, m - k, n, &work[k], &beta);
    reflect(r, m, n, k, k + 1, r, n, k, work[k], work + steps);
    r[k * n + k] = beta;
  }
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < width; j++) q[i * width + j] = i == j;
  for (size_t k = steps; k-- > 0;)
    reflect(q, m, width, k, k, r, n, k, conj(work[k]), work + steps);
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n && j < i; j++) r[i * n + j] = 0;
}
