/* build/grad_loop.c: gradients of While.
 *
 * The loop runs again and puts what its variables were at the start of each
 * round into lists. Another loop takes them out from the end and calls the
 * gradient of the body with them:
 *
 *   again:     n, v..., lists...                n + 1, body(v...), push v
 *   backward:  n, lists..., still..., d..., h...
 *              n - 1, pop v, d = body_grad(v, d), h + what it gives
 *
 * Only what the gradient reads is kept; variables that the body hands back
 * untouched (`still`) need no list. `d` are the derivatives by the variables;
 * `h` adds up those by what a handle stands for, which is the same in every
 * round. */
#include "build/grad_body.h"

#include <string.h>

#define RULE(name) static void name(firn_grad *g)

typedef struct loop {
  firn_grad *g;
  uint32_t count;        /* of the loop's variables                         */
  firn_dtype *types;     /* theirs                                          */
  firn_dtype *arriving;  /* of the derivatives by them; INVALID: none       */
  firn_dtype *by_handle; /* of those by what a handle stands for            */
  bool *still;
  bool *read; /* by the gradient of the body                           */
  uint32_t list_count, still_count, d_count, h_count;
  const char *call; /* the op that calls what the loop calls */
  const char *gradient, *again_cond, *again_body, *back_cond, *back_body;
} loop;

static firn_builder *builder_of(const loop *l) { return l->g->b; }

/* ---- Words --------------------------------------------------------------- */

static firn_output minus_one(firn_builder *b) {
  return firn_const_int32(b, NULL, -1);
}

static firn_output add(firn_builder *b, firn_output x, firn_output y) {
  firn_op_begin(b, "AddV2", NULL);
  firn_op_input(b, x);
  firn_op_input(b, y);
  return firn_op_end(b);
}

static const char *name_for(const loop *l, const char *what) {
  const firn_str node = l->g->node->def->name;
  char *name = (char *)firn_builder_text(builder_of(l), "%.*s_%s",
                                         (int)node.size, node.data, what)
                   .data;
  for (char *c = name; *c; c++)
    if (*c == '/') *c = '_';
  return name;
}

static firn_output *outputs(firn_builder *b, size_t count) {
  return firn_builder_alloc(b, count + 1, sizeof(firn_output));
}

static const firn_pb_AttrValue *func_of(const firn_node *node,
                                        const char *attr) {
  const firn_pb_AttrValue *value = firn_attr(node, attr);
  return value && value->value_case == FIRN_ATTR_FUNC && value->func ? value
                                                                     : NULL;
}

/* A call, of a function of that name or else as `func` says. */
static firn_output call(const loop *l, firn_builder *b,
                        const firn_pb_AttrValue *func, const char *name,
                        const firn_output *inputs, size_t count,
                        const firn_dtype *types, size_t type_count) {
  firn_op_begin(b, l->call, NULL);
  firn_op_inputs(b, inputs, count);
  firn_op_attr_types(b, "Tout", types, type_count);
  if (name)
    firn_op_attr_func(b, "f", name);
  else
    firn_op_attr_value(b, FIRN_STR("f"), func);
  return firn_op_end(b);
}

/* A while over what is listed, whose functions are named. */
static firn_output run(const loop *l, const firn_output *inputs, size_t count,
                       const char *cond, const char *body) {
  firn_builder *b = builder_of(l);
  const firn_str op =
      firn_builder_text(b, "%.*s", FIRN_ARG(l->g->node->def->op));
  firn_op_begin(b, op.data, NULL);
  firn_op_inputs(b, inputs, count);
  firn_op_attr_func(b, "cond", cond);
  firn_op_attr_func(b, "body", body);
  return firn_op_end(b);
}

/* ---- The gradient of the body -------------------------------------------- */

/* Numbers, and lists of them. */
static bool is_carried(firn_dtype type) {
  return type == FIRN_FLOAT || type == FIRN_DOUBLE || type == FIRN_HALF ||
         type == FIRN_BFLOAT16 || type == FIRN_COMPLEX64 ||
         type == FIRN_COMPLEX128 || type == FIRN_VARIANT;
}

static bool look(loop *l) {
  firn_grad *g = l->g;
  const uint32_t n = l->count;
  l->types = firn_builder_alloc(g->b, (size_t)n + 1, sizeof *l->types);
  l->arriving = firn_builder_alloc(g->b, (size_t)n + 1, sizeof *l->types);
  l->by_handle = firn_builder_alloc(g->b, (size_t)n + 1, sizeof *l->types);
  l->still = firn_builder_alloc(g->b, (size_t)n + 1, sizeof *l->still);
  l->read = firn_builder_alloc(g->b, (size_t)n + 1, sizeof *l->read);
  if (g->b->failed != FIRN_OK) return false;
  for (uint32_t i = 0; i < n; i++) {
    l->types[i] = (firn_dtype)g->node->output_types[i];
    if (is_carried(l->types[i])) l->arriving[i] = l->types[i];
    l->d_count += l->arriving[i] != FIRN_INVALID;
  }
  return true;
}

