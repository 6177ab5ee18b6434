/* proto/text_parse.c: protobuf's text form into message structs.
 *
 * The text is put into the binary form and that is parsed, so that arrays, maps
 * and oneofs have one set of rules. While an inner message is being written its
 * length is not known: a place of five bytes is kept for it, which is a legal
 * varint of up to 35 bits whatever its value.
 */
#include "proto/message.h"
#include "proto/messages.h"
#include "proto/scan.h"

#include <math.h>

enum {
  LENGTH_BYTES = 5,
  MAX_FIELDS = 128, /* of one message; the generator holds to it */
};

typedef struct reader {
  firn_scan scan;
  firn_buf wire;
  firn_arena *arena;
  uint32_t depth, max_depth;
} reader;

/* The fields of one message that have been met, to refuse a second value. */
typedef struct seen {
  uint64_t bits[MAX_FIELDS / 64];
} seen;

/* ---- Writing. ---------------------------------------------------------- */

static void put_varint(reader *r, uint64_t value) {
  uint8_t bytes[FIRN_WIRE_MAX_VARINT];
  firn_buf_append(&r->wire, bytes, firn_wire_store(bytes, value));
}

static void put_tag(reader *r, const firn_pb_field *f) {
  put_varint(r, (uint64_t)f->number << 3 | firn_wire_type(f->kind));
}

static size_t begin_payload(reader *r) {
  static const uint8_t room[LENGTH_BYTES];
  firn_buf_append(&r->wire, room, sizeof room);
  return r->wire.size;
}

static firn_code end_payload(reader *r, size_t start) {
  if (r->wire.failed) return firn_oom(r->scan.err, r->wire.size);
  const uint64_t size = r->wire.size - start;
  if (size >> 35)
    return firn_fail(r->scan.err, FIRN_RESOURCE_EXHAUSTED,
                     "a message of %zu bytes is too large for the text form",
                     r->wire.size - start);
  uint8_t *at = r->wire.data + start - LENGTH_BYTES;
  for (unsigned i = 0; i < LENGTH_BYTES; i++)
    at[i] = (uint8_t)((size >> 7 * i & 0x7f) | (i + 1 < LENGTH_BYTES) << 7);
  return FIRN_OK;
}

/* ---- Values. ----------------------------------------------------------- */

static firn_code read_strings(reader *r, const firn_pb_field *f) {
  firn_scan *s = &r->scan;
  if (s->kind != FIRN_TOKEN_STRING)
    return firn_scan_expected(s, "a string in quotes");
  put_tag(r, f);
  const size_t start = begin_payload(r);
  while (s->kind == FIRN_TOKEN_STRING) { /* pieces side by side are one */
    FIRN_TRY(firn_scan_unescape(s, &r->wire));
    FIRN_TRY(firn_scan_next(s));
  }
  return end_payload(r, start);
}

/* A minus sign is a token of its own. */
static firn_code read_minus(reader *r, bool *minus) {
  return firn_scan_mark(&r->scan, '-', minus);
}

static bool fits_kind(uint8_t kind, bool minus, uint64_t magnitude) {
  switch (kind) {
    case FIRN_PB_INT32:
    case FIRN_PB_SINT32:
    case FIRN_PB_SFIXED32:
    case FIRN_PB_ENUM: return magnitude <= (uint64_t)INT32_MAX + minus;
    case FIRN_PB_UINT32:
    case FIRN_PB_FIXED32:
      return magnitude <= UINT32_MAX && (!minus || !magnitude);
    case FIRN_PB_UINT64:
    case FIRN_PB_FIXED64: return !minus || !magnitude;
    case FIRN_PB_BOOL: return magnitude <= 1 && (!minus || !magnitude);
    default: return magnitude <= (uint64_t)INT64_MAX + minus;
  }
}

static firn_code read_integer(reader *r, const firn_pb_field *f,
                              uint64_t *value) {
  firn_scan *s = &r->scan;
  bool minus;
  uint64_t magnitude;
  FIRN_TRY(read_minus(r, &minus));
  if (s->kind != FIRN_TOKEN_NUMBER || !firn_parse_u64(s->text, &magnitude))
    return firn_scan_expected(s, "a whole number");
  if (!fits_kind(f->kind, minus, magnitude))
    return firn_scan_fail(s, "%s%.*s does not fit in '%s'", minus ? "-" : "",
                          FIRN_ARG(s->text), f->name);
  *value = minus ? 0 - magnitude : magnitude;
  return firn_scan_next(s);
}

