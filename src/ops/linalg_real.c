/* ops/linalg_real.c: eigenvalues of a real matrix that is not symmetric.
 *
 * Francis' double shift keeps everything real: what it leaves is triangular but
 * for blocks of two for pairs of complex eigenvalues. The first of a pair is
 * the one above the real axis.
 */
#include <float.h>
#include <math.h>

#include "ops/linalg.h"

enum { PATIENCE = 60 };

typedef struct schur {
  double *t, *q;
  size_t n;
} schur;

static double *at(const schur *s, size_t i, size_t j) {
  return s->t + i * s->n + j;
}

/* I - tau v v^T that makes all but the first of `size` numbers zero; v[0] = 1.
 * Returns what the first becomes. */
static double reflection(double *v, size_t size, double *tau) {
  double tail = 0;
  for (size_t i = 1; i < size; i++) tail += v[i] * v[i];
  const double head = v[0];
  *tau = 0;
  v[0] = 1;
  if (tail <= DBL_MIN) {
    for (size_t i = 1; i < size; i++) v[i] = 0;
    return head;
  }
  double beta = sqrt(head * head + tail);
  if (head >= 0) beta = -beta;
  for (size_t i = 1; i < size; i++) v[i] /= head - beta;
  *tau = (beta - head) / beta;
  return beta;
}

/* Rows row.. of t from column `from` on, and columns row.. of t down to row
 * `to`, and of q. */
static void reflect(schur *s, const double *v, size_t size, double tau,
                    size_t row, size_t from, size_t to) {
  for (size_t j = from; j < s->n; j++) {
    double dot = 0;
    for (size_t i = 0; i < size; i++) dot += v[i] * *at(s, row + i, j);
    for (size_t i = 0; i < size; i++) *at(s, row + i, j) -= tau * dot * v[i];
  }
  for (size_t both = 0; both < 2; both++)
    for (size_t i = 0; i < (both ? s->n : to + 1); i++) {
      double *x = (both ? s->q : s->t) + i * s->n + row, dot = 0;
      for (size_t j = 0; j < size; j++) dot += x[j] * v[j];
      for (size_t j = 0; j < size; j++) x[j] -= tau * dot * v[j];
    }
}

/* Two real eigenvalues in a block: turned so that they stand on the diagonal.
 */
static void split(schur *s, size_t end) {
  const double p = (*at(s, end - 1, end - 1) - *at(s, end, end)) / 2;
  const double square = p * p + *at(s, end, end - 1) * *at(s, end - 1, end);
  if (end > 1) *at(s, end - 1, end - 2) = 0;
  if (square < 0) return;
  const double x = p + copysign(sqrt(square), p), y = *at(s, end, end - 1);
  const double length = hypot(x, y);
  if (length == 0) return;
  const double c = x / length, r = y / length;
  for (size_t j = end - 1; j < s->n; j++) {
    double *upper = at(s, end - 1, j), *lower = at(s, end, j), was = *upper;
    *upper = c * was + r * *lower;
    *lower = c * *lower - r * was;
  }
  for (size_t both = 0; both < 2; both++)
    for (size_t i = 0; i < (both ? s->n : end + 1); i++) {
      double *pair = (both ? s->q : s->t) + i * s->n + end - 1, was = pair[0];
      pair[0] = c * was + r * pair[1];
      pair[1] = c * pair[1] - r * was;
    }
  *at(s, end, end - 1) = 0;
}

/* Where a step on [low, end] starts, and the column it starts with. */
static size_t first_column(const schur *s, size_t low, size_t end, double x,
                           double y, double w, double *v) {
  for (size_t m = end - 2;; m--) {
    const double z = *at(s, m, m), r = x - z, u = y - z;
    v[0] = (r * u - w) / *at(s, m + 1, m) + *at(s, m, m + 1);
    v[1] = *at(s, m + 1, m + 1) - z - r - u;
    v[2] = *at(s, m + 2, m + 1);
    if (m == low) return m;
    const double left = *at(s, m, m - 1) * (fabs(v[1]) + fabs(v[2]));
    const double right = v[0] * (fabs(*at(s, m - 1, m - 1)) + fabs(z) +
                                 fabs(*at(s, m + 1, m + 1)));
    if (fabs(left) < DBL_EPSILON * fabs(right)) return m;
  }
}

static void step(schur *s, size_t low, size_t end, double x, double y,
                 double w) {
  double v[3], tau;
  const size_t m = first_column(s, low, end, x, y, w, v);
  for (size_t k = m; k < end; k++) {
    const size_t size = k + 1 < end ? 3 : 2;
    if (k > m)
      for (size_t i = 0; i < size; i++) v[i] = *at(s, k + i, k - 1);
    const double beta = reflection(v, size, &tau);
    if (beta == 0) continue;
    if (k > m)
      *at(s, k, k - 1) = beta;
    else if (k > low)
      *at(s, k, k - 1) = -*at(s, k, k - 1);
    reflect(s, v, size, tau, k, k, k + 3 < end ? k + 3 : end);
  }
  for (size_t i = m + 2; i <= end; i++) {
    *at(s, i, i - 2) = 0;
    if (i > m + 2) *at(s, i, i - 3) = 0;
  }
}

