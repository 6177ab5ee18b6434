/* graph/lower.c: If, Case and While as Switch and Merge, Enter and Exit.
 *
 * A branch takes its arguments through Switches, of which the one that is not
 * taken is dead; its nodes without inputs wait for an Identity of the condition
 * ("then", "else"), which is dead with them. What the branches return meets in
 * Merges.
 *
 * A loop has a frame of its node's name. What the body hands back untouched
 * enters once, as a constant of the frame; the rest goes round by Enter, Merge,
 * Switch, NextIteration, and leaves by Exit. */
#include "graph/inline_scope.h"

static bool op_is(const firn_node *node, const char *a, const char *b) {
  return firn_str_is(node->def->op, a) || firn_str_is(node->def->op, b);
}

/* The node of a name: "STEM/PART". */
static firn_code named(inliner *in, firn_str stem, const char *part,
                       size_t number, firn_str *out, firn_error *err) {
  return number == SIZE_MAX
             ? firn_inline_name(in, out, err, "%.*s/%s", (int)stem.size,
                                stem.data, part)
             : firn_inline_name(in, out, err, "%.*s/%s_%zu", (int)stem.size,
                                stem.data, part, number);
}

/* A new node of one or two inputs named "STEM/PART". */
static firn_code add(inliner *in, firn_str stem, const char *part,
                     size_t number, const char *op, firn_dtype type, firn_str a,
                     firn_str b, const name_list *controls, firn_str *out,
                     firn_error *err) {
  const firn_str inputs[] = {a, b};
  const size_t count = b.data ? 2 : a.data ? 1 : 0;
  FIRN_TRY(named(in, stem, part, number, out, err));
  return firn_inline_add(in, *out, op, type, inputs, count, controls, NULL,
                         err);
}

static const firn_str none = {0};

static firn_code merge(inliner *in, firn_str name, firn_dtype type, firn_str a,
                       firn_str b, firn_error *err) {
  const firn_str inputs[] = {a, b};
  firn_pb_NodeDef *def;
  firn_pb_AttrValue *n;
  FIRN_TRY(
      firn_inline_add(in, name, "Merge", type, inputs, 2, NULL, &def, err));
  FIRN_TRY(firn_inline_attr(in, def, "N", FIRN_ATTR_INT, &n, err));
  n->i = 2;
  return FIRN_OK;
}

/* A condition may be of any type; Switch and LoopCond want a bool. */
static firn_code to_bool(inliner *in, firn_str stem, firn_dtype type,
                         firn_str *pred, firn_error *err) {
  if (type == FIRN_BOOL) return FIRN_OK;
  return add(in, stem, "to_bool", SIZE_MAX, "ToBool", type, *pred, none, NULL,
             pred, err);
}

/* ---- If and Case -------------------------------------------------------- */

typedef struct branches {
  scope *s;
  const firn_node *node;
  firn_str name;
  const firn_function **f;
  size_t count;
  bool is_case;
  size_t arg_count, ret_count;
  firn_dtype *arg_types, *ret_types;
} branches;

static firn_code equals(inliner *in, const branches *b, firn_str stem,
                        firn_str index, size_t value, const name_list *gate,
                        firn_str *out, firn_error *err) {
  firn_str number;
  firn_pb_NodeDef *def;
  firn_pb_AttrValue *v;
  firn_pb_TensorProto *t = firn_pb_new(&firn_pb_type_TensorProto, in->arena);
  int32_t *item = firn_arena_alloc(in->arena, sizeof *item);
  const firn_shape scalar = firn_shape_scalar();
  FIRN_UNUSED(b);
  if (!t || !item) return firn_oom(err, sizeof *t);
  *item = (int32_t)value;
  t->dtype = FIRN_INT32;
  t->int_val = item;
  t->int_val_count = 1;
  FIRN_TRY(firn_shape_to_proto(&scalar, in->arena, &t->tensor_shape, err));
  FIRN_TRY(named(in, stem, "index", value, &number, err));
  FIRN_TRY(firn_inline_add(in, number, "Const", FIRN_INVALID, NULL, 0, gate,
                           &def, err));
  FIRN_TRY(firn_inline_attr(in, def, "dtype", FIRN_ATTR_TYPE, &v, err));
  v->type = FIRN_INT32;
  FIRN_TRY(firn_inline_attr(in, def, "value", FIRN_ATTR_TENSOR, &v, err));
  v->tensor = t;
  return add(in, stem, "is_branch", value, "Equal", FIRN_INT32, index, number,
             NULL, out, err);
}

