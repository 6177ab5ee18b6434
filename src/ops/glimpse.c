/* ops/glimpse.c: ExtractGlimpse, windows cut out of pictures at any place.
 *
 * What lies outside of the picture is noise, or black. TensorFlow takes the
 * noise from a generator that nobody can seed, so ours is only of the same
 * distribution.
 */
#include <math.h>

#include "ops/picture.h"
#include "ops/random_source.h"

static firn_code infer_glimpse(firn_infer *q, firn_error *err) {
  firn_shape offsets, out;
  int64_t batch;
  const firn_str noise = firn_attr_str_or(q->node, "noise", "uniform");
  if (firn_attr_bool_or(q->node, "uniform_noise", true) && noise.size &&
      !firn_str_is(noise, "uniform"))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'uniform_noise' is true, but 'noise' is '%.*s'",
                     FIRN_ARG(noise));
  if (noise.size && !firn_str_is(noise, "uniform") &&
      !firn_str_is(noise, "gaussian") && !firn_str_is(noise, "zero"))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'noise' is '%.*s', not uniform, gaussian or zero",
                     FIRN_ARG(noise));
  FIRN_TRY(firn_infer_resized(q, err));
  FIRN_TRY(firn_infer_rank(q, 2, 2, "offsets", &offsets, err));
  out = q->out[0].shape;
  if (!firn_dim_merge(out.dims[0], offsets.dims[0], &batch))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%lld images, but offsets for %lld",
                     (long long)out.dims[0], (long long)offsets.dims[0]);
  if (offsets.dims[1] >= 0 && offsets.dims[1] != 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "offsets must have 2 columns, has %lld",
                     (long long)offsets.dims[1]);
  q->out[0].shape.dims[0] = batch;
  return FIRN_OK;
}

typedef struct glimpse {
  firn_picture in, out;
  bool centered, normalized, first_version;
} glimpse;

/* The first pixel of the window along one axis. Version 1 always takes the
 * offset for that of the window's middle. */
static int64_t first_pixel(const glimpse *g, float at, size_t in, size_t out) {
  const float extent = (float)in, half = (float)out / 2.0f;
  if (g->normalized) at *= extent;
  if (g->centered) {
    if (g->normalized || g->first_version) at /= 2.0f;
    at += extent / 2.0f;
  }
  if (g->first_version || (g->centered && g->normalized)) at -= half;
  if (!(at > -1e9f)) return -1000000000;
  return at < 4e9f ? (int64_t)at : 4000000000;
}

/* ---- Noise -------------------------------------------------------------- */

/* What the numbers x[0], x[step], ... are like. */
typedef struct spread {
  float low, high, mean, deviation;
} spread;

static spread spread_of(const float *x, size_t count, size_t step) {
  spread s = {INFINITY, -INFINITY, 0, 0};
  double sum = 0, squares = 0, n = 0;
  for (size_t i = 0; i < count; i += step, n++) {
    s.low = fminf(s.low, x[i]);
    s.high = fmaxf(s.high, x[i]);
    sum += (double)x[i];
  }
  const double mean = sum / n;
  for (size_t i = 0; i < count; i += step)
    squares += ((double)x[i] - mean) * ((double)x[i] - mean);
  s.mean = (float)mean;
  s.deviation = (float)sqrt(squares / n);
  return s;
}

static void uniform_noise(const float *x, size_t in, float *y, size_t out,
                          firn_philox_words *words) {
  const spread s = spread_of(x, in, 1);
  for (size_t i = 0; i < out; i++)
    y[i] =
        s.low + firn_uniform_float(firn_philox_word(words)) * (s.high - s.low);
}

static void gaussian_noise(const float *x, size_t in, size_t channels, float *y,
                           size_t out, firn_philox_words *words) {
  for (size_t c = 0; c < channels; c++) {
    const spread s = spread_of(x + c, in - c, channels);
    for (size_t i = c; i < out; i += channels) {
      float normal[2];
      const uint32_t a = firn_philox_word(words);
      firn_normal_floats(a, firn_philox_word(words), normal);
      y[i] = fmaxf(s.low, fminf(s.high, s.mean + normal[0] * s.deviation));
    }
  }
}

static void fill(const firn_run *run, const glimpse *g, const float *x,
                 float *y, firn_philox_words *words) {
  const size_t in = g->in.height * g->in.width * g->in.channels;
  const size_t out = g->out.height * g->out.width * g->out.channels;
  const firn_str noise = firn_attr_str_or(run->node, "noise", "uniform");
  if (firn_str_is(noise, "zero"))
    memset(y, 0, out * sizeof *y);
  else if (firn_str_is(noise, "gaussian") ||
           (noise.size == 0 &&
            !firn_attr_bool_or(run->node, "uniform_noise", true)))
    gaussian_noise(x, in, g->in.channels, y, out, words);
  else
    uniform_noise(x, in, y, out, words);
}

/* ---- Running ------------------------------------------------------------ */

/* Copies the part of the window at (top, left) that the picture covers. */
static void copy_window(const glimpse *g, const float *x, int64_t top,
                        int64_t left, float *y) {
  const int64_t height = (int64_t)g->in.height, width = (int64_t)g->in.width;
  const int64_t wide = (int64_t)g->out.width;
  const int64_t from = left < 0 ? -left : 0;
  const int64_t to = left + wide > width ? width - left : wide;
  if (from >= to) return;
  for (int64_t i = 0; i < (int64_t)g->out.height; i++)
    if (top + i >= 0 && top + i < height)
      memcpy(y + (size_t)(i * wide + from) * g->in.channels,
             x + (size_t)((top + i) * width + left + from) * g->in.channels,
             (size_t)(to - from) * g->in.channels * sizeof *y);
}

static firn_code drive_glimpse(const firn_run *run, firn_error *err) {
  const glimpse g = {firn_picture_of(&run->in[0]->shape),
                     firn_picture_of(&run->out[0]->shape),
                     firn_attr_bool_or(run->node, "centered", true),
                     firn_attr_bool_or(run->node, "normalized", true),
                     run->kernel->micro.table == NULL};
  const float *x = run->in[0]->data, *offsets = run->in[2]->data;
  float *y = run->out[0]->data;
  firn_philox philox;
  FIRN_TRY(
      firn_random_start(run, FIRN_SEEDED, 0, run->out[0]->count, &philox, err));
  firn_philox_words words = {.source = &philox, .used = 4};
  for (size_t b = 0; b < g.in.batch; b++) {
    const int64_t top =
        first_pixel(&g, offsets[2 * b], g.in.height, g.out.height);
    const int64_t left =
        first_pixel(&g, offsets[2 * b + 1], g.in.width, g.out.width);
    if (top < 0 || left < 0 ||
        top + (int64_t)g.out.height > (int64_t)g.in.height ||
        left + (int64_t)g.out.width > (int64_t)g.in.width)
      fill(run, &g, x, y, &words);
    copy_window(&g, x, top, left, y);
    x += g.in.height * g.in.width * g.in.channels;
    y += g.out.height * g.out.width * g.out.channels;
  }
  return FIRN_OK;
}

static const bool second_version = true;

static const firn_kernel glimpse_v1[] = {
    {.drive = drive_glimpse},
    {.drive = NULL},
};
static const firn_kernel glimpse_v2[] = {
    {.drive = drive_glimpse, .micro = {.table = &second_version}},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"ExtractGlimpse", infer_glimpse, glimpse_v1, FIRN_OP_STATEFUL},
    {"ExtractGlimpseV2", infer_glimpse, glimpse_v2, FIRN_OP_STATEFUL},
};

FIRN_OP_FAMILY(glimpse, ops);
