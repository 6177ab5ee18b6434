/* ops/text_file.c: files as strings: ReadFile, WriteFile, MatchingFiles. */
#include <fnmatch.h>
#include <stdlib.h>

#include "base/file.h"
#include "ops/infer.h"

/* A path as a C string, within `room` of the arena. */
static firn_code path_of(const firn_tensor *in, firn_arena *arena, size_t i,
                         const char **out, firn_error *err) {
  const firn_str text = firn_tensor_string(in, i);
  if (text.size && memchr(text.data, 0, text.size))
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "a path holds a zero byte");
  const firn_str copy = firn_arena_str(arena, text);
  *out = copy.data;
  return copy.data ? FIRN_OK : firn_oom(err, text.size);
}

static firn_code need_scalar(const firn_tensor *in, const char *what,
                             firn_error *err) {
  if (in->shape.rank == 0) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "%s must be a scalar", what);
}

/* ---- Reading and writing ------------------------------------------------ */

static firn_code read_whole(const firn_run *run, firn_arena *arena,
                            firn_error *err) {
  const char *path;
  firn_file *file = NULL;
  FIRN_TRY(path_of(run->in[0], arena, 0, &path, err));
  FIRN_TRY(firn_file_open(path, &run->env->alloc, &file, err));
  const firn_code code = firn_tensor_set_string(
      run->out[0], 0,
      (firn_str){(const char *)file->bytes.data, file->bytes.size}, err);
  firn_file_close(file);
  return code;
}

static firn_code drive_read(const firn_run *run, firn_error *err) {
  firn_arena arena;
  FIRN_TRY(need_scalar(run->in[0], "filename", err));
  firn_arena_init(&arena, &run->env->alloc);
  const firn_code code = read_whole(run, &arena, err);
  firn_arena_fini(&arena);
  return code;
}

static firn_code write_whole(const firn_run *run, firn_arena *arena,
                             firn_error *err) {
  const firn_str text = firn_tensor_string(run->in[1], 0);
  const char *path, *folder;
  firn_writer *writer = NULL;
  FIRN_TRY(path_of(run->in[0], arena, 0, &path, err));
  const firn_str above =
      firn_arena_str(arena, firn_path_folder(firn_str_of(path)));
  folder = above.data;
  if (folder && firn_path_look(folder) == FIRN_PATH_MISSING)
    FIRN_TRY(firn_folder_make(folder, err));
  FIRN_TRY(firn_writer_create(path, &run->env->alloc, &writer, err));
  const firn_code code =
      text.size ? firn_writer_put(writer, text.data, text.size, err) : FIRN_OK;
  if (code != FIRN_OK) {
    firn_writer_abandon(writer);
    return code;
  }
  return firn_writer_commit(writer, false, err);
}

static firn_code drive_write(const firn_run *run, firn_error *err) {
  firn_arena arena;
  FIRN_TRY(need_scalar(run->in[0], "filename", err));
  FIRN_TRY(need_scalar(run->in[1], "contents", err));
  firn_arena_init(&arena, &run->env->alloc);
  const firn_code code = write_whole(run, &arena, err);
  firn_arena_fini(&arena);
  return code;
}

/* ---- MatchingFiles ------------------------------------------------------ */

typedef struct found {
  firn_arena *arena;
  firn_str *paths;
  size_t count, capacity;
} found;

static firn_code add(found *f, firn_str path, firn_error *err) {
  if (f->count == f->capacity) {
    const size_t more = f->capacity * 2 + 16;
    firn_str *paths = firn_arena_array(f->arena, more, sizeof *paths);
    if (!paths) return firn_oom(err, more * sizeof *paths);
    if (f->count) memcpy(paths, f->paths, f->count * sizeof *paths);
    f->paths = paths;
    f->capacity = more;
  }
  f->paths[f->count++] = path;
  return FIRN_OK;
}

/* The names in `folder` that the rest of a pattern matches, folder by folder.
 * The pattern's parts are as many as its slashes, which bounds the depth. */
static firn_code match_below(found *f, firn_str folder, firn_str pattern,
                             const firn_allocator *alloc, firn_error *err) {
  const char *slash = memchr(pattern.data, '/', pattern.size);
  const firn_str part = {pattern.data,
                         slash ? (size_t)(slash - pattern.data) : pattern.size};
  const firn_str glob = firn_arena_str(f->arena, part);
  firn_str *names = NULL;
  size_t count = 0;
  const char *where = folder.size ? folder.data : ".";
  if (!glob.data) return firn_oom(err, part.size);
  if (slash && part.size == 0)
    return match_below(f, folder.size ? folder : FIRN_STR("/"),
                       (firn_str){slash + 1, pattern.size - part.size - 1},
                       alloc, err);
  if (firn_folder_list(where, alloc, &names, &count, NULL) != FIRN_OK)
    return FIRN_OK;
  firn_code code = FIRN_OK;
  for (size_t i = 0; code == FIRN_OK && i < count; i++) {
    const bool root = folder.size && folder.data[folder.size - 1] == '/';
    if (fnmatch(glob.data, names[i].data, FNM_PERIOD) != 0) continue;
    const firn_str path =
        firn_arena_printf(f->arena, "%s%s%s", folder.size ? folder.data : "",
                          folder.size && !root ? "/" : "", names[i].data);
    if (!path.data)
      code = firn_oom(err, names[i].size);
    else if (!slash)
      code = add(f, path, err);
    else if (firn_path_look(path.data) == FIRN_PATH_FOLDER)
      code = match_below(f, path,
                         (firn_str){slash + 1, pattern.size - part.size - 1},
                         alloc, err);
  }
  firn_folder_free(alloc, names, count);
  return code;
}

static int by_bytes(const void *a, const void *b) {
  return firn_str_compare(*(const firn_str *)a, *(const firn_str *)b);
}

static firn_code match_all(const firn_run *run, firn_arena *arena,
                           firn_error *err) {
  found f = {.arena = arena};
  firn_tensor *out = NULL;
  for (size_t i = 0; i < run->in[0]->count; i++) {
    const char *path;
    FIRN_TRY(path_of(run->in[0], arena, i, &path, err));
    FIRN_TRY(match_below(&f, (firn_str){"", 0}, firn_str_of(path),
                         &run->env->alloc, err));
  }
  if (f.count) qsort(f.paths, f.count, sizeof *f.paths, by_bytes);
  const firn_shape shape = firn_shape_vector((int64_t)f.count);
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  for (size_t i = 0; i < f.count; i++)
    FIRN_TRY(firn_tensor_set_string(out, i, f.paths[i], err));
  return FIRN_OK;
}

static firn_code drive_match(const firn_run *run, firn_error *err) {
  firn_arena arena;
  firn_arena_init(&arena, &run->env->alloc);
  const firn_code code = match_all(run, &arena, err);
  firn_arena_fini(&arena);
  return code;
}

static firn_code infer_match(firn_infer *q, firn_error *err) {
  if (q->in[0].shape.rank > 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "pattern must be a scalar or a vector");
  q->out[0].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  return FIRN_OK;
}

#define KERNEL(NAME) \
  static const firn_kernel NAME[] = {{.drive = drive_##NAME}, {.drive = NULL}}

KERNEL(read);
KERNEL(write);
KERNEL(match);

static const firn_op ops[] = {
    {"ReadFile", firn_infer_scalar, read, FIRN_OP_STATEFUL},
    {"WriteFile", firn_infer_none, write, FIRN_OP_STATEFUL},
    {"MatchingFiles", infer_match, match, FIRN_OP_STATEFUL},
};

FIRN_OP_FAMILY(text_file, ops);
