/* Freezing: TensorFlow's nodes where it can freeze, its values where it cannot;
 * what is left alone; and all that is missing or unfit, in one error. The
 * models and what TensorFlow makes of them are in tests/golden/freeze. */
#include "firn/firn.h"

#include "support/failing.h"
#include "support/folder.h"
#include "support/op_case.h"

#define GOLDEN "tests/golden/freeze/"

/* ---- Models ------------------------------------------------------------- */

static firn_model *open_model(const char *path, const char *checkpoint) {
  firn_model *model = NULL;
  firn_error err = FIRN_ERROR_INIT;
  const firn_model_options o = {.size = sizeof o, .checkpoint = checkpoint};
  CHECK_OK(firn_model_open(path, &o, NULL, &model, &err), &err);
  return model;
}

static firn_model *open_golden(const char *name) {
  char path[200];
  snprintf(path, sizeof path, GOLDEN "%s.meta", name);
  return open_model(path, NULL);
}

/* Freezes into folder/frozen.pb and opens that. */
static firn_model *freeze(const firn_model *model, const char *folder,
                          const firn_freeze_options *options,
                          firn_freeze_report *report) {
  char path[FOLDER_ROOM];
  firn_error err = FIRN_ERROR_INIT;
  folder_path(path, folder, "frozen.pb");
  CHECK_OK(firn_model_freeze(model, options, path, report, &err), &err);
  return open_model(path, NULL);
}

/* "NAME OP INPUT ..." of a node. */
static const char *node_line(const firn_graph *graph, size_t i) {
  static char line[1000];
  const firn_graph_node node = firn_graph_at(graph, i);
  size_t n = (size_t)snprintf(line, sizeof line, "%.*s %.*s",
                              FIRN_ARG(node.name), FIRN_ARG(node.op));
  for (size_t k = 0; k < node.inputs; k++)
    n += (size_t)snprintf(line + n, sizeof line - n, " %.*s",
                          FIRN_ARG(firn_graph_input(graph, i, k)));
  return line;
}

static void expect_node(const firn_model *model, const char *want) {
  char name[200];
  const firn_graph *graph = firn_model_graph(model);
  snprintf(name, sizeof name, "%.*s", (int)strcspn(want, " "), want);
  const size_t i = firn_graph_find_node(graph, name);
  if (i == SIZE_MAX) fail_msg("no node '%s'", name);
  CHECK_STR(node_line(graph, i), want);
}

/* ---- What TensorFlow says ----------------------------------------------- */

enum { MOST = 16 };

/* The text beside a model, taken apart line by line. */
typedef struct told {
  char text[8000];
  const char *output[MOST];
  size_t output_count;
  const char *feed[MOST], *fetch[MOST]; /* of the run at hand */
  size_t feed_count, fetch_count, node_count;
} told;

static void read_told(told *t, const char *name) {
  char path[200];
  memset(t, 0, sizeof *t);
  snprintf(path, sizeof path, GOLDEN "%s.txt", name);
  FILE *file = fopen(path, "rb");
  if (!file) fail_msg("no %s", path);
  const size_t n = fread(t->text, 1, sizeof t->text - 1, file);
  CHECK(n > 0 && n < sizeof t->text - 1);
  fclose(file);
}

/* "x = float[2] 1 2": the name, and the tensor. */
static firn_tensor *read_tensor(op_rig *rig, const char *line, char *name) {
  const char *at = strstr(line, " = ");
  CHECK(at != NULL);
  snprintf(name, 100, "%.*s", (int)(at - line), line);
  at += 3;
  return op_tensor_at(&at, &rig->env, &rig->arena);
}

