/* model/saved_model_write.h: what the files that write SavedModels share.
 *
 *   saved_model_write.c        the writer's folder; a meta graph from its parts
 *   saved_model_signature.c    SignatureDefs and their rules
 *   saved_model_variables.c    variables/: which, and are those there that are
 *                              needed
 *   saved_model_saver.c        the nodes by which TensorFlow restores them
 *   saved_model_init.c         init op, train op, assets
 *   saved_model_nodes.c        nodes and functions without what is not wanted
 *   saved_model_fingerprint.c  fingerprint.pb
 *   saved_model_edit.c         signatures in place; whole SavedModels
 *
 * A draft is one meta graph under construction. Its nodes are those of the
 * model's graph, of which `kept` ones stay, and `added` ones at the end.
 *
 * Threads: confined.
 */
#ifndef FIRN_MODEL_SAVED_MODEL_WRITE_H
#define FIRN_MODEL_SAVED_MODEL_WRITE_H

#include "firn/saved_model.h"
#include "model/saved_model.h"

struct firn_saved_model_writer {
  firn_env env;
  firn_arena arena;
  bool sync;
  const char *folder, *temp; /* the wanted name and the one until then */
  const char *prefix;        /* of the variables, in `temp`            */
  firn_pb_SavedModel saved;
  size_t capacity;                /* of saved.meta_graphs                   */
  firn_checkpoint *variables;     /* as they were written; NULL: none       */
  firn_saved_model_asset *assets; /* tensor: the name in assets/        */
  size_t asset_count, asset_capacity;
  bool keep_variables; /* strip leaves them all: others share them      */
};

typedef struct firn_draft_graph {
  firn_saved_model_writer *w;
  firn_arena *arena; /* the writer's */
  const firn_model *model;
  const firn_graph *graph;
  firn_saved_model_meta o;
  firn_pb_MetaGraphDef *meta;
  bool *served;  /* per node: signatures and init op need it            */
  bool *initial; /* per node: the init op needs it                      */
  bool *kept;    /* per node: it is written                             */
  firn_pb_NodeDef **added;
  size_t added_count, added_capacity;
} firn_draft_graph;

/* Nodes that were in the file or that somebody built, but for those that
 * restore.c appended for itself. */
bool firn_is_own_node(const firn_graph *graph, uint32_t i);

/* ---- The parts of a meta graph, in the order in which they are made ----- */

/* The message of a signature, checked against the graph: all that is wrong is
 * one error. */
FIRN_CHECKED firn_code firn_signature_to_proto(const firn_model *model,
                                               const firn_signature *signature,
                                               firn_arena *arena,
                                               firn_pb_SignatureDef **out,
                                               firn_error *err);

/* Puts a signature under its key, replacing the one that has it. */
FIRN_CHECKED firn_code firn_meta_set_signature(firn_pb_MetaGraphDef *meta,
                                               firn_str key,
                                               firn_pb_SignatureDef *def,
                                               firn_arena *arena,
                                               firn_error *err);
void firn_meta_drop_signature(firn_pb_MetaGraphDef *meta, firn_str key);

/* Notes down init op, train op and assets; copies the assets' files. */
FIRN_CHECKED firn_code firn_draft_init(firn_draft_graph *d, firn_error *err);

/* Marks what is served, by the signatures and the init op of the draft. */
FIRN_CHECKED firn_code firn_draft_mark(firn_draft_graph *d, firn_error *err);

/* Writes the variables when the draft is the writer's first, and sees to it
 * that those which are served are there. */
FIRN_CHECKED firn_code firn_draft_variables(firn_draft_graph *d,
                                            firn_session *session,
                                            firn_error *err);

/* Saves a session of a model that was a SavedModel, under the keys that its
 * checkpoint has: not what init ops have made. */
FIRN_CHECKED firn_code firn_saved_model_save_session(firn_saved_model_writer *w,
                                                     const firn_model *model,
                                                     firn_session *session,
                                                     firn_error *err);

/* Keeps the model's saver when it restores what was written, else adds one. */
FIRN_CHECKED firn_code firn_draft_saver(firn_draft_graph *d, firn_error *err);

/* Makes the GraphDef of what is kept and what was added. */
FIRN_CHECKED firn_code firn_draft_nodes(firn_draft_graph *d, firn_error *err);

/* ---- Small words -------------------------------------------------------- */

/* Where the written checkpoint has the value of a variable, or SIZE_MAX; and
 * the key and slice. */
size_t firn_draft_find(const firn_draft_graph *d, const firn_node *node,
                       firn_restored *at);

/* A variable's identity: its shared name, else its node's name. */
firn_str firn_variable_identity(const firn_node *node);

/* A new node at the end, with room for inputs and attrs; NULL: no memory. */
firn_pb_NodeDef *firn_draft_add(firn_draft_graph *d, firn_str name,
                                const char *op, size_t inputs, size_t attrs);

/* The collection of that name, or NULL; a node list of one name in its place.
 */
const firn_pb_CollectionDef *firn_meta_collection(
    const firn_pb_MetaGraphDef *meta, const char *name);
FIRN_CHECKED firn_code firn_meta_set_node(firn_pb_MetaGraphDef *meta,
                                          const char *name, firn_str node,
                                          firn_arena *arena, firn_error *err);
FIRN_CHECKED firn_code firn_meta_set_collection(firn_pb_MetaGraphDef *meta,
                                                const char *name,
                                                firn_pb_CollectionDef *c,
                                                firn_arena *arena,
                                                firn_error *err);
void firn_meta_drop_collection(firn_pb_MetaGraphDef *meta, const char *name);

/* Copies a file, and a folder with all that is in it, to a free name; takes a
 * folder away with all that is in it. */
FIRN_CHECKED firn_code firn_copy_file(const char *from, const char *to,
                                      bool sync, const firn_allocator *alloc,
                                      firn_error *err);
FIRN_CHECKED firn_code firn_copy_folder(const char *from, const char *to,
                                        bool sync, const firn_allocator *alloc,
                                        firn_error *err);
void firn_remove_folder(const char *path);

/* Writes saved_model.pb or .pbtxt and fingerprint.pb into a folder; each file
 * appears whole or not at all. */
FIRN_CHECKED firn_code firn_saved_model_put(const firn_pb_SavedModel *saved,
                                            const char *folder, bool text,
                                            bool sync, const firn_env *env,
                                            firn_error *err);

/* Computes the fingerprint as TensorFlow does; `index` is the variables' index
 * file. *made is false where TensorFlow makes none: an object graph whose
 * functions have no numbers. */
FIRN_CHECKED firn_code firn_fingerprint(const firn_pb_SavedModel *saved,
                                        const char *index, const firn_env *env,
                                        firn_pb_FingerprintDef *out, bool *made,
                                        firn_error *err);

#endif
