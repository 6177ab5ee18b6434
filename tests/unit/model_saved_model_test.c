/* What a SavedModel says of itself, in each of its forms, and what is said of a
 * damaged one. */
#include "model/model.h"
#include "support/folder.h"
#include "support/model.h"

static const char *const forms[] = {"functions", "objects", "text",
#ifdef FIRN_HAVE_BROTLI
                                    "chunked"
#endif
};

TEST_FN(all_forms_say_the_same) {
  for (size_t i = 0; i < FIRN_COUNT(forms); i++) {
    char path[200];
    snprintf(path, sizeof path, SAVED_MODELS "%s", forms[i]);
    firn_model *model = model_open(path, NULL);
    CHECK_EQ(firn_model_what(model), FIRN_MODEL_SAVED_MODEL);
    CHECK_STR(firn_model_tensorflow(model), "2.21.0");
    CHECK_EQ(firn_model_signature_count(model), 4);
    const firn_signature *s = firn_model_signature_at(model, 3);
    CHECK_STR(s->key, "serving_default");
    CHECK_STR(s->method, "tensorflow/serving/predict");
    CHECK_EQ(s->input_count, 1);
    CHECK_STR(s->inputs[0].key, "x");
    CHECK_STR(s->inputs[0].tensor, "serving_default_x:0");
    CHECK_EQ(s->inputs[0].dtype, FIRN_FLOAT);
    CHECK_EQ(s->inputs[0].shape.rank, 2);
    CHECK_EQ(s->inputs[0].shape.dims[0], -1);
    CHECK_EQ(s->inputs[0].shape.dims[1], 2);
    CHECK(!s->inputs[0].optional);
    CHECK_EQ(s->output_count, 2);
    CHECK_STR(s->outputs[0].key, "sum");
    CHECK_STR(s->outputs[1].key, "y");
    CHECK_EQ(firn_model_asset_count(model), 1);
    CHECK_HAS(firn_model_asset_at(model, 0, NULL), "/assets/words.txt");
    firn_model_close(model);
  }
}

/* A path to the file is as good as one to the folder. */
TEST_FN(the_file_stands_for_the_folder) {
  firn_model *model = model_open(SAVED_MODELS "two/saved_model.pb", "train");
  CHECK(firn_model_checkpoint(model));
  firn_model_close(model);
}

TEST_FN(old_builders_put_assets_into_a_collection) {
  firn_str tensor;
  firn_model *model = model_open(SAVED_MODELS "words", NULL);
  CHECK_EQ(firn_model_asset_count(model), 1);
  CHECK_STR(firn_model_asset_at(model, 0, &tensor),
            SAVED_MODELS "words/assets/words.txt");
  CHECK(firn_str_is(tensor, "asset_path:0"));
  CHECK(firn_str_is(model->init_op, "init_all_tables"));
  firn_model_close(model);
}

TEST_FN(tags_choose_the_meta_graph) {
  static const struct {
    const char *name, *tags, *output;
  } rows[] =
      {
          {"serve by default", NULL, "serve"},
          {"train", "train", "train"},
          {"any", "*", "train"},
      },
    *row;
  EACH (row, rows) {
    firn_model *model = model_open(SAVED_MODELS "two", row->tags);
    CHECK_EQ(firn_model_tag_set_count(model), 2);
    CHECK(firn_str_is(firn_model_tag(model, 0, 0), "train"));
    CHECK(!firn_model_tag(model, 0, 1).data);
    CHECK(firn_str_is(firn_model_tag(model, 1, 0), "serve"));
    CHECK(firn_str_is(((firn_model *)model)->meta->meta_info_def->tags[0],
                      row->output));
    firn_model_close(model);
  }
}

TEST_FN(unknown_tags_list_those_there_are) {
  firn_error err = FIRN_ERROR_INIT;
  firn_model *model = NULL;
  const firn_model_options o = {.size = sizeof o, .tags = "serve,gpu"};
  CHECK_EQ(firn_model_open(SAVED_MODELS "two", &o, NULL, &model, &err),
           FIRN_NOT_FOUND);
  CHECK_STR(err.message,
            "'" SAVED_MODELS "two': no meta graph has the tags 'serve,gpu'");
  CHECK_EQ(firn_error_count(&err), 2);
  CHECK_STR(firn_error_line(&err, 0), "there are the tags: train");
  CHECK_STR(firn_error_line(&err, 1), "there are the tags: serve");
  firn_error_clear(&err);
}

TEST_FN(sparse_tensors_have_three_parts) {
  firn_model *model = model_open(SAVED_MODELS "sparse", NULL);
  const firn_signature *s = model_signature(model, NULL);
  CHECK_EQ(s->input_count, 3);
  CHECK_STR(s->inputs[0].key, "sp/dense_shape");
  CHECK_STR(s->inputs[1].key, "sp/indices");
  CHECK_STR(s->inputs[1].tensor, "sp/indices:0");
  CHECK_EQ(s->inputs[1].dtype, FIRN_INT64);
  CHECK_EQ(s->inputs[1].shape.rank, 2);
  CHECK_STR(s->inputs[2].key, "sp/values");
  CHECK_EQ(s->inputs[2].dtype, FIRN_FLOAT);
  firn_model_close(model);
}

