/* proto/scan.c: cuts protobuf's text form into tokens, and undoes escapes. */
#include "proto/scan.h"

#include <stdarg.h>
#include <stdio.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         is_digit(c);
}
static int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char small = (char)(c | 32);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/* ---- Complaints. ------------------------------------------------------- */

firn_code firn_scan_fail(const firn_scan *s, const char *fmt, ...) {
  char what[400];
  va_list args;
  va_start(args, fmt);
  vsnprintf(what, sizeof what, fmt, args);
  va_end(args);
  return firn_fail(s->err, FIRN_INVALID_ARGUMENT, "line %zu, column %zu: %s",
                   s->token_line, s->token_column, what);
}

firn_code firn_scan_expected(const firn_scan *s, const char *what) {
  if (s->kind == FIRN_TOKEN_END)
    return firn_scan_fail(s, "expected %s, found the end", what);
  return firn_scan_fail(s, "expected %s, found '%.*s'", what,
                        FIRN_ARG(s->text));
}

/* ---- Tokens. ----------------------------------------------------------- */

static void skip_blanks(firn_scan *s) {
  for (bool comment = false; s->at < s->end; s->at++) {
    const char c = *s->at;
    if (c == '\n') {
      comment = false;
      s->line++;
      s->line_start = s->at + 1;
    } else if (c == '#') {
      comment = true;
    } else if (!comment && c != ' ' && (c < '\t' || c > '\r')) {
      return;
    }
  }
}

/* A sign belongs to a number only behind its e: "1e-5", not "0xe-5". */
static const char *number_end(const char *at, const char *end) {
  const bool hex = end - at > 1 && at[0] == '0' && (at[1] | 32) == 'x';
  const char *p = at;
  while (p < end && (is_word(*p) || *p == '.' ||
                     ((*p == '-' || *p == '+') && !hex && (p[-1] | 32) == 'e')))
    p++;
  return p;
}

static const char *string_end(const char *at, const char *end) {
  for (const char *p = at + 1; p < end && *p != '\n'; p++) {
    if (*p == *at) return p + 1;
    if (*p == '\\' && p + 1 < end && p[1] != '\n') p++;
  }
  return NULL;
}

firn_code firn_scan_next(firn_scan *s) {
  skip_blanks(s);
  const char *start = s->at;
  s->token_line = s->line;
  s->token_column = (size_t)(start - s->line_start) + 1;
  s->text = (firn_str){start, 0};
  s->kind = FIRN_TOKEN_END;
  if (start >= s->end) return FIRN_OK;

  const bool point = *start == '.' && s->end - start > 1 && is_digit(start[1]);
  if (is_digit(*start) || point) {
    s->kind = FIRN_TOKEN_NUMBER;
    s->at = number_end(start, s->end);
  } else if (is_word(*start)) {
    s->kind = FIRN_TOKEN_WORD;
    while (s->at < s->end && is_word(*s->at)) s->at++;
  } else if (*start == '"' || *start == '\'') {
    s->kind = FIRN_TOKEN_STRING;
    s->at = string_end(start, s->end);
    if (!s->at) {
      s->at = s->end;
      return firn_scan_fail(s, "a string without an end on its line");
    }
  } else {
    s->kind = FIRN_TOKEN_MARK;
    s->at++;
  }
  s->text.size = (size_t)(s->at - start);
  return FIRN_OK;
}

firn_code firn_scan_init(firn_scan *s, firn_bytes input, firn_error *err) {
  const char *start = input.data ? (const char *)input.data : "";
  *s = (firn_scan){.at = start,
                   .end = start + input.size,
                   .line_start = start,
                   .line = 1,
                   .err = err};
  return firn_scan_next(s);
}

bool firn_scan_is(const firn_scan *s, char mark) {
  return s->kind == FIRN_TOKEN_MARK && s->text.data[0] == mark;
}

firn_code firn_scan_mark(firn_scan *s, char mark, bool *had) {
  const char what[] = {'\'', mark, '\'', 0};
  const bool here = firn_scan_is(s, mark);
  if (!here && !had) return firn_scan_expected(s, what);
  if (had) *had = here;
  return here ? firn_scan_next(s) : FIRN_OK;
}

/* ---- Escapes. ---------------------------------------------------------- */

