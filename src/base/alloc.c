/* base/alloc.c: the way from an options struct to memory. */
#define _DEFAULT_SOURCE
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cpu.h"

enum { ALIGNMENT = 64, LARGE_PAGE = 2 << 20 };

const char *firn_version(void) { return FIRN_VERSION; }

static void *libc_resize(void *ud, void *ptr, size_t old_size,
                         size_t new_size) {
  FIRN_UNUSED(ud);
  FIRN_UNUSED(old_size);
  if (new_size) return realloc(ptr, new_size);
  free(ptr);
  return NULL;
}

static bool is_libc(const firn_allocator *alloc) {
  return !alloc || !alloc->resize || alloc->resize == libc_resize;
}

/* An allocator reads a new size of 0 as free, so nothing counts as one byte. */
static void *resize(const firn_allocator *alloc, void *ptr, size_t old_size,
                    size_t new_size) {
  const size_t from = ptr ? firn_max_size(old_size, 1) : 0;
  const size_t to = firn_max_size(new_size, 1);
  if (is_libc(alloc)) return libc_resize(NULL, ptr, from, to);
  return alloc->resize(alloc->ud, ptr, from, to);
}

void *firn_new(const firn_allocator *alloc, size_t size) {
  return resize(alloc, NULL, 0, size);
}

void *firn_new_zeroed(const firn_allocator *alloc, size_t size) {
  /* calloc leaves large blocks untouched: the system's pages are zero. */
  if (is_libc(alloc)) return calloc(1, firn_max_size(size, 1));
  void *ptr = resize(alloc, NULL, 0, size);
  if (ptr) memset(ptr, 0, size);
  return ptr;
}

void *firn_resize(const firn_allocator *alloc, void *ptr, size_t old_size,
                  size_t new_size) {
  return resize(alloc, ptr, old_size, new_size);
}

void firn_delete(const firn_allocator *alloc, void *ptr, size_t size) {
  if (!ptr) return;
  if (is_libc(alloc))
    free(ptr);
  else
    alloc->resize(alloc->ud, ptr, firn_max_size(size, 1), 0);
}

/* The byte in front of an aligned address says how far in front the block
 * begins: 1 to 64 bytes. */
void *firn_new_aligned(const firn_allocator *alloc, size_t size) {
  size_t whole;
  if (!firn_add_size(size, ALIGNMENT, &whole)) return NULL;
  uint8_t *block = firn_new(alloc, whole);
  if (!block) return NULL;
  const size_t skip = ALIGNMENT - (uintptr_t)block % ALIGNMENT;
  block[skip - 1] = (uint8_t)skip;
  return block + skip;
}

void firn_delete_aligned(const firn_allocator *alloc, void *ptr, size_t size) {
  if (!ptr) return;
  uint8_t *aligned = ptr;
  firn_delete(alloc, aligned - aligned[-1], size + ALIGNMENT);
}

/* Kernels before 5.14 do not know this, and then the pages come as before. */
void firn_touch_pages(void *ptr, size_t size) {
#ifdef MADV_POPULATE_WRITE
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  const uintptr_t begin = ((uintptr_t)ptr + page - 1) / page * page;
  const uintptr_t end = ((uintptr_t)ptr + size) / page * page;
  if (begin < end) madvise((void *)begin, end - begin, MADV_POPULATE_WRITE);
#else
  FIRN_UNUSED(ptr);
  FIRN_UNUSED(size);
#endif
}

/* Only whole large pages within the block, so that it takes no more memory. */
void firn_expect_all(const firn_allocator *alloc, void *ptr, size_t size) {
#ifdef MADV_HUGEPAGE
  const size_t skip = -(uintptr_t)ptr % LARGE_PAGE;
  if (!is_libc(alloc) || size < skip + LARGE_PAGE) return;
  const size_t whole = (size - skip) / LARGE_PAGE * LARGE_PAGE;
  (void)madvise((uint8_t *)ptr + skip, whole, MADV_HUGEPAGE);
#else
  FIRN_UNUSED(alloc);
  FIRN_UNUSED(ptr);
  FIRN_UNUSED(size);
#endif
}

firn_code firn_oom(firn_error *err, size_t size) {
  return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                   "out of memory: %zu bytes wanted", size);
}

static firn_limits fill_limits(firn_limits limits) {
  if (!limits.nesting) limits.nesting = 100;
  if (!limits.tensor_bytes) limits.tensor_bytes = UINT64_C(1) << 40;
  if (!limits.iterations) limits.iterations = UINT64_C(1) << 40;
  if (!limits.call_depth) limits.call_depth = 256;
  if (!limits.plan_bytes) limits.plan_bytes = UINT64_C(1) << 30;
  return limits;
}

firn_env firn_env_from(const firn_options *options) {
  firn_options known = FIRN_OPTIONS_INIT;
  if (options)
    memcpy(&known, options, firn_min_size(options->size, sizeof known));

  firn_env env = {
      .alloc = {libc_resize, NULL},
      .limits = fill_limits(known.limits),
      .threads = known.threads > 0 ? known.threads : firn_cpu_count(),
      .skip_checksums = known.skip_checksums,
      .exact = known.exact,
      .baseline = known.baseline,
  };
  if (known.allocator && known.allocator->resize) env.alloc = *known.allocator;
  return env;
}
