/* What the binary reader promises: what protobuf reads it reads the same, what
 * protobuf refuses it refuses, it says where, and it takes no more memory than
 * the input is worth. */
#include "support/golden_proto.h"

#include "support/failing.h"

/* A varint whose 65th bit is set: protobuf drops the bit, we call it damage. */
static const char *const stricter = "18ffffffffffffffffff02";

TEST_FN(bytes_are_taken_and_refused_as_by_protobuf) {
  static char type_name[128], hex[4096], want[4096];
  static uint8_t bytes[2048];
  int rows = 0;
  FILE *file = fopen("tests/golden/proto/wire.txt", "r");
  CHECK(file != NULL);
  while (fscanf(file, "%127s %4095s %4095s", type_name, hex, want) == 3) {
    firn_arena arena;
    firn_error err = FIRN_ERROR_INIT;
    void *msg = NULL;
    const firn_pb_type *type = golden_type(type_name);
    const firn_bytes in = {bytes, golden_unhex(hex, bytes, sizeof bytes)};
    const bool refused = !strcmp(want, "refused") || !strcmp(hex, stricter);
    firn_arena_init(&arena, NULL);
    const firn_code code = firn_pb_parse(type, in, NULL, &arena, &msg, &err);
    if ((code != FIRN_OK) != refused)
      fail_msg("%s %s: code %d, '%s'", type_name, hex, code, err.message);
    if (code == FIRN_OK) golden_writes(type, msg, want);
    CHECK((msg == NULL) == (code != FIRN_OK));
    firn_arena_fini(&arena);
    rows++;
  }
  fclose(file);
  CHECK(rows > 80);
}

static const firn_pb_type *const graph = &firn_pb_type_GraphDef;
static const firn_pb_type *const attr = &firn_pb_type_AttrValue;

TEST_FN(damage_is_named_with_path_and_offset) {
  static const struct {
    const char *name, *hex;
    const firn_pb_type *type;
    const char *says;
  } rows[] =
      {
          {"at the top", "0a05", &firn_pb_type_GraphDef,
           "node: length 5 runs past the end at offset 1"},
          {"inside the second node", "0a000a050a01782a7f",
           &firn_pb_type_GraphDef,
           "node[1].attr: length 127 runs past the end at offset 8"},
          {"inside a map",
           "0a0d2a0b0a01781206"
           "0a043202ff",
           &firn_pb_type_GraphDef,
           "node: length 13 runs past the end at offset 1"},
          {"a number deep inside",
           "0a0b2a090a01781204"
           "0a022d00",
           &firn_pb_type_GraphDef,
           "node[0].attr[0].value.list.b: a number runs past the end at offset "
           "12"},
          {"packed", "0a031a0180", &firn_pb_type_AttrValue,
           "list.i: packed numbers are cut short at offset 4"},
          {"a tag", "80", &firn_pb_type_GraphDef,
           "varint cut short after 1 bytes at offset 0"},
          {"field 0",
           "0a00"
           "00",
           &firn_pb_type_GraphDef, "a tag that is no field's at offset 2"},
          {"wire type 7", "0f", &firn_pb_type_GraphDef,
           "node: a tag of no known form at offset 1"},
          {"a group without an end", "0b0800", &firn_pb_type_GraphDef,
           "a group has no end at offset 3"},
          {"an end without a group", "0c", &firn_pb_type_GraphDef,
           "node: a tag of no known form at offset 1"},
          {"another group's end", "0b14", &firn_pb_type_GraphDef,
           "a group ends that was not begun at offset 1"},
      },
    *row;
  static uint8_t bytes[64];

  EACH (row, rows) {
    firn_arena arena;
    firn_error err = FIRN_ERROR_INIT;
    void *msg = NULL;
    const firn_bytes in = {bytes, golden_unhex(row->hex, bytes, sizeof bytes)};
    firn_arena_init(&arena, NULL);
    CHECK_EQ(firn_pb_parse(row->type, in, NULL, &arena, &msg, &err),
             FIRN_DATA_LOSS);
    CHECK_STR(err.message, row->says);
    firn_arena_fini(&arena);
  }
}

