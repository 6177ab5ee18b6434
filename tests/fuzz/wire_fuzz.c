/* Whatever bytes come in, parsing ends with a message or an error. Writing is
 * the inverse of reading: what we write we can read, and it writes the same. A
 * copy is equal, the size is true, and memory stays in proportion. */
#include <stdlib.h>

#include "proto/messages.h"

#define MUST(cond)        \
  do {                    \
    if (!(cond)) abort(); \
  } while (0)

enum { FACTOR = 100, SLACK = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void go_round(const firn_pb_type *type, firn_bytes in) {
  firn_arena arena;
  firn_buf once = {0}, twice = {0};
  uint64_t told = 0;
  void *first = NULL, *second = NULL;
  firn_error err = FIRN_ERROR_INIT;
  firn_arena_init(&arena, NULL);
  if (firn_pb_parse(type, in, NULL, &arena, &first, &err) == FIRN_OK) {
    MUST(arena.used <= FACTOR * in.size + SLACK);
    MUST(firn_pb_write(type, first, firn_sink_buf(&once), NULL) == FIRN_OK);
    MUST(firn_pb_size(type, first, &told, NULL) == FIRN_OK);
    MUST(told == once.size);
    MUST(firn_pb_parse(type, (firn_bytes){once.data, once.size}, NULL, &arena,
                       &second, NULL) == FIRN_OK);
    MUST(firn_pb_write(type, second, firn_sink_buf(&twice), NULL) == FIRN_OK);
    MUST(once.size == twice.size);
    MUST(!once.size || !memcmp(once.data, twice.data, once.size));
    MUST(firn_pb_equal(type, first, second));
    void *copy = firn_pb_copy(type, second, &arena);
    MUST(copy && firn_pb_equal(type, first, copy));
  }
  firn_buf_fini(&twice);
  firn_buf_fini(&once);
  firn_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const firn_pb_type *const types[] = {
      &firn_pb_type_GraphDef, &firn_pb_type_MetaGraphDef,
      &firn_pb_type_ConfigProto, &firn_pb_type_Event};
  for (size_t i = 0; i < FIRN_COUNT(types); i++)
    go_round(types[i], (firn_bytes){data, size});
  return 0;
}
