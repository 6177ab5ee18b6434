/* model/saved_model_init.c: what runs when a SavedModel is loaded, and the
 * files that it needs then.
 *
 * The init op fills tables, often from assets: the loader feeds each asset's
 * path to the constant that stands for it. Both are noted down where
 * TensorFlow's public SavedModelBuilder puts them, in collections that readers
 * of every age look into; a model that was a SavedModel keeps its own. */
#include "model/saved_model_write.h"

static const char MAIN_OP[] = "saved_model_main_op";
static const char LEGACY_OP[] = "legacy_init_op";
static const char TRAIN_OP[] = "saved_model_train_op";
static const char ASSETS[] = "saved_model_assets";
static const char TRAIN_SIGNATURE[] = "__saved_model_train_op";

/* ---- Collections -------------------------------------------------------- */

const firn_pb_CollectionDef *firn_meta_collection(
    const firn_pb_MetaGraphDef *meta, const char *name) {
  for (size_t i = 0; i < meta->collection_def_count; i++)
    if (firn_str_is(meta->collection_def[i]->key, name))
      return meta->collection_def[i]->value;
  return NULL;
}

void firn_meta_drop_collection(firn_pb_MetaGraphDef *meta, const char *name) {
  size_t kept = 0;
  for (size_t i = 0; i < meta->collection_def_count; i++)
    if (!firn_str_is(meta->collection_def[i]->key, name))
      meta->collection_def[kept++] = meta->collection_def[i];
  meta->collection_def_count = kept;
}

firn_code firn_meta_set_collection(firn_pb_MetaGraphDef *meta, const char *name,
                                   firn_pb_CollectionDef *c, firn_arena *arena,
                                   firn_error *err) {
  const size_t count = meta->collection_def_count;
  firn_pb_MetaGraphDef_CollectionDefEntry **list =
      firn_arena_array(arena, count + 1, sizeof(*list));
  firn_pb_MetaGraphDef_CollectionDefEntry *e =
      firn_pb_new(&firn_pb_type_MetaGraphDef_CollectionDefEntry, arena);
  if (!list || !e) return firn_oom(err, sizeof *e);
  e->key = firn_str_of(name);
  e->value = c;
  if (count) memcpy(list, meta->collection_def, count * sizeof(*list));
  meta->collection_def = list;
  firn_meta_drop_collection(meta, name);
  list[meta->collection_def_count++] = e;
  return FIRN_OK;
}

firn_code firn_meta_set_node(firn_pb_MetaGraphDef *meta, const char *name,
                             firn_str node, firn_arena *arena,
                             firn_error *err) {
  firn_pb_CollectionDef *c = firn_pb_new(&firn_pb_type_CollectionDef, arena);
  if (!c) return firn_oom(err, sizeof *c);
  c->node_list = firn_pb_new(&firn_pb_type_CollectionDef_NodeList, arena);
  if (!c->node_list) return firn_oom(err, sizeof *c->node_list);
  c->kind_case = 1;
  c->node_list->value = firn_arena_array(arena, 1, sizeof(firn_str));
  if (!c->node_list->value) return firn_oom(err, sizeof(firn_str));
  c->node_list->value[0] = node;
  c->node_list->value_count = 1;
  return firn_meta_set_collection(meta, name, c, arena, err);
}

/* ---- Init op ------------------------------------------------------------ */

static bool is_init_signature(firn_str key) {
  return firn_str_is(key, FIRN_INIT_SIGNATURE);
}

static bool has_init(const firn_pb_MetaGraphDef *meta) {
  for (size_t i = 0; i < meta->signature_def_count; i++)
    if (is_init_signature(meta->signature_def[i]->key)) return true;
  return firn_meta_collection(meta, MAIN_OP) ||
         firn_meta_collection(meta, LEGACY_OP);
}

static firn_code set_init(firn_draft_graph *d, firn_str node, firn_error *err) {
  firn_meta_drop_signature(d->meta, FIRN_STR(FIRN_INIT_SIGNATURE));
  firn_meta_drop_collection(d->meta, MAIN_OP);
  firn_meta_drop_collection(d->meta, LEGACY_OP);
  return firn_meta_set_node(d->meta, d->o.legacy_init_op ? LEGACY_OP : MAIN_OP,
                            node, d->arena, err);
}

