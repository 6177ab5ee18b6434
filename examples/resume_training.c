/* resume_training.c: go on with a training run from its newest checkpoint.
 *
 *   resume_training IMAGES.npy LABELS.npy FOLDER STEPS
 *
 * FOLDER holds what train_digits, or an earlier run of this program, has left
 * behind; TensorFlow may have written it just as well.
 */
#include <stdio.h>
#include <stdlib.h>

#include "firn/firn.h"

enum { TEST = 360, TRAIN = 1437, BATCH = 64 };

/* A program that only prints what went wrong may leave its memory behind. */
#define TRY(call)                                          \
  if ((call) != FIRN_OK) {                                 \
    fprintf(stderr, "resume_training: %s\n", err.message); \
    return 1;                                              \
  }

int main(int argc, char **argv) {
  const char *fetch = "loss", *train = "Adam", *written = NULL;
  char path[1000];
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *images = NULL, *labels = NULL, *loss = NULL;
  firn_model *model = NULL;
  firn_session *s = NULL;
  firn_saver *saver = NULL;
  int64_t step = 0;
  if (argc != 5) return 2;
  TRY(firn_tensor_read(argv[1], FIRN_INVALID, NULL, &images, &err));
  TRY(firn_tensor_read(argv[2], FIRN_INVALID, NULL, &labels, &err));

  /* The newest checkpoint, its graph, and the values of its variables: Adam's
   * slots and the global step are among them. */
  TRY(firn_model_open(argv[3], NULL, NULL, &model, &err));
  TRY(firn_model_session(model, NULL, &s, &err));
  TRY(firn_model_global_step(model, s, &step, &err));
  printf("going on from step %lld\n", (long long)step);

  for (const int64_t end = step + atoll(argv[4]); step < end; step++) {
    const int64_t row = TEST + (step + 1) * BATCH % (TRAIN - BATCH);
    firn_feed feeds[] = {{"image", NULL}, {"label", NULL}};
    TRY(firn_tensor_rows(images, row, BATCH, &feeds[0].tensor, &err));
    TRY(firn_tensor_rows(labels, row, BATCH, &feeds[1].tensor, &err));
    TRY(firn_session_run(s, NULL, feeds, 2, &fetch, 1, &train, 1, &loss, &err));
    if (step + 1 == end)
      printf("step %lld: loss %.4f\n", (long long)end,
             (double)*(float *)firn_tensor_data(loss));
    firn_tensor_release(loss);
    firn_tensor_release(feeds[0].tensor);
    firn_tensor_release(feeds[1].tensor);
  }

  /* Beside the older ones, of which the saver keeps the newest few. */
  snprintf(path, sizeof path, "%s/digits", argv[3]);
  TRY(firn_saver_new(model, NULL, &saver, &err));
  TRY(firn_saver_recover(saver, argv[3], &err));
  TRY(firn_saver_save(saver, s, path, step, &written, &err));
  printf("saved %s, %zu checkpoints are there\n", written,
         firn_saver_count(saver));
  firn_saver_free(saver);
  firn_session_free(s);
  firn_model_close(model);
  firn_tensor_release(images);
  firn_tensor_release(labels);
  return 0;
}
