/* build/node_begin.c: a node under construction takes arguments and attrs.
 *
 * Nothing is judged yet but what has no place at all; that is node_end.c's.
 */
#include "build/builder.h"

/* ---- The draft ---------------------------------------------------------- */

void firn_op_begin(firn_builder *b, const char *op, const char *name) {
  if (b->failed != FIRN_OK) return;
  const firn_str unique = firn_builder_unique(b, name ? name : op, true);
  firn_draft *draft = firn_builder_alloc(b, 1, sizeof *draft);
  if (b->failed != FIRN_OK) return;
  draft->op = firn_builder_text(b, "%s", op);
  draft->name = unique;
  draft->outer = b->draft;
  b->draft = draft;
}

/* The node under construction; NULL when there is none, or all has failed. */
static firn_draft *draft_for(firn_builder *b, const char *what,
                             const char *name) {
  if (b->failed == FIRN_OK && !b->draft)
    firn_builder_fail(b, FIRN_FAILED_PRECONDITION,
                      "%s%s%s%s, but no node was begun", what, name ? " '" : "",
                      name ? name : "", name ? "'" : "");
  return b->failed == FIRN_OK ? b->draft : NULL;
}

/* ---- Arguments ---------------------------------------------------------- */

static void add_arg(firn_builder *b, const firn_output *inputs, size_t count,
                    bool list) {
  firn_draft *d = draft_for(b, "an input", NULL);
  if (!d) return;
  for (size_t i = 0; i < count; i++) {
    const firn_node *node = firn_node_of(b, inputs[i]);
    if (node && inputs[i].index < node->output_count) continue;
    firn_builder_fail(b, FIRN_INVALID_ARGUMENT,
                      "node '%.*s' (%.*s): argument %u is no output of a node",
                      FIRN_ARG(d->name), FIRN_ARG(d->op), d->arg_count);
    return;
  }
  firn_output *copy = firn_builder_alloc(b, count, sizeof *copy);
  if (!copy || !firn_builder_grow(b, &d->args, d->arg_count, &d->arg_capacity,
                                  sizeof *d->args))
    return;
  for (size_t i = 0; i < count; i++)
    copy[i] = b->place && b->place->bring ? b->place->bring(b->place, inputs[i])
                                          : inputs[i];
  d->args[d->arg_count++] = (firn_draft_arg){copy, count, list};
}

void firn_op_input(firn_builder *b, firn_output input) {
  add_arg(b, &input, 1, false);
}

void firn_op_inputs(firn_builder *b, const firn_output *inputs, size_t count) {
  add_arg(b, inputs, count, true);
}

void firn_op_control(firn_builder *b, firn_output before) {
  firn_draft *d = draft_for(b, "a control input", NULL);
  if (!d) return;
  if (before.node >= b->graph->node_count) {
    firn_builder_fail(b, FIRN_INVALID_ARGUMENT,
                      "node '%.*s' (%.*s): a control input is no node",
                      FIRN_ARG(d->name), FIRN_ARG(d->op));
    return;
  }
  for (uint32_t i = 0; i < d->control_count; i++)
    if (d->controls[i] == before.node) return;
  if (firn_builder_grow(b, &d->controls, d->control_count, &d->control_capacity,
                        sizeof *d->controls))
    d->controls[d->control_count++] = before.node;
}

void firn_op_device(firn_builder *b, const char *device) {
  firn_draft *d = draft_for(b, "device", device);
  if (d) d->device = firn_builder_text(b, "%s", device);
}

/* ---- Attrs -------------------------------------------------------------- */

/* The entry of that name, new or to be written over. */
static firn_pb_NodeDef_AttrEntry *entry(firn_builder *b, firn_draft *d,
                                        firn_str name) {
  for (uint32_t i = 0; i < d->attr_count; i++)
    if (firn_str_eq(d->attrs[i]->key, name)) return d->attrs[i];
  firn_pb_NodeDef_AttrEntry *e = firn_builder_alloc(b, 1, sizeof *e);
  if (!e || !firn_builder_grow(b, &d->attrs, d->attr_count, &d->attr_capacity,
                               sizeof *d->attrs))
    return NULL;
  e->key = firn_builder_text(b, "%.*s", (int)name.size, name.data);
  return d->attrs[d->attr_count++] = e;
}

/* A new value of that kind for an attr; NULL when all has failed. */
static firn_pb_AttrValue *attr(firn_builder *b, const char *name, int kind) {
  firn_draft *d = draft_for(b, "attr", name);
  if (!d) return NULL;
  firn_pb_NodeDef_AttrEntry *e = entry(b, d, firn_str_of(name));
  firn_pb_AttrValue *value = firn_builder_alloc(b, 1, sizeof *value);
  if (!e || !value) return NULL;
  value->value_case = kind;
  e->value = value;
  return value;
}

void firn_op_attr_value(firn_builder *b, firn_str name,
                        const firn_pb_AttrValue *value) {
  firn_draft *d = draft_for(b, "an attr", NULL);
  firn_pb_NodeDef_AttrEntry *e = d ? entry(b, d, name) : NULL;
  if (e) e->value = (firn_pb_AttrValue *)value;
}

void firn_op_attr_int(firn_builder *b, const char *name, int64_t value) {
  firn_pb_AttrValue *a = attr(b, name, FIRN_ATTR_INT);
  if (a) a->i = value;
}

void firn_op_attr_float(firn_builder *b, const char *name, float value) {
  firn_pb_AttrValue *a = attr(b, name, FIRN_ATTR_FLOAT);
  if (a) a->f = value;
}

void firn_op_attr_bool(firn_builder *b, const char *name, bool value) {
  firn_pb_AttrValue *a = attr(b, name, FIRN_ATTR_BOOL);
  if (a) a->b = value;
}

