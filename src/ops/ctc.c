/* ops/ctc.c: what a network that hears or reads line by line has said:
 * CTCGreedyDecoder, CTCBeamSearchDecoder.
 *
 * The inputs are scores [time, batch, classes]; the last class is the blank. Of
 * a batch come sparse sequences of labels and their log probabilities. Scores
 * of float are computed in float, those of double in double, rounding where
 * TensorFlow rounds.
 */
#include <math.h>

#include "ops/picture.h"
#include "ops/ranking.h"

/* ---- Shapes ------------------------------------------------------------- */

static firn_code infer_decoder(firn_infer *q, firn_error *err) {
  firn_shape inputs, lengths;
  int64_t batch;
  FIRN_TRY(firn_infer_rank(q, 0, 3, "inputs", &inputs, err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "sequence_length", &lengths, err));
  if (!firn_dim_merge(inputs.dims[1], lengths.dims[0], &batch))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "inputs are a batch of %lld, sequence_length of %lld",
                     (long long)inputs.dims[1], (long long)lengths.dims[0]);
  for (int k = 0; k < 3; k++)
    if (inputs.dims[k] == 0 || inputs.dims[k] > INT32_MAX) {
      char text[256];
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "inputs must not be empty or too large, have shape %s",
                       firn_shape_text(&inputs, text));
    }
  const size_t paths = (q->out_count - 1) / 3;
  for (size_t p = 0; p < paths; p++) {
    q->out[p].shape = (firn_shape){2, {FIRN_UNKNOWN_DIM, 2}};
    q->out[paths + p].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
    q->out[2 * paths + p].shape = firn_shape_vector(2);
  }
  q->out[3 * paths].shape = (firn_shape){2, {batch, (int64_t)paths}};
  return FIRN_OK;
}

/* ---- What was said ------------------------------------------------------ */

typedef struct said {
  size_t batch; /* which sequence */
  int32_t label;
} said;

/* The labels of one path, those of all sequences one after the other. */
typedef struct path {
  said *items;
  size_t count, room;
} path;

static firn_code say(const firn_run *run, path *p, size_t batch, int32_t label,
                     firn_error *err) {
  if (p->count == p->room) {
    const size_t room = p->room * 2 + 64;
    said *items = firn_resize(&run->env->alloc, p->items,
                              p->room * sizeof *items, room * sizeof *items);
    if (!items) return firn_oom(err, room * sizeof *items);
    p->items = items;
    p->room = room;
  }
  p->items[p->count++] = (said){batch, label};
  return FIRN_OK;
}

static firn_code put_path(const firn_run *run, const path *p, size_t which,
                          size_t paths, firn_error *err) {
  const firn_shape pairs = {2, {(int64_t)p->count, 2}};
  const firn_shape values = firn_shape_vector((int64_t)p->count);
  firn_tensor *index, *value;
  FIRN_TRY(firn_run_output(run, which, &pairs, &index, err));
  FIRN_TRY(firn_run_output(run, paths + which, &values, &value, err));
  int64_t *at = index->data, *labels = value->data;
  int64_t *shape = run->out[2 * paths + which]->data;
  shape[0] = run->in[0]->shape.dims[1];
  shape[1] = 0;
  for (size_t i = 0; i < p->count; i++) {
    const said *s = &p->items[i];
    const bool first = i == 0 || s->batch != s[-1].batch;
    at[2 * i] = (int64_t)s->batch;
    at[2 * i + 1] = first ? 0 : at[2 * i - 1] + 1;
    labels[i] = s->label;
    if (at[2 * i + 1] >= shape[1]) shape[1] = at[2 * i + 1] + 1;
  }
  return FIRN_OK;
}

static void put_score(const firn_run *run, size_t i, double score) {
  firn_tensor *out = run->out[run->out_count - 1];
  if (out->dtype == FIRN_FLOAT)
    ((float *)out->data)[i] = (float)score;
  else
    ((double *)out->data)[i] = score;
}

