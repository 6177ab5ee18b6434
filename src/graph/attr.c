/* graph/attr.c: attrs of nodes by name and kind, with the defaults of the op.
 */
#include "graph/graph.h"

/* An attr whose value the file leaves out. */
static const firn_pb_AttrValue no_value;

const firn_pb_AttrValue *firn_attr_named(const firn_node *node, firn_str name) {
  /* From the end: of two attrs of one name the later counts, as in any map. */
  for (size_t i = node->def->attr_count; i-- > 0;) {
    const firn_pb_NodeDef_AttrEntry *entry = node->def->attr[i];
    if (firn_str_eq(entry->key, name))
      return entry->value ? entry->value : &no_value;
  }
  const firn_pb_OpDef_AttrDef *def = firn_opdef_attr(node->type->def, name);
  return def ? def->default_value : NULL;
}

const firn_pb_AttrValue *firn_attr(const firn_node *node, const char *name) {
  return firn_attr_named(node, firn_str_of(name));
}

/* ---- By kind ----------------------------------------------------------------
 */

static const char *kind_name(int kind) {
  static const char *const names[] = {
      "empty",  "a list",  "a string", "an int",        "a float",   "a bool",
      "a type", "a shape", "a tensor", "a placeholder", "a function"};
  return kind >= 0 && kind < (int)FIRN_COUNT(names) ? names[kind] : "unknown";
}

static firn_code refuse(const firn_node *node, const char *name,
                        const firn_pb_AttrValue *value, const char *want,
                        firn_error *err) {
  if (!value)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "node '%.*s' (%.*s): attr '%s' is missing",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), name);
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "node '%.*s' (%.*s): attr '%s' is %s, not %s",
                   FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), name,
                   kind_name(value->value_case), want);
}

/* The attr when it is of that kind; else NULL and an error. */
static const firn_pb_AttrValue *get(const firn_node *node, const char *name,
                                    int kind, firn_error *err) {
  const firn_pb_AttrValue *value = firn_attr(node, name);
  if (value && value->value_case == kind) return value;
  (void)refuse(node, name, value, kind_name(kind), err);
  return NULL;
}

firn_code firn_attr_type(const firn_node *node, const char *name,
                         firn_dtype *out, firn_error *err) {
  const firn_pb_AttrValue *value = get(node, name, FIRN_ATTR_TYPE, err);
  if (!value) return FIRN_INVALID_ARGUMENT;
  if (!firn_dtype_valid(value->type))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "node '%.*s' (%.*s): attr '%s' is %d, which is no type",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), name,
                     value->type);
  *out = (firn_dtype)value->type;
  return FIRN_OK;
}

firn_code firn_attr_int(const firn_node *node, const char *name, int64_t *out,
                        firn_error *err) {
  const firn_pb_AttrValue *value = get(node, name, FIRN_ATTR_INT, err);
  if (!value) return FIRN_INVALID_ARGUMENT;
  *out = value->i;
  return FIRN_OK;
}

firn_code firn_attr_float(const firn_node *node, const char *name, float *out,
                          firn_error *err) {
  const firn_pb_AttrValue *value = get(node, name, FIRN_ATTR_FLOAT, err);
  if (!value) return FIRN_INVALID_ARGUMENT;
  *out = value->f;
  return FIRN_OK;
}

firn_code firn_attr_bool(const firn_node *node, const char *name, bool *out,
                         firn_error *err) {
  const firn_pb_AttrValue *value = get(node, name, FIRN_ATTR_BOOL, err);
  if (!value) return FIRN_INVALID_ARGUMENT;
  *out = value->b;
  return FIRN_OK;
}

firn_code firn_attr_str(const firn_node *node, const char *name, firn_str *out,
                        firn_error *err) {
  const firn_pb_AttrValue *value = get(node, name, FIRN_ATTR_STRING, err);
  if (!value) return FIRN_INVALID_ARGUMENT;
  *out = value->s;
  return FIRN_OK;
}

