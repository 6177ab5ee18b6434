/* model/freeze_function.c: functions that are given values instead of
 * variables.
 *
 * A call with a constant where a resource was calls a variant of the function:
 * the same body, frozen in the same way, whose argument is of the variable's
 * type. A variant is made once for each function and list of types. */
#include "model/freeze.h"

typedef firn_freezer freezer;

void firn_freeze_variants_free(firn_frozen *frozen) {
  for (firn_freeze_variant *v = frozen->variants; v; v = v->next)
    firn_function_free(v->function);
}

/* ---- Variants ----------------------------------------------------------- */

static firn_code new_name(firn_frozen *z, const firn_graph *graph,
                          firn_str stem, firn_str *out, firn_error *err) {
  uint64_t taken;
  for (unsigned i = 0;; i++) {
    *out = i ? firn_arena_printf(&z->arena, "%.*s_frozen_%u", (int)stem.size,
                                 stem.data, i)
             : firn_arena_printf(&z->arena, "%.*s_frozen", (int)stem.size,
                                 stem.data);
    if (!out->data) return firn_oom(err, stem.size);
    if (!firn_graph_function(graph, *out) &&
        !firn_map_get(&z->names, *out, &taken))
      return FIRN_OK;
  }
}

/* Freezes the body with the arguments of `v` as values. */
static firn_code freeze_body(const freezer *outer, firn_freeze_variant *v,
                             firn_error *err) {
  firn_function *function = v->function;
  freezer f = {.model = outer->model,
               .graph = function->graph,
               .source = outer->source,
               .options = outer->options,
               .out = outer->out,
               .function = v->from,
               .depth = outer->depth + 1};
  const uint32_t n = f.graph->node_count;
  if (f.depth > outer->model->env.limits.call_depth)
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                     "function '%.*s': calls are nested more than %u deep",
                     FIRN_ARG(v->from->signature->name),
                     outer->model->env.limits.call_depth);
  f.kept = firn_arena_array(&f.out->arena, n, sizeof(bool));
  if (!f.kept) return firn_oom(err, n);
  memset(f.kept, true, n);
  FIRN_TRY(firn_freeze_ready(&f, err));
  for (uint32_t i = 0; i < function->arg_count; i++)
    if (v->args[i] != FIRN_INVALID)
      FIRN_TRY(firn_freeze_takers(&f, i, v->args[i], err));
  FIRN_TRY(firn_freeze_calls(&f, err));
  for (size_t i = 0; i < function->ret_count; i++) {
    const firn_edge e = function->rets[i];
    const firn_valued *values = f.valued[e.node];
    if (values && firn_edge_type(f.graph, e) == FIRN_RESOURCE)
      v->rets[i] = values[e.output].type;
  }
  v->writes = f.writes;
  return firn_freeze_write_variant(&f, v, err);
}

/* The variant of a function for these arguments; makes it when there is none.
 */
static firn_code find_variant(freezer *f, const firn_node *node,
                              const firn_pb_NameAttrList *func,
                              const firn_dtype *args, size_t count,
                              firn_freeze_variant **out, firn_error *err) {
  firn_frozen *z = f->out;
  const firn_pb_FunctionDef *from = firn_graph_function(f->graph, func->name);
  if (!from || !from->signature)
    return firn_fail(err, FIRN_NOT_FOUND,
                     "node '%.*s' (%.*s): there is no function '%.*s'",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op),
                     FIRN_ARG(func->name));
  if (from->signature->input_arg_count != count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "node '%.*s' (%.*s): gives %zu arguments to function "
                     "'%.*s', which wants %zu",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), count,
                     FIRN_ARG(func->name), from->signature->input_arg_count);
  const bool open = from->signature->attr_count > 0;
  firn_freeze_variant *first = firn_freeze_variant_named(z, func->name);
  for (firn_freeze_variant *v = first; v && !open; v = v->same)
    if (!memcmp(v->args, args, count * sizeof *args)) {
      *out = v;
      return FIRN_OK;
    }
  firn_freeze_variant *v = firn_arena_zeroed(&z->arena, sizeof *v);
  if (!v) return firn_oom(err, sizeof *v);
  v->from = from;
  v->args = firn_arena_array(&z->arena, count, sizeof *args);
  v->rets = firn_arena_array(&z->arena, from->signature->output_arg_count,
                             sizeof *args);
  if (!v->args || !v->rets) return firn_oom(err, count);
  if (count) memcpy(v->args, args, count * sizeof *args);
  FIRN_TRY(new_name(z, f->graph, func->name, &v->name, err));
  FIRN_TRY(firn_function_new(
      f->graph, from, (firn_pb_NodeDef_AttrEntry *const *)func->attr,
      func->attr_count, &f->model->env, &v->function, err));
  v->next = z->variants;
  v->same = first;
  z->variants = v;
  if (!firn_map_set(&z->names, v->name, (uintptr_t)v) ||
      !firn_map_set(&z->names, from->signature->name, (uintptr_t)v))
    return firn_oom(err, 0);
  *out = v;
  return freeze_body(f, v, err);
}