/* What the body does with each variable. */
static bool sort_variables(loop *l, const firn_grad_body *body) {
  for (uint32_t i = 0; i < l->count; i++) {
    l->still[i] = firn_function_passes(body->function, i) == (int64_t)i;
    if (l->types[i] != FIRN_RESOURCE) continue;
    if (!l->still[i]) {
      firn_builder_fail(builder_of(l), FIRN_UNIMPLEMENTED,
                        "node '%.*s' (%.*s): no gradient of a loop that "
                        "changes a handle",
                        FIRN_ARG(l->g->node->def->name),
                        FIRN_ARG(l->g->node->def->op));
      return false;
    }
    if (!g_has(body->dxs[i]) || !l->g->wanted[i]) continue;
    l->by_handle[i] = (firn_dtype)firn_output_type(body->b, body->dxs[i]);
    l->h_count++;
  }
  return true;
}

/* Leaves out the arguments that what is returned does not need. */
static void leave_out_unread(loop *l, firn_grad_body *body,
                             const firn_output *rets, size_t ret_count) {
  const bool *marks = firn_grad_body_marks(body, rets, ret_count);
  uint32_t left = 0;
  if (!marks) return;
  for (uint32_t i = 0; i < body->arg_count; i++) {
    const bool read = i >= l->count || marks[body->args[i].node];
    if (i < l->count) l->read[i] = read;
    if (read) body->args[left++] = body->args[i];
  }
  body->arg_count = left;
  for (uint32_t i = 0; i < l->count; i++) {
    l->still_count += l->read[i] && l->still[i];
    l->list_count += l->read[i] && !l->still[i];
  }
}

/* The function takes v..., d... and returns d..., h... */
static bool differentiate_body(loop *l) {
  firn_builder *b = builder_of(l);
  const firn_pb_AttrValue *func = func_of(l->g->node, "body");
  firn_grad_body body;
  firn_output *rets = outputs(b, 2 * (size_t)l->count);
  size_t count = 0;
  if (!rets || !firn_grad_body_open(b, func ? func->func : NULL, l->arriving,
                                    l->count, &body))
    return false;
  if (body.function->arg_count != l->count)
    firn_builder_fail(
        b, FIRN_INVALID_ARGUMENT, "function '%.*s' takes %zu values, not %u",
        FIRN_ARG(func->func->name), body.function->arg_count, l->count);
  if (b->failed != FIRN_OK || !sort_variables(l, &body)) {
    firn_grad_body_drop(&body);
    return false;
  }
  for (uint32_t i = 0; i < l->count; i++)
    if (l->arriving[i] != FIRN_INVALID)
      rets[count++] = g_has(body.dxs[i]) ? body.dxs[i]
                                         : firn_grad_zeros(body.b, body.args[i],
                                                           l->arriving[i]);
  for (uint32_t i = 0; i < l->count; i++)
    if (l->by_handle[i] != FIRN_INVALID) rets[count++] = body.dxs[i];
  leave_out_unread(l, &body, rets, count);
  l->gradient =
      firn_grad_body_close(&body, b, name_for(l, "body_grad"), rets, count);
  return b->failed == FIRN_OK;
}

static bool is_listed(const loop *l, uint32_t i) {
  return l->read[i] && !l->still[i];
}
static bool is_passed(const loop *l, uint32_t i) {
  return l->read[i] && l->still[i];
}

/* ---- The loop again ------------------------------------------------------ */

/* A function of n, v..., lists... */
static bool begin_again(const loop *l, firn_grad_body *f) {
  if (!firn_grad_body_new(builder_of(l), f)) return false;
  firn_grad_body_arg(f, FIRN_INT32);
  for (uint32_t i = 0; i < l->count; i++) firn_grad_body_arg(f, l->types[i]);
  for (uint32_t i = 0; i < l->list_count; i++)
    firn_grad_body_arg(f, FIRN_VARIANT);
  if (f->b->failed == FIRN_OK) return true;
  firn_grad_body_drop(f);
  firn_builder_fail(builder_of(l), FIRN_RESOURCE_EXHAUSTED, "out of memory");
  return false;
}

