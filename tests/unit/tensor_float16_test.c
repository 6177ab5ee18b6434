/* The narrow floats: every code means what its format says, and every float
 * goes to the nearest code, ties to the even one. */
#include <math.h>

#include "support/golden.h"
#include "support/test.h"
#include "tensor/tensor.h"

static float from_bits(uint32_t bits) {
  const union {
    uint32_t bits;
    float value;
  } u = {bits};
  return u.value;
}

static uint32_t to_bits(float value) {
  const union {
    float value;
    uint32_t bits;
  } u = {value};
  return u.bits;
}

/* The definition of IEEE binary16, slowly. */
static double half_value(uint32_t code) {
  const double sign = code >> 15 ? -1 : 1;
  const int exponent = (int)(code >> 10 & 31);
  const double mantissa = (double)(code & 1023) / 1024;
  if (exponent == 31) return mantissa == 0 ? sign * INFINITY : NAN;
  if (exponent == 0) return sign * ldexp(mantissa, -14);
  return sign * ldexp(1 + mantissa, exponent - 15);
}

TEST_FN(every_half_is_decoded) {
  for (uint32_t code = 0; code <= 0xffff; code++) {
    const double want = half_value(code);
    const float have = firn_half_to_float((uint16_t)code);
    if (isnan(want))
      CHECK(isnan(have));
    else
      CHECK((double)have == want && !signbit(have) == !(code >> 15));
  }
}

/* Between two neighbours: the middle goes to the even one, what is beside it to
 * the nearer. Rounding is monotonic, so that this covers every float. */
TEST_FN(halfs_round_to_nearest_even) {
  for (uint32_t code = 0; code < 0x7bff; code++) {
    const float low = (float)half_value(code);
    const float high = (float)half_value(code + 1);
    const float middle = (low + high) / 2; /* exact */
    const uint32_t even = code & 1 ? code + 1 : code;
    CHECK_EQ(firn_half_from_float(low), code);
    CHECK_EQ(firn_half_from_float(middle), even);
    CHECK_EQ(firn_half_from_float(nextafterf(middle, 0)), code);
    CHECK_EQ(firn_half_from_float(nextafterf(middle, INFINITY)), code + 1);
    CHECK_EQ(firn_half_from_float(-middle), even | 0x8000);
  }
}

TEST_FN(halfs_at_the_ends) {
  CHECK_EQ(firn_half_from_float(65504), 0x7bff);
  CHECK_EQ(firn_half_from_float(65519.996f), 0x7bff);
  CHECK_EQ(firn_half_from_float(65520), 0x7c00);
  CHECK_EQ(firn_half_from_float(3e38f), 0x7c00);
  CHECK_EQ(firn_half_from_float(-INFINITY), 0xfc00);
  CHECK_EQ(firn_half_from_float(-0.0f), 0x8000);
  CHECK_EQ(firn_half_from_float(from_bits(1)), 0);
  CHECK_EQ(firn_half_from_float(NAN) & 0x7e00, 0x7e00);
  CHECK_EQ(firn_half_from_float(from_bits(0x7f800001)) & 0x7fff, 0x7e00);
}

TEST_FN(bfloat16_is_the_upper_half_rounded) {
  for (uint32_t code = 0; code < 0x7f80; code++) {
    const float low = from_bits(code << 16);
    const uint32_t even = code & 1 ? code + 1 : code;
    CHECK_EQ(to_bits(firn_bfloat16_to_float((uint16_t)code)), code << 16);
    CHECK_EQ(firn_bfloat16_from_float(low), code);
    CHECK_EQ(firn_bfloat16_from_float(from_bits(code << 16 | 0x7fff)), code);
    CHECK_EQ(firn_bfloat16_from_float(from_bits(code << 16 | 0x8000)), even);
    CHECK_EQ(firn_bfloat16_from_float(from_bits(code << 16 | 0x8001)),
             code + 1);
  }
  CHECK_EQ(firn_bfloat16_from_float(INFINITY), 0x7f80);
  CHECK_EQ(firn_bfloat16_from_float(from_bits(0x7f800001)), 0x7fc0);
  CHECK_EQ(firn_bfloat16_from_float(from_bits(0xffffffff)), 0xffc0);
}

TEST_FN(bytes_are_those_of_ml_dtypes) {
  golden g;
  golden_open(&g, "tests/golden/tensor/float_cases.json");
  while (golden_next(&g)) {
    const firn_dtype dtype = firn_dtype_find(golden_str(&g, "name"));
    CHECK(dtype != FIRN_INVALID);
    for (size_t i = 0; i < golden_count(&g, "decoded"); i++) {
      const float want = from_bits((uint32_t)golden_i64(&g, "decoded", i));
      const float have = firn_float8_to_float(dtype, (uint8_t)i);
      if (isnan(want))
        CHECK(isnan(have));
      else
        CHECK_EQ(to_bits(have), to_bits(want));
    }
    for (size_t i = 0; i < golden_count(&g, "inputs"); i++) {
      const float in = from_bits((uint32_t)golden_i64(&g, "inputs", i));
      CHECK_EQ(firn_float8_from_float(dtype, in), golden_i64(&g, "codes", i));
    }
  }
  golden_close(&g);
}

SUITE(tensor_float16, TEST(every_half_is_decoded),
      TEST(halfs_round_to_nearest_even), TEST(halfs_at_the_ends),
      TEST(bfloat16_is_the_upper_half_rounded),
      TEST(bytes_are_those_of_ml_dtypes));
