/* base/highway_hash.c: the 64-bit hash that Riegeli files carry.
 *
 * Sixteen 64-bit lanes in four groups take 32 bytes at a time: multiplied by
 * halves, and their bytes shuffled by a fixed pattern ("zipper"). */
#include "base/highway_hash.h"

#include <string.h>

#include "base/text.h"

enum { PACKET = 32 };

typedef struct lanes {
  uint64_t v0[4], v1[4], mul0[4], mul1[4];
} lanes;

static uint64_t swap_halves(uint64_t x) { return x >> 32 | x << 32; }

static void start(lanes *s, const uint64_t key[4]) {
  static const uint64_t first[4] = {0xdbe6d5d5fe4cce2f, 0xa4093822299f31d0,
                                    0x13198a2e03707344, 0x243f6a8885a308d3};
  static const uint64_t second[4] = {0x3bd39e10cb0ef593, 0xc0acf169b5f18a8c,
                                     0xbe5466cf34e90c6c, 0x452821e638d01377};
  for (int i = 0; i < 4; i++) {
    s->mul0[i] = first[i];
    s->mul1[i] = second[i];
    s->v0[i] = first[i] ^ key[i];
    s->v1[i] = second[i] ^ swap_halves(key[i]);
  }
}

/* Byte i of x, moved to byte j. */
static uint64_t byte(uint64_t x, int i, int j) {
  return (x >> (8 * i) & 0xff) << (8 * j);
}

/* Adds the bytes of two lanes, in the zipper's order, to two others. */
static void zip(uint64_t odd, uint64_t even, uint64_t *odd_sum,
                uint64_t *even_sum) {
  *even_sum += byte(even, 3, 0) + byte(odd, 4, 1) + byte(even, 2, 2) +
               byte(even, 5, 3) + byte(odd, 6, 4) + byte(even, 1, 5) +
               byte(odd, 7, 6) + byte(even, 0, 7);
  *odd_sum += byte(odd, 3, 0) + byte(even, 4, 1) + byte(odd, 2, 2) +
              byte(odd, 5, 3) + byte(odd, 1, 4) + byte(even, 6, 5) +
              byte(odd, 0, 6) + byte(even, 7, 7);
}

static void mix(lanes *s, const uint64_t in[4]) {
  for (int i = 0; i < 4; i++) {
    s->v1[i] += s->mul0[i] + in[i];
    s->mul0[i] ^= (s->v1[i] & 0xffffffff) * (s->v0[i] >> 32);
    s->v0[i] += s->mul1[i];
    s->mul1[i] ^= (s->v0[i] & 0xffffffff) * (s->v1[i] >> 32);
  }
  zip(s->v1[1], s->v1[0], &s->v0[1], &s->v0[0]);
  zip(s->v1[3], s->v1[2], &s->v0[3], &s->v0[2]);
  zip(s->v0[1], s->v0[0], &s->v1[1], &s->v1[0]);
  zip(s->v0[3], s->v0[2], &s->v1[3], &s->v1[2]);
}

static void mix_bytes(lanes *s, const uint8_t *data) {
  uint64_t in[4];
  for (int i = 0; i < 4; i++) in[i] = firn_load64(data + 8 * i);
  mix(s, in);
}

static uint32_t rotate(uint32_t x, unsigned by) {
  return by ? x << by | x >> (32 - by) : x;
}

/* The last bytes, fewer than a packet: their number goes in, too. */
static void mix_rest(lanes *s, const uint8_t *data, unsigned size) {
  uint8_t packet[PACKET] = {0};
  const unsigned whole = size & ~3u, over = size & 3;
  for (int i = 0; i < 4; i++) {
    s->v0[i] += ((uint64_t)size << 32) + size;
    s->v1[i] = (uint64_t)rotate((uint32_t)(s->v1[i] >> 32), size) << 32 |
               rotate((uint32_t)s->v1[i], size);
  }
  memcpy(packet, data, whole);
  if (size & 16) {
    memcpy(packet + 28, data + size - 4, 4);
  } else if (over) {
    packet[16] = data[whole];
    packet[17] = data[whole + (over >> 1)];
    packet[18] = data[whole + over - 1];
  }
  mix_bytes(s, packet);
}

uint64_t firn_highway_hash(const uint64_t key[4], const void *data,
                           size_t size) {
  const uint8_t *at = data;
  lanes s;
  start(&s, key);
  for (; size >= PACKET; size -= PACKET, at += PACKET) mix_bytes(&s, at);
  if (size) mix_rest(&s, at, (unsigned)size);
  for (int round = 0; round < 4; round++) {
    const uint64_t turned[4] = {swap_halves(s.v0[2]), swap_halves(s.v0[3]),
                                swap_halves(s.v0[0]), swap_halves(s.v0[1])};
    mix(&s, turned);
  }
  return s.v0[0] + s.v1[0] + s.mul0[0] + s.mul1[0];
}
