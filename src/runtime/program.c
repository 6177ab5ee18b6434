/* runtime/program.c: turn the needed nodes of a graph into steps and values. */
#include "runtime/program.h"

#include "runtime/scope.h"

/* What inlining may grow to: a function that calls itself twice doubles with
 * each level. */
enum { MOST_STEPS = 1 << 20 };

/* ---- Growing arrays ----------------------------------------------------- */

/* Makes room for one more element; the old array stays behind in the arena. */
static bool grow(firn_arena *arena, void **items, uint32_t count,
                 uint32_t *capacity, size_t size) {
  if (count < *capacity) return true;
  const uint32_t more = *capacity ? *capacity * 2 : 64;
  void *bigger = firn_arena_array(arena, more, size);
  if (!bigger) return false;
  if (count) memcpy(bigger, *items, count * size);
  *items = bigger;
  *capacity = more;
  return true;
}

firn_code firn_program_add_value(firn_program *p, int dtype, uint32_t step,
                                 uint32_t output, const firn_node *node,
                                 uint32_t *out, firn_error *err) {
  if (!grow(&p->arena, (void **)&p->values, p->value_count, &p->value_capacity,
            sizeof *p->values))
    return firn_oom(err, p->value_count * sizeof *p->values);
  p->values[p->value_count] = (firn_value){dtype, step, output, node};
  *out = p->value_count++;
  return FIRN_OK;
}

static firn_code too_many(firn_error *err) {
  return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                   "function calls unfold to more than %d steps", MOST_STEPS);
}

/* Bodies without steps of their own take time, too. */
firn_code firn_program_count_call(firn_program *p, firn_error *err) {
  return ++p->calls > MOST_STEPS ? too_many(err) : FIRN_OK;
}

firn_code firn_program_add_step(firn_program *p, const firn_step *step,
                                uint32_t *out, firn_error *err) {
  if (p->step_count >= MOST_STEPS) return too_many(err);
  if (!grow(&p->arena, (void **)&p->steps, p->step_count, &p->step_capacity,
            sizeof *p->steps))
    return firn_oom(err, p->step_count * sizeof *p->steps);
  firn_block *block = &p->blocks[step->block];
  if (!grow(&p->arena, (void **)&block->steps, block->count, &block->capacity,
            sizeof *block->steps))
    return firn_oom(err, block->count * sizeof *block->steps);
  block->steps[block->count++] = p->step_count;
  block->effects |= step->kind == FIRN_STEP_OP && firn_op_stateful(step->node);
  for (uint32_t i = 0; i < step->inner_count; i++)
    block->effects |= p->blocks[step->inner + i].effects;
  p->steps[p->step_count] = *step;
  *out = p->step_count++;
  return FIRN_OK;
}

firn_code firn_program_add_block(firn_program *p, uint32_t *out,
                                 firn_error *err) {
  if (!grow(&p->arena, (void **)&p->blocks, p->block_count, &p->block_capacity,
            sizeof *p->blocks))
    return firn_oom(err, p->block_count * sizeof *p->blocks);
  p->blocks[p->block_count] = (firn_block){.owner = FIRN_NO_STEP};
  *out = p->block_count++;
  return FIRN_OK;
}

/* ---- Inputs ------------------------------------------------------------- */

bool firn_input_is_ref(const firn_node *node, uint32_t i) {
  firn_arg_walk walk = firn_walk_inputs(node);
  for (uint32_t k = 0; k <= i; k++)
    if (firn_arg_next(&walk) < 0) return false;
  return walk.is_ref;
}

static firn_step_kind kind_of(const firn_node *node) {
  static const struct {
    const char *op;
    firn_step_kind kind;
  } kinds[] = {{"Const", FIRN_STEP_CONST},      {"Switch", FIRN_STEP_SWITCH},
               {"RefSwitch", FIRN_STEP_SWITCH}, {"_SwitchN", FIRN_STEP_SWITCH},
               {"Merge", FIRN_STEP_MERGE},      {"RefMerge", FIRN_STEP_MERGE}};
  for (size_t i = 0; i < FIRN_COUNT(kinds); i++)
    if (firn_str_is(node->def->op, kinds[i].op)) return kinds[i].kind;
  return FIRN_STEP_OP;
}

/* References keep their variable for ops that write; for all others the value
 * is read right before, by a step of its own. */
