/* build/node_end.c: a node under construction is held against its op's
 * definition, completed, and put into the graph.
 *
 * Attrs that follow from the inputs are filled in as TensorFlow's Python does
 * it, and so are defaults: such nodes carry every attr of their op.
 */
#include "build/builder.h"
#include "ops/eval.h"

/* A draft on its way into the graph. */
typedef struct joiner {
  firn_builder *b;
  firn_draft *d;
  const firn_pb_OpDef *def;
  size_t input_count;
} joiner;

/* ---- Attrs that follow from the inputs ---------------------------------- */

static firn_pb_AttrValue *find(const joiner *j, firn_str name) {
  for (uint32_t i = 0; i < j->d->attr_count; i++)
    if (firn_str_eq(j->d->attrs[i]->key, name)) return j->d->attrs[i]->value;
  return NULL;
}

static firn_code set(joiner *j, firn_str name, const firn_pb_AttrValue *value,
                     firn_error *err) {
  firn_pb_AttrValue *copy = firn_builder_alloc(j->b, 1, sizeof *copy);
  if (!copy) return firn_oom(err, sizeof *copy);
  *copy = *value;
  firn_op_attr_value(j->b, name, copy);
  return FIRN_OK;
}

static firn_dtype type_of(const joiner *j, firn_output o) {
  return firn_dtype_base(firn_output_type(j->b, o));
}

/* number_attr: the length of the list. */
static firn_code infer_number(joiner *j, const firn_pb_OpDef_ArgDef *arg,
                              const firn_draft_arg *have, firn_error *err) {
  const firn_pb_AttrValue *old = find(j, arg->number_attr);
  const firn_pb_AttrValue value = {.value_case = FIRN_ATTR_INT,
                                   .i = (int64_t)have->count};
  if (old && old->value_case == FIRN_ATTR_INT && old->i == value.i)
    return FIRN_OK;
  if (old)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "'%.*s' has %zu tensors, but attr '%.*s' says %lld",
                     FIRN_ARG(arg->name), have->count,
                     FIRN_ARG(arg->number_attr), (long long)old->i);
  return set(j, arg->number_attr, &value, err);
}

/* type_attr: the type that all of them have. */
static firn_code infer_type(joiner *j, const firn_pb_OpDef_ArgDef *arg,
                            const firn_draft_arg *have, firn_error *err) {
  for (size_t i = 0; i < have->count; i++) {
    const firn_dtype type = type_of(j, have->items[i]);
    const firn_pb_AttrValue *old = find(j, arg->type_attr);
    const firn_pb_AttrValue value = {.value_case = FIRN_ATTR_TYPE,
                                     .type = (int32_t)type};
    if (!old)
      FIRN_TRY(set(j, arg->type_attr, &value, err));
    else if (old->value_case == FIRN_ATTR_TYPE && old->type != value.type)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "'%.*s' is %s, but attr '%.*s' is %s already",
                       FIRN_ARG(arg->name), firn_dtype_name(type),
                       FIRN_ARG(arg->type_attr),
                       firn_dtype_name((firn_dtype)old->type));
  }
  return FIRN_OK;
}

/* type_list_attr: the type of each of them. */
static firn_code infer_types(joiner *j, const firn_pb_OpDef_ArgDef *arg,
                             const firn_draft_arg *have, firn_error *err) {
  firn_pb_AttrValue_ListValue *list = firn_builder_alloc(j->b, 1, sizeof *list);
  int32_t *types = firn_builder_alloc(j->b, have->count, sizeof *types);
  if (!list || !types) return firn_oom(err, have->count);
  for (size_t i = 0; i < have->count; i++)
    types[i] = (int32_t)type_of(j, have->items[i]);
  list->type = types;
  list->type_count = have->count;
  const firn_pb_AttrValue value = {.value_case = FIRN_ATTR_LIST, .list = list};
  const firn_pb_AttrValue *old = find(j, arg->type_list_attr);
  if (!old) return set(j, arg->type_list_attr, &value, err);
  if (old->value_case == FIRN_ATTR_LIST && old->list &&
      old->list->type_count == have->count &&
      (!have->count ||
       !memcmp(old->list->type, types, have->count * sizeof *types)))
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "the types of '%.*s' are not those of attr '%.*s'",
                   FIRN_ARG(arg->name), FIRN_ARG(arg->type_list_attr));
}

