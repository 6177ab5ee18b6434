/* What the row functions promise, on every list of inner loops that this CPU
 * can run: functions within a few units of the last place of the C library's
 * doubles, over all floats; NaN, infinities and zeros as TensorFlow has them;
 * sums and windows as plain loops in double give them. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/cpu.h"
#include "ops/micro/conv.h"
#include "support/test.h"

static const firn_micro *list_at(size_t i) {
  const firn_micro *micro = firn_micro_at(i);
  return micro && micro->needs & ~firn_cpu_features() ? list_at(i + 1) : micro;
}

static float from_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* The distance in units of the last place of `want` as a float. */
static double ulps(float have, double want) {
  const float near = (float)want;
  if (isnan(near)) return isnan(have) ? 0 : 1e9;
  if (isinf(near)) return have == near ? 0 : 1e9;
  const double unit =
      fmax((double)(nextafterf(fabsf(near), INFINITY) - fabsf(near)), 0x1p-149);
  return fabs((double)have - want) / unit;
}

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double square(double x) { return x * x; }
static double negate(double x) { return -x; }
static double rsqrt(double x) { return 1 / sqrt(x); }
static double relu(double x) { return x > 0 || isnan(x) ? x : 0; }
static double relu6(double x) { return x > 6 ? 6 : relu(x); }

/* Every 4099th float, which meets all exponents of both signs. */
TEST_FN(functions_over_all_floats) {
  enum { STEP = 4099, CHUNK = 1 << 12 };
  static const struct {
    const char *name;
    firn_unary f;
    double (*want)(double);
    double ulps;
  } rows[] =
      {
          {"relu", FIRN_RELU, relu, 0},
          {"relu6", FIRN_RELU6, relu6, 0},
          {"neg", FIRN_NEG, negate, 0},
          {"abs", FIRN_ABS, fabs, 0},
          {"square", FIRN_SQUARE, square, 0.5},
          {"sqrt", FIRN_SQRT, sqrt, 0.5},
          {"rsqrt", FIRN_RSQRT, rsqrt, 1.5},
          {"exp", FIRN_EXP, exp, 1},
          {"log", FIRN_LOG, log, 1},
          {"tanh", FIRN_TANH, tanh, 1.5},
          {"sigmoid", FIRN_SIGMOID, sigmoid, 2.5},
          {"erf", FIRN_ERF, erf, 1.5},
      },
    *row;
  static float x[CHUNK], y[CHUNK];
  const firn_micro *micro;
  for (size_t i = 0; (micro = list_at(i)); i++) {
    EACH (row, rows) {
      double worst = 0;
      float worst_x = 0;
      uint64_t bits = 0;
      while (bits >> 32 == 0) {
        size_t n = 0;
        for (; n < CHUNK && bits >> 32 == 0; n++, bits += STEP)
          x[n] = from_bits((uint32_t)bits);
        micro->unary[row->f](x, y, n);
        for (size_t j = 0; j < n; j++) {
          const double off = ulps(y[j], row->want((double)x[j]));
          if (off <= worst) continue;
          worst = off;
          worst_x = x[j];
        }
      }
      if (worst > row->ulps)
        printf("%s %s: %.3f ulp at %a\n", micro->name, row->name, worst,
               (double)worst_x);
      CHECK(worst <= row->ulps);
    }
  }
}

/* Dense where the functions are used most. */
TEST_FN(functions_near_one) {
  enum { N = 200000 };
  static float x[N], y[N];
  static const struct {
    const char *name;
    firn_unary f;
    double (*want)(double);
    float low, high;
    double ulps;
  } rows[] =
      {
          {"exp", FIRN_EXP, exp, -104, 89, 1},
          {"log", FIRN_LOG, log, 0.4f, 2.5f, 1},
          {"tanh", FIRN_TANH, tanh, -10, 10, 1.5},
          {"sigmoid", FIRN_SIGMOID, sigmoid, -100, 40, 2.5},
          {"erf", FIRN_ERF, erf, -4.5f, 4.5f, 1.5},
      },
    *row;
  const firn_micro *micro;
  for (size_t i = 0; (micro = list_at(i)); i++) {
    EACH (row, rows) {
      double worst = 0;
      for (size_t j = 0; j < N; j++)
        x[j] = row->low + (row->high - row->low) * (float)j / N;
      micro->unary[row->f](x, y, N);
      for (size_t j = 0; j < N; j++)
        worst = fmax(worst, ulps(y[j], row->want((double)x[j])));
      if (worst > row->ulps)
        printf("%s %s: %.3f ulp\n", micro->name, row->name, worst);
      CHECK(worst <= row->ulps);
    }
  }
}

