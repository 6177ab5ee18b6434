/* base/crc32c_x86.c: the checksum by the crc32 instruction, and by carry-less
 * multiplication 256 bytes at a time.
 *
 * Bits are reflected: bit 0 of a byte is the highest power of x. Multiplying
 * two reflected 64-bit numbers gives their product times x, in 128 bits. Every
 * constant below is x^n modulo the polynomial, with n less by that one, and by
 * the 32 that a 32-bit constant in the low half of a register stands too high.
 *
 * The crc32 instruction has a latency of three and can start each cycle, so
 * three streams keep it busy. Stream a is followed by b and c: its checksum is
 * multiplied by x^(8 * bytes that follow) before they are added.
 *
 * The wide way folds: 128 bits of message, high half h and low half l, that
 * stand D bits before another 128 are worth h * x^(64 + D) + l * x^D there. At
 * its end 64 bytes are left that have the checksum of all, and go through the
 * instruction.
 */
#include "base/crc32c_x86.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define SSE42 __attribute__((target("sse4.2,pclmul")))
#define AVX512 __attribute__((target("sse4.2,pclmul,avx512f,vpclmulqdq")))

enum {
  LONG = 1024, /* bytes of one of three streams */
  SHORT = 128,
};

static inline uint64_t load(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

/* crc * factor, in a form that is added to eight bytes of message. */
SSE42 static inline uint64_t times(uint64_t crc, uint32_t factor) {
  const __m128i product = _mm_clmulepi64_si128(
      _mm_cvtsi64_si128((long long)crc), _mm_cvtsi32_si128((int)factor), 0);
  return (uint64_t)_mm_cvtsi128_si64(product);
}

/* Three streams of `stride` bytes. The last eight bytes of c wait for the sums
 * of a and b, which enter the instruction together with them. */
SSE42 static inline uint64_t three(uint64_t crc, const uint8_t *p,
                                   size_t stride, uint32_t over_one,
                                   uint32_t over_two) {
  uint64_t a = crc, b = 0, c = 0;
  const uint8_t *const end = p + stride - 8;
  for (; p < end; p += 8) {
    a = _mm_crc32_u64(a, load(p));
    b = _mm_crc32_u64(b, load(p + stride));
    c = _mm_crc32_u64(c, load(p + 2 * stride));
  }
  a = _mm_crc32_u64(a, load(p));
  b = _mm_crc32_u64(b, load(p + stride));
  return _mm_crc32_u64(
      c, load(p + 2 * stride) ^ times(a, over_two) ^ times(b, over_one));
}

/* The work of both ways: a raw state in, a raw state out. */
SSE42 static uint64_t run(uint64_t crc, const uint8_t *p, size_t size) {
  for (; size >= 3 * LONG; size -= 3 * LONG, p += 3 * LONG)
    crc = three(crc, p, LONG, 0x170076fa, 0xa51b6135);
  for (; size >= 3 * SHORT; size -= 3 * SHORT, p += 3 * SHORT)
    crc = three(crc, p, SHORT, 0x0d3b6092, 0xb9e02b86);
  for (; size >= 8; size -= 8, p += 8) crc = _mm_crc32_u64(crc, load(p));
  for (; size > 0; size--, p++) crc = _mm_crc32_u8((uint32_t)crc, *p);
  return crc;
}

SSE42 uint32_t firn_crc32c_sse42(uint32_t crc, const void *data, size_t size) {
  return ~(uint32_t)run((uint32_t)~crc, data, size);
}

/* x carried forward by the distance whose factors `k` holds, plus y. */
AVX512 static inline __m512i fold(__m512i x, __m512i k, __m512i y) {
  return _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(x, k, 0x00),
                                   _mm512_clmulepi64_epi128(x, k, 0x11), y,
                                   0x96 /* exclusive or of three */);
}

/* For a lane: x^(64 + D) for its first eight bytes, x^D for the others. */
AVX512 static inline __m512i factors(uint32_t first, uint32_t second) {
  return _mm512_broadcast_i32x4(_mm_set_epi64x(second, first));
}

AVX512 uint32_t firn_crc32c_avx512(uint32_t crc, const void *data,
                                   size_t size) {
  const uint8_t *p = data;
  if (size < 256) return firn_crc32c_sse42(crc, data, size);
  const __m512i by_2048 = factors(0xdcb17aa4, 0xb9e02b86);
  const __m512i by_512 = factors(0x740eef02, 0x9e4addf8);
  const __m128i start = _mm_cvtsi32_si128((int)~crc);

  __m512i a = _mm512_loadu_si512(p), b = _mm512_loadu_si512(p + 64);
  __m512i c = _mm512_loadu_si512(p + 128), d = _mm512_loadu_si512(p + 192);
  a = _mm512_xor_si512(a, _mm512_zextsi128_si512(start));
  for (p += 256, size -= 256; size >= 256; p += 256, size -= 256) {
    a = fold(a, by_2048, _mm512_loadu_si512(p));
    b = fold(b, by_2048, _mm512_loadu_si512(p + 64));
    c = fold(c, by_2048, _mm512_loadu_si512(p + 128));
    d = fold(d, by_2048, _mm512_loadu_si512(p + 192));
  }
  d = fold(fold(fold(a, by_512, b), by_512, c), by_512, d);

  uint8_t left[64];
  _mm512_storeu_si512(left, d);
  return ~(uint32_t)run(run(0, left, sizeof left), p, size);
}

#else

/* So that the file is not empty elsewhere. */
typedef int not_x86;

#endif
