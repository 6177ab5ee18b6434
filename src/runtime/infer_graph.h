/* runtime/infer_graph.h: what can be said of every tensor of a graph before any
 * run.
 *
 * Ownership: everything lies in the caller's arena.
 * Threads:   confined.
 */
#ifndef FIRN_RUNTIME_INFER_GRAPH_H
#define FIRN_RUNTIME_INFER_GRAPH_H

#include "ops/op.h"

/* infos[n][k] is what is known of output k of node n: type, and shape as far as
 * placeholders, constants and the ops' shape functions tell. A node that does
 * not make sense, or whose op firn does not know, has outputs of unknown shape;
 * it is no error. NULL when memory is short. */
firn_info **firn_infer_graph(const firn_graph *graph, firn_arena *arena);

#endif