/* A node of TensorFlow's collection of what fills tables; or one that is
 * behind all of them. */
static firn_code fill_tables(firn_draft_graph *d, firn_error *err) {
  const firn_pb_CollectionDef *c =
      firn_meta_collection(d->meta, "table_initializer");
  if (!c || c->kind_case != 1 || !c->node_list) return FIRN_OK;
  const size_t count = c->node_list->value_count;
  for (size_t i = 0; i < count; i++)
    if (!firn_graph_find(d->graph, c->node_list->value[i])) return FIRN_OK;
  if (!count) return FIRN_OK;
  if (count == 1) return set_init(d, c->node_list->value[0], err);
  firn_str name = FIRN_STR("init_all_tables");
  const firn_node *there = firn_graph_find(d->graph, name);
  if (there) return set_init(d, name, err);
  firn_pb_NodeDef *all = firn_draft_add(d, name, "NoOp", count, 0);
  if (!all) return firn_oom(err, count);
  for (size_t i = 0; i < count; i++) {
    const firn_str node = c->node_list->value[i];
    all->input[i] =
        firn_arena_printf(d->arena, "^%.*s", (int)node.size, node.data);
    if (!all->input[i].data) return firn_oom(err, node.size);
  }
  all->input_count = count;
  return set_init(d, name, err);
}

/* TensorFlow 2 gives it as a signature, which without the objects would be
 * taken for one that can be called. */
static firn_code move_init(firn_draft_graph *d, firn_error *err) {
  const firn_pb_MetaGraphDef *meta = d->meta;
  firn_str node = {NULL, 0};
  for (size_t i = 0; i < meta->signature_def_count; i++) {
    const firn_pb_SignatureDef *def = meta->signature_def[i]->value;
    if (is_init_signature(meta->signature_def[i]->key) && def &&
        def->outputs_count && def->outputs[0]->value &&
        def->outputs[0]->value->encoding_case == 1)
      node = def->outputs[0]->value->name;
  }
  return node.size ? set_init(d, node, err) : FIRN_OK;
}

static firn_code note_ops(firn_draft_graph *d, firn_error *err) {
  const firn_node *node = NULL;
  if (d->o.init_op) {
    FIRN_TRY(firn_graph_need(d->graph, firn_str_of(d->o.init_op), &node, err));
    FIRN_TRY(set_init(d, node->def->name, err));
  } else if (!has_init(d->meta)) {
    FIRN_TRY(fill_tables(d, err));
  } else if (d->o.strip) {
    FIRN_TRY(move_init(d, err));
  }
  if (d->o.strip && !d->o.train_op) {
    firn_meta_drop_collection(d->meta, TRAIN_OP);
    firn_meta_drop_signature(d->meta, firn_str_of(TRAIN_SIGNATURE));
  }
  if (!d->o.train_op) return FIRN_OK;
  FIRN_TRY(firn_graph_need(d->graph, firn_str_of(d->o.train_op), &node, err));
  const firn_str name = firn_arena_str(d->arena, firn_str_of(d->o.train_op));
  if (!name.data) return firn_oom(err, 0);
  firn_meta_drop_signature(d->meta, firn_str_of(TRAIN_SIGNATURE));
  return firn_meta_set_node(d->meta, TRAIN_OP, name, d->arena, err);
}

/* ---- Training: reading what was noted down ------------------------------ */

static firn_str train_signature(const firn_pb_MetaGraphDef *meta) {
  for (size_t i = 0; i < meta->signature_def_count; i++) {
    const firn_pb_SignatureDef *def = meta->signature_def[i]->value;
    if (!def || !firn_str_is(meta->signature_def[i]->key, TRAIN_SIGNATURE))
      continue;
    for (size_t k = 0; k < def->outputs_count; k++)
      if (def->outputs[k]->value && def->outputs[k]->value->encoding_case == 1)
        return def->outputs[k]->value->name;
  }
  return (firn_str){NULL, 0};
}

