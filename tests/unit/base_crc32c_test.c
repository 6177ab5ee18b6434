/* What a checksum promises: RFC 3720's values, the same on every CPU. */
#include "base/crc32c.h"

#include "base/cpu.h"
#include "base/crc32c_x86.h"
#include "support/test.h"

enum { ROOM = 40000 };

static uint8_t bytes[ROOM];

/* Bit by bit, from the definition. */
static uint32_t by_bits(uint32_t crc, const uint8_t *p, size_t size) {
  crc = ~crc;
  while (size-- > 0) {
    crc ^= *p++;
    for (int i = 0; i < 8; i++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc;
}

static void fill(uint64_t seed) {
  test_seed(seed);
  for (size_t i = 0; i < ROOM; i++) bytes[i] = (uint8_t)test_random(256);
}

TEST_FN(known_values) {
  uint8_t data[32];
  CHECK_EQ(firn_crc32c("", 0), 0);
  CHECK_EQ(firn_crc32c("123456789", 9), 0xe3069283);
  memset(data, 0, sizeof data);
  CHECK_EQ(firn_crc32c(data, sizeof data), 0x8a9136aa);
  memset(data, 0xff, sizeof data);
  CHECK_EQ(firn_crc32c(data, sizeof data), 0x62a8ab43);
  for (int i = 0; i < 32; i++) data[i] = (uint8_t)i;
  CHECK_EQ(firn_crc32c(data, sizeof data), 0x46dd794e);
}

TEST_FN(extending_is_concatenation) {
  fill(1);
  const uint32_t whole = by_bits(0, bytes, 5000);
  for (size_t cut = 0; cut <= 5000; cut += 71)
    CHECK_EQ(
        firn_crc32c_extend(firn_crc32c(bytes, cut), bytes + cut, 5000 - cut),
        whole);
}

TEST_FN(joining_is_concatenation) {
  fill(3);
  const uint32_t whole = by_bits(0, bytes, 5000);
  for (size_t cut = 0; cut <= 5000; cut += 71)
    CHECK_EQ(firn_crc32c_join(by_bits(0, bytes, cut),
                              by_bits(0, bytes + cut, 5000 - cut), 5000 - cut),
             whole);
}

typedef uint32_t way(uint32_t crc, const void *data, size_t size);

/* Every small size and offset, and larger ones at random. */
static void check_way(way *crc32c) {
  fill(2);
  for (size_t size = 0; size < 1100; size++) {
    const uint8_t *p = bytes + size % 67;
    CHECK_EQ(crc32c(0, p, size), by_bits(0, p, size));
  }
  for (int i = 0; i < 100; i++) {
    const size_t size = test_random(ROOM - 64), offset = test_random(64);
    const uint32_t crc = test_random(UINT32_MAX);
    CHECK_EQ(crc32c(crc, bytes + offset, size),
             by_bits(crc, bytes + offset, size));
  }
}

TEST_FN(by_table) { check_way(firn_crc32c_portable); }
TEST_FN(by_what_the_cpu_can_do) { check_way(firn_crc32c_extend); }

TEST_FN(by_instruction) {
#if defined(__x86_64__)
  if (!(firn_cpu_features() & FIRN_CPU_SSE42)) skip();
  check_way(firn_crc32c_sse42);
#else
  skip();
#endif
}

TEST_FN(by_folding) {
#if defined(__x86_64__)
  const uint32_t needs = FIRN_CPU_SSE42 | FIRN_CPU_VPCLMUL;
  if ((firn_cpu_features() & needs) != needs) skip();
  check_way(firn_crc32c_avx512);
#else
  skip();
#endif
}

TEST_FN(mask_is_undone_by_unmask) {
  const uint32_t crc = firn_crc32c("foo", 3);
  CHECK_EQ(firn_crc32c_mask(0), 0xa282ead8);
  CHECK_EQ(firn_crc32c_mask(0x00008000), 0xa282ead9);
  CHECK(firn_crc32c_mask(crc) != crc);
  CHECK_EQ(firn_crc32c_unmask(firn_crc32c_mask(crc)), crc);
}

SUITE(base_crc32c, TEST(known_values), TEST(extending_is_concatenation),
      TEST(joining_is_concatenation), TEST(by_table),
      TEST(by_what_the_cpu_can_do), TEST(by_instruction), TEST(by_folding),
      TEST(mask_is_undone_by_unmask));
