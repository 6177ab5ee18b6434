/* Tensor names taken apart, looked up, and guessed at. */
#include "support/graph_text.h"

TEST_FN(splits_names) {
  static const struct {
    const char *name, *node;
    int64_t output;
    bool ok;
  } rows[] =
      {
          {"a", "a", 0, true},
          {"a/b:3", "a/b", 3, true},
          {"a:007", "a", 7, true},
          {"^a", "a", FIRN_CONTROL, true},
          {"a:4294967296", "a", 4294967296, true},
          {"", "", 0, false},
          {"^", "", 0, false},
          {":0", "", 0, false},
          {"a:", "a", 0, false},
          {"a:x", "a", 0, false},
          {"a:-1", "a", 0, false},
          {"a:0:1", "a", 0, false},
          {"^a:0", "", 0, false},
      },
    *row;

  EACH (row, rows) {
    firn_str node = {"", 0};
    int64_t output = 0;
    CHECK_EQ(firn_tensor_name_split(firn_str_of(row->name), &node, &output),
             row->ok);
    if (!row->ok) continue;
    CHECK(firn_str_is(node, row->node));
    CHECK_EQ(output, row->output);
  }
}

TEST_FN(absurd_indices_stay_absurd) {
  firn_str node;
  int64_t output = 0;
  CHECK(firn_tensor_name_split(FIRN_STR("a:99999999999999999999999999999999"),
                               &node, &output));
  CHECK(output > UINT32_MAX);
}

static firn_graph *sample(void) {
  return graph_of(
      "node { name: 'input' op: 'Placeholder' }"
      "node { name: 'final_result/weights' op: 'VariableV2' }"
      "node { name: 'final_result/Softmax' op: 'Softmax' }"
      "node { name: 'gradients/final_result/Softmax' op: 'Mul' }"
      "node { name: 'dense_1/kernel' op: 'VarHandleOp' }"
      "node { name: 'dense_1/units' op: 'Const' }"
      "node { name: 'dense_1/BiasAdd' op: 'BiasAdd' }"
      "node { name: 'InceptionV3/Predictions/Reshape_1' op: 'Reshape' }"
      "node { name: 'init' op: 'NoOp' }"
      "node { name: 'bits' op: 'Split' attr { key: 'num_split' value { i: 2 } "
      "} }"
      "node { name: 'own' op: 'Unheard' }");
}

TEST_FN(wrong_names_have_near_ones) {
  static const struct {
    const char *name, *first;
  } rows[] =
      {
          {"Softmax", "final_result/Softmax"},
          {"softmax", "final_result/Softmax"},
          {"softmax:0", "final_result/Softmax"},
          {"Sofmax", "final_result/Softmax"},
          {"final_results/Softmax", "final_result/Softmax"},
          {"model/final_result/Softmax", "final_result/Softmax"},
          {"INPUT", "input"},
          {"imput", "input"},
          {"dense_1", "dense_1/BiasAdd"},
          {"dense_1/BiasAd", "dense_1/BiasAdd"},
          {"Predictions", "InceptionV3/Predictions/Reshape_1"},
          {"InceptionV3/Predictions/Reshape",
           "InceptionV3/Predictions/Reshape_1"},
      },
    *row;

  firn_graph *g = sample();
  EACH (row, rows) {
    firn_str near[3];
    CHECK(firn_graph_near(g, firn_str_of(row->name), near, 3) > 0);
    if (!firn_str_is(near[0], row->first))
      fail_msg("for '%s': '%.*s'", row->name, FIRN_ARG(near[0]));
  }
  firn_graph_free(g);
}

TEST_FN(plumbing_comes_last) {
  firn_graph *g = sample();
  firn_str near[16];
  CHECK_EQ(firn_graph_near(g, FIRN_STR("Softmax"), near, 16), 2);
  CHECK(firn_str_is(near[1], "gradients/final_result/Softmax"));
  CHECK_EQ(firn_graph_near(g, FIRN_STR("dense_1"), near, 16), 3);
  CHECK(firn_str_is(near[1], "dense_1/kernel"));
  CHECK(firn_str_is(near[2], "dense_1/units"));
  CHECK_EQ(firn_graph_near(g, FIRN_STR("dense_1"), near, 1), 1);
  CHECK_EQ(firn_graph_near(g, FIRN_STR("dense_1"), near, 0), 0);
  CHECK_EQ(firn_graph_near(g, FIRN_STR("zzzzzz"), near, 16), 0);
  CHECK_EQ(firn_graph_near(g, FIRN_STR(""), near, 16), 0);
  firn_graph_free(g);
}

