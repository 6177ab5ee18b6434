/* graph/function.c: the body of a function as a graph. */
#include "graph/function.h"

typedef struct builder {
  firn_function *f;
  const firn_graph *outer;
  const firn_env *env;
  firn_pb_NodeDef_AttrEntry *const *attrs; /* of the call */
  size_t attr_count;
  firn_pb_NodeDef **defs; /* arguments first, then the body */
  size_t def_count;
  firn_graph *bare; /* the same nodes without inputs: who has which outputs */
} builder;

/* ---- Attrs -------------------------------------------------------------- */

static firn_pb_AttrValue *given(const builder *b, firn_str name) {
  for (size_t i = 0; i < b->attr_count; i++)
    if (firn_str_eq(b->attrs[i]->key, name)) return b->attrs[i]->value;
  const firn_pb_OpDef *sig = b->f->def->signature;
  for (size_t i = 0; i < sig->attr_count; i++)
    if (firn_str_eq(sig->attr[i]->name, name))
      return sig->attr[i]->default_value;
  return NULL;
}

/* A copy of a node whose "$T" attrs have values; inputs come later. */
static firn_pb_NodeDef *copy_node(builder *b, const firn_pb_NodeDef *def) {
  firn_arena *arena = &b->f->arena;
  firn_pb_NodeDef *copy = firn_arena_alloc(arena, sizeof *copy);
  if (!copy) return NULL;
  *copy = *def;
  copy->attr = firn_arena_array(arena, def->attr_count, sizeof(*copy->attr));
  if (!copy->attr && def->attr_count) return NULL;
  for (size_t i = 0; i < def->attr_count; i++) {
    firn_pb_NodeDef_AttrEntry *e = def->attr[i];
    if (e->value && e->value->value_case == 9) {
      firn_pb_AttrValue *value = given(b, e->value->placeholder);
      firn_pb_NodeDef_AttrEntry *own = firn_arena_alloc(arena, sizeof *own);
      if (!own) return NULL;
      *own = *e;
      if (value) own->value = value;
      e = own;
    }
    copy->attr[i] = e;
  }
  return copy;
}

static firn_pb_NodeDef_AttrEntry *attr(builder *b, const char *name,
                                       int32_t value_case) {
  firn_arena *arena = &b->f->arena;
  firn_pb_NodeDef_AttrEntry *e =
      firn_pb_new(&firn_pb_type_NodeDef_AttrEntry, arena);
  firn_pb_AttrValue *v = firn_pb_new(&firn_pb_type_AttrValue, arena);
  if (!e || !v) return NULL;
  e->key = firn_str_of(name);
  e->value = v;
  v->value_case = value_case;
  return e;
}

/* The type of an argument: its own, or what the caller says. */
static int32_t type_of(const builder *b, const firn_pb_OpDef_ArgDef *arg) {
  if (!arg->type_attr.size) return arg->type;
  const firn_pb_AttrValue *value = given(b, arg->type_attr);
  return value && value->value_case == 6 ? value->type : 0;
}

static firn_code add_args(builder *b, firn_error *err) {
  const firn_pb_OpDef *sig = b->f->def->signature;
  for (size_t i = 0; i < sig->input_arg_count; i++) {
    firn_pb_NodeDef *def = firn_pb_new(&firn_pb_type_NodeDef, &b->f->arena);
    firn_pb_NodeDef_AttrEntry *type = attr(b, "T", 6),
                              *index = attr(b, "index", 3);
    if (!def || !type || !index) return firn_oom(err, sizeof *def);
    def->name = sig->input_arg[i]->name;
    def->op = FIRN_STR("_Arg");
    def->attr = firn_arena_array(&b->f->arena, 2, sizeof(*def->attr));
    if (!def->attr) return firn_oom(err, 0);
    type->value->type = type_of(b, sig->input_arg[i]);
    index->value->i = (int64_t)i;
    def->attr[def->attr_count++] = type;
    def->attr[def->attr_count++] = index;
    b->defs[b->def_count++] = def;
  }
  return FIRN_OK;
}

/* ---- Names -------------------------------------------------------------- */

