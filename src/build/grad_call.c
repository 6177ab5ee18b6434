/* build/grad_call.c: gradients of calls and of conditionals that call: the
 * gradient of a call is a call of the function's gradient. */
#include "build/grad_body.h"

#define RULE(name) static void name(firn_grad *g)

/* A node that calls one of several functions. */
typedef struct calls {
  firn_grad *g;
  uint32_t first; /* input of the node that is the functions' first argument */
  const firn_pb_NameAttrList **funcs;
  firn_grad_body *bodies;
  const char **names; /* of the gradients */
  uint32_t count;
  uint32_t *from; /* the arguments that have a gradient */
  uint32_t from_count;
} calls;

static bool open_bodies(calls *c) {
  const firn_grad *g = c->g;
  const uint32_t outputs = g->node->output_count;
  const uint32_t args = g->node->input_count - c->first;
  firn_dtype *types = firn_builder_alloc(g->b, outputs + 1, sizeof *types);
  if (!types) return false;
  for (uint32_t k = 0; k < outputs; k++)
    types[k] = g_has(g->dy[k]) ? g_type(g, g->dy[k]) : FIRN_INVALID;
  for (uint32_t i = 0; i < c->count; i++) {
    if (!firn_grad_body_open(g->b, c->funcs[i], types, outputs, &c->bodies[i]))
      return false;
    if (c->bodies[i].function->arg_count == args) continue;
    firn_builder_fail(
        g->b, FIRN_INVALID_ARGUMENT, "function '%.*s' takes %zu values, not %u",
        FIRN_ARG(c->funcs[i]->name), c->bodies[i].function->arg_count, args);
    return false;
  }
  return true;
}

/* The type of an argument's gradient in whichever function has one. */
static firn_dtype type_of(const calls *c, uint32_t arg) {
  for (uint32_t i = 0; i < c->count; i++)
    if (g_has(c->bodies[i].dxs[arg]))
      return (firn_dtype)firn_output_type(c->bodies[i].b,
                                          c->bodies[i].dxs[arg]);
  return FIRN_INVALID;
}

static firn_dtype *choose(calls *c) {
  const firn_grad *g = c->g;
  const uint32_t args = g->node->input_count - c->first;
  firn_dtype *types = firn_builder_alloc(g->b, args + 1, sizeof *types);
  c->from = firn_builder_alloc(g->b, args + 1, sizeof *c->from);
  if (!types || !c->from) return NULL;
  for (uint32_t i = 0; i < args; i++) {
    const firn_dtype type =
        g->wanted[c->first + i] ? type_of(c, i) : FIRN_INVALID;
    if (type == FIRN_INVALID) continue;
    types[c->from_count] = type;
    c->from[c->from_count++] = i;
  }
  return types;
}

/* All return the same; where there is no gradient it is zero. */
static bool close_bodies(calls *c, const firn_dtype *types) {
  const firn_grad *g = c->g;
  for (uint32_t i = 0; i < c->count; i++) {
    firn_grad_body *body = &c->bodies[i];
    const firn_str func = c->funcs[i]->name;
    const firn_str name =
        firn_builder_text(g->b, "%.*s_grad", (int)func.size, func.data);
    firn_output *rets =
        firn_builder_alloc(g->b, c->from_count + 1, sizeof *rets);
    if (!rets) return false;
    for (uint32_t k = 0; k < c->from_count; k++) {
      rets[k] = body->dxs[c->from[k]];
      if (!g_has(rets[k]))
        rets[k] = firn_grad_zeros(body->b, body->args[c->from[k]], types[k]);
    }
    c->names[i] =
        firn_grad_body_close(body, g->b, name.data, rets, c->from_count);
  }
  return g->b->failed == FIRN_OK;
}

