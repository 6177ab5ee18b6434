/* Builds the graphs of support/built_graphs.h and writes each into a folder,
 * with what firn computes, for TensorFlow to judge (oracle/check_built.py):
 *
 *   NAME.meta, NAME.index, ...   the graph and its variables, after "init" and
 *                                three runs of "train" where there is one
 *   NAME.feeds.npz               what was fed
 *   NAME.fetches.npz             what was fetched then
 */
#include <stdio.h>
#include <stdlib.h>

#include "firn/firn.h"
#include "support/built_graphs.h"

enum { STEPS = 3, MOST = 8 };

typedef struct built {
  const char *folder, *name;
  firn_builder *b;
  firn_model *model;
  firn_session *session;
  firn_feed feeds[MOST];
  size_t feed_count;
} built;

static firn_error err = FIRN_ERROR_INIT;

static void must(firn_code code, const char *name) {
  if (code == FIRN_OK) return;
  fprintf(stderr, "%s: %s\n", name, err.message);
  exit(1);
}

/* Numbers between -1 and 1, or classes. */
static void feed(built *g, const char *name, firn_dtype dtype, int rank,
                 const int64_t *dims) {
  firn_tensor *t = NULL;
  must(firn_tensor_new(dtype, rank, dims, NULL, &t, &err), g->name);
  for (size_t i = 0; i < firn_tensor_count(t); i++)
    if (dtype == FIRN_INT64)
      ((int64_t *)firn_tensor_data(t))[i] = (int64_t)(i * 3 % 5);
    else
      ((float *)firn_tensor_data(t))[i] = (float)(i * 37 % 101) / 50 - 1;
  g->feeds[g->feed_count++] = (firn_feed){name, t};
}

static void start(built *g, const char *folder, const char *name) {
  *g = (built){.folder = folder, .name = name};
  must(firn_builder_new(NULL, &g->b, &err), name);
}

static void run(built *g, const char *target) {
  must(firn_session_run(g->session, NULL, g->feeds, g->feed_count, NULL, 0,
                        &target, 1, NULL, &err),
       g->name);
}

static void write_tensors(const built *g, const char *what, size_t count,
                          const char *const *names,
                          firn_tensor *const *tensors) {
  char path[1000];
  const firn_tensor *list[MOST];
  for (size_t i = 0; i < count; i++) list[i] = tensors[i];
  snprintf(path, sizeof path, "%s/%s.%s.npz", g->folder, g->name, what);
  must(firn_tensor_write_npz(path, count, names, list, &err), g->name);
}

static void write_fetches(built *g, const char *const *fetches, size_t count) {
  firn_tensor *results[MOST];
  const char *names[MOST];
  if (count)
    must(firn_session_run(g->session, NULL, g->feeds, g->feed_count, fetches,
                          count, NULL, 0, results, &err),
         g->name);
  write_tensors(g, "fetches", count, fetches, results);
  for (size_t i = 0; i < count; i++) firn_tensor_release(results[i]);

  firn_tensor *fed[MOST];
  for (size_t i = 0; i < g->feed_count; i++) {
    names[i] = g->feeds[i].name;
    fed[i] = g->feeds[i].tensor;
  }
  write_tensors(g, "feeds", g->feed_count, names, fed);
}

static void finish(built *g, const char *const *fetches, size_t count) {
  char prefix[1000];
  firn_save_options save = {.size = sizeof save, .meta = true};
  firn_nn_init(g->b, NULL);
  firn_builder_add_saver(g->b);
  must(firn_model_new(g->b, NULL, &g->model, &err), g->name);
  must(firn_model_session(g->model, NULL, &g->session, &err), g->name);
  const firn_graph *graph = firn_builder_graph(g->b);
  const bool trains = firn_graph_find_node(graph, "train") != SIZE_MAX;
  run(g, "init");
  for (int i = 0; trains && i < STEPS; i++) run(g, "train");
  write_fetches(g, fetches, count);
  snprintf(prefix, sizeof prefix, "%s/%s", g->folder, g->name);
  must(firn_model_save(g->model, g->session, prefix, &save, &err), g->name);
  for (size_t i = 0; i < g->feed_count; i++)
    firn_tensor_release(g->feeds[i].tensor);
  firn_session_free(g->session);
  firn_model_close(g->model);
  firn_builder_free(g->b);
}

static void write_layers(const char *folder, bool training) {
  built g;
  start(&g, folder, training ? "layers_training" : "layers");
  build_layers(g.b, training);
  feed(&g, "x", FIRN_FLOAT, 4, (int64_t[]){6, 8, 8, 2});
  feed(&g, "labels", FIRN_INT64, 1, (int64_t[]){6});
  /* What dropout drops is another thing in each run. */
  finish(&g, layer_fetches,
         training ? 0 : sizeof layer_fetches / sizeof *layer_fetches);
}

static void write_optimizer(const char *folder, const char *name,
                            firn_optimizer optimizer) {
  built g;
  start(&g, folder, name);
  build_optimizer(g.b, optimizer);
  feed(&g, "g", FIRN_FLOAT, 2, (int64_t[]){3, 4});
  finish(&g, NULL, 0);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: write_built FOLDER\n");
    return 2;
  }
  built g;
  start(&g, argv[1], "first_values");
  build_first_values(g.b);
  finish(&g, NULL, 0);
  write_layers(argv[1], false);
  write_layers(argv[1], true);
  firn_optimizer nesterov = firn_momentum(0.1f, 0.9f);
  nesterov.nesterov = true;
  firn_optimizer moving = firn_rms_prop(0.01f);
  moving.momentum = 0.5f;
  write_optimizer(argv[1], "gradient_descent", firn_gradient_descent(0.1f));
  write_optimizer(argv[1], "momentum", firn_momentum(0.1f, 0.9f));
  write_optimizer(argv[1], "nesterov", nesterov);
  write_optimizer(argv[1], "adam", firn_adam(0.01f));
  write_optimizer(argv[1], "rms_prop", moving);
  write_optimizer(argv[1], "adagrad", firn_adagrad(0.1f));
  return 0;
}
