/* runtime/program_call.c: nodes that call functions.
 *
 *   PartitionedCall, a function's name   the body stands in the caller's block
 *   If, Case                             a block for each branch
 *   While                                blocks for condition and body
 */
#include "runtime/scope.h"

/* ---- Functions ---------------------------------------------------------- */

static firn_code find_function(firn_scope *s, const firn_node *node,
                               const firn_pb_NameAttrList *func,
                               firn_function **out, firn_error *err) {
  firn_program *p = s->program;
  const firn_pb_FunctionDef *def = firn_graph_function(s->graph, func->name);
  if (!def)
    return firn_fail(err, FIRN_NOT_FOUND,
                     "node '%.*s' (%.*s): there is no function '%.*s'",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op),
                     FIRN_ARG(func->name));
  /* Bodies that leave no types open are the same for all callers. */
  const bool shared = def->signature && def->signature->attr_count == 0;
  for (size_t i = 0; shared && i < p->function_count; i++)
    if (p->functions[i]->def == def) {
      *out = p->functions[i];
      return FIRN_OK;
    }
  if (p->function_count == p->function_capacity) {
    const size_t more = p->function_capacity ? 2 * p->function_capacity : 16;
    firn_function **list =
        firn_arena_array(&p->arena, more, sizeof(firn_function *));
    if (!list) return firn_oom(err, more);
    if (p->function_count)
      memcpy(list, p->functions, p->function_count * sizeof *list);
    p->functions = list;
    p->function_capacity = more;
  }
  FIRN_TRY(firn_function_new(p->graph, def,
                             (firn_pb_NodeDef_AttrEntry *const *)func->attr,
                             func->attr_count, &p->env, out, err));
  p->functions[p->function_count++] = *out;
  return FIRN_OK;
}

/* A func attr of the node; a node whose op is a function's name calls that. */
static firn_code func_attr(firn_scope *s, const firn_node *node,
                           const char *name, firn_function **out,
                           firn_error *err) {
  const firn_pb_AttrValue *value = name ? firn_attr(node, name) : NULL;
  if (!name) {
    const firn_pb_NameAttrList self = {
        .name = node->def->op,
        .attr = (firn_pb_NameAttrList_AttrEntry **)node->def->attr,
        .attr_count = node->def->attr_count};
    return find_function(s, node, &self, out, err);
  }
  if (!value || value->value_case != 10 || !value->func)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "node '%.*s' (%.*s): attr '%s' names no function",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), name);
  return find_function(s, node, value->func, out, err);
}

static firn_code check_args(const firn_node *node, const firn_function *f,
                            size_t args, firn_error *err) {
  if (f->arg_count == args) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "node '%.*s' (%.*s): gives %zu arguments to function "
                   "'%.*s', which wants %zu",
                   FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), args,
                   FIRN_ARG(f->def->signature->name), f->arg_count);
}

/* Puts the body of `f` into `block`; rets[i] is the value of what it returns.
 */
static firn_code inline_body(firn_scope *caller, const firn_node *node,
                             const firn_function *f, const uint32_t *args,
                             const uint32_t *gates, uint32_t gate_count,
                             uint32_t block, uint32_t *rets, firn_error *err) {
  firn_scope s = {.program = caller->program,
                  .graph = f->graph,
                  .function = f,
                  .args = args,
                  .gates = gates,
                  .gate_count = gate_count,
                  .depth = firn_scope_depth(caller, node->index) + 1,
                  .block = block};
  const uint32_t most = caller->program->env.limits.call_depth;
  firn_unit *units;
  uint32_t count;
  if (s.depth > most)
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                     "node '%.*s' (%.*s): calls are nested more than %u deep",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), most);
  FIRN_TRY(firn_program_count_call(caller->program, err));
  firn_code code = firn_scope_init(&s, err);
  if (code == FIRN_OK)
    code = firn_scope_prune(&s, f->rets, f->ret_count, f->effects,
                            f->effect_count, err);
  if (code == FIRN_OK) code = firn_scope_find_frames(&s, err);
  if (code == FIRN_OK)
    code = firn_scope_order(&s, 0, NULL, &units, &count, err);
  if (code == FIRN_OK) code = firn_scope_emit_units(&s, units, count, err);
  for (size_t i = 0; code == FIRN_OK && i < f->ret_count; i++) {
    rets[i] = firn_scope_value(&s, f->rets[i]);
    if (rets[i] == FIRN_NO_VALUE || firn_scope_frame(&s, f->rets[i].node))
      code = firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "function '%.*s': return value %zu lies inside of a "
                       "loop",
                       FIRN_ARG(f->def->signature->name), i);
  }
  firn_scope_fini(&s);
  return code;
}

