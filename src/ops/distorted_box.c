/* ops/distorted_box.c: SampleDistortedBoundingBox, a random crop that keeps
 * enough of some object in view.
 *
 * Tries up to max_attempts crops with TensorFlow's own random numbers and
 * takes the first that does; else the whole picture.
 */
#include <math.h>

#include "ops/picture.h"
#include "ops/random_source.h"

static firn_code floats_of(const firn_node *node, const char *name,
                           float out[2], firn_error *err) {
  const firn_pb_AttrValue *value = firn_attr(node, name);
  if (!value || value->value_case != FIRN_ATTR_LIST || !value->list ||
      value->list->f_count != 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr '%s' must be a list of 2 floats", name);
  out[0] = value->list->f[0];
  out[1] = value->list->f[1];
  if (!(out[0] > 0 && out[1] > 0))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr '%s' is [%g, %g], must be positive", name,
                     (double)out[0], (double)out[1]);
  return FIRN_OK;
}

typedef struct settings {
  float aspect[2], area[2], covered;
  int64_t attempts;
} settings;

static firn_code read_settings(const firn_node *node, settings *s,
                               firn_error *err) {
  FIRN_TRY(floats_of(node, "aspect_ratio_range", s->aspect, err));
  FIRN_TRY(floats_of(node, "area_range", s->area, err));
  s->attempts = firn_attr_int_or(node, "max_attempts", 100);
  s->covered = firn_attr_float_or(node, "min_object_covered", 0);
  if (s->area[0] > 1 || s->area[1] > 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'area_range' is [%g, %g], must not exceed 1",
                     (double)s->area[0], (double)s->area[1]);
  if (s->attempts < 1 || s->attempts > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'max_attempts' is %lld, must be positive",
                     (long long)s->attempts);
  if (!(s->covered >= 0))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'min_object_covered' is %g, must not be negative",
                     (double)s->covered);
  return FIRN_OK;
}

static firn_code infer_distorted(firn_infer *q, firn_error *err) {
  settings s;
  firn_shape boxes;
  FIRN_TRY(read_settings(q->node, &s, err));
  FIRN_TRY(firn_infer_vector(q, 0, 3, "image_size", err));
  FIRN_TRY(firn_infer_rank(q, 1, 3, "bounding_boxes", &boxes, err));
  if (boxes.dims[2] >= 0 && boxes.dims[2] != 4)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "bounding_boxes must have 4 columns, has %lld",
                     (long long)boxes.dims[2]);
  if (q->in_count > 2)
    FIRN_TRY(firn_infer_is_scalar(q, 2, "min_object_covered", err));
  if (q->in_count > 3) FIRN_TRY(firn_infer_vector(q, 3, 2, "seed", err));
  q->out[0].shape = q->out[1].shape = firn_shape_vector(3);
  q->out[2].shape = (firn_shape){3, {1, 1, 4}};
  return FIRN_OK;
}

/* ---- Rectangles --------------------------------------------------------- */

typedef struct rectangle {
  int64_t x0, y0, x1, y1;
} rectangle;

static float area_of(const rectangle *r) {
  return (float)((r->x1 - r->x0) * (r->y1 - r->y0));
}

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

static rectangle common(const rectangle *a, const rectangle *b) {
  const rectangle r = {most(a->x0, b->x0), most(a->y0, b->y0),
                       least(a->x1, b->x1), least(a->y1, b->y1)};
  return r.x0 > r.x1 || r.y0 > r.y1 ? (rectangle){0, 0, 0, 0} : r;
}

typedef struct search {
  settings s;
  int64_t width, height;
  const float *boxes;
  size_t count;
  firn_philox_words random;
} search;

static rectangle box_at(const search *s, size_t i) {
  const float *b = s->boxes + 4 * i;
  return (rectangle){
      (int64_t)(b[1] * (float)s->width), (int64_t)(b[0] * (float)s->height),
      (int64_t)(b[3] * (float)s->width), (int64_t)(b[2] * (float)s->height)};
}

/* Whether enough of some object is in view. Without objects the picture is
 * one. */
static bool covers(const search *s, const rectangle *crop) {
  if (area_of(crop) < 1) return false;
  for (size_t i = 0; i < (s->count ? s->count : 1); i++) {
    const rectangle box =
        s->count ? box_at(s, i) : (rectangle){0, 0, s->width, s->height};
    const float area = area_of(&box);
    if (area < 1) continue;
    const rectangle seen = common(crop, &box);
    if (area_of(&seen) / area >= s->s.covered) return true;
  }
  return false;
}

/* ---- Random crops ------------------------------------------------------- */

/* A number in [0, n), each as likely as any other. */
static int64_t below(search *s, uint32_t n) {
  if (n == 0) return 0 * firn_philox_word(&s->random);
  if ((n & (n - 1)) == 0) return firn_philox_word(&s->random) & (n - 1);
  const uint32_t rest = UINT32_MAX % n + 1;
  uint32_t word;
  do word = firn_philox_word(&s->random);
  while (word < rest);
  return word % n;
}

static int64_t nearest(float x) {
  if (!(x > -2e9f)) return -2000000000;
  return x < 2e9f ? lrintf(x) : 2000000000;
}

/* The tallest crop of that shape that fits the picture and the area. */
static int64_t tallest(const search *s, float area, float aspect) {
  int64_t height = nearest(sqrtf(area / aspect));
  if (nearest((float)height * aspect) > s->width) {
    const float little = 0.0000001f;
    const double limit =
        ((double)s->width + 0.5 - (double)little) / (double)aspect;
    height = limit < 2e9 ? (int64_t)limit : 2000000000;
    if (nearest((float)height * aspect) > s->width) height--;
  }
  return least(height, s->height);
}

