/* What becomes of checkpoints under the knife: keys, values, and the object
 * graph that says where they are. The checkpoints are TensorFlow's
 * (oracle/make_surgery_golden.py). */
#include "model/surgery.h"

#include "support/failing.h"
#include "support/folder.h"

#define GOLDEN "tests/golden/surgery/"
#define VALUE "/.ATTRIBUTES/VARIABLE_VALUE"

static firn_error err;

typedef struct rig {
  firn_checkpoint *from[3];
  size_t from_count;
  firn_surgery *s;
  char folder[FOLDER_ROOM], to[FOLDER_ROOM];
  firn_checkpoint *made;
} rig;

static void add(rig *r, const char *name, firn_clash clash) {
  char path[200];
  snprintf(path, sizeof path, GOLDEN "%s", name);
  firn_checkpoint **ck = &r->from[r->from_count++];
  CHECK_OK(firn_checkpoint_open(path, NULL, ck, &err), &err);
  CHECK_OK(firn_surgery_add(r->s, *ck, clash, &err), &err);
}

static void begin(rig *r, const char *name) {
#ifndef FIRN_HAVE_PCRE2
  skip(); /* most operations are told by patterns */
#endif
  memset(r, 0, sizeof *r);
  folder_new(r->folder);
  folder_path(r->to, r->folder, "made");
  CHECK_OK(firn_surgery_new(NULL, &r->s, &err), &err);
  if (name) add(r, name, FIRN_CLASH_FAIL);
}

static void make(rig *r) {
  CHECK_OK(firn_surgery_write(r->s, r->to, NULL, &err), &err);
  CHECK_OK(firn_checkpoint_open(r->to, NULL, &r->made, &err), &err);
}

static void end(rig *r) {
  firn_checkpoint_close(r->made);
  firn_surgery_free(r->s);
  for (size_t i = 0; i < r->from_count; i++) firn_checkpoint_close(r->from[i]);
  folder_remove(r->folder);
  firn_error_clear(&err);
}

/* The tensor `name` of what was made is `old` of the first source. */
static void check_from(const rig *r, const char *name, size_t source,
                       const char *old) {
  firn_difference d;
  const size_t i = firn_checkpoint_find(r->made, name);
  const size_t k = firn_checkpoint_find(r->from[source], old);
  if (i == SIZE_MAX) fail_msg("no '%s' was made", name);
  CHECK(k != SIZE_MAX);
  CHECK_OK(
      firn_checkpoint_compare(r->made, i, r->from[source], k, NULL, &d, &err),
      &err);
  CHECK_EQ(d.count, 0);
}

static bool has(const rig *r, const char *name) {
  return firn_checkpoint_find(r->made, name) != SIZE_MAX;
}

/* ---- The object graph --------------------------------------------------- */

static firn_objects *read_objects(const rig *r, firn_arena *arena) {
  const firn_env env = firn_env_from(NULL);
  firn_objects *objects = NULL;
  CHECK_OK(firn_objects_read(r->made, &env.limits, arena, &objects, &err),
           &err);
  return objects;
}

/* Follows "net/b" from the root; -1 when it leads nowhere. */
static int32_t follow(const firn_objects *objects, const char *path) {
  int32_t at = 0;
  while (*path && at >= 0) {
    const size_t n = strcspn(path, "/");
    const firn_object_node *node = objects->nodes[at];
    at = -1;
    for (size_t i = 0; i < node->children_count; i++)
      if (firn_str_eq(node->children[i]->local_name, (firn_str){path, n}))
        at = node->children[i]->node_id;
    path += n + (path[n] == '/');
  }
  return at;
}

/* The key of the value at the end of a path; "" when there is none. */
static void check_leads(const rig *r, const char *path, const char *key) {
  firn_arena arena;
  firn_arena_init(&arena, NULL);
  const firn_objects *objects = read_objects(r, &arena);
  const int32_t at = follow(objects, path);
  firn_str have = FIRN_STR("");
  if (at >= 0 && objects->nodes[at]->attributes_count)
    have = objects->nodes[at]->attributes[0]->checkpoint_key;
  CHECK_STR(have.size ? firn_arena_cstr(&arena, have) : "", key);
  firn_arena_fini(&arena);
}

/* How many tensors a value has: those of a table have keys that only begin with
 * its own. */
