/* ops/pool.c: MaxPool, AvgPool, and both in three dimensions.
 *
 * Pictures of float have loops in ops/micro/conv.h; half and bfloat16 are
 * widened for them. Volumes and other numbers take the windows one by one, and
 * so do means of half and bfloat16, whose sums are rounded at each step.
 */
#include <float.h>
#include <math.h>

#include "ops/micro/conv.h"
#include "ops/pool_window.h"
#include "ops/stage.h"

/* ---- Shape -------------------------------------------------------------- */

/* What a kernel of this file stands for. */
typedef struct pooling {
  bool max;
  int space;
  bool by_inputs; /* ksize and strides are inputs 1 and 2 */
} pooling;

static const pooling max_2d = {true, 2, false};
static const pooling max_2d_v2 = {true, 2, true};
static const pooling mean_2d = {false, 2, false};
static const pooling max_3d = {true, 3, false};
static const pooling mean_3d = {false, 3, false};

static const pooling *pooling_of(const firn_node *node) {
  const firn_str op = node->type->name;
  if (firn_str_is(op, "MaxPool")) return &max_2d;
  if (firn_str_is(op, "MaxPoolV2")) return &max_2d_v2;
  if (firn_str_is(op, "AvgPool")) return &mean_2d;
  return firn_str_is(op, "MaxPool3D") ? &max_3d : &mean_3d;
}

enum { AXES = 4 }; /* of a picture: as many numbers have ksize and strides */

/* ksize or strides as an input, perhaps unknown. */
static firn_code list_input(const firn_infer *q, size_t i, int64_t list[AXES],
                            firn_error *err) {
  const int64_t *ints;
  int64_t count;
  FIRN_TRY(firn_infer_rank(q, i, 1, i == 1 ? "ksize" : "strides", NULL, err));
  firn_infer_ints(q, i, &ints, &count);
  if (count >= 0 && count != AXES)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%s has %lld numbers, not %d",
                     i == 1 ? "ksize" : "strides", (long long)count, AXES);
  for (int k = 0; k < AXES; k++)
    list[k] = count == AXES && ints ? ints[k] : FIRN_UNKNOWN_INT;
  return FIRN_OK;
}

static firn_code infer(firn_infer *q, firn_error *err) {
  const pooling *p = pooling_of(q->node);
  firn_pool_window w;
  int64_t ksize[AXES], strides[AXES];
  if (p->by_inputs) {
    FIRN_TRY(list_input(q, 1, ksize, err));
    FIRN_TRY(list_input(q, 2, strides, err));
  }
  FIRN_TRY(firn_pool_window_of(
      q->node, p->space, &q->in[0].shape, p->by_inputs ? ksize : NULL,
      p->by_inputs ? strides : NULL, p->max && p->space == 2, &w, err));
  q->out[0].shape = firn_pool_window_shape(&w);
  return FIRN_OK;
}

/* ---- Windows one by one -------------------------------------------------- */

typedef struct job {
  const void *x;
  void *y;
  int64_t depth;
  firn_dtype dtype; /* of the tensors */
} job;

#define EACH_TAP(g, span, image, z, v, u)                         \
  for (int64_t z = span[0].first, nz = 0; nz < span[0].count;     \
       nz++, z += g->dilation[0])                                 \
    for (int64_t v = span[1].first, nv = 0; nv < span[1].count;   \
         nv++, v += g->dilation[1])                               \
      for (int64_t u = span[2].first, nu = 0; nu < span[2].count; \
           nu++, u += g->dilation[2])

#define MAX(NAME, T, LOWEST)                                                 \
  static void max_##NAME(void *ctx, const firn_geometry *g,                  \
                         const firn_span span[3], size_t image,              \
                         size_t pixel) {                                     \
    const job *j = ctx;                                                      \
    const size_t n = (size_t)g->channels;                                    \
    T *y = (T *)j->y + pixel * n;                                            \
    for (size_t c = 0; c < n; c++) y[c] = LOWEST;                            \
    EACH_TAP(g, span, image, z, v, u) {                                      \
      const T *x = (const T *)j->x + firn_pixel(g, image, z, v, u) * n;      \
      for (size_t c = 0; c < n; c++) y[c] = x[c] > y[c] ? x[c] : y[c];       \
    }                                                                        \
  }                                                                          \
  static void deep_##NAME(const job *j, size_t n) {                          \
    const T *x = j->x;                                                       \
    T *y = j->y;                                                             \
    for (size_t i = 0; i < n; i++) {                                         \
      T top = *x++;                                                          \
      for (int64_t k = 1; k < j->depth; k++, x++) top = *x > top ? *x : top; \
      y[i] = top;                                                            \
    }                                                                        \
  }

