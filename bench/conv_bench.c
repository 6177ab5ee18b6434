/* bench/conv_bench.c: how fast the convolutions and products are, alone and as
 * the convolutions of a whole net in sequence.
 *
 *   conv_bench [SET [THREADS [WORD...]]]
 *
 * SET is a list of inner loops ("avx2"; default: the best), THREADS a number
 * (default 1), WORD a part of the names to run. One JSON line each: "ms" is the
 * median and "min_ms" the least of many runs, "percent" the part of the speed
 * of "tile", a tile on one thread whose operands stay in the first cache.
 * Multiplications are counted as a plain sum would need them, so Winograd
 * passes 100.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/cpu.h"
#include "ops/micro/conv.h"
#include "ops/micro/matmul.h"

enum { RUNS_MOST = 400, LAYERS_MOST = 128 };

static double tile_speed; /* GFLOP/s */
static firn_pool *pool;   /* NULL: one thread */

static int threads(void) { return pool ? firn_pool_threads(pool) : 1; }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static float *numbers(size_t n) {
  static uint64_t state = 88172645463325252u;
  float *p = aligned_alloc(64, (n * sizeof *p + 127) / 64 * 64);
  if (!p) exit(1);
  for (size_t i = 0; i < n; i++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    p[i] = (float)(state >> 40) * 0x1p-23f - 1;
  }
  return p;
}

typedef struct timing {
  double median, least;
} timing;

static timing measure(void (*run)(void *), void *ctx, double seconds) {
  static double v[RUNS_MOST];
  size_t n = 0;
  run(ctx);
  run(ctx);
  const double start = now();
  while (n < 9 || (n < RUNS_MOST && now() - start < seconds)) {
    const double t = now();
    run(ctx);
    v[n++] = now() - t;
  }
  qsort(v, n, sizeof *v, compare);
  return (timing){v[n / 2], v[0]};
}

static void report(const char *name, const char *how, double flop, timing t) {
  const double speed = flop / t.median * 1e-9;
  printf(
      "{\"name\":\"%s\",\"how\":\"%s\",\"ms\":%.4f,\"min_ms\":%.4f,"
      "\"gflops\":%.1f,\"percent\":%.1f}\n",
      name, how, t.median * 1e3, t.least * 1e3, speed,
      tile_speed > 0 ? 100 * speed / tile_speed : 100);
  fflush(stdout);
}

/* ---- A tile in the first cache. ------------------------------------------ */

enum { TILE_DEPTH = 64, TILE_TIMES = 2000 };

typedef struct tile_run {
  const firn_micro *micro;
  firn_tile tile;
} tile_run;

static void run_tile(void *ctx) {
  const tile_run *r = ctx;
  for (size_t i = 0; i < TILE_TIMES; i++)
    r->micro->tile[1][r->micro->mr - 1](&r->tile);
}

static void bench_tile(const firn_micro *micro) {
  const size_t mr = micro->mr, nr = micro->nr;
  const float *rows[FIRN_TILE_ROWS_MAX];
  float *a = numbers(mr * 80), *b = numbers(TILE_DEPTH * nr);
  float *c = numbers(mr * nr);
  for (size_t r = 0; r < mr; r++) rows[r] = a + r * 80;
  tile_run r = {micro,
                {.a = rows,
                 .taps = 1,
                 .depth = TILE_DEPTH,
                 .b = b,
                 .c = c,
                 .c_stride = nr,
                 .bias = b,
                 .min = -1,
                 .max = 1}};
  const timing t = measure(run_tile, &r, 0.5);
  const double flop = 2.0 * (double)(mr * nr * TILE_DEPTH) * TILE_TIMES;
  report("tile", micro->name, flop, t);
  tile_speed = flop / t.least * 1e-9;
  free(a);
  free(b);
  free(c);
}

/* ---- Convolutions. --------------------------------------------------------
 */

typedef struct layer {
  firn_conv_plan plan;
  const float *x;
  float *packed, *bias, *y;
  void *scratch;
} layer;

static const char *algo_name(firn_conv_algo algo) {
  static const char *const names[] = {"pointwise", "direct", "rows", "winograd",
                                      "depthwise"};
  return names[algo];
}

static double flop_of(const firn_conv_shape *s) {
  return 2.0 * (double)(s->batch * s->oh * s->ow * s->oc) *
         (double)(s->kh * s->kw * (s->ic / s->groups));
}

static void run_layer(void *ctx) {
  const layer *l = ctx;
  const firn_epilogue e = {.bias = l->bias, .min = 0, .max = INFINITY};
  firn_conv_run(&l->plan, l->x, l->packed, &e, l->y, l->plan.shape.oc,
                l->scratch, pool);
}

