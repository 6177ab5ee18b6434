/* runtime/program.c: prune a graph to what a run needs, and put it in order. */
#include "runtime/program.h"

typedef struct builder {
  firn_program *program;
  const firn_graph *graph;
  const firn_wish *wish;
  firn_arena scratch;
  bool *marks;          /* per node: needed                                    */
  uint32_t *outputs;    /* per node: outputs; of unknown ops, those asked for  */
  uint32_t *first;      /* per node: value of output 0, or FIRN_NO_VALUE       */
  uint32_t *step_of;    /* per node: its step                                  */
  uint32_t *waiting;    /* per node: inputs that have no step yet              */
  uint32_t *order;      /* needed nodes, inputs first                          */
  uint32_t order_count;
} builder;

/* ---- Feeds --------------------------------------------------------------- */

static bool fed(const builder *b, uint32_t node, uint32_t output,
                size_t *which) {
  for (size_t i = 0; i < b->wish->feed_count; i++)
    if (b->wish->feeds[i].node == node && b->wish->feeds[i].output == output) {
      *which = i;
      return true;
    }
  return false;
}

/* A control edge from a fed node waits for the feed, not for the node. */
static bool fed_at_all(const builder *b, uint32_t node) {
  for (size_t i = 0; i < b->wish->feed_count; i++)
    if (b->wish->feeds[i].node == node) return true;
  return false;
}

/* ---- Prune --------------------------------------------------------------- */

static firn_code missing_input(const firn_node *node, uint32_t input,
                               firn_error *err) {
  const firn_str name = node->def->input[input];
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "node '%.*s' (%.*s): input %u names '%.*s', which is not in "
                   "the graph",
                   FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), input,
                   FIRN_ARG(name));
}

static firn_code missing_output(const builder *b, const firn_node *node,
                                firn_edge edge, firn_error *err) {
  const firn_node *from = b->graph->nodes[edge.node];
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "node '%.*s' (%.*s): wants output %u of '%.*s' (%.*s), which "
                   "has %u",
                   FIRN_ARG(node->def->name), FIRN_ARG(node->def->op),
                   edge.output, FIRN_ARG(from->def->name),
                   FIRN_ARG(from->def->op), b->outputs[edge.node]);
}

/* Whether an edge's output exists. Of an op without definition whatever is asked
 * for does: the plan will complain of the op itself if it is reached. */
static bool has_output(builder *b, firn_edge e) {
  enum { MOST = 1 << 16 };
  if (!b->graph->nodes[e.node]->type->def && e.output < MOST &&
      e.output >= b->outputs[e.node])
    b->outputs[e.node] = e.output + 1;
  return e.output < b->outputs[e.node];
}

/* Pushes what `node` needs onto the stack of marked nodes to be walked. */
static firn_code mark_inputs(builder *b, const firn_node *node,
                             uint32_t *stack, uint32_t *top, firn_error *err) {
  size_t which;
  for (uint32_t i = 0; i < node->input_count; i++) {
    const firn_edge e = node->inputs[i];
    if (e.node == FIRN_NO_NODE) return missing_input(node, i, err);
    if (fed(b, e.node, e.output, &which)) continue;
    if (!has_output(b, e)) return missing_output(b, node, e, err);
    if (!b->marks[e.node]) {
      b->marks[e.node] = true;
      stack[(*top)++] = e.node;
    }
  }
  for (uint32_t i = 0; i < node->control_count; i++) {
    const uint32_t c = node->controls[i];
    if (c == FIRN_NO_NODE)
      return missing_input(node, node->input_count + i, err);
    if (b->marks[c] || fed_at_all(b, c)) continue;
    b->marks[c] = true;
    stack[(*top)++] = c;
  }
  return FIRN_OK;
}

static firn_code prune(builder *b, firn_error *err) {
  size_t which;
  uint32_t top = 0;
  uint32_t *stack =
      firn_arena_array(&b->scratch, b->graph->node_count, sizeof *stack);
  if (!stack && b->graph->node_count) return firn_oom(err, 0);

  for (size_t i = 0; i < b->wish->fetch_count; i++) {
    const firn_edge e = b->wish->fetches[i];
    if (fed(b, e.node, e.output, &which)) continue;
    if (!has_output(b, e))
      return firn_fail(err, FIRN_OUT_OF_RANGE,
                       "cannot fetch output %u of '%.*s', which has %u",
                       e.output,
                       FIRN_ARG(b->graph->nodes[e.node]->def->name),
                       b->outputs[e.node]);
    if (b->marks[e.node]) continue;
    b->marks[e.node] = true;
    stack[top++] = e.node;
  }
  for (size_t i = 0; i < b->wish->target_count; i++) {
    const uint32_t n = b->wish->targets[i];
    if (b->marks[n]) continue;
    b->marks[n] = true;
    stack[top++] = n;
  }
  while (top > 0) {
    const firn_node *node = b->graph->nodes[stack[--top]];
    FIRN_TRY(mark_inputs(b, node, stack, &top, err));
  }
  return FIRN_OK;
}

