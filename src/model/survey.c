/* model/survey.c: how big a model is, which ops it has, and which of them firn
 * lacks. */
#include <stdlib.h>

#include "model/model.h"

/* The nodes of the file: those that restore.c appended come after them. */
static uint32_t own_nodes(const firn_graph *graph) {
  return graph->def ? (uint32_t)graph->def->node_count : graph->node_count;
}

/* ---- Size --------------------------------------------------------------- */

static void measure_variable(const firn_model *model, const firn_node *node,
                             firn_model_size *out) {
  firn_shape shape;
  int64_t count = 0;
  firn_source source;
  firn_dtype dtype = firn_attr_type_or(node, "dtype", FIRN_INVALID);
  out->variables++;
  if (firn_attr_shape(node, "shape", &shape, NULL) != FIRN_OK ||
      !firn_shape_known(&shape)) {
    if (!model->checkpoint || !model->restore ||
        firn_restore_find(model, node, &source, NULL) != FIRN_OK)
      return;
    shape = firn_checkpoint_at(model->checkpoint, source.tensor).shape;
  }
  /* Texts are names of files and the like, not what a model learnt. */
  if (dtype == FIRN_STRING || !firn_shape_count(&shape, &count)) return;
  out->parameters += (uint64_t)count;
  out->parameter_bytes += (uint64_t)count * firn_dtype_size(dtype);
}

void firn_model_measure(const firn_model *model, firn_model_size *out) {
  const firn_graph *graph = model->graph;
  *out = (firn_model_size){0};
  if (!graph) return;
  out->nodes = own_nodes(graph);
  out->functions = graph->def && graph->def->library
                       ? graph->def->library->function_count
                       : 0;
  for (uint32_t i = 0; i < graph->node_count; i++) {
    const firn_node *node = graph->nodes[i];
    firn_dtype dtype;
    firn_shape shape;
    int64_t count;
    if (firn_is_variable(node)) measure_variable(model, node, out);
    if (!firn_str_is(node->def->op, "Const")) continue;
    const firn_pb_AttrValue *value = firn_attr(node, "value");
    if (value && value->value_case == 8 && value->tensor &&
        firn_tensor_proto_look(value->tensor, &dtype, &shape, NULL) ==
            FIRN_OK &&
        firn_shape_count(&shape, &count))
      out->constant_bytes += (uint64_t)count * firn_dtype_size(dtype);
  }
}

/* ---- Functions ---------------------------------------------------------- */

/* The functions that were met, each once, in the order of meeting. */
typedef struct survey {
  const firn_graph *graph;
  firn_arena arena;
  firn_map seen; /* function name → 1 */
  const firn_pb_FunctionDef **todo;
  size_t count, capacity;
} survey;

static bool survey_init(survey *s, const firn_model *model) {
  const firn_pb_GraphDef *def = model->graph->def;
  *s = (survey){.graph = model->graph};
  firn_arena_init(&s->arena, &model->env.alloc);
  firn_map_init(&s->seen, &model->env.alloc);
  s->capacity = def && def->library ? def->library->function_count : 0;
  s->todo = firn_arena_array(&s->arena, s->capacity, sizeof(*s->todo));
  return s->todo != NULL;
}

static void survey_fini(survey *s) {
  firn_map_fini(&s->seen);
  firn_arena_fini(&s->arena);
}

/* False when memory is short. */
static bool meet(survey *s, firn_str name) {
  uint64_t seen;
  const firn_pb_FunctionDef *def = firn_graph_function(s->graph, name);
  if (!def || s->count == s->capacity || firn_map_get(&s->seen, name, &seen))
    return true;
  s->todo[s->count++] = def;
  return firn_map_set(&s->seen, name, 1);
}

/* Meets what a node calls: by its op, or by attrs that are functions. */
static bool meet_called(survey *s, const firn_pb_NodeDef *node) {
  if (!meet(s, node->op)) return false;
  for (size_t i = 0; i < node->attr_count; i++) {
    const firn_pb_AttrValue *v = node->attr[i]->value;
    if (v && v->value_case == FIRN_ATTR_FUNC && v->func &&
        !meet(s, v->func->name))
      return false;
    for (size_t k = 0; v && v->value_case == FIRN_ATTR_LIST && v->list &&
                       k < v->list->func_count;
         k++)
      if (!meet(s, v->list->func[k]->name)) return false;
  }
  return true;
}

/* ---- All ops ------------------------------------------------------------ */

/* How often each op was met; positions in `use` by name. */
typedef struct tally {
  firn_map index;
  firn_op_use *use;
  size_t count;
} tally;

static bool tally_add(tally *t, firn_str op) {
  uint64_t at;
  if (firn_map_get(&t->index, op, &at)) {
    t->use[at].count++;
    return true;
  }
  t->use[t->count] = (firn_op_use){op, 1};
  return firn_map_set(&t->index, op, t->count++);
}

static int by_use(const void *a, const void *b) {
  const firn_op_use *x = a, *y = b;
  if (x->count != y->count) return x->count < y->count ? 1 : -1;
  return firn_str_compare(x->op, y->op);
}

static size_t count_nodes(const firn_graph *graph) {
  const firn_pb_FunctionDefLibrary *library =
      graph->def ? graph->def->library : NULL;
  size_t count = own_nodes(graph);
  for (size_t i = 0; library && i < library->function_count; i++)
    count += library->function[i]->node_def_count;
  return count;
}

