/* ops/array.h: a TensorArray: numbered tensors that are written once and read.
 *
 * Unlike a tensor list it is a thing with state, made anew in every run. A
 * gradient array belongs to the array that it is the gradient of: the one that
 * every gradient op of the same source gets. It sums what is written to it.
 *
 * Ownership: read gives the caller a reference; an array owns its gradients.
 * Threads:   safe.
 */
#ifndef FIRN_OPS_ARRAY_H
#define FIRN_OPS_ARRAY_H

#include "ops/op.h"

typedef struct firn_array firn_array;
extern const firn_object_class firn_array_class;

/* What the op says of an array; `shape` is the elements', perhaps unknown. */
typedef struct firn_array_traits {
  firn_dtype dtype;
  firn_shape shape;
  bool dynamic;   /* writing behind the end makes it longer                 */
  bool clears;    /* an element is gone once it was read                    */
  bool identical; /* the first element decides the shape of all             */
  bool gradient;  /* writes are summed, and what was not written is zero    */
} firn_array_traits;

FIRN_CHECKED firn_code firn_array_new(const firn_env *env,
                                      const firn_array_traits *traits,
                                      int64_t size, firn_array **out,
                                      firn_error *err);

/* The gradient of `array` for that source: made when it is asked for first, its
 * elements' shapes those of the array behind `prepend` (may be NULL). The
 * caller releases it. */
FIRN_CHECKED firn_code firn_array_gradient(firn_array *array,
                                           const firn_env *env, firn_str source,
                                           const firn_shape *prepend,
                                           firn_array **out, firn_error *err);

firn_dtype firn_array_dtype(const firn_array *array);
bool firn_array_dynamic(firn_array *array);
FIRN_CHECKED firn_code firn_array_size(firn_array *array, size_t *out,
                                       firn_error *err);

/* The elements' shape; and merging into it what an op knows. */
firn_shape firn_array_shape(firn_array *array);
FIRN_CHECKED firn_code firn_array_refine(firn_array *array,
                                         const firn_shape *shape,
                                         firn_error *err);

/* Writes element i; `value` must be of the array's type, and is retained. */
FIRN_CHECKED firn_code firn_array_write(firn_array *array, const firn_env *env,
                                        int64_t i, firn_tensor *value,
                                        firn_error *err);
FIRN_CHECKED firn_code firn_array_read(firn_array *array, const firn_env *env,
                                       int64_t i, firn_tensor **out,
                                       firn_error *err);

/* Lets go of all elements; whatever comes after fails. */
void firn_array_close(firn_array *array);

#endif
