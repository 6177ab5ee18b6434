/* ops/resize_filter.c: ResizeArea, pictures made larger or smaller by sums over
 * all the pixels that an output pixel covers, by how much of each it covers.
 *
 * Sums run in TensorFlow's order, in float, so that results agree to the bit.
 */
#include <math.h>

#include "ops/picture.h"
#include "ops/stage.h"

/* ---- Area --------------------------------------------------------------- */

/* The pixels [start, end) along an axis and the shares of first and last. */
typedef struct stretch {
  int64_t start, end;
  float first, last;
} stretch;

typedef struct area {
  firn_picture in, out;
  float scale; /* of the whole sum */
  stretch *rows, *columns;
} area;

static float share(int64_t at, float from, float to, float scale) {
  const float low = (float)at, high = (float)(at + 1);
  if (low < from) return high > to ? scale : high - from;
  return high > to ? to - low : 1.0f;
}

static void fill_stretches(stretch *s, size_t count, float scale) {
  for (size_t i = 0; i < count; i++) {
    const float from = (float)i * scale, to = (float)(i + 1) * scale;
    s[i].start = (int64_t)floorf(from);
    s[i].end = (int64_t)ceilf(to);
    s[i].first = share(s[i].start, from, to, scale);
    s[i].last = share(s[i].end - 1, from, to, scale);
  }
}

static size_t stretches_size(const area *a) {
  return (a->out.height + a->out.width) * sizeof *a->rows;
}

static void free_area(void *state, const firn_env *env) {
  area *a = state;
  firn_delete(&env->alloc, a->rows, stretches_size(a));
  firn_delete(&env->alloc, a, sizeof *a);
}

static firn_code prepare_area(firn_prepare *p, firn_error *err) {
  area *a = firn_new_zeroed(&p->env->alloc, sizeof *a);
  if (!a) return firn_oom(err, sizeof *a);
  a->in = firn_picture_of(&p->in[0].shape);
  a->out = firn_picture_of(&p->out[0].shape);
  const size_t size = stretches_size(a);
  a->rows = firn_new(&p->env->alloc, size);
  if (!a->rows) {
    firn_delete(&p->env->alloc, a, sizeof *a);
    return firn_oom(err, size);
  }
  a->columns = a->rows + a->out.height;
  const bool align = firn_attr_bool_or(p->node, "align_corners", false);
  const float y = firn_resize_scale(a->in.height, a->out.height, align);
  const float x = firn_resize_scale(a->in.width, a->out.width, align);
  fill_stretches(a->rows, a->out.height, y);
  fill_stretches(a->columns, a->out.width, x);
  a->scale = (float)(1.0 / (double)(y * x));
  p->state = a;
  p->free_state = free_area;
  p->scratch = firn_floats_room(&p->in[0]);
  return FIRN_OK;
}

static size_t inside(int64_t i, size_t limit) {
  if (i < 0) return 0;
  return (size_t)i < limit ? (size_t)i : limit - 1;
}

/* The sum along a row, for one channel. */
static float sum_along(const float *x, const stretch *s, size_t width,
                       size_t channels) {
  float sum = x[inside(s->start, width) * channels] * s->first;
  if (s->start + 1 == s->end) return sum;
  for (int64_t i = s->start + 1; i < s->end - 1; i++)
    sum += x[inside(i, width) * channels];
  return sum + x[inside(s->end - 1, width) * channels] * s->last;
}

typedef struct area_job {
  const area *a;
  const float *x;
  float *y, height_scale;
} area_job;

static void add_row(const area *a, const float *x, float weight, float *y) {
  const size_t n = a->in.channels;
  for (size_t i = 0; i < a->out.width; i++)
    for (size_t c = 0; c < n; c++)
      y[i * n + c] += sum_along(x + c, &a->columns[i], a->in.width, n) * weight;
}

static void area_rows(void *ctx, size_t begin, size_t end) {
  const area_job *j = ctx;
  const area *a = j->a;
  const size_t in_row = a->in.width * a->in.channels;
  const size_t row = a->out.width * a->out.channels;
  for (size_t i = begin; i < end; i++) {
    const size_t first = i / a->out.height * a->in.height;
    const size_t out = i % a->out.height;
    const stretch *s = &a->rows[out];
    const float from = (float)out * j->height_scale;
    const float to = (float)(out + 1) * j->height_scale;
    float *y = j->y + i * row;
    memset(y, 0, row * sizeof *y);
    for (int64_t k = s->start; k < s->end; k++)
      add_row(a, j->x + (first + inside(k, a->in.height)) * in_row,
              share(k, from, to, j->height_scale), y);
    for (size_t k = 0; k < row; k++) y[k] *= a->scale;
  }
}

static firn_code drive_area(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const area *a = run->state;
  const bool align = firn_attr_bool_or(run->node, "align_corners", false);
  area_job j = {a, firn_run_floats(run, 0, run->scratch), run->out[0]->data,
                firn_resize_scale(a->in.height, a->out.height, align)};
  const size_t rows = a->out.batch * a->out.height;
  if (rows)
    firn_parallel_for(run->pool, rows,
                      rows / firn_parts(rows, a->in.width * a->in.channels) + 1,
                      area_rows, &j);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

static const firn_kernel area_kernels[] = {
    {.types = {{"T", FIRN_REALS}},
     .prepare = prepare_area,
     .drive = drive_area},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"ResizeArea", firn_infer_resized, area_kernels, 0},
};

FIRN_OP_FAMILY(resize_filter, ops);
