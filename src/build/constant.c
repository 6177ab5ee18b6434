/* build/constant.c: Const nodes. */
#include "build/builder.h"

firn_output firn_const(firn_builder *b, const char *name,
                       const firn_tensor *value) {
  if (!value) {
    firn_builder_fail(b, FIRN_INVALID_ARGUMENT, "constant '%s' has no value",
                      name ? name : "Const");
    return FIRN_NO_OUTPUT;
  }
  firn_op_begin(b, "Const", name);
  firn_op_attr_type(b, "dtype", value->dtype);
  firn_op_attr_tensor(b, "value", value);
  return firn_op_end(b);
}

/* A constant over elements of the caller's; rank 0 or 1. */
static firn_output constant(firn_builder *b, const char *name, firn_dtype dtype,
                            int rank, const void *items, size_t count) {
  const firn_tensor value = {
      .dtype = dtype,
      .shape = {.rank = rank, .dims = {(int64_t)count}},
      .count = count,
      .data = (void *)items,
  };
  return firn_const(b, name, &value);
}

firn_output firn_const_float(firn_builder *b, const char *name, float value) {
  return constant(b, name, FIRN_FLOAT, 0, &value, 1);
}

firn_output firn_const_int32(firn_builder *b, const char *name, int32_t value) {
  return constant(b, name, FIRN_INT32, 0, &value, 1);
}

firn_output firn_const_int64(firn_builder *b, const char *name, int64_t value) {
  return constant(b, name, FIRN_INT64, 0, &value, 1);
}

firn_output firn_const_bool(firn_builder *b, const char *name, bool value) {
  return constant(b, name, FIRN_BOOL, 0, &value, 1);
}

firn_output firn_const_ints(firn_builder *b, const char *name,
                            const int32_t *values, size_t count) {
  return constant(b, name, FIRN_INT32, 1, values, count);
}

firn_output firn_const_string(firn_builder *b, const char *name,
                              const char *value) {
  firn_tstring text = {.words = {0}};
  firn_error err = FIRN_ERROR_INIT;
  if (!firn_tstring_set(&text, firn_str_of(value))) {
    (void)firn_builder_ok(b, firn_oom(&err, strlen(value)), &err);
    return FIRN_NO_OUTPUT;
  }
  const firn_output out = constant(b, name, FIRN_STRING, 0, &text, 1);
  firn_tstring_fini(&text);
  return out;
}
