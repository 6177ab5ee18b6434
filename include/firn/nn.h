/* firn/nn.h: graphs in the words people know: variables, layers, losses,
 * optimisers.
 *
 * A thin layer over the builder of firn/graph.h: each word adds a few nodes,
 * with the names and numbers that TensorFlow's word of that name gives, and
 * hands back what it computes.
 *
 *   firn_output x = firn_nn_placeholder(b, "x", FIRN_FLOAT, FIRN_SHAPE(-1,
 * 784)); firn_output labels = firn_nn_placeholder(b, "labels", FIRN_INT64,
 *                                            FIRN_SHAPE(-1));
 *   firn_output logits = firn_nn_dense(b, "logits", x, 10,
 *                                      firn_init_glorot_uniform());
 *   firn_output loss = firn_nn_sparse_softmax_loss(b, "loss", logits, labels);
 *   firn_optimizer adam = firn_adam(0.001f);
 *   firn_output train = firn_nn_minimize(b, &adam, loss, FIRN_NO_OUTPUT);
 *   firn_output init = firn_nn_init(b, "init");
 *
 * Mistakes stick to the builder: ask once, with firn_builder_check. A variable
 * is its handle; words that want its value read it. Every `name` is made
 * unique; NULL stands for the word's usual one.
 *
 * Threads:   confined, as the builder.
 */
#ifndef FIRN_NN_H
#define FIRN_NN_H

#include "firn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A shape by its extents, -1 for an unknown one; and that of a scalar. */
#define FIRN_SHAPE(...)                                                    \
  ((firn_shape){(int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), \
                {__VA_ARGS__}})
#define FIRN_SCALAR ((firn_shape){0, {0}})

/* ---- Inputs ------------------------------------------------------------- */

/* To be fed; and, when it is not fed, `value`. */
FIRN_API firn_output firn_nn_placeholder(firn_builder *b, const char *name,
                                         firn_dtype dtype, firn_shape shape);
FIRN_API firn_output firn_nn_placeholder_or(firn_builder *b, const char *name,
                                            firn_output value,
                                            firn_shape shape);

/* ---- First values of variables ------------------------------------------ */

typedef enum firn_init_kind {
  FIRN_INIT_ZEROS = 0,
  FIRN_INIT_ONES,
  FIRN_INIT_CONSTANT,         /* a                                         */
  FIRN_INIT_RANDOM_NORMAL,    /* mean a, standard deviation b              */
  FIRN_INIT_RANDOM_UNIFORM,   /* in [a, b)                                 */
  FIRN_INIT_TRUNCATED_NORMAL, /* as normal, within two deviations          */
  FIRN_INIT_GLOROT_UNIFORM,
  FIRN_INIT_GLOROT_NORMAL,
  FIRN_INIT_HE_UNIFORM,
  FIRN_INIT_HE_NORMAL,
  FIRN_INIT_LECUN_UNIFORM,
  FIRN_INIT_LECUN_NORMAL,
  FIRN_INIT_OUTPUT, /* the value of an output                            */
} firn_init_kind;

/* How a variable begins. Without a seed of its own it draws on the graph's
 * (firn_nn_seed); without either every session begins differently. */
typedef struct firn_init {
  firn_init_kind kind;
  float a, b;
  bool seeded;
  int64_t seed;
  firn_output output;
} firn_init;

