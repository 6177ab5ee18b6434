/* checkpoint/ordered_code.c: slice keys, whose bytes sort as their values. */
#include "checkpoint/ordered_code.h"

static void put_byte(firn_buf *buf, uint8_t byte) {
  firn_buf_append(buf, &byte, 1);
}

void firn_ordered_put_number(firn_buf *buf, uint64_t value) {
  uint8_t bytes = 0;
  while (bytes < 8 && value >> (8 * bytes)) bytes++;
  put_byte(buf, bytes);
  while (bytes--) put_byte(buf, (uint8_t)(value >> (8 * bytes)));
}

void firn_ordered_put_name(firn_buf *buf, firn_str name) {
  for (size_t i = 0; i < name.size; i++) {
    const uint8_t byte = (uint8_t)name.data[i];
    put_byte(buf, byte);
    if (byte == 0x00) put_byte(buf, 0xff);
    if (byte == 0xff) put_byte(buf, 0x00);
  }
  put_byte(buf, 0x00);
  put_byte(buf, 0x01);
}

/* n bytes are n ones, the sign as a zero, and 7n - 1 bits of value: the larger
 * the value the more ones, so longer sorts after shorter. */
void firn_ordered_put_signed(firn_buf *buf, int64_t value) {
  const uint64_t flip = value < 0 ? UINT64_MAX : 0;
  const uint64_t bits = (uint64_t)value ^ flip;
  unsigned bytes = 1;
  while (bytes < 10 && bits >> (7 * bytes - 1)) bytes++;

  for (unsigned i = 0; i < bytes; i++) {
    const unsigned below = 8 * (bytes - 1 - i); /* bits after this byte */
    const unsigned ones = bytes > 8 * i ? bytes - 8 * i : 0; /* from here on */
    const uint64_t value_bits = below < 64 ? bits >> below : 0;
    const uint64_t header = ones >= 8 ? 0xff : 0xff00u >> ones;
    put_byte(buf, (uint8_t)((value_bits | header) ^ flip));
  }
}

void firn_slice_key(firn_buf *buf, firn_str name, const firn_slice *slice) {
  firn_ordered_put_number(buf, 0);
  firn_ordered_put_name(buf, name);
  firn_ordered_put_number(buf, (uint64_t)slice->rank);
  for (int i = 0; i < slice->rank; i++) {
    firn_ordered_put_signed(buf, slice->start[i]);
    firn_ordered_put_signed(buf, slice->extent[i]);
  }
}
