/* build/grad_quantize.c: gradients of what rounds to a few levels and back.
 * Rounding itself counts for nothing: within the range dy passes. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

/* An op that takes dy and the inputs, and gives their derivatives. */
static void by_kernel(firn_grad *g, const char *op, const char *const *attrs) {
  const uint32_t n = g->node->input_count;
  g_begin_like(g, op, attrs);
  firn_op_input(g->b, g->dy[0]);
  for (uint32_t i = 0; i < n; i++) firn_op_input(g->b, g_in(g, i));
  const firn_output first = firn_op_end(g->b);
  for (uint32_t i = 0; i < n; i++) g->dx[i] = firn_output_next(first, i);
}

static const char *const fake[] = {"min", "max", "num_bits", "narrow_range",
                                   NULL};
RULE(fake_args) { by_kernel(g, "FakeQuantWithMinMaxArgsGradient", fake); }
RULE(fake_vars) { by_kernel(g, "FakeQuantWithMinMaxVarsGradient", fake); }
RULE(fake_channels) {
  by_kernel(g, "FakeQuantWithMinMaxVarsPerChannelGradient", fake);
}

RULE(pass) { g->dx[0] = g->dy[0]; }
RULE(quantize_v4) {
  static const char *const axis[] = {"axis", NULL};
  by_kernel(g, "QuantizeAndDequantizeV4Grad", axis);
}

const firn_grad_rule firn_grad_quantize[] = {
    {"FakeQuantWithMinMaxArgs", fake_args},
    {"FakeQuantWithMinMaxVars", fake_vars},
    {"FakeQuantWithMinMaxVarsPerChannel", fake_channels},
    {"QuantizeAndDequantize", pass},
    {"QuantizeAndDequantizeV2", pass},
    {"QuantizeAndDequantizeV3", pass},
    {"QuantizeAndDequantizeV4", quantize_v4},
    {NULL, NULL},
};
