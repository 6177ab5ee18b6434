/* ops/linalg_spectrum.c: eigenvalues: of Hermitian matrices by way of a
 * tridiagonal one, of others by way of Schur's triangle. */
#include <float.h>
#include <math.h>

#include "ops/linalg.h"

enum { PATIENCE = 60 }; /* steps for one eigenvalue */

/* ---- Rotations ---------------------------------------------------------- */

/* [c -s; s c], real, that turns (p, q) into (r, 0). */
typedef struct turn {
  double c, s;
} turn;

static turn turn_for(double p, double q) {
  if (q == 0) return (turn){p < 0 ? -1 : 1, 0};
  if (p == 0) return (turn){0, q < 0 ? 1 : -1};
  if (fabs(p) > fabs(q)) {
    const double t = q / p, u = copysign(sqrt(1 + t * t), p);
    return (turn){1 / u, -t / u};
  }
  const double t = p / q, u = copysign(sqrt(1 + t * t), q);
  return (turn){t / u, -1 / u};
}

/* ---- Hermitian ---------------------------------------------------------- */

/* a becomes tridiagonal (values: its diagonal, off: the one below), v the
 * unitary matrix that did it. */
static void make_tridiagonal(firn_complex *a, size_t n, double *values,
                             double *off, firn_complex *v, firn_complex *tau) {
  for (size_t i = 0; i + 1 < n; i++) {
    const size_t size = n - i - 1;
    firn_complex *x = a + (i + 1) * n + i; /* a column: stride n */
    double beta;
    firn_reflection(x, size, n, &tau[i], &beta);
    x[0] = 1;
    /* p = conj(tau) A x, then A -= x w^H + w x^H. p goes to the rows of v. */
    firn_complex *p = v;
    const firn_complex scale = conj(tau[i]);
    firn_complex dot = 0;
    for (size_t r = 0; r < size; r++) {
      firn_complex sum = 0;
      for (size_t c = 0; c < size; c++) {
        const size_t row = i + 1 + r, column = i + 1 + c;
        sum += firn_times(
            row >= column ? a[row * n + column] : conj(a[column * n + row]),
            x[c * n]);
      }
      p[r] = firn_times(scale, sum);
    }
    for (size_t r = 0; r < size; r++) dot += firn_times(conj(p[r]), x[r * n]);
    for (size_t r = 0; r < size; r++)
      p[r] -= firn_times(firn_times(scale, 0.5 * dot), x[r * n]);
    for (size_t r = 0; r < size; r++)
      for (size_t c = 0; c <= r; c++)
        a[(i + 1 + r) * n + i + 1 + c] -=
            firn_times(x[r * n], conj(p[c])) + firn_times(p[r], conj(x[c * n]));
    off[i] = beta;
  }
  for (size_t i = 0; i < n; i++) values[i] = creal(a[i * n + i]);
  firn_identity(v, n);
  for (size_t i = n > 1 ? n - 1 : 0; i-- > 0;) {
    const firn_complex t = conj(tau[i]);
    for (size_t j = i + 1; j < n; j++) {
      firn_complex dot = v[(i + 1) * n + j];
      for (size_t r = i + 2; r < n; r++)
        dot += firn_times(conj(a[r * n + i]), v[r * n + j]);
      dot = firn_times(dot, t);
      v[(i + 1) * n + j] -= dot;
      for (size_t r = i + 2; r < n; r++)
        v[r * n + j] -= firn_times(a[r * n + i], dot);
    }
  }
}

/* The eigenvalue of the last 2x2 block that is nearer to its corner. */
static double shift_of(const double *d, const double *e, size_t end) {
  const double half = (d[end - 1] - d[end]) / 2, off = e[end - 1];
  if (half == 0) return d[end] - fabs(off);
  if (off == 0) return d[end];
  const double reach = half + copysign(hypot(half, off), half);
  return off * off == 0 ? d[end] - off / (reach / off)
                        : d[end] - off * off / reach;
}

/* One step of the implicit QR algorithm on rows [start, end]. */
static void chase(double *d, double *e, size_t start, size_t end,
                  firn_complex *v, size_t n) {
  double x = d[start] - shift_of(d, e, end), z = e[start];
  for (size_t k = start; k < end && z != 0; k++) {
    const turn r = turn_for(x, z);
    const double low = r.s * d[k] + r.c * e[k];
    const double next = r.s * e[k] + r.c * d[k + 1];
    d[k] =
        r.c * (r.c * d[k] - r.s * e[k]) - r.s * (r.c * e[k] - r.s * d[k + 1]);
    d[k + 1] = r.s * low + r.c * next;
    e[k] = r.c * low - r.s * next;
    if (k > start) e[k - 1] = r.c * e[k - 1] - r.s * z;
    x = e[k];
    if (k + 1 < end) {
      z = -r.s * e[k + 1];
      e[k + 1] *= r.c;
    }
    for (size_t i = 0; i < n; i++) {
      firn_complex *row = v + i * n + k;
      const firn_complex was = row[0];
      row[0] = r.c * was - r.s * row[1];
      row[1] = r.s * was + r.c * row[1];
    }
  }
}

