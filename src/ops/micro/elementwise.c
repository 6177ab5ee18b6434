/* ops/micro/elementwise.c: y[i] = f(x[i]) and y[i] = f(a[i], b[i]). */
#include "ops/micro/isa.h"
#include "ops/micro/vecmath.h"

INLINE vf v_add(vf a, vf b) { return a + b; }
INLINE vf v_sub(vf a, vf b) { return a - b; }
INLINE vf v_mul(vf a, vf b) { return a * b; }
INLINE vf v_div(vf a, vf b) { return a / b; }
/* NaN wins on either side, and a wins between zeros of two signs. */
INLINE vf v_maximum(vf a, vf b) { return v_max_nan(b, a); }
INLINE vf v_minimum(vf a, vf b) { return v_min_nan(b, a); }

/* A whole vector at a time, four in flight; what is left goes in part. The two
 * strides are 1, or 0 for a side that is one number. */
#define EACH_PAIR(name, f, a_step, b_step)                           \
  void FIRN_ISA_NAME(name)(const float *a, const float *b, float *y, \
                           size_t n) {                               \
    size_t i = 0;                                                    \
    const vf a0 = v_set(n ? *a : 0), b0 = v_set(n ? *b : 0);         \
    for (; i + LANES <= n; i += LANES)                               \
      v_store(y + i, f((a_step) ? v_load(a + i) : a0,                \
                       (b_step) ? v_load(b + i) : b0));              \
    if (i < n)                                                       \
      v_store_part(y + i,                                            \
                   f((a_step) ? v_load_part(a + i, n - i) : a0,      \
                     (b_step) ? v_load_part(b + i, n - i) : b0),     \
                   n - i);                                           \
  }
#define PAIRS(name, f)             \
  EACH_PAIR(name, f, 1, 1)         \
  EACH_PAIR(name##_right, f, 1, 0) \
  EACH_PAIR(name##_left, f, 0, 1)

PAIRS(add, v_add)
PAIRS(sub, v_sub)
PAIRS(mul, v_mul)
PAIRS(div, v_div)
PAIRS(max, v_maximum)
PAIRS(min, v_minimum)

/* -0 becomes 0, as in TensorFlow. */
INLINE vf v_relu(vf x) { return v_max_nan(x, v_set(0)); }
INLINE vf v_relu6(vf x) { return v_min(v_set(6), v_relu(x)); }
INLINE vf v_neg(vf x) { return -x; }
INLINE vf v_square(vf x) { return x * x; }
INLINE vf v_rsqrt(vf x) { return v_set(1) / v_sqrt(x); }

#define VECTORS(name, f)                                                 \
  void FIRN_ISA_NAME(unary_##name)(const float *x, float *y, size_t n) { \
    size_t i = 0;                                                        \
    for (; i + LANES <= n; i += LANES) v_store(y + i, f(v_load(x + i))); \
    if (i < n) v_store_part(y + i, f(v_load_part(x + i, n - i)), n - i); \
  }

VECTORS(relu, v_relu)
VECTORS(relu6, v_relu6)
VECTORS(neg, v_neg)
VECTORS(abs, v_abs)
VECTORS(square, v_square)
VECTORS(sqrt, v_sqrt)
VECTORS(rsqrt, v_rsqrt)
VECTORS(exp, v_exp)
VECTORS(log, v_log)
VECTORS(tanh, v_tanh)
VECTORS(sigmoid, v_sigmoid)
VECTORS(erf, v_erf)

void FIRN_ISA_NAME(clamp)(const float *x, float *y, size_t n, float min,
                          float max) {
  const vf low = v_set(min), high = v_set(max);
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    v_store(y + i, v_clamp(v_load(x + i), low, high));
  if (i < n)
    v_store_part(y + i, v_clamp(v_load_part(x + i, n - i), low, high), n - i);
}

void FIRN_ISA_NAME(multiply_add)(const float *x, const float *scale,
                                 const float *shift, float *y, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    v_store(y + i, v_fma(v_load(x + i), v_load(scale + i), v_load(shift + i)));
  if (i < n)
    v_store_part(y + i,
                 v_fma(v_load_part(x + i, n - i), v_load_part(scale + i, n - i),
                       v_load_part(shift + i, n - i)),
                 n - i);
}
