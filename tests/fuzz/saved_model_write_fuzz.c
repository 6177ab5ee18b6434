/* Whatever a SavedModel says, its meta graphs are packed and stripped or
 * refused; what was written can be opened, and nothing else is left. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "model/saved_model_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(call)        \
  do {                    \
    if (!(call)) abort(); \
  } while (0)

static char folder[200], out[220];

static void make_folder(void) {
  const char *parent = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/firn-fuzz-XXXXXX",
           parent && strlen(parent) < 150 ? parent : P_tmpdir);
  MUST(mkdtemp(folder));
  snprintf(out, sizeof out, "%s/1", folder);
}

static bool is_empty(void) {
  const firn_env env = firn_env_from(NULL);
  firn_str *names = NULL;
  size_t count = 0;
  MUST(firn_folder_list(folder, &env.alloc, &names, &count, NULL) == FIRN_OK);
  firn_folder_free(&env.alloc, names, count);
  return count == 0;
}

static void write_one(firn_model *model, bool strip) {
  const firn_saved_model_meta meta = {.size = sizeof meta,
                                      .tags = "serve",
                                      .strip = strip,
                                      .strip_default_attrs = strip,
                                      .clear_devices = strip};
  firn_saved_model_writer *w = NULL;
  MUST(firn_saved_model_writer_new(out, NULL, NULL, &w, NULL) == FIRN_OK);
  if (firn_saved_model_add(w, model, NULL, &meta, NULL) != FIRN_OK) {
    firn_saved_model_abandon(w);
  } else if (firn_saved_model_commit(w, false, NULL) == FIRN_OK) {
    firn_model *again = NULL;
    MUST(firn_model_open(out, NULL, NULL, &again, NULL) == FIRN_OK);
    firn_model_close(again);
    firn_remove_folder(out);
  }
  MUST(is_empty());
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static firn_checkpoint *checkpoint;
  static const char prefix[] =
      "tests/golden/saved_model/restored/variables/variables";
  const firn_env env = firn_env_from(NULL);
  firn_arena arena;
  void *message = NULL;
  if (!checkpoint) (void)!firn_checkpoint_open(prefix, NULL, &checkpoint, NULL);
  make_folder();
  firn_arena_init(&arena, NULL);
  if (firn_pb_parse(&firn_pb_type_SavedModel, (firn_bytes){data, size},
                    &env.limits, &arena, &message, NULL) == FIRN_OK) {
    const firn_pb_SavedModel *saved = message;
    for (size_t i = 0; i < saved->meta_graphs_count && i < 4; i++) {
      firn_model model = {.env = env,
                          .kind = FIRN_MODEL_SAVED_MODEL,
                          .saved = saved,
                          .checkpoint = checkpoint,
                          .tensorflow = ""};
      firn_arena_init(&model.arena, NULL);
      pthread_mutex_init(&model.lock, NULL);
      if (firn_model_take_meta(&model, saved->meta_graphs[i], NULL) ==
              FIRN_OK &&
          firn_restore_new(&model, NULL) == FIRN_OK)
        write_one(&model, size % 2);
      firn_restore_free(&model);
      firn_graph_free(model.graph);
      pthread_mutex_destroy(&model.lock);
      firn_arena_fini(&model.arena);
    }
  }
  firn_arena_fini(&arena);
  MUST(rmdir(folder) == 0);
  return 0;
}
