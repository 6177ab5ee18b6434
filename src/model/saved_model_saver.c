/* model/saved_model_saver.c: the nodes by which TensorFlow restores variables.
 *
 * A graph that has a saver for what was written keeps it. One that has none, an
 * old one (V1 checkpoints), or one for other variables than have values gets
 * the nodes that TensorFlow's own Saver makes: a file name that is fed, SaveV2,
 * RestoreV2, an assignment for each variable (an import for each table), and
 * one node behind them all. */
#include <stdio.h>

#include "model/freeze.h"
#include "model/saved_model_write.h"
#include "ops/infer.h"

enum { SAVER_V2 = 2, KEEP = 5, KEEP_HOURS = 10000 };

/* What one key of the checkpoint is for. */
typedef struct item {
  const firn_node *variable; /* or NULL */
  const firn_node *table;    /* whose keys this is; the next item's values  */
  firn_edge handle;
  firn_restored at;
  firn_dtype dtype;
} item;

typedef struct saver {
  firn_draft_graph *d;
  firn_arena *arena;
  firn_str scope; /* "save" */
  item *items;
  size_t count;
  firn_map seen; /* variables' identities */
} saver;

/* ---- The saver that is there -------------------------------------------- */

/* Whether every variable of that identity that was written is restored, and
 * nothing that was not written. */
static bool fits_variables(const firn_draft_graph *d, firn_map *restored) {
  bool fits = true;
  firn_restored at;
  uint64_t any;
  for (uint32_t i = 0; fits && i < d->graph->node_count; i++) {
    const firn_node *node = d->graph->nodes[i];
    if (!firn_is_variable(node)) continue;
    const firn_restored *place = firn_restore_place(d->model, node);
    if (!place) continue;
    fits = firn_checkpoint_lookup(d->w->variables, place->key) != SIZE_MAX &&
           firn_map_set(restored, firn_variable_identity(node), 1);
  }
  for (uint32_t i = 0; fits && i < d->graph->node_count; i++) {
    const firn_node *node = d->graph->nodes[i];
    fits = !firn_is_variable(node) || firn_restore_place(d->model, node) ||
           firn_draft_find(d, node, &at) == SIZE_MAX ||
           firn_map_get(restored, firn_variable_identity(node), &any);
  }
  return fits;
}

static bool fits_tables(const firn_draft_graph *d) {
  const firn_restore *r = d->model->restore;
  for (const firn_table_import *i = r ? r->imports : NULL; i; i = i->next)
    if (firn_checkpoint_lookup(d->w->variables, i->keys.key) == SIZE_MAX)
      return false;
  return true;
}

static bool is_usable(const firn_draft_graph *d) {
  const firn_pb_SaverDef *def = d->meta->saver_def;
  firn_edge e;
  firn_map restored;
  if (!def || d->o.strip) return false;
  if (d->model->kind == FIRN_MODEL_SAVED_MODEL) return true;
  if (def->version != SAVER_V2 ||
      !firn_graph_find(d->graph, def->restore_op_name) ||
      firn_graph_tensor(d->graph, def->filename_tensor_name, &e, NULL) !=
          FIRN_OK)
    return false;
  firn_map_init(&restored, &d->w->env.alloc);
  const bool fits = fits_variables(d, &restored) && fits_tables(d);
  firn_map_fini(&restored);
  return fits;
}

/* ---- What there is to save ---------------------------------------------- */

static bool is_wanted(const firn_draft_graph *d, uint32_t i) {
  return firn_is_own_node(d->graph, i) && (!d->o.strip || d->served[i]);
}

static firn_code add_variable(saver *s, const firn_node *node,
                              firn_error *err) {
  firn_restored at;
  firn_shape shape, have, full;
  firn_slice slice;
  uint64_t any;
  const size_t found = firn_draft_find(s->d, node, &at);
  if (found == SIZE_MAX ||
      firn_map_get(&s->seen, firn_variable_identity(node), &any))
    return FIRN_OK;
  const firn_checkpoint_entry e = firn_checkpoint_at(s->d->w->variables, found);
  FIRN_TRY(firn_slice_parse(at.slice, &full, &slice, err));
  have = slice.rank < 0 ? e.shape : firn_slice_shape(&slice, &full);
  if (firn_attr_shape(node, "shape", &shape, NULL) != FIRN_OK)
    shape = firn_shape_unknown();
  if (e.dtype != firn_attr_type_or(node, "dtype", FIRN_INVALID) ||
      firn_shape_merge(&shape, &have, &full, NULL) != FIRN_OK)
    return FIRN_OK; /* another variable's value under that name */
  s->items[s->count++] = (item){.variable = node, .at = at, .dtype = e.dtype};
  return firn_map_set(&s->seen, firn_variable_identity(node), 1)
             ? FIRN_OK
             : firn_oom(err, 0);
}

