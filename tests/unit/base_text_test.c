/* What text promises: order by bytes, distances, buffers that grow, and UTF-8
 * told from other bytes. */
#include "base/text.h"
#include "support/failing.h"
#include "support/test.h"

TEST_FN(strings_compare_by_bytes) {
  CHECK(firn_str_compare(FIRN_STR("a"), FIRN_STR("b")) < 0);
  CHECK(firn_str_compare(FIRN_STR("a"), FIRN_STR("ab")) < 0);
  CHECK(firn_str_compare(FIRN_STR("\xff"), FIRN_STR("a")) > 0);
  CHECK_EQ(firn_str_compare(FIRN_STR("ab"), FIRN_STR("ab")), 0);
  CHECK_EQ(firn_str_compare((firn_str){NULL, 0}, FIRN_STR("")), 0);
  CHECK(firn_str_eq(FIRN_STR("a\0b"), FIRN_STR("a\0b")));
  CHECK(!firn_str_eq(FIRN_STR("a\0b"), FIRN_STR("a\0c")));
  CHECK(firn_str_starts(FIRN_STR("abc"), FIRN_STR("ab")));
  CHECK(!firn_str_starts(FIRN_STR("a"), FIRN_STR("ab")));
  CHECK(firn_str_ends(FIRN_STR("abc"), FIRN_STR("bc")));
  CHECK(!firn_str_ends(FIRN_STR("abc"), FIRN_STR("ab")));
  CHECK(firn_str_ends(FIRN_STR("abc"), (firn_str){NULL, 0}));
}

TEST_FN(distance_counts_edits) {
  static const struct {
    const char *name, *a, *b;
    size_t edits;
  } rows[] =
      {
          {"same", "logits", "logits", 0}, {"to nothing", "abc", "", 3},
          {"from nothing", "", "abcd", 4}, {"change", "logits", "lagits", 1},
          {"drop", "logits", "logts", 1},  {"add", "logits", "loggits", 1},
          {"swap is two", "ab", "ba", 2},  {"classic", "kitten", "sitting", 3},
      },
    *row;
  EACH (row, rows) {
    const firn_str a = firn_str_of(row->a), b = firn_str_of(row->b);
    CHECK_EQ(firn_str_distance(a, b), row->edits);
    CHECK_EQ(firn_str_distance(b, a), row->edits);
  }
}

TEST_FN(long_names_are_far_apart) {
  char name[300];
  memset(name, 'a', sizeof name);
  CHECK_EQ(firn_str_distance((firn_str){name, 256}, (firn_str){name, 256}), 0);
  CHECK_EQ(firn_str_distance((firn_str){name, 257}, (firn_str){name, 256}),
           257);
}

TEST_FN(numbers_lie_little_end_first) {
  uint8_t bytes[8];
  firn_store16(bytes, 0xf0e1);
  CHECK(!memcmp(bytes, "\xe1\xf0", 2));
  CHECK_EQ(firn_load16(bytes), 0xf0e1);
  firn_store32(bytes, 0xf0e1d2c3);
  CHECK(!memcmp(bytes, "\xc3\xd2\xe1\xf0", 4));
  CHECK_EQ(firn_load32(bytes), 0xf0e1d2c3);
  firn_store64(bytes, 0xf0e1d2c3b4a59687);
  CHECK(!memcmp(bytes, "\x87\x96\xa5\xb4\xc3\xd2\xe1\xf0", 8));
  CHECK(firn_load64(bytes) == 0xf0e1d2c3b4a59687);
}

TEST_FN(buffer_grows_and_keeps_its_bytes) {
  failing counts = {0};
  const firn_allocator alloc = failing_allocator(&counts);
  firn_buf buf;
  firn_buf_init(&buf, &alloc);
  for (int i = 0; i < 1000; i++) firn_buf_printf(&buf, "%04d", i);
  CHECK_EQ(buf.size, 4000);
  for (int i = 0; i < 1000; i++) {
    char want[16];
    snprintf(want, sizeof want, "%04d", i);
    CHECK(!memcmp(buf.data + 4 * i, want, 4));
  }
  uint8_t *room = firn_buf_grow(&buf, 3);
  memcpy(room, "xyz", 3);
  firn_buf_puts(&buf, "!");
  firn_buf_append(&buf, NULL, 0);
  CHECK(!memcmp(buf.data + 4000, "xyz!", 4));
  CHECK_EQ(buf.size, 4004);
  CHECK(counts.count < 12);
  firn_buf_fini(&buf);
  CHECK_EQ(counts.live, 0);
  CHECK_EQ(counts.wrong_size, 0);
}

