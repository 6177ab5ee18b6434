/* ops/blame.c: the node that refused, and its inputs in a line. */
#include "ops/blame.h"

#include <inttypes.h>

#include "base/text.h"

enum { MOST_INPUTS = 6, MOST_VALUES = 8, LONGEST_STRING = 40 };

static bool is_any(firn_dtype dtype, firn_dtypes types) {
  return !firn_dtype_is_ref(dtype) && (FIRN_BIT(dtype) & types);
}

static void put_element(firn_buf *out, const firn_tensor *t, size_t i) {
  if (t->dtype == FIRN_STRING) {
    const firn_str s = firn_tstring_get((const firn_tstring *)t->data + i);
    const bool is_long = s.size > LONGEST_STRING;
    firn_buf_printf(out, "'%.*s%s'", is_long ? LONGEST_STRING : (int)s.size,
                    s.data, is_long ? "..." : "");
  } else if (is_any(t->dtype, FIRN_FLOATS)) {
    firn_buf_printf(out, "%g", firn_tensor_f64(t, i));
  } else {
    firn_buf_printf(out, "%" PRId64, firn_tensor_i64(t, i));
  }
}

static void put_tensor(firn_buf *out, const firn_tensor *t) {
  for (size_t i = 0; i < t->count; i++) {
    if (i) firn_buf_puts(out, ", ");
    put_element(out, t, i);
  }
}

static void put_ints(firn_buf *out, const int64_t *ints, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (i) firn_buf_puts(out, ", ");
    if (ints[i] == FIRN_UNKNOWN_INT)
      firn_buf_puts(out, "?");
    else
      firn_buf_printf(out, "%" PRId64, ints[i]);
  }
}

/* The elements, where they are few and can be told in a few characters. */
static void put_values(firn_buf *out, const firn_info *info) {
  const firn_tensor *t = info->value;
  int64_t count;
  if (!firn_shape_known(&info->shape) ||
      !firn_shape_count(&info->shape, &count) || count < 1 ||
      count > MOST_VALUES)
    return;
  const bool told =
      t && is_any(t->dtype, FIRN_FLOATS | FIRN_INTS | FIRN_BIT(FIRN_BOOL) |
                                FIRN_BIT(FIRN_STRING));
  if (!told && !info->ints) return;
  firn_buf_puts(out, " {");
  if (told)
    put_tensor(out, t);
  else
    put_ints(out, info->ints, (size_t)count);
  firn_buf_puts(out, "}");
}

/* params = 'table' float32 [5,2] */
static void put_input(firn_buf *out, const firn_node *node, size_t i,
                      firn_str name, const firn_info *info) {
  char shape[256];
  if (out->size) firn_buf_puts(out, ", ");
  firn_buf_printf(out, "%.*s", FIRN_ARG(name));
  if (i < node->def->input_count)
    firn_buf_printf(out, " = '%.*s'", FIRN_ARG(node->def->input[i]));
  firn_buf_printf(out, " %s %s", firn_dtype_name(info->dtype),
                  firn_shape_text(&info->shape, shape));
  put_values(out, info);
}

static void list_inputs(const firn_node *node, const firn_info *in,
                        size_t count, firn_error *err) {
  firn_arg_walk walk = firn_walk_inputs(node);
  firn_buf line;
  firn_buf_init(&line, NULL);
  for (size_t i = 0; i < count && firn_arg_next(&walk) >= 0; i++) {
    if (i == MOST_INPUTS) {
      firn_buf_puts(&line, ", ...");
      break;
    }
    if (in[i].dtype)
      put_input(&line, node, i, walk.args[walk.arg - 1]->name, &in[i]);
  }
  if (line.size && !line.failed)
    firn_error_add(err, "%.*s", (int)line.size, (const char *)line.data);
  firn_buf_fini(&line);
}

firn_code firn_node_failed(const firn_node *node, const firn_info *in,
                           size_t count, firn_code code, firn_error *err) {
  if (!err || code == FIRN_OK) return code;
  const bool blames =
      code == FIRN_INVALID_ARGUMENT || code == FIRN_OUT_OF_RANGE;
  if (in && blames && node->type->def && !firn_error_count(err))
    list_inputs(node, in, count, err);
  return firn_while(err, code, "node '%.*s' (%.*s)", FIRN_ARG(node->def->name),
                    FIRN_ARG(node->def->op));
}
