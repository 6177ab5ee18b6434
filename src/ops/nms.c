/* ops/nms.c: non-maximum suppression, which keeps the best of the boxes that
 * overlap: NonMaxSuppression in all its versions.
 *
 * Candidates wait in a heap, best score first, of equal ones the lowest index.
 * The soft variant lowers the score of a box that overlaps a chosen one and
 * lets it wait again, rather than dropping it. Halves are rounded after each
 * operation, as TensorFlow's are.
 */
#include <math.h>

#include "ops/boxes.h"
#include "ops/picture.h"

/* Which inputs and outputs a version has. */
typedef struct version {
  bool overlaps;        /* input 0 holds the overlaps, not boxes */
  bool thresholds;      /* input 3, rather than an attr */
  bool score_threshold; /* input 4 */
  bool soft;            /* input 5; output 1 has the scores */
  bool count;           /* the last output tells how many are valid */
} version;

static const version v1 = {0}, v2 = {.thresholds = true},
                     v3 = {.thresholds = true, .score_threshold = true},
                     v4 = {.thresholds = true,
                           .score_threshold = true,
                           .count = true},
                     v5 = {.thresholds = true,
                           .score_threshold = true,
                           .soft = true,
                           .count = true},
                     with_overlaps = {.overlaps = true,
                                      .thresholds = true,
                                      .score_threshold = true};

/* ---- Shapes ------------------------------------------------------------- */

static firn_code infer_candidates(firn_infer *q, int64_t columns,
                                  const char *what, firn_error *err) {
  firn_shape boxes, scores;
  int64_t count = 0;
  FIRN_TRY(firn_infer_rank(q, 0, 2, what, &boxes, err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "scores", &scores, err));
  if (columns < 0) columns = boxes.dims[0];
  if (columns >= 0 && boxes.dims[1] >= 0 && boxes.dims[1] != columns)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%s must have %lld columns, has %lld", what,
                     (long long)columns, (long long)boxes.dims[1]);
  if (!firn_dim_merge(boxes.dims[0], scores.dims[0], &count))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%s has %lld rows, scores %lld elements", what,
                     (long long)boxes.dims[0], (long long)scores.dims[0]);
  return FIRN_OK;
}

static firn_code infer_nms(firn_infer *q, firn_error *err) {
  static const char *const names[] = {"max_output_size", "iou_threshold",
                                      "score_threshold", "soft_nms_sigma"};
  for (size_t i = 2; i < q->in_count; i++)
    FIRN_TRY(firn_infer_is_scalar(q, i, names[i - 2], err));
  int64_t size = FIRN_UNKNOWN_DIM;
  if (firn_infer_int(q, 2, &size) && size < 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "max_output_size = %lld must not be negative",
                     (long long)size);
  if (!firn_attr_bool_or(q->node, "pad_to_max_output_size", false))
    size = FIRN_UNKNOWN_DIM;
  for (size_t i = 0; i < q->out_count; i++)
    q->out[i].shape = firn_shape_vector(size);
  if (q->out_count > 1) q->out[q->out_count - 1].shape = firn_shape_scalar();
  return FIRN_OK;
}

static firn_code infer_boxes(firn_infer *q, firn_error *err) {
  FIRN_TRY(infer_candidates(q, 4, "boxes", err));
  return infer_nms(q, err);
}

static firn_code infer_overlaps(firn_infer *q, firn_error *err) {
  FIRN_TRY(infer_candidates(q, -1, "overlaps", err));
  return infer_nms(q, err);
}

/* ---- The heap of candidates --------------------------------------------- */

typedef struct candidate {
  int32_t box;
  float score;
  size_t compared; /* with the first so many of the chosen */
} candidate;

static bool better(const candidate *a, const candidate *b) {
  return a->score > b->score || (a->score == b->score && a->box < b->box);
}

/* Lets the candidate at `i` sink to its place. */
static void sink(candidate *heap, size_t count, size_t i) {
  const candidate it = heap[i];
  for (size_t child; (child = 2 * i + 1) < count; i = child) {
    if (child + 1 < count && better(&heap[child + 1], &heap[child])) child++;
    if (!better(&heap[child], &it)) break;
    heap[i] = heap[child];
  }
  heap[i] = it;
}

