/* What reading files promises: all bytes, the right code, the system's reason.
 */
#include "base/file.h"

#include "support/failing.h"
#include "support/folder.h"
#include "support/test.h"

static char folder[FOLDER_ROOM], path[FOLDER_ROOM];
static uint8_t content[300000];

static void set_up(size_t size) {
  for (size_t i = 0; i < sizeof content; i++) content[i] = (uint8_t)(i * i / 7);
  folder_new(folder);
  folder_path(path, folder, "file");
  folder_write(path, content, size);
}

TEST_FN(open_gives_all_bytes) {
  firn_file *file = NULL;
  firn_error err = FIRN_ERROR_INIT;
  set_up(sizeof content);
  CHECK_OK(firn_file_open(path, NULL, &file, &err), &err);
  CHECK_EQ(file->bytes.size, sizeof content);
  CHECK(!memcmp(file->bytes.data, content, sizeof content));
  firn_file_close(file);
  firn_file_close(NULL);
  folder_remove(folder);
}

TEST_FN(empty_file_has_no_bytes) {
  firn_file *file = NULL;
  firn_error err = FIRN_ERROR_INIT;
  set_up(0);
  CHECK_OK(firn_file_open(path, NULL, &file, &err), &err);
  CHECK_EQ(file->bytes.size, 0);
  CHECK_OK(firn_file_pread(file, 0, content, 0, &err), &err);
  firn_file_forget(file, 0, 10);
  firn_file_close(file);
  folder_remove(folder);
}

TEST_FN(refusals_say_why) {
  firn_file *file = (firn_file *)&content;
  firn_error err = FIRN_ERROR_INIT;
  char want[FOLDER_ROOM + 80], inner[FOLDER_ROOM];
  set_up(5);

  CHECK_EQ(firn_file_open("no/such/file", NULL, &file, &err), FIRN_NOT_FOUND);
  CHECK_STR(err.message,
            "cannot open 'no/such/file': no such file or directory");
  CHECK(file == NULL);

  CHECK_EQ(firn_file_open(folder, NULL, &file, &err), FIRN_INVALID_ARGUMENT);
  snprintf(want, sizeof want, "cannot open '%s': is a directory", folder);
  CHECK_STR(err.message, want);

  folder_path(inner, folder, "file/inner");
  CHECK_EQ(firn_file_open(inner, NULL, &file, &err), FIRN_NOT_FOUND);
  CHECK_HAS(err.message, "': a part of the path is not a directory");

  chmod(path, 0);
  if (access(path, R_OK) != 0) { /* root may read everything */
    CHECK_EQ(firn_file_open(path, NULL, &file, &err), FIRN_PERMISSION_DENIED);
    CHECK_HAS(err.message, "': permission denied");
  }
  CHECK_EQ(firn_file_open("", NULL, &file, NULL), FIRN_NOT_FOUND);
  folder_remove(folder);
}

/* Through a name of the descriptor, as a shell's <(command) gives. */
TEST_FN(pipe_is_read_whole) {
  int ends[2];
  char name[32];
  uint8_t part[100];
  firn_file *file = NULL;
  firn_error err = FIRN_ERROR_INIT;
  for (size_t i = 0; i < sizeof content; i++) content[i] = (uint8_t)(i * 3);
  CHECK_EQ(pipe(ends), 0);
  CHECK_EQ(write(ends[1], content, 5000), 5000);
  close(ends[1]);
  snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
  CHECK_OK(firn_file_open(name, NULL, &file, &err), &err);
  close(ends[0]);
  CHECK_EQ(file->bytes.size, 5000);
  CHECK(!memcmp(file->bytes.data, content, 5000));
  CHECK_OK(firn_file_pread(file, 1000, part, sizeof part, &err), &err);
  CHECK(!memcmp(part, content + 1000, sizeof part));
  firn_file_forget(file, 0, 5000);
  CHECK(!memcmp(file->bytes.data, content, 5000));
  firn_file_close(file);
}

