/* runtime/memory_plan.c: greedy placement of lifetimes in a slab. */
#include "runtime/memory_plan.h"

#include <stdbool.h>
#include <stdlib.h>

/* Larger first; ties by id, so that no plan depends on the C library's qsort.
 */
static int by_size(const void *pa, const void *pb) {
  const firn_placed *a = pa, *b = pb;
  if (a->size != b->size) return a->size < b->size ? 1 : -1;
  return (a->id > b->id) - (a->id < b->id);
}

static bool share_a_step(const firn_placed *a, const firn_placed *b) {
  return a->first <= b->last && b->first <= a->last;
}

static bool collide(const firn_placed *a, const firn_placed *b) {
  return share_a_step(a, b) && a->offset < b->offset + b->size &&
         b->offset < a->offset + a->size;
}

/* Walks the placed items by rising offset and takes the first gap that fits;
 * the order array keeps them sorted. */
static size_t insert_place(firn_placed *items, uint32_t *order, size_t count) {
  firn_placed *b = &items[count];
  b->offset = 0;
  for (size_t k = 0; k < count; k++)
    if (collide(b, &items[order[k]]))
      b->offset = items[order[k]].offset + items[order[k]].size;
  size_t at = count;
  while (at > 0 && items[order[at - 1]].offset > b->offset) {
    order[at] = order[at - 1];
    at--;
  }
  order[at] = (uint32_t)count;
  return b->offset + b->size;
}

size_t firn_memory_plan(firn_placed *items, size_t count) {
  size_t slab = 0;
  uint32_t *order = count ? malloc(count * sizeof *order) : NULL;
  if (count) qsort(items, count, sizeof *items, by_size);
  for (size_t i = 0; i < count; i++) {
    size_t end;
    if (order) {
      end = insert_place(items, order, i);
    } else { /* no memory to plan with: no sharing */
      items[i].offset = slab;
      end = slab + items[i].size;
    }
    if (end > slab) slab = end;
  }
  free(order);
  return slab;
}
