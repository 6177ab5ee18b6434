/* What firn writes is what TensorFlow writes: each golden checkpoint (made by
 * oracle/make_checkpoint_golden.py) is read, written again, and has the same
 * bytes. And a name always stands for a whole checkpoint. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>

#include "base/crc32c.h"
#include "checkpoint/checkpoint.h"
#include "support/failing.h"
#include "support/folder.h"
#include "support/golden.h"

#define GOLDEN "tests/golden/checkpoint_write/"

/* ---- Copying --------------------------------------------------------------
 */

static firn_code copy_slices(const firn_checkpoint *ck, size_t i,
                             firn_checkpoint_writer *w, firn_error *err) {
  const firn_checkpoint_entry e = firn_checkpoint_at(ck, i);
  char name[100];
  snprintf(name, sizeof name, "%.*s", FIRN_ARG(e.name));
  for (size_t k = 0; k < e.slices; k++) {
    const firn_slice slice = firn_checkpoint_slice_at(ck, i, k);
    firn_tensor *part = NULL;
    FIRN_TRY(firn_checkpoint_read_slice(ck, name, &slice, &part, err));
    const firn_code code =
        firn_checkpoint_writer_add_slice(w, name, &e.shape, &slice, part, err);
    firn_tensor_release(part);
    FIRN_TRY(code);
  }
  return FIRN_OK;
}

static firn_code copy_all(const firn_checkpoint *ck, firn_checkpoint_writer *w,
                          firn_error *err) {
  for (size_t i = 0; i < firn_checkpoint_count(ck); i++) {
    const firn_checkpoint_entry e = firn_checkpoint_at(ck, i);
    char name[100];
    firn_tensor *tensor = NULL;
    if (e.slices) {
      FIRN_TRY(copy_slices(ck, i, w, err));
      continue;
    }
    snprintf(name, sizeof name, "%.*s", FIRN_ARG(e.name));
    FIRN_TRY(firn_checkpoint_read(ck, name, &tensor, err));
    const firn_code code = firn_checkpoint_writer_add(w, name, tensor, err);
    firn_tensor_release(tensor);
    FIRN_TRY(code);
  }
  return FIRN_OK;
}

static firn_code copy(const char *from, const char *to, int version,
                      const firn_options *options, firn_error *err) {
  const firn_checkpoint_writer_options wanted = {.size = sizeof wanted,
                                                 .version = version};
  firn_checkpoint *ck = NULL;
  firn_checkpoint_writer *w = NULL;
  FIRN_TRY(firn_checkpoint_open(from, NULL, &ck, err));
  firn_code code = firn_checkpoint_writer_create(to, &wanted, options, &w, err);
  if (code == FIRN_OK) code = copy_all(ck, w, err);
  if (code == FIRN_OK)
    code = firn_checkpoint_writer_commit(w, err);
  else
    firn_checkpoint_writer_abandon(w);
  firn_checkpoint_close(ck);
  return code;
}

static void check_same(const char *have_path, const char *want_path) {
  firn_error err = FIRN_ERROR_INIT;
  firn_file *have = NULL, *want = NULL;
  CHECK_OK(firn_file_open(have_path, NULL, &have, &err), &err);
  CHECK_OK(firn_file_open(want_path, NULL, &want, &err), &err);
  CHECK_EQ(have->bytes.size, want->bytes.size);
  assert_memory_equal(have->bytes.data, want->bytes.data, want->bytes.size);
  firn_file_close(have);
  firn_file_close(want);
}

TEST_FN(writes_the_bytes_of_tensorflow) {
  static const struct {
    const char *name;
    int version;
    const char *files[3];
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
    firn_error err = FIRN_ERROR_INIT;
    char from[200];
    snprintf(from, sizeof from, GOLDEN "%s", row->name);
    folder_path(to, folder, row->name);
    CHECK_OK(copy(from, to, row->version, NULL, &err), &err);
    for (size_t i = 0; i < 3 && row->files[i]; i++) {
      char want[300];
      snprintf(want, sizeof want, GOLDEN "%s%s", row->name, row->files[i]);
      snprintf(path, sizeof path, "%.400s%s", to, row->files[i]);
      check_same(path, want);
    }
  }
  folder_remove(folder);
}

/* ---- Several shards --------------------------------------------------------
 */

static firn_tensor *numbers(firn_dtype dtype, const firn_shape *shape,
                            const void *data) {
  firn_tensor *t = NULL;
  CHECK_EQ(firn_tensor_make(dtype, shape, NULL, &t, NULL), FIRN_OK);
  if (t->count) memcpy(t->data, data, firn_tensor_bytes(t));
  return t;
}

static void add(firn_checkpoint_writer *w, const char *name, firn_tensor *t) {
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_checkpoint_writer_add(w, name, t, &err), &err);
  firn_tensor_release(t);
}

