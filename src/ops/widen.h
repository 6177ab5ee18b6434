/* ops/widen.h: rows of 16-bit floats as float, and back.
 *
 * Arithmetic on half and bfloat16 is done in float and rounded once. These two
 * turn whole rows around, in loops that the compiler makes vectors of.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_WIDEN_H
#define FIRN_OPS_WIDEN_H

#include "tensor/tensor.h"

static inline bool firn_is_short_float(firn_dtype dtype) {
  return dtype == FIRN_HALF || dtype == FIRN_BFLOAT16;
}

/* `dtype` is half or bfloat16. Rounds to nearest even; NaN stays NaN. The rows
 * do not overlap; `from` of widen may lie at any address. */
void firn_widen(firn_dtype dtype, const void *from, float *to, size_t n);
void firn_narrow(firn_dtype dtype, const float *from, void *to, size_t n);

#endif
