/* runtime/session.c: runs by tensor names, with the plans kept between runs. */
#include "runtime/session.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/cpu.h"
#include "runtime/plan.h"

/* A plan and what it was made for. Plans in use are not freed by others:
 * `users` counts the runs, and the cache itself. */
typedef struct entry {
  struct entry *next; /* most recently used first */
  struct program_entry *program;
  firn_plan *plan;
  firn_buf key; /* types and shapes of the feeds */
  size_t users, bytes;
} entry;

/* A program, its wish in copy, and how many plans stand on it. */
typedef struct program_entry {
  struct program_entry *next;
  firn_program *program;
  firn_buf key; /* feeds, fetches and targets */
  size_t users;
} program_entry;

struct firn_session {
  const firn_graph *graph;
  firn_env env;
  firn_plan_env shared;
  pthread_mutex_t lock; /* guards the lists and the counts in them */
  program_entry *programs;
  entry *plans;
};

enum { MOST_PLANS = 64, MOST_PROGRAMS = 256 };

/* ---- Opening and closing ----------------------------------------------------
 */

firn_code firn_session_open(const firn_graph *graph, const firn_values *values,
                            const firn_env *env, firn_session **out,
                            firn_error *err) {
  firn_code code;
  *out = NULL;
  firn_session *s = firn_new_zeroed(&env->alloc, sizeof *s);
  if (!s) return firn_oom(err, sizeof *s);
  s->graph = graph;
  s->env = *env;
  s->shared.env = &s->env;
  s->shared.cpu = env->baseline ? 0 : firn_cpu_features();
  pthread_mutex_init(&s->lock, NULL);
  code = firn_pool_new(env->threads, &s->env.alloc, &s->shared.pool, err);
  if (code == FIRN_OK)
    code = firn_store_new(&s->env, values, &s->shared.store, err);
  if (code == FIRN_OK) code = firn_packs_new(&s->env, &s->shared.packs, err);
  if (code == FIRN_OK)
    *out = s;
  else
    firn_session_free(s);
  return code;
}

firn_code firn_session_new(const firn_graph *graph, const firn_options *options,
                           firn_session **out, firn_error *err) {
  const firn_env env = firn_env_from(options);
  return firn_session_open(graph, NULL, &env, out, err);
}

firn_store *firn_session_store(firn_session *session) {
  return session->shared.store;
}

static void program_release(firn_session *s, program_entry *p) {
  if (--p->users) return;
  firn_program_free(p->program);
  firn_buf_fini(&p->key);
  firn_delete(&s->env.alloc, p, sizeof *p);
}

/* Drops one user of a plan; the last one frees it. Called under the lock. */
static void entry_release(firn_session *s, entry *e) {
  if (--e->users) return;
  firn_plan_free(e->plan);
  program_release(s, e->program);
  firn_buf_fini(&e->key);
  firn_delete(&s->env.alloc, e, sizeof *e);
}

void firn_session_free(firn_session *session) {
  if (!session) return;
  while (session->plans) {
    entry *e = session->plans;
    session->plans = e->next;
    entry_release(session, e);
  }
  while (session->programs) {
    program_entry *p = session->programs;
    session->programs = p->next;
    program_release(session, p);
  }
  firn_packs_free(session->shared.packs);
  firn_store_free(session->shared.store);
  firn_pool_free(session->shared.pool);
  pthread_mutex_destroy(&session->lock);
  const firn_allocator alloc = session->env.alloc;
  firn_delete(&alloc, session, sizeof *session);
}

size_t firn_session_memory(firn_session *session) {
  size_t bytes = 0;
  pthread_mutex_lock(&session->lock);
  for (const entry *e = session->plans; e; e = e->next) bytes += e->bytes;
  pthread_mutex_unlock(&session->lock);
  return bytes;
}

/* ---- Names ------------------------------------------------------------------
 */

/* A run's request with names looked up and feeds fit for kernels. */
typedef struct request {
  firn_arena arena;
  firn_wish wish;
  firn_tensor **feeds;
  size_t feed_count; /* how many of feeds are to be released */
  firn_buf program_key, plan_key;
} request;