static size_t block_start(schur *s, size_t end, double tiny) {
  size_t low = end;
  for (; low > 0; low--) {
    const double around =
        fabs(*at(s, low - 1, low - 1)) + fabs(*at(s, low, low));
    if (fabs(*at(s, low, low - 1)) <= fmax(around * DBL_EPSILON, tiny)) break;
  }
  if (low > 0) *at(s, low, low - 1) = 0;
  return low;
}

bool firn_real_schur(double *t, size_t n, double *q) {
  schur s = {t, q, n};
  double norm = 0, moved = 0; /* moved: taken off the diagonal meanwhile */
  int round = 0;
  for (size_t i = 0; i < n * n; i++) norm += fabs(t[i]);
  const double tiny = fmax(norm * DBL_EPSILON * DBL_EPSILON, DBL_MIN);
  for (size_t left = n; left > 0;) {
    const size_t end = left - 1, low = block_start(&s, end, tiny);
    if (low + 1 >= end) {
      *at(&s, end, end) += moved;
      if (low < end) {
        *at(&s, low, low) += moved;
        split(&s, end);
      }
      left = low;
      round = 0;
      continue;
    }
    if (++round > PATIENCE) return false;
    double x = *at(&s, end, end), y = *at(&s, end - 1, end - 1);
    double w = *at(&s, end, end - 1) * *at(&s, end - 1, end);
    if (round % 10 == 0) { /* to break a cycle */
      moved += x;
      for (size_t i = 0; i <= end; i++) *at(&s, i, i) -= x;
      const double size =
          fabs(*at(&s, end, end - 1)) + fabs(*at(&s, end - 1, end - 2));
      x = y = 0.75 * size;
      w = -0.4375 * size * size;
    }
    step(&s, low, end, x, y, w);
  }
  return true;
}

/* ---- Eigenvalues and vectors -------------------------------------------- */

static bool starts_pair(const double *t, size_t n, size_t i) {
  return i + 1 < n && t[(i + 1) * n + i] != 0;
}

void firn_real_eigenvalues(const double *t, size_t n, firn_complex *values) {
  for (size_t i = 0; i < n; i++) {
    const double *d = t + i * (n + 1);
    values[i] = d[0];
    if (!starts_pair(t, n, i)) continue;
    const double p = (d[0] - d[n + 1]) / 2;
    const double z = sqrt(fabs(p * p + d[1] * d[n]));
    values[i] = CMPLX(d[n + 1] + p, z);
    values[i + 1] = CMPLX(d[n + 1] + p, -z);
    i++;
  }
}

static double not_zero(double norm) { return DBL_EPSILON * norm + DBL_MIN; }

/* Rows below i of (t - value) x = 0 are solved: goes on upwards. */
static void solve_up(const double *t, size_t n, size_t last, size_t i,
                     firn_complex value, double norm, firn_complex *x) {
  while (i-- > 0) {
    const bool pair = i > 0 && t[i * n + i - 1] != 0;
    firn_complex right[2] = {0, 0}; /* of row i, of the row above */
    for (size_t row = 0; row < 1u + pair; row++)
      for (size_t j = i + 1; j <= last; j++)
        right[row] -= t[(i - row) * n + j] * x[j];
    firn_complex d = t[i * (n + 1)] - value;
    if (!pair) {
      x[i] = right[0] / (d == 0 ? not_zero(norm) : d);
      continue;
    }
    const firn_complex a = t[(i - 1) * (n + 1)] - value;
    const double b = t[(i - 1) * n + i], c = t[i * n + i - 1];
    firn_complex det = a * d - b * c;
    if (det == 0) det = not_zero(norm);
    x[i - 1] = (right[1] * d - b * right[0]) / det;
    x[i] = (a * right[0] - c * right[1]) / det;
    i--;
  }
}

/* Column k of v: q x, of length 1. */
static void store_vector(const double *q, const firn_complex *x, size_t n,
                         size_t last, size_t k, firn_complex *v) {
  double length = 0;
  for (size_t i = 0; i < n; i++) {
    firn_complex sum = 0;
    for (size_t j = 0; j <= last; j++) sum += q[i * n + j] * x[j];
    v[i * n + k] = sum;
    length += firn_square(sum);
  }
  for (size_t i = 0; i < n; i++) v[i * n + k] /= sqrt(length);
}

void firn_real_vectors(const double *t, const double *q,
                       const firn_complex *values, size_t n, firn_complex *v,
                       firn_complex *x) {
  double norm = 0;
  for (size_t i = 0; i < n * n; i++) norm += fabs(t[i]);
  for (size_t k = 0; k < n; k++) {
    const bool pair = starts_pair(t, n, k);
    const size_t last = k + pair;
    x[last] = pair ? CMPLX(0, 1) : 1;
    if (pair) {
      const double b = t[k * n + last], c = t[last * n + k];
      x[k] = fabs(c) > fabs(b) ? -(t[last * (n + 1)] - values[k]) * x[last] / c
                               : -b * x[last] / (t[k * (n + 1)] - values[k]);
    }
    solve_up(t, n, last, k, values[k], norm, x);
    store_vector(q, x, n, last, k, v);
    if (!pair) continue;
    for (size_t i = 0; i < n; i++) v[i * n + k + 1] = conj(v[i * n + k]);
    k++;
  }
}
