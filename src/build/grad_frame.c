/* build/grad_frame.c: the gradient of a loop of the first generation (Enter ...
 * Exit), by its backward twin.
 *
 * The twin carries the derivative by each variable of the loop, from what
 * arrives at its Exit to what its Enter takes; and adds up, over all rounds,
 * that by each value that the loop only reads. */
#include "build/grad_body.h"
#include "build/grad_walk.h"

typedef struct variable {
  const firn_node *enter, *merge, *next, *choose;
  firn_grad_carried dy;
} variable;

typedef struct loop {
  firn_grad_walk *w;
  firn_grad_walk_frame *frame, *back, *twin;
  variable *variables;
  size_t count;
} loop;

static const firn_node *input(const loop *l, const firn_node *node,
                              uint32_t i) {
  return firn_node_of(l->w->b, firn_input_of(node, i));
}

static bool op_is(const firn_node *node, const char *op) {
  return node && firn_grad_walk_op_is(node, op);
}

static firn_output first_of(const firn_node *node) {
  return (firn_output){node->index, 0};
}

/* ---- Its variables ------------------------------------------------------- */

static bool is_odd(const loop *l, const char *what) {
  firn_builder_fail(l->w->b, FIRN_UNIMPLEMENTED,
                    "loop '%.*s' %s: it has no gradient",
                    FIRN_ARG(l->frame->name), what);
  return false;
}

/* Merges with a way back that depend on an x and are numbers or lists. */
static bool find_variables(loop *l) {
  const firn_grad_walk *w = l->w;
  l->variables =
      firn_grad_walk_room(l->w, l->frame->item_count, sizeof *l->variables);
  for (size_t i = 0; l->variables && i < l->frame->item_count; i++) {
    const firn_node *node = w->b->graph->nodes[l->frame->items[i]];
    variable v = {.enter = input(l, node, 0), .merge = node};
    if (!op_is(node, "Merge") || w->homes[node->index].frame != l->frame ||
        node->input_count != 2)
      continue;
    v.next = input(l, node, 1);
    if (op_is(v.enter, "NextIteration")) {
      v.next = v.enter;
      v.enter = input(l, node, 1);
    }
    if (!op_is(v.enter, "Enter") || !op_is(v.next, "NextIteration")) continue;
    if (!w->depends[node->index] ||
        !firn_grad_walk_flows(node->output_types[0]))
      continue;
    if (firn_dtype_base(node->output_types[0]) == FIRN_RESOURCE)
      return is_odd(l, "changes a handle");
    l->variables[l->count++] = v;
  }
  return !firn_grad_walk_failed(l->w);
}

static variable *of_merge(const loop *l, uint32_t merge) {
  for (size_t i = 0; i < l->count; i++)
    if (l->variables[i].merge->index == merge) return &l->variables[i];
  return NULL;
}

/* The Switch of each. */
static bool find_switches(loop *l) {
  for (size_t i = 0; i < l->frame->item_count; i++) {
    const firn_node *node = l->w->b->graph->nodes[l->frame->items[i]];
    if (!op_is(node, "Switch") || !firn_grad_walk_is_loops_own(l->w, node))
      continue;
    variable *v = of_merge(l, firn_input_of(node, 0).node);
    if (v) v->choose = node;
  }
  for (size_t i = 0; i < l->count; i++)
    if (!l->variables[i].choose)
      return is_odd(l, "has a variable without a Switch");
  return true;
}

/* Takes what arrived at the Exits to where they take it from; false for
 * nothing. */
static bool enter_backward(loop *l) {
  firn_grad_walk *w = l->w;
  const firn_grad_walk_frame *outer = l->frame->parent;
  bool any = false;
  for (size_t i = 0; i < outer->item_count && !firn_grad_walk_failed(w); i++) {
    const firn_node *node = w->b->graph->nodes[outer->items[i]];
    if (!op_is(node, "Exit") || w->homes[node->index].frame != l->frame)
      continue;
    const firn_output dy = firn_grad_walk_total(w, node->index, 0);
    if (g_has(dy)) firn_grad_walk_arrive(w, firn_input_of(node, 0), dy);
    any |= g_has(dy) && w->depends[node->index];
  }
  return any;
}

/* ---- The twin's variables ------------------------------------------------ */

