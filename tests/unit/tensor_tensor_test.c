/* What tensors promise: counted owners, aligned data, strings that die with
 * them, and nothing lost when memory is short. */
#include "support/failing.h"
#include "support/test.h"
#include "tensor/tensor.h"

static const char long_text[] =
    "longer than the twenty-two bytes that lie inside";

static firn_str str(const char *text) { return (firn_str){text, strlen(text)}; }

static firn_tensor *make(firn_dtype dtype, int rank, const int64_t *dims) {
  firn_tensor *t = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_tensor_new(dtype, rank, dims, NULL, &t, &err), &err);
  return t;
}

TEST_FN(a_new_tensor_is_aligned_and_knows_its_size) {
  for (int64_t n = 0; n < 40; n++) {
    const int64_t dims[] = {n, 3};
    firn_tensor *t = make(FIRN_DOUBLE, 2, dims);
    CHECK_EQ((uintptr_t)firn_tensor_data(t) % 64, 0);
    CHECK_EQ(firn_tensor_count(t), n * 3);
    CHECK_EQ(firn_tensor_bytes(t), n * 24);
    CHECK_EQ(firn_tensor_rank(t), 2);
    CHECK_EQ(firn_tensor_dims(t)[0], n);
    CHECK_EQ(firn_tensor_dtype(t), FIRN_DOUBLE);
    memset(firn_tensor_data(t), 1, firn_tensor_bytes(t));
    firn_tensor_release(t);
  }
  firn_tensor_release(NULL);
}

TEST_FN(impossible_tensors_are_refused) {
  static const struct {
    const char *name; /* of the case, and what the message says */
    firn_code code;
    int dtype, rank;
    int64_t dims[2];
  } rows[] =
      {
          {"rank must be between 0 and 16, got 17",
           FIRN_INVALID_ARGUMENT,
           FIRN_FLOAT,
           17,
           {0}},
          {"rank must be between 0 and 16, got -1",
           FIRN_INVALID_ARGUMENT,
           FIRN_FLOAT,
           -1,
           {0}},
          {"extent 1 must not be negative, got -1",
           FIRN_INVALID_ARGUMENT,
           FIRN_FLOAT,
           2,
           {1, -1}},
          {"shape [4611686018427387904,2] has more than 2^63 - 1 elements or "
           "bytes",
           FIRN_INVALID_ARGUMENT,
           FIRN_INT8,
           2,
           {(int64_t)1 << 62, 2}},
          {"shape [2305843009213693952] has more than 2^63 - 1 elements or "
           "bytes",
           FIRN_INVALID_ARGUMENT,
           FIRN_FLOAT,
           1,
           {(int64_t)1 << 61}},
          {"takes 4611686018427387904 bytes, more than the limit of "
           "1099511627776",
           FIRN_RESOURCE_EXHAUSTED,
           FIRN_INT8,
           1,
           {(int64_t)1 << 62}},
          {"there is no type 0", FIRN_INVALID_ARGUMENT, FIRN_INVALID, 0, {0}},
          {"there is no type 34", FIRN_INVALID_ARGUMENT, 34, 0, {0}},
      },
    *row;
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    int64_t dims[17] = {row->dims[0], row->dims[1]};
    firn_tensor *t = (void *)&err;
    CHECK_EQ(firn_tensor_new((firn_dtype)row->dtype, row->rank, dims, NULL, &t,
                             &err),
             row->code);
    CHECK_HAS(err.message, row->name);
    CHECK(t == NULL);
  }
}

TEST_FN(the_callers_limit_is_kept) {
  firn_options options = FIRN_OPTIONS_INIT;
  const int64_t dims[] = {26};
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *t = NULL;
  options.limits.tensor_bytes = 100;
  CHECK_EQ(firn_tensor_new(FIRN_FLOAT, 1, dims, &options, &t, &err),
           FIRN_RESOURCE_EXHAUSTED);
  CHECK_STR(err.message,
            "a float32 tensor of shape [26] takes 104 bytes, more than the "
            "limit of 100");
}

