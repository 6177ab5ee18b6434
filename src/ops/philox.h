/* ops/philox.h: TensorFlow's random numbers, bit for bit.
 *
 * Philox 4x32-10 turns a counter of 128 bits and a key of 64 into four random
 * words; the counter then moves on by one. Any place in the sequence can be
 * reached at once (skip), so that a range of a tensor is computed without what
 * comes before it.
 *
 * Distributions take words in groups: a group of 2 or 4 elements uses one step,
 * those of a truncated distribution have room for 256 words per element, so
 * that the elements of a group do not depend on how often those before it were
 * rejected.
 *
 * Threads: plain values; fill is a pure function that may use a pool.
 */
#ifndef FIRN_OPS_PHILOX_H
#define FIRN_OPS_PHILOX_H

#include "ops/op.h"

typedef struct firn_philox {
  uint32_t counter[4], key[2];
} firn_philox;

/* As op-level seeds start it: attr seed is the key, seed2 the counter's upper
 * half. */
firn_philox firn_philox_seeded(uint64_t seed, uint64_t seed2);

/* From a key and two counter words as they lie in tensors and variables; and
 * back. */
firn_philox firn_philox_from(uint64_t key, uint64_t low, uint64_t high);
uint64_t firn_philox_key(const firn_philox *p);
uint64_t firn_philox_low(const firn_philox *p);
uint64_t firn_philox_high(const firn_philox *p);

/* As the seed [seed0, seed1] of the stateless ops starts it: the seed
 * scrambled. */
firn_philox firn_philox_scrambled(uint64_t seed0, uint64_t seed1);

void firn_philox_skip(firn_philox *p, uint64_t steps);
void firn_philox_next(firn_philox *p, uint32_t out[4]);

/* One word at a time. */
typedef struct firn_philox_words {
  firn_philox *source;
  uint32_t words[4];
  int used; /* 4: none left */
} firn_philox_words;
uint32_t firn_philox_word(firn_philox_words *w);

/* Uniform numbers in [0, 1), from the last word to the first of a step, as the
 * rejection samplers use them up. */
typedef struct firn_philox_doubles {
  firn_philox *source;
  double values[2];
  int left;
} firn_philox_doubles;
double firn_philox_double(firn_philox_doubles *d);

/* Two independent normal numbers from four words; and a number in [0, 1) of
 * two. */
void firn_normal_doubles(const uint32_t words[4], double out[2]);
void firn_normal_floats(uint32_t a, uint32_t b, float out[2]);
double firn_uniform_double(uint32_t a, uint32_t b);
float firn_uniform_float(uint32_t word);

typedef enum firn_distribution {
  FIRN_UNIFORM, /* [0, 1): half, bfloat16, float, double        */
  FIRN_NORMAL,
  FIRN_TRUNCATED, /* normal, none beyond two standard deviations  */
  FIRN_INTEGER,   /* [low, low + range): int32, int64             */
  FIRN_FULL,      /* any value of a 32-bit or 64-bit integer type */
} firn_distribution;

/* Whether numbers of that type can be drawn. */
bool firn_random_has(firn_distribution d, firn_dtype dtype);

/* Fills a tensor from `p` on; low and range are for FIRN_INTEGER. */
void firn_random_fill(firn_distribution d, const firn_philox *p, uint64_t low,
                      uint64_t range, firn_tensor *out, firn_pool *pool);

#endif