/* Copies the scores of one moment. */
static void scores_at(const firn_run *run, size_t time, size_t batch,
                      double *to) {
  const firn_shape *s = &run->in[0]->shape;
  const size_t n = (size_t)s->dims[2];
  const size_t from = (time * (size_t)s->dims[1] + batch) * n;
  for (size_t i = 0; i < n; i++)
    to[i] = run->in[0]->dtype == FIRN_FLOAT
                ? (double)((const float *)run->in[0]->data)[from + i]
                : ((const double *)run->in[0]->data)[from + i];
}

static firn_code check_lengths(const firn_run *run, firn_error *err) {
  const int32_t *lengths = run->in[1]->data;
  const int64_t time = run->in[0]->shape.dims[0];
  for (size_t b = 0; b < run->in[1]->count; b++)
    if (lengths[b] > time)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "sequence_length[%zu] = %d is above %lld", b, lengths[b],
                       (long long)time);
  return FIRN_OK;
}

static size_t length_of(const firn_run *run, size_t b) {
  const int32_t length = ((const int32_t *)run->in[1]->data)[b];
  return length < 0 ? 0 : (size_t)length;
}

/* ---- Greedy ------------------------------------------------------------- */

static firn_code say_best(const firn_run *run, size_t b, int64_t blank,
                          double *scores, path *p, firn_error *err) {
  const bool merge = firn_attr_bool_or(run->node, "merge_repeated", false);
  const bool narrow = run->in[0]->dtype == FIRN_FLOAT;
  const size_t n = (size_t)run->in[0]->shape.dims[2];
  int64_t before = -1;
  double sum = 0;
  for (size_t t = 0; t < length_of(run, b); t++) {
    size_t best = 0;
    scores_at(run, t, b, scores);
    for (size_t i = 1; i < n; i++)
      if (scores[i] > scores[best]) best = i;
    sum = narrow ? (double)(float)(sum - scores[best]) : sum - scores[best];
    if ((int64_t)best != blank && !(merge && (int64_t)best == before))
      FIRN_TRY(say(run, p, b, (int32_t)best, err));
    before = (int64_t)best;
  }
  put_score(run, b, sum);
  return FIRN_OK;
}

static firn_code drive_greedy(const firn_run *run, firn_error *err) {
  const int64_t classes = run->in[0]->shape.dims[2];
  int64_t blank = firn_attr_int_or(run->node, "blank_index", -1);
  if (blank < -classes || blank >= classes)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'blank_index' is %lld, not in [%lld, %lld)",
                     (long long)blank, -(long long)classes, (long long)classes);
  if (blank < 0) blank += classes;
  FIRN_TRY(check_lengths(run, err));
  const firn_allocator *alloc = &run->env->alloc;
  const size_t bytes = (size_t)classes * sizeof(double);
  double *scores = firn_new(alloc, bytes);
  if (!scores) return firn_oom(err, bytes);
  path p = {NULL, 0, 0};
  firn_code code = FIRN_OK;
  for (size_t b = 0; code == FIRN_OK && b < run->in[1]->count; b++)
    code = say_best(run, b, blank, scores, &p, err);
  if (code == FIRN_OK) code = put_path(run, &p, 0, 1, err);
  firn_delete(alloc, p.items, p.room * sizeof *p.items);
  firn_delete(alloc, scores, bytes);
  return code;
}

/* ---- Beam search -------------------------------------------------------- */

typedef struct chance {
  double total, blank, label; /* logarithms */
} chance;

static const chance never = {-INFINITY, -INFINITY, -INFINITY};

/* A beginning of what may have been said. */
typedef struct entry {
  int32_t parent, label;  /* the root: -1 */
  int32_t child, sibling; /* lists, 0 for none */
  chance old, new;
} entry;

/* The best `limit` entries, kept as TensorFlow's TopN keeps them. */
typedef struct top {
  firn_ranked *x; /* limit + 1 */
  size_t count, limit;
  enum { ANY, BOTTOM_FIRST, HEAP } state;
} top;