/* Splits "n:out:1"; an argument is just "x". */
static void split(firn_str text, firn_str *node, firn_str *arg,
                  uint64_t *index) {
  const char *first = memchr(text.data, ':', text.size);
  *node = text;
  *arg = (firn_str){0};
  *index = 0;
  if (!first) return;
  node->size = (size_t)(first - text.data);
  *arg = (firn_str){first + 1, text.size - node->size - 1};
  const char *second = memchr(arg->data, ':', arg->size);
  if (!second) return;
  const firn_str digits = {second + 1,
                           arg->size - (size_t)(second - arg->data) - 1};
  arg->size = (size_t)(second - arg->data);
  if (!firn_parse_u64(digits, index)) *index = UINT32_MAX;
}

static firn_code no_such(const builder *b, firn_str text, firn_error *err) {
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "function '%.*s': there is no '%.*s' in its body",
                   FIRN_ARG(b->f->def->signature->name), FIRN_ARG(text));
}

/* The edge that a name of the function's body stands for. */
static firn_code resolve(const builder *b, firn_str text, firn_edge *out,
                         firn_error *err) {
  firn_str name, arg;
  uint64_t index, node;
  uint32_t first = 0, count = 1;
  split(text, &name, &arg, &index);
  if (!firn_map_get(&b->bare->names, name, &node)) return no_such(b, text, err);
  if (arg.size && arg.data[0] >= '0' && arg.data[0] <= '9') {
    if (!firn_parse_u64(arg, &index)) return no_such(b, text, err);
    count = UINT32_MAX;
  } else if (arg.size && !firn_node_output_named(b->bare->nodes[node], arg,
                                                 &first, &count)) {
    return no_such(b, text, err);
  }
  if (index >= count || index > UINT32_MAX - first)
    return no_such(b, text, err);
  *out = (firn_edge){(uint32_t)node, first + (uint32_t)index};
  return FIRN_OK;
}

static firn_code rename_inputs(builder *b, firn_pb_NodeDef *def,
                               firn_error *err) {
  firn_str *inputs =
      firn_arena_array(&b->f->arena, def->input_count, sizeof *inputs);
  if (!inputs && def->input_count) return firn_oom(err, 0);
  for (size_t i = 0; i < def->input_count; i++) {
    firn_edge e = {0};
    const firn_str text = def->input[i];
    if (text.size && text.data[0] == '^') {
      inputs[i] = text;
      continue;
    }
    FIRN_TRY(resolve(b, text, &e, err));
    const firn_str name = b->defs[e.node]->name;
    inputs[i] = firn_arena_printf(&b->f->arena, "%.*s:%u", (int)name.size,
                                  name.data, e.output);
    if (!inputs[i].data) return firn_oom(err, name.size);
  }
  def->input = inputs;
  return FIRN_OK;
}

/* ---- The whole ---------------------------------------------------------- */

static firn_code make_defs(builder *b, firn_error *err) {
  const firn_pb_FunctionDef *def = b->f->def;
  const size_t count = def->signature->input_arg_count + def->node_def_count;
  b->defs = firn_arena_array(&b->f->arena, count, sizeof(*b->defs));
  firn_pb_NodeDef **bare = firn_arena_array(&b->f->arena, count, sizeof(*bare));
  if (!b->defs || !bare) return firn_oom(err, count);
  FIRN_TRY(add_args(b, err));
  for (size_t i = 0; i < def->node_def_count; i++) {
    firn_pb_NodeDef *copy = copy_node(b, def->node_def[i]);
    if (!copy) return firn_oom(err, sizeof *copy);
    b->defs[b->def_count++] = copy;
  }
  for (size_t i = 0; i < b->def_count; i++) {
    bare[i] = firn_arena_alloc(&b->f->arena, sizeof(**bare));
    if (!bare[i]) return firn_oom(err, 0);
    *bare[i] = *b->defs[i];
    bare[i]->input_count = 0;
  }
  FIRN_TRY(firn_graph_append_all(b->bare, bare, b->def_count, err));
  for (size_t i = 0; i < b->def_count; i++)
    FIRN_TRY(rename_inputs(b, b->defs[i], err));
  return firn_graph_append_all(b->f->graph, b->defs, b->def_count, err);
}

static firn_str find_ret(const firn_pb_FunctionDef *def, firn_str name) {
  for (size_t i = 0; i < def->ret_count; i++)
    if (firn_str_eq(def->ret[i]->key, name)) return def->ret[i]->value;
  return (firn_str){0};
}

