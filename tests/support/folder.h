/* support/folder.h: a folder for a test's files, gone when the test is done.
 *
 *   char folder[FOLDER_ROOM], path[FOLDER_ROOM];
 *   folder_new(folder);
 *   folder_path(path, folder, "model.pb");
 *   ...
 *   folder_remove(folder);
 */
#ifndef FIRN_TEST_FOLDER_H
#define FIRN_TEST_FOLDER_H

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/test.h"

enum { FOLDER_ROOM = 512 };

static inline void folder_new(char *out) {
  const char *parent = getenv("TMPDIR");
  snprintf(out, FOLDER_ROOM, "%s/firn-test-XXXXXX",
           parent && strlen(parent) < 400 ? parent : P_tmpdir);
  if (!mkdtemp(out)) fail_msg("cannot make folder %s", out);
}

static inline void folder_path(char *out, const char *folder,
                               const char *name) {
  if (snprintf(out, FOLDER_ROOM, "%s/%s", folder, name) >= FOLDER_ROOM)
    fail_msg("path of %s too long", name);
}

static inline void folder_write(const char *path, const void *data,
                                size_t size) {
  FILE *file = fopen(path, "wb");
  if (!file) fail_msg("cannot write %s", path);
  if (fwrite(data, 1, size, file) != size || fclose(file) != 0)
    fail_msg("cannot write %s", path);
}

/* How many names it holds. */
static inline int folder_count(const char *folder) {
  int count = 0;
  DIR *dir = opendir(folder);
  if (!dir) fail_msg("no folder %s", folder);
  while (readdir(dir)) count++;
  closedir(dir);
  return count - 2;
}

static inline void folder_remove(const char *folder) {
  DIR *dir = opendir(folder);
  if (!dir) return;
  for (struct dirent *entry; (entry = readdir(dir));) {
    char path[FOLDER_ROOM];
    struct stat st;
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    folder_path(path, folder, entry->d_name);
    if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
      folder_remove(path);
    else
      unlink(path);
  }
  closedir(dir);
  rmdir(folder);
}

#endif
