/* What is needed, and in which order. */
#include <stdlib.h>

#include "support/failing.h"
#include "support/graph_text.h"

enum { MOST = 64 };

/* The names of the marked nodes, in file order. */
static const char *marked(const firn_graph *g, const bool *marks) {
  static char text[512];
  size_t used = 0;
  text[0] = 0;
  for (uint32_t i = 0; i < g->node_count; i++)
    if (marks[i])
      used += (size_t)snprintf(text + used, sizeof text - used, "%s%s",
                               used ? " " : "", name_of(g, i));
  return text;
}

static const char *reach(const firn_graph *g, const char *root, bool colocation,
                         const char *wall) {
  bool marks[MOST] = {false};
  firn_error err = FIRN_ERROR_INIT;
  const uint32_t roots[] = {node_of(g, root)->index, FIRN_NO_NODE};
  if (wall) marks[node_of(g, wall)->index] = true;
  CHECK_OK(firn_graph_reach(g, roots, 2, colocation, marks, &err), &err);
  return marked(g, marks);
}

TEST_FN(reach_follows_data_and_control) {
  firn_graph *g = graph_of(
      "node { name: 'x' op: 'Const' } node { name: 'y' op: 'Const' }"
      "node { name: 'init' op: 'NoOp' } node { name: 'v' op: 'Const' }"
      "node { name: 'a' op: 'AddV2' input: 'x' input: 'gone' input: '^init'"
      "  attr { key: '_class' value { list { s: 'loc:@v' s: 'loc:@gone'"
      "    s: 'v' } } } }"
      "node { name: 'b' op: 'Neg' input: 'a' }"
      "node { name: 'c' op: 'Neg' input: 'c' input: '^y' }");
  CHECK_STR(reach(g, "b", false, NULL), "x init a b");
  CHECK_STR(reach(g, "b", true, NULL), "x init v a b");
  CHECK_STR(reach(g, "b", true, "a"), "a b");
  CHECK_STR(reach(g, "b", true, "b"), "b");
  CHECK_STR(reach(g, "c", true, NULL), "y c");
  CHECK_STR(reach(g, "x", true, NULL), "x");
  firn_graph_free(g);
}

/* The marked nodes in order, or what was wrong. */
static const char *order(const firn_graph *g, const char *unmarked) {
  static char text[512];
  bool marks[MOST];
  uint32_t out[MOST];
  size_t count = 0, used = 0;
  firn_error err = FIRN_ERROR_INIT;
  for (uint32_t i = 0; i < g->node_count; i++)
    marks[i] = !strchr(unmarked, name_of(g, i)[0]);
  if (firn_graph_order(g, marks, out, &count, &err) != FIRN_OK) {
    CHECK_EQ(err.code, FIRN_INVALID_ARGUMENT);
    snprintf(text, sizeof text, "%s", err.message);
    return text;
  }
  text[0] = 0;
  for (size_t i = 0; i < count; i++)
    used += (size_t)snprintf(text + used, sizeof text - used, "%s%s",
                             used ? " " : "", name_of(g, out[i]));
  return text;
}

TEST_FN(inputs_come_first_and_ties_by_file) {
  firn_graph *g = graph_of(
      "node { name: 'e' op: 'AddV2' input: 'a' input: 'd' }"
      "node { name: 'd' op: 'Neg' input: 'b' input: '^c' }"
      "node { name: 'c' op: 'NoOp' } node { name: 'b' op: 'Const' }"
      "node { name: 'a' op: 'Const' }"
      "node { name: 'f' op: 'AddV2' input: 'a' input: 'a:0' input: 'gone' }");
  CHECK_STR(order(g, ""), "c b d a e f");
  CHECK_STR(order(g, "d"), "c b a e f");
  CHECK_STR(order(g, "abcdef"), "");
  firn_graph_free(g);
}

TEST_FN(loops_close_by_next_iteration) {
  firn_graph *g = graph_of(
      "node { name: 'm' op: 'Merge' input: 'x' input: 'n' }"
      "node { name: 'x' op: 'Enter' }"
      "node { name: 'n' op: 'NextIteration' input: 'm' }"
      "node { name: 'r' op: 'Merge' input: 'x' input: 's' }"
      "node { name: 's' op: 'RefNextIteration' input: 'r' }");
  CHECK_STR(order(g, ""), "x m n r s");
  firn_graph_free(g);
}

