/* ops/quantize.c: QuantizeV2, Dequantize, and the QuantizeAndDequantize ops.
 *
 * A range is one for the whole tensor, or one for each slice along an axis: the
 * tensor is looked at as [outer][slices][inner]. The arithmetic is float, step
 * by step as TensorFlow does it, since a result that lies between two steps
 * goes where the rounding errors push it.
 */
#include <float.h>
#include <math.h>

#include "ops/infer.h"

/* ---- Slices -------------------------------------------------------------- */

typedef struct slices {
  size_t outer, count, inner;
} slices;

static slices slices_of(const firn_shape *x, int64_t axis) {
  if (axis < 0 || axis >= x->rank)
    return (slices){1, 1, (size_t)firn_shape_product(x, 0, x->rank)};
  return (slices){(size_t)firn_shape_product(x, 0, (int)axis),
                  (size_t)x->dims[axis],
                  (size_t)firn_shape_product(x, (int)axis + 1, x->rank)};
}

/* The axis attr: -1 for none. Fails unless the tensor has that axis. */
static firn_code check_axis(const firn_infer *q, size_t x, int64_t *axis,
                            firn_error *err) {
  *axis = firn_attr_int_or(q->node, "axis", -1);
  if (*axis < -1 || *axis >= FIRN_MAX_RANK)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "axis is %lld, must be -1 or an axis", (long long)*axis);
  if (*axis < 0) return FIRN_OK;
  return firn_infer_rank_at_least(q, x, (int)*axis + 1, "input", err);
}

/* A range's end: of one element, or with an axis of one for each slice. */
static firn_code check_end(const firn_infer *q, size_t i, size_t x,
                           int64_t axis, const char *what, firn_error *err) {
  const firn_shape *end = &q->in[i].shape, *shape = &q->in[x].shape;
  int64_t count, want = 1;
  if (!firn_shape_known(end) || !firn_shape_count(end, &count)) return FIRN_OK;
  if (axis >= 0) want = shape->rank > axis ? shape->dims[axis] : -1;
  if (want < 0 || count == want) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "%s has %lld elements, must have %lld", what,
                   (long long)count, (long long)want);
}

/* ---- QuantizeAndDequantize ------------------------------------------------
 */

/* Where the inputs' ends lie. The first op has its range in attrs. */
static bool is_first(const firn_node *node) {
  return firn_str_is(node->type->name, "QuantizeAndDequantize");
}
static bool is_third(const firn_node *node) {
  return firn_str_is(node->type->name, "QuantizeAndDequantizeV3");
}

static firn_code check_bits(const firn_node *node, int64_t bits,
                            firn_error *err) {
  const bool is_signed = firn_attr_bool_or(node, "signed_input", true);
  if (bits > 0 && bits < (is_signed ? 62 : 63)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "num_bits is %lld, not in [1, %d)", (long long)bits,
                   is_signed ? 62 : 63);
}

static firn_code infer_both(firn_infer *q, firn_error *err) {
  int64_t axis, bits;
  FIRN_TRY(firn_infer_same(q, err));
  if (!is_third(q->node)) {
    bits = firn_attr_int_or(q->node, "num_bits", 8);
    FIRN_TRY(check_bits(q->node, bits, err));
  } else {
    FIRN_TRY(firn_infer_rank(q, 3, 0, "num_bits", NULL, err));
    if (firn_infer_int(q, 3, &bits)) FIRN_TRY(check_bits(q->node, bits, err));
  }
  FIRN_TRY(check_axis(q, 0, &axis, err));
  if (is_first(q->node) ||
      !firn_attr_bool_or(q->node, "range_given", is_third(q->node)))
    return FIRN_OK;
  if (!is_third(q->node)) {
    FIRN_TRY(firn_infer_rank(q, 1, 0, "input_min", NULL, err));
    return firn_infer_rank(q, 2, 0, "input_max", NULL, err);
  }
  FIRN_TRY(check_end(q, 1, 0, axis, "input_min", err));
  return check_end(q, 2, 0, axis, "input_max", err);
}

typedef struct rounding {
  bool is_signed, narrow, given, half_up;
  int bits;
} rounding;

