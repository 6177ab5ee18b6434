/* base/number.c: numbers from text and to text, in no locale but C's.
 *
 * glibc and musl answer newlocale("C") with a constant object, so asking for it
 * at each call allocates nothing and nothing global has to be kept.
 */
#define _GNU_SOURCE
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

enum {
  LONGEST_NUMBER = 2047, /* a double has at most 767 digits that matter */
  ROOM = 32,
};

static int lower(char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

/* "nan(1)" is of strtod's world only; here a name must be plain. */
static bool is_name(firn_str text) {
  static const char *const names[] = {"inf", "infinity", "nan"};
  if (text.size && (text.data[0] == '-' || text.data[0] == '+'))
    text = (firn_str){text.data + 1, text.size - 1};
  for (size_t n = 0; n < FIRN_COUNT(names); n++) {
    size_t i = 0;
    if (strlen(names[n]) != text.size) continue;
    while (i < text.size && lower(text.data[i]) == names[n][i]) i++;
    if (i == text.size) return true;
  }
  return false;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Few digits and a small power of ten are both exact as doubles, and so is, by
 * IEEE 754, the rounding of their product or quotient. False: take strtod. */
static bool parse_short(firn_str text, double *out) {
  static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  uint64_t digits = 0;
  size_t i = 0, used = 0, behind = 0;
  const bool minus = text.size && text.data[0] == '-';
  if (minus) i++;
  if (text.size - i > 17) return false;
  for (bool point = false; i < text.size; i++) {
    const char c = text.data[i];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!is_digit(c)) return false;
    digits = digits * 10 + (uint64_t)(c - '0');
    used++;
    behind += point;
  }
  if (used == 0 || used > 15) return false;
  const double value = (double)digits / tens[behind];
  *out = minus ? -value : value;
  return true;
}

bool firn_parse_double(firn_str text, double *out) {
  char copy[LONGEST_NUMBER + 1];
  if (FLT_EVAL_METHOD == 0 && parse_short(text, out)) return true;
  if (text.size == 0 || text.size > LONGEST_NUMBER) return false;
  const char first = text.data[0];
  if (!is_digit(first) && first != '.' && first != '-' && first != '+')
    if (!is_name(text)) return false;
  memcpy(copy, text.data, text.size);
  copy[text.size] = '\0';

  const locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (!c_locale) return false;
  char *end = copy;
  const double value = strtod_l(copy, &end, c_locale);
  freelocale(c_locale);
  if (end != copy + text.size || memchr(copy, '(', text.size)) return false;
  if (isinf(value) && !is_name(text)) return false; /* too large */
  *out = value;
  return true;
}

static unsigned digit_value(char c) {
  if (is_digit(c)) return (unsigned)(c - '0');
  const int small = lower(c);
  return small >= 'a' && small <= 'f' ? (unsigned)(small - 'a' + 10) : 16;
}

/* The digits after the sign. */
static bool parse_magnitude(firn_str text, uint64_t *out) {
  unsigned base = 10;
  size_t i = 0;
  uint64_t value = 0;
  if (text.size > 1 && text.data[0] == '0') {
    base = lower(text.data[1]) == 'x' ? 16 : 8;
    i = base == 16 ? 2 : 1;
  }
  if (i >= text.size) return false;
  for (; i < text.size; i++) {
    const unsigned digit = digit_value(text.data[i]);
    if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
        __builtin_add_overflow(value, digit, &value))
      return false;
  }
  *out = value;
  return true;
}

static bool take_sign(firn_str *text) {
  const bool minus = text->size && text->data[0] == '-';
  if (minus || (text->size && text->data[0] == '+'))
    *text = (firn_str){text->data + 1, text->size - 1};
  return minus;
}

bool firn_parse_i64(firn_str text, int64_t *out) {
  uint64_t value;
  const bool minus = take_sign(&text);
  if (!parse_magnitude(text, &value)) return false;
  if (value > (uint64_t)INT64_MAX + minus) return false;
  *out = minus ? (int64_t)(0 - value) : (int64_t)value;
  return true;
}

bool firn_parse_u64(firn_str text, uint64_t *out) {
  uint64_t value;
  const bool minus = take_sign(&text);
  if (!parse_magnitude(text, &value) || (minus && value)) return false;
  *out = value;
  return true;
}

static int print_special(char *out, double value) {
  if (isnan(value)) return snprintf(out, ROOM, "nan");
  return snprintf(out, ROOM, value < 0 ? "-inf" : "inf");
}

/* Any number with `digits` decimals or fewer survives the way to binary and
 * back, so that precision finds it if it exists; the loop adds what is missing.
 * Not so among the denormals, which start at one digit. */
int firn_print_float(char *out, float value) {
  if (!isfinite(value)) return print_special(out, (double)value);
  const locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  const locale_t old = uselocale(c_locale);
  int length = 0;
  for (int digits = fabsf(value) < FLT_MIN ? 1 : FLT_DIG; digits <= 9;
       digits++) {
    length = snprintf(out, ROOM, "%.*g", digits, (double)value);
    if (strtof(out, NULL) == value) break;
  }
  uselocale(old);
  freelocale(c_locale);
  return length;
}

int firn_print_double(char *out, double value) {
  if (!isfinite(value)) return print_special(out, value);
  const locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  const locale_t old = uselocale(c_locale);
  int length = 0;
  for (int digits = fabs(value) < DBL_MIN ? 1 : DBL_DIG; digits <= 17;
       digits++) {
    length = snprintf(out, ROOM, "%.*g", digits, value);
    if (strtod(out, NULL) == value) break;
  }
  uselocale(old);
  freelocale(c_locale);
  return length;
}
