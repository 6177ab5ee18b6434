/* Which key of a checkpoint goes into which variable: by restore nodes in the
 * graph and in functions, by the object graph, and by name. */
#include "model/model.h"
#include "support/failing.h"
#include "support/folder.h"
#include "support/model.h"

static const firn_node *node_of(const firn_model *model, const char *name) {
  const firn_node *node = firn_graph_find(model->graph, firn_str_of(name));
  CHECK(node);
  return node;
}

static void check_key(const firn_model *model, const char *variable,
                      const char *key) {
  firn_error err = FIRN_ERROR_INIT;
  firn_source source;
  CHECK_OK(firn_restore_find(model, node_of(model, variable), &source, &err),
           &err);
  CHECK(firn_str_is(source.key, key));
}

static void check_value(const firn_model *model, const char *variable,
                        const char *want) {
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *tensor = NULL;
  CHECK_OK(firn_restore_read(model, node_of(model, variable), &tensor, &err),
           &err);
  model_check(tensor, want);
}

/* Python gave both variables the name "w". */
TEST_FN(restore_functions_are_followed) {
  firn_model *model = model_open(SAVED_MODELS "functions", NULL);
  check_key(model, "w_1", "w/.ATTRIBUTES/VARIABLE_VALUE");
  check_key(model, "w", "b/.ATTRIBUTES/VARIABLE_VALUE");
  check_value(model, "w_1", "[[1.0, 2.0], [3.0, 4.0]]");
  check_value(model, "w", "[0.5, -0.5]");
  firn_model_close(model);
}

TEST_FN(object_graph_names_what_no_saver_does) {
  firn_model *model = model_open(SAVED_MODELS "objects", NULL);
  check_value(model, "w", "[[1.0, 2.0], [3.0, 4.0]]");
  check_value(model, "b", "[0.5, -0.5]");
  firn_model_close(model);
}

TEST_FN(nodes_of_the_graph_are_followed) {
  firn_model *model = model_open(SAVED_MODELS "two", "train");
  check_value(model, "w", "[[1.0], [2.0]]");
  firn_model_close(model);
  model = model_open(SAVED_MODELS "two", "serve");
  check_value(model, "w", "[[1.0], [2.0]]");
  firn_model_close(model);
}

TEST_FN(keys_that_are_missing_are_named) {
  firn_error err = FIRN_ERROR_INIT;
  firn_source source;
  firn_model *model = model_open(SAVED_MODELS "functions", NULL);
  const firn_node *asset = node_of(model, "Variable");
  CHECK(!firn_restore_knows(model, asset));
  CHECK_EQ(firn_restore_find(model, asset, &source, &err), FIRN_NOT_FOUND);
  CHECK_STR(
      err.message,
      "variable 'Variable': no key 'Variable' in checkpoint '" SAVED_MODELS
      "functions/variables/variables'");
  firn_model_close(model);
}

/* A table's keys and values are noted, with a node that can fill it. */
TEST_FN(tables_are_imported) {
  firn_model *model = model_open(SAVED_MODELS "restored", NULL);
  const firn_table_import *import = model->restore->imports;
  CHECK(import && !import->next);
  CHECK(firn_str_is(import->keys.key, "table/.ATTRIBUTES/table-keys"));
  CHECK(firn_str_is(import->values.key, "table/.ATTRIBUTES/table-values"));
  const firn_node *node = firn_graph_find(model->graph, import->node);
  CHECK(node);
  CHECK(firn_str_is(node->def->op, "LookupTableImportV2"));
  CHECK_EQ(node->input_count, 3);
  CHECK_EQ(firn_edge_type(model->graph, node->inputs[1]), FIRN_STRING);
  CHECK_EQ(firn_edge_type(model->graph, node->inputs[2]), FIRN_INT64);
  firn_model_close(model);
}

/* ---- Memory ------------------------------------------------------------- */

enum { VARIABLES = 5, ELEMENTS = 1 << 18, BYTES = 4 * ELEMENTS };

/* Besides variables: indices, names, and the block that a writer fills. */
enum { LITTLE = 600000 };

static void write_graph(const char *path) {
  char text[2000];
  int size = 0;
  for (int i = 0; i < VARIABLES; i++)
    size += snprintf(text + size, sizeof text - (size_t)size,
                     "node { name: \"v%d\" op: \"VariableV2\""
                     " attr { key: \"dtype\" value { type: DT_FLOAT } }"
                     " attr { key: \"shape\" value { shape {"
                     " dim { size: %d } } } } }\n",
                     i, ELEMENTS);
  folder_write(path, text, (size_t)size);
}

static void write_checkpoint(const char *prefix) {
  const int64_t dims[] = {ELEMENTS};
  firn_error err = FIRN_ERROR_INIT;
  firn_checkpoint_writer *w = NULL;
  firn_tensor *value = NULL;
  CHECK_OK(firn_tensor_new(FIRN_FLOAT, 1, dims, NULL, &value, &err), &err);
  memset(firn_tensor_data(value), 0, BYTES);
  CHECK_OK(firn_checkpoint_writer_create(prefix, NULL, NULL, &w, &err), &err);
  for (int i = 0; i < VARIABLES; i++) {
    char name[8];
    snprintf(name, sizeof name, "v%d", i);
    CHECK_OK(firn_checkpoint_writer_add(w, name, value, &err), &err);
  }
  CHECK_OK(firn_checkpoint_writer_commit(w, &err), &err);
  firn_tensor_release(value);
}

/* For variables that have values already: the next value of one of them. */
TEST_FN(restoring_holds_one_tensor_more_and_saving_none) {
  char folder[FOLDER_ROOM], graph[FOLDER_ROOM], one[FOLDER_ROOM],
      two[FOLDER_ROOM];
  failing counts = {0};
  const firn_allocator alloc = failing_allocator(&counts);
  const firn_options options = {.size = sizeof options, .allocator = &alloc};
  firn_error err = FIRN_ERROR_INIT;
  firn_model *model = NULL;
  firn_session *session = NULL;
  folder_new(folder);
  folder_path(graph, folder, "graph.pbtxt");
  folder_path(one, folder, "one");
  folder_path(two, folder, "two");
  write_graph(graph);
  write_checkpoint(one);
  CHECK_OK(firn_model_open(graph, NULL, &options, &model, &err), &err);
  CHECK_OK(firn_model_session(model, &options, &session, &err), &err);

  CHECK_OK(firn_model_restore(model, session, one, &err), &err);
  CHECK(counts.live > VARIABLES * BYTES);
  CHECK(counts.peak < VARIABLES * BYTES + LITTLE);
  CHECK_OK(firn_model_restore(model, session, one, &err), &err);
  CHECK(counts.peak > (VARIABLES + 1) * BYTES);
  CHECK(counts.peak < (VARIABLES + 1) * BYTES + LITTLE);

  counts.peak = counts.live;
  CHECK_OK(firn_model_save(model, session, two, NULL, &err), &err);
  CHECK(counts.peak > VARIABLES * BYTES + FIRN_WRITER_BLOCK);
  CHECK(counts.peak < VARIABLES * BYTES + LITTLE);
  firn_session_free(session);
  firn_model_close(model);
  CHECK_EQ(counts.live, 0);
  CHECK_EQ(counts.wrong_size, 0);
  folder_remove(folder);
}

SUITE(model_restore, TEST(restore_functions_are_followed),
      TEST(object_graph_names_what_no_saver_does),
      TEST(nodes_of_the_graph_are_followed),
      TEST(keys_that_are_missing_are_named), TEST(tables_are_imported),
      TEST(restoring_holds_one_tensor_more_and_saving_none));
