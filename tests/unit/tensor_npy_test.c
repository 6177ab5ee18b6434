/* .npy files: numpy's own are read, ours are numpy's bytes, damaged ones are
 * told. The same cases show how the arrays print and what they are in JSON. */
#include "support/failing.h"
#include "support/golden.h"
#include "support/test.h"
#include "tensor/tensor_file.h"

static const char cases[] = "tests/golden/tensor/npy_cases.json";

static firn_tensor *read_case(golden *g) {
  const firn_env env = firn_env_from(NULL);
  const firn_bytes npy = golden_bytes(g, "npy");
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *t = NULL;
  CHECK_OK(firn_npy_parse(npy, firn_dtype_find(golden_str(g, "want")), &env, &t,
                          &err),
           &err);
  free((void *)npy.data);
  return t;
}

TEST_FN(numpys_files_are_read) {
  golden g;
  golden_open(&g, cases);
  while (golden_next(&g)) {
    firn_tensor *t = read_case(&g);
    CHECK_STR(firn_dtype_name(t->dtype), golden_str(&g, "dtype"));
    CHECK_EQ(t->shape.rank, golden_count(&g, "shape"));
    for (int i = 0; i < t->shape.rank; i++)
      CHECK_EQ(t->shape.dims[i], golden_i64(&g, "shape", (size_t)i));
    char *json = firn_tensor_json(t);
    CHECK_STR(json, golden_str(&g, "json"));
    free(json);
    firn_tensor_release(t);
  }
  golden_close(&g);
}

TEST_FN(arrays_print_as_numpy_prints_them) {
  golden g;
  golden_open(&g, cases);
  while (golden_next(&g)) {
    const char *want = golden_str(&g, "text");
    if (!want) continue;
    firn_tensor *t = read_case(&g);
    char *text = firn_tensor_text(t);
    CHECK_STR(text, want);
    free(text);
    firn_tensor_release(t);
  }
  golden_close(&g);
}

TEST_FN(json_reads_back_as_the_same_bytes) {
  const firn_env env = firn_env_from(NULL);
  golden g;
  golden_open(&g, cases);
  while (golden_next(&g)) {
    firn_tensor *t = read_case(&g), *again = NULL;
    const char *json = golden_str(&g, "json");
    firn_error err = FIRN_ERROR_INIT;
    CHECK_OK(firn_json_tensor_parse(
                 (firn_bytes){(const uint8_t *)json, strlen(json)}, t->dtype,
                 &env, &again, &err),
             &err);
    char *back = firn_tensor_json(again);
    CHECK_STR(back, json);
    free(back);
    const bool has_nan =
        strstr(json, "NaN") != NULL; /* whose bits may differ */
    if (firn_dtype_is_plain(t->dtype) && t->count && !has_nan)
      CHECK(!memcmp(t->data, again->data, firn_tensor_bytes(t)));
    firn_tensor_release(again);
    firn_tensor_release(t);
  }
  golden_close(&g);
}

TEST_FN(written_files_are_numpys_bytes) {
  int same = 0;
  golden g;
  golden_open(&g, cases);
  while (golden_next(&g)) {
    if (!golden_true(&g, "same")) continue;
    const firn_bytes want = golden_bytes(&g, "npy");
    firn_tensor *t = read_case(&g);
    firn_buf buf = {0};
    firn_error err = FIRN_ERROR_INIT;
    CHECK_OK(firn_npy_write(t, firn_sink_buf(&buf), &err), &err);
    CHECK_EQ(buf.size, want.size);
    CHECK(!memcmp(buf.data, want.data, want.size));
    firn_buf_fini(&buf);
    free((void *)want.data);
    firn_tensor_release(t);
    same++;
  }
  CHECK(same > 50);
  golden_close(&g);
}

/* ---- Damage ------------------------------------------------------------- */

/* A version 1 file of that header and `data` more bytes. */
static firn_bytes file_of(const char *header, size_t data) {
  const size_t size = strlen(header);
  uint8_t *file = malloc(10 + size + data);
  memcpy(file, "\x93NUMPY\x01\x00", 8);
  firn_store16(file + 8, (uint16_t)size);
  memcpy(file + 10, header, size);
  memset(file + 10 + size, 1, data);
  return (firn_bytes){file, 10 + size + data};
}

