/* ops/queue.c: the queues themselves. */
#include "ops/queue.h"

#include <time.h>

#include "ops/handle.h"

enum { LOOK_UP_MS = 20 }; /* how soon a waiter hears that its run is to stop */

static void release_tuple(const firn_queue *q, firn_tensor **tuple) {
  for (size_t k = 0; k < q->width; k++) firn_tensor_release(tuple[k]);
}

static firn_tensor **tuple_at(const firn_queue *q, size_t i) {
  return q->item + (q->first + i) % q->capacity * q->width;
}

static void free_queue(firn_object *object) {
  firn_queue *q = (firn_queue *)object;
  const firn_allocator alloc = q->alloc;
  for (size_t i = 0; i < q->count; i++) release_tuple(q, tuple_at(q, i));
  firn_delete(&alloc, q->item, q->capacity * q->width * sizeof *q->item);
  pthread_cond_destroy(&q->changed);
  pthread_mutex_destroy(&q->lock);
  firn_delete(&alloc, q, sizeof *q);
}

const firn_object_class firn_queue_class = {"queue", free_queue};

/* ---- Waiting ------------------------------------------------------------ */

/* Called with the lock, which is free while it waits. */
static firn_code wait_for_change(firn_queue *q, const firn_run *run,
                                 const char *why, firn_error *err) {
  struct timespec until;
  if (!run->stop)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "%s '%.*s' is %s, and nothing would change that",
                     q->kind_name, FIRN_ARG(q->name), why);
  FIRN_TRY(run->stop(run->stop_ud, err));
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += LOOK_UP_MS * 1000000L;
  if (until.tv_nsec >= 1000000000L) {
    until.tv_sec++;
    until.tv_nsec -= 1000000000L;
  }
  pthread_cond_timedwait(&q->changed, &q->lock, &until);
  return FIRN_OK;
}

/* ---- Putting ------------------------------------------------------------ */

static firn_code make_room(firn_queue *q, firn_error *err) {
  if (q->count < q->capacity) return FIRN_OK;
  const size_t more = q->capacity ? 2 * q->capacity : 16;
  size_t bytes;
  if (!firn_mul_size(more, q->width * sizeof *q->item, &bytes))
    return firn_oom(err, SIZE_MAX);
  firn_tensor **item = firn_new(&q->alloc, bytes);
  if (!item) return firn_oom(err, bytes);
  for (size_t i = 0; i < q->count; i++)
    memcpy(item + i * q->width, tuple_at(q, i), q->width * sizeof *item);
  firn_delete(&q->alloc, q->item, q->capacity * q->width * sizeof *q->item);
  q->item = item;
  q->capacity = more;
  q->first = 0;
  return FIRN_OK;
}

static firn_code keep_tuple(const firn_queue *q, firn_tensor *const *from,
                            firn_tensor **to, firn_error *err) {
  for (size_t k = 0; k < q->width; k++) {
    const firn_code code = firn_tensor_settle(from[k], &q->alloc, &to[k], err);
    if (code == FIRN_OK) continue;
    while (k-- > 0) firn_tensor_release(to[k]);
    return code;
  }
  return FIRN_OK;
}

static firn_code is_closed(const firn_queue *q, firn_error *err) {
  return firn_fail(err, FIRN_CANCELLED, "%s '%.*s' is closed", q->kind_name,
                   FIRN_ARG(q->name));
}

static firn_code put_locked(firn_queue *q, const firn_run *run,
                            firn_tensor *const *tuple, firn_error *err) {
  if (q->closed) return is_closed(q, err);
  while (q->count >= q->most) {
    FIRN_TRY(wait_for_change(q, run, "full", err));
    if (q->closed) return is_closed(q, err);
  }
  FIRN_TRY(make_room(q, err));
  FIRN_TRY(keep_tuple(q, tuple, tuple_at(q, q->count), err));
  q->count++;
  pthread_cond_broadcast(&q->changed);
  return FIRN_OK;
}

firn_code firn_queue_put(firn_queue *q, const firn_run *run,
                         firn_tensor *const *tuple, firn_error *err) {
  pthread_mutex_lock(&q->lock);
  const firn_code code = put_locked(q, run, tuple, err);
  pthread_mutex_unlock(&q->lock);
  return code;
}

/* ---- Taking ------------------------------------------------------------- */

/* How many may leave now. */
static size_t available(const firn_queue *q) {
  if (q->closed) return q->count;
  return q->count > q->left_behind ? q->count - q->left_behind : 0;
}

static size_t lowest(const firn_queue *q) {
  size_t best = 0;
  for (size_t i = 1; i < q->count; i++)
    if (*(const int64_t *)tuple_at(q, i)[0]->data <
        *(const int64_t *)tuple_at(q, best)[0]->data)
      best = i;
  return best;
}

