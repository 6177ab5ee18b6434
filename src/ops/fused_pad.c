/* ops/fused_pad.c: FusedPadConv2D and FusedResizeAndPadConv2D: a convolution of
 * a picture that is first scaled (bilinearly) and padded by reflection.
 *
 * The prepared picture is made in one go, pixel by pixel, and convolved as any
 * other. half is computed in float.
 */
#include <math.h>

#include "ops/conv_any.h"
#include "ops/stage.h"

/* ---- Shape --------------------------------------------------------------- */

typedef struct plan {
  firn_conv_layout l; /* of the prepared picture                     */
  int64_t in[2];      /* rows and columns as they come               */
  int64_t scaled[2];  /* after scaling                               */
  int64_t before[2];  /* padding in front                            */
  int64_t reflect;    /* 1: the border itself is not repeated, else 0 */
  bool corners;
} plan;

static bool resizes(const firn_node *node) {
  return firn_str_is(node->type->name, "FusedResizeAndPadConv2D");
}

/* The padded extents; -1 where paddings are unknown. */
static firn_code pad_extents(const int64_t *pads, plan *p, int64_t out[2],
                             firn_error *err) {
  for (int k = 0; k < 8 && pads; k++)
    if (pads[k] < 0 || ((k < 2 || k > 5) && pads[k]))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "paddings[%d][%d] = %lld: must be %s", k / 2, k % 2,
                       (long long)pads[k],
                       pads[k] < 0 ? "0 or more" : "0 for batch and channels");
  for (int i = 0; i < 2; i++) {
    out[i] = FIRN_UNKNOWN_DIM;
    if (!pads || p->scaled[i] < 0) continue;
    const int64_t most = p->scaled[i] - p->reflect;
    const int64_t before = pads[2 + 2 * i], after = pads[3 + 2 * i];
    if (before > most || after > most)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "paddings %lld and %lld are more than %lld",
                       (long long)before, (long long)after, (long long)most);
    p->before[i] = before;
    out[i] = p->scaled[i] + before + after;
  }
  return FIRN_OK;
}

/* size and pads are NULL when unknown. */
static firn_code make_plan(const firn_node *node, const firn_shape *x,
                           const firn_shape *w, const int64_t *size,
                           const int64_t *pads, plan *p, firn_error *err) {
  firn_shape padded = {.rank = 4, .dims = {-1, -1, -1, -1}};
  *p = (plan){
      .corners = firn_attr_bool_or(node, "resize_align_corners", false),
      .reflect = firn_str_is(firn_attr_str_or(node, "mode", ""), "REFLECT")};
  if (x->rank == 4) padded = *x;
  for (int i = 0; i < 2; i++) {
    p->in[i] = padded.dims[i + 1];
    p->scaled[i] = !resizes(node) ? p->in[i] : size ? size[i] : -1;
    if (resizes(node) && p->in[i] == 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "input has no pixels: there is nothing to resize");
    if (size && size[i] < 1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "size[%d] = %lld must be positive", i,
                       (long long)size[i]);
  }
  FIRN_TRY(pad_extents(pads, p, &padded.dims[1], err));
  FIRN_TRY(firn_conv_layout_of(node, &padded, w, &p->l, err));
  if (p->l.groups > 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "input has %lld channels, not the filter's %lld",
                     (long long)padded.dims[3], (long long)w->dims[2]);
  return FIRN_OK;
}

/* The values of an input with so many elements, or NULL. */
static firn_code values(const firn_infer *q, size_t i, int64_t want,
                        const char *what, const int64_t **out,
                        firn_error *err) {
  int64_t count;
  const int64_t *ints;
  const bool known = firn_infer_ints(q, i, &ints, &count);
  if (count >= 0 && count != want)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%s has %lld elements, must have %lld", what,
                     (long long)count, (long long)want);
  *out = known && count == want ? ints : NULL;
  return FIRN_OK;
}

