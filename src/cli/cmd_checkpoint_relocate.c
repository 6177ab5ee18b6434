/* cli/cmd_checkpoint_relocate.c: `firn checkpoint relocate FOLDER` makes a
 * state file name the checkpoints where they lie now. */
#include "cli/surgery.h"

static void say_gone(void *ud, const char *prefix) {
  (void)ud;
  fprintf(stderr, "'%s' is gone and no longer listed\n", prefix);
}

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  firn_checkpoint_state *state = NULL;
  const char *path = args->value[0];
  FIRN_TRY(firn_checkpoint_state_relocate(path,
                                          firn_args_has(args, "--relative"),
                                          say_gone, NULL, &args->options, err));
  FIRN_TRY(firn_checkpoint_state_open(path, &args->options, &state, err));
  for (size_t i = 0; i < firn_checkpoint_state_count(state); i++)
    fprintf(out, "%s\n", firn_checkpoint_state_at(state, i));
  firn_checkpoint_state_close(state);
  return FIRN_OK;
}

static const firn_flag flags[] = {
    {"--relative", NULL, "paths relative to the folder", NULL},
    {0},
};

const firn_command firn_cmd_checkpoint_relocate = {
    .name = "checkpoint relocate",
    .usage = "FOLDER",
    .summary = "mend a state file whose folder was moved",
    .min_args = 1,
    .max_args = 1,
    .flags = flags,
    .run = run,
};