static size_t count_tensors(const rig *r, firn_str key) {
  size_t count = 0;
  if (firn_checkpoint_lookup(r->made, key) != SIZE_MAX) return 1;
  for (size_t i = 0; i < firn_checkpoint_count(r->made); i++)
    count += firn_str_starts(firn_checkpoint_at(r->made, i).name, key);
  return count;
}

/* Every key of the graph is there, and every tensor is in the graph. */
static void check_complete(const rig *r) {
  firn_arena arena;
  size_t tensors = 0;
  firn_arena_init(&arena, NULL);
  const firn_objects *objects = read_objects(r, &arena);
  for (size_t n = 0; n < objects->nodes_count; n++)
    for (size_t i = 0; i < objects->nodes[n]->attributes_count; i++) {
      const size_t its =
          count_tensors(r, objects->nodes[n]->attributes[i]->checkpoint_key);
      CHECK(its > 0);
      tensors += its;
    }
  CHECK_EQ(tensors + 1, firn_checkpoint_count(r->made));
  firn_arena_fini(&arena);
}

static size_t count_slots(const rig *r) {
  firn_arena arena;
  size_t count = 0;
  firn_arena_init(&arena, NULL);
  const firn_objects *objects = read_objects(r, &arena);
  for (size_t n = 0; n < objects->nodes_count; n++)
    count += objects->nodes[n]->slot_variables_count;
  firn_arena_fini(&arena);
  return count;
}

/* ---- Renaming ----------------------------------------------------------- */

TEST_FN(keys_get_other_names) {
  rig r;
  size_t count = 0;
  begin(&r, "averages");
  CHECK_OK(firn_surgery_rename(r.s, "^(one|two)/w", "layer_\\1/kernel", &count,
                               &err),
           &err);
  CHECK_EQ(count, 10);
  CHECK_OK(firn_surgery_rename(r.s, "layer_one", "first", &count, &err), &err);
  CHECK_EQ(count, 5);
  make(&r);
  CHECK_EQ(firn_checkpoint_count(r.made), 23);
  check_from(&r, "first/kernel", 0, "one/w");
  check_from(&r, "layer_two/kernel/Adam_1", 0, "two/w/Adam_1");
  check_from(&r, "global_step", 0, "global_step");
  CHECK(!has(&r, "one/w") && has(&r, "one/b"));
  end(&r);
}

TEST_FN(names_can_be_exchanged) {
  rig r;
  begin(&r, "averages");
  CHECK_OK(firn_surgery_rename(r.s, "^one/", "three/", NULL, &err), &err);
  CHECK_OK(firn_surgery_rename(r.s, "^two/", "one/", NULL, &err), &err);
  CHECK_OK(firn_surgery_rename(r.s, "^three/", "two/", NULL, &err), &err);
  make(&r);
  check_from(&r, "one/w", 0, "two/w");
  check_from(&r, "two/w", 0, "one/w");
  end(&r);
}

TEST_FN(objects_are_found_under_new_paths) {
  rig r;
  begin(&r, "slots-1");
  CHECK_OK(
      firn_surgery_rename(r.s, "^net/w/", "model/layer/kernel/", NULL, &err),
      &err);
  CHECK_OK(firn_surgery_rename(r.s, "^odd/a.Sb..c", "odd/list/1", NULL, &err),
           &err);
  make(&r);
  check_complete(&r);
  check_leads(&r, "model/layer/kernel", "model/layer/kernel" VALUE);
  check_leads(&r, "net/w", "model/layer/kernel" VALUE);
  check_leads(&r, "net/b", "net/b" VALUE);
  check_leads(&r, "odd/list/1", "odd/list/1" VALUE);
  check_from(&r, "odd/list/1" VALUE, 0, "odd/a.Sb..c" VALUE);
  CHECK_EQ(count_slots(&r), 4);
  end(&r);
}

TEST_FN(objects_can_be_exchanged) {
  rig r;
  begin(&r, "slots-1");
  CHECK_OK(firn_surgery_rename(r.s, "^net/w/", "x/", NULL, &err), &err);
  CHECK_OK(firn_surgery_rename(r.s, "^net/b/", "net/w/", NULL, &err), &err);
  CHECK_OK(firn_surgery_rename(r.s, "^x/", "net/b/", NULL, &err), &err);
  make(&r);
  check_complete(&r);
  check_leads(&r, "net/w", "net/w" VALUE);
  check_from(&r, "net/w" VALUE, 0, "net/b" VALUE);
  check_leads(&r, "net/b", "net/b" VALUE);
  CHECK_EQ(firn_surgery_write(r.s, r.to, NULL, &err), FIRN_OK);
  end(&r);
}

