/* What numbers as text promise: exact both ways, in any locale. */
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "support/test.h"

TEST_FN(doubles_are_read) {
  static const struct {
    const char *name;
    double value;
  } rows[] =
      {
          {"0", 0},
          {"-0", -0.0},
          {"1", 1},
          {"+1", 1},
          {"-1.5", -1.5},
          {".5", .5},
          {"5.", 5},
          {"0.1", 0x1.999999999999ap-4},
          {"1e3", 1000},
          {"1E+3", 1000},
          {"25e-2", .25},
          {"123456789012345", 123456789012345.0},
          {"0.000000000001", 0x1.19799812dea11p-40},
          {"9007199254740993", 0x1p53}, /* halfway: to even */
          {"9007199254740993.0000000000000000000000001", 0x1.0000000000001p53},
          {"0x1.8p1", 3},
          {"4.9e-324", 0x1p-1074},
          {"1e-400", 0},
          {"1.7976931348623157e308", 0x1.fffffffffffffp1023},
          {"inf", INFINITY},
          {"-Infinity", -INFINITY},
          {"+INF", INFINITY},
      },
    *row;
  EACH (row, rows) {
    double value = 77;
    CHECK(firn_parse_double(firn_str_of(row->name), &value));
    CHECK(!memcmp(&value, &row->value, sizeof value));
  }
  double value = 0;
  CHECK(firn_parse_double(FIRN_STR("NaN"), &value) && isnan(value));
}

TEST_FN(what_is_no_double_is_refused) {
  static const struct {
    const char *name;
  } rows[] = {{""},      {"-"},      {"."},       {"1x"},    {" 1"},
              {"1 "},    {"1e"},     {"--1"},     {"1,5"},   {"nan(1)"},
              {"1e999"}, {"-1e999"}, {"infinit"}, {"1.2.3"}, {"0x"},
              {"-+1"},   {"e5"},     {"1e5.0"}},
    *row;
  EACH (row, rows) {
    double value = 77;
    CHECK(!firn_parse_double(firn_str_of(row->name), &value));
    CHECK(value == 77);
  }
  double value;
  CHECK(!firn_parse_double(FIRN_STR("1\0"), &value));
}

TEST_FN(the_text_need_not_end) {
  double value = 0;
  int64_t number = 0;
  CHECK(firn_parse_double((firn_str){"12.75e2", 4}, &value));
  CHECK(value == 12.7);
  CHECK(firn_parse_i64((firn_str){"1234", 2}, &number));
  CHECK_EQ(number, 12);
}

TEST_FN(signed_ints_are_read) {
  static const struct {
    const char *name;
    int64_t value;
    bool good;
  } rows[] =
      {
          {"0", 0, true},
          {"-0", 0, true},
          {"+12", 12, true},
          {"-9223372036854775808", INT64_MIN, true},
          {"9223372036854775807", INT64_MAX, true},
          {"9223372036854775808", 0, false},
          {"-9223372036854775809", 0, false},
          {"99999999999999999999999", 0, false},
          {"0x7f", 127, true},
          {"-0X7F", -127, true},
          {"017", 15, true},
          {"08", 0, false},
          {"0x", 0, false},
          {"", 0, false},
          {"-", 0, false},
          {"1.0", 0, false},
          {" 1", 0, false},
          {"1a", 0, false},
          {"--1", 0, false},
      },
    *row;
  EACH (row, rows) {
    int64_t value = 0;
    CHECK_EQ(firn_parse_i64(firn_str_of(row->name), &value), row->good);
    CHECK(value == row->value);
  }
}

TEST_FN(unsigned_ints_are_read) {
  static const struct {
    const char *name;
    uint64_t value;
    bool good;
  } rows[] =
      {
          {"18446744073709551615", UINT64_MAX, true},
          {"18446744073709551616", 0, false},
          {"0xffffffffffffffff", UINT64_MAX, true},
          {"0x10000000000000000", 0, false},
          {"-1", 0, false},
          {"-0", 0, true},
      },
    *row;
  EACH (row, rows) {
    uint64_t value = 0;
    CHECK_EQ(firn_parse_u64(firn_str_of(row->name), &value), row->good);
    CHECK(value == row->value);
  }
}

