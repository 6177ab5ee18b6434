/* ops/philox.c: the generator, and how its words become numbers of every type.
 */
#include "ops/philox.h"

#include <math.h>

/* ---- The generator ------------------------------------------------------ */

static uint64_t join(uint32_t low, uint32_t high) {
  return low | (uint64_t)high << 32;
}

firn_philox firn_philox_from(uint64_t key, uint64_t low, uint64_t high) {
  return (firn_philox){
      .counter = {(uint32_t)low, (uint32_t)(low >> 32), (uint32_t)high,
                  (uint32_t)(high >> 32)},
      .key = {(uint32_t)key, (uint32_t)(key >> 32)},
  };
}

firn_philox firn_philox_seeded(uint64_t seed, uint64_t seed2) {
  return firn_philox_from(seed, 0, seed2);
}

uint64_t firn_philox_key(const firn_philox *p) {
  return join(p->key[0], p->key[1]);
}
uint64_t firn_philox_low(const firn_philox *p) {
  return join(p->counter[0], p->counter[1]);
}
uint64_t firn_philox_high(const firn_philox *p) {
  return join(p->counter[2], p->counter[3]);
}

void firn_philox_skip(firn_philox *p, uint64_t steps) {
  const uint64_t low = firn_philox_low(p) + steps;
  const uint64_t high = firn_philox_high(p) + (low < steps);
  *p = firn_philox_from(firn_philox_key(p), low, high);
}

static void round_once(uint32_t c[4], const uint32_t key[2]) {
  const uint64_t a = (uint64_t)0xd2511f53u * c[0];
  const uint64_t b = (uint64_t)0xcd9e8d57u * c[2];
  const uint32_t next[4] = {(uint32_t)(b >> 32) ^ c[1] ^ key[0], (uint32_t)b,
                            (uint32_t)(a >> 32) ^ c[3] ^ key[1], (uint32_t)a};
  memcpy(c, next, sizeof next);
}

void firn_philox_next(firn_philox *p, uint32_t out[4]) {
  enum { ROUNDS = 10 };
  uint32_t key[2] = {p->key[0], p->key[1]};
  memcpy(out, p->counter, sizeof p->counter);
  for (int i = 0; i < ROUNDS; i++) {
    round_once(out, key);
    key[0] += 0x9e3779b9u;
    key[1] += 0xbb67ae85u;
  }
  firn_philox_skip(p, 1);
}

/* Users need not know which half of a seed is the strong one. */
firn_philox firn_philox_scrambled(uint64_t seed0, uint64_t seed1) {
  const uint64_t key = 0x02461e293ec8f720u;
  firn_philox mixer = firn_philox_from(key, seed0, seed1);
  uint32_t mix[4];
  firn_philox_next(&mixer, mix);
  return firn_philox_from(join(mix[0], mix[1]), 0, join(mix[2], mix[3]));
}

uint32_t firn_philox_word(firn_philox_words *w) {
  if (w->used == 4) {
    firn_philox_next(w->source, w->words);
    w->used = 0;
  }
  return w->words[w->used++];
}

double firn_philox_double(firn_philox_doubles *d) {
  if (d->left == 0) {
    uint32_t words[4];
    firn_philox_next(d->source, words);
    d->values[0] = firn_uniform_double(words[0], words[1]);
    d->values[1] = firn_uniform_double(words[2], words[3]);
    d->left = 2;
  }
  return d->values[--d->left];
}

/* ---- Words become numbers ------------------------------------------------ */

/* Random bits below the point of a number in [1, 2). */
float firn_uniform_float(uint32_t word) {
  const union {
    uint32_t bits;
    float value;
  } u = {(word & 0x7fffffu) | 127u << 23};
  return u.value - 1.0f;
}

double firn_uniform_double(uint32_t a, uint32_t b) {
  const union {
    uint64_t bits;
    double value;
  } u = {(uint64_t)(a & 0xfffffu) << 32 | b | (uint64_t)1023 << 52};
  return u.value - 1.0;
}

static uint16_t uniform_half(uint32_t word) {
  const uint16_t bits = (uint16_t)((word & 0x3ffu) | 15u << 10);
  return firn_half_from_float(firn_half_to_float(bits) - 1.0f);
}