/* The values of a node's inputs from `from` on, read where they are references.
 */
static firn_code take_args(firn_scope *s, const firn_node *node, uint32_t from,
                           uint32_t **args, firn_error *err) {
  const uint32_t count =
      node->input_count > from ? node->input_count - from : 0;
  *args = firn_arena_array(&s->program->arena, count, sizeof **args);
  if (!*args) return firn_oom(err, count);
  for (uint32_t i = 0; i < count; i++) {
    (*args)[i] = firn_scope_value(s, node->inputs[from + i]);
    if ((*args)[i] == FIRN_NO_VALUE)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "node '%.*s' (%.*s): input %u lies inside of a loop",
                       FIRN_ARG(node->def->name), FIRN_ARG(node->def->op),
                       from + i);
    FIRN_TRY(firn_scope_deref(s, &(*args)[i], node, err));
  }
  return FIRN_OK;
}

static uint32_t outputs_of(const firn_scope *s, const firn_node *node) {
  return s->outputs[node->index];
}

/* ---- Calls -------------------------------------------------------------- */

static firn_code emit_call(firn_scope *s, const firn_node *node,
                           const char *attr, firn_error *err) {
  firn_function *f;
  uint32_t *args, *gate, gate_count;
  FIRN_TRY(func_attr(s, node, attr, &f, err));
  FIRN_TRY(check_args(node, f, node->input_count, err));
  FIRN_TRY(take_args(s, node, 0, &args, err));
  FIRN_TRY(firn_scope_gate(s, node, args, &gate, &gate_count, err));
  uint32_t *outs = firn_arena_array(
      &s->arena, f->ret_count + outputs_of(s, node), sizeof *outs);
  if (!outs) return firn_oom(err, f->ret_count);
  if (outputs_of(s, node) > f->ret_count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "node '%.*s' (%.*s): has %u outputs, the function returns "
                     "%zu",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op),
                     outputs_of(s, node), f->ret_count);
  FIRN_TRY(
      inline_body(s, node, f, args, gate, gate_count, s->block, outs, err));
  s->outs[node->index] = outs;
  return FIRN_OK;
}

/* ---- If and Case -------------------------------------------------------- */

static firn_code add_outputs(firn_scope *s, const firn_node *node,
                             uint32_t count, uint32_t step, uint32_t *first,
                             firn_error *err) {
  firn_program *p = s->program;
  uint32_t value;
  *first = p->value_count;
  for (uint32_t i = 0; i < count; i++)
    FIRN_TRY(firn_program_add_value(
        p, i < node->output_count ? node->output_types[i] : 0, step, i, node,
        &value, err));
  return FIRN_OK;
}

static firn_code map_outputs(firn_scope *s, const firn_node *node,
                             uint32_t first, uint32_t count, firn_error *err) {
  uint32_t *outs = firn_arena_array(&s->arena, count, sizeof *outs);
  if (!outs) return firn_oom(err, count);
  for (uint32_t i = 0; i < count; i++) outs[i] = first + i;
  s->outs[node->index] = outs;
  return FIRN_OK;
}

/* Those who take a branch's result believe the type that the node promises. */
static firn_code check_ret(const firn_scope *s, const firn_node *node,
                           const firn_function *f, uint32_t i, uint32_t value,
                           firn_error *err) {
  const int have = firn_dtype_base(s->program->values[value].dtype);
  const int want =
      i < node->output_count ? firn_dtype_base(node->output_types[i]) : 0;
  if (have == want || !have) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "node '%.*s' (%.*s): function '%.*s' returns value %u as "
                   "%s, not %s",
                   FIRN_ARG(node->def->name), FIRN_ARG(node->def->op),
                   FIRN_ARG(f->def->signature->name), i,
                   firn_dtype_name((firn_dtype)have),
                   firn_dtype_name((firn_dtype)want));
}

/* A block with the body of one branch; its results are the step's outputs. */
static firn_code branch_block(firn_scope *s, const firn_node *node,
                              const firn_function *f, const uint32_t *args,
                              uint32_t block, firn_error *err) {
  firn_program *p = s->program;
  uint32_t *rets = firn_arena_array(&p->arena, f->ret_count, sizeof *rets);
  if (!rets) return firn_oom(err, f->ret_count);
  FIRN_TRY(check_args(node, f, node->input_count - 1, err));
  if (f->ret_count != outputs_of(s, node))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "node '%.*s' (%.*s): function '%.*s' returns %zu values, "
                     "not %u",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op),
                     FIRN_ARG(f->def->signature->name), f->ret_count,
                     outputs_of(s, node));
  FIRN_TRY(inline_body(s, node, f, args, NULL, 0, block, rets, err));
  for (uint32_t i = 0; i < f->ret_count; i++)
    FIRN_TRY(check_ret(s, node, f, i, rets[i], err));
  p->blocks[block].results = rets;
  p->blocks[block].result_count = (uint32_t)f->ret_count;
  return FIRN_OK;
}

