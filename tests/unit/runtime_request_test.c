/* What a session says to a request that does not fit its graph: unknown names,
 * wrong types and shapes, missing feeds, ops that nobody knows. */
#include "firn/session.h"

#include "support/graph_case.h"

#define ONE(text) \
  (const char *const[]) { text, NULL }

#define NAMES                                                               \
  "images = Placeholder dtype=float shape=<?,2>;"                           \
  "scalar = Placeholder dtype=float shape=<>;"                              \
  "logits = Neg(images) T=float; logits_1 = Neg(logits) T=float;"           \
  "other = Neg(scalar) T=float; both = AddV2(logits, scalar) T=float;"      \
  "default = PlaceholderWithDefault(logits) dtype=float shape=<?,2>;"       \
  "v = VarHandleOp dtype=float shape=<2> shared_name='net/w';"              \
  "r = ReadVariableOp(v) dtype=float; two = AddV2(r, scalar) T=float;"      \
  "old = VariableV2 dtype=float shape=<2>; three = Neg(old) T=float;"       \
  "u1 = FrobnicateOp(images) T=float; u2 = OtherUnknown(u1) T=float;"       \
  "bad = Neg(text) T=string; text = Const dtype=string value=`string 'a'`;" \
  "u3 = Neg(u2) T=float"

