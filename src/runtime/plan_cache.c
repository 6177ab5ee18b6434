/* runtime/plan_cache.c: the programs and plans that a session keeps. */
#include "runtime/plan_cache.h"

enum { MOST_PLANS = 64, MOST_PROGRAMS = 256 };

typedef struct firn_cached_program {
  struct firn_cached_program *next; /* most recently used first */
  firn_program *program;
  firn_buf key;
  size_t users; /* plans that stand on it, and the cache itself */
} cached_program;

void firn_plan_cache_init(firn_plan_cache *cache, const firn_graph *graph,
                          const firn_plan_env *shared) {
  *cache = (firn_plan_cache){.graph = graph, .shared = shared};
  pthread_mutex_init(&cache->lock, NULL);
}

/* ---- Letting go, under the lock ----------------------------------------- */

static void program_release(firn_plan_cache *c, cached_program *p) {
  if (--p->users) return;
  firn_program_free(p->program);
  firn_buf_fini(&p->key);
  firn_delete(&c->shared->env->alloc, p, sizeof *p);
}

static void plan_release(firn_plan_cache *c, firn_cached_plan *p) {
  if (--p->users) return;
  firn_plan_free(p->plan);
  program_release(c, p->program);
  firn_buf_fini(&p->key);
  firn_delete(&c->shared->env->alloc, p, sizeof *p);
}

void firn_plan_cache_fini(firn_plan_cache *cache) {
  while (cache->plans) {
    firn_cached_plan *p = cache->plans;
    cache->plans = p->next;
    plan_release(cache, p);
  }
  while (cache->programs) {
    cached_program *p = cache->programs;
    cache->programs = p->next;
    program_release(cache, p);
  }
  pthread_mutex_destroy(&cache->lock);
}

void firn_plan_cache_release(firn_plan_cache *cache, firn_cached_plan *plan) {
  pthread_mutex_lock(&cache->lock);
  plan_release(cache, plan);
  pthread_mutex_unlock(&cache->lock);
}

/* ---- Limits, under the lock --------------------------------------------- */

static size_t bytes_of(const firn_plan_cache *c) {
  size_t bytes = firn_packs_bytes(c->shared->packs);
  for (const firn_cached_plan *p = c->plans; p; p = p->next)
    bytes += firn_plan_bytes(p->plan) + p->key.size;
  for (const cached_program *p = c->programs; p; p = p->next)
    bytes += p->program->arena.used + p->key.size;
  return bytes;
}

size_t firn_plan_cache_bytes(firn_plan_cache *cache) {
  pthread_mutex_lock(&cache->lock);
  const size_t bytes = bytes_of(cache);
  pthread_mutex_unlock(&cache->lock);
  return bytes;
}

/* Drops the plans that took older values of variables for constants. */
static void drop_stale(firn_plan_cache *c) {
  const uint64_t generation = firn_store_generation(c->shared->store);
  for (firn_cached_plan **at = &c->plans; *at;) {
    firn_cached_plan *p = *at;
    if (!p->plan->reads_variables || p->plan->generation == generation) {
      at = &p->next;
      continue;
    }
    *at = p->next;
    plan_release(c, p);
  }
}

/* Drops the least recently used plan but the first, or returns false. */
static bool drop_plan(firn_plan_cache *c) {
  if (!c->plans || !c->plans->next) return false;
  firn_cached_plan **at = &c->plans;
  while ((*at)->next) at = &(*at)->next;
  firn_cached_plan *last = *at;
  *at = NULL;
  plan_release(c, last);
  return true;
}

/* Drops the least recently used program that no plan stands on. */
static bool drop_program(firn_plan_cache *c) {
  cached_program **found = NULL;
  for (cached_program **at = &c->programs; *at; at = &(*at)->next)
    if ((*at)->users == 1) found = at;
  if (!found) return false;
  cached_program *p = *found;
  *found = p->next;
  program_release(c, p);
  return true;
}

static void keep_limits(firn_plan_cache *c) {
  const uint64_t most = c->shared->env->limits.plan_bytes;
  size_t plans = 0, programs = 0;
  for (firn_cached_plan *p = c->plans; p; p = p->next) plans++;
  for (cached_program *p = c->programs; p; p = p->next) programs++;
  for (; plans > MOST_PLANS && drop_plan(c); plans--) continue;
  for (; programs > MOST_PROGRAMS && drop_program(c); programs--) continue;
  while (bytes_of(c) > most)
    if (!drop_program(c) && !drop_plan(c)) break;
}

/* ---- Keys --------------------------------------------------------------- */

typedef struct keys {
  firn_buf program, plan;
} keys;