static uint16_t uniform_bfloat16(uint32_t word) {
  const uint16_t bits = (uint16_t)((word & 0x7fu) | 127u << 7);
  return firn_bfloat16_from_float(firn_bfloat16_to_float(bits) - 1.0f);
}

/* Box and Muller; the least uniform number keeps the logarithm finite. */
#define PI 3.14159265358979323846
#define LEAST 1.0e-7

void firn_normal_floats(uint32_t a, uint32_t b, float out[2]) {
  float u = firn_uniform_float(a);
  if (u < (float)LEAST) u = (float)LEAST;
  const float angle = (float)(2.0 * PI * (double)firn_uniform_float(b));
  const float radius = sqrtf(-2.0f * logf(u));
  out[0] = sinf(angle) * radius;
  out[1] = cosf(angle) * radius;
}

void firn_normal_doubles(const uint32_t w[4], double out[2]) {
  double u = firn_uniform_double(w[0], w[1]);
  if (u < LEAST) u = LEAST;
  const double angle = 2.0 * PI * firn_uniform_double(w[2], w[3]);
  const double radius = sqrt(-2.0 * log(u));
  out[0] = sin(angle) * radius;
  out[1] = cos(angle) * radius;
}

/* ---- Groups -------------------------------------------------------------- */

/* One distribution of one type: writes a group and uses up what it needs. */
typedef struct integers {
  uint64_t low, range;
} integers;
typedef void (*group_fn)(firn_philox *p, const integers *n, void *out);

#define FLAT(NAME, T, FROM)                                        \
  static void NAME(firn_philox *p, const integers *n, void *out) { \
    uint32_t w[4];                                                 \
    T *y = out;                                                    \
    FIRN_UNUSED(n);                                                \
    firn_philox_next(p, w);                                        \
    for (int i = 0; i < 4; i++) y[i] = FROM(w[i]);                 \
  }

FLAT(uniform_floats, float, firn_uniform_float)
FLAT(uniform_halves, uint16_t, uniform_half)
FLAT(uniform_bfloat16s, uint16_t, uniform_bfloat16)
FLAT(full_32, uint32_t, (uint32_t))

static void uniform_doubles(firn_philox *p, const integers *n, void *out) {
  uint32_t w[4];
  double *y = out;
  FIRN_UNUSED(n);
  firn_philox_next(p, w);
  y[0] = firn_uniform_double(w[0], w[1]);
  y[1] = firn_uniform_double(w[2], w[3]);
}

static void full_64(firn_philox *p, const integers *n, void *out) {
  uint32_t w[4];
  uint64_t *y = out;
  FIRN_UNUSED(n);
  firn_philox_next(p, w);
  y[0] = join(w[0], w[1]);
  y[1] = join(w[2], w[3]);
}

static void integers_32(firn_philox *p, const integers *n, void *out) {
  uint32_t *y = out;
  full_32(p, n, out);
  for (int i = 0; i < 4; i++)
    y[i] = (uint32_t)n->low + y[i] % (uint32_t)n->range;
}

static void integers_64(firn_philox *p, const integers *n, void *out) {
  uint64_t *y = out;
  full_64(p, n, out);
  for (int i = 0; i < 2; i++) y[i] = n->low + y[i] % n->range;
}

static void normals(firn_philox *p, const integers *n, void *out) {
  uint32_t w[4];
  float *y = out;
  FIRN_UNUSED(n);
  firn_philox_next(p, w);
  firn_normal_floats(w[0], w[1], y);
  firn_normal_floats(w[2], w[3], y + 2);
}

static void normals_64(firn_philox *p, const integers *n, void *out) {
  uint32_t w[4];
  FIRN_UNUSED(n);
  firn_philox_next(p, w);
  firn_normal_doubles(w, out);
}

static const double EDGE = 2;

static void truncated(firn_philox *p, const integers *n, void *out) {
  firn_philox_words words = {.source = p, .used = 4};
  float *y = out;
  FIRN_UNUSED(n);
  for (int have = 0; have < 4;) {
    float pair[2];
    const uint32_t a = firn_philox_word(&words), b = firn_philox_word(&words);
    firn_normal_floats(a, b, pair);
    for (int i = 0; i < 2 && have < 4; i++)
      if (fabsf(pair[i]) < (float)EDGE) y[have++] = pair[i];
  }
}

