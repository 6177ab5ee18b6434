/* ops/conv3d.c: Conv3D, as sums of convolutions of planes.
 *
 * Each plane of the output is the sum, over the planes of the window, of what
 * ops/micro/conv.h makes of a plane of the input: it goes on from what is
 * there. double goes to ops/conv_any.h.
 */
#include <math.h>

#include "ops/conv_any.h"
#include "ops/pack_key.h"
#include "ops/packs.h"
#include "ops/stage.h"

static firn_code infer(firn_infer *q, firn_error *err) {
  firn_conv_layout l;
  FIRN_TRY(
      firn_conv_layout_of(q->node, &q->in[0].shape, &q->in[1].shape, &l, err));
  q->out[0].shape = firn_conv_layout_out(&l);
  return FIRN_OK;
}

/* ---- What a run needs --------------------------------------------------- */

typedef struct conv {
  firn_conv_layout l;
  firn_conv_plan plan; /* of one plane of the window on one of the input */
  firn_stage in, out, filter;
  bool empty;
  size_t pack_size, workspace;
  const firn_pack *pack; /* NULL: the weights are no constant */
  firn_packs *packs;
} conv;

static void free_conv(void *state, const firn_env *env) {
  conv *c = state;
  firn_pack_release(c->packs, env, c->pack);
  firn_delete(&env->alloc, c, sizeof *c);
}

typedef struct filling {
  const conv *c;
  const float *weights;
  firn_pool *pool;
} filling;

/* Packs the filter plane by plane. */
static void fill(void *ud, void *data) {
  const filling *f = ud;
  const firn_conv_shape *s = &f->c->plan.shape;
  const size_t plane = s->kh * s->kw * (s->ic / s->groups) * s->oc;
  for (size_t i = 0; i < (size_t)f->c->l.g.window[0]; i++)
    firn_conv_pack(&f->c->plan, f->weights + i * plane, NULL,
                   (float *)data + i * f->c->pack_size / sizeof(float),
                   f->pool);
}

static uint64_t key_of(const conv *c) {
  const firn_conv_shape *s = &c->plan.shape;
  const uint64_t parts[] = {(uint64_t)c->plan.packing,
                            (uintptr_t)c->plan.micro,
                            (uint64_t)c->l.g.window[0],
                            s->kh,
                            s->kw,
                            s->ic,
                            s->oc,
                            s->groups};
  uint64_t key = 3;
  for (size_t i = 0; i < FIRN_COUNT(parts); i++)
    key = firn_pack_key(key, parts[i]);
  return key;
}

/* ---- Running ------------------------------------------------------------ */

typedef struct volumes {
  const float *x, *packed;
  float *y;
  void *work;
  firn_pool *pool;
} volumes;

/* Plane z of the output of image n. */
static void plane(const conv *c, const volumes *v, size_t n, size_t z) {
  const firn_geometry *g = &c->l.g;
  const firn_conv_shape *s = &c->plan.shape;
  const firn_span span = firn_geometry_span(g, 0, (int64_t)z);
  const size_t in = s->ih * s->iw * s->ic, out = s->oh * s->ow * s->oc;
  firn_epilogue sum = {.min = -INFINITY, .max = INFINITY};
  float *y = v->y + (n * (size_t)g->out[0] + z) * out;
  if (!span.count) memset(y, 0, out * sizeof *y);
  for (int64_t i = 0; i < span.count; i++) {
    const int64_t from = span.first + i * g->dilation[0];
    const size_t tap = (size_t)(span.skipped + i);
    firn_conv_run(&c->plan, v->x + (n * (size_t)g->in[0] + (size_t)from) * in,
                  v->packed + tap * c->pack_size / sizeof(float), &sum, y,
                  s->oc, v->work, v->pool);
    sum.residual = y;
    sum.residual_stride = s->oc;
  }
}

static void convolve(const conv *c, const void *x, const void *weights, void *y,
                     firn_scratch *scratch, firn_pool *pool) {
  const firn_geometry *g = &c->l.g;
  volumes v = {.x = firn_stage_in(&c->in, x, scratch), .pool = pool};
  v.packed = c->pack ? c->pack->data : NULL;
  if (!c->pack) {
    filling f = {c, firn_stage_in(&c->filter, weights, scratch), pool};
    float *to = firn_scratch_array(scratch, (size_t)g->window[0], c->pack_size);
    if (scratch->base) fill(&f, to);
    v.packed = to;
  }
  v.work = firn_scratch_take(scratch, c->workspace);
  v.y = firn_stage_out(&c->out, y, scratch);
  for (size_t n = 0; scratch->base && n < (size_t)g->batch; n++)
    for (size_t z = 0; z < (size_t)g->out[0]; z++) plane(c, &v, n, z);
  firn_stage_done(&c->out, v.y, y, scratch);
}

