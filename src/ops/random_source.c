/* ops/random_source.c: the four ways to say where random numbers start, and the
 * ops that make, read and advance such a place.
 *
 * A seeded node's generator lives in the session's store, by the node's name.
 * It is started by its attrs when the node first runs; every run sets aside as
 * many steps as it could have used. Both seeds 0 mean a start that is never the
 * same.
 */
#include "ops/random_source.h"

#include <pthread.h>
#include <time.h>

#include "ops/infer.h"
#include "ops/store.h"

/* ---- Seeded nodes -------------------------------------------------------- */

typedef struct generator {
  firn_object object;
  firn_allocator alloc;
  pthread_mutex_t lock;
  firn_philox philox;
} generator;

static void free_generator(firn_object *object) {
  generator *g = (generator *)object;
  const firn_allocator alloc = g->alloc;
  pthread_mutex_destroy(&g->lock);
  firn_delete(&alloc, g, sizeof *g);
}

static const firn_object_class generator_class = {"random generator",
                                                  free_generator};

/* Nobody has asked for numbers that can be had again: the time will do. */
static uint64_t any_seed(const void *salt) {
  struct timespec now = {0, 0};
  timespec_get(&now, TIME_UTC);
  firn_philox mixer = firn_philox_from((uint64_t)now.tv_nsec,
                                       (uint64_t)now.tv_sec, (uintptr_t)salt);
  uint32_t words[4];
  firn_philox_next(&mixer, words);
  return words[0] | (uint64_t)words[1] << 32;
}

static firn_philox start_of(const firn_node *node) {
  uint64_t seed = (uint64_t)firn_attr_int_or(node, "seed", 0);
  uint64_t seed2 = (uint64_t)firn_attr_int_or(node, "seed2", 0);
  if (seed == 0 && seed2 == 0) {
    seed = any_seed(node);
    seed2 = any_seed(&seed);
  }
  return firn_philox_seeded(seed, seed2);
}

static firn_code make_generator(void *ud, firn_object **out, firn_error *err) {
  const firn_run *run = ud;
  generator *g = firn_new_zeroed(&run->env->alloc, sizeof *g);
  if (!g) return firn_oom(err, sizeof *g);
  firn_object_init(&g->object, &generator_class);
  pthread_mutex_init(&g->lock, NULL);
  g->alloc = run->env->alloc;
  g->philox = start_of(run->node);
  *out = &g->object;
  return FIRN_OK;
}

static firn_code start_seeded(const firn_run *run, uint64_t steps,
                              firn_philox *out, firn_error *err) {
  if (!run->store) {
    *out = start_of(run->node);
    return FIRN_OK;
  }
  firn_object *object = NULL;
  FIRN_TRY(firn_store_get(run->store, FIRN_STR("random generators"),
                          run->node->def->name, &generator_class,
                          make_generator, (void *)run, &object, err));
  generator *g = (generator *)object;
  pthread_mutex_lock(&g->lock);
  *out = g->philox;
  firn_philox_skip(&g->philox, steps);
  pthread_mutex_unlock(&g->lock);
  firn_object_release(object);
  return FIRN_OK;
}

/* ---- Seeds and keys as inputs -------------------------------------------- */

static firn_code start_seed(const firn_run *run, size_t at, firn_philox *out,
                            firn_error *err) {
  const firn_tensor *seed = run->in[at];
  char text[256];
  if (seed->shape.rank != 1 || seed->count != 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "seed must have shape [2], not %s",
                     firn_shape_text(&seed->shape, text));
  *out = firn_philox_scrambled((uint64_t)firn_tensor_i64(seed, 0),
                               (uint64_t)firn_tensor_i64(seed, 1));
  return FIRN_OK;
}

/* The numbers of algorithms; those of the vector units choose for themselves.
 */
enum { PHILOX = 1, THREEFRY = 2, AUTO = 3 };

