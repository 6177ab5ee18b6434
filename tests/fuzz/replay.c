/* fuzz/replay.c: runs a fuzz target without a fuzzer, in the normal test run.
 *
 *   replay_NAME FOLDER-OR-FILE...
 *
 * Every seed goes through as it is, and then damaged: cut short at up to 64
 * places, one bit or byte changed at up to 256. The damage is the same in every
 * run, so a failure can be repeated.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CUTS = 64, CHANGES = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t random_state;
static size_t inputs;

static size_t random_below(size_t below) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (size_t)(random_state >> 16) % below;
}

static void die(const char *path) {
  fprintf(stderr, "%s: %s\n", path, strerror(errno));
  exit(1);
}

/* Hands over an allocation of exactly `size` bytes, so that a read behind the
 * end is seen by the address sanitizer. */
static void one_input(const uint8_t *data, size_t size) {
  uint8_t *copy = malloc(size ? size : 1);
  if (!copy) die("malloc");
  if (size) memcpy(copy, data, size);
  LLVMFuzzerTestOneInput(copy, size);
  free(copy);
  inputs++;
}

static void cut_short(const uint8_t *data, size_t size) {
  if (size <= CUTS) {
    for (size_t n = 0; n < size; n++) one_input(data, n);
    return;
  }
  for (int i = 0; i < CUTS; i++) one_input(data, random_below(size));
}

static void change_bytes(uint8_t *data, size_t size) {
  static const uint8_t extremes[] = {0x00, 0x7f, 0x80, 0xff};
  for (int i = 0; i < CHANGES && size; i++) {
    uint8_t *byte = &data[random_below(size)];
    const uint8_t old = *byte;
    *byte = i % 2 ? (uint8_t)(old ^ 1u << random_below(8))
                  : extremes[random_below(sizeof extremes)];
    one_input(data, size);
    *byte = old;
  }
}

static void replay_file(const char *path, size_t size) {
  uint8_t *data = malloc(size ? size : 1);
  FILE *file = fopen(path, "rb");
  if (!data || !file || fread(data, 1, size, file) != size) die(path);
  fclose(file);
  random_state = 0x9e3779b97f4a7c15u ^ size;
  one_input(data, size);
  cut_short(data, size);
  change_bytes(data, size);
  free(data);
}

static void replay(const char *path) {
  struct stat st;
  if (stat(path, &st) != 0) die(path);
  if (!S_ISDIR(st.st_mode)) {
    replay_file(path, (size_t)st.st_size);
    return;
  }
  DIR *folder = opendir(path);
  if (!folder) die(path);
  for (struct dirent *entry; (entry = readdir(folder));) {
    char inner[4096];
    if (entry->d_name[0] == '.') continue;
    snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
    replay(inner);
  }
  closedir(folder);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) replay(argv[i]);
  printf("%zu inputs\n", inputs);
  return inputs == 0; /* a target without seeds tests nothing */
}
