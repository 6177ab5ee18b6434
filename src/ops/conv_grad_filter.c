/* ops/conv_grad_filter.c: what a convolution's filter gets back.
 *
 *   dw[tap][c][o] = sum over all output pixels of x[under the tap][c] *
 * dy[pixel][o]
 *
 * is a matrix product whose depth is the pixels. So that the rows of its left
 * side lie in memory as they are, x is laid out channel by channel, padded with
 * zeros, and split into phases: with stride s, phase p holds the pixels p, p +
 * s, ... of each axis. Then under any tap each channel of x is, for every line
 * of the output, one run of numbers, that begins at the tap's shift; where x is
 * no wider than the output, many lines are one run.
 */
#include <math.h>

#include "ops/conv_grad.h"
#include "ops/micro/product.h"

/* ---- The grid ------------------------------------------------------------ */

typedef struct grid {
  const firn_conv_grad *c;
  int64_t extent[3]; /* along each axis of a phase, which holds x    */
  int64_t phases[3];
  size_t images, row;  /* images; floats of a channel in a phase       */
  size_t runs, length; /* of the output's pixels                       */
  int run_axis;        /* the outermost within a run; -1: images, too  */
  float *x, *packed;
  size_t panel; /* floats of a packed group of dy               */
  size_t group; /* that is being computed                       */
} grid;

/* How many of the output's pixels lie one after another in a phase. */
static void find_runs(grid *r) {
  const firn_geometry *g = &r->c->l.g;
  r->length = (size_t)g->out[2];
  r->run_axis = 2;
  for (int a = 2; a >= 0 && r->extent[a] == g->out[a]; a--) {
    r->length *= a ? (size_t)g->out[a - 1] : r->images;
    r->run_axis = a - 1;
  }
  r->runs = r->images * firn_space(g->out) / r->length;
}

static grid grid_of(const firn_conv_grad *c) {
  const firn_geometry *g = &c->l.g;
  grid r = {.c = c, .images = (size_t)g->batch};
  for (int a = 0; a < 3; a++) {
    const int64_t last = (g->window[a] - 1) * g->dilation[a];
    r.extent[a] = g->out[a] + last / g->stride[a];
    r.phases[a] = last + 1 < g->stride[a] ? last + 1 : g->stride[a];
  }
  /* An odd number of cache lines keeps rows off each other's cache sets. */
  r.row = (r.images * firn_space(r.extent) + 15) / 16 * 16;
  if (r.row % 32 == 0) r.row += 16;
  find_runs(&r);
  return r;
}

/* The phase and shift of a tap along the three axes, flattened. */
static void tap_place(const grid *r, size_t tap, size_t *phase, size_t *shift) {
  const firn_geometry *g = &r->c->l.g;
  int64_t left = (int64_t)tap, at[3];
  for (int a = 2; a >= 0; a--) {
    at[a] = left % g->window[a] * g->dilation[a];
    left /= g->window[a];
  }
  *phase = *shift = 0;
  for (int a = 0; a < 3; a++) {
    *phase = *phase * (size_t)r->phases[a] + (size_t)(at[a] % g->stride[a]);
    *shift = *shift * (size_t)r->extent[a] + (size_t)(at[a] / g->stride[a]);
  }
}

/* Where a run of the output begins in a phase. */
static size_t run_place(const grid *r, size_t run) {
  const firn_geometry *g = &r->c->l.g;
  size_t place = 0, times = 1;
  for (int a = 2; a >= 0; a--) {
    if (a <= r->run_axis - 1) {
      place += run % (size_t)g->out[a] * times;
      run /= (size_t)g->out[a];
    }
    times *= (size_t)r->extent[a];
  }
  return place + run * times;
}

/* ---- Laying out ---------------------------------------------------------- */

typedef struct layer {
  const grid *r;
  const float *x;
} layer;

static void clear(float *to, size_t stride, size_t channels, size_t n) {
  for (size_t c = 0; n && c < channels; c++, to += stride)
    memset(to, 0, n * sizeof *to);
}

/* The first j with j * stride >= at, at most `end`. */
static size_t first_from(int64_t at, int64_t stride, int64_t end) {
  const int64_t j = at <= 0 ? 0 : (at + stride - 1) / stride;
  return (size_t)(j < end ? j : end);
}

