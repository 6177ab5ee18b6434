/* ops/pool_grad.c: the gradients of max and mean pooling, their gradients, and
 * MaxPoolWithArgmax.
 *
 * Where several elements of a window are largest, the first one gets the
 * gradient; in three dimensions each of them does, as TensorFlow has it.
 */
#include "ops/pool_pick.h"
#include "ops/pool_window.h"
#include "ops/stage.h"

/* ---- What the ops are ---------------------------------------------------- */

enum { AXES = 4 };

typedef enum pull {
  PULL_MAX,      /* orig_input, orig_output, grad → input's      */
  PULL_MAX_BACK, /* the same, grad of the input's shape → output's */
  PULL_MEAN,     /* orig_input_shape, grad → input's             */
  PULL_ARGMAX,   /* input → output, argmax                       */
  PULL_INDICES,  /* input, grad, argmax → input's                */
} pull;

typedef struct grad_op {
  pull pull;
  int space;
  bool by_inputs; /* ksize and strides are inputs 3 and 4 */
} grad_op;

static const grad_op max_grad = {PULL_MAX, 2, false};
static const grad_op max_grad_v2 = {PULL_MAX, 2, true};
static const grad_op max_grad_3d = {PULL_MAX, 3, false};
static const grad_op max_back = {PULL_MAX_BACK, 2, false};
static const grad_op max_back_v2 = {PULL_MAX_BACK, 2, true};
static const grad_op max_back_3d = {PULL_MAX_BACK, 3, false};
static const grad_op mean_grad = {PULL_MEAN, 2, false};
static const grad_op mean_grad_3d = {PULL_MEAN, 3, false};
static const grad_op argmax = {PULL_ARGMAX, 2, false};
static const grad_op indices = {PULL_INDICES, 2, false};

static const struct {
  const char *name;
  const grad_op *op;
} table[] = {
    {"MaxPoolGrad", &max_grad},          {"MaxPoolGradV2", &max_grad_v2},
    {"MaxPool3DGrad", &max_grad_3d},     {"MaxPoolGradGrad", &max_back},
    {"MaxPoolGradGradV2", &max_back_v2}, {"MaxPool3DGradGrad", &max_back_3d},
    {"AvgPoolGrad", &mean_grad},         {"AvgPool3DGrad", &mean_grad_3d},
    {"MaxPoolWithArgmax", &argmax},      {"MaxPoolGradWithArgmax", &indices},
};

static const grad_op *op_of(const firn_node *node) {
  size_t i = 0;
  while (!firn_str_is(node->type->name, table[i].name)) i++;
  return table[i].op;
}

/* ---- Shape --------------------------------------------------------------- */

static firn_code list_input(const firn_infer *q, size_t i, int64_t list[AXES],
                            firn_error *err) {
  const int64_t *ints;
  int64_t count;
  firn_infer_ints(q, i, &ints, &count);
  if (count >= 0 && count != AXES)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%s has %lld numbers, not %d",
                     i == 3 ? "ksize" : "strides", (long long)count, AXES);
  for (int k = 0; k < AXES; k++)
    list[k] = count == AXES && ints ? ints[k] : FIRN_UNKNOWN_INT;
  return FIRN_OK;
}

/* The window, from what is known of the inputs. */
static firn_code window_of(const firn_infer *q, const firn_shape *x,
                           firn_pool_window *w, firn_error *err) {
  const grad_op *op = op_of(q->node);
  int64_t ksize[AXES], strides[AXES];
  if (op->by_inputs) {
    FIRN_TRY(list_input(q, 3, ksize, err));
    FIRN_TRY(list_input(q, 4, strides, err));
  }
  return firn_pool_window_of(q->node, op->space, x,
                             op->by_inputs ? ksize : NULL,
                             op->by_inputs ? strides : NULL, false, w, err);
}

static firn_code must_be(const firn_infer *q, size_t i, const firn_shape *want,
                         const char *what, firn_error *err) {
  firn_shape ignored;
  const firn_code code = firn_shape_merge(&q->in[i].shape, want, &ignored, err);
  return code == FIRN_OK ? code : firn_while(err, code, "%s", what);
}

