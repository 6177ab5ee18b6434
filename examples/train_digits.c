/* train_digits.c: build a net, teach it to read digits, save, freeze, use it.
 *
 *   train_digits IMAGES.npy LABELS.npy PREFIX FROZEN.pb
 */
#include <stdio.h>

#include "firn/firn.h"

/* The first images of the set are for testing, the others for training. */
enum { TEST = 360, TRAIN = 1437, BATCH = 64, STEPS = 800 };

/* A program that only prints what went wrong may leave its memory behind. */
#define TRY(call)                                       \
  if ((call) != FIRN_OK) {                              \
    fprintf(stderr, "train_digits: %s\n", err.message); \
    return 1;                                           \
  }

static void build(firn_builder *b) {
  const firn_init he = firn_init_he_normal();
  const firn_optimizer adam = firn_adam(0.002f);
  firn_nn_seed(b, 1);
  firn_output h =
      firn_nn_placeholder(b, "image", FIRN_UINT8, FIRN_SHAPE(-1, 8, 8, 1));
  firn_output label =
      firn_nn_placeholder(b, "label", FIRN_INT64, FIRN_SHAPE(-1));
  h = firn_nn_cast(b, NULL, h, FIRN_FLOAT);
  h = firn_nn_mul(b, NULL, h, firn_const_float(b, "scale", 1 / 255.0f));
  for (int filters = 16; filters <= 32; filters *= 2) {
    h = firn_nn_conv2d(b, "conv", h, filters, 3, 1, "SAME", he);
    h = firn_nn_relu(b, NULL, h);
    h = firn_nn_max_pool(b, NULL, h, 2, 2, "VALID");
  }
  h = firn_nn_dense(b, "logits", firn_nn_flatten(b, NULL, h), 10, he);
  firn_nn_argmax(b, "digit", h, -1);
  firn_nn_accuracy(b, "accuracy", h, label);
  firn_output loss = firn_nn_sparse_softmax_loss(b, "loss", h, label);
  firn_nn_minimize(b, &adam, loss, firn_nn_global_step(b)); /* node "Adam" */
  firn_nn_init(b, "init");
  firn_builder_add_saver(b);
}

/* Runs with some rows of the set, which are images and labels. */
static firn_code run(firn_session *s, firn_tensor *const set[2], int64_t row,
                     int64_t count, const char *fetch, const char *target,
                     float *out, firn_error *err) {
  firn_feed feeds[] = {{"image", NULL}, {"label", NULL}};
  firn_tensor *result = NULL;
  FIRN_TRY(firn_tensor_rows(set[0], row, count, &feeds[0].tensor, err));
  FIRN_TRY(firn_tensor_rows(set[1], row, count, &feeds[1].tensor, err));
  FIRN_TRY(firn_session_run(s, NULL, feeds, 2, &fetch, 1, &target,
                            target != NULL, &result, err));
  *out = *(float *)firn_tensor_data(result);
  firn_tensor_release(feeds[0].tensor);
  firn_tensor_release(feeds[1].tensor);
  firn_tensor_release(result);
  return FIRN_OK;
}

int main(int argc, char **argv) {
  const char *init = "init", *outputs[] = {"digit", "accuracy"};
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *images, *labels;
  firn_builder *b;
  firn_model *model, *frozen;
  firn_session *s, *reader;
  float value;
  if (argc != 5) return 2;
  TRY(firn_tensor_read(argv[1], FIRN_UINT8, NULL, &images, &err));
  TRY(firn_tensor_read(argv[2], FIRN_INT64, NULL, &labels, &err));
  firn_tensor *const set[] = {images, labels};
  TRY(firn_builder_new(NULL, &b, &err));
  build(b);
  TRY(firn_model_new(b, NULL, &model, &err)); /* says what was built wrong */
  TRY(firn_model_session(model, NULL, &s, &err));
  TRY(firn_session_run(s, NULL, NULL, 0, NULL, 0, &init, 1, NULL, &err));
  for (int i = 1; i <= STEPS; i++) {
    const int64_t row = TEST + (int64_t)i * BATCH % (TRAIN - BATCH);
    TRY(run(s, set, row, BATCH, "loss", "Adam", &value, &err));
    if (i % 100 == 0) printf("step %d: loss %.4f\n", i, (double)value);
  }
  firn_save_options save = {.size = sizeof save, .meta = true, .state = true};
  TRY(firn_model_save(model, s, argv[3], &save, &err));
  firn_freeze_options freeze = {sizeof freeze, outputs, 2, .session = s};
  TRY(firn_model_freeze(model, &freeze, argv[4], NULL, &err));
  TRY(firn_model_open(argv[4], NULL, NULL, &frozen, &err));
  TRY(firn_model_session(frozen, NULL, &reader, &err));
  TRY(run(reader, set, 0, TEST, "accuracy", NULL, &value, &err));
  printf("%.1f %% of %d new images are read right\n", 100 * (double)value,
         TEST);
  firn_session_free(reader);
  firn_session_free(s);
  firn_model_close(frozen);
  firn_model_close(model);
  firn_builder_free(b);
  firn_tensor_release(images);
  firn_tensor_release(labels);
  return 0;
}