static firn_code look_up_feeds(const firn_session *s, request *r,
                               const firn_feed *feeds, size_t count,
                               firn_error *err) {
  firn_edge *edges = firn_arena_array(&r->arena, count, sizeof *edges);
  r->feeds = firn_arena_array(&r->arena, count, sizeof(firn_tensor *));
  if (!edges || !r->feeds) return firn_oom(err, count);
  r->wish.feeds = edges;
  for (size_t i = 0; i < count; i++) {
    const firn_code code =
        firn_graph_tensor(s->graph, firn_str_of(feeds[i].name), &edges[i], err);
    if (code != FIRN_OK)
      return firn_while(err, code, "feed '%s'", feeds[i].name);
    for (size_t k = 0; k < i; k++)
      if (edges[k].node == edges[i].node && edges[k].output == edges[i].output)
        return firn_fail(err, FIRN_INVALID_ARGUMENT, "'%s' is fed twice",
                         feeds[i].name);
    if (!feeds[i].tensor)
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "feed '%s' has no tensor",
                       feeds[i].name);
    const bool aligned = (uintptr_t)feeds[i].tensor->data % 64 == 0;
    if (aligned)
      r->feeds[i] = firn_tensor_retain(feeds[i].tensor);
    else
      FIRN_TRY(
          firn_tensor_copy(feeds[i].tensor, &s->env.alloc, &r->feeds[i], err));
    r->feed_count = r->wish.feed_count = i + 1;
  }
  return FIRN_OK;
}

static firn_code look_up_fetches(const firn_session *s, request *r,
                                 const char *const *fetches, size_t count,
                                 firn_error *err) {
  firn_edge *edges = firn_arena_array(&r->arena, count, sizeof *edges);
  if (!edges) return firn_oom(err, count);
  for (size_t i = 0; i < count; i++) {
    const firn_code code =
        firn_graph_tensor(s->graph, firn_str_of(fetches[i]), &edges[i], err);
    if (code != FIRN_OK) return firn_while(err, code, "fetch '%s'", fetches[i]);
  }
  r->wish.fetches = edges;
  r->wish.fetch_count = count;
  return FIRN_OK;
}

static firn_code look_up_targets(const firn_session *s, request *r,
                                 const char *const *targets, size_t count,
                                 firn_error *err) {
  uint32_t *nodes = firn_arena_array(&r->arena, count, sizeof *nodes);
  if (!nodes) return firn_oom(err, count);
  for (size_t i = 0; i < count; i++) {
    const firn_node *node = NULL;
    const firn_code code =
        firn_graph_need(s->graph, firn_str_of(targets[i]), &node, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "target '%s'", targets[i]);
    nodes[i] = node->index;
  }
  r->wish.targets = nodes;
  r->wish.target_count = count;
  return FIRN_OK;
}

/* ---- Keys -------------------------------------------------------------------
 */

static firn_code make_keys(request *r, firn_error *err) {
  const firn_wish *w = &r->wish;
  const size_t counts[] = {w->feed_count, w->fetch_count, w->target_count};
  firn_buf_append(&r->program_key, counts, sizeof counts);
  firn_buf_append(&r->program_key, w->feeds, w->feed_count * sizeof *w->feeds);
  firn_buf_append(&r->program_key, w->fetches,
                  w->fetch_count * sizeof *w->fetches);
  firn_buf_append(&r->program_key, w->targets,
                  w->target_count * sizeof *w->targets);
  for (size_t i = 0; i < r->feed_count; i++) {
    const firn_tensor *t = r->feeds[i];
    const int head[] = {(int)t->dtype, t->shape.rank};
    firn_buf_append(&r->plan_key, head, sizeof head);
    firn_buf_append(&r->plan_key, t->shape.dims,
                    (size_t)t->shape.rank * sizeof(int64_t));
  }
  return r->program_key.failed || r->plan_key.failed ? firn_oom(err, 0)
                                                     : FIRN_OK;
}

static bool same_key(const firn_buf *a, const firn_buf *b) {
  return a->size == b->size && (!a->size || !memcmp(a->data, b->data, a->size));
}

/* Moves the bytes of a key into a cache entry. */
static firn_buf take_key(firn_buf *key) {
  const firn_buf taken = *key;
  firn_buf_init(key, &taken.alloc);
  return taken;
}

/* ---- The cache --------------------------------------------------------------
 */

/* A program for this wish, with one more user. Under the lock. */
static firn_code get_program(firn_session *s, request *r, program_entry **out,
                             firn_error *err) {
  size_t count = 0;
  for (program_entry *p = s->programs; p; p = p->next, count++)
    if (same_key(&p->key, &r->program_key)) {
      p->users++;
      *out = p;
      return FIRN_OK;
    }
  program_entry *p = firn_new_zeroed(&s->env.alloc, sizeof *p);
  if (!p) return firn_oom(err, sizeof *p);
  const firn_code code =
      firn_program_new(s->graph, &r->wish, &s->env, &p->program, err);
  if (code != FIRN_OK) {
    firn_delete(&s->env.alloc, p, sizeof *p);
    return code;
  }
  p->key = take_key(&r->program_key);
  p->users = 1;
  if (count < MOST_PROGRAMS) {
    p->users++;
    p->next = s->programs;
    s->programs = p;
  }
  *out = p;
  return FIRN_OK;
}

