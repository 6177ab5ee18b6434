/* A V1 checkpoint of one file, held to the same promises as a V2 one. */
#include "checkpoint_files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  files_check(files_put_table("m", data, size));
  return 0;
}
