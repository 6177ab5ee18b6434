/* ops/lrn.c: LRN, local response normalisation over channels, and its gradient.
 *
 *   y[c] = x[c] / norm[c] ^ beta
 *   norm[c] = bias + alpha * sum of x[k]^2 for |k - c| <= depth_radius
 */
#include <math.h>

#include "ops/infer.h"
#include "ops/micro/micro.h"
#include "ops/stage.h"

typedef struct lrn {
  const firn_micro *micro;
  size_t channels, radius;
  float bias, alpha, beta;
  const float *x, *y, *dy; /* y and dy: of the gradient only */
  float *out, *ratio;      /* ratio: as many numbers as x    */
} lrn;

/* sums[c] += sum of row[k] * times[k] for |k - c| <= radius */
static void window_sums(const lrn *l, const float *row, const float *times,
                        float *sums) {
  const size_t n = l->channels;
  const size_t reach = firn_min_size(l->radius, n - 1);
  for (size_t i = 0; i < n; i++) sums[i] += row[i] * times[i];
  for (size_t d = 1; d <= reach; d++) {
    for (size_t i = 0; i + d < n; i++) sums[i] += row[i + d] * times[i + d];
    for (size_t i = d; i < n; i++) sums[i] += row[i - d] * times[i - d];
  }
}

static void norms(const lrn *l, const float *x, float *norm) {
  const size_t n = l->channels;
  for (size_t i = 0; i < n; i++) norm[i] = 0;
  window_sums(l, x, x, norm);
  for (size_t i = 0; i < n; i++) norm[i] = l->bias + l->alpha * norm[i];
}

/* x = x ^ -beta */
static void power(const lrn *l, float *x) {
  const size_t n = l->channels;
  if (l->beta == 1) {
    for (size_t i = 0; i < n; i++) x[i] = 1 / x[i];
  } else if (l->beta == 0.5f) {
    l->micro->unary[FIRN_RSQRT](x, x, n);
  } else {
    l->micro->unary[FIRN_LOG](x, x, n);
    for (size_t i = 0; i < n; i++) x[i] *= -l->beta;
    l->micro->unary[FIRN_EXP](x, x, n);
  }
}

static void forward_rows(void *ctx, size_t begin, size_t end) {
  const lrn *l = ctx;
  for (size_t r = begin; r < end; r++) {
    const float *x = l->x + r * l->channels;
    float *y = l->out + r * l->channels;
    norms(l, x, y);
    power(l, y);
    for (size_t i = 0; i < l->channels; i++) y[i] *= x[i];
  }
}

/* dx[c] = dy[c] * norm[c]^-beta
 *       - 2 alpha beta x[c] * sum over the window of dy[k] y[k] / norm[k] */
static void backward_rows(void *ctx, size_t begin, size_t end) {
  const lrn *l = ctx;
  const float factor = 2 * l->alpha * l->beta;
  const size_t n = l->channels;
  for (size_t r = begin; r < end; r++) {
    const float *x = l->x + r * n, *y = l->y + r * n, *dy = l->dy + r * n;
    float *out = l->out + r * n, *ratio = l->ratio + r * 2 * n;
    float *sums = ratio + n;
    norms(l, x, out);
    for (size_t i = 0; i < n; i++) ratio[i] = y[i] / out[i];
    for (size_t i = 0; i < n; i++) sums[i] = 0;
    window_sums(l, ratio, dy, sums);
    power(l, out);
    for (size_t i = 0; i < n; i++)
      out[i] = dy[i] * out[i] - factor * x[i] * sums[i];
  }
}

/* ---- Driver -------------------------------------------------------------- */

enum { X, BACK_X = 1, BACK_Y = 2, BACK_DY = 0 };

/* Everything of a run, or with an empty scratch only how much it needs. */
static void normalise(lrn *l, firn_dtype dtype, size_t count, bool backward,
                      const firn_run *run, firn_scratch *scratch) {
  enum { GRAIN = 1 << 12 };
  const bool measuring = !scratch->base;
  const firn_stage stage = {dtype, false, 1, 1, count};
  const void *in[3] = {NULL};
  for (size_t i = 0; i < (backward ? 3u : 1u); i++)
    in[i] = firn_stage_in(&stage, measuring ? NULL : run->in[i]->data, scratch);
  void *y = measuring ? NULL : run->out[0]->data;
  if (backward)
    l->ratio = firn_scratch_array(scratch, count, 2 * sizeof(float));
  l->out = firn_stage_out(&stage, y, scratch);
  if (!measuring) {
    l->x = in[backward ? BACK_X : X];
    l->y = in[BACK_Y];
    l->dy = in[BACK_DY];
    firn_parallel_for(run->pool, count / l->channels, GRAIN / l->channels + 1,
                      backward ? backward_rows : forward_rows, l);
  }
  firn_stage_done(&stage, l->out, y, scratch);
}

static bool is_backward(const firn_node *node) {
  return firn_str_is(node->type->name, "LRNGrad");
}

static firn_code prepare(firn_prepare *p, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_shape *x = &p->in[0].shape;
  lrn l = {.micro = NULL};
  firn_scratch need = {NULL, 0};
  normalise(&l, p->in[0].dtype, (size_t)firn_shape_product(x, 0, x->rank),
            is_backward(p->node), NULL, &need);
  p->scratch = need.used;
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_node *node = run->node;
  const firn_tensor *x = run->in[0];
  lrn l = {.micro = firn_micro_pick(run->cpu),
           .channels = (size_t)x->shape.dims[x->shape.rank - 1],
           .radius = (size_t)firn_attr_int_or(node, "depth_radius", 5),
           .bias = firn_attr_float_or(node, "bias", 1),
           .alpha = firn_attr_float_or(node, "alpha", 1),
           .beta = firn_attr_float_or(node, "beta", 0.5f)};
  char none[64] __attribute__((aligned(64)));
  firn_scratch scratch = {run->scratch ? run->scratch : none, 0};
  if (x->count)
    normalise(&l, x->dtype, x->count, is_backward(node), run, &scratch);
  return FIRN_OK;
}

static firn_code infer(firn_infer *q, firn_error *err) {
  const int64_t radius = firn_attr_int_or(q->node, "depth_radius", 5);
  if (radius < 0 || radius > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "depth_radius is %lld, not in [0, 2^31)",
                     (long long)radius);
  firn_shape shape = firn_shape_unknown();
  for (size_t i = 0; i < q->in_count; i++) {
    firn_shape one;
    FIRN_TRY(firn_infer_rank(q, i, 4, "each input", &one, err));
    FIRN_TRY(firn_shape_merge(&shape, &one, &shape, err));
  }
  q->out[0].shape = shape;
  return FIRN_OK;
}

/* ---- The family ---------------------------------------------------------- */

static const firn_kernel kernels[] = {
    {.types = {{"T", FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_HALF) |
                         FIRN_BIT(FIRN_BFLOAT16)}},
     .prepare = prepare,
     .drive = drive},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"LRN", infer, kernels, 0},
    {"LRNGrad", infer, kernels, 0},
};

FIRN_OP_FAMILY(lrn, ops);