/* ---- Choosing ----------------------------------------------------------- */

typedef struct nms {
  const float *boxes, *overlaps; /* one of the two */
  size_t count;                  /* of boxes */
  bool half, soft;
  float threshold, score_threshold, sigma, scale;
  candidate *heap;
  size_t waiting;
  int32_t *chosen;
  float *scores; /* of the chosen */
  size_t chosen_count, limit;
} nms;

static float rounded(const nms *n, float x) {
  return n->half ? firn_half_to_float(firn_half_from_float(x)) : x;
}

static float similarity(const nms *n, int32_t a, int32_t b) {
  if (n->overlaps) return n->overlaps[(size_t)a * n->count + (size_t)b];
  return firn_box_overlap(n->boxes + (size_t)a * 4, n->boxes + (size_t)b * 4);
}

static float weight(const nms *n, float like) {
  if (!n->soft && !(like <= n->threshold)) return 0;
  const float power = rounded(n, rounded(n, n->scale * like) * like);
  return power == 0 ? 1 : rounded(n, expf(power));
}

/* Lowers the score by what was chosen since it was last looked at. False when
 * the candidate is out. */
static bool survives(const nms *n, candidate *c) {
  for (size_t j = n->chosen_count; j-- > c->compared;) {
    const float like = rounded(n, similarity(n, c->box, n->chosen[j]));
    c->score = rounded(n, c->score * weight(n, like));
    if (!n->soft && like > n->threshold) return false;
    if (c->score <= n->score_threshold) break;
  }
  c->compared = n->chosen_count;
  return true;
}

static void choose(nms *n) {
  for (size_t i = n->waiting / 2; i-- > 0;) sink(n->heap, n->waiting, i);
  while (n->chosen_count < n->limit && n->waiting > 0) {
    candidate *top = &n->heap[0];
    const float before = top->score;
    const bool stays = survives(n, top);
    if (stays && top->score == before) {
      n->chosen[n->chosen_count] = top->box;
      n->scores[n->chosen_count++] = top->score;
    } else if (stays && top->score > n->score_threshold) {
      sink(n->heap, n->waiting, 0);
      continue;
    }
    n->heap[0] = n->heap[--n->waiting];
    sink(n->heap, n->waiting, 0);
  }
}

/* ---- Running ------------------------------------------------------------ */

static firn_code read_thresholds(const firn_run *run, const version *v, nms *n,
                                 firn_error *err) {
  n->half = run->in[1]->dtype == FIRN_HALF;
  n->threshold = v->thresholds
                     ? (float)firn_tensor_f64(run->in[3], 0)
                     : firn_attr_float_or(run->node, "iou_threshold", 0.5f);
  n->score_threshold = n->half ? -65504.0f : -3.40282347e38f;
  if (v->score_threshold)
    n->score_threshold = rounded(n, (float)firn_tensor_f64(run->in[4], 0));
  n->threshold = rounded(n, n->threshold);
  if (!v->overlaps && !(n->threshold >= 0 && n->threshold <= 1))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "iou_threshold = %g is not in [0, 1]",
                     (double)n->threshold);
  if (v->soft) n->sigma = (float)firn_tensor_f64(run->in[5], 0);
  if (!(n->sigma >= 0))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "soft_nms_sigma = %g must not be negative",
                     (double)n->sigma);
  n->soft = n->sigma > 0;
  if (n->soft) n->scale = rounded(n, -0.5f / n->sigma);
  return FIRN_OK;
}

