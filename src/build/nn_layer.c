/* build/nn_layer.c: layers with variables of their own, and dropout. */
#include "build/nn.h"

/* ---- Dense and convolution ---------------------------------------------- */

/* The extent of the last axis, which must be known. */
static int64_t channels_of(firn_builder *b, const char *what, firn_output x,
                           int rank) {
  const firn_shape shape = firn_output_shape(b, x);
  if (b->failed == FIRN_OK &&
      (shape.rank != rank || shape.dims[rank - 1] < 0)) {
    char text[256];
    firn_builder_fail(b, FIRN_INVALID_ARGUMENT,
                      "%s '%.*s': its input '%s' has shape %s, not %s with a "
                      "last extent that is known",
                      what, FIRN_ARG(firn_builder_scope(b)),
                      firn_output_name(b, x), firn_shape_text(&shape, text),
                      rank == 2 ? "two axes" : "four axes");
  }
  return shape.rank == rank ? shape.dims[rank - 1] : 0;
}

static firn_output add_bias(firn_builder *b, firn_output x, int64_t units) {
  const firn_output bias =
      firn_nn_variable(b, "bias", firn_nn_value_type(b, x), FIRN_SHAPE(units),
                       firn_init_zeros());
  return firn_nn_bias_add(b, NULL, x, bias);
}

firn_output firn_nn_dense(firn_builder *b, const char *name, firn_output x,
                          int64_t units, firn_init kernel) {
  firn_nn_open(b, name, "dense");
  const int64_t columns = channels_of(b, "layer", x, 2);
  const firn_output weights =
      firn_nn_variable(b, "kernel", firn_nn_value_type(b, x),
                       FIRN_SHAPE(columns, units), kernel);
  const firn_output product = firn_nn_matmul(b, NULL, x, weights);
  const firn_output out = add_bias(b, product, units);
  firn_builder_pop(b);
  return out;
}

firn_output firn_nn_conv2d(firn_builder *b, const char *name, firn_output x,
                           int64_t filters, int64_t size, int64_t stride,
                           const char *padding, firn_init kernel) {
  firn_nn_open(b, name, "conv2d");
  const int64_t channels = channels_of(b, "layer", x, 4);
  const firn_output weights =
      firn_nn_variable(b, "kernel", firn_nn_value_type(b, x),
                       FIRN_SHAPE(size, size, channels, filters), kernel);
  firn_nn_open(b, NULL, "Conv2D");
  const firn_output value = firn_nn_read(b, weights);
  firn_nn_begin_whole(b, "Conv2D");
  firn_op_input(b, x);
  firn_op_input(b, value);
  firn_op_attr_ints(b, "strides", (int64_t[]){1, stride, stride, 1}, 4);
  firn_op_attr_string(b, "padding", padding);
  const firn_output product = firn_op_end(b);
  firn_builder_pop(b);
  const firn_output out = add_bias(b, product, filters);
  firn_builder_pop(b);
  return out;
}

/* ---- Pools -------------------------------------------------------------- */

static firn_output pool(firn_builder *b, const char *op, const char *name,
                        firn_output x, int64_t size, int64_t stride,
                        const char *padding) {
  firn_op_begin(b, op, name);
  firn_op_input(b, x);
  firn_op_attr_ints(b, "ksize", (int64_t[]){1, size, size, 1}, 4);
  firn_op_attr_ints(b, "strides", (int64_t[]){1, stride, stride, 1}, 4);
  firn_op_attr_string(b, "padding", padding);
  return firn_op_end(b);
}

firn_output firn_nn_max_pool(firn_builder *b, const char *name, firn_output x,
                             int64_t size, int64_t stride,
                             const char *padding) {
  return pool(b, "MaxPool", name, x, size, stride, padding);
}

firn_output firn_nn_avg_pool(firn_builder *b, const char *name, firn_output x,
                             int64_t size, int64_t stride,
                             const char *padding) {
  return pool(b, "AvgPool", name, x, size, stride, padding);
}

/* ---- Batch normalisation ------------------------------------------------ */

/* average -= (average - moment) * (1 - momentum), as TensorFlow's moving
 * averages do it. */
static void move_average(firn_builder *b, firn_output average,
                         firn_output moment, double momentum) {
  firn_nn_open(b, NULL, "AssignMovingAvg");
  const firn_output decay =
      firn_nn_scalar(b, "decay", FIRN_FLOAT, 1 - momentum);
  const firn_output old = firn_nn_read(b, average);
  const firn_output apart = firn_nn_sub(b, "sub", old, moment);
  const firn_output part = firn_nn_mul(b, "mul", apart, decay);
  const firn_output moved = firn_nn_assign_sub(b, NULL, average, part);
  firn_builder_pop(b);
  firn_builder_collect(b, "update_ops", moved);
}

