/* support/test.h: thin words over cmocka, so that a failing row prints its
 * name.
 *
 *   static void adds(void) { CHECK_EQ(1 + 1, 2); }
 *   SUITE(base_sums, TEST(adds));
 */
#ifndef FIRN_TEST_H
#define FIRN_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CHECK(cond) assert_true(cond)
#define CHECK_EQ(have, want) assert_int_equal((have), (want))
#define CHECK_STR(have, want) assert_string_equal((have), (want))
#define CHECK_OK(call, err)                                \
  do {                                                     \
    if ((call) != FIRN_OK) fail_msg("%s", (err)->message); \
  } while (0)

/* The text contains the part. */
#define CHECK_HAS(text, part)                                 \
  do {                                                        \
    if (!strstr((text), (part)))                              \
      fail_msg("'%s' does not contain '%s'", (text), (part)); \
  } while (0)

/* Walks a const table of rows; the row's .name is printed when a check fails.
 */
#define EACH(row, rows)                                                     \
  for ((row) = (rows); (row) < (rows) + sizeof(rows) / sizeof((rows)[0]) && \
                       (test_row_name = (row)->name, 1);                    \
       (row)++)

static const char *test_row_name;
static uint64_t test_state = 1;

static inline int test_name_row(void **state) {
  (void)state;
  if (test_row_name) printf("[  last row] %s\n", test_row_name);
  test_row_name = NULL;
  return 0;
}

/* Random numbers: a seed is set by each test and printed with its failures. */
static inline void test_seed(uint64_t seed) {
  test_state = seed * 0x9e3779b97f4a7c15u + 1;
}
static inline uint32_t test_random(uint32_t below) {
  test_state ^= test_state << 13;
  test_state ^= test_state >> 7;
  test_state ^= test_state << 17;
  return (uint32_t)((test_state >> 20) % (below ? below : 1));
}
static inline float test_uniform(void) { /* in [-1, 1) */
  return (float)test_random(1u << 24) / (float)(1u << 23) - 1.0f;
}

#define TEST(fn) \
  { #fn, test_call_##fn, NULL, test_name_row, NULL }

/* cmocka hands a state; our tests take nothing. A test left out of the list is
 * an unused function, hence a build error. */
#define TEST_FN(fn)                          \
  static void fn(void);                      \
  static void test_call_##fn(void **state) { \
    (void)state;                             \
    fn();                                    \
  }                                          \
  static void fn(void)

#define SUITE(name, ...)                                          \
  int main(void) {                                                \
    const struct CMUnitTest tests[] = {__VA_ARGS__};              \
    (void)test_seed;                                              \
    (void)test_uniform;                                           \
    return cmocka_run_group_tests_name(#name, tests, NULL, NULL); \
  }

#endif