/* Drops the plans that took older values of variables for constants, and the
 * least recently used beyond the limits. Under the lock. */
static void tidy(firn_session *s) {
  const uint64_t generation = firn_store_generation(s->shared.store);
  size_t count = 0, bytes = 0;
  for (entry **at = &s->plans; *at;) {
    entry *e = *at;
    const bool stale =
        e->plan->reads_variables && e->plan->generation != generation;
    if (stale || (count && (count >= MOST_PLANS ||
                            bytes + e->bytes > s->env.limits.plan_bytes))) {
      *at = e->next;
      entry_release(s, e);
      continue;
    }
    count++;
    bytes += e->bytes;
    at = &e->next;
  }
}

static entry *find_plan(firn_session *s, const program_entry *program,
                        const firn_buf *key) {
  for (entry **at = &s->plans; *at; at = &(*at)->next) {
    entry *e = *at;
    if (e->program != program || !same_key(&e->key, key)) continue;
    *at = e->next; /* to the front */
    e->next = s->plans;
    s->plans = e;
    return e;
  }
  return NULL;
}

/* The plan for this request, with one more user. Under the lock. */
static firn_code get_plan(firn_session *s, request *r, entry **out,
                          firn_error *err) {
  program_entry *program = NULL;
  tidy(s);
  FIRN_TRY(get_program(s, r, &program, err));
  entry *e = find_plan(s, program, &r->plan_key);
  if (e) {
    program_release(s, program);
    e->users++;
    *out = e;
    return FIRN_OK;
  }
  firn_code code = FIRN_OK;
  e = firn_new_zeroed(&s->env.alloc, sizeof *e);
  if (!e) code = firn_oom(err, sizeof *e);
  if (code == FIRN_OK)
    code = firn_plan_new(program->program, &s->shared, r->feeds, &e->plan, err);
  if (code != FIRN_OK) {
    firn_delete(&s->env.alloc, e, sizeof *e);
    program_release(s, program);
    return code;
  }
  e->program = program;
  e->key = take_key(&r->plan_key);
  e->bytes = e->plan->slab_size + e->plan->constant_bytes + e->plan->arena.used;
  e->users = 2;
  e->next = s->plans;
  s->plans = e;
  *out = e;
  return FIRN_OK;
}

/* ---- Runs -------------------------------------------------------------------
 */

static firn_run_limits limits_of(const firn_run_options *options) {
  static const int64_t year_ms =
      31536000000; /* longer waits are as good as none */
  firn_run_options o = {0};
  if (options) memcpy(&o, options, firn_min_size(options->size, sizeof o));
  firn_run_limits limits = {.cancelled = o.cancelled, .ud = o.ud};
  if (o.timeout_ms > 0 && o.timeout_ms < year_ms) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    limits.deadline_ns =
        (int64_t)t.tv_sec * 1000000000 + t.tv_nsec + o.timeout_ms * 1000000;
  }
  return limits;
}

static void request_fini(request *r) {
  for (size_t i = 0; i < r->feed_count; i++) firn_tensor_release(r->feeds[i]);
  firn_buf_fini(&r->program_key);
  firn_buf_fini(&r->plan_key);
  firn_arena_fini(&r->arena);
}

firn_code firn_session_run(firn_session *session,
                           const firn_run_options *options,
                           const firn_feed *feeds, size_t feed_count,
                           const char *const *fetches, size_t fetch_count,
                           const char *const *targets, size_t target_count,
                           firn_tensor **results, firn_error *err) {
  const firn_run_limits limits = limits_of(options);
  request r = {0};
  entry *e = NULL;
  for (size_t i = 0; i < fetch_count; i++) results[i] = NULL;
  firn_arena_init(&r.arena, &session->env.alloc);
  firn_buf_init(&r.program_key, &session->env.alloc);
  firn_buf_init(&r.plan_key, &session->env.alloc);

  firn_code code = look_up_feeds(session, &r, feeds, feed_count, err);
  if (code == FIRN_OK)
    code = look_up_fetches(session, &r, fetches, fetch_count, err);
  if (code == FIRN_OK)
    code = look_up_targets(session, &r, targets, target_count, err);
  if (code == FIRN_OK) code = make_keys(&r, err);
  if (code == FIRN_OK) {
    pthread_mutex_lock(&session->lock);
    code = get_plan(session, &r, &e, err);
    pthread_mutex_unlock(&session->lock);
  }
  if (code == FIRN_OK)
    code = firn_plan_run(e->plan, r.feeds, &limits, results, err);
  if (e) {
    pthread_mutex_lock(&session->lock);
    entry_release(session, e);
    pthread_mutex_unlock(&session->lock);
  }
  request_fini(&r);
  return code;
}
