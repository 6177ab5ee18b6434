/* build/grad_sparse.c: gradients of sparse tensors, of which only the values
 * have one: indices and shapes change in steps. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

RULE(reorder) { /* where each value went, from numbers that went along */
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output numbers =
      g_op3(g, "Range", zero, g_size(g, g_in(g, 1)), one);
  const firn_output order = firn_output_next(
      g_op3(g, "SparseReorder", g_in(g, 0), numbers, g_in(g, 2)), 1);
  g->dx[1] = g_op3(g, "GatherV2", g_dy(g, 1),
                   g_op1(g, "InvertPermutation", order), zero);
}

RULE(add) {
  const firn_output in[] = {g_dy(g, 1), g_in(g, 0), g_in(g, 3), g_out(g, 0)};
  const firn_output both =
      g_like(g, "SparseAddGrad", (const char *const[]){NULL}, in, 4);
  g->dx[1] = both;
  g->dx[4] = firn_output_next(both, 1);
}

RULE(add_dense) {
  g->dx[1] = g_op2(g, "GatherNd", g->dy[0], g_in(g, 0));
  g->dx[3] = g->dy[0];
}

RULE(slice) {
  const firn_output in[] = {g_dy(g, 1), g_in(g, 0), g_in(g, 3), g_out(g, 0)};
  g->dx[1] = g_like(g, "SparseSliceGrad", (const char *const[]){NULL}, in, 4);
}

RULE(fill_empty_rows) {
  const firn_output both =
      g_op2(g, "SparseFillEmptyRowsGrad", g_out(g, 3), g_dy(g, 1));
  g->dx[1] = both;
  g->dx[3] = firn_output_next(both, 1);
}

static firn_output sum_of_all(firn_grad *g, firn_output x) {
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  return g_op2(g, "Sum", x, g_op3(g, "Range", zero, g_rank(g, x), one));
}

RULE(to_dense) { /* what is not from a value is the default */
  const firn_output values = g_op2(g, "GatherNd", g->dy[0], g_in(g, 0));
  g->dx[2] = values;
  g->dx[3] = g_op2(g, "Sub", sum_of_all(g, g->dy[0]), sum_of_all(g, values));
}

RULE(reduce_sum) { /* each value finds its sum under the kept shape */
  const firn_output shape = g_in(g, 2), ids = g_in(g, 0);
  const firn_output rank = g_size(g, shape);
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output axes = g_axes(g, g_in(g, 3), rank);
  const firn_output places[] = {g_op3(g, "Range", zero, rank, one), axes};
  const firn_output extents[] = {g_cast(g, shape, FIRN_INT32),
                                 g_op2(g, "Fill", g_shape(g, axes), one)};
  firn_op_begin(g->b, "DynamicStitch", NULL);
  firn_op_inputs(g->b, places, 2);
  firn_op_inputs(g->b, extents, 2);
  const firn_output kept = firn_op_end(g->b);
  const firn_output scale =
      g_op2(g, "FloorDiv", shape, g_cast(g, kept, FIRN_INT64));
  g->dx[1] = g_op2(g, "GatherNd", g_op2(g, "Reshape", g->dy[0], kept),
                   g_op2(g, "FloorDiv", ids, scale));
}

RULE(softmax) { /* (dy - the row's sum of dy y) y */
  static const int32_t last[] = {-1};
  const firn_output ids = g_in(g, 0), shape = g_in(g, 2), y = g_out(g, 0);
  const firn_output axis = firn_const_ints(g->b, NULL, last, 1);
  firn_op_begin(g->b, "SparseReduceSum", NULL);
  firn_op_input(g->b, ids);
  firn_op_input(g->b, g_mul(g, g->dy[0], y));
  firn_op_input(g->b, shape);
  firn_op_input(g->b, axis);
  firn_op_attr_bool(g->b, "keep_dims", true);
  const firn_output sums = g_neg(g, firn_op_end(g->b));
  firn_op_begin(g->b, "SparseDenseCwiseAdd", NULL);
  firn_op_input(g->b, ids);
  firn_op_input(g->b, g->dy[0]);
  firn_op_input(g->b, shape);
  firn_op_input(g->b, sums);
  g->dx[1] = g_mul(g, firn_op_end(g->b), y);
}

/* Indices of y's elements that x's values meet: y is broadcast, and may lack
 * the first dimensions. */
static firn_output met(firn_grad *g) {
  const firn_output shape = g_in(g, 2);
  const firn_output own = g_cast(g, g_shape(g, g_in(g, 3)), FIRN_INT64);
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output more = g_op2(
      g, "ExpandDims", g_op2(g, "Sub", g_size(g, shape), g_size(g, own)), zero);
  const firn_output ones =
      g_op2(g, "Fill", more, firn_const_int64(g->b, NULL, 1));
  const firn_output scaled =
      g_op2(g, "FloorDiv", g_in(g, 0),
            g_op2(g, "FloorDiv", shape, g_concat(g, ones, own)));
  static const int32_t first[] = {0}, all[] = {-1, -1};
  const firn_output begin =
      g_concat(g, firn_const_ints(g->b, NULL, first, 1), more);
  return g_op3(g, "Slice", scaled, begin, firn_const_ints(g->b, NULL, all, 2));
}

static void with_dense(firn_grad *g, bool product) {
  const firn_output ids = met(g), x = g_in(g, 1), dy = g->dy[0];
  const firn_output y = g_op2(g, "GatherNd", g_in(g, 3), ids);
  const firn_output shape = g_cast(g, g_shape(g, g_in(g, 3)), FIRN_INT64);
  const firn_output by_y =
      product ? x : g_neg(g, g_op2(g, "RealDiv", x, g_op1(g, "Square", y)));
  g->dx[1] = g_op2(g, product ? "Mul" : "RealDiv", dy, y);
  g->dx[3] = g_op3(g, "ScatterNd", ids, g_mul(g, dy, by_y), shape);
}
RULE(times_dense) { with_dense(g, true); }
RULE(over_dense) { with_dense(g, false); }

const firn_grad_rule firn_grad_sparse[] = {
    {"SparseReorder", reorder},
    {"SparseAdd", add},
    {"SparseTensorDenseAdd", add_dense},
    {"SparseSlice", slice},
    {"SparseFillEmptyRows", fill_empty_rows},
    {"SparseToDense", to_dense},
    {"SparseReduceSum", reduce_sum},
    {"SparseSoftmax", softmax},
    {"SparseDenseCwiseMul", times_dense},
    {"SparseDenseCwiseDiv", over_dense},
    {NULL, NULL},
};
