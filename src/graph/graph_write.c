/* graph/graph_write.c: a graph, with the nodes that were appended, as a file.
 */
#include "base/file.h"
#include "graph/graph.h"

/* The message to write: as imported, but with all nodes there are now. */
static firn_code collect(const firn_graph *graph, firn_arena *arena,
                         firn_pb_GraphDef *out, firn_error *err) {
  *out = graph->def ? *graph->def : (firn_pb_GraphDef){.version = 0};
  out->node_count = graph->node_count;
  out->node = firn_arena_array(arena, graph->node_count, sizeof(void *));
  if (!out->node) return firn_oom(err, graph->node_count * sizeof(void *));
  for (uint32_t i = 0; i < graph->node_count; i++)
    out->node[i] = (firn_pb_NodeDef *)graph->nodes[i]->def;
  return FIRN_OK;
}

static firn_code put_writer(void *ud, const void *data, size_t size,
                            firn_error *err) {
  return firn_writer_put(ud, data, size, err);
}

firn_code firn_graph_write(const firn_graph *graph, const char *path,
                           firn_error *err) {
  const bool text = firn_str_ends(firn_str_of(path), FIRN_STR(".pbtxt"));
  firn_writer *writer = NULL;
  firn_pb_GraphDef def;
  firn_arena scratch;
  firn_arena_init(&scratch, &graph->env.alloc);

  firn_code code = collect(graph, &scratch, &def, err);
  if (code != FIRN_OK) goto done;
  code = firn_writer_create(path, &graph->env.alloc, &writer, err);
  if (code != FIRN_OK) goto done;
  const firn_sink sink = {put_writer, writer};
  code = text ? firn_pb_write_text(&firn_pb_type_GraphDef, &def, sink, err)
              : firn_pb_write(&firn_pb_type_GraphDef, &def, sink, err);
  if (code != FIRN_OK) goto done;
  code = firn_writer_commit(writer, false, err);
  writer = NULL;

done:
  firn_writer_abandon(writer);
  firn_arena_fini(&scratch);
  return code;
}

firn_code firn_graph_bytes(const firn_graph *graph, void **data, size_t *size,
                           firn_error *err) {
  firn_buf buf = {.data =
                      NULL}; /* the C library's memory: the caller frees it */
  firn_pb_GraphDef def;
  firn_arena scratch;
  firn_arena_init(&scratch, &graph->env.alloc);
  *data = NULL;
  *size = 0;

  firn_code code = collect(graph, &scratch, &def, err);
  if (code == FIRN_OK)
    code =
        firn_pb_write(&firn_pb_type_GraphDef, &def, firn_sink_buf(&buf), err);
  if (code == FIRN_OK) {
    *data = buf.data;
    *size = buf.size;
  } else {
    firn_buf_fini(&buf);
  }
  firn_arena_fini(&scratch);
  return code;
}
