/* support/graph_text.h: graphs for tests, written as text.
 *
 *   firn_graph *graph = graph_of("node { name: 'a' op: 'NoOp' }");
 *   const firn_node *a = node_of(graph, "a");
 */
#ifndef FIRN_TEST_GRAPH_TEXT_H
#define FIRN_TEST_GRAPH_TEXT_H

#include "graph/graph.h"
#include "support/test.h"

static inline firn_bytes bytes_of(const char *text) {
  return (firn_bytes){(const uint8_t *)text, strlen(text)};
}

static inline firn_graph *graph_of(const char *text) {
  firn_graph *graph = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_graph_parse(bytes_of(text), NULL, &graph, &err), &err);
  return graph;
}

static inline const firn_node *node_of(const firn_graph *graph,
                                       const char *name) {
  const firn_node *node = firn_graph_find(graph, firn_str_of(name));
  if (!node) fail_msg("no node '%s'", name);
  return node;
}

/* The name of a node by number, for comparing with a literal. */
static inline const char *name_of(const firn_graph *graph, uint32_t index) {
  static char text[4][256];
  static int next;
  char *out = text[next++ % 4];
  const firn_str name = index < graph->node_count
                            ? graph->nodes[index]->def->name
                            : FIRN_STR("none");
  snprintf(out, 256, "%.*s", FIRN_ARG(name));
  return out;
}

#endif
