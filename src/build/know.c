/* build/know.c: shapes, types and small values flow through a graph by its ops'
 * shape functions. */
#include "build/know.h"

#include "ops/eval.h"

static bool op_is(const firn_node *node, const char *name) {
  return firn_str_is(node->def->op, name);
}

/* ---- Constants ---------------------------------------------------------- */

/* A tensor in the arena: it has no owners to count. */
static firn_tensor *keep_value(const firn_tensor *tensor, firn_arena *arena) {
  const size_t size = tensor->count * firn_dtype_size(tensor->dtype);
  firn_tensor *kept = firn_arena_zeroed(arena, sizeof *kept);
  void *data = firn_arena_alloc(arena, size);
  if (!kept || !data) return NULL;
  memcpy(data, tensor->data, size);
  kept->dtype = tensor->dtype;
  kept->shape = tensor->shape;
  kept->count = tensor->count;
  kept->data = data;
  return kept;
}

/* The shape of a constant, and its elements when they are a few numbers. */
static firn_code know_constant(const firn_node *node, firn_arena *arena,
                               firn_info *out, firn_error *err) {
  const firn_pb_AttrValue *value = firn_attr(node, "value");
  firn_dtype dtype;
  firn_shape shape;
  firn_tensor *tensor = NULL;
  int64_t count;
  if (!value || value->value_case != FIRN_ATTR_TENSOR || !value->tensor)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "no value");
  FIRN_TRY(firn_tensor_proto_look(value->tensor, &dtype, &shape, err));
  if (dtype != out->dtype)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "the value is %s, not %s",
                     firn_dtype_name(dtype), firn_dtype_name(out->dtype));
  out->shape = shape;
  if (!firn_dtype_is_plain(dtype) || !firn_shape_count(&shape, &count) ||
      count > FIRN_MAX_INTS)
    return FIRN_OK;
  FIRN_TRY(
      firn_tensor_from_proto(value->tensor, &node->graph->env, &tensor, err));
  *out = firn_info_of(tensor, arena);
  out->value = keep_value(tensor, arena);
  firn_tensor_release(tensor);
  return FIRN_OK;
}

/* ---- Merges ------------------------------------------------------------- */

/* What all inputs of a Merge that are known by now have in common; a loop's
 * back edge is not known yet, so extents may change: nothing is sure. */
static void know_merge(const firn_node *node, firn_info *const *infos,
                       firn_info *out) {
  bool first = true;
  for (uint32_t i = 0; i < node->input_count; i++) {
    const firn_edge e = node->inputs[i];
    if (e.node == FIRN_NO_NODE || !infos[e.node] ||
        e.output >= node->graph->nodes[e.node]->output_count) {
      out->shape = firn_shape_unknown();
      return;
    }
    const firn_info *in = &infos[e.node][e.output];
    if (first) {
      out->shape = in->shape;
    } else if (out->shape.rank != in->shape.rank) {
      out->shape = firn_shape_unknown();
    } else {
      for (int k = 0; k < in->shape.rank; k++)
        if (out->shape.dims[k] != in->shape.dims[k])
          out->shape.dims[k] = FIRN_UNKNOWN_DIM;
    }
    first = false;
  }
}

/* ---- Calls -------------------------------------------------------------- */

/* If, While and calls may say the shapes of what they return. */
static void know_call(const firn_node *node, firn_info *out) {
  const firn_pb_AttrValue *value = firn_attr(node, "output_shapes");
  if (!value || value->value_case != FIRN_ATTR_LIST || !value->list ||
      value->list->shape_count != node->output_count)
    return;
  for (uint32_t k = 0; k < node->output_count; k++)
    if (firn_shape_from_proto(value->list->shape[k], &out[k].shape, NULL) !=
        FIRN_OK)
      out[k].shape = firn_shape_unknown();
}

static bool is_call(const firn_node *node) {
  static const char *const ops[] = {"If", "StatelessIf", "While",
                                    "StatelessWhile", "Case"};
  for (size_t i = 0; i < FIRN_COUNT(ops); i++)
    if (op_is(node, ops[i])) return true;
  return false;
}

/* ---- A node ------------------------------------------------------------- */

static firn_code know_by_op(const firn_node *node, firn_info *const *infos,
                            firn_arena *arena, firn_info *out,
                            firn_error *err) {
  const firn_op *op = firn_op_of(node);
  firn_info *in = firn_arena_array(arena, node->input_count, sizeof *in);
  firn_info *fresh = firn_arena_array(arena, node->output_count, sizeof *fresh);
  if (!in || !fresh) return firn_oom(err, node->output_count * sizeof *fresh);
  for (uint32_t i = 0; i < node->input_count; i++) {
    const firn_edge e = node->inputs[i];
    if (e.node == FIRN_NO_NODE || !infos[e.node] ||
        e.output >= node->graph->nodes[e.node]->output_count)
      return FIRN_OK;
    in[i] = infos[e.node][e.output];
  }
  if (!op || !op->infer)
    return firn_check_node(node, in, node->input_count, err);
  FIRN_TRY(firn_infer_node(node, in, node->input_count, fresh,
                           node->output_count, arena, err));
  memcpy(out, fresh, node->output_count * sizeof *fresh);
  if (is_call(node)) know_call(node, out);
  return FIRN_OK;
}

firn_code firn_know_node(const firn_node *node, firn_info *const *infos,
                         firn_arena *arena, firn_info **result,
                         firn_error *err) {
  firn_info *out =
      firn_arena_array(arena, (size_t)node->output_count + 1, sizeof *out);
  *result = out;
  if (!out) return firn_oom(err, sizeof *out);
  for (uint32_t k = 0; k < node->output_count; k++) {
    out[k].dtype = (firn_dtype)node->output_types[k];
    out[k].shape = out[k].handle_shape = firn_shape_unknown();
  }
  if (node->output_count && op_is(node, "Const")) {
    const firn_code code = know_constant(node, arena, out, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "node '%.*s' (Const)",
                        FIRN_ARG(node->def->name));
    return FIRN_OK;
  }
  if (node->output_count && (op_is(node, "Merge") || op_is(node, "RefMerge"))) {
    know_merge(node, infos, out);
    return FIRN_OK;
  }
  return know_by_op(node, infos, arena, out, err);
}

firn_info **firn_know_graph(const firn_graph *graph, firn_arena *arena) {
  const uint32_t n = graph->node_count;
  firn_info **infos = firn_arena_array(arena, (size_t)n + 1, sizeof(*infos));
  bool *marks = firn_arena_array(arena, n, sizeof *marks);
  uint32_t *order = firn_arena_array(arena, n, sizeof *order);
  size_t count = 0;
  if (!infos || !marks || !order) return NULL;
  memset(marks, 1, n * sizeof *marks);
  if (firn_graph_order(graph, marks, order, &count, NULL) != FIRN_OK)
    count = 0; /* a cycle: nothing but types is known */
  for (size_t i = 0; i < count; i++)
    (void)firn_know_node(graph->nodes[order[i]], infos, arena, &infos[order[i]],
                         NULL);
  for (uint32_t i = 0; i < n; i++)
    if (!infos[i])
      (void)firn_know_node(graph->nodes[i], infos, arena, &infos[i], NULL);
  return infos;
}