/* `depth` messages below the outermost; returns where the bytes begin. */
static firn_bytes nest(uint8_t *bytes, size_t size, uint32_t depth) {
  uint8_t *at = bytes + size;
  for (uint32_t i = 0; i < depth; i++) {
    size_t length = (size_t)(bytes + size - at);
    uint8_t varint[10];
    size_t n = 0;
    for (; length >= 0x80; length >>= 7) varint[n++] = (uint8_t)(length | 0x80);
    varint[n++] = (uint8_t)length;
    at -= n;
    memcpy(at, varint, n);
    *--at = 0x12; /* FullTypeDef.args */
  }
  return (firn_bytes){at, (size_t)(bytes + size - at)};
}

TEST_FN(nesting_is_limited) {
  static uint8_t bytes[4096];
  static const struct {
    const char *name;
    uint32_t limit, depth;
    firn_code code;
  } rows[] =
      {
          {"as deep as allowed by default", 0, 100, FIRN_OK},
          {"one deeper", 0, 101, FIRN_RESOURCE_EXHAUSTED},
          {"a smaller limit", 3, 3, FIRN_OK},
          {"and one deeper", 3, 4, FIRN_RESOURCE_EXHAUSTED},
          {"a larger limit", 500, 500, FIRN_OK},
      },
    *row;

  EACH (row, rows) {
    firn_arena arena;
    firn_error err = FIRN_ERROR_INIT;
    const firn_limits limits = {.nesting = row->limit};
    void *msg = NULL;
    firn_arena_init(&arena, NULL);
    CHECK_EQ(firn_pb_parse(&firn_pb_type_FullTypeDef,
                           nest(bytes, sizeof bytes, row->depth), &limits,
                           &arena, &msg, &err),
             row->code);
    if (row->code) CHECK_HAS(err.message, "messages are nested more than");
    firn_arena_fini(&arena);
  }
}

TEST_FN(strings_borrow_the_input) {
  static const uint8_t bytes[] =
      "\x0a\x05\x0a\x03"
      "abc";
  firn_arena arena;
  firn_error err = FIRN_ERROR_INIT;
  firn_pb_GraphDef *def = NULL;
  firn_arena_init(&arena, NULL);
  CHECK_OK(firn_pb_parse(graph, (firn_bytes){bytes, 7}, NULL, &arena,
                         (void **)&def, &err),
           &err);
  CHECK_EQ(def->node_count, 1);
  CHECK(def->node[0]->name.data == (const char *)bytes + 4);
  CHECK_EQ(def->node[0]->name.size, 3);
  firn_arena_fini(&arena);
}

TEST_FN(map_entries_are_sorted_and_last_wins) {
  static uint8_t bytes[64]; /* b: i 1, a: i 2, b: i 3, "" */
  static const char hex[] =
      "2a070a016212021801"
      "2a070a016112021802"
      "2a070a016212021803"
      "2a00";
  firn_arena arena;
  firn_error err = FIRN_ERROR_INIT;
  firn_pb_NodeDef *node = NULL;
  firn_arena_init(&arena, NULL);
  CHECK_OK(firn_pb_parse(&firn_pb_type_NodeDef,
                         (firn_bytes){bytes, golden_unhex(hex, bytes, 64)},
                         NULL, &arena, (void **)&node, &err),
           &err);
  CHECK_EQ(node->attr_count, 3);
  CHECK_EQ(node->attr[0]->key.size, 0);
  CHECK(node->attr[0]->value != NULL);
  CHECK(firn_str_is(node->attr[1]->key, "a"));
  CHECK(firn_str_is(node->attr[2]->key, "b"));
  CHECK_EQ(node->attr[2]->value->value_case, 3);
  CHECK_EQ(node->attr[2]->value->i, 3);
  firn_arena_fini(&arena);
}

/* The worst that bytes can do is to be all empty messages of the largest type
 * that repeats, merged and pushed out of oneofs over and over. */
