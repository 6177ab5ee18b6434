/* base/json.h: JSON values, read into an arena.
 *
 * The reader takes RFC 8259, and beyond it NaN, Infinity and -Infinity, which
 * TensorFlow's tools write. Numbers keep their text, so that an int64 is exact
 * and a float is rounded once.
 *
 * Ownership: values live in the arena; strings without escapes borrow the
 * input. Threads:   confined while parsing, immutable after.
 */
#ifndef FIRN_BASE_JSON_H
#define FIRN_BASE_JSON_H

#include "base/arena.h"
#include "base/text.h"

typedef enum firn_json_kind {
  FIRN_JSON_NULL,
  FIRN_JSON_BOOL,
  FIRN_JSON_NUMBER,
  FIRN_JSON_STRING,
  FIRN_JSON_ARRAY,
  FIRN_JSON_OBJECT,
} firn_json_kind;

typedef struct firn_json {
  firn_json_kind kind;
  bool truth;                   /* BOOL                                  */
  firn_str text;                /* STRING: unescaped; NUMBER: as written */
  size_t count;                 /* ARRAY, OBJECT                         */
  const struct firn_json *item; /* count values                          */
  const firn_str *key;          /* OBJECT: count keys                    */
} firn_json;

/* Parses one document; anything but blanks after it is an error. The message
 * names line and column. Nesting is limited to `depth`. */
FIRN_CHECKED firn_code firn_json_parse(firn_bytes input, uint32_t depth,
                                       firn_arena *arena, const firn_json **out,
                                       firn_error *err);

/* The value of `key` in an object, or NULL. The last one wins. */
const firn_json *firn_json_get(const firn_json *object, const char *key);

/* Appends text as a JSON string with its quotes. Bytes that are not UTF-8 make
 * it false, with nothing appended. */
bool firn_json_put_string(firn_buf *buf, firn_str text);

/* Base64 of the standard alphabet with padding; decode also takes the URL-safe
 * one and missing padding. decode returns false on any other character. */
void firn_base64_encode(firn_buf *buf, firn_bytes bytes);
bool firn_base64_decode(firn_buf *buf, firn_str text);

#endif
