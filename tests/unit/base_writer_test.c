/* What writing promises: the new file whole or the old one untouched, nothing
 * left behind, and a full disk told. */
#include <fcntl.h>
#include <sys/resource.h>
#include <signal.h>

#include "base/file.h"
#include "support/failing.h"
#include "support/folder.h"
#include "support/test.h"

enum { LARGE = 700000 };

static char folder[FOLDER_ROOM], path[FOLDER_ROOM];
static uint8_t content[LARGE];

static void set_up(void) {
  for (size_t i = 0; i < LARGE; i++) content[i] = (uint8_t)(i * i / 5);
  folder_new(folder);
  folder_path(path, folder, "out");
}

static firn_writer *create(const char *name) {
  firn_writer *writer = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_writer_create(name, NULL, &writer, &err), &err);
  return writer;
}

static void check_content(const char *name, const void *want, size_t size) {
  firn_file *file = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_file_open(name, NULL, &file, &err), &err);
  CHECK_EQ(file->bytes.size, size);
  if (size) CHECK(!memcmp(file->bytes.data, want, size));
  firn_file_close(file);
}

/* Pieces of every size, below and above the buffer's. */
TEST_FN(what_is_put_is_there) {
  firn_error err = FIRN_ERROR_INIT;
  set_up();
  for (uint64_t seed = 1; seed <= 10; seed++) {
    test_seed(seed);
    firn_writer *writer = create(path);
    for (size_t at = 0, size; at < LARGE; at += size) {
      size = test_random(seed % 2 ? 500000 : 5000);
      if (size > LARGE - at) size = LARGE - at;
      CHECK_OK(firn_writer_put(writer, content + at, size, &err), &err);
      CHECK_EQ(firn_writer_size(writer), at + size);
    }
    CHECK_OK(firn_writer_commit(writer, seed % 2, &err), &err);
    check_content(path, content, LARGE);
    CHECK_EQ(folder_count(folder), 1);
  }
  folder_remove(folder);
}

/* Blocks that lie anywhere in memory, and begin anywhere in what is put. */
TEST_FN(blocks_are_whole_wherever_they_lie) {
  static uint8_t room[LARGE + 2 * FIRN_PAGE];
  static const size_t places[] = {0, 1, 4, 64, 4064, 4065, 4095};
  static const size_t firsts[] = {0, 4, 64, 262143, 262144, 300000};
  firn_error err = FIRN_ERROR_INIT;
  set_up();
  for (size_t p = 0; p < FIRN_COUNT(places); p++)
    for (size_t f = 0; f < FIRN_COUNT(firsts); f++) {
      const size_t first = firsts[f];
      uint8_t *data = firn_place_in_page(room, places[p]);
      memcpy(data, content, LARGE);
      firn_writer *writer = create(path);
      CHECK_OK(firn_writer_put(writer, data, first, &err), &err);
      CHECK_EQ(firn_writer_step(writer, LARGE),
               FIRN_WRITER_BLOCK - first % FIRN_WRITER_BLOCK);
      CHECK_EQ(firn_writer_step(writer, 1), 1);
      CHECK_OK(firn_writer_put(writer, data + first, LARGE - first, &err),
               &err);
      CHECK_OK(firn_writer_commit(writer, false, &err), &err);
      check_content(path, content, LARGE);
    }
  folder_remove(folder);
}

TEST_FN(nothing_makes_an_empty_file) {
  set_up();
  firn_writer *writer = create(path);
  CHECK_EQ(firn_writer_put(writer, NULL, 0, NULL), FIRN_OK);
  CHECK_EQ(firn_writer_commit(writer, false, NULL), FIRN_OK);
  check_content(path, "", 0);
  folder_remove(folder);
}

TEST_FN(old_file_stands_until_commit) {
  set_up();
  folder_write(path, "old", 3);
  firn_writer *writer = create(path);
  CHECK_EQ(firn_writer_put(writer, content, LARGE, NULL), FIRN_OK);
  check_content(path, "old", 3);
  CHECK_EQ(folder_count(folder), 2);
  firn_writer_abandon(writer);
  firn_writer_abandon(NULL);
  check_content(path, "old", 3);
  CHECK_EQ(folder_count(folder), 1);

  writer = create(path);
  CHECK_EQ(firn_writer_put(writer, "new!", 4, NULL), FIRN_OK);
  CHECK_EQ(firn_writer_commit(writer, false, NULL), FIRN_OK);
  check_content(path, "new!", 4);
  folder_remove(folder);
}

