/* ops/hash64.c: MurmurHash64A, FarmHash Fingerprint64, SipHash-2-4.
 *
 * The three are public algorithms; their constants are what makes them. All
 * read little-endian words at any address. */
#include "ops/hash64.h"

static uint64_t word(const uint8_t *p) { return firn_load64(p); }

static uint64_t half(const uint8_t *p) { return firn_load32(p); }

/* ---- MurmurHash64A ------------------------------------------------------ */

uint64_t firn_murmur64(firn_str text) {
  const uint64_t m = 0xc6a4a7935bd1e995u;
  const uint8_t *p = (const uint8_t *)text.data;
  size_t n = text.size;
  uint64_t h = 0xdecafcaffeu ^ (n * m);
  for (; n >= 8; p += 8, n -= 8) {
    uint64_t k = word(p) * m;
    k ^= k >> 47;
    h = (h ^ k * m) * m;
  }
  if (n) {
    uint64_t rest = 0;
    for (size_t i = n; i-- > 0;) rest = rest << 8 | p[i];
    h = (h ^ rest) * m;
  }
  h = (h ^ h >> 47) * m;
  return h ^ h >> 47;
}

/* ---- FarmHash Fingerprint64 --------------------------------------------- */

static const uint64_t K0 = 0xc3a5c85c97cb3127u, K1 = 0xb492b66fbe98f273u,
                      K2 = 0x9ae16a3b2f90404fu;

static uint64_t turn(uint64_t x, int by) {
  return by ? x >> by | x << (64 - by) : x;
}

static uint64_t mix(uint64_t x) { return x ^ x >> 47; }

static uint64_t pair(uint64_t u, uint64_t v, uint64_t by) {
  uint64_t a = (u ^ v) * by;
  a ^= a >> 47;
  uint64_t b = (v ^ a) * by;
  b ^= b >> 47;
  return b * by;
}

static uint64_t farm_to_16(const uint8_t *p, size_t n) {
  if (n >= 8) {
    const uint64_t by = K2 + n * 2, a = word(p) + K2, b = word(p + n - 8);
    return pair(turn(b, 37) * by + a, (turn(a, 25) + b) * by, by);
  }
  if (n >= 4) return pair(n + (half(p) << 3), half(p + n - 4), K2 + n * 2);
  if (n == 0) return K2;
  const uint32_t y = p[0] + ((uint32_t)p[n >> 1] << 8);
  const uint32_t z = (uint32_t)n + ((uint32_t)p[n - 1] << 2);
  return mix(y * K2 ^ z * K0) * K2;
}

static uint64_t farm_to_32(const uint8_t *p, size_t n) {
  const uint64_t by = K2 + n * 2, a = word(p) * K1, b = word(p + 8),
                 c = word(p + n - 8) * by, d = word(p + n - 16) * K2;
  return pair(turn(a + b, 43) + turn(c, 30) + d, a + turn(b + K2, 18) + c, by);
}

static uint64_t farm_to_64(const uint8_t *p, size_t n) {
  const uint64_t by = K2 + n * 2, a = word(p) * K2, b = word(p + 8),
                 c = word(p + n - 8) * by, d = word(p + n - 16) * K2,
                 y = turn(a + b, 43) + turn(c, 30) + d,
                 z = pair(y, a + turn(b + K2, 18) + c, by),
                 e = word(p + 16) * by, f = word(p + 24),
                 g = (y + word(p + n - 32)) * by,
                 h = (z + word(p + n - 24)) * by;
  return pair(turn(e + f, 43) + turn(g, 30) + h, e + turn(f + a, 18) + g, by);
}

typedef struct lane {
  uint64_t first, second;
} lane;

/* 32 bytes into two words. */
static lane weak(const uint8_t *p, uint64_t a, uint64_t b) {
  const uint64_t w = word(p), x = word(p + 8), y = word(p + 16),
                 z = word(p + 24);
  a += w;
  b = turn(b + a + z, 21);
  const uint64_t c = a;
  a += x;
  a += y;
  b += turn(a, 44);
  return (lane){a + z, b + c};
}

/* Takes in the first block of what is longer than one, then each that another
 * byte follows. */
static void farm_first(firn_farm64_pieces *s, const uint8_t *p) {
  const uint64_t seed = 81;
  s->x = seed * K2 + word(p);
  s->y = seed * K1 + 113;
  s->z = mix(s->y * K2 + 113) * K2;
}

