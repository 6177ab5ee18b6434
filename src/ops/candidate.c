/* ops/candidate.c: classes drawn at random to train against, and how often each
 * may be expected to be drawn; with TensorFlow's own numbers.
 *
 * Samplers differ in two functions: drawing one class and telling its
 * probability. Drawing without repetition throws repeated classes away; the
 * expected counts then come from the number of tries.
 */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/file.h"
#include "ops/picture.h"
#include "ops/random_source.h"
#include "ops/store.h"

/* ---- Shapes ------------------------------------------------------------- */

static firn_code infer_sampler(firn_infer *q, firn_error *err) {
  firn_shape classes;
  const int64_t trues = firn_attr_int_or(q->node, "num_true", 0);
  const int64_t samples = firn_attr_int_or(q->node, "num_sampled", 0);
  FIRN_TRY(firn_infer_rank(q, 0, 2, "true_classes", &classes, err));
  if (samples < 0 || samples > INT32_MAX || trues < 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "num_sampled = %lld of %lld",
                     (long long)samples, (long long)trues);
  if (classes.dims[1] >= 0 && classes.dims[1] != trues)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "true_classes has %lld columns, num_true is %lld",
                     (long long)classes.dims[1], (long long)trues);
  classes.dims[1] = trues;
  q->out[0].shape = q->out[2].shape = firn_shape_vector(samples);
  q->out[1].shape = classes;
  return FIRN_OK;
}

/* ---- Samplers ----------------------------------------------------------- */

typedef struct sampler {
  int64_t range;
  double log_range;
  firn_philox_words *random;
  int32_t *tree;        /* learned: weights, and sums above them */
  int64_t leaves;       /* a power of two */
  const float *weights; /* fixed */
  double total;
  const float *keep; /* fixed: chance to keep a class, else its other */
  const int32_t *other;
} sampler;

static uint64_t word64(firn_philox_words *r) {
  const uint64_t low = firn_philox_word(r);
  return low | (uint64_t)firn_philox_word(r) << 32;
}

static uint64_t below64(firn_philox_words *r, uint64_t n) {
  if ((n & (n - 1)) == 0) return word64(r) & (n - 1);
  const uint64_t rest = UINT64_MAX % n + 1;
  uint64_t word;
  do word = word64(r);
  while (word < rest);
  return word % n;
}

static uint32_t below32(firn_philox_words *r, uint32_t n) {
  if ((n & (n - 1)) == 0) return firn_philox_word(r) & (n - 1);
  const uint32_t rest = UINT32_MAX % n + 1;
  uint32_t word;
  do word = firn_philox_word(r);
  while (word < rest);
  return word % n;
}

static int64_t draw_uniform(const sampler *s) {
  return (int64_t)below64(s->random, (uint64_t)s->range);
}

static float chance_uniform(const sampler *s, int64_t class) {
  FIRN_UNUSED(class);
  return (float)(1.0 / (double)s->range);
}

static int64_t draw_log(const sampler *s) {
  const uint32_t low = firn_philox_word(s->random);
  const double part = firn_uniform_double(low, firn_philox_word(s->random));
  return ((int64_t)exp(part * s->log_range) - 1) % s->range;
}

static float chance_log(const sampler *s, int64_t class) {
  return (float)(log(((double)class + 2.0) / ((double)class + 1.0)) /
                 s->log_range);
}

static int64_t draw_learned(const sampler *s) {
  int32_t at = (int32_t)below32(s->random, (uint32_t)s->tree[1]);
  int64_t node = 1;
  while (node < s->leaves) {
    node *= 2;
    if (at < s->tree[node]) continue;
    at -= s->tree[node];
    node++;
  }
  return node - s->leaves;
}

static float chance_learned(const sampler *s, int64_t class) {
  return (float)s->tree[s->leaves + class] / (float)s->tree[1];
}

static int64_t draw_fixed(const sampler *s) {
  const float part = firn_uniform_float(firn_philox_word(s->random));
  const uint32_t class = below32(s->random, (uint32_t)s->range);
  return part < s->keep[class] ? (int64_t) class : s->other[class];
}

static float chance_fixed(const sampler *s, int64_t class) {
  return (float)((double)s->weights[class] / s->total);
}

typedef struct kind {
  int64_t (*draw)(const sampler *s);
  float (*chance)(const sampler *s, int64_t class);
} kind;

/* ---- Drawing ------------------------------------------------------------ */