static void add_slice(firn_checkpoint_writer *w, int64_t start,
                      const int32_t *data) {
  firn_error err = FIRN_ERROR_INIT;
  const firn_shape full = {.rank = 2, .dims = {4, 5}};
  const firn_shape part = {.rank = 2, .dims = {2, 5}};
  const firn_slice slice = {.rank = 2, .start = {start, 0}, .extent = {2, -1}};
  firn_tensor *t = numbers(FIRN_INT32, &part, data);
  CHECK_OK(firn_checkpoint_writer_add_slice(w, "w", &full, &slice, t, &err),
           &err);
  firn_tensor_release(t);
}

/* What the golden shards hold: 0 the text, 1 b and the upper half of w, 2 a and
 * the lower half. */
static void add_shard(firn_checkpoint_writer *w, int shard) {
  int32_t x[20];
  const float b[] = {1, 2};
  const int32_t a = 3;
  const firn_shape two = firn_shape_vector(2), scalar = firn_shape_scalar();
  for (int i = 0; i < 20; i++) x[i] = i;
  if (shard == 0) {
    firn_tensor *t = NULL;
    CHECK_EQ(firn_tensor_make(FIRN_STRING, &scalar, NULL, &t, NULL), FIRN_OK);
    CHECK_EQ(firn_tensor_set_string(t, 0, FIRN_STR("text"), NULL), FIRN_OK);
    add(w, "c", t);
  } else if (shard == 1) {
    add(w, "b", numbers(FIRN_FLOAT, &two, b));
    add_slice(w, 0, x);
  } else {
    add(w, "a", numbers(FIRN_INT32, &scalar, &a));
    add_slice(w, 2, x + 10);
  }
}

static void check_shards(const char *prefix) {
  static const char *const files[] = {".index", ".data-00000-of-00003",
                                      ".data-00001-of-00003",
                                      ".data-00002-of-00003"};
  for (size_t i = 0; i < FIRN_COUNT(files); i++) {
    char have[FOLDER_ROOM], want[200];
    snprintf(have, sizeof have, "%.400s%s", prefix, files[i]);
    snprintf(want, sizeof want, GOLDEN "v2_shards%s", files[i]);
    check_same(have, want);
  }
}

TEST_FN(writes_several_shards) {
  firn_error err = FIRN_ERROR_INIT;
  char folder[FOLDER_ROOM], to[FOLDER_ROOM];
  const firn_checkpoint_writer_options wanted = {.size = sizeof wanted,
                                                 .shards = 3};
  firn_checkpoint_writer *w = NULL;
  folder_new(folder);
  folder_path(to, folder, "v2_shards");
  CHECK_OK(firn_checkpoint_writer_create(to, &wanted, NULL, &w, &err), &err);
  for (int i = 0; i < 3; i++) {
    CHECK_OK(firn_checkpoint_writer_shard(w, i, &err), &err);
    add_shard(w, i);
  }
  CHECK_EQ(firn_checkpoint_writer_shard(w, 3, &err), FIRN_INVALID_ARGUMENT);
  CHECK_OK(firn_checkpoint_writer_commit(w, &err), &err);
  check_shards(to);
  CHECK_EQ(folder_count(folder), 4);
  folder_remove(folder);
}

static void write_part(const char *prefix, int shard) {
  firn_error err = FIRN_ERROR_INIT;
  firn_checkpoint_writer *w = NULL;
  CHECK_OK(firn_checkpoint_writer_create(prefix, NULL, NULL, &w, &err), &err);
  add_shard(w, shard);
  CHECK_OK(firn_checkpoint_writer_commit(w, &err), &err);
}

TEST_FN(merges_checkpoints_as_tensorflow_does) {
  firn_error err = FIRN_ERROR_INIT;
  char folder[FOLDER_ROOM], temp[FOLDER_ROOM], part[4][FOLDER_ROOM],
      to[FOLDER_ROOM];
  const char *parts[4];
  folder_new(folder);
  folder_path(temp, folder, "all_temp");
  CHECK_OK(firn_folder_make(temp, &err), &err);
  for (int i = 0; i < 4; i++) {
    char name[20];
    snprintf(name, sizeof name, "part-%d", i);
    folder_path(part[i], temp, name);
    if (i < 3) write_part(part[i], i);
    parts[i] = part[i];
  }
  folder_path(to, folder, "all");

  CHECK_EQ(firn_checkpoint_merge(parts, 4, to, NULL, NULL, &err),
           FIRN_NOT_FOUND);
  const char *const twice[] = {part[0], part[0]};
  CHECK_EQ(firn_checkpoint_merge(twice, 2, to, NULL, NULL, &err),
           FIRN_INVALID_ARGUMENT);
  CHECK_HAS(err.message, "'c' is in an earlier part too");

  const firn_checkpoint_merge_options o = {.size = sizeof o,
                                           .allow_missing = true};
  CHECK_OK(firn_checkpoint_merge(parts, 4, to, &o, NULL, &err), &err);
  check_shards(to);
  CHECK_EQ(folder_count(folder), 4); /* the folder of the parts is gone */
  folder_remove(folder);
}

