/* build/grad_math.c: gradients of elementwise mathematics.
 *
 * For complex numbers the derivative that is carried is the conjugate of the
 * holomorphic one, as in TensorFlow: hence g_conj. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

/* ---- One input ------------------------------------------------------------
 */

/* dx[0] = dy * factor. */
static void chain(firn_grad *g, firn_output factor) {
  g->dx[0] = g_mul(g, g->dy[0], g_conj(g, factor));
}
static firn_output one_plus(firn_grad *g, firn_output x) {
  return g_op2(g, "AddV2", g_number(g, x, 1), x);
}
static firn_output one_minus(firn_grad *g, firn_output x) {
  return g_op2(g, "Sub", g_number(g, x, 1), x);
}
static firn_output square(firn_grad *g, firn_output x) {
  return g_op1(g, "Square", x);
}
static firn_output inverse(firn_grad *g, firn_output x) {
  return g_op1(g, "Reciprocal", x);
}
static firn_output minus(firn_grad *g, firn_output x, firn_output y) {
  return g_op2(g, "Sub", x, y);
}

RULE(identity) { g->dx[0] = g->dy[0]; }
RULE(neg) { g->dx[0] = g_neg(g, g->dy[0]); }
RULE(abs_rule) { chain(g, g_op1(g, "Sign", g_in(g, 0))); }
RULE(square_rule) { chain(g, g_scale(g, g_in(g, 0), 2)); }
RULE(inv) { /* -1 / x^2; these kernels conjugate by themselves */
  g->dx[0] = g_op2(g, "ReciprocalGrad", g_out(g, 0), g->dy[0]);
}
RULE(sqrt_rule) { g->dx[0] = g_op2(g, "SqrtGrad", g_out(g, 0), g->dy[0]); }
RULE(rsqrt) { g->dx[0] = g_op2(g, "RsqrtGrad", g_out(g, 0), g->dy[0]); }
RULE(exp_rule) { chain(g, g_out(g, 0)); }
RULE(expm1_rule) { chain(g, g_op1(g, "Exp", g_in(g, 0))); }
RULE(log_rule) { chain(g, inverse(g, g_in(g, 0))); }
RULE(log1p_rule) { chain(g, inverse(g, one_plus(g, g_in(g, 0)))); }
RULE(sin_rule) { chain(g, g_op1(g, "Cos", g_in(g, 0))); }
RULE(cos_rule) { chain(g, g_neg(g, g_op1(g, "Sin", g_in(g, 0)))); }
RULE(tan_rule) { chain(g, square(g, inverse(g, g_op1(g, "Cos", g_in(g, 0))))); }
RULE(sinh_rule) { chain(g, g_op1(g, "Cosh", g_in(g, 0))); }
RULE(cosh_rule) { chain(g, g_op1(g, "Sinh", g_in(g, 0))); }
RULE(tanh_rule) {
  g->dx[0] = g_op2(g, "TanhGrad", g_conj(g, g_out(g, 0)), g->dy[0]);
}
RULE(sigmoid) {
  g->dx[0] = g_op2(g, "SigmoidGrad", g_conj(g, g_out(g, 0)), g->dy[0]);
}
RULE(asin_rule) {
  chain(g, g_op1(g, "Rsqrt", one_minus(g, square(g, g_in(g, 0)))));
}
RULE(acos_rule) {
  chain(g, g_neg(g, g_op1(g, "Rsqrt", one_minus(g, square(g, g_in(g, 0))))));
}
RULE(atan_rule) { chain(g, inverse(g, one_plus(g, square(g, g_in(g, 0))))); }
RULE(asinh_rule) { chain(g, inverse(g, g_op1(g, "Cosh", g_out(g, 0)))); }
RULE(acosh_rule) { chain(g, inverse(g, g_op1(g, "Sinh", g_out(g, 0)))); }
RULE(atanh_rule) { chain(g, inverse(g, one_minus(g, square(g, g_in(g, 0))))); }

