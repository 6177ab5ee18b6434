/* model/freeze_table.c: the contents of lookup tables as constants.
 *
 * A session of the model fills its tables as a run does: from constants, from
 * assets, from the checkpoint. Each table that the frozen graph uses gets two
 * constants, an op that fills it, and an Identity of its handle that waits for
 * that op and that everybody else takes:
 *
 *   table/keys, table/values -> table/fill     table -> table/ready ^table/fill
 *
 * Filling a table twice with the same is no error in TensorFlow and costs one
 * comparison of sizes. So a mutable table that nobody writes to becomes one
 * that is filled once; else every run would fill it anew, under the eyes of the
 * runs beside it. */
#include "model/freeze.h"
#include "ops/handle.h"
#include "ops/table.h"

typedef struct tabler {
  const firn_model *model;
  firn_frozen *out;
  firn_session *session, *own; /* that knows the tables; to be freed */
  firn_map names;              /* of all nodes: index + 1         */
  firn_map tables;             /* name → name of the ready handle */
  firn_pb_NodeDef **added;
  size_t added_count;
} tabler;

/* Kinds of tables: how they are filled. */
typedef struct table_op {
  const char *op, *fill, *ready;
  const char *fixed, *empty; /* what it may become instead */
} table_op;

static const table_op table_ops[] = {
    {"HashTableV2", "InitializeTableV2", "Identity", NULL,
     "MutableHashTableV2"},
    {"MutableHashTableV2", "LookupTableInsertV2", "Identity", "HashTableV2",
     NULL},
    {"MutableHashTableOfTensorsV2", "LookupTableInsertV2", "Identity", NULL,
     NULL},
    {"MutableDenseHashTableV2", "LookupTableInsertV2", "Identity", NULL, NULL},
    {"HashTable", "InitializeTable", "RefIdentity", NULL, "MutableHashTable"},
    {"MutableHashTable", "LookupTableInsert", "RefIdentity", "HashTable", NULL},
    {"MutableHashTableOfTensors", "LookupTableInsert", "RefIdentity", NULL,
     NULL},
    {"MutableDenseHashTable", "LookupTableInsert", "RefIdentity", NULL, NULL},
};

static const table_op *find_op(firn_str op) {
  for (size_t i = 0; i < FIRN_COUNT(table_ops); i++)
    if (firn_str_is(op, table_ops[i].op)) return &table_ops[i];
  return NULL;
}

bool firn_freeze_is_table(firn_str op) { return find_op(op) != NULL; }

/* ---- Who writes to tables ----------------------------------------------- */

static bool writes_to_tables(firn_str op) {
  static const char *const starts[] = {"LookupTableInsert", "LookupTableRemove",
                                       "LookupTableImport", "InitializeTable"};
  for (size_t i = 0; i < FIRN_COUNT(starts); i++)
    if (firn_str_starts(op, firn_str_of(starts[i]))) return true;
  return false;
}

/* A node of the library that does, or NULL. */
static const firn_pb_NodeDef *writer_in(
    const firn_pb_FunctionDefLibrary *library) {
  for (size_t i = 0; library && i < library->function_count; i++)
    for (size_t k = 0; k < library->function[i]->node_def_count; k++)
      if (writes_to_tables(library->function[i]->node_def[k]->op))
        return library->function[i]->node_def[k];
  return NULL;
}

static bool calls_functions(const firn_pb_NodeDef *def) {
  for (size_t i = 0; i < def->attr_count; i++) {
    const firn_pb_AttrValue *v = def->attr[i]->value;
    if (v &&
        (v->value_case == FIRN_ATTR_FUNC ||
         (v->value_case == FIRN_ATTR_LIST && v->list && v->list->func_count)))
      return true;
  }
  return false;
}

static bool is_left(const firn_freeze_options *o, firn_str name) {
  for (size_t i = 0; i < o->except_count; i++)
    if (firn_str_is(name, o->except[i])) return true;
  return false;
}

