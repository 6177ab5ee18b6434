/* ops/special_bessel.c: Bessel functions of the orders 0 and 1. */
#include "ops/special.h"

#include <float.h>
#include <math.h>

/* ---- Modified, of the first kind ---------------------------------------- */

enum { FAR = 20 }; /* where the asymptotic series takes over */

/* The power series, whose terms are all positive. */
static double i_series(double x, int order) {
  const double square = x * x / 4;
  double term = order ? x / 2 : 1, sum = term;
  for (int k = 1; term > sum * DBL_EPSILON / 4; k++) {
    term *= square / ((double)k * (k + order));
    sum += term;
  }
  return sum;
}

/* exp(-x) times the function, for large x. */
static double i_far(double x, int order) {
  double term = 1, sum = 1;
  for (int k = 1; k < 2 * FAR; k++) {
    const double odd = 2 * k - 1;
    term *= (odd * odd - 4 * order) / (k * 8 * x);
    sum += term;
    if (fabs(term) < fabs(sum) * DBL_EPSILON / 4) break;
  }
  return sum / sqrt(2 * M_PI * x);
}

static double scaled_i(double x, int order) {
  if (isnan(x)) return x;
  const double size = fabs(x);
  if (isinf(x)) return 0;
  const double y =
      size > FAR ? i_far(size, order) : i_series(size, order) * exp(-size);
  return order && x < 0 ? -y : y;
}

double firn_bessel_i0e(double x) { return scaled_i(x, 0); }
double firn_bessel_i1e(double x) { return scaled_i(x, 1); }
double firn_bessel_i0(double x) {
  return fabs(x) <= FAR ? i_series(fabs(x), 0) : exp(fabs(x)) * scaled_i(x, 0);
}
double firn_bessel_i1(double x) {
  if (fabs(x) <= FAR) return copysign(i_series(fabs(x), 1), x);
  return exp(fabs(x)) * scaled_i(x, 1);
}

/* ---- Modified, of the second kind --------------------------------------- */

static const double euler = 0.57721566490153286061;

/* Near zero: logarithm and power series. */
static double k0_near(double x) {
  const double square = x * x / 4;
  double term = 1, harmonic = 0, sum = -(log(x / 2) + euler);
  const double scale = sum;
  for (int k = 1; k < 30; k++) {
    term *= square / ((double)k * k);
    harmonic += 1.0 / k;
    sum += term * (scale + harmonic);
  }
  return sum;
}

static double k1_near(double x) {
  const double square = x * x / 4;
  double term = x / 2, harmonic = 0, sum = 1 / x;
  const double scale = log(x / 2) + euler;
  for (int k = 0; k < 30; k++) {
    sum += term * (scale - harmonic - 0.5 / (k + 1));
    harmonic += 1.0 / (k + 1);
    term *= square / ((k + 1.0) * (k + 2));
  }
  return sum;
}

/* exp(x) times the function is the integral of exp(-x (cosh t - 1)) cosh(n t).
 * The trapezoidal rule is exact to the last bit on so smooth a function. */
static double scaled_k(double x, int order) {
  if (isnan(x)) return x;
  if (x <= 0) return INFINITY;
  if (isinf(x)) return 0;
  if (x < 1) return exp(x) * (order ? k1_near(x) : k0_near(x));
  /* The integrand is as narrow as 1 / sqrt(x). */
  const double step = 0.15 / sqrt(sqrt(x) > 10 ? x / 10 : sqrt(x));
  double sum = 0.5;
  for (int i = 1; i < 1000; i++) {
    const double t = i * step, half = sinh(t / 2);
    const double term = exp(-2 * x * half * half) * (order ? cosh(t) : 1);
    sum += term;
    if (term < sum * DBL_EPSILON / 8) break;
  }
  return sum * step;
}

double firn_bessel_k0e(double x) { return scaled_k(x, 0); }
double firn_bessel_k1e(double x) { return scaled_k(x, 1); }
double firn_bessel_k0(double x) {
  if (x > 0 && x < 1) return k0_near(x);
  return x > 0 ? exp(-x) * scaled_k(x, 0) : scaled_k(x, 0);
}
double firn_bessel_k1(double x) {
  if (x > 0 && x < 1) return k1_near(x);
  return x > 0 ? exp(-x) * scaled_k(x, 1) : scaled_k(x, 1);
}

/* ---- The plain ones: the C library has them ----------------------------- */

double firn_bessel_j0(double x) { return isinf(x) ? NAN : j0(x); }
double firn_bessel_j1(double x) { return isinf(x) ? NAN : j1(x); }
double firn_bessel_y0(double x) {
  if (x <= 0) return -INFINITY;
  return isinf(x) ? NAN : y0(x);
}
double firn_bessel_y1(double x) {
  if (x <= 0) return -INFINITY;
  return isinf(x) ? NAN : y1(x);
}
