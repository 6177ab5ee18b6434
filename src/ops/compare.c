/* ops/compare.c: which is larger, which are equal, and the logic of the
 * answers.
 *
 * Equal and NotEqual with incompatible_shape_error=false answer shapes that do
 * not broadcast by one false or true.
 */
#include "base/complex.h"
#include <math.h>

#include "ops/elementwise.h"

/* ---- Rows --------------------------------------------------------------- */

#define YES(NAME, T, TY, EXPR) FIRN_ROW2(NAME, T, bool, EXPR)
#define IS(NAME, T, TY, EXPR) FIRN_ROW1(NAME, T, bool, EXPR)

#define ORDER(ID, EXPR)                \
  FIRN_INT_ROWS(YES, ID, EXPR)         \
  FIRN_FLOAT_ROWS(YES, ID, EXPR, EXPR) \
  static const firn_rows2 ID = {       \
      .row = {FIRN_INT_TABLE(ID), FIRN_FLOAT_TABLE(ID)}};

ORDER(less, a < b)
ORDER(less_equal, a <= b)
ORDER(greater, a > b)
ORDER(greater_equal, a >= b)

static bool same_text(const firn_tstring *a, const firn_tstring *b) {
  const firn_str x = firn_tstring_get(a), y = firn_tstring_get(b);
  return x.size == y.size && (!x.size || !memcmp(x.data, y.data, x.size));
}

/* A string must be looked at where it lies. */
#define TEXT_ROW(NAME, EXPR)                                                  \
  static void NAME(const void *left, const void *right, void *to, size_t n) { \
    const firn_tstring *a = left, *b = right;                                 \
    bool *y = to;                                                             \
    for (size_t i = 0; i < n; i++) y[i] = EXPR;                               \
  }

TEXT_ROW(equal_text, same_text(a + i, b + i))
TEXT_ROW(not_equal_text, !same_text(a + i, b + i))

/* Bytes of a bool may be anything but 0 for true: files are hostile. */
FIRN_ROW2(equal_bool, uint8_t, bool, (a != 0) == (b != 0))
FIRN_ROW2(not_equal_bool, uint8_t, bool, (a != 0) != (b != 0))

#define SAME(ID, EXPR)                                           \
  FIRN_INT_ROWS(YES, ID, EXPR)                                   \
  FIRN_FLOAT_ROWS(YES, ID, EXPR, EXPR)                           \
  FIRN_COMPLEX_ROWS(YES, ID, EXPR, EXPR)                         \
  static const firn_rows2 ID = {                                 \
      .row = {FIRN_INT_TABLE(ID), FIRN_FLOAT_TABLE(ID),          \
              FIRN_COMPLEX_TABLE(ID), [FIRN_BOOL] = ID##_bool,   \
              [FIRN_STRING] = ID##_text, [FIRN_QINT8] = ID##_i8, \
              [FIRN_QUINT8] = ID##_u8, [FIRN_QINT16] = ID##_i16, \
              [FIRN_QUINT16] = ID##_u16, [FIRN_QINT32] = ID##_i32}};

SAME(equal, a == b)
SAME(not_equal, a != b)

FIRN_ROW2(logical_and_row, uint8_t, bool, a &&b)
FIRN_ROW2(logical_or_row, uint8_t, bool, a || b)
FIRN_ROW1(logical_not_row, uint8_t, bool, !x)
static const firn_rows2 logical_and = {.row = {[FIRN_BOOL] = logical_and_row}};
static const firn_rows2 logical_or = {.row = {[FIRN_BOOL] = logical_or_row}};
static const firn_rows1 logical_not = {.row = {[FIRN_BOOL] = logical_not_row}};

FIRN_FLOAT_ROWS(IS, is_nan, x != x, x != x)
FIRN_FLOAT_ROWS(IS, is_inf, fabsf(x) == INFINITY, fabs(x) == (double)INFINITY)
FIRN_FLOAT_ROWS(IS, is_finite, fabsf(x) < INFINITY, fabs(x) < (double)INFINITY)
static const firn_rows1 nans = {.row = {FIRN_FLOAT_TABLE(is_nan)}};
static const firn_rows1 infinities = {.row = {FIRN_FLOAT_TABLE(is_inf)}};
static const firn_rows1 finites = {.row = {FIRN_FLOAT_TABLE(is_finite)}};

/* ---- Equal, NotEqual ---------------------------------------------------- */

/* Whether both have the same extents wherever that is known, 1 standing for
 * any. */
static bool may_broadcast(const firn_shape *a, const firn_shape *b) {
  firn_shape out;
  return firn_shape_broadcast(a, b, &out, NULL) == FIRN_OK;
}

static firn_code infer_equal(firn_infer *q, firn_error *err) {
  const firn_shape *a = &q->in[0].shape, *b = &q->in[1].shape;
  if (firn_attr_bool_or(q->node, "incompatible_shape_error", true))
    return firn_infer_broadcast(q, err);
  if (!may_broadcast(a, b))
    q->out[0].shape = firn_shape_scalar();
  else if (firn_shape_known(a) && firn_shape_known(b))
    return firn_infer_broadcast(q, err);
  return FIRN_OK; /* unknown: it depends on the extents */
}

static firn_code drive_equal(const firn_run *run, firn_error *err) {
  if (may_broadcast(&run->in[0]->shape, &run->in[1]->shape))
    return firn_drive_rows2(run, err);
  *(bool *)run->out[0]->data = run->kernel->micro.table == &not_equal;
  return FIRN_OK;
}

/* ---- ApproximateEqual --------------------------------------------------- */

static firn_code infer_merge(firn_infer *q, firn_error *err) {
  return firn_shape_merge(&q->in[0].shape, &q->in[1].shape, &q->out[0].shape,
                          err);
}

static firn_code drive_near(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_tensor *x = run->in[0], *y = run->in[1];
  const float tolerance = firn_attr_float_or(run->node, "tolerance", 1e-5f);
  bool *out = run->out[0]->data;
  if (x->dtype == FIRN_FLOAT) {
    const float *a = x->data, *b = y->data;
    for (size_t i = 0; i < x->count; i++)
      out[i] = fabsf(a[i] - b[i]) < tolerance;
  } else {
    const double *a = x->data, *b = y->data;
    for (size_t i = 0; i < x->count; i++)
      out[i] = fabs(a[i] - b[i]) < (double)tolerance;
  }
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define QUANTIZED                                                         \
  (FIRN_BIT(FIRN_QINT8) | FIRN_BIT(FIRN_QUINT8) | FIRN_BIT(FIRN_QINT16) | \
   FIRN_BIT(FIRN_QUINT16) | FIRN_BIT(FIRN_QINT32))
#define COMPARED \
  (FIRN_NUMBERS | QUANTIZED | FIRN_BIT(FIRN_BOOL) | FIRN_BIT(FIRN_STRING))

#define ORDER_KERNEL(ID)                      \
  static const firn_kernel ID##_kernels[] = { \
      FIRN_KERNEL2(FIRN_FLOATS | FIRN_INTS, ID), {.drive = NULL}};
#define EQUAL_KERNEL(ID)                                                  \
  static const firn_kernel ID##_kernels[] = {{.types = {{"T", COMPARED}}, \
                                              .drive = drive_equal,       \
                                              .micro = {.table = &ID}},   \
                                             {.drive = NULL}};