/* The table that an input names, or NULL. */
static const firn_pb_NodeDef *table_named(const tabler *t, firn_str input) {
  uint64_t index;
  firn_str name;
  int64_t k;
  if (!firn_tensor_name_split(input, &name, &k) || k != 0 ||
      !firn_map_get(&t->names, name, &index))
    return NULL;
  const firn_pb_NodeDef *def = t->out->def->node[index];
  return find_op(def->op) ? def : NULL;
}

static firn_code refuse_writes(const tabler *t, const firn_freeze_options *o,
                               firn_error *err) {
  const firn_pb_NodeDef *inside = writer_in(t->out->def->library);
  size_t count = 0;
  for (size_t i = 0; i < t->out->def->node_count; i++) {
    const firn_pb_NodeDef *def = t->out->def->node[i];
    const firn_pb_NodeDef *writer = writes_to_tables(def->op) ? def
                                    : calls_functions(def)    ? inside
                                                              : NULL;
    for (size_t k = 0; writer && k < def->input_count; k++) {
      const firn_pb_NodeDef *table = table_named(t, def->input[k]);
      if (!table || is_left(o, table->name)) continue;
      if (!count++)
        firn_fail(err, FIRN_FAILED_PRECONDITION,
                  "tables that are written to cannot become constants");
      firn_error_add(err, "'%.*s', by node '%.*s' (%.*s)",
                     FIRN_ARG(table->name), FIRN_ARG(writer->name),
                     FIRN_ARG(writer->op));
    }
  }
  return count ? FIRN_FAILED_PRECONDITION : FIRN_OK;
}

/* ---- Contents ----------------------------------------------------------- */

/* The table as the session has it; NULL when nobody has filled it. */
static firn_code find_table(const tabler *t, const firn_node *node,
                            firn_table **out, firn_error *err) {
  firn_object *object = NULL;
  firn_str name = firn_attr_str_or(node, "shared_name", "");
  if (!name.size) name = node->def->name;
  *out = NULL;
  const firn_code code = firn_store_get(
      firn_session_store(t->session), firn_attr_str_or(node, "container", ""),
      name, &firn_table_class, NULL, NULL, &object, err);
  if (code == FIRN_NOT_FOUND) return FIRN_OK;
  *out = (firn_table *)object;
  return code;
}

/* The constant that input `k` of a table's node is. */
static firn_code marker(const tabler *t, const firn_node *node, uint32_t k,
                        firn_tensor **out, firn_error *err) {
  const firn_edge e = node->inputs[k];
  const firn_pb_AttrValue *v =
      e.node == FIRN_NO_NODE ? NULL
                             : firn_attr(node->graph->nodes[e.node], "value");
  if (v && v->value_case == FIRN_ATTR_TENSOR && v->tensor)
    return firn_tensor_from_proto(v->tensor, &t->model->env, out, err);
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "node '%.*s' (%.*s): input %u is no constant",
                   FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), k);
}

/* Rows of a tensor, to be filled in. */
static firn_code rows_of(const tabler *t, firn_dtype type, size_t rows,
                         const firn_shape *row, firn_tensor **out,
                         firn_error *err) {
  firn_shape shape;
  FIRN_TRY(firn_shape_prepend((int64_t)rows, row, &shape, err));
  return firn_tensor_make(type, &shape, &t->model->env.alloc, out, err);
}