TEST_FN(strings_of_every_length_are_kept) {
  const int64_t dims[] = {70};
  firn_tensor *t = make(FIRN_STRING, 1, dims);
  char text[70];
  memset(text, 'x', sizeof text);
  CHECK_EQ(firn_tensor_string(t, 3).size, 0);
  for (size_t i = 0; i < 70; i++) {
    text[i] = '\0';
    CHECK_EQ(firn_tensor_set_string(t, i, (firn_str){text, i}, NULL), FIRN_OK);
    text[i] = 'y';
  }
  for (size_t i = 0; i < 70; i++) {
    const firn_str have = firn_tensor_string(t, i);
    CHECK_EQ(have.size, i);
    CHECK(i == 0 || !memcmp(have.data, text, i));
    CHECK_EQ(have.data[i], '\0'); /* as programs in C like it */
  }
  /* Setting a string to a part of itself. */
  const firn_str whole = firn_tensor_string(t, 60);
  CHECK_EQ(firn_tensor_set_string(
               t, 60, (firn_str){whole.data + 1, whole.size - 1}, NULL),
           FIRN_OK);
  CHECK_EQ(firn_tensor_string(t, 60).size, 59);
  firn_tensor_release(t);

  firn_tensor *numbers = make(FIRN_INT32, 1, dims);
  firn_error err = FIRN_ERROR_INIT;
  CHECK_EQ(firn_tensor_set_string(numbers, 0, str("a"), &err),
           FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message, "a tensor of int32 holds no strings");
  firn_tensor_release(numbers);
}

/* The layout that programs built against TensorFlow's header carry in them. */
TEST_FN(strings_lie_as_tensorflow_lays_them) {
  firn_tstring s = {.words = {0}};
  CHECK(firn_tstring_set(&s, str("abc")));
  CHECK_EQ(s.small.size, 3 << 2);
  CHECK_STR(s.small.text, "abc");
  CHECK(firn_tstring_set(&s, str(long_text)));
  CHECK_EQ(s.large.size, strlen(long_text) << 2 | 1);
  CHECK_EQ(s.large.capacity, 63);
  CHECK_STR(s.large.data, long_text);
  firn_tstring_fini(&s);
  CHECK_EQ(s.words[0], 0);

  firn_tstring view = {.words = {0}};
  view.view.size = (size_t)5 << 2 | 3;
  view.view.data = "hello, who is not mine";
  CHECK_EQ(firn_tstring_get(&view).size, 5);
  firn_tstring_fini(&view);

  struct {
    firn_tstring s;
    char text[8];
  } near = {.text = "offset"};
  near.s.offset.size = 6 << 2 | 2;
  near.s.offset.offset = sizeof near.s;
  CHECK_EQ(firn_tstring_get(&near.s).size, 6);
  CHECK(!memcmp(firn_tstring_get(&near.s).data, "offset", 6));
}

static int released;
static void count_release(void *ud, void *data) {
  CHECK(ud == &released && data != NULL);
  released++;
}

TEST_FN(foreign_memory_is_given_back_once) {
  static float numbers[6];
  const int64_t dims[] = {2, 3};
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *t = NULL, *view = NULL;
  const firn_shape flat = firn_shape_vector(6);
  released = 0;
  CHECK_OK(firn_tensor_wrap(FIRN_FLOAT, 2, dims, numbers, sizeof numbers,
                            count_release, &released, NULL, &t, &err),
           &err);
  CHECK(firn_tensor_const_data(t) == numbers);
  CHECK_OK(firn_tensor_view(t, FIRN_INT32, &flat, &view, &err), &err);
  firn_tensor_release(t);
  CHECK_EQ(released, 0);
  CHECK(firn_tensor_data(view) == numbers);
  firn_tensor_release(view);
  CHECK_EQ(released, 1);

  CHECK_EQ(firn_tensor_wrap(FIRN_FLOAT, 2, dims, numbers, 23, count_release,
                            &released, NULL, &t, &err),
           FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message, "23 bytes are not a float32 tensor of shape [2,3]");
  CHECK_EQ(firn_tensor_wrap(FIRN_STRING, 0, dims, numbers, 24, NULL, NULL, NULL,
                            &t, &err),
           FIRN_INVALID_ARGUMENT);
  CHECK_EQ(released, 1);
  CHECK_OK(firn_tensor_wrap(FIRN_FLOAT, 2, dims, numbers, sizeof numbers, NULL,
                            NULL, NULL, &t, &err),
           &err);
  firn_tensor_release(t);
}

