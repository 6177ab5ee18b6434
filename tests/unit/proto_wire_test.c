/* What the varint reader promises: the value, how far it moved, and that
 * damaged input is refused without moving at all. And that numbers go to the
 * wire and back whatever their kind. */
#include "proto/wire.h"
#include "support/test.h"

#define BYTES(s) \
  { (const uint8_t *)(s), sizeof(s) - 1 }

TEST_FN(varint_reads_every_length) {
  static const struct {
    const char *name;
    firn_bytes in;
    uint64_t value;
    size_t used;
  } rows[] =
      {
          {"zero", BYTES("\x00"), 0, 1},
          {"one byte, largest", BYTES("\x7f"), 127, 1},
          {"two bytes, smallest", BYTES("\x80\x01"), 128, 2},
          {"padded zero is legal", BYTES("\x80\x80\x00"), 0, 3},
          {"32 bits", BYTES("\xff\xff\xff\xff\x0f"), UINT32_MAX, 5},
          {"all 64 bits", BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
           UINT64_MAX, 10},
          {"leaves what follows", BYTES("\x05\xff"), 5, 1},
      },
    *row;

  EACH (row, rows) {
    firn_bytes in = row->in;
    uint64_t value = 1;
    CHECK_EQ(firn_wire_varint(&in, &value, NULL), FIRN_OK);
    CHECK(value == row->value);
    CHECK_EQ(in.data - row->in.data, row->used);
    CHECK_EQ(in.size, row->in.size - row->used);
  }
}

TEST_FN(varint_refuses_damage) {
  static const struct {
    const char *name;
    firn_bytes in;
    const char *says;
  } rows[] =
      {
          {"nothing at all", BYTES(""), "varint cut short after 0 bytes"},
          {"promised more", BYTES("\x80\x80"),
           "varint cut short after 2 bytes"},
          {"65th bit set", BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
           "varint does not fit in 64 bits"},
          {"eleven bytes",
           BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"),
           "varint does not fit in 64 bits"},
      },
    *row;

  EACH (row, rows) {
    firn_bytes in = row->in;
    firn_error err = FIRN_ERROR_INIT;
    uint64_t value = 0;
    CHECK_EQ(firn_wire_varint(&in, &value, &err), FIRN_DATA_LOSS);
    CHECK_STR(err.message, row->says);
    CHECK(in.data == row->in.data && in.size == row->in.size);
  }
}

TEST_FN(varint_lengths_are_those_written) {
  uint8_t bytes[FIRN_WIRE_MAX_VARINT];
  for (unsigned bit = 0; bit < 64; bit++) {
    const uint64_t top = (uint64_t)1 << bit;
    for (uint64_t value = top - 1; value <= top; value++) {
      uint64_t back = 0;
      const size_t n = firn_wire_store(bytes, value);
      CHECK_EQ(n, firn_wire_length(value));
      CHECK(firn_wire_read(bytes, bytes + n, &back) == bytes + n);
      CHECK(back == value);
    }
  }
}

TEST_FN(zigzag_keeps_small_numbers_small) {
  CHECK(firn_wire_zigzag(0) == 0);
  CHECK(firn_wire_zigzag(-1) == 1);
  CHECK(firn_wire_zigzag(1) == 2);
  CHECK(firn_wire_zigzag(INT64_MIN) == UINT64_MAX);
  CHECK(firn_wire_unzigzag(UINT64_MAX) == INT64_MIN);
  CHECK(firn_wire_unzigzag(3) == -2);
}

TEST_FN(signed_32_bits_are_widened) {
  const int32_t minus = -2;
  const uint32_t large = 0xfffffffe;
  const bool truth = true;
  int32_t back = 0;
  bool yes = false;
  CHECK(firn_wire_load(FIRN_PB_INT32, &minus) == (uint64_t)-2);
  CHECK(firn_wire_load(FIRN_PB_ENUM, &minus) == (uint64_t)-2);
  CHECK(firn_wire_load(FIRN_PB_SINT32, &minus) == 3);
  CHECK(firn_wire_load(FIRN_PB_UINT32, &large) == large);
  CHECK(firn_wire_load(FIRN_PB_BOOL, &truth) == 1);
  firn_wire_unload(FIRN_PB_INT32, (uint64_t)-2, &back);
  CHECK_EQ(back, -2);
  firn_wire_unload(FIRN_PB_SINT32, 3, &back);
  CHECK_EQ(back, -2);
  firn_wire_unload(FIRN_PB_BOOL, (uint64_t)1 << 40, &yes);
  CHECK(yes);
}

SUITE(proto_wire, TEST(varint_reads_every_length), TEST(varint_refuses_damage),
      TEST(varint_lengths_are_those_written),
      TEST(zigzag_keeps_small_numbers_small), TEST(signed_32_bits_are_widened));
