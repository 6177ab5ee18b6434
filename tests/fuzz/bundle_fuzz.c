/* A V2 checkpoint: four bytes say how many of the rest are the index, what
 * follows is its one shard. Its names rise and find themselves, and a tensor
 * read whole equals the box of all of it. */
#include "checkpoint_files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 4) return 0;
  const size_t rest = size - 4;
  const size_t index = firn_min_size(firn_load32(data), rest);
  files_put("m.data-00000-of-00001", data + 4 + index, rest - index);
  char prefix[300];
  strcpy(prefix, files_put_table("m.index", data + 4, index));
  prefix[strlen(prefix) - strlen(".index")] = '\0';
  files_check(prefix);
  return 0;
}
