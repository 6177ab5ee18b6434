/* build/nn.h: what the files behind firn/nn.h share.
 *
 * Threads: confined.
 */
#ifndef FIRN_BUILD_NN_H
#define FIRN_BUILD_NN_H

#include "build/builder.h"
#include "firn/nn.h"

/* How a variable is made, beyond what the public words say. */
typedef struct firn_variable_spec {
  firn_dtype dtype;
  firn_shape shape;
  firn_init init;
  const char *init_name; /* of a constant first value; NULL: "Const" */
  bool trainable, reference;
  firn_output beside; /* colocated with this one; or FIRN_NO_OUTPUT */
} firn_variable_spec;

/* Makes a variable and puts it into its collections. */
firn_output firn_nn_make_variable(firn_builder *b, const char *name,
                                  const firn_variable_spec *spec);

/* The attr _class of the node under construction: beside the node of that
 * output. */
void firn_nn_beside(firn_builder *b, firn_output o);

/* The attrs seed and seed2, by TensorFlow's rule. */
void firn_nn_seeds(firn_builder *b, const int64_t *seed);

/* A scalar constant of a float type. */
firn_output firn_nn_scalar(firn_builder *b, const char *name, firn_dtype dtype,
                           double value);

/* Opens the scope of a word; `usual` when it has no name of its own. */
void firn_nn_open(firn_builder *b, const char *name, const char *usual);

/* Begins the node that has the scope's own name. */
void firn_nn_begin_whole(firn_builder *b, const char *op);

/* The type of a value or of what a variable holds. */
firn_dtype firn_nn_value_type(const firn_builder *b, firn_output o);

/* A train op that takes one step along the gradients; those that are
 * FIRN_NO_OUTPUT are left out. With `updates` it also waits for what the
 * collection "update_ops" has. */
firn_output firn_nn_train(firn_builder *b, const firn_optimizer *optimizer,
                          const firn_output *gradients,
                          const firn_output *variables, size_t count,
                          bool updates, firn_output step);

#endif
