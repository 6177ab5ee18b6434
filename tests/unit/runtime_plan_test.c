/* What a plan may make of a graph: fold, fuse, write over, share bytes. None of
 * it may be seen in the results. */
#include "support/graph_case.h"

/* ---- Random graphs ------------------------------------------------------ */

enum { NODES = 30, VALUES = NODES + 3 };

/* A random elementwise graph over x, y and a constant: text, and how to compute
 * each value from those before it. */
typedef struct random_graph {
  char text[8000];
  int op[VALUES], a[VALUES], b[VALUES], rank[VALUES];
} random_graph;

enum { ADD, SUB, MUL, MAXIMUM, NEG, RELU, SQUARE, FLAT, BACK, KINDS };
static const char *const names[] = {"AddV2",   "Sub",     "Mul",
                                    "Maximum", "Neg",     "Relu",
                                    "Square",  "Reshape", "Reshape"};

/* A value below `n` of that rank. */
static int pick(const random_graph *g, int n, int rank) {
  int at = (int)test_random((uint32_t)n);
  while (g->rank[at] != rank) at = (at + 1) % n;
  return at;
}

static void random_node(random_graph *g, int n, size_t *used) {
  const int kind = (int)test_random(KINDS);
  int rank = test_random(3) ? 2 : 1;
  bool flat = false;
  for (int i = 0; i < n; i++) flat |= g->rank[i] == 1;
  if (!flat) rank = 2;
  g->op[n] = kind;
  if (kind == FLAT) rank = 2;
  if (kind == BACK && !flat) g->op[n] = NEG;
  if (g->op[n] == BACK) rank = 1;
  g->a[n] = pick(g, n, rank);
  g->b[n] = pick(g, n, rank);
  g->rank[n] = g->op[n] == FLAT ? 1 : g->op[n] == BACK ? 2 : rank;
  char second[16] = "";
  if (kind < NEG) snprintf(second, sizeof second, ", n%d", g->b[n]);
  if (g->op[n] == FLAT) snprintf(second, sizeof second, ", flat");
  if (g->op[n] == BACK) snprintf(second, sizeof second, ", back");
  *used += (size_t)snprintf(g->text + *used, sizeof g->text - *used,
                            "n%d = %s(n%d%s) T=float;", n, names[g->op[n]],
                            g->a[n], second);
}

static void make_graph(random_graph *g) {
  size_t used =
      (size_t)snprintf(g->text, sizeof g->text,
                       "n0 = Placeholder dtype=float shape=<3,4>;"
                       "n1 = Placeholder dtype=float shape=<?...>;"
                       "n2 = Const dtype=float value=`float[3,4] 0.5`;"
                       "flat = Const dtype=int32 value=`int32[1] -1`;"
                       "back = Const dtype=int32 value=`int32[2] 3 4`;");
  for (int i = 0; i < 3; i++) g->rank[i] = 2;
  for (int i = 3; i < VALUES; i++) random_node(g, i, &used);
}

/* One element, as ten obvious lines compute it. */
static float compute(const random_graph *g, int n, const float *v) {
  const float a = v[g->a[n]], b = v[g->b[n]];
  switch (g->op[n]) {
    case ADD: return a + b;
    case SUB: return a - b;
    case MUL: return a * b;
    case MAXIMUM: return a > b ? a : b;
    case NEG: return -a;
    case RELU: return a > 0 ? a : 0;
    case SQUARE: return a * a;
    default: return a;
  }
}

static bool same(float have, float want) {
  return (isnan(have) && isnan(want)) || have == want ||
         fabsf(have - want) <= 1e-5f * fabsf(want);
}

