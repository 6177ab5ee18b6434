/* Reading and writing by path: formats told by content, members by brackets,
 * files that appear whole. */
#include "support/folder.h"
#include "support/test.h"
#include "tensor/tensor_file.h"

static char folder[FOLDER_ROOM];

static const char *path_of(const char *name) {
  static char path[FOLDER_ROOM];
  folder_path(path, folder, name);
  return path;
}

static void put(const char *name, const char *text) {
  folder_write(path_of(name), text, strlen(text));
}

static firn_tensor *from_json(const char *text) {
  const firn_env env = firn_env_from(NULL);
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *t = NULL;
  CHECK_OK(
      firn_json_tensor_parse((firn_bytes){(const uint8_t *)text, strlen(text)},
                             FIRN_INVALID, &env, &t, &err),
      &err);
  return t;
}

static void check_file(const char *name, const char *json) {
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *t = NULL;
  CHECK_OK(firn_tensor_read(path_of(name), FIRN_INVALID, NULL, &t, &err), &err);
  char *have = firn_tensor_json(t);
  CHECK_STR(have, json);
  free(have);
  firn_tensor_release(t);
}

TEST_FN(written_files_are_told_by_content) {
  static const char json[] = "[[1.5, 2.0], [-3.0, 0.1]]";
  firn_tensor *t = from_json(json);
  firn_tensor *strings = from_json("[\"a\", {\"b64\": \"/w==\"}]");
  const firn_tensor *both[] = {t, strings};
  const char *const names[] = {"numbers", "strings"};
  firn_error err = FIRN_ERROR_INIT;
  folder_new(folder);
  CHECK_OK(firn_tensor_write(t, path_of("a.npy"), &err), &err);
  CHECK_OK(firn_tensor_write(t, path_of("a.json"), &err), &err);
  CHECK_OK(firn_tensor_write(t, path_of("no-ending"), &err), &err);
  CHECK_OK(firn_tensor_write_npz(path_of("both.npz"), 2, names, both, &err),
           &err);
  CHECK_OK(firn_tensor_write_npz(path_of("one"), 1, names, both, &err), &err);
  check_file("a.npy", json);
  check_file("a.json", json);
  check_file("no-ending", json);
  check_file("one", json);
  check_file("one[numbers]", json);
  check_file("both.npz[numbers]", json);
  check_file("both.npz[strings.npy]", "[\"a\", {\"b64\": \"/w==\"}]");
  CHECK_EQ(folder_count(folder), 5);

  /* A file that has brackets in its own name. */
  CHECK_OK(firn_tensor_write(t, path_of("one[numbers]"), &err), &err);
  check_file("one[numbers]", json);
  firn_tensor_release(t);
  firn_tensor_release(strings);
  folder_remove(folder);
}

static void check_refused(const char *name, firn_code code, const char *says) {
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *t = NULL;
  char want[2 * FOLDER_ROOM];
  CHECK_EQ(firn_tensor_read(path_of(name), FIRN_INVALID, NULL, &t, &err), code);
  const char *bracket = strchr(name, '[');
  snprintf(want, sizeof want, "reading '%s/%.*s': %s", folder,
           bracket ? (int)(bracket - name) : (int)strlen(name), name, says);
  CHECK_STR(err.message, want);
  CHECK(t == NULL);
  firn_error_clear(&err);
}

TEST_FN(refusals_name_the_file) {
  firn_tensor *t = from_json("[1]");
  const firn_tensor *both[] = {t, t};
  const char *const names[] = {"a", "b"};
  firn_error err = FIRN_ERROR_INIT;
  folder_new(folder);
  put("text", "hello");
  put("empty", "");
  put("ragged", "[[1], 2]");
  put("short.npy", "\x93NUMPY");
  put("list.json", "[1]");
  CHECK_OK(firn_tensor_write_npz(path_of("two"), 2, names, both, &err), &err);
  check_refused("text", FIRN_INVALID_ARGUMENT,
                "neither .npy, .npz, JSON, PNG nor JPEG");
  check_refused("empty", FIRN_INVALID_ARGUMENT,
                "neither .npy, .npz, JSON, PNG nor JPEG");
  check_refused("ragged", FIRN_INVALID_ARGUMENT,
                "the lists are ragged: a number stands at [1], where others "
                "have a list");
  check_refused("short.npy", FIRN_DATA_LOSS, "the npy file ends after 6 bytes");
  check_refused("list.json[x]", FIRN_INVALID_ARGUMENT,
                "a member was named, and the file is no npz");
  check_refused("two", FIRN_INVALID_ARGUMENT,
                "the npz file has 2 members: name one as PATH[member]");
  check_refused("two[c]", FIRN_NOT_FOUND,
                "the npz file has no member 'c' among its 2");
  CHECK_EQ(firn_tensor_read(path_of("none"), FIRN_INVALID, NULL, &t, &err),
           FIRN_NOT_FOUND);
  CHECK_HAS(err.message, path_of("none"));
  firn_tensor_release((firn_tensor *)(uintptr_t)both[0]);
  folder_remove(folder);
}

TEST_FN(a_refused_write_leaves_the_old_file) {
  const firn_shape two = firn_shape_vector(2);
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *t = NULL;
  folder_new(folder);
  put("out.npy", "[1]");
  CHECK_OK(firn_tensor_make(FIRN_RESOURCE, &two, NULL, &t, &err), &err);
  CHECK_EQ(firn_tensor_write(t, path_of("out.npy"), &err), FIRN_UNIMPLEMENTED);
  CHECK_HAS(err.message, "writing '");
  CHECK_HAS(err.message, "a tensor of resource cannot be written as .npy");
  check_file("out.npy", "[1]");
  CHECK_EQ(folder_count(folder), 1);
  firn_tensor_release(t);
  folder_remove(folder);
}

TEST_FN(the_wish_reaches_the_reader) {
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *t = NULL;
  folder_new(folder);
  put("n.json", " [1, 2]\n");
  CHECK_OK(firn_tensor_read(path_of("n.json"), FIRN_BFLOAT16, NULL, &t, &err),
           &err);
  CHECK_EQ(t->dtype, FIRN_BFLOAT16);
  firn_tensor_release(t);
  folder_remove(folder);
}

SUITE(tensor_tensor_file, TEST(written_files_are_told_by_content),
      TEST(refusals_name_the_file), TEST(a_refused_write_leaves_the_old_file),
      TEST(the_wish_reaches_the_reader));
