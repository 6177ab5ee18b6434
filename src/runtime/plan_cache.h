/* runtime/plan_cache.h: the programs and plans that a session keeps.
 *
 * A program is found by its feeds, fetches and targets, a plan by its program
 * and the types and shapes of the feeds. Both are kept as long as they are
 * few, and their memory (that of packed weights included) is below
 * limits.plan_bytes; then the least recently used go. The one used last stays,
 * however large it is.
 *
 * Ownership: get hands out a user's share; a plan is freed with the last one.
 * Threads:   safe.
 */
#ifndef FIRN_RUNTIME_PLAN_CACHE_H
#define FIRN_RUNTIME_PLAN_CACHE_H

#include "runtime/plan.h"

/* A plan in the cache, or no more in it but still at work. */
typedef struct firn_cached_plan {
  struct firn_cached_plan *next; /* most recently used first */
  struct firn_cached_program *program;
  firn_plan *plan;
  firn_buf key;
  size_t users; /* runs, and the cache itself */
} firn_cached_plan;

typedef struct firn_plan_cache {
  const firn_graph *graph;
  const firn_plan_env *shared;
  pthread_mutex_t lock; /* guards the lists and the counts in them */
  struct firn_cached_program *programs;
  firn_cached_plan *plans;
} firn_plan_cache;

void firn_plan_cache_init(firn_plan_cache *cache, const firn_graph *graph,
                          const firn_plan_env *shared);
void firn_plan_cache_fini(firn_plan_cache *cache);

/* The plan for this wish and feeds of these types and shapes, made when it is
 * not there. */
FIRN_CHECKED firn_code firn_plan_cache_get(firn_plan_cache *cache,
                                           const firn_wish *wish,
                                           firn_tensor *const *feeds,
                                           firn_cached_plan **out,
                                           firn_error *err);
void firn_plan_cache_release(firn_plan_cache *cache, firn_cached_plan *plan);

/* The bytes of all that is kept. */
size_t firn_plan_cache_bytes(firn_plan_cache *cache);

#endif
