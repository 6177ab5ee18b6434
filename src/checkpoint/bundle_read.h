/* checkpoint/bundle_read.h: the elements of a part of a V2 checkpoint.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_CHECKPOINT_BUNDLE_READ_H
#define FIRN_CHECKPOINT_BUNDLE_READ_H

#include "base/crc32c.h"
#include "checkpoint/reader.h"

/* The checksum that an entry stores masked. */
static inline uint32_t firn_bundle_crc(uint32_t masked) {
  return firn_crc32c_unmask(masked);
}

/* firn_format.read of V2: plain elements are read straight to `to`, in this
 * machine's byte order; strings are set. */
FIRN_CHECKED firn_code firn_bundle_read(const firn_checkpoint *ck,
                                        const firn_part *part,
                                        firn_arena *scratch, void *to,
                                        firn_error *err);

#endif
