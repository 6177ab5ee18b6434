/* ops/activation.c: Relu and its kin, and their gradients.
 *
 * Each is one loop over float and one over double, of one or two inputs; half
 * and bfloat16 pass through the first in blocks. Relu and Relu6 know integers
 * as well. A gradient's input that is not the gradient is the forward op's
 * input or its output, as TensorFlow has it.
 */
#include <math.h>

#include "ops/infer.h"
#include "ops/micro/micro.h"
#include "ops/stage.h"

enum { BLOCK = 256 }; /* floats that a loop may keep beside its results */

/* What a loop gets: n elements; b is NULL for ops of one input. */
typedef struct piece {
  const void *a, *b;
  void *y;
  size_t n;
  float alpha;
  const firn_micro *micro;
} piece;

typedef void (*loop)(const piece *p);

typedef struct activation {
  loop of_float, of_double;
} activation;

/* ---- Loops over both widths --------------------------------------------- */

/* y[i] = expression of a[i] and b[i], for float and double. */
#define LOOP(name, T, ...)                        \
  static void name(const piece *p) {              \
    const T *as = p->a, *bs = p->b ? p->b : p->a; \
    T *ys = p->y;                                 \
    const T alpha = (T)p->alpha;                  \
    FIRN_UNUSED(alpha);                           \
    for (size_t i = 0; i < p->n; i++) {           \
      const T a = as[i], b = bs[i];               \
      FIRN_UNUSED(b);                             \
      ys[i] = __VA_ARGS__;                        \
    }                                             \
  }