static float expected(const sampler *s, const kind *k, int64_t class,
                      int64_t samples, int64_t tries) {
  const float chance = k->chance(s, class);
  if (tries == samples) return chance * (float)samples;
  return -expm1f((float)tries * log1pf(-chance));
}

/* Puts a class into a hash table of more than twice its size; false when it is
 * there. Places hold the class + 1. */
static bool is_new(int64_t *table, size_t size, int64_t class) {
  size_t at = (size_t)((uint64_t) class * 0x9e3779b97f4a7c15u) & (size - 1);
  for (; table[at]; at = (at + 1) & (size - 1))
    if (table[at] == class + 1) return false;
  table[at] = class + 1;
  return true;
}

static firn_code draw_unique(const firn_run *run, const sampler *s,
                             const kind *k, int64_t *tries, firn_error *err) {
  int64_t *out = run->out[0]->data;
  const size_t count = run->out[0]->count;
  size_t size = 16, done = 0;
  while (size <= 2 * count) size *= 2;
  if ((int64_t)count > s->range)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "num_sampled = %zu unique classes of %lld", count,
                     (long long)s->range);
  int64_t *table = firn_new_zeroed(&run->env->alloc, size * sizeof *table);
  if (!table) return firn_oom(err, size * sizeof *table);
  const int64_t most =
      (int64_t)firn_min_size(run->env->limits.iterations, INT32_MAX);
  for (*tries = 0; done < count && *tries < most; (*tries)++) {
    const int64_t class = k->draw(s);
    if (is_new(table, size, class)) out[done++] = class;
  }
  firn_delete(&run->env->alloc, table, size * sizeof *table);
  if (done == count) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "num_sampled = %zu unique classes are not to be had in "
                   "%lld tries",
                   count, (long long)most);
}

static firn_code draw_all(const firn_run *run, const sampler *from,
                          const kind *k, firn_error *err) {
  const int64_t *trues = run->in[0]->data;
  const int64_t samples = (int64_t)run->out[0]->count;
  int64_t *out = run->out[0]->data, tries = samples;
  float *of_trues = run->out[1]->data, *of_samples = run->out[2]->data;
  firn_philox philox;
  firn_philox_words words = {.source = &philox, .used = 4};
  sampler own = *from;
  const sampler *s = &own;
  own.random = &words;
  for (size_t i = 0; i < run->in[0]->count; i++)
    if (trues[i] < 0 || trues[i] >= s->range)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "true_classes has %lld, which is not in [0, %lld)",
                       (long long)trues[i], (long long)s->range);
  FIRN_TRY(firn_random_start(run, FIRN_SEEDED, 0, 512 * (uint64_t)samples,
                             &philox, err));
  if (firn_attr_bool_or(run->node, "unique", false))
    FIRN_TRY(draw_unique(run, s, k, &tries, err));
  else
    for (int64_t i = 0; i < samples; i++) out[i] = k->draw(s);
  for (int64_t i = 0; i < samples; i++)
    of_samples[i] = expected(s, k, out[i], samples, tries);
  for (size_t i = 0; i < run->in[0]->count; i++)
    of_trues[i] = expected(s, k, trues[i], samples, tries);
  return FIRN_OK;
}

static firn_code read_range(const firn_node *node, int64_t limit, sampler *s,
                            firn_error *err) {
  s->range = firn_attr_int_or(node, "range_max", 0);
  s->log_range = log1p((double)s->range);
  if (s->range > 0 && s->range < limit) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "attr 'range_max' is %lld, not in (0, %lld)",
                   (long long)s->range, (long long)limit);
}

static firn_code drive_uniform(const firn_run *run, firn_error *err) {
  static const kind uniform = {draw_uniform, chance_uniform};
  sampler s = {0};
  FIRN_TRY(read_range(run->node, INT64_MAX, &s, err));
  return draw_all(run, &s, &uniform, err);
}

static firn_code drive_log(const firn_run *run, firn_error *err) {
  static const kind logarithmic = {draw_log, chance_log};
  sampler s = {0};
  FIRN_TRY(read_range(run->node, INT64_MAX, &s, err));
  return draw_all(run, &s, &logarithmic, err);
}

