/* graph/effects.c: which nodes do something that is seen elsewhere.
 *
 * TensorFlow calls an op stateful when it must not be merged or folded, which
 * is said of reading a variable, too. Here the question is another: whether
 * something is missed when the node is not run. */
#include "graph/inline.h"

/* Stateful ops that leave everything as it is; the start of the name is
 * enough for those that end in '*'. */
static const char *const harmless[] = {
    "VarHandleOp",
    "_VarHandlesOp",
    "ReadVariableOp",
    "_ReadVariablesOp",
    "ResourceGather*",
    "VariableShape",
    "VarIsInitializedOp",
    "IsVariableInitialized",
    "Variable",
    "VariableV2",
    "HashTable*",
    "MutableHashTable*",
    "MutableDenseHashTable*",
    "AnonymousHashTable",
    "AnonymousMutable*",
    "LookupTableFind*",
    "LookupTableSize*",
    "LookupTableExport*",
    "Placeholder*",
    "_Arg",
    "_Retval",
    "TensorArray*",
    "RandomUniform*",
    "RandomStandardNormal",
    "RandomGamma",
    "RandomPoisson*",
    "RandomShuffle",
    "TruncatedNormal",
    "ParameterizedTruncatedNormal",
    "Multinomial",
    "TensorListReserve",
    "EmptyTensorList",
};

static bool is_harmless(firn_str op) {
  for (size_t i = 0; i < FIRN_COUNT(harmless); i++) {
    firn_str name = firn_str_of(harmless[i]);
    const bool open = name.data[name.size - 1] == '*';
    name.size -= open;
    if (open ? firn_str_starts(op, name) : firn_str_eq(op, name)) return true;
  }
  return false;
}

void firn_effects_init(firn_effects *effects, const firn_graph *graph) {
  *effects = (firn_effects){.graph = graph};
  firn_arena_init(&effects->arena, &graph->env.alloc);
  firn_map_init(&effects->ops, &graph->env.alloc);
  firn_map_init(&effects->functions, &graph->env.alloc);
}

void firn_effects_fini(firn_effects *effects) {
  firn_map_fini(&effects->functions);
  firn_map_fini(&effects->ops);
  firn_arena_fini(&effects->arena);
}

firn_code firn_each_func(const firn_pb_NodeDef *def,
                         firn_code (*visit)(void *ud,
                                            const firn_pb_NameAttrList *func,
                                            firn_error *err),
                         void *ud, firn_error *err) {
  for (size_t i = 0; i < def->attr_count; i++) {
    const firn_pb_AttrValue *v = def->attr[i]->value;
    if (!v) continue;
    if (v->value_case == FIRN_ATTR_FUNC && v->func)
      FIRN_TRY(visit(ud, v->func, err));
    if (v->value_case == FIRN_ATTR_LIST && v->list)
      for (size_t k = 0; k < v->list->func_count; k++)
        FIRN_TRY(visit(ud, v->list->func[k], err));
  }
  return FIRN_OK;
}

/* ---- Functions ---------------------------------------------------------- */

/* Functions whose bodies have to be looked at, each once: what is reached is
 * gathered in a list instead of by recursion, since files may nest deeply. */
typedef struct search {
  firn_effects *effects;
  firn_map seen;
  const firn_pb_FunctionDef **list;
  size_t count, capacity;
} search;

static firn_code add_function(search *s, firn_str name, firn_error *err) {
  uint64_t known;
  const firn_pb_FunctionDef *def = firn_graph_function(s->effects->graph, name);
  if (!def || firn_map_get(&s->seen, name, &known)) return FIRN_OK;
  if (s->count == s->capacity) {
    const size_t more = s->capacity ? 2 * s->capacity : 16;
    const firn_pb_FunctionDef **list =
        firn_arena_array(&s->effects->arena, more, sizeof *list);
    if (!list) return firn_oom(err, more);
    if (s->count) memcpy(list, s->list, s->count * sizeof *list);
    s->list = list;
    s->capacity = more;
  }
  if (!firn_map_set(&s->seen, name, 1)) return firn_oom(err, 0);
  s->list[s->count++] = def;
  return FIRN_OK;
}

static firn_code visit_func(void *ud, const firn_pb_NameAttrList *func,
                            firn_error *err) {
  return add_function(ud, func->name, err);
}

static bool is_call(firn_str op) {
  static const char *const calls[] = {"PartitionedCall",
                                      "StatefulPartitionedCall",
                                      "If",
                                      "StatelessIf",
                                      "Case",
                                      "StatelessCase",
                                      "While",
                                      "StatelessWhile"};
  for (size_t i = 0; i < FIRN_COUNT(calls); i++)
    if (firn_str_is(op, calls[i])) return true;
  return false;
}

