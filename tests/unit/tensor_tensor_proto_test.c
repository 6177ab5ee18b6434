/* TensorProto: what TensorFlow's Const nodes evaluate to, and what its Python
 * side writes; damage, limits, short memory. */
#include "support/failing.h"
#include "support/golden.h"
#include "support/test.h"
#include "tensor/tensor_file.h"
#include "tensor/tensor_proto.h"

static firn_pb_TensorProto *parse(golden *g, firn_bytes bytes) {
  const firn_limits limits = firn_env_from(NULL).limits;
  firn_pb_TensorProto *pb = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_pb_parse(&firn_pb_type_TensorProto, bytes, &limits, &g->arena,
                         (void **)&pb, &err),
           &err);
  return pb;
}

static firn_bytes serialize(const firn_pb_TensorProto *pb, firn_buf *buf) {
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(
      firn_pb_write(&firn_pb_type_TensorProto, pb, firn_sink_buf(buf), &err),
      &err);
  return (firn_bytes){buf->data, buf->size};
}

TEST_FN(constants_are_those_of_tensorflow) {
  const firn_env env = firn_env_from(NULL);
  int values = 0, refusals = 0;
  golden g;
  golden_open(&g, "tests/golden/tensor/proto_cases.json");
  while (golden_next(&g)) {
    const firn_bytes bytes = golden_bytes(&g, "proto");
    const firn_pb_TensorProto *pb = parse(&g, bytes);
    const char *json = golden_str(&g, "json");
    firn_error err = FIRN_ERROR_INIT;
    firn_tensor *t = NULL;
    if (!json) {
      CHECK_EQ(firn_tensor_from_proto(pb, &env, &t, &err) == FIRN_OK, false);
      CHECK(t == NULL && err.message[0]);
      refusals++;
    } else {
      CHECK_OK(firn_tensor_from_proto(pb, &env, &t, &err), &err);
      CHECK_EQ(t->dtype, pb->dtype);
      CHECK_EQ(t->shape.rank, golden_count(&g, "shape"));
      for (int i = 0; i < t->shape.rank; i++)
        CHECK_EQ(t->shape.dims[i], golden_i64(&g, "shape", (size_t)i));
      char *have = firn_tensor_json(t);
      CHECK_STR(have, json);
      free(have);
      values++;
    }
    firn_tensor_release(t);
    free((void *)bytes.data);
  }
  CHECK(values > 100 && refusals > 12);
  golden_close(&g);
}

TEST_FN(messages_are_those_of_make_tensor_proto) {
  const firn_env env = firn_env_from(NULL);
  golden g;
  golden_open(&g, "tests/golden/tensor/proto_made.json");
  while (golden_next(&g)) {
    const firn_bytes want = golden_bytes(&g, "proto");
    const char *json = golden_str(&g, "json");
    firn_error err = FIRN_ERROR_INIT;
    firn_tensor *t = NULL, *shaped = NULL;
    firn_pb_TensorProto *pb = NULL;
    firn_buf buf = {0};
    CHECK_OK(firn_json_tensor_parse(
                 (firn_bytes){(const uint8_t *)json, strlen(json)},
                 firn_dtype_find(golden_str(&g, "dtype")), &env, &t, &err),
             &err);
    /* JSON does not know the second axis of an empty list. */
    firn_shape shape = {.rank = (int)golden_count(&g, "shape")};
    for (int i = 0; i < shape.rank; i++)
      shape.dims[i] = golden_i64(&g, "shape", (size_t)i);
    CHECK_OK(firn_tensor_view(t, t->dtype, &shape, &shaped, &err), &err);
    CHECK_OK(firn_tensor_to_proto(shaped, &g.arena, &pb, &err), &err);
    const firn_bytes have = serialize(pb, &buf);
    CHECK_EQ(have.size, want.size);
    CHECK(!memcmp(have.data, want.data, want.size));
    firn_buf_fini(&buf);
    firn_tensor_release(shaped);
    firn_tensor_release(t);
    free((void *)want.data);
  }
  golden_close(&g);
}

