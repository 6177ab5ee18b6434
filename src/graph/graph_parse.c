/* graph/graph_parse.c: a GraphDef in memory, binary or text, to a graph. */
#include "graph/arity.h"
#include "graph/graph.h"

/* Text holds no control characters but blanks and line ends. A binary GraphDef
 * holds them soon: the tag of a node's op is 18, those of inputs and attrs are
 * lengths. */
bool firn_graph_is_text(firn_bytes bytes) {
  enum { LOOKED_AT = 4096 };
  const size_t size = firn_min_size(bytes.size, LOOKED_AT);
  for (size_t i = 0; i < size; i++) {
    const uint8_t c = bytes.data[i];
    if (c < ' ' && !(c >= '\t' && c <= '\r')) return false;
  }
  return size > 0;
}

firn_code firn_graph_parse(firn_bytes bytes, const firn_options *options,
                           firn_graph **out, firn_error *err) {
  const firn_env env = firn_env_from(options);
  firn_graph *graph = NULL;
  void *def = NULL;
  *out = NULL;
  firn_code code = firn_graph_new(NULL, &env, &graph, err);
  if (code != FIRN_OK) goto done;
  code = (firn_graph_is_text(bytes) ? firn_pb_parse_text : firn_pb_parse)(
      &firn_pb_type_GraphDef, bytes, &env.limits, &graph->arena, &def, err);
  if (code != FIRN_OK) goto done;
  code = firn_graph_fill(graph, def, NULL, err);
  if (code != FIRN_OK) goto done;
  *out = graph;
  graph = NULL;

done:
  firn_graph_free(graph);
  return code;
}