/* Whether an op that calls nothing has an effect. */
static firn_code op_has_effect(firn_effects *e, firn_str op, bool *out,
                               firn_error *err) {
  const firn_pb_OpDef *def = NULL;
  uint64_t known;
  if (firn_map_get(&e->ops, op, &known)) {
    *out = known;
    return FIRN_OK;
  }
  *out = !is_harmless(op);
  if (*out) {
    FIRN_TRY(firn_opdef_find(op, &e->arena, &def, err));
    *out = !def || def->is_stateful;
  }
  if (!firn_map_set(&e->ops, op, *out)) return firn_oom(err, op.size);
  return FIRN_OK;
}

/* A node of a graph or of a body: itself, or else the functions that have to be
 * looked at next. */
static firn_code look(search *s, const firn_pb_NodeDef *def, bool *out,
                      firn_error *err) {
  *out = false;
  if (is_call(def->op)) return firn_each_func(def, visit_func, s, err);
  if (firn_graph_function(s->effects->graph, def->op))
    return add_function(s, def->op, err);
  return op_has_effect(s->effects, def->op, out, err);
}

static firn_code search_all(search *s, const firn_pb_NodeDef *def, bool *out,
                            firn_error *err) {
  FIRN_TRY(look(s, def, out, err));
  for (size_t i = 0; i < s->count && !*out; i++) {
    uint64_t known;
    const firn_pb_FunctionDef *f = s->list[i];
    if (firn_map_get(&s->effects->functions, f->signature->name, &known)) {
      *out = known;
      continue;
    }
    for (size_t k = 0; k < f->node_def_count && !*out; k++)
      FIRN_TRY(look(s, f->node_def[k], out, err));
  }
  /* Without an effect none of those that were looked at has one. */
  for (size_t i = 0; i < s->count && !*out; i++)
    if (!firn_map_set(&s->effects->functions, s->list[i]->signature->name, 0))
      return firn_oom(err, 0);
  if (s->count == 1 && *out &&
      !firn_map_set(&s->effects->functions, s->list[0]->signature->name, 1))
    return firn_oom(err, 0);
  return FIRN_OK;
}

firn_code firn_effects_of(firn_effects *effects, const firn_node *node,
                          bool *out, firn_error *err) {
  search s = {.effects = effects};
  *out = false;
  firn_map_init(&s.seen, &effects->arena.alloc);
  const firn_code code = search_all(&s, node->def, out, err);
  firn_map_fini(&s.seen);
  return code;
}

/* ---- Whole graphs ------------------------------------------------------- */

bool firn_is_flow(const firn_node *node) {
  static const char *const ops[] = {
      "Switch",   "RefSwitch",     "_SwitchN",         "Merge",
      "RefMerge", "Enter",         "RefEnter",         "Exit",
      "RefExit",  "NextIteration", "RefNextIteration", "LoopCond"};
  for (size_t i = 0; i < FIRN_COUNT(ops); i++)
    if (firn_str_is(node->def->op, ops[i])) return true;
  return false;
}

/* Hands on to each node what its inputs carry. */
static bool spread(const firn_graph *g, const uint32_t *order, size_t count,
                   bool *carries) {
  bool changed = false;
  for (size_t i = 0; i < count; i++) {
    const firn_node *node = g->nodes[order[i]];
    bool has = carries[order[i]];
    for (uint32_t k = 0; k < node->input_count && !has; k++)
      has =
          node->inputs[k].node != FIRN_NO_NODE && carries[node->inputs[k].node];
    for (uint32_t k = 0; k < node->control_count && !has; k++)
      has = node->controls[k] != FIRN_NO_NODE && carries[node->controls[k]];
    changed = changed || has != carries[order[i]];
    carries[order[i]] = has;
  }
  return changed;
}

/* Loops go back, so until nothing changes. */
firn_code firn_effects_carried(firn_effects *effects, const firn_graph *graph,
                               const bool *marks, bool flow, bool *carries,
                               firn_error *err) {
  size_t count = 0;
  bool any = false;
  uint32_t *order =
      firn_arena_array(&effects->arena, graph->node_count, sizeof *order);
  if (!order) return firn_oom(err, graph->node_count);
  FIRN_TRY(firn_graph_order(graph, marks, order, &count, err));
  for (size_t i = 0; i < count; i++) {
    const firn_node *node = graph->nodes[order[i]];
    bool *has = &carries[order[i]];
    *has = flow && firn_is_flow(node);
    if (!*has) FIRN_TRY(firn_effects_of(effects, node, has, err));
    any = any || *has;
  }
  while (any && spread(graph, order, count, carries)) continue;
  return FIRN_OK;
}
