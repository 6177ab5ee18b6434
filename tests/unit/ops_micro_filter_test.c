/* What the filter's gradient by Winograd's algorithm promises: on every list of
 * inner loops that this CPU can run, the sum a plain loop in double gives, and
 * the same bits on any number of threads. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/cpu.h"
#include "ops/micro/conv.h"
#include "support/op_case.h"

static float *numbers(size_t n) {
  float *p = aligned_alloc(64, (n * sizeof *p + 127) / 64 * 64);
  CHECK(p != NULL);
  for (size_t i = 0; i < n; i++) p[i] = test_uniform();
  return p;
}

/* The defining sum over all output pixels, and the sum of its terms' sizes. */
static double reference(const firn_conv_shape *s, const float *x,
                        const float *dy, size_t at, double *size) {
  const size_t o = at % s->oc, i = at / s->oc % s->ic;
  const size_t tap = at / s->oc / s->ic, ky = tap / 3, kx = tap % 3;
  double sum = 0;
  *size = 1;
  for (size_t row = 0; row < s->batch * s->oh * s->ow; row++) {
    const size_t iy = row / s->ow % s->oh + ky - s->pad_top;
    const size_t ix = row % s->ow + kx - s->pad_left;
    if (iy >= s->ih || ix >= s->iw) continue;
    const size_t pixel = (row / s->ow / s->oh * s->ih + iy) * s->iw + ix;
    const double term =
        (double)x[pixel * s->ic + i] * (double)dy[row * s->oc + o];
    sum += term;
    *size += fabs(term);
  }
  return sum;
}

static void check_filter(const firn_conv_shape *s, const firn_micro *micro) {
  firn_error err;
  const size_t count = 9 * s->ic * s->oc;
  float *x = numbers(s->batch * s->ih * s->iw * s->ic);
  float *dy = numbers(s->batch * s->oh * s->ow * s->oc);
  float *dw[3];
  for (int t = 0; t < 3; t++) {
    firn_pool *pool;
    CHECK_OK(firn_pool_new(t + 1, NULL, &pool, &err), &err);
    float *scratch =
        numbers(firn_conv_filter_workspace(s, micro) / sizeof(float));
    dw[t] = numbers(count);
    firn_conv_filter_run(s, micro, x, dy, dw[t], scratch, pool);
    CHECK(memcmp(dw[t], dw[0], count * sizeof(float)) == 0);
    free(scratch);
    firn_pool_free(pool);
  }
  for (size_t i = 0; i < count; i++) {
    double size;
    if (count > 500 && test_random((uint32_t)(count / 500))) continue;
    const double want = reference(s, x, dy, i, &size);
    CHECK(fabs((double)dw[0][i] - want) <= 1e-5 * size);
  }
  for (int t = 0; t < 3; t++) free(dw[t]);
  free(dy);
  free(x);
}

TEST_FN(filters_get_the_plain_sum) {
  /* Batch, input, output, taps, strides, dilations, pads, groups. */
  static const firn_conv_shape shapes[] = {
      {1, 24, 24, 16, 24, 24, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1},
      {2, 21, 19, 17, 19, 17, 50, 3, 3, 1, 1, 1, 1, 0, 0, 1},
      {5, 9, 10, 33, 10, 10, 19, 3, 3, 1, 1, 1, 1, 2, 1, 1},
      {40, 4, 3, 40, 2, 1, 70, 3, 3, 1, 1, 1, 1, 0, 0, 1},
  };
  const uint32_t cpu = firn_cpu_features();
  const firn_micro *micro;
  for (size_t l = 0; (micro = firn_micro_at(l)); l++)
    for (size_t i = 0; !(micro->needs & ~cpu) && i < FIRN_COUNT(shapes); i++)
      check_filter(&shapes[i], micro);
}

TEST_FN(little_work_does_not_pay) {
  firn_conv_shape s = {7, 20, 20, 48, 20, 20, 48, 3, 3, 1, 1, 1, 1, 1, 1, 1};
  CHECK(!firn_conv_filter_pays(&s));
  s.batch = 10;
  CHECK(firn_conv_filter_pays(&s));
  s.kw = 2;
  CHECK(!firn_conv_filter_pays(&s));
  const firn_conv_shape few = {1, 8, 8, 512, 8, 8, 512, 3,
                               3, 1, 1, 1,   1, 1, 1,   1};
  CHECK(!firn_conv_filter_pays(&few));
}

/* A layer as large as this goes by Winograd's algorithm unless it must be
 * exact, through the op as well. */
TEST_FN(large_layers_agree_with_the_exact_sum) {
  op_rig rig[2];
  for (int exact = 0; exact < 2; exact++) {
    op_open(&rig[exact],
            "Conv2DBackpropFilter T=float strides=[1,1,1,1] padding='SAME'",
            (const char *const[]){"float[1,88,90,32] 0", "int32[4] 3 3 32 32",
                                  "float[1,88,90,32] 0", NULL});
    rig[exact].env.exact = exact;
    test_seed(7);
    for (size_t i = 0; i < 3; i += 2)
      for (size_t k = 0; k < rig[exact].in[i]->count; k++)
        ((float *)rig[exact].in[i]->data)[k] = test_uniform();
    op_run(&rig[exact], firn_cpu_features());
    CHECK_OK(rig[exact].code, &rig[exact].err);
  }
  const float *fast = rig[0].out[0]->data, *plain = rig[1].out[0]->data;
  const size_t count = rig[0].out[0]->count;
  CHECK(count == 9 * 32 * 32);
  for (size_t i = 0; i < count; i++)
    CHECK(fabsf(fast[i] - plain[i]) <= 1e-5f * 88 * 90);
  CHECK(memcmp(fast, plain, count * sizeof *fast) != 0);
  op_close(&rig[0]);
  op_close(&rig[1]);
}

SUITE(ops_micro_filter, TEST(filters_get_the_plain_sum),
      TEST(little_work_does_not_pay),
      TEST(large_layers_agree_with_the_exact_sum));
