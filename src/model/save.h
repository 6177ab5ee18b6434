/* model/save.h: saving a session, for those who save more or less than its
 * variables.
 *
 * Threads: confined.
 */
#ifndef FIRN_MODEL_SAVE_H
#define FIRN_MODEL_SAVE_H

#include "model/model.h"

typedef struct firn_save_choice {
  const firn_map *wanted; /* only these keys; NULL: all of them             */
  bool rest;              /* also what only the model's own checkpoint has  */
} firn_save_choice;

/* firn_model_save of the chosen keys. */
FIRN_CHECKED firn_code firn_model_save_chosen(const firn_model *model,
                                              firn_session *session,
                                              const char *prefix,
                                              firn_save_options *options,
                                              const firn_save_choice *choice,
                                              firn_error *err);

/* Copies tensor i of a checkpoint with its slices. */
FIRN_CHECKED firn_code firn_save_copy_tensor(const firn_checkpoint *from,
                                             size_t i,
                                             firn_checkpoint_writer *to,
                                             firn_arena *scratch,
                                             firn_error *err);

#endif