static void add_table(saver *s, const firn_table_import *import) {
  const firn_graph *graph = s->d->graph;
  const firn_node *node = firn_graph_find(graph, import->node);
  const firn_restored *const at[] = {&import->keys, &import->values};
  if (!node || !node->input_count || node->inputs[0].node == FIRN_NO_NODE)
    return;
  const firn_edge handle = node->inputs[0];
  if (!is_wanted(s->d, handle.node)) return;
  for (size_t i = 0; i < FIRN_COUNT(at); i++)
    if (firn_checkpoint_lookup(s->d->w->variables, at[i]->key) == SIZE_MAX)
      return;
  for (size_t i = 0; i < FIRN_COUNT(at); i++)
    s->items[s->count++] = (item){
        .table = node,
        .handle = handle,
        .at = *at[i],
        .dtype = firn_attr_type_or(node, i ? "Tout" : "Tin", FIRN_INVALID)};
}

static firn_code list_items(saver *s, firn_error *err) {
  const firn_draft_graph *d = s->d;
  const firn_restore *r = d->model->restore;
  size_t most = 0;
  for (uint32_t i = 0; i < d->graph->node_count; i++)
    most += firn_is_variable(d->graph->nodes[i]);
  for (const firn_table_import *i = r ? r->imports : NULL; i; i = i->next)
    most += 2;
  s->items = firn_arena_array(s->arena, most, sizeof *s->items);
  if (!s->items) return firn_oom(err, most * sizeof *s->items);
  for (uint32_t i = 0; i < d->graph->node_count; i++)
    if (firn_is_variable(d->graph->nodes[i]) && is_wanted(d, i))
      FIRN_TRY(add_variable(s, d->graph->nodes[i], err));
  for (const firn_table_import *i = r ? r->imports : NULL; i; i = i->next)
    add_table(s, i);
  return FIRN_OK;
}

/* ---- Nodes -------------------------------------------------------------- */

/* The number that TensorFlow puts behind the second and later nodes of a name.
 */
static firn_str name_of(saver *s, const char *what, size_t i) {
  return i ? firn_arena_printf(s->arena, "%.*s/%s_%zu", (int)s->scope.size,
                               s->scope.data, what, i)
           : firn_arena_printf(s->arena, "%.*s/%s", (int)s->scope.size,
                               s->scope.data, what);
}

static bool is_scope_free(const firn_draft_graph *d, firn_str scope) {
  for (uint32_t i = 0; i < d->graph->node_count; i++) {
    const firn_str name = d->graph->nodes[i]->def->name;
    if (d->kept[i] && firn_str_starts(name, scope) &&
        (name.size == scope.size || name.data[scope.size] == '/'))
      return false;
  }
  return true;
}

static firn_code choose_scope(saver *s, firn_error *err) {
  s->scope = FIRN_STR("save");
  for (unsigned i = 1; !is_scope_free(s->d, s->scope); i++) {
    s->scope = firn_arena_printf(s->arena, "save_%u", i);
    if (!s->scope.data) return firn_oom(err, 0);
  }
  return FIRN_OK;
}

/* The words below write into nodes with room for what is put; `ok` gathers
 * whether there was memory. */
typedef struct maker {
  firn_draft_graph *d;
  firn_pb_NodeDef *def;
  bool ok;
} maker;

static maker begin(saver *s, firn_str name, const char *op, size_t inputs,
                   size_t attrs) {
  maker m = {.d = s->d};
  if (name.data) m.def = firn_draft_add(s->d, name, op, inputs, attrs);
  m.ok = m.def != NULL;
  return m;
}

static void put_input(maker *m, firn_str name) {
  if (m->ok && name.data)
    m->def->input[m->def->input_count++] = name;
  else
    m->ok = false;
}

static firn_pb_AttrValue *put_attr(maker *m, const char *name, int32_t kind) {
  firn_pb_NodeDef_AttrEntry *e =
      m->ok ? firn_new_attr(m->d->arena, name, kind) : NULL;
  m->ok = e != NULL;
  if (!e) return NULL;
  m->def->attr[m->def->attr_count++] = e;
  return e->value;
}

