/* ops/handle.c: tensors whose elements are objects, and tensors that objects
 * keep. */
#include "ops/handle.h"

firn_code firn_give_object(const firn_run *run, size_t i, firn_object *object,
                           firn_error *err) {
  const firn_shape scalar = firn_shape_scalar();
  firn_tensor *handle = NULL;
  const firn_code code =
      firn_tensor_make((firn_dtype)run->node->output_types[i], &scalar,
                       &run->env->alloc, &handle, err);
  if (code != FIRN_OK) {
    firn_object_release(object);
    return code;
  }
  *(firn_object **)handle->data = object;
  firn_run_give(run, i, handle);
  return FIRN_OK;
}

firn_code firn_object_of(const firn_tensor *handle,
                         const firn_object_class *class, firn_object **out,
                         firn_error *err) {
  *out = NULL;
  if (!firn_dtype_is_handle(handle->dtype) || handle->count != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a %s tensor of %zu elements is no handle of a %s",
                     firn_dtype_name(handle->dtype), handle->count,
                     class->name);
  firn_object *object = firn_object_at(handle, 0);
  if (!object || object->class != class)
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT, "the handle is of a %s, not of a %s",
        object ? object->class->name : "thing that is not there", class->name);
  *out = object;
  return FIRN_OK;
}

firn_code firn_tensor_settle(firn_tensor *tensor, const firn_allocator *alloc,
                             firn_tensor **out, firn_error *err) {
  const bool aligned = (uintptr_t)tensor->data % 64 == 0 || !tensor->count;
  return tensor->buffer && aligned ? firn_tensor_keep(tensor, alloc, out, err)
                                   : firn_tensor_copy(tensor, alloc, out, err);
}

firn_code firn_shape_of_tensor(const firn_tensor *tensor, firn_shape *out,
                               firn_error *err) {
  if (tensor->shape.rank == 0) {
    if (firn_tensor_i64(tensor, 0) != -1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "a shape given as a scalar must be -1, is %lld",
                       (long long)firn_tensor_i64(tensor, 0));
    *out = firn_shape_unknown();
    return FIRN_OK;
  }
  if (tensor->shape.rank != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a shape must be a vector, has %d axes",
                     tensor->shape.rank);
  if (tensor->count > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "a shape of %zu axes, more than %d", tensor->count,
                     FIRN_MAX_RANK);
  *out = (firn_shape){.rank = (int)tensor->count};
  for (int i = 0; i < out->rank; i++) {
    out->dims[i] = firn_tensor_i64(tensor, (size_t)i);
    if (out->dims[i] < -1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "shape[%d] = %lld must not be below -1", i,
                       (long long)out->dims[i]);
  }
  return FIRN_OK;
}

bool firn_shape_fits(const firn_shape *pattern, const firn_shape *shape) {
  if (pattern->rank < 0) return true;
  if (pattern->rank != shape->rank) return false;
  for (int i = 0; i < shape->rank; i++)
    if (pattern->dims[i] >= 0 && pattern->dims[i] != shape->dims[i])
      return false;
  return true;
}

firn_code firn_scalar_of(const firn_tensor *tensor, const char *what,
                         int64_t *out, firn_error *err) {
  char text[256];
  if (tensor->count != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%s must be a scalar, has shape %s", what,
                     firn_shape_text(&tensor->shape, text));
  *out = firn_tensor_i64(tensor, 0);
  return FIRN_OK;
}

firn_code firn_shape_prepend(int64_t n, const firn_shape *shape,
                             firn_shape *out, firn_error *err) {
  firn_shape result = {.rank = shape->rank + 1, .dims = {n}};
  if (shape->rank >= FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                     FIRN_MAX_RANK);
  for (int i = 0; i < shape->rank; i++) result.dims[i + 1] = shape->dims[i];
  *out = result;
  return FIRN_OK;
}

firn_shape firn_shape_rest(const firn_shape *shape) {
  firn_shape rest = {.rank = shape->rank - 1};
  for (int i = 0; i < rest.rank; i++) rest.dims[i] = shape->dims[i + 1];
  return rest;
}
