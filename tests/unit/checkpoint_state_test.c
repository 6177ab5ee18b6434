/* Which checkpoint a state file means, also after its folder was moved. */
#include "base/file.h"
#include "firn/checkpoint.h"
#include "support/failing.h"
#include "support/folder.h"
#include "support/test.h"

static char folder[FOLDER_ROOM];

static const char *in_folder(const char *name) {
  static char path[FOLDER_ROOM];
  folder_path(path, folder, name);
  return path;
}

static void put(const char *name, const char *text) {
  folder_write(in_folder(name), text, strlen(text));
}

/* What stands behind the folder in a path. */
static const char *inside(const char *path) {
  const size_t size = strlen(folder);
  return !strncmp(path, folder, size) && path[size] == '/' ? path + size + 1
                                                           : path;
}

static firn_checkpoint_state *open_state(const char *text) {
  firn_error err = FIRN_ERROR_INIT;
  firn_checkpoint_state *state = NULL;
  put("checkpoint", text);
  CHECK_OK(firn_checkpoint_state_open(folder, NULL, &state, &err), &err);
  return state;
}

TEST_FN(finds_the_newest) {
  static const struct {
    const char *name, *text, *newest;
  } rows[] =
      {
          {"relative", "model_checkpoint_path: \"m-2\"", "m-2"},
          {"absolute and gone", "model_checkpoint_path: \"/gone/away/m-2\"",
           "m-2"},
          {"relative and moved", "model_checkpoint_path: \"sub/m-2\"", "m-2"},
          {"from another system",
           "model_checkpoint_path: \"C:\\\\runs\\\\m-2\"", "m-2"},
          {"V1", "model_checkpoint_path: \"/gone/old-1\"", "old-1"},
          {"V1 in shards",
           "model_checkpoint_path: \"/gone/cut-?????"
           "-of-00002\"",
           "cut-?????"
           "-of-00002"},
          {"nowhere", "model_checkpoint_path: \"/gone/m-9\"", "/gone/m-9"},
          {"nowhere, relative", "model_checkpoint_path: \"m-9\"", "m-9"},
      },
    *row;
  folder_new(folder);
  put("m-2.index", "");
  put("old-1", "");
  put("cut-00000-of-00002", "");
  put("cut-00001-of-00002", "");
  EACH (row, rows) {
    firn_checkpoint_state *state = open_state(row->text);
    CHECK_STR(inside(firn_checkpoint_state_newest(state)), row->newest);
    CHECK_EQ(firn_checkpoint_state_count(state), 1);
    firn_checkpoint_state_close(state);
  }
  folder_remove(folder);
}

TEST_FN(lists_all_oldest_first) {
  folder_new(folder);
  put("m-1.index", "");
  firn_checkpoint_state *state = open_state(
      "model_checkpoint_path: \"m-2\"\n"
      "all_model_checkpoint_paths: \"/gone/m-1\"\n"
      "all_model_checkpoint_paths: \"m-2\"\n"
      "all_model_checkpoint_timestamps: 1795255949.508282\n"
      "last_preserved_timestamp: 1795255949.48\n");
  CHECK_EQ(firn_checkpoint_state_count(state), 2);
  CHECK_STR(inside(firn_checkpoint_state_at(state, 0)), "m-1");
  CHECK_STR(inside(firn_checkpoint_state_at(state, 1)), "m-2");
  firn_checkpoint_state_close(state);
  folder_remove(folder);
}

TEST_FN(takes_a_file_of_another_name) {
  firn_error err = FIRN_ERROR_INIT;
  firn_checkpoint_state *state = NULL;
  folder_new(folder);
  put("best_state", "model_checkpoint_path: \"m-2\"");
  CHECK_OK(
      firn_checkpoint_state_open(in_folder("best_state"), NULL, &state, &err),
      &err);
  CHECK_STR(inside(firn_checkpoint_state_newest(state)), "m-2");
  firn_checkpoint_state_close(state);
  folder_remove(folder);
}

TEST_FN(stays_in_a_bare_folder) {
  firn_error err = FIRN_ERROR_INIT;
  firn_checkpoint_state *state = NULL;
  CHECK_OK(firn_checkpoint_state_open("tests/golden/tiny", NULL, &state, &err),
           &err);
  CHECK_STR(firn_checkpoint_state_newest(state), "tests/golden/tiny/tiny");
  firn_checkpoint_state_close(state);
}

