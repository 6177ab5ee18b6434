/* ops/summary.c: summaries, the messages that a training run leaves for
 * TensorBoard.
 *
 *   ScalarSummary      one number per tag
 *   HistogramSummary   how many values lie in which bucket
 *   ImageSummary       pictures as PNG
 *   AudioSummary       sounds as WAV
 *   TensorSummary      a tensor, TensorSummaryV2 with metadata
 *   MergeSummary       several summaries as one
 *
 * Each gives a Summary message as a string.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>

#include "ops/infer.h"
#include "ops/wav.h"
#include "tensor/image.h"

/* What a summary is put together in. */
typedef struct maker {
  const firn_run *run;
  firn_arena arena;
  firn_pb_Summary_Value **value;
  size_t count, capacity;
} maker;

/* The field numbers of the oneof in Summary.Value. */
enum { SIMPLE = 2, IMAGE = 4, HISTO = 5, AUDIO = 6, TENSOR = 8 };

static firn_code new_value(maker *m, firn_pb_Summary_Value **out,
                           firn_error *err) {
  if (m->count == m->capacity) {
    const size_t more = m->capacity ? 2 * m->capacity : 8;
    firn_pb_Summary_Value **grown =
        firn_arena_array(&m->arena, more, sizeof(firn_pb_Summary_Value *));
    if (!grown) return firn_oom(err, more * sizeof *grown);
    if (m->count) memcpy(grown, m->value, m->count * sizeof *grown);
    m->value = grown;
    m->capacity = more;
  }
  *out = firn_pb_new(&firn_pb_type_Summary_Value, &m->arena);
  if (!*out) return firn_oom(err, sizeof **out);
  m->value[m->count++] = *out;
  return FIRN_OK;
}

/* Runs `fill` and gives what it made as the only output. */
static firn_code make(const firn_run *run,
                      firn_code (*fill)(maker *m, firn_error *err),
                      firn_error *err) {
  maker m = {.run = run};
  firn_buf buf;
  firn_arena_init(&m.arena, &run->env->alloc);
  firn_buf_init(&buf, &run->env->alloc);
  firn_code code = fill(&m, err);
  const firn_pb_Summary summary = {.value = m.value, .value_count = m.count};
  if (code == FIRN_OK)
    code = firn_pb_write(&firn_pb_type_Summary, &summary, firn_sink_buf(&buf),
                         err);
  if (code == FIRN_OK && buf.failed) code = firn_oom(err, buf.size);
  if (code == FIRN_OK)
    code = firn_tensor_set_string(
        run->out[0], 0, (firn_str){(const char *)buf.data, buf.size}, err);
  firn_buf_fini(&buf);
  firn_arena_fini(&m.arena);
  return code;
}

static firn_code scalar_text(const firn_tensor *t, const char *what,
                             firn_str *out, firn_error *err) {
  char text[256];
  if (t->shape.rank != 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%s must be a scalar, has shape %s", what,
                     firn_shape_text(&t->shape, text));
  *out = firn_tensor_string(t, 0);
  return FIRN_OK;
}

/* ---- Numbers ------------------------------------------------------------ */

static firn_code fill_scalars(maker *m, firn_error *err) {
  const firn_tensor *tags = m->run->in[0], *values = m->run->in[1];
  char th[256], tw[256];
  if (!firn_shape_equal(&tags->shape, &values->shape))
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT, "tags have shape %s, values %s",
        firn_shape_text(&tags->shape, th), firn_shape_text(&values->shape, tw));
  for (size_t i = 0; i < values->count; i++) {
    firn_pb_Summary_Value *v = NULL;
    FIRN_TRY(new_value(m, &v, err));
    v->tag = firn_tensor_string(tags, i);
    v->value_case = SIMPLE;
    v->simple_value = (float)firn_tensor_f64(values, i);
  }
  return FIRN_OK;
}

/* ---- Histograms --------------------------------------------------------- */

enum { BUCKETS_MOST = 2048 }; /* TensorFlow's have 1549 */

typedef struct buckets {
  double limit[BUCKETS_MOST], held[BUCKETS_MOST];
  size_t count;
} buckets;

