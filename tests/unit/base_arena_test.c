/* What an arena promises: pieces that never overlap, aligned, and all memory
 * back at the end. */
#include "base/arena.h"
#include "base/text.h"
#include "support/failing.h"
#include "support/test.h"

enum { PIECES = 400 };

TEST_FN(pieces_keep_their_bytes) {
  for (uint64_t seed = 1; seed <= 20; seed++) {
    failing counts = {0};
    const firn_allocator alloc = failing_allocator(&counts);
    firn_arena arena;
    uint8_t *piece[PIECES];
    size_t size[PIECES], total = 0;
    test_seed(seed);
    firn_arena_init(&arena, &alloc);
    for (int i = 0; i < PIECES; i++) {
      size[i] = test_random(i % 10 ? 200 : 20000);
      piece[i] = firn_arena_alloc(&arena, size[i]);
      CHECK(piece[i] != NULL);
      CHECK_EQ((uintptr_t)piece[i] % 16, 0);
      memset(piece[i], i & 255, size[i]);
      total += size[i];
    }
    for (int i = 0; i < PIECES; i++)
      for (size_t k = 0; k < size[i]; k++) CHECK_EQ(piece[i][k], i & 255);
    CHECK(arena.used >= total && arena.used <= total + 16 * PIECES);
    CHECK(counts.live <= 3 * total + 8192); /* not out of proportion */
    firn_arena_fini(&arena);
    CHECK_EQ(counts.live, 0);
    CHECK_EQ(counts.wrong_size, 0);
  }
}

TEST_FN(reset_keeps_one_block) {
  failing counts = {0};
  const firn_allocator alloc = failing_allocator(&counts);
  firn_arena arena;
  firn_arena_init(&arena, &alloc);
  firn_arena_reset(&arena);
  for (int round = 0; round < 5; round++) {
    for (int i = 0; i < 100; i++) memset(firn_arena_alloc(&arena, 100), 1, 100);
    firn_arena_reset(&arena);
    CHECK_EQ(arena.used, 0);
  }
  /* The kept block grows to the size of a round: later rounds ask for none. */
  const size_t before = counts.count;
  for (int i = 0; i < 50; i++) firn_arena_alloc(&arena, 100);
  CHECK_EQ(counts.count, before);
  firn_arena_fini(&arena);
  CHECK_EQ(counts.live, 0);
}

TEST_FN(arrays_are_zero_and_do_not_wrap) {
  firn_arena arena;
  firn_arena_init(&arena, NULL);
  memset(firn_arena_alloc(&arena, 2000), 0xff, 2000);
  firn_arena_reset(&arena);
  const uint32_t *array = firn_arena_array(&arena, 100, sizeof *array);
  for (int i = 0; i < 100; i++) CHECK_EQ(array[i], 0);
  CHECK(firn_arena_array(&arena, SIZE_MAX / 2, 3) == NULL);
  CHECK(firn_arena_alloc(&arena, SIZE_MAX) == NULL);
  CHECK(firn_arena_alloc(&arena, SIZE_MAX - 20) == NULL);
  CHECK(firn_arena_array(&arena, 0, 8) != NULL);
  firn_arena_fini(&arena);
}

TEST_FN(text_is_copied_and_terminated) {
  firn_arena arena;
  firn_arena_init(&arena, NULL);
  char source[] = "abcdef";
  const firn_str copy = firn_arena_str(&arena, (firn_str){source, 3});
  const char *cstr = firn_arena_cstr(&arena, (firn_str){source + 3, 3});
  const firn_str made = firn_arena_printf(&arena, "%s:%d", source, 7);
  source[0] = source[3] = 'x';
  CHECK_EQ(copy.size, 3);
  CHECK_STR(copy.data, "abc");
  CHECK_STR(cstr, "def");
  CHECK(firn_str_is(made, "abcdef:7"));
  CHECK_EQ(made.data[made.size], '\0');
  CHECK_STR(firn_arena_cstr(&arena, (firn_str){NULL, 0}), "");
  firn_arena_fini(&arena);
}

static firn_code many_pieces(const firn_allocator *alloc, void *ctx) {
  (void)ctx;
  firn_code code = FIRN_OK;
  firn_arena arena;
  firn_arena_init(&arena, alloc);
  for (size_t i = 0; i < 40; i++)
    if (!firn_arena_zeroed(&arena, i % 8 ? 500 : 9000))
      code = FIRN_RESOURCE_EXHAUSTED;
  if (!firn_arena_printf(&arena, "%5000d", 1).data)
    code = FIRN_RESOURCE_EXHAUSTED;
  firn_arena_fini(&arena);
  return code;
}

TEST_FN(short_memory_is_told) { CHECK(failing_check(many_pieces, NULL) >= 4); }

SUITE(base_arena, TEST(pieces_keep_their_bytes), TEST(reset_keeps_one_block),
      TEST(arrays_are_zero_and_do_not_wrap),
      TEST(text_is_copied_and_terminated), TEST(short_memory_is_told));
