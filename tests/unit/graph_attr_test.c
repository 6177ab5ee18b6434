/* Attrs by kind: the node's, the op's default, or one sentence. */
#include "support/graph_text.h"

static firn_graph *sample(void) {
  return graph_of(
      "node { name: 'c' op: 'Conv2D'"
      "  attr { key: 'T' value { type: DT_FLOAT } }"
      "  attr { key: 'strides' value { list { i: 1 i: 2 i: 2 i: 1 } } }"
      "  attr { key: 'padding' value { s: 'SAME' } }"
      "  attr { key: 'data_format' value { i: 3 } }"
      "  attr { key: 'dilations' value { list { f: 3 } } }"
      "  attr { key: 'explicit_paddings' value { list { } } }"
      "  attr { key: 'extra' value { b: true } }"
      "  attr { key: 'odd' value { type: 77 } }"
      "  attr { key: 'bare' } }"
      "node { name: 'n' op: 'FusedBatchNormV3'"
      "  attr { key: 'epsilon' value { f: 0.5 } } }"
      "node { name: 'p' op: 'Placeholder'"
      "  attr { key: 'shape' value { shape { dim { size: -1 } dim { size: 3"
      "  } } } } }"
      "node { name: 'q' op: 'Placeholder'"
      "  attr { key: 'shape' value { shape { dim { size: -7 } } } } }"
      "node { name: 'i' op: 'IdentityN' attr { key: 'T' value { list {"
      "  type: DT_INT8 type: 99 } } } }"
      "node { name: 'u' op: 'Unheard' attr { key: 'k' value { i: 4 } } }");
}

TEST_FN(reads_each_kind) {
  firn_graph *g = sample();
  const firn_node *c = node_of(g, "c"), *n = node_of(g, "n");
  firn_error err = FIRN_ERROR_INIT;
  firn_dtype type;
  firn_str s;
  float f;
  bool b;
  int64_t i;
  firn_shape shape;
  CHECK_OK(firn_attr_type(c, "T", &type, &err), &err);
  CHECK_EQ(type, FIRN_FLOAT);
  CHECK_OK(firn_attr_str(c, "padding", &s, &err), &err);
  CHECK(firn_str_is(s, "SAME"));
  CHECK_OK(firn_attr_float(n, "epsilon", &f, &err), &err);
  CHECK(f == 0.5f);
  CHECK_OK(firn_attr_bool(c, "extra", &b, &err), &err);
  CHECK(b);
  CHECK_OK(firn_attr_int(node_of(g, "u"), "k", &i, &err), &err);
  CHECK_EQ(i, 4);
  CHECK_OK(firn_attr_shape(node_of(g, "p"), "shape", &shape, &err), &err);
  CHECK_EQ(shape.rank, 2);
  CHECK_EQ(shape.dims[0], -1);
  CHECK_EQ(shape.dims[1], 3);
  firn_graph_free(g);
}

TEST_FN(the_op_has_defaults) {
  firn_graph *g = sample();
  const firn_node *c = node_of(g, "c"), *n = node_of(g, "n");
  firn_error err = FIRN_ERROR_INIT;
  firn_str s;
  float f;
  bool b;
  firn_shape shape;
  CHECK_OK(firn_attr_bool(c, "use_cudnn_on_gpu", &b, &err), &err);
  CHECK(b);
  CHECK_OK(firn_attr_str(n, "data_format", &s, &err), &err);
  CHECK(firn_str_is(s, "NHWC"));
  CHECK_OK(firn_attr_float(n, "exponential_avg_factor", &f, &err), &err);
  CHECK(f == 1.0f);
  const firn_node *i = node_of(g, "i");
  CHECK(firn_attr(i, "nothing") == NULL);
  CHECK(firn_attr(node_of(g, "u"), "T") == NULL);
  CHECK_OK(firn_attr_shape(node_of(g, "p"), "shape", &shape, &err), &err);
  firn_graph_free(g);
}

