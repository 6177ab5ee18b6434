/* A graph that was built lives as any model does: initialised, run, saved,
 * restored, exported, frozen out of a live session. */
#include "build/builder.h"
#include "firn/model.h"
#include "firn/nn.h"
#include "firn/saver.h"
#include "model/model.h"
#include "support/folder.h"
#include "support/test.h"

typedef struct rig {
  firn_builder *b;
  firn_model *model;
  firn_session *session;
  firn_error err;
  char folder[FOLDER_ROOM];
} rig;

/* y = x * w + c, with w = [2], c = [0.5]; "add" adds 1 to w. */
static void open_rig(rig *r, bool saver) {
  memset(r, 0, sizeof *r);
  folder_new(r->folder);
  CHECK_OK(firn_builder_new(NULL, &r->b, &r->err), &r->err);
  firn_builder *b = r->b;
  const firn_output x = firn_nn_placeholder(b, "x", FIRN_FLOAT, FIRN_SHAPE(-1));
  const firn_output w = firn_nn_variable(b, "w", FIRN_FLOAT, FIRN_SHAPE(1),
                                         firn_init_constant(2));
  const firn_output c =
      firn_nn_state(b, "c", FIRN_FLOAT, FIRN_SHAPE(1), firn_init_constant(.5f));
  firn_nn_add(b, "y", firn_nn_mul(b, NULL, x, w), c);
  const firn_output one =
      firn_nn_reshape(b, NULL, firn_const_float(b, NULL, 1), FIRN_SHAPE(1));
  firn_nn_assign_add(b, "add", w, one);
  firn_builder_collect(b, "train_op", firn_output_named(b, "add"));
  firn_nn_global_step(b);
  firn_nn_init(b, NULL);
  if (saver) firn_builder_add_saver(b);
  CHECK_OK(firn_model_new(b, NULL, &r->model, &r->err), &r->err);
  CHECK_OK(firn_model_session(r->model, NULL, &r->session, &r->err), &r->err);
}

static void close_rig(rig *r) {
  firn_session_free(r->session);
  firn_model_close(r->model);
  firn_builder_free(r->b);
  folder_remove(r->folder);
  firn_error_clear(&r->err);
}

static void run(rig *r, const char *target) {
  CHECK_OK(firn_session_run(r->session, NULL, NULL, 0, NULL, 0, &target, 1,
                            NULL, &r->err),
           &r->err);
}

/* y for x = 10. */
static float y_of(firn_session *session) {
  const char *fetch = "y";
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *x = NULL, *y = NULL;
  CHECK_OK(firn_tensor_new(FIRN_FLOAT, 1, (int64_t[]){1}, NULL, &x, &err),
           &err);
  *(float *)firn_tensor_data(x) = 10;
  const firn_feed feed = {"x", x};
  CHECK_OK(
      firn_session_run(session, NULL, &feed, 1, &fetch, 1, NULL, 0, &y, &err),
      &err);
  const float value = *(float *)firn_tensor_data(y);
  firn_tensor_release(x);
  firn_tensor_release(y);
  return value;
}

TEST_FN(it_runs_and_is_saved_and_restored) {
  rig r;
  char path[FOLDER_ROOM], meta[FOLDER_ROOM];
  open_rig(&r, true);
  folder_path(path, r.folder, "m");
  run(&r, "init");
  run(&r, "add");
  CHECK(y_of(r.session) == 30.5f);
  firn_save_options save = {.size = sizeof save, .meta = true};
  CHECK_OK(firn_model_save(r.model, r.session, path, &save, &r.err), &r.err);
  CHECK_EQ(save.saved, 3);
  run(&r, "add");
  CHECK(y_of(r.session) == 40.5f);
  CHECK_OK(firn_model_restore(r.model, r.session, path, &r.err), &r.err);
  CHECK(y_of(r.session) == 30.5f);

  /* The files are a model of their own, which can be built on. */
  firn_model *model = NULL;
  firn_session *session = NULL;
  firn_builder *more = NULL;
  folder_path(meta, r.folder, "m.meta");
  CHECK_OK(firn_model_open(meta, NULL, NULL, &model, &r.err), &r.err);
  CHECK_OK(firn_model_session(model, NULL, &session, &r.err), &r.err);
  CHECK(y_of(session) == 30.5f);
  firn_session_free(session);
  CHECK_OK(firn_model_builder(model, NULL, &more, &r.err), &r.err);
  firn_output found[3];
  CHECK_EQ(firn_builder_collected(more, "variables", found, 3), 3);
  CHECK_STR(firn_output_name(more, found[0]), "w:0");
  CHECK_EQ(firn_builder_collected(more, "trainable_variables", found, 3), 1);
  CHECK_EQ(firn_builder_collected(more, "train_op", found, 3), 1);
  CHECK_STR(firn_output_name(more, found[0]), "add:0");
  CHECK_EQ(firn_builder_collected(more, "global_step", found, 3), 1);
  CHECK(firn_builder_variable(more, found[0])->resource);
  firn_builder_free(more);
  firn_model_close(model);
  close_rig(&r);
}

