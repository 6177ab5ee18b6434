/* runtime/execute.c: walk the live steps of a plan once.
 *
 * A frame is what one run needs: the slab, and for every value a pointer to its
 * tensor, NULL while it is not there or dead. Frames are kept by the plan and
 * used again, so that a warm run allocates its results and what has no known
 * shape. */
#include <time.h>

#include "base/cpu.h"
#include "ops/blame.h"
#include "runtime/plan.h"

struct firn_frame {
  firn_plan *plan;
  firn_frame *next;     /* in the plan's list of idle frames              */
  firn_arena arena;     /* of the arrays                                  */
  firn_arena scratch;   /* of one at-run step                             */
  firn_tensor **tensor; /* per value                                      */
  firn_tensor *header;  /* per value: of those in the slab and aliases    */
  bool *dead;           /* per step                                       */
  const firn_run_limits *limits;
  firn_tensor **in, **out, **made; /* of the step at hand                   */
  uint8_t *slab;
};

/* ---- Frames -----------------------------------------------------------------
 */

static void frame_free(firn_frame *frame) {
  const firn_env *env = frame->plan->shared.env;
  if (frame->slab)
    firn_delete_aligned(&env->alloc, frame->slab, frame->plan->slab_size);
  firn_arena_fini(&frame->scratch);
  firn_arena_fini(&frame->arena);
  firn_delete(&env->alloc, frame, sizeof *frame);
}

/* What does not change from run to run: constants, and headers over the slab.
 */
static void frame_fill(firn_frame *frame) {
  const firn_plan *plan = frame->plan;
  for (uint32_t i = 0; i < plan->program->value_count; i++) {
    const firn_plan_value *v = &plan->values[i];
    firn_tensor *h = &frame->header[i];
    int64_t count = 0;
    if (v->place == FIRN_PLACE_CONST) frame->tensor[i] = v->info.value;
    if (v->place != FIRN_PLACE_SLAB) continue;
    h->dtype = v->info.dtype;
    h->shape = v->info.shape;
    if (firn_shape_count(&h->shape, &count)) h->count = (size_t)count;
    h->data = frame->slab + v->offset;
  }
}

static firn_code frame_new(firn_plan *plan, firn_frame **out, firn_error *err) {
  const firn_env *env = plan->shared.env;
  const uint32_t values = plan->program->value_count;
  firn_frame *f = firn_new_zeroed(&env->alloc, sizeof *f);
  if (!f) return firn_oom(err, sizeof *f);
  f->plan = plan;
  firn_arena_init(&f->arena, &env->alloc);
  firn_arena_init(&f->scratch, &env->alloc);
  f->tensor = firn_arena_array(&f->arena, values, sizeof(firn_tensor *));
  f->header = firn_arena_array(&f->arena, values, sizeof(firn_tensor));
  f->dead = firn_arena_array(&f->arena, plan->program->step_count, 1);
  f->in = firn_arena_array(&f->arena, plan->max_in + 1, sizeof(firn_tensor *));
  f->out = firn_arena_array(&f->arena, plan->max_out, sizeof(firn_tensor *));
  f->made = firn_arena_array(&f->arena, plan->max_out, sizeof(firn_tensor *));
  if (plan->slab_size) f->slab = firn_new_aligned(&env->alloc, plan->slab_size);
  if (!f->tensor || !f->header || !f->dead || !f->in || !f->out || !f->made ||
      (plan->slab_size && !f->slab)) {
    frame_free(f);
    return firn_oom(err, plan->slab_size);
  }
  frame_fill(f);
  atomic_fetch_add_explicit(&plan->frame_bytes, f->arena.used + plan->slab_size,
                            memory_order_relaxed);
  *out = f;
  return FIRN_OK;
}

static firn_code frame_take(firn_plan *plan, firn_frame **out,
                            firn_error *err) {
  pthread_mutex_lock(&plan->lock);
  *out = plan->idle;
  if (*out) plan->idle = (*out)->next;
  pthread_mutex_unlock(&plan->lock);
  return *out ? FIRN_OK : frame_new(plan, out, err);
}

