/* model/object_edit.h: the object graph of a TensorFlow 2 checkpoint, to be
 * read, joined with another, and made to fit the keys that are left.
 *
 * The graph's node 0 is the object that was saved. Edges have the names of
 * Python's attributes; a node's attributes are its values, each with the key
 * that it has in the checkpoint; optimisers list their slot variables apart.
 *
 * Ownership: messages lie in the caller's arena.
 * Threads:   confined.
 */
#ifndef FIRN_MODEL_OBJECT_EDIT_H
#define FIRN_MODEL_OBJECT_EDIT_H

#include "checkpoint/checkpoint.h"
#include "proto/messages.h"

#define FIRN_OBJECT_GRAPH_KEY "_CHECKPOINTABLE_OBJECT_GRAPH"

typedef firn_pb_TrackableObjectGraph firn_objects;
typedef firn_pb_TrackableObjectGraph_TrackableObject firn_object_node;
typedef firn_pb_TrackableObjectGraph_TrackableObject_ObjectReference
    firn_object_edge;
typedef firn_pb_TrackableObjectGraph_TrackableObject_SerializedTensor
    firn_object_value;
typedef firn_pb_TrackableObjectGraph_TrackableObject_SlotVariableReference
    firn_object_slot;

/* Reads the object graph of a checkpoint; *out is NULL when it holds none.
 * DATA_LOSS when it is damaged or names nodes that are not there. */
FIRN_CHECKED firn_code firn_objects_read(const firn_checkpoint *ck,
                                         const firn_limits *limits,
                                         firn_arena *arena, firn_objects **out,
                                         firn_error *err);

/* Whether a value is a variable's (and not a table's, or some Python state). */
bool firn_object_is_variable(const firn_object_value *value);

/* Adds to `to` what `from` has more: nodes that lie under the same path, or are
 * the same slot of the same variable, become one. `from` is used up. */
FIRN_CHECKED firn_code firn_objects_join(firn_objects *to, firn_objects *from,
                                         firn_arena *arena, firn_error *err);

/* A tensor's key as the object graph has it, and what it is to be. */
typedef struct firn_rekeyed {
  firn_str from, to;
} firn_rekeyed;

/* Gives each value the key that the list (sorted by `from`) has for its own,
 * takes those away that it has none for, and makes new paths lead to the nodes
 * whose values got other keys. A table's key is only the beginning of those of
 * its tensors: INVALID_ARGUMENT when they get different ones. */
FIRN_CHECKED firn_code firn_objects_rekey(firn_objects *objects,
                                          const firn_rekeyed *list,
                                          size_t count, firn_arena *arena,
                                          firn_error *err);

/* Marks the keys of values that only optimisers have: `mark` is called with
 * each. */
FIRN_CHECKED firn_code firn_objects_each_slot(
    const firn_objects *objects, firn_arena *arena,
    void (*mark)(void *ud, firn_str key), void *ud, firn_error *err);

#endif
