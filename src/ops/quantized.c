/* ops/quantized.c: the ops on quantised tensors that go element by element, and
 * those that choose new ranges.
 */
#include "ops/quantized.h"

#include <math.h>

#include "ops/picture.h"

/* ---- Levels ------------------------------------------------------------- */

firn_levels firn_levels_of(firn_dtype dtype) {
  switch (dtype) {
    case FIRN_QINT8: return (firn_levels){256, INT8_MIN, INT8_MAX};
    case FIRN_QUINT8: return (firn_levels){256, 0, UINT8_MAX};
    case FIRN_QINT16: return (firn_levels){65536, INT16_MIN, INT16_MAX};
    case FIRN_QUINT16: return (firn_levels){65536, 0, UINT16_MAX};
    default: return (firn_levels){4294967296.0, INT32_MIN, INT32_MAX};
  }
}

firn_code firn_range_of(const firn_run *run, size_t i, size_t j,
                        firn_range *out, firn_error *err) {
  if (run->in[i]->count < 1 || run->in[j]->count < 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "inputs %zu and %zu must hold a number each", i, j);
  out->min = *(const float *)run->in[i]->data;
  out->max = *(const float *)run->in[j]->data;
  return FIRN_OK;
}

/* Far beyond any level, but no danger to further sums. */
static int64_t whole(double x) {
  const double limit = 4e18;
  if (!(x > -limit)) return -(int64_t)limit;
  return x < limit ? (int64_t)x : (int64_t)limit;
}

int64_t firn_level_of(firn_levels l, firn_range r, float x) {
  if (r.min == r.max) return l.lowest;
  const double adjust = l.count / (l.count - 1.0);
  const double range = (double)(r.max - r.min) * adjust;
  const double scale = l.count / range;
  return whole(round((double)x * scale) - round((double)r.min * scale)) +
         l.lowest;
}

static int64_t clamp(firn_levels l, int64_t x) {
  if (x < l.lowest) return l.lowest;
  return x > l.highest ? l.highest : x;
}

int64_t firn_level_within(firn_levels l, firn_range r, float x) {
  return clamp(l, firn_level_of(l, r, x));
}

float firn_float_of_level(firn_levels l, firn_range r, int64_t level) {
  if (r.min == r.max) return r.min;
  const double adjust = l.count / (l.count - 1.0);
  const double range = (double)(r.max - r.min) * adjust;
  const double scale = range / l.count;
  const double min = (double)(roundf(r.min / (float)scale) * (float)scale);
  return (float)(min + ((double)level - (double)l.lowest) * scale);
}

firn_range firn_range_of_product(firn_levels a, firn_range ra, firn_levels b,
                                 firn_range rb) {
  const float one = (ra.max - ra.min) / (float)(a.highest - a.lowest) *
                    ((rb.max - rb.min) / (float)(b.highest - b.lowest));
  return (firn_range){one * (float)INT32_MIN, one * (float)INT32_MAX};
}

static float larger(float a, float b) { return a < b ? b : a; }

firn_range firn_range_of_sum(firn_range a, firn_range b, int spare) {
  const float most = larger(a.max, larger(-a.min, larger(b.max, -b.min))) *
                     (float)(1 << spare);
  return (firn_range){-most, most};
}

int64_t firn_quantized_get(const firn_tensor *t, size_t i) {
  switch (t->dtype) {
    case FIRN_QINT8: return ((const int8_t *)t->data)[i];
    case FIRN_QUINT8: return ((const uint8_t *)t->data)[i];
    case FIRN_QINT16: return ((const int16_t *)t->data)[i];
    case FIRN_QUINT16: return ((const uint16_t *)t->data)[i];
    default: return ((const int32_t *)t->data)[i];
  }
}

void firn_quantized_put(firn_tensor *t, size_t i, int64_t level) {
  const size_t size = firn_dtype_size(t->dtype);
  memcpy((char *)t->data + i * size, &level, size); /* little-endian */
}

/* ---- One range to another ----------------------------------------------- */