static inline firn_init firn_init_of(firn_init_kind kind, float a, float b) {
  const firn_init init = {kind, a, b, false, 0, {FIRN_NO_NODE, 0}};
  return init;
}
static inline firn_init firn_init_zeros(void) {
  return firn_init_of(FIRN_INIT_ZEROS, 0, 0);
}
static inline firn_init firn_init_ones(void) {
  return firn_init_of(FIRN_INIT_ONES, 0, 0);
}
static inline firn_init firn_init_constant(float value) {
  return firn_init_of(FIRN_INIT_CONSTANT, value, 0);
}
static inline firn_init firn_init_random_normal(float mean, float deviation) {
  return firn_init_of(FIRN_INIT_RANDOM_NORMAL, mean, deviation);
}
static inline firn_init firn_init_random_uniform(float from, float to) {
  return firn_init_of(FIRN_INIT_RANDOM_UNIFORM, from, to);
}
static inline firn_init firn_init_truncated_normal(float mean,
                                                   float deviation) {
  return firn_init_of(FIRN_INIT_TRUNCATED_NORMAL, mean, deviation);
}
static inline firn_init firn_init_glorot_uniform(void) {
  return firn_init_of(FIRN_INIT_GLOROT_UNIFORM, 0, 0);
}
static inline firn_init firn_init_glorot_normal(void) {
  return firn_init_of(FIRN_INIT_GLOROT_NORMAL, 0, 0);
}
static inline firn_init firn_init_he_uniform(void) {
  return firn_init_of(FIRN_INIT_HE_UNIFORM, 0, 0);
}
static inline firn_init firn_init_he_normal(void) {
  return firn_init_of(FIRN_INIT_HE_NORMAL, 0, 0);
}
static inline firn_init firn_init_value(firn_output value) {
  firn_init init = firn_init_of(FIRN_INIT_OUTPUT, 0, 0);
  init.output = value;
  return init;
}
static inline firn_init firn_init_seeded(firn_init init, int64_t seed) {
  init.seeded = true;
  init.seed = seed;
  return init;
}

/* The graph's seed: with it, and no seed of their own, random nodes get 0, 1, 2
 * ... as their second one, as after tf.set_random_seed. */
FIRN_API void firn_nn_seed(firn_builder *b, int64_t seed);

/* ---- Variables ---------------------------------------------------------- */

/* A variable that is trained, and one that is not; in the collection
 * "variables", the first also in "trainable_variables". Gives the handle. */
FIRN_API firn_output firn_nn_variable(firn_builder *b, const char *name,
                                      firn_dtype dtype, firn_shape shape,
                                      firn_init init);
FIRN_API firn_output firn_nn_state(firn_builder *b, const char *name,
                                   firn_dtype dtype, firn_shape shape,
                                   firn_init init);

/* The int64 variable global_step, made when first asked for. */
FIRN_API firn_output firn_nn_global_step(firn_builder *b);

/* The variable's value, read when it is wanted. Of anything else, itself. */
FIRN_API firn_output firn_nn_read(firn_builder *b, firn_output variable);

/* Nodes that change a variable: to `value`, or by it. */
FIRN_API firn_output firn_nn_assign(firn_builder *b, const char *name,
                                    firn_output variable, firn_output value);
FIRN_API firn_output firn_nn_assign_add(firn_builder *b, const char *name,
                                        firn_output variable,
                                        firn_output value);
FIRN_API firn_output firn_nn_assign_sub(firn_builder *b, const char *name,
                                        firn_output variable,
                                        firn_output value);

/* A node that does nothing but wait for all of these. */
FIRN_API firn_output firn_nn_group(firn_builder *b, const char *name,
                                   const firn_output *outputs, size_t count);

/* A node to be run once in a session: gives every variable there is by now its
 * first value. "init" when `name` is NULL. */
FIRN_API firn_output firn_nn_init(firn_builder *b, const char *name);

/* ---- Small words -------------------------------------------------------- */

/* Any op of one input, or of two, without attrs of its own. */
FIRN_API firn_output firn_nn_unary(firn_builder *b, const char *op,
                                   const char *name, firn_output x);
FIRN_API firn_output firn_nn_binary(firn_builder *b, const char *op,
                                    const char *name, firn_output x,
                                    firn_output y);

#define FIRN_NN_UNARY(word, op)                                     \
  static inline firn_output word(firn_builder *b, const char *name, \
                                 firn_output x) {                   \
    return firn_nn_unary(b, op, name, x);                           \
  }
#define FIRN_NN_BINARY(word, op)                                    \
  static inline firn_output word(firn_builder *b, const char *name, \
                                 firn_output x, firn_output y) {    \
    return firn_nn_binary(b, op, name, x, y);                       \
  }