static firn_code infer(firn_infer *q, firn_error *err) {
  const grad_op *op = op_of(q->node);
  firn_shape x = q->in[0].shape;
  firn_pool_window w;
  if (op->pull == PULL_MEAN)
    FIRN_TRY(firn_infer_extents_of_value(q, 0, &x, err));
  FIRN_TRY(window_of(q, &x, &w, err));
  const firn_shape pooled = firn_pool_window_shape(&w);
  const firn_shape whole = firn_geometry_shape(&w.g, w.g.in, w.g.channels);
  const bool back = op->pull == PULL_MAX_BACK;
  if (op->pull == PULL_MAX || back) {
    FIRN_TRY(must_be(q, 1, &pooled, "orig_output", err));
    FIRN_TRY(must_be(q, 2, back ? &whole : &pooled, "grad", err));
  } else if (op->pull == PULL_INDICES) {
    FIRN_TRY(must_be(q, 1, &pooled, "grad", err));
    FIRN_TRY(must_be(q, 2, &pooled, "argmax", err));
  } else if (op->pull == PULL_MEAN) {
    FIRN_TRY(must_be(q, 1, &pooled, "grad", err));
  }
  q->out[0].shape = back || op->pull == PULL_ARGMAX ? pooled : whole;
  if (op->pull == PULL_ARGMAX) q->out[1].shape = pooled;
  return FIRN_OK;
}

/* ---- Windows one by one -------------------------------------------------- */

typedef struct spread {
  const void *x, *y, *dy; /* x and y: of max in three dimensions */
  void *dx;
} spread;

#define EACH_TAP(g, span, image, from)                                         \
  for (int64_t i = 0; i < span[0].count; i++)                                  \
    for (int64_t j = 0; j < span[1].count; j++)                                \
      for (int64_t k = 0,                                                      \
                   at = (int64_t)firn_pixel(g, image, span[0].first + i,       \
                                            span[1].first + j, span[2].first); \
           k < span[2].count; k++, at++)

/* dx of each element += dy / count */
#define SPREAD_MEAN(T)                                                     \
  static void spread_##T(void *ctx, const firn_geometry *g,                \
                         const firn_span span[3], size_t image,            \
                         size_t pixel) {                                   \
    const spread *s = ctx;                                                 \
    const size_t n = (size_t)g->channels;                                  \
    const T *dy = (const T *)s->dy + pixel * n;                            \
    const T part = 1 / (T)(span[0].count * span[1].count * span[2].count); \
    EACH_TAP(g, span, image, at) {                                         \
      T *dx = (T *)s->dx + (size_t)at * n;                                 \
      for (size_t c = 0; c < n; c++) dx[c] += dy[c] * part;                \
    }                                                                      \
  }
SPREAD_MEAN(float)
SPREAD_MEAN(double)

/* dx of each largest element += dy; double would do the same */
static void spread_ties(void *ctx, const firn_geometry *g,
                        const firn_span span[3], size_t image, size_t pixel) {
  const spread *s = ctx;
  const size_t n = (size_t)g->channels;
  const float *dy = (const float *)s->dy + pixel * n;
  const float *y = (const float *)s->y + pixel * n;
  EACH_TAP(g, span, image, at) {
    const float *x = (const float *)s->x + (size_t)at * n;
    float *dx = (float *)s->dx + (size_t)at * n;
    for (size_t c = 0; c < n; c++) dx[c] += x[c] == y[c] ? dy[c] : 0;
  }
}

/* ---- Running ------------------------------------------------------------- */

/* What a run goes by, once its window is known. */
typedef struct work {
  const grad_op *op;
  firn_pool_window w;
  firn_dtype dtype;
} work;

static firn_stage stage_of(const work *k, bool pooled) {
  const firn_geometry *g = &k->w.g;
  return (firn_stage){k->dtype, g->channels_first, (size_t)g->batch,
                      (size_t)g->channels, firn_space(pooled ? g->out : g->in)};
}

static void zero(const firn_stage *stage, void *data) {
  memset(data, 0,
         stage->batch * stage->channels * stage->space *
             firn_dtype_size(firn_dtype_wide(stage->dtype)));
}

