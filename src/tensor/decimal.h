/* tensor/decimal.h: the decimal digits of a float element, for print and JSON.
 *
 * Shortest means: as few digits as read back as the same element of its type,
 * so that a half 0.1 is "0.1" and not 0.0999755859375.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_TENSOR_DECIMAL_H
#define FIRN_TENSOR_DECIMAL_H

#include "tensor/tensor.h"

enum { FIRN_DECIMAL_DIGITS = 24 };

/* d.ddd times ten to the exponent; zero has count 1. No trailing zeros. */
typedef struct firn_decimal {
  bool negative;
  int exponent, count;
  char digits[FIRN_DECIMAL_DIGITS];
} firn_decimal;

/* The shortest digits of a finite value of a float type. Complex types stand
 * for the types of their parts. */
firn_decimal firn_decimal_shortest(firn_dtype dtype, double value);

/* The value rounded to `count` significant digits, at most 17. */
firn_decimal firn_decimal_rounded(double value, int count);

/* A value as the element of a type that it rounds to. */
double firn_round_to(firn_dtype dtype, double value);

#endif
