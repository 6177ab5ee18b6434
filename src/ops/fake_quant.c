/* ops/fake_quant.c: FakeQuant...: round floats to the steps of a quantised
 * type.
 *
 * The range is nudged so that zero is one of the steps. It comes from attrs,
 * from two scalars, or from two vectors with one range for each element of the
 * last axis. The gradient passes where the input lies inside of the range.
 */
#include <math.h>

#include "ops/infer.h"

/* ---- The range ----------------------------------------------------------- */

typedef struct range {
  float low, high, scale;
  bool zero; /* both ends are 0: so is everything */
} range;

static range nudge(float low, float high, int bits, bool narrow) {
  const float first = narrow ? 1 : 0, last = (float)((1 << bits) - 1);
  const float scale = (high - low) / (last - first);
  const float from_low = first - low / scale;
  float zero = roundf(from_low);
  if (from_low < first) zero = first;
  if (from_low > last) zero = last;
  return (range){(first - zero) * scale, (last - zero) * scale, scale,
                 low == 0 && high == 0};
}

static float quantise(range r, float x) {
  if (r.zero) return 0;
  const float per_step = 1 / r.scale;
  const float steps = floorf(-r.low * per_step + 0.5f);
  float clamped = x < r.high ? x : r.high;
  if (isnan(x)) clamped = x;
  clamped = clamped > r.low || isnan(clamped) ? clamped : r.low;
  return floorf((clamped - r.low) * per_step - steps + 0.5f) * r.scale;
}

/* ---- Shape --------------------------------------------------------------- */

typedef enum source { ARGS, SCALARS, CHANNELS } source;

static source source_of(const firn_node *node) {
  const firn_str op = node->type->name;
  if (firn_str_starts(op, FIRN_STR("FakeQuantWithMinMaxArgs"))) return ARGS;
  return firn_str_starts(op, FIRN_STR("FakeQuantWithMinMaxVarsPerChannel"))
             ? CHANNELS
             : SCALARS;
}
static bool is_gradient(const firn_node *node) {
  return firn_str_ends(node->type->name, FIRN_STR("Gradient"));
}

static firn_code check_attrs(const firn_node *node, firn_error *err) {
  const int64_t bits = firn_attr_int_or(node, "num_bits", 8);
  const float low = firn_attr_float_or(node, "min", -6);
  const float high = firn_attr_float_or(node, "max", 6);
  if (bits < 2 || bits > 16)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "num_bits is %lld, not in [2, 16]", (long long)bits);
  if (source_of(node) == ARGS && !(low < high))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "min %g must be less than max %g", (double)low,
                     (double)high);
  return FIRN_OK;
}

static firn_code infer(firn_infer *q, firn_error *err) {
  const source from = source_of(q->node);
  const size_t x = is_gradient(q->node) ? 1 : 0;
  FIRN_TRY(check_attrs(q->node, err));
  q->out[0].shape = q->in[x].shape;
  if (x)
    FIRN_TRY(firn_shape_merge(&q->in[0].shape, &q->in[1].shape,
                              &q->out[0].shape, err));
  if (from == ARGS) return FIRN_OK;
  if (from == CHANNELS)
    FIRN_TRY(firn_infer_rank_at_least(q, x, 1, "inputs", err));
  firn_shape ends = firn_shape_scalar();
  for (size_t i = x + 1; i <= x + 2; i++) {
    const firn_shape *shape = &q->in[x].shape;
    firn_shape end;
    FIRN_TRY(firn_infer_rank(q, i, from == CHANNELS ? 1 : 0,
                             i == x + 1 ? "min" : "max", &end, err));
    if (from == SCALARS) continue;
    const int64_t want =
        shape->rank > 0 ? shape->dims[shape->rank - 1] : FIRN_UNKNOWN_DIM;
    if (!firn_dim_merge(want, end.dims[0], &end.dims[0]))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "%s has %lld elements, the last axis %lld",
                       i == x + 1 ? "min" : "max", (long long)end.dims[0],
                       (long long)want);
    ends = end;
  }
  for (size_t i = 1; i < q->out_count; i++) q->out[i].shape = ends;
  return FIRN_OK;
}

