/* build/grad_gather.c: gradients of ops that take numbers by index, or put them
 * there. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

/* Zeros of the shape of x, with dy added where rows were taken from. */
static firn_output scatter_rows(firn_grad *g, firn_output dy, firn_output ids,
                                firn_output shape) {
  static const int32_t flat[] = {-1};
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output minus_one = firn_const_ints(g->b, NULL, flat, 1);
  const firn_output rank = g_size(g, shape);
  const firn_output first = g_op3(g, "GatherV2", shape, zero, zero);
  const firn_output tail =
      g_op3(g, "GatherV2", shape, g_op3(g, "Range", one, rank, one), zero);
  const firn_output list = g_op2(g, "Reshape", ids, minus_one);
  const firn_output rows =
      g_op2(g, "Reshape", dy,
            g_concat(g, g_op2(g, "ExpandDims", g_size(g, list), zero), tail));
  return g_op2(g, "Reshape", g_op3(g, "UnsortedSegmentSum", rows, list, first),
               shape);
}

RULE(gather) {
  g->dx[0] = scatter_rows(g, g->dy[0], g_in(g, 1), g_shape(g, g_in(g, 0)));
}

/* A range of int32. */
static firn_output range(firn_grad *g, firn_output from, firn_output to) {
  return g_op3(g, "Range", from, to, firn_const_int32(g->b, NULL, 1));
}

/* What was gathered along an axis of something of that shape, and how many
 * dimensions before it count batches. */
typedef struct gathered {
  firn_output shape, ids, axis;
  firn_output batch; /* a scalar; none: no batches */
} gathered;

/* Indices of batch k moved by k times the extent of the axis. */
static firn_output tell_apart(firn_grad *g, const gathered *at,
                              firn_output extent, firn_output batches) {
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output shape = g_shape(g, at->ids);
  const firn_output own =
      g_op3(g, "GatherV2", shape, range(g, at->batch, g_size(g, shape)), zero);
  const firn_output sides[] = {batches, g_op2(g, "Prod", own, zero)};
  firn_op_begin(g->b, "Pack", NULL);
  firn_op_inputs(g->b, sides, 2);
  const firn_output rows = g_op2(g, "Reshape", at->ids, firn_op_end(g->b));
  const firn_output starts = g_mul(g, range(g, zero, batches), extent);
  return g_op2(
      g, "AddV2", rows,
      g_cast(g, g_op2(g, "ExpandDims", starts, one), g_type(g, at->ids)));
}

/* The axis is brought to the front, behind the batches, and back. With batches
 * their indices are told apart first, and batches and axis taken as one. */
static firn_output scatter_back(firn_grad *g, const gathered *at) {
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output batch = g_has(at->batch) ? at->batch : zero;
  const firn_output heads = range(g, zero, batch);
  const firn_output middle = range(g, batch, at->axis);
  const firn_output behind =
      g_op2(g, "AddV2", at->axis, g_op2(g, "Sub", g_rank(g, at->ids), batch));
  /* dy: [batch..., before..., ids..., after...] → ids... before before... */
  const firn_output dy_order = g_concat(
      g, g_concat(g, g_concat(g, heads, range(g, at->axis, behind)), middle),
      range(g, behind, g_rank(g, g->dy[0])));
  const firn_output x_order = g_concat(
      g,
      g_concat(g, g_concat(g, heads, g_op2(g, "ExpandDims", at->axis, zero)),
               middle),
      range(g, g_op2(g, "AddV2", at->axis, one), g_size(g, at->shape)));
  const firn_output front = g_op2(g, "Transpose", g->dy[0], dy_order);
  const firn_output shape = g_op3(g, "GatherV2", at->shape, x_order, zero);
  firn_output ids = at->ids, flat = shape;
  if (g_has(at->batch)) {
    const firn_output extent = g_op3(g, "GatherV2", at->shape, at->axis, zero);
    const firn_output batches =
        g_op2(g, "Prod", g_op3(g, "GatherV2", at->shape, heads, zero), zero);
    ids = tell_apart(g, at, extent, batches);
    flat = g_concat(
        g, g_op2(g, "ExpandDims", g_mul(g, batches, extent), zero),
        g_op3(g, "GatherV2", shape,
              range(g, g_op2(g, "AddV2", batch, one), g_size(g, shape)), zero));
  }
  const firn_output sum =
      g_op2(g, "Reshape", scatter_rows(g, front, ids, flat), shape);
  return g_op2(g, "Transpose", sum, g_op1(g, "InvertPermutation", x_order));
}