static firn_code read_enum(reader *r, const firn_pb_field *f, uint64_t *value) {
  firn_scan *s = &r->scan;
  const firn_pb_enum *e = f->sub;
  int32_t number;
  if (s->kind != FIRN_TOKEN_WORD) return read_integer(r, f, value);
  if (!firn_pb_enum_number(e, s->text, &number))
    return firn_scan_fail(s, "'%.*s' is no value of %s", FIRN_ARG(s->text),
                          e->name);
  *value = (uint64_t)(int64_t)number;
  return firn_scan_next(s);
}

static firn_code read_bool(reader *r, const firn_pb_field *f, uint64_t *value) {
  static const char *const words[] = {"false", "False", "f",
                                      "true",  "True",  "t"};
  firn_scan *s = &r->scan;
  if (s->kind != FIRN_TOKEN_WORD) return read_integer(r, f, value);
  for (size_t i = 0; i < FIRN_COUNT(words); i++)
    if (firn_str_is(s->text, words[i])) {
      *value = i >= 3;
      return firn_scan_next(s);
    }
  return firn_scan_expected(s, "true or false");
}

/* Numbers too large for a double are infinite here, as protobuf has it. */
static bool is_too_large(firn_str text) {
  for (size_t i = 0; i < text.size; i++) {
    const char c = text.data[i];
    if ((c < '0' || c > '9') && c != '.' && c != '-' && c != '+' &&
        (c | 32) != 'e')
      return false;
  }
  const char last = text.data[text.size - 1];
  return last >= '0' && last <= '9' && text.size < 2000;
}

static firn_code read_real(reader *r, double *value) {
  firn_scan *s = &r->scan;
  bool minus;
  FIRN_TRY(read_minus(r, &minus));
  firn_str text = s->text;
  const bool number = s->kind == FIRN_TOKEN_NUMBER;
  const bool whole = number && text.size > 1 && text.data[0] == '0' &&
                     text.data[1] != '.' && (text.data[1] | 32) != 'e' &&
                     (text.data[1] | 32) != 'f'; /* 0x10, 010 */
  /* "1.5f", and since 2022 "inff" too */
  if (text.size > 1 && (text.data[text.size - 1] | 32) == 'f' &&
      (number || text.size == 4 || text.size == 9))
    text.size--;
  if ((!number && s->kind != FIRN_TOKEN_WORD) || whole)
    return firn_scan_expected(s, "a number");
  if (!firn_parse_double(text, value)) {
    if (!number || !is_too_large(text))
      return firn_scan_expected(s, "a number");
    *value = INFINITY;
  }
  if (minus) *value = -*value;
  return firn_scan_next(s);
}

static firn_code read_number(reader *r, const firn_pb_field *f) {
  uint64_t bits = 0;
  double real = 0;
  switch (f->kind) {
    case FIRN_PB_DOUBLE:
      FIRN_TRY(read_real(r, &real));
      memcpy(&bits, &real, sizeof real);
      break;
    case FIRN_PB_FLOAT: {
      FIRN_TRY(read_real(r, &real));
      const float narrow = (float)real;
      memcpy(&bits, &narrow, sizeof narrow);
      bits = firn_wire_load(FIRN_PB_FLOAT, &narrow);
      break;
    }
    case FIRN_PB_ENUM: FIRN_TRY(read_enum(r, f, &bits)); break;
    case FIRN_PB_BOOL: FIRN_TRY(read_bool(r, f, &bits)); break;
    default: FIRN_TRY(read_integer(r, f, &bits));
  }
  if (f->kind == FIRN_PB_SINT32 || f->kind == FIRN_PB_SINT64)
    bits = firn_wire_zigzag((int64_t)bits);

  put_tag(r, f);
  uint8_t bytes[8];
  firn_store64(bytes, bits);
  if (firn_wire_type(f->kind) == FIRN_WIRE_VARINT)
    put_varint(r, bits);
  else
    firn_buf_append(&r->wire, bytes, firn_pb_width(f->kind));
  return r->wire.failed ? firn_oom(r->scan.err, r->wire.size) : FIRN_OK;
}

/* ---- What is skipped: extensions and types that we do not know. -------- */

static firn_code enter(reader *r) {
  if (r->depth >= r->max_depth)
    return firn_fail(r->scan.err, FIRN_RESOURCE_EXHAUSTED,
                     "line %zu, column %zu: messages are nested more than %u "
                     "deep",
                     r->scan.token_line, r->scan.token_column, r->max_depth);
  r->depth++;
  return FIRN_OK;
}