/* MaxPoolGrad and its kin, AvgPoolGrad; scratch empty: how much it needs. */
static void pull_back(const work *k, const firn_run *run,
                      firn_scratch *scratch) {
  const bool measuring = !scratch->base;
  const firn_dtype wide = firn_dtype_wide(k->dtype);
  const firn_geometry *g = &k->w.g;
  const bool mean = k->op->pull == PULL_MEAN,
             back = k->op->pull == PULL_MAX_BACK;
  const firn_stage whole = stage_of(k, false), pooled = stage_of(k, true);
  const firn_stage *out = back ? &pooled : &whole;
  spread s = {.x = NULL};
  if (!mean)
    s.x = firn_stage_in(&whole, measuring ? NULL : run->in[0]->data, scratch);
  if (k->op->space == 3 && !mean)
    s.y = firn_stage_in(&pooled, measuring ? NULL : run->in[1]->data, scratch);
  s.dy = firn_stage_in(back ? &whole : &pooled,
                       measuring ? NULL : run->in[mean ? 1 : 2]->data, scratch);
  void *y = measuring ? NULL : run->out[0]->data;
  s.dx = firn_stage_out(out, y, scratch);
  if (!measuring) {
    const size_t cost = firn_space(g->window) * (size_t)g->channels;
    const firn_pick pick = {.mode = back ? FIRN_PICK_GATHER : FIRN_PICK_SCATTER,
                            .x = s.x,
                            .from = s.dy,
                            .to = s.dx};
    if (!back) zero(out, s.dx);
    if (mean)
      firn_each_window(g, wide == FIRN_DOUBLE ? spread_double : spread_float,
                       &s, cost, true, run->pool);
    else if (k->op->space == 3 && !back)
      firn_each_window(g, spread_ties, &s, cost, true, run->pool);
    else
      firn_pool_pick(&pick, wide, g, run->pool);
  }
  firn_stage_done(out, s.dx, y, scratch);
}

static void pick_argmax(const work *k, const firn_run *run,
                        firn_scratch *scratch) {
  const bool measuring = !scratch->base;
  const firn_stage whole = stage_of(k, false), pooled = stage_of(k, true);
  const size_t count = pooled.batch * pooled.channels * pooled.space;
  const void *x =
      firn_stage_in(&whole, measuring ? NULL : run->in[0]->data, scratch);
  int64_t *index = firn_scratch_array(scratch, count, sizeof *index);
  void *out = measuring ? NULL : run->out[0]->data;
  void *y = firn_stage_out(&pooled, out, scratch);
  if (!measuring) {
    const firn_pick pick = {.mode = FIRN_PICK_INDEX,
                            .x = x,
                            .to = y,
                            .index = index,
                            .across_batch = firn_attr_bool_or(
                                run->node, "include_batch_in_index", false)};
    firn_pool_pick(&pick, firn_dtype_wide(k->dtype), &k->w.g, run->pool);
    if (run->out[1]->dtype == FIRN_INT64)
      memcpy(run->out[1]->data, index, count * sizeof *index);
    else
      for (size_t i = 0; i < count; i++)
        ((int32_t *)run->out[1]->data)[i] = (int32_t)index[i];
  }
  firn_stage_done(&pooled, y, out, scratch);
}

/* ---- MaxPoolGradWithArgmax ------------------------------------------------
 */

#define ADD_AT(NAME, T)                                                     \
  static void add_##NAME(void *to, const void *from, size_t at, size_t i) { \
    T *t = to;                                                              \
    t[at] = (T)(t[at] + ((const T *)from)[i]);                              \
  }
ADD_AT(float, float)
ADD_AT(double, double)
ADD_AT(8, uint8_t)
ADD_AT(16, uint16_t)
ADD_AT(32, uint32_t)
ADD_AT(64, uint64_t)

static void (*adder(firn_dtype wide))(void *, const void *, size_t, size_t) {
  if (wide == FIRN_FLOAT) return add_float;
  if (wide == FIRN_DOUBLE) return add_double;
  switch (firn_dtype_size(wide)) {
    case 1: return add_8;
    case 2: return add_16;
    case 4: return add_32;
    default: return add_64;
  }
}

static firn_code scatter_indices(const work *k, const firn_run *run,
                                 firn_scratch *scratch, firn_error *err) {
  const firn_stage whole = stage_of(k, false), pooled = stage_of(k, true);
  const firn_dtype wide = firn_dtype_wide(k->dtype);
  const void *from =
      firn_stage_in(&pooled, scratch->base ? run->in[1]->data : NULL, scratch);
  void *out = scratch->base ? run->out[0]->data : NULL;
  void *to = firn_stage_out(&whole, out, scratch);
  if (scratch->base) {
    const firn_tensor *index = run->in[2];
    const bool across =
        firn_attr_bool_or(run->node, "include_batch_in_index", false);
    const size_t image = whole.channels * whole.space;
    const size_t limit = across ? image * whole.batch : image;
    void (*add)(void *, const void *, size_t, size_t) = adder(wide);
    zero(&whole, to);
    for (size_t i = 0; i < index->count; i++) {
      const int64_t at = firn_tensor_i64(index, i);
      const size_t skip =
          across ? 0 : i / (pooled.channels * pooled.space) * image;
      if (at < 0 || (size_t)at >= limit)
        return firn_fail(err, FIRN_INVALID_ARGUMENT,
                         "argmax[%zu] = %lld is not in [0, %zu)", i,
                         (long long)at, limit);
      add(to, from, skip + (size_t)at, i);
    }
  }
  firn_stage_done(&whole, to, out, scratch);
  return FIRN_OK;
}

