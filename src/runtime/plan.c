/* runtime/plan.c: a plan from its beginning to its end; the work of making it
 * is in plan_infer.c, fuse.c, plan_prepare.c and layout.c. */
#include "runtime/plan.h"

static void reset_value(firn_plan *plan, uint32_t i) {
  firn_plan_value *v = &plan->values[i];
  const bool fetched = v->fetched;
  firn_tensor_release(v->info.value);
  *v = (firn_plan_value){.home = i, .fetched = fetched};
  v->info.dtype = (firn_dtype)plan->program->values[i].dtype;
  v->info.shape = firn_shape_unknown();
  v->info.handle_shape = firn_shape_unknown();
}

static void reset_step(firn_plan *plan, uint32_t i) {
  const firn_step *s = &plan->program->steps[i];
  const bool reported = plan->steps[i].reported;
  plan->steps[i] = (firn_plan_step){.kind = s->kind,
                                    .node = s->node,
                                    .op = s->op,
                                    .in_count = s->in_count,
                                    .out_count = s->out_count,
                                    .control_count = s->control_count,
                                    .in = s->in,
                                    .controls = s->controls,
                                    .out = s->out,
                                    .block = s->block,
                                    .inner = s->inner,
                                    .inner_count = s->inner_count,
                                    .reported = reported};
}

void firn_plan_reset(firn_plan *plan, uint32_t block) {
  const firn_block *b = &plan->program->blocks[block];
  for (uint32_t i = 0; i < b->count; i++) {
    const firn_step *s = &plan->program->steps[b->steps[i]];
    for (uint32_t k = 0; k < s->inner_count; k++)
      firn_plan_reset(plan, s->inner + k);
    for (uint32_t k = 0; k < s->out_count; k++) reset_value(plan, s->out + k);
    reset_step(plan, b->steps[i]);
  }
}

static firn_code copy_blocks(firn_plan *plan, firn_error *err) {
  const firn_program *p = plan->program;
  plan->blocks =
      firn_arena_array(&plan->arena, p->block_count, sizeof *plan->blocks);
  if (!plan->blocks) return firn_oom(err, p->block_count);
  for (uint32_t i = 0; i < p->block_count; i++) {
    plan->blocks[i].live =
        firn_arena_array(&plan->arena, p->blocks[i].count, sizeof(uint32_t));
    if (!plan->blocks[i].live) return firn_oom(err, p->blocks[i].count);
    plan->blocks[i].results = p->blocks[i].results;
    plan->blocks[i].result_count = p->blocks[i].result_count;
  }
  return FIRN_OK;
}

static firn_code copy_program(firn_plan *plan, firn_error *err) {
  const firn_program *p = plan->program;
  plan->values =
      firn_arena_array(&plan->arena, p->value_count, sizeof *plan->values);
  plan->steps =
      firn_arena_array(&plan->arena, p->step_count, sizeof *plan->steps);
  if (!plan->values || !plan->steps) return firn_oom(err, p->value_count);
  for (uint32_t i = 0; i < p->value_count; i++) reset_value(plan, i);
  for (uint32_t i = 0; i < p->step_count; i++) {
    const firn_step *s = &p->steps[i];
    reset_step(plan, i);
    if (s->in_count > plan->max_in) plan->max_in = s->in_count;
    if (s->out_count > plan->max_out) plan->max_out = s->out_count;
  }
  return copy_blocks(plan, err);
}

/* The shape that a placeholder declares; false when it is none. */
static bool declared_shape(firn_plan *plan, const firn_node *node,
                           firn_shape *out) {
  const firn_str op = node->def->op;
  firn_info info = {0};
  if (firn_str_is(op, "PlaceholderWithDefault"))
    return firn_attr_shape(node, "shape", out, NULL) == FIRN_OK;
  if ((!firn_str_is(op, "Placeholder") && !firn_str_is(op, "PlaceholderV2")) ||
      firn_infer_node(node, NULL, 0, &info, 1, &plan->arena, NULL) != FIRN_OK)
    return false;
  *out = info.shape;
  return true;
}

/* A feed's shape must agree with what its placeholder declares. */
static firn_code check_feed(firn_plan *plan, const firn_node *node,
                            const firn_tensor *feed, firn_error *err) {
  firn_shape want;
  char have_text[256], want_text[256];
  if (!declared_shape(plan, node, &want) || want.rank < 0) return FIRN_OK;
  bool fits = want.rank == feed->shape.rank;
  for (int i = 0; fits && i < want.rank; i++)
    fits = want.dims[i] < 0 || want.dims[i] == feed->shape.dims[i];
  if (fits) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "feed '%.*s' has shape %s, the graph wants %s",
                   FIRN_ARG(node->def->name),
                   firn_shape_text(&feed->shape, have_text),
                   firn_shape_text(&want, want_text));
}

