/* What the nodes of a graph are when its calls are expanded, and its branches
 * and loops lowered. */
#include "graph/inline.h"
#include "support/failing.h"
#include "support/graph_text.h"

#define FLOAT "attr { key: 'T' value { type: DT_FLOAT } }"
#define ARG(name, type) "input_arg { name: '" name "' type: DT_" type " }"
#define RET(name, type) "output_arg { name: '" name "' type: DT_" type " }"
#define TYPES(key, type) \
  "attr { key: '" key "' value { list { type: DT_" type " } } }"
#define FUNC(key, name) \
  "attr { key: '" key "' value { func { name: '" name "' } } }"
#define INPUT(name, type)                    \
  "node { name: '" name                      \
  "' op: 'Placeholder' attr { key: 'dtype' " \
  "value { type: DT_" type " } } }"
#define CALL(name, f, inputs)                                            \
  "node { name: '" name "' op: 'StatefulPartitionedCall' " inputs TYPES( \
      "Tin", "FLOAT") TYPES("Tout", "FLOAT") FUNC("f", f) "}"

/* twice(a) = a + a;  constant(a) = 7;  shout(a) = a, printed;
 * nested(a) = twice(twice(a));  self(a) = self(a). */
static const char library[] =
    "library {"
    "function { signature { name: 'twice' " ARG("a", "FLOAT") RET("r", "FLOAT")
    "} node_def { name: 'sum' op: 'AddV2' input: 'a' input: 'a' " FLOAT " }"
    " ret { key: 'r' value: 'sum:z:0' } }"
    "function { signature { name: 'constant' " ARG("a", "FLOAT")
    RET("r", "FLOAT") "} node_def { name: 'seven' op: 'Const'"
    " attr { key: 'dtype' value { type: DT_FLOAT } } attr { key: 'value'"
    " value { tensor { dtype: DT_FLOAT tensor_shape {} float_val: 7 } } } }"
    " ret { key: 'r' value: 'seven:output:0' } }"
    "function { signature { name: 'shout' " ARG("a", "FLOAT") RET("r", "FLOAT")
    "} node_def { name: 'p' op: 'PrintV2' input: 't:output:0' }"
    " node_def { name: 't' op: 'AsString' input: 'a' " FLOAT " }"
    " ret { key: 'r' value: 'a' } control_ret { key: 'p' value: 'p' } }"
    "function { signature { name: 'nested' " ARG("a", "FLOAT")
    RET("r", "FLOAT") "} node_def { name: 'one' op: 'PartitionedCall'"
    " input: 'a' " TYPES("Tin", "FLOAT") TYPES("Tout", "FLOAT")
    FUNC("f", "twice") "} node_def { name: 'two' op: 'twice'"
    " input: 'one:output:0' } ret { key: 'r' value: 'two:r:0' } }"
    "function { signature { name: 'self' " ARG("a", "FLOAT") RET("r", "FLOAT")
    "} node_def { name: 'again' op: 'self' input: 'a' }"
    " ret { key: 'r' value: 'again:r:0' } }"
    "function { signature { name: 'small' " ARG("a", "FLOAT") RET("r", "BOOL")
    "} node_def { name: 'less' op: 'Less' input: 'a' input: 'a' " FLOAT " }"
    " ret { key: 'r' value: 'less:z:0' } }"
    "function { signature { name: 'first' " ARG("a", "FLOAT")
    ARG("w", "FLOAT") RET("r", "FLOAT") RET("v", "FLOAT")
    "} node_def { name: 'm' op: 'Mul' input: 'a' input: 'w' " FLOAT " }"
    " ret { key: 'r' value: 'm:z:0' } ret { key: 'v' value: 'w' } }"
    "function { signature { name: 'until' " ARG("a", "FLOAT")
    ARG("w", "FLOAT") RET("r", "BOOL")
    "} node_def { name: 'less' op: 'Less' input: 'a' input: 'w' " FLOAT " }"
    " ret { key: 'r' value: 'less:z:0' } } }";

typedef struct inline_row {
  const char *name, *nodes, *fetch;
  bool calls, lower;
  const char *want, *tensor; /* the nodes, and what the fetch is */
} inline_row;

