/* ops/order_keys.c: numbers as unsigned integers in the same order.
 *
 * A float's bits are in order already, but for the sign: negative ones are
 * turned over, positive ones moved above them.
 */
#include "ops/order_keys.h"

#define FLOAT_KEYS(T, BITS, INFINITE)                                 \
  static void keys_float##BITS(const T *x, size_t stride, size_t n,   \
                               uint64_t *keys) {                      \
    const T sign = (T)((T)1 << (BITS - 1));                           \
    for (size_t i = 0; i < n; i++) {                                  \
      const T bits = x[i * stride], magnitude = bits & (T)(sign - 1); \
      const T place = magnitude == 0 ? sign                           \
                      : bits & sign  ? (T)~bits                       \
                                     : (T)(bits | sign);               \
      keys[i] = magnitude > (INFINITE) ? 0 : place;                   \
    }                                                                 \
  }

#define INT_KEYS(T, FLIP)                                                     \
  static void keys_##T(const T *x, size_t stride, size_t n, uint64_t *keys) { \
    for (size_t i = 0; i < n; i++)                                            \
      keys[i] = (uint64_t)(int64_t)x[i * stride] ^ (uint64_t)(FLIP);          \
  }

#define SIGN ((uint64_t)1 << 63)
FLOAT_KEYS(uint32_t, 32, 0x7f800000)
FLOAT_KEYS(uint64_t, 64, 0x7ff0000000000000)
INT_KEYS(int8_t, SIGN)
INT_KEYS(int16_t, SIGN)
INT_KEYS(int32_t, SIGN)
INT_KEYS(int64_t, SIGN)
INT_KEYS(uint8_t, 0)
INT_KEYS(uint16_t, 0)
INT_KEYS(uint32_t, 0)
INT_KEYS(uint64_t, 0)

static void keys_short_float(const uint16_t *x, size_t stride, size_t n,
                             uint16_t infinite, uint64_t *keys) {
  for (size_t i = 0; i < n; i++) {
    const uint16_t bits = x[i * stride], magnitude = bits & 0x7fff;
    const uint16_t place = magnitude == 0  ? 0x8000
                           : bits & 0x8000 ? (uint16_t)~bits
                                           : (uint16_t)(bits | 0x8000);
    keys[i] = magnitude > infinite ? 0 : place;
  }
}

void firn_order_keys(firn_dtype dtype, const void *data, size_t stride,
                     size_t n, uint64_t *keys) {
  switch ((int)dtype) {
    case FIRN_FLOAT: keys_float32(data, stride, n, keys); return;
    case FIRN_DOUBLE: keys_float64(data, stride, n, keys); return;
    case FIRN_HALF: keys_short_float(data, stride, n, 0x7c00, keys); return;
    case FIRN_BFLOAT16: keys_short_float(data, stride, n, 0x7f80, keys); return;
    case FIRN_INT8: keys_int8_t(data, stride, n, keys); return;
    case FIRN_INT16: keys_int16_t(data, stride, n, keys); return;
    case FIRN_INT32: keys_int32_t(data, stride, n, keys); return;
    case FIRN_INT64: keys_int64_t(data, stride, n, keys); return;
    case FIRN_BOOL:
    case FIRN_UINT8: keys_uint8_t(data, stride, n, keys); return;
    case FIRN_UINT16: keys_uint16_t(data, stride, n, keys); return;
    case FIRN_UINT32: keys_uint32_t(data, stride, n, keys); return;
    default: keys_uint64_t(data, stride, n, keys); return;
  }
}

/* The largest finite magnitude of a float type; 0 of integers. */
static uint64_t largest(firn_dtype dtype) {
  switch ((int)dtype) {
    case FIRN_FLOAT: return 0x7f7fffff;
    case FIRN_DOUBLE: return 0x7fefffffffffffff;
    case FIRN_HALF: return 0x7bff;
    case FIRN_BFLOAT16: return 0x7f7f;
    default: return 0;
  }
}

uint64_t firn_lowest_key(firn_dtype dtype) {
  uint64_t bits = largest(dtype), key = 0;
  if (!bits) return 0;
  bits |= (uint64_t)1 << (8 * firn_dtype_size(dtype) - 1);
  firn_order_keys(dtype, &bits, 1, 1, &key);
  return key;
}

uint64_t firn_highest_key(firn_dtype dtype) {
  uint64_t bits = largest(dtype), key = UINT64_MAX;
  if (bits) firn_order_keys(dtype, &bits, 1, 1, &key);
  return key;
}
