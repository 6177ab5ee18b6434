/* What a map promises: what was set last, unless it was removed. */
#include "base/map.h"
#include "support/failing.h"
#include "support/test.h"

enum { KEYS = 3000 };

static char names[KEYS][12];

static firn_str key_of(size_t i) { return firn_str_of(names[i]); }

static void make_names(void) {
  for (size_t i = 0; i < KEYS; i++)
    snprintf(names[i], sizeof names[i], "node_%zu", i);
}

TEST_FN(finds_what_was_set) {
  firn_map map;
  uint64_t value = 77;
  firn_map_init(&map, NULL);
  CHECK(!firn_map_get(&map, FIRN_STR("a"), &value));
  CHECK(!firn_map_remove(&map, FIRN_STR("a")));
  CHECK(firn_map_set(&map, FIRN_STR("a"), 1));
  CHECK(firn_map_set(&map, FIRN_STR(""), 2));
  CHECK(firn_map_set(&map, FIRN_STR("a\0b"), 3));
  CHECK(!firn_map_get(&map, FIRN_STR("b"), &value));
  CHECK_EQ(value, 77);
  CHECK(firn_map_get(&map, FIRN_STR("a"), &value));
  CHECK_EQ(value, 1);
  CHECK(firn_map_get(&map, (firn_str){NULL, 0}, &value));
  CHECK_EQ(value, 2);
  CHECK(firn_map_get(&map, FIRN_STR("a\0b"), &value));
  CHECK_EQ(value, 3);
  CHECK(firn_map_set(&map, FIRN_STR("a"), 9));
  CHECK(firn_map_get(&map, FIRN_STR("a"), &value));
  CHECK_EQ(value, 9);
  CHECK_EQ(map.count, 3);
  firn_map_fini(&map);
}

/* Sets and removes at random beside a plain array. */
TEST_FN(agrees_with_an_array) {
  static int64_t model[KEYS];
  firn_map map;
  size_t count = 0;
  make_names();
  test_seed(1);
  firn_map_init(&map, NULL);
  for (size_t i = 0; i < KEYS; i++) model[i] = -1;
  for (int step = 0; step < 60000; step++) {
    const size_t i = test_random(KEYS);
    if (test_random(5) < 3) {
      CHECK(firn_map_set(&map, key_of(i), (uint64_t)step));
      count += model[i] < 0;
      model[i] = step;
    } else {
      CHECK_EQ(firn_map_remove(&map, key_of(i)), model[i] >= 0);
      count -= model[i] >= 0;
      model[i] = -1;
    }
    CHECK_EQ(map.count, count);
    if (step % 6000) continue;
    for (size_t k = 0; k < KEYS; k++) {
      uint64_t value;
      CHECK_EQ(firn_map_get(&map, key_of(k), &value), model[k] >= 0);
      if (model[k] >= 0) CHECK_EQ(value, model[k]);
    }
  }
  firn_map_fini(&map);
}

TEST_FN(hash_spreads_and_does_not_change) {
  size_t used[64] = {0};
  make_names();
  for (size_t i = 0; i < KEYS; i++) used[firn_hash(key_of(i)) & 63]++;
  for (int i = 0; i < 64; i++) CHECK(used[i] > 10 && used[i] < 100);
  char moved[] = "--node_7";
  CHECK(firn_hash(FIRN_STR("node_7")) == firn_hash((firn_str){moved + 2, 6}));
  CHECK(firn_hash(FIRN_STR("a")) != firn_hash(FIRN_STR("a\0")));
}

static firn_code fill(const firn_allocator *alloc, void *ctx) {
  (void)ctx;
  firn_code code = FIRN_OK;
  firn_map map;
  firn_map_init(&map, alloc);
  for (size_t i = 0; i < 500 && code == FIRN_OK; i++)
    if (!firn_map_set(&map, key_of(i), i)) code = FIRN_RESOURCE_EXHAUSTED;
  /* After a failure what is there is still found. */
  for (size_t i = 0; i < map.count; i++) {
    uint64_t value;
    CHECK(firn_map_get(&map, key_of(i), &value));
    CHECK_EQ(value, i);
  }
  firn_map_fini(&map);
  return code;
}

TEST_FN(short_memory_is_told) {
  make_names();
  CHECK(failing_check(fill, NULL) > 4);
}

SUITE(base_map, TEST(finds_what_was_set), TEST(agrees_with_an_array),
      TEST(hash_spreads_and_does_not_change), TEST(short_memory_is_told));
