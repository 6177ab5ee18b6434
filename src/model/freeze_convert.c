/* model/freeze_convert.c: what stands behind a variable when it is a constant.
 *
 * From each variable on, forward: what reads it becomes an Identity, a
 * ResourceGather a GatherV2 whose axis is a new Const, and what hands a
 * resource on (Enter, Switch, Identity) hands its value on. Calls of functions
 * are left to freeze_function.c. Whatever else takes the resource needs a
 * variable: that is noted down. */
#include "model/freeze.h"

typedef firn_freezer freezer;

static bool node_is(const firn_node *node, const char *op) {
  return firn_str_is(node->def->op, op);
}

static bool one_of(const firn_node *node, const char *const *ops,
                   size_t count) {
  for (size_t i = 0; i < count; i++)
    if (node_is(node, ops[i])) return true;
  return false;
}

/* ---- Getting ready ------------------------------------------------------ */

/* Lists, per node, the kept nodes that take one of its outputs. */
static firn_code find_takers(freezer *f, firn_error *err) {
  const uint32_t n = f->graph->node_count;
  f->taker_at =
      firn_arena_array(&f->out->arena, (size_t)n + 2, sizeof(uint32_t));
  if (!f->taker_at) return firn_oom(err, n);
  size_t total = 0;
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t k = 0; f->kept[i] && k < f->graph->nodes[i]->input_count; k++)
      if (f->graph->nodes[i]->inputs[k].node != FIRN_NO_NODE)
        f->taker_at[f->graph->nodes[i]->inputs[k].node + 2]++, total++;
  for (uint32_t i = 0; i < n; i++) f->taker_at[i + 2] += f->taker_at[i + 1];
  f->takers = firn_arena_array(&f->out->arena, total, sizeof(uint32_t));
  if (!f->takers) return firn_oom(err, total);
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t k = 0; f->kept[i] && k < f->graph->nodes[i]->input_count;
         k++) {
      const uint32_t from = f->graph->nodes[i]->inputs[k].node;
      if (from != FIRN_NO_NODE) f->takers[f->taker_at[from + 1]++] = i;
    }
  return FIRN_OK;
}

firn_code firn_freeze_ready(freezer *f, firn_error *err) {
  const uint32_t n = f->graph->node_count;
  size_t gathers = 0;
  for (uint32_t i = 0; i < n; i++)
    gathers += node_is(f->graph->nodes[i], "ResourceGather");
  f->to = firn_arena_array(&f->out->arena, n, sizeof(*f->to));
  f->valued = firn_arena_array(&f->out->arena, n, sizeof(*f->valued));
  f->added = firn_arena_array(&f->out->arena, gathers, sizeof(*f->added));
  if (!f->to || !f->valued || !f->added) return firn_oom(err, n);
  return find_takers(f, err);
}

/* ---- New nodes ---------------------------------------------------------- */

/* Carries `_class` over, as TensorFlow does for the nodes it makes anew. */
static void keep_class(const firn_node *node, firn_pb_NodeDef *def) {
  for (size_t i = 0; i < node->def->attr_count; i++)
    if (firn_str_is(node->def->attr[i]->key, "_class"))
      def->attr[def->attr_count++] = node->def->attr[i];
}

static firn_code make_identity(freezer *f, const firn_node *node,
                               firn_error *err) {
  firn_arena *arena = &f->out->arena;
  firn_pb_NodeDef *def =
      firn_freeze_node(arena, node->def->name, "Identity", 2);
  if (!def) return firn_oom(err, sizeof *def);
  def->input = node->def->input;
  def->input_count = 1; /* control inputs are lost, as in TensorFlow */
  FIRN_TRY(firn_freeze_add_type(
      arena, def, "T", firn_attr_type_or(node, "dtype", FIRN_INVALID), err));
  keep_class(node, def);
  f->to[node->index] = def;
  return FIRN_OK;
}

