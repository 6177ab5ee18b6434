/* ops/batch_norm_old.c: BatchNormWithGlobalNormalization and its gradient,
 * which graphs from before version 9 have.
 *
 *   y = (t - m) / sqrt(v + variance_epsilon) * gamma + beta
 *
 * where gamma counts as 1 unless scale_after_normalization.
 */
#include <math.h>

#include "ops/infer.h"
#include "ops/stage.h"

enum { T_, M, V, BETA, GAMMA };        /* inputs                      */
enum { GRAD_GAMMA = 3, BACKPROP = 4 }; /* of the gradient: t, m, v, … */
enum { DX, DM, DV, DB, DG };

static firn_code infer_with(firn_infer *q, size_t vectors, size_t last,
                            firn_error *err) {
  firn_shape x;
  FIRN_TRY(firn_infer_rank(q, T_, 4, "t", &x, err));
  for (size_t i = M; i < vectors; i++) {
    firn_shape v;
    FIRN_TRY(firn_infer_rank(q, i, 1, "each parameter", &v, err));
    if (!firn_dim_merge(x.dims[3], v.dims[0], &x.dims[3]))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "input %zu has %lld elements, t %lld channels", i,
                       (long long)v.dims[0], (long long)x.dims[3]);
  }
  if (last) FIRN_TRY(firn_shape_merge(&x, &q->in[last].shape, &x, err));
  q->out[0].shape = x;
  for (size_t i = 1; i < q->out_count; i++)
    q->out[i].shape = firn_shape_vector(x.dims[3]);
  return FIRN_OK;
}

static firn_code infer(firn_infer *q, firn_error *err) {
  return infer_with(q, GAMMA + 1, 0, err);
}
static firn_code infer_grad(firn_infer *q, firn_error *err) {
  return infer_with(q, GRAD_GAMMA + 1, BACKPROP, err);
}

/* ---- Loops ----------------------------------------------------------------
 */

typedef struct norm {
  const void *in[5];
  void *out[5];
  size_t rows, channels;
  float epsilon;
  bool scale;
} norm;

#define LOOPS(T, SQRT)                                                    \
  static void forward_##T(const norm *k) {                                \
    const T *m = k->in[M], *v = k->in[V], *beta = k->in[BETA];            \
    const T *gamma = k->in[GAMMA], *x = k->in[T_];                        \
    T *y = k->out[0];                                                     \
    for (size_t i = 0; i < k->rows * k->channels; i++) {                  \
      const size_t c = i % k->channels;                                   \
      const T f = (k->scale ? gamma[c] : 1) / SQRT(v[c] + (T)k->epsilon); \
      y[i] = (x[i] - m[c]) * f + beta[c];                                 \
    }                                                                     \
  }                                                                       \
  static void backward_##T(const norm *k) {                               \
    const T *m = k->in[M], *v = k->in[V], *gamma = k->in[GRAD_GAMMA];     \
    const T *x = k->in[T_], *dy = k->in[BACKPROP];                        \
    T *dx = k->out[DX];                                                   \
    for (size_t c = 0; c < k->channels; c++) {                            \
      const T r = 1 / SQRT(v[c] + (T)k->epsilon);                         \
      const T f = k->scale ? gamma[c] : 1;                                \
      T sum = 0, product = 0;                                             \
      for (size_t i = c; i < k->rows * k->channels; i += k->channels) {   \
        sum += dy[i];                                                     \
        product += dy[i] * (x[i] - m[c]);                                 \
        dx[i] = dy[i] * f * r;                                            \
      }                                                                   \
      ((T *)k->out[DM])[c] = -sum * f * r;                                \
      ((T *)k->out[DV])[c] = product * f * (T)-0.5 * r * r * r;           \
      ((T *)k->out[DB])[c] = sum;                                         \
      ((T *)k->out[DG])[c] = k->scale ? product * r : 0;                  \
    }                                                                     \
  }
LOOPS(float, sqrtf)
LOOPS(double, sqrt)

/* ---- Driver ---------------------------------------------------------------
 */

static firn_stage flat(firn_dtype dtype, size_t count) {
  return (firn_stage){dtype, false, 1, 1, count};
}

static size_t count_of(const firn_shape *shape) {
  return (size_t)firn_shape_product(shape, 0, shape->rank);
}

static bool is_backward(const firn_node *node) {
  return firn_str_ends(node->type->name, FIRN_STR("Grad"));
}

static firn_code prepare(firn_prepare *p, firn_error *err) {
  firn_scratch need = {NULL, 0};
  FIRN_UNUSED(err);
  for (size_t i = 0; i < p->in_count; i++) {
    const firn_stage s = flat(p->in[i].dtype, count_of(&p->in[i].shape));
    firn_stage_in(&s, NULL, &need);
  }
  for (size_t i = 0; i < p->out_count; i++) {
    const firn_stage s = flat(p->out[i].dtype, count_of(&p->out[i].shape));
    firn_stage_out(&s, NULL, &need);
  }
  p->scratch = need.used;
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_tensor *x = run->in[T_];
  char none[64] __attribute__((aligned(64)));
  firn_scratch scratch = {run->scratch ? run->scratch : none, 0};
  norm k = {.channels = (size_t)x->shape.dims[3],
            .epsilon = firn_attr_float_or(run->node, "variance_epsilon", 0),
            .scale = firn_attr_bool_or(run->node, "scale_after_normalization",
                                       false)};
  if (k.channels) k.rows = x->count / k.channels;
  for (size_t i = 0; i < FIRN_COUNT(k.in); i++) {
    const firn_stage s = flat(x->dtype, run->in[i]->count);
    k.in[i] = firn_stage_in(&s, run->in[i]->data, &scratch);
  }
  for (size_t i = 0; i < run->out_count; i++) {
    const firn_stage s = flat(x->dtype, run->out[i]->count);
    k.out[i] = firn_stage_out(&s, run->out[i]->data, &scratch);
  }
  const bool backward = is_backward(run->node);
  if (x->dtype == FIRN_DOUBLE)
    (backward ? backward_double : forward_double)(&k);
  else
    (backward ? backward_float : forward_float)(&k);
  for (size_t i = 0; i < run->out_count; i++) {
    const firn_stage s = flat(x->dtype, run->out[i]->count);
    firn_stage_done(&s, k.out[i], run->out[i]->data, &scratch);
  }
  return FIRN_OK;
}

/* ---- The family -----------------------------------------------------------
 */

static const firn_kernel kernels[] = {
    {.types = {{"T", FIRN_FLOATS}}, .prepare = prepare, .drive = drive},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"BatchNormWithGlobalNormalization", infer, kernels, 0},
    {"BatchNormWithGlobalNormalizationGrad", infer_grad, kernels, 0},
};

FIRN_OP_FAMILY(batch_norm_old, ops);
