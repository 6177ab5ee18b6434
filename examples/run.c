/* run.c: feed a tensor, fetch another one, print it; then the same for the
 * first row alone. A session takes any number of rows.
 *
 *   run MODEL FEED FILE.npy FETCH
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firn/firn.h"

static firn_code run(firn_session *session, const char *feed, firn_tensor *x,
                     const char *fetch, firn_error *err) {
  const firn_feed feeds[] = {{feed, x}};
  firn_tensor *y = NULL;
  FIRN_TRY(
      firn_session_run(session, NULL, feeds, 1, &fetch, 1, NULL, 0, &y, err));
  char *text = firn_tensor_text(y);
  printf("%s\n", text ? text : "out of memory");
  free(text);
  firn_tensor_release(y);
  return FIRN_OK;
}

/* A new tensor that is the first row of `x`. */
static firn_code first_row(firn_tensor *x, firn_tensor **row, firn_error *err) {
  int64_t dims[FIRN_MAX_RANK] = {1};
  for (int i = 1; i < firn_tensor_rank(x); i++)
    dims[i] = firn_tensor_dims(x)[i];
  FIRN_TRY(firn_tensor_new(firn_tensor_dtype(x), firn_tensor_rank(x), dims,
                           NULL, row, err));
  memcpy(firn_tensor_data(*row), firn_tensor_data(x), firn_tensor_bytes(*row));
  return FIRN_OK;
}

int main(int argc, char **argv) {
  firn_error err = FIRN_ERROR_INIT;
  firn_model *model = NULL;
  firn_session *session = NULL;
  firn_tensor *x = NULL, *row = NULL;
  if (argc != 5) return 2;
  firn_code code = firn_model_open(argv[1], NULL, NULL, &model, &err);
  if (code == FIRN_OK) code = firn_model_session(model, NULL, &session, &err);
  if (code == FIRN_OK)
    code = firn_tensor_read(argv[3], FIRN_INVALID, NULL, &x, &err);
  if (code == FIRN_OK) code = run(session, argv[2], x, argv[4], &err);
  if (code == FIRN_OK) code = first_row(x, &row, &err);
  if (code == FIRN_OK) code = run(session, argv[2], row, argv[4], &err);
  if (code != FIRN_OK) fprintf(stderr, "run: %s\n", err.message);
  firn_error_clear(&err);
  firn_tensor_release(row);
  firn_tensor_release(x);
  firn_session_free(session);
  firn_model_close(model);
  return code == FIRN_OK ? 0 : 1;
}
