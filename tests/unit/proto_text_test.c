/* What the text form promises: what protobuf writes we write, byte for byte;
 * what it reads we read, and what it refuses we refuse and say where. */
#include "support/golden_proto.h"

#include "support/failing.h"

static void check_file(const char *name, const firn_pb_type *type) {
  firn_arena arena;
  firn_error err = FIRN_ERROR_INIT;
  firn_buf out = {0}, binary = {0};
  void *msg = NULL, *back = NULL;
  firn_file *file = golden_open(name, ".pb"),
            *text = golden_open(name, ".pbtxt");
  firn_arena_init(&arena, NULL);
  CHECK_OK(firn_pb_parse(type, file->bytes, NULL, &arena, &msg, &err), &err);
  CHECK_OK(firn_pb_write_text(type, msg, firn_sink_buf(&out), &err), &err);
  golden_same(name, (firn_bytes){out.data, out.size}, text->bytes);

  CHECK_OK(firn_pb_parse_text(type, text->bytes, NULL, &arena, &back, &err),
           &err);
  CHECK(firn_pb_equal(type, msg, back));
  CHECK_OK(firn_pb_write(type, back, firn_sink_buf(&binary), &err), &err);
  golden_same(name, (firn_bytes){binary.data, binary.size}, file->bytes);
  firn_buf_fini(&binary);
  firn_buf_fini(&out);
  firn_arena_fini(&arena);
  firn_file_close(text);
  firn_file_close(file);
}

TEST_FN(files_are_written_and_read_as_by_protobuf) { golden_each(check_file); }

/* One row of syntax.txt: the head line, then the text. */
static void check_row(const char *head, firn_bytes text) {
  char type_name[128], want[1024];
  firn_arena arena;
  firn_error err = FIRN_ERROR_INIT;
  void *msg = NULL;
  CHECK_EQ(sscanf(head, "--- %127s %1023s", type_name, want), 2);
  const firn_pb_type *type = golden_type(type_name);
  bool refused = !strcmp(want, "refused");
  if (text.data[0] == '[' && refused) return; /* extensions: we skip them */
  firn_arena_init(&arena, NULL);
  const firn_code code =
      firn_pb_parse_text(type, text, NULL, &arena, &msg, &err);
  if (code != (refused ? FIRN_INVALID_ARGUMENT : FIRN_OK))
    fail_msg("%.*s: code %d, '%s'", (int)text.size, (const char *)text.data,
             code, err.message);
  if (refused)
    CHECK_HAS(err.message, "line ");
  else
    golden_writes(type, msg, want);
  firn_arena_fini(&arena);
}

TEST_FN(syntax_is_taken_and_refused_as_by_protobuf) {
  firn_file *file = golden_open("syntax", ".txt");
  const char *at = (const char *)file->bytes.data;
  const char *end = at + file->bytes.size;
  int rows = 0;
  while (at < end) {
    const char *body = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
    const char *next = body;
    while (next < end && strncmp(next, "--- ", 4) != 0)
      next = (const char *)memchr(next, '\n', (size_t)(end - next)) + 1;
    check_row(at, (firn_bytes){(const uint8_t *)body, (size_t)(next - body)});
    at = next;
    rows++;
  }
  firn_file_close(file);
  CHECK(rows > 60);
}

static firn_bytes bytes_of(const char *text) {
  return (firn_bytes){(const uint8_t *)text, strlen(text)};
}

TEST_FN(complaints_say_where) {
  static const struct {
    const char *name, *text, *says;
  } rows[] =
      {
          {"no such field", "name: \"a\"\n  nome: 1",
           "line 2, column 3: tensorflow.NodeDef has no field 'nome'"},
          {"a colon is missing", "name \"a\"",
           "line 1, column 6: expected ':', found '\"a\"'"},
          {"no quotes", "name: a",
           "line 1, column 7: expected a string in quotes, "
           "found 'a'"},
          {"no end", "attr {\n",
           "line 2, column 1: expected the name of a field, "
           "found the end"},
          {"open string", "\n name: \"a\n\"",
           "line 2, column 8: a string without an end on its line"},
          {"odd escape", "name: \"ab\\qcd\"",
           "line 1, column 7: the string has an escape that means nothing: "
           "'\\qcd'"},
          {"twice", "name: \"a\" name: \"b\"",
           "line 1, column 11: 'name' has a value already"},
          {"two of a oneof", "attr { value { i: 1 b: true } }",
           "line 1, column 21: 'b' excludes 'i', which has a value"},
          {"too large", "attr { value { type: 4294967296 } }",
           "line 1, column 22: 4294967296 does not fit in 'type'"},
          {"unknown enum", "attr { value { type: DT_X } }",
           "line 1, column 22: 'DT_X' is no value of tensorflow.DataType"},
          {"odd bool", "attr { value { b: yes } }",
           "line 1, column 19: expected true or false, found 'yes'"},
          {"odd character", "?",
           "line 1, column 1: expected the name of a field, "
           "found '?'"},
      },
    *row;

  EACH (row, rows) {
    firn_arena arena;
    firn_error err = FIRN_ERROR_INIT;
    void *msg = NULL;
    firn_arena_init(&arena, NULL);
    CHECK_EQ(firn_pb_parse_text(&firn_pb_type_NodeDef, bytes_of(row->text),
                                NULL, &arena, &msg, &err),
             FIRN_INVALID_ARGUMENT);
    CHECK_STR(err.message, row->says);
    CHECK(msg == NULL);
    firn_arena_fini(&arena);
  }
}

