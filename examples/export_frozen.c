/* export_frozen.c: build a softmax classifier, give it first values, and write
 * it as one frozen graph: "input" [N,784] to "output" [N,10].
 *
 *   export_frozen FILE
 */
#include <stdio.h>

#include "firn/firn.h"

/* Adds the net and gives the node that initialises it. */
static firn_output build(firn_builder *b) {
  firn_nn_seed(b, 1);
  const firn_output input =
      firn_nn_placeholder(b, "input", FIRN_FLOAT, FIRN_SHAPE(-1, 784));
  const firn_output weights =
      firn_nn_variable(b, "weights", FIRN_FLOAT, FIRN_SHAPE(784, 10),
                       firn_init_random_normal(0, 0.1f));
  const firn_output biases = firn_nn_variable(
      b, "biases", FIRN_FLOAT, FIRN_SHAPE(10), firn_init_zeros());
  const firn_output product = firn_nn_matmul(b, "product", input, weights);
  const firn_output logits = firn_nn_add(b, "logits", product, biases);
  firn_nn_softmax(b, "output", logits);
  return firn_nn_init(b, "init");
}

static firn_code export(const char *path, firn_error *err) {
  firn_builder *b = NULL;
  firn_model *model = NULL;
  firn_session *session = NULL;
  const char *const outputs[] = {"output"};
  firn_freeze_report report;

  firn_code code = firn_builder_new(NULL, &b, err);
  if (code != FIRN_OK) goto done;
  const char *const init = firn_output_name(b, build(b));
  code = firn_model_new(b, NULL, &model, err); /* says what was built wrong */
  if (code != FIRN_OK) goto done;
  code = firn_model_session(model, NULL, &session, err);
  if (code != FIRN_OK) goto done;
  code = firn_session_run(session, NULL, NULL, 0, NULL, 0, &init, 1, NULL, err);
  if (code != FIRN_OK) goto done;

  const firn_freeze_options options = {.size = sizeof options,
                                       .outputs = outputs,
                                       .output_count = 1,
                                       .session = session};
  code = firn_model_freeze(model, &options, path, &report, err);
  if (code == FIRN_OK)
    printf("%zu nodes, %zu of them were variables\n", report.nodes,
           report.variables);

done:
  firn_session_free(session);
  firn_model_close(model);
  firn_builder_free(b);
  return code;
}

int main(int argc, char **argv) {
  firn_error err = FIRN_ERROR_INIT;
  if (argc != 2) {
    fprintf(stderr, "usage: export_frozen FILE\n");
    return 2;
  }
  if (export(argv[1], &err) == FIRN_OK) return 0;
  fprintf(stderr, "export_frozen: %s\n", err.message);
  firn_error_clear(&err);
  return 1;
}
