/* ops/conv2d.c: Conv2D and DepthwiseConv2dNative.
 *
 * float, half and bfloat16 go to ops/micro/conv.h, which wants NHWC pictures of
 * float and weights packed once; double and int32 to ops/conv_any.h. A
 * depthwise convolution is one with as many groups as channels: its weights
 * have the same bytes.
 */
#include <math.h>

#include "ops/conv_any.h"
#include "ops/micro/matmul.h"
#include "ops/pack_key.h"
#include "ops/packs.h"
#include "ops/stage.h"

/* ---- Shape -------------------------------------------------------------- */

static firn_code infer(firn_infer *q, firn_error *err) {
  firn_conv_layout l;
  FIRN_TRY(
      firn_conv_layout_of(q->node, &q->in[0].shape, &q->in[1].shape, &l, err));
  q->out[0].shape = firn_conv_layout_out(&l);
  return FIRN_OK;
}

/* ---- What a run needs --------------------------------------------------- */

typedef struct conv {
  firn_conv_plan plan;
  firn_conv_layout any; /* where there are no special loops      */
  firn_stage in, out;
  firn_dtype dtype;
  bool empty, no_input;
  bool dense; /* a product of matrices, with weights that change */
  size_t filter_count, pack_size, workspace;
  int threads;
  firn_epilogue epilogue;
  int residual;
  const firn_pack *pack; /* NULL: the weights are no constant     */
  firn_packs *packs;
} conv;

static void free_conv(void *state, const firn_env *env) {
  conv *c = state;
  firn_pack_release(c->packs, env, c->pack);
  firn_delete(&env->alloc, c, sizeof *c);
}

/* The loops want a picture with pixels: where there is none all taps read
 * zeros, and so they do from a picture of one black pixel. */
static void give_pixel(conv *c, firn_conv_shape *s) {
  if (s->ih && s->iw) return;
  c->no_input = true;
  s->ih = s->iw = 1;
}

/* ---- Packing ------------------------------------------------------------ */

typedef struct filling {
  const conv *c;
  const void *weights;
  const float *scale;
  float *wide; /* room for the filter as floats, or NULL where it is float */
  firn_pool *pool;
} filling;

static void fill(void *ud, void *data) {
  const filling *f = ud;
  const float *weights = f->weights;
  if (f->wide) {
    firn_widen(f->c->dtype, f->weights, f->wide, f->c->filter_count);
    weights = f->wide;
  }
  firn_conv_pack(&f->c->plan, weights, f->scale, data, f->pool);
}

static uint64_t key_of(const conv *c, const float *scale) {
  const firn_conv_shape *s = &c->plan.shape;
  const uint64_t parts[] = {(uint64_t)c->plan.packing,
                            (uintptr_t)c->plan.micro,
                            c->dtype,
                            s->kh,
                            s->kw,
                            s->ic,
                            s->oc,
                            s->groups};
  uint64_t key = 0;
  for (size_t i = 0; i < FIRN_COUNT(parts); i++)
    key = firn_pack_key(key, parts[i]);
  return firn_pack_key_floats(key, scale, s->oc);
}

static firn_code pack_weights(const firn_prepare *p, conv *c, firn_error *err) {
  firn_tensor *weights = p->in[1].value;
  filling f = {c, weights->data, p->fused ? p->fused->scale : NULL, NULL, NULL};
  size_t bytes = 0;
  if (firn_is_short_float(c->dtype)) {
    bytes = c->filter_count * sizeof(float);
    f.wide = firn_new_aligned(&p->env->alloc, bytes);
    if (!f.wide) return firn_oom(err, bytes);
  }
  c->packs = p->packs;
  const firn_code code =
      firn_packs_get(p->packs, p->env, weights, key_of(c, f.scale),
                     c->pack_size, fill, &f, &c->pack, err);
  if (f.wide) firn_delete_aligned(&p->env->alloc, f.wide, bytes);
  return code;
}

/* ---- Running ------------------------------------------------------------ */

/* Packing a filter for the few rows that there are would take longer than the
 * product itself. */
static void multiply(const conv *c, const float *x, const float *weights,
                     float *y, firn_scratch *scratch, firn_pool *pool) {
  const firn_conv_shape *s = &c->plan.shape;
  const size_t k = s->kh * s->kw * s->ic;
  const firn_matmul_batches product = {.count = 1,
                                       .m = s->batch,
                                       .k = k,
                                       .n = s->oc,
                                       .a = {x, k, false},
                                       .b = {weights, s->oc, false},
                                       .y = y,
                                       .y_stride = s->oc};
  void *work = firn_scratch_take(
      scratch,
      firn_matmul_batch_workspace(c->plan.micro, &product, c->threads));
  if (scratch->base) firn_matmul_batch(c->plan.micro, &product, work, pool);
}

/* Everything that a run does, or with an empty scratch only how much it needs.
 */