/* The derivatives by the variables at the end, and on to the body's ends. */
static void carry_derivatives(loop *l) {
  firn_grad_walk *w = l->w;
  for (size_t i = 0; i < l->count && !firn_grad_walk_failed(w); i++) {
    variable *v = &l->variables[i];
    firn_grad_walk_go(w, l->back);
    firn_output dy = firn_grad_walk_total(w, v->choose->index, 0);
    if (!g_has(dy))
      dy = firn_grad_zeros(
          w->b, firn_grad_walk_exit(w, l->frame, first_of(v->choose)),
          FIRN_INVALID);
    dy = firn_grad_walk_bring(w, l->back, dy);
    firn_grad_walk_return(w, l->back);
    v->dy = firn_grad_walk_carry(w, l->twin, dy);
    firn_grad_walk_arrive(w, firn_input_of(v->next, 0), v->dy.value);
  }
}

/* What they are at the beginning of a round goes on to the round before. */
static void return_derivatives(loop *l) {
  firn_grad_walk *w = l->w;
  for (size_t i = 0; i < l->count && !firn_grad_walk_failed(w); i++) {
    const variable *v = &l->variables[i];
    firn_grad_walk_go(w, l->twin);
    firn_output dx = firn_grad_walk_total(w, v->merge->index, 0);
    if (!g_has(dx))
      dx = firn_grad_zeros(w->b, (firn_output){v->choose->index, 1},
                           FIRN_INVALID);
    dx = firn_grad_walk_bring(w, l->twin, dx);
    firn_grad_walk_return(w, l->twin);
    firn_grad_walk_carry_on(w, l->twin, &v->dy, dx);
    firn_grad_walk_arrive(w, firn_input_of(v->enter, 0),
                          firn_grad_walk_exit(w, l->twin, v->dy.last));
  }
}

/* The derivative by what the loop only reads, summed over the rounds. */
static void add_up(loop *l, const firn_node *enter, firn_output dx) {
  firn_grad_walk *w = l->w;
  const firn_output from = firn_input_of(enter, 0);
  firn_grad_walk_go(w, l->back);
  const firn_output zero = firn_grad_walk_bring(
      w, l->back,
      firn_grad_zeros(w->b, from, (firn_dtype)firn_output_type(w->b, dx)));
  firn_grad_walk_return(w, l->back);
  const firn_grad_carried sum = firn_grad_walk_carry(w, l->twin, zero);
  firn_grad_walk_go(w, l->twin);
  firn_op_begin(w->b, "AddN", NULL);
  firn_op_inputs(w->b, (const firn_output[]){sum.value, dx}, 2);
  const firn_output next = firn_op_end(w->b);
  firn_grad_walk_return(w, l->twin);
  firn_grad_walk_carry_on(w, l->twin, &sum, next);
  firn_grad_walk_arrive(w, from, firn_grad_walk_exit(w, l->twin, sum.last));
}

static void add_up_all(loop *l) {
  firn_grad_walk *w = l->w;
  for (size_t i = 0; i < l->frame->item_count && !firn_grad_walk_failed(w);
       i++) {
    const firn_node *node = w->b->graph->nodes[l->frame->items[i]];
    if (!op_is(node, "Enter") || !w->depends[node->index] ||
        !firn_attr_bool_or(node, "is_constant", false))
      continue;
    firn_grad_walk_go(w, l->twin);
    firn_output dx = firn_grad_walk_total(w, node->index, 0);
    if (g_has(dx)) dx = firn_grad_walk_bring(w, l->twin, dx);
    firn_grad_walk_return(w, l->twin);
    if (g_has(dx)) add_up(l, node, dx);
  }
}

/* ---- The whole ----------------------------------------------------------- */

void firn_grad_walk_loop(firn_grad_walk *w, firn_grad_walk_frame *frame,
                         firn_grad_walk_frame *back) {
  loop l = {.w = w, .frame = frame, .back = back};
  if (!g_has(frame->cond)) {
    is_odd(&l, "has no LoopCond");
    return;
  }
  firn_grad_walk_go(w, back);
  const bool any = enter_backward(&l);
  firn_grad_walk_return(w, back);
  if (!any || !find_variables(&l) || !find_switches(&l)) return;
  const firn_str scope =
      firn_builder_text(w->b, "%.*s_grad", FIRN_ARG(frame->name));
  firn_builder_push(w->b, scope.data);
  l.twin = firn_grad_walk_twin(w, frame, back);
  if (l.twin) {
    carry_derivatives(&l);
    firn_grad_walk_frame_back(w, frame, l.twin);
    return_derivatives(&l);
    add_up_all(&l);
  }
  firn_builder_pop(w->b);
}
