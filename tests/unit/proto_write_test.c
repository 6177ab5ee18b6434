/* What the binary writer promises: the bytes of protobuf's deterministic
 * serialisation, a size that is true, and large payloads uncopied. */
#include "support/golden_proto.h"

static void check_file(const char *name, const firn_pb_type *type) {
  firn_arena arena;
  firn_error err = FIRN_ERROR_INIT;
  firn_buf out = {0};
  uint64_t size = 0;
  void *msg = NULL;
  firn_file *file = golden_open(name, ".pb");
  firn_arena_init(&arena, NULL);
  CHECK_OK(firn_pb_parse(type, file->bytes, NULL, &arena, &msg, &err), &err);
  CHECK_OK(firn_pb_write(type, msg, firn_sink_buf(&out), &err), &err);
  golden_same(name, (firn_bytes){out.data, out.size}, file->bytes);
  CHECK_OK(firn_pb_size(type, msg, &size, &err), &err);
  CHECK_EQ(size, file->bytes.size);
  firn_buf_fini(&out);
  firn_arena_fini(&arena);
  firn_file_close(file);
}

TEST_FN(files_come_out_as_protobuf_wrote_them) { golden_each(check_file); }

TEST_FN(zeros_are_left_out_unless_they_say_something) {
  firn_pb_FloatValue minus_zero = {.value = -0.0f};
  firn_pb_FloatValue zero = {.value = 0.0f};
  firn_pb_AttrValue chosen = {.b = false, .value_case = 5};
  firn_pb_AttrValue empty_list = {.list = NULL, .value_case = 1};
  firn_pb_AttrValue none = {.value_case = 0};
  golden_writes(&firn_pb_type_FloatValue, &minus_zero, "0d00000080");
  golden_writes(&firn_pb_type_FloatValue, &zero, "-");
  golden_writes(&firn_pb_type_AttrValue, &chosen, "2800");
  golden_writes(&firn_pb_type_AttrValue, &empty_list, "0a00");
  golden_writes(&firn_pb_type_AttrValue, &none, "-");
}

static firn_pb_NodeDef_AttrEntry *entry(firn_arena *arena, const char *key,
                                        int64_t i) {
  firn_pb_NodeDef_AttrEntry *e =
      firn_pb_new(&firn_pb_type_NodeDef_AttrEntry, arena);
  CHECK(e != NULL);
  e->key = firn_str_of(key);
  if (i) {
    e->value = firn_pb_new(&firn_pb_type_AttrValue, arena);
    CHECK(e->value != NULL);
    e->value->i = i;
    e->value->value_case = 3;
  }
  return e;
}

/* TensorFlow's own order ("seed2" before "seed"), and the plain one. The last
 * of two entries with one key is the one that counts. */
TEST_FN(maps_made_by_hand_are_put_in_order) {
  firn_arena arena;
  firn_error err = FIRN_ERROR_INIT;
  firn_buf rising = {0};
  uint8_t want[64];
  firn_arena_init(&arena, NULL);
  firn_pb_NodeDef_AttrEntry *attrs[] = {
      entry(&arena, "b", 1), entry(&arena, "a", 2), entry(&arena, "b2", 3),
      entry(&arena, "b", 4), entry(&arena, "", 0)};
  firn_pb_NodeDef node = {.attr = attrs, .attr_count = 5};
  golden_writes(&firn_pb_type_NodeDef, &node,
                "2a070a016112021802"
                "2a080a02623212021803"
                "2a070a016212021804"
                "2a040a001200");
  const size_t size = golden_unhex(
      "2a040a001200"
      "2a070a016112021802"
      "2a070a016212021804"
      "2a080a02623212021803",
      want, sizeof want);
  CHECK_OK(firn_pb_write_rising(&firn_pb_type_NodeDef, &node,
                                firn_sink_buf(&rising), &err),
           &err);
  golden_same("rising", (firn_bytes){rising.data, rising.size},
              (firn_bytes){want, size});
  CHECK_EQ(node.attr_count, 5);
  CHECK(node.attr[0] == attrs[0]);
  firn_buf_fini(&rising);
  firn_arena_fini(&arena);
}

typedef struct watch {
  const void *large;
  size_t calls, bytes;
  bool seen;
} watch;

static firn_code put_watch(void *ud, const void *data, size_t size,
                           firn_error *err) {
  watch *w = ud;
  FIRN_UNUSED(err);
  w->calls++;
  w->bytes += size;
  w->seen = w->seen || data == w->large;
  return FIRN_OK;
}

TEST_FN(large_payloads_reach_the_sink_as_they_are) {
  static char content[4096], small[4095];
  watch w = {.large = content};
  firn_pb_TensorProto tensor = {.dtype = 1,
                                .tensor_content = {content, sizeof content}};
  CHECK_EQ(firn_pb_write(&firn_pb_type_TensorProto, &tensor,
                         (firn_sink){put_watch, &w}, NULL),
           FIRN_OK);
  CHECK(w.seen);
  CHECK_EQ(w.calls, 2); /* what stands before it, and the payload */
  CHECK_EQ(w.bytes, 2 + 3 + 4096);

  w = (watch){.large = small};
  tensor.tensor_content = (firn_str){small, sizeof small};
  CHECK_EQ(firn_pb_write(&firn_pb_type_TensorProto, &tensor,
                         (firn_sink){put_watch, &w}, NULL),
           FIRN_OK);
  CHECK(!w.seen);
  CHECK_EQ(w.bytes, 2 + 3 + 4095);
}

static firn_code put_refusing(void *ud, const void *data, size_t size,
                              firn_error *err) {
  FIRN_UNUSED(data);
  FIRN_UNUSED(size);
  ++*(int *)ud;
  return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "disk full");
}

TEST_FN(a_sink_that_fails_is_not_asked_again) {
  static char content[10000];
  int calls = 0;
  firn_error err = FIRN_ERROR_INIT;
  firn_pb_TensorProto tensor = {.tensor_content = {content, sizeof content}};
  CHECK_EQ(firn_pb_write(&firn_pb_type_TensorProto, &tensor,
                         (firn_sink){put_refusing, &calls}, &err),
           FIRN_RESOURCE_EXHAUSTED);
  CHECK_STR(err.message, "disk full");
  CHECK_EQ(calls, 1);
}

SUITE(proto_write, TEST(files_come_out_as_protobuf_wrote_them),
      TEST(zeros_are_left_out_unless_they_say_something),
      TEST(maps_made_by_hand_are_put_in_order),
      TEST(large_payloads_reach_the_sink_as_they_are),
      TEST(a_sink_that_fails_is_not_asked_again));
