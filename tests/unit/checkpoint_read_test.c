/* What sound checkpoints hold: written by oracle/odd_checkpoints.py by hand and
 * read by TensorFlow as well. Both byte orders, both generations, whole and by
 * slices. */
#include "checkpoint/checkpoint.h"
#include "support/failing.h"
#include "support/folder.h"
#include "support/test.h"

#define FOLDER "tests/golden/checkpoint/"

static firn_checkpoint *open_it(const char *name) {
  firn_error err = FIRN_ERROR_INIT;
  firn_checkpoint *ck = NULL;
  CHECK_OK(firn_checkpoint_open(name, NULL, &ck, &err), &err);
  return ck;
}

static void check_json(const firn_checkpoint *ck, const char *name,
                       const char *want) {
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *tensor = NULL;
  CHECK_OK(firn_checkpoint_read(ck, name, &tensor, &err), &err);
  char *json = firn_tensor_json(tensor);
  CHECK_STR(json, want);
  free(json);
  firn_tensor_release(tensor);
}

#define FIRN_TEN "firn firn firn firn firn firn firn firn firn firn "

static const struct {
  const char *name;
  firn_dtype dtype;
  int rank;
  const char *json;
} tensors[] = {
    {"bool", FIRN_BOOL, 1, "[true, false]"},
    {"complex128", FIRN_COMPLEX128, 1, "[{\"real\": 1.5, \"imag\": -2.5}]"},
    {"complex64", FIRN_COMPLEX64, 1,
     "[{\"real\": 1.0, \"imag\": 2.0}, {\"real\": 3.0, \"imag\": -4.0}]"},
    {"double", FIRN_DOUBLE, 0, "1e+100"},
    {"float", FIRN_FLOAT, 2, "[[1.0, 2.0, 3.0], [4.0, 5.0, -6.0]]"},
    {"half", FIRN_HALF, 1, "[1.0, -2.0]"},
    {"int16", FIRN_INT16, 1, "[1, -2]"},
    {"int64", FIRN_INT64, 1, "[1099511627776, -2]"},
    {"int8", FIRN_INT8, 1, "[1, -2, 3]"},
    {"matrix", FIRN_INT32, 2,
     "[[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11], [12, 13, 14, 15, 16, 17], "
     "[18, 19, 20, 21, 22, 23]]"},
    {"string", FIRN_STRING, 1,
     "[\"\", \"snow\", \"" FIRN_TEN FIRN_TEN FIRN_TEN FIRN_TEN "\"]"},
};

static void check_all(const char *name) {
  firn_checkpoint *ck = open_it(name);
  CHECK_EQ(firn_checkpoint_version(ck), 2);
  CHECK_EQ(firn_checkpoint_count(ck), FIRN_COUNT(tensors));
  for (size_t i = 0; i < FIRN_COUNT(tensors); i++) {
    const firn_checkpoint_entry e = firn_checkpoint_at(ck, i);
    CHECK(firn_str_is(e.name, tensors[i].name));
    CHECK_EQ(e.dtype, tensors[i].dtype);
    CHECK_EQ(e.shape.rank, tensors[i].rank);
    CHECK_EQ(e.slices, !strcmp(tensors[i].name, "matrix") ? 3 : 0);
    CHECK_EQ(firn_checkpoint_find(ck, tensors[i].name), i);
    check_json(ck, tensors[i].name, tensors[i].json);
  }
  CHECK_EQ(firn_checkpoint_find(ck, "nothing"), SIZE_MAX);
  firn_checkpoint_close(ck);
}

TEST_FN(reads_every_type) { check_all(FOLDER "little"); }
TEST_FN(reads_the_other_byte_order) { check_all(FOLDER "big"); }
TEST_FN(takes_the_name_of_the_index) { check_all(FOLDER "little.index"); }

TEST_FN(reads_many_blocks) {
#ifdef FIRN_HAVE_SNAPPY
  static const char *const names[] = {FOLDER "blocks", FOLDER "snappy"};
#else
  static const char *const names[] = {FOLDER "blocks"};
#endif
  for (size_t i = 0; i < FIRN_COUNT(names); i++) {
    firn_checkpoint *ck = open_it(names[i]);
    CHECK_EQ(firn_checkpoint_count(ck), 40);
    check_json(ck, "tower/block_00/weights", "[0, 0]");
    check_json(ck, "tower/block_17/weights", "[17, -17]");
    check_json(ck, "tower/block_39/weights", "[39, -39]");
    firn_checkpoint_close(ck);
  }
}

