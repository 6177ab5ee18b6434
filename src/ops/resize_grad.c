/* ops/resize_grad.c: the gradients of resizing by neighbours: nearest,
 * bilinear, bicubic.
 *
 * Each pixel of the large or small picture hands its gradient on to the pixels
 * that it was made of, in shares of their weights. Sums run in TensorFlow's
 * order, pixel by pixel. Threads share out the rows that are added to: each
 * goes over all the pixels, and adds what falls into its rows.
 */
#include "ops/picture.h"
#include "ops/stage.h"
#include "ops/taps.h"

enum { MOST_TAPS = 4 };

struct grad;

/* Adds what the pixels of a row of dy hand on to rows [from, to) of dx. */
typedef void row_fn(const struct grad *g, const void *dy, const firn_tap *row,
                    size_t from, size_t to, void *dx);

/* What a kernel is. */
typedef struct way {
  firn_resize_method method;
  row_fn *row;
  size_t size; /* of an element of dy, and of what is added up */
  size_t sum;
} way;

typedef struct grad {
  const way *way;
  firn_picture in, out; /* dy, dx */
  size_t taps, parts;
  firn_tap *rows, *columns;
} grad;

/* ---- One row of gradients ------------------------------------------------ */

/* PRODUCT: the type in which TensorFlow multiplies; N: the channels. */
#define SPREAD_CHANNELS(T, PRODUCT, N)                     \
  for (size_t x = 0; x < g->in.width; x++, dy += (N)) {    \
    const firn_tap *column = &g->columns[x];               \
    for (size_t i = 0; i < taps; i++) {                    \
      if (row->at[i] < from || row->at[i] >= to) continue; \
      T *line = (T *)dx + row->at[i] * g->out.width * (N); \
      const PRODUCT down = row->weight[i];                 \
      for (size_t j = 0; j < taps; j++) {                  \
        T *sum = line + column->at[j] * (N);               \
        const PRODUCT right = column->weight[j];           \
        for (size_t c = 0; c < (N); c++)                   \
          sum[c] += (T)((PRODUCT)dy[c] * down * right);    \
      }                                                    \
    }                                                      \
  }                                                        \
  break;

#define SPREAD(NAME, T, PRODUCT)                                             \
  static void NAME(const grad *g, const void *from_row, const firn_tap *row, \
                   size_t from, size_t to, void *dx) {                       \
    const size_t n = g->in.channels, taps = g->taps;                         \
    const float *dy = from_row;                                              \
    switch (n) {                                                             \
      case 1: SPREAD_CHANNELS(T, PRODUCT, (size_t)1)                         \
      case 3: SPREAD_CHANNELS(T, PRODUCT, (size_t)3)                         \
      default: SPREAD_CHANNELS(T, PRODUCT, n)                                \
    }                                                                        \
  }
SPREAD(spread_float, float, float)
SPREAD(spread_double, double, float)
SPREAD(spread_all_double, double, double)

#define PLAIN(T, a, b) ((T)((a) + (b)))
#define HALF(T, a, b) \
  firn_half_from_float(firn_half_to_float(a) + firn_half_to_float(b))
#define BFLOAT16(T, a, b)                              \
  firn_bfloat16_from_float(firn_bfloat16_to_float(a) + \
                           firn_bfloat16_to_float(b))

#define COUNT_IN(NAME, T, ADD)                                               \
  static void NAME(const grad *g, const void *from_row, const firn_tap *row, \
                   size_t from, size_t to, void *dx) {                       \
    const size_t n = g->in.channels;                                         \
    const T *dy = from_row;                                                  \
    T *to_row = (T *)dx + row->at[0] * g->out.width * n;                     \
    FIRN_UNUSED(from);                                                       \
    FIRN_UNUSED(to);                                                         \
    for (size_t x = 0; x < g->in.width; x++, dy += n) {                      \
      T *sum = to_row + g->columns[x].at[0] * n;                             \
      for (size_t c = 0; c < n; c++) sum[c] = ADD(T, sum[c], dy[c]);         \
    }                                                                        \
  }
COUNT_IN(count_float, float, PLAIN)
COUNT_IN(count_double, double, PLAIN)
COUNT_IN(count_8, uint8_t, PLAIN)
COUNT_IN(count_16, uint16_t, PLAIN)
COUNT_IN(count_32, uint32_t, PLAIN)
COUNT_IN(count_64, uint64_t, PLAIN)
COUNT_IN(count_half, uint16_t, HALF)
COUNT_IN(count_bfloat16, uint16_t, BFLOAT16)

/* ---- Shape --------------------------------------------------------------- */

