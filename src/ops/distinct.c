/* ops/distinct.c: a hash set of slices, with open addressing.
 *
 * Every element becomes a number of 64 bits that is equal when the elements are
 * (strings: their hash, compared in full afterwards).
 */
#include "ops/distinct.h"

#include <string.h>

#include "base/text.h"

/* The bits of a float without its sign, and those of infinity. */
static uint64_t magnitude_of(firn_dtype dtype) {
  switch ((int)dtype) {
    case FIRN_HALF:
    case FIRN_BFLOAT16: return 0x7fff;
    case FIRN_FLOAT: return 0x7fffffff;
    case FIRN_DOUBLE: return 0x7fffffffffffffff;
    default: return 0;
  }
}

static uint64_t infinity_of(firn_dtype dtype) {
  switch ((int)dtype) {
    case FIRN_HALF: return 0x7c00;
    case FIRN_BFLOAT16: return 0x7f80;
    case FIRN_FLOAT: return 0x7f800000;
    default: return 0x7ff0000000000000;
  }
}

static uint64_t mix(uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9u;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

static uint64_t hash_text(firn_str text) {
  uint64_t hash = text.size;
  for (size_t i = 0; i < text.size; i++)
    hash = (hash ^ (uint8_t)text.data[i]) * 0x100000001b3u;
  return mix(hash);
}

static size_t element_at(const firn_slices *s, size_t j, size_t k) {
  return (k / s->inner * s->n + j) * s->inner + k % s->inner;
}

/* Element i as a number; false for NaN. TensorFlow's table holds 0.0 and -0.0
 * for one number, except of 16 bits. */
static bool key_of(const firn_tensor *t, size_t i, uint64_t *key) {
  const size_t size = firn_dtype_size(t->dtype);
  const uint64_t magnitude = magnitude_of(t->dtype);
  *key = 0;
  memcpy(key, (const char *)t->data + i * size, size < 8 ? size : 8);
  if (!magnitude) return true;
  if (size >= 4 && (*key & magnitude) == 0) *key = 0;
  return (*key & magnitude) <= infinity_of(t->dtype);
}

static uint64_t hash_slice(const firn_slices *s, size_t j) {
  const firn_tensor *t = s->tensor;
  const firn_tstring *strings = t->data;
  uint64_t hash = 0, key;
  for (size_t k = 0; k < s->outer * s->inner; k++) {
    const size_t i = element_at(s, j, k);
    if (t->dtype == FIRN_STRING)
      key = hash_text(firn_tstring_get(&strings[i]));
    else
      key_of(t, i, &key);
    hash = mix(hash * 31 + key + 0x9e3779b97f4a7c15u);
  }
  return hash;
}

static bool same_slice(const firn_slices *a, size_t ja, const firn_slices *b,
                       size_t jb) {
  const firn_tstring *sa = a->tensor->data, *sb = b->tensor->data;
  uint64_t ka, kb;
  for (size_t k = 0; k < a->outer * a->inner; k++) {
    const size_t ia = element_at(a, ja, k), ib = element_at(b, jb, k);
    if (a->tensor->dtype == FIRN_STRING) {
      if (!firn_str_eq(firn_tstring_get(&sa[ia]), firn_tstring_get(&sb[ib])))
        return false;
    } else if (!key_of(a->tensor, ia, &ka) || !key_of(b->tensor, ib, &kb) ||
               ka != kb) {
      return false;
    }
  }
  return true;
}

firn_code firn_distinct_init(firn_distinct *set, const firn_slices *slices,
                             const firn_env *env, firn_error *err) {
  *set =
      (firn_distinct){.slices = *slices, .alloc = env->alloc, .capacity = 16};
  if (slices->n >= UINT32_MAX / 4)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "more than 2^30 elements to tell apart");
  while (set->capacity < 2 * slices->n) set->capacity *= 2;
  set->table = firn_new_zeroed(&set->alloc, set->capacity * sizeof *set->table);
  set->members = firn_new(&set->alloc, (slices->n + 1) * sizeof *set->members);
  if (set->table && set->members) return FIRN_OK;
  firn_distinct_fini(set);
  return firn_oom(err, set->capacity * sizeof *set->table);
}

void firn_distinct_fini(firn_distinct *set) {
  firn_delete(&set->alloc, set->table, set->capacity * sizeof *set->table);
  firn_delete(&set->alloc, set->members,
              (set->slices.n + 1) * sizeof *set->members);
  set->table = NULL;
  set->members = NULL;
}

/* The place in the table of the member that equals the slice, or of the gap
 * where it belongs. */
static size_t find(const firn_distinct *set, const firn_slices *other,
                   size_t j) {
  size_t at = hash_slice(other, j) & (set->capacity - 1);
  while (set->table[at] &&
         !same_slice(&set->slices, set->members[set->table[at] - 1], other, j))
    at = (at + 1) & (set->capacity - 1);
  return at;
}

size_t firn_distinct_add(firn_distinct *set, size_t j) {
  const size_t at = find(set, &set->slices, j);
  if (!set->table[at]) {
    set->members[set->count++] = j;
    set->table[at] = (uint32_t)set->count;
  }
  return set->table[at] - 1;
}

bool firn_distinct_has(const firn_distinct *set, const firn_slices *other,
                       size_t j) {
  return set->table[find(set, other, j)] != 0;
}
