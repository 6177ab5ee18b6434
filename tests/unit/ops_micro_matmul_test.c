/* What the matrix products promise: on every list of inner loops that this CPU
 * can run, the sum a plain loop in double gives, for either side transposed,
 * packed or not, and the same bits on any number of threads. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/cpu.h"
#include "ops/micro/matmul.h"
#include "support/test.h"

enum { SLACK = 3 }; /* floats beyond the end of each row */

static size_t pick(size_t least, size_t most) {
  return least + test_random((uint32_t)(most - least + 1));
}

static float *numbers(size_t n) {
  float *p = aligned_alloc(64, (n * sizeof *p + 127) / 64 * 64);
  CHECK(p != NULL);
  for (size_t i = 0; i < n; i++) p[i] = test_uniform();
  return p;
}

static double at(firn_matrix x, size_t i, size_t j) {
  return (double)x.data[x.transposed ? j * x.stride + i : i * x.stride + j];
}

/* A matrix of rows x columns, or the same transposed. */
static firn_matrix new_matrix(size_t rows, size_t columns) {
  const bool transposed = test_random(2);
  const size_t stride = (transposed ? rows : columns) + SLACK;
  const size_t lines = transposed ? columns : rows;
  return (firn_matrix){numbers(lines * stride), stride, transposed};
}

static void check_number(double have, double want, double size,
                         const char *list, const size_t mkn[3]) {
  const bool good = fabs(have - want) <= 2e-6 * size;
  if (!good)
    printf("%s %zux%zux%zu: have %.9g, want %.9g\n", list, mkn[0], mkn[1],
           mkn[2], have, want);
  CHECK(good);
}

static void check_packed(const firn_micro *micro, const size_t mkn[3],
                         firn_pool *const pools[3]) {
  const size_t m = mkn[0], k = mkn[1], n = mkn[2], stride = n + SLACK;
  const firn_matrix a = new_matrix(m, k), b = new_matrix(k, n);
  float *bias = numbers(n), *scale = numbers(n), *residual = numbers(m * n);
  float *packed = numbers(firn_matmul_pack_size(micro, k, n) / sizeof(float));
  float *y[3];
  firn_epilogue e = {.min = -0.75f, .max = 1.5f};
  if (test_random(2)) e.bias = bias;
  if (test_random(2)) e.residual = residual;
  e.residual_stride = n;
  const bool scaled = test_random(2);
  firn_matrix loose = b; /* a matrix in a mapped file lies at any address */
  const size_t bytes = (b.transposed ? n : k) * b.stride * sizeof(float);
  char *copy = malloc(bytes + 1);
  CHECK(copy != NULL);
  memcpy(copy + 1, b.data, bytes);
  loose.data = (const float *)(copy + 1);
  firn_matmul_pack(micro, loose, k, n, scaled ? scale : NULL, packed);
  free(copy);
  for (int t = 0; t < 3; t++) {
    float *scratch =
        numbers(firn_matmul_workspace(m, k, a.transposed) / sizeof(float));
    y[t] = numbers(m * stride);
    for (size_t i = 0; i < m * stride; i++) y[t][i] = 42;
    firn_matmul_run(micro, m, k, n, a, packed, &e, y[t], stride, scratch,
                    pools[t]);
    CHECK(memcmp(y[t], y[0], m * stride * sizeof(float)) == 0);
    free(scratch);
  }
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < n; j++) {
      double sum = 0, size = 1;
      for (size_t d = 0; d < k; d++) {
        sum += at(a, i, d) * at(b, d, j);
        size += fabs(at(a, i, d) * at(b, d, j));
      }
      if (scaled) sum *= (double)scale[j];
      if (e.bias) sum += (double)bias[j];
      if (e.residual) sum += (double)residual[i * n + j];
      check_number((double)y[0][i * stride + j], fmin(fmax(sum, -0.75), 1.5),
                   size, micro->name, mkn);
    }
    for (size_t j = n; j < stride; j++) CHECK(y[0][i * stride + j] == 42);
  }
  for (int t = 0; t < 3; t++) free(y[t]);
  free((void *)a.data);
  free((void *)b.data);
  free(bias);
  free(scale);
  free(residual);
  free(packed);
}

static void new_pools(firn_pool *pools[3]) {
  firn_error err;
  for (int t = 0; t < 3; t++)
    CHECK_OK(firn_pool_new(t + 1, NULL, &pools[t], &err), &err);
}
static void free_pools(firn_pool *pools[3]) {
  for (int t = 0; t < 3; t++) firn_pool_free(pools[t]);
}

static const firn_micro *list_at(size_t i) {
  const firn_micro *micro = firn_micro_at(i);
  return micro && micro->needs & ~firn_cpu_features() ? list_at(i + 1) : micro;
}