typedef struct beam {
  const firn_run *run;
  bool narrow;
  size_t classes;
  entry *entries;
  size_t count, room;
  top leaves, best;
  firn_ranked *branches;
  int32_t *child_of; /* by label */
  double *scores;
} beam;

static double rounded(const beam *b, double x) {
  return b->narrow ? (double)(float)x : x;
}

/* log(exp(a) + exp(b)) */
static double sum_of(const beam *s, double a, double b) {
  if (a == -INFINITY && b == -INFINITY) return a;
  const double high = a > b ? a : b, low = a > b ? b : a;
  const float more = log1pf(expf((float)rounded(s, low - high)));
  return rounded(s, high + (double)more);
}

static void swap(firn_ranked *a, firn_ranked *b) {
  const firn_ranked t = *a;
  *a = *b;
  *b = t;
}

static void top_push(top *t, firn_ranked it) {
  if (t->state == HEAP) {
    if (!(it.key > t->x[0].key)) return;
    firn_heap_push(t->x, &t->count, it, FIRN_SMALLEST);
    (void)firn_heap_pop(t->x, &t->count, FIRN_SMALLEST);
    return;
  }
  t->x[t->count++] = it;
  if (t->state == BOTTOM_FIRST && !(it.key > t->x[0].key))
    swap(&t->x[0], &t->x[t->count - 1]);
  if (t->count <= t->limit) return;
  firn_heap_make(t->x, t->count, FIRN_SMALLEST);
  (void)firn_heap_pop(t->x, &t->count, FIRN_SMALLEST);
  t->state = HEAP;
}

static firn_ranked *top_bottom(top *t) {
  size_t least = 0;
  if (t->state != ANY) return &t->x[0];
  for (size_t i = 1; i < t->count; i++)
    if (t->x[least].key > t->x[i].key) least = i;
  swap(&t->x[0], &t->x[least]);
  t->state = BOTTOM_FIRST;
  return &t->x[0];
}

/* Takes all out, the best first. */
static size_t top_take(top *t, firn_ranked *out) {
  const size_t count = t->count;
  memcpy(out, t->x, count * sizeof *out);
  if (t->state == HEAP)
    firn_heap_sort(out, count, FIRN_SMALLEST);
  else
    firn_rank_sort(out, count);
  t->count = 0;
  t->state = ANY;
  return count;
}

static firn_code add_entry(beam *b, int32_t parent, int32_t label, int32_t *out,
                           firn_error *err) {
  if (b->count == b->room) {
    const size_t room = b->room * 2 + 256;
    entry *more = firn_resize(&b->run->env->alloc, b->entries,
                              b->room * sizeof *more, room * sizeof *more);
    if (!more || room > INT32_MAX) return firn_oom(err, room * sizeof *more);
    b->entries = more;
    b->room = room;
  }
  entry e = {parent, label, 0, 0, never, never};
  if (parent >= 0) {
    e.sibling = b->entries[parent].child;
    b->entries[parent].child = (int32_t)b->count;
  }
  *out = (int32_t)b->count;
  b->entries[b->count++] = e;
  return FIRN_OK;
}

/* What the entry's chance is after this moment, if nothing is added to it. */
static void stay(beam *b, entry *e, double norm) {
  if (e->parent >= 0) {
    const entry *p = &b->entries[e->parent];
    if (p->new.total != -INFINITY) {
      const double before = e->label == p->label ? p->old.blank : p->old.total;
      e->new.label = sum_of(b, e->new.label, before);
    }
    e->new.label =
        rounded(b, e->new.label + rounded(b, b->scores[e->label] - norm));
  }
  const double blank = rounded(b, e->old.total + b->scores[b->classes - 1]);
  e->new.blank = rounded(b, blank - norm);
  e->new.total = sum_of(b, e->new.blank, e->new.label);
}

