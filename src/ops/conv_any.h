/* ops/conv_any.h: convolutions of any numbers, as the definition says it.
 *
 * For double and int32, where there are no special loops. Channels are in the
 * last axis; weights are [window...][channels / groups][oc]. One output row
 * after another, so that a pool may share them out.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_CONV_ANY_H
#define FIRN_OPS_CONV_ANY_H

#include "ops/geometry.h"

typedef struct firn_conv_any {
  firn_geometry g;
  size_t oc, groups;
} firn_conv_any;

/* y = x * w for float, double or int32 (which wraps around). */
void firn_conv_any_run(const firn_conv_any *conv, firn_dtype dtype,
                       const void *x, const void *w, void *y, firn_pool *pool);

#endif
