/* What JSON promises: RFC 8259 and NaN, exact complaints, and strings that come
 * out as they went in. */
#include "base/json.h"
#include "support/failing.h"
#include "support/test.h"

static firn_arena arena;

static const firn_json *parse(firn_str text) {
  const firn_json *value = NULL;
  firn_error err = FIRN_ERROR_INIT;
  const firn_bytes input = {(const uint8_t *)text.data, text.size};
  CHECK_OK(firn_json_parse(input, 10, &arena, &value, &err), &err);
  return value;
}

TEST_FN(scalars_are_read) {
  firn_arena_init(&arena, NULL);
  CHECK_EQ(parse(FIRN_STR(" null\n"))->kind, FIRN_JSON_NULL);
  CHECK_EQ(parse(FIRN_STR("true"))->kind, FIRN_JSON_BOOL);
  CHECK(parse(FIRN_STR("true"))->truth);
  CHECK(!parse(FIRN_STR("false"))->truth);
  CHECK_EQ(parse(FIRN_STR("\t\"x\"\r"))->kind, FIRN_JSON_STRING);
  firn_arena_fini(&arena);
}

TEST_FN(numbers_keep_their_text) {
  static const struct {
    const char *name;
  } rows[] = {{"0"},        {"-0"},  {"9223372036854775807"},
              {"-1.50"},    {"1e5"}, {"1E+05"},
              {"0.25e-3"},  {"NaN"}, {"Infinity"},
              {"-Infinity"}},
    *row;
  firn_arena_init(&arena, NULL);
  EACH (row, rows) {
    const firn_json *value = parse(firn_str_of(row->name));
    CHECK_EQ(value->kind, FIRN_JSON_NUMBER);
    CHECK(firn_str_is(value->text, row->name));
  }
  firn_arena_fini(&arena);
}

TEST_FN(strings_are_unescaped) {
  static const struct {
    const char *name;
    firn_str in, out;
  } rows[] =
      {
#define ROW(name, in, out)                               \
  {                                                      \
    name, {in, sizeof(in) - 1}, { out, sizeof(out) - 1 } \
  }
          ROW("empty", "\"\"", ""),
          ROW("plain", "\"a b\"", "a b"),
          ROW("utf-8", "\"\xc3\xa4\xf0\x9f\x98\x80\"",
              "\xc3\xa4\xf0\x9f\x98\x80"),
          ROW("all escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
              "\"\\/\b\f\n\r\t"),
          ROW("zero", "\"a\\u0000b\"", "a\0b"),
          ROW("two bytes", "\"\\u00e4\"", "\xc3\xa4"),
          ROW("three bytes", "\"\\u20AC\"", "\xe2\x82\xac"),
          ROW("pair", "\"<\\uD83D\\ude00>\"", "<\xf0\x9f\x98\x80>"),
          ROW("delete is no control", "\"\x7f\"", "\x7f"),
#undef ROW
      },
    *row;
  firn_arena_init(&arena, NULL);
  EACH (row, rows) CHECK(firn_str_eq(parse(row->in)->text, row->out));
  firn_arena_fini(&arena);
}

TEST_FN(plain_strings_borrow) {
  firn_arena_init(&arena, NULL);
  const firn_str text = FIRN_STR("[\"plain\"]");
  CHECK(parse(text)->item[0].text.data == text.data + 2);
  firn_arena_fini(&arena);
}

TEST_FN(arrays_and_objects_nest) {
  firn_arena_init(&arena, NULL);
  const firn_json *root = parse(FIRN_STR(
      "{ \"a\" : [1, [ ], {\"x\": [2,3]}] , \"b\":{}, \"a\\u0062\": null }"));
  CHECK_EQ(root->kind, FIRN_JSON_OBJECT);
  CHECK_EQ(root->count, 3);
  CHECK(firn_str_is(root->key[0], "a"));
  CHECK(firn_str_is(root->key[2], "ab"));
  const firn_json *a = firn_json_get(root, "a");
  CHECK_EQ(a->kind, FIRN_JSON_ARRAY);
  CHECK_EQ(a->count, 3);
  CHECK(firn_str_is(a->item[0].text, "1"));
  CHECK_EQ(a->item[1].kind, FIRN_JSON_ARRAY);
  CHECK_EQ(a->item[1].count, 0);
  const firn_json *x = firn_json_get(&a->item[2], "x");
  CHECK_EQ(x->count, 2);
  CHECK(firn_str_is(x->item[1].text, "3"));
  CHECK_EQ(firn_json_get(root, "b")->kind, FIRN_JSON_OBJECT);
  CHECK_EQ(firn_json_get(root, "b")->count, 0);
  CHECK_EQ(firn_json_get(root, "ab")->kind, FIRN_JSON_NULL);
  CHECK(firn_json_get(root, "c") == NULL);
  CHECK(firn_json_get(a, "x") == NULL);
  CHECK(firn_json_get(NULL, "x") == NULL);
  firn_arena_fini(&arena);
}

