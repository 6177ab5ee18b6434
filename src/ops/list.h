/* ops/list.h: a tensor list: what variant tensors of the TensorList ops hold.
 *
 * A list is a value: it never changes, and "list with element i replaced" is a
 * new list. Lists that came out of one another share one array of elements, as
 * it is in the newest of them; what a change overwrote is noted in a log, by
 * which the older ones are read. So a loop that sets or pushes one element at a
 * time costs the same for each, however long the list is, and nobody needs to
 * know who else still holds the list.
 *
 * An element that was reserved and not yet set is NULL.
 *
 * Ownership: a list holds a reference to each element; at and all give the
 *            caller another one.
 * Threads:   safe.
 */
#ifndef FIRN_OPS_LIST_H
#define FIRN_OPS_LIST_H

#include "ops/op.h"

typedef struct firn_list {
  firn_object object;
  firn_dtype dtype; /* of the elements                                 */
  firn_shape shape; /* that each has; parts may be unknown             */
  int64_t most;     /* elements that may be pushed, or -1              */
  size_t count;
  struct firn_list_body *body; /* private from here on                       */
  uint64_t version;
  struct firn_list *older, *newer;
} firn_list;

extern const firn_object_class firn_list_class;

/* A list of `count` elements that are not set. Room within
 * limits->tensor_bytes.
 */
FIRN_CHECKED firn_code firn_list_new(const firn_env *env, firn_dtype dtype,
                                     const firn_shape *shape, int64_t most,
                                     size_t count, firn_list **out,
                                     firn_error *err);

/* `list` with element i (or, i being its count, one more) set to `tensor`,
 * which must own its bytes and may be NULL; retained. */
FIRN_CHECKED firn_code firn_list_with(firn_list *list, const firn_env *env,
                                      size_t i, firn_tensor *tensor,
                                      firn_list **out, firn_error *err);

/* `list` cut or grown to `count` elements. */
FIRN_CHECKED firn_code firn_list_resized(firn_list *list, const firn_env *env,
                                         size_t count, firn_list **out,
                                         firn_error *err);

/* Sets element i of a list that nobody else has seen yet; takes the reference
 * over. */
void firn_list_put(firn_list *list, size_t i, firn_tensor *tensor);

/* Element i, below count: the caller releases it. */
firn_tensor *firn_list_at(firn_list *list, size_t i);

/* All elements, in an array that firn_list_let_go frees. */
FIRN_CHECKED firn_code firn_list_all(firn_list *list, const firn_env *env,
                                     firn_tensor ***out, firn_error *err);
void firn_list_let_go(const firn_env *env, firn_tensor **all, size_t count);

#endif
