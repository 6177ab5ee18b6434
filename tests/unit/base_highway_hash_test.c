/* HighwayHash gives its authors' numbers. */
#include "base/highway_hash.h"
#include "support/test.h"

/* Of the bytes 0, 1, 2, ... with the key 0 to 31: the published test values,
 * and what covers each way that a rest can be mixed in. */
static const uint64_t known[] = {
    0x907a56de22c26e53, 0x7eab43aac7cddd78, 0xb8d0569ab0b53d62,
    0x5c6befab8a463d80, 0xf205a46893007eda, 0x2b8a1668e4a94541,
    0xbd4ccc325befca6f, 0x4d02ae1738f59482,
};

TEST_FN(known_answers) {
  const uint64_t key[4] = {0x0706050403020100, 0x0f0e0d0c0b0a0908,
                           0x1716151413121110, 0x1f1e1d1c1b1a1918};
  uint8_t data[sizeof known / sizeof known[0]];
  for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)i;
  for (size_t n = 0; n < sizeof known / sizeof known[0]; n++)
    CHECK(firn_highway_hash(key, data, n) == known[n]);
}

/* The first chunk of every Riegeli file is the same, so are its two hashes: of
 * no bytes, and of 32. */
TEST_FN(first_chunk_of_riegeli) {
  const uint64_t key[4] = {0x2f696c6567656952, 0x0a7364726f636572,
                           0x2f696c6567656952, 0x0a7364726f636572};
  uint8_t rest[32] = {0};
  const uint8_t none[8] = {0xe1, 0x9f, 0x13, 0xc0, 0xe9, 0xb1, 0xc3, 0x72};
  memcpy(rest + 8, none, 8);
  rest[16] = 's';
  CHECK(firn_highway_hash(key, NULL, 0) == 0x72c3b1e9c0139fe1);
  CHECK(firn_highway_hash(key, rest, 32) == 0xa9e187923cc2ba91);
}

SUITE(base_highway_hash, TEST(known_answers), TEST(first_chunk_of_riegeli));