/* Lets go of what the run made, and keeps the frame for the next one. */
static void frame_return(firn_frame *frame) {
  firn_plan *plan = frame->plan;
  for (uint32_t i = 0; i < plan->program->value_count; i++) {
    if (plan->values[i].place == FIRN_PLACE_HEAP)
      firn_tensor_release(frame->tensor[i]);
    if (plan->values[i].place != FIRN_PLACE_CONST) frame->tensor[i] = NULL;
  }
  pthread_mutex_lock(&plan->lock);
  frame->next = plan->idle;
  plan->idle = frame;
  pthread_mutex_unlock(&plan->lock);
}

void firn_plan_free_frames(firn_plan *plan) {
  while (plan->idle) {
    firn_frame *next = plan->idle->next;
    frame_free(plan->idle);
    plan->idle = next;
  }
}

/* ---- Limits ---------------------------------------------------------------
 */

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static firn_code check_limits(const firn_run_limits *limits, firn_error *err) {
  if (limits->cancelled && limits->cancelled(limits->ud))
    return firn_fail(err, FIRN_CANCELLED, "the run was cancelled");
  if (limits->deadline_ns && now_ns() > limits->deadline_ns)
    return firn_fail(err, FIRN_DEADLINE_EXCEEDED,
                     "the run took longer than its deadline");
  return FIRN_OK;
}

/* What a step that waits for other runs asks (firn_run.stop). */
static firn_code keep_waiting(void *ud, firn_error *err) {
  const firn_frame *frame = ud;
  return check_limits(frame->limits, err);
}

typedef firn_code stop_fn(void *ud, firn_error *err);

static stop_fn *stop_of(const firn_frame *frame) {
  return frame->limits->no_waiting ? NULL : keep_waiting;
}

/* ---- Steps ------------------------------------------------------------------
 */

static firn_code step_failed(firn_frame *frame, const firn_plan_step *s,
                             firn_code code, firn_error *err) {
  firn_info *in = firn_arena_array(&frame->scratch, s->in_count, sizeof *in);
  for (uint32_t i = 0; in && i < s->in_count; i++)
    if (frame->tensor[s->in[i]])
      in[i] = firn_info_of(frame->tensor[s->in[i]], &frame->scratch);
  code = firn_node_failed(s->node, in, s->in_count, code, err);
  firn_arena_reset(&frame->scratch);
  return code;
}

/* Results of unforeseen shape must still fit what other steps were prepared
 * for. */
static firn_code check_shape(const firn_plan_step *s, uint32_t i,
                             const firn_plan_value *v, const firn_tensor *t,
                             firn_error *err) {
  char have[256], want[256];
  const firn_shape *known = &v->info.shape;
  bool fits = known->rank < 0 || known->rank == t->shape.rank;
  for (int k = 0; fits && k < known->rank; k++)
    fits = known->dims[k] < 0 || known->dims[k] == t->shape.dims[k];
  if (fits && v->info.dtype && v->info.dtype != t->dtype &&
      !firn_dtype_is_handle(v->info.dtype))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "node '%.*s' (%.*s): output %u is %s, the graph says %s",
                     FIRN_ARG(s->node->def->name), FIRN_ARG(s->node->def->op),
                     i, firn_dtype_name(t->dtype),
                     firn_dtype_name(v->info.dtype));
  if (fits || firn_dtype_is_handle(t->dtype)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "node '%.*s' (%.*s): output %u has shape %s, the graph says "
                   "%s",
                   FIRN_ARG(s->node->def->name), FIRN_ARG(s->node->def->op), i,
                   firn_shape_text(&t->shape, have),
                   firn_shape_text(known, want));
}

/* Hands a new tensor to output i of a step. In a loop's last round the body did
 * not run, and what it would have let go of may still be there. */
static firn_code settle(firn_frame *frame, const firn_plan_step *s, uint32_t i,
                        firn_tensor *tensor, firn_error *err) {
  const firn_plan_value *v = &frame->plan->values[s->out + i];
  firn_tensor_release(frame->tensor[s->out + i]);
  frame->tensor[s->out + i] = tensor;
  return check_shape(s, i, v, tensor, err);
}

