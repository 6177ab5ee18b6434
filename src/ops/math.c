/* ops/math.c: functions of one number that the maths library has: roots,
 * exponentials, logarithms, roundings, signs; and gradients that are one line.
 *
 * Float goes through ops/micro where a model may spend time on it.
 */
#include "base/complex.h"
#include <math.h>

#include "ops/elementwise.h"
#include "ops/micro/micro.h"

/* ---- Rows --------------------------------------------------------------- */

#define REAL(ID, E32, E64) FIRN_FLOAT_ROWS(FIRN_ROW1, ID, E32, E64)
#define COMPLEX(ID, E32, E64) FIRN_COMPLEX_ROWS(FIRN_ROW1, ID, E32, E64)
#define INTEGER(ID, EXPR) FIRN_SIGNED_ROWS(FIRN_ROW1, ID, EXPR)

REAL(neg, -x, -x)
COMPLEX(neg, -x, -x)
INTEGER(neg, FIRN_WRAP(0, -, x))
static const firn_rows1 neg = {
    .micro = FIRN_MICRO(FIRN_NEG),
    .row = {FIRN_FLOAT_TABLE(neg), FIRN_COMPLEX_TABLE(neg),
            FIRN_SIGNED_TABLE(neg)}};

REAL(abs, fabsf(x), fabs(x))
INTEGER(abs, x < 0 ? FIRN_WRAP(0, -, x) : x)
static const firn_rows1 absolute = {
    .micro = FIRN_MICRO(FIRN_ABS),
    .row = {FIRN_FLOAT_TABLE(abs), FIRN_SIGNED_TABLE(abs)}};

/* NaN stays NaN; a zero of either sign is 0. */
#define SIGN(x) ((x) != (x) ? (x) : (num)(((x) > 0) - ((x) < 0)))
REAL(sign, SIGN(x), SIGN(x))
COMPLEX(sign, x == 0 ? 0 : x / cabsf(x), x == 0 ? 0 : x / cabs(x))
INTEGER(sign, (x > 0) - (x < 0))
static const firn_rows1 signs = {.row = {FIRN_FLOAT_TABLE(sign),
                                         FIRN_COMPLEX_TABLE(sign),
                                         FIRN_SIGNED_TABLE(sign)}};

REAL(square, x *x, x *x)
COMPLEX(square, x *x, x *x)
FIRN_INT_ROWS(FIRN_ROW1, square, FIRN_WRAP(x, *, x))
static const firn_rows1 square = {
    .micro = FIRN_MICRO(FIRN_SQUARE),
    .row = {FIRN_FLOAT_TABLE(square), FIRN_COMPLEX_TABLE(square),
            FIRN_INT_TABLE(square)}};

REAL(inverse, 1 / x, 1 / x)
COMPLEX(inverse, 1 / x, 1 / x)
static const firn_rows1 inverse = {
    .row = {FIRN_FLOAT_TABLE(inverse), FIRN_COMPLEX_TABLE(inverse)}};

/* Functions that the library has under names ending in f, and in c for complex
 * numbers: MATHS(exp) makes rows of expf, exp, cexpf, cexp. */
