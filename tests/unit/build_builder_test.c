/* What a builder promises: TensorFlow's names, attrs that follow from inputs,
 * and for every mistake one sentence that sticks. */
#include "build/builder.h"
#include "firn/session.h"
#include "support/failing.h"
#include "support/test.h"

static firn_builder *builder(void) {
  firn_builder *b = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_builder_new(NULL, &b, &err), &err);
  return b;
}

static firn_output placeholder(firn_builder *b, const char *name,
                               firn_dtype dtype, firn_shape shape) {
  firn_op_begin(b, "Placeholder", name);
  firn_op_attr_type(b, "dtype", dtype);
  firn_op_attr_shape(b, "shape", &shape);
  return firn_op_end(b);
}

static firn_shape matrix(int64_t rows, int64_t columns) {
  return (firn_shape){.rank = 2, .dims = {rows, columns}};
}

static firn_output binary(firn_builder *b, const char *op, const char *name,
                          firn_output x, firn_output y) {
  firn_op_begin(b, op, name);
  firn_op_input(b, x);
  firn_op_input(b, y);
  return firn_op_end(b);
}

static void check_all_well(firn_builder *b) {
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_builder_check(b, &err), &err);
}

static void check_says(firn_builder *b, firn_code code, const char *text) {
  firn_error err = FIRN_ERROR_INIT;
  CHECK_EQ(firn_builder_check(b, &err), code);
  CHECK_STR(err.message, text);
  firn_error_clear(&err);
  firn_builder_free(b);
}

/* ---- Nodes -------------------------------------------------------------- */

TEST_FN(a_graph_is_built_and_run) {
  firn_builder *b = builder();
  const firn_output x = placeholder(b, "x", FIRN_FLOAT, matrix(-1, 2));
  const firn_output two = firn_const_float(b, "two", 2);
  const firn_output y = binary(b, "Mul", "y", x, two);
  check_all_well(b);
  CHECK_EQ(firn_output_type(b, y), FIRN_FLOAT);
  const firn_shape shape = firn_output_shape(b, y);
  CHECK_EQ(shape.rank, 2);
  CHECK_EQ(shape.dims[0], -1);
  CHECK_EQ(shape.dims[1], 2);
  CHECK_STR(firn_output_name(b, y), "y:0");
  CHECK(firn_output_same(firn_output_named(b, "y"), y));

  firn_error err = FIRN_ERROR_INIT;
  firn_session *session = NULL;
  firn_tensor *in = NULL, *out = NULL;
  CHECK_OK(firn_session_new(firn_builder_graph(b), NULL, &session, &err), &err);
  CHECK_OK(firn_tensor_new(FIRN_FLOAT, 2, (int64_t[]){1, 2}, NULL, &in, &err),
           &err);
  memcpy(firn_tensor_data(in), (float[]){3, 4}, 8);
  const firn_feed feed = {"x", in};
  const char *fetch = "y:0";
  CHECK_OK(
      firn_session_run(session, NULL, &feed, 1, &fetch, 1, NULL, 0, &out, &err),
      &err);
  CHECK_EQ((int)((float *)firn_tensor_data(out))[1], 8);
  firn_tensor_release(out);

  /* What is added later is seen by the session that is there. */
  binary(b, "AddV2", "z", y, two);
  check_all_well(b);
  fetch = "z:0";
  CHECK_OK(
      firn_session_run(session, NULL, &feed, 1, &fetch, 1, NULL, 0, &out, &err),
      &err);
  CHECK_EQ((int)((float *)firn_tensor_data(out))[1], 10);
  firn_tensor_release(out);
  firn_tensor_release(in);
  firn_session_free(session);
  firn_builder_free(b);
}