static void put_type(maker *m, const char *name, firn_dtype type) {
  firn_pb_AttrValue *v = put_attr(m, name, FIRN_ATTR_TYPE);
  if (v) v->type = type;
}

static void put_bool(maker *m, const char *name, bool value) {
  firn_pb_AttrValue *v = put_attr(m, name, FIRN_ATTR_BOOL);
  if (v) v->b = value;
}

static firn_pb_AttrValue_ListValue *put_list(maker *m, const char *name) {
  firn_pb_AttrValue *v = put_attr(m, name, FIRN_ATTR_LIST);
  if (v) v->list = firn_pb_new(&firn_pb_type_AttrValue_ListValue, m->d->arena);
  m->ok = v && v->list;
  return v ? v->list : NULL;
}

static void put_class(maker *m, firn_str node) {
  firn_pb_AttrValue_ListValue *list = put_list(m, "_class");
  if (!list) return;
  list->s = firn_arena_array(m->d->arena, 1, sizeof *list->s);
  if (list->s)
    list->s[0] =
        firn_arena_printf(m->d->arena, "loc:@%.*s", (int)node.size, node.data);
  m->ok = list->s && list->s[0].data;
  list->s_count = m->ok;
}

static void put_dtypes(saver *s, maker *m) {
  firn_pb_AttrValue_ListValue *list = put_list(m, "dtypes");
  if (!list) return;
  list->type = firn_arena_array(s->arena, s->count, sizeof *list->type);
  m->ok = list->type != NULL;
  for (size_t i = 0; m->ok && i < s->count; i++)
    list->type[i] = s->items[i].dtype;
  list->type_count = m->ok ? s->count : 0;
}

/* A constant of strings; rank 0 or 1. */
static bool put_strings(saver *s, firn_str name, int rank, firn_str *values,
                        size_t count) {
  firn_shape shape = {.rank = rank, .dims = {(int64_t)count}};
  maker m = begin(s, name, "Const", 0, 2);
  put_type(&m, "dtype", FIRN_STRING);
  firn_pb_AttrValue *v = put_attr(&m, "value", FIRN_ATTR_TENSOR);
  if (!v) return false;
  v->tensor = firn_pb_new(&firn_pb_type_TensorProto, s->arena);
  if (!v->tensor) return false;
  v->tensor->dtype = FIRN_STRING;
  v->tensor->string_val = values;
  v->tensor->string_val_count = count;
  return firn_shape_to_proto(&shape, s->arena, &v->tensor->tensor_shape,
                             NULL) == FIRN_OK;
}

/* ---- File name ---------------------------------------------------------- */

static bool put_default(saver *s, firn_str name, firn_str input) {
  const firn_shape scalar = firn_shape_scalar();
  maker m = begin(s, name, "PlaceholderWithDefault", 1, 2);
  put_input(&m, input);
  put_type(&m, "dtype", FIRN_STRING);
  firn_pb_AttrValue *v = put_attr(&m, "shape", FIRN_ATTR_SHAPE);
  return v &&
         firn_shape_to_proto(&scalar, s->arena, &v->shape, NULL) == FIRN_OK;
}

static bool put_file_name(saver *s) {
  firn_str *text = firn_arena_array(s->arena, 1, sizeof *text);
  if (!text) return false;
  text[0] = FIRN_STR("model");
  const firn_str first = name_of(s, "filename/input", 0);
  const firn_str second = name_of(s, "filename", 0);
  return first.data && second.data && put_strings(s, first, 0, text, 1) &&
         put_default(s, second, first) &&
         put_default(s, name_of(s, "Const", 0), second);
}

/* ---- Both directions ---------------------------------------------------- */

/* The constants with keys and slices that SaveV2 and RestoreV2 take. */
static bool put_keys(saver *s, const char *op) {
  char what[40];
  firn_str *keys = firn_arena_array(s->arena, s->count, sizeof *keys);
  firn_str *slices = firn_arena_array(s->arena, s->count, sizeof *slices);
  if (!keys || !slices) return false;
  for (size_t i = 0; i < s->count; i++) {
    keys[i] = s->items[i].at.key;
    slices[i] = s->items[i].at.slice;
  }
  snprintf(what, sizeof what, "%s/tensor_names", op);
  if (!put_strings(s, name_of(s, what, 0), 1, keys, s->count)) return false;
  snprintf(what, sizeof what, "%s/shape_and_slices", op);
  return put_strings(s, name_of(s, what, 0), 1, slices, s->count);
}

