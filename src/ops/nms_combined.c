/* ops/nms_combined.c: CombinedNonMaxSuppression, for many classes at once.
 *
 * Among equal scores TensorFlow leaves the order to its C++ library's heap and
 * sort; ops/ranking.h does the same.
 */
#include <math.h>

#include "ops/boxes.h"
#include "ops/picture.h"
#include "ops/ranking.h"

/* ---- Shapes ------------------------------------------------------------- */

static firn_code check_batch(const firn_shape *boxes, const firn_shape *scores,
                             firn_error *err) {
  int64_t merged;
  const int64_t q = boxes->dims[2], classes = scores->dims[2];
  for (int k = 0; k < 2; k++)
    if (!firn_dim_merge(boxes->dims[k], scores->dims[k], &merged))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "boxes has extent %lld along axis %d, scores %lld",
                       (long long)boxes->dims[k], k,
                       (long long)scores->dims[k]);
  if (q >= 0 && q != 1 && classes >= 0 && q != classes)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "boxes are for %lld classes, neither 1 nor the %lld of "
                     "scores",
                     (long long)q, (long long)classes);
  if (boxes->dims[3] >= 0 && boxes->dims[3] != 4)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "boxes must have 4 columns, has %lld",
                     (long long)boxes->dims[3]);
  return FIRN_OK;
}

/* Detections per picture, or -1 when that is not known yet. */
static firn_code find_total(const firn_infer *q, int64_t classes, int64_t *out,
                            firn_error *err) {
  static const char *const names[] = {"max_output_size_per_class",
                                      "max_total_size"};
  int64_t size[2] = {-1, -1};
  for (size_t i = 0; i < 2; i++)
    if (firn_infer_int(q, 2 + i, &size[i]) && size[i] < 1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "%s = %lld must be positive",
                       names[i], (long long)size[i]);
  *out = size[1];
  if (!firn_attr_bool_or(q->node, "pad_per_class", false)) return FIRN_OK;
  if (size[0] < 0 || classes < 0 || size[1] < 0) {
    *out = -1;
  } else if (classes == 0 || size[0] <= size[1] / classes) {
    *out = size[0] * classes < size[1] ? size[0] * classes : size[1];
  }
  return FIRN_OK;
}

static firn_code infer_combined(firn_infer *q, firn_error *err) {
  static const char *const names[] = {"max_output_size_per_class",
                                      "max_total_size", "iou_threshold",
                                      "score_threshold"};
  firn_shape boxes, scores;
  int64_t batch, total;
  FIRN_TRY(firn_infer_rank(q, 0, 4, "boxes", &boxes, err));
  FIRN_TRY(firn_infer_rank(q, 1, 3, "scores", &scores, err));
  for (size_t i = 0; i < 4; i++)
    FIRN_TRY(firn_infer_is_scalar(q, 2 + i, names[i], err));
  FIRN_TRY(check_batch(&boxes, &scores, err));
  FIRN_TRY(find_total(q, scores.dims[2], &total, err));
  firn_dim_merge(boxes.dims[0], scores.dims[0], &batch);
  q->out[0].shape = (firn_shape){3, {batch, total, 4}};
  q->out[1].shape = q->out[2].shape = (firn_shape){2, {batch, total}};
  q->out[3].shape = firn_shape_vector(batch);
  return FIRN_OK;
}

/* ---- Choosing ----------------------------------------------------------- */

typedef struct combined {
  const float *boxes, *scores;
  size_t batch, count, classes, q; /* boxes for q classes: 1 or all */
  size_t per_class, total;
  bool clip;
  float overlap, score;
  firn_ranked *heaps; /* `count` for each part */
  firn_ranked *found; /* [batch][classes][per_class] */
  size_t parts;
  float *out_boxes, *out_scores, *out_classes;
  int32_t *out_valid;
} combined;

static const float *box_of(const combined *c, size_t batch, int32_t box,
                           size_t class) {
  const size_t which = c->q > 1 ? class : 0;
  return c->boxes + ((batch * c->count + (size_t)box) * c->q + which) * 4;
}

/* Chooses among the boxes of one class. */
static void choose_class(const combined *c, size_t batch, size_t class,
                         firn_ranked *heap) {
  const float *scores = c->scores + batch * c->count * c->classes + class;
  firn_ranked *found = c->found + (batch * c->classes + class) * c->per_class;
  size_t waiting = 0, n = 0;
  for (size_t i = 0; i < c->count; i++) {
    const float score = scores[i * c->classes];
    if (score > c->score)
      firn_heap_push(heap, &waiting,
                     (firn_ranked){(double)score, (int32_t)i, (int32_t) class},
                     FIRN_LARGEST);
  }
  while (n < c->per_class && waiting) {
    const firn_ranked it = firn_heap_pop(heap, &waiting, FIRN_LARGEST);
    const float *box = box_of(c, batch, it.id, class);
    size_t j = n;
    while (j > 0 && !(firn_box_overlap(box, box_of(c, batch, found[j - 1].id,
                                                   class)) > c->overlap))
      j--;
    if (j == 0) found[n++] = it;
  }
  for (; n < c->per_class; n++) found[n] = (firn_ranked){-INFINITY, -1, -1};
}

