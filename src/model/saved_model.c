/* model/saved_model.c: choose a meta graph of a SavedModel and find its variables. */
#include "model/saved_model.h"

static const char *const names[] = {"saved_model.pb", "saved_model.pbtxt",
                                    "saved_model.cpb"};

/* The path of the folder's saved_model file, or NULL. */
static const char *file_in(firn_arena *arena, const char *folder) {
  for (size_t i = 0; i < FIRN_COUNT(names); i++) {
    const firn_str path = firn_arena_printf(arena, "%s/%s", folder, names[i]);
    if (path.data && firn_path_look(path.data) == FIRN_PATH_FILE)
      return path.data;
  }
  return NULL;
}

bool firn_saved_model_here(firn_arena *arena, const char *folder) {
  return file_in(arena, folder) != NULL;
}

/* ---- Tags -------------------------------------------------------------------- */

static bool has_tag(const firn_pb_MetaGraphDef *meta, firn_str tag) {
  const firn_pb_MetaGraphDef_MetaInfoDef *info = meta->meta_info_def;
  for (size_t i = 0; info && i < info->tags_count; i++)
    if (firn_str_eq(info->tags[i], tag)) return true;
  return false;
}

static size_t tag_count(const firn_pb_MetaGraphDef *meta) {
  return meta->meta_info_def ? meta->meta_info_def->tags_count : 0;
}

/* Exactly these tags, separated by commas, in any order. */
static bool has_tags(const firn_pb_MetaGraphDef *meta, const char *tags) {
  size_t count = 0;
  for (const char *at = tags; *at;) {
    const size_t size = strcspn(at, ",");
    if (size && !has_tag(meta, (firn_str){at, size})) return false;
    count += size > 0;
    at += size + (at[size] == ',');
  }
  return count == tag_count(meta);
}

static void list_tags(const firn_pb_SavedModel *saved, firn_error *err) {
  for (size_t i = 0; i < saved->meta_graphs_count; i++) {
    char line[300] = "";
    size_t used = 0;
    const firn_pb_MetaGraphDef *meta = saved->meta_graphs[i];
    for (size_t k = 0; k < tag_count(meta) && used + 2 < sizeof line; k++) {
      const firn_str tag = meta->meta_info_def->tags[k];
      const size_t room = sizeof line - used - 2;
      const size_t size = tag.size < room ? tag.size : room;
      if (k) line[used++] = ',';
      memcpy(line + used, tag.data, size);
      used += size;
    }
    firn_error_add(err, "there are the tags: %s", used ? line : "(none)");
  }
}

static firn_code choose(const firn_pb_SavedModel *saved, const char *tags,
                        const firn_pb_MetaGraphDef **out, firn_error *err) {
  for (size_t i = 0; i < saved->meta_graphs_count; i++)
    if (has_tags(saved->meta_graphs[i], tags ? tags : "serve")) {
      *out = saved->meta_graphs[i];
      return FIRN_OK;
    }
  if (!tags && saved->meta_graphs_count == 1) {
    *out = saved->meta_graphs[0];
    return FIRN_OK;
  }
  firn_fail(err, FIRN_NOT_FOUND, "no meta graph has the tags '%s'",
            tags ? tags : "serve");
  list_tags(saved, err);
  return FIRN_NOT_FOUND;
}

/* ---- Opening ------------------------------------------------------------------ */

static firn_code parse_and_take(firn_model *model, bool text, const char *tags,
                                firn_error *err) {
  const firn_pb_MetaGraphDef *meta = NULL;
  void *message = NULL;
  const firn_bytes bytes = model->file->bytes;
  const firn_limits *limits = &model->env.limits;
  if (text)
    FIRN_TRY(firn_pb_parse_text(&firn_pb_type_SavedModel, bytes, limits,
                                &model->arena, &message, err));
  else
    FIRN_TRY(firn_pb_parse(&firn_pb_type_SavedModel, bytes, limits,
                           &model->arena, &message, err));
  FIRN_TRY(choose(message, tags, &meta, err));
  return firn_model_take_meta(model, meta, err);
}

firn_code firn_saved_model_parse(firn_model *model, bool text,
                                 firn_error *err) {
  return parse_and_take(model, text, NULL, err);
}

firn_code firn_saved_model_open(firn_model *model, const char *folder,
                                const char *tags, firn_error *err) {
  const char *path = file_in(&model->arena, folder);
  const firn_str base = firn_path_base(firn_str_of(path));
  FIRN_TRY(firn_file_open(path, &model->env.alloc, &model->file, err));
  if (firn_str_ends(base, FIRN_STR(".cpb")))
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "chunked SavedModels (.cpb) cannot be read yet");
  FIRN_TRY(parse_and_take(model, firn_str_ends(base, FIRN_STR(".pbtxt")), tags,
                          err));
  const firn_str prefix =
      firn_arena_printf(&model->arena, "%s/variables/variables", folder);
  const firn_str index = firn_arena_printf(&model->arena, "%s.index", prefix.data);
  if (!index.data) return firn_oom(err, 0);
  if (firn_path_look(index.data) != FIRN_PATH_FILE) return FIRN_OK;
  firn_options options = FIRN_OPTIONS_INIT;
  options.allocator = &model->env.alloc;
  options.limits = model->env.limits;
  options.skip_checksums = model->env.skip_checksums;
  return firn_checkpoint_open(prefix.data, &options, &model->checkpoint, err);
}