static firn_code need_philox(const firn_tensor *algorithm, firn_error *err) {
  if (algorithm->shape.rank != 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the algorithm must be a scalar");
  const int64_t number = firn_tensor_i64(algorithm, 0);
  if (number == PHILOX || number == AUTO) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "algorithm %lld is not supported, only %d (Philox) is",
                   (long long)number, PHILOX);
}

static firn_code start_keyed(const firn_run *run, size_t at, firn_philox *out,
                             firn_error *err) {
  const firn_tensor *key = run->in[at], *counter = run->in[at + 1];
  FIRN_TRY(need_philox(run->in[at + 2], err));
  if (key->shape.rank != 1 || key->count != 1 || counter->shape.rank != 1 ||
      counter->count < 2) {
    char tk[256], tc[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "key and counter must have shapes [1] and [2], not %s "
                     "and %s",
                     firn_shape_text(&key->shape, tk),
                     firn_shape_text(&counter->shape, tc));
  }
  const uint64_t *c = counter->data;
  *out = firn_philox_from(*(const uint64_t *)key->data, c[0], c[1]);
  return FIRN_OK;
}

/* ---- State in a variable --------------------------------------------------
 */

typedef struct advance {
  uint64_t steps;
  size_t first; /* the state's first element, after an algorithm's number */
  firn_philox before;
} advance;

static firn_code advance_state(void *ud, firn_tensor *state, firn_error *err) {
  advance *a = ud;
  enum { WORDS = 3 };
  if (state->dtype != FIRN_INT64 || state->shape.rank != 1 ||
      state->count < a->first + WORDS) {
    char text[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the state must be a vector of %zu int64, is %s %s",
                     a->first + WORDS, firn_dtype_name(state->dtype),
                     firn_shape_text(&state->shape, text));
  }
  int64_t *s = (int64_t *)state->data + a->first;
  a->before = firn_philox_from((uint64_t)s[2], (uint64_t)s[0], (uint64_t)s[1]);
  firn_philox after = a->before;
  firn_philox_skip(&after, a->steps);
  s[0] = (int64_t)firn_philox_low(&after);
  s[1] = (int64_t)firn_philox_high(&after);
  return FIRN_OK;
}

static firn_code advance_variable(const firn_run *run, advance *a,
                                  firn_error *err) {
  firn_variable *variable;
  FIRN_TRY(firn_variable_of(run->in[0], &variable, err));
  return firn_variable_update(variable, advance_state, a, err);
}

static firn_code start_state(const firn_run *run, size_t at, uint64_t steps,
                             firn_philox *out, firn_error *err) {
  advance a = {.steps = steps};
  FIRN_TRY(need_philox(run->in[at + 1], err));
  FIRN_TRY(advance_variable(run, &a, err));
  *out = a.before;
  return FIRN_OK;
}

firn_code firn_random_start(const firn_run *run, firn_random_source source,
                            size_t at, uint64_t steps, firn_philox *out,
                            firn_error *err) {
  switch (source) {
    case FIRN_SEEDED: return start_seeded(run, steps, out, err);
    case FIRN_SEED: return start_seed(run, at, out, err);
    case FIRN_KEYED: return start_keyed(run, at, out, err);
    default: return start_state(run, at, steps, out, err);
  }
}

/* ---- Ops on places --------------------------------------------------------
 */

/* A step of the delta stands for one element with all the words set aside for
 * it. */
enum { STEPS_A_DELTA = 256 };

static firn_code drive_skip(const firn_run *run, firn_error *err) {
  firn_philox before;
  if (run->in[2]->shape.rank != 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "delta must be a scalar");
  const uint64_t delta = (uint64_t)firn_tensor_i64(run->in[2], 0);
  return start_state(run, 0, delta * STEPS_A_DELTA, &before, err);
}

