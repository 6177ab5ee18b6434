/* Nested lists and tensors: types chosen and wished for, ragged lists told,
 * bytes that are not UTF-8. */
#include "support/failing.h"
#include "support/test.h"
#include "tensor/tensor_file.h"

static firn_code parse(const char *text, firn_dtype want, firn_tensor **out,
                       firn_error *err) {
  const firn_env env = firn_env_from(NULL);
  return firn_json_tensor_parse(
      (firn_bytes){(const uint8_t *)text, strlen(text)}, want, &env, out, err);
}

TEST_FN(types_are_chosen_or_wished_for) {
  static const struct {
    const char *name, *want, *dtype, *shape, *back;
  } rows[] =
      {
          {"[[1, 2, 3], [4, 5, 6]]", "", "int32", "[2,3]", NULL},
          {"7", "", "int32", "[]", NULL},
          {"[2147483647, -2147483648]", "", "int32", "[2]", NULL},
          {"[2147483648]", "", "int64", "[1]", NULL},
          {"[9223372036854775807, -9223372036854775808]", "", "int64", "[2]",
           NULL},
          {"[1, 2.5]", "", "float32", "[2]", "[1.0, 2.5]"},
          {"[NaN, Infinity, -Infinity, -0.0]", "", "float32", "[4]", NULL},
          {"[0.1, 16777217]", "", "float32", "[2]", "[0.1, 16777216.0]"},
          {"[0.1, 16777217]", "float64", "float64", "[2]", "[0.1, 16777217.0]"},
          {"[0.1]", "float16", "float16", "[1]", NULL},
          {"[0.1, 3]", "bfloat16", "bfloat16", "[2]", "[0.1, 3.0]"},
          {"[0.1, 1]", "float8_e4m3fn", "float8_e4m3fn", "[2]", "[0.1, 1.0]"},
          {"[true, false]", "", "bool", "[2]", NULL},
          {"[[], []]", "", "float32", "[2,0]", NULL},
          {"[]", "int64", "int64", "[0]", NULL},
          {"[[[]]]", "string", "string", "[1,1,0]", NULL},
          {"[\"a\", {\"b64\": \"/w==\"}, \"\"]", "", "string", "[3]", NULL},
          {"{\"b64\": \"YWJj\"}", "", "string", "[]", "\"abc\""},
          {"[\"\\u0000\"]", "", "string", "[1]", NULL},
          {"[18446744073709551615, 0]", "uint64", "uint64", "[2]", NULL},
          {"[255, 0]", "uint8", "uint8", "[2]", NULL},
          {"[1.0, 2e2]", "uint8", "uint8", "[2]", "[1, 200]"},
          {"[-128, 127]", "qint8", "qint8", "[2]", NULL},
          {"[-8, 7]", "int4", "int4", "[2]", NULL},
          {"[0, 15]", "uint4", "uint4", "[2]", NULL},
          {"[-2, 1]", "int2", "int2", "[2]", NULL},
          {"[1, 2.5]", "complex64", "complex64", "[2]",
           "[{\"real\": 1.0, \"imag\": 0.0}, {\"real\": 2.5, \"imag\": 0.0}]"},
          {"[{\"real\": 1.5, \"imag\": -2.0}]", "", "complex64", "[1]", NULL},
          {"[{\"imag\": 0.1, \"real\": 0.1}]", "complex128", "complex128",
           "[1]", "[{\"real\": 0.1, \"imag\": 0.1}]"},
          {"[1e-05, 0.0001, 1e+16, 123456790.0]", "", "float32", "[4]", NULL},
      },
    *row;
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    firn_tensor *t = NULL;
    char shape[256];
    CHECK_OK(parse(row->name, firn_dtype_find(row->want), &t, &err), &err);
    CHECK_STR(firn_dtype_name(t->dtype), row->dtype);
    CHECK_STR(firn_shape_text(&t->shape, shape), row->shape);
    char *back = firn_tensor_json(t);
    CHECK_STR(back, row->back ? row->back : row->name);
    free(back);
    firn_tensor_release(t);
  }
}

TEST_FN(what_is_no_tensor_is_told) {
  static const struct {
    const char *name, *want, *says;
  } rows[] =
      {
          {"[[1, 2], [3]]", "",
           "the lists are ragged: [1] has 1 values, others 2"},
          {"[1, [2]]", "",
           "the lists are ragged: a list stands at [1], where others have a "
           "value"},
          {"[[1], 2]", "",
           "the lists are ragged: a number stands at [1], where others have a "
           "list"},
          {"[[], 2]", "",
           "the lists are ragged: a number stands at [1], where others have a "
           "list"},
          {"[[[1]], [[2, 3]]]", "",
           "the lists are ragged: [1][0] has 2 values, others 1"},
          {"[1, \"a\"]", "",
           "a string stands at [1] among values that are each a number"},
          {"[true, 1]", "",
           "a number stands at [1] among values that are each a bool"},
          {"[null]", "",
           "the value at [0] is no number, bool, string, {\"b64\": ...} or "
           "{\"real\": ..., \"imag\": ...}"},
          {"{\"b64\": 3}", "",
           "the value at the top is no number, bool, string, {\"b64\": ...} or "
           "{\"real\": ..., \"imag\": ...}"},
          {"[{\"b64\": \"?\"}]", "", "'?' is no base64"},
          {"[1]", "string", "the values are each a number, string is wanted"},
          {"[1]", "bool", "the values are each a number, bool is wanted"},
          {"[\"1\"]", "float32",
           "the values are each a string, float32 is wanted"},
          {"[{\"real\": 1, \"imag\": 2}]", "float32",
           "the values are each a complex number, float32 is wanted"},
          {"[1.5]", "int32", "1.5 is no int32"},
          {"[NaN]", "int32", "NaN is no int32"},
          {"[256]", "uint8", "256 is no uint8"},
          {"[-1]", "uint64", "-1 is no uint64"},
          {"[8]", "int4", "8 is no int4"},
          {"[1e39]", "float32", "1e39 is no float32"},
          {"[65520]", "float16", "65520 is no float16"},
          {"[1]", "variant", "a tensor of variant cannot be given as JSON"},
          {"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "",
           "lists nested deeper than 16"},
      },
    *row;
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    firn_tensor *t = NULL;
    CHECK_EQ(parse(row->name, firn_dtype_find(row->want), &t, &err) == FIRN_OK,
             false);
    CHECK_STR(err.message, row->says);
    CHECK(t == NULL);
  }
}

static firn_code scenario(const firn_allocator *alloc, void *ctx) {
  firn_env env = firn_env_from(NULL);
  firn_tensor *t = NULL;
  env.alloc = *alloc;
  const firn_code code = firn_json_tensor_parse((firn_bytes){ctx, strlen(ctx)},
                                                FIRN_INVALID, &env, &t, NULL);
  firn_tensor_release(t);
  return code;
}

TEST_FN(short_memory_loses_nothing) {
  char text[] = "[[\"a\", {\"b64\": \"/w==\"}], [\"a\\n\", \"\"]]";
  CHECK(failing_check(scenario, text) >= 4);
}

SUITE(tensor_json_tensor, TEST(types_are_chosen_or_wished_for),
      TEST(what_is_no_tensor_is_told), TEST(short_memory_loses_nothing));
