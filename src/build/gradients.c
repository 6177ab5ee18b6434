/* build/gradients.c: derivatives by reverse mode.
 *
 * The nodes between the ys and the xs are walked against the direction of the
 * data. At each, what has arrived at its outputs is added up, its rule adds
 * nodes for its inputs, and those results are carried on. */
#include <string.h>

#include "build/grad_walk.h"

static const firn_grad_rule *const tables[] = {
    firn_grad_array,   firn_grad_call,         firn_grad_control,
    firn_grad_einsum,  firn_grad_factor,       firn_grad_fourier,
    firn_grad_gather,  firn_grad_linear,       firn_grad_list,
    firn_grad_loop,    firn_grad_math,         firn_grad_network,
    firn_grad_picture, firn_grad_quantize,     firn_grad_reduce,
    firn_grad_second,  firn_grad_sparse,       firn_grad_special,
    firn_grad_still,   firn_grad_tensor_array,
};

const firn_grad_rule *firn_grad_find(firn_str op) {
  for (size_t t = 0; t < FIRN_COUNT(tables); t++)
    for (const firn_grad_rule *r = tables[t]; r->op; r++)
      if (firn_str_is(op, r->op)) return r;
  return NULL;
}

/* ---- The walk ----------------------------------------------------------- */

static bool failed(const firn_grad_walk *w) { return firn_grad_walk_failed(w); }

void *firn_grad_walk_room(firn_grad_walk *w, size_t count, size_t size) {
  void *p = firn_arena_array(&w->arena, count ? count : 1, size);
  if (!p)
    firn_builder_fail(w->b, FIRN_RESOURCE_EXHAUSTED,
                      "out of memory for %zu gradients", count);
  return p;
}

static bool knows(firn_grad_walk *w, firn_output o, const char *what) {
  if (failed(w)) return false;
  const firn_node *node = firn_node_of(w->b, o);
  if (node && o.index < node->output_count) return true;
  firn_builder_fail(w->b, FIRN_INVALID_ARGUMENT,
                    "gradients: %s is no tensor of this graph", what);
  return false;
}

/* Who takes from one that depends on an x depends on it too; true when that
 * was news to any: through a loop's way back it takes several rounds. */
static bool spread(firn_grad_walk *w) {
  bool news = false;
  for (size_t i = 0; i < w->order_count; i++) {
    const firn_node *node = w->b->graph->nodes[w->order[i]];
    for (uint32_t k = 0; k < node->input_count; k++) {
      const uint32_t from = node->inputs[k].node;
      if (from >= w->count || !w->depends[from] || w->depends[node->index])
        continue;
      news = w->depends[node->index] = true;
    }
  }
  return news;
}

static void check_homes(firn_grad_walk *w) {
  for (size_t i = 0; i < w->ny + w->nx; i++) {
    const firn_output o = i < w->ny ? w->ys[i] : w->xs[i - w->ny];
    const firn_grad_walk_frame *frame = firn_grad_walk_home_of(w, o).frame;
    if (frame->parent)
      firn_builder_fail(w->b, FIRN_UNIMPLEMENTED,
                        "gradients: '%s' is inside of loop '%.*s'",
                        firn_output_name(w->b, o), FIRN_ARG(frame->name));
  }
}

/* Marks what lies between: below the ys and above the xs. */
static void look(firn_grad_walk *w) {
  firn_graph *graph = w->b->graph;
  firn_error err = FIRN_ERROR_INIT;
  uint32_t *roots = firn_grad_walk_room(w, w->ny, sizeof *roots);
  w->below = firn_grad_walk_room(w, w->count, sizeof *w->below);
  w->depends = firn_grad_walk_room(w, w->count, sizeof *w->depends);
  w->order = firn_grad_walk_room(w, w->count, sizeof *w->order);
  w->arrived = firn_grad_walk_room(w, w->count, sizeof *w->arrived);
  if (failed(w)) return;
  for (size_t i = 0; i < w->ny; i++) {
    if (!knows(w, w->ys[i], "a y")) return;
    roots[i] = w->ys[i].node;
  }
  firn_code code = firn_graph_reach(graph, roots, w->ny, false, w->below, &err);
  if (code == FIRN_OK)
    code = firn_graph_order(graph, w->below, w->order, &w->order_count, &err);
  if (!firn_builder_ok(w->b, code, &err)) return;
  for (size_t i = 0; i < w->nx; i++) {
    if (!knows(w, w->xs[i], "an x")) return;
    w->depends[w->xs[i].node] = w->below[w->xs[i].node];
  }
  while (spread(w)) continue;
  if (firn_grad_walk_find_frames(w)) check_homes(w);
}