/* The attr batch_dims, which counts from the end of the ids when negative. */
static firn_output batches_of(firn_grad *g) {
  const int64_t batch = firn_attr_int_or(g->node, "batch_dims", 0);
  if (batch == 0) return FIRN_NO_OUTPUT;
  const firn_output n = firn_const_int32(g->b, NULL, (int32_t)batch);
  return batch > 0 ? n : g_op2(g, "AddV2", g_rank(g, g_in(g, 1)), n);
}

RULE(gather_v2) {
  gathered at = {.shape = g_shape(g, g_in(g, 0)), .ids = g_in(g, 1)};
  const firn_output rank = g_size(g, at.shape);
  at.batch = batches_of(g);
  at.axis =
      g_op2(g, "FloorMod",
            g_op2(g, "AddV2", g_cast(g, g_in(g, 2), FIRN_INT32), rank), rank);
  g->dx[0] = scatter_back(g, &at);
}

RULE(resource_gather) {
  firn_op_begin(g->b, "VariableShape", NULL);
  firn_op_input(g->b, g_in(g, 0));
  const firn_output shape = firn_op_end(g->b), batch = batches_of(g);
  const gathered at = {shape, g_in(g, 1), batch, batch};
  g->dx[0] = g_has(batch) ? scatter_back(g, &at)
                          : scatter_rows(g, g->dy[0], g_in(g, 1), shape);
}

static firn_output shape_like(firn_grad *g, firn_output x, firn_output ids) {
  return g_cast(g, g_shape(g, x), g_type(g, ids));
}
RULE(gather_nd) {
  const firn_output ids = g_in(g, 1);
  g->dx[0] =
      g_op3(g, "ScatterNd", ids, g->dy[0], shape_like(g, g_in(g, 0), ids));
}
RULE(scatter_nd) { g->dx[1] = g_op2(g, "GatherNd", g->dy[0], g_in(g, 0)); }
RULE(tensor_scatter_update) {
  const firn_output ids = g_in(g, 1);
  const firn_output zeros = g_op1(g, "ZerosLike", g_in(g, 2));
  g->dx[0] = g_op3(g, "TensorScatterUpdate", g->dy[0], ids, zeros);
  g->dx[2] = g_op2(g, "GatherNd", g->dy[0], ids);
}
RULE(tensor_scatter_add) {
  g->dx[0] = g->dy[0];
  g->dx[2] = g_op2(g, "GatherNd", g->dy[0], g_in(g, 1));
}
RULE(tensor_scatter_sub) {
  g->dx[0] = g->dy[0];
  g->dx[2] = g_neg(g, g_op2(g, "GatherNd", g->dy[0], g_in(g, 1)));
}

/* Those that are the extreme share dy, be they of x or scattered into it. */
RULE(tensor_scatter_extreme) {
  const firn_output x = g_in(g, 0), ids = g_in(g, 1), y = g_in(g, 2);
  const firn_dtype type = g_type(g, x);
  const firn_output out = g_out(g, 0);
  const firn_output of_x = g_cast(g, g_op2(g, "Equal", x, out), type);
  const firn_output of_y =
      g_cast(g, g_op2(g, "Equal", y, g_op2(g, "GatherNd", out, ids)), type);
  const firn_output count =
      g_op2(g, "AddV2", of_x,
            g_op3(g, "ScatterNd", ids, of_y, shape_like(g, x, ids)));
  const firn_output share = g_op2(g, "RealDiv", g->dy[0], count);
  g->dx[0] = g_mul(g, share, of_x);
  g->dx[2] = g_mul(g, g_op2(g, "GatherNd", share, ids), of_y);
}
RULE(resource_gather_nd) {
  firn_op_begin(g->b, "VariableShape", NULL);
  firn_op_input(g->b, g_in(g, 0));
  firn_op_attr_type(g->b, "out_type", g_type(g, g_in(g, 1)));
  g->dx[0] = g_op3(g, "ScatterNd", g_in(g, 1), g->dy[0], firn_op_end(g->b));
}

