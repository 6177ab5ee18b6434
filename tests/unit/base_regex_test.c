/* What patterns find and rewrite, and which are refused. */
#include "base/regex.h"

#include "support/test.h"

#ifdef FIRN_HAVE_PCRE2

TEST_FN(matches_are_rewritten) {
  static const struct {
    const char *name, *pattern, *text, *rewrite, *first, *all;
  } rows[] =
      {
          {"every one", "a", "banana", "o", "bonana", "bonono"},
          {"groups", "(\\w+)/(\\w+)", "x/y a/b", "\\2-\\1", "y-x a/b",
           "y-x b-a"},
          {"the whole match", "an", "banana", "<\\0>", "b<an>ana",
           "b<an><an>a"},
          {"a group that took no part", "(a)|b", "ab", "[\\1]", "[a]b",
           "[a][]"},
          {"a backslash", "b", "abc", "\\\\", "a\\c", "a\\c"},
          {"nothing to find", "z", "abc", "!", "abc", "abc"},
          {"empty matches", "x*", "abc", "-", "-abc", "-a-b-c-"},
          {"an anchor", "^dense(_\\d+)?/", "dense_1/dense/b", "fc\\1/",
           "fc_1/dense/b", "fc_1/dense/b"},
      },
    *row;
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    firn_regex *regex = NULL;
    const firn_str text = firn_str_of(row->text);
    const firn_str rewrite = firn_str_of(row->rewrite);
    CHECK_OK(firn_regex_new(firn_str_of(row->pattern), false, &regex, &err),
             &err);
    for (int all = 0; all < 2; all++) {
      firn_buf out;
      firn_buf_init(&out, NULL);
      CHECK_OK(firn_regex_replace(regex, text, rewrite, all, &out, &err), &err);
      firn_buf_append(&out, "", 1);
      CHECK_STR((const char *)out.data, all ? row->all : row->first);
      firn_buf_fini(&out);
    }
    firn_regex_free(regex);
  }
}

TEST_FN(searches_say_where) {
  firn_error err = FIRN_ERROR_INIT;
  firn_regex *regex = NULL;
  firn_match match;
  const firn_str text = FIRN_STR("w/Adam and w/Adam_1");
  CHECK_OK(firn_regex_new(FIRN_STR("Adam(_\\d)?"), false, &regex, &err), &err);
  CHECK_EQ(firn_regex_groups(regex), 1);
  CHECK_OK(firn_regex_search(regex, text, 0, &match, &err), &err);
  CHECK(match.found && match.begin == 2 && match.end == 6);
  CHECK_OK(firn_regex_search(regex, text, match.end, &match, &err), &err);
  CHECK(match.found && match.begin == 13 && match.end == 19);
  CHECK_OK(firn_regex_search(regex, text, match.end, &match, &err), &err);
  CHECK(!match.found);
  firn_regex_free(regex);

  CHECK_OK(firn_regex_new(FIRN_STR("Adam"), true, &regex, &err), &err);
  CHECK_OK(firn_regex_search(regex, FIRN_STR("Adam_1"), 0, &match, &err), &err);
  CHECK(!match.found);
  firn_regex_free(regex);
}

TEST_FN(refuses_what_re2_has_not) {
  static const struct {
    const char *name, *pattern, *says;
  } rows[] =
      {
          {"unclosed", "a(b", "the pattern 'a(b' is wrong at 3"},
          {"backreference", "(a)\\1", "a backreference"},
          {"lookahead", "a(?=b)", "a lookaround"},
          {"possessive", "a++", "a possessive repeat"},
          {"repeats", "a{1001}", "more than 1000 repeats"},
      },
    *row;
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    firn_regex *regex = NULL;
    CHECK_EQ(firn_regex_new(firn_str_of(row->pattern), false, &regex, &err),
             FIRN_INVALID_ARGUMENT);
    CHECK(!regex);
    CHECK_HAS(err.message, row->says);
  }
}

/* Nested repeats would take ages to fail. */
TEST_FN(ends_in_time) {
  firn_error err = FIRN_ERROR_INIT;
  firn_regex *regex = NULL;
  firn_match match;
  char text[64];
  memset(text, 'a', sizeof text);
  CHECK_OK(firn_regex_new(FIRN_STR("^(a|a)*$b"), false, &regex, &err), &err);
  const firn_code code =
      firn_regex_search(regex, (firn_str){text, sizeof text}, 0, &match, &err);
  CHECK(code == FIRN_INVALID_ARGUMENT || !match.found);
  firn_regex_free(regex);
}

SUITE(base_regex, TEST(matches_are_rewritten), TEST(searches_say_where),
      TEST(refuses_what_re2_has_not), TEST(ends_in_time));

#else

TEST_FN(says_what_is_missing) {
  firn_error err = FIRN_ERROR_INIT;
  firn_regex *regex = NULL;
  CHECK_EQ(firn_regex_new(FIRN_STR("a"), false, &regex, &err),
           FIRN_UNIMPLEMENTED);
  CHECK_HAS(err.message, "without PCRE2");
  firn_regex_free(regex);
}

SUITE(base_regex, TEST(says_what_is_missing));

#endif