static const inline_row rows[] = {
    {"a body under its caller's name",
     INPUT("x", "FLOAT") CALL("c", "twice", "input: 'x'"), "c", true, false,
     "x = Placeholder()\nc/sum = AddV2(x, x)\n", "c/sum"},
    {"calls stay", INPUT("x", "FLOAT") CALL("c", "twice", "input: 'x'"), "c",
     false, false, "x = Placeholder()\nc = StatefulPartitionedCall(x)\n", "c"},
    {"calls in calls, by attr and by name",
     INPUT("x", "FLOAT") CALL("c", "nested", "input: 'x'"), "c", true, false,
     "x = Placeholder()\n"
     "c/one/sum = AddV2(x, x)\n"
     "c/two/sum = AddV2(c/one/sum, c/one/sum)\n",
     "c/two/sum"},
    {"control inputs reach nodes without inputs",
     INPUT("x", "FLOAT") "node { name: 'first' op: 'NoOp' }" CALL(
         "c", "constant", "input: 'x' input: '^first'"),
     "c", true, false,
     "x = Placeholder()\nfirst = NoOp()\nc/seven = Const(^first)\n", "c/seven"},
    {"an effect happens when an output is used",
     INPUT("x", "FLOAT") CALL("c", "shout", "input: 'x'"), "c", true, false,
     "x = Placeholder()\n"
     "c/t = AsString(x)\n"
     "c/p = PrintV2(c/t)\n"
     "c = NoOp(^c/p)\n"
     "c/output_0 = Identity(x, ^c)\n",
     "c/output_0"},
    {"somebody waits for a call",
     INPUT("x", "FLOAT")
         CALL("c", "twice", "input: 'x'") "node { name: 'y' op: 'Neg' input: "
                                          "'x' input: '^c' " FLOAT " }",
     "y", true, false,
     "x = Placeholder()\n"
     "c/sum = AddV2(x, x)\n"
     "c = NoOp()\n"
     "y = Neg(x, ^c)\n",
     "y"},
    {"recursion stays a call",
     INPUT("x", "FLOAT") CALL("c", "self", "input: 'x'"), "c", true, false,
     "x = Placeholder()\nc/again = self(x)\n", "c/again"},
    {"names that are taken get a number",
     INPUT("x", "FLOAT") INPUT("c/sum", "FLOAT")
         CALL("c", "twice", "input: 'c/sum'"),
     "c", true, false, "c/sum = Placeholder()\nc/sum_1 = AddV2(c/sum, c/sum)\n",
     "c/sum_1"},
    {"a value that may be dead keeps its call's constants dead",
     INPUT("x", "FLOAT") INPUT(
         "p",
         "BOOL") "node { name: 's' op: 'Switch' input: 'x' input: 'p' " FLOAT
                 " }" CALL("c", "constant", "input: 's:1'"),
     "c", true, false,
     "x = Placeholder()\n"
     "p = Placeholder()\n"
     "s = Switch(x, p)\n"
     "c/input_0 = Identity(s:1)\n"
     "c/seven = Const(^c/input_0)\n",
     "c/seven"},
    {"an If stays with its functions",
     INPUT("x", "FLOAT") INPUT(
         "p", "BOOL") "node { name: 'i' op: 'StatelessIf' input: 'p' input: 'x'"
                      " attr { key: 'Tcond' value { type: DT_BOOL } }" TYPES(
                          "Tin", "FLOAT") TYPES("Tout", "FLOAT")
                          FUNC("then_branch", "twice")
                              FUNC("else_branch", "constant") "}",
     "i", true, false,
     "x = Placeholder()\np = Placeholder()\ni = StatelessIf(p, x)\n", "i"},
    {"an If becomes Switch and Merge",
     INPUT("x", "FLOAT") INPUT(
         "p", "BOOL") "node { name: 'i' op: 'StatelessIf' input: 'p' input: 'x'"
                      " attr { key: 'Tcond' value { type: DT_BOOL } }" TYPES(
                          "Tin", "FLOAT") TYPES("Tout", "FLOAT")
                          FUNC("then_branch", "twice")
                              FUNC("else_branch", "constant") "}",
     "i", true, true,
     "x = Placeholder()\n"
     "p = Placeholder()\n"
     "i/branch_0/pred = Switch(p, p)\n"
     "i/branch_0/else = Identity(i/branch_0/pred)\n"
     "i/branch_0/then = Identity(i/branch_0/pred:1)\n"
     "i/branch_0/switch_0 = Switch(x, p)\n"
     "i/branch_0/sum = AddV2(i/branch_0/switch_0:1, i/branch_0/switch_0:1)\n"
     "i/branch_1/seven = Const(^i/branch_0/else)\n"
     "i/branch_0/merge_0 = Merge(i/branch_1/seven, i/branch_0/sum)\n",
     "i/branch_0/merge_0"},
    {"a Case goes from branch to branch",
     INPUT("x", "FLOAT")
         INPUT("k", "INT32") "node { name: 'i' op: 'StatelessCase' input: 'k' "
                             "input: 'x'" TYPES("Tin", "FLOAT") TYPES(
                                 "Tout",
                                 "FLOAT") " attr { key: 'branches' value { "
                                          "list { func { name: 'twice' }"
                                          " func { name: 'constant' } } } } }",
     "i", true, true,
     "x = Placeholder()\n"
     "k = Placeholder()\n"
     "i/index_0 = Const()\n"
     "i/is_branch_0 = Equal(k, i/index_0)\n"
     "i/branch_0/pred = Switch(i/is_branch_0, i/is_branch_0)\n"
     "i/branch_0/else = Identity(i/branch_0/pred)\n"
     "i/branch_0/then = Identity(i/branch_0/pred:1)\n"
     "i/branch_0/switch_0 = Switch(x, i/is_branch_0)\n"
     "i/branch_0/switch_index = Switch(k, i/is_branch_0)\n"
     "i/branch_0/sum = AddV2(i/branch_0/switch_0:1, i/branch_0/switch_0:1)\n"
     "i/branch_1/seven = Const(^i/branch_0/else)\n"
     "i/branch_0/merge_0 = Merge(i/branch_1/seven, i/branch_0/sum)\n",
     "i/branch_0/merge_0"},
    {"a While becomes a frame; what does not change enters once",
     INPUT("x", "FLOAT") INPUT(
         "w", "FLOAT") "node { name: 'l' op: 'StatelessWhile' input: 'x' "
                       "input: 'w' attr {"
                       " key: 'T' value { list { type: DT_FLOAT type: DT_FLOAT "
                       "} } }" FUNC("cond", "until") FUNC("body", "first") "}",
     "l", true, true,
     "x = Placeholder()\n"
     "w = Placeholder()\n"
     "l/enter_0 = Enter(x)\n"
     "l/merge_0 = Merge(l/enter_0, l/next_0)\n"
     "l/enter_1 = Enter(w)\n"
     "l/cond/less = Less(l/merge_0, l/enter_1)\n"
     "l/loop_cond = LoopCond(l/cond/less)\n"
     "l/switch_0 = Switch(l/merge_0, l/loop_cond)\n"
     "l/exit_0 = Exit(l/switch_0)\n"
     "l/round_0 = Identity(l/switch_0:1)\n"
     "l/body/m = Mul(l/round_0, l/enter_1)\n"
     "l/next_0 = NextIteration(l/body/m)\n",
     "l/exit_0"},
    {"what a loop hands back untouched is what it got",
     INPUT("x", "FLOAT") INPUT(
         "w", "FLOAT") "node { name: 'l' op: 'StatelessWhile' input: 'x' "
                       "input: 'w' attr {"
                       " key: 'T' value { list { type: DT_FLOAT type: DT_FLOAT "
                       "} } }" FUNC("cond", "until") FUNC("body", "first") "}",
     "l:1", true, true, NULL, "w"},
};

