/* support/golden_proto.h: the files of tests/golden/proto, and a parsed message
 * with all that it needs.
 */
#ifndef FIRN_TEST_GOLDEN_PROTO_H
#define FIRN_TEST_GOLDEN_PROTO_H

#include "base/file.h"
#include "proto/messages.h"
#include "support/test.h"

static inline firn_file *golden_open(const char *name, const char *ending) {
  char path[256];
  firn_error err = FIRN_ERROR_INIT;
  firn_file *file = NULL;
  snprintf(path, sizeof path, "tests/golden/proto/%s%s", name, ending);
  CHECK_OK(firn_file_open(path, NULL, &file, &err), &err);
  return file;
}

static inline const firn_pb_type *golden_type(const char *name) {
  const firn_pb_type *type = firn_pb_find_type(firn_str_of(name));
  if (!type) fail_msg("no type %s", name);
  return type;
}

static inline void golden_same(const char *what, firn_bytes have,
                               firn_bytes want) {
  size_t i = 0;
  while (i < have.size && i < want.size && have.data[i] == want.data[i]) i++;
  if (have.size != want.size || i < have.size)
    fail_msg("%s: %zu bytes where %zu are wanted, the first to differ is %zu",
             what, have.size, want.size, i);
}

/* Calls `check` for each message of index.txt. */
static inline void golden_each(void (*check)(const char *name,
                                             const firn_pb_type *type)) {
  char name[64], type[128];
  FILE *index = fopen("tests/golden/proto/index.txt", "r");
  int rows = 0;
  if (!index) fail_msg("no index.txt");
  for (; fscanf(index, "%63s %127s", name, type) == 2; rows++)
    check(name, golden_type(type));
  fclose(index);
  CHECK(rows >= 12);
}

/* "0a01" into bytes; returns how many, "-" stands for none. */
static inline size_t golden_unhex(const char *hex, uint8_t *out, size_t room) {
  size_t n = 0;
  unsigned byte;
  for (; hex[2 * n] && hex[2 * n] != '-' && n < room; n++) {
    if (sscanf(hex + 2 * n, "%2x", &byte) != 1) fail_msg("no hex: %s", hex);
    out[n] = (uint8_t)byte;
  }
  return n;
}

/* Whether the bytes of the message are those of `hex`. */
static inline void golden_writes(const firn_pb_type *type, const void *msg,
                                 const char *hex) {
  uint8_t want[4096];
  firn_error err = FIRN_ERROR_INIT;
  firn_buf have = {0};
  const size_t size = golden_unhex(hex, want, sizeof want);
  CHECK_OK(firn_pb_write(type, msg, firn_sink_buf(&have), &err), &err);
  golden_same(hex, (firn_bytes){have.data, have.size},
              (firn_bytes){want, size});
  firn_buf_fini(&have);
}

#endif
