/* ops/bias.c: BiasAdd and its gradient.
 *
 * A tensor is looked at as [outer][channels][inner]: with channels last, inner
 * is 1; with NCHW it is the picture.
 */
#include "base/complex.h"

#include "ops/column_sums.h"
#include "ops/geometry.h"
#include "ops/micro/micro.h"
#include "ops/stage.h"

/* ---- Shape -------------------------------------------------------------- */

static firn_code infer(firn_infer *q, firn_error *err) {
  bool first;
  const firn_shape *x = &q->in[0].shape;
  firn_shape bias;
  int64_t channels;
  FIRN_TRY(firn_channels_first(q->node, &first, err));
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 2, "value", err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "bias", &bias, err));
  q->out[0].shape = *x;
  if (x->rank < 0) return FIRN_OK;
  const int axis = first ? 1 : x->rank - 1;
  if (!firn_dim_merge(x->dims[axis], bias.dims[0], &channels))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "bias has %lld elements, value %lld channels",
                     (long long)bias.dims[0], (long long)x->dims[axis]);
  q->out[0].shape.dims[axis] = channels;
  return FIRN_OK;
}

static firn_code infer_grad(firn_infer *q, firn_error *err) {
  bool first;
  const firn_shape *x = &q->in[0].shape;
  FIRN_TRY(firn_channels_first(q->node, &first, err));
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 2, "out_backprop", err));
  q->out[0].shape = firn_shape_vector(
      x->rank < 0 ? FIRN_UNKNOWN_DIM : x->dims[first ? 1 : x->rank - 1]);
  return FIRN_OK;
}

typedef struct split {
  size_t outer, channels, inner;
} split;

static split split_of(const firn_node *node, const firn_shape *x) {
  bool first = false;
  if (firn_channels_first(node, &first, NULL) != FIRN_OK) first = false;
  const int axis = first ? 1 : x->rank - 1;
  return (split){(size_t)firn_shape_product(x, 0, axis), (size_t)x->dims[axis],
                 (size_t)firn_shape_product(x, axis + 1, x->rank)};
}

/* ---- Adding -------------------------------------------------------------- */

enum { BLOCK = 256 };

typedef struct job {
  split s;
  firn_dtype dtype;
  const firn_micro *micro;
  const void *x, *bias;
  void *y;
} job;

/* Runs [begin, end) of outer * channels lines (inner > 1) or of outer rows. */
#define ADD(NAME, T)                                            \
  static void add_##NAME(void *ctx, size_t begin, size_t end) { \
    const job *j = ctx;                                         \
    const T *x = j->x, *bias = j->bias;                         \
    T *y = j->y;                                                \
    const size_t c = j->s.channels, n = j->s.inner;             \
    for (size_t i = begin; i < end; i++) {                      \
      if (n == 1)                                               \
        for (size_t k = 0; k < c; k++)                          \
          y[i * c + k] = (T)(x[i * c + k] + bias[k]);           \
      else                                                      \
        for (size_t k = 0; k < n; k++)                          \
          y[i * n + k] = (T)(x[i * n + k] + bias[i % c]);       \
    }                                                           \
  }
ADD(double, double)
ADD(8, uint8_t)
ADD(16, uint16_t)
ADD(32, uint32_t)
ADD(64, uint64_t)
ADD(c64, float complex)
ADD(c128, double complex)

static void add_float(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  const float *x = j->x, *bias = j->bias;
  float *y = j->y;
  const size_t c = j->s.channels, n = j->s.inner, line = n == 1 ? c : n;
  const firn_form form = n == 1 ? FIRN_BOTH : FIRN_RIGHT_SCALAR;
  for (size_t i = begin; i < end; i++)
    j->micro->binary[FIRN_ADD][form](x + i * line, n == 1 ? bias : bias + i % c,
                                     y + i * line, line);
}

static void add_narrow(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  const uint16_t *x = j->x, *bias = j->bias;
  uint16_t *y = j->y;
  const size_t c = j->s.channels, n = j->s.inner, line = n == 1 ? c : n;
  float a[BLOCK], b[BLOCK];
  for (size_t at = begin * line; at < end * line; at += BLOCK) {
    const size_t count = firn_min_size(end * line - at, BLOCK);
    firn_widen(j->dtype, x + at, a, count);
    for (size_t i = 0; i < count; i++)
      firn_widen(j->dtype, bias + (at + i) / n % c, b + i, 1);
    for (size_t i = 0; i < count; i++) a[i] += b[i];
    firn_narrow(j->dtype, a, y + at, count);
  }
}

static void (*adder(firn_dtype dtype))(void *, size_t, size_t) {
  switch (dtype) {
    case FIRN_FLOAT: return add_float;
    case FIRN_DOUBLE: return add_double;
    case FIRN_COMPLEX64: return add_c64;
    case FIRN_COMPLEX128: return add_c128;
    case FIRN_HALF:
    case FIRN_BFLOAT16: return add_narrow;
    default: break;
  }
  switch (firn_dtype_size(dtype)) {
    case 1: return add_8;
    case 2: return add_16;
    case 4: return add_32;
    default: return add_64;
  }
}

