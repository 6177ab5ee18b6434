/* ops/projective.c: pictures looked at through a mapping of their plane:
 * ImageProjectiveTransform in all its spellings, and Resampler.
 */
#include <math.h>

#include "ops/picture.h"

/* ---- Projective transforms ---------------------------------------------- */

typedef enum beyond { CONSTANT, NEAREST, REFLECT, WRAP } beyond;

static firn_code read_modes(const firn_node *node, bool *bilinear, beyond *mode,
                            firn_error *err) {
  static const char *const names[] = {"CONSTANT", "NEAREST", "REFLECT", "WRAP"};
  const firn_str by = firn_attr_str_or(node, "interpolation", "NEAREST");
  const firn_str fill = firn_attr_str_or(node, "fill_mode", "CONSTANT");
  *bilinear = firn_str_is(by, "BILINEAR");
  if (!*bilinear && !firn_str_is(by, "NEAREST"))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'interpolation' is '%.*s', not NEAREST or BILINEAR",
                     FIRN_ARG(by));
  for (size_t i = 0; i < FIRN_COUNT(names); i++)
    if (firn_str_is(fill, names[i])) {
      *mode = (beyond)i;
      return FIRN_OK;
    }
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "attr 'fill_mode' is '%.*s', not REFLECT, WRAP, CONSTANT or "
                   "NEAREST",
                   FIRN_ARG(fill));
}

static firn_code infer_projective(firn_infer *q, firn_error *err) {
  firn_shape images, transforms;
  const int64_t *size = NULL;
  bool bilinear;
  beyond mode;
  FIRN_TRY(read_modes(q->node, &bilinear, &mode, err));
  FIRN_TRY(firn_infer_rank(q, 0, 4, "images", &images, err));
  FIRN_TRY(firn_infer_rank(q, 1, 2, "transforms", &transforms, err));
  const int64_t rows = transforms.dims[0], batch = images.dims[0];
  if ((transforms.dims[1] >= 0 && transforms.dims[1] != 8) ||
      (rows >= 0 && batch >= 0 && rows != batch && rows != 1)) {
    char text[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "transforms must have shape [1,8] or [%lld,8], has %s",
                     (long long)batch, firn_shape_text(&transforms, text));
  }
  if (q->in_count > 3) FIRN_TRY(firn_infer_is_scalar(q, 3, "fill_value", err));
  if (q->in_count > 2) {
    FIRN_TRY(firn_infer_vector(q, 2, 2, "output_shape", err));
    firn_infer_ints(q, 2, &size, NULL);
    for (int k = 0; k < 2; k++) {
      const bool known = size && size[k] != FIRN_UNKNOWN_INT;
      if (known && size[k] < 1)
        return firn_fail(err, FIRN_INVALID_ARGUMENT,
                         "output_shape[%d] = %lld must be positive", k,
                         (long long)size[k]);
      images.dims[1 + k] = known ? size[k] : FIRN_UNKNOWN_DIM;
    }
  }
  q->out[0].shape = images;
  return FIRN_OK;
}

typedef struct mapping {
  firn_picture in, out;
  bool bilinear;
  beyond mode;
  firn_dtype dtype;
  const char *x;
  char *y;
  const float *transforms;
  size_t transform_step;
  float fill; /* and as an element: */
  uint64_t fill_bits;
} mapping;

static float clamp(float x, float last) {
  if (x < 0) return 0;
  return x > last ? last : x;
}

/* Counts of whole pictures, which must fit an integer. */
static float whole(float x) { return fabsf(x) < 9e18f ? (float)(int64_t)x : 0; }

static float reflect(float at, float n) {
  const float both = 2 * n;
  if (at < 0) {
    if (n <= 1) return 0;
    if (at < both) at = both * whole(-at / both) + at;
    at = at < -n ? at + both : -at - 1;
  } else if (at > n - 1) {
    if (n <= 1) return 0;
    at -= both * whole(at / both);
    if (at >= n) at = both - at - 1;
  }
  return clamp(at, n - 1);
}

