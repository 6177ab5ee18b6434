/* runtime/program_loop.c: the loop frames of old graphs as LOOP steps.
 *
 *   Enter → Merge → Switch → (true) body → NextIteration → Merge
 *             ↓        ↓ (false)
 *          LoopCond   Exit
 *
 * Each Merge of an Enter and a NextIteration is a value that the loop carries;
 * Switch and Exit stand for the same value. An Enter that no such Merge takes
 * brings in something that does not change. Nodes that the LoopCond needs are
 * the condition, the others of the frame the body. */
#include "runtime/scope.h"

typedef struct frame_parts {
  uint32_t frame;
  uint32_t *merges, *nexts; /* per carried value: its Merge and NextIteration */
  uint32_t *init;           /* per carried value: what it starts with         */
  uint32_t count;
  bool *in_cond; /* per node of the graph                          */
} frame_parts;

static bool op_is(const firn_node *node, const char *op) {
  firn_str name = node->def->op;
  if (firn_str_starts(name, FIRN_STR("Ref"))) {
    name.data += 3;
    name.size -= 3;
  }
  return firn_str_is(name, op);
}

static const firn_node *input(const firn_scope *s, const firn_node *node,
                              uint32_t i) {
  if (i >= node->input_count || node->inputs[i].node == FIRN_NO_NODE)
    return NULL;
  return s->graph->nodes[node->inputs[i].node];
}

static firn_code odd_loop(const firn_scope *s, uint32_t frame, const char *what,
                          firn_error *err) {
  return firn_fail(err, FIRN_UNIMPLEMENTED, "loop '%.*s' %s",
                   FIRN_ARG(s->frames[frame].name), what);
}

/* Finds the carried values: Merges with a way back. */
static firn_code find_carried(firn_scope *s, frame_parts *f, firn_error *err) {
  const uint32_t n = s->graph->node_count;
  uint32_t most = 0;
  for (uint32_t i = 0; i < n; i++)
    most += s->marks[i] && s->frame_of[i] == f->frame &&
            op_is(s->graph->nodes[i], "Merge");
  f->merges = firn_arena_array(&s->arena, most, sizeof *f->merges);
  f->nexts = firn_arena_array(&s->arena, most, sizeof *f->nexts);
  f->init = firn_arena_array(&s->program->arena, most, sizeof *f->init);
  if (!f->merges || !f->nexts || !f->init) return firn_oom(err, most);
  for (uint32_t i = 0; i < n; i++) {
    const firn_node *node = s->graph->nodes[i];
    if (!s->marks[i] || s->frame_of[i] != f->frame || !op_is(node, "Merge"))
      continue;
    const firn_node *a = input(s, node, 0), *b = input(s, node, 1);
    if (!a || !b || node->input_count != 2) continue;
    const bool swapped = op_is(a, "NextIteration") && op_is(b, "Enter");
    if (!swapped && !(op_is(a, "Enter") && op_is(b, "NextIteration"))) continue;
    const firn_node *enter = swapped ? b : a;
    f->merges[f->count] = i;
    f->nexts[f->count] = swapped ? a->index : b->index;
    if (!enter->input_count)
      return odd_loop(s, f->frame, "has an odd Enter", err);
    f->init[f->count] = firn_scope_value(s, enter->inputs[0]);
    if (f->init[f->count] == FIRN_NO_VALUE)
      return odd_loop(s, f->frame, "starts with a value that is not there",
                      err);
    if (firn_str_is(enter->def->op, "Enter"))
      FIRN_TRY(firn_scope_deref(s, &f->init[f->count], enter, err));
    f->count++;
  }
  return FIRN_OK;
}

static firn_code map_one(firn_scope *s, uint32_t node, uint32_t value,
                         uint32_t outputs, firn_error *err) {
  uint32_t *outs = firn_arena_array(&s->arena, outputs, sizeof *outs);
  if (!outs) return firn_oom(err, outputs);
  for (uint32_t k = 0; k < outputs; k++) outs[k] = value;
  s->outs[node] = outs;
  return FIRN_OK;
}

/* New values for what is carried; Merges and constant Enters stand for values.
 */
