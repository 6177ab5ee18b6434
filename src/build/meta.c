/* build/meta.c: the graph as a MetaGraphDef that TensorFlow's import_meta_graph
 * reads, and what a builder takes over from one.
 *
 * A collection whose items are all variables is written as VariableDefs, one of
 * other things by names; so Python gets back what it had.
 */
#include <stdlib.h>

#include "build/builder.h"

/* The TensorFlow whose ops, versions and files these are. */
#define TENSORFLOW "2.21.0"

enum { NODE_LIST = 1, BYTES_LIST = 2 };

typedef struct exporter {
  const firn_builder *b;
  firn_arena *arena;
} exporter;

/* ---- Names -------------------------------------------------------------- */

/* "n:0", or "n" for a node without outputs. NULL when memory is short. */
static firn_str name_of(const exporter *x, firn_output o) {
  const firn_node *node = firn_node_of(x->b, o);
  if (!node) return (firn_str){"", 0};
  const firn_str name = node->def->name;
  if (node->output_count == 0) return name;
  return firn_arena_printf(x->arena, "%.*s:%u", (int)name.size, name.data,
                           o.index);
}

/* ---- Collections -------------------------------------------------------- */

static firn_code variable_bytes(const exporter *x, const firn_built_variable *v,
                                firn_str *out, firn_error *err) {
  const firn_node *assign = firn_node_of(x->b, v->assign);
  const firn_pb_VariableDef def = {
      .variable_name = name_of(x, v->handle),
      .initializer_name = assign ? assign->def->name : (firn_str){"", 0},
      .snapshot_name = name_of(x, v->read),
      .is_resource = v->resource,
      .initial_value_name = name_of(x, v->initial),
      .trainable = v->trainable,
  };
  firn_buf buf;
  firn_buf_init(&buf, &x->b->env.alloc);
  firn_code code =
      firn_pb_write(&firn_pb_type_VariableDef, &def, firn_sink_buf(&buf), err);
  if (code == FIRN_OK) {
    *out =
        firn_arena_str(x->arena, (firn_str){(const char *)buf.data, buf.size});
    if (!out->data) code = firn_oom(err, buf.size);
  }
  firn_buf_fini(&buf);
  return code;
}

static bool are_variables(const firn_builder *b, const firn_collection *c) {
  for (uint32_t i = 0; i < c->count; i++)
    if (!firn_builder_variable(b, c->items[i])) return false;
  return c->count > 0;
}

static firn_code export_items(const exporter *x, const firn_collection *c,
                              firn_pb_CollectionDef *out, firn_error *err) {
  const bool variables = are_variables(x->b, c);
  firn_str *values = firn_arena_array(x->arena, c->count, sizeof *values);
  firn_pb_CollectionDef_NodeList *nodes =
      firn_pb_new(&firn_pb_type_CollectionDef_NodeList, x->arena);
  firn_pb_CollectionDef_BytesList *bytes =
      firn_pb_new(&firn_pb_type_CollectionDef_BytesList, x->arena);
  if (!values || !nodes || !bytes) return firn_oom(err, c->count);
  for (uint32_t i = 0; i < c->count; i++) {
    if (variables)
      FIRN_TRY(variable_bytes(x, firn_builder_variable(x->b, c->items[i]),
                              &values[i], err));
    else
      values[i] = name_of(x, c->items[i]);
    if (!values[i].data) return firn_oom(err, 0);
  }
  nodes->value = bytes->value = values;
  nodes->value_count = bytes->value_count = c->count;
  out->kind_case = variables ? BYTES_LIST : NODE_LIST;
  if (variables)
    out->bytes_list = bytes;
  else
    out->node_list = nodes;
  return FIRN_OK;
}

