/* base/writer.c: files that appear whole or not at all.
 *
 * A device, a pipe or standard output has no old content to protect and no
 * folder to rename in: it is written straight.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/system_error.h"

enum {
  BUFFER = FIRN_WRITER_BLOCK,
  NAME_KEPT = 200, /* of the name in a temporary one, which has a limit */
  SUFFIX_ROOM = 40,
  ATTEMPTS = 100,
};

struct firn_writer {
  firn_allocator alloc;
  firn_str shown;  /* the path as the caller gave it, for messages  */
  firn_str target; /* what is renamed over; links are resolved      */
  firn_str temp;   /* none when written straight                    */
  int fd;
  bool borrowed; /* the descriptor is standard output's           */
  int failure;   /* the errno that ended it, or 0                 */
  uint64_t size;
  size_t fill;
  uint8_t *buffer; /* in the room, in the middle of a page: far from both ends
                      of those that it is copied to and from */
  uint8_t room[BUFFER + FIRN_PAGE];
};

/* A terminated copy with room for more, which counts as part of it. */
static firn_str copy(const firn_allocator *alloc, firn_str text, size_t room) {
  char *out = firn_new(alloc, text.size + room + 1);
  if (!out) return (firn_str){NULL, 0};
  memcpy(out, text.data, text.size);
  memset(out + text.size, 0, room + 1);
  return (firn_str){out, text.size + room};
}

static void str_free(const firn_allocator *alloc, firn_str text) {
  firn_delete(alloc, (void *)text.data, text.size + 1);
}

static void writer_free(firn_writer *writer) {
  const firn_allocator alloc = writer->alloc;
  if (writer->fd >= 0 && !writer->borrowed) close(writer->fd);
  str_free(&alloc, writer->shown);
  str_free(&alloc, writer->target);
  str_free(&alloc, writer->temp);
  firn_delete(&alloc, writer, sizeof *writer);
}

static uint32_t random_number(void) {
  uint32_t number;
  if (getentropy(&number, sizeof number) == 0) return number;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint32_t)now.tv_nsec * 2654435761u ^ (uint32_t)getpid();
}

/* The number only has to be new; O_EXCL sees to it that it is. */
static firn_code open_temp(firn_writer *writer, firn_error *err) {
  const firn_str base = firn_path_base(writer->target);
  const size_t folder = writer->target.size - base.size;
  const size_t kept = folder + firn_min_size(base.size, NAME_KEPT);
  writer->temp =
      copy(&writer->alloc, (firn_str){writer->target.data, kept}, SUFFIX_ROOM);
  if (!writer->temp.data) return firn_oom(err, kept + SUFFIX_ROOM);

  for (int i = 0; i < ATTEMPTS; i++) {
    snprintf((char *)writer->temp.data + kept, SUFFIX_ROOM, ".tempstate%lu",
             (unsigned long)random_number());
    writer->fd =
        open(writer->temp.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (writer->fd >= 0) return FIRN_OK;
    if (errno != EEXIST && errno != EINTR) break;
  }
  const int number = errno;
  str_free(&writer->alloc, writer->temp);
  writer->temp = (firn_str){NULL, 0};
  return firn_fail_errno(err, number, "cannot write '%s'", writer->shown.data);
}

/* A name for an open descriptor looks regular when the shell redirected it to
 * a file, but a rename would not reach the descriptor. */
static bool names_descriptor(firn_str path) {
  return firn_str_starts(path, FIRN_STR("/dev/fd/")) ||
         firn_str_starts(path, FIRN_STR("/dev/std")) ||
         firn_str_starts(path, FIRN_STR("/proc/"));
}

static firn_code open_output(firn_writer *writer, firn_error *err) {
  const char *path = writer->shown.data;
  struct stat st;
  if (!strcmp(path, "-") || !strcmp(path, "/dev/stdout")) {
    writer->fd = STDOUT_FILENO;
    writer->borrowed = true;
    return FIRN_OK;
  }
  const bool exists = stat(path, &st) == 0;
  if (exists && S_ISDIR(st.st_mode))
    return firn_fail_errno(err, EISDIR, "cannot write '%s'", path);
  if (exists && (!S_ISREG(st.st_mode) || names_descriptor(writer->shown))) {
    writer->fd = open(path, O_WRONLY | O_CLOEXEC);
    if (writer->fd >= 0) return FIRN_OK;
    return firn_fail_errno(err, errno, "cannot write '%s'", path);
  }

  char resolved[PATH_MAX];
  const char *target = exists && realpath(path, resolved) ? resolved : path;
  writer->target = copy(&writer->alloc, firn_str_of(target), 0);
  if (!writer->target.data) return firn_oom(err, strlen(target) + 1);
  return open_temp(writer, err);
}

firn_code firn_writer_create(const char *path, const firn_allocator *alloc,
                             firn_writer **out, firn_error *err) {
  *out = NULL;
  firn_writer *writer = firn_new(alloc, sizeof *writer);
  if (!writer) return firn_oom(err, sizeof *writer);
  memset(writer, 0, offsetof(firn_writer, room));
  writer->buffer = firn_place_in_page(writer->room, FIRN_PAGE / 2);
  writer->fd = -1;
  if (alloc) writer->alloc = *alloc;
  writer->shown = copy(alloc, firn_str_of(path), 0);

  const firn_code code = writer->shown.data ? open_output(writer, err)
                                            : firn_oom(err, strlen(path) + 1);
  if (code != FIRN_OK) {
    writer_free(writer);
    return code;
  }
  *out = writer;
  return FIRN_OK;
}

static firn_code failed(const firn_writer *writer, firn_error *err) {
  return firn_fail_errno(err, writer->failure, "cannot write '%s'",
                         writer->shown.data);
}

static firn_code write_all(firn_writer *writer, const uint8_t *data,
                           size_t size, firn_error *err) {
  while (size > 0) {
    const ssize_t done = write(writer->fd, data, size);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) {
      writer->failure = errno;
      return failed(writer, err);
    }
    data += done;
    size -= (size_t)done;
  }
  return FIRN_OK;
}

