/* build/grad_second.c: gradients of ops that are parts of gradients, for
 * derivatives of derivatives. Those of the commonest stand with their ops. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

/* ---- Elementwise ----------------------------------------------------------
 */

RULE(reciprocal) { /* -b a'^2, of a and b */
  const firn_output a = g_conj(g, g_in(g, 0)), dy = g_conj(g, g->dy[0]);
  g->dx[0] = g_mul(g, g_mul(g, g_scale(g, dy, -2), g_in(g, 1)), a);
  g->dx[1] = g_op2(g, "ReciprocalGrad", a, g->dy[0]);
}
RULE(rsqrt) { /* -b a'^3 / 2 */
  const firn_output a = g_conj(g, g_in(g, 0)), dy = g_conj(g, g->dy[0]);
  g->dx[0] = g_mul(g, g_mul(g, g_scale(g, dy, -1.5), g_in(g, 1)),
                   g_op1(g, "Square", a));
  g->dx[1] = g_op2(g, "RsqrtGrad", a, g->dy[0]);
}
RULE(sqrt_rule) { /* b / 2 a' */
  const firn_output part = g_op2(g, "RealDiv", g->dy[0], g_in(g, 0));
  g->dx[0] = g_neg(g, g_mul(g, g_conj(g, part), g_out(g, 0)));
  g->dx[1] = g_scale(g, part, 0.5);
}

/* What passes dy on with a slope of its own below zero: x[0] is the derivative,
 * x[1] the result. */
static void below_zero(firn_grad *g, const char *op) {
  const firn_output y = g_in(g, 1), zeros = g_op1(g, "ZerosLike", y);
  g->dx[0] = g_op2(g, op, g->dy[0], y);
  g->dx[1] = g_op3(g, "SelectV2", g_op2(g, "Less", y, zeros),
                   g_mul(g, g->dy[0], g_in(g, 0)), zeros);
}
RULE(elu) { below_zero(g, "EluGrad"); }
RULE(selu) { below_zero(g, "SeluGrad"); }
RULE(leaky_relu) {
  g->dx[0] = g_like(g, "LeakyReluGrad", (const char *const[]){"alpha", NULL},
                    (const firn_output[]){g->dy[0], g_in(g, 1)}, 2);
}
RULE(softplus) { /* x[0] / (1 + e^-x[1]) */
  const firn_output x = g_in(g, 1), up = g_op1(g, "Exp", x);
  const firn_output down = g_op1(g, "Exp", g_neg(g, x));
  const firn_output sum =
      g_op2(g, "AddV2", g_op2(g, "AddV2", down, g_number(g, x, 2)), up);
  g->dx[0] = g_op2(g, "SoftplusGrad", g->dy[0], x);
  g->dx[1] = g_op2(g, "RealDiv", g_mul(g, g->dy[0], g_in(g, 0)), sum);
}

/* ---- Layers ---------------------------------------------------------------
 */

RULE(bias_add) { /* each sum goes back to all that were added up */
  g->dx[0] = g_like(
      g, "BiasAdd", (const char *const[]){"data_format", NULL},
      (const firn_output[]){g_op1(g, "ZerosLike", g_in(g, 0)), g->dy[0]}, 2);
}

static const char *const window[] = {"ksize", "strides", "padding",
                                     "data_format", NULL};

/* Linear in x[2]: the others only say where it goes. */
static void choose(firn_grad *g, const char *op) {
  const firn_output in[] = {g_in(g, 0), g_in(g, 1), g->dy[0]};
  g_begin_like(g, op, window);
  for (uint32_t i = 0; i < 3; i++) firn_op_input(g->b, in[i]);
  for (uint32_t i = 3; i < g->node->input_count; i++)
    firn_op_input(g->b, g_in(g, i));
  g->dx[2] = firn_op_end(g->b);
}
RULE(max_pool) { choose(g, "MaxPoolGradGrad"); }
RULE(max_pool_v2) { choose(g, "MaxPoolGradGradV2"); }
RULE(max_pool_twice) { choose(g, "MaxPoolGrad"); }
RULE(max_pool_3d) { choose(g, "MaxPool3DGradGrad"); }
RULE(max_pool_3d_twice) { choose(g, "MaxPool3DGrad"); }
RULE(avg_pool_3d) { g->dx[1] = g_like(g, "AvgPool3D", window, g->dy, 1); }

const firn_grad_rule firn_grad_second[] = {
    {"InvGrad", reciprocal},
    {"ReciprocalGrad", reciprocal},
    {"RsqrtGrad", rsqrt},
    {"SqrtGrad", sqrt_rule},
    {"EluGrad", elu},
    {"SeluGrad", selu},
    {"LeakyReluGrad", leaky_relu},
    {"SoftplusGrad", softplus},
    {"BiasAddGrad", bias_add},
    {"MaxPoolGrad", max_pool},
    {"MaxPoolGradV2", max_pool_v2},
    {"MaxPoolGradGrad", max_pool_twice},
    {"MaxPool3DGrad", max_pool_3d},
    {"MaxPool3DGradGrad", max_pool_3d_twice},
    {"AvgPool3DGrad", avg_pool_3d},
    {NULL, NULL},
};
