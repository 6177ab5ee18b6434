/* model/saved_model_edit.c: a SavedModel that is there: its signatures changed
 * in place, all of it once more with other values, or without what serving does
 * not need. */
#include "model/saved_model_write.h"

/* ---- Signatures --------------------------------------------------------- */

/* An open SavedModel, and copies of what is to be changed. */
typedef struct edit {
  firn_model *model;
  firn_arena arena;
  firn_pb_SavedModel saved;
  firn_pb_MetaGraphDef meta;
  const char *folder;
  bool text;
} edit;

/* The folder of the SavedModel that the path names. */
static const char *folder_of(firn_arena *arena, const char *path) {
  if (firn_path_look(path) == FIRN_PATH_FOLDER)
    return firn_arena_cstr(arena, firn_str_of(path));
  return firn_arena_cstr(arena, firn_path_folder(firn_str_of(path)));
}

static firn_code find_form(edit *e, firn_error *err) {
  static const char *const forms[] = {"pb", "pbtxt"};
  for (size_t i = 0; i < FIRN_COUNT(forms); i++) {
    const firn_str path =
        firn_arena_printf(&e->arena, "%s/saved_model.%s", e->folder, forms[i]);
    e->text = i;
    if (!path.data) return firn_oom(err, strlen(e->folder));
    if (firn_path_look(path.data) == FIRN_PATH_FILE) return FIRN_OK;
  }
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "a SavedModel in chunks (.cpb) cannot be changed in place");
}

static firn_code copy_lists(edit *e, firn_error *err) {
  const firn_pb_SavedModel *from = e->model->saved;
  const size_t graphs = from->meta_graphs_count;
  const size_t signatures = e->model->meta->signature_def_count;
  firn_pb_MetaGraphDef **g = firn_arena_array(&e->arena, graphs, sizeof(*g));
  firn_pb_MetaGraphDef_SignatureDefEntry **s =
      firn_arena_array(&e->arena, signatures, sizeof(*s));
  if (!g || !s) return firn_oom(err, graphs);
  e->saved = *from;
  e->meta = *e->model->meta;
  if (signatures) memcpy(s, e->meta.signature_def, signatures * sizeof(*s));
  e->meta.signature_def = s;
  for (size_t i = 0; i < graphs; i++)
    g[i] = from->meta_graphs[i] == e->model->meta ? &e->meta
                                                  : from->meta_graphs[i];
  e->saved.meta_graphs = g;
  return FIRN_OK;
}

static firn_code edit_open(edit *e, const char *path, const char *tags,
                           firn_error *err) {
  const firn_model_options o = {.size = sizeof o, .tags = tags};
  FIRN_TRY(firn_model_open(path, &o, NULL, &e->model, err));
  firn_arena_init(&e->arena, &e->model->env.alloc);
  if (!e->model->saved)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "'%s' is no SavedModel", path);
  e->folder = folder_of(&e->arena, path);
  if (!e->folder) return firn_oom(err, strlen(path));
  FIRN_TRY(find_form(e, err));
  return copy_lists(e, err);
}

static firn_code edit_close(edit *e, firn_code code, firn_error *err) {
  if (code == FIRN_OK)
    code = firn_saved_model_put(&e->saved, e->folder, e->text, false,
                                &e->model->env, err);
  if (e->model) firn_arena_fini(&e->arena);
  firn_model_close(e->model);
  return code;
}

static firn_pb_MetaGraphDef_SignatureDefEntry *find(const edit *e,
                                                    const char *key) {
  for (size_t i = 0; i < e->meta.signature_def_count; i++)
    if (firn_str_is(e->meta.signature_def[i]->key, key))
      return e->meta.signature_def[i];
  return NULL;
}

static firn_code need(const edit *e, const char *key,
                      firn_pb_MetaGraphDef_SignatureDefEntry **out,
                      firn_error *err) {
  const firn_signature *ignored;
  *out = find(e, key);
  if (*out) return FIRN_OK;
  return firn_model_signature(e->model, key, &ignored, err); /* lists them */
}

