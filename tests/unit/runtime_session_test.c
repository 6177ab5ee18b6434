/* What a session promises those who run graphs in it: the right result for each
 * of many threads, none started without need, plans that are kept and let go,
 * time limits, clear refusals, and nothing lost when memory is short. */
#include "firn/session.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "support/graph_case.h"

#define ONE(text) \
  (const char *const[]) { text, NULL }

/* A small net with all that makes plans interesting: a product with constant
 * weights, a bias and a clamp that are fused with it, a shape that is computed,
 * and a loop. For x of shape [n,2] y is relu(x * w + b) doubled three times. */
#define NET                                                             \
  "def c(i: int32, a: float) -> (r: bool = l:z:0) {"                    \
  "  n = Const dtype=int32 value=`int32 3`;"                            \
  "  l = Less(i, n:output:0) T=int32 }"                                 \
  "def d(i: int32, a: float) -> (j: int32 = k:z:0, b: float = s:z:0) {" \
  "  one = Const dtype=int32 value=`int32 1`;"                          \
  "  k = AddV2(i, one:output:0) T=int32; s = AddV2(a, a) T=float }"     \
  "x = Placeholder dtype=float shape=<?,2>;"                            \
  "w = Const dtype=float value=`float[2,3] 1 -1 0.5 0.25 2 -2`;"        \
  "b = Const dtype=float value=`float[3] 1 2 3`;"                       \
  "p = MatMul(x, w) T=float; q = BiasAdd(p, b) T=float;"                \
  "r = Relu(q) T=float; i = Const dtype=int32 value=`int32 0`;"         \
  "l = StatelessWhile(i, r) T=[int32,float] cond=@c body=@d;"           \
  "shape = Shape(x) T=float out_type=int32;"                            \
  "y = Identity(l:1) T=float;"

/* What NET makes of the row (u, v). */
static void net_row(float u, float v, float *out) {
  const float rows[3] = {u + 0.25f * v + 1, -u + 2 * v + 2,
                         0.5f * u - 2 * v + 3};
  for (int i = 0; i < 3; i++) out[i] = rows[i] > 0 ? rows[i] * 8 : 0;
}

/* ---- Threads ------------------------------------------------------------ */

enum { CALLERS = 8, RUNS = 60 };

typedef struct caller {
  firn_session *session;
  int id;
  char wrong[200]; /* what went wrong, or empty */
} caller;

static void net_check(caller *c, int run) {
  const int64_t rows = 1 + (c->id + run) % 5, dims[] = {rows, 2};
  const char *const fetch[] = {"y", "shape"};
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *x = NULL, *out[2] = {NULL, NULL};
  if (firn_tensor_new(FIRN_FLOAT, 2, dims, NULL, &x, &err) != FIRN_OK) return;
  float *values = firn_tensor_data(x);
  for (int64_t i = 0; i < 2 * rows; i++)
    values[i] = (float)(c->id * 100 + run) - (float)i * 7;
  const firn_feed feed = {"x", x};
  if (firn_session_run(c->session, NULL, &feed, 1, fetch, 2, NULL, 0, out,
                       &err) != FIRN_OK)
    snprintf(c->wrong, sizeof c->wrong, "%.180s", err.message);
  for (int64_t i = 0; out[0] && i < rows; i++) {
    float want[3];
    const float *have = (const float *)firn_tensor_data(out[0]) + 3 * i;
    net_row(values[2 * i], values[2 * i + 1], want);
    for (int k = 0; k < 3; k++)
      if (have[k] != want[k])
        snprintf(c->wrong, sizeof c->wrong, "row %d: %g, not %g", (int)i,
                 (double)have[k], (double)want[k]);
  }
  if (out[1] && ((const int32_t *)firn_tensor_data(out[1]))[0] != rows)
    snprintf(c->wrong, sizeof c->wrong, "another run's shape");
  for (int i = 0; i < 2; i++) firn_tensor_release(out[i]);
  firn_tensor_release(x);
  firn_error_clear(&err);
}

static void *net_caller(void *ud) {
  caller *c = ud;
  for (int run = 0; run < RUNS && !c->wrong[0]; run++) net_check(c, run);
  return NULL;
}