static firn_code infer_from_arg(joiner *j, const firn_pb_OpDef_ArgDef *arg,
                                const firn_draft_arg *have, firn_error *err) {
  const bool list = arg->number_attr.size || arg->type_list_attr.size;
  if (list != have->list)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "'%.*s' is %s, not %s",
                     FIRN_ARG(arg->name),
                     list ? "a list of tensors" : "one tensor",
                     list ? "one tensor" : "a list");
  if (arg->number_attr.size) FIRN_TRY(infer_number(j, arg, have, err));
  if (arg->type_attr.size) return infer_type(j, arg, have, err);
  if (arg->type_list_attr.size) return infer_types(j, arg, have, err);
  return FIRN_OK;
}

static firn_code infer_attrs(joiner *j, firn_error *err) {
  const size_t want = j->def->input_arg_count, have = j->d->arg_count;
  for (size_t i = 0; i < want && i < have; i++) {
    FIRN_TRY(infer_from_arg(j, j->def->input_arg[i], &j->d->args[i], err));
    j->input_count += j->d->args[i].count;
  }
  if (have < want)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "input '%.*s' is missing",
                     FIRN_ARG(j->def->input_arg[have]->name));
  if (have > want)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu arguments, the op takes %zu", have, want);
  return FIRN_OK;
}

/* ---- Attrs against the definition --------------------------------------- */

/* What a list holds, by the one of its arrays that is not empty. */
static const char *kind_of_list(const firn_pb_AttrValue_ListValue *l) {
  if (l->s_count) return "list(string)";
  if (l->i_count) return "list(int)";
  if (l->f_count) return "list(float)";
  if (l->b_count) return "list(bool)";
  if (l->type_count) return "list(type)";
  if (l->shape_count) return "list(shape)";
  if (l->tensor_count) return "list(tensor)";
  return l->func_count ? "list(func)" : "list";
}

static const char *kind_of(const firn_pb_AttrValue *value) {
  static const char *const kinds[] = {
      "nothing", "list",  "string", "int",         "float", "bool",
      "type",    "shape", "tensor", "placeholder", "func"};
  if (value->value_case == FIRN_ATTR_LIST && value->list)
    return kind_of_list(value->list);
  return kinds[value->value_case <= FIRN_ATTR_FUNC ? value->value_case : 0];
}

static firn_code check_kinds(const joiner *j, firn_error *err) {
  for (uint32_t i = 0; i < j->d->attr_count; i++) {
    const firn_pb_NodeDef_AttrEntry *e = j->d->attrs[i];
    if (e->key.size && e->key.data[0] == '_') continue;
    const firn_pb_OpDef_AttrDef *attr = firn_opdef_attr(j->def, e->key);
    if (!attr)
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "the op has no attr '%.*s'",
                       FIRN_ARG(e->key));
    const char *kind = kind_of(e->value);
    if (firn_str_is(attr->type, kind)) continue;
    if (!strcmp(kind, "list") && firn_str_starts(attr->type, FIRN_STR("list(")))
      continue; /* an empty list is of any type */
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "attr '%.*s' is %s, not %.*s",
                     FIRN_ARG(e->key), kind, FIRN_ARG(attr->type));
  }
  return FIRN_OK;
}

static firn_code add_defaults(joiner *j, firn_error *err) {
  for (size_t i = 0; i < j->def->attr_count; i++) {
    const firn_pb_OpDef_AttrDef *attr = j->def->attr[i];
    if (find(j, attr->name)) continue;
    if (!attr->default_value)
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "attr '%.*s' is missing",
                       FIRN_ARG(attr->name));
    firn_op_attr_value(j->b, attr->name, attr->default_value);
    if (j->b->failed != FIRN_OK) return firn_oom(err, 0);
  }
  return FIRN_OK;
}

static void sort_attrs(firn_draft *d) {
  for (uint32_t i = 1; i < d->attr_count; i++)
    for (uint32_t k = i;
         k > 0 && firn_str_compare(d->attrs[k - 1]->key, d->attrs[k]->key) > 0;
         k--) {
      firn_pb_NodeDef_AttrEntry *other = d->attrs[k];
      d->attrs[k] = d->attrs[k - 1];
      d->attrs[k - 1] = other;
    }
}

/* ---- Into the graph ----------------------------------------------------- */

