/* model/open.c: open anything that holds a model.
 *
 * A path is looked at in this order: a folder with a saved_model file, a folder
 * with a `checkpoint` file, a checkpoint prefix (P.index beside it), and a
 * file, told by its bytes. */
#include <stdlib.h>

#include "model/model.h"
#include "model/saved_model.h"
#include "model/sniff.h"

/* ---- Paths -------------------------------------------------------------- */

static bool exists(firn_arena *arena, firn_str path, const char *ending) {
  const firn_str full =
      firn_arena_printf(arena, "%.*s%s", (int)path.size, path.data, ending);
  return full.data && firn_path_look(full.data) == FIRN_PATH_FILE;
}

static bool cut(firn_str *path, const char *ending) {
  const firn_str end = firn_str_of(ending);
  if (!firn_str_ends(*path, end) || path->size == end.size) return false;
  path->size -= end.size;
  return true;
}

/* ---- Graphs ------------------------------------------------------------- */

static const firn_pb_type *type_of(firn_form form) {
  return form == FIRN_FORM_GRAPH ? &firn_pb_type_GraphDef
                                 : &firn_pb_type_MetaGraphDef;
}

static firn_code parse(firn_model *model, const firn_pb_type *type, bool text,
                       void **out, firn_error *err) {
  const firn_bytes bytes = model->file->bytes;
  const firn_limits *limits = &model->env.limits;
  return text ? firn_pb_parse_text(type, bytes, limits, &model->arena, out, err)
              : firn_pb_parse(type, bytes, limits, &model->arena, out, err);
}

firn_code firn_model_take_meta(firn_model *model,
                               const firn_pb_MetaGraphDef *meta,
                               firn_error *err) {
  const firn_pb_OpList *ops = NULL;
  model->meta = meta;
  if (meta->meta_info_def) {
    ops = meta->meta_info_def->stripped_op_list;
    model->tensorflow =
        firn_arena_cstr(&model->arena, meta->meta_info_def->tensorflow_version);
    if (!model->tensorflow) return firn_oom(err, 0);
  }
  if (!meta->graph_def)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the MetaGraphDef has no graph");
  FIRN_TRY(
      firn_graph_import(meta->graph_def, ops, &model->env, &model->graph, err));
  return firn_model_read_signatures(model, err);
}

static firn_code wrong_kind(firn_bytes bytes, firn_error *err) {
  const char *other = firn_sniff_other(bytes);
  return other ? firn_fail(err, FIRN_INVALID_ARGUMENT,
                           "this is %s, no GraphDef, MetaGraphDef, SavedModel "
                           "or checkpoint",
                           other)
               : firn_fail(err, FIRN_INVALID_ARGUMENT,
                           "this is no GraphDef, MetaGraphDef, SavedModel or "
                           "checkpoint, neither binary nor text");
}

/* A file that does not parse as what it was said to be is perhaps another
 * thing. */
static firn_code wrong_form(firn_bytes bytes, firn_form form, firn_form seen,
                            firn_code code, firn_error *err) {
  const char *other = seen == FIRN_FORM_UNKNOWN ? firn_sniff_other(bytes)
                                                : firn_form_name(seen);
  if (seen == form || !other || code == FIRN_RESOURCE_EXHAUSTED) return code;
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "this is %s, not %s", other,
                   firn_form_name(form));
}

static firn_code open_graph_file(firn_model *model, const char *path,
                                 firn_model_kind as, const char *tags,
                                 firn_error *err) {
  static const firn_form forms[] = {
      [FIRN_MODEL_GRAPH] = FIRN_FORM_GRAPH,
      [FIRN_MODEL_META_GRAPH] = FIRN_FORM_META_GRAPH,
      [FIRN_MODEL_SAVED_MODEL] = FIRN_FORM_SAVED_MODEL};
  bool text = false;
  void *message = NULL;
  FIRN_TRY(firn_file_open(path, &model->env.alloc, &model->file, err));
  const firn_bytes bytes = model->file->bytes;
  const firn_form seen = firn_sniff(bytes, &text);
  const bool said = (size_t)as < FIRN_COUNT(forms) && forms[as];
  const firn_form form = said ? forms[as] : seen;
  firn_code code;
  if (form == FIRN_FORM_SAVED_MODEL) {
    model->kind = FIRN_MODEL_SAVED_MODEL;
    code = firn_saved_model_parse(model, text, tags, err);
    return code == FIRN_OK ? code : wrong_form(bytes, form, seen, code, err);
  }
  if (bytes.size == 0)
    return firn_fail(err, FIRN_DATA_LOSS, "the file is empty");
  if (form != FIRN_FORM_GRAPH && form != FIRN_FORM_META_GRAPH)
    return wrong_kind(bytes, err);
  code = parse(model, type_of(form), text, &message, err);
  if (code != FIRN_OK) return wrong_form(bytes, form, seen, code, err);
  if (form == FIRN_FORM_META_GRAPH) {
    model->kind = FIRN_MODEL_META_GRAPH;
    return firn_model_take_meta(model, message, err);
  }
  model->kind = FIRN_MODEL_GRAPH;
  return firn_graph_import(message, NULL, &model->env, &model->graph, err);
}