/* A variable's handle stands for its value, a list for its elements. */
bool firn_grad_walk_flows(int type) {
  const firn_dtype base =
      type > 100 ? (firn_dtype)(type - 100) : (firn_dtype)type;
  switch (base) {
    case FIRN_FLOAT:
    case FIRN_DOUBLE:
    case FIRN_HALF:
    case FIRN_BFLOAT16:
    case FIRN_COMPLEX64:
    case FIRN_COMPLEX128:
    case FIRN_RESOURCE:
    case FIRN_VARIANT: return true;
    default: return false;
  }
}

void firn_grad_walk_arrive(firn_grad_walk *w, firn_output at, firn_output dy) {
  const firn_node *node = firn_node_of(w->b, at);
  if (failed(w) || !node || at.node >= w->count ||
      at.index >= node->output_count ||
      !firn_grad_walk_flows(node->output_types[at.index]))
    return;
  if (!w->arrived[at.node])
    w->arrived[at.node] = firn_grad_walk_room(w, node->output_count,
                                              sizeof(*w->arrived[at.node]));
  firn_grad_arrival *a = firn_grad_walk_room(w, 1, sizeof *a);
  if (failed(w)) return;
  a->dy = dy;
  firn_grad_arrival **end = &w->arrived[at.node][at.index];
  while (*end) end = &(*end)->next;
  *end = a;
}

/* The sum of what arrived at an output. */
firn_output firn_grad_walk_total(firn_grad_walk *w, uint32_t node,
                                 uint32_t output) {
  firn_grad_arrival *first = w->arrived[node] ? w->arrived[node][output] : NULL;
  if (!first) return FIRN_NO_OUTPUT;
  if (!first->next) return first->dy;
  size_t count = 0;
  for (firn_grad_arrival *a = first; a; a = a->next) count++;
  firn_output *all = firn_grad_walk_room(w, count, sizeof *all);
  if (failed(w)) return FIRN_NO_OUTPUT;
  count = 0;
  for (firn_grad_arrival *a = first; a; a = a->next) all[count++] = a->dy;
  firn_op_begin(w->b, "AddN", NULL);
  firn_op_inputs(w->b, all, count);
  first->dy = firn_op_end(w->b);
  first->next = NULL; /* the sum is asked for again when it is an x */
  return first->dy;
}

/* The y from which the walk came to a node: its name for messages. */
static const char *origin(firn_grad_walk *w, const firn_node *node) {
  for (size_t i = 0; i < w->ny; i++) {
    bool *marks = firn_grad_walk_room(w, w->count, sizeof *marks);
    if (!marks) break;
    if (firn_graph_reach(w->b->graph, &w->ys[i].node, 1, false, marks, NULL) ==
            FIRN_OK &&
        marks[node->index])
      return firn_output_name(w->b, w->ys[i]);
  }
  return "?";
}

static const char *goal(firn_grad_walk *w, const firn_node *node) {
  for (size_t i = 0; i < w->nx; i++) {
    bool *marks = firn_grad_walk_room(w, w->count, sizeof *marks);
    if (!marks) break;
    if (firn_graph_reach(w->b->graph, &node->index, 1, false, marks, NULL) ==
            FIRN_OK &&
        marks[w->xs[i].node])
      return firn_output_name(w->b, w->xs[i]);
  }
  return "?";
}

static void refuse(firn_grad_walk *w, const firn_node *node) {
  firn_builder_fail(
      w->b, FIRN_UNIMPLEMENTED,
      "node '%.*s' (%.*s): this op has no gradient; it lies on the way from "
      "'%s' to '%s'",
      FIRN_ARG(node->def->name), FIRN_ARG(node->def->op), origin(w, node),
      goal(w, node));
}

/* Rules trust that they are there. */
static bool has_its_inputs(firn_grad_walk *w, const firn_node *node) {
  firn_error err = FIRN_ERROR_INIT;
  return firn_builder_ok(w->b, firn_check_arity(node, &err), &err);
}

