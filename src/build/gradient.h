/* build/gradient.h: what the gradient of one op is written with.
 *
 * A rule adds the nodes that compute, from the derivatives dy of a node's
 * outputs, the derivatives dx of its inputs (reverse mode). It sees the node,
 * not tensors; whatever it reads (inputs, outputs) the nodes it adds read when
 * the graph runs.
 *
 *   static void neg(firn_grad *g) { g->dx[0] = g_op1(g, "Neg", g->dy[0]); }
 *
 * Rules stand in tables, one per family file; gradients.c walks the graph.
 *
 * Threads: confined, as the builder is.
 */
#ifndef FIRN_BUILD_GRADIENT_H
#define FIRN_BUILD_GRADIENT_H

#include "build/builder.h"

/* One node whose gradient is asked for. */
typedef struct firn_grad {
  firn_builder *b;
  const firn_node *node;
  const firn_output *dy; /* per output; FIRN_NO_OUTPUT: nothing arrives     */
  firn_output *dx;       /* per input; FIRN_NO_OUTPUT at first: none        */
  const bool *wanted;    /* per input: whether anybody asks for dx[i]       */
} firn_grad;

/* What an op's gradient is. `rule` NULL: it passes nothing on, because its
 * result does not change with its inputs, or only in steps. */
typedef struct firn_grad_rule {
  const char *op;
  void (*rule)(firn_grad *g);
} firn_grad_rule;

/* A family's rules; `op` NULL ends a table. */
extern const firn_grad_rule firn_grad_array[], firn_grad_call[],
    firn_grad_control[], firn_grad_einsum[], firn_grad_factor[],
    firn_grad_fourier[], firn_grad_gather[], firn_grad_linear[],
    firn_grad_list[], firn_grad_loop[], firn_grad_math[], firn_grad_network[],
    firn_grad_picture[], firn_grad_quantize[], firn_grad_reduce[],
    firn_grad_second[], firn_grad_sparse[], firn_grad_special[],
    firn_grad_still[], firn_grad_tensor_array[];

/* The rule of an op, or NULL when there is none. */
const firn_grad_rule *firn_grad_find(firn_str op);

/* ---- Words for rules ---------------------------------------------------- */

static inline firn_output g_in(const firn_grad *g, uint32_t i) {
  return firn_input_of(g->node, i);
}
static inline firn_output g_out(const firn_grad *g, uint32_t k) {
  return (firn_output){g->node->index, k};
}
static inline bool g_has(firn_output o) { return o.node != FIRN_NO_NODE; }

/* Rules are full of these words: short for them, prefixed for the linker. */
#define g_op1 firn_grad_op1
#define g_op2 firn_grad_op2
#define g_op3 firn_grad_op3
#define g_number firn_grad_number
#define g_scale firn_grad_scale
#define g_conj firn_grad_conj
#define g_dy firn_grad_dy
#define g_shape firn_grad_shape
#define g_size firn_grad_size
#define g_rank firn_grad_rank
#define g_reshape_as firn_grad_reshape_as
#define g_type firn_grad_type
#define g_is_complex firn_grad_is_complex
#define g_broadcast firn_grad_broadcast
#define g_sum_to firn_grad_sum_to
#define g_cast firn_grad_cast
#define g_concat firn_grad_concat
#define g_axes firn_grad_axes
#define g_kept_shape firn_grad_kept_shape
#define g_begin_like firn_grad_begin_like
#define g_like firn_grad_like
#define g_times firn_grad_times
#define g_transposed firn_grad_transposed
#define g_adjoint firn_grad_adjoint
#define g_triangle firn_grad_triangle

/* One node of default attrs; its first output. */
firn_output g_op1(firn_grad *g, const char *op, firn_output x);
firn_output g_op2(firn_grad *g, const char *op, firn_output x, firn_output y);
firn_output g_op3(firn_grad *g, const char *op, firn_output x, firn_output y,
                  firn_output z);

static inline firn_output g_mul(firn_grad *g, firn_output x, firn_output y) {
  return g_op2(g, "Mul", x, y);
}
static inline firn_output g_neg(firn_grad *g, firn_output x) {
  return g_op1(g, "Neg", x);
}

/* A scalar of the type of `like`, and a product with one. */
firn_output g_number(firn_grad *g, firn_output like, double value);
firn_output g_scale(firn_grad *g, firn_output x, double factor);

/* The conjugate where x is complex, else x itself: what the chain rule wants
 * there. */
firn_output g_conj(firn_grad *g, firn_output x);

/* dy[k], or zeros of the output's shape when nothing arrives there. */
firn_output g_dy(firn_grad *g, uint32_t k);

/* The shape of an output as a vector of int32. */
firn_output g_shape(firn_grad *g, firn_output x);
firn_output g_size(firn_grad *g, firn_output x);
firn_output g_rank(firn_grad *g, firn_output x);

/* x under the shape of `like`. */
firn_output g_reshape_as(firn_grad *g, firn_output x, firn_output like);

/* The types and shapes that are known. */
firn_dtype g_type(const firn_grad *g, firn_output x);
bool g_is_complex(const firn_grad *g, firn_output x);

/* dx[i] and dx[j] of two inputs that are broadcast against each other: what was
 * repeated is added up again. Either may be FIRN_NO_OUTPUT. */
void g_broadcast(firn_grad *g, uint32_t i, firn_output di, uint32_t j,
                 firn_output dj);

/* x summed down to the shape of `like`, which it was broadcast from. */
firn_output g_sum_to(firn_grad *g, firn_output x, firn_output like);

firn_output g_cast(firn_grad *g, firn_output x, firn_dtype type);

/* Two vectors, one behind the other. */
firn_output g_concat(firn_grad *g, firn_output x, firn_output y);

/* Axes as a vector of int32, none of them negative. */
firn_output g_axes(firn_grad *g, firn_output axes, firn_output rank);

/* The shape of x with ones where `axes` (which count from the end when
 * negative) are: that of a reduction that keeps its axes. */
firn_output g_kept_shape(firn_grad *g, firn_output x, firn_output axes);

/* Matrices, in batches: x y, either of them adjoint; rows and columns swapped,
 * and conjugate; and what lies on one side of the diagonal, with it. */
firn_output g_times(firn_grad *g, firn_output x, bool adjoint_x, firn_output y,
                    bool adjoint_y);
firn_output g_transposed(firn_grad *g, firn_output x);
firn_output g_adjoint(firn_grad *g, firn_output x);
firn_output g_triangle(firn_grad *g, firn_output x, bool lower);

/* Begins a node that has the attrs of the one at hand that are listed, up to
 * NULL: the gradient of a convolution is a convolution of the same strides. */
void g_begin_like(firn_grad *g, const char *op, const char *const *attrs);

/* Lists that gradients keep values in: what is pushed last is popped first. */
firn_output firn_grad_list_new(firn_builder *b, firn_dtype type);
firn_output firn_grad_list_push(firn_builder *b, firn_output list,
                                firn_output item);
/* The rest; the item is the next output. */
firn_output firn_grad_list_pop(firn_builder *b, firn_output list,
                               firn_dtype type);

/* The whole node: such attrs, and these inputs. */
firn_output g_like(firn_grad *g, const char *op, const char *const *attrs,
                   const firn_output *inputs, size_t count);

#endif