/* ---- Checkpoints -------------------------------------------------------- */

firn_options firn_options_of(const firn_env *env) {
  firn_options options = FIRN_OPTIONS_INIT;
  options.allocator = &env->alloc;
  options.limits = env->limits;
  options.threads = env->threads;
  options.skip_checksums = env->skip_checksums;
  return options;
}

static firn_code open_checkpoint(firn_model *model, const char *prefix,
                                 firn_error *err) {
  const firn_options options = firn_options_of(&model->env);
  return firn_checkpoint_open(prefix, &options, &model->checkpoint, err);
}

/* A folder's newest checkpoint, copied into the arena. */
static firn_code newest(firn_model *model, const char *folder, const char **out,
                        firn_error *err) {
  const firn_options options = firn_options_of(&model->env);
  firn_checkpoint_state *state = NULL;
  FIRN_TRY(firn_checkpoint_state_open(folder, &options, &state, err));
  *out = firn_arena_cstr(&model->arena,
                         firn_str_of(firn_checkpoint_state_newest(state)));
  firn_checkpoint_state_close(state);
  return *out ? FIRN_OK : firn_oom(err, 0);
}

/* A checkpoint and, when it lies beside it, its graph. */
static firn_code open_prefix(firn_model *model, const char *prefix,
                             const char *values, firn_error *err) {
  model->kind = FIRN_MODEL_CHECKPOINT;
  if (exists(&model->arena, firn_str_of(prefix), ".meta")) {
    const firn_str meta = firn_arena_printf(&model->arena, "%s.meta", prefix);
    const firn_code code =
        open_graph_file(model, meta.data, FIRN_MODEL_META_GRAPH, NULL, err);
    if (code != FIRN_OK) return firn_while(err, code, "'%s'", meta.data);
  }
  return open_checkpoint(model, values ? values : prefix, err);
}

/* `--checkpoint` may name a folder too. */
static firn_code open_values(firn_model *model, const char *path,
                             firn_error *err) {
  if (firn_path_look(path) == FIRN_PATH_FOLDER)
    FIRN_TRY(newest(model, path, &path, err));
  return open_checkpoint(model, path, err);
}

/* ---- Any path ----------------------------------------------------------- */

static bool has_form(firn_model *model, const char *path, firn_form form) {
  firn_file *file = NULL;
  bool text;
  if (firn_file_open(path, &model->env.alloc, &file, NULL) != FIRN_OK)
    return false;
  const bool has = firn_sniff(file->bytes, &text) == form;
  firn_file_close(file);
  return has;
}

/* Some people call a frozen graph saved_model.pb. */
static bool is_saved_model(firn_model *model, const char *path) {
  const firn_str base = firn_path_base(firn_str_of(path));
  return (firn_str_is(base, "saved_model.pb") ||
          firn_str_is(base, "saved_model.pbtxt") ||
          firn_str_is(base, "saved_model.cpb")) &&
         has_form(model, path, FIRN_FORM_SAVED_MODEL);
}

static firn_code open_folder(firn_model *model, const char *path,
                             const firn_model_options *o, firn_error *err) {
  const char *prefix = NULL;
  if (firn_saved_model_here(&model->arena, path)) {
    bool text;
    model->kind = FIRN_MODEL_SAVED_MODEL;
    const firn_code code = firn_saved_model_open(model, path, o->tags, err);
    if (code == FIRN_OK || !model->file) return code;
    return wrong_form(model->file->bytes, FIRN_FORM_SAVED_MODEL,
                      firn_sniff(model->file->bytes, &text), code, err);
  }
  if (!exists(&model->arena, firn_str_of(path), "/checkpoint"))
    return firn_fail(err, FIRN_NOT_FOUND,
                     "the folder holds neither a SavedModel (saved_model.pb) "
                     "nor a 'checkpoint' file");
  FIRN_TRY(newest(model, path, &prefix, err));
  return open_prefix(model, prefix, o->checkpoint, err);
}

/* The file of a SavedModel stands for its folder. */
static firn_code open_saved_model(firn_model *model, firn_str path,
                                  const char *tags, firn_error *err) {
  const char *folder = firn_arena_cstr(&model->arena, firn_path_folder(path));
  if (!folder) return firn_oom(err, path.size);
  model->kind = FIRN_MODEL_SAVED_MODEL;
  return firn_saved_model_open(model, folder, tags, err);
}

static firn_code open_file(firn_model *model, const char *path,
                           const firn_model_options *o, firn_error *err) {
  firn_str stem = firn_str_of(path);
  FIRN_TRY(open_graph_file(model, path, o->as, o->tags, err));
  if (o->checkpoint) return open_values(model, o->checkpoint, err);
  if (model->kind != FIRN_MODEL_META_GRAPH || !cut(&stem, ".meta"))
    return FIRN_OK;
  const char *prefix = firn_arena_cstr(&model->arena, stem);
  if (!prefix) return firn_oom(err, stem.size);
  if (exists(&model->arena, stem, ".index") ||
      firn_path_look(prefix) == FIRN_PATH_FILE)
    return open_checkpoint(model, prefix, err);
  return FIRN_OK;
}