TEST_FN(packed_product) {
  firn_pool *pools[3];
  const firn_micro *micro;
  new_pools(pools);
  for (uint64_t seed = 1; seed <= 60; seed++) {
    test_seed(seed);
    const size_t mkn[3] = {pick(1, test_random(3) ? 20 : 500),
                           pick(1, test_random(3) ? 40 : 900),
                           pick(1, test_random(3) ? 40 : 150)};
    for (size_t i = 0; (micro = list_at(i)); i++)
      check_packed(micro, mkn, pools);
  }
  free_pools(pools);
}

TEST_FN(few_rows) {
  firn_pool *pools[3];
  const firn_micro *micro;
  new_pools(pools);
  for (uint64_t seed = 1; seed <= 20; seed++) {
    test_seed(seed);
    const size_t mkn[3] = {pick(1, 3), pick(1, 3000), pick(1, 200)};
    for (size_t i = 0; (micro = list_at(i)); i++)
      check_packed(micro, mkn, pools);
  }
  free_pools(pools);
}

static void check_batch(const firn_micro *micro, size_t m,
                        firn_pool *const pools[3]) {
  firn_matmul_batches b = {
      .count = pick(1, 6), .m = m, .k = pick(1, 70), .n = pick(1, 70)};
  const size_t mkn[3] = {b.m, b.k, b.n};
  b.a.transposed = test_random(2);
  b.b.transposed = test_random(2);
  b.a.stride = (b.a.transposed ? b.m : b.k) + (test_random(2) ? SLACK : 0);
  b.b.stride = (b.b.transposed ? b.k : b.n) + (test_random(2) ? SLACK : 0);
  b.a_step = test_random(4) ? (b.a.transposed ? b.k : b.m) * b.a.stride : 0;
  b.b_step = test_random(4) ? (b.b.transposed ? b.n : b.k) * b.b.stride : 0;
  b.y_stride = b.n;
  b.y_step = b.m * b.n;
  b.a.data = numbers(b.count * (b.m + b.k) * b.a.stride);
  b.b.data = numbers(b.count * (b.n + b.k) * b.b.stride);
  float *y[3];
  for (int t = 0; t < 3; t++) {
    float *scratch =
        numbers(firn_matmul_batch_workspace(micro, &b, t + 1) / sizeof(float));
    b.y = y[t] = numbers(b.count * b.y_step);
    firn_matmul_batch(micro, &b, scratch, pools[t]);
    CHECK(memcmp(y[t], y[0], b.count * b.y_step * sizeof(float)) == 0);
    free(scratch);
  }
  for (size_t c = 0; c < b.count; c++) {
    firn_matrix left = b.a, right = b.b;
    left.data += c * b.a_step;
    right.data += c * b.b_step;
    for (size_t i = 0; i < b.m * b.n; i++) {
      double sum = 0;
      for (size_t d = 0; d < b.k; d++)
        sum += at(left, i / b.n, d) * at(right, d, i % b.n);
      check_number((double)y[0][c * b.y_step + i], sum, (double)b.k + 1,
                   micro->name, mkn);
    }
  }
  for (int t = 0; t < 3; t++) free(y[t]);
  free((void *)b.a.data);
  free((void *)b.b.data);
}

TEST_FN(batches_of_plain_products) {
  firn_pool *pools[3];
  const firn_micro *micro;
  new_pools(pools);
  for (uint64_t seed = 1; seed <= 80; seed++) {
    test_seed(seed);
    const size_t m = pick(1, test_random(2) ? 6 : 40);
    for (size_t i = 0; (micro = list_at(i)); i++) check_batch(micro, m, pools);
  }
  free_pools(pools);
}

/* A batch may be empty. */
TEST_FN(nothing_times_something) {
  firn_pool *pools[3];
  const firn_micro *micro;
  new_pools(pools);
  for (size_t i = 0; (micro = list_at(i)); i++) {
    check_packed(micro, (const size_t[]){0, 5, 7}, pools);
    check_packed(micro, (const size_t[]){5, 7, 0}, pools);
  }
  free_pools(pools);
}

TEST_FN(nan_and_infinity_come_through) {
  const firn_micro *micro;
  for (size_t i = 0; (micro = list_at(i)); i++) {
    float a[2] = {NAN, INFINITY}, b[1] = {1}, y[2];
    float *packed = numbers(firn_matmul_pack_size(micro, 1, 1) / 4);
    const firn_epilogue e = {.min = 0, .max = INFINITY};
    const firn_matrix left = {a, 1, false};
    firn_matmul_pack(micro, (firn_matrix){b, 1, false}, 1, 1, NULL, packed);
    firn_matmul_run(micro, 2, 1, 1, left, packed, &e, y, 1, NULL, NULL);
    CHECK(isnan(y[0]));
    CHECK(isinf(y[1]));
    free(packed);
  }
}

SUITE(ops_micro_matmul, TEST(packed_product), TEST(few_rows),
      TEST(batches_of_plain_products), TEST(nothing_times_something),
      TEST(nan_and_infinity_come_through));
