/* What a file is taken for by its bytes, and what is said of one that is
 * something else than it should be. */
#include "model/sniff.h"

#include "firn/firn.h"
#include "support/folder.h"

#define BYTES(s) \
  { (const uint8_t *)(s), sizeof(s) - 1 }

static const char *form_text(firn_bytes bytes) {
  static char text[100];
  bool is_text;
  const char *name = firn_form_name(firn_sniff(bytes, &is_text));
  snprintf(text, sizeof text, "%s%s", is_text ? "text: " : "",
           name ? name : "unknown");
  return text;
}

typedef struct row {
  const char *name;
  firn_bytes bytes;
  const char *is;
} row;

static void check(const row *r) { CHECK_STR(form_text(r->bytes), r->is); }

/* node { name: "x" op: "Const" } */
#define NODE          \
  "\x0a\x01x\x12\x05" \
  "Const"
#define GRAPH "\x0a\x0a" NODE

TEST_FN(binary_forms) {
  static const row rows[] =
      {
          {"a node", BYTES(GRAPH), "a GraphDef"},
          {"the op stands before the name",
           BYTES("\x0a\x0a\x12\x05"
                 "Const\x0a\x01x"),
           "a GraphDef"},
          {"ops of other projects",
           BYTES("\x0a\x0b\x12\x09"
                 "Addons>F1"),
           "a GraphDef"},
          {"cut short within the first node",
           BYTES("\x0a\x60\x0a\x01x\x12\x05"
                 "Const"),
           "a GraphDef"},
          {"versions alone", BYTES("\x22\x02\x08\x1b"), "a GraphDef"},
          {"an old version alone", BYTES("\x18\x07"), "a GraphDef"},
          {"a library alone", BYTES("\x12\x00"), "a GraphDef"},
          {"an op name with a zero byte is none",
           BYTES("\x0a\x0a\x0a\x01x\x12\x05"
                 "Co\0st"),
           "unknown"},
          {"nor is one of blanks", BYTES("\x0a\x07\x0a\x01x\x12\x02 a"),
           "unknown"},
          {"a meta graph",
           BYTES("\x0a\x06\x12\x04\x0a\x02\x0a\x00\x12\x0c" GRAPH),
           "a MetaGraphDef"},
          {"a meta graph that says little", BYTES("\x0a\x00\x12\x0c" GRAPH),
           "a MetaGraphDef"},
          {"a SavedModel", BYTES("\x08\x01\x12\x02\x0a\x00"), "a SavedModel"},
          {"a SavedModel without graphs", BYTES("\x08\x01"), "a SavedModel"},
          {"an ONNX model",
           BYTES("\x08\x08\x12\x07pytorch\x1a\x03"
                 "2.1"),
           "unknown"},
          {"a field's number that is none", BYTES("\x02\x01"), "unknown"},
          {"a length beyond the end", BYTES("\x0a\xff"), "unknown"},
          {"nothing", BYTES(""), "unknown"},
          {"one byte", BYTES("\x0a"), "unknown"},
      },
                   *r;
  EACH (r, rows) check(r);
}

TEST_FN(text_forms) {
  static const row rows[] =
      {
          {"a node", BYTES("node {\n"), "text: a GraphDef"},
          {"no blank", BYTES("node{"), "text: a GraphDef"},
          {"a tab", BYTES("node\t{"), "text: a GraphDef"},
          {"lines that end as in Windows", BYTES("node\r\n{\r\n"),
           "text: a GraphDef"},
          {"a colon", BYTES("node: {"), "text: a GraphDef"},
          {"angle brackets", BYTES("versions < producer: 1 >"),
           "text: a GraphDef"},
          {"behind comments", BYTES("# one\n  # two\r\n\tlibrary {"),
           "text: a GraphDef"},
          {"a comment behind the word", BYTES("node # the first\n {"),
           "text: a GraphDef"},
          {"a meta graph", BYTES("meta_info_def {"), "text: a MetaGraphDef"},
          {"its graph first", BYTES("graph_def {"), "text: a MetaGraphDef"},
          {"a SavedModel", BYTES("saved_model_schema_version: 1"),
           "text: a SavedModel"},
          {"its graphs first", BYTES("meta_graphs {"), "text: a SavedModel"},
          {"a longer word", BYTES("nodes {"), "unknown"},
          {"a word alone", BYTES("node"), "unknown"},
          {"a word and blanks", BYTES("node \t\r\n"), "unknown"},
          {"a word and a comment", BYTES("node # {"), "unknown"},
          {"a sentence", BYTES("node is a word"), "unknown"},
          {"a comment without an end", BYTES("# node {"), "unknown"},
      },
                   *r;
  EACH (r, rows) check(r);
}