/* Row i of an output; the valid ones are copied, the rest is 0. */
static firn_code put(const firn_run *run, size_t i, size_t size,
                     const void *from, size_t count, firn_error *err) {
  const firn_shape shape = firn_shape_vector((int64_t)size);
  firn_tensor *out;
  FIRN_TRY(firn_tensor_within(run->out[i] ? run->out[i]->dtype : FIRN_INT32,
                              &shape, &run->env->limits, err));
  FIRN_TRY(firn_run_output(run, i, &shape, &out, err));
  const size_t element = firn_dtype_size(out->dtype);
  if (size) memset(out->data, 0, size * element);
  for (size_t k = 0; k < count; k++)
    if (element == 2)
      ((uint16_t *)out->data)[k] =
          firn_half_from_float(((const float *)from)[k]);
    else
      memcpy((char *)out->data + k * 4, (const char *)from + k * 4, 4);
  return FIRN_OK;
}

static firn_code put_all(const firn_run *run, const version *v, const nms *n,
                         size_t wanted, firn_error *err) {
  const bool pad =
      firn_attr_bool_or(run->node, "pad_to_max_output_size", false);
  const size_t size = pad ? wanted : n->chosen_count;
  FIRN_TRY(put(run, 0, size, n->chosen, n->chosen_count, err));
  if (v->soft) FIRN_TRY(put(run, 1, size, n->scores, n->chosen_count, err));
  if (v->count)
    *(int32_t *)run->out[run->out_count - 1]->data = (int32_t)n->chosen_count;
  return FIRN_OK;
}

static void add_candidates(nms *n, const float *scores) {
  for (size_t i = 0; i < n->count; i++)
    if (scores[i] > n->score_threshold)
      n->heap[n->waiting++] = (candidate){(int32_t)i, scores[i], 0};
}

static firn_code drive_nms(const firn_run *run, firn_error *err) {
  const version *v = run->kernel->micro.table;
  const firn_allocator *alloc = &run->env->alloc;
  const firn_tensor *boxes = run->in[0], *scores = run->in[1];
  const int64_t wanted = firn_tensor_i64(run->in[2], 0);
  nms n = {.count = scores->count};
  FIRN_TRY(read_thresholds(run, v, &n, err));
  if (wanted < 0 || n.count > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "max_output_size = %lld of %zu boxes", (long long)wanted,
                     n.count);
  n.limit = firn_min_size((size_t)wanted, n.count);
  const size_t floats = n.half ? n.count * 5 : 0;
  const size_t size = n.count * sizeof *n.heap + n.limit * 8 + floats * 4;
  void *room = firn_new(alloc, size ? size : 1);
  if (!room) return firn_oom(err, size);
  n.heap = room;
  n.chosen = (int32_t *)(n.heap + n.count);
  n.scores = (float *)(n.chosen + n.limit);
  float *wide = n.scores + n.limit;
  const float *score = scores->data;
  *(v->overlaps ? &n.overlaps : &n.boxes) = boxes->data;
  if (n.half) {
    firn_floats_of(boxes->dtype, boxes->data, wide, boxes->count, NULL);
    firn_floats_of(scores->dtype, scores->data, wide + n.count * 4, n.count,
                   NULL);
    n.boxes = wide;
    score = wide + n.count * 4;
  }
  add_candidates(&n, score);
  choose(&n);
  const firn_code code = put_all(run, v, &n, (size_t)wanted, err);
  firn_delete(alloc, room, size ? size : 1);
  return code;
}

/* ---- The family --------------------------------------------------------- */

#define NMS(id)                                      \
  static const firn_kernel id##_kernels[] = {        \
      {.drive = drive_nms, .micro = {.table = &id}}, \
      {.drive = NULL},                               \
  };

NMS(v1)
NMS(v2)
NMS(v3)
NMS(v4)
NMS(v5)
NMS(with_overlaps)

static const firn_op ops[] = {
    {"NonMaxSuppression", infer_boxes, v1_kernels, 0},
    {"NonMaxSuppressionV2", infer_boxes, v2_kernels, 0},
    {"NonMaxSuppressionV3", infer_boxes, v3_kernels, 0},
    {"NonMaxSuppressionV4", infer_boxes, v4_kernels, 0},
    {"NonMaxSuppressionV5", infer_boxes, v5_kernels, 0},
    {"NonMaxSuppressionWithOverlaps", infer_overlaps, with_overlaps_kernels, 0},
};

FIRN_OP_FAMILY(nms, ops);
