/* ops/random.c: the random ops, whichever way they are told where to start.
 *
 * A kernel's recipe (its micro.table) says which inputs are what; the drivers
 * are written once for all four sources.
 */
#include "ops/infer.h"
#include "ops/random_sample.h"
#include "ops/random_source.h"

typedef struct recipe {
  firn_random_source source;
  uint8_t at;     /* the source's first input                */
  uint8_t shape;  /* the input that holds the output's shape */
  uint8_t params; /* the first input that is a parameter     */
  firn_distribution distribution;
} recipe;

static const recipe *recipe_of(const firn_run *run) {
  return run->kernel->micro.table;
}

/* Where the run's numbers start; the source advances as for `elements`
 * elements. */
static firn_code start(const firn_run *run, uint64_t elements, firn_philox *out,
                       firn_error *err) {
  const recipe *r = recipe_of(run);
  return firn_random_start(run, r->source, r->at, elements * FIRN_SAMPLE_STEPS,
                           out, err);
}

/* ---- Shapes -------------------------------------------------------------- */

static firn_code infer_first(firn_infer *q, firn_error *err) {
  return firn_infer_shape_of_value(q, 0, &q->out[0].shape, err);
}

static firn_code infer_third(firn_infer *q, firn_error *err) {
  return firn_infer_shape_of_value(q, 2, &q->out[0].shape, err);
}

/* The value of input 0 and then the shape of input 1. */
static firn_code infer_appended(firn_infer *q, firn_error *err) {
  firn_shape shape;
  const firn_shape *rest = &q->in[1].shape;
  FIRN_TRY(firn_infer_shape_of_value(q, 0, &shape, err));
  if (shape.rank < 0 || rest->rank < 0) return FIRN_OK;
  if (shape.rank + rest->rank > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "%d axes, more than %d",
                     shape.rank + rest->rank, FIRN_MAX_RANK);
  for (int k = 0; k < rest->rank; k++) shape.dims[shape.rank++] = rest->dims[k];
  q->out[0].shape = shape;
  return FIRN_OK;
}

/* Infer has made the output unless an extent was negative. */
static firn_code output_of(const firn_run *run, firn_tensor **out,
                           firn_error *err) {
  *out = run->out[0];
  return *out ? FIRN_OK
              : firn_fail(err, FIRN_INVALID_ARGUMENT,
                          "the shape must be a vector without negative "
                          "extents");
}

/* ---- Numbers of one distribution ----------------------------------------- */

static firn_code drive_fill(const firn_run *run, firn_error *err) {
  firn_tensor *out;
  firn_philox p;
  FIRN_TRY(output_of(run, &out, err));
  if (out->count == 0) return FIRN_OK;
  FIRN_TRY(start(run, out->count, &p, err));
  firn_random_fill(recipe_of(run)->distribution, &p, 0, 0, out, run->pool);
  return FIRN_OK;
}

static firn_code drive_int(const firn_run *run, firn_error *err) {
  const recipe *r = recipe_of(run);
  const firn_tensor *least = run->in[r->params], *most = run->in[r->params + 1];
  firn_tensor *out;
  firn_philox p;
  FIRN_TRY(output_of(run, &out, err));
  if (least->shape.rank != 0 || most->shape.rank != 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "minval and maxval must be scalars");
  if (out->count == 0) return FIRN_OK;
  const int64_t low = firn_tensor_i64(least, 0);
  const int64_t high = firn_tensor_i64(most, 0);
  if (low >= high)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "minval %lld must be below maxval %lld", (long long)low,
                     (long long)high);
  FIRN_TRY(start(run, out->count, &p, err));
  firn_random_fill(FIRN_INTEGER, &p, (uint64_t)low,
                   (uint64_t)high - (uint64_t)low, out, run->pool);
  return FIRN_OK;
}

/* ---- Samples by parameter ------------------------------------------------ */

