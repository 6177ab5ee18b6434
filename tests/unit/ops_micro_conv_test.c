/* What the convolutions promise: on every list of inner loops that this CPU can
 * run, the sum a plain loop in double gives, for any shape, and the same bits
 * on any number of threads. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/cpu.h"
#include "ops/micro/conv.h"
#include "support/test.h"

enum { SLACK = 5 }; /* floats beyond oc in a row of y */

static size_t pick(size_t least, size_t most) {
  return least + test_random((uint32_t)(most - least + 1));
}

static float *numbers(size_t n) {
  float *p = aligned_alloc(64, (n * sizeof *p + 127) / 64 * 64);
  CHECK(p != NULL);
  for (size_t i = 0; i < n; i++) p[i] = test_uniform();
  return p;
}

typedef struct problem {
  firn_conv_shape s;
  float *x, *w, *scale, *bias, *residual;
  firn_epilogue e;
} problem;

/* The defining sum, and the sum of its terms' sizes, which bounds the error. */
static double reference(const problem *p, size_t row, size_t o, double *size) {
  const firn_conv_shape *s = &p->s;
  const size_t n = row / s->ow / s->oh, oy = row / s->ow % s->oh,
               ox = row % s->ow, ics = s->ic / s->groups;
  const size_t first = o / (s->oc / s->groups) * ics;
  double sum = 0, bound = 0;
  for (size_t ky = 0; ky < s->kh; ky++)
    for (size_t kx = 0; kx < s->kw; kx++)
      for (size_t i = 0; i < ics; i++) {
        const size_t iy = oy * s->stride_h + ky * s->dilation_h - s->pad_top;
        const size_t ix = ox * s->stride_w + kx * s->dilation_w - s->pad_left;
        if (iy >= s->ih || ix >= s->iw) continue;
        const size_t at = ((n * s->ih + iy) * s->iw + ix) * s->ic + first + i;
        const size_t tap = (ky * s->kw + kx) * ics + i;
        const double term = (double)p->x[at] * (double)p->w[tap * s->oc + o];
        sum += term;
        bound += fabs(term);
      }
  if (p->scale) sum *= (double)p->scale[o];
  if (p->e.bias) sum += (double)p->e.bias[o];
  if (p->e.residual)
    sum += (double)p->e.residual[row * p->e.residual_stride + o];
  *size = bound + 1;
  return fmin(fmax(sum, (double)p->e.min), (double)p->e.max);
}

static problem new_problem(firn_conv_shape s) {
  static const float bounds[][2] = {
      {-INFINITY, INFINITY}, {0, INFINITY}, {0, 6}, {-0.25f, 0.5f}};
  problem p = {.s = s};
  const size_t rows = s.batch * s.oh * s.ow, b = test_random(4);
  p.x = numbers(s.batch * s.ih * s.iw * s.ic);
  p.w = numbers(s.kh * s.kw * (s.ic / s.groups) * s.oc);
  p.scale = test_random(2) ? numbers(s.oc) : NULL;
  p.bias = test_random(2) ? numbers(s.oc) : NULL;
  p.residual = test_random(2) ? numbers(rows * (s.oc + 3)) : NULL;
  p.e =
      (firn_epilogue){p.bias, p.residual, s.oc + 3, bounds[b][0], bounds[b][1]};
  return p;
}

static void free_problem(problem *p) {
  free(p->x);
  free(p->w);
  free(p->scale);
  free(p->bias);
  free(p->residual);
}

static void describe(const firn_conv_plan *plan) {
  const firn_conv_shape *s = &plan->shape;
  printf(
      "%s algo %d: %zu x %zux%zux%zu -> %zux%zux%zu, window %zux%zu, stride "
      "%zux%zu, dilation %zux%zu, pad %zu %zu, groups %zu\n",
      plan->micro->name, (int)plan->algo, s->batch, s->ih, s->iw, s->ic, s->oh,
      s->ow, s->oc, s->kh, s->kw, s->stride_h, s->stride_w, s->dilation_h,
      s->dilation_w, s->pad_top, s->pad_left, s->groups);
}