static firn_code flush(firn_writer *writer, firn_error *err) {
  const size_t fill = writer->fill;
  writer->fill = 0;
  return write_all(writer, writer->buffer, fill, err);
}

/* Every block begins at a multiple of its size: writing that begins or ends
 * within a page of the file takes twice the time. A block lies in the caller's
 * memory or is put together in the buffer. */
firn_code firn_writer_put(firn_writer *writer, const void *data, size_t size,
                          firn_error *err) {
  const uint8_t *bytes = data;
  if (writer->failure) return failed(writer, err);
  writer->size += size;
  while (size > 0) {
    size_t part = firn_min_size(size, BUFFER - writer->fill);
    if (part == BUFFER && !firn_copies_slowly(0, (uintptr_t)bytes)) {
      part = size - size % BUFFER;
      FIRN_TRY(write_all(writer, bytes, part, err));
    } else {
      memcpy(writer->buffer + writer->fill, bytes, part);
      writer->fill += part;
      if (writer->fill == BUFFER) FIRN_TRY(flush(writer, err));
    }
    bytes += part;
    size -= part;
  }
  return FIRN_OK;
}

uint64_t firn_writer_size(const firn_writer *writer) { return writer->size; }

size_t firn_writer_step(const firn_writer *writer, size_t size) {
  return firn_min_size(size, BUFFER - writer->fill);
}

/* Makes the renaming itself last. A file system that cannot is forgiven: the
 * content is on the disk already. */
static void sync_folder(const firn_writer *writer) {
  char folder[PATH_MAX];
  const firn_str name = firn_path_folder(writer->target);
  if (name.size >= sizeof folder) return;
  memcpy(folder, name.data, name.size);
  folder[name.size] = '\0';
  const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  (void)fsync(fd);
  close(fd);
}

firn_code firn_writer_settle(firn_writer *writer, bool sync, firn_error *err) {
  if (writer->failure) return failed(writer, err);
  if (writer->fd < 0) return FIRN_OK;
  FIRN_TRY(flush(writer, err));
  /* A pipe or a terminal cannot be synced, and says EINVAL. */
  if (sync && fsync(writer->fd) != 0 && writer->temp.data) {
    writer->failure = errno;
    return failed(writer, err);
  }
  if (!writer->borrowed) {
    /* Some file systems report a full disk only here. */
    const int fd = writer->fd;
    writer->fd = -1;
    if (close(fd) != 0 && errno != EINTR) {
      writer->failure = errno;
      return failed(writer, err);
    }
  }
  return FIRN_OK;
}

const char *firn_writer_temp(const firn_writer *writer) {
  return writer->temp.data;
}

static firn_code finish(firn_writer *writer, bool sync, firn_error *err) {
  FIRN_TRY(firn_writer_settle(writer, sync, err));
  if (!writer->temp.data) return FIRN_OK;
  if (rename(writer->temp.data, writer->target.data) != 0) {
    writer->failure = errno;
    return failed(writer, err);
  }
  if (sync) sync_folder(writer);
  return FIRN_OK;
}

firn_code firn_writer_commit(firn_writer *writer, bool sync, firn_error *err) {
  const firn_code code = finish(writer, sync, err);
  if (code != FIRN_OK && writer->temp.data) unlink(writer->temp.data);
  writer_free(writer);
  return code;
}

void firn_writer_abandon(firn_writer *writer) {
  if (!writer) return;
  if (writer->temp.data) unlink(writer->temp.data);
  writer_free(writer);
}
