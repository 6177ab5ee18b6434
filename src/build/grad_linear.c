/* build/grad_linear.c: gradients of linear algebra. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

/* ---- Linear algebra --------------------------------------------------------
 */

static firn_output on_diagonal(firn_grad *g, firn_output scalar) {
  const firn_output one = firn_const_int32(g->b, NULL, -1);
  return g_op2(g, "ExpandDims", g_op2(g, "ExpandDims", scalar, one), one);
}

RULE(matrix_inverse) { /* -y' dy y' */
  const firn_output y = g_out(g, 0);
  g->dx[0] = g_neg(
      g, g_times(g, y, true, g_times(g, g->dy[0], false, y, true), false));
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
  g->dx[0] = g_neg(g, adjoint ? g_times(g, g_out(g, 0), false, b, true)
                              : g_times(g, b, false, g_out(g, 0), true));
}
RULE(triangular_solve) {
  const bool adjoint = firn_attr_bool_or(g->node, "adjoint", false);
  const bool lower = firn_attr_bool_or(g->node, "lower", true);
  const firn_output b = solve_adjoint(g, "MatrixTriangularSolve", lower);
  const firn_output a =
      g_neg(g, adjoint ? g_times(g, g_out(g, 0), false, b, true)
                       : g_times(g, b, false, g_out(g, 0), true));
  g->dx[1] = b;
  g->dx[0] = g_triangle(g, a, lower);
}
/* l^-T tril(l^T dl with half its diagonal) l^-1, made symmetric. */
RULE(cholesky) {
  const firn_output l = g_out(g, 0);
  const firn_output inverse = g_op1(g, "MatrixInverse", l);
  const firn_output product = g_times(g, l, true, g->dy[0], false);
  const firn_output half = g_scale(g, g_op1(g, "MatrixDiagPart", product), 0.5);
  const firn_output middle =
      g_triangle(g, g_op2(g, "MatrixSetDiag", product, half), true);
  const firn_output d = g_times(
      g, inverse, true, g_times(g, middle, false, inverse, false), false);
  const firn_output adjoint = g_adjoint(g, d);
  g->dx[0] = g_scale(g, g_op2(g, "AddV2", d, adjoint), 0.5);
}
RULE(cross) {
  const firn_output x = g_in(g, 0), y = g_in(g, 1), dz = g->dy[0];
  g->dx[0] = g_op2(g, "Cross", y, dz);
  g->dx[1] = g_op2(g, "Cross", dz, x);
}

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
    {"SparseTensorDenseMatMul", sparse_matmul},
    {NULL, NULL},
};