static void check_run(told *t, firn_session *session) {
  static char names[MOST][100], fetch_names[MOST][100];
  firn_feed feeds[MOST];
  const char *fetches[MOST];
  firn_tensor *out[MOST];
  firn_error err = FIRN_ERROR_INIT;
  op_rig rig = {.env = firn_env_from(NULL)};
  firn_arena_init(&rig.arena, &rig.env.alloc);
  for (size_t i = 0; i < t->feed_count; i++)
    feeds[i] = (firn_feed){names[i], read_tensor(&rig, t->feed[i], names[i])};
  for (size_t i = 0; i < t->fetch_count; i++) {
    const char *equals = strstr(t->fetch[i], " = ");
    snprintf(fetch_names[i], sizeof *fetch_names, "%.*s",
             (int)(equals - t->fetch[i]), t->fetch[i]);
    fetches[i] = fetch_names[i];
  }
  CHECK_OK(firn_session_run(session, NULL, feeds, t->feed_count, fetches,
                            t->fetch_count, NULL, 0, out, &err),
           &err);
  for (size_t i = 0; i < t->fetch_count; i++) {
    rig.out[i] = out[i];
    rig.out_count = i + 1;
    op_expect(&rig, i, strstr(t->fetch[i], " = ") + 3, 0);
    firn_tensor_release(out[i]);
  }
  for (size_t i = 0; i < t->feed_count; i++)
    firn_tensor_release(feeds[i].tensor);
  t->feed_count = t->fetch_count = 0;
  firn_arena_fini(&rig.arena);
}

/* Runs what the text says in sessions of the frozen graph, and holds its nodes
 * against those that are told. With `text` NULL only collects the outputs. */
static void walk_told(told *t, const firn_model *frozen) {
  firn_session *session = NULL;
  firn_error err = FIRN_ERROR_INIT;
  if (frozen) CHECK_OK(firn_model_session(frozen, NULL, &session, &err), &err);
  char *save = NULL, *copy = strdup(t->text);
  CHECK(copy != NULL);
  for (char *line = strtok_r(copy, "\n", &save); line;
       line = strtok_r(NULL, "\n", &save)) {
    char *rest = strchr(line, ' ');
    if (rest) *rest++ = 0;
    if (!strcmp(line, "outputs")) {
      static char outputs[500];
      char *more = NULL;
      snprintf(outputs, sizeof outputs, "%s", rest);
      t->output_count = 0;
      for (char *one = strtok_r(outputs, " ", &more); one;
           one = strtok_r(NULL, " ", &more))
        t->output[t->output_count++] = one;
    } else if (!frozen) {
      continue;
    } else if (!strcmp(line, "feed")) {
      t->feed[t->feed_count++] = rest;
    } else if (!strcmp(line, "fetch")) {
      t->fetch[t->fetch_count++] = rest;
      if (t->fetch_count == t->output_count) check_run(t, session);
    } else if (!strcmp(line, "node")) {
      expect_node(frozen, rest);
      t->node_count++;
    }
  }
  free(copy);
  firn_session_free(session);
}

static size_t constants_of(const firn_model *model) {
  size_t n = 0;
  for (size_t i = 0; i < firn_graph_count(firn_model_graph(model)); i++)
    n += !strcmp(strchr(node_line(firn_model_graph(model), i), ' '), " Const");
  return n;
}

/* Freezes a golden model and holds it against what TensorFlow says of it. */
static firn_model *check_golden(const char *name, const char *folder,
                                firn_freeze_report *report) {
  static told t;
  read_told(&t, name);
  walk_told(&t, NULL);
  firn_model *model = open_golden(name);
  const firn_freeze_options o = {
      .size = sizeof o, .outputs = t.output, .output_count = t.output_count};
  firn_model *frozen = freeze(model, folder, &o, report);
  walk_told(&t, frozen);
  if (t.node_count)
    CHECK_EQ(firn_graph_count(firn_model_graph(frozen)), t.node_count);
  CHECK_EQ(report->nodes, firn_graph_count(firn_model_graph(frozen)));
  CHECK(constants_of(frozen) >= report->variables);
  CHECK(!report->was_frozen);
  firn_model_close(model);
  return frozen;
}

/* ---- As TensorFlow does it ---------------------------------------------- */

TEST_FN(nodes_and_values_are_tensorflows) {
  static const struct {
    const char *name;
    size_t variables;
  } rows[] = {{"gathers", 1}, {"partitions", 3}, {"partitions_ref", 3},
              {"loop", 1},    {"loop_ref", 1},   {"devices", 1},
              {"pair", 3}},
    *row;
  char folder[FOLDER_ROOM];
  folder_new(folder);
  EACH (row, rows) {
    firn_freeze_report report = {0};
    firn_model_close(check_golden(row->name, folder, &report));
    CHECK_EQ(report.variables, row->variables);
  }
  folder_remove(folder);
}