static void write_again_cond(loop *l) {
  firn_grad_body f;
  const firn_pb_AttrValue *func = func_of(l->g->node, "cond");
  const firn_pb_FunctionDef *def =
      func ? firn_graph_function(builder_of(l)->graph, func->func->name) : NULL;
  firn_dtype type = FIRN_BOOL;
  if (!def || !begin_again(l, &f)) return;
  if (def->signature->output_arg_count && def->signature->output_arg[0]->type)
    type = (firn_dtype)def->signature->output_arg[0]->type;
  const firn_output ret =
      call(l, f.b, func, NULL, f.args + 1, l->count, &type, 1);
  l->again_cond = firn_grad_body_close(&f, builder_of(l),
                                       name_for(l, "again_cond"), &ret, 1);
}

static void write_again_body(loop *l) {
  firn_grad_body f;
  if (!begin_again(l, &f)) return;
  firn_output *rets = outputs(f.b, 1 + (size_t)l->count + l->list_count);
  const firn_output after = call(l, f.b, func_of(l->g->node, "body"), NULL,
                                 f.args + 1, l->count, l->types, l->count);
  size_t count = 0, list = 1 + (size_t)l->count;
  if (rets) {
    rets[count++] = add(f.b, f.args[0], firn_const_int32(f.b, NULL, 1));
    for (uint32_t i = 0; i < l->count; i++)
      rets[count++] = l->still[i] ? f.args[1 + i] : firn_output_next(after, i);
    for (uint32_t i = 0; i < l->count; i++)
      if (is_listed(l, i))
        rets[count++] = firn_grad_list_push(f.b, f.args[list++], f.args[1 + i]);
  }
  l->again_body = firn_grad_body_close(&f, builder_of(l),
                                       name_for(l, "again_body"), rets, count);
}

/* Its n; the lists are outputs 1 + count and on. */
static firn_output run_again(const loop *l) {
  firn_builder *b = builder_of(l);
  firn_output *inputs = outputs(b, 1 + (size_t)l->count + l->list_count);
  size_t count = 0;
  if (!inputs) return FIRN_NO_OUTPUT;
  inputs[count++] = firn_const_int32(b, NULL, 0);
  for (uint32_t i = 0; i < l->count; i++) inputs[count++] = g_in(l->g, i);
  for (uint32_t i = 0; i < l->count; i++)
    if (is_listed(l, i)) inputs[count++] = firn_grad_list_new(b, l->types[i]);
  return run(l, inputs, count, l->again_cond, l->again_body);
}

/* ---- The loop backward --------------------------------------------------- */

/* Of what the gradient reads. */
static size_t read_count(const loop *l) {
  return (size_t)l->list_count + l->still_count;
}
static size_t back_count(const loop *l) {
  return 1 + read_count(l) + l->d_count + l->h_count;
}

/* A function of n, lists..., still..., d..., h... */
static bool begin_back(const loop *l, firn_grad_body *f) {
  if (!firn_grad_body_new(builder_of(l), f)) return false;
  firn_grad_body_arg(f, FIRN_INT32);
  for (uint32_t i = 0; i < l->list_count; i++)
    firn_grad_body_arg(f, FIRN_VARIANT);
  for (uint32_t i = 0; i < l->count; i++)
    if (is_passed(l, i)) firn_grad_body_arg(f, l->types[i]);
  for (uint32_t i = 0; i < l->count; i++)
    if (l->arriving[i] != FIRN_INVALID) firn_grad_body_arg(f, l->arriving[i]);
  for (uint32_t i = 0; i < l->count; i++)
    if (l->by_handle[i] != FIRN_INVALID) firn_grad_body_arg(f, l->by_handle[i]);
  if (f->b->failed == FIRN_OK && f->arg_count == back_count(l)) return true;
  firn_grad_body_drop(f);
  firn_builder_fail(builder_of(l), FIRN_RESOURCE_EXHAUSTED, "out of memory");
  return false;
}

static void write_back_cond(loop *l) {
  firn_grad_body f;
  if (!begin_back(l, &f)) return;
  const firn_output zero = firn_const_int32(f.b, NULL, 0);
  firn_op_begin(f.b, "Greater", NULL);
  firn_op_input(f.b, f.args[0]);
  firn_op_input(f.b, zero);
  const firn_output ret = firn_op_end(f.b);
  l->back_cond = firn_grad_body_close(&f, builder_of(l),
                                      name_for(l, "back_cond"), &ret, 1);
}