static char *list_nodes(const firn_inlined *in) {
  firn_buf text = {0};
  for (uint32_t i = 0; i < in->count; i++) {
    const firn_pb_NodeDef *def = in->nodes[i];
    firn_buf_printf(&text, "%.*s = %.*s(", FIRN_ARG(def->name),
                    FIRN_ARG(def->op));
    for (size_t k = 0; k < def->input_count; k++)
      firn_buf_printf(&text, "%s%.*s", k ? ", " : "", FIRN_ARG(def->input[k]));
    firn_buf_puts(&text, ")\n");
  }
  firn_buf_append(&text, "", 1);
  return (char *)text.data;
}

static firn_graph *with_library(const char *nodes) {
  firn_buf text = {0};
  firn_buf_puts(&text, nodes);
  firn_buf_puts(&text, library);
  firn_buf_append(&text, "", 1);
  firn_graph *graph = graph_of((char *)text.data);
  firn_buf_fini(&text);
  return graph;
}

TEST_FN(calls_become_nodes) {
  const inline_row *row;
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    firn_graph *graph = with_library(row->nodes);
    firn_edge fetch;
    firn_inlined in;
    CHECK_OK(firn_graph_tensor(graph, firn_str_of(row->fetch), &fetch, &err),
             &err);
    const firn_inline_wish wish = {.calls = row->calls,
                                   .lower = row->lower,
                                   .fetches = &fetch,
                                   .fetch_count = 1};
    CHECK_OK(firn_graph_inline(graph, &wish, &in, &err), &err);
    char *have = list_nodes(&in);
    if (row->want) CHECK_STR(have, row->want);
    CHECK(firn_str_is(in.fetches[0], row->tensor));
    free(have);
    firn_inlined_fini(&in);
    firn_graph_free(graph);
  }
}

