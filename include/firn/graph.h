/* firn/graph.h: walk, build and write a TensorFlow graph.
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
 * A builder, further down, makes a graph node by node.
 *
 * Ownership: what is borrowed from a graph lives as long as the graph.
 * Threads:   immutable: share freely; a builder is confined.
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

/* ---- Building ------------------------------------------------------------
 *
 * A builder grows one graph. Each node is checked as it is added: arity, types
 * and attrs by the op's definition, shapes by its shape function. The first
 * failure sticks: what follows does nothing and gives FIRN_NO_OUTPUT, so that a
 * program asks once, with firn_builder_check.
 *
 *   firn_builder *b = NULL;
 *   if (firn_builder_new(NULL, &b, &err) != FIRN_OK) ...
 *   firn_op_begin(b, "Placeholder", "x");
 *   firn_op_attr_type(b, "dtype", FIRN_FLOAT);
 *   const firn_output x = firn_op_end(b);
 *   firn_op_begin(b, "Square", "y");
 *   firn_op_input(b, x);
 *   const firn_output y = firn_op_end(b);
 *   if (firn_builder_check(b, &err) != FIRN_OK) ...
 *
 * firn/nn.h has the words for whole layers, losses and optimisers.
 *
 * Names, values and attrs are copied. Builders are confined to a thread at a
 * time; so are the sessions on their graphs while these grow.
 */
typedef struct firn_builder firn_builder;

/* Output `index` of node `node`. */
typedef struct firn_output {
  uint32_t node, index;
} firn_output;

#define FIRN_NO_NODE UINT32_MAX
#define FIRN_NO_OUTPUT ((firn_output){FIRN_NO_NODE, 0})

/* The output k places further on of the same node. */
static inline firn_output firn_output_next(firn_output first, uint32_t k) {
  firn_output out = first;
  if (first.node != FIRN_NO_NODE) out.index += k;
  return out;
}

/* An empty graph; or one that begins with all nodes and functions of `base`,
 * which must outlive the builder. */
FIRN_API FIRN_CHECKED firn_code firn_builder_new(const firn_options *options,
                                                 firn_builder **out,
                                                 firn_error *err);
FIRN_API FIRN_CHECKED firn_code firn_builder_on(const firn_graph *base,
                                                const firn_options *options,
                                                firn_builder **out,
                                                firn_error *err);

/* Frees the builder and its graph, after the sessions on it. */
FIRN_API void firn_builder_free(firn_builder *b);

/* The first failure: "node 'logits' (MatMul): ..."; FIRN_OK when all is well.
 */
FIRN_API FIRN_CHECKED firn_code firn_builder_check(firn_builder *b,
                                                   firn_error *err);

/* The graph so far. It only grows: a session on it sees what is added later. */
FIRN_API const firn_graph *firn_builder_graph(const firn_builder *b);

/* Opens a name scope: nodes get "NAME/" in front until it is popped. A scope of
 * the same name becomes NAME_1, as in TensorFlow; "NAME/" goes on with the very
 * scope NAME, from the root. Names are told apart without regard to case. */
FIRN_API void firn_builder_push(firn_builder *b, const char *name);
FIRN_API void firn_builder_pop(firn_builder *b);

/* ---- Nodes: begin, then inputs and attrs in any order, then end. */

/* Begins a node. `name` NULL: the op's name. A name that is taken gets _1, _2
 * ...; one that ends in "/" is taken as the full name, without the scope. Other
 * nodes may be built before this one's end, to be its inputs. */
FIRN_API void firn_op_begin(firn_builder *b, const char *op, const char *name);

/* The next argument: one tensor, or a list of them where the op takes one. */
FIRN_API void firn_op_input(firn_builder *b, firn_output input);
FIRN_API void firn_op_inputs(firn_builder *b, const firn_output *inputs,
                             size_t count);

/* The node is run after the node of `before`. */
FIRN_API void firn_op_control(firn_builder *b, firn_output before);
FIRN_API void firn_op_device(firn_builder *b, const char *device);

/* Attrs. Those that follow from the inputs (T, N, Tidx ...) and those with a
 * default may be left out. */
FIRN_API void firn_op_attr_int(firn_builder *b, const char *name,
                               int64_t value);
FIRN_API void firn_op_attr_float(firn_builder *b, const char *name,
                                 float value);
FIRN_API void firn_op_attr_bool(firn_builder *b, const char *name, bool value);
FIRN_API void firn_op_attr_type(firn_builder *b, const char *name,
                                firn_dtype value);
