/* runtime/scope.c: which nodes of a graph are needed, and in which order. */
#include "runtime/scope.h"

firn_code firn_scope_init(firn_scope *scope, firn_error *err) {
  const uint32_t n = scope->graph->node_count;
  firn_arena_init(&scope->arena, &scope->program->env.alloc);
  scope->marks = firn_arena_array(&scope->arena, n, sizeof(bool));
  scope->outputs = firn_arena_array(&scope->arena, n, sizeof(uint32_t));
  scope->outs = firn_arena_array(&scope->arena, n, sizeof(uint32_t *));
  scope->step_of = firn_arena_array(&scope->arena, n, sizeof(uint32_t));
  scope->frame_of = firn_arena_array(&scope->arena, n, sizeof(uint32_t));
  if (!scope->marks || !scope->outputs || !scope->outs || !scope->step_of ||
      !scope->frame_of)
    return firn_oom(err, n);
  for (uint32_t i = 0; i < n; i++) {
    scope->outputs[i] = scope->graph->nodes[i]->output_count;
    scope->step_of[i] = FIRN_NO_STEP;
  }
  return FIRN_OK;
}

void firn_scope_fini(firn_scope *scope) { firn_arena_fini(&scope->arena); }

/* ---- Feeds -------------------------------------------------------------- */

bool firn_scope_fed(const firn_scope *scope, uint32_t node, uint32_t output,
                    size_t *which) {
  const firn_wish *w = scope->wish;
  for (size_t i = 0; w && i < w->feed_count; i++)
    if (w->feeds[i].node == node && w->feeds[i].output == output) {
      *which = i;
      return true;
    }
  return false;
}

/* A control edge from a fed node waits for the feed, not for the node. */
static bool fed_at_all(const firn_scope *scope, uint32_t node) {
  const firn_wish *w = scope->wish;
  for (size_t i = 0; w && i < w->feed_count; i++)
    if (w->feeds[i].node == node) return true;
  return false;
}

/* ---- Prune -------------------------------------------------------------- */

static firn_code missing_input(const firn_node *node, uint32_t input,
                               firn_error *err) {
  const firn_str name = node->def->input[input];
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "node '%.*s' (%.*s): input %u names '%.*s', which is not in "
                   "the graph",
                   FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), input,
                   FIRN_ARG(name));
}

static firn_code missing_output(const firn_scope *s, const firn_node *node,
                                firn_edge edge, firn_error *err) {
  const firn_node *from = s->graph->nodes[edge.node];
  return firn_fail(
      err, FIRN_INVALID_ARGUMENT,
      "node '%.*s' (%.*s): wants output %u of '%.*s' (%.*s), which "
      "has %u",
      FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), edge.output,
      FIRN_ARG(from->def->name), FIRN_ARG(from->def->op),
      s->outputs[edge.node]);
}

/* Whether an edge's output exists. Of an op without definition whatever is
 * asked for does: the plan will complain of the op itself if it is reached. */
static bool has_output(firn_scope *s, firn_edge e) {
  enum { MOST = 1 << 16 };
  if (!s->graph->nodes[e.node]->outputs_known && e.output < MOST &&
      e.output >= s->outputs[e.node])
    s->outputs[e.node] = e.output + 1;
  return e.output < s->outputs[e.node];
}

static void push(firn_scope *s, uint32_t node, uint32_t *stack, uint32_t *top) {
  if (s->marks[node]) return;
  s->marks[node] = true;
  stack[(*top)++] = node;
}

static firn_code mark_inputs(firn_scope *s, const firn_node *node,
                             uint32_t *stack, uint32_t *top, firn_error *err) {
  size_t which;
  for (uint32_t i = 0; i < node->input_count; i++) {
    const firn_edge e = node->inputs[i];
    if (e.node == FIRN_NO_NODE) return missing_input(node, i, err);
    if (firn_scope_fed(s, e.node, e.output, &which)) continue;
    if (!has_output(s, e)) return missing_output(s, node, e, err);
    push(s, e.node, stack, top);
  }
  for (uint32_t i = 0; i < node->control_count; i++) {
    const uint32_t c = node->controls[i];
    if (c == FIRN_NO_NODE)
      return missing_input(node, node->input_count + i, err);
    if (!fed_at_all(s, c)) push(s, c, stack, top);
  }
  return FIRN_OK;
}

