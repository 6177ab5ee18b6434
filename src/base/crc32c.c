/* base/crc32c.c: the checksum by table, and the choice of a faster way.
 *
 * A checksum is linear: the entry of a table for index n is the XOR of the
 * entries for the bits of n. So only those eight are written down for each of
 * the eight tables, and the compiler works out the other 248.
 */
#include "base/crc32c.h"

#include "base/crc32c_x86.h"
#include "base/cpu.h"

#define BIT(n, b, entry) ((n) >> (b)&1u ? (entry) : 0u)
#define AT(n, a, b, c, d, e, f, g, h)                                         \
  (BIT(n, 0, a) ^ BIT(n, 1, b) ^ BIT(n, 2, c) ^ BIT(n, 3, d) ^ BIT(n, 4, e) ^ \
   BIT(n, 5, f) ^ BIT(n, 6, g) ^ BIT(n, 7, h))
#define FOUR(n, ...)                                                        \
  AT((n), __VA_ARGS__), AT((n) + 1, __VA_ARGS__), AT((n) + 2, __VA_ARGS__), \
      AT((n) + 3, __VA_ARGS__)
#define SIXTEEN(n, ...)                             \
  FOUR(n, __VA_ARGS__), FOUR((n) + 4, __VA_ARGS__), \
      FOUR((n) + 8, __VA_ARGS__), FOUR((n) + 12, __VA_ARGS__)
#define SIXTY_FOUR(n, ...)                                 \
  SIXTEEN(n, __VA_ARGS__), SIXTEEN((n) + 16, __VA_ARGS__), \
      SIXTEEN((n) + 32, __VA_ARGS__), SIXTEEN((n) + 48, __VA_ARGS__)
#define TABLE(...)                                                   \
  {                                                                  \
    SIXTY_FOUR(0u, __VA_ARGS__), SIXTY_FOUR(64u, __VA_ARGS__),       \
        SIXTY_FOUR(128u, __VA_ARGS__), SIXTY_FOUR(192u, __VA_ARGS__) \
  }

/* tables[k][n]: the checksum of byte n followed by k zero bytes. */
static const uint32_t tables[8][256] = {
    TABLE(0xf26b8303, 0xe13b70f7, 0xc79a971f, 0x8ad958cf, 0x105ec76f,
          0x20bd8ede, 0x417b1dbc, 0x82f63b78),
    TABLE(0x13a29877, 0x274530ee, 0x4e8a61dc, 0x9d14c3b8, 0x3fc5f181,
          0x7f8be302, 0xff17c604, 0xfbc3faf9),
    TABLE(0xa541927e, 0x4f6f520d, 0x9edea41a, 0x38513ec5, 0x70a27d8a,
          0xe144fb14, 0xc76580d9, 0x8b277743),
    TABLE(0xdd45aab8, 0xbf672381, 0x7b2231f3, 0xf64463e6, 0xe964b13d,
          0xd725148b, 0xaba65fe7, 0x52a0c93f),
    TABLE(0x38116fac, 0x7022df58, 0xe045beb0, 0xc5670b91, 0x8f2261d3,
          0x1ba8b557, 0x37516aae, 0x6ea2d55c),
    TABLE(0xef306b19, 0xdb8ca0c3, 0xb2f53777, 0x6006181f, 0xc00c303e,
          0x85f4168d, 0x0e045beb, 0x1c08b7d6),
    TABLE(0x68032cc8, 0xd0065990, 0xa5e0c5d1, 0x4e2dfd53, 0x9c5bfaa6,
          0x3d5b83bd, 0x7ab7077a, 0xf56e0ef4),
    TABLE(0x493c7d27, 0x9278fa4e, 0x211d826d, 0x423b04da, 0x847609b4,
          0x0d006599, 0x1a00cb32, 0x34019664),
};

uint32_t firn_crc32c_portable(uint32_t crc, const void *data, size_t size) {
  const uint8_t *p = data;
  crc = ~crc;
  for (; size >= 8; size -= 8, p += 8)
    crc = tables[7][p[0] ^ (crc & 255)] ^ tables[6][p[1] ^ (crc >> 8 & 255)] ^
          tables[5][p[2] ^ (crc >> 16 & 255)] ^ tables[4][p[3] ^ crc >> 24] ^
          tables[3][p[4]] ^ tables[2][p[5]] ^ tables[1][p[6]] ^ tables[0][p[7]];
  for (; size > 0; size--, p++) crc = tables[0][(*p ^ crc) & 255] ^ crc >> 8;
  return ~crc;
}

uint32_t firn_crc32c_extend(uint32_t crc, const void *data, size_t size) {
#if defined(__x86_64__)
  const uint32_t cpu = firn_cpu_features();
  if (size >= FIRN_CRC32C_AVX512_FROM && (cpu & FIRN_CPU_VPCLMUL))
    return firn_crc32c_avx512(crc, data, size);
  if (cpu & FIRN_CPU_SSE42) return firn_crc32c_sse42(crc, data, size);
#endif
  return firn_crc32c_portable(crc, data, size);
}

uint32_t firn_crc32c(const void *data, size_t size) {
  return firn_crc32c_extend(0, data, size);
}

/* The product of two polynomials modulo the checksum's; the highest power of x
 * is bit 0. */
static uint32_t multiply(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (uint32_t bit = UINT32_C(1) << 31; bit; bit >>= 1) {
    if (a & bit) product ^= b;
    b = b >> 1 ^ (b & 1 ? 0x82f63b78 : 0);
  }
  return product;
}

/* Each byte that follows multiplies what came before by x^8. */
uint32_t firn_crc32c_join(uint32_t first, uint32_t second, size_t size) {
  uint32_t power = UINT32_C(1) << 23;
  for (; size > 0; size >>= 1) {
    if (size & 1) first = multiply(first, power);
    power = multiply(power, power);
  }
  return first ^ second;
}