static void convolve_any(const conv *c, const void *x, const void *weights,
                         void *y, firn_scratch *scratch, firn_pool *pool) {
  x = firn_stage_in(&c->in, x, scratch);
  void *wide = firn_stage_out(&c->out, y, scratch);
  if (scratch->base)
    firn_conv_any_run(&c->l, c->in.dtype, x, weights, wide, pool);
  firn_stage_done(&c->out, wide, y, scratch);
}

static firn_code plan_planes(firn_prepare *p, conv *c, firn_error *err) {
  firn_conv_shape s = firn_conv_layout_shape(&c->l);
  s.batch = 1;
  c->plan = (p->in[1].value ? firn_conv_choose : firn_conv_choose_repacked)(
      &s, firn_micro_pick(p->cpu), p->env->exact);
  c->pack_size = (firn_conv_pack_size(&c->plan) + 63) / 64 * 64;
  c->workspace = firn_conv_workspace(&c->plan, p->env->threads);
  if (!p->in[1].value || c->in.dtype != FIRN_FLOAT) return FIRN_OK;
  filling f = {c, p->in[1].value->data, NULL};
  c->packs = p->packs;
  return firn_packs_get(p->packs, p->env, p->in[1].value, key_of(c),
                        c->pack_size * (size_t)c->l.g.window[0], fill, &f,
                        &c->pack, err);
}

static firn_code plan(firn_prepare *p, conv *c, firn_error *err) {
  const firn_geometry *g = &c->l.g;
  const firn_dtype dtype = p->out[0].dtype;
  const firn_shape *shapes[] = {&p->in[0].shape, &p->in[1].shape,
                                &p->out[0].shape};
  FIRN_TRY(firn_conv_layout_of(p->node, shapes[0], shapes[1], &c->l, err));
  c->empty = firn_shape_product(shapes[0], 0, 5) == 0 ||
             firn_shape_product(shapes[2], 0, 5) == 0;
  c->in = (firn_stage){dtype, g->channels_first, (size_t)g->batch,
                       (size_t)g->channels, firn_space(g->in)};
  c->out = (firn_stage){dtype, g->channels_first, (size_t)g->batch,
                        (size_t)c->l.oc, firn_space(g->out)};
  c->filter = (firn_stage){dtype, false, 1, 1,
                           (size_t)firn_shape_product(shapes[1], 0, 5)};
  if (c->empty) return FIRN_OK;
  firn_scratch need = {NULL, 0};
  if (firn_dtype_wide(dtype) == FIRN_FLOAT) {
    FIRN_TRY(plan_planes(p, c, err));
    convolve(c, NULL, NULL, NULL, &need, NULL);
  } else {
    convolve_any(c, NULL, NULL, NULL, &need, NULL);
  }
  p->scratch = need.used;
  return FIRN_OK;
}

static firn_code prepare(firn_prepare *p, firn_error *err) {
  conv *c = firn_new_zeroed(&p->env->alloc, sizeof *c);
  if (!c) return firn_oom(err, sizeof *c);
  const firn_code code = plan(p, c, err);
  if (code != FIRN_OK) {
    free_conv(c, p->env);
    return code;
  }
  p->state = c;
  p->free_state = free_conv;
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const conv *c = run->state;
  firn_tensor *y = run->out[0];
  char none[64] __attribute__((aligned(64)));
  firn_scratch scratch = {run->scratch ? run->scratch : none, 0};
  if (c->empty) {
    if (y->count) memset(y->data, 0, firn_tensor_bytes(y));
    return FIRN_OK;
  }
  (firn_dtype_wide(y->dtype) == FIRN_FLOAT ? convolve : convolve_any)(
      c, run->in[0]->data, run->in[1]->data, y->data, &scratch, run->pool);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

static const firn_kernel conv3d[] = {
    {.types = {{"T", FIRN_BIT(FIRN_FLOAT)}},
     .prepare = prepare,
     .drive = drive,
     .unaligned = 1u << 1},
    {.types = {{"T", FIRN_FLOATS}}, .prepare = prepare, .drive = drive},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"Conv3D", infer, conv3d, 0},
};

FIRN_OP_FAMILY(conv3d, ops);
