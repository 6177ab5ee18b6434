/* model/freeze_tidy.c: the last look at a frozen signature: what is needed?
 *
 * With its variables gone much of a graph only waits for nothing: NoOps behind
 * reads, gates of calls. A control input matters when something with an effect
 * is behind it, or a Switch or a loop, by which a node may be dead or belong to
 * a frame. The others go, and with them whatever nobody takes. */
#include "model/freeze.h"

typedef struct tidy {
  firn_frozen *frozen;
  const firn_graph *graph;
  bool *marks, *carries;
  uint32_t *stamp; /* per node: the last one that waits for it, plus 1 */
} tidy;

/* Ops that fill a table. What waits for one waits for nothing else: whoever
 * needs the table takes the handle that is ready. */
static const char *const fills[] = {"InitializeTableV2", "InitializeTable",
                                    "LookupTableInsertV2", "LookupTableInsert"};

static bool matters(const tidy *t, uint32_t node) {
  bool is_fill = false;
  for (size_t i = 0; i < FIRN_COUNT(fills); i++)
    is_fill = is_fill || firn_str_is(t->graph->nodes[node]->def->op, fills[i]);
  return is_fill || t->carries[node];
}

static firn_code ignore_filling(firn_effects *effects, firn_error *err) {
  for (size_t i = 0; i < FIRN_COUNT(fills); i++)
    if (!firn_map_set(&effects->ops, firn_str_of(fills[i]), 0))
      return firn_oom(err, 0);
  return FIRN_OK;
}

/* The node with the control inputs that matter, each once. */
static firn_code mend(tidy *t, uint32_t index, firn_error *err) {
  const firn_node *node = t->graph->nodes[index];
  firn_arena *arena = &t->frozen->arena;
  firn_pb_NodeDef *def = firn_arena_alloc(arena, sizeof *def);
  firn_str *inputs =
      firn_arena_array(arena, node->def->input_count, sizeof *inputs);
  uint32_t control = 0;
  if (!def || !inputs) return firn_oom(err, node->def->input_count);
  *def = *node->def;
  def->input = inputs;
  def->input_count = 0;
  for (size_t i = 0; i < node->def->input_count; i++) {
    const firn_str text = node->def->input[i];
    if (text.size && text.data[0] == '^') {
      const uint32_t from = node->controls[control++];
      if (from == FIRN_NO_NODE || !matters(t, from) ||
          t->stamp[from] == index + 1)
        continue;
      t->stamp[from] = index + 1;
    }
    inputs[def->input_count++] = text;
  }
  t->frozen->def->node[index] = def;
  return FIRN_OK;
}

/* Walks from the roots over what is left of the inputs. */
static firn_code mark(tidy *t, const firn_str *roots, size_t count,
                      firn_error *err) {
  const firn_graph *g = t->graph;
  uint32_t *stack =
      firn_arena_array(&t->frozen->arena, g->node_count, sizeof *stack);
  uint32_t depth = 0;
  if (!stack) return firn_oom(err, g->node_count);
  memset(t->marks, 0, g->node_count * sizeof *t->marks);
  for (size_t i = 0; i < count; i++) {
    const firn_node *node = firn_graph_find(g, roots[i]);
    if (!node || t->marks[node->index]) continue;
    t->marks[node->index] = true;
    stack[depth++] = node->index;
  }
  while (depth > 0) {
    const firn_node *node = g->nodes[stack[--depth]];
    for (uint32_t i = 0; i < node->input_count + node->control_count; i++) {
      const bool data = i < node->input_count;
      const uint32_t from =
          data ? node->inputs[i].node : node->controls[i - node->input_count];
      if (from == FIRN_NO_NODE || t->marks[from] ||
          (!data && !matters(t, from)))
        continue;
      t->marks[from] = true;
      stack[depth++] = from;
    }
  }
  return FIRN_OK;
}

static void drop_unmarked(tidy *t) {
  firn_frozen *z = t->frozen;
  size_t kept = 0;
  for (size_t i = 0; i < z->copied_count; i++) {
    const firn_node *node = firn_graph_find(t->graph, z->copied[i].variable);
    if (node && t->marks[node->index]) z->copied[kept++] = z->copied[i];
  }
  z->copied_count = kept;
  kept = 0;
  for (size_t i = 0; i < z->def->node_count; i++)
    if (t->marks[i]) z->def->node[kept++] = z->def->node[i];
  z->def->node_count = kept;
}

static firn_code run(tidy *t, firn_effects *effects, const firn_str *roots,
                     size_t count, firn_error *err) {
  const uint32_t n = t->graph->node_count;
  firn_arena *arena = &t->frozen->arena;
  t->marks = firn_arena_array(arena, n, sizeof *t->marks);
  t->carries = firn_arena_array(arena, n, sizeof *t->carries);
  t->stamp = firn_arena_array(arena, n, sizeof *t->stamp);
  if (!t->marks || !t->carries || !t->stamp) return firn_oom(err, n);
  memset(t->marks, true, n * sizeof *t->marks);
  FIRN_TRY(
      firn_effects_carried(effects, t->graph, t->marks, true, t->carries, err));
  FIRN_TRY(mark(t, roots, count, err));
  for (uint32_t i = 0; i < n; i++)
    if (t->marks[i] && t->graph->nodes[i]->control_count)
      FIRN_TRY(mend(t, i, err));
  drop_unmarked(t);
  return firn_freeze_library(t->frozen, t->frozen->graph, err);
}

firn_code firn_freeze_tidy(firn_frozen *frozen, const firn_str *roots,
                           size_t count, const firn_pb_OpList *ops,
                           firn_error *err) {
  firn_graph *graph = NULL;
  firn_effects effects;
  FIRN_TRY(
      firn_graph_import(frozen->def, ops, &frozen->graph->env, &graph, err));
  tidy t = {.frozen = frozen, .graph = graph};
  firn_effects_init(&effects, graph);
  firn_code code = FIRN_OK;
  if (frozen->table_count) code = ignore_filling(&effects, err);
  if (code == FIRN_OK) code = run(&t, &effects, roots, count, err);
  firn_effects_fini(&effects);
  firn_graph_free(graph);
  return code;
}