static firn_code run_alias(firn_frame *frame, const firn_plan_step *s,
                           firn_error *err) {
  const firn_plan *plan = frame->plan;
  const firn_plan_value *v = &plan->values[s->out];
  const firn_tensor *of = frame->tensor[s->in[0]];
  firn_tensor *h = &frame->header[s->out];
  int64_t count;
  h->dtype = of->dtype;
  h->shape = v->info.shape;
  if (!firn_shape_known(&h->shape)) {
    firn_info out = {0};
    firn_info *in = firn_arena_array(&frame->scratch, s->in_count, sizeof *in);
    if (!in) return firn_oom(err, s->in_count * sizeof *in);
    for (uint32_t i = 0; i < s->in_count; i++)
      in[i] = firn_info_of(frame->tensor[s->in[i]], &frame->scratch);
    FIRN_TRY(firn_infer_node(s->node, in, s->in_count, &out, 1, &frame->scratch,
                             err));
    h->shape = out.shape;
    firn_arena_reset(&frame->scratch);
  }
  if (!firn_shape_known(&h->shape) || !firn_shape_count(&h->shape, &count) ||
      (size_t)count != of->count) {
    char have[256], want[256];
    firn_fail(err, FIRN_INVALID_ARGUMENT, "cannot give shape %s to %s",
              firn_shape_text(&h->shape, want),
              firn_shape_text(&of->shape, have));
    return step_failed(frame, s, FIRN_INVALID_ARGUMENT, err);
  }
  h->count = of->count;
  h->data = of->data;
  frame->tensor[s->out] = h;
  return FIRN_OK;
}

/* A step whose shapes only this run knows. */
static firn_code run_unplanned(firn_frame *frame, const firn_plan_step *s,
                               firn_error *err) {
  const firn_plan_env *shared = &frame->plan->shared;
  const firn_eval eval = {.node = s->node,
                          .fused = s->fused,
                          .env = shared->env,
                          .cpu = shared->cpu,
                          .pool = shared->pool,
                          .store = shared->store,
                          .packs = shared->packs,
                          .stop = stop_of(frame),
                          .stop_ud = frame};
  for (uint32_t i = 0; i < s->in_count; i++)
    frame->in[i] = frame->tensor[s->in[i]];
  FIRN_TRY(firn_eval_run(&eval, frame->in, s->in_count, frame->out,
                         s->out_count, err));
  firn_code code = FIRN_OK;
  for (uint32_t i = 0; i < s->out_count; i++) {
    const firn_code one =
        settle(frame, s, i, frame->out[i], code == FIRN_OK ? err : NULL);
    if (code == FIRN_OK) code = one;
  }
  return code;
}

/* Makes the outputs that do not lie in the slab, as far as their shape is
 * known. */
static firn_code make_outputs(firn_frame *frame, const firn_plan_step *s,
                              firn_error *err) {
  const firn_plan *plan = frame->plan;
  for (uint32_t i = 0; i < s->out_count; i++)
    frame->made[i] = frame->out[i] = NULL;
  for (uint32_t i = 0; i < s->out_count; i++) {
    const firn_plan_value *v = &plan->values[s->out + i];
    if (v->place == FIRN_PLACE_SLAB) {
      frame->out[i] = &frame->header[s->out + i];
    } else if (!(s->op->flags & FIRN_OP_GIVES) &&
               !firn_dtype_is_ref(v->info.dtype) &&
               firn_shape_known(&v->info.shape)) {
      FIRN_TRY(firn_tensor_within(v->info.dtype, &v->info.shape,
                                  &plan->shared.env->limits, err));
      FIRN_TRY(firn_tensor_make(v->info.dtype, &v->info.shape,
                                &plan->shared.env->alloc, &frame->made[i],
                                err));
      frame->out[i] = frame->made[i];
    }
  }
  return FIRN_OK;
}

static firn_code run_kernel(firn_frame *frame, const firn_plan_step *s,
                            firn_error *err) {
  const firn_plan_env *shared = &frame->plan->shared;
  if (s->at_run) return run_unplanned(frame, s, err);
  for (uint32_t i = 0; i < s->in_count; i++)
    frame->in[i] = frame->tensor[s->in[i]];
  firn_code code = make_outputs(frame, s, err);
  const firn_run run = {
      .node = s->node,
      .kernel = s->kernel,
      .state = s->state,
      .in_count = s->in_count,
      .out_count = s->out_count,
      .in = frame->in,
      .out = frame->out,
      .scratch = s->scratch ? frame->slab + s->scratch_offset : NULL,
      .pool = shared->pool,
      .env = shared->env,
      .cpu = shared->cpu,
      .store = shared->store,
      .made = frame->made,
      .stop = stop_of(frame),
      .stop_ud = frame};
  if (code == FIRN_OK) code = s->kernel->drive(&run, err);
  if (code != FIRN_OK) code = step_failed(frame, s, code, err);
  for (uint32_t i = 0; i < s->out_count; i++) {
    if (frame->plan->values[s->out + i].place == FIRN_PLACE_SLAB) {
      frame->tensor[s->out + i] = &frame->header[s->out + i];
    } else if (frame->made[i]) {
      const firn_code one =
          settle(frame, s, i, frame->made[i], code == FIRN_OK ? err : NULL);
      if (code == FIRN_OK) code = one;
    } else if (code == FIRN_OK) {
      firn_fail(err, FIRN_INTERNAL, "output %u was not made", i);
      code = step_failed(frame, s, FIRN_INTERNAL, err);
    }
  }
  return code;
}

