/* build/grad_frames.c: which loop each node is in, and in which order a walk
 * meets whole loops.
 *
 * A loop is met where the first of its Exits stands: by then, going backward,
 * all that takes anything from it must have been met, so the order is made such
 * that whatever enters a loop comes before each of its Exits. */
#include "build/grad_walk.h"

#include <stdlib.h>

/* Loops in loops, and conditionals in conditionals, that are looked into. */
enum { MAX_DEPTH = 64, MAX_HOPS = 8 };

bool firn_grad_walk_op_is(const firn_node *node, const char *op) {
  firn_str name = node->def->op;
  if (firn_str_starts(name, FIRN_STR("Ref"))) {
    name.data += 3;
    name.size -= 3;
  }
  return firn_str_is(name, op);
}

static bool op_is(const firn_node *node, const char *op) {
  return firn_grad_walk_op_is(node, op);
}

static uint32_t source_count(const firn_node *node) {
  return node->input_count + node->control_count;
}

/* Whom a node waits for, data first; false for nobody: a loop's way back. */
static bool source(const firn_grad_walk *w, const firn_node *node, uint32_t k,
                   firn_output *from) {
  *from = k < node->input_count
              ? firn_input_of(node, k)
              : (firn_output){node->controls[k - node->input_count], 0};
  return from->node < w->count && w->below[from->node] &&
         !op_is(w->b->graph->nodes[from->node], "NextIteration");
}

static void too_deep(firn_grad_walk *w, const firn_node *node) {
  firn_builder_fail(w->b, FIRN_RESOURCE_EXHAUSTED,
                    "node '%.*s' (%.*s): gradients of loops or conditionals "
                    "nested more than %d deep",
                    FIRN_ARG(node->def->name), FIRN_ARG(node->def->op),
                    MAX_DEPTH);
}

/* ---- Conditionals in loops ----------------------------------------------- */

/* What an output is a copy of. */
static firn_output origin(const firn_grad_walk *w, firn_output o) {
  for (int hops = 0; hops < MAX_HOPS; hops++) {
    const firn_node *node = firn_node_of(w->b, o);
    if (!node || !op_is(node, "Identity") || !node->input_count) break;
    o = firn_input_of(node, 0);
  }
  return o;
}

bool firn_grad_walk_is_loops_own(const firn_grad_walk *w,
                                 const firn_node *node) {
  const firn_node *choice =
      firn_node_of(w->b, origin(w, firn_input_of(node, 1)));
  return choice && op_is(choice, "LoopCond");
}

bool firn_grad_walk_goes_round(const firn_grad_walk *w, const firn_node *node) {
  for (uint32_t i = 0; i < node->input_count; i++) {
    const firn_node *from = firn_node_of(w->b, firn_input_of(node, i));
    if (from && op_is(from, "NextIteration")) return true;
  }
  return false;
}

static firn_grad_walk_branch *branch_of(firn_grad_walk *w,
                                        firn_grad_walk_frame *frame,
                                        firn_grad_walk_branch *outer,
                                        firn_output choice, uint32_t taken) {
  choice = origin(w, choice);
  firn_grad_walk_branch *b = frame->branches;
  for (; b; b = b->next)
    if (b->outer == outer && b->taken == taken &&
        firn_output_same(b->choice, choice))
      return b;
  b = firn_grad_walk_room(w, 1, sizeof *b);
  if (!b) return outer;
  *b = (firn_grad_walk_branch){outer, frame->branches, choice, taken,
                               outer ? outer->depth + 1 : 1};
  return frame->branches = b;
}

static firn_grad_walk_branch *in_common(firn_grad_walk_branch *a,
                                        firn_grad_walk_branch *b) {
  while (a != b)
    if (a && (!b || a->depth >= b->depth))
      a = a->outer;
    else
      b = b->outer;
  return a;
}

/* ---- Homes --------------------------------------------------------------- */

void firn_grad_walk_set_home(firn_grad_walk *w, uint32_t node,
                             firn_grad_walk_frame *frame,
                             firn_grad_walk_branch *branch) {
  while (w->home_count <= node) {
    if (!firn_builder_grow(w->b, &w->homes, w->home_count, &w->home_capacity,
                           sizeof *w->homes))
      return;
    w->homes[w->home_count++] = (firn_grad_walk_home){&w->graph, NULL};
  }
  w->homes[node] = (firn_grad_walk_home){frame, branch};
}

