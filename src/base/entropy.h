/* base/entropy.h: numbers that nobody else has, for names of files.
 *
 * Threads: safe.
 */
#ifndef FIRN_BASE_ENTROPY_H
#define FIRN_BASE_ENTROPY_H

#include <stdint.h>

/* 64 random bits: from the system, or else from clock and process. */
uint64_t firn_entropy(void);

#endif