static firn_code drive_every(const firn_run *run, firn_error *err) {
  const int64_t *trues = run->in[0]->data;
  const size_t count = run->out[0]->count;
  for (size_t i = 0; i < run->in[0]->count; i++) {
    if (trues[i] < 0 || (size_t)trues[i] >= count)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "true_classes has %lld, which is not in [0, %zu)",
                       (long long)trues[i], count);
    ((float *)run->out[1]->data)[i] = 1;
  }
  for (size_t i = 0; i < count; i++) {
    ((int64_t *)run->out[0]->data)[i] = (int64_t)i;
    ((float *)run->out[2]->data)[i] = 1;
  }
  return FIRN_OK;
}

/* ---- Learned ------------------------------------------------------------ */

/* Counts how often each class was true. */
typedef struct learned {
  firn_object object;
  firn_allocator alloc;
  pthread_mutex_t lock;
  int64_t leaves;
  int32_t tree[];
} learned;

static size_t learned_size(int64_t leaves) {
  return sizeof(learned) + (size_t)leaves * 2 * sizeof(int32_t);
}

static void free_learned(firn_object *object) {
  learned *l = (learned *)object;
  const firn_allocator alloc = l->alloc;
  pthread_mutex_destroy(&l->lock);
  firn_delete(&alloc, l, learned_size(l->leaves));
}

static const firn_object_class learned_class = {"unigram sampler",
                                                free_learned};

static firn_code make_learned(void *ud, firn_object **out, firn_error *err) {
  const firn_run *run = ud;
  const int64_t range = firn_attr_int_or(run->node, "range_max", 0);
  int64_t leaves = 1;
  while (leaves < range) leaves *= 2;
  const firn_shape shape = firn_shape_vector(leaves * 2);
  FIRN_TRY(firn_tensor_within(FIRN_INT32, &shape, &run->env->limits, err));
  learned *l = firn_new_zeroed(&run->env->alloc, learned_size(leaves));
  if (!l) return firn_oom(err, learned_size(leaves));
  firn_object_init(&l->object, &learned_class);
  pthread_mutex_init(&l->lock, NULL);
  l->alloc = run->env->alloc;
  l->leaves = leaves;
  for (int64_t i = 0; i < range; i++) l->tree[leaves + i] = 1;
  for (int64_t i = leaves; i-- > 1;)
    l->tree[i] = l->tree[2 * i] + l->tree[2 * i + 1];
  *out = &l->object;
  return FIRN_OK;
}

static void learn(learned *l, const firn_tensor *trues) {
  const int64_t *classes = trues->data;
  for (size_t i = 0; i < trues->count && l->tree[1] < INT32_MAX; i++)
    for (int64_t node = l->leaves + classes[i]; node; node /= 2)
      l->tree[node]++;
}

static firn_code drive_learned(const firn_run *run, firn_error *err) {
  static const kind unigram = {draw_learned, chance_learned};
  sampler s = {0};
  firn_object *object = NULL;
  FIRN_TRY(read_range(run->node, INT32_MAX, &s, err));
  if (run->store)
    FIRN_TRY(firn_store_get(run->store, FIRN_STR("unigram samplers"),
                            run->node->def->name, &learned_class, make_learned,
                            (void *)run, &object, err));
  else
    FIRN_TRY(make_learned((void *)run, &object, err));
  learned *l = (learned *)object;
  s.tree = l->tree;
  s.leaves = l->leaves;
  pthread_mutex_lock(&l->lock);
  const firn_code code = draw_all(run, &s, &unigram, err);
  if (code == FIRN_OK) learn(l, run->in[0]);
  pthread_mutex_unlock(&l->lock);
  firn_object_release(object);
  return code;
}

/* ---- Fixed -------------------------------------------------------------- */

typedef struct unigrams {
  float *weights;
  size_t count, room; /* room is the range: more would be an error */
  int64_t word, shards, shard;
  float distortion;
  double total;
} unigrams;

/* One more word; those of other shards are left out. */
static void add_word(unigrams *u, float weight, bool reserved) {
  if (u->word++ % u->shards != u->shard) return;
  if (!reserved) {
    weight = powf(weight, u->distortion);
    u->total += (double)weight;
  }
  if (u->count < u->room) u->weights[u->count] = weight;
  u->count++;
}

