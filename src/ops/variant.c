/* ops/variant.c: a variant that holds a tensor. */
#include "ops/variant.h"

#include "ops/walk.h"

typedef struct held {
  firn_object object;
  firn_allocator alloc;
  firn_tensor *tensor;
} held;

static void free_held(firn_object *object) {
  held *h = (held *)object;
  const firn_allocator alloc = h->alloc;
  firn_tensor_release(h->tensor);
  firn_delete(&alloc, h, sizeof *h);
}

static const firn_object_class held_class = {"tensor", free_held};

firn_code firn_variant_new(firn_dtype dtype, const firn_shape *shape,
                           const void *data, const firn_env *env,
                           firn_object **out, firn_error *err) {
  held *h = firn_new_zeroed(&env->alloc, sizeof *h);
  if (!h) return firn_oom(err, sizeof *h);
  firn_object_init(&h->object, &held_class);
  h->alloc = env->alloc;
  firn_code code = firn_tensor_make(dtype, shape, &env->alloc, &h->tensor, err);
  if (code == FIRN_OK && h->tensor->count)
    code = firn_copy(dtype, h->tensor->data, data, h->tensor->count, err);
  if (code == FIRN_OK)
    *out = &h->object;
  else
    firn_object_release(&h->object);
  return code;
}

firn_tensor *firn_variant_tensor(const firn_object *object) {
  return object && object->class == &held_class ? ((const held *)object)->tensor
                                                : NULL;
}
