/* ops/stack.c: stacks of tensors, by which V1 loops keep what their gradients
 * need.
 *
 * A stack is made anew each time that its op runs, and lives as long as a
 * handle of it. */
#include <pthread.h>

#include "ops/handle.h"
#include "ops/infer.h"

typedef struct stack {
  firn_object object;
  firn_allocator alloc;
  firn_dtype dtype;
  int64_t most;         /* negative: as many as there is memory for */
  pthread_mutex_t lock; /* guards what follows                      */
  firn_tensor **items;
  size_t count, capacity;
  bool closed;
} stack;

static void clear(stack *s) {
  for (size_t i = 0; i < s->count; i++) firn_tensor_release(s->items[i]);
  firn_delete(&s->alloc, s->items, s->capacity * sizeof *s->items);
  s->items = NULL;
  s->count = s->capacity = 0;
}

static void free_stack(firn_object *object) {
  stack *s = (stack *)object;
  const firn_allocator alloc = s->alloc;
  clear(s);
  pthread_mutex_destroy(&s->lock);
  firn_delete(&alloc, s, sizeof *s);
}

static const firn_object_class stack_class = {"stack", free_stack};

static firn_code stack_of(const firn_run *run, stack **out, firn_error *err) {
  firn_object *object = NULL;
  FIRN_TRY(firn_object_of(run->in[0], &stack_class, &object, err));
  *out = (stack *)object;
  return FIRN_OK;
}

static firn_code check(const stack *s, firn_dtype dtype, firn_error *err) {
  if (s->closed)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "the stack has been closed");
  if (s->dtype == dtype) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "the stack is of %s, the op wants %s",
                   firn_dtype_name(s->dtype), firn_dtype_name(dtype));
}

/* ---- Ops ---------------------------------------------------------------- */

static firn_code infer_new(firn_infer *q, firn_error *err) {
  if (q->in_count) FIRN_TRY(firn_infer_rank(q, 0, 0, "max_size", NULL, err));
  if (!firn_dtype_is_ref(q->out[0].dtype))
    q->out[0].shape = firn_shape_scalar();
  return FIRN_OK;
}

static firn_code drive_new(const firn_run *run, firn_error *err) {
  int64_t most = -1;
  firn_dtype dtype;
  if (run->in_count)
    FIRN_TRY(firn_scalar_of(run->in[0], "max_size", &most, err));
  FIRN_TRY(firn_attr_type(run->node, "elem_type", &dtype, err));
  stack *s = firn_new_zeroed(&run->env->alloc, sizeof *s);
  if (!s) return firn_oom(err, sizeof *s);
  firn_object_init(&s->object, &stack_class);
  pthread_mutex_init(&s->lock, NULL);
  s->alloc = run->env->alloc;
  s->dtype = dtype;
  s->most = most;
  return firn_give_object(run, 0, &s->object, err);
}

static firn_code put(stack *s, firn_tensor *item, firn_error *err) {
  FIRN_TRY(check(s, item->dtype, err));
  if (s->most >= 0 && s->count >= (uint64_t)s->most)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the stack is full with its %zu elements", s->count);
  if (s->count == s->capacity) {
    const size_t more = s->capacity * 2 + 8;
    firn_tensor **items = firn_resize(
        &s->alloc, s->items, s->capacity * sizeof *items, more * sizeof *items);
    if (!items) return firn_oom(err, more * sizeof *items);
    s->items = items;
    s->capacity = more;
  }
  FIRN_TRY(firn_tensor_settle(item, &s->alloc, &s->items[s->count], err));
  s->count++;
  return FIRN_OK;
}

static firn_code infer_push(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  q->out[0] = q->in[1];
  return FIRN_OK;
}

static firn_code drive_push(const firn_run *run, firn_error *err) {
  stack *s;
  firn_tensor *out = NULL;
  FIRN_TRY(stack_of(run, &s, err));
  pthread_mutex_lock(&s->lock);
  firn_code code = put(s, run->in[1], err);
  if (code == FIRN_OK) out = firn_tensor_retain(s->items[s->count - 1]);
  pthread_mutex_unlock(&s->lock);
  if (code == FIRN_OK) firn_run_give(run, 0, out);
  return code;
}

static firn_code drive_pop(const firn_run *run, firn_error *err) {
  stack *s;
  firn_tensor *out = NULL;
  FIRN_TRY(stack_of(run, &s, err));
  pthread_mutex_lock(&s->lock);
  firn_code code = check(s, (firn_dtype)run->node->output_types[0], err);
  if (code == FIRN_OK && !s->count)
    code = firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the stack is empty: there is nothing to pop");
  if (code == FIRN_OK) out = s->items[--s->count];
  pthread_mutex_unlock(&s->lock);
  if (code == FIRN_OK) firn_run_give(run, 0, out);
  return code;
}

static firn_code drive_close(const firn_run *run, firn_error *err) {
  stack *s;
  FIRN_TRY(stack_of(run, &s, err));
  pthread_mutex_lock(&s->lock);
  clear(s);
  s->closed = true;
  pthread_mutex_unlock(&s->lock);
  return FIRN_OK;
}

#define KERNEL(NAME) \
  static const firn_kernel NAME[] = {{.drive = drive_##NAME}, {.drive = NULL}}

KERNEL(new);
KERNEL(push);
KERNEL(pop);
KERNEL(close);

enum { STATE = FIRN_OP_STATEFUL, GIVES = FIRN_OP_STATEFUL | FIRN_OP_GIVES };

static const firn_op ops[] = {
    {"Stack", infer_new, new, GIVES},
    {"StackV2", infer_new, new, GIVES},
    {"StackPush", infer_push, push, GIVES},
    {"StackPushV2", infer_push, push, GIVES},
    {"StackPop", firn_infer_unknown, pop, GIVES},
    {"StackPopV2", firn_infer_unknown, pop, GIVES},
    {"StackClose", firn_infer_none, close, STATE},
    {"StackCloseV2", firn_infer_none, close, STATE},
};

FIRN_OP_FAMILY(stack, ops);
