/* ops/blame.h: which node refused, and what it was given.
 *
 *   node 'pick' (GatherV2): index 7 is not in [0, 5)
 *     params ('table' float32 [5,2]), indices ('ids' int32 [2]) = [1 7], ...
 *
 * Kernels and shape functions say what is wrong; only the caller knows what the
 * inputs are called in the graph, and so which of them to look for.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_BLAME_H
#define FIRN_OPS_BLAME_H

#include "ops/op.h"

/* Puts the node and its op in front of the message and returns `code`. Where
 * the code blames the inputs, a further line lists them as far as they are
 * known: `in` may be NULL, and an entry without a type is left out. A message
 * that has lines already keeps those: it comes from a node within. */
firn_code firn_node_failed(const firn_node *node, const firn_info *in,
                           size_t count, firn_code code, firn_error *err);

#endif
