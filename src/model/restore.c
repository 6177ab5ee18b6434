/* model/restore.c: which checkpoint key goes into which variable.
 *
 * A saver may store a variable under any key (moving averages under the names
 * of the variables, scopes renamed, slices of partitioned variables, paths of
 * objects), and the graph's own restore nodes say which:
 *
 *   RestoreV2(prefix, tensor_names, shape_and_slices) → outputs
 *   Assign(variable, output) or AssignVariableOp(handle, output)
 *   LookupTableImportV2(table, keys, values)
 *
 * TensorFlow 1 writes them into the graph; TensorFlow 2 into a function that
 * gets the variables as arguments. Those are followed first; a variable that no
 * restore node fills is looked up by its name. */
#include "graph/function.h"
#include "model/model.h"

/* Functions inside functions inside the restore function; and all calls in it.
 */
enum { DEEPEST = 16, MOST_CALLS = 1000 };

typedef struct finder {
  firn_model *model;
  size_t calls;
} finder;

/* A graph that is being read: the main graph, or a function called from
 * another. */
typedef struct frame {
  const firn_graph *graph;
  const firn_node *call; /* NULL: the main graph */
  const struct frame *parent;
  int depth;
} frame;

/* ---- Reading the restore nodes ----------------------------------------------
 */

/* Element i of a constant string tensor, which is what restore nodes are given.
 */
static bool constant_string(const firn_node *node, size_t i, firn_str *out) {
  if (!node || !firn_str_is(node->def->op, "Const")) return false;
  const firn_pb_AttrValue *value = firn_attr(node, "value");
  if (!value || value->value_case != 8 || !value->tensor ||
      !value->tensor->string_val_count)
    return false;
  const firn_pb_TensorProto *t = value->tensor;
  const size_t last = t->string_val_count - 1;
  *out = t->string_val[i < last ? i : last];
  return true;
}

static const firn_node *input_node(const firn_node *node, uint32_t i) {
  if (i >= node->input_count || node->inputs[i].node == FIRN_NO_NODE)
    return NULL;
  return node->graph->nodes[node->inputs[i].node];
}

/* Walks back over what only hands a value on. */
static firn_edge skip_identity(const firn_graph *graph, firn_edge e) {
  for (uint32_t steps = 0; steps < graph->node_count; steps++) {
    if (e.node == FIRN_NO_NODE) break;
    const firn_node *node = graph->nodes[e.node];
    const firn_str op = node->def->op;
    if ((!firn_str_is(op, "Identity") && !firn_str_is(op, "RefIdentity") &&
         !firn_str_is(op, "Reshape")) ||
        !node->input_count)
      break;
    e = node->inputs[0];
  }
  return e;
}

/* The node that an edge comes from, also when that lies outside of the
 * function; NULL when it leads nowhere. */
static const firn_node *origin(const frame *at, firn_edge *e) {
  for (;;) {
    *e = skip_identity(at->graph, *e);
    if (e->node == FIRN_NO_NODE) return NULL;
    const firn_node *node = at->graph->nodes[e->node];
    if (!at->call || !firn_str_is(node->def->op, "_Arg")) return node;
    const int64_t i = firn_attr_int_or(node, "index", -1);
    if (i < 0 || i >= at->call->input_count) return NULL;
    *e = at->call->inputs[i];
    at = at->parent;
  }
}

/* What a restore node's output holds; false when the edge is no such output. */
static bool restored_by(const frame *at, firn_edge e, firn_restored *out) {
  const firn_node *node = origin(at, &e);
  if (!node) return false;
  const firn_str op = node->def->op;
  const bool v2 = firn_str_is(op, "RestoreV2");
  if (!v2 && !firn_str_is(op, "Restore") && !firn_str_is(op, "RestoreSlice"))
    return false;
  const size_t i = v2 ? e.output : 0;
  out->slice = (firn_str){0};
  if (!constant_string(input_node(node, 1), i, &out->key)) return false;
  if (!firn_str_is(op, "Restore"))
    constant_string(input_node(node, 2), i, &out->slice);
  return true;
}

static bool is_call(firn_str op) {
  return firn_str_is(op, "StatefulPartitionedCall") ||
         firn_str_is(op, "PartitionedCall");
}

static bool is_assign(firn_str op) {
  return firn_str_is(op, "Assign") || firn_str_is(op, "AssignVariableOp");
}

static bool is_import(firn_str op) {
  return firn_str_is(op, "LookupTableImportV2") ||
         firn_str_is(op, "LookupTableImport");
}

