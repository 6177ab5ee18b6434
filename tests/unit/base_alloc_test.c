/* What memory promises: the caller's allocator sees every byte with its right
 * size, and options from older programs read as defaults. */
#include "base/alloc.h"
#include "support/failing.h"
#include "support/test.h"

TEST_FN(sizes_reach_the_allocator) {
  failing counts = {0};
  const firn_allocator alloc = failing_allocator(&counts);
  char *p = firn_new(&alloc, 10);
  memcpy(p, "abcdefghi", 10);
  CHECK_EQ(counts.live, 10);
  p = firn_resize(&alloc, p, 10, 1000);
  CHECK_STR(p, "abcdefghi");
  CHECK_EQ(counts.live, 1000);
  firn_delete(&alloc, p, 1000);
  firn_delete(&alloc, NULL, 7);
  CHECK_EQ(counts.live, 0);
  CHECK_EQ(counts.wrong_size, 0);
}

TEST_FN(nothing_is_a_valid_block) {
  failing counts = {0};
  const firn_allocator counting = failing_allocator(&counts);
  const firn_allocator *const both[] = {NULL, &counting};
  for (int i = 0; i < 2; i++) {
    void *p = firn_new(both[i], 0), *q = firn_new_zeroed(both[i], 0);
    CHECK(p && q && p != q);
    p = firn_resize(both[i], p, 0, 5);
    p = firn_resize(both[i], p, 5, 0);
    CHECK(p != NULL);
    firn_delete(both[i], p, 0);
    firn_delete(both[i], q, 0);
  }
  CHECK_EQ(counts.live, 0);
  CHECK_EQ(counts.wrong_size, 0);
}

TEST_FN(zeroed_is_zero) {
  failing counts = {0};
  const firn_allocator counting = failing_allocator(&counts);
  const firn_allocator *const both[] = {NULL, &counting};
  for (int i = 0; i < 2; i++) {
    uint8_t *p = firn_new_zeroed(both[i], 300);
    for (int k = 0; k < 300; k++) CHECK_EQ(p[k], 0);
    firn_delete(both[i], p, 300);
  }
}

TEST_FN(aligned_is_aligned) {
  failing counts = {0};
  const firn_allocator alloc = failing_allocator(&counts);
  void *p[50];
  for (size_t i = 0; i < 50; i++) {
    p[i] = firn_new_aligned(&alloc, i * 13);
    CHECK_EQ((uintptr_t)p[i] % 64, 0);
    memset(p[i], 7, i * 13);
  }
  for (size_t i = 0; i < 50; i++) firn_delete_aligned(&alloc, p[i], i * 13);
  firn_delete_aligned(&alloc, NULL, 7);
  CHECK_EQ(counts.live, 0);
  CHECK_EQ(counts.wrong_size, 0);
  CHECK(firn_new_aligned(&alloc, SIZE_MAX - 10) == NULL);
}

TEST_FN(sizes_do_not_wrap) {
  size_t size = 1;
  int64_t number = 1;
  CHECK(firn_add_size(SIZE_MAX - 1, 1, &size));
  CHECK(size == SIZE_MAX);
  CHECK(!firn_add_size(SIZE_MAX, 1, &size));
  CHECK(firn_mul_size(1u << 31, 1u << 31, &size));
  CHECK(!firn_mul_size(SIZE_MAX / 2, 3, &size));
  CHECK(firn_mul_i64(-4, 5, &number));
  CHECK_EQ(number, -20);
  CHECK(!firn_mul_i64(INT64_MIN, -1, &number));
  CHECK(!firn_add_i64(INT64_MAX, 1, &number));
}

TEST_FN(oom_says_how_much) {
  firn_error err = FIRN_ERROR_INIT;
  CHECK_EQ(firn_oom(&err, 123), FIRN_RESOURCE_EXHAUSTED);
  CHECK_STR(err.message, "out of memory: 123 bytes wanted");
}

TEST_FN(no_options_are_the_defaults) {
  const firn_env env = firn_env_from(NULL);
  CHECK_EQ(env.limits.nesting, 100);
  CHECK(env.limits.tensor_bytes == UINT64_C(1) << 40);
  CHECK(env.limits.iterations == UINT64_C(1) << 40);
  CHECK_EQ(env.limits.call_depth, 256);
  CHECK_EQ(env.limits.plan_bytes, 1 << 30);
  CHECK(env.threads >= 1);
  CHECK(!env.skip_checksums && !env.exact && !env.baseline);
  void *p = env.alloc.resize(env.alloc.ud, NULL, 0, 10);
  CHECK(p != NULL);
  CHECK(env.alloc.resize(env.alloc.ud, p, 10, 0) == NULL);
}