static firn_code run_deref(firn_frame *frame, const firn_plan_step *s,
                           firn_error *err) {
  firn_variable *variable = NULL;
  firn_tensor *value = NULL;
  firn_code code = firn_variable_of(frame->tensor[s->in[0]], &variable, err);
  if (code == FIRN_OK) code = firn_variable_read(variable, &value, err);
  if (code != FIRN_OK) return step_failed(frame, s, code, err);
  return settle(frame, s, 0, value, err);
}

static firn_code check_pred(firn_frame *frame, const firn_plan_step *s,
                            const firn_tensor *pred, firn_error *err) {
  const firn_code code = firn_branch_check(s->node, pred, err);
  return code == FIRN_OK ? FIRN_OK : step_failed(frame, s, code, err);
}

static firn_code run_switch(firn_frame *frame, const firn_plan_step *s,
                            firn_error *err) {
  const firn_tensor *pred = frame->tensor[s->in[1]];
  FIRN_TRY(check_pred(frame, s, pred, err));
  const uint32_t taken = firn_branch_taken(s->node, pred, s->out_count);
  for (uint32_t i = 0; i < s->out_count; i++)
    frame->tensor[s->out + i] = i == taken ? frame->tensor[s->in[0]] : NULL;
  return FIRN_OK;
}

/* The number of the input that is alive is a small tensor of its own. */
static firn_code run_merge(firn_frame *frame, const firn_plan_step *s,
                           firn_error *err) {
  uint32_t alive = 0;
  while (alive < s->in_count && !frame->tensor[s->in[alive]]) alive++;
  frame->tensor[s->out] = frame->tensor[s->in[alive]];
  if (s->out_count < 2 ||
      frame->plan->values[s->out + 1].place != FIRN_PLACE_HEAP)
    return FIRN_OK;
  const firn_shape scalar = firn_shape_scalar();
  firn_tensor *index = NULL;
  FIRN_TRY(firn_tensor_make(FIRN_INT32, &scalar,
                            &frame->plan->shared.env->alloc, &index, err));
  *(int32_t *)index->data = (int32_t)alive;
  return settle(frame, s, 1, index, err);
}

/* Whether a step behind a branch has to be left out this time. */
static bool is_dead(const firn_frame *frame, const firn_plan_step *s) {
  uint32_t missing = 0;
  for (uint32_t i = 0; i < s->in_count; i++)
    missing += frame->tensor[s->in[i]] == NULL;
  for (uint32_t i = 0; i < s->control_count; i++)
    if (frame->dead[s->controls[i]] &&
        !firn_step_outlives(s, &frame->plan->steps[s->controls[i]]))
      return true;
  return s->kind == FIRN_STEP_MERGE ? missing == s->in_count : missing > 0;
}

static firn_code run_block(firn_frame *frame, uint32_t block, firn_error *err);

static void let_go(firn_frame *frame, uint32_t tick) {
  const firn_plan *plan = frame->plan;
  for (uint32_t k = plan->release_at[tick]; k < plan->release_at[tick + 1];
       k++) {
    firn_tensor_release(frame->tensor[plan->release[k]]);
    frame->tensor[plan->release[k]] = NULL;
  }
}

static firn_code run_branch(firn_frame *frame, const firn_plan_step *s,
                            firn_error *err) {
  const firn_tensor *pred = frame->tensor[s->in[0]];
  FIRN_TRY(check_pred(frame, s, pred, err));
  const uint32_t taken = firn_branch_taken(s->node, pred, s->inner_count);
  const firn_plan_block *b = &frame->plan->blocks[s->inner + taken];
  FIRN_TRY(run_block(frame, s->inner + taken, err));
  for (uint32_t i = 0; i < s->out_count; i++)
    if (frame->plan->values[s->out + i].place == FIRN_PLACE_PASS)
      frame->tensor[s->out + i] = frame->tensor[b->results[i]];
  return FIRN_OK;
}

