/* ops/resize_filter.c: pictures made larger or smaller by weighted sums over
 * all the pixels that an output pixel covers: ResizeArea, ScaleAndTranslate.
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

/* ---- Sampling kernels --------------------------------------------------- */

static float lanczos(float x, float radius) {
  const float pi = 3.14159265359f;
  if (x > radius) return 0;
  if ((double)x <= 1e-3) return 1; /* sin(x) / x */
  return radius * sinf(pi * x) * sinf(pi * x / radius) / (pi * pi * x * x);
}

static float gaussian(float x, float radius) {
  const float sigma = radius / 3.0f;
  if (x >= radius) return 0;
  return (float)exp(-x * x / (2.0 * sigma * sigma));
}

static float box(float x, float radius) {
  FIRN_UNUSED(radius);
  if (x == 0.5f) return 0.5f;
  return x < 0.5f ? 1 : 0;
}

static float triangle(float x, float radius) {
  FIRN_UNUSED(radius);
  return x < 1 ? 1 - x : 0;
}

static float keys_cubic(float x, float radius) {
  FIRN_UNUSED(radius);
  if (x >= 2) return 0;
  if (x >= 1) return ((-0.5f * x + 2.5f) * x - 4.0f) * x + 2.0f;
  return ((1.5f * x - 2.5f) * x) * x + 1.0f;
}

static float mitchell_cubic(float x, float radius) {
  FIRN_UNUSED(radius);
  if (x >= 2) return 0;
  if (x >= 1)
    return (((-7.0f / 18.0f) * x + 2.0f) * x - 10.0f / 3.0f) * x + 16.0f / 9.0f;
  return (((7.0f / 6.0f) * x - 2.0f) * x) * x + 8.0f / 9.0f;
}

typedef struct sampler {
  const char *name;
  float (*weight)(float x, float radius); /* x >= 0 */
  float radius;
} sampler;

static const sampler *find_sampler(const firn_node *node) {
  static const sampler samplers[] = {
      {"lanczos1", lanczos, 1},
      {"lanczos3", lanczos, 3},
      {"lanczos5", lanczos, 5},
      {"gaussian", gaussian, 1.5f},
      {"box", box, 1},
      {"triangle", triangle, 1},
      {"keyscubic", keys_cubic, 2},
      {"mitchellcubic", mitchell_cubic, 2},
  };
  const firn_str name = firn_attr_str_or(node, "kernel_type", "lanczos3");
  for (size_t i = 0; i < FIRN_COUNT(samplers); i++)
    if (firn_str_is(name, samplers[i].name)) return &samplers[i];
  return NULL;
}

/* ---- ScaleAndTranslate -------------------------------------------------- */

static firn_code infer_scale(firn_infer *q, firn_error *err) {
  if (!find_sampler(q->node))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'kernel_type' is '%.*s', which is no kernel",
                     FIRN_ARG(firn_attr_str_or(q->node, "kernel_type", "")));
  FIRN_TRY(firn_infer_vector(q, 2, 2, "scale", err));
  FIRN_TRY(firn_infer_vector(q, 3, 2, "translation", err));
  return firn_infer_resized(q, err);
}

/* Output pixel i is the sum of weights[i * size + k] * input[starts[i] + k]. */
typedef struct spans {
  firn_allocator alloc;
  size_t count, size;
  size_t *starts;
  float *weights;
} spans;

static void free_spans(spans *s) {
  firn_delete(&s->alloc, s->starts, s->count * sizeof *s->starts);
  firn_delete(&s->alloc, s->weights, s->count * s->size * sizeof *s->weights);
}

static int64_t clamp(float x, int64_t limit) {
  if (!(x > 0)) return 0;
  return x < (float)limit ? (int64_t)x : limit - 1;
}

/* The weights of the input pixels around `sample`, which sum up to 1. */
static void fill_span(spans *s, size_t i, const sampler *by, float sample,
                      float kernel_scale, size_t input) {
  const float reach = by->radius * kernel_scale;
  const float one_over = 1.0f / kernel_scale;
  const int64_t start = clamp(ceilf(sample - reach - 0.5f), (int64_t)input);
  const int64_t end = clamp(floorf(sample + reach - 0.5f), (int64_t)input) + 1;
  float *w = s->weights + i * s->size, sum = 0;
  s->starts[i] = (size_t)start;
  for (int64_t k = start; k < end && k - start < (int64_t)s->size; k++) {
    const float at = (float)k + 0.5f - sample;
    w[k - start] = by->weight(fabsf(at * one_over), by->radius);
    sum += w[k - start];
  }
  const bool black = !(fabsf(sum) >= 1000.0f * 1.17549435e-38f);
  const float scale = 1.0f / sum;
  for (size_t k = 0; k < s->size; k++) w[k] = black ? 0 : w[k] * scale;
}

