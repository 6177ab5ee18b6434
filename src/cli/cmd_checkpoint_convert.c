/* cli/cmd_checkpoint_convert.c: `firn checkpoint convert PREFIX --to KIND -o
 * PREFIX` takes a checkpoint to another format, or from names to objects and
 * back. */
#include <stdlib.h>
#include <string.h>

#include "cli/surgery.h"

static firn_code take_shards(const firn_args *args, int *out, firn_error *err) {
  const char *text = firn_args_get(args, "--shards");
  char *end = NULL;
  if (!text) return FIRN_OK;
  const long n = strtol(text, &end, 10);
  if (!*text || *end || n < 1 || n > 99999)
    return firn_misuse(err, "'--shards' wants a number from 1, not '%s'", text);
  *out = (int)n;
  return FIRN_OK;
}

static firn_code to_objects(firn_operation *op, firn_opened *like,
                            firn_error *err) {
  const char *path = firn_args_get(op->args, "--like");
  const bool partial = firn_args_has(op->args, "--partial");
  if (!path) return firn_misuse(err, "whose objects? Give --like PREFIX");
  FIRN_TRY(firn_opened_open(op->args, path, like, err));
  return firn_surgery_to_objects(op->surgery, like->ck, partial, err);
}

static firn_code convert(firn_operation *op, firn_opened *like, FILE *out,
                         firn_error *err) {
  firn_checkpoint_copy_options o = {.size = sizeof o};
  const char *to = firn_args_get(op->args, "--to");
  FIRN_TRY(take_shards(op->args, &o.shards, err));
  o.merge_slices = firn_args_has(op->args, "--merge-slices");
  if (!to) return firn_misuse(err, "to what? Give --to v1|v2|object|names");
  if (!strcmp(to, "v1"))
    o.version = 1;
  else if (!strcmp(to, "v2"))
    o.version = 2;
  else if (!strcmp(to, "names"))
    FIRN_TRY(firn_surgery_to_names(op->surgery,
                                   firn_args_has(op->args, "--paths"), err));
  else if (!strcmp(to, "object")) {
    o.version = 2;
    FIRN_TRY(to_objects(op, like, err));
  } else
    return firn_misuse(err, "'--to' wants v1, v2, object or names, not '%s'",
                       to);
  FIRN_TRY(firn_operation_write(op, &o, err));
  fprintf(out, "%zu tensors\n", firn_surgery_count(op->surgery));
  return FIRN_OK;
}

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  firn_operation op;
  firn_opened like = {NULL, NULL};
  firn_code code = firn_operation_begin(&op, args, FIRN_CLASH_FAIL, err);
  if (code == FIRN_OK) code = convert(&op, &like, out, err);
  firn_operation_end(&op);
  firn_opened_close(&like);
  return code;
}

static const firn_flag flags[] = {
    {"--to", "KIND", "v1, v2, object or names", NULL},
    {"--shards", "N", "v2: so many data files", NULL},
    {"--merge-slices", NULL, "store partitioned tensors whole", NULL},
    {"--like", "PREFIX", "object: a checkpoint or SavedModel whose objects",
     NULL},
    {"--partial", NULL, "object: leave out what does not fit", NULL},
    {"--paths", NULL, "names: paths where a name is not unique", NULL},
    FIRN_OUTPUT_FLAG,
    {0},
};

const firn_command firn_cmd_checkpoint_convert = {
    .name = "checkpoint convert",
    .usage = "PREFIX --to v1|v2|object|names -o PREFIX",
    .summary = "take a checkpoint to another format",
    .min_args = 1,
    .max_args = 1,
    .flags = flags,
    .run = run,
};