TEST_FN(refuses_what_is_no_state) {
  static const struct {
    const char *name, *text;
    firn_code code;
    const char *says;
  } rows[] =
      {
          {"empty", "", FIRN_FAILED_PRECONDITION,
           "checkpoint': it names no newest checkpoint"},
          {"no newest", "all_model_checkpoint_paths: \"m-1\"",
           FIRN_FAILED_PRECONDITION,
           "checkpoint': it names no newest checkpoint"},
          {"not text", "\x80\x81\x82", FIRN_DATA_LOSS,
           "checkpoint': not a state file: "},
          {"another message", "node { name: \"x\" }", FIRN_DATA_LOSS,
           "checkpoint': not a state file: "},
      },
    *row;
  folder_new(folder);
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    firn_checkpoint_state *state = NULL;
    put("checkpoint", row->text);
    CHECK_EQ(firn_checkpoint_state_open(folder, NULL, &state, &err), row->code);
    CHECK_HAS(err.message, "reading state file '");
    CHECK_HAS(err.message, row->says);
    CHECK(state == NULL);
  }
  folder_remove(folder);
}

TEST_FN(says_that_there_is_none) {
  firn_error err = FIRN_ERROR_INIT;
  firn_checkpoint_state *state = NULL;
  CHECK_EQ(firn_checkpoint_state_open("tests/unit", NULL, &state, &err),
           FIRN_NOT_FOUND);
  CHECK_STR(err.message,
            "cannot open 'tests/unit/checkpoint': no such file or directory");
}

static firn_code open_and_close(const firn_allocator *alloc, void *ctx) {
  firn_options options = FIRN_OPTIONS_INIT;
  firn_checkpoint_state *state = NULL;
  options.allocator = alloc;
  const firn_code code =
      firn_checkpoint_state_open(ctx, &options, &state, NULL);
  firn_checkpoint_state_close(state);
  return code;
}

TEST_FN(survives_short_memory) {
  CHECK(failing_check(open_and_close, "tests/golden/tiny") > 2);
}

/* ---- Writing ------------------------------------------------------------- */

/* What TensorFlow's update_checkpoint_state_internal wrote for the same call;
 * paths that begin with '/' stand in the folder. */
TEST_FN(writes_as_tensorflow_does) {
  static const double times[] = {1.5, 3e9};
  static const struct {
    const char *name;
    bool relative;
    const char *newest, *all[2];
    const double *times;
    const char *want;
  } rows[] =
      {
          {"as it is",
           false,
           "a-1",
           {"a-0", "a-1"},
           NULL,
           "model_checkpoint_path: \"a-1\"\n"
           "all_model_checkpoint_paths: \"a-0\"\n"
           "all_model_checkpoint_paths: \"a-1\"\n"},
          {"the newest is added",
           false,
           "a-1",
           {"a-0"},
           NULL,
           "model_checkpoint_path: \"a-1\"\n"
           "all_model_checkpoint_paths: \"a-0\"\n"
           "all_model_checkpoint_paths: \"a-1\"\n"},
          {"relative",
           true,
           "/a-1",
           {"/sub/a-0"},
           NULL,
           "model_checkpoint_path: \"a-1\"\n"
           "all_model_checkpoint_paths: \"sub/a-0\"\n"
           "all_model_checkpoint_paths: \"a-1\"\n"},
          {"relative and elsewhere",
           true,
           "/../x/./a-1",
           {NULL},
           NULL,
           "model_checkpoint_path: \"../x/a-1\"\n"
           "all_model_checkpoint_paths: \"../x/a-1\"\n"},
          {"times",
           false,
           "a-1",
           {"a-0", "a-1"},
           times,
           "model_checkpoint_path: \"a-1\"\n"
           "all_model_checkpoint_paths: \"a-0\"\n"
           "all_model_checkpoint_paths: \"a-1\"\n"
           "all_model_checkpoint_timestamps: 1.5\n"
           "all_model_checkpoint_timestamps: 3000000000.0\n"},
      },
    *row;
  folder_new(folder);
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    char newest[FOLDER_ROOM + 100], first[FOLDER_ROOM + 100];
    const char *all[2] = {row->all[0], row->all[1]};
    snprintf(newest, sizeof newest, "%s%s", row->relative ? folder : "",
             row->newest);
    if (all[0]) {
      snprintf(first, sizeof first, "%s%s", row->relative ? folder : "",
               all[0]);
      all[0] = first;
    }
    const firn_checkpoint_state_options state = {
        .size = sizeof state,
        .newest = newest,
        .all = all,
        .count = (size_t)(all[0] != NULL) + (all[1] != NULL),
        .times = row->times,
        .relative = row->relative};
    CHECK_OK(firn_checkpoint_state_write(in_folder("checkpoint"), &state, NULL,
                                         &err),
             &err);
    firn_file *file = NULL;
    CHECK_OK(firn_file_open(in_folder("checkpoint"), NULL, &file, &err), &err);
    CHECK_EQ(file->bytes.size, strlen(row->want));
    assert_memory_equal(file->bytes.data, row->want, file->bytes.size);
    firn_file_close(file);
  }
  folder_remove(folder);
}

