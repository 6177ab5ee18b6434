/* runtime/session.c: runs by tensor names, with the plans kept between runs. */
#include "runtime/session.h"

#include <time.h>

#include "base/cpu.h"
#include "runtime/plan_cache.h"

struct firn_session {
  const firn_graph *graph;
  firn_env env;
  firn_plan_env shared;
  firn_plan_cache cache;
};

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
  firn_plan_cache_init(&s->cache, graph, &s->shared);
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

void firn_session_free(firn_session *session) {
  if (!session) return;
  firn_plan_cache_fini(&session->cache);
  firn_packs_free(session->shared.packs);
  firn_store_free(session->shared.store);
  firn_pool_free(session->shared.pool);
  const firn_allocator alloc = session->env.alloc;
  firn_delete(&alloc, session, sizeof *session);
}

size_t firn_session_memory(firn_session *session) {
  return firn_plan_cache_bytes(&session->cache);
}

/* ---- Names ------------------------------------------------------------------
 */

/* A run's request with names looked up and feeds fit for kernels. */
typedef struct request {
  firn_arena arena;
  firn_wish wish;
  firn_tensor **feeds;
  size_t feed_count; /* how many of feeds are to be released */
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

/* ---- Runs -------------------------------------------------------------------
 */

static firn_run_limits limits_of(const firn_run_options *options) {
  static const int64_t year_ms =
      31536000000; /* longer waits are as good as none */
  firn_run_options o = {0};
  if (options) memcpy(&o, options, firn_min_size(options->size, sizeof o));
  firn_run_limits limits = {
      .cancelled = o.cancelled, .ud = o.ud, .no_waiting = o.no_waiting};
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
  firn_cached_plan *cached = NULL;
  for (size_t i = 0; i < fetch_count; i++) results[i] = NULL;
  firn_arena_init(&r.arena, &session->env.alloc);

  firn_code code = look_up_feeds(session, &r, feeds, feed_count, err);
  if (code == FIRN_OK)
    code = look_up_fetches(session, &r, fetches, fetch_count, err);
  if (code == FIRN_OK)
    code = look_up_targets(session, &r, targets, target_count, err);
  if (code == FIRN_OK)
    code = firn_plan_cache_get(&session->cache, &r.wish, r.feeds, &cached, err);
  if (code == FIRN_OK)
    code = firn_plan_run(cached->plan, r.feeds, &limits, results, err);
  if (cached) firn_plan_cache_release(&session->cache, cached);
  request_fini(&r);
  return code;
}
