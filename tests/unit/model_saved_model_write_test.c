/* What the writer of SavedModels promises: variables once, a saver that fits,
 * signatures that servers can serve, TensorFlow's fingerprint, and a folder
 * that is there whole or not at all. */
#include "firn/saved_model.h"
#include "graph/graph.h"
#include "model/saved_model_write.h"
#include "support/failing.h"
#include "support/folder.h"
#include "support/model.h"

#define LINE "tests/golden/train/line"

typedef struct rig {
  char folder[FOLDER_ROOM], out[FOLDER_ROOM];
  firn_model *model;
  firn_saved_model_writer *w;
  firn_error err;
} rig;

static void open_rig(rig *r, const char *model, const char *checkpoint) {
  const firn_model_options o = {.size = sizeof o, .checkpoint = checkpoint};
  memset(r, 0, sizeof *r);
  folder_new(r->folder);
  folder_path(r->out, r->folder, "1");
  CHECK_OK(firn_model_open(model, &o, NULL, &r->model, &r->err), &r->err);
  CHECK_OK(firn_saved_model_writer_new(r->out, NULL, NULL, &r->w, &r->err),
           &r->err);
}

static void close_rig(rig *r) {
  firn_saved_model_abandon(r->w);
  firn_model_close(r->model);
  folder_remove(r->folder);
  firn_error_clear(&r->err);
}

static void commit(rig *r, bool text) {
  firn_saved_model_writer *w = r->w;
  r->w = NULL;
  CHECK_OK(firn_saved_model_commit(w, text, &r->err), &r->err);
}

/* x → y of the line of tests/golden/train. */
static const firn_signature_tensor line_in = {.key = "x", .tensor = "x"},
                                   line_out = {.key = "y", .tensor = "out:0"};
static const firn_signature line = {.key = "serving_default",
                                    .input_count = 1,
                                    .inputs = &line_in,
                                    .output_count = 1,
                                    .outputs = &line_out};

/* ---- Values ------------------------------------------------------------- */

TEST_FN(variables_are_those_of_the_session) {
  rig r;
  firn_session *session = NULL;
  firn_tensor *value = NULL, *kept = NULL;
  const firn_saved_model_meta meta = {.size = sizeof meta, .train_op = "train"};
  open_rig(&r, LINE ".meta", LINE ".ckpt-0");
  session = model_session(r.model);
  CHECK_OK(firn_model_variable(r.model, session, "w", &value, &r.err), &r.err);
  CHECK_OK(firn_tensor_new(firn_tensor_dtype(value), firn_tensor_rank(value),
                           firn_tensor_dims(value), NULL, &kept, &r.err),
           &r.err);
  for (size_t i = 0; i < firn_tensor_count(kept); i++)
    ((float *)firn_tensor_data(kept))[i] = 42;
  CHECK_OK(firn_model_assign(r.model, session, "w", kept, &r.err), &r.err);
  CHECK_OK(firn_saved_model_add(r.w, r.model, session, &meta, &r.err), &r.err);
  firn_session_free(session);
  commit(&r, false);
  firn_tensor_release(value);
  firn_tensor_release(kept);

  firn_model *again = model_open(r.out, NULL);
  CHECK_EQ(firn_model_what(again), FIRN_MODEL_SAVED_MODEL);
  CHECK(firn_str_is(firn_model_tag(again, 0, 0), "serve"));
  CHECK_STR(firn_saved_model_train_op(again), "train");
  session = model_session(again);
  CHECK_OK(firn_model_variable(again, session, "w", &value, &r.err), &r.err);
  CHECK_EQ(*(const float *)firn_tensor_const_data(value), 42);
  firn_tensor_release(value);
  firn_session_free(session);
  firn_model_close(again);
  close_rig(&r);
}