/* What a side gives when it has effects: a node that is dead when the side is
 * not taken, and done when they are. */
static firn_code side_done(inliner *in, firn_str stem, const char *part,
                           firn_str pivot, const body *b, firn_str *out,
                           firn_error *err) {
  return add(in, stem, part, SIZE_MAX, "Identity", FIRN_BOOL, pivot, none,
             &b->done, out, err);
}

/* The outputs of both sides meet, and so do their effects. */
static firn_code join_sides(const branches *b, firn_str stem, firn_str on_true,
                            firn_str on_false, const body *yes, const body *no,
                            body *out, firn_error *err) {
  inliner *in = b->s->in;
  out->rets = firn_arena_array(in->arena, b->ret_count, sizeof *out->rets);
  if (!out->rets) return firn_oom(err, b->ret_count);
  for (size_t i = 0; i < b->ret_count; i++) {
    FIRN_TRY(named(in, stem, "merge", i, &out->rets[i], err));
    FIRN_TRY(merge(in, out->rets[i], b->ret_types[i], no->rets[i], yes->rets[i],
                   err));
  }
  if (!yes->done.count && !no->done.count) return FIRN_OK;
  firn_str a, c, both;
  FIRN_TRY(side_done(in, stem, "then_done", on_true, yes, &a, err));
  FIRN_TRY(side_done(in, stem, "else_done", on_false, no, &c, err));
  FIRN_TRY(named(in, stem, "done", SIZE_MAX, &both, err));
  FIRN_TRY(merge(in, both, FIRN_BOOL, c, a, err));
  return firn_names_add(in, &out->done, both, err);
}

/* Branch `i` when `pred` holds, else those behind it. A Case goes from one
 * branch to the next: the last stands for every other index. */
static firn_code one_of(const branches *b, size_t i, firn_str stem,
                        firn_str index, const firn_str *args,
                        const name_list *gate, body *out, firn_error *err) {
  inliner *in = b->s->in;
  firn_str pred = index, pivot, sides[2], own;
  body yes = {0}, no = {0};
  FIRN_TRY(named(in, stem, "branch", i, &own, err));
  if (i + 1 == b->count)
    return firn_inline_body(b->s, b->node, b->f[i], own, args, gate, out, err);
  if (b->is_case) FIRN_TRY(equals(in, b, stem, index, i, gate, &pred, err));
  FIRN_TRY(add(in, own, "pred", SIZE_MAX, "Switch", FIRN_BOOL, pred, pred, gate,
               &pivot, err));
  for (uint32_t k = 0; k < 2; k++)
    FIRN_TRY(add(in, own, k ? "then" : "else", SIZE_MAX, "Identity", FIRN_BOOL,
                 firn_inline_output(in, pivot, k), none, NULL, &sides[k], err));
  firn_str *on_true = firn_arena_array(in->arena, b->arg_count, sizeof *args);
  firn_str *on_false = firn_arena_array(in->arena, b->arg_count, sizeof *args);
  if (!on_true || !on_false) return firn_oom(err, b->arg_count);
  for (size_t k = 0; k < b->arg_count; k++) {
    firn_str sw;
    FIRN_TRY(add(in, own, "switch", k, "Switch", b->arg_types[k], args[k], pred,
                 NULL, &sw, err));
    on_false[k] = sw;
    on_true[k] = firn_inline_output(in, sw, 1);
  }
  if (b->is_case)
    FIRN_TRY(add(in, own, "switch_index", SIZE_MAX, "Switch", FIRN_INT32, index,
                 pred, NULL, &index, err));
  const name_list if_true = {&sides[1], 1, 1}, if_false = {&sides[0], 1, 1};
  FIRN_TRY(firn_inline_body(b->s, b->node, b->f[i], own, on_true, &if_true,
                            &yes, err));
  FIRN_TRY(one_of(b, i + 1, stem, index, on_false, &if_false, &no, err));
  return join_sides(b, own, sides[1], sides[0], &yes, &no, out, err);
}

