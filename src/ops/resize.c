/* ops/resize.c: pictures made larger or smaller by neighbours: nearest,
 * bilinear, bicubic.
 *
 * Bilinear interpolates rows first and keeps the two last ones, since
 * neighbours among the output rows mostly share them; bicubic the other way
 * round. Either order gives the bits that TensorFlow's pixel by pixel gives.
 */
#include "ops/picture.h"
#include "ops/stage.h"
#include "ops/taps.h"

typedef struct resize {
  firn_picture in, out;
  firn_resize_method method;
  size_t parts;       /* of the output rows */
  size_t room, count; /* bytes of the input as floats; rows per part */
  firn_tap *rows, *columns;
} resize;

/* ---- Getting ready ------------------------------------------------------ */

static firn_code infer_resize(firn_infer *q, firn_error *err) {
  if (firn_attr_bool_or(q->node, "half_pixel_centers", false) &&
      firn_attr_bool_or(q->node, "align_corners", false))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "half_pixel_centers and align_corners exclude each other");
  return firn_infer_resized(q, err);
}

static size_t taps_size(const resize *r) {
  return (r->out.height + r->out.width) * sizeof *r->rows;
}

static void free_resize(void *state, const firn_env *env) {
  resize *r = state;
  firn_delete(&env->alloc, r->rows, taps_size(r));
  firn_delete(&env->alloc, r, sizeof *r);
}

static void measure(firn_prepare *p, resize *r) {
  const size_t rows = r->out.batch * r->out.height;
  const size_t row = r->out.width * r->out.channels;
  r->parts = firn_parts(rows, row);
  firn_scratch need = {NULL, 0};
  if (r->method != FIRN_NEAREST) {
    need.used = r->room = firn_floats_room(&p->in[0]);
    /* bilinear: two output rows; bicubic: one input row */
    r->count =
        r->method == FIRN_BILINEAR ? 2 * row : r->in.width * r->in.channels;
    firn_scratch_array(&need, r->count, r->parts * sizeof(float));
  }
  p->scratch = need.used;
}

static firn_code prepare_resize(firn_prepare *p, firn_resize_method m,
                                firn_error *err) {
  resize *r = firn_new_zeroed(&p->env->alloc, sizeof *r);
  if (!r) return firn_oom(err, sizeof *r);
  r->in = firn_picture_of(&p->in[0].shape);
  r->out = firn_picture_of(&p->out[0].shape);
  r->method = m;
  r->rows = firn_new(&p->env->alloc, taps_size(r));
  if (!r->rows) {
    const size_t size = taps_size(r);
    firn_delete(&p->env->alloc, r, sizeof *r);
    return firn_oom(err, size);
  }
  r->columns = r->rows + r->out.height;
  const bool align = firn_attr_bool_or(p->node, "align_corners", false);
  const bool half = firn_attr_bool_or(p->node, "half_pixel_centers", false);
  firn_taps_fill(r->rows, r->out.height, r->in.height, m, align, half);
  firn_taps_fill(r->columns, r->out.width, r->in.width, m, align, half);
  p->state = r;
  p->free_state = free_resize;
  measure(p, r);
  return FIRN_OK;
}

static firn_code prepare_nearest(firn_prepare *p, firn_error *err) {
  const firn_shape *in = &p->in[0].shape;
  if (in->dims[1] >= 1 << 24 || in->dims[2] >= 1 << 24)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "images of %lld x %lld: height and width must be less "
                     "than 2^24",
                     (long long)in->dims[1], (long long)in->dims[2]);
  return prepare_resize(p, FIRN_NEAREST, err);
}

static firn_code prepare_bilinear(firn_prepare *p, firn_error *err) {
  return prepare_resize(p, FIRN_BILINEAR, err);
}

static firn_code prepare_bicubic(firn_prepare *p, firn_error *err) {
  return prepare_resize(p, FIRN_BICUBIC, err);
}

/* ---- Running ------------------------------------------------------------ */

typedef struct job {
  const resize *r;
  const void *x;
  void *y;
  float *work;
  size_t size; /* of an element */
} job;

/* y[i] = row[columns[i]] for pixels of `bytes` bytes. */
#define PICK(type)                                           \
  for (size_t i = 0; i < r->out.width; i++)                  \
    ((type *)y)[i] = ((const type *)x)[r->columns[i].at[0]]; \
  break;

static void nearest_row(const resize *r, const char *x, char *y, size_t bytes) {
  switch (bytes) {
    case 1: PICK(uint8_t)
    case 2: PICK(uint16_t)
    case 4: PICK(uint32_t)
    case 8: PICK(uint64_t)
    default:
      for (size_t i = 0; i < r->out.width; i++)
        memcpy(y + i * bytes, x + r->columns[i].at[0] * bytes, bytes);
  }
}

static void nearest_part(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  const resize *r = j->r;
  const size_t pixel = r->in.channels * j->size;
  const size_t in_row = r->in.width * pixel, out_row = r->out.width * pixel;
  for (size_t i = begin; i < end; i++) {
    const size_t b = i / r->out.height, y = i % r->out.height;
    char *to = (char *)j->y + i * out_row;
    if (y > 0 && i > begin && r->rows[y].at[0] == r->rows[y - 1].at[0])
      memcpy(to, to - out_row, out_row);
    else
      nearest_row(
          r,
          (const char *)j->x + (b * r->in.height + r->rows[y].at[0]) * in_row,
          to, pixel);
  }
}

static firn_code drive_nearest(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const resize *r = run->state;
  job j = {r, run->in[0]->data, run->out[0]->data, NULL,
           firn_dtype_size(run->in[0]->dtype)};
  const size_t rows = r->out.batch * r->out.height;
  if (rows)
    firn_parallel_for(run->pool, rows, rows / r->parts + 1, nearest_part, &j);
  return FIRN_OK;
}

