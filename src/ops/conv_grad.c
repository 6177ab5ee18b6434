/* ops/conv_grad.c: the gradients of convolutions, as ops.
 *
 * Names differ much, shapes hang together in one way: x, w and dy are those of
 * the forward op; one of x and w is what is computed, and its shape comes as a
 * value, or as a tensor whose elements are not looked at. At inference the
 * gradient by the input is a transposed convolution.
 */
#include "ops/conv_any.h"
#include "ops/conv_grad.h"
#include "ops/stage.h"

/* ---- What the ops are ---------------------------------------------------- */

typedef struct grad_op {
  const char *name;
  bool filter;   /* dw is computed, else dx                     */
  bool by_value; /* its shape is the value of an input          */
} grad_op;

static const grad_op table[] = {
    {"Conv2DBackpropInput", false, true},
    {"Conv2DBackpropInputV2", false, false},
    {"Conv2DBackpropFilter", true, true},
    {"Conv2DBackpropFilterV2", true, false},
    {"DepthwiseConv2dNativeBackpropInput", false, true},
    {"DepthwiseConv2dNativeBackpropFilter", true, true},
    {"Conv3DBackpropInput", false, false},
    {"Conv3DBackpropInputV2", false, true},
    {"Conv3DBackpropFilter", true, false},
    {"Conv3DBackpropFilterV2", true, true},
};

static const grad_op *op_of(const firn_node *node) {
  const grad_op *op = table;
  while (!firn_str_is(node->type->name, op->name)) op++;
  return op;
}

enum { X = 0, W = 1, DY = 2 }; /* of the three inputs */

/* ---- Shape --------------------------------------------------------------- */

/* The shape of what is computed. The sizes of a picture may come without batch
 * and channels. */
static firn_code target_shape(const firn_infer *q, firn_shape *out,
                              firn_error *err) {
  const grad_op *op = op_of(q->node);
  const size_t i = op->filter ? W : X;
  *out = q->in[i].shape;
  if (!op->by_value) return FIRN_OK;
  FIRN_TRY(firn_infer_extents_of_value(q, i, out, err));
  if (op->filter || out->rank != 2) return FIRN_OK;
  bool first;
  FIRN_TRY(firn_channels_first(q->node, &first, err));
  const firn_shape space = *out, *dy = &q->in[DY].shape, *w = &q->in[W].shape;
  *out = (firn_shape){.rank = 4};
  out->dims[0] = dy->rank == 4 ? dy->dims[0] : FIRN_UNKNOWN_DIM;
  out->dims[first ? 1 : 3] = w->rank == 4 ? w->dims[2] : FIRN_UNKNOWN_DIM;
  for (int k = 0; k < 2; k++) out->dims[k + (first ? 2 : 1)] = space.dims[k];
  return FIRN_OK;
}

static firn_code infer(firn_infer *q, firn_error *err) {
  const bool filter = op_of(q->node)->filter;
  firn_conv_layout l;
  firn_shape target, ignored;
  FIRN_TRY(target_shape(q, &target, err));
  const firn_shape *x = filter ? &q->in[X].shape : &target;
  const firn_shape *w = filter ? &target : &q->in[W].shape;
  FIRN_TRY(firn_conv_layout_of(q->node, x, w, &l, err));
  const firn_shape y = firn_conv_layout_out(&l);
  const firn_code code = firn_shape_merge(&q->in[DY].shape, &y, &ignored, err);
  if (code != FIRN_OK)
    return firn_while(err, code, "out_backprop and what input and filter give");
  q->out[0].shape = target;
  const int rank = firn_conv_space(q->node) + 2;
  if (target.rank < 0) {
    q->out[0].shape.rank = rank;
    for (int k = 0; k < rank; k++) q->out[0].shape.dims[k] = FIRN_UNKNOWN_DIM;
  }
  return FIRN_OK;
}

/* ---- What a run needs ---------------------------------------------------- */

typedef struct grad {
  const grad_op *op;
  firn_conv_grad core;
  firn_stage x, w, y; /* w: a row of numbers */
  bool empty;
} grad;

static void free_grad(void *state, const firn_env *env) {
  firn_delete(&env->alloc, state, sizeof(grad));
}

