/* build/grad_reduce.c: gradients of reductions, scans and segments. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

/* ---- Reductions over axes ------------------------------------------------ */

/* A result under the shape that it has with its axes kept. */
static firn_output kept(firn_grad *g, firn_output result) {
  return g_op2(g, "Reshape", result, g_kept_shape(g, g_in(g, 0), g_in(g, 1)));
}
static firn_output spread(firn_grad *g, firn_output dy) {
  return g_op2(g, "BroadcastTo", kept(g, dy), g_shape(g, g_in(g, 0)));
}

RULE(sum) { g->dx[0] = spread(g, g->dy[0]); }

RULE(mean) {
  const firn_output n = g_size(g, g_in(g, 0)), m = g_size(g, g_out(g, 0));
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output factor =
      g_op2(g, "FloorDiv", n, g_op2(g, "Maximum", m, one));
  const firn_output divisor = g_cast(g, factor, g_type(g, g_in(g, 0)));
  g->dx[0] = g_op2(g, "RealDiv", spread(g, g->dy[0]), divisor);
}

/* Those that reach the extreme share dy. */
RULE(extreme) {
  const firn_output x = g_in(g, 0), axes = g_in(g, 1);
  const firn_output same = g_op2(g, "Equal", kept(g, g_out(g, 0)), x);
  const firn_output hits = g_cast(g, same, g_type(g, x));
  const firn_output number = kept(g, g_op2(g, "Sum", hits, axes));
  g->dx[0] = g_mul(g, g_op2(g, "RealDiv", hits, number), kept(g, g->dy[0]));
}

RULE(euclidean_norm) {
  g->dx[0] =
      g_mul(g, g_in(g, 0), kept(g, g_op2(g, "RealDiv", g->dy[0], g_out(g, 0))));
}

static firn_output exclusive_product(firn_grad *g, firn_output x,
                                     bool reverse) {
  firn_op_begin(g->b, "Cumprod", NULL);
  firn_op_input(g->b, x);
  firn_op_input(g->b, firn_const_int32(g->b, NULL, 0));
  firn_op_attr_bool(g->b, "exclusive", true);
  firn_op_attr_bool(g->b, "reverse", reverse);
  return firn_op_end(g->b);
}

/* The product of all others: of those before and those behind, so that a zero
 * divides nothing. The axes are brought to the front for that. */
RULE(prod) {
  const firn_output x = g_in(g, 0);
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output rank = g_rank(g, x), shape = g_shape(g, x);
  const firn_output minus_one = firn_const_int32(g->b, NULL, -1);
  const firn_output axes = g_axes(g, g_in(g, 1), rank);
  const firn_output others =
      g_op2(g, "ListDiff", g_op3(g, "Range", zero, rank, one), axes);
  const firn_output order = g_concat(g, axes, others);
  const firn_output front = g_op2(g, "Transpose", x, order);
  const firn_output count =
      g_op2(g, "Prod", g_op3(g, "GatherV2", shape, axes, zero), zero);
  const firn_output sides[] = {count, minus_one};
  firn_op_begin(g->b, "Pack", NULL);
  firn_op_inputs(g->b, sides, 2);
  const firn_output matrix = g_op2(g, "Reshape", front, firn_op_end(g->b));
  const firn_output product =
      g_mul(g, g_conj(g, exclusive_product(g, matrix, false)),
            g_conj(g, exclusive_product(g, matrix, true)));
  const firn_output back =
      g_op2(g, "Transpose", g_reshape_as(g, product, front),
            g_op1(g, "InvertPermutation", order));
  g->dx[0] = g_mul(g, spread(g, g->dy[0]), back);
}

RULE(l2_loss) { g->dx[0] = g_mul(g, g_in(g, 0), g->dy[0]); }

/* ---- Scans --------------------------------------------------------------- */

/* The same scan from the other end. */
static firn_output backward(firn_grad *g, const char *op, firn_output x) {
  firn_op_begin(g->b, op, NULL);
  firn_op_input(g->b, x);
  firn_op_input(g->b, g_in(g, 1));
  firn_op_attr_bool(g->b, "exclusive",
                    firn_attr_bool_or(g->node, "exclusive", false));
  firn_op_attr_bool(g->b, "reverse",
                    !firn_attr_bool_or(g->node, "reverse", false));
  return firn_op_end(g->b);
}

RULE(cumsum) { g->dx[0] = backward(g, "Cumsum", g->dy[0]); }
RULE(cumprod) {
  const firn_output y = g_out(g, 0);
  g->dx[0] = g_op2(g, "RealDiv", backward(g, "Cumsum", g_mul(g, y, g->dy[0])),
                   g_in(g, 0));
}

