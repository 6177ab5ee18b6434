/* Whatever bytes come in, reading a member ends with a tensor or a complaint,
 * with the checksum and without it (behind which a fuzzer would not come). */
#include <stdlib.h>

#include "tensor/tensor_file.h"

#define MUST(cond)        \
  do {                    \
    if (!(cond)) abort(); \
  } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const names[] = {"", "w", "b", "big"};
  firn_env env = firn_env_from(NULL);
  env.limits.tensor_bytes = 1 << 24;
  for (size_t i = 0; i < 2 * FIRN_COUNT(names); i++) {
    firn_error err = FIRN_ERROR_INIT;
    firn_tensor *t = NULL;
    env.skip_checksums = i % 2;
    const firn_code code =
        firn_npz_parse((firn_bytes){data, size}, firn_str_of(names[i / 2]),
                       FIRN_INVALID, &env, &t, &err);
    MUST((code == FIRN_OK) == (t != NULL));
    MUST(code == FIRN_OK || err.message[0]);
    firn_tensor_release(t);
    firn_error_clear(&err);
  }
  return 0;
}
