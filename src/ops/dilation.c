/* ops/dilation.c: Dilation2D (grey-scale dilation) and its gradients.
 *
 *   y = max over the window's taps of x + w
 *
 * channel by channel. The gradients go to the first tap that is largest.
 */
#include <float.h>

#include "ops/geometry.h"
#include "ops/stage.h"

/* ---- Shape --------------------------------------------------------------- */

static firn_code geometry_of(const firn_node *node, const firn_shape *x,
                             const firn_shape *w, firn_geometry *g,
                             firn_error *err) {
  const int64_t *list;
  size_t count;
  int64_t others[2];
  FIRN_TRY(firn_geometry_attrs(node, 2, g, err));
  FIRN_TRY(firn_attr_ints(node, "rates", &list, &count, err));
  FIRN_TRY(firn_geometry_list(g, list, count, "rates", false, g->dilation,
                              others, err));
  FIRN_TRY(firn_geometry_input(g, x, "input", err));
  for (int i = 1; i < 3; i++)
    g->window[i] = w->rank == 3 ? w->dims[i - 1] : FIRN_UNKNOWN_DIM;
  if (w->rank == 3 && !firn_dim_merge(g->channels, w->dims[2], &g->channels))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "input has %lld channels, the filter %lld",
                     (long long)g->channels, (long long)w->dims[2]);
  return firn_geometry_place(g, err);
}

static firn_code infer(firn_infer *q, firn_error *err) {
  firn_geometry g;
  FIRN_TRY(firn_infer_rank(q, 1, 3, "filter", NULL, err));
  FIRN_TRY(geometry_of(q->node, &q->in[0].shape, &q->in[1].shape, &g, err));
  q->out[0].shape = firn_geometry_shape(&g, g.out, g.channels);
  return FIRN_OK;
}

static bool gives_filter(const firn_node *node) {
  return firn_str_ends(node->type->name, FIRN_STR("Filter"));
}

static firn_code infer_grad(firn_infer *q, firn_error *err) {
  firn_shape ignored;
  FIRN_TRY(infer(q, err));
  const firn_code code =
      firn_shape_merge(&q->in[2].shape, &q->out[0].shape, &ignored, err);
  if (code != FIRN_OK) return firn_while(err, code, "out_backprop");
  q->out[0].shape = q->in[gives_filter(q->node) ? 1 : 0].shape;
  return FIRN_OK;
}

/* ---- Windows --------------------------------------------------------------
 */

typedef enum mode { FORWARD, INPUT, FILTER } mode;

typedef struct job {
  mode mode;
  const void *x, *w, *dy;
  void *to; /* y, dx or dw */
} job;

/* Integers wrap around, which C lets only unsigned ones do. */
#define SUM(a, b) ((a) + (b))
#define SUM_OF_INTS(a, b) ((uint64_t)(a) + (uint64_t)(b))

#define WINDOW(NAME, T, LOWEST, ADD)                                           \
  static void window_##NAME(void *ctx, const firn_geometry *g,                 \
                            const firn_span span[3], size_t image,             \
                            size_t pixel) {                                    \
    const job *j = ctx;                                                        \
    const size_t n = (size_t)g->channels;                                      \
    T *to = j->to;                                                             \
    for (size_t c = 0; c < n; c++) {                                           \
      T best = LOWEST;                                                         \
      size_t of_x = 0, of_w = 0;                                               \
      bool found = false;                                                      \
      for (int64_t a = 0; a < span[1].count; a++)                              \
        for (int64_t b = 0; b < span[2].count; b++) {                          \
          const size_t from =                                                  \
              firn_pixel(g, image, 0, span[1].first + a * g->dilation[1],      \
                         span[2].first + b * g->dilation[2]) *                 \
                  n +                                                          \
              c;                                                               \
          const size_t tap = (size_t)((span[1].skipped + a) * g->window[2] +   \
                                      span[2].skipped + b) *                   \
                                 n +                                           \
                             c;                                                \
          const T v = (T)ADD(((const T *)j->x)[from], ((const T *)j->w)[tap]); \
          if (v > best) {                                                      \
            best = v;                                                          \
            of_x = from;                                                       \
            of_w = tap;                                                        \
            found = true;                                                      \
          }                                                                    \
        }                                                                      \
      if (j->mode == FORWARD) {                                                \
        to[pixel * n + c] = best;                                              \
      } else if (found) {                                                      \
        const T dy = ((const T *)j->dy)[pixel * n + c];                        \
        const size_t at = j->mode == INPUT ? of_x : of_w;                      \
        to[at] = (T)ADD(to[at], dy);                                           \
      }                                                                        \
    }                                                                          \
  }