/* Derivatives of one round: d..., h... of what the gradient gives. */
static firn_output call_gradient(const loop *l, firn_builder *b,
                                 const firn_output *v, const firn_output *d) {
  const size_t read = read_count(l);
  firn_output *inputs = outputs(b, read + l->d_count);
  firn_dtype *types =
      firn_builder_alloc(b, 2 * (size_t)l->count + 1, sizeof *types);
  size_t count = 0;
  if (!inputs || !types) return FIRN_NO_OUTPUT;
  memcpy(inputs, v, read * sizeof *v);
  memcpy(inputs + read, d, l->d_count * sizeof *d);
  for (uint32_t i = 0; i < l->count; i++)
    if (l->arriving[i] != FIRN_INVALID) types[count++] = l->arriving[i];
  for (uint32_t i = 0; i < l->count; i++)
    if (l->by_handle[i] != FIRN_INVALID) types[count++] = l->by_handle[i];
  return call(l, b, NULL, l->gradient, inputs, read + l->d_count, types, count);
}

static void write_back_body(loop *l) {
  firn_grad_body f;
  if (!begin_back(l, &f)) return;
  const size_t read = read_count(l);
  firn_output *rets = outputs(f.b, back_count(l)), *v = outputs(f.b, read);
  const firn_output *still = f.args + 1 + l->list_count;
  const firn_output *d = f.args + 1 + read, *h = d + l->d_count;
  size_t list = 1, at_still = 0, count = 0;
  if (rets && v) {
    rets[0] = add(f.b, f.args[0], minus_one(f.b));
    for (uint32_t i = 0; i < l->count; i++) {
      if (is_passed(l, i)) v[count++] = still[at_still++];
      if (!is_listed(l, i)) continue;
      rets[list] = firn_grad_list_pop(f.b, f.args[list], l->types[i]);
      v[count++] = firn_output_next(rets[list++], 1);
    }
    memcpy(rets + list, still, l->still_count * sizeof *rets);
    const firn_output one = call_gradient(l, f.b, v, d);
    for (uint32_t k = 0; k < l->d_count; k++)
      rets[1 + read + k] = firn_output_next(one, k);
    for (uint32_t k = 0; k < l->h_count; k++)
      rets[1 + read + l->d_count + k] =
          add(f.b, h[k], firn_output_next(one, l->d_count + k));
  }
  l->back_body =
      firn_grad_body_close(&f, builder_of(l), name_for(l, "back_body"), rets,
                           rets ? back_count(l) : 0);
}

static void run_back(const loop *l, firn_output again) {
  firn_grad *g = l->g;
  firn_output *inputs = outputs(g->b, back_count(l));
  size_t count = 0;
  if (!inputs) return;
  inputs[count++] = again;
  for (uint32_t i = 0; i < l->list_count; i++)
    inputs[count++] = firn_output_next(again, 1 + l->count + i);
  for (uint32_t i = 0; i < l->count; i++)
    if (is_passed(l, i)) inputs[count++] = g_in(g, i);
  for (uint32_t i = 0; i < l->count; i++)
    if (l->arriving[i] != FIRN_INVALID) inputs[count++] = g_dy(g, i);
  for (uint32_t i = 0; i < l->count; i++)
    if (l->by_handle[i] != FIRN_INVALID)
      inputs[count++] = firn_grad_zeros(g->b, g_in(g, i), l->by_handle[i]);
  const firn_output out = run(l, inputs, count, l->back_cond, l->back_body);
  if (g->b->failed != FIRN_OK) return;
  uint32_t at = 1 + (uint32_t)read_count(l);
  for (uint32_t i = 0; i < l->count; i++)
    if (l->arriving[i] != FIRN_INVALID) g->dx[i] = firn_output_next(out, at++);
  for (uint32_t i = 0; i < l->count; i++)
    if (l->by_handle[i] != FIRN_INVALID) g->dx[i] = firn_output_next(out, at++);
}

/* ---- The rule ------------------------------------------------------------ */

RULE(while_rule) {
  loop l = {.g = g, .count = g->node->input_count};
  l.call = firn_str_is(g->node->def->op, "While") ? "StatefulPartitionedCall"
                                                  : "PartitionedCall";
  if (g->node->output_count != l.count || !look(&l) || !differentiate_body(&l))
    return;
  write_again_cond(&l);
  if (g->b->failed == FIRN_OK) write_again_body(&l);
  if (g->b->failed == FIRN_OK) write_back_cond(&l);
  if (g->b->failed == FIRN_OK) write_back_body(&l);
  if (g->b->failed != FIRN_OK || !l.again_cond) return;
  const firn_output again = run_again(&l);
  if (g->b->failed == FIRN_OK) run_back(&l, again);
}

const firn_grad_rule firn_grad_loop[] = {
    {"While", while_rule},
    {"StatelessWhile", while_rule},
    {NULL, NULL},
};
