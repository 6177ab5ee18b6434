/* ops/reduce.h: folds axes of a tensor away: sums, products, largest numbers.
 *
 * A reducer is a handful of rows over accumulators. The driver merges axes that
 * lie one behind the other, and then goes either along rows (the innermost axis
 * is folded away) or down columns (it stays).
 *
 * The order of the additions follows from the shapes alone, and is a tree: the
 * rounding error grows with the logarithm of the number of elements.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_REDUCE_H
#define FIRN_OPS_REDUCE_H

#include "ops/elementwise.h"

typedef enum firn_fold {
  FIRN_FOLD_NONE,
  FIRN_FOLD_SUM,
  FIRN_FOLD_MAX
} firn_fold;

/* How to reduce one type. Half and bfloat16 are reduced as float. */
typedef struct firn_reducer {
  size_t size; /* bytes of an accumulator, at most 16; 0: no such type   */
  void (*start)(void *acc, size_t n); /* fills with what changes nothing  */
  firn_row1 take;                     /* element to accumulator; NULL: as is */
  firn_row2 join;                     /* two accumulators                 */
  /* Accumulators of `count` elements each to results; NULL: as they are. */
  void (*finish)(const void *acc, void *y, size_t n, size_t count);
  int micro;      /* FIRN_MICRO of a firn_binary that joins floats, or 0  */
  firn_fold fold; /* the loop of ops/micro that folds a row of floats     */
} firn_reducer;

/* By type, FIRN_ROW_TYPES of them. */
typedef const firn_reducer *firn_reducers;

/* Input 0 is folded along the axes that input 1 holds; attr keep_dims. */
firn_code firn_infer_reduce(firn_infer *q, firn_error *err);

/* The kernel's micro.table is a firn_reducers. */
firn_code firn_drive_reduce(const firn_run *run, firn_error *err);

#endif
