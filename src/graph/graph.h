/* graph/graph.h: a GraphDef made walkable.
 *
 * A graph is an array of nodes in file order. A node borrows its NodeDef (name,
 * op, attrs, device) and adds what a walk needs: its inputs as edges (node,
 * output number), its control inputs, and the types of its outputs by the op's
 * definition. Op names are interned: each distinct op is a firn_op_type, looked
 * up once per graph, where higher layers hang what they know of the op.
 *
 * Import is lenient: an unknown op, an input that names no node, an attr that
 * the op does not have are facts to be recorded, not errors, because they
 * matter only when they are reached. firn_graph_check complains about a set of
 * nodes.
 *
 * A graph only grows: nodes are appended, never removed or renumbered, and
 * `generation` counts the additions so that a live session can follow. The body
 * of a function is a graph of its own, made with firn_graph_new and
 * firn_graph_append_all, whose `outer` is the graph that holds the library.
 *
 * Ownership: a graph owns its arena. Nodes and strings are borrowed, from it
 *            and from the messages it was made of, which outlive it.
 * Threads:   immutable after building.
 */
#ifndef FIRN_GRAPH_GRAPH_H
#define FIRN_GRAPH_GRAPH_H

#include "base/map.h"
#include "firn/graph.h"
#include "opdef/opdef.h"
#include "tensor/tensor.h"
#include "tensor/tensor_proto.h"

/* One distinct op of a graph. */
typedef struct firn_op_type {
  firn_str name;
  const firn_pb_OpDef *def; /* NULL: neither the table nor the .meta knows it */
  _Atomic(const struct firn_op *) op; /* the ops layer's answer, once asked   */
  uint32_t index;                     /* in graph->types */
} firn_op_type;

/* Output `output` of node `node`. */
typedef struct firn_edge {
  uint32_t node; /* FIRN_NO_NODE: the input names no node of the graph */
  uint32_t output;
} firn_edge;

typedef struct firn_node {
  const firn_pb_NodeDef *def;
  firn_op_type *type;
  uint32_t index;
  uint32_t input_count, control_count, output_count;
  const firn_edge *inputs;
  const uint32_t *controls;    /* nodes; FIRN_NO_NODE as above            */
  const int16_t *output_types; /* firn_dtype, reference types above 100;
                                  0 where the attrs do not say           */
  bool outputs_known;          /* false: the op is unknown, or its attrs do not
                                  say how many outputs there are          */
  const struct firn_graph *graph;
} firn_node;

struct firn_graph {
  firn_arena arena;
  firn_env env;
  const firn_pb_GraphDef *def; /* as imported, or NULL                 */
  const firn_graph *outer;     /* whose functions can be called, or NULL */
  firn_node **nodes;
  uint32_t node_count, node_capacity;
  uint64_t generation;
  firn_map names;     /* node name → index                    */
  firn_map functions; /* function name → firn_pb_FunctionDef  */
  firn_map op_names;  /* op name → firn_op_type               */
  firn_op_type **types;
  uint32_t type_count, type_capacity;
  firn_map extra_ops;     /* op name → firn_pb_OpDef of a .meta   */
  uint32_t spare_outputs; /* see graph/arity.c                    */
};

/* Builds a graph from a parsed message that outlives it. `extra_ops` (a .meta's
 * stripped_op_list) defines ops that the table does not know; may be NULL. Two
 * nodes of one name are INVALID_ARGUMENT. */
FIRN_CHECKED firn_code firn_graph_import(const firn_pb_GraphDef *def,
                                         const firn_pb_OpList *extra_ops,
                                         const firn_env *env, firn_graph **out,
                                         firn_error *err);

/* Whether the bytes of a message are its text form. */
bool firn_graph_is_text(firn_bytes bytes);

/* An empty graph. `outer` (may be NULL) lends its functions and extra ops, and
 * must outlive the graph. */
FIRN_CHECKED firn_code firn_graph_new(const firn_graph *outer,
                                      const firn_env *env, firn_graph **out,
                                      firn_error *err);

