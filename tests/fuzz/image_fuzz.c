/* Whatever bytes come in, decoding ends with a picture or a complaint. */
#include <stdlib.h>

#include "tensor/tensor_file.h"

#define MUST(cond)        \
  do {                    \
    if (!(cond)) abort(); \
  } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  firn_env env = firn_env_from(NULL);
  env.limits.tensor_bytes = 1 << 22;
  for (int i = 0; i < 4; i++) {
    const firn_bytes file = {data, size};
    firn_error err = FIRN_ERROR_INIT;
    firn_tensor *t = NULL;
    const int channels = i % 2 ? 3 : 0;
    const firn_code code =
        i < 2 ? firn_png_parse(file, channels, &env, &t, &err)
              : firn_jpeg_parse(file, channels, &env, &t, &err);
    MUST((code == FIRN_OK) == (t != NULL));
    MUST(code == FIRN_OK || err.message[0]);
    firn_tensor_release(t);
  }
  return 0;
}
