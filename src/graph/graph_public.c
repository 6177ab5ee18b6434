/* graph/graph_public.c: the graph as include/firn/graph.h shows it. */
#include "graph/graph.h"

size_t firn_graph_count(const firn_graph *graph) { return graph->node_count; }

firn_graph_node firn_graph_at(const firn_graph *graph, size_t i) {
  if (i >= graph->node_count) return (firn_graph_node){.inputs = 0};
  const firn_node *node = graph->nodes[i];
  return (firn_graph_node){.name = node->def->name,
                           .op = node->def->op,
                           .device = node->def->device,
                           .inputs = node->def->input_count,
                           .outputs = node->output_count,
                           .known = node->type->def != NULL};
}

size_t firn_graph_find_node(const firn_graph *graph, const char *name) {
  const firn_node *node = firn_graph_find(graph, firn_str_of(name));
  return node ? node->index : SIZE_MAX;
}

firn_str firn_graph_input(const firn_graph *graph, size_t i, size_t k) {
  if (i >= graph->node_count || k >= graph->nodes[i]->def->input_count)
    return (firn_str){NULL, 0};
  return graph->nodes[i]->def->input[k];
}

int firn_graph_output_type(const firn_graph *graph, size_t i, size_t k) {
  if (i >= graph->node_count || k >= graph->nodes[i]->output_count)
    return FIRN_INVALID;
  return graph->nodes[i]->output_types[k];
}