/* Notes what an assign puts into which variable of the main graph. */
static firn_code note_assign(finder *f, const frame *at, const firn_node *node,
                             firn_error *err) {
  firn_restore *r = f->model->restore;
  firn_restored found;
  uint64_t seen;
  if (node->input_count < 2 || !restored_by(at, node->inputs[1], &found))
    return FIRN_OK;
  firn_edge e = node->inputs[0];
  const firn_node *variable = origin(at, &e);
  if (!variable || variable->graph != f->model->graph ||
      firn_map_get(&r->by_node, variable->def->name, &seen))
    return FIRN_OK;
  firn_restored *kept = firn_arena_alloc(&f->model->arena, sizeof *kept);
  if (!kept) return firn_oom(err, sizeof *kept);
  *kept = found;
  return firn_map_set(&r->by_node, variable->def->name, (uintptr_t)kept)
             ? FIRN_OK
             : firn_oom(err, 0);
}

/* ---- Tables ------------------------------------------------------------- */

static firn_pb_NodeDef_AttrEntry *type_attr(firn_arena *arena, const char *name,
                                            firn_dtype type) {
  firn_pb_NodeDef_AttrEntry *e =
      firn_pb_new(&firn_pb_type_NodeDef_AttrEntry, arena);
  if (e) e->value = firn_pb_new(&firn_pb_type_AttrValue, arena);
  if (!e || !e->value) return NULL;
  e->key = firn_str_of(name);
  e->value->value_case = FIRN_ATTR_TYPE;
  e->value->type = type;
  return e;
}

static firn_code append(firn_model *model, firn_str name, const char *op,
                        const firn_str *inputs, size_t input_count,
                        const char *const *attrs, const firn_dtype *types,
                        size_t attr_count, firn_error *err) {
  firn_arena *arena = &model->arena;
  firn_pb_NodeDef *def = firn_pb_new(&firn_pb_type_NodeDef, arena);
  if (!def || !name.data) return firn_oom(err, sizeof *def);
  def->name = name;
  def->op = firn_str_of(op);
  def->input = firn_arena_array(arena, input_count, sizeof *def->input);
  def->attr = firn_arena_array(arena, attr_count, sizeof(*def->attr));
  if (!def->input || !def->attr) return firn_oom(err, 0);
  for (size_t i = 0; i < input_count; i++)
    if (!(def->input[i] = inputs[i]).data) return firn_oom(err, 0);
  for (size_t i = 0; i < attr_count; i++)
    if (!(def->attr[i] = type_attr(arena, attrs[i], types[i])))
      return firn_oom(err, 0);
  def->input_count = input_count;
  def->attr_count = attr_count;
  return firn_graph_append(model->graph, def, NULL, err);
}

static firn_str own_name(firn_model *model, firn_str table, const char *what) {
  return firn_arena_printf(&model->arena, "firn_restore/%.*s/%s",
                           (int)table.size, table.data, what);
}

/* An import inside a function cannot be run by itself: this makes one like it
 * in the main graph, whose keys and values are fed. */
static firn_code copy_import(firn_model *model, const firn_node *import,
                             const firn_node *table, firn_edge handle,
                             firn_str *name, firn_error *err) {
  static const char *const dtype[] = {"dtype"};
  static const char *const attrs[] = {"Tin", "Tout"};
  const firn_str keys = own_name(model, table->def->name, "keys");
  const firn_str values = own_name(model, table->def->name, "values");
  const firn_str from =
      firn_arena_printf(&model->arena, "%.*s:%u", (int)table->def->name.size,
                        table->def->name.data, handle.output);
  const firn_str inputs[] = {from, keys, values};
  const firn_dtype types[] = {firn_attr_type_or(import, "Tin", FIRN_INVALID),
                              firn_attr_type_or(import, "Tout", FIRN_INVALID)};
  *name = own_name(model, table->def->name, "import");
  if (name->data && firn_graph_find(model->graph, *name)) return FIRN_OK;
  FIRN_TRY(append(model, keys, "Placeholder", NULL, 0, dtype, types, 1, err));
  FIRN_TRY(
      append(model, values, "Placeholder", NULL, 0, dtype, types + 1, 1, err));
  return append(model, *name, "LookupTableImportV2", inputs, 3, attrs, types, 2,
                err);
}