static bool diagonalize(double *d, double *e, size_t n, double epsilon,
                        firn_complex *v) {
  size_t end = n - 1;
  for (size_t round = 0; end > 0; round++) {
    for (size_t i = 0; i < end; i++)
      if (fabs(e[i]) < DBL_MIN ||
          e[i] * e[i] <= epsilon * epsilon * (fabs(d[i]) + fabs(d[i + 1])))
        e[i] = 0;
    while (end > 0 && e[end - 1] == 0) end--;
    if (end == 0) break;
    if (round > PATIENCE * n) return false;
    size_t start = end - 1;
    while (start > 0 && e[start - 1] != 0) start--;
    chase(d, e, start, end, v, n);
  }
  return true;
}

static void swap_columns(firn_complex *v, size_t rows, size_t n, size_t i,
                         size_t j) {
  for (size_t r = 0; r < rows; r++) {
    const firn_complex was = v[r * n + i];
    v[r * n + i] = v[r * n + j];
    v[r * n + j] = was;
  }
}

bool firn_hermitian_eigen(firn_complex *a, size_t n, double epsilon,
                          double *values, firn_complex *v, double *work) {
  double scale = 0;
  if (n == 0) return true;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++) {
      const double size = cabs(a[i * n + j]);
      if (!(size < INFINITY)) return false;
      if (size > scale) scale = size;
    }
  if (scale == 0) scale = 1;
  for (size_t i = 0; i < n * n; i++) a[i] /= scale;
  for (size_t i = 0; i < n; i++) a[i * n + i] = creal(a[i * n + i]);
  make_tridiagonal(a, n, values, work, v, (firn_complex *)(work + n));
  if (!diagonalize(values, work, n, epsilon, v)) return false;
  for (size_t i = 0; i < n; i++) {
    size_t least = i;
    for (size_t j = i + 1; j < n; j++)
      if (values[j] < values[least]) least = j;
    const double was = values[i];
    values[i] = values[least];
    values[least] = was;
    if (least != i) swap_columns(v, n, n, i, least);
  }
  for (size_t i = 0; i < n; i++) values[i] *= scale;
  return true;
}

/* ---- Schur -------------------------------------------------------------- */

void firn_hessenberg(firn_complex *a, size_t n, firn_complex *q,
                     firn_complex *v) {
  firn_identity(q, n);
  for (size_t k = 0; k + 2 < n; k++) {
    const size_t size = n - k - 1;
    firn_complex tau;
    double beta;
    for (size_t i = 0; i < size; i++) v[i] = a[(k + 1 + i) * n + k];
    firn_reflection(v, size, 1, &tau, &beta);
    v[0] = 1;
    for (size_t j = k; j < n; j++) { /* from the left */
      firn_complex dot = 0;
      for (size_t i = 0; i < size; i++)
        dot += firn_times(conj(v[i]), a[(k + 1 + i) * n + j]);
      dot = firn_times(dot, tau);
      for (size_t i = 0; i < size; i++)
        a[(k + 1 + i) * n + j] -= firn_times(v[i], dot);
    }
    for (size_t both = 0; both < 2; both++) { /* and from the right */
      firn_complex *m = both ? q : a;
      for (size_t r = 0; r < n; r++) {
        firn_complex *row = m + r * n + k + 1, dot = 0;
        for (size_t i = 0; i < size; i++) dot += firn_times(row[i], v[i]);
        dot = firn_times(dot, conj(tau));
        for (size_t i = 0; i < size; i++) row[i] -= firn_times(dot, conj(v[i]));
      }
    }
    for (size_t i = 1; i < size; i++) a[(k + 1 + i) * n + k] = 0;
  }
}