/* The result is a graph, and every node but new ones knows where it is from. */
TEST_FN(the_result_is_a_graph) {
  firn_error err = FIRN_ERROR_INIT;
  firn_graph *graph = with_library(rows[2].nodes), *flat = NULL;
  const firn_edge fetch = {node_of(graph, "c")->index, 0};
  const firn_inline_wish wish = {
      .calls = true, .fetches = &fetch, .fetch_count = 1};
  firn_inlined in;
  CHECK_OK(firn_graph_inline(graph, &wish, &in, &err), &err);
  firn_pb_GraphDef def = {.node = in.nodes, .node_count = in.count};
  CHECK_OK(firn_graph_import(&def, NULL, &graph->env, &flat, &err), &err);
  bool marks[3] = {true, true, true};
  CHECK_EQ(flat->node_count, 3);
  CHECK_OK(firn_graph_check(flat, marks, &err), &err);
  CHECK(in.from[0] == node_of(graph, "x"));
  CHECK(firn_str_is(in.from[1]->def->name, "sum"));
  firn_graph_free(flat);
  firn_inlined_fini(&in);
  firn_graph_free(graph);
}

/* Fed tensors are replaced, and names that others want are left free. */
TEST_FN(inputs_are_replaced) {
  firn_error err = FIRN_ERROR_INIT;
  firn_graph *graph = with_library(
      INPUT("x", "FLOAT") "node { name: 'y' op: 'Neg' input: 'x' " FLOAT
                          "} node { name: 'z' op: 'Neg' input: 'y' " FLOAT
                          " input: '^x' }");
  const firn_edge feed = {node_of(graph, "x")->index, 0};
  const firn_edge fetch = {node_of(graph, "z")->index, 0};
  const firn_str names[] = {FIRN_STR("y"), FIRN_STR("z")};
  const firn_inline_wish wish = {.calls = true,
                                 .feeds = &feed,
                                 .feed_names = names,
                                 .feed_count = 1,
                                 .fetches = &fetch,
                                 .fetch_count = 1,
                                 .reserved = names,
                                 .reserved_count = 2};
  firn_inlined in;
  CHECK_OK(firn_graph_inline(graph, &wish, &in, &err), &err);
  char *have = list_nodes(&in);
  CHECK_STR(have, "y_1 = Neg(y)\nz_1 = Neg(y_1, ^y)\n");
  CHECK(firn_str_is(in.fetches[0], "z_1"));
  free(have);
  firn_inlined_fini(&in);
  firn_graph_free(graph);
}

/* ---- What is wrong ------------------------------------------------------ */

typedef struct bad_row {
  const char *name, *nodes, *want;
  firn_code code;
} bad_row;

static const bad_row bads[] = {
    {"no such function", INPUT("x", "FLOAT") CALL("c", "thrice", "input: 'x'"),
     "node 'c' (StatefulPartitionedCall): there is no function 'thrice'",
     FIRN_NOT_FOUND},
    {"too few arguments", CALL("c", "twice", ""),
     "node 'c' (StatefulPartitionedCall): gives 0 arguments to function "
     "'twice', which wants 1",
     FIRN_INVALID_ARGUMENT},
    {"an input that is not there", CALL("c", "twice", "input: 'gone'"),
     "node 'c' (StatefulPartitionedCall): input 0 is not in the graph",
     FIRN_INVALID_ARGUMENT},
    {"an output that is not there",
     INPUT("x", "FLOAT") "node { name: 'c' op: 'Neg' input: 'd:1' " FLOAT
                         " }" CALL("d", "twice", "input: 'x'"),
     "there is no output 1 of 'd' (StatefulPartitionedCall), which has 1",
     FIRN_INVALID_ARGUMENT},
    {"branches that are no functions",
     INPUT("x", "FLOAT") "node { name: 'c' op: 'StatelessCase' input: "
                         "'x'" TYPES("Tin", "FLOAT") TYPES("Tout", "FLOAT") "}",
     "node 'c' (StatelessCase): has 0 branches", FIRN_INVALID_ARGUMENT},
};

