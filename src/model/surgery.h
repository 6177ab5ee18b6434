/* model/surgery.h: a surgery as its files see it.
 *
 *   surgery.c          the list: adding checkpoints, writing the result
 *   surgery_edit.c     renames, drops, swaps
 *   surgery_slots.c    which keys are an optimiser's, by their names
 *   surgery_convert.c  between names and objects
 *
 * Threads: confined.
 */
#ifndef FIRN_MODEL_SURGERY_H
#define FIRN_MODEL_SURGERY_H

#include "base/map.h"
#include "firn/surgery.h"
#include "model/object_edit.h"

/* One tensor: where its value is, and what it is to be called. */
typedef struct firn_cut {
  firn_str key;
  firn_str object_key; /* what the object graph calls it; empty: nothing */
  const firn_checkpoint *from;
  size_t tensor;
} firn_cut;

struct firn_surgery {
  firn_env env;
  firn_arena arena;
  firn_cut *cuts;
  size_t count, capacity;
  firn_objects *objects; /* NULL: names are all there is */
  int version;           /* of the first checkpoint      */
};

/* Adds a cut at the end of the list. */
FIRN_CHECKED firn_code firn_surgery_push(firn_surgery *s, const firn_cut *cut,
                                         firn_error *err);

/* Fills `map` (initialised, empty) with position by key; of two with one key
 * the last. */
FIRN_CHECKED firn_code firn_surgery_index(const firn_surgery *s, firn_map *map,
                                          firn_error *err);

/* Keeps the cuts that are not marked; returns how many went. */
size_t firn_surgery_sweep(firn_surgery *s, const bool *marks);

/* Whether the key names what an optimiser keeps of another key of the map, or
 * of itself. `flat` has the keys with '_' for '/'. */
bool firn_is_slot_key(firn_str key, const firn_map *keys, const firn_map *flat);

#endif
