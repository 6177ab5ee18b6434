/* checkpoint/state_write.c: writes the `checkpoint` file.
 *
 * As TensorFlow has it: a relative path beside a relative state file is written
 * relative to that file's folder; others stay as they are, unless all are
 * wanted relative.
 */
#include <limits.h>
#include <stdlib.h>

#include "checkpoint/state.h"

/* ---- Paths -------------------------------------------------------------- */

typedef struct parts {
  firn_str *item;
  size_t count;
} parts;

static firn_code absolute(firn_str path, firn_arena *arena, firn_str *out,
                          firn_error *err) {
  char here[PATH_MAX];
  *out = path;
  if (path.size && path.data[0] == '/') return FIRN_OK;
  FIRN_TRY(firn_folder_here(here, sizeof here, err));
  *out = firn_arena_printf(arena, "%s/%.*s", here, (int)path.size, path.data);
  return out->data ? FIRN_OK : firn_oom(err, path.size);
}

/* The names on the way to an absolute path, without "." and "..". */
static firn_code split(firn_str path, firn_arena *arena, parts *out,
                       firn_error *err) {
  out->count = 0;
  out->item = firn_arena_array(arena, path.size + 1, sizeof *out->item);
  if (!out->item) return firn_oom(err, path.size);
  for (size_t i = 0, end; i < path.size; i = end + 1) {
    for (end = i; end < path.size && path.data[end] != '/';) end++;
    const firn_str name = {path.data + i, end - i};
    if (!name.size || firn_str_is(name, ".")) continue;
    if (!firn_str_is(name, ".."))
      out->item[out->count++] = name;
    else if (out->count)
      out->count--;
  }
  return FIRN_OK;
}

static firn_code relative(firn_str path, firn_str folder, firn_arena *arena,
                          firn_str *out, firn_error *err) {
  parts to = {NULL, 0}, from = {NULL, 0};
  firn_str full = path, base = folder;
  FIRN_TRY(absolute(path, arena, &full, err));
  FIRN_TRY(absolute(folder, arena, &base, err));
  FIRN_TRY(split(full, arena, &to, err));
  FIRN_TRY(split(base, arena, &from, err));
  size_t same = 0;
  while (same < to.count && same < from.count &&
         firn_str_eq(to.item[same], from.item[same]))
    same++;

  firn_str text = FIRN_STR("");
  for (size_t i = same; i < from.count && text.data; i++)
    text = firn_arena_printf(arena, "%.*s../", (int)text.size, text.data);
  for (size_t i = same; i < to.count && text.data; i++)
    text = firn_arena_printf(arena, "%.*s%.*s%s", (int)text.size, text.data,
                             (int)to.item[i].size, to.item[i].data,
                             i + 1 < to.count ? "/" : "");
  *out = text;
  return text.data ? FIRN_OK : firn_oom(err, path.size);
}

/* A path as the state file is to have it. */
static firn_code record(const char *path, firn_str folder, bool wanted,
                        firn_arena *arena, firn_str *out, firn_error *err) {
  *out = firn_str_of(path);
  if (out->size > INT32_MAX || folder.size > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "a path is too long");
  const bool path_rooted = path[0] == '/';
  const bool folder_rooted = folder.size && folder.data[0] == '/';
  if (path_rooted ? wanted : !folder_rooted)
    return relative(*out, folder, arena, out, err);
  return FIRN_OK;
}

/* ---- The file ----------------------------------------------------------- */

static firn_code fill(const firn_checkpoint_state_options *o, firn_str folder,
                      firn_arena *arena, firn_pb_CheckpointState *out,
                      firn_error *err) {
  firn_str *all = firn_arena_array(arena, o->count + 1, sizeof *all);
  if (!all) return firn_oom(err, o->count * sizeof *all);
  FIRN_TRY(record(o->newest, folder, o->relative, arena,
                  &out->model_checkpoint_path, err));
  for (size_t i = 0; i < o->count; i++)
    FIRN_TRY(record(o->all[i], folder, o->relative, arena, &all[i], err));
  size_t count = o->count;
  if (!count || !firn_str_eq(all[count - 1], out->model_checkpoint_path))
    all[count++] = out->model_checkpoint_path;
  out->all_model_checkpoint_paths = all;
  out->all_model_checkpoint_paths_count = count;
  out->last_preserved_timestamp = o->last_preserved;
  if (!o->times) return FIRN_OK;
  if (count != o->count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu times for %zu checkpoints", o->count, count);
  out->all_model_checkpoint_timestamps = (double *)(uintptr_t)o->times;
  out->all_model_checkpoint_timestamps_count = count;
  return FIRN_OK;
}

static firn_code sink_put(void *ud, const void *data, size_t size,
                          firn_error *err) {
  return firn_writer_put(ud, data, size, err);
}

static firn_code write_state(const char *path,
                             const firn_checkpoint_state_options *o,
                             firn_arena *arena, firn_error *err) {
  firn_pb_CheckpointState state = {.last_preserved_timestamp = 0};
  const firn_str folder = firn_path_folder(firn_str_of(path));
  firn_writer *file = NULL;
  if (!o->newest || !o->newest[0])
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "it must name a newest checkpoint");
  if (!strcmp(path, o->newest))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the newest checkpoint has the state file's own name");
  FIRN_TRY(fill(o, folder, arena, &state, err));
  FIRN_TRY(firn_writer_create(path, &arena->alloc, &file, err));
  const firn_code code = firn_pb_write_text(
      &firn_pb_type_CheckpointState, &state, (firn_sink){sink_put, file}, err);
  if (code == FIRN_OK) return firn_writer_commit(file, false, err);
  firn_writer_abandon(file);
  return code;
}

