/* model/saved_model.h: SavedModel folders.
 *
 * Threads: confined while opening.
 */
#ifndef FIRN_MODEL_SAVED_MODEL_H
#define FIRN_MODEL_SAVED_MODEL_H

#include "model/model.h"

/* Whether the folder has saved_model.pb, .pbtxt or .cpb. */
bool firn_saved_model_here(firn_arena *arena, const char *folder);

/* Opens the meta graph of these tags ("a,b"; NULL: serve, else the only one)
 * with its variables. NOT_FOUND lists the tag sets there are. */
FIRN_CHECKED firn_code firn_saved_model_open(firn_model *model,
                                             const char *folder,
                                             const char *tags, firn_error *err);

/* A saved_model file by itself (model->file): the graph without its variables.
 */
FIRN_CHECKED firn_code firn_saved_model_parse(firn_model *model, bool text,
                                              const char *tags,
                                              firn_error *err);

#endif
