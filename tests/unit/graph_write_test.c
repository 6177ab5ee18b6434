/* Writing is the inverse of reading, in both forms, and knows appended nodes.
 */
#include <stdlib.h>

#include "base/file.h"
#include "support/folder.h"
#include "support/graph_text.h"

static firn_file *open_file(const char *path) {
  firn_file *file = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_file_open(path, NULL, &file, &err), &err);
  return file;
}

static void same_bytes(firn_bytes have, firn_bytes want) {
  CHECK_EQ(have.size, want.size);
  CHECK(have.size == 0 || !memcmp(have.data, want.data, have.size));
}

TEST_FN(bytes_are_tensorflows) {
  firn_file *file = open_file("tests/golden/graph/zoo.pb");
  firn_graph *g = NULL;
  firn_error err = FIRN_ERROR_INIT;
  void *data = NULL;
  size_t size = 0;
  CHECK_OK(firn_graph_parse(file->bytes, NULL, &g, &err), &err);
  CHECK_OK(firn_graph_bytes(g, &data, &size, &err), &err);
  same_bytes((firn_bytes){data, size}, file->bytes);
  free(data);
  firn_graph_free(g);
  firn_file_close(file);
}

TEST_FN(files_are_told_by_their_names) {
  char folder[FOLDER_ROOM], binary[FOLDER_ROOM], text[FOLDER_ROOM];
  firn_file *pb = open_file("tests/golden/graph/zoo.pb");
  firn_file *pbtxt = open_file("tests/golden/graph/zoo.pbtxt");
  firn_graph *g = NULL;
  firn_error err = FIRN_ERROR_INIT;
  folder_new(folder);
  folder_path(binary, folder, "g.pb");
  folder_path(text, folder, "g.pbtxt");
  CHECK_OK(firn_graph_parse(pbtxt->bytes, NULL, &g, &err), &err);
  CHECK_OK(firn_graph_write(g, binary, &err), &err);
  CHECK_OK(firn_graph_write(g, text, &err), &err);
  firn_file *out = open_file(binary);
  same_bytes(out->bytes, pb->bytes);
  firn_file_close(out);
  out = open_file(text);
  same_bytes(out->bytes, pbtxt->bytes);
  firn_file_close(out);
  CHECK_EQ(folder_count(folder), 2);
  folder_remove(folder);
  firn_graph_free(g);
  firn_file_close(pb);
  firn_file_close(pbtxt);
}

TEST_FN(appended_nodes_are_written) {
  firn_graph *g =
      graph_of("node { name: 'a' op: 'NoOp' } versions { producer: 9 }");
  firn_graph *again = NULL;
  firn_error err = FIRN_ERROR_INIT;
  firn_pb_NodeDef b = {.name = FIRN_STR("b"), .op = FIRN_STR("NoOp")};
  void *data = NULL;
  size_t size = 0;
  CHECK_OK(firn_graph_append(g, &b, NULL, &err), &err);
  CHECK_OK(firn_graph_bytes(g, &data, &size, &err), &err);
  CHECK_OK(firn_graph_parse((firn_bytes){data, size}, NULL, &again, &err),
           &err);
  CHECK_EQ(again->node_count, 2);
  CHECK_EQ(node_of(again, "b")->index, 1);
  CHECK_EQ(again->def->versions->producer, 9);
  firn_graph_free(again);
  firn_graph_free(g);
  free(data);
}

TEST_FN(a_graph_from_nothing_can_be_written) {
  const firn_env env = firn_env_from(NULL);
  firn_graph *g = NULL;
  firn_error err = FIRN_ERROR_INIT;
  void *data = NULL;
  size_t size = 7;
  CHECK_OK(firn_graph_new(NULL, &env, &g, &err), &err);
  CHECK_OK(firn_graph_bytes(g, &data, &size, &err), &err);
  CHECK_EQ(size, 0);
  free(data);
  firn_graph_free(g);
}

TEST_FN(a_missing_folder_is_an_error) {
  firn_graph *g = graph_of("node { name: 'a' op: 'NoOp' }");
  firn_error err = FIRN_ERROR_INIT;
  CHECK_EQ(firn_graph_write(g, "no/such/folder/g.pb", &err), FIRN_NOT_FOUND);
  CHECK_HAS(err.message, "no/such/folder/g.pb");
  firn_graph_free(g);
}

TEST_FN(text_is_told_from_binary) {
  static const uint8_t binary[] = {'\n', 8, '\n', 1, 'a', 18, 3, 'O', 'd', 'd'};
  CHECK(firn_graph_is_text(bytes_of("\n# a graph\r\nnode {}")));
  CHECK(!firn_graph_is_text((firn_bytes){binary, sizeof binary}));
  CHECK(!firn_graph_is_text((firn_bytes){NULL, 0}));
}

SUITE(graph_write, TEST(bytes_are_tensorflows),
      TEST(files_are_told_by_their_names), TEST(appended_nodes_are_written),
      TEST(a_graph_from_nothing_can_be_written),
      TEST(a_missing_folder_is_an_error), TEST(text_is_told_from_binary));
