/* model/freeze_body.c: a frozen body as a FunctionDef.
 *
 * In a graph an input is "node:1", in a FunctionDef "node:output:1", with the
 * name of the output argument. Nodes that were not touched stay as the file has
 * them; of the others the inputs are said anew. */
#include "model/freeze.h"

typedef firn_freezer freezer;

/* ---- The body ----------------------------------------------------------- */

/* How the body of a function says a tensor that its graph calls "node:k". */
static firn_code say_input(const freezer *f, firn_str text, firn_str *out,
                           firn_error *err) {
  firn_arena *arena = &f->out->arena;
  firn_str name;
  int64_t k;
  uint64_t index;
  *out = text;
  if (!firn_tensor_name_split(text, &name, &k) || k == FIRN_CONTROL)
    return FIRN_OK;
  const char *format = "%.*s:output:%u";
  uint32_t first = 0, count;
  if (firn_map_get(&f->graph->names, name, &index)) {
    const firn_node *node = f->graph->nodes[index];
    const firn_pb_OpDef *op = node->type->def;
    if (firn_str_is(node->def->op, "_Arg")) {
      *out = name;
      return FIRN_OK;
    }
    const bool renamed =
        f->to[index] && (firn_str_is(node->def->op, "ReadVariableOp") ||
                         firn_str_is(node->def->op, "VarIsInitializedOp"));
    for (size_t i = 0; op && !renamed && i < op->output_arg_count; i++) {
      const firn_str arg = op->output_arg[i]->name;
      if (!firn_node_output_named(node, arg, &first, &count) || k < first ||
          k >= (int64_t)first + count)
        continue;
      *out = firn_arena_printf(arena, "%.*s:%.*s:%u", (int)name.size, name.data,
                               (int)arg.size, arg.data, (uint32_t)k - first);
      return out->data ? FIRN_OK : firn_oom(err, name.size);
    }
    if (!renamed)
      return firn_fail(err, FIRN_UNIMPLEMENTED,
                       "function '%.*s': output %lld of '%.*s' (%.*s) has no "
                       "name",
                       FIRN_ARG(f->function->signature->name), (long long)k,
                       FIRN_ARG(name), FIRN_ARG(node->def->op));
  }
  *out = firn_arena_printf(arena, format, (int)name.size, name.data, 0u);
  return out->data ? FIRN_OK : firn_oom(err, name.size);
}

/* Whether a node of the body, or one that it takes from, was rewritten. */
static bool is_touched(const freezer *f, const firn_node *node) {
  if (f->to[node->index]) return true;
  for (uint32_t i = 0; i < node->input_count; i++)
    if (node->inputs[i].node != FIRN_NO_NODE && f->to[node->inputs[i].node])
      return true;
  return false;
}

/* A node as the function's body has it. */
static firn_code say_node(const freezer *f, const firn_pb_NodeDef *from,
                          firn_pb_NodeDef **out, firn_error *err) {
  firn_arena *arena = &f->out->arena;
  firn_pb_NodeDef *def = firn_edit_node(from, arena);
  firn_str *inputs = firn_arena_array(arena, from->input_count, sizeof *inputs);
  if (!def || !inputs) return firn_oom(err, from->input_count);
  for (size_t i = 0; i < from->input_count; i++)
    FIRN_TRY(say_input(f, from->input[i], &inputs[i], err));
  def->input = inputs;
  firn_drop_attr(def, "_output_shapes");
  *out = def;
  return FIRN_OK;
}

static firn_code say_body(const freezer *f, firn_pb_FunctionDef *def,
                          firn_error *err) {
  const firn_pb_FunctionDef *from = f->function;
  const size_t args = from->signature->input_arg_count;
  def->node_def =
      firn_arena_array(&f->out->arena, from->node_def_count + f->added_count,
                       sizeof(*def->node_def));
  if (!def->node_def) return firn_oom(err, from->node_def_count);
  def->node_def_count = 0;
  for (size_t i = 0; i < from->node_def_count; i++) {
    const firn_node *node = f->graph->nodes[args + i];
    firn_pb_NodeDef **to = &def->node_def[def->node_def_count++];
    if (!is_touched(f, node))
      *to = from->node_def[i];
    else
      FIRN_TRY(
          say_node(f, f->to[args + i] ? f->to[args + i] : node->def, to, err));
  }
  for (size_t i = 0; i < f->added_count; i++)
    def->node_def[def->node_def_count++] = f->added[i];
  return FIRN_OK;
}

/* ---- The signature ------------------------------------------------------ */

