/* build/grad_tensor_array.c: gradients of the TensorArrays of TensorFlow 1.
 *
 * To each array belongs another, of derivatives, that TensorArrayGrad finds or
 * makes; what is written there twice is added up. Each call of firn_gradients
 * has its own, told apart by the name of its scope. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

/* The array of derivatives, and a flow behind whose writes it is. */
typedef struct twin {
  firn_output handle, flow;
} twin;

/* The outermost scope: the same for all nodes of one call. */
static firn_str source(firn_grad *g) {
  const firn_str scope = firn_builder_scope(g->b);
  size_t size = 0;
  while (size < scope.size && scope.data[size] != '/') size++;
  return firn_builder_text(g->b, "%.*s", (int)size, scope.data);
}

static twin twin_of(firn_grad *g, firn_output flow) {
  const firn_str name = source(g);
  firn_op_begin(g->b, "TensorArrayGradV3", NULL);
  firn_op_input(g->b, g_in(g, 0));
  firn_op_input(g->b, flow);
  firn_op_attr_string(g->b, "source", name.data);
  const firn_output handle = firn_op_end(g->b);
  firn_op_begin(g->b, "Identity", NULL);
  firn_op_input(g->b, flow);
  firn_op_control(g->b, handle);
  return (twin){handle, firn_op_end(g->b)};
}

static uint32_t last_input(const firn_grad *g) {
  return g->node->input_count - 1;
}

/* What reads an array is written to its twin: whose flow is the derivative by
 * the flow. */
static void write_back(firn_grad *g, const char *op, firn_output where) {
  const twin t = twin_of(g, g_in(g, last_input(g)));
  firn_op_begin(g->b, op, NULL);
  firn_op_input(g->b, t.handle);
  if (firn_str_is(firn_str_of(op), "TensorArraySplitV3")) {
    firn_op_input(g->b, g->dy[0]);
    firn_op_input(g->b, where);
  } else {
    firn_op_input(g->b, where);
    firn_op_input(g->b, g->dy[0]);
  }
  firn_op_input(g->b, t.flow);
  g->dx[last_input(g)] = firn_op_end(g->b);
}
RULE(read) { write_back(g, "TensorArrayWriteV3", g_in(g, 1)); }
RULE(gather) { write_back(g, "TensorArrayScatterV3", g_in(g, 1)); }
RULE(concat) { write_back(g, "TensorArraySplitV3", g_out(g, 1)); }

/* And the other way about. */
static void read_back(firn_grad *g, const char *op, firn_output where,
                      uint32_t value) {
  const twin t = twin_of(g, g->dy[0]);
  firn_op_begin(g->b, op, NULL);
  firn_op_input(g->b, t.handle);
  if (g_has(where)) firn_op_input(g->b, where);
  firn_op_input(g->b, t.flow);
  firn_op_attr_type(g->b, "dtype", g_type(g, g_in(g, value)));
  g->dx[value] = firn_op_end(g->b);
  g->dx[last_input(g)] = g->dy[0];
}
RULE(write) { read_back(g, "TensorArrayReadV3", g_in(g, 1), 2); }
RULE(scatter) { read_back(g, "TensorArrayGatherV3", g_in(g, 1), 2); }
RULE(split) { read_back(g, "TensorArrayConcatV3", FIRN_NO_OUTPUT, 1); }

const firn_grad_rule firn_grad_tensor_array[] = {
    {"TensorArrayV3", NULL},
    {"TensorArrayGradV3", NULL},
    {"TensorArraySizeV3", NULL},
    {"TensorArrayCloseV3", NULL},
    {"TensorArrayReadV3", read},
    {"TensorArrayGatherV3", gather},
    {"TensorArrayConcatV3", concat},
    {"TensorArrayWriteV3", write},
    {"TensorArrayScatterV3", scatter},
    {"TensorArraySplitV3", split},
    {NULL, NULL},
};
