/* graph/inline.h: calls of functions as plain nodes.
 *
 * The part of a graph that some tensors need becomes one flat list of nodes: a
 * call's body stands where the call stood, each node under the name
 * "caller/inner". Inputs that are fed are replaced by tensors of other names,
 * and names that somebody else wants are left free.
 *
 *   graph:     y = PartitionedCall[f](x)      function f(a): r = Relu(a)
 *   becomes:   y/r = Relu(x)
 *
 * What stays: control inputs, and that a call's effects (a Print, an Assert)
 * happen when any of its outputs is used: the outputs of such a call wait for a
 * NoOp of its name. A function that calls itself is left as a call.
 *
 * With `lower` If, Case and While go as well: they become Switch and Merge,
 * Enter and Exit, which every TensorFlow since 2015 runs.
 *
 * Ownership: firn_inlined owns its nodes; what they borrow belongs to the
 *            graph.
 * Threads:   confined.
 */
#ifndef FIRN_GRAPH_INLINE_H
#define FIRN_GRAPH_INLINE_H

#include "graph/function.h"

typedef struct firn_inline_wish {
  bool calls; /* calls are expanded                                       */
  bool lower; /* If, Case and While, too; only with `calls`               */
  const firn_edge *feeds; /* what is fed, and the tensors that stand for it */
  const firn_str *feed_names;
  size_t feed_count;
  const firn_edge *fetches;
  size_t fetch_count;
  const uint32_t *targets; /* nodes that run for their effect             */
  size_t target_count;
  const firn_str *reserved; /* names that no node may get                 */
  size_t reserved_count;
} firn_inline_wish;

typedef struct firn_inlined {
  firn_arena arena;
  firn_pb_NodeDef **nodes; /* inputs first, but for loops                 */
  const firn_node **from;  /* the node that each is a copy of; NULL: new  */
  uint32_t count, capacity;
  firn_str *fetches; /* the tensor that is each fetch now                 */
  firn_str *targets; /* the node that is each target now                  */
  firn_function **functions; /* the bodies that `from` points into        */
  size_t function_count, function_capacity;
} firn_inlined;

/* INVALID_ARGUMENT or NOT_FOUND for a call that fits no function,
 * RESOURCE_EXHAUSTED for calls nested too deeply or too many nodes.
 * firn_inlined_fini frees, also after a failure. */
FIRN_CHECKED firn_code firn_graph_inline(const firn_graph *graph,
                                         const firn_inline_wish *wish,
                                         firn_inlined *out, firn_error *err);
void firn_inlined_fini(firn_inlined *inlined);

/* ---- Effects ------------------------------------------------------------ */

/* What is known of functions by name, to be asked often. */
typedef struct firn_effects {
  const firn_graph *graph; /* whose functions they are */
  firn_arena arena;
  firn_map ops, functions;
} firn_effects;

void firn_effects_init(firn_effects *effects, const firn_graph *graph);
void firn_effects_fini(firn_effects *effects);

/* Whether running the node changes or shows anything besides its outputs:
 * assignments, assertions, prints, queues; not what only reads a variable,
 * makes a handle or draws a random number. Nodes that call functions do what
 * these do; an op that nobody knows may do anything. */
FIRN_CHECKED firn_code firn_effects_of(firn_effects *effects,
                                       const firn_node *node, bool *out,
                                       firn_error *err);

/* carries[n] is set for marked nodes that have an effect, or need one that has.
 * With `flow`, Switch, Merge, Enter and the like count as effects: whoever
 * waits for them may be dead, or in a loop. */
FIRN_CHECKED firn_code firn_effects_carried(firn_effects *effects,
                                            const firn_graph *graph,
                                            const bool *marks, bool flow,
                                            bool *carries, firn_error *err);

/* Whether it is an op of V1 control flow. */
bool firn_is_flow(const firn_node *node);

/* Visits the function attrs of a node: `visit` gets each function's name and
 * attrs. */
FIRN_CHECKED firn_code
firn_each_func(const firn_pb_NodeDef *def,
               firn_code (*visit)(void *ud, const firn_pb_NameAttrList *func,
                                  firn_error *err),
               void *ud, firn_error *err);

#endif