firn_grad_walk_home firn_grad_walk_home_of(firn_grad_walk *w, firn_output o) {
  if (o.node >= w->home_count) return (firn_grad_walk_home){&w->graph, NULL};
  firn_grad_walk_home home = w->homes[o.node];
  const firn_node *node = firn_node_of(w->b, o);
  if (o.node >= w->count || !home.frame->parent) return home;
  if (op_is(node, "Exit"))
    return (firn_grad_walk_home){home.frame->parent, home.frame->branch};
  if (op_is(node, "Switch") && !firn_grad_walk_is_loops_own(w, node))
    home.branch =
        branch_of(w, home.frame, home.branch, firn_input_of(node, 1), o.index);
  return home;
}

static bool is_around(const firn_grad_walk_frame *frame,
                      const firn_grad_walk_frame *inner) {
  while (inner != frame && inner->parent) inner = inner->parent;
  return inner == frame;
}

/* The frame of that name in `parent`, made when it is new. */
static firn_grad_walk_frame *child_frame(firn_grad_walk *w,
                                         firn_grad_walk_home outside,
                                         const firn_node *enter) {
  const firn_str name = firn_attr_str_or(enter, "frame_name", "");
  for (uint32_t i = 0; i < w->frame_count; i++)
    if (w->frames[i]->parent == outside.frame &&
        firn_str_eq(w->frames[i]->name, name))
      return w->frames[i];
  firn_grad_walk_frame *frame = firn_grad_walk_room(w, 1, sizeof *frame);
  if (!frame) return outside.frame;
  *frame = (firn_grad_walk_frame){
      .parent = outside.frame,
      .branch = outside.branch,
      .name = name,
      .depth = outside.frame->depth + 1,
      .parallel = firn_attr_int_or(enter, "parallel_iterations", 10),
      .cond = FIRN_NO_OUTPUT,
      .gate = FIRN_NO_OUTPUT,
      .entering = firn_input_of(enter, 0)};
  if (frame->depth > MAX_DEPTH) too_deep(w, enter);
  return w->frames[w->frame_count++] = frame;
}

/* The innermost frame and conditional that a source is in. */
static firn_grad_walk_home place_of(firn_grad_walk *w, const firn_node *node) {
  firn_grad_walk_home best = {&w->graph, NULL};
  firn_output from;
  for (uint32_t k = 0; k < source_count(node); k++) {
    if (!source(w, node, k, &from)) continue;
    const firn_grad_walk_home home = firn_grad_walk_home_of(w, from);
    if (home.frame == best.frame) {
      if (home.branch &&
          (!best.branch || home.branch->depth > best.branch->depth))
        best.branch = home.branch;
    } else if (is_around(best.frame, home.frame)) {
      best = home;
    } else if (!is_around(home.frame, best.frame)) {
      firn_builder_fail(w->b, FIRN_INVALID_ARGUMENT,
                        "node '%.*s' (%.*s): takes values from the inside of "
                        "two loops",
                        FIRN_ARG(node->def->name), FIRN_ARG(node->def->op));
    }
  }
  if (best.branch && best.branch->depth > MAX_DEPTH) too_deep(w, node);
  return best;
}

/* Behind a Merge it is as it was before the Switch. */
static void leave_branch(firn_grad_walk *w, const firn_node *merge,
                         firn_grad_walk_home *home) {
  firn_output from;
  bool first = true;
  for (uint32_t k = 0; k < merge->input_count; k++) {
    if (!source(w, merge, k, &from)) continue;
    firn_grad_walk_branch *branch = firn_grad_walk_home_of(w, from).branch;
    home->branch = first ? branch : in_common(home->branch, branch);
    first = false;
  }
}

static void place_node(firn_grad_walk *w, const firn_node *node) {
  firn_grad_walk_home home = place_of(w, node);
  if (op_is(node, "Enter"))
    home = (firn_grad_walk_home){child_frame(w, home, node), NULL};
  if (home.frame->parent && op_is(node, "Merge") &&
      !firn_grad_walk_goes_round(w, node))
    leave_branch(w, node, &home);
  if (op_is(node, "LoopCond") && home.frame->parent)
    home.frame->cond = (firn_output){node->index, 0};
  firn_grad_walk_set_home(w, node->index, home.frame, home.branch);
}

