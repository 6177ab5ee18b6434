/* model/guess.c: inputs and outputs that a graph seems to have. */
#include <stdlib.h>

#include "build/builder.h"
#include "model/model.h"

/* ---- Shapes ------------------------------------------------------------- */

/* Shapes of all tensors, inferred when first asked for. */
static firn_info **infos_of(const firn_model *model) {
  firn_model *m = (firn_model *)model;
  if (m->builder) return m->builder->infos;
  pthread_mutex_lock(&m->lock);
  if (!m->infos) m->infos = firn_know_graph(m->graph, &m->arena);
  pthread_mutex_unlock(&m->lock);
  return m->infos;
}

void firn_model_shapes(const firn_model *model, size_t node, firn_shape *out) {
  const firn_node *n = model->graph->nodes[node];
  firn_info **infos = infos_of(model);
  for (uint32_t k = 0; k < n->output_count; k++)
    out[k] = infos && infos[node] ? infos[node][k].shape : firn_shape_unknown();
}

static firn_guess describe(const firn_model *model, const firn_node *node) {
  firn_info **infos = infos_of(model);
  firn_guess g = {.node = node->def->name, .shape = firn_shape_unknown()};
  if (!node->output_count) return g;
  g.dtype = firn_dtype_base(node->output_types[0]);
  if (infos && infos[node->index]) g.shape = infos[node->index][0].shape;
  return g;
}

/* ---- Kinds of nodes ----------------------------------------------------- */

static bool starts(firn_str text, const char *with) {
  return firn_str_starts(text, firn_str_of(with));
}

static bool is_input(const firn_node *node) {
  return firn_str_is(node->def->op, "Placeholder") ||
         firn_str_is(node->def->op, "PlaceholderV2") ||
         firn_str_is(node->def->op, "PlaceholderWithDefault");
}

/* Ops that are never what somebody wants of a model. */
static bool never_output(firn_str op) {
  static const char *const ops[] = {"Const",
                                    "NoOp",
                                    "Placeholder",
                                    "Restore",
                                    "Save",
                                    "Assign",
                                    "Assert",
                                    "Print",
                                    "Apply",
                                    "ResourceApply",
                                    "SparseApply",
                                    "ResourceSparseApply",
                                    "MergeSummary",
                                    "MergeV2Check",
                                    "Variable",
                                    "VarHandle",
                                    "VarIs",
                                    "IsVariable",
                                    "ReadVariable",
                                    "ShardedFilename",
                                    "WriteFile",
                                    "Scatter",
                                    "ResourceScatter",
                                    "Enter",
                                    "InitializeTable",
                                    "_Retval"};
  for (size_t i = 0; i < FIRN_COUNT(ops); i++)
    if (starts(op, ops[i])) return !firn_str_is(op, "ScatterNd");
  return firn_str_ends(op, FIRN_STR("Summary")) ||
         firn_str_ends(op, FIRN_STR("SummaryV2")) ||
         firn_str_ends(op, FIRN_STR("QueueCloseV2")) ||
         firn_str_ends(op, FIRN_STR("EnqueueV2"));
}

/* Whether a part of the name between slashes is this word, or it and _N. */
static bool has_scope(firn_str name, const char *word) {
  const size_t n = strlen(word);
  for (size_t at = 0; at + n <= name.size; at++) {
    if ((at && name.data[at - 1] != '/') || memcmp(name.data + at, word, n))
      continue;
    size_t end = at + n;
    if (end < name.size && name.data[end] == '_') end++;
    while (end < name.size && name.data[end] >= '0' && name.data[end] <= '9')
      end++;
    if (end == name.size || name.data[end] == '/') return true;
  }
  return false;
}

static bool owned_by_training(firn_str name) {
  static const char *const scopes[] = {"save",
                                       "gradients",
                                       "GradientDescent",
                                       "Adam",
                                       "Momentum",
                                       "RMSProp",
                                       "Adagrad",
                                       "Adadelta",
                                       "Ftrl",
                                       "report_uninitialized_variables",
                                       "init",
                                       "Initializer",
                                       "global_step",
                                       "train_op",
                                       "Optimizer"};
  for (size_t i = 0; i < FIRN_COUNT(scopes); i++)
    if (has_scope(name, scopes[i])) return true;
  return false;
}

/* ---- Upstream ----------------------------------------------------------- */

typedef struct upstream {
  size_t inputs, variables;
} upstream;

static upstream look_upstream(const firn_graph *graph, uint32_t node,
                              bool *marks) {
  upstream u = {0};
  memset(marks, 0, graph->node_count * sizeof *marks);
  if (firn_graph_reach(graph, &node, 1, false, marks, NULL) != FIRN_OK)
    return u;
  for (uint32_t i = 0; i < graph->node_count; i++) {
    if (!marks[i]) continue;
    u.inputs += is_input(graph->nodes[i]);
    u.variables += firn_is_variable(graph->nodes[i]);
  }
  return u;
}