static void put_utf8(firn_buf *out, uint32_t c) {
  char b[4];
  size_t n = 0;
  if (c < 0x80) {
    b[n++] = (char)c;
  } else if (c < 0x800) {
    b[n++] = (char)(0xc0 | c >> 6);
  } else if (c < 0x10000) {
    b[n++] = (char)(0xe0 | c >> 12);
    b[n++] = (char)(0x80 | (c >> 6 & 0x3f));
  } else {
    b[n++] = (char)(0xf0 | c >> 18);
    b[n++] = (char)(0x80 | (c >> 12 & 0x3f));
    b[n++] = (char)(0x80 | (c >> 6 & 0x3f));
  }
  if (c >= 0x80) b[n++] = (char)(0x80 | (c & 0x3f));
  firn_buf_append(out, b, n);
}

/* Up to `most` digits of base 8 or 16; how many there were. */
static size_t read_digits(const char *at, const char *end, int base,
                          size_t most, uint32_t *value) {
  size_t n = 0;
  *value = 0;
  for (; n < most && at + n < end; n++) {
    const int digit = hex_value(at[n]);
    if (digit < 0 || digit >= base) break;
    *value = *value * (uint32_t)base + (uint32_t)digit;
  }
  return n;
}

/* What follows "\u" or "\U"; a pair of surrogates is one character. NULL when
 * it is not one. */
static const char *unescape_unicode(const char *at, const char *end,
                                    firn_buf *out) {
  const size_t most = at[-1] == 'u' ? 4 : 8;
  uint32_t c, low;
  if (read_digits(at, end, 16, most, &c) != most) return NULL;
  at += most;
  if (c >= 0xd800 && c < 0xdc00 && end - at >= 6 && at[0] == '\\' &&
      at[1] == 'u' && read_digits(at + 2, end, 16, 4, &low) == 4 &&
      low >= 0xdc00 && low < 0xe000) {
    c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    at += 6;
  }
  if (c > 0x10ffff) return NULL;
  put_utf8(out, c);
  return at;
}

/* One escape, behind its backslash. NULL when there is no such escape. */
static const char *unescape(const char *at, const char *end, firn_buf *out) {
  static const char names[] = "abfnrtv\\'\"?", means[] = "\a\b\f\n\r\t\v\\'\"?";
  uint32_t value;
  const char *name = *at ? strchr(names, *at) : NULL;
  if (name) {
    firn_buf_append(out, &means[name - names], 1);
    return at + 1;
  }
  if (*at == 'u' || *at == 'U') return unescape_unicode(at + 1, end, out);
  const bool hex = *at == 'x' || *at == 'X';
  if (hex) at++;
  const size_t n = read_digits(at, end, hex ? 16 : 8, hex ? 2 : 3, &value);
  if (n == 0 || value > 255) return NULL;
  const uint8_t byte = (uint8_t)value;
  firn_buf_append(out, &byte, 1);
  return at + n;
}

firn_code firn_scan_unescape(const firn_scan *s, firn_buf *out) {
  const char *at = s->text.data + 1, *end = s->text.data + s->text.size - 1;
  while (at < end) {
    const char *slash = memchr(at, '\\', (size_t)(end - at));
    const char *plain_end = slash ? slash : end;
    firn_buf_append(out, at, (size_t)(plain_end - at));
    if (!slash) break;
    at = slash + 1 < end ? unescape(slash + 1, end, out) : NULL;
    if (!at)
      return firn_scan_fail(s,
                            "the string has an escape that means nothing: "
                            "'%.*s'",
                            (int)firn_min_size((size_t)(end - slash), 10),
                            slash);
  }
  return out->failed ? firn_oom(s->err, s->text.size) : FIRN_OK;
}

firn_code firn_scan_bracketed(firn_scan *s, firn_buf *out) {
  for (;;) {
    skip_blanks(s);
    if (s->at >= s->end || *s->at == '[' || *s->at == '{' || *s->at == '"')
      return firn_scan_fail(s, "expected a name and ']' behind '['");
    const char c = *s->at++;
    if (c == ']') break;
    firn_buf_append(out, &c, 1);
  }
  if (out->failed) return firn_oom(s->err, out->size);
  return firn_scan_next(s);
}
