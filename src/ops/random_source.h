/* ops/random_source.h: where a random op's numbers start.
 *
 * TensorFlow has four ways to say it, which differ by generation of its API:
 *   SEEDED  attrs seed and seed2; the node remembers how far it is
 *   SEED    an input [seed0, seed1]: the same numbers every time
 *   KEYED   inputs key, counter and algorithm: the same, not scrambled
 *   STATE   a variable [counter, counter, key] that every run advances
 *
 * Threads: safe.
 */
#ifndef FIRN_OPS_RANDOM_SOURCE_H
#define FIRN_OPS_RANDOM_SOURCE_H

#include "ops/philox.h"

typedef enum firn_random_source {
  FIRN_SEEDED,
  FIRN_SEED,
  FIRN_KEYED,
  FIRN_STATE,
} firn_random_source;

/* The place where this run's numbers start; a source that remembers goes
 * `steps` further. The source's inputs begin with input `at`. */
FIRN_CHECKED firn_code firn_random_start(const firn_run *run,
                                         firn_random_source source, size_t at,
                                         uint64_t steps, firn_philox *out,
                                         firn_error *err);

#endif