#define BLEND(n)                                                       \
  for (size_t i = 0; i < r->out.width; i++) {                          \
    const firn_tap *t = &r->columns[i];                                \
    const float *low = x + t->at[0] * (n), *high = x + t->at[1] * (n); \
    for (size_t c = 0; c < (n); c++)                                   \
      y[i * (n) + c] = low[c] + (high[c] - low[c]) * t->weight[0];     \
  }                                                                    \
  break;

static void blend_columns(const resize *r, const float *restrict x,
                          float *restrict y) {
  switch (r->in.channels) {
    case 1: BLEND((size_t)1)
    case 3: BLEND((size_t)3)
    case 4: BLEND((size_t)4)
    default: BLEND(r->in.channels)
  }
}

static void blend_rows(const float *top, const float *bottom, float weight,
                       float *y, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = top[i] + (bottom[i] - top[i]) * weight;
}

/* Two input rows, blended to the output's width, and which ones they are. */
typedef struct row_pair {
  float *row[2];
  size_t at[2];
} row_pair;

/* The blended row `at`, in a place that is not `keep`. */
static int find_row(const job *j, row_pair *pair, size_t at, int keep) {
  for (int k = 0; k < 2; k++)
    if (pair->at[k] == at) return k;
  const int k = keep == 0 ? 1 : 0;
  blend_columns(j->r,
                (const float *)j->x + at * j->r->in.width * j->r->in.channels,
                pair->row[k]);
  pair->at[k] = at;
  return k;
}

static void bilinear_rows(const job *j, size_t begin, size_t end, float *work) {
  const resize *r = j->r;
  const size_t row = r->out.width * r->out.channels;
  row_pair pair = {{work, work + row}, {SIZE_MAX, SIZE_MAX}};
  for (size_t i = begin; i < end; i++) {
    const size_t first = i / r->out.height * r->in.height;
    const firn_tap *t = &r->rows[i % r->out.height];
    const size_t low = first + t->at[0], high = first + t->at[1];
    /* the one that is there already must not make room for the other */
    const int there = pair.at[0] == high ? 0 : pair.at[1] == high ? 1 : -1;
    const int top = find_row(j, &pair, low, there);
    const int bottom = find_row(j, &pair, high, top);
    blend_rows(pair.row[top], pair.row[bottom], t->weight[0],
               (float *)j->y + i * row, row);
  }
}

static void weigh_rows(const float *const x[4], const float w[4], float *y,
                       size_t n) {
  const float *a = x[0], *b = x[1], *c = x[2], *d = x[3];
  for (size_t i = 0; i < n; i++)
    y[i] = a[i] * w[0] + b[i] * w[1] + c[i] * w[2] + d[i] * w[3];
}

static void bicubic_rows(const job *j, size_t begin, size_t end, float *work) {
  const resize *r = j->r;
  const size_t n = r->in.channels, in_row = r->in.width * n;
  float *y = (float *)j->y + begin * r->out.width * n;
  for (size_t i = begin; i < end; i++) {
    const firn_tap *t = &r->rows[i % r->out.height];
    const float *rows[4];
    for (int k = 0; k < 4; k++)
      rows[k] = (const float *)j->x +
                (i / r->out.height * r->in.height + t->at[k]) * in_row;
    weigh_rows(rows, t->weight, work, in_row);
    for (size_t k = 0; k < r->out.width; k++, y += n) {
      const firn_tap *u = &r->columns[k];
      const float *pixels[4];
      for (int p = 0; p < 4; p++) pixels[p] = work + u->at[p] * n;
      weigh_rows(pixels, u->weight, y, n);
    }
  }
}

static void part(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  const resize *r = j->r;
  const size_t rows = r->out.batch * r->out.height;
  for (size_t i = begin; i < end; i++) {
    const size_t from = i * rows / r->parts, to = (i + 1) * rows / r->parts;
    float *work = j->work + i * r->count;
    if (r->method == FIRN_BILINEAR)
      bilinear_rows(j, from, to, work);
    else
      bicubic_rows(j, from, to, work);
  }
}

static firn_code drive_floats(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const resize *r = run->state;
  const firn_tensor *in = run->in[0], *out = run->out[0];
  if (r->out.batch == 0) return FIRN_OK;
  if (r->method == FIRN_BILINEAR && r->in.height == r->out.height &&
      r->in.width == r->out.width) {
    firn_floats_of(in->dtype, in->data, out->data, in->count, run->pool);
    return FIRN_OK;
  }
  job j = {r, firn_run_floats(run, 0, run->scratch), out->data,
           (float *)((char *)run->scratch + r->room), sizeof(float)};
  firn_parallel_for(run->pool, r->parts, 1, part, &j);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define RESIZE(name, bits, how, run_it)                                    \
  static const firn_kernel name[] = {                                      \
      {.types = {{"T", bits}}, .prepare = prepare_##how, .drive = run_it}, \
      {.drive = NULL},                                                     \
  };

RESIZE(nearest_kernels, FIRN_REALS, nearest, drive_nearest)
RESIZE(bilinear_kernels, FIRN_REALS, bilinear, drive_floats)
RESIZE(bicubic_kernels, FIRN_REALS, bicubic, drive_floats)

static const firn_op ops[] = {
    {"ResizeNearestNeighbor", infer_resize, nearest_kernels, 0},
    {"ResizeBilinear", infer_resize, bilinear_kernels, 0},
    {"ResizeBicubic", infer_resize, bicubic_kernels, 0},
};

FIRN_OP_FAMILY(resize, ops);
