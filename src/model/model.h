/* model/model.h: a model as the files of this layer see it.
 *
 *   open.c       what is this path? → messages, graph, checkpoint
 *   restore.c    which checkpoint key goes into which variable
 *   object_graph.c  the same, where only the checkpoint's object graph says so
 *   saved_model.c   a SavedModel's folder: tags, variables, assets, init op
 *   save.c       a session's variables as a checkpoint
 *   saver.c      which checkpoints of a training run are kept
 *   variables.c  variables by name; whether a checkpoint has what they need
 *   start.c      what a session must do before its first run
 *   run.c        runs by signature
 *   freeze.c     the frozen GraphDef as a message
 *   freeze_convert.c, freeze_function.c  who takes a variable that is a value
 *   freeze_body.c, freeze_library.c  functions that are given values
 *   freeze_signature.c, freeze_table.c, freeze_tidy.c  freezing by signature
 *   freeze_write.c  its bytes, with variables copied from file to file
 *   guess.c      inputs and outputs that a graph seems to have
 *   signature.c  SignatureDefs as plain structs
 *   build_model.c  a model over a graph that was built
 *
 * Threads: immutable after opening, but for `infos`, which is made when first
 * asked for.
 */
#ifndef FIRN_MODEL_MODEL_H
#define FIRN_MODEL_MODEL_H

#include <pthread.h>

#include "base/file.h"
#include "build/know.h"
#include "checkpoint/checkpoint.h"
#include "firn/model.h"
#include "graph/graph.h"
#include "runtime/session.h"

struct firn_model {
  firn_env env;
  firn_arena arena;
  firn_model_kind kind;
  firn_str path;                    /* as given, for messages                 */
  firn_file *file;                  /* the graph's, mapped; may be NULL       */
  const firn_pb_MetaGraphDef *meta; /* NULL for a plain GraphDef            */
  const firn_pb_SavedModel *saved;  /* with all its meta graphs, or NULL    */
  struct firn_asset *assets;
  size_t asset_count;
  firn_str init_op; /* to be run once in each session; or none */
  firn_graph *graph;
  struct firn_builder *builder; /* whose graph it is; NULL: the model's own */
  firn_checkpoint *checkpoint;
  struct firn_restore *restore; /* which key goes where; NULL: nobody says */
  const char *tensorflow;
  firn_signature *signatures;
  size_t signature_count;
  pthread_mutex_t lock; /* guards infos                           */
  firn_info **infos;    /* per node and output; NULL: not asked   */
};

/* Writes the graph as a MetaGraphDef: the file that it came from when it is one
 * already, else a message around the graph as it is now. */
FIRN_CHECKED firn_code firn_model_put_meta(const firn_model *model,
                                           firn_writer *file, bool text,
                                           firn_error *err);

/* What a model hands on to the checkpoint that it opens. */
firn_options firn_options_of(const firn_env *env);

/* Makes a MetaGraphDef the model's: its graph, version and signatures. */
FIRN_CHECKED firn_code firn_model_take_meta(firn_model *model,
                                            const firn_pb_MetaGraphDef *meta,
                                            firn_error *err);
FIRN_CHECKED firn_code firn_model_read_signatures(firn_model *model,
                                                  firn_error *err);

#define FIRN_INIT_SIGNATURE "__saved_model_init_op"

/* A file that came along with a SavedModel, and the tensor that takes its path.
 */
typedef struct firn_asset {
  firn_str tensor, file;
  const char *path;
} firn_asset;

/* Where a variable's value comes from. */
typedef struct firn_source {
  size_t tensor;    /* in the checkpoint                              */
  firn_shape full;  /* of the whole tensor, when `slice` is a part    */
  firn_slice slice; /* rank -1: the whole tensor                      */
  firn_str key;
} firn_source;

/* A key and slice of a checkpoint, as restore nodes name them. */
typedef struct firn_restored {
  firn_str key, slice;
} firn_restored;

/* A table that the saver fills from two tensors of the checkpoint:
 * LookupTableImportV2 of a mutable table. `node` is the import in the main
 * graph. */
typedef struct firn_table_import {
  firn_str node;
  firn_restored keys, values;
  struct firn_table_import *next;
} firn_table_import;

typedef struct firn_restore {
  firn_map by_node; /* variable node's name → firn_restored */
  firn_map
      by_name; /* variable's full name → firn_restored: the object graph's */
  firn_table_import *imports;
} firn_restore;

/* Reads the saver's restore nodes, also inside its functions: what RestoreV2
 * (RestoreSlice, Restore) gives to Assign, AssignVariableOp and table imports.
 */
FIRN_CHECKED firn_code firn_restore_new(firn_model *model, firn_error *err);
void firn_restore_free(firn_model *model);

/* Fills restore->by_name from the object graph that the checkpoint holds;
 * nothing when it holds none. */
FIRN_CHECKED firn_code firn_object_graph_read(firn_model *model,
                                              firn_error *err);

/* The source of the variable that `node` declares: by the restore nodes, else
 * by its name, else by the object graph. NOT_FOUND when the checkpoint has no
 * such key (the key is in out->key). */
FIRN_CHECKED firn_code firn_restore_find(const firn_model *model,
                                         const firn_node *node,
                                         firn_source *out, firn_error *err);

/* Reads it. A value whose shape differs from the variable's only by ones or by
 * a reshape is refused. */
FIRN_CHECKED firn_code firn_restore_read(const firn_model *model,
                                         const firn_node *node,
                                         firn_tensor **out, firn_error *err);

/* Reads what a restore node would. */
FIRN_CHECKED firn_code firn_restored_read(const firn_model *model,
                                          const firn_restored *restored,
                                          firn_tensor **out, firn_error *err);

/* Whether the restore nodes or its name say where the variable's value is. */
bool firn_restore_knows(const firn_model *model, const firn_node *node);

bool firn_is_variable(const firn_node *node);

/* Where the restore nodes, or the object graph, say that the variable is kept;
 * NULL when they do not mention it. */
const firn_restored *firn_restore_place(const firn_model *model,
                                        const firn_node *node);

/* Does in a new session what TensorFlow does once when it loads a model: fills
 * tables from the checkpoint, and runs the init op with the assets' paths. */
FIRN_CHECKED firn_code firn_model_start(const firn_model *model,
                                        firn_session *session, firn_error *err);

#endif