static firn_code find_rets(builder *b, firn_error *err) {
  firn_function *f = b->f;
  const firn_pb_OpDef *sig = f->def->signature;
  f->arg_count = sig->input_arg_count;
  f->ret_count = sig->output_arg_count;
  f->args = firn_arena_array(&f->arena, f->arg_count, sizeof *f->args);
  f->rets = firn_arena_array(&f->arena, f->ret_count, sizeof *f->rets);
  if (!f->args || !f->rets) return firn_oom(err, 0);
  for (uint32_t i = 0; i < f->arg_count; i++) f->args[i] = i;
  for (size_t i = 0; i < f->ret_count; i++) {
    const firn_str name = sig->output_arg[i]->name;
    const firn_str from = find_ret(f->def, name);
    if (!from.size)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "function '%.*s': nothing is returned as '%.*s'",
                       FIRN_ARG(sig->name), FIRN_ARG(name));
    FIRN_TRY(resolve(b, from, &f->rets[i], err));
  }
  return FIRN_OK;
}

/* What runs for its effect: the control returns; of functions of old, which
 * have none, every stateful node. */
static firn_code find_effects(builder *b, firn_error *err) {
  firn_function *f = b->f;
  f->effects = firn_arena_array(
      &f->arena, f->def->control_ret_count + f->graph->node_count,
      sizeof *f->effects);
  if (!f->effects) return firn_oom(err, 0);
  for (size_t i = 0; i < f->def->control_ret_count; i++) {
    uint64_t node;
    if (!firn_map_get(&f->graph->names, f->def->control_ret[i]->value, &node))
      return no_such(b, f->def->control_ret[i]->value, err);
    f->effects[f->effect_count++] = (uint32_t)node;
  }
  if (f->effect_count) return FIRN_OK;
  for (uint32_t i = 0; i < f->graph->node_count; i++) {
    const firn_pb_OpDef *def = f->graph->nodes[i]->type->def;
    if (def && def->is_stateful && !firn_str_is(def->name, "_Arg"))
      f->effects[f->effect_count++] = i;
  }
  return FIRN_OK;
}

firn_code firn_function_new(const firn_graph *outer,
                            const firn_pb_FunctionDef *def,
                            firn_pb_NodeDef_AttrEntry *const *attrs,
                            size_t attr_count, const firn_env *env,
                            firn_function **out, firn_error *err) {
  *out = NULL;
  if (!def->signature)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a function without a signature");
  firn_function *f = firn_new_zeroed(&env->alloc, sizeof *f);
  if (!f) return firn_oom(err, sizeof *f);
  f->def = def;
  firn_arena_init(&f->arena, &env->alloc);
  builder b = {.f = f,
               .outer = outer,
               .env = env,
               .attrs = attrs,
               .attr_count = attr_count};
  firn_code code = firn_graph_new(outer, env, &f->graph, err);
  if (code == FIRN_OK) code = firn_graph_new(outer, env, &b.bare, err);
  if (code == FIRN_OK) code = make_defs(&b, err);
  if (code == FIRN_OK) code = find_rets(&b, err);
  if (code == FIRN_OK) code = find_effects(&b, err);
  firn_graph_free(b.bare);
  if (code == FIRN_OK)
    *out = f;
  else
    firn_function_free(f);
  return code;
}

void firn_function_free(firn_function *function) {
  if (!function) return;
  const firn_allocator alloc = function->arena.alloc;
  firn_graph_free(function->graph);
  firn_arena_fini(&function->arena);
  firn_delete(&alloc, function, sizeof *function);
}

int64_t firn_function_passes(const firn_function *function, size_t i) {
  firn_edge e = function->rets[i];
  for (uint32_t steps = 0; steps < function->graph->node_count; steps++) {
    const firn_node *node = function->graph->nodes[e.node];
    if (firn_str_is(node->def->op, "_Arg"))
      return firn_attr_int_or(node, "index", -1);
    if (!firn_str_is(node->def->op, "Identity") || !node->input_count ||
        node->control_count || node->inputs[0].node == FIRN_NO_NODE)
      return -1;
    e = node->inputs[0];
  }
  return -1;
}