static void differentiate(const grad *s, const firn_run *run,
                          firn_scratch *scratch) {
  const bool measuring = !scratch->base, filter = s->op->filter;
  const firn_dtype wide = firn_dtype_wide(s->x.dtype);
  firn_conv_grad core = s->core;
  const firn_stage *left = filter ? &s->x : &s->w;
  const firn_stage *target = filter ? &s->w : &s->x;
  const void *a = firn_stage_in(
      left, measuring ? NULL : run->in[filter ? X : W]->data, scratch);
  const void *dy =
      firn_stage_in(&s->y, measuring ? NULL : run->in[DY]->data, scratch);
  void *out = measuring ? NULL : run->out[0]->data;
  void *to = firn_stage_out(target, out, scratch);
  if (!measuring) core.pool = run->pool;
  if (wide == FIRN_FLOAT && (!filter || firn_conv_grad_filter_fits(&core))) {
    if (filter)
      firn_conv_grad_filter(&core, a, dy, to, scratch);
    else
      firn_conv_grad_input(&core, dy, a, to, scratch);
  } else if (!measuring) {
    if (filter)
      firn_conv_any_filter(&core.l, wide, a, dy, to);
    else
      firn_conv_any_input(&core.l, wide, dy, a, to, core.pool);
  }
  firn_stage_done(target, to, out, scratch);
}

static size_t count_of(const firn_shape *shape) {
  return (size_t)firn_shape_product(shape, 0, shape->rank);
}

static firn_code prepare(firn_prepare *p, firn_error *err) {
  const grad_op *op = op_of(p->node);
  const firn_shape *x = op->filter ? &p->in[X].shape : &p->out[0].shape;
  const firn_shape *w = op->filter ? &p->out[0].shape : &p->in[W].shape;
  firn_conv_layout l;
  FIRN_TRY(firn_conv_layout_of(p->node, x, w, &l, err));
  grad *s = firn_new_zeroed(&p->env->alloc, sizeof *s);
  if (!s) return firn_oom(err, sizeof *s);
  const firn_dtype dtype = p->out[0].dtype;
  const firn_geometry *g = &l.g;
  p->state = s;
  p->free_state = free_grad;
  s->op = op;
  s->core = (firn_conv_grad){l, firn_micro_pick(p->cpu), p->env->exact,
                             p->env->threads, NULL};
  s->x = (firn_stage){dtype, g->channels_first, (size_t)g->batch,
                      (size_t)g->channels, firn_space(g->in)};
  s->y = (firn_stage){dtype, g->channels_first, (size_t)g->batch, (size_t)l.oc,
                      firn_space(g->out)};
  s->w = (firn_stage){dtype, false, 1, 1, count_of(w)};
  s->empty = !count_of(x) || !count_of(w) || !count_of(&p->in[DY].shape);
  if (s->empty) return FIRN_OK;
  firn_scratch need = {NULL, 0};
  differentiate(s, NULL, &need);
  p->scratch = need.used;
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const grad *s = run->state;
  firn_tensor *out = run->out[0];
  char none[64] __attribute__((aligned(64)));
  firn_scratch scratch = {run->scratch ? run->scratch : none, 0};
  if (!s->empty)
    differentiate(s, run, &scratch);
  else if (out->count)
    memset(out->data, 0, firn_tensor_bytes(out));
  return FIRN_OK;
}

/* ---- The family ---------------------------------------------------------- */

#define KERNELS(name, bits)                                         \
  static const firn_kernel name[] = {                               \
      {.types = {{"T", bits}}, .prepare = prepare, .drive = drive}, \
      {.drive = NULL},                                              \
  };
KERNELS(floats, FIRN_FLOATS)
KERNELS(floats_and_int, FIRN_FLOATS | FIRN_BIT(FIRN_INT32))

static const firn_op ops[] = {
    {"Conv2DBackpropInput", infer, floats_and_int, 0},
    {"Conv2DBackpropInputV2", infer, floats_and_int, 0},
    {"Conv2DBackpropFilter", infer, floats, 0},
    {"Conv2DBackpropFilterV2", infer, floats, 0},
    {"DepthwiseConv2dNativeBackpropInput", infer, floats, 0},
    {"DepthwiseConv2dNativeBackpropFilter", infer, floats, 0},
    {"Conv3DBackpropInput", infer, floats, 0},
    {"Conv3DBackpropInputV2", infer, floats, 0},
    {"Conv3DBackpropFilter", infer, floats, 0},
    {"Conv3DBackpropFilterV2", infer, floats, 0},
};

FIRN_OP_FAMILY(conv_grad, ops);
