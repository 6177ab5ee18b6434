/* Whatever a file holds, it opens as some model or is refused, as what it seems
 * to be and as what it is said to be; what opened can be asked everything that
 * `inspect` asks, and be frozen. */
#include "model/model.h"

#include "checkpoint_files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 4 };

/* Every key stands for the tensor that it names, if it names one. */
static void ask_tensors(const firn_signature *s, bool input,
                        const firn_signature_tensor *list, size_t count) {
  const char *name = NULL;
  for (size_t i = 0; i < count; i++)
    MUST(firn_signature_tensor_name(s, input, list[i].key, &name, NULL) ==
             FIRN_OK ||
         !*list[i].tensor);
}

static void ask_signatures(const firn_model *model) {
  const firn_signature *s = NULL;
  const size_t count = firn_model_signature_count(model);
  for (size_t i = 0; i < count; i++) {
    s = firn_model_signature_at(model, i);
    MUST(s->key && s->method);
    if (i)
      MUST(strcmp(firn_model_signature_at(model, i - 1)->key, s->key) <= 0);
    ask_tensors(s, true, s->inputs, s->input_count);
    ask_tensors(s, false, s->outputs, s->output_count);
  }
  (void)!firn_model_signature(model, NULL, &s, NULL);
  for (size_t i = 0; i < firn_model_tag_set_count(model); i++)
    for (size_t k = 0; firn_model_tag(model, i, k).size; k++) continue;
  for (size_t i = 0; i < firn_model_asset_count(model); i++)
    MUST(firn_model_asset_at(model, i, NULL));
}

static void ask_nodes(const firn_model *model) {
  const firn_graph *graph = firn_model_graph(model);
  for (size_t i = 0; i < firn_graph_count(graph); i++) {
    const firn_graph_node node = firn_graph_at(graph, i);
    firn_shape *shapes = calloc(node.outputs + 1, sizeof *shapes);
    MUST(shapes);
    firn_model_shapes(model, i, shapes);
    for (size_t k = 0; k < node.outputs; k++) {
      MUST(shapes[k].rank >= -1 && shapes[k].rank <= FIRN_MAX_RANK);
      (void)firn_graph_output_type(graph, i, k);
    }
    for (size_t k = 0; k < node.inputs; k++)
      (void)firn_graph_input(graph, i, k);
    free(shapes);
  }
}

static void ask_whole(const firn_model *model) {
  firn_guess guesses[MOST];
  firn_model_size size;
  firn_op_use uses[MOST];
  firn_unsupported lacks[MOST];
  firn_error err = FIRN_ERROR_INIT;
  firn_model_measure(model, &size);
  MUST(size.nodes <= firn_graph_count(firn_model_graph(model)));
  (void)firn_model_guess_inputs(model, guesses, MOST);
  (void)firn_model_guess_outputs(model, guesses, MOST);
  (void)firn_model_ops(model, uses, MOST);
  (void)firn_model_unsupported(model, lacks, MOST);
  (void)!firn_model_check(model, NULL, 0, &err);
  firn_error_clear(&err);
}

static void freeze(const firn_model *model,
                   const firn_freeze_options *options) {
  firn_error err = FIRN_ERROR_INIT;
  firn_freeze_report report = {0};
  const firn_code code =
      firn_model_freeze(model, options, "/dev/null", &report, &err);
  MUST(code == err.code && code != FIRN_INTERNAL);
  MUST(code != FIRN_OK || report.nodes > 0);
  firn_error_clear(&err);
}

/* By the node that stands last, and by the first signature. */
static void freeze_all(const firn_model *model) {
  const firn_graph *graph = firn_model_graph(model);
  char output[200];
  const char *const outputs[] = {output};
  firn_freeze_options options = {.size = sizeof options};
  if (firn_graph_count(graph)) {
    const firn_str name =
        firn_graph_at(graph, firn_graph_count(graph) - 1).name;
    snprintf(output, sizeof output, "%.*s", FIRN_ARG(name));
    options.outputs = outputs;
    options.output_count = 1;
    freeze(model, &options);
  }
  if (firn_model_signature_count(model)) {
    options.output_count = 0;
    options.signature = firn_model_signature_at(model, 0)->key;
    freeze(model, &options);
  }
}

static void open_as(const char *path, firn_model_kind as,
                    const char *checkpoint) {
  firn_model *model = NULL;
  firn_error err = FIRN_ERROR_INIT;
  firn_options general = FIRN_OPTIONS_INIT;
  const firn_model_options options = {
      .size = sizeof options, .checkpoint = checkpoint, .tags = "*", .as = as};
  general.limits.tensor_bytes = 1 << 24;
  const firn_code code =
      firn_model_open(path, &options, &general, &model, &err);
  MUST(code == err.code && (code == FIRN_OK) == (model != NULL));
  MUST((code == FIRN_OK) == (err.message[0] == 0));
  if (model && firn_model_graph(model)) {
    ask_whole(model);
    ask_nodes(model);
    ask_signatures(model);
    freeze_all(model);
  }
  firn_model_close(model);
  firn_error_clear(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *path = files_put("model", data, size);
  open_as(path, FIRN_MODEL_ANY, NULL);
  open_as(path, FIRN_MODEL_GRAPH, "tests/golden/freeze/pair");
  open_as(path, FIRN_MODEL_META_GRAPH, "tests/golden/freeze/pair");
  open_as(path, FIRN_MODEL_SAVED_MODEL, NULL);
  return 0;
}
