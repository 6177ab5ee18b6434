/* fuzz/wrong_node.h: nodes with attrs that are wrong, or nearly right, and the
 * handles that they are fed.
 */
#ifndef FIRN_FUZZ_WRONG_NODE_H
#define FIRN_FUZZ_WRONG_NODE_H

#include "fuzz/wrong_values.h"

/* ---- One value -----------------------------------------------------------
 */

OP_UNUSED int32_t wrong_type(const firn_pb_OpDef_AttrDef *def) {
  static const int32_t usual[] = {FIRN_FLOAT,  FIRN_FLOAT,    FIRN_FLOAT,
                                  FIRN_INT32,  FIRN_INT64,    FIRN_DOUBLE,
                                  FIRN_STRING, FIRN_BOOL,     FIRN_UINT8,
                                  FIRN_HALF,   FIRN_COMPLEX64};
  const firn_pb_AttrValue *allowed = def->allowed_values;
  if (wrong_chance(2)) return (int32_t)wrong_below(40);
  if (!allowed || !allowed->list || !allowed->list->type_count)
    return wrong_chance(85) ? usual[wrong_below(FIRN_COUNT(usual))]
                            : 1 + (int32_t)wrong_below(23);
  for (int i = 0; i < 3; i++) {
    const int32_t type = usual[wrong_below(FIRN_COUNT(usual))];
    for (size_t k = 0; k < allowed->list->type_count; k++)
      if (allowed->list->type[k] == type) return type;
  }
  return allowed->list->type[wrong_below(allowed->list->type_count)];
}

OP_UNUSED firn_str wrong_attr_text(op_rig *rig,
                                   const firn_pb_OpDef_AttrDef *def) {
  const firn_pb_AttrValue *allowed = def->allowed_values;
  if (allowed && allowed->list && allowed->list->s_count && wrong_chance(97))
    return allowed->list->s[wrong_below(allowed->list->s_count)];
  char text[200];
  const size_t n = wrong_text(text, sizeof text, true);
  return firn_arena_str(&rig->arena, (firn_str){text, n});
}

OP_UNUSED firn_pb_TensorShapeProto *wrong_shape_proto(op_rig *rig) {
  firn_pb_TensorShapeProto *proto = NULL;
  firn_shape shape = wrong_any_shape();
  if (wrong_chance(20)) shape = firn_shape_unknown();
  if (shape.rank > 0 && wrong_chance(30))
    shape.dims[wrong_below((size_t)shape.rank)] = FIRN_UNKNOWN_DIM;
  if (shape.rank > 0 && wrong_chance(5))
    shape.dims[wrong_below((size_t)shape.rank)] = INT64_MAX;
  CHECK_OK(firn_shape_to_proto(&shape, &rig->arena, &proto, &rig->err),
           &rig->err);
  return proto;
}

OP_UNUSED firn_pb_TensorProto *wrong_tensor_proto(op_rig *rig,
                                                  const wrong_style *style) {
  static const firn_dtype types[] = {FIRN_FLOAT, FIRN_INT32, FIRN_INT64,
                                     FIRN_STRING, FIRN_DOUBLE};
  const firn_shape shape = wrong_shape(style);
  const firn_env env = op_arena_env(rig); /* the message borrows the bytes */
  firn_pb_TensorProto *proto = NULL;
  firn_tensor *t =
      wrong_tensor(types[wrong_below(FIRN_COUNT(types))], &shape, style, &env);
  CHECK_OK(firn_tensor_to_proto(t, &rig->arena, &proto, &rig->err), &rig->err);
  for (size_t i = 0; i < proto->string_val_count; i++)
    proto->string_val[i] = firn_arena_str(&rig->arena, proto->string_val[i]);
  firn_tensor_release(t);
  return proto;
}

OP_UNUSED int64_t wrong_attr_int(const firn_pb_OpDef_AttrDef *def) {
  if (wrong_chance(8)) return wrong_odd_int();
  const int64_t low = def->has_minimum ? def->minimum : 0;
  return low + (int64_t)wrong_below(4);
}

