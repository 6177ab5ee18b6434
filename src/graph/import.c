/* graph/import.c: from parsed messages to a graph: names, op types, edges.
 *
 * Nodes come in two passes, because a file may name a node before it lists it
 * (every loop does): first all names, then the nodes with their edges.
 */
#include "graph/arity.h"
#include "graph/graph.h"

/* ---- A graph and its library -------------------------------------------- */

firn_code firn_graph_new(const firn_graph *outer, const firn_env *env,
                         firn_graph **out, firn_error *err) {
  *out = NULL;
  firn_graph *graph = firn_new_zeroed(&env->alloc, sizeof *graph);
  if (!graph) return firn_oom(err, sizeof *graph);
  graph->env = *env;
  graph->outer = outer;
  graph->spare_outputs = FIRN_SPARE_OUTPUTS;
  firn_arena_init(&graph->arena, &env->alloc);
  firn_map_init(&graph->names, &env->alloc);
  firn_map_init(&graph->functions, &env->alloc);
  firn_map_init(&graph->op_names, &env->alloc);
  firn_map_init(&graph->extra_ops, &env->alloc);
  *out = graph;
  return FIRN_OK;
}

void firn_graph_free(firn_graph *graph) {
  if (!graph) return;
  const firn_allocator alloc = graph->env.alloc;
  firn_map_fini(&graph->extra_ops);
  firn_map_fini(&graph->op_names);
  firn_map_fini(&graph->functions);
  firn_map_fini(&graph->names);
  firn_arena_fini(&graph->arena);
  firn_delete(&alloc, graph, sizeof *graph);
}

static firn_code put(firn_map *map, firn_str key, const void *value,
                     firn_error *err) {
  if (firn_map_set(map, key, (uintptr_t)value)) return FIRN_OK;
  return firn_oom(err, map->capacity * 2 * sizeof(uint64_t));
}

static const void *get(const firn_map *map, firn_str key) {
  uint64_t value = 0;
  return firn_map_get(map, key, &value) ? (const void *)(uintptr_t)value : NULL;
}

firn_code firn_graph_add_functions(firn_graph *graph,
                                   const firn_pb_FunctionDefLibrary *library,
                                   firn_error *err) {
  for (size_t i = 0; library && i < library->function_count; i++) {
    const firn_pb_FunctionDef *function = library->function[i];
    if (function->signature)
      FIRN_TRY(
          put(&graph->functions, function->signature->name, function, err));
  }
  return FIRN_OK;
}

const firn_pb_FunctionDef *firn_graph_function(const firn_graph *graph,
                                               firn_str name) {
  for (; graph; graph = graph->outer) {
    const firn_pb_FunctionDef *function = get(&graph->functions, name);
    if (function) return function;
  }
  return NULL;
}

/* ---- Op types ------------------------------------------------------------ */

/* The definition of an op: TensorFlow's, a function's signature (the name of a
 * function may stand for an op), or the file's own. */
static firn_code find_def(firn_graph *graph, firn_str op,
                          const firn_pb_OpDef **out, firn_error *err) {
  FIRN_TRY(firn_opdef_find(op, &graph->arena, out, err));
  if (*out) return FIRN_OK;

  const firn_pb_FunctionDef *function = firn_graph_function(graph, op);
  if (function) *out = function->signature;
  for (const firn_graph *g = graph; g && !*out; g = g->outer)
    *out = get(&g->extra_ops, op);
  return FIRN_OK;
}

/* Makes room for one more pointer at the end of an array in the arena. The old
 * array stays valid for those who are reading it. */
static firn_code grow(firn_arena *arena, void *array, uint32_t count,
                      uint32_t *capacity, size_t more, firn_error *err) {
  if (more <= *capacity - count) return FIRN_OK;
  size_t wanted = firn_max_size((size_t)*capacity * 2, count + more);
  if (wanted >= FIRN_NO_NODE)
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                     "a graph of more than %u nodes", FIRN_NO_NODE - 1);
  wanted = firn_max_size(wanted, 16);

  void *old, *bigger = firn_arena_array(arena, wanted, sizeof(void *));
  if (!bigger) return firn_oom(err, wanted * sizeof(void *));
  memcpy(&old, array, sizeof old);
  if (count) memcpy(bigger, old, count * sizeof(void *));
  memcpy(array, &bigger, sizeof bigger);
  *capacity = (uint32_t)wanted;
  return FIRN_OK;
}

firn_code firn_graph_op(firn_graph *graph, firn_str op, firn_op_type **out,
                        firn_error *err) {
  uint64_t known = 0;
  if (firn_map_get(&graph->op_names, op, &known)) {
    *out = (firn_op_type *)(uintptr_t)known;
    return FIRN_OK;
  }
  firn_op_type *type = firn_arena_zeroed(&graph->arena, sizeof *type);
  if (!type) return firn_oom(err, sizeof *type);
  type->name = op;
  type->index = graph->type_count;
  FIRN_TRY(find_def(graph, op, &type->def, err));
  FIRN_TRY(grow(&graph->arena, &graph->types, graph->type_count,
                &graph->type_capacity, 1, err));
  FIRN_TRY(put(&graph->op_names, op, type, err));
  graph->types[graph->type_count++] = type;
  *out = type;
  return FIRN_OK;
}

/* ---- Nodes and edges ------------------------------------------------------
 */

static uint32_t node_named(const firn_graph *graph, firn_str name) {
  uint64_t index = FIRN_NO_NODE;
  firn_map_get(&graph->names, name, &index);
  return (uint32_t)index;
}