TEST_FN(tables_stay_together) {
  rig r;
  begin(&r, "table-1");
  CHECK_OK(firn_surgery_rename(r.s, "^table/", "words/", NULL, &err), &err);
  make(&r);
  check_complete(&r);
  check_leads(&r, "words", "words/.ATTRIBUTES/table");
  check_from(&r, "words/.ATTRIBUTES/table-keys", 0,
             "table/.ATTRIBUTES/table-keys");
  end(&r);

  begin(&r, "table-1");
  CHECK_OK(firn_surgery_rename(r.s, "table-keys", "k", NULL, &err), &err);
  CHECK_EQ(firn_surgery_write(r.s, r.to, NULL, &err), FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message,
            "'table/.ATTRIBUTES/table-keys' cannot become "
            "'table/.ATTRIBUTES/k': the tensors of an object need keys that "
            "begin alike");
  end(&r);
}

TEST_FN(wrong_renames_are_refused) {
  static const struct {
    const char *name, *pattern, *rewrite;
    firn_code code;
    const char *says;
  } rows[] =
      {
          {"nothing", "^three/", "x", FIRN_NOT_FOUND,
           "renaming '^three/' to 'x': no key matches it"},
          {"group", "one", "\\1", FIRN_INVALID_ARGUMENT,
           "asks for group 1, the pattern has 0"},
          {"escape", "one", "\\n", FIRN_INVALID_ARGUMENT,
           "a backslash is followed by no digit"},
          {"last backslash", "one", "x\\", FIRN_INVALID_ARGUMENT,
           "a backslash is followed by no digit"},
          {"pattern", "one(", "x", FIRN_INVALID_ARGUMENT, "is wrong at"},
          {"empty", "^global_step$", "", FIRN_INVALID_ARGUMENT,
           "'global_step' cannot be renamed to ''"},
      },
    *row;
  EACH (row, rows) {
    rig r;
    begin(&r, "averages");
    CHECK_EQ(firn_surgery_rename(r.s, row->pattern, row->rewrite, NULL, &err),
             row->code);
    CHECK_HAS(err.message, row->says);
    end(&r);
  }
}

TEST_FN(keys_that_become_one_are_listed) {
  rig r;
  begin(&r, "averages");
  CHECK_OK(firn_surgery_rename(r.s, "^(one|two)/", "x/", NULL, &err), &err);
  CHECK_EQ(firn_surgery_write(r.s, r.to, NULL, &err), FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message, "different tensors would have the same key");
  CHECK_EQ(firn_error_count(&err), 10);
  CHECK_STR(firn_error_line(&err, 0),
            "'one/b' and 'two/b' would both be 'x/b'");
  CHECK_EQ(folder_count(r.folder), 0);
  end(&r);
}

/* ---- Dropping ----------------------------------------------------------- */

TEST_FN(slots_go_by_name) {
  rig r;
  size_t count = 0;
  begin(&r, "averages");
  CHECK_OK(firn_surgery_drop_slots(r.s, &count, &err), &err);
  CHECK_EQ(count, 14);
  make(&r);
  CHECK(has(&r, "one/w") && has(&r, "one/w/ExponentialMovingAverage"));
  CHECK(has(&r, "global_step") && !has(&r, "beta1_power"));
  CHECK(!has(&r, "two/b/Momentum") && !has(&r, "two/b/Adam_1"));
  CHECK_EQ(firn_surgery_drop_slots(r.s, &count, &err), FIRN_NOT_FOUND);
  end(&r);
}

