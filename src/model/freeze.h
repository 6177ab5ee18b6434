/* model/freeze.h: between the two halves of freezing: what the frozen graph is,
 * and how it is written.
 *
 * Threads: confined.
 */
#ifndef FIRN_MODEL_FREEZE_H
#define FIRN_MODEL_FREEZE_H

#include "graph/inline.h"
#include "model/model.h"

/* Bytes of the frozen graph that lie in a checkpoint file and are to be copied
 * from there: the message holds a pointer into the mapping that nobody follows.
 */
typedef struct firn_copied {
  const void *at;
  firn_span span;
  firn_str variable; /* for messages */
} firn_copied;

typedef struct firn_freeze_variant firn_freeze_variant;

typedef struct firn_frozen {
  firn_arena arena;
  firn_pb_GraphDef *def;
  firn_copied *copied; /* in the order of the nodes       */
  size_t copied_count;
  firn_tensor **owned; /* values that had to be read      */
  size_t owned_count;
  size_t variables;
  firn_str checkpoint; /* its prefix, for messages        */
  firn_freeze_variant *variants;
  firn_map names;       /* of all variants                 */
  firn_inlined inlined; /* what `graph` was made of        */
  firn_graph *graph;    /* of a signature; else NULL       */
  firn_tensor **tables; /* keys and values                 */
  size_t table_count;
} firn_frozen;

/* What is to be frozen: a model's graph, or one made of it. */
typedef struct firn_freeze_source {
  const firn_graph *graph;
  const firn_node *const *origin; /* per node, the model's; NULL: itself */
  bool strict;      /* variables that are written to are refused  */
  const bool *part; /* variables outside of it stay; NULL: none is */
} firn_freeze_source;

/* Initialises `out` for a model; firn_freeze_fini frees it. */
void firn_freeze_init(const firn_model *model, firn_frozen *out);

/* Builds the frozen graph of these output nodes. With `whole_values` every
 * value is read and nothing is left to be copied by the writer. */
FIRN_CHECKED firn_code firn_freeze_build(const firn_model *model,
                                         const firn_freeze_source *source,
                                         const uint32_t *outputs, size_t count,
                                         const firn_freeze_options *options,
                                         bool whole_values, firn_frozen *out,
                                         firn_error *err);
void firn_freeze_fini(firn_frozen *frozen);

/* Writes it: the file appears whole or not at all. */
FIRN_CHECKED firn_code firn_freeze_write(firn_frozen *frozen, const char *path,
                                         bool text, bool sync,
                                         const firn_env *env, uint64_t *bytes,
                                         firn_error *err);

/* Reads the value of every variable that is `converted` (by graph node) out of
 * a session: owned by `out`, and in live[] by node. One error names all that
 * have none. */
FIRN_CHECKED firn_code firn_freeze_read_live(
    firn_session *session, const firn_graph *graph, const bool *converted,
    firn_frozen *out, firn_tensor **live, firn_error *err);

/* Rewrites the nodes of a frozen graph that still take a constant for a
 * reference: RefSwitch becomes Switch, AssignSub Sub, and so on. `converted`
 * marks the variables (by graph node); `to` holds the new node of each kept
 * node. */
FIRN_CHECKED firn_code firn_freeze_unref(const firn_graph *graph,
                                         const bool *kept,
                                         const bool *converted,
                                         firn_pb_NodeDef **to,
                                         firn_arena *arena, firn_error *err);

/* An attr for a node under construction. */
firn_pb_NodeDef_AttrEntry *firn_new_attr(firn_arena *arena, const char *name,
                                         int32_t value_case);

/* A copy of a node's message that may be changed: its own list of attrs. */
firn_pb_NodeDef *firn_edit_node(const firn_pb_NodeDef *def, firn_arena *arena);
void firn_drop_attr(firn_pb_NodeDef *def, const char *name);

/* ---- What stands behind a variable -------------------------------------- */

/* One graph while its variables become constants: the main graph, or the body
 * of a function whose arguments were variables. */
typedef struct firn_freezer {
  const firn_model *model;
  const firn_graph *graph;
  const firn_freeze_source *source;
  const firn_freeze_options *options;
  firn_frozen *out;
  bool whole_values;
  bool *kept;      /* per node: in the sub-graph                          */
  bool *converted; /* per node: a variable that becomes a constant        */
  firn_pb_NodeDef **to; /* per node: what it becomes; NULL: stays as it is  */
  uint32_t *takers, *taker_at; /* per kept node, who takes its outputs      */
  firn_pb_NodeDef **added;     /* new nodes, for the end of the list        */
  size_t added_count;
  const firn_pb_FunctionDef *function; /* whose body it is, or NULL         */
  uint32_t depth;                      /* of functions in functions         */
  struct firn_valued **valued; /* per node, per output: now a value         */
  struct firn_write *writes;   /* variables that are more than read         */
  firn_edge *todo;             /* values whose takers are still to be seen  */
  size_t todo_count, todo_capacity;
  firn_tensor **live; /* per node: its value in the session; NULL: none asked */
} firn_freezer;