TEST_FN(attrs_follow_from_inputs_and_defaults) {
  firn_builder *b = builder();
  const firn_output x = placeholder(b, "x", FIRN_HALF, matrix(2, 3));
  const firn_output axis = firn_const_int64(b, "axis", -1);
  const firn_output list[] = {x, x, x};
  firn_op_begin(b, "ConcatV2", "c");
  firn_op_inputs(b, list, 3);
  firn_op_input(b, axis);
  const firn_output c = firn_op_end(b);
  firn_op_begin(b, "MatMul", "m");
  firn_op_input(b, c);
  firn_op_input(b, c);
  firn_op_attr_bool(b, "transpose_b", true);
  const firn_output m = firn_op_end(b);
  firn_op_begin(b, "IdentityN", "both");
  firn_op_inputs(b, (firn_output[]){c, axis}, 2);
  const firn_output both = firn_op_end(b);
  check_all_well(b);

  const firn_node *node = firn_node_of(b, c);
  CHECK_EQ(firn_attr_int_or(node, "N", 0), 3);
  CHECK_EQ(firn_attr_type_or(node, "T", FIRN_INVALID), FIRN_HALF);
  CHECK_EQ(firn_attr_type_or(node, "Tidx", FIRN_INVALID), FIRN_INT64);
  CHECK_EQ(firn_output_shape(b, c).dims[1], 9);
  node = firn_node_of(b, m);
  CHECK(node->def->attr_count >= 3);
  CHECK_STR(node->def->attr[0]->key.data, "T");
  CHECK(!firn_attr_bool_or(node, "transpose_a", true));
  CHECK_EQ(firn_output_shape(b, m).dims[1], 2);
  node = firn_node_of(b, both);
  CHECK_EQ(node->output_count, 2);
  CHECK_EQ(firn_output_type(b, firn_output_next(both, 1)), FIRN_INT64);
  CHECK_STR(firn_output_name(b, firn_output_next(both, 1)), "both:1");
  firn_builder_free(b);
}

TEST_FN(small_values_flow_through) {
  firn_builder *b = builder();
  const firn_output x = placeholder(b, "x", FIRN_FLOAT, matrix(-1, 6));
  firn_op_begin(b, "Shape", NULL);
  firn_op_input(b, x);
  const firn_output shape = firn_op_end(b);
  const firn_output zero = firn_const_ints(b, "zero", (int32_t[]){0}, 1);
  const firn_output one = firn_const_ints(b, "one", (int32_t[]){1}, 1);
  firn_op_begin(b, "StridedSlice", "batch");
  firn_op_input(b, shape);
  firn_op_input(b, zero);
  firn_op_input(b, one);
  firn_op_input(b, one);
  firn_op_attr_int(b, "shrink_axis_mask", 1);
  const firn_output batch = firn_op_end(b);
  firn_op_begin(b, "Pack", "to");
  firn_op_inputs(b,
                 (firn_output[]){batch, firn_const_int32(b, "3", 3),
                                 firn_const_int32(b, "2", 2)},
                 3);
  const firn_output to = firn_op_end(b);
  const firn_output y = binary(b, "Reshape", "y", x, to);
  check_all_well(b);
  const firn_shape s = firn_output_shape(b, y);
  CHECK_EQ(s.rank, 3);
  CHECK_EQ(s.dims[0], -1);
  CHECK_EQ(s.dims[1], 3);
  CHECK_EQ(s.dims[2], 2);
  firn_builder_free(b);
}

TEST_FN(controls_and_devices_are_noted) {
  firn_builder *b = builder();
  const firn_output x = firn_const_float(b, "x", 1);
  firn_op_begin(b, "NoOp", "all");
  firn_op_control(b, x);
  firn_op_control(b, x);
  firn_op_device(b, "/cpu:0");
  const firn_output all = firn_op_end(b);
  check_all_well(b);
  const firn_node *node = firn_node_of(b, all);
  CHECK_EQ(node->control_count, 1);
  CHECK_EQ(node->def->input_count, 1);
  CHECK_STR(node->def->input[0].data, "^x");
  CHECK_STR(node->def->device.data, "/cpu:0");
  CHECK_STR(firn_output_name(b, all), "all:0");
  firn_builder_free(b);
}

/* ---- Names -------------------------------------------------------------- */