/* What the layer has, each a vector of as many as there are channels. */
typedef struct norm {
  firn_output gamma, beta, mean, variance;
} norm;

static norm add_norm(firn_builder *b, int64_t channels) {
  const firn_shape shape = FIRN_SHAPE(channels);
  const firn_init zeros = firn_init_zeros(), ones = firn_init_ones();
  norm n;
  n.gamma = firn_nn_variable(b, "gamma", FIRN_FLOAT, shape, ones);
  n.beta = firn_nn_variable(b, "beta", FIRN_FLOAT, shape, zeros);
  n.mean = firn_nn_state(b, "moving_mean", FIRN_FLOAT, shape, zeros);
  n.variance = firn_nn_state(b, "moving_variance", FIRN_FLOAT, shape, ones);
  return n;
}

static firn_output none(firn_builder *b) {
  const firn_tensor empty = {.dtype = FIRN_FLOAT,
                             .shape = firn_shape_vector(0)};
  return firn_const(b, NULL, &empty);
}

static firn_output normalise(firn_builder *b, firn_output x, const norm *n,
                             bool training, double epsilon) {
  const firn_output scale = firn_nn_read(b, n->gamma);
  const firn_output offset = firn_nn_read(b, n->beta);
  const firn_output mean = training ? none(b) : firn_nn_read(b, n->mean);
  const firn_output variance =
      training ? none(b) : firn_nn_read(b, n->variance);
  firn_op_begin(b, "FusedBatchNormV3", NULL);
  firn_op_input(b, x);
  firn_op_input(b, scale);
  firn_op_input(b, offset);
  firn_op_input(b, mean);
  firn_op_input(b, variance);
  firn_op_attr_float(b, "epsilon", (float)epsilon);
  firn_op_attr_bool(b, "is_training", training);
  return firn_op_end(b);
}

firn_output firn_nn_batch_norm(firn_builder *b, const char *name, firn_output x,
                               const firn_batch_norm *options) {
  const firn_batch_norm usual = {.training = false};
  const firn_batch_norm *o = options ? options : &usual;
  const double momentum = o->momentum != 0 ? o->momentum : 0.99;
  const bool rows = firn_output_shape(b, x).rank == 2;
  firn_nn_open(b, name, "batch_normalization");
  const int64_t channels = channels_of(b, "layer", x, rows ? 2 : 4);
  const norm n = add_norm(b, channels);
  const firn_output images =
      rows ? firn_nn_reshape(b, NULL, x, FIRN_SHAPE(-1, 1, 1, channels)) : x;
  const firn_output all = normalise(b, images, &n, o->training,
                                    o->epsilon != 0 ? o->epsilon : 0.001);
  if (o->training) {
    move_average(b, n.mean, firn_output_next(all, 1), momentum);
    move_average(b, n.variance, firn_output_next(all, 2), momentum);
  }
  const firn_output out =
      rows ? firn_nn_reshape(b, NULL, all, FIRN_SHAPE(-1, channels)) : all;
  firn_builder_pop(b);
  return out;
}

/* ---- Dropout ------------------------------------------------------------ */

firn_output firn_nn_dropout(firn_builder *b, const char *name, firn_output x,
                            firn_output rate, const int64_t *seed) {
  const firn_dtype dtype = firn_nn_value_type(b, x);
  firn_nn_open(b, name, "dropout");
  const firn_output one = firn_nn_scalar(b, NULL, dtype, 1);
  const firn_output kept = firn_nn_sub(b, NULL, one, rate);
  const firn_output scaled = firn_nn_div(b, NULL, x, kept);
  const firn_output shape = firn_nn_unary(b, "Shape", NULL, x);
  firn_op_begin(b, "RandomUniform", "random_uniform/RandomUniform");
  firn_op_input(b, shape);
  firn_op_attr_type(b, "dtype", dtype);
  firn_nn_seeds(b, seed);
  const firn_output random = firn_op_end(b);
  const firn_output keep =
      firn_nn_binary(b, "GreaterEqual", NULL, random, rate);
  const firn_output zero = firn_nn_scalar(b, NULL, dtype, 0);
  firn_op_begin(b, "SelectV2", NULL);
  firn_op_input(b, keep);
  firn_op_input(b, scaled);
  firn_op_input(b, zero);
  const firn_output out = firn_op_end(b);
  firn_builder_pop(b);
  return out;
}