TEST_FN(signatures_are_found) {
  firn_error err = FIRN_ERROR_INIT;
  const firn_signature *s = NULL;
  firn_model *model = model_open(SAVED_MODELS "functions", NULL);
  CHECK_STR(model_signature(model, NULL)->key, "serving_default");
  CHECK_STR(model_signature(model, "power")->key, "power");
  CHECK_EQ(firn_model_signature(model, "predict", &s, &err), FIRN_NOT_FOUND);
  CHECK_STR(err.message, "there is no signature 'predict'");
  CHECK_EQ(firn_error_count(&err), 4);
  CHECK_STR(firn_error_line(&err, 1), "there is 'look_up'");
  firn_error_clear(&err);
  firn_model_close(model);
}

/* ---- Counting ----------------------------------------------------------- */

static size_t uses(const firn_model *model, const char *op) {
  firn_op_use list[100];
  const size_t count = firn_model_ops(model, list, 100);
  CHECK(count < 100);
  for (size_t i = 0; i < count; i++)
    if (firn_str_is(list[i].op, op)) return list[i].count;
  return 0;
}

TEST_FN(ops_inside_functions_count) {
  firn_op_use most;
  firn_model *model = model_open(SAVED_MODELS "functions", NULL);
  CHECK_EQ(uses(model, "MatMul"), 1);
  CHECK_EQ(uses(model, "Mul"), 1);
  CHECK_EQ(uses(model, "VarHandleOp"), 3);
  CHECK_EQ(uses(model, "StatelessWhile") + uses(model, "While"), 1);
  CHECK(firn_model_ops(model, &most, 1) > 10);
  CHECK(firn_str_is(most.op, "Identity"));
  firn_model_close(model);
}

TEST_FN(parameters_are_those_of_the_checkpoint) {
  firn_model_size size;
  firn_model *model = model_open(SAVED_MODELS "functions", NULL);
  firn_model_measure(model, &size);
  CHECK_EQ(size.variables, 3); /* one of them holds the asset's path */
  CHECK_EQ(size.parameters, 4 + 2);
  CHECK_EQ(size.parameter_bytes, 24);
  CHECK(size.functions >= 10);
  firn_model_close(model);
}

/* ---- Damage ------------------------------------------------------------- */

static void copy_file(const char *from, const char *folder, const char *name) {
  char path[FOLDER_ROOM];
  firn_error err = FIRN_ERROR_INIT;
  firn_file *file = NULL;
  CHECK_OK(firn_file_open(from, NULL, &file, &err), &err);
  folder_path(path, folder, name);
  folder_write(path, file->bytes.data, file->bytes.size);
  firn_file_close(file);
}

TEST_FN(missing_parts_are_named) {
  char folder[FOLDER_ROOM], want[2 * FOLDER_ROOM];
  firn_error err = FIRN_ERROR_INIT;
  firn_session *session = NULL;
  folder_new(folder);
  copy_file(SAVED_MODELS "words/saved_model.pb", folder, "saved_model.pb");
  firn_model *model = model_open(folder, NULL);
  CHECK_EQ(firn_model_session(model, NULL, &session, &err), FIRN_NOT_FOUND);
  snprintf(want, sizeof want,
           "'%s': init op 'init_all_tables': assets of the SavedModel are "
           "missing",
           folder);
  CHECK_STR(err.message, want);
  CHECK_EQ(firn_error_count(&err), 1);
  snprintf(want, sizeof want,
           "'%s/assets/words.txt', which 'asset_path:0' stands for", folder);
  CHECK_STR(firn_error_line(&err, 0), want);
  firn_error_clear(&err);
  firn_model_close(model);
  folder_remove(folder);
}

TEST_FN(missing_variables_are_named) {
  char folder[FOLDER_ROOM], want[2 * FOLDER_ROOM];
  firn_error err = FIRN_ERROR_INIT;
  folder_new(folder);
  copy_file(SAVED_MODELS "two/saved_model.pb", folder, "saved_model.pb");
  firn_model *model = model_open(folder, NULL);
  firn_session *session = model_session(model);
  const char *const fetch = "w/read:0";
  firn_tensor *result = NULL;
  CHECK_EQ(firn_session_run(session, NULL, NULL, 0, &fetch, 1, NULL, 0, &result,
                            &err),
           FIRN_NOT_FOUND);
  snprintf(want, sizeof want,
           "variable 'w': the SavedModel '%s' has no variables/variables.index",
           folder);
  CHECK_HAS(err.message, want);
  firn_error_clear(&err);
  firn_session_free(session);
  firn_model_close(model);
  folder_remove(folder);
}

SUITE(model_saved_model, TEST(all_forms_say_the_same),
      TEST(the_file_stands_for_the_folder),
      TEST(old_builders_put_assets_into_a_collection),
      TEST(tags_choose_the_meta_graph), TEST(unknown_tags_list_those_there_are),
      TEST(sparse_tensors_have_three_parts), TEST(signatures_are_found),
      TEST(ops_inside_functions_count),
      TEST(parameters_are_those_of_the_checkpoint),
      TEST(missing_parts_are_named), TEST(missing_variables_are_named));
