/* Whatever text comes in, reading ends with a message or a complaint. And
 * writing is the inverse of reading: what we write reads as the same text and
 * bytes. */
#include <stdlib.h>

#include "proto/messages.h"

#define MUST(cond)        \
  do {                    \
    if (!(cond)) abort(); \
  } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static firn_bytes bytes_of(const firn_buf *buf) {
  return (firn_bytes){buf->data, buf->size};
}

static bool same(const firn_buf *a, const firn_buf *b) {
  return a->size == b->size && (!a->size || !memcmp(a->data, b->data, a->size));
}

static void go_round(const firn_pb_type *type, firn_bytes in) {
  firn_arena arena;
  firn_buf text[2] = {{0}}, wire[2] = {{0}};
  void *msg = NULL;
  firn_error err = FIRN_ERROR_INIT;
  firn_arena_init(&arena, NULL);
  firn_code code = firn_pb_parse_text(type, in, NULL, &arena, &msg, &err);
  for (int i = 0; i < 2 && code == FIRN_OK; i++) {
    MUST(firn_pb_write_text(type, msg, firn_sink_buf(&text[i]), NULL) ==
         FIRN_OK);
    MUST(firn_pb_write(type, msg, firn_sink_buf(&wire[i]), NULL) == FIRN_OK);
    code =
        firn_pb_parse_text(type, bytes_of(&text[i]), NULL, &arena, &msg, &err);
    /* unfolding Any may go deeper than the input was */
    MUST(code == FIRN_OK || code == FIRN_RESOURCE_EXHAUSTED);
    if (i == 1) MUST(same(&text[0], &text[1]));
    if (i == 1) MUST(same(&wire[0], &wire[1]));
  }
  for (int i = 0; i < 2; i++) {
    firn_buf_fini(&text[i]);
    firn_buf_fini(&wire[i]);
  }
  firn_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  go_round(&firn_pb_type_GraphDef, (firn_bytes){data, size});
  go_round(&firn_pb_type_MetaGraphDef, (firn_bytes){data, size});
  return 0;
}
