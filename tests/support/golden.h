/* support/golden.h: walks the cases of a golden JSON file, a list of objects.
 *
 *   golden g;
 *   golden_open(&g, "tests/golden/tensor/npy_cases.json");
 *   while (golden_next(&g)) use(golden_str(&g, "json"));
 *   golden_close(&g);
 *
 * The `name` of the current case is printed when a check fails.
 */
#ifndef FIRN_TEST_GOLDEN_H
#define FIRN_TEST_GOLDEN_H

#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"
#include "support/test.h"

typedef struct golden {
  firn_file *file;
  firn_arena arena;
  const firn_json *cases, *now;
  size_t next;
} golden;

static inline void golden_open(golden *g, const char *path) {
  firn_error err = FIRN_ERROR_INIT;
  *g = (golden){.file = NULL};
  firn_arena_init(&g->arena, NULL);
  CHECK_OK(firn_file_open(path, NULL, &g->file, &err), &err);
  CHECK_OK(firn_json_parse(g->file->bytes, 20, &g->arena, &g->cases, &err),
           &err);
  CHECK(g->cases->count > 0);
}

static inline void golden_close(golden *g) {
  firn_file_close(g->file);
  firn_arena_fini(&g->arena);
}

static inline bool golden_next(golden *g) {
  if (g->next == g->cases->count) return false;
  g->now = &g->cases->item[g->next++];
  static char name[100]; /* outlives the golden, for a late complaint */
  const firn_str text = firn_json_get(g->now, "name")->text;
  snprintf(name, sizeof name, "%.*s", FIRN_ARG(text));
  test_row_name = name;
  return true;
}

/* A text of the current case, terminated; NULL when it has none. */
static inline const char *golden_str(golden *g, const char *key) {
  const firn_json *v = firn_json_get(g->now, key);
  return v ? firn_arena_cstr(&g->arena, v->text) : NULL;
}

static inline bool golden_true(const golden *g, const char *key) {
  const firn_json *v = firn_json_get(g->now, key);
  return v && v->truth;
}

/* An array of numbers or a number. */
static inline int64_t golden_i64(const golden *g, const char *key, size_t i) {
  const firn_json *v = firn_json_get(g->now, key);
  int64_t value = 0;
  if (v->kind == FIRN_JSON_ARRAY) v = &v->item[i];
  CHECK(firn_parse_i64(v->text, &value));
  return value;
}
static inline size_t golden_count(const golden *g, const char *key) {
  return firn_json_get(g->now, key)->count;
}

/* Bytes given in base64, in memory of their exact size so that sanitizers see a
 * read past the end; free() the data. */
static inline firn_bytes golden_bytes(const golden *g, const char *key) {
  firn_buf buf = {0};
  CHECK(firn_base64_decode(&buf, firn_json_get(g->now, key)->text));
  uint8_t *exact = malloc(buf.size ? buf.size : 1);
  if (buf.size) memcpy(exact, buf.data, buf.size);
  const firn_bytes bytes = {exact, buf.size};
  firn_buf_fini(&buf);
  return bytes;
}

#endif
