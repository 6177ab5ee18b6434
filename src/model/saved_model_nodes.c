/* model/saved_model_nodes.c: the GraphDef of a meta graph: which nodes and
 * functions it has, and what is left out of them. */
#include <stdlib.h>

#include "model/freeze.h"
#include "model/saved_model_write.h"

/* restore.c appends nodes of its own behind those of the file. */
bool firn_is_own_node(const firn_graph *graph, uint32_t i) {
  const size_t file = graph->def ? graph->def->node_count : 0;
  return i < file || !firn_str_starts(graph->nodes[i]->def->name,
                                      FIRN_STR("firn_restore/"));
}

firn_pb_NodeDef *firn_draft_add(firn_draft_graph *d, firn_str name,
                                const char *op, size_t inputs, size_t attrs) {
  if (d->added_count == d->added_capacity) {
    const size_t more = d->added_capacity ? 2 * d->added_capacity : 32;
    firn_pb_NodeDef **all = firn_arena_array(d->arena, more, sizeof(*all));
    if (!all) return NULL;
    if (d->added_count) memcpy(all, d->added, d->added_count * sizeof(*all));
    d->added = all;
    d->added_capacity = more;
  }
  firn_pb_NodeDef *def = firn_pb_new(&firn_pb_type_NodeDef, d->arena);
  if (!def) return NULL;
  def->name = name;
  def->op = firn_str_of(op);
  def->input = firn_arena_array(d->arena, inputs, sizeof *def->input);
  def->attr = firn_arena_array(d->arena, attrs, sizeof(*def->attr));
  if (!def->input || !def->attr) return NULL;
  d->added[d->added_count++] = def;
  return def;
}

/* ---- What is served ----------------------------------------------------- */

static firn_code mark_node(firn_draft_graph *d, firn_str name, bool *marks,
                           firn_error *err) {
  const firn_node *node = NULL;
  if (!name.size) return FIRN_OK;
  for (size_t i = 0; i < d->added_count; i++) {
    if (!firn_str_eq(d->added[i]->name, name)) continue;
    for (size_t k = 0; k < d->added[i]->input_count; k++) {
      firn_str input, own = d->added[i]->input[k];
      int64_t output;
      if (firn_tensor_name_split(own, &input, &output))
        FIRN_TRY(mark_node(d, input, marks, err));
    }
    return FIRN_OK;
  }
  FIRN_TRY(firn_graph_need(d->graph, name, &node, err));
  return firn_graph_reach(d->graph, &node->index, 1, false, marks, err);
}

enum { DEEPEST = 4 }; /* components of components */

static firn_code mark_info(firn_draft_graph *d, const firn_pb_TensorInfo *info,
                           int depth, firn_error *err) {
  if (!info) return FIRN_OK;
  if (info->encoding_case == 1) return mark_node(d, info->name, d->served, err);
  if (info->encoding_case == 4 && info->coo_sparse) {
    const firn_pb_TensorInfo_CooSparse *c = info->coo_sparse;
    FIRN_TRY(mark_node(d, c->indices_tensor_name, d->served, err));
    FIRN_TRY(mark_node(d, c->values_tensor_name, d->served, err));
    return mark_node(d, c->dense_shape_tensor_name, d->served, err);
  }
  if (info->encoding_case != 5 || !info->composite_tensor || depth <= 0)
    return FIRN_OK;
  for (size_t i = 0; i < info->composite_tensor->components_count; i++)
    FIRN_TRY(
        mark_info(d, info->composite_tensor->components[i], depth - 1, err));
  return FIRN_OK;
}

static firn_code mark_signature(firn_draft_graph *d,
                                const firn_pb_SignatureDef *def,
                                firn_error *err) {
  for (size_t i = 0; i < def->inputs_count; i++)
    FIRN_TRY(mark_info(d, def->inputs[i]->value, DEEPEST, err));
  for (size_t i = 0; i < def->outputs_count; i++)
    FIRN_TRY(mark_info(d, def->outputs[i]->value, DEEPEST, err));
  return FIRN_OK;
}

