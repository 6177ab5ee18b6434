/* Whatever MetaGraphDef comes in, a builder over it ends with a graph or an
 * error; what is built on it has the names that nobody had; and the
 * MetaGraphDef that it writes begins with the same nodes. */
#include <stdlib.h>

#include "build/builder.h"
#include "firn/nn.h"

#define MUST(call)        \
  do {                    \
    if (!(call)) abort(); \
  } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Adds what can be added to any graph, and writes it. */
static void build_on(firn_builder *b, uint32_t had, firn_arena *arena) {
  firn_pb_MetaGraphDef *meta = NULL;
  MUST(firn_graph_count(firn_builder_graph(b)) == had);
  firn_builder_push(b, "scope");
  firn_nn_global_step(b);
  firn_nn_variable(b, "w", FIRN_FLOAT, FIRN_SHAPE(2, 2),
                   firn_init_glorot_uniform());
  firn_builder_pop(b);
  firn_nn_init(b, NULL);
  firn_builder_add_saver(b);
  if (firn_builder_check(b, NULL) != FIRN_OK) return;
  MUST(firn_builder_meta(b, arena, &meta, NULL) == FIRN_OK);
  MUST(meta->graph_def->node_count > had + 10);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const firn_options options = FIRN_OPTIONS_INIT;
  const firn_env env = firn_env_from(&options);
  firn_graph *graph = NULL;
  firn_builder *b = NULL;
  void *message = NULL;
  firn_arena arena;
  firn_arena_init(&arena, &env.alloc);
  if (firn_pb_parse(&firn_pb_type_MetaGraphDef, (firn_bytes){data, size},
                    &env.limits, &arena, &message, NULL) == FIRN_OK) {
    const firn_pb_MetaGraphDef *meta = message;
    if (meta->graph_def &&
        firn_graph_import(meta->graph_def, NULL, &env, &graph, NULL) ==
            FIRN_OK &&
        firn_builder_on(graph, NULL, &b, NULL) == FIRN_OK) {
      firn_builder_take_meta(b, meta);
      build_on(b, graph->node_count, &arena);
    }
  }
  firn_builder_free(b);
  firn_graph_free(graph);
  firn_arena_fini(&arena);
  return 0;
}
