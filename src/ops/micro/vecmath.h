/* ops/micro/vecmath.h: exp, log, tanh, sigmoid and erf of a vector.
 *
 * Polynomials fitted for the least largest error on the reduced range. The
 * largest errors are asserted by the tests: 1 unit of the last place for exp
 * and log, 1.5 for tanh and erf, 2.5 for sigmoid.
 */
#ifndef FIRN_OPS_MICRO_VECMATH_H
#define FIRN_OPS_MICRO_VECMATH_H

#include "ops/micro/simd.h"

INLINE vf v_abs(vf x) { return (vf)((vi)x & v_seti(0x7fffffff)); }
INLINE vf v_with_sign(vf size, vf sign) {
  return (vf)((vi)size | ((vi)sign & v_seti((int32_t)0x80000000u)));
}

/* 2^n for n in [-126, 127]. */
INLINE vf v_power2(vi n) { return (vf)((vu)(n + v_seti(127)) << 23); }

/* Cody and Waite: x = n log 2 + r. Two factors reach the denormals. */
INLINE vf v_exp(vf x) {
  const vf low = v_set(-104.0f), high = v_set(88.7228394f);
  const vf shift = v_set(0x1.8p23f); /* adding it rounds to an integer */
  const vf inside = v_min(high, v_max(low, x));
  const vf shifted = v_fma(inside, v_set(1.44269504f), shift);
  const vf n = shifted - shift;
  vf r = v_fma(n, v_set(-0x1.62e4p-1f), inside);
  r = v_fma(n, v_set(-0x1.7f7d1cp-20f), r);
  vf p = v_set(0x1.6a1a6ep-10f);
  p = v_fma(p, r, v_set(0x1.123fc6p-7f));
  p = v_fma(p, r, v_set(0x1.555916p-5f));
  p = v_fma(p, r, v_set(0x1.55548ap-3f));
  p = v_fma(p, r, v_set(0x1.fffffcp-2f));
  const vf y = v_fma(r * r, p, r) + v_set(1);
  const vi power = (vi)((vu)shifted - (vu)shift);
  const vi half = power >> 1;
  const vf scaled = y * v_power2(half) * v_power2(power - half);
  const vf above = v_select(x > high, v_set(INFINITY), scaled);
  return v_select(x != x, x, above);
}

/* x = 2^e m with m about 1; log m by f = m - 1. */
INLINE vf v_log(vf x) {
  const vi tiny = x < v_set(0x1p-126f);
  const vf normal = v_select(tiny, x * v_set(0x1p23f), x);
  const vi bits = (vi)((vu)normal - (vu)v_seti(0x3f3504f3)); /* sqrt(1/2) */
  vi power = bits >> 23;
  const vf m = (vf)((bits & v_seti(0x007fffff)) + v_seti(0x3f3504f3));
  power -= tiny & v_seti(23);
  const vf e = __builtin_convertvector(power, vf);
  const vf f = m - v_set(1);
  vf p = v_set(-0x1.39a8d2p-4f);
  p = v_fma(p, f, v_set(0x1.06139ep-3f));
  p = v_fma(p, f, v_set(-0x1.0daf52p-3f));
  p = v_fma(p, f, v_set(0x1.22c45cp-3f));
  p = v_fma(p, f, v_set(-0x1.546c06p-3f));
  p = v_fma(p, f, v_set(0x1.99a0bap-3f));
  p = v_fma(p, f, v_set(-0x1.00023ep-2f));
  p = v_fma(p, f, v_set(0x1.555554p-2f));
  const vf square = f * f;
  vf rest = v_fma(e, v_set(0x1.7f7d1cp-20f), square * f * p);
  rest = v_fma(square, v_set(-0.5f), rest);
  vf y = v_fma(e, v_set(0x1.62e4p-1f), f + rest);
  y = v_select(x == v_set(INFINITY), x, y);
  y = v_select(x == v_set(0), v_set(-INFINITY), y);
  y = v_select(x < v_set(0), v_set(NAN), y);
  return v_select(x != x, x, y);
}

INLINE vf v_tanh(vf x) {
  const vf size = v_abs(x), square = x * x;
  vf p = v_set(-0x1.6f41eep-8f);
  p = v_fma(p, square, v_set(0x1.50b82p-6f));
  p = v_fma(p, square, v_set(-0x1.b806a4p-5f));
  p = v_fma(p, square, v_set(0x1.1105a2p-3f));
  p = v_fma(p, square, v_set(-0x1.55552cp-2f));
  const vf small = v_fma(square * x, p, x);
  const vf e = v_exp(v_min(v_set(20), size + size));
  const vf large = v_set(1) - v_set(2) / (e + v_set(1));
  const vf y = v_select(size < v_set(0.625f), small, large);
  return v_select(x != x, x, v_with_sign(y, x)); /* -0 stays -0 */
}

/* By exp(-|x|), which neither overflows nor loses the small side. */
INLINE vf v_sigmoid(vf x) {
  const vf e = v_exp(-v_abs(x));
  const vf upper = v_set(1) / (e + v_set(1));
  return v_select(x < v_set(0), e * upper, upper);
}

/* Near zero x times a polynomial of its square; from there on 1 - exp(-g(x)),
 * which has reached 1 at 4. */
INLINE vf v_erf(vf x) {
  const vf size = v_abs(x), square = x * x;
  vf p = v_set(-0x1.395c82p-11f);
  p = v_fma(p, square, v_set(0x1.4716cp-8f));
  p = v_fma(p, square, v_set(-0x1.b686ecp-6f));
  p = v_fma(p, square, v_set(0x1.ce1a46p-4f));
  p = v_fma(p, square, v_set(-0x1.8126e6p-2f));
  p = v_fma(p, square, v_set(0x1.06eba6p-3f));
  const vf small = v_fma(x, p, x);
  const vf t = v_min(v_set(4), size);
  vf g = v_set(-0x1.9d859ep-13f);
  g = v_fma(g, t, v_set(0x1.908172p-9f));
  g = v_fma(g, t, v_set(-0x1.6cfdp-6f));
  g = v_fma(g, t, v_set(0x1.aa2324p-4f));
  g = v_fma(g, t, v_set(0x1.462cbp-1f));
  g = v_fma(g, t, v_set(0x1.20b432p+0f));
  g = v_fma(g, t, v_set(0x1.7437bep-13f));
  const vf large = v_set(1) - v_exp(-g);
  const vf y = v_select(size < v_set(0.92f), small, v_with_sign(large, x));
  return v_select(x != x, x, y);
}

#endif
