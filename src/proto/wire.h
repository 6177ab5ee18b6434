/* proto/wire.h: the words of the binary form, and how members of message
 * structs are reached by a table. For the files of proto only.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_PROTO_WIRE_H
#define FIRN_PROTO_WIRE_H

#include "proto/proto.h"

enum {
  FIRN_WIRE_VARINT = 0,
  FIRN_WIRE_FIXED64 = 1,
  FIRN_WIRE_BYTES = 2,
  FIRN_WIRE_GROUP = 3,
  FIRN_WIRE_GROUP_END = 4,
  FIRN_WIRE_FIXED32 = 5,
};

enum {
  FIRN_WIRE_MAX_VARINT = 10,
  FIRN_PB_DEFAULT_NESTING = 100,
};

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FIRN_WIRE_IS_NATIVE true /* numbers lie in memory as on the wire */
#else
#define FIRN_WIRE_IS_NATIVE false
#endif

static inline void *firn_pb_at(const void *msg, size_t offset) {
  return (char *)(uintptr_t)msg + offset;
}
static inline void *firn_pb_member(const void *msg, const firn_pb_field *f) {
  return firn_pb_at(msg, f->offset);
}
/* The array of a repeated field, and its length. */
static inline void **firn_pb_array(const void *msg, const firn_pb_field *f) {
  return firn_pb_at(msg, f->offset);
}
static inline size_t *firn_pb_count(const void *msg, const firn_pb_field *f) {
  return firn_pb_at(msg, f->extra);
}
static inline int32_t *firn_pb_case(const void *msg, const firn_pb_field *f) {
  return firn_pb_at(msg, f->extra);
}

/* What a kind is in memory and on the wire. */
extern const struct firn_pb_form { uint8_t width, wire; } firn_pb_forms[];

/* Bytes of one element of the kind in memory. */
static inline size_t firn_pb_width(uint8_t kind) {
  return firn_pb_forms[kind].width;
}

/* The wire type that one element of the kind is written with. */
static inline uint32_t firn_wire_type(uint8_t kind) {
  return firn_pb_forms[kind].wire;
}

/* Whether many elements of the kind may share one tag. */
static inline bool firn_wire_packs(uint8_t kind) {
  return kind < FIRN_PB_STRING;
}

/* The field of that number or name; NULL when the type has none. */
const firn_pb_field *firn_pb_find(const firn_pb_type *type, uint32_t number);
const firn_pb_field *firn_pb_find_name(const firn_pb_type *type, firn_str name);

/* Reads a varint at `at`; what follows it, or NULL when it is cut short or does
 * not fit in 64 bits. */
static inline const uint8_t *firn_wire_read(const uint8_t *at,
                                            const uint8_t *end,
                                            uint64_t *value) {
  uint64_t v = 0;
  for (unsigned shift = 0; at < end && shift < 70; shift += 7) {
    const uint64_t byte = *at++;
    if (shift == 63 && byte > 1) return NULL;
    v |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      *value = v;
      return at;
    }
  }
  return NULL;
}

/* Bytes that the varint takes. */
static inline size_t firn_wire_length(uint64_t value) {
  const unsigned bits = 64u - (unsigned)__builtin_clzll(value | 1);
  return (bits + 6) / 7;
}

/* Writes it; returns its length. `out` has room for FIRN_WIRE_MAX_VARINT. */
static inline size_t firn_wire_store(uint8_t *out, uint64_t value) {
  size_t n = 0;
  for (; value >= 0x80; value >>= 7) out[n++] = (uint8_t)(value | 0x80);
  out[n++] = (uint8_t)value;
  return n;
}

static inline uint64_t firn_wire_zigzag(int64_t v) {
  return ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0);
}
static inline int64_t firn_wire_unzigzag(uint64_t v) {
  return (int64_t)((v >> 1) ^ (0 - (v & 1)));
}

/* A number of the kind as a varint's 64 bits or as the low bits of a fixed one,
 * and back. `member` points to the C value. */
uint64_t firn_wire_load(uint8_t kind, const void *member);
void firn_wire_unload(uint8_t kind, uint64_t bits, void *member);

#endif
