/* ops/scatter.h: slices of a tensor, changed by their indices.
 *
 * Threads: confined to the tensor that changes.
 */
#ifndef FIRN_OPS_SCATTER_H
#define FIRN_OPS_SCATTER_H

#include "ops/combine.h"
#include "ops/indices.h"

/* value[indices[i]] = value[indices[i]] op updates[i] for each tuple i of
 * indices, in order. All indices are checked before anything is changed, unless
 * `skip_bad` passes over the bad ones. Adding to a string appends. */
FIRN_CHECKED firn_code firn_scatter_slices(firn_combine op, bool skip_bad,
                                           firn_tensor *value,
                                           const firn_tensor *indices,
                                           const firn_tensor *updates,
                                           firn_error *err);

#endif
