/* base/pool.c: one loop at a time, shared out in pieces.
 *
 * All that threads agree on lies in one word:
 *
 *   63 .................... 32   31     30 ........... 0
 *   number of the loop           open   workers inside
 *
 * Who wants the pool takes `busy`, writes the loop down and opens it. A worker
 * goes in by adding one, which fails once the loop is closed, so nobody reads a
 * loop that its caller has left. The caller closes the loop when no piece is
 * left and waits until nobody is inside.
 *
 * A kernel takes some microseconds, as does waking a thread. So both sides look
 * for a moment before they sleep, unless there are more threads than CPUs.
 */
#include "base/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/cpu.h"

enum {
  PIECES_EACH = 4, /* per thread, so that a slow one is made up for */
  LOOKS = 2000,    /* before sleeping; tens of microseconds         */
  MOST_THREADS = 1024,
};

#define OPEN (UINT64_C(1) << 31)
#define INSIDE (OPEN - 1)
#define NUMBER(word) ((uint32_t)((word) >> 32))

typedef struct loop {
  void (*body)(void *ctx, size_t begin, size_t end);
  void *ctx;
  size_t n, pieces;
  uint32_t float_state; /* the caller's, so that all round alike */
} loop;

struct firn_pool {
  firn_allocator alloc;
  int threads;
  int looks;
  atomic_flag busy;

  /* Written by the holder of `busy` only. */
  int started; /* workers; -1 before the first loop */
  loop loop;
  pthread_t *workers;

  _Alignas(64) atomic_uint_fast64_t word;
  _Alignas(64) atomic_size_t next; /* the first piece nobody has */

  _Alignas(64) pthread_mutex_t mutex;
  pthread_cond_t opened, emptied;
  atomic_int sleepers;      /* workers that wait for `opened`    */
  atomic_bool caller_waits; /* for `emptied`                     */
  atomic_bool stop;
};

static inline void look_again(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/* The p-th of nearly equal pieces: a pure function of the loop. */
static size_t piece_begin(const loop *l, size_t p) {
  const size_t each = l->n / l->pieces, longer = l->n % l->pieces;
  return p * each + firn_min_size(p, longer);
}

static void run_piece(const loop *l, size_t p) {
  l->body(l->ctx, piece_begin(l, p), piece_begin(l, p + 1));
}

static void run_pieces(firn_pool *pool) {
  const loop *l = &pool->loop;
  for (;;) {
    const size_t p =
        atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
    if (p >= l->pieces) return;
    run_piece(l, p);
  }
}

/* ---- Workers. ----------------------------------------------------------- */

static bool is_news(uint64_t word, uint32_t last) {
  return (word & OPEN) && NUMBER(word) != last;
}

/* Goes into a loop not yet visited; false when there is none now. */
static bool enter(firn_pool *pool, uint32_t *last) {
  uint64_t word = atomic_load(&pool->word);
  while (is_news(word, *last))
    if (atomic_compare_exchange_weak(&pool->word, &word, word + 1)) {
      *last = NUMBER(word);
      return true;
    }
  return false;
}

/* The caller counts itself as waiting before it reads the word, and the worker
 * changes the word before it asks: one of them sees the other. */
static void leave(firn_pool *pool) {
  const uint64_t word = atomic_fetch_sub(&pool->word, 1) - 1;
  if ((word & (OPEN | INSIDE)) || !atomic_load(&pool->caller_waits)) return;
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_signal(&pool->emptied);
  pthread_mutex_unlock(&pool->mutex);
}

static void sleep_until_news(firn_pool *pool, uint32_t last) {
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->sleepers, 1);
  while (!atomic_load(&pool->stop) && !is_news(atomic_load(&pool->word), last))
    pthread_cond_wait(&pool->opened, &pool->mutex);
  atomic_fetch_sub(&pool->sleepers, 1);
  pthread_mutex_unlock(&pool->mutex);
}

static void *work(void *arg) {
  firn_pool *pool = arg;
  uint32_t last = 0;
  for (int looked = 0; !atomic_load(&pool->stop);) {
    if (enter(pool, &last)) {
      firn_cpu_flush_end(pool->loop.float_state);
      run_pieces(pool);
      leave(pool);
      looked = 0;
    } else if (looked++ < pool->looks) {
      look_again();
    } else {
      sleep_until_news(pool, last);
      looked = 0;
    }
  }
  return NULL;
}

