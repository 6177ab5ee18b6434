/* Sessions promise that any number of threads may run one of them at once. Each
 * thread here makes plans, finds those of others and drives them out again,
 * packs the same weights, calls functions and counts in one variable. */
#include "support/graph_case.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 60, SHAPES = 90 /* more than plans are kept */ };

static const char *const graph =
    "def body(n: int32, x: float) -> (m: int32 = add:z:0, y: float = twice:z:0)"
    "{ one = Const dtype=int32 value=`int32 1`;"
    "  add = AddV2(n, one:output:0) T=int32;"
    "  twice = AddV2(x, x) T=float }"
    "def more(n: int32, x: float) -> (r: bool = less:z:0) {"
    "  end = Const dtype=int32 value=`int32 3`;"
    "  less = Less(n, end:output:0) T=int32 }"
    "x = Placeholder dtype=float shape=<?,16>;"
    "w = Const dtype=float value=`float[16,8] 0.5`;"
    "product = MatMul(x, w) T=float;"
    "y = Relu(product) T=float;"
    "zero = Const dtype=int32 value=`int32 0`;"
    "loop = While(zero, y) T=[int32,float] cond=@more body=@body;"
    "v = VarHandleOp dtype=int64 shape=<> shared_name='v';"
    "one = Const dtype=int64 value=`int64 1`;"
    "none = Const dtype=int64 value=`int64 0`;"
    "init = AssignVariableOp(v, none) dtype=int64;"
    "count = AssignAddVariableOp(v, one) dtype=int64;"
    "read = ReadVariableOp(v) dtype=int64;"
    "noise = RandomUniform(shape) T=int32 dtype=float seed=1;"
    "shape = Const dtype=int32 value=`int32[1] 3`;";

typedef struct runner {
  firn_session *session;
  uint32_t number;
  firn_error err; /* of the first run that failed */
  firn_code code;
  size_t wrong; /* elements */
} runner;

static firn_tensor *filled(int64_t rows, float value, firn_error *err) {
  firn_tensor *x = NULL;
  const int64_t dims[] = {rows, 16};
  if (firn_tensor_new(FIRN_FLOAT, 2, dims, NULL, &x, err) != FIRN_OK)
    return NULL;
  for (size_t i = 0; i < x->count; i++) ((float *)x->data)[i] = value;
  return x;
}

/* 16 * value * 0.5, doubled three times. */
static firn_code run_once(runner *r, int64_t rows, float value) {
  static const char *const fetches[] = {"loop:1", "noise"}, *target = "count";
  firn_tensor *out[2] = {NULL, NULL};
  const firn_feed x = {"x", filled(rows, value, &r->err)};
  if (!x.tensor) return r->err.code;
  const firn_code code = firn_session_run(r->session, NULL, &x, 1, fetches, 2,
                                          &target, 1, out, &r->err);
  if (code == FIRN_OK) {
    r->wrong += out[0]->count != (size_t)rows * 8;
    for (size_t i = 0; i < out[0]->count; i++)
      r->wrong += ((const float *)out[0]->data)[i] != 64 * value;
  }
  for (size_t i = 0; i < 2; i++) firn_tensor_release(out[i]);
  firn_tensor_release(x.tensor);
  return code;
}

static void *run_often(void *arg) {
  runner *r = arg;
  for (uint32_t i = 0; i < ROUNDS && r->code == FIRN_OK; i++)
    r->code = run_once(r, 1 + (r->number * 11 + i * i) % SHAPES,
                       (float)(r->number + i));
  return NULL;
}

static void run_together(int pool_threads) {
  graph_rig rig;
  pthread_t threads[THREADS];
  runner runners[THREADS] = {{.number = 0}};
  firn_options options = FIRN_OPTIONS_INIT;
  options.threads = pool_threads;
  graph_open(&rig, graph, &options);
  graph_does(&rig, "x = float[1,16] 0", "init");
  for (uint32_t i = 0; i < THREADS; i++) {
    runners[i].session = rig.session;
    runners[i].number = i;
    CHECK_EQ(pthread_create(&threads[i], NULL, run_often, &runners[i]), 0);
  }
  for (size_t i = 0; i < THREADS; i++)
    CHECK_EQ(pthread_join(threads[i], NULL), 0);
  for (size_t i = 0; i < THREADS; i++) {
    CHECK_OK(runners[i].code, &runners[i].err);
    CHECK_EQ(runners[i].wrong, 0);
  }
  graph_gives(&rig, "x = float[1,16] 0", "read", "int64 480");
  graph_close(&rig);
}

TEST_FN(runs_with_a_thread_each) { run_together(1); }
TEST_FN(runs_that_share_a_pool) { run_together(3); }

SUITE(runtime_threads, TEST(runs_with_a_thread_each),
      TEST(runs_that_share_a_pool));