#define TABLE(ID) .row = {FIRN_FLOAT_TABLE(ID), FIRN_COMPLEX_TABLE(ID)}
#define MATHS(ID, NAME, MICRO)           \
  REAL(ID, NAME##f(x), NAME(x))          \
  COMPLEX(ID, c##NAME##f(x), c##NAME(x)) \
  static const firn_rows1 ID##_rows = {  \
      .micro = MICRO, .grain = FIRN_SLOW_GRAIN, TABLE(ID)};

MATHS(sqrt, sqrt, FIRN_MICRO(FIRN_SQRT))
MATHS(exp, exp, FIRN_MICRO(FIRN_EXP))
MATHS(log, log, FIRN_MICRO(FIRN_LOG))
MATHS(tanh, tanh, FIRN_MICRO(FIRN_TANH))
MATHS(sin, sin, 0)
MATHS(cos, cos, 0)
MATHS(tan, tan, 0)
MATHS(asin, asin, 0)
MATHS(acos, acos, 0)
MATHS(atan, atan, 0)
MATHS(sinh, sinh, 0)
MATHS(cosh, cosh, 0)
MATHS(asinh, asinh, 0)
MATHS(acosh, acosh, 0)
MATHS(atanh, atanh, 0)

/* exp(x) - 1 and log(1 + x) without losing small x, in both parts. */
static double complex expm1_c128(double complex z) {
  const double x = creal(z), y = cimag(z), half = sin(y / 2);
  return CMPLX(expm1(x) * cos(y) - 2 * half * half, exp(x) * sin(y));
}
static float complex expm1_c64(float complex z) {
  return (float complex)expm1_c128(z);
}
static double complex log1p_c128(double complex z) {
  const double x = creal(z), y = cimag(z);
  const double size =
      x > -0.5 ? 0.5 * log1p(x * (2 + x) + y * y) : log(hypot(1 + x, y));
  return CMPLX(size, atan2(y, 1 + x));
}
static float complex log1p_c64(float complex z) {
  return (float complex)log1p_c128(z);
}

/* By exp(-|x|), which neither overflows nor loses the small side. */
static double sigmoid_f64(double x) {
  const double e = exp(-fabs(x)), upper = 1 / (1 + e);
  return x < 0 ? e * upper : upper;
}
static float sigmoid_f32(float x) {
  const float e = expf(-fabsf(x)), upper = 1 / (1 + e);
  return x < 0 ? e * upper : upper;
}

REAL(expm1_row, expm1f(x), expm1(x))
COMPLEX(expm1_row, expm1_c64(x), expm1_c128(x))
REAL(log1p_row, log1pf(x), log1p(x))
COMPLEX(log1p_row, log1p_c64(x), log1p_c128(x))
REAL(rsqrt, 1 / sqrtf(x), 1 / sqrt(x))
COMPLEX(rsqrt, 1 / csqrtf(x), 1 / csqrt(x))
REAL(sigmoid_row, sigmoid_f32(x), sigmoid_f64(x))
COMPLEX(sigmoid_row, 1 / (1 + cexpf(-x)), 1 / (1 + cexp(-x)))
static const firn_rows1 expm1_rows = {.grain = FIRN_SLOW_GRAIN,
                                      TABLE(expm1_row)};
static const firn_rows1 log1p_rows = {.grain = FIRN_SLOW_GRAIN,
                                      TABLE(log1p_row)};
static const firn_rows1 rsqrt_rows = {.micro = FIRN_MICRO(FIRN_RSQRT),
                                      TABLE(rsqrt)};
static const firn_rows1 sigmoid_rows = {.micro = FIRN_MICRO(FIRN_SIGMOID),
                                        .grain = FIRN_SLOW_GRAIN,
                                        TABLE(sigmoid_row)};

REAL(floor, floorf(x), floor(x))
REAL(ceil, ceilf(x), ceil(x))
REAL(round, rintf(x), rint(x)) /* halves go to the even side */
FIRN_ROW1(round_i32, int32_t, num, x)
FIRN_ROW1(round_i64, int64_t, num, x)
static const firn_rows1 floors = {.row = {FIRN_FLOAT_TABLE(floor)}};
static const firn_rows1 ceilings = {.row = {FIRN_FLOAT_TABLE(ceil)}};
static const firn_rows1 rounded = {
    .row = {FIRN_FLOAT_TABLE(round), [FIRN_INT32] = round_i32,
            [FIRN_INT64] = round_i64}};

REAL(erf_row, erff(x), erf(x))
REAL(erfc_row, erfcf(x), erfc(x))
static const firn_rows1 erf_rows = {.micro = FIRN_MICRO(FIRN_ERF),
                                    .grain = FIRN_SLOW_GRAIN,
                                    .row = {FIRN_FLOAT_TABLE(erf_row)}};
static const firn_rows1 erfc_rows = {.grain = FIRN_SLOW_GRAIN,
                                     .row = {FIRN_FLOAT_TABLE(erfc_row)}};

FIRN_FLOAT_ROWS(FIRN_ROW2, atan2, atan2f(a, b), atan2(a, b))
static const firn_rows2 atan2_rows = {.grain = FIRN_SLOW_GRAIN,
                                      .row = {FIRN_FLOAT_TABLE(atan2)}};
FIRN_FLOAT_ROWS(FIRN_ROW2, next_after, nextafterf(a, b), nextafter(a, b))
static const firn_rows2 next_rows = {.grain = FIRN_SLOW_GRAIN,
                                     .row = {FIRN_FLOAT_TABLE(next_after)}};

/* ---- Gradients: a is y = f(x), b is dy ---------------------------------- */

#define GRADIENT(ID, E, CE32, CE64)            \
  FIRN_FLOAT_ROWS(FIRN_ROW2, ID, E, E)         \
  FIRN_COMPLEX_ROWS(FIRN_ROW2, ID, CE32, CE64) \
  static const firn_rows2 ID = {TABLE(ID)};

GRADIENT(inverse_grad, -b *a *a, -b *conjf(a) * conjf(a), -b *conj(a) * conj(a))
GRADIENT(rsqrt_grad, b *(num)-0.5 * a * a * a,
         b * -0.5f * conjf(a) * conjf(a) * conjf(a),
         b * -0.5 * conj(a) * conj(a) * conj(a))
GRADIENT(sqrt_grad, b *(num)0.5 / a, b * 0.5f / conjf(a), b * 0.5 / conj(a))
/* These two do not conjugate, in TensorFlow neither. */
GRADIENT(sigmoid_grad, b *a *(1 - a), b *a *(1 - a), b *a *(1 - a))
GRADIENT(tanh_grad, b *(1 - a * a), b *(1 - a * a), b *(1 - a * a))

/* ---- Shapes ------------------------------------------------------------- */

/* -x and |x| of shape arithmetic. */
static firn_code infer_ints(firn_infer *q, bool absolute_value) {
  int64_t ints[FIRN_MAX_INTS], count;
  const firn_info *x = &q->in[0];
  q->out[0].shape = x->shape;
  if (!x->ints || !firn_shape_known(&x->shape) ||
      !firn_shape_count(&x->shape, &count) || count > FIRN_MAX_INTS)
    return FIRN_OK;
  const int64_t least = x->dtype == FIRN_INT32 ? INT32_MIN : INT64_MIN;
  for (int64_t i = 0; i < count; i++) {
    const int64_t v = x->ints[i];
    ints[i] = v == FIRN_UNKNOWN_INT || v == least ? FIRN_UNKNOWN_INT
              : absolute_value && v > 0           ? v
                                                  : -v;
  }
  firn_infer_set_ints(q, 0, ints, (size_t)count);
  return FIRN_OK;
}

static firn_code infer_neg(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  return infer_ints(q, false);
}

static firn_code infer_abs(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  return infer_ints(q, true);
}

static firn_code infer_merge(firn_infer *q, firn_error *err) {
  return firn_shape_merge(&q->in[0].shape, &q->in[1].shape, &q->out[0].shape,
                          err);
}

/* ---- The family --------------------------------------------------------- */

#define FIELD (FIRN_FLOATS | FIRN_COMPLEXES)
#define SINGLES (FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE))
#define KERNEL(id, set, rows)                                         \
  static const firn_kernel id##_kernels[] = {FIRN_KERNEL1(set, rows), \
                                             {.drive = NULL}};
