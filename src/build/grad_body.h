/* build/grad_body.h: the gradient of a function, as a function.
 *
 * The body of a function becomes the graph of a builder of its own, to which
 * the gradients of its arguments are added. What is returned is written back as
 * a FunctionDef: its arguments are those of the function and, behind them, a
 * derivative for each return value that one arrives at. Values of the body that
 * the gradients read are computed again inside.
 *
 *   firn_grad_body body;
 *   if (firn_grad_body_open(b, func, types, count, &body))
 *     name = firn_grad_body_close(&body, b, "f_grad", rets, ret_count);
 *
 * Ownership: what is between open and close belongs to the body; the function
 *            then belongs to the builder it is added to.
 * Threads:   confined.
 */
#ifndef FIRN_BUILD_GRAD_BODY_H
#define FIRN_BUILD_GRAD_BODY_H

#include "build/gradient.h"
#include "graph/function.h"

typedef struct firn_grad_body {
  firn_builder *b;
  firn_function *function; /* NULL: the body was begun empty             */
  firn_output *args;       /* all that the new function takes, in order  */
  uint32_t arg_count, arg_capacity;
  firn_output *dxs; /* per argument of the function; none: no gradient   */
} firn_grad_body;

/* Differentiates `func`: dy_types has the type of the derivative that arrives
 * at each of `ret_count` return values, FIRN_INVALID where none does. False
 * when anything failed, which `outer` has noted down. */
bool firn_grad_body_open(firn_builder *outer, const firn_pb_NameAttrList *func,
                         const firn_dtype *dy_types, size_t ret_count,
                         firn_grad_body *out);

/* An empty function, and one more argument of a function. */
bool firn_grad_body_new(firn_builder *outer, firn_grad_body *out);
firn_output firn_grad_body_arg(firn_grad_body *body, firn_dtype type);

/* Per node, whether these outputs need it; NULL when anything failed. */
const bool *firn_grad_body_marks(firn_grad_body *body, const firn_output *rets,
                                 size_t count);

/* Writes the function under a name like `name` and frees the body. Gives the
 * name, terminated, or "" when anything failed. */
const char *firn_grad_body_close(firn_grad_body *body, firn_builder *outer,
                                 const char *name, const firn_output *rets,
                                 size_t ret_count);

/* Frees it without a result. */
void firn_grad_body_drop(firn_grad_body *body);

/* Zeros like a tensor or, of type `type`, like the variable of a handle. */
firn_output firn_grad_zeros(firn_builder *b, firn_output like, firn_dtype type);

/* The types of outputs, for an attr like Tout. */
void firn_grad_attr_types(firn_builder *b, const char *attr,
                          const firn_output *outputs, size_t count);

#endif
