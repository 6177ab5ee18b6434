/* ops/special.h: special functions of real numbers, in double precision.
 *
 * Where a function ends (poles, outside of its domain) it gives what
 * TensorFlow's does. float is served by rounding the result.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_SPECIAL_H
#define FIRN_OPS_SPECIAL_H

/* ---- special_gamma.c ---------------------------------------------------- */

double firn_lgamma(double x);
double firn_digamma(double x);
double firn_polygamma(double n, double x);
double firn_zeta(double s, double q); /* Hurwitz's */
double firn_igamma(double a, double x);
double firn_igammac(double a, double x);
double firn_igamma_grad_a(double a, double x);
double firn_random_gamma_grad(double alpha, double sample);
double firn_betainc(double a, double b, double x);

/* ---- special_bessel.c --------------------------------------------------- */

double firn_bessel_i0(double x);
double firn_bessel_i0e(double x);
double firn_bessel_i1(double x);
double firn_bessel_i1e(double x);
double firn_bessel_j0(double x);
double firn_bessel_j1(double x);
double firn_bessel_k0(double x);
double firn_bessel_k0e(double x);
double firn_bessel_k1(double x);
double firn_bessel_k1e(double x);
double firn_bessel_y0(double x);
double firn_bessel_y1(double x);

/* ---- special_integral.c ------------------------------------------------- */

double firn_erfinv(double y);
double firn_ndtri(double p);
double firn_dawsn(double x);
double firn_expint(double x); /* Ei */
double firn_fresnel_cos(double x);
double firn_fresnel_sin(double x);
double firn_spence(double x);

#endif
