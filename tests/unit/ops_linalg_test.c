/* What the dense routines promise: their factors multiply to the matrix they
 * came from. Signs and orders are judged by the conformance cases. */
#include "ops/linalg.h"
#include "support/test.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { LARGEST = 24 };

typedef struct random_matrix {
  firn_complex a[LARGEST * LARGEST];
  size_t m, n;
} random_matrix;

static double random_part(void) { return (double)test_random(2001) / 1000 - 1; }

static random_matrix *random_of(size_t m, size_t n, bool real) {
  random_matrix *x = malloc(sizeof *x);
  x->m = m;
  x->n = n;
  for (size_t i = 0; i < m * n; i++)
    x->a[i] = CMPLX(random_part(), real ? 0 : random_part());
  return x;
}

static void same(const firn_complex *a, const firn_complex *b, size_t count) {
  double worst = 0;
  for (size_t i = 0; i < count; i++) worst = fmax(worst, cabs(a[i] - b[i]));
  CHECK(worst < 1e-9);
}

/* c = a b^H */
static void times_adjoint(const firn_complex *a, const firn_complex *b,
                          firn_complex *c, size_t m, size_t k, size_t n) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      c[i * n + j] = 0;
      for (size_t t = 0; t < k; t++)
        c[i * n + j] += a[i * k + t] * conj(b[j * k + t]);
    }
}

static firn_complex *room(size_t count) {
  return calloc(count + 1, sizeof(firn_complex));
}

TEST_FN(lu_solves) {
  for (uint32_t seed = 1; seed <= 40; seed++) {
    test_seed(seed);
    const size_t n = 1 + test_random(LARGEST);
    random_matrix *a = random_of(n, n, seed % 2), *b = random_of(n, 3, false);
    firn_complex *lu = room(n * n), *x = room(n * 3), *back = room(n * 3);
    size_t perm[LARGEST];
    int sign;
    memcpy(lu, a->a, n * n * sizeof *lu);
    CHECK(firn_lu(lu, n, perm, &sign));
    firn_lu_solve(lu, perm, b->a, x, n, 3);
    firn_product(a->a, x, back, n, n, 3, false);
    same(back, b->a, n * 3);
    free(a), free(b), free(lu), free(x), free(back);
  }
}

TEST_FN(qr_multiplies_back) {
  for (uint32_t seed = 1; seed <= 40; seed++) {
    test_seed(seed);
    const size_t m = 1 + test_random(LARGEST), n = 1 + test_random(LARGEST);
    random_matrix *a = random_of(m, n, seed % 2);
    firn_complex *r = room(m * n), *q = room(m * m), *back = room(m * n);
    firn_complex *work = room(m + n), *unit = room(m * m), *one = room(m * m);
    const size_t k = m < n ? m : n;
    for (size_t width = k;;
         width = m) { /* as few columns as can be, then all */
      memcpy(r, a->a, m * n * sizeof *r);
      firn_qr(r, m, n, q, width, NULL, work);
      firn_product(q, r, back, m, width, n, false);
      same(back, a->a, m * n);
      firn_product(q, q, unit, width, m, width, true);
      firn_identity(one, width);
      same(unit, one, width * width);
      if (width == m) break;
    }
    free(a), free(r), free(q), free(back), free(work), free(unit), free(one);
  }
}

