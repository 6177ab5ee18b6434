/* First values by seed: bit for bit what TensorFlow 2.21 gave the same
 * variables (oracle/make_build_golden.py). */
#include "firn/firn.h"
#include "support/built_graphs.h"
#include "support/test.h"

#define GOLDEN "tests/golden/build/first_values"

TEST_FN(they_are_tensorflows) {
  firn_error err = FIRN_ERROR_INIT;
  firn_builder *b = NULL;
  firn_model *model = NULL;
  firn_session *session = NULL;
  firn_checkpoint *golden = NULL;
  CHECK_OK(firn_builder_new(NULL, &b, &err), &err);
  build_first_values(b);
  const char *init = firn_output_name(b, firn_nn_init(b, NULL));
  CHECK_OK(firn_model_new(b, NULL, &model, &err), &err);
  CHECK_OK(firn_model_session(model, NULL, &session, &err), &err);
  CHECK_OK(
      firn_session_run(session, NULL, NULL, 0, NULL, 0, &init, 1, NULL, &err),
      &err);
  CHECK_OK(firn_checkpoint_open(GOLDEN, NULL, &golden, &err), &err);
  CHECK_EQ(firn_checkpoint_count(golden), 16);
  for (size_t i = 0; i < firn_checkpoint_count(golden); i++) {
    char name[100];
    firn_tensor *have = NULL, *want = NULL;
    const firn_str key = firn_checkpoint_at(golden, i).name;
    snprintf(name, sizeof name, "%.*s", (int)key.size, key.data);
    test_row_name = name;
    CHECK_OK(firn_model_variable(model, session, name, &have, &err), &err);
    CHECK_OK(firn_checkpoint_read(golden, name, &want, &err), &err);
    CHECK_EQ(firn_tensor_bytes(have), firn_tensor_bytes(want));
    CHECK(!memcmp(firn_tensor_data(have), firn_tensor_data(want),
                  firn_tensor_bytes(want)));
    firn_tensor_release(have);
    firn_tensor_release(want);
  }
  test_row_name = NULL;
  firn_checkpoint_close(golden);
  firn_session_free(session);
  firn_model_close(model);
  firn_builder_free(b);
}

SUITE(build_first_values, TEST(they_are_tensorflows));