/* Past everything up to the bracket that closes the one we stand on. */
static firn_code skip_brackets(reader *r) {
  size_t open = 0;
  do {
    if (r->scan.kind == FIRN_TOKEN_END)
      return firn_scan_expected(&r->scan, "a closing bracket");
    if (r->scan.kind == FIRN_TOKEN_MARK) {
      const char c = r->scan.text.data[0];
      open += c == '{' || c == '<' || c == '[';
      open -= c == '}' || c == '>' || c == ']';
    }
    FIRN_TRY(firn_scan_next(&r->scan));
  } while (open);
  return FIRN_OK;
}

static firn_code skip_value(reader *r) {
  firn_scan *s = &r->scan;
  bool minus;
  if (firn_scan_is(s, '{') || firn_scan_is(s, '<') || firn_scan_is(s, '['))
    return skip_brackets(r);
  FIRN_TRY(read_minus(r, &minus));
  if (s->kind == FIRN_TOKEN_END || s->kind == FIRN_TOKEN_MARK)
    return firn_scan_expected(s, "a value");
  const bool string = s->kind == FIRN_TOKEN_STRING;
  do FIRN_TRY(firn_scan_next(s));
  while (string && s->kind == FIRN_TOKEN_STRING);
  return FIRN_OK;
}

/* ---- Messages. --------------------------------------------------------- */

static firn_code read_fields(reader *r, const firn_pb_type *type, char close);

static firn_code read_braces(reader *r, const firn_pb_type *type) {
  const bool angle = firn_scan_is(&r->scan, '<');
  FIRN_TRY(enter(r));
  if (angle)
    FIRN_TRY(firn_scan_next(&r->scan));
  else
    FIRN_TRY(firn_scan_mark(&r->scan, '{', NULL));
  FIRN_TRY(read_fields(r, type, angle ? '>' : '}'));
  r->depth--;
  return firn_scan_next(&r->scan);
}

static firn_code read_one(reader *r, const firn_pb_field *f) {
  if (f->kind == FIRN_PB_STRING || f->kind == FIRN_PB_BYTES)
    return read_strings(r, f);
  if (f->kind != FIRN_PB_MESSAGE) return read_number(r, f);
  put_tag(r, f);
  const size_t start = begin_payload(r);
  FIRN_TRY(read_braces(r, f->sub));
  return end_payload(r, start);
}

/* Puts the fields of google.protobuf.Any for an inner message that was written
 * from `start` on: in its place come its canonical bytes. */
static firn_code wrap_any(reader *r, const firn_pb_type *type, firn_str url,
                          size_t start) {
  void *inner = NULL;
  firn_buf value;
  firn_buf_init(&value, &r->arena->alloc);
  const firn_bytes wire = {r->wire.data + start, r->wire.size - start};
  const firn_limits deep = {.nesting = r->max_depth};
  firn_code code =
      firn_pb_parse(type, wire, &deep, r->arena, &inner, r->scan.err);
  if (code == FIRN_OK)
    code = firn_pb_write(type, inner, firn_sink_buf(&value), r->scan.err);
  if (code == FIRN_OK) {
    r->wire.size = start;
    put_tag(r, &firn_pb_type_Any.fields[0]);
    put_varint(r, url.size);
    firn_buf_append(&r->wire, url.data, url.size);
    put_tag(r, &firn_pb_type_Any.fields[1]);
    put_varint(r, value.size);
    firn_buf_append(&r->wire, value.data, value.size);
  }
  if (code == FIRN_OK && r->wire.failed)
    code = firn_oom(r->scan.err, r->wire.size);
  firn_buf_fini(&value);
  return code;
}

/* `[type.googleapis.com/tensorflow.NodeDef] { ... }` or an extension. */
static firn_code read_bracketed(reader *r, const firn_pb_type *type) {
  bool colon;
  firn_buf name;
  firn_buf_init(&name, &r->arena->alloc);
  firn_code code = firn_scan_bracketed(&r->scan, &name);
  if (code == FIRN_OK) code = firn_scan_mark(&r->scan, ':', &colon);
  if (code == FIRN_OK) {
    const firn_str url = {(const char *)name.data, name.size};
    const size_t start = r->wire.size;
    const firn_pb_type *inner =
        type == &firn_pb_type_Any ? firn_pb_find_any(url) : NULL;
    code = inner ? read_braces(r, inner) : skip_value(r);
    if (inner && code == FIRN_OK) code = wrap_any(r, inner, url, start);
  }
  firn_buf_fini(&name);
  return code;
}

