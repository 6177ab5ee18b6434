/* ops/batch_norm.c: FusedBatchNorm, its versions and its gradients.
 *
 * All versions compute in float; V2 and V3 may take half or bfloat16. Pictures
 * are looked at as a matrix of pixels and channels, NCHW is turned into it.
 *
 *   training   y = (x - mean(x)) / sqrt(var(x) + epsilon) * scale + offset
 *   inference  the same with the mean and variance that are given
 *
 * The moving mean and variance are mixed from the inputs' and the batch's by
 * exponential_avg_factor (1: the batch's alone; its variance with Bessel's
 * correction). What TensorFlow's CPU leaves unwritten in the reserve outputs is
 * the mean and variance used, which is what the gradient wants.
 */
#include <math.h>

#include "ops/column_sums.h"
#include "ops/geometry.h"
#include "ops/micro/micro.h"
#include "ops/stage.h"

enum { X, SCALE, OFFSET, MEAN, VARIANCE }; /* inputs          */
enum { DY, GRAD_X, GRAD_SCALE, SAVED_MEAN, SAVED_VARIANCE };
enum { Y, NEW_MEAN, NEW_VARIANCE, KEPT_MEAN, KEPT_VARIANCE, NOTHING };

/* ---- Shape -------------------------------------------------------------- */

/* The extent of channels of a picture or volume, or -1. */
static firn_code channels_of(const firn_infer *q, size_t i, int64_t *out,
                             firn_error *err) {
  bool first;
  const firn_shape *x = &q->in[i].shape;
  FIRN_TRY(firn_channels_first(q->node, &first, err));
  *out = FIRN_UNKNOWN_DIM;
  if (x->rank < 0) return FIRN_OK;
  if (x->rank != 4 && x->rank != 5) {
    char text[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "x must have 4 or 5 axes, has shape %s",
                     firn_shape_text(x, text));
  }
  *out = x->dims[first ? 1 : x->rank - 1];
  return FIRN_OK;
}

/* A vector by channel; `any` lets it be of any length. */
static firn_code vector(const firn_infer *q, size_t i, const char *what,
                        bool any, int64_t *channels, firn_error *err) {
  firn_shape shape;
  FIRN_TRY(firn_infer_rank(q, i, 1, what, &shape, err));
  if (any || firn_dim_merge(*channels, shape.dims[0], channels)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "%s has %lld elements, x %lld channels", what,
                   (long long)shape.dims[0], (long long)*channels);
}

static firn_code infer(firn_infer *q, firn_error *err) {
  static const char *const names[] = {"x", "scale", "offset", "mean",
                                      "variance"};
  int64_t channels;
  const bool training = firn_attr_bool_or(q->node, "is_training", true);
  const float factor = firn_attr_float_or(q->node, "exponential_avg_factor", 1);
  FIRN_TRY(channels_of(q, X, &channels, err));
  for (size_t i = SCALE; i <= VARIANCE; i++)
    FIRN_TRY(vector(q, i, names[i], i >= MEAN && training && factor == 1,
                    &channels, err));
  q->out[Y].shape = q->in[X].shape;
  for (size_t i = NEW_MEAN; i < q->out_count; i++)
    q->out[i].shape =
        i == NOTHING ? firn_shape_scalar() : firn_shape_vector(channels);
  return FIRN_OK;
}

static firn_code infer_grad(firn_infer *q, firn_error *err) {
  int64_t channels;
  FIRN_TRY(channels_of(q, GRAD_X, &channels, err));
  FIRN_TRY(firn_shape_merge(&q->in[DY].shape, &q->in[GRAD_X].shape,
                            &q->out[0].shape, err));
  FIRN_TRY(vector(q, GRAD_SCALE, "scale", false, &channels, err));
  FIRN_TRY(vector(q, SAVED_MEAN, "reserve_space_1", false, &channels, err));
  FIRN_TRY(vector(q, SAVED_VARIANCE, "reserve_space_2", false, &channels, err));
  q->out[1].shape = q->out[2].shape = firn_shape_vector(channels);
  q->out[3].shape = q->out[4].shape = firn_shape_vector(0);
  return FIRN_OK;
}

