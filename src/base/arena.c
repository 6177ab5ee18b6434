/* base/arena.c: blocks that grow, handed out from front to back. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define POISONING 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONING 1
#endif
#endif

/* Under AddressSanitizer the bytes not handed out are out of bounds. */
#ifdef POISONING
#include <sanitizer/asan_interface.h>
#define POISON(p, size) __asan_poison_memory_region((p), (size))
#define UNPOISON(p, size) __asan_unpoison_memory_region((p), (size))
#else
#define POISON(p, size) ((void)(p), (void)(size))
#define UNPOISON(p, size) ((void)(p), (void)(size))
#endif

enum {
  ALIGNMENT = 16,
  FIRST_BLOCK = 4096,
  LARGEST_BLOCK = 1 << 20,
  TOUCHED = 128 << 10, /* who filled as much will fill these, too */
};

typedef struct firn_arena_block {
  struct firn_arena_block *older;
  size_t size; /* with this header */
} block;

enum { HEADER = (sizeof(block) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT };

void firn_arena_init(firn_arena *arena, const firn_allocator *alloc) {
  *arena = (firn_arena){0};
  if (alloc) arena->alloc = *alloc;
}

static void block_free(firn_arena *arena, block *b) {
  UNPOISON(b, b->size);
  firn_delete(&arena->alloc, b, b->size);
}

static void free_chain(firn_arena *arena, block *b) {
  while (b) {
    block *older = b->older;
    block_free(arena, b);
    b = older;
  }
}

void firn_arena_fini(firn_arena *arena) {
  free_chain(arena, arena->blocks);
  arena->blocks = NULL;
  arena->next = arena->end = NULL;
  arena->used = 0;
}

/* The newest block is the largest of the ordinary ones. */
void firn_arena_reset(firn_arena *arena) {
  block *keep = arena->blocks;
  if (!keep) return;
  free_chain(arena, keep->older);
  keep->older = NULL;
  arena->next = (uint8_t *)keep + HEADER;
  arena->end = (uint8_t *)keep + keep->size;
  arena->used = 0;
  POISON(arena->next, keep->size - HEADER);
}

static block *block_new(firn_arena *arena, size_t size) {
  block *b = firn_new(&arena->alloc, size);
  if (!b) return NULL;
  b->size = size;
  POISON((uint8_t *)b + HEADER, size - HEADER);
  return b;
}

/* A piece that would waste much of an ordinary block gets one of its own, put
 * behind the newest, whose rest stays in use. */
static uint8_t *own_block(firn_arena *arena, size_t size) {
  size_t whole;
  if (!firn_add_size(size, HEADER, &whole)) return NULL;
  block *b = block_new(arena, whole);
  if (!b) return NULL;
  if (arena->blocks) {
    b->older = arena->blocks->older;
    arena->blocks->older = b;
  } else {
    b->older = NULL;
    arena->blocks = b;
    arena->next = arena->end = (uint8_t *)b + whole;
  }
  return (uint8_t *)b + HEADER;
}

static bool next_block(firn_arena *arena) {
  size_t size = FIRST_BLOCK;
  if (arena->blocks) size = 2 * arena->blocks->size;
  size = firn_min_size(firn_max_size(size, FIRST_BLOCK), LARGEST_BLOCK);
  block *b = block_new(arena, size);
  if (!b) return false;
  if (size >= TOUCHED) firn_touch_pages(b, size);
  b->older = arena->blocks;
  arena->blocks = b;
  arena->next = (uint8_t *)b + HEADER;
  arena->end = (uint8_t *)b + size;
  return true;
}

void *firn_arena_alloc(firn_arena *arena, size_t size) {
  if (size > SIZE_MAX - ALIGNMENT) return NULL;
  const size_t step =
      (firn_max_size(size, 1) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  uint8_t *piece;

  if (step <= (size_t)(arena->end - arena->next)) {
    piece = arena->next;
    arena->next += step;
  } else if (step > FIRST_BLOCK / 4) {
    piece = own_block(arena, step);
  } else if (next_block(arena)) {
    piece = arena->next;
    arena->next += step;
  } else {
    piece = NULL;
  }
  if (!piece) return NULL;
  UNPOISON(piece, size);
  arena->used += step;
  return piece;
}

void *firn_arena_zeroed(firn_arena *arena, size_t size) {
  void *piece = firn_arena_alloc(arena, size);
  return piece ? memset(piece, 0, size) : NULL;
}

void *firn_arena_array(firn_arena *arena, size_t count, size_t size) {
  size_t whole;
  if (!firn_mul_size(count, size, &whole)) return NULL;
  return firn_arena_zeroed(arena, whole);
}

char *firn_arena_cstr(firn_arena *arena, firn_str text) {
  size_t whole;
  if (!firn_add_size(text.size, 1, &whole)) return NULL;
  char *copy = firn_arena_alloc(arena, whole);
  if (!copy) return NULL;
  if (text.size) memcpy(copy, text.data, text.size);
  copy[text.size] = '\0';
  return copy;
}

firn_str firn_arena_str(firn_arena *arena, firn_str text) {
  const char *copy = firn_arena_cstr(arena, text);
  return (firn_str){copy, copy ? text.size : 0};
}

firn_str firn_arena_printf(firn_arena *arena, const char *fmt, ...) {
  va_list args, again;
  va_start(args, fmt);
  va_copy(again, args);
  const int length = vsnprintf(NULL, 0, fmt, args);
  char *text = NULL;
  if (length >= 0) text = firn_arena_alloc(arena, (size_t)length + 1);
  if (text) vsnprintf(text, (size_t)length + 1, fmt, again);
  va_end(again);
  va_end(args);
  return (firn_str){text, text ? (size_t)length : 0};
}
