/* ops/widen.c: rows of 16-bit floats as float, and back. */
#include "ops/widen.h"

typedef union word {
  uint32_t bits;
  float value;
} word;

/* Half: 5 bits of exponent, 10 of mantissa. The denormals get their value by a
 * subtraction, since the CPU may be told to take denormal floats for 0. */
static float half_value(uint32_t half) {
  const uint32_t size = half & 0x7fff, sign = (half & 0x8000) << 16;
  const word least = {0x38800000}; /* 2^-14 */
  word small = {0x38800000 + (size << 13)};
  small.value -= least.value;
  const uint32_t normal = (size << 13) + 0x38000000;
  const uint32_t special = (size << 13) | 0x7f800000;
  const uint32_t finite = size < 0x400 ? small.bits : normal;
  const word out = {(size < 0x7c00 ? finite : special) | sign};
  return out.value;
}

static uint32_t half_bits(float value) {
  const word in = {.value = value};
  const uint32_t size = in.bits & 0x7fffffff, sign = (in.bits >> 16) & 0x8000;
  const word positive = {size};
  const word shifted = {.value = positive.value + 0.5f}; /* aligns denormals */
  const uint32_t small = shifted.bits - 0x3f000000;
  const uint32_t normal = (size - 0x37fff001 + ((size >> 13) & 1)) >> 13;
  const uint32_t special = size > 0x7f800000 ? 0x7e00 : 0x7c00;
  const uint32_t finite = size < 0x38800000 ? small : normal;
  return (size < 0x47800000 ? finite : special) | sign;
}

static uint32_t bfloat16_bits(float value) {
  const word in = {.value = value};
  const uint32_t rounded = (in.bits + 0x7fff + ((in.bits >> 16) & 1)) >> 16;
  const uint32_t nan = ((in.bits >> 16) & 0x8000) | 0x7fc0;
  return (in.bits & 0x7fffffff) > 0x7f800000 ? nan : rounded;
}

void firn_widen(firn_dtype dtype, const void *from, float *restrict to,
                size_t n) {
  typedef uint16_t loose __attribute__((aligned(1), may_alias));
  const loose *restrict x = from; /* may lie in a file, at any address */
  if (dtype == FIRN_HALF)
    for (size_t i = 0; i < n; i++) to[i] = half_value(x[i]);
  else
    for (size_t i = 0; i < n; i++) to[i] = firn_bfloat16_to_float(x[i]);
}

void firn_narrow(firn_dtype dtype, const float *restrict from, void *to,
                 size_t n) {
  uint16_t *restrict y = to;
  if (dtype == FIRN_HALF)
    for (size_t i = 0; i < n; i++) y[i] = (uint16_t)half_bits(from[i]);
  else
    for (size_t i = 0; i < n; i++) y[i] = (uint16_t)bfloat16_bits(from[i]);
}
