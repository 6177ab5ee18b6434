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

/* SipHash-2-4 with a key of two words: StringToHashBucketStrong. */
uint64_t firn_sip64(uint64_t key0, uint64_t key1, firn_str text);

#endif