static firn_code taken(const char *key, firn_error *err) {
  return firn_fail(err, FIRN_ALREADY_EXISTS,
                   "there is a signature '%s' already", key);
}

static firn_code add(edit *e, const firn_signature *signature, bool replace,
                     firn_error *err) {
  firn_pb_SignatureDef *def = NULL;
  if (!replace && find(e, signature->key)) return taken(signature->key, err);
  FIRN_TRY(firn_signature_to_proto(e->model, signature, &e->arena, &def, err));
  return firn_meta_set_signature(&e->meta, firn_str_of(signature->key), def,
                                 &e->arena, err);
}

firn_code firn_saved_model_signature_add(const char *folder, const char *tags,
                                         const firn_signature *signature,
                                         bool replace, firn_error *err) {
  edit e = {.model = NULL};
  firn_code code = edit_open(&e, folder, tags, err);
  if (code == FIRN_OK) code = add(&e, signature, replace, err);
  return edit_close(&e, code, err);
}

firn_code firn_saved_model_signature_remove(const char *folder,
                                            const char *tags, const char *key,
                                            firn_error *err) {
  edit e = {.model = NULL};
  firn_pb_MetaGraphDef_SignatureDefEntry *entry = NULL;
  firn_code code = edit_open(&e, folder, tags, err);
  if (code == FIRN_OK) code = need(&e, key, &entry, err);
  if (code == FIRN_OK) firn_meta_drop_signature(&e.meta, entry->key);
  return edit_close(&e, code, err);
}

static firn_code rename_one(edit *e, const char *key, const char *to,
                            firn_error *err) {
  firn_pb_MetaGraphDef_SignatureDefEntry *entry = NULL;
  FIRN_TRY(need(e, key, &entry, err));
  if (!*to || !strcmp(key, FIRN_INIT_SIGNATURE) ||
      !strcmp(to, FIRN_INIT_SIGNATURE))
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "'%s' cannot be called '%s'",
                     key, to);
  if (find(e, to)) return taken(to, err);
  firn_pb_SignatureDef *def = entry->value;
  firn_meta_drop_signature(&e->meta, entry->key);
  return firn_meta_set_signature(&e->meta, firn_str_of(to), def, &e->arena,
                                 err);
}

firn_code firn_saved_model_signature_rename(const char *folder,
                                            const char *tags, const char *key,
                                            const char *to, firn_error *err) {
  edit e = {.model = NULL};
  firn_code code = edit_open(&e, folder, tags, err);
  if (code == FIRN_OK) code = rename_one(&e, key, to, err);
  return edit_close(&e, code, err);
}

/* ---- Once more ---------------------------------------------------------- */

/* What a folder has beside the parts that are written anew. */
static firn_code copy_others(firn_saved_model_writer *w, const char *folder,
                             firn_error *err) {
  static const char *const anew[] = {"saved_model.pb", "saved_model.pbtxt",
                                     "saved_model.cpb", "variables",
                                     "fingerprint.pb"};
  firn_str *names = NULL;
  size_t count = 0;
  firn_code code = FIRN_OK;
  FIRN_TRY(firn_folder_list(folder, &w->env.alloc, &names, &count, err));
  for (size_t i = 0; code == FIRN_OK && i < count; i++) {
    bool skip = false;
    for (size_t k = 0; k < FIRN_COUNT(anew); k++)
      skip = skip || firn_str_is(names[i], anew[k]);
    if (skip) continue;
    const firn_str from = firn_arena_printf(&w->arena, "%s/%.*s", folder,
                                            (int)names[i].size, names[i].data);
    const firn_str to = firn_arena_printf(&w->arena, "%s/%.*s", w->temp,
                                          (int)names[i].size, names[i].data);
    if (!from.data || !to.data)
      code = firn_oom(err, names[i].size);
    else if (firn_path_look(from.data) == FIRN_PATH_FOLDER)
      code = firn_copy_folder(from.data, to.data, w->sync, &w->env.alloc, err);
    else
      code = firn_copy_file(from.data, to.data, w->sync, &w->env.alloc, err);
  }
  firn_folder_free(&w->env.alloc, names, count);
  return code;
}

