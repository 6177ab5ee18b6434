/* tensor/object.h: what resource, variant and reference tensors point to.
 *
 * An element of a resource tensor is a handle of something with state (a
 * variable, a table), of a variant tensor a value that is no array (a tensor
 * list), of a reference tensor the variable that it refers to. All three are
 * one pointer to a firn_object with a count of its owners and a class.
 *
 * Ownership: retain and release; a tensor owns its elements.
 * Threads:   counting is safe; what else is safe, the class says.
 */
#ifndef FIRN_TENSOR_OBJECT_H
#define FIRN_TENSOR_OBJECT_H

#include <stdatomic.h>

#include "base/alloc.h"

typedef struct firn_object firn_object;

typedef struct firn_object_class {
  const char *name; /* "variable", "hash table", "tensor list": for messages */
  void (*free)(firn_object *object);
} firn_object_class;

/* The first member of every class's struct. */
struct firn_object {
  const firn_object_class *class;
  atomic_size_t owners;
};

static inline void firn_object_init(firn_object *object,
                                    const firn_object_class *class) {
  object->class = class;
  atomic_init(&object->owners, 1);
}
static inline firn_object *firn_object_retain(firn_object *object) {
  if (object)
    atomic_fetch_add_explicit(&object->owners, 1, memory_order_relaxed);
  return object;
}
static inline void firn_object_release(firn_object *object) {
  if (object &&
      atomic_fetch_sub_explicit(&object->owners, 1, memory_order_acq_rel) == 1)
    object->class->free(object);
}

#endif
