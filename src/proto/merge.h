/* proto/merge.h: put one message into another.
 *
 * Ownership: `into` lies in the arena and shares what lies in `from`.
 * Threads:   confined.
 */
#ifndef FIRN_PROTO_MERGE_H
#define FIRN_PROTO_MERGE_H

#include "proto/proto.h"

/* As protobuf's MergeFrom: numbers and text that `from` has win, messages are
 * merged, repeated fields joined, of map entries with one key the later stays.
 * False when memory is short. */
FIRN_CHECKED bool firn_pb_merge(const firn_pb_type *type, void *into,
                                const void *from, firn_arena *arena);

/* Makes a repeated field longer by empty elements (messages only). False when
 * memory is short. */
FIRN_CHECKED bool firn_pb_extend(const firn_pb_field *field, void *msg,
                                 size_t count, firn_arena *arena);

#endif
