/* graph/function.h: the body of a function as a graph.
 *
 * A FunctionDef names things in its own way: "x" is an argument, "n:out:1" the
 * second tensor of output argument `out` of node `n`. Here it becomes an
 * ordinary graph: each argument is an `_Arg` node of its name, inputs are
 * "n:k", and attrs that say
 * "$T" get the caller's value. What the function returns are edges of that
 * graph.
 *
 * Ownership: a function owns its graph and arena; the FunctionDef and the outer
 * graph outlive it. Threads:   immutable after building.
 */
#ifndef FIRN_GRAPH_FUNCTION_H
#define FIRN_GRAPH_FUNCTION_H

#include "graph/graph.h"

typedef struct firn_function {
  const firn_pb_FunctionDef *def;
  firn_graph *graph;
  firn_arena arena;
  uint32_t *args; /* the _Arg nodes, in order                  */
  size_t arg_count;
  firn_edge *rets; /* what is returned, in order                */
  size_t ret_count;
  uint32_t *effects; /* nodes that run although nobody takes them */
  size_t effect_count;
} firn_function;

/* Instantiates `def`, which `outer` can call. `attrs` are those of the call (or
 * of its func attr), for bodies that leave types open. INVALID_ARGUMENT names
 * the function and what does not fit. */
FIRN_CHECKED firn_code
firn_function_new(const firn_graph *outer, const firn_pb_FunctionDef *def,
                  firn_pb_NodeDef_AttrEntry *const *attrs, size_t attr_count,
                  const firn_env *env, firn_function **out, firn_error *err);
void firn_function_free(firn_function *function);

/* The argument that return value i hands back untouched, or -1. */
int64_t firn_function_passes(const firn_function *function, size_t i);

#endif