/* The branches of an If (then, else) or Case, as functions. */
static firn_code find_branches(firn_scope *s, const firn_node *node,
                               bool is_case, firn_function ***out,
                               uint32_t *count, firn_error *err) {
  const firn_pb_AttrValue *list = is_case ? firn_attr(node, "branches") : NULL;
  *count = 2;
  if (is_case)
    *count = list && list->value_case == 1 && list->list
                 ? (uint32_t)list->list->func_count
                 : 0;
  if (!*count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "node '%.*s' (%.*s): has no branches",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op));
  *out = firn_arena_array(&s->arena, *count, sizeof **out);
  if (!*out) return firn_oom(err, *count);
  for (uint32_t i = 0; i < *count; i++)
    FIRN_TRY(is_case
                 ? find_function(s, node, list->list->func[i], &(*out)[i], err)
                 : func_attr(s, node, i ? "then_branch" : "else_branch",
                             &(*out)[i], err));
  return FIRN_OK;
}

/* Block 0 of an If is what runs when the condition is false. */
static firn_code emit_branch(firn_scope *s, const firn_node *node, bool is_case,
                             firn_error *err) {
  firn_program *p = s->program;
  firn_function **branches;
  uint32_t *args, *pred, block, step;
  firn_step b = {.kind = FIRN_STEP_BRANCH,
                 .node = node,
                 .in_count = node->input_count,
                 .op = firn_op_of(node),
                 .out_count = outputs_of(s, node),
                 .block = s->block};
  if (!node->input_count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "node '%.*s' (%.*s): has no condition",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op));
  FIRN_TRY(find_branches(s, node, is_case, &branches, &b.inner_count, err));
  FIRN_TRY(take_args(s, node, 0, &pred, err));
  args = pred + 1;
  b.in = pred;
  b.inner = p->block_count;
  for (uint32_t i = 0; i < b.inner_count; i++)
    FIRN_TRY(firn_program_add_block(p, &block, err));
  for (uint32_t i = 0; i < b.inner_count; i++)
    FIRN_TRY(branch_block(s, node, branches[i], args, b.inner + i, err));
  FIRN_TRY(firn_scope_controls(s, node, &b.controls, &b.control_count, err));
  FIRN_TRY(add_outputs(s, node, b.out_count, p->step_count, &b.out, err));
  FIRN_TRY(firn_program_add_step(p, &b, &step, err));
  for (uint32_t i = 0; i < b.inner_count; i++)
    p->blocks[b.inner + i].owner = step;
  s->step_of[node->index] = step;
  return map_outputs(s, node, b.out, b.out_count, err);
}

/* ---- While -------------------------------------------------------------- */

/* What a While carries: arguments that its body hands back as they are do not
 * change, and are values of the caller's. */
typedef struct while_parts {
  firn_function *cond, *body;
  uint32_t *init, *args; /* per argument: the first value; the value inside */
  uint32_t *carried;     /* arguments that change, by number                */
  uint32_t carried_count;
} while_parts;

static firn_code while_split(firn_scope *s, const firn_node *node,
                             while_parts *w, firn_error *err) {
  firn_program *p = s->program;
  const uint32_t n = node->input_count;
  FIRN_TRY(func_attr(s, node, "cond", &w->cond, err));
  FIRN_TRY(func_attr(s, node, "body", &w->body, err));
  FIRN_TRY(check_args(node, w->cond, n, err));
  FIRN_TRY(check_args(node, w->body, n, err));
  if (w->body->ret_count != n || w->cond->ret_count != 1 ||
      outputs_of(s, node) > n)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "node '%.*s' (%.*s): with %u inputs, its body returns %zu "
                     "values and its condition %zu",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), n,
                     w->body->ret_count, w->cond->ret_count);
  FIRN_TRY(take_args(s, node, 0, &w->init, err));
  w->args = firn_arena_array(&s->arena, n, sizeof *w->args);
  w->carried = firn_arena_array(&s->arena, n, sizeof *w->carried);
  if (!w->args || !w->carried) return firn_oom(err, n);
  for (uint32_t i = 0; i < n; i++) {
    w->args[i] = w->init[i];
    if (firn_function_passes(w->body, i) == i) continue;
    w->carried[w->carried_count++] = i;
    const int dtype = p->values[w->init[i]].dtype;
    FIRN_TRY(firn_program_add_value(p, firn_dtype_base(dtype), FIRN_NO_STEP, 0,
                                    node, &w->args[i], err));
  }
  return FIRN_OK;
}