TEST_FN(signs_of_zero) {
  const firn_micro *micro;
  for (size_t i = 0; (micro = list_at(i)); i++) {
    float x[1] = {-0.0f}, y[1];
    micro->unary[FIRN_TANH](x, y, 1);
    CHECK(signbit(y[0]));
    micro->unary[FIRN_ERF](x, y, 1);
    CHECK(signbit(y[0]));
    micro->unary[FIRN_RELU](x, y, 1);
    CHECK(!signbit(y[0]));
    micro->unary[FIRN_LOG](x, y, 1);
    CHECK(y[0] == -INFINITY);
  }
}

/* ---- Pairs. ---------------------------------------------------------------
 */

static float plain(firn_binary op, float a, float b) {
  switch (op) {
    case FIRN_ADD: return a + b;
    case FIRN_SUB: return a - b;
    case FIRN_MUL: return a * b;
    case FIRN_DIV: return a / b;
    case FIRN_MAX: return isnan(a) || isnan(b) ? NAN : b > a ? b : a;
    case FIRN_MIN: return isnan(a) || isnan(b) ? NAN : b < a ? b : a;
    default: return 0;
  }
}

static bool same(float a, float b) {
  return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b));
}

static float odd_number(void) {
  static const float odd[] = {NAN, INFINITY, -INFINITY, 0.0f, -0.0f, 1e-41f};
  return test_random(4) ? test_uniform() : odd[test_random(FIRN_COUNT(odd))];
}

TEST_FN(pairs) {
  enum { MOST = 70 };
  const firn_micro *micro;
  test_seed(1);
  for (size_t i = 0; (micro = list_at(i)); i++) {
    for (size_t n = 0; n < MOST; n++) {
      for (firn_binary op = 0; op < FIRN_BINARY_COUNT; op++) {
        for (firn_form form = 0; form < FIRN_FORM_COUNT; form++) {
          float a[MOST], b[MOST], y[MOST + 1], *out = y;
          for (size_t j = 0; j < MOST; j++) {
            a[j] = odd_number();
            b[j] = odd_number();
            y[j] = a[j];
          }
          y[n] = 42;
          const bool in_place = form != FIRN_LEFT_SCALAR && test_random(2);
          micro->binary[op][form](in_place ? y : a, b, out, n);
          for (size_t j = 0; j < n; j++)
            CHECK(same(y[j], plain(op, form == FIRN_LEFT_SCALAR ? a[0] : a[j],
                                   form == FIRN_RIGHT_SCALAR ? b[0] : b[j])));
          CHECK(y[n] == 42);
        }
      }
    }
  }
}

TEST_FN(clamp_and_multiply_add) {
  enum { MOST = 70 };
  const firn_micro *micro;
  test_seed(2);
  for (size_t i = 0; (micro = list_at(i)); i++) {
    for (size_t n = 0; n < MOST; n++) {
      float x[MOST], s[MOST], t[MOST], y[MOST], z[MOST];
      for (size_t j = 0; j < MOST; j++) {
        x[j] = odd_number();
        s[j] = test_uniform();
        t[j] = test_uniform();
      }
      micro->clamp(x, y, n, -0.5f, 0.25f);
      micro->multiply_add(x, s, t, z, n);
      for (size_t j = 0; j < n; j++) {
        const double want = (double)x[j] * (double)s[j] + (double)t[j];
        CHECK(isnan(x[j]) ? isnan(y[j])
                          : y[j] == fminf(fmaxf(x[j], -0.5f), 0.25f));
        CHECK(isnan(want)   ? isnan(z[j])
              : isinf(want) ? (double)z[j] == want
                            : fabs((double)z[j] - want) < 3e-7);
      }
    }
  }
}

