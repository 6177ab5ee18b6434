/* ops/scan.c: Cumsum, Cumprod and CumulativeLogsumexp along one axis.
 *
 * Each result is made of the one before it: the rounding of a short float
 * happens at every step, as in TensorFlow.
 */
#include "base/complex.h"
#include <math.h>

#include "ops/elementwise.h"

/* One stretch of `width` columns that lie side by side; `step` elements from
 * row to row, negative when going backwards. */
typedef struct line {
  const void *x;
  void *y;
  size_t rows, width;
  int64_t step;
  bool exclusive;
} line;

typedef void (*line_fn)(const line *l);

/* y = y_before op x; of an exclusive scan, x_before. */
#define SCAN(NAME, T, START, EXPR)                          \
  static void NAME(const line *l) {                         \
    const T *x = l->x;                                      \
    T *y = l->y;                                            \
    for (size_t j = 0; j < l->width; j++)                   \
      y[j] = l->exclusive ? (T)(START) : x[j];              \
    const T *more = l->exclusive ? x : x + l->step;         \
    for (size_t i = 1; i < l->rows; i++, more += l->step) { \
      const T *last = y;                                    \
      y += l->step;                                         \
      for (size_t j = 0; j < l->width; j++) {               \
        const T a = last[j], b = more[j];                   \
        y[j] = (T)(EXPR);                                   \
      }                                                     \
    }                                                       \
  }