FIRN_NN_UNARY(firn_nn_identity, "Identity")
FIRN_NN_UNARY(firn_nn_relu, "Relu")
FIRN_NN_UNARY(firn_nn_relu6, "Relu6")
FIRN_NN_UNARY(firn_nn_elu, "Elu")
FIRN_NN_UNARY(firn_nn_softplus, "Softplus")
FIRN_NN_UNARY(firn_nn_sigmoid, "Sigmoid")
FIRN_NN_UNARY(firn_nn_tanh, "Tanh")
FIRN_NN_UNARY(firn_nn_softmax, "Softmax")
FIRN_NN_UNARY(firn_nn_log_softmax, "LogSoftmax")
FIRN_NN_UNARY(firn_nn_square, "Square")
FIRN_NN_UNARY(firn_nn_l2_loss, "L2Loss")
FIRN_NN_BINARY(firn_nn_add, "AddV2")
FIRN_NN_BINARY(firn_nn_sub, "Sub")
FIRN_NN_BINARY(firn_nn_mul, "Mul")
FIRN_NN_BINARY(firn_nn_div, "RealDiv")
FIRN_NN_BINARY(firn_nn_matmul, "MatMul")
FIRN_NN_BINARY(firn_nn_bias_add, "BiasAdd")
FIRN_NN_BINARY(firn_nn_equal, "Equal")

/* Mean and sum over some axes (negative ones count from the end), or with
 * `count` 0 over all. */
FIRN_API firn_output firn_nn_mean(firn_builder *b, const char *name,
                                  firn_output x, const int32_t *axes,
                                  size_t count, bool keep_dims);
FIRN_API firn_output firn_nn_sum(firn_builder *b, const char *name,
                                 firn_output x, const int32_t *axes,
                                 size_t count, bool keep_dims);

/* The place of the largest, as int64. */
FIRN_API firn_output firn_nn_argmax(firn_builder *b, const char *name,
                                    firn_output x, int32_t axis);

FIRN_API firn_output firn_nn_cast(firn_builder *b, const char *name,
                                  firn_output x, firn_dtype to);

/* Another shape, one extent of which may be -1; and rows of what lies behind
 * the first axis. */
FIRN_API firn_output firn_nn_reshape(firn_builder *b, const char *name,
                                     firn_output x, firn_shape shape);
FIRN_API firn_output firn_nn_flatten(firn_builder *b, const char *name,
                                     firn_output x);
FIRN_API firn_output firn_nn_concat(firn_builder *b, const char *name,
                                    const firn_output *xs, size_t count,
                                    int32_t axis);

/* ---- Layers ------------------------------------------------------------- */

/* x times NAME/kernel plus NAME/bias, which begins with zeros. x is [rows,
 * columns]. No activation. */
FIRN_API firn_output firn_nn_dense(firn_builder *b, const char *name,
                                   firn_output x, int64_t units,
                                   firn_init kernel);

/* A convolution with `filters` filters of size x size over images [batch,
 * height, width, channels], plus a bias. `padding`: "SAME" or "VALID". */
FIRN_API firn_output firn_nn_conv2d(firn_builder *b, const char *name,
                                    firn_output x, int64_t filters,
                                    int64_t size, int64_t stride,
                                    const char *padding, firn_init kernel);

FIRN_API firn_output firn_nn_max_pool(firn_builder *b, const char *name,
                                      firn_output x, int64_t size,
                                      int64_t stride, const char *padding);
FIRN_API firn_output firn_nn_avg_pool(firn_builder *b, const char *name,
                                      firn_output x, int64_t size,
                                      int64_t stride, const char *padding);

/* Normalises the channels of images with NAME/gamma, beta, moving_mean and
 * moving_variance. In training by the batch's own moments, and the nodes that
 * move the averages join the collection "update_ops", which firn_nn_minimize
 * waits for. */
typedef struct firn_batch_norm {
  bool training;
  double momentum, epsilon; /* 0: 0.99 and 0.001 */
} firn_batch_norm;
FIRN_API firn_output firn_nn_batch_norm(firn_builder *b, const char *name,
                                        firn_output x,
                                        const firn_batch_norm *options);

/* Drops elements with the probability `rate`, a scalar (a placeholder that is 0
 * unless fed serves training and use), and scales the others up. `seed` NULL:
 * none of its own. */
