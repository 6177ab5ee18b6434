/* ops/ranking.c: heaps and sorts that put equal keys where the C++ library
 * does.
 */
#include "ops/ranking.h"

#include <string.h>

/* ---- Heaps -------------------------------------------------------------- */

static bool below(const firn_ranked *a, const firn_ranked *b, firn_rank top) {
  return top == FIRN_LARGEST ? a->key < b->key : a->key > b->key;
}

static void rise(firn_ranked *heap, size_t hole, size_t top_hole,
                 firn_ranked it, firn_rank top) {
  while (hole > top_hole && below(&heap[(hole - 1) / 2], &it, top)) {
    heap[hole] = heap[(hole - 1) / 2];
    hole = (hole - 1) / 2;
  }
  heap[hole] = it;
}

/* The hole goes all the way down, then `it` rises from there. */
static void settle(firn_ranked *heap, size_t hole, size_t count, firn_ranked it,
                   firn_rank top) {
  const size_t top_hole = hole;
  size_t child = hole;
  while (count && child < (count - 1) / 2) {
    child = 2 * (child + 1);
    if (below(&heap[child], &heap[child - 1], top)) child--;
    heap[hole] = heap[child];
    hole = child;
  }
  if (count && count % 2 == 0 && child == (count - 2) / 2) {
    child = 2 * child + 1;
    heap[hole] = heap[child];
    hole = child;
  }
  rise(heap, hole, top_hole, it, top);
}

void firn_heap_push(firn_ranked *heap, size_t *count, firn_ranked it,
                    firn_rank top) {
  rise(heap, (*count)++, 0, it, top);
}

firn_ranked firn_heap_pop(firn_ranked *heap, size_t *count, firn_rank top) {
  const firn_ranked best = heap[0], last = heap[--*count];
  if (*count) settle(heap, 0, *count, last, top);
  return best;
}

void firn_heap_make(firn_ranked *heap, size_t count, firn_rank top) {
  for (size_t i = count / 2; i-- > 0;) settle(heap, i, count, heap[i], top);
}

void firn_heap_sort(firn_ranked *heap, size_t count, firn_rank top) {
  while (count > 1) {
    const firn_ranked best = firn_heap_pop(heap, &count, top);
    heap[count] = best;
  }
}

/* ---- The sort ----------------------------------------------------------- */

enum { SMALL = 16 };

static bool is_more(const firn_ranked *a, const firn_ranked *b) {
  return a->key > b->key;
}

static void swap(firn_ranked *a, firn_ranked *b) {
  const firn_ranked t = *a;
  *a = *b;
  *b = t;
}

/* Puts the median of a, b and c into *to. */
static void median_to(firn_ranked *to, firn_ranked *a, firn_ranked *b,
                      firn_ranked *c) {
  if (is_more(a, b))
    swap(to, is_more(b, c) ? b : is_more(a, c) ? c : a);
  else
    swap(to, is_more(a, c) ? a : is_more(b, c) ? c : b);
}

static firn_ranked *partition(firn_ranked *low, firn_ranked *high,
                              const firn_ranked *pivot) {
  for (;;) {
    while (is_more(low, pivot)) low++;
    high--;
    while (is_more(pivot, high)) high--;
    if (!(low < high)) return low;
    swap(low, high);
    low++;
  }
}

static void quick_sort(firn_ranked *first, firn_ranked *last, int depth) {
  while (last - first > SMALL) {
    if (depth-- == 0) {
      firn_heap_make(first, (size_t)(last - first), FIRN_SMALLEST);
      firn_heap_sort(first, (size_t)(last - first), FIRN_SMALLEST);
      return;
    }
    firn_ranked *middle = first + (last - first) / 2;
    median_to(first, first + 1, middle, last - 1);
    firn_ranked *cut = partition(first + 1, last, first);
    quick_sort(cut, last, depth);
    last = cut;
  }
}

/* Moves *x up to where it belongs, past no further than `first`. */
static void insert(firn_ranked *first, firn_ranked *x) {
  const firn_ranked it = *x;
  if (is_more(&it, first)) {
    memmove(first + 1, first, (size_t)(x - first) * sizeof *x);
    *first = it;
    return;
  }
  for (; is_more(&it, x - 1); x--) *x = x[-1];
  *x = it;
}

void firn_rank_sort(firn_ranked *x, size_t count) {
  int depth = 0;
  for (size_t n = count; n > 1; n /= 2) depth += 2;
  quick_sort(x, x + count, depth);
  for (size_t i = 1; i < count; i++) insert(x, x + i);
}