static firn_code drive(const firn_run *run, firn_error *err) {
  enum { GRAIN = 1 << 14 };
  FIRN_UNUSED(err);
  const firn_tensor *x = run->in[0];
  job j = {.s = split_of(run->node, &x->shape),
           .dtype = x->dtype,
           .micro = firn_micro_pick(run->cpu),
           .x = x->data,
           .bias = run->in[1]->data,
           .y = run->out[0]->data};
  if (x->count == 0) return FIRN_OK;
  const bool rows = j.s.inner == 1;
  firn_parallel_for(run->pool, rows ? j.s.outer : j.s.outer * j.s.channels,
                    GRAIN / (rows ? j.s.channels : j.s.inner) + 1,
                    adder(x->dtype), &j);
  return FIRN_OK;
}

/* ---- Summing ------------------------------------------------------------- */

#define SUM(NAME, T)                                                   \
  static void sum_##NAME(const split *s, const void *in, void *out) {  \
    const T *x = in;                                                   \
    T *y = out;                                                        \
    memset(y, 0, s->channels * sizeof *y);                             \
    for (size_t o = 0; o < s->outer; o++)                              \
      for (size_t c = 0; c < s->channels; c++)                         \
        for (size_t i = 0; i < s->inner; i++) y[c] = (T)(y[c] + *x++); \
  }
SUM(double, double)
SUM(8, uint8_t)
SUM(16, uint16_t)
SUM(32, uint32_t)
SUM(64, uint64_t)
SUM(c64, float complex)
SUM(c128, double complex)

static void sum_numbers(firn_dtype dtype, const split *s, const void *x,
                        void *y) {
  switch (dtype) {
    case FIRN_DOUBLE: sum_double(s, x, y); return;
    case FIRN_COMPLEX64: sum_c64(s, x, y); return;
    case FIRN_COMPLEX128: sum_c128(s, x, y); return;
    default: break;
  }
  switch (firn_dtype_size(dtype)) {
    case 1: sum_8(s, x, y); return;
    case 2: sum_16(s, x, y); return;
    case 4: sum_32(s, x, y); return;
    default: sum_64(s, x, y); return;
  }
}

/* Floats, narrow ones widened, NCHW turned. */
static void sum_floats(const firn_stage *stage, const void *x, void *y,
                       firn_scratch *scratch, firn_pool *pool) {
  const size_t rows = stage->batch * stage->space, n = stage->channels;
  double *sums = firn_scratch_array(scratch, n, sizeof *sums);
  float *wide = firn_scratch_array(scratch, n, sizeof *wide);
  void *work = firn_scratch_take(scratch, firn_column_sums_workspace(rows, n));
  const firn_columns c = {
      .x = firn_stage_in(stage, x, scratch), .rows = rows, .columns = n};
  if (!scratch->base) return;
  firn_column_sums(&c, sums, work, pool);
  if (stage->dtype == FIRN_FLOAT) wide = y;
  for (size_t i = 0; i < n; i++) wide[i] = (float)sums[i];
  if (stage->dtype != FIRN_FLOAT) firn_narrow(stage->dtype, wide, y, n);
}

static firn_stage stage_of(const firn_node *node, firn_dtype dtype,
                           const firn_shape *x) {
  const split s = split_of(node, x);
  return (firn_stage){dtype, s.inner > 1, s.outer, s.channels, s.inner};
}

static firn_code prepare_grad(firn_prepare *p, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_dtype dtype = p->in[0].dtype;
  const firn_stage stage = stage_of(p->node, dtype, &p->in[0].shape);
  firn_scratch need = {NULL, 0};
  if (firn_dtype_wide(dtype) == FIRN_FLOAT)
    sum_floats(&stage, NULL, NULL, &need, NULL);
  p->scratch = need.used;
  return FIRN_OK;
}

static firn_code drive_grad(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_tensor *x = run->in[0];
  firn_tensor *y = run->out[0];
  const split s = split_of(run->node, &x->shape);
  const firn_stage stage = stage_of(run->node, x->dtype, &x->shape);
  firn_scratch scratch = {run->scratch, 0};
  if (y->count == 0) return FIRN_OK;
  if (x->count == 0)
    memset(y->data, 0, firn_tensor_bytes(y));
  else if (firn_dtype_wide(x->dtype) == FIRN_FLOAT)
    sum_floats(&stage, x->data, y->data, &scratch, run->pool);
  else
    sum_numbers(x->dtype, &s, x->data, y->data);
  return FIRN_OK;
}

/* ---- The family ---------------------------------------------------------- */

static const firn_kernel add[] = {
    {.types = {{"T", FIRN_NUMBERS}}, .drive = drive},
    {.drive = NULL},
};
static const firn_kernel sum[] = {
    {.types = {{"T", FIRN_NUMBERS}},
     .prepare = prepare_grad,
     .drive = drive_grad},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"BiasAdd", infer, add, FIRN_OP_IN_PLACE},
    {"BiasAddV1", infer, add, FIRN_OP_IN_PLACE},
    {"BiasAddGrad", infer_grad, sum, 0},
};

FIRN_OP_FAMILY(bias, ops);
