/* What a pool promises: each iteration once, the same cut each time, from any
 * thread and from inside itself. */
#include "base/pool.h"

#include <float.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/cpu.h"
#include "support/failing.h"
#include "support/test.h"

enum { MOST = 5000 };

typedef struct tally {
  atomic_uint visits[MOST];
  atomic_uint begins[MOST]; /* where pieces began: the cut */
  atomic_size_t pieces, smallest;
  firn_pool *pool; /* for the inner loop */
} tally;

static void reset(tally *t) {
  for (size_t i = 0; i < MOST; i++) {
    t->visits[i] = 0;
    t->begins[i] = 0;
  }
  t->pieces = 0;
  t->smallest = SIZE_MAX;
}

static void visit(void *ctx, size_t begin, size_t end) {
  tally *t = ctx;
  t->pieces++;
  t->begins[begin]++;
  size_t smallest = t->smallest;
  while (end - begin < smallest &&
         !atomic_compare_exchange_weak(&t->smallest, &smallest, end - begin))
    continue;
  for (size_t i = begin; i < end; i++) t->visits[i]++;
}

static firn_pool *new_pool(int threads) {
  firn_pool *pool = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_pool_new(threads, NULL, &pool, &err), &err);
  return pool;
}

static tally t, other;

TEST_FN(each_iteration_runs_once) {
  for (int threads = 1; threads <= 5; threads++) {
    firn_pool *pool = new_pool(threads);
    CHECK_EQ(firn_pool_threads(pool), threads);
    test_seed((uint64_t)threads);
    for (int round = 0; round < 100; round++) {
      const size_t n = test_random(MOST), grain = test_random(100);
      reset(&t);
      firn_parallel_for(pool, n, grain, visit, &t);
      for (size_t i = 0; i < MOST; i++) CHECK_EQ(t.visits[i], i < n);
      if (t.pieces > 1) CHECK(t.smallest >= grain);
    }
    firn_pool_free(pool);
  }
}

TEST_FN(one_thread_is_no_pool) {
  firn_pool *pool = new_pool(1);
  CHECK(pool == NULL);
  reset(&t);
  firn_parallel_for(pool, 100, 1, visit, &t);
  CHECK_EQ(t.pieces, 1);
  CHECK_EQ(firn_pool_threads(NULL), 1);
  firn_pool_free(NULL);
}

TEST_FN(nothing_runs_nothing) {
  firn_pool *pool = new_pool(2);
  reset(&t);
  firn_parallel_for(pool, 0, 1, visit, &t);
  firn_parallel_for(NULL, 0, 1, visit, &t);
  CHECK_EQ(t.pieces, 0);
  firn_parallel_for(pool, 1, 0, visit, &t);
  CHECK_EQ(t.pieces, 1);
  firn_pool_free(pool);
}

static void visit_inside(void *ctx, size_t begin, size_t end) {
  tally *outer = ctx;
  if (begin == 0) firn_parallel_for(outer->pool, 1000, 10, visit, &other);
  visit(ctx, begin, end);
}

/* The inner loop finds the pool busy: it runs on its caller, cut as ever. */
TEST_FN(cut_does_not_depend_on_who_is_free) {
  firn_pool *pool = new_pool(3);
  static unsigned begins[MOST];
  reset(&t);
  firn_parallel_for(pool, 1000, 10, visit, &t);
  for (size_t i = 0; i < MOST; i++) begins[i] = t.begins[i];
  CHECK(t.pieces > 3);
  for (int round = 0; round < 20; round++) {
    reset(&t);
    reset(&other);
    t.pool = pool;
    firn_parallel_for(pool, 1000, 10, visit_inside, &t);
    for (size_t i = 0; i < MOST; i++) {
      CHECK_EQ(t.begins[i], begins[i]);
      CHECK_EQ(other.begins[i], begins[i]);
      CHECK_EQ(other.visits[i], i < 1000);
    }
  }
  firn_pool_free(pool);
}

static void *use_shared(void *arg) {
  firn_pool *pool = arg;
  uint64_t *wrong = calloc(1, sizeof *wrong);
  tally *mine = malloc(sizeof *mine);
  for (int round = 0; round < 200; round++) {
    reset(mine);
    firn_parallel_for(pool, 300, 1, visit, mine);
    for (size_t i = 0; i < MOST; i++) *wrong += mine->visits[i] != (i < 300);
  }
  free(mine);
  return wrong;
}

TEST_FN(many_threads_may_share_a_pool) {
  pthread_t threads[4];
  firn_pool *pool = new_pool(3);
  for (int i = 0; i < 4; i++)
    CHECK_EQ(pthread_create(&threads[i], NULL, use_shared, pool), 0);
  for (int i = 0; i < 4; i++) {
    void *wrong = NULL;
    pthread_join(threads[i], &wrong);
    CHECK_EQ(*(uint64_t *)wrong, 0);
    free(wrong);
  }
  firn_pool_free(pool);
}

TEST_FN(pools_come_and_go) {
  for (int round = 0; round < 50; round++) {
    firn_pool *pool = new_pool(4);
    reset(&t);
    for (int loops = 0; loops < round % 3; loops++)
      firn_parallel_for(pool, 64, 1, visit, &t);
    firn_pool_free(pool);
    CHECK_EQ(t.visits[63], round % 3);
  }
}

static void multiply(void *ctx, size_t begin, size_t end) {
  volatile float tiny = FLT_MIN, half = 0.5f;
  for (size_t i = begin; i < end; i++) ((float *)ctx)[i] = tiny * half;
}

TEST_FN(denormals_are_as_the_callers) {
  static float out[MOST];
  firn_pool *pool = new_pool(3);
  for (int round = 0; round < 20; round++) {
    const bool flushed = round % 2;
    const uint32_t state = flushed ? firn_cpu_flush_begin() : 0;
    firn_parallel_for(pool, MOST, 1, multiply, out);
    if (flushed) firn_cpu_flush_end(state);
    for (size_t i = 0; i < MOST; i++) CHECK_EQ(out[i] == 0, flushed);
  }
  firn_pool_free(pool);
}

static firn_code use_once(const firn_allocator *alloc, void *ctx) {
  FIRN_UNUSED(ctx);
  firn_pool *pool = NULL;
  FIRN_TRY(firn_pool_new(3, alloc, &pool, NULL));
  reset(&t);
  firn_parallel_for(pool, 100, 1, visit, &t);
  for (size_t i = 0; i < 100; i++) CHECK_EQ(t.visits[i], 1);
  firn_pool_free(pool);
  return FIRN_OK;
}

TEST_FN(short_memory_is_told) { CHECK(failing_check(use_once, NULL) >= 1); }

SUITE(base_pool, TEST(each_iteration_runs_once), TEST(one_thread_is_no_pool),
      TEST(nothing_runs_nothing), TEST(cut_does_not_depend_on_who_is_free),
      TEST(many_threads_may_share_a_pool), TEST(pools_come_and_go),
      TEST(denormals_are_as_the_callers), TEST(short_memory_is_told));
