/* ops/example_want.c: attrs of the ops that parse Examples, and defaults. */
#include "ops/example_want.h"

firn_code firn_example_list(const firn_node *node, const char *attr,
                            const firn_pb_AttrValue_ListValue **out,
                            firn_error *err) {
  const firn_pb_AttrValue *value = firn_attr(node, attr);
  if (!value || value->value_case != FIRN_ATTR_LIST || !value->list)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "attr '%s' is no list", attr);
  *out = value->list;
  return FIRN_OK;
}

firn_code firn_example_key(const firn_node *node, const char *attr, size_t i,
                           firn_str *out, firn_error *err) {
  const firn_pb_AttrValue_ListValue *keys;
  FIRN_TRY(firn_example_list(node, attr, &keys, err));
  if (i >= keys->s_count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "attr '%s' has no key %zu",
                     attr, i);
  *out = keys->s[i];
  return FIRN_OK;
}

firn_code firn_example_shape(const firn_node *node, const char *attr, size_t i,
                             firn_shape *out, firn_error *err) {
  const firn_pb_AttrValue_ListValue *shapes;
  FIRN_TRY(firn_example_list(node, attr, &shapes, err));
  if (i >= shapes->shape_count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "attr '%s' has no shape %zu",
                     attr, i);
  return firn_shape_from_proto(shapes->shape[i], out, err);
}

firn_code firn_example_check_type(firn_str key, firn_dtype dtype,
                                  firn_error *err) {
  if (dtype == FIRN_FLOAT || dtype == FIRN_INT64 || dtype == FIRN_STRING)
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "feature '%.*s' cannot be %s: only float32, int64, string",
                   FIRN_ARG(key), firn_dtype_name(dtype));
}

firn_code firn_example_check_count(const firn_node *node, const char *count,
                                   const char *types, firn_error *err) {
  const size_t want = firn_attr_type_count(node, types);
  const int64_t have = firn_attr_int_or(node, count, (int64_t)want);
  if (have == (int64_t)want) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "attr '%s' is %lld, but attr '%s' has %zu types", count,
                   (long long)have, types, want);
}

firn_code firn_example_check_lists(const firn_node *node, const char *a,
                                   const char *b, firn_error *err) {
  const size_t first = firn_attr_type_count(node, a),
               second = firn_attr_type_count(node, b);
  if (first == second) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "attr '%s' has %zu types, '%s' %zu", a, first, b, second);
}

firn_code firn_example_pad(const firn_tensor *other, firn_tensor *to, size_t at,
                           size_t count, firn_error *err) {
  const size_t size = firn_dtype_size(to->dtype);
  char *start = (char *)to->data + at * size;
  if (!count) return FIRN_OK;
  if (!other || !other->count) {
    if (to->dtype != FIRN_STRING) memset(start, 0, count * size);
    return FIRN_OK;
  }
  for (size_t k = 0; k < count; k += other->count)
    if (!firn_elements_copy(to->dtype, start + k * size, other->data,
                            other->count))
      return firn_oom(err, count * size);
  return FIRN_OK;
}