/* Each limit is a tenth above the one before, on both sides of zero. */
static void set_limits(buckets *b) {
  size_t n = 0;
  double positive[BUCKETS_MOST / 2];
  for (double v = 1.0e-12; v < 1.0e20; v *= 1.1) positive[n++] = v;
  positive[n++] = DBL_MAX;
  b->count = 0;
  for (size_t i = n; i-- > 0;) b->limit[b->count++] = -positive[i];
  b->limit[b->count++] = 0;
  for (size_t i = 0; i < n; i++) b->limit[b->count++] = positive[i];
  memset(b->held, 0, sizeof b->held);
}

/* The first bucket whose limit is above the value. */
static size_t bucket_of(const buckets *b, double value) {
  size_t low = 0, high = b->count - 1;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (b->limit[middle] > value)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/* Empty buckets in a row are one. */
static void pack_buckets(const buckets *b, firn_pb_HistogramProto *to) {
  for (size_t i = 0; i < b->count;) {
    size_t last = i++;
    while (b->held[last] <= 0 && i < b->count && b->held[i] <= 0) last = i++;
    to->bucket_limit[to->bucket_limit_count++] = b->limit[last];
    to->bucket[to->bucket_count++] = b->held[last];
  }
}

static firn_code count_values(const firn_tensor *t, buckets *b,
                              firn_pb_HistogramProto *to, firn_error *err) {
  to->min = DBL_MAX;
  to->max = -DBL_MAX;
  for (size_t i = 0; i < t->count; i++) {
    const double v = firn_tensor_f64(t, i);
    if (!isfinite(v))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "value %zu of the histogram is %g", i, v);
    b->held[bucket_of(b, v)]++;
    to->min = v < to->min ? v : to->min;
    to->max = v > to->max ? v : to->max;
    to->num++;
    to->sum += v;
    to->sum_squares += v * v;
  }
  return FIRN_OK;
}

static firn_code fill_histogram(maker *m, firn_error *err) {
  buckets *b = firn_arena_alloc(&m->arena, sizeof *b);
  firn_pb_HistogramProto *h =
      firn_pb_new(&firn_pb_type_HistogramProto, &m->arena);
  firn_pb_Summary_Value *v = NULL;
  if (!b || !h) return firn_oom(err, sizeof *b);
  set_limits(b);
  h->bucket_limit = firn_arena_array(&m->arena, b->count, sizeof(double));
  h->bucket = firn_arena_array(&m->arena, b->count, sizeof(double));
  if (!h->bucket_limit || !h->bucket) return firn_oom(err, sizeof *b);
  FIRN_TRY(new_value(m, &v, err));
  FIRN_TRY(scalar_text(m->run->in[0], "tag", &v->tag, err));
  v->value_case = HISTO;
  v->histo = h;
  FIRN_TRY(count_values(m->run->in[1], b, h, err));
  pack_buckets(b, h);
  return FIRN_OK;
}

/* ---- Pictures ----------------------------------------------------------- */

/* One tag each, numbered where there may be several. */
static firn_code tag_item(maker *m, firn_str tag, const char *kind,
                          int64_t most, int64_t i, firn_str *out,
                          firn_error *err) {
  if (tag.size > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "tag is too long");
  *out = most > 1
             ? firn_arena_printf(&m->arena, "%.*s/%s/%lld", (int)tag.size,
                                 tag.data ? tag.data : "", kind, (long long)i)
             : firn_arena_printf(&m->arena, "%.*s/%s", (int)tag.size,
                                 tag.data ? tag.data : "", kind);
  return out->data ? FIRN_OK : firn_oom(err, tag.size);
}

typedef struct scaling {
  float scale, offset;
} scaling;

static bool is_finite_pixel(const firn_tensor *t, size_t at, size_t depth) {
  for (size_t k = 0; k < depth; k++)
    if (!isfinite(firn_tensor_f64(t, at + k))) return false;
  return true;
}

/* Values from 0 on are scaled to 0..255, others to 1..255 with 128 for zero. */
static scaling scaling_of(const firn_tensor *t, size_t at, size_t pixels,
                          size_t depth) {
  float low = INFINITY, high = -INFINITY;
  const float tiny = 1e-6f;
  for (size_t i = 0; i < pixels; i++) {
    if (!is_finite_pixel(t, at + i * depth, depth)) continue;
    for (size_t k = 0; k < depth; k++) {
      const float v = (float)firn_tensor_f64(t, at + i * depth + k);
      low = v < low ? v : low;
      high = v > high ? v : high;
    }
  }
  if (low < 0) {
    const float size = fmaxf(fabsf(low), fabsf(high));
    return (scaling){size < tiny ? 0 : 127.0f / size, 128};
  }
  return (scaling){high < tiny ? 0 : 255.0f / high, 0};
}

