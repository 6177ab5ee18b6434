/* proto/proto.h: one codec for every protocol-buffer message firn knows.
 *
 * A message type is a table (firn_pb_type) of its fields: number, name, kind
 * and the offset of the member in a plain C struct. The tables and structs are
 * generated from proto/messages.schema into proto/messages.h and messages.c.
 * The codec walks the tables: binary and text, both ways.
 *
 *   const firn_pb_GraphDef *def = NULL;
 *   FIRN_TRY(firn_pb_parse(&firn_pb_type_GraphDef, file->bytes, &limits,
 *                          &arena, (void **)&def, err));
 *   for (size_t i = 0; i < def->node_count; i++)
 *     use(def->node[i]->name);
 *
 * How proto types become C members (zero is always "not there"):
 *   string, bytes          firn_str, borrowed from the input
 *   numbers, bool, enum    their C types (enum: int32_t)
 *   message M              firn_pb_M *, NULL when absent
 *   repeated X             X *f; size_t f_count;  (messages: firn_pb_M **f)
 *   map<K, V>              firn_pb_<Parent>_<Field>Entry **f; size_t f_count,
 *                          each with `key` and `value`; parsed ones are sorted
 *                          by key, and no key appears twice
 *   oneof o                the members lie in an anonymous union; `int32_t
 *                          o_case` is the number of the field set, or 0
 *   optional number f      `f`, and `int32_t f_case` as of a oneof of one
 *   a C keyword            the member's name has an underscore at its end
 *   fields unknown to us   `unknown`: kept as bytes, written last
 *
 * Ownership: structs and arrays live in the arena; strings and bytes borrow the
 *            input, which must outlive them.
 * Threads:   confined while parsing, immutable after.
 */
#ifndef FIRN_PROTO_H
#define FIRN_PROTO_H

#include "base/arena.h"
#include "base/text.h"

typedef enum firn_pb_kind {
  FIRN_PB_DOUBLE = 1,
  FIRN_PB_FLOAT,
  FIRN_PB_INT32,
  FIRN_PB_INT64,
  FIRN_PB_UINT32,
  FIRN_PB_UINT64,
  FIRN_PB_SINT32,
  FIRN_PB_SINT64,
  FIRN_PB_FIXED32,
  FIRN_PB_FIXED64,
  FIRN_PB_SFIXED32,
  FIRN_PB_SFIXED64,
  FIRN_PB_BOOL,
  FIRN_PB_ENUM,
  FIRN_PB_STRING,
  FIRN_PB_BYTES,
  FIRN_PB_MESSAGE,
} firn_pb_kind;

enum {
  FIRN_PB_REPEATED = 1,
  FIRN_PB_MAP = 2,    /* with REPEATED: entries, sorted by key on output    */
  FIRN_PB_PACKED = 4, /* written packed; both forms are always read         */
  FIRN_PB_ONEOF = 8,  /* `extra` is the offset of the case member           */
};

typedef struct firn_pb_enum_value {
  const char *name;
  int32_t number;
} firn_pb_enum_value;

typedef struct firn_pb_enum {
  const char *name;
  const firn_pb_enum_value *values;
  uint16_t count;
} firn_pb_enum;

typedef struct firn_pb_field {
  const char *name;
  uint32_t number;
  uint8_t kind; /* firn_pb_kind                                           */
  uint8_t flags;
  uint16_t offset; /* of the member                                       */
  uint16_t extra;  /* REPEATED: offset of the count; ONEOF: of the case   */
  const void *sub; /* firn_pb_type of a message, firn_pb_enum of an enum  */
} firn_pb_field;

typedef struct firn_pb_type {
  const char *name;            /* "tensorflow.GraphDef"                   */
  const firn_pb_field *fields; /* sorted by number                        */
  uint16_t count;
  uint16_t size;  /* of the struct                           */
  bool map_entry; /* field 1 is the key, 2 the value         */
} firn_pb_type;

