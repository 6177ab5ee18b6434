/* model/model.h: a model as the files of this layer see it.
 *
 *   open.c       what is this path? → messages, graph, checkpoint
 *   restore.c    which checkpoint key goes into which variable
 *   freeze.c     the frozen GraphDef as a message
 *   freeze_write.c  its bytes, with variables copied from file to file
 *   guess.c      inputs and outputs that a graph seems to have
 *   signature.c  SignatureDefs as plain structs
 *
 * Threads: immutable after opening, but for `infos`, which is made when first asked
 *          for.
 */
#ifndef FIRN_MODEL_MODEL_H
#define FIRN_MODEL_MODEL_H

#include <pthread.h>

#include "base/file.h"
#include "checkpoint/checkpoint.h"
#include "firn/model.h"
#include "graph/graph.h"
#include "runtime/infer_graph.h"
#include "runtime/session.h"

struct firn_model {
  firn_env env;
  firn_arena arena;
  firn_model_kind kind;
  firn_str path;                  /* as given, for messages                 */
  firn_file *file;                /* the graph's, mapped; may be NULL       */
  const firn_pb_MetaGraphDef *meta; /* NULL for a plain GraphDef            */
  firn_graph *graph;
  firn_checkpoint *checkpoint;
  struct firn_restore *restore;   /* which key goes where; with checkpoint  */
  const char *tensorflow;
  firn_signature *signatures;
  size_t signature_count;
  pthread_mutex_t lock;           /* guards infos                           */
  firn_info **infos;              /* per node and output; NULL: not asked   */
};

/* Makes a MetaGraphDef the model's: its graph, version and signatures. */
FIRN_CHECKED firn_code firn_model_take_meta(firn_model *model,
                                            const firn_pb_MetaGraphDef *meta,
                                            firn_error *err);
FIRN_CHECKED firn_code firn_model_read_signatures(firn_model *model,
                                                  firn_error *err);

/* Where a variable's value comes from. */
typedef struct firn_source {
  size_t tensor;        /* in the checkpoint                              */
  firn_shape full;      /* of the whole tensor, when `slice` is a part    */
  firn_slice slice;     /* rank -1: the whole tensor                      */
  firn_str key;
} firn_source;

/* Reads the saver's restore nodes: what RestoreV2 (RestoreSlice, Restore) gives to
 * Assign and AssignVariableOp. */
FIRN_CHECKED firn_code firn_restore_new(firn_model *model, firn_error *err);
void firn_restore_free(firn_model *model);

/* The source of the variable that `node` declares: by the restore nodes, else by its
 * name. NOT_FOUND when the checkpoint has no such key (the key is in out->key). */
FIRN_CHECKED firn_code firn_restore_find(const firn_model *model,
                                         const firn_node *node,
                                         firn_source *out, firn_error *err);

/* Reads it. A value whose shape differs from the variable's only by ones or by a
 * reshape is refused. */
FIRN_CHECKED firn_code firn_restore_read(const firn_model *model,
                                         const firn_node *node,
                                         firn_tensor **out, firn_error *err);

#endif