TEST_FN(the_savers_nodes_save_and_restore) {
  rig r;
  char path[FOLDER_ROOM];
  open_rig(&r, true);
  folder_path(path, r.folder, "nodes");
  run(&r, "init");
  firn_tensor *prefix = NULL;
  CHECK_OK(firn_tensor_new(FIRN_STRING, 0, NULL, NULL, &prefix, &r.err),
           &r.err);
  CHECK_OK(firn_tensor_set_string(prefix, 0, firn_str_of(path), &r.err),
           &r.err);
  const firn_feed feed = {"save/Const:0", prefix};
  const char *save = "save/control_dependency", *restore = "save/restore_all";
  CHECK_OK(firn_session_run(r.session, NULL, &feed, 1, NULL, 0, &save, 1, NULL,
                            &r.err),
           &r.err);
  run(&r, "add");
  CHECK(y_of(r.session) == 30.5f);
  CHECK_OK(firn_session_run(r.session, NULL, &feed, 1, NULL, 0, &restore, 1,
                            NULL, &r.err),
           &r.err);
  CHECK(y_of(r.session) == 20.5f);
  firn_tensor_release(prefix);
  close_rig(&r);
}

TEST_FN(a_live_session_is_frozen) {
  rig r;
  char path[FOLDER_ROOM];
  open_rig(&r, false);
  folder_path(path, r.folder, "frozen.pb");
  const char *outputs[] = {"y"};
  firn_freeze_options options = {.size = sizeof options,
                                 .outputs = outputs,
                                 .output_count = 1,
                                 .session = r.session};
  CHECK_EQ(firn_model_freeze(r.model, &options, path, NULL, &r.err),
           FIRN_FAILED_PRECONDITION);
  CHECK_STR(r.err.message, "the session does not have every value");
  CHECK_EQ(firn_error_count(&r.err), 2);
  CHECK_HAS(firn_error_line(&r.err, 0), "'w'");
  CHECK_HAS(firn_error_line(&r.err, 1), "'c'");

  run(&r, "init");
  run(&r, "add");
  firn_freeze_report report;
  CHECK_OK(firn_model_freeze(r.model, &options, path, &report, &r.err), &r.err);
  CHECK_EQ(report.variables, 2);
  run(&r, "add");
  firn_model *frozen = NULL;
  firn_session *session = NULL;
  CHECK_OK(firn_model_open(path, NULL, NULL, &frozen, &r.err), &r.err);
  CHECK_OK(firn_model_session(frozen, NULL, &session, &r.err), &r.err);
  CHECK(y_of(session) == 30.5f);
  firn_session_free(session);
  firn_model_close(frozen);
  close_rig(&r);
}