static bool has_a_chance(beam *b, double total) {
  return total > -INFINITY && (b->leaves.count < b->leaves.limit ||
                               total > top_bottom(&b->leaves)->key);
}

/* Lets the entry be followed by a label. */
static firn_code follow(beam *b, int32_t id, int32_t label, double norm,
                        firn_error *err) {
  int32_t child = b->child_of[label];
  const entry *e = &b->entries[id];
  if (child && b->entries[child].new.total != -INFINITY) return FIRN_OK;
  const double before = e->label == label ? e->old.blank : e->old.total;
  const double total = rounded(b, rounded(b, b->scores[label] - norm) + before);
  if (!has_a_chance(b, total)) {
    if (child) b->entries[child].old = b->entries[child].new = never;
    return FIRN_OK;
  }
  if (!child) FIRN_TRY(add_entry(b, id, label, &child, err));
  b->entries[child].new = (chance){total, -INFINITY, total};
  if (b->leaves.count == b->leaves.limit) {
    firn_ranked *bottom = top_bottom(&b->leaves);
    b->entries[bottom->id].new = never;
    bottom->key = -INFINITY;
  }
  top_push(&b->leaves, (firn_ranked){total, child, 0});
  return FIRN_OK;
}

static firn_code grow(beam *b, int32_t id, double norm, firn_error *err) {
  firn_code code = FIRN_OK;
  if (!has_a_chance(b, b->entries[id].old.total)) return FIRN_OK;
  for (int32_t c = b->entries[id].child; c; c = b->entries[c].sibling)
    b->child_of[b->entries[c].label] = c;
  for (size_t l = 0; code == FIRN_OK && l + 1 < b->classes; l++)
    code = follow(b, id, (int32_t)l, norm, err);
  for (int32_t c = b->entries[id].child; c; c = b->entries[c].sibling)
    b->child_of[b->entries[c].label] = 0;
  return code;
}

/* The logarithm of what the chances must be divided by. */
static double norm_of(const beam *b) {
  double high = b->scores[0], sum = 0;
  for (size_t i = 1; i < b->classes; i++)
    if (b->scores[i] > high) high = b->scores[i];
  for (size_t i = 0; i < b->classes; i++) {
    const double x = rounded(b, b->scores[i] - high);
    sum = rounded(b, sum + (b->narrow ? (double)expf((float)x) : exp(x)));
  }
  return rounded(b, high + (b->narrow ? (double)logf((float)sum) : log(sum)));
}

static firn_code step(beam *b, firn_error *err) {
  const double norm = norm_of(b);
  const size_t count = top_take(&b->leaves, b->branches);
  for (size_t i = 0; i < count; i++) {
    entry *e = &b->entries[b->branches[i].id];
    e->old = e->new;
  }
  for (size_t i = 0; i < count; i++) {
    entry *e = &b->entries[b->branches[i].id];
    stay(b, e, norm);
    top_push(&b->leaves, (firn_ranked){e->new.total, b->branches[i].id, 0});
  }
  for (size_t i = 0; i < count; i++)
    FIRN_TRY(grow(b, b->branches[i].id, norm, err));
  return FIRN_OK;
}

/* The labels from the first on: walking up gives the last one first. */
static firn_code say_labels(const beam *b, int32_t id, size_t batch, bool merge,
                            path *p, firn_error *err) {
  const size_t begin = p->count;
  int32_t before = -1;
  for (; b->entries[id].parent >= 0; id = b->entries[id].parent) {
    const int32_t label = b->entries[id].label;
    if (!merge || label != before) FIRN_TRY(say(b->run, p, batch, label, err));
    before = label;
  }
  for (size_t i = begin, j = p->count; i + 1 < j--; i++) {
    const said t = p->items[i];
    p->items[i] = p->items[j];
    p->items[j] = t;
  }
  return FIRN_OK;
}