firn_code firn_scope_deref(firn_scope *s, uint32_t *value,
                           const firn_node *node, firn_error *err) {
  firn_program *p = s->program;
  if (!firn_dtype_is_ref(p->values[*value].dtype)) return FIRN_OK;
  uint32_t *in = firn_arena_alloc(&p->arena, sizeof *in), step;
  if (!in) return firn_oom(err, sizeof *in);
  *in = *value;
  const firn_step read = {.kind = FIRN_STEP_DEREF,
                          .node = node,
                          .in_count = 1,
                          .out_count = 1,
                          .in = in,
                          .out = p->value_count,
                          .block = s->block};
  const int dtype = firn_dtype_base(p->values[*value].dtype);
  FIRN_TRY(
      firn_program_add_value(p, dtype, p->step_count, 0, node, value, err));
  return firn_program_add_step(p, &read, &step, err);
}

static firn_code wrong_type(const firn_node *node, uint32_t i, int have,
                            int want, firn_error *err) {
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "node '%.*s' (%.*s): input %u is %s, the op wants %s",
                   FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), i,
                   firn_dtype_name((firn_dtype)have),
                   firn_dtype_name((firn_dtype)want));
}

/* The values of a node's inputs, of the types that its op declares: kernels
 * believe that. */
static firn_code take_inputs(firn_scope *s, const firn_node *node, uint32_t *in,
                             firn_error *err) {
  const firn_program *p = s->program;
  firn_arg_walk walk = firn_walk_inputs(node);
  const bool known = node->type->def != NULL;
  for (uint32_t i = 0; i < node->input_count; i++) {
    const int want = known ? firn_arg_next(&walk) : 0;
    if (want < 0) break;
    in[i] = firn_scope_value(s, node->inputs[i]);
    if (in[i] == FIRN_NO_VALUE)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "node '%.*s' (%.*s): input %u comes out of a loop's "
                       "inside without an Exit",
                       FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), i);
    if (!(known && walk.is_ref))
      FIRN_TRY(firn_scope_deref(s, &in[i], node, err));
    const int have = p->values[in[i]].dtype;
    if (want > 0 && have > 0 && firn_dtype_base(have) != firn_dtype_base(want))
      return wrong_type(node, i, have, want, err);
    if (want > 0 && firn_dtype_is_ref(want) && !firn_dtype_is_ref(have))
      return wrong_type(node, i, have, want, err);
  }
  return FIRN_OK;
}

/* Whether the node takes what another node of its function's body makes, and so
 * lives when that does. */
static bool takes_from_inside(const firn_scope *s, const firn_node *node) {
  for (uint32_t i = 0; i < node->input_count; i++) {
    const uint32_t from = node->inputs[i].node;
    if (from != FIRN_NO_NODE &&
        !firn_str_is(s->graph->nodes[from]->def->op, "_Arg"))
      return true;
  }
  return false;
}

firn_code firn_scope_controls(firn_scope *s, const firn_node *node,
                              const uint32_t **list, uint32_t *count,
                              firn_error *err) {
  const uint32_t gates = takes_from_inside(s, node) ? 0 : s->gate_count;
  uint32_t *steps = firn_arena_array(
      &s->program->arena, (size_t)node->control_count + gates, sizeof *steps);
  if (!steps) return firn_oom(err, node->control_count);
  *count = 0;
  for (uint32_t i = 0; i < node->control_count; i++) {
    const uint32_t c = node->controls[i];
    if (c != FIRN_NO_NODE && s->marks[c] && s->step_of[c] != FIRN_NO_STEP)
      steps[(*count)++] = s->step_of[c];
  }
  for (uint32_t i = 0; i < gates; i++) steps[(*count)++] = s->gates[i];
  *list = steps;
  return FIRN_OK;
}

firn_code firn_scope_gate(firn_scope *s, const firn_node *node,
                          const uint32_t *in, uint32_t **gate, uint32_t *count,
                          firn_error *err) {
  firn_program *p = s->program;
  firn_step step = {.kind = FIRN_STEP_GATE,
                    .node = node,
                    .in = in,
                    .in_count = node->input_count,
                    .out = p->value_count,
                    .block = s->block};
  FIRN_TRY(
      firn_scope_controls(s, node, &step.controls, &step.control_count, err));
  *gate = firn_arena_array(&p->arena, 1, sizeof **gate);
  if (!*gate) return firn_oom(err, sizeof **gate);
  *count = step.in_count || step.control_count;
  if (!*count) return FIRN_OK;
  FIRN_TRY(firn_program_add_step(p, &step, *gate, err));
  s->step_of[node->index] = **gate;
  return FIRN_OK;
}