/* `shape` must end with the parameters' shape; *each is what comes before. */
static firn_code samples_each(const firn_shape *shape, const firn_shape *params,
                              size_t *each, firn_error *err) {
  const int before = shape->rank - params->rank;
  bool fits = before >= 0;
  for (int k = 0; fits && k < params->rank; k++)
    fits = shape->dims[before + k] == params->dims[k];
  if (!fits) {
    char ts[256], tp[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the shape %s must end with that of the parameters, %s",
                     firn_shape_text(shape, ts), firn_shape_text(params, tp));
  }
  *each = (size_t)firn_shape_product(shape, 0, before);
  return FIRN_OK;
}

typedef void (*sampler)(const firn_philox *p, const firn_tensor *parameter,
                        size_t each, firn_tensor *out, firn_pool *pool);

static firn_code drive_samples(const firn_run *run, sampler sample,
                               firn_error *err) {
  const firn_tensor *parameter = run->in[recipe_of(run)->params];
  firn_tensor *out;
  firn_philox p;
  size_t each = 1;
  FIRN_TRY(output_of(run, &out, err));
  if (out->count == 0 && sample == firn_sample_gamma)
    return FIRN_OK; /* TensorFlow does not look at the shapes then */
  FIRN_TRY(samples_each(&out->shape, &parameter->shape, &each, err));
  if (out->count == 0) return FIRN_OK;
  FIRN_TRY(start(run, out->count, &p, err));
  sample(&p, parameter, each, out, run->pool);
  return FIRN_OK;
}

static firn_code drive_gamma(const firn_run *run, firn_error *err) {
  return drive_samples(run, firn_sample_gamma, err);
}

static firn_code drive_poisson(const firn_run *run, firn_error *err) {
  return drive_samples(run, firn_sample_poisson, err);
}

static firn_code drive_binomial(const firn_run *run, firn_error *err) {
  const recipe *r = recipe_of(run);
  const firn_tensor *counts = run->in[r->params];
  const firn_tensor *probs = run->in[r->params + 1];
  firn_tensor *out;
  firn_shape batch;
  firn_philox p;
  size_t each = 1;
  FIRN_TRY(output_of(run, &out, err));
  FIRN_TRY(firn_shape_broadcast(&counts->shape, &probs->shape, &batch, err));
  FIRN_TRY(samples_each(&out->shape, &batch, &each, err));
  if (out->count == 0) return FIRN_OK;
  const uint64_t batches = out->count / each;
  FIRN_TRY(start(run, batches * 2 * 100 * (each + 3) / 4, &p, err));
  firn_sample_binomial(&p, counts, probs, &batch, each, out, run->pool);
  return FIRN_OK;
}

/* ---- Truncated normal numbers with parameters -----------------------------
 */

static const char *const names[] = {"means", "stdevs", "minvals", "maxvals"};

/* The seeded op takes scalars and vectors by batch. *same: one set for all. */
static firn_code check_vectors(const firn_run *run, size_t batches, bool *same,
                               firn_error *err) {
  *same = run->in[3]->shape.rank == 0 && run->in[4]->shape.rank == 0;
  for (size_t i = 1; i <= 4; i++) {
    const firn_tensor *x = run->in[i];
    if (x->shape.rank > 1 || (x->count != 1 && x->count != batches)) {
      char text[256];
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "%s must be a scalar or have shape [1] or [%zu], not %s",
                       names[i - 1], batches, firn_shape_text(&x->shape, text));
    }
    if (x->count != 1) *same = false;
  }
  return FIRN_OK;
}

/* The steps that a batch may use up, as TensorFlow reckons them. */
static uint64_t truncated_steps(const firn_truncated_normal *t) {
  enum { WORDS_A_SAMPLE = 2000 };
  return t->batches * WORDS_A_SAMPLE * (t->each + 3) / 4;
}

