/* ops/special_gamma.c: the gamma function and its relatives. */
#include "ops/special.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

enum { ROUNDS = 200000 }; /* of any series: the slowest grow as sqrt(a) */

/* The C library's writes the sign to a global variable. */
double firn_lgamma(double x) {
  int sign;
  return lgamma_r(x, &sign);
}

/* ---- Digamma, zeta, polygamma ------------------------------------------- */

/* Reflected to the right, carried to 10, and there by Stirling's series. */
double firn_digamma(double x) {
  static const double c[] = {-1.0 / 12, 1.0 / 120,    -1.0 / 252,
                             1.0 / 240, -1.0 / 132,   691.0 / 32760,
                             -1.0 / 12, 3617.0 / 8160};
  double y = 0;
  if (x <= 0) {
    const double rest = x - floor(x);
    if (!(rest > 0)) return NAN;
    y = -M_PI / tan(M_PI * rest);
    x = 1 - x;
  }
  for (; x < 10; x++) y -= 1 / x;
  const double square = 1 / (x * x);
  double sum = 0;
  for (int i = 7; i >= 0; i--) sum = (sum + c[i]) * square;
  return y + log(x) - 0.5 / x + sum;
}

/* The sum of (q + k)^-s for q > 0, s > 1, by Euler and Maclaurin. */
static double zeta_sum(double s, double q) {
  enum { DIRECT = 10, TERMS = 12 };
  /* B(2j) / (2j)! */
  static const double c[TERMS] = {
      1.0 / 12,
      -1.0 / 720,
      1.0 / 30240,
      -1.0 / 1209600,
      1.0 / 47900160,
      -691.0 / 1307674368000.0,
      1.0 / 74724249600.0,
      -3617.0 / 10670622842880000.0,
      43867.0 / 5109094217170944000.0,
      -174611.0 / 802857662698291200000.0,
      77683.0 / 14101100039391805440000.0,
      -236364091.0 / 1693824136731743669452800000.0,
  };
  double sum = 0;
  for (int k = 0; k < DIRECT; k++) {
    const double term = pow(q + k, -s);
    sum += term;
    if (term < sum * DBL_EPSILON * 0.01) return sum;
  }
  const double a = q + DIRECT, last = pow(a, -s);
  if (!(last > 0)) return sum;
  sum += last * a / (s - 1) + 0.5 * last;
  double factor = s * last / a;
  for (int j = 0; j < TERMS; j++) {
    const double term = c[j] * factor;
    sum += term;
    if (fabs(term) < fabs(sum) * DBL_EPSILON * 0.1) break;
    factor *= (s + 2 * j + 1) * (s + 2 * j + 2) / (a * a);
  }
  return sum;
}

double firn_zeta(double s, double q) {
  if (s == 1) return INFINITY;
  if (!(s > 1) || isnan(q)) return NAN;
  const bool even = fmod(s, 2) == 0;
  if (isinf(s)) return q < 1 ? INFINITY : q > 1 ? 0 : 1;
  if (q <= 0) {
    if (q == floor(q)) return even ? INFINITY : NAN;
    if (s != floor(s)) return NAN;
    /* All integers, less those below q. */
    const double rest = q - floor(q), sign = even ? 1 : -1;
    return zeta_sum(s, rest) +
           sign * (zeta_sum(s, 1 - rest) - zeta_sum(s, 1 - q));
  }
  return isinf(q) ? 0 : zeta_sum(s, q);
}

double firn_polygamma(double n, double x) {
  if (!(n >= 0) || n != floor(n)) return NAN;
  if (n == 0) return firn_digamma(x);
  const double sign = fmod(n, 2) == 0 ? -1 : 1;
  return sign * tgamma(n + 1) * firn_zeta(n + 1, x);
}

/* ---- Incomplete gamma --------------------------------------------------- */

enum { LARGE = 1000000 }; /* from there on the uniform expansion is exact */

/* x^a e^-x / gamma(a + 1) */
static double gamma_weight(double a, double x) {
  if (a < 10) return exp(a * log(x) - x - firn_lgamma(a + 1));
  const double m = (x - a) / a;
  const double stirling = 1 / (12 * a) - 1 / (360 * a * a * a) +
                          1 / (1260 * pow(a, 5)) - 1 / (1680 * pow(a, 7));
  return exp(a * (log1p(m) - m) - stirling) / sqrt(2 * M_PI * a);
}

/* A number and its derivative by a. */
typedef struct dual {
  double v, d;
} dual;

/* P(a, x) = weight * sum of x^n / ((a + 1) ... (a + n)). */
static dual lower_series(double a, double x) {
  dual sum = {1, 0}, term = {1, 0};
  for (int n = 1; n < ROUNDS; n++) {
    const double scale = x / (a + n);
    term.d = (term.d - term.v / (a + n)) * scale;
    term.v *= scale;
    sum.v += term.v;
    sum.d += term.d;
    if (term.v < sum.v * DBL_EPSILON &&
        fabs(term.d) <= fabs(sum.d) * DBL_EPSILON)
      break;
  }
  return sum;
}

/* Q(a, x) = weight * a * h, with Legendre's continued fraction
 *   h = 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / ...)). */
