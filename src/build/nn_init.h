/* build/nn_init.h: between variables and their first values.
 *
 * Threads: confined.
 */
#ifndef FIRN_BUILD_NN_INIT_H
#define FIRN_BUILD_NN_INIT_H

#include "build/nn.h"

/* Adds the nodes that compute the first value of a variable, in the scope that
 * is open. */
firn_output firn_nn_add_init(firn_builder *b, const firn_variable_spec *spec);

/* The attrs of a Const whose elements are all the same, which takes the room of
 * one. */
void firn_nn_fill_attrs(firn_builder *b, firn_dtype dtype, firn_shape shape,
                        double value);

#endif