#define SHORT(FORM, E) firn_##FORM##_from_float(E)
#define WIDE(FORM, v) firn_##FORM##_to_float(v)
#define SCAN_SHORT(OP, FORM, START, E) \
  SCAN(OP##_##FORM, uint16_t, SHORT(FORM, START), SHORT(FORM, E))

SCAN(sum_f32, float, 0, a + b)
SCAN(sum_f64, double, 0, a + b)
SCAN(sum_c64, float complex, 0, a + b)
SCAN(sum_c128, double complex, 0, a + b)
SCAN_SHORT(sum, half, 0, WIDE(half, a) + WIDE(half, b))
SCAN_SHORT(sum, bfloat16, 0, WIDE(bfloat16, a) + WIDE(bfloat16, b))
SCAN(product_f32, float, 1, a *b)
SCAN(product_f64, double, 1, a *b)
SCAN(product_c64, float complex, 1, a *b)
SCAN(product_c128, double complex, 1, a *b)
SCAN_SHORT(product, half, 1, WIDE(half, a) * WIDE(half, b))
SCAN_SHORT(product, bfloat16, 1, WIDE(bfloat16, a) * WIDE(bfloat16, b))
/* Unsigned: the low bits are the same signed or not. */
SCAN(sum_8, uint8_t, 0, a + b)
SCAN(sum_16, uint16_t, 0, a + b)
SCAN(sum_32, uint32_t, 0, a + b)
SCAN(sum_64, uint64_t, 0, a + b)
SCAN(product_8, uint8_t, 1, a *b)
SCAN(product_16, uint16_t, 1, (uint32_t)a *b)
SCAN(product_32, uint32_t, 1, a *b)
SCAN(product_64, uint64_t, 1, a *b)

static double log_add(double a, double b) {
  const double high = a > b ? a : b, low = a > b ? b : a;
  if (isnan(a) || isnan(b)) return NAN;
  return isinf(high) ? high : high + log1p(exp(low - high));
}

SCAN(log_f32, float, -INFINITY, log_add((double)a, (double)b))
SCAN(log_f64, double, -INFINITY, log_add(a, b))
SCAN_SHORT(log, half, -INFINITY,
           (float)log_add((double)WIDE(half, a), (double)WIDE(half, b)))
SCAN_SHORT(log, bfloat16, -INFINITY,
           (float)log_add((double)WIDE(bfloat16, a), (double)WIDE(bfloat16, b)))

#define TABLE(OP)                                                             \
  [FIRN_FLOAT] = OP##_f32, [FIRN_DOUBLE] = OP##_f64, [FIRN_HALF] = OP##_half, \
  [FIRN_BFLOAT16] = OP##_bfloat16
#define INT_TABLE(OP)                                                       \
  [FIRN_COMPLEX64] = OP##_c64, [FIRN_COMPLEX128] = OP##_c128,               \
  [FIRN_INT8] = OP##_8, [FIRN_UINT8] = OP##_8, [FIRN_INT16] = OP##_16,      \
  [FIRN_UINT16] = OP##_16, [FIRN_INT32] = OP##_32, [FIRN_UINT32] = OP##_32, \
  [FIRN_INT64] = OP##_64, [FIRN_UINT64] = OP##_64

static const line_fn sums[FIRN_ROW_TYPES] = {TABLE(sum), INT_TABLE(sum)};
static const line_fn products[FIRN_ROW_TYPES] = {TABLE(product),
                                                 INT_TABLE(product)};
static const line_fn logs[FIRN_ROW_TYPES] = {TABLE(log)};

/* ---- Driver ------------------------------------------------------------- */

static firn_code infer(firn_infer *q, firn_error *err) {
  int64_t axis;
  int unused;
  FIRN_TRY(firn_infer_rank(q, 1, 0, "axis", NULL, err));
  q->out[0].shape = q->in[0].shape;
  if (q->in[0].shape.rank < 0 || !firn_infer_int(q, 1, &axis)) return FIRN_OK;
  return firn_axis(axis, q->in[0].shape.rank, &unused, err);
}

typedef struct job {
  line_fn scan;
  const char *x;
  char *y;
  size_t size, rows, inner, blocks;
  bool exclusive, reverse;
} job;

enum { WIDTH = 256 };

static void run_lines(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  for (size_t task = begin; task < end; task++) {
    const size_t column = task % j->blocks * WIDTH;
    size_t at = task / j->blocks * j->rows * j->inner + column;
    if (j->reverse) at += (j->rows - 1) * j->inner;
    const line l = {
        .x = j->x + at * j->size,
        .y = j->y + at * j->size,
        .rows = j->rows,
        .width = firn_min_size(WIDTH, j->inner - column),
        .step = j->reverse ? -(int64_t)j->inner : (int64_t)j->inner,
        .exclusive = j->exclusive,
    };
    j->scan(&l);
  }
}

static firn_code drive(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  const firn_shape *shape = &x->shape;
  const line_fn *scans = run->kernel->micro.table;
  int axis;
  FIRN_TRY(firn_axis(firn_tensor_i64(run->in[1], 0), shape->rank, &axis, err));
  if (x->count == 0) return FIRN_OK;
  job j = {
      .scan = scans[x->dtype],
      .x = x->data,
      .y = run->out[0]->data,
      .size = firn_dtype_size(x->dtype),
      .rows = (size_t)shape->dims[axis],
      .inner = (size_t)firn_shape_product(shape, axis + 1, shape->rank),
      .exclusive = firn_attr_bool_or(run->node, "exclusive", false),
      .reverse = firn_attr_bool_or(run->node, "reverse", false),
  };
  j.blocks = (j.inner + WIDTH - 1) / WIDTH;
  const size_t outer = (size_t)firn_shape_product(shape, 0, axis);
  const size_t cost = j.rows * firn_min_size(WIDTH, j.inner);
  firn_parallel_for(run->pool, outer * j.blocks, 16384 / (cost + 1) + 1,
                    run_lines, &j);
  return FIRN_OK;
}

#define KERNEL(ID, SET, TABLE_OF)                     \
  static const firn_kernel ID##_kernels[] = {         \
      {.types = {{"T", SET}, {"Tidx", FIRN_INDICES}}, \
       .drive = drive,                                \
       .micro = {.table = TABLE_OF}},                 \
      {.drive = NULL}};
KERNEL(sum, FIRN_NUMBERS, sums)
KERNEL(product, FIRN_NUMBERS, products)
KERNEL(log, FIRN_FLOATS, logs)

static const firn_op ops[] = {
    {"Cumsum", infer, sum_kernels, 0},
    {"Cumprod", infer, product_kernels, 0},
    {"CumulativeLogsumexp", infer, log_kernels, 0},
};

FIRN_OP_FAMILY(scan, ops);