#define MEAN(NAME, T)                                                   \
  static void mean_##NAME(void *ctx, const firn_geometry *g,            \
                          const firn_span span[3], size_t image,        \
                          size_t pixel) {                               \
    const job *j = ctx;                                                 \
    const size_t n = (size_t)g->channels;                               \
    const T count = (T)(span[0].count * span[1].count * span[2].count); \
    T *y = (T *)j->y + pixel * n;                                       \
    for (size_t c = 0; c < n; c++) y[c] = 0;                            \
    EACH_TAP(g, span, image, z, v, u) {                                 \
      const T *x = (const T *)j->x + firn_pixel(g, image, z, v, u) * n; \
      for (size_t c = 0; c < n; c++) y[c] += x[c];                      \
    }                                                                   \
    for (size_t c = 0; c < n; c++) y[c] /= count;                       \
  }

static float in_type(firn_dtype dtype, float value) {
  uint16_t bits;
  firn_narrow(dtype, &value, &bits, 1);
  firn_widen(dtype, &bits, &value, 1);
  return value;
}

/* By what a sum of so many is divided: in pictures TensorFlow counts in the
 * type itself, and comes no further than its last odd number. */
static float divisor(firn_dtype dtype, int space, int64_t count) {
  const float last = dtype == FIRN_HALF ? 2048 : 256;
  return space == 2 && (float)count > last ? last
                                           : in_type(dtype, (float)count);
}

static void mean_short(void *ctx, const firn_geometry *g,
                       const firn_span span[3], size_t image, size_t pixel) {
  enum { PIECE = 64 };
  const job *j = ctx;
  const size_t n = (size_t)g->channels;
  const float count = divisor(j->dtype, g->space,
                              span[0].count * span[1].count * span[2].count);
  float *y = (float *)j->y + pixel * n;
  uint16_t bits[PIECE];
  for (size_t c = 0; c < n; c++) y[c] = 0;
  EACH_TAP(g, span, image, z, v, u) {
    const float *x = (const float *)j->x + firn_pixel(g, image, z, v, u) * n;
    for (size_t from = 0; from < n; from += PIECE) {
      const size_t size = firn_min_size(PIECE, n - from);
      for (size_t c = from; c < from + size; c++) y[c] += x[c];
      firn_narrow(j->dtype, y + from, bits, size);
      firn_widen(j->dtype, bits, y + from, size);
    }
  }
  for (size_t c = 0; c < n; c++) y[c] /= count;
}

MAX(float, float, -FLT_MAX)
MAX(double, double, -DBL_MAX)
MAX(i8, int8_t, INT8_MIN)
MAX(u8, uint8_t, 0)
MAX(i16, int16_t, INT16_MIN)
MAX(u16, uint16_t, 0)
MAX(i32, int32_t, INT32_MIN)
MAX(u32, uint32_t, 0)
MAX(i64, int64_t, INT64_MIN)
MAX(u64, uint64_t, 0)
MEAN(float, float)
MEAN(double, double)

typedef struct loops {
  firn_window_fn *max;
  void (*deep)(const job *j, size_t n);
} loops;

static loops loops_of(firn_dtype dtype) {
  switch (dtype) {
    case FIRN_DOUBLE: return (loops){max_double, deep_double};
    case FIRN_INT8: return (loops){max_i8, deep_i8};
    case FIRN_UINT8: return (loops){max_u8, deep_u8};
    case FIRN_INT16: return (loops){max_i16, deep_i16};
    case FIRN_UINT16: return (loops){max_u16, deep_u16};
    case FIRN_INT32: return (loops){max_i32, deep_i32};
    case FIRN_UINT32: return (loops){max_u32, deep_u32};
    case FIRN_INT64: return (loops){max_i64, deep_i64};
    case FIRN_UINT64: return (loops){max_u64, deep_u64};
    default: return (loops){max_float, deep_float};
  }
}

/* ---- Running ------------------------------------------------------------- */

static firn_conv_shape picture_shape(const firn_geometry *g) {
  return (firn_conv_shape){
      .batch = (size_t)g->batch,
      .ih = (size_t)g->in[1],
      .iw = (size_t)g->in[2],
      .ic = (size_t)g->channels,
      .oh = (size_t)g->out[1],
      .ow = (size_t)g->out[2],
      .oc = (size_t)g->channels,
      .kh = (size_t)g->window[1],
      .kw = (size_t)g->window[2],
      .stride_h = (size_t)g->stride[1],
      .stride_w = (size_t)g->stride[2],
      .dilation_h = 1,
      .dilation_w = 1,
      .pad_top = (size_t)g->before[1],
      .pad_left = (size_t)g->before[2],
      .groups = 1,
  };
}

