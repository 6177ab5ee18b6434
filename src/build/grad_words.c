/* build/grad_words.c: the words that rules of gradients are written with. */
#include <string.h>

#include "build/gradient.h"
#include "build/nn.h"

firn_output g_op1(firn_grad *g, const char *op, firn_output x) {
  firn_op_begin(g->b, op, NULL);
  firn_op_input(g->b, x);
  return firn_op_end(g->b);
}

firn_output g_op2(firn_grad *g, const char *op, firn_output x, firn_output y) {
  firn_op_begin(g->b, op, NULL);
  firn_op_input(g->b, x);
  firn_op_input(g->b, y);
  return firn_op_end(g->b);
}

firn_output g_op3(firn_grad *g, const char *op, firn_output x, firn_output y,
                  firn_output z) {
  firn_op_begin(g->b, op, NULL);
  firn_op_input(g->b, x);
  firn_op_input(g->b, y);
  firn_op_input(g->b, z);
  return firn_op_end(g->b);
}

firn_dtype g_type(const firn_grad *g, firn_output x) {
  const int type = firn_output_type(g->b, x);
  return (firn_dtype)(type > 100 ? type - 100 : type);
}

bool g_is_complex(const firn_grad *g, firn_output x) {
  const firn_dtype type = g_type(g, x);
  return type == FIRN_COMPLEX64 || type == FIRN_COMPLEX128;
}

firn_output g_number(firn_grad *g, firn_output like, double value) {
  if (!g_is_complex(g, like))
    return firn_nn_scalar(g->b, "Const", g_type(g, like), value);
  return g_cast(g, firn_nn_scalar(g->b, "Const", FIRN_DOUBLE, value),
                g_type(g, like));
}

firn_output g_scale(firn_grad *g, firn_output x, double factor) {
  return g_mul(g, x, g_number(g, x, factor));
}

firn_output g_conj(firn_grad *g, firn_output x) {
  return g_is_complex(g, x) ? g_op1(g, "Conj", x) : x;
}

firn_output g_dy(firn_grad *g, uint32_t k) {
  if (g_has(g->dy[k])) return g->dy[k];
  return g_op1(g, "ZerosLike", g_out(g, k));
}

firn_output g_shape(firn_grad *g, firn_output x) {
  return g_op1(g, "Shape", x);
}
firn_output g_size(firn_grad *g, firn_output x) { return g_op1(g, "Size", x); }
firn_output g_rank(firn_grad *g, firn_output x) { return g_op1(g, "Rank", x); }

firn_output g_reshape_as(firn_grad *g, firn_output x, firn_output like) {
  return g_op2(g, "Reshape", x, g_shape(g, like));
}

/* Whether both shapes are known and the same: nothing was repeated then. */
static bool same_shape(const firn_grad *g, firn_output x, firn_output y) {
  const firn_shape a = firn_output_shape(g->b, x);
  const firn_shape b = firn_output_shape(g->b, y);
  if (a.rank < 0 || a.rank != b.rank) return false;
  for (int k = 0; k < a.rank; k++)
    if (a.dims[k] < 0 || a.dims[k] != b.dims[k]) return false;
  return true;
}

static firn_output sum_over(firn_grad *g, firn_output x, firn_output axes,
                            firn_output shape) {
  return g_op2(g, "Reshape", g_op2(g, "Sum", x, axes), shape);
}

void g_broadcast(firn_grad *g, uint32_t i, firn_output di, uint32_t j,
                 firn_output dj) {
  const firn_output x = g_in(g, i), y = g_in(g, j);
  if (same_shape(g, x, y)) {
    g->dx[i] = di;
    g->dx[j] = dj;
    return;
  }
  const firn_output a = g_shape(g, x), b = g_shape(g, y);
  const firn_output axes = g_op2(g, "BroadcastGradientArgs", a, b);
  if (g_has(di)) g->dx[i] = sum_over(g, di, axes, a);
  if (g_has(dj)) g->dx[j] = sum_over(g, dj, firn_output_next(axes, 1), b);
}

