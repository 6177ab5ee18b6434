/* tensor/decimal.c: shortest and rounded digits, whatever the locale. */
#include "tensor/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

/* Reads "-1.25e-07" or "0.001". What is no digit before the exponent is a
 * point, in whatever form the locale gives it. */
static firn_decimal parse(const char *text) {
  firn_decimal d = {0};
  int before = 0; /* digits in front of the point */
  bool past_point = false, begun = false;
  if (*text == '-') d.negative = true, text++;
  for (; *text && *text != 'e'; text++) {
    if (*text < '0' || *text > '9') {
      past_point = true;
      continue;
    }
    begun = begun || *text != '0';
    if (begun && d.count < FIRN_DECIMAL_DIGITS) d.digits[d.count++] = *text;
    if (begun && !past_point) before++;
    if (!begun && past_point) before--;
  }
  d.exponent = before - 1 + (*text == 'e' ? atoi(text + 1) : 0);
  while (d.count > 1 && d.digits[d.count - 1] == '0') d.count--;
  if (d.count == 0) {
    d.digits[d.count++] = '0';
    d.exponent = 0;
  }
  return d;
}

firn_decimal firn_decimal_rounded(double value, int count) {
  char text[64];
  snprintf(text, sizeof text, "%.*e", count - 1, value);
  return parse(text);
}

double firn_round_to(firn_dtype dtype, double value) {
  const float narrow = (float)value;
  switch ((int)dtype) {
    case FIRN_DOUBLE:
    case FIRN_COMPLEX128: return value;
    case FIRN_FLOAT:
    case FIRN_COMPLEX64: return (double)narrow;
    case FIRN_HALF:
      return (double)firn_half_to_float(firn_half_from_float(narrow));
    case FIRN_BFLOAT16:
      return (double)firn_bfloat16_to_float(firn_bfloat16_from_float(narrow));
    default:
      return (double)firn_float8_to_float(
          dtype, firn_float8_from_float(dtype, narrow));
  }
}

/* The value of the digits; exact enough for types of at most 11 bits. */
static double value_of(const firn_decimal *d) {
  double value = 0;
  for (int i = 0; i < d->count; i++) value = value * 10 + (d->digits[i] - '0');
  value *= pow(10, d->exponent - d->count + 1);
  return d->negative ? -value : value;
}

firn_decimal firn_decimal_shortest(firn_dtype dtype, double value) {
  char text[32];
  if (dtype == FIRN_DOUBLE || dtype == FIRN_COMPLEX128) {
    firn_print_double(text, value);
    return parse(text);
  }
  if (dtype == FIRN_FLOAT || dtype == FIRN_COMPLEX64) {
    firn_print_float(text, (float)value);
    return parse(text);
  }
  for (int count = 1;; count++) { /* five digits tell all halfs apart */
    const firn_decimal d = firn_decimal_rounded(value, count);
    if (count >= 9 || firn_round_to(dtype, value_of(&d)) == value) return d;
  }
}
