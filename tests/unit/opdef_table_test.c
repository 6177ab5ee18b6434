/* What the op table promises: TensorFlow's own definitions, byte for byte, and
 * an answer for any other name. */
#include "base/crc32c.h"
#include "base/file.h"
#include "opdef/opdef.h"
#include "support/failing.h"
#include "support/test.h"

static const firn_pb_OpDef *find(firn_arena *arena, const char *name) {
  const firn_pb_OpDef *def = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_opdef_find(firn_str_of(name), arena, &def, &err), &err);
  return def;
}

static uint32_t checksum(const firn_pb_OpDef *def) {
  firn_buf buf = {0};
  CHECK_EQ(firn_pb_write(&firn_pb_type_OpDef, def, firn_sink_buf(&buf), NULL),
           FIRN_OK);
  const uint32_t crc = firn_crc32c(buf.data, buf.size);
  firn_buf_fini(&buf);
  return crc;
}

/* tests/golden/opdef/crc32c.txt has a line for each op that TensorFlow knows.
 */
TEST_FN(every_op_is_as_tensorflow_says) {
  FILE *golden = fopen("tests/golden/opdef/crc32c.txt", "r");
  char name[200];
  unsigned want;
  size_t lines = 0;
  firn_arena arena;
  CHECK(golden != NULL);
  firn_arena_init(&arena, NULL);
  while (fscanf(golden, "%199s %8x", name, &want) == 2) {
    const firn_pb_OpDef *def = find(&arena, name);
    if (!def) fail_msg("no op %s", name);
    if (checksum(def) != want) fail_msg("%s is another", name);
    lines++;
    firn_arena_reset(&arena);
  }
  CHECK_EQ(lines, 1792);
  firn_arena_fini(&arena);
  fclose(golden);
}

TEST_FN(names_are_in_order_and_found) {
  firn_arena arena;
  firn_arena_init(&arena, NULL);
  CHECK_EQ(firn_opdef_count(), 1844);
  for (size_t i = 0; i < firn_opdef_count(); i++) {
    const firn_pb_OpDef *def = NULL;
    const firn_str name = firn_opdef_name(i);
    if (i > 0) CHECK(firn_str_compare(firn_opdef_name(i - 1), name) < 0);
    CHECK_EQ(firn_opdef_find(name, &arena, &def, NULL), FIRN_OK);
    CHECK(def && firn_str_eq(def->name, name));
    CHECK_EQ(def->unknown.count, 0);
  }
  firn_arena_fini(&arena);
}

TEST_FN(internal_and_old_ops_are_there) {
  static const char *const names[] = {"_Arg",
                                      "_Retval",
                                      "_ArrayToList",
                                      "_ListToArray",
                                      "_SwitchN",
                                      "_HostCast",
                                      "_FusedConv2D",
                                      "_FusedMatMul",
                                      "_ParallelConcatStart",
                                      "Resampler",
                                      "GatherTree",
                                      "ImageProjectiveTransform",
                                      "LSTMBlockCell",
                                      "BlockLSTM",
                                      "GRUBlockCell",
                                      "Addons>Resampler",
                                      "Addons>GatherTree",
                                      "TFLite_Detection_PostProcess"};
  firn_arena arena;
  firn_arena_init(&arena, NULL);
  for (size_t i = 0; i < FIRN_COUNT(names); i++)
    if (!find(&arena, names[i])) fail_msg("no op %s", names[i]);
  firn_arena_fini(&arena);
}

TEST_FN(other_names_are_nobody) {
  static const char *const names[] = {"",    "conv2d",   "Conv2", "Conv2DX",
                                      "~~~", "NoSuchOp", "Add "};
  firn_arena arena;
  firn_arena_init(&arena, NULL);
  for (size_t i = 0; i < FIRN_COUNT(names); i++)
    CHECK(find(&arena, names[i]) == NULL);
  test_seed(1);
  for (int i = 0; i < 20000; i++) {
    char name[9] = {0};
    for (size_t k = 0; k < 8; k++) name[k] = (char)('a' + test_random(26));
    CHECK(find(&arena, name) == NULL);
  }
  firn_arena_fini(&arena);
}

TEST_FN(parts_are_parsed) {
  firn_arena arena;
  firn_arena_init(&arena, NULL);
  const firn_pb_OpDef *split = find(&arena, "Split");
  CHECK_EQ(split->input_arg_count, 2);
  CHECK_EQ(split->input_arg[0]->type, 3);
  CHECK(firn_str_is(split->output_arg[0]->number_attr, "num_split"));
  CHECK(firn_str_is(split->output_arg[0]->type_attr, "T"));

  const firn_pb_OpDef *conv = find(&arena, "Conv2D");
  const firn_pb_OpDef_AttrDef *padding =
      firn_opdef_attr(conv, FIRN_STR("padding"));
  CHECK_EQ(padding->allowed_values->list->s_count, 3);
  CHECK(firn_str_is(padding->allowed_values->list->s[2], "EXPLICIT"));
  const firn_pb_OpDef_AttrDef *dilations =
      firn_opdef_attr(conv, FIRN_STR("dilations"));
  CHECK_EQ(dilations->default_value->list->i_count, 4);
  CHECK(firn_opdef_attr(conv, FIRN_STR("T"))->default_value == NULL);
  CHECK(firn_opdef_attr(conv, FIRN_STR("nothing")) == NULL);
  CHECK(firn_opdef_attr(NULL, FIRN_STR("T")) == NULL);

  CHECK(find(&arena, "Assign")->output_arg[0]->is_ref);
  CHECK(find(&arena, "VarHandleOp")->is_stateful);
  CHECK_EQ(
      find(&arena, "ResizeArea")->attr[0]->allowed_values->list->type_count,
      10);
  firn_arena_fini(&arena);
}

static firn_code find_one(const firn_allocator *alloc, void *ctx) {
  const firn_pb_OpDef *def = NULL;
  firn_arena arena;
  firn_arena_init(&arena, alloc);
  const firn_code code = firn_opdef_find(FIRN_STR("Conv2D"), &arena, &def, ctx);
  firn_arena_fini(&arena);
  return code;
}

TEST_FN(short_memory_is_an_error) { CHECK(failing_check(find_one, NULL) > 0); }

SUITE(opdef_table, TEST(every_op_is_as_tensorflow_says),
      TEST(names_are_in_order_and_found), TEST(internal_and_old_ops_are_there),
      TEST(other_names_are_nobody), TEST(parts_are_parsed),
      TEST(short_memory_is_an_error));