static layer new_layer(const firn_micro *micro, const firn_conv_shape *s,
                       bool exact) {
  layer l = {.plan = firn_conv_choose(s, micro, exact)};
  float *weights = numbers(s->kh * s->kw * s->ic / s->groups * s->oc);
  l.packed = numbers(firn_conv_pack_size(&l.plan) / sizeof(float));
  l.bias = numbers(s->oc);
  l.scratch =
      numbers(firn_conv_workspace(&l.plan, threads()) / sizeof(float) + 1);
  firn_conv_pack(&l.plan, weights, NULL, l.packed, NULL);
  free(weights);
  return l;
}

static void free_layer(layer *l) {
  free(l->packed);
  free(l->bias);
  free(l->scratch);
}

static void bench_conv(const firn_micro *micro, const char *name,
                       firn_conv_shape s) {
  for (int exact = 0; exact < 2; exact++) {
    layer l = new_layer(micro, &s, exact);
    if (exact && firn_conv_choose(&s, micro, false).algo == l.plan.algo) {
      free_layer(&l);
      continue;
    }
    float *x = numbers(s.batch * s.ih * s.iw * s.ic);
    l.x = x;
    l.y = numbers(s.batch * s.oh * s.ow * s.oc);
    report(name, algo_name(l.plan.algo), flop_of(&s),
           measure(run_layer, &l, 0.3));
    free(x);
    free(l.y);
    free_layer(&l);
  }
}

/* A shape with padding SAME, or VALID. */
static firn_conv_shape shape(size_t side, size_t ic, size_t oc, size_t kh,
                             size_t kw, size_t stride, bool same,
                             size_t groups) {
  firn_conv_shape s = {.batch = 1,
                       .ih = side,
                       .iw = side,
                       .ic = ic,
                       .oc = oc,
                       .kh = kh,
                       .kw = kw,
                       .stride_h = stride,
                       .stride_w = stride,
                       .dilation_h = 1,
                       .dilation_w = 1,
                       .groups = groups};
  s.oh = same ? (side + stride - 1) / stride : (side - kh) / stride + 1;
  s.ow = same ? (side + stride - 1) / stride : (side - kw) / stride + 1;
  if (same) {
    const size_t down = (s.oh - 1) * stride + kh;
    const size_t across = (s.ow - 1) * stride + kw;
    s.pad_top = down > side ? (down - side) / 2 : 0;
    s.pad_left = across > side ? (across - side) / 2 : 0;
  }
  return s;
}

static const struct named {
  const char *name;
  size_t side, ic, oc, kh, kw, stride;
  bool same;
  size_t groups;
} layers[] = {
    {"conv 299x3-32 3x3s2", 299, 3, 32, 3, 3, 2, false, 1},
    {"conv 147x32-64 3x3", 147, 32, 64, 3, 3, 1, true, 1},
    {"conv 35x64-96 3x3", 35, 64, 96, 3, 3, 1, true, 1},
    {"conv 17x192-192 1x7", 17, 192, 192, 1, 7, 1, true, 1},
    {"conv 8x1280-320 1x1", 8, 1280, 320, 1, 1, 1, true, 1},
    {"conv 56x64-64 3x3", 56, 64, 64, 3, 3, 1, true, 1},
    {"conv 56x64-256 1x1", 56, 64, 256, 1, 1, 1, true, 1},
    {"conv 28x128-128 3x3", 28, 128, 128, 3, 3, 1, true, 1},
    {"conv 14x256-256 3x3", 14, 256, 256, 3, 3, 1, true, 1},
    {"conv 14x1024-256 1x1", 14, 1024, 256, 1, 1, 1, true, 1},
    {"conv 7x512-512 3x3", 7, 512, 512, 3, 3, 1, true, 1},
    {"conv 7x512-2048 1x1", 7, 512, 2048, 1, 1, 1, true, 1},
    {"conv 224x3-64 7x7s2", 224, 3, 64, 7, 7, 2, true, 1},
    {"conv 149x32-32 3x3", 149, 32, 32, 3, 3, 1, false, 1},
    {"depthwise 112x32 s1", 112, 32, 32, 3, 3, 1, true, 32},
    {"depthwise 56x128 s2", 56, 128, 128, 3, 3, 2, true, 128},
    {"depthwise 14x512 s1", 14, 512, 512, 3, 3, 1, true, 512},
    {"depthwise 7x960 s1", 7, 960, 960, 3, 3, 1, true, 960},
    {"depthwise 28x240 5x5s1", 28, 240, 240, 5, 5, 1, true, 240},
};