TEST_FN(options_are_taken_over) {
  failing counts = {0};
  const firn_allocator alloc = failing_allocator(&counts);
  firn_options options = FIRN_OPTIONS_INIT;
  options.allocator = &alloc;
  options.limits.nesting = 7;
  options.threads = 3;
  options.skip_checksums = options.exact = options.baseline = true;
  const firn_env env = firn_env_from(&options);
  CHECK(env.alloc.resize == failing_resize && env.alloc.ud == &counts);
  CHECK_EQ(env.limits.nesting, 7);
  CHECK_EQ(env.limits.call_depth, 256);
  CHECK_EQ(env.threads, 3);
  CHECK(env.skip_checksums && env.exact && env.baseline);
}

TEST_FN(options_of_an_older_program_end_early) {
  firn_options options = FIRN_OPTIONS_INIT;
  options.size = offsetof(firn_options, threads);
  options.limits.nesting = 7;
  options.threads = 77777;
  options.skip_checksums = true;
  const firn_env env = firn_env_from(&options);
  CHECK_EQ(env.limits.nesting, 7);
  CHECK(env.threads != 77777);
  CHECK(!env.skip_checksums);
}

TEST_FN(version_has_three_numbers) {
  int major, minor, patch, end = 0;
  CHECK_EQ(sscanf(firn_version(), "%d.%d.%d%n", &major, &minor, &patch, &end),
           3);
  CHECK_EQ(firn_version()[end], '\0');
}

/* The bytes are the caller's; so is the memory of its own allocator. */
TEST_FN(expecting_changes_nothing) {
  failing counts = {0};
  const firn_allocator counting = failing_allocator(&counts);
  const firn_allocator *const both[] = {NULL, &counting};
  const size_t sizes[] = {1, 4096, 5 << 20};
  for (size_t i = 0; i < 6; i++) {
    const size_t size = sizes[i % 3];
    uint8_t *p = firn_new_aligned(both[i / 3], size);
    memset(p, 7, size);
    firn_expect_all(both[i / 3], p, size);
    for (size_t k = 0; k < size; k++)
      if (p[k] != 7) fail_msg("byte %zu of %zu", k, size);
    firn_delete_aligned(both[i / 3], p, size);
  }
}

TEST_FN(slow_copies_write_just_ahead) {
  static const struct {
    const char *name;
    uint64_t to, from;
    bool slow;
  } rows[] =
      {
          {"the same place", 0, 0, false},
          {"little ahead", 4, 0, true},
          {"the last slow", 31, 0, true},
          {"the first fast", 32, 0, false},
          {"behind", 0, 4, false},
          {"a page ahead", 4096, 0, false},
          {"ahead in another page", 8200, 4096, true},
          {"over the end of a page", 0, 4095, true},
          {"near the last address", UINT64_MAX, UINT64_MAX - 5, true},
      },
    *row;
  EACH (row, rows) CHECK_EQ(firn_copies_slowly(row->to, row->from), row->slow);
}

TEST_FN(place_in_page_is_near) {
  static uint8_t room[2 * FIRN_PAGE];
  for (size_t skew = 0; skew < FIRN_PAGE; skew += 61)
    for (uint64_t offset = 0; offset < 3 * FIRN_PAGE; offset += 97) {
      uint8_t *place = firn_place_in_page(room + skew, offset);
      CHECK_EQ((uintptr_t)place % FIRN_PAGE, offset % FIRN_PAGE);
      CHECK(place >= room + skew && place < room + skew + FIRN_PAGE);
    }
}

SUITE(base_alloc, TEST(sizes_reach_the_allocator),
      TEST(nothing_is_a_valid_block), TEST(zeroed_is_zero),
      TEST(aligned_is_aligned), TEST(sizes_do_not_wrap),
      TEST(oom_says_how_much), TEST(no_options_are_the_defaults),
      TEST(options_are_taken_over), TEST(options_of_an_older_program_end_early),
      TEST(version_has_three_numbers), TEST(expecting_changes_nothing),
      TEST(slow_copies_write_just_ahead), TEST(place_in_page_is_near));