TEST_FN(last_of_equal_keys_wins) {
  firn_arena_init(&arena, NULL);
  const firn_json *root = parse(FIRN_STR("{\"a\":1,\"a\":2}"));
  CHECK_EQ(root->count, 2);
  CHECK(firn_str_is(firn_json_get(root, "a")->text, "2"));
  firn_arena_fini(&arena);
}

TEST_FN(damage_is_refused_with_its_place) {
  static const struct {
    const char *name, *says;
  } rows[] =
      {
          {"", "line 1, column 1: expected a value, but the text ends"},
          {"  \n ", "line 2, column 2: expected a value, but the text ends"},
          {"nul", "line 1, column 1: expected a value, not 'n'"},
          {"1 2", "line 1, column 3: expected the end, not '2'"},
          {"[1,\n 2,\n ]", "line 3, column 2: expected a value, not ']'"},
          {"[,1]", "line 1, column 2: expected a value, not ','"},
          {"[1 2]", "line 1, column 4: expected ',' or ']', not '2'"},
          {"[1}", "line 1, column 3: expected ',' or ']', not '}'"},
          {"[1", "line 1, column 3: expected ',' or ']', but the text ends"},
          {"{1:2}", "line 1, column 2: expected a key in quotes, not '1'"},
          {"{\"a\":1,}", "line 1, column 8: expected a key in quotes, not '}'"},
          {"{\"a\" 1}", "line 1, column 6: expected ':', not '1'"},
          {"{\"a\":}", "line 1, column 6: expected a value, not '}'"},
          {"{\"a\":1 \"b\":2}", "column 8: expected ',' or '}', not '\"'"},
          {"]", "line 1, column 1: expected a value, not ']'"},
          {"01", "line 1, column 2: expected the end, not '1'"},
          {"-", "line 1, column 2: expected a digit, but the text ends"},
          {"1.", "line 1, column 3: expected a digit, but the text ends"},
          {".5", "line 1, column 1: expected a value, not '.'"},
          {"1e+", "line 1, column 4: expected a digit, but the text ends"},
          {"+1", "line 1, column 1: expected a value, not '+'"},
          {"-NaN", "line 1, column 2: expected a digit, not 'N'"},
          {"\"abc", "line 1, column 5: expected '\"', but the text ends"},
          {"\"abc\\", "line 1, column 6: expected '\"', but the text ends"},
          {"\"a\nb\"", "line 1, column 3: control character in a string"},
          {"\"\\x\"", "line 1, column 3: expected an escape, not 'x'"},
          {"\"\\u12g4\"",
           "column 6: expected four hexadecimal digits, not 'g'"},
          {"\"\\u12\"", "column 6: expected four hexadecimal digits, not '\"'"},
          {"\"\\ud800\"", "column 8: high surrogate without a low one"},
          {"\"\\ud800\\u0041\"", "high surrogate without a low one"},
          {"\"\\udc00\"", "low surrogate without a high one"},
          {"\"a\xff\"", "line 1, column 3: string is not UTF-8"},
          {"\xef\xbb\xbf", "line 1, column 1: expected a value, not byte ef"},
          {"[[[[]]]]", "line 1, column 5: nested more than 3 deep"},
          {"{\"a\":{\"b\":[{}]}}",
           "line 1, column 13: nested more than 3 deep"},
      },
    *row;
  firn_arena_init(&arena, NULL);
  EACH (row, rows) {
    const firn_json *value = NULL;
    firn_error err = FIRN_ERROR_INIT;
    const firn_bytes input = {(const uint8_t *)row->name, strlen(row->name)};
    CHECK_EQ(firn_json_parse(input, 3, &arena, &value, &err),
             FIRN_INVALID_ARGUMENT);
    CHECK_HAS(err.message, "JSON, line ");
    CHECK_HAS(err.message, row->says);
    CHECK(value == NULL);
  }
  firn_arena_fini(&arena);
}

