/* support/built_graphs.h: graphs that tests build, and that TensorFlow is asked
 * about (oracle/check_built.py).
 *
 * Each has a node "init"; one that is trained has a node "train"; what is to be
 * compared has the names of `fetches`, for these feeds.
 */
#ifndef FIRN_TEST_BUILT_GRAPHS_H
#define FIRN_TEST_BUILT_GRAPHS_H

#include "firn/nn.h"

/* ---- First values ------------------------------------------------------- */

/* In the order and with the seeds of oracle/make_build_golden.py. */
static inline void build_first_values(firn_builder *b) {
  const firn_init normal = firn_init_random_normal(0.5f, 0.25f);
  const firn_init uniform = firn_init_random_uniform(-1, 2);
  const firn_init cut = firn_init_truncated_normal(0, 0.5f);
  firn_nn_seed(b, 5);
  firn_nn_variable(b, "zeros", FIRN_FLOAT, FIRN_SHAPE(40, 30),
                   firn_init_zeros());
  firn_nn_variable(b, "ones", FIRN_FLOAT, FIRN_SHAPE(3), firn_init_ones());
  firn_nn_variable(b, "constant", FIRN_FLOAT, FIRN_SHAPE(2, 2),
                   firn_init_constant(0.1f));
  firn_nn_variable(b, "normal", FIRN_FLOAT, FIRN_SHAPE(7, 9), normal);
  firn_nn_variable(b, "normal_seeded", FIRN_FLOAT, FIRN_SHAPE(1000),
                   firn_init_seeded(normal, 42));
  firn_nn_variable(b, "uniform", FIRN_FLOAT, FIRN_SHAPE(5, 3), uniform);
  firn_nn_variable(b, "uniform_seeded", FIRN_FLOAT, FIRN_SHAPE(4, 2, 3),
                   firn_init_seeded(uniform, -7));
  firn_nn_variable(b, "cut", FIRN_FLOAT, FIRN_SHAPE(11, 5), cut);
  firn_nn_variable(b, "cut_seeded", FIRN_FLOAT, FIRN_SHAPE(300),
                   firn_init_seeded(cut, 0));
  firn_nn_variable(b, "glorot_uniform", FIRN_FLOAT, FIRN_SHAPE(3, 3, 4, 8),
                   firn_init_glorot_uniform());
  firn_nn_variable(b, "glorot_normal", FIRN_FLOAT, FIRN_SHAPE(6, 10),
                   firn_init_glorot_normal());
  firn_nn_variable(b, "he_uniform", FIRN_FLOAT, FIRN_SHAPE(5, 5, 2, 3),
                   firn_init_he_uniform());
  firn_nn_variable(b, "he_normal", FIRN_FLOAT, FIRN_SHAPE(8),
                   firn_init_he_normal());
  firn_nn_variable(b, "lecun_uniform", FIRN_FLOAT, FIRN_SHAPE(4, 6),
                   firn_init_of(FIRN_INIT_LECUN_UNIFORM, 0, 0));
  firn_nn_variable(b, "lecun_normal", FIRN_FLOAT, FIRN_SHAPE(4, 6),
                   firn_init_of(FIRN_INIT_LECUN_NORMAL, 0, 0));
  firn_nn_variable(b, "double_normal", FIRN_DOUBLE, FIRN_SHAPE(3, 5), normal);
  firn_nn_state(b, "step", FIRN_INT64, FIRN_SCALAR, firn_init_zeros());
}

/* ---- Layers ------------------------------------------------------------- */

static inline void build_layers(firn_builder *b, bool training) {
  const int64_t seed = 3;
  firn_nn_seed(b, 11);
  const firn_output x =
      firn_nn_placeholder(b, "x", FIRN_FLOAT, FIRN_SHAPE(-1, 8, 8, 2));
  const firn_output labels =
      firn_nn_placeholder(b, "labels", FIRN_INT64, FIRN_SHAPE(-1));
  const firn_output rate = firn_nn_placeholder_or(
      b, "rate", firn_const_float(b, NULL, training ? 0.25f : 0), FIRN_SCALAR);
  const firn_batch_norm norm = {.training = training};
  firn_output h =
      firn_nn_conv2d(b, "conv", x, 6, 3, 1, "SAME", firn_init_he_normal());
  h = firn_nn_batch_norm(b, "norm", h, &norm);
  h = firn_nn_relu(b, NULL, h);
  h = firn_nn_max_pool(b, NULL, h, 2, 2, "VALID");
  h = firn_nn_avg_pool(b, NULL, h, 2, 1, "SAME");
  h = firn_nn_flatten(b, NULL, h);
  h = firn_nn_dropout(b, "drop", h, rate, &seed);
  h = firn_nn_dense(b, "hidden", h, 16, firn_init_glorot_normal());
  h = firn_nn_batch_norm(b, "rows", h, &norm);
  h = firn_nn_tanh(b, NULL, h);
  h = firn_nn_dense(b, "logits", h, 5, firn_init_glorot_uniform());
  firn_nn_softmax(b, "output", h);
  firn_nn_sparse_softmax_loss(b, "sparse_loss", h, labels);
  firn_nn_accuracy(b, "accuracy", h, labels);
  const firn_output half = firn_nn_sigmoid(b, NULL, h);
  firn_nn_softmax_loss(b, "dense_loss", h, firn_nn_softmax(b, NULL, half));
  firn_nn_sigmoid_loss(b, "sigmoid_loss", h, half);
  firn_nn_squared_loss(b, "squared_loss", h, half);
  const firn_output both[] = {h, half};
  const firn_output wide = firn_nn_concat(b, NULL, both, 2, 1);
  firn_nn_sum(b, "sums", wide, (int32_t[]){-1}, 1, true);
  firn_nn_argmax(b, "best", wide, 1);
  if (training) {
    firn_output moves[4];
    const size_t count = firn_builder_collected(b, "update_ops", moves, 4);
    firn_nn_group(b, "train", moves, count);
  }
}

static const char *const layer_fetches[] = {
    "output",       "sparse_loss",  "accuracy", "dense_loss",
    "sigmoid_loss", "squared_loss", "sums",     "best"};

/* ---- Optimisers --------------------------------------------------------- */

/* Gradients are fed; the step is counted. */
static inline void build_optimizer(firn_builder *b, firn_optimizer optimizer) {
  firn_nn_seed(b, 2);
  const firn_output w = firn_nn_variable(b, "w", FIRN_FLOAT, FIRN_SHAPE(3, 4),
                                         firn_init_random_normal(0, 1));
  const firn_output v = firn_nn_variable(b, "layer/v", FIRN_FLOAT,
                                         FIRN_SHAPE(4), firn_init_ones());
  const firn_output g =
      firn_nn_placeholder(b, "g", FIRN_FLOAT, FIRN_SHAPE(3, 4));
  const firn_output h = firn_nn_sum(b, "h", g, (int32_t[]){0}, 1, false);
  const firn_output step = firn_nn_global_step(b);
  const firn_output train = firn_nn_apply_gradients(
      b, &optimizer, (firn_output[]){g, h}, (firn_output[]){w, v}, 2, step);
  firn_nn_group(b, "train", &train, 1);
}

#endif