TEST_FN(failed_buffer_stays_failed) {
  failing counts = {.fail_at = 2};
  const firn_allocator alloc = failing_allocator(&counts);
  firn_buf buf;
  char text[100] = {0};
  firn_buf_init(&buf, &alloc);
  firn_buf_puts(&buf, "abc");
  firn_buf_append(&buf, text, sizeof text); /* the one that fails */
  CHECK(buf.failed);
  firn_buf_puts(&buf, "d");
  firn_buf_printf(&buf, "%d", 5);
  CHECK(firn_buf_grow(&buf, 1) == NULL);
  CHECK_EQ(buf.size, 3);
  CHECK(!memcmp(buf.data, "abc", 3));
  firn_buf_fini(&buf);
  CHECK(!buf.failed);
  CHECK_EQ(counts.live, 0);
}

TEST_FN(absurd_growth_fails) {
  firn_buf buf = {0};
  firn_buf_puts(&buf, "abc");
  CHECK(firn_buf_grow(&buf, SIZE_MAX) == NULL);
  CHECK(buf.failed);
  firn_buf_fini(&buf);
}

TEST_FN(utf8_is_told_from_other_bytes) {
  static const struct {
    const char *name;
    firn_str text;
    size_t good;
  } rows[] =
      {
          {"nothing", {"", 0}, 0},
          {"ascii with a zero", {"a\0b", 3}, 3},
          {"two, three, four bytes",
           {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9},
           9},
          {"last of all", {"\xf4\x8f\xbf\xbf", 4}, 4},
          {"one above", {"a\xf4\x90\x80\x80", 5}, 1},
          {"stray follower", {"ab\x80", 3}, 2},
          {"cut short", {"a\xe2\x82", 3}, 1},
          {"follower missing", {"\xe2\x82z", 3}, 0},
          {"overlong slash", {"\xc0\xaf", 2}, 0},
          {"overlong of three", {"\xe0\x9f\xbf", 3}, 0},
          {"overlong of four", {"\xf0\x8f\xbf\xbf", 4}, 0},
          {"surrogate", {"\xed\xa0\x80", 3}, 0},
          {"before the surrogates", {"\xed\x9f\xbf", 3}, 3},
          {"no lead at all", {"\xff", 1}, 0},
      },
    *row;
  EACH (row, rows) CHECK_EQ(firn_utf8_prefix(row->text), row->good);
}

TEST_FN(code_points_become_utf8) {
  static const struct {
    const char *name;
    uint32_t point;
    const char *bytes;
  } rows[] =
      {
          {"one byte", 0x7f, "\x7f"},
          {"two, first", 0x80, "\xc2\x80"},
          {"two, last", 0x7ff, "\xdf\xbf"},
          {"three, first", 0x800, "\xe0\xa0\x80"},
          {"three, last", 0xffff, "\xef\xbf\xbf"},
          {"four, first", 0x10000, "\xf0\x90\x80\x80"},
          {"four, last", 0x10ffff, "\xf4\x8f\xbf\xbf"},
      },
    *row;
  EACH (row, rows) {
    char out[5] = {0};
    CHECK_EQ(firn_utf8_put(out, row->point), strlen(row->bytes));
    CHECK_STR(out, row->bytes);
  }
}

SUITE(base_text, TEST(strings_compare_by_bytes), TEST(distance_counts_edits),
      TEST(long_names_are_far_apart), TEST(numbers_lie_little_end_first),
      TEST(buffer_grows_and_keeps_its_bytes), TEST(failed_buffer_stays_failed),
      TEST(absurd_growth_fails), TEST(utf8_is_told_from_other_bytes),
      TEST(code_points_become_utf8));
