/* ops/quantized.h: eight and thirty-two bits that stand for floats between a
 * minimum and a maximum.
 *
 * Of a type's 2^n levels the lowest stands for the minimum, the highest for the
 * maximum. Float and double are mixed here as TensorFlow mixes them: every
 * rounding counts.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_QUANTIZED_H
#define FIRN_OPS_QUANTIZED_H

#include "ops/infer.h"

/* The numbers of a type. */
typedef struct firn_levels {
  double count; /* 256, 2^16, 2^32 */
  int64_t lowest, highest;
} firn_levels;

firn_levels firn_levels_of(firn_dtype dtype);

typedef struct firn_range {
  float min, max;
} firn_range;

/* From the scalar inputs `i` and `j`. */
FIRN_CHECKED firn_code firn_range_of(const firn_run *run, size_t i, size_t j,
                                     firn_range *out, firn_error *err);

/* The level of a float, perhaps beyond the type's; clamped; and the float of a
 * level. */
int64_t firn_level_of(firn_levels l, firn_range r, float x);
int64_t firn_level_within(firn_levels l, firn_range r, float x);
float firn_float_of_level(firn_levels l, firn_range r, int64_t level);

/* The range of sums of products of two types, as int32. */
firn_range firn_range_of_product(firn_levels a, firn_range ra, firn_levels b,
                                 firn_range rb);

/* The range in which sums of the two are taken: 2^spare times as wide as either
 * needs. */
firn_range firn_range_of_sum(firn_range a, firn_range b, int spare);

/* Element i of a quantised tensor, and setting it. */
int64_t firn_quantized_get(const firn_tensor *t, size_t i);
void firn_quantized_put(firn_tensor *t, size_t i, int64_t level);

/* Levels of one range as levels of another. */
void firn_requantize(const firn_tensor *x, size_t from, firn_range rx,
                     firn_tensor *y, size_t to, firn_range ry, size_t count);

/* Outputs 1 and 2. */
void firn_put_range(const firn_run *run, firn_range r);

/* Fails unless inputs [begin, end) are scalars. */
FIRN_CHECKED firn_code firn_infer_ranges(firn_infer *q, size_t begin,
                                         size_t end, firn_error *err);

#endif