/* factor * exp(-x^2) and its inverse. */
RULE(erf_rule) { /* 2 / sqrt(pi) */
  chain(g, g_scale(g, g_op1(g, "Exp", g_neg(g, square(g, g_in(g, 0)))),
                   1.1283791670955126));
}
RULE(erfc_rule) {
  chain(g, g_scale(g, g_op1(g, "Exp", g_neg(g, square(g, g_in(g, 0)))),
                   -1.1283791670955126));
}
RULE(erfinv) { /* sqrt(pi) / 2 */
  chain(g,
        g_scale(g, g_op1(g, "Exp", square(g, g_out(g, 0))), 0.886226925452758));
}
RULE(ndtri) { /* sqrt(2 pi) exp(y^2 / 2) */
  chain(g, g_scale(g, g_op1(g, "Exp", g_scale(g, square(g, g_out(g, 0)), 0.5)),
                   2.5066282746310002));
}
RULE(lgamma_rule) { chain(g, g_op1(g, "Digamma", g_in(g, 0))); }
RULE(digamma) {
  const firn_output x = g_in(g, 0);
  chain(g, g_op2(g, "Polygamma", g_op1(g, "OnesLike", x), x));
}
RULE(angle) { /* -dy / (im x + i re x) */
  const firn_output x = g_in(g, 0);
  firn_output part[2];
  for (int k = 0; k < 2; k++) {
    firn_op_begin(g->b, k ? "Real" : "Imag", NULL);
    firn_op_input(g->b, x);
    firn_op_attr_type(g->b, "Tout", g_type(g, g->dy[0]));
    part[k] = firn_op_end(g->b);
  }
  firn_op_begin(g->b, "Complex", NULL);
  firn_op_input(g->b, part[0]);
  firn_op_input(g->b, part[1]);
  firn_op_attr_type(g->b, "Tout", g_type(g, x));
  const firn_output swapped = firn_op_end(g->b);
  g->dx[0] = g_neg(
      g, g_mul(g, g_cast(g, g->dy[0], g_type(g, x)), inverse(g, swapped)));
}
RULE(dawsn) { /* 1 - 2 x y */
  chain(g, one_minus(g, g_scale(g, g_mul(g, g_in(g, 0), g_out(g, 0)), 2)));
}
RULE(expint) {
  const firn_output x = g_in(g, 0);
  chain(g, g_op2(g, "RealDiv", g_op1(g, "Exp", x), x));
}
RULE(fresnel_cos) {
  chain(g,
        g_op1(g, "Cos", g_scale(g, square(g, g_in(g, 0)), 1.5707963267948966)));
}
RULE(fresnel_sin) {
  chain(g,
        g_op1(g, "Sin", g_scale(g, square(g, g_in(g, 0)), 1.5707963267948966)));
}
RULE(spence) { /* log(x) / (1 - x) */
  const firn_output x = g_in(g, 0);
  chain(g, g_op2(g, "RealDiv", g_op1(g, "Log", x), one_minus(g, x)));
}

/* The gradients that are ops of their own: Op's is OpGrad of dy and what it
 * names. */
