/* ops/handle.h: tensors whose elements are objects, and tensors that objects
 * keep.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_HANDLE_H
#define FIRN_OPS_HANDLE_H

#include "ops/op.h"

/* Makes output i a scalar that holds `object`; takes over the reference to it,
 * also when it fails. */
FIRN_CHECKED firn_code firn_give_object(const firn_run *run, size_t i,
                                        firn_object *object, firn_error *err);

/* The object of that class behind a resource, variant or reference tensor of
 * one element, borrowed. */
FIRN_CHECKED firn_code firn_object_of(const firn_tensor *handle,
                                      const firn_object_class *class,
                                      firn_object **out, firn_error *err);

/* Element i of a resource, variant or reference tensor, borrowed; may be NULL.
 */
static inline firn_object *firn_object_at(const firn_tensor *t, size_t i) {
  return ((firn_object *const *)t->data)[i];
}

/* A tensor that may be kept for as long as one likes and given to any kernel:
 * it owns its bytes, at an aligned address. `tensor` itself, retained, when it
 * is so. */
FIRN_CHECKED firn_code firn_tensor_settle(firn_tensor *tensor,
                                          const firn_allocator *alloc,
                                          firn_tensor **out, firn_error *err);

/* A shape that arrives as the value of a tensor: a vector of extents, -1 for
 * unknown ones, or the scalar -1 for an unknown rank. */
FIRN_CHECKED firn_code firn_shape_of_tensor(const firn_tensor *tensor,
                                            firn_shape *out, firn_error *err);

/* Whether a known shape is one that `pattern`, with unknown parts, allows. */
bool firn_shape_fits(const firn_shape *pattern, const firn_shape *shape);

/* The single int32 or int64 of a steering input: INVALID_ARGUMENT names it
 * when it has another number of elements. */
FIRN_CHECKED firn_code firn_scalar_of(const firn_tensor *tensor,
                                      const char *what, int64_t *out,
                                      firn_error *err);

/* Puts `n` in front of a shape; RESOURCE_EXHAUSTED when it has no room. */
FIRN_CHECKED firn_code firn_shape_prepend(int64_t n, const firn_shape *shape,
                                          firn_shape *out, firn_error *err);

/* The shape without its first axis, which it has. */
firn_shape firn_shape_rest(const firn_shape *shape);

#endif