/* Unknown fields: tag and payload as they lay in the input, in input order.
 * Every message struct starts with this member, called `unknown`. */
typedef struct firn_pb_unknown {
  firn_bytes *items;
  size_t count;
} firn_pb_unknown;

/* Parses one message. DATA_LOSS for damaged bytes, with the path of fields that
 * led there and the offset ("node[3].attr: length 900 runs past the end at
 * offset 4711"); RESOURCE_EXHAUSTED beyond limits->nesting. */
FIRN_CHECKED firn_code firn_pb_parse(const firn_pb_type *type, firn_bytes input,
                                     const firn_limits *limits,
                                     firn_arena *arena, void **out,
                                     firn_error *err);

/* Parses the text form. INVALID_ARGUMENT with line and column. Names that the
 * type does not have are an error; names in brackets are skipped, but for types
 * of ours inside google.protobuf.Any. Strings lie in the arena. */
FIRN_CHECKED firn_code firn_pb_parse_text(const firn_pb_type *type,
                                          firn_bytes input,
                                          const firn_limits *limits,
                                          firn_arena *arena, void **out,
                                          firn_error *err);

/* Where serialised bytes go. put returns an error to stop. */
typedef struct firn_sink {
  firn_code (*put)(void *ud, const void *data, size_t size, firn_error *err);
  void *ud;
} firn_sink;

/* The number of bytes of the binary form. 64-bit. */
FIRN_CHECKED firn_code firn_pb_size(const firn_pb_type *type, const void *msg,
                                    uint64_t *out, firn_error *err);

/* Writes the binary form: fields in the order of their numbers, then unknown
 * fields, and maps in the order of protobuf's deterministic serialisation in
 * Python, by which TensorFlow saves graphs: byte for byte the same. Strings and
 * bytes of 4096 bytes or more reach the sink in a call of their own, with the
 * very pointer that the message holds. */
FIRN_CHECKED firn_code firn_pb_write(const firn_pb_type *type, const void *msg,
                                     firn_sink sink, firn_error *err);

/* The same with maps in rising order of keys, as the C++ library writes them:
 * what fingerprints are taken of. */
FIRN_CHECKED firn_code firn_pb_write_rising(const firn_pb_type *type,
                                            const void *msg, firn_sink sink,
                                            firn_error *err);

/* Writes the text form as protobuf does in Python: two blanks a level, one
 * field a line, unknown fields left out. */
FIRN_CHECKED firn_code firn_pb_write_text(const firn_pb_type *type,
                                          const void *msg, firn_sink sink,
                                          firn_error *err);

/* Sinks: into a growing buffer. */
firn_sink firn_sink_buf(firn_buf *buf);

/* A new message of the type, all zero. NULL when memory is short. */
void *firn_pb_new(const firn_pb_type *type, firn_arena *arena);

/* A deep copy: structs in the arena, strings still borrowed. NULL when memory
 * is short. */
void *firn_pb_copy(const firn_pb_type *type, const void *msg,
                   firn_arena *arena);

/* Whether two messages are equal field by field (maps: as sets; unknown:
 * bytes). */
bool firn_pb_equal(const firn_pb_type *type, const void *a, const void *b);

/* The name of an enum's value, or NULL; and the value of a name. */
const char *firn_pb_enum_name(const firn_pb_enum *e, int32_t number);
bool firn_pb_enum_number(const firn_pb_enum *e, firn_str name, int32_t *out);

/* Every message type but map entries, NULL after the last; and the one of that
 * full name ("tensorflow.NodeDef"), or NULL. */
extern const firn_pb_type *const firn_pb_types[];
const firn_pb_type *firn_pb_find_type(firn_str name);

/* Unpacks the elements of one wire field by hand: for readers that meet a
 * message by pieces (a table of tensors too large for structs). */
FIRN_CHECKED firn_code firn_wire_varint(firn_bytes *in, uint64_t *value,
                                        firn_error *err);

#endif
