/* ops/conv_grad_input.c: what a convolution's input gets back.
 *
 * An input pixel gets a sum over those taps that it lies under. With stride s
 * the pixels p, p + s, p + 2s, ... (a phase) lie under the same taps, and along
 * a phase the sum is a convolution of dy with these taps in reverse order, with
 * stride 1:
 *
 *   dx[p + s j] = sum over t of dy[base + j - t step] * w[first + t every]
 *
 * So every phase is done by the loops of ops/micro/conv.h. Of volumes, planes
 * are summed up as in conv3d.c.
 */
#include <assert.h>
#include <math.h>

#include "ops/conv_grad.h"
#include "ops/micro/product.h"

/* ---- Phases along one axis ------------------------------------------------
 */

typedef struct phase {
  int64_t start;        /* p                                             */
  int64_t count;        /* pixels                                        */
  int64_t first, every; /* the taps: first + t * every, for t in [0, taps) */
  int64_t taps, zeros;  /* and so many taps of nothing behind them       */
  int64_t base, step;   /* as above                                      */
} phase;

static int64_t gcd(int64_t a, int64_t b) {
  while (b) {
    const int64_t r = a % b;
    a = b;
    b = r;
  }
  return a;
}

static phase phase_of(const firn_geometry *g, int axis, int64_t start) {
  const int64_t s = g->stride[axis], d = g->dilation[axis];
  const int64_t at = start + g->before[axis], common = gcd(s, d);
  phase p = {.start = start,
             .count = (g->in[axis] - start + s - 1) / s,
             .every = s / common,
             .step = d / common};
  assert(p.step > 0);
  const int64_t end = p.every < g->window[axis] ? p.every : g->window[axis];
  while (p.first < end && (at - p.first * d) % s) p.first++;
  if (p.first < end)
    p.taps = (g->window[axis] - p.first + p.every - 1) / p.every;
  if (!p.taps) return p;
  p.base = (at - p.first * d) / s;
  const int64_t lack = p.base - (p.taps - 1) * p.step;
  if (lack > 0) p.zeros = (lack + p.step - 1) / p.step;
  return p;
}

static size_t all_taps(const phase *p) { return (size_t)(p->taps + p->zeros); }
static size_t pad_of(const phase *p) {
  return (size_t)((p->taps + p->zeros - 1) * p->step - p->base);
}

/* ---- One phase of pictures ------------------------------------------------
 */

typedef struct back {
  const firn_conv_grad *c;
  phase y, x;
  firn_conv_plan plan;
  size_t images, pack_size; /* images in one call; floats of a packed plane */
  float *packed, *turned, *made;
  void *work;
} back;

static bool whole(const back *b) {
  const firn_geometry *g = &b->c->l.g;
  return g->stride[1] == 1 && g->stride[2] == 1;
}

static void make_plan(back *b) {
  const firn_conv_layout *l = &b->c->l;
  const firn_conv_shape s = {
      .batch = b->images,
      .ih = (size_t)l->g.out[1],
      .iw = (size_t)l->g.out[2],
      .ic = (size_t)l->oc,
      .oh = (size_t)b->y.count,
      .ow = (size_t)b->x.count,
      .oc = (size_t)l->g.channels,
      .kh = all_taps(&b->y),
      .kw = all_taps(&b->x),
      .stride_h = 1,
      .stride_w = 1,
      .dilation_h = (size_t)b->y.step,
      .dilation_w = (size_t)b->x.step,
      .pad_top = pad_of(&b->y),
      .pad_left = pad_of(&b->x),
      .groups = (size_t)l->groups,
  };
  b->plan = firn_conv_choose_repacked(&s, b->c->micro, b->c->exact);
  b->pack_size = (firn_conv_pack_size(&b->plan) + 63) / 64 * 16;
}

/* ---- Packing ------------------------------------------------------------- */

/* The filter as the loops want it: taps in reverse order, the sides of each
 * swapped. */
typedef struct turning {
  const back *b;
  const float *w; /* of one plane */
  float *to;
  size_t panels; /* of a group */
} turning;

/* What is to be tap `at` of the plan's filter; NULL: zeros. */
static const float *tap_at(const turning *t, size_t at) {
  const back *b = t->b;
  const firn_geometry *g = &b->c->l.g;
  const size_t wide = all_taps(&b->x);
  const size_t i = all_taps(&b->y) - 1 - at / wide, j = wide - 1 - at % wide;
  if (i >= (size_t)b->y.taps || j >= (size_t)b->x.taps) return NULL;
  const size_t ky = (size_t)b->y.first + i * (size_t)b->y.every;
  const size_t kx = (size_t)b->x.first + j * (size_t)b->x.every;
  return t->w + (ky * (size_t)g->window[2] + kx) *
                    (size_t)(g->channels / b->c->l.groups * b->c->l.oc);
}

