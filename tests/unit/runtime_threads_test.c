/* What a session keeps between runs, in the hands of many threads at once:
 * tables, queues, random numbers, and more plans than are kept. */
#include "support/graph_case.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 40, SHAPES = 90 /* more than plans are kept */ };

static const char *const graph =
    "keys = Placeholder dtype=int64 shape=<?>;"
    "three = Const dtype=int64 value=`int64 3`;"
    "values = Mul(keys, three) T=int64;"
    "table = MutableHashTableV2 key_dtype=int64 value_dtype=int64 "
    "  shared_name='t';"
    "put = LookupTableInsertV2(table, keys, values) Tin=int64 Tout=int64;"
    "none = Const dtype=int64 value=`int64 -1`;"
    "found = LookupTableFindV2(table, keys, none, ^put) Tin=int64 Tout=int64;"
    "size = LookupTableSizeV2(table);"
    "number = Placeholder dtype=int64 shape=<>;"
    "queue = FIFOQueueV2 component_types=[int64] shapes=[<>] capacity=-1 "
    "  shared_name='q';"
    "hand = QueueEnqueueV2(queue, number) Tcomponents=[int64];"
    "taken = QueueDequeueV2(queue, ^hand) component_types=[int64];"
    "shape = Const dtype=int32 value=`int32[1] 3`;"
    "low = Const dtype=int64 value=`int64 0`;"
    "high = Const dtype=int64 value=`int64 1000003`;"
    "drawn = RandomUniformInt(shape, low, high) T=int32 Tout=int64 seed=7";

/* What one thread does, and sums that do not depend on who comes first. */
typedef struct runner {
  firn_session *session;
  uint32_t number;
  int64_t keys, handed, taken, drawn;
  size_t wrong; /* values found */
  firn_code code;
  firn_error err; /* of the run that failed */
} runner;

static int64_t *elements(firn_tensor *t) { return firn_tensor_data(t); }

static int64_t sum_of(firn_tensor *t) {
  int64_t sum = 0;
  for (size_t i = 0; i < t->count; i++) sum += elements(t)[i];
  return sum;
}

/* Puts `count` keys of its own into the table, and finds them. */
static firn_code run_once(runner *r, int64_t count) {
  static const char *const fetches[] = {"found", "taken", "drawn"};
  firn_tensor *keys = NULL, *number = NULL, *out[3] = {NULL, NULL, NULL};
  firn_code code = firn_tensor_new(FIRN_INT64, 1, &count, NULL, &keys, &r->err);
  if (code == FIRN_OK)
    code = firn_tensor_new(FIRN_INT64, 0, NULL, NULL, &number, &r->err);
  if (code == FIRN_OK) {
    for (int64_t i = 0; i < count; i++)
      elements(keys)[i] = r->number * 1000000 + r->keys++;
    elements(number)[0] = r->keys;
    r->handed += r->keys;
    const firn_feed feeds[] = {{"keys", keys}, {"number", number}};
    code = firn_session_run(r->session, NULL, feeds, 2, fetches, 3, NULL, 0,
                            out, &r->err);
  }
  if (code == FIRN_OK) {
    for (int64_t i = 0; i < count; i++)
      r->wrong += elements(out[0])[i] != 3 * elements(keys)[i];
    r->taken += sum_of(out[1]);
    r->drawn += sum_of(out[2]);
  }
  for (size_t i = 0; i < 3; i++) firn_tensor_release(out[i]);
  firn_tensor_release(number);
  firn_tensor_release(keys);
  return code;
}

static void *run_often(void *arg) {
  runner *r = arg;
  for (uint32_t i = 0; i < ROUNDS && r->code == FIRN_OK; i++)
    r->code = run_once(r, 1 + (r->number * 11 + i * i) % SHAPES);
  return NULL;
}

/* All runners' work, by a thread each or one after another; their sums, and
 * the size of the table. */
static runner run_all(int pool_threads, bool together, int64_t *size) {
  graph_rig rig;
  pthread_t threads[THREADS];
  runner runners[THREADS] = {{.number = 0}}, all = {.number = 0};
  static const char *const fetch[] = {"size", NULL};
  firn_options options = FIRN_OPTIONS_INIT;
  options.threads = pool_threads;
  graph_open(&rig, graph, &options);
  for (uint32_t i = 0; i < THREADS; i++) {
    runners[i].session = rig.session;
    runners[i].number = i;
    if (together)
      CHECK_EQ(pthread_create(&threads[i], NULL, run_often, &runners[i]), 0);
    else
      run_often(&runners[i]);
  }
  for (size_t i = 0; together && i < THREADS; i++)
    CHECK_EQ(pthread_join(threads[i], NULL), 0);
  for (size_t i = 0; i < THREADS; i++) {
    CHECK_OK(runners[i].code, &runners[i].err);
    CHECK_EQ(runners[i].wrong, 0);
    all.keys += runners[i].keys;
    all.handed += runners[i].handed;
    all.taken += runners[i].taken;
    all.drawn += runners[i].drawn;
  }
  CHECK_OK(graph_run(&rig, NULL, NULL, fetch, NULL), &rig.err);
  *size = elements(rig.out[0])[0];
  graph_close(&rig);
  return all;
}

/* Every key is in the table, every number is taken from the queue by somebody,
 * and each random number is drawn by one run only. */
TEST_FN(nothing_is_lost_or_given_twice) {
  int64_t size = 0, size_in_turn = 0;
  const runner in_turn = run_all(1, false, &size_in_turn);
  CHECK_EQ(size_in_turn, in_turn.keys);
  CHECK(in_turn.drawn > 0);
  for (int pool_threads = 1; pool_threads <= 3; pool_threads += 2) {
    const runner all = run_all(pool_threads, true, &size);
    CHECK_EQ(size, all.keys);
    CHECK_EQ(all.taken, all.handed);
    CHECK_EQ(all.drawn, in_turn.drawn);
  }
}

SUITE(runtime_threads, TEST(nothing_is_lost_or_given_twice));