TEST_FN(names_of_slots_are_known) {
  static const struct {
    const char *name;
    bool slot;
  } rows[] =
      {
          {"w", false},
          {"layer/w", false},
          {"layer/w/Adam", true},
          {"layer/w/Adam_1", true},
          {"layer/w/Adam_x", false},
          {"train/layer/w/Momentum", true},
          {"layer/v/Adam", false},
          {"layer/Adam", false},
          {"Adam", false},
          {"beta1_power", true},
          {"train/beta2_power_1", true},
          {"Adam/layer/w/m", true},
          {"training/Adam/layer/w/vhat", true},
          {"SGD/layer/w/momentum", true},
          {"Adam/layer/w", false},
          {"Adam/iter", false},
          {"Adam/m/layer/w", true},
          {"Adam_1/v/layer/w", true},
          {"adam/layer_w_momentum", true},
          {"adam/layer_w_velocity_hat", true},
          {"adam/layer_w_0_momentum", true},
          {"adam/layer_x_momentum", false},
          {"adam/iteration", false},
          {"w/adam_m", true},
          {"w/ExponentialMovingAverage", false},
          {"", false},
          {"/", false},
          {"Adam/", false},
      },
    *row;
  firn_map keys, flat;
  firn_map_init(&keys, NULL);
  firn_map_init(&flat, NULL);
  CHECK(firn_map_set(&keys, FIRN_STR("w"), 0));
  CHECK(firn_map_set(&keys, FIRN_STR("layer/w"), 1));
  CHECK(firn_map_set(&flat, FIRN_STR("layer_w"), 1));
  EACH (row, rows)
    CHECK_EQ(firn_is_slot_key(firn_str_of(row->name), &keys, &flat), row->slot);
  firn_map_fini(&keys);
  firn_map_fini(&flat);
}

TEST_FN(slots_go_by_objects) {
  static const struct {
    const char *name;
    size_t gone, left;
    const char *kept;
  } rows[] =
      {
          {"slots-1", 4, 10, "optimizer/iter" VALUE},
          {"keras-1", 4, 5, "optimizer/_iterations" VALUE},
      },
    *row;
  EACH (row, rows) {
    rig r;
    size_t count = 0;
    begin(&r, row->name);
    CHECK_OK(firn_surgery_drop_slots(r.s, &count, &err), &err);
    CHECK_EQ(count, row->gone);
    make(&r);
    CHECK_EQ(firn_checkpoint_count(r.made), row->left + 1);
    check_complete(&r);
    check_leads(&r, "net/w", "net/w" VALUE);
    CHECK(has(&r, row->kept));
    CHECK_EQ(count_slots(&r), 0);
    end(&r);
  }
}

TEST_FN(keys_that_match_are_dropped) {
  rig r;
  size_t count = 0;
  begin(&r, "slots-1");
  CHECK_OK(firn_surgery_drop(r.s, "^(optimizer|odd)/", &count, &err), &err);
  CHECK_EQ(count, 7);
  make(&r);
  check_complete(&r);
  check_leads(&r, "optimizer/iter", "");
  CHECK_EQ(firn_surgery_drop(r.s, "^odd/", &count, &err), FIRN_NOT_FOUND);
  CHECK_STR(err.message,
            "dropping '^odd/': there is nothing to drop: no key matches");
  CHECK_OK(firn_surgery_drop(r.s, "", &count, &err), &err);
  CHECK_EQ(firn_surgery_write(r.s, r.to, NULL, &err), FIRN_INVALID_ARGUMENT);
  CHECK_HAS(err.message, "nothing is left to write to '");
  end(&r);
}

TEST_FN(averages_take_the_place_of_values) {
  rig r;
  size_t count = 0;
  begin(&r, "averages");
  CHECK_OK(firn_surgery_swap_averages(r.s, &count, &err), &err);
  CHECK_EQ(count, 4);
  make(&r);
  check_from(&r, "one/w", 0, "one/w/ExponentialMovingAverage");
  check_from(&r, "one/w/ExponentialMovingAverage", 0, "one/w");
  check_from(&r, "one/w/Adam", 0, "one/w/Adam");
  end(&r);
  begin(&r, "slots-1");
  CHECK_EQ(firn_surgery_swap_averages(r.s, &count, &err), FIRN_NOT_FOUND);
  end(&r);
}

/* ---- Merging ------------------------------------------------------------ */

TEST_FN(object_graphs_are_joined) {
  rig r;
  begin(&r, "slots-1");
  CHECK_OK(firn_surgery_drop(r.s, "^net/b/", NULL, &err), &err);
  add(&r, "table-1", FIRN_CLASH_FIRST);
  make(&r);
  check_complete(&r);
  CHECK_EQ(firn_checkpoint_count(r.made), 15);
  check_leads(&r, "table", "table/.ATTRIBUTES/table");
  check_leads(&r, "net/w", "net/w" VALUE);
  check_from(&r, "net/w" VALUE, 0, "net/w" VALUE);
  check_from(&r, "net/b" VALUE, 1, "net/b" VALUE);
  CHECK_EQ(count_slots(&r), 2);
  end(&r);
}

