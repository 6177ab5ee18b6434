/* checkpoint/ordered_code.h: the keys under which slices lie in a table.
 *
 * A table is sorted by the bytes of its keys, so a key made of parts (a name, a
 * rank, starts and extents) is written such that bytes sort as the parts would:
 *
 *   number    a byte that counts the bytes that follow, big-endian
 *   name      00 becomes 00 ff, ff becomes ff 00, and 00 01 ends it
 *   signed    as many leading ones as there are bytes, then the sign, then the
 *             value; all bits turned over when it is negative
 *
 * The slice [0, 13) x whole axis of 'w' is 00  77 00 01  01 02  80 8d  80 7f:
 * number 0, the name, the rank, and start and extent of each axis. Since tensor
 * names do not begin with a zero byte, these keys come before all of them.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_CHECKPOINT_ORDERED_CODE_H
#define FIRN_CHECKPOINT_ORDERED_CODE_H

#include "base/text.h"
#include "firn/checkpoint.h"

void firn_ordered_put_number(firn_buf *buf, uint64_t value);
void firn_ordered_put_name(firn_buf *buf, firn_str name);
void firn_ordered_put_signed(firn_buf *buf, int64_t value);

/* The key of one slice of a tensor. Whole axes keep their extent of -1. */
void firn_slice_key(firn_buf *buf, firn_str name, const firn_slice *slice);

#endif
