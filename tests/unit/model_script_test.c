/* Scripts of runs: what they say, and what is no script. */
#include "base/alloc.h"
#include "firn/model.h"
#include "support/folder.h"

static firn_code read_text(const char *text, firn_script **out,
                           firn_error *err) {
  char folder[FOLDER_ROOM], path[FOLDER_ROOM];
  folder_new(folder);
  folder_path(path, folder, "runs.json");
  folder_write(path, text, strlen(text));
  const firn_code code = firn_script_read(path, NULL, out, err);
  folder_remove(folder);
  return code;
}

TEST_FN(reads_all_parts) {
  firn_error err = FIRN_ERROR_INIT;
  firn_script *script = NULL;
  CHECK_OK(read_text("[{\"signature\": \"s\", \"feeds\": {\"a\": \"a.npy\", "
                     "\"b\": \"b.json\"}, \"fetches\": {\"y\": null}, "
                     "\"targets\": [\"init\"]}, {}, {\"signature\": null}]",
                     &script, &err),
           &err);
  CHECK_EQ(firn_script_count(script), 3);
  const firn_script_run *run = firn_script_at(script, 0);
  CHECK_STR(run->signature, "s");
  CHECK_EQ(run->feed_count, 2);
  CHECK_STR(run->feeds[1].name, "b");
  CHECK_STR(run->feeds[1].file, "b.json");
  CHECK_EQ(run->fetch_count, 1);
  CHECK_STR(run->fetches[0].name, "y");
  CHECK(!run->fetches[0].file);
  CHECK_EQ(run->target_count, 1);
  CHECK_STR(run->targets[0], "init");
  run = firn_script_at(script, 1);
  CHECK(!run->signature && !run->feed_count && !run->fetch_count);
  firn_script_free(script);
}

TEST_FN(refuses_what_is_none) {
  static const struct {
    const char *name, *text, *says;
  } rows[] =
      {
          {"no list", "{}", ": this is no list of runs"},
          {"no object", "[1]", ": run 0: this is no object"},
          {"typo", "[{}, {\"feed\": {}}]",
           ": run 1: 'feed' is none of signature, feeds, fetches, targets"},
          {"signature", "[{\"signature\": 1}]",
           ": run 0: 'signature' is no name"},
          {"feeds", "[{\"feeds\": []}]", ": run 0: 'feeds' is no object"},
          {"file", "[{\"fetches\": {\"y\": 3}}]",
           ": run 0: 'fetches': what 'y' is given is no file name"},
          {"targets", "[{\"targets\": {}}]", ": run 0: 'targets' is no list"},
          {"target", "[{\"targets\": [\"a\", 2]}]",
           ": run 0: 'targets': element 1 is no name"},
      },
    *row;
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    firn_script *script = NULL;
    CHECK_EQ(read_text(row->text, &script, &err), FIRN_INVALID_ARGUMENT);
    CHECK_HAS(err.message, row->says);
    CHECK(!script);
  }
}

SUITE(model_script, TEST(reads_all_parts), TEST(refuses_what_is_none));
