/* What import promises: TensorFlow's view of a graph, and facts instead of
 * errors for what makes no sense. */
#include "base/file.h"
#include "support/failing.h"
#include "support/graph_text.h"

static firn_file *open_file(const char *path) {
  firn_file *file = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_file_open(path, NULL, &file, &err), &err);
  return file;
}

/* A node as tests/golden/graph/zoo.txt has it: TensorFlow sorts control inputs.
 */
static void describe(const firn_node *node, firn_buf *out) {
  const firn_graph *g = node->graph;
  firn_buf_printf(out, "%.*s %.*s <", FIRN_ARG(node->def->name),
                  FIRN_ARG(node->def->op));
  for (uint32_t i = 0; i < node->input_count; i++)
    firn_buf_printf(out, " %s:%u", name_of(g, node->inputs[i].node),
                    node->inputs[i].output);
  firn_buf_puts(out, " ^");
  const char *before = "";
  for (uint32_t done = 0; done < node->control_count; done++) {
    const char *least = NULL;
    for (uint32_t i = 0; i < node->control_count; i++) {
      const char *name = name_of(g, node->controls[i]);
      if (strcmp(name, before) > 0 && (!least || strcmp(name, least) < 0))
        least = name;
    }
    firn_buf_printf(out, " %s", least);
    before = least;
  }
  firn_buf_puts(out, " >");
  for (uint32_t i = 0; i < node->output_count; i++)
    firn_buf_printf(out, " %d", node->output_types[i]);
  firn_buf_puts(out, "\n");
}

static firn_str first_line(firn_str text) {
  const char *end = memchr(text.data, '\n', text.size);
  return (firn_str){text.data, end ? (size_t)(end - text.data) : text.size};
}

static void same_lines(firn_str have, firn_str want) {
  while (have.size > 0 && want.size > 0) {
    const firn_str h = first_line(have), w = first_line(want);
    if (!firn_str_eq(h, w))
      fail_msg("'%.*s', not '%.*s'", FIRN_ARG(h), FIRN_ARG(w));
    have = (firn_str){have.data + h.size + 1, have.size - h.size - 1};
    want = (firn_str){want.data + w.size + 1, want.size - w.size - 1};
  }
  CHECK_EQ(have.size, want.size);
}

static void check_zoo(const char *path) {
  firn_file *file = open_file(path),
            *want = open_file("tests/golden/graph/zoo.txt");
  firn_graph *graph = NULL;
  firn_error err = FIRN_ERROR_INIT;
  firn_buf have = {0};
  CHECK_OK(firn_graph_parse(file->bytes, NULL, &graph, &err), &err);
  for (uint32_t i = 0; i < graph->node_count; i++) {
    CHECK(graph->nodes[i]->outputs_known);
    describe(graph->nodes[i], &have);
  }
  same_lines((firn_str){(char *)have.data, have.size},
             (firn_str){(const char *)want->bytes.data, want->bytes.size});
  firn_buf_fini(&have);
  firn_graph_free(graph);
  firn_file_close(file);
  firn_file_close(want);
}

TEST_FN(sees_what_tensorflow_sees) { check_zoo("tests/golden/graph/zoo.pb"); }
TEST_FN(reads_text_the_same) { check_zoo("tests/golden/graph/zoo.pbtxt"); }

TEST_FN(edges_may_point_forward_and_nowhere) {
  firn_graph *g = graph_of(
      "node { name: 'a' op: 'AddV2' input: 'b:1' input: 'c' input: '^d' }"
      "node { name: 'b' op: 'Split' input: 'b' input: '^nobody'"
      "  attr { key: 'num_split' value { i: 2 } } }"
      "node { name: 'd' op: 'NoOp' input: 'a:99999999999999999999' input: 'a:' "
      "}");
  const firn_node *a = node_of(g, "a"), *b = node_of(g, "b"),
                  *d = node_of(g, "d");
  CHECK_EQ(a->input_count, 2);
  CHECK_EQ(a->inputs[0].node, b->index);
  CHECK_EQ(a->inputs[0].output, 1);
  CHECK_EQ(a->inputs[1].node, FIRN_NO_NODE);
  CHECK_EQ(a->control_count, 1);
  CHECK_EQ(a->controls[0], d->index);
  CHECK_EQ(b->inputs[0].node, b->index);
  CHECK_EQ(b->controls[0], FIRN_NO_NODE);
  CHECK_EQ(d->inputs[0].node, a->index);
  CHECK_EQ(d->inputs[0].output, UINT32_MAX);
  CHECK_EQ(d->inputs[1].node, FIRN_NO_NODE);
  CHECK_EQ(firn_edge_type(g, d->inputs[0]), FIRN_INVALID);
  CHECK_EQ(firn_edge_type(g, d->inputs[1]), FIRN_INVALID);
  firn_graph_free(g);
}