static float wrap(float at, float n) {
  if (at < 0) {
    if (n <= 1) return 0;
    at += n * (whole(-at / (n - 1)) + 1);
  } else if (at > n - 1) {
    if (n <= 1) return 0;
    at -= n * whole(at / (n - 1));
  }
  return clamp(at, n - 1);
}

static float map_back(const mapping *m, float at, size_t extent) {
  const float n = (float)extent;
  switch (m->mode) {
    case REFLECT: return reflect(at, n);
    case WRAP: return wrap(at, n);
    case NEAREST: return clamp(at, n - 1);
    default: return at;
  }
}

/* Where output pixel (y, x) lies in the input, perhaps far outside; false when
 * it lies on the horizon. */
static bool project(const mapping *m, const float *t, size_t y, size_t x,
                    float *at_y, float *at_x) {
  const float fy = (float)y, fx = (float)x;
  const float depth = t[6] * fx + t[7] * fy + 1.0f;
  if (depth == 0) return false;
  *at_x = map_back(m, (t[0] * fx + t[1] * fy + t[2]) / depth, m->in.width);
  *at_y = map_back(m, (t[3] * fx + t[4] * fy + t[5]) / depth, m->in.height);
  return true;
}

/* Pixel (y, x) as an address, or NULL when it is outside. */
static const char *pixel(const mapping *m, const char *picture, float y,
                         float x) {
  if (!(y >= 0 && x >= 0 && y < (float)m->in.height && x < (float)m->in.width))
    return NULL;
  const size_t iy = (size_t)y, ix = (size_t)x;
  return picture +
         (iy * m->in.width + ix) * m->in.channels * firn_dtype_size(m->dtype);
}

static float load(const mapping *m, const char *pixel_at, size_t c) {
  if (!pixel_at) return m->fill;
  switch (m->dtype) {
    case FIRN_FLOAT: return ((const float *)pixel_at)[c];
    case FIRN_DOUBLE: return (float)((const double *)pixel_at)[c];
    case FIRN_UINT8: return ((const uint8_t *)pixel_at)[c];
    case FIRN_INT32: return (float)((const int32_t *)pixel_at)[c];
    case FIRN_INT64: return (float)((const int64_t *)pixel_at)[c];
    case FIRN_HALF: return firn_half_to_float(((const uint16_t *)pixel_at)[c]);
    default: return firn_bfloat16_to_float(((const uint16_t *)pixel_at)[c]);
  }
}

/* A number between those of the picture, or fill_value, which may be anything:
 * as x86 has it, what does not fit an integer is its least one. */
static int64_t integer(float x, float limit, int64_t least) {
  return x >= -limit && x < limit ? (int64_t)x : least;
}

static void store(firn_dtype dtype, void *y, size_t i, float x) {
  switch (dtype) {
    case FIRN_FLOAT: ((float *)y)[i] = x; break;
    case FIRN_DOUBLE: ((double *)y)[i] = (double)x; break;
    case FIRN_UINT8:
      ((uint8_t *)y)[i] = (uint8_t)integer(x, 2147483648.0f, INT32_MIN);
      break;
    case FIRN_INT32:
      ((int32_t *)y)[i] = (int32_t)integer(x, 2147483648.0f, INT32_MIN);
      break;
    case FIRN_INT64:
      ((int64_t *)y)[i] = integer(x, 9223372036854775808.0f, INT64_MIN);
      break;
    case FIRN_HALF: ((uint16_t *)y)[i] = firn_half_from_float(x); break;
    default: ((uint16_t *)y)[i] = firn_bfloat16_from_float(x);
  }
}

