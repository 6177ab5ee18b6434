/* cli/cmd_checkpoint_drop.c: `firn checkpoint drop PREFIX --match REGEX -o
 * PREFIX` leaves tensors out. */
#include "cli/surgery.h"

static firn_code drop(firn_operation *op, firn_error *err) {
  const size_t count = firn_args_count(op->args, "--match");
  if (firn_args_has(op->args, "--optimizer-slots"))
    FIRN_TRY(firn_surgery_drop_slots(op->surgery, NULL, err));
  else if (!count)
    return firn_misuse(err, "what? Give --match REGEX or --optimizer-slots");
  for (size_t i = 0; i < count; i++)
    FIRN_TRY(firn_surgery_drop(
        op->surgery, firn_args_nth(op->args, "--match", i), NULL, err));
  return FIRN_OK;
}

static firn_code operate(firn_operation *op, FILE *out, firn_error *err) {
  const size_t before = firn_surgery_count(op->surgery);
  FIRN_TRY(drop(op, err));
  FIRN_TRY(firn_operation_write(op, NULL, err));
  const size_t left = firn_surgery_count(op->surgery);
  fprintf(out, "%zu tensors, %zu dropped\n", left, before - left);
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
    {"--match", "REGEX", "leave out the keys that match", NULL},
    {"--optimizer-slots", NULL, "leave out what optimisers keep", NULL},
    FIRN_OUTPUT_FLAG,
    {0},
};

const firn_command firn_cmd_checkpoint_drop = {
    .name = "checkpoint drop",
    .usage = "PREFIX --match REGEX -o PREFIX",
    .summary = "leave tensors of a checkpoint out",
    .min_args = 1,
    .max_args = 1,
    .flags = flags,
    .run = run,
};