/* ---- Whole nets. ----------------------------------------------------------
 */

typedef struct net {
  firn_conv_shape s[LAYERS_MOST];
  size_t count;
} net;

/* Adds a convolution and gives the side of its result. */
static size_t add(net *n, size_t side, size_t ic, size_t oc, size_t kh,
                  size_t kw, size_t stride, bool same) {
  n->s[n->count] = shape(side, ic, oc, kh, kw, stride, same, 1);
  return n->s[n->count++].oh;
}
static size_t add_depthwise(net *n, size_t side, size_t c, size_t stride) {
  n->s[n->count] = shape(side, c, c, 3, 3, stride, true, c);
  return n->s[n->count++].oh;
}

static void resnet50(net *n) {
  static const size_t blocks[] = {3, 4, 6, 3};
  add(n, 224, 3, 64, 7, 7, 2, true);
  size_t side = 56, ic = 64;
  for (size_t stage = 0, c = 64; stage < 4; stage++, c *= 2) {
    for (size_t b = 0; b < blocks[stage]; b++) {
      const size_t stride = b == 0 && stage > 0 ? 2 : 1;
      if (b == 0) add(n, side, ic, 4 * c, 1, 1, stride, true);
      side = add(n, side, ic, c, 1, 1, stride, true);
      add(n, side, c, c, 3, 3, 1, true);
      add(n, side, c, 4 * c, 1, 1, 1, true);
      ic = 4 * c;
    }
  }
}

static void mobilenet_v1(net *n) {
  static const size_t plan[][2] = {
      {64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1},  {512, 2}, {512, 1},
      {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}};
  size_t side = add(n, 224, 3, 32, 3, 3, 2, true), c = 32;
  for (size_t i = 0; i < FIRN_COUNT(plan); i++) {
    side = add_depthwise(n, side, c, plan[i][1]);
    add(n, side, c, plan[i][0], 1, 1, 1, true);
    c = plan[i][0];
  }
  add(n, 1, 1024, 1000, 1, 1, 1, true);
}

static void mobilenet_v2(net *n) {
  static const size_t plan[][4] = {/* expand, channels, times, stride */
                                   {1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2},
                                   {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2},
                                   {6, 320, 1, 1}};
  size_t side = add(n, 224, 3, 32, 3, 3, 2, true), c = 32;
  for (size_t i = 0; i < FIRN_COUNT(plan); i++) {
    for (size_t b = 0; b < plan[i][2]; b++) {
      const size_t wide = c * plan[i][0];
      if (wide > c) add(n, side, c, wide, 1, 1, 1, true);
      side = add_depthwise(n, side, wide, b == 0 ? plan[i][3] : 1);
      add(n, side, wide, plan[i][1], 1, 1, 1, true);
      c = plan[i][1];
    }
  }
  add(n, side, c, 1280, 1, 1, 1, true);
}

static void inception_35(net *n, size_t ic, size_t last) {
  add(n, 35, ic, 64, 1, 1, 1, true);
  add(n, 35, ic, 48, 1, 1, 1, true);
  add(n, 35, 48, 64, 5, 5, 1, true);
  add(n, 35, ic, 64, 1, 1, 1, true);
  add(n, 35, 64, 96, 3, 3, 1, true);
  add(n, 35, 96, 96, 3, 3, 1, true);
  add(n, 35, ic, last, 1, 1, 1, true);
}

static void inception_17(net *n, size_t c) {
  add(n, 17, 768, 192, 1, 1, 1, true);
  add(n, 17, 768, c, 1, 1, 1, true);
  add(n, 17, c, c, 1, 7, 1, true);
  add(n, 17, c, 192, 7, 1, 1, true);
  add(n, 17, 768, c, 1, 1, 1, true);
  for (size_t i = 0; i < 3; i++)
    add(n, 17, c, c, i % 2 ? 1 : 7, i % 2 ? 7 : 1, 1, true);
  add(n, 17, c, 192, 1, 7, 1, true);
  add(n, 17, 768, 192, 1, 1, 1, true);
}

static void inception_8(net *n, size_t ic) {
  add(n, 8, ic, 320, 1, 1, 1, true);
  add(n, 8, ic, 384, 1, 1, 1, true);
  add(n, 8, 384, 384, 1, 3, 1, true);
  add(n, 8, 384, 384, 3, 1, 1, true);
  add(n, 8, ic, 448, 1, 1, 1, true);
  add(n, 8, 448, 384, 3, 3, 1, true);
  add(n, 8, 384, 384, 1, 3, 1, true);
  add(n, 8, 384, 384, 3, 1, 1, true);
  add(n, 8, ic, 192, 1, 1, 1, true);
}