/* ---- Many -------------------------------------------------------------------
 */

TEST_FN(writes_many_blocks) {
  char folder[FOLDER_ROOM], path[FOLDER_ROOM];
  const firn_shape scalar = firn_shape_scalar();
  firn_error err = FIRN_ERROR_INIT;
  folder_new(folder);
  for (int version = 1; version <= 2; version++) {
    const firn_checkpoint_writer_options wanted = {.size = sizeof wanted,
                                                   .version = version};
    firn_checkpoint_writer *w = NULL;
    folder_path(path, folder, version == 1 ? "v1_many" : "v2_many");
    CHECK_OK(firn_checkpoint_writer_create(path, &wanted, NULL, &w, &err),
             &err);
    for (int32_t i = 0; i < 5000; i++) {
      char middle[60] = {0}, name[100];
      memset(middle, "abcdefgh"[i % 8], (size_t)(40 + i % 13));
      snprintf(name, sizeof name, "layer_%04d/%s/weights", i, middle);
      add(w, name, numbers(FIRN_INT32, &scalar, &i));
    }
    CHECK_OK(firn_checkpoint_writer_commit(w, &err), &err);
  }
  golden g;
  golden_open(&g, GOLDEN "many.json");
  while (golden_next(&g)) {
    firn_file *file = NULL;
    folder_path(path, folder, golden_str(&g, "name"));
    CHECK_OK(firn_file_open(path, NULL, &file, &err), &err);
    CHECK_EQ(file->bytes.size, golden_i64(&g, "size", 0));
    CHECK_EQ(firn_crc32c(file->bytes.data, file->bytes.size),
             strtoul(golden_str(&g, "crc"), NULL, 10));
    firn_file_close(file);
  }
  golden_close(&g);
  folder_remove(folder);
}

/* ---- What is refused ---------------------------------------------------- */

TEST_FN(refuses_what_makes_no_sense) {
  firn_error err = FIRN_ERROR_INIT;
  char folder[FOLDER_ROOM], to[FOLDER_ROOM];
  firn_checkpoint_writer *w = NULL;
  const firn_shape full = {.rank = 2, .dims = {4, 5}};
  const firn_shape other = {.rank = 2, .dims = {6, 5}};
  const firn_shape half = {.rank = 2, .dims = {2, 5}};
  const firn_slice slice = {.rank = 2, .start = {2, 0}, .extent = {2, -1}};
  const firn_slice out = {.rank = 2, .start = {3, 0}, .extent = {2, -1}};
  int32_t x[20] = {0};
  folder_new(folder);
  folder_path(to, folder, "new");
  firn_tensor *t = numbers(FIRN_INT32, &half, x);
  firn_tensor *f = numbers(FIRN_FLOAT, &half, x);
  CHECK_OK(firn_checkpoint_writer_create(to, NULL, NULL, &w, &err), &err);

#define REFUSES(call, code, says) \
  do {                            \
    CHECK_EQ(call, code);         \
    CHECK_HAS(err.message, says); \
  } while (0)
  CHECK_OK(firn_checkpoint_writer_add(w, "a", t, &err), &err);
  REFUSES(firn_checkpoint_writer_add(w, "a", t, &err), FIRN_INVALID_ARGUMENT,
          "writing 'a' to checkpoint '");
  REFUSES(firn_checkpoint_writer_add(w, "a", t, &err), FIRN_INVALID_ARGUMENT,
          "a tensor of that name was added before");
  REFUSES(firn_checkpoint_writer_add(w, "", t, &err), FIRN_INVALID_ARGUMENT,
          "a tensor's name is not empty");
  CHECK_OK(firn_checkpoint_writer_add_slice(w, "w", &full, &slice, t, &err),
           &err);
  REFUSES(firn_checkpoint_writer_add_slice(w, "w", &full, &slice, t, &err),
          FIRN_INVALID_ARGUMENT, "slice '2,2:-' was added before");
  REFUSES(firn_checkpoint_writer_add_slice(w, "w", &other, &slice, t, &err),
          FIRN_INVALID_ARGUMENT,
          "a slice of a int32 tensor of shape [6,5], the one before was of "
          "int32 [4,5]");
  REFUSES(firn_checkpoint_writer_add_slice(w, "w", &full, &slice, f, &err),
          FIRN_INVALID_ARGUMENT, "a slice of a float32 tensor");
  REFUSES(firn_checkpoint_writer_add_slice(w, "v", &full, &out, t, &err),
          FIRN_OUT_OF_RANGE, "slice starts at 3 with extent 2 on axis 0");
  firn_checkpoint_writer_abandon(w);
  CHECK_EQ(folder_count(folder), 0);

  const firn_checkpoint_writer_options third = {.size = sizeof third,
                                                .version = 3};
  REFUSES(firn_checkpoint_writer_create(to, &third, NULL, &w, &err),
          FIRN_INVALID_ARGUMENT, "of version 1 or 2, not 3");
  REFUSES(firn_checkpoint_writer_create("/no/such/place", NULL, NULL, &w, &err),
          FIRN_NOT_FOUND,
          "writing checkpoint '/no/such/place': cannot write "
          "'/no/such/place.data-00000-of-00001': no such file or directory");
  firn_tensor_release(t);
  firn_tensor_release(f);
  folder_remove(folder);
}