/* ---- Beyond TensorFlow -------------------------------------------------- */

/* Where TensorFlow's tool leaves a constant in a reference's place, which
 * TensorFlow then refuses, there are ops on values. */
TEST_FN(references_become_values) {
  static const struct {
    const char *name, *node[8];
  } rows[] =
      {
          {"norm_under_cond",
           {"mean Const", "cond/AssignSub/Switch Switch mean cond/pred_id",
            "cond/AssignSub Sub cond/AssignSub/Switch:1 cond/mul"}},
          {"assignments",
           {"AssignAdd Add v x", "AssignSub Sub w mul", "Assign Identity x"}},
          {"asks",
           {"VarIsInitializedOp Const", "IsVariableInitialized Const",
            "shape Shape v", "IsVariableInitialized_1 Const"}},
      },
    *row;
  char folder[FOLDER_ROOM];
  folder_new(folder);
  EACH (row, rows) {
    firn_freeze_report report = {0};
    firn_model *frozen = check_golden(row->name, folder, &report);
    for (size_t i = 0; row->node[i]; i++) expect_node(frozen, row->node[i]);
    const firn_graph *graph = firn_model_graph(frozen);
    for (size_t i = 0; i < firn_graph_count(graph); i++)
      for (size_t k = 0; k < firn_graph_at(graph, i).outputs; k++)
        CHECK(firn_graph_output_type(graph, i, k) < 100);
    firn_model_close(frozen);
  }
  folder_remove(folder);
}

/* ---- What is left alone ------------------------------------------------- */

static const char *const Y[] = {"y"};

TEST_FN(some_variables_stay) {
  static const struct {
    const char *name, *only[3], *except[3], *node[4];
    size_t variables;
  } rows[] =
      {
          {"all but one",
           {NULL},
           {"b"},
           {"a Const", "b VariableV2", "inner/c Const"},
           2},
          {"all but two",
           {NULL},
           {"b", "a"},
           {"a VarHandleOp", "b VariableV2", "inner/c Const"},
           1},
          {"only one",
           {"inner/c"},
           {NULL},
           {"a VarHandleOp", "b VariableV2", "inner/c Const"},
           1},
          {"two, but one of them not",
           {"a", "b"},
           {"b"},
           {"a Const", "b VariableV2", "inner/c VarHandleOp"},
           1},
      },
    *row;
  static told t;
  char folder[FOLDER_ROOM], path[FOLDER_ROOM];
  folder_new(folder);
  folder_path(path, folder, "frozen.pb");
  read_told(&t, "pair");
  firn_model *model = open_golden("pair");
  EACH (row, rows) {
    firn_freeze_options o = {.size = sizeof o,
                             .outputs = Y,
                             .output_count = 1,
                             .only = row->only,
                             .except = row->except};
    while (row->only[o.only_count]) o.only_count++;
    while (row->except[o.except_count]) o.except_count++;
    firn_freeze_report report = {0};
    firn_model *frozen = freeze(model, folder, &o, &report);
    CHECK_EQ(report.variables, row->variables);
    for (size_t i = 0; row->node[i]; i++) expect_node(frozen, row->node[i]);

    /* Without a checkpoint what was left has no value; with it all is as
     * before. The nodes of the text are those of the whole freeze. */
    firn_model_close(frozen);
    frozen = open_model(path, GOLDEN "pair");
    char *nodes = strstr(t.text, "\nnode ");
    if (nodes) nodes[1] = 0;
    walk_told(&t, frozen);
    firn_model_close(frozen);
  }
  firn_model_close(model);
  folder_remove(folder);
}

TEST_FN(a_variable_that_stays_has_no_value) {
  char folder[FOLDER_ROOM];
  const char *const b[] = {"b"};
  firn_error err = FIRN_ERROR_INIT;
  firn_session *session = NULL;
  firn_tensor *out = NULL;
  folder_new(folder);
  firn_model *model = open_golden("pair");
  const firn_freeze_options o = {.size = sizeof o,
                                 .outputs = Y,
                                 .output_count = 1,
                                 .except = b,
                                 .except_count = 1};
  firn_model *frozen = freeze(model, folder, &o, NULL);
  CHECK_OK(firn_model_session(frozen, NULL, &session, &err), &err);
  CHECK_EQ(firn_session_run(session, NULL, NULL, 0, b, 1, NULL, 0, &out, &err),
           FIRN_FAILED_PRECONDITION);
  CHECK_STR(err.message,
            "node 'b' (VariableV2): variable 'b' has no value "
            "yet: run its initialiser or restore a checkpoint "
            "first");
  firn_error_clear(&err);
  firn_session_free(session);
  firn_model_close(frozen);
  firn_model_close(model);
  folder_remove(folder);
}