static void put_key_inputs(saver *s, maker *m, const char *op) {
  char what[40];
  put_input(m, name_of(s, "Const", 0));
  snprintf(what, sizeof what, "%s/tensor_names", op);
  put_input(m, name_of(s, what, 0));
  snprintf(what, sizeof what, "%s/shape_and_slices", op);
  put_input(m, name_of(s, what, 0));
}

static bool is_resource(const firn_node *node) {
  return firn_str_is(node->def->op, "VarHandleOp");
}

/* ---- Saving ------------------------------------------------------------- */

/* The tensor with the variable's value: the variable itself, or a node that
 * reads it. */
static firn_str value_of(saver *s, const firn_node *node, size_t i) {
  const firn_str name = node->def->name;
  if (!is_resource(node)) return name;
  const firn_str usual = firn_arena_printf(s->arena, "%.*s/Read/ReadVariableOp",
                                           (int)name.size, name.data);
  const firn_node *read =
      usual.data ? firn_graph_find(s->d->graph, usual) : NULL;
  if (read && firn_str_is(read->def->op, "ReadVariableOp") &&
      read->input_count == 1 && read->inputs[0].node == node->index &&
      s->d->kept[read->index])
    return usual;
  maker m = begin(s, name_of(s, "ReadVariableOp", i), "ReadVariableOp", 1, 1);
  put_input(&m, name);
  put_type(&m, "dtype", firn_attr_type_or(node, "dtype", FIRN_INVALID));
  return m.ok ? m.def->name : (firn_str){NULL, 0};
}

static firn_str handle_name(saver *s, const item *it) {
  const firn_str name = s->d->graph->nodes[it->handle.node]->def->name;
  return firn_arena_printf(s->arena, "%.*s:%u", (int)name.size, name.data,
                           it->handle.output);
}

static firn_str exported(saver *s, size_t i) {
  maker m = begin(s, name_of(s, "LookupTableExportV2", i),
                  "LookupTableExportV2", 1, 2);
  put_input(&m, handle_name(s, &s->items[i]));
  put_type(&m, "Tkeys", s->items[i].dtype);
  put_type(&m, "Tvalues", s->items[i + 1].dtype);
  return m.ok ? m.def->name : (firn_str){NULL, 0};
}

static bool put_save(saver *s) {
  firn_str *values = firn_arena_array(s->arena, s->count, sizeof *values);
  if (!values || !put_keys(s, "SaveV2")) return false;
  for (size_t i = 0; i < s->count; i++) {
    if (s->items[i].variable) {
      values[i] = value_of(s, s->items[i].variable, i);
      continue;
    }
    values[i] = exported(s, i);
    if (!values[i].data) return false;
    values[i + 1] = firn_arena_printf(s->arena, "%.*s:1", (int)values[i].size,
                                      values[i].data);
    i++;
  }
  maker save = begin(s, name_of(s, "SaveV2", 0), "SaveV2", s->count + 3, 1);
  put_key_inputs(s, &save, "SaveV2");
  for (size_t i = 0; i < s->count; i++) put_input(&save, values[i]);
  put_dtypes(s, &save);
  maker done = begin(s, name_of(s, "control_dependency", 0), "Identity", 2, 2);
  put_input(&done, name_of(s, "Const", 0));
  put_input(&done, firn_arena_printf(s->arena, "^%.*s/SaveV2",
                                     (int)s->scope.size, s->scope.data));
  put_type(&done, "T", FIRN_STRING);
  put_class(&done, name_of(s, "Const", 0));
  return save.ok && done.ok;
}

/* ---- Restoring ---------------------------------------------------------- */

static firn_str restored(saver *s, size_t i) {
  return i ? firn_arena_printf(s->arena, "%.*s/RestoreV2:%zu",
                               (int)s->scope.size, s->scope.data, i)
           : name_of(s, "RestoreV2", 0);
}

