/* runtime/plan_prepare.c: drop what nobody needs, choose kernels, pack weights.
 */
#include "ops/blame.h"
#include "runtime/plan.h"

/* ---- Steps that nobody needs ----------------------------------------------
 */

/* A step stays when it has an effect or when somebody takes one of its outputs.
 */
static bool wanted(const firn_plan *plan, const firn_plan_step *s,
                   const bool *value_wanted) {
  if (s->kind == FIRN_STEP_OP && firn_op_stateful(s->node) &&
      !(s->op && (s->op->flags & (FIRN_OP_HANDLE | FIRN_OP_READS))))
    return true;
  for (uint32_t i = 0; i < s->inner_count; i++)
    if (plan->program->blocks[s->inner + i].effects) return true;
  for (uint32_t i = 0; i < s->out_count; i++)
    if (value_wanted[s->out + i] || plan->values[s->out + i].fetched)
      return true;
  return false;
}

/* Whether the BRANCH or LOOP around a step was dropped. */
static bool owner_dropped(const firn_plan *plan, const firn_plan_step *s) {
  const uint32_t owner = plan->program->blocks[s->block].owner;
  return owner != FIRN_NO_STEP && plan->steps[owner].dropped;
}

static void want_inputs(const firn_plan *plan, const firn_plan_step *s,
                        bool *value) {
  for (uint32_t k = 0; k < s->in_count; k++) value[s->in[k]] = true;
  for (uint32_t i = 0; i < s->inner_count; i++) {
    const firn_plan_block *b = &plan->blocks[s->inner + i];
    for (uint32_t k = 0; k < b->result_count; k++) value[b->results[k]] = true;
  }
}

/* Backwards: a step's number is above those of everything it uses. */
static firn_code drop_unwanted(firn_plan *plan, firn_error *err) {
  const firn_program *p = plan->program;
  bool *value = firn_arena_array(&plan->arena, p->value_count, sizeof *value);
  bool *waited = firn_arena_array(&plan->arena, p->step_count, sizeof *waited);
  if (!value || !waited) return firn_oom(err, p->value_count);
  for (uint32_t i = p->step_count; i-- > 0;) {
    firn_plan_step *s = &plan->steps[i];
    if (s->dropped) continue;
    /* Behind a branch, a step also says whether those that wait for it run. */
    if (owner_dropped(plan, s) ||
        (!wanted(plan, s, value) && !(waited[i] && s->may_die))) {
      s->dropped = true;
      continue;
    }
    want_inputs(plan, s, value);
    for (uint32_t k = 0; k < s->control_count; k++)
      waited[s->controls[k]] = true;
  }
  return FIRN_OK;
}

/* ---- Kernels ---------------------------------------------------------------
 */

static bool shapes_known(const firn_plan *plan, const firn_plan_step *s) {
  for (uint32_t i = 0; i < s->in_count; i++)
    if (!firn_shape_known(&plan->values[s->in[i]].info.shape)) return false;
  for (uint32_t i = 0; i < s->out_count; i++)
    if (!firn_shape_known(&plan->values[s->out + i].info.shape)) return false;
  return true;
}

/* Kernels want data aligned to 64 bytes; a constant that lies in a mapped file
 * is copied once unless the kernel takes it as it is. */
static firn_code align_constants(firn_plan *plan, const firn_plan_step *s,
                                 firn_error *err) {
  for (uint32_t i = 0; i < s->in_count; i++) {
    firn_plan_value *v = &plan->values[s->in[i]];
    firn_tensor *copy = NULL;
    const bool takes = i < 32 && s->kernel && (s->kernel->unaligned >> i & 1);
    if (!v->info.value || v->info.value->buffer || takes ||
        (uintptr_t)v->info.value->data % 64 == 0)
      continue;
    FIRN_TRY(
        firn_tensor_copy(v->info.value, &plan->shared.env->alloc, &copy, err));
    plan->constant_bytes += firn_tensor_bytes(copy);
    firn_tensor_release(v->info.value);
    v->info.value = copy;
  }
  return FIRN_OK;
}

static firn_code prepare_step(firn_plan *plan, firn_plan_step *s,
                              firn_info *infos, firn_error *err) {
  firn_info *out = infos + plan->max_in + 1;
  for (uint32_t i = 0; i < s->in_count; i++)
    infos[i] = plan->values[s->in[i]].info;
  for (uint32_t i = 0; i < s->out_count; i++)
    out[i] = plan->values[s->out + i].info;
  firn_prepare p = {.node = s->node,
                    .kernel = s->kernel,
                    .in_count = s->in_count,
                    .out_count = s->out_count,
                    .in = infos,
                    .out = out,
                    .fused = s->fused,
                    .env = plan->shared.env,
                    .cpu = plan->shared.cpu,
                    .packs = plan->shared.packs};
  const firn_code code = s->kernel->prepare(&p, err);
  s->state = p.state;
  s->free_state = p.free_state;
  s->scratch = (p.scratch + 63) / 64 * 64;
  return code;
}

static firn_code choose(firn_plan *plan, firn_plan_step *s, firn_info *infos,
                        firn_error *err) {
  if (s->kind != FIRN_STEP_OP || (s->op->flags & FIRN_OP_ALIAS)) return FIRN_OK;
  if (s->out_count && plan->values[s->out].place == FIRN_PLACE_CONST)
    return FIRN_OK;
  s->kernel = firn_op_kernel(s->op, s->node, plan->shared.cpu);
  FIRN_TRY(align_constants(plan, s, err));
  s->at_run |= !shapes_known(plan, s);
  if (s->at_run || !s->kernel->prepare) return FIRN_OK;
  const firn_code code = prepare_step(plan, s, infos, err);
  return firn_node_failed(s->node, infos, s->in_count, code, err);
}

firn_code firn_plan_prepare(firn_plan *plan, firn_error *err) {
  const firn_program *p = plan->program;
  FIRN_TRY(drop_unwanted(plan, err));
  firn_info *infos = firn_arena_array(
      &plan->arena, plan->max_in + plan->max_out + 2, sizeof *infos);
  if (!infos) return firn_oom(err, plan->max_in);
  for (uint32_t b = 0; b < p->block_count; b++)
    for (uint32_t k = 0; k < p->blocks[b].count; k++) {
      const uint32_t i = p->blocks[b].steps[k];
      if (plan->steps[i].dropped) continue;
      plan->blocks[b].live[plan->blocks[b].live_count++] = i;
      FIRN_TRY(choose(plan, &plan->steps[i], infos, err));
    }
  return FIRN_OK;
}
