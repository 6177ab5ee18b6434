/* ops/special_integral.c: integrals of elementary functions, and the inverse
 * of one of them. */
#include "ops/special.h"

#include "base/complex.h"
#include <float.h>
#include <math.h>

/* ---- The inverse of erf ------------------------------------------------- */

/* Winitzki's formula, good to 0.2 %, from log(1 - y^2). */
static double first_guess(double logarithm) {
  const double a = 0.147, t = 2 / (M_PI * a) + logarithm / 2;
  return sqrt(sqrt(t * t - logarithm / a) - t);
}

/* One step of Halley towards erf(x) = y, where `miss` is erf(x) - y. */
static double halley(double x, double miss) {
  const double u = miss * (sqrt(M_PI) / 2) * exp(x * x);
  return x - u / (1 + x * u);
}

/* The x with erfc(x) = q, for q in (0, 1]. */
static double erfc_inverse(double q) {
  if (q == 1) return 0;
  double x = first_guess(log(q) + log(2 - q));
  for (int i = 0; i < 3; i++) x = halley(x, q - erfc(x));
  return x;
}

double firn_erfinv(double y) {
  if (!(fabs(y) <= 1)) return NAN;
  if (fabs(y) == 1) return y * INFINITY;
  if (fabs(y) > 0.5) return copysign(erfc_inverse(1 - fabs(y)), y);
  if (fabs(y) < 1e-9) return y * (sqrt(M_PI) / 2);
  double x = first_guess(log1p(-y * y));
  for (int i = 0; i < 3; i++) x = halley(x, erf(x) - fabs(y));
  return copysign(x, y);
}

double firn_ndtri(double p) {
  if (!(p >= 0) || p > 1) return NAN;
  if (p == 0) return -INFINITY;
  if (p == 1) return INFINITY;
  return p < 0.5 ? -M_SQRT2 * erfc_inverse(2 * p)
                 : M_SQRT2 * erfc_inverse(2 * (1 - p));
}

/* ---- exp(-x^2) times the integral of exp(t^2) --------------------------- */

double firn_dawsn(double x) {
  const double size = fabs(x);
  double sum = 0, term = 1;
  if (isnan(x)) return x;
  if (size > 20) { /* 1 / 2x (1 + 1 / 2x^2 + 3 / 4x^4 + ...) */
    const double step = 1 / (2 * size * size);
    for (int k = 0; k < 12; k++, term *= (2 * k - 1) * step) sum += term;
    return copysign(sum / (2 * size), x);
  }
  if (size < 0.2) {
    for (int k = 0; k < 12; k++, term *= -2 * x * x / (2 * k + 1)) sum += term;
    return x * sum;
  }
  /* Rybicki: a sum over odd multiples of a step, exact to exp(-(pi/2h)^2). */
  const double h = 0.2, reach = 6.5;
  int n = (int)floor((size - reach) / h);
  n += n % 2 == 0;
  for (; n * h <= size + reach; n += 2) {
    const double t = size - n * h;
    sum += exp(-t * t) / n;
  }
  return copysign(sum / sqrt(M_PI), x);
}

/* ---- The exponential integral Ei ---------------------------------------- */

double firn_expint(double x) {
  enum { FAR = 40 };
  if (!(x >= 0) || isinf(x)) return NAN;
  if (x == 0) return -INFINITY;
  double term = 1, sum = 0;
  if (x > FAR) {
    for (int k = 1; k < FAR && term > DBL_EPSILON / 4; k++) {
      sum += term;
      term *= k / x;
    }
    return exp(x) / x * sum;
  }
  for (int k = 1; k < 200; k++) {
    term *= x / k;
    sum += term / k;
    if (term < sum * DBL_EPSILON / 4) break;
  }
  return sum + log(x) + 0.57721566490153286061;
}

/* ---- Fresnel's integrals ------------------------------------------------ */

/* C + iS for x below 1.6, by the power series of exp(i pi/2 t^2). */
static double complex fresnel_near(double x) {
  const double t = M_PI / 2 * x * x;
  double complex term = x, sum = x;
  for (int n = 1; n < 60; n++) {
    term *= CMPLX(0, t / n);
    sum += term / (2 * n + 1);
  }
  return sum;
}

/* Beyond, by the continued fraction of the complementary error function. */
static double complex fresnel_far(double x) {
  const double square = M_PI * x * x, angle = M_PI / 2 * fmod(x * x, 4);
  double complex b = CMPLX(1, -square), c = 1e300, d = 1 / b, h = d;
  for (int n = 1; n < 1000; n += 2) {
    const double a = -(double)n * (n + 1);
    b += 4;
    d = 1 / (a * d + b);
    c = b + a / c;
    const double complex step = c * d;
    h *= step;
    if (cabs(step - 1) < DBL_EPSILON) break;
  }
  const double complex wave = CMPLX(cos(angle), sin(angle));
  return CMPLX(0.5, 0.5) * (1 - wave * CMPLX(x, -x) * h);
}

static double complex fresnel(double x) {
  const double size = fabs(x);
  if (isnan(x)) return CMPLX(x, x);
  double complex y = CMPLX(0.5, 0.5);
  if (size < 1e15) y = size < 1.6 ? fresnel_near(size) : fresnel_far(size);
  return x < 0 ? -y : y;
}

double firn_fresnel_cos(double x) { return creal(fresnel(x)); }
double firn_fresnel_sin(double x) { return cimag(fresnel(x)); }

/* ---- Spence's function: the dilogarithm of 1 - x ------------------------ */

/* For x in [1/2, 2]: powers of u = -log x with Bernoulli's numbers. */
static double spence_middle(double x) {
  static const double c[] = {/* B(2k) / (2k + 1)! */
                             1.0 / 36,
                             -1.0 / 3600,
                             1.0 / 211680,
                             -1.0 / 10886400,
                             1.0 / 526901760,
                             -691.0 / 16999766784000.0,
                             1.0 / 1120863744000.0,
                             -3617.0 / 181400588328960000.0,
                             43867.0 / 97072790126247936000.0};
  const double u = -log(x), square = u * u;
  double sum = 0;
  for (int k = 8; k >= 0; k--) sum = (sum + c[k]) * square;
  return u * (1 + sum) - square / 4;
}

static double spence_below(double x) {
  if (x == 0) return M_PI * M_PI / 6;
  if (x >= 0.5) return spence_middle(x);
  return M_PI * M_PI / 6 - log(x) * log1p(-x) - spence_middle(1 - x);
}

double firn_spence(double x) {
  if (!(x >= 0) || isinf(x)) return NAN;
  if (x <= 2) return spence_below(x);
  const double logarithm = log(x);
  return -spence_below(1 / x) - logarithm * logarithm / 2;
}