TEST_FN(what_is_added_later_is_there) {
  rig r;
  char path[FOLDER_ROOM];
  open_rig(&r, false);
  run(&r, "init");
  CHECK(y_of(r.session) == 20.5f);
  firn_shape shape;
  firn_guess guess[4];
  firn_nn_square(r.b, "z", firn_output_named(r.b, "y"));
  CHECK_OK(firn_builder_check(r.b, &r.err), &r.err);
  firn_model_shapes(
      r.model, firn_graph_find_node(firn_model_graph(r.model), "z"), &shape);
  CHECK_EQ(shape.rank, 1);
  CHECK_EQ(firn_model_guess_outputs(r.model, guess, 4), 1);
  CHECK_EQ(guess[0].node.data[0], 'z');

  folder_path(path, r.folder, "later.meta");
  CHECK_OK(firn_model_export_meta(r.model, path, false, &r.err), &r.err);
  firn_model *model = NULL;
  CHECK_OK(firn_model_open(path, NULL, NULL, &model, &r.err), &r.err);
  CHECK(firn_graph_find_node(firn_model_graph(model), "z") != SIZE_MAX);
  CHECK_STR(firn_model_tensorflow(model), "2.21.0");
  firn_model_close(model);
  folder_path(path, r.folder, "later.pbtxt");
  CHECK_OK(firn_model_export_meta(r.model, path, true, &r.err), &r.err);
  CHECK_OK(firn_model_open(path, NULL, NULL, &model, &r.err), &r.err);
  CHECK_EQ(firn_model_what(model), FIRN_MODEL_META_GRAPH);
  firn_model_close(model);
  close_rig(&r);
}

TEST_FN(a_failed_builder_gives_no_model) {
  firn_builder *b = NULL;
  firn_model *model = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_builder_new(NULL, &b, &err), &err);
  firn_output_named(b, "nothing");
  CHECK_EQ(firn_model_new(b, NULL, &model, &err), FIRN_NOT_FOUND);
  CHECK(!model);
  firn_builder_free(b);
  firn_error_clear(&err);
}

/* Down the slope of (w - 3)^2 from 0: by 0.25 times 6; and no step where the
 * loss does not depend on a variable. */
TEST_FN(minimize_takes_a_step) {
  firn_builder *b = NULL;
  firn_model *model = NULL;
  firn_session *session = NULL;
  firn_tensor *w = NULL;
  firn_error err = FIRN_ERROR_INIT;
  int64_t step = 0;
  const firn_optimizer o = firn_gradient_descent(0.25f);
  CHECK_OK(firn_builder_new(NULL, &b, &err), &err);
  const firn_output v =
      firn_nn_variable(b, "w", FIRN_FLOAT, FIRN_SCALAR, firn_init_zeros());
  const firn_output three = firn_const_float(b, "three", 3);
  const firn_output loss = firn_nn_squared_loss(b, NULL, v, three);
  const firn_output train =
      firn_nn_minimize(b, &o, loss, firn_nn_global_step(b));
  CHECK_STR(firn_output_name(b, train), "GradientDescent:0");
  const char *init = firn_output_name(b, firn_nn_init(b, NULL));
  const char *target = firn_output_name(b, train);
  CHECK_OK(firn_model_new(b, NULL, &model, &err), &err);
  CHECK_OK(firn_model_session(model, NULL, &session, &err), &err);
  CHECK_EQ(
      firn_session_run(session, NULL, NULL, 0, NULL, 0, &target, 1, NULL, &err),
      FIRN_FAILED_PRECONDITION);
  CHECK_HAS(err.message, "has no value yet: run its initialiser");
  CHECK_OK(
      firn_session_run(session, NULL, NULL, 0, NULL, 0, &init, 1, NULL, &err),
      &err);
  CHECK_OK(
      firn_session_run(session, NULL, NULL, 0, NULL, 0, &target, 1, NULL, &err),
      &err);
  CHECK_OK(firn_model_variable(model, session, "w", &w, &err), &err);
  CHECK(*(float *)firn_tensor_data(w) == 1.5f);
  CHECK_OK(firn_model_global_step(model, session, &step, &err), &err);
  CHECK_EQ(step, 1);
  firn_tensor_release(w);
  firn_session_free(session);
  firn_model_close(model);

  firn_nn_minimize(b, &o, three, FIRN_NO_OUTPUT);
  CHECK_EQ(firn_builder_check(b, &err), FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message,
            "GradientDescent: no trainable variable has a gradient");
  firn_error_clear(&err);
  firn_builder_free(b);
}

SUITE(model_build, TEST(it_runs_and_is_saved_and_restored),
      TEST(the_savers_nodes_save_and_restore), TEST(a_live_session_is_frozen),
      TEST(what_is_added_later_is_there), TEST(a_failed_builder_gives_no_model),
      TEST(minimize_takes_a_step));