static firn_code drive_truncated(const firn_run *run, firn_error *err) {
  enum { CUT = 100 }; /* batches of one set of parameters are cut anew */
  firn_tensor *out;
  firn_philox p;
  bool same;
  FIRN_TRY(output_of(run, &out, err));
  if (out->shape.rank < 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the shape must have at least 1 axis");
  firn_truncated_normal t = {
      .params = {run->in[1], run->in[2], run->in[3], run->in[4]},
      .batches = (size_t)out->shape.dims[0]};
  FIRN_TRY(check_vectors(run, t.batches, &same, err));
  if (out->count == 0) return FIRN_OK;
  t.each = same ? CUT : out->count / t.batches;
  if (same) t.batches = (out->count + CUT - 1) / CUT;
  FIRN_TRY(
      firn_random_start(run, FIRN_SEEDED, 0, truncated_steps(&t), &p, err));
  return firn_sample_truncated(&p, &t, out, err);
}

static firn_code drive_stateless_truncated(const firn_run *run,
                                           firn_error *err) {
  firn_tensor *out;
  firn_shape batch = firn_shape_scalar();
  firn_philox p;
  firn_truncated_normal t = {
      .params = {run->in[2], run->in[3], run->in[4], run->in[5]},
      .batch = &batch,
      .samples_first = true};
  FIRN_TRY(output_of(run, &out, err));
  for (int i = 0; i < 4; i++)
    FIRN_TRY(firn_shape_broadcast(&batch, &t.params[i]->shape, &batch, err));
  FIRN_TRY(samples_each(&out->shape, &batch, &t.each, err));
  if (out->count == 0) return FIRN_OK;
  t.batches = out->count / t.each;
  FIRN_TRY(start(run, 0, &p, err));
  return firn_sample_truncated(&p, &t, out, err);
}

/* ---- Classes ---------------------------------------------------------------
 */

static firn_code infer_classes(firn_infer *q, firn_error *err) {
  firn_shape logits;
  int64_t samples = FIRN_UNKNOWN_DIM;
  FIRN_TRY(firn_infer_rank(q, 0, 2, "logits", &logits, err));
  FIRN_TRY(firn_infer_rank(q, 1, 0, "num_samples", NULL, err));
  if (firn_infer_int(q, 1, &samples) && samples < 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "num_samples = %lld must not be negative",
                     (long long)samples);
  q->out[0].shape = (firn_shape){.rank = 2, .dims = {logits.dims[0], samples}};
  return FIRN_OK;
}

static firn_code drive_classes(const firn_run *run, firn_error *err) {
  const firn_tensor *logits = run->in[0];
  firn_tensor *out = run->out[0];
  firn_philox p;
  const size_t size = (size_t)logits->shape.dims[1] * sizeof(double);
  if (size == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "logits have no classes");
  if (out->count == 0) return FIRN_OK;
  const uint64_t words = ((uint64_t)out->shape.dims[1] + 3) / 4 * 4 * 2;
  FIRN_TRY(start(run, (uint64_t)out->shape.dims[0] * words, &p, err));
  double *cdf = firn_new(&run->env->alloc, size);
  if (!cdf) return firn_oom(err, size);
  firn_sample_classes(&p, logits, cdf, out);
  firn_delete(&run->env->alloc, cdf, size);
  return FIRN_OK;
}

/* ---- Shuffling -------------------------------------------------------------
 */

static firn_code drive_shuffle(const firn_run *run, firn_error *err) {
  const recipe *r = recipe_of(run);
  const firn_tensor *in = run->in[0];
  firn_tensor *out = run->out[0];
  if (in->count <= 1 || in->shape.dims[0] <= 1)
    return firn_elements_copy(in->dtype, out->data, in->data, in->count)
               ? FIRN_OK
               : firn_oom(err, in->count);
  const size_t rows = (size_t)in->shape.dims[0];
  firn_philox p;
  /* A word for each row but the last. */
  FIRN_TRY(firn_random_start(run, r->source, r->at, (rows + 2) / 4, &p, err));
  size_t *order = firn_new(&run->env->alloc, rows * sizeof *order);
  if (!order) return firn_oom(err, rows * sizeof *order);
  const firn_code code = firn_sample_shuffle(&p, in, order, out, err);
  firn_delete(&run->env->alloc, order, rows * sizeof *order);
  return code;
}

/* ---- RandomCrop -------------------------------------------------------------
 */

static firn_code infer_crop(firn_infer *q, firn_error *err) {
  firn_shape image;
  const int64_t *size = NULL;
  int64_t count = 0;
  FIRN_TRY(firn_infer_rank(q, 0, 3, "image", &image, err));
  firn_infer_ints(q, 1, &size, &count);
  if (count >= 0 && (count != 2 || q->in[1].shape.rank != 1))
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "size must have shape [2]");
  for (int k = 0; k < 2; k++) {
    const int64_t extent = size ? size[k] : FIRN_UNKNOWN_INT;
    const bool known = extent != FIRN_UNKNOWN_INT;
    if (known && (extent < 0 || (image.dims[k] >= 0 && extent > image.dims[k])))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "size[%d] = %lld is not in [0, %lld]", k,
                       (long long)extent, (long long)image.dims[k]);
    image.dims[k] = known ? extent : FIRN_UNKNOWN_DIM;
  }
  q->out[0].shape = image;
  return FIRN_OK;
}

