/* graph/walk.c: what is needed for something, and in which order.
 *
 * Graphs come from files and may be deep, so nothing here recurses.
 */
#include <stdio.h>

#include "graph/graph.h"

/* ---- Reach -------------------------------------------------------------- */

typedef struct reach {
  const firn_graph *graph;
  bool *marks;
  uint32_t *stack; /* room for every node: each is pushed once */
  size_t depth;
} reach;

static void push(reach *r, uint32_t node) {
  if (node >= r->graph->node_count || r->marks[node]) return;
  r->marks[node] = true;
  r->stack[r->depth++] = node;
}

/* The nodes that `_class` names: a Const that stands where a variable stood
 * keeps the company of the variable. */
static void push_colocated(reach *r, const firn_node *node) {
  static const firn_str prefix = {"loc:@", 5};
  const firn_pb_AttrValue *value = firn_attr(node, "_class");
  if (!value || value->value_case != FIRN_ATTR_LIST || !value->list) return;
  for (size_t i = 0; i < value->list->s_count; i++) {
    const firn_str s = value->list->s[i];
    if (!firn_str_starts(s, prefix)) continue;
    const firn_node *other = firn_graph_find(
        r->graph, (firn_str){s.data + prefix.size, s.size - prefix.size});
    if (other) push(r, other->index);
  }
}

firn_code firn_graph_reach(const firn_graph *graph, const uint32_t *roots,
                           size_t count, bool colocation, bool *marks,
                           firn_error *err) {
  const size_t size = graph->node_count * sizeof(uint32_t);
  reach r = {.graph = graph, .marks = marks};
  r.stack = firn_new(&graph->env.alloc, size + 1);
  if (!r.stack) return firn_oom(err, size);

  for (size_t i = 0; i < count; i++) push(&r, roots[i]);
  while (r.depth > 0) {
    const firn_node *node = graph->nodes[r.stack[--r.depth]];
    for (uint32_t i = 0; i < node->input_count; i++)
      push(&r, node->inputs[i].node);
    for (uint32_t i = 0; i < node->control_count; i++)
      push(&r, node->controls[i]);
    if (colocation) push_colocated(&r, node);
  }
  firn_delete(&graph->env.alloc, r.stack, size + 1);
  return FIRN_OK;
}

/* ---- Order -------------------------------------------------------------- */

/* A node is ready when all it needs is written. Ready nodes wait in a heap with
 * the first of the file on top. */
typedef struct order {
  const firn_graph *graph;
  const bool *marks;
  uint32_t *waits; /* per node: inputs not written yet                      */
  size_t *starts;  /* per node: where its users begin; one more at the end  */
  uint32_t *users;
  uint32_t *heap;
  size_t ready;
} order;

static bool closes_loop(const firn_node *node) {
  return firn_str_is(node->type->name, "NextIteration") ||
         firn_str_is(node->type->name, "RefNextIteration");
}

/* Whether a marked node has to come after node `input`. */
static bool counts(const order *o, uint32_t input) {
  return input < o->graph->node_count && o->marks[input] &&
         !closes_loop(o->graph->nodes[input]);
}

static uint32_t input_at(const firn_node *node, uint32_t i) {
  return i < node->input_count ? node->inputs[i].node
                               : node->controls[i - node->input_count];
}

/* Counts, or once there is `users` writes, who uses whom. */
static void each_edge(order *o) {
  for (uint32_t n = 0; n < o->graph->node_count; n++) {
    const firn_node *node = o->graph->nodes[n];
    const uint32_t inputs = node->input_count + node->control_count;
    for (uint32_t i = 0; o->marks[n] && i < inputs; i++) {
      const uint32_t input = input_at(node, i);
      if (!counts(o, input)) continue;
      if (o->users)
        o->users[--o->starts[input]] = n;
      else
        o->starts[input]++, o->waits[n]++;
    }
  }
}

