/* ops/products.h: many matrix products at once, of any numbers, with
 * broadcasting.
 *
 *   y[b][i][j] = sum over k of a[b][i][k] * c[b][k][j]
 *
 * for all b of some batch axes, along which a side may repeat (step 0). Each
 * matrix is dense; y lies one product after another. float goes to
 * ops/micro/matmul.h, the other types are done as the definition says.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_PRODUCTS_H
#define FIRN_OPS_PRODUCTS_H

#include "ops/micro/micro.h"
#include "ops/stage.h"

typedef struct firn_side {
  bool transposed, conjugate;
  size_t step[FIRN_MAX_RANK]; /* matrices from one to the next along an axis */
} firn_side;

typedef struct firn_products {
  firn_dtype dtype; /* float, double, int16, int32, int64 or complex */
  size_t m, k, n;
  int rank; /* batch axes */
  size_t dims[FIRN_MAX_RANK];
  firn_side a, b;
} firn_products;

/* Sets batch axes, and steps so that extents of 1 repeat: numpy's rule. a and b
 * are the batch extents of the sides. INVALID_ARGUMENT when they do not
 * broadcast. */
FIRN_CHECKED firn_code firn_products_batch(firn_products *p,
                                           const firn_shape *a,
                                           const firn_shape *b,
                                           firn_error *err);

/* The number of products. */
size_t firn_products_count(const firn_products *p);

/* Bytes of scratch, and the work. */
size_t firn_products_workspace(const firn_products *p, const firn_micro *micro,
                               int threads);
void firn_products_run(const firn_products *p, const firn_micro *micro,
                       const void *a, const void *b, void *y, void *scratch,
                       firn_pool *pool);

#endif
