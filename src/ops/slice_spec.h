/* ops/slice_spec.h: what begin, end, strides and five masks say about a tensor.
 *
 * x[1:, ::-1, None, ..., 3] in numpy's words: for each axis of x where to
 * begin, how far to step and how many elements there are, and which axes the
 * result has. As everywhere in shape functions, extents and values may be
 * unknown.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_SLICE_SPEC_H
#define FIRN_OPS_SLICE_SPEC_H

#include "ops/infer.h"

/* One axis of the sliced tensor; what is not known is FIRN_UNKNOWN_INT. */
typedef struct firn_cut_axis {
  int64_t begin, stride;
  int64_t size; /* -1: unknown */
} firn_cut_axis;

typedef struct firn_cut {
  int rank; /* of the sliced tensor */
  firn_cut_axis axes[FIRN_MAX_RANK];
  firn_shape box;   /* the sizes: what is cut out, with all axes        */
  firn_shape shape; /* without the axes that shrink, with the new ones  */
  int place[FIRN_MAX_RANK]; /* of an axis in `shape`, or -1: it shrank  */
} firn_cut;

/* `count` entries each; NULL where nothing is known of them. */
typedef struct firn_cut_args {
  const firn_node *node; /* for the masks */
  int64_t count;
  const int64_t *begin, *end, *strides;
} firn_cut_args;

/* INVALID_ARGUMENT for more entries than axes, stride 0, an index that is out
 * of range. `of` must have a known rank. */
FIRN_CHECKED firn_code firn_cut_resolve(const firn_cut_args *args,
                                        const firn_shape *of, firn_cut *out,
                                        firn_error *err);

#endif
