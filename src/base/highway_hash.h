/* base/highway_hash.h: the 64-bit hash that Riegeli files carry.
 *
 * HighwayHash of J. Alakuijala, B. Cox and J. Wassenberg, with a key of four
 * numbers.
 *
 * Threads: pure function.
 */
#ifndef FIRN_BASE_HIGHWAY_HASH_H
#define FIRN_BASE_HIGHWAY_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t firn_highway_hash(const uint64_t key[4], const void *data,
                           size_t size);

#endif