/* Carries what arrived at a node on to its inputs. */
static void pass(firn_grad_walk *w, const firn_node *node) {
  firn_output *dy = firn_grad_walk_room(w, node->output_count, sizeof *dy);
  firn_output *dx = firn_grad_walk_room(w, node->input_count, sizeof *dx);
  bool *wanted = firn_grad_walk_room(w, node->input_count, sizeof *wanted);
  bool any = false, anywhere = false;
  if (failed(w)) return;
  for (uint32_t k = 0; k < node->output_count; k++) {
    dy[k] = firn_grad_walk_total(w, node->index, k);
    any |= g_has(dy[k]);
  }
  for (uint32_t i = 0; i < node->input_count; i++) {
    const uint32_t from = node->inputs[i].node;
    dx[i] = FIRN_NO_OUTPUT;
    wanted[i] = from < w->count && w->depends[from];
    anywhere |= wanted[i];
  }
  if (!any || !anywhere || failed(w)) return;
  const firn_grad_rule *rule = firn_grad_find(node->def->op);
  if (!rule) {
    refuse(w, node);
    return;
  }
  if (!rule->rule || !has_its_inputs(w, node)) return;
  const firn_str scope =
      firn_builder_text(w->b, "%.*s_grad", FIRN_ARG(node->def->name));
  firn_builder_push(w->b, scope.data);
  rule->rule(&(firn_grad){w->b, node, dy, dx, wanted});
  firn_builder_pop(w->b);
  for (uint32_t i = 0; i < node->input_count; i++)
    if (wanted[i] && g_has(dx[i]))
      firn_grad_walk_arrive(w, firn_input_of(node, i), dx[i]);
}

static void start(firn_grad_walk *w) {
  for (size_t i = 0; i < w->ny && !failed(w); i++) {
    firn_output dy = w->dys ? w->dys[i] : FIRN_NO_OUTPUT;
    if (!g_has(dy)) {
      firn_op_begin(w->b, "OnesLike", NULL);
      firn_op_input(w->b, w->ys[i]);
      dy = firn_op_end(w->b);
    }
    firn_grad_walk_arrive(w, w->ys[i], dy);
  }
}

/* What a loop is made of is no op of its own. */
static bool is_of_loop(firn_grad_walk *w, const firn_grad_walk_frame *frame,
                       const firn_node *node) {
  static const char *const ops[] = {"Enter", "NextIteration", "LoopCond"};
  if (!frame->parent) return false;
  for (size_t i = 0; i < FIRN_COUNT(ops); i++)
    if (firn_grad_walk_op_is(node, ops[i])) return true;
  return firn_grad_walk_op_is(node, "Merge") &&
         firn_grad_walk_goes_round(w, node);
}

static void visit(firn_grad_walk *w, firn_grad_walk_frame *frame,
                  firn_grad_walk_frame *back, const firn_node *node) {
  firn_grad_walk_frame *inner =
      w->frame_count ? w->homes[node->index].frame : frame;
  if (inner != frame) { /* an Exit: the loop when it is the first of them */
    if (--inner->exits_left == 0) firn_grad_walk_loop(w, inner, back);
    return;
  }
  if (!w->depends[node->index] || is_of_loop(w, frame, node)) return;
  firn_grad_walk_go(w, back);
  if (frame->parent && firn_grad_walk_op_is(node, "Switch") &&
      firn_grad_walk_is_loops_own(w, node)) {
    const firn_output dy = firn_grad_walk_total(w, node->index, 1);
    if (g_has(dy)) firn_grad_walk_arrive(w, firn_input_of(node, 0), dy);
  } else {
    pass(w, node);
  }
  firn_grad_walk_return(w, back);
}

void firn_grad_walk_frame_back(firn_grad_walk *w, firn_grad_walk_frame *frame,
                               firn_grad_walk_frame *back) {
  for (size_t i = frame->item_count; i-- > 0 && !failed(w);)
    visit(w, frame, back, w->b->graph->nodes[frame->items[i]]);
}

static void derive(firn_grad_walk *w) {
  look(w);
  if (failed(w)) return;
  start(w);
  firn_grad_walk_frame_back(w, &w->graph, &w->graph);
}

void firn_gradients(firn_builder *b, const firn_output *ys, size_t ny,
                    const firn_output *xs, size_t nx, const firn_output *dys,
                    firn_output *dxs) {
  firn_grad_walk w = {
      .b = b, .ys = ys, .xs = xs, .dys = dys, .ny = ny, .nx = nx};
  for (size_t i = 0; i < nx; i++) dxs[i] = FIRN_NO_OUTPUT;
  if (b->failed != FIRN_OK) return;
  w.count = b->graph->node_count;
  firn_arena_init(&w.arena, &b->env.alloc);
  firn_map_init(&w.brought, &b->env.alloc);
  firn_builder_push(b, "gradients");
  derive(&w);
  for (size_t i = 0; i < nx && !failed(&w); i++)
    dxs[i] = firn_grad_walk_total(&w, xs[i].node, xs[i].index);
  firn_builder_pop(b);
  firn_map_fini(&w.brought);
  firn_arena_fini(&w.arena);
}