static firn_code check_extents(const firn_shape *shape, const char *what,
                               firn_error *err) {
  for (int k = 1; k < 3; k++)
    if (shape->dims[k] == 0 || shape->dims[k] >= INT32_MAX)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "%s has an extent of %lld: height and width must be at "
                       "least 1 and fit an int32",
                       what, (long long)shape->dims[k]);
  return FIRN_OK;
}

static firn_code infer_like_image(firn_infer *q, firn_error *err) {
  firn_shape dy, image;
  if (firn_attr_bool_or(q->node, "half_pixel_centers", false) &&
      firn_attr_bool_or(q->node, "align_corners", false))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "half_pixel_centers and align_corners exclude each other");
  FIRN_TRY(firn_infer_rank(q, 0, 4, "grads", &dy, err));
  FIRN_TRY(firn_infer_rank(q, 1, 4, "original_image", &image, err));
  FIRN_TRY(check_extents(&dy, "grads", err));
  FIRN_TRY(check_extents(&image, "original_image", err));
  q->out[0].shape =
      (firn_shape){4, {dy.dims[0], image.dims[1], image.dims[2], dy.dims[3]}};
  return FIRN_OK;
}

static firn_code infer_of_size(firn_infer *q, firn_error *err) {
  firn_shape dy;
  FIRN_TRY(firn_infer_rank(q, 0, 4, "grads", &dy, err));
  FIRN_TRY(firn_infer_vector(q, 1, 2, "size", err));
  return firn_infer_size(q, &dy, err);
}

/* ---- Getting ready ------------------------------------------------------- */

static size_t taps_size(const grad *g) {
  return (g->in.height + g->in.width) * sizeof *g->rows;
}

static void free_grad(void *state, const firn_env *env) {
  grad *g = state;
  firn_delete(&env->alloc, g->rows, taps_size(g));
  firn_delete(&env->alloc, g, sizeof *g);
}

/* The share of the lower neighbour next to that of the upper one. */
static void share_out(firn_tap *taps, size_t count) {
  for (size_t i = 0; i < count; i++) {
    taps[i].weight[1] = taps[i].weight[0];
    taps[i].weight[0] = 1.0f - taps[i].weight[1];
  }
}

static void fill(const firn_node *node, grad *g) {
  const bool align = firn_attr_bool_or(node, "align_corners", false);
  const bool half = firn_attr_bool_or(node, "half_pixel_centers", false);
  const firn_resize_method method = g->way->method;
  firn_taps_fill(g->rows, g->in.height, g->out.height, method, align, half);
  firn_taps_fill(g->columns, g->in.width, g->out.width, method, align, half);
  if (method == FIRN_BILINEAR) share_out(g->rows, g->in.height + g->in.width);
}

/* A gradient without elements may still have any extents: no taps for it. */
static firn_code prepare(firn_prepare *p, firn_error *err) {
  int64_t count;
  if (!firn_shape_count(&p->in[0].shape, &count) || count == 0) return FIRN_OK;
  grad *g = firn_new_zeroed(&p->env->alloc, sizeof *g);
  if (!g) return firn_oom(err, sizeof *g);
  g->way = p->kernel->micro.table;
  g->in = firn_picture_of(&p->in[0].shape);
  g->out = firn_picture_of(&p->out[0].shape);
  g->taps = g->way->method == FIRN_NEAREST    ? 1
            : g->way->method == FIRN_BILINEAR ? 2
                                              : MOST_TAPS;
  g->rows = firn_new(&p->env->alloc, taps_size(g));
  if (!g->rows) {
    const size_t size = taps_size(g);
    firn_delete(&p->env->alloc, g, sizeof *g);
    return firn_oom(err, size);
  }
  g->columns = g->rows + g->in.height;
  fill(p->node, g);
  const size_t rows = g->out.batch * g->out.height;
  g->parts = firn_parts(rows, (size_t)count / rows * g->taps * g->taps);
  p->state = g;
  p->free_state = free_grad;
  if (firn_is_short_float(p->out[0].dtype) && g->way->sum == sizeof(float)) {
    firn_scratch need = {NULL, 0};
    firn_scratch_array(&need, rows,
                       g->out.width * g->out.channels * sizeof(float));
    p->scratch = need.used;
  }
  return FIRN_OK;
}

/* ---- Running ------------------------------------------------------------- */

typedef struct job {
  const grad *g;
  const char *dy;
  char *dx;
} job;

static bool touches(const firn_tap *row, size_t taps, size_t from, size_t to) {
  for (size_t k = 0; k < taps; k++)
    if (row->at[k] >= from && row->at[k] < to) return true;
  return false;
}