TEST_FN(singular_values_multiply_back) {
  for (uint32_t seed = 1; seed <= 60; seed++) {
    test_seed(seed);
    const size_t m = 1 + test_random(LARGEST), n = 1 + test_random(LARGEST);
    const size_t k = m < n ? m : n;
    random_matrix *a = random_of(m, n, seed % 2);
    firn_complex *u = room(m * m), *v = room(n * n), *us = room(m * n);
    firn_complex *work = room(firn_svd_work(m, n)), *back = room(m * n);
    double values[LARGEST];
    firn_svd(a->a, m, n, DBL_EPSILON, values, u, m, v, n, work);
    for (size_t i = 0; i < m; i++)
      for (size_t j = 0; j < n; j++)
        us[i * n + j] = j < k ? u[i * m + j] * values[j] : 0;
    times_adjoint(us, v, back, m, n, n);
    same(back, a->a, m * n);
    firn_svd(a->a, m, n, DBL_EPSILON, values, u, k, v, k, work);
    for (size_t i = 0; i < m * k; i++) us[i] = u[i] * values[i % k];
    times_adjoint(us, v, back, m, k, n);
    same(back, a->a, m * n);
    for (size_t i = 1; i < k; i++) CHECK(values[i] <= values[i - 1]);
    free(a), free(u), free(v), free(us), free(work), free(back);
  }
}

TEST_FN(hermitian_vectors_are_eigenvectors) {
  for (uint32_t seed = 1; seed <= 60; seed++) {
    test_seed(seed);
    const size_t n = 1 + test_random(LARGEST);
    random_matrix *half = random_of(n, n, seed % 2);
    firn_complex *a = room(n * n), *copy = room(n * n), *v = room(n * n);
    firn_complex *av = room(n * n), *work = room(2 * n);
    double values[LARGEST];
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++)
        a[i * n + j] = half->a[i * n + j] + conj(half->a[j * n + i]);
    memcpy(copy, a, n * n * sizeof *a);
    CHECK(
        firn_hermitian_eigen(copy, n, DBL_EPSILON, values, v, (double *)work));
    firn_product(a, v, av, n, n, n, false);
    for (size_t i = 0; i < n * n; i++) v[i] *= values[i % n];
    same(av, v, n * n);
    free(half), free(a), free(copy), free(v), free(av), free(work);
  }
}

TEST_FN(schur_vectors_are_eigenvectors) {
  for (uint32_t seed = 1; seed <= 60; seed++) {
    test_seed(seed);
    const size_t n = 1 + test_random(LARGEST);
    random_matrix *a = random_of(n, n, seed % 2);
    firn_complex *t = room(n * n), *q = room(n * n), *v = room(n * n);
    firn_complex *av = room(n * n), *work = room(n);
    memcpy(t, a->a, n * n * sizeof *t);
    CHECK(firn_schur(t, n, q, work));
    firn_triangular_vectors(t, q, n, v, work);
    firn_product(a->a, v, av, n, n, n, false);
    for (size_t i = 0; i < n * n; i++) v[i] *= t[i % n * (n + 1)];
    same(av, v, n * n);
    free(a), free(t), free(q), free(v), free(av), free(work);
  }
}

TEST_FN(real_vectors_are_eigenvectors) {
  for (uint32_t seed = 1; seed <= 100; seed++) {
    test_seed(seed);
    const size_t n = 1 + test_random(LARGEST);
    random_matrix *a = random_of(n, n, true);
    firn_complex *h = room(n * n), *q = room(n * n), *v = room(n * n);
    firn_complex *av = room(n * n), *work = room(n), *values = room(n);
    double t[LARGEST * LARGEST], u[LARGEST * LARGEST];
    memcpy(h, a->a, n * n * sizeof *h);
    firn_hessenberg(h, n, q, work);
    for (size_t i = 0; i < n * n; i++) t[i] = creal(h[i]), u[i] = creal(q[i]);
    CHECK(firn_real_schur(t, n, u));
    firn_real_eigenvalues(t, n, values);
    firn_real_vectors(t, u, values, n, v, work);
    firn_product(a->a, v, av, n, n, n, false);
    for (size_t i = 0; i < n * n; i++) v[i] *= values[i % n];
    same(av, v, n * n);
    free(a), free(h), free(q), free(v), free(av), free(work), free(values);
  }
}

SUITE(ops_linalg, TEST(lu_solves), TEST(qr_multiplies_back),
      TEST(singular_values_multiply_back),
      TEST(hermitian_vectors_are_eigenvectors),
      TEST(schur_vectors_are_eigenvectors),
      TEST(real_vectors_are_eigenvectors));