static void inception_v3(net *n) {
  add(n, 299, 3, 32, 3, 3, 2, false);
  add(n, 149, 32, 32, 3, 3, 1, false);
  add(n, 147, 32, 64, 3, 3, 1, true);
  add(n, 73, 64, 80, 1, 1, 1, false);
  add(n, 73, 80, 192, 3, 3, 1, false);
  inception_35(n, 192, 32);
  inception_35(n, 256, 64);
  inception_35(n, 288, 64);
  add(n, 35, 288, 384, 3, 3, 2, false);
  add(n, 35, 288, 64, 1, 1, 1, true);
  add(n, 35, 64, 96, 3, 3, 1, true);
  add(n, 35, 96, 96, 3, 3, 2, false);
  inception_17(n, 128);
  inception_17(n, 160);
  inception_17(n, 160);
  inception_17(n, 192);
  add(n, 17, 768, 192, 1, 1, 1, true);
  add(n, 17, 192, 320, 3, 3, 2, false);
  add(n, 17, 768, 192, 1, 1, 1, true);
  add(n, 17, 192, 192, 1, 7, 1, true);
  add(n, 17, 192, 192, 7, 1, 1, true);
  add(n, 17, 192, 192, 3, 3, 2, false);
  inception_8(n, 1280);
  inception_8(n, 2048);
}

typedef struct net_run {
  layer l[LAYERS_MOST];
  size_t count;
} net_run;

static void run_net(void *ctx) {
  net_run *r = ctx;
  for (size_t i = 0; i < r->count; i++) run_layer(&r->l[i]);
}

static void bench_net(const firn_micro *micro, const char *name,
                      void (*make)(net *), bool exact) {
  static net n;
  static net_run r;
  size_t most = 0;
  double flop = 0;
  n.count = 0;
  make(&n);
  for (size_t i = 0; i < n.count; i++) {
    const firn_conv_shape *s = &n.s[i];
    most = firn_max_size(most, s->ih * s->iw * s->ic);
    most = firn_max_size(most, s->oh * s->ow * s->oc);
    flop += flop_of(s);
  }
  float *buffer[2] = {numbers(most), numbers(most)};
  for (r.count = 0; r.count < n.count; r.count++) {
    r.l[r.count] = new_layer(micro, &n.s[r.count], exact);
    r.l[r.count].x = buffer[r.count % 2];
    r.l[r.count].y = buffer[(r.count + 1) % 2];
  }
  report(name, exact ? "exact" : "fast", flop, measure(run_net, &r, 3));
  for (size_t i = 0; i < r.count; i++) free_layer(&r.l[i]);
  free(buffer[0]);
  free(buffer[1]);
}

/* ---- Products. ------------------------------------------------------------
 */

typedef struct product {
  const firn_micro *micro;
  size_t m, k, n;
  bool transposed;
  float *a, *b, *packed, *y;
  void *scratch;
} product;

static void run_packed(void *ctx) {
  const product *p = ctx;
  const firn_epilogue e = {.min = -INFINITY, .max = INFINITY};
  firn_matmul_run(p->micro, p->m, p->k, p->n, (firn_matrix){p->a, p->k, false},
                  p->packed, &e, p->y, p->n, NULL, pool);
}

static firn_matmul_batches batches_of(const product *p) {
  return (firn_matmul_batches){
      .count = 1,
      .m = p->m,
      .k = p->k,
      .n = p->n,
      .a = {p->a, p->k, false},
      .b = {p->b, p->transposed ? p->k : p->n, p->transposed},
      .y = p->y,
      .y_stride = p->n};
}

static void run_plain(void *ctx) {
  const product *p = ctx;
  const firn_matmul_batches b = batches_of(p);
  firn_matmul_batch(p->micro, &b, p->scratch, pool);
}