TEST_FN(devices_go_unless_they_are_wanted) {
  char folder[FOLDER_ROOM];
  const char *const z[] = {"z:0"};
  folder_new(folder);
  firn_model *model = open_golden("devices");
  firn_freeze_options o = {.size = sizeof o, .outputs = z, .output_count = 1};
  for (int keep = 0; keep < 2; keep++) {
    o.keep_devices = keep != 0;
    firn_model *frozen = freeze(model, folder, &o, NULL);
    const firn_graph *graph = firn_model_graph(frozen);
    for (size_t i = 0; i < firn_graph_count(graph); i++) {
      const firn_graph_node node = firn_graph_at(graph, i);
      char device[100];
      snprintf(device, sizeof device, "%.*s", FIRN_ARG(node.device));
      const bool placed = firn_str_is(node.name, "y");
      if (!keep || placed) CHECK_STR(device, keep ? "/device:CPU:0" : "");
    }
    firn_model_close(frozen);
  }
  firn_model_close(model);
  folder_remove(folder);
}

TEST_FN(the_frozen_is_passed_through) {
  char folder[FOLDER_ROOM], path[FOLDER_ROOM];
  firn_freeze_report report = {0};
  folder_new(folder);
  firn_model *frozen = check_golden("pair", folder, &report);
  const firn_freeze_options o = {
      .size = sizeof o, .outputs = Y, .output_count = 1, .text = true};
  firn_error err = FIRN_ERROR_INIT;
  folder_path(path, folder, "again.pbtxt");
  CHECK_OK(firn_model_freeze(frozen, &o, path, &report, &err), &err);
  CHECK(report.was_frozen);
  CHECK_EQ(report.variables, 0);
  firn_model *again = open_model(path, NULL);
  const firn_graph *a = firn_model_graph(frozen), *b = firn_model_graph(again);
  CHECK_EQ(firn_graph_count(a), firn_graph_count(b));
  for (size_t i = 0; i < firn_graph_count(a); i++) {
    char line[1000];
    snprintf(line, sizeof line, "%s", node_line(a, i));
    CHECK_STR(node_line(b, i), line);
  }
  firn_model_close(again);
  firn_model_close(frozen);
  folder_remove(folder);
}

/* ---- What cannot be frozen ---------------------------------------------- */

static void expect_refusal(const firn_model *model,
                           const firn_freeze_options *options, firn_code code,
                           const char *says, const char *const *lines) {
  char folder[FOLDER_ROOM], path[FOLDER_ROOM];
  firn_error err = FIRN_ERROR_INIT;
  folder_new(folder);
  folder_path(path, folder, "frozen.pb");
  const firn_code have = firn_model_freeze(model, options, path, NULL, &err);
  CHECK_STR(err.message, says);
  CHECK_EQ(have, code);
  CHECK_EQ(err.code, code);
  size_t n = 0;
  for (; lines && lines[n]; n++) {
    CHECK(n < firn_error_count(&err));
    CHECK_STR(firn_error_line(&err, n), lines[n]);
  }
  CHECK_EQ(firn_error_count(&err), n);
  CHECK_EQ(folder_count(folder), 0); /* nor is anything left behind */
  firn_error_clear(&err);
  folder_remove(folder);
}