/* exp(x) times the scan from the other end of dy exp(-y), with the sign of dy
 * kept apart so that logarithms can be added. */
RULE(cumulative_logsumexp) {
  const firn_output zero = g_number(g, g->dy[0], 0);
  const firn_output y = g_out(g, 0), x = g_in(g, 0);
  firn_output part[2];
  const firn_output sides[] = {g->dy[0], g_neg(g, g->dy[0])};
  for (int i = 0; i < 2; i++) {
    const firn_output log =
        g_op1(g, "Log", g_op2(g, "Maximum", sides[i], zero));
    const firn_output scan =
        backward(g, "CumulativeLogsumexp", g_op2(g, "Sub", log, y));
    part[i] = g_op1(g, "Exp", g_op2(g, "AddV2", scan, x));
  }
  g->dx[0] = g_op2(g, "Sub", part[0], part[1]);
}

/* ---- Segments ------------------------------------------------------------ */

static firn_output rows(firn_grad *g, firn_output from, firn_output ids) {
  return g_op3(g, "GatherV2", from, ids, firn_const_int32(g->b, NULL, 0));
}

RULE(segment_sum) { g->dx[0] = rows(g, g->dy[0], g_in(g, 1)); }
RULE(segment_mean) {
  const firn_output x = g_in(g, 0), ids = g_in(g, 1);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output length = g_op3(g, "GatherV2", g_shape(g, x), zero, zero);
  const firn_output others = g_op2(g, "Sub", g_rank(g, x), one);
  const firn_output ones_tail =
      g_op2(g, "Fill", g_op2(g, "ExpandDims", others, zero), one);
  const firn_output shape =
      g_concat(g, g_op2(g, "ExpandDims", length, zero), ones_tail);
  const firn_output ones = g_op2(g, "Fill", shape, g_number(g, x, 1));
  const firn_output members = g_op2(g, "SegmentSum", ones, ids);
  g->dx[0] = rows(g, g_op2(g, "RealDiv", g->dy[0], members), ids);
}

/* Those that reach their segment's extreme share dy. */
RULE(segment_extreme) {
  const firn_output x = g_in(g, 0), ids = g_in(g, 1);
  const firn_output same = g_op2(g, "Equal", x, rows(g, g_out(g, 0), ids));
  const firn_output hits = g_cast(g, same, g_type(g, x));
  const firn_output number = g_op2(g, "SegmentSum", hits, ids);
  const firn_output share = g_op2(g, "RealDiv", g->dy[0], number);
  g->dx[0] =
      g_op3(g, "SelectV2", same, rows(g, share, ids), g_op1(g, "ZerosLike", x));
}

/* Ids below zero belong to no segment: they take row 0 and drop it. */
static firn_output rows_or_zero(firn_grad *g, firn_output from,
                                firn_output ids) {
  const firn_output zeros = g_op1(g, "ZerosLike", ids);
  const firn_output taken = rows(g, from, g_op2(g, "Maximum", ids, zeros));
  const firn_output there = g_op2(g, "GreaterEqual", ids, zeros);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output more = g_op2(g, "Sub", g_rank(g, taken), g_rank(g, there));
  const firn_output tail =
      g_op2(g, "Fill", g_op2(g, "ExpandDims", more, zero), one);
  const firn_output column =
      g_op2(g, "Reshape", there, g_concat(g, g_shape(g, there), tail));
  return g_op3(g, "SelectV2", column, taken, g_op1(g, "ZerosLike", taken));
}

RULE(unsorted_sum) { g->dx[0] = rows_or_zero(g, g->dy[0], g_in(g, 1)); }
RULE(unsorted_extreme) {
  const firn_output x = g_in(g, 0), ids = g_in(g, 1);
  const firn_output same =
      g_op2(g, "Equal", x, rows_or_zero(g, g_out(g, 0), ids));
  const firn_output hits = g_cast(g, same, g_type(g, x));
  const firn_output number =
      g_op3(g, "UnsortedSegmentSum", hits, ids, g_in(g, 2));
  const firn_output share = g_op2(g, "RealDiv", g->dy[0], number);
  g->dx[0] = g_op3(g, "SelectV2", same, rows_or_zero(g, share, ids),
                   g_op1(g, "ZerosLike", x));
}

/* The product over x, but where x is 0 that of the others of its segment: 0 if
 * another of them is 0, too. `others` is the product of what is not 0. */