RULE(relu) { g->dx[0] = g_op2(g, "ReluGrad", g->dy[0], g_out(g, 0)); }
RULE(relu6) { g->dx[0] = g_op2(g, "Relu6Grad", g->dy[0], g_out(g, 0)); }
RULE(elu) { g->dx[0] = g_op2(g, "EluGrad", g->dy[0], g_out(g, 0)); }
RULE(selu) { g->dx[0] = g_op2(g, "SeluGrad", g->dy[0], g_out(g, 0)); }
RULE(softplus) { g->dx[0] = g_op2(g, "SoftplusGrad", g->dy[0], g_in(g, 0)); }
RULE(softsign) { g->dx[0] = g_op2(g, "SoftsignGrad", g->dy[0], g_in(g, 0)); }
RULE(leaky_relu) {
  g->dx[0] = g_like(g, "LeakyReluGrad", (const char *const[]){"alpha", NULL},
                    (const firn_output[]){g->dy[0], g_in(g, 0)}, 2);
}
/* Where x > 0; also of the gradients above, by their dy. */
RULE(relu_grad) { g->dx[0] = g_op2(g, "ReluGrad", g->dy[0], g_in(g, 1)); }
RULE(relu6_grad) { g->dx[0] = g_op2(g, "Relu6Grad", g->dy[0], g_in(g, 1)); }
RULE(tanh_grad) { /* of y and dy: d(dy (1 - y^2)) */
  const firn_output y = g_in(g, 0), dy = g_in(g, 1);
  g->dx[0] = g_scale(g, g_mul(g, g_mul(g, g->dy[0], dy), y), -2);
  g->dx[1] = g_op2(g, "TanhGrad", y, g->dy[0]);
}
RULE(sigmoid_grad) { /* of y and dy: d(dy y (1 - y)) */
  const firn_output y = g_in(g, 0), dy = g_in(g, 1);
  g->dx[0] = g_mul(g, g_mul(g, g->dy[0], dy), one_minus(g, g_scale(g, y, 2)));
  g->dx[1] = g_op2(g, "SigmoidGrad", y, g->dy[0]);
}

RULE(cast) { g->dx[0] = g_cast(g, g->dy[0], g_type(g, g_in(g, 0))); }

/* ---- Complex numbers ----------------------------------------------------- */

static firn_output complex_of(firn_grad *g, firn_output re, firn_output im) {
  firn_op_begin(g->b, "Complex", NULL);
  firn_op_input(g->b, re);
  firn_op_input(g->b, im);
  if (g_type(g, re) == FIRN_DOUBLE)
    firn_op_attr_type(g->b, "Tout", FIRN_COMPLEX128);
  return firn_op_end(g->b);
}
static firn_output part(firn_grad *g, const char *op, firn_output x) {
  firn_op_begin(g->b, op, NULL);
  firn_op_input(g->b, x);
  if (g_type(g, x) == FIRN_COMPLEX128)
    firn_op_attr_type(g->b, "Tout", FIRN_DOUBLE);
  return firn_op_end(g->b);
}

RULE(conj_rule) { g->dx[0] = g_op1(g, "Conj", g->dy[0]); }
RULE(real) { g->dx[0] = complex_of(g, g->dy[0], g_number(g, g->dy[0], 0)); }
RULE(imag) { g->dx[0] = complex_of(g, g_number(g, g->dy[0], 0), g->dy[0]); }
RULE(complex_rule) {
  g_broadcast(g, 0, part(g, "Real", g->dy[0]), 1, part(g, "Imag", g->dy[0]));
}
RULE(complex_abs) { /* dy x / |x|, and 0 at 0 */
  const firn_output zero = g_number(g, g->dy[0], 0);
  g->dx[0] =
      g_mul(g, complex_of(g, g->dy[0], zero), g_op1(g, "Sign", g_in(g, 0)));
}

/* ---- Two inputs -----------------------------------------------------------
 */

RULE(add) { g_broadcast(g, 0, g->dy[0], 1, g->dy[0]); }
RULE(sub) { g_broadcast(g, 0, g->dy[0], 1, g_neg(g, g->dy[0])); }

/* dx[0] = dy * p, dx[1] = dy * q, as far as they are asked for. */
static void both(firn_grad *g, firn_output p, firn_output q) {
  g_broadcast(g, 0, g_has(p) ? g_mul(g, g->dy[0], g_conj(g, p)) : p, 1,
              g_has(q) ? g_mul(g, g->dy[0], g_conj(g, q)) : q);
}