static void check_fetch(const random_graph *g, graph_rig *rig, int n,
                        const firn_tensor *have, const float *x, const float *y,
                        uint32_t seed) {
  FIRN_UNUSED(rig);
  CHECK_EQ(have->count, 12);
  CHECK_EQ(have->shape.rank, g->rank[n]);
  for (int e = 0; e < 12; e++) {
    float v[VALUES] = {x[e], y[e], 0.5f};
    for (int i = 3; i < VALUES; i++) v[i] = compute(g, i, v);
    if (!same(((const float *)have->data)[e], v[n]))
      fail_msg("seed %u: n%d[%d] is %g, not %g", seed, n, e,
               (double)((const float *)have->data)[e], (double)v[n]);
  }
}

/* Fetches a few values of a random graph, with and without known shapes. */
static void random_run(uint32_t seed) {
  static random_graph g;
  test_seed(seed);
  make_graph(&g);
  graph_rig rig;
  graph_open(&rig, g.text, NULL);
  for (int round = 0; round < 3; round++) {
    char feed[2][300], fetch[3][16];
    float in[2][12];
    int node[3];
    for (int i = 0; i < 2; i++) {
      size_t used =
          (size_t)snprintf(feed[i], sizeof feed[i], "n%d = float[3,4]", i);
      for (int e = 0; e < 12; e++) {
        in[i][e] = (float)test_random(9) / 4 - 1;
        used += (size_t)snprintf(feed[i] + used, sizeof feed[i] - used, " %g",
                                 (double)in[i][e]);
      }
    }
    for (int k = 0; k < 3; k++) {
      node[k] = k ? (int)test_random(VALUES) : VALUES - 1;
      snprintf(fetch[k], sizeof fetch[k], "n%d", node[k]);
    }
    const char *const feeds[] = {feed[0], feed[1], NULL};
    const char *const fetches[] = {fetch[0], fetch[1], fetch[2], NULL};
    CHECK_OK(graph_run(&rig, NULL, feeds, fetches, NULL), &rig.err);
    for (int k = 0; k < 3; k++)
      check_fetch(&g, &rig, node[k], rig.out[k], in[0], in[1], seed);
  }
  graph_close(&rig);
}

TEST_FN(random_graphs_compute_what_their_nodes_do) {
  for (uint32_t seed = 1; seed <= 150; seed++) random_run(seed);
}

/* ---- Fusing ------------------------------------------------------------- */

/* What may follow a convolution of 3 channels; v is the value before. */
static const char *const tails[] = {
    "%s = BiasAdd(%s, bias) T=float;",
    "%s = AddV2(%s, bias) T=float;",
    "%s = Add(scalar, %s) T=float;",
    "%s = Sub(%s, bias) T=float;",
    "%s = Mul(%s, scale) T=float;",
    "%s = FusedBatchNormV3(%s, scale, bias, mean, var) T=float U=float "
    "is_training=false epsilon=0.01;",
    "%s = Relu(%s) T=float;",
    "%s = Relu6(%s) T=float;",
    "%s = AddV2(%s, other) T=float;",
    "%s = Mul(%s, half) T=float;",
    "%s = Neg(%s) T=float;",
};

#define CONSTANTS                                                       \
  "x = Placeholder dtype=float; other = Placeholder dtype=float;"       \
  "w = Const dtype=float value=`float[2,2,2,3] 1 -1 0.5 0.25 2 -2 0.5 " \
  "1 -1 0.125 -0.5 1 1 0.5 2 -1 0.25 0.75 1 -1 1 0.5 0.5 -0.25`;"       \
  "bias = Const dtype=float value=`float[3] 0.5 -1 2`;"                 \
  "scale = Const dtype=float value=`float[3] 2 0.5 -1`;"                \
  "mean = Const dtype=float value=`float[3] 0.25 -0.5 1`;"              \
  "var = Const dtype=float value=`float[3] 1 0.5 2`;"                   \
  "scalar = Const dtype=float value=`float 3`;"                         \
  "half = Const dtype=float value=`float[1] 0.5`;"

/* A convolution with up to six things behind it. With `apart` every value in
 * between is asked for as well, so that nothing can be fused. */