/* The pixels of image i as bytes. */
static void to_bytes(const firn_tensor *t, size_t at, size_t pixels,
                     size_t depth, const uint8_t *bad, uint8_t *out) {
  if (t->dtype == FIRN_UINT8) {
    memcpy(out, (const uint8_t *)t->data + at, pixels * depth);
    return;
  }
  const scaling s = scaling_of(t, at, pixels, depth);
  for (size_t i = 0; i < pixels; i++) {
    const size_t p = i * depth;
    const bool fine = is_finite_pixel(t, at + p, depth);
    for (size_t k = 0; k < depth; k++) {
      const float v =
          fine ? (float)firn_tensor_f64(t, at + p + k) * s.scale + s.offset : 0;
      out[p + k] = fine ? (uint8_t)v : bad[k];
    }
  }
}

static firn_code encode_image(maker *m, size_t at, const firn_shape *shape,
                              const uint8_t *bad, firn_str *out,
                              firn_error *err) {
  const firn_tensor *t = m->run->in[1];
  const size_t depth = (size_t)shape->dims[2];
  const size_t pixels = (size_t)shape->dims[0] * (size_t)shape->dims[1];
  uint8_t *bytes = firn_arena_alloc(&m->arena, pixels * depth);
  firn_buf buf;
  if (!bytes) return firn_oom(err, pixels * depth);
  to_bytes(t, at, pixels, depth, bad, bytes);
  firn_buf_init(&buf, &m->run->env->alloc);
  const firn_code code = firn_png_encode(bytes, shape, false, -1, &buf, err);
  if (code == FIRN_OK)
    *out =
        firn_arena_str(&m->arena, (firn_str){(const char *)buf.data, buf.size});
  firn_buf_fini(&buf);
  if (code != FIRN_OK) return code;
  return out->data ? FIRN_OK : firn_oom(err, pixels);
}

/* What stands for pixels that are no numbers. */
static firn_code bad_color(maker *m, int64_t depth, const uint8_t **out,
                           firn_error *err) {
  static const uint8_t red[] = {255, 0, 0, 255};
  const firn_pb_AttrValue *attr = firn_attr(m->run->node, "bad_color");
  firn_tensor *color = NULL;
  *out = red;
  if (!attr || attr->value_case != FIRN_ATTR_TENSOR || !attr->tensor)
    return FIRN_OK;
  FIRN_TRY(firn_tensor_from_proto(attr->tensor, m->run->env, &color, err));
  const bool fits =
      color->dtype == FIRN_UINT8 && (int64_t)color->count >= depth;
  uint8_t *kept = fits ? firn_arena_alloc(&m->arena, color->count) : NULL;
  if (kept) memcpy(kept, color->data, color->count);
  firn_tensor_release(color);
  if (!fits)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "bad_color must have %lld uint8 values", (long long)depth);
  *out = kept;
  return kept ? FIRN_OK : firn_oom(err, 4);
}

static firn_code fill_images(maker *m, firn_error *err) {
  const firn_tensor *t = m->run->in[1];
  const firn_shape *s = &t->shape;
  const int64_t most = firn_attr_int_or(m->run->node, "max_images", 3);
  const uint8_t *bad = NULL;
  firn_str tag;
  char text[256];
  FIRN_TRY(scalar_text(m->run->in[0], "tag", &tag, err));
  if (s->rank != 4 ||
      !(s->dims[3] == 1 || s->dims[3] == 3 || s->dims[3] == 4) ||
      s->dims[1] >= INT32_MAX || s->dims[2] >= INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the tensor must be [batch, height, width, 1, 3 or 4], "
                     "has shape %s",
                     firn_shape_text(s, text));
  FIRN_TRY(bad_color(m, s->dims[3], &bad, err));
  const firn_shape one = {.rank = 3,
                          .dims = {s->dims[1], s->dims[2], s->dims[3]}};
  const size_t each = (size_t)firn_shape_product(&one, 0, 3);
  for (int64_t i = 0; i < s->dims[0] && i < most; i++) {
    firn_pb_Summary_Value *v = NULL;
    firn_pb_Summary_Image *image =
        firn_pb_new(&firn_pb_type_Summary_Image, &m->arena);
    if (!image) return firn_oom(err, sizeof *image);
    FIRN_TRY(new_value(m, &v, err));
    FIRN_TRY(tag_item(m, tag, "image", most, i, &v->tag, err));
    image->height = (int32_t)one.dims[0];
    image->width = (int32_t)one.dims[1];
    image->colorspace = (int32_t)one.dims[2];
    FIRN_TRY(encode_image(m, (size_t)i * each, &one, bad,
                          &image->encoded_image_string, err));
    v->value_case = IMAGE;
    v->image = image;
  }
  return FIRN_OK;
}

