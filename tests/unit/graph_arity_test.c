/* What the op's definition and the attrs say of inputs and outputs, and that
 * absurd attrs cost nothing. */
#include "support/failing.h"
#include "support/graph_text.h"

TEST_FN(odd_attrs_give_unknown_types) {
  static const struct {
    const char *name, *node;
    uint32_t outputs;
    int type;
    bool known;
  } rows[] =
      {
          {"type missing", "op: 'Neg'", 1, 0, true},
          {"type of another kind", "op: 'Neg' attr { key: 'T' value { i: 1 } }",
           1, 0, true},
          {"no such type", "op: 'Neg' attr { key: 'T' value { type: 77 } }", 1,
           0, true},
          {"attr without value", "op: 'Neg' attr { key: 'T' }", 1, 0, true},
          {"the later of two counts",
           "op: 'Neg' attr { key: 'T' value { type: DT_INT8 } }"
           "attr { key: 'T' value { type: DT_HALF } }",
           1, FIRN_HALF, true},
          {"default of the op", "op: 'Shape'", 1, FIRN_INT32, true},
          {"reference",
           "op: 'Assign' attr { key: 'T' value { type: DT_HALF } }", 1, 119,
           true},
          {"reference of unknown type", "op: 'Assign'", 1, 0, true},
          {"reference to a reference",
           "op: 'Assign' attr { key: 'T' value { type: DT_HALF_REF } }", 1, 119,
           true},
          {"number missing", "op: 'Split'", 0, 0, false},
          {"number below zero",
           "op: 'Split' attr { key: 'num_split' value { i: -1 } }", 0, 0,
           false},
          {"number is zero",
           "op: 'Split' attr { key: 'num_split' value { i: 0 } }", 0, 0, true},
          {"number absurd",
           "op: 'Split' attr { key: 'num_split' value { i: 1000000000000 } }",
           0, 0, false},
          {"number of another kind",
           "op: 'Split' attr { key: 'num_split' value { f: 3 } }", 0, 0, false},
          {"list missing", "op: 'IteratorGetNext'", 0, 0, false},
          {"list empty",
           "op: 'IteratorGetNext' attr { key: 'output_types' value {"
           " list { } } }",
           0, 0, true},
          {"list of other things",
           "op: 'IteratorGetNext' attr { key: 'output_types' value {"
           " list { i: 5 } } }",
           0, 0, true},
          {"list",
           "op: 'IteratorGetNext' attr { key: 'output_types' value {"
           " list { type: DT_BOOL type: 99 } } }",
           2, FIRN_BOOL, true},
      },
    *row;

  EACH (row, rows) {
    char text[400];
    snprintf(text, sizeof text, "node { name: 'n' %s }", row->node);
    firn_graph *g = graph_of(text);
    const firn_node *n = node_of(g, "n");
    CHECK_EQ(n->output_count, row->outputs);
    if (row->outputs) CHECK_EQ(n->output_types[0], row->type);
    CHECK_EQ(n->outputs_known, row->known);
    firn_graph_free(g);
  }
}

TEST_FN(many_outputs_are_fine) {
  firn_graph *g = graph_of(
      "node { name: 'n' op: 'Split' attr { key: 'T' value { type: DT_INT8 } }"
      " attr { key: 'num_split' value { i: 10000 } } }");
  const firn_node *n = node_of(g, "n");
  CHECK_EQ(n->output_count, 10000);
  CHECK_EQ(n->output_types[9999], FIRN_INT8);
  firn_graph_free(g);
}

/* A file of `nodes` splits that claim four million outputs each. */
static char *bomb(int nodes) {
  const size_t room = (size_t)nodes * 90 + 1;
  char *text = malloc(room);
  size_t used = 0;
  for (int i = 0; i < nodes; i++)
    used += (size_t)snprintf(
        text + used, room - used,
        "node{name:'n%d' op:'Split' attr{key:'num_split' value{i:4000000}}}",
        i);
  return text;
}