static firn_code drive_crop(const firn_run *run, firn_error *err) {
  const firn_tensor *in = run->in[0];
  firn_tensor *out = run->out[0];
  int64_t from[2] = {0, 0};
  firn_philox p;
  bool whole = true;
  for (int k = 0; k < 2; k++) whole &= in->shape.dims[k] == out->shape.dims[k];
  if (!whole) {
    FIRN_TRY(firn_random_start(run, FIRN_SEEDED, 0, 1, &p, err));
    firn_philox_words words = {.source = &p, .used = 4};
    for (int k = 1; k >= 0; k--) { /* the column first */
      const int64_t room = in->shape.dims[k] - out->shape.dims[k];
      if (room > 0) from[k] = firn_philox_word(&words) % (uint32_t)(room + 1);
    }
  }
  const size_t pixel = (size_t)in->shape.dims[2] * firn_dtype_size(in->dtype);
  const size_t row = (size_t)out->shape.dims[1] * pixel;
  for (int64_t y = 0; y < out->shape.dims[0] && row; y++)
    memcpy((uint8_t *)out->data + (size_t)y * row,
           (const uint8_t *)in->data +
               (size_t)((from[0] + y) * in->shape.dims[1] + from[1]) * pixel,
           row);
  return FIRN_OK;
}

/* ---- RandomIndexShuffle: a cipher as a permutation -------------------------
 */

/* Simon's round function over words of `w` bits. */
static uint64_t rotate(uint64_t x, int by, int w) {
  const uint64_t mask = ((uint64_t)1 << w) - 1;
  return ((x << by) | (x >> (w - by))) & mask;
}

static uint64_t mix(uint64_t x, int w) {
  return (rotate(x, 1, w) & rotate(x, 8, w)) ^ rotate(x, 2, w);
}

enum { MOST_ROUNDS = 64 };

static void schedule(const uint32_t seed[3], int rounds, int w,
                     uint64_t *keys) {
  const uint64_t mask = ((uint64_t)1 << w) - 1;
  uint64_t z = 0x7369f885192c0ef5u & mask;
  for (int i = 0; i < 3; i++) keys[i] = seed[i] & mask;
  for (int i = 3; i < rounds; i++) {
    keys[i] = (0xfffffffcu & mask) ^ (z & 1) ^ keys[i - 3] ^
              rotate(keys[i - 1], w - 3, w) ^ rotate(keys[i - 1], w - 4, w);
    z >>= 1;
  }
}