/* ---- Order --------------------------------------------------------------- */

/* Ready nodes wait in a heap: those that write to variables behind all others, else
 * in file order. */
static uint64_t rank_of(const builder *b, uint32_t node) {
  const firn_op *op = firn_op_of(b->graph->nodes[node]);
  const bool writes = op && (op->flags & FIRN_OP_WRITES);
  return (uint64_t)writes << 32 | node;
}

static void heap_push(uint64_t *heap, size_t *count, uint64_t item) {
  size_t i = (*count)++;
  while (i > 0 && heap[(i - 1) / 2] > item) {
    heap[i] = heap[(i - 1) / 2];
    i = (i - 1) / 2;
  }
  heap[i] = item;
}

static uint64_t heap_pop(uint64_t *heap, size_t *count) {
  const uint64_t top = heap[0], item = heap[--*count];
  size_t i = 0;
  for (;;) {
    size_t child = 2 * i + 1;
    if (child >= *count) break;
    if (child + 1 < *count && heap[child + 1] < heap[child]) child++;
    if (heap[child] >= item) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = item;
  return top;
}

/* The node that the k-th input of `node` (data first, then control) waits for; false
 * when it waits for nobody, since the input is fed. */
static bool source(const builder *b, const firn_node *node, uint32_t k,
                   uint32_t *from) {
  size_t which;
  if (k < node->input_count) {
    *from = node->inputs[k].node;
    return !fed(b, *from, node->inputs[k].output, &which);
  }
  *from = node->controls[k - node->input_count];
  return b->marks[*from];
}

static firn_code cycle(const builder *b, firn_error *err) {
  size_t said = 0;
  firn_fail(err, FIRN_INVALID_ARGUMENT, "the graph has a cycle");
  for (uint32_t n = 0; n < b->graph->node_count && said < 20; n++)
    if (b->marks[n] && b->waiting[n] && ++said)
      firn_error_add(err, "in the cycle or behind it: '%.*s' (%.*s)",
                     FIRN_ARG(b->graph->nodes[n]->def->name),
                     FIRN_ARG(b->graph->nodes[n]->def->op));
  return FIRN_INVALID_ARGUMENT;
}

/* Per node, the nodes that wait for it: item[start[n] .. start[n + 1]). */
typedef struct waiters {
  uint32_t *start, *item;
} waiters;

static firn_code find_waiters(builder *b, waiters *w, firn_error *err) {
  const uint32_t n = b->graph->node_count;
  uint32_t from, total = 0;
  w->start = firn_arena_array(&b->scratch, (size_t)n + 2, sizeof *w->start);
  if (!w->start) return firn_oom(err, n);
  for (uint32_t i = 0; i < n; i++) {
    const firn_node *node = b->graph->nodes[i];
    for (uint32_t k = 0;
         b->marks[i] && k < node->input_count + node->control_count; k++)
      if (source(b, node, k, &from)) w->start[from + 2]++, total++;
  }
  for (uint32_t i = 0; i < n; i++) w->start[i + 2] += w->start[i + 1];

  w->item = firn_arena_array(&b->scratch, total, sizeof *w->item);
  if (!w->item) return firn_oom(err, total);
  for (uint32_t i = 0; i < n; i++) {
    const firn_node *node = b->graph->nodes[i];
    for (uint32_t k = 0;
         b->marks[i] && k < node->input_count + node->control_count; k++)
      if (source(b, node, k, &from)) {
        w->item[w->start[from + 1]++] = i;
        b->waiting[i]++;
      }
  }
  return FIRN_OK;
}

static firn_code put_in_order(builder *b, firn_error *err) {
  const uint32_t n = b->graph->node_count;
  waiters w = {0};
  uint32_t needed = 0;
  size_t ready = 0;
  FIRN_TRY(find_waiters(b, &w, err));
  uint64_t *heap = firn_arena_array(&b->scratch, n, sizeof *heap);
  b->order = firn_arena_array(&b->scratch, n, sizeof *b->order);
  if (!heap || !b->order) return firn_oom(err, n);

  for (uint32_t i = 0; i < n; i++) {
    if (!b->marks[i]) continue;
    needed++;
    if (!b->waiting[i]) heap_push(heap, &ready, rank_of(b, i));
  }
  while (ready > 0) {
    const uint32_t node = (uint32_t)heap_pop(heap, &ready);
    b->order[b->order_count++] = node;
    for (uint32_t k = w.start[node]; k < w.start[node + 1]; k++)
      if (--b->waiting[w.item[k]] == 0)
        heap_push(heap, &ready, rank_of(b, w.item[k]));
  }
  return b->order_count == needed ? FIRN_OK : cycle(b, err);
}

/* ---- Steps and values ---------------------------------------------------- */

bool firn_input_is_ref(const firn_node *node, uint32_t i) {
  const firn_pb_OpDef *def = node->type->def;
  uint32_t at = 0;
  for (size_t a = 0; def && a < def->input_arg_count; a++) {
    const firn_pb_OpDef_ArgDef *arg = def->input_arg[a];
    uint32_t width = 1;
    char attr[64];
    const firn_str list =
        arg->number_attr.size ? arg->number_attr : arg->type_list_attr;
    if (list.size && list.size < sizeof attr) {
      memcpy(attr, list.data, list.size);
      attr[list.size] = 0;
      width = arg->number_attr.size
                  ? (uint32_t)firn_attr_int_or(node, attr, 0)
                  : (uint32_t)firn_attr_type_count(node, attr);
    }
    if (i < at + width) return arg->is_ref;
    at += width;
  }
  return false;
}

static uint32_t add_value(builder *b, int dtype, uint32_t step,
                          uint32_t output, const firn_node *node) {
  firn_program *p = b->program;
  p->values[p->value_count] = (firn_value){dtype, step, output, node};
  return p->value_count++;
}

/* The value of an edge: what feeds it, or what its node gives. */
static uint32_t value_of(const builder *b, firn_edge e) {
  size_t which;
  if (fed(b, e.node, e.output, &which)) return b->program->feeds[which];
  return b->first[e.node] + e.output;
}

/* References keep their variable for ops that write; for all others the value is
 * read right before, by a step of its own. */
static uint32_t deref(builder *b, uint32_t value, const firn_node *node) {
  firn_program *p = b->program;
  uint32_t *in = firn_arena_alloc(&p->arena, sizeof *in);
  if (!in) return FIRN_NO_VALUE;
  *in = value;
  p->steps[p->step_count] = (firn_step){
      .kind = FIRN_STEP_DEREF, .node = node, .in_count = 1, .out_count = 1,
      .in = in, .out = p->value_count};
  return add_value(b, firn_dtype_base(p->values[value].dtype), p->step_count++,
                   0, node);
}

static firn_step_kind kind_of(firn_str op) {
  if (firn_str_is(op, "Const")) return FIRN_STEP_CONST;
  if (firn_str_is(op, "Switch") || firn_str_is(op, "RefSwitch"))
    return FIRN_STEP_SWITCH;
  if (firn_str_is(op, "Merge") || firn_str_is(op, "RefMerge"))
    return FIRN_STEP_MERGE;
  return FIRN_STEP_OP;
}

static bool passes_refs(const firn_step *step, uint32_t i) {
  if (step->kind == FIRN_STEP_SWITCH || step->kind == FIRN_STEP_MERGE)
    return firn_str_starts(step->node->def->op, FIRN_STR("Ref"));
  return firn_input_is_ref(step->node, i);
}

static firn_code add_controls(builder *b, firn_step *step, firn_error *err) {
  const firn_node *node = step->node;
  uint32_t *list = firn_arena_array(&b->program->arena, node->control_count,
                                    sizeof *list);
  if (!list && node->control_count) return firn_oom(err, 0);
  for (uint32_t i = 0; i < node->control_count; i++)
    if (b->marks[node->controls[i]])
      list[step->control_count++] = b->step_of[node->controls[i]];
  step->controls = list;
  return FIRN_OK;
}

static firn_code add_step(builder *b, const firn_node *node, firn_error *err) {
  firn_program *p = b->program;
  firn_step step = {.kind = kind_of(node->def->op), .node = node,
                    .op = firn_op_of(node), .in_count = node->input_count,
                    .out_count = b->outputs[node->index]};
  uint32_t *in = firn_arena_array(&p->arena, step.in_count, sizeof *in);
  if (!in && step.in_count) return firn_oom(err, step.in_count);
  for (uint32_t i = 0; i < step.in_count; i++) {
    in[i] = value_of(b, node->inputs[i]);
    if (firn_dtype_is_ref(p->values[in[i]].dtype) && !passes_refs(&step, i))
      in[i] = deref(b, in[i], node);
    if (in[i] == FIRN_NO_VALUE) return firn_oom(err, 0);
  }
  step.in = in;
  FIRN_TRY(add_controls(b, &step, err));
  step.out = b->first[node->index] = p->value_count;
  b->step_of[node->index] = p->step_count;
  for (uint32_t k = 0; k < step.out_count; k++)
    add_value(b, k < node->output_count ? node->output_types[k] : 0,
              p->step_count, k, node);
  p->steps[p->step_count++] = step;
  return FIRN_OK;
}

/* Room for every step and value there can be: each input may want a DEREF. */
static firn_code make_room(builder *b, firn_error *err) {
  firn_program *p = b->program;
  size_t steps = b->order_count, values = b->wish->feed_count;
  for (uint32_t i = 0; i < b->order_count; i++) {
    const firn_node *node = b->graph->nodes[b->order[i]];
    for (uint32_t k = 0; k < node->input_count; k++) {
      const firn_edge e = node->inputs[k];
      const firn_node *from = b->graph->nodes[e.node];
      if (e.output < from->output_count &&
          firn_dtype_is_ref(from->output_types[e.output]))
        steps++, values++;
    }
    values += b->outputs[node->index];
  }
  values += b->wish->fetch_count;
  steps += b->wish->fetch_count;
  p->steps = firn_arena_array(&p->arena, steps, sizeof *p->steps);
  p->values = firn_arena_array(&p->arena, values, sizeof *p->values);
  p->feeds = firn_arena_array(&p->arena, b->wish->feed_count, sizeof *p->feeds);
  p->fetches =
      firn_arena_array(&p->arena, b->wish->fetch_count, sizeof *p->fetches);
  if (!p->steps || !p->values || !p->feeds || !p->fetches)
    return firn_oom(err, steps);
  return FIRN_OK;
}

static firn_code emit(builder *b, firn_error *err) {
  firn_program *p = b->program;
  FIRN_TRY(make_room(b, err));
  p->feed_count = b->wish->feed_count;
  p->fetch_count = b->wish->fetch_count;
  for (size_t i = 0; i < p->feed_count; i++) {
    const firn_edge e = b->wish->feeds[i];
    const firn_node *node = b->graph->nodes[e.node];
    p->feeds[i] = add_value(b, firn_dtype_base(node->output_types[e.output]),
                            FIRN_NO_STEP, (uint32_t)i, node);
  }
  for (uint32_t i = 0; i < b->order_count; i++)
    FIRN_TRY(add_step(b, b->graph->nodes[b->order[i]], err));
  for (size_t i = 0; i < p->fetch_count; i++) {
    uint32_t v = value_of(b, b->wish->fetches[i]);
    if (firn_dtype_is_ref(p->values[v].dtype))
      v = deref(b, v, p->values[v].node);
    if (v == FIRN_NO_VALUE) return firn_oom(err, 0);
    p->fetches[i] = v;
  }
  return FIRN_OK;
}

static firn_code build(builder *b, firn_error *err) {
  const uint32_t n = b->graph->node_count;
  b->marks = firn_arena_array(&b->scratch, n, sizeof *b->marks);
  b->first = firn_arena_array(&b->scratch, n, sizeof *b->first);
  b->step_of = firn_arena_array(&b->scratch, n, sizeof *b->step_of);
  b->waiting = firn_arena_array(&b->scratch, n, sizeof *b->waiting);
  b->outputs = firn_arena_array(&b->scratch, n, sizeof *b->outputs);
  if (!b->outputs) return firn_oom(err, n);
  for (uint32_t i = 0; i < n; i++)
    b->outputs[i] = b->graph->nodes[i]->output_count;
  if (!b->marks || !b->first || !b->step_of || !b->waiting)
    return firn_oom(err, n);
  FIRN_TRY(prune(b, err));
  FIRN_TRY(put_in_order(b, err));
  return emit(b, err);
}

firn_code firn_program_new(const firn_graph *graph, const firn_wish *wish,
                           const firn_env *env, firn_program **out,
                           firn_error *err) {
  builder b = {.graph = graph, .wish = wish};
  *out = NULL;
  b.program = firn_new_zeroed(&env->alloc, sizeof *b.program);
  if (!b.program) return firn_oom(err, sizeof *b.program);
  b.program->graph = graph;
  firn_arena_init(&b.program->arena, &env->alloc);
  firn_arena_init(&b.scratch, &env->alloc);

  const firn_code code = build(&b, err);

  firn_arena_fini(&b.scratch);
  if (code != FIRN_OK)
    firn_program_free(b.program);
  else
    *out = b.program;
  return code;
}

void firn_program_free(firn_program *program) {
  if (!program) return;
  const firn_allocator alloc = program->arena.alloc;
  firn_arena_fini(&program->arena);
  firn_delete(&alloc, program, sizeof *program);
}
