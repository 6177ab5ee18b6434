/* What the CPU layer promises: the same answer each time, bits that imply each
 * other, and denormals flushed between begin and end. */
#include "base/cpu.h"

#include <float.h>

#include "support/test.h"

TEST_FN(features_are_consistent) {
  const uint32_t found = firn_cpu_features();
  CHECK_EQ(firn_cpu_features(), found);
  if (found & FIRN_CPU_AVX512) CHECK(found & FIRN_CPU_AVX2);
  if (found & FIRN_CPU_VPCLMUL) CHECK(found & FIRN_CPU_AVX512);
  if (found & FIRN_CPU_VPCLMUL) CHECK(found & FIRN_CPU_SSE42);
}

/* The compiler's run-time library asks the processor too. */
TEST_FN(features_agree_with_the_compilers) {
#if defined(__x86_64__)
  const uint32_t found = firn_cpu_features();
  CHECK_EQ(!!(found & FIRN_CPU_AVX2),
           __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
  CHECK_EQ(!!(found & FIRN_CPU_AVX512),
           __builtin_cpu_supports("avx512f") &&
               __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl"));
  CHECK_EQ(!!(found & FIRN_CPU_SSE42), __builtin_cpu_supports("sse4.2") &&
                                           __builtin_cpu_supports("pclmul"));
#else
  skip();
#endif
}

TEST_FN(bits_have_names) {
  CHECK_STR(firn_cpu_name(FIRN_CPU_AVX2), "avx2");
  CHECK_STR(firn_cpu_name(FIRN_CPU_AVX512), "avx512");
  CHECK(firn_cpu_name(0) == NULL);
  CHECK(firn_cpu_name(1u << 30) == NULL);
}

TEST_FN(there_is_a_cpu) { CHECK(firn_cpu_count() >= 1); }

TEST_FN(denormals_are_flushed_in_between) {
#if defined(__x86_64__) || defined(__aarch64__)
  volatile float tiny = FLT_MIN, half = 0.5f;
  volatile float result = tiny * half;
  CHECK(result > 0);
  const uint32_t state = firn_cpu_flush_begin();
  const volatile float flushed = tiny * half;
  const uint32_t inner = firn_cpu_flush_begin();
  firn_cpu_flush_end(inner);
  const volatile float still = tiny * half;
  const volatile float as_operand = result * 2;
  firn_cpu_flush_end(state);
  const volatile float again = tiny * half;
  CHECK(flushed == 0 && still == 0 && as_operand == 0);
  CHECK(again > 0);
#else
  skip();
#endif
}

SUITE(base_cpu, TEST(features_are_consistent),
      TEST(features_agree_with_the_compilers), TEST(bits_have_names),
      TEST(there_is_a_cpu), TEST(denormals_are_flushed_in_between));
