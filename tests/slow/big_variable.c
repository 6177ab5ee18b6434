/* A variable that no 32-bit length can hold, for run.py.
 *
 *   big_variable write PREFIX    a checkpoint with `big`, 2.6 GB, and `small`
 *   big_variable check PREFIX    whether every element is what was written
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "firn/firn.h"

enum { ROWS = 663, COLUMNS = 1 << 20 }; /* 2.78e9 bytes of floats */

/* Something that repeats nowhere, and that a float holds exactly. */
static float element(uint64_t i) {
  const uint64_t x = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
  return (float)(int32_t)(x >> 40) - 8388608.0f;
}

static firn_code write_all(const char *prefix, firn_error *err) {
  static const int64_t dims[] = {ROWS, COLUMNS}, one[] = {1};
  firn_checkpoint_writer *w = NULL;
  firn_tensor *big = NULL, *small = NULL;
  firn_code code = firn_tensor_new(FIRN_FLOAT, 2, dims, NULL, &big, err);
  if (code == FIRN_OK)
    code = firn_tensor_new(FIRN_FLOAT, 1, one, NULL, &small, err);
  if (code == FIRN_OK) {
    float *data = firn_tensor_data(big);
    for (uint64_t i = 0; i < (uint64_t)ROWS * COLUMNS; i++)
      data[i] = element(i);
    *(float *)firn_tensor_data(small) = 7;
    code = firn_checkpoint_writer_create(prefix, NULL, NULL, &w, err);
  }
  if (code == FIRN_OK) code = firn_checkpoint_writer_add(w, "big", big, err);
  if (code == FIRN_OK)
    code = firn_checkpoint_writer_add(w, "small", small, err);
  if (code == FIRN_OK)
    code = firn_checkpoint_writer_commit(w, err);
  else
    firn_checkpoint_writer_abandon(w);
  firn_tensor_release(small);
  firn_tensor_release(big);
  return code;
}

static firn_code check(const firn_checkpoint *ck, firn_error *err) {
  firn_tensor *big = NULL;
  firn_code code = firn_checkpoint_read(ck, "big", &big, err);
  const float *data = code == FIRN_OK ? firn_tensor_const_data(big) : NULL;
  for (uint64_t i = 0; data && i < (uint64_t)ROWS * COLUMNS; i++)
    if (data[i] != element(i)) {
      code = firn_fail(err, FIRN_DATA_LOSS, "element %" PRIu64 " is %g, not %g",
                       i, (double)data[i], (double)element(i));
      break;
    }
  firn_tensor_release(big);
  return code;
}

static firn_code check_all(const char *prefix, firn_error *err) {
  firn_checkpoint *ck = NULL;
  FIRN_TRY(firn_checkpoint_open(prefix, NULL, &ck, err));
  const firn_code code = check(ck, err);
  firn_checkpoint_close(ck);
  return code;
}

int main(int argc, char **argv) {
  firn_error err = FIRN_ERROR_INIT;
  if (argc != 3) return 2;
  const firn_code code = !strcmp(argv[1], "write") ? write_all(argv[2], &err)
                                                   : check_all(argv[2], &err);
  if (code != FIRN_OK) fprintf(stderr, "%s\n", err.message);
  return code != FIRN_OK;
}
