/* proto/text_write.c: message structs into protobuf's text form.
 *
 * The form is that of protobuf's Python library, which is what TensorFlow's own
 * tools write .pbtxt with: fields by number, maps by key, numbers the way
 * Python prints them, UTF-8 left alone in strings and escaped in bytes. Unknown
 * fields have no names and are left out, as they are there.
 */
#include "proto/message.h"
#include "proto/messages.h"
#include "proto/out.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct writer {
  firn_out out;
  size_t indent;
  firn_arena scratch;
} writer;

static void put(writer *w, const char *text) {
  firn_out_put(&w->out, text, strlen(text));
}

static void put_indent(writer *w) {
  for (size_t i = 0; i < w->indent; i++) put(w, "  ");
}

/* ---- Numbers. ---------------------------------------------------------- */

/* The digits of a printed number without the point, and the power of ten of the
 * first one that is not zero: "0.00125e+02" is 125 and -1. */
typedef struct decimal {
  char digits[24];
  int count, exponent;
} decimal;

static decimal split(const char *text) {
  decimal d = {{0}, 0, 0};
  int before = 0, zeros = 0, power = 0;
  bool point = false;
  const char *at = text;
  for (; *at && *at != 'e'; at++) {
    if (*at < '0' || *at > '9') {
      point = point || *at != '-'; /* whatever the locale's point is */
      continue;
    }
    if (!point) before++;
    if (d.count == 0 && *at == '0')
      zeros++;
    else if (d.count < (int)sizeof d.digits)
      d.digits[d.count++] = *at;
  }
  const bool minus = *at && at[1] == '-';
  for (; *at; at++)
    if (*at >= '0' && *at <= '9') power = power * 10 + (*at - '0');
  while (d.count > 0 && d.digits[d.count - 1] == '0') d.count--;
  if (d.count) d.exponent = before - 1 - zeros + (minus ? -power : power);
  return d;
}

/* As Python prints a float: plain from 1e-4 to below 1e16, with ".0" at least.
 */
static void put_decimal(writer *w, const decimal *d, bool minus) {
  char text[64];
  int n = 0;
  if (minus) text[n++] = '-';
  if (d->exponent < -4 || d->exponent >= 16) {
    for (int i = 0; i < d->count; i++) {
      if (i == 1) text[n++] = '.';
      text[n++] = d->digits[i];
    }
    n += snprintf(text + n, sizeof text - (size_t)n, "e%+03d", d->exponent);
  } else {
    const int lowest = d->exponent - d->count + 1;
    for (int power = d->exponent > 0 ? d->exponent : 0;
         power >= (lowest < -1 ? lowest : -1); power--) {
      const int i = d->exponent - power;
      if (power == -1) text[n++] = '.';
      text[n++] = i >= 0 && i < d->count ? d->digits[i] : '0';
    }
  }
  firn_out_put(&w->out, text, (size_t)n);
}

/* Below a power of two doubles lie closer than above it. So the nearest number
 * of 16 digits may miss where the next one up, which is farther away, hits. */
static void shorten(decimal *d, double value) {
  decimal up = *d;
  char text[40];
  double back;
  if (d->count != 17) return;
  for (up.count = 16; up.count && up.digits[up.count - 1] == '9';) up.count--;
  if (!up.count) return;
  up.digits[up.count - 1]++;
  const int n = snprintf(text, sizeof text, "0.%.*se%d", up.count, up.digits,
                         up.exponent + 1);
  if (firn_parse_double((firn_str){text, (size_t)n}, &back) && back == value)
    *d = up;
}

/* Python tries six digits first, even for denormals that need fewer. */
static void print_denormal(char *text, size_t size, float value) {
  for (int digits = 6; digits <= 9; digits++) {
    snprintf(text, size, "%.*e", digits - 1, (double)value);
    if (strtof(text, NULL) == value) break; /* of one locale, whichever */
  }
}