/* A Const of one element, given as the number that its type holds. */
static firn_code make_scalar(freezer *f, firn_str name, firn_dtype type,
                             bool value, firn_pb_NodeDef **out,
                             firn_error *err) {
  firn_arena *arena = &f->out->arena;
  const firn_shape scalar = firn_shape_scalar();
  firn_pb_TensorProto *t = firn_pb_new(&firn_pb_type_TensorProto, arena);
  firn_pb_NodeDef *def = firn_freeze_node(arena, name, "Const", 2);
  firn_pb_NodeDef_AttrEntry *e = firn_new_attr(arena, "value", 8);
  int64_t *item = firn_arena_zeroed(arena, sizeof *item);
  if (!t || !def || !e || !item) return firn_oom(err, sizeof *def);
  t->dtype = (int32_t)type;
  FIRN_TRY(firn_shape_to_proto(&scalar, arena, &t->tensor_shape, err));
  if (type == FIRN_BOOL) {
    t->bool_val = (bool *)item;
    t->bool_val_count = 1;
    *t->bool_val = value;
  } else if (type == FIRN_INT64) {
    t->int64_val = item;
    t->int64_val_count = 1;
  } else {
    t->int_val = (int32_t *)item;
    t->int_val_count = 1;
  }
  FIRN_TRY(firn_freeze_add_type(arena, def, "dtype", type, err));
  e->value->tensor = t;
  def->attr[def->attr_count++] = e;
  *out = def;
  return FIRN_OK;
}

/* The axis of the new GatherV2: a scalar zero of the indices' type. Of a graph
 * that was made here it lies where the indices do, be it a loop. */
static firn_code make_axis(freezer *f, firn_str name, firn_dtype type,
                           firn_str indices, firn_error *err) {
  firn_pb_NodeDef *def;
  FIRN_TRY(make_scalar(f, name, type, false, &def, err));
  if (f->source->strict && !f->function) {
    const char *colon = memchr(indices.data, ':', indices.size);
    def->input = firn_arena_array(&f->out->arena, 1, sizeof *def->input);
    if (!def->input) return firn_oom(err, 0);
    def->input[0] = firn_arena_printf(
        &f->out->arena, "^%.*s",
        (int)(colon ? (size_t)(colon - indices.data) : indices.size),
        indices.data);
    if (!def->input[0].data) return firn_oom(err, indices.size);
    def->input_count = 1;
  }
  f->added[f->added_count++] = def;
  return FIRN_OK;
}

static firn_code make_gather(freezer *f, const firn_node *node, bool nd,
                             firn_error *err) {
  firn_arena *arena = &f->out->arena;
  const firn_dtype indices = firn_attr_type_or(node, "Tindices", FIRN_INT32);
  firn_pb_NodeDef *def =
      firn_freeze_node(arena, node->def->name, nd ? "GatherNd" : "GatherV2", 4);
  firn_str *inputs = firn_arena_array(arena, 3, sizeof *inputs);
  if (!def || !inputs) return firn_oom(err, sizeof *def);
  if (!nd && firn_attr_int_or(node, "batch_dims", 0) != 0)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "node '%.*s' (ResourceGather): cannot be frozen with "
                     "batch_dims %lld",
                     FIRN_ARG(node->def->name),
                     (long long)firn_attr_int_or(node, "batch_dims", 0));
  memcpy(inputs, node->def->input, 2 * sizeof *inputs);
  def->input = inputs;
  def->input_count = nd ? 2 : 3;
  FIRN_TRY(firn_freeze_add_type(arena, def, "Tparams",
                                firn_attr_type_or(node, "dtype", FIRN_INVALID),
                                err));
  FIRN_TRY(firn_freeze_add_type(arena, def, "Tindices", indices, err));
  if (!nd) {
    inputs[2] = firn_arena_printf(arena, "%.*s/axis", (int)node->def->name.size,
                                  node->def->name.data);
    if (!inputs[2].data) return firn_oom(err, 0);
    FIRN_TRY(firn_freeze_add_type(arena, def, "Taxis", indices, err));
    FIRN_TRY(make_axis(f, inputs[2], indices, inputs[1], err));
  }
  keep_class(node, def);
  f->to[node->index] = def;
  return FIRN_OK;
}