/* A dense table shows its buckets; those with a key are copied. */
static firn_code pick_buckets(const tabler *t, const firn_table *table,
                              firn_tensor *const *markers, size_t count,
                              firn_tensor *const *buckets, firn_tensor **out,
                              firn_error *err) {
  const size_t kw = firn_table_key_width(table);
  const size_t vw = firn_table_value_width(table);
  const size_t all = kw ? buckets[0]->count / kw : 0;
  size_t to = 0;
  FIRN_TRY(rows_of(t, table->key, count, &table->key_shape, &out[0], err));
  FIRN_TRY(rows_of(t, table->value, count, &table->value_shape, &out[1], err));
  for (size_t i = 0; i < all && to < count; i++) {
    bool used = true;
    for (size_t m = 0; m < 2 && used; m++)
      used =
          !markers[m] || !firn_table_same_key(table->key, kw, buckets[0]->data,
                                              i, markers[m]->data, 0);
    if (!used) continue;
    FIRN_TRY(firn_table_copy(table->key, kw, out[0]->data, to, buckets[0]->data,
                             i, 1, err));
    FIRN_TRY(firn_table_copy(table->value, vw, out[1]->data, to,
                             buckets[1]->data, i, 1, err));
    to++;
  }
  return FIRN_OK;
}

static firn_code export_dense(const tabler *t, const firn_node *node,
                              firn_table *table, size_t count,
                              firn_tensor **out, firn_error *err) {
  firn_tensor *markers[2] = {0}, *buckets[2] = {0};
  firn_code code = FIRN_OK;
  for (uint32_t k = 0; k < 2 && k < node->input_count && code == FIRN_OK; k++)
    code = marker(t, node, k, &markers[k], err);
  if (code == FIRN_OK)
    code = table->kind->export(table, &t->model->env, &buckets[0], &buckets[1],
                               err);
  if (code == FIRN_OK)
    code = pick_buckets(t, table, markers, count, buckets, out, err);
  for (size_t k = 0; k < 2; k++) {
    firn_tensor_release(markers[k]);
    firn_tensor_release(buckets[k]);
  }
  return code;
}

/* Keys and values of a table, into the result's list; *count is 0 for none. */
static firn_code contents(tabler *t, const firn_node *node, size_t *count,
                          firn_error *err) {
  firn_table *table;
  firn_tensor **to = &t->out->tables[t->out->table_count];
  *count = 0;
  FIRN_TRY(find_table(t, node, &table, err));
  if (!table) return FIRN_OK;
  *count = firn_table_count(table);
  firn_code code = FIRN_OK;
  if (*count) {
    t->out->table_count += 2;
    code =
        table->kind == &firn_table_dense
            ? export_dense(t, node, table, *count, to, err)
            : table->kind->export(table, &t->model->env, &to[0], &to[1], err);
  }
  firn_object_release(&table->object);
  return code;
}

/* ---- Nodes -------------------------------------------------------------- */

static firn_code new_name(tabler *t, firn_str stem, const char *part,
                          firn_str *out, firn_error *err) {
  uint64_t taken;
  for (unsigned i = 0;; i++) {
    *out = i ? firn_arena_printf(&t->out->arena, "%.*s/%s_%u", (int)stem.size,
                                 stem.data, part, i)
             : firn_arena_printf(&t->out->arena, "%.*s/%s", (int)stem.size,
                                 stem.data, part);
    if (!out->data) return firn_oom(err, stem.size);
    if (!firn_map_get(&t->names, *out, &taken)) break;
  }
  return firn_map_set(&t->names, *out, 0) ? FIRN_OK : firn_oom(err, 0);
}

static firn_code add_constant(tabler *t, firn_str stem, const char *part,
                              const firn_tensor *value, firn_str *name,
                              firn_error *err) {
  firn_arena *arena = &t->out->arena;
  firn_pb_TensorProto *proto = NULL;
  FIRN_TRY(new_name(t, stem, part, name, err));
  firn_pb_NodeDef *def = firn_freeze_node(arena, *name, "Const", 2);
  firn_pb_NodeDef_AttrEntry *e = firn_new_attr(arena, "value", 8);
  if (!def || !e) return firn_oom(err, sizeof *def);
  FIRN_TRY(firn_tensor_to_proto(value, arena, &proto, err));
  FIRN_TRY(firn_freeze_add_type(arena, def, "dtype", value->dtype, err));
  e->value->tensor = proto;
  def->attr[def->attr_count++] = e;
  t->added[t->added_count++] = def;
  return FIRN_OK;
}