TEST_FN(large_contents_are_borrowed) {
  const firn_shape shape = firn_shape_vector(100);
  static const int dtypes[] = {FIRN_FLOAT, FIRN_HALF, FIRN_BOOL,
                               FIRN_COMPLEX64};
  firn_arena arena;
  firn_arena_init(&arena, NULL);
  for (size_t i = 0; i < 4; i++) {
    firn_tensor *t = NULL;
    firn_pb_TensorProto *pb = NULL;
    firn_error err = FIRN_ERROR_INIT;
    CHECK_OK(firn_tensor_make((firn_dtype)dtypes[i], &shape, NULL, &t, &err),
             &err);
    CHECK_OK(firn_tensor_to_proto(t, &arena, &pb, &err), &err);
    CHECK((const void *)pb->tensor_content.data == t->data ||
          (void *)pb->bool_val == t->data ||
          (void *)pb->scomplex_val == t->data);
    firn_tensor_release(t);
  }
  firn_arena_fini(&arena);
}

/* ---- Refusals, with their words ----------------------------------------- */

static firn_pb_TensorShapeProto_Dim dim_of[2];
static firn_pb_TensorShapeProto_Dim *dim_list[2] = {&dim_of[0], &dim_of[1]};
static firn_pb_TensorShapeProto shape_pb = {.dim = dim_list, .dim_count = 1};

static firn_pb_TensorProto proto_of(int dtype, int64_t extent) {
  dim_of[0].size = extent;
  return (firn_pb_TensorProto){.dtype = dtype, .tensor_shape = &shape_pb};
}

static void check_refusal(const firn_pb_TensorProto *pb, firn_code code,
                          const char *says) {
  const firn_env env = firn_env_from(NULL);
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *t = NULL;
  CHECK_EQ(firn_tensor_from_proto(pb, &env, &t, &err), code);
  CHECK_STR(err.message, says);
  CHECK(t == NULL);
}

TEST_FN(refusals_say_what_is_wrong) {
  firn_pb_TensorProto pb = proto_of(FIRN_FLOAT, -1);
  check_refusal(&pb, FIRN_INVALID_ARGUMENT,
                "a tensor needs a known shape, got [?]");
  pb = proto_of(FIRN_FLOAT, -2);
  check_refusal(&pb, FIRN_INVALID_ARGUMENT, "extent 0 of a shape is -2");
  pb = proto_of(FIRN_FLOAT, INT64_MAX);
  check_refusal(&pb, FIRN_INVALID_ARGUMENT,
                "shape [9223372036854775807] has more than 2^63 - 1 elements "
                "or bytes");
  pb = proto_of(FIRN_FLOAT, (int64_t)1 << 50);
  check_refusal(&pb, FIRN_RESOURCE_EXHAUSTED,
                "a float32 tensor of shape [1125899906842624] takes "
                "4503599627370496 bytes, more than the limit of 1099511627776");
  pb = proto_of(101, 1);
  check_refusal(&pb, FIRN_INVALID_ARGUMENT,
                "a tensor cannot have type 101 (float32_ref)");
  pb = proto_of(0, 1);
  check_refusal(&pb, FIRN_INVALID_ARGUMENT,
                "a tensor cannot have type 0 (invalid)");
  pb = proto_of(FIRN_INT32, 2);
  pb.tensor_content = FIRN_STR("1234567");
  check_refusal(
      &pb, FIRN_INVALID_ARGUMENT,
      "tensor_content has 7 bytes, a int32 tensor of shape [2] has 8");
  pb = proto_of(FIRN_BOOL, 2);
  pb.tensor_content = (firn_str){"\1\2", 2};
  check_refusal(&pb, FIRN_INVALID_ARGUMENT, "bool 1 of tensor_content is 2");
  pb = proto_of(FIRN_STRING, 3);
  pb.tensor_content = FIRN_STR("ab");
  check_refusal(&pb, FIRN_INVALID_ARGUMENT,
                "tensor_content has 2 bytes, a string tensor of shape [3] has "
                "at least 3");
  pb = proto_of(FIRN_STRING, 2);
  pb.tensor_content = FIRN_STR("\1\2a");
  check_refusal(&pb, FIRN_INVALID_ARGUMENT,
                "string 1 of tensor_content has 2 bytes, 0 are left");
  pb.tensor_content = FIRN_STR("\1\1abc");
  check_refusal(&pb, FIRN_INVALID_ARGUMENT,
                "1 bytes follow the strings of tensor_content");
  shape_pb.dim_count = 17;
  check_refusal(&pb, FIRN_UNIMPLEMENTED,
                "a shape of rank 17, firn goes up to 16");
  shape_pb.dim_count = 1;
}