/* The graph's own saver knows all of these variables. */
TEST_FN(a_saver_that_fits_is_kept) {
  rig r;
  open_rig(&r, LINE ".meta", LINE ".ckpt-0");
  CHECK_OK(firn_saved_model_add(r.w, r.model, NULL, NULL, &r.err), &r.err);
  const firn_pb_MetaGraphDef *meta = r.w->saved.meta_graphs[0];
  CHECK_EQ(meta->graph_def->node_count, r.model->meta->graph_def->node_count);
  CHECK(meta->saver_def == r.model->meta->saver_def);
  close_rig(&r);
}

/* A stripped graph has no variables of an optimiser; the saver that is made
 * restores what is left, as a session on the result shows. */
TEST_FN(a_new_saver_restores_what_is_left) {
  rig r;
  firn_saved_model_meta meta = {.size = sizeof meta,
                                .signatures = &line,
                                .signature_count = 1,
                                .strip = true,
                                .clear_devices = true,
                                .strip_default_attrs = true};
  open_rig(&r, LINE ".meta", LINE ".ckpt-0");
  CHECK_OK(firn_saved_model_add(r.w, r.model, NULL, &meta, &r.err), &r.err);
  commit(&r, false);
  firn_model *again = model_open(r.out, NULL);
  CHECK(firn_checkpoint_count(firn_model_checkpoint(again)) <
        firn_checkpoint_count(firn_model_checkpoint(r.model)));
  CHECK(firn_checkpoint_find(firn_model_checkpoint(again), "w") != SIZE_MAX);
  CHECK(firn_checkpoint_find(firn_model_checkpoint(again), "global_step") ==
        SIZE_MAX);
  const firn_pb_SaverDef *saver = again->meta->saver_def;
  CHECK(saver && firn_str_is(saver->restore_op_name, "save/restore_all"));
  CHECK(firn_graph_find_node(again->graph, "save/RestoreV2") != SIZE_MAX);
  CHECK(firn_graph_find_node(again->graph, "train") == SIZE_MAX);
  CHECK_EQ(firn_model_signature_count(again), 1);
  CHECK_STR(firn_model_signature_at(again, 0)->inputs[0].tensor, "x:0");
  firn_model_close(again);
  close_rig(&r);
}

TEST_FN(later_meta_graphs_share_the_variables) {
  rig r;
  const firn_saved_model_meta train = {.size = sizeof train, .tags = "train"};
  const firn_saved_model_meta serve = {.size = sizeof serve,
                                       .tags = "serve,gpu",
                                       .signatures = &line,
                                       .signature_count = 1};
  open_rig(&r, LINE ".meta", LINE ".ckpt-0");
  CHECK_OK(firn_saved_model_add(r.w, r.model, NULL, &train, &r.err), &r.err);
  CHECK_OK(firn_saved_model_add(r.w, r.model, NULL, &serve, &r.err), &r.err);
  commit(&r, true);
  firn_model *again = model_open(r.out, "gpu,serve");
  CHECK_EQ(firn_model_tag_set_count(again), 2);
  CHECK_EQ(firn_model_signature_count(again), 1);
  firn_model_close(again);
  again = model_open(r.out, "train");
  CHECK_EQ(firn_model_signature_count(again), 0);
  firn_model_close(again);
  close_rig(&r);
}

TEST_FN(variables_without_values_are_named) {
  rig r;
  const firn_saved_model_meta meta = {
      .size = sizeof meta, .signatures = &line, .signature_count = 1};
  open_rig(&r, LINE ".meta", LINE ".ckpt-0");
  firn_checkpoint_close(r.model->checkpoint);
  r.model->checkpoint = NULL;
  firn_session *session = model_session(r.model);
  CHECK_EQ(firn_saved_model_add(r.w, r.model, session, &meta, &r.err),
           FIRN_FAILED_PRECONDITION);
  CHECK_HAS(r.err.message, "have no value: run their initialisers");
  CHECK_STR(firn_error_line(&r.err, 0), "variable 'w'");
  firn_session_free(session);
  close_rig(&r);
}

