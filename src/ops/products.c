/* ops/products.c: many matrix products at once, of any numbers.
 *
 * Batch axes along which both sides go on evenly are joined into one, so that
 * nearly always one call of the inner loops does it all.
 */
#include "ops/products.h"

#include <assert.h>
#include <string.h>

#include "base/complex.h"
#include "ops/infer.h"
#include "ops/micro/matmul.h"

firn_code firn_products_batch(firn_products *p, const firn_shape *a,
                              const firn_shape *b, firn_error *err) {
  firn_shape both;
  FIRN_TRY(firn_shape_broadcast(a, b, &both, err));
  size_t of_a = 1, of_b = 1;
  p->rank = both.rank;
  for (int i = both.rank - 1; i >= 0; i--) {
    const int ia = i - (both.rank - a->rank), ib = i - (both.rank - b->rank);
    const size_t da = ia < 0 ? 1 : (size_t)a->dims[ia];
    const size_t db = ib < 0 ? 1 : (size_t)b->dims[ib];
    p->dims[i] = (size_t)both.dims[i];
    p->a.step[i] = da == 1 ? 0 : of_a;
    p->b.step[i] = db == 1 ? 0 : of_b;
    of_a *= da;
    of_b *= db;
  }
  return FIRN_OK;
}

size_t firn_products_count(const firn_products *p) {
  size_t count = 1;
  for (int i = 0; i < p->rank; i++) count *= p->dims[i];
  return count;
}

/* ---- Any numbers -------------------------------------------------------- */

/* One row of y. Sums go over k in order; a row of b is taken as a whole where
 * it lies in one piece. */
typedef struct rows {
  const firn_products *p;
  size_t count, a_step, b_step; /* products, matrices between them */
  const void *a, *b;
  void *y;
} rows;

#define TIMES(a, b) ((a) * (b))
#define TIMES_SHORT(a, b) ((uint16_t)((uint32_t)(a) * (uint32_t)(b)))
#define AS_IS(x) (x)

static inline float complex times_c64(float complex a, float complex b) {
  return CMPLXF(crealf(a) * crealf(b) - cimagf(a) * cimagf(b),
                crealf(a) * cimagf(b) + cimagf(a) * crealf(b));
}
static inline double complex times_c128(double complex a, double complex b) {
  return CMPLX(creal(a) * creal(b) - cimag(a) * cimag(b),
               creal(a) * cimag(b) + cimag(a) * creal(b));
}

#define ROW(NAME, T, MUL, CONJ)                                           \
  static void row_##NAME(const firn_products *p, const T *a, size_t a_k,  \
                         const T *b, T *y) {                              \
    const size_t n = p->n;                                                \
    memset(y, 0, n * sizeof *y);                                          \
    for (size_t k = 0; k < p->k; k++) {                                   \
      const T v = p->a.conjugate ? CONJ(a[k * a_k]) : a[k * a_k];         \
      if (p->b.conjugate)                                                 \
        for (size_t j = 0; j < n; j++)                                    \
          y[j] = (T)(y[j] + MUL(v, CONJ(b[j * p->k + k])));               \
      else if (p->b.transposed)                                           \
        for (size_t j = 0; j < n; j++)                                    \
          y[j] = (T)(y[j] + MUL(v, b[j * p->k + k]));                     \
      else                                                                \
        for (size_t j = 0; j < n; j++)                                    \
          y[j] = (T)(y[j] + MUL(v, b[k * n + j]));                        \
    }                                                                     \
  }                                                                       \
  static void rows_##NAME(void *ctx, size_t begin, size_t end) {          \
    const rows *r = ctx;                                                  \
    const firn_products *p = r->p;                                        \
    const size_t m = p->m, k = p->k;                                      \
    for (size_t i = begin; i < end; i++) {                                \
      const T *a = (const T *)r->a + i / m * r->a_step * m * k;           \
      const T *b = (const T *)r->b + i / m * r->b_step * k * p->n;        \
      a += p->a.transposed ? i % m : i % m * k;                           \
      row_##NAME(p, a, p->a.transposed ? m : 1, b, (T *)r->y + i * p->n); \
    }                                                                     \
  }

ROW(double, double, TIMES, AS_IS)
ROW(i16, uint16_t, TIMES_SHORT, AS_IS)
ROW(i32, uint32_t, TIMES, AS_IS)
ROW(i64, uint64_t, TIMES, AS_IS)
ROW(c64, float complex, times_c64, conjf)
ROW(c128, double complex, times_c128, conj)

