/* cli/cmd_checkpoint_merge.c: `firn checkpoint merge PREFIX... -o PREFIX` makes
 * one checkpoint of several, or one file of several shards. */
#include "cli/surgery.h"

static firn_code operate(firn_operation *op, FILE *out, firn_error *err) {
  firn_checkpoint_copy_options o = {.size = sizeof o, .version = 1};
  for (size_t i = 0; i < op->source_count; i++)
    if (firn_checkpoint_version(op->sources[i].ck) == 2) o.version = 2;
  FIRN_TRY(firn_operation_write(op, &o, err));
  fprintf(out, "%zu tensors of %zu checkpoints\n",
          firn_surgery_count(op->surgery), op->source_count);
  return FIRN_OK;
}

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  const bool first = firn_args_has(args, "--prefer-first");
  const bool last = firn_args_has(args, "--prefer-last");
  firn_operation op;
  if (first && last)
    return firn_misuse(err, "--prefer-first or --prefer-last, not both");
  firn_code code = firn_operation_begin(&op, args,
                                        first  ? FIRN_CLASH_FIRST
                                        : last ? FIRN_CLASH_LAST
                                               : FIRN_CLASH_FAIL,
                                        err);
  if (code == FIRN_OK) code = operate(&op, out, err);
  firn_operation_end(&op);
  return code;
}

static const firn_flag flags[] = {
    {"--prefer-first", NULL, "of two of one name the first stays", NULL},
    {"--prefer-last", NULL, "of two of one name the last stays", NULL},
    FIRN_OUTPUT_FLAG,
    {0},
};

const firn_command firn_cmd_checkpoint_merge = {
    .name = "checkpoint merge",
    .usage = "PREFIX... -o PREFIX",
    .summary = "make one checkpoint of several",
    .min_args = 1,
    .max_args = FIRN_MAX_WORDS,
    .flags = flags,
    .run = run,
};