WINDOW(float, float, -FLT_MAX, SUM)
WINDOW(double, double, -DBL_MAX, SUM)
WINDOW(i8, int8_t, INT8_MIN, SUM_OF_INTS)
WINDOW(u8, uint8_t, 0, SUM_OF_INTS)
WINDOW(i16, int16_t, INT16_MIN, SUM_OF_INTS)
WINDOW(u16, uint16_t, 0, SUM_OF_INTS)
WINDOW(i32, int32_t, INT32_MIN, SUM_OF_INTS)
WINDOW(u32, uint32_t, 0, SUM_OF_INTS)
WINDOW(i64, int64_t, INT64_MIN, SUM_OF_INTS)
WINDOW(u64, uint64_t, 0, SUM_OF_INTS)

static firn_window_fn *window_of(firn_dtype dtype) {
  switch (dtype) {
    case FIRN_DOUBLE: return window_double;
    case FIRN_INT8: return window_i8;
    case FIRN_UINT8: return window_u8;
    case FIRN_INT16: return window_i16;
    case FIRN_UINT16: return window_u16;
    case FIRN_INT32: return window_i32;
    case FIRN_UINT32: return window_u32;
    case FIRN_INT64: return window_i64;
    case FIRN_UINT64: return window_u64;
    default: return window_float;
  }
}

/* ---- Running --------------------------------------------------------------
 */

static mode mode_of(const firn_node *node) {
  if (gives_filter(node)) return FILTER;
  return firn_str_ends(node->type->name, FIRN_STR("Input")) ? INPUT : FORWARD;
}

static firn_stage flat(firn_dtype dtype, const firn_shape *shape) {
  return (firn_stage){dtype, false, 1, 1,
                      (size_t)firn_shape_product(shape, 0, shape->rank)};
}

/* Everything of a run, or with an empty scratch how much it needs. */
static void dilate(mode m, const firn_geometry *g, firn_dtype dtype,
                   const firn_shape *const in[3], const firn_shape *out,
                   const firn_run *run, firn_scratch *scratch) {
  const firn_stage result = flat(dtype, out);
  const void *data[3] = {NULL, NULL, NULL};
  for (size_t i = 0; i < (m == FORWARD ? 2u : 3u); i++) {
    const firn_stage s = flat(dtype, in[i]);
    data[i] = firn_stage_in(&s, run ? run->in[i]->data : NULL, scratch);
  }
  void *y = run ? run->out[0]->data : NULL;
  job j = {m, data[0], data[1], data[2], NULL};
  j.to = firn_stage_out(&result, y, scratch);
  if (run) {
    const firn_dtype wide = firn_dtype_wide(dtype);
    if (m != FORWARD) memset(j.to, 0, result.space * firn_dtype_size(wide));
    firn_each_window(g, window_of(wide), &j,
                     firn_space(g->window) * (size_t)g->channels, m == INPUT,
                     m == FILTER ? NULL : run->pool);
  }
  firn_stage_done(&result, j.to, y, scratch);
}

static firn_code prepare(firn_prepare *p, firn_error *err) {
  const firn_shape *in[] = {&p->in[0].shape, &p->in[1].shape,
                            p->in_count > 2 ? &p->in[2].shape : NULL};
  firn_geometry g;
  firn_scratch need = {NULL, 0};
  FIRN_TRY(geometry_of(p->node, in[0], in[1], &g, err));
  dilate(mode_of(p->node), &g, p->out[0].dtype, in, &p->out[0].shape, NULL,
         &need);
  p->scratch = need.used;
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  const firn_shape *in[] = {&run->in[0]->shape, &run->in[1]->shape,
                            run->in_count > 2 ? &run->in[2]->shape : NULL};
  firn_geometry g;
  char none[64] __attribute__((aligned(64)));
  firn_scratch scratch = {run->scratch ? run->scratch : none, 0};
  FIRN_TRY(geometry_of(run->node, in[0], in[1], &g, err));
  if (run->out[0]->count)
    dilate(mode_of(run->node), &g, run->out[0]->dtype, in, &run->out[0]->shape,
           run, &scratch);
  return FIRN_OK;
}

/* ---- The family -----------------------------------------------------------
 */

static const firn_kernel kernels[] = {
    {.types = {{"T", FIRN_FLOATS | FIRN_INTS}},
     .prepare = prepare,
     .drive = drive},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"Dilation2D", infer, kernels, 0},
    {"Dilation2DBackpropInput", infer_grad, kernels, 0},
    {"Dilation2DBackpropFilter", infer_grad, kernels, 0},
};

FIRN_OP_FAMILY(dilation, ops);