static void convolve(const conv *c, const void *x, const void *weights,
                     const float *residual, void *y, firn_scratch *scratch,
                     firn_pool *pool) {
  const bool measuring = !scratch->base;
  const firn_conv_shape *s = &c->plan.shape;
  const float *packed = c->pack ? c->pack->data : NULL;
  if (c->dense) {
    multiply(c, x, weights, y, scratch, pool);
    return;
  }
  if (c->no_input) {
    float *black = firn_scratch_array(scratch, s->batch * s->ic, sizeof *black);
    if (!measuring) memset(black, 0, s->batch * s->ic * sizeof *black);
    x = black;
  } else {
    x = firn_stage_in(&c->in, x, scratch);
  }
  if (!c->pack) {
    filling f = {c, weights, NULL, NULL, pool};
    float *to = firn_scratch_take(scratch, c->pack_size);
    if (firn_is_short_float(c->dtype))
      f.wide = firn_scratch_array(scratch, c->filter_count, sizeof(float));
    if (!measuring) fill(&f, to);
    packed = to;
  }
  firn_epilogue epilogue = c->epilogue;
  epilogue.residual = residual;
  epilogue.residual_stride = s->oc;
  void *work = firn_scratch_take(scratch, c->workspace);
  float *wide = firn_stage_out(&c->out, y, scratch);
  if (!measuring)
    firn_conv_run(&c->plan, x, packed, &epilogue, wide, s->oc, work, pool);
  firn_stage_done(&c->out, wide, y, scratch);
}

static void convolve_any(const conv *c, const void *x, const void *weights,
                         void *y, firn_scratch *scratch, firn_pool *pool) {
  x = firn_stage_in(&c->in, x, scratch);
  void *wide = firn_stage_out(&c->out, y, scratch);
  if (scratch->base)
    firn_conv_any_run(&c->any, c->dtype, x, weights, wide, pool);
  firn_stage_done(&c->out, wide, y, scratch);
}

static bool has_loops(firn_dtype dtype) {
  return firn_dtype_wide(dtype) == FIRN_FLOAT;
}

static firn_code plan_floats(const firn_prepare *p, const firn_conv_layout *l,
                             conv *c, firn_error *err) {
  const firn_micro *micro = firn_micro_pick(p->cpu);
  firn_conv_shape s = firn_conv_layout_shape(l);
  give_pixel(c, &s);
  c->plan = (p->in[1].value ? firn_conv_choose : firn_conv_choose_repacked)(
      &s, micro, p->env->exact);
  c->pack_size = firn_conv_pack_size(&c->plan);
  c->workspace = firn_conv_workspace(&c->plan, p->env->threads);
  c->threads = p->env->threads;
  c->dense = !p->in[1].value && !p->fused && c->dtype == FIRN_FLOAT &&
             !c->in.channels_first && firn_conv_layout_dense(l);
  c->epilogue = (firn_epilogue){.min = -INFINITY, .max = INFINITY};
  if (p->fused) {
    c->epilogue.bias = p->fused->shift;
    c->epilogue.min = p->fused->min;
    c->epilogue.max = p->fused->max;
    c->residual = p->fused->residual;
  }
  return p->in[1].value ? pack_weights(p, c, err) : FIRN_OK;
}

static firn_code prepare(firn_prepare *p, firn_error *err) {
  firn_conv_layout l;
  FIRN_TRY(
      firn_conv_layout_of(p->node, &p->in[0].shape, &p->in[1].shape, &l, err));
  conv *c = firn_new_zeroed(&p->env->alloc, sizeof *c);
  if (!c) return firn_oom(err, sizeof *c);
  p->state = c;
  p->free_state = free_conv;
  int64_t outputs, filter;
  if (!firn_shape_count(&p->out[0].shape, &outputs) ||
      !firn_shape_count(&p->in[1].shape, &filter))
    outputs = filter = 0;
  const firn_geometry *g = &l.g;
  c->dtype = p->out[0].dtype;
  c->empty = outputs == 0;
  c->filter_count = (size_t)filter;
  c->in = (firn_stage){c->dtype, g->channels_first, (size_t)g->batch,
                       (size_t)g->channels, firn_space(g->in)};
  c->out = (firn_stage){c->dtype, g->channels_first, (size_t)g->batch,
                        (size_t)l.oc, firn_space(g->out)};
  c->any = l;
  if (c->empty) return FIRN_OK;
  firn_scratch need = {NULL, 0};
  if (has_loops(c->dtype)) {
    const firn_code code = plan_floats(p, &l, c, err);
    if (code != FIRN_OK) {
      free_conv(c, p->env);
      p->state = NULL;
      return code;
    }
    convolve(c, NULL, NULL, NULL, NULL, &need, NULL);
  } else {
    convolve_any(c, NULL, NULL, NULL, &need, NULL);
  }
  p->scratch = need.used;
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const conv *c = run->state;
  firn_scratch scratch = {run->scratch, 0};
  char none[64] __attribute__((aligned(64)));
  if (!scratch.base) scratch.base = none; /* nothing will be taken */
  if (c->empty) return FIRN_OK;
  if (has_loops(c->dtype))
    convolve(c, run->in[0]->data, run->in[1]->data,
             c->residual ? run->in[c->residual]->data : NULL, run->out[0]->data,
             &scratch, run->pool);
  else
    convolve_any(c, run->in[0]->data, run->in[1]->data, run->out[0]->data,
                 &scratch, run->pool);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define CONV(bits, loose)                                       \
  {                                                             \
    .types = {{"T", bits}}, .prepare = prepare, .drive = drive, \
    .unaligned = loose                                          \
  }

static const firn_kernel conv2d[] = {
    CONV(FIRN_BIT(FIRN_FLOAT), 1u << 1),
    CONV(FIRN_FLOATS | FIRN_BIT(FIRN_INT32), 0),
    {.drive = NULL},
};
static const firn_kernel depthwise[] = {
    CONV(FIRN_BIT(FIRN_FLOAT), 1u << 1),
    CONV(FIRN_FLOATS, 0),
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"Conv2D", infer, conv2d, FIRN_OP_EPILOGUE},
    {"DepthwiseConv2dNative", infer, depthwise, FIRN_OP_EPILOGUE},
};

FIRN_OP_FAMILY(conv2d, ops);