/* The tutorials forget to run the initialiser: the message says so. */
TEST_FN(who_forgets_the_initialiser_is_told) {
  firn_error err = FIRN_ERROR_INIT;
  firn_builder *b = NULL;
  firn_model *model = NULL;
  firn_tensor *value = NULL;
  const char *const fetch = "weights/Read/ReadVariableOp:0";
  CHECK_OK(firn_builder_new(NULL, &b, &err), &err);
  firn_nn_variable(b, "weights", FIRN_FLOAT, FIRN_SHAPE(2), firn_init_ones());
  CHECK_OK(firn_model_new(b, NULL, &model, &err), &err);
  firn_session *session = model_session(model);
  CHECK_EQ(firn_session_run(session, NULL, NULL, 0, &fetch, 1, NULL, 0, &value,
                            &err),
           FIRN_FAILED_PRECONDITION);
  CHECK_HAS(err.message,
            "variable 'weights' has no value yet: run its initialiser");
  firn_session_free(session);
  firn_model_close(model);
  firn_builder_free(b);
  firn_error_clear(&err);
}

/* What was built after the model was made is there, too. */
TEST_FN(a_graph_that_was_built_is_saved) {
  rig r;
  firn_builder *b = NULL;
  firn_model *model = NULL;
  firn_tensor *y = NULL;
  firn_signature_tensor in = {.key = "x", .tensor = "x:0"};
  firn_signature_tensor out = {.key = "y", .tensor = "y:0"};
  const firn_signature serving = {"serving_default", NULL, 1, 1, &in, &out};
  firn_saved_model_meta meta = {
      .size = sizeof meta, .signatures = &serving, .signature_count = 1};
  open_rig(&r, LINE ".meta", NULL);
  CHECK_OK(firn_builder_new(NULL, &b, &r.err), &r.err);
  CHECK_OK(firn_model_new(b, NULL, &model, &r.err), &r.err);
  const firn_output x =
      firn_nn_placeholder(b, "x", FIRN_FLOAT, FIRN_SHAPE(-1, 2));
  const firn_output w = firn_nn_variable(b, "w", FIRN_FLOAT, FIRN_SHAPE(2),
                                         firn_init_constant(3));
  firn_nn_mul(b, "y", x, firn_nn_read(b, w));
  const char *const init = firn_output_name(b, firn_nn_init(b, NULL));
  firn_session *session = model_session(model);
  CHECK_OK(
      firn_session_run(session, NULL, NULL, 0, NULL, 0, &init, 1, NULL, &r.err),
      &r.err);
  CHECK_OK(firn_saved_model_add(r.w, model, session, &meta, &r.err), &r.err);
  firn_session_free(session);
  commit(&r, false);
  firn_model_close(model);
  firn_builder_free(b);

  firn_model *again = model_open(r.out, NULL);
  CHECK_EQ(again->meta->collection_def_count, 2);
  session = model_session(again);
  const int64_t dims[] = {1, 2};
  firn_tensor *fed = model_floats(2, dims, (const float[]){1, 2});
  const firn_feed feed = {"x", fed};
  const firn_call call = {.size = sizeof call,
                          .signature = model_signature(again, NULL),
                          .inputs = &feed,
                          .input_count = 1};
  CHECK_OK(firn_model_run(again, session, &call, NULL, &y, &r.err), &r.err);
  model_check(y, "[[3.0, 6.0]]");
  firn_tensor_release(fed);
  firn_session_free(session);
  firn_model_close(again);
  close_rig(&r);
}

/* ---- Signatures --------------------------------------------------------- */

