/* ops/crop_resize.c: CropAndResize, boxes cut out of pictures and brought to
 * one size, and its gradients by the pictures and by the boxes.
 *
 * Boxes are in units of the picture less one pixel: 0 is the center of the
 * first pixel, 1 that of the last. What lies outside gets extrapolation_value,
 * and hands no gradient on.
 */
#include <math.h>

#include "ops/picture.h"
#include "ops/stage.h"

/* ---- Shape --------------------------------------------------------------- */

/* How many boxes there are, by inputs `boxes` and box_ind behind it. */
static firn_code infer_boxes(const firn_infer *q, size_t at, int64_t *count,
                             firn_error *err) {
  firn_shape boxes, index;
  FIRN_TRY(firn_infer_rank(q, at, 2, "boxes", &boxes, err));
  FIRN_TRY(firn_infer_rank(q, at + 1, 1, "box_ind", &index, err));
  const bool none = boxes.dims[0] == 0 && index.dims[0] == 0;
  if (!firn_dim_merge(boxes.dims[0], index.dims[0], count))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "boxes has %lld rows, box_ind %lld elements",
                     (long long)boxes.dims[0], (long long)index.dims[0]);
  if (boxes.dims[1] >= 0 && boxes.dims[1] != 4 && !none)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "boxes must have 4 columns, has %lld",
                     (long long)boxes.dims[1]);
  return FIRN_OK;
}

static firn_code check_pixels(const firn_shape *shape, const char *what,
                              firn_error *err) {
  if (shape->dims[1] != 0 && shape->dims[2] != 0 &&
      shape->dims[1] <= INT32_MAX && shape->dims[2] <= INT32_MAX)
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "%s of %lld x %lld pixels", what,
                   (long long)shape->dims[1], (long long)shape->dims[2]);
}

/* The extents that an input says; those that may be zero are told. */
static firn_code infer_sizes(const firn_infer *q, size_t i, const char *what,
                             int count, const bool *may_be_zero, int64_t *out,
                             firn_error *err) {
  const int64_t *size = NULL;
  FIRN_TRY(firn_infer_vector(q, i, count, what, err));
  firn_infer_ints(q, i, &size, NULL);
  for (int k = 0; k < count; k++) {
    out[k] = FIRN_UNKNOWN_DIM;
    if (!size || size[k] == FIRN_UNKNOWN_INT) continue;
    if (size[k] < (may_be_zero[k] ? 0 : 1))
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "%s[%d] = %lld must be %s",
                       what, k, (long long)size[k],
                       may_be_zero[k] ? "at least 0" : "positive");
    out[k] = size[k];
  }
  return FIRN_OK;
}

static firn_code infer_crop(firn_infer *q, firn_error *err) {
  static const bool may_be_zero[2] = {false, false};
  firn_shape image;
  int64_t count = 0, size[2];
  FIRN_TRY(firn_infer_rank(q, 0, 4, "image", &image, err));
  FIRN_TRY(infer_boxes(q, 1, &count, err));
  FIRN_TRY(check_pixels(&image, "an image", err));
  FIRN_TRY(infer_sizes(q, 3, "crop_size", 2, may_be_zero, size, err));
  q->out[0].shape = (firn_shape){4, {count, size[0], size[1], image.dims[3]}};
  return FIRN_OK;
}

/* `grads` are of the crops: as many as there are boxes. */
static firn_code infer_grads(const firn_infer *q, int64_t count, int64_t depth,
                             const char *of, firn_error *err) {
  firn_shape dy;
  int64_t ignored;
  FIRN_TRY(firn_infer_rank(q, 0, 4, "grads", &dy, err));
  FIRN_TRY(check_pixels(&dy, "grads", err));
  if (!firn_dim_merge(dy.dims[0], count, &ignored))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "grads are of %lld boxes, there are %lld",
                     (long long)dy.dims[0], (long long)count);
  if (!firn_dim_merge(dy.dims[3], depth, &ignored))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "grads has %lld channels, %s %lld", (long long)dy.dims[3],
                     of, (long long)depth);
  return FIRN_OK;
}

