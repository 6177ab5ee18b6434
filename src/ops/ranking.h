/* ops/ranking.h: heaps and sorts that put equal keys where the C++ library
 * does.
 *
 * TensorFlow orders some candidates by std::push_heap, std::sort and their kin,
 * none of them stable. Scores that saturate make ties, so those algorithms are
 * followed move by move.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_RANKING_H
#define FIRN_OPS_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct firn_ranked {
  double key;
  int32_t id, class;
} firn_ranked;

/* What stands on top of a heap. */
typedef enum firn_rank { FIRN_LARGEST, FIRN_SMALLEST } firn_rank;

/* push_heap of a new last element, pop_heap, make_heap; sort_heap leaves the
 * other end first. */
void firn_heap_push(firn_ranked *heap, size_t *count, firn_ranked it,
                    firn_rank top);
firn_ranked firn_heap_pop(firn_ranked *heap, size_t *count, firn_rank top);
void firn_heap_make(firn_ranked *heap, size_t count, firn_rank top);
void firn_heap_sort(firn_ranked *heap, size_t count, firn_rank top);

/* std::sort, the largest key first. */
void firn_rank_sort(firn_ranked *x, size_t count);

#endif