/* The value of an attr, or another element of its list. */
OP_UNUSED void wrong_put(op_rig *rig, const firn_pb_OpDef_AttrDef *def,
                         firn_str kind, const wrong_style *style,
                         firn_pb_AttrValue *v,
                         firn_pb_AttrValue_ListValue *list) {
#define PUT(NAME, CASE, FIELD, VALUE)             \
  if (firn_str_is(kind, NAME)) {                  \
    if (list) {                                   \
      list->FIELD[list->FIELD##_count++] = VALUE; \
    } else {                                      \
      v->FIELD = VALUE, v->value_case = CASE;     \
    }                                             \
    return;                                       \
  }
  PUT("type", FIRN_ATTR_TYPE, type, wrong_type(def))
  PUT("int", FIRN_ATTR_INT, i, wrong_attr_int(def))
  PUT("float", FIRN_ATTR_FLOAT, f, (float)wrong_float(style->floats))
  PUT("bool", FIRN_ATTR_BOOL, b, wrong_chance(50))
  PUT("string", FIRN_ATTR_STRING, s, wrong_attr_text(rig, def))
  PUT("shape", FIRN_ATTR_SHAPE, shape, wrong_shape_proto(rig))
  PUT("tensor", FIRN_ATTR_TENSOR, tensor, wrong_tensor_proto(rig, style))
#undef PUT
}

enum { WRONG_LIST = 24 };

OP_UNUSED firn_pb_AttrValue_ListValue *wrong_new_list(op_rig *rig) {
  firn_arena *a = &rig->arena;
  firn_pb_AttrValue_ListValue *l = firn_arena_zeroed(a, sizeof *l);
  l->s = firn_arena_array(a, WRONG_LIST, sizeof *l->s);
  l->i = firn_arena_array(a, WRONG_LIST, sizeof *l->i);
  l->f = firn_arena_array(a, WRONG_LIST, sizeof *l->f);
  l->b = firn_arena_array(a, WRONG_LIST, sizeof *l->b);
  l->type = firn_arena_array(a, WRONG_LIST, sizeof *l->type);
  l->shape = firn_arena_array(a, WRONG_LIST, sizeof *l->shape);
  l->tensor = firn_arena_array(a, WRONG_LIST, sizeof *l->tensor);
  l->func = firn_arena_array(a, WRONG_LIST, sizeof *l->func);
  return l;
}

OP_UNUSED firn_pb_AttrValue *wrong_attr(op_rig *rig,
                                        const firn_pb_OpDef_AttrDef *def,
                                        const wrong_style *style) {
  firn_pb_AttrValue *v = firn_arena_zeroed(&rig->arena, sizeof *v);
  if (def->type.size < 6 || memcmp(def->type.data, "list(", 5)) {
    wrong_put(rig, def, def->type, style, v, NULL);
    return v;
  }
  const firn_str kind = {def->type.data + 5, def->type.size - 6};
  v->value_case = FIRN_ATTR_LIST;
  v->list = wrong_new_list(rig);
  size_t n = wrong_below(4);
  if (firn_str_is(kind, "int") && wrong_chance(60)) n = 4;
  if (def->has_minimum && n < (size_t)def->minimum && wrong_chance(90))
    n = (size_t)def->minimum;
  while (n--) wrong_put(rig, def, kind, style, NULL, v->list);
  if (firn_str_is(kind, "int") && v->list->i_count == 4 && wrong_chance(60))
    v->list->i[0] = v->list->i[3] = 1;
  return v;
}

/* ---- One changed value ---------------------------------------------------
 */

OP_UNUSED void wrong_change_list(op_rig *rig, const firn_pb_OpDef_AttrDef *def,
                                 const wrong_style *style,
                                 firn_pb_AttrValue *v) {
  const firn_str kind = {def->type.data + 5, def->type.size - 6};
  const firn_pb_AttrValue_ListValue *old = v->list;
  firn_pb_AttrValue_ListValue *l = v->list = wrong_new_list(rig);
#define COPY(FIELD)                                                     \
  l->FIELD##_count = firn_min_size(old->FIELD##_count, WRONG_LIST - 1); \
  if (l->FIELD##_count)                                                 \
    memcpy(l->FIELD, old->FIELD, l->FIELD##_count * sizeof *l->FIELD);  \
  if (l->FIELD##_count && wrong_chance(20)) l->FIELD##_count--;
  if (old) {
    COPY(s) COPY(i) COPY(f) COPY(b) COPY(type) COPY(shape) COPY(tensor)
  }
#undef COPY
  if (l->i_count && wrong_chance(70)) {
    const size_t at = wrong_below(l->i_count);
    l->i[at] = wrong_chance(50) ? wrong_odd_int() : (int64_t)wrong_below(6) - 1;
  } else if (l->f_count && wrong_chance(70)) {
    l->f[wrong_below(l->f_count)] = (float)wrong_odd_float();
  } else if (l->type_count && wrong_chance(70)) {
    l->type[wrong_below(l->type_count)] = wrong_type(def);
  } else if (wrong_chance(60)) {
    wrong_put(rig, def, kind, style, NULL, l);
  }
}

OP_UNUSED firn_pb_AttrValue *wrong_change_attr(op_rig *rig,
                                               const firn_pb_OpDef_AttrDef *def,
                                               const wrong_style *style,
                                               const firn_pb_AttrValue *old) {
  if (!old || wrong_chance(40)) return wrong_attr(rig, def, style);
  firn_pb_AttrValue *v = firn_arena_zeroed(&rig->arena, sizeof *v);
  *v = *old;
  switch (v->value_case) {
    case FIRN_ATTR_INT:
      v->i = wrong_chance(50) ? wrong_odd_int()
                              : (int64_t)((uint64_t)v->i + wrong_below(3) - 1);
      break;
    case FIRN_ATTR_FLOAT: v->f = (float)wrong_odd_float(); break;
    case FIRN_ATTR_BOOL: v->b = !v->b; break;
    case FIRN_ATTR_LIST: wrong_change_list(rig, def, style, v); break;
    default: return wrong_attr(rig, def, style);
  }
  return v;
}

/* Changes or adds one attr of a node. */
OP_UNUSED void wrong_change_node(op_rig *rig, firn_pb_NodeDef *node,
                                 const firn_pb_OpDef *def,
                                 const wrong_style *style) {
  if (!def->attr_count) return;
  const firn_pb_OpDef_AttrDef *attr = def->attr[wrong_below(def->attr_count)];
  for (size_t i = 0; i < node->attr_count; i++)
    if (firn_str_eq(node->attr[i]->key, attr->name)) {
      node->attr[i]->value =
          wrong_change_attr(rig, attr, style, node->attr[i]->value);
      return;
    }
  firn_pb_NodeDef_AttrEntry **more = firn_arena_array(
      &rig->arena, node->attr_count + 1, sizeof(firn_pb_NodeDef_AttrEntry *));
  if (node->attr_count)
    memcpy(more, node->attr, node->attr_count * sizeof *more);
  node->attr = more;
  op_add_attr(rig, node, attr->name,
              wrong_change_attr(rig, attr, style, attr->default_value));
}

/* A node of that op whose attrs are drawn, without inputs. */
OP_UNUSED firn_pb_NodeDef *wrong_new_node(op_rig *rig, const firn_pb_OpDef *def,
                                          const wrong_style *style) {
  firn_pb_NodeDef *node = op_new_node(rig, "x");
  node->op = def->name;
  node->attr = firn_arena_array(&rig->arena, def->attr_count + 1,
                                sizeof(firn_pb_NodeDef_AttrEntry *));
  for (size_t i = 0; i < def->attr_count; i++) {
    const firn_pb_OpDef_AttrDef *attr = def->attr[i];
    if (attr->default_value && wrong_chance(60)) continue;
    firn_pb_AttrValue *value = wrong_attr(rig, attr, style);
    if (value->value_case) op_add_attr(rig, node, attr->name, value);
  }
  return node;
}

/* ---- Handles --------------------------------------------------------------
 */

typedef struct wrong_source {
  int type; /* of output 0, or 100 for any reference */
  const char *op;
  const char *in[4];
} wrong_source;

/* What gives a handle; %s stands for a type. */
static const wrong_source wrong_sources[] = {
    {FIRN_RESOURCE, "VarHandleOp dtype=%s shape=<?...>", {0}},
    {FIRN_RESOURCE, "HashTableV2 key_dtype=string value_dtype=%s", {0}},
    {FIRN_RESOURCE, "MutableHashTableV2 key_dtype=int64 value_dtype=%s", {0}},
    {FIRN_RESOURCE,
     "MutableHashTableOfTensorsV2 key_dtype=string value_dtype=%s",
     {0}},
    {FIRN_RESOURCE,
     "MutableDenseHashTableV2 key_dtype=int64 value_dtype=%s",
     {"int64 0", "int64 -1"}},
    {FIRN_RESOURCE, "TensorArrayV3 dtype=%s", {"int32 3"}},
    {FIRN_RESOURCE,
     "TensorArrayV3 dtype=%s dynamic_size=true clear_after_read=false",
     {"int32 0"}},
    {FIRN_RESOURCE, "StackV2 elem_type=%s", {"int32 2"}},
    {FIRN_RESOURCE, "FIFOQueueV2 component_types=[%s]", {0}},
    {FIRN_RESOURCE, "RandomShuffleQueueV2 component_types=[%s]", {0}},
    {FIRN_RESOURCE, "PriorityQueueV2 component_types=[%s] shapes=[<>]", {0}},
    {FIRN_VARIANT,
     "EmptyTensorList element_dtype=%s shape_type=int32",
     {"int32 -1", "int32 5"}},
    {FIRN_VARIANT,
     "TensorListReserve element_dtype=%s shape_type=int32",
     {"int32[1] 2", "int32 3"}},
    {FIRN_VARIANT, "EmptyTensorMap", {0}},
    {FIRN_VARIANT, "OptionalNone", {0}},
    {FIRN_VARIANT, "OptionalFromValue Toutput_types=[float]", {"float 1"}},
    {100, "VariableV2 dtype=%s shape=<?...>", {0}},
    {100, "HashTable key_dtype=string value_dtype=%s", {0}},
    {100, "Stack elem_type=%s", {0}},
    {100, "FIFOQueue component_types=[%s]", {0}},
};

OP_UNUSED const wrong_source *wrong_any_source(int type) {
  for (;;) {
    const wrong_source *s =
        &wrong_sources[wrong_below(FIRN_COUNT(wrong_sources))];
    if (s->type == (type > FIRN_REF_OFFSET ? 100 : type)) return s;
  }
}

/* A type attr of the node, so that the handle fits now and then. */
OP_UNUSED const char *wrong_type_of(const firn_pb_NodeDef *node) {
  const char *name = "float";
  for (size_t i = 0; i < node->attr_count; i++) {
    const firn_pb_AttrValue *v = node->attr[i]->value;
    if (v && v->value_case == FIRN_ATTR_TYPE && firn_dtype_valid(v->type) &&
        v->type < FIRN_RESOURCE && wrong_chance(60))
      name = firn_dtype_name((firn_dtype)v->type);
  }
  return name;
}

#endif