static firn_code retype_args(firn_arena *arena, firn_pb_OpDef_ArgDef ***list,
                             size_t count, const firn_dtype *types,
                             firn_error *err) {
  firn_pb_OpDef_ArgDef **own = firn_arena_array(arena, count, sizeof *own);
  if (!own) return firn_oom(err, count);
  for (size_t i = 0; i < count; i++) {
    own[i] = (*list)[i];
    if (types[i] == FIRN_INVALID) continue;
    own[i] = firn_arena_alloc(arena, sizeof **own);
    if (!own[i]) return firn_oom(err, sizeof **own);
    *own[i] = (firn_pb_OpDef_ArgDef){.name = (*list)[i]->name,
                                     .description = (*list)[i]->description,
                                     .type = (int32_t)types[i]};
  }
  *list = own;
  return FIRN_OK;
}

/* What is said of the shapes of resources is not true of values. */
static firn_code drop_arg_attrs(firn_arena *arena, firn_pb_FunctionDef *def,
                                const firn_dtype *types, size_t count,
                                firn_error *err) {
  firn_pb_FunctionDef_ArgAttrEntry **attrs =
      firn_arena_array(arena, def->arg_attr_count, sizeof *attrs);
  firn_pb_FunctionDef_AttrEntry **own =
      firn_arena_array(arena, def->attr_count, sizeof *own);
  if (!attrs || !own) return firn_oom(err, def->attr_count);
  size_t kept = 0;
  for (size_t i = 0; i < def->arg_attr_count; i++) {
    const uint64_t arg = (uint64_t)def->arg_attr[i]->key;
    if (arg >= count || types[arg] == FIRN_INVALID)
      attrs[kept++] = def->arg_attr[i];
  }
  def->arg_attr = attrs;
  def->arg_attr_count = kept;
  kept = 0;
  for (size_t i = 0; i < def->attr_count; i++)
    if (!firn_str_is(def->attr[i]->key, "_input_shapes"))
      own[kept++] = def->attr[i];
  def->attr = own;
  def->attr_count = kept;
  def->resource_arg_unique_id_count = 0;
  return FIRN_OK;
}

static firn_code say_rets(const freezer *f, const firn_function *function,
                          firn_pb_FunctionDef *def, firn_error *err) {
  firn_arena *arena = &f->out->arena;
  const firn_pb_OpDef *sig = f->function->signature;
  def->ret = firn_arena_array(arena, def->ret_count, sizeof(*def->ret));
  if (!def->ret) return firn_oom(err, def->ret_count);
  for (size_t i = 0; i < def->ret_count; i++) {
    firn_pb_FunctionDef_RetEntry *own = firn_arena_alloc(arena, sizeof *own);
    if (!own) return firn_oom(err, sizeof *own);
    *own = *f->function->ret[i];
    def->ret[i] = own;
    for (size_t k = 0; k < function->ret_count; k++) {
      if (!firn_str_eq(sig->output_arg[k]->name, own->key)) continue;
      const firn_edge e = function->rets[k];
      if (!f->to[e.node]) continue;
      const firn_str name = f->graph->nodes[e.node]->def->name;
      const firn_str text = firn_arena_printf(arena, "%.*s:%u", (int)name.size,
                                              name.data, e.output);
      if (!text.data) return firn_oom(err, name.size);
      FIRN_TRY(say_input(f, text, &own->value, err));
    }
  }
  return FIRN_OK;
}

firn_code firn_freeze_write_variant(const freezer *f, firn_freeze_variant *v,
                                    firn_error *err) {
  firn_arena *arena = &f->out->arena;
  const firn_function *function = v->function;
  firn_pb_FunctionDef *def = firn_arena_alloc(arena, sizeof *def);
  firn_pb_OpDef *sig = firn_arena_alloc(arena, sizeof *sig);
  if (!def || !sig) return firn_oom(err, sizeof *def);
  *def = *f->function;
  *sig = *f->function->signature;
  def->signature = sig;
  sig->name = v->name;
  FIRN_TRY(
      retype_args(arena, &sig->input_arg, sig->input_arg_count, v->args, err));
  FIRN_TRY(retype_args(arena, &sig->output_arg, sig->output_arg_count, v->rets,
                       err));
  FIRN_TRY(drop_arg_attrs(arena, def, v->args, sig->input_arg_count, err));
  FIRN_TRY(say_body(f, def, err));
  FIRN_TRY(say_rets(f, function, def, err));
  v->def = def;
  return FIRN_OK;
}
