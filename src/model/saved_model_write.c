/* model/saved_model_write.c: the builder of SavedModels: its folder, and a
 * meta graph put together from its parts.
 *
 * Everything goes into a temporary folder beside the wanted one, which is
 * renamed when it is whole: whatever happens, there is never half a SavedModel
 * of that name. */
#include "model/saved_model_write.h"

#include "base/entropy.h"
#include "build/builder.h"

/* ---- Folders ------------------------------------------------------------ */

firn_code firn_copy_file(const char *from, const char *to, bool sync,
                         const firn_allocator *alloc, firn_error *err) {
  enum { PIECE = 4 << 20 };
  char folder[4096];
  firn_file *file = NULL;
  firn_writer *writer = NULL;
  const firn_str above = firn_path_folder(firn_str_of(to));
  if (above.size >= sizeof folder)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "the path '%s' is too long",
                     to);
  memcpy(folder, above.data, above.size);
  folder[above.size] = 0;
  FIRN_TRY(firn_folder_make(folder, err));
  FIRN_TRY(firn_file_open(from, alloc, &file, err));
  firn_code code = firn_writer_create(to, alloc, &writer, err);
  for (size_t at = 0; code == FIRN_OK && at < file->bytes.size; at += PIECE) {
    const size_t size = firn_min_size(PIECE, file->bytes.size - at);
    code = firn_writer_put(writer, file->bytes.data + at, size, err);
    firn_file_forget(file, at, size);
  }
  firn_file_close(file);
  if (code == FIRN_OK) return firn_writer_commit(writer, sync, err);
  firn_writer_abandon(writer);
  return code;
}

enum { DEEPEST_FOLDER = 32 };

/* Calls itself for the folders in a folder; a link is what it leads to. */
static firn_code copy_folder(const char *from, const char *to, bool sync,
                             const firn_allocator *alloc, int depth,
                             firn_error *err) {
  firn_str *names = NULL;
  size_t count = 0;
  firn_arena arena;
  if (depth > DEEPEST_FOLDER)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "'%s' lies more than %d folders deep", from,
                     DEEPEST_FOLDER);
  FIRN_TRY(firn_folder_list(from, alloc, &names, &count, err));
  firn_arena_init(&arena, alloc);
  firn_code code = FIRN_OK;
  for (size_t i = 0; code == FIRN_OK && i < count; i++) {
    const firn_str a = firn_arena_printf(&arena, "%s/%.*s", from,
                                         (int)names[i].size, names[i].data);
    const firn_str b = firn_arena_printf(&arena, "%s/%.*s", to,
                                         (int)names[i].size, names[i].data);
    if (!a.data || !b.data)
      code = firn_oom(err, names[i].size);
    else if (firn_path_look(a.data) == FIRN_PATH_FOLDER)
      code = copy_folder(a.data, b.data, sync, alloc, depth + 1, err);
    else
      code = firn_copy_file(a.data, b.data, sync, alloc, err);
  }
  firn_arena_fini(&arena);
  firn_folder_free(alloc, names, count);
  return code;
}

firn_code firn_copy_folder(const char *from, const char *to, bool sync,
                           const firn_allocator *alloc, firn_error *err) {
  return copy_folder(from, to, sync, alloc, 0, err);
}

/* Only what was written by us is removed this way; it has no links. It is done
 * with the C library's memory: the writer's may be what is short. */
void firn_remove_folder(const char *path) {
  const firn_allocator alloc = firn_env_from(NULL).alloc;
  firn_str *names = NULL;
  size_t count = 0;
  firn_arena arena;
  if (!path || firn_folder_list(path, &alloc, &names, &count, NULL) != FIRN_OK)
    return;
  firn_arena_init(&arena, &alloc);
  for (size_t i = 0; i < count; i++) {
    const firn_str inner = firn_arena_printf(&arena, "%s/%.*s", path,
                                             (int)names[i].size, names[i].data);
    if (!inner.data) continue;
    if (firn_path_look(inner.data) == FIRN_PATH_FOLDER)
      firn_remove_folder(inner.data);
    else
      firn_path_remove(inner.data);
  }
  firn_arena_fini(&arena);
  firn_folder_free(&alloc, names, count);
  firn_folder_drop(path);
}

