/* ops/cast.c: Cast, from any type to any other.
 *
 * Thirty types make nine hundred pairs. Most of them go in two steps over a
 * short block: up to the widest type of their kind (int64, float, double), and
 * down from there. That rounds as TensorFlow does, whose narrow floats go
 * through float too. The pairs that models are full of go in one step.
 *
 * What does not fit an integer becomes what an x86 CPU makes of it, which is
 * what TensorFlow's users see: the least int32 or int64, of which narrower
 * types keep the low bits.
 */
#include "ops/infer.h"
#include "ops/widen.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { BLOCK = 256 };

/* ---- Floats to integers ------------------------------------------------- */

#ifdef __SSE2__
static inline int32_t i32_of_float(float v) {
  return _mm_cvttss_si32(_mm_set_ss(v));
}
static inline int64_t i64_of_float(float v) {
  return _mm_cvttss_si64(_mm_set_ss(v));
}
static inline int32_t i32_of_double(double v) {
  return _mm_cvttsd_si32(_mm_set_sd(v));
}
static inline int64_t i64_of_double(double v) {
  return _mm_cvttsd_si64(_mm_set_sd(v));
}
#else
#define CUT(NAME, T, TI, LEAST)                                \
  static inline TI NAME(T v) {                                 \
    return v >= (T)LEAST && v < -(T)LEAST ? (TI)v : (TI)LEAST; \
  }
CUT(i32_of_float, float, int32_t, INT32_MIN)
CUT(i64_of_float, float, int64_t, INT64_MIN)
CUT(i32_of_double, double, int32_t, INT32_MIN)
CUT(i64_of_double, double, int64_t, INT64_MIN)
#endif

/* Above the largest int64 the rest beyond 2^63 counts. */
static inline uint64_t u64_of(int64_t whole, int64_t beyond) {
  return (uint64_t)(whole | (beyond & (whole < 0 ? -1 : 0)));
}

/* ---- Up: any type to int64, float or double ----------------------------- */

typedef enum kind { INTEGER, SINGLE, TWICE } kind;

static kind kind_of(firn_dtype dtype) {
  switch ((int)dtype) {
    case FIRN_DOUBLE:
    case FIRN_COMPLEX128: return TWICE;
    case FIRN_FLOAT:
    case FIRN_HALF:
    case FIRN_BFLOAT16:
    case FIRN_COMPLEX64:
    case FIRN_FLOAT8_E5M2:
    case FIRN_FLOAT8_E4M3FN: return SINGLE;
    default: return INTEGER;
  }
}

typedef union block {
  int64_t integer[BLOCK];
  float single[BLOCK];
  double twice[BLOCK];
} block;

#define EACH(EXPR)                               \
  for (size_t i = 0; i < n; i++) to[i] = (EXPR); \
  break
#define UP(TYPE, T, EXPR) \
  case TYPE: {            \
    const T *x = from;    \
    EACH (EXPR)           \
      ;                   \
  }

static void up_integer(firn_dtype dtype, const void *from, int64_t *to,
                       size_t n) {
  switch ((int)dtype) {
    UP(FIRN_BOOL, uint8_t, x[i] != 0)
    UP(FIRN_INT4, int8_t, (int8_t)((uint8_t)x[i] << 4) >> 4)
    UP(FIRN_UINT4, uint8_t, x[i] & 15)
    case FIRN_QINT8: UP(FIRN_INT8, int8_t, x[i])
    case FIRN_QINT16: UP(FIRN_INT16, int16_t, x[i])
    case FIRN_QINT32: UP(FIRN_INT32, int32_t, x[i])
    case FIRN_QUINT8: UP(FIRN_UINT8, uint8_t, x[i])
    case FIRN_QUINT16:
      UP(FIRN_UINT16, uint16_t, x[i])
      UP(FIRN_UINT32, uint32_t, x[i])
    default: memcpy(to, from, n * sizeof *to); /* 64 bits, signed or not */
  }
}

static void up_single(firn_dtype dtype, const void *from, float *to, size_t n) {
  switch ((int)dtype) {
    case FIRN_HALF:
    case FIRN_BFLOAT16: firn_widen(dtype, from, to, n); break;
    case FIRN_FLOAT:
      memcpy(to, from, n * sizeof *to);
      break;
      UP(FIRN_COMPLEX64, float, x[2 * i])
    default: {
      const uint8_t *x = from;
      EACH (firn_float8_to_float(dtype, x[i]))
        ;
    }
  }
}