static firn_code export_collections(const exporter *x,
                                    firn_pb_MetaGraphDef *meta,
                                    firn_error *err) {
  size_t count = 0;
  for (const firn_collection *c = x->b->collections; c; c = c->next) count++;
  meta->collection_def =
      firn_arena_array(x->arena, count, sizeof(*meta->collection_def));
  if (!meta->collection_def) return firn_oom(err, count);
  for (const firn_collection *c = x->b->collections; c; c = c->next) {
    firn_pb_MetaGraphDef_CollectionDefEntry *e =
        firn_pb_new(&firn_pb_type_MetaGraphDef_CollectionDefEntry, x->arena);
    firn_pb_CollectionDef *def =
        firn_pb_new(&firn_pb_type_CollectionDef, x->arena);
    if (!e || !def) return firn_oom(err, sizeof *e);
    e->key = c->key;
    e->value = c->raw ? (firn_pb_CollectionDef *)c->raw : def;
    if (!c->raw) FIRN_TRY(export_items(x, c, def, err));
    meta->collection_def[meta->collection_def_count++] = e;
  }
  return FIRN_OK;
}

/* ---- The ops ------------------------------------------------------------ */

typedef struct op_set {
  firn_map seen;
  const firn_pb_OpDef **defs;
  size_t count;
} op_set;

static int by_name(const void *a, const void *b) {
  const firn_pb_OpDef *const *x = a, *const *y = b;
  return firn_str_compare((*x)->name, (*y)->name);
}

static firn_code add_op(const exporter *x, op_set *set, firn_str op,
                        firn_error *err) {
  const firn_pb_OpDef *def = NULL;
  uint64_t seen;
  if (firn_map_get(&set->seen, op, &seen)) return FIRN_OK;
  FIRN_TRY(firn_opdef_find(op, x->arena, &def, err));
  if (!firn_map_set(&set->seen, op, 1)) return firn_oom(err, op.size);
  if (def) set->defs[set->count++] = def;
  return FIRN_OK;
}

static firn_code add_all_ops(const exporter *x, op_set *set, firn_error *err) {
  const firn_graph *g = x->b->graph;
  const firn_pb_FunctionDefLibrary *library = g->def->library;
  const size_t functions = library ? library->function_count : 0;
  size_t most = g->type_count;
  for (size_t i = 0; i < functions; i++)
    most += library->function[i]->node_def_count;
  set->defs = firn_arena_array(x->arena, most, sizeof(*set->defs));
  if (!set->defs) return firn_oom(err, most);
  for (uint32_t i = 0; i < g->node_count; i++)
    FIRN_TRY(add_op(x, set, g->nodes[i]->def->op, err));
  for (size_t i = 0; i < functions; i++)
    for (size_t k = 0; k < library->function[i]->node_def_count; k++)
      FIRN_TRY(add_op(x, set, library->function[i]->node_def[k]->op, err));
  if (set->count) qsort(set->defs, set->count, sizeof(*set->defs), by_name);
  return FIRN_OK;
}

static firn_code export_ops(const exporter *x, firn_pb_MetaGraphDef *meta,
                            firn_error *err) {
  op_set set = {.count = 0};
  firn_pb_MetaGraphDef_MetaInfoDef *info =
      firn_pb_new(&firn_pb_type_MetaGraphDef_MetaInfoDef, x->arena);
  firn_pb_OpList *list = firn_pb_new(&firn_pb_type_OpList, x->arena);
  if (!info || !list) return firn_oom(err, sizeof *info);
  firn_map_init(&set.seen, &x->b->env.alloc);
  const firn_code code = add_all_ops(x, &set, err);
  firn_map_fini(&set.seen);
  list->op = (firn_pb_OpDef **)set.defs;
  list->op_count = set.count;
  info->stripped_op_list = list;
  info->tensorflow_version = FIRN_STR(TENSORFLOW);
  info->tensorflow_git_version = FIRN_STR("firn " FIRN_VERSION);
  meta->meta_info_def = info;
  return code;
}

/* ---- The whole ---------------------------------------------------------- */