FIRN_API firn_output firn_nn_dropout(firn_builder *b, const char *name,
                                     firn_output x, firn_output rate,
                                     const int64_t *seed);

/* ---- Losses: scalars, means over the batch ------------------------------ */

/* Labels are classes: int32 or int64 of [batch]. */
FIRN_API firn_output firn_nn_sparse_softmax_loss(firn_builder *b,
                                                 const char *name,
                                                 firn_output logits,
                                                 firn_output labels);
/* Labels are probabilities of the logits' shape. */
FIRN_API firn_output firn_nn_softmax_loss(firn_builder *b, const char *name,
                                          firn_output logits,
                                          firn_output labels);
FIRN_API firn_output firn_nn_sigmoid_loss(firn_builder *b, const char *name,
                                          firn_output logits,
                                          firn_output labels);
FIRN_API firn_output firn_nn_squared_loss(firn_builder *b, const char *name,
                                          firn_output x, firn_output wanted);

/* The part of the rows whose largest logit is the label's. */
FIRN_API firn_output firn_nn_accuracy(firn_builder *b, const char *name,
                                      firn_output logits, firn_output labels);

/* ---- Optimisers --------------------------------------------------------- */

typedef enum firn_optimizer_kind {
  FIRN_GRADIENT_DESCENT = 0,
  FIRN_MOMENTUM,
  FIRN_ADAM,
  FIRN_RMS_PROP,
  FIRN_ADAGRAD,
} firn_optimizer_kind;

/* What is 0 is TensorFlow's default, but for rate and momentum. */
typedef struct firn_optimizer {
  firn_optimizer_kind kind;
  const char *name; /* NULL: "Adam" ...                              */
  float rate;       /* how fast it learns                            */
  const firn_output *rate_output; /* a scalar that says it instead         */
  float momentum;                 /* Momentum, RMSProp                     */
  bool nesterov;                  /* Momentum, Adam                        */
  float beta1, beta2;             /* Adam: 0.9 and 0.999                   */
  float epsilon;                  /* Adam: 1e-8, RMSProp: 1e-10            */
  float decay;                    /* RMSProp: 0.9                          */
  float accumulated;              /* Adagrad begins with: 0.1              */
} firn_optimizer;

static inline firn_optimizer firn_optimizer_of(firn_optimizer_kind kind,
                                               float rate) {
  const firn_optimizer o = {kind, 0, rate, 0, 0, false, 0, 0, 0, 0, 0};
  return o;
}
static inline firn_optimizer firn_gradient_descent(float rate) {
  return firn_optimizer_of(FIRN_GRADIENT_DESCENT, rate);
}
static inline firn_optimizer firn_momentum(float rate, float momentum) {
  firn_optimizer o = firn_optimizer_of(FIRN_MOMENTUM, rate);
  o.momentum = momentum;
  return o;
}
static inline firn_optimizer firn_adam(float rate) {
  return firn_optimizer_of(FIRN_ADAM, rate);
}
static inline firn_optimizer firn_rms_prop(float rate) {
  return firn_optimizer_of(FIRN_RMS_PROP, rate);
}
static inline firn_optimizer firn_adagrad(float rate) {
  return firn_optimizer_of(FIRN_ADAGRAD, rate);
}

/* A node that takes one step down the gradients of `loss` by all trainable
 * variables, and adds 1 to `step` (the handle of an integer variable, or
 * FIRN_NO_OUTPUT); in the collection "train_op". Slots are variables with
 * TensorFlow's names: w/Adam, w/Adam_1, beta1_power ... */
FIRN_API firn_output firn_nn_minimize(firn_builder *b,
                                      const firn_optimizer *optimizer,
                                      firn_output loss, firn_output step);

/* The same with gradients of your own, one for each variable; those that are
 * FIRN_NO_OUTPUT are left out. */
FIRN_API firn_output firn_nn_apply_gradients(firn_builder *b,
                                             const firn_optimizer *optimizer,
                                             const firn_output *gradients,
                                             const firn_output *variables,
                                             size_t count, firn_output step);

#ifdef __cplusplus
}
#endif

#endif
