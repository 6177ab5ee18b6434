/* runtime/memory_plan.h: where each intermediate tensor lives in one slab.
 *
 * Two buffers may share bytes if no step needs both. The plan is a pure
 * function of sizes and lifetimes: no graph, no allocator, no threads. That is
 * what makes it testable with random numbers instead of models.
 *
 * Threads: pure function.
 */
#ifndef FIRN_RUNTIME_MEMORY_PLAN_H
#define FIRN_RUNTIME_MEMORY_PLAN_H

#include <stddef.h>
#include <stdint.h>

typedef struct firn_placed {
  uint32_t id;          /* whose it is; carried along for the caller         */
  uint32_t first, last; /* the steps that need it, both ends included        */
  size_t size;          /* bytes, already rounded up to the slab's alignment */
  size_t offset;        /* the answer: where it starts in the slab           */
} firn_placed;

/* Fills in every `offset` and returns the slab size. Largest first, each into
 * the lowest gap that fits. Not always optimal (that is NP-hard), but quick,
 * and the same answer on every machine. Reorders `items`. */
size_t firn_memory_plan(firn_placed *items, size_t count);

#endif