/* Signals are the program's business. Fewer threads than wanted will do. */
static void start(firn_pool *pool) {
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  pool->started = 0;
  while (pool->started < pool->threads - 1 &&
         !pthread_create(&pool->workers[pool->started], NULL, work, pool))
    pool->started++;
  pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* ---- Callers. ------------------------------------------------------------ */

static uint32_t float_state(void) {
  const uint32_t state = firn_cpu_flush_begin();
  firn_cpu_flush_end(state);
  return state;
}

static void open_loop(firn_pool *pool) {
  const uint32_t number = NUMBER(atomic_load(&pool->word)) + 1;
  atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
  atomic_store(&pool->word, (uint64_t)number << 32 | OPEN);
  if (!atomic_load(&pool->sleepers)) return;
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&pool->opened);
  pthread_mutex_unlock(&pool->mutex);
}

static void close_loop(firn_pool *pool) {
  uint64_t word = atomic_fetch_and(&pool->word, ~OPEN);
  for (int looked = 0; (word & INSIDE) && looked < pool->looks; looked++) {
    look_again();
    word = atomic_load(&pool->word);
  }
  if (!(word & INSIDE)) return;
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->caller_waits, true);
  while (atomic_load(&pool->word) & INSIDE)
    pthread_cond_wait(&pool->emptied, &pool->mutex);
  atomic_store(&pool->caller_waits, false);
  pthread_mutex_unlock(&pool->mutex);
}

void firn_parallel_for(firn_pool *pool, size_t n, size_t grain,
                       void (*body)(void *ctx, size_t begin, size_t end),
                       void *ctx) {
  if (n == 0) return;
  loop l = {.body = body, .ctx = ctx, .n = n, .pieces = 1};
  if (pool) {
    l.pieces = firn_min_size(n / firn_max_size(grain, 1),
                             (size_t)pool->threads * PIECES_EACH);
  }
  if (l.pieces <= 1) {
    body(ctx, 0, n);
    return;
  }
  /* The same cut as with helpers, so that timing has no say in the bits. */
  if (atomic_flag_test_and_set_explicit(&pool->busy, memory_order_acquire)) {
    for (size_t p = 0; p < l.pieces; p++) run_piece(&l, p);
    return;
  }
  if (pool->started < 0) start(pool);
  l.float_state = float_state();
  pool->loop = l;
  open_loop(pool);
  run_pieces(pool);
  close_loop(pool);
  atomic_flag_clear_explicit(&pool->busy, memory_order_release);
}

/* ---- Birth and death. ---------------------------------------------------- */

firn_code firn_pool_new(int threads, const firn_allocator *alloc,
                        firn_pool **out, firn_error *err) {
  *out = NULL;
  if (threads <= 1) return FIRN_OK;
  if (threads > MOST_THREADS) threads = MOST_THREADS;
  const size_t workers = sizeof(pthread_t) * (size_t)(threads - 1);
  firn_pool *pool = firn_new_aligned(alloc, sizeof *pool);
  if (!pool) return firn_oom(err, sizeof *pool);
  *pool = (firn_pool){.threads = threads, .started = -1};
  if (alloc) pool->alloc = *alloc;
  pool->workers = firn_new(alloc, workers);
  if (!pool->workers) {
    firn_delete_aligned(alloc, pool, sizeof *pool);
    return firn_oom(err, workers);
  }
  pool->looks = threads <= firn_cpu_count() ? LOOKS : 0;
  atomic_flag_clear(&pool->busy);
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->opened, NULL);
  pthread_cond_init(&pool->emptied, NULL);
  *out = pool;
  return FIRN_OK;
}

void firn_pool_free(firn_pool *pool) {
  if (!pool) return;
  const firn_allocator alloc = pool->alloc;
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->stop, true);
  pthread_cond_broadcast(&pool->opened);
  pthread_mutex_unlock(&pool->mutex);
  for (int i = 0; i < pool->started; i++) pthread_join(pool->workers[i], NULL);

  pthread_cond_destroy(&pool->emptied);
  pthread_cond_destroy(&pool->opened);
  pthread_mutex_destroy(&pool->mutex);
  firn_delete(&alloc, pool->workers,
              sizeof(pthread_t) * (size_t)(pool->threads - 1));
  firn_delete_aligned(&alloc, pool, sizeof *pool);
}

int firn_pool_threads(const firn_pool *pool) {
  return pool ? pool->threads : 1;
}