TEST_FN(all_that_does_not_fit_is_told_at_once) {
  const firn_freeze_options o = {
      .size = sizeof o, .outputs = Y, .output_count = 1};
  firn_model *model = open_model(GOLDEN "pair.meta", GOLDEN "unfit");
  expect_refusal(
      model, &o, FIRN_NOT_FOUND, "the checkpoint does not fit the graph",
      (const char *const[]){
          "'a' is float32 [3] in the checkpoint, the graph wants float32 [2]",
          "variable 'b': no key 'b' in checkpoint '" GOLDEN "unfit'",
          "'inner/c' is int32 [2] in the checkpoint, the graph wants float32 "
          "[2]",
          NULL});
  /* what is left out need not fit */
  const char *const b[] = {"b"};
  firn_freeze_options less = o;
  less.except = b;
  less.except_count = 1;
  expect_refusal(
      model, &less, FIRN_INVALID_ARGUMENT,
      "the checkpoint does not fit the graph",
      (const char *const[]){
          "'a' is float32 [3] in the checkpoint, the graph wants float32 [2]",
          "'inner/c' is int32 [2] in the checkpoint, the graph wants float32 "
          "[2]",
          NULL});
  firn_model_close(model);
}

TEST_FN(requests_that_make_no_sense) {
  static const struct {
    const char *name, *output;
    firn_code code;
    const char *says;
  } rows[] =
      {
          {"no such node", "inner/cc", FIRN_NOT_FOUND,
           "no node 'inner/cc' in the graph; did you mean 'inner/c'?"},
          {"no such output", "y:3", FIRN_OUT_OF_RANGE,
           "node 'y' (AddN) has 1 output, no output 3"},
      },
    *row;
  firn_model *model = open_golden("pair");
  EACH (row, rows) {
    const char *const outputs[] = {row->output};
    const firn_freeze_options o = {
        .size = sizeof o, .outputs = outputs, .output_count = 1};
    expect_refusal(model, &o, row->code, row->says, NULL);
  }
  firn_model_close(model);
}

TEST_FN(variables_want_a_checkpoint) {
  const firn_freeze_options o = {
      .size = sizeof o, .outputs = Y, .output_count = 1};
  firn_error err = FIRN_ERROR_INIT;
  char folder[FOLDER_ROOM], path[FOLDER_ROOM], says[FOLDER_ROOM + 100];
  folder_new(folder);
  folder_path(path, folder, "lonely.pb");
  firn_model *model = open_golden("pair");
  CHECK_OK(firn_graph_write(firn_model_graph(model), path, &err), &err);
  firn_model_close(model);
  model = open_model(path, NULL);
  snprintf(says, sizeof says,
           "'%s' has 3 variables and no checkpoint that gives their values",
           path);
  expect_refusal(model, &o, FIRN_FAILED_PRECONDITION, says, NULL);
  firn_model_close(model);
  folder_remove(folder);
}

/* ---- Short memory ------------------------------------------------------- */

/* The whole way: open, freeze, close. */
static firn_code freeze_with(const firn_allocator *alloc, void *ctx) {
  const char *const *where = ctx; /* the model, and where to */
  static const char *const outputs[] = {"y", "moving"};
  firn_options general = FIRN_OPTIONS_INIT;
  general.allocator = alloc;
  firn_model *model = NULL;
  firn_error err = FIRN_ERROR_INIT;
  const firn_freeze_options o = {
      .size = sizeof o, .outputs = outputs, .output_count = 2};
  firn_code code = firn_model_open(where[0], NULL, &general, &model, &err);
  if (code == FIRN_OK)
    code = firn_model_freeze(model, &o, where[1], NULL, &err);
  firn_model_close(model);
  firn_error_clear(&err);
  return code;
}

TEST_FN(short_memory_is_an_error_and_nothing_is_lost) {
  char folder[FOLDER_ROOM], path[FOLDER_ROOM];
  folder_new(folder);
  folder_path(path, folder, "frozen.pb");
  const char *const where[] = {GOLDEN "norm_under_cond.meta", path};
  CHECK(failing_check(freeze_with, (void *)where) > 20);
  CHECK_EQ(folder_count(folder), 1); /* no temporary file is left */
  folder_remove(folder);
}

SUITE(model_freeze, TEST(nodes_and_values_are_tensorflows),
      TEST(references_become_values), TEST(some_variables_stay),
      TEST(a_variable_that_stays_has_no_value),
      TEST(devices_go_unless_they_are_wanted),
      TEST(the_frozen_is_passed_through),
      TEST(all_that_does_not_fit_is_told_at_once),
      TEST(requests_that_make_no_sense), TEST(variables_want_a_checkpoint),
      TEST(short_memory_is_an_error_and_nothing_is_lost));