/* ---- Slices ----------------------------------------------------------------
 */

TEST_FN(reads_parts_of_a_tensor) {
  static const struct {
    const char *name, *text, *json;
  } rows[] =
      {
          {"a stored slice", "4 6 1,3:2,4",
           "[[8, 9, 10, 11], [14, 15, 16, 17], [20, 21, 22, 23]]"},
          {"across all slices", "4 6 0,3:1,2", "[[1, 2], [7, 8], [13, 14]]"},
          {"within one slice", "4 6 2,1:3,2", "[[15, 16]]"},
          {"whole rows of two", "4 6 1,2:-",
           "[[6, 7, 8, 9, 10, 11], [12, 13, 14, 15, 16, 17]]"},
          {"all", "4 6 -:-",
           "[[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11], [12, 13, 14, 15, 16, "
           "17], "
           "[18, 19, 20, 21, 22, 23]]"},
      },
    *row;
  firn_checkpoint *ck = open_it(FOLDER "big");
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    firn_tensor *tensor = NULL;
    firn_slice slice;
    firn_shape full;
    CHECK_OK(firn_slice_parse(firn_str_of(row->text), &full, &slice, &err),
             &err);
    CHECK_OK(firn_checkpoint_read_slice(ck, "matrix", &slice, &tensor, &err),
             &err);
    char *json = firn_tensor_json(tensor);
    CHECK_STR(json, row->json);
    free(json);
    firn_tensor_release(tensor);
  }
  firn_checkpoint_close(ck);
}

TEST_FN(reads_parts_of_whole_tensors) {
  const firn_slice numbers = {.rank = 2, .start = {0, 1}, .extent = {-1, 2}};
  const firn_slice words = {.rank = 1, .start = {1}, .extent = {1}};
  firn_checkpoint *ck = open_it(FOLDER "little");
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *tensor = NULL;
  CHECK_OK(firn_checkpoint_read_slice(ck, "float", &numbers, &tensor, &err),
           &err);
  char *json = firn_tensor_json(tensor);
  CHECK_STR(json, "[[2.0, 3.0], [5.0, -6.0]]");
  free(json);
  firn_tensor_release(tensor);

  CHECK_OK(firn_checkpoint_read_slice(ck, "string", &words, &tensor, &err),
           &err);
  CHECK_EQ(firn_tensor_count(tensor), 1);
  CHECK(firn_str_is(firn_tensor_string(tensor, 0), "snow"));
  firn_tensor_release(tensor);
  firn_checkpoint_close(ck);
}

TEST_FN(lists_slices) {
  firn_checkpoint *ck = open_it(FOLDER "little");
  const size_t matrix = firn_checkpoint_find(ck, "matrix");
  const firn_slice top = firn_checkpoint_slice_at(ck, matrix, 0);
  const firn_slice right = firn_checkpoint_slice_at(ck, matrix, 2);
  CHECK_EQ(top.rank, 2);
  CHECK(top.start[0] == 0 && top.extent[0] == 1 && top.extent[1] == -1);
  CHECK(right.start[0] == 1 && right.extent[0] == 3);
  CHECK(right.start[1] == 2 && right.extent[1] == 4);
  CHECK_EQ(firn_checkpoint_slice_at(ck, matrix, 3).rank, 0);
  firn_checkpoint_close(ck);
}

TEST_FN(refuses_boxes_outside) {
  const firn_slice wide = {.rank = 2, .start = {0, 5}, .extent = {-1, 2}};
  const firn_slice flat = {.rank = 1, .extent = {2}};
  firn_checkpoint *ck = open_it(FOLDER "little");
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *tensor = NULL;
  CHECK_EQ(firn_checkpoint_read_slice(ck, "matrix", &wide, &tensor, &err),
           FIRN_OUT_OF_RANGE);
  CHECK_STR(err.message,
            "reading 'matrix' from checkpoint '" FOLDER
            "little': slice starts at 5 with extent 2 on axis 1 of shape "
            "[4,6]");
  CHECK_EQ(firn_checkpoint_read_slice(ck, "matrix", &flat, &tensor, &err),
           FIRN_OUT_OF_RANGE);
  CHECK_STR(err.message, "reading 'matrix' from checkpoint '" FOLDER
                         "little': slice of 1 axes of a tensor of shape [4,6]");
  CHECK(tensor == NULL);
  firn_checkpoint_close(ck);
}

