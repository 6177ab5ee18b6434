/* ops/color.c: colours of pictures: RGB to HSV and back, contrast, hue and
 * saturation.
 *
 * Hue and saturation are turned by TensorFlow's own short cuts, which differ
 * from going through RGBToHSV and back in the last bits; so each is followed
 * as it is.
 */
#include <math.h>

#include "ops/picture.h"
#include "ops/stage.h"

enum { GRAIN = 1 << 13 }; /* pixels that are worth a thread */

/* ---- Shapes ------------------------------------------------------------- */

static firn_code check_channels(const firn_infer *q, firn_error *err) {
  const firn_shape *shape = &q->in[0].shape;
  if (shape->rank < 1) return FIRN_OK;
  const int64_t channels = shape->dims[shape->rank - 1];
  if (channels < 0 || channels == 3) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "images must have 3 channels, have %lld",
                   (long long)channels);
}

static firn_code infer_hsv(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "images", err));
  FIRN_TRY(check_channels(q, err));
  return firn_infer_same(q, err);
}

static firn_code infer_contrast(firn_infer *q, firn_error *err) {
  static const char *const names[] = {"contrast_factor", "min_value",
                                      "max_value"};
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 3, "images", err));
  for (size_t i = 1; i < q->in_count && i <= FIRN_COUNT(names); i++)
    FIRN_TRY(firn_infer_is_scalar(q, i, names[i - 1], err));
  return firn_infer_same(q, err);
}

static firn_code infer_adjust(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 3, "images", err));
  FIRN_TRY(firn_infer_is_scalar(q, 1, "the second input", err));
  FIRN_TRY(check_channels(q, err));
  return firn_infer_same(q, err);
}

/* ---- HSV ---------------------------------------------------------------- */

static float as_is(float x) { return x; }
static double as_is_wide(double x) { return x; }
static float as_half(float x) {
  return firn_half_to_float(firn_half_from_float(x));
}
static float as_bfloat16(float x) {
  return firn_bfloat16_to_float(firn_bfloat16_from_float(x));
}

/* Both directions for pixels of a type; R rounds to it after each operation. */
#define HSV(id, type, R)                                                   \
  static void to_hsv_##id(const type *p, type *q) {                        \
    const type sixth = R((type)1 / (type)6), third = R((type)2 / (type)6), \
               thirds = R((type)4 / (type)6);                              \
    const type r = p[0], g = p[1], b = p[2];                               \
    const type rg = r < g ? g : r, gr = g < r ? g : r;                     \
    const type v = rg < b ? b : rg, low = b < gr ? b : gr;                 \
    const type range = R(v - low);                                         \
    const type norm = R(R((type)1 / range) * sixth);                       \
    type h = r == v   ? R(norm * R(g - b))                                 \
             : g == v ? R(R(norm * R(b - r)) + third)                      \
                      : R(R(norm * R(r - g)) + thirds);                    \
    if (!(range > 0)) h = 0;                                               \
    q[0] = h < 0 ? R(h + 1) : h;                                           \
    q[1] = v > 0 ? R(range / v) : 0;                                       \
    q[2] = v;                                                              \
  }                                                                        \
  static type ramp_##id(type x) { return x < 0 ? 0 : x > 1 ? 1 : x; }      \
  static type part_##id(type s, type ramp, type v) {                       \
    return R(R(R(1 - s) + R(s * ramp)) * v);                               \
  }                                                                        \
  static void to_rgb_##id(const type *p, type *q) {                        \
    const type h = R(p[0] * 6), s = p[1], v = p[2];                        \
    const type r = R((type)fabs((double)R(h - 3)) - 1);                    \
    const type g = R(2 - (type)fabs((double)R(h - 2)));                    \
    const type b = R(2 - (type)fabs((double)R(h - 4)));                    \
    q[0] = part_##id(s, ramp_##id(r), v);                                  \
    q[1] = part_##id(s, ramp_##id(g), v);                                  \
    q[2] = part_##id(s, ramp_##id(b), v);                                  \
  }

HSV(float, float, as_is)
HSV(double, double, as_is_wide)
HSV(half, float, as_half)
HSV(bfloat16, float, as_bfloat16)

typedef struct hsv_job {
  firn_dtype dtype;
  bool back;
  const char *x;
  char *y;
} hsv_job;

#define EACH_PIXEL(id, type, n)                                \
  for (size_t i = 0; i < (n); i++)                             \
    if (back)                                                  \
      to_rgb_##id((const type *)x + 3 * i, (type *)y + 3 * i); \
    else                                                       \
      to_hsv_##id((const type *)x + 3 * i, (type *)y + 3 * i);

static void hsv_narrow(const hsv_job *j, const char *x, char *y, size_t n) {
  enum { SOME = 256 };
  const bool back = j->back;
  for (size_t done = 0; done < n; done += SOME) {
    float in[3 * SOME], out[3 * SOME];
    const size_t count = firn_min_size(SOME, n - done);
    firn_widen(j->dtype, x + done * 6, in, count * 3);
    for (size_t i = 0; i < count; i++) {
      const float *p = in + 3 * i;
      float *q = out + 3 * i;
      if (j->dtype == FIRN_HALF)
        (back ? to_rgb_half : to_hsv_half)(p, q);
      else
        (back ? to_rgb_bfloat16 : to_hsv_bfloat16)(p, q);
    }
    firn_narrow(j->dtype, out, y + done * 6, count * 3);
  }
}

