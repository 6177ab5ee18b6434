/* What a saver keeps and says, by a clock of the test's own; and variables of a
 * session by name. */
#include "firn/saver.h"
#include "support/folder.h"
#include "support/test.h"

#define LINE "tests/golden/train/line"

typedef struct rig {
  firn_model *model;
  firn_session *session;
  firn_saver *saver;
  double clock;
  char folder[FOLDER_ROOM], prefix[FOLDER_ROOM];
  firn_error err;
} rig;

static double now(void *ud) { return ((rig *)ud)->clock; }

static void open_rig(rig *r, firn_saver_options options) {
  const firn_model_options o = {.size = sizeof o, .checkpoint = LINE ".ckpt-0"};
  memset(r, 0, sizeof *r);
  folder_new(r->folder);
  folder_path(r->prefix, r->folder, "m");
  options.size = sizeof options;
  options.now = now;
  options.ud = r;
  CHECK_OK(firn_model_open(LINE ".meta", &o, NULL, &r->model, &r->err),
           &r->err);
  CHECK_OK(firn_model_session(r->model, NULL, &r->session, &r->err), &r->err);
  CHECK_OK(firn_saver_new(r->model, &options, &r->saver, &r->err), &r->err);
}

static void close_rig(rig *r) {
  firn_saver_free(r->saver);
  firn_session_free(r->session);
  firn_model_close(r->model);
  folder_remove(r->folder);
  firn_error_clear(&r->err);
}

static void save(rig *r, int64_t step) {
  CHECK_OK(
      firn_saver_save(r->saver, r->session, r->prefix, step, NULL, &r->err),
      &r->err);
}

static bool is_there(const rig *r, const char *name) {
  char path[FOLDER_ROOM];
  folder_path(path, r->folder, name);
  return access(path, F_OK) == 0;
}

/* The steps that the saver lists, "2 3". */
static void check_kept(const rig *r, const char *want) {
  char have[200] = "";
  for (size_t i = 0; i < firn_saver_count(r->saver); i++) {
    const char *name = firn_saver_at(r->saver, i);
    snprintf(have + strlen(have), sizeof have - strlen(have), "%s%s",
             i ? " " : "", strrchr(name, '-') + 1);
  }
  CHECK_STR(have, want);
}

TEST_FN(keeps_the_newest) {
  rig r;
  open_rig(&r, (firn_saver_options){.max_to_keep = 2});
  for (int i = 0; i < 4; i++) save(&r, i);
  check_kept(&r, "2 3");
  CHECK(!is_there(&r, "m-1.index") && !is_there(&r, "m-1.meta"));
  CHECK(!is_there(&r, "m-1.data-00000-of-00001"));
  CHECK(is_there(&r, "m-2.index") && is_there(&r, "m-3.meta"));

  /* A name that is saved again becomes the newest. */
  save(&r, 2);
  check_kept(&r, "3 2");
  save(&r, 9);
  check_kept(&r, "2 9");
  CHECK(is_there(&r, "m-2.index") && !is_there(&r, "m-3.index"));
  close_rig(&r);
}

TEST_FN(keeps_one_in_so_many_hours) {
  rig r;
  open_rig(&r, (firn_saver_options){.max_to_keep = 1, .keep_every_n_hours = 1});
  for (int i = 0; i < 5; i++) {
    r.clock = 1200.0 * i; /* three in an hour */
    save(&r, i);
  }
  r.clock = 1200.0 * 5;
  save(&r, 5);
  /* 4 is newer than an hour after the saver was made, 3 is just as old. */
  CHECK(!is_there(&r, "m-3.index"));
  CHECK(is_there(&r, "m-4.index"));
  check_kept(&r, "5");
  close_rig(&r);
}

TEST_FN(keeps_everything_when_told_to) {
  rig r;
  open_rig(&r, (firn_saver_options){.max_to_keep = -1,
                                    .pad_step = true,
                                    .no_meta = true,
                                    .latest_filename = "newest"});
  for (int i = 6; i < 9; i++) save(&r, i);
  check_kept(&r, "00000008"); /* the state file names one */
  CHECK(is_there(&r, "m-00000006.index") && is_there(&r, "newest"));
  CHECK(!is_there(&r, "checkpoint") && !is_there(&r, "m-00000006.meta"));
  close_rig(&r);
}