/* ---- Spans -------------------------------------------------------------- */

TEST_FN(says_where_bytes_lie) {
  firn_checkpoint *ck = open_it(FOLDER "little");
  firn_error err = FIRN_ERROR_INIT;
  firn_span span;
  CHECK_OK(firn_checkpoint_span(ck, firn_checkpoint_find(ck, "int16"), NULL,
                                &span, &err),
           &err);
  CHECK(span.file != NULL);
  CHECK_EQ(span.size, 4);
  assert_memory_equal(span.file->bytes.data + span.offset, "\1\0\xfe\xff", 4);

  const firn_slice top = {.rank = 2, .extent = {1, -1}};
  const size_t matrix = firn_checkpoint_find(ck, "matrix");
  CHECK_OK(firn_checkpoint_span(ck, matrix, &top, &span, &err), &err);
  CHECK(span.file != NULL);
  CHECK_EQ(span.size, 24);

  const firn_slice odd = {.rank = 2, .extent = {2, -1}};
  CHECK_OK(firn_checkpoint_span(ck, matrix, &odd, &span, &err), &err);
  CHECK(span.file == NULL);
  CHECK_OK(firn_checkpoint_span(ck, matrix, NULL, &span, &err), &err);
  CHECK(span.file == NULL);
  CHECK_OK(firn_checkpoint_span(ck, firn_checkpoint_find(ck, "string"), NULL,
                                &span, &err),
           &err);
  CHECK(span.file == NULL);
  firn_checkpoint_close(ck);

  ck = open_it(FOLDER "big");
  CHECK_OK(firn_checkpoint_span(ck, 0, NULL, &span, &err), &err);
  CHECK(span.file == NULL);
  firn_checkpoint_close(ck);
}

/* ---- V1 ----------------------------------------------------------------- */

#ifdef FIRN_HAVE_SNAPPY
TEST_FN(reads_v1) {
  firn_checkpoint *ck = open_it(FOLDER "v1_snappy");
  CHECK_EQ(firn_checkpoint_version(ck), 1);
  CHECK_EQ(firn_checkpoint_count(ck), 3);
  CHECK_EQ(firn_checkpoint_at(ck, 2).slices, 0);
  check_json(ck, "n", "-7");
  check_json(ck, "s", "[\"snow\", \"\"]");
  check_json(ck, "w", "[[1.0, 2.0, 3.0], [4.0, 5.0, -6.0]]");
  firn_checkpoint_close(ck);
}
#else
TEST_FN(reads_v1) {
  firn_checkpoint *ck = open_it(FOLDER "v1_no_value");
  CHECK_EQ(firn_checkpoint_version(ck), 1);
  check_json(ck, "w", "[[1.0, 2.0, 3.0], [4.0, 5.0, -6.0]]");
  firn_checkpoint_close(ck);
}
#endif

TEST_FN(reads_v1_shards) {
  static const char *const names[] = {
      FOLDER "v1_shards",
      FOLDER
      "v1_shards-?????"
      "-of-00002",
  };
  for (size_t i = 0; i < FIRN_COUNT(names); i++) {
    firn_checkpoint *ck = open_it(names[i]);
    CHECK_EQ(firn_checkpoint_version(ck), 1);
    CHECK_EQ(firn_checkpoint_count(ck), 3);
    CHECK_EQ(firn_checkpoint_at(ck, 1).slices, 2);
    check_json(ck, "s", "[\"snow\", \"\"]");
    check_json(ck, "v", "[1, -2, 3, 1073741824]");
    check_json(ck, "w", "[[1.0, 2.0, 3.0], [4.0, 5.0, -6.0]]");
    firn_checkpoint_close(ck);
  }
}

/* ---- Names -------------------------------------------------------------- */