TEST_FN(printed_text_is_the_shortest) {
  static const struct {
    const char *name; /* what a float gives  */
    const char *wide; /* what a double gives */
    double value;
  } rows[] =
      {
          {"0", "0", 0},
          {"-0", "-0", -0.0},
          {"1", "1", 1},
          {"100", "100", 100},
          {"0.1", "0.1", 0.1},
          {"1e+30", "1e+30", 1e30},
          {"0.33333334", "0.3333333333333333", 1. / 3},
          {"3.1415927", "3.141592653589793", 3.14159265358979323846},
          {"16777216", "16777216", 16777216},
          {"1e-45", "1.401298464324817e-45", 0x1p-149},
          {"1.1754944e-38", "1.1754943508222875e-38", 0x1p-126},
          {"3.4028235e+38", "3.4028234663852886e+38", 0x1.fffffep127},
          {"inf", "inf", INFINITY},
          {"-inf", "-inf", -INFINITY},
          {"nan", "nan", NAN},
          {"nan", "nan", -NAN},
      },
    *row;
  EACH (row, rows) {
    char out[32];
    CHECK_EQ(firn_print_float(out, (float)row->value), strlen(row->name));
    CHECK_STR(out, row->name);
    CHECK_EQ(firn_print_double(out, row->value), strlen(row->wide));
    CHECK_STR(out, row->wide);
  }
  char out[32];
  firn_print_double(out, 0x1p-1074);
  CHECK_STR(out, "5e-324");
  firn_print_double(out, -0x1.fffffffffffffp1023);
  CHECK_STR(out, "-1.7976931348623157e+308");
}

/* Any bits: what is printed reads back the same, and fewer digits would not. */
TEST_FN(printing_is_undone_by_reading) {
  test_seed(1);
  for (int i = 0; i < 20000; i++) {
    char out[32];
    double value, back;
    uint64_t bits = (uint64_t)test_random(1u << 31) << 33 ^
                    (uint64_t)test_random(1u << 31) << 16 ^ test_random(65536);
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value)) continue;
    const int length = firn_print_double(out, value);
    CHECK(firn_parse_double((firn_str){out, (size_t)length}, &back));
    CHECK(back == value);

    float narrow;
    memcpy(&narrow, &bits, sizeof narrow);
    if (!isfinite(narrow)) continue;
    CHECK(firn_print_float(out, narrow) <= 15);
    CHECK(strtof(out, NULL) == narrow);
  }
}

/* Short decimals take a way of their own: it must agree with the C library. */
TEST_FN(short_decimals_agree_with_strtod) {
  test_seed(2);
  for (int i = 0; i < 50000; i++) {
    char text[40];
    double value;
    const int behind = (int)test_random(9);
    snprintf(text, sizeof text, "%s%u.%0*u", test_random(2) ? "-" : "",
             test_random(1000000), behind + 1, test_random(1000000));
    CHECK(firn_parse_double(firn_str_of(text), &value));
    CHECK(value == strtod(text, NULL));
  }
}

/* Not every machine has such a locale; the build machine of a release does. */
TEST_FN(the_locale_has_no_say) {
  static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8",
                                      "de_DE.utf8", "C.UTF-8"};
  for (size_t i = 0; i < FIRN_COUNT(names); i++)
    if (setlocale(LC_ALL, names[i])) break;
  char out[32];
  double value = 0;
  firn_print_double(out, 1.5);
  CHECK_STR(out, "1.5");
  firn_print_float(out, 1.5f);
  CHECK_STR(out, "1.5");
  CHECK(firn_parse_double(FIRN_STR("1.5e1"), &value));
  CHECK(value == 15);
  CHECK(!firn_parse_double(FIRN_STR("1,5"), &value));
  setlocale(LC_ALL, "C");
}

SUITE(base_number, TEST(doubles_are_read), TEST(what_is_no_double_is_refused),
      TEST(the_text_need_not_end), TEST(signed_ints_are_read),
      TEST(unsigned_ints_are_read), TEST(printed_text_is_the_shortest),
      TEST(printing_is_undone_by_reading),
      TEST(short_decimals_agree_with_strtod), TEST(the_locale_has_no_say));