/* The result is right, and nothing but the result was written. */
static void check_result(const firn_conv_plan *plan, const problem *p,
                         const float *y, const float *before) {
  const firn_conv_shape *s = &p->s;
  const double epsilon = plan->algo == FIRN_CONV_WINOGRAD ? 4e-5 : 2e-6;
  const size_t stride = s->oc + SLACK, rows = s->batch * s->oh * s->ow;
  for (size_t i = 0; i < rows * stride; i++) {
    if (i % stride >= s->oc) {
      if (y[i] != before[i]) describe(plan);
      CHECK(y[i] == before[i]);
      continue;
    }
    if (rows * s->oc > 20000 && test_random(8)) continue;
    double size;
    const double want = reference(p, i / stride, i % stride, &size);
    if (!(fabs((double)y[i] - want) <= epsilon * size)) {
      describe(plan);
      printf("row %zu channel %zu: have %.9g, want %.9g\n", i / stride,
             i % stride, (double)y[i], want);
    }
    CHECK(fabs((double)y[i] - want) <= epsilon * size);
  }
}

static void check_conv(firn_conv_shape s, const firn_micro *micro, bool exact,
                       firn_pool *const pools[3]) {
  problem p = new_problem(s);
  const firn_conv_plan plan = firn_conv_choose(&s, micro, exact);
  const size_t count = s.batch * s.oh * s.ow * (s.oc + SLACK);
  const size_t pack_size = firn_conv_pack_size(&plan);
  float *packed = numbers(pack_size / sizeof(float));
  float *shared = numbers(pack_size / sizeof(float));
  float *y[3], *before = numbers(count);
  /* A filter in a mapped file lies at any address. */
  const size_t filter = s.kh * s.kw * (s.ic / s.groups) * s.oc * sizeof(float);
  char *loose = malloc(filter + 1);
  CHECK(loose != NULL);
  memcpy(loose + 1, p.w, filter);
  firn_conv_pack(&plan, (const float *)(loose + 1), p.scale, packed, NULL);
  firn_conv_pack(&plan, (const float *)(loose + 1), p.scale, shared, pools[2]);
  CHECK(memcmp(packed, shared, pack_size) == 0);
  free(shared);
  free(loose);
  for (int t = 0; t < 3; t++) {
    float *scratch = numbers(firn_conv_workspace(&plan, t + 1) / sizeof(float));
    y[t] = numbers(count);
    memcpy(y[t], before, count * sizeof(float));
    firn_conv_run(&plan, p.x, packed, &p.e, y[t], s.oc + SLACK, scratch,
                  pools[t]);
    if (memcmp(y[t], y[0], count * sizeof(float)) != 0) describe(&plan);
    CHECK(memcmp(y[t], y[0], count * sizeof(float)) == 0);
    free(scratch);
  }
  check_result(&plan, &p, y[0], before);
  for (int t = 0; t < 3; t++) free(y[t]);
  free(before);
  free(packed);
  free_problem(&p);
}

static void new_pools(firn_pool *pools[3]) {
  firn_error err;
  for (int t = 0; t < 3; t++)
    CHECK_OK(firn_pool_new(t + 1, NULL, &pools[t], &err), &err);
}
static void free_pools(firn_pool *pools[3]) {
  for (int t = 0; t < 3; t++) firn_pool_free(pools[t]);
}

/* Outputs as many as fit, or a few less; pads of any size below the window. */
static void fit(firn_conv_shape *s, bool pads) {
  const size_t high = (s->kh - 1) * s->dilation_h + 1;
  const size_t wide = (s->kw - 1) * s->dilation_w + 1;
  if (s->ih < high) s->ih = high;
  if (s->iw < wide) s->iw = wide;
  s->pad_top = pads ? test_random((uint32_t)high) : 0;
  s->pad_left = pads ? test_random((uint32_t)wide) : 0;
  const size_t below = pads ? test_random((uint32_t)high) : 0;
  const size_t right = pads ? test_random((uint32_t)wide) : 0;
  s->oh = (s->ih + s->pad_top + below - high) / s->stride_h + 1;
  s->ow = (s->iw + s->pad_left + right - wide) / s->stride_w + 1;
}

