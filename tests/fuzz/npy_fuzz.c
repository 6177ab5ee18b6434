/* Whatever bytes come in, reading ends with a tensor or a complaint; and what
 * was read can be written, and reads as the same elements. */
#include <stdlib.h>

#include "tensor/tensor_file.h"

#define MUST(cond)        \
  do {                    \
    if (!(cond)) abort(); \
  } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same_elements(const firn_tensor *a, const firn_tensor *b) {
  if (a->dtype != FIRN_STRING)
    return !a->count || !memcmp(a->data, b->data, firn_tensor_bytes(a));
  for (size_t i = 0; i < a->count; i++)
    if (!firn_str_eq(firn_tensor_string(a, i), firn_tensor_string(b, i)))
      return false;
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  firn_env env = firn_env_from(NULL);
  firn_tensor *first = NULL, *second = NULL;
  firn_error err = FIRN_ERROR_INIT;
  firn_buf buf = {0};
  env.limits.tensor_bytes = 1 << 24;
  if (firn_npy_parse((firn_bytes){data, size}, FIRN_INT4, &env, &first, &err) !=
      FIRN_OK) {
    MUST(err.message[0]);
    return 0;
  }
  MUST(firn_npy_write(first, firn_sink_buf(&buf), &err) == FIRN_OK);
  MUST(firn_npy_parse((firn_bytes){buf.data, buf.size}, first->dtype, &env,
                      &second, &err) == FIRN_OK);
  MUST(first->dtype == second->dtype);
  MUST(firn_shape_equal(&first->shape, &second->shape));
  MUST(same_elements(first, second));
  char *text = firn_tensor_text(first), *json = firn_tensor_json(first);
  MUST(text && json);
  free(text);
  free(json);
  firn_buf_fini(&buf);
  firn_tensor_release(first);
  firn_tensor_release(second);
  return 0;
}