static firn_code set_feeds(firn_plan *plan, firn_tensor *const *feeds,
                           firn_error *err) {
  const firn_program *p = plan->program;
  for (size_t i = 0; i < p->feed_count; i++) {
    firn_plan_value *v = &plan->values[p->feeds[i]];
    const firn_node *node = p->values[p->feeds[i]].node;
    if (v->info.dtype && v->info.dtype != feeds[i]->dtype)
      return firn_fail(
          err, FIRN_INVALID_ARGUMENT, "feed '%.*s' is %s, the graph wants %s",
          FIRN_ARG(node->def->name), firn_dtype_name(feeds[i]->dtype),
          firn_dtype_name(v->info.dtype));
    FIRN_TRY(check_feed(plan, node, feeds[i], err));
    v->info.dtype = feeds[i]->dtype;
    v->info.shape = feeds[i]->shape;
    v->place = FIRN_PLACE_FEED;
  }
  for (size_t i = 0; i < p->fetch_count; i++)
    plan->values[p->fetches[i]].fetched = true;
  return FIRN_OK;
}

firn_code firn_plan_new(const firn_program *program,
                        const firn_plan_env *shared, firn_tensor *const *feeds,
                        firn_plan **out, firn_error *err) {
  firn_code code;
  *out = NULL;
  firn_plan *plan = firn_new_zeroed(&shared->env->alloc, sizeof *plan);
  if (!plan) return firn_oom(err, sizeof *plan);
  plan->program = program;
  plan->shared = *shared;
  plan->generation = firn_store_generation(shared->store);
  firn_arena_init(&plan->arena, &shared->env->alloc);
  pthread_mutex_init(&plan->lock, NULL);

  code = copy_program(plan, err);
  if (code == FIRN_OK) code = set_feeds(plan, feeds, err);
  if (code == FIRN_OK) code = firn_plan_infer(plan, err);
  if (code == FIRN_OK) code = firn_plan_fuse(plan, err);
  if (code == FIRN_OK) code = firn_plan_prepare(plan, err);
  if (code == FIRN_OK) code = firn_plan_layout(plan, err);
  if (code == FIRN_OK)
    *out = plan;
  else
    firn_plan_free(plan);
  return code;
}

void firn_plan_free(firn_plan *plan) {
  if (!plan) return;
  const firn_env *env = plan->shared.env;
  firn_plan_free_frames(plan);
  for (uint32_t i = 0; plan->steps && i < plan->program->step_count; i++)
    if (plan->steps[i].state && plan->steps[i].free_state)
      plan->steps[i].free_state(plan->steps[i].state, env);
  for (uint32_t i = 0; plan->values && i < plan->program->value_count; i++)
    firn_tensor_release(plan->values[i].info.value);
  pthread_mutex_destroy(&plan->lock);
  firn_arena_fini(&plan->arena);
  firn_delete(&env->alloc, plan, sizeof *plan);
}

size_t firn_plan_bytes(const firn_plan *plan) {
  return plan->arena.used + plan->constant_bytes +
         atomic_load_explicit(&plan->frame_bytes, memory_order_relaxed);
}

void firn_plan_count_uses(firn_plan *plan) {
  const firn_program *p = plan->program;
  for (uint32_t i = 0; i < p->value_count; i++) plan->values[i].uses = 0;
  for (size_t i = 0; i < p->fetch_count; i++)
    plan->values[p->fetches[i]].uses++;
  for (uint32_t i = 0; i < p->step_count; i++)
    for (uint32_t k = 0; !plan->steps[i].dropped && k < plan->steps[i].in_count;
         k++)
      plan->values[plan->steps[i].in[k]].uses++;
  for (uint32_t i = 0; i < p->block_count; i++)
    for (uint32_t k = 0; k < p->blocks[i].result_count; k++)
      plan->values[p->blocks[i].results[k]].uses++;
}

bool firn_tensor_truth(const firn_tensor *tensor) {
  if (tensor->shape.rank != 0) return tensor->count > 0;
  if (tensor->dtype == FIRN_BOOL) return *(const bool *)tensor->data;
  if (tensor->dtype == FIRN_STRING)
    return firn_tstring_get(tensor->data).size > 0;
  return firn_tensor_f64(tensor, 0) != 0;
}

firn_code firn_branch_check(const firn_node *node, const firn_tensor *pred,
                            firn_error *err) {
  const firn_str op = node->def->op;
  char text[256];
  if (pred->shape.rank == 0 || firn_str_is(op, "If") ||
      firn_str_is(op, "StatelessIf"))
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "the condition must be a scalar, has shape %s",
                   firn_shape_text(&pred->shape, text));
}

bool firn_step_outlives(const firn_plan_step *s,
                        const firn_plan_step *control) {
  return control->kind != FIRN_STEP_GATE && s->node &&
         firn_str_is(s->node->def->op, "ControlTrigger");
}

uint32_t firn_branch_taken(const firn_node *node, const firn_tensor *pred,
                           uint32_t count) {
  const firn_str op = node->def->op;
  if (!firn_str_is(op, "Case") && !firn_str_is(op, "StatelessCase") &&
      !firn_str_is(op, "_SwitchN"))
    return firn_tensor_truth(pred) ? 1 : 0;
  const int64_t i = pred->count ? firn_tensor_i64(pred, 0) : -1;
  return i < 0 || i >= count ? count - 1 : (uint32_t)i;
}