static firn_edge edge_named(const firn_graph *graph, firn_str input) {
  firn_str name;
  int64_t output;
  if (!firn_tensor_name_split(input, &name, &output))
    return (firn_edge){FIRN_NO_NODE, 0};
  if (output > UINT32_MAX) output = UINT32_MAX;
  return (firn_edge){node_named(graph, name), (uint32_t)output};
}

static bool is_control(firn_str input) {
  return input.size > 0 && input.data[0] == '^';
}

static firn_code connect(firn_graph *graph, firn_node *node, firn_error *err) {
  const firn_pb_NodeDef *def = node->def;
  if (def->input_count >= UINT32_MAX)
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "node '%.*s' has %zu inputs",
                     FIRN_ARG(def->name), def->input_count);
  uint32_t controls = 0;
  for (size_t i = 0; i < def->input_count; i++)
    controls += is_control(def->input[i]);
  const uint32_t inputs = (uint32_t)def->input_count - controls;

  const size_t size = inputs * sizeof(firn_edge) + controls * sizeof(uint32_t);
  firn_edge *edge = firn_arena_alloc(&graph->arena, size);
  if (!edge) return firn_oom(err, size);
  uint32_t *control = (uint32_t *)(edge + inputs);
  node->inputs = edge;
  node->input_count = inputs;
  node->controls = control;
  node->control_count = controls;
  for (size_t i = 0; i < def->input_count; i++) {
    const firn_edge e = edge_named(graph, def->input[i]);
    if (is_control(def->input[i]))
      *control++ = e.node;
    else
      *edge++ = e;
  }
  return FIRN_OK;
}

static firn_code build(firn_graph *graph, firn_node *node,
                       const firn_pb_NodeDef *def, uint32_t index,
                       firn_error *err) {
  node->def = def;
  node->index = index;
  node->graph = graph;
  FIRN_TRY(firn_graph_op(graph, def->op, &node->type, err));
  FIRN_TRY(connect(graph, node, err));
  return firn_node_set_outputs(graph, node, err);
}

/* Takes down the names of the nodes to come; on failure none of them stays. */
static firn_code enter_names(firn_graph *graph, firn_pb_NodeDef *const *defs,
                             size_t count, firn_error *err) {
  firn_code code = FIRN_OK;
  size_t i = 0;
  for (; i < count; i++) {
    const firn_str name = defs[i]->name;
    const uint32_t other = node_named(graph, name);
    if (other != FIRN_NO_NODE)
      code = firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "node name '%.*s' is used twice, by nodes %u and %zu",
                       FIRN_ARG(name), other, graph->node_count + i);
    else if (!firn_map_set(&graph->names, name, graph->node_count + i))
      code = firn_oom(err, count * sizeof(uint64_t));
    if (code != FIRN_OK) break;
  }
  while (code != FIRN_OK && i-- > 0)
    firn_map_remove(&graph->names, defs[i]->name);
  return code;
}

firn_code firn_graph_append_all(firn_graph *graph, firn_pb_NodeDef *const *defs,
                                size_t count, firn_error *err) {
  FIRN_TRY(grow(&graph->arena, &graph->nodes, graph->node_count,
                &graph->node_capacity, count, err));
  firn_node *nodes = firn_arena_array(&graph->arena, count, sizeof *nodes);
  if (!nodes) return firn_oom(err, count * sizeof *nodes);
  FIRN_TRY(enter_names(graph, defs, count, err));

  firn_code code = FIRN_OK;
  const uint32_t first = graph->node_count;
  for (size_t i = 0; i < count && code == FIRN_OK; i++) {
    graph->nodes[first + i] = &nodes[i];
    code = build(graph, &nodes[i], defs[i], first + (uint32_t)i, err);
  }
  for (size_t i = 0; i < count && code != FIRN_OK; i++)
    firn_map_remove(&graph->names, defs[i]->name);
  if (code != FIRN_OK) return code;

  graph->node_count += (uint32_t)count;
  graph->generation += count;
  return FIRN_OK;
}

firn_code firn_graph_append(firn_graph *graph, const firn_pb_NodeDef *def,
                            firn_node **out, firn_error *err) {
  firn_pb_NodeDef *defs[] = {(firn_pb_NodeDef *)def};
  FIRN_TRY(firn_graph_append_all(graph, defs, 1, err));
  if (out) *out = graph->nodes[graph->node_count - 1];
  return FIRN_OK;
}

firn_code firn_graph_import(const firn_pb_GraphDef *def,
                            const firn_pb_OpList *extra_ops,
                            const firn_env *env, firn_graph **out,
                            firn_error *err) {
  firn_graph *graph = NULL;
  *out = NULL;
  firn_code code = firn_graph_new(NULL, env, &graph, err);
  if (!graph) return code;
  code = firn_graph_fill(graph, def, extra_ops, err);
  if (code == FIRN_OK)
    *out = graph;
  else
    firn_graph_free(graph);
  return code;
}

firn_code firn_graph_fill(firn_graph *graph, const firn_pb_GraphDef *def,
                          const firn_pb_OpList *extra_ops, firn_error *err) {
  graph->def = def;
  for (size_t i = 0; extra_ops && i < extra_ops->op_count; i++)
    FIRN_TRY(
        put(&graph->extra_ops, extra_ops->op[i]->name, extra_ops->op[i], err));
  FIRN_TRY(firn_graph_add_functions(graph, def->library, err));
  return firn_graph_append_all(graph, def->node, def->node_count, err);
}

const firn_node *firn_graph_find(const firn_graph *graph, firn_str name) {
  const uint32_t index = node_named(graph, name);
  return index < graph->node_count ? graph->nodes[index] : NULL;
}
