/* build/grad_array.c: gradients of ops that only move numbers: each sends dy
 * back to where the numbers came from. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

/* ---- Shapes ---------------------------------------------------------------
 */

RULE(reshape) { g->dx[0] = g_reshape_as(g, g->dy[0], g_in(g, 0)); }
RULE(pass_first) { g->dx[0] = g->dy[0]; }
RULE(pass_each) {
  for (uint32_t i = 0; i < g->node->input_count; i++) g->dx[i] = g->dy[i];
}
RULE(transpose) {
  g->dx[0] = g_op2(g, "Transpose", g->dy[0],
                   g_op1(g, "InvertPermutation", g_in(g, 1)));
}
RULE(conjugate_transpose) {
  transpose(g);
  g->dx[0] = g_conj(g, g->dx[0]);
}
RULE(broadcast_to) { g->dx[0] = g_sum_to(g, g->dy[0], g_in(g, 0)); }
RULE(fill) { /* the value was repeated */
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  g->dx[1] = g_op2(g, "Sum", g->dy[0],
                   g_op3(g, "Range", zero, g_rank(g, g->dy[0]), one));
}

/* dy as [multiples[0], x.shape[0], multiples[1], ...], summed over the former.
 */
RULE(tile) {
  static const int32_t swap[] = {1, 0}, flat[] = {-1};
  const firn_output shape = g_shape(g, g_in(g, 0));
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output two = firn_const_int32(g->b, NULL, 2);
  const firn_output pair[] = {g_cast(g, g_in(g, 1), FIRN_INT32), shape};
  firn_op_begin(g->b, "Pack", NULL);
  firn_op_inputs(g->b, pair, 2);
  const firn_output rows = g_op2(g, "Transpose", firn_op_end(g->b),
                                 firn_const_ints(g->b, NULL, swap, 2));
  const firn_output split =
      g_op2(g, "Reshape", rows, firn_const_ints(g->b, NULL, flat, 1));
  const firn_output axes = g_op3(g, "Range", zero, g_size(g, split), two);
  const firn_output apart = g_op2(g, "Reshape", g->dy[0], split);
  g->dx[0] = g_op2(g, "Reshape", g_op2(g, "Sum", apart, axes), shape);
}

/* ---- Putting together and taking apart ------------------------------------
 */

/* Input k of a concatenation takes its part of dy. */
static void unconcat(firn_grad *g, uint32_t first, uint32_t axis) {
  const uint32_t n = g->node->input_count - 1;
  const firn_output rank = g_rank(g, g->dy[0]);
  const firn_output where = g_op2(
      g, "FloorMod",
      g_op2(g, "AddV2", g_cast(g, g_in(g, axis), FIRN_INT32), rank), rank);
  firn_output *x = firn_builder_alloc(g->b, n, sizeof *x);
  firn_output *shapes = firn_builder_alloc(g->b, n, sizeof *shapes);
  if (!x || !shapes) return;
  for (uint32_t i = 0; i < n; i++) {
    x[i] = g_in(g, first + i);
    shapes[i] = g_shape(g, x[i]);
  }
  if (n == 1) {
    g->dx[first] = g->dy[0];
    return;
  }
  firn_op_begin(g->b, "ConcatOffset", NULL);
  firn_op_input(g->b, where);
  firn_op_inputs(g->b, shapes, n);
  const firn_output offsets = firn_op_end(g->b);
  for (uint32_t i = 0; i < n; i++)
    if (g->wanted[first + i])
      g->dx[first + i] =
          g_op3(g, "Slice", g->dy[0], firn_output_next(offsets, i), shapes[i]);
}
RULE(concat) { unconcat(g, 1, 0); }
RULE(concat_v2) { unconcat(g, 0, g->node->input_count - 1); }