/* ---- Sounds ------------------------------------------------------------- */

static firn_code sample_rate(const firn_run *run, float *out, firn_error *err) {
  *out = run->in_count > 2 ? *(const float *)run->in[2]->data
                           : firn_attr_float_or(run->node, "sample_rate", 0);
  if (*out > 0 && *out < 2147483648.0f) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "sample_rate = %g is not above zero", (double)*out);
}

static firn_code fill_audio(maker *m, firn_error *err) {
  const firn_tensor *t = m->run->in[1];
  const firn_shape *s = &t->shape;
  const int64_t most = firn_attr_int_or(m->run->node, "max_outputs", 3);
  firn_str tag;
  float rate = 0;
  char text[256];
  FIRN_TRY(scalar_text(m->run->in[0], "tag", &tag, err));
  if (s->rank != 2 && s->rank != 3)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the tensor must be [batch, frames] or [batch, frames, "
                     "channels], has shape %s",
                     firn_shape_text(s, text));
  FIRN_TRY(sample_rate(m->run, &rate, err));
  const int64_t channels = s->rank == 3 ? s->dims[2] : 1;
  const size_t each = (size_t)firn_shape_product(s, 1, s->rank);
  for (int64_t i = 0; i < s->dims[0] && i < most; i++) {
    firn_pb_Summary_Value *v = NULL;
    firn_pb_Summary_Audio *audio =
        firn_pb_new(&firn_pb_type_Summary_Audio, &m->arena);
    firn_buf buf;
    if (!audio) return firn_oom(err, sizeof *audio);
    FIRN_TRY(new_value(m, &v, err));
    FIRN_TRY(tag_item(m, tag, "audio", most, i, &v->tag, err));
    audio->sample_rate = rate;
    audio->num_channels = channels;
    audio->length_frames = s->dims[1];
    audio->content_type = FIRN_STR("audio/wav");
    firn_buf_init(&buf, &m->run->env->alloc);
    const firn_code code =
        firn_wav_put(&buf, (const float *)t->data + (size_t)i * each, each,
                     (uint32_t)rate, (uint32_t)channels, err);
    audio->encoded_audio_string =
        firn_arena_str(&m->arena, (firn_str){(const char *)buf.data, buf.size});
    firn_buf_fini(&buf);
    FIRN_TRY(code);
    if (!audio->encoded_audio_string.data) return firn_oom(err, each);
    v->value_case = AUDIO;
    v->audio = audio;
  }
  return FIRN_OK;
}

/* ---- Tensors ------------------------------------------------------------ */

/* All elements as bytes, whatever their number; strings one by one. */
static firn_code whole_tensor(maker *m, const firn_tensor *t,
                              firn_pb_TensorProto **out, firn_error *err) {
  FIRN_TRY(firn_tensor_to_typed_proto(t, &m->arena, out, err));
  if (t->dtype == FIRN_STRING) return FIRN_OK;
  firn_pb_TensorProto *pb = firn_pb_new(&firn_pb_type_TensorProto, &m->arena);
  if (!pb) return firn_oom(err, sizeof *pb);
  pb->dtype = (*out)->dtype;
  pb->tensor_shape = (*out)->tensor_shape;
  pb->tensor_content = (firn_str){t->data, firn_tensor_bytes(t)};
  *out = pb;
  return FIRN_OK;
}

static firn_code fill_tensor(maker *m, firn_error *err) {
  firn_pb_Summary_Value *v = NULL;
  FIRN_TRY(new_value(m, &v, err));
  v->node_name = m->run->node->def->name;
  v->value_case = TENSOR;
  return whole_tensor(m, m->run->in[0], &v->tensor, err);
}

