/* Runs by signature: names, defaults, order of outputs, and what is said of
 * inputs that do not fit. */
#include "base/alloc.h"
#include "support/model.h"

static firn_code call(const firn_model *model, const firn_call *c,
                      firn_tensor **results, firn_error *err) {
  firn_session *session = model_session(model);
  const firn_code code = firn_model_run(model, session, c, NULL, results, err);
  firn_session_free(session);
  return code;
}

TEST_FN(all_outputs_in_the_signatures_order) {
  static const int64_t dims[] = {2, 2};
  static const float values[] = {1, 0, 2, -1};
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *results[2];
  firn_model *model = model_open(SAVED_MODELS "functions", NULL);
  const firn_feed x = {"x", model_floats(2, dims, values)};
  const firn_call c = {.size = sizeof c,
                       .signature = model_signature(model, NULL),
                       .inputs = &x,
                       .input_count = 1};
  CHECK_OK(call(model, &c, results, &err), &err);
  model_check(results[0], "[3.0, -1.0]");
  model_check(results[1], "[[1.5, 1.5], [-0.5, -0.5]]");
  firn_tensor_release(x.tensor);
  firn_model_close(model);
}

TEST_FN(outputs_as_they_are_asked_for) {
  static const int64_t dims[] = {1, 2};
  static const float values[] = {0, 0};
  static const char *const wanted[] = {"y", "sum", "w/Read/ReadVariableOp:0"};
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *results[3];
  firn_model *model = model_open(SAVED_MODELS "functions", NULL);
  const firn_feed x = {"serving_default_x:0", model_floats(2, dims, values)};
  const firn_call c = {.size = sizeof c,
                       .signature = model_signature(model, NULL),
                       .inputs = &x,
                       .input_count = 1,
                       .outputs = wanted,
                       .output_count = 3};
  CHECK_OK(call(model, &c, results, &err), &err);
  model_check(results[0], "[[0.5, -0.5]]");
  model_check(results[1], "[0.0]");
  model_check(results[2], "[0.5, -0.5]");
  firn_tensor_release(x.tensor);
  firn_model_close(model);
}

TEST_FN(inputs_left_out_take_their_defaults) {
  static const int64_t dims[] = {2};
  static const float values[] = {1, 2}, three = 3;
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *result = NULL;
  firn_model *model = model_open(SAVED_MODELS "defaults", NULL);
  const firn_feed feeds[] = {{"x", model_floats(1, dims, values)},
                             {"scale", model_floats(0, NULL, &three)}};
  firn_call c = {.size = sizeof c,
                 .signature = model_signature(model, NULL),
                 .inputs = feeds};
  CHECK(c.signature->inputs[0].optional);
  CHECK(!c.signature->inputs[1].optional);
  c.input_count = 1;
  CHECK_OK(call(model, &c, &result, &err), &err);
  model_check(result, "[2.0, 4.0]");
  c.input_count = 2;
  CHECK_OK(call(model, &c, &result, &err), &err);
  model_check(result, "[3.0, 6.0]");
  firn_tensor_release(feeds[0].tensor);
  firn_tensor_release(feeds[1].tensor);
  firn_model_close(model);
}

TEST_FN(wrong_inputs_are_listed) {
  static const float one = 1;
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *results[2] = {NULL, NULL};
  firn_model *model = model_open(SAVED_MODELS "functions", NULL);
  const firn_feed q = {"q", model_floats(0, NULL, &one)};
  const firn_call c = {.size = sizeof c,
                       .signature = model_signature(model, NULL),
                       .inputs = &q,
                       .input_count = 1};
  CHECK_EQ(call(model, &c, results, &err), FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message,
            "the inputs are not those of signature 'serving_default'");
  CHECK_EQ(firn_error_count(&err), 2);
  CHECK_STR(firn_error_line(&err, 0), "there is no input 'q'");
  CHECK_STR(firn_error_line(&err, 1), "input 'x' is missing: float32 [?,2]");
  firn_error_clear(&err);
  firn_tensor_release(q.tensor);
  firn_model_close(model);
}

TEST_FN(unknown_outputs_list_those_there_are) {
  static const char *const wanted[] = {"z"};
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *result = NULL;
  firn_model *model = model_open(SAVED_MODELS "functions", NULL);
  const firn_call c = {.size = sizeof c,
                       .signature = model_signature(model, NULL),
                       .outputs = wanted,
                       .output_count = 1};
  CHECK_EQ(call(model, &c, &result, &err), FIRN_NOT_FOUND);
  CHECK_STR(err.message, "signature 'serving_default' has no output 'z'");
  CHECK_EQ(firn_error_count(&err), 2);
  CHECK_STR(firn_error_line(&err, 0), "there is output 'sum'");
  firn_error_clear(&err);
  firn_model_close(model);
}

/* ---- Tables ------------------------------------------------------------- */

static void look_up(const char *name, const char *output,
                    const char *const *words, const char *want) {
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *result = NULL;
  char path[200];
  snprintf(path, sizeof path, SAVED_MODELS "%s", name);
  firn_model *model = model_open(path, NULL);
  const firn_feed word = {"word", model_words(3, words)};
  const firn_call c = {.size = sizeof c,
                       .signature = model_signature(model, NULL),
                       .inputs = &word,
                       .input_count = 1,
                       .outputs = &output,
                       .output_count = 1};
  CHECK_OK(call(model, &c, &result, &err), &err);
  model_check(result, want);
  firn_tensor_release(word.tensor);
  firn_model_close(model);
}

TEST_FN(tables_are_filled) {
  static const char *const colours[] = {"blue", "red", "pink"};
  static const char *const numbers[] = {"two", "one", "six"};
  look_up("words", "id", colours, "[2, 0, -1]");
  look_up("words", "row", colours, "[[8.0, -1.0], [2.0, 0.25], [1.0, 0.5]]");
  look_up("restored", "value", numbers, "[20, 10, -10]");
}

SUITE(model_run, TEST(all_outputs_in_the_signatures_order),
      TEST(outputs_as_they_are_asked_for),
      TEST(inputs_left_out_take_their_defaults), TEST(wrong_inputs_are_listed),
      TEST(unknown_outputs_list_those_there_are), TEST(tables_are_filled));