static const graph_case requests[] = {
    {.name = "an unknown feed",
     .graph = NAMES,
     .feed = {"image = float[1,2] 0"},
     .fetch = {"logits"},
     .code = FIRN_NOT_FOUND,
     .says = "feed 'image': no node 'image' in the graph; did you mean "
             "'images'?"},
    {.name = "an unknown fetch",
     .graph = NAMES,
     .feed = {"images = float[1,2] 0"},
     .fetch = {"logit:0"},
     .code = FIRN_NOT_FOUND,
     .says = "fetch 'logit:0': no node 'logit' in the graph; did you "
             "mean 'logits' or 'logits_1'?"},
    {.name = "nothing like it",
     .graph = NAMES,
     .fetch = {"xyzzy_plugh"},
     .code = FIRN_NOT_FOUND,
     .says = "fetch 'xyzzy_plugh': no node 'xyzzy_plugh' in the graph"},
    {.name = "an unknown target",
     .graph = NAMES,
     .target = {"logits_2"},
     .code = FIRN_NOT_FOUND,
     .says = "target 'logits_2': no node 'logits_2' in the graph; did "
             "you mean 'logits_1' or 'logits'?"},
    {.name = "an output that the node has not",
     .graph = NAMES,
     .feed = {"images = float[1,2] 0"},
     .fetch = {"logits:1"},
     .code = FIRN_OUT_OF_RANGE,
     .says = "fetch 'logits:1': node 'logits' (Neg) has 1 output, no "
             "output 1"},
    {.name = "a control input is no tensor",
     .graph = NAMES,
     .fetch = {"^logits"},
     .code = FIRN_INVALID_ARGUMENT,
     .says = "fetch '^logits': '^logits' is a control input, not a "
             "tensor"},
    {.name = "a feed of another type",
     .graph = NAMES,
     .feed = {"images = double[1,2] 0"},
     .fetch = {"logits"},
     .code = FIRN_INVALID_ARGUMENT,
     .says = "feed 'images' is float64, the graph wants float32"},
    {.name = "a feed of another type in the middle",
     .graph = NAMES,
     .feed = {"logits = int32[1,2] 0"},
     .fetch = {"logits_1"},
     .code = FIRN_INVALID_ARGUMENT,
     .says = "feed 'logits' is int32, the graph wants float32"},
    {.name = "a feed of another extent",
     .graph = NAMES,
     .feed = {"images = float[4,3] 0"},
     .fetch = {"logits"},
     .code = FIRN_INVALID_ARGUMENT,
     .says = "feed 'images' has shape [4,3], the graph wants [?,2]"},
    {.name = "a feed of another rank",
     .graph = NAMES,
     .feed = {"images = float[2] 0"},
     .fetch = {"logits"},
     .code = FIRN_INVALID_ARGUMENT,
     .says = "feed 'images' has shape [2], the graph wants [?,2]"},
    {.name = "a vector for a scalar",
     .graph = NAMES,
     .feed = {"scalar = float[2] 0"},
     .fetch = {"other"},
     .code = FIRN_INVALID_ARGUMENT,
     .says = "feed 'scalar' has shape [2], the graph wants []"},
    {.name = "one element is no scalar",
     .graph = NAMES,
     .feed = {"scalar = float[1] 0"},
     .fetch = {"scalar"},
     .code = FIRN_INVALID_ARGUMENT,
     .says = "feed 'scalar' has shape [1], the graph wants []"},
    {.name = "another shape than the default's",
     .graph = NAMES,
     .feed = {"default = float[2,1] 0"},
     .fetch = {"default"},
     .code = FIRN_INVALID_ARGUMENT,
     .says = "feed 'default' has shape [2,1], the graph wants [?,2]"},
    {.name = "two feeds of one tensor",
     .graph = NAMES,
     .feed = {"images = float[1,2] 0", "images:0 = float[1,2] 0"},
     .fetch = {"logits"},
     .code = FIRN_INVALID_ARGUMENT,
     .says = "'images:0' is fed twice"},
    {.name = "a missing feed",
     .graph = NAMES,
     .feed = {"images = float[1,2] 0"},
     .fetch = {"both"},
     .code = FIRN_INVALID_ARGUMENT,
     .says = "placeholder 'scalar' (float32 []) must be fed"},
    {.name = "all ops that nobody knows, and no more",
     .graph = NAMES,
     .feed = {"images = float[1,2] 0", "scalar = float 0"},
     .fetch = {"u3", "bad", "both"},
     .code = FIRN_UNIMPLEMENTED,
     .says = "firn cannot compute this graph",
     .line = {"node 'u1': op FrobnicateOp is not known at all",
              "node 'u2': op OtherUnknown is not known at all",
              "node 'bad': op Neg is not there for string"}},
    {.name = "behind a feed they do not matter",
     .graph = NAMES,
     .feed = {"u2 = float[2] 1 2"},
     .fetch = {"u3"},
     .out = {"float[2] -1 -2"}},
    {.name = "a resource variable without a value",
     .graph = NAMES,
     .feed = {"scalar = float 1"},
     .fetch = {"two"},
     .code = FIRN_FAILED_PRECONDITION,
     .says = "node 'r' (ReadVariableOp): variable 'net/w' has no value "
             "yet: run its initialiser or restore a checkpoint first"},
    {.name = "a reference variable without a value",
     .graph = NAMES,
     .fetch = {"old"},
     .code = FIRN_FAILED_PRECONDITION,
     .says = "node 'old' (VariableV2): variable 'old' has no value yet: "
             "run its initialiser or restore a checkpoint first"},
};

TEST_FN(requests_are_checked) {
  const graph_case *row;
  EACH (row, requests) graph_check(row);
}

TEST_FN(feeds_without_tensors_are_refused) {
  graph_rig rig;
  graph_open(&rig, NAMES, NULL);
  const firn_feed feed = {"images", NULL};
  const char *const fetch = "logits";
  firn_tensor *out = NULL;
  CHECK_EQ(firn_session_run(rig.session, NULL, &feed, 1, &fetch, 1, NULL, 0,
                            &out, &rig.err),
           FIRN_INVALID_ARGUMENT);
  CHECK_STR(rig.err.message, "feed 'images' has no tensor");
  CHECK(out == NULL);
  graph_close(&rig);
}