static dual upper_fraction(double a, double x) {
  dual p0 = {0, 0}, q0 = {1, 0}; /* the two last convergents, p / q */
  dual p1 = {1, 0}, q1 = {x + 1 - a, -1}, h = {0, 0};
  for (int k = 1; k < ROUNDS; k++) {
    const dual last = h;
    h.v = p1.v / q1.v;
    h.d = (p1.d - h.v * q1.d) / q1.v;
    if (fabs(h.v - last.v) <= DBL_EPSILON * fabs(h.v) &&
        fabs(h.d - last.d) <= DBL_EPSILON * fabs(h.d))
      break;
    const dual b = {x + 2 * k + 1 - a, -1}, c = {k * (a - k), k};
    const dual p = {b.v * p1.v + c.v * p0.v,
                    b.d * p1.v + b.v * p1.d + c.d * p0.v + c.v * p0.d};
    const dual q = {b.v * q1.v + c.v * q0.v,
                    b.d * q1.v + b.v * q1.d + c.d * q0.v + c.v * q0.d};
    const double size = fabs(q.v) > 1e100 ? 1e-100 : 1;
    p0 = (dual){p1.v * size, p1.d * size};
    q0 = (dual){q1.v * size, q1.d * size};
    p1 = (dual){p.v * size, p.d * size};
    q1 = (dual){q.v * size, q.d * size};
  }
  return h;
}

/* Temme's expansion for large a: erfc and one correction. */
static double upper_uniform(double a, double x) {
  const double m = (x - a) / a, half = m - log1p(m);
  const double eta = copysign(sqrt(2 * (half > 0 ? half : 0)), m);
  const double c =
      fabs(eta) < 1e-2
          ? -1.0 / 3 + eta / 12 - eta * eta * 2 / 135 + eta * eta * eta / 864
          : 1 / m - 1 / eta;
  return 0.5 * erfc(eta * sqrt(a / 2)) +
         c * exp(-a * half) / sqrt(2 * M_PI * a);
}

static bool is_lower(double a, double x) { return x <= 1 || x <= a; }

/* What P and Q are where there is nothing to compute; false elsewhere. */
static bool lower_at_ends(double a, double x, double *out) {
  *out = NAN;
  if (isnan(a) || isnan(x) || a <= 0 || x < 0) return true;
  *out = isinf(a) ? 0 : 1;
  return isinf(a) || isinf(x);
}

double firn_igamma(double a, double x) {
  double ends;
  if (x == 0) return 0;
  if (lower_at_ends(a, x, &ends)) return ends;
  if (a > LARGE) return 1 - upper_uniform(a, x);
  if (!is_lower(a, x)) return 1 - firn_igammac(a, x);
  return gamma_weight(a, x) * lower_series(a, x).v;
}

double firn_igammac(double a, double x) {
  double ends;
  if (lower_at_ends(a, x, &ends)) return isinf(a) && isinf(x) ? 0 : 1 - ends;
  if (x == 0) return 1;
  if (a > LARGE) return upper_uniform(a, x);
  if (is_lower(a, x)) return 1 - firn_igamma(a, x);
  return gamma_weight(a, x) * a * upper_fraction(a, x).v;
}

/* dP / da over weight, which the caller may not want: it may underflow. */
static double grad_over_weight(double a, double x) {
  if (is_lower(a, x)) {
    const dual s = lower_series(a, x);
    return (log(x) - firn_digamma(a + 1)) * s.v + s.d;
  }
  const dual h = upper_fraction(a, x);
  return -a * ((log(x) - firn_digamma(a)) * h.v + h.d);
}

/* The same for an a so large that the distribution is normal. */
static double large_grad_over_weight(double a, double x) {
  const double m = (x - a) / a, half = m - log1p(m);
  if (fabs(m) < 1e-7) return -1;
  return -log1p(m) / copysign(sqrt(2 * half), m);
}

double firn_igamma_grad_a(double a, double x) {
  enum { NORMAL = 100000000 };
  double ends;
  if (x == 0) return 0;
  if (lower_at_ends(a, x, &ends)) return isnan(ends) ? NAN : 0;
  return gamma_weight(a, x) *
         (a > NORMAL ? large_grad_over_weight(a, x) : grad_over_weight(a, x));
}

/* -(dP / da) / (dP / dx), and dP / dx is weight * a / x. */
double firn_random_gamma_grad(double alpha, double sample) {
  enum { NORMAL = 100000000 };
  double ends;
  if (sample == 0) return 0;
  if (lower_at_ends(alpha, sample, &ends)) return isnan(ends) ? NAN : 0;
  return -sample / alpha *
         (alpha > NORMAL ? large_grad_over_weight(alpha, sample)
                         : grad_over_weight(alpha, sample));
}

/* ---- Incomplete beta ---------------------------------------------------- */

/* The continued fraction, by Lentz; converges for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x) {
  const double tiny = 1e-300;
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (fabs(d) < tiny ? tiny : d);
  double h = d;
  for (int m = 1; m < ROUNDS / 10; m++) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd =
        -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + even * d;
    c = 1 + even / c;
    d = 1 / (fabs(d) < tiny ? tiny : d);
    if (fabs(c) < tiny) c = tiny;
    h *= d * c;
    d = 1 + odd * d;
    c = 1 + odd / c;
    d = 1 / (fabs(d) < tiny ? tiny : d);
    if (fabs(c) < tiny) c = tiny;
    h *= d * c;
    if (fabs(d * c - 1) < DBL_EPSILON) break;
  }
  return h;
}

double firn_betainc(double a, double b, double x) {
  if (!(a > 0) || !(b > 0) || isinf(a) || isinf(b)) return NAN;
  if (!(x >= 0) || x > 1) return NAN;
  if (x == 0 || x == 1) return x;
  const double weight = exp(a * log(x) + b * log1p(-x) + firn_lgamma(a + b) -
                            firn_lgamma(a) - firn_lgamma(b));
  if (x < (a + 1) / (a + b + 2)) return weight * beta_fraction(a, b, x) / a;
  return 1 - weight * beta_fraction(b, a, 1 - x) / b;
}