firn_code firn_scope_prune(firn_scope *s, const firn_edge *edges,
                           size_t edges_n, const uint32_t *nodes,
                           size_t nodes_n, firn_error *err) {
  size_t which;
  uint32_t top = 0;
  uint32_t *stack =
      firn_arena_array(&s->arena, s->graph->node_count, sizeof *stack);
  if (!stack) return firn_oom(err, 0);
  for (size_t i = 0; i < edges_n; i++) {
    const firn_edge e = edges[i];
    if (firn_scope_fed(s, e.node, e.output, &which)) continue;
    if (!has_output(s, e))
      return firn_fail(err, FIRN_OUT_OF_RANGE,
                       "there is no output %u of '%.*s', which has %u",
                       e.output, FIRN_ARG(s->graph->nodes[e.node]->def->name),
                       s->outputs[e.node]);
    push(s, e.node, stack, &top);
  }
  for (size_t i = 0; i < nodes_n; i++) push(s, nodes[i], stack, &top);
  while (top > 0) {
    const firn_node *node = s->graph->nodes[stack[--top]];
    FIRN_TRY(mark_inputs(s, node, stack, &top, err));
  }
  return FIRN_OK;
}

/* ---- Sources ------------------------------------------------------------ */

static bool op_is(const firn_node *node, const char *a, const char *b) {
  return firn_str_is(node->def->op, a) || firn_str_is(node->def->op, b);
}

static bool is_next(const firn_node *node) {
  return op_is(node, "NextIteration", "RefNextIteration");
}
static bool is_enter(const firn_node *node) {
  return op_is(node, "Enter", "RefEnter");
}
static bool is_exit(const firn_node *node) {
  return op_is(node, "Exit", "RefExit");
}

/* The node that the k-th input of `node` (data first, then control) waits for;
 * false when it waits for nobody: the input is fed, or is a loop's way back. */
static bool source(const firn_scope *s, const firn_node *node, uint32_t k,
                   uint32_t *from) {
  size_t which;
  if (k < node->input_count) {
    *from = node->inputs[k].node;
    if (firn_scope_fed(s, *from, node->inputs[k].output, &which)) return false;
  } else {
    *from = node->controls[k - node->input_count];
  }
  return s->marks[*from] && !is_next(s->graph->nodes[*from]);
}

static firn_code cycle(const firn_scope *s, const uint32_t *waiting,
                       firn_error *err) {
  size_t said = 0;
  firn_fail(err, FIRN_INVALID_ARGUMENT, "the graph has a cycle");
  for (uint32_t n = 0; n < s->graph->node_count && said < 20; n++)
    if (s->marks[n] && waiting[n] && ++said)
      firn_error_add(err, "in the cycle or behind it: '%.*s' (%.*s)",
                     FIRN_ARG(s->graph->nodes[n]->def->name),
                     FIRN_ARG(s->graph->nodes[n]->def->op));
  return FIRN_INVALID_ARGUMENT;
}

/* ---- Who waits for whom ------------------------------------------------- */

/* Edges between units 0 .. count: item[start[u] .. start[u + 1]) wait for u. */
typedef struct waiters {
  uint32_t *start, *item, *waiting;
  uint32_t count;
} waiters;

/* The unit of a node, or FIRN_NO_NODE when it takes no part. */
typedef struct unit_map {
  const firn_scope *scope;
  uint32_t frame;
  const bool *pick;
  bool whole; /* frames do not count: every needed node is a unit */
} unit_map;

static uint32_t unit_of(const unit_map *m, uint32_t node) {
  const firn_scope *s = m->scope;
  if (!s->marks[node]) return FIRN_NO_NODE;
  if (m->whole) return node;
  uint32_t frame = s->frame_of[node];
  if (frame == m->frame) return !m->pick || m->pick[node] ? node : FIRN_NO_NODE;
  while (frame && s->frames[frame].parent != m->frame)
    frame = s->frames[frame].parent;
  if (!frame) return FIRN_NO_NODE;
  const uint32_t cond = s->frames[frame].loop_cond;
  if (m->pick && (cond == FIRN_NO_NODE || !m->pick[cond])) return FIRN_NO_NODE;
  return s->graph->node_count + frame;
}