TEST_FN(leftovers_are_recognisable) {
  firn_str *names = NULL;
  size_t count = 0;
  set_up();
  firn_writer *writer = create(path);
  CHECK_EQ(firn_folder_list(folder, NULL, &names, &count, NULL), FIRN_OK);
  CHECK_EQ(count, 1);
  CHECK(firn_str_starts(names[0], FIRN_STR("out.tempstate")));
  firn_folder_free(NULL, names, count);
  firn_writer_abandon(writer);
  CHECK_EQ(folder_count(folder), 0);
  folder_remove(folder);
}

TEST_FN(mode_is_what_umask_leaves) {
  struct stat st;
  set_up();
  const mode_t old = umask(027);
  CHECK_EQ(firn_writer_commit(create(path), false, NULL), FIRN_OK);
  umask(old);
  CHECK_EQ(stat(path, &st), 0);
  CHECK_EQ(st.st_mode & 0777, 0640);
  folder_remove(folder);
}

TEST_FN(a_link_keeps_pointing) {
  char link_path[FOLDER_ROOM];
  struct stat st;
  set_up();
  folder_path(link_path, folder, "link");
  folder_write(path, "old", 3);
  CHECK_EQ(symlink("out", link_path), 0);
  firn_writer *writer = create(link_path);
  CHECK_EQ(firn_writer_put(writer, "new", 3, NULL), FIRN_OK);
  CHECK_EQ(firn_writer_commit(writer, false, NULL), FIRN_OK);
  CHECK(lstat(link_path, &st) == 0 && S_ISLNK(st.st_mode));
  check_content(path, "new", 3);
  CHECK_EQ(folder_count(folder), 2);
  folder_remove(folder);
}

TEST_FN(longest_names_can_be_written) {
  char name[256];
  set_up();
  memset(name, 'n', 255);
  name[255] = '\0';
  folder_path(path, folder, name);
  CHECK_EQ(firn_writer_commit(create(path), false, NULL), FIRN_OK);
  check_content(path, "", 0);
  CHECK_EQ(folder_count(folder), 1);
  folder_remove(folder);
}

TEST_FN(refusals_say_why) {
  firn_writer *writer = NULL;
  firn_error err = FIRN_ERROR_INIT;
  char want[FOLDER_ROOM + 80];
  set_up();
  CHECK_EQ(firn_writer_create(folder, NULL, &writer, &err),
           FIRN_INVALID_ARGUMENT);
  snprintf(want, sizeof want, "cannot write '%s': is a directory", folder);
  CHECK_STR(err.message, want);
  CHECK(writer == NULL);
  CHECK_EQ(firn_writer_create("no/such/out", NULL, &writer, &err),
           FIRN_NOT_FOUND);
  CHECK_STR(err.message,
            "cannot write 'no/such/out': no such file or directory");
  folder_remove(folder);
}

TEST_FN(full_device_is_told_at_once_and_again) {
  firn_error err = FIRN_ERROR_INIT, again = FIRN_ERROR_INIT;
  static const char words[] =
      "cannot write '/dev/full': no space left on device";
  if (access("/dev/full", W_OK) != 0) skip();
  set_up();
  firn_writer *writer = create("/dev/full");
  CHECK_EQ(firn_writer_put(writer, "a little", 8, &err), FIRN_OK);
  CHECK_EQ(firn_writer_put(writer, content, LARGE, &err),
           FIRN_RESOURCE_EXHAUSTED);
  CHECK_STR(err.message, words);
  CHECK_EQ(firn_writer_put(writer, "a little", 8, &again),
           FIRN_RESOURCE_EXHAUSTED);
  CHECK_STR(again.message, words);
  CHECK_EQ(firn_writer_commit(writer, false, &err), FIRN_RESOURCE_EXHAUSTED);
  CHECK_STR(err.message, words);

  writer = create("/dev/full"); /* found out by the last flush */
  CHECK_EQ(firn_writer_put(writer, "a little", 8, &err), FIRN_OK);
  CHECK_EQ(firn_writer_commit(writer, true, &err), FIRN_RESOURCE_EXHAUSTED);
  CHECK_STR(err.message, words);
  folder_remove(folder);
}