/* Walks the cipher's cycle until it comes back into [0, most]. */
static uint64_t shuffled_index(uint64_t index, const uint32_t seed[3],
                               uint64_t most, int rounds) {
  int bits = 0;
  if (most == 0) return 0;
  while (bits < 64 && (uint64_t)1 << bits < most) bits++;
  bits += bits % 2;
  const int w = (bits < 16 ? 16 : bits) / 2;
  const uint64_t mask = ((uint64_t)1 << w) - 1;
  uint64_t keys[MOST_ROUNDS];
  schedule(seed, rounds, w, keys);
  do {
    uint64_t left = index >> w & mask, right = index & mask;
    for (int i = 0; i < rounds; i += 2) {
      left ^= mix(right, w) ^ keys[i];
      right ^= mix(left, w) ^ keys[i + 1];
    }
    index = left << w | right;
  } while (index > most);
  return index;
}

static firn_code infer_index(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_shape *index = &q->in[0].shape, *seed = &q->in[1].shape,
                   *most = &q->in[2].shape;
  if (index->rank < 0 || seed->rank < 0 || most->rank < 0) return FIRN_OK;
  if (index->rank == 0 && seed->rank == 1 && most->rank == 0) {
    q->out[0].shape = firn_shape_scalar();
    return FIRN_OK;
  }
  q->out[0].shape = firn_shape_vector(index->rank == 1  ? index->dims[0]
                                      : most->rank == 1 ? most->dims[0]
                                      : seed->rank == 2 ? seed->dims[0]
                                                        : FIRN_UNKNOWN_DIM);
  return FIRN_OK;
}

static bool by_row(const firn_tensor *x, int rank, size_t rows) {
  return x->shape.rank == rank ||
         (x->shape.rank == rank + 1 && (size_t)x->shape.dims[0] == rows);
}

static firn_code drive_index(const firn_run *run, firn_error *err) {
  const firn_tensor *index = run->in[0], *seed = run->in[1], *most = run->in[2];
  const int64_t rounds = firn_attr_int_or(run->node, "rounds", 4);
  firn_tensor *out = run->out[0];
  if (rounds < 4 || rounds % 2 || rounds > MOST_ROUNDS)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "rounds = %lld must be even, from 4 to %d",
                     (long long)rounds, MOST_ROUNDS);
  if (!out || !by_row(index, 0, out->count) || !by_row(most, 0, out->count) ||
      !by_row(seed, 1, out->count) ||
      seed->shape.dims[seed->shape.rank - 1] != 3)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "index, seed and max_index must be of one length, with "
                     "seeds by three");
  for (size_t i = 0; i < out->count; i++) {
    const size_t s = seed->shape.rank == 2 ? i : 0;
    const uint32_t key[3] = {(uint32_t)firn_tensor_i64(seed, 3 * s),
                             (uint32_t)firn_tensor_i64(seed, 3 * s + 1),
                             (uint32_t)firn_tensor_i64(seed, 3 * s + 2)};
    const uint64_t at =
        (uint64_t)firn_tensor_i64(index, index->shape.rank ? i : 0);
    const uint64_t top =
        (uint64_t)firn_tensor_i64(most, most->shape.rank ? i : 0);
    if (at > top)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "index %llu is above max_index %llu",
                       (unsigned long long)at, (unsigned long long)top);
    const uint64_t to = shuffled_index(at, key, top, (int)rounds);
    memcpy((uint8_t *)out->data + i * firn_dtype_size(out->dtype), &to,
           firn_dtype_size(out->dtype));
  }
  return FIRN_OK;
}

/* ---- The family ------------------------------------------------------------
 */

#define WORDS (FIRN_BIT(FIRN_UINT32) | FIRN_BIT(FIRN_UINT64))
#define REALS \
  (FIRN_BIT(FIRN_HALF) | FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE))
#define COUNTS (REALS | FIRN_INDICES)