static void attr_branches(calls *c) {
  firn_builder *b = c->g->b;
  firn_pb_AttrValue *value = firn_builder_alloc(b, 1, sizeof *value);
  firn_pb_AttrValue_ListValue *list = firn_builder_alloc(b, 1, sizeof *list);
  if (!value || !list) return;
  list->func = firn_builder_alloc(b, c->count + 1, sizeof(*list->func));
  for (uint32_t i = 0; list->func && i < c->count; i++) {
    firn_pb_NameAttrList *func = firn_builder_alloc(b, 1, sizeof *func);
    if (!func) return;
    func->name = firn_str_of(c->names[i]);
    list->func[list->func_count++] = func;
  }
  value->value_case = FIRN_ATTR_LIST;
  value->list = list;
  firn_op_attr_value(b, FIRN_STR("branches"), value);
}

/* The node that calls the gradients as the node at hand calls the functions. */
static void call_gradients(calls *c, const firn_dtype *types) {
  firn_grad *g = c->g;
  const firn_node *node = g->node;
  uint32_t count = 0;
  firn_output *inputs = firn_builder_alloc(
      g->b, (size_t)node->input_count + node->output_count + 1, sizeof *inputs);
  const firn_str op = firn_builder_text(g->b, "%.*s", FIRN_ARG(node->def->op));
  if (!inputs) return;
  for (uint32_t i = c->first; i < node->input_count; i++)
    inputs[count++] = g_in(g, i);
  for (uint32_t k = 0; k < node->output_count; k++)
    if (g_has(g->dy[k])) inputs[count++] = g->dy[k];
  firn_op_begin(g->b, op.data, NULL);
  if (c->first) firn_op_input(g->b, g_in(g, 0));
  firn_op_inputs(g->b, inputs, count);
  firn_op_attr_types(g->b, "Tout", types, c->from_count);
  if (!c->first) {
    firn_op_attr_func(g->b, "f", c->names[0]);
  } else if (firn_attr(node, "branches")) {
    attr_branches(c);
  } else {
    firn_op_attr_func(g->b, "then_branch", c->names[0]);
    firn_op_attr_func(g->b, "else_branch", c->names[1]);
  }
  const firn_output out = firn_op_end(g->b);
  if (g->b->failed != FIRN_OK) return;
  for (uint32_t k = 0; k < c->from_count; k++)
    g->dx[c->first + c->from[k]] = firn_output_next(out, k);
}

static void differentiate(calls *c) {
  firn_builder *b = c->g->b;
  c->bodies = firn_builder_alloc(b, c->count + 1, sizeof *c->bodies);
  c->names = firn_builder_alloc(b, c->count + 1, sizeof(*c->names));
  if (b->failed != FIRN_OK) return;
  const firn_dtype *types = open_bodies(c) ? choose(c) : NULL;
  if (types && c->from_count && close_bodies(c, types))
    call_gradients(c, types);
  for (uint32_t i = 0; i < c->count; i++)
    if (c->bodies[i].b) firn_grad_body_drop(&c->bodies[i]);
}

static const firn_pb_NameAttrList *func_of(const firn_node *node,
                                           const char *attr) {
  const firn_pb_AttrValue *value = firn_attr(node, attr);
  return value && value->value_case == FIRN_ATTR_FUNC ? value->func : NULL;
}

RULE(call) {
  const firn_pb_NameAttrList *funcs[] = {func_of(g->node, "f")};
  differentiate(&(calls){.g = g, .funcs = funcs, .count = 1});
}

RULE(if_rule) {
  const firn_pb_NameAttrList *funcs[] = {func_of(g->node, "then_branch"),
                                         func_of(g->node, "else_branch")};
  differentiate(&(calls){.g = g, .first = 1, .funcs = funcs, .count = 2});
}

RULE(case_rule) {
  const firn_pb_AttrValue *value = firn_attr(g->node, "branches");
  if (!value || value->value_case != FIRN_ATTR_LIST || !value->list ||
      value->list->func_count > UINT32_MAX - 1)
    return;
  differentiate(
      &(calls){.g = g,
               .first = 1,
               .funcs = (const firn_pb_NameAttrList **)value->list->func,
               .count = (uint32_t)value->list->func_count});
}

const firn_grad_rule firn_grad_call[] = {
    {"PartitionedCall", call},
    {"StatefulPartitionedCall", call},
    {"If", if_rule},
    {"StatelessIf", if_rule},
    {"Case", case_rule},
    {"StatelessCase", case_rule},
    {NULL, NULL},
};