static firn_code infer_image_grad(firn_infer *q, firn_error *err) {
  static const bool may_be_zero[4] = {true, false, false, true};
  int64_t count = 0, size[4];
  FIRN_TRY(infer_boxes(q, 1, &count, err));
  FIRN_TRY(infer_sizes(q, 3, "image_size", 4, may_be_zero, size, err));
  FIRN_TRY(infer_grads(q, count, size[3], "image_size says", err));
  q->out[0].shape = (firn_shape){4, {size[0], size[1], size[2], size[3]}};
  return FIRN_OK;
}

static firn_code infer_boxes_grad(firn_infer *q, firn_error *err) {
  firn_shape image;
  int64_t count = 0;
  FIRN_TRY(firn_infer_rank(q, 1, 4, "image", &image, err));
  FIRN_TRY(infer_boxes(q, 2, &count, err));
  FIRN_TRY(check_pixels(&image, "image", err));
  FIRN_TRY(infer_grads(q, count, image.dims[3], "image", err));
  if (!firn_str_is(firn_attr_str_or(q->node, "method", "bilinear"), "bilinear"))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'method' is '%.*s': boxes have a gradient when it "
                     "is 'bilinear'",
                     FIRN_ARG(firn_attr_str_or(q->node, "method", "")));
  q->out[0].shape = (firn_shape){2, {count, 4}};
  return FIRN_OK;
}

/* ---- Crops --------------------------------------------------------------- */

typedef struct crop {
  firn_picture in, out;
  const float *x, *boxes;
  const int32_t *index;
  float *y, outside;
  bool nearest;
} crop;

/* How far apart pixels lie along an axis. */
static float crop_scale(float from, float to, size_t extent, size_t count) {
  const float last = (float)(extent - 1);
  return count > 1 ? (to - from) * last / (float)(count - 1) : 0;
}

/* Where pixel i of `count` lies along an axis of `extent`, or -1 when outside
 * (NaN is). */
static float crop_place(float from, float to, float scale, size_t extent,
                        size_t count, size_t i) {
  const float last = (float)(extent - 1);
  const float at = count > 1
                       ? from * last + (float)(int)i * scale
                       : (float)(0.5 * (double)(from + to) * (double)last);
  return at >= 0 && at <= last ? at : -1;
}

static void blend(const float *const x[4], float right, float down, float *y,
                  size_t n) {
  const float *a = x[0], *b = x[1], *c = x[2], *d = x[3];
  for (size_t i = 0; i < n; i++) {
    const float top = a[i] + (b[i] - a[i]) * right;
    const float bottom = c[i] + (d[i] - c[i]) * right;
    y[i] = top + (bottom - top) * down;
  }
}

static void crop_row(const crop *c, size_t box, size_t row, float *y) {
  const float *b = c->boxes + box * 4;
  const size_t n = c->in.channels;
  const float *x =
      c->x + (size_t)c->index[box] * c->in.height * c->in.width * n;
  const float down = crop_scale(b[0], b[2], c->in.height, c->out.height);
  const float along = crop_scale(b[1], b[3], c->in.width, c->out.width);
  const float at_y =
      crop_place(b[0], b[2], down, c->in.height, c->out.height, row);
  const float low = floorf(at_y), high = ceilf(at_y);
  for (size_t i = 0; i < c->out.width; i++, y += n) {
    const float at_x =
        crop_place(b[1], b[3], along, c->in.width, c->out.width, i);
    if (at_y < 0 || at_x < 0) {
      for (size_t k = 0; k < n; k++) y[k] = c->outside;
    } else if (c->nearest) {
      const float *from =
          x + ((size_t)roundf(at_y) * c->in.width + (size_t)roundf(at_x)) * n;
      for (size_t k = 0; k < n; k++) y[k] = from[k];
    } else {
      const float *top = x + (size_t)low * c->in.width * n;
      const float *bottom = x + (size_t)high * c->in.width * n;
      const size_t left = (size_t)floorf(at_x) * n;
      const size_t right = (size_t)ceilf(at_x) * n;
      const float *const pixels[4] = {top + left, top + right, bottom + left,
                                      bottom + right};
      blend(pixels, at_x - floorf(at_x), at_y - low, y, n);
    }
  }
}

