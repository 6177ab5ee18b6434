/* ops/example_wire.c: features in the wire format of protocol buffers. */
#include "ops/example_wire.h"

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

static bool take_varint(firn_bytes *left, uint64_t *value) {
  *value = 0;
  for (unsigned shift = 0; shift < 64 && left->size; shift += 7) {
    const uint8_t byte = *left->data;
    left->data++;
    left->size--;
    *value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

static bool take(firn_bytes *left, uint64_t size, firn_bytes *out) {
  if (size > left->size) return false;
  *out = (firn_bytes){left->data, (size_t)size};
  left->data += size;
  left->size -= (size_t)size;
  return true;
}

/* One tag and what is behind it; *number is a varint's value. */
static bool take_field(firn_bytes *left, uint32_t *field, uint32_t *wire,
                       firn_bytes *bytes, uint64_t *value) {
  uint64_t tag, size = 0;
  *bytes = (firn_bytes){NULL, 0};
  *value = 0;
  if (!take_varint(left, &tag) || tag >> 3 == 0 || tag >> 32) return false;
  *field = (uint32_t)(tag >> 3);
  *wire = tag & 7;
  switch (*wire) {
    case VARINT: return take_varint(left, value);
    case FIXED64: return take(left, 8, bytes);
    case FIXED32: return take(left, 4, bytes);
    case BYTES: return take_varint(left, &size) && take(left, size, bytes);
    default: return false;
  }
}

bool firn_example_field(firn_bytes *left, uint32_t *number, firn_bytes *bytes,
                        bool *damaged) {
  uint32_t wire;
  uint64_t value;
  if (!left->size) return false;
  if (!take_field(left, number, &wire, bytes, &value)) {
    *damaged = true;
    return false;
  }
  if (wire != BYTES) *number = 0;
  return true;
}

bool firn_example_entry(firn_bytes *left, firn_str *key, firn_bytes *value,
                        bool *damaged) {
  uint32_t number;
  firn_bytes entry, bytes;
  do {
    if (!firn_example_field(left, &number, &entry, damaged)) return false;
  } while (number != 1);
  *key = (firn_str){"", 0};
  *value = (firn_bytes){NULL, 0};
  while (firn_example_field(&entry, &number, &bytes, damaged)) {
    if (number == 1) *key = (firn_str){(const char *)bytes.data, bytes.size};
    if (number == 2) *value = bytes;
  }
  return !*damaged;
}

bool firn_example_part(firn_bytes message, uint32_t number, firn_bytes *out) {
  uint32_t field;
  firn_bytes bytes;
  bool damaged = false;
  *out = (firn_bytes){NULL, 0};
  while (firn_example_field(&message, &field, &bytes, &damaged))
    if (field == number) *out = bytes;
  return !damaged;
}

/* ---- Lists of values ---------------------------------------------------- */

/* Numbers may come one by one or packed. */
static bool count_packed(firn_dtype dtype, firn_bytes bytes, size_t *count) {
  if (dtype == FIRN_FLOAT) {
    *count += bytes.size / 4;
    return bytes.size % 4 == 0;
  }
  for (uint64_t value; bytes.size; ++*count)
    if (!take_varint(&bytes, &value)) return false;
  return true;
}

static bool count_values(firn_feature *f) {
  firn_bytes left = f->list, bytes;
  uint32_t field, wire;
  uint64_t value;
  while (left.size) {
    if (!take_field(&left, &field, &wire, &bytes, &value)) return false;
    if (field != 1) continue;
    if (f->dtype != FIRN_STRING && wire == BYTES) {
      if (!count_packed(f->dtype, bytes, &f->count)) return false;
    } else {
      if (wire != (f->dtype == FIRN_STRING  ? BYTES
                   : f->dtype == FIRN_FLOAT ? FIXED32
                                            : VARINT))
        return false;
      f->count++;
    }
  }
  return true;
}

bool firn_example_feature(firn_bytes message, firn_feature *out) {
  static const firn_dtype dtypes[] = {FIRN_INVALID, FIRN_STRING, FIRN_FLOAT,
                                      FIRN_INT64};
  uint32_t number;
  firn_bytes bytes;
  bool damaged = false;
  *out = (firn_feature){.dtype = FIRN_INVALID};
  while (firn_example_field(&message, &number, &bytes, &damaged))
    if (number >= 1 && number <= 3)
      *out = (firn_feature){.dtype = dtypes[number], .list = bytes};
  return !damaged && (out->dtype == FIRN_INVALID || count_values(out));
}

static void put_packed(firn_dtype dtype, firn_bytes bytes, void *to,
                       size_t *at) {
  uint64_t value;
  if (dtype == FIRN_FLOAT) {
    if (bytes.size) memcpy((float *)to + *at, bytes.data, bytes.size);
    *at += bytes.size / 4;
    return;
  }
  while (bytes.size && take_varint(&bytes, &value))
    ((int64_t *)to)[(*at)++] = (int64_t)value;
}

firn_code firn_example_values(const firn_feature *f, firn_tensor *to, size_t at,
                              firn_error *err) {
  firn_bytes left = f->list, bytes;
  uint32_t field, wire;
  uint64_t value;
  while (left.size && take_field(&left, &field, &wire, &bytes, &value)) {
    if (field != 1) continue;
    if (f->dtype == FIRN_STRING)
      FIRN_TRY(firn_tensor_set_string(
          to, at++, (firn_str){(const char *)bytes.data, bytes.size}, err));
    else if (wire == BYTES || wire == FIXED32)
      put_packed(f->dtype, bytes, to->data, &at);
    else
      ((int64_t *)to->data)[at++] = (int64_t)value;
  }
  return FIRN_OK;
}
