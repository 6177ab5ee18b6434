/* ops/select.c: choosing element by element: Select, SelectV2, ClipByValue. */
#include "ops/broadcast.h"
#include "ops/infer.h"
#include "ops/micro/micro.h"
#include "ops/widen.h"

/* ---- SelectV2: everything broadcasts ------------------------------------ */

static firn_code infer_select_v2(firn_infer *q, firn_error *err) {
  firn_shape shape;
  FIRN_TRY(firn_shape_broadcast(&q->in[1].shape, &q->in[2].shape, &shape, err));
  return firn_shape_broadcast(&q->in[0].shape, &shape, &q->out[0].shape, err);
}

typedef struct chooser {
  firn_dtype dtype;
  size_t size;
  atomic_bool failed; /* to copy a string */
} chooser;

#define CHOOSE(T)                                                       \
  do {                                                                  \
    const T *x = s->in[1], *z = s->in[2];                               \
    T *y = s->out;                                                      \
    for (size_t i = 0; i < s->n; i++)                                   \
      y[i] = c[i * s->step[0]] ? x[i * s->step[1]] : z[i * s->step[2]]; \
  } while (0)

static void choose_objects(chooser *j, const firn_span *s) {
  const uint8_t *c = s->in[0];
  for (size_t i = 0; i < s->n; i++) {
    const int k = c[i * s->step[0]] ? 1 : 2;
    const char *from = (const char *)s->in[k] + i * s->step[k] * j->size;
    if (!firn_elements_copy(j->dtype, (char *)s->out + i * j->size, from, 1))
      atomic_store(&j->failed, true);
  }
}

typedef struct pair {
  uint64_t a, b;
} pair;

static void choose(void *ctx, const firn_span *s) {
  chooser *j = ctx;
  const uint8_t *c = s->in[0];
  if (!firn_dtype_is_plain(j->dtype)) {
    choose_objects(j, s);
    return;
  }
  switch (j->size) {
    case 1: CHOOSE(uint8_t); break;
    case 2: CHOOSE(uint16_t); break;
    case 4: CHOOSE(uint32_t); break;
    case 8: CHOOSE(uint64_t); break;
    default: CHOOSE(pair);
  }
}

/* The three operands are given, since Select bends the condition's shape. */
static firn_code run_select(const firn_run *run, const firn_shape *condition,
                            firn_error *err) {
  const firn_tensor *t = run->in[1], *e = run->in[2];
  const firn_tensor *y = run->out[0];
  const firn_shape *shapes[] = {condition, &t->shape, &e->shape};
  chooser j = {.dtype = y->dtype, .size = firn_dtype_size(y->dtype)};
  firn_broadcast b;
  firn_broadcast_init(&b, &y->shape, shapes, 3);
  b.in[0] = (firn_operand){run->in[0]->data, 1};
  b.in[1] = (firn_operand){t->data, j.size};
  b.in[2] = (firn_operand){e->data, j.size};
  b.out = y->data;
  b.out_size = j.size;
  /* Handles and strings lie where they are: they are never gathered, and
   * their counts are no business of several threads. */
  const bool plain = firn_dtype_is_plain(j.dtype);
  firn_broadcast_run(&b, plain ? run->pool : NULL, FIRN_SPAN_GRAIN, choose, &j);
  if (atomic_load(&j.failed))
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                     "out of memory copying strings");
  return FIRN_OK;
}

static firn_code drive_select_v2(const firn_run *run, firn_error *err) {
  return run_select(run, &run->in[0]->shape, err);
}

/* ---- Select: one bool for all, for each row, or for each element -------- */

static firn_code infer_select(firn_infer *q, firn_error *err) {
  const firn_shape *c = &q->in[0].shape;
  firn_shape *out = &q->out[0].shape;
  char tc[256], tx[256];
  FIRN_TRY(firn_shape_merge(&q->in[1].shape, &q->in[2].shape, out, err));
  if (c->rank < 0 || c->rank == 0 || out->rank < 0) return FIRN_OK;
  if (c->rank == 1 && out->rank >= 1) {
    if (firn_dim_merge(c->dims[0], out->dims[0], &out->dims[0])) return FIRN_OK;
  } else if (firn_shape_merge(c, out, out, NULL) == FIRN_OK) {
    return FIRN_OK;
  }
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "condition has shape %s, which does not go with shape %s",
                   firn_shape_text(c, tc), firn_shape_text(out, tx));
}

static firn_code drive_select(const firn_run *run, firn_error *err) {
  firn_shape c = run->in[0]->shape;
  const firn_shape *x = &run->in[1]->shape;
  if (c.rank == 1)
    for (; c.rank < x->rank; c.rank++) c.dims[c.rank] = 1;
  return run_select(run, &c, err);
}

#define SELECTED                                                \
  (FIRN_NUMBERS | FIRN_BIT(FIRN_BOOL) | FIRN_BIT(FIRN_STRING) | \
   FIRN_BIT(FIRN_RESOURCE) | FIRN_BIT(FIRN_VARIANT))

static const firn_kernel select_v2[] = {
    {.types = {{"T", SELECTED}}, .drive = drive_select_v2}, {.drive = NULL}};
static const firn_kernel select_v1[] = {
    {.types = {{"T", SELECTED}}, .drive = drive_select}, {.drive = NULL}};

/* ---- ClipByValue -------------------------------------------------------- */

