/* Waiting on queues: until another thread acts, until the run is to stop, and
 * not at all where nobody could ever act. What queues give back is in
 * tests/conformance/queue.cases. */
#include "ops/queue.h"

#include "ops/handle.h"
#include "support/op_case.h"

static firn_queue *open_queue(op_rig *rig, const char *op) {
  static const char *const none[] = {NULL};
  op_open(rig, op, none);
  op_run(rig, 0);
  CHECK_OK(rig->code, &rig->err);
  return (firn_queue *)firn_object_at(rig->out[0], 0);
}

static firn_code go_on(void *ud, firn_error *err) {
  (void)ud;
  (void)err;
  return FIRN_OK;
}

/* Lets it wait a few times. */
static firn_code stop_soon(void *ud, firn_error *err) {
  int *left = ud;
  return (*left)-- > 0 ? FIRN_OK : firn_fail(err, FIRN_CANCELLED, "enough");
}

static firn_tensor *number(int32_t value) {
  const firn_shape scalar = firn_shape_scalar();
  firn_tensor *t = NULL;
  CHECK_EQ(firn_tensor_make(FIRN_INT32, &scalar, NULL, &t, NULL), FIRN_OK);
  *(int32_t *)t->data = value;
  return t;
}

#define ONE "FIFOQueueV2 component_types=[int32] shapes=[<>] capacity=1"

static void *put_hundred(void *ctx) {
  const firn_run run = {.stop = go_on};
  for (int32_t i = 0; i < 100; i++) {
    firn_tensor *t = number(i);
    if (firn_queue_put(ctx, &run, &t, NULL) != FIRN_OK) abort();
    firn_tensor_release(t);
  }
  return NULL;
}

/* With room for one, each side waits for the other all the time. */
TEST_FN(hands_on_between_threads) {
  op_rig rig;
  pthread_t thread;
  const firn_run run = {.stop = go_on};
  firn_queue *q = open_queue(&rig, ONE);
  CHECK_EQ(pthread_create(&thread, NULL, put_hundred, q), 0);
  for (int32_t i = 0; i < 100; i += 4) {
    firn_tuples got;
    CHECK_OK(firn_queue_take(q, &run, 4, false, &got, &rig.err), &rig.err);
    CHECK_EQ(got.count, 4);
    for (int32_t k = 0; k < 4; k++)
      CHECK_EQ(*(int32_t *)got.item[k]->data, i + k);
    firn_tuples_fini(q, &got);
  }
  CHECK_EQ(pthread_join(thread, NULL), 0);
  CHECK_EQ(firn_queue_count(q), 0);
  op_close(&rig);
}

TEST_FN(stops_waiting_when_the_run_does) {
  op_rig rig;
  int patience = 2;
  const firn_run run = {.stop = stop_soon, .stop_ud = &patience};
  firn_queue *q = open_queue(&rig, ONE);
  firn_tensor *t = number(1);
  firn_tuples got;
  CHECK_OK(firn_queue_put(q, &run, &t, &rig.err), &rig.err);
  CHECK_EQ(firn_queue_put(q, &run, &t, &rig.err), FIRN_CANCELLED);
  /* What was taken in vain is there again. */
  CHECK_EQ(firn_queue_take(q, &run, 3, false, &got, &rig.err), FIRN_CANCELLED);
  CHECK_EQ(firn_queue_count(q), 1);
  firn_tuples_fini(q, &got);
  firn_tensor_release(t);
  op_close(&rig);
}

TEST_FN(never_waits_alone) {
  op_rig rig;
  const firn_run run = {.stop = NULL};
  firn_queue *q = open_queue(&rig, ONE);
  firn_tuples got;
  CHECK_EQ(firn_queue_take(q, &run, 1, false, &got, &rig.err),
           FIRN_FAILED_PRECONDITION);
  CHECK_STR(rig.err.message,
            "FIFOQueue 'x' is empty, and nothing would change that");
  firn_tuples_fini(q, &got);
  op_close(&rig);
}

SUITE(ops_queue, TEST(hands_on_between_threads),
      TEST(stops_waiting_when_the_run_does), TEST(never_waits_alone));
