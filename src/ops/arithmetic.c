/* ops/arithmetic.c: the arithmetic of two operands: sums, products, quotients,
 * remainders, powers.
 *
 * Integers wrap around. Dividing one by zero is refused before anything is
 * computed, so the loops need not look.
 */
#include "base/complex.h"
#include <math.h>

#include "ops/broadcast.h"
#include "ops/elementwise.h"
#include "ops/micro/micro.h"

/* ---- Shapes, and the integers that shapes are computed from ------------- */

typedef bool (*ints_fn)(int64_t a, int64_t b, int64_t *out);

static bool fits(firn_dtype dtype, int64_t value) {
  return dtype == FIRN_INT64 || (value >= INT32_MIN && value <= INT32_MAX);
}

/* Element i of a known input: scalars stand for all. */
static int64_t int_at(const firn_info *info, int64_t i) {
  return info->ints[info->shape.rank == 0 ? 0 : i];
}

static firn_code infer_ints(firn_infer *q, ints_fn f, firn_error *err) {
  int64_t ints[FIRN_MAX_INTS], count;
  FIRN_TRY(firn_infer_broadcast(q, err));
  const firn_info *a = &q->in[0], *b = &q->in[1];
  const firn_shape *out = &q->out[0].shape;
  if (!a->ints || !b->ints || out->rank > 1 || !firn_shape_known(out) ||
      !firn_shape_count(out, &count) || count > FIRN_MAX_INTS)
    return FIRN_OK;
  for (int64_t i = 0; i < count; i++) {
    const int64_t ia = a->shape.rank && a->shape.dims[0] == 1 ? 0 : i;
    const int64_t ib = b->shape.rank && b->shape.dims[0] == 1 ? 0 : i;
    const int64_t x = int_at(a, ia), y = int_at(b, ib);
    if (x == FIRN_UNKNOWN_INT || y == FIRN_UNKNOWN_INT || !f(x, y, &ints[i]) ||
        !fits(q->out[0].dtype, ints[i]))
      ints[i] = FIRN_UNKNOWN_INT;
  }
  firn_infer_set_ints(q, 0, ints, (size_t)count);
  return FIRN_OK;
}