static void heap_push(order *o, uint32_t node) {
  size_t at = o->ready++;
  for (; at > 0 && o->heap[(at - 1) / 2] > node; at = (at - 1) / 2)
    o->heap[at] = o->heap[(at - 1) / 2];
  o->heap[at] = node;
}

static uint32_t heap_pop(order *o) {
  const uint32_t top = o->heap[0], last = o->heap[--o->ready];
  size_t at = 0;
  for (size_t child; (child = 2 * at + 1) < o->ready; at = child) {
    if (child + 1 < o->ready && o->heap[child + 1] < o->heap[child]) child++;
    if (o->heap[child] >= last) break;
    o->heap[at] = o->heap[child];
  }
  o->heap[at] = last;
  return top;
}

static bool prepare(order *o, firn_arena *scratch) {
  const size_t count = o->graph->node_count;
  o->waits = firn_arena_array(scratch, count + 1, sizeof *o->waits);
  o->starts = firn_arena_array(scratch, count + 1, sizeof *o->starts);
  o->heap = firn_arena_array(scratch, count + 1, sizeof *o->heap);
  if (!o->waits || !o->starts || !o->heap) return false;

  each_edge(o);
  size_t sum = 0;
  for (size_t i = 0; i <= count; i++) sum = o->starts[i] += sum;
  o->users = firn_arena_array(scratch, sum + 1, sizeof *o->users);
  if (!o->users) return false;
  each_edge(o);
  return true;
}

/* One that an unfinished node waits for. */
static uint32_t awaited(const order *o, uint32_t node) {
  const firn_node *n = o->graph->nodes[node];
  uint32_t i = 0;
  while (!counts(o, input_at(n, i)) || o->waits[input_at(n, i)] == 0) i++;
  return input_at(n, i);
}

/* Whoever waits, waits for another that waits: following them leads into a
 * circle. */
static firn_code report_cycle(order *o, firn_error *err) {
  enum { SHOWN = 6, ROOM = 64 };
  uint32_t *passed = o->heap; /* empty by now */
  memset(passed, 0, o->graph->node_count * sizeof *passed);
  uint32_t start = 0;
  while (!o->marks[start] || o->waits[start] == 0) start++;
  for (; !passed[start]; start = awaited(o, start)) passed[start] = true;

  char text[SHOWN * ROOM] = "";
  size_t used = 0, length = 0;
  uint32_t node = start;
  do {
    const firn_str name = o->graph->nodes[node]->def->name;
    if (length++ < SHOWN)
      used += (size_t)snprintf(text + used, sizeof text - used, "'%.*s' needs ",
                               name.size > 50 ? 50 : (int)name.size, name.data);
    node = awaited(o, node);
  } while (node != start);
  return firn_fail(
      err, FIRN_INVALID_ARGUMENT, "cycle of %zu node%s: %s%s'%.*s'", length,
      length == 1 ? "" : "s", text, length > SHOWN ? "... needs " : "",
      FIRN_ARG(o->graph->nodes[start]->def->name));
}

firn_code firn_graph_order(const firn_graph *graph, const bool *marks,
                           uint32_t *out, size_t *count, firn_error *err) {
  order o = {.graph = graph, .marks = marks};
  firn_code code = FIRN_OK;
  size_t marked = 0, written = 0;
  firn_arena scratch;
  firn_arena_init(&scratch, &graph->env.alloc);
  if (!prepare(&o, &scratch)) {
    code = firn_oom(err, graph->node_count * sizeof(uint64_t));
    goto done;
  }

  for (uint32_t n = 0; n < graph->node_count; n++) {
    marked += marks[n];
    if (marks[n] && o.waits[n] == 0) heap_push(&o, n);
  }
  while (o.ready > 0) {
    const uint32_t n = heap_pop(&o);
    out[written++] = n;
    for (size_t i = o.starts[n]; i < o.starts[n + 1]; i++)
      if (--o.waits[o.users[i]] == 0) heap_push(&o, o.users[i]);
  }
  if (written < marked) code = report_cycle(&o, err);
  *count = written;

done:
  firn_arena_fini(&scratch);
  return code;
}