static firn_conv_shape random_shape(void) {
  firn_conv_shape s = {.groups = 1};
  s.batch = pick(1, 3);
  s.ih = pick(1, 14);
  s.iw = pick(1, 14);
  s.kh = pick(1, 5);
  s.kw = pick(1, 5);
  s.stride_h = pick(1, 3);
  s.stride_w = pick(1, 3);
  s.dilation_h = test_random(3) ? 1 : pick(1, 3);
  s.dilation_w = test_random(3) ? 1 : pick(1, 3);
  s.ic = pick(1, 20);
  s.oc = pick(1, 70);
  return s;
}

static void on_each_list(firn_conv_shape s, firn_pool *const pools[3]) {
  const firn_micro *micro;
  for (size_t i = 0; (micro = firn_micro_at(i)); i++) {
    if (micro->needs & ~firn_cpu_features()) continue;
    check_conv(s, micro, false, pools);
    check_conv(s, micro, true, pools);
  }
}

TEST_FN(any_window) {
  firn_pool *pools[3];
  new_pools(pools);
  for (uint64_t seed = 1; seed <= 60; seed++) {
    test_seed(seed);
    firn_conv_shape s = random_shape();
    fit(&s, test_random(3) > 0);
    on_each_list(s, pools);
  }
  free_pools(pools);
}

TEST_FN(pointwise) {
  firn_pool *pools[3];
  new_pools(pools);
  for (uint64_t seed = 1; seed <= 20; seed++) {
    test_seed(seed);
    firn_conv_shape s = random_shape();
    s.kh = s.kw = s.stride_h = s.stride_w = 1;
    s.ic = pick(1, 700);
    s.ih = pick(1, 30);
    fit(&s, false);
    on_each_list(s, pools);
  }
  free_pools(pools);
}

TEST_FN(deep_windows_are_cut) {
  firn_pool *pools[3];
  new_pools(pools);
  for (uint64_t seed = 1; seed <= 6; seed++) {
    test_seed(seed);
    firn_conv_shape s = random_shape();
    s.ic = pick(100, 600);
    s.oc = pick(60, 100);
    s.kh = s.kw = 3;
    fit(&s, true);
    on_each_list(s, pools);
  }
  free_pools(pools);
}

TEST_FN(winograd) {
  firn_pool *pools[3];
  const firn_micro *micro = firn_micro_at(0);
  new_pools(pools);
  for (uint64_t seed = 1; seed <= 12; seed++) {
    test_seed(seed);
    firn_conv_shape s = {.batch = pick(1, 3),
                         .ih = pick(10, 40),
                         .iw = pick(10, 40),
                         .kh = 3,
                         .kw = 3,
                         .stride_h = 1,
                         .stride_w = 1,
                         .dilation_h = 1,
                         .dilation_w = 1,
                         .ic = pick(32, 70),
                         .oc = pick(32, 70),
                         .groups = 1};
    fit(&s, true);
    CHECK_EQ(firn_conv_choose(&s, micro, false).algo, FIRN_CONV_WINOGRAD);
    CHECK_EQ(firn_conv_choose(&s, micro, true).algo, FIRN_CONV_DIRECT);
    on_each_list(s, pools);
  }
  free_pools(pools);
}

TEST_FN(depthwise) {
  firn_pool *pools[3];
  new_pools(pools);
  for (uint64_t seed = 1; seed <= 60; seed++) {
    test_seed(seed);
    firn_conv_shape s = random_shape();
    if (test_random(2)) s.kh = s.kw = test_random(2) ? 3 : 5;
    if (test_random(2)) s.stride_w = 1 + (s.dilation_w = 1) - test_random(2);
    s.iw = pick(1, 40);
    s.ic = pick(2, 70);
    s.oc = s.ic * (test_random(3) ? 1 : pick(1, 3));
    s.groups = s.ic;
    fit(&s, test_random(3) > 0);
    CHECK_EQ(firn_conv_choose(&s, firn_micro_at(0), true).algo,
             FIRN_CONV_DEPTHWISE);
    on_each_list(s, pools);
  }
  free_pools(pools);
}