/* ---- The call ----------------------------------------------------------- */

/* A call while it is rewritten: what it gives its functions from input `skip`
 * on. */
typedef struct call {
  const firn_node *node;
  firn_pb_NodeDef *def;
  uint32_t skip;
  firn_dtype *types; /* per argument */
  size_t count;
  firn_dtype *rets; /* per output */
  bool any;
} call;

static uint32_t first_argument(const firn_node *node) {
  static const char *const ops[] = {"If", "StatelessIf", "Case",
                                    "StatelessCase"};
  for (size_t i = 0; i < FIRN_COUNT(ops); i++)
    if (firn_str_is(node->def->op, ops[i])) return 1;
  return 0;
}

static bool is_loop(const firn_node *node) {
  return firn_str_is(node->def->op, "While") ||
         firn_str_is(node->def->op, "StatelessWhile");
}

/* The node's op is a function's name. */
static bool is_function(const firn_node *node) {
  const firn_pb_FunctionDef *def =
      firn_graph_function(node->graph, node->def->op);
  return def && node->type->def == def->signature;
}

static firn_code look_at_call(freezer *f, const firn_node *node, call *c,
                              firn_error *err) {
  firn_arena *arena = &f->out->arena;
  *c = (call){.node = node, .skip = first_argument(node)};
  if (node->input_count < c->skip) return FIRN_OK;
  c->count = node->input_count - c->skip;
  c->types = firn_arena_array(arena, c->count, sizeof *c->types);
  c->rets = firn_arena_array(arena, node->output_count, sizeof *c->rets);
  if (!c->types || !c->rets) return firn_oom(err, c->count);
  for (size_t i = 0; i < c->count; i++) {
    const firn_edge e = node->inputs[c->skip + i];
    if (firn_edge_type(f->graph, e) != FIRN_RESOURCE || !f->valued[e.node])
      continue;
    c->types[i] = f->valued[e.node][e.output].type;
    c->any = c->any || c->types[i] != FIRN_INVALID;
  }
  return FIRN_OK;
}

/* A function attr that names the variant; its writes become the caller's. */
static firn_code call_variant(freezer *f, call *c,
                              const firn_pb_NameAttrList *func,
                              firn_pb_NameAttrList **out, firn_error *err) {
  firn_freeze_variant *v = NULL;
  FIRN_TRY(find_variant(f, c->node, func, c->types, c->count, &v, err));
  for (const firn_write *w = v->writes; w; w = w->next) {
    if (w->variable >= c->count) continue;
    const firn_edge e = c->node->inputs[c->skip + w->variable];
    FIRN_TRY(firn_freeze_add_write(f, f->valued[e.node][e.output].variable,
                                   w->node, w->op, err));
  }
  const size_t rets = v->from->signature->output_arg_count;
  for (size_t i = 0; i < rets && i < c->node->output_count; i++)
    if (!is_loop(c->node) && v->rets[i] != FIRN_INVALID)
      c->rets[i] = v->rets[i];
  *out = firn_arena_alloc(&f->out->arena, sizeof **out);
  if (!*out) return firn_oom(err, sizeof **out);
  **out = *func;
  (*out)->name = v->name;
  return FIRN_OK;
}

