/* build/grad_special.c: gradients of Bessel functions. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

static void chain(firn_grad *g, firn_output factor) {
  g->dx[0] = g_mul(g, g->dy[0], factor);
}
static firn_output minus(firn_grad *g, firn_output x, firn_output y) {
  return g_op2(g, "Sub", x, y);
}
static firn_output over_x(firn_grad *g) {
  return g_op2(g, "RealDiv", g_out(g, 0), g_in(g, 0));
}

/* ---- Of order 0 -----------------------------------------------------------
 */

RULE(bessel_i0) { chain(g, g_op1(g, "BesselI1", g_in(g, 0))); }
RULE(bessel_i0e) { /* i1e(x) - sign(x) y */
  const firn_output x = g_in(g, 0);
  chain(g, minus(g, g_op1(g, "BesselI1e", x),
                 g_mul(g, g_op1(g, "Sign", x), g_out(g, 0))));
}
RULE(bessel_j0) { chain(g, g_neg(g, g_op1(g, "BesselJ1", g_in(g, 0)))); }
RULE(bessel_y0) { chain(g, g_neg(g, g_op1(g, "BesselY1", g_in(g, 0)))); }
RULE(bessel_k0) { chain(g, g_neg(g, g_op1(g, "BesselK1", g_in(g, 0)))); }
RULE(bessel_k0e) {
  chain(g, minus(g, g_out(g, 0), g_op1(g, "BesselK1e", g_in(g, 0))));
}

/* ---- Of order 1 -----------------------------------------------------------
 */

/* Where x is 0 the general form divides by it. */
static void but_at_zero(firn_grad *g, double there, firn_output elsewhere) {
  const firn_output x = g_in(g, 0);
  chain(g, g_op3(g, "SelectV2", g_op2(g, "Equal", x, g_number(g, x, 0)),
                 g_number(g, x, there), elsewhere));
}
RULE(bessel_i1) {
  but_at_zero(g, 1, minus(g, g_op1(g, "BesselI0", g_in(g, 0)), over_x(g)));
}
RULE(bessel_i1e) { /* i0e(x) - y (sign(x) + 1 / x) */
  const firn_output x = g_in(g, 0);
  const firn_output slope =
      g_op2(g, "AddV2", g_op1(g, "Sign", x), g_op1(g, "Reciprocal", x));
  but_at_zero(g, 0.5,
              minus(g, g_op1(g, "BesselI0e", x), g_mul(g, g_out(g, 0), slope)));
}
RULE(bessel_j1) {
  but_at_zero(g, 0.5, minus(g, g_op1(g, "BesselJ0", g_in(g, 0)), over_x(g)));
}
RULE(bessel_y1) {
  chain(g, minus(g, g_op1(g, "BesselY0", g_in(g, 0)), over_x(g)));
}
RULE(bessel_k1) {
  chain(g, minus(g, g_neg(g, g_op1(g, "BesselK0", g_in(g, 0))), over_x(g)));
}
RULE(bessel_k1e) { /* y (1 - 1 / x) - k0e(x) */
  const firn_output x = g_in(g, 0);
  const firn_output slope =
      minus(g, g_number(g, x, 1), g_op1(g, "Reciprocal", x));
  chain(g, minus(g, g_mul(g, g_out(g, 0), slope), g_op1(g, "BesselK0e", x)));
}

const firn_grad_rule firn_grad_special[] = {
    {"BesselI0", bessel_i0},
    {"BesselI0e", bessel_i0e},
    {"BesselJ0", bessel_j0},
    {"BesselY0", bessel_y0},
    {"BesselK0", bessel_k0},
    {"BesselK0e", bessel_k0e},
    {"BesselI1", bessel_i1},
    {"BesselI1e", bessel_i1e},
    {"BesselJ1", bessel_j1},
    {"BesselY1", bessel_y1},
    {"BesselK1", bessel_k1},
    {"BesselK1e", bessel_k1e},
    {NULL, NULL},
};