static firn_code find_waiters(const unit_map *m, firn_arena *arena, waiters *w,
                              firn_error *err) {
  const firn_scope *s = m->scope;
  const uint32_t n = s->graph->node_count;
  uint32_t from, total = 0;
  w->count = n + s->frame_count + 1;
  w->start = firn_arena_array(arena, (size_t)w->count + 2, sizeof(uint32_t));
  w->waiting = firn_arena_array(arena, w->count, sizeof(uint32_t));
  if (!w->start || !w->waiting) return firn_oom(err, n);
  for (int fill = 0; fill < 2; fill++) {
    for (uint32_t i = 0; i < n; i++) {
      const firn_node *node = s->graph->nodes[i];
      const uint32_t to = unit_of(m, i);
      for (uint32_t k = 0;
           to != FIRN_NO_NODE && k < node->input_count + node->control_count;
           k++) {
        if (!source(s, node, k, &from)) continue;
        const uint32_t u = unit_of(m, from);
        if (u == FIRN_NO_NODE || (u == to && u >= n)) continue;
        if (fill) {
          w->item[w->start[u + 1]++] = to;
          w->waiting[to]++;
        } else {
          w->start[u + 2]++;
          total++;
        }
      }
    }
    if (fill) break;
    for (uint32_t i = 0; i < w->count; i++) w->start[i + 2] += w->start[i + 1];
    w->item = firn_arena_array(arena, total, sizeof(uint32_t));
    if (!w->item) return firn_oom(err, total);
  }
  return FIRN_OK;
}

/* ---- Order -------------------------------------------------------------- */

/* Ready units wait in a heap: those that write to variables behind all others,
 * else in file order. */
static uint64_t rank_of(const firn_scope *s, uint32_t unit) {
  bool writes = false;
  if (unit < s->graph->node_count) {
    const firn_op *op = firn_op_of(s->graph->nodes[unit]);
    writes = op && (op->flags & FIRN_OP_WRITES);
  }
  return (uint64_t)writes << 32 | unit;
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

/* Topological order of the units of a map; *count is what could be ordered,
 * *total what there is. */
static firn_code order_units(const unit_map *m, firn_arena *arena,
                             uint32_t **order, uint32_t *count, uint32_t *total,
                             uint32_t **waiting, firn_error *err) {
  const firn_scope *s = m->scope;
  waiters w = {0};
  size_t ready = 0;
  FIRN_TRY(find_waiters(m, arena, &w, err));
  uint64_t *heap = firn_arena_array(arena, w.count, sizeof *heap);
  bool *there = firn_arena_array(arena, w.count, sizeof *there);
  *order = firn_arena_array(arena, w.count, sizeof **order);
  if (!heap || !there || !*order) return firn_oom(err, w.count);
  *count = *total = 0;
  for (uint32_t i = 0; i < s->graph->node_count; i++) {
    const uint32_t u = unit_of(m, i);
    if (u == FIRN_NO_NODE || there[u]) continue;
    there[u] = true;
    ++*total;
    if (!w.waiting[u]) heap_push(heap, &ready, rank_of(s, u));
  }
  while (ready > 0) {
    const uint32_t u = (uint32_t)heap_pop(heap, &ready);
    (*order)[(*count)++] = u;
    for (uint32_t k = w.start[u]; k < w.start[u + 1]; k++)
      if (--w.waiting[w.item[k]] == 0)
        heap_push(heap, &ready, rank_of(s, w.item[k]));
  }
  *waiting = w.waiting;
  return FIRN_OK;
}

firn_code firn_scope_order(firn_scope *scope, uint32_t frame, const bool *pick,
                           firn_unit **units, uint32_t *count,
                           firn_error *err) {
  const unit_map m = {scope, frame, pick, false};
  uint32_t *order, *waiting, total;
  FIRN_TRY(
      order_units(&m, &scope->arena, &order, count, &total, &waiting, err));
  if (*count != total) return cycle(scope, waiting, err);
  *units = firn_arena_array(&scope->arena, total, sizeof **units);
  if (!*units) return firn_oom(err, total);
  for (uint32_t i = 0; i < total; i++) {
    const bool is_frame = order[i] >= scope->graph->node_count;
    (*units)[i] = (firn_unit){
        is_frame, is_frame ? order[i] - scope->graph->node_count : order[i]};
  }
  return FIRN_OK;
}

/* ---- Frames ------------------------------------------------------------- */

/* The frame of that name in `parent`, made when it is new. */
static uint32_t child_frame(firn_scope *s, uint32_t parent, firn_str name) {
  for (uint32_t i = 1; i < s->frame_count; i++)
    if (s->frames[i].parent == parent && firn_str_eq(s->frames[i].name, name))
      return i;
  s->frames[s->frame_count] = (firn_loop_frame){name, parent, FIRN_NO_NODE};
  return s->frame_count++;
}

static uint32_t depth_of(const firn_scope *s, uint32_t frame) {
  uint32_t depth = 0;
  for (; frame; frame = s->frames[frame].parent) depth++;
  return depth;
}

uint32_t firn_scope_frame(const firn_scope *s, uint32_t node) {
  const uint32_t frame = s->frame_of[node];
  return is_exit(s->graph->nodes[node]) && frame ? s->frames[frame].parent
                                                 : frame;
}

/* Whether `frame` is `inner` or around it. */
static bool is_around(const firn_scope *s, uint32_t frame, uint32_t inner) {
  while (inner != frame && inner) inner = s->frames[inner].parent;
  return inner == frame;
}

static firn_code two_loops(const firn_node *node, firn_error *err) {
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "node '%.*s' (%.*s): takes values from the inside of two "
                   "loops",
                   FIRN_ARG(node->def->name), FIRN_ARG(node->def->op));
}