void firn_op_attr_type(firn_builder *b, const char *name, firn_dtype value) {
  firn_pb_AttrValue *a = attr(b, name, FIRN_ATTR_TYPE);
  if (a) a->type = (int32_t)value;
}

void firn_op_attr_bytes(firn_builder *b, const char *name, firn_str value) {
  firn_pb_AttrValue *a = attr(b, name, FIRN_ATTR_STRING);
  char *copy = a ? firn_builder_alloc(b, value.size + 1, 1) : NULL;
  if (!copy) return;
  if (value.size) memcpy(copy, value.data, value.size);
  a->s = (firn_str){copy, value.size};
}

void firn_op_attr_string(firn_builder *b, const char *name, const char *value) {
  firn_op_attr_bytes(b, name, firn_str_of(value));
}

static firn_pb_TensorShapeProto *shape_proto(firn_builder *b,
                                             const firn_shape *shape) {
  firn_error err = FIRN_ERROR_INIT;
  firn_pb_TensorShapeProto *pb = NULL;
  const firn_code code = firn_shape_to_proto(shape, &b->arena, &pb, &err);
  return firn_builder_ok(b, code, &err) ? pb : NULL;
}

void firn_op_attr_shape(firn_builder *b, const char *name,
                        const firn_shape *value) {
  firn_pb_AttrValue *a = attr(b, name, FIRN_ATTR_SHAPE);
  if (a) a->shape = shape_proto(b, value);
}

/* The message borrows from the tensor, which the caller may change or free. */
void firn_op_attr_tensor(firn_builder *b, const char *name,
                         const firn_tensor *value) {
  firn_error err = FIRN_ERROR_INIT;
  firn_pb_TensorProto *pb = NULL;
  firn_pb_AttrValue *a = attr(b, name, FIRN_ATTR_TENSOR);
  if (!a) return;
  const firn_code code = firn_tensor_to_proto(value, &b->arena, &pb, &err);
  if (!firn_builder_ok(b, code, &err)) return;
  if (pb->tensor_content.size) {
    char *copy = firn_builder_alloc(b, pb->tensor_content.size, 1);
    if (!copy) return;
    memcpy(copy, pb->tensor_content.data, pb->tensor_content.size);
    pb->tensor_content.data = copy;
  }
  a->tensor = firn_pb_copy(&firn_pb_type_TensorProto, pb, &b->arena);
  for (size_t i = 0; a->tensor && i < a->tensor->string_val_count; i++) {
    firn_str *s = &a->tensor->string_val[i];
    char *copy = firn_builder_alloc(b, s->size + 1, 1);
    if (!copy) return;
    if (s->size) memcpy(copy, s->data, s->size);
    s->data = copy;
  }
  if (!a->tensor) (void)firn_builder_ok(b, firn_oom(&err, 0), &err);
}

void firn_op_attr_func(firn_builder *b, const char *name,
                       const char *function) {
  firn_pb_AttrValue *a = attr(b, name, FIRN_ATTR_FUNC);
  firn_pb_NameAttrList *func =
      a ? firn_builder_alloc(b, 1, sizeof *func) : NULL;
  if (!func) return;
  func->name = firn_builder_text(b, "%s", function);
  a->func = func;
}

/* ---- Lists -------------------------------------------------------------- */

static firn_pb_AttrValue_ListValue *list(firn_builder *b, const char *name) {
  firn_pb_AttrValue *a = attr(b, name, FIRN_ATTR_LIST);
  if (a) a->list = firn_builder_alloc(b, 1, sizeof *a->list);
  return a ? a->list : NULL;
}

static void *copy_items(firn_builder *b, const void *items, size_t count,
                        size_t size) {
  void *copy = firn_builder_alloc(b, count, size);
  if (copy && count) memcpy(copy, items, count * size);
  return copy;
}

void firn_op_attr_ints(firn_builder *b, const char *name, const int64_t *values,
                       size_t count) {
  firn_pb_AttrValue_ListValue *l = list(b, name);
  if (!l) return;
  l->i = copy_items(b, values, count, sizeof *values);
  l->i_count = l->i ? count : 0;
}

void firn_op_attr_floats(firn_builder *b, const char *name, const float *values,
                         size_t count) {
  firn_pb_AttrValue_ListValue *l = list(b, name);
  if (!l) return;
  l->f = copy_items(b, values, count, sizeof *values);
  l->f_count = l->f ? count : 0;
}

void firn_op_attr_types(firn_builder *b, const char *name,
                        const firn_dtype *values, size_t count) {
  firn_pb_AttrValue_ListValue *l = list(b, name);
  if (l) l->type = firn_builder_alloc(b, count, sizeof *l->type);
  for (size_t i = 0; l && l->type && i < count; i++)
    l->type[l->type_count++] = (int32_t)values[i];
}

void firn_op_attr_shapes(firn_builder *b, const char *name,
                         const firn_shape *values, size_t count) {
  firn_pb_AttrValue_ListValue *l = list(b, name);
  if (l) l->shape = firn_builder_alloc(b, count, sizeof(*l->shape));
  for (size_t i = 0; l && l->shape && i < count; i++)
    l->shape[l->shape_count++] = shape_proto(b, &values[i]);
}

void firn_op_attr_strings(firn_builder *b, const char *name,
                          const char *const *values, size_t count) {
  firn_pb_AttrValue_ListValue *l = list(b, name);
  if (l) l->s = firn_builder_alloc(b, count, sizeof *l->s);
  for (size_t i = 0; l && l->s && i < count; i++)
    l->s[l->s_count++] = firn_builder_text(b, "%s", values[i]);
}
