/* model/freeze_unref.c: no constant may stand where a reference is wanted.
 *
 * TensorFlow's tool turns a reference variable under a cond into a constant and
 * leaves RefSwitch, AssignSub and the like behind, which TensorFlow then
 * refuses to import ("passed float ... incompatible with expected float_ref").
 * Here such nodes become what they compute of a value: RefSwitch → Switch,
 * AssignSub → Sub, Assign → Identity of the value assigned. Asked whether it
 * has a value, such a variable says yes. Nodes that only have an effect on a
 * resource become NoOps. A graph in which no such node is left is not touched.
 */
#include "model/freeze.h"

typedef struct mender {
  const firn_graph *graph;
  const bool *kept;
  bool *value;      /* per node: now hands on a value, not a variable */
  firn_dtype *type; /* per node: of that value                        */
  firn_pb_NodeDef **to;
  firn_arena *arena;
} mender;

/* What an op becomes, and which of its inputs stay (bit i: input i). */
typedef struct rewrite {
  const char *from, *to;
  unsigned inputs;
  bool passes; /* its outputs stand for the variable in turn */
} rewrite;

static const rewrite rewrites[] = {
    {"RefSwitch", "Switch", 3, true},
    {"RefMerge", "Merge", ~0u, true},
    {"RefEnter", "Enter", 1, true},
    {"RefExit", "Exit", 1, true},
    {"RefNextIteration", "NextIteration", 1, true},
    {"RefIdentity", "Identity", 1, true},
    {"Assign", "Identity", 2, true},
    {"AssignAdd", "Add", 3, true},
    {"AssignSub", "Sub", 3, true},
    {"IsVariableInitialized", "Const", 0, false},
    {"VarIsInitializedOp", "Const", 0, false},
    {"VariableShape", "Shape", 1, false},
};

/* Assigning to a resource, or whatever else is done to it. */
static const rewrite effect = {"", "NoOp", 0, false};

/* Whether an input that must be a variable has become a value. *type gets the
 * type of that value. */
static bool takes_value(const mender *m, const firn_node *node,
                        firn_dtype *type) {
  firn_arg_walk walk = firn_walk_inputs(node);
  for (uint32_t k = 0; k < node->input_count; k++) {
    const uint32_t from = node->inputs[k].node;
    const int want = firn_arg_next(&walk);
    if (want < 0) return false;
    if ((!walk.is_ref && want != FIRN_RESOURCE) || from == FIRN_NO_NODE ||
        !m->value[from])
      continue;
    *type = m->type[from];
    return true;
  }
  return false;
}

static const rewrite *find(const firn_node *node) {
  for (size_t i = 0; i < FIRN_COUNT(rewrites); i++)
    if (firn_str_is(node->def->op, rewrites[i].from)) return &rewrites[i];
  return node->outputs_known && node->output_count == 0 ? &effect : NULL;
}

/* Keeps the chosen data inputs and every control input. */
static firn_code choose_inputs(mender *m, const firn_node *node,
                               const rewrite *r, firn_pb_NodeDef *def,
                               firn_error *err) {
  firn_str *inputs =
      firn_arena_array(m->arena, node->def->input_count, sizeof *inputs);
  if (!inputs) return firn_oom(err, 0);
  def->input_count = 0;
  for (size_t i = 0; i < node->def->input_count; i++) {
    const bool control = i >= node->input_count;
    if (control || i >= 32 || (r->inputs >> i & 1))
      inputs[def->input_count++] = node->def->input[i];
  }
  def->input = inputs;
  return FIRN_OK;
}

static firn_code add_type(mender *m, firn_pb_NodeDef *def, const char *name,
                          firn_dtype type, firn_error *err) {
  firn_pb_NodeDef_AttrEntry *e = firn_new_attr(m->arena, name, FIRN_ATTR_TYPE);
  if (!e) return firn_oom(err, sizeof *e);
  e->value->type = type;
  def->attr[def->attr_count++] = e;
  return FIRN_OK;
}