/* All of x is `wide` with channels last now. */
static void pool(const pooling *p, const firn_pool_window *w, firn_dtype wide,
                 const job *j, size_t outputs, const firn_run *run) {
  const firn_geometry *g = &w->g;
  job copy = *j;
  if (w->depth > 1) {
    loops_of(wide).deep(j, outputs);
  } else if (p->space == 2 && wide == FIRN_FLOAT &&
             (p->max || j->dtype == FIRN_FLOAT)) {
    const firn_conv_shape s = picture_shape(g);
    const firn_micro *micro = firn_micro_pick(run->cpu);
    (p->max ? firn_max_pool : firn_mean_pool)(&s, micro, j->x, j->y, s.ic,
                                              run->pool);
  } else {
    firn_window_fn *mean = firn_is_short_float(j->dtype) ? mean_short
                           : wide == FIRN_FLOAT          ? mean_float
                                                         : mean_double;
    firn_each_window(g, p->max ? loops_of(wide).max : mean, &copy,
                     firn_space(g->window) * (size_t)g->channels, false,
                     run->pool);
  }
}

/* The two ways in which a tensor's axes are looked at. */
static firn_stage stage_of(const firn_geometry *g, firn_dtype dtype,
                           const int64_t space[3], int64_t channels) {
  return (firn_stage){dtype, g->channels_first, (size_t)g->batch,
                      (size_t)channels, firn_space(space)};
}

static firn_code window_of(const firn_run *run, firn_pool_window *w,
                           firn_error *err) {
  const pooling *p = pooling_of(run->node);
  int64_t lists[2][AXES];
  if (p->by_inputs)
    for (size_t i = 0; i < 2; i++)
      for (size_t k = 0; k < AXES; k++)
        lists[i][k] = firn_tensor_i64(run->in[i + 1], k);
  return firn_pool_window_of(
      run->node, p->space, &run->in[0]->shape, p->by_inputs ? lists[0] : NULL,
      p->by_inputs ? lists[1] : NULL, p->max && p->space == 2, w, err);
}

static firn_code prepare(firn_prepare *p, firn_error *err) {
  bool first;
  firn_scratch need = {NULL, 0};
  FIRN_TRY(firn_channels_first(p->node, &first, err));
  const firn_shape *shapes[] = {&p->in[0].shape, &p->out[0].shape};
  for (size_t i = 0; i < 2; i++) {
    const size_t n = (size_t)firn_shape_product(shapes[i], 0, shapes[i]->rank);
    const firn_stage stage = {p->in[0].dtype, first, 1, 1, n};
    if (i == 0)
      firn_stage_in(&stage, NULL, &need);
    else
      firn_stage_done(&stage, firn_stage_out(&stage, NULL, &need), NULL, &need);
  }
  p->scratch = need.used;
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  firn_pool_window w;
  firn_tensor *y;
  const firn_tensor *x = run->in[0];
  FIRN_TRY(window_of(run, &w, err));
  const firn_shape shape = firn_pool_window_shape(&w);
  FIRN_TRY(firn_run_output(run, 0, &shape, &y, err));
  if (y->count == 0) return FIRN_OK;
  const firn_geometry *g = &w.g;
  const firn_stage in = stage_of(g, x->dtype, g->in, g->channels);
  const firn_stage out = stage_of(g, x->dtype, g->out, g->channels / w.depth);
  char none[64] __attribute__((aligned(64)));
  firn_scratch scratch = {run->scratch ? run->scratch : none, 0};
  job j = {.depth = w.depth, .dtype = x->dtype};
  j.x = firn_stage_in(&in, x->data, &scratch);
  j.y = firn_stage_out(&out, y->data, &scratch);
  pool(pooling_of(run->node), &w, firn_dtype_wide(x->dtype), &j, y->count, run);
  firn_stage_done(&out, j.y, y->data, &scratch);
  return FIRN_OK;
}

/* ---- The family ---------------------------------------------------------- */

#define POOL(name, bits)                                            \
  static const firn_kernel name[] = {                               \
      {.types = {{"T", bits}}, .prepare = prepare, .drive = drive}, \
      {.drive = NULL},                                              \
  };
POOL(max_pool, FIRN_FLOATS | FIRN_INTS)
POOL(mean_pool, FIRN_FLOATS)
POOL(max_pool_3d, FIRN_FLOATS)

static const firn_op ops[] = {
    {"MaxPool", infer, max_pool, 0},    {"MaxPoolV2", infer, max_pool, 0},
    {"AvgPool", infer, mean_pool, 0},   {"MaxPool3D", infer, max_pool_3d, 0},
    {"AvgPool3D", infer, mean_pool, 0},
};

FIRN_OP_FAMILY(pool, ops);
