/* ops/picture.c: what the ops on batches of pictures have in common. */
#include "ops/picture.h"

#include "ops/stage.h"

firn_picture firn_picture_of(const firn_shape *shape) {
  return (firn_picture){(size_t)shape->dims[0], (size_t)shape->dims[1],
                        (size_t)shape->dims[2], (size_t)shape->dims[3]};
}

/* ---- Shapes ------------------------------------------------------------- */

firn_code firn_infer_vector(const firn_infer *q, size_t i, int64_t count,
                            const char *what, firn_error *err) {
  firn_shape shape;
  FIRN_TRY(firn_infer_rank(q, i, 1, what, &shape, err));
  if (shape.dims[0] < 0 || shape.dims[0] == count) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "%s must have %lld elements, has %lld", what,
                   (long long)count, (long long)shape.dims[0]);
}

firn_code firn_infer_is_scalar(const firn_infer *q, size_t i, const char *what,
                               firn_error *err) {
  return firn_infer_rank(q, i, 0, what, NULL, err);
}

static firn_code check_pixels(const firn_shape *shape, firn_error *err) {
  for (int k = 1; k < 4; k++)
    if (shape->dims[k] == 0 || shape->dims[k] > INT32_MAX) {
      char text[256];
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "images of shape %s: height, width and channels must "
                       "be at least 1 and fit an int32",
                       firn_shape_text(shape, text));
    }
  return FIRN_OK;
}

firn_code firn_infer_size(firn_infer *q, const firn_shape *shape,
                          firn_error *err) {
  const int64_t *size = NULL;
  firn_infer_ints(q, 1, &size, NULL);
  q->out[0].shape = *shape;
  for (int k = 0; k < 2; k++) {
    const int64_t extent = size ? size[k] : FIRN_UNKNOWN_INT;
    if (extent != FIRN_UNKNOWN_INT && extent < 1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "size[%d] = %lld must be positive", k,
                       (long long)extent);
    q->out[0].shape.dims[1 + k] =
        extent == FIRN_UNKNOWN_INT ? FIRN_UNKNOWN_DIM : extent;
  }
  return FIRN_OK;
}

firn_code firn_infer_resized(firn_infer *q, firn_error *err) {
  firn_shape shape;
  FIRN_TRY(firn_infer_rank(q, 0, 4, "images", &shape, err));
  FIRN_TRY(firn_infer_vector(q, 1, 2, "size", err));
  FIRN_TRY(check_pixels(&shape, err));
  return firn_infer_size(q, &shape, err);
}

float firn_resize_scale(size_t in, size_t out, bool align_corners) {
  if (align_corners && out > 1 && in > 1)
    return (float)(in - 1) / (float)(out - 1);
  return (float)in / (float)out;
}

/* ---- Any type as floats ------------------------------------------------- */

typedef struct conversion {
  firn_dtype dtype;
  const char *x;
  float *y;
} conversion;

#define CONVERT(DTYPE, type)                                 \
  case DTYPE: {                                              \
    const type *x = (const type *)c->x;                      \
    for (size_t i = begin; i < end; i++) y[i] = (float)x[i]; \
    break;                                                   \
  }

static void convert(void *ctx, size_t begin, size_t end) {
  const conversion *c = ctx;
  float *y = c->y;
  switch (c->dtype) {
    CONVERT(FIRN_FLOAT, float)
    CONVERT(FIRN_DOUBLE, double)
    CONVERT(FIRN_INT8, int8_t)
    CONVERT(FIRN_INT16, int16_t)
    CONVERT(FIRN_INT32, int32_t)
    CONVERT(FIRN_INT64, int64_t)
    CONVERT(FIRN_UINT8, uint8_t)
    CONVERT(FIRN_UINT16, uint16_t)
    CONVERT(FIRN_UINT32, uint32_t)
    CONVERT(FIRN_UINT64, uint64_t)
    default: firn_widen(c->dtype, c->x + begin * 2, y + begin, end - begin);
  }
}

void firn_floats_of(firn_dtype dtype, const void *x, float *y, size_t count,
                    firn_pool *pool) {
  enum { GRAIN = 1 << 15 };
  conversion c = {dtype, x, y};
  firn_parallel_for(pool, count, GRAIN, convert, &c);
}

size_t firn_floats_room(const firn_info *in) {
  int64_t count;
  if (in->dtype == FIRN_FLOAT || !firn_shape_count(&in->shape, &count))
    return 0;
  firn_scratch need = {NULL, 0};
  firn_scratch_array(&need, (size_t)count, sizeof(float));
  return need.used;
}

const float *firn_run_floats(const firn_run *run, size_t i, void *room) {
  const firn_tensor *in = run->in[i];
  if (in->dtype == FIRN_FLOAT) return in->data;
  firn_floats_of(in->dtype, in->data, room, in->count, run->pool);
  return room;
}

/* ---- Sharing out -------------------------------------------------------- */

size_t firn_parts(size_t n, size_t cost) {
  enum { GRAIN = 1 << 15 };
  const size_t rows = GRAIN / (cost ? cost : 1) + 1;
  return firn_min_size(FIRN_PARTS, (n + rows - 1) / rows);
}
