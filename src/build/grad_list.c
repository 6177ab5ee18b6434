/* build/grad_list.c: gradients of tensor lists, of optionals, which are like
 * lists of one, and of ragged tensors in variants. The derivative of a list is
 * a list of the derivatives of its elements; one that is not set is zero. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

/* ---- Lists to keep things in --------------------------------------------- */

firn_output firn_grad_list_new(firn_builder *b, firn_dtype type) {
  const firn_output any = firn_const_int32(b, NULL, -1);
  firn_op_begin(b, "EmptyTensorList", NULL);
  firn_op_input(b, any);
  firn_op_input(b, any);
  firn_op_attr_type(b, "element_dtype", type);
  return firn_op_end(b);
}

firn_output firn_grad_list_push(firn_builder *b, firn_output list,
                                firn_output item) {
  firn_op_begin(b, "TensorListPushBack", NULL);
  firn_op_input(b, list);
  firn_op_input(b, item);
  return firn_op_end(b);
}

firn_output firn_grad_list_pop(firn_builder *b, firn_output list,
                               firn_dtype type) {
  const firn_output any = firn_const_int32(b, NULL, -1);
  firn_op_begin(b, "TensorListPopBack", NULL);
  firn_op_input(b, list);
  firn_op_input(b, any);
  firn_op_attr_type(b, "element_dtype", type);
  return firn_op_end(b);
}

/* ---- Words --------------------------------------------------------------- */

static void attr_element(firn_grad *g, firn_dtype type) {
  firn_op_attr_type(g->b, "element_dtype", type);
}

static firn_output length_of(firn_grad *g, firn_output list) {
  return g_op1(g, "TensorListLength", list);
}

static firn_output element_shape(firn_grad *g, firn_output list) {
  firn_op_begin(g->b, "TensorListElementShape", NULL);
  firn_op_input(g->b, list);
  firn_op_attr_type(g->b, "shape_type", FIRN_INT32);
  return firn_op_end(g->b);
}

/* As many elements as `like` has, none of them set. */
static firn_output unset_like(firn_grad *g, firn_output like, firn_dtype type) {
  const firn_output shape = element_shape(g, like);
  const firn_output length = length_of(g, like);
  firn_op_begin(g->b, "TensorListReserve", NULL);
  firn_op_input(g->b, shape);
  firn_op_input(g->b, length);
  attr_element(g, type);
  return firn_op_end(g->b);
}

/* One that takes a list apart: two more inputs, and the type of what it gives.
 */
static firn_output read(firn_grad *g, const char *op, firn_output list,
                        firn_output which, firn_output shape, firn_dtype type) {
  firn_op_begin(g->b, op, NULL);
  firn_op_input(g->b, list);
  if (g_has(which)) firn_op_input(g->b, which);
  firn_op_input(g->b, shape);
  attr_element(g, type);
  return firn_op_end(g->b);
}

/* The shape of what lies behind the first dimension of x. */
static firn_output row_shape(firn_grad *g, firn_output x) {
  static const int32_t first[] = {1}, all[] = {-1};
  const firn_output shape = g_shape(g, x);
  const firn_output begin = firn_const_ints(g->b, NULL, first, 1);
  return g_op3(g, "Slice", shape, begin, firn_const_ints(g->b, NULL, all, 1));
}

/* ---- One element --------------------------------------------------------- */

RULE(push_back) {
  const firn_output x = g_in(g, 1);
  const firn_output list = read(g, "TensorListPopBack", g->dy[0],
                                FIRN_NO_OUTPUT, g_shape(g, x), g_type(g, x));
  g->dx[0] = list;
  g->dx[1] = firn_output_next(list, 1);
}

RULE(pop_back) {
  firn_output list = g->dy[0];
  if (!g_has(list)) list = g_op1(g, "ZerosLike", g_out(g, 0));
  g->dx[0] = g_op2(g, "TensorListPushBack", list, g_dy(g, 1));
}

