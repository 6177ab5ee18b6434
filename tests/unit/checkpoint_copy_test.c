/* Checkpoints made of checkpoints: a copy has the bytes of what TensorFlow
 * wrote, damage does not pass, and two of the same are equal. */
#include "base/crc32c.h"
#include "checkpoint/checkpoint.h"
#include "support/failing.h"
#include "support/folder.h"

#define GOLDEN "tests/golden/checkpoint_write/"
#define DAMAGED "tests/golden/checkpoint/"
enum { MOST = 200 };

static firn_error err;

static firn_checkpoint *open_checkpoint(const char *prefix) {
  firn_checkpoint *ck = NULL;
  CHECK_OK(firn_checkpoint_open(prefix, NULL, &ck, &err), &err);
  CHECK(firn_checkpoint_count(ck) <= MOST);
  return ck;
}

/* All tensors, under their own names, last first: the copy sorts them. */
static size_t list(const firn_checkpoint *ck, firn_checkpoint_item *items) {
  const size_t count = firn_checkpoint_count(ck);
  for (size_t i = 0; i < count; i++)
    items[count - 1 - i] = (firn_checkpoint_item){
        .name = firn_checkpoint_at(ck, i).name, .from = ck, .tensor = i};
  return count;
}

static firn_code copy(const char *from, const char *to,
                      const firn_checkpoint_copy_options *o,
                      const firn_options *options, firn_error *why) {
  firn_checkpoint_item items[MOST];
  firn_checkpoint *ck = NULL;
  FIRN_TRY(firn_checkpoint_open(from, options, &ck, why));
  const size_t count = list(ck, items);
  const firn_code code =
      firn_checkpoint_copy(items, count, to, o, options, why);
  firn_checkpoint_close(ck);
  return code;
}

static void check_same_bytes(const char *have_path, const char *want_path) {
  firn_file *have = NULL, *want = NULL;
  CHECK_OK(firn_file_open(have_path, NULL, &have, &err), &err);
  CHECK_OK(firn_file_open(want_path, NULL, &want, &err), &err);
  CHECK_EQ(have->bytes.size, want->bytes.size);
  assert_memory_equal(have->bytes.data, want->bytes.data, want->bytes.size);
  firn_file_close(have);
  firn_file_close(want);
}

/* Every tensor of one is in the other, and equal. */
static void check_equal(const char *a_prefix, const char *b_prefix) {
  firn_checkpoint *a = open_checkpoint(a_prefix);
  firn_checkpoint *b = open_checkpoint(b_prefix);
  CHECK_EQ(firn_checkpoint_count(a), firn_checkpoint_count(b));
  for (size_t i = 0; i < firn_checkpoint_count(a); i++) {
    firn_difference d;
    const size_t k = firn_checkpoint_lookup(b, firn_checkpoint_at(a, i).name);
    CHECK(k != SIZE_MAX);
    const firn_code code = firn_checkpoint_compare(a, i, b, k, NULL, &d, &err);
    /* One of TensorFlow's lacks slices, and so does its copy. */
    if (code == FIRN_DATA_LOSS && firn_checkpoint_at(a, i).slices)
      CHECK_HAS(err.message, "its slices leave out");
    else
      CHECK_OK(code, &err);
    CHECK_EQ(d.count, 0);
  }
  firn_checkpoint_close(a);
  firn_checkpoint_close(b);
}

TEST_FN(a_copy_has_the_same_bytes) {
  static const struct {
    const char *name;
    int version;
    const char *files[2];
  } rows[] =
      {
          {"v2_types", 2, {".index", ".data-00000-of-00001"}},
          {"v2_shapes", 2, {".index", ".data-00000-of-00001"}},
          {"v2_slices", 2, {".index", ".data-00000-of-00001"}},
          {"v1_types", 1, {""}},
          {"v1_shapes", 1, {""}},
          {"v1_slices", 1, {""}},
      },
    *row;
  char folder[FOLDER_ROOM], to[FOLDER_ROOM], path[FOLDER_ROOM];
  folder_new(folder);
  EACH (row, rows) {
    const firn_checkpoint_copy_options o = {.size = sizeof o,
                                            .version = row->version};
    char from[200];
    snprintf(from, sizeof from, GOLDEN "%s", row->name);
    folder_path(to, folder, row->name);
    CHECK_OK(copy(from, to, &o, NULL, &err), &err);
    for (size_t i = 0; i < 2 && row->files[i]; i++) {
      char want[300];
      snprintf(want, sizeof want, GOLDEN "%s%s", row->name, row->files[i]);
      snprintf(path, sizeof path, "%.400s%s", to, row->files[i]);
      check_same_bytes(path, want);
    }
  }
  folder_remove(folder);
}