/* What TensorFlow gives for the same scopes and names. */
TEST_FN(names_are_tensorflows) {
  firn_builder *b = builder();
  CHECK_STR(firn_output_name(b, firn_const_float(b, NULL, 1)), "Const:0");
  CHECK_STR(firn_output_name(b, firn_const_float(b, NULL, 1)), "Const_1:0");
  CHECK_STR(firn_output_name(b, firn_const_float(b, "const", 1)), "const_2:0");
  CHECK_STR(firn_output_name(b, firn_const_float(b, "Const_1", 1)),
            "Const_1_1:0");
  firn_builder_push(b, "layer");
  CHECK_STR(firn_output_name(b, firn_const_float(b, "w", 1)), "layer/w:0");
  firn_builder_push(b, "_in");
  CHECK_STR(firn_output_name(b, firn_const_float(b, "w", 1)), "layer/_in/w:0");
  firn_builder_pop(b);
  firn_builder_pop(b);
  firn_builder_push(b, "Layer");
  CHECK_STR(firn_output_name(b, firn_const_float(b, "w", 1)), "Layer_1/w:0");
  firn_builder_push(b, "");
  CHECK_STR(firn_output_name(b, firn_const_float(b, "root", 1)), "root:0");
  firn_builder_push(b, "layer/");
  CHECK_STR(firn_output_name(b, firn_const_float(b, "w", 1)), "layer/w_1:0");
  CHECK_STR(firn_output_name(b, firn_const_float(b, "layer_1/out/", 1)),
            "layer_1/out:0");
  check_all_well(b);
  firn_builder_free(b);
}

/* ---- A graph that is there ---------------------------------------------- */

TEST_FN(a_loaded_graph_grows) {
  static const char text[] =
      "node { name: 'b' op: 'AddV2' input: 'a' input: 'a' attr { key: 'T' "
      "value { type: DT_FLOAT } } }"
      "node { name: 'a' op: 'Placeholder' attr { key: 'dtype' value { type: "
      "DT_FLOAT } } attr { key: 'shape' value { shape { dim { size: 7 } } } } }"
      "node { name: 'c' op: 'inc' input: 'b' }"
      "library { function { signature { name: 'inc' input_arg { name: 'x' "
      "type: DT_FLOAT } output_arg { name: 'y' type: DT_FLOAT } } node_def { "
      "name: 'i' op: 'Identity' input: 'x' attr { key: 'T' value { type: "
      "DT_FLOAT } } } ret { key: 'y' value: 'i:output:0' } } }"
      "versions { producer: 27 }";
  const firn_bytes bytes = {(const uint8_t *)text, sizeof text - 1};
  firn_error err = FIRN_ERROR_INIT;
  firn_graph *base = NULL, *again = NULL;
  firn_builder *b = NULL;
  CHECK_OK(firn_graph_parse(bytes, NULL, &base, &err), &err);
  CHECK_OK(firn_builder_on(base, NULL, &b, &err), &err);
  const firn_output sum = firn_output_named(b, "b:0");
  CHECK_EQ(firn_output_shape(b, sum).dims[0], 7);
  CHECK_STR(firn_output_name(b, sum), "b:0");
  CHECK_STR(firn_output_name(b, binary(b, "Mul", "A", sum, sum)), "A_1:0");
  firn_op_begin(b, "inc", NULL);
  firn_op_input(b, sum);
  firn_op_end(b);
  check_all_well(b);

  void *data = NULL;
  size_t size = 0;
  CHECK_OK(firn_graph_bytes(firn_builder_graph(b), &data, &size, &err), &err);
  CHECK_OK(firn_graph_parse((firn_bytes){data, size}, NULL, &again, &err),
           &err);
  CHECK_EQ(firn_graph_count(again), 5);
  CHECK_EQ(again->def->versions->producer, 27);
  CHECK_EQ(again->def->library->function_count, 1);
  firn_graph_free(again);
  free(data);
  firn_builder_free(b);
  firn_graph_free(base);
}

/* ---- Mistakes ----------------------------------------------------------- */