static firn_code mark_init(firn_draft_graph *d, firn_error *err) {
  static const char *const collections[] = {"saved_model_main_op",
                                            "legacy_init_op"};
  for (size_t i = 0; i < d->meta->signature_def_count; i++) {
    const firn_pb_MetaGraphDef_SignatureDefEntry *e = d->meta->signature_def[i];
    if (!firn_str_is(e->key, FIRN_INIT_SIGNATURE) || !e->value) continue;
    for (size_t k = 0; k < e->value->outputs_count; k++)
      if (e->value->outputs[k]->value &&
          e->value->outputs[k]->value->encoding_case == 1)
        FIRN_TRY(
            mark_node(d, e->value->outputs[k]->value->name, d->initial, err));
  }
  for (size_t i = 0; i < FIRN_COUNT(collections); i++) {
    const firn_pb_CollectionDef *c =
        firn_meta_collection(d->meta, collections[i]);
    if (c && c->kind_case == 1 && c->node_list && c->node_list->value_count)
      FIRN_TRY(mark_node(d, c->node_list->value[0], d->initial, err));
  }
  return FIRN_OK;
}

firn_code firn_draft_mark(firn_draft_graph *d, firn_error *err) {
  FIRN_TRY(mark_init(d, err));
  memcpy(d->served, d->initial, d->graph->node_count);
  for (size_t i = 0; i < d->meta->signature_def_count; i++) {
    const firn_pb_MetaGraphDef_SignatureDefEntry *e = d->meta->signature_def[i];
    if (!e->value || firn_str_is(e->key, FIRN_INIT_SIGNATURE)) continue;
    const firn_code code = mark_signature(d, e->value, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "signature '%.*s'", FIRN_ARG(e->key));
  }
  if (d->o.strip && d->o.train_op)
    return mark_node(d, firn_str_of(d->o.train_op), d->served, err);
  return FIRN_OK;
}

/* ---- Functions ---------------------------------------------------------- */

/* The functions that are called, in the order of meeting. */
typedef struct calls {
  firn_draft_graph *d;
  firn_map seen; /* name → 1 */
  const firn_pb_FunctionDef **met;
  size_t count, capacity;
} calls;

static const firn_pb_FunctionDefLibrary *library_of(const firn_draft_graph *d) {
  if (d->graph->def && d->graph->def->library) return d->graph->def->library;
  const firn_pb_MetaGraphDef *meta = d->model->meta;
  return meta && meta->graph_def ? meta->graph_def->library : NULL;
}

static bool meet(calls *c, firn_str name) {
  uint64_t seen;
  const firn_pb_FunctionDef *f = firn_graph_function(c->d->graph, name);
  if (!f || c->count == c->capacity || firn_map_get(&c->seen, name, &seen))
    return true;
  c->met[c->count++] = f;
  return firn_map_set(&c->seen, name, 1);
}

static bool meet_called(calls *c, const firn_pb_NodeDef *node) {
  if (!meet(c, node->op)) return false;
  for (size_t i = 0; i < node->attr_count; i++) {
    const firn_pb_AttrValue *v = node->attr[i]->value;
    if (v && v->value_case == FIRN_ATTR_FUNC && v->func &&
        !meet(c, v->func->name))
      return false;
    for (size_t k = 0; v && v->value_case == FIRN_ATTR_LIST && v->list &&
                       k < v->list->func_count;
         k++)
      if (!meet(c, v->list->func[k]->name)) return false;
  }
  return true;
}

static bool meet_all(calls *c, const firn_pb_FunctionDefLibrary *library) {
  const firn_draft_graph *d = c->d;
  for (uint32_t i = 0; i < d->graph->node_count; i++)
    if (d->kept[i] && !meet_called(c, d->graph->nodes[i]->def)) return false;
  for (size_t at = 0; at < c->count; at++) {
    const firn_pb_FunctionDef *f = c->met[at];
    for (size_t i = 0; i < f->node_def_count; i++)
      if (!meet_called(c, f->node_def[i])) return false;
    for (size_t i = 0; f->signature && i < library->gradient_count; i++)
      if (firn_str_eq(library->gradient[i]->function_name,
                      f->signature->name) &&
          !meet(c, library->gradient[i]->gradient_func))
        return false;
  }
  return true;
}

