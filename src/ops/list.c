/* ops/list.c: lists that share their elements with the lists they came from.
 *
 * A body holds the elements as the newest list has them. Entry k of its log
 * says what was at a place before version base + k became base + k + 1; a list
 * of an older version is read through the entries since then. When the oldest
 * list dies, the entries that only it needed go.
 *
 * A change to a list that is not the newest, or after so many changes that the
 * log would outgrow the elements, starts a new body with a copy.
 */
#include "ops/list.h"

#include <pthread.h>

typedef struct change {
  size_t at;
  firn_tensor *old;
} change;

typedef struct firn_list_body {
  firn_allocator alloc;
  pthread_mutex_t lock; /* guards what follows */
  firn_tensor **items;
  size_t capacity;
  change *log;
  size_t log_begin, log_end, log_capacity;
  uint64_t base, version; /* of log[log_begin], and the newest */
  firn_list *oldest, *newest;
} firn_list_body;

enum { FEW_CHANGES = 32 };

/* ---- Bodies ------------------------------------------------------------- */

static firn_list_body *new_body(const firn_allocator *alloc, size_t count) {
  firn_list_body *body = firn_new_zeroed(alloc, sizeof *body);
  if (!body) return NULL;
  body->alloc = *alloc;
  body->capacity = count;
  if (count) body->items = firn_new_zeroed(alloc, count * sizeof *body->items);
  if (count && !body->items) {
    firn_delete(alloc, body, sizeof *body);
    return NULL;
  }
  pthread_mutex_init(&body->lock, NULL);
  return body;
}

static void free_body(firn_list_body *body) {
  const firn_allocator alloc = body->alloc;
  for (size_t i = 0; i < body->capacity; i++)
    firn_tensor_release(body->items[i]);
  for (size_t k = body->log_begin; k < body->log_end; k++)
    firn_tensor_release(body->log[k].old);
  firn_delete(&alloc, body->items, body->capacity * sizeof *body->items);
  firn_delete(&alloc, body->log, body->log_capacity * sizeof *body->log);
  pthread_mutex_destroy(&body->lock);
  firn_delete(&alloc, body, sizeof *body);
}

/* Makes room for `count` elements. */
static bool widen(firn_list_body *body, size_t count) {
  if (count <= body->capacity) return true;
  const size_t size = sizeof *body->items;
  const size_t more = firn_max_size(count, body->capacity * 2 + 4);
  firn_tensor **items = firn_resize(&body->alloc, body->items,
                                    body->capacity * size, more * size);
  if (!items) return false;
  memset(items + body->capacity, 0, (more - body->capacity) * size);
  body->items = items;
  body->capacity = more;
  return true;
}

/* Makes room for `count` more changes. */
static bool make_log_room(firn_list_body *body, size_t count) {
  if (count <= body->log_capacity - body->log_end) return true;
  const size_t used = body->log_end - body->log_begin;
  if (body->log_begin > used && used + count <= body->log_capacity) {
    memmove(body->log, body->log + body->log_begin, used * sizeof *body->log);
    body->log_begin = 0;
    body->log_end = used;
    return true;
  }
  const size_t more = body->log_capacity * 2 + count;
  change *log =
      firn_resize(&body->alloc, body->log, body->log_capacity * sizeof *log,
                  more * sizeof *log);
  if (!log) return false;
  body->log = log;
  body->log_capacity = more;
  return true;
}

/* Drops what no list reads any more. */
static void trim(firn_list_body *body) {
  const uint64_t need = body->oldest->version;
  while (body->log_begin < body->log_end && body->base < need) {
    firn_tensor_release(body->log[body->log_begin++].old);
    body->base++;
  }
  if (body->log_begin == body->log_end) body->log_begin = body->log_end = 0;
}

/* ---- Lists -------------------------------------------------------------- */

static void free_list(firn_object *object) {
  firn_list *list = (firn_list *)object;
  firn_list_body *body = list->body;
  const firn_allocator alloc = body->alloc;
  pthread_mutex_lock(&body->lock);
  *(list->older ? &list->older->newer : &body->oldest) = list->newer;
  *(list->newer ? &list->newer->older : &body->newest) = list->older;
  const bool last = !body->oldest;
  if (!last && !list->older) trim(body);
  pthread_mutex_unlock(&body->lock);
  if (last) free_body(body);
  firn_delete(&alloc, list, sizeof *list);
}

const firn_object_class firn_list_class = {"tensor list", free_list};

/* A header over a body, behind `after` in the order of age. */
static firn_list *add_list(firn_list_body *body, const firn_list *like,
                           firn_list *after, size_t count) {
  firn_list *list = firn_new_zeroed(&body->alloc, sizeof *list);
  if (!list) return NULL;
  firn_object_init(&list->object, &firn_list_class);
  if (like) {
    list->dtype = like->dtype;
    list->shape = like->shape;
    list->most = like->most;
  }
  list->count = count;
  list->body = body;
  list->version = after ? after->version : body->version;
  list->older = after;
  list->newer = after ? after->newer : NULL;
  if (list->newer) list->newer->older = list;
  if (after) after->newer = list;
  if (!list->newer) body->newest = list;
  if (!body->oldest) body->oldest = list;
  return list;
}

static firn_code check_room(const firn_env *env, size_t count,
                            firn_error *err) {
  const firn_shape shape = firn_shape_vector((int64_t)count);
  if (count > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "a list of %zu elements",
                     count);
  return firn_tensor_within(FIRN_INT64, &shape, &env->limits, err);
}

