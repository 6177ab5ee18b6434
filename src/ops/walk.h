/* ops/walk.h: copies a box of elements from one strided place to another.
 *
 * Transposing, slicing, tiling, padding, joining and splitting are one thing:
 *
 *   for (i0 < dim[0]) for (i1 < dim[1]) ...
 *     to[i0 * to0 + i1 * to1 + ...] = from[i0 * from0 + i1 * from1 + ...]
 *
 * A walk says the extents and the strides (in elements; 0 repeats, negative
 * goes backwards). Axes that lie one behind the other on both sides become one,
 * so a plain copy ends up as one memcpy. No element of `to` may be written
 * twice.
 *
 *   firn_walk w = {0};
 *   firn_walk_axis(&w, rows, 1, columns);
 *   firn_walk_axis(&w, columns, rows, 1);
 *   FIRN_TRY(firn_walk_run(&w, x->dtype, x->data, y->data, run, err));
 *
 * Elements of any type and at any address: strings are copied, handles
 * retained.
 *
 * Threads: a walk is a plain value; running shares the work out.
 */
#ifndef FIRN_OPS_WALK_H
#define FIRN_OPS_WALK_H

#include "ops/op.h"

enum { FIRN_WALK_RANK = 2 * FIRN_MAX_RANK };

typedef struct firn_walk {
  int rank;
  bool empty; /* some extent is 0 */
  int64_t dims[FIRN_WALK_RANK], from[FIRN_WALK_RANK], to[FIRN_WALK_RANK];
} firn_walk;

/* Adds an axis inside the ones before it. At most FIRN_WALK_RANK. */
void firn_walk_axis(firn_walk *walk, int64_t dim, int64_t from, int64_t to);

/* The strides of a row-major tensor. Of a shape with no elements they mean
 * nothing, and do not overflow. */
void firn_strides(const firn_shape *shape, int64_t *strides);

FIRN_CHECKED firn_code firn_walk_run(const firn_walk *walk, firn_dtype dtype,
                                     const void *from, void *to,
                                     const firn_run *run, firn_error *err);

/* Copies n elements that lie together; RESOURCE_EXHAUSTED when there is no
 * memory for a string. */
FIRN_CHECKED firn_code firn_copy(firn_dtype dtype, void *to, const void *from,
                                 size_t n, firn_error *err);

/* Element `at` of an array of a type. */
static inline void *firn_at(const void *data, firn_dtype dtype, int64_t at) {
  return (char *)(uintptr_t)data + at * (int64_t)firn_dtype_size(dtype);
}

/* Fills with zeros: numbers 0, strings empty, handles NULL. */
void firn_fill_zero(firn_tensor *tensor);

/* Sets n elements to the one at `value`. */
FIRN_CHECKED firn_code firn_fill(firn_dtype dtype, void *to, const void *value,
                                 size_t n, firn_error *err);

#endif
