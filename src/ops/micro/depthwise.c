/* ops/micro/depthwise.c: a depthwise convolution of one cache line of channels.
 *
 * The rows under a window are copied into a small buffer, with their padding,
 * and each row stays there for all windows that look at it. That makes borders
 * as plain as the middle, and keeps pixels that lie a power of two apart in the
 * picture from driving each other out of the cache. Eight neighbouring results
 * are summed at a time, so that a pixel is loaded once for all taps in a row
 * and enough sums are in flight.
 */
#include "ops/micro/isa.h"

enum {
  LINE = FIRN_DEPTHWISE_CHANNELS,
  BUFFER =
      512, /* pixels: half of a first cache of 64 KiB, all of a small one */
  ROWS_MOST = 7,
};

/* Some columns of y, for one vector of channels. */
typedef struct strip {
  const firn_depthwise *d;
  const float *line[ROWS_MOST]; /* the buffered rows, from the top */
  const float *w;
  size_t c, lanes; /* the channels */
  size_t oy, ox, count;
} strip;

/* The i-th results of the strip, n of them, whatever they need. */
static void finish_any(const strip *s, size_t i, const vf *sum, size_t n) {
  const firn_epilogue *e = &s->d->epilogue;
  const vf low = v_set(e->min), high = v_set(e->max);
  const size_t y_stride = s->d->y_stride, lanes = s->lanes;
  const size_t pixel = s->oy * s->d->ow + s->ox + i;
  const float *residual =
      e->residual ? e->residual + pixel * e->residual_stride + s->c : NULL;
  float *y = s->d->y + pixel * y_stride + s->c;
  for (size_t k = 0; k < n; k++, y += y_stride) {
    vf x = sum[k];
    if (residual) {
      x += v_load_some(residual, lanes);
      residual += e->residual_stride;
    }
    v_store_some(y, v_clamp(x, low, high), lanes);
  }
}

/* The same for the plain case, out of registers. */
INLINE void finish(const strip *s, size_t first, const vf *sum,
                   const size_t pixels) {
  const firn_depthwise *d = s->d;
  if (first + pixels > s->count || s->lanes < LANES || d->epilogue.residual) {
    vf copy[8];
    EACH (i, pixels) copy[i] = sum[i];
    const size_t left = s->count - first;
    finish_any(s, first, copy, left < pixels ? left : pixels);
    return;
  }
  const vf low = v_set(d->epilogue.min), high = v_set(d->epilogue.max);
  const size_t stride = d->y_stride;
  float *y = d->y + (s->oy * d->ow + s->ox + first) * stride + s->c;
  EACH (i, pixels) v_store(y + i * stride, v_clamp(sum[i], low, high));
}

INLINE vf first_sum(const firn_depthwise *d, size_t c, size_t lanes) {
  return d->epilogue.bias ? v_load_some(d->epilogue.bias + c, lanes) : v_set(0);
}

/* `pixels` sums from the first-th on; all but `s` and `first` are constants.
 * The last of them may lie beyond the strip. */
INLINE void run_pixels(const strip *s, size_t first, const size_t pixels,
                       const size_t kw, const size_t stride) {
  const vf start = first_sum(s->d, s->c, s->lanes);
  const float *w = s->w;
  vf sum[8];
  EACH (i, pixels) sum[i] = start;
  for (size_t r = 0; r < s->d->kh; r++, w += kw * LANES) {
    const float *x = s->line[r] + first * stride * LINE;
    vf tap[7];
    EACH (k, kw) tap[k] = v_keep(v_load(w + k * LANES));
    EACH (j, (pixels - 1) * stride + kw) {
      const vf pixel = v_keep(v_load(x + j * LINE));
      EACH (k, kw) {
        if (j >= k && (j - k) % stride == 0 && (j - k) / stride < pixels)
          sum[(j - k) / stride] = v_fma(pixel, tap[k], sum[(j - k) / stride]);
      }
    }
  }
  finish(s, first, sum, pixels);
}

INLINE void run_strip(const strip *s, const size_t kw, const size_t stride) {
  size_t i = 0;
  for (; i + 4 < s->count; i += 8) run_pixels(s, i, 8, kw, stride);
  if (i < s->count) run_pixels(s, i, 4, kw, stride);
}

static void run_strip_3_1(const strip *s) { run_strip(s, 3, 1); }
static void run_strip_3_2(const strip *s) { run_strip(s, 3, 2); }
static void run_strip_5_1(const strip *s) { run_strip(s, 5, 1); }
static void run_strip_5_2(const strip *s) { run_strip(s, 5, 2); }
static void run_strip_7_1(const strip *s) { run_strip(s, 7, 1); }
static void run_strip_7_2(const strip *s) { run_strip(s, 7, 2); }

typedef void strip_fn(const strip *s);