TEST_FN(groups) {
  firn_pool *pools[3];
  new_pools(pools);
  for (uint64_t seed = 1; seed <= 15; seed++) {
    test_seed(seed);
    firn_conv_shape s = random_shape();
    s.groups = pick(2, 4);
    s.ic = s.groups * pick(2, 20);
    s.oc = s.groups * pick(1, 40);
    fit(&s, true);
    on_each_list(s, pools);
  }
  free_pools(pools);
}

TEST_FN(windows_of_many_taps) {
  firn_pool *pools[3];
  new_pools(pools);
  test_seed(7);
  firn_conv_shape s = {.batch = 1,
                       .ih = 30,
                       .iw = 35,
                       .kh = 20,
                       .kw = 30,
                       .stride_h = 1,
                       .stride_w = 1,
                       .dilation_h = 1,
                       .dilation_w = 1,
                       .ic = 9,
                       .oc = 9,
                       .groups = 1};
  fit(&s, false);
  on_each_list(s, pools);
  s.groups = 9; /* no window that depthwise knows */
  on_each_list(s, pools);
  free_pools(pools);
}

/* The residual may lie where the result goes. */
TEST_FN(residual_in_place) {
  const firn_micro *micro = firn_micro_pick(firn_cpu_features());
  for (uint64_t seed = 1; seed <= 12; seed++) {
    test_seed(seed);
    firn_conv_shape s = random_shape();
    if (seed % 3 == 0) s.oc = s.groups = s.ic = pick(2, 40);
    if (seed % 3 == 1) {
      s.ih = s.iw = pick(12, 30);
      s.kh = s.kw = 3;
      s.ic = s.oc = pick(32, 64);
      s.stride_h = s.stride_w = s.dilation_h = s.dilation_w = 1;
    }
    fit(&s, true);
    problem p = new_problem(s);
    const firn_conv_plan plan = firn_conv_choose(&s, micro, false);
    const size_t count = s.batch * s.oh * s.ow * (s.oc + SLACK);
    float *packed = numbers(firn_conv_pack_size(&plan) / sizeof(float));
    float *scratch = numbers(firn_conv_workspace(&plan, 1) / sizeof(float));
    float *y = numbers(count), *before = numbers(count);
    memcpy(before, y, count * sizeof *y);
    firn_conv_pack(&plan, p.w, p.scale, packed, NULL);
    p.e.residual = y;
    p.e.residual_stride = s.oc + SLACK;
    firn_conv_run(&plan, p.x, packed, &p.e, y, s.oc + SLACK, scratch, NULL);
    p.e.residual = before;
    check_result(&plan, &p, y, before);
    free(y);
    free(before);
    free(packed);
    free(scratch);
    free_problem(&p);
  }
}

TEST_FN(shapes_choose_the_algorithm) {
  const firn_micro *micro = firn_micro_at(0);
  firn_conv_shape s = {.batch = 1,
                       .ih = 224,
                       .iw = 224,
                       .ic = 3,
                       .oh = 112,
                       .ow = 112,
                       .oc = 64,
                       .kh = 7,
                       .kw = 7,
                       .stride_h = 2,
                       .stride_w = 2,
                       .dilation_h = 1,
                       .dilation_w = 1,
                       .pad_top = 2,
                       .pad_left = 2,
                       .groups = 1};
  CHECK_EQ(firn_conv_choose(&s, micro, false).algo, FIRN_CONV_ROWS);
  s.dilation_w = 2;
  CHECK_EQ(firn_conv_choose(&s, micro, false).algo, FIRN_CONV_DIRECT);
  CHECK_EQ(firn_conv_choose(&s, micro, false).packing, FIRN_PACKING_PANELS);
  s = (firn_conv_shape){1, 7, 7, 512, 7, 7, 100, 1, 1, 1, 1, 1, 1, 0, 0, 1};
  CHECK_EQ(firn_conv_choose(&s, micro, false).algo, FIRN_CONV_POINTWISE);
}

SUITE(ops_micro_conv, TEST(any_window), TEST(pointwise),
      TEST(deep_windows_are_cut), TEST(winograd), TEST(depthwise), TEST(groups),
      TEST(windows_of_many_taps), TEST(residual_in_place),
      TEST(shapes_choose_the_algorithm));
