/* ops/pieces.h: tensors that are kept one by one, joined into one tensor and
 * cut out of one: what lists and arrays of tensors have in common.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_PIECES_H
#define FIRN_OPS_PIECES_H

#include "ops/op.h"

/* Output i of a run: the pieces, each of shape `element`, along a new first
 * axis. NULL stands for zeros. */
FIRN_CHECKED firn_code firn_pieces_stack(const firn_run *run, size_t i,
                                         firn_tensor *const *pieces,
                                         size_t count,
                                         const firn_shape *element,
                                         firn_error *err);

/* Output i of a run: the pieces along their first axis, of which piece k has
 * lengths[k]; the other axes are `rest`. NULL stands for zeros. */
FIRN_CHECKED firn_code firn_pieces_concat(const firn_run *run, size_t i,
                                          firn_tensor *const *pieces,
                                          const int64_t *lengths, size_t count,
                                          const firn_shape *rest,
                                          firn_error *err);

/* A new tensor of shape `shape` out of the elements from `at` on. */
FIRN_CHECKED firn_code firn_piece_cut(const firn_tensor *from, size_t at,
                                      const firn_shape *shape,
                                      const firn_env *env, firn_tensor **out,
                                      firn_error *err);

/* A new tensor of zeros (empty strings, handles of nothing). */
FIRN_CHECKED firn_code firn_piece_zeros(firn_dtype dtype,
                                        const firn_shape *shape,
                                        const firn_env *env, firn_tensor **out,
                                        firn_error *err);

#endif
