/* graph/inline.c: calls of functions as plain nodes. */
#include "graph/inline_scope.h"

/* ---- What is needed ----------------------------------------------------- */

static firn_code lost(const firn_node *node, uint32_t input, firn_error *err) {
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "node '%.*s' (%.*s): input %u is not in the graph",
                   FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), input);
}

/* An output that the node's op or function does not have. */
static firn_code no_output(const scope *s, firn_edge e, firn_error *err) {
  const firn_node *from = s->graph->nodes[e.node];
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "there is no output %u of '%.*s' (%.*s), which has %u",
                   e.output, FIRN_ARG(from->def->name), FIRN_ARG(from->def->op),
                   from->output_count);
}

static bool has_output(const scope *s, firn_edge e) {
  const firn_node *from = s->graph->nodes[e.node];
  return e.output < from->output_count || !from->type->def;
}

typedef struct need {
  scope *s;
  uint32_t *stack, depth;
} need;

static void push(need *n, uint32_t node) {
  if (n->s->marks[node]) return;
  n->s->marks[node] = true;
  n->stack[n->depth++] = node;
}

static firn_code need_inputs(need *n, const firn_node *node, firn_error *err) {
  size_t which;
  for (uint32_t i = 0; i < node->input_count; i++) {
    const firn_edge e = node->inputs[i];
    if (e.node == FIRN_NO_NODE) return lost(node, i, err);
    if (firn_inline_fed(n->s, e, &which)) continue;
    if (!has_output(n->s, e)) return no_output(n->s, e, err);
    push(n, e.node);
  }
  for (uint32_t i = 0; i < node->control_count; i++) {
    const uint32_t c = node->controls[i];
    if (c == FIRN_NO_NODE) return lost(node, node->input_count + i, err);
    if (firn_inline_fed_at_all(n->s, c, &which)) continue;
    push(n, c);
    n->s->waited[c] = true;
  }
  return FIRN_OK;
}

/* Marks what these edges and nodes need. Nodes that are targets are waited for.
 */
static firn_code mark(scope *s, const firn_edge *edges, size_t edge_count,
                      const uint32_t *nodes, size_t node_count,
                      firn_error *err) {
  size_t which;
  const size_t n = s->graph->node_count;
  need todo = {.s = s};
  todo.stack = firn_arena_array(s->in->arena, n, sizeof *todo.stack);
  if (!todo.stack) return firn_oom(err, n);
  memset(s->marks, 0, n * sizeof *s->marks);
  memset(s->waited, 0, n * sizeof *s->waited);
  for (size_t i = 0; i < edge_count; i++) {
    if (firn_inline_fed(s, edges[i], &which)) continue;
    if (!has_output(s, edges[i])) return no_output(s, edges[i], err);
    push(&todo, edges[i].node);
  }
  for (size_t i = 0; i < node_count; i++) {
    push(&todo, nodes[i]);
    s->waited[nodes[i]] = true;
  }
  while (todo.depth > 0) {
    const firn_node *node = s->graph->nodes[todo.stack[--todo.depth]];
    FIRN_TRY(need_inputs(&todo, node, err));
  }
  return FIRN_OK;
}

/* ---- Calls -------------------------------------------------------------- */

static firn_code keep_function(inliner *in, firn_function *f, firn_error *err) {
  firn_inlined *out = in->out;
  if (out->function_count == out->function_capacity) {
    const size_t more =
        out->function_capacity ? 2 * out->function_capacity : 16;
    firn_function **list = firn_arena_array(in->arena, more, sizeof *list);
    if (!list) {
      firn_function_free(f);
      return firn_oom(err, more);
    }
    if (out->function_count)
      memcpy(list, out->functions, out->function_count * sizeof *list);
    out->functions = list;
    out->function_capacity = more;
  }
  out->functions[out->function_count++] = f;
  return FIRN_OK;
}

/* Bodies that leave no types open are the same for all callers. */
static firn_function *known_function(const inliner *in,
                                     const firn_pb_FunctionDef *def) {
  if (def->signature && def->signature->attr_count) return NULL;
  for (size_t i = 0; i < in->out->function_count; i++)
    if (in->out->functions[i]->def == def) return in->out->functions[i];
  return NULL;
}