static firn_complex schur_shift(const firn_complex *t, size_t n, size_t end,
                                size_t round) {
  if (round % 10 == 9 && end > 1) /* to break a cycle */
    return fabs(creal(t[end * n + end - 1])) +
           fabs(creal(t[(end - 1) * n + end - 2]));
  const firn_complex *row = t + (end - 1) * n + end - 1;
  const double size =
      cabs(row[0]) + cabs(row[1]) + cabs(row[n]) + cabs(row[n + 1]);
  const firn_complex a = row[0] / size, d = row[n + 1] / size,
                     bc = row[1] / size * (row[n] / size);
  const firn_complex root = csqrt((a - d) * (a - d) + 4 * bc);
  firn_complex one = (a + d + root) / 2, two = (a + d - root) / 2;
  if (cabs(one) > cabs(two))
    two = (a * d - bc) / one;
  else if (two != 0)
    one = (a * d - bc) / two;
  return size * (cabs(one - d) < cabs(two - d) ? one : two);
}

/* Rows and columns k, k + 1 of t and columns of q, by the rotation that turns
 * (x, y) into (., 0). */
static void rotate(firn_complex *t, firn_complex *q, size_t n, size_t k,
                   size_t end, firn_complex x, firn_complex y) {
  const double size = sqrt(firn_square(x) + firn_square(y));
  if (size == 0) return;
  const firn_complex c = x / size, s = y / size;
  for (size_t j = k ? k - 1 : 0; j < n; j++) {
    firn_complex *upper = t + k * n + j, *lower = upper + n;
    const firn_complex u = *upper, l = *lower;
    *upper = firn_times(conj(c), u) + firn_times(conj(s), l);
    *lower = firn_times(c, l) - firn_times(s, u);
  }
  const size_t rows = k + 2 < end ? k + 3 : end + 1;
  for (size_t both = 0; both < 2; both++) {
    firn_complex *m = both ? q : t;
    for (size_t i = 0; i < (both ? n : rows); i++) {
      firn_complex *row = m + i * n + k;
      const firn_complex u = row[0], l = row[1];
      row[0] = firn_times(c, u) + firn_times(s, l);
      row[1] = firn_times(conj(c), l) - firn_times(conj(s), u);
    }
  }
}

static bool negligible(firn_complex *t, size_t n, size_t i) {
  firn_complex *off = t + (i + 1) * n + i;
  const double around = fabs(creal(t[i * n + i])) + fabs(cimag(t[i * n + i])) +
                        fabs(creal(off[1])) + fabs(cimag(off[1]));
  if (!(fabs(creal(*off)) + fabs(cimag(*off)) > DBL_EPSILON * around)) {
    *off = 0;
    return true;
  }
  return false;
}

bool firn_schur(firn_complex *a, size_t n, firn_complex *q,
                firn_complex *work) {
  for (size_t i = 0; i < n * n; i++)
    if (!(cabs(a[i]) < INFINITY)) return false;
  firn_hessenberg(a, n, q, work);
  size_t end = n ? n - 1 : 0;
  for (size_t round = 0; end > 0;) {
    if (negligible(a, n, end - 1)) {
      end--;
      round = 0;
      continue;
    }
    if (++round > PATIENCE * 2) return false;
    size_t start = end - 1;
    while (start > 0 && !negligible(a, n, start - 1)) start--;
    const firn_complex shift = schur_shift(a, n, end, round);
    rotate(a, q, n, start, end, a[start * n + start] - shift,
           a[(start + 1) * n + start]);
    for (size_t k = start + 1; k < end; k++) {
      rotate(a, q, n, k, end, a[k * n + k - 1], a[(k + 1) * n + k - 1]);
      a[(k + 1) * n + k - 1] = 0;
    }
  }
  return true;
}

void firn_triangular_vectors(const firn_complex *t, const firn_complex *q,
                             size_t n, firn_complex *v, firn_complex *work) {
  double norm = 0;
  for (size_t i = 0; i < n * n; i++) norm += firn_square(t[i]);
  norm = sqrt(norm);
  for (size_t k = 0; k < n; k++) {
    for (size_t i = k + 1; i < n; i++) work[i] = 0;
    work[k] = 1;
    for (size_t i = k; i-- > 0;) {
      firn_complex sum = -t[i * n + k];
      for (size_t j = i + 1; j < k; j++)
        sum -= firn_times(t[i * n + j], work[j]);
      firn_complex gap = t[i * n + i] - t[k * n + k];
      if (gap == 0) gap = DBL_EPSILON * norm; /* twice the same eigenvalue */
      work[i] = gap == 0 ? 0 : sum / gap;
    }
    double length = 0;
    for (size_t i = 0; i < n; i++) {
      firn_complex sum = 0;
      for (size_t j = 0; j <= k; j++) sum += firn_times(q[i * n + j], work[j]);
      v[i * n + k] = sum;
      length += firn_square(sum);
    }
    for (size_t i = 0; i < n; i++) v[i * n + k] /= sqrt(length);
  }
}