RULE(mul) {
  both(g, g->wanted[0] ? g_in(g, 1) : FIRN_NO_OUTPUT,
       g->wanted[1] ? g_in(g, 0) : FIRN_NO_OUTPUT);
}
/* With 0 * anything = 0: MulNoNan(x, y) is 0 where y is. */
RULE(mul_no_nan) {
  g_broadcast(g, 0, g_op2(g, "MulNoNan", g->dy[0], g_in(g, 1)), 1,
              g_op2(g, "MulNoNan", g_in(g, 0), g->dy[0]));
}
static void divide(firn_grad *g, const char *op) {
  const firn_output x = g_conj(g, g_in(g, 0)), y = g_conj(g, g_in(g, 1));
  firn_output dx = FIRN_NO_OUTPUT, dy = FIRN_NO_OUTPUT;
  if (g->wanted[0]) dx = g_op2(g, op, g->dy[0], y);
  if (g->wanted[1])
    dy = g_mul(g, g->dy[0], g_op2(g, op, g_op2(g, op, g_neg(g, x), y), y));
  g_broadcast(g, 0, dx, 1, dy);
}
RULE(real_div) { divide(g, "RealDiv"); }
RULE(div_no_nan) { divide(g, "DivNoNan"); }
RULE(floor_mod) { /* x - floor(x / y) y */
  const firn_output times =
      g_neg(g, g_op2(g, "FloorDiv", g_in(g, 0), g_in(g, 1)));
  g_broadcast(g, 0, g->dy[0], 1, g_mul(g, g->dy[0], times));
}
RULE(squared_difference) {
  const firn_output x = g_in(g, 0), y = g_in(g, 1);
  const firn_output d = g_mul(g, g_scale(g, g->dy[0], 2), minus(g, x, y));
  g_broadcast(g, 0, d, 1, g_neg(g, d));
}
/* dy goes to the side that won. */
static void winner(firn_grad *g, const char *compare) {
  const firn_output zeros = g_op1(g, "ZerosLike", g->dy[0]);
  const firn_output first = g_op2(g, compare, g_in(g, 0), g_in(g, 1));
  g_broadcast(g, 0, g_op3(g, "SelectV2", first, g->dy[0], zeros), 1,
              g_op3(g, "SelectV2", first, zeros, g->dy[0]));
}
RULE(maximum) { winner(g, "GreaterEqual"); }
RULE(minimum) { winner(g, "LessEqual"); }
RULE(pow_rule) {
  const firn_output x = g_conj(g, g_in(g, 0)), y = g_conj(g, g_in(g, 1));
  const firn_output z = g_conj(g, g_out(g, 0));
  firn_output dx = FIRN_NO_OUTPUT, dy = FIRN_NO_OUTPUT;
  if (g->wanted[0])
    dx = g_mul(g, g_mul(g, g->dy[0], y),
               g_op2(g, "Pow", x, minus(g, y, g_number(g, y, 1))));
  if (g->wanted[1]) {
    /* The logarithm only where there is one. */
    const firn_output zero = g_number(g, x, 0);
    const firn_output has_log = g_is_complex(g, x)
                                    ? g_op2(g, "NotEqual", x, zero)
                                    : g_op2(g, "Greater", x, zero);
    const firn_output safe =
        g_op3(g, "SelectV2", has_log, x, g_op1(g, "OnesLike", x));
    const firn_output log = g_op3(g, "SelectV2", has_log, g_op1(g, "Log", safe),
                                  g_op1(g, "ZerosLike", x));
    dy = g_mul(g, g_mul(g, g->dy[0], z), log);
  }
  g_broadcast(g, 0, dx, 1, dy);
}
RULE(xlogy) {
  const firn_output x = g_in(g, 0), y = g_in(g, 1);
  both(g, g_op2(g, "Xlogy", g_op1(g, "Sign", square(g, x)), y),
       g_op2(g, "Xdivy", x, y));
}
RULE(xlog1py) {
  const firn_output x = g_in(g, 0), y = g_in(g, 1);
  both(g, g_op2(g, "Xlog1py", g_op1(g, "Sign", square(g, x)), y),
       g_op2(g, "Xdivy", x, one_plus(g, y)));
}
RULE(xdivy) {
  const firn_output x = g_in(g, 0), y = g_in(g, 1);
  both(g, g_op2(g, "Xdivy", g_op1(g, "Sign", square(g, x)), y),
       g_op2(g, "Xdivy", g_neg(g, x), square(g, y)));
}
RULE(atan2_rule) { /* y / x of (y, x) */
  const firn_output y = g_in(g, 0), x = g_in(g, 1);
  const firn_output inv = g_op2(g, "RealDiv", g->dy[0],
                                g_op2(g, "AddV2", square(g, x), square(g, y)));
  g_broadcast(g, 0, g_mul(g, inv, x), 1, g_mul(g, inv, g_neg(g, y)));
}
RULE(igamma) {
  const firn_output a = g_in(g, 0), x = g_in(g, 1);
  /* exp(-x + (a - 1) log x - lgamma(a)) */
  const firn_output e = minus(
      g,
      minus(g, g_mul(g, minus(g, a, g_number(g, a, 1)), g_op1(g, "Log", x)), x),
      g_op1(g, "Lgamma", a));
  both(g, g_op2(g, "IgammaGradA", a, x), g_op1(g, "Exp", e));
}
RULE(igammac) {
  igamma(g);
  g->dx[0] = g_neg(g, g->dx[0]);
  g->dx[1] = g_neg(g, g->dx[1]);
}
RULE(polygamma) { /* in x only */
  const firn_output n = g_in(g, 0), x = g_in(g, 1);
  both(g, FIRN_NO_OUTPUT, g_op2(g, "Polygamma", one_plus(g, n), x));
}
RULE(zeta) {
  const firn_output s = g_in(g, 0), q = g_in(g, 1);
  both(g, FIRN_NO_OUTPUT,
       g_mul(g, g_neg(g, s), g_op2(g, "Zeta", one_plus(g, s), q)));
}

