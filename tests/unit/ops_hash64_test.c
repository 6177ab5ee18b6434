/* FarmHash's Fingerprint64 of text in one piece and in many. */
#include "ops/hash64.h"
#include "support/test.h"

enum { MOST = 1000 };

static void fill(uint8_t *out) {
  for (size_t i = 0; i < MOST; i++) out[i] = (uint8_t)(i * 7 + 3);
}

TEST_FN(farm_is_that_of_tensorflow) {
  /* What the op Fingerprint of TensorFlow 2.21 gives for so many bytes. */
  static const struct {
    size_t size;
    uint64_t hash;
  } rows[] = {
      {1, 13745158429558087051u},    {7, 5759834791111993764u},
      {16, 9140634717936656744u},    {31, 13644964512845808587u},
      {32, 11907377154618496232u},   {63, 10827710408787052188u},
      {64, 389040666157116578u},     {65, 8638051931306504420u},
      {127, 14601120872369961854u},  {128, 7379187116787024497u},
      {129, 10961879714037014659u},  {192, 4590343427702585127u},
      {1000, 16150330943325068364u},
  };
  uint8_t data[MOST];
  fill(data);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    CHECK(firn_farm64((firn_str){(const char *)data, rows[i].size}) ==
          rows[i].hash);
}

TEST_FN(pieces_are_as_good_as_the_whole) {
  uint8_t data[MOST];
  fill(data);
  for (uint32_t seed = 1; seed <= 2000; seed++) {
    firn_farm64_pieces pieces = {.total = 0};
    test_seed(seed);
    const size_t size = test_random(seed % 2 ? 200 : MOST);
    for (size_t at = 0; at < size;) {
      size_t part = test_random(seed % 3 ? 100 : 9);
      if (part > size - at) part = size - at;
      firn_farm64_put(&pieces, data + at, part);
      at += part;
    }
    CHECK(firn_farm64_end(&pieces) ==
          firn_farm64((firn_str){(const char *)data, size}));
  }
}

SUITE(ops_hash64, TEST(farm_is_that_of_tensorflow),
      TEST(pieces_are_as_good_as_the_whole));