/* What falls into rows [from, to) of one picture. */
static void add_band(const job *j, size_t picture, size_t from, size_t to) {
  const grad *g = j->g;
  const size_t in_row = g->in.width * g->in.channels * g->way->size;
  const size_t out_row = g->out.width * g->out.channels * g->way->sum;
  const char *dy = j->dy + picture * g->in.height * in_row;
  char *dx = j->dx + picture * g->out.height * out_row;
  memset(dx + from * out_row, 0, (to - from) * out_row);
  for (size_t y = 0; y < g->in.height; y++)
    if (touches(&g->rows[y], g->taps, from, to))
      g->way->row(g, dy + y * in_row, &g->rows[y], from, to, dx);
}

static void add_part(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  const size_t height = j->g->out.height;
  const size_t rows = j->g->out.batch * height, parts = j->g->parts;
  const size_t first = begin * rows / parts, last = end * rows / parts;
  for (size_t at = first; at < last;) {
    const size_t picture = at / height, from = at % height;
    const size_t count = firn_min_size(height - from, last - at);
    add_band(j, picture, from, from + count);
    at += count;
  }
}

static firn_code drive(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const grad *g = run->state;
  firn_tensor *out = run->out[0];
  if (out->count == 0) return FIRN_OK;
  if (!g) {
    memset(out->data, 0, out->count * firn_dtype_size(out->dtype));
    return FIRN_OK;
  }
  const bool narrow =
      firn_is_short_float(out->dtype) && g->way->sum == sizeof(float);
  job j = {g, run->in[0]->data, narrow ? run->scratch : out->data};
  firn_parallel_for(run->pool, g->parts, 1, add_part, &j);
  if (narrow) firn_narrow(out->dtype, run->scratch, out->data, out->count);
  return FIRN_OK;
}

/* ---- The family ---------------------------------------------------------- */

#define WAY(NAME, METHOD, ROW, SIZE, SUM) \
  static const way NAME = {METHOD, ROW, SIZE, SUM}
WAY(nearest_float, FIRN_NEAREST, count_float, 4, 4);
WAY(nearest_double, FIRN_NEAREST, count_double, 8, 8);
WAY(nearest_8, FIRN_NEAREST, count_8, 1, 1);
WAY(nearest_16, FIRN_NEAREST, count_16, 2, 2);
WAY(nearest_32, FIRN_NEAREST, count_32, 4, 4);
WAY(nearest_64, FIRN_NEAREST, count_64, 8, 8);
WAY(nearest_half, FIRN_NEAREST, count_half, 2, 2);
WAY(nearest_bfloat16, FIRN_NEAREST, count_bfloat16, 2, 2);
WAY(bilinear_float, FIRN_BILINEAR, spread_float, 4, 4);
WAY(bilinear_double, FIRN_BILINEAR, spread_double, 4, 8);
WAY(bicubic_float, FIRN_BICUBIC, spread_float, 4, 4);
WAY(bicubic_double, FIRN_BICUBIC, spread_all_double, 4, 8);

#define KERNEL(BITS, WAY)                                                  \
  {                                                                        \
    .types = {{"T", BITS}}, .prepare = prepare, .drive = drive, .micro = { \
      .table = &WAY                                                        \
    }                                                                      \
  }

static const firn_kernel nearest_kernels[] = {
    KERNEL(FIRN_BIT(FIRN_FLOAT), nearest_float),
    KERNEL(FIRN_BIT(FIRN_DOUBLE), nearest_double),
    KERNEL(FIRN_BIT(FIRN_INT8) | FIRN_BIT(FIRN_UINT8), nearest_8),
    KERNEL(FIRN_BIT(FIRN_INT16) | FIRN_BIT(FIRN_UINT16), nearest_16),
    KERNEL(FIRN_BIT(FIRN_INT32) | FIRN_BIT(FIRN_UINT32), nearest_32),
    KERNEL(FIRN_BIT(FIRN_INT64) | FIRN_BIT(FIRN_UINT64), nearest_64),
    KERNEL(FIRN_BIT(FIRN_HALF), nearest_half),
    KERNEL(FIRN_BIT(FIRN_BFLOAT16), nearest_bfloat16),
    {.drive = NULL},
};
static const firn_kernel bilinear_kernels[] = {
    KERNEL(FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_HALF) | FIRN_BIT(FIRN_BFLOAT16),
           bilinear_float),
    KERNEL(FIRN_BIT(FIRN_DOUBLE), bilinear_double),
    {.drive = NULL},
};
static const firn_kernel bicubic_kernels[] = {
    KERNEL(FIRN_BIT(FIRN_FLOAT), bicubic_float),
    KERNEL(FIRN_BIT(FIRN_DOUBLE), bicubic_double),
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"ResizeNearestNeighborGrad", infer_of_size, nearest_kernels, 0},
    {"ResizeBilinearGrad", infer_like_image, bilinear_kernels, 0},
    {"ResizeBicubicGrad", infer_like_image, bicubic_kernels, 0},
};

FIRN_OP_FAMILY(resize_grad, ops);