/* VariableShape asks a resource what Shape asks a value. */
static firn_code make_shape(freezer *f, const firn_node *node, firn_dtype type,
                            firn_error *err) {
  firn_pb_NodeDef *def = firn_edit_node(node->def, &f->out->arena);
  if (!def) return firn_oom(err, sizeof *def);
  def->op = FIRN_STR("Shape");
  FIRN_TRY(firn_freeze_add_type(&f->out->arena, def, "T", type, err));
  f->to[node->index] = def;
  return FIRN_OK;
}

/* A constant is always initialised. */
static firn_code make_true(freezer *f, const firn_node *node, firn_error *err) {
  return make_scalar(f, node->def->name, FIRN_BOOL, true, &f->to[node->index],
                     err);
}

/* A node that hands a variable's value on keeps its attrs; one that handed a
 * resource on now hands its value. */
static firn_code make_passing(freezer *f, const firn_node *node,
                              firn_dtype type, firn_error *err) {
  firn_pb_NodeDef *def = firn_edit_node(node->def, &f->out->arena);
  if (!def) return firn_oom(err, sizeof *def);
  for (size_t i = 0; i < def->attr_count; i++) {
    if (!firn_str_is(def->attr[i]->key, "T")) continue;
    def->attr[i] = firn_new_attr(&f->out->arena, "T", 6);
    if (!def->attr[i]) return firn_oom(err, sizeof *def);
    def->attr[i]->value->type = (int32_t)type;
  }
  f->to[node->index] = def;
  return FIRN_OK;
}

/* ---- Who takes it ------------------------------------------------------- */

static bool hands_on(const firn_node *node) {
  static const char *const ops[] = {"Enter",         "Exit",   "Identity",
                                    "NextIteration", "Switch", "_SwitchN"};
  return one_of(node, ops, FIRN_COUNT(ops));
}

/* References that are handed on are left to freeze_unref.c. */
static bool hands_reference_on(const firn_node *node) {
  static const char *const ops[] = {"RefEnter", "RefExit", "RefIdentity",
                                    "RefNextIteration", "RefSwitch"};
  return one_of(node, ops, FIRN_COUNT(ops));
}

bool firn_freeze_is_call(const firn_node *node) {
  static const char *const ops[] = {"PartitionedCall",
                                    "StatefulPartitionedCall",
                                    "If",
                                    "StatelessIf",
                                    "Case",
                                    "StatelessCase",
                                    "While",
                                    "StatelessWhile"};
  if (one_of(node, ops, FIRN_COUNT(ops))) return true;
  const firn_pb_FunctionDef *def =
      firn_graph_function(node->graph, node->def->op);
  return def && def->signature && node->type->def == def->signature;
}

firn_code firn_freeze_add_write(freezer *f, uint32_t variable, firn_str node,
                                firn_str op, firn_error *err) {
  firn_write *w = firn_arena_alloc(&f->out->arena, sizeof *w);
  if (!w) return firn_oom(err, sizeof *w);
  *w = (firn_write){variable, node, op, f->writes};
  f->writes = w;
  return FIRN_OK;
}

/* Whether input `k` takes a reference. */
static bool takes_reference(const firn_node *node, uint32_t k) {
  firn_arg_walk walk = firn_walk_inputs(node);
  int type = -1;
  for (uint32_t i = 0; i <= k; i++) type = firn_arg_next(&walk);
  return type > 0 && firn_dtype_is_ref(type);
}

/* Something that wants a variable takes one. Of the main graph freeze_unref.c
 * mends it for those who name nodes; a signature is refused. */
static firn_code needs_variable(freezer *f, const firn_node *node, uint32_t k,
                                uint32_t variable, firn_error *err) {
  const bool resource =
      firn_edge_type(f->graph, node->inputs[k]) == FIRN_RESOURCE;
  if (!f->source->strict && !f->function) return FIRN_OK;
  if (!resource && !takes_reference(node, k)) return FIRN_OK;
  return firn_freeze_add_write(f, variable, node->def->name, node->def->op,
                               err);
}

static firn_code hand_on_all(freezer *f, const firn_node *node, firn_dtype type,
                             uint32_t variable, firn_error *err) {
  for (uint32_t i = 0; i < node->output_count; i++)
    FIRN_TRY(firn_freeze_hand_on(f, node->index, i, type, variable, err));
  return FIRN_OK;
}

