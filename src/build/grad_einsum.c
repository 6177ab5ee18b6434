/* build/grad_einsum.c: the gradient of Einsum, which is an Einsum.
 *
 *   z = Einsum[x,y->z]    dx = Einsum[z,y->x](dz, y)
 *
 * Labels that only x has were summed: dx repeats along them. An ellipsis may
 * have been broadcast: dx is made with it in front, where what was repeated can
 * be added up, and put into x's order behind that. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

/* The parts of an equation; `other` is empty where there is one operand. */
typedef struct terms {
  firn_str self, other, out;
  bool dots; /* there is an ellipsis anywhere */
} terms;

static bool has_label(firn_str term, char label) {
  for (size_t i = 0; i < term.size; i++)
    if (term.data[i] == label) return true;
  return false;
}

static bool cut(firn_str equation, uint32_t operand, uint32_t count, terms *t) {
  firn_str in[2] = {{0}, {0}};
  size_t arrow = 0, comma = 0;
  while (arrow + 1 < equation.size &&
         (equation.data[arrow] != '-' || equation.data[arrow + 1] != '>'))
    arrow++;
  if (arrow + 1 >= equation.size || count > 2) return false;
  while (comma < arrow && equation.data[comma] != ',') comma++;
  in[0] = (firn_str){equation.data, comma};
  if (comma < arrow)
    in[1] = (firn_str){equation.data + comma + 1, arrow - comma - 1};
  if ((comma < arrow) != (count == 2)) return false;
  t->self = in[operand];
  t->other = in[1 - operand];
  t->out = (firn_str){equation.data + arrow + 2, equation.size - arrow - 2};
  t->dots = has_label(equation, '.');
  return true;
}

/* The labels of x, without the ellipsis; with `known` only those that the
 * others have as well. Terminated. */
static const char *labels(firn_grad *g, const terms *t, bool known) {
  char *text = firn_builder_alloc(g->b, t->self.size + 1, 1);
  size_t count = 0;
  if (!text) return "";
  for (size_t i = 0; i < t->self.size; i++) {
    const char c = t->self.data[i];
    if (c != '.' && (!known || has_label(t->other, c) || has_label(t->out, c)))
      text[count++] = c;
  }
  text[count] = 0;
  return text;
}

static firn_output einsum(firn_grad *g, firn_str equation,
                          const firn_output *inputs, size_t count) {
  firn_op_begin(g->b, "Einsum", NULL);
  firn_op_inputs(g->b, inputs, count);
  firn_op_attr_bytes(g->b, "equation", equation);
  return firn_op_end(g->b);
}

/* Repeats along the labels that only x has. Of two such of one name only the
 * diagonal was summed. */
static firn_output repeat(firn_grad *g, const terms *t, firn_output dx,
                          firn_output like) {
  const firn_str all = firn_str_of(labels(g, t, false));
  bool any = false;
  for (size_t i = all.size; i-- > 0;) {
    const char c = all.data[i];
    if (has_label(t->other, c) || has_label(t->out, c)) continue;
    if (has_label((firn_str){all.data, i}, c)) {
      firn_builder_fail(g->b, FIRN_UNIMPLEMENTED,
                        "node '%.*s' (Einsum): no gradient of a trace, of "
                        "which label '%c' is",
                        FIRN_ARG(g->node->def->name), c);
      return dx;
    }
    const int32_t axis = -1 - (int32_t)(all.size - 1 - i);
    dx = g_op2(g, "ExpandDims", dx, firn_const_int32(g->b, NULL, axis));
    any = true;
  }
  if (!any) return dx;
  const firn_output shape =
      g_op2(g, "BroadcastArgs", g_shape(g, dx), g_shape(g, like));
  return g_op2(g, "BroadcastTo", dx, shape);
}

static firn_output by_operand(firn_grad *g, const terms *t, uint32_t operand) {
  const bool two = g->node->input_count == 2;
  const firn_output x = g_in(g, operand);
  firn_output inputs[2] = {g->dy[0]};
  if (two) inputs[1] = g_conj(g, g_in(g, 1 - operand));
  const firn_str equation = firn_builder_text(
      g->b, "%.*s%s%.*s->%s%s", (int)t->out.size, t->out.data, two ? "," : "",
      (int)t->other.size, t->other.data ? t->other.data : "",
      t->dots ? "..." : "", labels(g, t, true));
  firn_output dx = einsum(g, equation, inputs, two ? 2 : 1);
  const bool moved = has_label(t->self, '.') && t->self.data[0] != '.';
  const char *all = labels(g, t, false);
  firn_output like = x;
  if (moved)
    like = einsum(g,
                  firn_builder_text(g->b, "%.*s->...%s", (int)t->self.size,
                                    t->self.data, all),
                  &x, 1);
  dx = repeat(g, t, dx, like);
  if (t->dots) dx = g_sum_to(g, dx, like);
  if (!moved) return dx;
  return einsum(g,
                firn_builder_text(g->b, "...%s->%.*s", all, (int)t->self.size,
                                  t->self.data),
                &dx, 1);
}

RULE(einsum_rule) {
  const firn_str equation = firn_attr_str_or(g->node, "equation", "");
  for (uint32_t i = 0; i < g->node->input_count; i++) {
    terms t;
    if (!g->wanted[i]) continue;
    if (!cut(equation, i, g->node->input_count, &t)) {
      firn_builder_fail(g->b, FIRN_INVALID_ARGUMENT,
                        "node '%.*s' (Einsum): equation '%.*s' does not fit "
                        "%u inputs",
                        FIRN_ARG(g->node->def->name), FIRN_ARG(equation),
                        g->node->input_count);
      return;
    }
    g->dx[i] = by_operand(g, &t, i);
  }
}

const firn_grad_rule firn_grad_einsum[] = {
    {"Einsum", einsum_rule},
    {NULL, NULL},
};
