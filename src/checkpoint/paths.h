/* checkpoint/paths.h: which files make up the checkpoint of a name.
 *
 * Threads: pure functions over the file system.
 */
#ifndef FIRN_CHECKPOINT_PATHS_H
#define FIRN_CHECKPOINT_PATHS_H

#include "base/arena.h"
#include "base/file.h"

typedef struct firn_checkpoint_paths {
  int version;        /* 2 when P.index lies there, else 1          */
  const char *prefix; /* P                                          */
  const char *index;  /* V2: P.index                                */
  const char **files; /* V1: P, or P-00000-of-0000N and its fellows */
  size_t count;
} firn_checkpoint_paths;

/* Takes P, P.index, a V1 file, the P of V1 shards, or P-?????-of-0000N.
 * NOT_FOUND when there is no such checkpoint, and the message names what was
 * looked for. */
FIRN_CHECKED firn_code firn_checkpoint_paths_find(firn_str name,
                                                  firn_arena *arena,
                                                  firn_checkpoint_paths *out,
                                                  firn_error *err);

#endif