/* ---- Rows. ----------------------------------------------------------------
 */

TEST_FN(sums_and_maxima) {
  enum { MOST = 100000 };
  static float x[MOST];
  static const size_t sizes[] = {0,    1,    7,    16,   63,  64,
                                 1000, 1024, 1025, 5000, MOST};
  const firn_micro *micro;
  for (size_t i = 0; (micro = list_at(i)); i++) {
    test_seed(3);
    for (size_t j = 0; j < MOST; j++) x[j] = 1 + test_uniform();
    for (size_t s = 0; s < FIRN_COUNT(sizes); s++) {
      const size_t n = sizes[s];
      double sum = 0;
      float max = -INFINITY;
      for (size_t j = 0; j < n; j++) {
        sum += (double)x[j];
        max = fmaxf(max, x[j]);
      }
      CHECK(fabs((double)micro->row_sum(x, n) - sum) <= 3e-7 * (sum + 1e-9));
      CHECK(micro->row_max(x, n) == max);
      if (n == 0) continue;
      const size_t at = test_random((uint32_t)n);
      const float kept = x[at];
      x[at] = NAN;
      CHECK(isnan(micro->row_sum(x, n)));
      CHECK(isnan(micro->row_max(x, n)));
      x[at] = kept;
    }
  }
}

TEST_FN(softmax) {
  enum { MOST = 3000 };
  static float x[MOST], y[MOST], z[MOST];
  const firn_micro *micro;
  for (size_t i = 0; (micro = list_at(i)); i++) {
    test_seed(4);
    for (size_t n = 1; n <= MOST; n = n * 3 / 2 + 1) {
      double max = -INFINITY, sum = 0;
      for (size_t j = 0; j < n; j++) {
        x[j] = 20 * test_uniform();
        max = fmax(max, (double)x[j]);
      }
      if (n > 4) x[2] = -INFINITY;
      for (size_t j = 0; j < n; j++) sum += exp((double)x[j] - max);
      memcpy(z, x, sizeof x);
      micro->softmax(x, y, n);
      micro->log_softmax(z, z, n);
      for (size_t j = 0; j < n; j++) {
        const double want = (double)x[j] - max - log(sum);
        CHECK(fabs((double)y[j] - exp(want)) <= 4e-6 * exp(want));
        CHECK(isinf(want) ? isinf(z[j])
                          : fabs((double)z[j] - want) <= 2e-6 * (1 - want));
      }
    }
    x[0] = NAN;
    micro->softmax(x, y, 3);
    CHECK(isnan(y[0]) && isnan(y[2]));
  }
}

/* ---- Windows. -------------------------------------------------------------
 */

static size_t pick(size_t least, size_t most) {
  return least + test_random((uint32_t)(most - least + 1));
}

static void check_pool(const firn_micro *micro, const firn_conv_shape *s,
                       firn_pool *pool) {
  enum { SLACK = 2 };
  const size_t stride = s->ic + SLACK, rows = s->batch * s->oh * s->ow;
  float *x = malloc(s->batch * s->ih * s->iw * s->ic * sizeof *x);
  float *most = malloc(rows * stride * sizeof *most);
  float *mean = malloc(rows * stride * sizeof *mean);
  for (size_t i = 0; i < s->batch * s->ih * s->iw * s->ic; i++)
    x[i] = test_uniform();
  firn_max_pool(s, micro, x, most, stride, pool);
  firn_mean_pool(s, micro, x, mean, stride, pool);
  for (size_t i = 0; i < rows * s->ic; i++) {
    const size_t c = i % s->ic, row = i / s->ic;
    const size_t ox = row % s->ow, oy = row / s->ow % s->oh;
    double sum = 0, max = -INFINITY, count = 0;
    for (size_t t = 0; t < s->kh * s->kw; t++) {
      const size_t iy =
          oy * s->stride_h + t / s->kw * s->dilation_h - s->pad_top;
      const size_t ix =
          ox * s->stride_w + t % s->kw * s->dilation_w - s->pad_left;
      if (iy >= s->ih || ix >= s->iw) continue;
      const size_t n = row / s->ow / s->oh;
      const double v = (double)x[((n * s->ih + iy) * s->iw + ix) * s->ic + c];
      sum += v;
      max = fmax(max, v);
      count++;
    }
    if (count == 0) continue;
    CHECK((double)most[row * stride + c] == max);
    CHECK(fabs((double)mean[row * stride + c] - sum / count) < 1e-6);
  }
  free(x);
  free(most);
  free(mean);
}

