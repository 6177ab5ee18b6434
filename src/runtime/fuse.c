/* runtime/fuse.c: let convolutions and matrix products do what follows them.
 *
 *   conv → BiasAdd / Add const / Mul const / FusedBatchNorm (inference) → Add
 * of another tensor → Relu / Relu6
 *
 * becomes one step: scales go into the packed weights, the rest is done while
 * the results are still in registers. The fused step takes the place of the
 * last one it absorbed, where everything that it reads has been computed. Only
 * float32, only constant weights, only channels in the last axis, and only
 * where nobody else looks at what lies between.
 */
#include <math.h>

#include "runtime/plan.h"

typedef struct fuser {
  firn_plan *plan;
  uint32_t
      *taker; /* per value: a step that takes it (the only one if uses == 1) */
  bool *waited; /* per step: some other step waits for it */
  firn_error *err;
} fuser;

/* What is being grown: a step and its fusion. */
typedef struct growth {
  uint32_t step;
  firn_fusion fused;
  float *scale, *shift;
  bool clamped;
} growth;

static bool op_is(const firn_plan_step *s, const char *name) {
  return s->kind == FIRN_STEP_OP && firn_str_is(s->node->def->op, name);
}

static bool channels_last(const firn_plan_step *s) {
  const firn_str format = firn_attr_str_or(s->node, "data_format", "NHWC");
  return firn_str_is(format, "NHWC") || firn_str_is(format, "NDHWC");
}

/* Whether a step may be the root of a fusion. */
static bool can_grow(const firn_plan *plan, const firn_plan_step *s) {
  if (s->dropped || s->fused || s->kind != FIRN_STEP_OP || !s->op ||
      !(s->op->flags & FIRN_OP_EPILOGUE) || s->in_count != 2 ||
      s->out_count != 1)
    return false;
  const firn_plan_value *x = &plan->values[s->in[0]];
  const firn_plan_value *y = &plan->values[s->out];
  return y->info.dtype == FIRN_FLOAT && firn_shape_known(&x->info.shape) &&
         firn_shape_known(&y->info.shape) && y->info.shape.rank >= 1 &&
         channels_last(s) && plan->values[s->in[1]].info.value != NULL;
}

/* A constant float vector that runs along the last axis of a tensor of
 * `channels` channels, or a scalar: element c by channel_value. */
static const firn_tensor *channel_constant(const firn_plan *plan,
                                           uint32_t value, size_t channels) {
  const firn_tensor *t = plan->values[value].info.value;
  if (!t || t->dtype != FIRN_FLOAT) return NULL;
  if (t->count == 1) return t;
  const bool last = t->shape.rank >= 1 && t->count == channels &&
                    t->shape.dims[t->shape.rank - 1] == (int64_t)channels;
  return last ? t : NULL;
}

static float channel_value(const firn_tensor *t, size_t c) {
  float value;
  memcpy(&value, (const char *)t->data + (t->count == 1 ? 0 : c) * sizeof value,
         sizeof value);
  return value;
}

static bool need_vectors(fuser *f, growth *g) {
  const size_t n = g->fused.channels;
  if (g->shift) return true;
  g->scale = firn_arena_array(&f->plan->arena, n, sizeof *g->scale);
  g->shift = firn_arena_array(&f->plan->arena, n, sizeof *g->shift);
  if (!g->scale || !g->shift) return false;
  for (size_t c = 0; c < n; c++) g->scale[c] = 1;
  return true;
}

/* y * mul + add, by channel; NULL stands for 1 and 0. */
static bool take_affine(fuser *f, growth *g, const firn_tensor *mul,
                        const firn_tensor *add, float sign) {
  if (g->clamped || g->fused.residual || !need_vectors(f, g)) return false;
  for (size_t c = 0; c < g->fused.channels; c++) {
    const float m = mul ? channel_value(mul, c) : 1;
    g->scale[c] *= m;
    g->shift[c] = g->shift[c] * m + (add ? sign * channel_value(add, c) : 0);
  }
  return true;
}

static bool take_batch_norm(fuser *f, growth *g, const firn_plan_step *s) {
  const firn_plan *plan = f->plan;
  const firn_tensor *p[4];
  const float epsilon = firn_attr_float_or(s->node, "epsilon", 0.0001f);
  if (firn_attr_bool_or(s->node, "is_training", true) || !channels_last(s) ||
      s->in_count < 5)
    return false;
  for (int i = 0; i < 4; i++) {
    p[i] = channel_constant(plan, s->in[i + 1], g->fused.channels);
    if (!p[i] || p[i]->count != g->fused.channels) return false;
  }
  for (uint32_t i = 1; i < s->out_count; i++)
    if (plan->values[s->out + i].uses) return false;
  if (g->clamped || g->fused.residual || !need_vectors(f, g)) return false;
  for (size_t c = 0; c < g->fused.channels; c++) {
    const float m = (float)((double)channel_value(p[0], c) /
                            sqrt((double)channel_value(p[3], c) + epsilon));
    g->scale[c] *= m;
    g->shift[c] =
        (g->shift[c] - channel_value(p[2], c)) * m + channel_value(p[1], c);
  }
  return true;
}

