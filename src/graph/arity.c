/* graph/arity.c: how many inputs and outputs a node has, and of which types.
 *
 * An op's definition says it by attrs: `num_split * T` is as many tensors as
 * attr num_split says, of the type that attr T says. Both lie in the file, so a
 * node of thirty bytes can claim 10^12 outputs. A node may have as many as its
 * own bytes account for and a few more; what goes beyond is drawn from a supply
 * per graph, and when that is exhausted the node counts as one whose outputs
 * are not known.
 */
#include "graph/arity.h"

enum { USUAL_OUTPUTS = 64, ATTRS_A_STEP = 32 };

/* ---- Arguments one by one ------------------------------------------------ */

static firn_arg_walk walk_args(const firn_node *node,
                               firn_pb_OpDef_ArgDef *const *args,
                               size_t count) {
  return (firn_arg_walk){.node = node,
                         .args = args,
                         .arg_count = count,
                         .unknown = !node->type->def};
}

firn_arg_walk firn_walk_inputs(const firn_node *node) {
  const firn_pb_OpDef *def = node->type->def;
  return def ? walk_args(node, def->input_arg, def->input_arg_count)
             : walk_args(node, NULL, 0);
}

firn_arg_walk firn_walk_outputs(const firn_node *node) {
  const firn_pb_OpDef *def = node->type->def;
  return def ? walk_args(node, def->output_arg, def->output_arg_count)
             : walk_args(node, NULL, 0);
}

static const firn_pb_AttrValue *attr_of_kind(const firn_node *node,
                                             firn_str name, int kind) {
  const firn_pb_AttrValue *value = firn_attr_named(node, name);
  return value && value->value_case == kind ? value : NULL;
}

/* TensorArrayGrad is said to take a string, and TensorFlow reads it through the
 * reference that TensorArray gives. Here the reference is the array, and there
 * is no string. */
static bool takes_reference(const firn_arg_walk *walk,
                            const firn_pb_OpDef_ArgDef *arg) {
  return arg->is_ref ||
         (arg->type == FIRN_STRING && walk->arg == 1 && walk->node->type &&
          firn_str_is(walk->node->type->name, "TensorArrayGrad"));
}

/* Enters the next argument; false when its attrs do not say how many it is. */
static bool enter_arg(firn_arg_walk *walk) {
  const firn_pb_OpDef_ArgDef *arg = walk->args[walk->arg++];
  walk->left = 1;
  walk->list = NULL;
  walk->type = arg->type;
  walk->is_ref = takes_reference(walk, arg);
  if (arg->number_attr.size) {
    const firn_pb_AttrValue *number =
        attr_of_kind(walk->node, arg->number_attr, FIRN_ATTR_INT);
    if (!number || number->i < 0) return false;
    walk->left = (uint64_t)number->i;
  }
  if (arg->type) return true;
  if (arg->type_attr.size) {
    const firn_pb_AttrValue *type =
        attr_of_kind(walk->node, arg->type_attr, FIRN_ATTR_TYPE);
    walk->type = type ? type->type : FIRN_INVALID;
  } else if (arg->type_list_attr.size) {
    const firn_pb_AttrValue *list =
        attr_of_kind(walk->node, arg->type_list_attr, FIRN_ATTR_LIST);
    if (!list) return false;
    walk->list = list->list ? list->list->type : NULL;
    walk->left = list->list ? list->list->type_count : 0;
  }
  return true;
}

/* Goes to the next argument that stands for something. */
static bool enter_some_arg(firn_arg_walk *walk) {
  while (!walk->unknown && walk->arg < walk->arg_count) {
    walk->unknown = !enter_arg(walk);
    if (!walk->unknown && walk->left > 0) return true;
  }
  walk->left = 0;
  return false;
}

int firn_arg_next(firn_arg_walk *walk) {
  if (walk->left == 0 && !enter_some_arg(walk)) return -1;
  walk->left--;
  int type = walk->list ? *walk->list++ : walk->type;
  if (!firn_dtype_valid(type)) return FIRN_INVALID;
  if (walk->is_ref && !firn_dtype_is_ref(type)) type += FIRN_REF_OFFSET;
  return type;
}

/* ---- Outputs ---------------------------------------------------------------
 */

/* What a node may have without drawing on the supply: its lists of types are as
 * long as they lie in the file. */
static uint64_t allowance(const firn_pb_NodeDef *def) {
  uint64_t sum = USUAL_OUTPUTS + def->input_count;
  for (size_t i = 0; i < def->attr_count; i++) {
    const firn_pb_AttrValue *value = def->attr[i]->value;
    if (value && value->value_case == FIRN_ATTR_LIST && value->list)
      sum += value->list->type_count;
  }
  return sum;
}

/* The work of walking over a definition; those of functions may be of any
 * length. */
static uint64_t effort(const firn_node *node) {
  const firn_pb_OpDef *def = node->type->def;
  const uint64_t attrs = def->attr_count + node->def->attr_count;
  return (def->input_arg_count + def->output_arg_count) *
         (1 + attrs / ATTRS_A_STEP);
}

/* The number of outputs up to the first argument that is not known. */
static uint32_t count_outputs(firn_graph *graph, firn_node *node) {
  const uint64_t limit = allowance(node->def) + graph->spare_outputs;
  uint64_t count = 0, spent = effort(node);
  firn_arg_walk walk = firn_walk_outputs(node);
  walk.unknown = spent > limit;
  while (enter_some_arg(&walk)) {
    if (walk.left > limit - spent) {
      walk.unknown = true;
      break;
    }
    count += walk.left;
    spent += walk.left;
  }
  if (spent > limit - graph->spare_outputs && spent <= limit)
    graph->spare_outputs = (uint32_t)(limit - spent);
  node->outputs_known = !walk.unknown;
  return (uint32_t)count;
}

firn_code firn_node_set_outputs(firn_graph *graph, firn_node *node,
                                firn_error *err) {
  if (!node->type->def) return FIRN_OK;
  const uint32_t count = count_outputs(graph, node);
  if (count == 0) return FIRN_OK;
  int16_t *types = firn_arena_array(&graph->arena, count, sizeof *types);
  if (!types) return firn_oom(err, count * sizeof *types);

  firn_arg_walk walk = firn_walk_outputs(node);
  for (uint32_t i = 0; i < count; i++) types[i] = (int16_t)firn_arg_next(&walk);
  node->output_types = types;
  node->output_count = count;
  return FIRN_OK;
}

bool firn_node_output_named(const firn_node *node, firn_str arg,
                            uint32_t *first, uint32_t *count) {
  uint64_t at = 0;
  firn_arg_walk walk = firn_walk_outputs(node);
  for (size_t i = 0; i < walk.arg_count; i++) {
    if (!enter_arg(&walk) || at + walk.left > node->output_count) return false;
    if (firn_str_eq(walk.args[i]->name, arg)) {
      *first = (uint32_t)at;
      *count = (uint32_t)walk.left;
      return true;
    }
    at += walk.left;
  }
  return false;
}

firn_code firn_check_arity(const firn_node *node, firn_error *err) {
  firn_arg_walk walk = firn_walk_inputs(node);
  uint32_t want = 0;
  if (!node->type->def) return FIRN_OK;
  while (firn_arg_next(&walk) >= 0) want++;
  if (walk.unknown || want == node->input_count) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "node '%.*s' (%.*s): has %u inputs, the op wants %u",
                   FIRN_ARG(node->def->name), FIRN_ARG(node->def->op),
                   node->input_count, want);
}