/* The bounds are scalars or have the shape of the input. */
static firn_code infer_clip(firn_infer *q, firn_error *err) {
  firn_shape out = q->in[0].shape;
  for (size_t i = 1; i < 3; i++) {
    const firn_shape *bound = &q->in[i].shape;
    if (!firn_shape_known(bound) || bound->rank == 0) continue;
    const firn_code code = firn_shape_merge(&out, bound, &out, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "%s is neither a scalar nor like the input",
                        i == 1 ? "clip_value_min" : "clip_value_max");
  }
  q->out[0].shape = out;
  return FIRN_OK;
}

/* NaN stays; where the bounds contradict each other the lower one wins. */
#define CLIP_ROW(ID, T)                                          \
  static void clip_##ID(const firn_span *s) {                    \
    const T *x = s->in[0], *low = s->in[1], *high = s->in[2];    \
    T *y = s->out;                                               \
    for (size_t i = 0; i < s->n; i++) {                          \
      const T l = low[i * s->step[1]], h = high[i * s->step[2]]; \
      const T v = x[i * s->step[0]], cut = v > h ? h : v;        \
      y[i] = cut < l ? l : cut;                                  \
    }                                                            \
  }

CLIP_ROW(f32, float)
CLIP_ROW(f64, double)
CLIP_ROW(i8, int8_t)
CLIP_ROW(i16, int16_t)
CLIP_ROW(i32, int32_t)
CLIP_ROW(i64, int64_t)
CLIP_ROW(u8, uint8_t)
CLIP_ROW(u16, uint16_t)

/* Complex numbers are cut part by part. */
#define CLIP_PARTS(ID, T)                                        \
  static void clip_##ID(const firn_span *s) {                    \
    const T *x = s->in[0], *low = s->in[1], *high = s->in[2];    \
    T *y = s->out;                                               \
    for (size_t i = 0; i < 2 * s->n; i++) {                      \
      const size_t part = i & 1, k = i - part;                   \
      const T l = low[k * s->step[1] + part];                    \
      const T h = high[k * s->step[2] + part];                   \
      const T v = x[k * s->step[0] + part], cut = v > h ? h : v; \
      y[i] = cut < l ? l : cut;                                  \
    }                                                            \
  }

CLIP_PARTS(c64, float)
CLIP_PARTS(c128, double)

typedef struct clipper {
  firn_dtype dtype;
  const firn_micro *micro;
  void (*row)(const firn_span *s);
} clipper;

static void clip_short(const clipper *j, const firn_span *s) {
  enum { BLOCK = 256 };
  float wide[3][BLOCK], out[BLOCK];
  for (size_t at = 0; at < s->n; at += BLOCK) {
    firn_span part = *s;
    part.n = firn_min_size(BLOCK, s->n - at);
    for (int k = 0; k < 3; k++) {
      const uint16_t *from = s->in[k];
      firn_widen(j->dtype, from + at * s->step[k], wide[k],
                 s->step[k] ? part.n : 1);
      part.in[k] = wide[k];
    }
    part.out = out;
    clip_f32(&part);
    firn_narrow(j->dtype, out, (uint16_t *)s->out + at, part.n);
  }
}

static void clip(void *ctx, const firn_span *s) {
  const clipper *j = ctx;
  if (firn_is_short_float(j->dtype)) {
    clip_short(j, s);
  } else if (j->dtype == FIRN_FLOAT && s->step[0] && !s->step[1] &&
             !s->step[2]) {
    const float low = *(const float *)s->in[1], high = *(const float *)s->in[2];
    if (low <= high)
      j->micro->clamp(s->in[0], s->out, s->n, low, high);
    else
      clip_f32(s);
  } else {
    j->row(s);
  }
}

static firn_code drive_clip(const firn_run *run, firn_error *err) {
  static void (*const rows[])(const firn_span *) = {
      [FIRN_FLOAT] = clip_f32,     [FIRN_DOUBLE] = clip_f64,
      [FIRN_INT8] = clip_i8,       [FIRN_INT16] = clip_i16,
      [FIRN_INT32] = clip_i32,     [FIRN_INT64] = clip_i64,
      [FIRN_UINT8] = clip_u8,      [FIRN_UINT16] = clip_u16,
      [FIRN_COMPLEX64] = clip_c64, [FIRN_COMPLEX128] = clip_c128,
      [FIRN_HALF] = NULL,
  };
  const firn_tensor *x = run->in[0];
  clipper j = {x->dtype, firn_micro_pick(run->cpu), rows[x->dtype]};
  const firn_shape *shapes[3] = {&x->shape};
  firn_broadcast b;
  FIRN_UNUSED(err);
  for (int k = 1; k < 3; k++) shapes[k] = &run->in[k]->shape;
  firn_broadcast_init(&b, &run->out[0]->shape, shapes, 3);
  for (int k = 0; k < 3; k++)
    b.in[k] = (firn_operand){run->in[k]->data, firn_dtype_size(x->dtype)};
  b.out = run->out[0]->data;
  b.out_size = firn_dtype_size(x->dtype);
  firn_broadcast_run(&b, run->pool, FIRN_SPAN_GRAIN, clip, &j);
  return FIRN_OK;
}

static const firn_kernel clip_kernels[] = {
    {.types = {{"T", FIRN_FLOATS | FIRN_COMPLEXES | FIRN_SIGNED_INTS |
                         FIRN_BIT(FIRN_UINT8) | FIRN_BIT(FIRN_UINT16)}},
     .drive = drive_clip},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"Select", infer_select, select_v1, FIRN_OP_IN_PLACE},
    {"SelectV2", infer_select_v2, select_v2, FIRN_OP_IN_PLACE},
    {"ClipByValue", infer_clip, clip_kernels, FIRN_OP_IN_PLACE},
};

FIRN_OP_FAMILY(select, ops);
