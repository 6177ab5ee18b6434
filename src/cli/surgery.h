/* cli/surgery.h: what the commands that make checkpoints of checkpoints share.
 *
 * Threads: one.
 */
#ifndef FIRN_CLI_SURGERY_H
#define FIRN_CLI_SURGERY_H

#include "cli/command.h"

extern const firn_command firn_cmd_checkpoint_convert, firn_cmd_checkpoint_diff,
    firn_cmd_checkpoint_drop, firn_cmd_checkpoint_merge,
    firn_cmd_checkpoint_relocate, firn_cmd_checkpoint_rename;

/* A checkpoint that a word named. */
typedef struct firn_opened {
  firn_checkpoint *ck;
  char *prefix; /* in full, also where the word was a folder */
} firn_opened;

/* Opens a prefix, a V1 file, the newest checkpoint of a folder, or the
 * variables of a SavedModel. */
FIRN_CHECKED firn_code firn_opened_open(const firn_args *args, const char *path,
                                        firn_opened *out, firn_error *err);
void firn_opened_close(firn_opened *opened);

#define FIRN_OUTPUT_FLAG \
  { "-o", "PREFIX", "the checkpoint that is made", "--output" }

/* A surgery with its sources. */
typedef struct firn_operation {
  const firn_args *args;
  firn_opened *sources;
  size_t source_count;
  firn_surgery *surgery;
} firn_operation;

/* Opens all words as sources; puts them on the list of the surgery. */
FIRN_CHECKED firn_code firn_operation_begin(firn_operation *op,
                                            const firn_args *args,
                                            firn_clash clash, firn_error *err);

/* Writes what became of them to -o. INVALID_ARGUMENT when that is one of the
 * sources. */
FIRN_CHECKED firn_code firn_operation_write(
    firn_operation *op, const firn_checkpoint_copy_options *options,
    firn_error *err);
void firn_operation_end(firn_operation *op);

#endif