TEST_FN(the_other_version_holds_the_same) {
  static const struct {
    const char *name;
    firn_checkpoint_copy_options o;
  } rows[] =
      {
          {"v1_types", {.version = 2}},  {"v1_shapes", {.version = 2}},
          {"v1_slices", {.version = 2}}, {"v2_shapes", {.version = 1}},
          {"v2_slices", {.version = 1}}, {"v2_shards", {.version = 1}},
          {"v2_types", {.shards = 7}},   {"v2_slices", {.shards = 3}},
          {"v2_shards", {.shards = 1}},

      },
    *row;
  char folder[FOLDER_ROOM], to[FOLDER_ROOM];
  folder_new(folder);
  EACH (row, rows) {
    firn_checkpoint_copy_options o = row->o;
    char from[200], name[20];
    o.size = sizeof o;
    snprintf(from, sizeof from, GOLDEN "%s", row->name);
    snprintf(name, sizeof name, "copy-%zu", (size_t)(row - rows));
    folder_path(to, folder, name);
    CHECK_OK(copy(from, to, &o, NULL, &err), &err);
    check_equal(from, to);
    check_equal(to, from);
    firn_checkpoint *ck = open_checkpoint(to);
    CHECK_EQ(firn_checkpoint_version(ck), o.version == 1 ? 1 : 2);
    for (size_t i = 0; o.merge_slices && i < firn_checkpoint_count(ck); i++)
      CHECK_EQ(firn_checkpoint_at(ck, i).slices, 0);
    firn_checkpoint_close(ck);
  }
  folder_remove(folder);
}

TEST_FN(shards_are_filled_alike) {
  enum { N = 16 };
  static float zeros[1000];
  const firn_shape shape = firn_shape_vector(1000);
  const firn_checkpoint_copy_options o = {.size = sizeof o, .shards = 4};
  char folder[FOLDER_ROOM], to[FOLDER_ROOM], again[FOLDER_ROOM], names[N][2];
  firn_checkpoint_item items[N];
  firn_tensor *t = NULL;
  folder_new(folder);
  folder_path(to, folder, "one");
  folder_path(again, folder, "four");
  CHECK_OK(firn_tensor_make(FIRN_FLOAT, &shape, NULL, &t, &err), &err);
  memcpy(t->data, zeros, sizeof zeros);
  for (int i = 0; i < N; i++) {
    names[i][0] = (char)('a' + i);
    items[i] = (firn_checkpoint_item){.name = {names[i], 1}, .value = t};
  }
  CHECK_OK(firn_checkpoint_copy(items, N, to, NULL, NULL, &err), &err);
  CHECK_OK(copy(to, again, &o, NULL, &err), &err);
  for (int i = 0; i < 4; i++) {
    char path[FOLDER_ROOM];
    struct stat st;
    snprintf(path, sizeof path, "%.400s.data-%05d-of-00004", again, i);
    CHECK_EQ(stat(path, &st), 0);
    CHECK_EQ(st.st_size, 4 * (long)sizeof zeros);
  }
  firn_tensor_release(t);
  folder_remove(folder);
}

#define REFUSES(call, want, says)      \
  do {                                 \
    CHECK_EQ((call), (want));          \
    CHECK_HAS(err.message, (says));    \
    CHECK_EQ(folder_count(folder), 0); \
  } while (0)

TEST_FN(refuses_what_cannot_be) {
  char folder[FOLDER_ROOM], to[FOLDER_ROOM];
  firn_checkpoint_item items[2 * MOST];
  folder_new(folder);
  folder_path(to, folder, "c");
  const firn_checkpoint_copy_options first = {.size = sizeof first,
                                              .version = 1};
  REFUSES(copy(DAMAGED "data_checksum", to, NULL, NULL, &err), FIRN_DATA_LOSS,
          "' to checkpoint '");
  CHECK_HAS(err.message, "has checksum");
  REFUSES(copy(DAMAGED "slices_gap", to,
               &(firn_checkpoint_copy_options){.size = sizeof first,
                                               .merge_slices = true},
               NULL, &err),
          FIRN_DATA_LOSS, "its slices leave out");
  REFUSES(copy(GOLDEN "v2_types", to, &first, NULL, &err), FIRN_UNIMPLEMENTED,
          "checkpoints of version 1 have no values of type");
  REFUSES(copy(GOLDEN "v2_types", "/no/such/place", NULL, NULL, &err),
          FIRN_NOT_FOUND, "no such file or directory");

  firn_checkpoint *ck = open_checkpoint(GOLDEN "v2_shapes");
  const size_t count = list(ck, items);
  list(ck, items + count);
  REFUSES(firn_checkpoint_copy(items, 2 * count, to, NULL, NULL, &err),
          FIRN_INVALID_ARGUMENT, "a tensor of that name was added before");
  firn_checkpoint_close(ck);
  folder_remove(folder);
}