TEST_FN(pooling) {
  const firn_micro *micro;
  firn_pool *pool = NULL;
  firn_error err;
  CHECK_OK(firn_pool_new(2, NULL, &pool, &err), &err);
  for (uint64_t seed = 1; seed <= 60; seed++) {
    test_seed(seed);
    firn_conv_shape s = {.batch = pick(1, 2),
                         .ic = pick(1, 140),
                         .kh = pick(1, 5),
                         .kw = pick(1, 5),
                         .stride_h = pick(1, 3),
                         .stride_w = pick(1, 3),
                         .dilation_h = pick(1, 2),
                         .dilation_w = pick(1, 2)};
    const size_t high = (s.kh - 1) * s.dilation_h + 1;
    const size_t wide = (s.kw - 1) * s.dilation_w + 1;
    s.ih = high + pick(0, 9);
    s.iw = wide + pick(0, 9);
    s.pad_top = test_random((uint32_t)high);
    s.pad_left = test_random((uint32_t)wide);
    const size_t below = test_random((uint32_t)high);
    const size_t right = test_random((uint32_t)wide);
    s.oh = (s.ih + s.pad_top + below - high) / s.stride_h + 1;
    s.ow = (s.iw + s.pad_left + right - wide) / s.stride_w + 1;
    for (size_t i = 0; (micro = list_at(i)); i++)
      check_pool(micro, &s, seed % 2 ? pool : NULL);
  }
  firn_pool_free(pool);
}

/* As TensorFlow's: NaN is passed over, and the least is the least number. */
TEST_FN(pooling_of_odd_numbers) {
  const firn_micro *micro;
  const firn_conv_shape s = {.batch = 1,
                             .ih = 1,
                             .iw = 2,
                             .ic = 2,
                             .oh = 1,
                             .ow = 1,
                             .kh = 1,
                             .kw = 2,
                             .stride_h = 1,
                             .stride_w = 1,
                             .dilation_h = 1,
                             .dilation_w = 1};
  const float x[4] = {NAN, -INFINITY, -3, -INFINITY};
  for (size_t i = 0; (micro = list_at(i)); i++) {
    float y[2];
    firn_max_pool(&s, micro, x, y, 2, NULL);
    CHECK(y[0] == -3);
    CHECK(y[1] == -FLT_MAX);
    firn_mean_pool(&s, micro, x, y, 2, NULL);
    CHECK(isnan(y[0]));
    CHECK(y[1] == -INFINITY);
  }
}

TEST_FN(pick_by_features) {
  CHECK_STR(firn_micro_pick(0)->name, "portable");
  const firn_micro *best = firn_micro_pick(firn_cpu_features());
  CHECK((best->needs & ~firn_cpu_features()) == 0);
  if (firn_cpu_features() == FIRN_CPU_AVX2) CHECK_STR(best->name, "avx2");
}

SUITE(ops_micro_rows, TEST(functions_over_all_floats), TEST(functions_near_one),
      TEST(signs_of_zero), TEST(pairs), TEST(clamp_and_multiply_add),
      TEST(sums_and_maxima), TEST(softmax), TEST(pooling),
      TEST(pooling_of_odd_numbers), TEST(pick_by_features));
