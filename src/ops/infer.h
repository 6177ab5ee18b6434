/* ops/infer.h: the phrases that shape functions are written in.
 *
 * All of them live with unknown ranks, extents and values: what cannot be told
 * stays unknown, what contradicts itself is INVALID_ARGUMENT.
 *
 * Threads: confined.
 */
#ifndef FIRN_OPS_INFER_H
#define FIRN_OPS_INFER_H

#include "ops/op.h"

/* Every output has the shape of input 0. / is a scalar. / has unknown shape. */
firn_code firn_infer_same(firn_infer *q, firn_error *err);
firn_code firn_infer_scalar(firn_infer *q, firn_error *err);
firn_code firn_infer_unknown(firn_infer *q, firn_error *err);

/* For ops without outputs. */
firn_code firn_infer_none(firn_infer *q, firn_error *err);

/* Two inputs broadcast to output 0 (numpy's rule). */
firn_code firn_infer_broadcast(firn_infer *q, firn_error *err);

/* The shape of two shapes under numpy's rule. */
FIRN_CHECKED firn_code firn_shape_broadcast(const firn_shape *a,
                                            const firn_shape *b,
                                            firn_shape *out, firn_error *err);

/* The shape that is both: unknown parts of one are filled from the other. */
FIRN_CHECKED firn_code firn_shape_merge(const firn_shape *a,
                                        const firn_shape *b, firn_shape *out,
                                        firn_error *err);
/* The same of two extents; false when they differ. */
bool firn_dim_merge(int64_t a, int64_t b, int64_t *out);

/* Fails unless input i has rank `rank` (or unknown, whereupon *out gets that
 * rank with unknown extents). `what` names the input: "images". */
FIRN_CHECKED firn_code firn_infer_rank(const firn_infer *q, size_t i, int rank,
                                       const char *what, firn_shape *out,
                                       firn_error *err);
FIRN_CHECKED firn_code firn_infer_rank_at_least(const firn_infer *q, size_t i,
                                                int rank, const char *what,
                                                firn_error *err);

/* The elements of input i as integers, as far as known: true when each of them
 * is known. *count is the number of elements, or -1 when unknown; *ints may be
 * NULL. */
bool firn_infer_ints(const firn_infer *q, size_t i, const int64_t **ints,
                     int64_t *count);

/* The single integer of input i; false when it is unknown. */
bool firn_infer_int(const firn_infer *q, size_t i, int64_t *out);

/* A shape given as the value of input i (a vector of extents; -1 or unknown
 * elements are unknown extents; elements below -1 are refused). */
FIRN_CHECKED firn_code firn_infer_shape_of_value(const firn_infer *q, size_t i,
                                                 firn_shape *out,
                                                 firn_error *err);

/* The same where -1 is refused as well, and so kernels find their output made.
 */
FIRN_CHECKED firn_code firn_infer_extents_of_value(const firn_infer *q,
                                                   size_t i, firn_shape *out,
                                                   firn_error *err);

/* What the op's definition calls input i: "indices". */
firn_str firn_infer_input_name(const firn_infer *q, size_t i);

/* An axis that counts from the end when negative. INVALID_ARGUMENT unless it is
 * in
 * [-rank, rank). */
FIRN_CHECKED firn_code firn_axis(int64_t axis, int rank, int *out,
                                 firn_error *err);

/* Says that output i holds these integers (some FIRN_UNKNOWN_INT): copied into
 * the arena; more than FIRN_MAX_INTS are left unknown. */
void firn_infer_set_ints(firn_infer *q, size_t i, const int64_t *ints,
                         size_t count);

/* Output extent and padding before along one axis of a window, as TensorFlow:
 * `padding` "VALID", "SAME"; "EXPLICIT" uses before and after. Unknown in (-1)
 * gives unknown out. INVALID_ARGUMENT for a stride or dilation below 1, or a
 * window that does not fit. */
FIRN_CHECKED firn_code firn_infer_window(int64_t in, int64_t window,
                                         int64_t stride, int64_t dilation,
                                         firn_str padding, int64_t before,
                                         int64_t after, int64_t *out,
                                         int64_t *pad_before, firn_error *err);

#endif
