/* What the words of firn/nn.h add: TensorFlow's nodes, names and numbers. */
#include "build/builder.h"
#include "firn/nn.h"
#include "support/built_graphs.h"
#include "support/failing.h"
#include "support/test.h"

static firn_builder *builder(void) {
  firn_builder *b = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_builder_new(NULL, &b, &err), &err);
  return b;
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

/* Every node from `from` on: name, op and inputs, one a line. */
static void check_nodes(const firn_builder *b, uint32_t from,
                        const char *want) {
  const firn_graph *g = firn_builder_graph(b);
  for (uint32_t i = from; i < g->node_count; i++) {
    const firn_pb_NodeDef *def = g->nodes[i]->def;
    char have[2000], line[2000];
    const int size = (int)strcspn(want, "\n");
    snprintf(line, sizeof line, "%.*s", size, want);
    snprintf(have, sizeof have, "%.*s %.*s", FIRN_ARG(def->name),
             FIRN_ARG(def->op));
    for (size_t k = 0; k < def->input_count; k++)
      snprintf(have + strlen(have), sizeof have - strlen(have), " %.*s",
               FIRN_ARG(def->input[k]));
    CHECK_STR(have, line);
    want += size + (want[size] != 0);
  }
  CHECK_STR(want, "");
}

static const firn_node *node_of(const firn_builder *b, const char *name) {
  const firn_node *node =
      firn_graph_find(firn_builder_graph(b), firn_str_of(name));
  if (!node) fail_msg("no node '%s'", name);
  return node;
}

/* ---- Variables ---------------------------------------------------------- */

TEST_FN(a_variable_is_tensorflows_nodes) {
  firn_builder *b = builder();
  firn_nn_seed(b, 5);
  firn_nn_variable(b, "w", FIRN_FLOAT, FIRN_SHAPE(3, 4),
                   firn_init_random_normal(0, 0.1f));
  firn_nn_variable(b, "v", FIRN_FLOAT, FIRN_SHAPE(3, 4),
                   firn_init_seeded(firn_init_glorot_uniform(), 3));
  firn_nn_state(b, "big", FIRN_FLOAT, FIRN_SHAPE(30, 40), firn_init_zeros());
  firn_nn_init(b, NULL);
  check_all_well(b);
  check_nodes(
      b, 0,
      "w/Initializer/random_normal/shape Const\n"
      "w/Initializer/random_normal/mean Const\n"
      "w/Initializer/random_normal/stddev Const\n"
      "w/Initializer/random_normal/RandomStandardNormal RandomStandardNormal "
      "w/Initializer/random_normal/shape\n"
      "w/Initializer/random_normal/mul Mul "
      "w/Initializer/random_normal/RandomStandardNormal "
      "w/Initializer/random_normal/stddev\n"
      "w/Initializer/random_normal AddV2 w/Initializer/random_normal/mul "
      "w/Initializer/random_normal/mean\n"
      "w VarHandleOp\n"
      "w/IsInitialized/VarIsInitializedOp VarIsInitializedOp w\n"
      "w/Assign AssignVariableOp w w/Initializer/random_normal\n"
      "w/Read/ReadVariableOp ReadVariableOp w\n"
      "v/Initializer/random_uniform/shape Const\n"
      "v/Initializer/random_uniform/min Const\n"
      "v/Initializer/random_uniform/max Const\n"
      "v/Initializer/random_uniform/RandomUniform RandomUniform "
      "v/Initializer/random_uniform/shape\n"
      "v/Initializer/random_uniform/sub Sub v/Initializer/random_uniform/max "
      "v/Initializer/random_uniform/min\n"
      "v/Initializer/random_uniform/mul Mul "
      "v/Initializer/random_uniform/RandomUniform "
      "v/Initializer/random_uniform/sub\n"
      "v/Initializer/random_uniform AddV2 v/Initializer/random_uniform/mul "
      "v/Initializer/random_uniform/min\n"
      "v VarHandleOp\n"
      "v/IsInitialized/VarIsInitializedOp VarIsInitializedOp v\n"
      "v/Assign AssignVariableOp v v/Initializer/random_uniform\n"
      "v/Read/ReadVariableOp ReadVariableOp v\n"
      "big/Initializer/zeros/shape_as_tensor Const\n"
      "big/Initializer/zeros/Const Const\n"
      "big/Initializer/zeros Fill big/Initializer/zeros/shape_as_tensor "
      "big/Initializer/zeros/Const\n"
      "big VarHandleOp\n"
      "big/IsInitialized/VarIsInitializedOp VarIsInitializedOp big\n"
      "big/Assign AssignVariableOp big big/Initializer/zeros\n"
      "big/Read/ReadVariableOp ReadVariableOp big\n"
      "init NoOp ^w/Assign ^v/Assign ^big/Assign\n");
  const firn_node *random =
      node_of(b, "w/Initializer/random_normal/RandomStandardNormal");
  CHECK_EQ(firn_attr_int_or(random, "seed", -1), 5);
  CHECK_EQ(firn_attr_int_or(random, "seed2", -1), 0);
  random = node_of(b, "v/Initializer/random_uniform/RandomUniform");
  CHECK_EQ(firn_attr_int_or(random, "seed2", -1), 3);
  CHECK_EQ(firn_builder_collected(b, "variables", NULL, 0), 3);
  CHECK_EQ(firn_builder_collected(b, "trainable_variables", NULL, 0), 2);
  const firn_shape shape =
      firn_output_shape(b, firn_output_named(b, "big/Read/ReadVariableOp"));
  CHECK_EQ(shape.dims[1], 40);
  firn_builder_free(b);
}

