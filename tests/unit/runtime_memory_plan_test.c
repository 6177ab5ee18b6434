/* Random lifetimes, two promises: what is alive in the same step never shares a
 * byte, and the slab is no larger than no sharing at all would need. */
#include "runtime/memory_plan.h"

#include <stdbool.h>

#include "support/test.h"

enum { ITEMS = 40, STEPS = 20 };

static bool clash(const firn_placed *a, const firn_placed *b) {
  const bool together = a->first <= b->last && b->first <= a->last;
  const bool overlap =
      a->offset < b->offset + b->size && b->offset < a->offset + a->size;
  return together && overlap;
}

static size_t random_items(firn_placed *items) {
  size_t total = 0;
  for (uint32_t i = 0; i < ITEMS; i++) {
    const uint32_t first = test_random(STEPS);
    items[i] = (firn_placed){.id = i,
                             .first = first,
                             .last = first + test_random(5),
                             .size = 64 * (size_t)test_random(9)};
    total += items[i].size;
  }
  return total;
}

TEST_FN(what_lives_together_never_overlaps) {
  for (uint32_t seed = 1; seed <= 500; seed++) {
    firn_placed items[ITEMS];
    test_seed(seed);
    const size_t total = random_items(items);
    const size_t slab = firn_memory_plan(items, ITEMS);
    if (slab > total) fail_msg("seed %u: %zu of %zu", seed, slab, total);
    for (int i = 0; i < ITEMS; i++) {
      CHECK(items[i].offset + items[i].size <= slab);
      CHECK_EQ(items[i].offset % 64, 0);
      for (int j = 0; j < i; j++)
        if (clash(&items[i], &items[j]))
          fail_msg("seed %u: items %u and %u share bytes", seed, items[i].id,
                   items[j].id);
    }
  }
}

/* No slab is smaller than what one step needs; and a chain needs two places. */
TEST_FN(places_are_used_again) {
  firn_placed chain[10];
  for (uint32_t i = 0; i < 10; i++)
    chain[i] = (firn_placed){.id = i, .first = i, .last = i + 1, .size = 128};
  CHECK_EQ(firn_memory_plan(chain, 10), 256);

  firn_placed apart[10];
  for (uint32_t i = 0; i < 10; i++)
    apart[i] =
        (firn_placed){.id = i, .first = 2 * i, .last = 2 * i, .size = 64};
  CHECK_EQ(firn_memory_plan(apart, 10), 64);

  firn_placed together[10];
  for (uint32_t i = 0; i < 10; i++)
    together[i] = (firn_placed){.id = i, .first = 0, .last = 9, .size = 64};
  CHECK_EQ(firn_memory_plan(together, 10), 640);
}

TEST_FN(the_largest_goes_to_the_bottom_and_gaps_are_filled) {
  firn_placed items[] = {{.id = 0, .first = 0, .last = 3, .size = 64},
                         {.id = 1, .first = 0, .last = 1, .size = 256},
                         {.id = 2, .first = 2, .last = 3, .size = 192}};
  CHECK_EQ(firn_memory_plan(items, 3), 320);
  CHECK_EQ(items[0].id, 1);
  CHECK_EQ(items[0].offset, 0);
  CHECK_EQ(items[1].id, 2);
  CHECK_EQ(items[1].offset, 0);
  CHECK_EQ(items[2].id, 0);
  CHECK_EQ(items[2].offset, 256);
}

/* The same answer in whatever order the items come. */
TEST_FN(the_plan_does_not_depend_on_the_order) {
  for (uint32_t seed = 1; seed <= 100; seed++) {
    firn_placed items[ITEMS], shuffled[ITEMS];
    test_seed(seed);
    random_items(items);
    memcpy(shuffled, items, sizeof items);
    for (uint32_t i = ITEMS - 1; i > 0; i--) {
      const uint32_t k = test_random(i + 1);
      const firn_placed other = shuffled[i];
      shuffled[i] = shuffled[k];
      shuffled[k] = other;
    }
    CHECK_EQ(firn_memory_plan(items, ITEMS), firn_memory_plan(shuffled, ITEMS));
    for (int i = 0; i < ITEMS; i++) {
      CHECK_EQ(items[i].id, shuffled[i].id);
      CHECK_EQ(items[i].offset, shuffled[i].offset);
    }
  }
}

TEST_FN(nothing_needs_nothing) { CHECK_EQ(firn_memory_plan(NULL, 0), 0); }

SUITE(runtime_memory_plan, TEST(what_lives_together_never_overlaps),
      TEST(places_are_used_again),
      TEST(the_largest_goes_to_the_bottom_and_gaps_are_filled),
      TEST(the_plan_does_not_depend_on_the_order), TEST(nothing_needs_nothing));
