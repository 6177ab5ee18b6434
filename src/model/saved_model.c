/* model/saved_model.c: choose a meta graph of a SavedModel, find its variables,
 * its assets and the op that has to run first. */
#include "model/saved_model.h"

#include "proto/chunked.h"

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

/* ---- Tags --------------------------------------------------------------- */

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
  const bool any = tags && !strcmp(tags, "*") && saved->meta_graphs_count;
  if (any || (!tags && saved->meta_graphs_count == 1)) {
    *out = saved->meta_graphs[0];
    return FIRN_OK;
  }
  firn_fail(err, FIRN_NOT_FOUND, "no meta graph has the tags '%s'",
            tags ? tags : "serve");
  list_tags(saved, err);
  return FIRN_NOT_FOUND;
}

/* ---- What comes with a meta graph -------------------------------------------
 */

static const firn_pb_CollectionDef *collection(const firn_pb_MetaGraphDef *meta,
                                               const char *name) {
  for (size_t i = 0; i < meta->collection_def_count; i++)
    if (firn_str_is(meta->collection_def[i]->key, name))
      return meta->collection_def[i]->value;
  return NULL;
}

static firn_code add_asset(firn_model *model, const firn_pb_AssetFileDef *def,
                           const char *folder, firn_error *err) {
  firn_asset *asset = &model->assets[model->asset_count];
  if (!def->tensor_info || def->tensor_info->encoding_case != 1 ||
      !def->filename.size)
    return FIRN_OK;
  asset->tensor = def->tensor_info->name;
  asset->file = def->filename;
  asset->path = firn_arena_printf(&model->arena, "%s/assets/%.*s", folder,
                                  (int)def->filename.size, def->filename.data)
                    .data;
  if (!asset->path) return firn_oom(err, 0);
  model->asset_count++;
  return FIRN_OK;
}

/* Old builders put the assets into a collection. */
static firn_code read_old_assets(firn_model *model, const char *folder,
                                 firn_error *err) {
  const firn_pb_CollectionDef *old =
      collection(model->meta, "saved_model_assets");
  if (!old || old->kind_case != 5 || !old->any_list) return FIRN_OK;
  const size_t count = old->any_list->value_count;
  model->assets = firn_arena_array(&model->arena, count, sizeof *model->assets);
  if (!model->assets) return firn_oom(err, count);
  for (size_t i = 0; i < count; i++) {
    const firn_str bytes = old->any_list->value[i]->value;
    void *def = NULL;
    FIRN_TRY(
        firn_pb_parse(&firn_pb_type_AssetFileDef,
                      (firn_bytes){(const uint8_t *)bytes.data, bytes.size},
                      &model->env.limits, &model->arena, &def, err));
    FIRN_TRY(add_asset(model, def, folder, err));
  }
  return FIRN_OK;
}

static firn_code read_assets(firn_model *model, const char *folder,
                             firn_error *err) {
  const size_t count = model->meta->asset_file_def_count;
  if (!count) return read_old_assets(model, folder, err);
  model->assets = firn_arena_array(&model->arena, count, sizeof *model->assets);
  if (!model->assets) return firn_oom(err, count);
  for (size_t i = 0; i < count; i++)
    FIRN_TRY(add_asset(model, model->meta->asset_file_def[i], folder, err));
  return FIRN_OK;
}

static firn_str first_node(const firn_pb_CollectionDef *c) {
  if (!c || c->kind_case != 1 || !c->node_list || !c->node_list->value_count)
    return (firn_str){0};
  return c->node_list->value[0];
}

/* The signature counts before the collections, as in TensorFlow. */
static firn_str find_init_op(const firn_pb_MetaGraphDef *meta) {
  for (size_t i = 0; i < meta->signature_def_count; i++) {
    const firn_pb_SignatureDef *def = meta->signature_def[i]->value;
    if (!firn_str_is(meta->signature_def[i]->key, FIRN_INIT_SIGNATURE) || !def)
      continue;
    for (size_t k = 0; k < def->outputs_count; k++)
      if (firn_str_is(def->outputs[k]->key, FIRN_INIT_SIGNATURE) &&
          def->outputs[k]->value && def->outputs[k]->value->encoding_case == 1)
        return def->outputs[k]->value->name;
  }
  const firn_str main_op = first_node(collection(meta, "saved_model_main_op"));
  return main_op.size ? main_op
                      : first_node(collection(meta, "legacy_init_op"));
}

/* ---- Opening ------------------------------------------------------------ */

static firn_code parse(firn_model *model, bool text, firn_error *err) {
  void *message = NULL;
  const firn_bytes bytes = model->file->bytes;
  const firn_limits *limits = &model->env.limits;
  if (text)
    FIRN_TRY(firn_pb_parse_text(&firn_pb_type_SavedModel, bytes, limits,
                                &model->arena, &message, err));
  else
    FIRN_TRY(firn_pb_parse(&firn_pb_type_SavedModel, bytes, limits,
                           &model->arena, &message, err));
  model->saved = message;
  return FIRN_OK;
}

static firn_code take(firn_model *model, const char *folder, const char *tags,
                      firn_error *err) {
  const firn_pb_MetaGraphDef *meta = NULL;
  FIRN_TRY(choose(model->saved, tags, &meta, err));
  FIRN_TRY(firn_model_take_meta(model, meta, err));
  model->init_op = find_init_op(meta);
  return read_assets(model, folder, err);
}

firn_code firn_saved_model_parse(firn_model *model, bool text, const char *tags,
                                 firn_error *err) {
  FIRN_TRY(parse(model, text, err));
  return take(model, ".", tags, err);
}

firn_code firn_saved_model_open(firn_model *model, const char *folder,
                                const char *tags, firn_error *err) {
  const char *path = file_in(&model->arena, folder);
  const firn_str base = firn_path_base(firn_str_of(path));
  FIRN_TRY(firn_file_open(path, &model->env.alloc, &model->file, err));
  if (firn_str_ends(base, FIRN_STR(".cpb")))
    FIRN_TRY(firn_chunked_parse(model->file->bytes, &firn_pb_type_SavedModel,
                                &model->env, &model->arena,
                                (void **)&model->saved, err));
  else
    FIRN_TRY(parse(model, firn_str_ends(base, FIRN_STR(".pbtxt")), err));
  FIRN_TRY(take(model, folder, tags, err));
  const firn_str prefix =
      firn_arena_printf(&model->arena, "%s/variables/variables", folder);
  const firn_str index =
      firn_arena_printf(&model->arena, "%s.index", prefix.data);
  if (!index.data) return firn_oom(err, 0);
  if (firn_path_look(index.data) != FIRN_PATH_FILE) return FIRN_OK;
  const firn_options options = firn_options_of(&model->env);
  return firn_checkpoint_open(prefix.data, &options, &model->checkpoint, err);
}

/* ---- Telling ------------------------------------------------------------ */

size_t firn_model_tag_set_count(const firn_model *model) {
  return model->saved ? model->saved->meta_graphs_count : 0;
}

firn_str firn_model_tag(const firn_model *model, size_t set, size_t i) {
  const firn_pb_MetaGraphDef *meta = model->saved->meta_graphs[set];
  return i < tag_count(meta) ? meta->meta_info_def->tags[i] : (firn_str){0};
}

size_t firn_model_asset_count(const firn_model *model) {
  return model->asset_count;
}

const char *firn_model_asset_at(const firn_model *model, size_t i,
                                firn_str *tensor) {
  if (tensor) *tensor = model->assets[i].tensor;
  return model->assets[i].path;
}