static firn_code infer(firn_infer *q, firn_error *err) {
  const size_t s = resizes(q->node) ? 1 : 0;
  const int64_t *size = NULL, *pads = NULL;
  plan p;
  FIRN_TRY(firn_infer_rank(q, 0, 4, "input", NULL, err));
  FIRN_TRY(firn_infer_rank(q, s + 2, 4, "filter", NULL, err));
  if (s) FIRN_TRY(values(q, 1, 2, "size", &size, err));
  FIRN_TRY(values(q, s + 1, 8, "paddings", &pads, err));
  FIRN_TRY(make_plan(q->node, &q->in[0].shape, &q->in[s + 2].shape, size, pads,
                     &p, err));
  q->out[0].shape = firn_conv_layout_out(&p.l);
  return FIRN_OK;
}

/* ---- The picture ----------------------------------------------------------
 */

/* Where a padded position lies in the scaled picture. */
static int64_t mirror(const plan *p, int axis, int64_t at) {
  const int64_t n = p->scaled[axis], i = at - p->before[axis];
  if (i < 0) return -i - 1 + p->reflect;
  return i >= n ? 2 * n - 1 - i - p->reflect : i;
}

/* Two pixels of the input and the share of the second. */
typedef struct blend {
  int64_t low, high;
  float share;
} blend;

static blend blend_of(const plan *p, int axis, int64_t at) {
  const int64_t in = p->in[axis], out = p->scaled[axis];
  const float scale = p->corners && out > 1 ? (float)(in - 1) / (float)(out - 1)
                                            : (float)in / (float)out;
  const float from = (float)mirror(p, axis, at) * scale;
  blend b = {(int64_t)floorf(from), 0, 0};
  if (b.low > in - 1) b.low = in - 1;
  b.high = b.low + 1 < in ? b.low + 1 : in - 1;
  b.share = from - (float)b.low;
  return b;
}

typedef struct picture {
  const plan *p;
  const void *x;
  void *to;
} picture;

#define PAINT(T)                                                              \
  static void paint_##T(void *ctx, size_t begin, size_t end) {                \
    const picture *j = ctx;                                                   \
    const plan *p = j->p;                                                     \
    const firn_geometry *g = &p->l.g;                                         \
    const size_t n = (size_t)g->channels, wide = (size_t)g->in[2];            \
    for (size_t line = begin; line < end; line++) {                           \
      const int64_t image = (int64_t)line / g->in[1];                         \
      const blend v = blend_of(p, 0, (int64_t)line % g->in[1]);               \
      const T *top = (const T *)j->x +                                        \
                     (size_t)((image * p->in[0] + v.low) * p->in[1]) * n;     \
      const T *bottom = (const T *)j->x +                                     \
                        (size_t)((image * p->in[0] + v.high) * p->in[1]) * n; \
      T *to = (T *)j->to + line * wide * n;                                   \
      for (size_t x = 0; x < wide; x++, to += n) {                            \
        const blend u = blend_of(p, 1, (int64_t)x);                           \
        const size_t l = (size_t)u.low * n, r = (size_t)u.high * n;           \
        for (size_t c = 0; c < n; c++) {                                      \
          const T a = top[l + c] + (top[r + c] - top[l + c]) * (T)u.share;    \
          const T b =                                                         \
              bottom[l + c] + (bottom[r + c] - bottom[l + c]) * (T)u.share;   \
          to[c] = a + (b - a) * (T)v.share;                                   \
        }                                                                     \
      }                                                                       \
    }                                                                         \
  }
PAINT(float)
PAINT(double)

/* ---- Running --------------------------------------------------------------
 */

static firn_stage flat(firn_dtype dtype, size_t count) {
  return (firn_stage){dtype, false, 1, 1, count};
}

/* A convolution of floats with weights that are packed on the way. */
static void convolve(const plan *p, const firn_micro *micro, bool exact,
                     int threads, const float *x, const float *w, float *y,
                     firn_scratch *scratch, firn_pool *pool) {
  const firn_conv_shape s = firn_conv_layout_shape(&p->l);
  const firn_conv_plan conv = firn_conv_choose_repacked(&s, micro, exact);
  const firn_epilogue plain = {.min = -INFINITY, .max = INFINITY};
  float *packed = firn_scratch_take(scratch, firn_conv_pack_size(&conv));
  void *work = firn_scratch_take(scratch, firn_conv_workspace(&conv, threads));
  if (!scratch->base) return;
  firn_conv_pack(&conv, w, NULL, packed, pool);
  firn_conv_run(&conv, x, packed, &plain, y, s.oc, work, pool);
}

