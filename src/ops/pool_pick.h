/* ops/pool_pick.h: which element of each window is the largest, and what
 * follows.
 *
 * The gradients of max pooling, and MaxPoolWithArgmax, all look for the first
 * largest element of each window, and then move a number between the window and
 * that element. Channels are in the last axis, types are wide (stage.h).
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_POOL_PICK_H
#define FIRN_OPS_POOL_PICK_H

#include "ops/geometry.h"

typedef enum firn_pick_mode {
  FIRN_PICK_SCATTER, /* to[element] += from[window]; `to` starts as zeros */
  FIRN_PICK_GATHER,  /* to[window] = from[element]                         */
  FIRN_PICK_INDEX,   /* to[window] = x[element], index[window] = element   */
} firn_pick_mode;

typedef struct firn_pick {
  firn_pick_mode mode;
  const void *x, *from;
  void *to;
  int64_t *index;    /* counted within the image, or with ...            */
  bool across_batch; /* within the batch                                 */
} firn_pick;

/* `dtype` is float, double or an integer type. */
void firn_pool_pick(const firn_pick *pick, firn_dtype dtype,
                    const firn_geometry *g, firn_pool *pool);

#endif
