/* Walking a table gives its entries in order, and seeking gives what walking
 * would have come to first; compressed or not. Damage:
 * checkpoint_damage_test.c. */
#include "base/file.h"
#include "checkpoint/sstable.h"
#include "support/test.h"

#define FOLDER "tests/golden/checkpoint/"

enum { TENSORS = 40 };

typedef struct opened {
  firn_file *file;
  firn_arena arena;
  firn_sstable table;
} opened;

static void open_table(opened *o, const char *path) {
  firn_error err = FIRN_ERROR_INIT;
  firn_arena_init(&o->arena, NULL);
  CHECK_OK(firn_file_open(path, NULL, &o->file, &err), &err);
  CHECK_OK(firn_sstable_open(o->file->bytes, true, &o->arena, &o->table, &err),
           &err);
}

static void close_table(opened *o) {
  firn_arena_fini(&o->arena);
  firn_file_close(o->file);
}

static void check_key(firn_str key, const char *want) {
  CHECK_EQ(key.size, strlen(want));
  assert_memory_equal(key.data, want, key.size);
}

static void walk(const char *path) {
  opened o;
  firn_error err = FIRN_ERROR_INIT;
  firn_cursor at;
  open_table(&o, path);
  CHECK_OK(firn_cursor_first(&at, &o.table, &o.arena, &err), &err);
  check_key(at.key, "");
  for (int i = 0; i < TENSORS; i++) {
    char want[64];
    snprintf(want, sizeof want, "tower/block_%02d/weights", i);
    CHECK_OK(firn_cursor_next(&at, &err), &err);
    CHECK(!at.end);
    check_key(at.key, want);
    CHECK(at.value.size > 4 && at.value.data[0] == 0x08);
  }
  CHECK_OK(firn_cursor_next(&at, &err), &err);
  CHECK(at.end);
  CHECK_OK(firn_cursor_next(&at, &err), &err);
  CHECK(at.end);
  close_table(&o);
}

TEST_FN(walks_blocks_in_order) { walk(FOLDER "blocks.index"); }

static void find(const char *path) {
  static const struct {
    const char *name, *key, *finds;
  } rows[] =
      {
          {"the first of all", "", ""},
          {"before the first", "a", "tower/block_00/weights"},
          {"itself, first", "tower/block_00/weights", "tower/block_00/weights"},
          {"itself, end of a block", "tower/block_07/weights",
           "tower/block_07/weights"},
          {"between two blocks", "tower/block_07/weights+",
           "tower/block_08/weights"},
          {"itself, start of a block", "tower/block_08/weights",
           "tower/block_08/weights"},
          {"itself, last", "tower/block_39/weights", "tower/block_39/weights"},
          {"behind the last", "tower/block_4", NULL},
      },
    *row;
  opened o;
  open_table(&o, path);
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    firn_cursor at;
    CHECK_OK(
        firn_cursor_seek(&at, &o.table, &o.arena, firn_str_of(row->key), &err),
        &err);
    CHECK_EQ(at.end, row->finds == NULL);
    if (row->finds) check_key(at.key, row->finds);
  }
  close_table(&o);
}

TEST_FN(seeks_the_first_not_below) { find(FOLDER "blocks.index"); }

#ifdef FIRN_HAVE_SNAPPY
TEST_FN(unpacks_snappy) {
  walk(FOLDER "snappy.index");
  find(FOLDER "snappy.index");
}
#else
TEST_FN(unpacks_snappy) {
  opened o;
  firn_error err = FIRN_ERROR_INIT;
  firn_cursor at;
  open_table(&o, FOLDER "snappy.index");
  CHECK_EQ(firn_cursor_first(&at, &o.table, &o.arena, &err),
           FIRN_UNIMPLEMENTED);
  CHECK_STR(err.message,
            "block at offset 0 is compressed with snappy, which this build of "
            "firn leaves out");
  close_table(&o);
}
#endif

/* Entries that begin in full every two: seeking must halve between restarts. */
TEST_FN(seeks_between_restarts) {
  static const uint8_t file[] =
      /* a, ab, b, bc, c; restarts at a, b, c */
      "\0\1\1a1\1\1\1b2\0\1\1b3\1\1\1c4\0\1\1c5"
      "\0\0\0\0\x0a\0\0\0\x14\0\0\0\3\0\0\0"
      "\0....";
  static const char *const keys[] = {"a", "ab", "b", "bc", "c"};
  const firn_sstable table = {
      .file = {file, sizeof file - 1},
      .verify = false,
      .index = {.entries = {(const uint8_t *)"\0\1\2z\0\x29", 6},
                .restarts = (const uint8_t *)"\0\0\0\0",
                .restart_count = 1}};
  firn_arena arena;
  firn_arena_init(&arena, NULL);
  for (size_t i = 0; i < FIRN_COUNT(keys); i++) {
    firn_error err = FIRN_ERROR_INIT;
    firn_cursor at;
    CHECK_OK(firn_cursor_seek(&at, &table, &arena, firn_str_of(keys[i]), &err),
             &err);
    check_key(at.key, keys[i]);
    CHECK_EQ(at.value.data[0], '1' + i);
  }
  firn_arena_fini(&arena);
}

SUITE(checkpoint_sstable, TEST(walks_blocks_in_order),
      TEST(seeks_the_first_not_below), TEST(unpacks_snappy),
      TEST(seeks_between_restarts));
