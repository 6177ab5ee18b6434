/* Whatever bytes come in as a message in chunks, it ends with a message or an
 * error; and a message can be written. Hashes are not verified, or nothing
 * would get past them. */
#include <stdlib.h>

#include "proto/chunked.h"
#include "proto/messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const firn_pb_type *const types[] = {&firn_pb_type_SavedModel,
                                              &firn_pb_type_GraphDef};
  firn_options options = FIRN_OPTIONS_INIT;
  options.skip_checksums = true;
  const firn_env env = firn_env_from(&options);
  for (size_t i = 0; i < FIRN_COUNT(types); i++) {
    firn_arena arena;
    firn_error err = FIRN_ERROR_INIT;
    void *message = NULL;
    uint64_t bytes = 0;
    firn_arena_init(&arena, NULL);
    if (firn_chunked_parse((firn_bytes){data, size}, types[i], &env, &arena,
                           &message, &err) == FIRN_OK &&
        firn_pb_size(types[i], message, &bytes, NULL) != FIRN_OK)
      abort();
    firn_error_clear(&err);
    firn_arena_fini(&arena);
  }
  return 0;
}
