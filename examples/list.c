/* list.c: print the name, type and shape of every tensor in a checkpoint.
 *
 *   list PREFIX
 */
#include <inttypes.h>
#include <stdio.h>

#include "firn/firn.h"

int main(int argc, char **argv) {
  firn_error err = FIRN_ERROR_INIT;
  firn_checkpoint *ck = NULL;
  if (argc != 2) {
    fprintf(stderr, "usage: list PREFIX\n");
    return 2;
  }
  if (firn_checkpoint_open(argv[1], NULL, &ck, &err) != FIRN_OK) {
    fprintf(stderr, "list: %s\n", err.message);
    firn_error_clear(&err);
    return 1;
  }
  for (size_t i = 0; i < firn_checkpoint_count(ck); i++) {
    const firn_checkpoint_entry e = firn_checkpoint_at(ck, i);
    printf("%.*s\t%s\t[", (int)e.name.size, e.name.data,
           firn_dtype_name(e.dtype));
    for (int k = 0; k < e.shape.rank; k++)
      printf("%s%" PRId64, k ? "," : "", e.shape.dims[k]);
    printf("]\n");
  }
  firn_checkpoint_close(ck);
  return 0;
}