/* The longest way from an input to each node, by an order of the graph. */
static void find_depths(const firn_graph *graph, bool *marks, uint32_t *order,
                        uint32_t *depth) {
  size_t count = 0;
  memset(marks, 1, graph->node_count * sizeof *marks);
  if (firn_graph_order(graph, marks, order, &count, NULL) != FIRN_OK) return;
  for (size_t i = 0; i < count; i++) {
    const firn_node *node = graph->nodes[order[i]];
    for (uint32_t k = 0; k < node->input_count; k++)
      if (node->inputs[k].node != FIRN_NO_NODE &&
          depth[node->inputs[k].node] + 1 > depth[node->index])
        depth[node->index] = depth[node->inputs[k].node] + 1;
  }
}

/* ---- Outputs ------------------------------------------------------------ */

typedef struct candidate {
  uint32_t node, depth;
  upstream up;
} candidate;

static int better(const void *a, const void *b) {
  const candidate *x = a, *y = b;
  if (x->up.variables != y->up.variables)
    return x->up.variables < y->up.variables ? 1 : -1;
  if (x->depth != y->depth) return x->depth < y->depth ? 1 : -1;
  return (x->node > y->node) - (x->node < y->node);
}

static void mark_consumed(const firn_graph *graph, bool *consumed) {
  for (uint32_t i = 0; i < graph->node_count; i++) {
    const firn_node *node = graph->nodes[i];
    for (uint32_t k = 0; k < node->input_count; k++)
      if (node->inputs[k].node != FIRN_NO_NODE)
        consumed[node->inputs[k].node] = true;
    for (uint32_t k = 0; k < node->control_count; k++)
      if (node->controls[k] != FIRN_NO_NODE) consumed[node->controls[k]] = true;
  }
}

/* Where some candidates depend on inputs (or on variables), those that do not
 * are leftovers of the training program. */
static size_t keep_likely(candidate *list, size_t count) {
  bool inputs = false, variables = false;
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    inputs |= list[i].up.inputs > 0;
    variables |= list[i].up.variables > 0 && list[i].up.inputs > 0;
  }
  for (size_t i = 0; i < count; i++)
    if ((!inputs || list[i].up.inputs) && (!variables || list[i].up.variables))
      list[kept++] = list[i];
  return kept;
}

/* The arrays of one search, in an arena of their own. */
typedef struct search {
  firn_arena arena;
  bool *marks, *consumed;
  uint32_t *order, *depth;
  candidate *list;
} search;

static bool search_init(search *s, const firn_model *model) {
  const size_t n = model->graph->node_count;
  firn_arena_init(&s->arena, &model->env.alloc);
  s->marks = firn_arena_array(&s->arena, n, sizeof *s->marks);
  s->consumed = firn_arena_array(&s->arena, n, sizeof *s->consumed);
  s->order = firn_arena_array(&s->arena, n, sizeof *s->order);
  s->depth = firn_arena_array(&s->arena, n, sizeof *s->depth);
  s->list = firn_arena_array(&s->arena, n, sizeof *s->list);
  return s->marks && s->consumed && s->order && s->depth && s->list;
}

static size_t find_candidates(const firn_graph *graph, search *s) {
  enum { MOST = 200 }; /* beyond, each costs a walk and nobody reads them */
  size_t count = 0;
  mark_consumed(graph, s->consumed);
  find_depths(graph, s->marks, s->order, s->depth);
  for (uint32_t i = 0; i < graph->node_count && count < MOST; i++) {
    const firn_node *node = graph->nodes[i];
    if (s->consumed[i] || never_output(node->def->op) ||
        owned_by_training(node->def->name) ||
        (node->outputs_known && node->output_count == 0))
      continue;
    s->list[count++] =
        (candidate){i, s->depth[i], look_upstream(graph, i, s->marks)};
  }
  count = keep_likely(s->list, count);
  if (count) qsort(s->list, count, sizeof *s->list, better);
  return count;
}

size_t firn_model_guess_outputs(const firn_model *model, firn_guess *out,
                                size_t max) {
  search s;
  size_t count = 0;
  if (!model->graph) return 0;
  if (search_init(&s, model)) count = find_candidates(model->graph, &s);
  for (size_t i = 0; i < count && i < max; i++) {
    out[i] = describe(model, model->graph->nodes[s.list[i].node]);
    out[i].variables = s.list[i].up.variables;
    out[i].depth = s.list[i].depth;
  }
  firn_arena_fini(&s.arena);
  return count;
}

/* ---- Inputs
 * -----------------------------------------------------------------------------
 */

size_t firn_model_guess_inputs(const firn_model *model, firn_guess *out,
                               size_t max) {
  search s;
  size_t count = 0, outputs;
  if (!model->graph) return 0;
  if (!search_init(&s, model)) {
    firn_arena_fini(&s.arena);
    return 0;
  }
  outputs = find_candidates(model->graph, &s);
  memset(s.marks, 0, model->graph->node_count * sizeof *s.marks);
  for (size_t i = 0; i < outputs; i++)
    if (!s.marks[s.list[i].node] &&
        firn_graph_reach(model->graph, &s.list[i].node, 1, false, s.marks,
                         NULL) != FIRN_OK)
      break;
  for (uint32_t i = 0; i < model->graph->node_count; i++) {
    const firn_node *node = model->graph->nodes[i];
    if (!s.marks[i] || !is_input(node)) continue;
    if (count < max) out[count] = describe(model, node);
    count++;
  }
  firn_arena_fini(&s.arena);
  return count;
}