/* One line of a phase's grid: pixels of x, channels apart. */
static void lay_line(const grid *r, const float *x, float *to, size_t phase,
                     size_t line) {
  const firn_geometry *g = &r->c->l.g;
  const size_t n = (size_t)g->channels, wide = (size_t)r->extent[2];
  int64_t p[3], left = (int64_t)phase;
  for (int a = 2; a >= 0; a--) {
    p[a] = left % r->phases[a] - g->before[a];
    left /= r->phases[a];
  }
  const size_t image = line / (size_t)(r->extent[0] * r->extent[1]);
  const int64_t z =
      (int64_t)line / r->extent[1] % r->extent[0] * g->stride[0] + p[0];
  const int64_t y = (int64_t)line % r->extent[1] * g->stride[1] + p[1];
  const bool inside = z >= 0 && z < g->in[0] && y >= 0 && y < g->in[1];
  const size_t begin = first_from(-p[2], g->stride[2], r->extent[2]);
  const size_t end = first_from(g->in[2] - p[2], g->stride[2], r->extent[2]);
  to += line * wide;
  if (!inside || begin >= end) {
    clear(to, r->row, n, wide);
    return;
  }
  clear(to, r->row, n, begin);
  firn_transpose(
      x + firn_pixel(g, image, z, y, (int64_t)begin * g->stride[2] + p[2]) * n,
      (size_t)g->stride[2] * n, n, end - begin, to + begin, r->row);
  clear(to + end, r->row, n, wide - end);
}

static size_t lines_of(const grid *r) {
  return r->images * (size_t)(r->extent[0] * r->extent[1]);
}

static void lay_lines(void *ctx, size_t begin, size_t end) {
  const layer *l = ctx;
  const grid *r = l->r;
  const size_t phase = r->row * (size_t)r->c->l.g.channels;
  const size_t lines = lines_of(r);
  for (size_t i = begin; i < end; i++)
    lay_line(r, l->x, r->x + i / lines * phase, i / lines, i % lines);
}

static void lay_out(const grid *r, const float *x) {
  enum { GRAIN = 1 << 13 };
  layer lay = {r, x};
  const size_t line = (size_t)(r->extent[2] * r->c->l.g.channels);
  firn_parallel_for(r->c->pool, firn_space(r->phases) * lines_of(r),
                    GRAIN / (line + 1) + 1, lay_lines, &lay);
}

/* ---- The product --------------------------------------------------------- */

static size_t group_depth(const grid *r) {
  return (size_t)(r->c->l.g.channels / r->c->l.groups);
}

/* Row (tap, channel of the group); a tap of the product is a run. */
static void find_rows(const void *ctx, size_t row, size_t rows, size_t run,
                      size_t runs, size_t k, const float **out) {
  const grid *r = ctx;
  const size_t depth = group_depth(r), channels = (size_t)r->c->l.g.channels;
  for (size_t i = 0; i < rows;) {
    const size_t c = (row + i) % depth, end = i + (depth - c);
    size_t phase, shift;
    tap_place(r, (row + i) / depth, &phase, &shift);
    const float *from =
        r->x + (phase * channels + r->group * depth + c) * r->row + shift + k;
    for (; i < rows && i < end; i++, from += r->row) out[i] = from;
  }
  for (size_t t = runs; t-- > 0;) {
    const size_t place = run_place(r, run + t);
    for (size_t i = 0; i < rows; i++) out[t * rows + i] = out[i] + place;
  }
}

static void multiply(grid *r, const float *dy, float *dw) {
  const firn_conv_layout *l = &r->c->l;
  const size_t pixels = r->runs * r->length, groups = (size_t)l->groups;
  const size_t n = (size_t)l->oc / groups;
  for (r->group = 0; r->group < groups; r->group++) {
    const firn_matrix b = {dy + r->group * n, (size_t)l->oc, false};
    firn_panels_pack(r->c->micro, b, pixels, n, NULL, r->packed, r->c->pool);
    const firn_product product = {
        .micro = r->c->micro,
        .rows = firn_space(l->g.window) * group_depth(r),
        .columns = n,
        .taps = r->runs,
        .depth = r->length,
        .find = find_rows,
        .ctx = r,
        .packed = r->packed,
        .epilogue = {.min = -INFINITY, .max = INFINITY},
        .y = dw + r->group * n,
        .y_stride = (size_t)l->oc,
    };
    firn_product_run(&product, r->c->pool);
  }
}

/* ---- One channel at a time ------------------------------------------------
 */

/* Of a depthwise filter, with one output per channel: a tap's row is a sum of
 * products of rows of x and dy. */
typedef struct channelwise {
  const firn_conv_grad *c;
  const float *x, *dy;
  float *dw;
} channelwise;