firn_code firn_inline_function(scope *s, const firn_node *node,
                               const firn_pb_NameAttrList *func, size_t args,
                               const firn_function **out, firn_error *err) {
  inliner *in = s->in;
  const firn_pb_FunctionDef *def = firn_graph_function(in->graph, func->name);
  if (!def)
    return firn_fail(err, FIRN_NOT_FOUND,
                     "node '%.*s' (%.*s): there is no function '%.*s'",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op),
                     FIRN_ARG(func->name));
  firn_function *f = known_function(in, def);
  if (!f) {
    FIRN_TRY(firn_function_new(in->graph, def,
                               (firn_pb_NodeDef_AttrEntry *const *)func->attr,
                               func->attr_count, &in->graph->env, &f, err));
    FIRN_TRY(keep_function(in, f, err));
  }
  *out = f;
  if (f->arg_count == args) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "node '%.*s' (%.*s): gives %zu arguments to function "
                   "'%.*s', which wants %zu",
                   FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), args,
                   FIRN_ARG(func->name), f->arg_count);
}

bool firn_inline_recurses(const scope *s, const firn_function *f) {
  for (; s; s = s->caller)
    if (s->function && s->function->def == f->def) return true;
  return false;
}

firn_code firn_inline_finish(scope *s, const firn_node *node, firn_str *outs,
                             size_t count, const name_list *done,
                             const name_list *before, firn_error *err) {
  inliner *in = s->in;
  const firn_str name = s->name[node->index];
  name_list all = {0};
  s->outs[node->index] = outs;
  if (!done->count && !s->waited[node->index]) return FIRN_OK;
  for (size_t i = 0; i < done->count; i++)
    FIRN_TRY(firn_names_add(in, &all, done->item[i], err));
  for (size_t i = 0; before && i < before->count; i++)
    FIRN_TRY(firn_names_add(in, &all, before->item[i], err));
  FIRN_TRY(firn_inline_add(in, name, "NoOp", FIRN_INVALID, NULL, 0, &all, NULL,
                           err));
  const name_list self = {(firn_str *)&name, 1, 1};
  for (size_t i = 0; done->count && i < count; i++) {
    firn_dtype type;
    firn_str own;
    FIRN_TRY(firn_inline_type(s, node, (firn_edge){node->index, (uint32_t)i},
                              &type, err));
    FIRN_TRY(firn_inline_name(in, &own, err, "%.*s/output_%zu", (int)name.size,
                              name.data, i));
    FIRN_TRY(firn_inline_add(in, own, "Identity", type, &outs[i], 1, &self,
                             NULL, err));
    outs[i] = own;
  }
  return FIRN_OK;
}

/* Where values may be dead or belong to a frame, a body that has nodes without
 * inputs must share the fate of what it is called with. */
static firn_code gate_on_args(scope *s, const firn_node *node, name_list *gate,
                              firn_error *err) {
  inliner *in = s->in;
  const firn_str name = s->name[node->index];
  for (uint32_t i = 0; s->flow && i < node->input_count; i++) {
    firn_dtype type;
    firn_str own;
    const firn_str arg = firn_inline_tensor(s, node->inputs[i]);
    FIRN_TRY(firn_inline_type(s, node, node->inputs[i], &type, err));
    FIRN_TRY(firn_inline_name(in, &own, err, "%.*s/input_%u", (int)name.size,
                              name.data, i));
    FIRN_TRY(
        firn_inline_add(in, own, "Identity", type, &arg, 1, NULL, NULL, err));
    FIRN_TRY(firn_names_add(in, gate, own, err));
  }
  return FIRN_OK;
}

/* One node that waits for all of `list`, when there are several. */
static firn_code join(inliner *in, firn_str name, name_list *list,
                      firn_error *err) {
  firn_str own;
  if (list->count < 2) return FIRN_OK;
  FIRN_TRY(
      firn_inline_name(in, &own, err, "%.*s/start", (int)name.size, name.data));
  FIRN_TRY(
      firn_inline_add(in, own, "NoOp", FIRN_INVALID, NULL, 0, list, NULL, err));
  list->item[0] = own;
  list->count = 1;
  return FIRN_OK;
}

static firn_code expand_call(scope *s, const firn_node *node,
                             const firn_function *f, firn_error *err) {
  inliner *in = s->in;
  name_list gate = {0};
  body b = {0};
  firn_str *args = firn_arena_array(in->arena, node->input_count, sizeof *args);
  if (!args) return firn_oom(err, node->input_count);
  if (node->output_count > f->ret_count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "node '%.*s' (%.*s): has %u outputs, the function returns "
                     "%zu",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op),
                     node->output_count, f->ret_count);
  for (uint32_t i = 0; i < node->input_count; i++)
    args[i] = firn_inline_tensor(s, node->inputs[i]);
  FIRN_TRY(firn_inline_controls(s, node, &gate, err));
  for (size_t i = 0; s->gate && i < s->gate->count; i++)
    FIRN_TRY(firn_names_add(in, &gate, s->gate->item[i], err));
  FIRN_TRY(gate_on_args(s, node, &gate, err));
  FIRN_TRY(join(in, s->name[node->index], &gate, err));
  FIRN_TRY(
      firn_inline_body(s, node, f, s->name[node->index], args, &gate, &b, err));
  return firn_inline_finish(s, node, b.rets, node->output_count, &b.done, &gate,
                            err);
}