/* Results are NULL after a failure, also those that were there already. */
TEST_FN(no_result_is_left_after_a_failure) {
  graph_rig rig;
  graph_open(&rig,
             "x = Placeholder dtype=float; y = Neg(x) T=float;"
             "p = Placeholder dtype=bool; s = Switch(x, p) T=float;"
             "a = Neg(s) T=float; b = Neg(s:1) T=float;",
             NULL);
  const char *const feed[] = {"x = float 1", "p = bool true", NULL};
  const char *const fetch[] = {"y", "b", "a", NULL};
  graph_run(&rig, NULL, feed, fetch, NULL);
  graph_expect_error(&rig, FIRN_INVALID_ARGUMENT,
                     "node 'a' (Neg): its value was not computed, since it "
                     "lies behind a branch that was not taken",
                     NULL);
  graph_close(&rig);
}

/* Graphs of versions up to 21 had no other way to say "any shape". */
TEST_FN(an_old_scalar_placeholder_takes_any_shape) {
  static const struct {
    const char *name, *op;
    int version;
    bool scalar_only;
  } rows[] = {{"before", "Placeholder", 21, false},
              {"no version at all", "Placeholder", 0, false},
              {"since", "Placeholder", 22, true},
              {"that could always say it", "PlaceholderV2", 21, true}},
    *row;
  EACH (row, rows) {
    char text[400];
    const int64_t dims[] = {2};
    const char *const fetch = "x";
    firn_graph *graph = NULL;
    firn_session *session = NULL;
    firn_tensor *x = NULL, *out = NULL;
    firn_error err = FIRN_ERROR_INIT;
    snprintf(text, sizeof text,
             "node { name: 'x' op: '%s' "
             "attr { key: 'dtype' value { type: DT_FLOAT } } "
             "attr { key: 'shape' value { shape { } } } } "
             "versions { producer: %d }",
             row->op, row->version);
    CHECK_OK(firn_graph_parse((firn_bytes){(const uint8_t *)text, strlen(text)},
                              NULL, &graph, &err),
             &err);
    CHECK_OK(firn_session_new(graph, NULL, &session, &err), &err);
    CHECK_OK(firn_tensor_new(FIRN_FLOAT, 1, dims, NULL, &x, &err), &err);
    memset(firn_tensor_data(x), 0, firn_tensor_bytes(x));
    const firn_feed feed = {"x", x};
    CHECK_EQ(firn_session_run(session, NULL, &feed, 1, &fetch, 1, NULL, 0, &out,
                              &err),
             row->scalar_only ? FIRN_INVALID_ARGUMENT : FIRN_OK);
    if (row->scalar_only)
      CHECK_STR(err.message, "feed 'x' has shape [2], the graph wants []");
    firn_tensor_release(out);
    firn_tensor_release(x);
    firn_session_free(session);
    firn_graph_free(graph);
    firn_error_clear(&err);
  }
}

/* Only what is known when the plan is made can be fused: this sum's other side
 * is, the product's own input is not. */
TEST_FN(sums_with_products_of_unknown_shape) {
  static const graph_case rows[] =
      {
          {.name = "the extent that a product sums over is unknown",
           .graph = "x = Placeholder dtype=float;"
                    "u = Unique(x) T=float; r = Reshape(u, to) T=float;"
                    "to = Const dtype=int32 value=`int32[2] 1 -1`;"
                    "w = Const dtype=float value=`float[2,3] 1 2 3 4 5 6`;"
                    "o = Placeholder dtype=float;"
                    "p = MatMul(r, w) T=float; s = AddV2(p, o) T=float;"
                    "y = Relu(s) T=float",
           .feed = {"x = float[3] 1 1 2", "o = float[1,3] 1 1 -100"},
           .fetch = {"y"},
           .out = {"float[1,3] 10 13 0"}},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

SUITE(runtime_request, TEST(requests_are_checked),
      TEST(feeds_without_tensors_are_refused),
      TEST(no_result_is_left_after_a_failure),
      TEST(an_old_scalar_placeholder_takes_any_shape),
      TEST(sums_with_products_of_unknown_shape));