#define BOTH(T, MAX, RINT, FLOOR)                                              \
  typedef struct range_##T {                                                   \
    T low, high;                                                               \
  } range_##T;                                                                 \
  static range_##T look_##T(const T *x, slices s, size_t slice) {              \
    range_##T r = {x[slice * s.inner], x[slice * s.inner]};                    \
    for (size_t o = 0; o < s.outer; o++) {                                     \
      const T *row = x + (o * s.count + slice) * s.inner;                      \
      for (size_t i = 0; i < s.inner; i++) {                                   \
        r.low = row[i] < r.low ? row[i] : r.low;                               \
        r.high = row[i] > r.high ? row[i] : r.high;                            \
      }                                                                        \
    }                                                                          \
    return r;                                                                  \
  }                                                                            \
  static void round_##T(const T *x, T *y, slices s, size_t slice, range_##T r, \
                        const rounding *how) {                                 \
    const int64_t half = (int64_t)1 << (how->bits - 1);                        \
    const T first = how->is_signed ? (T)(how->narrow ? 1 - half : -half) : 0;  \
    const T last = (T)(how->is_signed ? half - 1 : 2 * half - 1);              \
    const T of_low = first * r.low > 0 ? first / r.low : MAX;                  \
    const T of_high = last * r.high > 0 ? last / r.high : MAX;                 \
    const T scale = of_low < of_high ? of_low : of_high;                       \
    const T back = of_low < of_high ? r.low / first : r.high / last;           \
    if (of_low < of_high)                                                      \
      r.high = last * back;                                                    \
    else                                                                       \
      r.low = first * back;                                                    \
    for (size_t o = 0; o < s.outer; o++)                                       \
      for (size_t i = 0; i < s.inner; i++) {                                   \
        const size_t at = (o * s.count + slice) * s.inner + i;                 \
        T v = x[at];                                                           \
        if (how->given) v = v > r.high ? r.high : v < r.low ? r.low : v;       \
        y[at] = (how->half_up ? FLOOR(v * scale + (T)0.5) : RINT(v * scale)) * \
                back;                                                          \
      }                                                                        \
  }                                                                            \
  static firn_code both_##T(const T *x, T *y, const T *low, const T *high,     \
                            size_t ends, slices s, const rounding *how,        \
                            firn_error *err) {                                 \
    for (size_t k = 0; k < s.count; k++) {                                     \
      const size_t end = ends > 1 ? k : 0;                                     \
      range_##T r = {0, 0};                                                    \
      if (!how->given)                                                         \
        r = look_##T(x, s, k);                                                 \
      else                                                                     \
        r = (range_##T){low[end], high[end]};                                  \
      if (how->given && r.low > r.high)                                        \
        return firn_fail(err, FIRN_INVALID_ARGUMENT,                           \
                         "input_min %g is above input_max %g", (double)r.low,  \
                         (double)r.high);                                      \
      round_##T(x, y, s, k, r, how);                                           \
    }                                                                          \
    return FIRN_OK;                                                            \
  }

BOTH(float, FLT_MAX, rintf, floorf)
BOTH(double, DBL_MAX, rint, floor)

static firn_code drive_both(const firn_run *run, firn_error *err) {
  const firn_node *node = run->node;
  const firn_tensor *x = run->in[0];
  const bool first = is_first(node);
  const int64_t bits = is_third(node) ? firn_tensor_i64(run->in[3], 0)
                                      : firn_attr_int_or(node, "num_bits", 8);
  FIRN_TRY(check_bits(node, bits, err));
  const rounding how = {
      .is_signed = firn_attr_bool_or(node, "signed_input", true),
      .narrow = firn_attr_bool_or(node, "narrow_range", false),
      .given = firn_attr_bool_or(node, "range_given", is_third(node)),
      .half_up =
          firn_str_is(firn_attr_str_or(node, "round_mode", ""), "HALF_UP"),
      .bits = (int)bits};
  const slices s = slices_of(&x->shape, firn_attr_int_or(node, "axis", -1));
  const float ends[] = {firn_attr_float_or(node, "input_min", 0),
                        firn_attr_float_or(node, "input_max", 0)};
  const double wide[] = {(double)ends[0], (double)ends[1]};
  const size_t count = first ? 1 : run->in[1]->count;
  if (x->count == 0) return FIRN_OK;
  if (x->dtype == FIRN_DOUBLE)
    return both_double(
        x->data, run->out[0]->data, first ? wide : run->in[1]->data,
        first ? wide + 1 : run->in[2]->data, count, s, &how, err);
  return both_float(x->data, run->out[0]->data, first ? ends : run->in[1]->data,
                    first ? ends + 1 : run->in[2]->data, count, s, &how, err);
}

/* ---- QuantizeAndDequantizeV4Grad ------------------------------------------
 */

static firn_code infer_grad(firn_infer *q, firn_error *err) {
  int64_t axis;
  FIRN_TRY(check_axis(q, 1, &axis, err));
  FIRN_TRY(firn_shape_merge(&q->in[0].shape, &q->in[1].shape, &q->out[0].shape,
                            err));
  FIRN_TRY(firn_infer_rank(q, 2, axis < 0 ? 0 : 1, "input_min", NULL, err));
  FIRN_TRY(firn_infer_rank(q, 3, axis < 0 ? 0 : 1, "input_max", NULL, err));
  FIRN_TRY(check_end(q, 2, 1, axis, "input_min", err));
  FIRN_TRY(check_end(q, 3, 1, axis, "input_max", err));
  q->out[1].shape = q->in[2].shape;
  q->out[2].shape = q->in[3].shape;
  return FIRN_OK;
}

#define GRAD(T)                                                \
  static void grad_##T(const firn_run *run, slices s) {        \
    const T *dy = run->in[0]->data, *x = run->in[1]->data;     \
    const T *low = run->in[2]->data, *high = run->in[3]->data; \
    T *dx = run->out[0]->data;                                 \
    for (size_t i = 0; i < run->in[1]->count; i++) {           \
      const size_t k = i / s.inner % s.count;                  \
      dx[i] = dy[i] * (T)(x[i] >= low[k] && x[i] <= high[k]);  \
    }                                                          \
  }
