/* build/grad_linear.c: gradients of linear algebra, Fourier transforms and
 * resampling. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

/* ---- Linear algebra --------------------------------------------------------
 */

/* x y, either of them adjoint. */
static firn_output times(firn_grad *g, firn_output x, bool adjoint_x,
                         firn_output y, bool adjoint_y) {
  firn_op_begin(g->b, "BatchMatMulV2", NULL);
  firn_op_input(g->b, x);
  firn_op_input(g->b, y);
  firn_op_attr_bool(g->b, "adj_x", adjoint_x);
  firn_op_attr_bool(g->b, "adj_y", adjoint_y);
  return firn_op_end(g->b);
}
static firn_output on_diagonal(firn_grad *g, firn_output scalar) {
  const firn_output one = firn_const_int32(g->b, NULL, -1);
  return g_op2(g, "ExpandDims", g_op2(g, "ExpandDims", scalar, one), one);
}

RULE(matrix_inverse) { /* -y' dy y' */
  const firn_output y = g_out(g, 0);
  g->dx[0] =
      g_neg(g, times(g, y, true, times(g, g->dy[0], false, y, true), false));
}
static firn_output inverse_adjoint(firn_grad *g, firn_output x) {
  firn_op_begin(g->b, "MatrixInverse", NULL);
  firn_op_input(g->b, x);
  firn_op_attr_bool(g->b, "adjoint", true);
  return firn_op_end(g->b);
}
RULE(determinant) { /* dy det(x) x'^-1 */
  const firn_output c = on_diagonal(g, g_mul(g, g->dy[0], g_out(g, 0)));
  g->dx[0] = g_mul(g, c, inverse_adjoint(g, g_in(g, 0)));
}
RULE(log_determinant) {
  g->dx[0] =
      g_mul(g, on_diagonal(g, g_dy(g, 1)), inverse_adjoint(g, g_in(g, 0)));
}

/* x'^-1 dy with the matrix at hand solved from the other side. */
static firn_output solve_adjoint(firn_grad *g, const char *op, bool lower) {
  const bool adjoint = firn_attr_bool_or(g->node, "adjoint", false);
  firn_op_begin(g->b, op, NULL);
  firn_op_input(g->b, g_in(g, 0));
  firn_op_input(g->b, g->dy[0]);
  firn_op_attr_bool(g->b, "adjoint", !adjoint);
  if (firn_str_is(g->node->def->op, "MatrixTriangularSolve"))
    firn_op_attr_bool(g->b, "lower", lower);
  return firn_op_end(g->b);
}
RULE(matrix_solve) {
  const bool adjoint = firn_attr_bool_or(g->node, "adjoint", false);
  const firn_output b = solve_adjoint(g, "MatrixSolve", false);
  g->dx[1] = b;
  g->dx[0] = g_neg(g, adjoint ? times(g, g_out(g, 0), false, b, true)
                              : times(g, b, false, g_out(g, 0), true));
}
/* What lies on one side of the diagonal. */
static firn_output triangle(firn_grad *g, firn_output x, bool lower) {
  const firn_output all = firn_const_int32(g->b, NULL, -1);
  const firn_output none = firn_const_int32(g->b, NULL, 0);
  return g_op3(g, "MatrixBandPart", x, lower ? all : none, lower ? none : all);
}
RULE(triangular_solve) {
  const bool adjoint = firn_attr_bool_or(g->node, "adjoint", false);
  const bool lower = firn_attr_bool_or(g->node, "lower", true);
  const firn_output b = solve_adjoint(g, "MatrixTriangularSolve", lower);
  const firn_output a =
      g_neg(g, adjoint ? times(g, g_out(g, 0), false, b, true)
                       : times(g, b, false, g_out(g, 0), true));
  g->dx[1] = b;
  g->dx[0] = triangle(g, a, lower);
}
/* l^-T tril(l^T dl with half its diagonal) l^-1, made symmetric. */
RULE(cholesky) {
  const firn_output l = g_out(g, 0);
  const firn_output inverse = g_op1(g, "MatrixInverse", l);
  const firn_output product = times(g, l, true, g->dy[0], false);
  const firn_output half = g_scale(g, g_op1(g, "MatrixDiagPart", product), 0.5);
  const firn_output middle =
      triangle(g, g_op2(g, "MatrixSetDiag", product, half), true);
  const firn_output d =
      times(g, inverse, true, times(g, middle, false, inverse, false), false);
  const firn_output identity = g_op1(
      g, "MatrixDiag", g_op1(g, "OnesLike", g_op1(g, "MatrixDiagPart", d)));
  const firn_output adjoint = times(g, d, true, identity, false);
  g->dx[0] = g_scale(g, g_op2(g, "AddV2", d, adjoint), 0.5);
}
RULE(cross) {
  const firn_output x = g_in(g, 0), y = g_in(g, 1), dz = g->dy[0];
  g->dx[0] = g_op2(g, "Cross", y, dz);
  g->dx[1] = g_op2(g, "Cross", dz, x);
}

