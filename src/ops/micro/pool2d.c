/* ops/micro/pool2d.c: max and mean pooling of NHWC pictures. */
#include "base/alloc.h"
#include "ops/micro/conv.h"

typedef struct job {
  const firn_conv_shape *s;
  void (*window)(const firn_window *window, float *y);
  const float *x;
  float *y;
  size_t y_stride;
} job;

typedef struct span {
  size_t first, count; /* pixels of the picture */
} span;

/* The taps of output `o` that lie inside of a side `in` long. */
static span inside(size_t o, size_t stride, size_t dilation, size_t pad,
                   size_t taps, size_t in) {
  const size_t start = o * stride;
  size_t first = 0, last = taps;
  if (start < pad) first = (pad - start + dilation - 1) / dilation;
  if (start + (taps - 1) * dilation >= in + pad)
    last = start >= in + pad ? 0 : (in + pad - start - 1) / dilation + 1;
  if (first >= last) return (span){0, 0};
  return (span){start + first * dilation - pad, last - first};
}

static void run_lines(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  const firn_conv_shape *s = j->s;
  firn_window w = {.row_stride = s->dilation_h * s->iw * s->ic,
                   .col_stride = s->dilation_w * s->ic,
                   .channels = s->ic};
  for (size_t i = begin; i < end; i++) {
    const span down =
        inside(i % s->oh, s->stride_h, s->dilation_h, s->pad_top, s->kh, s->ih);
    const float *line = j->x + (i / s->oh * s->ih + down.first) * s->iw * s->ic;
    float *y = j->y + i * s->ow * j->y_stride;
    w.rows = down.count;
    for (size_t ox = 0; ox < s->ow; ox++, y += j->y_stride) {
      const span across =
          inside(ox, s->stride_w, s->dilation_w, s->pad_left, s->kw, s->iw);
      w.cols = across.count;
      w.x = line + across.first * s->ic;
      j->window(&w, y);
    }
  }
}

static void run(const job *j, firn_pool *pool) {
  enum { LINE_WORK = 1 << 15 }; /* numbers worth waking a thread for */
  const firn_conv_shape *s = j->s;
  const size_t work = s->ow * s->ic * s->kh * s->kw;
  job copy = *j;
  firn_parallel_for(pool, s->batch * s->oh, LINE_WORK / work + 1, run_lines,
                    &copy);
}

void firn_max_pool(const firn_conv_shape *shape, const firn_micro *micro,
                   const float *x, float *y, size_t y_stride, firn_pool *pool) {
  run(&(job){shape, micro->max_window, x, y, y_stride}, pool);
}

void firn_mean_pool(const firn_conv_shape *shape, const firn_micro *micro,
                    const float *x, float *y, size_t y_stride,
                    firn_pool *pool) {
  run(&(job){shape, micro->mean_window, x, y, y_stride}, pool);
}