static firn_code scenario(const firn_allocator *alloc, void *ctx) {
  const firn_options options = {.size = sizeof options, .allocator = alloc};
  const firn_checkpoint_copy_options *o = ctx;
  const char *from =
      o->merge_slices ? "tests/golden/tiny/pieces" : GOLDEN "v2_slices";
  char folder[FOLDER_ROOM], to[FOLDER_ROOM];
  folder_new(folder);
  folder_path(to, folder, "c");
  const firn_code code = copy(from, to, o, &options, NULL);
  if (code != FIRN_OK) CHECK_EQ(folder_count(folder), 0);
  folder_remove(folder);
  return code;
}

TEST_FN(survives_short_memory) {
  firn_checkpoint_copy_options o = {.size = sizeof o, .shards = 2};
  failing_check(scenario, &o);
  o.merge_slices = true;
  failing_check(scenario, &o);
}

/* ---- Comparing ------------------------------------------------------------
 */

/* One float tensor 'x' and one string tensor 's'. */
static void write_pair(const char *prefix, const float *x, size_t count,
                       const char *text, int version) {
  const firn_shape shape = firn_shape_vector((int64_t)count);
  const firn_shape scalar = firn_shape_scalar();
  const firn_checkpoint_copy_options o = {.size = sizeof o, .version = version};
  firn_tensor *t = NULL, *s = NULL;
  CHECK_OK(firn_tensor_make(FIRN_FLOAT, &shape, NULL, &t, &err), &err);
  memcpy(t->data, x, count * sizeof *x);
  CHECK_OK(firn_tensor_make(FIRN_STRING, &scalar, NULL, &s, &err), &err);
  CHECK_OK(firn_tensor_set_string(s, 0, firn_str_of(text), &err), &err);
  const firn_checkpoint_item items[] = {{.name = {"x", 1}, .value = t},
                                        {.name = {"s", 1}, .value = s}};
  CHECK_OK(firn_checkpoint_copy(items, 2, prefix, &o, NULL, &err), &err);
  firn_tensor_release(t);
  firn_tensor_release(s);
}

/* A difference behind the first window is found, whatever lies in memory. */
TEST_FN(finds_differences_far_behind) {
  enum { N = 700000 };
  static float x[N], y[N];
  char folder[FOLDER_ROOM], pa[FOLDER_ROOM], pb[FOLDER_ROOM];
  folder_new(folder);
  folder_path(pa, folder, "a");
  folder_path(pb, folder, "b");
  for (int i = 0; i < N; i++) x[i] = y[i] = (float)i;
  y[600000] += 2;
  y[3] += 1;
  for (int version = 1; version <= 2; version++) {
    write_pair(pa, x, N, "same", 2);
    write_pair(pb, y, N, "other", version);
    if (version == 1) {
      char index[FOLDER_ROOM];
      snprintf(index, sizeof index, "%.400s.index", pb);
      CHECK(access(index, F_OK) != 0);
    }
    firn_checkpoint *a = open_checkpoint(pa), *b = open_checkpoint(pb);
    firn_difference d;
    CHECK_OK(firn_checkpoint_compare(a, 1, b, 1, NULL, &d, &err), &err);
    CHECK_EQ(d.elements, N);
    CHECK_EQ(d.count, 2);
    CHECK_EQ(d.first, 3);
    CHECK(d.absolute == 2);
    CHECK(d.relative == 0.25);
    const firn_tolerance loose = {.absolute = 1};
    CHECK_OK(firn_checkpoint_compare(a, 1, b, 1, &loose, &d, &err), &err);
    CHECK_EQ(d.count, 1);
    CHECK_EQ(d.first, 600000);
    CHECK_OK(firn_checkpoint_compare(a, 0, b, 0, NULL, &d, &err), &err);
    CHECK_EQ(d.count, 1);
    CHECK_EQ(firn_checkpoint_compare(a, 0, b, 1, NULL, &d, &err),
             FIRN_INVALID_ARGUMENT);
    CHECK_STR(err.message, "'s' and 'x' are of different type or shape");
    firn_checkpoint_close(a);
    firn_checkpoint_close(b);
  }
  folder_remove(folder);
}

TEST_FN(damage_is_no_difference) {
  firn_checkpoint *a = open_checkpoint(DAMAGED "data_checksum");
  firn_difference d;
  size_t failed = 0;
  for (size_t i = 0; i < firn_checkpoint_count(a); i++)
    failed +=
        firn_checkpoint_compare(a, i, a, i, NULL, &d, &err) == FIRN_DATA_LOSS;
  CHECK_EQ(failed, 1);
  CHECK_HAS(err.message, "has checksum");
  firn_checkpoint_close(a);
}

SUITE(checkpoint_copy, TEST(a_copy_has_the_same_bytes),
      TEST(the_other_version_holds_the_same), TEST(shards_are_filled_alike),
      TEST(refuses_what_cannot_be), TEST(survives_short_memory),
      TEST(finds_differences_far_behind), TEST(damage_is_no_difference));
