/* build/grad_control.c: gradients of conditionals of the first generation. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

static firn_output way(firn_grad *g, firn_output x, firn_output choice,
                       uint32_t k) {
  return firn_output_next(g_op2(g, "Switch", x, choice), k);
}

/* What arrived from the way that was taken. Nothing arrives from a way that
 * nobody differentiates: there the derivative is zero, alive only when that way
 * is taken. */
RULE(switch_rule) {
  const firn_output choice = g_in(g, 1);
  firn_output ways[2] = {g->dy[0], g->dy[1]};
  for (uint32_t k = 0; k < 2; k++)
    if (!g_has(ways[k]))
      ways[k] = way(g, g_op1(g, "ZerosLike", g_in(g, 0)), choice, k);
  firn_op_begin(g->b, "Merge", NULL);
  firn_op_inputs(g->b, ways, 2);
  g->dx[0] = firn_op_end(g->b);
}

/* dy goes the way that the merged value came. */
RULE(merge) {
  for (uint32_t i = 0; i < g->node->input_count; i++) {
    if (!g->wanted[i]) continue;
    const firn_output came = g_op2(g, "Equal", g_out(g, 1),
                                   firn_const_int32(g->b, NULL, (int32_t)i));
    g->dx[i] = way(g, g->dy[0], came, 1);
  }
}

const firn_grad_rule firn_grad_control[] = {
    {"Switch", switch_rule},
    {"RefSwitch", switch_rule},
    {"Merge", merge},
    {"RefMerge", merge},
    {NULL, NULL},
};