static int64_t floor_div(int64_t a, int64_t b) {
  if (b == -1) return (int64_t)(0 - (uint64_t)a); /* the least one wraps */
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t floor_mod(int64_t a, int64_t b) {
  if (b == -1) return 0;
  const int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

static int64_t truncate_div(int64_t a, int64_t b) {
  return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}

static int64_t truncate_mod(int64_t a, int64_t b) {
  return b == -1 ? 0 : a % b;
}

#define INFER_INTS(NAME, COMPUTE)                                 \
  static bool NAME##_ints(int64_t a, int64_t b, int64_t *out) {   \
    return COMPUTE;                                               \
  }                                                               \
  static firn_code infer_##NAME(firn_infer *q, firn_error *err) { \
    return infer_ints(q, NAME##_ints, err);                       \
  }

INFER_INTS(add, firn_add_i64(a, b, out))
INFER_INTS(sub, !__builtin_sub_overflow(a, b, out))
INFER_INTS(mul, firn_mul_i64(a, b, out))
INFER_INTS(max, (*out = a > b ? a : b, true))
INFER_INTS(min, (*out = a < b ? a : b, true))
INFER_INTS(floor_div, b != 0 && (*out = floor_div(a, b), true))
INFER_INTS(floor_mod, b != 0 && (*out = floor_mod(a, b), true))
INFER_INTS(truncate_div, b != 0 && (*out = truncate_div(a, b), true))
INFER_INTS(truncate_mod, b != 0 && (*out = truncate_mod(a, b), true))

/* ---- What is refused ---------------------------------------------------- */

static firn_code refuse_zero(const firn_run *run, firn_error *err) {
  const firn_tensor *b = run->in[1];
  if (!(FIRN_BIT(b->dtype) & FIRN_INTS)) return FIRN_OK;
  const size_t size = firn_dtype_size(b->dtype);
  static const char zero[8];
  for (size_t i = 0; i < b->count; i++)
    if (memcmp((const char *)b->data + i * size, zero, size) == 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "integer division by zero: y[%zu] = 0", i);
  return FIRN_OK;
}

static firn_code refuse_negative(const firn_run *run, firn_error *err) {
  const firn_tensor *b = run->in[1];
  if (!(FIRN_BIT(b->dtype) & FIRN_INTS)) return FIRN_OK;
  for (size_t i = 0; i < b->count; i++) {
    const int64_t power = firn_tensor_i64(b, i);
    if (power < 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "an integer to a negative power: y[%zu] = %lld", i,
                       (long long)power);
  }
  return FIRN_OK;
}

/* ---- Rows --------------------------------------------------------------- */

#define ROWS(ID, EXPR)                       \
  FIRN_FLOAT_ROWS(FIRN_ROW2, ID, EXPR, EXPR) \
  FIRN_COMPLEX_ROWS(FIRN_ROW2, ID, EXPR, EXPR)
#define INT_ROWS(ID, OP) FIRN_INT_ROWS(FIRN_ROW2, ID, FIRN_WRAP(a, OP, b))

ROWS(add, a + b)
ROWS(sub, a - b)
ROWS(mul, a *b)
ROWS(div, a / b)
INT_ROWS(add, +)
INT_ROWS(sub, -)
INT_ROWS(mul, *)

#define NUMBER_TABLE(ID) \
  FIRN_FLOAT_TABLE(ID), FIRN_COMPLEX_TABLE(ID), FIRN_INT_TABLE(ID)

static const firn_rows2 add = {.micro = FIRN_MICRO(FIRN_ADD),
                               .row = {NUMBER_TABLE(add)}};
static const firn_rows2 sub = {.micro = FIRN_MICRO(FIRN_SUB),
                               .row = {NUMBER_TABLE(sub)}};
static const firn_rows2 mul = {.micro = FIRN_MICRO(FIRN_MUL),
                               .row = {NUMBER_TABLE(mul)}};

/* A NaN on either side wins; of two zeros, a. */
#define MAX_OF(a, b) ((b) > (a) || (b) != (b) ? (b) : (a))
#define MIN_OF(a, b) ((b) < (a) || (b) != (b) ? (b) : (a))
FIRN_FLOAT_ROWS(FIRN_ROW2, max, MAX_OF(a, b), MAX_OF(a, b))
FIRN_FLOAT_ROWS(FIRN_ROW2, min, MIN_OF(a, b), MIN_OF(a, b))
FIRN_INT_ROWS(FIRN_ROW2, max, b > a ? b : a)
FIRN_INT_ROWS(FIRN_ROW2, min, b < a ? b : a)

static const firn_rows2 maximum = {
    .micro = FIRN_MICRO(FIRN_MAX),
    .row = {FIRN_FLOAT_TABLE(max), FIRN_INT_TABLE(max)}};
static const firn_rows2 minimum = {
    .micro = FIRN_MICRO(FIRN_MIN),
    .row = {FIRN_FLOAT_TABLE(min), FIRN_INT_TABLE(min)}};

FIRN_SIGNED_ROWS(FIRN_ROW2, floor_div, floor_div(a, b))
FIRN_UNSIGNED_ROWS(FIRN_ROW2, floor_div, a / b)
FIRN_FLOAT_ROWS(FIRN_ROW2, floor_div, floorf(a / b), floor(a / b))
FIRN_SIGNED_ROWS(FIRN_ROW2, truncate_div, truncate_div(a, b))
FIRN_FLOAT_ROWS(FIRN_ROW2, truncate_div, truncf(a / b), trunc(a / b))

static const firn_rows2 real_div = {
    .micro = FIRN_MICRO(FIRN_DIV),
    .check = refuse_zero,
    .row = {FIRN_FLOAT_TABLE(div), FIRN_COMPLEX_TABLE(div),
            FIRN_SIGNED_TABLE(truncate_div), FIRN_UNSIGNED_TABLE(floor_div)}};
static const firn_rows2 floor_division = {
    .check = refuse_zero,
    .row = {FIRN_FLOAT_TABLE(floor_div), FIRN_INT_TABLE(floor_div)}};
static const firn_rows2 truncate_division = {
    .check = refuse_zero,
    .row = {FIRN_FLOAT_TABLE(truncate_div), FIRN_SIGNED_TABLE(truncate_div),
            FIRN_UNSIGNED_TABLE(floor_div)}};

static float floor_mod_f32(float a, float b) {
  const float rest = fmodf(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
static double floor_mod_f64(double a, double b) {
  const double rest = fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

FIRN_SIGNED_ROWS(FIRN_ROW2, floor_rest, floor_mod(a, b))
FIRN_UNSIGNED_ROWS(FIRN_ROW2, floor_rest, a % b)
FIRN_FLOAT_ROWS(FIRN_ROW2, floor_rest, floor_mod_f32(a, b), floor_mod_f64(a, b))
FIRN_FLOAT_ROWS(FIRN_ROW2, truncate_rest, fmodf(a, b), fmod(a, b))
FIRN_ROW2(truncate_rest_i32, int32_t, num, truncate_mod(a, b))
FIRN_ROW2(truncate_rest_i64, int64_t, num, truncate_mod(a, b))

static const firn_rows2 floor_remainder = {
    .check = refuse_zero,
    .row = {FIRN_FLOAT_TABLE(floor_rest), FIRN_INT_TABLE(floor_rest)}};
static const firn_rows2 truncate_remainder = {
    .check = refuse_zero,
    .row = {FIRN_FLOAT_TABLE(truncate_rest), [FIRN_INT32] = truncate_rest_i32,
            [FIRN_INT64] = truncate_rest_i64}};

/* By squaring; the bits that wrap away are the same in any width. */
static uint64_t power(uint64_t base, uint64_t exponent) {
  uint64_t result = 1;
  for (; exponent; exponent >>= 1, base *= base)
    if (exponent & 1) result *= base;
  return result;
}

FIRN_SIGNED_ROWS(FIRN_ROW2, pow, power((uint64_t)a, (uint64_t)b))
FIRN_FLOAT_ROWS(FIRN_ROW2, pow, powf(a, b), pow(a, b))
FIRN_COMPLEX_ROWS(FIRN_ROW2, pow, cpowf(a, b), cpow(a, b))

static const firn_rows2 powers = {
    .grain = FIRN_SLOW_GRAIN,
    .check = refuse_negative,
    .row = {FIRN_FLOAT_TABLE(pow), FIRN_COMPLEX_TABLE(pow),
            FIRN_SIGNED_TABLE(pow)}};

FIRN_FLOAT_ROWS(FIRN_ROW2, gap, (a - b) * (a - b), (a - b) * (a - b))
FIRN_COMPLEX_ROWS(FIRN_ROW2, gap, conjf(a - b) * (a - b), conj(a - b) * (a - b))
FIRN_ROW2(gap_i32, int32_t, num,
          FIRN_WRAP(FIRN_WRAP(a, -, b), *, FIRN_WRAP(a, -, b)))
FIRN_ROW2(gap_i64, int64_t, num,
          FIRN_WRAP(FIRN_WRAP(a, -, b), *, FIRN_WRAP(a, -, b)))

static const firn_rows2 squared_difference = {
    .row = {FIRN_FLOAT_TABLE(gap), FIRN_COMPLEX_TABLE(gap),
            [FIRN_INT32] = gap_i32, [FIRN_INT64] = gap_i64}};

ROWS(div_no_nan, b == 0 ? 0 : a / b)
ROWS(mul_no_nan, b == 0 ? 0 : a * b)

static const firn_rows2 div_or_zero = {
    .row = {FIRN_FLOAT_TABLE(div_no_nan), FIRN_COMPLEX_TABLE(div_no_nan)}};
static const firn_rows2 mul_or_zero = {
    .row = {FIRN_FLOAT_TABLE(mul_no_nan), FIRN_COMPLEX_TABLE(mul_no_nan)}};

/* 0 times anything is 0, NaN too. */
ROWS(xdivy, a == 0 ? 0 : a / b)
FIRN_FLOAT_ROWS(FIRN_ROW2, xlogy, a == 0 ? 0 : a * logf(b),
                a == 0 ? 0 : a * log(b))
FIRN_COMPLEX_ROWS(FIRN_ROW2, xlogy, a == 0 ? 0 : a * clogf(b),
                  a == 0 ? 0 : a * clog(b))
FIRN_FLOAT_ROWS(FIRN_ROW2, xlog1py, a == 0 ? 0 : a * log1pf(b),
                a == 0 ? 0 : a * log1p(b))
FIRN_COMPLEX_ROWS(FIRN_ROW2, xlog1py, a == 0 ? 0 : a * clogf(1 + b),
                  a == 0 ? 0 : a * clog(1 + b))

#define SLOW_TABLE(ID)                 \
  {                                    \
    .grain = FIRN_SLOW_GRAIN, .row = { \
      FIRN_FLOAT_TABLE(ID),            \
      FIRN_COMPLEX_TABLE(ID)           \
    }                                  \
  }

static const firn_rows2 xdivy_rows = {
    .row = {FIRN_FLOAT_TABLE(xdivy), FIRN_COMPLEX_TABLE(xdivy)}};
static const firn_rows2 xlogy_rows = SLOW_TABLE(xlogy);
static const firn_rows2 xlog1py_rows = SLOW_TABLE(xlog1py);

/* ---- Add of strings ----------------------------------------------------- */

typedef struct joiner {
  const firn_allocator *alloc;
  bool failed;
} joiner;

static bool join_text(joiner *j, const firn_tstring *a, const firn_tstring *b,
                      firn_tstring *out) {
  const firn_str x = firn_tstring_get(a), y = firn_tstring_get(b);
  size_t size;
  if (!firn_add_size(x.size, y.size, &size) || size == SIZE_MAX) return false;
  char *text = firn_new(j->alloc, size + 1);
  if (!text) return false;
  if (x.size) memcpy(text, x.data, x.size);
  if (y.size) memcpy(text + x.size, y.data, y.size);
  const bool done = firn_tstring_set(out, (firn_str){text, size});
  firn_delete(j->alloc, text, size + 1);
  return done;
}

static void join_span(void *ctx, const firn_span *s) {
  joiner *j = ctx;
  const firn_tstring *a = s->in[0], *b = s->in[1];
  firn_tstring *y = s->out;
  for (size_t i = 0; i < s->n; i++)
    j->failed |= !join_text(j, a + i * s->step[0], b + i * s->step[1], y + i);
}

static firn_code drive_join(const firn_run *run, firn_error *err) {
  joiner j = {&run->env->alloc, false};
  firn_broadcast_inputs(run, 2, SIZE_MAX / 2, join_span, &j);
  if (j.failed)
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                     "out of memory joining strings");
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(id, set, rows)                                         \
  static const firn_kernel id##_kernels[] = {FIRN_KERNEL2(set, rows), \
                                             {.drive = NULL}};

#define REALS (FIRN_FLOATS | FIRN_INTS)
#define FIELD (FIRN_FLOATS | FIRN_COMPLEXES)
#define MOD_TYPES (FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE) | FIRN_INDICES)

KERNEL(add, FIRN_NUMBERS, add)
static const firn_kernel add_v1_kernels[] = {
    FIRN_KERNEL2(FIRN_NUMBERS, add),
    {.types = {{"T", FIRN_BIT(FIRN_STRING)}}, .drive = drive_join},
    {.drive = NULL},
};
KERNEL(sub, FIRN_NUMBERS, sub)
KERNEL(mul, FIRN_NUMBERS, mul)
KERNEL(div, FIRN_NUMBERS, real_div)
KERNEL(real_div, FIELD, real_div)
KERNEL(floor_div, REALS, floor_division)
KERNEL(truncate_div, REALS, truncate_division)
KERNEL(floor_mod, REALS, floor_remainder)
KERNEL(mod, MOD_TYPES, truncate_remainder)
KERNEL(maximum, REALS, maximum)
KERNEL(minimum, REALS, minimum)
KERNEL(pow, FIELD | FIRN_SIGNED_INTS, powers)
KERNEL(squared_difference, FIELD | FIRN_INDICES, squared_difference)
KERNEL(div_no_nan, FIELD, div_or_zero)
KERNEL(mul_no_nan, FIELD, mul_or_zero)
KERNEL(xdivy, FIELD, xdivy_rows)
KERNEL(xlogy, FIELD, xlogy_rows)
KERNEL(xlog1py, FIELD, xlog1py_rows)

static const firn_op ops[] = {
    {"Add", infer_add, add_v1_kernels, FIRN_OP_IN_PLACE},
    {"AddV2", infer_add, add_kernels, FIRN_OP_IN_PLACE},
    {"Sub", infer_sub, sub_kernels, FIRN_OP_IN_PLACE},
    {"Mul", infer_mul, mul_kernels, FIRN_OP_IN_PLACE},
    {"RealDiv", firn_infer_broadcast, real_div_kernels, FIRN_OP_IN_PLACE},
    {"Div", infer_truncate_div, div_kernels, FIRN_OP_IN_PLACE},
    {"FloorDiv", infer_floor_div, floor_div_kernels, FIRN_OP_IN_PLACE},
    {"TruncateDiv", infer_truncate_div, truncate_div_kernels, FIRN_OP_IN_PLACE},
    {"FloorMod", infer_floor_mod, floor_mod_kernels, FIRN_OP_IN_PLACE},
    {"Mod", infer_truncate_mod, mod_kernels, FIRN_OP_IN_PLACE},
    {"TruncateMod", infer_truncate_mod, mod_kernels, FIRN_OP_IN_PLACE},
    {"Maximum", infer_max, maximum_kernels, FIRN_OP_IN_PLACE},
    {"Minimum", infer_min, minimum_kernels, FIRN_OP_IN_PLACE},
    {"Pow", firn_infer_broadcast, pow_kernels, FIRN_OP_IN_PLACE},
    {"SquaredDifference", firn_infer_broadcast, squared_difference_kernels,
     FIRN_OP_IN_PLACE},
    {"DivNoNan", firn_infer_broadcast, div_no_nan_kernels, FIRN_OP_IN_PLACE},
    {"MulNoNan", firn_infer_broadcast, mul_no_nan_kernels, FIRN_OP_IN_PLACE},
    {"Xdivy", firn_infer_broadcast, xdivy_kernels, FIRN_OP_IN_PLACE},
    {"Xlogy", firn_infer_broadcast, xlogy_kernels, FIRN_OP_IN_PLACE},
    {"Xlog1py", firn_infer_broadcast, xlog1py_kernels, FIRN_OP_IN_PLACE},
};

FIRN_OP_FAMILY(arithmetic, ops);