TEST_FN(memory_is_bounded_by_the_input) {
  enum { SIZE = 1 << 20, FACTOR = 100 };
  static const struct {
    const char *name, *unit;
    const firn_pb_type *type;
  } rows[] =
      {
          {"empty nodes", "0a00", &firn_pb_type_GraphDef},
          {"empty map entries", "2a00", &firn_pb_type_NodeDef},
          {"empty meta graphs", "1200", &firn_pb_type_SavedModel},
          {"merged versions", "2200", &firn_pb_type_GraphDef},
          {"merged lists", "0a021801", &firn_pb_type_AttrValue},
          {"members of a oneof in turn", "0a004200", &firn_pb_type_AttrValue},
          {"deeper ones in turn", "0a02420052003a00", &firn_pb_type_AttrValue},
          {"unknown fields", "7801", &firn_pb_type_VersionDef},
          {"numbers", "1801", &firn_pb_type_VersionDef},
      },
    *row;

  EACH (row, rows) {
    firn_arena arena;
    firn_error err = FIRN_ERROR_INIT;
    uint8_t unit[16], *bytes = malloc(SIZE);
    void *msg = NULL;
    const size_t size = golden_unhex(row->unit, unit, sizeof unit);
    CHECK(bytes != NULL);
    for (size_t i = 0; i < SIZE; i++) bytes[i] = unit[i % size];
    firn_arena_init(&arena, NULL);
    CHECK_OK(firn_pb_parse(row->type, (firn_bytes){bytes, SIZE}, NULL, &arena,
                           &msg, &err),
             &err);
    if (arena.used > (size_t)FACTOR * SIZE)
      fail_msg("%s take %zu bytes for one", row->name, arena.used / SIZE);
    firn_arena_fini(&arena);
    free(bytes);
  }
}

TEST_FN(a_length_is_no_reason_to_allocate) {
  static const uint8_t bytes[] = {0x2a, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
  firn_arena arena;
  void *msg = NULL;
  firn_arena_init(&arena, NULL);
  CHECK_EQ(firn_pb_parse(&firn_pb_type_TensorProto,
                         (firn_bytes){bytes, sizeof bytes}, NULL, &arena, &msg,
                         NULL),
           FIRN_DATA_LOSS);
  CHECK(arena.used < 4096);
  firn_arena_fini(&arena);
}

static firn_code parse_file(const firn_allocator *alloc, void *ctx) {
  const firn_file *file = ctx;
  firn_arena arena;
  void *msg = NULL;
  firn_arena_init(&arena, alloc);
  const firn_code code =
      firn_pb_parse(graph, file->bytes, NULL, &arena, &msg, NULL);
  if (code == FIRN_OK && !firn_pb_copy(graph, msg, &arena)) {
    firn_arena_fini(&arena);
    return FIRN_RESOURCE_EXHAUSTED;
  }
  firn_arena_fini(&arena);
  return code;
}

TEST_FN(memory_that_runs_out_is_an_error) {
  firn_file *file = golden_open("graph", ".pb");
  CHECK(failing_check(parse_file, file) >= 1);
  firn_file_close(file);
}

/* A oneof keeps the member that came last, merges it with its like, and an
 * optional zero is told from none. */
TEST_FN(oneof_and_optional_say_what_is_set) {
  static uint8_t bytes[16];
  firn_arena arena;
  firn_error err = FIRN_ERROR_INIT;
  firn_pb_AttrValue *value = NULL;
  firn_pb_GraphDebugInfo_FileLineCol *line = NULL;
  firn_arena_init(&arena, NULL);
  CHECK_OK(firn_pb_parse(
               attr, (firn_bytes){bytes, golden_unhex("18052800", bytes, 16)},
               NULL, &arena, (void **)&value, &err),
           &err);
  CHECK_EQ(value->value_case, 5);
  CHECK(!value->b);
  CHECK_OK(firn_pb_parse(&firn_pb_type_GraphDebugInfo_FileLineCol,
                         (firn_bytes){bytes, golden_unhex("1000", bytes, 16)},
                         NULL, &arena, (void **)&line, &err),
           &err);
  CHECK_EQ(line->line_case, 2);
  CHECK_EQ(line->col_case, 0);
  firn_arena_fini(&arena);
}

SUITE(proto_parse, TEST(bytes_are_taken_and_refused_as_by_protobuf),
      TEST(damage_is_named_with_path_and_offset), TEST(nesting_is_limited),
      TEST(strings_borrow_the_input),
      TEST(map_entries_are_sorted_and_last_wins),
      TEST(memory_is_bounded_by_the_input),
      TEST(a_length_is_no_reason_to_allocate),
      TEST(memory_that_runs_out_is_an_error),
      TEST(oneof_and_optional_say_what_is_set));
