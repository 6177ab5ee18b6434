/* Whatever bytes come in, parsing ends with a graph or an error, and every
 * question about that graph has an answer. And writing is the inverse of
 * reading: what we write we can read, and it writes the same. */
#include <stdlib.h>
#include <string.h>

#include "graph/graph.h"

#define MUST(cond)        \
  do {                    \
    if (!(cond)) abort(); \
  } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_node(const firn_graph *g, const firn_node *node) {
  firn_arg_walk in = firn_walk_inputs(node);
  for (int i = 0; i < 100 && firn_arg_next(&in) >= 0; i++) continue;
  for (uint32_t i = 0; i < node->output_count; i++)
    (void)firn_graph_output_type(g, node->index, i);
  for (uint32_t i = 0; i < node->input_count; i++)
    (void)firn_edge_type(g, node->inputs[i]);
  for (size_t i = 0; i < node->def->attr_count; i++) {
    const firn_pb_AttrValue *value =
        firn_attr_named(node, node->def->attr[i]->key);
    MUST(value);
  }
  firn_dtype type;
  firn_shape shape;
  const int64_t *ints;
  size_t count;
  (void)!firn_attr_type(node, "T", &type, NULL);
  (void)!firn_attr_shape(node, "shape", &shape, NULL);
  (void)!firn_attr_ints(node, "strides", &ints, &count, NULL);
}

static void ask(const firn_graph *g) {
  const size_t count = g->node_count;
  bool *marks = calloc(count + 1, sizeof *marks);
  uint32_t *order = calloc(count + 1, sizeof *order), last = 0;
  size_t ordered = 0;
  firn_str near[3];
  firn_error err = FIRN_ERROR_INIT;
  MUST(marks && order);
  for (uint32_t i = 0; i < count; i++) {
    ask_node(g, g->nodes[i]);
    MUST(firn_graph_find(g, g->nodes[i]->def->name) == g->nodes[i]);
    last = i;
  }
  MUST(firn_graph_reach(g, &last, count > 0, true, marks, &err) == FIRN_OK);
  (void)!firn_graph_check(g, marks, &err);
  firn_error_clear(&err);
  if (firn_graph_order(g, marks, order, &ordered, &err) == FIRN_OK)
    for (size_t i = 0; i < ordered; i++) MUST(marks[order[i]]);
  if (count > 0) (void)firn_graph_near(g, g->nodes[0]->def->op, near, 3);
  free(marks);
  free(order);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  firn_graph *first = NULL, *second = NULL;
  void *once = NULL, *twice = NULL;
  size_t once_size = 0, twice_size = 0;

  if (firn_graph_parse((firn_bytes){data, size}, NULL, &first, NULL) != FIRN_OK)
    return 0;
  ask(first);
  MUST(firn_graph_bytes(first, &once, &once_size, NULL) == FIRN_OK);
  firn_bytes bytes = {once, once_size};
  if (!firn_graph_is_text(bytes)) {
    MUST(firn_graph_parse(bytes, NULL, &second, NULL) == FIRN_OK);
    MUST(firn_graph_bytes(second, &twice, &twice_size, NULL) == FIRN_OK);
    MUST(once_size == twice_size);
    MUST(once_size == 0 || !memcmp(once, twice, once_size));
  }
  free(twice);
  free(once);
  firn_graph_free(second);
  firn_graph_free(first);
  return 0;
}
