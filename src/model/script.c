/* model/script.c: several runs, written down as JSON.
 *
 *   [{"signature": "serving_default",
 *     "feeds": {"x": "x.npy"}, "fetches": {"y": "y.npy"}, "targets": []}]
 */
#include "base/json.h"
#include "model/model.h"

struct firn_script {
  firn_env env;
  firn_arena arena;
  firn_file *file;
  firn_script_run *runs;
  size_t count;
};

static firn_code read_files(firn_arena *arena, const firn_json *value,
                            const char *part, const firn_named_file **out,
                            size_t *count, firn_error *err) {
  if (!value || value->kind == FIRN_JSON_NULL) return FIRN_OK;
  if (value->kind != FIRN_JSON_OBJECT)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "'%s' is no object", part);
  firn_named_file *list = firn_arena_array(arena, value->count, sizeof *list);
  if (!list) return firn_oom(err, value->count);
  for (size_t i = 0; i < value->count; i++) {
    const firn_json *file = &value->item[i];
    if (file->kind != FIRN_JSON_STRING && file->kind != FIRN_JSON_NULL)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "'%s': what '%.*s' is given is no file name", part,
                       FIRN_ARG(value->key[i]));
    list[i].name = firn_arena_cstr(arena, value->key[i]);
    if (file->kind == FIRN_JSON_STRING)
      list[i].file = firn_arena_cstr(arena, file->text);
    if (!list[i].name || (file->kind == FIRN_JSON_STRING && !list[i].file))
      return firn_oom(err, 0);
  }
  *out = list;
  *count = value->count;
  return FIRN_OK;
}

static firn_code read_targets(firn_arena *arena, const firn_json *value,
                              firn_script_run *run, firn_error *err) {
  if (!value || value->kind == FIRN_JSON_NULL) return FIRN_OK;
  if (value->kind != FIRN_JSON_ARRAY)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "'targets' is no list");
  const char **list = firn_arena_array(arena, value->count, sizeof(*list));
  if (!list) return firn_oom(err, value->count);
  for (size_t i = 0; i < value->count; i++) {
    if (value->item[i].kind != FIRN_JSON_STRING)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "'targets': element %zu is no name", i);
    list[i] = firn_arena_cstr(arena, value->item[i].text);
    if (!list[i]) return firn_oom(err, 0);
  }
  run->targets = list;
  run->target_count = value->count;
  return FIRN_OK;
}

static firn_code read_run(firn_arena *arena, const firn_json *value,
                          firn_script_run *run, firn_error *err) {
  static const char *const known[] = {"signature", "feeds", "fetches",
                                      "targets"};
  if (value->kind != FIRN_JSON_OBJECT)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "this is no object");
  for (size_t i = 0; i < value->count; i++) {
    bool found = false;
    for (size_t k = 0; k < FIRN_COUNT(known); k++)
      found |= firn_str_is(value->key[i], known[k]);
    if (!found)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "'%.*s' is none of signature, feeds, fetches, targets",
                       FIRN_ARG(value->key[i]));
  }
  const firn_json *signature = firn_json_get(value, "signature");
  if (signature && signature->kind == FIRN_JSON_STRING) {
    run->signature = firn_arena_cstr(arena, signature->text);
    if (!run->signature) return firn_oom(err, 0);
  } else if (signature && signature->kind != FIRN_JSON_NULL) {
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "'signature' is no name");
  }
  FIRN_TRY(read_files(arena, firn_json_get(value, "feeds"), "feeds",
                      &run->feeds, &run->feed_count, err));
  FIRN_TRY(read_files(arena, firn_json_get(value, "fetches"), "fetches",
                      &run->fetches, &run->fetch_count, err));
  return read_targets(arena, firn_json_get(value, "targets"), run, err);
}

static firn_code read_all(firn_script *script, const char *path,
                          firn_error *err) {
  enum { DEPTH = 8 };
  const firn_json *list = NULL;
  FIRN_TRY(firn_file_open(path, &script->env.alloc, &script->file, err));
  FIRN_TRY(
      firn_json_parse(script->file->bytes, DEPTH, &script->arena, &list, err));
  if (list->kind != FIRN_JSON_ARRAY)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "this is no list of runs");
  script->runs =
      firn_arena_array(&script->arena, list->count, sizeof *script->runs);
  if (!script->runs) return firn_oom(err, list->count);
  for (size_t i = 0; i < list->count; i++) {
    const firn_code code =
        read_run(&script->arena, &list->item[i], &script->runs[i], err);
    if (code != FIRN_OK) return firn_while(err, code, "run %zu", i);
    script->count++;
  }
  return FIRN_OK;
}

firn_code firn_script_read(const char *path, const firn_options *options,
                           firn_script **out, firn_error *err) {
  const firn_env env = firn_env_from(options);
  firn_script *script = firn_new_zeroed(&env.alloc, sizeof *script);
  *out = NULL;
  if (!script) return firn_oom(err, sizeof *script);
  script->env = env;
  firn_arena_init(&script->arena, &env.alloc);
  const firn_code code = read_all(script, path, err);
  if (code == FIRN_OK) {
    *out = script;
    return code;
  }
  const bool opened = script->file != NULL;
  firn_script_free(script);
  return opened ? firn_while(err, code, "'%s'", path) : code;
}

void firn_script_free(firn_script *script) {
  if (!script) return;
  const firn_allocator alloc = script->env.alloc;
  firn_file_close(script->file);
  firn_arena_fini(&script->arena);
  firn_delete(&alloc, script, sizeof *script);
}

size_t firn_script_count(const firn_script *script) { return script->count; }

const firn_script_run *firn_script_at(const firn_script *script, size_t i) {
  return &script->runs[i];
}