static size_t taps_of(const back *b) {
  return all_taps(&b->y) * all_taps(&b->x);
}

/* Straight into panels: iteration (tap, group, panel). */
static void turn_into_panels(void *ctx, size_t begin, size_t end) {
  const turning *t = ctx;
  const firn_conv_layout *l = &t->b->c->l;
  const firn_micro *micro = t->b->c->micro;
  const size_t groups = (size_t)l->groups, oc = (size_t)l->oc;
  const size_t columns = (size_t)l->g.channels / groups, rows = oc / groups;
  const size_t depth = taps_of(t->b) * rows;
  const size_t size = firn_panels_size(micro, depth, columns);
  for (size_t i = begin; i < end; i++) {
    const size_t panel = i % t->panels, group = i / t->panels % groups;
    const size_t tap = i / t->panels / groups;
    const float *from = tap_at(t, tap);
    const firn_matrix b = {from ? from + group * rows : NULL, oc, true};
    firn_panel_pack(micro, b, panel, tap * rows, rows, depth, columns, NULL,
                    t->to + group * size);
  }
}

/* out[o][c] = w[c'][g n + o] where c = g depth + c'. */
static void turn_taps(void *ctx, size_t begin, size_t end) {
  const turning *t = ctx;
  const firn_conv_layout *l = &t->b->c->l;
  const size_t groups = (size_t)l->groups, oc = (size_t)l->oc;
  const size_t channels = (size_t)l->g.channels;
  const size_t depth = channels / groups, n = oc / groups;
  for (size_t tap = begin; tap < end; tap++) {
    const float *from = tap_at(t, tap);
    float *to = t->b->turned + tap * depth * oc;
    if (!from) memset(to, 0, depth * oc * sizeof *to);
    for (size_t g = 0; from && g < groups; g++)
      firn_transpose(from + g * n, oc, n, depth, to + g * depth, channels);
  }
}

/* Packs plane z of the filter. */
static void pack_plane(const back *b, const float *w, size_t z) {
  enum { GRAIN = 1 << 13 }; /* numbers worth waking a thread for */
  const firn_conv_layout *l = &b->c->l;
  const firn_geometry *g = &l->g;
  const size_t groups = (size_t)l->groups, depth = (size_t)g->channels / groups;
  const size_t matrix = depth * (size_t)l->oc, nr = b->c->micro->nr;
  turning t = {.b = b,
               .w = w + z * (size_t)(g->window[1] * g->window[2]) * matrix,
               .to = b->packed + z * b->pack_size,
               .panels = (depth + nr - 1) / nr};
  if (b->turned) {
    firn_parallel_for(b->c->pool, taps_of(b), GRAIN / matrix + 1, turn_taps,
                      &t);
    firn_conv_pack(&b->plan, b->turned, NULL, t.to, b->c->pool);
  } else {
    firn_parallel_for(b->c->pool, taps_of(b) * groups * t.panels,
                      GRAIN / ((size_t)l->oc / groups * nr) + 1,
                      turn_into_panels, &t);
  }
}

/* ---- Running ------------------------------------------------------------- */

typedef struct putting {
  const back *b;
  float *dx;
} putting;

/* Puts lines of a phase's pixels where they belong in dx. */
static void put_lines(void *ctx, size_t begin, size_t end) {
  const putting *p = ctx;
  const back *b = p->b;
  const firn_geometry *g = &b->c->l.g;
  const size_t n = (size_t)g->channels, high = (size_t)b->y.count;
  const size_t wide = (size_t)b->x.count;
  for (size_t i = begin; i < end; i++) {
    const int64_t y = b->y.start + (int64_t)(i % high) * g->stride[1];
    const float *from = b->made + i * wide * n;
    float *to =
        p->dx + ((i / high * (size_t)g->in[1] + (size_t)y) * (size_t)g->in[2] +
                 (size_t)b->x.start) *
                    n;
    for (size_t x = 0; x < wide; x++)
      memcpy(to + x * (size_t)g->stride[2] * n, from + x * n, n * sizeof *to);
  }
}

static void put(const back *b, float *dx) {
  enum { GRAIN = 1 << 14 };
  putting p = {b, dx};
  const size_t line = (size_t)(b->x.count * b->c->l.g.channels);
  firn_parallel_for(b->c->pool, b->images * (size_t)b->y.count,
                    GRAIN / (line + 1) + 1, put_lines, &p);
}

