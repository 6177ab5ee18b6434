/* Freezing by signature: names, what is refused and what may stay, functions
 * that get values for variables, and short memory. What TensorFlow makes of the
 * results oracle/check_frozen_saved.py asks. */
#include "model/model.h"

#include "support/failing.h"
#include "support/folder.h"
#include "support/model.h"

/* ---- Models ------------------------------------------------------------- */

static firn_model *freeze(const firn_model *model, const char *folder,
                          const firn_freeze_options *options) {
  char path[FOLDER_ROOM];
  firn_error err = FIRN_ERROR_INIT;
  folder_path(path, folder, "frozen.pb");
  CHECK_OK(firn_model_freeze(model, options, path, NULL, &err), &err);
  return model_open(path, NULL);
}

/* A SavedModel of this text, which has no variables. */
static firn_model *model_of(const char *folder, const char *nodes,
                            const char *signature) {
  char path[FOLDER_ROOM], text[6000];
  const int size =
      snprintf(text, sizeof text,
               "saved_model_schema_version: 1 meta_graphs { meta_info_def {"
               " tags: 'serve' } graph_def { %s } signature_def {"
               " key: 'serving_default' value { %s } } }",
               nodes, signature);
  CHECK(size < (int)sizeof text);
  folder_path(path, folder, "saved_model.pbtxt");
  folder_write(path, text, (size_t)size);
  return model_open(folder, NULL);
}

/* "NAME OP INPUT ...\n" of all nodes. */
static const char *list_nodes(const firn_model *model) {
  static char text[4000];
  size_t n = 0;
  const firn_graph *graph = firn_model_graph(model);
  for (size_t i = 0; i < firn_graph_count(graph); i++) {
    const firn_graph_node node = firn_graph_at(graph, i);
    n += (size_t)snprintf(text + n, sizeof text - n, "%.*s %.*s",
                          (int)node.name.size, node.name.data,
                          (int)node.op.size, node.op.data);
    for (size_t k = 0; k < node.inputs; k++) {
      const firn_str input = firn_graph_input(graph, i, k);
      n += (size_t)snprintf(text + n, sizeof text - n, " %.*s", (int)input.size,
                            input.data);
    }
    n += (size_t)snprintf(text + n, sizeof text - n, "\n");
  }
  return text;
}

static void expect_refusal(const firn_model *model,
                           const firn_freeze_options *options, firn_code code,
                           const char *message, const char *line) {
  firn_error err = FIRN_ERROR_INIT;
  CHECK_EQ(firn_model_freeze(model, options, "/dev/null", NULL, &err), code);
  CHECK_STR(err.message, message);
  if (line) CHECK_STR(firn_error_line(&err, 0), line);
  firn_error_clear(&err);
}

/* ---- Names -------------------------------------------------------------- */

#define FLOAT "attr { key: 'T' value { type: DT_FLOAT } }"
#define PLACEHOLDER(name)                                              \
  "node { name: '" name                                                \
  "' op: 'Placeholder' attr { key: 'dtype' value { type: DT_FLOAT } }" \
  " attr { key: 'shape' value { shape { unknown_rank: true } } } }"
#define END(side, key, tensor)                    \
  side " { key: '" key "' value { name: '" tensor \
       "' dtype: DT_FLOAT"                        \
       " tensor_shape { unknown_rank: true } } }"

/* Keys that no node may be called, one that input and output share, and a node
 * that is in the way of one. */
TEST_FN(keys_become_names) {
  char folder[FOLDER_ROOM];
  folder_new(folder);
  firn_model *model = model_of(
      folder,
      PLACEHOLDER("feed")
          PLACEHOLDER("other") "node { name: 'x' op: 'Neg' input: 'feed' " FLOAT
                               " }"
                               "node { name: 'twice' op: 'AddV2' input: 'x' "
                               "input: 'x' " FLOAT " }",
      END("inputs", "x", "feed:0") END("inputs", "_u s", "other:0")
          END("outputs", "x", "twice:0") END("outputs", "again!", "twice:0")
              END("outputs", "same", "feed:0"));
  firn_model *frozen = freeze(model, folder, NULL);
  CHECK_STR(list_nodes(frozen),
            "x_u_s Placeholder\n"
            "x Placeholder\n"
            "x_2 Neg x\n"
            "twice AddV2 x_2 x_2\n"
            "again_ Identity twice\n"
            "same Identity x\n"
            "x_1 Identity twice\n");
  firn_model_close(frozen);
  firn_model_close(model);
  folder_remove(folder);
}

