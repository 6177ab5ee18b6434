/* ops/example_want.h: what the ops that parse Examples are asked for.
 *
 * Ownership: everything borrows the node and its inputs.
 * Threads:   pure functions.
 */
#ifndef FIRN_OPS_EXAMPLE_WANT_H
#define FIRN_OPS_EXAMPLE_WANT_H

#include "ops/op.h"

/* An attr that must be a list. */
FIRN_CHECKED firn_code
firn_example_list(const firn_node *node, const char *attr,
                  const firn_pb_AttrValue_ListValue **out, firn_error *err);

/* String number i of a list attr. */
FIRN_CHECKED firn_code firn_example_key(const firn_node *node, const char *attr,
                                        size_t i, firn_str *out,
                                        firn_error *err);

/* Shape number i of a list attr. */
FIRN_CHECKED firn_code firn_example_shape(const firn_node *node,
                                          const char *attr, size_t i,
                                          firn_shape *out, firn_error *err);

/* Fails unless features can be of that type. */
FIRN_CHECKED firn_code firn_example_check_type(firn_str key, firn_dtype dtype,
                                               firn_error *err);

/* An attr that counts, and a list of types of the same features: equally long,
 * or there are other inputs and outputs than features. An op that has no such
 * attr is fine. */
FIRN_CHECKED firn_code firn_example_check_count(const firn_node *node,
                                                const char *count,
                                                const char *types,
                                                firn_error *err);

/* Two lists of types of the same features: equally long. */
FIRN_CHECKED firn_code firn_example_check_lists(const firn_node *node,
                                                const char *a, const char *b,
                                                firn_error *err);

/* Fills elements [at, at + count) of `to` with those of `other`, over and over;
 * with zeros and empty strings when it has none. */
FIRN_CHECKED firn_code firn_example_pad(const firn_tensor *other,
                                        firn_tensor *to, size_t at,
                                        size_t count, firn_error *err);

#endif
