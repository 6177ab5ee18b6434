/* ops/combine.h: x = x op y over arrays of any type, for ops that change a
 * tensor in place: assignments to variables and scatters.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_COMBINE_H
#define FIRN_OPS_COMBINE_H

#include "ops/op.h"

typedef enum firn_combine {
  FIRN_COMBINE_SET,
  FIRN_COMBINE_ADD,
  FIRN_COMBINE_SUB,
  FIRN_COMBINE_MUL,
  FIRN_COMBINE_DIV,
  FIRN_COMBINE_MIN,
  FIRN_COMBINE_MAX,
} firn_combine;

/* x[i] = x[i] op y[i * step], step 0 or 1; integers wrap around. False when an
 * integer is divided by zero, or memory for a string is short. */
typedef bool (*firn_combine_fn)(void *x, const void *y, size_t n, size_t step);

/* The function for numbers, or NULL where the type has no such arithmetic
 * (complex numbers have no order, strings have none at all). */
firn_combine_fn firn_combine_of(firn_combine op, firn_dtype dtype);

/* The same for any type, SET included. */
FIRN_CHECKED firn_code firn_combine_run(firn_combine op, firn_dtype dtype,
                                        void *x, const void *y, size_t n,
                                        size_t step, firn_error *err);

#endif