static void blend(const mapping *m, const char *picture, float y, float x,
                  char *out) {
  const float top = floorf(y), left = floorf(x);
  const float bottom = top + 1, right = left + 1;
  const char *tl = pixel(m, picture, top, left);
  const char *tr = pixel(m, picture, top, right);
  const char *bl = pixel(m, picture, bottom, left);
  const char *br = pixel(m, picture, bottom, right);
  for (size_t c = 0; c < m->in.channels; c++) {
    const float upper =
        (right - x) * load(m, tl, c) + (x - left) * load(m, tr, c);
    const float lower =
        (right - x) * load(m, bl, c) + (x - left) * load(m, br, c);
    store(m->dtype, out, c, (bottom - y) * upper + (y - top) * lower);
  }
}

static void copy_pixel(const mapping *m, const char *from, char *to) {
  const size_t size = firn_dtype_size(m->dtype), n = m->in.channels;
  if (from)
    memcpy(to, from, n * size);
  else
    for (size_t c = 0; c < n; c++) memcpy(to + c * size, &m->fill_bits, size);
}

static void map_rows(void *ctx, size_t begin, size_t end) {
  const mapping *m = ctx;
  const size_t size = m->in.channels * firn_dtype_size(m->dtype);
  for (size_t i = begin; i < end; i++) {
    const size_t b = i / m->out.height, y = i % m->out.height;
    const char *from = m->x + b * m->in.height * m->in.width * size;
    const float *t = m->transforms + b * m->transform_step;
    char *to = m->y + i * m->out.width * size;
    for (size_t x = 0; x < m->out.width; x++, to += size) {
      float at_y, at_x;
      const bool somewhere = project(m, t, y, x, &at_y, &at_x);
      if (somewhere && m->bilinear)
        blend(m, from, at_y, at_x, to);
      else if (somewhere)
        copy_pixel(m, pixel(m, from, roundf(at_y), roundf(at_x)), to);
      else
        copy_pixel(m, NULL, to);
    }
  }
}

static firn_code drive_projective(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0], *transforms = run->in[1];
  mapping m = {.in = firn_picture_of(&x->shape),
               .out = firn_picture_of(&run->out[0]->shape),
               .dtype = x->dtype,
               .x = x->data,
               .y = run->out[0]->data,
               .transforms = transforms->data,
               .transform_step = transforms->shape.dims[0] > 1 ? 8 : 0};
  FIRN_TRY(read_modes(run->node, &m.bilinear, &m.mode, err));
  if (run->in_count > 3)
    store(m.dtype, &m.fill_bits, 0, *(const float *)run->in[3]->data);
  m.fill = load(&m, (const char *)&m.fill_bits, 0);
  const size_t rows = m.out.batch * m.out.height;
  const size_t cost = m.out.width * (8 + 4 * m.out.channels);
  if (rows && m.out.channels)
    firn_parallel_for(run->pool, rows, rows / firn_parts(rows, cost) + 1,
                      map_rows, &m);
  return FIRN_OK;
}

/* ---- Resampler ---------------------------------------------------------- */

static firn_code infer_resampler(firn_infer *q, firn_error *err) {
  firn_shape data, warp = q->in[1].shape;
  int64_t batch;
  FIRN_TRY(firn_infer_rank(q, 0, 4, "data", &data, err));
  FIRN_TRY(firn_infer_rank_at_least(q, 1, 2, "warp", err));
  if (warp.rank < 0) return firn_infer_unknown(q, err);
  const int64_t last = warp.dims[warp.rank - 1];
  if (last >= 0 && last != 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "warp must have 2 columns, has %lld", (long long)last);
  if (!firn_dim_merge(data.dims[0], warp.dims[0], &batch))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "data is a batch of %lld, warp of %lld",
                     (long long)data.dims[0], (long long)warp.dims[0]);
  warp.dims[0] = batch;
  warp.dims[warp.rank - 1] = data.dims[3];
  q->out[0].shape = warp;
  return FIRN_OK;
}

typedef struct resampler {
  firn_dtype dtype;
  firn_picture in;
  const char *data, *warp;
  char *y;
  size_t samples; /* of one picture */
} resampler;