static firn_code map_entrance(firn_scope *s, frame_parts *f, uint32_t *first,
                              firn_error *err) {
  firn_program *p = s->program;
  uint32_t value;
  *first = p->value_count;
  for (uint32_t i = 0; i < f->count; i++) {
    const firn_node *merge = s->graph->nodes[f->merges[i]];
    FIRN_TRY(firn_program_add_value(p, p->values[f->init[i]].dtype,
                                    FIRN_NO_STEP, i, merge, &value, err));
    FIRN_TRY(map_one(s, merge->index, value, 2, err));
  }
  for (uint32_t i = 0; i < s->graph->node_count; i++) {
    const firn_node *node = s->graph->nodes[i];
    if (!s->marks[i] || s->frame_of[i] != f->frame || !op_is(node, "Enter") ||
        !node->input_count)
      continue;
    value = firn_scope_value(s, node->inputs[0]);
    if (value == FIRN_NO_VALUE)
      return odd_loop(s, f->frame, "takes a value that is not there", err);
    if (firn_str_is(node->def->op, "Enter"))
      FIRN_TRY(firn_scope_deref(s, &value, node, err));
    FIRN_TRY(map_one(s, i, value, 1, err));
  }
  return FIRN_OK;
}

/* Marks what `node` needs inside the frame and the frames within. */
static firn_code mark_cond(firn_scope *s, frame_parts *f, uint32_t node,
                           firn_error *err) {
  const uint32_t n = s->graph->node_count;
  uint32_t top = 0;
  uint32_t *stack = firn_arena_array(&s->arena, n, sizeof *stack);
  f->in_cond = firn_arena_array(&s->arena, n, sizeof(bool));
  if (!stack || !f->in_cond) return firn_oom(err, n);
  stack[top++] = node;
  f->in_cond[node] = true;
  while (top > 0) {
    const firn_node *at = s->graph->nodes[stack[--top]];
    const uint32_t all = at->input_count + at->control_count;
    for (uint32_t k = 0; k < all; k++) {
      const uint32_t from = k < at->input_count
                                ? at->inputs[k].node
                                : at->controls[k - at->input_count];
      if (from == FIRN_NO_NODE || f->in_cond[from] || !s->marks[from]) continue;
      uint32_t frame = s->frame_of[from];
      while (frame && frame != f->frame) frame = s->frames[frame].parent;
      if (!frame || (s->frame_of[from] == f->frame && s->outs[from])) continue;
      f->in_cond[from] = true;
      stack[top++] = from;
    }
  }
  return FIRN_OK;
}

/* Switches by the loop's own condition hand on what they are given. */
static firn_code map_switches(firn_scope *s, const frame_parts *f,
                              firn_error *err) {
  for (uint32_t i = 0; i < s->graph->node_count; i++) {
    const firn_node *node = s->graph->nodes[i];
    if (!s->marks[i] || s->frame_of[i] != f->frame || !op_is(node, "Switch"))
      continue;
    const firn_node *pred = input(s, node, 1);
    for (int hops = 0; pred && hops < 8 && op_is(pred, "Identity"); hops++)
      pred = input(s, pred, 0);
    if (!pred || !op_is(pred, "LoopCond")) continue;
    const uint32_t value = firn_scope_value(s, node->inputs[0]);
    if (value == FIRN_NO_VALUE)
      return odd_loop(s, f->frame, "switches a value of its body", err);
    FIRN_TRY(map_one(s, i, value, 2, err));
  }
  return FIRN_OK;
}

static bool is_plumbing(const firn_node *node) {
  return op_is(node, "NextIteration") || op_is(node, "Exit") ||
         op_is(node, "LoopCond");
}

/* Emits the picked units of the frame, leaving out what only stands for values.
 */
static firn_code emit_part(firn_scope *s, const frame_parts *f,
                           const bool *pick, uint32_t block, firn_error *err) {
  firn_unit *units;
  uint32_t count;
  const uint32_t outer = s->block;
  FIRN_TRY(firn_scope_order(s, f->frame, pick, &units, &count, err));
  s->block = block;
  for (uint32_t i = 0; i < count; i++) {
    if (!units[i].is_frame && is_plumbing(s->graph->nodes[units[i].index]))
      continue;
    FIRN_TRY(firn_scope_emit_units(s, &units[i], 1, err));
  }
  s->block = outer;
  return FIRN_OK;
}

/* Those who take a carried value believe the type that it starts with. */
static firn_code check_next(const firn_scope *s, const frame_parts *f,
                            uint32_t i, uint32_t next, firn_error *err) {
  const firn_node *merge = s->graph->nodes[f->merges[i]];
  const int have = s->program->values[next].dtype;
  const int want = s->program->values[s->outs[merge->index][0]].dtype;
  if (have == want || !have || !want) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "node '%.*s' (%.*s): goes into the loop's body as %s and "
                   "comes back as %s",
                   FIRN_ARG(merge->def->name), FIRN_ARG(merge->def->op),
                   firn_dtype_name((firn_dtype)want),
                   firn_dtype_name((firn_dtype)have));
}

