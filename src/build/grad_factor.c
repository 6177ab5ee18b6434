/* build/grad_factor.c: gradients of factorisations of matrices, and of solving
 * by them. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

static firn_output plus(firn_grad *g, firn_output x, firn_output y) {
  return g_op2(g, "AddV2", x, y);
}
static firn_output minus(firn_grad *g, firn_output x, firn_output y) {
  return g_op2(g, "Sub", x, y);
}

static void refuse(firn_grad *g, const char *what) {
  firn_builder_fail(
      g->b, FIRN_UNIMPLEMENTED, "node '%.*s' (%.*s): no gradient %s",
      FIRN_ARG(g->node->def->name), FIRN_ARG(g->node->def->op), what);
}

/* ---- Eigenvalues ----------------------------------------------------------
 */

/* 1 / (e[j] - e[i]), and 0 where they are the same. */
static firn_output gaps(firn_grad *g, firn_output e) {
  const firn_output across =
      g_op2(g, "ExpandDims", e, firn_const_int32(g->b, NULL, -2));
  const firn_output down =
      g_op2(g, "ExpandDims", e, firn_const_int32(g->b, NULL, -1));
  const firn_output d = minus(g, across, down);
  const firn_output safe =
      plus(g, g_op1(g, "Square", d), g_number(g, d, 1e-20));
  return g_op2(g, "MatrixSetDiag", g_op2(g, "RealDiv", d, safe),
               g_op1(g, "ZerosLike", e));
}

static firn_output vectors(firn_grad *g) {
  if (firn_attr_bool_or(g->node, "compute_v", true)) return g_out(g, 1);
  return firn_output_next(g_op1(g, "SelfAdjointEigV2", g_in(g, 0)), 1);
}

/* v (diag(de) + gaps v' dv) v', of which only the lower triangle is read. */
RULE(self_adjoint_eig) {
  const firn_output e = g_out(g, 0), v = vectors(g);
  firn_output middle = g_op1(g, "MatrixDiag", g_dy(g, 0));
  if (firn_attr_bool_or(g->node, "compute_v", true) && g_has(g->dy[1]))
    middle = plus(g, middle,
                  g_mul(g, gaps(g, e), g_times(g, v, true, g->dy[1], false)));
  const firn_output d =
      g_times(g, v, false, g_times(g, middle, false, v, true), false);
  const firn_output both = g_triangle(g, plus(g, d, g_adjoint(g, d)), true);
  const firn_output half = g_scale(g, g_op1(g, "MatrixDiagPart", both), 0.5);
  g->dx[0] = g_op2(g, "MatrixSetDiag", both, half);
}

/* ---- QR -------------------------------------------------------------------
 */

/* x r'^-1 of an upper triangle. */
static firn_output over_triangle(firn_grad *g, firn_output x, firn_output r) {
  firn_op_begin(g->b, "MatrixTriangularSolve", NULL);
  firn_op_input(g->b, r);
  firn_op_input(g->b, g_adjoint(g, x));
  firn_op_attr_bool(g->b, "lower", false);
  return g_adjoint(g, firn_op_end(g->b));
}

/* For real matrices of at least as many rows as columns. */
RULE(qr) {
  const firn_output q = g_out(g, 0), r = g_out(g, 1);
  const firn_shape shape = firn_output_shape(g->b, g_in(g, 0));
  if (g_is_complex(g, q)) {
    refuse(g, "of complex numbers");
    return;
  }
  if (shape.rank < 2 || shape.dims[shape.rank - 1] < 0 ||
      shape.dims[shape.rank - 2] < shape.dims[shape.rank - 1]) {
    refuse(g,
           "but of a matrix that is known to have no more columns than "
           "rows");
    return;
  }
  if (firn_attr_bool_or(g->node, "full_matrices", false) &&
      shape.dims[shape.rank - 2] != shape.dims[shape.rank - 1]) {
    refuse(g, "with full_matrices");
    return;
  }
  const firn_output dq = g_dy(g, 0), dr = g_dy(g, 1);
  const firn_output a = g_times(g, q, true, dq, false);
  const firn_output b = g_times(g, r, false, dr, true);
  const firn_output skew =
      plus(g, minus(g, a, g_adjoint(g, a)), minus(g, b, g_adjoint(g, b)));
  const firn_output lower = over_triangle(g, g_triangle(g, skew, true), r);
  const firn_output rest = minus(g, dq, g_times(g, q, false, a, false));
  g->dx[0] = plus(g, g_times(g, q, false, plus(g, dr, lower), false),
                  over_triangle(g, rest, r));
}

/* ---- Least squares --------------------------------------------------------
 */

/* a' a, or a a', with the regulariser on the diagonal. */
static firn_output gramian(firn_grad *g, bool wide) {
  const firn_output a = g_in(g, 0);
  const firn_output product = g_times(g, a, !wide, a, wide);
  const firn_output ones =
      g_op1(g, "OnesLike", g_op1(g, "MatrixDiagPart", product));
  const firn_output weight = g_cast(g, g_in(g, 2), g_type(g, a));
  return plus(g, product, g_op1(g, "MatrixDiag", g_mul(g, ones, weight)));
}

static void solve_tall(firn_grad *g) {
  const firn_output a = g_in(g, 0), b = g_in(g, 1), x = g_out(g, 0);
  const firn_output z = g_op2(g, "MatrixSolve", gramian(g, false), g->dy[0]);
  const firn_output xz = g_times(g, x, false, z, true);
  const firn_output both = plus(g, xz, g_transposed(g, xz));
  g->dx[0] = minus(g, g_times(g, b, false, z, true),
                   g_times(g, a, false, both, false));
  g->dx[1] = g_times(g, a, false, z, false);
}

