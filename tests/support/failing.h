/* support/failing.h: an allocator that counts, and fails when told to.
 *
 * A scenario is run again with allocation 1, 2, 3 ... failing until it goes
 * through. Each time it must end with an error, or without one having coped,
 * and all its memory back:
 *
 *   static firn_code scenario(const firn_allocator *alloc, void *ctx) { ... }
 *
 *   failing_check(scenario, NULL);
 *
 * Every resize is told the size of the old block, and is held to it.
 */
#ifndef FIRN_TEST_FAILING_H
#define FIRN_TEST_FAILING_H

#include <stdlib.h>

#include "firn/status.h"
#include "support/test.h"

typedef struct failing {
  size_t fail_at;    /* the allocation that fails, counted from 1; 0: none */
  bool from_then_on; /* all later ones fail as well                        */
  size_t count;      /* allocations asked for                              */
  size_t live, peak; /* bytes not freed, now and at most                   */
  size_t wrong_size; /* frees and resizes with another size than was given */
} failing;

/* In front of each block, its size. */
enum { FAILING_HEADER = 16 };

static inline void *failing_resize(void *ud, void *ptr, size_t old_size,
                                   size_t new_size) {
  failing *f = ud;
  unsigned char *block = NULL;
  size_t have = 0;
  if (ptr) {
    block = (unsigned char *)ptr - FAILING_HEADER;
    memcpy(&have, block, sizeof have);
    if (have != old_size) f->wrong_size++;
  }
  if (new_size == 0) {
    f->live -= have;
    free(block);
    return NULL;
  }
  f->count++;
  if (f->fail_at &&
      (f->count == f->fail_at || (f->from_then_on && f->count > f->fail_at)))
    return NULL;

  /* Always moves, so that a pointer kept over a resize is found out. */
  unsigned char *moved = malloc(new_size + FAILING_HEADER);
  if (!moved) return NULL;
  memcpy(moved, &new_size, sizeof new_size);
  memset(moved + FAILING_HEADER, 0xa5, new_size);
  if (block) {
    memcpy(moved + FAILING_HEADER, ptr, have < new_size ? have : new_size);
    free(block);
  }
  f->live += new_size - have;
  if (f->live > f->peak) f->peak = f->live;
  return moved + FAILING_HEADER;
}

static inline firn_allocator failing_allocator(failing *f) {
  return (firn_allocator){failing_resize, f};
}

/* One pass over the scenario; returns its code. */
static inline firn_code failing_pass(
    failing *f, firn_code (*scenario)(const firn_allocator *, void *),
    void *ctx) {
  const firn_allocator alloc = failing_allocator(f);
  const firn_code code = scenario(&alloc, ctx);
  if (f->live != 0)
    fail_msg("%zu bytes lost when allocation %zu fails", f->live, f->fail_at);
  if (f->wrong_size != 0)
    fail_msg("block freed with a wrong size when allocation %zu fails",
             f->fail_at);
  if (code != FIRN_OK && code != FIRN_RESOURCE_EXHAUSTED)
    fail_msg("code %d, not RESOURCE_EXHAUSTED, when allocation %zu fails",
             (int)code, f->fail_at);
  return code;
}

/* Returns the number of allocations of a scenario that nothing disturbs. */
static inline size_t failing_check(firn_code (*scenario)(const firn_allocator *,
                                                         void *),
                                   void *ctx) {
  for (size_t n = 1;; n++) {
    failing once = {.fail_at = n};
    const firn_code code = failing_pass(&once, scenario, ctx);
    if (once.count < n) {
      if (code != FIRN_OK) fail_msg("fails though every allocation succeeds");
      return once.count;
    }
    failing onwards = {.fail_at = n, .from_then_on = true};
    (void)failing_pass(&onwards, scenario, ctx);
  }
}

#endif