/* The function for a window, or NULL. */
static strip_fn *find_strip(const firn_depthwise *d) {
  static strip_fn *const known[3][2] = {{run_strip_3_1, run_strip_3_2},
                                        {run_strip_5_1, run_strip_5_2},
                                        {run_strip_7_1, run_strip_7_2}};
  if (d->dilation_h != 1 || d->dilation_w != 1 || d->stride_w > 2 ||
      d->kw < 3 || d->kw > 7 || d->kw % 2 == 0 || d->kh > ROWS_MOST)
    return NULL;
  return known[(d->kw - 3) / 2][d->stride_w - 1];
}

/* Copies `columns` pixels of a row to the buffer. Both places count from the
 * corner of the padding. */
static void copy_row(const firn_depthwise *d, size_t c, size_t channels,
                     size_t row, size_t column, size_t columns, float *to) {
  const size_t iy = row - d->pad_top; /* wraps above the picture */
  size_t i = 0;
  if (iy < d->ih) {
    const float *x = d->x + iy * d->iw * d->channels + c;
    for (; i < columns && column + i < d->pad_left; i++)
      memset(to + i * LINE, 0, LINE * sizeof *to);
    const size_t end = d->iw + d->pad_left; /* the first column beyond */
    size_t inside = end > column ? end - column : 0;
    if (inside > columns) inside = columns;
    x += (column + i - d->pad_left) * d->channels;
    for (; i < inside; i++, x += d->channels) {
      if (channels == LINE) {
        EACH (j, LINE / LANES)
          v_store(to + i * LINE + j * LANES, v_load(x + j * LANES));
      } else {
        memset(to + i * LINE, 0, LINE * sizeof *to);
        memcpy(to + i * LINE, x, channels * sizeof *to);
      }
    }
  }
  memset(to + i * LINE, 0, (columns - i) * LINE * sizeof *to);
}

/* One strip of the picture, from row to row. */
static void run_band(strip s, strip_fn *run, size_t row, size_t row_end) {
  const firn_depthwise *d = s.d;
  const size_t c = s.c,
               channels = d->channels - c < LINE ? d->channels - c : LINE;
  const size_t taps = d->kh * d->kw * LANES;
  const size_t columns = ((s.count + 7) / 8 * 8 - 1) * d->stride_w + d->kw;
  float buffer[BUFFER * LINE];
  size_t have = row * d->stride_h; /* rows above this one are not needed */
  for (s.oy = row; s.oy < row_end; s.oy++) {
    const size_t top = s.oy * d->stride_h;
    if (have < top) have = top;
    for (; have < top + d->kh; have++)
      copy_row(d, c, channels, have, s.ox * d->stride_w, columns,
               buffer + have % d->kh * columns * LINE);
    for (size_t v = 0; v * LANES < channels; v++) {
      for (size_t r = 0; r < d->kh; r++)
        s.line[r] = buffer + (top + r) % d->kh * columns * LINE + v * LANES;
      s.c = c + v * LANES;
      s.lanes = d->channels - s.c < LANES ? d->channels - s.c : LANES;
      s.w = d->w + s.c / LANES * taps;
      run(&s);
    }
  }
}

/* Any window: one result of one vector of channels at a time. */
static void run_any(const firn_depthwise *d, size_t c, size_t oy) {
  strip s = {.d = d, .c = c, .oy = oy, .count = 1};
  s.lanes = d->channels - c < LANES ? d->channels - c : LANES;
  for (s.ox = 0; s.ox < d->ow; s.ox++) {
    const float *w = d->w + c / LANES * d->kh * d->kw * LANES;
    vf sum = first_sum(d, c, s.lanes);
    for (size_t t = 0; t < d->kh * d->kw; t++, w += LANES) {
      const size_t iy =
          oy * d->stride_h + t / d->kw * d->dilation_h - d->pad_top;
      const size_t ix =
          s.ox * d->stride_w + t % d->kw * d->dilation_w - d->pad_left;
      if (iy >= d->ih || ix >= d->iw) continue; /* before the picture wraps */
      const float *x = d->x + (iy * d->iw + ix) * d->channels + c;
      sum = v_fma(v_load_some(x, s.lanes), v_load(w), sum);
    }
    finish_any(&s, 0, &sum, 1);
  }
}

void FIRN_ISA_NAME(depthwise)(const firn_depthwise *d, size_t c, size_t row,
                              size_t row_end) {
  strip_fn *run = find_strip(d);
  if (!run) {
    for (size_t oy = row; oy < row_end; oy++)
      for (size_t v = c; v < c + LINE && v < d->channels; v += LANES)
        run_any(d, v, oy);
    return;
  }
  const size_t columns = BUFFER / d->kh;
  const size_t most = ((columns - d->kw) / d->stride_w + 1) / 8 * 8;
  strip s = {.d = d, .c = c};
  for (; s.ox < d->ow; s.ox += most) {
    s.count = d->ow - s.ox < most ? d->ow - s.ox : most;
    run_band(s, run, row, row_end);
  }
}
