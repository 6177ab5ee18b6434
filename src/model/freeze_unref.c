/* model/freeze_unref.c: no constant may stand where a reference is wanted.
 *
 * TensorFlow's tool turns a reference variable under a cond into a constant and
 * leaves RefSwitch, AssignSub and the like behind, which TensorFlow then
 * refuses to import ("passed float ... incompatible with expected float_ref").
 * Here such nodes become what they compute of a value: RefSwitch → Switch,
 * AssignSub → Sub, Assign → Identity of the value assigned. Nodes that only
 * have an effect on a resource become NoOps. A graph in which no such node is
 * left is not touched. */
#include "model/freeze.h"

typedef struct mender {
  const firn_graph *graph;
  const bool *kept;
  bool *value; /* per node: now hands on a value, not a reference */
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
    {"AssignVariableOp", "NoOp", 0, false},
    {"AssignAddVariableOp", "NoOp", 0, false},
    {"AssignSubVariableOp", "NoOp", 0, false},
};

static const rewrite *find(firn_str op) {
  for (size_t i = 0; i < FIRN_COUNT(rewrites); i++)
    if (firn_str_is(op, rewrites[i].from)) return &rewrites[i];
  return NULL;
}

/* Whether one of the node's inputs, data ones only, has become a value. */
static bool takes_value(const mender *m, const firn_node *node) {
  for (uint32_t k = 0; k < node->input_count; k++) {
    const uint32_t from = node->inputs[k].node;
    if (from != FIRN_NO_NODE && m->value[from]) return true;
  }
  return false;
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

static firn_code apply(mender *m, const firn_node *node, const rewrite *r,
                       firn_error *err) {
  static const char *const meaningless[] = {
      "use_locking", "validate_shape", "_class", "_output_shapes", "dtype"};
  firn_pb_NodeDef *def = firn_edit_node(node->def, m->arena);
  if (!def) return firn_oom(err, sizeof *def);
  def->op = firn_str_of(r->to);
  FIRN_TRY(choose_inputs(m, node, r, def, err));
  for (size_t i = 0; i < FIRN_COUNT(meaningless); i++)
    firn_drop_attr(def, meaningless[i]);
  if (!strcmp(r->to, "NoOp")) def->attr_count = 0;
  m->to[node->index] = def;
  return FIRN_OK;
}

firn_code firn_freeze_unref(const firn_graph *graph, const bool *kept,
                            const bool *converted, firn_pb_NodeDef **to,
                            firn_arena *arena, firn_error *err) {
  const uint32_t n = graph->node_count;
  mender m = {.graph = graph, .kept = kept, .to = to, .arena = arena};
  m.value = firn_arena_array(arena, n, sizeof(bool));
  if (!m.value) return firn_oom(err, n);
  memcpy(m.value, converted, n * sizeof(bool));

  /* Until nothing changes, since a loop's back edge comes from behind. */
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t i = 0; i < n; i++) {
      const firn_node *node = graph->nodes[i];
      const rewrite *r = kept[i] ? find(node->def->op) : NULL;
      if (!r || to[i] || !takes_value(&m, node)) continue;
      FIRN_TRY(apply(&m, node, r, err));
      m.value[i] = r->passes;
      changed = true;
    }
  }
  return FIRN_OK;
}
