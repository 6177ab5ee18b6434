/* tensor/compare.h: by how much the elements of two tensors differ.
 *
 * The call adds up, so that a tensor that is too large for memory can be
 * compared by windows:
 *
 *   firn_difference sum = {.count = 0};
 *   while (read_window(&a, &b, &n))
 *     firn_compare_elements(FIRN_FLOAT, a, b, n, &tolerance, &sum);
 *
 * Threads: pure functions.
 */
#ifndef FIRN_TENSOR_COMPARE_H
#define FIRN_TENSOR_COMPARE_H

#include "tensor/tensor.h"

/* Compares `count` elements of a type that is no handle. NaN equals NaN, and
 * zero equals minus zero. */
void firn_compare_elements(firn_dtype dtype, const void *a, const void *b,
                           size_t count, const firn_tolerance *tolerance,
                           firn_difference *out);

#endif
