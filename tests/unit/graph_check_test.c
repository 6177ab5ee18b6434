/* What is refused before kernels see it. */
#include "support/graph_text.h"

#define HEAD                                                              \
  "node { name: 'f' op: 'Placeholder' attr { key: 'dtype' value { type: " \
  "DT_FLOAT } } }"                                                        \
  "node { name: 'i' op: 'Placeholder' attr { key: 'dtype' value { type: " \
  "DT_INT32 } } }"                                                        \
  "node { name: 'v' op: 'VariableV2' attr { key: 'dtype' value { type: "  \
  "DT_FLOAT } } }"                                                        \
  "node { name: 'u' op: 'Unheard' input: 'f' input: 'gone' }"
#define T(attr, type) "attr { key: '" attr "' value { type: DT_" type " } }"

static firn_code check(const char *text, firn_error *err) {
  bool marks[64];
  firn_graph *g = graph_of(text);
  memset(marks, 1, sizeof marks);
  marks[3] =
      false; /* 'u' takes what is not there: only what is marked counts */
  const firn_code code = firn_graph_check(g, marks, err);
  firn_graph_free(g);
  return code;
}

TEST_FN(what_fits_passes) {
  static const struct {
    const char *name, *node;
  } rows[] =
      {
          {"values", "op: 'AddV2' input: 'f' input: 'f' " T("T", "FLOAT")},
          {"a reference serves as value",
           "op: 'AddV2' input: 'f' input: 'v' " T("T", "FLOAT")},
          {"a reference",
           "op: 'Assign' input: 'v' input: 'f' " T("T", "FLOAT")},
          {"outputs of unknown ops",
           "op: 'AddV2' input: 'u:3' input: 'u:9' " T("T", "FLOAT")},
          {"inputs of unknown ops", "op: 'Huh' input: 'f' input: 'i'"},
          {"types unknown", "op: 'AddV2' input: 'f' input: 'i'"},
          {"number unknown", "op: 'AddN' input: 'f' input: 'f' input: 'f'"},
          {"control", "op: 'NoOp' input: '^f' input: '^i'"},
      },
    *row;

  EACH (row, rows) {
    char text[1024];
    firn_error err = FIRN_ERROR_INIT;
    snprintf(text, sizeof text, HEAD "node { name: 'n' %s }", row->node);
    CHECK_OK(check(text, &err), &err);
  }
}

TEST_FN(what_does_not_fit_is_named) {
  static const struct {
    const char *name, *node, *says;
  } rows[] =
      {
          {"not there",
           "op: 'AddV2' input: 'f' input: 'gone:1' " T("T", "FLOAT"),
           "node 'n' (AddV2): input 1 'gone:1' is not in the graph"},
          {"not there, op unknown", "op: 'Huh' input: 'gone'",
           "node 'n' (Huh): input 0 'gone' is not in the graph"},
          {"not a name", "op: 'Neg' input: 'f:x' " T("T", "FLOAT"),
           "node 'n' (Neg): input 0 'f:x' is not in the graph"},
          {"control not there", "op: 'NoOp' input: '^f' input: '^gone'",
           "node 'n' (NoOp): control input '^gone' is not in the graph"},
          {"no such output", "op: 'Neg' input: 'f:1' " T("T", "FLOAT"),
           "node 'n' (Neg): input 0 is 'f:1', but that node (Placeholder) has "
           "1 "
           "output"},
          {"absurd output", "op: 'Neg' input: 'f:99999999999' " T("T", "FLOAT"),
           "node 'n' (Neg): input 0 is 'f:99999999999', but that node "
           "(Placeholder) has 1 output"},
          {"too few", "op: 'AddV2' input: 'f' " T("T", "FLOAT"),
           "node 'n' (AddV2): 1 input, the op takes more"},
          {"none", "op: 'AddV2' " T("T", "FLOAT"),
           "node 'n' (AddV2): 0 inputs, the op takes more"},
          {"too many", "op: 'Neg' input: 'f' input: 'f' " T("T", "FLOAT"),
           "node 'n' (Neg): 2 inputs, the op takes 1"},
          {"fewer than N",
           "op: 'AddN' input: 'f' " T("T",
                                      "FLOAT") "attr { key: 'N' value { i: "
                                               "1000000000000 } }",
           "node 'n' (AddN): 1 input, the op takes more"},
          {"another type", "op: 'AddV2' input: 'f' input: 'i' " T("T", "FLOAT"),
           "node 'n' (AddV2): input 1 'i' is int32, not float32"},
          {"a value for a reference",
           "op: 'Assign' input: 'f' input: 'f' " T("T", "FLOAT"),
           "node 'n' (Assign): input 0 'f' is float32, not a reference to "
           "float32"},
      },
    *row;

  EACH (row, rows) {
    char text[1024];
    firn_error err = FIRN_ERROR_INIT;
    snprintf(text, sizeof text, HEAD "node { name: 'n' %s }", row->node);
    CHECK_EQ(check(text, &err), FIRN_INVALID_ARGUMENT);
    CHECK_STR(err.message, row->says);
    CHECK_EQ(firn_error_count(&err), 0);
    CHECK_EQ(check(text, NULL), FIRN_INVALID_ARGUMENT);
  }
}

TEST_FN(all_is_listed) {
  firn_error err = FIRN_ERROR_INIT;
  CHECK_EQ(check(HEAD "node { name: 'a' op: 'Neg' input: 'p' " T(
                     "T", "FLOAT") "} node { name: 'b' op: 'Neg' input: 'q' "
                                   "input: '^r'" T("T", "FLOAT") "}",
                 &err),
           FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message,
            "3 inputs are wrong, the first: node 'a' (Neg): input "
            "0 'p' is not in the graph");
  CHECK_EQ(firn_error_count(&err), 3);
  CHECK_STR(firn_error_line(&err, 0),
            "node 'a' (Neg): input 0 'p' is not in the graph");
  CHECK_STR(firn_error_line(&err, 2),
            "node 'b' (Neg): control input '^r' is not in the graph");
  firn_error_clear(&err);
}

TEST_FN(a_flood_is_dammed) {
  firn_buf text = {0};
  firn_error err = FIRN_ERROR_INIT;
  firn_buf_puts(&text, HEAD "node { name: 'n' op: 'Huh'");
  for (int i = 0; i < 250; i++) firn_buf_puts(&text, " input: 'gone'");
  firn_buf_append(&text, "}", 2);
  CHECK_EQ(check((char *)text.data, &err), FIRN_INVALID_ARGUMENT);
  CHECK_EQ(firn_error_count(&err), 101);
  CHECK_STR(firn_error_line(&err, 100), "and 150 more");
  firn_error_clear(&err);
  firn_buf_fini(&text);
}

SUITE(graph_check, TEST(what_fits_passes), TEST(what_does_not_fit_is_named),
      TEST(all_is_listed), TEST(a_flood_is_dammed));
