/* build/nn_loss.c: losses, each a scalar under the word's own name. */
#include "build/nn.h"

/* The mean of all elements, under the name of the open scope, which it closes.
 */
static firn_output mean_and_close(firn_builder *b, firn_output x) {
  const firn_str scope = firn_builder_scope(b);
  const char *whole =
      firn_builder_text(b, "%.*s/", (int)scope.size, scope.data).data;
  const firn_output out = firn_nn_mean(b, whole, x, NULL, 0, false);
  firn_builder_pop(b);
  return out;
}

static firn_output cross_entropy(firn_builder *b, const char *op,
                                 const char *name, firn_output logits,
                                 firn_output labels) {
  firn_nn_open(b, name, "loss");
  firn_op_begin(b, op, NULL);
  firn_op_input(b, logits);
  firn_op_input(b, labels);
  return mean_and_close(b, firn_op_end(b));
}

firn_output firn_nn_sparse_softmax_loss(firn_builder *b, const char *name,
                                        firn_output logits,
                                        firn_output labels) {
  return cross_entropy(b, "SparseSoftmaxCrossEntropyWithLogits", name, logits,
                       labels);
}

firn_output firn_nn_softmax_loss(firn_builder *b, const char *name,
                                 firn_output logits, firn_output labels) {
  return cross_entropy(b, "SoftmaxCrossEntropyWithLogits", name, logits,
                       labels);
}

static firn_output choose(firn_builder *b, firn_output which, firn_output x,
                          firn_output y) {
  firn_op_begin(b, "Select", NULL);
  firn_op_input(b, which);
  firn_op_input(b, x);
  firn_op_input(b, y);
  return firn_op_end(b);
}

/* max(x, 0) - x * labels + log(1 + exp(-|x|)): nothing in it overflows. */
firn_output firn_nn_sigmoid_loss(firn_builder *b, const char *name,
                                 firn_output logits, firn_output labels) {
  firn_nn_open(b, name, "loss");
  const firn_output zeros = firn_nn_unary(b, "ZerosLike", NULL, logits);
  const firn_output positive =
      firn_nn_binary(b, "GreaterEqual", NULL, logits, zeros);
  const firn_output upper = choose(b, positive, logits, zeros);
  const firn_output negative = firn_nn_unary(b, "Neg", NULL, logits);
  const firn_output lower = choose(b, positive, negative, logits);
  const firn_output chosen = firn_nn_mul(b, "mul", logits, labels);
  const firn_output left = firn_nn_sub(b, "sub", upper, chosen);
  const firn_output power = firn_nn_unary(b, "Exp", NULL, lower);
  const firn_output right = firn_nn_unary(b, "Log1p", NULL, power);
  return mean_and_close(b, firn_nn_add(b, NULL, left, right));
}

firn_output firn_nn_squared_loss(firn_builder *b, const char *name,
                                 firn_output x, firn_output wanted) {
  firn_nn_open(b, name, "loss");
  return mean_and_close(
      b, firn_nn_binary(b, "SquaredDifference", NULL, x, wanted));
}

firn_output firn_nn_accuracy(firn_builder *b, const char *name,
                             firn_output logits, firn_output labels) {
  firn_nn_open(b, name, "accuracy");
  const firn_output best = firn_nn_argmax(b, NULL, logits, -1);
  const firn_output right = firn_nn_cast(b, "labels", labels, FIRN_INT64);
  const firn_output hit = firn_nn_equal(b, NULL, best, right);
  return mean_and_close(b, firn_nn_cast(b, NULL, hit, FIRN_FLOAT));
}