TEST_FN(ends_that_are_not_there_are_named) {
  char folder[FOLDER_ROOM];
  folder_new(folder);
  firn_model *model =
      model_of(folder, PLACEHOLDER("feed"),
               END("inputs", "a", "feed:0") END("outputs", "b", "gone:0"));
  expect_refusal(model, NULL, FIRN_NOT_FOUND,
                 "signature 'serving_default', output 'b': no node 'gone' in "
                 "the graph",
                 NULL);
  firn_model_close(model);
  folder_remove(folder);
}

/* ---- Functions ---------------------------------------------------------- */

static size_t count_op(const firn_model *model, const char *op) {
  size_t count = 0;
  const firn_graph *graph = firn_model_graph(model);
  for (size_t i = 0; i < firn_graph_count(graph); i++) {
    const firn_str have = firn_graph_at(graph, i).op;
    count += have.size == strlen(op) && !memcmp(have.data, op, have.size);
  }
  return count;
}

/* 0.5^n and (-0.5)^n, whatever becomes of the loop's function. */
TEST_FN(loops_give_the_same_in_every_form) {
  static const struct {
    const char *name;
    firn_freeze_functions functions;
    size_t calls, loops, frames;
  } rows[] =
      {
          {"inline", FIRN_FUNCTIONS_INLINE, 0, 1, 0},
          {"keep", FIRN_FUNCTIONS_KEEP, 1, 0, 0},
          {"lower", FIRN_FUNCTIONS_LOWER, 0, 0, 1},
      },
    *row;
  char folder[FOLDER_ROOM];
  folder_new(folder);
  firn_model *model = model_open(SAVED_MODELS "functions", NULL);
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    const firn_freeze_options o = {
        .size = sizeof o, .signature = "power", .functions = row->functions};
    firn_model *frozen = freeze(model, folder, &o);
    CHECK_EQ(count_op(frozen, "StatefulPartitionedCall"), row->calls);
    CHECK_EQ(count_op(frozen, "While"), row->loops);
    CHECK_EQ(count_op(frozen, "LoopCond"), row->frames);
    CHECK_EQ(count_op(frozen, "VarHandleOp"), 0);
    firn_session *session = model_session(frozen);
    firn_tensor *n = NULL, *y = NULL;
    const char *fetch = "y";
    CHECK_OK(firn_tensor_new(FIRN_INT32, 0, NULL, NULL, &n, &err), &err);
    *(int32_t *)firn_tensor_data(n) = 3;
    const firn_feed feed = {"n", n};
    CHECK_OK(
        firn_session_run(session, NULL, &feed, 1, &fetch, 1, NULL, 0, &y, &err),
        &err);
    firn_tensor_release(n);
    model_check(y, "[0.125, -0.125]");
    firn_session_free(session);
    firn_model_close(frozen);
  }
  firn_model_close(model);
  folder_remove(folder);
}

/* ---- State -------------------------------------------------------------- */

#define VARIABLE                                                          \
  "node { name: 'v' op: 'VarHandleOp' attr { key: 'dtype' value {"        \
  " type: DT_FLOAT } } attr { key: 'shape' value { shape {} } } }"        \
  "node { name: 'add' op: 'AssignAddVariableOp' input: 'v' input: 'feed'" \
  " attr { key: 'dtype' value { type: DT_FLOAT } } }"                     \
  "node { name: 'read' op: 'ReadVariableOp' input: 'v' input: '^add'"     \
  " attr { key: 'dtype' value { type: DT_FLOAT } } }"

/* Nothing is frozen over what the signature changes; it may stay. */
TEST_FN(written_variables_are_refused_or_stay) {
  char folder[FOLDER_ROOM];
  const char *const except[] = {"v"};
  const firn_freeze_options o = {
      .size = sizeof o, .except = except, .except_count = 1};
  folder_new(folder);
  firn_error err = FIRN_ERROR_INIT;
  firn_model *model =
      model_of(folder, PLACEHOLDER("feed") VARIABLE,
               END("inputs", "a", "feed:0") END("outputs", "b", "read:0"));
  firn_session *session = model_session(model);
  firn_tensor *zero = model_floats(0, NULL, &(const float){0});
  CHECK_OK(firn_model_assign(model, session, "v", zero, &err), &err);
  firn_tensor_release(zero);
  const firn_freeze_options live = {.size = sizeof live, .session = session};
  expect_refusal(model, &live, FIRN_FAILED_PRECONDITION,
                 "variables that are written to cannot become constants",
                 "'v', by node 'add' (AssignAddVariableOp)");
  firn_model *frozen = freeze(model, folder, &o);
  CHECK_STR(list_nodes(frozen),
            "a Placeholder\n"
            "v VarHandleOp\n"
            "add AssignAddVariableOp v a\n"
            "read ReadVariableOp v ^add\n"
            "b Identity read\n");
  firn_model_close(frozen);
  firn_session_free(session);
  firn_model_close(model);
  folder_remove(folder);
}