TEST_FN(what_no_server_can_serve_is_refused) {
  static const firn_signature_tensor bad[] = {
      {.key = "inputs", .tensor = "x:0"},
      {.key = "outputs", .tensor = "out:0"},
      {.key = "scores", .tensor = "out:0"},
      {.key = "a", .tensor = "no_such:0"},
      {.key = "", .tensor = "x:0"},
      {.key = "inputs", .tensor = "x:0", .dtype = FIRN_STRING},
  };
  static const struct {
    const char *name;
    firn_signature signature;
    const char *says;
  } rows[] =
      {
          {"no outputs",
           {"k", NULL, 1, 0, &bad[0], NULL},
           "outputs: there are none"},
          {"no inputs",
           {"k", "predict", 0, 1, NULL, &bad[1]},
           "inputs: there are none"},
          {"no such tensor",
           {"k", NULL, 1, 1, &bad[3], &bad[1]},
           "input 'a': no node 'no_such' in the graph"},
          {"no key", {"k", NULL, 1, 1, &bad[4], &bad[1]}, "input: has no key"},
          {"floats are no examples",
           {"k", "regress", 1, 1, &bad[0], &bad[1]},
           "input 'inputs': is float32, the method wants string"},
          {"another output",
           {"k", "tensorflow/serving/regress", 1, 1, &bad[5], &bad[2]},
           "output 'scores': the method does not have it"},
          {"another input",
           {"k", "classify", 1, 1, &bad[3], &bad[2]},
           "inputs: the method wants one, of the key 'inputs'"},
          {"kept for others",
           {"__saved_model_init_op", NULL, 1, 1, &bad[0], &bad[1]},
           "key: it is kept for what runs when the model is loaded or "
           "trained"},
      },
    *row;
  EACH (row, rows) {
    rig r;
    const firn_saved_model_meta meta = {.size = sizeof meta,
                                        .signatures = &row->signature,
                                        .signature_count = 1};
    open_rig(&r, LINE ".meta", LINE ".ckpt-0");
    CHECK(firn_saved_model_add(r.w, r.model, NULL, &meta, &r.err) != FIRN_OK);
    CHECK_HAS(r.err.message, "makes no sense for this graph");
    bool said = false;
    for (size_t i = 0; i < firn_error_count(&r.err); i++)
      said = said || strstr(firn_error_line(&r.err, i), row->says);
    if (!said) print_message("%s\n", firn_error_line(&r.err, 0));
    CHECK(said);
    close_rig(&r);
  }
}

TEST_FN(signatures_change_in_place) {
  rig r;
  firn_signature more = line;
  const firn_saved_model_meta meta = {
      .size = sizeof meta, .signatures = &line, .signature_count = 1};
  more.key = "more";
  open_rig(&r, LINE ".meta", LINE ".ckpt-0");
  CHECK_OK(firn_saved_model_add(r.w, r.model, NULL, &meta, &r.err), &r.err);
  commit(&r, false);
  CHECK_OK(firn_saved_model_signature_add(r.out, NULL, &more, false, &r.err),
           &r.err);
  CHECK_EQ(firn_saved_model_signature_add(r.out, NULL, &more, false, &r.err),
           FIRN_ALREADY_EXISTS);
  CHECK_OK(firn_saved_model_signature_add(r.out, NULL, &more, true, &r.err),
           &r.err);
  CHECK_OK(
      firn_saved_model_signature_rename(r.out, NULL, "more", "less", &r.err),
      &r.err);
  CHECK_EQ(firn_saved_model_signature_rename(r.out, NULL, "less",
                                             "serving_default", &r.err),
           FIRN_ALREADY_EXISTS);
  CHECK_EQ(firn_saved_model_signature_remove(r.out, NULL, "more", &r.err),
           FIRN_NOT_FOUND);
  CHECK_STR(firn_error_line(&r.err, 0), "there is 'less'");
  CHECK_OK(firn_saved_model_signature_remove(r.out, NULL, "less", &r.err),
           &r.err);
  firn_model *again = model_open(r.out, NULL);
  CHECK_EQ(firn_model_signature_count(again), 1);
  firn_model_close(again);
  CHECK_EQ(folder_count(r.folder), 1);
  CHECK_EQ(folder_count(r.out), 3);
  close_rig(&r);
}

/* ---- Fingerprints ------------------------------------------------------- */