/* ---- Nodes -------------------------------------------------------------- */

static firn_code emit_step(firn_scope *s, const firn_node *node,
                           firn_error *err) {
  firn_program *p = s->program;
  const uint32_t outputs = s->outputs[node->index];
  firn_step step = {.kind = kind_of(node),
                    .node = node,
                    .op = firn_op_of(node),
                    .in_count = node->input_count,
                    .out_count = outputs,
                    .block = s->block};
  uint32_t *in = firn_arena_array(&p->arena, step.in_count, sizeof *in);
  uint32_t *outs = firn_arena_array(&s->arena, outputs, sizeof *outs);
  if (!in || !outs) return firn_oom(err, step.in_count);
  FIRN_TRY(firn_check_arity(node, err));
  FIRN_TRY(take_inputs(s, node, in, err));
  step.in = in;
  FIRN_TRY(
      firn_scope_controls(s, node, &step.controls, &step.control_count, err));
  step.out = p->value_count;
  for (uint32_t k = 0; k < outputs; k++)
    FIRN_TRY(firn_program_add_value(
        p, k < node->output_count ? node->output_types[k] : 0, p->step_count, k,
        node, &outs[k], err));
  s->outs[node->index] = outs;
  return firn_program_add_step(p, &step, &s->step_of[node->index], err);
}

/* The outputs of an IdentityN are its inputs: no step is needed. */
static firn_code emit_passed(firn_scope *s, const firn_node *node,
                             firn_error *err) {
  uint32_t *gate, gates,
      *outs =
          firn_arena_array(&s->program->arena, node->input_count, sizeof *outs);
  if (!outs) return firn_oom(err, node->input_count);
  FIRN_TRY(firn_check_arity(node, err));
  FIRN_TRY(take_inputs(s, node, outs, err));
  s->outs[node->index] = outs;
  return firn_scope_gate(s, node, outs, &gate, &gates, err);
}

/* TensorFlow's Identity of a reference shares the variable's buffer, and
 * training ops write into that: whoever takes the Identity's output after such
 * a write sees the new value (moving averages of just updated weights hang on
 * that). So the output is the reference itself, read by each consumer when its
 * turn comes. */
static bool shares_variable(const firn_scope *s, const firn_node *node) {
  if (!firn_str_is(node->def->op, "Identity") || node->input_count != 1)
    return false;
  const uint32_t v = firn_scope_value(s, node->inputs[0]);
  return v != FIRN_NO_VALUE && firn_dtype_is_ref(s->program->values[v].dtype);
}

static firn_code emit_shared(firn_scope *s, const firn_node *node,
                             firn_error *err) {
  uint32_t *gate, gates,
      *outs = firn_arena_array(&s->program->arena, 1, sizeof *outs);
  if (!outs) return firn_oom(err, sizeof *outs);
  outs[0] = firn_scope_value(s, node->inputs[0]);
  s->outs[node->index] = outs;
  return firn_scope_gate(s, node, outs, &gate, &gates, err);
}

/* An argument of a function body is a value of its caller. */
static firn_code emit_arg(firn_scope *s, const firn_node *node,
                          firn_error *err) {
  const int64_t i = firn_attr_int_or(node, "index", -1);
  uint32_t *outs = firn_arena_array(&s->arena, 1, sizeof *outs);
  if (!outs) return firn_oom(err, sizeof *outs);
  if (i < 0 || (size_t)i >= s->function->arg_count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "node '%.*s' (_Arg): there is no argument %lld",
                     FIRN_ARG(node->def->name), (long long)i);
  outs[0] = s->args[i];
  const int have = firn_dtype_base(s->program->values[outs[0]].dtype);
  if (node->output_count && node->output_types[0] && have &&
      firn_dtype_base(node->output_types[0]) != (firn_dtype)have)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "function '%.*s': argument '%.*s' is %s, it wants %s",
                     FIRN_ARG(s->function->def->signature->name),
                     FIRN_ARG(node->def->name),
                     firn_dtype_name((firn_dtype)have),
                     firn_dtype_name((firn_dtype)node->output_types[0]));
  s->outs[node->index] = outs;
  return FIRN_OK;
}