/* ---- What all of them need ----------------------------------------------- */

static firn_stage stage_of(const firn_node *node, firn_dtype dtype,
                           const firn_shape *x) {
  bool first = false;
  if (firn_channels_first(node, &first, NULL) != FIRN_OK) first = false;
  const int64_t batch = x->dims[0], channels = x->dims[first ? 1 : x->rank - 1];
  int64_t space = 1;
  for (int i = 1; i < x->rank; i++)
    if (i != (first ? 1 : x->rank - 1)) space *= x->dims[i];
  return (firn_stage){dtype, first, (size_t)batch, (size_t)channels,
                      (size_t)space};
}

/* Rows of pixels, perhaps less a vector, times a vector plus a vector. */
typedef struct affine {
  const firn_micro *micro;
  const float *x, *minus, *scale, *shift;
  float *y;
  size_t channels;
} affine;

static void affine_rows(void *ctx, size_t begin, size_t end) {
  const affine *a = ctx;
  const size_t c = a->channels;
  for (size_t r = begin; r < end; r++)
    a->micro->multiply_add(a->x + r * c, a->scale, a->shift, a->y + r * c, c);
}

/* Subtracting first keeps what is small beside the mean; in training TensorFlow
 * does so, too. */
static void centred_rows(void *ctx, size_t begin, size_t end) {
  const affine *a = ctx;
  const size_t c = a->channels;
  const float *restrict minus = a->minus, *restrict scale = a->scale,
                        *restrict shift = a->shift;
  for (size_t r = begin; r < end; r++) {
    const float *restrict x = a->x + r * c;
    float *restrict y = a->y + r * c;
    for (size_t i = 0; i < c; i++)
      y[i] = (x[i] - minus[i]) * scale[i] + shift[i];
  }
}

static void run_rows(affine *a, size_t rows,
                     void (*run)(void *ctx, size_t begin, size_t end),
                     firn_pool *pool) {
  enum { GRAIN = 1 << 14 };
  firn_parallel_for(pool, rows, GRAIN / (a->channels + 1) + 1, run, a);
}

/* ---- Forward ------------------------------------------------------------- */

/* Mean and variance of each channel over the batch. */
static void moments(const float *x, size_t rows, size_t channels, float *mean,
                    float *variance, firn_pool *pool) {
  const float one = 1 / (float)rows;
  firn_columns c = {.x = x, .rows = rows, .columns = channels};
  firn_column_sums_in_turn(&c, mean, pool);
  for (size_t i = 0; i < channels; i++) mean[i] *= one;
  c.minus = mean;
  c.times = x;
  firn_column_sums_in_turn(&c, variance, pool);
  for (size_t i = 0; i < channels; i++) variance[i] *= one;
}

/* What is handed on to the next step: a mix of old and new. */
static void mix(float factor, double correction, const float *old,
                const float *batch, float *out, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const float now = (float)((double)batch[i] * correction);
    out[i] = factor == 1 ? now : (1 - factor) * old[i] + factor * now;
  }
}