const char *firn_saved_model_train_op(const firn_model *model) {
  if (!model->meta) return NULL;
  firn_str name = train_signature(model->meta);
  const firn_pb_CollectionDef *c = firn_meta_collection(model->meta, TRAIN_OP);
  if (!name.size && c && c->kind_case == 1 && c->node_list &&
      c->node_list->value_count)
    name = c->node_list->value[0];
  /* A node's name lies terminated nowhere: it is looked for and copied once. */
  firn_model *m = (firn_model *)(uintptr_t)model;
  if (!name.size) return NULL;
  pthread_mutex_lock(&m->lock);
  const char *text = firn_arena_cstr(&m->arena, name);
  pthread_mutex_unlock(&m->lock);
  return text;
}

/* ---- Names in assets/ --------------------------------------------------- */

static bool same_contents(const char *a, const char *b,
                          const firn_allocator *alloc) {
  firn_file *fa = NULL, *fb = NULL;
  bool same = firn_file_open(a, alloc, &fa, NULL) == FIRN_OK &&
              firn_file_open(b, alloc, &fb, NULL) == FIRN_OK &&
              fa->bytes.size == fb->bytes.size &&
              (!fa->bytes.size ||
               !memcmp(fa->bytes.data, fb->bytes.data, fa->bytes.size));
  firn_file_close(fa);
  firn_file_close(fb);
  return same;
}

/* The file that has that name in assets/, or NULL. */
static const char *holder(const firn_saved_model_writer *w, const char *name) {
  for (size_t i = 0; i < w->asset_count; i++)
    if (!strcmp(w->assets[i].tensor, name)) return w->assets[i].file;
  return NULL;
}

static firn_code remember(firn_saved_model_writer *w, const char *file,
                          const char *name, firn_error *err) {
  if (w->asset_count == w->asset_capacity) {
    const size_t more = w->asset_capacity ? 2 * w->asset_capacity : 8;
    firn_saved_model_asset *all =
        firn_arena_array(&w->arena, more, sizeof *all);
    if (!all) return firn_oom(err, more * sizeof *all);
    if (w->asset_count) memcpy(all, w->assets, w->asset_count * sizeof *all);
    w->assets = all;
    w->asset_capacity = more;
  }
  const char *own = firn_arena_cstr(&w->arena, firn_str_of(file));
  if (!own) return firn_oom(err, strlen(file));
  w->assets[w->asset_count++] = (firn_saved_model_asset){own, name};
  return FIRN_OK;
}

/* A file under the first of NAME, NAME_1, ... that is free or has the same
 * contents; *name lies in the arena. */
static firn_code bring_file(firn_draft_graph *d, const char *file,
                            firn_str wanted, const char **name,
                            firn_error *err) {
  firn_saved_model_writer *w = d->w;
  const char *there = NULL;
  for (unsigned i = 0;; i++) {
    const firn_str tried =
        i ? firn_arena_printf(d->arena, "%.*s_%u", (int)wanted.size,
                              wanted.data, i)
          : firn_arena_str(d->arena, wanted);
    if (!tried.data) return firn_oom(err, wanted.size);
    *name = tried.data;
    there = holder(w, *name);
    if (!there) break;
    if (!strcmp(there, file) || same_contents(there, file, &w->env.alloc))
      return FIRN_OK;
  }
  const firn_str to =
      firn_arena_printf(d->arena, "%s/assets/%s", w->temp, *name);
  if (!to.data) return firn_oom(err, 0);
  FIRN_TRY(firn_copy_file(file, to.data, w->sync, &w->env.alloc, err));
  return remember(w, file, *name, err);
}

/* ---- Assets ------------------------------------------------------------- */

typedef struct asset_list {
  firn_pb_AssetFileDef **items;
  size_t count;
} asset_list;