/* Takes the next tuple out. By chance the last takes the place of the one that
 * leaves; else those before it move up. */
static void take_one(firn_queue *q, firn_tensor **out) {
  const size_t bytes = q->width * sizeof *out;
  size_t i = 0;
  if (q->kind == FIRN_QUEUE_SHUFFLE) {
    i = firn_philox_word(&q->words) % q->count;
    memcpy(out, tuple_at(q, i), bytes);
    memmove(tuple_at(q, i), tuple_at(q, q->count - 1), bytes);
  } else {
    if (q->kind == FIRN_QUEUE_PRIORITY) i = lowest(q);
    memcpy(out, tuple_at(q, i), bytes);
    for (; i > 0; i--) memcpy(tuple_at(q, i), tuple_at(q, i - 1), bytes);
    q->first = (q->first + 1) % q->capacity;
  }
  q->count--;
}

/* What was taken in vain goes back to the front; there is room for it unless
 * others have filled the queue meanwhile, and then it grows. */
static void put_back(firn_queue *q, firn_tensor **tuples, size_t count) {
  while (count-- > 0) {
    if (make_room(q, NULL) != FIRN_OK) {
      release_tuple(q, tuples + count * q->width);
      continue;
    }
    q->first = (q->first + q->capacity - 1) % q->capacity;
    memcpy(tuple_at(q, 0), tuples + count * q->width,
           q->width * sizeof *tuples);
    q->count++;
  }
}

static firn_code too_few(const firn_queue *q, size_t n, size_t have,
                         firn_error *err) {
  return firn_fail(err, FIRN_OUT_OF_RANGE,
                   "%s '%.*s' is closed and has insufficient elements "
                   "(requested %zu, current size %zu)",
                   q->kind_name, FIRN_ARG(q->name), n, have);
}

static firn_code tuples_grow(const firn_queue *q, firn_tuples *t,
                             firn_error *err) {
  if (t->count < t->capacity) return FIRN_OK;
  const size_t more = t->capacity ? 2 * t->capacity : 1;
  const size_t width = q->width * sizeof *t->item;
  firn_tensor **item =
      firn_resize(&q->alloc, t->item, t->capacity * width, more * width);
  if (!item) return firn_oom(err, more * width);
  t->item = item;
  t->capacity = more;
  return FIRN_OK;
}

void firn_tuples_fini(const firn_queue *q, firn_tuples *t) {
  for (size_t i = 0; i < t->count; i++)
    release_tuple(q, t->item + i * q->width);
  firn_delete(&q->alloc, t->item, t->capacity * q->width * sizeof *t->item);
  *t = (firn_tuples){NULL, 0, 0};
}

static firn_code take_locked(firn_queue *q, const firn_run *run, size_t n,
                             bool up_to, firn_tuples *out, firn_error *err) {
  firn_code code = FIRN_OK;
  while (out->count < n && code == FIRN_OK) {
    if (available(q)) {
      code = tuples_grow(q, out, err);
      if (code != FIRN_OK) break;
      take_one(q, out->item + out->count * q->width);
      out->count++;
      pthread_cond_broadcast(&q->changed);
    } else if (q->closed) {
      if (up_to && out->count) return FIRN_OK;
      code = too_few(q, n, out->count + q->count, err);
    } else {
      code = wait_for_change(q, run, "empty", err);
    }
  }
  if (code == FIRN_OK) return code;
  put_back(q, out->item, out->count);
  out->count = 0;
  return code;
}

firn_code firn_queue_take(firn_queue *q, const firn_run *run, size_t n,
                          bool up_to, firn_tuples *out, firn_error *err) {
  *out = (firn_tuples){NULL, 0, 0};
  pthread_mutex_lock(&q->lock);
  const firn_code code = take_locked(q, run, n, up_to, out, err);
  pthread_mutex_unlock(&q->lock);
  return code;
}

/* ---- The rest ----------------------------------------------------------- */

firn_code firn_queue_close(firn_queue *q, firn_error *err) {
  pthread_mutex_lock(&q->lock);
  const bool again = q->closed;
  q->closed = true;
  pthread_cond_broadcast(&q->changed);
  pthread_mutex_unlock(&q->lock);
  return again ? firn_fail(err, FIRN_CANCELLED, "%s '%.*s' is already closed",
                           q->kind_name, FIRN_ARG(q->name))
               : FIRN_OK;
}

size_t firn_queue_count(firn_queue *q) {
  pthread_mutex_lock(&q->lock);
  const size_t count = q->count;
  pthread_mutex_unlock(&q->lock);
  return count;
}

bool firn_queue_closed(firn_queue *q) {
  pthread_mutex_lock(&q->lock);
  const bool closed = q->closed;
  pthread_mutex_unlock(&q->lock);
  return closed;
}