TEST_FN(clashes_are_settled_as_told) {
  rig r;
  firn_checkpoint *other = NULL;
  begin(&r, "slots-1");
  CHECK_OK(firn_checkpoint_open(GOLDEN "table-1", NULL, &other, &err), &err);
  CHECK_EQ(firn_surgery_add(r.s, other, FIRN_CLASH_FAIL, &err),
           FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message, "'" GOLDEN "table-1' has keys that another has too");
  CHECK_EQ(firn_error_count(&err), 3);
  CHECK_STR(firn_error_line(&err, 2), "'save_counter" VALUE "'");
  firn_checkpoint_close(other);
  end(&r);

  begin(&r, "slots-1");
  add(&r, "table-1", FIRN_CLASH_LAST);
  make(&r);
  check_complete(&r);
  check_from(&r, "net/w" VALUE, 1, "net/w" VALUE);
  end(&r);
}

/* ---- Names and objects -------------------------------------------------- */

TEST_FN(objects_become_names_and_objects_again) {
  rig r;
  begin(&r, "slots-1");
  CHECK_EQ(firn_surgery_to_names(r.s, false, &err), FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message, "some names stand for more than one value");
  CHECK_EQ(firn_error_count(&err), 2);
  end(&r);

  begin(&r, "slots-1");
  CHECK_OK(firn_surgery_to_names(r.s, true, &err), &err);
  make(&r);
  CHECK(!has(&r, FIRN_OBJECT_GRAPH_KEY));
  CHECK_EQ(firn_checkpoint_count(r.made), 14);
  check_from(&r, "dense/w", 0, "net/w" VALUE);
  check_from(&r, "Adam/dense/w/m", 0,
             "net/w/.OPTIMIZER_SLOT/optimizer/m" VALUE);
  check_from(&r, "odd/list/0", 0, "odd/list/0" VALUE);

  rig back;
  begin(&back, NULL);
  CHECK_OK(firn_surgery_add(back.s, r.made, FIRN_CLASH_FAIL, &err), &err);
  CHECK_OK(firn_surgery_to_objects(back.s, r.from[0], false, &err), &err);
  CHECK_OK(firn_surgery_write(back.s, back.to, NULL, &err), &err);
  CHECK_OK(firn_checkpoint_open(back.to, NULL, &back.made, &err), &err);
  check_complete(&back);
  CHECK_EQ(firn_checkpoint_count(back.made), 15);
  CHECK_EQ(count_slots(&back), 4);
  end(&back);
  end(&r);
}

TEST_FN(what_does_not_fit_is_listed) {
  rig r;
  firn_checkpoint *like = NULL;
  CHECK_OK(firn_checkpoint_open(GOLDEN "table-1", NULL, &like, &err), &err);
  begin(&r, "averages");
  CHECK_OK(firn_surgery_drop(r.s, "Adam|Momentum|power|^two|step", NULL, &err),
           &err);
  CHECK_OK(firn_surgery_rename(r.s, "^one/w$", "dense/b", NULL, &err), &err);
  CHECK_EQ(firn_surgery_to_objects(r.s, like, false, &err), FIRN_NOT_FOUND);
  CHECK_STR(err.message,
            "the keys do not fit the object graph of '" GOLDEN "table-1'");
  CHECK_EQ(firn_error_count(&err), 5);
  CHECK_STR(firn_error_line(&err, 0), "missing: 'dense/w' for 'net/w'");
  CHECK_STR(firn_error_line(&err, 1),
            "different: 'dense/b' is float32 [2,2], 'net/b" VALUE
            "' float32 [2]");
  CHECK_STR(firn_error_line(&err, 2), "extra: 'one/b'");

  /* Nothing was changed; with partial, only the template's own is left. */
  CHECK_EQ(firn_surgery_count(r.s), 4);
  CHECK_OK(firn_surgery_rename(r.s, "^one/b$", "dense/w", NULL, &err), &err);
  CHECK_OK(firn_surgery_rename(r.s, "^dense/", "net/", NULL, &err), &err);
  CHECK_OK(firn_surgery_drop(r.s, "^net/w", NULL, &err), &err);
  CHECK_OK(firn_surgery_to_objects(r.s, like, true, &err), &err);
  make(&r);
  check_complete(&r);
  CHECK_EQ(firn_checkpoint_count(r.made), 4);
  CHECK(has(&r, "table/.ATTRIBUTES/table-values"));
  check_leads(&r, "net/w", "");
  end(&r);

  begin(&r, "averages");
  CHECK_EQ(firn_surgery_to_objects(r.s, r.from[0], false, &err),
           FIRN_FAILED_PRECONDITION);
  CHECK_STR(err.message, "'" GOLDEN "averages' has no object graph");
  CHECK_EQ(firn_surgery_to_names(r.s, false, &err), FIRN_FAILED_PRECONDITION);
  firn_checkpoint_close(like);
  end(&r);
}