static firn_code drive_read_and_skip(const firn_run *run, firn_error *err) {
  firn_philox before;
  int64_t *out = run->out[0]->data;
  if (run->in[2]->shape.rank != 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "delta must be a scalar");
  const uint64_t delta = (uint64_t)firn_tensor_i64(run->in[2], 0);
  FIRN_TRY(start_state(run, 0, delta * STEPS_A_DELTA, &before, err));
  out[0] = (int64_t)firn_philox_low(&before);
  out[1] = (int64_t)firn_philox_high(&before);
  out[2] = (int64_t)firn_philox_key(&before);
  return FIRN_OK;
}

static firn_code infer_state(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  q->out[0].shape = firn_shape_vector(3);
  return FIRN_OK;
}

static firn_code infer_key_counter(firn_infer *q, firn_error *err) {
  firn_shape seed;
  FIRN_TRY(firn_infer_rank(q, 0, 1, "seed", &seed, err));
  if (seed.dims[0] >= 0 && seed.dims[0] != 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "seed must have 2 elements, has %lld",
                     (long long)seed.dims[0]);
  q->out[0].shape = firn_shape_vector(1);
  q->out[1].shape = firn_shape_vector(2);
  if (q->out_count > 2) q->out[2].shape = firn_shape_scalar();
  return FIRN_OK;
}

static firn_code drive_key_counter(const firn_run *run, firn_error *err) {
  firn_philox p;
  FIRN_TRY(start_seed(run, 0, &p, err));
  *(uint64_t *)run->out[0]->data = firn_philox_key(&p);
  ((uint64_t *)run->out[1]->data)[0] = firn_philox_low(&p);
  ((uint64_t *)run->out[1]->data)[1] = firn_philox_high(&p);
  if (run->out_count > 2) *(int32_t *)run->out[2]->data = PHILOX;
  return FIRN_OK;
}

static firn_code drive_algorithm(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  *(int32_t *)run->out[0]->data = PHILOX;
  return FIRN_OK;
}

static firn_code infer_any(firn_infer *q, firn_error *err) {
  return firn_infer_shape_of_value(q, 0, &q->out[0].shape, err);
}

static firn_code drive_any(const firn_run *run, firn_error *err) {
  firn_tensor *out = run->out[0];
  if (!out)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the shape has a negative extent");
  const firn_philox p = firn_philox_seeded(any_seed(run->node), any_seed(out));
  firn_random_fill(FIRN_FULL, &p, 0, 0, out, run->pool);
  return FIRN_OK;
}

/* ---- The family -----------------------------------------------------------
 */

static const firn_kernel skip[] = {{.drive = drive_skip}, {.drive = NULL}};
static const firn_kernel read_and_skip[] = {{.drive = drive_read_and_skip},
                                            {.drive = NULL}};
static const firn_kernel key_counter[] = {{.drive = drive_key_counter},
                                          {.drive = NULL}};
static const firn_kernel algorithm[] = {{.drive = drive_algorithm},
                                        {.drive = NULL}};
static const firn_kernel any[] = {
    {.types = {{"dtype",
                FIRN_INDICES | FIRN_BIT(FIRN_UINT32) | FIRN_BIT(FIRN_UINT64)}},
     .drive = drive_any},
    {.drive = NULL},
};

enum { CHANGES = FIRN_OP_STATEFUL | FIRN_OP_WRITES };

static const firn_op ops[] = {
    {"RngSkip", firn_infer_none, skip, CHANGES},
    {"RngReadAndSkip", infer_state, read_and_skip, CHANGES},
    {"StatelessRandomGetKeyCounter", infer_key_counter, key_counter, 0},
    {"StatelessRandomGetKeyCounterAlg", infer_key_counter, key_counter, 0},
    {"StatelessRandomGetAlg", firn_infer_scalar, algorithm, 0},
    {"NonDeterministicInts", infer_any, any, FIRN_OP_STATEFUL},
};

FIRN_OP_FAMILY(random_source, ops);
