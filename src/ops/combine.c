/* ops/combine.c: the arithmetic of assignments and scatters, type by type. */
#include "ops/combine.h"

#include "base/complex.h"

/* Signed integers wrap around as TensorFlow's do; C only lets unsigned ones. */
#define WRAP(T, a, OP, b) ((T)((uint64_t)(a)OP(uint64_t)(b)))

#define LOOP(NAME, T, EXPR)                                             \
  static bool NAME(void *to, const void *from, size_t n, size_t step) { \
    T *x = to;                                                          \
    const T *y = from;                                                  \
    for (size_t i = 0; i < n; i++) {                                    \
      const T a = x[i], b = y[i * step];                                \
      x[i] = (T)(EXPR);                                                 \
    }                                                                   \
    return true;                                                        \
  }

#define ORDER(ID, T)               \
  LOOP(min_##ID, T, b < a ? b : a) \
  LOOP(max_##ID, T, a < b ? b : a)

#define REAL(ID, T)        \
  LOOP(add_##ID, T, a + b) \
  LOOP(sub_##ID, T, a - b) \
  LOOP(mul_##ID, T, a *b)  \
  LOOP(div_##ID, T, a / b)

/* The least integer by -1 is itself: negating by subtraction wraps. */
#define INTEGER(ID, T)                                                      \
  LOOP(add_##ID, T, WRAP(T, a, +, b))                                       \
  LOOP(sub_##ID, T, WRAP(T, a, -, b))                                       \
  LOOP(mul_##ID, T, WRAP(T, a, *, b))                                       \
  ORDER(ID, T)                                                              \
  static bool div_##ID(void *to, const void *from, size_t n, size_t step) { \
    T *x = to;                                                              \
    const T *y = from;                                                      \
    for (size_t i = 0; i < n; i++) {                                        \
      const T b = y[i * step];                                              \
      if (b == 0) return false;                                             \
      x[i] = (T)(b == (T)-1 && (T)-1 < 1 ? WRAP(T, 0, -, x[i]) : x[i] / b); \
    }                                                                       \
    return true;                                                            \
  }

/* Half and bfloat16 go through float. */
#define SHORT_LOOP(NAME, FORM, EXPR)                                    \
  static bool NAME(void *to, const void *from, size_t n, size_t step) { \
    uint16_t *x = to;                                                   \
    const uint16_t *y = from;                                           \
    for (size_t i = 0; i < n; i++) {                                    \
      const float a = firn_##FORM##_to_float(x[i]);                     \
      const float b = firn_##FORM##_to_float(y[i * step]);              \
      x[i] = firn_##FORM##_from_float(EXPR);                            \
    }                                                                   \
    return true;                                                        \
  }
#define SHORT(ID, FORM)                     \
  SHORT_LOOP(add_##ID, FORM, a + b)         \
  SHORT_LOOP(sub_##ID, FORM, a - b)         \
  SHORT_LOOP(mul_##ID, FORM, a *b)          \
  SHORT_LOOP(div_##ID, FORM, a / b)         \
  SHORT_LOOP(min_##ID, FORM, b < a ? b : a) \
  SHORT_LOOP(max_##ID, FORM, a < b ? b : a)

REAL(float, float)
ORDER(float, float)
REAL(double, double)
ORDER(double, double)
REAL(complex64, float complex)
REAL(complex128, double complex)
SHORT(half, half)
SHORT(bfloat16, bfloat16)
INTEGER(int8, int8_t)
INTEGER(int16, int16_t)
INTEGER(int32, int32_t)
INTEGER(int64, int64_t)
INTEGER(uint8, uint8_t)
INTEGER(uint16, uint16_t)
INTEGER(uint32, uint32_t)
INTEGER(uint64, uint64_t)

/* Truth values are added and taken away as 0 and 1. */
LOOP(add_bool, bool, a || b)
LOOP(sub_bool, bool, a != b)

#define ARITHMETIC(ID) add_##ID, sub_##ID, mul_##ID, div_##ID
#define ALL(ID) \
  { NULL, ARITHMETIC(ID), min_##ID, max_##ID }

static const firn_combine_fn functions[][FIRN_COMBINE_MAX + 1] = {
    [FIRN_FLOAT] = ALL(float),
    [FIRN_DOUBLE] = ALL(double),
    [FIRN_HALF] = ALL(half),
    [FIRN_BFLOAT16] = ALL(bfloat16),
    [FIRN_INT8] = ALL(int8),
    [FIRN_INT16] = ALL(int16),
    [FIRN_INT32] = ALL(int32),
    [FIRN_INT64] = ALL(int64),
    [FIRN_UINT8] = ALL(uint8),
    [FIRN_UINT16] = ALL(uint16),
    [FIRN_UINT32] = ALL(uint32),
    [FIRN_UINT64] = ALL(uint64),
    [FIRN_COMPLEX64] = {NULL, ARITHMETIC(complex64), NULL, NULL},
    [FIRN_COMPLEX128] = {NULL, ARITHMETIC(complex128), NULL, NULL},
    [FIRN_BOOL] = {NULL, add_bool, sub_bool, NULL, NULL, NULL, NULL},
};

firn_combine_fn firn_combine_of(firn_combine op, firn_dtype dtype) {
  return (size_t)dtype < FIRN_COUNT(functions) ? functions[dtype][op] : NULL;
}

static bool set(firn_dtype dtype, void *x, const void *y, size_t n,
                size_t step) {
  if (step) return firn_elements_copy(dtype, x, y, n);
  const size_t size = firn_dtype_size(dtype);
  for (size_t i = 0; i < n; i++)
    if (!firn_elements_copy(dtype, (uint8_t *)x + i * size, y, 1)) return false;
  return true;
}

firn_code firn_combine_run(firn_combine op, firn_dtype dtype, void *x,
                           const void *y, size_t n, size_t step,
                           firn_error *err) {
  if (op == FIRN_COMBINE_SET)
    return set(dtype, x, y, n, step)
               ? FIRN_OK
               : firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                           "out of memory copying strings");
  const firn_combine_fn run = firn_combine_of(op, dtype);
  if (!run)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "no arithmetic on %s",
                     firn_dtype_name(dtype));
  if (run(x, y, n, step)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "an integer divided by zero");
}
