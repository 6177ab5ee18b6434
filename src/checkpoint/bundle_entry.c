/* checkpoint/bundle_entry.c: the fields of an index entry, straight off the
 * wire. */
#include "checkpoint/bundle_entry.h"

#include <inttypes.h>

#include "proto/proto.h"

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

typedef struct field {
  uint64_t number;
  unsigned wire;
  uint64_t value;   /* VARINT, FIXED32 */
  firn_bytes bytes; /* BYTES */
} field;

/* Most numbers here take one byte. */
static inline bool number(firn_bytes *in, uint64_t *out) {
  if (in->size == 0 || in->data[0] >= 0x80)
    return firn_wire_varint(in, out, NULL) == FIRN_OK;
  *out = in->data[0];
  in->data++;
  in->size--;
  return true;
}

static bool take(firn_bytes *in, uint64_t size, firn_bytes *out) {
  if (size > in->size) return false;
  *out = (firn_bytes){in->data, (size_t)size};
  in->data += size;
  in->size -= (size_t)size;
  return true;
}

/* Reads one field; groups never occur in these messages. */
static bool next(firn_bytes *in, field *out) {
  uint64_t tag, size;
  if (!number(in, &tag)) return false;
  out->number = tag >> 3;
  out->wire = tag & 7;
  switch (out->wire) {
    case VARINT: return number(in, &out->value);
    case BYTES: return number(in, &size) && take(in, size, &out->bytes);
    case FIXED32:
      if (!take(in, 4, &out->bytes)) return false;
      out->value = firn_load32(out->bytes.data);
      return true;
    case FIXED64: return take(in, 8, &out->bytes);
    default: return false;
  }
}

/* A field's number and wire type as one value for `case`. */
#define FIELD(number, wire) ((number) << 3 | (wire))

bool firn_bundle_entry_parse(firn_bytes in, firn_bundle_entry *out) {
  field f = {0};
  *out = (firn_bundle_entry){.dtype = 0};
  while (in.size) {
    if (!next(&in, &f)) return false;
    switch (f.number << 3 | f.wire) {
      case FIELD(1, VARINT): out->dtype = (int32_t)f.value; break;
      case FIELD(2, BYTES): out->shape = f.bytes; break;
      case FIELD(3, VARINT): out->shard = (int32_t)f.value; break;
      case FIELD(4, VARINT): out->offset = (int64_t)f.value; break;
      case FIELD(5, VARINT): out->size = (int64_t)f.value; break;
      case FIELD(6, FIXED32): out->crc = (uint32_t)f.value; break;
      case FIELD(7, BYTES): out->slices++; break;
      default: break; /* of a later version */
    }
  }
  return true;
}

static bool parse_dim(firn_bytes in, int64_t *out) {
  field f = {0};
  *out = 0;
  while (in.size) {
    if (!next(&in, &f)) return false;
    if ((f.number << 3 | f.wire) == FIELD(1, VARINT)) *out = (int64_t)f.value;
  }
  return true;
}

firn_code firn_bundle_shape_parse(firn_bytes in, firn_shape *out,
                                  firn_error *err) {
  firn_shape shape = {.rank = 0};
  field f = {0};
  *out = firn_shape_unknown();
  while (in.size) {
    if (!next(&in, &f))
      return firn_fail(err, FIRN_DATA_LOSS, "its shape is damaged");
    const uint64_t what = f.number << 3 | f.wire;
    if (what == FIELD(3, VARINT) && f.value)
      return firn_fail(err, FIRN_DATA_LOSS, "its shape is of unknown rank");
    if (what != FIELD(2, BYTES)) continue;
    if (shape.rank == FIRN_MAX_RANK)
      return firn_fail(err, FIRN_UNIMPLEMENTED,
                       "its shape has more than %d axes", FIRN_MAX_RANK);
    int64_t *dim = &shape.dims[shape.rank++];
    if (!parse_dim(f.bytes, dim))
      return firn_fail(err, FIRN_DATA_LOSS, "its shape is damaged");
    if (*dim < 0)
      return firn_fail(err, FIRN_DATA_LOSS,
                       "its shape has extent %" PRId64 " on axis %d", *dim,
                       shape.rank - 1);
  }
  *out = shape;
  return FIRN_OK;
}