static void bench_product(const firn_micro *micro, const char *name,
                          const size_t mkn[3]) {
  product p = {.micro = micro, .m = mkn[0], .k = mkn[1], .n = mkn[2]};
  const double flop = 2.0 * (double)(p.m * p.k) * (double)p.n;
  p.a = numbers(p.m * p.k);
  p.b = numbers(p.k * p.n);
  p.y = numbers(p.m * p.n);
  p.packed = numbers(firn_matmul_pack_size(micro, p.k, p.n) / sizeof(float));
  firn_matmul_pack(micro, (firn_matrix){p.b, p.n, false}, p.k, p.n, NULL,
                   p.packed);
  report(name, "packed", flop, measure(run_packed, &p, 0.3));
  const firn_matmul_batches b = batches_of(&p);
  p.scratch =
      numbers(firn_matmul_batch_workspace(micro, &b, threads()) / 4 + 1);
  report(name, "plain", flop, measure(run_plain, &p, 0.3));
  p.transposed = true;
  report(name, "plain transposed", flop, measure(run_plain, &p, 0.3));
  free(p.a);
  free(p.b);
  free(p.y);
  free(p.packed);
  free(p.scratch);
}

static const struct {
  const char *name;
  size_t mkn[3];
} products[] = {
    {"matmul 1x784x10", {1, 784, 10}},
    {"matmul 64x784x10", {64, 784, 10}},
    {"matmul 128x64x128", {128, 64, 128}},
    {"matmul 128x128x64", {128, 128, 64}},
    {"matmul 128x768x768", {128, 768, 768}},
    {"matmul 128x768x3072", {128, 768, 3072}},
    {"matmul 128x3072x768", {128, 3072, 768}},
    {"matmul 1024x1024x1024", {1024, 1024, 1024}},
    {"matmul 1x2048x1000", {1, 2048, 1000}},
    {"matmul 4x1024x1024", {4, 1024, 1024}},
};

/* ---- Elementwise. ---------------------------------------------------------
 */

enum { ELEMENTS = 4096, ELEMENT_TIMES = 200 };

typedef struct unary_run {
  void (*f)(const float *x, float *y, size_t n);
  float *x, *y;
} unary_run;

static void run_unary(void *ctx) {
  const unary_run *r = ctx;
  for (size_t i = 0; i < ELEMENT_TIMES; i++) r->f(r->x, r->y, ELEMENTS);
}

static void bench_unary(const firn_micro *micro, const char *name,
                        firn_unary f) {
  unary_run r = {micro->unary[f], numbers(ELEMENTS), numbers(ELEMENTS)};
  const timing t = measure(run_unary, &r, 0.1);
  printf("{\"name\":\"%s\",\"ns_per_number\":%.3f}\n", name,
         t.median * 1e9 / (ELEMENTS * ELEMENT_TIMES));
  free(r.x);
  free(r.y);
}

static bool wanted(const char *name, char **words) {
  if (!words || !*words) return true;
  for (; *words; words++)
    if (strstr(name, *words)) return true;
  return false;
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*make)(net *);
  } nets[] = {{"net inception_v3", inception_v3},
              {"net resnet50", resnet50},
              {"net mobilenet_v1", mobilenet_v1},
              {"net mobilenet_v2", mobilenet_v2}};
  const firn_micro *micro = firn_micro_pick(firn_cpu_features());
  for (size_t i = 0; argc > 1 && firn_micro_at(i); i++)
    if (strcmp(firn_micro_at(i)->name, argv[1]) == 0) micro = firn_micro_at(i);
  if (argc > 2 && firn_pool_new(atoi(argv[2]), NULL, &pool, NULL) != FIRN_OK)
    return 1;
  char **words = argc > 3 ? argv + 3 : NULL;

  bench_tile(micro);
  for (const struct named *l = layers; l < layers + FIRN_COUNT(layers); l++)
    if (wanted(l->name, words))
      bench_conv(micro, l->name,
                 shape(l->side, l->ic, l->oc, l->kh, l->kw, l->stride, l->same,
                       l->groups));
  for (size_t i = 0; i < FIRN_COUNT(products); i++)
    if (wanted(products[i].name, words))
      bench_product(micro, products[i].name, products[i].mkn);
  if (wanted("unary exp", words)) bench_unary(micro, "unary exp", FIRN_EXP);
  if (wanted("unary log", words)) bench_unary(micro, "unary log", FIRN_LOG);
  if (wanted("unary tanh", words)) bench_unary(micro, "unary tanh", FIRN_TANH);
  if (wanted("unary erf", words)) bench_unary(micro, "unary erf", FIRN_ERF);
  if (wanted("unary sigmoid", words))
    bench_unary(micro, "unary sigmoid", FIRN_SIGMOID);
  for (size_t i = 0; i < FIRN_COUNT(nets); i++) {
    if (!wanted(nets[i].name, words)) continue;
    bench_net(micro, nets[i].name, nets[i].make, false);
    bench_net(micro, nets[i].name, nets[i].make, true);
  }
  firn_pool_free(pool);
  return 0;
}