TEST_FN(views_keep_count_and_width) {
  const int64_t dims[] = {2, 3};
  const firn_shape other = firn_shape_vector(5), same = firn_shape_vector(6);
  firn_tensor *t = make(FIRN_FLOAT, 2, dims), *view = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_EQ(firn_tensor_view(t, FIRN_FLOAT, &other, &view, &err),
           FIRN_INVALID_ARGUMENT);
  CHECK_EQ(firn_tensor_view(t, FIRN_DOUBLE, &same, &view, &err),
           FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message, "cannot see float32 as float64");
  firn_tensor_release(t);
}

/* ---- Objects ------------------------------------------------------------ */

typedef struct thing {
  firn_object object;
  int freed;
} thing;
static void free_thing(firn_object *object) { ((thing *)object)->freed++; }
static const firn_object_class thing_class = {"thing", free_thing};

TEST_FN(handles_are_owned_by_their_tensors) {
  thing a = {.freed = 0};
  firn_object_init(&a.object, &thing_class);
  const firn_shape two = firn_shape_vector(2);
  firn_tensor *t = NULL, *copy = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_tensor_make(FIRN_RESOURCE, &two, NULL, &t, &err), &err);
  firn_object **o = firn_tensor_data(t);
  CHECK(o[0] == NULL && o[1] == NULL);
  o[0] = firn_object_retain(&a.object);
  CHECK_OK(firn_tensor_copy(t, NULL, &copy, &err), &err);
  firn_object_release(&a.object);
  firn_tensor_release(t);
  CHECK_EQ(a.freed, 0);
  firn_tensor_release(copy);
  CHECK_EQ(a.freed, 1);
}

/* ---- Borrowed data ------------------------------------------------------ */

TEST_FN(keep_copies_only_what_is_borrowed) {
  static const float numbers[3] = {1, 2, 3};
  const firn_shape three = firn_shape_vector(3);
  firn_tensor *borrowed = NULL, *kept = NULL, *again = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(
      firn_tensor_borrow(FIRN_FLOAT, &three, numbers, NULL, &borrowed, &err),
      &err);
  CHECK(firn_tensor_const_data(borrowed) == numbers);
  CHECK_OK(firn_tensor_keep(borrowed, NULL, &kept, &err), &err);
  CHECK(firn_tensor_const_data(kept) != numbers);
  CHECK(!memcmp(firn_tensor_const_data(kept), numbers, sizeof numbers));
  CHECK_OK(firn_tensor_keep(kept, NULL, &again, &err), &err);
  CHECK(again == kept);

  /* A header that is part of something else is not retained but seen. */
  firn_tensor part = *kept;
  atomic_init(&part.owners, 0);
  firn_tensor *seen = NULL;
  CHECK_OK(firn_tensor_keep(&part, NULL, &seen, &err), &err);
  CHECK(seen != &part && seen->data == kept->data);
  CHECK(firn_tensor_retain(&part) == &part);
  firn_tensor_release(&part);
  firn_tensor_release(&part);
  firn_tensor_release(seen);
  firn_tensor_release(again);
  firn_tensor_release(kept);
  firn_tensor_release(borrowed);
}

