/* What a program holds for some feeds, fetches and targets: which nodes, in
 * which order, and what it refuses. */
#include "runtime/program.h"

#include "support/graph_case.h"

/* ---- Order -------------------------------------------------------------- */

typedef struct built {
  graph_rig rig;
  firn_program *program;
  firn_error err;
  firn_code code;
} built;

static firn_edge edge_of(const built *b, const char *name) {
  firn_edge edge;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_graph_tensor(b->rig.op.graph, firn_str_of(name), &edge, &err),
           &err);
  return edge;
}

static const firn_node *node_of(const built *b, const char *name) {
  const firn_node *node = firn_graph_find(b->rig.op.graph, firn_str_of(name));
  if (!node) fail_msg("no node '%s'", name);
  return node;
}

/* Builds the program of one graph; lists end with NULL. */
static void build(built *b, const char *graph, const char *const *feeds,
                  const char *const *fetches, const char *const *targets,
                  const firn_limits *limits) {
  static firn_edge feed[8], fetch[8];
  static uint32_t target[8];
  firn_options options = FIRN_OPTIONS_INIT;
  if (limits) options.limits = *limits;
  const firn_env env = firn_env_from(&options);
  memset(b, 0, sizeof *b);
  graph_open(&b->rig, graph, NULL);
  firn_wish wish = {.feeds = feed, .fetches = fetch, .targets = target};
  for (; feeds && feeds[wish.feed_count]; wish.feed_count++)
    feed[wish.feed_count] = edge_of(b, feeds[wish.feed_count]);
  for (; fetches && fetches[wish.fetch_count]; wish.fetch_count++)
    fetch[wish.fetch_count] = edge_of(b, fetches[wish.fetch_count]);
  for (; targets && targets[wish.target_count]; wish.target_count++)
    target[wish.target_count] = node_of(b, targets[wish.target_count])->index;
  b->code =
      firn_program_new(b->rig.op.graph, &wish, &env, &b->program, &b->err);
}

static void unbuild(built *b) {
  firn_program_free(b->program);
  firn_error_clear(&b->err);
  graph_close(&b->rig);
}

/* The steps of block 0 as "a b =c d": `=` marks the reading of a reference. */
static const char *steps_of(const built *b) {
  static char text[1000];
  size_t n = 0;
  text[0] = 0;
  const firn_block *block = &b->program->blocks[0];
  for (uint32_t i = 0; i < block->count; i++) {
    const firn_step *s = &b->program->steps[block->steps[i]];
    if (s->kind == FIRN_STEP_GATE) continue;
    n += (size_t)snprintf(text + n, sizeof text - n, "%s%s%.*s", n ? " " : "",
                          s->kind == FIRN_STEP_DEREF ? "=" : "",
                          FIRN_ARG(s->node->def->name));
  }
  return text;
}

#define LIST(...) \
  (const char *const[]) { __VA_ARGS__, NULL }

static void expect_steps(const char *graph, const char *const *feeds,
                         const char *const *fetches, const char *const *targets,
                         const char *want) {
  built b;
  build(&b, graph, feeds, fetches, targets, NULL);
  CHECK_OK(b.code, &b.err);
  CHECK_STR(steps_of(&b), want);
  unbuild(&b);
}

#define DIAMOND                                      \
  "d = AddV2(b, c) T=float; c = Square(a) T=float;"  \
  "b = Neg(a) T=float; a = Placeholder dtype=float;" \
  "other = Exp(d) T=float;"

TEST_FN(only_what_is_needed_in_an_order_that_works) {
  expect_steps(DIAMOND, LIST("a"), LIST("d"), NULL, "c b d");
  expect_steps(DIAMOND, LIST("a"), LIST("b"), NULL, "b");
  expect_steps(DIAMOND, LIST("a"), NULL, LIST("other"), "c b d other");
  expect_steps(DIAMOND, LIST("a"), LIST("a"), NULL, "");
  expect_steps(DIAMOND, NULL, LIST("d"), NULL, "a c b d");
}

TEST_FN(a_fed_tensor_cuts_what_is_behind_it) {
  expect_steps(DIAMOND, LIST("b"), LIST("b"), NULL, "");
  expect_steps(DIAMOND, LIST("b", "c"), LIST("d"), NULL, "d");
  expect_steps(DIAMOND, LIST("a", "b"), LIST("d"), NULL, "c d");
  /* one output of two */
  expect_steps(
      "x = Placeholder dtype=float;"
      "u = Unique(x) T=float out_idx=int32;"
      "a = Neg(u) T=float; b = Neg(u:1) T=int32",
      LIST("x", "u:1"), LIST("b"), NULL, "b");
  expect_steps(
      "x = Placeholder dtype=float;"
      "u = Unique(x) T=float out_idx=int32;"
      "a = Neg(u) T=float; b = Neg(u:1) T=int32",
      LIST("x", "u:1"), LIST("a", "b"), NULL, "u a b");
}