TEST_FN(refuses_a_state_file_over_its_checkpoint) {
  firn_error err = FIRN_ERROR_INIT;
  const firn_checkpoint_state_options state = {.size = sizeof state,
                                               .newest = "checkpoint"};
  CHECK_EQ(firn_checkpoint_state_write("checkpoint", &state, NULL, &err),
           FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message,
            "writing state file 'checkpoint': the newest checkpoint has the "
            "state file's own name");
}

/* ---- After a move -------------------------------------------------------- */

static int gone_count;
static void count_gone(void *ud, const char *prefix) {
  CHECK_STR(inside(prefix), ud);
  gone_count++;
}

/* What the state file says; paths in the folder begin with '@'. */
static void check_state(const char *want) {
  firn_error err = FIRN_ERROR_INIT;
  firn_file *file = NULL;
  char have[2000];
  size_t n = 0;
  CHECK_OK(firn_file_open(in_folder("checkpoint"), NULL, &file, &err), &err);
  const char *at = (const char *)file->bytes.data;
  const char *end = at + file->bytes.size;
  const size_t size = strlen(folder);
  while (at < end && n + 1 < sizeof have) {
    const bool is_folder =
        (size_t)(end - at) >= size && !memcmp(at, folder, size);
    have[n++] = is_folder ? '@' : *at;
    at += is_folder ? size : 1;
  }
  have[n] = 0;
  firn_file_close(file);
  CHECK_STR(have, want);
}

TEST_FN(follows_a_folder_that_was_moved) {
  static const char moved[] =
      "model_checkpoint_path: \"/old/run/m-2\"\n"
      "all_model_checkpoint_paths: \"/old/run/m-0\"\n"
      "all_model_checkpoint_paths: \"/old/run/m-1\"\n"
      "all_model_checkpoint_paths: \"/old/run/m-2\"\n"
      "all_model_checkpoint_timestamps: 1.5\n"
      "all_model_checkpoint_timestamps: 2.5\n"
      "all_model_checkpoint_timestamps: 3.5\n"
      "last_preserved_timestamp: 0.5\n";
  firn_error err = FIRN_ERROR_INIT;
  char gone[] = "/old/run/m-0";
  folder_new(folder);
  put("m-1.index", "");
  put("m-2.index", "");
  put("checkpoint", moved);
  gone_count = 0;
  CHECK_OK(firn_checkpoint_state_relocate(folder, false, count_gone, gone, NULL,
                                          &err),
           &err);
  CHECK_EQ(gone_count, 1);
  check_state(
      "model_checkpoint_path: \"@/m-2\"\n"
      "all_model_checkpoint_paths: \"@/m-1\"\n"
      "all_model_checkpoint_paths: \"@/m-2\"\n"
      "all_model_checkpoint_timestamps: 2.5\n"
      "all_model_checkpoint_timestamps: 3.5\n"
      "last_preserved_timestamp: 0.5\n");
  CHECK_OK(firn_checkpoint_state_relocate(folder, true, NULL, NULL, NULL, &err),
           &err);
  check_state(
      "model_checkpoint_path: \"m-2\"\n"
      "all_model_checkpoint_paths: \"m-1\"\n"
      "all_model_checkpoint_paths: \"m-2\"\n"
      "all_model_checkpoint_timestamps: 2.5\n"
      "all_model_checkpoint_timestamps: 3.5\n"
      "last_preserved_timestamp: 0.5\n");
  CHECK_OK(
      firn_checkpoint_state_relocate(folder, false, NULL, NULL, NULL, &err),
      &err);
  check_state(
      "model_checkpoint_path: \"@/m-2\"\n"
      "all_model_checkpoint_paths: \"@/m-1\"\n"
      "all_model_checkpoint_paths: \"@/m-2\"\n"
      "all_model_checkpoint_timestamps: 2.5\n"
      "all_model_checkpoint_timestamps: 3.5\n"
      "last_preserved_timestamp: 0.5\n");
  folder_remove(folder);
}

TEST_FN(does_not_follow_into_nothing) {
  static const char text[] = "model_checkpoint_path: \"/old/run/m-3\"\n";
  firn_error err = FIRN_ERROR_INIT;
  folder_new(folder);
  put("m-2.index", "");
  put("checkpoint", text);
  CHECK_EQ(
      firn_checkpoint_state_relocate(folder, false, NULL, NULL, NULL, &err),
      FIRN_NOT_FOUND);
  CHECK_HAS(err.message, "its newest checkpoint '/old/run/m-3' is gone");
  check_state(text);
  folder_remove(folder);
}

SUITE(checkpoint_state, TEST(finds_the_newest), TEST(lists_all_oldest_first),
      TEST(takes_a_file_of_another_name), TEST(stays_in_a_bare_folder),
      TEST(refuses_what_is_no_state), TEST(says_that_there_is_none),
      TEST(survives_short_memory), TEST(writes_as_tensorflow_does),
      TEST(refuses_a_state_file_over_its_checkpoint),
      TEST(follows_a_folder_that_was_moved),
      TEST(does_not_follow_into_nothing));
