/* ops/pack_key.h: the number under which packed weights are found again.
 *
 * Two packings of the same bytes must not share a key: what the packing depends
 * on (algorithm, extents, the list of inner loops, the scale that was folded
 * in) is mixed into it, one number after another.
 */
#ifndef FIRN_OPS_PACK_KEY_H
#define FIRN_OPS_PACK_KEY_H

#include <stdint.h>
#include <string.h>

static inline uint64_t firn_pack_key(uint64_t key, uint64_t more) {
  key = (key ^ more) * 0x9e3779b97f4a7c15u;
  return key ^ key >> 29;
}

/* The same of a vector; NULL differs from any vector. */
static inline uint64_t firn_pack_key_floats(uint64_t key, const float *x,
                                            size_t n) {
  key = firn_pack_key(key, x ? n + 1 : 0);
  for (size_t i = 0; x && i < n; i++) {
    uint32_t bits;
    memcpy(&bits, &x[i], sizeof bits);
    key = firn_pack_key(key, bits);
  }
  return key;
}

#endif
