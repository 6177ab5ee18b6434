/* Messages in memory: copies are deep, equality is by content, and every table
 * is what the codec takes for granted. */
#include "proto/wire.h"
#include "support/golden_proto.h"

static void check_copy(const char *name, const firn_pb_type *type) {
  firn_arena first, second;
  firn_error err = FIRN_ERROR_INIT;
  firn_buf out = {0};
  void *msg = NULL;
  firn_file *file = golden_open(name, ".pb");
  firn_arena_init(&first, NULL);
  firn_arena_init(&second, NULL);
  CHECK_OK(firn_pb_parse(type, file->bytes, NULL, &first, &msg, &err), &err);
  void *copy = firn_pb_copy(type, msg, &second);
  CHECK(copy && copy != msg);
  CHECK(firn_pb_equal(type, msg, copy));
  firn_arena_fini(&first); /* what the copy still leaned on is gone now */
  CHECK_OK(firn_pb_write(type, copy, firn_sink_buf(&out), &err), &err);
  golden_same(name, (firn_bytes){out.data, out.size}, file->bytes);
  firn_buf_fini(&out);
  firn_arena_fini(&second);
  firn_file_close(file);
}

TEST_FN(copies_stand_on_their_own) { golden_each(check_copy); }

TEST_FN(messages_differ_where_their_bytes_do) {
  static const struct {
    const char *name, *a, *b;
    bool equal;
  } rows[] =
      {
          {"both empty", "-", "-", true},
          {"a name", "0a0161", "0a0162", false},
          {"a name and none", "0a0161", "-", false},
          {"inputs in another order", "1a01611a0162", "1a01621a0161", false},
          {"attrs in another order", "2a030a01612a030a0162",
           "2a030a01622a030a0161", true},
          {"an attr more", "2a030a0161", "2a030a01612a030a0162", false},
          {"another value", "2a070a016112021801", "2a070a016112021802", false},
          {"another member", "2a070a016112021801", "2a070a016112022801", false},
          {"no value is an empty one", "2a030a0161", "2a050a01611200", true},
          {"an empty message is not none", "3200", "-", false},
          {"unknown fields", "5a0161", "5a0162", false},
          {"the same unknown fields", "5a0161", "5a0161", true},
          {"padding does not matter", "0a0161", "0a810061", true},
      },
    *row;
  uint8_t x[64], y[64];

  EACH (row, rows) {
    firn_arena arena;
    firn_error err = FIRN_ERROR_INIT;
    const firn_pb_type *type = &firn_pb_type_NodeDef;
    void *a = NULL, *b = NULL;
    firn_arena_init(&arena, NULL);
    CHECK_OK(firn_pb_parse(type, (firn_bytes){x, golden_unhex(row->a, x, 64)},
                           NULL, &arena, &a, &err),
             &err);
    CHECK_OK(firn_pb_parse(type, (firn_bytes){y, golden_unhex(row->b, y, 64)},
                           NULL, &arena, &b, &err),
             &err);
    CHECK_EQ(firn_pb_equal(type, a, b), row->equal);
    CHECK_EQ(firn_pb_equal(type, b, a), row->equal);
    firn_arena_fini(&arena);
  }
}

TEST_FN(maps_made_by_hand_are_equal_as_sets) {
  firn_pb_AttrValue one = {.i = 1, .value_case = 3},
                    two = {.i = 2, .value_case = 3};
  firn_pb_NodeDef_AttrEntry a1 = {.key = FIRN_STR("a"), .value = &one};
  firn_pb_NodeDef_AttrEntry a2 = {.key = FIRN_STR("a"), .value = &two};
  firn_pb_NodeDef_AttrEntry b1 = {.key = FIRN_STR("b"), .value = &one};
  firn_pb_NodeDef_AttrEntry *ba[] = {&b1, &a1}, *ab[] = {&a1, &b1};
  firn_pb_NodeDef_AttrEntry *hidden[] = {&a2, &b1, &a1}, *other[] = {&b1, &a2};
  const firn_pb_type *type = &firn_pb_type_NodeDef;
  const firn_pb_NodeDef x = {.attr = ba, .attr_count = 2};
  const firn_pb_NodeDef y = {.attr = ab, .attr_count = 2};
  const firn_pb_NodeDef z = {.attr = hidden, .attr_count = 3};
  const firn_pb_NodeDef w = {.attr = other, .attr_count = 2};
  CHECK(firn_pb_equal(type, &x, &y));
  CHECK(firn_pb_equal(type, &z, &y) && firn_pb_equal(type, &y, &z));
  CHECK(!firn_pb_equal(type, &x, &w) && !firn_pb_equal(type, &w, &x));
}

TEST_FN(enums_have_names_both_ways) {
  int32_t number = 0;
  CHECK_STR(firn_pb_enum_name(&firn_pb_enum_DataType, 1), "DT_FLOAT");
  CHECK(firn_pb_enum_name(&firn_pb_enum_DataType, 9999) == NULL);
  CHECK(firn_pb_enum_number(&firn_pb_enum_DataType, FIRN_STR("DT_INT64"),
                            &number));
  CHECK_EQ(number, FIRN_PB_DataType_DT_INT64);
  CHECK(!firn_pb_enum_number(&firn_pb_enum_DataType, FIRN_STR("DT_"), &number));
}

TEST_FN(types_are_found_by_name) {
  CHECK(firn_pb_find_type(FIRN_STR("tensorflow.NodeDef")) ==
        &firn_pb_type_NodeDef);
  CHECK(firn_pb_find_type(FIRN_STR("google.protobuf.Any")) ==
        &firn_pb_type_Any);
  CHECK(firn_pb_find_type(FIRN_STR("NodeDef")) == NULL);
  CHECK(firn_pb_find_type(FIRN_STR("tensorflow.NodeDef.AttrEntry")) == NULL);
}

/* The codec walks fields in the order of the table and keeps at most 128 of
 * them in a set. */
TEST_FN(tables_are_in_order_and_inside_their_structs) {
  for (const firn_pb_type *const *t = firn_pb_types; *t; t++)
    for (size_t i = 0; i < (*t)->count; i++) {
      const firn_pb_field *f = &(*t)->fields[i];
      CHECK((*t)->count <= 128);
      CHECK(i == 0 || f->number > f[-1].number);
      CHECK(f->offset >= sizeof(firn_pb_unknown));
      CHECK(f->offset + firn_pb_width(f->kind) <= (*t)->size ||
            (f->flags & FIRN_PB_REPEATED));
      CHECK((f->extra != 0) ==
            ((f->flags & ~FIRN_PB_PACKED & ~FIRN_PB_MAP) != 0));
      CHECK((f->sub != NULL) ==
            (f->kind == FIRN_PB_MESSAGE || f->kind == FIRN_PB_ENUM));
      CHECK(firn_pb_find(*t, f->number) == f);
      CHECK(firn_pb_find_name(*t, firn_str_of(f->name)) == f);
    }
  CHECK(firn_pb_find(&firn_pb_type_NodeDef, 0) == NULL);
  CHECK(firn_pb_find(&firn_pb_type_NodeDef, UINT32_MAX) == NULL);
}

SUITE(proto_message, TEST(copies_stand_on_their_own),
      TEST(messages_differ_where_their_bytes_do),
      TEST(maps_made_by_hand_are_equal_as_sets),
      TEST(enums_have_names_both_ways), TEST(types_are_found_by_name),
      TEST(tables_are_in_order_and_inside_their_structs));
