/* tensor/float16.c: floats of 16, 8 and 4 bits, to float and back.
 *
 * All of them are one idea: a sign, some bits of exponent, some of mantissa.
 * They differ in what the largest exponent means, which the table below says.
 * Rounding is to nearest, ties to even.
 */
#include <math.h>

#include "tensor/tensor.h"

typedef enum special {
  IEEE,   /* the largest exponent is infinity and NaN                 */
  FN,     /* no infinity; all ones is NaN                             */
  FNUZ,   /* no infinity, no -0: the code of -0 is the only NaN       */
  FINITE, /* neither infinity nor NaN: what is too large is cut down  */
} special;

typedef struct format {
  int exponent, mantissa, bias;
  special special;
} format;

static const format half_format = {5, 10, 15, IEEE};

static const format *narrow_format(firn_dtype dtype) {
  static const format e5m2 = {5, 2, 15, IEEE}, e4m3fn = {4, 3, 7, FN},
                      e4m3fnuz = {4, 3, 8, FNUZ}, e4m3b11 = {4, 3, 11, FNUZ},
                      e5m2fnuz = {5, 2, 16, FNUZ}, e2m1fn = {2, 1, 1, FINITE};
  switch ((int)dtype) {
    case FIRN_FLOAT8_E5M2: return &e5m2;
    case FIRN_FLOAT8_E4M3FN: return &e4m3fn;
    case FIRN_FLOAT8_E4M3FNUZ: return &e4m3fnuz;
    case FIRN_FLOAT8_E4M3B11FNUZ: return &e4m3b11;
    case FIRN_FLOAT8_E5M2FNUZ: return &e5m2fnuz;
    default: return &e2m1fn;
  }
}

static uint32_t bits_of(float value) {
  const union {
    float value;
    uint32_t bits;
  } u = {value};
  return u.bits;
}

static float float_of(uint32_t bits) {
  const union {
    uint32_t bits;
    float value;
  } u = {bits};
  return u.value;
}

static float decode(const format *f, uint32_t code) {
  const uint32_t sign_bit = 1u << (f->exponent + f->mantissa);
  const uint32_t magnitude = code & (sign_bit - 1);
  const uint32_t sign = code & sign_bit ? 0x80000000u : 0;
  const uint32_t top = (1u << f->exponent) - 1;
  const uint32_t mantissa = magnitude & ((1u << f->mantissa) - 1);
  const uint32_t exponent = magnitude >> f->mantissa;

  if (f->special == IEEE && exponent == top) /* NaN keeps its bits */
    return float_of(sign | 0x7f800000u | mantissa << (23 - f->mantissa));
  if ((f->special == FN && magnitude == sign_bit - 1) ||
      (f->special == FNUZ && code == sign_bit))
    return float_of(sign | 0x7fc00000u);
  if (exponent == 0) /* subnormal: an integer of the smallest steps, exact */
    return (sign ? -1.0f : 1.0f) *
           ldexpf((float)mantissa, 1 - f->bias - f->mantissa);
  return float_of(sign | (exponent + 127 - (uint32_t)f->bias) << 23 |
                  mantissa << (23 - f->mantissa));
}

/* The magnitude of a finite number as a code that may run past the largest
 * finite one, since a carry out of the mantissa steps to the next exponent. */
static uint32_t round_magnitude(const format *f, uint32_t bits) {
  const int exponent = (int)(bits >> 23) - 127 + f->bias;
  if (exponent < -f->mantissa) return 0; /* below half the smallest step */
  uint64_t digits = (bits & 0x7fffffu) | (bits >> 23 ? 0x800000u : 0);
  int drop = 23 - f->mantissa;
  if (exponent < 1)
    drop += 1 - exponent; /* a subnormal has fewer digits */
  else
    digits += (uint64_t)(exponent - 1) << 23; /* the leading 1 adds the last */
  const uint64_t half = 1ull << (drop - 1), low = digits & (2 * half - 1);
  const uint64_t code = digits >> drop;
  return (uint32_t)(code + (low > half || (low == half && (code & 1))));
}

static uint32_t encode(const format *f, float value) {
  const uint32_t bits = bits_of(value), magnitude = bits & 0x7fffffffu;
  const uint32_t sign_bit = 1u << (f->exponent + f->mantissa);
  const uint32_t sign = bits >> 31 ? sign_bit : 0;
  const uint32_t infinity = ((1u << f->exponent) - 1) << f->mantissa;

  if (magnitude > 0x7f800000u) /* NaN: made quiet, the top bits kept */
    switch (f->special) {
      case IEEE:
        return sign | infinity | 1u << (f->mantissa - 1) |
               (f->mantissa > 3 ? (magnitude & 0x7fffffu) >> (23 - f->mantissa)
                                : 0);
      case FN: return sign | (sign_bit - 1);
      case FINITE: return sign ? 0 : sign_bit; /* odd, but ml_dtypes' way */
      default: return sign_bit;
    }
  /* A large exponent need not be rounded, and must not wrap. */
  const uint32_t code =
      magnitude >= 0x7f800000u ? sign_bit : round_magnitude(f, magnitude);
  switch (f->special) {
    case IEEE: return sign | (code < infinity ? code : infinity);
    case FN: return sign | (code < sign_bit ? code : sign_bit - 1);
    case FINITE: return sign | (code < sign_bit ? code : sign_bit - 1);
    default: return code == 0 ? 0 : code < sign_bit ? sign | code : sign_bit;
  }
}

float firn_half_to_float(uint16_t half) { return decode(&half_format, half); }

uint16_t firn_half_from_float(float value) {
  return (uint16_t)encode(&half_format, value);
}

uint16_t firn_bfloat16_from_float(float value) {
  const uint32_t bits = bits_of(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u)
    return (uint16_t)((bits >> 31) << 15 | 0x7fc0u);
  return (uint16_t)((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

float firn_float8_to_float(firn_dtype dtype, uint8_t value) {
  const format *f = narrow_format(dtype);
  return decode(f, value & ((2u << (f->exponent + f->mantissa)) - 1));
}

uint8_t firn_float8_from_float(firn_dtype dtype, float value) {
  return (uint8_t)encode(narrow_format(dtype), value);
}
