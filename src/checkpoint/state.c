/* checkpoint/state.c: the `checkpoint` file, which says which checkpoint of a
 * folder is the newest.
 *
 * Folders move: a recorded path may be relative to the state file, may be
 * absolute and gone, or may come from another system. The file that lies beside
 * the state file under the same base name is meant then.
 */
#include "checkpoint/state.h"

#include "checkpoint/paths.h"

/* The last part of a path that may have backslashes for slashes. */
static firn_str base_name(firn_str path) {
  firn_str base = firn_path_base(path);
  if (base.size != path.size) return base;
  for (size_t i = path.size; i > 0; i--)
    if (path.data[i - 1] == '\\')
      return (firn_str){path.data + i, path.size - i};
  return base;
}

bool firn_checkpoint_exists(const char *prefix, firn_arena *scratch) {
  firn_checkpoint_paths found;
  return firn_checkpoint_paths_find(firn_str_of(prefix), scratch, &found,
                                    NULL) == FIRN_OK;
}

/* The prefix that a recorded path stands for. */
static firn_code settle(firn_checkpoint_state *state, firn_str folder,
                        firn_str recorded, const char **out, firn_error *err) {
  const bool absolute = recorded.size && recorded.data[0] == '/';
  const bool here = firn_str_is(folder, ".");
  const firn_str base = base_name(recorded);
  firn_arena *arena = &state->arena;
  const int folder_size = (int)folder.size, base_size = (int)base.size;
  *out = absolute || here
             ? firn_arena_cstr(arena, recorded)
             : firn_arena_printf(arena, "%.*s/%.*s", folder_size, folder.data,
                                 (int)recorded.size, recorded.data)
                   .data;
  const char *beside = firn_arena_printf(arena, "%.*s/%.*s", folder_size,
                                         folder.data, base_size, base.data)
                           .data;
  if (!*out || !beside) return firn_oom(err, folder.size + recorded.size);
  if (base.size && !firn_checkpoint_exists(*out, arena) &&
      firn_checkpoint_exists(beside, arena))
    *out = beside;
  return FIRN_OK;
}

static firn_code parse(firn_checkpoint_state *state,
                       const firn_pb_CheckpointState **out, firn_error *err) {
  void *parsed = NULL;
  const firn_code code =
      firn_pb_parse_text(&firn_pb_type_CheckpointState, state->file->bytes,
                         &state->env.limits, &state->arena, &parsed, err);
  *out = parsed;
  if (code == FIRN_INVALID_ARGUMENT)
    return firn_while(err, FIRN_DATA_LOSS, "not a state file");
  return code;
}

static firn_code fill(firn_checkpoint_state *state, firn_str folder,
                      firn_error *err) {
  const firn_pb_CheckpointState *said;
  FIRN_TRY(parse(state, &said, err));
  state->said = said;
  if (!said->model_checkpoint_path.size)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "it names no newest checkpoint");
  if (state->file->bytes.size > INT32_MAX || folder.size > INT32_MAX)
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "it is too large");
  FIRN_TRY(
      settle(state, folder, said->model_checkpoint_path, &state->newest, err));

  const size_t count = said->all_model_checkpoint_paths_count;
  state->all = firn_arena_array(&state->arena, count + 1, sizeof *state->all);
  if (!state->all) return firn_oom(err, count * sizeof *state->all);
  for (size_t i = 0; i < count; i++)
    FIRN_TRY(settle(state, folder, said->all_model_checkpoint_paths[i],
                    &state->all[i], err));
  state->count = count;
  if (count) return FIRN_OK;
  state->all[state->count++] = state->newest; /* as old writers mean it */
  return FIRN_OK;
}

/* The state file itself: `path`, or the file `checkpoint` in that folder. */
static firn_code open_file(firn_checkpoint_state *state, const char *path,
                           firn_error *err) {
  state->path = firn_arena_cstr(&state->arena, firn_str_of(path));
  if (firn_path_look(path) == FIRN_PATH_FOLDER) {
    const size_t size = strlen(path);
    const bool slash = size && path[size - 1] == '/';
    state->path = firn_arena_printf(&state->arena, "%s%scheckpoint", path,
                                    slash ? "" : "/")
                      .data;
  }
  if (!state->path) return firn_oom(err, strlen(path));
  return firn_file_open(state->path, &state->env.alloc, &state->file, err);
}

firn_code firn_checkpoint_state_open(const char *path,
                                     const firn_options *options,
                                     firn_checkpoint_state **out,
                                     firn_error *err) {
  const firn_env env = firn_env_from(options);
  *out = NULL;
  firn_checkpoint_state *state = firn_new_zeroed(&env.alloc, sizeof *state);
  if (!state) return firn_oom(err, sizeof *state);
  state->env = env;
  firn_arena_init(&state->arena, &env.alloc);

  firn_code code = open_file(state, path, err);
  if (code == FIRN_OK) {
    code = fill(state, firn_path_folder(firn_str_of(state->path)), err);
    if (code != FIRN_OK)
      firn_while(err, code, "reading state file '%s'", state->path);
  }
  if (code != FIRN_OK) {
    firn_checkpoint_state_close(state);
    return code;
  }
  *out = state;
  return FIRN_OK;
}

void firn_checkpoint_state_close(firn_checkpoint_state *state) {
  if (!state) return;
  const firn_allocator alloc = state->env.alloc;
  firn_file_close(state->file);
  firn_arena_fini(&state->arena);
  firn_delete(&alloc, state, sizeof *state);
}

const char *firn_checkpoint_state_newest(const firn_checkpoint_state *state) {
  return state->newest;
}

size_t firn_checkpoint_state_count(const firn_checkpoint_state *state) {
  return state->count;
}

const char *firn_checkpoint_state_at(const firn_checkpoint_state *state,
                                     size_t i) {
  return state->all[i];
}