/* Runs `call` on CALLERS threads at once. */
static void call_all(firn_session *session, void *(*call)(void *)) {
  pthread_t threads[CALLERS];
  caller callers[CALLERS];
  for (int i = 0; i < CALLERS; i++) {
    callers[i] = (caller){.session = session, .id = i};
    CHECK_EQ(pthread_create(&threads[i], NULL, call, &callers[i]), 0);
  }
  for (int i = 0; i < CALLERS; i++) CHECK_EQ(pthread_join(threads[i], NULL), 0);
  for (int i = 0; i < CALLERS; i++) CHECK_STR(callers[i].wrong, "");
}

TEST_FN(many_threads_get_each_its_result) {
  for (int threads = 1; threads <= 2; threads++) {
    graph_rig rig;
    firn_options options = FIRN_OPTIONS_INIT;
    options.threads = threads;
    graph_open(&rig, NET, &options);
    call_all(rig.session, net_caller);
    graph_close(&rig);
  }
}

/* Plans come and go under the hands of those who use them. */
TEST_FN(many_threads_with_room_for_no_second_plan) {
  graph_rig rig;
  firn_options options = FIRN_OPTIONS_INIT;
  options.threads = 1;
  options.limits.plan_bytes = 1;
  graph_open(&rig, NET, &options);
  call_all(rig.session, net_caller);
  graph_close(&rig);
}

#define COUNTER                                           \
  "v = VarHandleOp dtype=int64 shape=<> shared_name='v';" \
  "zero = Const dtype=int64 value=`int64 0`;"             \
  "one = Const dtype=int64 value=`int64 1`;"              \
  "set = AssignVariableOp(v, zero) dtype=int64;"          \
  "add = AssignAddVariableOp(v, one) dtype=int64;"        \
  "r = ReadVariableOp(v) dtype=int64;"                    \
  "twice = AddV2(r, r) T=int64;"

static void *count_caller(void *ud) {
  caller *c = ud;
  const char *const target = "add", *const fetch = "twice";
  int64_t last = 0;
  for (int run = 0; run < RUNS && !c->wrong[0]; run++) {
    firn_error err = FIRN_ERROR_INIT;
    firn_tensor *out = NULL;
    firn_code code = firn_session_run(c->session, NULL, NULL, 0, NULL, 0,
                                      &target, 1, NULL, &err);
    if (code == FIRN_OK)
      code = firn_session_run(c->session, NULL, NULL, 0, &fetch, 1, NULL, 0,
                              &out, &err);
    const int64_t now = out ? *(const int64_t *)firn_tensor_data(out) : 0;
    if (code != FIRN_OK)
      snprintf(c->wrong, sizeof c->wrong, "%.180s", err.message);
    else if (now <= last || now > 2 * CALLERS * RUNS)
      snprintf(c->wrong, sizeof c->wrong, "%lld after %lld", (long long)now,
               (long long)last);
    last = now;
    firn_tensor_release(out);
    firn_error_clear(&err);
  }
  return NULL;
}

TEST_FN(no_addition_to_a_variable_is_lost) {
  graph_rig rig;
  graph_open(&rig, COUNTER, NULL);
  graph_does(&rig, NULL, "set");
  call_all(rig.session, count_caller);
  char want[40];
  snprintf(want, sizeof want, "int64 %d", CALLERS * RUNS);
  graph_gives(&rig, NULL, "r", want);
  graph_close(&rig);
}

static size_t count_threads(void) {
  size_t count = 0;
  DIR *folder = opendir("/proc/self/task");
  if (!folder) return 0;
  for (const struct dirent *e; (e = readdir(folder));)
    count += e->d_name[0] != '.';
  closedir(folder);
  return count;
}

/* A thread that was joined stays in the list for a moment. */
static size_t count_threads_left(size_t want) {
  size_t have = count_threads();
  for (int i = 0; have > want && i < 100; i++) {
    usleep(1000);
    have = count_threads();
  }
  return have;
}

/* Asked between the steps of a run; never cancels. */
static bool note_threads(void *ud) {
  size_t *most = ud;
  const size_t now = count_threads();
  if (now > *most) *most = now;
  return false;
}

/* Large enough that a pool would be worth its while. */
#define LARGE                                              \
  "x = Placeholder dtype=float; y = MatMul(x, x) T=float;" \
  "z = Exp(y) T=float; a = AddV2(z, y) T=float; s = Square(a) T=float"