static firn_code emit_blocks(firn_scope *s, frame_parts *f, uint32_t inner,
                             firn_error *err) {
  firn_program *p = s->program;
  const uint32_t n = s->graph->node_count, outer = s->block;
  const uint32_t cond = s->frames[f->frame].loop_cond;
  uint32_t *pred = firn_arena_array(&p->arena, 1, sizeof *pred);
  uint32_t *next = firn_arena_array(&p->arena, f->count, sizeof *next);
  bool *body = firn_arena_array(&s->arena, n, sizeof *body);
  if (!pred || !next || !body) return firn_oom(err, n);
  FIRN_TRY(mark_cond(s, f, cond, err));
  for (uint32_t i = 0; i < n; i++) body[i] = !f->in_cond[i];

  FIRN_TRY(emit_part(s, f, f->in_cond, inner, err));
  *pred = firn_scope_value(s, s->graph->nodes[cond]->inputs[0]);
  if (*pred == FIRN_NO_VALUE)
    return odd_loop(s, f->frame, "has a condition that is not there", err);
  FIRN_TRY(map_one(s, cond, *pred, 1, err));
  FIRN_TRY(map_switches(s, f, err));
  FIRN_TRY(emit_part(s, f, body, inner + 1, err));
  for (uint32_t i = 0; i < f->count; i++) {
    const firn_node *node = s->graph->nodes[f->nexts[i]];
    next[i] = node->input_count ? firn_scope_value(s, node->inputs[0])
                                : FIRN_NO_VALUE;
    if (next[i] == FIRN_NO_VALUE || s->frame_of[node->index] != f->frame)
      return odd_loop(s, f->frame, "has a way back that is not there", err);
    s->block = inner + 1;
    if (firn_str_is(node->def->op, "NextIteration"))
      FIRN_TRY(firn_scope_deref(s, &next[i], node, err));
    s->block = outer;
    FIRN_TRY(check_next(s, f, i, next[i], err));
  }
  p->blocks[inner].results = pred;
  p->blocks[inner].result_count = 1;
  p->blocks[inner + 1].results = next;
  p->blocks[inner + 1].result_count = f->count;
  return FIRN_OK;
}

/* Exits hand out what their Switch was given when the loop ended. */
static firn_code map_exits(firn_scope *s, const frame_parts *f, uint32_t step,
                           firn_error *err) {
  for (uint32_t i = 0; i < s->graph->node_count; i++) {
    const firn_node *node = s->graph->nodes[i];
    if (!s->marks[i] || s->frame_of[i] != f->frame || !op_is(node, "Exit") ||
        !node->input_count)
      continue;
    const uint32_t value = firn_scope_value(s, node->inputs[0]);
    if (value == FIRN_NO_VALUE)
      return odd_loop(s, f->frame, "hands out a value that is not there", err);
    FIRN_TRY(map_one(s, i, value, 1, err));
    s->step_of[i] = step;
  }
  return FIRN_OK;
}

firn_code firn_scope_emit_loop(firn_scope *s, uint32_t frame, firn_error *err) {
  firn_program *p = s->program;
  frame_parts f = {.frame = frame};
  uint32_t first, block, step;
  const uint32_t cond = s->frames[frame].loop_cond;
  if (cond == FIRN_NO_NODE || !s->graph->nodes[cond]->input_count)
    return odd_loop(s, frame, "has no condition", err);
  FIRN_TRY(find_carried(s, &f, err));
  FIRN_TRY(map_entrance(s, &f, &first, err));
  firn_step loop = {.kind = FIRN_STEP_LOOP,
                    .node = s->graph->nodes[cond],
                    .op = firn_op_of(s->graph->nodes[cond]),
                    .inner_count = 2,
                    .inner = p->block_count,
                    .in = f.init,
                    .in_count = f.count,
                    .out = first,
                    .out_count = f.count,
                    .block = s->block};
  for (int i = 0; i < 2; i++) FIRN_TRY(firn_program_add_block(p, &block, err));
  FIRN_TRY(emit_blocks(s, &f, loop.inner, err));
  loop.controls = s->gates;
  loop.control_count = s->gate_count;
  FIRN_TRY(firn_program_add_step(p, &loop, &step, err));
  for (uint32_t i = 0; i < f.count; i++) p->values[first + i].step = step;
  for (uint32_t i = 0; i < 2; i++) p->blocks[loop.inner + i].owner = step;
  return map_exits(s, &f, step, err);
}