/* A word a line, its weight behind the last comma. */
static firn_code add_lines(unigrams *u, firn_bytes file, firn_error *err) {
  const char *at = (const char *)file.data;
  for (size_t left = file.size; left;) {
    const char *end = memchr(at, '\n', left);
    const size_t size = end ? (size_t)(end - at) : left;
    size_t comma = size;
    while (comma && at[comma - 1] != ',') comma--;
    double weight;
    firn_str text = {at + comma, size - comma};
    while (text.size && (text.data[text.size - 1] == '\r' ||
                         text.data[text.size - 1] == ' '))
      text.size--;
    while (text.size && *text.data == ' ') text.data++, text.size--;
    if (!firn_parse_double(text, &weight))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "vocab_file: '%.*s' is no weight", FIRN_ARG(text));
    add_word(u, (float)weight, false);
    left -= size + (end != NULL);
    at += size + (end != NULL);
  }
  return FIRN_OK;
}

static firn_code read_unigrams(const firn_run *run, unigrams *u,
                               firn_error *err) {
  const firn_pb_AttrValue *list = firn_attr(run->node, "unigrams");
  const firn_str path = firn_attr_str_or(run->node, "vocab_file", "");
  const size_t given = list && list->list ? list->list->f_count : 0;
  const int64_t reserved = firn_attr_int_or(run->node, "num_reserved_ids", 0);
  if ((given != 0) == (path.size != 0))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "exactly one of vocab_file and unigrams must be given");
  for (int64_t i = 0; i < reserved && u->count <= u->room; i++)
    add_word(u, 0, true);
  /* TensorFlow goes on counting from the words that this shard has. */
  u->word = (int64_t)u->count;
  for (size_t i = 0; i < given; i++) add_word(u, list->list->f[i], false);
  if (given) return FIRN_OK;
  char name[4096];
  firn_file *file = NULL;
  if (path.size >= sizeof name)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "vocab_file is too long");
  memcpy(name, path.data, path.size);
  name[path.size] = 0;
  FIRN_TRY(firn_file_open(name, &run->env->alloc, &file, err));
  const firn_code code = add_lines(u, file->bytes, err);
  firn_file_close(file);
  return code;
}

/* Walker's aliases: each class keeps its own share of draws and passes the rest
 * on to one that has too much. `stack` has room for both kinds, from both ends.
 */
static void share_out(const unigrams *u, double *share, float *keep,
                      int32_t *other, int32_t *stack) {
  const size_t n = u->count;
  size_t low = 0, high = n;
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)u->weights[i];
  for (size_t i = 0; i < n; i++) {
    share[i] = (double)(u->weights[i] * (float)n) / sum;
    stack[share[i] < 1 ? low++ : --high] = (int32_t)i;
  }
  while (low > 0 && high < n) {
    const int32_t l = stack[--low], h = stack[high++];
    other[l] = h;
    share[h] -= 1.0 - share[l];
    stack[share[h] < 1 ? low++ : --high] = h;
  }
  for (size_t i = 0; i < n; i++) keep[i] = (float)share[i];
  for (size_t i = 0; i < n; i++)
    if (i < low || i >= high) {
      keep[stack[i]] = 1;
      other[stack[i]] = stack[i];
    }
}

static firn_code draw_from(const firn_run *run, sampler *s, unigrams *u,
                           void *room, firn_error *err) {
  static const kind fixed = {draw_fixed, chance_fixed};
  double *share = room;
  u->weights = (float *)(share + u->room);
  float *keep = u->weights + u->room;
  int32_t *other = (int32_t *)(keep + u->room), *stack = other + u->room;
  FIRN_TRY(read_unigrams(run, u, err));
  if (u->count != u->room)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "range_max = %zu, but there are %zu weights", u->room,
                     u->count);
  share_out(u, share, keep, other, stack);
  s->weights = u->weights;
  s->total = u->total;
  s->keep = keep;
  s->other = other;
  return draw_all(run, s, &fixed, err);
}

static firn_code drive_fixed(const firn_run *run, firn_error *err) {
  sampler s = {0};
  FIRN_TRY(read_range(run->node, INT32_MAX, &s, err));
  unigrams u = {.room = (size_t)s.range,
                .shards = firn_attr_int_or(run->node, "num_shards", 1),
                .shard = firn_attr_int_or(run->node, "shard", 0),
                .distortion = firn_attr_float_or(run->node, "distortion", 1)};
  if (u.shards < 1 || u.shard < 0 || u.shard >= u.shards)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "shard %lld of %lld",
                     (long long)u.shard, (long long)u.shards);
  const firn_shape shape = firn_shape_vector(s.range * 3);
  FIRN_TRY(firn_tensor_within(FIRN_DOUBLE, &shape, &run->env->limits, err));
  void *room = firn_new_zeroed(&run->env->alloc, u.room * 24);
  if (!room) return firn_oom(err, u.room * 24);
  const firn_code code = draw_from(run, &s, &u, room, err);
  firn_delete(&run->env->alloc, room, u.room * 24);
  return code;
}