static firn_code add_asset(firn_draft_graph *d, asset_list *list,
                           const char *file, firn_str wanted, firn_str tensor,
                           firn_error *err) {
  firn_edge e;
  const char *name = NULL;
  FIRN_TRY(firn_graph_tensor(d->graph, tensor, &e, err));
  const firn_str node = d->graph->nodes[e.node]->def->name;
  if (firn_edge_type(d->graph, e) != FIRN_STRING)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "'%.*s' takes no file: it is %s, not string",
                     FIRN_ARG(tensor),
                     firn_dtype_name(firn_edge_type(d->graph, e)));
  FIRN_TRY(bring_file(d, file, wanted, &name, err));
  firn_pb_AssetFileDef *def = firn_pb_new(&firn_pb_type_AssetFileDef, d->arena);
  if (!def) return firn_oom(err, sizeof *def);
  def->tensor_info = firn_pb_new(&firn_pb_type_TensorInfo, d->arena);
  if (!def->tensor_info) return firn_oom(err, sizeof *def->tensor_info);
  def->filename = firn_str_of(name);
  def->tensor_info->encoding_case = 1;
  def->tensor_info->name = firn_arena_printf(
      d->arena, "%.*s:%u", (int)node.size, node.data, e.output);
  if (!def->tensor_info->name.data) return firn_oom(err, node.size);
  list->items[list->count++] = def;
  return FIRN_OK;
}

/* What the caller names. */
static firn_code given_assets(firn_draft_graph *d, asset_list *list,
                              firn_error *err) {
  for (size_t i = 0; i < d->o.asset_count; i++) {
    const firn_saved_model_asset *a = &d->o.assets[i];
    const firn_code code =
        add_asset(d, list, a->file, firn_path_base(firn_str_of(a->file)),
                  firn_str_of(a->tensor), err);
    if (code != FIRN_OK) return firn_while(err, code, "asset '%s'", a->file);
  }
  return FIRN_OK;
}

static bool is_given(const asset_list *list, firn_str tensor) {
  for (size_t i = 0; i < list->count; i++)
    if (firn_str_eq(list->items[i]->tensor_info->name, tensor)) return true;
  return false;
}

/* What the model has, as a SavedModel. */
static firn_code own_assets(firn_draft_graph *d, asset_list *list,
                            firn_error *err) {
  for (size_t i = 0; i < d->model->asset_count; i++) {
    const firn_asset *a = &d->model->assets[i];
    if (!is_given(list, a->tensor))
      FIRN_TRY(add_asset(d, list, a->path, a->file, a->tensor, err));
  }
  return FIRN_OK;
}

/* The one string of a constant, or none. */
static firn_str constant_text(const firn_node *node) {
  const firn_pb_AttrValue *v =
      firn_str_is(node->def->op, "Const") ? firn_attr(node, "value") : NULL;
  if (!v || v->value_case != FIRN_ATTR_TENSOR || !v->tensor ||
      v->tensor->string_val_count != 1)
    return (firn_str){NULL, 0};
  return v->tensor->string_val[0];
}

/* TensorFlow 1 lists the constants with paths in a collection; they are the
 * paths of the machine that made the graph. Those that the init op needs are
 * wanted. */
static firn_code listed_assets(firn_draft_graph *d, const bool *initial,
                               asset_list *list, firn_error *err) {
  const firn_pb_CollectionDef *c =
      firn_meta_collection(d->meta, "asset_filepaths");
  if (!c || c->kind_case != 1 || !c->node_list) return FIRN_OK;
  for (size_t i = 0; i < c->node_list->value_count; i++) {
    const firn_str tensor = c->node_list->value[i];
    firn_edge e;
    if (firn_graph_tensor(d->graph, tensor, &e, NULL) != FIRN_OK ||
        !initial[e.node] || is_given(list, tensor))
      continue;
    const char *file =
        firn_arena_cstr(d->arena, constant_text(d->graph->nodes[e.node]));
    if (!file) return firn_oom(err, 0);
    if (!*file) continue;
    if (firn_path_look(file) != FIRN_PATH_FILE)
      return firn_fail(err, FIRN_NOT_FOUND,
                       "asset '%s', whose path '%.*s' holds, is not there: "
                       "give the file for that tensor",
                       file, FIRN_ARG(tensor));
    FIRN_TRY(add_asset(d, list, file, firn_path_base(firn_str_of(file)), tensor,
                       err));
  }
  return FIRN_OK;
}

/* ---- Assets in the message ---------------------------------------------- */