/* The parts are stitched together again by the numbers of their rows. */
RULE(dynamic_partition) {
  const firn_output x = g_in(g, 0), parts = g_in(g, 1);
  const uint32_t n = g->node->output_count;
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output shape = g_shape(g, parts);
  const firn_output count = g_op2(g, "Prod", shape, zero);
  const firn_output numbers = g_op2(g, "Reshape", range(g, zero, count), shape);
  firn_output *dy = firn_builder_alloc(g->b, n, sizeof *dy);
  firn_output *places = firn_builder_alloc(g->b, n, sizeof *places);
  if (!dy || !places) return;
  firn_op_begin(g->b, "DynamicPartition", NULL);
  firn_op_input(g->b, numbers);
  firn_op_input(g->b, parts);
  firn_op_attr_int(g->b, "num_partitions", n);
  const firn_output first = firn_op_end(g->b);
  for (uint32_t k = 0; k < n; k++) {
    dy[k] = g_dy(g, k);
    places[k] = firn_output_next(first, k);
  }
  firn_op_begin(g->b, "DynamicStitch", NULL);
  firn_op_inputs(g->b, places, n);
  firn_op_inputs(g->b, dy, n);
  g->dx[0] = g_reshape_as(g, firn_op_end(g->b), x);
}
RULE(dynamic_stitch) {
  const uint32_t n = g->node->input_count / 2;
  for (uint32_t i = 0; i < n; i++)
    g->dx[n + i] = g_op3(g, "GatherV2", g->dy[0], g_in(g, i),
                         firn_const_int32(g->b, NULL, 0));
}

RULE(top_k) { /* dy goes to where the values stood, row by row */
  static const int32_t flat[] = {-1};
  const firn_output x = g_in(g, 0), ids = g_out(g, 1);
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output minus_one = firn_const_ints(g->b, NULL, flat, 1);
  const firn_output shape = g_shape(g, x);
  const firn_output last =
      g_op3(g, "GatherV2", shape, g_op2(g, "Sub", g_size(g, shape), one), zero);
  const firn_output ids_shape = g_shape(g, ids);
  const firn_output k = g_op3(g, "GatherV2", ids_shape,
                              g_op2(g, "Sub", g_size(g, ids_shape), one), zero);
  const firn_output matrix =
      g_op2(g, "Reshape", ids,
            g_concat(g, minus_one, g_op2(g, "ExpandDims", k, zero)));
  const firn_output rows = g_op3(g, "GatherV2", g_shape(g, matrix), zero, zero);
  const firn_output starts = g_mul(g, range(g, zero, rows), last);
  const firn_output places =
      g_op2(g, "Reshape",
            g_op2(g, "AddV2", matrix, g_op2(g, "ExpandDims", starts, one)),
            minus_one);
  const firn_output values = g_op2(g, "Reshape", g->dy[0], minus_one);
  const firn_output sum =
      g_op3(g, "UnsortedSegmentSum", values, places, g_size(g, x));
  g->dx[0] = g_op2(g, "Reshape", sum, shape);
}

const firn_grad_rule firn_grad_gather[] = {
    {"Gather", gather},
    {"ResourceGather", resource_gather},
    {"GatherV2", gather_v2},
    {"GatherNd", gather_nd},
    {"ScatterNd", scatter_nd},
    {"TensorScatterUpdate", tensor_scatter_update},
    {"TensorScatterAdd", tensor_scatter_add},
    {"TensorScatterSub", tensor_scatter_sub},
    {"TensorScatterMax", tensor_scatter_extreme},
    {"TensorScatterMin", tensor_scatter_extreme},
    {"ScatterNdNonAliasingAdd", tensor_scatter_add},
    {"ResourceGatherNd", resource_gather_nd},
    {"DynamicPartition", dynamic_partition},
    {"DynamicStitch", dynamic_stitch},
    {"ParallelDynamicStitch", dynamic_stitch},
    {"TopK", top_k},
    {"TopKV2", top_k},
    {NULL, NULL},
};