TEST_FN(control_edges_order_and_keep) {
  expect_steps("a = NoOp(^b); b = NoOp(^c); c = NoOp; d = NoOp", NULL, NULL,
               LIST("a"), "c b a");
  /* a node that is fed is not waited for */
  expect_steps(
      "x = Placeholder dtype=float; y = Neg(x) T=float;"
      "z = NoOp(^y)",
      LIST("y"), NULL, LIST("z"), "z");
}

#define VARIABLE                             \
  "v = VariableV2 dtype=float shape=<>;"     \
  "add = AssignAdd(v, one) T=float;"         \
  "one = Const dtype=float value=`float 1`;" \
  "y = Neg(v) T=float; z = Square(y) T=float;"

TEST_FN(writers_come_late_and_references_are_read) {
  expect_steps(VARIABLE, NULL, LIST("z"), LIST("add"), "v one =y y z add");
  /* unless the graph says otherwise */
  expect_steps(VARIABLE "r = Neg(add) T=float", NULL, LIST("r"), NULL,
               "v one add =r r");
  /* an Identity of a reference is the reference */
  expect_steps(VARIABLE "r = Identity(v, ^add) T=float", NULL, LIST("r"), NULL,
               "v one add =r");
  /* a variable that is fetched is read, too */
  expect_steps(VARIABLE, NULL, LIST("v"), NULL, "v =v");
}

/* ---- What is refused ---------------------------------------------------- */

