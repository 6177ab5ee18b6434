/* ops/text_parse.c: one number out of a string. Integers are decimal with at
 * most a minus sign; floats are what C knows, with a point whatever the locale.
 */
#include "ops/text_parse.h"

#include <math.h>

#include "ops/utf8.h"

static bool decimal(firn_str text, bool sign, uint64_t *magnitude,
                    bool *minus) {
  *magnitude = 0;
  *minus = sign && text.size && text.data[0] == '-';
  if (*minus || (text.size && text.data[0] == '+')) text.data++, text.size--;
  if (!text.size) return false;
  for (size_t i = 0; i < text.size; i++) {
    const unsigned digit = (unsigned)(text.data[i] - '0');
    if (digit > 9 || __builtin_mul_overflow(*magnitude, 10u, magnitude) ||
        __builtin_add_overflow(*magnitude, digit, magnitude))
      return false;
  }
  return true;
}

static bool integer(firn_str text, bool is_signed, int bits, void *out) {
  uint64_t magnitude;
  bool minus;
  if (!decimal(text, is_signed, &magnitude, &minus)) return false;
  const uint64_t most = is_signed   ? (1ull << (bits - 1)) - !minus
                        : bits < 64 ? (1ull << bits) - 1
                                    : UINT64_MAX;
  if (magnitude > most) return false;
  const uint64_t value = minus ? 0 - magnitude : magnitude;
  memcpy(out, &value, (size_t)bits / 8);
  return true;
}

/* Whether it is [digits][.digits][e[sign]digits], of any size. */
static bool is_decimal(firn_str t) {
  size_t i = 0, count = 0;
  for (; i < t.size && t.data[i] >= '0' && t.data[i] <= '9'; i++) count++;
  if (i < t.size && t.data[i] == '.') i++;
  for (; i < t.size && t.data[i] >= '0' && t.data[i] <= '9'; i++) count++;
  if (!count) return false;
  if (i < t.size && (t.data[i] | 32) == 'e') {
    i++;
    if (i < t.size && strchr("+-", t.data[i])) i++;
    if (i == t.size) return false;
    while (i < t.size && t.data[i] >= '0' && t.data[i] <= '9') i++;
  }
  return i == t.size;
}

/* What is too large becomes infinite, and nan(word) is NaN. */
static bool real_number(firn_str text, double *out) {
  if (firn_parse_double(text, out)) return true;
  const bool minus = text.size && text.data[0] == '-';
  if (text.size && strchr("+-", text.data[0])) text.data++, text.size--;
  if (is_decimal(text)) {
    *out = minus ? -INFINITY : INFINITY;
    return true;
  }
  if (text.size > 4 && (text.data[0] | 32) == 'n' &&
      (text.data[1] | 32) == 'a' && (text.data[2] | 32) == 'n' &&
      text.data[3] == '(' && text.data[text.size - 1] == ')') {
    *out = NAN;
    return true;
  }
  return false;
}

bool firn_text_number(firn_str text, firn_dtype dtype, void *out) {
  double real;
  text = firn_str_trim(text);
  switch (dtype) {
    case FIRN_INT32: return integer(text, true, 32, out);
    case FIRN_INT64: return integer(text, true, 64, out);
    case FIRN_UINT32: return integer(text, false, 32, out);
    case FIRN_UINT64: return integer(text, false, 64, out);
    case FIRN_DOUBLE: return real_number(text, out);
    case FIRN_FLOAT:
      if (!real_number(text, &real)) return false;
      *(float *)out = (float)real;
      return true;
    default: return false;
  }
}