/* ---- More inputs -----------------------------------------------------------
 */

RULE(add_n) {
  for (uint32_t i = 0; i < g->node->input_count; i++) g->dx[i] = g->dy[0];
}
/* Select: all of one shape, or a vector that chooses rows. */
RULE(select_rule) {
  const firn_output c = g_in(g, 0), zeros = g_op1(g, "ZerosLike", g_in(g, 1));
  g->dx[1] = g_op3(g, "Select", c, g->dy[0], zeros);
  g->dx[2] = g_op3(g, "Select", c, zeros, g->dy[0]);
}
RULE(select_v2) {
  const firn_output c = g_in(g, 0), zero = g_number(g, g->dy[0], 0);
  g->dx[1] = g_sum_to(g, g_op3(g, "SelectV2", c, g->dy[0], zero), g_in(g, 1));
  g->dx[2] = g_sum_to(g, g_op3(g, "SelectV2", c, zero, g->dy[0]), g_in(g, 2));
}
RULE(clip) { /* ClipByValue(x, low, high) */
  const firn_output x = g_in(g, 0), low = g_in(g, 1), high = g_in(g, 2);
  const firn_output zeros = g_op1(g, "ZerosLike", g->dy[0]);
  const firn_output under = g_op2(g, "Less", x, low);
  const firn_output over = g_op2(g, "Greater", x, high);
  const firn_output outside = g_op2(g, "LogicalOr", under, over);
  g->dx[0] = g_op3(g, "SelectV2", outside, zeros, g->dy[0]);
  g->dx[1] = g_sum_to(g, g_op3(g, "SelectV2", under, g->dy[0], zeros), low);
  g->dx[2] = g_sum_to(g, g_op3(g, "SelectV2", over, g->dy[0], zeros), high);
}
RULE(betainc) { /* in x only */
  const firn_output a = g_in(g, 0), b = g_in(g, 1), x = g_in(g, 2);
  const firn_output one = g_number(g, x, 1);
  const firn_output log_beta =
      minus(g, g_op2(g, "AddV2", g_op1(g, "Lgamma", a), g_op1(g, "Lgamma", b)),
            g_op1(g, "Lgamma", g_op2(g, "AddV2", a, b)));
  const firn_output e = minus(
      g,
      g_op2(g, "AddV2", g_op2(g, "Xlog1py", minus(g, b, one), g_neg(g, x)),
            g_op2(g, "Xlogy", minus(g, a, one), x)),
      log_beta);
  g->dx[2] = g_sum_to(g, g_mul(g, g->dy[0], g_op1(g, "Exp", e)), x);
}