TEST_FN(single_elements_as_numbers) {
  static const struct {
    const char *name;
    uint64_t bits;
    int64_t whole;
    double real;
  } rows[] =
      {
          {"int8", 0xff, -1, -1},
          {"uint8", 0xff, 255, 255},
          {"int16", 0x8000, -32768, -32768},
          {"uint16", 0x8000, 32768, 32768},
          {"int32", 0xffffffff, -1, -1},
          {"uint32", 0xffffffff, 4294967295, 4294967295.0},
          {"int64", UINT64_MAX, -1, -1},
          {"uint64", UINT64_MAX, -1, 18446744073709551616.0},
          {"bool", 1, 1, 1},
          {"int4", 0xe, -2, -2},
          {"uint4", 0xe, 14, 14},
          {"int2", 3, -1, -1},
          {"uint2", 3, 3, 3},
          {"qint8", 0xfe, -2, -2},
          {"float16", 0x3e00, 0, 1.5},
          {"bfloat16", 0x3fc0, 0, 1.5},
          {"float32", 0x3fc00000, 0, 1.5},
          {"float64", 0x3ff8000000000000, 0, 1.5},
          {"float8_e5m2", 0x3e, 0, 1.5},
          {"float4_e2m1fn", 3, 0, 1.5},
      },
    *row;
  EACH (row, rows) {
    firn_tensor *t = make(firn_dtype_find(row->name), 0, NULL);
    memcpy(firn_tensor_data(t), &row->bits, firn_tensor_bytes(t));
    CHECK_EQ(firn_tensor_i64(t, 0), row->whole);
    CHECK(firn_tensor_f64(t, 0) == row->real);
    firn_tensor_release(t);
  }
}

static firn_code scenario(const firn_allocator *alloc, void *ctx) {
  firn_options options = FIRN_OPTIONS_INIT;
  const int64_t dims[] = {3};
  const firn_shape shape = firn_shape_vector(3);
  firn_tensor *t = NULL, *copy = NULL, *view = NULL;
  (void)ctx;
  options.allocator = alloc;
  firn_code code = firn_tensor_new(FIRN_STRING, 1, dims, &options, &t, NULL);
  if (code == FIRN_OK)
    code = firn_tensor_set_string(t, 1, str(long_text), NULL);
  if (code == FIRN_OK) code = firn_tensor_copy(t, alloc, &copy, NULL);
  if (code == FIRN_OK)
    code = firn_tensor_view(copy, FIRN_STRING, &shape, &view, NULL);
  firn_tensor_release(t);
  firn_tensor_release(copy);
  if (code == FIRN_OK)
    CHECK_EQ(firn_tensor_string(view, 1).size, strlen(long_text));
  firn_tensor_release(view);
  return code;
}

TEST_FN(short_memory_loses_nothing) {
  CHECK_EQ(failing_check(scenario, NULL), 5); /* two of each, one of the view */
}

TEST_FN(rows_share_memory) {
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *t = NULL, *rows = NULL;
  CHECK_OK(firn_tensor_new(FIRN_INT32, 2, (int64_t[]){4, 3}, NULL, &t, &err),
           &err);
  int32_t *values = firn_tensor_data(t);
  for (int i = 0; i < 12; i++) values[i] = i;
  CHECK_OK(firn_tensor_rows(t, 1, 2, &rows, &err), &err);
  firn_tensor_release(t);
  CHECK_EQ(firn_tensor_dims(rows)[0], 2);
  CHECK_EQ(firn_tensor_dims(rows)[1], 3);
  CHECK_EQ(((int32_t *)firn_tensor_data(rows))[0], 3);
  CHECK_EQ(((int32_t *)firn_tensor_data(rows))[5], 8);
  CHECK_EQ(firn_tensor_rows(rows, 1, 2, &t, &err), FIRN_OUT_OF_RANGE);
  CHECK_STR(err.message, "2 rows from row 1 on, of a tensor of 2");
  CHECK_EQ(firn_tensor_rows(rows, INT64_MAX, 2, &t, &err), FIRN_OUT_OF_RANGE);
  firn_tensor_release(rows);
  CHECK_OK(firn_tensor_new(FIRN_INT32, 0, NULL, NULL, &t, &err), &err);
  CHECK_EQ(firn_tensor_rows(t, 0, 0, &rows, &err), FIRN_INVALID_ARGUMENT);
  firn_tensor_release(t);
}

SUITE(tensor_tensor, TEST(a_new_tensor_is_aligned_and_knows_its_size),
      TEST(impossible_tensors_are_refused), TEST(the_callers_limit_is_kept),
      TEST(strings_of_every_length_are_kept),
      TEST(strings_lie_as_tensorflow_lays_them),
      TEST(foreign_memory_is_given_back_once), TEST(views_keep_count_and_width),
      TEST(handles_are_owned_by_their_tensors),
      TEST(keep_copies_only_what_is_borrowed), TEST(single_elements_as_numbers),
      TEST(short_memory_loses_nothing), TEST(rows_share_memory));