/* ---- Fourier transforms
 * ------------------------------------------------------
 */

/* The transform back, times the number of points along its axes. */
static void fourier(firn_grad *g, const char *back, int axes, bool forward) {
  const firn_output x = g->dy[0], shape = g_shape(g, x);
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output rank = g_size(g, shape);
  const firn_output first =
      g_op2(g, "Sub", rank, firn_const_int32(g->b, NULL, axes));
  const firn_output extents =
      g_op3(g, "GatherV2", shape, g_op3(g, "Range", first, rank, one), zero);
  const bool narrow = g_type(g, x) == FIRN_COMPLEX64;
  const firn_output points = g_cast(g, g_op2(g, "Prod", extents, zero),
                                    narrow ? FIRN_FLOAT : FIRN_DOUBLE);
  const firn_output factor = forward ? points : g_op1(g, "Reciprocal", points);
  g->dx[0] = g_mul(g, g_op1(g, back, x), g_cast(g, factor, g_type(g, x)));
}
RULE(fft) { fourier(g, "IFFT", 1, true); }
RULE(ifft) { fourier(g, "FFT", 1, false); }
RULE(fft2d) { fourier(g, "IFFT2D", 2, true); }
RULE(ifft2d) { fourier(g, "FFT2D", 2, false); }
RULE(fft3d) { fourier(g, "IFFT3D", 3, true); }
RULE(ifft3d) { fourier(g, "FFT3D", 3, false); }

/* ---- Sparse matrices
 * ----------------------------------------------------------
 */

/* (indices, values, shape, b): the products of the rows that values joined. */
RULE(sparse_matmul) {
  const bool a_adjoint = firn_attr_bool_or(g->node, "adjoint_a", false);
  const bool b_adjoint = firn_attr_bool_or(g->node, "adjoint_b", false);
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  firn_op_begin(g->b, "SparseTensorDenseMatMul", NULL);
  for (uint32_t i = 0; i < 3; i++) firn_op_input(g->b, g_in(g, i));
  firn_op_input(g->b, g->dy[0]);
  firn_op_attr_bool(g->b, "adjoint_a", !a_adjoint);
  const firn_output db = firn_op_end(g->b);
  static const int32_t swap[] = {1, 0};
  const firn_output order = firn_const_ints(g->b, NULL, swap, 2);
  g->dx[3] = b_adjoint ? g_conj(g, g_op2(g, "Transpose", db, order)) : db;
  const firn_output rows = g_op3(g, "GatherV2", g_in(g, 0), zero, one);
  const firn_output cols = g_op3(g, "GatherV2", g_in(g, 0), one, one);
  const firn_output b =
      b_adjoint ? g_op2(g, "Transpose", g_in(g, 3), order) : g_in(g, 3);
  const firn_output of_dy =
      g_op3(g, "GatherV2", g->dy[0], a_adjoint ? cols : rows, zero);
  const firn_output of_b =
      g_op3(g, "GatherV2", b, a_adjoint ? rows : cols, zero);
  g->dx[1] = g_op2(g, "Sum", g_mul(g, of_dy, g_conj(g, of_b)), one);
}

const firn_grad_rule firn_grad_linear[] = {
    {"MatrixInverse", matrix_inverse},
    {"MatrixDeterminant", determinant},
    {"LogMatrixDeterminant", log_determinant},
    {"MatrixSolve", matrix_solve},
    {"MatrixTriangularSolve", triangular_solve},
    {"Cholesky", cholesky},
    {"Cross", cross},
    {"FFT", fft},
    {"IFFT", ifft},
    {"FFT2D", fft2d},
    {"IFFT2D", ifft2d},
    {"FFT3D", fft3d},
    {"IFFT3D", ifft3d},
    {"SparseTensorDenseMatMul", sparse_matmul},
    {NULL, NULL},
};