GRAD(float)
GRAD(double)

static firn_code drive_grad(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const slices s =
      slices_of(&run->in[1]->shape, firn_attr_int_or(run->node, "axis", -1));
  for (size_t i = 1; i < 3; i++)
    if (run->out[i]->count)
      memset(run->out[i]->data, 0, firn_tensor_bytes(run->out[i]));
  (run->in[1]->dtype == FIRN_DOUBLE ? grad_double : grad_float)(run, s);
  return FIRN_OK;
}

/* ---- QuantizeV2, Dequantize: types ----------------------------------------
 */

/* The values of a quantised type. */
typedef struct steps {
  double first, last; /* least and largest value */
  int bits;
} steps;

static steps steps_of(firn_dtype dtype) {
  switch (dtype) {
    case FIRN_QINT8: return (steps){INT8_MIN, INT8_MAX, 8};
    case FIRN_QUINT8: return (steps){0, UINT8_MAX, 8};
    case FIRN_QINT16: return (steps){INT16_MIN, INT16_MAX, 16};
    case FIRN_QUINT16: return (steps){0, UINT16_MAX, 16};
    default: return (steps){INT32_MIN, INT32_MAX, 32};
  }
}

static int32_t get_step(firn_dtype dtype, const void *data, size_t i) {
  switch (dtype) {
    case FIRN_QINT8: return ((const int8_t *)data)[i];
    case FIRN_QUINT8: return ((const uint8_t *)data)[i];
    case FIRN_QINT16: return ((const int16_t *)data)[i];
    case FIRN_QUINT16: return ((const uint16_t *)data)[i];
    default: return ((const int32_t *)data)[i];
  }
}

/* What the CPU makes of a float as an int32, and then of its low bytes. */
static void put_step(firn_dtype dtype, void *data, size_t i, double value) {
  const bool fits = value >= INT32_MIN && value <= INT32_MAX;
  const int32_t v = fits ? (int32_t)value : INT32_MIN;
  switch (dtype) {
    case FIRN_QINT8: ((int8_t *)data)[i] = (int8_t)v; break;
    case FIRN_QUINT8: ((uint8_t *)data)[i] = (uint8_t)v; break;
    case FIRN_QINT16: ((int16_t *)data)[i] = (int16_t)v; break;
    case FIRN_QUINT16: ((uint16_t *)data)[i] = (uint16_t)v; break;
    default: ((int32_t *)data)[i] = v; break;
  }
}

typedef enum mode { COMBINED, FIRST, SCALED } mode;

static firn_code mode_of(const firn_node *node, mode *out, firn_error *err) {
  const firn_str text = firn_attr_str_or(node, "mode", "MIN_COMBINED");
  *out = firn_str_is(text, "SCALED")      ? SCALED
         : firn_str_is(text, "MIN_FIRST") ? FIRST
                                          : COMBINED;
  if (*out != COMBINED || firn_str_is(text, "MIN_COMBINED")) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "mode is '%.*s'",
                   FIRN_ARG(text));
}

/* What both ops ask of mode and axis. */
static firn_code check_mode(const firn_infer *q, int64_t *axis,
                            firn_error *err) {
  mode m;
  FIRN_TRY(mode_of(q->node, &m, err));
  FIRN_TRY(check_axis(q, 0, axis, err));
  if (*axis >= 0 && m == FIRST)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "mode MIN_FIRST does not go with an axis");
  FIRN_TRY(check_end(q, 1, 0, *axis, "min_range", err));
  return check_end(q, 2, 0, *axis, "max_range", err);
}