/* Nesting costs no stack of the thread. */
TEST_FN(depth_may_be_large) {
  enum { DEEP = 200000 };
  static uint8_t text[2 * DEEP];
  const firn_json *value = NULL;
  firn_error err = FIRN_ERROR_INIT;
  memset(text, '[', DEEP);
  memset(text + DEEP, ']', DEEP);
  firn_arena_init(&arena, NULL);
  CHECK_OK(firn_json_parse((firn_bytes){text, sizeof text}, UINT32_MAX, &arena,
                           &value, &err),
           &err);
  size_t depth = 1;
  for (; value->count; value = value->item) depth++;
  CHECK_EQ(depth, DEEP);
  firn_arena_fini(&arena);
}

static firn_code parse_some(const firn_allocator *alloc, void *ctx) {
  const firn_str *text = ctx;
  const firn_json *value = NULL;
  firn_arena own;
  firn_arena_init(&own, alloc);
  const firn_code code =
      firn_json_parse((firn_bytes){(const uint8_t *)text->data, text->size}, 10,
                      &own, &value, NULL);
  firn_arena_fini(&own);
  return code;
}

TEST_FN(short_memory_is_told) {
  firn_str text = FIRN_STR(
      "{\"a\\n\": [1, 2, [3, {\"b\": \"\\u00e4\", \"c\": 5}]], \"d\": {}}");
  CHECK(failing_check(parse_some, &text) >= 4);
}

TEST_FN(strings_are_written_escaped) {
  firn_buf buf = {0};
  const char text[] = "a\"\\/\b\f\n\r\t\x01\x1f\x7f\xc3\xa4\0z";
  CHECK(firn_json_put_string(&buf, (firn_str){text, sizeof text - 1}));
  firn_buf_append(&buf, "", 1);
  CHECK_STR((char *)buf.data,
            "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f"
            "\xc3\xa4\\u0000z\"");
  firn_buf_fini(&buf);
  CHECK(firn_json_put_string(&buf, FIRN_STR("")));
  CHECK(buf.size == 2 && !memcmp(buf.data, "\"\"", 2));
  CHECK(!firn_json_put_string(&buf, FIRN_STR("a\xff")));
  CHECK_EQ(buf.size, 2);
  firn_buf_fini(&buf);
}

TEST_FN(base64_knows_rfc_4648) {
  static const struct {
    const char *name, *coded;
  } rows[] = {{"", ""},
              {"f", "Zg=="},
              {"fo", "Zm8="},
              {"foo", "Zm9v"},
              {"foob", "Zm9vYg=="},
              {"fooba", "Zm9vYmE="},
              {"foobar", "Zm9vYmFy"},
              {"\xfb\xff\xfe", "+//+"}},
    *row;
  EACH (row, rows) {
    firn_buf buf = {0};
    firn_buf_puts(&buf, "<");
    firn_base64_encode(
        &buf, (firn_bytes){(const uint8_t *)row->name, strlen(row->name)});
    firn_buf_append(&buf, "", 1);
    CHECK_STR((char *)buf.data + 1, row->coded);
    firn_buf_fini(&buf);

    CHECK(firn_base64_decode(&buf, firn_str_of(row->coded)));
    CHECK_EQ(buf.size, strlen(row->name));
    if (buf.size) CHECK(!memcmp(buf.data, row->name, buf.size));
    firn_buf_fini(&buf);
  }
}

TEST_FN(base64_is_lenient_only_where_said) {
  static const struct {
    const char *name;
    bool good;
  } rows[] =
      {
          {"Zg", true},        {"Zm8", true},      {"-__-", true},
          {"Zm9vYg", true},    {"Z", false},       {"Zm9vY", false},
          {"Zg=", false},      {"Zg===", false},   {"Z===", false},
          {"====", false},     {"Zm=v", false},    {"Zm9v ", false},
          {"Zm 9", false},     {"Zm9*", false},    {"=", false},
          {"Zg==Zg==", false}, {"Zm9\x80", false},
      },
    *row;
  EACH (row, rows) {
    firn_buf buf = {0};
    firn_buf_puts(&buf, "<>");
    CHECK_EQ(firn_base64_decode(&buf, firn_str_of(row->name)), row->good);
    if (!row->good) CHECK_EQ(buf.size, 2);
    CHECK(!memcmp(buf.data, "<>", 2));
    firn_buf_fini(&buf);
  }
}

SUITE(base_json, TEST(scalars_are_read), TEST(numbers_keep_their_text),
      TEST(strings_are_unescaped), TEST(plain_strings_borrow),
      TEST(arrays_and_objects_nest), TEST(last_of_equal_keys_wins),
      TEST(damage_is_refused_with_its_place), TEST(depth_may_be_large),
      TEST(short_memory_is_told), TEST(strings_are_written_escaped),
      TEST(base64_knows_rfc_4648), TEST(base64_is_lenient_only_where_said));
