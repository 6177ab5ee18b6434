/* Whatever bytes come in, walking the table ends with its last entry or an
 * error. Seeking the empty key finds what walking comes to first, and seeking
 * any other never finds a lower one. */
#include "checkpoint_files.h"

enum { SOUGHT = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint8_t sink; /* so that no touch is optimised away */

/* Walks to the end or to damage; keeps the first keys. */
static size_t walk(const firn_sstable *table, firn_arena *arena,
                   firn_str *keys) {
  firn_cursor at;
  size_t count = 0;
  firn_code code = firn_cursor_first(&at, table, arena, NULL);
  while (code == FIRN_OK && !at.end) {
    /* Touches all that the table hands out. */
    for (size_t i = 0; i < at.key.size; i++) sink ^= (uint8_t)at.key.data[i];
    for (size_t i = 0; i < at.value.size; i++) sink ^= at.value.data[i];
    if (count < SOUGHT) keys[count++] = at.key;
    code = firn_cursor_next(&at, NULL);
  }
  return count;
}

static void check(const firn_sstable *table, firn_arena *arena) {
  firn_str keys[SOUGHT];
  firn_cursor at;
  const size_t count = walk(table, arena, keys);
  if (count &&
      firn_cursor_seek(&at, table, arena, FIRN_STR(""), NULL) == FIRN_OK)
    MUST(!at.end && firn_str_eq(at.key, keys[0]));
  for (size_t i = 0; i < count; i++)
    if (firn_cursor_seek(&at, table, arena, keys[i], NULL) == FIRN_OK)
      MUST(at.end || firn_str_compare(at.key, keys[i]) >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  firn_arena arena;
  firn_sstable table;
  uint8_t *copy = malloc(size ? size : 1);
  MUST(copy);
  if (size) memcpy(copy, data, size);
  files_mend(copy, size);
  firn_arena_init(&arena, NULL);
  if (firn_sstable_open((firn_bytes){copy, size}, true, &arena, &table, NULL) ==
      FIRN_OK)
    check(&table, &arena);
  firn_arena_fini(&arena);
  free(copy);
  return 0;
}
