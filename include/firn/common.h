/* firn/common.h: the few words that every other firn header uses.
 *
 * Strings and bytes carry their length and have no terminator, because that is
 * how they lie in files. Options come as a struct whose first member is its own
 * size, so that a program built against an older header keeps working:
 *
 *   firn_options options = FIRN_OPTIONS_INIT;
 *   options.threads = 1;
 *
 * Every pointer to options may be NULL, which means the defaults.
 *
 * Ownership: a firn_str or firn_bytes borrows; it lives as long as its owner.
 * Threads:   plain values.
 */
#ifndef FIRN_COMMON_H
#define FIRN_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Marks what libfirn exports. All else is compiled hidden. */
#define FIRN_API __attribute__((visibility("default")))

/* The compiler complains when the result is dropped. */
#define FIRN_CHECKED __attribute__((warn_unused_result))

/* The compiler checks the arguments as it does printf's. */
#define FIRN_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Text with a length; `data` need not be terminated, nor be valid UTF-8. */
typedef struct firn_str {
  const char *data;
  size_t size;
} firn_str;

/* Bytes with a length. */
typedef struct firn_bytes {
  const uint8_t *data;
  size_t size;
} firn_bytes;

/* One function does malloc, realloc and free: `ptr` NULL allocates, `new_size`
 * 0 frees and returns NULL, anything else resizes. Returns NULL when memory is
 * short. Results are aligned as malloc's. Must be safe to call from any thread
 * that uses what was opened with it. */
typedef struct firn_allocator {
  void *(*resize)(void *ud, void *ptr, size_t old_size, size_t new_size);
  void *ud;
} firn_allocator;

/* What a hostile file may ask for at most. 0 stands for the default. */
typedef struct firn_limits {
  uint32_t nesting;      /* messages inside messages; default 100          */
  uint64_t tensor_bytes; /* one tensor made at run time; default 2^40      */
  uint64_t iterations;   /* rounds of one loop; default 2^40               */
  uint32_t call_depth;   /* calls inside calls; default 256                */
  uint64_t plan_bytes;   /* memory of cached plans; default 2^30           */
} firn_limits;

typedef struct firn_options {
  size_t size;                     /* sizeof(firn_options)                  */
  const firn_allocator *allocator; /* NULL: the C library's                 */
  firn_limits limits;
  int threads;         /* 0: one per CPU; 1: the caller's thread, no other  */
  bool skip_checksums; /* do not verify checksums of tensor data            */
  bool exact;          /* no algorithm that rounds differently (Winograd)   */
  bool baseline;       /* portable kernels only, whatever the CPU can do    */
} firn_options;

#define FIRN_OPTIONS_INIT \
  { sizeof(firn_options), 0, {0, 0, 0, 0, 0}, 0, false, false, false }

/* "MAJOR.MINOR.PATCH" of the library. */
FIRN_API const char *firn_version(void);

#ifdef __cplusplus
}
#endif

#endif