TEST_FN(suggests_near_names) {
  static const struct {
    const char *name, *asked, *first;
    size_t count;
  } rows[] =
      {
          {"a slip", "tower/blokc_17/weights",
           "perhaps 'tower/block_17/weights'", 3},
          {"an attribute too many",
           "tower/block_05/weights/.ATTRIBUTES/VARIABLE_VALUE",
           "perhaps 'tower/block_05/weights'", 1},
          {"a scope too many", "model/tower/block_05/weights",
           "perhaps 'tower/block_05/weights'", 3},
          {"nothing near", "zebra", NULL, 0},
      },
    *row;
  firn_checkpoint *ck = open_it(FOLDER "blocks");
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    firn_tensor *tensor = NULL;
    CHECK_EQ(firn_checkpoint_read(ck, row->asked, &tensor, &err),
             FIRN_NOT_FOUND);
    CHECK_HAS(err.message, row->asked);
    CHECK_HAS(err.message,
              "from checkpoint '" FOLDER "blocks': no tensor of that name");
    CHECK_EQ(firn_error_count(&err), row->count);
    if (row->first) CHECK_STR(firn_error_line(&err, 0), row->first);
    firn_error_clear(&err);
  }
  firn_checkpoint_close(ck);
}

/* ---- Memory ------------------------------------------------------------- */

static firn_code read_all(const firn_allocator *alloc, void *ctx) {
  const char *name = ctx;
  firn_options options = FIRN_OPTIONS_INIT;
  firn_checkpoint *ck = NULL;
  options.allocator = alloc;
  firn_code code = firn_checkpoint_open(name, &options, &ck, NULL);
  for (size_t i = 0; code == FIRN_OK && i < firn_checkpoint_count(ck); i++) {
    firn_tensor *tensor = NULL;
    code = firn_checkpoint_load(ck, i, NULL, &tensor, NULL);
    firn_tensor_release(tensor);
  }
  firn_checkpoint_close(ck);
  return code;
}

TEST_FN(survives_short_memory) {
  CHECK(failing_check(read_all, FOLDER "little") > 10);
  CHECK(failing_check(read_all, FOLDER "v1_shards") > 10);
#ifdef FIRN_HAVE_SNAPPY
  CHECK(failing_check(read_all, FOLDER "snappy") > 10);
#endif
}

/* Checksums that the caller does not want are not looked at. */
TEST_FN(skips_checksums_when_told) {
  firn_options options = FIRN_OPTIONS_INIT;
  firn_error err = FIRN_ERROR_INIT;
  firn_checkpoint *ck = NULL;
  options.skip_checksums = true;
  CHECK_OK(firn_checkpoint_open(FOLDER "data_checksum", &options, &ck, &err),
           &err);
  check_json(ck, "w", "[[1.0, 2.0, 3.0], [4.0, 5.0, -6.0]]");
  firn_checkpoint_close(ck);
  CHECK_OK(firn_checkpoint_open(FOLDER "strings_lengths", &options, &ck, &err),
           &err);
  check_json(ck, "s", "[\"snow\", \"firn\"]");
  firn_checkpoint_close(ck);
}

TEST_FN(keeps_to_the_limit) {
  firn_options options = FIRN_OPTIONS_INIT;
  firn_error err = FIRN_ERROR_INIT;
  firn_checkpoint *ck = NULL;
  firn_tensor *tensor = NULL;
  options.limits.tensor_bytes = 23;
  CHECK_OK(firn_checkpoint_open(FOLDER "little", &options, &ck, &err), &err);
  CHECK_EQ(firn_checkpoint_read(ck, "float", &tensor, &err),
           FIRN_RESOURCE_EXHAUSTED);
  CHECK_STR(err.message, "reading 'float' from checkpoint '" FOLDER
                         "little': 6 elements of float32 are above the limit "
                         "of 23 bytes");
  firn_checkpoint_close(ck);
}

/* ---- Threads ------------------------------------------------------------ */

enum { MANY = (21 << 20) + 3 }; /* bytes that are worth a second thread */

static char folder[FOLDER_ROOM], prefix[FOLDER_ROOM], data[FOLDER_ROOM];

/* A scalar, so that what follows begins at an odd place, and many bytes. */
static firn_tensor *write_many(void) {
  const int64_t dims[] = {MANY};
  firn_error err = FIRN_ERROR_INIT;
  firn_checkpoint_writer *w = NULL;
  firn_tensor *scalar = NULL, *many = NULL;
  folder_new(folder);
  folder_path(prefix, folder, "many");
  folder_path(data, folder, "many.data-00000-of-00001");
  CHECK_OK(firn_tensor_new(FIRN_INT8, 0, NULL, NULL, &scalar, &err), &err);
  CHECK_OK(firn_tensor_new(FIRN_INT8, 1, dims, NULL, &many, &err), &err);
  int8_t *bytes = firn_tensor_data(many);
  for (size_t i = 0; i < MANY; i++) bytes[i] = (int8_t)(i * i / 9 + i / 4096);
  *(int8_t *)firn_tensor_data(scalar) = 1;
  CHECK_OK(firn_checkpoint_writer_create(prefix, NULL, NULL, &w, &err), &err);
  CHECK_OK(firn_checkpoint_writer_add(w, "a", scalar, &err), &err);
  CHECK_OK(firn_checkpoint_writer_add(w, "b", many, &err), &err);
  CHECK_OK(firn_checkpoint_writer_commit(w, &err), &err);
  firn_tensor_release(scalar);
  return many;
}