static firn_code fill_tensor_v2(maker *m, firn_error *err) {
  firn_pb_Summary_Value *v = NULL;
  firn_str text;
  void *metadata = NULL;
  FIRN_TRY(new_value(m, &v, err));
  FIRN_TRY(scalar_text(m->run->in[0], "tag", &v->tag, err));
  FIRN_TRY(
      scalar_text(m->run->in[2], "serialized_summary_metadata", &text, err));
  /* What cannot be read is none, as in TensorFlow. */
  if (firn_pb_parse(&firn_pb_type_SummaryMetadata,
                    (firn_bytes){(const uint8_t *)text.data, text.size},
                    &m->run->env->limits, &m->arena, &metadata,
                    NULL) != FIRN_OK)
    metadata = firn_pb_new(&firn_pb_type_SummaryMetadata, &m->arena);
  if (!metadata) return firn_oom(err, text.size);
  v->metadata = metadata;
  v->value_case = TENSOR;
  return whole_tensor(m, m->run->in[1], &v->tensor, err);
}

/* ---- Merging ------------------------------------------------------------ */

static firn_code take_values(maker *m, firn_str text, firn_map *tags,
                             firn_error *err) {
  void *parsed = NULL;
  uint64_t seen;
  if (firn_pb_parse(&firn_pb_type_Summary,
                    (firn_bytes){(const uint8_t *)text.data, text.size},
                    &m->run->env->limits, &m->arena, &parsed, NULL) != FIRN_OK)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "an input is no Summary");
  const firn_pb_Summary *summary = parsed;
  for (size_t i = 0; i < summary->value_count; i++) {
    firn_pb_Summary_Value *v = NULL;
    const firn_str tag = summary->value[i]->tag;
    if (tag.size && firn_map_get(tags, tag, &seen))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "tag '%.*s' is in more than one summary", FIRN_ARG(tag));
    if (tag.size && !firn_map_set(tags, tag, 1)) return firn_oom(err, tag.size);
    FIRN_TRY(new_value(m, &v, err));
    m->value[m->count - 1] = summary->value[i];
  }
  return FIRN_OK;
}

static firn_code fill_merged(maker *m, firn_error *err) {
  firn_map tags;
  firn_code code = FIRN_OK;
  firn_map_init(&tags, &m->run->env->alloc);
  for (size_t i = 0; i < m->run->in_count; i++)
    for (size_t k = 0; k < m->run->in[i]->count && code == FIRN_OK; k++)
      code = take_values(m, firn_tensor_string(m->run->in[i], k), &tags, err);
  firn_map_fini(&tags);
  return code;
}

/* ---- The family --------------------------------------------------------- */

#define DRIVE(NAME)                                                     \
  static firn_code drive_##NAME(const firn_run *run, firn_error *err) { \
    return make(run, fill_##NAME, err);                                 \
  }
#define KERNEL(NAME, ATTR, TYPES)     \
  DRIVE(NAME)                         \
  static const firn_kernel NAME[] = { \
      {.types = {{ATTR, TYPES}}, .drive = drive_##NAME}, {.drive = NULL}};

#define REALS (FIRN_FLOATS | FIRN_INTS)
#define PICTURES                                                       \
  (FIRN_BIT(FIRN_UINT8) | FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_HALF) | \
   FIRN_BIT(FIRN_DOUBLE))
#define TENSORS (FIRN_NUMBERS | FIRN_BIT(FIRN_BOOL) | FIRN_BIT(FIRN_STRING))

KERNEL(scalars, "T", REALS)
KERNEL(histogram, "T", REALS)
KERNEL(images, "T", PICTURES)
KERNEL(audio, NULL, 0)
KERNEL(tensor, "T", TENSORS)
KERNEL(tensor_v2, "T", TENSORS)
KERNEL(merged, NULL, 0)

static const firn_op ops[] = {
    {"ScalarSummary", firn_infer_scalar, scalars, 0},
    {"HistogramSummary", firn_infer_scalar, histogram, 0},
    {"ImageSummary", firn_infer_scalar, images, 0},
    {"AudioSummary", firn_infer_scalar, audio, 0},
    {"AudioSummaryV2", firn_infer_scalar, audio, 0},
    {"TensorSummary", firn_infer_scalar, tensor, 0},
    {"TensorSummaryV2", firn_infer_scalar, tensor_v2, 0},
    {"MergeSummary", firn_infer_scalar, merged, 0},
};

FIRN_OP_FAMILY(summary, ops);
