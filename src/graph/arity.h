/* graph/arity.h: what the files of this layer share with each other only.
 */
#ifndef FIRN_GRAPH_ARITY_H
#define FIRN_GRAPH_ARITY_H

#include "graph/graph.h"

/* A graph begins with this many outputs to spare: see graph/arity.c. */
enum { FIRN_SPARE_OUTPUTS = 1 << 22 };

/* Sets the number and types of a node's outputs by its op and attrs. */
FIRN_CHECKED firn_code firn_node_set_outputs(firn_graph *graph, firn_node *node,
                                             firn_error *err);

/* What firn_graph_import does to a new graph. */
FIRN_CHECKED firn_code firn_graph_fill(firn_graph *graph,
                                       const firn_pb_GraphDef *def,
                                       const firn_pb_OpList *extra_ops,
                                       firn_error *err);

#endif