static firn_code find_branches(branches *b, firn_error *err) {
  const firn_node *node = b->node;
  const firn_pb_AttrValue *v = firn_attr(node, "branches");
  enum { MOST = 1000 };
  b->count = 2;
  if (b->is_case)
    b->count = v && v->value_case == FIRN_ATTR_LIST && v->list
                   ? v->list->func_count
                   : 0;
  if (!b->count || b->count > MOST)
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT, "node '%.*s' (%.*s): has %zu branches",
        FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), b->count);
  b->f = firn_arena_array(b->s->in->arena, b->count, sizeof *b->f);
  if (!b->f) return firn_oom(err, b->count);
  for (size_t i = 0; i < b->count; i++) {
    const firn_pb_NameAttrList *func = b->is_case ? v->list->func[i] : NULL;
    if (!b->is_case) {
      v = firn_attr(node, i ? "else_branch" : "then_branch");
      if (v && v->value_case == FIRN_ATTR_FUNC) func = v->func;
    }
    if (!func)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "node '%.*s' (%.*s): branch %zu names no function",
                       FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), i);
    FIRN_TRY(
        firn_inline_function(b->s, node, func, b->arg_count, &b->f[i], err));
    if (b->f[i]->ret_count < b->ret_count)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "node '%.*s' (%.*s): has %zu outputs, branch %zu "
                       "returns %zu",
                       FIRN_ARG(node->def->name), FIRN_ARG(node->def->op),
                       b->ret_count, i, b->f[i]->ret_count);
  }
  return FIRN_OK;
}

static firn_code types_of(scope *s, const firn_node *node, firn_dtype **in,
                          firn_dtype **out, firn_error *err) {
  *in = firn_arena_array(s->in->arena, node->input_count, sizeof **in);
  *out = firn_arena_array(s->in->arena, node->output_count, sizeof **out);
  if (!*in || !*out) return firn_oom(err, node->input_count);
  for (uint32_t i = 0; i < node->input_count; i++)
    FIRN_TRY(firn_inline_type(s, node, node->inputs[i], &(*in)[i], err));
  for (uint32_t i = 0; i < node->output_count; i++)
    FIRN_TRY(firn_inline_type(s, node, (firn_edge){node->index, i}, &(*out)[i],
                              err));
  return FIRN_OK;
}

static firn_str *tensors_of(scope *s, const firn_node *node) {
  firn_str *list =
      firn_arena_array(s->in->arena, node->input_count, sizeof *list);
  for (uint32_t i = 0; list && i < node->input_count; i++)
    list[i] = firn_inline_tensor(s, node->inputs[i]);
  return list;
}

/* What the node waits for, and the gate of its scope. */
static firn_code waits_for(scope *s, const firn_node *node, name_list *out,
                           firn_error *err) {
  FIRN_TRY(firn_inline_controls(s, node, out, err));
  for (size_t i = 0; s->gate && i < s->gate->count; i++)
    FIRN_TRY(firn_names_add(s->in, out, s->gate->item[i], err));
  return FIRN_OK;
}

static firn_code lower_branches(scope *s, const firn_node *node, bool is_case,
                                bool *done, firn_error *err) {
  branches b = {.s = s,
                .node = node,
                .name = s->name[node->index],
                .is_case = is_case,
                .arg_count = node->input_count - 1,
                .ret_count = node->output_count};
  name_list gate = {0};
  firn_dtype *types;
  body out = {0};
  FIRN_TRY(find_branches(&b, err));
  for (size_t i = 0; i < b.count; i++)
    if (firn_inline_recurses(s, b.f[i])) return FIRN_OK;
  *done = true;
  firn_str *args = tensors_of(s, node);
  if (!args) return firn_oom(err, node->input_count);
  FIRN_TRY(types_of(s, node, &types, &b.ret_types, err));
  FIRN_TRY(waits_for(s, node, &gate, err));
  b.arg_types = types + 1;
  firn_str index = args[0];
  if (!is_case) FIRN_TRY(to_bool(s->in, b.name, types[0], &index, err));
  FIRN_TRY(one_of(&b, 0, b.name, index, args + 1, &gate, &out, err));
  /* Somebody who only waits must wait for whichever side was taken. */
  name_list before = {0};
  for (size_t i = 0; i < b.ret_count; i++)
    if (!memchr(out.rets[i].data, ':', out.rets[i].size))
      FIRN_TRY(firn_names_add(s->in, &before, out.rets[i], err));
  for (size_t i = 0; i < gate.count; i++)
    FIRN_TRY(firn_names_add(s->in, &before, gate.item[i], err));
  return firn_inline_finish(s, node, out.rets, b.ret_count, &out.done, &before,
                            err);
}