static void hsv_pixels(void *ctx, size_t begin, size_t end) {
  const hsv_job *j = ctx;
  const size_t pixel = 3 * firn_dtype_size(j->dtype), n = end - begin;
  const char *x = j->x + begin * pixel;
  char *y = j->y + begin * pixel;
  const bool back = j->back;
  if (j->dtype == FIRN_FLOAT) {
    EACH_PIXEL(float, float, n)
  } else if (j->dtype == FIRN_DOUBLE) {
    EACH_PIXEL(double, double, n)
  } else {
    hsv_narrow(j, x, y, n);
  }
}

static firn_code drive_hsv(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  hsv_job j = {run->in[0]->dtype, run->kernel->micro.table != NULL,
               run->in[0]->data, run->out[0]->data};
  firn_parallel_for(run->pool, run->in[0]->count / 3, GRAIN, hsv_pixels, &j);
  return FIRN_OK;
}

/* ---- Contrast ----------------------------------------------------------- */

typedef struct contrast {
  size_t batch, pixels, channels; /* pixels of a picture */
  float factor, low, high;
} contrast;

static contrast contrast_of(const firn_run *run) {
  const firn_shape *s = &run->in[0]->shape;
  return (contrast){
      .batch = (size_t)firn_shape_product(s, 0, s->rank - 3),
      .pixels = (size_t)(s->dims[s->rank - 3] * s->dims[s->rank - 2]),
      .channels = (size_t)s->dims[s->rank - 1],
      .factor = *(const float *)run->in[1]->data};
}

static void add(const float *a, const float *b, float *y, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = a[i] + b[i];
}

/* Sums all pixels into the first one of y, folding the picture in half again
 * and again as TensorFlow does. */
static void fold(const contrast *c, const float *x, float *y) {
  const size_t n = c->channels;
  size_t right = c->pixels / 2, left = c->pixels - right;
  add(x + left * n, x, y, right * n);
  if (left > right) memcpy(y + right * n, x + right * n, n * sizeof *y);
  while (left > 1) {
    const size_t all = left;
    right = all / 2;
    left = all - right;
    add(y, y + left * n, y, right * n);
  }
}

static void spread(const float *x, const float *mean, float factor, float *y,
                   size_t n) {
  for (size_t k = 0; k < n; k++) y[k] = mean[k] + factor * (x[k] - mean[k]);
}

static firn_code drive_contrast_v2(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  if (run->in[0]->count == 0) return FIRN_OK;
  const contrast c = contrast_of(run);
  const size_t n = c.channels;
  const float *x = run->in[0]->data;
  float *y = run->out[0]->data;
  for (size_t b = 0; b < c.batch; b++) {
    fold(&c, x, y);
    for (size_t k = 0; k < n; k++) y[k] *= 1.0f / (float)c.pixels;
    for (size_t i = 1; i < c.pixels; i++)
      spread(x + i * n, y, c.factor, y + i * n, n);
    spread(x, y, c.factor, y, n); /* where the mean was */
    x += c.pixels * n;
    y += c.pixels * n;
  }
  return FIRN_OK;
}

static float clamped(const contrast *c, float x) {
  if (c->high < x) x = c->high;
  return x < c->low ? c->low : x;
}

static firn_code drive_contrast(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  if (run->in[0]->count == 0) return FIRN_OK;
  contrast c = contrast_of(run);
  const size_t n = c.channels;
  float *y = run->out[0]->data;
  c.low = *(const float *)run->in[2]->data;
  c.high = *(const float *)run->in[3]->data;
  firn_floats_of(run->in[0]->dtype, run->in[0]->data, y, run->in[0]->count,
                 run->pool);
  for (size_t b = 0; b < c.batch; b++, y += c.pixels * n)
    for (size_t k = 0; k < n; k++) {
      double sum = 0;
      for (size_t i = 0; i < c.pixels; i++) sum += (double)y[i * n + k];
      const float mean = (float)sum / (float)c.pixels;
      for (size_t i = 0; i < c.pixels; i++)
        y[i * n + k] = clamped(&c, (y[i * n + k] - mean) * c.factor + mean);
    }
  return FIRN_OK;
}

/* ---- Hue ---------------------------------------------------------------- */

/* Takes x into [0, top) by steps; by division where steps would be many. */
static float wrapped(float x, float top) {
  if (fabsf(x) > 1e4f) {
    x = fmodf(x, top);
    return x < 0 ? x + top : x;
  }
  while (x < 0) x += top;
  while (x >= top) x -= top;
  return x;
}

/* Which channels hold the largest, middle and smallest value in each sixth of
 * the circle of colours. */
static const uint8_t order[6][3] = {{0, 1, 2}, {1, 0, 2}, {1, 2, 0},
                                    {2, 1, 0}, {2, 0, 1}, {0, 2, 1}};

