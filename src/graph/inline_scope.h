/* graph/inline_scope.h: between the parts of inlining: inline_node.c
 * copies nodes, inline.c expands calls, lower.c expands If, Case and While.
 *
 * A scope is one graph (the main one, or a function's body for one call) while
 * its nodes are written. Tensors and nodes of the result are known by name.
 *
 * Threads: confined.
 */
#ifndef FIRN_GRAPH_INLINE_SCOPE_H
#define FIRN_GRAPH_INLINE_SCOPE_H

#include "graph/inline.h"

typedef struct inliner {
  const firn_graph *graph;
  const firn_inline_wish *wish;
  firn_inlined *out;
  firn_arena *arena; /* the result's */
  firn_map names;    /* taken ones   */
  firn_effects effects;
  uint64_t seen; /* nodes of all scopes so far */
} inliner;

/* Nodes that a result may have, and scopes on the way to it. */
enum { FIRN_INLINE_MOST = 1 << 22 };
FIRN_CHECKED firn_code firn_inline_too_many(firn_error *err);

/* A list of names that grows in the result's arena. */
typedef struct name_list {
  firn_str *item;
  size_t count, capacity;
} name_list;

typedef struct scope {
  inliner *in;
  const firn_graph *graph;
  const firn_function *function; /* NULL: the main graph                  */
  const struct scope *caller;
  firn_str prefix;       /* "" or "caller/"                               */
  const firn_str *args;  /* the tensor that is each argument              */
  const name_list *gate; /* what has to run before anything in here       */
  uint32_t depth;
  bool flow;       /* the graph has Switch, Enter and the like             */
  bool *marks;     /* per node: needed                                     */
  bool *waited;    /* per node: its name must stand for its being done     */
  firn_str *name;  /* per node                                             */
  firn_str **outs; /* per expanded node: the tensors it gives             */
} scope;

/* What a body gives: a tensor for each return value, and the nodes that its
 * effects end in. */
typedef struct body {
  firn_str *rets;
  name_list done;
} body;

FIRN_CHECKED firn_code firn_names_add(inliner *in, name_list *list,
                                      firn_str name, firn_error *err);

/* A name that no node has yet: "stem", "stem_1", ... */
FIRN_CHECKED firn_code firn_inline_unique(inliner *in, firn_str stem,
                                          firn_str *out, firn_error *err);
FIRN_CHECKED firn_code firn_inline_name(inliner *in, firn_str *out,
                                        firn_error *err, const char *fmt, ...)
    FIRN_PRINTF(4, 5);

/* The tensor that an edge is in the result, or its type. */
firn_str firn_inline_tensor(const scope *s, firn_edge edge);
FIRN_CHECKED firn_code firn_inline_type(const scope *s, const firn_node *node,
                                        firn_edge edge, firn_dtype *out,
                                        firn_error *err);

/* Whether an edge of the main graph is fed, or any output of a node: by which
 * feed. Whether a node is an argument of the function. */
bool firn_inline_fed(const scope *s, firn_edge edge, size_t *which);
bool firn_inline_fed_at_all(const scope *s, uint32_t node, size_t *which);
bool firn_inline_argument(const scope *s, uint32_t node);

/* The node of the result that stands for a node's being done. */
firn_str firn_inline_control(const scope *s, uint32_t node);

/* Writes the node as it is, under its new name and with its new inputs. */
FIRN_CHECKED firn_code firn_inline_copy(scope *s, const firn_node *node,
                                        firn_error *err);

/* Output `k` of a node of that name. */
firn_str firn_inline_output(inliner *in, firn_str name, uint32_t k);

/* The nodes that a node's control inputs are. */
FIRN_CHECKED firn_code firn_inline_controls(const scope *s,
                                            const firn_node *node,
                                            name_list *list, firn_error *err);

/* Adds a new node with attr T (unless `type` is 0) and room for three more. */
FIRN_CHECKED firn_code firn_inline_add(inliner *in, firn_str name,
                                       const char *op, firn_dtype type,
                                       const firn_str *inputs, size_t count,
                                       const name_list *controls,
                                       firn_pb_NodeDef **out, firn_error *err);
FIRN_CHECKED firn_code firn_inline_attr(inliner *in, firn_pb_NodeDef *def,
                                        const char *name, int32_t value_case,
                                        firn_pb_AttrValue **out,
                                        firn_error *err);

/* The function of a func attr, instantiated. NOT_FOUND, INVALID_ARGUMENT. */
FIRN_CHECKED firn_code firn_inline_function(scope *s, const firn_node *node,
                                            const firn_pb_NameAttrList *func,
                                            size_t args,
                                            const firn_function **f,
                                            firn_error *err);

/* Whether one of the bodies at work is that function's. */
bool firn_inline_recurses(const scope *s, const firn_function *f);

/* Writes the body of `f` under "name/". */
FIRN_CHECKED firn_code firn_inline_body(scope *caller, const firn_node *node,
                                        const firn_function *f, firn_str name,
                                        const firn_str *args,
                                        const name_list *gate, body *out,
                                        firn_error *err);

/* Records what an expanded node gives; a NoOp of its name waits for `done` when
 * somebody wants to know, and its outputs wait for that when it has effects. */
FIRN_CHECKED firn_code firn_inline_finish(scope *s, const firn_node *node,
                                          firn_str *outs, size_t count,
                                          const name_list *done,
                                          const name_list *before,
                                          firn_error *err);

/* Expands If, Case and While; *done is false for any other node, and for
 * recursion. */
FIRN_CHECKED firn_code firn_lower(scope *s, const firn_node *node, bool *done,
                                  firn_error *err);

#endif