static firn_output join(firn_grad *g, firn_output axis) {
  const uint32_t n = g->node->output_count;
  firn_output *parts = firn_builder_alloc(g->b, n, sizeof *parts);
  if (!parts) return FIRN_NO_OUTPUT;
  for (uint32_t k = 0; k < n; k++) parts[k] = g_dy(g, k);
  if (n == 1) return parts[0];
  firn_op_begin(g->b, "ConcatV2", NULL);
  firn_op_inputs(g->b, parts, n);
  firn_op_input(g->b, axis);
  return firn_op_end(g->b);
}
RULE(split) { g->dx[1] = join(g, g_in(g, 0)); }
RULE(split_v) { g->dx[0] = join(g, g_in(g, 2)); }

RULE(pack) {
  firn_op_begin(g->b, "Unpack", NULL);
  firn_op_input(g->b, g->dy[0]);
  firn_op_attr_int(g->b, "num", g->node->input_count);
  firn_op_attr_int(g->b, "axis", firn_attr_int_or(g->node, "axis", 0));
  const firn_output first = firn_op_end(g->b);
  for (uint32_t i = 0; i < g->node->input_count; i++)
    g->dx[i] = firn_output_next(first, i);
}
RULE(unpack) {
  const uint32_t n = g->node->output_count;
  firn_output *parts = firn_builder_alloc(g->b, n, sizeof *parts);
  if (!parts) return;
  for (uint32_t k = 0; k < n; k++) parts[k] = g_dy(g, k);
  firn_op_begin(g->b, "Pack", NULL);
  firn_op_inputs(g->b, parts, n);
  firn_op_attr_int(g->b, "axis", firn_attr_int_or(g->node, "axis", 0));
  g->dx[0] = firn_op_end(g->b);
}

/* ---- Cutting and padding ---------------------------------------------------
 */

RULE(slice) { /* zeros before and behind */
  const firn_output begin = g_cast(g, g_in(g, 1), FIRN_INT32);
  const firn_output after = g_op2(
      g, "Sub",
      g_op2(g, "Sub", g_shape(g, g_in(g, 0)), g_shape(g, g_out(g, 0))), begin);
  const firn_output sides[] = {begin, after};
  firn_op_begin(g->b, "Pack", NULL);
  firn_op_inputs(g->b, sides, 2);
  firn_op_attr_int(g->b, "axis", 1);
  g->dx[0] = g_op2(g, "Pad", g->dy[0], firn_op_end(g->b));
}

static const char *const masks[] = {"begin_mask",       "end_mask",
                                    "ellipsis_mask",    "new_axis_mask",
                                    "shrink_axis_mask", NULL};

RULE(strided_slice) {
  const firn_output shape =
      g_cast(g, g_shape(g, g_in(g, 0)), g_type(g, g_in(g, 1)));
  g_begin_like(g, "StridedSliceGrad", masks);
  firn_op_input(g->b, shape);
  for (uint32_t i = 1; i < 4; i++) firn_op_input(g->b, g_in(g, i));
  firn_op_input(g->b, g->dy[0]);
  g->dx[0] = firn_op_end(g->b);
}
RULE(strided_slice_grad) {
  g_begin_like(g, "StridedSlice", masks);
  firn_op_input(g->b, g->dy[0]);
  for (uint32_t i = 1; i < 4; i++) firn_op_input(g->b, g_in(g, i));
  g->dx[4] = firn_op_end(g->b);
}

/* The new part, which may have been repeated, is cut out of x. */
RULE(strided_slice_update) {
  g_begin_like(g, "StridedSlice", masks);
  firn_op_input(g->b, g->dy[0]);
  for (uint32_t i = 1; i < 4; i++) firn_op_input(g->b, g_in(g, i));
  const firn_output part = firn_op_end(g->b);
  g->dx[4] = g_sum_to(g, part, g_in(g, 4));
  const firn_output zeros = g_op1(g, "ZerosLike", part);
  g_begin_like(g, "TensorStridedSliceUpdate", masks);
  firn_op_input(g->b, g->dy[0]);
  for (uint32_t i = 1; i < 4; i++) firn_op_input(g->b, g_in(g, i));
  firn_op_input(g->b, zeros);
  g->dx[0] = firn_op_end(g->b);
}