static bool random_crop(search *s, float aspect, rectangle *out) {
  const float *range = s->s.area;
  if (aspect <= 0 || s->width <= 0 || s->height <= 0 || range[0] > range[1])
    return false;
  const float low = range[0] * (float)s->width * (float)s->height;
  const float high = range[1] * (float)s->width * (float)s->height;
  const int64_t top = tallest(s, high, aspect);
  int64_t height = least(nearest(sqrtf(low / aspect)), top);
  if (height < top) height += below(s, (uint32_t)(top - height + 1));
  int64_t width = nearest((float)height * aspect);
  float area = (float)(width * height);
  if (area < low) {
    height++;
    width = nearest((float)height * aspect);
    area = (float)(width * height);
  }
  if (area > high) {
    height--;
    width = nearest((float)height * aspect);
    area = (float)(width * height);
  }
  if (area < low || area > high || width > s->width || height > s->height ||
      width <= 0 || height <= 0)
    return false;
  int64_t x = 0, y = 0;
  if (height < s->height) y = below(s, (uint32_t)(s->height - height));
  if (width < s->width) x = below(s, (uint32_t)(s->width - width));
  *out = (rectangle){x, y, x + width, y + height};
  return true;
}

static firn_code find_crop(search *s, const firn_run *run, rectangle *crop,
                           firn_error *err) {
  const float *range = s->s.aspect;
  const uint64_t most = run->env->limits.iterations;
  for (int64_t i = 0; i < s->s.attempts; i++) {
    if ((uint64_t)i == most)
      return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                       "attr 'max_attempts' is %lld, the limit of iterations "
                       "%llu",
                       (long long)s->s.attempts, (unsigned long long)most);
    const float part = firn_uniform_float(firn_philox_word(&s->random));
    const float aspect = part * (range[1] - range[0]) + range[0];
    if (random_crop(s, aspect, crop) && covers(s, crop)) return FIRN_OK;
  }
  *crop = (rectangle){0, 0, s->width, s->height};
  return FIRN_OK;
}

/* ---- Running ------------------------------------------------------------ */

static firn_code read_inputs(const firn_run *run, search *s, firn_error *err) {
  FIRN_TRY(read_settings(run->node, &s->s, err));
  s->height = firn_tensor_i64(run->in[0], 0);
  s->width = firn_tensor_i64(run->in[0], 1);
  s->boxes = run->in[1]->data;
  s->count = run->in[1]->count / 4;
  for (int i = 0; i < 2; i++) {
    const int64_t extent = i ? s->width : s->height;
    if (extent < 0 || extent >= INT32_MAX)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "image_size[%d] = %lld is not in [0, %d)", i,
                       (long long)extent, INT32_MAX);
  }
  if (run->in_count > 2) s->s.covered = *(const float *)run->in[2]->data;
  if (!(s->s.covered >= 0))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "min_object_covered = %g must not be negative",
                     (double)s->s.covered);
  for (size_t i = 0; i < run->in[1]->count; i++)
    if (!(s->boxes[i] >= 0 && s->boxes[i] <= 1))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "bounding_boxes[..., %zu, %zu] = %g is not in [0, 1]",
                       i / 4, i % 4, (double)s->boxes[i]);
  if (s->count == 0 &&
      !firn_attr_bool_or(run->node, "use_image_if_no_bounding_boxes", false))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "there are no bounding_boxes, and attr "
                     "'use_image_if_no_bounding_boxes' is false");
  return FIRN_OK;
}

static void put(firn_tensor *out, size_t i, int64_t value) {
  const size_t size = firn_dtype_size(out->dtype);
  memcpy((char *)out->data + i * size, &value, size); /* little-endian */
}

static firn_code drive_distorted(const firn_run *run, firn_error *err) {
  search s = {.count = 0};
  firn_philox philox;
  FIRN_TRY(read_inputs(run, &s, err));
  FIRN_TRY(firn_random_start(run, run->in_count > 3 ? FIRN_SEED : FIRN_SEEDED,
                             3, (uint64_t)s.s.attempts, &philox, err));
  s.random = (firn_philox_words){.source = &philox, .used = 4};
  rectangle crop;
  FIRN_TRY(find_crop(&s, run, &crop, err));
  float *box = run->out[2]->data;
  put(run->out[0], 0, crop.y0);
  put(run->out[0], 1, crop.x0);
  put(run->out[0], 2, 0);
  put(run->out[1], 0, crop.y1 - crop.y0);
  put(run->out[1], 1, crop.x1 - crop.x0);
  put(run->out[1], 2, -1); /* all channels */
  box[0] = (float)crop.y0 / (float)s.height;
  box[1] = (float)crop.x0 / (float)s.width;
  box[2] = (float)crop.y1 / (float)s.height;
  box[3] = (float)crop.x1 / (float)s.width;
  return FIRN_OK;
}

static const firn_kernel distorted[] = {
    {.types = {{"T", FIRN_INTS}}, .drive = drive_distorted},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"SampleDistortedBoundingBox", infer_distorted, distorted, 0},
    {"SampleDistortedBoundingBoxV2", infer_distorted, distorted, 0},
    {"StatelessSampleDistortedBoundingBox", infer_distorted, distorted, 0},
};

FIRN_OP_FAMILY(distorted_box, ops);