/* An output that has become a value: of which type, and of which variable (or
 * argument) of its graph, as a node's index. */
typedef struct firn_valued {
  firn_dtype type; /* FIRN_INVALID: stays what it was */
  uint32_t variable;
} firn_valued;

/* A variable that a node needs as one. */
typedef struct firn_write {
  uint32_t variable;
  firn_str node, op;
  struct firn_write *next;
} firn_write;

/* Makes room for `to`, `valued`, `added`, and lists the takers. */
FIRN_CHECKED firn_code firn_freeze_ready(firn_freezer *f, firn_error *err);

/* Walks forward from a variable (or argument) that is a value now, through
 * whatever hands it on, and rewrites who takes it. */
FIRN_CHECKED firn_code firn_freeze_takers(firn_freezer *f, uint32_t variable,
                                          firn_dtype type, firn_error *err);

/* Once all variables have been walked from: rewrites the nodes that call
 * functions with them, and whatever takes what these hand back. */
FIRN_CHECKED firn_code firn_freeze_calls(firn_freezer *f, firn_error *err);

/* Marks an output as a value; and goes on from all that were marked. */
FIRN_CHECKED firn_code firn_freeze_hand_on(firn_freezer *f, uint32_t node,
                                           uint32_t output, firn_dtype type,
                                           uint32_t variable, firn_error *err);
FIRN_CHECKED firn_code firn_freeze_walk(firn_freezer *f, firn_error *err);

FIRN_CHECKED firn_code firn_freeze_add_write(firn_freezer *f, uint32_t variable,
                                             firn_str node, firn_str op,
                                             firn_error *err);

/* Whether the node calls functions with its inputs. */
bool firn_freeze_is_call(const firn_node *node);

/* A new node of that name and op with room for `attrs` attrs; and an attr. */
firn_pb_NodeDef *firn_freeze_node(firn_arena *arena, firn_str name,
                                  const char *op, size_t attrs);
FIRN_CHECKED firn_code firn_freeze_add_type(firn_arena *arena,
                                            firn_pb_NodeDef *def,
                                            const char *name, firn_dtype type,
                                            firn_error *err);

/* A function in which some arguments have become values. */
struct firn_freeze_variant {
  firn_str name;
  const firn_pb_FunctionDef *from;
  firn_pb_FunctionDef *def; /* NULL while it is being made */
  firn_function *function;
  firn_dtype *args, *rets;   /* FIRN_INVALID: stays as it is */
  firn_write *writes;        /* by argument                  */
  firn_freeze_variant *next; /* of all                       */
  firn_freeze_variant *same; /* of the same function         */
};

void firn_freeze_variants_free(firn_frozen *frozen);

/* The variant of that name, or the latest one of the function of that name, or
 * NULL. */
firn_freeze_variant *firn_freeze_variant_named(const firn_frozen *z,
                                               firn_str name);

/* Writes a body that has been frozen as the variant's FunctionDef. */
FIRN_CHECKED firn_code firn_freeze_write_variant(const firn_freezer *f,
                                                 firn_freeze_variant *v,
                                                 firn_error *err);

/* The library that the nodes need: variants in place of what they stand for,
 * and nothing that is not reached. */
FIRN_CHECKED firn_code firn_freeze_library(firn_frozen *frozen,
                                           const firn_graph *graph,
                                           firn_error *err);

/* Takes the device names out of that library. */
FIRN_CHECKED firn_code firn_freeze_clear_devices(firn_frozen *frozen,
                                                 firn_error *err);

/* ---- By signature ------------------------------------------------------- */

/* The frozen graph of a signature. Its outputs' nodes, for messages and checks,
 * are named after the signature's keys. */
FIRN_CHECKED firn_code firn_freeze_signature(const firn_model *model,
                                             const firn_signature *signature,
                                             const firn_freeze_options *options,
                                             firn_frozen *out, firn_error *err);

/* Puts the contents of the tables that are reached into the graph. Refuses
 * tables that the graph writes to. */
FIRN_CHECKED firn_code firn_freeze_fill_tables(
    const firn_model *model, const firn_node *const *origin,
    const firn_freeze_options *options, firn_frozen *out, firn_error *err);
bool firn_freeze_is_table(firn_str op);

/* Drops what the roots do not need: control inputs from nodes without an
 * effect, and nodes that nobody takes. */
FIRN_CHECKED firn_code firn_freeze_tidy(firn_frozen *frozen,
                                        const firn_str *roots, size_t count,
                                        const firn_pb_OpList *ops,
                                        firn_error *err);

#endif