static void up(firn_dtype dtype, const void *from, block *to, size_t n) {
  const double *x = from;
  switch (kind_of(dtype)) {
    case INTEGER: up_integer(dtype, from, to->integer, n); break;
    case SINGLE: up_single(dtype, from, to->single, n); break;
    case TWICE:
      for (size_t i = 0; i < n; i++)
        to->twice[i] = x[i * (dtype == FIRN_COMPLEX128 ? 2 : 1)];
  }
}

/* ---- Down --------------------------------------------------------------- */

#define DOWN(TYPE, T, EXPR)                          \
  case TYPE: {                                       \
    T *y = to;                                       \
    for (size_t i = 0; i < n; i++) y[i] = (T)(EXPR); \
    break;                                           \
  }
#define DOWN_BOTH(TYPE, QTYPE, T, EXPR) \
  case QTYPE: DOWN(TYPE, T, EXPR)

/* To an integer of dtype from x[i]; I32, I64 and U64 tell how. */
#define DOWN_INTEGERS(I32, I64, U64)                  \
  DOWN(FIRN_BOOL, bool, x[i] != 0)                    \
  DOWN_BOTH(FIRN_INT8, FIRN_QINT8, int8_t, I32)       \
  DOWN_BOTH(FIRN_INT16, FIRN_QINT16, int16_t, I32)    \
  DOWN_BOTH(FIRN_INT32, FIRN_QINT32, int32_t, I32)    \
  DOWN_BOTH(FIRN_UINT8, FIRN_QUINT8, uint8_t, I32)    \
  DOWN_BOTH(FIRN_UINT16, FIRN_QUINT16, uint16_t, I32) \
  DOWN(FIRN_UINT32, uint32_t, I64)                    \
  DOWN(FIRN_INT64, int64_t, I64)                      \
  DOWN(FIRN_UINT64, uint64_t, U64)

static void down_integer(firn_dtype dtype, const int64_t *x, void *to,
                         size_t n) {
  switch ((int)dtype) {
    DOWN_INTEGERS(x[i], x[i], x[i])
    DOWN(FIRN_INT4, uint8_t, x[i] & 15)
    DOWN(FIRN_UINT4, uint8_t, x[i] & 15)
    default: break;
  }
}

static void down_single(firn_dtype dtype, const float *x, void *to, size_t n) {
  switch ((int)dtype) {
    DOWN_INTEGERS(i32_of_float(x[i]), i64_of_float(x[i]),
                  u64_of(i64_of_float(x[i]), i64_of_float(x[i] - 0x1p63f)))
    case FIRN_HALF:
    case FIRN_BFLOAT16: firn_narrow(dtype, x, to, n); break;
    case FIRN_FLOAT:
      memcpy(to, x, n * sizeof *x);
      break;
      DOWN(FIRN_DOUBLE, double, x[i])
    default: {
      uint8_t *y = to;
      for (size_t i = 0; i < n; i++) y[i] = firn_float8_from_float(dtype, x[i]);
    }
  }
}

static void down_double(firn_dtype dtype, const double *x, void *to, size_t n) {
  switch ((int)dtype) {
    DOWN_INTEGERS(i32_of_double(x[i]), i64_of_double(x[i]),
                  u64_of(i64_of_double(x[i]), i64_of_double(x[i] - 0x1p63)))
    DOWN(FIRN_FLOAT, float, x[i])
    case FIRN_DOUBLE: memcpy(to, x, n * sizeof *x); break;
    default: break;
  }
}

/* ---- Both steps over one block ------------------------------------------ */

typedef struct job {
  firn_dtype in, out;
  bool truncate;
  const char *x;
  char *y;
} job;

/* With attr Truncate floats lose their low bits instead of being rounded. */
static int mantissa_bits(firn_dtype dtype) {
  switch ((int)dtype) {
    case FIRN_FLOAT: return 23;
    case FIRN_HALF: return 10;
    case FIRN_BFLOAT16: return 7;
    case FIRN_FLOAT8_E5M2: return 2;
    case FIRN_FLOAT8_E4M3FN: return 3;
    default: return 52;
  }
}

static void truncate(const job *j, block *b, size_t n) {
  const int keep = mantissa_bits(j->out), have = mantissa_bits(j->in);
  if (keep >= have) return;
  if (kind_of(j->in) == TWICE) {
    for (size_t i = 0; i < n; i++)
      b->integer[i] &= (int64_t)(UINT64_MAX << (52 - keep));
  } else {
    uint32_t *bits = (uint32_t *)b;
    for (size_t i = 0; i < n; i++) bits[i] &= UINT32_MAX << (23 - keep);
  }
}