/* The library without what nobody calls, in the order of the file. */
static firn_code keep_called(firn_draft_graph *d,
                             firn_pb_FunctionDefLibrary *library,
                             firn_error *err) {
  calls c = {.d = d, .capacity = library->function_count};
  uint64_t seen;
  size_t kept = 0;
  c.met = firn_arena_array(d->arena, c.capacity, sizeof(*c.met));
  firn_pb_FunctionDef **functions =
      firn_arena_array(d->arena, c.capacity, sizeof(*functions));
  firn_pb_GradientDef **gradients =
      firn_arena_array(d->arena, library->gradient_count, sizeof(*gradients));
  if (!c.met || !functions || !gradients) return firn_oom(err, c.capacity);
  firn_map_init(&c.seen, &d->w->env.alloc);
  if (!meet_all(&c, library)) {
    firn_map_fini(&c.seen);
    return firn_oom(err, c.capacity);
  }
  for (size_t i = 0; i < library->function_count; i++) {
    const firn_pb_OpDef *signature = library->function[i]->signature;
    if (signature && firn_map_get(&c.seen, signature->name, &seen))
      functions[kept++] = library->function[i];
  }
  library->function = functions;
  library->function_count = kept;
  kept = 0;
  for (size_t i = 0; i < library->gradient_count; i++)
    if (firn_map_get(&c.seen, library->gradient[i]->function_name, &seen))
      gradients[kept++] = library->gradient[i];
  library->gradient = gradients;
  library->gradient_count = kept;
  firn_map_fini(&c.seen);
  return FIRN_OK;
}

/* ---- Nodes -------------------------------------------------------------- */

typedef struct editor {
  firn_draft_graph *d;
  firn_map ops; /* op → its definition */
  bool failed;  /* there was no memory for one of them */
} editor;

/* As the file defines the op, else as TensorFlow does; NULL: nobody does. */
static const firn_pb_OpDef *find_op(editor *e, firn_str op) {
  uint64_t at;
  const firn_pb_OpDef *def = NULL;
  if (firn_map_get(&e->ops, op, &at))
    return (const firn_pb_OpDef *)(uintptr_t)at;
  if (firn_map_get(&e->d->graph->extra_ops, op, &at))
    def = (const firn_pb_OpDef *)(uintptr_t)at;
  else if (firn_opdef_find(op, e->d->arena, &def, NULL) != FIRN_OK)
    e->failed = true;
  if (!firn_map_set(&e->ops, op, (uintptr_t)def)) e->failed = true;
  return def;
}

static bool is_default(editor *e, firn_str op,
                       const firn_pb_NodeDef_AttrEntry *attr) {
  if (!attr->key.size || attr->key.data[0] == '_') return false;
  const firn_pb_OpDef *def = find_op(e, op);
  const firn_pb_OpDef_AttrDef *a = def ? firn_opdef_attr(def, attr->key) : NULL;
  return a && a->default_value && attr->value &&
         firn_pb_equal(&firn_pb_type_AttrValue, a->default_value, attr->value);
}

static bool is_there(const firn_draft_graph *d, firn_str name) {
  const firn_node *node = firn_graph_find(d->graph, name);
  return node && d->kept[node->index];
}

/* Nodes that are to lie where one lies that is gone lie anywhere. */
static bool edit_class(editor *e, firn_pb_NodeDef_AttrEntry **attr) {
  static const char loc[] = "loc:@";
  const firn_pb_AttrValue *v = (*attr)->value;
  size_t kept = 0;
  if (!v || v->value_case != FIRN_ATTR_LIST || !v->list) return true;
  firn_pb_NodeDef_AttrEntry *copy =
      firn_new_attr(e->d->arena, "_class", FIRN_ATTR_LIST);
  if (!copy) return false;
  copy->value->list =
      firn_pb_new(&firn_pb_type_AttrValue_ListValue, e->d->arena);
  firn_str *names =
      firn_arena_array(e->d->arena, v->list->s_count, sizeof *names);
  if (!copy->value->list || !names) return false;
  for (size_t i = 0; i < v->list->s_count; i++) {
    const firn_str s = v->list->s[i];
    if (!firn_str_starts(s, FIRN_STR(loc)) ||
        is_there(e->d, (firn_str){s.data + 5, s.size - 5}))
      names[kept++] = s;
  }
  copy->value->list->s = names;
  copy->value->list->s_count = kept;
  *attr = copy;
  return true;
}