/* ---- Running ------------------------------------------------------------- */

/* Rows of `width` elements; element k of a row has range k, or range 0. */
typedef struct job {
  const float *x, *dy;
  float *y;
  const float *low, *high;
  size_t width;
  bool channels, narrow;
  int bits;
} job;

static range range_of(const job *j, size_t k) {
  const size_t i = j->channels ? k : 0;
  return nudge(j->low[i], j->high[i], j->bits, j->narrow);
}

static void forward(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  range r = range_of(j, 0);
  for (size_t i = begin; i < end; i++) {
    if (j->channels) r = range_of(j, i % j->width);
    j->y[i] = quantise(r, j->x[i]);
  }
}

static void backward(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  range r = range_of(j, 0);
  for (size_t i = begin; i < end; i++) {
    if (j->channels) r = range_of(j, i % j->width);
    const bool inside = r.zero || (j->x[i] >= r.low && j->x[i] <= r.high);
    j->y[i] = inside ? j->dy[i] : 0;
  }
}

/* What lies beyond the ends pulls at them. */
static void pull_ends(const job *j, size_t count, float *low, float *high) {
  const size_t n = j->channels ? j->width : 1;
  for (size_t k = 0; k < n; k++) {
    const range r = range_of(j, k);
    double below = 0, above = 0;
    for (size_t i = k; i < count && !r.zero; i += n) {
      if (j->x[i] < r.low) below += (double)j->dy[i];
      if (j->x[i] > r.high) above += (double)j->dy[i];
    }
    low[k] = (float)below;
    high[k] = (float)above;
  }
}

static firn_code drive(const firn_run *run, firn_error *err) {
  enum { GRAIN = 4096 };
  FIRN_UNUSED(err);
  const firn_node *node = run->node;
  const bool gradient = is_gradient(node);
  const size_t at = gradient ? 1 : 0;
  const firn_tensor *x = run->in[at];
  const float low = firn_attr_float_or(node, "min", -6);
  const float high = firn_attr_float_or(node, "max", 6);
  job j = {.x = x->data,
           .dy = gradient ? run->in[0]->data : NULL,
           .y = run->out[0]->data,
           .low = &low,
           .high = &high,
           .width = 1,
           .channels = source_of(node) == CHANNELS,
           .narrow = firn_attr_bool_or(node, "narrow_range", false),
           .bits = (int)firn_attr_int_or(node, "num_bits", 8)};
  if (source_of(node) != ARGS) {
    j.low = run->in[at + 1]->data;
    j.high = run->in[at + 2]->data;
  }
  if (j.channels) j.width = (size_t)x->shape.dims[x->shape.rank - 1];
  if (x->count)
    firn_parallel_for(run->pool, x->count, GRAIN, gradient ? backward : forward,
                      &j);
  if (run->out_count > 1)
    pull_ends(&j, x->count, run->out[1]->data, run->out[2]->data);
  return FIRN_OK;
}

/* ---- The family ---------------------------------------------------------- */

static const firn_kernel kernels[] = {{.drive = drive}, {.drive = NULL}};

static const firn_op ops[] = {
    {"FakeQuantWithMinMaxArgs", infer, kernels, FIRN_OP_IN_PLACE},
    {"FakeQuantWithMinMaxArgsGradient", infer, kernels, FIRN_OP_IN_PLACE},
    {"FakeQuantWithMinMaxVars", infer, kernels, 0},
    {"FakeQuantWithMinMaxVarsGradient", infer, kernels, 0},
    {"FakeQuantWithMinMaxVarsPerChannel", infer, kernels, 0},
    {"FakeQuantWithMinMaxVarsPerChannelGradient", infer, kernels, 0},
};

FIRN_OP_FAMILY(fake_quant, ops);