/* ---- Loops ----------------------------------------------------------------
 */

/* Makes `from` the carried value i: copied into the slab, or held. */
static firn_code carry_one(firn_frame *frame, const firn_plan_step *s,
                           uint32_t i, firn_tensor *from, firn_error *err) {
  const firn_plan *plan = frame->plan;
  const firn_plan_value *v = &plan->values[s->out + i];
  firn_tensor *header = &frame->header[s->out + i], *kept = NULL;
  if (v->place == FIRN_PLACE_SLAB) {
    FIRN_TRY(check_shape(s, i, v, from, err));
    if (from->data != header->data)
      memcpy(header->data, from->data,
             header->count * firn_dtype_size(header->dtype));
    frame->tensor[s->out + i] = header;
    return FIRN_OK;
  }
  FIRN_TRY(firn_tensor_keep(from, &plan->shared.env->alloc, &kept, err));
  return settle(frame, s, i, kept, err);
}

/* The body's results become the carried values. Those that share bytes with a
 * carried value are taken aside first, before anything is overwritten. */
static firn_code carry(firn_frame *frame, const firn_plan_step *s,
                       firn_error *err) {
  const firn_plan *plan = frame->plan;
  const firn_plan_block *body = &plan->blocks[s->inner + 1];
  firn_tensor **aside =
      firn_arena_array(&frame->scratch, s->out_count, sizeof(firn_tensor *));
  firn_code code = aside ? FIRN_OK : firn_oom(err, s->out_count);
  for (uint32_t i = 0; code == FIRN_OK && i < s->out_count; i++) {
    firn_tensor *from = frame->tensor[body->results[i]];
    if (!from)
      code = firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "value %u of the loop is dead after a round", i);
    else if (body->results[i] == s->out + i)
      continue;
    else if (plan->values[s->out + i].place == FIRN_PLACE_HEAP)
      code = firn_tensor_keep(from, &plan->shared.env->alloc, &aside[i], err);
    else if (s->hazard[i])
      code = firn_tensor_copy(from, &plan->shared.env->alloc, &aside[i], err);
  }
  for (uint32_t i = 0; code == FIRN_OK && i < s->out_count; i++)
    if (body->results[i] != s->out + i)
      code =
          carry_one(frame, s, i,
                    aside[i] ? aside[i] : frame->tensor[body->results[i]], err);
  for (uint32_t i = 0; aside && i < s->out_count; i++)
    firn_tensor_release(aside[i]);
  firn_arena_reset(&frame->scratch);
  return code;
}

static firn_code run_loop(firn_frame *frame, const firn_plan_step *s,
                          firn_error *err) {
  const firn_plan *plan = frame->plan;
  const uint64_t most = plan->shared.env->limits.iterations;
  const uint32_t cond = plan->blocks[s->inner].results[0];
  const bool frames = firn_str_is(s->node->def->op, "LoopCond"); /* of V1 */
  for (uint32_t i = 0; i < s->out_count; i++)
    FIRN_TRY(carry_one(frame, s, i, frame->tensor[s->in[i]], err));
  for (uint64_t round = 0;; round++) {
    FIRN_TRY(check_limits(frame->limits, err));
    FIRN_TRY(run_block(frame, s->inner, err));
    if (!frame->tensor[cond]) break;
    if (frames) FIRN_TRY(check_pred(frame, s, frame->tensor[cond], err));
    if (!firn_tensor_truth(frame->tensor[cond])) break;
    if (round >= most) {
      firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                "the loop has not ended after %llu rounds",
                (unsigned long long)most);
      return step_failed(frame, s, FIRN_RESOURCE_EXHAUSTED, err);
    }
    FIRN_TRY(run_block(frame, s->inner + 1, err));
    const firn_code code = carry(frame, s, err);
    if (code != FIRN_OK) return step_failed(frame, s, code, err);
    let_go(frame, s->carry);
  }
  return FIRN_OK;
}

/* ---- Any step ---------------------------------------------------------------
 */