typedef struct state {
  plan p;
  firn_dtype dtype;
  size_t x_count, w_count, y_count;
  const firn_micro *micro;
  bool exact;
  int threads;
} state;

static void compute(const state *s, const firn_run *run,
                    firn_scratch *scratch) {
  const firn_geometry *g = &s->p.l.g;
  const size_t filter = run ? run->in_count - 1 : 0;
  const firn_dtype wide = firn_dtype_wide(s->dtype);
  const firn_stage x = flat(s->dtype, s->x_count),
                   w = flat(s->dtype, s->w_count),
                   y = flat(s->dtype, s->y_count);
  const size_t lines = (size_t)(g->batch * g->in[1]);
  picture j = {&s->p, NULL, NULL};
  j.x = firn_stage_in(&x, run ? run->in[0]->data : NULL, scratch);
  const void *weights =
      firn_stage_in(&w, run ? run->in[filter]->data : NULL, scratch);
  j.to = firn_scratch_array(scratch,
                            lines * (size_t)g->in[2] * (size_t)g->channels,
                            firn_dtype_size(wide));
  void *out = run ? run->out[0]->data : NULL;
  void *to = firn_stage_out(&y, out, scratch);
  if (run)
    firn_parallel_for(run->pool, lines, 8,
                      wide == FIRN_DOUBLE ? paint_double : paint_float, &j);
  if (wide == FIRN_FLOAT)
    convolve(&s->p, s->micro, s->exact, s->threads, j.to, weights, to, scratch,
             run ? run->pool : NULL);
  else if (run)
    firn_conv_any_run(&s->p.l, wide, j.to, weights, to, run->pool);
  firn_stage_done(&y, to, out, scratch);
}

static void free_state(void *s, const firn_env *env) {
  firn_delete(&env->alloc, s, sizeof(state));
}

static size_t count_of(const firn_shape *shape) {
  return (size_t)firn_shape_product(shape, 0, shape->rank);
}

/* Shapes are known, hence so are the values that they come from. */
static void read_ints(const firn_info *in, int64_t *out, size_t count) {
  for (size_t i = 0; i < count; i++)
    out[i] = in->value  ? firn_tensor_i64(in->value, i)
             : in->ints ? in->ints[i]
                        : 0;
}

static firn_code prepare(firn_prepare *p, firn_error *err) {
  const size_t r = resizes(p->node) ? 1 : 0;
  int64_t size[2], pads[8];
  plan made;
  if (r) read_ints(&p->in[1], size, 2);
  read_ints(&p->in[r + 1], pads, 8);
  FIRN_TRY(make_plan(p->node, &p->in[0].shape, &p->in[r + 2].shape,
                     r ? size : NULL, pads, &made, err));
  state *s = firn_new_zeroed(&p->env->alloc, sizeof *s);
  if (!s) return firn_oom(err, sizeof *s);
  p->state = s;
  p->free_state = free_state;
  s->p = made;
  s->dtype = p->out[0].dtype;
  s->x_count = count_of(&p->in[0].shape);
  s->w_count = count_of(&p->in[r + 2].shape);
  s->y_count = count_of(&p->out[0].shape);
  s->micro = firn_micro_pick(p->cpu);
  s->exact = p->env->exact;
  s->threads = p->env->threads;
  firn_scratch need = {NULL, 0};
  if (s->y_count && s->x_count) compute(s, NULL, &need);
  p->scratch = need.used;
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const state *s = run->state;
  firn_scratch scratch = {run->scratch, 0};
  if (s->y_count && s->x_count) compute(s, run, &scratch);
  return FIRN_OK;
}

/* ---- The family -----------------------------------------------------------
 */

static const firn_kernel kernels[] = {
    {.types = {{"T", FIRN_FLOATS}}, .prepare = prepare, .drive = drive},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"FusedPadConv2D", infer, kernels, 0},
    {"FusedResizeAndPadConv2D", infer, kernels, 0},
};

FIRN_OP_FAMILY(fused_pad, ops);