static firn_code save_variables(firn_saved_model_writer *w,
                                const firn_model *model, firn_session *session,
                                firn_error *err) {
  bool any = model->checkpoint != NULL;
  for (uint32_t i = 0; !any && i < model->graph->node_count; i++)
    any = firn_is_variable(model->graph->nodes[i]);
  return any ? firn_saved_model_save_session(w, model, session, err) : FIRN_OK;
}

static firn_code write_again(firn_saved_model_writer *w,
                             const firn_model *model, firn_session *session,
                             firn_error *err) {
  const char *path = firn_arena_cstr(&w->arena, model->path);
  const char *folder = path ? folder_of(&w->arena, path) : NULL;
  if (!folder) return firn_oom(err, model->path.size);
  FIRN_TRY(save_variables(w, model, session, err));
  FIRN_TRY(copy_others(w, folder, err));
  w->saved = *model->saved;
  return FIRN_OK;
}

firn_code firn_saved_model_save_again(const firn_model *model,
                                      firn_session *session, const char *folder,
                                      const firn_saved_model_options *options,
                                      firn_error *err) {
  firn_saved_model_writer *w = NULL;
  const firn_options general = firn_options_of(&model->env);
  if (!model->saved)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "'%.*s' was no SavedModel: say how it is to be served",
                     FIRN_ARG(model->path));
  FIRN_TRY(firn_saved_model_writer_new(folder, options, &general, &w, err));
  const firn_code code = write_again(w, model, session, err);
  if (code == FIRN_OK) return firn_saved_model_commit(w, false, err);
  firn_saved_model_abandon(w);
  return code;
}

/* ---- Stripping ---------------------------------------------------------- */

static bool trains(const firn_pb_MetaGraphDef *meta) {
  const firn_pb_MetaGraphDef_MetaInfoDef *info = meta->meta_info_def;
  for (size_t i = 0; info && i < info->tags_count; i++)
    if (firn_str_is(info->tags[i], "train")) return true;
  return false;
}

/* The tags as firn_model_open takes them. */
static const char *tags_text(firn_arena *arena,
                             const firn_pb_MetaGraphDef *meta) {
  const firn_pb_MetaGraphDef_MetaInfoDef *info = meta->meta_info_def;
  firn_str text = FIRN_STR("");
  for (size_t i = 0; info && text.data && i < info->tags_count; i++)
    text = firn_arena_printf(arena, "%s%s%.*s", text.data, i ? "," : "",
                             (int)info->tags[i].size, info->tags[i].data);
  return text.data;
}

typedef struct stripping {
  const char *folder;
  firn_saved_model_writer *w;
  firn_model **models; /* one for each meta graph that stays */
  size_t count;
  firn_saved_model_strip_report report;
} stripping;

static void measure(const firn_pb_GraphDef *def, size_t *nodes,
                    size_t *functions) {
  *nodes += def ? def->node_count : 0;
  *functions += def && def->library ? def->library->function_count : 0;
}

static firn_code strip_one(stripping *s, const firn_pb_MetaGraphDef *meta,
                           firn_error *err) {
  const char *tags = tags_text(&s->w->arena, meta);
  const firn_model_options o = {.size = sizeof o, .tags = tags};
  const firn_saved_model_meta wanted = {.size = sizeof wanted,
                                        .strip_default_attrs = true,
                                        .clear_devices = true,
                                        .strip = true};
  const firn_options general = firn_options_of(&s->w->env);
  if (!tags) return firn_oom(err, 0);
  firn_model **model = &s->models[s->count++];
  FIRN_TRY(firn_model_open(s->folder, &o, &general, model, err));
  if ((*model)->checkpoint)
    s->report.variables_before = firn_checkpoint_count((*model)->checkpoint);
  return firn_saved_model_add(s->w, *model, NULL, &wanted, err);
}