TEST_FN(goes_on_where_a_run_ended) {
  rig r;
  firn_saver *later = NULL;
  const firn_saver_options options = {.size = sizeof options, .max_to_keep = 2};
  open_rig(&r, (firn_saver_options){.max_to_keep = 3});
  for (int i = 0; i < 3; i++) save(&r, i);
  CHECK_OK(firn_saver_new(r.model, &options, &later, &r.err), &r.err);
  CHECK_OK(firn_saver_recover(later, "/no/such/folder", &r.err), &r.err);
  CHECK_EQ(firn_saver_count(later), 0);
  CHECK_OK(firn_saver_recover(later, r.folder, &r.err), &r.err);
  CHECK_EQ(firn_saver_count(later), 2);
  firn_saver_free(later);
  close_rig(&r);
}

TEST_FN(refuses_clashing_names) {
  rig r;
  firn_saver *s = NULL;
  const firn_saver_options options = {.size = sizeof options,
                                      .latest_filename = "a/b"};
  open_rig(&r, (firn_saver_options){.version = 0});
  CHECK_EQ(firn_saver_new(r.model, &options, &s, &r.err),
           FIRN_INVALID_ARGUMENT);
  CHECK_EQ(firn_saver_save(r.saver, r.session, "checkpoint", 1, NULL, &r.err),
           FIRN_INVALID_ARGUMENT);
  CHECK_STR(r.err.message, "'checkpoint' has the name of the state file");
  close_rig(&r);
}

/* ---- Variables --------------------------------------------------------------
 */

TEST_FN(reads_and_assigns_variables) {
  rig r;
  firn_tensor *value = NULL, *old = NULL;
  const int64_t dims[] = {2};
  open_rig(&r, (firn_saver_options){.version = 0});
  CHECK_OK(firn_model_variable(r.model, r.session, "b", &old, &r.err), &r.err);
  CHECK(((const float *)firn_tensor_const_data(old))[1] == -1);
  CHECK_EQ(firn_model_variable_type(r.model, "global_step"), FIRN_INT64);

  CHECK_OK(firn_tensor_new(FIRN_FLOAT, 1, dims, NULL, &value, &r.err), &r.err);
  memcpy(firn_tensor_data(value), (const float[]){5, 6}, 8);
  CHECK_OK(firn_model_assign(r.model, r.session, "b:0", value, &r.err), &r.err);
  CHECK_EQ(firn_model_assign(r.model, r.session, "w", value, &r.err),
           FIRN_INVALID_ARGUMENT);
  CHECK_EQ(firn_model_assign(r.model, r.session, "v", value, &r.err),
           FIRN_NOT_FOUND);
  firn_tensor_release(value);
  CHECK_OK(firn_model_variable(r.model, r.session, "b", &value, &r.err),
           &r.err);
  CHECK(((const float *)firn_tensor_const_data(value))[1] == 6);
  CHECK(((const float *)firn_tensor_const_data(old))[1] == -1);
  firn_tensor_release(value);
  firn_tensor_release(old);
  CHECK_EQ(firn_model_variable(r.model, r.session, "never_run", &value, &r.err),
           FIRN_NOT_FOUND);
  close_rig(&r);
}

TEST_FN(restores_another_checkpoint) {
  rig r;
  int64_t step = 0;
  open_rig(&r, (firn_saver_options){.version = 0});
  CHECK_OK(firn_model_global_step(r.model, r.session, &step, &r.err), &r.err);
  CHECK_EQ(step, 0);
  /* All or nothing. */
  CHECK_EQ(
      firn_model_restore(r.model, r.session, "tests/golden/tiny/tiny", &r.err),
      FIRN_NOT_FOUND);
  CHECK_STR(r.err.message,
            "checkpoint 'tests/golden/tiny/tiny' is not of this graph");
  CHECK_EQ(firn_error_count(&r.err), 9);
  CHECK_STR(firn_error_line(&r.err, 0),
            "missing: 'global_step' of variable 'global_step'");
  CHECK_STR(firn_error_line(&r.err, 8), "extra: 'step'");
  CHECK_OK(firn_model_restore(r.model, r.session, "tests/golden/train/after-4",
                              &r.err),
           &r.err);
  CHECK_OK(firn_model_global_step(r.model, r.session, &step, &r.err), &r.err);
  CHECK_EQ(step, 4);
  close_rig(&r);
}

SUITE(model_saver, TEST(keeps_the_newest), TEST(keeps_one_in_so_many_hours),
      TEST(keeps_everything_when_told_to), TEST(goes_on_where_a_run_ended),
      TEST(refuses_clashing_names), TEST(reads_and_assigns_variables),
      TEST(restores_another_checkpoint));