/* The outputs [from, to) along an axis under whose tap there is a pixel. */
static void reached(const firn_geometry *g, int a, int64_t tap, size_t *from,
                    size_t *to) {
  const int64_t begin = g->before[a] - tap * g->dilation[a];
  *from = first_from(begin, g->stride[a], g->out[a]);
  *to = first_from(begin + g->in[a], g->stride[a], g->out[a]);
}

static void sum_tap(const channelwise *j, int64_t ky, int64_t kx, float *row) {
  const firn_geometry *g = &j->c->l.g;
  const size_t n = (size_t)g->channels, wide = (size_t)g->out[2];
  size_t top, bottom, left, right;
  reached(g, 1, ky, &top, &bottom);
  reached(g, 2, kx, &left, &right);
  const int64_t x0 = kx * g->dilation[2] - g->before[2];
  for (size_t c = 0; c < n; c++) row[c] = 0;
  if (left >= right) return;
  for (size_t image = 0; image < (size_t)g->batch; image++)
    for (size_t i = top; i < bottom; i++) {
      const int64_t y =
          (int64_t)i * g->stride[1] + ky * g->dilation[1] - g->before[1];
      const float *dy =
          j->dy + ((image * (size_t)g->out[1] + i) * wide + left) * n;
      for (size_t o = left; o < right; o++, dy += n) {
        const float *x =
            j->x +
            firn_pixel(g, image, 0, y, (int64_t)o * g->stride[2] + x0) * n;
        for (size_t c = 0; c < n; c++) row[c] += x[c] * dy[c];
      }
    }
}

static void sum_taps(void *ctx, size_t begin, size_t end) {
  const channelwise *j = ctx;
  const firn_geometry *g = &j->c->l.g;
  for (size_t tap = begin; tap < end; tap++)
    sum_tap(j, (int64_t)tap / g->window[2], (int64_t)tap % g->window[2],
            j->dw + tap * (size_t)g->channels);
}

/* ---- Both ------------------------------------------------------------------
 */

static bool is_channelwise(const firn_conv_layout *l) {
  const firn_geometry *g = &l->g;
  return g->space == 2 && l->groups == g->channels && l->oc == g->channels &&
         l->groups > 1;
}

bool firn_conv_grad_filter_fits(const firn_conv_grad *c) {
  const firn_conv_layout *l = &c->l;
  const firn_geometry *g = &l->g;
  if (is_channelwise(l)) return true;
  double extent = 1, phases = 1, taps = 1, in = 1, out = 1;
  for (int a = 0; a < 3; a++) {
    const int64_t last = (g->window[a] - 1) * g->dilation[a];
    const int64_t run = g->out[a] + last / g->stride[a];
    extent *= (double)run;
    phases *= (double)(last + 1 < g->stride[a] ? last + 1 : g->stride[a]);
    taps *= (double)g->window[a];
    in *= (double)g->in[a];
    out *= (double)g->out[a];
  }
  const double depth = (double)g->batch * extent, ic = (double)g->channels,
               oc = (double)l->oc;
  const double data = (double)g->batch * (in * ic + out * oc);
  return phases * ic * 2 * depth + depth * (oc + 64) <=
         40 * data + 4 * taps * ic * oc + (1 << 20);
}

void firn_conv_grad_filter(const firn_conv_grad *c, const float *x,
                           const float *dy, float *dw, firn_scratch *scratch) {
  const firn_conv_layout *l = &c->l;
  const firn_geometry *g = &l->g;
  if (is_channelwise(l)) {
    channelwise j = {c, x, dy, dw};
    if (scratch->base)
      firn_parallel_for(c->pool, firn_space(g->window), 1, sum_taps, &j);
    return;
  }
  const firn_conv_shape s = firn_conv_layout_shape(l);
  if (!c->exact && g->space == 2 && firn_conv_filter_pays(&s)) {
    void *work =
        firn_scratch_take(scratch, firn_conv_filter_workspace(&s, c->micro));
    if (scratch->base)
      firn_conv_filter_run(&s, c->micro, x, dy, dw, work, c->pool);
    return;
  }
  grid r = grid_of(c);
  r.panel = firn_panels_size(c->micro, r.runs * r.length,
                             (size_t)l->oc / (size_t)l->groups);
  r.x = firn_scratch_array(
      scratch, firn_space(r.phases) * (size_t)g->channels * r.row, sizeof *r.x);
  r.packed = firn_scratch_array(scratch, r.panel, sizeof *r.packed);
  if (!scratch->base) return;
  lay_out(&r, x);
  multiply(&r, dy, dw);
}