static firn_pb_AttrValue *own_attr(firn_arena *arena, firn_pb_NodeDef *def,
                                   size_t i) {
  firn_pb_NodeDef_AttrEntry *e = firn_arena_alloc(arena, sizeof *e);
  firn_pb_AttrValue *value = firn_arena_alloc(arena, sizeof *value);
  if (!e || !value) return NULL;
  *value = *def->attr[i]->value;
  *e = *def->attr[i];
  e->value = value;
  def->attr[i] = e;
  return value;
}

static firn_code rename_functions(freezer *f, call *c, firn_error *err) {
  firn_arena *arena = &f->out->arena;
  for (size_t i = 0; i < c->def->attr_count; i++) {
    const firn_pb_AttrValue *old = c->def->attr[i]->value;
    const bool many = old && old->value_case == FIRN_ATTR_LIST && old->list &&
                      old->list->func_count;
    if (!many && !(old && old->value_case == FIRN_ATTR_FUNC && old->func))
      continue;
    firn_pb_AttrValue *value = own_attr(arena, c->def, i);
    if (!value) return firn_oom(err, sizeof *value);
    if (!many) {
      FIRN_TRY(call_variant(f, c, old->func, &value->func, err));
      continue;
    }
    firn_pb_AttrValue_ListValue *list = firn_arena_alloc(arena, sizeof *list);
    if (!list) return firn_oom(err, sizeof *list);
    *list = *old->list;
    list->func = firn_arena_array(arena, list->func_count, sizeof(*list->func));
    if (!list->func) return firn_oom(err, list->func_count);
    for (size_t k = 0; k < list->func_count; k++)
      FIRN_TRY(call_variant(f, c, old->list->func[k], &list->func[k], err));
    value->list = list;
  }
  return FIRN_OK;
}

/* A list of types in which some become others. */
static firn_code retype(firn_arena *arena, firn_pb_NodeDef *def,
                        const char *name, const firn_dtype *types, size_t count,
                        firn_error *err) {
  for (size_t i = 0; i < def->attr_count; i++) {
    const firn_pb_AttrValue *old = def->attr[i]->value;
    if (!firn_str_is(def->attr[i]->key, name) || !old ||
        old->value_case != FIRN_ATTR_LIST || !old->list)
      continue;
    firn_pb_AttrValue *value = own_attr(arena, def, i);
    firn_pb_AttrValue_ListValue *list = firn_arena_alloc(arena, sizeof *list);
    if (!value || !list) return firn_oom(err, sizeof *list);
    *list = *old->list;
    list->type = firn_arena_array(arena, list->type_count, sizeof *list->type);
    if (!list->type) return firn_oom(err, list->type_count);
    for (size_t k = 0; k < list->type_count; k++)
      list->type[k] = k < count && types[k] != FIRN_INVALID
                          ? (int32_t)types[k]
                          : old->list->type[k];
    value->list = list;
  }
  return FIRN_OK;
}

/* Shapes that were those of resources are not known. */
static firn_code forget_shapes(firn_arena *arena, firn_pb_NodeDef *def,
                               const firn_dtype *types, size_t count,
                               firn_error *err) {
  for (size_t i = 0; i < def->attr_count; i++) {
    const firn_pb_AttrValue *old = def->attr[i]->value;
    if (!firn_str_is(def->attr[i]->key, "output_shapes") || !old ||
        old->value_case != FIRN_ATTR_LIST || !old->list)
      continue;
    firn_pb_AttrValue *value = own_attr(arena, def, i);
    firn_pb_AttrValue_ListValue *list = firn_arena_alloc(arena, sizeof *list);
    firn_pb_TensorShapeProto *unknown =
        firn_pb_new(&firn_pb_type_TensorShapeProto, arena);
    if (!value || !list || !unknown) return firn_oom(err, sizeof *list);
    unknown->unknown_rank = true;
    *list = *old->list;
    list->shape =
        firn_arena_array(arena, list->shape_count, sizeof(*list->shape));
    if (!list->shape) return firn_oom(err, list->shape_count);
    for (size_t k = 0; k < list->shape_count; k++)
      list->shape[k] =
          k < count && types[k] != FIRN_INVALID ? unknown : old->list->shape[k];
    value->list = list;
  }
  return FIRN_OK;
}