static void normalise(const firn_run *run, firn_scratch *scratch,
                      const firn_stage *stage) {
  const bool measuring = !scratch->base;
  const size_t channels = stage->channels, rows = stage->batch * stage->space;
  float *scale = firn_scratch_array(scratch, channels, sizeof(float));
  float *shift = firn_scratch_array(scratch, channels, sizeof(float));
  const float *x =
      firn_stage_in(stage, measuring ? NULL : run->in[X]->data, scratch);
  float *y =
      firn_stage_out(stage, measuring ? NULL : run->out[Y]->data, scratch);
  if (!measuring) {
    const bool training = firn_attr_bool_or(run->node, "is_training", true);
    const float epsilon = firn_attr_float_or(run->node, "epsilon", 0.0001f);
    const float factor =
        firn_attr_float_or(run->node, "exponential_avg_factor", 1);
    const float *old_mean = run->in[MEAN]->data;
    const float *old_variance = run->in[VARIANCE]->data;
    float *mean = run->out[KEPT_MEAN]->data;
    float *variance = run->out[KEPT_VARIANCE]->data;
    if (training) {
      const double bessel = rows > 1 ? (double)rows / (double)(rows - 1) : 1;
      moments(x, rows, channels, mean, variance, run->pool);
      mix(factor, 1, old_mean, mean, run->out[NEW_MEAN]->data, channels);
      mix(factor, bessel, old_variance, variance, run->out[NEW_VARIANCE]->data,
          channels);
    } else {
      const size_t size = channels * sizeof(float);
      memcpy(mean, old_mean, size);
      memcpy(variance, old_variance, size);
      memcpy(run->out[NEW_MEAN]->data, old_mean, size);
      memcpy(run->out[NEW_VARIANCE]->data, old_variance, size);
    }
    const float *gamma = run->in[SCALE]->data, *beta = run->in[OFFSET]->data;
    for (size_t i = 0; i < channels; i++) {
      scale[i] = gamma[i] / sqrtf(variance[i] + epsilon);
      shift[i] = beta[i] - mean[i] * scale[i];
    }
    if (training)
      run_rows(&(affine){NULL, x, mean, scale, beta, y, channels}, rows,
               centred_rows, run->pool);
    else
      run_rows(&(affine){firn_micro_pick(run->cpu), x, NULL, scale, shift, y,
                         channels},
               rows, affine_rows, run->pool);
  }
  firn_stage_done(stage, y, measuring ? NULL : run->out[Y]->data, scratch);
}

static firn_code prepare(firn_prepare *p, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_stage stage = stage_of(p->node, p->in[X].dtype, &p->in[X].shape);
  firn_scratch need = {NULL, 0};
  normalise(NULL, &need, &stage);
  p->scratch = need.used;
  return FIRN_OK;
}

static void fill(firn_tensor *t, float value) {
  for (size_t i = 0; i < t->count; i++) ((float *)t->data)[i] = value;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_tensor *x = run->in[X];
  const firn_stage stage = stage_of(run->node, x->dtype, &x->shape);
  firn_scratch scratch = {run->scratch, 0};
  if (run->out_count > NOTHING) fill(run->out[NOTHING], 0);
  if (x->count == 0) {
    for (size_t i = NEW_MEAN; i <= KEPT_VARIANCE; i++) fill(run->out[i], NAN);
    return FIRN_OK;
  }
  normalise(run, &scratch, &stage);
  return FIRN_OK;
}

/* ---- Gradient ------------------------------------------------------------ */

/* dx = scale / std * (dy - mean(dy) - (x - mean) * mean(dy * (x - mean)) / var)
 * in training; else dx = scale / std * dy. Per channel it is
 * dx = dy * p + x * q + r. */
typedef struct grad_job {
  const float *x, *dy, *p, *q, *r;
  float *dx;
  size_t channels;
} grad_job;

static void grad_rows(void *ctx, size_t begin, size_t end) {
  const grad_job *j = ctx;
  const size_t n = j->channels;
  for (size_t row = begin; row < end; row++) {
    const float *x = j->x + row * n, *dy = j->dy + row * n;
    float *dx = j->dx + row * n;
    for (size_t i = 0; i < n; i++)
      dx[i] = dy[i] * j->p[i] + (x[i] * j->q[i] + j->r[i]);
  }
}

typedef struct gradient {
  double *sum, *product; /* of dy, of dy * (x - mean), by channel */
  float *p, *q, *r;
} gradient;