static void truncated_64(firn_philox *p, const integers *n, void *out) {
  double *y = out;
  FIRN_UNUSED(n);
  for (int have = 0; have < 2;) {
    uint32_t w[4];
    double pair[2];
    firn_philox_next(p, w);
    firn_normal_doubles(w, pair);
    for (int i = 0; i < 2 && have < 2; i++)
      if (fabs(pair[i]) < EDGE) y[have++] = pair[i];
  }
}

/* The short floats are rounded from the floats of the same words. */
#define SHORT(NAME, WIDE, FROM)                                    \
  static void NAME(firn_philox *p, const integers *n, void *out) { \
    float wide[4];                                                 \
    uint16_t *y = out;                                             \
    WIDE(p, n, wide);                                              \
    for (int i = 0; i < 4; i++) y[i] = FROM(wide[i]);              \
  }

SHORT(normal_halves, normals, firn_half_from_float)
SHORT(normal_bfloat16s, normals, firn_bfloat16_from_float)
SHORT(truncated_halves, truncated, firn_half_from_float)
SHORT(truncated_bfloat16s, truncated, firn_bfloat16_from_float)

static const group_fn groups[][FIRN_UINT64 + 1] = {
    [FIRN_UNIFORM] = {[FIRN_HALF] = uniform_halves,
                      [FIRN_BFLOAT16] = uniform_bfloat16s,
                      [FIRN_FLOAT] = uniform_floats,
                      [FIRN_DOUBLE] = uniform_doubles},
    [FIRN_NORMAL] = {[FIRN_HALF] = normal_halves,
                     [FIRN_BFLOAT16] = normal_bfloat16s,
                     [FIRN_FLOAT] = normals,
                     [FIRN_DOUBLE] = normals_64},
    [FIRN_TRUNCATED] = {[FIRN_HALF] = truncated_halves,
                        [FIRN_BFLOAT16] = truncated_bfloat16s,
                        [FIRN_FLOAT] = truncated,
                        [FIRN_DOUBLE] = truncated_64},
    [FIRN_INTEGER] = {[FIRN_INT32] = integers_32,
                      [FIRN_INT64] = integers_64,
                      [FIRN_UINT32] = integers_32,
                      [FIRN_UINT64] = integers_64},
    [FIRN_FULL] = {[FIRN_INT32] = full_32,
                   [FIRN_UINT32] = full_32,
                   [FIRN_INT64] = full_64,
                   [FIRN_UINT64] = full_64},
};

bool firn_random_has(firn_distribution d, firn_dtype dtype) {
  return dtype <= FIRN_UINT64 && groups[d][dtype];
}

/* ---- Tensors ------------------------------------------------------------- */

typedef struct filling {
  group_fn group;
  firn_philox start;
  integers n;
  uint64_t stride; /* steps between the beginnings of two groups */
  size_t count, per_group, size;
  uint8_t *out;
} filling;

static void fill_groups(void *ctx, size_t begin, size_t end) {
  const filling *f = ctx;
  const size_t bytes = f->per_group * f->size;
  for (size_t g = begin; g < end; g++) {
    _Alignas(16) uint8_t group[16];
    firn_philox p = f->start;
    firn_philox_skip(&p, g * f->stride);
    f->group(&p, &f->n, group);
    const size_t left = (f->count - g * f->per_group) * f->size;
    memcpy(f->out + g * bytes, group, left < bytes ? left : bytes);
  }
}

void firn_random_fill(firn_distribution d, const firn_philox *p, uint64_t low,
                      uint64_t range, firn_tensor *out, firn_pool *pool) {
  enum { WORDS_RESERVED = 256, GRAIN = 1024 };
  const size_t size = firn_dtype_size(out->dtype);
  const size_t per_group = size == 8 ? 2 : 4;
  filling f = {
      .group = groups[d][out->dtype],
      .start = *p,
      .n = {low, range},
      .stride = d == FIRN_TRUNCATED ? per_group * WORDS_RESERVED / 4 : 1,
      .count = out->count,
      .per_group = per_group,
      .size = size,
      .out = out->data,
  };
  firn_parallel_for(pool, (out->count + per_group - 1) / per_group, GRAIN,
                    fill_groups, &f);
}
