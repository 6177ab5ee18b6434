/* build/know.h: what can be said of the outputs of a node before any run.
 *
 * Ownership: everything lies in the caller's arena.
 * Threads:   confined.
 */
#ifndef FIRN_BUILD_KNOW_H
#define FIRN_BUILD_KNOW_H

#include "ops/op.h"

/* infos[n][k] is what is known of output k of node n, or infos[n] is NULL: the
 * node is not known yet. Gives what is known of `node` by its op's shape
 * function: *out is NULL only when memory is short. A node that makes no sense
 * is an error, "node 'n' (Op): ...", with outputs of unknown shape; so are, but
 * without an error, those of an op that firn does not know. */
firn_code firn_know_node(const firn_node *node, firn_info *const *infos,
                         firn_arena *arena, firn_info **out, firn_error *err);

/* The same of a whole graph; nodes that make no sense are no error. NULL when
 * memory is short. */
firn_info **firn_know_graph(const firn_graph *graph, firn_arena *arena);

#endif