static firn_output left_of_product(firn_grad *g, firn_output zeros,
                                   firn_output others) {
  const firn_output x = g_in(g, 0), ids = g_in(g, 1);
  const firn_output is_zero = g_op2(g, "Equal", x, g_number(g, x, 0));
  const firn_output left =
      g_op3(g, "SelectV2", is_zero, rows_or_zero(g, others, ids),
            g_op2(g, "RealDiv", rows_or_zero(g, g_out(g, 0), ids),
                  g_op3(g, "SelectV2", is_zero, g_number(g, x, 1), x)));
  const firn_output many =
      g_op2(g, "Greater", zeros, firn_const_int32(g->b, NULL, 1));
  const firn_output dy =
      g_op3(g, "SelectV2", many, g_op1(g, "ZerosLike", g->dy[0]), g->dy[0]);
  return g_mul(g, rows_or_zero(g, dy, ids), left);
}

static void product(firn_grad *g, const char *sum, const char *prod_op) {
  const firn_output x = g_in(g, 0), ids = g_in(g, 1);
  const firn_output is_zero = g_op2(g, "Equal", x, g_number(g, x, 0));
  const firn_output in[] = {
      g_cast(g, is_zero, FIRN_INT32),
      g_op3(g, "SelectV2", is_zero, g_op1(g, "OnesLike", x), x)};
  firn_output out[2];
  for (int k = 0; k < 2; k++)
    out[k] = g->node->input_count > 2
                 ? g_op3(g, k ? prod_op : sum, in[k], ids, g_in(g, 2))
                 : g_op2(g, k ? prod_op : sum, in[k], ids);
  g->dx[0] = left_of_product(g, out[0], out[1]);
}
RULE(segment_prod) { product(g, "SegmentSum", "SegmentProd"); }
RULE(unsorted_prod) { product(g, "UnsortedSegmentSum", "UnsortedSegmentProd"); }

/* Those that are the n-th share dy. */
RULE(nth_element) {
  const firn_output x = g_in(g, 0), last = firn_const_int32(g->b, NULL, -1);
  const firn_output y = g_op2(g, "ExpandDims", g_out(g, 0), last);
  const firn_output hits = g_cast(g, g_op2(g, "Equal", y, x), g_type(g, x));
  const firn_output count =
      g_op2(g, "ExpandDims", g_op2(g, "Sum", hits, last), last);
  g->dx[0] = g_mul(g, g_op2(g, "RealDiv", hits, count),
                   g_op2(g, "ExpandDims", g->dy[0], last));
}

/* SparseSegmentSum(x, indices, segments) and its kin. */
static void sparse_segment(firn_grad *g, const char *op) {
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output size =
      g_op3(g, "GatherV2", g_shape(g, g_in(g, 0)), zero, zero);
  firn_op_begin(g->b, op, NULL);
  firn_op_input(g->b, g->dy[0]);
  firn_op_input(g->b, g_in(g, 1));
  firn_op_input(g->b, g_in(g, 2));
  firn_op_input(g->b, size);
  g->dx[0] = firn_op_end(g->b);
}
RULE(sparse_sum) { sparse_segment(g, "SparseSegmentSumGrad"); }
RULE(sparse_mean) { sparse_segment(g, "SparseSegmentMeanGrad"); }
RULE(sparse_sqrt_n) { sparse_segment(g, "SparseSegmentSqrtNGrad"); }

const firn_grad_rule firn_grad_reduce[] = {
    {"Sum", sum},
    {"Mean", mean},
    {"Max", extreme},
    {"Min", extreme},
    {"Prod", prod},
    {"EuclideanNorm", euclidean_norm},
    {"L2Loss", l2_loss},
    {"Cumsum", cumsum},
    {"Cumprod", cumprod},
    {"CumulativeLogsumexp", cumulative_logsumexp},
    {"SegmentSum", segment_sum},
    {"SegmentMean", segment_mean},
    {"SegmentProd", segment_prod},
    {"UnsortedSegmentProd", unsorted_prod},
    {"NthElement", nth_element},
    {"SegmentMax", segment_extreme},
    {"SegmentMin", segment_extreme},
    {"UnsortedSegmentSum", unsorted_sum},
    {"UnsortedSegmentMax", unsorted_extreme},
    {"UnsortedSegmentMin", unsorted_extreme},
    {"SparseSegmentSum", sparse_sum},
    {"SparseSegmentSumWithNumSegments", sparse_sum},
    {"SparseSegmentMean", sparse_mean},
    {"SparseSegmentMeanWithNumSegments", sparse_mean},
    {"SparseSegmentSqrtN", sparse_sqrt_n},
    {"SparseSegmentSqrtNWithNumSegments", sparse_sqrt_n},
    {NULL, NULL},
};
