/* support/model.h: opens the small SavedModels of tests/golden and runs them.
 */
#ifndef FIRN_TEST_MODEL_H
#define FIRN_TEST_MODEL_H

#include <stdlib.h>

#include "firn/firn.h"
#include "support/test.h"

#define SAVED_MODELS "tests/golden/saved_model/"

static inline firn_model *model_open(const char *path, const char *tags) {
  firn_error err = FIRN_ERROR_INIT;
  firn_model *model = NULL;
  const firn_model_options o = {.size = sizeof o, .tags = tags};
  CHECK_OK(firn_model_open(path, &o, NULL, &model, &err), &err);
  return model;
}

static inline firn_session *model_session(const firn_model *model) {
  firn_error err = FIRN_ERROR_INIT;
  firn_session *session = NULL;
  firn_options options = FIRN_OPTIONS_INIT;
  options.threads = 1;
  CHECK_OK(firn_model_session(model, &options, &session, &err), &err);
  return session;
}

static inline const firn_signature *model_signature(const firn_model *model,
                                                    const char *key) {
  firn_error err = FIRN_ERROR_INIT;
  const firn_signature *signature = NULL;
  CHECK_OK(firn_model_signature(model, key, &signature, &err), &err);
  return signature;
}

static inline firn_tensor *model_floats(int rank, const int64_t *dims,
                                        const float *values) {
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *tensor = NULL;
  CHECK_OK(firn_tensor_new(FIRN_FLOAT, rank, dims, NULL, &tensor, &err), &err);
  memcpy(firn_tensor_data(tensor), values, firn_tensor_bytes(tensor));
  return tensor;
}

static inline firn_tensor *model_words(int64_t count,
                                       const char *const *words) {
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *tensor = NULL;
  CHECK_OK(firn_tensor_new(FIRN_STRING, 1, &count, NULL, &tensor, &err), &err);
  for (int64_t i = 0; i < count; i++) {
    const firn_str word = {words[i], strlen(words[i])};
    CHECK_OK(firn_tensor_set_string(tensor, (size_t)i, word, &err), &err);
  }
  return tensor;
}

/* The tensor is what its JSON says; releases it. */
static inline void model_check(firn_tensor *tensor, const char *want) {
  char *json = firn_tensor_json(tensor);
  CHECK_STR(json, want);
  free(json);
  firn_tensor_release(tensor);
}

#endif
