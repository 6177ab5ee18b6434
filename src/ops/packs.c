/* ops/packs.c: packed weights, each made once and shared by all plans of a
 * session.
 *
 * There are as many packs as weights that a kernel reorders, some hundreds, and
 * they are asked for when a plan is made: a list under one lock will do.
 */
#include "ops/packs.h"

#include <pthread.h>

typedef struct entry {
  firn_pack pack; /* first: release gets its address */
  struct entry *next;
  firn_tensor *source;
  uint64_t key;
  size_t owners;
} entry;

struct firn_packs {
  firn_env env;
  pthread_mutex_t lock;
  entry *entries;
  size_t bytes; /* of all of them */
};

firn_code firn_packs_new(const firn_env *env, firn_packs **out,
                         firn_error *err) {
  *out = NULL;
  firn_packs *packs = firn_new_zeroed(&env->alloc, sizeof *packs);
  if (!packs) return firn_oom(err, sizeof *packs);
  packs->env = *env;
  pthread_mutex_init(&packs->lock, NULL);
  *out = packs;
  return FIRN_OK;
}

static void entry_free(entry *e, const firn_env *env) {
  firn_delete_aligned(&env->alloc, e->pack.data, e->pack.size);
  firn_tensor_release(e->source);
  firn_delete(&env->alloc, e, sizeof *e);
}

void firn_packs_free(firn_packs *packs) {
  if (!packs) return;
  const firn_env env = packs->env;
  for (entry *e = packs->entries, *next; e; e = next) {
    next = e->next;
    entry_free(e, &env);
  }
  pthread_mutex_destroy(&packs->lock);
  firn_delete(&env.alloc, packs, sizeof *packs);
}

size_t firn_packs_bytes(firn_packs *packs) {
  pthread_mutex_lock(&packs->lock);
  const size_t bytes = packs->bytes;
  pthread_mutex_unlock(&packs->lock);
  return bytes;
}

static firn_code entry_new(const firn_env *env, firn_tensor *source,
                           uint64_t key, size_t size,
                           void (*fill)(void *ud, void *data), void *ud,
                           entry **out, firn_error *err) {
  entry *e = firn_new_zeroed(&env->alloc, sizeof *e);
  if (!e) return firn_oom(err, sizeof *e);
  e->pack = (firn_pack){firn_new_aligned(&env->alloc, size), size};
  if (!e->pack.data) {
    firn_delete(&env->alloc, e, sizeof *e);
    return firn_oom(err, size);
  }
  e->source = firn_tensor_retain(source);
  e->key = key;
  e->owners = 1;
  fill(ud, e->pack.data);
  *out = e;
  return FIRN_OK;
}

static entry *find(const firn_packs *packs, const firn_tensor *source,
                   uint64_t key, size_t size) {
  for (entry *e = packs->entries; e; e = e->next)
    if (e->source->data == source->data && e->key == key &&
        e->pack.size == size)
      return e;
  return NULL;
}

firn_code firn_packs_get(firn_packs *packs, const firn_env *env,
                         firn_tensor *source, uint64_t key, size_t size,
                         void (*fill)(void *ud, void *data), void *ud,
                         const firn_pack **out, firn_error *err) {
  entry *e = NULL;
  *out = NULL;
  if (size == 0) size = 1; /* weights without elements have a pack, too */
  if (!packs) {
    FIRN_TRY(entry_new(env, source, key, size, fill, ud, &e, err));
    *out = &e->pack;
    return FIRN_OK;
  }
  firn_code code = FIRN_OK;
  pthread_mutex_lock(&packs->lock);
  e = find(packs, source, key, size);
  if (e) {
    e->owners++;
  } else {
    code = entry_new(&packs->env, source, key, size, fill, ud, &e, err);
    if (code == FIRN_OK) {
      e->next = packs->entries;
      packs->entries = e;
      packs->bytes += size;
    }
  }
  pthread_mutex_unlock(&packs->lock);
  if (code == FIRN_OK) *out = &e->pack;
  return code;
}

void firn_pack_release(firn_packs *packs, const firn_env *env,
                       const firn_pack *pack) {
  if (!pack) return;
  entry *e = (entry *)pack;
  if (!packs) {
    entry_free(e, env);
    return;
  }
  pthread_mutex_lock(&packs->lock);
  const bool last = --e->owners == 0;
  if (last) {
    entry **at = &packs->entries;
    while (*at != e) at = &(*at)->next;
    *at = e->next;
    packs->bytes -= e->pack.size;
  }
  pthread_mutex_unlock(&packs->lock);
  if (last) entry_free(e, &packs->env);
}
