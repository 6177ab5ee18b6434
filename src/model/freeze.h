/* model/freeze.h: between the two halves of freezing: what the frozen graph is,
 * and how it is written.
 *
 * Threads: confined.
 */
#ifndef FIRN_MODEL_FREEZE_H
#define FIRN_MODEL_FREEZE_H

#include "model/model.h"

/* Bytes of the frozen graph that lie in a checkpoint file and are to be copied
 * from there: the message holds a pointer into the mapping that nobody follows.
 */
typedef struct firn_copied {
  const void *at;
  firn_span span;
  firn_str variable; /* for messages */
} firn_copied;

typedef struct firn_frozen {
  firn_arena arena;
  firn_pb_GraphDef *def;
  firn_copied *copied; /* in the order of the nodes       */
  size_t copied_count;
  firn_tensor **owned; /* values that had to be read      */
  size_t owned_count;
  size_t variables;
  firn_str checkpoint; /* its prefix, for messages        */
} firn_frozen;

/* Builds the frozen graph of these output nodes. With `whole_values` every
 * value is read and nothing is left to be copied by the writer. */
FIRN_CHECKED firn_code firn_freeze_build(const firn_model *model,
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

#endif
