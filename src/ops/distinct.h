/* ops/distinct.h: tells equal elements, or equal slices, of a tensor apart.
 *
 * Slice j of a tensor seen as [outer, n, inner] is its elements (o, j, i). A
 * set holds the numbers of slices that differ from each other and finds the
 * one that equals a given slice. Numbers are equal as numbers: -0.0 is 0.0 (but
 * not of 16 bits), and a NaN equals nothing.
 *
 * Ownership: the set borrows the tensors; firn_distinct_fini frees its table.
 * Threads:   confined.
 */
#ifndef FIRN_OPS_DISTINCT_H
#define FIRN_OPS_DISTINCT_H

#include "ops/op.h"

typedef struct firn_slices {
  const firn_tensor *tensor;
  size_t outer, n, inner;
} firn_slices;

typedef struct firn_distinct {
  firn_slices slices;
  firn_allocator alloc;
  uint32_t *table; /* number of a member + 1, or 0 */
  size_t capacity; /* a power of two               */
  size_t *members; /* their slices, in order       */
  size_t count;
} firn_distinct;

/* An empty set for up to all slices of `slices`. RESOURCE_EXHAUSTED. */
FIRN_CHECKED firn_code firn_distinct_init(firn_distinct *set,
                                          const firn_slices *slices,
                                          const firn_env *env, firn_error *err);
void firn_distinct_fini(firn_distinct *set);

/* The member that equals slice j; added if there is none. */
size_t firn_distinct_add(firn_distinct *set, size_t j);

/* Whether slice j of another tensor (of the same type and extents but n) equals
 * a member. */
bool firn_distinct_has(const firn_distinct *set, const firn_slices *other,
                       size_t j);

#endif