/* The node's op is a function's name, and nobody else's. */
static bool is_function(const scope *s, const firn_node *node) {
  const firn_pb_FunctionDef *def =
      firn_graph_function(s->in->graph, node->def->op);
  return def && def->signature && node->type->def == def->signature;
}

/* Expands a call; *done is false when the node is none, or recursion. */
static firn_code try_call(scope *s, const firn_node *node, bool *done,
                          firn_error *err) {
  const firn_str op = node->def->op;
  const firn_function *f = NULL;
  *done = false;
  if (firn_str_is(op, "PartitionedCall") ||
      firn_str_is(op, "StatefulPartitionedCall")) {
    const firn_pb_AttrValue *v = firn_attr(node, "f");
    if (!v || v->value_case != FIRN_ATTR_FUNC || !v->func)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "node '%.*s' (%.*s): attr 'f' names no function",
                       FIRN_ARG(node->def->name), FIRN_ARG(op));
    FIRN_TRY(
        firn_inline_function(s, node, v->func, node->input_count, &f, err));
  } else if (is_function(s, node)) {
    const firn_pb_NameAttrList self = {
        .name = op,
        .attr = (firn_pb_NameAttrList_AttrEntry **)node->def->attr,
        .attr_count = node->def->attr_count};
    FIRN_TRY(firn_inline_function(s, node, &self, node->input_count, &f, err));
  }
  if (!f || firn_inline_recurses(s, f)) return FIRN_OK;
  *done = true;
  return expand_call(s, node, f, err);
}

/* ---- Scopes ------------------------------------------------------------- */

static firn_code scope_init(scope *s, firn_error *err) {
  const uint32_t n = s->graph->node_count;
  firn_arena *a = s->in->arena;
  s->in->seen += n;
  if (s->in->seen > FIRN_INLINE_MOST && s->function)
    return firn_inline_too_many(err);
  s->marks = firn_arena_array(a, n, sizeof *s->marks);
  s->waited = firn_arena_array(a, n, sizeof *s->waited);
  s->name = firn_arena_array(a, n, sizeof *s->name);
  s->outs = firn_arena_array(a, n, sizeof *s->outs);
  if (!s->marks || !s->waited || !s->name || !s->outs) return firn_oom(err, n);
  for (uint32_t i = 0; i < n && !s->flow; i++)
    s->flow = firn_is_flow(s->graph->nodes[i]);
  return FIRN_OK;
}

/* Names first, because a loop's way back is named before it is written. */
static firn_code write_nodes(scope *s, firn_error *err) {
  size_t count = 0;
  uint32_t *order =
      firn_arena_array(s->in->arena, s->graph->node_count, sizeof *order);
  if (!order) return firn_oom(err, s->graph->node_count);
  FIRN_TRY(firn_graph_order(s->graph, s->marks, order, &count, err));
  for (size_t i = 0; i < count; i++) {
    const firn_node *node = s->graph->nodes[order[i]];
    if (firn_inline_argument(s, order[i])) continue;
    const firn_str name = node->def->name;
    firn_str *to = &s->name[order[i]];
    FIRN_TRY(s->prefix.size
                 ? firn_inline_name(s->in, to, err, "%.*s%.*s",
                                    (int)s->prefix.size, s->prefix.data,
                                    (int)name.size, name.data)
                 : firn_inline_unique(s->in, name, to, err));
  }
  for (size_t i = 0; i < count; i++) {
    const firn_node *node = s->graph->nodes[order[i]];
    bool done = firn_inline_argument(s, order[i]);
    if (!done && s->in->wish->calls) FIRN_TRY(try_call(s, node, &done, err));
    if (!done && s->in->wish->lower) FIRN_TRY(firn_lower(s, node, &done, err));
    if (!done) FIRN_TRY(firn_inline_copy(s, node, err));
  }
  return FIRN_OK;
}

