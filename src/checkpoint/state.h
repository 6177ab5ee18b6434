/* checkpoint/state.h: a state file that was read, for the files of checkpoint
 * only.
 *
 * Threads: immutable.
 */
#ifndef FIRN_CHECKPOINT_STATE_H
#define FIRN_CHECKPOINT_STATE_H

#include "base/arena.h"
#include "base/file.h"
#include "firn/checkpoint.h"
#include "proto/messages.h"

struct firn_checkpoint_state {
  firn_env env;
  firn_arena arena;
  firn_file *file;
  const char *path;                    /* of the state file */
  const firn_pb_CheckpointState *said; /* paths as they are written */
  const char *newest;                  /* and as they are meant */
  const char **all;
  size_t count;
};

/* Whether there is a checkpoint of that prefix. */
bool firn_checkpoint_exists(const char *prefix, firn_arena *scratch);

#endif