/* Refuses a second value for what holds one, and two members of a oneof. */
static firn_code mark_seen(reader *r, const firn_pb_type *type,
                           const firn_pb_field *f, seen *met) {
  const size_t index = (size_t)(f - type->fields) % MAX_FIELDS;
  if (f->flags & FIRN_PB_REPEATED) return FIRN_OK;
  if (met->bits[index / 64] >> index % 64 & 1)
    return firn_scan_fail(&r->scan, "'%s' has a value already", f->name);
  met->bits[index / 64] |= (uint64_t)1 << index % 64;
  if (!(f->flags & FIRN_PB_ONEOF)) return FIRN_OK;
  for (size_t i = 0; i < type->count; i++) {
    const firn_pb_field *other = &type->fields[i];
    if (other != f && (other->flags & FIRN_PB_ONEOF) &&
        other->extra == f->extra && (met->bits[i / 64] >> i % 64 & 1))
      return firn_scan_fail(&r->scan, "'%s' excludes '%s', which has a value",
                            f->name, other->name);
  }
  return FIRN_OK;
}

static firn_code read_values(reader *r, const firn_pb_field *f) {
  bool many = false, done = false;
  if (f->flags & FIRN_PB_REPEATED)
    FIRN_TRY(firn_scan_mark(&r->scan, '[', &many));
  if (!many) return read_one(r, f);
  FIRN_TRY(firn_scan_mark(&r->scan, ']', &done));
  while (!done) {
    FIRN_TRY(read_one(r, f));
    FIRN_TRY(firn_scan_mark(&r->scan, ']', &done));
    if (!done) FIRN_TRY(firn_scan_mark(&r->scan, ',', NULL));
  }
  return FIRN_OK;
}

static firn_code read_field(reader *r, const firn_pb_type *type, seen *met) {
  firn_scan *s = &r->scan;
  bool colon;
  if (firn_scan_is(s, '[')) return read_bracketed(r, type);
  if (s->kind != FIRN_TOKEN_WORD)
    return firn_scan_expected(s, "the name of a field");
  const firn_pb_field *f = firn_pb_find_name(type, s->text);
  if (!f)
    return firn_scan_fail(s, "%s has no field '%.*s'", type->name,
                          FIRN_ARG(s->text));
  FIRN_TRY(mark_seen(r, type, f, met));
  FIRN_TRY(firn_scan_next(s));
  FIRN_TRY(firn_scan_mark(s, ':', f->kind == FIRN_PB_MESSAGE ? &colon : NULL));
  return read_values(r, f);
}

/* Up to the closing bracket, which is left; '\0' stands for the end. */
static firn_code read_fields(reader *r, const firn_pb_type *type, char close) {
  seen met = {{0}};
  bool had = false;
  while (close ? !firn_scan_is(&r->scan, close)
               : r->scan.kind != FIRN_TOKEN_END) {
    FIRN_TRY(read_field(r, type, &met));
    FIRN_TRY(firn_scan_mark(&r->scan, ',', &had));
    if (!had) FIRN_TRY(firn_scan_mark(&r->scan, ';', &had));
  }
  return FIRN_OK;
}

static firn_code read_all(reader *r, const firn_pb_type *type, firn_bytes input,
                          void **out, firn_error *err) {
  FIRN_TRY(firn_scan_init(&r->scan, input, err));
  FIRN_TRY(read_fields(r, type, '\0'));
  if (r->wire.failed) return firn_oom(err, r->wire.size);
  uint8_t *bytes = firn_arena_alloc(r->arena, r->wire.size);
  if (!bytes) return firn_oom(err, r->wire.size);
  if (r->wire.size) memcpy(bytes, r->wire.data, r->wire.size);
  const firn_limits limits = {.nesting = r->max_depth};
  return firn_pb_parse(type, (firn_bytes){bytes, r->wire.size}, &limits,
                       r->arena, out, err);
}

firn_code firn_pb_parse_text(const firn_pb_type *type, firn_bytes input,
                             const firn_limits *limits, firn_arena *arena,
                             void **out, firn_error *err) {
  reader r = {.arena = arena,
              .max_depth = limits && limits->nesting ? limits->nesting
                                                     : FIRN_PB_DEFAULT_NESTING};
  *out = NULL;
  firn_buf_init(&r.wire, &arena->alloc);
  const firn_code code = read_all(&r, type, input, out, err);
  firn_buf_fini(&r.wire);
  return code;
}
