/* base/text.h: strings with a length, little-endian loads, growable buffers,
 * and numbers as text without the locale.
 *
 * Ownership: a firn_str borrows; a firn_buf owns and is freed by firn_buf_fini.
 * Threads:   plain values.
 */
#ifndef FIRN_BASE_TEXT_H
#define FIRN_BASE_TEXT_H

#include <string.h>

#include "base/alloc.h"

/* printf("%.*s", FIRN_ARG(str)), cut at 200 bytes so that a hostile name cannot
 * push the rest of a message out. */
#define FIRN_ARG(str) \
  ((str).size > 200 ? 200 : (int)(str).size), ((str).data ? (str).data : "")

/* A literal as a firn_str. */
#define FIRN_STR(literal) ((firn_str){(literal), sizeof(literal) - 1})

static inline firn_str firn_str_of(const char *cstr) {
  return (firn_str){cstr, cstr ? strlen(cstr) : 0};
}
static inline bool firn_str_eq(firn_str a, firn_str b) {
  return a.size == b.size && (a.size == 0 || !memcmp(a.data, b.data, a.size));
}
static inline bool firn_str_is(firn_str a, const char *cstr) {
  return firn_str_eq(a, firn_str_of(cstr));
}
static inline bool firn_str_starts(firn_str a, firn_str prefix) {
  return a.size >= prefix.size &&
         (prefix.size == 0 || !memcmp(a.data, prefix.data, prefix.size));
}
static inline bool firn_str_ends(firn_str a, firn_str suffix) {
  return a.size >= suffix.size &&
         (suffix.size == 0 ||
          !memcmp(a.data + a.size - suffix.size, suffix.data, suffix.size));
}

/* Order by bytes, as the keys of a table file are. */
int firn_str_compare(firn_str a, firn_str b);

/* The edit distance between two names, for "did you mean"; names over 256 bytes
 * count as far apart. */
size_t firn_str_distance(firn_str a, firn_str b);

/* How many bytes from the front are whole UTF-8 characters: text.size when all
 * is well. Surrogates, overlong forms and what lies above 10ffff are not. */
size_t firn_utf8_prefix(firn_str text);

/* Writes a code point, up to 4 bytes, and returns how many. */
size_t firn_utf8_put(char *out, uint32_t point);

static inline uint16_t firn_load16(const void *p) {
  const uint8_t *b = p;
  return (uint16_t)(b[0] | b[1] << 8);
}
static inline uint32_t firn_load32(const void *p) {
  const uint8_t *b = p;
  return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
         (uint32_t)b[3] << 24;
}
static inline uint64_t firn_load64(const void *p) {
  return firn_load32(p) | (uint64_t)firn_load32((const uint8_t *)p + 4) << 32;
}
static inline void firn_store16(void *p, uint16_t v) {
  uint8_t *b = p;
  b[0] = (uint8_t)v;
  b[1] = (uint8_t)(v >> 8);
}
static inline void firn_store32(void *p, uint32_t v) {
  firn_store16(p, (uint16_t)v);
  firn_store16((uint8_t *)p + 2, (uint16_t)(v >> 16));
}
static inline void firn_store64(void *p, uint64_t v) {
  firn_store32(p, (uint32_t)v);
  firn_store32((uint8_t *)p + 4, (uint32_t)(v >> 32));
}

/* A buffer that grows at its end. Zero is empty with the C library's allocator.
 * After a failed append `failed` is set and further appends do nothing, so that
 * a writer may check once at its end. */
typedef struct firn_buf {
  uint8_t *data;
  size_t size, capacity;
  firn_allocator alloc;
  bool failed;
} firn_buf;

void firn_buf_init(firn_buf *buf, const firn_allocator *alloc);
void firn_buf_fini(firn_buf *buf);
void firn_buf_append(firn_buf *buf, const void *data, size_t size);
void firn_buf_puts(firn_buf *buf, const char *cstr);
void firn_buf_printf(firn_buf *buf, const char *fmt, ...) FIRN_PRINTF(2, 3);

/* Room for `size` more bytes at the end, to be filled in by the caller; NULL
 * when memory is short. */
uint8_t *firn_buf_grow(firn_buf *buf, size_t size);

/* Parses the whole of `text`; false when it is not a number of that kind, or
 * does not fit. Doubles: what strtod takes in the C locale, and inf, infinity,
 * nan in any case. Ints: optional sign, decimal, 0x hex, or (octal true) 0
 * octal. */
bool firn_parse_double(firn_str text, double *out);
bool firn_parse_i64(firn_str text, int64_t *out);
bool firn_parse_u64(firn_str text, uint64_t *out);

/* The shortest decimal text that reads back as the same float or double, in the
 * form of C's %g: "1", "0.1", "1e+30", "inf", "-inf", "nan". Returns its
 * length; `out` has room for 32. */
int firn_print_float(char *out, float value);
int firn_print_double(char *out, double value);

#endif