static void crop_rows(void *ctx, size_t begin, size_t end) {
  const crop *c = ctx;
  for (size_t i = begin; i < end; i++)
    crop_row(c, i / c->out.height, i % c->out.height,
             c->y + i * c->out.width * c->out.channels);
}

static firn_code prepare_crop(firn_prepare *p, firn_error *err) {
  FIRN_UNUSED(err);
  p->scratch = firn_floats_room(&p->in[0]);
  return FIRN_OK;
}

/* Inputs `at` and behind it: boxes and the pictures that they lie in. */
static firn_code check_boxes(const firn_run *run, size_t at, int64_t batch,
                             firn_error *err) {
  const float *boxes = run->in[at]->data;
  const int32_t *index = run->in[at + 1]->data;
  for (size_t i = 0; i < run->in[at + 1]->count; i++)
    if (index[i] < 0 || index[i] >= batch)
      return firn_fail(err, FIRN_OUT_OF_RANGE,
                       "box_ind[%zu] = %d is not in [0, %lld)", i, index[i],
                       (long long)batch);
  for (size_t i = 0; i < run->in[at]->count; i++)
    if (!isfinite(boxes[i]))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "boxes[%zu, %zu] = %g is not finite", i / 4, i % 4,
                       (double)boxes[i]);
  return FIRN_OK;
}

static firn_code drive_crop(const firn_run *run, firn_error *err) {
  FIRN_TRY(check_boxes(run, 1, run->in[0]->shape.dims[0], err));
  crop c = {firn_picture_of(&run->in[0]->shape),
            firn_picture_of(&run->out[0]->shape),
            NULL,
            run->in[1]->data,
            run->in[2]->data,
            run->out[0]->data,
            firn_attr_float_or(run->node, "extrapolation_value", 0),
            firn_str_is(firn_attr_str_or(run->node, "method", ""), "nearest")};
  if (run->out[0]->count == 0) return FIRN_OK;
  c.x = firn_run_floats(run, 0, run->scratch);
  const size_t rows = c.out.batch * c.out.height;
  firn_parallel_for(
      run->pool, rows,
      rows / firn_parts(rows, 4 * c.out.width * c.out.channels) + 1, crop_rows,
      &c);
  return FIRN_OK;
}

/* ---- The gradient of pictures -------------------------------------------- */

typedef struct image_grad {
  firn_picture crops, images;
  const float *dy, *boxes;
  const int32_t *index;
  void *dx;
  firn_dtype dtype;
  size_t parts; /* of the pictures */
  bool nearest;
} image_grad;

/* dx[c] += dy[c] * row * column, in TensorFlow's order of products. */
typedef void add_fn(void *dx, size_t at, const float *dy, size_t n, float row,
                    float column);

#define ADD_AT(NAME, T, SUM)                                                  \
  static void NAME(void *dx, size_t at, const float *dy, size_t n, float row, \
                   float column) {                                            \
    T *sum = (T *)dx + at * n;                                                \
    for (size_t c = 0; c < n; c++) SUM(sum[c], column *(row * dy[c]));        \
  }
#define ADD_FLOAT(sum, x) sum += x
#define ADD_DOUBLE(sum, x) sum += (double)(x)
#define ADD_HALF(sum, x)                               \
  sum = firn_half_from_float(firn_half_to_float(sum) + \
                             firn_half_to_float(firn_half_from_float(x)))
ADD_AT(add_float, float, ADD_FLOAT)
ADD_AT(add_double, double, ADD_DOUBLE)
ADD_AT(add_half, uint16_t, ADD_HALF)

static void add_pixel(const image_grad *g, add_fn *add, size_t image,
                      const float *dy, float at_y, float at_x) {
  const size_t n = g->images.channels, width = g->images.width;
  const size_t first = image * g->images.height;
  if (g->nearest) {
    add(g->dx, (first + (size_t)roundf(at_y)) * width + (size_t)roundf(at_x),
        dy, n, 1, 1);
    return;
  }
  const float down = at_y - floorf(at_y), right = at_x - floorf(at_x);
  const size_t top = (first + (size_t)floorf(at_y)) * width;
  const size_t bottom = (first + (size_t)ceilf(at_y)) * width;
  const size_t low = (size_t)floorf(at_x), high = (size_t)ceilf(at_x);
  add(g->dx, top + low, dy, n, 1 - down, 1 - right);
  add(g->dx, top + high, dy, n, 1 - down, right);
  add(g->dx, bottom + low, dy, n, down, 1 - right);
  add(g->dx, bottom + high, dy, n, down, right);
}

