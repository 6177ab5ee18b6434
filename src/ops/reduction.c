/* ops/reduction.c: Sum, Mean, Prod, Max, Min, EuclideanNorm, All, Any.
 *
 * Integers wrap around, but for Mean, which sums them in 64 bits. The largest
 * of nothing is the least number there is.
 */
#include "base/complex.h"
#include <math.h>

#include "ops/reduce.h"
#include "ops/micro/micro.h"

/* ---- Rows --------------------------------------------------------------- */

#define START(NAME, T, VALUE)                        \
  static void NAME(void *to, size_t n) {             \
    T *acc = to;                                     \
    for (size_t i = 0; i < n; i++) acc[i] = (VALUE); \
  }
#define FINISH(NAME, T, TY, EXPR)                                        \
  static void NAME(const void *from, void *to, size_t n, size_t count) { \
    const T *acc = from;                                                 \
    TY *y = to;                                                          \
    FIRN_UNUSED(count);                                                  \
    for (size_t i = 0; i < n; i++) {                                     \
      const T x = acc[i];                                                \
      y[i] = (TY)(EXPR);                                                 \
    }                                                                    \
  }

/* The types by the names of their rows. */
#define EACH_SIGNED(M)                  \
  M(i8, int8_t, INT8_MIN, INT8_MAX)     \
  M(i16, int16_t, INT16_MIN, INT16_MAX) \
  M(i32, int32_t, INT32_MIN, INT32_MAX) \
  M(i64, int64_t, INT64_MIN, INT64_MAX)
#define EACH_UNSIGNED(M)          \
  M(u8, uint8_t, 0, UINT8_MAX)    \
  M(u16, uint16_t, 0, UINT16_MAX) \
  M(u32, uint32_t, 0, UINT32_MAX) \
  M(u64, uint64_t, 0, UINT64_MAX)
#define EACH_INT(M) EACH_SIGNED(M) EACH_UNSIGNED(M)
#define EACH_FLOAT(M)                \
  M(f32, float, -INFINITY, INFINITY) \
  M(f64, double, -INFINITY, INFINITY)
#define EACH_COMPLEX(M)       \
  M(c64, float complex, 0, 0) \
  M(c128, double complex, 0, 0)