firn_code firn_attr_shape(const firn_node *node, const char *name,
                          firn_shape *out, firn_error *err) {
  const firn_pb_AttrValue *value = get(node, name, FIRN_ATTR_SHAPE, err);
  if (!value) return FIRN_INVALID_ARGUMENT;
  const firn_code code = firn_shape_from_proto(value->shape, out, err);
  if (code != FIRN_OK)
    firn_while(err, code, "node '%.*s' (%.*s): attr '%s'",
               FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), name);
  return code;
}

/* ---- Lists -------------------------------------------------------------- */

static const firn_pb_AttrValue_ListValue *list_of(
    const firn_pb_AttrValue *value) {
  static const firn_pb_AttrValue_ListValue nothing;
  if (!value || value->value_case != FIRN_ATTR_LIST) return NULL;
  return value->list ? value->list : &nothing;
}

/* The number of elements of any kind: a list has one kind only. */
static size_t list_size(const firn_pb_AttrValue_ListValue *list) {
  return list->s_count + list->i_count + list->f_count + list->b_count +
         list->type_count + list->shape_count + list->tensor_count +
         list->func_count;
}

firn_code firn_attr_ints(const firn_node *node, const char *name,
                         const int64_t **out, size_t *count, firn_error *err) {
  *out = NULL;
  *count = 0;
  const firn_pb_AttrValue *value = firn_attr(node, name);
  if (!value) return FIRN_OK;
  const firn_pb_AttrValue_ListValue *list = list_of(value);
  if (!list) return refuse(node, name, value, "a list of ints", err);
  if (list_size(list) != list->i_count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "node '%.*s' (%.*s): attr '%s' is a list of other things "
                     "than ints",
                     FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), name);
  *out = list->i;
  *count = list->i_count;
  return FIRN_OK;
}

firn_dtype firn_attr_type_at(const firn_node *node, const char *name,
                             size_t i) {
  const firn_pb_AttrValue_ListValue *list = list_of(firn_attr(node, name));
  if (!list || i >= list->type_count) return FIRN_INVALID;
  return firn_dtype_valid(list->type[i]) ? (firn_dtype)list->type[i]
                                         : FIRN_INVALID;
}

size_t firn_attr_type_count(const firn_node *node, const char *name) {
  const firn_pb_AttrValue_ListValue *list = list_of(firn_attr(node, name));
  return list ? list->type_count : 0;
}

/* ---- With another value for want of one --------------------------------- */

static const firn_pb_AttrValue *look(const firn_node *node, const char *name,
                                     int kind) {
  const firn_pb_AttrValue *value = firn_attr(node, name);
  return value && value->value_case == kind ? value : NULL;
}

int64_t firn_attr_int_or(const firn_node *node, const char *name,
                         int64_t other) {
  const firn_pb_AttrValue *value = look(node, name, FIRN_ATTR_INT);
  return value ? value->i : other;
}

bool firn_attr_bool_or(const firn_node *node, const char *name, bool other) {
  const firn_pb_AttrValue *value = look(node, name, FIRN_ATTR_BOOL);
  return value ? value->b : other;
}

float firn_attr_float_or(const firn_node *node, const char *name, float other) {
  const firn_pb_AttrValue *value = look(node, name, FIRN_ATTR_FLOAT);
  return value ? value->f : other;
}

firn_str firn_attr_str_or(const firn_node *node, const char *name,
                          const char *other) {
  const firn_pb_AttrValue *value = look(node, name, FIRN_ATTR_STRING);
  return value ? value->s : firn_str_of(other);
}

firn_dtype firn_attr_type_or(const firn_node *node, const char *name,
                             firn_dtype other) {
  const firn_pb_AttrValue *value = look(node, name, FIRN_ATTR_TYPE);
  return value && firn_dtype_valid(value->type) ? (firn_dtype)value->type
                                                : other;
}