/* Limits and deviations as TensorFlow 2.21 computes them for [3,4]. */
TEST_FN(scales_are_tensorflows) {
  static const struct {
    const char *name;
    firn_init_kind kind;
    const char *node;
    float value;
  } rows[] =
      {
          {"glorot uniform", FIRN_INIT_GLOROT_UNIFORM,
           "w/Initializer/random_uniform/max", 0.925820112f},
          {"glorot normal", FIRN_INIT_GLOROT_NORMAL,
           "w/Initializer/truncated_normal/stddev", 0.607670426f},
          {"he uniform", FIRN_INIT_HE_UNIFORM,
           "w/Initializer/random_uniform/max", 1.41421354f},
          {"he normal", FIRN_INIT_HE_NORMAL,
           "w/Initializer/truncated_normal/stddev", 0.928231895f},
      },
    *row;

  EACH (row, rows) {
    firn_builder *b = builder();
    firn_nn_variable(b, "w", FIRN_FLOAT, FIRN_SHAPE(3, 4),
                     firn_init_of(row->kind, 0, 0));
    check_all_well(b);
    const firn_output o = firn_output_named(b, row->node);
    CHECK(*(float *)firn_info_at(b, o)->value->data == row->value);
    firn_builder_free(b);
  }
}

TEST_FN(variables_are_read_where_they_are_used) {
  firn_builder *b = builder();
  const firn_output x =
      firn_nn_placeholder(b, "x", FIRN_FLOAT, FIRN_SHAPE(-1, 3));
  const firn_output w = firn_nn_variable(b, "w", FIRN_FLOAT, FIRN_SHAPE(3, 4),
                                         firn_init_constant(0.5f));
  const uint32_t from = firn_builder_graph(b)->node_count;
  const firn_output y = firn_nn_matmul(b, "y", x, w);
  check_all_well(b);
  CHECK_EQ(firn_output_shape(b, y).dims[1], 4);
  check_nodes(b, from,
              "y/ReadVariableOp ReadVariableOp w\n"
              "y MatMul x y/ReadVariableOp\n");
  firn_builder_free(b);
}

/* ---- Layers ------------------------------------------------------------- */

TEST_FN(layers_have_shapes) {
  firn_builder *b = builder();
  const firn_output x =
      firn_nn_placeholder(b, "x", FIRN_FLOAT, FIRN_SHAPE(-1, 28, 28, 1));
  firn_output h =
      firn_nn_conv2d(b, "conv", x, 8, 3, 1, "SAME", firn_init_he_normal());
  const firn_batch_norm norm = {.training = true};
  h = firn_nn_batch_norm(b, "norm", h, &norm);
  h = firn_nn_relu(b, NULL, h);
  h = firn_nn_max_pool(b, NULL, h, 2, 2, "VALID");
  h = firn_nn_flatten(b, NULL, h);
  h = firn_nn_dropout(b, NULL, h, firn_const_float(b, "rate", 0.5f), NULL);
  h = firn_nn_dense(b, "logits", h, 10, firn_init_glorot_uniform());
  const firn_output labels =
      firn_nn_placeholder(b, "labels", FIRN_INT32, FIRN_SHAPE(-1));
  const firn_output loss = firn_nn_sparse_softmax_loss(b, "loss", h, labels);
  const firn_output accuracy = firn_nn_accuracy(b, NULL, h, labels);
  check_all_well(b);
  CHECK_EQ(firn_output_shape(b, h).dims[1], 10);
  CHECK_STR(firn_output_name(b, h), "logits/BiasAdd:0");
  CHECK_STR(firn_output_name(b, loss), "loss:0");
  CHECK_EQ(firn_output_shape(b, loss).rank, 0);
  CHECK_STR(firn_output_name(b, accuracy), "accuracy:0");
  CHECK_EQ(firn_output_shape(b, accuracy).rank, 0);
  CHECK_EQ(firn_builder_collected(b, "trainable_variables", NULL, 0), 6);
  CHECK_EQ(firn_builder_collected(b, "variables", NULL, 0), 8);
  CHECK_EQ(firn_builder_collected(b, "update_ops", NULL, 0), 2);
  firn_builder_free(b);
}