static firn_code rewrite_call(freezer *f, call *c, firn_error *err) {
  firn_arena *arena = &f->out->arena;
  const firn_node *node = c->node;
  c->def = firn_edit_node(node->def, arena);
  if (!c->def) return firn_oom(err, sizeof *c->def);
  firn_drop_attr(c->def, "_read_only_resource_inputs");
  firn_drop_attr(c->def, "_output_shapes");
  if (is_function(node)) {
    firn_pb_NameAttrList *to = NULL;
    const firn_pb_NameAttrList self = {
        .name = node->def->op,
        .attr = (firn_pb_NameAttrList_AttrEntry **)node->def->attr,
        .attr_count = node->def->attr_count};
    FIRN_TRY(call_variant(f, c, &self, &to, err));
    c->def->op = to->name;
  } else {
    FIRN_TRY(rename_functions(f, c, err));
  }
  if (is_loop(node)) {
    for (uint32_t i = 0; i < node->output_count && i < c->count; i++)
      c->rets[i] = c->types[i];
    FIRN_TRY(retype(arena, c->def, "T", c->types, c->count, err));
  } else {
    FIRN_TRY(retype(arena, c->def, "Tin", c->types, c->count, err));
    FIRN_TRY(retype(arena, c->def, "Tout", c->rets, node->output_count, err));
  }
  FIRN_TRY(forget_shapes(arena, c->def, c->rets, node->output_count, err));
  f->to[node->index] = c->def;
  return FIRN_OK;
}

/* What a call hands back of what it was given belongs to the first variable
 * that it was given of that type: they are told apart no further. */
static firn_code hand_back(freezer *f, const call *c, firn_error *err) {
  for (uint32_t i = 0; i < c->node->output_count; i++) {
    if (c->rets[i] == FIRN_INVALID) continue;
    uint32_t variable = FIRN_NO_NODE;
    for (size_t k = 0; k < c->count && variable == FIRN_NO_NODE; k++) {
      const firn_edge e = c->node->inputs[c->skip + k];
      if (c->types[k] == c->rets[i])
        variable = f->valued[e.node][e.output].variable;
    }
    if (variable == FIRN_NO_NODE) continue;
    FIRN_TRY(
        firn_freeze_hand_on(f, c->node->index, i, c->rets[i], variable, err));
  }
  return FIRN_OK;
}

/* Until no call gives back anything new. */
firn_code firn_freeze_calls(freezer *f, firn_error *err) {
  const uint32_t n = f->graph->node_count;
  size_t count = 0;
  size_t *seen = firn_arena_array(&f->out->arena, n, sizeof *seen);
  uint32_t *order = firn_arena_array(&f->out->arena, n, sizeof *order);
  if (!seen || !order) return firn_oom(err, n);
  FIRN_TRY(firn_graph_order(f->graph, f->kept, order, &count, err));
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 0; i < count; i++) {
      const firn_node *node = f->graph->nodes[order[i]];
      call c;
      size_t values = 0;
      if (!firn_freeze_is_call(node)) continue;
      FIRN_TRY(look_at_call(f, node, &c, err));
      for (size_t k = 0; k < c.count; k++) values += c.types[k] != FIRN_INVALID;
      if (values == seen[i]) continue;
      seen[i] = values;
      changed = true;
      FIRN_TRY(rewrite_call(f, &c, err));
      FIRN_TRY(hand_back(f, &c, err));
      FIRN_TRY(firn_freeze_walk(f, err));
    }
  }
  return FIRN_OK;
}