static firn_str assign_reference(saver *s, size_t i) {
  const firn_str name = s->items[i].variable->def->name;
  maker m = begin(s, name_of(s, "Assign", i), "Assign", 2, 4);
  put_input(&m, name);
  put_input(&m, restored(s, i));
  put_type(&m, "T", s->items[i].dtype);
  put_class(&m, name);
  put_bool(&m, "use_locking", true);
  put_bool(&m, "validate_shape", true);
  return m.ok ? m.def->name : (firn_str){NULL, 0};
}

static firn_str assign_resource(saver *s, size_t i) {
  maker value = begin(s, name_of(s, "Identity", i), "Identity", 1, 1);
  put_input(&value, restored(s, i));
  put_type(&value, "T", s->items[i].dtype);
  maker m =
      begin(s, name_of(s, "AssignVariableOp", i), "AssignVariableOp", 2, 2);
  put_input(&m, s->items[i].variable->def->name);
  put_input(&m, name_of(s, "Identity", i));
  put_type(&m, "dtype", s->items[i].dtype);
  put_bool(&m, "validate_shape", false);
  return value.ok && m.ok ? m.def->name : (firn_str){NULL, 0};
}

static firn_str import_table(saver *s, size_t i) {
  maker m = begin(s, name_of(s, "LookupTableImportV2", i),
                  "LookupTableImportV2", 3, 2);
  put_input(&m, handle_name(s, &s->items[i]));
  put_input(&m, restored(s, i));
  put_input(&m, restored(s, i + 1));
  put_type(&m, "Tin", s->items[i].dtype);
  put_type(&m, "Tout", s->items[i + 1].dtype);
  return m.ok ? m.def->name : (firn_str){NULL, 0};
}

static bool put_restore(saver *s) {
  firn_str *done = firn_arena_array(s->arena, s->count, sizeof *done);
  size_t count = 0;
  if (!done || !put_keys(s, "RestoreV2")) return false;
  maker restore = begin(s, name_of(s, "RestoreV2", 0), "RestoreV2", 3, 1);
  put_key_inputs(s, &restore, "RestoreV2");
  put_dtypes(s, &restore);
  if (!restore.ok) return false;
  for (size_t i = 0; i < s->count; i++) {
    const item *it = &s->items[i];
    const firn_str node = !it->variable               ? import_table(s, i)
                          : is_resource(it->variable) ? assign_resource(s, i)
                                                      : assign_reference(s, i);
    if (!node.data) return false;
    done[count] =
        firn_arena_printf(s->arena, "^%.*s", (int)node.size, node.data);
    if (!done[count++].data) return false;
    i += !it->variable;
  }
  maker all = begin(s, name_of(s, "restore_all", 0), "NoOp", count, 0);
  for (size_t i = 0; i < count; i++) put_input(&all, done[i]);
  return all.ok;
}

static bool put_def(saver *s) {
  firn_pb_SaverDef *def = firn_pb_new(&firn_pb_type_SaverDef, s->arena);
  if (!def) return false;
  const int size = (int)s->scope.size;
  const char *scope = s->scope.data;
  def->filename_tensor_name =
      firn_arena_printf(s->arena, "%.*s/Const:0", size, scope);
  def->save_tensor_name =
      firn_arena_printf(s->arena, "%.*s/control_dependency:0", size, scope);
  def->restore_op_name =
      firn_arena_printf(s->arena, "%.*s/restore_all", size, scope);
  def->max_to_keep = KEEP;
  def->keep_checkpoint_every_n_hours = KEEP_HOURS;
  def->version = SAVER_V2;
  s->d->meta->saver_def = def;
  return def->filename_tensor_name.data && def->save_tensor_name.data &&
         def->restore_op_name.data;
}

/* ---- All of it ---------------------------------------------------------- */

static firn_code make(saver *s, firn_error *err) {
  FIRN_TRY(list_items(s, err));
  if (!s->count) return FIRN_OK;
  FIRN_TRY(choose_scope(s, err));
  return put_file_name(s) && put_save(s) && put_restore(s) && put_def(s)
             ? FIRN_OK
             : firn_oom(err, s->count);
}

firn_code firn_draft_saver(firn_draft_graph *d, firn_error *err) {
  saver s = {.d = d, .arena = d->arena};
  if (!d->w->variables) {
    d->meta->saver_def = NULL;
    return FIRN_OK;
  }
  if (is_usable(d)) return FIRN_OK;
  d->meta->saver_def = NULL;
  firn_map_init(&s.seen, &d->w->env.alloc);
  const firn_code code = make(&s, err);
  firn_map_fini(&s.seen);
  return code;
}