static firn_code read_nothing(const firn_allocator *alloc, void *ctx) {
  FIRN_UNUSED(ctx);
  firn_file *file = NULL;
  const firn_code code = firn_file_open("/dev/null", alloc, &file, NULL);
  if (code == FIRN_OK) CHECK_EQ(file->bytes.size, 0);
  firn_file_close(file);
  return code;
}

TEST_FN(short_memory_is_told) {
  CHECK_EQ(failing_check(read_nothing, NULL), 2);
}

TEST_FN(pread_copies_and_keeps_to_the_file) {
  firn_file *file = NULL;
  firn_error err = FIRN_ERROR_INIT;
  uint8_t part[1000];
  set_up(sizeof content);
  CHECK_OK(firn_file_open(path, NULL, &file, &err), &err);
  CHECK_OK(firn_file_pread(file, 12345, part, sizeof part, &err), &err);
  CHECK(!memcmp(part, content + 12345, sizeof part));
  CHECK_OK(firn_file_pread(file, sizeof content, part, 0, &err), &err);
  CHECK_EQ(firn_file_pread(file, 299999, part, 2, &err), FIRN_DATA_LOSS);
  CHECK_STR(err.message, "2 bytes at offset 299999 run past the end (300000)");
  CHECK_EQ(firn_file_pread(file, UINT64_MAX, part, 2, NULL), FIRN_DATA_LOSS);
  firn_file_close(file);
  folder_remove(folder);
}

TEST_FN(file_that_shrinks_is_data_loss) {
  firn_file *file = NULL;
  firn_error err = FIRN_ERROR_INIT;
  uint8_t part[1000];
  set_up(sizeof content);
  CHECK_OK(firn_file_open(path, NULL, &file, &err), &err);
  CHECK_EQ(truncate(path, 500), 0);
  CHECK_EQ(firn_file_pread(file, 0, part, sizeof part, &err), FIRN_DATA_LOSS);
  CHECK_STR(err.message, "file was cut to 500 bytes while it was read");
  firn_file_close(file);
  folder_remove(folder);
}

/* Also where the system would copy slowly. */
TEST_FN(pread_gives_the_same_everywhere) {
  static uint8_t room[sizeof content + 2 * FIRN_PAGE];
  static const size_t sizes[] = {1, FIRN_PAGE - 1, FIRN_PAGE, 100000};
  uint8_t *page = firn_place_in_page(room, 0);
  firn_file *file = NULL;
  firn_error err = FIRN_ERROR_INIT;
  set_up(sizeof content);
  CHECK_OK(firn_file_open(path, NULL, &file, &err), &err);
  for (size_t skew = 0; skew < 70; skew += 3)
    for (size_t i = 0; i < FIRN_COUNT(sizes); i++) {
      uint8_t *to = page + 64 + skew;
      memset(room, 7, sizeof room);
      CHECK_OK(firn_file_pread(file, 8192 + 70, to, sizes[i], &err), &err);
      CHECK(!memcmp(to, content + 8192 + 70, sizes[i]));
      CHECK(to[-1] == 7 && to[sizes[i]] == 7);
    }
  CHECK_EQ(truncate(path, 50000), 0);
  CHECK_EQ(firn_file_pread(file, 0, page + 5, 100000, &err), FIRN_DATA_LOSS);
  CHECK_STR(err.message, "file was cut to 50000 bytes while it was read");
  firn_file_close(file);
  folder_remove(folder);
}