/* ---- The writer --------------------------------------------------------- */

static firn_code check_free(const firn_saved_model_writer *w, firn_error *err) {
  firn_str *names = NULL;
  size_t count = 0;
  const firn_path_kind kind = firn_path_look(w->folder);
  if (kind == FIRN_PATH_MISSING) return FIRN_OK;
  if (kind == FIRN_PATH_FILE)
    return firn_fail(err, FIRN_ALREADY_EXISTS, "'%s' is a file", w->folder);
  FIRN_TRY(firn_folder_list(w->folder, &w->env.alloc, &names, &count, err));
  firn_folder_free(&w->env.alloc, names, count);
  if (!count) return FIRN_OK;
  const bool saved = firn_saved_model_here((firn_arena *)&w->arena, w->folder);
  return firn_fail(err, FIRN_ALREADY_EXISTS, "the folder '%s' %s", w->folder,
                   saved ? "has a SavedModel already" : "is not empty");
}

/* The wanted name without slashes at its end. */
static firn_str trimmed(const char *folder) {
  firn_str name = firn_str_of(folder);
  while (name.size > 1 && name.data[name.size - 1] == '/') name.size--;
  return name;
}

static firn_code open_folder(firn_saved_model_writer *w, const char *folder,
                             firn_error *err) {
  const firn_str name = trimmed(folder);
  if (!name.size)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "the folder has no name");
  w->folder = firn_arena_cstr(&w->arena, name);
  if (!w->folder) return firn_oom(err, name.size);
  FIRN_TRY(check_free(w, err));
  w->temp = firn_arena_printf(&w->arena, "%s.tempstate%u", w->folder,
                              (unsigned)firn_entropy())
                .data;
  w->prefix =
      firn_arena_printf(&w->arena, "%s/variables/variables", w->temp).data;
  const firn_str variables =
      firn_arena_printf(&w->arena, "%s/variables", w->temp);
  if (!w->temp || !w->prefix || !variables.data)
    return firn_oom(err, name.size);
  return firn_folder_make(variables.data, err);
}

static void writer_free(firn_saved_model_writer *w) {
  const firn_allocator alloc = w->env.alloc;
  firn_checkpoint_close(w->variables);
  firn_arena_fini(&w->arena);
  firn_delete(&alloc, w, sizeof *w);
}

firn_code firn_saved_model_writer_new(
    const char *folder, const firn_saved_model_options *writer_options,
    const firn_options *options, firn_saved_model_writer **out,
    firn_error *err) {
  firn_saved_model_options o = {.size = sizeof o};
  const firn_env env = firn_env_from(options);
  if (writer_options)
    memcpy(&o, writer_options, firn_min_size(writer_options->size, sizeof o));
  *out = NULL;
  firn_saved_model_writer *w = firn_new_zeroed(&env.alloc, sizeof *w);
  if (!w) return firn_oom(err, sizeof *w);
  w->env = env;
  w->sync = o.sync;
  w->saved.saved_model_schema_version = 1;
  firn_arena_init(&w->arena, &env.alloc);
  const firn_code code = open_folder(w, folder, err);
  if (code == FIRN_OK)
    *out = w;
  else
    writer_free(w);
  return code;
}

void firn_saved_model_abandon(firn_saved_model_writer *w) {
  if (!w) return;
  firn_remove_folder(w->temp);
  writer_free(w);
}