#define LOGICAL_KERNEL(ID, DRIVE)             \
  static const firn_kernel ID##_kernels[] = { \
      {.drive = DRIVE, .micro = {.table = &ID}}, {.drive = NULL}};
#define CLASS_KERNEL(ID)                                                    \
  static const firn_kernel ID##_kernels[] = {FIRN_KERNEL1(FIRN_FLOATS, ID), \
                                             {.drive = NULL}};

ORDER_KERNEL(less)
ORDER_KERNEL(less_equal)
ORDER_KERNEL(greater)
ORDER_KERNEL(greater_equal)
EQUAL_KERNEL(equal)
EQUAL_KERNEL(not_equal)
LOGICAL_KERNEL(logical_and, firn_drive_rows2)
LOGICAL_KERNEL(logical_or, firn_drive_rows2)
LOGICAL_KERNEL(logical_not, firn_drive_rows1)
CLASS_KERNEL(nans)
CLASS_KERNEL(infinities)
CLASS_KERNEL(finites)
static const firn_kernel near_kernels[] = {
    {.types = {{"T", FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE)}},
     .drive = drive_near},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"Equal", infer_equal, equal_kernels, 0},
    {"NotEqual", infer_equal, not_equal_kernels, 0},
    {"Less", firn_infer_broadcast, less_kernels, 0},
    {"LessEqual", firn_infer_broadcast, less_equal_kernels, 0},
    {"Greater", firn_infer_broadcast, greater_kernels, 0},
    {"GreaterEqual", firn_infer_broadcast, greater_equal_kernels, 0},
    {"LogicalAnd", firn_infer_broadcast, logical_and_kernels, FIRN_OP_IN_PLACE},
    {"LogicalOr", firn_infer_broadcast, logical_or_kernels, FIRN_OP_IN_PLACE},
    {"LogicalNot", firn_infer_same, logical_not_kernels, FIRN_OP_IN_PLACE},
    {"IsNan", firn_infer_same, nans_kernels, 0},
    {"IsInf", firn_infer_same, infinities_kernels, 0},
    {"IsFinite", firn_infer_same, finites_kernels, 0},
    {"ApproximateEqual", infer_merge, near_kernels, 0},
};

FIRN_OP_FAMILY(compare, ops);