TEST_FN(forgotten_bytes_come_back) {
  firn_file *file = NULL;
  firn_error err = FIRN_ERROR_INIT;
  set_up(sizeof content);
  CHECK_OK(firn_file_open(path, NULL, &file, &err), &err);
  for (size_t at = 0; at < sizeof content; at += 10000) {
    CHECK(!memcmp(file->bytes.data + at, content + at, 10000));
    firn_file_forget(file, at, 10000);
  }
  firn_file_forget(file, 100, SIZE_MAX);
  firn_file_forget(file, SIZE_MAX, 1);
  CHECK(!memcmp(file->bytes.data, content, sizeof content));
  firn_file_close(file);
  folder_remove(folder);
}

TEST_FN(look_tells_what_it_is) {
  set_up(1);
  CHECK_EQ(firn_path_look(path), FIRN_PATH_FILE);
  CHECK_EQ(firn_path_look(folder), FIRN_PATH_FOLDER);
  CHECK_EQ(firn_path_look("no/such/file"), FIRN_PATH_MISSING);
  folder_remove(folder);
}

TEST_FN(paths_are_split) {
  static const struct {
    const char *name, *folder, *base;
  } rows[] =
      {
          {"a/b/c", "a/b", "c"}, {"c", ".", "c"},   {"/c", "/", "c"},
          {"a//c", "a", "c"},    {"a/", "a", ""},   {"/", "/", ""},
          {"", ".", ""},         {"//c", "/", "c"}, {"./c", ".", "c"},
      },
    *row;
  EACH (row, rows) {
    const firn_str whole = firn_str_of(row->name);
    CHECK(firn_str_is(firn_path_folder(whole), row->folder));
    CHECK(firn_str_is(firn_path_base(whole), row->base));
  }
}

static firn_code list(const firn_allocator *alloc, void *ctx) {
  FIRN_UNUSED(ctx);
  firn_str *names = NULL;
  size_t count = 77;
  const firn_code code = firn_folder_list(folder, alloc, &names, &count, NULL);
  if (code == FIRN_OK) {
    CHECK_EQ(count, 4);
    CHECK(firn_str_is(names[0], ".hidden"));
    CHECK(firn_str_is(names[1], "Z"));
    CHECK(firn_str_is(names[2], "a"));
    CHECK(firn_str_is(names[3], "file"));
  } else {
    CHECK(names == NULL && count == 0);
  }
  firn_folder_free(alloc, names, count);
  return code;
}

TEST_FN(list_is_sorted) {
  static const char *const names[] = {"a", "Z", ".hidden"};
  set_up(1);
  for (size_t i = 0; i < 3; i++) {
    folder_path(path, folder, names[i]);
    folder_write(path, "", 0);
  }
  CHECK(failing_check(list, NULL) >= 2);
  folder_remove(folder);
}

TEST_FN(list_of_nothing_and_of_no_folder) {
  firn_str *names = NULL;
  size_t count = 77;
  firn_error err = FIRN_ERROR_INIT;
  set_up(1);
  CHECK_EQ(firn_folder_list(path, NULL, &names, &count, &err), FIRN_NOT_FOUND);
  CHECK_HAS(err.message, "cannot list '");
  CHECK_EQ(firn_folder_list("no/such", NULL, &names, &count, &err),
           FIRN_NOT_FOUND);
  CHECK_STR(err.message, "cannot list 'no/such': no such file or directory");
  unlink(path);
  CHECK_OK(firn_folder_list(folder, NULL, &names, &count, &err), &err);
  CHECK_EQ(count, 0);
  firn_folder_free(NULL, names, count);
  folder_remove(folder);
}

SUITE(base_file, TEST(open_gives_all_bytes), TEST(empty_file_has_no_bytes),
      TEST(refusals_say_why), TEST(pipe_is_read_whole),
      TEST(short_memory_is_told), TEST(pread_copies_and_keeps_to_the_file),
      TEST(file_that_shrinks_is_data_loss),
      TEST(pread_gives_the_same_everywhere), TEST(forgotten_bytes_come_back),
      TEST(look_tells_what_it_is), TEST(paths_are_split), TEST(list_is_sorted),
      TEST(list_of_nothing_and_of_no_folder));