/* ---- While -------------------------------------------------------------- */

typedef struct loop {
  scope *s;
  const firn_node *node;
  firn_str name;
  const firn_function *cond, *body;
  uint32_t count;
  bool *passes;   /* per argument: the body hands it back untouched */
  uint32_t first; /* an argument that does not                */
  firn_str *args, *enter, *merge, *next;
  firn_dtype *types, *out_types;
} loop;

static firn_code loop_function(loop *l, const char *attr,
                               const firn_function **out, firn_error *err) {
  const firn_pb_AttrValue *v = firn_attr(l->node, attr);
  if (!v || v->value_case != FIRN_ATTR_FUNC || !v->func)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "node '%.*s' (%.*s): attr '%s' names no function",
                     FIRN_ARG(l->node->def->name), FIRN_ARG(l->node->def->op),
                     attr);
  return firn_inline_function(l->s, l->node, v->func, l->count, out, err);
}

static firn_code check_loop(const loop *l, firn_error *err) {
  if (l->body->ret_count == l->count && l->cond->ret_count == 1 &&
      l->node->output_count <= l->count && l->count)
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "node '%.*s' (%.*s): with %u inputs, its body returns %zu "
                   "values and its condition %zu",
                   FIRN_ARG(l->node->def->name), FIRN_ARG(l->node->def->op),
                   l->count, l->body->ret_count, l->cond->ret_count);
}

static firn_code enter_frame(loop *l, firn_error *err) {
  inliner *in = l->s->in;
  name_list gate = {0};
  FIRN_TRY(waits_for(l->s, l->node, &gate, err));
  for (uint32_t i = 0; i < l->count; i++) {
    firn_pb_NodeDef *def;
    firn_pb_AttrValue *v;
    FIRN_TRY(named(in, l->name, "enter", i, &l->enter[i], err));
    FIRN_TRY(firn_inline_add(in, l->enter[i], "Enter", l->types[i], &l->args[i],
                             1, &gate, &def, err));
    FIRN_TRY(
        firn_inline_attr(in, def, "frame_name", FIRN_ATTR_STRING, &v, err));
    v->s = l->name;
    FIRN_TRY(firn_inline_attr(in, def, "is_constant", FIRN_ATTR_BOOL, &v, err));
    v->b = l->passes[i];
    FIRN_TRY(firn_inline_attr(in, def, "parallel_iterations", FIRN_ATTR_INT, &v,
                              err));
    v->i = firn_attr_int_or(l->node, "parallel_iterations", 10);
    l->merge[i] = l->enter[i];
    if (l->passes[i]) continue;
    FIRN_TRY(named(in, l->name, "next", i, &l->next[i], err));
    FIRN_TRY(named(in, l->name, "merge", i, &l->merge[i], err));
    FIRN_TRY(merge(in, l->merge[i], l->types[i], l->enter[i], l->next[i], err));
  }
  return FIRN_OK;
}

/* The condition, as the input of all Switches. */
static firn_code loop_cond(loop *l, firn_str *out, firn_error *err) {
  inliner *in = l->s->in;
  const name_list gate = {&l->merge[l->first], 1, 1};
  body b = {0};
  firn_str name;
  firn_dtype type;
  FIRN_TRY(named(in, l->name, "cond", SIZE_MAX, &name, err));
  FIRN_TRY(
      firn_inline_body(l->s, l->node, l->cond, name, l->merge, &gate, &b, err));
  type = firn_dtype_base((int)firn_edge_type(l->cond->graph, l->cond->rets[0]));
  FIRN_TRY(to_bool(in, name, type, &b.rets[0], err));
  return add(in, l->name, "loop_cond", SIZE_MAX, "LoopCond", FIRN_INVALID,
             b.rets[0], none, &b.done, out, err);
}