firn_code firn_checkpoint_state_write(
    const char *path, const firn_checkpoint_state_options *state,
    const firn_options *options, firn_error *err) {
  const firn_env env = firn_env_from(options);
  firn_checkpoint_state_options o = {.size = sizeof o};
  firn_arena arena;
  memcpy(&o, state, firn_min_size(state->size, sizeof o));
  firn_arena_init(&arena, &env.alloc);
  const firn_code code = write_state(path, &o, &arena, err);
  firn_arena_fini(&arena);
  if (code != FIRN_OK) firn_while(err, code, "writing state file '%s'", path);
  return code;
}

/* ---- After a move ------------------------------------------------------- */

/* An absolute path without "." and "..". */
static firn_code here(const char *path, firn_arena *arena, const char **out,
                      firn_error *err) {
  firn_str full = {NULL, 0}, text = FIRN_STR("");
  parts names = {NULL, 0};
  FIRN_TRY(absolute(firn_str_of(path), arena, &full, err));
  FIRN_TRY(split(full, arena, &names, err));
  for (size_t i = 0; i < names.count && text.data; i++)
    text = firn_arena_printf(arena, "%.*s/%.*s", (int)text.size, text.data,
                             (int)names.item[i].size, names.item[i].data);
  *out = text.data;
  return text.data ? FIRN_OK : firn_oom(err, full.size);
}

typedef struct relocation {
  firn_checkpoint_state *state;
  firn_checkpoint_state_options o;
  const char **all;
  double *times;
  void (*gone)(void *ud, const char *prefix);
  void *ud;
} relocation;

static firn_code take(relocation *r, size_t i, firn_error *err) {
  firn_checkpoint_state *state = r->state;
  const firn_pb_CheckpointState *said = state->said;
  const char *prefix = state->all[i];
  if (!firn_checkpoint_exists(prefix, &state->arena)) {
    if (r->gone) r->gone(r->ud, prefix);
    return FIRN_OK;
  }
  if (!r->o.relative) FIRN_TRY(here(prefix, &state->arena, &prefix, err));
  if (i < said->all_model_checkpoint_timestamps_count)
    r->times[r->o.count] = said->all_model_checkpoint_timestamps[i];
  r->all[r->o.count++] = prefix;
  return FIRN_OK;
}

static firn_code relocate(relocation *r, const firn_options *options,
                          firn_error *err) {
  firn_checkpoint_state *state = r->state;
  firn_arena *arena = &state->arena;
  const char *path = state->path;
  r->o.newest = state->newest;
  r->o.last_preserved = state->said->last_preserved_timestamp;
  if (!firn_checkpoint_exists(state->newest, arena))
    return firn_fail(err, FIRN_NOT_FOUND,
                     "state file '%s': its newest checkpoint '%s' is gone",
                     path, state->newest);
  r->all = firn_arena_array(arena, state->count, sizeof *r->all);
  r->times = firn_arena_array(arena, state->count, sizeof *r->times);
  if (!r->all || !r->times) return firn_oom(err, state->count * sizeof *r->all);
  for (size_t i = 0; i < state->count; i++) FIRN_TRY(take(r, i, err));
  if (!r->o.relative) {
    FIRN_TRY(here(state->newest, arena, &r->o.newest, err));
    FIRN_TRY(here(path, arena, &path, err));
  }
  r->o.all = r->all;
  if (state->said->all_model_checkpoint_timestamps_count == state->count)
    r->o.times = r->times;
  return firn_checkpoint_state_write(path, &r->o, options, err);
}

firn_code firn_checkpoint_state_relocate(
    const char *path, bool relative, void (*gone)(void *ud, const char *prefix),
    void *ud, const firn_options *options, firn_error *err) {
  relocation r = {
      .o = {.size = sizeof r.o, .relative = relative}, .gone = gone, .ud = ud};
  FIRN_TRY(firn_checkpoint_state_open(path, options, &r.state, err));
  const firn_code code = relocate(&r, options, err);
  firn_checkpoint_state_close(r.state);
  return code;
}
