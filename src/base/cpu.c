/* base/cpu.c: questions to the processor and to the scheduler. */
#define _GNU_SOURCE
#include "base/cpu.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

/* The registers the system saves at a task switch. */
static uint32_t xcr0(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static uint32_t ask(void) {
  unsigned a, b, c, d;
  uint32_t found = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
  const unsigned leaf1 = c;
  const bool clmul = leaf1 & bit_PCLMUL;
  if ((leaf1 & bit_SSE4_2) && clmul) found |= FIRN_CPU_SSE42;

  if (!(leaf1 & bit_OSXSAVE)) return found;
  const uint32_t saved = xcr0();
  const bool ymm = (saved & 0x06) == 0x06, zmm = (saved & 0xe6) == 0xe6;
  if (!ymm || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return found;

  const unsigned with_avx2 = bit_FMA | bit_F16C;
  const unsigned all512 =
      bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
  if ((leaf1 & with_avx2) != with_avx2 || !(b & bit_AVX2)) return found;
  found |= FIRN_CPU_AVX2;
  if (!zmm || (b & all512) != all512) return found;
  found |= FIRN_CPU_AVX512;
  if (clmul && (c & bit_VPCLMULQDQ)) found |= FIRN_CPU_VPCLMUL;
  return found;
}

uint32_t firn_cpu_flush_begin(void) {
  const uint32_t state = _mm_getcsr();
  _mm_setcsr(state | 0x8040); /* results to zero, operands to zero */
  return state;
}

void firn_cpu_flush_end(uint32_t state) { _mm_setcsr(state); }

#elif defined(__aarch64__)

static uint32_t ask(void) { return 0; }

static uint64_t fpcr(void) {
  uint64_t state;
  __asm__ volatile("mrs %0, fpcr" : "=r"(state));
  return state;
}

uint32_t firn_cpu_flush_begin(void) {
  const uint32_t state = (uint32_t)fpcr();
  firn_cpu_flush_end(state | 1u << 24);
  return state;
}

void firn_cpu_flush_end(uint32_t state) {
  __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)state));
}

#else

static uint32_t ask(void) { return 0; }
uint32_t firn_cpu_flush_begin(void) { return 0; }
void firn_cpu_flush_end(uint32_t state) { (void)state; }

#endif

/* Under a hypervisor each question costs microseconds, so the answer is kept.
 * It is the same whichever thread asks first. */
uint32_t firn_cpu_features(void) {
  enum { ASKED = 1u << 31 };
  static _Atomic uint32_t memo;
  uint32_t found = atomic_load_explicit(&memo, memory_order_relaxed);
  if (found) return found & ~(uint32_t)ASKED;
  found = ask();
  atomic_store_explicit(&memo, found | (uint32_t)ASKED, memory_order_relaxed);
  return found;
}

const char *firn_cpu_name(uint32_t bit) {
  switch (bit) {
    case FIRN_CPU_AVX2: return "avx2";
    case FIRN_CPU_AVX512: return "avx512";
    case FIRN_CPU_SSE42: return "sse4.2";
    case FIRN_CPU_VPCLMUL: return "vpclmul";
    default: return NULL;
  }
}

int firn_cpu_count(void) {
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
    return CPU_COUNT(&set);
#endif
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 && online < 65536 ? (int)online : 1;
}
