/* checkpoint/paths.c: tells by the names of files what kind of checkpoint a
 * name stands for. */
#include "checkpoint/paths.h"

#include <stdio.h>

enum { MOST_SHARDS = 1 << 20 };

static const firn_str index_suffix = {".index", 6};

/* The size of what stands before the number of shards: "-00000-of-". */
enum { SHARD_MARK = 10 };

static bool is_digits(firn_str text) {
  if (text.size < 5) return false;
  for (size_t i = 0; i < text.size; i++)
    if (text.data[i] < '0' || text.data[i] > '9') return false;
  return true;
}

/* Splits "P-<mark>-of-00004" into P and 4; the mark is '?????' or digits. */
static bool split_shard(firn_str name, firn_str *prefix, uint64_t *count) {
  size_t end = name.size;
  while (end > 0 && name.data[end - 1] != '-') end--;
  const firn_str total = {name.data + end, name.size - end};
  if (end < SHARD_MARK || !is_digits(total)) return false;
  const firn_str middle = {name.data + end - SHARD_MARK, SHARD_MARK};
  const firn_str number = {middle.data + 1, 5};
  if (middle.data[0] != '-' ||
      !firn_str_is((firn_str){middle.data + 6, 4}, "-of-") ||
      !(firn_str_is(number, "?????") || is_digits(number)))
    return false;
  *prefix = (firn_str){name.data, end - SHARD_MARK};
  return firn_parse_u64(total, count);
}

/* The names of all shards of V1; each must exist. */
static firn_code list_shards(firn_str prefix, uint64_t count, firn_arena *arena,
                             firn_checkpoint_paths *out, firn_error *err) {
  if (count < 1 || count > MOST_SHARDS)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%llu shards, wanted 1 to %d",
                     (unsigned long long)count, MOST_SHARDS);
  out->files = firn_arena_array(arena, count, sizeof *out->files);
  if (!out->files) return firn_oom(err, count * sizeof *out->files);
  for (size_t i = 0; i < count; i++) {
    const firn_str path =
        firn_arena_printf(arena, "%.*s-%05zu-of-%05llu", (int)prefix.size,
                          prefix.data, i, (unsigned long long)count);
    if (!path.data) return firn_oom(err, prefix.size);
    if (firn_path_look(path.data) != FIRN_PATH_FILE)
      return firn_fail(err, FIRN_NOT_FOUND, "its shard '%.*s' is missing",
                       FIRN_ARG(path));
    out->files[i] = path.data;
  }
  out->version = 1;
  out->count = count;
  return FIRN_OK;
}

/* How many V1 shards the folder says that the prefix has; 0 for none. */
static firn_code count_shards(firn_str prefix, firn_arena *arena, uint64_t *out,
                              firn_error *err) {
  const firn_str folder = firn_path_folder(prefix);
  const firn_str base = firn_path_base(prefix);
  const char *path = firn_arena_cstr(arena, folder);
  firn_str *names = NULL;
  size_t count = 0;
  firn_code code = FIRN_OK;
  *out = 0;
  if (!path) return firn_oom(err, folder.size);
  code = firn_folder_list(path, &arena->alloc, &names, &count, NULL);
  if (code == FIRN_RESOURCE_EXHAUSTED) return firn_oom(err, folder.size);
  if (code != FIRN_OK) return FIRN_OK; /* no folder, no shards */

  for (size_t i = 0; i < count && code == FIRN_OK; i++) {
    firn_str its;
    uint64_t total;
    if (!split_shard(names[i], &its, &total) || !firn_str_eq(its, base))
      continue;
    if (*out && *out != total)
      code = firn_fail(err, FIRN_FAILED_PRECONDITION,
                       "shards of %llu and of %llu lie side by side",
                       (unsigned long long)*out, (unsigned long long)total);
    *out = total;
  }
  firn_folder_free(&arena->alloc, names, count);
  return code;
}

/* "P.data-00000-of-00001" names the bytes of a checkpoint, not the checkpoint.
 */
static bool is_data_file(firn_str name, firn_str *prefix) {
  uint64_t count;
  firn_str before;
  return split_shard(name, &before, &count) &&
         firn_str_ends(before, FIRN_STR(".data")) &&
         (*prefix = (firn_str){before.data, before.size - 5}, true);
}

static firn_code find_v1(firn_str name, firn_arena *arena,
                         firn_checkpoint_paths *out, firn_error *err) {
  firn_str prefix;
  uint64_t count;
  if (is_data_file(name, &prefix))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "this is a file of data; the name of its checkpoint is "
                     "'%.*s'",
                     FIRN_ARG(prefix));
  if (firn_path_look(out->prefix) == FIRN_PATH_FILE) {
    out->files = firn_arena_array(arena, 1, sizeof *out->files);
    if (!out->files) return firn_oom(err, sizeof *out->files);
    out->files[0] = out->prefix;
    out->version = 1;
    out->count = 1;
    return FIRN_OK;
  }
  if (split_shard(name, &prefix, &count))
    return list_shards(prefix, count, arena, out, err);
  FIRN_TRY(count_shards(name, arena, &count, err));
  if (count) return list_shards(name, count, arena, out, err);
  return firn_fail(err, FIRN_NOT_FOUND,
                   "there is neither '%.*s.index' nor '%.*s'", FIRN_ARG(name),
                   FIRN_ARG(name));
}

firn_code firn_checkpoint_paths_find(firn_str name, firn_arena *arena,
                                     firn_checkpoint_paths *out,
                                     firn_error *err) {
  *out = (firn_checkpoint_paths){.version = 0};
  if (name.size > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "the name is too long");
  if (firn_str_ends(name, index_suffix)) {
    const char *path = firn_arena_cstr(arena, name);
    if (!path) return firn_oom(err, name.size);
    if (firn_path_look(path) == FIRN_PATH_FILE) name.size -= index_suffix.size;
  }
  out->prefix = firn_arena_cstr(arena, name);
  const firn_str index =
      firn_arena_printf(arena, "%.*s.index", (int)name.size, name.data);
  if (!out->prefix || !index.data) return firn_oom(err, name.size);
  if (firn_path_look(index.data) != FIRN_PATH_FILE)
    return find_v1(name, arena, out, err);
  out->index = index.data;
  out->version = 2;
  return FIRN_OK;
}