static void put_real(writer *w, double value, bool is_float) {
  char text[32];
  if (isnan(value) || isinf(value)) {
    put(w, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
    return;
  }
  if (!is_float)
    firn_print_double(text, value);
  else if (fabs(value) < (double)FLT_MIN)
    print_denormal(text, sizeof text, (float)value);
  else
    firn_print_float(text, (float)value);
  decimal d = split(text);
  shorten(&d, fabs(value));
  put_decimal(w, &d, signbit(value));
}

static void put_integer(writer *w, uint8_t kind, const void *member) {
  char text[24];
  int64_t value = (int64_t)firn_wire_load(kind, member);
  if (kind == FIRN_PB_SINT32 || kind == FIRN_PB_SINT64)
    value = firn_wire_unzigzag((uint64_t)value);
  else if (kind == FIRN_PB_SFIXED32)
    value = (int32_t)value;
  if (kind == FIRN_PB_UINT64 || kind == FIRN_PB_FIXED64)
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
  else
    snprintf(text, sizeof text, "%lld", (long long)value);
  put(w, text);
}

/* ---- Text. ------------------------------------------------------------- */

/* The length of the UTF-8 sequence at the front, or 0 when there is none. */
static size_t utf8_length(const uint8_t *s, size_t size) {
  const size_t n = s[0] < 0xc2   ? 0
                   : s[0] < 0xe0 ? 2
                   : s[0] < 0xf0 ? 3
                   : s[0] < 0xf5 ? 4
                                 : 0;
  if (n == 0 || n > size) return 0;
  for (size_t i = 1; i < n; i++)
    if ((s[i] & 0xc0) != 0x80) return 0;
  if (s[0] == 0xe0 && s[1] < 0xa0) return 0; /* would fit in two bytes    */
  if (s[0] == 0xed && s[1] > 0x9f) return 0; /* halves of surrogate pairs */
  if (s[0] == 0xf0 && s[1] < 0x90) return 0; /* would fit in three        */
  if (s[0] == 0xf4 && s[1] > 0x8f) return 0; /* past the last character   */
  return n;
}

/* Puts one byte or character that starts with `s`; how many bytes it took. */
static size_t put_char(writer *w, const uint8_t *s, size_t size, bool utf8) {
  char octal[8];
  const size_t sequence = utf8 ? utf8_length(s, size) : 0;
  if (sequence) {
    firn_out_put(&w->out, s, sequence);
    return sequence;
  }
  switch (*s) {
    case '\n': put(w, "\\n"); break;
    case '\r': put(w, "\\r"); break;
    case '\t': put(w, "\\t"); break;
    case '"': put(w, "\\\""); break;
    case '\'': put(w, "\\'"); break;
    case '\\': put(w, "\\\\"); break;
    default: snprintf(octal, sizeof octal, "\\%03o", *s); put(w, octal);
  }
  return 1;
}

static bool is_plain(uint8_t c) {
  return c >= 32 && c < 127 && c != '"' && c != '\'' && c != '\\';
}

static void put_string(writer *w, firn_str text, bool utf8) {
  const uint8_t *s = (const uint8_t *)text.data;
  put(w, "\"");
  for (size_t i = 0; i < text.size && w->out.code == FIRN_OK;) {
    size_t plain = 0;
    while (i + plain < text.size && plain < FIRN_OUT_WHOLE / 2 &&
           is_plain(s[i + plain]))
      plain++;
    if (plain) firn_out_put(&w->out, s + i, plain);
    i += plain ? plain : put_char(w, s + i, text.size - i, utf8);
  }
  put(w, "\"");
}

/* ---- Messages. --------------------------------------------------------- */

static void put_fields(writer *w, const firn_pb_type *type, const void *msg);

static void put_braces(writer *w, const firn_pb_type *type, const void *msg) {
  put(w, "{\n");
  w->indent++;
  if (msg) put_fields(w, type, msg);
  w->indent--;
  put_indent(w);
  put(w, "}");
}

static void put_value(writer *w, const firn_pb_field *f, const void *member) {
  const char *name = NULL;
  switch (f->kind) {
    case FIRN_PB_STRING:
    case FIRN_PB_BYTES:
      put_string(w, *(const firn_str *)member, f->kind == FIRN_PB_STRING);
      break;
    case FIRN_PB_DOUBLE: put_real(w, *(const double *)member, false); break;
    case FIRN_PB_FLOAT:
      put_real(w, (double)*(const float *)member, true);
      break;
    case FIRN_PB_BOOL: put(w, *(const bool *)member ? "true" : "false"); break;
    case FIRN_PB_ENUM:
      name = firn_pb_enum_name(f->sub, *(const int32_t *)member);
      if (name) {
        put(w, name);
        break;
      } /* fallthrough */
    default: put_integer(w, f->kind, member);
  }
}

static void put_field(writer *w, const firn_pb_field *f, const void *member) {
  put_indent(w);
  put(w, f->name);
  if (f->kind == FIRN_PB_MESSAGE) {
    put(w, " ");
    put_braces(w, f->sub, *(void *const *)member);
  } else {
    put(w, ": ");
    put_value(w, f, member);
  }
  put(w, "\n");
}

static void put_repeated(writer *w, const firn_pb_field *f, const void *msg) {
  const char *array = *firn_pb_array(msg, f);
  size_t count = *firn_pb_count(msg, f);
  if (count == 0) return;
  if (f->flags & FIRN_PB_MAP)
    array = (const char *)firn_pb_entries(f, msg, firn_pb_rising, &w->scratch,
                                          &count);
  if (!array) {
    w->out.code = firn_oom(w->out.err, count * sizeof(void *));
    return;
  }
  for (size_t i = 0; i < count && w->out.code == FIRN_OK; i++)
    put_field(w, f, array + i * firn_pb_width(f->kind));
}

/* A URL that the brackets can hold. */
static bool is_plain_url(firn_str url) {
  for (size_t i = 0; i < url.size; i++)
    if (url.data[i] <= ' ' || url.data[i] > '~' ||
        strchr("[]{}<>\"'#\\", url.data[i]))
      return false;
  return true;
}

/* What is inside google.protobuf.Any, if its type is one of ours: printed as
 * `[type.googleapis.com/tensorflow.NodeDef] { ... }`. */
static bool put_any(writer *w, const firn_pb_type *type, const void *msg) {
  if (type != &firn_pb_type_Any || w->indent >= FIRN_PB_DEFAULT_NESTING)
    return false;
  const firn_pb_Any *any = msg;
  void *inner = NULL;
  const firn_pb_type *found = firn_pb_find_any(any->type_url);
  const firn_bytes value = {(const uint8_t *)any->value.data, any->value.size};
  if (!found || !is_plain_url(any->type_url) ||
      firn_pb_parse(found, value, NULL, &w->scratch, &inner, NULL) != FIRN_OK)
    return false;
  put_indent(w);
  put(w, "[");
  firn_out_put(&w->out, any->type_url.data, any->type_url.size);
  put(w, "] ");
  put_braces(w, found, inner);
  put(w, "\n");
  return true;
}

static void put_fields(writer *w, const firn_pb_type *type, const void *msg) {
  if (put_any(w, type, msg)) return;
  for (size_t i = 0; i < type->count && w->out.code == FIRN_OK; i++) {
    const firn_pb_field *f = &type->fields[i];
    if (f->flags & FIRN_PB_REPEATED)
      put_repeated(w, f, msg);
    else if (firn_pb_present(f, msg) ||
             (type->map_entry && f->kind == FIRN_PB_MESSAGE))
      put_field(w, f, firn_pb_member(msg, f));
  }
}

firn_code firn_pb_write_text(const firn_pb_type *type, const void *msg,
                             firn_sink sink, firn_error *err) {
  writer w;
  w.out.sink = sink;
  w.out.err = err;
  w.out.code = FIRN_OK;
  w.out.used = 0;
  w.indent = 0;
  firn_arena_init(&w.scratch, NULL);
  put_fields(&w, type, msg);
  firn_arena_fini(&w.scratch);
  return firn_out_flush(&w.out);
}
