/* base/file.c: files to be read, and what lies in a folder. */
#define _GNU_SOURCE
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/system_error.h"

enum {
  READ_AT_ONCE = 1 << 16,
  DETOUR = 32 << 10, /* a multiple of the page, small enough for a stack */
};

/* Reads to the end what cannot be mapped: a pipe, or a file of /proc, which
 * says it has no bytes. Afterwards the descriptor is no longer needed. */
static firn_code slurp(firn_file *file, const char *path, firn_error *err) {
  firn_buf buf;
  firn_buf_init(&buf, &file->alloc);
  for (;;) {
    uint8_t *room = firn_buf_grow(&buf, READ_AT_ONCE);
    if (!room) {
      firn_buf_fini(&buf);
      return firn_oom(err, buf.size + READ_AT_ONCE);
    }
    const ssize_t got = read(file->fd, room, READ_AT_ONCE);
    buf.size -= READ_AT_ONCE - (got > 0 ? (size_t)got : 0);
    if (got == 0) break;
    if (got > 0 || errno == EINTR) continue;
    const int number = errno;
    firn_buf_fini(&buf);
    return firn_fail_errno(err, number, "cannot read '%s'", path);
  }

  /* close() knows the size of the bytes only. */
  uint8_t *bytes = NULL;
  if (buf.size) {
    bytes = firn_resize(&file->alloc, buf.data, buf.capacity, buf.size);
    if (!bytes) {
      const size_t size = buf.size;
      firn_buf_fini(&buf);
      return firn_oom(err, size);
    }
  } else {
    firn_buf_fini(&buf);
  }
  file->bytes = (firn_bytes){bytes, bytes ? buf.size : 0};
  close(file->fd);
  file->fd = -1;
  return FIRN_OK;
}

static firn_code map_or_slurp(firn_file *file, const char *path,
                              firn_error *err) {
  struct stat st;
  int number = 0;
  if (fstat(file->fd, &st) != 0)
    number = errno;
  else if (S_ISDIR(st.st_mode))
    number = EISDIR;
  else if (st.st_size > 0 && (uint64_t)st.st_size > SIZE_MAX)
    number = EFBIG;
  if (number) return firn_fail_errno(err, number, "cannot open '%s'", path);

  if (!S_ISREG(st.st_mode) || st.st_size <= 0) return slurp(file, path, err);
  const size_t size = (size_t)st.st_size;
  void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file->fd, 0);
  if (bytes == MAP_FAILED) return slurp(file, path, err);
  file->bytes = (firn_bytes){bytes, size};
  return FIRN_OK;
}

firn_code firn_file_open(const char *path, const firn_allocator *alloc,
                         firn_file **out, firn_error *err) {
  *out = NULL;
  firn_file *file = firn_new_zeroed(alloc, sizeof *file);
  if (!file) return firn_oom(err, sizeof *file);
  if (alloc) file->alloc = *alloc;
  do {
    file->fd = open(path, O_RDONLY | O_CLOEXEC);
  } while (file->fd < 0 && errno == EINTR);

  const firn_code code =
      file->fd < 0 ? firn_fail_errno(err, errno, "cannot open '%s'", path)
                   : map_or_slurp(file, path, err);
  if (code != FIRN_OK) {
    firn_file_close(file);
    return code;
  }
  *out = file;
  return FIRN_OK;
}

void firn_file_close(firn_file *file) {
  if (!file) return;
  if (file->fd < 0) {
    firn_delete(&file->alloc, (void *)file->bytes.data, file->bytes.size);
  } else {
    if (file->bytes.data) munmap((void *)file->bytes.data, file->bytes.size);
    close(file->fd);
  }
  const firn_allocator alloc = file->alloc;
  firn_delete(&alloc, file, sizeof *file);
}