RULE(get_item) {
  const firn_output none = unset_like(g, g_in(g, 0), g_type(g, g->dy[0]));
  g->dx[0] = g_op3(g, "TensorListSetItem", none, g_in(g, 1), g->dy[0]);
}

RULE(set_item) {
  const firn_output which = g_in(g, 1), x = g_in(g, 2);
  g->dx[0] =
      g_op3(g, "TensorListSetItem", g->dy[0], which, g_op1(g, "ZerosLike", x));
  g->dx[2] = read(g, "TensorListGetItem", g->dy[0], which, g_shape(g, x),
                  g_type(g, x));
}

/* ---- All at once --------------------------------------------------------- */

RULE(stack) {
  g->dx[0] = g_op2(g, "TensorListFromTensor", g->dy[0], row_shape(g, g->dy[0]));
}

RULE(from_tensor) {
  const firn_output x = g_in(g, 0);
  g->dx[0] = read(g, "TensorListStack", g->dy[0], FIRN_NO_OUTPUT,
                  row_shape(g, x), g_type(g, x));
}

RULE(concat) {
  g->dx[0] = g_op3(g, "TensorListSplit", g->dy[0], element_shape(g, g_in(g, 0)),
                   g_out(g, 1));
}

RULE(split) {
  static const int32_t any[] = {-1};
  const firn_output x = g_in(g, 0);
  const firn_output shape =
      g_concat(g, firn_const_ints(g->b, NULL, any, 1), row_shape(g, x));
  g->dx[0] =
      read(g, "TensorListConcatV2", g->dy[0], shape, g_in(g, 2), g_type(g, x));
}

RULE(resize) {
  g->dx[0] = g_op2(g, "TensorListResize", g->dy[0], length_of(g, g_in(g, 0)));
}

/* ---- Several elements ---------------------------------------------------- */

static firn_output scatter_into(firn_grad *g, firn_output list, firn_output x,
                                firn_output ids) {
  return g_op3(g, "TensorListScatterIntoExistingList", list, x, ids);
}

RULE(gather) {
  const firn_output none = unset_like(g, g_in(g, 0), g_type(g, g->dy[0]));
  g->dx[0] = scatter_into(g, none, g->dy[0], g_in(g, 1));
}

static firn_output gather_like(firn_grad *g, firn_output x, firn_output ids) {
  return read(g, "TensorListGather", g->dy[0], ids, row_shape(g, x),
              g_type(g, x));
}
RULE(scatter) { g->dx[0] = gather_like(g, g_in(g, 0), g_in(g, 1)); }

RULE(scatter_into_existing) {
  const firn_output x = g_in(g, 1), ids = g_in(g, 2);
  g->dx[0] = scatter_into(g, g->dy[0], g_op1(g, "ZerosLike", x), ids);
  g->dx[1] = gather_like(g, x, ids);
}

/* ---- Optionals ----------------------------------------------------------- */

RULE(from_value) { /* the derivatives of what is wrapped, wrapped */
  const uint32_t n = g->node->input_count;
  firn_pb_AttrValue_ListValue *list = firn_builder_alloc(g->b, 1, sizeof *list);
  firn_pb_AttrValue *shapes = firn_builder_alloc(g->b, 1, sizeof *shapes);
  if (!list || !shapes) return;
  list->shape = firn_builder_alloc(g->b, n + 1, sizeof(*list->shape));
  for (; list->shape && list->shape_count < n; list->shape_count++) {
    firn_pb_TensorShapeProto *any = firn_builder_alloc(g->b, 1, sizeof *any);
    if (!any) return;
    any->unknown_rank = true;
    list->shape[list->shape_count] = any;
  }
  *shapes = (firn_pb_AttrValue){.value_case = FIRN_ATTR_LIST, .list = list};
  firn_op_begin(g->b, "OptionalGetValue", NULL);
  firn_op_input(g->b, g->dy[0]);
  const firn_pb_AttrValue *types = firn_attr(g->node, "Toutput_types");
  if (types) firn_op_attr_value(g->b, FIRN_STR("output_types"), types);
  firn_op_attr_value(g->b, FIRN_STR("output_shapes"), shapes);
  const firn_output first = firn_op_end(g->b);
  for (uint32_t i = 0; i < n; i++) g->dx[i] = firn_output_next(first, i);
}