TEST_FN(what_stands_in_brackets_is_skipped) {
  static const char text[] =
      "[a.b.c]: 1 [x.y]: -2.5 [s]: 'a' \"b\" [l]: [1, { q: 2 }] name: \"n\" "
      "[type.googleapis.com/not.Known] { deep < a: [{}] > } op: \"o\"";
  firn_arena arena;
  firn_error err = FIRN_ERROR_INIT;
  void *msg = NULL;
  firn_arena_init(&arena, NULL);
  CHECK_OK(firn_pb_parse_text(&firn_pb_type_NodeDef, bytes_of(text), NULL,
                              &arena, &msg, &err),
           &err);
  golden_writes(&firn_pb_type_NodeDef, msg, "0a016e12016f");
  firn_arena_fini(&arena);
}

TEST_FN(nesting_is_limited) {
  enum { DEPTH = 5000 };
  static char text[5 * DEPTH + 1];
  firn_arena arena;
  firn_error err = FIRN_ERROR_INIT;
  void *msg = NULL;
  for (size_t i = 0; i < DEPTH; i++) memcpy(text + 5 * i, "args{", 5);
  firn_arena_init(&arena, NULL);
  CHECK_EQ(firn_pb_parse_text(&firn_pb_type_FullTypeDef, bytes_of(text), NULL,
                              &arena, &msg, &err),
           FIRN_RESOURCE_EXHAUSTED);
  CHECK_STR(err.message,
            "line 1, column 505: messages are nested more than 100 deep");
  firn_arena_fini(&arena);
}

TEST_FN(damaged_utf8_is_escaped_and_kept) {
  static const char raw[] =
      "a\xff\xc3\xa9\xe2\x82"
      "b\xed\xa0\x80\xc0\x80";
  firn_arena arena;
  firn_error err = FIRN_ERROR_INIT;
  firn_buf out = {0};
  firn_pb_NodeDef node = {.name = {raw, sizeof raw - 1}}, *back = NULL;
  firn_arena_init(&arena, NULL);
  CHECK_OK(firn_pb_write_text(&firn_pb_type_NodeDef, &node, firn_sink_buf(&out),
                              &err),
           &err);
  firn_buf_append(&out, "", 1);
  CHECK_STR((const char *)out.data,
            "name: \"a\\377\xc3\xa9\\342\\202b\\355\\240\\200\\300\\200\"\n");
  CHECK_OK(firn_pb_parse_text(&firn_pb_type_NodeDef,
                              (firn_bytes){out.data, out.size - 1}, NULL,
                              &arena, (void **)&back, &err),
           &err);
  CHECK(firn_pb_equal(&firn_pb_type_NodeDef, &node, back));
  firn_buf_fini(&out);
  firn_arena_fini(&arena);
}

/* Any inside Any inside Any: printing stops unfolding, it does not run away. */
TEST_FN(any_unfolds_to_a_depth) {
  enum { DEPTH = 3000 };
  static const char url[] = "x/google.protobuf.Any";
  firn_arena arena;
  firn_error err = FIRN_ERROR_INIT;
  firn_buf text = {0};
  firn_pb_Any any = {.type_url = firn_str_of(url)};
  firn_arena_init(&arena, NULL);
  for (int i = 0; i < DEPTH; i++) {
    firn_buf inner = {0};
    CHECK_OK(
        firn_pb_write(&firn_pb_type_Any, &any, firn_sink_buf(&inner), &err),
        &err);
    any.value = firn_arena_str(
        &arena, (firn_str){(const char *)inner.data, inner.size});
    firn_buf_fini(&inner);
  }
  CHECK_OK(
      firn_pb_write_text(&firn_pb_type_Any, &any, firn_sink_buf(&text), &err),
      &err);
  CHECK(text.size > DEPTH);
  firn_buf_fini(&text);
  firn_arena_fini(&arena);
}

static firn_code parse_file(const firn_allocator *alloc, void *ctx) {
  const firn_file *file = ctx;
  firn_arena arena;
  void *msg = NULL;
  firn_arena_init(&arena, alloc);
  const firn_code code = firn_pb_parse_text(
      &firn_pb_type_MetaGraphDef, file->bytes, NULL, &arena, &msg, NULL);
  firn_arena_fini(&arena);
  return code;
}

TEST_FN(memory_that_runs_out_is_an_error) {
  firn_file *file = golden_open("meta", ".pbtxt");
  CHECK(failing_check(parse_file, file) >= 3);
  firn_file_close(file);
}

SUITE(proto_text, TEST(files_are_written_and_read_as_by_protobuf),
      TEST(syntax_is_taken_and_refused_as_by_protobuf),
      TEST(complaints_say_where), TEST(what_stands_in_brackets_is_skipped),
      TEST(nesting_is_limited), TEST(damaged_utf8_is_escaped_and_kept),
      TEST(any_unfolds_to_a_depth), TEST(memory_that_runs_out_is_an_error));
