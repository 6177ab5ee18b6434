/* opdef/opdef_table.h: the generated table, for opdef.c only.
 *
 * Op i is the message in [starts[i], starts[i + 1]) of the blob; the ops are in
 * name order. The name comes first in the message: a tag, a length of one byte,
 * the text.
 */
#ifndef FIRN_OPDEF_TABLE_H
#define FIRN_OPDEF_TABLE_H

#include <stdint.h>

extern const uint32_t firn_opdef_op_count;
extern const uint32_t firn_opdef_bucket_count;
extern const uint32_t firn_opdef_slot_count;

/* The displacement of each bucket, and the op in each slot (op_count: none). */
extern const uint16_t firn_opdef_shifts[];
extern const uint16_t firn_opdef_slots[];

extern const uint32_t firn_opdef_starts[];
extern const char firn_opdef_blob[];

#endif