static void add_box(const image_grad *g, add_fn *add, size_t box) {
  const firn_picture *in = &g->images, *out = &g->crops;
  const float *b = g->boxes + box * 4;
  const float down = crop_scale(b[0], b[2], in->height, out->height);
  const float along = crop_scale(b[1], b[3], in->width, out->width);
  const float *dy = g->dy + box * out->height * out->width * out->channels;
  for (size_t y = 0; y < out->height; y++) {
    const float at_y = crop_place(b[0], b[2], down, in->height, out->height, y);
    for (size_t x = 0; x < out->width; x++, dy += out->channels) {
      const float at_x =
          crop_place(b[1], b[3], along, in->width, out->width, x);
      if (at_y >= 0 && at_x >= 0)
        add_pixel(g, add, (size_t)g->index[box], dy, at_y, at_x);
    }
  }
}

/* The boxes in order, those that lie in the part's pictures. */
static void add_boxes(void *ctx, size_t begin, size_t end) {
  const image_grad *g = ctx;
  add_fn *add = g->dtype == FIRN_FLOAT    ? add_float
                : g->dtype == FIRN_DOUBLE ? add_double
                                          : add_half;
  const size_t from = begin * g->images.batch / g->parts;
  const size_t to = end * g->images.batch / g->parts;
  const size_t size = g->images.height * g->images.width * g->images.channels *
                      firn_dtype_size(g->dtype);
  memset((char *)g->dx + from * size, 0, (to - from) * size);
  for (size_t box = 0; box < g->crops.batch; box++)
    if ((size_t)g->index[box] >= from && (size_t)g->index[box] < to)
      add_box(g, add, box);
}

static firn_code drive_image_grad(const firn_run *run, firn_error *err) {
  const firn_tensor *dx = run->out[0];
  FIRN_TRY(check_boxes(run, 1, dx->shape.dims[0], err));
  image_grad g = {.crops = firn_picture_of(&run->in[0]->shape),
                  .images = firn_picture_of(&dx->shape),
                  .dy = run->in[0]->data,
                  .boxes = run->in[1]->data,
                  .index = run->in[2]->data,
                  .dx = dx->data,
                  .dtype = dx->dtype,
                  .nearest = firn_str_is(
                      firn_attr_str_or(run->node, "method", ""), "nearest")};
  if (dx->count == 0) return FIRN_OK;
  const size_t batch = g.images.batch;
  g.parts = firn_parts(batch, (dx->count + 4 * run->in[0]->count) / batch);
  firn_parallel_for(run->pool, g.parts, 1, add_boxes, &g);
  return FIRN_OK;
}

/* ---- The gradient of boxes ----------------------------------------------- */

typedef struct boxes_grad {
  firn_picture crops, images;
  const float *dy, *x, *boxes;
  const int32_t *index;
  float *out;
} boxes_grad;

/* One axis of a box: pixels lie `scale` apart, `ratio` of the picture. */
typedef struct axis {
  float from, to, ratio, scale, last;
  size_t extent, count;
} axis;

static axis axis_of(const float *box, size_t extent, size_t count) {
  axis a = {.from = box[0],
            .to = box[2],
            .last = (float)(extent - 1),
            .extent = extent,
            .count = count};
  a.ratio = count > 1 ? a.last / (float)(count - 1) : 0;
  a.scale = count > 1 ? (a.to - a.from) * a.ratio : 0;
  return a;
}

static float place_of(const axis *a, size_t i) {
  return crop_place(a->from, a->to, a->scale, a->extent, a->count, i);
}

/* What pixel i adds to both ends; in double where TensorFlow does so. */
static void add_ends(const axis *a, size_t i, float slope, float *ends) {
  if (a->count > 1) {
    const float share = (float)(int)i * a->ratio;
    ends[0] += slope * (a->last - share);
    ends[2] += slope * share;
  } else {
    const double share = (double)slope * 0.5 * (double)a->last;
    ends[0] = (float)((double)ends[0] + share);
    ends[2] = (float)((double)ends[2] + share);
  }
}

