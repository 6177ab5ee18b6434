/* ops/hash64.h: the hash functions of bytes that TensorFlow's ops give away in
 * their results, so that they must be the same to the bit.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_HASH64_H
#define FIRN_OPS_HASH64_H

#include "base/text.h"

/* MurmurHash64A with TensorFlow's seed: StringToHashBucket, the buckets of a
 * dense table. */
uint64_t firn_murmur64(firn_str text);

/* FarmHash's Fingerprint64: StringToHashBucketFast, Fingerprint, cross columns.
 */
uint64_t firn_farm64(firn_str text);

/* The same of text that comes in pieces. Begins as zero:
 *
 *   firn_farm64_pieces pieces = {.total = 0};
 *   firn_farm64_put(&pieces, data, size); ...
 *   hash = firn_farm64_end(&pieces);
 */
typedef struct firn_farm64_pieces {
  uint64_t x, y, z, v[2], w[2];
  uint64_t total;
  uint8_t kept[128]; /* the block before, and what comes after it */
  size_t used;       /* of the second half                        */
} firn_farm64_pieces;
void firn_farm64_put(firn_farm64_pieces *pieces, const void *data, size_t size);
uint64_t firn_farm64_end(const firn_farm64_pieces *pieces);

/* SipHash-2-4 with a key of two words: StringToHashBucketStrong. */
uint64_t firn_sip64(uint64_t key0, uint64_t key1, firn_str text);

#endif
