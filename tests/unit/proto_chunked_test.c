/* Messages in chunks: TensorFlow's splitter's way of cutting, put together
 * again; and merging, which does it. */
#include "base/file.h"
#include "proto/chunked.h"
#include "proto/merge.h"
#include "proto/messages.h"
#include "support/test.h"

#define FOLDER "tests/golden/saved_model/"

static void *text(const firn_pb_type *type, const char *words,
                  firn_arena *arena) {
  const firn_limits limits = {.nesting = 20};
  firn_error err = FIRN_ERROR_INIT;
  void *out = NULL;
  const firn_bytes bytes = {(const uint8_t *)words, strlen(words)};
  CHECK_OK(firn_pb_parse_text(type, bytes, &limits, arena, &out, &err), &err);
  return out;
}

TEST_FN(merges_as_protobuf_does) {
  static const struct {
    const char *name, *into, *from, *want;
  } rows[] =
      {
          {"numbers and text", "name: 'a' op: 'b'", "op: 'c'",
           "name: 'a' op: 'c'"},
          {"repeated", "input: 'x'", "input: 'y' input: 'x'",
           "input: 'x' input: 'y' input: 'x'"},
          {"a map: the later stays",
           "attr { key: 'N' value { i: 1 } } attr { key: 'T' value { type: 1 } "
           "}",
           "attr { key: 'A' value { b: true } } attr { key: 'N' value { i: 2 } "
           "}",
           "attr { key: 'A' value { b: true } } attr { key: 'N' value { i: 2 } "
           "} "
           "attr { key: 'T' value { type: 1 } }"},
          {"messages", "experimental_debug_info { original_node_names: 'p' }",
           "experimental_debug_info { original_node_names: 'q' }",
           "experimental_debug_info { original_node_names: 'p' "
           "original_node_names: 'q' }"},
          {"into nothing", "", "name: 'n' input: 'i'", "name: 'n' input: 'i'"},
          {"nothing", "name: 'n' input: 'i'", "", "name: 'n' input: 'i'"},
      },
    *row;
  EACH (row, rows) {
    firn_arena arena;
    firn_arena_init(&arena, NULL);
    const firn_pb_type *type = &firn_pb_type_NodeDef;
    void *into = text(type, row->into, &arena);
    CHECK(firn_pb_merge(type, into, text(type, row->from, &arena), &arena));
    CHECK(firn_pb_equal(type, into, text(type, row->want, &arena)));
    firn_arena_fini(&arena);
  }
}

#ifdef FIRN_HAVE_BROTLI
/* The node whose constant's bytes lay in a chunk of their own. */
static firn_pb_TensorProto *alone(firn_pb_SavedModel *saved) {
  firn_pb_GraphDef *graph = saved->meta_graphs[0]->graph_def;
  for (size_t i = 0; i < graph->node_count; i++)
    for (size_t k = 0; k < graph->node[i]->attr_count; k++)
      if (firn_str_is(graph->node[i]->op, "Const") &&
          firn_str_is(graph->node[i]->attr[k]->key, "value"))
        return graph->node[i]->attr[k]->value->tensor;
  return NULL;
}

TEST_FN(joins_what_the_splitter_cut) {
  firn_error err = FIRN_ERROR_INIT;
  const firn_env env = firn_env_from(NULL);
  firn_file *whole = NULL, *pieces = NULL;
  firn_arena arena;
  void *a = NULL, *b = NULL;
  firn_arena_init(&arena, NULL);
  CHECK_OK(
      firn_file_open(FOLDER "functions/saved_model.pb", NULL, &whole, &err),
      &err);
  CHECK_OK(
      firn_file_open(FOLDER "chunked/saved_model.cpb", NULL, &pieces, &err),
      &err);
  CHECK_OK(firn_pb_parse(&firn_pb_type_SavedModel, whole->bytes, &env.limits,
                         &arena, &a, &err),
           &err);
  CHECK_OK(firn_chunked_parse(pieces->bytes, &firn_pb_type_SavedModel, &env,
                              &arena, &b, &err),
           &err);
  firn_pb_TensorProto *have = alone(b), *want = alone(a);
  CHECK(have && want);
  CHECK_EQ(have->tensor_content.size, 8);
  CHECK_EQ(want->int64_val[0], -1);
  have->tensor_content = (firn_str){0}; /* the script had to take bytes */
  have->int64_val = want->int64_val;
  have->int64_val_count = want->int64_val_count;
  CHECK(firn_pb_equal(&firn_pb_type_SavedModel, a, b));
  firn_arena_fini(&arena);
  firn_file_close(whole);
  firn_file_close(pieces);
}
#endif

