/* base/pool.h: threads that share out the iterations of a loop.
 *
 * firn_parallel_for(pool, n, grain, body, ctx) equals
 *
 *   for (size_t i = 0; i < n; i++) body(ctx, i, i + 1);
 *
 * cut into pieces of at least `grain` iterations. The caller takes part. With a
 * NULL pool or n below two grains it is just body(ctx, 0, n); from inside
 * another parallel loop, or when the workers are busy, the caller runs all the
 * pieces. The cut depends on n, grain and the number of threads, never on which
 * thread is free, so a body that writes only its own range gives the same bits
 * every time. Workers treat denormals as the caller does.
 *
 * Threads: a pool may be used by many threads at once; a loop that finds the
 *          workers busy runs on its caller.
 */
#ifndef FIRN_BASE_POOL_H
#define FIRN_BASE_POOL_H

#include "base/alloc.h"

typedef struct firn_pool firn_pool;

/* `threads` counts the caller: 1 gives NULL and starts nothing. The threads
 * start at the first loop that wants them. */
FIRN_CHECKED firn_code firn_pool_new(int threads, const firn_allocator *alloc,
                                     firn_pool **out, firn_error *err);
void firn_pool_free(firn_pool *pool);
int firn_pool_threads(const firn_pool *pool);

void firn_parallel_for(firn_pool *pool, size_t n, size_t grain,
                       void (*body)(void *ctx, size_t begin, size_t end),
                       void *ctx);

#endif
