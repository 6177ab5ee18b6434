/* ops/micro/depthwise.c: one row of a depthwise convolution.
 *
 * A vector of channels walks along the row. Up to eight neighbouring pixels of
 * y are summed at a time, so that a pixel of x is loaded once for all taps in a
 * row that look at it, and so that enough sums are in flight.
 */
#include "ops/micro/isa.h"

typedef struct lane {
  const firn_depthwise_row *d;
  size_t c; /* first channel of the vector */
} lane;

INLINE void finish(lane at, size_t ox, vf sum) {
  const firn_depthwise_row *d = at.d;
  if (d->residual) sum += v_load(d->residual + ox * d->residual_stride + at.c);
  v_store(d->y + ox * d->y_stride + at.c,
          v_clamp(sum, v_set(d->min), v_set(d->max)));
}

INLINE vf first_sum(lane at) {
  return at.d->bias ? v_load(at.d->bias + at.c) : v_set(0);
}

/* `pixels` results from ox on, no tap of which is left or right of the picture.
 * All but `at` and `ox` are constants where this is used. */
INLINE void run_pixels(lane at, size_t ox, const size_t pixels, const size_t kw,
                       const size_t stride) {
  const firn_depthwise_row *d = at.d;
  const size_t channels = d->channels;
  vf sum[8];
  EACH (i, pixels) sum[i] = first_sum(at);
  const size_t start = (ox * stride - d->pad_left) * channels + at.c;
  const float *w = d->w + at.c;
  for (size_t r = 0; r < d->rows; r++) {
    const float *x = d->x[r] + start;
    vf tap[5];
    EACH (k, kw) tap[k] = v_load(w + k * d->w_stride);
    w += kw * d->w_stride;
    EACH (j, (pixels - 1) * stride + kw) {
      const vf pixel = v_load(x + j * channels);
      EACH (k, kw) {
        if (j >= k && (j - k) % stride == 0 && (j - k) / stride < pixels)
          sum[(j - k) / stride] = v_fma(pixel, tap[k], sum[(j - k) / stride]);
      }
    }
  }
  EACH (i, pixels) finish(at, ox + i, sum[i]);
}

INLINE void run_inner(lane at, size_t begin, size_t end, const size_t kw,
                      const size_t stride) {
  size_t ox = begin;
  for (; ox + 8 <= end; ox += 8) run_pixels(at, ox, 8, kw, stride);
  if (ox + 4 <= end) {
    run_pixels(at, ox, 4, kw, stride);
    ox += 4;
  }
  if (ox + 2 <= end) {
    run_pixels(at, ox, 2, kw, stride);
    ox += 2;
  }
  if (ox < end) run_pixels(at, ox, 1, kw, stride);
}

/* Any window, any place: one pixel of `lanes` channels. */
static void run_pixel(lane at, size_t ox, size_t lanes) {
  const firn_depthwise_row *d = at.d;
  vf sum = d->bias ? v_load_part(d->bias + at.c, lanes) : v_set(0);
  const float *w = d->w + at.c;
  for (size_t r = 0; r < d->rows; r++) {
    for (size_t k = 0; k < d->kw; k++, w += d->w_stride) {
      const size_t ix = ox * d->stride + k * d->dilation - d->pad_left;
      if (ix >= d->in_width) continue; /* left of the picture wraps */
      const vf pixel = v_load_part(d->x[r] + ix * d->channels + at.c, lanes);
      sum = v_fma(pixel, v_load(w), sum);
    }
  }
  if (d->residual)
    sum += v_load_part(d->residual + ox * d->residual_stride + at.c, lanes);
  v_store_part(d->y + ox * d->y_stride + at.c,
               v_clamp(sum, v_set(d->min), v_set(d->max)), lanes);
}

static void run_edge(lane at, size_t begin, size_t end) {
  for (size_t ox = begin; ox < end; ox++) {
    const firn_depthwise_row *d = at.d;
    vf sum = first_sum(at);
    const float *w = d->w + at.c;
    for (size_t r = 0; r < d->rows; r++) {
      for (size_t k = 0; k < d->kw; k++, w += d->w_stride) {
        const size_t ix = ox * d->stride + k * d->dilation - d->pad_left;
        if (ix < d->in_width)
          sum =
              v_fma(v_load(d->x[r] + ix * d->channels + at.c), v_load(w), sum);
      }
    }
    finish(at, ox, sum);
  }
}

/* The pixels [*begin, *end) of the row see no border. */
static void inner_range(const firn_depthwise_row *d, size_t *begin,
                        size_t *end) {
  const size_t reach = (d->kw - 1) * d->dilation;
  size_t first = (d->pad_left + d->stride - 1) / d->stride;
  size_t last = 0;
  if (d->in_width + d->pad_left > reach)
    last = (d->in_width + d->pad_left - reach - 1) / d->stride + 1;
  if (last > d->width) last = d->width;
  if (first > last) first = last;
  *begin = first;
  *end = last;
}

void FIRN_ISA_NAME(depthwise)(const firn_depthwise_row *d) {
  size_t begin, end, c = 0;
  inner_range(d, &begin, &end);
  const size_t kind =
      d->dilation == 1 && d->stride <= 2 ? d->kw * 2 + d->stride : 0;
  for (; c + LANES <= d->channels; c += LANES) {
    const lane at = {d, c};
    run_edge(at, 0, begin);
    switch (kind) {
      case 3 * 2 + 1: run_inner(at, begin, end, 3, 1); break;
      case 3 * 2 + 2: run_inner(at, begin, end, 3, 2); break;
      case 5 * 2 + 1: run_inner(at, begin, end, 5, 1); break;
      case 5 * 2 + 2: run_inner(at, begin, end, 5, 2); break;
      default: run_edge(at, begin, end);
    }
    run_edge(at, end, d->width);
  }
  if (c < d->channels)
    for (size_t ox = 0; ox < d->width; ox++)
      run_pixel((lane){d, c}, ox, d->channels - c);
}
