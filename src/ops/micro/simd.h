/* ops/micro/simd.h: one vector of floats, whatever the instruction set.
 *
 * The width follows from the flags the file is compiled with. Arithmetic uses
 * the compiler's vector types; only what those cannot say is spelled out per
 * set. `FIRN_ISA_NAME(f)` gives a function a name of its own in each library.
 */
#ifndef FIRN_OPS_MICRO_SIMD_H
#define FIRN_OPS_MICRO_SIMD_H

#include <math.h>
#include <string.h>

#include "ops/micro/micro.h"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#endif

#ifndef FIRN_ISA
#define FIRN_ISA portable
#endif
#define FIRN_ISA_JOIN2(name, isa) firn_##isa##_##name
#define FIRN_ISA_JOIN(name, isa) FIRN_ISA_JOIN2(name, isa)
#define FIRN_ISA_NAME(name) FIRN_ISA_JOIN(name, FIRN_ISA)

/* Tiles keep mr x 2 accumulators in registers: 32 registers hold 24, 16 hold
 * 12. The two vectors of a panel and one broadcast take the rest. */
#if defined(__AVX512F__)
enum { LANES = 16, TILE_ROWS = 12 };
#elif defined(__AVX2__) && defined(__FMA__)
enum { LANES = 8, TILE_ROWS = 6 };
#else
enum { LANES = 4, TILE_ROWS = 6 };
#endif

#define INLINE static inline __attribute__((always_inline))
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 64")
#endif
/* A loop that must vanish: its counter indexes registers. */
#define EACH(i, n) UNROLL for (size_t i = 0; i < (n); i++)

typedef float vf __attribute__((vector_size(LANES * 4)));
typedef int32_t vi __attribute__((vector_size(LANES * 4)));
typedef uint32_t vu __attribute__((vector_size(LANES * 4)));
typedef float vf_loose
    __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

INLINE vf v_load(const float *p) { return *(const vf_loose *)p; }
INLINE void v_store(float *p, vf v) { *(vf_loose *)p = v; }

#if defined(__AVX512F__)

INLINE vf v_set(float x) { return (vf)_mm512_set1_ps(x); }
INLINE vi v_seti(int32_t x) { return (vi)_mm512_set1_epi32(x); }
INLINE vf v_fma(vf a, vf b, vf c) { return (vf)_mm512_fmadd_ps(a, b, c); }
INLINE __mmask16 v_part(size_t n) { return (__mmask16)((1u << n) - 1); }
INLINE vf v_load_part(const float *p, size_t n) {
  return (vf)_mm512_maskz_loadu_ps(v_part(n), p);
}
INLINE void v_store_part(float *p, vf v, size_t n) {
  _mm512_mask_storeu_ps(p, v_part(n), v);
}
/* Both give b when either is NaN, so a NaN in b survives. */
INLINE vf v_max(vf a, vf b) { return (vf)_mm512_max_ps(a, b); }
INLINE vf v_min(vf a, vf b) { return (vf)_mm512_min_ps(a, b); }
INLINE vf v_sqrt(vf a) { return (vf)_mm512_sqrt_ps(a); }
INLINE vf v_select(vi mask, vf yes, vf no) {
  return (vf)_mm512_mask_blend_ps(_mm512_movepi32_mask((__m512i)mask), no, yes);
}

#elif defined(__AVX2__) && defined(__FMA__)

INLINE vf v_set(float x) { return (vf)_mm256_set1_ps(x); }
INLINE vi v_seti(int32_t x) { return (vi)_mm256_set1_epi32(x); }
INLINE vf v_fma(vf a, vf b, vf c) { return (vf)_mm256_fmadd_ps(a, b, c); }
INLINE __m256i v_part(size_t n) {
  const vi lane = {0, 1, 2, 3, 4, 5, 6, 7};
  return (__m256i)(lane < v_seti((int32_t)n));
}
INLINE vf v_load_part(const float *p, size_t n) {
  return (vf)_mm256_maskload_ps(p, v_part(n));
}
INLINE void v_store_part(float *p, vf v, size_t n) {
  _mm256_maskstore_ps(p, v_part(n), v);
}
INLINE vf v_max(vf a, vf b) { return (vf)_mm256_max_ps(a, b); }
INLINE vf v_min(vf a, vf b) { return (vf)_mm256_min_ps(a, b); }
INLINE vf v_sqrt(vf a) { return (vf)_mm256_sqrt_ps(a); }
INLINE vf v_select(vi mask, vf yes, vf no) {
  return (vf)_mm256_blendv_ps(no, yes, (__m256)mask);
}

#else

INLINE vf v_set(float x) { return (vf){x, x, x, x}; }
INLINE vi v_seti(int32_t x) { return (vi){x, x, x, x}; }
INLINE vf v_fma(vf a, vf b, vf c) { return a * b + c; }
INLINE vf v_load_part(const float *p, size_t n) {
  vf v = v_set(0);
  memcpy(&v, p, n * sizeof *p);
  return v;
}
INLINE void v_store_part(float *p, vf v, size_t n) {
  memcpy(p, &v, n * sizeof *p);
}
INLINE vf v_select(vi mask, vf yes, vf no) {
  return (vf)(((vi)yes & mask) | ((vi)no & ~mask));
}
INLINE vf v_max(vf a, vf b) { return v_select(a > b, a, b); }
INLINE vf v_min(vf a, vf b) { return v_select(a < b, a, b); }
INLINE vf v_sqrt(vf a) {
  return (vf){sqrtf(a[0]), sqrtf(a[1]), sqrtf(a[2]), sqrtf(a[3])};
}

#endif

/* Makes a loaded vector stay in its register: a compiler may think it cheaper
 * to load it again at each use, which it is not. */
INLINE vf v_keep(vf v) {
#if defined(__AVX512F__)
  __asm__("" : "+v"(v));
#elif defined(__SSE__)
  __asm__("" : "+x"(v));
#endif
  return v;
}

INLINE vf v_clamp(vf x, vf low, vf high) { return v_min(high, v_max(low, x)); }

/* A number that is NaN when either is, whichever side it is on. */
INLINE vf v_max_nan(vf a, vf b) { return v_select(a != a, a, v_max(a, b)); }
INLINE vf v_min_nan(vf a, vf b) { return v_select(a != a, a, v_min(a, b)); }

/* A whole vector, or its first n numbers. */
INLINE vf v_load_some(const float *p, size_t n) {
  return n == LANES ? v_load(p) : v_load_part(p, n);
}
INLINE void v_store_some(float *p, vf v, size_t n) {
  if (n == LANES)
    v_store(p, v);
  else
    v_store_part(p, v, n);
}

INLINE float v_sum(vf v) {
  float lane[LANES];
  v_store(lane, v);
  for (size_t step = LANES / 2; step > 0; step /= 2)
    for (size_t i = 0; i < step; i++) lane[i] += lane[i + step];
  return lane[0];
}

#endif
