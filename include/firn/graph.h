/* firn/graph.h: walk and write a TensorFlow graph.
 *
 * A graph is a list of nodes; a node has a name, an op, inputs and outputs.
 * Output i of node `n` is the tensor `n:i`. Graphs come from firn_model_graph,
 * which reads them from any file, or from bytes in memory by firn_graph_parse.
 *
 *   for (size_t i = 0; i < firn_graph_count(graph); i++) {
 *     const firn_graph_node node = firn_graph_at(graph, i);
 *     printf("%.*s\n", (int)node.name.size, node.name.data);
 *   }
 *
 * Ownership: what is borrowed from a graph lives as long as the graph.
 * Threads:   immutable: share freely.
 */
#ifndef FIRN_GRAPH_H
#define FIRN_GRAPH_H

#include "firn/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct firn_graph firn_graph;

/* One node. Strings are borrowed. `outputs` is 0 also for ops whose definition
 * nobody knows (`known` false). */
typedef struct firn_graph_node {
  firn_str name, op, device;
  size_t inputs; /* data inputs first, control inputs ("^name") after */
  size_t outputs;
  bool known;
} firn_graph_node;

/* Parses a GraphDef, binary or text (told by its content). The bytes must
 * outlive the graph. DATA_LOSS or INVALID_ARGUMENT say where. */
FIRN_API FIRN_CHECKED firn_code firn_graph_parse(firn_bytes bytes,
                                                 const firn_options *options,
                                                 firn_graph **out,
                                                 firn_error *err);
FIRN_API void firn_graph_free(firn_graph *graph);

/* The number of nodes, and the i-th in file order. */
FIRN_API size_t firn_graph_count(const firn_graph *graph);
FIRN_API firn_graph_node firn_graph_at(const firn_graph *graph, size_t i);

/* The index of the node of that name, or SIZE_MAX. */
FIRN_API size_t firn_graph_find_node(const firn_graph *graph, const char *name);

/* The k-th input of node i as the file names it: "a", "a:1", "^a". */
FIRN_API firn_str firn_graph_input(const firn_graph *graph, size_t i, size_t k);

/* The type of output k of node i; reference types are above 100, FIRN_INVALID
 * is unknown. */
FIRN_API int firn_graph_output_type(const firn_graph *graph, size_t i,
                                    size_t k);

/* Writes the graph to `path`: text when the name ends in .pbtxt, else binary.
 * The file appears whole or not at all. "-" is standard output. */
FIRN_API FIRN_CHECKED firn_code firn_graph_write(const firn_graph *graph,
                                                 const char *path,
                                                 firn_error *err);

/* The binary form in memory, for those who keep graphs elsewhere; free() it. */
FIRN_API FIRN_CHECKED firn_code firn_graph_bytes(const firn_graph *graph,
                                                 void **data, size_t *size,
                                                 firn_error *err);

#ifdef __cplusplus
}
#endif

#endif
