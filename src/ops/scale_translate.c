/* ops/scale_translate.c: ScaleAndTranslate, pictures scaled and moved by a
 * sampling kernel, and its gradient.
 *
 * Along each axis an output pixel is a weighted sum of a span of input pixels.
 * The gradient is the same computation with the spans the other way round:
 * those of output pixels that an input pixel went into. Sums run in
 * TensorFlow's order, in float, so that results agree to the bit.
 */
#include <math.h>

#include "ops/picture.h"
#include "ops/stage.h"

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

static firn_code infer_both(firn_infer *q, firn_error *err) {
  if (!find_sampler(q->node))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'kernel_type' is '%.*s', which is no kernel",
                     FIRN_ARG(firn_attr_str_or(q->node, "kernel_type", "")));
  FIRN_TRY(firn_infer_vector(q, 2, 2, "scale", err));
  return firn_infer_vector(q, 3, 2, "translation", err);
}

static firn_code infer_scale(firn_infer *q, firn_error *err) {
  FIRN_TRY(infer_both(q, err));
  return firn_infer_resized(q, err);
}

static firn_code infer_back(firn_infer *q, firn_error *err) {
  firn_shape dy, image;
  FIRN_TRY(infer_both(q, err));
  FIRN_TRY(firn_infer_rank(q, 0, 4, "grads", &dy, err));
  FIRN_TRY(firn_infer_rank(q, 1, 4, "original_image", &image, err));
  for (int k = 1; k < 3; k++)
    if (image.dims[k] >= INT32_MAX)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "original_image has an extent of %lld, which does not "
                       "fit an int32",
                       (long long)image.dims[k]);
  q->out[0].shape =
      (firn_shape){4, {dy.dims[0], image.dims[1], image.dims[2], dy.dims[3]}};
  return FIRN_OK;
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

/* Takes `s` the other way round: to the `input` pixels from those that they
 * went into. */
static firn_code turn_spans(const firn_run *run, size_t input, spans *s,
                            firn_error *err) {
  spans back = {.alloc = s->alloc, .count = input, .size = 1};
  size_t *ends = firn_new_zeroed(&s->alloc, input * sizeof *ends);
  firn_code code = FIRN_OK;
  back.starts = firn_new_zeroed(&s->alloc, input * sizeof *back.starts);
  if (!ends || !back.starts) code = firn_oom(err, input * sizeof *ends);
  for (size_t i = 0; code == FIRN_OK && i < s->count * s->size; i++) {
    const size_t from = i / s->size, to = s->starts[from] + i % s->size;
    if (s->weights[i] == 0 || to >= input) continue;
    if (ends[to] == 0) back.starts[to] = from;
    ends[to] = from + 1;
    if (back.size < ends[to] - back.starts[to])
      back.size = ends[to] - back.starts[to];
  }
  const firn_shape shape = {2, {(int64_t)input, (int64_t)back.size}};
  if (code == FIRN_OK)
    code = firn_tensor_within(FIRN_FLOAT, &shape, &run->env->limits, err);
  if (code == FIRN_OK) {
    back.weights =
        firn_new_zeroed(&s->alloc, input * back.size * sizeof(float));
    if (!back.weights) code = firn_oom(err, input * back.size * sizeof(float));
  }
  for (size_t i = 0; code == FIRN_OK && i < s->count * s->size; i++) {
    const size_t from = i / s->size, to = s->starts[from] + i % s->size;
    if (s->weights[i] == 0 || to >= input) continue;
    back.weights[to * back.size + from - back.starts[to]] += s->weights[i];
  }
  firn_delete(&s->alloc, ends, input * sizeof *ends);
  free_spans(s);
  *s = back;
  return code;
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

/* The spans along one axis, from a picture of `whole` pixels to one of
 * `scaled`, or back. */
static firn_code spans_along(const firn_run *run, size_t axis, bool back,
                             size_t whole, size_t scaled, spans *s,
                             firn_error *err) {
  const float scale = ((const float *)run->in[2]->data)[axis];
  const float move = ((const float *)run->in[3]->data)[axis];
  FIRN_TRY(make_spans(run, find_sampler(run->node), scaled, whole, scale, move,
                      s, err));
  return back ? turn_spans(run, whole, s, err) : FIRN_OK;
}

static firn_code both_spans(const firn_run *run, bool back, scale_job *j,
                            firn_error *err) {
  const firn_picture *whole = back ? &j->out : &j->in;
  const firn_picture *scaled = back ? &j->in : &j->out;
  FIRN_TRY(
      spans_along(run, 0, back, whole->height, scaled->height, &j->rows, err));
  return spans_along(run, 1, back, whole->width, scaled->width, &j->columns,
                     err);
}

static firn_code scale_or_back(const firn_run *run, bool back,
                               firn_error *err) {
  const float *scale = run->in[2]->data;
  const firn_info info = {.dtype = run->in[0]->dtype,
                          .shape = run->in[0]->shape};
  scale_job j = {.in = firn_picture_of(&run->in[0]->shape),
                 .out = firn_picture_of(&run->out[0]->shape),
                 .y = run->out[0]->data,
                 .parts = scale_parts(&run->out[0]->shape)};
  if (!(scale[0] > 0 && scale[1] > 0))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "scale = [%g, %g] must be greater than 0",
                     (double)scale[0], (double)scale[1]);
  if (run->out[0]->count == 0) return FIRN_OK;
  if (run->in[0]->count == 0) {
    memset(j.y, 0, run->out[0]->count * sizeof *j.y);
    return FIRN_OK;
  }
  const firn_code code = both_spans(run, back, &j, err);
  if (code == FIRN_OK) {
    j.x = firn_run_floats(run, 0, run->scratch);
    j.work = (float *)((char *)run->scratch + firn_floats_room(&info));
    firn_parallel_for(run->pool, j.parts, 1, scale_part, &j);
  }
  free_spans(&j.rows);
  free_spans(&j.columns);
  return code;
}

static firn_code drive_scale(const firn_run *run, firn_error *err) {
  return scale_or_back(run, false, err);
}

static firn_code drive_back(const firn_run *run, firn_error *err) {
  return scale_or_back(run, true, err);
}

/* ---- The family --------------------------------------------------------- */

static const firn_kernel scale_kernels[] = {
    {.types = {{"T", FIRN_REALS}},
     .prepare = prepare_scale,
     .drive = drive_scale},
    {.drive = NULL},
};

static const firn_kernel back_kernels[] = {
    {.types = {{"T", FIRN_BIT(FIRN_FLOAT)}},
     .prepare = prepare_scale,
     .drive = drive_back},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"ScaleAndTranslate", infer_scale, scale_kernels, 0},
    {"ScaleAndTranslateGrad", infer_back, back_kernels, 0},
};

FIRN_OP_FAMILY(scale_translate, ops);
