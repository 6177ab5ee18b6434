/* ops/draw_boxes.c: DrawBoundingBoxes, rectangles one pixel thick drawn over
 * pictures. */
#include "ops/picture.h"

static firn_code infer_draw(firn_infer *q, firn_error *err) {
  firn_shape images, boxes, colors;
  int64_t batch;
  FIRN_TRY(firn_infer_rank(q, 0, 4, "images", &images, err));
  FIRN_TRY(firn_infer_rank(q, 1, 3, "boxes", &boxes, err));
  const int64_t depth = images.dims[3];
  if (depth >= 0 && depth != 1 && depth != 3 && depth != 4)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "images have %lld channels, neither 1, 3 nor 4",
                     (long long)depth);
  if (boxes.dims[2] >= 0 && boxes.dims[2] != 4)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "boxes must have 4 columns, has %lld",
                     (long long)boxes.dims[2]);
  if (!firn_dim_merge(images.dims[0], boxes.dims[0], &batch))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%lld images, but boxes for %lld",
                     (long long)images.dims[0], (long long)boxes.dims[0]);
  if (q->in_count > 2) {
    FIRN_TRY(firn_infer_rank(q, 2, 2, "colors", &colors, err));
    if (colors.dims[1] >= 0 && colors.dims[1] < depth)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "colors have %lld channels, images %lld",
                       (long long)colors.dims[1], (long long)depth);
  }
  images.dims[0] = batch;
  q->out[0].shape = images;
  return FIRN_OK;
}

/* Yellow, blue, red, lime, purple, olive, maroon, navy, aqua, fuchsia. */
static const float default_colors[10][4] = {
    {1, 1, 0, 1},       {0, 0, 1, 1},       {1, 0, 0, 1},    {0, 1, 0, 1},
    {0.5f, 0, 0.5f, 1}, {0.5f, 0.5f, 0, 1}, {0.5f, 0, 0, 1}, {0, 0, 0.5f, 1},
    {0, 1, 1, 1},       {1, 0, 1, 1}};

typedef struct canvas {
  char *data; /* of one picture */
  int64_t height, width;
  size_t pixel; /* bytes */
} canvas;

static void paint(const canvas *c, int64_t y, int64_t x, const void *color) {
  memcpy(c->data + (size_t)(y * c->width + x) * c->pixel, color, c->pixel);
}

static void row(const canvas *c, int64_t y, int64_t x0, int64_t x1,
                const void *color) {
  if (y < 0 || y >= c->height) return;
  for (int64_t x = x0; x <= x1; x++) paint(c, y, x, color);
}

static void column(const canvas *c, int64_t x, int64_t y0, int64_t y1,
                   const void *color) {
  if (x < 0 || x >= c->width) return;
  for (int64_t y = y0; y <= y1; y++) paint(c, y, x, color);
}

/* A coordinate in pixels; what is far away is only known to be so. */
static int64_t pixel_of(float part, int64_t extent) {
  const float at = part * (float)(extent - 1);
  if (!(at > -1e9f)) return -1000000000;
  return at < 4e9f ? (int64_t)at : 4000000000;
}

static int64_t at_least(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t at_most(int64_t a, int64_t b) { return a < b ? a : b; }

static void draw_box(const canvas *c, const float *box, const void *color) {
  const int64_t y0 = pixel_of(box[0], c->height);
  const int64_t x0 = pixel_of(box[1], c->width);
  const int64_t y1 = pixel_of(box[2], c->height);
  const int64_t x1 = pixel_of(box[3], c->width);
  if (y0 > y1 || x0 > x1 || y0 >= c->height || y1 < 0 || x0 >= c->width ||
      x1 < 0)
    return;
  const int64_t left = at_least(x0, 0), right = at_most(x1, c->width - 1);
  const int64_t top = at_least(y0, 0), bottom = at_most(y1, c->height - 1);
  row(c, y0, left, right, color);
  row(c, y1, left, right, color);
  column(c, x0, top, bottom, color);
  column(c, x1, top, bottom, color);
}

/* The color of box `i` in the pictures' type. */
static void color_of(const firn_run *run, size_t i, size_t depth, void *out) {
  const firn_tensor *colors = run->in_count > 2 ? run->in[2] : NULL;
  const float *from;
  if (colors && colors->count)
    from = (const float *)colors->data +
           i % (size_t)colors->shape.dims[0] * (size_t)colors->shape.dims[1];
  else
    from = default_colors[i % FIRN_COUNT(default_colors)];
  const float white = 1;
  if (depth == 1 && from >= default_colors[0] && from <= default_colors[9])
    from = &white;
  for (size_t c = 0; c < depth; c++)
    if (run->out[0]->dtype == FIRN_HALF)
      ((uint16_t *)out)[c] = firn_half_from_float(from[c]);
    else
      ((float *)out)[c] = from[c];
}

static firn_code drive_draw(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_tensor *images = run->in[0], *boxes = run->in[1];
  firn_tensor *out = run->out[0];
  if (out->count == 0) return FIRN_OK;
  const firn_picture p = firn_picture_of(&images->shape);
  const size_t count = (size_t)boxes->shape.dims[1];
  canvas c = {out->data, (int64_t)p.height, (int64_t)p.width,
              p.channels * firn_dtype_size(out->dtype)};
  if (out->data != images->data)
    memcpy(out->data, images->data, firn_tensor_bytes(images));
  for (size_t b = 0; b < p.batch; b++, c.data += p.height * p.width * c.pixel)
    for (size_t i = 0; i < count; i++) {
      float color[4];
      color_of(run, i, p.channels, color);
      draw_box(&c, (const float *)boxes->data + (b * count + i) * 4, color);
    }
  return FIRN_OK;
}

static const firn_kernel draw[] = {
    {.types = {{"T", FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_HALF)}},
     .drive = drive_draw},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"DrawBoundingBoxes", infer_draw, draw, FIRN_OP_IN_PLACE},
    {"DrawBoundingBoxesV2", infer_draw, draw, FIRN_OP_IN_PLACE},
};

FIRN_OP_FAMILY(draw_boxes, ops);