TEST_FN(small_files_stay_small) {
  failing count = {0};
  const firn_allocator alloc = failing_allocator(&count);
  firn_options options = FIRN_OPTIONS_INIT;
  options.allocator = &alloc;
  firn_graph *g = NULL;
  firn_error err = FIRN_ERROR_INIT;
  char *text = bomb(1000);
  CHECK_OK(firn_graph_parse(bytes_of(text), &options, &g, &err), &err);
  CHECK_EQ(g->nodes[0]->output_count, 4000000);
  CHECK_EQ(g->nodes[1]->output_count, 0);
  CHECK(!g->nodes[999]->outputs_known);
  CHECK(count.peak < 16u << 20);
  firn_graph_free(g);
  free(text);
}

/* A function may declare any number of outputs, and be called by each of many
 * nodes of a few bytes. */
TEST_FN(wide_functions_are_paid_for) {
  enum { ARGS = 20000, CALLS = 2000 };
  firn_buf text = {0};
  firn_buf_puts(&text, "library{function{signature{name:'F'");
  for (int i = 0; i < ARGS; i++)
    firn_buf_puts(&text, " output_arg{type:DT_INT8}");
  firn_buf_puts(&text, "}}}");
  for (int i = 0; i < CALLS; i++)
    firn_buf_printf(&text, "node{name:'n%d' op:'F'}", i);
  firn_buf_append(&text, "", 1);
  firn_graph *g = graph_of((char *)text.data);
  uint64_t outputs = 0;
  for (uint32_t i = 0; i < g->node_count; i++)
    outputs += g->nodes[i]->output_count;
  CHECK_EQ(g->nodes[0]->output_count, ARGS);
  CHECK(outputs < 8u << 20);
  firn_graph_free(g);
  firn_buf_fini(&text);
}

TEST_FN(inputs_are_spread_out) {
  firn_graph *g = graph_of(
      "node { name: 'n' op: 'SparseFeatureCross'"
      " attr { key: 'N' value { i: 2 } }"
      " attr { key: 'sparse_types' value { list { type: DT_STRING"
      "   type: DT_INT64 } } }"
      " attr { key: 'dense_types' value { list { type: DT_STRING } } } }");
  static const int want[] = {9, 9, 7, 9, 9, 9, 7, -1, -1};
  firn_arg_walk walk = firn_walk_inputs(node_of(g, "n"));
  for (size_t i = 0; i < FIRN_COUNT(want); i++)
    CHECK_EQ(firn_arg_next(&walk), want[i]);
  CHECK(!walk.unknown);
  firn_graph_free(g);
}

TEST_FN(unknown_ops_have_no_arguments) {
  firn_graph *g = graph_of("node { name: 'n' op: 'Huh' }");
  firn_arg_walk in = firn_walk_inputs(node_of(g, "n"));
  firn_arg_walk out = firn_walk_outputs(node_of(g, "n"));
  CHECK_EQ(firn_arg_next(&in), -1);
  CHECK_EQ(firn_arg_next(&out), -1);
  CHECK(in.unknown && out.unknown);
  firn_graph_free(g);
}

TEST_FN(outputs_go_by_argument_too) {
  firn_graph *g = graph_of(
      "node { name: 'n' op: 'ParseSingleExample'"
      " attr { key: 'num_sparse' value { i: 2 } }"
      " attr { key: 'sparse_types' value { list { type: DT_STRING"
      "   type: DT_INT64 } } }"
      " attr { key: 'Tdense' value { list { type: DT_FLOAT } } } }");
  const firn_node *n = node_of(g, "n");
  uint32_t first = 99, count = 99;
  CHECK_EQ(n->output_count, 7);
  CHECK(firn_node_output_named(n, FIRN_STR("sparse_values"), &first, &count));
  CHECK_EQ(first, 2);
  CHECK_EQ(count, 2);
  CHECK(firn_node_output_named(n, FIRN_STR("dense_values"), &first, &count));
  CHECK_EQ(first, 6);
  CHECK_EQ(count, 1);
  CHECK(!firn_node_output_named(n, FIRN_STR("dense"), &first, &count));
  CHECK_EQ(n->output_types[6], FIRN_FLOAT);
  firn_graph_free(g);
}

SUITE(graph_arity, TEST(odd_attrs_give_unknown_types),
      TEST(many_outputs_are_fine), TEST(small_files_stay_small),
      TEST(wide_functions_are_paid_for), TEST(inputs_are_spread_out),
      TEST(unknown_ops_have_no_arguments), TEST(outputs_go_by_argument_too));
