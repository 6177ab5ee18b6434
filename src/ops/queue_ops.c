/* ops/queue_ops.c: the ops on queues: making, filling, emptying, closing.
 *
 *   FIFOQueue, RandomShuffleQueue, PaddingFIFOQueue, PriorityQueue (and V2)
 *   QueueEnqueue (Many), QueueDequeue (Many, UpTo), QueueClose, QueueSize,
 *   QueueIsClosed (and V2)
 */
#include <time.h>

#include "ops/handle.h"
#include "ops/infer.h"
#include "ops/queue.h"
#include "ops/store.h"

/* ---- Making ------------------------------------------------------------- */

typedef struct declaration {
  const firn_run *run;
  firn_queue_kind kind;
  const char *kind_name;
  firn_str name;
} declaration;

static firn_code take_shapes(firn_queue *q, const firn_node *node, size_t skip,
                             firn_error *err) {
  const firn_pb_AttrValue *attr = firn_attr(node, "shapes");
  const size_t count = attr && attr->value_case == FIRN_ATTR_LIST && attr->list
                           ? attr->list->shape_count
                           : 0;
  for (size_t k = 0; k < q->width; k++) q->shape[k] = firn_shape_unknown();
  if (skip) q->shape[0] = firn_shape_scalar();
  q->shaped = count > 0;
  if (!count) return FIRN_OK;
  if (count != q->width - skip)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu shapes for %zu component types", count,
                     q->width - skip);
  for (size_t k = 0; k < count; k++) {
    firn_shape *shape = &q->shape[skip + k];
    FIRN_TRY(firn_shape_from_proto(attr->list->shape[k], shape, err));
    const bool pads = q->kind == FIRN_QUEUE_PADDING && shape->rank >= 0;
    if (!pads && !firn_shape_known(shape)) q->shaped = false;
  }
  return FIRN_OK;
}

/* Without seeds nobody wants the same order twice: the time will do. */
static void start_chance(firn_queue *q, const firn_node *node) {
  uint64_t seed = (uint64_t)firn_attr_int_or(node, "seed", 0);
  uint64_t seed2 = (uint64_t)firn_attr_int_or(node, "seed2", 0);
  struct timespec now = {0, 0};
  if (seed == 0 && seed2 == 0) {
    timespec_get(&now, TIME_UTC);
    seed = (uint64_t)now.tv_nsec;
    seed2 = (uint64_t)now.tv_sec;
  }
  q->philox = firn_philox_seeded(seed, seed2);
}

static firn_code take_attrs(firn_queue *q, const firn_node *node,
                            firn_error *err) {
  const size_t skip = q->kind == FIRN_QUEUE_PRIORITY;
  const size_t types = firn_attr_type_count(node, "component_types");
  const int64_t capacity = firn_attr_int_or(node, "capacity", -1);
  const int64_t stays = firn_attr_int_or(node, "min_after_dequeue", 0);
  if (types < 1 || types + skip > FIRN_QUEUE_WIDTH)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'component_types' has %zu types, wanted 1 to %d",
                     types, FIRN_QUEUE_WIDTH);
  q->width = types + skip;
  if (skip) q->dtype[0] = FIRN_INT64;
  for (size_t k = 0; k < types; k++)
    q->dtype[skip + k] = firn_attr_type_at(node, "component_types", k);
  if (stays < 0 || (capacity >= 0 && stays >= capacity && stays > 0))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "min_after_dequeue = %lld must be from 0 and below the "
                     "capacity %lld",
                     (long long)stays, (long long)capacity);
  q->most = capacity < 0 ? SIZE_MAX : (size_t)capacity;
  q->left_behind = (size_t)stays;
  start_chance(q, node);
  q->words = (firn_philox_words){.source = &q->philox, .used = 4};
  return take_shapes(q, node, skip, err);
}

static firn_code make_queue(void *ud, firn_object **out, firn_error *err) {
  const declaration *d = ud;
  firn_queue *q = firn_new_zeroed(&d->run->env->alloc, sizeof *q);
  if (!q) return firn_oom(err, sizeof *q);
  firn_object_init(&q->object, &firn_queue_class);
  pthread_mutex_init(&q->lock, NULL);
  pthread_cond_init(&q->changed, NULL);
  q->alloc = d->run->env->alloc;
  q->kind = d->kind;
  q->kind_name = d->kind_name;
  q->name = d->name;
  const firn_code code = take_attrs(q, d->run->node, err);
  if (code == FIRN_OK)
    *out = &q->object;
  else
    firn_object_release(&q->object);
  return code;
}