#define KERNEL2(id, set, rows)                                        \
  static const firn_kernel id##_kernels[] = {FIRN_KERNEL2(set, rows), \
                                             {.drive = NULL}};

KERNEL(neg, FIELD | FIRN_SIGNED_INTS, neg)
KERNEL(abs, FIRN_FLOATS | FIRN_SIGNED_INTS, absolute)
KERNEL(sign, FIELD | FIRN_SIGNED_INTS, signs)
KERNEL(square, FIRN_NUMBERS, square)
KERNEL(inverse, FIELD, inverse)
KERNEL(sqrt, FIELD, sqrt_rows)
KERNEL(rsqrt, FIELD, rsqrt_rows)
KERNEL(exp, FIELD, exp_rows)
KERNEL(expm1, FIELD, expm1_rows)
KERNEL(log, FIELD, log_rows)
KERNEL(log1p, FIELD, log1p_rows)
KERNEL(sigmoid, FIELD, sigmoid_rows)
KERNEL(tanh, FIELD, tanh_rows)
KERNEL(sin, FIELD, sin_rows)
KERNEL(cos, FIELD, cos_rows)
KERNEL(tan, FIELD, tan_rows)
KERNEL(asin, FIELD, asin_rows)
KERNEL(acos, FIELD, acos_rows)
KERNEL(atan, FIELD, atan_rows)
KERNEL(sinh, FIELD, sinh_rows)
KERNEL(cosh, FIELD, cosh_rows)
KERNEL(asinh, FIELD, asinh_rows)
KERNEL(acosh, FIELD, acosh_rows)
KERNEL(atanh, FIELD, atanh_rows)
KERNEL(floor, FIRN_FLOATS, floors)
KERNEL(ceil, FIRN_FLOATS, ceilings)
KERNEL(round, FIRN_FLOATS | FIRN_INDICES, rounded)
KERNEL(rint, SINGLES, rounded)
KERNEL(erf, FIRN_FLOATS, erf_rows)
KERNEL(erfc, FIRN_FLOATS, erfc_rows)
KERNEL2(atan2, FIRN_FLOATS, atan2_rows)
KERNEL2(next_after, SINGLES, next_rows)
KERNEL2(inverse_grad, FIELD, inverse_grad)
KERNEL2(rsqrt_grad, FIELD, rsqrt_grad)
KERNEL2(sqrt_grad, FIELD, sqrt_grad)
KERNEL2(sigmoid_grad, FIELD, sigmoid_grad)
KERNEL2(tanh_grad, FIELD, tanh_grad)

