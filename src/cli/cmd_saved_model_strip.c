/* cli/cmd_saved_model_strip.c: `firn saved-model strip DIR -o OUT` leaves out
 * what serving does not need. What there was and what is left is printed, one
 * kind of thing a line. */
#include "cli/command.h"

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  firn_saved_model_strip_report r = {.nodes = 0};
  const char *to = firn_args_get(args, "-o");
  if (!to) return firn_misuse(err, "where to? Give -o DIR");
  FIRN_TRY(firn_saved_model_strip(args->value[0], to, NULL, &r, err));
  fprintf(out, "meta graphs\t%zu\t%zu\n", r.meta_graphs_before, r.meta_graphs);
  fprintf(out, "nodes\t%zu\t%zu\n", r.nodes_before, r.nodes);
  fprintf(out, "functions\t%zu\t%zu\n", r.functions_before, r.functions);
  fprintf(out, "variables\t%zu\t%zu\n", r.variables_before, r.variables);
  return FIRN_OK;
}

static const firn_flag flags[] = {
    {"-o", "DIR", "the SavedModel; new, or an empty folder", "--output"},
    {0},
};

const firn_command firn_cmd_saved_model_strip = {
    .name = "saved-model strip",
    .usage = "DIR -o OUT",
    .summary = "copy a SavedModel without what serving does not need",
    .min_args = 1,
    .max_args = 1,
    .flags = flags,
    .run = run,
};