/* The floats narrower than a double are made of a float. */
static void to_single(const job *j, block *b, size_t n) {
  float single[BLOCK];
  if (kind_of(j->in) == TWICE)
    for (size_t i = 0; i < n; i++) single[i] = (float)b->twice[i];
  else if (j->in == FIRN_UINT64)
    for (size_t i = 0; i < n; i++) single[i] = (float)(uint64_t)b->integer[i];
  else
    for (size_t i = 0; i < n; i++) single[i] = (float)b->integer[i];
  memcpy(b->single, single, n * sizeof *single);
}

static void to_double(const job *j, block *b, size_t n) {
  if (j->in == FIRN_UINT64)
    for (size_t i = 0; i < n; i++)
      b->twice[i] = (double)(uint64_t)b->integer[i];
  else
    for (size_t i = 0; i < n; i++) b->twice[i] = (double)b->integer[i];
}

static void down(const job *j, firn_dtype out, block *b, char *y, size_t n) {
  kind have = kind_of(j->in);
  if (kind_of(out) == SINGLE && have != SINGLE) {
    to_single(j, b, n);
    have = SINGLE;
  } else if (kind_of(out) == TWICE && have == INTEGER) {
    to_double(j, b, n);
    have = TWICE;
  }
  if (have == INTEGER) down_integer(out, b->integer, y, n);
  if (have == SINGLE) down_single(out, b->single, y, n);
  if (have == TWICE) down_double(out, b->twice, y, n);
}

static bool is_complex(firn_dtype dtype) {
  return dtype == FIRN_COMPLEX64 || dtype == FIRN_COMPLEX128;
}

/* A real number becomes the first of two parts. */
static void down_complex(const job *j, block *b, char *y, size_t n) {
  block real = {.integer = {0}};
  if (j->out == FIRN_COMPLEX64) {
    down(j, FIRN_FLOAT, b, (char *)&real, n);
    float *to = (float *)y;
    for (size_t i = 0; i < n; i++)
      to[2 * i] = real.single[i], to[2 * i + 1] = 0;
  } else {
    down(j, FIRN_DOUBLE, b, (char *)&real, n);
    double *to = (double *)y;
    for (size_t i = 0; i < n; i++) to[2 * i] = real.twice[i], to[2 * i + 1] = 0;
  }
}

static void cast_blocks(const job *j, const char *x, char *y, size_t count) {
  const size_t in_size = firn_dtype_size(j->in),
               out_size = firn_dtype_size(j->out);
  block b;
  for (size_t at = 0; at < count; at += BLOCK) {
    const size_t n = firn_min_size(BLOCK, count - at);
    up(j->in, x + at * in_size, &b, n);
    if (j->truncate) truncate(j, &b, n);
    if (is_complex(j->out))
      down_complex(j, &b, y + at * out_size, n);
    else
      down(j, j->out, &b, y + at * out_size, n);
  }
}

/* ---- In one step -------------------------------------------------------- */

typedef void (*direct_fn)(const void *x, void *y, size_t n);

#define DIRECT(NAME, T, TY, EXPR)                          \
  static void NAME(const void *from, void *to, size_t n) { \
    const T *restrict x = from;                            \
    TY *restrict y = to;                                   \
    for (size_t i = 0; i < n; i++) y[i] = (TY)(EXPR);      \
  }
DIRECT(float_of_u8, uint8_t, float, x[i])
DIRECT(float_of_bool, uint8_t, float, x[i] != 0)
DIRECT(float_of_i32, int32_t, float, x[i])
DIRECT(float_of_i64, int64_t, float, x[i])
DIRECT(float_of_double, double, float, x[i])
DIRECT(double_of_float, float, double, x[i])
DIRECT(i32_of_i64, int64_t, int32_t, x[i])
DIRECT(i64_of_i32, int32_t, int64_t, x[i])
DIRECT(i32_of_f32, float, int32_t, i32_of_float(x[i]))
DIRECT(i64_of_f32, float, int64_t, i64_of_float(x[i]))
DIRECT(bool_of_f32, float, bool, x[i] != 0)

static direct_fn direct_of(firn_dtype in, firn_dtype out) {
  static const struct {
    firn_dtype in, out;
    direct_fn run;
  } table[] = {
      {FIRN_UINT8, FIRN_FLOAT, float_of_u8},
      {FIRN_BOOL, FIRN_FLOAT, float_of_bool},
      {FIRN_INT32, FIRN_FLOAT, float_of_i32},
      {FIRN_INT64, FIRN_FLOAT, float_of_i64},
      {FIRN_DOUBLE, FIRN_FLOAT, float_of_double},
      {FIRN_FLOAT, FIRN_DOUBLE, double_of_float},
      {FIRN_INT64, FIRN_INT32, i32_of_i64},
      {FIRN_INT32, FIRN_INT64, i64_of_i32},
      {FIRN_FLOAT, FIRN_INT32, i32_of_f32},
      {FIRN_FLOAT, FIRN_INT64, i64_of_f32},
      {FIRN_FLOAT, FIRN_BOOL, bool_of_f32},
  };
  for (size_t i = 0; i < FIRN_COUNT(table); i++)
    if (table[i].in == in && table[i].out == out) return table[i].run;
  return NULL;
}