/* Input `k` of a node has become a value. */
static firn_code convert(freezer *f, const firn_node *node, uint32_t k,
                         firn_dtype type, uint32_t variable, firn_error *err) {
  if (node_is(node, "ReadVariableOp"))
    return f->to[node->index] ? FIRN_OK : make_identity(f, node, err);
  const bool mend = f->source->strict || f->function;
  if (mend && (node_is(node, "VarIsInitializedOp") ||
               node_is(node, "IsVariableInitialized")))
    return f->to[node->index] ? FIRN_OK : make_true(f, node, err);
  if (mend && node_is(node, "VariableShape"))
    return f->to[node->index] ? FIRN_OK : make_shape(f, node, type, err);
  if (node_is(node, "ResourceGather") && node->input_count == 2 && k == 0)
    return f->to[node->index] ? FIRN_OK : make_gather(f, node, false, err);
  if (node_is(node, "ResourceGatherNd") && node->input_count == 2 && k == 0)
    return f->to[node->index] ? FIRN_OK : make_gather(f, node, true, err);
  if (hands_on(node) && k == 0) {
    if (f->to[node->index]) return FIRN_OK;
    FIRN_TRY(make_passing(f, node, type, err));
    return hand_on_all(f, node, type, variable, err);
  }
  if (firn_freeze_is_call(node)) return FIRN_OK;
  if (hands_reference_on(node) && k == 0)
    return f->source->strict ? hand_on_all(f, node, type, variable, err)
                             : FIRN_OK;
  return needs_variable(f, node, k, variable, err);
}

/* The takers are those of the node; of each, the inputs that are this output
 * count. */
static firn_code convert_takers(freezer *f, firn_edge from, firn_error *err) {
  const firn_valued v = f->valued[from.node][from.output];
  for (uint32_t k = f->taker_at[from.node]; k < f->taker_at[from.node + 1];
       k++) {
    const firn_node *node = f->graph->nodes[f->takers[k]];
    if (k > f->taker_at[from.node] && f->takers[k] == f->takers[k - 1])
      continue; /* one node that takes several, already seen */
    for (uint32_t i = 0; i < node->input_count; i++)
      if (node->inputs[i].node == from.node &&
          node->inputs[i].output == from.output)
        FIRN_TRY(convert(f, node, i, v.type, v.variable, err));
  }
  return FIRN_OK;
}

static firn_code push(freezer *f, firn_edge edge, firn_error *err) {
  if (f->todo_count == f->todo_capacity) {
    const size_t more = f->todo_capacity ? 2 * f->todo_capacity : 64;
    firn_edge *todo = firn_arena_array(&f->out->arena, more, sizeof *todo);
    if (!todo) return firn_oom(err, more * sizeof *todo);
    if (f->todo_count) memcpy(todo, f->todo, f->todo_count * sizeof *todo);
    f->todo = todo;
    f->todo_capacity = more;
  }
  f->todo[f->todo_count++] = edge;
  return FIRN_OK;
}

firn_code firn_freeze_hand_on(freezer *f, uint32_t node, uint32_t output,
                              firn_dtype type, uint32_t variable,
                              firn_error *err) {
  const uint32_t count = f->graph->nodes[node]->output_count;
  if (output >= count) return FIRN_OK;
  if (!f->valued[node]) {
    f->valued[node] =
        firn_arena_array(&f->out->arena, count, sizeof(firn_valued));
    if (!f->valued[node]) return firn_oom(err, count * sizeof(firn_valued));
  }
  if (f->valued[node][output].type != FIRN_INVALID) return FIRN_OK;
  f->valued[node][output] = (firn_valued){type, variable};
  return push(f, (firn_edge){node, output}, err);
}

firn_code firn_freeze_walk(freezer *f, firn_error *err) {
  while (f->todo_count > 0)
    FIRN_TRY(convert_takers(f, f->todo[--f->todo_count], err));
  return FIRN_OK;
}

firn_code firn_freeze_takers(freezer *f, uint32_t variable, firn_dtype type,
                             firn_error *err) {
  FIRN_TRY(firn_freeze_hand_on(f, variable, 0, type, variable, err));
  return firn_freeze_walk(f, err);
}
