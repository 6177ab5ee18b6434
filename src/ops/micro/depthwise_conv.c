/* ops/micro/depthwise_conv.c: depthwise convolutions, a line of channels
 * and a band of rows at a time.
 *
 * With a multiplier m, channel o of y comes from channel o / m of x. Such a
 * picture is spread first, each channel m times, and is then one without.
 */
#include <string.h>

#include "base/alloc.h"
#include "ops/micro/conv_parts.h"
#include "ops/micro/product.h"

/* Packed: the taps of one vector of channels after another. */
static size_t vectors(const firn_conv_plan *plan) {
  const size_t lanes = plan->micro->lanes;
  return (plan->shape.oc + lanes - 1) / lanes;
}
static size_t weight_step(const firn_conv_plan *plan) {
  return plan->shape.kh * plan->shape.kw * plan->micro->lanes;
}

size_t firn_depthwise_pack_size(const firn_conv_plan *plan) {
  return vectors(plan) * weight_step(plan) * sizeof(float);
}

void firn_depthwise_pack(const firn_conv_plan *plan, const float *weights,
                         const float *scale, float *packed) {
  const firn_conv_shape *s = &plan->shape;
  const firn_loose_float *w = weights;
  const size_t lanes = plan->micro->lanes, step = weight_step(plan);
  memset(packed, 0, firn_depthwise_pack_size(plan));
  for (size_t t = 0; t < s->kh * s->kw; t++)
    for (size_t o = 0; o < s->oc; o++)
      packed[o / lanes * step + t * lanes + o % lanes] =
          w[t * s->oc + o] * (scale ? scale[o] : 1);
}

size_t firn_depthwise_workspace(const firn_conv_plan *plan) {
  const firn_conv_shape *s = &plan->shape;
  if (s->oc == s->ic) return 0;
  return s->batch * s->ih * s->iw * s->oc * sizeof(float);
}

typedef struct job {
  const firn_conv_plan *plan;
  const float *x, *packed;
  firn_epilogue epilogue;
  float *y;
  size_t y_stride;
  float *spread;
  size_t lines, bands, band_rows; /* of channels, of rows */
} job;

static void spread_lines(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  const firn_conv_shape *s = &j->plan->shape;
  const size_t times = s->oc / s->ic;
  const float *from = j->x + begin * s->iw * s->ic;
  float *to = j->spread + begin * s->iw * s->oc;
  for (size_t i = 0; i < (end - begin) * s->iw * s->ic; i++)
    for (size_t m = 0; m < times; m++) *to++ = from[i];
}

static void run_items(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  const firn_conv_shape *s = &j->plan->shape;
  firn_depthwise d = {.ih = s->ih,
                      .iw = s->iw,
                      .oh = s->oh,
                      .ow = s->ow,
                      .channels = s->oc,
                      .kh = s->kh,
                      .kw = s->kw,
                      .stride_h = s->stride_h,
                      .stride_w = s->stride_w,
                      .dilation_h = s->dilation_h,
                      .dilation_w = s->dilation_w,
                      .pad_top = s->pad_top,
                      .pad_left = s->pad_left,
                      .w = j->packed,
                      .epilogue = j->epilogue,
                      .y_stride = j->y_stride};
  for (size_t i = begin; i < end; i++) {
    const size_t n = i / j->bands / j->lines, band = i / j->lines % j->bands;
    const size_t row = n * s->oh * s->ow;
    d.x = j->x + n * s->ih * s->iw * s->oc;
    d.y = j->y + row * j->y_stride;
    if (j->epilogue.residual)
      d.epilogue.residual =
          j->epilogue.residual + row * d.epilogue.residual_stride;
    j->plan->micro->depthwise(&d, i % j->lines * FIRN_DEPTHWISE_CHANNELS,
                              band * j->band_rows,
                              firn_min_size((band + 1) * j->band_rows, s->oh));
  }
}

/* A picture with few channels is cut into bands of rows too. */
static void cut(job *j, size_t threads) {
  const firn_conv_shape *s = &j->plan->shape;
  const size_t line = FIRN_DEPTHWISE_CHANNELS;
  j->lines = (s->oc + line - 1) / line;
  j->band_rows = s->oh;
  const size_t items = s->batch * j->lines;
  if (threads > 1 && items < 4 * threads)
    j->band_rows = firn_max_size(s->oh * items / (4 * threads), 2 * s->kh);
  j->bands = (s->oh + j->band_rows - 1) / j->band_rows;
}

void firn_depthwise_run(const firn_conv_plan *plan, const float *x,
                        const float *packed, const firn_epilogue *epilogue,
                        float *y, size_t y_stride, void *scratch,
                        firn_pool *pool) {
  enum { WORK = 1 << 16 }; /* multiplications worth waking a thread for */
  const firn_conv_shape *s = &plan->shape;
  job j = {.plan = plan,
           .x = x,
           .packed = packed,
           .epilogue = *epilogue,
           .y = y,
           .y_stride = y_stride,
           .spread = scratch};
  if (s->oc != s->ic) {
    const size_t line = s->iw * s->oc;
    firn_parallel_for(pool, s->batch * s->ih, WORK / line + 1, spread_lines,
                      &j);
    j.x = j.spread;
  }
  cut(&j, pool ? (size_t)firn_pool_threads(pool) : 1);
  const size_t work =
      j.band_rows * s->ow * FIRN_DEPTHWISE_CHANNELS * s->kh * s->kw;
  firn_parallel_for(pool, s->batch * j.bands * j.lines, WORK / work + 1,
                    run_items, &j);
}