FIRN_API void firn_op_attr_string(firn_builder *b, const char *name,
                                  const char *value);
FIRN_API void firn_op_attr_bytes(firn_builder *b, const char *name,
                                 firn_str value);
FIRN_API void firn_op_attr_shape(firn_builder *b, const char *name,
                                 const firn_shape *value);
FIRN_API void firn_op_attr_tensor(firn_builder *b, const char *name,
                                  const firn_tensor *value);
FIRN_API void firn_op_attr_func(firn_builder *b, const char *name,
                                const char *function);
FIRN_API void firn_op_attr_ints(firn_builder *b, const char *name,
                                const int64_t *values, size_t count);
FIRN_API void firn_op_attr_floats(firn_builder *b, const char *name,
                                  const float *values, size_t count);
FIRN_API void firn_op_attr_types(firn_builder *b, const char *name,
                                 const firn_dtype *values, size_t count);
FIRN_API void firn_op_attr_shapes(firn_builder *b, const char *name,
                                  const firn_shape *values, size_t count);
FIRN_API void firn_op_attr_strings(firn_builder *b, const char *name,
                                   const char *const *values, size_t count);

/* Adds the node and gives its first output; of a node without outputs it is
 * good for firn_op_control and firn_output_name. */
FIRN_API firn_output firn_op_end(firn_builder *b);

/* ---- Constants */

FIRN_API firn_output firn_const(firn_builder *b, const char *name,
                                const firn_tensor *value);
FIRN_API firn_output firn_const_float(firn_builder *b, const char *name,
                                      float value);
FIRN_API firn_output firn_const_int32(firn_builder *b, const char *name,
                                      int32_t value);
FIRN_API firn_output firn_const_int64(firn_builder *b, const char *name,
                                      int64_t value);
FIRN_API firn_output firn_const_bool(firn_builder *b, const char *name,
                                     bool value);
FIRN_API firn_output firn_const_string(firn_builder *b, const char *name,
                                       const char *value);
/* A vector of int32. */
FIRN_API firn_output firn_const_ints(firn_builder *b, const char *name,
                                     const int32_t *values, size_t count);

/* ---- What is known of an output */

/* Its type (a reference's is above 100), FIRN_INVALID for no output; and its
 * shape as far as it is known. */
FIRN_API int firn_output_type(const firn_builder *b, firn_output o);
FIRN_API firn_shape firn_output_shape(const firn_builder *b, firn_output o);

/* Its name, "logits:0", borrowed from the builder, for feeds and fetches; ""
 * for no output. As a target it stands for the node. */
FIRN_API const char *firn_output_name(firn_builder *b, firn_output o);

/* The output of that name ("logits:0", or "logits" for the node's first, or a
 * node without any); NOT_FOUND sticks, with near names. */
FIRN_API firn_output firn_output_named(firn_builder *b, const char *name);

/* ---- Collections */

/* Adds an output, or a node without any, to the collection of that key, as
 * "train_op", "losses" or one of your own: with the graph it is exported. */
FIRN_API void firn_builder_collect(firn_builder *b, const char *key,
                                   firn_output o);

/* What a collection has, in order ("variables" and "trainable_variables": the
 * variables' handles). Returns how many there are and fills in up to `max`. */
FIRN_API size_t firn_builder_collected(const firn_builder *b, const char *key,
                                       firn_output *out, size_t max);

/* Adds the nodes that save and restore the variables there are, under their
 * names, as TensorFlow's Saver does: its tools look for them in a .meta file.
 */
FIRN_API void firn_builder_add_saver(firn_builder *b);

/* ---- Gradients */

/* Adds the nodes that compute the derivatives of the sum of the `ys` by each of
 * the `xs`. `dys` are the derivatives that arrive at the ys, NULL for ones.
 * dxs[i] is FIRN_NO_OUTPUT where no y depends on xs[i]. UNIMPLEMENTED sticks,
 * with the op that has no gradient and the path to it.
 *
 * Derivatives go through calls, If, Case and While, whose functions run again
 * for them: one that draws random numbers or changes something is refused. They
 * go through TensorFlow 1's loops and conditionals (Enter ... Exit, Switch,
 * Merge) and TensorArrays as well, where nothing runs again: the loops that are
 * there are made to keep what the gradient reads, which adds nodes to them.
 * What is inside of such a loop is no x or y. */
FIRN_API void firn_gradients(firn_builder *b, const firn_output *ys, size_t ny,
                             const firn_output *xs, size_t nx,
                             const firn_output *dys, firn_output *dxs);

#ifdef __cplusplus
}
#endif

#endif
