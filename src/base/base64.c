/* base/base64.c: bytes in JSON. */
#include "base/json.h"

void firn_base64_encode(firn_buf *buf, firn_bytes bytes) {
  static const char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (bytes.size > SIZE_MAX / 4 * 3 - 3) {
    buf->failed = true;
    return;
  }
  uint8_t *to = firn_buf_grow(buf, (bytes.size + 2) / 3 * 4);
  if (!to) return;
  for (size_t i = 0; i < bytes.size; i += 3, to += 4) {
    const size_t left = bytes.size - i;
    const uint8_t *p = bytes.data + i;
    const uint32_t three = (uint32_t)p[0] << 16 |
                           (left > 1 ? (uint32_t)p[1] << 8 : 0) |
                           (left > 2 ? (uint32_t)p[2] : 0);
    to[0] = (uint8_t)digits[three >> 18];
    to[1] = (uint8_t)digits[three >> 12 & 63];
    to[2] = (uint8_t)(left > 1 ? digits[three >> 6 & 63] : '=');
    to[3] = (uint8_t)(left > 2 ? digits[three & 63] : '=');
  }
}

/* 64 for what is no digit. */
static uint32_t digit_value(char c) {
  if (c >= 'A' && c <= 'Z') return (uint32_t)(c - 'A');
  if (c >= 'a' && c <= 'z') return (uint32_t)(c - 'a' + 26);
  if (c >= '0' && c <= '9') return (uint32_t)(c - '0' + 52);
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return 64;
}

bool firn_base64_decode(firn_buf *buf, firn_str text) {
  size_t size = text.size;
  /* Padding only where it makes the length whole. */
  if (size % 4 == 0 && size && text.data[size - 1] == '=')
    size -= text.data[size - 2] == '=' ? 2 : 1;
  if (size % 4 == 1) return false;

  const size_t before = buf->size, whole = size / 4 * 3 + size % 4 * 3 / 4;
  uint8_t *to = firn_buf_grow(buf, whole);
  if (!to) return true; /* buf->failed tells */
  uint32_t bits = 0;
  for (size_t i = 0; i < size; i++) {
    const uint32_t digit = digit_value(text.data[i]);
    if (digit > 63) {
      buf->size = before;
      return false;
    }
    bits = bits << 6 | digit;
    /* Digit 1 completes byte 0, digit 2 byte 1, digit 3 byte 2. */
    if (i % 4) *to++ = (uint8_t)(bits >> (6 - i % 4 * 2));
  }
  return true;
}
