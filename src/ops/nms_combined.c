/* ops/nms_combined.c: CombinedNonMaxSuppression, for many classes at once.
 *
 * TensorFlow orders equal scores here by nothing but the algorithms of its C++
 * library: a binary heap and an introspective sort, neither of them stable. A
 * detector that saturates at 1.0 makes such ties, so both are followed move by
 * move.
 */
#include <math.h>

#include "ops/boxes.h"
#include "ops/picture.h"

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

/* ---- The heap, lowest parent last ---------------------------------------- */

typedef struct item {
  int32_t box, class; /* -1: nothing */
  float score;
} item;

typedef bool before_fn(const item *a, const item *b);

/* Whether b stands above a in a heap; and whether a comes before b. */
static bool is_less(const item *a, const item *b) {
  return a->score < b->score;
}
static bool is_more(const item *a, const item *b) {
  return b->score < a->score;
}

static void rise(item *heap, size_t hole, size_t top, item it,
                 before_fn *below) {
  while (hole > top && below(&heap[(hole - 1) / 2], &it)) {
    heap[hole] = heap[(hole - 1) / 2];
    hole = (hole - 1) / 2;
  }
  heap[hole] = it;
}

/* The hole goes all the way down, then `it` rises from there. */
static void settle(item *heap, size_t hole, size_t count, item it,
                   before_fn *below) {
  const size_t top = hole;
  size_t child = hole;
  while (count && child < (count - 1) / 2) {
    child = 2 * (child + 1);
    if (below(&heap[child], &heap[child - 1])) child--;
    heap[hole] = heap[child];
    hole = child;
  }
  if (count && count % 2 == 0 && child == (count - 2) / 2) {
    child = 2 * child + 1;
    heap[hole] = heap[child];
    hole = child;
  }
  rise(heap, hole, top, it, below);
}

static item pop(item *heap, size_t *count) {
  const item best = heap[0];
  const item last = heap[--*count];
  if (*count) settle(heap, 0, *count, last, is_less);
  return best;
}

/* ---- The sort ----------------------------------------------------------- */

enum { SORT_SMALL = 16 };

static void swap(item *a, item *b) {
  const item t = *a;
  *a = *b;
  *b = t;
}

static void heap_sort(item *x, size_t count) {
  for (size_t i = count / 2; i-- > 0;) settle(x, i, count, x[i], is_more);
  for (size_t n = count; n-- > 1;) {
    const item it = x[n];
    x[n] = x[0];
    settle(x, 0, n, it, is_more);
  }
}

/* Puts the median of a, b and c into *to. */
static void median_to(item *to, item *a, item *b, item *c) {
  if (is_more(a, b))
    swap(to, is_more(b, c) ? b : is_more(a, c) ? c : a);
  else
    swap(to, is_more(a, c) ? a : is_more(b, c) ? c : b);
}

static item *partition(item *low, item *high, const item *pivot) {
  for (;;) {
    while (is_more(low, pivot)) low++;
    high--;
    while (is_more(pivot, high)) high--;
    if (!(low < high)) return low;
    swap(low, high);
    low++;
  }
}

static void quick_sort(item *first, item *last, int depth) {
  while (last - first > SORT_SMALL) {
    if (depth-- == 0) {
      heap_sort(first, (size_t)(last - first));
      return;
    }
    item *middle = first + (last - first) / 2;
    median_to(first, first + 1, middle, last - 1);
    item *cut = partition(first + 1, last, first);
    quick_sort(cut, last, depth);
    last = cut;
  }
}

/* Moves *x up to where it belongs, past no further than `first`. */
static void insert(item *first, item *x) {
  const item it = *x;
  if (is_more(&it, first)) {
    memmove(first + 1, first, (size_t)(x - first) * sizeof *x);
    *first = it;
    return;
  }
  for (; is_more(&it, x - 1); x--) *x = x[-1];
  *x = it;
}

/* Best score first. */
static void sort(item *x, size_t count) {
  int depth = 0;
  for (size_t n = count; n > 1; n /= 2) depth += 2;
  quick_sort(x, x + count, depth);
  for (size_t i = 1; i < count; i++) insert(x, x + i);
}

/* ---- Choosing ----------------------------------------------------------- */

typedef struct combined {
  const float *boxes, *scores;
  size_t batch, count, classes, q; /* boxes for q classes: 1 or all */
  size_t per_class, total;
  bool clip;
  float overlap, score;
  item *heaps; /* `count` for each part */
  item *found; /* [batch][classes][per_class] */
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
                         item *heap) {
  const float *scores = c->scores + batch * c->count * c->classes + class;
  item *found = c->found + (batch * c->classes + class) * c->per_class;
  size_t waiting = 0, n = 0;
  for (size_t i = 0; i < c->count; i++) {
    const item it = {(int32_t)i, (int32_t) class, scores[i * c->classes]};
    if (it.score > c->score) rise(heap, waiting++, 0, it, is_less);
  }
  while (n < c->per_class && waiting) {
    const item it = pop(heap, &waiting);
    const float *box = box_of(c, batch, it.box, class);
    size_t j = n;
    while (j > 0 && !(firn_box_overlap(box, box_of(c, batch, found[j - 1].box,
                                                   class)) > c->overlap))
      j--;
    if (j == 0) found[n++] = it;
  }
  for (; n < c->per_class; n++) found[n] = (item){-1, -1, -INFINITY};
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
    item *found = c->found + b * all;
    sort(found, all);
    size_t valid = 0;
    for (size_t i = 0; i < all; i++) valid += found[i].box >= 0;
    valid = firn_min_size(valid, c->total);
    c->out_valid[b] = (int32_t)valid;
    for (size_t i = 0; i < valid; i++) {
      const size_t at = b * c->total + i;
      c->out_scores[at] = found[i].score;
      c->out_classes[at] = (float)found[i].class;
      const float *box = box_of(c, b, found[i].box, (size_t)found[i].class);
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
