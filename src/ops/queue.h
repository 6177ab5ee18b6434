/* ops/queue.h: queues of tuples of tensors, by which old input pipelines hand
 * on what they have read.
 *
 * Four kinds differ in what leaves first: the oldest (FIFO), any by chance
 * (shuffle), the oldest with shapes filled up to the largest (padding), and the
 * one of the lowest number (priority). A queue that is full makes those wait
 * who put, one that has too little those who take; a closed one takes in
 * nothing and gives what it has.
 *
 * Who waits asks `stop` again and again (firn_run.stop). Without it nobody
 * waits: FAILED_PRECONDITION.
 *
 * Threads: safe.
 */
#ifndef FIRN_OPS_QUEUE_H
#define FIRN_OPS_QUEUE_H

#include <pthread.h>

#include "ops/op.h"
#include "ops/philox.h"

enum { FIRN_QUEUE_WIDTH = 64 }; /* most tensors of a tuple */

typedef enum firn_queue_kind {
  FIRN_QUEUE_FIFO,
  FIRN_QUEUE_SHUFFLE,
  FIRN_QUEUE_PADDING,
  FIRN_QUEUE_PRIORITY,
} firn_queue_kind;

typedef struct firn_queue {
  firn_object object;
  firn_allocator alloc;
  firn_queue_kind kind;
  const char *kind_name; /* "FIFOQueue"                             */
  firn_str name;         /* borrowed from the node                  */
  size_t width;          /* tensors of a tuple                      */
  firn_dtype dtype[FIRN_QUEUE_WIDTH];
  firn_shape shape[FIRN_QUEUE_WIDTH]; /* of one; unknown: any       */
  bool shaped;        /* the shapes are given: many leave at once */
  size_t most;        /* tuples it holds                         */
  size_t left_behind; /* shuffle: tuples that stay to choose from */
  firn_philox philox;
  firn_philox_words words;
  pthread_mutex_t lock; /* guards what follows                     */
  pthread_cond_t changed;
  firn_tensor **item; /* a ring of tuples of `width`             */
  size_t first, count, capacity;
  bool closed;
} firn_queue;

extern const firn_object_class firn_queue_class;

/* Puts one tuple, waiting for room. Each tensor is retained, or copied when it
 * does not own its bytes. CANCELLED when the queue is closed. */
FIRN_CHECKED firn_code firn_queue_put(firn_queue *q, const firn_run *run,
                                      firn_tensor *const *tuple,
                                      firn_error *err);

/* Tuples that were taken; `item` grows with them, whatever number was asked
 * for. */
typedef struct firn_tuples {
  firn_tensor **item;
  size_t count, capacity; /* in tuples */
} firn_tuples;

/* Takes `n` tuples, waiting for them. From a closed queue with fewer:
 * OUT_OF_RANGE and the queue keeps them or, with `up_to`, what there is, if
 * anything. fini releases them. */
FIRN_CHECKED firn_code firn_queue_take(firn_queue *q, const firn_run *run,
                                       size_t n, bool up_to, firn_tuples *out,
                                       firn_error *err);
void firn_tuples_fini(const firn_queue *q, firn_tuples *tuples);

/* CANCELLED when it was closed before. */
FIRN_CHECKED firn_code firn_queue_close(firn_queue *q, firn_error *err);
size_t firn_queue_count(firn_queue *q);
bool firn_queue_closed(firn_queue *q);

#endif
