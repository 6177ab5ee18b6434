/* freeze.c: turn the variables of a model into constants.
 *
 *   freeze MODEL OUTPUT FILE
 */
#include <stdio.h>

#include "firn/firn.h"

int main(int argc, char **argv) {
  firn_error err = FIRN_ERROR_INIT;
  firn_model *model = NULL;
  firn_freeze_report report = {0};
  if (argc != 4) {
    fprintf(stderr, "usage: freeze MODEL OUTPUT FILE\n");
    return 2;
  }
  const char *const outputs[] = {argv[2]};
  const firn_freeze_options options = {
      .size = sizeof options, .outputs = outputs, .output_count = 1};
  firn_code code = firn_model_open(argv[1], NULL, NULL, &model, &err);
  if (code == FIRN_OK)
    code = firn_model_freeze(model, &options, argv[3], &report, &err);
  if (code == FIRN_OK)
    printf("%zu nodes, %zu of them were variables\n", report.nodes,
           report.variables);
  else
    fprintf(stderr, "freeze: %s\n", err.message);
  for (size_t i = 0; i < firn_error_count(&err); i++)
    fprintf(stderr, "  %s\n", firn_error_line(&err, i));
  firn_error_clear(&err);
  firn_model_close(model);
  return code == FIRN_OK ? 0 : 1;
}