/* Adds the functions of a library, which outlives the graph. Of two functions
 * of one name the later counts. */
FIRN_CHECKED firn_code firn_graph_add_functions(
    firn_graph *graph, const firn_pb_FunctionDefLibrary *library,
    firn_error *err);

/* The function of that name, of this graph or of an outer one, or NULL. */
const firn_pb_FunctionDef *firn_graph_function(const firn_graph *graph,
                                               firn_str name);

/* Appends one node; its inputs must be there already (or be named by nobody yet
 * known). Used by rewrites and builders. The message must outlive the graph. */
FIRN_CHECKED firn_code firn_graph_append(firn_graph *graph,
                                         const firn_pb_NodeDef *def,
                                         firn_node **out, firn_error *err);

/* Appends nodes that may name each other in any order. All or, when a name is
 * there already, none. */
FIRN_CHECKED firn_code firn_graph_append_all(firn_graph *graph,
                                             firn_pb_NodeDef *const *defs,
                                             size_t count, firn_error *err);

/* The op of that name, whose definition is NULL when nobody knows it. The name
 * must outlive the graph. */
FIRN_CHECKED firn_code firn_graph_op(firn_graph *graph, firn_str op,
                                     firn_op_type **out, firn_error *err);

/* A node by name, or NULL; the parts of "name:1", "name" (output 0) and "^name"
 * (output FIRN_CONTROL); false when the text is none of these. */
const firn_node *firn_graph_find(const firn_graph *graph, firn_str name);
enum { FIRN_CONTROL = -1 };
bool firn_tensor_name_split(firn_str text, firn_str *node, int64_t *output);

/* The tensor of that name ("name" means "name:0"). NOT_FOUND with up to three
 * near names in the message; OUT_OF_RANGE when the node has no such output. Of
 * a node whose outputs are not known any output is taken. */
FIRN_CHECKED firn_code firn_graph_tensor(const firn_graph *graph, firn_str name,
                                         firn_edge *out, firn_error *err);

/* The node of that name; a tensor name is taken as its node. NOT_FOUND as
 * above. */
FIRN_CHECKED firn_code firn_graph_need(const firn_graph *graph, firn_str name,
                                       const firn_node **out, firn_error *err);

/* Up to `max` names near `name`, best first, borrowed. Returns how many. */
size_t firn_graph_near(const firn_graph *graph, firn_str name, firn_str *out,
                       size_t max);

/* The type of what flows over an edge; FIRN_INVALID when it leads nowhere. */
static inline firn_dtype firn_edge_type(const firn_graph *g, firn_edge e) {
  if (e.node >= g->node_count) return FIRN_INVALID;
  const firn_node *node = g->nodes[e.node];
  return e.output < node->output_count
             ? (firn_dtype)node->output_types[e.output]
             : FIRN_INVALID;
}

/* ---- Arguments ---------------------------------------------------------- */

/* One argument of an op's definition after another, spread out: the type of
 * each input or output of a node by its attrs.
 *
 *   firn_arg_walk walk = firn_walk_inputs(node);
 *   for (int type; (type = firn_arg_next(&walk)) >= 0;) ...
 *   if (walk.unknown) ...  attrs are missing or make no sense
 */
typedef struct firn_arg_walk {
  const firn_node *node;
  firn_pb_OpDef_ArgDef *const *args;
  size_t arg, arg_count; /* the next argument, and their number */
  uint64_t left;         /* of the argument before that         */
  const int32_t *list;   /* the types left of a list(type), or NULL */
  int type;              /* else the one type                   */
  bool is_ref, unknown;
} firn_arg_walk;

firn_arg_walk firn_walk_inputs(const firn_node *node);
firn_arg_walk firn_walk_outputs(const firn_node *node);
int firn_arg_next(firn_arg_walk *walk); /* -1 at the end; 0: of unknown type */

/* Whether a node has as many inputs as its op wants, where that is known. */
FIRN_CHECKED firn_code firn_check_arity(const firn_node *node, firn_error *err);

/* The outputs that the output argument `arg` stands for ("output" of a node in
 * a function body: "node:output:1"). False when there is none of that name. */