TEST_FN(fingerprints_are_those_of_tensorflow) {
  /* What CreateFingerprintDef of TensorFlow 2.21 gives for these folders. */
  static const struct {
    const char *name;
    uint64_t all, nodes, signatures, objects, variables;
  } rows[] =
      {
          {"words", 12656640745240038310u, 14842661656286830962u,
           15431391866142695267u, 0u, 13393777781328119938u},
          {"functions", 15285241679351721854u, 14287728783893444324u,
           4895533751716303694u, 122270306416084731u, 3611345706950816996u},
          {"restored", 17595234020218802008u, 16845802292939447787u,
           10932112834369738694u, 8245605023041079165u, 6519882933907080896u},
          {"two", 17111468083396932680u, 3944666134171321084u,
           6033264985262836271u, 0u, 8196905886329709876u},
          {"sparse", 15760272695305152539u, 8845828539438614791u,
           2595176237747533859u, 0u, 4020885759445274045u},
          {"defaults", 6980386686093498080u, 1302948633045788768u,
           9420623834929533464u, 0u, 0u},
      },
    *row;
  EACH (row, rows) {
    char path[200], index[300];
    firn_error err = FIRN_ERROR_INIT;
    firn_pb_FingerprintDef have;
    bool made = false;
    snprintf(path, sizeof path, SAVED_MODELS "%s", row->name);
    snprintf(index, sizeof index, "%s/variables/variables.index", path);
    firn_model *model = model_open(path, "*");
    CHECK_OK(
        firn_fingerprint(model->saved, index, &model->env, &have, &made, &err),
        &err);
    CHECK(made);
    CHECK(have.saved_model_checksum == row->all);
    CHECK(have.graph_def_program_hash == row->nodes);
    CHECK(have.signature_def_hash == row->signatures);
    CHECK(have.saved_object_graph_hash == row->objects);
    CHECK(have.checkpoint_hash == row->variables);
    firn_model_close(model);
  }
}

/* ---- Whole or not at all ------------------------------------------------ */

TEST_FN(a_folder_that_has_something_is_left_alone) {
  rig r;
  firn_saved_model_writer *other = NULL;
  open_rig(&r, LINE ".meta", LINE ".ckpt-0");
  CHECK_OK(firn_saved_model_add(r.w, r.model, NULL, NULL, &r.err), &r.err);
  commit(&r, false);
  CHECK_EQ(firn_saved_model_writer_new(r.out, NULL, NULL, &other, &r.err),
           FIRN_ALREADY_EXISTS);
  CHECK_HAS(r.err.message, "has a SavedModel already");
  CHECK_EQ(firn_saved_model_writer_new(r.folder, NULL, NULL, &other, &r.err),
           FIRN_ALREADY_EXISTS);
  CHECK_HAS(r.err.message, "is not empty");
  close_rig(&r);
}

TEST_FN(what_is_abandoned_leaves_nothing) {
  rig r;
  open_rig(&r, LINE ".meta", LINE ".ckpt-0");
  CHECK_OK(firn_saved_model_add(r.w, r.model, NULL, NULL, &r.err), &r.err);
  CHECK_EQ(folder_count(r.folder), 1);
  firn_saved_model_abandon(r.w);
  CHECK_EQ(folder_count(r.folder), 0);
  CHECK_OK(firn_saved_model_writer_new(r.out, NULL, NULL, &r.w, &r.err),
           &r.err);
  CHECK_EQ(firn_saved_model_commit(r.w, false, &r.err),
           FIRN_FAILED_PRECONDITION);
  r.w = NULL;
  CHECK_EQ(folder_count(r.folder), 0);
  close_rig(&r);
}

typedef struct attempt {
  const firn_model *model;
  const char *out;
} attempt;