/* ---- Accidental hits ---------------------------------------------------- */

static firn_code infer_hits(firn_infer *q, firn_error *err) {
  firn_shape classes;
  const int64_t trues = firn_attr_int_or(q->node, "num_true", 0);
  FIRN_TRY(firn_infer_rank(q, 0, 2, "true_classes", &classes, err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "sampled_candidates", NULL, err));
  if (classes.dims[1] >= 0 && classes.dims[1] != trues)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "true_classes has %lld columns, num_true is %lld",
                     (long long)classes.dims[1], (long long)trues);
  for (size_t i = 0; i < 3; i++)
    q->out[i].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  return FIRN_OK;
}

typedef struct place {
  int64_t class, at;
} place;

static int by_class(const void *pa, const void *pb) {
  const place *a = pa, *b = pb;
  if (a->class != b->class) return a->class < b->class ? -1 : 1;
  return (a->at > b->at) - (a->at < b->at);
}

/* Where the class was sampled last, or -1. */
static int64_t find_last(const place *places, size_t count, int64_t class) {
  size_t low = 0, high = count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (places[middle].class <= class)
      low = middle + 1;
    else
      high = middle;
  }
  return low && places[low - 1].class == class ? places[low - 1].at : -1;
}

static firn_code put_hits(const firn_run *run, const place *places,
                          size_t count, firn_error *err) {
  const int64_t *trues = run->in[0]->data;
  const size_t columns = (size_t)run->in[0]->shape.dims[1];
  int64_t hits = 0;
  for (size_t i = 0; i < run->in[0]->count; i++)
    hits += find_last(places, count, trues[i]) >= 0;
  const firn_shape shape = firn_shape_vector(hits);
  firn_tensor *rows, *ids, *weights;
  FIRN_TRY(firn_run_output(run, 0, &shape, &rows, err));
  FIRN_TRY(firn_run_output(run, 1, &shape, &ids, err));
  FIRN_TRY(firn_run_output(run, 2, &shape, &weights, err));
  for (size_t i = 0, n = 0; i < run->in[0]->count; i++) {
    const int64_t at = find_last(places, count, trues[i]);
    if (at < 0) continue;
    ((int32_t *)rows->data)[n] = (int32_t)(i / columns);
    ((int64_t *)ids->data)[n] = at;
    ((float *)weights->data)[n++] = -3.40282347e38f;
  }
  return FIRN_OK;
}

static firn_code drive_hits(const firn_run *run, firn_error *err) {
  const size_t count = run->in[1]->count, bytes = count * sizeof(place);
  const int64_t *sampled = run->in[1]->data;
  place *places = firn_new(&run->env->alloc, bytes ? bytes : 1);
  if (!places) return firn_oom(err, bytes);
  for (size_t i = 0; i < count; i++)
    places[i] = (place){sampled[i], (int64_t)i};
  if (count) qsort(places, count, sizeof *places, by_class);
  const firn_code code = put_hits(run, places, count, err);
  firn_delete(&run->env->alloc, places, bytes ? bytes : 1);
  return code;
}

/* ---- The family --------------------------------------------------------- */

#define KERNELS(id)                           \
  static const firn_kernel id##_kernels[] = { \
      {.drive = drive_##id},                  \
      {.drive = NULL},                        \
  };

KERNELS(uniform)
KERNELS(log)
KERNELS(every)
KERNELS(learned)
KERNELS(fixed)
KERNELS(hits)

static const firn_op ops[] = {
    {"UniformCandidateSampler", infer_sampler, uniform_kernels, 0},
    {"LogUniformCandidateSampler", infer_sampler, log_kernels, 0},
    {"AllCandidateSampler", infer_sampler, every_kernels, 0},
    {"LearnedUnigramCandidateSampler", infer_sampler, learned_kernels, 0},
    {"ThreadUnsafeUnigramCandidateSampler", infer_sampler, learned_kernels, 0},
    {"FixedUnigramCandidateSampler", infer_sampler, fixed_kernels, 0},
    {"ComputeAccidentalHits", infer_hits, hits_kernels, 0},
};

FIRN_OP_FAMILY(candidate, ops);
