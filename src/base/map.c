/* base/map.c: open addressing with linear probing, at most three quarters full.
 * Removal shifts the followers back, so there are no tombstones. */
#include "base/map.h"

typedef struct firn_map_slot {
  firn_str key;
  uint64_t value;
  uint64_t hash; /* 0: the slot is free */
} slot;

/* FNV-1a taken eight bytes at a time, with the high half folded down after each
 * step because the slot is chosen by the low bits. */
uint64_t firn_hash(firn_str key) {
  const uint64_t prime = 0x9fb21c651e98df25u;
  uint64_t hash = 0xcbf29ce484222325u ^ key.size;
  size_t i = 0;
  for (; i + 8 <= key.size; i += 8) {
    hash = (hash ^ firn_load64(key.data + i)) * prime;
    hash ^= hash >> 32;
  }
  uint64_t rest = 0;
  for (unsigned shift = 0; i < key.size; i++, shift += 8)
    rest |= (uint64_t)(uint8_t)key.data[i] << shift;
  hash = (hash ^ rest) * prime;
  hash ^= hash >> 32;
  hash *= prime;
  return hash ^ hash >> 29;
}

static uint64_t stored_hash(firn_str key) {
  const uint64_t hash = firn_hash(key);
  return hash ? hash : 1;
}

void firn_map_init(firn_map *map, const firn_allocator *alloc) {
  *map = (firn_map){0};
  if (alloc) map->alloc = *alloc;
}

void firn_map_fini(firn_map *map) {
  firn_delete(&map->alloc, map->slots, map->capacity * sizeof(slot));
  map->slots = NULL;
  map->capacity = map->count = 0;
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t find(const slot *slots, size_t capacity, firn_str key,
                   uint64_t hash) {
  size_t i = hash & (capacity - 1);
  while (slots[i].hash &&
         !(slots[i].hash == hash && firn_str_eq(slots[i].key, key)))
    i = (i + 1) & (capacity - 1);
  return i;
}

static bool grow(firn_map *map) {
  const size_t capacity = map->capacity ? 2 * map->capacity : 16;
  size_t bytes;
  if (!firn_mul_size(capacity, sizeof(slot), &bytes)) return false;
  slot *slots = firn_new_zeroed(&map->alloc, bytes);
  if (!slots) return false;
  for (size_t i = 0; i < map->capacity; i++) {
    const slot *old = &map->slots[i];
    if (!old->hash) continue;
    size_t at = old->hash & (capacity - 1);
    while (slots[at].hash) at = (at + 1) & (capacity - 1);
    slots[at] = *old;
  }
  firn_delete(&map->alloc, map->slots, map->capacity * sizeof(slot));
  map->slots = slots;
  map->capacity = capacity;
  return true;
}

bool firn_map_set(firn_map *map, firn_str key, uint64_t value) {
  const uint64_t hash = stored_hash(key);
  size_t i = 0;
  if (map->capacity) {
    i = find(map->slots, map->capacity, key, hash);
    if (map->slots[i].hash) {
      map->slots[i].value = value;
      return true;
    }
  }
  if (map->count + 1 > map->capacity / 4 * 3) {
    if (!grow(map)) return false;
    i = find(map->slots, map->capacity, key, hash);
  }
  map->slots[i] = (slot){key, value, hash};
  map->count++;
  return true;
}

bool firn_map_get(const firn_map *map, firn_str key, uint64_t *value) {
  if (!map->count) return false;
  const size_t i = find(map->slots, map->capacity, key, stored_hash(key));
  if (!map->slots[i].hash) return false;
  *value = map->slots[i].value;
  return true;
}

bool firn_map_remove(firn_map *map, firn_str key) {
  if (!map->count) return false;
  const size_t mask = map->capacity - 1;
  slot *slots = map->slots;
  size_t hole = find(slots, map->capacity, key, stored_hash(key));
  if (!slots[hole].hash) return false;

  /* A follower may fill the hole when the hole is not before its own place. */
  for (size_t i = (hole + 1) & mask; slots[i].hash; i = (i + 1) & mask) {
    const size_t home = slots[i].hash & mask;
    if (((i - home) & mask) < ((i - hole) & mask)) continue;
    slots[hole] = slots[i];
    hole = i;
  }
  slots[hole] = (slot){0};
  map->count--;
  return true;
}