static firn_code pack(const firn_pb_AssetFileDef *def, firn_arena *arena,
                      firn_pb_Any **out, firn_error *err) {
  firn_buf buf = {.data = NULL};
  *out = firn_pb_new(&firn_pb_type_Any, arena);
  if (!*out) return firn_oom(err, sizeof **out);
  firn_code code =
      firn_pb_write(&firn_pb_type_AssetFileDef, def, firn_sink_buf(&buf), err);
  (*out)->type_url = FIRN_STR("type.googleapis.com/tensorflow.AssetFileDef");
  if (code == FIRN_OK) {
    (*out)->value =
        firn_arena_str(arena, (firn_str){(const char *)buf.data, buf.size});
    if (!(*out)->value.data) code = firn_oom(err, buf.size);
  }
  firn_buf_fini(&buf);
  return code;
}

static firn_code put_collection(firn_draft_graph *d, const asset_list *list,
                                firn_error *err) {
  firn_pb_CollectionDef *c = firn_pb_new(&firn_pb_type_CollectionDef, d->arena);
  if (!c) return firn_oom(err, sizeof *c);
  c->any_list = firn_pb_new(&firn_pb_type_CollectionDef_AnyList, d->arena);
  if (!c->any_list) return firn_oom(err, sizeof *c->any_list);
  c->kind_case = 5;
  c->any_list->value =
      firn_arena_array(d->arena, list->count, sizeof(*c->any_list->value));
  if (!c->any_list->value) return firn_oom(err, list->count);
  c->any_list->value_count = list->count;
  for (size_t i = 0; i < list->count; i++)
    FIRN_TRY(pack(list->items[i], d->arena, &c->any_list->value[i], err));
  return firn_meta_set_collection(d->meta, ASSETS, c, d->arena, err);
}

/* TensorFlow 2's models have them in a field, and count by it: objects refer to
 * them by number, so that new ones come last. */
static firn_code put_assets(firn_draft_graph *d, const asset_list *list,
                            firn_error *err) {
  firn_pb_MetaGraphDef *meta = d->meta;
  if (!meta->asset_file_def_count && !list->count) {
    /* What a graph lists that is exported from a loaded SavedModel: files that
     * are not brought along. */
    firn_meta_drop_collection(meta, ASSETS);
    return FIRN_OK;
  }
  if (!meta->asset_file_def_count) return put_collection(d, list, err);
  firn_pb_AssetFileDef **all = firn_arena_array(
      d->arena, meta->asset_file_def_count + list->count, sizeof(*all));
  if (!all) return firn_oom(err, list->count);
  size_t count = meta->asset_file_def_count;
  memcpy(all, meta->asset_file_def, count * sizeof(*all));
  for (size_t i = 0; i < list->count; i++) {
    size_t at = 0;
    const firn_str name = list->items[i]->tensor_info->name;
    while (at < count &&
           !(all[at]->tensor_info && all[at]->tensor_info->encoding_case == 1 &&
             firn_str_eq(all[at]->tensor_info->name, name)))
      at++;
    all[at] = list->items[i];
    count += at == count;
  }
  meta->asset_file_def = all;
  meta->asset_file_def_count = count;
  return FIRN_OK;
}

static firn_code bring_assets(firn_draft_graph *d, const bool *initial,
                              firn_error *err) {
  const firn_pb_CollectionDef *c =
      firn_meta_collection(d->meta, "asset_filepaths");
  size_t most = d->o.asset_count + d->model->asset_count;
  asset_list list = {.count = 0};
  if (c && c->kind_case == 1 && c->node_list) most += c->node_list->value_count;
  list.items = firn_arena_array(d->arena, most, sizeof(*list.items));
  if (!list.items) return firn_oom(err, most);
  FIRN_TRY(given_assets(d, &list, err));
  if (d->model->kind == FIRN_MODEL_SAVED_MODEL)
    FIRN_TRY(own_assets(d, &list, err));
  else
    FIRN_TRY(listed_assets(d, initial, &list, err));
  return put_assets(d, &list, err);
}

firn_code firn_draft_init(firn_draft_graph *d, firn_error *err) {
  FIRN_TRY(note_ops(d, err));
  FIRN_TRY(firn_draft_mark(d, err));
  return bring_assets(d, d->initial, err);
}
