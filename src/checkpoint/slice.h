/* checkpoint/slice.h: boxes within a tensor, and copying where two of them
 * meet.
 *
 * A firn_slice may say "the whole axis" (extent -1); a *box* here is a slice
 * where every extent is a number that fits the tensor. Only boxes are compared
 * or copied.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_CHECKPOINT_SLICE_H
#define FIRN_CHECKPOINT_SLICE_H

#include "checkpoint/checkpoint.h"
#include "proto/messages.h"

enum { FIRN_SLICE_TEXT = 700 }; /* room for the text of any slice */

/* The slice in a file. UNIMPLEMENTED above FIRN_MAX_RANK axes. */
FIRN_CHECKED firn_code firn_slice_from_proto(const firn_pb_TensorSliceProto *pb,
                                             firn_slice *out, firn_error *err);

/* Whether the slice asks for every axis whole. */
bool firn_slice_is_full(const firn_slice *slice);

/* The box of all of `shape`. */
firn_slice firn_slice_whole(const firn_shape *shape);

/* The slice as a box within a tensor of that shape. OUT_OF_RANGE, and the
 * message names the axis, when it leaves the tensor or has another rank. */
FIRN_CHECKED firn_code firn_slice_resolve(const firn_slice *slice,
                                          const firn_shape *shape,
                                          firn_slice *out, firn_error *err);

/* The elements in a box whose tensor's elements can be counted. */
int64_t firn_slice_count(const firn_slice *box);

bool firn_slice_equal(const firn_slice *a, const firn_slice *b);

/* What two boxes of one rank have in common; false when that is no element. */
bool firn_slice_overlap(const firn_slice *a, const firn_slice *b,
                        firn_slice *out);

/* Whether the elements of `inner` lie in one piece within those of `outer`;
 * then *at is the number of elements of `outer` before them. */
bool firn_slice_contiguous(const firn_slice *outer, const firn_slice *inner,
                           size_t *at);

/* Copies the elements of `part` from the array that holds `from_box` into the
 * one that holds `to_box`; `part` lies within both. False when a string found
 * no memory. */
FIRN_CHECKED bool firn_slice_copy(firn_dtype dtype, const firn_slice *part,
                                  void *to, const firn_slice *to_box,
                                  const void *from, const firn_slice *from_box);

/* "0,5:-"; `out` has room for FIRN_SLICE_TEXT and is returned. */
const char *firn_slice_text(const firn_slice *slice, char *out);

#endif