TEST_FN(errors_name_the_node) {
  const bad_row *row;
  EACH (row, bads) {
    firn_error err = FIRN_ERROR_INIT;
    firn_graph *graph = with_library(row->nodes);
    const firn_edge fetch = {node_of(graph, "c")->index, 0};
    const firn_inline_wish wish = {
        .calls = true, .lower = true, .fetches = &fetch, .fetch_count = 1};
    firn_inlined in;
    CHECK_EQ(firn_graph_inline(graph, &wish, &in, &err), row->code);
    if (row->want) CHECK_STR(err.message, row->want);
    firn_error_clear(&err);
    firn_inlined_fini(&in);
    firn_graph_free(graph);
  }
}

/* ---- Effects ------------------------------------------------------------ */

TEST_FN(effects_are_told_from_reads) {
  static const struct {
    const char *name, *node;
    bool has;
  } kinds[] =
      {
          {"a sum", "op: 'AddV2'", false},
          {"a read", "op: 'ReadVariableOp'", false},
          {"a handle", "op: 'VarHandleOp'", false},
          {"an assignment", "op: 'AssignVariableOp'", true},
          {"a print", "op: 'PrintV2'", true},
          {"a random number", "op: 'RandomUniform'", false},
          {"an op that nobody knows", "op: 'NobodyKnows'", true},
          {"a call of something quiet", "op: 'nested'", false},
          {"a call of something loud",
           "op: 'PartitionedCall' " FUNC("f", "shout"), true},
          {"a call that calls itself", "op: 'self'", false},
      },
    *kind;
  EACH (kind, kinds) {
    firn_error err = FIRN_ERROR_INIT;
    char text[300];
    bool has;
    firn_effects effects;
    snprintf(text, sizeof text, "node { name: 'n' %s }", kind->node);
    firn_graph *graph = with_library(text);
    firn_effects_init(&effects, graph);
    for (int again = 0; again < 2; again++) {
      CHECK_OK(firn_effects_of(&effects, node_of(graph, "n"), &has, &err),
               &err);
      CHECK_EQ(has, kind->has);
    }
    firn_effects_fini(&effects);
    firn_graph_free(graph);
  }
}

/* ---- Memory ------------------------------------------------------------- */

static firn_code inline_with(const firn_allocator *alloc, void *ctx) {
  const inline_row *row = ctx;
  firn_options options = FIRN_OPTIONS_INIT;
  firn_graph *graph = NULL;
  firn_buf text = {0};
  firn_edge fetch;
  firn_inlined in;
  options.allocator = alloc;
  firn_buf_puts(&text, row->nodes);
  firn_buf_puts(&text, library);
  firn_code code = firn_graph_parse((firn_bytes){text.data, text.size},
                                    &options, &graph, NULL);
  firn_buf_fini(&text);
  if (code != FIRN_OK) return code;
  code = firn_graph_tensor(graph, firn_str_of(row->fetch), &fetch, NULL);
  if (code == FIRN_OK) {
    const firn_inline_wish wish = {.calls = row->calls,
                                   .lower = row->lower,
                                   .fetches = &fetch,
                                   .fetch_count = 1};
    code = firn_graph_inline(graph, &wish, &in, NULL);
    firn_inlined_fini(&in);
  }
  firn_graph_free(graph);
  return code;
}

TEST_FN(short_memory_is_an_error) {
  const inline_row *row;
  EACH (row, rows) failing_check(inline_with, (void *)row);
}

SUITE(graph_inline, TEST(calls_become_nodes), TEST(the_result_is_a_graph),
      TEST(inputs_are_replaced), TEST(errors_name_the_node),
      TEST(effects_are_told_from_reads), TEST(short_memory_is_an_error));