TEST_FN(layers_say_what_they_want) {
  firn_builder *b = builder();
  const firn_output x =
      firn_nn_placeholder(b, "x", FIRN_FLOAT, FIRN_SHAPE(-1, 28, 28, 1));
  firn_nn_dense(b, "hidden", x, 10, firn_init_zeros());
  check_says(b, FIRN_INVALID_ARGUMENT,
             "layer 'hidden': its input 'x:0' has shape [?,28,28,1], not two "
             "axes with a last extent that is known");

  b = builder();
  firn_nn_variable(b, "w", FIRN_FLOAT, FIRN_SHAPE(-1, 2), firn_init_zeros());
  check_says(b, FIRN_INVALID_ARGUMENT,
             "variable 'w': the shape [?,2] is not known");

  b = builder();
  const firn_optimizer adam = firn_adam(0.1f);
  firn_nn_apply_gradients(b, &adam, NULL, NULL, 0, FIRN_NO_OUTPUT);
  check_says(b, FIRN_INVALID_ARGUMENT,
             "Adam: no trainable variable has a gradient");
}

/* ---- Optimisers --------------------------------------------------------- */

TEST_FN(adam_is_tensorflows_nodes) {
  firn_builder *b = builder();
  const firn_output g = firn_nn_placeholder(b, "g", FIRN_FLOAT, FIRN_SHAPE(2));
  const firn_output w =
      firn_nn_variable(b, "w", FIRN_FLOAT, FIRN_SHAPE(2), firn_init_zeros());
  const firn_output step = firn_nn_global_step(b);
  CHECK(firn_output_same(step, firn_nn_global_step(b)));
  const uint32_t from = firn_builder_graph(b)->node_count;
  const firn_optimizer adam = firn_adam(0.1f);
  firn_nn_apply_gradients(b, &adam, &g, &w, 1, step);
  check_all_well(b);
  check_nodes(
      b, from,
      "beta1_power/Initializer/initial_value Const\n"
      "beta1_power VarHandleOp\n"
      "beta1_power/IsInitialized/VarIsInitializedOp VarIsInitializedOp "
      "beta1_power\n"
      "beta1_power/Assign AssignVariableOp beta1_power "
      "beta1_power/Initializer/initial_value\n"
      "beta1_power/Read/ReadVariableOp ReadVariableOp beta1_power\n"
      "beta2_power/Initializer/initial_value Const\n"
      "beta2_power VarHandleOp\n"
      "beta2_power/IsInitialized/VarIsInitializedOp VarIsInitializedOp "
      "beta2_power\n"
      "beta2_power/Assign AssignVariableOp beta2_power "
      "beta2_power/Initializer/initial_value\n"
      "beta2_power/Read/ReadVariableOp ReadVariableOp beta2_power\n"
      "w/Adam/Initializer/zeros Const\n"
      "w/Adam VarHandleOp\n"
      "w/Adam/IsInitialized/VarIsInitializedOp VarIsInitializedOp w/Adam\n"
      "w/Adam/Assign AssignVariableOp w/Adam w/Adam/Initializer/zeros\n"
      "w/Adam/Read/ReadVariableOp ReadVariableOp w/Adam\n"
      "w/Adam_1/Initializer/zeros Const\n"
      "w/Adam_1 VarHandleOp\n"
      "w/Adam_1/IsInitialized/VarIsInitializedOp VarIsInitializedOp w/Adam_1\n"
      "w/Adam_1/Assign AssignVariableOp w/Adam_1 w/Adam_1/Initializer/zeros\n"
      "w/Adam_1/Read/ReadVariableOp ReadVariableOp w/Adam_1\n"
      "Adam/learning_rate Const\n"
      "Adam/beta1 Const\n"
      "Adam/beta2 Const\n"
      "Adam/epsilon Const\n"
      "Adam/update_w/ResourceApplyAdam/ReadVariableOp ReadVariableOp "
      "beta1_power\n"
      "Adam/update_w/ResourceApplyAdam/ReadVariableOp_1 ReadVariableOp "
      "beta2_power\n"
      "Adam/update_w/ResourceApplyAdam ResourceApplyAdam w w/Adam w/Adam_1 "
      "Adam/update_w/ResourceApplyAdam/ReadVariableOp "
      "Adam/update_w/ResourceApplyAdam/ReadVariableOp_1 Adam/learning_rate "
      "Adam/beta1 Adam/beta2 Adam/epsilon g\n"
      "Adam/ReadVariableOp ReadVariableOp beta1_power "
      "^Adam/update_w/ResourceApplyAdam\n"
      "Adam/mul Mul Adam/ReadVariableOp Adam/beta1\n"
      "Adam/AssignVariableOp AssignVariableOp beta1_power Adam/mul\n"
      "Adam/ReadVariableOp_1 ReadVariableOp beta2_power "
      "^Adam/update_w/ResourceApplyAdam\n"
      "Adam/mul_1 Mul Adam/ReadVariableOp_1 Adam/beta2\n"
      "Adam/AssignVariableOp_1 AssignVariableOp beta2_power Adam/mul_1\n"
      "Adam/update NoOp ^Adam/update_w/ResourceApplyAdam "
      "^Adam/AssignVariableOp ^Adam/AssignVariableOp_1\n"
      "Adam/Const Const ^Adam/update\n"
      "Adam AssignAddVariableOp global_step Adam/Const\n");
  CHECK_EQ(firn_builder_collected(b, "train_op", NULL, 0), 1);
  firn_builder_free(b);
}

