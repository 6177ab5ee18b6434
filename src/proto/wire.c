/* proto/wire.c: what each kind of field looks like in memory and on the wire.
 */
#include "proto/wire.h"

const struct firn_pb_form firn_pb_forms[] = {
    [FIRN_PB_DOUBLE] = {8, FIRN_WIRE_FIXED64},
    [FIRN_PB_FLOAT] = {4, FIRN_WIRE_FIXED32},
    [FIRN_PB_INT32] = {4, FIRN_WIRE_VARINT},
    [FIRN_PB_INT64] = {8, FIRN_WIRE_VARINT},
    [FIRN_PB_UINT32] = {4, FIRN_WIRE_VARINT},
    [FIRN_PB_UINT64] = {8, FIRN_WIRE_VARINT},
    [FIRN_PB_SINT32] = {4, FIRN_WIRE_VARINT},
    [FIRN_PB_SINT64] = {8, FIRN_WIRE_VARINT},
    [FIRN_PB_FIXED32] = {4, FIRN_WIRE_FIXED32},
    [FIRN_PB_FIXED64] = {8, FIRN_WIRE_FIXED64},
    [FIRN_PB_SFIXED32] = {4, FIRN_WIRE_FIXED32},
    [FIRN_PB_SFIXED64] = {8, FIRN_WIRE_FIXED64},
    [FIRN_PB_BOOL] = {sizeof(bool), FIRN_WIRE_VARINT},
    [FIRN_PB_ENUM] = {4, FIRN_WIRE_VARINT},
    [FIRN_PB_STRING] = {sizeof(firn_str), FIRN_WIRE_BYTES},
    [FIRN_PB_BYTES] = {sizeof(firn_str), FIRN_WIRE_BYTES},
    [FIRN_PB_MESSAGE] = {sizeof(void *), FIRN_WIRE_BYTES},
};

const firn_pb_field *firn_pb_find(const firn_pb_type *type, uint32_t number) {
  /* Most types number their fields from 1 without a gap. */
  if (number - 1 < type->count && type->fields[number - 1].number == number)
    return &type->fields[number - 1];
  size_t low = 0, high = type->count;
  while (low < high) {
    const size_t mid = (low + high) / 2;
    if (type->fields[mid].number == number) return &type->fields[mid];
    if (type->fields[mid].number < number)
      low = mid + 1;
    else
      high = mid;
  }
  return NULL;
}

const firn_pb_field *firn_pb_find_name(const firn_pb_type *type,
                                       firn_str name) {
  for (size_t i = 0; i < type->count; i++)
    if (firn_str_is(name, type->fields[i].name)) return &type->fields[i];
  return NULL;
}

firn_code firn_wire_varint(firn_bytes *in, uint64_t *value, firn_error *err) {
  const uint8_t *next =
      in->size ? firn_wire_read(in->data, in->data + in->size, value) : NULL;
  if (!next) {
    size_t n = 0;
    while (n < in->size && n < FIRN_WIRE_MAX_VARINT && in->data[n] >= 0x80) n++;
    if (n == in->size && n < FIRN_WIRE_MAX_VARINT)
      return firn_fail(err, FIRN_DATA_LOSS, "varint cut short after %zu bytes",
                       n);
    return firn_fail(err, FIRN_DATA_LOSS, "varint does not fit in 64 bits");
  }
  in->size -= (size_t)(next - in->data);
  in->data = next;
  return FIRN_OK;
}

/* Loads the C value by its width; signed ones of 32 bits are widened, because a
 * negative int32 takes ten bytes on the wire. */
uint64_t firn_wire_load(uint8_t kind, const void *member) {
  int32_t i32;
  int64_t i64;
  uint32_t u32;
  bool truth;
  switch (kind) {
    case FIRN_PB_INT32:
    case FIRN_PB_ENUM:
      memcpy(&i32, member, sizeof i32);
      return (uint64_t)(int64_t)i32;
    case FIRN_PB_SINT32:
      memcpy(&i32, member, sizeof i32);
      return firn_wire_zigzag(i32);
    case FIRN_PB_SINT64:
      memcpy(&i64, member, sizeof i64);
      return firn_wire_zigzag(i64);
    case FIRN_PB_BOOL: memcpy(&truth, member, sizeof truth); return truth;
    case FIRN_PB_FLOAT:
    case FIRN_PB_UINT32:
    case FIRN_PB_FIXED32:
    case FIRN_PB_SFIXED32: memcpy(&u32, member, sizeof u32); return u32;
    default: /* everything of 64 bits */
      memcpy(&i64, member, sizeof i64);
      return (uint64_t)i64;
  }
}

void firn_wire_unload(uint8_t kind, uint64_t bits, void *member) {
  if (kind == FIRN_PB_SINT32)
    bits = (uint64_t)firn_wire_unzigzag((uint32_t)bits);
  else if (kind == FIRN_PB_SINT64)
    bits = (uint64_t)firn_wire_unzigzag(bits);

  const uint32_t low = (uint32_t)bits;
  if (kind == FIRN_PB_BOOL)
    *(bool *)member = bits != 0;
  else if (firn_pb_forms[kind].width == 4)
    memcpy(member, &low, sizeof low);
  else
    memcpy(member, &bits, sizeof bits);
}