TEST_FN(what_makes_no_sense_is_refused) {
  static const graph_case rows[] =
      {
          {.name = "an input that is not there",
           .graph = "x = Placeholder dtype=float;"
                    "y = AddV2(x, gone:2) T=float",
           .feed = {"x = float 1"},
           .fetch = {"y"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'y' (AddV2): input 1 names 'gone:2', which is not in "
                   "the graph"},
          {.name = "a control input that is not there",
           .graph = "x = Placeholder dtype=float; y = Neg(x, ^gone) T=float",
           .feed = {"x = float 1"},
           .fetch = {"y"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'y' (Neg): input 1 names '^gone', which is not in the "
                   "graph"},
          {.name = "... is no matter where nobody goes",
           .graph = "x = Placeholder dtype=float; y = Neg(x) T=float;"
                    "z = AddV2(y, gone) T=float",
           .feed = {"x = float 1"},
           .fetch = {"y"},
           .out = {"float -1"}},
          {.name = "an output that is not there",
           .graph = "x = Placeholder dtype=float; y = Neg(x) T=float;"
                    "z = Neg(y:1) T=float",
           .feed = {"x = float 1"},
           .fetch = {"z"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'z' (Neg): wants output 1 of 'y' (Neg), which has 1"},
          {.name = "too few inputs",
           .graph = "x = Placeholder dtype=float; y = AddV2(x) T=float",
           .feed = {"x = float 1"},
           .fetch = {"y"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'y' (AddV2): has 1 inputs, the op wants 2"},
          {.name = "too many inputs",
           .graph = "x = Placeholder dtype=float; y = Neg(x, x) T=float",
           .feed = {"x = float 1"},
           .fetch = {"y"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'y' (Neg): has 2 inputs, the op wants 1"},
          {.name = "another type",
           .graph = "x = Placeholder dtype=int32; y = Neg(x) T=float",
           .feed = {"x = int32 1"},
           .fetch = {"y"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'y' (Neg): input 0 is int32, the op wants float32"},
          {.name = "a value where a reference is wanted",
           .graph = "x = Placeholder dtype=float;"
                    "y = AssignAdd(x, x) T=float",
           .feed = {"x = float 1"},
           .fetch = {"y"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'y' (AssignAdd): input 0 is float32, the op wants "
                   "float32_ref"},
          {.name = "an op that nobody knows",
           .graph = "x = Placeholder dtype=float; y = Frobnicate(x) T=float;"
                    "z = Twiddle(y); w = Neg(z) T=float",
           .feed = {"x = float 1"},
           .fetch = {"w"},
           .code = FIRN_UNIMPLEMENTED,
           .says = "firn cannot compute this graph",
           .line = {"node 'y': op Frobnicate is not known at all",
                    "node 'z': op Twiddle is not known at all"}},
          {.name = "... is no matter where nobody goes",
           .graph = "x = Placeholder dtype=float; y = Frobnicate(x) T=float;"
                    "z = Neg(x) T=float",
           .feed = {"x = float 1"},
           .fetch = {"z"},
           .out = {"float -1"}},
          {.name = "... nor behind what is fed",
           .graph = "x = Placeholder dtype=float; y = Frobnicate(x) T=float;"
                    "z = Neg(y) T=float",
           .feed = {"y = float 1"},
           .fetch = {"z"},
           .out = {"float -1"}},
          {.name = "... nor in a branch that is known not to be taken",
           .graph = "x = Placeholder dtype=float;"
                    "p = Const dtype=bool value=`bool false`;"
                    "sw = Switch(x, p) T=float; y = Frobnicate(sw:1) T=float;"
                    "z = Merge(sw, y) T=float N=2",
           .feed = {"x = float 1"},
           .fetch = {"z"},
           .out = {"float 1"}},
          {.name = "a placeholder that is not fed",
           .graph = "x = Placeholder dtype=float shape=<2,?>;"
                    "y = Neg(x) T=float",
           .fetch = {"y"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "placeholder 'x' (float32 [2,?]) must be fed"},
          {.name = "itself",
           .graph = "y = Neg(y) T=float",
           .fetch = {"y"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "the graph has a cycle",
           .line = {"in the cycle or behind it: 'y' (Neg)"}},
          {.name = "a cycle that a feed cuts",
           .graph = "a = AddV2(b, b) T=float; b = Neg(a) T=float",
           .feed = {"b = float 2"},
           .fetch = {"a"},
           .out = {"float 4"}},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

/* ---- What would never end ----------------------------------------------- */

static void expect_refused(const char *graph, const firn_limits *limits,
                           const char *says) {
  built b;
  build(&b, graph, LIST("x"), LIST("y"), NULL, limits);
  CHECK_EQ(b.code, FIRN_RESOURCE_EXHAUSTED);
  CHECK_STR(b.err.message, says);
  CHECK(b.program == NULL);
  unbuild(&b);
}

TEST_FN(recursion_ends) {
  const firn_limits ten = {.call_depth = 10};
  expect_refused(
      "def f(a: float) -> (r: float = g:r:0) { g = f(a) }"
      "x = Placeholder dtype=float; y = f(x)",
      &ten, "node 'g' (f): calls are nested more than 10 deep");
  expect_refused(
      "def f(a: float) -> (r: float = g:output:0) {"
      "  p = Const dtype=bool value=`bool true`;"
      "  g = StatelessIf(p:output:0, a) Tcond=bool Tin=[float] Tout=[float] "
      "    then_branch=@f else_branch=@f }"
      "x = Placeholder dtype=float; y = f(x)",
      &ten, "node 'g' (StatelessIf): calls are nested more than 10 deep");
}

/* f0 calls f1 twice, f1 calls f2 twice, ... : 2^n steps, or no step at all. */
static char *doubling(int levels, const char *leaf) {
  enum { ROOM = 20000 };
  char *text = malloc(ROOM);
  size_t n = 0;
  for (int i = 0; i < levels; i++)
    n +=
        (size_t)snprintf(text + n, ROOM - n,
                         "def f%d(a: float) -> (r: float = c:r:0) { b = f%d(a);"
                         " c = f%d(b:r:0) }",
                         i, i + 1, i + 1);
  snprintf(text + n, ROOM - n,
           "def f%d(a: float) -> %s x = Placeholder "
           "dtype=float; y = f0(x)",
           levels, leaf);
  return text;
}

TEST_FN(calls_do_not_explode) {
  char *steps = doubling(40, "(r: float = n:y:0) { n = Neg(a) T=float }");
  char *nothing = doubling(40, "(r: float = a) { }");
  expect_refused(steps, NULL,
                 "function calls unfold to more than 1048576 steps");
  expect_refused(nothing, NULL,
                 "function calls unfold to more than 1048576 steps");
  free(steps);
  free(nothing);
}

/* Frames in frames in frames. */
TEST_FN(frames_are_not_nested_without_end) {
  enum { DEPTH = 2000, ROOM = 200000 };
  char *text = malloc(ROOM);
  size_t n = (size_t)snprintf(text, ROOM,
                              "x = Placeholder dtype=float;"
                              "e0 = Enter(x) T=float frame_name='f0';");
  for (int i = 1; i < DEPTH; i++)
    n += (size_t)snprintf(text + n, ROOM - n,
                          "e%d = Enter(e%d) T=float frame_name='f%d';", i,
                          i - 1, i);
  snprintf(text + n, ROOM - n, "y = Exit(e%d) T=float", DEPTH - 1);
  expect_refused(text, NULL,
                 "node 'e256' (Enter): loops and calls are nested more than "
                 "256 deep");
  free(text);
}

SUITE(runtime_program, TEST(only_what_is_needed_in_an_order_that_works),
      TEST(a_fed_tensor_cuts_what_is_behind_it),
      TEST(control_edges_order_and_keep),
      TEST(writers_come_late_and_references_are_read),
      TEST(what_makes_no_sense_is_refused), TEST(recursion_ends),
      TEST(calls_do_not_explode), TEST(frames_are_not_nested_without_end));
