/* ops/micro/depthwise_conv.c: depthwise convolutions, row by row.
 *
 * With a multiplier m, channel o of y comes from channel o / m of x. Such a
 * picture is spread first, each channel m times, and is then one without.
 */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "ops/micro/conv_parts.h"

enum { ROWS_MOST = 64 }; /* of a window that are handed over at a time */

static size_t weight_stride(const firn_conv_plan *plan) {
  const size_t lanes = plan->micro->lanes;
  return (plan->shape.oc + lanes - 1) / lanes * lanes;
}

size_t firn_depthwise_pack_size(const firn_conv_plan *plan) {
  return plan->shape.kh * plan->shape.kw * weight_stride(plan) * sizeof(float);
}

void firn_depthwise_pack(const firn_conv_plan *plan, const float *weights,
                         const float *scale, float *packed) {
  const firn_conv_shape *s = &plan->shape;
  const size_t stride = weight_stride(plan);
  memset(packed, 0, firn_depthwise_pack_size(plan));
  for (size_t t = 0; t < s->kh * s->kw; t++)
    for (size_t o = 0; o < s->oc; o++)
      packed[t * stride + o] = weights[t * s->oc + o] * (scale ? scale[o] : 1);
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

/* Taps [first, *end) of output row oy lie inside of the picture. */
static size_t rows_inside(const firn_conv_shape *s, size_t oy, size_t *end) {
  size_t first = 0, last = s->kh;
  const size_t top = oy * s->stride_h; /* in padded rows */
  while (first < last && top + first * s->dilation_h < s->pad_top) first++;
  while (last > first && top + (last - 1) * s->dilation_h >= s->pad_top + s->ih)
    last--;
  *end = last;
  return first;
}

/* A window of many rows is summed in y, a part at a time. */
static void run_row(const job *j, size_t n, size_t oy) {
  const firn_conv_shape *s = &j->plan->shape;
  const size_t stride = weight_stride(j->plan);
  const size_t pixel = (n * s->oh + oy) * s->ow;
  const float *line[ROWS_MOST];
  size_t last;
  size_t ky = rows_inside(s, oy, &last);
  firn_depthwise_row row = {
      .x = line,
      .kw = s->kw,
      .w_stride = stride,
      .in_width = s->iw,
      .width = s->ow,
      .channels = s->oc,
      .stride = s->stride_w,
      .dilation = s->dilation_w,
      .pad_left = s->pad_left,
      .bias = j->epilogue.bias,
      .residual_stride = j->epilogue.residual_stride,
      .y = j->y + pixel * j->y_stride,
      .y_stride = j->y_stride,
      .min = -INFINITY,
      .max = INFINITY,
  };
  if (j->epilogue.residual)
    row.residual = j->epilogue.residual + pixel * row.residual_stride;
  do {
    row.rows = firn_min_size(last - ky, ROWS_MOST);
    row.w = j->packed + ky * s->kw * stride;
    for (size_t r = 0; r < row.rows; r++) {
      const size_t iy =
          oy * s->stride_h + (ky + r) * s->dilation_h - s->pad_top;
      line[r] = j->x + (n * s->ih + iy) * s->iw * s->oc;
    }
    ky += row.rows;
    if (ky == last) {
      row.min = j->epilogue.min;
      row.max = j->epilogue.max;
    }
    j->plan->micro->depthwise(&row);
    row.bias = NULL;
    row.residual = row.y;
    row.residual_stride = row.y_stride;
  } while (ky < last);
}

static void run_rows(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  const size_t oh = j->plan->shape.oh;
  for (size_t i = begin; i < end; i++) run_row(j, i / oh, i % oh);
}

void firn_depthwise_run(const firn_conv_plan *plan, const float *x,
                        const float *packed, const firn_epilogue *epilogue,
                        float *y, size_t y_stride, void *scratch,
                        firn_pool *pool) {
  enum { ROW_WORK = 1 << 16 }; /* multiplications worth waking a thread for */
  const firn_conv_shape *s = &plan->shape;
  job j = {plan, x, packed, *epilogue, y, y_stride, scratch};
  const size_t work = s->ow * s->oc * s->kh * s->kw;
  const size_t grain = ROW_WORK / work + 1;
  if (s->oc != s->ic) {
    firn_parallel_for(pool, s->batch * s->ih, grain, spread_lines, &j);
    j.x = j.spread;
  }
  firn_parallel_for(pool, s->batch * s->oh, grain, run_rows, &j);
}