static size_t threads_during(int threads) {
  graph_rig rig;
  firn_options options = FIRN_OPTIONS_INIT;
  size_t most = 0;
  const firn_run_options run = {
      .size = sizeof run, .cancelled = note_threads, .ud = &most};
  options.threads = threads;
  graph_open(&rig, LARGE, &options);
  CHECK_OK(
      graph_run(&rig, &run, ONE("x = float[512,512] 0.001"), ONE("s"), NULL),
      &rig.err);
  note_threads(&most);
  graph_close(&rig);
  return most;
}

TEST_FN(one_thread_means_the_callers) {
  const size_t before = count_threads_left(1);
  if (!before) skip(); /* no /proc here */
  CHECK_EQ(threads_during(1), before);
  CHECK_EQ(count_threads_left(before), before);
  CHECK_EQ(threads_during(3), before + 2);
  CHECK_EQ(count_threads_left(before), before);
}

/* ---- Shapes, feeds and fetches ------------------------------------------ */

TEST_FN(batches_of_one_and_five_in_one_session) {
  graph_rig rig;
  graph_open(&rig, NET, NULL);
  for (int i = 0; i < 2; i++) {
    graph_gives(&rig, "x = float[1,2] 4 8", "y", "float[1,3] 56 112 0");
    graph_gives(&rig, "x = float[5,2] 4 8 0 0 2 0 0 4 -1 0", "y",
                "float[5,3] 56 112 0 8 16 24 24 0 32 16 80 0 0 24 20");
    graph_gives(&rig, "x = float[0,2]", "y", "float[0,3]");
    graph_gives(&rig, "x = float[5,2] 0", "shape", "int32[2] 5 2");
    graph_gives(&rig, "x = float[1,2] 0", "shape", "int32[2] 1 2");
  }
  graph_close(&rig);
}