TEST_FN(table_files_are_known_by_their_end) {
  static const char magic[] = "\x57\xfb\x80\x8b\x24\x75\x47\xdb";
  char bytes[60] = "node {"; /* whatever else they look like */
  memcpy(bytes + sizeof bytes - 8, magic, 8);
  const firn_bytes all = {(const uint8_t *)bytes, sizeof bytes};
  CHECK_STR(form_text(all), "a table file (a checkpoint's index?)");
  const firn_bytes most = {(const uint8_t *)bytes, sizeof bytes - 1};
  CHECK_STR(form_text(most), "text: a GraphDef");
  const firn_bytes short_one = {(const uint8_t *)bytes + 13, 47};
  CHECK_STR(form_text(short_one), "unknown");
}

/* ---- Files of other kinds ----------------------------------------------- */

#define NO_MODEL ", no GraphDef, MetaGraphDef, SavedModel or checkpoint"

static const row others[] = {
    {"HDF5", BYTES("\x89HDF\r\n\x1a\n\0\0"), "this is an HDF5 file" NO_MODEL},
    {"zip", BYTES("PK\x03\x04\x14"), "this is a zip archive" NO_MODEL},
    {"gzip", BYTES("\x1f\x8b\x08"), "this is compressed with gzip" NO_MODEL},
    {"npy", BYTES("\x93NUMPY\x01"), "this is a .npy file" NO_MODEL},
    {"png", BYTES("\x89PNG\r\n\x1a\n"), "this is a PNG image" NO_MODEL},
    {"jpeg", BYTES("\xff\xd8\xff\xe0"), "this is a JPEG image" NO_MODEL},
    {"lite", BYTES("\x1c\0\0\0TFL3"),
     "this is a TensorFlow Lite model" NO_MODEL},
    {"onnx", BYTES("\x08\x08\x12\x07pytorch"),
     "this is an ONNX model" NO_MODEL},
    {"a pointer", BYTES("version https://git-lfs.github.com/spec/v1\n"),
     "this is the pointer to a file that Git LFS keeps" NO_MODEL},
    {"a page", BYTES("<!DOCTYPE html><html>"), "this is an HTML page" NO_MODEL},
    {"state", BYTES("model_checkpoint_path: \"a\"\n"),
     "this is the state file of a folder of checkpoints" NO_MODEL},
    {"no one knows", BYTES("once upon a time"),
     "this is no GraphDef, MetaGraphDef, SavedModel or checkpoint, neither "
     "binary nor text"},
    {"zeros", BYTES("\0\0\0\0\0\0\0\0\0\0"),
     "this is no GraphDef, MetaGraphDef, SavedModel or checkpoint, neither "
     "binary nor text"},
    {"empty", BYTES(""), "the file is empty"},
};

static void expect_refused(const char *path, const firn_model_options *options,
                           const char *subject, const char *says) {
  char want[2 * FOLDER_ROOM];
  firn_model *model = NULL;
  firn_error err = FIRN_ERROR_INIT;
  snprintf(want, sizeof want, "'%s': %s", subject, says);
  const firn_code code = firn_model_open(path, options, NULL, &model, &err);
  CHECK_STR(err.message, want);
  CHECK(code == FIRN_INVALID_ARGUMENT || code == FIRN_DATA_LOSS);
  CHECK(model == NULL);
  firn_error_clear(&err);
}