static firn_code run_live(firn_frame *frame, uint32_t index, firn_error *err) {
  const firn_plan *plan = frame->plan;
  const firn_plan_step *s = &plan->steps[index];
  if (s->out_count && plan->values[s->out].place == FIRN_PLACE_CONST &&
      (s->kind == FIRN_STEP_OP || s->kind == FIRN_STEP_DEREF))
    return FIRN_OK; /* it only says whether its outputs are there */
  switch (s->kind) {
    case FIRN_STEP_SWITCH: return run_switch(frame, s, err);
    case FIRN_STEP_MERGE: return run_merge(frame, s, err);
    case FIRN_STEP_DEREF: return run_deref(frame, s, err);
    case FIRN_STEP_BRANCH: return run_branch(frame, s, err);
    case FIRN_STEP_LOOP: return run_loop(frame, s, err);
    case FIRN_STEP_OP:
      return s->op->flags & FIRN_OP_ALIAS ? run_alias(frame, s, err)
                                          : run_kernel(frame, s, err);
    case FIRN_STEP_CONST:
    case FIRN_STEP_GATE: break;
  }
  return FIRN_OK;
}

/* Takes the outputs of a step away, or puts those there that are constants. */
static void say_whether(firn_frame *frame, const firn_plan_step *s, bool dead) {
  for (uint32_t i = s->out; i < s->out + s->out_count; i++) {
    const firn_plan_value *v = &frame->plan->values[i];
    if (v->place == FIRN_PLACE_CONST) {
      frame->tensor[i] = dead ? NULL : v->info.value;
    } else if (dead) {
      if (v->place == FIRN_PLACE_HEAP) firn_tensor_release(frame->tensor[i]);
      frame->tensor[i] = NULL;
    }
  }
}

static firn_code run_step(firn_frame *frame, uint32_t index, firn_error *err) {
  const firn_plan_step *s = &frame->plan->steps[index];
  if (s->may_die) {
    frame->dead[index] = is_dead(frame, s);
    say_whether(frame, s, frame->dead[index]);
    if (frame->dead[index]) return FIRN_OK;
  }
  return run_live(frame, index, err);
}

static firn_code run_block(firn_frame *frame, uint32_t block, firn_error *err) {
  const firn_plan *plan = frame->plan;
  const firn_plan_block *b = &plan->blocks[block];
  for (uint32_t t = 0; t < b->live_count; t++) {
    const firn_plan_step *s = &plan->steps[b->live[t]];
    FIRN_TRY(check_limits(frame->limits, err));
    FIRN_TRY(run_step(frame, b->live[t], err));
    let_go(frame, s->tick);
    if (s->end != s->tick) let_go(frame, s->end);
  }
  return FIRN_OK;
}

/* ---- Runs -------------------------------------------------------------------
 */

/* A result must outlive the frame: what owns its bytes is shared, the rest
 * copied. */
static firn_code collect(firn_frame *frame, firn_tensor **results,
                         firn_error *err) {
  const firn_plan *plan = frame->plan;
  const firn_program *p = plan->program;
  for (size_t i = 0; i < p->fetch_count; i++) {
    firn_tensor *t = frame->tensor[p->fetches[i]];
    const firn_node *node = p->values[p->fetches[i]].node;
    if (!t)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "node '%.*s' (%.*s): its value was not computed, since "
                       "it lies behind a branch that was not taken",
                       FIRN_ARG(node->def->name), FIRN_ARG(node->def->op));
    FIRN_TRY(firn_tensor_keep(t, &plan->shared.env->alloc, &results[i], err));
  }
  return FIRN_OK;
}

firn_code firn_plan_run(firn_plan *plan, firn_tensor *const *feeds,
                        const firn_run_limits *limits, firn_tensor **results,
                        firn_error *err) {
  const firn_program *p = plan->program;
  firn_frame *frame = NULL;
  for (size_t i = 0; i < p->fetch_count; i++) results[i] = NULL;
  FIRN_TRY(frame_take(plan, &frame, err));
  for (size_t i = 0; i < p->feed_count; i++)
    frame->tensor[p->feeds[i]] = feeds[i];

  const uint32_t flush = firn_cpu_flush_begin();
  frame->limits = limits;
  firn_code code = run_block(frame, 0, err);
  firn_cpu_flush_end(flush);

  if (code == FIRN_OK) code = collect(frame, results, err);
  for (size_t i = 0; code != FIRN_OK && i < p->fetch_count; i++) {
    firn_tensor_release(results[i]);
    results[i] = NULL;
  }
  frame_return(frame);
  return code;
}
