/* By how much tensors differ, type by type. */
#include "tensor/compare.h"

#include <math.h>

#include "base/text.h"

#include "support/test.h"

/* Two numbers side by side: a text per type would hide what is compared. */
#define ONE(type, a, b) \
  (const type[]){a}, (const type[]) { b }

TEST_FN(numbers_differ_by_what_they_stand_for) {
  static const float nans[] = {NAN}, infs[] = {INFINITY}, lows[] = {-INFINITY};
  static const float ones[] = {1}, zeros[] = {0}, negative[] = {-0.0f};
  static const float c[] = {3, 4}, origin[] = {0, 0};
  const struct {
    const char *name;
    firn_dtype dtype;
    const void *a, *b;
    double absolute, relative;
  } rows[] =
      {
          {"float", FIRN_FLOAT, ONE(float, 1, 1.5f), 0.5, 0.5 / 1.5},
          {"zeros", FIRN_FLOAT, zeros, negative, 0, 0},
          {"nan", FIRN_FLOAT, nans, nans, 0, 0},
          {"nan and number", FIRN_FLOAT, nans, ones, INFINITY, INFINITY},
          {"inf", FIRN_FLOAT, infs, infs, 0, 0},
          {"inf and number", FIRN_FLOAT, infs, ones, INFINITY, INFINITY},
          {"two infs", FIRN_FLOAT, infs, lows, INFINITY, INFINITY},
          {"double", FIRN_DOUBLE, ONE(double, -1, 1), 2, 2},
          {"half", FIRN_HALF, ONE(uint16_t, 0x3c00, 0x4000), 1, 0.5},
          {"bfloat16", FIRN_BFLOAT16, ONE(uint16_t, 0x3f80, 0x4000), 1, 0.5},
          {"complex", FIRN_COMPLEX64, c, origin, 5, 1},
          {"int8", FIRN_INT8, ONE(int8_t, -128, 127), 255, 255.0 / 128},
          {"uint8", FIRN_UINT8, ONE(uint8_t, 255, 0), 255, 1},
          {"int16", FIRN_INT16, ONE(int16_t, -2, 2), 4, 2},
          {"uint16", FIRN_UINT16, ONE(uint16_t, 0xffff, 0xfffe), 1, 1 / 65535.},
          {"int32", FIRN_INT32, ONE(int32_t, 7, 8), 1, 0.125},
          {"uint32", FIRN_UINT32, ONE(uint32_t, 0xffffffff, 0), 4294967295., 1},
          {"bool", FIRN_BOOL, ONE(bool, true, false), 1, 1},
          {"int4", FIRN_INT4, ONE(uint8_t, 0x0f, 0x01), 2, 2},
          {"uint4", FIRN_UINT4, ONE(uint8_t, 0x0f, 0x01), 14, 14 / 15.},
          {"int64 beyond a double", FIRN_INT64,
           ONE(int64_t, INT64_MAX, INT64_MAX - 1), 1, 1 / 0x1p63},
          {"int64 from end to end", FIRN_INT64,
           ONE(int64_t, INT64_MIN, INT64_MAX), 0x1p64, 2},
          {"uint64", FIRN_UINT64, ONE(uint64_t, UINT64_MAX, UINT64_MAX - 1), 1,
           1 / 0x1p64},
      },
    *row;
  const firn_tolerance exact = {.relative = 0};
  EACH (row, rows) {
    firn_difference d = {.elements = 0}, other = {.elements = 0};
    firn_compare_elements(row->dtype, row->a, row->b, 1, &exact, &d);
    firn_compare_elements(row->dtype, row->b, row->a, 1, &exact, &other);
    CHECK(d.absolute == row->absolute && other.absolute == row->absolute);
    CHECK(d.relative == row->relative && other.relative == row->relative);
    CHECK_EQ(d.count, row->absolute > 0);
    CHECK_EQ(d.elements, 1);
  }
}

TEST_FN(tolerances_add_up) {
  static const float a[] = {100, 0, NAN, INFINITY};
  static const float b[] = {101, 0.5f, 1, 5};
  const struct {
    const char *name;
    firn_tolerance tolerance;
    uint64_t count, first;
  } rows[] =
      {
          {"none", {0, 0}, 4, 0},           {"relative", {0.01, 0}, 3, 1},
          {"absolute", {0, 0.5}, 3, 0},     {"both", {0.01, 0.5}, 2, 2},
          {"too little", {0.009, 0}, 4, 0},
      },
    *row;
  EACH (row, rows) {
    firn_difference d = {.elements = 0};
    firn_compare_elements(FIRN_FLOAT, a, b, 4, &row->tolerance, &d);
    CHECK_EQ(d.count, row->count);
    CHECK_EQ(d.first, row->first);
  }
}

TEST_FN(calls_add_up) {
  enum { N = 5000 };
  static int32_t a[N], b[N];
  const firn_tolerance exact = {.relative = 0};
  firn_difference d = {.elements = 0};
  b[2047] = 3;
  b[4999] = -7;
  firn_compare_elements(FIRN_INT32, a, b, 2000, &exact, &d);
  CHECK_EQ(d.count, 0);
  firn_compare_elements(FIRN_INT32, a + 2000, b + 2000, 3000, &exact, &d);
  CHECK_EQ(d.count, 2);
  CHECK_EQ(d.first, 2047);
  CHECK_EQ(d.elements, N);
  CHECK(d.absolute == 7);
}

TEST_FN(tensors_must_be_alike) {
  const firn_shape two = firn_shape_vector(2), three = firn_shape_vector(3);
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *a = NULL, *b = NULL;
  firn_difference d;
  CHECK_OK(firn_tensor_make(FIRN_STRING, &two, NULL, &a, &err), &err);
  CHECK_OK(firn_tensor_make(FIRN_STRING, &three, NULL, &b, &err), &err);
  CHECK_EQ(firn_tensor_compare(a, b, NULL, &d, &err), FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message,
            "a string tensor of shape [2] cannot be compared with a string "
            "tensor of shape [3]");
  firn_tensor_release(b);
  CHECK_OK(firn_tensor_make(FIRN_STRING, &two, NULL, &b, &err), &err);
  CHECK_OK(firn_tensor_set_string(b, 1, FIRN_STR("x"), &err), &err);
  CHECK_OK(firn_tensor_compare(a, b, NULL, &d, &err), &err);
  CHECK(d.count == 1 && d.first == 1 && d.absolute == 0);
  firn_tensor_release(a);
  firn_tensor_release(b);
}

SUITE(tensor_compare, TEST(numbers_differ_by_what_they_stand_for),
      TEST(tolerances_add_up), TEST(calls_add_up), TEST(tensors_must_be_alike));
