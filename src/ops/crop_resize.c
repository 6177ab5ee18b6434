/* ops/crop_resize.c: CropAndResize, boxes cut out of pictures and brought to
 * one size.
 *
 * Boxes are in units of the picture less one pixel: 0 is the center of the
 * first pixel, 1 that of the last. What lies outside gets extrapolation_value.
 */
#include <math.h>

#include "ops/picture.h"

static firn_code infer_crop(firn_infer *q, firn_error *err) {
  firn_shape image, boxes, index;
  const int64_t *size = NULL;
  FIRN_TRY(firn_infer_rank(q, 0, 4, "image", &image, err));
  FIRN_TRY(firn_infer_rank(q, 1, 2, "boxes", &boxes, err));
  FIRN_TRY(firn_infer_rank(q, 2, 1, "box_ind", &index, err));
  FIRN_TRY(firn_infer_vector(q, 3, 2, "crop_size", err));
  int64_t count = 0;
  const bool none = boxes.dims[0] == 0 && index.dims[0] == 0;
  if (!firn_dim_merge(boxes.dims[0], index.dims[0], &count))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "boxes has %lld rows, box_ind %lld elements",
                     (long long)boxes.dims[0], (long long)index.dims[0]);
  if (boxes.dims[1] >= 0 && boxes.dims[1] != 4 && !none)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "boxes must have 4 columns, has %lld",
                     (long long)boxes.dims[1]);
  if (image.dims[1] == 0 || image.dims[2] == 0 || image.dims[1] > INT32_MAX ||
      image.dims[2] > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "an image of %lld x %lld pixels", (long long)image.dims[1],
                     (long long)image.dims[2]);
  firn_infer_ints(q, 3, &size, NULL);
  firn_shape out = {4,
                    {count, FIRN_UNKNOWN_DIM, FIRN_UNKNOWN_DIM, image.dims[3]}};
  for (int k = 0; k < 2; k++) {
    if (!size || size[k] == FIRN_UNKNOWN_INT) continue;
    if (size[k] < 1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "crop_size[%d] = %lld must be positive", k,
                       (long long)size[k]);
    out.dims[1 + k] = size[k];
  }
  q->out[0].shape = out;
  return FIRN_OK;
}

typedef struct crop {
  firn_picture in, out;
  const float *x, *boxes;
  const int32_t *index;
  float *y, outside;
  bool nearest;
} crop;

/* Where pixel i of `count` lies along an axis of `extent`, or -1 when outside
 * (NaN is). */
static float crop_place(float from, float to, size_t extent, size_t count,
                        size_t i) {
  const float last = (float)(extent - 1);
  const float scale = count > 1 ? (to - from) * last / (float)(count - 1) : 0;
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
  const float at_y = crop_place(b[0], b[2], c->in.height, c->out.height, row);
  const float low = floorf(at_y), high = ceilf(at_y);
  for (size_t i = 0; i < c->out.width; i++, y += n) {
    const float at_x = crop_place(b[1], b[3], c->in.width, c->out.width, i);
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

static firn_code check_boxes(const firn_run *run, firn_error *err) {
  const float *boxes = run->in[1]->data;
  const int32_t *index = run->in[2]->data;
  const int64_t batch = run->in[0]->shape.dims[0];
  for (size_t i = 0; i < run->in[2]->count; i++)
    if (index[i] < 0 || index[i] >= batch)
      return firn_fail(err, FIRN_OUT_OF_RANGE,
                       "box_ind[%zu] = %d is not in [0, %lld)", i, index[i],
                       (long long)batch);
  for (size_t i = 0; i < run->in[1]->count; i++)
    if (!isfinite(boxes[i]))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "boxes[%zu, %zu] = %g is not finite", i / 4, i % 4,
                       (double)boxes[i]);
  return FIRN_OK;
}

static firn_code drive_crop(const firn_run *run, firn_error *err) {
  FIRN_TRY(check_boxes(run, err));
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

static const firn_kernel crop_kernels[] = {
    {.types = {{"T", FIRN_REALS}},
     .prepare = prepare_crop,
     .drive = drive_crop},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"CropAndResize", infer_crop, crop_kernels, 0},
};

FIRN_OP_FAMILY(crop_resize, ops);