RULE(pad) { /* Pad and PadV2 */
  static const int32_t flat[] = {-1};
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output before =
      g_op3(g, "GatherV2", g_cast(g, g_in(g, 1), FIRN_INT32), zero, one);
  const firn_output begin =
      g_op2(g, "Reshape", before, firn_const_ints(g->b, NULL, flat, 1));
  g->dx[0] = g_op3(g, "Slice", g->dy[0], begin, g_shape(g, g_in(g, 0)));
  if (g->node->input_count > 2 && g->wanted[2]) {
    const firn_output sides[] = {
        g_op2(g, "Sum", g->dy[0],
              g_op3(g, "Range", zero, g_rank(g, g->dy[0]), one)),
        g_op2(g, "Sum", g->dx[0],
              g_op3(g, "Range", zero, g_rank(g, g->dy[0]), one))};
    g->dx[2] = g_op2(g, "Sub", sides[0], sides[1]);
  }
}
static const char *const mode[] = {"mode", NULL};
RULE(mirror_pad) {
  g->dx[0] = g_like(g, "MirrorPadGrad", mode,
                    (const firn_output[]){g->dy[0], g_in(g, 1)}, 2);
}
RULE(mirror_pad_grad) {
  g->dx[0] = g_like(g, "MirrorPad", mode,
                    (const firn_output[]){g->dy[0], g_in(g, 1)}, 2);
}

/* ---- Order -----------------------------------------------------------------
 */

RULE(reverse) { g->dx[0] = g_op2(g, "Reverse", g->dy[0], g_in(g, 1)); }
RULE(reverse_v2) { g->dx[0] = g_op2(g, "ReverseV2", g->dy[0], g_in(g, 1)); }
RULE(reverse_sequence) {
  g->dx[0] = g_like(g, "ReverseSequence",
                    (const char *const[]){"seq_dim", "batch_dim", NULL},
                    (const firn_output[]){g->dy[0], g_in(g, 1)}, 2);
}
RULE(roll) {
  g->dx[0] = g_op3(g, "Roll", g->dy[0], g_neg(g, g_in(g, 1)), g_in(g, 2));
}

/* ---- Diagonals --------------------------------------------------------------
 */

RULE(diag) { g->dx[0] = g_op1(g, "DiagPart", g->dy[0]); }
RULE(diag_part) { g->dx[0] = g_op1(g, "Diag", g->dy[0]); }
RULE(matrix_diag) { g->dx[0] = g_op1(g, "MatrixDiagPart", g->dy[0]); }
RULE(matrix_diag_part) {
  g->dx[0] =
      g_op2(g, "MatrixSetDiag", g_op1(g, "ZerosLike", g_in(g, 0)), g->dy[0]);
}
RULE(matrix_set_diag) {
  g->dx[0] =
      g_op2(g, "MatrixSetDiag", g->dy[0], g_op1(g, "ZerosLike", g_in(g, 1)));
  g->dx[1] = g_op1(g, "MatrixDiagPart", g->dy[0]);
}
RULE(matrix_band_part) {
  g->dx[0] = g_op3(g, "MatrixBandPart", g->dy[0], g_in(g, 1), g_in(g, 2));
}
/* Before V3 diagonals stood on the left of their rows. */
static void begin_diagonals(firn_grad *g, const char *op) {
  const firn_str name = g->node->def->op;
  g_begin_like(g, op, (const char *const[]){"align", NULL});
  if (name.size && name.data[name.size - 1] == '2')
    firn_op_attr_string(g->b, "align", "LEFT_LEFT");
}
RULE(matrix_diag_v3) {
  begin_diagonals(g, "MatrixDiagPartV3");
  firn_op_input(g->b, g->dy[0]);
  firn_op_input(g->b, g_in(g, 1));
  firn_op_input(g->b, g_number(g, g->dy[0], 0));
  g->dx[0] = firn_op_end(g->b);
}
RULE(matrix_diag_part_v3) {
  begin_diagonals(g, "MatrixSetDiagV3");
  firn_op_input(g->b, g_op1(g, "ZerosLike", g_in(g, 0)));
  firn_op_input(g->b, g->dy[0]);
  firn_op_input(g->b, g_in(g, 1));
  g->dx[0] = firn_op_end(g->b);
}
RULE(matrix_set_diag_v3) {
  begin_diagonals(g, "MatrixSetDiagV3");
  firn_op_input(g->b, g->dy[0]);
  firn_op_input(g->b, g_op1(g, "ZerosLike", g_in(g, 1)));
  firn_op_input(g->b, g_in(g, 2));
  g->dx[0] = firn_op_end(g->b);
  begin_diagonals(g, "MatrixDiagPartV3");
  firn_op_input(g->b, g->dy[0]);
  firn_op_input(g->b, g_in(g, 2));
  firn_op_input(g->b, g_number(g, g->dy[0], 0));
  g->dx[1] = firn_op_end(g->b);
}