static void choose_classes(void *ctx, size_t begin, size_t end) {
  const combined *c = ctx;
  const size_t all = c->batch * c->classes;
  for (size_t p = begin; p < end; p++)
    for (size_t i = p * all / c->parts; i < (p + 1) * all / c->parts; i++)
      choose_class(c, i / c->classes, i % c->classes, c->heaps + p * c->count);
}

static float clipped(const combined *c, float x) {
  return c->clip ? firn_max_first(firn_min_first(x, 1), 0) : x;
}

/* The best of all classes, in the order of their scores. */
static void choose_best(void *ctx, size_t begin, size_t end) {
  const combined *c = ctx;
  const size_t all = c->classes * c->per_class;
  for (size_t b = begin; b < end; b++) {
    firn_ranked *found = c->found + b * all;
    firn_rank_sort(found, all);
    size_t valid = 0;
    for (size_t i = 0; i < all; i++) valid += found[i].id >= 0;
    valid = firn_min_size(valid, c->total);
    c->out_valid[b] = (int32_t)valid;
    for (size_t i = 0; i < valid; i++) {
      const size_t at = b * c->total + i;
      c->out_scores[at] = (float)found[i].key;
      c->out_classes[at] = (float)found[i].class;
      const float *box = box_of(c, b, found[i].id, (size_t)found[i].class);
      for (int k = 0; k < 4; k++) c->out_boxes[at * 4 + k] = clipped(c, box[k]);
    }
  }
}

/* ---- Running ------------------------------------------------------------ */

static firn_code make_outputs(const firn_run *run, combined *c,
                              firn_error *err) {
  const int64_t batch = (int64_t)c->batch, total = (int64_t)c->total;
  const firn_shape shapes[] = {{3, {batch, total, 4}},
                               {2, {batch, total}},
                               {2, {batch, total}},
                               {1, {batch}}};
  firn_tensor *out[4];
  for (size_t i = 0; i < 4; i++) {
    FIRN_TRY(
        firn_tensor_within(FIRN_FLOAT, &shapes[i], &run->env->limits, err));
    FIRN_TRY(firn_run_output(run, i, &shapes[i], &out[i], err));
    if (out[i]->count) memset(out[i]->data, 0, firn_tensor_bytes(out[i]));
  }
  c->out_boxes = out[0]->data;
  c->out_scores = out[1]->data;
  c->out_classes = out[2]->data;
  c->out_valid = out[3]->data;
  return FIRN_OK;
}

static firn_code read_settings(const firn_run *run, combined *c,
                               firn_error *err) {
  const firn_shape *boxes = &run->in[0]->shape, *scores = &run->in[1]->shape;
  const int64_t per_class = firn_tensor_i64(run->in[2], 0);
  const int64_t total = firn_tensor_i64(run->in[3], 0);
  c->batch = (size_t)boxes->dims[0];
  c->count = (size_t)boxes->dims[1];
  c->q = (size_t)boxes->dims[2];
  c->classes = (size_t)scores->dims[2];
  c->overlap = (float)firn_tensor_f64(run->in[4], 0);
  c->score = (float)firn_tensor_f64(run->in[5], 0);
  c->clip = firn_attr_bool_or(run->node, "clip_boxes", true);
  if (per_class < 1 || total < 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "max_output_size_per_class = %lld and max_total_size = "
                     "%lld must be positive",
                     (long long)per_class, (long long)total);
  if (!(c->overlap >= 0 && c->overlap <= 1))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "iou_threshold = %g is not in [0, 1]", (double)c->overlap);
  c->per_class = firn_min_size((size_t)per_class, c->count);
  c->total = (size_t)total;
  if (firn_attr_bool_or(run->node, "pad_per_class", false))
    c->total = firn_min_size(c->total, (size_t)per_class * c->classes);
  return FIRN_OK;
}

static firn_code drive_combined(const firn_run *run, firn_error *err) {
  combined c = {.boxes = run->in[0]->data, .scores = run->in[1]->data};
  FIRN_TRY(read_settings(run, &c, err));
  FIRN_TRY(make_outputs(run, &c, err));
  const size_t all = c.batch * c.classes;
  c.parts = firn_parts(all, c.count * 16);
  const size_t count = c.parts * c.count + all * c.per_class;
  if (count == 0) return FIRN_OK;
  c.heaps = firn_new(&run->env->alloc, count * sizeof *c.heaps);
  if (!c.heaps) return firn_oom(err, count * sizeof *c.heaps);
  c.found = c.heaps + c.parts * c.count;
  firn_parallel_for(run->pool, c.parts, 1, choose_classes, &c);
  firn_parallel_for(run->pool, c.batch, 1, choose_best, &c);
  firn_delete(&run->env->alloc, c.heaps, count * sizeof *c.heaps);
  return FIRN_OK;
}

static const firn_kernel combined_kernels[] = {
    {.drive = drive_combined},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"CombinedNonMaxSuppression", infer_combined, combined_kernels, 0},
};

FIRN_OP_FAMILY(nms_combined, ops);
