/* ops/column_sums.h: sums down the columns of a matrix of floats.
 *
 * What batch normalisation and the gradients of biases are made of: pixels are
 * the rows, channels the columns. Rows are cut into blocks by the shape alone,
 * each summed in float, the blocks in double; so the error stays small, and
 * threads do not change the bits.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_COLUMN_SUMS_H
#define FIRN_OPS_COLUMN_SUMS_H

#include "base/pool.h"

typedef struct firn_columns {
  const float *x;
  const float *minus; /* subtracted from the rows of x, or NULL           */
  const float *times; /* as many rows as x, multiplied with them, or NULL */
  size_t rows, columns;
} firn_columns;

/* Bytes of scratch. */
size_t firn_column_sums_workspace(size_t rows, size_t columns);

/* out[c] = sum over r of (x[r][c] - minus[c]) * times[r][c]. With times == x
 * the other factor is x[r][c] - minus[c] as well: squares of deviations. */
void firn_column_sums(const firn_columns *c, double *out, void *scratch,
                      firn_pool *pool);

/* Two of them of one shape, reading the rows they share once; twice the
 * scratch. */
void firn_column_sums_pair(const firn_columns c[2], double *const out[2],
                           void *scratch, firn_pool *pool);

/* The same in the order in which TensorFlow adds up moments on a CPU with AVX:
 * four sums of every fourth row for each eight columns, one for the columns
 * that are left. More rounding, but the rounding that a model was trained with,
 * by which near-equal values are told apart. */
void firn_column_sums_in_turn(const firn_columns *c, float *out,
                              firn_pool *pool);

#endif