/* ---- Space, depth and batch
 * --------------------------------------------------
 */

static void with_blocks(firn_grad *g, const char *op) {
  g->dx[0] =
      g_like(g, op, (const char *const[]){"block_size", "data_format", NULL},
             (const firn_output[]){g->dy[0]}, 1);
}
RULE(space_to_depth) { with_blocks(g, "DepthToSpace"); }
RULE(depth_to_space) { with_blocks(g, "SpaceToDepth"); }

static void with_crops(firn_grad *g, const char *op) {
  g->dx[0] = g_like(g, op, (const char *const[]){"block_size", NULL},
                    (const firn_output[]){g->dy[0], g_in(g, 1)}, 2);
}
RULE(space_to_batch) { with_crops(g, "BatchToSpace"); }
RULE(batch_to_space) { with_crops(g, "SpaceToBatch"); }
RULE(space_to_batch_nd) {
  g->dx[0] = g_op3(g, "BatchToSpaceND", g->dy[0], g_in(g, 1), g_in(g, 2));
}
RULE(batch_to_space_nd) {
  g->dx[0] = g_op3(g, "SpaceToBatchND", g->dy[0], g_in(g, 1), g_in(g, 2));
}

const firn_grad_rule firn_grad_array[] = {
    {"Reshape", reshape},
    {"ExpandDims", reshape},
    {"Squeeze", reshape},
    {"EnsureShape", pass_first},
    {"PlaceholderWithDefault", pass_first},
    {"IdentityN", pass_each},
    {"Transpose", transpose},
    {"ConjugateTranspose", conjugate_transpose},
    {"BroadcastTo", broadcast_to},
    {"Fill", fill},
    {"Tile", tile},
    {"Concat", concat},
    {"ConcatV2", concat_v2},
    {"Split", split},
    {"SplitV", split_v},
    {"Pack", pack},
    {"Unpack", unpack},
    {"Slice", slice},
    {"StridedSlice", strided_slice},
    {"StridedSliceGrad", strided_slice_grad},
    {"TensorStridedSliceUpdate", strided_slice_update},
    {"Pad", pad},
    {"PadV2", pad},
    {"MirrorPad", mirror_pad},
    {"MirrorPadGrad", mirror_pad_grad},
    {"Reverse", reverse},
    {"ReverseV2", reverse_v2},
    {"ReverseSequence", reverse_sequence},
    {"Roll", roll},
    {"Diag", diag},
    {"DiagPart", diag_part},
    {"MatrixDiag", matrix_diag},
    {"MatrixDiagPart", matrix_diag_part},
    {"MatrixSetDiag", matrix_set_diag},
    {"MatrixBandPart", matrix_band_part},
    {"MatrixDiagV2", matrix_diag_v3},
    {"MatrixDiagV3", matrix_diag_v3},
    {"MatrixDiagPartV2", matrix_diag_part_v3},
    {"MatrixDiagPartV3", matrix_diag_part_v3},
    {"MatrixSetDiagV2", matrix_set_diag_v3},
    {"MatrixSetDiagV3", matrix_set_diag_v3},
    {"SpaceToDepth", space_to_depth},
    {"DepthToSpace", depth_to_space},
    {"SpaceToBatch", space_to_batch},
    {"BatchToSpace", batch_to_space},
    {"SpaceToBatchND", space_to_batch_nd},
    {"BatchToSpaceND", batch_to_space_nd},
    {NULL, NULL},
};
