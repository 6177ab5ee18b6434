/* base/alloc.h: memory by the caller's allocator, and sizes that cannot wrap.
 *
 * An allocator is carried down from the options of whatever was opened. NULL
 * stands for the C library's.
 *
 * Threads: as the allocator itself.
 */
#ifndef FIRN_BASE_ALLOC_H
#define FIRN_BASE_ALLOC_H

#include "firn/status.h"

#define FIRN_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FIRN_UNUSED(x) ((void)(x))

/* Options with every default filled in: what layers hand down to each other. */
typedef struct firn_env {
  firn_allocator alloc;
  firn_limits limits;
  int threads; /* at least 1 */
  bool skip_checksums, exact, baseline;
} firn_env;

/* Copies as much of `options` as the caller's version of the struct has. */
firn_env firn_env_from(const firn_options *options);

/* Allocates, resizes, frees. new gives NULL when memory is short; zeroed fills
 * with zeros; aligned gives an address divisible by 64 and must be freed by
 * firn_delete_aligned with the same size. */
void *firn_new(const firn_allocator *alloc, size_t size);
void *firn_new_zeroed(const firn_allocator *alloc, size_t size);
void *firn_resize(const firn_allocator *alloc, void *ptr, size_t old_size,
                  size_t new_size);
void firn_delete(const firn_allocator *alloc, void *ptr, size_t size);
void *firn_new_aligned(const firn_allocator *alloc, size_t size);
void firn_delete_aligned(const firn_allocator *alloc, void *ptr, size_t size);

/* Asks the system for all pages of a new block at once, which costs a third of
 * what touching them one by one does: for blocks that will be filled. */
void firn_touch_pages(void *ptr, size_t size);

/* Says that all of a new block is about to be written. A large one then gets
 * large pages, if the system has them: the first touch of a small page costs as
 * much as copying it. Memory of a caller's allocator is left alone. */
void firn_expect_all(const firn_allocator *alloc, void *ptr, size_t size);

/* Records "out of memory: N bytes wanted" as RESOURCE_EXHAUSTED. */
firn_code firn_oom(firn_error *err, size_t size);

/* a + b and a * b; false when the result does not fit. */
static inline bool firn_add_size(size_t a, size_t b, size_t *out) {
  return !__builtin_add_overflow(a, b, out);
}
static inline bool firn_mul_size(size_t a, size_t b, size_t *out) {
  return !__builtin_mul_overflow(a, b, out);
}
static inline bool firn_mul_i64(int64_t a, int64_t b, int64_t *out) {
  return !__builtin_mul_overflow(a, b, out);
}
static inline bool firn_add_i64(int64_t a, int64_t b, int64_t *out) {
  return !__builtin_add_overflow(a, b, out);
}

/* Whether bytes are copied slowly to address `to` from `from`: a processor that
 * copies strings of bytes itself, as the system lets it do between files and
 * memory, takes three times as long when it writes up to 31 bytes ahead of
 * where it reads, the number of the page left aside. For an address in a file
 * that is the offset. docs/decisions/0011-large-variables.md has figures. */
enum { FIRN_PAGE = 4096 };
static inline bool firn_copies_slowly(uint64_t to, uint64_t from) {
  const uint64_t ahead = (to - from) % FIRN_PAGE;
  return ahead > 0 && ahead < 32;
}

/* The first place in `room` that lies at `offset` within its page; less than a
 * page from its beginning. */
static inline uint8_t *firn_place_in_page(uint8_t *room, uint64_t offset) {
  return room + (offset - (uintptr_t)room) % FIRN_PAGE;
}

static inline size_t firn_min_size(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t firn_max_size(size_t a, size_t b) { return a > b ? a : b; }

#endif