static int sixth_of(const float *p) {
  const float r = p[0], g = p[1], b = p[2];
  if (r < g) return b < r ? 1 : b > g ? 3 : 2;
  return b < g ? 0 : b > r ? 4 : 5;
}

static void turn_hue(const float *p, float delta, float *q) {
  int sixth = sixth_of(p);
  const float high = p[order[sixth][0]], middle = p[order[sixth][1]],
              low = p[order[sixth][2]];
  float hue = 0;
  if (high != low) {
    const float ratio = (middle - low) / (high - low);
    hue = (float)sixth + (sixth % 2 == 0 ? ratio : 1 - ratio);
  }
  hue = wrapped(hue + delta * 6, 6);
  sixth = hue >= 0 && hue < 6 ? (int)hue : 5;
  float ratio = hue - (float)sixth;
  if (sixth % 2) ratio = 1 - ratio;
  q[order[sixth][0]] = high;
  q[order[sixth][1]] = low + ratio * (high - low);
  q[order[sixth][2]] = low;
}

/* ---- Saturation --------------------------------------------------------- */

static float greater(float a, float b) { return a < b ? b : a; }
static float lesser(float a, float b) { return b < a ? b : a; }

static void scale_saturation(const float *p, float scale, float *q) {
  const float r = p[0], g = p[1], b = p[2];
  const float v = greater(r, greater(g, b));
  const float range = v - lesser(r, lesser(g, b));
  const float norm = 1.0f / (6.0f * range);
  float s = v > 0 ? range / v : 0, h;
  if (r == v)
    h = norm * (g - b);
  else if (g == v)
    h = (float)((double)(norm * (b - r)) + 2.0 / 6.0);
  else
    h = (float)((double)(norm * (r - g)) + 4.0 / 6.0);
  if (range <= 0) h = 0;
  if (h < 0) h = h + 1;
  s = lesser(1, greater(0, s * scale));
  const float c = s * v, m = v - c, hue = h * 6;
  const float x = c * (1 - fabsf(wrapped(hue, 2) - 1));
  const float parts[3] = {c, x, 0};
  if (!(hue > -1 && hue < 6)) {
    q[0] = q[1] = q[2] = m;
    return;
  }
  for (int k = 0; k < 3; k++) q[order[(int)hue][k]] = parts[k] + m;
}

typedef struct adjust_job {
  void (*pixel)(const float *p, float by, float *q);
  const float *x;
  float *y, by;
} adjust_job;

static void turn_hues(void *ctx, size_t begin, size_t end) {
  const adjust_job *j = ctx;
  for (size_t i = begin; i < end; i++)
    turn_hue(j->x + 3 * i, j->by, j->y + 3 * i);
}

static void scale_saturations(void *ctx, size_t begin, size_t end) {
  const adjust_job *j = ctx;
  for (size_t i = begin; i < end; i++)
    scale_saturation(j->x + 3 * i, j->by, j->y + 3 * i);
}

static void adjust(const firn_run *run,
                   void (*body)(void *ctx, size_t begin, size_t end)) {
  adjust_job j = {NULL, run->in[0]->data, run->out[0]->data,
                  *(const float *)run->in[1]->data};
  firn_parallel_for(run->pool, run->in[0]->count / 3, GRAIN, body, &j);
}

static firn_code drive_hue(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  adjust(run, turn_hues);
  return FIRN_OK;
}

static firn_code drive_saturation(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  adjust(run, scale_saturations);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

static const bool backwards = true;

static const firn_kernel to_hsv[] = {
    {.types = {{"T", FIRN_FLOATS}}, .drive = drive_hsv},
    {.drive = NULL},
};
static const firn_kernel to_rgb[] = {
    {.types = {{"T", FIRN_FLOATS}},
     .drive = drive_hsv,
     .micro = {.table = &backwards}},
    {.drive = NULL},
};
static const firn_kernel contrast_kernels[] = {
    {.types = {{"T", FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE) |
                         FIRN_BIT(FIRN_UINT8) | FIRN_SIGNED_INTS}},
     .drive = drive_contrast},
    {.drive = NULL},
};

#define FLOAT_ONLY(name)                                               \
  static const firn_kernel name##_kernels[] = {                        \
      {.types = {{"T", FIRN_BIT(FIRN_FLOAT)}}, .drive = drive_##name}, \
      {.drive = NULL},                                                 \
  };

FLOAT_ONLY(contrast_v2)
FLOAT_ONLY(hue)
FLOAT_ONLY(saturation)

static const firn_op ops[] = {
    {"RGBToHSV", infer_hsv, to_hsv, FIRN_OP_IN_PLACE},
    {"HSVToRGB", infer_hsv, to_rgb, FIRN_OP_IN_PLACE},
    {"AdjustContrast", infer_contrast, contrast_kernels, 0},
    {"AdjustContrastv2", infer_contrast, contrast_v2_kernels, 0},
    {"AdjustHue", infer_adjust, hue_kernels, FIRN_OP_IN_PLACE},
    {"AdjustSaturation", infer_adjust, saturation_kernels, FIRN_OP_IN_PLACE},
};

FIRN_OP_FAMILY(color, ops);