static firn_code loop_body(loop *l, firn_str cond, firn_str *outs,
                           firn_error *err) {
  inliner *in = l->s->in;
  firn_str *args = firn_arena_array(in->arena, l->count, sizeof *args);
  firn_str name;
  body b = {0};
  if (!args) return firn_oom(err, l->count);
  for (uint32_t i = 0; i < l->count; i++) {
    firn_str sw;
    args[i] = l->enter[i];
    outs[i] = l->args[i];
    if (l->passes[i]) continue;
    FIRN_TRY(add(in, l->name, "switch", i, "Switch", l->types[i], l->merge[i],
                 cond, NULL, &sw, err));
    FIRN_TRY(add(in, l->name, "exit", i, "Exit", l->types[i], sw, none, NULL,
                 &outs[i], err));
    FIRN_TRY(add(in, l->name, "round", i, "Identity", l->types[i],
                 firn_inline_output(in, sw, 1), none, NULL, &args[i], err));
  }
  const name_list gate = {&args[l->first], 1, 1};
  FIRN_TRY(named(in, l->name, "body", SIZE_MAX, &name, err));
  FIRN_TRY(
      firn_inline_body(l->s, l->node, l->body, name, args, &gate, &b, err));
  for (uint32_t i = 0; i < l->count; i++)
    if (!l->passes[i])
      FIRN_TRY(firn_inline_add(in, l->next[i], "NextIteration", l->types[i],
                               &b.rets[i], 1, &b.done, NULL, err));
  return FIRN_OK;
}

static firn_code lower_loop(scope *s, const firn_node *node, bool *done,
                            firn_error *err) {
  inliner *in = s->in;
  const uint32_t n = node->input_count;
  loop l = {.s = s, .node = node, .name = s->name[node->index], .count = n};
  firn_str cond;
  FIRN_TRY(loop_function(&l, "cond", &l.cond, err));
  FIRN_TRY(loop_function(&l, "body", &l.body, err));
  FIRN_TRY(check_loop(&l, err));
  if (firn_inline_recurses(s, l.cond) || firn_inline_recurses(s, l.body))
    return FIRN_OK;
  *done = true;
  firn_str *outs = firn_arena_array(in->arena, n, sizeof *outs);
  l.passes = firn_arena_array(in->arena, n, sizeof *l.passes);
  l.enter = firn_arena_array(in->arena, n, sizeof *l.enter);
  l.merge = firn_arena_array(in->arena, n, sizeof *l.merge);
  l.next = firn_arena_array(in->arena, n, sizeof *l.next);
  l.args = tensors_of(s, node);
  if (!outs || !l.passes || !l.enter || !l.merge || !l.next || !l.args)
    return firn_oom(err, n);
  for (uint32_t i = 0; i < n; i++)
    l.passes[i] = firn_function_passes(l.body, i) == i;
  while (l.first < n && l.passes[l.first]) l.first++;
  if (l.first == n) l.passes[l.first = 0] = false; /* something must go round */
  FIRN_TRY(types_of(s, node, &l.types, &l.out_types, err));
  FIRN_TRY(enter_frame(&l, err));
  FIRN_TRY(loop_cond(&l, &cond, err));
  FIRN_TRY(loop_body(&l, cond, outs, err));
  /* The Exit that comes last in any case: it is alive once, when all is done.
   */
  const name_list before = {&outs[l.first], 1, 1};
  return firn_inline_finish(s, node, outs, node->output_count, &(name_list){0},
                            &before, err);
}

/* ---- Which? ------------------------------------------------------------- */

firn_code firn_lower(scope *s, const firn_node *node, bool *done,
                     firn_error *err) {
  const bool is_case = op_is(node, "Case", "StatelessCase");
  *done = false;
  if (op_is(node, "While", "StatelessWhile"))
    return lower_loop(s, node, done, err);
  if (!is_case && !op_is(node, "If", "StatelessIf")) return FIRN_OK;
  if (node->input_count == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "node '%.*s' (%.*s): has no condition",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op));
  return lower_branches(s, node, is_case, done, err);
}