static firn_str input_text(firn_builder *b, firn_output o) {
  const firn_str name = b->graph->nodes[o.node]->def->name;
  return o.index ? firn_builder_text(b, "%.*s:%u", (int)name.size, name.data,
                                     o.index)
                 : name;
}

static firn_pb_NodeDef *make_def(joiner *j) {
  firn_builder *b = j->b;
  const firn_draft *d = j->d;
  firn_pb_NodeDef *def = firn_builder_alloc(b, 1, sizeof *def);
  firn_str *inputs =
      firn_builder_alloc(b, j->input_count + d->control_count, sizeof *inputs);
  if (!def || !inputs) return NULL;
  def->input = inputs;
  for (uint32_t i = 0; i < d->arg_count; i++)
    for (size_t k = 0; k < d->args[i].count; k++)
      inputs[def->input_count++] = input_text(b, d->args[i].items[k]);
  for (uint32_t i = 0; i < d->control_count; i++) {
    const firn_str name = b->graph->nodes[d->controls[i]]->def->name;
    inputs[def->input_count++] =
        firn_builder_text(b, "^%.*s", (int)name.size, name.data);
  }
  /* ":0" behind the name makes it that of its first output. */
  def->name = firn_builder_text(b, "%.*s:0", (int)d->name.size, d->name.data);
  if (b->failed != FIRN_OK) return NULL;
  def->name.size -= 2;
  def->op = d->op;
  def->device = d->device;
  def->attr = d->attrs;
  def->attr_count = d->attr_count;
  return def;
}

/* Takes back the node that was added last: nobody has seen it. */
static void take_back(firn_graph *graph) {
  const firn_node *node = graph->nodes[graph->node_count - 1];
  firn_map_remove(&graph->names, node->def->name);
  graph->node_count--;
}

static firn_code append(joiner *j, firn_output *out, firn_error *err) {
  firn_builder *b = j->b;
  firn_node *node = NULL;
  const firn_pb_NodeDef *def = make_def(j);
  if (!def || !firn_builder_grow(b, &b->infos, b->graph->node_count,
                                 &b->info_capacity, sizeof(*b->infos)))
    return firn_oom(err, sizeof *def);
  FIRN_TRY(firn_graph_append(b->graph, def, &node, err));
  const firn_code code =
      firn_know_node(node, b->infos, &b->arena, &b->infos[node->index], err);
  *out = (firn_output){node->index, 0};
  if (code != FIRN_OK) take_back(b->graph);
  return code;
}

static firn_code complete(joiner *j, firn_error *err) {
  firn_op_type *type = NULL;
  FIRN_TRY(firn_graph_op(j->b->graph, j->d->op, &type, err));
  j->def = type->def;
  if (!j->def)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "there is no such op");
  FIRN_TRY(infer_attrs(j, err));
  FIRN_TRY(add_defaults(j, err));
  FIRN_TRY(check_kinds(j, err));
  sort_attrs(j->d);
  return FIRN_OK;
}

/* A node without inputs would run once for all rounds, not in each. */
static void wait_for_place(joiner *j) {
  size_t inputs = j->d->control_count;
  for (uint32_t i = 0; i < j->d->arg_count; i++) inputs += j->d->args[i].count;
  const firn_output pivot = j->b->place->pivot;
  if (!inputs && pivot.node != FIRN_NO_NODE) firn_op_control(j->b, pivot);
}

firn_output firn_op_end(firn_builder *b) {
  firn_error err = FIRN_ERROR_INIT;
  firn_output out = FIRN_NO_OUTPUT;
  if (b->failed == FIRN_OK && !b->draft)
    firn_builder_fail(b, FIRN_FAILED_PRECONDITION,
                      "the end of a node, but no node was begun");
  if (b->failed != FIRN_OK) return FIRN_NO_OUTPUT;

  joiner j = {.b = b, .d = b->draft};
  if (b->place) wait_for_place(&j);
  firn_code code = complete(&j, &err);
  if (code != FIRN_OK)
    code = firn_while(&err, code, "node '%.*s' (%.*s)", FIRN_ARG(j.d->name),
                      FIRN_ARG(j.d->op));
  else
    code = append(&j, &out, &err);
  b->draft = j.d->outer;
  if (!firn_builder_ok(b, code, &err)) return FIRN_NO_OUTPUT;
  if (b->place) b->place->placed(b->place, out.node);
  return out;
}
