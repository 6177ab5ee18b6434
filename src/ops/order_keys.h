/* ops/order_keys.h: numbers of any real type as unsigned integers in the same
 * order, so that sorting and searching are written once.
 *
 * 0.0 and -0.0 get one key. A NaN gets the lowest key, 0; no number has that
 * one, except of the integer types, which have no NaN.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_ORDER_KEYS_H
#define FIRN_OPS_ORDER_KEYS_H

#include "ops/op.h"

#define FIRN_ORDERED (FIRN_FLOATS | FIRN_INTS | FIRN_BIT(FIRN_BOOL))

/* keys[i] = key of element i * stride of `data`, i < n. */
void firn_order_keys(firn_dtype dtype, const void *data, size_t stride,
                     size_t n, uint64_t *keys);

/* The keys of the lowest and highest finite numbers of a type. */
uint64_t firn_lowest_key(firn_dtype dtype);
uint64_t firn_highest_key(firn_dtype dtype);

#endif