static firn_code too_deep(const firn_scope *s, const firn_node *node,
                          firn_error *err) {
  return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                   "node '%.*s' (%.*s): loops and calls are nested more than "
                   "%u deep",
                   FIRN_ARG(node->def->name), FIRN_ARG(node->def->op),
                   s->program->env.limits.call_depth);
}

static firn_code place_node(firn_scope *s, uint32_t index, firn_error *err) {
  const firn_node *node = s->graph->nodes[index];
  const uint32_t inputs = node->input_count + node->control_count;
  uint32_t from, best = 0;
  for (uint32_t k = 0; k < inputs; k++) {
    if (!source(s, node, k, &from)) continue;
    const uint32_t frame = firn_scope_frame(s, from);
    if (is_around(s, best, frame))
      best = frame;
    else if (!is_around(s, frame, best))
      return two_loops(node, err);
  }
  if (is_enter(node)) {
    best = child_frame(s, best, firn_attr_str_or(node, "frame_name", ""));
    if (s->depth + depth_of(s, best) > s->program->env.limits.call_depth)
      return too_deep(s, node, err);
  }
  s->frame_of[index] = best;
  if (firn_str_is(node->def->op, "LoopCond") && best)
    s->frames[best].loop_cond = index;
  return FIRN_OK;
}

uint32_t firn_scope_depth(const firn_scope *s, uint32_t node) {
  return s->depth + depth_of(s, s->frame_of[node]);
}

firn_code firn_scope_find_frames(firn_scope *s, firn_error *err) {
  const unit_map m = {s, 0, NULL, true};
  uint32_t *order, *waiting, count, total, enters = 0;
  for (uint32_t i = 0; i < s->graph->node_count; i++)
    enters += s->marks[i] && is_enter(s->graph->nodes[i]);
  s->frames =
      firn_arena_array(&s->arena, (size_t)enters + 1, sizeof *s->frames);
  if (!s->frames) return firn_oom(err, enters);
  s->frame_count = 1;
  s->frames[0].loop_cond = FIRN_NO_NODE;
  if (!enters) return FIRN_OK;
  FIRN_TRY(order_units(&m, &s->arena, &order, &count, &total, &waiting, err));
  if (count != total) return cycle(s, waiting, err);
  for (uint32_t i = 0; i < count; i++) FIRN_TRY(place_node(s, order[i], err));
  return FIRN_OK;
}

/* ---- Values ------------------------------------------------------------- */

uint32_t firn_scope_value(const firn_scope *s, firn_edge e) {
  size_t which;
  if (firn_scope_fed(s, e.node, e.output, &which))
    return s->program->feeds[which];
  return s->outs[e.node] ? s->outs[e.node][e.output] : FIRN_NO_VALUE;
}