bool firn_node_output_named(const firn_node *node, firn_str arg,
                            uint32_t *first, uint32_t *count);

/* ---- Walks -------------------------------------------------------------- */

/* Marks (true in marks[node_count]) every node that `roots` need: through data
 * and control inputs and, with `colocation`, the `loc:@` names of `_class`. A
 * marked node on entry is a wall: neither it nor what only it needs is walked.
 */
FIRN_CHECKED firn_code firn_graph_reach(const firn_graph *graph,
                                        const uint32_t *roots, size_t count,
                                        bool colocation, bool *marks,
                                        firn_error *err);

/* Writes the marked nodes in an order in which inputs come first (ties by file
 * order). An edge out of a NextIteration does not count. INVALID_ARGUMENT names
 * the nodes of a cycle. */
FIRN_CHECKED firn_code firn_graph_order(const firn_graph *graph,
                                        const bool *marks, uint32_t *order,
                                        size_t *count, firn_error *err);

/* Refuses marked nodes whose inputs name no node or an output that the node
 * does not have, are fewer or more than the op takes, or of another type than
 * it takes. One error that lists them all; INVALID_ARGUMENT. What unknown ops
 * give and take is not judged. */
FIRN_CHECKED firn_code firn_graph_check(const firn_graph *graph,
                                        const bool *marks, firn_error *err);

/* ---- Attributes --------------------------------------------------------- */

/* What firn_pb_AttrValue.value_case says. */
enum {
  FIRN_ATTR_LIST = 1,
  FIRN_ATTR_STRING,
  FIRN_ATTR_INT,
  FIRN_ATTR_FLOAT,
  FIRN_ATTR_BOOL,
  FIRN_ATTR_TYPE,
  FIRN_ATTR_SHAPE,
  FIRN_ATTR_TENSOR,
  FIRN_ATTR_PLACEHOLDER,
  FIRN_ATTR_FUNC,
};

/* The attr of a node, or else the op's default, or else NULL. */
const firn_pb_AttrValue *firn_attr(const firn_node *node, const char *name);
const firn_pb_AttrValue *firn_attr_named(const firn_node *node, firn_str name);

/* Typed reading. INVALID_ARGUMENT when the attr is missing (and has no default)
 * or of another kind: "node 'n' (Op): attr 'T' ...". The _or forms give
 * `other`. */
FIRN_CHECKED firn_code firn_attr_type(const firn_node *node, const char *name,
                                      firn_dtype *out, firn_error *err);
FIRN_CHECKED firn_code firn_attr_int(const firn_node *node, const char *name,
                                     int64_t *out, firn_error *err);
FIRN_CHECKED firn_code firn_attr_float(const firn_node *node, const char *name,
                                       float *out, firn_error *err);
FIRN_CHECKED firn_code firn_attr_bool(const firn_node *node, const char *name,
                                      bool *out, firn_error *err);
FIRN_CHECKED firn_code firn_attr_str(const firn_node *node, const char *name,
                                     firn_str *out, firn_error *err);
FIRN_CHECKED firn_code firn_attr_shape(const firn_node *node, const char *name,
                                       firn_shape *out, firn_error *err);

/* A list of ints, borrowed; an absent attr without default gives none. */
FIRN_CHECKED firn_code firn_attr_ints(const firn_node *node, const char *name,
                                      const int64_t **out, size_t *count,
                                      firn_error *err);
int64_t firn_attr_int_or(const firn_node *node, const char *name,
                         int64_t other);
bool firn_attr_bool_or(const firn_node *node, const char *name, bool other);
float firn_attr_float_or(const firn_node *node, const char *name, float other);
firn_str firn_attr_str_or(const firn_node *node, const char *name,
                          const char *other);
firn_dtype firn_attr_type_or(const firn_node *node, const char *name,
                             firn_dtype other);

/* The i-th type of a list(type) attr, or FIRN_INVALID; and their number. */
firn_dtype firn_attr_type_at(const firn_node *node, const char *name, size_t i);
size_t firn_attr_type_count(const firn_node *node, const char *name);

#endif