static firn_code make_spans(const firn_run *run, const sampler *by,
                            size_t output, size_t input, float scale,
                            float translation, spans *s, firn_error *err) {
  const bool antialias = firn_attr_bool_or(run->node, "antialias", true);
  const float inverse = (float)(1.0 / (double)scale);
  const float shift = -inverse * translation;
  const float kernel_scale = antialias && inverse > 1 ? inverse : 1;
  const float reach = ceilf(by->radius * kernel_scale);
  s->alloc = run->env->alloc;
  s->count = output;
  s->size = reach < (float)input ? 2 * (size_t)reach + 1 : input;
  if (s->size > input) s->size = input;
  const firn_shape shape = {2, {(int64_t)output, (int64_t)s->size}};
  FIRN_TRY(firn_tensor_within(FIRN_FLOAT, &shape, &run->env->limits, err));
  s->starts = firn_new_zeroed(&s->alloc, output * sizeof *s->starts);
  s->weights = firn_new_zeroed(&s->alloc, output * s->size * sizeof(float));
  if (!s->starts || !s->weights)
    return firn_oom(err, output * s->size * sizeof(float));
  for (size_t i = 0; i < output; i++) {
    const float sample = ((float)i + 0.5f) * inverse + shift;
    if (!(sample < 0 || sample > (float)input))
      fill_span(s, i, by, sample, kernel_scale, input);
  }
  return FIRN_OK;
}

typedef struct scale_job {
  firn_picture in, out;
  spans rows, columns;
  const float *x;
  float *y, *work; /* a row as wide as the input for each part */
  size_t parts;
} scale_job;

static void add_scaled(const float *x, float w, float *y, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] += w * x[i];
}

static void scale_row(const scale_job *j, size_t i, float *wide, float *y) {
  const spans *r = &j->rows, *c = &j->columns;
  const size_t n = j->in.channels, in_row = j->in.width * n;
  const size_t row = i % j->out.height;
  const float *x = j->x + i / j->out.height * j->in.height * in_row;
  memset(wide, 0, in_row * sizeof *wide);
  for (size_t k = 0; k < r->size && r->starts[row] + k < j->in.height; k++)
    add_scaled(x + (r->starts[row] + k) * in_row, r->weights[row * r->size + k],
               wide, in_row);
  for (size_t col = 0; col < j->out.width; col++, y += n) {
    for (size_t k = 0; k < n; k++) y[k] = 0;
    for (size_t k = 0; k < c->size && c->starts[col] + k < j->in.width; k++)
      add_scaled(wide + (c->starts[col] + k) * n, c->weights[col * c->size + k],
                 y, n);
  }
}

static void scale_part(void *ctx, size_t begin, size_t end) {
  const scale_job *j = ctx;
  const size_t rows = j->out.batch * j->out.height;
  for (size_t p = begin; p < end; p++)
    for (size_t i = p * rows / j->parts; i < (p + 1) * rows / j->parts; i++)
      scale_row(j, i, j->work + p * j->in.width * j->in.channels,
                j->y + i * j->out.width * j->out.channels);
}

static size_t scale_parts(const firn_shape *out) {
  const firn_picture p = firn_picture_of(out);
  return firn_parts(p.batch * p.height, p.width * p.channels);
}

static firn_code prepare_scale(firn_prepare *p, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_picture in = firn_picture_of(&p->in[0].shape);
  firn_scratch need = {NULL, firn_floats_room(&p->in[0])};
  firn_scratch_array(&need, in.width * in.channels,
                     scale_parts(&p->out[0].shape) * sizeof(float));
  p->scratch = need.used;
  return FIRN_OK;
}

static firn_code drive_scale(const firn_run *run, firn_error *err) {
  const sampler *by = find_sampler(run->node);
  const float *scale = run->in[2]->data, *move = run->in[3]->data;
  const firn_info info = {.dtype = run->in[0]->dtype,
                          .shape = run->in[0]->shape};
  scale_job j = {.in = firn_picture_of(&run->in[0]->shape),
                 .out = firn_picture_of(&run->out[0]->shape),
                 .y = run->out[0]->data,
                 .parts = scale_parts(&run->out[0]->shape)};
  firn_code code = FIRN_OK;
  if (!(scale[0] > 0 && scale[1] > 0))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "scale = [%g, %g] must be greater than 0",
                     (double)scale[0], (double)scale[1]);
  if (run->out[0]->count == 0) return FIRN_OK;
  code = make_spans(run, by, j.out.height, j.in.height, scale[0], move[0],
                    &j.rows, err);
  if (code == FIRN_OK)
    code = make_spans(run, by, j.out.width, j.in.width, scale[1], move[1],
                      &j.columns, err);
  if (code == FIRN_OK) {
    j.x = firn_run_floats(run, 0, run->scratch);
    j.work = (float *)((char *)run->scratch + firn_floats_room(&info));
    firn_parallel_for(run->pool, j.parts, 1, scale_part, &j);
  }
  free_spans(&j.rows);
  free_spans(&j.columns);
  return code;
}

/* ---- The family --------------------------------------------------------- */

static const firn_kernel area_kernels[] = {
    {.types = {{"T", FIRN_REALS}},
     .prepare = prepare_area,
     .drive = drive_area},
    {.drive = NULL},
};
static const firn_kernel scale_kernels[] = {
    {.types = {{"T", FIRN_REALS}},
     .prepare = prepare_scale,
     .drive = drive_scale},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"ResizeArea", firn_infer_resized, area_kernels, 0},
    {"ScaleAndTranslate", infer_scale, scale_kernels, 0},
};

FIRN_OP_FAMILY(resize_filter, ops);