/* The sum with another tensor of the very same shape. */
static bool take_residual(fuser *f, growth *g, uint32_t other,
                          const firn_plan_step *s) {
  firn_plan *plan = f->plan;
  const firn_plan_step *root = &plan->steps[g->step];
  const firn_info *x = &plan->values[other].info;
  if (g->clamped || g->fused.residual || x->dtype != FIRN_FLOAT ||
      other == root->out || s->may_die != root->may_die ||
      !firn_shape_known(&x->shape) ||
      !firn_shape_equal(&x->shape, &plan->values[root->out].info.shape))
    return false;
  uint32_t *in = firn_arena_array(&plan->arena, root->in_count + 1, sizeof *in);
  if (!in) return false;
  memcpy(in, root->in, root->in_count * sizeof *in);
  in[root->in_count] = other;
  plan->steps[g->step].in = in;
  plan->steps[g->step].in_count++;
  g->fused.residual = (int)plan->steps[g->step].in_count - 1;
  return true;
}

static bool take_clamp(growth *g, float max) {
  if (g->clamped) return false;
  g->fused.min = 0;
  g->fused.max = max;
  return g->clamped = true;
}

/* Whether the step `s`, which takes the root's result, can be absorbed. */
static bool absorb(fuser *f, growth *g, const firn_plan_step *s) {
  const firn_plan *plan = f->plan;
  const uint32_t y = plan->steps[g->step].out;
  const size_t n = g->fused.channels;
  if (s->kind != FIRN_STEP_OP || !s->in_count || !s->out_count ||
      plan->values[s->out].info.dtype != FIRN_FLOAT ||
      !firn_shape_equal(&plan->values[s->out].info.shape,
                        &plan->values[y].info.shape))
    return false;
  if (op_is(s, "Relu")) return take_clamp(g, INFINITY);
  if (op_is(s, "Relu6")) return take_clamp(g, 6);
  if (s->in_count >= 5 && s->in[0] == y &&
      firn_str_starts(s->node->def->op, FIRN_STR("FusedBatchNorm")))
    return take_batch_norm(f, g, s);
  if (s->in_count != 2) return false;
  const uint32_t other = s->in[0] == y ? s->in[1] : s->in[0];
  const firn_tensor *c = channel_constant(plan, other, n);
  if (op_is(s, "BiasAdd") && s->in[0] == y && c && channels_last(s))
    return take_affine(f, g, NULL, c, 1);
  if (op_is(s, "Add") || op_is(s, "AddV2"))
    return c ? take_affine(f, g, NULL, c, 1) : take_residual(f, g, other, s);
  if (op_is(s, "Sub") && s->in[0] == y && c)
    return take_affine(f, g, NULL, c, -1);
  if (op_is(s, "Mul") && c) return take_affine(f, g, c, NULL, 1);
  return false;
}

/* Moves the grown step to where the absorbed one stood. */
static void move_to(firn_plan *plan, growth *g, uint32_t to) {
  firn_plan_step *from = &plan->steps[g->step], *at = &plan->steps[to];
  const uint32_t out = at->out;
  const bool may_die = at->may_die;
  *at = *from;
  at->out = out;
  at->out_count = 1;
  at->may_die = may_die;
  from->dropped = true;
  g->step = to;
}

/* Whether the two steps always run together, as far as others can tell. */
static bool run_together(const fuser *f, uint32_t step, uint32_t taker) {
  const firn_plan_step *a = &f->plan->steps[step], *b = &f->plan->steps[taker];
  return a->block == b->block && a->may_die == b->may_die &&
         !(a->may_die && (b->control_count || f->waited[step]));
}

static void grow(fuser *f, uint32_t step) {
  firn_plan *plan = f->plan;
  const firn_plan_value *y = &plan->values[plan->steps[step].out];
  growth g = {.step = step};
  g.fused.channels = (size_t)y->info.shape.dims[y->info.shape.rank - 1];
  g.fused.min = -INFINITY;
  g.fused.max = INFINITY;
  const uint32_t start = step;
  for (;;) {
    const uint32_t out = plan->steps[g.step].out;
    const firn_plan_value *v = &plan->values[out];
    if (v->uses != 1 || v->fetched || f->taker[out] == FIRN_NO_STEP) break;
    if (!run_together(f, g.step, f->taker[out]) ||
        !absorb(f, &g, &plan->steps[f->taker[out]]))
      break;
    move_to(plan, &g, f->taker[out]);
  }
  if (g.step == start) return;
  firn_fusion *fused = firn_arena_alloc(&plan->arena, sizeof *fused);
  if (!fused) {
    firn_oom(f->err, sizeof *fused);
    return;
  }
  g.fused.scale = g.scale;
  g.fused.shift = g.shift;
  *fused = g.fused;
  plan->steps[g.step].fused = fused;
}

firn_code firn_plan_fuse(firn_plan *plan, firn_error *err) {
  const firn_program *p = plan->program;
  firn_error own = FIRN_ERROR_INIT;
  fuser f = {.plan = plan, .err = err ? err : &own};
  firn_plan_count_uses(plan);
  f.taker = firn_arena_array(&plan->arena, p->value_count, sizeof *f.taker);
  f.waited = firn_arena_array(&plan->arena, p->step_count, sizeof *f.waited);
  if (!f.taker || !f.waited) return firn_oom(err, p->value_count);
  for (uint32_t i = 0; i < p->value_count; i++) f.taker[i] = FIRN_NO_STEP;
  for (uint32_t i = 0; i < p->step_count; i++) {
    const firn_plan_step *s = &plan->steps[i];
    for (uint32_t k = 0; !s->dropped && k < s->in_count; k++)
      f.taker[s->in[k]] = i;
    for (uint32_t k = 0; !s->dropped && k < s->control_count; k++)
      f.waited[s->controls[k]] = true;
  }

  f.err->code = FIRN_OK;
  for (uint32_t i = 0; i < p->step_count; i++)
    if (can_grow(plan, &plan->steps[i])) grow(&f, i);
  return f.err->code;
}
