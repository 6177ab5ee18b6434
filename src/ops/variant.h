/* ops/variant.h: a variant that holds a tensor.
 *
 * Ownership: the object owns its tensor.
 * Threads:   immutable.
 */
#ifndef FIRN_OPS_VARIANT_H
#define FIRN_OPS_VARIANT_H

#include "ops/op.h"

/* An object that holds a copy of n elements under that shape. */
FIRN_CHECKED firn_code firn_variant_new(firn_dtype dtype,
                                        const firn_shape *shape,
                                        const void *data, const firn_env *env,
                                        firn_object **out, firn_error *err);

/* The tensor that it holds, borrowed; NULL when it is something else. */
firn_tensor *firn_variant_tensor(const firn_object *object);

#endif