static firn_code while_blocks(firn_scope *s, const firn_node *node,
                              const while_parts *w, uint32_t inner,
                              firn_error *err) {
  firn_program *p = s->program;
  const uint32_t n = node->input_count;
  uint32_t *rets = firn_arena_array(&p->arena, n, sizeof *rets);
  uint32_t *next = firn_arena_array(&p->arena, n, sizeof *next);
  uint32_t *pred = firn_arena_array(&p->arena, 1, sizeof *pred);
  if (!rets || !next || !pred) return firn_oom(err, n);
  FIRN_TRY(inline_body(s, node, w->cond, w->args, NULL, 0, inner, pred, err));
  FIRN_TRY(
      inline_body(s, node, w->body, w->args, NULL, 0, inner + 1, rets, err));
  for (uint32_t i = 0; i < w->carried_count; i++) {
    next[i] = rets[w->carried[i]];
    const int have = p->values[next[i]].dtype;
    const int want = p->values[w->args[w->carried[i]]].dtype;
    if (have && want && firn_dtype_base(have) != firn_dtype_base(want))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "node '%.*s' (%.*s): value %u goes into the body as %s "
                       "and comes back as %s",
                       FIRN_ARG(node->def->name), FIRN_ARG(node->def->op),
                       w->carried[i], firn_dtype_name((firn_dtype)want),
                       firn_dtype_name((firn_dtype)have));
  }
  p->blocks[inner].results = pred;
  p->blocks[inner].result_count = 1;
  p->blocks[inner + 1].results = next;
  p->blocks[inner + 1].result_count = w->carried_count;
  return FIRN_OK;
}

static firn_code emit_while(firn_scope *s, const firn_node *node,
                            firn_error *err) {
  firn_program *p = s->program;
  while_parts w = {0};
  uint32_t block, step;
  firn_step loop = {.kind = FIRN_STEP_LOOP,
                    .node = node,
                    .op = firn_op_of(node),
                    .inner_count = 2,
                    .block = s->block};
  FIRN_TRY(while_split(s, node, &w, err));
  const uint32_t first =
      w.carried_count ? w.args[w.carried[0]] : p->value_count;
  loop.inner = p->block_count;
  for (int i = 0; i < 2; i++) FIRN_TRY(firn_program_add_block(p, &block, err));
  FIRN_TRY(while_blocks(s, node, &w, loop.inner, err));
  const uint32_t n = node->input_count;
  uint32_t *in = firn_arena_array(&p->arena, n, sizeof *in);
  uint32_t *outs = firn_arena_array(&s->arena, n, sizeof *outs);
  if (!in || !outs) return firn_oom(err, n);
  for (uint32_t i = 0; i < w.carried_count; i++) in[i] = w.init[w.carried[i]];
  loop.in_count = w.carried_count;
  for (uint32_t i = 0; i < n; i++)
    if (w.args[i] == w.init[i]) in[loop.in_count++] = w.init[i];
  if (n) memcpy(outs, w.args, n * sizeof *outs);
  loop.in = in;
  loop.out_count = w.carried_count;
  loop.out = first;
  FIRN_TRY(
      firn_scope_controls(s, node, &loop.controls, &loop.control_count, err));
  FIRN_TRY(firn_program_add_step(p, &loop, &step, err));
  for (uint32_t i = 0; i < w.carried_count; i++) {
    p->values[first + i].step = step;
    p->values[first + i].output = i;
  }
  for (uint32_t i = 0; i < 2; i++) p->blocks[loop.inner + i].owner = step;
  s->step_of[node->index] = step;
  s->outs[node->index] = outs;
  return FIRN_OK;
}

/* ---- Which? ------------------------------------------------------------- */

firn_code firn_scope_emit_call(firn_scope *s, const firn_node *node, bool *done,
                               firn_error *err) {
  const firn_str op = node->def->op;
  *done = true;
  if (firn_str_is(op, "PartitionedCall") ||
      firn_str_is(op, "StatefulPartitionedCall"))
    return emit_call(s, node, "f", err);
  if (firn_str_is(op, "If") || firn_str_is(op, "StatelessIf"))
    return emit_branch(s, node, false, err);
  if (firn_str_is(op, "Case") || firn_str_is(op, "StatelessCase"))
    return emit_branch(s, node, true, err);
  if (firn_str_is(op, "While") || firn_str_is(op, "StatelessWhile"))
    return emit_while(s, node, err);
  if (!firn_op_of(node) && firn_graph_function(s->graph, op))
    return emit_call(s, node, NULL, err);
  *done = false;
  return FIRN_OK;
}