static firn_code add_node(tabler *t, firn_str name, const char *op, firn_str a,
                          firn_str b, firn_str c, firn_pb_NodeDef **out,
                          firn_error *err) {
  firn_arena *arena = &t->out->arena;
  firn_pb_NodeDef *def = firn_freeze_node(arena, name, op, 2);
  firn_str *inputs = firn_arena_array(arena, 3, sizeof *inputs);
  if (!def || !inputs) return firn_oom(err, sizeof *def);
  inputs[0] = a;
  inputs[1] = b;
  inputs[2] = c;
  def->input = inputs;
  def->input_count = c.data ? 3 : 2;
  t->added[t->added_count++] = def;
  *out = def;
  return FIRN_OK;
}

/* Fills table `def`, whose name from now on is that of what is ready. */
static firn_code add_filling(tabler *t, const firn_pb_NodeDef *def,
                             const table_op *op, bool is_reference,
                             firn_error *err) {
  firn_arena *arena = &t->out->arena;
  firn_tensor **have = &t->out->tables[t->out->table_count - 2];
  firn_str keys, values, fill, ready;
  firn_pb_NodeDef *node;
  FIRN_TRY(add_constant(t, def->name, "keys", have[0], &keys, err));
  FIRN_TRY(add_constant(t, def->name, "values", have[1], &values, err));
  FIRN_TRY(new_name(t, def->name, "fill", &fill, err));
  FIRN_TRY(add_node(t, fill, op->fill, def->name, keys, values, &node, err));
  const bool insert = firn_str_starts(node->op, FIRN_STR("LookupTable"));
  FIRN_TRY(firn_freeze_add_type(arena, node, insert ? "Tin" : "Tkey",
                                have[0]->dtype, err));
  FIRN_TRY(firn_freeze_add_type(arena, node, insert ? "Tout" : "Tval",
                                have[1]->dtype, err));
  const firn_str wait =
      firn_arena_printf(arena, "^%.*s", (int)fill.size, fill.data);
  if (!wait.data) return firn_oom(err, fill.size);
  FIRN_TRY(new_name(t, def->name, "ready", &ready, err));
  FIRN_TRY(add_node(t, ready, op->ready, def->name, wait, (firn_str){0}, &node,
                    err));
  FIRN_TRY(firn_freeze_add_type(
      arena, node, "T", is_reference ? FIRN_STRING : FIRN_RESOURCE, err));
  const firn_str *own = firn_arena_alloc(arena, sizeof *own);
  if (!own) return firn_oom(err, sizeof *own);
  *(firn_str *)own = ready;
  return firn_map_set(&t->tables, def->name, (uintptr_t)own) ? FIRN_OK
                                                             : firn_oom(err, 0);
}

static firn_code inline_table(tabler *t, size_t index, const firn_node *node,
                              firn_error *err) {
  firn_pb_NodeDef **def = &t->out->def->node[index];
  const table_op *op = find_op((*def)->op);
  size_t count;
  FIRN_TRY(contents(t, node, &count, err));
  const char *other = count ? op->fixed : op->empty;
  if (other) {
    *def = firn_edit_node(*def, &t->out->arena);
    if (!*def) return firn_oom(err, sizeof **def);
    (*def)->op = firn_str_of(other);
    op = find_op((*def)->op);
  }
  if (!count) return FIRN_OK;
  return add_filling(t, *def, op,
                     firn_str_is(firn_str_of(op->ready), "RefIdentity"), err);
}

/* ---- The whole ---------------------------------------------------------- */