TEST_FN(any_tensor_is_fed_and_fetched) {
  static const graph_case rows[] =
      {
          {.name = "inside of what is fused",
           .graph = NET,
           .feed = {"x = float[1,2] 4 8"},
           .fetch = {"p", "q", "r", "l", "l:1", "w"},
           .out = {"float[1,3] 6 12 -14", "float[1,3] 7 14 -11",
                   "float[1,3] 7 14 0", "int32 3", "float[1,3] 56 112 0",
                   "float[2,3] 1 -1 0.5 0.25 2 -2"}},
          {.name = "the middle, and the placeholder is not asked for",
           .graph = NET,
           .feed = {"q = float[2,3] 1 -1 2 0 0 0.5"},
           .fetch = {"y"},
           .out = {"float[2,3] 8 0 16 0 0 4"}},
          {.name = "a constant",
           .graph = NET,
           .feed = {"w = float[2,1] 1 1", "b = float 0", "x = float[1,2] 3 4"},
           .fetch = {"p"},
           .out = {"float[1,1] 7"}},
          {.name = "where the loop starts",
           .graph = NET,
           .feed = {"i = int32 1", "r = float[2] 1 2"},
           .fetch = {"y", "l"},
           .out = {"float[2] 4 8", "int32 3"}},
          {.name = "what comes out of the loop",
           .graph = NET,
           .feed = {"l:1 = float[2] 1 2"},
           .fetch = {"y", "l:1"},
           .out = {"float[2] 1 2", "float[2] 1 2"}},
          {.name = "one output of two",
           .graph = "x = Placeholder dtype=float; u = Unique(x) T=float;"
                    "a = Neg(u) T=float; b = Neg(u:1) T=int32",
           .feed = {"x = float[3] 4 4 5", "u:1 = int32[2] 7 8"},
           .fetch = {"a", "b", "u:1"},
           .out = {"float[2] -4 -5", "int32[2] -7 -8", "int32[2] 7 8"}},
          {.name = "what a variable would have been read as",
           .graph = COUNTER,
           .feed = {"r = int64 21"},
           .fetch = {"twice"},
           .out = {"int64 42"}},
          {.name = "a feed alone",
           .graph = NET,
           .feed = {"b = float[3] 1 2 3"},
           .fetch = {"b"},
           .out = {"float[3] 1 2 3"}},
          {.name = "one tensor twice",
           .graph = NET,
           .feed = {"x = float[1,2] 0"},
           .fetch = {"r", "r:0", "r"},
           .out = {"float[1,3] 1 2 3", "float[1,3] 1 2 3", "float[1,3] 1 2 3"}},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

TEST_FN(targets_run) {
  graph_rig rig;
  graph_open(&rig,
             COUNTER
             "both = NoOp(^add, ^more);"
             "more = AssignAddVariableOp(v, ten) dtype=int64;"
             "ten = Const dtype=int64 value=`int64 10`",
             NULL);
  const char *const all[] = {"add", "more", NULL};
  graph_does(&rig, NULL, "set");
  graph_gives(&rig, NULL, "r", "int64 0");
  graph_does(&rig, NULL, "add");
  graph_gives(&rig, NULL, "r", "int64 1");
  CHECK_OK(graph_run(&rig, NULL, NULL, NULL, all), &rig.err);
  graph_gives(&rig, NULL, "r", "int64 12");
  graph_does(&rig, NULL, "both");
  graph_gives(&rig, NULL, "r", "int64 23");
  /* beside a fetch, which sees the value from before */
  CHECK_OK(graph_run(&rig, NULL, NULL, ONE("twice"), all), &rig.err);
  graph_expect(&rig, 0, "int64 46", 0);
  graph_gives(&rig, NULL, "r", "int64 34");
  /* nothing at all is fine, too */
  CHECK_OK(graph_run(&rig, NULL, NULL, NULL, NULL), &rig.err);
  graph_close(&rig);
}

/* Two nodes may stand for one variable, and an optimiser writes to its slots:
 * what is read behind such a write is the new value. */
TEST_FN(reads_behind_writes_see_them) {
  static const graph_case rows[] =
      {
          {.name = "by another handle",
           .graph = "a = VarHandleOp dtype=float shape=<> shared_name='v';"
                    "b = VarHandleOp dtype=float shape=<> shared_name='v';"
                    "x = Placeholder dtype=float;"
                    "set = AssignVariableOp(a, x) dtype=float;"
                    "r = ReadVariableOp(b, ^set) dtype=float;"
                    "y = Neg(r) T=float",
           .feed = {"x = float 3"},
           .fetch = {"y"},
           .out = {"float -3"}},
          {.name = "not by a handle of another container",
           .graph = "a = VarHandleOp dtype=float shape=<> shared_name='v';"
                    "b = VarHandleOp dtype=float shape=<> shared_name='v'"
                    "  container='c';"
                    "x = Placeholder dtype=float;"
                    "set = AssignVariableOp(a, x) dtype=float;"
                    "r = ReadVariableOp(b, ^set) dtype=float;"
                    "y = Neg(r) T=float",
           .feed = {"x = float 3"},
           .fetch = {"y"},
           .code = FIRN_FAILED_PRECONDITION,
           .says = "node 'r' (ReadVariableOp): variable 'v' has no value yet: "
                   "run its initialiser or restore a checkpoint first"},
          {.name = "the slot of an optimiser",
           .graph = "v = VariableV2 dtype=float shape=<>;"
                    "m = VariableV2 dtype=float shape=<>;"
                    "two = Const dtype=float value=`float 2`;"
                    "half = Const dtype=float value=`float 0.5`;"
                    "v0 = Assign(v, two) T=float; m0 = Assign(m, two) T=float;"
                    "go = ApplyMomentum(v, m, half, two, half, ^v0, ^m0)"
                    "  T=float;"
                    "y = Neg(m, ^go) T=float",
           .fetch = {"y"},
           .out = {"float -3"}},
      },
                          *row;
  EACH (row, rows) graph_check(row);
  /* and so it is for a plan that is made when the variable has a value */
  graph_rig rig;
  graph_open(&rig, rows[0].graph, NULL);
  graph_does(&rig, "x = float 1", "set");
  graph_gives(&rig, "x = float 2", "y", "float -2");
  graph_close(&rig);
  graph_open(&rig, rows[2].graph, NULL);
  graph_does(&rig, NULL, "m0");
  graph_gives(&rig, NULL, "y", "float -3");
  graph_close(&rig);
}

/* ---- The plans that are kept -------------------------------------------- */

TEST_FN(kept_plans_stay_within_the_limit) {
  enum { LIMIT = 100000 };
  graph_rig rig;
  char feed[60];
  size_t before = 0, most = 0;
  bool dropped = false;
  firn_options options = FIRN_OPTIONS_INIT;
  options.threads = 1;
  options.limits.plan_bytes = LIMIT;
  graph_open(&rig, NET, &options);
  CHECK_EQ(firn_session_memory(rig.session), 0);
  for (int i = 1; i <= 60; i++) {
    snprintf(feed, sizeof feed, "x = float[%d,2] 0", i);
    CHECK_OK(graph_run(&rig, NULL, ONE(feed), ONE("y"), NULL), &rig.err);
    /* A frame is made when the plan first runs: after its place was found. */
    CHECK_OK(graph_run(&rig, NULL, ONE(feed), ONE("y"), NULL), &rig.err);
    const size_t now = firn_session_memory(rig.session);
    CHECK(now > 0 && now <= LIMIT);
    dropped |= now <= before;
    before = now;
    if (now > most) most = now;
  }
  CHECK(dropped);
  CHECK(most > LIMIT / 2); /* it is used, though */
  graph_gives(&rig, "x = float[1,2] 4 8", "y", "float[1,3] 56 112 0");
  graph_close(&rig);
}

TEST_FN(the_last_plan_stays_however_large) {
  graph_rig rig;
  firn_options options = FIRN_OPTIONS_INIT;
  options.threads = 1;
  options.limits.plan_bytes = 1;
  graph_open(&rig, NET, &options);
  for (int i = 0; i < 3; i++) {
    graph_gives(&rig, "x = float[1,2] 4 8", "y", "float[1,3] 56 112 0");
    const size_t one = firn_session_memory(rig.session);
    CHECK(one > 1);
    graph_gives(&rig, "x = float[1,2] 0", "r", "float[1,3] 1 2 3");
    CHECK(firn_session_memory(rig.session) < 2 * one);
  }
  graph_close(&rig);
}

TEST_FN(memory_counts_packed_weights_once) {
  graph_rig rig;
  graph_open(&rig,
             "x = Placeholder dtype=float; b = Const dtype=float value="
             "`float[200,300] 1`; y = MatMul(x, b) T=float",
             NULL);
  graph_gives(&rig, "x = float[20,200] 1", "y", "float[20,300] 200");
  const size_t one = firn_session_memory(rig.session);
  CHECK(one >= 200 * 300 * sizeof(float));
  graph_gives(&rig, "x = float[30,200] 1", "y", "float[30,300] 200");
  CHECK(firn_session_memory(rig.session) < one + one / 2);
  graph_close(&rig);
}

static size_t allocations(graph_rig *rig, failing *memory, const char *feed,
                          const char *fetch) {
  const size_t before = memory->count;
  const char *const feeds[] = {feed, NULL}, *const fetches[] = {fetch, NULL};
  CHECK_OK(graph_run(rig, NULL, feeds, fetches, NULL), &rig->err);
  return memory->count - before;
}

/* That nothing is planned again is seen by how little memory is asked for. */
TEST_FN(the_plan_used_last_is_kept_among_many) {
  enum { MANY = 300 };
  graph_rig rig;
  failing memory = {0};
  const firn_allocator alloc = failing_allocator(&memory);
  firn_options options = FIRN_OPTIONS_INIT;
  options.threads = 1;
  options.allocator = &alloc;
  static char graph[MANY * 60];
  size_t used =
      (size_t)snprintf(graph, sizeof graph, "x = Placeholder dtype=float;");
  for (int i = 0; i < MANY; i++)
    used += (size_t)snprintf(graph + used, sizeof graph - used,
                             "n%d = Neg(x) T=float;", i);
  graph_open(&rig, graph, &options);
  const char *const feed = "x = float[3] 1 2 3";
  const size_t cold = allocations(&rig, &memory, feed, "n0");
  const size_t warm = allocations(&rig, &memory, feed, "n0");
  CHECK(warm < cold);
  for (int i = 0; i < MANY; i++) {
    char fetch[20];
    snprintf(fetch, sizeof fetch, "n%d", i);
    allocations(&rig, &memory, feed, fetch);
    CHECK_EQ(allocations(&rig, &memory, feed, fetch), warm);
    CHECK_EQ(allocations(&rig, &memory, feed, "n0"), warm);
  }
  graph_close(&rig);
  CHECK_EQ(memory.live, 0);
  CHECK_EQ(memory.wrong_size, 0);
}

/* ---- Time --------------------------------------------------------------- */

/* Would take minutes. */
#define ENDLESS                                          \
  "def c(i: int64) -> (r: bool = l:z:0) {"               \
  "  n = Const dtype=int64 value=`int64 1000000000000`;" \
  "  l = Less(i, n:output:0) T=int64 }"                  \
  "def d(i: int64) -> (j: int64 = k:z:0) {"              \
  "  one = Const dtype=int64 value=`int64 1`;"           \
  "  k = AddV2(i, one:output:0) T=int64 }"               \
  "i = Placeholder dtype=int64;"                         \
  "w = StatelessWhile(i) T=[int64] cond=@c body=@d;"     \
  "y = Neg(w) T=int64;"

TEST_FN(runs_end_at_their_deadline) {
  graph_rig rig;
  const firn_run_options soon = {.size = sizeof soon, .timeout_ms = 20};
  const firn_run_options year = {.size = sizeof year, .timeout_ms = INT64_MAX};
  graph_open(&rig, ENDLESS, NULL);
  for (int i = 0; i < 2; i++) {
    graph_run(&rig, &soon, ONE("i = int64 0"), ONE("y"), NULL);
    graph_expect_error(&rig, FIRN_DEADLINE_EXCEEDED,
                       "the run took longer than its deadline", NULL);
    /* and the session is none the worse for it */
    CHECK_OK(
        graph_run(&rig, &year, ONE("i = int64 999999999997"), ONE("y"), NULL),
        &rig.err);
    graph_expect(&rig, 0, "int64 -1000000000000", 0);
  }
  graph_close(&rig);
}

static bool after_some(void *ud) { return --*(int *)ud < 0; }

TEST_FN(runs_end_when_cancelled) {
  graph_rig rig;
  graph_open(&rig, ENDLESS, NULL);
  for (int steps = 0; steps < 300; steps = steps * 2 + 1) {
    int left = steps;
    const firn_run_options options = {
        .size = sizeof options, .cancelled = after_some, .ud = &left};
    graph_run(&rig, &options, ONE("i = int64 0"), ONE("y"), NULL);
    graph_expect_error(&rig, FIRN_CANCELLED, "the run was cancelled", NULL);
    CHECK_EQ(left, -1); /* asked no more after it said so */
  }
  graph_gives(&rig, "i = int64 1000000000000", "y", "int64 -1000000000000");
  graph_close(&rig);
}

/* A queue with room for one number. */
#define QUEUE                                                       \
  "q = FIFOQueueV2 component_types=[int32] shapes=[<>] capacity=1;" \
  "v = Placeholder dtype=int32;"                                    \
  "put = QueueEnqueueV2(q, v) Tcomponents=[int32];"                 \
  "take = QueueDequeueV2(q) component_types=[int32];"

static void *put_numbers(void *ud) {
  firn_session *session = ud;
  const char *const put = "put";
  for (int32_t i = 0; i < 50; i++) {
    firn_error err = FIRN_ERROR_INIT;
    firn_tensor *t = NULL;
    if (firn_tensor_new(FIRN_INT32, 0, NULL, NULL, &t, &err) != FIRN_OK)
      return NULL;
    *(int32_t *)firn_tensor_data(t) = i;
    const firn_feed feed = {"v", t};
    if (firn_session_run(session, NULL, &feed, 1, NULL, 0, &put, 1, NULL,
                         &err) != FIRN_OK)
      return NULL;
    firn_tensor_release(t);
  }
  return ud;
}

TEST_FN(runs_wait_for_each_other_at_a_queue) {
  graph_rig rig;
  pthread_t thread;
  void *done = NULL;
  graph_open(&rig, QUEUE, NULL);
  CHECK_EQ(pthread_create(&thread, NULL, put_numbers, rig.session), 0);
  for (int i = 0; i < 50; i++) {
    char want[32];
    snprintf(want, sizeof want, "int32 %d", i);
    CHECK_OK(graph_run(&rig, NULL, NULL, ONE("take"), NULL), &rig.err);
    graph_expect(&rig, 0, want, 0);
  }
  CHECK_EQ(pthread_join(thread, &done), 0);
  CHECK(done != NULL);
  graph_close(&rig);
}

TEST_FN(a_wait_ends_at_the_deadline_or_is_refused) {
  graph_rig rig;
  const firn_run_options soon = {.size = sizeof soon, .timeout_ms = 30};
  const firn_run_options at_once = {.size = sizeof at_once, .no_waiting = true};
  graph_open(&rig, QUEUE, NULL);
  graph_run(&rig, &soon, NULL, ONE("take"), NULL);
  graph_expect_error(&rig, FIRN_DEADLINE_EXCEEDED,
                     "node 'take' (QueueDequeueV2): the run took longer than "
                     "its deadline",
                     NULL);
  graph_run(&rig, &at_once, NULL, ONE("take"), NULL);
  graph_expect_error(
      &rig, FIRN_FAILED_PRECONDITION,
      "node 'take' (QueueDequeueV2): FIFOQueue 'q' is empty, and "
      "nothing would change that",
      NULL);
  graph_close(&rig);
}

/* A caller that knows fewer options than the library. */
TEST_FN(shorter_options_are_understood) {
  graph_rig rig;
  const firn_run_options options = {
      .size = offsetof(firn_run_options, cancelled),
      .timeout_ms = 20,
      .cancelled = after_some};
  graph_open(&rig, ENDLESS, NULL);
  graph_run(&rig, &options, ONE("i = int64 0"), ONE("y"), NULL);
  graph_expect_error(&rig, FIRN_DEADLINE_EXCEEDED,
                     "the run took longer than its deadline", NULL);
  graph_close(&rig);
}

/* What a loop carries of changing shape was once looked at for every round of
 * every loop around it. */
TEST_FN(deep_nests_of_loops_are_planned) {
  enum { DEEP = 30 };
  static char graph[DEEP * 500 + 2000];
  size_t n = (size_t)snprintf(
      graph, sizeof graph,
      "def c(i: int32, a: float) -> (r: bool = l:z:0) {"
      "  one = Const dtype=int32 value=`int32 1`;"
      "  l = Less(i, one:output:0) T=int32 }"
      "def d0(i: int32, a: float) -> (j: int32 = k:z:0, b: float = a) {"
      "  one = Const dtype=int32 value=`int32 1`;"
      "  k = AddV2(i, one:output:0) T=int32 }");
  for (int i = 1; i <= DEEP; i++)
    n += (size_t)snprintf(
        graph + n, sizeof graph - n,
        "def d%d(i: int32, a: float)"
        "    -> (j: int32 = k:z:0, b: float = t:output:0) {"
        "  one = Const dtype=int32 value=`int32 1`;"
        "  two = Const dtype=float value=`float[1] 2`;"
        "  nil = Const dtype=int32 value=`int32 0`;"
        "  k = AddV2(i, one:output:0) T=int32;"
        "  w = StatelessWhile(nil:output:0, two:output:0) T=[int32,float] "
        "    cond=@c body=@d%d;"
        "  t = ConcatV2(w:output:1, a, nil:output:0) "
        "    N=2 T=float Tidx=int32 }",
        i, i - 1);
  snprintf(graph + n, sizeof graph - n,
           "i = Const dtype=int32 value=`int32 0`; x = Placeholder "
           "dtype=float;"
           "w = StatelessWhile(i, x) T=[int32,float] cond=@c body=@d%d;"
           "y = Neg(w:1) T=float",
           DEEP);
  graph_rig rig;
  graph_open(&rig, graph, NULL);
  graph_gives(&rig, "x = float[1] 2", "y", "float[31] -2");
  graph_close(&rig);
}

/* ---- Short memory ------------------------------------------------------- */

TEST_FN(short_memory_is_an_error_and_nothing_is_lost) {
  static const graph_case rows[] =
      {
          {.name = "a net with a loop",
           .graph = NET,
           .feed = {"x = float[5,2] 1"},
           .fetch = {"y", "p", "shape"}},
          {.name = "a convolution",
           .graph = "x = Placeholder dtype=float;"
                    "w = Const dtype=float value=`float[3,3,2,4] 1`;"
                    "b = Const dtype=float value=`float[4] 1`;"
                    "c = Conv2D(x, w) T=float strides=[1,1,1,1] "
                    "  padding='SAME'; a = BiasAdd(c, b) T=float;"
                    "s = AddV2(a, o) T=float; o = Placeholder dtype=float;"
                    "y = Relu(s) T=float",
           .feed = {"x = float[1,5,5,2] 1", "o = float[1,5,5,4] 1"},
           .fetch = {"y"}},
          {.name = "shapes that only the run knows",
           .graph = "x = Placeholder dtype=float; u = Unique(x) T=float;"
                    "n = Neg(u) T=float; s = Size(u) T=float;"
                    "r = Reshape(n, to) T=float;"
                    "to = Const dtype=int32 value=`int32[2] 1 -1`;"
                    "y = MatMul(r, r) T=float transpose_b=true",
           .feed = {"x = float[4] 1 2 2 3"},
           .fetch = {"y", "s", "u:1"}},
          {.name = "variables",
           .graph = "v = VarHandleOp dtype=float shape=<2> shared_name='v';"
                    "x = Placeholder dtype=float;"
                    "set = AssignVariableOp(v, x) dtype=float;"
                    "old = VariableV2 dtype=float shape=<2>;"
                    "oset = Assign(old, x) T=float;"
                    "r = ReadVariableOp(v, ^set) dtype=float;"
                    "y = AddV2(r, oset) T=float; z = AssignAdd(oset, r) "
                    "T=float",
           .feed = {"x = float[2] 1 2"},
           .fetch = {"y", "z"}},
          {.name = "strings",
           .graph = "x = Placeholder dtype=string; d = Const dtype=string "
                    "value=`string 'a constant that is long enough'`;"
                    "j = StringJoin(x, d) N=2; l = StringLength(j)",
           .feed = {"x = string[2] 'one that is long enough' 'b'"},
           .fetch = {"j", "l", "d"}},
          {.name = "a branch",
           .graph = "def yes(x: float) -> (r: float = n:y:0) {"
                    "  n = Neg(x) T=float }"
                    "def no(x: float) -> (r: float = n:y:0) {"
                    "  n = Exp(x) T=float }"
                    "p = Placeholder dtype=bool; x = Placeholder dtype=float;"
                    "i = StatelessIf(p, x) Tcond=bool Tin=[float] "
                    "  Tout=[float] then_branch=@yes else_branch=@no;"
                    "s = Switch(x, p) T=float; a = Neg(s) T=float;"
                    "b = Exp(s:1) T=float; m = Merge(a, b) T=float N=2",
           .feed = {"p = bool true", "x = float[3] 1 2 3"},
           .fetch = {"i", "m", "m:1"}},
          {.name = "a frame",
           .graph = "i0 = Const dtype=int32 value=`int32 0`;"
                    "x0 = Placeholder dtype=float;"
                    "n0 = Const dtype=int32 value=`int32 3`;"
                    "i1 = Enter(i0) T=int32 frame_name='f';"
                    "x1 = Enter(x0) T=float frame_name='f';"
                    "n = Enter(n0) T=int32 frame_name='f' is_constant=true;"
                    "i2 = Merge(i1, i5) T=int32 N=2;"
                    "x2 = Merge(x1, x5) T=float N=2;"
                    "less = Less(i2, n) T=int32; c = LoopCond(less);"
                    "i3 = Switch(i2, c) T=int32; x3 = Switch(x2, c) T=float;"
                    "one = Const(^i4) dtype=int32 value=`int32 1`;"
                    "i4 = Identity(i3:1) T=int32; ia = AddV2(i4, one) T=int32;"
                    "xa = Exp(x3:1) T=float; xb = AddV2(xa, x3:1) T=float;"
                    "i5 = NextIteration(ia) T=int32;"
                    "x5 = NextIteration(xb) T=float;"
                    "y = Exit(x3) T=float",
           .feed = {"x0 = float[3] -1 -2 -3"},
           .fetch = {"y"}},
          {.name = "what is known beforehand",
           .graph = NET,
           .feed = {"x = float[5,2] 1"},
           .fetch = {"shape"}},
      },
                          *row;
  EACH (row, rows) graph_check_memory(row);
}

SUITE(runtime_session, TEST(many_threads_get_each_its_result),
      TEST(many_threads_with_room_for_no_second_plan),
      TEST(no_addition_to_a_variable_is_lost),
      TEST(one_thread_means_the_callers),
      TEST(batches_of_one_and_five_in_one_session),
      TEST(any_tensor_is_fed_and_fetched), TEST(targets_run),
      TEST(reads_behind_writes_see_them),
      TEST(kept_plans_stay_within_the_limit),
      TEST(the_last_plan_stays_however_large),
      TEST(memory_counts_packed_weights_once),
      TEST(the_plan_used_last_is_kept_among_many),
      TEST(runs_end_at_their_deadline), TEST(runs_end_when_cancelled),
      TEST(runs_wait_for_each_other_at_a_queue),
      TEST(a_wait_ends_at_the_deadline_or_is_refused),
      TEST(shorter_options_are_understood),
      TEST(deep_nests_of_loops_are_planned),
      TEST(short_memory_is_an_error_and_nothing_is_lost));
