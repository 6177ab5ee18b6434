/* ops/fft.c: the discrete Fourier transform of one line, of any length.
 *
 * Factor by factor is Stockham's way: each pass reads one array and writes the
 * other in the order the next pass wants, so nothing is ever permuted. Other
 * lengths are Bluestein's: t k = (t^2 + k^2 - (k - t)^2) / 2 makes a
 * convolution of the sum.
 */
#include "ops/fft.h"

#include <math.h>
#include <string.h>

enum {
  LARGEST_FACTOR = 31, /* above, Bluestein is quicker */
  MOST_FACTORS = 64,
};

struct firn_fft {
  firn_allocator alloc;
  size_t n;
  int factors[MOST_FACTORS], count;
  firn_point *roots; /* exp(-2 pi i t / n), n of them */
  /* Bluestein's: */
  firn_fft *inner;    /* of a power of two; NULL: not needed */
  firn_point *chirp;  /* exp(-pi i t^2 / n), n of them       */
  firn_point *kernel; /* its transform, inner->n of them     */
};

static firn_point times(firn_point a, firn_point b) {
  return (firn_point){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
static firn_point plus(firn_point a, firn_point b) {
  return (firn_point){a.re + b.re, a.im + b.im};
}
static firn_point minus(firn_point a, firn_point b) {
  return (firn_point){a.re - b.re, a.im - b.im};
}

/* exp(-2 pi i t / n), from the first eighth of the circle. */
static firn_point root_of(size_t t, size_t n) {
  if (8 * t > n) {
    if (2 * t > n) { /* the lower half mirrors the upper one */
      const firn_point r = root_of(n - t, n);
      return (firn_point){r.re, -r.im};
    }
    if (4 * t > n) { /* as does the left the right */
      if (2 * t == n) return (firn_point){-1, 0};
      const double angle = M_PI * (double)(n - 2 * t) / (double)n;
      return (firn_point){-cos(angle), -sin(angle)};
    }
    const double rest = M_PI / 2 * (double)(n - 4 * t) / (double)n;
    return (firn_point){sin(rest), -cos(rest)};
  }
  const double angle = 2 * M_PI * (double)t / (double)n;
  return (firn_point){cos(angle), -sin(angle)};
}

/* ---- Passes ------------------------------------------------------------- */

/* One pass of Stockham's: `m` groups of `p` points, `s` transforms abreast.
 * y[q + s (p k + i)] = w^(k i) * sum over j of x[q + s (k + m j)] v^(i j). */
typedef struct pass {
  const firn_fft *fft;
  const firn_point *x;
  firn_point *y;
  size_t p, m, s;
} pass;

static void pass_2(const pass *a) {
  const size_t s = a->s, m = a->m;
  for (size_t k = 0; k < m; k++) {
    const firn_point w = a->fft->roots[s * k];
    const firn_point *x0 = a->x + s * k, *x1 = x0 + s * m;
    firn_point *y0 = a->y + s * 2 * k, *y1 = y0 + s;
    for (size_t q = 0; q < s; q++) {
      const firn_point u = x0[q], v = x1[q];
      y0[q] = plus(u, v);
      y1[q] = times(minus(u, v), w);
    }
  }
}

static void pass_4(const pass *a) {
  const size_t s = a->s, m = a->m;
  for (size_t k = 0; k < m; k++) {
    const firn_point *w = a->fft->roots;
    const firn_point w1 = w[s * k], w2 = w[2 * s * k], w3 = w[3 * s * k];
    const firn_point *x = a->x + s * k;
    firn_point *y = a->y + s * 4 * k;
    for (size_t q = 0; q < s; q++) {
      const firn_point x0 = x[q], x1 = x[q + s * m], x2 = x[q + 2 * s * m],
                       x3 = x[q + 3 * s * m];
      const firn_point even = plus(x0, x2), odd = plus(x1, x3),
                       gap = minus(x0, x2), turn = minus(x1, x3);
      const firn_point down = {gap.re + turn.im, gap.im - turn.re};
      const firn_point up = {gap.re - turn.im, gap.im + turn.re};
      y[q] = plus(even, odd);
      y[q + s] = times(down, w1);
      y[q + 2 * s] = times(minus(even, odd), w2);
      y[q + 3 * s] = times(up, w3);
    }
  }
}

static void pass_any(const pass *a) {
  const size_t s = a->s, m = a->m, p = a->p, n = a->fft->n;
  const firn_point *roots = a->fft->roots;
  firn_point v[LARGEST_FACTOR];
  for (size_t k = 0; k < m; k++)
    for (size_t q = 0; q < s; q++) {
      for (size_t j = 0; j < p; j++) v[j] = a->x[q + s * (k + m * j)];
      for (size_t i = 0; i < p; i++) {
        firn_point sum = v[0];
        for (size_t j = 1, turn = i; j < p; j++, turn += i) {
          if (turn >= p) turn -= p;
          sum = plus(sum, times(v[j], roots[n / p * turn]));
        }
        a->y[q + s * (p * k + i)] = times(sum, roots[s * k * i]);
      }
    }
}

static void run_passes(const firn_fft *fft, firn_point *x, firn_point *work) {
  pass a = {.fft = fft, .x = x, .y = work, .m = fft->n, .s = 1};
  for (int i = 0; i < fft->count; i++) {
    a.p = (size_t)fft->factors[i];
    a.m /= a.p;
    if (a.p == 2)
      pass_2(&a);
    else if (a.p == 4)
      pass_4(&a);
    else
      pass_any(&a);
    a.s *= a.p;
    firn_point *const was = a.y == work ? x : work;
    a.x = a.y;
    a.y = was;
  }
  if (a.x != x) memcpy(x, a.x, fft->n * sizeof *x);
}

/* ---- Bluestein ---------------------------------------------------------- */

static firn_point mirrored(firn_point a) { return (firn_point){a.re, -a.im}; }

static void run_convolution(const firn_fft *fft, firn_point *x,
                            firn_point *work) {
  const size_t n = fft->n, m = fft->inner->n;
  firn_point *a = work;
  for (size_t t = 0; t < n; t++) a[t] = times(x[t], fft->chirp[t]);
  memset(a + n, 0, (m - n) * sizeof *a);
  run_passes(fft->inner, a, work + m);
  /* The inverse, by mirroring before and after. */
  for (size_t t = 0; t < m; t++) a[t] = mirrored(times(a[t], fft->kernel[t]));
  run_passes(fft->inner, a, work + m);
  const double scale = 1 / (double)m;
  for (size_t t = 0; t < n; t++) {
    const firn_point y = times(mirrored(a[t]), fft->chirp[t]);
    x[t] = (firn_point){y.re * scale, y.im * scale};
  }
}

static firn_code points(const firn_fft *fft, size_t n, firn_point **out,
                        firn_error *err) {
  size_t size;
  if (!firn_mul_size(n, sizeof **out, &size)) return firn_oom(err, SIZE_MAX);
  *out = firn_new(&fft->alloc, size);
  return *out ? FIRN_OK : firn_oom(err, size);
}

static firn_code prepare_convolution(firn_fft *fft, firn_error *err) {
  const size_t n = fft->n;
  size_t m = 1;
  if (n > SIZE_MAX / 64) return firn_oom(err, SIZE_MAX);
  while (m < 2 * n - 1) m *= 2;
  FIRN_TRY(firn_fft_new(m, &fft->alloc, &fft->inner, err));
  FIRN_TRY(points(fft, n, &fft->chirp, err));
  FIRN_TRY(points(fft, m, &fft->kernel, err));
  firn_point *work = NULL;
  FIRN_TRY(points(fft, m, &work, err));
  size_t square = 0; /* t^2 mod 2n */
  for (size_t t = 0; t < n; t++) {
    fft->chirp[t] = root_of(square, 2 * n);
    square = (square + 2 * t + 1) % (2 * n);
  }
  memset(fft->kernel, 0, m * sizeof *fft->kernel);
  for (size_t t = 0; t < n; t++) {
    fft->kernel[t] = mirrored(fft->chirp[t]);
    if (t) fft->kernel[m - t] = fft->kernel[t];
  }
  run_passes(fft->inner, fft->kernel, work);
  firn_delete(&fft->alloc, work, m * sizeof *work);
  return FIRN_OK;
}

/* ---- Plans -------------------------------------------------------------- */

/* True when n is a product of small factors. */
static bool factor(firn_fft *fft) {
  static const int tries[] = {4, 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31};
  size_t rest = fft->n;
  for (size_t i = 0; i < FIRN_COUNT(tries); i++)
    while (rest % (size_t)tries[i] == 0) {
      fft->factors[fft->count++] = tries[i];
      rest /= (size_t)tries[i];
    }
  return rest == 1;
}

static firn_code fill(firn_fft *fft, firn_error *err) {
  if (!factor(fft)) return prepare_convolution(fft, err);
  FIRN_TRY(points(fft, fft->n, &fft->roots, err));
  for (size_t t = 0; t < fft->n; t++) fft->roots[t] = root_of(t, fft->n);
  return FIRN_OK;
}

firn_code firn_fft_new(size_t n, const firn_allocator *alloc, firn_fft **out,
                       firn_error *err) {
  *out = NULL;
  firn_fft *fft = firn_new_zeroed(alloc, sizeof *fft);
  if (!fft) return firn_oom(err, sizeof *fft);
  fft->alloc = *alloc;
  fft->n = n ? n : 1;
  const firn_code code = fill(fft, err);
  if (code == FIRN_OK)
    *out = fft;
  else
    firn_fft_free(fft);
  return code;
}

void firn_fft_free(firn_fft *fft) {
  if (!fft) return;
  const firn_allocator alloc = fft->alloc;
  const size_t size = sizeof(firn_point);
  if (fft->kernel) firn_delete(&alloc, fft->kernel, fft->inner->n * size);
  if (fft->chirp) firn_delete(&alloc, fft->chirp, fft->n * size);
  if (fft->roots) firn_delete(&alloc, fft->roots, fft->n * size);
  firn_fft_free(fft->inner);
  firn_delete(&alloc, fft, sizeof *fft);
}

size_t firn_fft_work(const firn_fft *fft) {
  return fft->inner ? 2 * fft->inner->n : fft->n;
}

void firn_fft_run(const firn_fft *fft, firn_point *x, firn_point *work) {
  if (fft->inner)
    run_convolution(fft, x, work);
  else
    run_passes(fft, x, work);
}
