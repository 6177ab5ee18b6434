/* What Assert, Print and PrintV2 say, and when. */
#include "support/op_case.h"

#include <unistd.h>

TEST_FN(assertions_show_their_data) {
  static const op_case rows[] =
      {
          {.name = "holds",
           .op = "Assert T=[string]",
           .in = {"bool true", "string 'a'"}},
          {.name = "fails",
           .op = "Assert T=[string,int32,float,int64] summarize=3",
           .in = {"bool false", "string 'want'", "int32[5] 1..",
                  "float[2,2] 1.5 2 3 4", "int64 7"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'x' (Assert): assertion failed: [want] [1 2 3...] "
                   "[[1.5 2][3...]...] [7]"},
          {.name = "all of it",
           .op = "Assert T=[uint8,bool,float] summarize=-1",
           .in = {"bool false", "uint8[4] 250..", "bool[2] true false",
                  "float[0]"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "assertion failed: [250 251 252 253] [1 0] []"},
          {.name = "condition of one axis",
           .op = "Assert T=[string]",
           .in = {"bool[1] true", "string 'a'"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "the condition must have 0 axes, has shape [1]"},
      },
                       *row;
  EACH (row, rows) op_check(row);
}

/* Runs the node `times` times and gives what it wrote to standard error. */
static const char *said(const char *op, const char *const *in, int times) {
  static char text[512];
  op_rig rig;
  FILE *file = tmpfile();
  op_open(&rig, op, in);
  fflush(stderr);
  const int keep = dup(2);
  dup2(fileno(file), 2);
  for (int i = 0; i < times; i++) op_run(&rig, 0);
  fflush(stderr);
  dup2(keep, 2);
  close(keep);
  CHECK_OK(rig.code, &rig.err);
  if (rig.out_count) op_expect(&rig, 0, in[0], 0);
  op_close(&rig);
  rewind(file);
  text[fread(text, 1, sizeof text - 1, file)] = 0;
  fclose(file);
  return text;
}

TEST_FN(prints_go_to_standard_error) {
  const char *in[] = {"float 1", "int32[4] 1..", "string 's'", NULL};
  CHECK_STR(said("Print T=float U=[int32,string] message='hey '", in, 1),
            "hey [1 2 3...][s]\n");
  CHECK_STR(said("Print T=float U=[int32,string] first_n=2 summarize=1", in, 4),
            "[1...][s]\n[1...][s]\n");
  const char *text[] = {"string 'abc'", NULL};
  CHECK_STR(said("PrintV2 end='!'", text, 2), "abc!abc!");
  CHECK_STR(said("PrintV2 output_stream='log(info)'", text, 1), "abc\n");
}

TEST_FN(prints_want_a_stream) {
  static const op_case rows[] =
      {
          {.name = "no stream",
           .op = "PrintV2 output_stream='elsewhere'",
           .in = {"string 'a'"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "attr 'output_stream' is 'elsewhere', no stream"},
          {.name = "no folder",
           .op = "PrintV2 output_stream='file://no/such/file'",
           .in = {"string 'a'"},
           .code = FIRN_NOT_FOUND,
           .says = "cannot append to 'no/such/file'"},
      },
                       *row;
  EACH (row, rows) op_check(row);
}

SUITE(ops_report, TEST(assertions_show_their_data),
      TEST(prints_go_to_standard_error), TEST(prints_want_a_stream));