firn_code firn_scope_emit(firn_scope *s, const firn_node *node,
                          firn_error *err) {
  bool done = false;
  if (s->outs[node->index] || s->step_of[node->index] != FIRN_NO_STEP)
    return FIRN_OK; /* a part of a loop that stands for a carried value */
  if (s->function && firn_str_is(node->def->op, "_Arg"))
    return emit_arg(s, node, err);
  if (shares_variable(s, node)) return emit_shared(s, node, err);
  if (firn_str_is(node->def->op, "IdentityN") && !node->control_count)
    return emit_passed(s, node, err);
  FIRN_TRY(firn_scope_emit_call(s, node, &done, err));
  return done ? FIRN_OK : emit_step(s, node, err);
}

firn_code firn_scope_emit_units(firn_scope *s, const firn_unit *units,
                                uint32_t count, firn_error *err) {
  for (uint32_t i = 0; i < count; i++)
    FIRN_TRY(units[i].is_frame
                 ? firn_scope_emit_loop(s, units[i].index, err)
                 : firn_scope_emit(s, s->graph->nodes[units[i].index], err));
  return FIRN_OK;
}

/* ---- The main graph ----------------------------------------------------- */

static firn_code add_feeds(firn_scope *s, firn_error *err) {
  firn_program *p = s->program;
  p->feed_count = s->wish->feed_count;
  p->feeds = firn_arena_array(&p->arena, p->feed_count, sizeof *p->feeds);
  if (!p->feeds) return firn_oom(err, p->feed_count);
  for (uint32_t i = 0; i < p->feed_count; i++) {
    const firn_edge e = s->wish->feeds[i];
    const firn_node *node = s->graph->nodes[e.node];
    const int dtype = e.output < node->output_count
                          ? (int)firn_dtype_base(node->output_types[e.output])
                          : 0;
    FIRN_TRY(firn_program_add_value(p, dtype, FIRN_NO_STEP, i, node,
                                    &p->feeds[i], err));
  }
  return FIRN_OK;
}

static firn_code add_fetches(firn_scope *s, firn_error *err) {
  firn_program *p = s->program;
  p->fetch_count = s->wish->fetch_count;
  p->fetches = firn_arena_array(&p->arena, p->fetch_count, sizeof *p->fetches);
  if (!p->fetches) return firn_oom(err, p->fetch_count);
  for (size_t i = 0; i < p->fetch_count; i++) {
    const firn_edge e = s->wish->fetches[i];
    const firn_node *node = s->graph->nodes[e.node];
    uint32_t v = firn_scope_value(s, e);
    size_t fed;
    if (v == FIRN_NO_VALUE || (firn_scope_frame(s, e.node) &&
                               !firn_scope_fed(s, e.node, e.output, &fed)))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "'%.*s' (%.*s) lies inside of a loop and cannot be "
                       "fetched",
                       FIRN_ARG(node->def->name), FIRN_ARG(node->def->op));
    FIRN_TRY(firn_scope_deref(s, &v, node, err));
    p->fetches[i] = v;
  }
  return FIRN_OK;
}

static firn_code build(firn_scope *s, firn_error *err) {
  const firn_wish *w = s->wish;
  firn_unit *units;
  uint32_t count;
  FIRN_TRY(firn_scope_init(s, err));
  FIRN_TRY(firn_program_add_block(s->program, &s->block, err));
  FIRN_TRY(add_feeds(s, err));
  FIRN_TRY(firn_scope_prune(s, w->fetches, w->fetch_count, w->targets,
                            w->target_count, err));
  FIRN_TRY(firn_scope_find_frames(s, err));
  FIRN_TRY(firn_scope_order(s, 0, NULL, &units, &count, err));
  FIRN_TRY(firn_scope_emit_units(s, units, count, err));
  return add_fetches(s, err);
}

firn_code firn_program_new(const firn_graph *graph, const firn_wish *wish,
                           const firn_env *env, firn_program **out,
                           firn_error *err) {
  *out = NULL;
  firn_program *p = firn_new_zeroed(&env->alloc, sizeof *p);
  if (!p) return firn_oom(err, sizeof *p);
  p->graph = graph;
  p->env = *env;
  firn_arena_init(&p->arena, &env->alloc);

  firn_scope scope = {.program = p, .graph = graph, .wish = wish};
  const firn_code code = build(&scope, err);
  firn_scope_fini(&scope);
  if (code == FIRN_OK)
    *out = p;
  else
    firn_program_free(p);
  return code;
}

void firn_program_free(firn_program *program) {
  if (!program) return;
  const firn_allocator alloc = program->env.alloc;
  for (size_t i = 0; i < program->function_count; i++)
    firn_function_free(program->functions[i]);
  firn_arena_fini(&program->arena);
  firn_delete(&alloc, program, sizeof *program);
}
