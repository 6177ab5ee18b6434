/* build/builder.h: a builder as the files of this layer see it.
 *
 *   builder.c      its life, its failure, its graph; functions
 *   name_scope.c   scopes, and names that nobody has yet
 *   node_begin.c   a node under construction: arguments, attrs
 *   node_end.c     ... against its definition, and into the graph
 *   constant.c     Const nodes
 *   collection.c   collections, and the variables in them
 *   meta.c         the graph as a MetaGraphDef, and collections out of one
 *   save_nodes.c   the nodes that save and restore
 *   know.c         what is known of each output before any run
 *
 * What gradients need is here: the graph (b->graph, whose nodes are in an order
 * in which inputs come first, but for a loop's back edges), what is known of
 * every output, who takes it, and ways to add what the public words cannot.
 *
 * Ownership: everything lies in the builder's arena until the builder is freed.
 * Threads:   confined.
 */
#ifndef FIRN_BUILD_BUILDER_H
#define FIRN_BUILD_BUILDER_H

#include "build/know.h"

/* A node under construction, and the one that waits for it to be done. */
typedef struct firn_draft firn_draft;

/* Outputs, or nodes without any, under a key, as TensorFlow's collections. */
typedef struct firn_collection {
  struct firn_collection *next;
  firn_str key;
  firn_output *items;
  uint32_t count, capacity;
  const firn_pb_CollectionDef *raw; /* of a kind that is only handed on */
} firn_collection;

/* A variable and the nodes that belong to it. */
typedef struct firn_built_variable {
  firn_output handle;  /* VarHandleOp, or VariableV2                   */
  firn_output assign;  /* gives it its first value: NAME/Assign        */
  firn_output read;    /* NAME/Read/ReadVariableOp, or NAME/read       */
  firn_output initial; /* what it is assigned first                    */
  bool resource, trainable;
} firn_built_variable;

/* Where new nodes are put, when not simply into the graph: a loop's frame. */
typedef struct firn_place {
  /* The output that a node there takes instead of this one; NULL: the same. */
  firn_output (*bring)(struct firn_place *place, firn_output o);
  void (*placed)(struct firn_place *place, uint32_t node);
  firn_output pivot; /* what a node without inputs waits for; or none */
} firn_place;

struct firn_builder {
  firn_env env;
  firn_arena arena;
  firn_graph *graph;
  firn_pb_GraphDef def; /* graph->def: versions and library */
  firn_info **infos;    /* infos[n][k]: what is known of n:k */
  uint32_t info_capacity;
  uint32_t taken_over; /* the nodes before this one were the base's */
  firn_code failed;    /* the first failure; FIRN_OK: none so far */
  firn_error err;
  firn_map taken;   /* names in use, in small letters → how often asked for */
  firn_str *scopes; /* the stack: full names without the last slash */
  uint32_t scope_count, scope_capacity;
  firn_draft *draft;            /* the innermost node under construction */
  firn_place *place;            /* of the nodes that are added; or NULL  */
  firn_collection *collections; /* in the order of their making */
  firn_built_variable *variables;
  uint32_t variable_count, variable_capacity;
  const firn_pb_SaverDef
      *saver;    /* as firn_builder_add_saver left it; or NULL */
  bool has_seed; /* the graph's seed, for random nodes */
  int64_t seed;
  int64_t random_count; /* the seeds handed out in order so far */
  uint32_t body_count;  /* functions whose gradients were made so far */
};

/* ---- Failure ------------------------------------------------------------ */

/* Notes down the first failure; later ones are dropped. */
void firn_builder_fail(firn_builder *b, firn_code code, const char *fmt, ...)
    FIRN_PRINTF(3, 4);

/* The same with a code and an error that came up from below: true when `code`
 * is FIRN_OK. The error is cleared. */
bool firn_builder_ok(firn_builder *b, firn_code code, firn_error *err);

/* Zeroed memory of the builder; NULL has been noted down as a failure. */
void *firn_builder_alloc(firn_builder *b, size_t count, size_t size);

/* Text formatted as by printf in the arena, terminated. Its length is 0 and its
 * text "" when memory is short, which has been noted down. */
firn_str firn_builder_text(firn_builder *b, const char *fmt, ...)
    FIRN_PRINTF(2, 3);