/* A variable that has become a constant has a value. */
static firn_code say_true(mender *m, firn_pb_NodeDef *def, firn_error *err) {
  firn_pb_NodeDef_AttrEntry *e =
      firn_new_attr(m->arena, "value", FIRN_ATTR_TENSOR);
  firn_pb_TensorProto *value = firn_pb_new(&firn_pb_type_TensorProto, m->arena);
  const firn_shape scalar = firn_shape_scalar();
  def->attr = firn_arena_array(m->arena, 2, sizeof(*def->attr));
  def->attr_count = 0;
  if (!e || !value || !def->attr) return firn_oom(err, sizeof *value);
  value->dtype = FIRN_BOOL;
  FIRN_TRY(firn_shape_to_proto(&scalar, m->arena, &value->tensor_shape, err));
  value->bool_val = firn_arena_array(m->arena, 1, sizeof *value->bool_val);
  if (!value->bool_val) return firn_oom(err, sizeof *value->bool_val);
  value->bool_val[0] = true;
  value->bool_val_count = 1;
  FIRN_TRY(add_type(m, def, "dtype", FIRN_BOOL, err));
  e->value->tensor = value;
  def->attr[def->attr_count++] = e;
  return FIRN_OK;
}

static firn_code apply(mender *m, const firn_node *node, const rewrite *r,
                       firn_dtype type, firn_error *err) {
  static const char *const meaningless[] = {
      "use_locking", "validate_shape", "_class", "_output_shapes", "dtype"};
  firn_pb_NodeDef *def = firn_edit_node(node->def, m->arena);
  if (!def) return firn_oom(err, sizeof *def);
  def->op = firn_str_of(r->to);
  FIRN_TRY(choose_inputs(m, node, r, def, err));
  for (size_t i = 0; i < FIRN_COUNT(meaningless); i++)
    firn_drop_attr(def, meaningless[i]);
  if (r == &effect) def->attr_count = 0;
  if (firn_str_is(def->op, "Const")) FIRN_TRY(say_true(m, def, err));
  if (firn_str_is(def->op, "Shape")) FIRN_TRY(add_type(m, def, "T", type, err));
  m->to[node->index] = def;
  m->value[node->index] = r->passes;
  m->type[node->index] = type;
  return FIRN_OK;
}

/* The variables, and what already hands their values on. */
static void find_values(mender *m, const bool *converted) {
  for (uint32_t i = 0; i < m->graph->node_count; i++) {
    const firn_node *node = m->graph->nodes[i];
    const firn_pb_NodeDef *def = m->to[i];
    if (!converted[i] && (!def || !firn_str_eq(def->op, node->def->op) ||
                          firn_freeze_is_call(node)))
      continue;
    m->value[i] = true;
    for (size_t k = 0; k < def->attr_count; k++)
      if (firn_str_is(def->attr[k]->key, converted[i] ? "dtype" : "T"))
        m->type[i] = (firn_dtype)def->attr[k]->value->type;
  }
}

firn_code firn_freeze_unref(const firn_graph *graph, const bool *kept,
                            const bool *converted, firn_pb_NodeDef **to,
                            firn_arena *arena, firn_error *err) {
  const uint32_t n = graph->node_count;
  mender m = {.graph = graph, .kept = kept, .to = to, .arena = arena};
  m.value = firn_arena_array(arena, n, sizeof *m.value);
  m.type = firn_arena_array(arena, n, sizeof *m.type);
  if (!m.value || !m.type) return firn_oom(err, n);
  find_values(&m, converted);

  /* Until nothing changes, since a loop's back edge comes from behind. */
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t i = 0; i < n; i++) {
      const firn_node *node = graph->nodes[i];
      const rewrite *r = kept[i] && !to[i] ? find(node) : NULL;
      firn_dtype type = FIRN_INVALID;
      if (!r || !takes_value(&m, node, &type)) continue;
      FIRN_TRY(apply(&m, node, r, type, err));
      changed = true;
    }
  }
  return FIRN_OK;
}