#define OP(name, kernels) \
  { name, firn_infer_same, kernels, FIRN_OP_IN_PLACE }
#define GRAD(name, kernels) \
  { name, infer_merge, kernels, FIRN_OP_IN_PLACE }

static const firn_op ops[] = {
    {"Neg", infer_neg, neg_kernels, FIRN_OP_IN_PLACE},
    {"Abs", infer_abs, abs_kernels, FIRN_OP_IN_PLACE},
    OP("Sign", sign_kernels),
    OP("Square", square_kernels),
    OP("Reciprocal", inverse_kernels),
    OP("Inv", inverse_kernels),
    OP("Sqrt", sqrt_kernels),
    OP("Rsqrt", rsqrt_kernels),
    OP("Exp", exp_kernels),
    OP("Expm1", expm1_kernels),
    OP("Log", log_kernels),
    OP("Log1p", log1p_kernels),
    OP("Sigmoid", sigmoid_kernels),
    OP("Tanh", tanh_kernels),
    OP("Sin", sin_kernels),
    OP("Cos", cos_kernels),
    OP("Tan", tan_kernels),
    OP("Asin", asin_kernels),
    OP("Acos", acos_kernels),
    OP("Atan", atan_kernels),
    OP("Sinh", sinh_kernels),
    OP("Cosh", cosh_kernels),
    OP("Asinh", asinh_kernels),
    OP("Acosh", acosh_kernels),
    OP("Atanh", atanh_kernels),
    OP("Floor", floor_kernels),
    OP("Ceil", ceil_kernels),
    OP("Round", round_kernels),
    OP("Rint", rint_kernels),
    OP("Erf", erf_kernels),
    OP("Erfc", erfc_kernels),
    {"Atan2", firn_infer_broadcast, atan2_kernels, FIRN_OP_IN_PLACE},
    {"NextAfter", firn_infer_broadcast, next_after_kernels, FIRN_OP_IN_PLACE},
    GRAD("InvGrad", inverse_grad_kernels),
    GRAD("ReciprocalGrad", inverse_grad_kernels),
    GRAD("RsqrtGrad", rsqrt_grad_kernels),
    GRAD("SqrtGrad", sqrt_grad_kernels),
    GRAD("SigmoidGrad", sigmoid_grad_kernels),
    GRAD("TanhGrad", tanh_grad_kernels),
};

FIRN_OP_FAMILY(math, ops);