static void fused_chain(uint32_t seed, bool matmul) {
  char text[4000], name[8][16];
  size_t used = 0;
  test_seed(seed);
  used += (size_t)snprintf(text, sizeof text, CONSTANTS);
  used += (size_t)snprintf(
      text + used, sizeof text - used,
      matmul ? "m = Const dtype=float value=`float[2,3] 1 -1 0.5 0.25 2 -2`;"
               "v0 = MatMul(x, m) T=float;"
             : "v0 = Conv2D(x, w) T=float strides=[1,1,1,1] padding='SAME';");
  const int length = 1 + (int)test_random(6);
  for (int i = 0; i <= length; i++) snprintf(name[i], sizeof name[i], "v%d", i);
  for (int i = 1; i <= length; i++) {
    uint32_t tail = test_random((uint32_t)FIRN_COUNT(tails));
    if (matmul && tail == 5) tail = 4;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    used += (size_t)snprintf(text + used, sizeof text - used, tails[tail],
                             name[i], name[i - 1]);
#pragma GCC diagnostic pop
  }
  const char *const feed[] = {
      matmul ? "x = float[5,2] 1 2 -3 0.5 -1 0.25 0 4 -2 1"
             : "x = float[1,3,3,2] 1 2 -3 0.5 -1 0.25 0 4 -2 1 3 -0.5 1 1 "
               "2 0 -1 5",
      matmul ? "other = float[5,3] -4.." : "other = float[1,3,3,3] -4..", NULL};
  graph_rig rig;
  graph_open(&rig, text, NULL);
  const char *all[GRAPH_CASE_MAX + 1] = {NULL};
  for (int i = 0; i <= length; i++) all[i] = name[i];
  CHECK_OK(graph_run(&rig, NULL, feed, all, NULL), &rig.err);
  firn_tensor *apart = firn_tensor_retain(rig.out[length]);
  const char *const last[] = {name[length], NULL};
  CHECK_OK(graph_run(&rig, NULL, feed, last, NULL), &rig.err);
  char what[200];
  snprintf(what, sizeof what, "seed %u", seed);
  if (!rig.out[0]) fail_msg("no result");
  op_compare(rig.out[0], apart, 1e-5, what);
  firn_tensor_release(apart);
  graph_close(&rig);
}

TEST_FN(fused_steps_compute_what_they_did_apart) {
  for (uint32_t seed = 1; seed <= 400; seed++) fused_chain(seed, seed % 3 == 0);
}