/* ---- Damage ------------------------------------------------------------- */

TEST_FN(damaged_object_graphs_are_refused) {
  static const struct {
    const char *name, *graph, *says;
    size_t size;
  } rows[] =
      {
          {"no message", "\x0a\x7f", "runs past the end", 2},
          {"child", "\x0a\x06\x0a\x04\x08\x05\x12\x00",
           "node 0 has child 5, there are 1 nodes", 8},
          {"child below 0",
           "\x0a\x0d\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
           "node 0 has child -1, there are 1 nodes", 15},
          {"slot", "\x0a\x06\x1a\x04\x08\x00\x18\x03",
           "node 0 has a slot of nodes 0 and 3, there are 1 nodes", 8},
      },
    *row;
  const firn_shape scalar = firn_shape_scalar();
  EACH (row, rows) {
    rig r;
    firn_tensor *graph = NULL;
    begin(&r, NULL);
    CHECK_OK(firn_tensor_make(FIRN_STRING, &scalar, NULL, &graph, &err), &err);
    CHECK_OK(firn_tensor_set_string(graph, 0, (firn_str){row->graph, row->size},
                                    &err),
             &err);
    const firn_checkpoint_item item = {.name = FIRN_STR(FIRN_OBJECT_GRAPH_KEY),
                                       .value = graph};
    CHECK_OK(firn_checkpoint_copy(&item, 1, r.to, NULL, NULL, &err), &err);
    CHECK_OK(firn_checkpoint_open(r.to, NULL, &r.made, &err), &err);
    CHECK_EQ(firn_surgery_add(r.s, r.made, FIRN_CLASH_FAIL, &err),
             FIRN_DATA_LOSS);
    CHECK_HAS(err.message, row->says);
    firn_tensor_release(graph);
    end(&r);
  }
}

static firn_code scenario(const firn_allocator *alloc, void *ctx) {
  const firn_options options = {.size = sizeof options, .allocator = alloc};
  firn_checkpoint *a = NULL, *b = NULL;
  firn_surgery *s = NULL;
  firn_code code = firn_surgery_new(&options, &s, NULL);
  if (code == FIRN_OK)
    code = firn_checkpoint_open(GOLDEN "slots-1", NULL, &a, NULL);
  if (code == FIRN_OK)
    code = firn_checkpoint_open(GOLDEN "table-1", NULL, &b, NULL);
  if (code == FIRN_OK) code = firn_surgery_add(s, a, FIRN_CLASH_FAIL, NULL);
  if (code == FIRN_OK) code = firn_surgery_add(s, b, FIRN_CLASH_FIRST, NULL);
  if (code == FIRN_OK)
    code = firn_surgery_rename(s, "^net/w/", "new/w/", NULL, NULL);
  if (code == FIRN_OK) code = firn_surgery_drop_slots(s, NULL, NULL);
  if (code == FIRN_OK) code = firn_surgery_write(s, ctx, NULL, NULL);
  firn_surgery_free(s);
  firn_checkpoint_close(a);
  firn_checkpoint_close(b);
  return code;
}

TEST_FN(survives_short_memory) {
  rig r;
  begin(&r, NULL);
  failing_check(scenario, r.to);
  end(&r);
}

SUITE(model_surgery, TEST(keys_get_other_names), TEST(names_can_be_exchanged),
      TEST(objects_are_found_under_new_paths), TEST(objects_can_be_exchanged),
      TEST(tables_stay_together), TEST(wrong_renames_are_refused),
      TEST(keys_that_become_one_are_listed), TEST(slots_go_by_name),
      TEST(names_of_slots_are_known), TEST(slots_go_by_objects),
      TEST(keys_that_match_are_dropped),
      TEST(averages_take_the_place_of_values), TEST(object_graphs_are_joined),
      TEST(clashes_are_settled_as_told),
      TEST(objects_become_names_and_objects_again),
      TEST(what_does_not_fit_is_listed),
      TEST(damaged_object_graphs_are_refused), TEST(survives_short_memory));
