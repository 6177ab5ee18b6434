/* Whatever a SavedModel says, it is opened or refused; its restore functions
 * are followed, and every question about it has an answer. */
#include <stdlib.h>

#include "model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(firn_model *model) {
  firn_model_size size;
  firn_op_use uses[4];
  firn_unsupported lacks[4];
  firn_error err = FIRN_ERROR_INIT;
  firn_source source;
  (void)firn_model_ops(model, uses, 4);
  (void)firn_model_unsupported(model, lacks, 4);
  if (firn_restore_new(model, &err) == FIRN_OK)
    for (uint32_t i = 0; i < model->graph->node_count; i++)
      if (firn_is_variable(model->graph->nodes[i]))
        (void)!firn_restore_find(model, model->graph->nodes[i], &source, NULL);
  firn_model_measure(model, &size);
  firn_error_clear(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static firn_checkpoint *checkpoint;
  static const char prefix[] =
      "tests/golden/saved_model/restored/variables/variables";
  const firn_env env = firn_env_from(NULL);
  firn_arena arena;
  void *message = NULL;
  if (!checkpoint) (void)!firn_checkpoint_open(prefix, NULL, &checkpoint, NULL);
  firn_arena_init(&arena, NULL);
  if (firn_pb_parse(&firn_pb_type_SavedModel, (firn_bytes){data, size},
                    &env.limits, &arena, &message, NULL) == FIRN_OK) {
    const firn_pb_SavedModel *saved = message;
    for (size_t i = 0; i < saved->meta_graphs_count; i++) {
      firn_model model = {.env = env,
                          .kind = FIRN_MODEL_SAVED_MODEL,
                          .saved = saved,
                          .checkpoint = checkpoint,
                          .tensorflow = ""};
      firn_arena_init(&model.arena, NULL);
      pthread_mutex_init(&model.lock, NULL);
      if (firn_model_take_meta(&model, saved->meta_graphs[i], NULL) ==
              FIRN_OK &&
          checkpoint)
        ask(&model);
      firn_restore_free(&model);
      firn_graph_free(model.graph);
      pthread_mutex_destroy(&model.lock);
      firn_arena_fini(&model.arena);
    }
  }
  firn_arena_fini(&arena);
  return 0;
}
