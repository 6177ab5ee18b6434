/* What slice keys promise: the bytes that TensorFlow writes, and that bytes
 * sort as the values do. */
#include "checkpoint/ordered_code.h"
#include "support/test.h"

static void check_bytes(firn_buf *buf, const char *want, size_t size) {
  CHECK_EQ(buf->size, size);
  assert_memory_equal(buf->data, want, size);
  firn_buf_fini(buf);
}

TEST_FN(writes_numbers) {
  static const struct {
    const char *name;
    uint64_t value;
    const char *want;
    size_t size;
  } rows[] =
      {
          {"zero is no byte", 0, "\0", 1},
          {"one byte", 255, "\1\xff", 2},
          {"two bytes", 256, "\2\1\0", 3},
          {"all bytes", UINT64_MAX, "\x8\xff\xff\xff\xff\xff\xff\xff\xff", 9},
      },
    *row;
  EACH (row, rows) {
    firn_buf buf;
    firn_buf_init(&buf, NULL);
    firn_ordered_put_number(&buf, row->value);
    check_bytes(&buf, row->want, row->size);
  }
}

TEST_FN(writes_signed_numbers) {
  static const struct {
    const char *name;
    int64_t value;
    const char *want;
    size_t size;
  } rows[] =
      {
          {"zero", 0, "\x80", 1},
          {"whole axis", -1, "\x7f", 1},
          {"last of one byte", 63, "\xbf", 1},
          {"lowest of one byte", -64, "\x40", 1},
          {"first of two bytes", 64, "\xc0\x40", 2},
          {"below one byte", -65, "\x3f\xbf", 2},
          {"first of three bytes", 8192, "\xe0\x20\0", 3},
          {"nine bytes", (int64_t)1 << 61, "\xff\xa0\0\0\0\0\0\0\0", 9},
          {"ten bytes", INT64_MAX, "\xff\xc0\x7f\xff\xff\xff\xff\xff\xff\xff",
           10},
          {"the lowest", INT64_MIN, "\0\x3f\x80\0\0\0\0\0\0\0", 10},
      },
    *row;
  EACH (row, rows) {
    firn_buf buf;
    firn_buf_init(&buf, NULL);
    firn_ordered_put_signed(&buf, row->value);
    check_bytes(&buf, row->want, row->size);
  }
}

TEST_FN(writes_names) {
  firn_buf buf;
  firn_buf_init(&buf, NULL);
  firn_ordered_put_name(&buf, FIRN_STR("a\0\xff"));
  check_bytes(&buf, "a\0\xff\xff\0\0\1", 7);
}

TEST_FN(writes_slice_keys) {
  /* From an index that TensorFlow wrote: the first of three parts of rows. */
  const firn_slice slice = {.rank = 2, .start = {0, 0}, .extent = {13, -1}};
  firn_buf buf;
  firn_buf_init(&buf, NULL);
  firn_slice_key(&buf, FIRN_STR("w"), &slice);
  check_bytes(&buf, "\0w\0\1\1\2\x80\x8d\x80\x7f", 10);
}

/* Values of every magnitude. */
static int64_t random_value(void) {
  const uint64_t high = test_random(UINT32_MAX), low = test_random(UINT32_MAX);
  const int64_t value = (int64_t)((high << 32 | low) >> test_random(64));
  return test_random(2) ? value : -value;
}

TEST_FN(bytes_sort_as_values) {
  test_seed(7);
  for (int i = 0; i < 2000; i++) {
    const int64_t a = random_value(), b = random_value();
    const int64_t diff_in_values = (a > b) - (a < b);
    firn_buf bytes[2];
    firn_buf_init(&bytes[0], NULL);
    firn_buf_init(&bytes[1], NULL);
    firn_ordered_put_signed(&bytes[0], a);
    firn_ordered_put_signed(&bytes[1], b);
    const int order = firn_str_compare(
        (firn_str){(const char *)bytes[0].data, bytes[0].size},
        (firn_str){(const char *)bytes[1].data, bytes[1].size});
    CHECK_EQ((order > 0) - (order < 0), diff_in_values);
    firn_buf_fini(&bytes[0]);
    firn_buf_fini(&bytes[1]);
  }
}

SUITE(checkpoint_ordered_code, TEST(writes_numbers),
      TEST(writes_signed_numbers), TEST(writes_names), TEST(writes_slice_keys),
      TEST(bytes_sort_as_values));