/* ---- Order --------------------------------------------------------------- */

typedef struct ranked {
  uint32_t level, place, node;
} ranked;

/* One round; true when anything had to move. */
static bool raise_levels(firn_grad_walk *w, ranked *all, uint32_t *level) {
  bool moved = false;
  firn_output from;
  for (size_t i = 0; i < w->order_count; i++) {
    const firn_node *node = w->b->graph->nodes[w->order[i]];
    firn_grad_walk_frame *frame = w->homes[node->index].frame;
    uint32_t own = 0;
    for (uint32_t k = 0; k < source_count(node); k++)
      if (source(w, node, k, &from) && own <= level[from.node])
        own = level[from.node] + 1;
    if (op_is(node, "Enter") && frame->level < own) frame->level = own;
    if (op_is(node, "Exit") && own <= frame->level) own = frame->level + 1;
    moved |= level[node->index] != own;
    level[node->index] = own;
    all[i] = (ranked){own, (uint32_t)i, node->index};
  }
  return moved;
}

static int by_level(const void *x, const void *y) {
  const ranked *a = x, *b = y;
  if (a->level != b->level) return a->level < b->level ? -1 : 1;
  return a->place < b->place ? -1 : a->place > b->place;
}

static void sort_order(firn_grad_walk *w) {
  ranked *all = firn_grad_walk_room(w, w->order_count, sizeof *all);
  uint32_t *level = firn_grad_walk_room(w, w->count, sizeof *level);
  uint32_t rounds = w->frame_count + 2;
  if (!all || !level) return;
  while (raise_levels(w, all, level) && rounds) rounds--;
  if (!rounds)
    firn_builder_fail(w->b, FIRN_INVALID_ARGUMENT,
                      "gradients: loops of the graph wait for each other");
  qsort(all, w->order_count, sizeof *all, by_level);
  for (size_t i = 0; i < w->order_count; i++) w->order[i] = all[i].node;
}

/* The frame among whose items a node is: an Exit is the loop to those outside.
 */
static firn_grad_walk_frame *lists(const firn_grad_walk *w, uint32_t node) {
  firn_grad_walk_frame *frame = w->homes[node].frame;
  return op_is(w->b->graph->nodes[node], "Exit") && frame->parent
             ? frame->parent
             : frame;
}

static void deal_out(firn_grad_walk *w) {
  for (size_t i = 0; i < w->order_count; i++)
    lists(w, w->order[i])->item_count++;
  w->graph.items =
      firn_grad_walk_room(w, w->graph.item_count, sizeof *w->graph.items);
  w->graph.item_count = 0;
  for (uint32_t i = 0; i < w->frame_count; i++) {
    firn_grad_walk_frame *f = w->frames[i];
    f->items = firn_grad_walk_room(w, f->item_count, sizeof *f->items);
    f->item_count = 0;
  }
  for (size_t i = 0; i < w->order_count && !firn_grad_walk_failed(w); i++) {
    firn_grad_walk_frame *f = lists(w, w->order[i]);
    f->items[f->item_count++] = w->order[i];
    if (f != w->homes[w->order[i]].frame)
      w->homes[w->order[i]].frame->exits_left++;
  }
}

bool firn_grad_walk_find_frames(firn_grad_walk *w) {
  size_t enters = 0;
  for (size_t i = 0; i < w->order_count; i++)
    enters += op_is(w->b->graph->nodes[w->order[i]], "Enter");
  w->graph.items = w->order;
  w->graph.item_count = w->order_count;
  if (!enters) return true;
  w->graph.item_count = 0;
  w->frames = firn_grad_walk_room(w, enters, sizeof(*w->frames));
  for (size_t i = 0; i < w->order_count && !firn_grad_walk_failed(w); i++)
    place_node(w, w->b->graph->nodes[w->order[i]]);
  if (!firn_grad_walk_failed(w)) {
    /* Those that no y needs are in the graph, for all that is asked of them. */
    if (w->home_count < w->count)
      firn_grad_walk_set_home(w, w->count - 1, &w->graph, NULL);
    sort_order(w);
  }
  if (!firn_grad_walk_failed(w)) deal_out(w);
  return !firn_grad_walk_failed(w);
}