/* ---- Metadata that lies. The file is one chunk without compression.
 * ------------ */

static size_t put_record(uint8_t *to, firn_arena *arena,
                         const firn_pb_type *type, const char *words) {
  firn_buf buf;
  firn_error err = FIRN_ERROR_INIT;
  firn_buf_init(&buf, NULL);
  CHECK_OK(
      firn_pb_write(type, text(type, words, arena), firn_sink_buf(&buf), &err),
      &err);
  CHECK(buf.size < 120);
  memcpy(to, buf.data, buf.size);
  const size_t size = buf.size;
  firn_buf_fini(&buf);
  return size;
}

static firn_code join(firn_arena *arena, const char *meta, void **out,
                      firn_error *err) {
  static uint8_t file[600];
  static const uint8_t first[64] = {
      0x83, 0xaf, 0x70, 0xd1, 0x0d, 0x88, 0x4a, 0x3f, 0,    0,   0, 0,    0,
      0,    0,    0,    0x40, 0,    0,    0,    0,    0,    0,   0, 0x91, 0xba,
      0xc2, 0x3c, 0x92, 0x87, 0xe1, 0xa9, 0,    0,    0,    0,   0, 0,    0,
      0,    0xe1, 0x9f, 0x13, 0xc0, 0xe9, 0xb1, 0xc3, 0x72, 0x73};
  memset(file, 0, sizeof file);
  memcpy(file, first, sizeof first);
  uint8_t *chunk = file + 64, *body = chunk + 40, *at = body + 5;
  const size_t graph = put_record(at, arena, &firn_pb_type_GraphDef,
                                  "node { name: 'a' } node { name: 'b' }");
  const size_t bytes = 3;
  memcpy(at + graph, "xyz", 3);
  const size_t last =
      put_record(at + graph + bytes, arena, &firn_pb_type_ChunkMetadata, meta);
  body[1] = 3;
  body[2] = (uint8_t)graph;
  body[3] = (uint8_t)bytes;
  body[4] = (uint8_t)last;
  const size_t size = 5 + graph + bytes + last;
  firn_store64(chunk + 8, size);
  firn_store64(chunk + 24, 3 << 8 | 'r');
  firn_options options = FIRN_OPTIONS_INIT;
  options.skip_checksums = true;
  const firn_env env = firn_env_from(&options);
  return firn_chunked_parse((firn_bytes){file, 104 + size},
                            &firn_pb_type_GraphDef, &env, arena, out, err);
}

#define CHUNKS "chunks { size: 10 offset: 64 } chunks { size: 3 offset: 65 } "