/* From 32 bits to 8 TensorFlow counts in fixed point, 16 bits behind it. */
static void narrow(const firn_tensor *x, firn_range rx, firn_tensor *y,
                   firn_range ry, size_t count) {
  enum { SHIFT = 16 };
  const int32_t *in = x->data;
  uint8_t *out = y->data;
  const float in_range = rx.max - rx.min, out_range = ry.max - ry.min;
  const float inverse = out_range == 0 ? 0 : (float)(255.0 / (double)out_range);
  const float zero = (float)((double)(rx.min + rx.max) / 2.0);
  const double one = 1 << SHIFT;
  const bool flat = out_range == 0;
  const int64_t scale =
      flat ? 0 : whole(255.0 * one * (double)in_range / (double)out_range);
  const int64_t in_offset = whole((double)(zero * inverse * (float)one));
  const int64_t out_offset =
      flat ? 0 : whole(one * ((double)ry.min * 255.0) / (double)out_range);
  const uint64_t add =
      (uint64_t)in_offset - (uint64_t)out_offset + (1u << (SHIFT - 1));
  for (size_t i = 0; i < count; i++) {
    const int64_t product = (int64_t)((uint64_t)in[i] * (uint64_t)scale);
    const int64_t level = (int64_t)((uint64_t)(product >> 32) + add) >> SHIFT;
    out[i] = (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
  }
}

void firn_requantize(const firn_tensor *x, size_t from, firn_range rx,
                     firn_tensor *y, size_t to, firn_range ry, size_t count) {
  const firn_levels lx = firn_levels_of(x->dtype),
                    ly = firn_levels_of(y->dtype);
  const float in_scale = (float)((double)(rx.max - rx.min) / (lx.count - 1.0));
  const float in_min =
      rx.max == rx.min ? rx.min : roundf(rx.min / in_scale) * in_scale;
  const float base = in_min - (float)lx.lowest * in_scale;
  const float out_scale =
      ry.max == ry.min ? 0
                       : (float)((ly.count - 1.0) / (double)(ry.max - ry.min));
  const float out_min = roundf(ry.min * out_scale) - (float)ly.lowest;
  const float least = (float)ly.lowest;
  const float most =
      ly.highest > 2147483520 ? 2147483520.0f : (float)ly.highest;
  for (size_t i = 0; i < count; i++) {
    const float value =
        base + (float)firn_quantized_get(x, from + i) * in_scale;
    float level = roundf(value * out_scale) - out_min;
    if (!(level > least)) level = least;
    if (level > most) level = most;
    firn_quantized_put(y, to + i, (int64_t)level);
  }
}

void firn_put_range(const firn_run *run, firn_range r) {
  *(float *)run->out[1]->data = r.min;
  *(float *)run->out[2]->data = r.max;
}

firn_code firn_infer_ranges(firn_infer *q, size_t begin, size_t end,
                            firn_error *err) {
  for (size_t i = begin; i < end; i++)
    FIRN_TRY(firn_infer_is_scalar(q, i, "a minimum or maximum", err));
  if (q->out_count < 3) return FIRN_OK;
  q->out[1].shape = q->out[2].shape = firn_shape_scalar();
  return FIRN_OK;
}

/* ---- Relu --------------------------------------------------------------- */

static firn_code infer_same(firn_infer *q, firn_error *err) {
  q->out[0].shape = q->in[0].shape;
  return firn_infer_ranges(q, 1, q->in_count, err);
}

static firn_code drive_clip(const firn_run *run, bool six, firn_error *err) {
  const firn_tensor *x = run->in[0];
  const firn_levels l = firn_levels_of(x->dtype);
  firn_range r;
  FIRN_TRY(firn_range_of(run, 1, 2, &r, err));
  const int64_t low = firn_level_within(l, r, 0);
  const int64_t high = six ? firn_level_within(l, r, 6) : l.highest;
  for (size_t i = 0; i < x->count; i++) {
    const int64_t level = firn_quantized_get(x, i);
    const int64_t above = level < low ? low : level;
    firn_quantized_put(run->out[0], i, above > high ? high : above);
  }
  firn_put_range(run, r);
  return FIRN_OK;
}

static firn_code drive_relu(const firn_run *run, firn_error *err) {
  return drive_clip(run, false, err);
}

static firn_code drive_relu6(const firn_run *run, firn_error *err) {
  return drive_clip(run, true, err);
}

/* ---- New ranges --------------------------------------------------------- */

/* The floats that the lowest and highest level in use stand for. */
static firn_range used(const firn_tensor *x, firn_range r) {
  const firn_levels l = firn_levels_of(x->dtype);
  int64_t low = l.highest, high = l.lowest;
  for (size_t i = 0; i < x->count; i++) {
    const int64_t level = firn_quantized_get(x, i);
    if (level < low) low = level;
    if (level > high) high = level;
  }
  const float min = firn_float_of_level(l, r, low);
  return (firn_range){min < 0 ? min : 0, firn_float_of_level(l, r, high)};
}

static void requantize_all(const firn_run *run, firn_range from,
                           firn_range to) {
  const firn_tensor *x = run->in[0];
  if (run->out[0]->dtype == FIRN_QUINT8 && x->dtype == FIRN_QINT32)
    narrow(x, from, run->out[0], to, x->count);
  else
    firn_requantize(x, 0, from, run->out[0], 0, to, x->count);
  firn_put_range(run, to);
}

static firn_code drive_shrink(const firn_run *run, firn_error *err) {
  firn_range r;
  FIRN_TRY(firn_range_of(run, 1, 2, &r, err));
  requantize_all(run, r, used(run->in[0], r));
  return FIRN_OK;
}

static firn_code drive_requantize(const firn_run *run, firn_error *err) {
  firn_range from, to;
  FIRN_TRY(firn_range_of(run, 1, 2, &from, err));
  FIRN_TRY(firn_range_of(run, 3, 4, &to, err));
  if (!(to.min <= 0 && to.max >= to.min))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "requested_output_min = %g must not be above 0, nor above "
                     "requested_output_max = %g",
                     (double)to.min, (double)to.max);
  requantize_all(run, from, to);
  return FIRN_OK;
}

