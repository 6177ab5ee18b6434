/* Which key of a checkpoint goes into which variable: by restore nodes in the
 * graph and in functions, by the object graph, and by name. */
#include "model/model.h"
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

SUITE(model_restore, TEST(restore_functions_are_followed),
      TEST(object_graph_names_what_no_saver_does),
      TEST(nodes_of_the_graph_are_followed),
      TEST(keys_that_are_missing_are_named), TEST(tables_are_imported));