static firn_code note_import(finder *f, const frame *at, const firn_node *node,
                             firn_error *err) {
  firn_model *model = f->model;
  firn_table_import found = {.next = model->restore->imports};
  if (node->input_count < 3 || !restored_by(at, node->inputs[1], &found.keys) ||
      !restored_by(at, node->inputs[2], &found.values))
    return FIRN_OK;
  firn_edge e = node->inputs[0];
  const firn_node *table = origin(at, &e);
  if (!table || table->graph != model->graph) return FIRN_OK;
  found.node = node->def->name;
  if (at->call) FIRN_TRY(copy_import(model, node, table, e, &found.node, err));
  firn_table_import *kept = firn_arena_alloc(&model->arena, sizeof *kept);
  if (!kept) return firn_oom(err, sizeof *kept);
  *kept = found;
  model->restore->imports = kept;
  return FIRN_OK;
}

/* ---- Walking ------------------------------------------------------------ */

static firn_code collect(finder *f, const frame *at, const bool *marks,
                         firn_error *err);

static firn_code follow_call(finder *f, const frame *at, const firn_node *node,
                             firn_error *err) {
  const firn_pb_AttrValue *value = firn_attr(node, "f");
  const firn_pb_FunctionDef *def = NULL;
  firn_function *function = NULL;
  if (value && value->value_case == FIRN_ATTR_FUNC && value->func)
    def = firn_graph_function(at->graph, value->func->name);
  if (!def || at->depth >= DEEPEST || ++f->calls > MOST_CALLS) return FIRN_OK;
  const firn_code code =
      firn_function_new(at->graph, def, node->def->attr, node->def->attr_count,
                        &f->model->env, &function, err);
  if (code != FIRN_OK)
    return firn_while(err, code, "restore function of node '%.*s'",
                      FIRN_ARG(node->def->name));
  const frame inside = {function->graph, node, at, at->depth + 1};
  const firn_code done = collect(f, &inside, NULL, err);
  firn_function_free(function);
  return done;
}

/* `marks` NULL: every node. Nodes that are appended meanwhile are none of the
 * saver's. */
static firn_code collect(finder *f, const frame *at, const bool *marks,
                         firn_error *err) {
  const uint32_t count = at->graph->node_count;
  for (uint32_t i = 0; i < count; i++) {
    const firn_node *node = at->graph->nodes[i];
    const firn_str op = node->def->op;
    if (marks && !marks[i]) continue;
    if (is_assign(op))
      FIRN_TRY(note_assign(f, at, node, err));
    else if (is_import(op))
      FIRN_TRY(note_import(f, at, node, err));
    else if (is_call(op) && (marks || at->call))
      FIRN_TRY(follow_call(f, at, node, err));
  }
  return FIRN_OK;
}

/* The nodes behind the saver's restore op; *marks stays NULL where nobody names
 * one. */
static firn_code saver_nodes(firn_model *model, bool **marks, firn_error *err) {
  const firn_graph *graph = model->graph;
  const firn_node *op = NULL;
  if (model->meta && model->meta->saver_def &&
      model->meta->saver_def->restore_op_name.size)
    op = firn_graph_find(graph, model->meta->saver_def->restore_op_name);
  if (!op) return FIRN_OK;
  *marks = firn_arena_array(&model->arena, graph->node_count, sizeof **marks);
  if (!*marks) return firn_oom(err, graph->node_count);
  return firn_graph_reach(graph, &op->index, 1, false, *marks, err);
}

/* Whether some variable can only be found by the object graph. */
static bool is_incomplete(const firn_model *model) {
  for (uint32_t i = 0; i < model->graph->node_count; i++)
    if (firn_is_variable(model->graph->nodes[i]) &&
        !firn_restore_knows(model, model->graph->nodes[i]))
      return true;
  return false;
}

firn_code firn_restore_new(firn_model *model, firn_error *err) {
  firn_restore *r = firn_arena_zeroed(&model->arena, sizeof *r);
  finder f = {.model = model};
  const frame main = {.graph = model->graph};
  bool *marks = NULL;
  if (!r) return firn_oom(err, sizeof *r);
  firn_map_init(&r->by_node, &model->env.alloc);
  firn_map_init(&r->by_name, &model->env.alloc);
  model->restore = r;
  FIRN_TRY(saver_nodes(model, &marks, err));
  FIRN_TRY(collect(&f, &main, marks, err));
  return model->checkpoint && is_incomplete(model)
             ? firn_object_graph_read(model, err)
             : FIRN_OK;
}

void firn_restore_free(firn_model *model) {
  if (!model->restore) return;
  firn_map_fini(&model->restore->by_node);
  firn_map_fini(&model->restore->by_name);
}
