/* ops/pool_window.h: what poolings and their gradients read from a node.
 *
 * ksize and strides are attrs, or the inputs of the V2 ops. A pooling goes over
 * the axes in space, or (MaxPool alone) over channels.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_POOL_WINDOW_H
#define FIRN_OPS_POOL_WINDOW_H

#include "ops/geometry.h"

typedef struct firn_pool_window {
  firn_geometry g;
  int64_t depth; /* channels to a window: 1 but for a pooling over channels; -1
                    when unknown */
} firn_pool_window;

/* ksize and strides as lists: NULL takes the attrs. `in` is the input's shape;
 * `may_go_deep` allows a pooling over channels. */
FIRN_CHECKED firn_code
firn_pool_window_of(const firn_node *node, int space, const firn_shape *in,
                    const int64_t *ksize, const int64_t *strides,
                    bool may_go_deep, firn_pool_window *out, firn_error *err);

/* The shape of what comes out. */
firn_shape firn_pool_window_shape(const firn_pool_window *w);

#endif