static firn_code strip_all(stripping *s, const firn_model *first,
                           firn_error *err) {
  const firn_pb_SavedModel *saved = first->saved;
  size_t serving = 0;
  for (size_t i = 0; i < saved->meta_graphs_count; i++)
    serving += !trains(saved->meta_graphs[i]);
  s->w->keep_variables = (serving ? serving : saved->meta_graphs_count) > 1;
  for (size_t i = 0; i < saved->meta_graphs_count; i++) {
    const firn_pb_MetaGraphDef *meta = saved->meta_graphs[i];
    measure(meta->graph_def, &s->report.nodes_before,
            &s->report.functions_before);
    if (!serving || !trains(meta)) FIRN_TRY(strip_one(s, meta, err));
  }
  const firn_pb_SavedModel *out = &s->w->saved;
  for (size_t i = 0; i < out->meta_graphs_count; i++)
    measure(out->meta_graphs[i]->graph_def, &s->report.nodes,
            &s->report.functions);
  s->report.meta_graphs_before = saved->meta_graphs_count;
  s->report.meta_graphs = out->meta_graphs_count;
  if (s->w->variables)
    s->report.variables = firn_checkpoint_count(s->w->variables);
  return FIRN_OK;
}

/* Requests to warm up a server with, and other things of the kind. */
static firn_code copy_extra(stripping *s, firn_error *err) {
  const firn_str from =
      firn_arena_printf(&s->w->arena, "%s/assets.extra", s->folder);
  const firn_str to =
      firn_arena_printf(&s->w->arena, "%s/assets.extra", s->w->temp);
  if (!from.data || !to.data) return firn_oom(err, strlen(s->folder));
  if (firn_path_look(from.data) != FIRN_PATH_FOLDER) return FIRN_OK;
  return firn_copy_folder(from.data, to.data, s->w->sync, &s->w->env.alloc,
                          err);
}

static firn_code strip(stripping *s, const firn_model *first, const char *out,
                       const firn_saved_model_options *options,
                       firn_error *err) {
  FIRN_TRY(firn_saved_model_writer_new(out, options, NULL, &s->w, err));
  s->folder = folder_of(&s->w->arena, s->folder);
  firn_code code = s->folder ? strip_all(s, first, err) : firn_oom(err, 0);
  if (code == FIRN_OK) code = copy_extra(s, err);
  if (code == FIRN_OK) return firn_saved_model_commit(s->w, false, err);
  firn_saved_model_abandon(s->w);
  return code;
}

/* The models must outlive the writer. */
static firn_code strip_opened(stripping *s, const firn_model *first,
                              const char *out,
                              const firn_saved_model_options *options,
                              firn_error *err) {
  const size_t most = first->saved ? first->saved->meta_graphs_count : 0;
  if (!first->saved)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "'%.*s' is no SavedModel",
                     FIRN_ARG(first->path));
  s->models = firn_new_zeroed(&first->env.alloc, most * sizeof(*s->models));
  if (!s->models) return firn_oom(err, most * sizeof(*s->models));
  const firn_code code = strip(s, first, out, options, err);
  for (size_t i = 0; i < s->count; i++) firn_model_close(s->models[i]);
  firn_delete(&first->env.alloc, s->models, most * sizeof(*s->models));
  return code;
}

firn_code firn_saved_model_strip(const char *folder, const char *out,
                                 const firn_saved_model_options *options,
                                 firn_saved_model_strip_report *report,
                                 firn_error *err) {
  stripping s = {.folder = folder};
  firn_model *first = NULL;
  const firn_model_options o = {.size = sizeof o, .tags = "*"};
  FIRN_TRY(firn_model_open(folder, &o, NULL, &first, err));
  const firn_code code = strip_opened(&s, first, out, options, err);
  firn_model_close(first);
  if (code == FIRN_OK && report) *report = s.report;
  return code;
}
