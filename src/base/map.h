/* base/map.h: a hash table from byte strings to numbers.
 *
 * Keys are borrowed: they must outlive the map. A value is a uint64_t, enough
 * for an index or a pointer. Hashes are seeded by the address-independent FNV
 * mix, so iteration order never leaks into output (there is no iteration).
 *
 * Ownership: the map owns its slots only.
 * Threads:   immutable after building.
 */
#ifndef FIRN_BASE_MAP_H
#define FIRN_BASE_MAP_H

#include "base/text.h"

typedef struct firn_map {
  struct firn_map_slot *slots;
  size_t capacity, count;
  firn_allocator alloc;
} firn_map;

uint64_t firn_hash(firn_str key);

void firn_map_init(firn_map *map, const firn_allocator *alloc);
void firn_map_fini(firn_map *map);

/* False when memory is short. An existing key gets the new value. */
FIRN_CHECKED bool firn_map_set(firn_map *map, firn_str key, uint64_t value);

/* False, and *value untouched, when the key is not there. */
bool firn_map_get(const firn_map *map, firn_str key, uint64_t *value);

/* False when the key is not there. */
bool firn_map_remove(firn_map *map, firn_str key);

#endif