/* ---- Driver -------------------------------------------------------------- */

/* What ksize and strides are does not change how much room the copies take. */
static firn_code run_or_measure(const work *k, const firn_run *run,
                                firn_scratch *scratch, firn_error *err) {
  if (k->op->pull == PULL_INDICES) return scatter_indices(k, run, scratch, err);
  if (k->op->pull == PULL_ARGMAX)
    pick_argmax(k, run, scratch);
  else
    pull_back(k, run, scratch);
  return FIRN_OK;
}

/* The inputs' and outputs' shapes as a window: space only counts as a product.
 */
static firn_code prepare(firn_prepare *p, firn_error *err) {
  work k = {.op = op_of(p->node), .dtype = p->out[0].dtype};
  const firn_shape *out = &p->out[0].shape;
  const bool mean = k.op->pull == PULL_MEAN;
  const bool pools = k.op->pull == PULL_ARGMAX || k.op->pull == PULL_MAX_BACK;
  const firn_shape *in = mean ? out : &p->in[0].shape;
  const firn_shape *pooled =
      pools ? out : &p->in[k.op->pull == PULL_MAX ? 2 : 1].shape;
  firn_geometry small;
  if (p->in[0].dtype != k.dtype && !mean && !pools)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "no kernel for attr 'TInput' = %s with 'T' = %s",
                     firn_dtype_name(p->in[0].dtype), firn_dtype_name(k.dtype));
  FIRN_TRY(firn_geometry_padding(p->node, k.op->space, &k.w.g, err));
  small = k.w.g;
  FIRN_TRY(firn_geometry_input(&k.w.g, in, "input", err));
  FIRN_TRY(firn_geometry_input(&small, pooled, "output", err));
  memcpy(k.w.g.out, small.in, sizeof small.in);
  firn_scratch need = {NULL, 0};
  FIRN_TRY(run_or_measure(&k, NULL, &need, err));
  p->scratch = need.used;
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  work k = {.op = op_of(run->node)};
  firn_tensor *y = run->out[0];
  int64_t lists[2][AXES];
  const bool whole = k.op->pull == PULL_MEAN;
  const firn_shape *x = whole ? &y->shape : &run->in[0]->shape;
  for (size_t i = 0; k.op->by_inputs && i < 2; i++)
    for (size_t a = 0; a < AXES; a++)
      lists[i][a] = firn_tensor_i64(run->in[i + 3], a);
  FIRN_TRY(firn_pool_window_of(
      run->node, k.op->space, x, k.op->by_inputs ? lists[0] : NULL,
      k.op->by_inputs ? lists[1] : NULL, false, &k.w, err));
  k.dtype = y->dtype;
  if (y->count == 0) return FIRN_OK;
  char none[64] __attribute__((aligned(64)));
  firn_scratch scratch = {run->scratch ? run->scratch : none, 0};
  return run_or_measure(&k, run, &scratch, err);
}

/* ---- The family ---------------------------------------------------------- */

#define KERNELS(name, ...)                                          \
  static const firn_kernel name[] = {                               \
      {.types = {__VA_ARGS__}, .prepare = prepare, .drive = drive}, \
      {.drive = NULL},                                              \
  };
KERNELS(all_types, {"T", FIRN_FLOATS | FIRN_INTS})
KERNELS(float_types, {"T", FIRN_FLOATS})
KERNELS(single_types, {"T", FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_HALF) |
                                FIRN_BIT(FIRN_BFLOAT16)})
KERNELS(argmax_types, {"T", FIRN_FLOATS | FIRN_INTS}, {"Targmax", FIRN_INDICES})

static const firn_op ops[] = {
    {"MaxPoolGrad", infer, all_types, 0},
    {"MaxPoolGradV2", infer, all_types, 0},
    {"MaxPool3DGrad", infer, single_types, 0},
    {"MaxPoolGradGrad", infer, all_types, 0},
    {"MaxPoolGradGradV2", infer, all_types, 0},
    {"MaxPool3DGradGrad", infer, single_types, 0},
    {"AvgPoolGrad", infer, float_types, 0},
    {"AvgPool3DGrad", infer, float_types, 0},
    {"MaxPoolWithArgmax", infer, argmax_types, 0},
    {"MaxPoolGradWithArgmax", infer, argmax_types, 0},
};

FIRN_OP_FAMILY(pool_grad, ops);