/* The node as it is to be written; NULL when memory is short. */
static firn_pb_NodeDef *edit_node(editor *e, const firn_pb_NodeDef *def) {
  const firn_saved_model_meta *o = &e->d->o;
  if (!o->strip && !o->clear_devices && !o->strip_default_attrs)
    return (firn_pb_NodeDef *)(uintptr_t)def;
  firn_pb_NodeDef *copy = firn_edit_node(def, e->d->arena);
  size_t kept = 0;
  if (!copy) return NULL;
  if (o->clear_devices) copy->device = (firn_str){NULL, 0};
  for (size_t i = 0; i < def->attr_count; i++) {
    if (o->strip_default_attrs && is_default(e, def->op, def->attr[i]))
      continue;
    copy->attr[kept] = def->attr[i];
    if (o->strip && firn_str_is(def->attr[i]->key, "_class") &&
        !edit_class(e, &copy->attr[kept]))
      return NULL;
    const firn_pb_AttrValue *v = copy->attr[kept]->value;
    kept += copy->attr[kept] == def->attr[i] || v->list->s_count > 0;
  }
  copy->attr_count = kept;
  return copy;
}

static firn_pb_FunctionDef *edit_function(editor *e,
                                          const firn_pb_FunctionDef *def) {
  firn_pb_FunctionDef *copy = firn_arena_alloc(e->d->arena, sizeof *copy);
  if (!copy) return NULL;
  *copy = *def;
  copy->node_def = firn_arena_array(e->d->arena, def->node_def_count,
                                    sizeof(*copy->node_def));
  if (!copy->node_def) return NULL;
  const bool strip = e->d->o.strip;
  e->d->o.strip = false; /* `_class` there names nodes of the function */
  bool ok = true;
  for (size_t i = 0; ok && i < def->node_def_count; i++) {
    copy->node_def[i] = edit_node(e, def->node_def[i]);
    ok = copy->node_def[i] != NULL;
  }
  e->d->o.strip = strip;
  return ok ? copy : NULL;
}

static firn_code make_library(editor *e, firn_pb_GraphDef *out,
                              firn_error *err) {
  firn_draft_graph *d = e->d;
  const firn_pb_FunctionDefLibrary *from = library_of(d);
  const firn_saved_model_meta *o = &d->o;
  out->library = (firn_pb_FunctionDefLibrary *)(uintptr_t)from;
  if (!from || (!o->strip && !o->clear_devices && !o->strip_default_attrs))
    return FIRN_OK;
  firn_pb_FunctionDefLibrary *copy = firn_arena_alloc(d->arena, sizeof *copy);
  if (!copy) return firn_oom(err, sizeof *copy);
  *copy = *from;
  out->library = copy;
  if (o->strip) FIRN_TRY(keep_called(d, copy, err));
  firn_pb_FunctionDef **functions =
      firn_arena_array(d->arena, copy->function_count, sizeof(*functions));
  if (!functions) return firn_oom(err, copy->function_count);
  for (size_t i = 0; i < copy->function_count; i++) {
    functions[i] = edit_function(e, copy->function[i]);
    if (!functions[i]) return firn_oom(err, 0);
  }
  copy->function = functions;
  if (!copy->function_count && !copy->gradient_count) out->library = NULL;
  return FIRN_OK;
}

static firn_code make_nodes(editor *e, firn_pb_GraphDef *out, firn_error *err) {
  firn_draft_graph *d = e->d;
  const size_t most = d->graph->node_count + d->added_count;
  out->node = firn_arena_array(d->arena, most, sizeof(*out->node));
  if (!out->node) return firn_oom(err, most * sizeof(*out->node));
  out->node_count = 0;
  for (uint32_t i = 0; i < d->graph->node_count; i++) {
    if (!d->kept[i]) continue;
    firn_pb_NodeDef *node = edit_node(e, d->graph->nodes[i]->def);
    if (!node) return firn_oom(err, sizeof *node);
    out->node[out->node_count++] = node;
  }
  for (size_t i = 0; i < d->added_count; i++) {
    if (d->o.strip_default_attrs) {
      const bool strip = d->o.strip;
      d->o.strip = false; /* what they lie beside stays */
      d->added[i] = edit_node(e, d->added[i]);
      d->o.strip = strip;
      if (!d->added[i]) return firn_oom(err, 0);
    }
    out->node[out->node_count++] = d->added[i];
  }
  return FIRN_OK;
}

