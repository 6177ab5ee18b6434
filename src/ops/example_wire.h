/* ops/example_wire.h: Example and SequenceExample messages, read where they
 * lie.
 *
 * Training data comes as millions of small messages of which an op wants some
 * features: so nothing is built, features are found and their values read out
 * of the bytes.
 *
 * Ownership: everything borrows the message.
 * Threads:   pure functions.
 */
#ifndef FIRN_OPS_EXAMPLE_WIRE_H
#define FIRN_OPS_EXAMPLE_WIRE_H

#include "ops/op.h"

/* A Feature: the bytes of its list, and how many values are in it. */
typedef struct firn_feature {
  firn_dtype
      dtype; /* FIRN_STRING, FIRN_FLOAT, FIRN_INT64; FIRN_INVALID: none */
  firn_bytes list;
  size_t count;
} firn_feature;

/* The next field of a message: false at its end or, *damaged set, when the
 * bytes make no sense. Fields that are no messages or strings have empty
 * `bytes`. */
bool firn_example_field(firn_bytes *left, uint32_t *number, firn_bytes *bytes,
                        bool *damaged);

/* The next entry of a Features or FeatureLists message: its key and value. */
bool firn_example_entry(firn_bytes *left, firn_str *key, firn_bytes *value,
                        bool *damaged);

/* The Features of an Example, or the context (1) and the feature lists (2) of a
 * SequenceExample: the last such field of the message, empty when there is
 * none. False when the bytes make no sense. */
bool firn_example_part(firn_bytes message, uint32_t number, firn_bytes *out);

/* Reads a Feature message. */
bool firn_example_feature(firn_bytes message, firn_feature *out);

/* Copies all values of a feature to elements [at, at + count) of a tensor of
 * its type. */
FIRN_CHECKED firn_code firn_example_values(const firn_feature *feature,
                                           firn_tensor *to, size_t at,
                                           firn_error *err);

#endif