static bool tally_all(tally *t, const firn_graph *graph) {
  const firn_pb_FunctionDefLibrary *library =
      graph->def ? graph->def->library : NULL;
  for (uint32_t i = 0; i < own_nodes(graph); i++)
    if (!tally_add(t, graph->nodes[i]->def->op)) return false;
  for (size_t i = 0; library && i < library->function_count; i++)
    for (size_t k = 0; k < library->function[i]->node_def_count; k++)
      if (!tally_add(t, library->function[i]->node_def[k]->op)) return false;
  return true;
}

size_t firn_model_ops(const firn_model *model, firn_op_use *out, size_t max) {
  tally t = {0};
  firn_arena arena;
  if (!model->graph) return 0;
  firn_arena_init(&arena, &model->env.alloc);
  firn_map_init(&t.index, &model->env.alloc);
  t.use = firn_arena_array(&arena, count_nodes(model->graph), sizeof *t.use);
  if (!t.use || !tally_all(&t, model->graph)) t.count = 0;
  if (t.count) qsort(t.use, t.count, sizeof *t.use, by_use);
  for (size_t i = 0; i < t.count && i < max; i++) out[i] = t.use[i];
  firn_map_fini(&t.index);
  firn_arena_fini(&arena);
  return t.count;
}

/* ---- Ops that are missing ----------------------------------------------- */

/* What is judged: where there are signatures, what they and the init op reach.
 */
static bool mark_wanted(const firn_model *model, bool *marks) {
  const firn_graph *graph = model->graph;
  bool any = false;
  for (size_t i = 0; i < model->signature_count; i++) {
    const firn_signature *s = &model->signatures[i];
    for (size_t k = 0; k < s->output_count; k++) {
      firn_edge e;
      if (firn_graph_tensor(graph, firn_str_of(s->outputs[k].tensor), &e,
                            NULL) != FIRN_OK)
        continue;
      if (firn_graph_reach(graph, &e.node, 1, false, marks, NULL) != FIRN_OK)
        return false;
      any = true;
    }
  }
  const firn_node *init =
      model->init_op.size ? firn_graph_find(graph, model->init_op) : NULL;
  if (any && init &&
      firn_graph_reach(graph, &init->index, 1, false, marks, NULL) != FIRN_OK)
    return false;
  if (!any) memset(marks, 1, graph->node_count);
  return true;
}

/* Ops that are missing, each once. */
typedef struct shortage {
  firn_map seen;
  firn_unsupported *list;
  size_t count, capacity;
  const firn_allocator *alloc;
} shortage;

static bool shortage_add(shortage *m, const firn_graph *graph,
                         const firn_pb_NodeDef *node, firn_str function) {
  uint64_t seen;
  if (firn_op_find(node->op) || firn_graph_function(graph, node->op) ||
      firn_map_get(&m->seen, node->op, &seen))
    return true;
  if (m->count == m->capacity) {
    const size_t more = m->capacity ? 2 * m->capacity : 16;
    firn_unsupported *list = firn_resize(
        m->alloc, m->list, m->capacity * sizeof *list, more * sizeof *list);
    if (!list) return false;
    m->list = list;
    m->capacity = more;
  }
  m->list[m->count++] = (firn_unsupported){node->op, node->name, function};
  return firn_map_set(&m->seen, node->op, 1);
}

static bool look_for_shortage(const firn_model *model, survey *s, shortage *m) {
  const firn_graph *graph = model->graph;
  bool *marks = firn_arena_array(&s->arena, graph->node_count, sizeof *marks);
  if (!marks || !mark_wanted(model, marks)) return false;
  for (uint32_t i = 0; i < graph->node_count; i++) {
    const firn_pb_NodeDef *node = graph->nodes[i]->def;
    if (!marks[i]) continue;
    if (!shortage_add(m, graph, node, (firn_str){0}) || !meet_called(s, node))
      return false;
  }
  for (size_t i = 0; i < s->count; i++) {
    const firn_pb_FunctionDef *f = s->todo[i];
    const firn_str name = f->signature ? f->signature->name : (firn_str){0};
    for (size_t k = 0; k < f->node_def_count; k++)
      if (!shortage_add(m, graph, f->node_def[k], name) ||
          !meet_called(s, f->node_def[k]))
        return false;
  }
  return true;
}

static int by_op(const void *a, const void *b) {
  const firn_unsupported *x = a, *y = b;
  return firn_str_compare(x->op, y->op);
}

size_t firn_model_unsupported(const firn_model *model, firn_unsupported *out,
                              size_t max) {
  survey s;
  shortage m = {.alloc = &model->env.alloc};
  if (!model->graph) return 0;
  firn_map_init(&m.seen, &model->env.alloc);
  if (!survey_init(&s, model) || !look_for_shortage(model, &s, &m)) m.count = 0;
  if (m.count) qsort(m.list, m.count, sizeof *m.list, by_op);
  for (size_t i = 0; i < m.count && i < max; i++) out[i] = m.list[i];
  const size_t count = m.count;
  firn_delete(&model->env.alloc, m.list, m.capacity * sizeof *m.list);
  firn_map_fini(&m.seen);
  survey_fini(&s);
  return count;
}