static firn_code pack(const firn_allocator *alloc, void *ctx) {
  const attempt *a = ctx;
  firn_options options = FIRN_OPTIONS_INIT;
  const firn_saved_model_meta meta = {.size = sizeof meta, .strip = true};
  firn_saved_model_writer *w = NULL;
  options.allocator = alloc;
  options.threads = 1;
  folder_remove(a->out);
  FIRN_TRY(firn_saved_model_writer_new(a->out, NULL, &options, &w, NULL));
  const firn_code code = firn_saved_model_add(w, a->model, NULL, &meta, NULL);
  if (code == FIRN_OK) return firn_saved_model_commit(w, false, NULL);
  firn_saved_model_abandon(w);
  return code;
}

TEST_FN(short_of_memory_it_says_so) {
  static const char *const names[] = {SAVED_MODELS "restored",
                                      SAVED_MODELS "words"};
  for (size_t i = 0; i < FIRN_COUNT(names); i++) {
    rig r;
    open_rig(&r, names[i], NULL);
    firn_saved_model_abandon(r.w);
    r.w = NULL;
    attempt a = {r.model, r.out};
    failing_check(pack, &a);
    CHECK_EQ(folder_count(r.folder), 1);
    close_rig(&r);
  }
}

/* ---- Once more, and less ------------------------------------------------ */

TEST_FN(all_of_it_is_written_again) {
  rig r;
  char path[FOLDER_ROOM];
  firn_tensor *seven = NULL, *value = NULL;
  int64_t dims[] = {2};
  open_rig(&r, SAVED_MODELS "functions", NULL);
  firn_session *session = model_session(r.model);
  seven = model_floats(1, dims, (const float[]){7, 7});
  CHECK_OK(firn_model_assign(r.model, session, "w", seven, &r.err), &r.err);
  firn_saved_model_abandon(r.w);
  r.w = NULL;
  CHECK_OK(firn_saved_model_save_again(r.model, session, r.out, NULL, &r.err),
           &r.err);
  firn_session_free(session);
  folder_path(path, r.out, "assets/words.txt");
  CHECK_EQ(access(path, F_OK), 0);
  firn_model *again = model_open(r.out, NULL);
  CHECK(again->meta->object_graph_def != NULL);
  CHECK_EQ(firn_checkpoint_count(again->checkpoint),
           firn_checkpoint_count(r.model->checkpoint));
  session = model_session(again);
  CHECK_OK(firn_model_variable(again, session, "w", &value, &r.err), &r.err);
  model_check(value, "[7.0, 7.0]");
  firn_tensor_release(seven);
  firn_session_free(session);
  firn_model_close(again);
  close_rig(&r);
}

TEST_FN(stripping_counts_what_goes) {
  rig r;
  firn_saved_model_strip_report report;
  open_rig(&r, SAVED_MODELS "two", NULL);
  firn_saved_model_abandon(r.w);
  r.w = NULL;
  CHECK_OK(
      firn_saved_model_strip(SAVED_MODELS "two", r.out, NULL, &report, &r.err),
      &r.err);
  CHECK_EQ(report.meta_graphs_before, 2);
  CHECK_EQ(report.meta_graphs, 1);
  CHECK_EQ(report.variables, 1);
  CHECK(report.nodes < report.nodes_before);
  firn_model *again = model_open(r.out, NULL);
  CHECK(firn_str_is(firn_model_tag(again, 0, 0), "serve"));
  firn_model_close(again);
  close_rig(&r);
}

SUITE(model_saved_model_write, TEST(variables_are_those_of_the_session),
      TEST(a_saver_that_fits_is_kept), TEST(a_new_saver_restores_what_is_left),
      TEST(later_meta_graphs_share_the_variables),
      TEST(variables_without_values_are_named),
      TEST(who_forgets_the_initialiser_is_told),
      TEST(a_graph_that_was_built_is_saved),
      TEST(what_no_server_can_serve_is_refused),
      TEST(signatures_change_in_place),
      TEST(fingerprints_are_those_of_tensorflow),
      TEST(a_folder_that_has_something_is_left_alone),
      TEST(what_is_abandoned_leaves_nothing), TEST(short_of_memory_it_says_so),
      TEST(all_of_it_is_written_again), TEST(stripping_counts_what_goes));