TEST_FN(only_what_may_be_fused_is) {
  static const graph_case rows[] =
      {
          {.name = "a clamp, then a shift",
           .graph = CONSTANTS
           "m = Const dtype=float value=`float[2,3] 1 -1 0.5 0.25 2 -2`;"
           "v = MatMul(x, m) T=float; r = Relu(v) T=float;"
           "y = AddV2(r, scalar) T=float",
           .feed = {"x = float[1,2] 1 2"},
           .fetch = {"y"},
           .out = {"float[1,3] 4.5 6 3"}},
          {.name = "two clamps",
           .graph = CONSTANTS
           "m = Const dtype=float value=`float[2,3] 1 -1 0.5 0.25 2 -2`;"
           "v = MatMul(x, m) T=float; r = Relu6(v) T=float;"
           "s = Sub(r, scalar) T=float; y = Relu(s) T=float",
           .feed = {"x = float[1,2] 4 8"},
           .fetch = {"y"},
           .out = {"float[1,3] 3 3 0"}},
          {.name = "a constant minus the product",
           .graph = CONSTANTS
           "m = Const dtype=float value=`float[2,3] 1 -1 0.5 0.25 2 -2`;"
           "v = MatMul(x, m) T=float; y = Sub(bias, v) T=float",
           .feed = {"x = float[1,2] 1 2"},
           .fetch = {"y"},
           .out = {"float[1,3] -1 -4 5.5"}},
          {.name = "the product and itself",
           .graph = CONSTANTS
           "m = Const dtype=float value=`float[2,3] 1 -1 0.5 0.25 2 -2`;"
           "v = MatMul(x, m) T=float; y = AddV2(v, v) T=float;"
           "z = Relu(y) T=float",
           .feed = {"x = float[1,2] 1 2"},
           .fetch = {"z"},
           .out = {"float[1,3] 3 6 0"}},
          {.name = "two products",
           .graph = CONSTANTS
           "m = Const dtype=float value=`float[2,3] 1 -1 0.5 0.25 2 -2`;"
           "u = MatMul(x, m) T=float; v = MatMul(other, m) T=float;"
           "s = AddV2(u, v) T=float; z = Relu(s) T=float",
           .feed = {"x = float[1,2] 1 2", "other = float[1,2] 2 0"},
           .fetch = {"z"},
           .out = {"float[1,3] 3.5 1 0"}},
          {.name = "a sum that is as wide but higher",
           .graph = CONSTANTS
           "m = Const dtype=float value=`float[2,3] 1 -1 0.5 0.25 2 -2`;"
           "u = MatMul(x, m) T=float; s = AddV2(u, other) T=float",
           .feed = {"x = float[1,2] 1 2", "other = float[2,3] 0 0 0 1 1 1"},
           .fetch = {"s"},
           .out = {"float[2,3] 1.5 3 -3.5 2.5 4 -2.5"}},
          {.name = "a bias along the rows",
           .graph = "x = Placeholder dtype=float;"
                    "m = Const dtype=float value=`float[2,2] 1 2 3 4`;"
                    "b = Const dtype=float value=`float[2,1] 10 20`;"
                    "v = MatMul(x, m) T=float; y = AddV2(v, b) T=float",
           .feed = {"x = float[2,2] 1 0 0 1"},
           .fetch = {"y"},
           .out = {"float[2,2] 11 12 23 24"}},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

/* ---- Folding ------------------------------------------------------------ */

#define STATE                                                        \
  "v = VarHandleOp dtype=float shape=<2> shared_name='v';"           \
  "x = Placeholder dtype=float;"                                     \
  "set = AssignVariableOp(v, x) dtype=float;"                        \
  "add = AssignAddVariableOp(v, x) dtype=float;"                     \
  "r = ReadVariableOp(v) dtype=float;"                               \
  "y = Neg(r) T=float; z = Neg(y) T=float;"                          \
  "old = VariableV2 dtype=float shape=<2>;"                          \
  "oset = Assign(old, x) T=float; oadd = AssignAdd(old, x) T=float;" \
  "oy = Neg(old) T=float;"                                           \
  "m = Const dtype=float value=`float[1,2] 1 1`;"                    \
  "rm = Reshape(r, two) T=float; two = Const dtype=int32 "           \
  "value=`int32[2] 2 1`; mm = MatMul(m, rm) T=float;"

TEST_FN(a_variable_is_a_constant_until_it_is_assigned) {
  graph_rig rig;
  graph_open(&rig, STATE, NULL);
  graph_does(&rig, "x = float[2] 1 2", "set");
  graph_gives(&rig, NULL, "z", "float[2] 1 2");
  graph_gives(&rig, NULL, "z", "float[2] 1 2");
  graph_gives(&rig, NULL, "mm", "float[1,1] 3");
  graph_does(&rig, "x = float[2] 10 20", "add");
  graph_gives(&rig, NULL, "z", "float[2] 11 22");
  graph_gives(&rig, NULL, "mm", "float[1,1] 33");
  graph_does(&rig, "x = float[2] 5 6", "set");
  graph_gives(&rig, NULL, "y", "float[2] -5 -6");
  graph_gives(&rig, NULL, "mm", "float[1,1] 11");

  graph_does(&rig, "x = float[2] 1 2", "oset");
  graph_gives(&rig, NULL, "oy", "float[2] -1 -2");
  graph_does(&rig, "x = float[2] 1 2", "oadd");
  graph_gives(&rig, NULL, "oy", "float[2] -2 -4");
  graph_close(&rig);
}

TEST_FN(a_read_and_a_write_in_one_run) {
  graph_rig rig;
  graph_open(&rig, STATE, NULL);
  const char *const feed[] = {"x = float[2] 1 2", NULL};
  const char *const fetch[] = {"y", NULL}, *const target[] = {"add", NULL};
  graph_does(&rig, feed[0], "set");
  for (int i = 1; i < 4; i++) {
    char want[40];
    snprintf(want, sizeof want, "float[2] %d %d", -i, -2 * i);
    CHECK_OK(graph_run(&rig, NULL, feed, fetch, target), &rig.err);
    graph_expect(&rig, 0, want, 0);
  }
  graph_close(&rig);
}

TEST_FN(a_variable_without_a_value_is_an_error_where_it_is_read) {
  static const graph_case rows[] =
      {
          {.name = "by resource",
           .graph = STATE,
           .fetch = {"y"},
           .code = FIRN_FAILED_PRECONDITION,
           .says = "node 'r' (ReadVariableOp): variable 'v' has no value yet: "
                   "run its initialiser or restore a checkpoint first"},
          {.name = "by reference",
           .graph = STATE,
           .fetch = {"oy"},
           .code = FIRN_FAILED_PRECONDITION,
           .says = "node 'oy' (Neg): variable 'old' has no value yet: run its "
                   "initialiser or restore a checkpoint first"},
          {.name = "not behind a branch that is not taken",
           .graph = "v = VariableV2 dtype=float shape=<>;"
                    "x = Placeholder dtype=float; p = Placeholder dtype=bool;"
                    "rs = RefSwitch(v, p) T=float; sw = Switch(x, p) T=float;"
                    "n = Neg(rs:1) T=float;"
                    "y = Merge(sw, n) T=float N=2",
           .feed = {"p = bool false", "x = float 3"},
           .fetch = {"y"},
           .out = {"float 3"}},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

TEST_FN(anything_can_be_fetched) {
  static const graph_case rows[] =
      {
          {.name = "a feed",
           .graph = "x = Placeholder dtype=float",
           .feed = {"x = float[2] 1 2"},
           .fetch = {"x", "x:0"},
           .out = {"float[2] 1 2", "float[2] 1 2"}},
          {.name = "a constant",
           .graph = "c = Const dtype=float value=`float[2] 1 2`;"
                    "s = Const dtype=string value=`string[2] 'a' 'b'`",
           .fetch = {"c", "s", "c"},
           .out = {"float[2] 1 2", "string[2] 'a' 'b'", "float[2] 1 2"}},
          {.name = "a folded value",
           .graph = "c = Const dtype=float value=`float[2] 1 2`;"
                    "d = Neg(c) T=float; e = Square(d) T=float",
           .fetch = {"e", "d"},
           .out = {"float[2] 1 4", "float[2] -1 -2"}},
          {.name = "the same bytes under other shapes",
           .graph = "x = Placeholder dtype=float;"
                    "n = Neg(x) T=float;"
                    "a = Reshape(n, s) T=float; b = Reshape(a, t) T=float;"
                    "i = Identity(b) T=float; m = Neg(n) T=float;"
                    "s = Const dtype=int32 value=`int32[2] 2 1`;"
                    "t = Const dtype=int32 value=`int32[1] -1`",
           .feed = {"x = float[1,2] 1 2"},
           .fetch = {"n", "a", "i", "m"},
           .out = {"float[1,2] -1 -2", "float[2,1] -1 -2", "float[2] -1 -2",
                   "float[1,2] 1 2"}},
          {.name = "strings under other shapes",
           .graph = "x = Placeholder dtype=string;"
                    "a = Reshape(x, s) T=string; b = Identity(a) T=string;"
                    "s = Const dtype=int32 value=`int32[2] 2 1`",
           .feed = {"x = string[2] 'a' 'a string that lies elsewhere'"},
           .fetch = {"b", "a"},
           .out = {"string[2,1] 'a' 'a string that lies elsewhere'",
                   "string[2,1] 'a' 'a string that lies elsewhere'"}},
          {.name = "a shape",
           .graph = "x = Placeholder dtype=float;"
                    "s = Shape(x) T=float out_type=int64;"
                    "r = Rank(x) T=float; z = Size(x) T=float",
           .feed = {"x = float[2,3] 0"},
           .fetch = {"s", "r", "z"},
           .out = {"int64[2] 2 3", "int32 2", "int32 6"}},
          {.name = "nothing at all",
           .graph = "x = Placeholder dtype=float; n = NoOp",
           .target = {"n"}},
          {.name = "an input in between",
           .graph = "x = Placeholder dtype=float; y = Neg(x) T=float;"
                    "z = Neg(y) T=float",
           .feed = {"y = float[3] 1 2 3"},
           .fetch = {"z", "y"},
           .out = {"float[3] -1 -2 -3", "float[3] 1 2 3"}},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

/* ---- Shared bytes ------------------------------------------------------- */

TEST_FN(nothing_writes_over_what_is_still_needed) {
  static const graph_case rows[] =
      {
          {.name = "an alias is needed later",
           .graph = "x = Placeholder dtype=float;"
                    "n = Neg(x) T=float; a = Reshape(n, s) T=float;"
                    "s = Const dtype=int32 value=`int32[1] -1`;"
                    "q = Square(n) T=float; e = Neg(q) T=float;"
                    "b = Square(a) T=float; c = AddV2(b, a) T=float;"
                    "d = Reshape(e, s) T=float; f = AddV2(c, d) T=float",
           .feed = {"x = float[2,2] 1 2 3 4"},
           .fetch = {"f", "e"},
           .out = {"float[4] -1 -2 -3 -4", "float[2,2] -1 -4 -9 -16"}},
          {.name = "through a switch",
           .graph = "x = Placeholder dtype=float; p = Placeholder dtype=bool;"
                    "n = Neg(x) T=float; sw = Switch(n, p) T=float;"
                    "q = Square(n) T=float;"
                    "a = Neg(sw:1) T=float;"
                    "m = Merge(sw, a) T=float N=2;"
                    "y = AddV2(q, m) T=float; z = AddV2(y, n) T=float",
           .feed = {"p = bool true", "x = float[2] 3 4"},
           .fetch = {"z"},
           .out = {"float[2] 9 16"}},
          {.name = "through a merge",
           .graph = "x = Placeholder dtype=float; p = Placeholder dtype=bool;"
                    "n = Neg(x) T=float; sw = Switch(n, p) T=float;"
                    "a = Neg(sw) T=float;"
                    "m = Merge(a, sw:1) T=float N=2;"
                    "q = Square(n) T=float; e = Neg(q) T=float;"
                    "y = AddV2(m, e) T=float",
           .feed = {"p = bool true", "x = float[2] 3 4"},
           .fetch = {"y"},
           .out = {"float[2] -12 -20"}},
          {.name = "through a branch",
           .graph = "def yes(a: float) -> (r: float = a) { }"
                    "def no(a: float) -> (r: float = n:y:0) {"
                    "  n = Neg(a) T=float }"
                    "x = Placeholder dtype=float; p = Placeholder dtype=bool;"
                    "n = Neg(x) T=float;"
                    "b = StatelessIf(p, n) Tcond=bool Tin=[float] "
                    "Tout=[float] then_branch=@yes else_branch=@no;"
                    "q = Square(n) T=float; e = Neg(q) T=float;"
                    "y = AddV2(b, e) T=float",
           .feed = {"p = bool true", "x = float[2] 3 4"},
           .fetch = {"y"},
           .out = {"float[2] -12 -20"}},
          {.name = "what a loop starts with, and what it takes along",
           .graph =
               "def c(i: int32, a: float, k: float) -> (r: bool = l:z:0) {"
               "  n = Const dtype=int32 value=`int32 3`;"
               "  l = Less(i, n:output:0) T=int32 }"
               "def d(i: int32, a: float, k: float)"
               "    -> (j: int32 = p:z:0, b: float = s:z:0, k2: float = k) {"
               "  one = Const dtype=int32 value=`int32 1`;"
               "  p = AddV2(i, one:output:0) T=int32;"
               "  q = Neg(k) T=float; t = Square(q:y:0) T=float;"
               "  s = AddV2(a, t:y:0) T=float }"
               "x = Placeholder dtype=float; i = Placeholder dtype=int32;"
               "n = Neg(x) T=float;"
               "w = StatelessWhile(i, n, n) T=[int32,float,float] cond=@c "
               "body=@d;"
               "y = AddV2(w:1, n) T=float; z = AddV2(y, w:2) T=float",
           .feed = {"i = int32 0", "x = float[2] 1 2"},
           .fetch = {"z"},
           .out = {"float[2] 0 6"}},
          {.name = "both inputs are the same",
           .graph = "x = Placeholder dtype=float; n = Neg(x) T=float;"
                    "y = Mul(n, n) T=float; z = AddV2(y, y) T=float",
           .feed = {"x = float[2] 1 2"},
           .fetch = {"z"},
           .out = {"float[2] 2 8"}},
          {.name = "an input that is spread",
           .graph = "x = Placeholder dtype=float; n = Neg(x) T=float;"
                    "r = Reshape(n, s) T=float;"
                    "s = Const dtype=int32 value=`int32[2] 3 1`;"
                    "y = AddV2(n, r) T=float; z = Neg(y) T=float",
           .feed = {"x = float[3] 1 2 3"},
           .fetch = {"z"},
           .out = {"float[3,3] 2 3 4 3 4 5 4 5 6"}},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

/* A caller's tensor is never written to, wherever it lies. */
TEST_FN(feeds_are_left_alone) {
  graph_rig rig;
  graph_open(&rig,
             "x = Placeholder dtype=float; a = Neg(x) T=float;"
             "i = Identity(x) T=float; b = Square(i) T=float;"
             "y = AddV2(a, b) T=float",
             NULL);
  float data[70];
  for (int shift = 0; shift < 3; shift++) {
    float *at = data + shift;
    const int64_t dims[] = {3};
    firn_tensor *x = NULL;
    for (int i = 0; i < 3; i++) at[i] = (float)i;
    CHECK_OK(firn_tensor_wrap(FIRN_FLOAT, 1, dims, at, 12, NULL, NULL, NULL, &x,
                              &rig.err),
             &rig.err);
    const firn_feed feed = {"x", x};
    const char *const fetch[] = {"y"};
    firn_tensor *out = NULL;
    CHECK_OK(firn_session_run(rig.session, NULL, &feed, 1, fetch, 1, NULL, 0,
                              &out, &rig.err),
             &rig.err);
    for (int i = 0; i < 3; i++) {
      CHECK(at[i] == (float)i);
      CHECK(((const float *)out->data)[i] == (float)(i * i - i));
    }
    firn_tensor_release(out);
    firn_tensor_release(x);
  }
  graph_close(&rig);
}

SUITE(runtime_plan, TEST(random_graphs_compute_what_their_nodes_do),
      TEST(fused_steps_compute_what_they_did_apart),
      TEST(only_what_may_be_fused_is),
      TEST(a_variable_is_a_constant_until_it_is_assigned),
      TEST(a_read_and_a_write_in_one_run),
      TEST(a_variable_without_a_value_is_an_error_where_it_is_read),
      TEST(anything_can_be_fetched),
      TEST(nothing_writes_over_what_is_still_needed),
      TEST(feeds_are_left_alone));
