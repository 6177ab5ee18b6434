/* A state file: what it names is never nothing, and is the same when it is read
 * again. */
#include "checkpoint_files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *path = files_put("checkpoint", data, size);
  firn_checkpoint_state *first = NULL, *second = NULL;
  const firn_code code = firn_checkpoint_state_open(path, NULL, &first, NULL);
  MUST(firn_checkpoint_state_open(files_folder, NULL, &second, NULL) == code);
  MUST((code == FIRN_OK) == (first != NULL));
  if (first) {
    const size_t count = firn_checkpoint_state_count(first);
    MUST(count > 0 && count == firn_checkpoint_state_count(second));
    MUST(firn_checkpoint_state_newest(first)[0]);
    MUST(!strcmp(firn_checkpoint_state_newest(first),
                 firn_checkpoint_state_newest(second)));
    for (size_t i = 0; i < count; i++)
      MUST(!strcmp(firn_checkpoint_state_at(first, i),
                   firn_checkpoint_state_at(second, i)));
  }
  firn_checkpoint_state_close(second);
  firn_checkpoint_state_close(first);
  return 0;
}