static void box_pixel(const boxes_grad *g, const float *x, const float *dy,
                      const axis axes[2], const size_t i[2], float *out) {
  const float at_y = place_of(&axes[0], i[0]), at_x = place_of(&axes[1], i[1]);
  const size_t n = g->images.channels, row = g->images.width * n;
  if (at_y < 0 || at_x < 0) return;
  const float down = at_y - floorf(at_y), right = at_x - floorf(at_x);
  const float *top = x + (size_t)floorf(at_y) * row;
  const float *bottom = x + (size_t)ceilf(at_y) * row;
  const size_t low = (size_t)floorf(at_x) * n, high = (size_t)ceilf(at_x) * n;
  for (size_t c = 0; c < n; c++) {
    const float a = top[low + c], b = top[high + c];
    const float d = bottom[low + c], e = bottom[high + c];
    add_ends(&axes[0], i[0], ((1 - right) * (d - a) + right * (e - b)) * dy[c],
             out);
    add_ends(&axes[1], i[1], ((1 - down) * (b - a) + down * (e - d)) * dy[c],
             out + 1);
  }
}

static void box_grads(void *ctx, size_t begin, size_t end) {
  const boxes_grad *g = ctx;
  const firn_picture *in = &g->images, *out = &g->crops;
  const size_t n = in->channels;
  for (size_t box = begin; box < end; box++) {
    const float *b = g->boxes + box * 4;
    const axis axes[] = {axis_of(b, in->height, out->height),
                         axis_of(b + 1, in->width, out->width)};
    const float *x = g->x + (size_t)g->index[box] * in->height * in->width * n;
    const float *dy = g->dy + box * out->height * out->width * n;
    float *to = g->out + box * 4;
    memset(to, 0, 4 * sizeof *to);
    size_t i[2];
    for (i[0] = 0; i[0] < out->height; i[0]++)
      for (i[1] = 0; i[1] < out->width; i[1]++, dy += n)
        box_pixel(g, x, dy, axes, i, to);
  }
}

static firn_code prepare_boxes_grad(firn_prepare *p, firn_error *err) {
  FIRN_UNUSED(err);
  p->scratch = firn_floats_room(&p->in[1]);
  return FIRN_OK;
}

static firn_code drive_boxes_grad(const firn_run *run, firn_error *err) {
  FIRN_TRY(check_boxes(run, 2, run->in[1]->shape.dims[0], err));
  const firn_tensor *dy = run->in[0];
  boxes_grad g = {firn_picture_of(&dy->shape),
                  firn_picture_of(&run->in[1]->shape),
                  dy->data,
                  NULL,
                  run->in[2]->data,
                  run->in[3]->data,
                  run->out[0]->data};
  const size_t boxes = g.crops.batch;
  if (boxes == 0) return FIRN_OK;
  if (dy->count == 0) {
    memset(g.out, 0, boxes * 4 * sizeof *g.out);
    return FIRN_OK;
  }
  g.x = firn_run_floats(run, 1, run->scratch);
  firn_parallel_for(run->pool, boxes,
                    boxes / firn_parts(boxes, 8 * dy->count / boxes) + 1,
                    box_grads, &g);
  return FIRN_OK;
}

/* ---- The family ---------------------------------------------------------- */

static const firn_kernel crop_kernels[] = {
    {.types = {{"T", FIRN_REALS}},
     .prepare = prepare_crop,
     .drive = drive_crop},
    {.drive = NULL},
};

static const firn_kernel image_grad_kernels[] = {
    {.types = {{"T", FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE) |
                         FIRN_BIT(FIRN_HALF)}},
     .drive = drive_image_grad},
    {.drive = NULL},
};
static const firn_kernel boxes_grad_kernels[] = {
    {.types = {{"T", FIRN_REALS}},
     .prepare = prepare_boxes_grad,
     .drive = drive_boxes_grad},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"CropAndResize", infer_crop, crop_kernels, 0},
    {"CropAndResizeGradImage", infer_image_grad, image_grad_kernels, 0},
    {"CropAndResizeGradBoxes", infer_boxes_grad, boxes_grad_kernels, 0},
};

FIRN_OP_FAMILY(crop_resize, ops);