TEST_FN(finds_nodes_by_either_name) {
  firn_graph *g = sample();
  firn_error err = FIRN_ERROR_INIT;
  const firn_node *node = NULL;
  CHECK_OK(firn_graph_need(g, FIRN_STR("input"), &node, &err), &err);
  CHECK_EQ(node->index, 0);
  CHECK_OK(firn_graph_need(g, FIRN_STR("bits:1"), &node, &err), &err);
  CHECK_EQ(node->index, 9);
  CHECK_OK(firn_graph_need(g, FIRN_STR("^init"), &node, &err), &err);
  CHECK_EQ(node->index, 8);
  firn_graph_free(g);
}

TEST_FN(finds_tensors) {
  firn_graph *g = sample();
  firn_error err = FIRN_ERROR_INIT;
  firn_edge edge;
  CHECK_OK(firn_graph_tensor(g, FIRN_STR("bits:1"), &edge, &err), &err);
  CHECK_EQ(edge.node, 9);
  CHECK_EQ(edge.output, 1);
  CHECK_OK(firn_graph_tensor(g, FIRN_STR("input"), &edge, &err), &err);
  CHECK_EQ(edge.output, 0);
  CHECK_OK(firn_graph_tensor(g, FIRN_STR("own:5"), &edge, &err), &err);
  firn_graph_free(g);
}

TEST_FN(complaints_are_exact) {
  static const struct {
    const char *name;
    firn_code code;
    const char *says;
  } rows[] =
      {
          {"Softmax:0", FIRN_NOT_FOUND,
           "no node 'Softmax' in the graph; did you mean "
           "'final_result/Softmax' or "
           "'gradients/final_result/Softmax'?"},
          {"dense_1", FIRN_NOT_FOUND,
           "no node 'dense_1' in the graph; did you mean 'dense_1/BiasAdd', "
           "'dense_1/kernel' or 'dense_1/units'?"},
          {"imput", FIRN_NOT_FOUND,
           "no node 'imput' in the graph; did you mean 'input'?"},
          {"zzzzzz", FIRN_NOT_FOUND, "no node 'zzzzzz' in the graph"},
          {"bits:2", FIRN_OUT_OF_RANGE,
           "node 'bits' (Split) has 2 outputs, no output 2"},
          {"init:0", FIRN_OUT_OF_RANGE,
           "node 'init' (NoOp) has 0 outputs, no output 0"},
          {"input:1", FIRN_OUT_OF_RANGE,
           "node 'input' (Placeholder) has 1 output, no output 1"},
          {"own:99999999999", FIRN_OUT_OF_RANGE,
           "no node has an output 99999999999"},
          {"^init", FIRN_INVALID_ARGUMENT,
           "'^init' is a control input, not a tensor"},
          {"a:b", FIRN_INVALID_ARGUMENT,
           "'a:b' is no tensor name, which is 'node' or 'node:0'"},
      },
    *row;

  firn_graph *g = sample();
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    firn_edge edge;
    CHECK_EQ(firn_graph_tensor(g, firn_str_of(row->name), &edge, &err),
             row->code);
    CHECK_STR(err.message, row->says);
  }
  firn_error err = FIRN_ERROR_INIT;
  const firn_node *node;
  CHECK_EQ(firn_graph_need(g, FIRN_STR("imput:0"), &node, &err),
           FIRN_NOT_FOUND);
  CHECK_STR(err.message, "no node 'imput' in the graph; did you mean 'input'?");
  firn_graph_free(g);
}

SUITE(graph_names, TEST(splits_names), TEST(absurd_indices_stay_absurd),
      TEST(wrong_names_have_near_ones), TEST(plumbing_comes_last),
      TEST(finds_nodes_by_either_name), TEST(finds_tensors),
      TEST(complaints_are_exact));
