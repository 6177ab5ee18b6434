/* ops/segment.h: rows that are reduced by the number of their segment.
 *
 * Threads: pure functions, but for the rows they write.
 */
#ifndef FIRN_OPS_SEGMENT_H
#define FIRN_OPS_SEGMENT_H

#include "ops/combine.h"
#include "ops/indices.h"

/* Writes a number as an element of a real or complex type. */
void firn_put_number(firn_dtype dtype, void *to, double value);

/* The number of rows of a result that sorted segment ids make: the last one
 * + 1. INVALID_ARGUMENT when they are negative or not increasing. */
FIRN_CHECKED firn_code firn_segments_sorted(const firn_tensor *ids,
                                            int64_t *rows, firn_error *err);

/* Row `to` (n elements) becomes the sum, mean or (`root`) sum over the root of
 * `count` rows, of which it holds the sum. */
FIRN_CHECKED firn_code firn_segment_mean(firn_dtype dtype, void *to, size_t n,
                                         int64_t count, bool root,
                                         firn_error *err);

#endif