/* Everybody takes the handles that are ready. */
static firn_code redirect(tabler *t, size_t index, firn_error *err) {
  firn_pb_NodeDef *def = t->out->def->node[index];
  firn_str *inputs = NULL;
  for (size_t i = 0; i < def->input_count; i++) {
    uint64_t ready;
    const firn_pb_NodeDef *table = table_named(t, def->input[i]);
    if (!table || !firn_map_get(&t->tables, table->name, &ready)) continue;
    if (!inputs) {
      inputs =
          firn_arena_array(&t->out->arena, def->input_count, sizeof *inputs);
      def = firn_edit_node(def, &t->out->arena);
      if (!inputs || !def) return firn_oom(err, 0);
      memcpy(inputs, def->input, def->input_count * sizeof *inputs);
      def->input = inputs;
      t->out->def->node[index] = def;
    }
    inputs[i] = *(const firn_str *)(uintptr_t)ready;
  }
  return FIRN_OK;
}

/* In front: the outputs stay last. */
static firn_code put_in_front(tabler *t, firn_error *err) {
  firn_pb_GraphDef *def = t->out->def;
  firn_pb_NodeDef **all = firn_arena_array(
      &t->out->arena, def->node_count + t->added_count, sizeof *all);
  if (!all) return firn_oom(err, def->node_count);
  if (t->added_count) memcpy(all, t->added, t->added_count * sizeof *all);
  memcpy(all + t->added_count, def->node, def->node_count * sizeof *all);
  def->node = all;
  def->node_count += t->added_count;
  return FIRN_OK;
}

/* The node of the model that a table of the result is. */
static const firn_node *model_node(const firn_frozen *z,
                                   const firn_node *const *origin,
                                   firn_str name) {
  const firn_node *node = firn_graph_find(z->graph, name);
  return node ? origin[node->index] : NULL;
}

static firn_code find_session(tabler *t, const firn_freeze_options *o,
                              firn_error *err) {
  const firn_options options = firn_options_of(&t->model->env);
  t->session = o->session;
  if (t->session) return FIRN_OK;
  FIRN_TRY(firn_model_session(t->model, &options, &t->own, err));
  t->session = t->own;
  return FIRN_OK;
}

static firn_code run(tabler *t, const firn_node *const *origin,
                     const firn_freeze_options *o, firn_error *err) {
  firn_pb_GraphDef *def = t->out->def;
  const size_t before = def->node_count;
  size_t tables = 0;
  for (size_t i = 0; i < before; i++) {
    if (!firn_map_set(&t->names, def->node[i]->name, i))
      return firn_oom(err, 0);
    tables += find_op(def->node[i]->op) != NULL;
  }
  if (!tables) return FIRN_OK;
  FIRN_TRY(refuse_writes(t, o, err));
  FIRN_TRY(find_session(t, o, err));
  t->out->tables =
      firn_arena_array(&t->out->arena, 2 * tables, sizeof(firn_tensor *));
  t->added = firn_arena_array(&t->out->arena, 4 * tables, sizeof *t->added);
  if (!t->out->tables || !t->added) return firn_oom(err, tables);
  for (size_t i = 0; i < before; i++) {
    const firn_str name = def->node[i]->name;
    const firn_node *node = model_node(t->out, origin, name);
    if (!node || !find_op(def->node[i]->op) || is_left(o, name)) continue;
    FIRN_TRY(inline_table(t, i, node, err));
  }
  for (size_t i = 0; i < before; i++) FIRN_TRY(redirect(t, i, err));
  return put_in_front(t, err);
}

firn_code firn_freeze_fill_tables(const firn_model *model,
                                  const firn_node *const *origin,
                                  const firn_freeze_options *options,
                                  firn_frozen *out, firn_error *err) {
  tabler t = {.model = model, .out = out};
  firn_map_init(&t.names, &model->env.alloc);
  firn_map_init(&t.tables, &model->env.alloc);
  const firn_code code = run(&t, origin, options, err);
  firn_session_free(t.own);
  firn_map_fini(&t.tables);
  firn_map_fini(&t.names);
  return code;
}