TEST_FN(complaints_name_node_op_and_attr) {
  firn_graph *g = sample();
  const firn_node *c = node_of(g, "c");
  firn_error err = FIRN_ERROR_INIT;
  firn_dtype type;
  firn_str s;
  int64_t i;
  firn_shape shape;
  const int64_t *ints;
  size_t count;
  CHECK_EQ(firn_attr_int(c, "nothing", &i, &err), FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message, "node 'c' (Conv2D): attr 'nothing' is missing");
  CHECK_EQ(firn_attr_str(c, "data_format", &s, &err), FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message,
            "node 'c' (Conv2D): attr 'data_format' is an int, not a string");
  CHECK_EQ(firn_attr_int(c, "bare", &i, &err), FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message, "node 'c' (Conv2D): attr 'bare' is empty, not an int");
  CHECK_EQ(firn_attr_type(c, "odd", &type, &err), FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message,
            "node 'c' (Conv2D): attr 'odd' is 77, which is no type");
  CHECK_EQ(firn_attr_ints(c, "padding", &ints, &count, &err),
           FIRN_INVALID_ARGUMENT);
  CHECK_STR(
      err.message,
      "node 'c' (Conv2D): attr 'padding' is a string, not a list of ints");
  CHECK_EQ(firn_attr_ints(c, "dilations", &ints, &count, &err),
           FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message,
            "node 'c' (Conv2D): attr 'dilations' is a list of "
            "other things than ints");
  CHECK_EQ(firn_attr_shape(node_of(g, "q"), "shape", &shape, &err),
           FIRN_INVALID_ARGUMENT);
  CHECK_HAS(err.message, "node 'q' (Placeholder): attr 'shape': ");
  firn_graph_free(g);
}

TEST_FN(lists_are_borrowed) {
  firn_graph *g = sample();
  const firn_node *c = node_of(g, "c"), *i = node_of(g, "i");
  firn_error err = FIRN_ERROR_INIT;
  const int64_t *ints = NULL;
  size_t count = 99;
  CHECK_OK(firn_attr_ints(c, "strides", &ints, &count, &err), &err);
  CHECK_EQ(count, 4);
  CHECK_EQ(ints[2], 2);
  CHECK_OK(firn_attr_ints(c, "explicit_paddings", &ints, &count, &err), &err);
  CHECK_EQ(count, 0);
  CHECK_OK(firn_attr_ints(c, "nothing", &ints, &count, &err), &err);
  CHECK_EQ(count, 0);
  CHECK_OK(firn_attr_ints(node_of(g, "n"), "nothing", &ints, &count, &err),
           &err);
  CHECK_EQ(firn_attr_type_count(i, "T"), 2);
  CHECK_EQ(firn_attr_type_at(i, "T", 0), FIRN_INT8);
  CHECK_EQ(firn_attr_type_at(i, "T", 1), FIRN_INVALID);
  CHECK_EQ(firn_attr_type_at(i, "T", 2), FIRN_INVALID);
  CHECK_EQ(firn_attr_type_count(c, "T"), 0);
  firn_graph_free(g);
}

TEST_FN(another_value_for_want_of_one) {
  firn_graph *g = sample();
  const firn_node *c = node_of(g, "c"), *u = node_of(g, "u");
  CHECK_EQ(firn_attr_int_or(u, "k", 9), 4);
  CHECK_EQ(firn_attr_int_or(u, "j", 9), 9);
  CHECK_EQ(firn_attr_int_or(c, "T", 9), 9);
  CHECK(firn_attr_bool_or(c, "extra", false));
  CHECK(firn_attr_bool_or(u, "extra", true));
  CHECK(firn_attr_float_or(u, "k", 2.5f) == 2.5f);
  CHECK(firn_str_is(firn_attr_str_or(c, "padding", "x"), "SAME"));
  CHECK(firn_str_is(firn_attr_str_or(c, "data_format", "x"), "x"));
  CHECK_EQ(firn_attr_type_or(c, "T", FIRN_BOOL), FIRN_FLOAT);
  CHECK_EQ(firn_attr_type_or(c, "odd", FIRN_BOOL), FIRN_BOOL);
  firn_graph_free(g);
}

SUITE(graph_attr, TEST(reads_each_kind), TEST(the_op_has_defaults),
      TEST(complaints_name_node_op_and_attr), TEST(lists_are_borrowed),
      TEST(another_value_for_want_of_one));
