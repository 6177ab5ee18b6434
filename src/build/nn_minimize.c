/* build/nn_minimize.c: from a loss to a train op: gradients by every trainable
 * variable, and an optimiser's step along them. */
#include "build/nn.h"

firn_output firn_nn_minimize(firn_builder *b, const firn_optimizer *optimizer,
                             firn_output loss, firn_output step) {
  const size_t count =
      firn_builder_collected(b, "trainable_variables", NULL, 0);
  firn_output *vars = firn_builder_alloc(b, count, sizeof *vars);
  firn_output *grads = firn_builder_alloc(b, count, sizeof *grads);
  if (!vars || !grads) return FIRN_NO_OUTPUT;
  firn_builder_collected(b, "trainable_variables", vars, count);
  for (size_t i = 0; i < count; i++) grads[i] = FIRN_NO_OUTPUT;
  firn_gradients(b, &loss, 1, vars, count, NULL, grads);
  return firn_nn_train(b, optimizer, grads, vars, count, true, step);
}