#define PAIR_KERNEL(ID, OTHER, OTHER_TYPES, TYPES, DRIVE, ...) \
  static const recipe ID##_recipe = {__VA_ARGS__};             \
  static const firn_kernel ID[] = {                            \
      {.types = {{"dtype", TYPES}, {OTHER, OTHER_TYPES}},      \
       .drive = DRIVE,                                         \
       .micro = {.table = &ID##_recipe}},                      \
      {.drive = NULL},                                         \
  };
#define KERNEL(ID, ATTR, TYPES, DRIVE, ...)        \
  static const recipe ID##_recipe = {__VA_ARGS__}; \
  static const firn_kernel ID[] = {                \
      {.types = {{ATTR, TYPES}},                   \
       .drive = DRIVE,                             \
       .micro = {.table = &ID##_recipe}},          \
      {.drive = NULL},                             \
  };

/* A distribution from inputs and variables; and from attrs as well. */
#define STATELESS(ID, TYPES, DISTRIBUTION)                            \
  KERNEL(ID##_seed, "dtype", TYPES, drive_fill, FIRN_SEED, 1, 0, 2,   \
         DISTRIBUTION)                                                \
  KERNEL(ID##_keyed, "dtype", TYPES, drive_fill, FIRN_KEYED, 1, 0, 4, \
         DISTRIBUTION)                                                \
  KERNEL(ID##_state, "dtype", TYPES, drive_fill, FIRN_STATE, 0, 2, 3, \
         DISTRIBUTION)
#define FILLS(ID, TYPES, DISTRIBUTION)                                       \
  KERNEL(ID, "dtype", TYPES, drive_fill, FIRN_SEEDED, 0, 0, 1, DISTRIBUTION) \
  STATELESS(ID, TYPES, DISTRIBUTION)

FILLS(uniform, FIRN_FLOATS, FIRN_UNIFORM)
FILLS(normal, FIRN_FLOATS, FIRN_NORMAL)
FILLS(truncated, FIRN_FLOATS, FIRN_TRUNCATED)
STATELESS(full, FIRN_INDICES | WORDS, FIRN_FULL)
KERNEL(int_seeded, "Tout", FIRN_INDICES, drive_int, FIRN_SEEDED, 0, 0, 1,
       FIRN_INTEGER)
KERNEL(int_seed, "dtype", FIRN_INDICES, drive_int, FIRN_SEED, 1, 0, 2,
       FIRN_INTEGER)
KERNEL(int_keyed, "dtype", FIRN_INDICES, drive_int, FIRN_KEYED, 1, 0, 4,
       FIRN_INTEGER)
KERNEL(int_state, "dtype", FIRN_INDICES, drive_int, FIRN_STATE, 0, 2, 3,
       FIRN_INTEGER)
KERNEL(gamma_seeded, "T", FIRN_FLOATS, drive_gamma, FIRN_SEEDED, 0, 0, 1, 0)
KERNEL(gamma_seed, "dtype", FIRN_FLOATS, drive_gamma, FIRN_SEED, 1, 0, 2, 0)
KERNEL(gamma_keyed, "dtype", FIRN_FLOATS, drive_gamma, FIRN_KEYED, 1, 0, 4, 0)
KERNEL(poisson_seeded, "dtype", REALS, drive_poisson, FIRN_SEEDED, 0, 0, 1, 0)
PAIR_KERNEL(poisson_v2, "R", COUNTS, COUNTS, drive_poisson, FIRN_SEEDED, 0, 0,
            1, 0)
PAIR_KERNEL(poisson_seed, "Rtype", COUNTS, COUNTS, drive_poisson, FIRN_SEED, 1,
            0, 2, 0)
PAIR_KERNEL(binomial_seed, "T", REALS, COUNTS, drive_binomial, FIRN_SEED, 1, 0,
            2, 0)
PAIR_KERNEL(binomial_state, "T", REALS, COUNTS, drive_binomial, FIRN_STATE, 0,
            2, 3, 0)
KERNEL(bounded_seeded, "dtype", FIRN_FLOATS, drive_truncated, FIRN_SEEDED, 0, 0,
       1, 0)
KERNEL(bounded_seed, "dtype", REALS, drive_stateless_truncated, FIRN_SEED, 1, 0,
       2, 0)
KERNEL(classes_seeded, "T", FIRN_FLOATS, drive_classes, FIRN_SEEDED, 0, 0, 0, 0)
KERNEL(classes_seed, "T", FIRN_FLOATS, drive_classes, FIRN_SEED, 2, 0, 0, 0)
KERNEL(shuffle_seeded, "T", FIRN_ANY, drive_shuffle, FIRN_SEEDED, 0, 0, 0, 0)
KERNEL(shuffle_keyed, "T", FIRN_ANY, drive_shuffle, FIRN_KEYED, 1, 0, 0, 0)
KERNEL(crop, "T", FIRN_INTS | FIRN_FLOATS, drive_crop, FIRN_SEEDED, 0, 0, 0, 0)
KERNEL(index_shuffle, "dtype", FIRN_INDICES | WORDS, drive_index, FIRN_SEED, 0,
       0, 0, 0)

enum {
  SEEDED = FIRN_OP_STATEFUL,
  STATE = FIRN_OP_STATEFUL | FIRN_OP_WRITES,
};

static const firn_op ops[] = {
    {"RandomUniform", infer_first, uniform, SEEDED},
    {"RandomStandardNormal", infer_first, normal, SEEDED},
    {"TruncatedNormal", infer_first, truncated, SEEDED},
    {"RandomUniformInt", infer_first, int_seeded, SEEDED},
    {"RandomGamma", infer_appended, gamma_seeded, SEEDED},
    {"RandomPoisson", infer_appended, poisson_seeded, SEEDED},
    {"RandomPoissonV2", infer_appended, poisson_v2, SEEDED},
    {"ParameterizedTruncatedNormal", infer_first, bounded_seeded, SEEDED},
    {"Multinomial", infer_classes, classes_seeded, SEEDED},
    {"RandomCrop", infer_crop, crop, SEEDED},
    {"RandomShuffle", firn_infer_same, shuffle_seeded, SEEDED},
    {"StatelessRandomUniform", infer_first, uniform_seed, 0},
    {"StatelessRandomNormal", infer_first, normal_seed, 0},
    {"StatelessTruncatedNormal", infer_first, truncated_seed, 0},
    {"StatelessRandomUniformInt", infer_first, int_seed, 0},
    {"StatelessRandomUniformFullInt", infer_first, full_seed, 0},
    {"StatelessRandomGammaV2", infer_first, gamma_seed, 0},
    {"StatelessRandomPoisson", infer_first, poisson_seed, 0},
    {"StatelessRandomBinomial", infer_first, binomial_seed, 0},
    {"StatelessParameterizedTruncatedNormal", infer_first, bounded_seed, 0},
    {"StatelessMultinomial", infer_classes, classes_seed, 0},
    {"StatelessRandomUniformV2", infer_first, uniform_keyed, 0},
    {"StatelessRandomNormalV2", infer_first, normal_keyed, 0},
    {"StatelessTruncatedNormalV2", infer_first, truncated_keyed, 0},
    {"StatelessRandomUniformIntV2", infer_first, int_keyed, 0},
    {"StatelessRandomUniformFullIntV2", infer_first, full_keyed, 0},
    {"StatelessRandomGammaV3", infer_first, gamma_keyed, 0},
    {"StatelessShuffle", firn_infer_same, shuffle_keyed, 0},
    {"RandomIndexShuffle", infer_index, index_shuffle, 0},
    {"StatefulUniform", infer_third, uniform_state, STATE},
    {"StatefulStandardNormalV2", infer_third, normal_state, STATE},
    {"StatefulTruncatedNormal", infer_third, truncated_state, STATE},
    {"StatefulUniformInt", infer_third, int_state, STATE},
    {"StatefulUniformFullInt", infer_third, full_state, STATE},
    {"StatefulRandomBinomial", infer_third, binomial_state, STATE},
};

FIRN_OP_FAMILY(random, ops);
