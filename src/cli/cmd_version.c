/* cli/cmd_version.c: `firn version`. */
#include "cli/command.h"

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  (void)err;
  if (args->json)
    fprintf(out, "{\"version\":\"%s\"}\n", firn_version());
  else
    fprintf(out, "firn %s\n", firn_version());
  return FIRN_OK;
}

const firn_command firn_cmd_version = {
    .name = "version",
    .usage = "",
    .summary = "say which version this is",
    .run = run,
};