static firn_code infer_range(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_ranges(q, 1, 3, err));
  return firn_infer_scalar(q, err);
}

static firn_code drive_range(const firn_run *run, firn_error *err) {
  firn_range r;
  FIRN_TRY(firn_range_of(run, 1, 2, &r, err));
  r = used(run->in[0], r);
  *(float *)run->out[0]->data = r.min;
  *(float *)run->out[1]->data = r.max;
  return FIRN_OK;
}

/* ---- Bias --------------------------------------------------------------- */

static firn_code infer_bias(firn_infer *q, firn_error *err) {
  firn_shape bias;
  int64_t merged;
  const firn_shape *x = &q->in[0].shape;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 2, "input", err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "bias", &bias, err));
  if (x->rank > 0 &&
      !firn_dim_merge(x->dims[x->rank - 1], bias.dims[0], &merged))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "input has %lld channels, bias %lld",
                     (long long)x->dims[x->rank - 1], (long long)bias.dims[0]);
  q->out[0].shape = *x;
  return firn_infer_ranges(q, 2, 6, err);
}

static firn_code drive_bias(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0], *bias = run->in[1];
  int32_t *y = run->out[0]->data;
  firn_range rx, rb;
  FIRN_TRY(firn_range_of(run, 2, 3, &rx, err));
  FIRN_TRY(firn_range_of(run, 4, 5, &rb, err));
  const firn_range total = firn_range_of_sum(rx, rb, 17);
  firn_put_range(run, total);
  if (x->count == 0) return FIRN_OK;
  const firn_shape shape = firn_shape_vector((int64_t)bias->count);
  firn_tensor *wide = NULL;
  FIRN_TRY(firn_tensor_make(FIRN_QINT32, &shape, &run->env->alloc, &wide, err));
  firn_requantize(bias, 0, rb, wide, 0, total, bias->count);
  firn_requantize(x, 0, rx, run->out[0], 0, total, x->count);
  const int32_t zero =
      (int32_t)firn_level_within(firn_levels_of(FIRN_QINT32), total, 0);
  for (size_t i = 0; i < x->count; i++)
    y[i] = (int32_t)((uint32_t)y[i] +
                     ((uint32_t)((int32_t *)wide->data)[i % bias->count] +
                      (uint32_t)zero));
  firn_tensor_release(wide);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define QUANTIZED(id, in_attr, in_type, out_attr, out_type)                  \
  {                                                                          \
    .types = {{in_attr, FIRN_BIT(in_type)}, {out_attr, FIRN_BIT(out_type)}}, \
    .drive = drive_##id                                                      \
  }

static const firn_kernel relu[] = {
    QUANTIZED(relu, "Tinput", FIRN_QUINT8, "out_type", FIRN_QUINT8),
    QUANTIZED(relu, "Tinput", FIRN_QINT32, "out_type", FIRN_QINT32),
    {.drive = NULL},
};
static const firn_kernel relu6[] = {
    QUANTIZED(relu6, "Tinput", FIRN_QUINT8, "out_type", FIRN_QUINT8),
    QUANTIZED(relu6, "Tinput", FIRN_QINT32, "out_type", FIRN_QINT32),
    {.drive = NULL},
};
static const firn_kernel shrink[] = {
    QUANTIZED(shrink, "Tinput", FIRN_QINT32, "out_type", FIRN_QUINT8),
    {.drive = NULL},
};
static const firn_kernel requantize[] = {
    QUANTIZED(requantize, "Tinput", FIRN_QINT32, "out_type", FIRN_QUINT8),
    QUANTIZED(requantize, "Tinput", FIRN_QINT32, "out_type", FIRN_QINT8),
    {.drive = NULL},
};
static const firn_kernel range[] = {
    {.types = {{"Tinput", FIRN_BIT(FIRN_QINT32)}}, .drive = drive_range},
    {.drive = NULL},
};
static const firn_kernel bias_add[] = {
    {.types = {{"T1", FIRN_BIT(FIRN_QUINT8)},
               {"T2", FIRN_BIT(FIRN_QUINT8)},
               {"out_type", FIRN_BIT(FIRN_QINT32)}},
     .drive = drive_bias},
    {.types = {{"T1", FIRN_BIT(FIRN_QINT8)},
               {"T2", FIRN_BIT(FIRN_QINT8)},
               {"out_type", FIRN_BIT(FIRN_QINT32)}},
     .drive = drive_bias},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"QuantizedRelu", infer_same, relu, 0},
    {"QuantizedRelu6", infer_same, relu6, 0},
    {"QuantizeDownAndShrinkRange", infer_same, shrink, 0},
    {"Requantize", infer_same, requantize, 0},
    {"RequantizationRange", infer_range, range, 0},
    {"QuantizedBiasAdd", infer_bias, bias_add, 0},
};

FIRN_OP_FAMILY(quantized, ops);