firn_code firn_builder_meta(const firn_builder *b, firn_arena *arena,
                            firn_pb_MetaGraphDef **out, firn_error *err) {
  const exporter x = {b, arena};
  const firn_graph *g = b->graph;
  firn_pb_MetaGraphDef *meta = firn_pb_new(&firn_pb_type_MetaGraphDef, arena);
  firn_pb_GraphDef *def = firn_pb_new(&firn_pb_type_GraphDef, arena);
  if (!meta || !def) return firn_oom(err, sizeof *meta);
  *def = *g->def;
  def->node = firn_arena_array(arena, g->node_count, sizeof(*def->node));
  if (!def->node) return firn_oom(err, g->node_count);
  for (uint32_t i = 0; i < g->node_count; i++)
    def->node[i] = (firn_pb_NodeDef *)g->nodes[i]->def;
  def->node_count = g->node_count;
  meta->graph_def = def;
  meta->saver_def = (firn_pb_SaverDef *)b->saver;
  *out = meta;
  FIRN_TRY(export_ops(&x, meta, err));
  return export_collections(&x, meta, err);
}

/* ---- Out of one --------------------------------------------------------- */

/* The output of that name; a node without outputs by its name alone. */
static firn_output find(const firn_builder *b, firn_str name) {
  firn_str node_name;
  int64_t output;
  if (!firn_tensor_name_split(name, &node_name, &output) || output < 0)
    return FIRN_NO_OUTPUT;
  const firn_node *node = firn_graph_find(b->graph, node_name);
  if (!node || (output && output >= node->output_count)) return FIRN_NO_OUTPUT;
  return (firn_output){node->index, (uint32_t)output};
}

static void take_variable(firn_builder *b, const char *key, firn_str bytes) {
  void *message = NULL;
  if (firn_pb_parse(&firn_pb_type_VariableDef,
                    (firn_bytes){(const uint8_t *)bytes.data, bytes.size},
                    &b->env.limits, &b->arena, &message, NULL) != FIRN_OK)
    return;
  const firn_pb_VariableDef *def = message;
  const firn_built_variable v = {
      .handle = find(b, def->variable_name),
      .assign = find(b, def->initializer_name),
      .read = find(b, def->snapshot_name),
      .initial = find(b, def->initial_value_name),
      .resource = def->is_resource,
      .trainable = def->trainable || !strcmp(key, "trainable_variables"),
  };
  if (!firn_node_of(b, v.handle)) return;
  if (!firn_builder_variable(b, v.handle)) firn_builder_add_variable(b, &v);
  firn_builder_collect(b, key, v.handle);
}

static bool has_variables(const char *key) {
  const firn_str k = firn_str_of(key);
  return firn_str_ends(k, FIRN_STR("variables")) ||
         firn_str_is(k, "global_step");
}

static void take_collection(firn_builder *b, firn_str name,
                            const firn_pb_CollectionDef *def) {
  const char *key =
      firn_builder_text(b, "%.*s", (int)name.size, name.data).data;
  if (def->kind_case == NODE_LIST && def->node_list) {
    for (size_t i = 0; i < def->node_list->value_count; i++) {
      const firn_output o = find(b, def->node_list->value[i]);
      if (firn_node_of(b, o)) firn_builder_collect(b, key, o);
    }
  } else if (def->kind_case == BYTES_LIST && def->bytes_list &&
             has_variables(key)) {
    for (size_t i = 0; i < def->bytes_list->value_count; i++)
      take_variable(b, key, def->bytes_list->value[i]);
  } else {
    firn_collection *c = firn_builder_collection(b, key, true);
    if (c) c->raw = def;
  }
}

void firn_builder_take_meta(firn_builder *b, const firn_pb_MetaGraphDef *meta) {
  for (size_t i = 0; i < meta->collection_def_count; i++)
    if (meta->collection_def[i]->value)
      take_collection(b, meta->collection_def[i]->key,
                      meta->collection_def[i]->value);
  b->saver = meta->saver_def;
}