TEST_FN(a_name_belongs_to_one_node) {
  firn_graph *g = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_EQ(firn_graph_parse(bytes_of("node { name: 'a' op: 'NoOp' }"
                                     "node { name: 'b' op: 'NoOp' }"
                                     "node { name: 'a' op: 'NoOp' }"),
                            NULL, &g, &err),
           FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message, "node name 'a' is used twice, by nodes 0 and 2");
  CHECK(g == NULL);
}

TEST_FN(op_types_are_shared) {
  firn_graph *g = graph_of(
      "node { name: 'a' op: 'NoOp' } node { name: 'b' op: 'Unheard' }"
      "node { name: 'c' op: 'NoOp' } node { name: 'd' op: 'Unheard' }");
  CHECK_EQ(g->type_count, 2);
  CHECK(node_of(g, "a")->type == node_of(g, "c")->type);
  CHECK(node_of(g, "a")->type->def != NULL);
  CHECK(node_of(g, "b")->type == node_of(g, "d")->type);
  CHECK(node_of(g, "b")->type->def == NULL);
  CHECK(!node_of(g, "b")->outputs_known);
  CHECK(g->types[node_of(g, "b")->type->index] == node_of(g, "b")->type);
  firn_graph_free(g);
}

static const char with_function[] =
    "library { function { signature { name: 'Twice'"
    "  input_arg { name: 'x' type: DT_FLOAT }"
    "  output_arg { name: 'y' type: DT_FLOAT }"
    "  output_arg { name: 'z' type: DT_INT32 } } } }"
    "node { name: 'x' op: 'Placeholder' attr { key: 'dtype' value {"
    "  type: DT_FLOAT } } }"
    "node { name: 'call' op: 'Twice' input: 'x' }";

TEST_FN(a_function_is_an_op) {
  firn_graph *g = graph_of(with_function);
  const firn_node *call = node_of(g, "call");
  CHECK_EQ(call->output_count, 2);
  CHECK_EQ(call->output_types[0], FIRN_FLOAT);
  CHECK_EQ(call->output_types[1], FIRN_INT32);
  CHECK(firn_graph_function(g, FIRN_STR("Twice")) != NULL);
  CHECK(firn_graph_function(g, FIRN_STR("Thrice")) == NULL);
  firn_graph_free(g);
}

TEST_FN(a_body_sees_the_outer_library) {
  firn_error err = FIRN_ERROR_INIT;
  firn_graph *outer = graph_of(with_function), *body = NULL;
  const firn_env env = firn_env_from(NULL);
  CHECK_OK(firn_graph_new(outer, &env, &body, &err), &err);
  firn_str input = FIRN_STR("c:1"), back = FIRN_STR("d");
  firn_pb_NodeDef call = {.name = FIRN_STR("c"),
                          .op = FIRN_STR("Twice"),
                          .input = &back,
                          .input_count = 1};
  firn_pb_NodeDef neg = {.name = FIRN_STR("d"),
                         .op = FIRN_STR("Neg"),
                         .input = &input,
                         .input_count = 1};
  firn_pb_NodeDef *both[] = {&call, &neg};
  CHECK_OK(firn_graph_append_all(body, both, 2, &err), &err);
  CHECK_EQ(body->node_count, 2);
  CHECK_EQ(body->generation, 2);
  CHECK_EQ(body->nodes[0]->output_count, 2);
  CHECK_EQ(body->nodes[0]->inputs[0].node, 1);
  CHECK_EQ(firn_edge_type(body, body->nodes[1]->inputs[0]), FIRN_INT32);
  CHECK(firn_graph_function(body, FIRN_STR("Twice")) != NULL);
  firn_graph_free(body);
  firn_graph_free(outer);
}

TEST_FN(appending_grows_or_leaves_alone) {
  firn_error err = FIRN_ERROR_INIT;
  firn_graph *g = graph_of("node { name: 'n0' op: 'NoOp' }");
  static char names[100][8];
  static firn_pb_NodeDef defs[100];
  for (int i = 1; i < 100; i++) {
    snprintf(names[i], sizeof names[i], "n%d", i);
    defs[i] = (firn_pb_NodeDef){.name = firn_str_of(names[i]),
                                .op = FIRN_STR("NoOp")};
    firn_node *node = NULL;
    CHECK_OK(firn_graph_append(g, &defs[i], &node, &err), &err);
    CHECK_EQ(node->index, i);
  }
  CHECK_EQ(g->node_count, 100);
  CHECK_EQ(g->generation, 100);
  CHECK_EQ(node_of(g, "n57")->index, 57);

  firn_pb_NodeDef fresh = {.name = FIRN_STR("new"), .op = FIRN_STR("NoOp")};
  firn_pb_NodeDef *two[] = {&fresh, &defs[57]};
  CHECK_EQ(firn_graph_append_all(g, two, 2, &err), FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message, "node name 'n57' is used twice, by nodes 57 and 101");
  CHECK_EQ(g->node_count, 100);
  CHECK(firn_graph_find(g, FIRN_STR("new")) == NULL);
  CHECK_EQ(node_of(g, "n57")->index, 57);
  firn_graph_free(g);
}

