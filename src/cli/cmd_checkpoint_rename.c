/* cli/cmd_checkpoint_rename.c: `firn checkpoint rename PREFIX --rename
 * REGEX=REPLACEMENT... -o PREFIX` gives keys other names. */
#include <string.h>

#include "cli/surgery.h"

enum { LONGEST_PATTERN = 4096 };

static firn_code rename_keys(firn_operation *op, size_t *changed,
                             firn_error *err) {
  char pattern[LONGEST_PATTERN];
  const size_t count = firn_args_count(op->args, "--rename");
  for (size_t i = 0; i < count; i++) {
    const char *pair = firn_args_nth(op->args, "--rename", i);
    const char *rewrite = NULL;
    size_t n = 0;
    FIRN_TRY(firn_split_pair(pair, pattern, sizeof pattern, &rewrite, err));
    if (!rewrite) return firn_misuse(err, "'%s' is no REGEX=REPLACEMENT", pair);
    FIRN_TRY(firn_surgery_rename(op->surgery, pattern, rewrite, &n, err));
    *changed += n;
  }
  return FIRN_OK;
}

static firn_code operate(firn_operation *op, FILE *out, firn_error *err) {
  const bool averages = firn_args_has(op->args, "--swap-averages");
  size_t changed = 0, swapped = 0;
  if (!firn_args_has(op->args, "--rename") && !averages)
    return firn_misuse(err, "what? Give --rename REGEX=REPLACEMENT");
  if (averages)
    FIRN_TRY(firn_surgery_swap_averages(op->surgery, &swapped, err));
  FIRN_TRY(rename_keys(op, &changed, err));
  FIRN_TRY(firn_operation_write(op, NULL, err));
  fprintf(out, "%zu tensors, %zu renamed", firn_surgery_count(op->surgery),
          changed);
  if (averages) fprintf(out, ", %zu averages swapped in", swapped);
  fputc('\n', out);
  return FIRN_OK;
}

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  firn_operation op;
  firn_code code = firn_operation_begin(&op, args, FIRN_CLASH_FAIL, err);
  if (code == FIRN_OK) code = operate(&op, out, err);
  firn_operation_end(&op);
  return code;
}

static const firn_flag flags[] = {
    {"--rename", "REGEX=NEW", "rewrite every match; \\1 is a group", NULL},
    {"--swap-averages", NULL, "give variables their moving averages", NULL},
    FIRN_OUTPUT_FLAG,
    {0},
};

const firn_command firn_cmd_checkpoint_rename = {
    .name = "checkpoint rename",
    .usage = "PREFIX --rename REGEX=NEW... -o PREFIX",
    .summary = "give the tensors of a checkpoint other names",
    .min_args = 1,
    .max_args = 1,
    .flags = flags,
    .run = run,
};
