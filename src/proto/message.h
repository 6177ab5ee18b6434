/* proto/message.h: what the codec's files share about messages in memory.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_PROTO_MESSAGE_H
#define FIRN_PROTO_MESSAGE_H

#include "proto/wire.h"

/* Whether a field of its own (not repeated) has a value: a number that is not
 * zero bit for bit, text that is not empty, a message, the set member of a
 * oneof. */
bool firn_pb_present(const firn_pb_field *f, const void *msg);

/* The orders of map entries. Rising: text by bytes, numbers by value; so they
 * lie in parsed messages. Python: what protobuf's Python library writes, and
 * with it TensorFlow: text by bytes, but "seed2" before "seed", and numbers
 * falling. */
typedef int firn_pb_order(const firn_pb_type *entry, const void *a,
                          const void *b);
firn_pb_order firn_pb_rising, firn_pb_python;

/* Whether the entries are in that order, no key twice. */
bool firn_pb_entries_sorted(const firn_pb_type *entry, firn_pb_order *order,
                            void *const *entries, size_t count);

/* Sorts, of equal keys keeps the last; returns how many are left. `scratch` has
 * room for `count` pointers. */
size_t firn_pb_entries_sort(const firn_pb_type *entry, firn_pb_order *order,
                            void **entries, size_t count, void **scratch);

/* The entries of a map field in order: the message's own array when it is
 * sorted, else a copy in `arena`. NULL when memory is short. */
void *const *firn_pb_entries(const firn_pb_field *f, const void *msg,
                             firn_pb_order *order, firn_arena *arena,
                             size_t *count);

/* The type that a URL of google.protobuf.Any names ("type.googleapis.com/" and
 * the full name), or NULL. */
const firn_pb_type *firn_pb_find_any(firn_str type_url);

#endif