#define DICT(descr, shape) \
  "{'descr': '" descr "', 'fortran_order': False, 'shape': " shape ", }\n"

TEST_FN(damaged_headers_are_told) {
  static const struct {
    const char *name, *header, *says;
    size_t data;
    firn_code code;
  } rows[] =
      {
          {"no dictionary", "hello", "not a dictionary", 8, FIRN_DATA_LOSS},
          {"empty", "", "not a dictionary", 8, FIRN_DATA_LOSS},
          {"key missing", "{'descr': '<f4', 'shape': ()}", "not a dictionary",
           8, FIRN_DATA_LOSS},
          {"key twice", "{'descr': '<f4', 'descr': '<f4'}", "not a dictionary",
           8, FIRN_DATA_LOSS},
          {"unknown key", "{'color': 3}", "not a dictionary", 8,
           FIRN_DATA_LOSS},
          {"string not ended", "{'descr", "not a dictionary", 8,
           FIRN_DATA_LOSS},
          {"something after", DICT("<f4", "(2,)") "x", "not a dictionary", 8,
           FIRN_DATA_LOSS},
          {"shape of words", DICT("<f4", "('a',)"), "not a tuple of integers",
           8, FIRN_DATA_LOSS},
          {"negative extent", DICT("<f4", "(-2,)"), "not a tuple of integers",
           8, FIRN_DATA_LOSS},
          {"extent past 2^63", DICT("<f4", "(9223372036854775808,)"),
           "not a tuple of integers", 8, FIRN_DATA_LOSS},
          {"too many axes", DICT("<f4", "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)"),
           "more than 16 axes", 8, FIRN_UNIMPLEMENTED},
          {"data missing", DICT("<f4", "(3,)"),
           "of shape [3] and 4 bytes an element does not fit into the 8 bytes",
           8, FIRN_DATA_LOSS},
          {"product wraps", DICT("<f4", "(4611686018427387904, 4)"),
           "does not fit into", 8, FIRN_DATA_LOSS},
          {"bytes wrap", DICT("<f8", "(2305843009213693952,)"),
           "does not fit into", 8, FIRN_DATA_LOSS},
          {"no bytes an element", DICT("|S0", "(1000000000,)"),
           "does not fit into", 8, FIRN_DATA_LOSS},
          {"huge element", DICT("|S9223372036854775807", "(4,)"),
           "does not fit into", 8, FIRN_DATA_LOSS},
          {"huge text", DICT("<U4611686018427387904", "(1,)"),
           "does not fit into", 8, FIRN_DATA_LOSS},
          {"no character", DICT("<U2", "(1,)"), "which is no character", 8,
           FIRN_DATA_LOSS},
          {"objects", DICT("|O", "(1,)"), "pickled Python objects", 8,
           FIRN_UNIMPLEMENTED},
          {"records", "{'descr': [('a', '<f4')], 'fortran_order': False}",
           "records, not plain elements", 8, FIRN_UNIMPLEMENTED},
          {"long double", DICT("<f16", "(1,)"), "'f16' has no TensorFlow type",
           16, FIRN_UNIMPLEMENTED},
          {"dates", DICT("<M8[ns]", "(1,)"), "'<M8[ns]' has no TensorFlow type",
           8, FIRN_UNIMPLEMENTED},
          {"V1 without a wish", DICT("|V1", "(1,)"),
           "any float8 or 4-bit type, and none was asked for", 8,
           FIRN_INVALID_ARGUMENT},
          {"descr too short", DICT("<", "(1,)"), "descr is not a type", 8,
           FIRN_DATA_LOSS},
      },
    *row;
  const firn_env env = firn_env_from(NULL);
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    firn_tensor *t = NULL;
    const firn_bytes file = file_of(row->header, row->data);
    CHECK_EQ(firn_npy_parse(file, FIRN_INVALID, &env, &t, &err), row->code);
    CHECK_HAS(err.message, row->says);
    CHECK(t == NULL);
    free((void *)file.data);
  }
}