TEST_FN(shapes_that_do_not_fit) {
  firn_builder *b = builder();
  const firn_output x = placeholder(b, "x", FIRN_FLOAT, matrix(-1, 784));
  const firn_output w = placeholder(b, "w", FIRN_FLOAT, matrix(10, 784));
  const firn_output logits = binary(b, "MatMul", "logits", x, w);
  CHECK_EQ(logits.node, FIRN_NO_NODE);
  CHECK_EQ(firn_graph_count(firn_builder_graph(b)), 2);
  /* What follows does nothing, and says nothing else. */
  CHECK_EQ(firn_const_float(b, "later", 1).node, FIRN_NO_NODE);
  CHECK_EQ(binary(b, "Nothing", "n", logits, w).node, FIRN_NO_NODE);
  CHECK_STR(firn_output_name(b, logits), "");
  CHECK_EQ(firn_graph_count(firn_builder_graph(b)), 2);
  check_says(b, FIRN_INVALID_ARGUMENT,
             "node 'logits' (MatMul): inner extents 784 and 10 differ: shapes "
             "[?,784] and [10,784]");
}

static firn_output take_mistake(firn_builder *b, int which, firn_output x,
                                firn_output i) {
  firn_op_begin(b, which == 7 ? "Addv2" : which == 5 ? "Cast" : "AddV2", "n");
  firn_op_input(b, x);
  if (which == 1) firn_op_input(b, i);
  if (which == 2) firn_op_inputs(b, (firn_output[]){x, x}, 2);
  if (which > 2 && which != 5) firn_op_input(b, x);
  if (which == 3) firn_op_input(b, x);
  if (which == 4) firn_op_attr_int(b, "axis", 1);
  if (which == 6) firn_op_attr_int(b, "T", 1);
  if (which == 8) firn_op_attr_type(b, "T", FIRN_DOUBLE);
  if (which == 9) firn_op_input(b, (firn_output){0, 1});
  return firn_op_end(b);
}

TEST_FN(every_mistake_is_named) {
  static const struct {
    const char *name, *says;
  } rows[] =
      {
          {"too few", "node 'n' (AddV2): input 'y' is missing"},
          {"types differ",
           "node 'n' (AddV2): 'y' is int32, but attr 'T' is float32 already"},
          {"a list", "node 'n' (AddV2): 'y' is one tensor, not a list"},
          {"too many", "node 'n' (AddV2): 3 arguments, the op takes 2"},
          {"no such attr", "node 'n' (AddV2): the op has no attr 'axis'"},
          {"attr missing", "node 'n' (Cast): attr 'DstT' is missing"},
          {"attr of another kind",
           "node 'n' (AddV2): attr 'T' is int, not type"},
          {"no such op", "node 'n' (Addv2): there is no such op"},
          {"attr against input",
           "node 'n' (AddV2): 'x' is float32, but attr 'T' is float64 already"},
          {"no such output",
           "node 'n' (AddV2): argument 2 is no output of a node"},
      },
    *row;

  EACH (row, rows) {
    firn_builder *b = builder();
    const firn_output x = placeholder(b, "x", FIRN_FLOAT, matrix(2, 2));
    const firn_output i = placeholder(b, "i", FIRN_INT32, matrix(2, 2));
    CHECK_EQ(take_mistake(b, (int)(row - rows), x, i).node, FIRN_NO_NODE);
    check_says(b, FIRN_INVALID_ARGUMENT, row->says);
  }
}

TEST_FN(values_out_of_bounds) {
  firn_builder *b = builder();
  const firn_output x = placeholder(b, "x", FIRN_STRING, matrix(2, 2));
  firn_op_begin(b, "Relu", "r");
  firn_op_input(b, x);
  firn_op_end(b);
  check_says(b, FIRN_INVALID_ARGUMENT,
             "node 'r' (Relu): attr 'T' may not be string");

  b = builder();
  firn_op_begin(b, "VariableV2", "v");
  firn_op_attr_type(b, "dtype", FIRN_FLOAT);
  firn_op_attr_ints(b, "shape", (int64_t[]){1}, 1);
  firn_op_end(b);
  check_says(b, FIRN_INVALID_ARGUMENT,
             "node 'v' (VariableV2): attr 'shape' is list(int), not shape");

  b = builder();
  binary(b, "Assign", "a", firn_const_float(b, "x", 1),
         firn_const_float(b, "y", 1));
  check_says(b, FIRN_INVALID_ARGUMENT,
             "node 'a' (Assign): input 0 ('ref') must be a variable, is a "
             "plain float32");
}

