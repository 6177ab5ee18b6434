/* base/cpu.h: what this CPU can do, asked once per call site that needs it.
 *
 * A kernel says what it needs as a set of these bits; the portable one needs
 * none.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_BASE_CPU_H
#define FIRN_BASE_CPU_H

#include <stdint.h>

enum {
  FIRN_CPU_AVX2 = 1u << 0,    /* AVX2, FMA and F16C, enabled by the system */
  FIRN_CPU_AVX512 = 1u << 1,  /* AVX-512 F, BW, DQ, VL                     */
  FIRN_CPU_SSE42 = 1u << 2,   /* SSE4.2 and PCLMULQDQ, for checksums       */
  FIRN_CPU_VPCLMUL = 1u << 3, /* VPCLMULQDQ, beside AVX-512               */
};

uint32_t firn_cpu_features(void);

/* "avx2", "avx512", "sse4.2", "vpclmul"; NULL for a bit without a name. */
const char *firn_cpu_name(uint32_t bit);

/* The number of CPUs this process may run on. */
int firn_cpu_count(void);

/* Denormals are flushed to zero during a run, as TensorFlow does. begin returns
 * the state to be handed to end. */
uint32_t firn_cpu_flush_begin(void);
void firn_cpu_flush_end(uint32_t state);

#endif