/* The phase of plane z of an image's (or all pictures') dx, from dy. */
static void run_plane(const back *b, const float *dy, float *dx, int64_t z) {
  const firn_geometry *g = &b->c->l.g;
  const firn_conv_shape *s = &b->plan.shape;
  const phase p = phase_of(g, 0, z % g->stride[0]);
  const size_t pixels = b->images * (size_t)(b->y.count * b->x.count);
  float *to = whole(b) ? dx : b->made;
  firn_epilogue sum = {.min = -INFINITY, .max = INFINITY};
  bool any = false;
  for (int64_t t = 0; t < p.taps && b->y.taps && b->x.taps; t++) {
    const int64_t from = p.base + z / g->stride[0] - t * p.step;
    const size_t tap = (size_t)(p.first + t * p.every);
    if (from < 0 || from >= g->out[0]) continue;
    firn_conv_run(&b->plan, dy + (size_t)from * s->ih * s->iw * s->ic,
                  b->packed + tap * b->pack_size, &sum, to, s->oc, b->work,
                  b->c->pool);
    sum.residual = to;
    sum.residual_stride = s->oc;
    any = true;
  }
  if (!any) memset(to, 0, pixels * (size_t)g->channels * sizeof *to);
  if (!whole(b)) put(b, dx);
}

/* One phase of everything, or with an empty scratch how much it needs. */
static void run_phase(back *b, const float *dy, const float *w, float *dx,
                      firn_scratch *scratch) {
  const firn_conv_layout *l = &b->c->l;
  const firn_geometry *g = &l->g;
  const size_t planes = (size_t)g->window[0];
  const size_t pixels = b->images * (size_t)(b->y.count * b->x.count);
  const size_t matrix = (size_t)(g->channels / l->groups * l->oc);
  if (b->y.taps && b->x.taps) {
    make_plan(b);
    b->packed = firn_scratch_array(scratch, planes * b->pack_size, sizeof *w);
    b->turned = firn_scratch_array(
        scratch, all_taps(&b->y) * all_taps(&b->x) * matrix, sizeof *w);
    b->work = firn_scratch_take(scratch,
                                firn_conv_workspace(&b->plan, b->c->threads));
  }
  if (!whole(b))
    b->made =
        firn_scratch_array(scratch, pixels * (size_t)g->channels, sizeof *dx);
  if (!scratch->base) return;
  for (size_t z = 0; z < planes && b->y.taps && b->x.taps; z++)
    pack_plane(b, w, z);
  const size_t in = firn_space(g->in) * (size_t)g->channels;
  const size_t out = firn_space(g->out) * (size_t)l->oc;
  const size_t plane = (size_t)(g->in[1] * g->in[2] * g->channels);
  for (size_t n = 0; n < (size_t)g->batch; n += b->images)
    for (int64_t z = 0; z < g->in[0]; z++)
      run_plane(b, dy + n * out, dx + n * in + (size_t)z * plane, z);
}

/* dx = dy times the turned filter, where a filter covers its image. */
static void run_dense(const firn_conv_grad *c, const float *dy, const float *w,
                      float *dx, firn_scratch *scratch) {
  const firn_geometry *g = &c->l.g;
  const size_t n = firn_space(g->in) * (size_t)g->channels;
  const size_t oc = (size_t)c->l.oc;
  const firn_matmul_batches product = {.count = 1,
                                       .m = (size_t)g->batch,
                                       .k = oc,
                                       .n = n,
                                       .a = {dy, oc, false},
                                       .b = {w, oc, true},
                                       .y = dx,
                                       .y_stride = n};
  void *work = firn_scratch_take(
      scratch, firn_matmul_batch_workspace(c->micro, &product, c->threads));
  if (scratch->base) firn_matmul_batch(c->micro, &product, work, c->pool);
}

void firn_conv_grad_input(const firn_conv_grad *c, const float *dy,
                          const float *w, float *dx, firn_scratch *scratch) {
  const firn_geometry *g = &c->l.g;
  if (firn_conv_layout_dense(&c->l)) {
    run_dense(c, dy, w, dx, scratch);
    return;
  }
  const bool flat = g->in[0] == 1 && g->out[0] == 1 && g->window[0] == 1;
  const size_t used = scratch->used;
  size_t most = used;
  for (int64_t y = 0; y < g->stride[1] && y < g->in[1]; y++)
    for (int64_t x = 0; x < g->stride[2] && x < g->in[2]; x++) {
      back b = {.c = c,
                .y = phase_of(g, 1, y),
                .x = phase_of(g, 2, x),
                .images = flat ? (size_t)g->batch : 1};
      scratch->used = used;
      run_phase(&b, dy, w, dx, scratch);
      most = firn_max_size(most, scratch->used);
    }
  scratch->used = most;
}