static firn_code publish(firn_saved_model_writer *w, bool text,
                         firn_error *err) {
  if (!w->saved.meta_graphs_count)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "a SavedModel has at least one meta graph");
  FIRN_TRY(
      firn_saved_model_put(&w->saved, w->temp, text, w->sync, &w->env, err));
  FIRN_TRY(check_free(w, err));
  return firn_path_rename(w->temp, w->folder, err);
}

firn_code firn_saved_model_commit(firn_saved_model_writer *w, bool text,
                                  firn_error *err) {
  const firn_code code = publish(w, text, err);
  if (code == FIRN_OK)
    writer_free(w);
  else
    firn_saved_model_abandon(w);
  return code;
}

/* ---- A meta graph ------------------------------------------------------- */

/* The model's own, as it is now: a builder may have gone on. */
static firn_code current_meta(const firn_model *model, firn_arena *arena,
                              const firn_pb_MetaGraphDef **out,
                              firn_error *err) {
  firn_pb_MetaGraphDef *built = NULL;
  *out = model->meta;
  if (!model->builder) return FIRN_OK;
  FIRN_TRY(firn_builder_meta(model->builder, arena, &built, err));
  *out = built;
  return FIRN_OK;
}

/* A copy whose lists of entries may be changed; NULL: no memory. */
static firn_pb_MetaGraphDef *copy_meta(const firn_pb_MetaGraphDef *from,
                                       firn_arena *arena) {
  firn_pb_MetaGraphDef *m = firn_pb_new(&firn_pb_type_MetaGraphDef, arena);
  firn_pb_MetaGraphDef_MetaInfoDef *info =
      firn_pb_new(&firn_pb_type_MetaGraphDef_MetaInfoDef, arena);
  if (!m || !info) return NULL;
  if (from) *m = *from;
  if (m->meta_info_def) *info = *m->meta_info_def;
  m->meta_info_def = info;
  const size_t signatures = m->signature_def_count;
  const size_t collections = m->collection_def_count;
  firn_pb_MetaGraphDef_SignatureDefEntry **s =
      firn_arena_array(arena, signatures, sizeof(*s));
  firn_pb_MetaGraphDef_CollectionDefEntry **c =
      firn_arena_array(arena, collections, sizeof(*c));
  if (!s || !c) return NULL;
  if (signatures) memcpy(s, m->signature_def, signatures * sizeof(*s));
  if (collections) memcpy(c, m->collection_def, collections * sizeof(*c));
  m->signature_def = s;
  m->collection_def = c;
  return m;
}

static firn_code set_tags(firn_draft_graph *d, firn_error *err) {
  firn_pb_MetaGraphDef_MetaInfoDef *info = d->meta->meta_info_def;
  const bool has = d->model->kind == FIRN_MODEL_SAVED_MODEL && info->tags_count;
  const char *tags = d->o.tags ? d->o.tags : "serve";
  if (!d->o.tags && has) return FIRN_OK;
  info->tags =
      firn_arena_array(d->arena, strlen(tags) / 2 + 1, sizeof *info->tags);
  if (!info->tags) return firn_oom(err, strlen(tags));
  info->tags_count = 0;
  for (const char *at = tags; *at;) {
    const size_t size = strcspn(at, ",");
    const firn_str tag = firn_arena_str(d->arena, (firn_str){at, size});
    if (!tag.data) return firn_oom(err, size);
    if (size) info->tags[info->tags_count++] = tag;
    at += size + (at[size] == ',');
  }
  return FIRN_OK;
}

static firn_code set_signatures(firn_draft_graph *d, firn_error *err) {
  for (size_t i = 0; i < d->o.signature_count; i++) {
    const firn_signature *s = &d->o.signatures[i];
    firn_pb_SignatureDef *def = NULL;
    FIRN_TRY(firn_signature_to_proto(d->model, s, d->arena, &def, err));
    FIRN_TRY(firn_meta_set_signature(d->meta, firn_str_of(s->key), def,
                                     d->arena, err));
  }
  return FIRN_OK;
}

