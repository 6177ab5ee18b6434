/* What types are called, how wide they are, and what shapes can be asked. */
#include "support/test.h"
#include "tensor/tensor.h"

TEST_FN(names_are_those_of_tensorflow) {
  static const struct {
    const char *name;
    firn_dtype dtype;
    size_t size;
  } rows[] =
      {
          {"float32", FIRN_FLOAT, 4},
          {"float64", FIRN_DOUBLE, 8},
          {"int32", FIRN_INT32, 4},
          {"uint8", FIRN_UINT8, 1},
          {"int16", FIRN_INT16, 2},
          {"int8", FIRN_INT8, 1},
          {"string", FIRN_STRING, 24},
          {"complex64", FIRN_COMPLEX64, 8},
          {"int64", FIRN_INT64, 8},
          {"bool", FIRN_BOOL, 1},
          {"qint8", FIRN_QINT8, 1},
          {"quint8", FIRN_QUINT8, 1},
          {"qint32", FIRN_QINT32, 4},
          {"bfloat16", FIRN_BFLOAT16, 2},
          {"qint16", FIRN_QINT16, 2},
          {"quint16", FIRN_QUINT16, 2},
          {"uint16", FIRN_UINT16, 2},
          {"complex128", FIRN_COMPLEX128, 16},
          {"float16", FIRN_HALF, 2},
          {"resource", FIRN_RESOURCE, 8},
          {"variant", FIRN_VARIANT, 8},
          {"uint32", FIRN_UINT32, 4},
          {"uint64", FIRN_UINT64, 8},
          {"float8_e5m2", FIRN_FLOAT8_E5M2, 1},
          {"float8_e4m3fn", FIRN_FLOAT8_E4M3FN, 1},
          {"float8_e4m3fnuz", FIRN_FLOAT8_E4M3FNUZ, 1},
          {"float8_e4m3b11fnuz", FIRN_FLOAT8_E4M3B11FNUZ, 1},
          {"float8_e5m2fnuz", FIRN_FLOAT8_E5M2FNUZ, 1},
          {"int4", FIRN_INT4, 1},
          {"uint4", FIRN_UINT4, 1},
          {"int2", FIRN_INT2, 1},
          {"uint2", FIRN_UINT2, 1},
          {"float4_e2m1fn", FIRN_FLOAT4_E2M1FN, 1},
          {"float32_ref", 101, 8},
          {"string_ref", 107, 8},
      },
    *row;
  EACH (row, rows) {
    CHECK_STR(firn_dtype_name(row->dtype), row->name);
    CHECK_EQ(firn_dtype_find(row->name), row->dtype);
    CHECK_EQ(firn_dtype_size(row->dtype), row->size);
    CHECK(firn_dtype_valid((int)row->dtype));
  }
  CHECK_EQ(firn_dtype_find("half"), FIRN_HALF);
  CHECK_EQ(firn_dtype_find("float"), FIRN_FLOAT);
  CHECK_EQ(firn_dtype_find("double"), FIRN_DOUBLE);
}

TEST_FN(every_reference_type_is_named_after_its_type) {
  for (int i = 1; i <= FIRN_FLOAT4_E2M1FN; i++) {
    char want[64];
    snprintf(want, sizeof want, "%s_ref", firn_dtype_name((firn_dtype)i));
    CHECK_STR(firn_dtype_name(firn_dtype_ref((firn_dtype)i)), want);
  }
}

TEST_FN(what_is_no_type_is_invalid) {
  static const int rows[] = {0, -1, 34, 99, 100, 134, 1000, INT32_MIN};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    CHECK(!firn_dtype_valid(rows[i]));
    CHECK_STR(firn_dtype_name((firn_dtype)rows[i]), "invalid");
    CHECK_EQ(firn_dtype_size((firn_dtype)rows[i]), 0);
  }
  CHECK_EQ(firn_dtype_find("float33"), FIRN_INVALID);
  CHECK_EQ(firn_dtype_find(""), FIRN_INVALID);
}

TEST_FN(shapes_print_with_question_marks) {
  const int64_t big = INT64_MAX;
  static const struct {
    const char *name;
    firn_shape shape;
  } rows[] =
      {
          {"[]", {0, {0}}},
          {"[7]", {1, {7}}},
          {"[2,?,3]", {3, {2, -1, 3}}},
          {"?", {-1, {0}}},
      },
    *row;
  char text[256];
  EACH (row, rows) CHECK_STR(firn_shape_text(&row->shape, text), row->name);

  firn_shape long_shape = {16, {0}};
  for (int i = 0; i < 16; i++) long_shape.dims[i] = big;
  firn_shape_text(&long_shape, text);
  CHECK(strlen(text) < 256);
  CHECK_HAS(text, "...]");
}

TEST_FN(counting_notices_overflow) {
  const firn_shape fits = {3, {0, (int64_t)1 << 40, (int64_t)1 << 40}};
  const firn_shape wraps = {3, {(int64_t)1 << 40, (int64_t)1 << 40, 0}};
  const firn_shape plain = {3, {2, 3, 4}};
  int64_t count = -1;
  CHECK(firn_shape_count(&fits, &count));
  CHECK_EQ(count, 0);
  CHECK(!firn_shape_count(&wraps, &count));
  CHECK(firn_shape_count(&plain, &count));
  CHECK_EQ(count, 24);
  CHECK_EQ(firn_shape_product(&plain, 1, 3), 12);
  CHECK_EQ(firn_shape_product(&plain, 3, 3), 1);
}

TEST_FN(known_and_equal) {
  const firn_shape a = {2, {2, 3}}, b = {2, {2, -1}}, c = firn_shape_unknown();
  CHECK(firn_shape_known(&a));
  CHECK(!firn_shape_known(&b));
  CHECK(!firn_shape_known(&c));
  CHECK(firn_shape_equal(&a, &a));
  CHECK(!firn_shape_equal(&a, &b));
  CHECK(!firn_shape_equal(&a, &c));
}

SUITE(tensor_dtype, TEST(names_are_those_of_tensorflow),
      TEST(every_reference_type_is_named_after_its_type),
      TEST(what_is_no_type_is_invalid), TEST(shapes_print_with_question_marks),
      TEST(counting_notices_overflow), TEST(known_and_equal));
