/* WriteFile is judged by what is in the file afterwards, as ReadFile tells. */
#include "support/folder.h"
#include "support/op_case.h"

static char folder[FOLDER_ROOM];

static void check(const char *name, const char *op, const char *path,
                  const char *contents, const char *out, firn_code code) {
  char in[FOLDER_ROOM * 2];
  snprintf(in, sizeof in, "string '%s/%s'", folder, path);
  const op_case row = {
      .name = name, .op = op, .in = {in, contents}, .out = {out}, .code = code};
  test_row_name = name;
  op_check(&row);
}

static void written(const char *path, const char *contents) {
  check("write", "WriteFile", path, contents, NULL, FIRN_OK);
  check("read", "ReadFile", path, NULL, contents, FIRN_OK);
}

TEST_FN(files_hold_what_was_written) {
  folder_new(folder);
  written("words", "string 'two words'");
  written("words", "string 'less'"); /* whole again */
  written("none", "string ''");
  written("bytes", "string 'a\\x00\\xff\\nb'");
  written("new/folder/words", "string 'below'");
  folder_remove(folder);
}

TEST_FN(what_cannot_be_written_is_refused) {
  folder_new(folder);
  written("new/words", "string 'a'");
  check("two contents", "WriteFile", "many", "string[2] 'a' 'b'", NULL,
        FIRN_INVALID_ARGUMENT);
  check("it is not there", "ReadFile", "many", NULL, NULL, FIRN_NOT_FOUND);
  check("a folder", "WriteFile", "new", "string 'a'", NULL,
        FIRN_INVALID_ARGUMENT);
  folder_remove(folder);
}

SUITE(ops_write_file, TEST(files_hold_what_was_written),
      TEST(what_cannot_be_written_is_refused));