TEST_FN(words_out_of_place) {
  firn_builder *b = builder();
  firn_op_attr_int(b, "N", 1);
  check_says(b, FIRN_FAILED_PRECONDITION, "attr 'N', but no node was begun");

  b = builder();
  firn_op_end(b);
  check_says(b, FIRN_FAILED_PRECONDITION,
             "the end of a node, but no node was begun");

  b = builder();
  firn_op_begin(b, "NoOp", "n");
  check_says(b, FIRN_FAILED_PRECONDITION,
             "node 'n' (NoOp) was begun and not ended");

  b = builder();
  firn_builder_pop(b);
  check_says(b, FIRN_FAILED_PRECONDITION, "no scope is open");

  b = builder();
  firn_op_begin(b, "NoOp", "a b");
  check_says(b, FIRN_INVALID_ARGUMENT,
             "'a b' is no name for a node: letters, digits and ._\\/>- are, "
             "and at the front a letter, digit or dot");

  b = builder();
  firn_const_float(b, "logits", 1);
  firn_output_named(b, "logit");
  firn_error err = FIRN_ERROR_INIT;
  CHECK_EQ(firn_builder_check(b, &err), FIRN_NOT_FOUND);
  CHECK_HAS(err.message, "logits");
  firn_builder_free(b);
}

/* ---- For gradients ------------------------------------------------------ */

TEST_FN(takers_are_found) {
  firn_builder *b = builder();
  firn_arena arena;
  firn_takers takers;
  firn_arena_init(&arena, &b->env.alloc);
  const firn_output x = firn_const_float(b, "x", 1);
  const firn_output y = binary(b, "Mul", "y", x, x);
  binary(b, "Sub", "z", y, x);
  check_all_well(b);
  CHECK(firn_builder_takers(b, &arena, &takers));
  CHECK_EQ(takers.at[0], 0);
  CHECK_EQ(takers.at[1], 3);
  CHECK_EQ(takers.at[2], 4);
  CHECK_EQ(takers.at[3], 4);
  CHECK_EQ(takers.takers[2].node, 2);
  CHECK_EQ(takers.takers[2].output, 1);
  CHECK_EQ(takers.takers[3].node, 2);
  CHECK_EQ(takers.takers[3].output, 0);
  firn_arena_fini(&arena);
  firn_builder_free(b);
}

TEST_FN(a_loop_is_closed_later) {
  firn_builder *b = builder();
  const firn_output x = firn_const_float(b, "x", 1);
  firn_op_begin(b, "Merge", "m");
  firn_op_inputs(b, (firn_output[]){x, x}, 2);
  const firn_output m = firn_op_end(b);
  firn_op_begin(b, "NextIteration", "n");
  firn_op_input(b, m);
  const firn_output n = firn_op_end(b);
  firn_builder_rewire(b, m.node, 1, n);
  check_all_well(b);
  CHECK_EQ(firn_node_of(b, m)->inputs[1].node, n.node);
  CHECK_EQ(firn_node_of(b, m)->def->input[1].size, 1);
  CHECK_EQ(firn_node_of(b, m)->def->input[1].data[0], 'n');
  firn_builder_free(b);
}

SUITE(build_builder, TEST(a_graph_is_built_and_run),
      TEST(attrs_follow_from_inputs_and_defaults),
      TEST(small_values_flow_through), TEST(controls_and_devices_are_noted),
      TEST(names_are_tensorflows), TEST(a_loaded_graph_grows),
      TEST(shapes_that_do_not_fit), TEST(every_mistake_is_named),
      TEST(values_out_of_bounds), TEST(words_out_of_place),
      TEST(takers_are_found), TEST(a_loop_is_closed_later));