/* The function's effects that are any: those that lead to a node with one. */
static firn_code true_effects(scope *s, uint32_t **out, size_t *count,
                              firn_error *err) {
  const firn_function *f = s->function;
  const uint32_t n = s->graph->node_count;
  bool *carries = firn_arena_array(s->in->arena, n, sizeof *carries);
  *count = 0;
  *out = firn_arena_array(s->in->arena, f->effect_count, sizeof **out);
  if (!*out || !carries) return firn_oom(err, n);
  FIRN_TRY(firn_graph_reach(s->graph, f->effects, f->effect_count, false,
                            s->marks, err));
  FIRN_TRY(firn_effects_carried(&s->in->effects, s->graph, s->marks, false,
                                carries, err));
  for (size_t i = 0; i < f->effect_count; i++)
    if (carries[f->effects[i]]) (*out)[(*count)++] = f->effects[i];
  return FIRN_OK;
}

firn_code firn_inline_body(scope *caller, const firn_node *node,
                           const firn_function *f, firn_str name,
                           const firn_str *args, const name_list *gate,
                           body *out, firn_error *err) {
  inliner *in = caller->in;
  const uint32_t most = in->graph->env.limits.call_depth;
  uint32_t *effects;
  size_t effect_count;
  scope s = {.in = in,
             .graph = f->graph,
             .function = f,
             .caller = caller,
             .args = args,
             .gate = gate,
             .depth = caller->depth + 1};
  if (s.depth > most)
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                     "node '%.*s' (%.*s): calls are nested more than %u deep",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), most);
  s.prefix = firn_arena_printf(in->arena, "%.*s/", (int)name.size, name.data);
  out->rets = firn_arena_array(in->arena, f->ret_count, sizeof *out->rets);
  if (!s.prefix.data || !out->rets) return firn_oom(err, f->ret_count);
  FIRN_TRY(scope_init(&s, err));
  FIRN_TRY(true_effects(&s, &effects, &effect_count, err));
  FIRN_TRY(mark(&s, f->rets, f->ret_count, effects, effect_count, err));
  FIRN_TRY(write_nodes(&s, err));
  for (size_t i = 0; i < f->ret_count; i++) {
    out->rets[i] = firn_inline_tensor(&s, f->rets[i]);
    if (!out->rets[i].data) return firn_oom(err, 0);
  }
  for (size_t i = 0; i < effect_count; i++)
    FIRN_TRY(firn_names_add(in, &out->done, firn_inline_control(&s, effects[i]),
                            err));
  return FIRN_OK;
}

/* ---- The whole ---------------------------------------------------------- */

static firn_code run(inliner *in, firn_error *err) {
  const firn_inline_wish *w = in->wish;
  firn_inlined *out = in->out;
  scope s = {.in = in, .graph = in->graph};
  for (size_t i = 0; i < w->reserved_count; i++)
    if (!firn_map_set(&in->names, w->reserved[i], 0)) return firn_oom(err, 0);
  FIRN_TRY(scope_init(&s, err));
  FIRN_TRY(
      mark(&s, w->fetches, w->fetch_count, w->targets, w->target_count, err));
  FIRN_TRY(write_nodes(&s, err));
  out->fetches = firn_arena_array(in->arena, w->fetch_count, sizeof(firn_str));
  out->targets = firn_arena_array(in->arena, w->target_count, sizeof(firn_str));
  if (!out->fetches || !out->targets) return firn_oom(err, w->fetch_count);
  for (size_t i = 0; i < w->fetch_count; i++) {
    out->fetches[i] = firn_inline_tensor(&s, w->fetches[i]);
    if (!out->fetches[i].data) return firn_oom(err, 0);
  }
  for (size_t i = 0; i < w->target_count; i++)
    out->targets[i] = firn_inline_control(&s, w->targets[i]);
  return FIRN_OK;
}

firn_code firn_graph_inline(const firn_graph *graph,
                            const firn_inline_wish *wish, firn_inlined *out,
                            firn_error *err) {
  inliner in = {.graph = graph, .wish = wish, .out = out, .arena = &out->arena};
  *out = (firn_inlined){0};
  firn_arena_init(&out->arena, &graph->env.alloc);
  firn_map_init(&in.names, &graph->env.alloc);
  firn_effects_init(&in.effects, graph);
  const firn_code code = run(&in, err);
  firn_effects_fini(&in.effects);
  firn_map_fini(&in.names);
  return code;
}

void firn_inlined_fini(firn_inlined *inlined) {
  for (size_t i = 0; i < inlined->function_count; i++)
    firn_function_free(inlined->functions[i]);
  firn_arena_fini(&inlined->arena);
  *inlined = (firn_inlined){0};
}