static firn_code read_many(int threads, firn_tensor **out, firn_error *err) {
  const firn_options options = {.size = sizeof options, .threads = threads};
  firn_checkpoint *ck = NULL;
  CHECK_OK(firn_checkpoint_open(prefix, &options, &ck, err), err);
  const firn_code code = firn_checkpoint_read(ck, "b", out, err);
  firn_checkpoint_close(ck);
  return code;
}

TEST_FN(threads_read_the_same) {
  firn_tensor *many = write_many();
  for (int threads = 1; threads <= 5; threads += 2) {
    firn_error err = FIRN_ERROR_INIT;
    firn_tensor *got = NULL;
    CHECK_OK(read_many(threads, &got, &err), &err);
    CHECK_EQ(firn_tensor_bytes(got), MANY);
    CHECK(!memcmp(firn_tensor_const_data(got), firn_tensor_const_data(many),
                  MANY));
    firn_tensor_release(got);
  }
  firn_tensor_release(many);
  folder_remove(folder);
}

/* Wherever the damage is, one thread and several say the same of it. */
TEST_FN(threads_find_damage) {
  static const long places[] = {1, 2 << 20, MANY / 2, MANY};
  firn_tensor_release(write_many());
  for (size_t i = 0; i < FIRN_COUNT(places); i++) {
    firn_error one = FIRN_ERROR_INIT, three = FIRN_ERROR_INIT;
    firn_tensor *got = NULL;
    FILE *file = fopen(data, "r+b");
    CHECK(file && fseek(file, places[i], SEEK_SET) == 0);
    const int byte = fgetc(file);
    CHECK(fseek(file, places[i], SEEK_SET) == 0 && fputc(byte ^ 1, file) >= 0);
    CHECK_EQ(fflush(file), 0);
    CHECK_EQ(read_many(1, &got, &one), FIRN_DATA_LOSS);
    CHECK_EQ(read_many(3, &got, &three), FIRN_DATA_LOSS);
    CHECK(got == NULL);
    CHECK_HAS(one.message, "data at offset 1 has checksum ");
    CHECK_STR(one.message, three.message);
    CHECK(fseek(file, places[i], SEEK_SET) == 0 && fputc(byte, file) >= 0);
    CHECK_EQ(fclose(file), 0);
  }
  folder_remove(folder);
}

TEST_FN(threads_say_why_reading_fails) {
  const firn_options options = {.size = sizeof options, .threads = 2};
  firn_error err = FIRN_ERROR_INIT;
  firn_checkpoint *ck = NULL;
  firn_tensor *got = NULL;
  firn_tensor_release(write_many());
  CHECK_OK(firn_checkpoint_open(prefix, &options, &ck, &err), &err);
  CHECK_EQ(truncate(data, 10000001), 0);
  CHECK_EQ(firn_checkpoint_read(ck, "b", &got, &err), FIRN_DATA_LOSS);
  CHECK_HAS(err.message, "file was cut to 10000001 bytes while it was read");
  firn_checkpoint_close(ck);
  folder_remove(folder);
}

SUITE(checkpoint_read, TEST(reads_every_type), TEST(reads_the_other_byte_order),
      TEST(takes_the_name_of_the_index), TEST(reads_many_blocks),
      TEST(reads_parts_of_a_tensor), TEST(reads_parts_of_whole_tensors),
      TEST(lists_slices), TEST(refuses_boxes_outside),
      TEST(says_where_bytes_lie), TEST(reads_v1), TEST(reads_v1_shards),
      TEST(suggests_near_names), TEST(survives_short_memory),
      TEST(skips_checksums_when_told), TEST(keeps_to_the_limit),
      TEST(threads_read_the_same), TEST(threads_find_damage),
      TEST(threads_say_why_reading_fails));