#define TABLE                                                               \
  "node { name: 't' op: 'MutableHashTableV2' attr { key: 'key_dtype' value" \
  " { type: DT_FLOAT } } attr { key: 'value_dtype' value {"                 \
  " type: DT_FLOAT } } }"                                                   \
  "node { name: 'put' op: 'LookupTableInsertV2' input: 't' input: 'feed'"   \
  " input: 'feed' attr { key: 'Tin' value { type: DT_FLOAT } }"             \
  " attr { key: 'Tout' value { type: DT_FLOAT } } }"                        \
  "node { name: 'size' op: 'LookupTableSizeV2' input: 't' input: '^put' }"

TEST_FN(written_tables_are_refused) {
  char folder[FOLDER_ROOM];
  folder_new(folder);
  firn_model *model =
      model_of(folder, PLACEHOLDER("feed") TABLE,
               END("inputs", "a", "feed:0") END("outputs", "b", "size:0"));
  expect_refusal(model, NULL, FIRN_FAILED_PRECONDITION,
                 "tables that are written to cannot become constants",
                 "'t', by node 'put' (LookupTableInsertV2)");
  firn_model_close(model);
  folder_remove(folder);
}

TEST_FN(signature_and_outputs_exclude_each_other) {
  const char *const outputs[] = {"y"};
  firn_model *model = model_open(SAVED_MODELS "two", NULL);
  const firn_freeze_options o = {.size = sizeof o,
                                 .outputs = outputs,
                                 .output_count = 1,
                                 .signature = "serving_default"};
  expect_refusal(model, &o, FIRN_INVALID_ARGUMENT,
                 "either a signature or outputs, not both", NULL);
  firn_model_close(model);
}

/* Outputs by name still give the graph's own names. */
TEST_FN(outputs_keep_their_names) {
  char folder[FOLDER_ROOM];
  const char *const outputs[] = {"y"};
  const firn_freeze_options o = {
      .size = sizeof o, .outputs = outputs, .output_count = 1};
  folder_new(folder);
  firn_model *model = model_open(SAVED_MODELS "two", NULL);
  firn_model *frozen = freeze(model, folder, &o);
  CHECK_EQ(firn_graph_find_node(firn_model_graph(frozen), "y"),
           firn_graph_count(firn_model_graph(frozen)) - 1);
  CHECK_EQ(count_op(frozen, "AddV2"), 1);
  firn_model_close(frozen);
  firn_model_close(model);
  folder_remove(folder);
}

/* ---- Memory ------------------------------------------------------------- */

typedef struct scene {
  const char *path, *signature;
  firn_freeze_functions functions;
  char folder[FOLDER_ROOM];
} scene;

/* The model is opened with memory to spare, and frozen with what there is. */
static firn_code freeze_with(const firn_allocator *alloc, void *ctx) {
  scene *s = ctx;
  char to[FOLDER_ROOM];
  firn_model *model = model_open(s->path, NULL);
  const firn_allocator own = model->env.alloc;
  folder_path(to, s->folder, "frozen.pb");
  const firn_freeze_options o = {
      .size = sizeof o, .signature = s->signature, .functions = s->functions};
  model->env.threads = 1;
  model->env.alloc = model->graph->env.alloc = *alloc;
  const firn_code code = firn_model_freeze(model, &o, to, NULL, NULL);
  model->env.alloc = model->graph->env.alloc = own;
  firn_model_close(model);
  return code;
}

TEST_FN(short_memory_is_an_error) {
  scene scenes[] = {
      {SAVED_MODELS "objects", "power", FIRN_FUNCTIONS_INLINE, ""},
      {SAVED_MODELS "objects", "power", FIRN_FUNCTIONS_LOWER, ""},
      {SAVED_MODELS "objects", "serving_default", FIRN_FUNCTIONS_KEEP, ""},
      {SAVED_MODELS "words", "serving_default", FIRN_FUNCTIONS_INLINE, ""},
  };
  for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
    folder_new(scenes[i].folder);
    failing_check(freeze_with, &scenes[i]);
    folder_remove(scenes[i].folder);
  }
}

SUITE(model_freeze_signature, TEST(keys_become_names),
      TEST(ends_that_are_not_there_are_named),
      TEST(loops_give_the_same_in_every_form),
      TEST(written_variables_are_refused_or_stay),
      TEST(written_tables_are_refused),
      TEST(signature_and_outputs_exclude_each_other),
      TEST(outputs_keep_their_names), TEST(short_memory_is_an_error));