/* A queue that is there already must be of the same kind and types. */
static firn_code check_same(const firn_queue *q, const declaration *d,
                            firn_error *err) {
  const size_t skip = d->kind == FIRN_QUEUE_PRIORITY;
  bool same =
      q->kind == d->kind &&
      q->width == skip + firn_attr_type_count(d->run->node, "component_types");
  for (size_t k = skip; same && k < q->width; k++)
    same = q->dtype[k] ==
           firn_attr_type_at(d->run->node, "component_types", k - skip);
  if (same) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "queue '%.*s' is of another kind or other types",
                   FIRN_ARG(d->name));
}

static firn_code infer_queue(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  if (!firn_dtype_is_ref(q->out[0].dtype))
    q->out[0].shape = firn_shape_scalar();
  return FIRN_OK;
}

static firn_code drive_queue(const firn_run *run, firn_error *err) {
  static const struct {
    const char *op;
    firn_queue_kind kind;
    const char *name;
  } kinds[] = {{"FIFOQueue", FIRN_QUEUE_FIFO, "FIFOQueue"},
               {"RandomShuffleQueue", FIRN_QUEUE_SHUFFLE, "RandomShuffleQueue"},
               {"PaddingFIFOQueue", FIRN_QUEUE_PADDING, "PaddingFIFOQueue"},
               {"PriorityQueue", FIRN_QUEUE_PRIORITY, "PriorityQueue"}};
  declaration d = {.run = run};
  firn_object *object = NULL;
  for (size_t i = 0; i < FIRN_COUNT(kinds); i++)
    if (firn_str_starts(run->node->def->op, firn_str_of(kinds[i].op))) {
      d.kind = kinds[i].kind;
      d.kind_name = kinds[i].name;
    }
  if (!run->store)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "there is no session to keep queues");
  d.name = firn_attr_str_or(run->node, "shared_name", "");
  if (!d.name.size) d.name = run->node->def->name;
  FIRN_TRY(firn_store_get(run->store,
                          firn_attr_str_or(run->node, "container", ""), d.name,
                          &firn_queue_class, make_queue, &d, &object, err));
  const firn_code code = check_same((firn_queue *)object, &d, err);
  if (code == FIRN_OK) return firn_give_object(run, 0, object, err);
  firn_object_release(object);
  return code;
}

static firn_code queue_of(const firn_run *run, firn_queue **out,
                          firn_error *err) {
  firn_object *object = NULL;
  FIRN_TRY(firn_object_of(run->in[0], &firn_queue_class, &object, err));
  *out = (firn_queue *)object;
  return FIRN_OK;
}

/* ---- Putting ------------------------------------------------------------ */

static firn_code check_tuple(const firn_queue *q, firn_tensor *const *tuple,
                             size_t count, firn_error *err) {
  char th[256], tw[256];
  if (count != q->width)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu tensors for a queue of tuples of %zu", count,
                     q->width);
  for (size_t k = 0; k < count; k++) {
    if (tuple[k]->dtype != q->dtype[k])
      return firn_fail(
          err, FIRN_INVALID_ARGUMENT, "component %zu is %s, the queue wants %s",
          k, firn_dtype_name(tuple[k]->dtype), firn_dtype_name(q->dtype[k]));
    if (!firn_shape_fits(&q->shape[k], &tuple[k]->shape))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "component %zu has shape %s, the queue wants %s", k,
                       firn_shape_text(&tuple[k]->shape, th),
                       firn_shape_text(&q->shape[k], tw));
  }
  return FIRN_OK;
}

static firn_code drive_put(const firn_run *run, firn_error *err) {
  firn_queue *q;
  FIRN_TRY(queue_of(run, &q, err));
  FIRN_TRY(check_tuple(q, run->in + 1, run->in_count - 1, err));
  return firn_queue_put(q, run, run->in + 1, err);
}

/* Row i of a tensor, as one of its own. */
static firn_code row_of(const firn_tensor *t, size_t i,
                        const firn_allocator *alloc, firn_tensor **out,
                        firn_error *err) {
  const firn_shape shape = firn_shape_rest(&t->shape);
  FIRN_TRY(firn_tensor_make(t->dtype, &shape, alloc, out, err));
  const size_t bytes = (*out)->count * firn_dtype_size(t->dtype);
  if (firn_elements_copy(t->dtype, (*out)->data,
                         (const char *)t->data + i * bytes, (*out)->count))
    return FIRN_OK;
  firn_tensor_release(*out);
  *out = NULL;
  return firn_oom(err, bytes);
}