static firn_code read_all(const firn_file *file, uint64_t offset, uint8_t *out,
                          size_t size, firn_error *err) {
  for (size_t done = 0; done < size;) {
    const ssize_t got =
        pread(file->fd, out + done, size - done, (off_t)(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return firn_fail_errno(err, errno, "cannot read");
    if (got == 0)
      return firn_fail(err, FIRN_DATA_LOSS,
                       "file was cut to %llu bytes while it was read",
                       (unsigned long long)(offset + done));
    done += (size_t)got;
  }
  return FIRN_OK;
}

/* To where the system copies slowly, by way of where it does not. */
static firn_code read_by_detour(const firn_file *file, uint64_t offset,
                                uint8_t *out, size_t size, firn_error *err) {
  uint8_t room[DETOUR + FIRN_PAGE];
  uint8_t *stop = firn_place_in_page(room, offset + FIRN_PAGE / 2);
  for (size_t done = 0; done < size;) {
    const size_t part = firn_min_size(DETOUR, size - done);
    FIRN_TRY(read_all(file, offset + done, stop, part, err));
    memcpy(out + done, stop, part);
    done += part;
  }
  return FIRN_OK;
}

firn_code firn_file_pread(const firn_file *file, uint64_t offset, void *out,
                          size_t size, firn_error *err) {
  const size_t whole = file->bytes.size;
  if (offset > whole || size > whole - offset)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "%zu bytes at offset %llu run past the end (%zu)", size,
                     (unsigned long long)offset, whole);
  if (file->fd < 0) {
    if (size) memcpy(out, file->bytes.data + offset, size);
    return FIRN_OK;
  }
  return size >= FIRN_PAGE && firn_copies_slowly((uintptr_t)out, offset)
             ? read_by_detour(file, offset, out, size, err)
             : read_all(file, offset, out, size, err);
}

void firn_file_forget(const firn_file *file, size_t offset, size_t size) {
  if (file->fd < 0 || offset >= file->bytes.size) return;
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t begin = offset / page * page;
  const size_t end = offset + firn_min_size(size, file->bytes.size - offset);
  madvise((void *)(file->bytes.data + begin), end - begin, MADV_DONTNEED);
}

firn_path_kind firn_path_look(const char *path) {
  struct stat st;
  if (stat(path, &st) != 0) return FIRN_PATH_MISSING;
  return S_ISDIR(st.st_mode) ? FIRN_PATH_FOLDER : FIRN_PATH_FILE;
}

firn_str firn_path_base(firn_str path) {
  size_t begin = path.size;
  while (begin > 0 && path.data[begin - 1] != '/') begin--;
  return (firn_str){path.data + begin, path.size - begin};
}

firn_str firn_path_folder(firn_str path) {
  size_t end = path.size - firn_path_base(path).size;
  if (end == 0) return FIRN_STR(".");
  while (end > 1 && path.data[end - 1] == '/') end--;
  return (firn_str){path.data, end};
}

firn_code firn_path_rename(const char *from, const char *to, firn_error *err) {
  if (rename(from, to) == 0) return FIRN_OK;
  return firn_fail_errno(err, errno, "cannot rename '%s' to '%s'", from, to);
}

firn_code firn_path_link(const char *from, const char *to, firn_error *err) {
  if (link(from, to) == 0) return FIRN_OK;
  return firn_fail_errno(err, errno, "cannot link '%s' to '%s'", from, to);
}

void firn_path_remove(const char *path) { (void)unlink(path); }

void firn_folder_drop(const char *path) { (void)rmdir(path); }

firn_code firn_folder_here(char *out, size_t size, firn_error *err) {
  if (getcwd(out, size)) return FIRN_OK;
  return firn_fail_errno(err, errno, "cannot tell the current folder");
}

firn_code firn_folder_make(const char *path, firn_error *err) {
  char part[PATH_MAX];
  const size_t size = strlen(path);
  if (size >= sizeof part)
    return firn_fail_errno(err, ENAMETOOLONG, "cannot make '%s'", path);
  for (size_t i = 1; i <= size; i++) {
    if (i < size && path[i] != '/') continue;
    memcpy(part, path, i);
    part[i] = '\0';
    if (mkdir(part, 0777) != 0 && errno != EEXIST)
      return firn_fail_errno(err, errno, "cannot make '%s'", path);
  }
  if (firn_path_look(path) == FIRN_PATH_FOLDER) return FIRN_OK;
  return firn_fail_errno(err, EEXIST, "cannot make '%s'", path);
}

/* The names one after the other, each with its terminator. Returns an errno. */
static int read_names(DIR *dir, firn_buf *names, size_t *count) {
  for (;;) {
    errno = 0;
    const struct dirent *entry = readdir(dir);
    if (!entry) return names->failed ? ENOMEM : errno;
    const char *name = entry->d_name;
    if (!strcmp(name, ".") || !strcmp(name, "..")) continue;
    firn_buf_append(names, name, strlen(name) + 1);
    ++*count;
  }
}

static int by_bytes(const void *a, const void *b) {
  return firn_str_compare(*(const firn_str *)a, *(const firn_str *)b);
}

/* One block holds the strings and behind them their characters. */
static firn_str *pack_names(const firn_buf *text, size_t count,
                            const firn_allocator *alloc) {
  firn_str *names = firn_new(alloc, count * sizeof *names + text->size);
  if (!names) return NULL;
  char *at = (char *)(names + count);
  if (text->size) memcpy(at, text->data, text->size);
  for (size_t i = 0; i < count; i++) {
    names[i] = firn_str_of(at);
    at += names[i].size + 1;
  }
  qsort(names, count, sizeof *names, by_bytes);
  return names;
}

firn_code firn_folder_list(const char *path, const firn_allocator *alloc,
                           firn_str **names, size_t *count, firn_error *err) {
  firn_buf text;
  firn_code code = FIRN_OK;
  *names = NULL;
  *count = 0;
  firn_buf_init(&text, alloc);

  DIR *dir = opendir(path);
  int number = dir ? read_names(dir, &text, count) : errno;
  if (!number) {
    *names = pack_names(&text, *count, alloc);
    if (!*names) number = ENOMEM;
  }
  if (number) {
    *count = 0;
    code = firn_fail_errno(err, number, "cannot list '%s'", path);
  }
  if (dir) closedir(dir);
  firn_buf_fini(&text);
  return code;
}

void firn_folder_free(const firn_allocator *alloc, firn_str *names,
                      size_t count) {
  if (!names) return;
  size_t size = count * sizeof *names;
  for (size_t i = 0; i < count; i++) size += names[i].size + 1;
  firn_delete(alloc, names, size);
}