firn_output g_sum_to(firn_grad *g, firn_output x, firn_output like) {
  if (same_shape(g, x, like)) return x;
  const firn_output shape = g_shape(g, like);
  const firn_output axes =
      g_op2(g, "BroadcastGradientArgs", shape, g_shape(g, x));
  return sum_over(g, x, axes, shape);
}

firn_output g_cast(firn_grad *g, firn_output x, firn_dtype type) {
  if (g_type(g, x) == type) return x;
  firn_op_begin(g->b, "Cast", NULL);
  firn_op_input(g->b, x);
  firn_op_attr_type(g->b, "DstT", type);
  return firn_op_end(g->b);
}

firn_output g_concat(firn_grad *g, firn_output x, firn_output y) {
  const firn_output parts[] = {x, y};
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  firn_op_begin(g->b, "ConcatV2", NULL);
  firn_op_inputs(g->b, parts, 2);
  firn_op_input(g->b, zero);
  return firn_op_end(g->b);
}

firn_output g_axes(firn_grad *g, firn_output axes, firn_output rank) {
  static const int32_t vector[] = {-1};
  const firn_output flat = g_op2(g, "Reshape", g_cast(g, axes, FIRN_INT32),
                                 firn_const_ints(g->b, NULL, vector, 1));
  return g_op2(g, "FloorMod", g_op2(g, "AddV2", flat, rank), rank);
}

firn_output g_kept_shape(firn_grad *g, firn_output x, firn_output axes) {
  const firn_output shape = g_shape(g, x), rank = g_size(g, shape);
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output reduced = g_axes(g, axes, rank);
  const firn_output places[] = {g_op3(g, "Range", zero, rank, one), reduced};
  const firn_output extents[] = {shape,
                                 g_op2(g, "Fill", g_shape(g, reduced), one)};
  firn_op_begin(g->b, "DynamicStitch", NULL);
  firn_op_inputs(g->b, places, 2);
  firn_op_inputs(g->b, extents, 2);
  return firn_op_end(g->b);
}

firn_output g_times(firn_grad *g, firn_output x, bool adjoint_x, firn_output y,
                    bool adjoint_y) {
  firn_op_begin(g->b, "BatchMatMulV2", NULL);
  firn_op_input(g->b, x);
  firn_op_input(g->b, y);
  firn_op_attr_bool(g->b, "adj_x", adjoint_x);
  firn_op_attr_bool(g->b, "adj_y", adjoint_y);
  return firn_op_end(g->b);
}

firn_output g_transposed(firn_grad *g, firn_output x) {
  static const int32_t swap[] = {-1, -2};
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output two = firn_const_int32(g->b, NULL, 2);
  const firn_output rank = g_rank(g, x);
  const firn_output heads =
      g_op3(g, "Range", zero, g_op2(g, "Sub", rank, two), one);
  const firn_output tail =
      g_op2(g, "AddV2", firn_const_ints(g->b, NULL, swap, 2), rank);
  return g_op2(g, "Transpose", x, g_concat(g, heads, tail));
}

firn_output g_adjoint(firn_grad *g, firn_output x) {
  return g_conj(g, g_transposed(g, x));
}

firn_output g_triangle(firn_grad *g, firn_output x, bool lower) {
  const firn_output all = firn_const_int32(g->b, NULL, -1);
  const firn_output none = firn_const_int32(g->b, NULL, 0);
  return g_op3(g, "MatrixBandPart", x, lower ? all : none, lower ? none : all);
}

void g_begin_like(firn_grad *g, const char *op, const char *const *attrs) {
  firn_op_begin(g->b, op, NULL);
  for (; *attrs; attrs++) {
    const firn_pb_AttrValue *value = firn_attr(g->node, *attrs);
    if (value) firn_op_attr_value(g->b, firn_str_of(*attrs), value);
  }
}

firn_output g_like(firn_grad *g, const char *op, const char *const *attrs,
                   const firn_output *inputs, size_t count) {
  g_begin_like(g, op, attrs);
  for (size_t i = 0; i < count; i++) firn_op_input(g->b, inputs[i]);
  return firn_op_end(g->b);
}
