/* ops/micro/pick.c: which list of inner loops a CPU gets. */
#include "base/alloc.h"
#include "ops/micro/micro.h"

extern const firn_micro firn_portable_list;
#if defined(__x86_64__)
extern const firn_micro firn_avx2_list, firn_avx512_list;
#endif

static const firn_micro *const lists[] = {
    &firn_portable_list,
#if defined(__x86_64__)
    &firn_avx2_list,
    &firn_avx512_list,
#endif
};

const firn_micro *firn_micro_pick(uint32_t cpu_features) {
  for (size_t i = FIRN_COUNT(lists) - 1; i > 0; i--)
    if (!(lists[i]->needs & ~cpu_features)) return lists[i];
  return lists[0]; /* the portable one needs none */
}

const firn_micro *firn_micro_at(size_t i) {
  return i < FIRN_COUNT(lists) ? lists[i] : NULL;
}
