/* Whatever text comes in, reading ends with a tensor or a complaint; and what
 * was read, written out, reads as the same text. */
#include <stdlib.h>

#include "tensor/tensor_file.h"

#define MUST(cond)        \
  do {                    \
    if (!(cond)) abort(); \
  } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(firn_bytes text, firn_dtype want, const firn_env *env) {
  firn_tensor *first = NULL, *second = NULL;
  firn_error err = FIRN_ERROR_INIT;
  if (firn_json_tensor_parse(text, want, env, &first, &err) != FIRN_OK) {
    MUST(err.message[0]);
    return;
  }
  char *once = firn_tensor_json(first);
  MUST(once);
  MUST(firn_json_tensor_parse((firn_bytes){(const uint8_t *)once, strlen(once)},
                              first->dtype, env, &second, &err) == FIRN_OK);
  char *twice = firn_tensor_json(second);
  MUST(twice && !strcmp(once, twice));
  free(once);
  free(twice);
  firn_tensor_release(first);
  firn_tensor_release(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const int wants[] = {FIRN_INVALID, FIRN_HALF,        FIRN_INT8,
                              FIRN_UINT64,  FIRN_FLOAT8_E5M2, FIRN_COMPLEX128};
  const firn_env env = firn_env_from(NULL);
  for (size_t i = 0; i < FIRN_COUNT(wants); i++)
    round_trip((firn_bytes){data, size}, (firn_dtype)wants[i], &env);
  return 0;
}
