/* ops/blame.c: the node that refused, and its inputs in a line. */
#include "ops/blame.h"

#include <inttypes.h>

#include "base/text.h"
#include "ops/tensor_text.h"

enum { MOST_INPUTS = 6, MOST_VALUES = 8, LONGEST_STRING = 40 };

static bool is_short(const firn_tensor *t) {
  for (size_t i = 0; t->dtype == FIRN_STRING && i < t->count; i++)
    if (firn_tstring_get((const firn_tstring *)t->data + i).size >
        LONGEST_STRING)
      return false;
  return t->count <= MOST_VALUES;
}

/* Handles and what they stand for are not told. */
static bool is_told(const firn_tensor *t) {
  const firn_dtypes told =
      FIRN_NUMBERS | FIRN_BIT(FIRN_BOOL) | FIRN_BIT(FIRN_STRING);
  return t && t->count && !firn_dtype_is_ref(t->dtype) &&
         (FIRN_BIT(t->dtype) & told) && is_short(t);
}

/* A vector of which the planner knows some elements. */
static void put_ints(firn_buf *out, const int64_t *ints, int64_t count) {
  firn_buf_puts(out, "[");
  for (int64_t i = 0; i < count; i++) {
    if (i) firn_buf_puts(out, " ");
    if (ints[i] == FIRN_UNKNOWN_INT)
      firn_buf_puts(out, "?");
    else
      firn_buf_printf(out, "%" PRId64, ints[i]);
  }
  firn_buf_puts(out, "]");
}

/* The elements, where they are few and can be told in a few characters. */
static void put_values(firn_buf *out, const firn_info *info) {
  int64_t count;
  if (is_told(info->value)) {
    firn_buf_puts(out, " = ");
    firn_text_tensor(out, info->value, -1);
  } else if (info->ints && info->shape.rank == 1 &&
             firn_shape_count(&info->shape, &count) && count <= MOST_VALUES) {
    firn_buf_puts(out, " = ");
    put_ints(out, info->ints, count);
  }
}

/* indices ('ids' int32 [2]) = [1 7] */
static void put_input(firn_buf *out, const firn_node *node, size_t i,
                      firn_str name, const firn_info *info) {
  char shape[256];
  if (out->size) firn_buf_puts(out, ", ");
  firn_buf_printf(out, "%.*s (", FIRN_ARG(name));
  if (i < node->def->input_count)
    firn_buf_printf(out, "'%.*s' ", FIRN_ARG(node->def->input[i]));
  firn_buf_printf(out, "%s %s)", firn_dtype_name(info->dtype),
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
