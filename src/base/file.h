/* base/file.h: all that firn does with files.
 *
 * A file that is read is mapped; where a reader passes over gigabytes once
 * (freezing), it reads by window instead, so that pages do not pile up in
 * memory. A file that is written goes to a temporary name in the same folder
 * (`NAME.tempstate<random>`) and is renamed when whole: after a kill or a full
 * disk the old file is untouched.
 *
 * Ownership: open/close, create/commit or abandon.
 * Threads:   a mapped file is immutable; a writer is confined.
 */
#ifndef FIRN_BASE_FILE_H
#define FIRN_BASE_FILE_H

#include "base/text.h"

typedef struct firn_file {
  firn_bytes bytes; /* the whole file; unmapped by close */
  int fd;
  firn_allocator alloc;
} firn_file;

/* Maps `path` for reading. NOT_FOUND, PERMISSION_DENIED, or INVALID_ARGUMENT
 * for a folder; the message names the path and the system's reason. An empty
 * file maps to no bytes. A pipe or other thing that cannot be mapped is read
 * into memory. */
FIRN_CHECKED firn_code firn_file_open(const char *path,
                                      const firn_allocator *alloc,
                                      firn_file **out, firn_error *err);
void firn_file_close(firn_file *file);

/* Copies file bytes by read, without touching the mapping. */
FIRN_CHECKED firn_code firn_file_pread(const firn_file *file, uint64_t offset,
                                       void *out, size_t size, firn_error *err);

/* Gives the touched pages of a part of the mapping back to the system. */
void firn_file_forget(const firn_file *file, size_t offset, size_t size);

/* What a path is. */
typedef enum firn_path_kind {
  FIRN_PATH_MISSING,
  FIRN_PATH_FILE,
  FIRN_PATH_FOLDER,
} firn_path_kind;
firn_path_kind firn_path_look(const char *path);

/* Gives a file another name, replacing what has it; a second name, which must
 * be free; takes a name away, whether it is there or not. */
FIRN_CHECKED firn_code firn_path_rename(const char *from, const char *to,
                                        firn_error *err);
FIRN_CHECKED firn_code firn_path_link(const char *from, const char *to,
                                      firn_error *err);
void firn_path_remove(const char *path);

/* Makes a folder, and those above it that are missing; takes an empty one away.
 */
FIRN_CHECKED firn_code firn_folder_make(const char *path, firn_error *err);
void firn_folder_drop(const char *path);

/* The names in a folder, sorted by bytes, without "." and "..". */
FIRN_CHECKED firn_code firn_folder_list(const char *path,
                                        const firn_allocator *alloc,
                                        firn_str **names, size_t *count,
                                        firn_error *err);
void firn_folder_free(const firn_allocator *alloc, firn_str *names,
                      size_t count);

/* The folder part of a path ("." if it has none, no slash at its end) and what
 * follows. Borrowed. */
firn_str firn_path_folder(firn_str path);
firn_str firn_path_base(firn_str path);

/* The folder that relative paths start from; `out` has room for `size` bytes.
 */
FIRN_CHECKED firn_code firn_folder_here(char *out, size_t size,
                                        firn_error *err);

typedef struct firn_writer firn_writer;

/* What a writer gives to the system at a time. */
enum { FIRN_WRITER_BLOCK = 256 << 10 };

/* Begins writing what is to become `path`; "-" writes straight to standard
 * output. The writer holds back what does not fill a block. */
FIRN_CHECKED firn_code firn_writer_create(const char *path,
                                          const firn_allocator *alloc,
                                          firn_writer **out, firn_error *err);

/* Appends. Errors (disk full) come at once and again at commit. */
FIRN_CHECKED firn_code firn_writer_put(firn_writer *writer, const void *data,
                                       size_t size, firn_error *err);

/* Bytes put so far. */
uint64_t firn_writer_size(const firn_writer *writer);

/* How many of the next `size` bytes fill the block that is begun: who looks at
 * all bytes anyway takes so many at a time, and they are in the cache for both.
 */
size_t firn_writer_step(const firn_writer *writer, size_t size);

/* Flushes, with `sync` waits for the disk, and closes: of commit only the
 * renaming is left, which several files that belong together can then do one
 * right after the other. Nothing more can be put. */
FIRN_CHECKED firn_code firn_writer_settle(firn_writer *writer, bool sync,
                                          firn_error *err);

/* The temporary file (terminated, borrowed): whole once the writer is settled.
 */
const char *firn_writer_temp(const firn_writer *writer);

/* Flushes, with `sync` waits for the disk, renames into place and frees the
 * writer. On failure the temporary file is removed and the writer freed too. */
FIRN_CHECKED firn_code firn_writer_commit(firn_writer *writer, bool sync,
                                          firn_error *err);

/* Removes the temporary file and frees the writer. NULL is fine. */
void firn_writer_abandon(firn_writer *writer);

#endif