TEST_FN(cycles_are_named) {
  static const struct {
    const char *name, *graph, *says;
  } rows[] =
      {
          {"self", "node { name: 'a' op: 'Neg' input: 'a' }",
           "cycle of 1 node: 'a' needs 'a'"},
          {"by control", "node { name: 'a' op: 'Neg' input: '^a' }",
           "cycle of 1 node: 'a' needs 'a'"},
          {"reached from outside",
           "node { name: 'o' op: 'Neg' input: 'a' }"
           "node { name: 'p' op: 'Neg' input: 'o' }"
           "node { name: 'x' op: 'Const' }"
           "node { name: 'a' op: 'AddV2' input: 'x' input: 'b' }"
           "node { name: 'b' op: 'Neg' input: 'c' }"
           "node { name: 'c' op: 'NoOp' input: '^a' }",
           "cycle of 3 nodes: 'a' needs 'b' needs 'c' needs 'a'"},
          {"long",
           "node { name: 'a' op: 'Neg' input: 'b' } node { name: 'b' op: 'Neg' "
           "input: 'c' } node { name: 'c' op: 'Neg' input: 'd' } node { name: "
           "'d' "
           "op: 'Neg' input: 'e' } node { name: 'e' op: 'Neg' input: 'f' } "
           "node { "
           "name: 'f' op: 'Neg' input: 'g' } node { name: 'g' op: 'Neg' input: "
           "'a' "
           "}",
           "cycle of 7 nodes: 'a' needs 'b' needs 'c' needs 'd' needs 'e' "
           "needs "
           "'f' needs ... needs 'a'"},
      },
    *row;

  EACH (row, rows) {
    firn_graph *g = graph_of(row->graph);
    CHECK_STR(order(g, ""), row->says);
    firn_graph_free(g);
  }
}

/* A chain of 200 000 nodes, last first: recursion would exhaust the stack. */
TEST_FN(depth_is_no_danger) {
  enum { LENGTH = 200000 };
  firn_buf text = {0};
  for (int i = 0; i < LENGTH; i++)
    firn_buf_printf(&text, "node{name:'n%d' op:'Neg' input:'n%d'}", i, i + 1);
  firn_buf_append(&text, "", 1);
  firn_graph *g = graph_of((char *)text.data);
  bool *marks = calloc(LENGTH, sizeof *marks);
  uint32_t *out = calloc(LENGTH, sizeof *out), root = 0;
  size_t count = 0;
  CHECK_EQ(firn_graph_reach(g, &root, 1, true, marks, NULL), FIRN_OK);
  CHECK_EQ(firn_graph_order(g, marks, out, &count, NULL), FIRN_OK);
  CHECK_EQ(count, LENGTH);
  for (uint32_t i = 0; i < LENGTH; i++) CHECK(out[i] == LENGTH - 1 - i);
  free(marks);
  free(out);
  firn_graph_free(g);
  firn_buf_fini(&text);
}

/* Random graphs: every marked node once, after all its marked inputs. */
TEST_FN(order_holds_for_random_graphs) {
  for (uint32_t seed = 1; seed <= 100; seed++) {
    firn_buf text = {0};
    bool marks[MOST];
    uint32_t out[MOST], place[MOST];
    size_t count = 0, wanted = 0;
    test_seed(seed);
    for (uint32_t i = 0; i < MOST; i++) {
      firn_buf_printf(&text, "node{name:'%u' op:'Huh'", i);
      for (uint32_t k = test_random(4); i > 0 && k > 0; k--)
        firn_buf_printf(&text, " input:'%u:%u'", test_random(i),
                        test_random(2));
      if (i > 0 && test_random(2))
        firn_buf_printf(&text, " input:'^%u'", test_random(i));
      firn_buf_puts(&text, "}");
      wanted += marks[i] = test_random(4) > 0;
    }
    firn_buf_append(&text, "", 1);
    firn_graph *g = graph_of((char *)text.data);
    CHECK_EQ(firn_graph_order(g, marks, out, &count, NULL), FIRN_OK);
    CHECK_EQ(count, wanted);
    memset(place, 0xff, sizeof place);
    for (uint32_t i = 0; i < count; i++) {
      CHECK(marks[out[i]] && place[out[i]] == UINT32_MAX);
      place[out[i]] = i;
    }
    for (uint32_t i = 0; i < count; i++) {
      const firn_node *n = g->nodes[out[i]];
      for (uint32_t k = 0; k < n->input_count; k++)
        CHECK(!marks[n->inputs[k].node] || place[n->inputs[k].node] < i);
      for (uint32_t k = 0; k < n->control_count; k++)
        CHECK(!marks[n->controls[k]] || place[n->controls[k]] < i);
    }
    firn_graph_free(g);
    firn_buf_fini(&text);
  }
}

static firn_code walk(const firn_allocator *alloc, void *ctx) {
  firn_graph *g = ctx;
  bool marks[MOST] = {false};
  uint32_t out[MOST], root = 0;
  size_t count;
  g->env.alloc = *alloc;
  FIRN_TRY(firn_graph_reach(g, &root, 1, true, marks, NULL));
  return firn_graph_order(g, marks, out, &count, NULL);
}

TEST_FN(short_memory_is_an_error) {
  firn_graph *g = graph_of(
      "node { name: 'a' op: 'Neg' input: 'b' } node { name: 'b' op: 'Const' }");
  const firn_allocator alloc = g->env.alloc;
  CHECK(failing_check(walk, g) > 1);
  g->env.alloc = alloc;
  firn_graph_free(g);
}

SUITE(graph_walk, TEST(reach_follows_data_and_control),
      TEST(inputs_come_first_and_ties_by_file),
      TEST(loops_close_by_next_iteration), TEST(cycles_are_named),
      TEST(depth_is_no_danger), TEST(order_holds_for_random_graphs),
      TEST(short_memory_is_an_error));