/* ---- QuantizeV2 -----------------------------------------------------------
 */

static firn_code infer_quantize(firn_infer *q, firn_error *err) {
  int64_t axis;
  mode m;
  const firn_shape *x = &q->in[0].shape;
  FIRN_TRY(check_mode(q, &axis, err));
  FIRN_TRY(mode_of(q->node, &m, err));
  if (m != SCALED &&
      firn_str_is(firn_attr_str_or(q->node, "round_mode", ""), "HALF_TO_EVEN"))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "round_mode HALF_TO_EVEN goes with mode SCALED only");
  q->out[0].shape = *x;
  q->out[1].shape = q->out[2].shape =
      axis < 0 ? firn_shape_scalar()
               : firn_shape_vector(x->rank > axis ? x->dims[axis]
                                                  : FIRN_UNKNOWN_DIM);
  return FIRN_OK;
}

typedef struct quantiser {
  steps type;
  mode mode;
  bool narrow, to_even;
  float least_range;
  firn_dtype dtype;
} quantiser;

/* The range that is used: it holds 0 and is not too narrow. */
static firn_code widen_range(const quantiser *q, float *low, float *high,
                             firn_error *err) {
  if (!(*low <= *high))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "min_range %g must not be above max_range %g",
                     (double)*low, (double)*high);
  const float largest = fmaxf(1, fmaxf(fabsf(*low), fabsf(*high)));
  const float least = largest * q->least_range;
  *low = fminf(0, *low);
  *high = fmaxf(0, fmaxf(*high, *low + least));
  return FIRN_OK;
}

static float clamp(float x, float low, float high) {
  const float v = x < high ? x : high;
  return v > low ? v : low;
}

/* One slice; low and high become the range of the results. */
static void quantise_slice(const quantiser *q, const float *x, void *y,
                           slices s, size_t slice, float *low, float *high) {
  const steps *t = &q->type;
  const float first = (float)t->first, last = (float)t->last;
  const float half = t->first < 0 ? (float)((t->last - t->first + 1) / 2) : 0;
  float scale = 0;
  double zero = 0;
  if (q->mode == COMBINED) {
    scale = (float)((t->last - t->first) / ((double)*high - (double)*low));
  } else if (q->mode == FIRST) {
    const double count = (double)((int64_t)1 << t->bits);
    const double range = ((double)*high - (double)*low) * (count / (count - 1));
    scale = (float)(count / range);
    zero = (double)roundf(*low * scale) - t->first;
  } else {
    const float least = first + (q->narrow ? 1.f : 0.f);
    const float of_low = least * *low > 0 ? least / *low : FLT_MAX;
    const float of_high = last * *high > 0 ? last / *high : FLT_MAX;
    scale = of_low < of_high ? of_low : of_high;
    *low = least / scale;
    *high = last / scale;
  }
  for (size_t o = 0; o < s.outer; o++)
    for (size_t i = 0; i < s.inner; i++) {
      const size_t at = (o * s.count + slice) * s.inner + i;
      float v = clamp(x[at], *low, *high);
      if (q->mode == COMBINED) {
        v = (v - *low) * scale;
        v = t->first < 0 ? roundf(v - half) : truncf(v + 0.5f);
      } else if (q->mode == FIRST) {
        v = (float)((double)roundf(x[at] * scale) - zero);
        v = v > first ? v : first;
        const float top = t->bits == 32 ? 2147483520.f : last;
        v = v < top ? v : top;
      } else {
        v = q->to_even ? rintf(v * scale) : roundf(v * scale);
      }
      put_step(q->dtype, y, at, (double)v);
    }
}

static firn_code drive_quantize(const firn_run *run, firn_error *err) {
  const firn_node *node = run->node;
  const firn_tensor *x = run->in[0];
  quantiser q = {
      .dtype = run->out[0]->dtype,
      .type = steps_of(run->out[0]->dtype),
      .narrow = firn_attr_bool_or(node, "narrow_range", false),
      .to_even =
          firn_str_is(firn_attr_str_or(node, "round_mode", ""), "HALF_TO_EVEN"),
      .least_range = firn_attr_float_or(node, "ensure_minimum_range", 0.01f)};
  const slices s = slices_of(&x->shape, firn_attr_int_or(node, "axis", -1));
  float *low = run->out[1]->data, *high = run->out[2]->data;
  FIRN_TRY(mode_of(node, &q.mode, err));
  for (size_t k = 0; k < run->out[1]->count; k++) {
    low[k] = ((const float *)run->in[1]->data)[k];
    high[k] = ((const float *)run->in[2]->data)[k];
    FIRN_TRY(widen_range(&q, &low[k], &high[k], err));
    quantise_slice(&q, x->data, run->out[0]->data, s, k, &low[k], &high[k]);
  }
  return FIRN_OK;
}