static void run_rows(rows *r, firn_pool *pool) {
  enum { ROW_WORK = 1 << 14 };
  void (*body)(void *, size_t, size_t) = rows_double;
  switch (r->p->dtype) {
    case FIRN_INT16: body = rows_i16; break;
    case FIRN_INT32: body = rows_i32; break;
    case FIRN_INT64: body = rows_i64; break;
    case FIRN_COMPLEX64: body = rows_c64; break;
    case FIRN_COMPLEX128: body = rows_c128; break;
    default: break;
  }
  firn_parallel_for(pool, r->count * r->p->m,
                    ROW_WORK / (r->p->k * r->p->n + 1) + 1, body, r);
}

/* ---- float -------------------------------------------------------------- */

static firn_matmul_batches float_batches(const rows *r) {
  const firn_products *p = r->p;
  return (firn_matmul_batches){
      .count = r->count,
      .m = p->m,
      .k = p->k,
      .n = p->n,
      .a = {r->a, p->a.transposed ? p->m : p->k, p->a.transposed},
      .b = {r->b, p->b.transposed ? p->k : p->n, p->b.transposed},
      .a_step = r->a_step * p->m * p->k,
      .b_step = r->b_step * p->k * p->n,
      .y = r->y,
      .y_stride = p->n,
      .y_step = p->m * p->n,
  };
}

/* ---- Batches ------------------------------------------------------------ */

/* Joins each axis with the one inside of it where both sides go on evenly. */
static firn_products joined(const firn_products *p) {
  firn_products j = *p;
  j.rank = 0;
  for (int i = 0; i < p->rank; i++) {
    const size_t d = p->dims[i];
    const int last = j.rank - 1;
    if (d == 1) continue;
    if (last >= 0 && j.a.step[last] == p->a.step[i] * d &&
        j.b.step[last] == p->b.step[i] * d) {
      j.dims[last] *= d;
      j.a.step[last] = p->a.step[i];
      j.b.step[last] = p->b.step[i];
      continue;
    }
    j.dims[j.rank] = d;
    j.a.step[j.rank] = p->a.step[i];
    j.b.step[j.rank++] = p->b.step[i];
  }
  return j;
}

/* What one call of the inner loops takes: the innermost axis. */
static rows innermost(const firn_products *p) {
  const int last = p->rank - 1;
  rows r = {.p = p, .count = 1};
  if (last >= 0) {
    r.count = p->dims[last];
    r.a_step = p->a.step[last];
    r.b_step = p->b.step[last];
  }
  return r;
}

size_t firn_products_workspace(const firn_products *p, const firn_micro *micro,
                               int threads) {
  if (p->dtype != FIRN_FLOAT || p->k == 0) return 0;
  const firn_products j = joined(p);
  const rows r = innermost(&j);
  const firn_matmul_batches b = float_batches(&r);
  return firn_matmul_batch_workspace(micro, &b, threads);
}

void firn_products_run(const firn_products *p, const firn_micro *micro,
                       const void *a, const void *b, void *y, void *scratch,
                       firn_pool *pool) {
  const size_t size = firn_dtype_size(p->dtype), one = p->m * p->n * size;
  const size_t count = firn_products_count(p);
  if (count == 0 || one == 0) return;
  if (p->k == 0) {
    memset(y, 0, count * one);
    return;
  }
  const firn_products j = joined(p);
  rows r = innermost(&j);
  const size_t step = r.count;
  assert(step > 0); /* for count is not 0 */
  for (size_t i = 0; i < count; i += step) {
    size_t left = i / step, of_a = 0, of_b = 0;
    for (int axis = j.rank - 2; axis >= 0; axis--) {
      of_a += left % j.dims[axis] * j.a.step[axis];
      of_b += left % j.dims[axis] * j.b.step[axis];
      left /= j.dims[axis];
    }
    r.a = (const char *)a + of_a * p->m * p->k * size;
    r.b = (const char *)b + of_b * p->k * p->n * size;
    r.y = (char *)y + i * one;
    if (p->dtype == FIRN_FLOAT) {
      const firn_matmul_batches batches = float_batches(&r);
      firn_matmul_batch(micro, &batches, scratch, pool);
    } else {
      run_rows(&r, pool);
    }
  }
}