static void solve_wide(firn_grad *g) {
  const firn_output a = g_in(g, 0), gram = gramian(g, true);
  const firn_output db =
      g_op2(g, "MatrixSolve", gram, g_times(g, a, false, g->dy[0], false));
  const firn_output t = g_op2(g, "MatrixSolve", gram, g_in(g, 1));
  const firn_output left =
      g_times(g, db, false, g_times(g, t, true, a, false), false);
  const firn_output rest = minus(g, g->dy[0], g_times(g, a, true, db, false));
  g->dx[0] = minus(g, g_times(g, t, false, rest, true), left);
  g->dx[1] = db;
}

RULE(solve_ls) {
  const firn_shape shape = firn_output_shape(g->b, g_in(g, 0));
  if (!firn_attr_bool_or(g->node, "fast", true)) {
    refuse(g, "unless fast");
  } else if (shape.rank < 2 || shape.dims[shape.rank - 1] < 0 ||
             shape.dims[shape.rank - 2] < 0) {
    refuse(g, "of a matrix of unknown shape");
  } else if (shape.dims[shape.rank - 2] >= shape.dims[shape.rank - 1]) {
    solve_tall(g);
  } else {
    solve_wide(g);
  }
}

/* ---- Three diagonals ------------------------------------------------------
 */

/* x moved along its last axis but one, with a zero where nothing comes from. */
static firn_output moved(firn_grad *g, firn_output x, int32_t by) {
  const firn_output axis = firn_const_int32(g->b, NULL, -2);
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output shape = g_shape(g, x);
  const firn_output count = g_op3(
      g, "GatherV2", shape,
      g_op2(g, "Sub", g_size(g, shape), firn_const_int32(g->b, NULL, 2)), zero);
  const firn_output k = g_op3(g, "Range", zero, count, one);
  const firn_output open = by > 0 ? zero : g_op2(g, "Sub", count, one);
  const firn_output there =
      g_op2(g, "ExpandDims", g_op2(g, "NotEqual", k, open),
            firn_const_int32(g->b, NULL, -1));
  const firn_output y =
      g_op3(g, "Roll", x, firn_const_int32(g->b, NULL, by), axis);
  return g_op3(g, "SelectV2", there, y, g_op1(g, "ZerosLike", y));
}

/* The sum of x y over the last axis, as a row. */
static firn_output row_of(firn_grad *g, firn_output x, firn_output y) {
  const firn_output sum =
      g_op2(g, "Sum", g_mul(g, x, y), firn_const_int32(g->b, NULL, -1));
  return g_op2(g, "ExpandDims", sum, firn_const_int32(g->b, NULL, -2));
}

RULE(tridiagonal_matmul) {
  const firn_output x = g_conj(g, g_in(g, 3)), dy = g->dy[0];
  firn_output diagonal[3];
  for (uint32_t i = 0; i < 3; i++) {
    diagonal[i] = g_mul(g, g_adjoint(g, g_in(g, i)), dy);
    g->dx[i] = row_of(g, i == 1 ? x : moved(g, x, i ? 1 : -1), dy);
  }
  g->dx[3] = plus(g, plus(g, moved(g, diagonal[0], 1), diagonal[1]),
                  moved(g, diagonal[2], -1));
}

/* The three diagonals of the transpose: those outside change places. */
static firn_output transposed_diagonals(firn_grad *g) {
  const firn_output axis = firn_const_int32(g->b, NULL, -2);
  firn_op_begin(g->b, "Split", NULL);
  firn_op_input(g->b, axis);
  firn_op_input(g->b, g_in(g, 0));
  firn_op_attr_int(g->b, "num_split", 3);
  const firn_output first = firn_op_end(g->b);
  const firn_output last = firn_const_int32(g->b, NULL, -1);
  const firn_output parts[] = {
      g_op3(g, "Roll", firn_output_next(first, 2), last, last),
      firn_output_next(first, 1),
      g_op3(g, "Roll", first, firn_const_int32(g->b, NULL, 1), last)};
  firn_op_begin(g->b, "ConcatV2", NULL);
  firn_op_inputs(g->b, parts, 3);
  firn_op_input(g->b, axis);
  return firn_op_end(g->b);
}

RULE(tridiagonal_solve) {
  const firn_output y = g_out(g, 0);
  const firn_output db = g_like(
      g, "TridiagonalSolve",
      (const char *const[]){"partial_pivoting", "perturb_singular", NULL},
      (const firn_output[]){transposed_diagonals(g), g->dy[0]}, 2);
  const firn_output parts[] = {row_of(g, db, moved(g, y, -1)), row_of(g, db, y),
                               row_of(g, db, moved(g, y, 1))};
  const firn_output axis = firn_const_int32(g->b, NULL, -2);
  firn_op_begin(g->b, "ConcatV2", NULL);
  firn_op_inputs(g->b, parts, 3);
  firn_op_input(g->b, axis);
  g->dx[0] = g_neg(g, firn_op_end(g->b));
  g->dx[1] = db;
}

const firn_grad_rule firn_grad_factor[] = {
    {"SelfAdjointEigV2", self_adjoint_eig},
    {"Qr", qr},
    {"MatrixSolveLs", solve_ls},
    {"TridiagonalMatMul", tridiagonal_matmul},
    {"TridiagonalSolve", tridiagonal_solve},
    {NULL, NULL},
};