/* ---- The definitions of the ops ----------------------------------------- */

static int by_name(const void *a, const void *b) {
  const firn_pb_OpDef *const *x = a, *const *y = b;
  return firn_str_compare((*x)->name, (*y)->name);
}

typedef struct op_list {
  editor *e;
  firn_map seen;
  firn_pb_OpDef **ops;
  size_t count, capacity;
} op_list;

static bool list_op(op_list *l, firn_str op) {
  uint64_t seen;
  if (firn_map_get(&l->seen, op, &seen)) return true;
  if (!firn_map_set(&l->seen, op, 1)) return false;
  const firn_pb_OpDef *def = find_op(l->e, op);
  if (!def || firn_graph_function(l->e->d->graph, op)) return true;
  if (l->count == l->capacity) {
    const size_t more = l->capacity ? 2 * l->capacity : 64;
    firn_pb_OpDef **all = firn_arena_array(l->e->d->arena, more, sizeof(*all));
    if (!all) return false;
    if (l->count) memcpy(all, l->ops, l->count * sizeof(*all));
    l->ops = all;
    l->capacity = more;
  }
  l->ops[l->count++] = (firn_pb_OpDef *)(uintptr_t)def;
  return true;
}

static bool list_ops(op_list *l, const firn_pb_GraphDef *def) {
  for (size_t i = 0; i < def->node_count; i++)
    if (!list_op(l, def->node[i]->op)) return false;
  for (size_t i = 0; def->library && i < def->library->function_count; i++) {
    const firn_pb_FunctionDef *f = def->library->function[i];
    for (size_t k = 0; k < f->node_def_count; k++)
      if (!list_op(l, f->node_def[k]->op)) return false;
  }
  return true;
}

/* Readers of other versions learn from it which defaults the writer knew. */
static firn_code make_op_list(editor *e, const firn_pb_GraphDef *def,
                              firn_error *err) {
  op_list l = {.e = e};
  firn_pb_OpList *out = firn_pb_new(&firn_pb_type_OpList, e->d->arena);
  if (!out) return firn_oom(err, sizeof *out);
  firn_map_init(&l.seen, &e->d->w->env.alloc);
  const bool ok = list_ops(&l, def);
  firn_map_fini(&l.seen);
  if (!ok) return firn_oom(err, l.count);
  if (l.count) qsort(l.ops, l.count, sizeof(*l.ops), by_name);
  out->op = l.ops;
  out->op_count = l.count;
  e->d->meta->meta_info_def->stripped_op_list = out;
  return FIRN_OK;
}

/* ---- All of it ---------------------------------------------------------- */

static firn_code make(editor *e, firn_error *err) {
  firn_draft_graph *d = e->d;
  firn_pb_GraphDef *out = firn_arena_zeroed(d->arena, sizeof *out);
  if (!out) return firn_oom(err, sizeof *out);
  if (d->graph->def) {
    out->versions = d->graph->def->versions;
    out->version = d->graph->def->version;
    out->unknown = d->graph->def->unknown;
  }
  FIRN_TRY(make_nodes(e, out, err));
  FIRN_TRY(make_library(e, out, err));
  d->meta->graph_def = out;
  const bool same = d->model->kind == FIRN_MODEL_SAVED_MODEL &&
                    !d->added_count && !d->o.strip;
  return same ? FIRN_OK : make_op_list(e, out, err);
}

firn_code firn_draft_nodes(firn_draft_graph *d, firn_error *err) {
  editor e = {.d = d};
  firn_map_init(&e.ops, &d->w->env.alloc);
  const firn_code code = make(&e, err);
  firn_map_fini(&e.ops);
  return code == FIRN_OK && e.failed ? firn_oom(err, 0) : code;
}
