/* runtime/infer_graph.c: walk a whole graph with its shape functions. */
#include "runtime/infer_graph.h"

#include "ops/eval.h"

static bool op_is(const firn_node *node, const char *name) {
  return firn_str_is(node->def->op, name);
}

/* The shape of a constant, and its elements when they are a few integers. */
static void know_constant(const firn_node *node, firn_arena *arena,
                          firn_info *out) {
  const firn_pb_AttrValue *value = firn_attr(node, "value");
  const firn_graph *graph = node->graph;
  firn_dtype dtype;
  firn_shape shape;
  firn_tensor *tensor = NULL;
  int64_t count;
  if (!value || value->value_case != 8 || !value->tensor ||
      firn_tensor_proto_look(value->tensor, &dtype, &shape, NULL) != FIRN_OK)
    return;
  out->shape = shape;
  if ((dtype != FIRN_INT32 && dtype != FIRN_INT64) || shape.rank > 1 ||
      !firn_shape_count(&shape, &count) || count > FIRN_MAX_INTS ||
      firn_tensor_from_proto(value->tensor, &graph->env, &tensor, NULL) !=
          FIRN_OK)
    return;
  *out = firn_info_of(tensor, arena);
  out->value = NULL; /* the integers are what others look at */
  firn_tensor_release(tensor);
}

/* What all inputs of a Merge that are known by now have in common; a loop's
 * back edge is not known yet, so extents may change: only the rank is sure. */
static void know_merge(const firn_node *node, firn_info **infos,
                       firn_info *out) {
  bool first = true;
  for (uint32_t i = 0; i < node->input_count; i++) {
    const firn_edge e = node->inputs[i];
    if (e.node == FIRN_NO_NODE || !infos[e.node]) {
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

static void know_node(const firn_node *node, firn_info **infos,
                      firn_arena *arena, firn_info *out) {
  firn_info *in = firn_arena_array(arena, node->input_count, sizeof *in);
  if (!in) return;
  for (uint32_t i = 0; i < node->input_count; i++) {
    const firn_edge e = node->inputs[i];
    if (e.node == FIRN_NO_NODE || !infos[e.node] ||
        e.output >= node->graph->nodes[e.node]->output_count)
      return;
    in[i] = infos[e.node][e.output];
  }
  const firn_op *op = firn_op_of(node);
  if (!op || !op->infer) return;
  firn_info *fresh = firn_arena_array(arena, node->output_count, sizeof *fresh);
  if (!fresh) return;
  memcpy(fresh, out, node->output_count * sizeof *fresh);
  if (firn_infer_node(node, in, node->input_count, fresh, node->output_count,
                      arena, NULL) == FIRN_OK)
    memcpy(out, fresh, node->output_count * sizeof *fresh);
}

static void know(const firn_node *node, firn_info **infos, firn_arena *arena) {
  firn_info *out =
      firn_arena_array(arena, (size_t)node->output_count + 1, sizeof *out);
  if (!out) return;
  for (uint32_t k = 0; k < node->output_count; k++) {
    out[k].dtype = (firn_dtype)node->output_types[k];
    out[k].shape = out[k].handle_shape = firn_shape_unknown();
  }
  if (op_is(node, "Const") && node->output_count)
    know_constant(node, arena, out);
  else if ((op_is(node, "Merge") || op_is(node, "RefMerge")) &&
           node->output_count)
    know_merge(node, infos, out);
  else
    know_node(node, infos, arena, out);
  infos[node->index] = out;
}

firn_info **firn_infer_graph(const firn_graph *graph, firn_arena *arena) {
  const uint32_t n = graph->node_count;
  firn_info **infos = firn_arena_array(arena, (size_t)n + 1, sizeof(*infos));
  bool *marks = firn_arena_array(arena, n, sizeof *marks);
  uint32_t *order = firn_arena_array(arena, n, sizeof *order);
  size_t count = 0;
  if (!infos || !marks || !order) return NULL;
  memset(marks, 1, n * sizeof *marks);
  if (firn_graph_order(graph, marks, order, &count, NULL) != FIRN_OK)
    count = 0; /* a cycle: nothing but types is known */
  for (size_t i = 0; i < count; i++) know(graph->nodes[order[i]], infos, arena);
  for (uint32_t i = 0; i < n; i++)
    if (!infos[i]) know(graph->nodes[i], infos, arena);
  return infos;
}
