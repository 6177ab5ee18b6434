/* proto/message.h: what the codec's files share about messages in memory.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_PROTO_MESSAGE_H
#define FIRN_PROTO_MESSAGE_H

#include "proto/wire.h"

/* Whether a field of its own (not repeated) has to be written: a number that is
 * not zero bit for bit, text that is not empty, a message, the set member of a
 * oneof, and everything in a map entry. */
bool firn_pb_present(const firn_pb_type *type, const firn_pb_field *f,
                     const void *msg);

/* Orders two entries of a map by key: text by bytes, numbers by value. */
int firn_pb_entry_compare(const firn_pb_type *entry, const void *a,
                          const void *b);

/* Whether keys rise strictly. */
bool firn_pb_entries_sorted(const firn_pb_type *entry, void *const *entries,
                            size_t count);

/* Sorts, of equal keys keeps the last; returns how many are left. `scratch` has
 * room for `count` pointers. */
size_t firn_pb_entries_sort(const firn_pb_type *entry, void **entries,
                            size_t count, void **scratch);

/* The entries of a map field in order: the message's own array when it is sorted,
 * else a copy in `arena`. NULL when memory is short. */
void *const *firn_pb_entries(const firn_pb_field *f, const void *msg,
                             firn_arena *arena, size_t *count);

/* The type that a URL of google.protobuf.Any names ("type.googleapis.com/" and
 * the full name), or NULL. */
const firn_pb_type *firn_pb_find_any(firn_str type_url);

#endif
