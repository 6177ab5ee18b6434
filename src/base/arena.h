/* base/arena.h: memory for things that die together.
 *
 * A parsed graph is thousands of small pieces with one lifetime. An arena hands
 * them out from large blocks and frees them all at once.
 *
 *   firn_arena arena;
 *   firn_arena_init(&arena, &env.alloc);
 *   char *name = firn_arena_alloc(&arena, size);
 *   ...
 *   firn_arena_fini(&arena);
 *
 * Ownership: what the arena gave dies with firn_arena_fini or firn_arena_reset.
 * Threads:   confined.
 */
#ifndef FIRN_BASE_ARENA_H
#define FIRN_BASE_ARENA_H

#include "base/alloc.h"

typedef struct firn_arena {
  firn_allocator alloc;
  struct firn_arena_block *blocks; /* newest first */
  uint8_t *next, *end;             /* the free rest of the newest block */
  size_t used; /* bytes handed out, for limits and reports */
} firn_arena;

void firn_arena_init(firn_arena *arena, const firn_allocator *alloc);
void firn_arena_fini(firn_arena *arena);

/* Forgets everything handed out but keeps one block for reuse. */
void firn_arena_reset(firn_arena *arena);

/* `size` bytes aligned to 16; NULL when memory is short. Size 0 gives a valid
 * pointer. zeroed fills with zeros. */
void *firn_arena_alloc(firn_arena *arena, size_t size);
void *firn_arena_zeroed(firn_arena *arena, size_t size);

/* `count` elements of `size` bytes, zeroed; NULL also when the product wraps.
 */
void *firn_arena_array(firn_arena *arena, size_t count, size_t size);

/* A copy of the bytes; of text with a terminator added. {NULL, 0} / NULL when
 * memory is short. */
firn_str firn_arena_str(firn_arena *arena, firn_str text);
char *firn_arena_cstr(firn_arena *arena, firn_str text);

/* Text formatted as by printf, terminated. {NULL, 0} when memory is short. */
firn_str firn_arena_printf(firn_arena *arena, const char *fmt, ...)
    FIRN_PRINTF(2, 3);

#endif