static void farm_block(firn_farm64_pieces *s, const uint8_t *p) {
  lane v = {s->v[0], s->v[1]}, w = {s->w[0], s->w[1]};
  uint64_t x = turn(s->x + s->y + v.first + word(p + 8), 37) * K1;
  uint64_t y = turn(s->y + v.second + word(p + 48), 42) * K1;
  x ^= w.second;
  y += v.first + word(p + 40);
  const uint64_t z = turn(s->z + w.first, 33) * K1;
  v = weak(p, v.second * K1, x + w.first);
  w = weak(p + 32, z + w.second, y + word(p + 16));
  s->x = z, s->y = y, s->z = x;
  s->v[0] = v.first, s->v[1] = v.second;
  s->w[0] = w.first, s->w[1] = w.second;
}

/* The last 64 of n bytes. */
static uint64_t farm_last(const firn_farm64_pieces *s, const uint8_t *p,
                          uint64_t n) {
  uint64_t x = s->x, y = s->y, z = s->z;
  lane v = {s->v[0], s->v[1]}, w = {s->w[0], s->w[1]};
  const uint64_t by = K1 + ((z & 0xff) << 1);
  w.first += (n - 1) & 63;
  v.first += w.first;
  w.first += v.first;
  x = turn(x + y + v.first + word(p + 8), 37) * by;
  y = turn(y + v.second + word(p + 48), 42) * by;
  x ^= w.second * 9;
  y += v.first * 9 + word(p + 40);
  z = turn(z + w.first, 33) * by;
  v = weak(p, v.second * by, x + w.first);
  w = weak(p + 32, z + w.second, y + word(p + 16));
  return pair(pair(v.first, w.first, by) + mix(y) * K0 + x,
              pair(v.second, w.second, by) + z, by);
}

static uint64_t farm_long(const uint8_t *p, size_t n) {
  const uint8_t *end = p + (n - 1) / 64 * 64;
  const uint8_t *last64 = end + ((n - 1) & 63) - 63;
  firn_farm64_pieces s = {.total = 0};
  farm_first(&s, p);
  for (; p != end; p += 64) farm_block(&s, p);
  return farm_last(&s, last64, n);
}

uint64_t firn_farm64(firn_str text) {
  const uint8_t *p = (const uint8_t *)text.data;
  if (text.size <= 16) return farm_to_16(p, text.size);
  if (text.size <= 32) return farm_to_32(p, text.size);
  if (text.size <= 64) return farm_to_64(p, text.size);
  return farm_long(p, text.size);
}

/* kept[0..64) is the block before, kept[64..128) what is not taken in yet: it
 * is when a byte follows. */
void firn_farm64_put(firn_farm64_pieces *pieces, const void *data,
                     size_t size) {
  const uint8_t *p = data;
  while (size) {
    if (pieces->used == 64) {
      uint8_t block[64];
      memcpy(block, pieces->kept + 64, 64);
      if (pieces->total == 64) farm_first(pieces, block);
      farm_block(pieces, block);
      memcpy(pieces->kept, block, 64);
      pieces->used = 0;
    }
    const size_t part = firn_min_size(size, 64 - pieces->used);
    memcpy(pieces->kept + 64 + pieces->used, p, part);
    pieces->used += part;
    pieces->total += part;
    p += part;
    size -= part;
  }
}

uint64_t firn_farm64_end(const firn_farm64_pieces *pieces) {
  const uint8_t *end = pieces->kept + 64 + pieces->used;
  if (pieces->total <= 64)
    return firn_farm64(
        (firn_str){(const char *)pieces->kept + 64, pieces->used});
  return farm_last(pieces, end - 64, pieces->total);
}

/* ---- SipHash-2-4 -------------------------------------------------------- */

static void sip_rounds(uint64_t v[4], int rounds) {
  while (rounds-- > 0) {
    v[0] += v[1];
    v[1] = turn(v[1], 51) ^ v[0];
    v[0] = turn(v[0], 32);
    v[2] += v[3];
    v[3] = turn(v[3], 48) ^ v[2];
    v[0] += v[3];
    v[3] = turn(v[3], 43) ^ v[0];
    v[2] += v[1];
    v[1] = turn(v[1], 47) ^ v[2];
    v[2] = turn(v[2], 32);
  }
}

static void sip_word(uint64_t v[4], uint64_t m) {
  v[3] ^= m;
  sip_rounds(v, 2);
  v[0] ^= m;
}

uint64_t firn_sip64(uint64_t key0, uint64_t key1, firn_str text) {
  const uint8_t *p = (const uint8_t *)text.data;
  size_t n = text.size;
  uint64_t v[4] = {key0 ^ 0x736f6d6570736575u, key1 ^ 0x646f72616e646f6du,
                   key0 ^ 0x6c7967656e657261u, key1 ^ 0x7465646279746573u};
  for (; n >= 8; p += 8, n -= 8) sip_word(v, word(p));
  uint64_t rest = (uint64_t)text.size << 56;
  for (size_t i = 0; i < n; i++) rest |= (uint64_t)p[i] << 8 * i;
  sip_word(v, rest);
  v[2] ^= 0xff;
  sip_rounds(v, 4);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}