TEST_FN(headers_in_other_words_are_read) {
  static const struct {
    const char *name, *header;
  } rows[] =
      {
          {"other order",
           "{'shape':(2L,),\"descr\":'<i4','fortran_order':True}"},
          {"native order", DICT("=i4", "(2,)")},
          {"no order", DICT("|i4", "(2,)")},
      },
    *row;
  const firn_env env = firn_env_from(NULL);
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    firn_tensor *t = NULL;
    const firn_bytes file = file_of(row->header, 8);
    CHECK_OK(firn_npy_parse(file, FIRN_INVALID, &env, &t, &err), &err);
    CHECK_EQ(((int32_t *)firn_tensor_data(t))[1], 0x01010101);
    firn_tensor_release(t);
    free((void *)file.data);
  }
}

TEST_FN(every_cut_is_told) {
  golden g;
  const firn_env env = firn_env_from(NULL);
  golden_open(&g, cases);
  for (int i = 0; i < 40 && golden_next(&g); i++) {
    const firn_bytes whole = golden_bytes(&g, "npy");
    firn_tensor *t = read_case(&g);
    const bool is_empty = t->count == 0;
    firn_tensor_release(t);
    for (size_t size = 0; size < whole.size && !is_empty; size++) {
      uint8_t *cut = malloc(size ? size : 1);
      memcpy(cut, whole.data, size);
      CHECK_EQ(
          firn_npy_parse((firn_bytes){cut, size}, FIRN_INVALID, &env, &t, NULL),
          FIRN_DATA_LOSS);
      free(cut);
    }
    free((void *)whole.data);
  }
  golden_close(&g);
}

TEST_FN(what_npy_lacks_is_not_written) {
  const firn_shape two = firn_shape_vector(2);
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *t = NULL;
  firn_buf buf = {0};
  CHECK_OK(firn_tensor_make(FIRN_STRING, &two, NULL, &t, &err), &err);
  CHECK_EQ(firn_tensor_set_string(t, 1, (firn_str){"a\0", 2}, NULL), FIRN_OK);
  CHECK_EQ(firn_npy_write(t, firn_sink_buf(&buf), &err), FIRN_INVALID_ARGUMENT);
  CHECK_STR(
      err.message,
      "string 1 ends in a zero byte, which .npy cannot keep: write .json");
  firn_tensor_release(t);
  CHECK_OK(firn_tensor_make(FIRN_VARIANT, &two, NULL, &t, &err), &err);
  CHECK_EQ(firn_npy_write(t, firn_sink_buf(&buf), &err), FIRN_UNIMPLEMENTED);
  char *text = firn_tensor_text(t);
  CHECK_STR(text, "[<none> <none>]");
  free(text);
  text = firn_tensor_json(t);
  CHECK_STR(text, "[null, null]");
  free(text);
  firn_tensor_release(t);
  firn_buf_fini(&buf);
}

static firn_bytes kept;
static firn_code scenario(const firn_allocator *alloc, void *ctx) {
  firn_env env = firn_env_from(NULL);
  firn_tensor *t = NULL;
  (void)ctx;
  env.alloc = *alloc;
  const firn_code code = firn_npy_parse(kept, FIRN_INVALID, &env, &t, NULL);
  firn_tensor_release(t);
  return code;
}

TEST_FN(short_memory_loses_nothing) {
  golden g;
  golden_open(&g, cases);
  while (golden_next(&g)) {
    if (strcmp(golden_str(&g, "want"), "invalid")) continue;
    kept = golden_bytes(&g, "npy");
    CHECK(failing_check(scenario, NULL) >= 2);
    free((void *)kept.data);
  }
  golden_close(&g);
}

SUITE(tensor_npy, TEST(numpys_files_are_read),
      TEST(arrays_print_as_numpy_prints_them),
      TEST(json_reads_back_as_the_same_bytes),
      TEST(written_files_are_numpys_bytes), TEST(damaged_headers_are_told),
      TEST(headers_in_other_words_are_read), TEST(every_cut_is_told),
      TEST(what_npy_lacks_is_not_written), TEST(short_memory_loses_nothing));