static void grad_factors(const firn_run *run, const gradient *g, size_t rows,
                         size_t channels) {
  const bool training = firn_attr_bool_or(run->node, "is_training", true);
  const double epsilon =
      (double)firn_attr_float_or(run->node, "epsilon", 0.0001f);
  const float *gamma = run->in[GRAD_SCALE]->data;
  const float *mean = run->in[SAVED_MEAN]->data;
  const float *variance = run->in[SAVED_VARIANCE]->data;
  float *dscale = run->out[1]->data, *doffset = run->out[2]->data;
  for (size_t i = 0; i < channels; i++) {
    const double var = (double)variance[i] + epsilon;
    const double std = sqrt(var), n = (double)rows;
    const double q =
        training ? -(double)gamma[i] * g->product[i] / (std * var * n) : 0;
    dscale[i] = (float)(g->product[i] / std);
    doffset[i] = (float)g->sum[i];
    g->p[i] = (float)((double)gamma[i] / std);
    g->q[i] = (float)q;
    g->r[i] = (float)(training ? -(double)gamma[i] * g->sum[i] / (std * n) -
                                     (double)mean[i] * q
                               : 0);
  }
}

static void differentiate(const firn_run *run, firn_scratch *scratch,
                          const firn_stage *stage) {
  enum { GRAIN = 1 << 14 };
  const bool measuring = !scratch->base;
  const size_t channels = stage->channels, rows = stage->batch * stage->space;
  gradient g;
  g.sum = firn_scratch_array(scratch, channels, sizeof(double));
  g.product = firn_scratch_array(scratch, channels, sizeof(double));
  g.p = firn_scratch_array(scratch, channels, sizeof(float));
  g.q = firn_scratch_array(scratch, channels, sizeof(float));
  g.r = firn_scratch_array(scratch, channels, sizeof(float));
  void *work = firn_scratch_array(
      scratch, firn_column_sums_workspace(rows, channels), 2);
  const float *x =
      firn_stage_in(stage, measuring ? NULL : run->in[GRAD_X]->data, scratch);
  const float *dy =
      firn_stage_in(stage, measuring ? NULL : run->in[DY]->data, scratch);
  void *out = measuring ? NULL : run->out[0]->data;
  float *dx = firn_stage_out(stage, out, scratch);
  if (!measuring) {
    const firn_columns c[2] = {
        {dy, NULL, NULL, rows, channels},
        {x, run->in[SAVED_MEAN]->data, dy, rows, channels}};
    firn_column_sums_pair(c, (double *[]){g.sum, g.product}, work, run->pool);
    grad_factors(run, &g, rows, channels);
    grad_job j = {x, dy, g.p, g.q, g.r, dx, channels};
    firn_parallel_for(run->pool, rows, GRAIN / channels + 1, grad_rows, &j);
  }
  firn_stage_done(stage, dx, out, scratch);
}

static firn_code prepare_grad(firn_prepare *p, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_stage stage =
      stage_of(p->node, p->in[GRAD_X].dtype, &p->in[GRAD_X].shape);
  firn_scratch need = {NULL, 0};
  differentiate(NULL, &need, &stage);
  p->scratch = need.used;
  return FIRN_OK;
}

static firn_code drive_grad(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_tensor *x = run->in[GRAD_X];
  const firn_stage stage = stage_of(run->node, x->dtype, &x->shape);
  firn_scratch scratch = {run->scratch, 0};
  if (x->count == 0) {
    fill(run->out[1], 0);
    fill(run->out[2], 0);
    return FIRN_OK;
  }
  differentiate(run, &scratch, &stage);
  return FIRN_OK;
}

/* ---- The family ---------------------------------------------------------- */

#define MIXED \
  (FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_HALF) | FIRN_BIT(FIRN_BFLOAT16))

static const firn_kernel forward[] = {
    {.types = {{"T", MIXED}}, .prepare = prepare, .drive = drive},
    {.drive = NULL},
};
static const firn_kernel backward[] = {
    {.types = {{"T", MIXED}}, .prepare = prepare_grad, .drive = drive_grad},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"FusedBatchNorm", infer, forward, 0},
    {"FusedBatchNormV2", infer, forward, 0},
    {"FusedBatchNormV3", infer, forward, 0},
    {"FusedBatchNormGrad", infer_grad, backward, 0},
    {"FusedBatchNormGradV2", infer_grad, backward, 0},
    {"FusedBatchNormGradV3", infer_grad, backward, 0},
};

FIRN_OP_FAMILY(batch_norm, ops);
