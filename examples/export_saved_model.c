/* export_saved_model.c: build a softmax classifier, give it first values, and
 * write it as a SavedModel that any server of TensorFlow's models can serve:
 * "images" [N,784] to "scores" [N,10].
 *
 *   export_saved_model FOLDER
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

/* Says how the model is called, and writes it with the session's variables. */
static firn_code save(const firn_model *model, firn_session *session,
                      const char *folder, firn_error *err) {
  const firn_signature_tensor images = {.key = "images", .tensor = "input:0"};
  const firn_signature_tensor scores = {.key = "scores", .tensor = "output:0"};
  const firn_signature serving = {.key = "serving_default",
                                  .method = "predict",
                                  .input_count = 1,
                                  .inputs = &images,
                                  .output_count = 1,
                                  .outputs = &scores};
  const firn_saved_model_meta meta = {.size = sizeof meta,
                                      .tags = "serve",
                                      .signatures = &serving,
                                      .signature_count = 1};
  firn_saved_model_writer *w = NULL;
  FIRN_TRY(firn_saved_model_writer_new(folder, NULL, NULL, &w, err));
  const firn_code code = firn_saved_model_add(w, model, session, &meta, err);
  if (code == FIRN_OK) return firn_saved_model_commit(w, false, err);
  firn_saved_model_abandon(w);
  return code;
}

static firn_code export(const char *folder, firn_error *err) {
  firn_builder *b = NULL;
  firn_model *model = NULL;
  firn_session *session = NULL;

  firn_code code = firn_builder_new(NULL, &b, err);
  if (code != FIRN_OK) goto done;
  const char *const init = firn_output_name(b, build(b));
  code = firn_model_new(b, NULL, &model, err); /* says what was built wrong */
  if (code != FIRN_OK) goto done;
  code = firn_model_session(model, NULL, &session, err);
  if (code != FIRN_OK) goto done;
  code = firn_session_run(session, NULL, NULL, 0, NULL, 0, &init, 1, NULL, err);
  if (code != FIRN_OK) goto done;
  code = save(model, session, folder, err);

done:
  firn_session_free(session);
  firn_model_close(model);
  firn_builder_free(b);
  return code;
}

int main(int argc, char **argv) {
  firn_error err = FIRN_ERROR_INIT;
  if (argc != 2) {
    fprintf(stderr, "usage: export_saved_model FOLDER\n");
    return 2;
  }
  if (export(argv[1], &err) == FIRN_OK) return 0;
  fprintf(stderr, "export_saved_model: %s\n", err.message);
  for (size_t i = 0; i < firn_error_count(&err); i++)
    fprintf(stderr, "  %s\n", firn_error_line(&err, i));
  firn_error_clear(&err);
  return 1;
}