static firn_code search(beam *b, size_t batch, path *paths, firn_error *err) {
  const size_t n = b->best.limit;
  const bool merge = firn_attr_bool_or(b->run->node, "merge_repeated", true);
  int32_t root;
  b->count = b->leaves.count = b->best.count = 0;
  b->leaves.state = b->best.state = ANY;
  FIRN_TRY(add_entry(b, -1, -1, &root, err));
  b->entries[root].new = (chance){0, 0, -INFINITY};
  top_push(&b->leaves, (firn_ranked){0, root, 0});
  for (size_t t = 0; t < length_of(b->run, batch); t++) {
    scores_at(b->run, t, batch, b->scores);
    FIRN_TRY(step(b, err));
  }
  if (n > b->leaves.count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "sequence %zu has %zu paths, top_paths are %zu", batch,
                     b->leaves.count, n);
  for (size_t i = 0; i < b->leaves.count; i++)
    top_push(&b->best, b->leaves.x[i]);
  top_take(&b->best, b->branches);
  for (size_t i = 0; i < n; i++) {
    FIRN_TRY(say_labels(b, b->branches[i].id, batch, merge, &paths[i], err));
    put_score(b->run, batch * n + i, b->branches[i].key);
  }
  return FIRN_OK;
}

static firn_code search_all(beam *b, path *paths, firn_error *err) {
  for (size_t i = 0; i < b->run->in[1]->count; i++)
    FIRN_TRY(search(b, i, paths, err));
  for (size_t i = 0; i < b->best.limit; i++)
    FIRN_TRY(put_path(b->run, &paths[i], i, b->best.limit, err));
  return FIRN_OK;
}

/* Entry 0 is the root, so a child is never 0. */
static firn_code drive_beam(const firn_run *run, firn_error *err) {
  const firn_allocator *alloc = &run->env->alloc;
  const int64_t width = firn_attr_int_or(run->node, "beam_width", 1);
  const int64_t paths = firn_attr_int_or(run->node, "top_paths", 1);
  if (paths > width || width > 1 << 24)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%lld top_paths from a beam_width of %lld",
                     (long long)paths, (long long)width);
  FIRN_TRY(check_lengths(run, err));
  beam b = {.run = run,
            .narrow = run->in[0]->dtype == FIRN_FLOAT,
            .classes = (size_t)run->in[0]->shape.dims[2],
            .leaves = {.limit = (size_t)width},
            .best = {.limit = (size_t)paths}};
  const size_t ranked = 3 * ((size_t)width + 1) * sizeof(firn_ranked);
  const size_t bytes = ranked + b.classes * (sizeof(double) + sizeof(int32_t)) +
                       (size_t)paths * sizeof(path);
  b.leaves.x = firn_new_zeroed(alloc, bytes);
  if (!b.leaves.x) return firn_oom(err, bytes);
  b.best.x = b.leaves.x + width + 1;
  b.branches = b.best.x + width + 1;
  path *said_paths = (path *)(b.branches + width + 1);
  b.scores = (double *)(said_paths + paths);
  b.child_of = (int32_t *)(b.scores + b.classes);
  const firn_code code = search_all(&b, said_paths, err);
  for (int64_t i = 0; i < paths; i++)
    firn_delete(alloc, said_paths[i].items,
                said_paths[i].room * sizeof *said_paths[i].items);
  firn_delete(alloc, b.entries, b.room * sizeof *b.entries);
  firn_delete(alloc, b.leaves.x, bytes);
  return code;
}

/* ---- The family --------------------------------------------------------- */

#define DECODER(id)                                                    \
  static const firn_kernel id##_kernels[] = {                          \
      {.types = {{"T", FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE)}}, \
       .drive = drive_##id},                                           \
      {.drive = NULL},                                                 \
  };

DECODER(greedy)
DECODER(beam)

static const firn_op ops[] = {
    {"CTCGreedyDecoder", infer_decoder, greedy_kernels, 0},
    {"CTCBeamSearchDecoder", infer_decoder, beam_kernels, 0},
};

FIRN_OP_FAMILY(ctc, ops);