TEST_FN(the_file_defines_what_nobody_knows) {
  static const char ops[] =
      "op { name: 'Mine' output_arg { name: 'o' type: DT_INT64 } }"
      "op { name: 'NoOp' output_arg { name: 'o' type: DT_INT64 } }";
  static const char text[] =
      "node { name: 'm' op: 'Mine' } node { name: 'n' op: 'NoOp' }";
  const firn_env env = firn_env_from(NULL);
  firn_error err = FIRN_ERROR_INIT;
  firn_graph *g = NULL;
  firn_arena arena;
  void *list = NULL, *def = NULL;
  firn_arena_init(&arena, NULL);
  CHECK_OK(firn_pb_parse_text(&firn_pb_type_OpList, bytes_of(ops), &env.limits,
                              &arena, &list, &err),
           &err);
  CHECK_OK(firn_pb_parse_text(&firn_pb_type_GraphDef, bytes_of(text),
                              &env.limits, &arena, &def, &err),
           &err);
  CHECK_OK(firn_graph_import(def, list, &env, &g, &err), &err);
  CHECK_EQ(node_of(g, "m")->output_count, 1);
  CHECK_EQ(node_of(g, "m")->output_types[0], FIRN_INT64);
  CHECK_EQ(node_of(g, "n")->output_count, 0); /* the table comes first */
  firn_graph_free(g);
  firn_arena_fini(&arena);
}

TEST_FN(the_public_view_agrees) {
  firn_graph *g = graph_of(
      "node { name: 'a' op: 'VariableV2' device: '/cpu:0'"
      "  attr { key: 'dtype' value { type: DT_FLOAT } } }"
      "node { name: 'b' op: 'Huh' input: 'a' input: '^a' }");
  const firn_graph_node a = firn_graph_at(g, 0), b = firn_graph_at(g, 1);
  CHECK_EQ(firn_graph_count(g), 2);
  CHECK(firn_str_is(a.name, "a") && firn_str_is(a.op, "VariableV2"));
  CHECK(firn_str_is(a.device, "/cpu:0"));
  CHECK(a.known && a.inputs == 0 && a.outputs == 1);
  CHECK(!b.known && b.inputs == 2 && b.outputs == 0);
  CHECK_EQ(firn_graph_output_type(g, 0, 0), 101);
  CHECK_EQ(firn_graph_output_type(g, 0, 1), 0);
  CHECK_EQ(firn_graph_output_type(g, 9, 0), 0);
  CHECK(firn_str_is(firn_graph_input(g, 1, 1), "^a"));
  CHECK_EQ(firn_graph_input(g, 1, 2).size, 0);
  CHECK_EQ(firn_graph_find_node(g, "b"), 1);
  CHECK_EQ(firn_graph_find_node(g, "c"), SIZE_MAX);
  CHECK(firn_graph_at(g, 2).name.size == 0);
  firn_graph_free(g);
}

TEST_FN(nothing_is_a_graph_too) {
  firn_graph *g = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_graph_parse((firn_bytes){NULL, 0}, NULL, &g, &err), &err);
  CHECK_EQ(firn_graph_count(g), 0);
  firn_graph_free(g);
  firn_graph_free(NULL);
}

TEST_FN(damage_is_told) {
  static const uint8_t cut[] = {0x0a, 0x20, 0x0a, 0x01, 'a', 0x12};
  firn_graph *g = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_EQ(firn_graph_parse((firn_bytes){cut, sizeof cut}, NULL, &g, &err),
           FIRN_DATA_LOSS);
  CHECK(g == NULL && err.message[0]);
  CHECK_EQ(firn_graph_parse(bytes_of("node { nam: 'a' }"), NULL, &g, &err),
           FIRN_INVALID_ARGUMENT);
  CHECK(g == NULL && err.message[0]);
}

static firn_code import_zoo(const firn_allocator *alloc, void *ctx) {
  const firn_file *file = ctx;
  firn_options options = FIRN_OPTIONS_INIT;
  options.allocator = alloc;
  firn_graph *graph = NULL;
  const firn_code code = firn_graph_parse(file->bytes, &options, &graph, NULL);
  firn_graph_free(graph);
  return code;
}

TEST_FN(short_memory_is_an_error) {
  firn_file *file = open_file("tests/golden/graph/zoo.pb");
  CHECK(failing_check(import_zoo, file) > 5);
  firn_file_close(file);
}

SUITE(graph_import, TEST(sees_what_tensorflow_sees), TEST(reads_text_the_same),
      TEST(edges_may_point_forward_and_nowhere),
      TEST(a_name_belongs_to_one_node), TEST(op_types_are_shared),
      TEST(a_function_is_an_op), TEST(a_body_sees_the_outer_library),
      TEST(appending_grows_or_leaves_alone),
      TEST(the_file_defines_what_nobody_knows), TEST(the_public_view_agrees),
      TEST(nothing_is_a_graph_too), TEST(damage_is_told),
      TEST(short_memory_is_an_error));
