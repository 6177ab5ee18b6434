/* ops/stage.h: bring tensors into the form that inner loops take, and back.
 *
 * The loops of products and windows know float (and double, int32) with
 * channels in the last axis. Half and bfloat16 are widened to float, computed,
 * and rounded once; NCHW is turned into NHWC and back. Both copies live in a
 * step's scratch.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_STAGE_H
#define FIRN_OPS_STAGE_H

#include "ops/op.h"
#include "ops/widen.h"

/* Hands out pieces of a step's scratch. prepare walks the same takes with base
 * NULL to learn how much there must be; what it gets then must not be used. */
typedef struct firn_scratch {
  char *base;
  size_t used;
} firn_scratch;

/* `bytes` aligned to 64. */
void *firn_scratch_take(firn_scratch *scratch, size_t bytes);

/* Room for `count` elements of so many bytes; sizes that do not fit in a size_t
 * make `used` SIZE_MAX, which no run gets. */
void *firn_scratch_array(firn_scratch *scratch, size_t count, size_t size);

/* The type that a type is computed in: float for the narrow ones, else itself.
 */
static inline firn_dtype firn_dtype_wide(firn_dtype dtype) {
  return firn_is_short_float(dtype) ? FIRN_FLOAT : dtype;
}

/* y[b][j][i] = x[b][i][j] for elements of 1, 2, 4, 8 or 16 bytes. */
void firn_swap_axes(const void *x, void *y, size_t batch, size_t rows,
                    size_t columns, size_t element_size);

/* How a tensor's elements are to be looked at. */
typedef struct firn_stage {
  firn_dtype dtype;
  bool channels_first; /* and they are wanted last */
  size_t batch, channels, space;
} firn_stage;

/* The elements widened and with channels last: `x` itself when it is so
 * already. */
const void *firn_stage_in(const firn_stage *stage, const void *x,
                          firn_scratch *scratch);

/* Where to compute what is to become `y`: `y` itself when nothing is to be done
 * afterwards; and doing it. */
void *firn_stage_out(const firn_stage *stage, void *y, firn_scratch *scratch);
void firn_stage_done(const firn_stage *stage, const void *computed, void *y,
                     firn_scratch *scratch);

#endif