TEST_FN(files_of_other_kinds_are_named) {
  char folder[FOLDER_ROOM], path[FOLDER_ROOM];
  const row *r;
  folder_new(folder);
  folder_path(path, folder, "model.pb");
  EACH (r, others) {
    folder_write(path, r->bytes.data, r->bytes.size);
    expect_refused(path, NULL, path, r->is);
  }
  folder_remove(folder);
}

TEST_FN(a_form_that_is_another_is_named) {
  static const struct {
    const char *name;
    firn_bytes bytes;
    firn_model_kind as;
    const char *says;
  } rows[] =
      {
          {"a graph as a meta graph", BYTES(GRAPH), FIRN_MODEL_META_GRAPH,
           "this is a GraphDef, not a MetaGraphDef"},
          {"a graph as a SavedModel", BYTES(GRAPH), FIRN_MODEL_SAVED_MODEL,
           "this is a GraphDef, not a SavedModel"},
          {"a meta graph as a graph",
           BYTES("\x0a\x06\x12\x04\x0a\x02\x0a\x00\x12\x0c" GRAPH),
           FIRN_MODEL_GRAPH, "this is a MetaGraphDef, not a GraphDef"},
          {"text as another text", BYTES("node { name: 'x' }"),
           FIRN_MODEL_META_GRAPH, "this is a GraphDef, not a MetaGraphDef"},
          {"an image as a graph", BYTES("\x89PNG\r\n\x1a\n"), FIRN_MODEL_GRAPH,
           "this is a PNG image, not a GraphDef"},
      },
    *r;
  char folder[FOLDER_ROOM], path[FOLDER_ROOM];
  folder_new(folder);
  folder_path(path, folder, "model");
  EACH (r, rows) {
    const firn_model_options o = {.size = sizeof o, .as = r->as};
    folder_write(path, r->bytes.data, r->bytes.size);
    expect_refused(path, &o, path, r->says);
  }
  folder_remove(folder);
}

TEST_FN(a_folder_with_another_file_in_its_place) {
  static const firn_bytes graph = BYTES(GRAPH);
  char folder[FOLDER_ROOM], path[FOLDER_ROOM];
  folder_new(folder);
  folder_path(path, folder, "saved_model.pb");
  folder_write(path, graph.data, graph.size);
  expect_refused(folder, NULL, folder, "this is a GraphDef, not a SavedModel");
  /* by its own name it may be what it is */
  firn_model *model = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_model_open(path, NULL, NULL, &model, &err), &err);
  CHECK_EQ(firn_model_what(model), FIRN_MODEL_GRAPH);
  firn_model_close(model);
  folder_remove(folder);
}

TEST_FN(every_file_of_a_checkpoint_stands_for_it) {
  static const struct {
    const char *name;
    firn_model_kind kind;
  } rows[] = {{"tests/golden/freeze/pair", FIRN_MODEL_META_GRAPH},
              {"tests/golden/freeze/pair.meta", FIRN_MODEL_META_GRAPH},
              {"tests/golden/freeze/pair.index", FIRN_MODEL_META_GRAPH},
              {"tests/golden/freeze/pair.data-00000-of-00001",
               FIRN_MODEL_META_GRAPH},
              {"tests/golden/tiny/tiny", FIRN_MODEL_CHECKPOINT},
              {"tests/golden/tiny/tiny.data-00000-of-00001",
               FIRN_MODEL_CHECKPOINT},
              {"tests/golden/tiny", FIRN_MODEL_CHECKPOINT}},
    *r;
  EACH (r, rows) {
    firn_model *model = NULL;
    firn_error err = FIRN_ERROR_INIT;
    CHECK_OK(firn_model_open(r->name, NULL, NULL, &model, &err), &err);
    CHECK_EQ(firn_model_what(model), r->kind);
    CHECK(firn_model_checkpoint(model) != NULL);
    firn_model_close(model);
  }
}

SUITE(model_sniff, TEST(binary_forms), TEST(text_forms),
      TEST(table_files_are_known_by_their_end),
      TEST(files_of_other_kinds_are_named),
      TEST(a_form_that_is_another_is_named),
      TEST(a_folder_with_another_file_in_its_place),
      TEST(every_file_of_a_checkpoint_stands_for_it));