/* Room for one more item behind `count` ones; false when memory is short. */
bool firn_builder_grow(firn_builder *b, void *array, uint32_t count,
                       uint32_t *capacity, size_t item);

/* ---- The graph so far --------------------------------------------------- */

static inline const firn_node *firn_node_of(const firn_builder *b,
                                            firn_output o) {
  return o.node < b->graph->node_count ? b->graph->nodes[o.node] : NULL;
}

/* What is known of an output; never NULL: no output is of unknown shape. */
const firn_info *firn_info_at(const firn_builder *b, firn_output o);

/* The output that input `i` of a node takes. */
static inline firn_output firn_input_of(const firn_node *node, uint32_t i) {
  return i < node->input_count
             ? (firn_output){node->inputs[i].node, node->inputs[i].output}
             : FIRN_NO_OUTPUT;
}

static inline bool firn_output_same(firn_output a, firn_output b) {
  return a.node == b.node && a.index == b.index;
}

/* Who takes what: the data inputs that come from node n are takers[at[n]] to
 * takers[at[n + 1]]: node and the number of its input. Of the graph as it is
 * now. */
typedef struct firn_takers {
  uint32_t *at;
  firn_edge *takers; /* .output is the number of the input */
} firn_takers;
FIRN_CHECKED bool firn_builder_takers(firn_builder *b, firn_arena *arena,
                                      firn_takers *out);

/* ---- What the public words cannot --------------------------------------- */

/* The attr of the node under construction gets this value, which lives as long
 * as the builder: to copy an attr from another node. */
void firn_op_attr_value(firn_builder *b, firn_str name,
                        const firn_pb_AttrValue *value);

/* A name as the next node of that name would get, and keeps it for the caller;
 * with `mark` false it only looks. Terminated. */
firn_str firn_builder_unique(firn_builder *b, const char *name, bool mark);

/* Makes input `i` of a node that no session has run yet another one: for the
 * back edge of a loop's Merge. */
void firn_builder_rewire(firn_builder *b, uint32_t node, uint32_t i,
                         firn_output input);

/* Says more about an output's shape than its node can. */
void firn_builder_set_shape(firn_builder *b, firn_output o,
                            const firn_shape *shape);

/* Adds a function to the graph's library; the message lives as long as the
 * builder. One of that name already is ALREADY_EXISTS. */
void firn_builder_add_function(firn_builder *b,
                               const firn_pb_FunctionDef *function);

/* ---- Variables and collections ------------------------------------------ */

/* Notes a variable down; it is in no collection yet. */
void firn_builder_add_variable(firn_builder *b,
                               const firn_built_variable *variable);

/* The variable of that handle, or NULL. */
const firn_built_variable *firn_builder_variable(const firn_builder *b,
                                                 firn_output handle);

/* The collection of that key; NULL when there is none and it is not made. */
firn_collection *firn_builder_collection(firn_builder *b, const char *key,
                                         bool make);

/* The graph with collections, saver and the definitions of its ops, in another
 * arena; nodes and strings are borrowed. */
FIRN_CHECKED firn_code firn_builder_meta(const firn_builder *b,
                                         firn_arena *arena,
                                         firn_pb_MetaGraphDef **out,
                                         firn_error *err);

/* Takes over collections and saver of a MetaGraphDef, which outlives the
 * builder; its graph is the builder's already. What names no node is left out.
 */
void firn_builder_take_meta(firn_builder *b, const firn_pb_MetaGraphDef *meta);

/* ---- Shared by the node's files ----------------------------------------- */

typedef struct firn_draft_arg {
  const firn_output *items;
  size_t count;
  bool list;
} firn_draft_arg;

struct firn_draft {
  firn_draft *outer;
  firn_str op, name, device; /* the name is unique already, and terminated */
  firn_draft_arg *args;
  uint32_t arg_count, arg_capacity;
  uint32_t *controls;
  uint32_t control_count, control_capacity;
  firn_pb_NodeDef_AttrEntry **attrs;
  uint32_t attr_count, attr_capacity;
};

/* The name of the scope that is open, without the last slash, or empty. */
firn_str firn_builder_scope(const firn_builder *b);

/* Takes note of names that are in the graph already. */
FIRN_CHECKED bool firn_builder_take_name(firn_builder *b, firn_str name);

#endif