/* ---- Driver ------------------------------------------------------------- */

static void run_piece(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  const size_t in_size = firn_dtype_size(j->in),
               out_size = firn_dtype_size(j->out);
  const char *x = j->x + begin * in_size;
  char *y = j->y + begin * out_size;
  const direct_fn direct = j->truncate ? NULL : direct_of(j->in, j->out);
  if (j->in == j->out) {
    if (x != y) memcpy(y, x, (end - begin) * in_size);
  } else if (direct) {
    direct(x, y, end - begin);
  } else if (j->in == FIRN_COMPLEX128 && j->out == FIRN_COMPLEX64) {
    float_of_double(x, y, 2 * (end - begin));
  } else if (j->in == FIRN_COMPLEX64 && j->out == FIRN_COMPLEX128) {
    double_of_float(x, y, 2 * (end - begin));
  } else {
    cast_blocks(j, x, y, end - begin);
  }
}

static firn_code drive_cast(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0], *y = run->out[0];
  FIRN_UNUSED(err);
  job j = {.in = x->dtype,
           .out = y->dtype,
           .truncate = firn_attr_bool_or(run->node, "Truncate", false),
           .x = x->data,
           .y = y->data};
  if (x->count) firn_parallel_for(run->pool, x->count, 16384, run_piece, &j);
  return FIRN_OK;
}

static firn_code drive_same(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0], *y = run->out[0];
  if (firn_elements_copy(x->dtype, y->data, x->data, x->count)) return FIRN_OK;
  return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                   "out of memory copying strings");
}

static firn_code infer_cast(firn_infer *q, firn_error *err) {
  int64_t ints[FIRN_MAX_INTS], count;
  const firn_info *x = &q->in[0];
  FIRN_UNUSED(err);
  q->out[0].shape = x->shape;
  if (!(FIRN_BIT(q->out[0].dtype) & FIRN_INDICES) || !x->ints ||
      !firn_shape_known(&x->shape) || !firn_shape_count(&x->shape, &count) ||
      count > FIRN_MAX_INTS)
    return FIRN_OK;
  for (int64_t i = 0; i < count; i++) {
    const int64_t v = x->ints[i];
    ints[i] =
        q->out[0].dtype == FIRN_INT32 && v != (int32_t)v ? FIRN_UNKNOWN_INT : v;
  }
  firn_infer_set_ints(q, 0, ints, (size_t)count);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define FLOAT8 (FIRN_BIT(FIRN_FLOAT8_E5M2) | FIRN_BIT(FIRN_FLOAT8_E4M3FN))
#define INT4S (FIRN_BIT(FIRN_INT4) | FIRN_BIT(FIRN_UINT4))
#define QUANTIZED                                                         \
  (FIRN_BIT(FIRN_QINT8) | FIRN_BIT(FIRN_QUINT8) | FIRN_BIT(FIRN_QINT16) | \
   FIRN_BIT(FIRN_QUINT16) | FIRN_BIT(FIRN_QINT32))
#define WHOLE (FIRN_INTS | QUANTIZED)
#define USUAL (FIRN_NUMBERS | QUANTIZED | FIRN_BIT(FIRN_BOOL))

#define CAST(from, into) \
  { .types = {{"SrcT", from}, {"DstT", into}}, .drive = drive_cast }
#define SAME(type)                                                 \
  {                                                                \
    .types = {{"SrcT", FIRN_BIT(type)}, {"DstT", FIRN_BIT(type)}}, \
    .drive = drive_same                                            \
  }

static const firn_kernel cast[] = {
    CAST(WHOLE, USUAL | INT4S),
    CAST(FIRN_FLOATS | FLOAT8, USUAL | FLOAT8),
    CAST(FIRN_BIT(FIRN_BOOL) | FIRN_COMPLEXES, USUAL),
    CAST(INT4S, WHOLE | INT4S),
    SAME(FIRN_STRING),
    SAME(FIRN_VARIANT),
    SAME(FIRN_FLOAT8_E4M3FNUZ),
    SAME(FIRN_FLOAT8_E4M3B11FNUZ),
    SAME(FIRN_FLOAT8_E5M2FNUZ),
    SAME(FIRN_INT2),
    SAME(FIRN_UINT2),
    SAME(FIRN_FLOAT4_E2M1FN),
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"Cast", infer_cast, cast, 0},
};

FIRN_OP_FAMILY(cast, ops);
