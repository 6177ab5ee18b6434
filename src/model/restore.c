/* model/restore.c: which checkpoint key goes into which variable.
 *
 * A saver may store a variable under any key (moving averages under the names of
 * the variables, scopes renamed, slices of partitioned variables), and the graph's
 * own restore nodes say which:
 *
 *   RestoreV2(prefix, tensor_names, shape_and_slices) → outputs
 *   Assign(variable, output) or AssignVariableOp(handle, output)
 *
 * Those are followed first; a variable that no restore node fills is looked up by
 * its name. */
#include "base/map.h"
#include "model/model.h"

typedef struct restored {
  firn_str key, slice; /* as the restore node has them */
} restored;

typedef struct firn_restore {
  firn_map by_node;    /* variable node's name → index into items */
  restored *items;
  size_t count;
} firn_restore;

/* ---- Reading the restore nodes ---------------------------------------------- */

/* Element i of a constant string tensor, which is what restore nodes are given. */
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

/* What a restore node's output holds; false when the edge is no such output. */
static bool restored_by(const firn_graph *graph, firn_edge e, restored *out) {
  e = skip_identity(graph, e);
  if (e.node == FIRN_NO_NODE) return false;
  const firn_node *node = graph->nodes[e.node];
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

static bool is_assign(firn_str op) {
  return firn_str_is(op, "Assign") || firn_str_is(op, "AssignVariableOp");
}

/* The nodes behind the saver's restore op, or all nodes where nobody names one. */
static firn_code saver_nodes(const firn_model *model, bool *marks,
                             firn_error *err) {
  const firn_graph *graph = model->graph;
  const firn_node *op = NULL;
  if (model->meta && model->meta->saver_def &&
      model->meta->saver_def->restore_op_name.size)
    op = firn_graph_find(graph, model->meta->saver_def->restore_op_name);
  if (op)
    return firn_graph_reach(graph, &op->index, 1, false, marks, err);
  memset(marks, 1, graph->node_count);
  return FIRN_OK;
}

static firn_code collect(firn_model *model, const bool *marks,
                         firn_error *err) {
  const firn_graph *graph = model->graph;
  firn_restore *r = model->restore;
  for (uint32_t i = 0; i < graph->node_count; i++) {
    const firn_node *node = graph->nodes[i];
    uint64_t seen;
    if (!marks[i] || !is_assign(node->def->op) || node->input_count < 2)
      continue;
    const firn_edge variable = skip_identity(graph, node->inputs[0]);
    if (variable.node == FIRN_NO_NODE ||
        !restored_by(graph, node->inputs[1], &r->items[r->count]))
      continue;
    const firn_str name = graph->nodes[variable.node]->def->name;
    if (firn_map_get(&r->by_node, name, &seen)) continue;
    if (!firn_map_set(&r->by_node, name, r->count)) return firn_oom(err, 0);
    r->count++;
  }
  return FIRN_OK;
}

firn_code firn_restore_new(firn_model *model, firn_error *err) {
  const uint32_t n = model->graph->node_count;
  firn_restore *r = firn_arena_zeroed(&model->arena, sizeof *r);
  bool *marks = firn_arena_array(&model->arena, n, sizeof *marks);
  size_t assigns = 1;
  if (!r || !marks) return firn_oom(err, n);
  firn_map_init(&r->by_node, &model->env.alloc);
  model->restore = r;
  for (uint32_t i = 0; i < n; i++)
    assigns += is_assign(model->graph->nodes[i]->def->op);
  r->items = firn_arena_array(&model->arena, assigns, sizeof *r->items);
  if (!r->items) return firn_oom(err, assigns);
  FIRN_TRY(saver_nodes(model, marks, err));
  return collect(model, marks, err);
}

void firn_restore_free(firn_model *model) {
  if (model->restore) firn_map_fini(&model->restore->by_node);
}

/* ---- Finding a value --------------------------------------------------------- */

/* By the name that the graph gives its variable: the node's, or for a resource the
 * shared name. */
static size_t by_name(const firn_model *model, const firn_node *node,
                      firn_str *key) {
  *key = node->def->name;
  size_t found = firn_checkpoint_lookup(model->checkpoint, *key);
  if (found != SIZE_MAX) return found;
  const firn_str shared = firn_attr_str_or(node, "shared_name", "");
  if (!shared.size) return SIZE_MAX;
  found = firn_checkpoint_lookup(model->checkpoint, shared);
  if (found != SIZE_MAX) *key = shared;
  return found;
}

firn_code firn_restore_find(const firn_model *model, const firn_node *node,
                            firn_source *out, firn_error *err) {
  uint64_t item;
  *out = (firn_source){.tensor = SIZE_MAX, .slice = {.rank = -1}};
  if (firn_map_get(&model->restore->by_node, node->def->name, &item)) {
    const restored *r = &model->restore->items[item];
    out->key = r->key;
    out->tensor = firn_checkpoint_lookup(model->checkpoint, r->key);
    FIRN_TRY(firn_slice_parse(r->slice, &out->full, &out->slice, err));
  } else {
    out->tensor = by_name(model, node, &out->key);
  }
  if (out->tensor != SIZE_MAX) return FIRN_OK;
  return firn_fail(err, FIRN_NOT_FOUND,
                   "variable '%.*s': no key '%.*s' in checkpoint '%.*s'",
                   FIRN_ARG(node->def->name), FIRN_ARG(out->key),
                   FIRN_ARG(firn_checkpoint_prefix(model->checkpoint)));
}

firn_code firn_restore_read(const firn_model *model, const firn_node *node,
                            firn_tensor **out, firn_error *err) {
  firn_source source;
  *out = NULL;
  FIRN_TRY(firn_restore_find(model, node, &source, err));
  return firn_checkpoint_load(model->checkpoint, source.tensor,
                              source.slice.rank < 0 ? NULL : &source.slice,
                              out, err);
}