/* ---- Dequantize -----------------------------------------------------------
 */

static firn_code infer_dequantize(firn_infer *q, firn_error *err) {
  int64_t axis;
  FIRN_TRY(check_mode(q, &axis, err));
  q->out[0].shape = q->in[0].shape;
  return FIRN_OK;
}

/* x * scale + shift, after `before` was added */
typedef struct line {
  double before, scale, shift;
  bool wide; /* computed in double */
} line;

static line line_of(const steps *t, mode m, bool narrow, float low,
                    float high) {
  if (m == COMBINED) {
    const float scale =
        (high - low) / (float)((float)t->last - (float)t->first);
    const double half = t->first < 0 ? (t->last - t->first + 1) / 2 : 0;
    return (line){half, (double)scale, (double)low, false};
  }
  if (m == FIRST) {
    const double count = (double)((int64_t)1 << t->bits);
    const double scale =
        ((double)high - (double)low) * (count / (count - 1)) / count;
    if (low == high) return (line){0, 0, (double)low, true};
    return (line){-t->first, scale, round((double)low / scale) * scale, true};
  }
  const float of_high = high / (float)t->last;
  const float of_low = low / ((float)t->first + (narrow ? 1.f : 0.f));
  const float scale = t->first == 0      ? of_high
                      : of_low > of_high ? of_low
                                         : of_high;
  return (line){0, (double)scale, 0, false};
}

static float along(line l, int32_t step) {
  if (l.wide) return (float)(((double)step + l.before) * l.scale + l.shift);
  return ((float)step + (float)l.before) * (float)l.scale + (float)l.shift;
}

static firn_code drive_dequantize(const firn_run *run, firn_error *err) {
  const firn_node *node = run->node;
  const firn_tensor *x = run->in[0];
  firn_tensor *y = run->out[0];
  const slices s = slices_of(&x->shape, firn_attr_int_or(node, "axis", -1));
  const steps type = steps_of(x->dtype);
  const bool narrow = firn_attr_bool_or(node, "narrow_range", false);
  mode m;
  FIRN_TRY(mode_of(node, &m, err));
  for (size_t k = 0; k < s.count; k++) {
    const line l =
        line_of(&type, m, narrow, ((const float *)run->in[1]->data)[k],
                ((const float *)run->in[2]->data)[k]);
    for (size_t o = 0; o < s.outer; o++)
      for (size_t i = 0; i < s.inner; i++) {
        const size_t at = (o * s.count + k) * s.inner + i;
        const float v = along(l, get_step(x->dtype, x->data, at));
        if (y->dtype == FIRN_FLOAT)
          ((float *)y->data)[at] = v;
        else
          ((uint16_t *)y->data)[at] = firn_bfloat16_from_float(v);
      }
  }
  return FIRN_OK;
}

/* ---- The family -----------------------------------------------------------
 */

#define FLOAT_TYPES (FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE))
#define QUANTISED                                                         \
  (FIRN_BIT(FIRN_QINT8) | FIRN_BIT(FIRN_QUINT8) | FIRN_BIT(FIRN_QINT16) | \
   FIRN_BIT(FIRN_QUINT16) | FIRN_BIT(FIRN_QINT32))

static const firn_kernel both[] = {
    {.types = {{"T", FLOAT_TYPES}}, .drive = drive_both},
    {.drive = NULL},
};
static const firn_kernel grad[] = {
    {.types = {{"T", FLOAT_TYPES}}, .drive = drive_grad},
    {.drive = NULL},
};
static const firn_kernel quantize[] = {
    {.types = {{"T", QUANTISED}}, .drive = drive_quantize},
    {.drive = NULL},
};
static const firn_kernel dequantize[] = {
    {.types = {{"T", QUANTISED},
               {"dtype", FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_BFLOAT16)}},
     .drive = drive_dequantize},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"QuantizeAndDequantize", infer_both, both, 0},
    {"QuantizeAndDequantizeV2", infer_both, both, 0},
    {"QuantizeAndDequantizeV3", infer_both, both, 0},
    {"QuantizeAndDequantizeV4", infer_both, both, 0},
    {"QuantizeAndDequantizeV4Grad", infer_grad, grad, 0},
    {"QuantizeV2", infer_quantize, quantize, 0},
    {"Dequantize", infer_dequantize, dequantize, 0},
};

FIRN_OP_FAMILY(quantize, ops);