static firn_code put_row(const firn_run *run, firn_queue *q, size_t i,
                         firn_error *err) {
  firn_tensor *tuple[FIRN_QUEUE_WIDTH] = {NULL};
  firn_code code = FIRN_OK;
  for (size_t k = 0; k < q->width && code == FIRN_OK; k++)
    code = row_of(run->in[1 + k], i, run->env ? &run->env->alloc : NULL,
                  &tuple[k], err);
  if (code == FIRN_OK) code = check_tuple(q, tuple, q->width, err);
  if (code == FIRN_OK) code = firn_queue_put(q, run, tuple, err);
  for (size_t k = 0; k < q->width; k++) firn_tensor_release(tuple[k]);
  return code;
}

static firn_code drive_put_many(const firn_run *run, firn_error *err) {
  firn_queue *q;
  char text[256];
  FIRN_TRY(queue_of(run, &q, err));
  if (run->in_count - 1 != q->width)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu tensors for a queue of tuples of %zu",
                     run->in_count - 1, q->width);
  for (size_t k = 0; k < q->width; k++) {
    const firn_shape *shape = &run->in[1 + k]->shape;
    if (shape->rank < 1 || shape->dims[0] != run->in[1]->shape.dims[0])
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "component %zu has shape %s: all need one first axis "
                       "of equal length",
                       k, firn_shape_text(shape, text));
  }
  const size_t rows = (size_t)run->in[1]->shape.dims[0];
  for (size_t i = 0; i < rows; i++) FIRN_TRY(put_row(run, q, i, err));
  return FIRN_OK;
}

/* ---- Taking ------------------------------------------------------------- */

/* The outputs must be of the queue's types. */
static firn_code check_outputs(const firn_run *run, const firn_queue *q,
                               firn_error *err) {
  if (run->out_count != q->width)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu outputs of a queue of tuples of %zu", run->out_count,
                     q->width);
  for (size_t k = 0; k < q->width; k++)
    if ((firn_dtype)run->node->output_types[k] != q->dtype[k])
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "output %zu is %s, the queue has %s", k,
                       firn_dtype_name((firn_dtype)run->node->output_types[k]),
                       firn_dtype_name(q->dtype[k]));
  return FIRN_OK;
}

static firn_code drive_take(const firn_run *run, firn_error *err) {
  firn_queue *q;
  firn_tuples tuple;
  FIRN_TRY(queue_of(run, &q, err));
  FIRN_TRY(check_outputs(run, q, err));
  const firn_code code = firn_queue_take(q, run, 1, false, &tuple, err);
  for (size_t k = 0; k < q->width && code == FIRN_OK; k++)
    firn_run_give(run, k, firn_tensor_retain(tuple.item[k]));
  firn_tuples_fini(q, &tuple);
  return code;
}

/* The shape of `count` rows of component k; a padding queue takes the largest
 * extent of each axis. */
static firn_code batch_shape(const firn_queue *q, firn_tensor *const *tuples,
                             size_t count, size_t k, firn_shape *out,
                             firn_error *err) {
  firn_shape row = q->shape[k];
  for (int a = 0; a < row.rank; a++) {
    if (row.dims[a] >= 0) continue;
    row.dims[a] = 0;
    for (size_t i = 0; i < count; i++) {
      const int64_t dim = tuples[i * q->width + k]->shape.dims[a];
      row.dims[a] = dim > row.dims[a] ? dim : row.dims[a];
    }
  }
  return firn_shape_prepend((int64_t)count, &row, out, err);
}

/* Copies a row into the larger one that starts at `to`, whose rest is zero. */
static bool copy_padded(const firn_tensor *from, const firn_shape *batch,
                        char *to) {
  const int rank = from->shape.rank;
  const size_t size = firn_dtype_size(from->dtype);
  int64_t at[FIRN_MAX_RANK] = {0};
  const size_t run = rank ? (size_t)from->shape.dims[rank - 1] : 1;
  if (from->count == 0) return true;
  for (size_t done = 0; done < from->count; done += run) {
    size_t place = 0;
    for (int a = 0; a < rank; a++)
      place = place * (size_t)batch->dims[a + 1] + (size_t)at[a];
    if (!firn_elements_copy(from->dtype, to + place * size,
                            (const char *)from->data + done * size, run))
      return false;
    for (int a = rank - 2; a >= 0 && ++at[a] == from->shape.dims[a]; a--)
      at[a] = 0;
  }
  return true;
}

