/* What an error promises: one tame sentence that fits, and further lines. */
#include "firn/status.h"
#include "support/test.h"

TEST_FN(fail_records_code_and_message) {
  firn_error err = FIRN_ERROR_INIT;
  CHECK_EQ(firn_fail(&err, FIRN_DATA_LOSS, "have %d, want %s", 3, "4"),
           FIRN_DATA_LOSS);
  CHECK_EQ(err.code, FIRN_DATA_LOSS);
  CHECK_STR(err.message, "have 3, want 4");
  CHECK_EQ(firn_fail(NULL, FIRN_ABORTED, "nobody listens"), FIRN_ABORTED);
}

TEST_FN(context_goes_in_front) {
  firn_error err = FIRN_ERROR_INIT;
  firn_fail(&err, FIRN_NOT_FOUND, "no such node");
  CHECK_EQ(firn_while(&err, FIRN_NOT_FOUND, "fetching '%s'", "x:0"),
           FIRN_NOT_FOUND);
  firn_while(&err, FIRN_NOT_FOUND, "running");
  CHECK_STR(err.message, "running: fetching 'x:0': no such node");
  CHECK_EQ(firn_while(NULL, FIRN_NOT_FOUND, "running"), FIRN_NOT_FOUND);
}

TEST_FN(context_alone_and_success_are_left_as_they_are) {
  firn_error err = FIRN_ERROR_INIT;
  CHECK_EQ(firn_while(&err, FIRN_OK, "running"), FIRN_OK);
  CHECK_STR(err.message, "");
  firn_while(&err, FIRN_ABORTED, "running");
  CHECK_STR(err.message, "running");
  CHECK_EQ(err.code, FIRN_ABORTED);
}

TEST_FN(long_message_is_cut_and_marked) {
  char name[900];
  firn_error err = FIRN_ERROR_INIT;
  memset(name, 'n', sizeof name - 1);
  name[sizeof name - 1] = '\0';

  firn_fail(&err, FIRN_INTERNAL, "'%s' is long", name);
  CHECK_EQ(strlen(err.message), sizeof err.message - 1);
  CHECK_STR(err.message + sizeof err.message - 5, "n...");

  firn_while(&err, FIRN_INTERNAL, "reading");
  CHECK_EQ(strlen(err.message), sizeof err.message - 1);
  CHECK_HAS(err.message, "reading: 'nnn");
  CHECK_STR(err.message + sizeof err.message - 5, "n...");
}

TEST_FN(longest_message_that_fits_is_whole) {
  char name[508];
  firn_error err = FIRN_ERROR_INIT;
  memset(name, 'n', 507);
  name[507] = '\0';
  firn_fail(&err, FIRN_INTERNAL, "%s", name);
  CHECK_STR(err.message, name);
}

TEST_FN(cut_does_not_split_a_character) {
  char name[900];
  firn_error err = FIRN_ERROR_INIT;
  for (size_t shift = 0; shift < 3; shift++) {
    memset(name, 'n', shift);
    for (size_t i = shift; i + 3 < sizeof name; i += 3)
      memcpy(name + i, "\xe2\x82\xac", 4);
    firn_fail(&err, FIRN_INTERNAL, "%s", name);
    const size_t length = strlen(err.message);
    CHECK(length >= sizeof err.message - 3 && length < sizeof err.message);
    CHECK_STR(err.message + length - 6, "\xe2\x82\xac...");
  }
}

TEST_FN(control_characters_are_tamed) {
  firn_error err = FIRN_ERROR_INIT;
  firn_fail(&err, FIRN_INTERNAL, "'%s'", "a\nb\x1b[2J\x7f");
  CHECK_STR(err.message, "'a?b?[2J?'");
}

TEST_FN(arguments_may_lie_in_the_error_itself) {
  firn_error err = FIRN_ERROR_INIT;
  firn_fail(&err, FIRN_INTERNAL, "first");
  firn_error_add(&err, "line");
  firn_fail(&err, FIRN_UNKNOWN, "%s and %s", err.message,
            firn_error_line(&err, 0));
  CHECK_STR(err.message, "first and line");
  CHECK_EQ(firn_error_count(&err), 0);
}

TEST_FN(further_lines_are_kept_in_order) {
  firn_error err = FIRN_ERROR_INIT;
  char want[16];
  firn_fail(&err, FIRN_UNIMPLEMENTED, "100 unsupported ops");
  for (int i = 0; i < 100; i++) firn_error_add(&err, "op %d", i);
  CHECK_EQ(firn_error_count(&err), 100);
  for (int i = 0; i < 100; i++) {
    snprintf(want, sizeof want, "op %d", i);
    CHECK_STR(firn_error_line(&err, (size_t)i), want);
  }
  CHECK_STR(firn_error_line(&err, 100), "");
  CHECK_STR(err.message, "100 unsupported ops");

  firn_while(&err, FIRN_UNIMPLEMENTED, "opening");
  CHECK_EQ(firn_error_count(&err), 100);
  firn_error_clear(&err);
  CHECK_EQ(err.code, FIRN_OK);
  CHECK_STR(err.message, "");
  CHECK_EQ(firn_error_count(&err), 0);
  firn_error_clear(NULL);
  firn_error_add(NULL, "nobody listens");
}

TEST_FN(codes_have_names) {
  CHECK_STR(firn_code_name(FIRN_OK), "OK");
  CHECK_STR(firn_code_name(FIRN_INVALID_ARGUMENT), "INVALID_ARGUMENT");
  CHECK_STR(firn_code_name(FIRN_UNAUTHENTICATED), "UNAUTHENTICATED");
  CHECK_STR(firn_code_name((firn_code)17), "UNKNOWN");
  CHECK_STR(firn_code_name((firn_code)-1), "UNKNOWN");
}

SUITE(base_status, TEST(fail_records_code_and_message),
      TEST(context_goes_in_front),
      TEST(context_alone_and_success_are_left_as_they_are),
      TEST(long_message_is_cut_and_marked),
      TEST(longest_message_that_fits_is_whole),
      TEST(cut_does_not_split_a_character), TEST(control_characters_are_tamed),
      TEST(arguments_may_lie_in_the_error_itself),
      TEST(further_lines_are_kept_in_order), TEST(codes_have_names));
