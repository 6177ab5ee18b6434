/* base/entropy.c: random bits for names that have to be new. */
#define _GNU_SOURCE
#include "base/entropy.h"

#include <time.h>
#include <unistd.h>

uint64_t firn_entropy(void) {
  uint64_t bits;
  struct timespec now;
  if (getentropy(&bits, sizeof bits) == 0) return bits;
  clock_gettime(CLOCK_MONOTONIC, &now);
  bits = (uint64_t)now.tv_nsec ^ (uint64_t)getpid() << 32;
  return bits * 0x9e3779b97f4a7c15u;
}