static firn_code give_batch(const firn_run *run, const firn_queue *q,
                            firn_tensor *const *tuples, size_t count, size_t k,
                            firn_error *err) {
  firn_shape shape;
  firn_tensor *out = NULL;
  FIRN_TRY(batch_shape(q, tuples, count, k, &shape, err));
  FIRN_TRY(firn_tensor_within(q->dtype[k], &shape, &run->env->limits, err));
  FIRN_TRY(firn_tensor_make(q->dtype[k], &shape, &run->env->alloc, &out, err));
  if (firn_dtype_is_plain(out->dtype) && out->count)
    memset(out->data, 0, firn_tensor_bytes(out));
  const size_t row = (size_t)firn_shape_product(&shape, 1, shape.rank);
  bool copied = true;
  for (size_t i = 0; i < count && copied; i++)
    copied =
        copy_padded(tuples[i * q->width + k], &shape,
                    (char *)out->data + i * row * firn_dtype_size(out->dtype));
  if (copied) {
    firn_run_give(run, k, out);
    return FIRN_OK;
  }
  firn_tensor_release(out);
  return firn_oom(err, row);
}

static firn_code drive_take_many(const firn_run *run, firn_error *err) {
  const bool up_to =
      firn_str_starts(run->node->def->op, FIRN_STR("QueueDequeueUpTo"));
  firn_queue *q;
  firn_tuples tuples;
  int64_t n;
  FIRN_TRY(queue_of(run, &q, err));
  FIRN_TRY(check_outputs(run, q, err));
  FIRN_TRY(firn_scalar_of(run->in[1], "n", &n, err));
  if (n < 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "n = %lld is below zero",
                     (long long)n);
  if (!q->shaped)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%s '%.*s' has no shapes of its components, so that many "
                     "cannot become one",
                     q->kind_name, FIRN_ARG(q->name));
  firn_code code = firn_queue_take(q, run, (size_t)n, up_to, &tuples, err);
  for (size_t k = 0; k < q->width && code == FIRN_OK; k++)
    code = give_batch(run, q, tuples.item, tuples.count, k, err);
  firn_tuples_fini(q, &tuples);
  return code;
}

/* ---- Asking and closing ------------------------------------------------- */

static firn_code drive_close(const firn_run *run, firn_error *err) {
  firn_queue *q;
  FIRN_TRY(queue_of(run, &q, err));
  return firn_queue_close(q, err);
}

static firn_code drive_size(const firn_run *run, firn_error *err) {
  firn_queue *q;
  FIRN_TRY(queue_of(run, &q, err));
  *(int32_t *)run->out[0]->data = (int32_t)firn_queue_count(q);
  return FIRN_OK;
}

static firn_code drive_is_closed(const firn_run *run, firn_error *err) {
  firn_queue *q;
  FIRN_TRY(queue_of(run, &q, err));
  *(bool *)run->out[0]->data = firn_queue_closed(q);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(NAME, DRIVE) \
  static const firn_kernel NAME[] = {{.drive = DRIVE}, {.drive = NULL}};

KERNEL(queue, drive_queue)
KERNEL(put, drive_put)
KERNEL(put_many, drive_put_many)
KERNEL(take, drive_take)
KERNEL(take_many_of, drive_take_many)
KERNEL(closing, drive_close)
KERNEL(size, drive_size)
KERNEL(closed, drive_is_closed)

enum {
  HANDLE = FIRN_OP_STATEFUL | FIRN_OP_GIVES | FIRN_OP_HANDLE,
  GIVES = FIRN_OP_STATEFUL | FIRN_OP_GIVES,
  ACTS = FIRN_OP_STATEFUL,
};

#define BOTH(NAME, INFER, KERNELS, FLAGS) \
  {NAME, INFER, KERNELS, FLAGS}, { NAME "V2", INFER, KERNELS, FLAGS }

static const firn_op ops[] = {
    BOTH("FIFOQueue", infer_queue, queue, HANDLE),
    BOTH("RandomShuffleQueue", infer_queue, queue, HANDLE),
    BOTH("PaddingFIFOQueue", infer_queue, queue, HANDLE),
    BOTH("PriorityQueue", infer_queue, queue, HANDLE),
    BOTH("QueueEnqueue", firn_infer_none, put, ACTS),
    BOTH("QueueEnqueueMany", firn_infer_none, put_many, ACTS),
    BOTH("QueueDequeue", firn_infer_unknown, take, GIVES),
    BOTH("QueueDequeueMany", firn_infer_unknown, take_many_of, GIVES),
    BOTH("QueueDequeueUpTo", firn_infer_unknown, take_many_of, GIVES),
    BOTH("QueueClose", firn_infer_none, closing, ACTS),
    BOTH("QueueSize", firn_infer_scalar, size, ACTS),
    BOTH("QueueIsClosed", firn_infer_scalar, closed, ACTS),
};

FIRN_OP_FAMILY(queue_ops, ops);