static double number(firn_dtype dtype, const char *x, size_t i) {
  switch (dtype) {
    case FIRN_FLOAT: return (double)((const float *)x)[i];
    case FIRN_DOUBLE: return ((const double *)x)[i];
    case FIRN_HALF: return (double)firn_half_to_float(((const uint16_t *)x)[i]);
    default: return (double)firn_bfloat16_to_float(((const uint16_t *)x)[i]);
  }
}

/* Element c of pixel (y, x), black outside. */
static double data_at(const resampler *r, size_t batch, double y, double x,
                      size_t c) {
  if (y < 0 || x < 0 || y > (double)r->in.height - 1 ||
      x > (double)r->in.width - 1)
    return 0;
  const size_t row = batch * r->in.height + (size_t)y;
  return number(r->dtype, r->data,
                (row * r->in.width + (size_t)x) * r->in.channels + c);
}

/* Weights and sum in the arithmetic of a type. */
#define RESAMPLE(type)                                                         \
  const type right = (type)(x0 + 1) - (type)x,                                 \
             down = (type)(y0 + 1) - (type)y;                                  \
  value =                                                                      \
      (double)(type)(right * down * (type)data_at(r, b, y0, x0, c) +           \
                     (1 - right) * (1 - down) *                                \
                         (type)data_at(r, b, y0 + 1, x0 + 1, c) +              \
                     right * (1 - down) * (type)data_at(r, b, y0 + 1, x0, c) + \
                     (1 - right) * down * (type)data_at(r, b, y0, x0 + 1, c));

static void resample(void *ctx, size_t begin, size_t end) {
  const resampler *r = ctx;
  const size_t n = r->in.channels;
  for (size_t i = begin; i < end; i++) {
    const double x = number(r->dtype, r->warp, 2 * i);
    const double y = number(r->dtype, r->warp, 2 * i + 1);
    const bool inside =
        x > -1 && y > -1 && x < (double)r->in.width && y < (double)r->in.height;
    const double x0 = floor(x), y0 = floor(y);
    const size_t b = i / r->samples;
    for (size_t c = 0; c < n; c++) {
      double value = 0;
      if (inside && r->dtype == FIRN_DOUBLE) {
        RESAMPLE(double)
      } else if (inside) {
        RESAMPLE(float)
      }
      if (r->dtype == FIRN_DOUBLE)
        ((double *)r->y)[i * n + c] = value;
      else
        store(r->dtype, r->y, i * n + c, (float)value);
    }
  }
}

static firn_code drive_resampler(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_tensor *warp = run->in[1];
  resampler r = {run->in[0]->dtype, firn_picture_of(&run->in[0]->shape),
                 run->in[0]->data,  warp->data,
                 run->out[0]->data, 1};
  const size_t count = warp->count / 2;
  if (run->out[0]->count == 0) return FIRN_OK;
  r.samples = count / r.in.batch;
  firn_parallel_for(run->pool, count, (1 << 13) / r.in.channels + 1, resample,
                    &r);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

static const firn_kernel projective[] = {
    {.types = {{"dtype", FIRN_FLOATS | FIRN_INDICES | FIRN_BIT(FIRN_UINT8)}},
     .drive = drive_projective},
    {.drive = NULL},
};
static const firn_kernel resampler_kernels[] = {
    {.types = {{"T", FIRN_FLOATS}}, .drive = drive_resampler},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"ImageProjectiveTransform", infer_projective, projective, 0},
    {"ImageProjectiveTransformV2", infer_projective, projective, 0},
    {"ImageProjectiveTransformV3", infer_projective, projective, 0},
    {"Addons>ImageProjectiveTransformV2", infer_projective, projective, 0},
    {"Resampler", infer_resampler, resampler_kernels, 0},
    {"Addons>Resampler", infer_resampler, resampler_kernels, 0},
};

FIRN_OP_FAMILY(projective, ops);