RULE(get_value) {
  const uint32_t n = g->node->output_count;
  firn_output *dy = firn_builder_alloc(g->b, n + 1, sizeof *dy);
  if (!dy) return;
  for (uint32_t k = 0; k < n; k++) dy[k] = g_dy(g, k);
  firn_op_begin(g->b, "OptionalFromValue", NULL);
  firn_op_inputs(g->b, dy, n);
  g->dx[0] = firn_op_end(g->b);
}

/* ---- Ragged tensors in variants ------------------------------------------ */

RULE(ragged_to_variant) {
  const uint32_t axes = g->node->input_count - 1;
  const firn_output values = g_in(g, axes);
  const firn_output splits =
      axes ? g_in(g, 0) : firn_const_int64(g->b, NULL, 0);
  const firn_output shape = g_shape(g, values);
  firn_op_begin(g->b, "RaggedTensorToVariantGradient", NULL);
  firn_op_input(g->b, g->dy[0]);
  firn_op_input(g->b, splits);
  firn_op_input(g->b, shape);
  firn_op_attr_type(g->b, "Tvalues", g_type(g, values));
  g->dx[axes] = firn_op_end(g->b);
}

/* The derivatives of the values, under the same splits. Of variants in a
 * matrix there is none, as their ranks do not come back. */
RULE(ragged_from_variant) {
  const uint32_t axes = g->node->output_count - 1;
  const firn_shape in = firn_output_shape(g->b, g_in(g, 0));
  firn_output *splits = firn_builder_alloc(g->b, axes + 1, sizeof *splits);
  if (!splits) return;
  if (in.rank > 1) {
    firn_builder_fail(g->b, FIRN_UNIMPLEMENTED,
                      "gradients: node '%.*s' takes variants of %d axes",
                      FIRN_ARG(g->node->def->name), in.rank);
    return;
  }
  for (uint32_t k = 0; k < axes; k++) splits[k] = g_out(g, k);
  const firn_output values = g_dy(g, axes);
  firn_op_begin(g->b, "RaggedTensorToVariant", NULL);
  firn_op_inputs(g->b, splits, axes);
  firn_op_input(g->b, values);
  firn_op_attr_bool(g->b, "batched_input", in.rank < 0 ? axes > 0 : in.rank);
  g->dx[0] = firn_op_end(g->b);
}

const firn_grad_rule firn_grad_list[] = {
    {"OptionalNone", NULL},
    {"OptionalHasValue", NULL},
    {"OptionalFromValue", from_value},
    {"OptionalGetValue", get_value},
    {"EmptyTensorList", NULL},
    {"TensorListReserve", NULL},
    {"TensorListLength", NULL},
    {"TensorListElementShape", NULL},
    {"TensorListPushBack", push_back},
    {"TensorListPopBack", pop_back},
    {"TensorListGetItem", get_item},
    {"TensorListSetItem", set_item},
    {"TensorListStack", stack},
    {"TensorListFromTensor", from_tensor},
    {"TensorListConcat", concat},
    {"TensorListConcatV2", concat},
    {"TensorListSplit", split},
    {"TensorListResize", resize},
    {"TensorListGather", gather},
    {"TensorListScatter", scatter},
    {"TensorListScatterV2", scatter},
    {"TensorListScatterIntoExistingList", scatter_into_existing},
    {"RaggedTensorToVariant", ragged_to_variant},
    {"RaggedTensorFromVariant", ragged_from_variant},
    {NULL, NULL},
};