#define BOTH(name, ...)                  \
  LOOP(name##_float, float, __VA_ARGS__) \
  LOOP(name##_double, double, __VA_ARGS__)

BOTH(leaky, a > 0 ? a : a * alpha)
BOTH(softsign, a / (1 + (a < 0 ? -a : a)))
BOTH(relu_grad, b > 0 ? a : 0)
BOTH(relu6_grad, b > 0 && b < 6 ? a : 0)
BOTH(leaky_grad, b > 0 ? a : a * alpha)
BOTH(elu_grad, b < 0 ? (b + 1) * a : a)
BOTH(softsign_grad, a / ((1 + (b < 0 ? -b : b)) * (1 + (b < 0 ? -b : b))))

#define SELU_SCALE 1.0507009873554804934193349852946
#define SELU_SCALE_ALPHA 1.7580993408473768599402175208123
LOOP(selu_grad_float, float,
     b < 0 ? a * (b + (float)SELU_SCALE_ALPHA) : a * (float)SELU_SCALE)
LOOP(selu_grad_double, double,
     b < 0 ? a * (b + SELU_SCALE_ALPHA) : a * SELU_SCALE)

LOOP(relu_double, double, a < 0 ? 0 : a)
LOOP(relu6_double, double, a<0 ? 0 : a> 6 ? 6 : a)
LOOP(elu_double, double, a < 0 ? expm1(a) : a)
LOOP(selu_double, double, a < 0 ? SELU_SCALE_ALPHA * expm1(a) : SELU_SCALE * a)
LOOP(softplus_grad_double, double, a / (exp(-b) + 1))

/* Where 1 + exp(x) is exp(x), and where it is 1, in the type's precision. */
static double softplus_of(double x) {
  const double edge = 34.04; /* -(log(epsilon) + 2) */
  return x > edge ? x : x < -edge ? exp(x) : log1p(exp(x));
}
LOOP(softplus_double, double, softplus_of(a))

/* ---- Float loops that lean on the vectorised exp and log ----------------- */

static void relu_float(const piece *p) {
  p->micro->unary[FIRN_RELU](p->a, p->y, p->n);
}
static void relu6_float(const piece *p) {
  p->micro->unary[FIRN_RELU6](p->a, p->y, p->n);
}

/* exp(x) - 1 loses digits near 0: there a polynomial takes over. */
static inline float expm1_of(float x, float e) {
  const float small =
      x +
      x * x *
          (1 / 2.f +
           x * (1 / 6.f + x * (1 / 24.f + x * (1 / 120.f + x * (1 / 720.f)))));
  return x > -0.25f ? small : e - 1;
}

/* y = x < 0 ? low * expm1(x) : high * x */
static void elu_block(const piece *p, size_t at, size_t n, float low,
                      float high) {
  float e[BLOCK];
  const float *x = (const float *)p->a + at;
  float *y = (float *)p->y + at;
  for (size_t i = 0; i < n; i++) e[i] = x[i] < 0 ? x[i] : 0;
  p->micro->unary[FIRN_EXP](e, e, n);
  for (size_t i = 0; i < n; i++)
    y[i] = x[i] < 0 ? low * expm1_of(x[i], e[i]) : high * x[i];
}

static void elu_float(const piece *p) {
  for (size_t at = 0; at < p->n; at += BLOCK)
    elu_block(p, at, firn_min_size(p->n - at, BLOCK), 1, 1);
}
static void selu_float(const piece *p) {
  for (size_t at = 0; at < p->n; at += BLOCK)
    elu_block(p, at, firn_min_size(p->n - at, BLOCK), (float)SELU_SCALE_ALPHA,
              (float)SELU_SCALE);
}

/* log1p(e) = log(u) * e / (u - 1) with u = 1 + e: the errors cancel. */
static void softplus_block(const float *x, float *y, size_t n,
                           const firn_micro *micro) {
  const float edge = 13.942385f;
  float e[BLOCK], u[BLOCK], log_u[BLOCK];
  for (size_t i = 0; i < n; i++) e[i] = x[i] < edge ? x[i] : edge;
  micro->unary[FIRN_EXP](e, e, n);
  for (size_t i = 0; i < n; i++) u[i] = 1 + e[i];
  micro->unary[FIRN_LOG](u, log_u, n);
  for (size_t i = 0; i < n; i++) {
    const float middle = log_u[i] * (e[i] / (u[i] - 1));
    y[i] = x[i] > edge ? x[i] : x[i] < -edge ? e[i] : middle + (x[i] - x[i]);
  }
}

static void softplus_float(const piece *p) {
  for (size_t at = 0; at < p->n; at += BLOCK)
    softplus_block((const float *)p->a + at, (float *)p->y + at,
                   firn_min_size(p->n - at, BLOCK), p->micro);
}

static void softplus_grad_float(const piece *p) {
  const float *a = p->a, *b = p->b;
  float *y = p->y, e[BLOCK];
  for (size_t at = 0; at < p->n; at += BLOCK) {
    const size_t n = firn_min_size(p->n - at, BLOCK);
    for (size_t i = 0; i < n; i++) e[i] = -b[at + i];
    p->micro->unary[FIRN_EXP](e, e, n);
    for (size_t i = 0; i < n; i++) y[at + i] = a[at + i] / (e[i] + 1);
  }
}

/* ---- Integers ----------------------------------------- */

#define INTEGERS(X)   \
  X(INT8, int8_t)     \
  X(UINT8, uint8_t)   \
  X(INT16, int16_t)   \
  X(UINT16, uint16_t) \
  X(INT32, int32_t) X(UINT32, uint32_t) X(INT64, int64_t) X(UINT64, uint64_t)

#define INTEGER_LOOPS(D, T)                       \
  LOOP(relu_##D, T, a > 0 ? a : 0)                \
  LOOP(relu6_##D, T, a > 0 ? (a < 6 ? a : 6) : 0) \
  LOOP(relu_grad_##D, T, b > 0 ? a : 0)           \
  LOOP(relu6_grad_##D, T, b > 0 && b < 6 ? a : 0)
INTEGERS(INTEGER_LOOPS)

/* ---- Driver -------------------------------------------------------------- */

typedef struct job {
  const activation *what;
  firn_dtype dtype;
  piece all;
} job;

static void run_narrow(const job *j, size_t begin, size_t end) {
  float a[BLOCK], b[BLOCK], y[BLOCK];
  for (size_t at = begin; at < end; at += BLOCK) {
    piece p = {a,
               j->all.b ? b : NULL,
               y,
               firn_min_size(end - at, BLOCK),
               j->all.alpha,
               j->all.micro};
    firn_widen(j->dtype, (const uint16_t *)j->all.a + at, a, p.n);
    if (p.b) firn_widen(j->dtype, (const uint16_t *)j->all.b + at, b, p.n);
    j->what->of_float(&p);
    firn_narrow(j->dtype, y, (uint16_t *)j->all.y + at, p.n);
  }
}

static void run_piece(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  const size_t size = firn_dtype_size(j->dtype);
  if (firn_is_short_float(j->dtype)) {
    run_narrow(j, begin, end);
    return;
  }
  piece p = j->all;
  p.a = (const char *)p.a + begin * size;
  if (p.b) p.b = (const char *)p.b + begin * size;
  p.y = (char *)p.y + begin * size;
  p.n = end - begin;
  if (j->dtype == FIRN_DOUBLE)
    j->what->of_double(&p);
  else
    j->what->of_float(&p);
}

static firn_code drive(const firn_run *run, firn_error *err) {
  enum { GRAIN = 1 << 14 };
  FIRN_UNUSED(err);
  firn_tensor *y = run->out[0];
  job j = {.what = run->kernel->micro.table, .dtype = y->dtype};
  j.all.a = run->in[0]->data;
  j.all.b = run->in_count > 1 ? run->in[1]->data : NULL;
  j.all.y = y->data;
  j.all.alpha = firn_attr_float_or(run->node, "alpha", 0.2f);
  j.all.micro = firn_micro_pick(run->cpu);
  if (y->count) firn_parallel_for(run->pool, y->count, GRAIN, run_piece, &j);
  return FIRN_OK;
}

static firn_code infer_grad(firn_infer *q, firn_error *err) {
  const firn_code code =
      firn_shape_merge(&q->in[0].shape, &q->in[1].shape, &q->out[0].shape, err);
  return code == FIRN_OK ? code : firn_while(err, code, "the two inputs");
}

/* ---- The family ---------------------------------------------------------- */

#define KERNEL(bits, loops)                                            \
  {                                                                    \
    .types = {{"T", bits}}, .drive = drive, .micro = {.table = loops } \
  }

/* Any loop that is not for double stands in the place of the one for float. */
#define TYPE_LOOPS(name, D) \
  static const activation name##_##D##_loops = {name##_##D, NULL};
#define TYPE_KERNEL(name, D) KERNEL(FIRN_BIT(FIRN_##D), &name##_##D##_loops)

#define FLOAT_LOOPS(name) \
  static const activation name##_loops = {name##_float, name##_double};
#define FLOAT_KERNEL(name) KERNEL(FIRN_FLOATS, &name##_loops)

#define FLOAT_OP(name)                          \
  FLOAT_LOOPS(name)                             \
  static const firn_kernel name##_kernels[] = { \
      FLOAT_KERNEL(name),                       \
      {.drive = NULL},                          \
  };

#define INTEGER_OP(name)                                   \
  FLOAT_LOOPS(name)                                        \
  TYPE_LOOPS(name, INT8)                                   \
  TYPE_LOOPS(name, UINT8)                                  \
  TYPE_LOOPS(name, INT16)                                  \
  TYPE_LOOPS(name, UINT16)                                 \
  TYPE_LOOPS(name, INT32)                                  \
  TYPE_LOOPS(name, UINT32)                                 \
  TYPE_LOOPS(name, INT64)                                  \
  TYPE_LOOPS(name, UINT64)                                 \
  static const firn_kernel name##_kernels[] = {            \
      FLOAT_KERNEL(name),        TYPE_KERNEL(name, INT8),  \
      TYPE_KERNEL(name, UINT8),  TYPE_KERNEL(name, INT16), \
      TYPE_KERNEL(name, UINT16), TYPE_KERNEL(name, INT32), \
      TYPE_KERNEL(name, UINT32), TYPE_KERNEL(name, INT64), \
      TYPE_KERNEL(name, UINT64), {.drive = NULL},          \
  };

INTEGER_OP(relu)
INTEGER_OP(relu6)
INTEGER_OP(relu_grad)
INTEGER_OP(relu6_grad)
FLOAT_OP(elu)
FLOAT_OP(selu)
FLOAT_OP(leaky)
FLOAT_OP(softplus)
FLOAT_OP(softsign)
FLOAT_OP(elu_grad)
FLOAT_OP(selu_grad)
FLOAT_OP(leaky_grad)
FLOAT_OP(softplus_grad)
FLOAT_OP(softsign_grad)

#define UNARY(name, kernels) \
  { name, firn_infer_same, kernels, FIRN_OP_IN_PLACE }
#define GRADIENT(name, kernels) \
  { name, infer_grad, kernels, FIRN_OP_IN_PLACE }

static const firn_op ops[] = {
    UNARY("Relu", relu_kernels),
    UNARY("Relu6", relu6_kernels),
    UNARY("Elu", elu_kernels),
    UNARY("Selu", selu_kernels),
    UNARY("LeakyRelu", leaky_kernels),
    UNARY("Softplus", softplus_kernels),
    UNARY("Softsign", softsign_kernels),
    GRADIENT("ReluGrad", relu_grad_kernels),
    GRADIENT("Relu6Grad", relu6_grad_kernels),
    GRADIENT("EluGrad", elu_grad_kernels),
    GRADIENT("SeluGrad", selu_grad_kernels),
    GRADIENT("LeakyReluGrad", leaky_grad_kernels),
    GRADIENT("SoftplusGrad", softplus_grad_kernels),
    GRADIENT("SoftsignGrad", softsign_grad_kernels),
};

FIRN_OP_FAMILY(activation, ops);