/* P.data-00000-of-00001 is a part of checkpoint P. */
static bool cut_shard(firn_str *path) {
  static const char shape[] = ".data-00000-of-00000";
  const size_t n = sizeof shape - 1;
  if (path->size <= n) return false;
  const char *end = path->data + path->size - n;
  for (size_t i = 0; i < n; i++)
    if (shape[i] == '0' ? end[i] < '0' || end[i] > '9' : end[i] != shape[i])
      return false;
  path->size -= n;
  return true;
}

static firn_code open_path(firn_model *model, const char *path,
                           const firn_model_options *o, firn_error *err) {
  firn_str stem = firn_str_of(path);
  switch (firn_path_look(path)) {
    case FIRN_PATH_FOLDER: return open_folder(model, path, o, err);
    case FIRN_PATH_MISSING:
      if (!exists(&model->arena, stem, ".index") &&
          !exists(&model->arena, stem, ".meta"))
        break;
      return open_prefix(model, path, o->checkpoint, err);
    case FIRN_PATH_FILE: {
      if (o->as == FIRN_MODEL_ANY && is_saved_model(model, path))
        return open_saved_model(model, stem, o->tags, err);
      const bool part = cut(&stem, ".index") || cut_shard(&stem);
      if (o->as != FIRN_MODEL_ANY ||
          (!part && !has_form(model, path, FIRN_FORM_TABLE)))
        return open_file(model, path, o, err);
      const char *prefix = firn_arena_cstr(&model->arena, stem);
      if (!prefix) return firn_oom(err, stem.size);
      return open_prefix(model, prefix, o->checkpoint, err);
    }
  }
  return firn_fail(err, FIRN_NOT_FOUND,
                   "there is no such file, folder or checkpoint");
}

firn_code firn_model_open(const char *path, const firn_model_options *options,
                          const firn_options *general, firn_model **out,
                          firn_error *err) {
  firn_model_options o = {0};
  const firn_env env = firn_env_from(general);
  if (options) memcpy(&o, options, firn_min_size(options->size, sizeof o));
  *out = NULL;
  firn_model *model = firn_new_zeroed(&env.alloc, sizeof *model);
  if (!model) return firn_oom(err, sizeof *model);
  model->env = env;
  model->tensorflow = "";
  firn_arena_init(&model->arena, &env.alloc);
  pthread_mutex_init(&model->lock, NULL);
  model->path = firn_arena_str(&model->arena, firn_str_of(path));

  firn_code code = open_path(model, path, &o, err);
  if (code == FIRN_OK && model->graph && (model->checkpoint || model->meta))
    code = firn_restore_new(model, err);
  if (code == FIRN_OK) {
    *out = model;
    return code;
  }
  firn_model_close(model);
  return firn_while(err, code, "'%s'", path);
}

void firn_model_close(firn_model *model) {
  if (!model) return;
  const firn_allocator alloc = model->env.alloc;
  firn_restore_free(model);
  if (!model->builder) firn_graph_free(model->graph);
  firn_checkpoint_close(model->checkpoint);
  firn_file_close(model->file);
  firn_arena_fini(&model->arena);
  pthread_mutex_destroy(&model->lock);
  firn_delete(&alloc, model, sizeof *model);
}

firn_model_kind firn_model_what(const firn_model *model) { return model->kind; }

const firn_graph *firn_model_graph(const firn_model *model) {
  return model->graph;
}

const firn_checkpoint *firn_model_checkpoint(const firn_model *model) {
  return model->checkpoint;
}

const char *firn_model_tensorflow(const firn_model *model) {
  return model->tensorflow;
}

/* ---- Sessions ----------------------------------------------------------- */

static firn_code first_value(void *ud, const firn_node *node, firn_tensor **out,
                             firn_error *err) {
  const firn_model *model = ud;
  *out = NULL;
  if (!model->checkpoint && model->kind == FIRN_MODEL_SAVED_MODEL)
    return firn_fail(err, FIRN_NOT_FOUND,
                     "variable '%.*s': the SavedModel '%.*s' has no "
                     "variables/variables.index",
                     FIRN_ARG(node->def->name), FIRN_ARG(model->path));
  if (!model->checkpoint) return FIRN_OK;
  return firn_restore_read(model, node, out, err);
}

firn_code firn_model_session(const firn_model *model,
                             const firn_options *general, firn_session **out,
                             firn_error *err) {
  const firn_env env = firn_env_from(general);
  const firn_values values = {first_value, (void *)model};
  *out = NULL;
  if (!model->graph)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "'%.*s' is a checkpoint without a graph: there is no "
                     "'%.*s.meta'",
                     FIRN_ARG(model->path),
                     FIRN_ARG(firn_checkpoint_prefix(model->checkpoint)));
  FIRN_TRY(firn_session_open(model->graph, &values, &env, out, err));
  const firn_code code = firn_model_start(model, *out, err);
  if (code == FIRN_OK) return code;
  firn_session_free(*out);
  *out = NULL;
  return firn_while(err, code, "'%.*s'", FIRN_ARG(model->path));
}