static bool is_asset(const firn_draft_graph *d, firn_str node) {
  for (size_t i = 0; i < d->model->asset_count; i++) {
    firn_str name;
    int64_t output;
    if (firn_tensor_name_split(d->model->assets[i].tensor, &name, &output) &&
        firn_str_eq(name, node))
      return true;
  }
  return false;
}

static void choose_nodes(firn_draft_graph *d) {
  for (uint32_t i = 0; i < d->graph->node_count; i++)
    d->kept[i] = firn_is_own_node(d->graph, i) &&
                 (!d->o.strip || d->served[i] ||
                  is_asset(d, d->graph->nodes[i]->def->name));
}

/* What only those who train, or who make Python objects again, look into. */
static void strip_meta(firn_draft_graph *d) {
  static const char *const needed[] = {"saved_model_main_op", "legacy_init_op",
                                       "saved_model_assets",
                                       "saved_model_train_op"};
  firn_pb_MetaGraphDef *m = d->meta;
  size_t kept = 0;
  for (size_t i = 0; i < m->collection_def_count; i++)
    for (size_t k = 0; k < FIRN_COUNT(needed); k++)
      if (firn_str_is(m->collection_def[i]->key, needed[k])) {
        m->collection_def[kept++] = m->collection_def[i];
        break;
      }
  m->collection_def_count = kept;
  m->object_graph_def = NULL;
  m->meta_info_def->function_aliases = NULL;
  m->meta_info_def->function_aliases_count = 0;
}

static firn_code build(firn_draft_graph *d, firn_session *session,
                       firn_error *err) {
  const size_t nodes = d->graph->node_count;
  const firn_pb_MetaGraphDef *own = NULL;
  FIRN_TRY(current_meta(d->model, d->arena, &own, err));
  d->meta = copy_meta(own, d->arena);
  d->served = firn_arena_array(d->arena, nodes, sizeof *d->served);
  d->initial = firn_arena_array(d->arena, nodes, sizeof *d->initial);
  d->kept = firn_arena_array(d->arena, nodes, sizeof *d->kept);
  if (!d->meta || !d->served || !d->initial || !d->kept)
    return firn_oom(err, nodes);
  FIRN_TRY(set_tags(d, err));
  FIRN_TRY(set_signatures(d, err));
  FIRN_TRY(firn_draft_init(d, err));
  if (d->o.strip) strip_meta(d);
  choose_nodes(d);
  FIRN_TRY(firn_draft_variables(d, session, err));
  FIRN_TRY(firn_draft_saver(d, err));
  FIRN_TRY(firn_draft_nodes(d, err));
  if (d->o.strip_default_attrs)
    d->meta->meta_info_def->stripped_default_attrs = true;
  return FIRN_OK;
}

static firn_code keep_meta(firn_saved_model_writer *w,
                           firn_pb_MetaGraphDef *meta, firn_error *err) {
  const size_t count = w->saved.meta_graphs_count;
  firn_pb_MetaGraphDef **all =
      firn_arena_array(&w->arena, count + 1, sizeof(*all));
  if (!all) return firn_oom(err, sizeof(*all));
  if (count) memcpy(all, w->saved.meta_graphs, count * sizeof(*all));
  all[count] = meta;
  w->saved.meta_graphs = all;
  w->saved.meta_graphs_count = count + 1;
  return FIRN_OK;
}

firn_code firn_saved_model_add(firn_saved_model_writer *w,
                               const firn_model *model, firn_session *session,
                               const firn_saved_model_meta *meta,
                               firn_error *err) {
  firn_draft_graph d = {
      .w = w, .arena = &w->arena, .model = model, .graph = model->graph};
  if (meta) memcpy(&d.o, meta, firn_min_size(meta->size, sizeof d.o));
  if (!model->graph)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "'%.*s' is a checkpoint without a graph",
                     FIRN_ARG(model->path));
  FIRN_TRY(build(&d, session, err));
  return keep_meta(w, d.meta, err);
}