static firn_code make_keys(keys *k, const firn_wish *w,
                           firn_tensor *const *feeds, firn_error *err) {
  const size_t counts[] = {w->feed_count, w->fetch_count, w->target_count};
  firn_buf_append(&k->program, counts, sizeof counts);
  firn_buf_append(&k->program, w->feeds, w->feed_count * sizeof *w->feeds);
  firn_buf_append(&k->program, w->fetches, w->fetch_count * sizeof *w->fetches);
  firn_buf_append(&k->program, w->targets,
                  w->target_count * sizeof *w->targets);
  for (size_t i = 0; i < w->feed_count; i++) {
    const firn_tensor *t = feeds[i];
    const int head[] = {(int)t->dtype, t->shape.rank};
    firn_buf_append(&k->plan, head, sizeof head);
    firn_buf_append(&k->plan, t->shape.dims,
                    (size_t)t->shape.rank * sizeof(int64_t));
  }
  return k->program.failed || k->plan.failed ? firn_oom(err, 0) : FIRN_OK;
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

/* ---- Finding and making, under the lock --------------------------------- */

/* A program for this wish, with one more user. */
static firn_code get_program(firn_plan_cache *c, const firn_wish *wish,
                             firn_buf *key, cached_program **out,
                             firn_error *err) {
  const firn_env *env = c->shared->env;
  cached_program **at = &c->programs;
  while (*at && !same_key(&(*at)->key, key)) at = &(*at)->next;
  cached_program *p = *at;
  if (p) {
    *at = p->next;
  } else {
    p = firn_new_zeroed(&env->alloc, sizeof *p);
    if (!p) return firn_oom(err, sizeof *p);
    const firn_code code =
        firn_program_new(c->graph, wish, env, &p->program, err);
    if (code != FIRN_OK) {
      firn_delete(&env->alloc, p, sizeof *p);
      return code;
    }
    p->key = take_key(key);
    p->users = 1;
  }
  p->next = c->programs; /* to the front */
  c->programs = p;
  p->users++;
  *out = p;
  return FIRN_OK;
}

static firn_cached_plan *find_plan(firn_plan_cache *c,
                                   const cached_program *program,
                                   const firn_buf *key) {
  for (firn_cached_plan **at = &c->plans; *at; at = &(*at)->next) {
    firn_cached_plan *p = *at;
    if (p->program != program || !same_key(&p->key, key)) continue;
    *at = p->next; /* to the front */
    p->next = c->plans;
    c->plans = p;
    return p;
  }
  return NULL;
}

/* A new plan at the front. Takes over the user's share of the program. */
static firn_code make_plan(firn_plan_cache *c, cached_program *program,
                           firn_tensor *const *feeds, firn_buf *key,
                           firn_cached_plan **out, firn_error *err) {
  const firn_allocator *alloc = &c->shared->env->alloc;
  firn_code code = FIRN_OK;
  firn_cached_plan *p = firn_new_zeroed(alloc, sizeof *p);
  if (!p) code = firn_oom(err, sizeof *p);
  if (code == FIRN_OK)
    code = firn_plan_new(program->program, c->shared, feeds, &p->plan, err);
  if (code != FIRN_OK) {
    firn_delete(alloc, p, sizeof *p);
    program_release(c, program);
    return code;
  }
  p->program = program;
  p->key = take_key(key);
  p->users = 1;
  p->next = c->plans;
  c->plans = p;
  *out = p;
  return FIRN_OK;
}

static firn_code get_plan(firn_plan_cache *c, const firn_wish *wish,
                          firn_tensor *const *feeds, keys *k,
                          firn_cached_plan **out, firn_error *err) {
  cached_program *program = NULL;
  drop_stale(c);
  FIRN_TRY(get_program(c, wish, &k->program, &program, err));
  firn_cached_plan *p = find_plan(c, program, &k->plan);
  if (p)
    program_release(c, program);
  else
    FIRN_TRY(make_plan(c, program, feeds, &k->plan, &p, err));
  p->users++;
  keep_limits(c);
  *out = p;
  return FIRN_OK;
}

firn_code firn_plan_cache_get(firn_plan_cache *cache, const firn_wish *wish,
                              firn_tensor *const *feeds, firn_cached_plan **out,
                              firn_error *err) {
  keys k;
  *out = NULL;
  firn_buf_init(&k.program, &cache->shared->env->alloc);
  firn_buf_init(&k.plan, &cache->shared->env->alloc);
  firn_code code = make_keys(&k, wish, feeds, err);
  if (code == FIRN_OK) {
    pthread_mutex_lock(&cache->lock);
    code = get_plan(cache, wish, feeds, &k, out, err);
    pthread_mutex_unlock(&cache->lock);
  }
  firn_buf_fini(&k.program);
  firn_buf_fini(&k.plan);
  return code;
}