const firn_grad_rule firn_grad_math[] = {
    {"Identity", identity},
    {"RefIdentity", identity},
    {"Snapshot", identity},
    {"CheckNumerics", identity},
    {"CheckNumericsV2", identity},
    {"DebugIdentity", identity},
    {"ReadVariableOp", identity},
    {"Neg", neg},
    {"Abs", abs_rule},
    {"ComplexAbs", complex_abs},
    {"Square", square_rule},
    {"Reciprocal", inv},
    {"Inv", inv},
    {"Sqrt", sqrt_rule},
    {"Rsqrt", rsqrt},
    {"Exp", exp_rule},
    {"Expm1", expm1_rule},
    {"Log", log_rule},
    {"Log1p", log1p_rule},
    {"Sin", sin_rule},
    {"Cos", cos_rule},
    {"Tan", tan_rule},
    {"Sinh", sinh_rule},
    {"Cosh", cosh_rule},
    {"Tanh", tanh_rule},
    {"Asin", asin_rule},
    {"Acos", acos_rule},
    {"Atan", atan_rule},
    {"Asinh", asinh_rule},
    {"Acosh", acosh_rule},
    {"Atanh", atanh_rule},
    {"Sigmoid", sigmoid},
    {"Erf", erf_rule},
    {"Erfc", erfc_rule},
    {"Erfinv", erfinv},
    {"Ndtri", ndtri},
    {"Lgamma", lgamma_rule},
    {"Digamma", digamma},
    {"Angle", angle},
    {"Dawsn", dawsn},
    {"Expint", expint},
    {"FresnelCos", fresnel_cos},
    {"FresnelSin", fresnel_sin},
    {"Spence", spence},
    {"Relu", relu},
    {"Relu6", relu6},
    {"Elu", elu},
    {"Selu", selu},
    {"Softplus", softplus},
    {"Softsign", softsign},
    {"LeakyRelu", leaky_relu},
    {"ReluGrad", relu_grad},
    {"Relu6Grad", relu6_grad},
    {"TanhGrad", tanh_grad},
    {"SigmoidGrad", sigmoid_grad},
    {"Cast", cast},
    {"Conj", conj_rule},
    {"Real", real},
    {"Imag", imag},
    {"Complex", complex_rule},
    {"Add", add},
    {"AddV2", add},
    {"Sub", sub},
    {"Mul", mul},
    {"MulNoNan", mul_no_nan},
    {"Div", real_div},
    {"RealDiv", real_div},
    {"DivNoNan", div_no_nan},
    {"FloorMod", floor_mod},
    {"SquaredDifference", squared_difference},
    {"Maximum", maximum},
    {"Minimum", minimum},
    {"Pow", pow_rule},
    {"Xlogy", xlogy},
    {"Xlog1py", xlog1py},
    {"Xdivy", xdivy},
    {"Atan2", atan2_rule},
    {"Igamma", igamma},
    {"Igammac", igammac},
    {"Polygamma", polygamma},
    {"Zeta", zeta},
    {"AddN", add_n},
    {"AccumulateNV2", add_n},
    {"Select", select_rule},
    {"SelectV2", select_v2},
    {"ClipByValue", clip},
    {"Betainc", betainc},
    {NULL, NULL},
};