#define STARTS(ID, T, LEAST, MOST) \
  START(zero_##ID, T, 0)           \
  START(one_##ID, T, 1)
#define BOUNDS(ID, T, LEAST, MOST) \
  START(least_##ID, T, (T)LEAST)   \
  START(most_##ID, T, (T)MOST)
EACH_INT(STARTS)
EACH_FLOAT(STARTS)
EACH_COMPLEX(STARTS)
EACH_INT(BOUNDS)
EACH_FLOAT(BOUNDS)

/* Squares that wrapped around may be negative; no number has that root, and
 * what a CPU's conversion makes of none is what TensorFlow answers. */
static int64_t root_of(double x, int64_t least) {
  if (x < 0) return least < INT16_MIN ? least : 0;
  return (int64_t)sqrt(x);
}

#define JOINS_OF_INTS(ID, T, LEAST, MOST)            \
  FIRN_ROW2(add_##ID, T, num, FIRN_WRAP(a, +, b))    \
  FIRN_ROW2(mul_##ID, T, num, FIRN_WRAP(a, *, b))    \
  FIRN_ROW2(max_##ID, T, num, a > b ? a : b)         \
  FIRN_ROW2(min_##ID, T, num, a < b ? a : b)         \
  FIRN_ROW1(square_##ID, T, num, FIRN_WRAP(x, *, x)) \
  FINISH(root_##ID, T, T, root_of((double)x, LEAST))
#define JOINS_OF_FLOATS(ID, T, LEAST, MOST)            \
  FIRN_ROW2(add_##ID, T, num, a + b)                   \
  FIRN_ROW2(mul_##ID, T, num, a *b)                    \
  FIRN_ROW2(max_##ID, T, num, b > a || b != b ? b : a) \
  FIRN_ROW2(min_##ID, T, num, b < a || b != b ? b : a) \
  FIRN_ROW1(square_##ID, T, num, x *x)                 \
  FINISH(mean_##ID, T, T, x / (T)count)                \
  FINISH(root_##ID, T, T, sqrt((double)x))
#define JOINS_OF_COMPLEX(ID, T, LEAST, MOST)                                \
  FIRN_ROW2(add_##ID, T, num, a + b)                                        \
  FIRN_ROW2(mul_##ID, T, num, a *b)                                         \
  FIRN_ROW1(square_##ID, T, num, creal(x) * creal(x) + cimag(x) * cimag(x)) \
  FINISH(mean_##ID, T, T, count ? x / (double)count : 0)                    \
  FINISH(root_##ID, T, T, sqrt(creal(x)))
EACH_INT(JOINS_OF_INTS)
EACH_FLOAT(JOINS_OF_FLOATS)
EACH_COMPLEX(JOINS_OF_COMPLEX)

/* Means of integers go through 64 bits. */
#define MEAN_OF_SIGNED(ID, T, LEAST, MOST) \
  FIRN_ROW1(wide_##ID, T, int64_t, x)      \
  FINISH(mean_##ID, int64_t, T, count ? x / (int64_t)count : 0)
#define MEAN_OF_UNSIGNED(ID, T, LEAST, MOST) \
  FIRN_ROW1(wide_##ID, T, uint64_t, x)       \
  FINISH(mean_##ID, uint64_t, T, count ? x / count : 0)
EACH_SIGNED(MEAN_OF_SIGNED)
EACH_UNSIGNED(MEAN_OF_UNSIGNED)

FIRN_ROW2(and_bool, uint8_t, num, a &&b)
FIRN_ROW2(or_bool, uint8_t, num, a || b)
FIRN_ROW1(take_bool, uint8_t, num, x != 0)

/* ---- Reducers ----------------------------------------------------------- */

#define BY_INT(ENTRY)                                                      \
  [FIRN_INT8] = ENTRY(i8, int8_t), [FIRN_INT16] = ENTRY(i16, int16_t),     \
  [FIRN_INT32] = ENTRY(i32, int32_t), [FIRN_INT64] = ENTRY(i64, int64_t),  \
  [FIRN_UINT8] = ENTRY(u8, uint8_t), [FIRN_UINT16] = ENTRY(u16, uint16_t), \
  [FIRN_UINT32] = ENTRY(u32, uint32_t), [FIRN_UINT64] = ENTRY(u64, uint64_t)
#define BY_COMPLEX(ENTRY)                                                  \
  [FIRN_COMPLEX64] = ENTRY(c64, float complex), [FIRN_COMPLEX128] = ENTRY( \
                                                    c128, double complex)

#define SUM(ID, T) \
  { sizeof(T), zero_##ID, NULL, add_##ID, NULL, 0, 0 }
static const firn_reducer sums[FIRN_ROW_TYPES] = {
    BY_INT(SUM), BY_COMPLEX(SUM), [FIRN_DOUBLE] = SUM(f64, double),
    [FIRN_FLOAT] = {sizeof(float), zero_f32, NULL, add_f32, NULL,
                    FIRN_MICRO(FIRN_ADD), FIRN_FOLD_SUM}};

#define MEAN(ID, T) \
  { 8, zero_u64, wide_##ID, add_u64, mean_##ID, 0, 0 }
#define MEAN_AS_IS(ID, T) \
  { sizeof(T), zero_##ID, NULL, add_##ID, mean_##ID, 0, 0 }
static const firn_reducer means[FIRN_ROW_TYPES] = {
    BY_INT(MEAN),
    BY_COMPLEX(MEAN_AS_IS), [FIRN_DOUBLE] = MEAN_AS_IS(f64, double),
    [FIRN_FLOAT] = {sizeof(float), zero_f32, NULL, add_f32, mean_f32,
                    FIRN_MICRO(FIRN_ADD), FIRN_FOLD_SUM}};

#define PROD(ID, T) \
  { sizeof(T), one_##ID, NULL, mul_##ID, NULL, 0, 0 }
static const firn_reducer products[FIRN_ROW_TYPES] = {
    BY_INT(PROD), BY_COMPLEX(PROD), [FIRN_DOUBLE] = PROD(f64, double),
    [FIRN_FLOAT] = {sizeof(float), one_f32, NULL, mul_f32, NULL,
                    FIRN_MICRO(FIRN_MUL), 0}};

#define MAX(ID, T) \
  { sizeof(T), least_##ID, NULL, max_##ID, NULL, 0, 0 }
static const firn_reducer maxima[FIRN_ROW_TYPES] = {
    BY_INT(MAX), [FIRN_DOUBLE] = MAX(f64, double),
    [FIRN_FLOAT] = {sizeof(float), least_f32, NULL, max_f32, NULL,
                    FIRN_MICRO(FIRN_MAX), FIRN_FOLD_MAX}};

#define MIN(ID, T) \
  { sizeof(T), most_##ID, NULL, min_##ID, NULL, 0, 0 }
static const firn_reducer minima[FIRN_ROW_TYPES] = {
    BY_INT(MIN), [FIRN_DOUBLE] = MIN(f64, double),
    [FIRN_FLOAT] = {sizeof(float), most_f32, NULL, min_f32, NULL,
                    FIRN_MICRO(FIRN_MIN), 0}};

#define NORM(ID, T) \
  { sizeof(T), zero_##ID, square_##ID, add_##ID, root_##ID, 0, 0 }
static const firn_reducer norms[FIRN_ROW_TYPES] = {
    BY_INT(NORM), BY_COMPLEX(NORM), [FIRN_DOUBLE] = NORM(f64, double),
    [FIRN_FLOAT] = {sizeof(float), zero_f32, square_f32, add_f32, root_f32,
                    FIRN_MICRO(FIRN_ADD), 0}};

static const firn_reducer conjunction[FIRN_ROW_TYPES] = {
    [FIRN_BOOL] = {1, one_u8, take_bool, and_bool, NULL, 0, 0}};
static const firn_reducer disjunction[FIRN_ROW_TYPES] = {
    [FIRN_BOOL] = {1, zero_u8, take_bool, or_bool, NULL, 0, 0}};

/* ---- Shapes, and what is computed from shapes --------------------------- */

static bool fold_int(firn_str op, int64_t a, int64_t b, int64_t *out) {
  if (a == FIRN_UNKNOWN_INT || b == FIRN_UNKNOWN_INT) return false;
  if (firn_str_is(op, "Sum")) return firn_add_i64(a, b, out);
  if (firn_str_is(op, "Prod")) return firn_mul_i64(a, b, out);
  *out = (a > b) == firn_str_is(op, "Max") ? a : b;
  return true;
}

/* The product of a shape is what reshapes to a vector hang on. */
static firn_code infer(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_reduce(q, err));
  const firn_info *x = &q->in[0];
  const firn_str op = q->node->type->name;
  int64_t axis;
  if (!x->ints || x->shape.rank != 1 || x->shape.dims[0] < 1 ||
      !firn_infer_int(q, 1, &axis))
    return FIRN_OK;
  int64_t total = x->ints[0];
  for (int64_t i = 1; i < x->shape.dims[0]; i++)
    if (!fold_int(op, total, x->ints[i], &total)) return FIRN_OK;
  if (x->dtype == FIRN_INT64 || (total >= INT32_MIN && total <= INT32_MAX))
    firn_infer_set_ints(q, 0, &total, 1);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(ID, SET, TABLE)                        \
  static const firn_kernel ID##_kernels[] = {         \
      {.types = {{"T", SET}, {"Tidx", FIRN_INDICES}}, \
       .drive = firn_drive_reduce,                    \
       .micro = {.table = TABLE}},                    \
      {.drive = NULL}};
#define BOOL_KERNEL(ID, TABLE)                \
  static const firn_kernel ID##_kernels[] = { \
      {.types = {{"Tidx", FIRN_INDICES}},     \
       .drive = firn_drive_reduce,            \
       .micro = {.table = TABLE}},            \
      {.drive = NULL}};

#define REALS (FIRN_FLOATS | FIRN_INTS)
KERNEL(sum, FIRN_NUMBERS, sums)
KERNEL(mean, FIRN_NUMBERS, means)
KERNEL(prod, FIRN_NUMBERS, products)
KERNEL(max, REALS, maxima)
KERNEL(min, REALS, minima)
KERNEL(norm, FIRN_NUMBERS, norms)
BOOL_KERNEL(all, conjunction)
BOOL_KERNEL(any, disjunction)

static const firn_op ops[] = {
    {"Sum", infer, sum_kernels, 0},
    {"Mean", firn_infer_reduce, mean_kernels, 0},
    {"Prod", infer, prod_kernels, 0},
    {"Max", infer, max_kernels, 0},
    {"Min", infer, min_kernels, 0},
    {"EuclideanNorm", firn_infer_reduce, norm_kernels, 0},
    {"All", firn_infer_reduce, all_kernels, 0},
    {"Any", firn_infer_reduce, any_kernels, 0},
};

FIRN_OP_FAMILY(reduction, ops);