/* A limit on file sizes stands in for a full disk. */
TEST_FN(full_disk_leaves_the_old_file) {
  struct rlimit old, small;
  firn_error err = FIRN_ERROR_INIT;
  set_up();
  folder_write(path, "old", 3);
  CHECK_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  small = old;
  small.rlim_cur = LARGE / 2;
  signal(SIGXFSZ, SIG_IGN);
  CHECK_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  firn_writer *writer = create(path);
  const firn_code put = firn_writer_put(writer, content, LARGE, &err);
  const firn_code commit = firn_writer_commit(writer, true, &err);
  CHECK_EQ(setrlimit(RLIMIT_FSIZE, &old), 0);
  CHECK_EQ(put, FIRN_RESOURCE_EXHAUSTED);
  CHECK_EQ(commit, FIRN_RESOURCE_EXHAUSTED);
  CHECK_HAS(err.message, "out': file too large");
  check_content(path, "old", 3);
  CHECK_EQ(folder_count(folder), 1);
  folder_remove(folder);
}

TEST_FN(a_pipe_is_written_straight) {
  set_up();
  CHECK_EQ(mkfifo(path, 0600), 0);
  const int reader = open(path, O_RDONLY | O_NONBLOCK);
  CHECK(reader >= 0);
  firn_writer *writer = create(path);
  CHECK_EQ(folder_count(folder), 1);
  CHECK_EQ(firn_writer_put(writer, "through", 7, NULL), FIRN_OK);
  CHECK_EQ(firn_writer_commit(writer, true, NULL), FIRN_OK);
  char got[16];
  CHECK_EQ(read(reader, got, sizeof got), 7);
  CHECK(!memcmp(got, "through", 7));
  close(reader);
  folder_remove(folder);
}

/* Both names write where standard output goes, behind what is there. */
TEST_FN(standard_output_is_written_straight) {
  set_up();
  fflush(stdout);
  const int saved = dup(STDOUT_FILENO);
  const int file = open(path, O_WRONLY | O_CREAT, 0600);
  CHECK(saved >= 0 && dup2(file, STDOUT_FILENO) >= 0);
  firn_code codes[4];
  static const char *const names[] = {"-", "/dev/stdout"};
  for (int i = 0; i < 2; i++) {
    firn_writer *writer = create(names[i]);
    codes[2 * i] = firn_writer_put(writer, "abc", 3, NULL);
    codes[2 * i + 1] = firn_writer_commit(writer, true, NULL);
  }
  dup2(saved, STDOUT_FILENO);
  close(saved);
  close(file);
  for (int i = 0; i < 4; i++) CHECK_EQ(codes[i], FIRN_OK);
  check_content(path, "abcabc", 6);
  CHECK_EQ(folder_count(folder), 1);
  folder_remove(folder);
}

static firn_code write_some(const firn_allocator *alloc, void *ctx) {
  FIRN_UNUSED(ctx);
  firn_writer *writer = NULL;
  FIRN_TRY(firn_writer_create(path, alloc, &writer, NULL));
  CHECK_EQ(firn_writer_put(writer, "abc", 3, NULL), FIRN_OK);
  CHECK_EQ(firn_writer_commit(writer, false, NULL), FIRN_OK);
  return FIRN_OK;
}

TEST_FN(short_memory_is_told) {
  set_up();
  CHECK(failing_check(write_some, NULL) >= 3);
  CHECK_EQ(folder_count(folder), 1);
  folder_remove(folder);
}

SUITE(base_writer, TEST(what_is_put_is_there),
      TEST(blocks_are_whole_wherever_they_lie),
      TEST(nothing_makes_an_empty_file), TEST(old_file_stands_until_commit),
      TEST(leftovers_are_recognisable), TEST(mode_is_what_umask_leaves),
      TEST(a_link_keeps_pointing), TEST(longest_names_can_be_written),
      TEST(refusals_say_why), TEST(full_device_is_told_at_once_and_again),
      TEST(full_disk_leaves_the_old_file), TEST(a_pipe_is_written_straight),
      TEST(standard_output_is_written_straight), TEST(short_memory_is_told));