/* Slots of a variable in a graph that has references, with its own kind. */
TEST_FN(references_get_slots_of_their_kind) {
  firn_builder *b = builder();
  firn_op_begin(b, "VariableV2", "w");
  firn_op_attr_type(b, "dtype", FIRN_FLOAT);
  firn_op_attr_shape(b, "shape", &FIRN_SHAPE(2));
  const firn_output w = firn_op_end(b);
  const firn_output g = firn_nn_placeholder(b, "g", FIRN_FLOAT, FIRN_SHAPE(2));
  const uint32_t from = firn_builder_graph(b)->node_count;
  firn_optimizer momentum = firn_momentum(0.1f, 0.9f);
  momentum.nesterov = true;
  firn_nn_apply_gradients(b, &momentum, &g, &w, 1, FIRN_NO_OUTPUT);
  check_all_well(b);
  check_nodes(b, from,
              "w/Momentum/Initializer/zeros Const\n"
              "w/Momentum VariableV2\n"
              "w/Momentum/Assign Assign w/Momentum "
              "w/Momentum/Initializer/zeros\n"
              "w/Momentum/read Identity w/Momentum\n"
              "Momentum/learning_rate Const\n"
              "Momentum/momentum Const\n"
              "Momentum/update_w/ApplyMomentum ApplyMomentum w w/Momentum "
              "Momentum/learning_rate g Momentum/momentum\n"
              "Momentum NoOp ^Momentum/update_w/ApplyMomentum\n");
  CHECK(firn_attr_bool_or(node_of(b, "Momentum/update_w/ApplyMomentum"),
                          "use_nesterov", false));
  firn_builder_free(b);
}

/* ---- Memory ------------------------------------------------------------- */

static firn_code build_all(const firn_allocator *alloc, void *ctx) {
  (void)ctx;
  firn_options options = FIRN_OPTIONS_INIT;
  options.allocator = alloc;
  firn_builder *b = NULL;
  firn_pb_MetaGraphDef *meta = NULL;
  firn_error err = FIRN_ERROR_INIT;
  firn_arena arena;
  firn_code code = firn_builder_new(&options, &b, &err);
  if (code != FIRN_OK) return code;
  build_layers(b, true);
  build_optimizer(b, firn_adam(0.1f));
  firn_nn_init(b, NULL);
  firn_builder_add_saver(b);
  code = firn_builder_check(b, &err);
  firn_arena_init(&arena, alloc);
  if (code == FIRN_OK) code = firn_builder_meta(b, &arena, &meta, &err);
  firn_arena_fini(&arena);
  firn_builder_free(b);
  if (code != FIRN_OK && code != FIRN_RESOURCE_EXHAUSTED)
    fail_msg("%s", err.message);
  firn_error_clear(&err);
  return code;
}

TEST_FN(short_memory_loses_nothing) {
  CHECK(failing_check(build_all, NULL) > 20);
}

SUITE(build_nn, TEST(a_variable_is_tensorflows_nodes),
      TEST(scales_are_tensorflows),
      TEST(variables_are_read_where_they_are_used), TEST(layers_have_shapes),
      TEST(layers_say_what_they_want), TEST(adam_is_tensorflows_nodes),
      TEST(references_get_slots_of_their_kind),
      TEST(short_memory_loses_nothing));
