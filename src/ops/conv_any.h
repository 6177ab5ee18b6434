/* ops/conv_any.h: convolutions of any numbers, and their gradients, as the
 * definition says it.
 *
 * For double and int32 (which wraps around), where there are no special loops,
 * and for float where they would not pay. Channels are in the last axis,
 * filters are [window][channels / groups][oc].
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_CONV_ANY_H
#define FIRN_OPS_CONV_ANY_H

#include "ops/conv_layout.h"

/* y = x * w; dx from dy and w; dw from x and dy. The result is overwritten. */
void firn_conv_any_run(const firn_conv_layout *l, firn_dtype dtype,
                       const void *x, const void *w, void *y, firn_pool *pool);
void firn_conv_any_input(const firn_conv_layout *l, firn_dtype dtype,
                         const void *dy, const void *w, void *dx,
                         firn_pool *pool);
void firn_conv_any_filter(const firn_conv_layout *l, firn_dtype dtype,
                          const void *x, const void *dy, void *dw);

#endif