firn_code firn_list_new(const firn_env *env, firn_dtype dtype,
                        const firn_shape *shape, int64_t most, size_t count,
                        firn_list **out, firn_error *err) {
  *out = NULL;
  FIRN_TRY(check_room(env, count, err));
  firn_list_body *body = new_body(&env->alloc, count);
  firn_list *list = body ? add_list(body, NULL, NULL, count) : NULL;
  if (!list) {
    if (body) free_body(body);
    return firn_oom(err, count * sizeof(firn_tensor *));
  }
  list->dtype = dtype;
  list->shape = *shape;
  list->most = most;
  *out = list;
  return FIRN_OK;
}

void firn_list_put(firn_list *list, size_t i, firn_tensor *tensor) {
  firn_tensor_release(list->body->items[i]);
  list->body->items[i] = tensor;
}

/* Element i of a version, borrowed. Called with the lock held. */
static firn_tensor *look(const firn_list_body *body, uint64_t version,
                         size_t i) {
  for (size_t k = body->log_begin + (size_t)(version - body->base);
       k < body->log_end; k++)
    if (body->log[k].at == i) return body->log[k].old;
  return body->items[i];
}

firn_tensor *firn_list_at(firn_list *list, size_t i) {
  firn_list_body *body = list->body;
  pthread_mutex_lock(&body->lock);
  firn_tensor *tensor = look(body, list->version, i);
  if (tensor) firn_tensor_retain(tensor);
  pthread_mutex_unlock(&body->lock);
  return tensor;
}

/* The first `count` elements of a version: the newest, then back in time. */
static void gather(firn_list_body *body, uint64_t version, size_t count,
                   firn_tensor **out) {
  pthread_mutex_lock(&body->lock);
  if (count) memcpy(out, body->items, count * sizeof *out);
  const size_t since = body->log_begin + (size_t)(version - body->base);
  for (size_t k = body->log_end; k > since; k--)
    if (body->log[k - 1].at < count)
      out[body->log[k - 1].at] = body->log[k - 1].old;
  for (size_t i = 0; i < count; i++)
    if (out[i]) firn_tensor_retain(out[i]);
  pthread_mutex_unlock(&body->lock);
}

firn_code firn_list_all(firn_list *list, const firn_env *env,
                        firn_tensor ***out, firn_error *err) {
  const size_t size = (list->count + 1) * sizeof **out;
  *out = firn_new_zeroed(&env->alloc, size);
  if (!*out) return firn_oom(err, size);
  gather(list->body, list->version, list->count, *out);
  return FIRN_OK;
}

void firn_list_let_go(const firn_env *env, firn_tensor **all, size_t count) {
  if (!all) return;
  for (size_t i = 0; i < count; i++) firn_tensor_release(all[i]);
  firn_delete(&env->alloc, all, (count + 1) * sizeof *all);
}

/* ---- New lists out of old ones ------------------------------------------ */

static firn_code copy_list(firn_list *list, const firn_env *env, size_t count,
                           firn_list **out, firn_error *err) {
  FIRN_TRY(firn_list_new(env, list->dtype, &list->shape, list->most, count, out,
                         err));
  gather(list->body, list->version, firn_min_size(list->count, count),
         (*out)->body->items);
  return FIRN_OK;
}

/* Sets a place in the newest version, which thereby becomes another. Called
 * with the lock held, and room in items and log. */
static void overwrite(firn_list_body *body, size_t i, firn_tensor *tensor) {
  body->log[body->log_end++] = (change){i, body->items[i]};
  body->items[i] = tensor ? firn_tensor_retain(tensor) : NULL;
  body->version++;
}

static bool is_newest(const firn_list *list) {
  const firn_list_body *body = list->body;
  return list->version == body->version &&
         body->log_end - body->log_begin < body->capacity * 2 + FEW_CHANGES;
}

/* The list after elements [from, to) became `tensor`; NULL when memory is
 * short. Called with the lock held. */
static firn_list *changed(firn_list *list, size_t from, size_t to,
                          firn_tensor *tensor, size_t count) {
  firn_list_body *body = list->body;
  if (!widen(body, firn_max_size(to, count)) || !make_log_room(body, to - from))
    return NULL;
  firn_list *out = add_list(body, list, body->newest, count);
  if (!out) return NULL;
  for (size_t i = from; i < to; i++)
    if (body->items[i] != tensor) overwrite(body, i, tensor);
  out->version = body->version;
  return out;
}

static firn_code derive(firn_list *list, const firn_env *env, size_t from,
                        size_t to, firn_tensor *tensor, size_t count,
                        firn_list **out, firn_error *err) {
  *out = NULL;
  FIRN_TRY(check_room(env, count, err));
  pthread_mutex_lock(&list->body->lock);
  const bool in_place = is_newest(list);
  if (in_place) *out = changed(list, from, to, tensor, count);
  pthread_mutex_unlock(&list->body->lock);
  if (in_place)
    return *out ? FIRN_OK : firn_oom(err, count * sizeof(firn_tensor *));
  FIRN_TRY(copy_list(list, env, count, out, err));
  for (size_t i = from; i < to && i < count; i++)
    firn_list_put(*out, i, tensor ? firn_tensor_retain(tensor) : NULL);
  return FIRN_OK;
}

firn_code firn_list_with(firn_list *list, const firn_env *env, size_t i,
                         firn_tensor *tensor, firn_list **out,
                         firn_error *err) {
  return derive(list, env, i, i + 1, tensor, firn_max_size(list->count, i + 1),
                out, err);
}

firn_code firn_list_resized(firn_list *list, const firn_env *env, size_t count,
                            firn_list **out, firn_error *err) {
  const size_t less = firn_min_size(count, list->count);
  const size_t more = firn_max_size(count, list->count);
  return derive(list, env, less, more, NULL, count, out, err);
}