TEST_FN(handles_are_looked_at_but_not_read) {
  static const int dtypes[] = {FIRN_RESOURCE, FIRN_VARIANT};
  for (int i = 0; i < 2; i++) {
    const firn_pb_TensorProto pb = proto_of(dtypes[i], 5);
    firn_dtype dtype;
    firn_shape shape;
    CHECK_EQ(firn_tensor_proto_look(&pb, &dtype, &shape, NULL), FIRN_OK);
    CHECK_EQ(dtype, dtypes[i]);
    CHECK(shape.rank == 1 && shape.dims[0] == 5);
    check_refusal(&pb, FIRN_UNIMPLEMENTED,
                  i ? "a constant of type variant cannot be read"
                    : "a constant of type resource cannot be read");
  }
}

/* A few bytes must not become a tensor of strings beyond the limit. */
TEST_FN(repeated_strings_count_against_the_limit) {
  firn_env env = firn_env_from(NULL);
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *t = NULL;
  firn_str text = {(const char *)calloc(1, 5000), 5000};
  firn_pb_TensorProto pb = proto_of(FIRN_STRING, 1000);
  pb.string_val = &text;
  pb.string_val_count = 1;
  env.limits.tensor_bytes = 1000000;
  CHECK_EQ(firn_tensor_from_proto(&pb, &env, &t, &err),
           FIRN_RESOURCE_EXHAUSTED);
  CHECK_STR(err.message,
            "999 repeats of a string of 5000 bytes are more than the limit of "
            "1000000");
  free((void *)(uintptr_t)text.data);
}

TEST_FN(shapes_go_both_ways) {
  static const firn_shape rows[] = {
      {0, {0}}, {1, {7}}, {3, {2, -1, 0}}, {-1, {0}}};
  firn_arena arena;
  firn_arena_init(&arena, NULL);
  for (size_t i = 0; i < 4; i++) {
    firn_pb_TensorShapeProto *pb = NULL;
    firn_shape back;
    CHECK_EQ(firn_shape_to_proto(&rows[i], &arena, &pb, NULL), FIRN_OK);
    CHECK_EQ(firn_shape_from_proto(pb, &back, NULL), FIRN_OK);
    CHECK(firn_shape_equal(&rows[i], &back));
  }
  firn_shape none;
  CHECK_EQ(firn_shape_from_proto(NULL, &none, NULL), FIRN_OK);
  CHECK_EQ(none.rank, 0);
  firn_arena_fini(&arena);
}

static firn_code scenario(const firn_allocator *alloc, void *ctx) {
  firn_env env = firn_env_from(NULL);
  firn_tensor *t = NULL;
  firn_pb_TensorProto *out = NULL;
  firn_arena arena;
  env.alloc = *alloc;
  firn_arena_init(&arena, alloc);
  firn_code code = firn_tensor_from_proto(ctx, &env, &t, NULL);
  if (code == FIRN_OK) code = firn_tensor_to_proto(t, &arena, &out, NULL);
  firn_tensor_release(t);
  firn_arena_fini(&arena);
  return code;
}

TEST_FN(short_memory_loses_nothing) {
  firn_str text = FIRN_STR("a string that is too long to lie inside");
  firn_pb_TensorProto strings = proto_of(FIRN_STRING, 3);
  strings.string_val = &text;
  strings.string_val_count = 1;
  CHECK(failing_check(scenario, &strings) >= 3);
  firn_pb_TensorProto ints = proto_of(FIRN_UINT16, 5000);
  CHECK(failing_check(scenario, &ints) >= 3);
}

SUITE(tensor_tensor_proto, TEST(constants_are_those_of_tensorflow),
      TEST(messages_are_those_of_make_tensor_proto),
      TEST(large_contents_are_borrowed), TEST(refusals_say_what_is_wrong),
      TEST(handles_are_looked_at_but_not_read),
      TEST(repeated_strings_count_against_the_limit), TEST(shapes_go_both_ways),
      TEST(short_memory_loses_nothing));