TEST_FN(finds_the_way) {
  static const struct {
    const char *name, *meta, *want;
  } rows[] =
      {
          {"one chunk", "message { chunk_index: 0 }",
           "node { name: 'a' } node { name: 'b' }"},
          {"text of an element",
           "message { chunk_index: 0 chunked_fields { field_tag { field: 1 } "
           "field_tag { index: 1 } field_tag { field: 2 } "
           "message { chunk_index: 1 } } }",
           "node { name: 'a' } node { name: 'b' op: 'xyz' }"},
          {"an element that is new",
           "message { chunk_index: 0 chunked_fields { field_tag { field: 1 } "
           "field_tag { index: 2 } field_tag { field: 1 } "
           "message { chunk_index: 1 } } }",
           "node { name: 'a' } node { name: 'b' } node { name: 'xyz' }"},
          {"a map",
           "message { chunked_fields { field_tag { field: 1 } "
           "field_tag { index: 0 } field_tag { field: 5 } "
           "field_tag { map_key { s: 'k' } } field_tag { field: 2 } "
           "message { chunk_index: 1 } } }",
           "node { attr { key: 'k' value { s: 'xyz' } } }"},
          {"a part of the whole",
           "message { chunked_fields { message { "
           "chunk_index: 0 } } chunked_fields { message { chunk_index: 0 } } }",
           "node { name: 'a' } node { name: 'b' } node { name: 'a' } "
           "node { name: 'b' }"},
      },
    *row;
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    firn_arena arena;
    void *out = NULL;
    char meta[400];
    firn_arena_init(&arena, NULL);
    snprintf(meta, sizeof meta, CHUNKS "%s", row->meta);
    CHECK_OK(join(&arena, meta, &out, &err), &err);
    CHECK(firn_pb_equal(&firn_pb_type_GraphDef, out,
                        text(&firn_pb_type_GraphDef, row->want, &arena)));
    firn_arena_fini(&arena);
  }
}

TEST_FN(refuses_what_leads_nowhere) {
  static const struct {
    const char *name, *meta;
    firn_code code;
    const char *says;
  } rows[] =
      {
          {"no such chunk", "message { chunk_index: 2 }", FIRN_DATA_LOSS,
           "chunk 2 is asked for, there are 2"},
          {"elsewhere",
           "chunks { size: 1 offset: 70 } message { chunk_index: 2 }",
           FIRN_DATA_LOSS,
           "chunk 2 is to be at offset 70, where no record begins"},
          {"longer", "chunks { size: 4 offset: 65 } message { chunk_index: 2 }",
           FIRN_DATA_LOSS, "chunk 2 is to have 4 bytes, its record has 3"},
          {"no such field",
           "message { chunked_fields { field_tag { field: 99 } message {} } }",
           FIRN_DATA_LOSS,
           "a chunk belongs to a field that is none of tensorflow.GraphDef"},
          {"no index",
           "message { chunked_fields { field_tag { field: 1 } message {} } }",
           FIRN_DATA_LOSS,
           "a chunk belongs to a list without an index of tensorflow.GraphDef"},
          {"far index",
           "message { chunked_fields { field_tag { field: 1 } "
           "field_tag { index: 5000000000 } message {} } }",
           FIRN_DATA_LOSS,
           "a chunk belongs to a list that is not so long of "
           "tensorflow.GraphDef"},
          {"a number",
           "message { chunked_fields { field_tag { field: 3 } "
           "message { chunk_index: 1 } } }",
           FIRN_UNIMPLEMENTED,
           "'version' of tensorflow.GraphDef lies in a chunk of its own, which "
           "firn reads only for messages and bytes"},
          {"no message", "message { chunk_index: 1 }", FIRN_DATA_LOSS, ""},
      },
    *row;
  EACH (row, rows) {
    firn_error err = FIRN_ERROR_INIT;
    firn_arena arena;
    void *out = NULL;
    char meta[400];
    firn_arena_init(&arena, NULL);
    snprintf(meta, sizeof meta, CHUNKS "%s", row->meta);
    CHECK_EQ(join(&arena, meta, &out, &err), row->code);
    if (*row->says) CHECK_STR(err.message, row->says);
    firn_arena_fini(&arena);
  }
}

SUITE(proto_chunked, TEST(merges_as_protobuf_does),
#ifdef FIRN_HAVE_BROTLI
      TEST(joins_what_the_splitter_cut),
#endif
      TEST(finds_the_way), TEST(refuses_what_leads_nowhere));