static firn_code scenario(const firn_allocator *alloc, void *ctx) {
  const firn_options options = {.size = sizeof options, .allocator = alloc};
  char folder[FOLDER_ROOM], to[FOLDER_ROOM];
  const int version = *(const int *)ctx;
  folder_new(folder);
  folder_path(to, folder, "c");
  const firn_code code =
      copy(version == 1 ? GOLDEN "v1_slices" : GOLDEN "v2_slices", to, version,
           &options, NULL);
  if (code != FIRN_OK) CHECK_EQ(folder_count(folder), 0);
  folder_remove(folder);
  return code;
}

TEST_FN(survives_short_memory) {
  int version = 1;
  failing_check(scenario, &version);
  version = 2;
  failing_check(scenario, &version);
}

/* ---- Kills -------------------------------------------------------------- */

enum { TENSORS = 4, KILLS = 200 };

static firn_code save_generation(const char *prefix, int32_t generation) {
  int32_t x[64];
  const firn_shape shape = firn_shape_vector(64);
  firn_checkpoint_writer *w = NULL;
  firn_tensor *t = NULL;
  for (int i = 0; i < 64; i++) x[i] = generation;
  FIRN_TRY(firn_checkpoint_writer_create(prefix, NULL, NULL, &w, NULL));
  FIRN_TRY(firn_tensor_make(FIRN_INT32, &shape, NULL, &t, NULL));
  memcpy(t->data, x, sizeof x);
  for (int i = 0; i < TENSORS; i++) {
    const char name[] = {(char)('a' + i), 0};
    FIRN_TRY(firn_checkpoint_writer_add(w, name, t, NULL));
  }
  firn_tensor_release(t);
  return firn_checkpoint_writer_commit(w, NULL);
}

/* The generation under that name; every tensor must be of the same one. */
static int32_t check_whole(const char *prefix) {
  firn_error err = FIRN_ERROR_INIT;
  firn_checkpoint *ck = NULL;
  int32_t found = -1;
  CHECK_OK(firn_checkpoint_open(prefix, NULL, &ck, &err), &err);
  CHECK_EQ(firn_checkpoint_count(ck), TENSORS);
  for (int i = 0; i < TENSORS; i++) {
    const char name[] = {(char)('a' + i), 0};
    firn_tensor *t = NULL;
    CHECK_OK(firn_checkpoint_read(ck, name, &t, &err), &err);
    const int32_t have = *(const int32_t *)t->data;
    if (found < 0) found = have;
    CHECK_EQ(have, found);
    firn_tensor_release(t);
  }
  firn_checkpoint_close(ck);
  return found;
}

/* A child saves without end and is killed somewhere. */
TEST_FN(is_whole_after_any_kill) {
  char folder[FOLDER_ROOM], to[FOLDER_ROOM];
  test_seed(1);
  folder_new(folder);
  folder_path(to, folder, "model");
  CHECK_EQ(save_generation(to, 1), FIRN_OK);
  int32_t newest = 1;
  for (int i = 0; i < KILLS; i++) {
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      for (int32_t k = newest + 1;; k++)
        if (save_generation(to, k) != FIRN_OK) _exit(1);
    }
    int status;
    usleep(test_random(3000));
    kill(child, SIGKILL);
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status));
    const int32_t found = check_whole(to);
    CHECK(found >= newest);
    newest = found;
  }
  folder_remove(folder);
}

SUITE(checkpoint_writer, TEST(writes_the_bytes_of_tensorflow),
      TEST(writes_several_shards), TEST(merges_checkpoints_as_tensorflow_does),
      TEST(writes_many_blocks), TEST(refuses_what_makes_no_sense),
      TEST(survives_short_memory), TEST(is_whole_after_any_kill));
