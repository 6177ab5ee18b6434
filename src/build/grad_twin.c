/* build/grad_twin.c: the backward twin of a loop, and how values of the loop
 * get there.
 *
 *   loop:  n, v..., kept...      n + 1, body(v...), kept and one more element
 *   twin:  n, d..., kept...      n - 1, gradients,  kept but its last element
 *
 * A value that is there only in one way of a conditional is put into its list
 * in that way only, and taken out in the same. A list kept by a loop in a loop
 * is a value of the outer one, which keeps it in turn. */
#include "build/grad_walk.h"

/* ---- Sites --------------------------------------------------------------- */

static void note(firn_place *place, uint32_t node) {
  firn_grad_walk_site *site = (firn_grad_walk_site *)place;
  firn_grad_walk_set_home(site->walk, node, site->home.frame,
                          site->home.branch);
}

/* New nodes are of that frame and take their inputs as they are. */
static void stand(firn_grad_walk *w, firn_grad_walk_site *site,
                  firn_grad_walk_frame *frame, firn_grad_walk_branch *branch,
                  firn_output pivot) {
  *site = (firn_grad_walk_site){
      {NULL, note, pivot}, w, {frame, branch}, w->b->place};
  w->b->place = &site->place;
}

static void leave(const firn_grad_walk_site *site) {
  site->walk->b->place = site->before;
}

static firn_output bring(firn_place *place, firn_output o) {
  firn_grad_walk_site *site = (firn_grad_walk_site *)place;
  return firn_grad_walk_bring(site->walk, site->home.frame, o);
}

void firn_grad_walk_go(firn_grad_walk *w, firn_grad_walk_frame *twin) {
  twin->site.before = w->b->place;
  w->b->place = twin->parent ? &twin->site.place : NULL;
}

void firn_grad_walk_return(firn_grad_walk *w, firn_grad_walk_frame *twin) {
  w->b->place = twin->site.before;
}

/* ---- Plumbing ------------------------------------------------------------ */

static firn_output op2(firn_grad_walk *w, const char *op, firn_output x,
                       firn_output y) {
  firn_op_begin(w->b, op, NULL);
  firn_op_input(w->b, x);
  firn_op_input(w->b, y);
  return firn_op_end(w->b);
}

static firn_output enter(firn_grad_walk *w, firn_grad_walk_frame *frame,
                         firn_output o, bool constant) {
  firn_grad_walk_site site;
  const firn_str name = firn_builder_text(w->b, "%.*s", FIRN_ARG(frame->name));
  stand(w, &site, frame, NULL, FIRN_NO_OUTPUT);
  firn_op_begin(w->b, "Enter", NULL);
  firn_op_input(w->b, o);
  firn_op_attr_string(w->b, "frame_name", name.data);
  firn_op_attr_bool(w->b, "is_constant", constant);
  firn_op_attr_int(w->b, "parallel_iterations", frame->parallel);
  const firn_output out = firn_op_end(w->b);
  leave(&site);
  return out;
}

/* Its way back is that of the start until there is another. */
static firn_output merge(firn_grad_walk *w, firn_grad_walk_frame *frame,
                         firn_output start) {
  const firn_shape unknown = firn_shape_unknown();
  const firn_output in = enter(w, frame, start, false), both[] = {in, in};
  firn_grad_walk_site site;
  stand(w, &site, frame, NULL, FIRN_NO_OUTPUT);
  firn_op_begin(w->b, "Merge", NULL);
  firn_op_inputs(w->b, both, 2);
  const firn_output out = firn_op_end(w->b);
  firn_builder_set_shape(w->b, out, &unknown);
  leave(&site);
  return out;
}

static firn_grad_carried split(firn_grad_walk *w, firn_grad_walk_frame *frame,
                               firn_output merged) {
  firn_grad_walk_site site;
  stand(w, &site, frame, NULL, FIRN_NO_OUTPUT);
  const firn_output last = op2(w, "Switch", merged, frame->cond);
  leave(&site);
  return (firn_grad_carried){merged, firn_output_next(last, 1), last};
}

firn_grad_carried firn_grad_walk_carry(firn_grad_walk *w,
                                       firn_grad_walk_frame *frame,
                                       firn_output start) {
  return split(w, frame, merge(w, frame, start));
}

void firn_grad_walk_carry_on(firn_grad_walk *w, firn_grad_walk_frame *frame,
                             const firn_grad_carried *c, firn_output next) {
  firn_grad_walk_site site;
  stand(w, &site, frame, NULL, FIRN_NO_OUTPUT);
  firn_op_begin(w->b, "NextIteration", NULL);
  firn_op_input(w->b, next);
  next = firn_op_end(w->b);
  leave(&site);
  if (!firn_grad_walk_failed(w))
    firn_builder_rewire(w->b, c->merge.node, 1, next);
}

firn_output firn_grad_walk_exit(firn_grad_walk *w, firn_grad_walk_frame *frame,
                                firn_output last) {
  firn_grad_walk_site site;
  stand(w, &site, frame->parent, frame->branch, FIRN_NO_OUTPUT);
  firn_op_begin(w->b, "Exit", NULL);
  firn_op_input(w->b, last);
  const firn_output out = firn_op_end(w->b);
  leave(&site);
  return out;
}

/* ---- What a loop keeps --------------------------------------------------- */

/* New nodes go to the outside of a loop, where they are there whenever it runs.
 */
static void stand_before(firn_grad_walk *w, firn_grad_walk_site *site,
                         firn_grad_walk_frame *frame) {
  if (!g_has(frame->gate)) {
    stand(w, site, frame->parent, frame->branch, FIRN_NO_OUTPUT);
    firn_op_begin(w->b, "Identity", NULL);
    firn_op_input(w->b, frame->entering);
    frame->gate = firn_op_end(w->b);
    leave(site);
  }
  stand(w, site, frame->parent, frame->branch, frame->gate);
}

/* Ways of conditionals, from the outermost, that a list goes along. */
typedef struct ways {
  firn_grad_walk_branch **branches;
  firn_output *past; /* the list where the other way is taken */
  uint32_t count;
} ways;

/* The list where a value of that branch is; in a twin its choices are those of
 * the loop. */
static firn_output go_in(firn_grad_walk *w, firn_grad_walk_frame *frame,
                         firn_grad_walk_branch *branch, firn_output list,
                         ways *out) {
  *out = (ways){.count = branch ? branch->depth : 0};
  out->branches = firn_grad_walk_room(w, out->count, sizeof(*out->branches));
  out->past = firn_grad_walk_room(w, out->count, sizeof *out->past);
  for (uint32_t i = out->count; i-- > 0 && !firn_grad_walk_failed(w);
       branch = branch->outer)
    out->branches[i] = branch;
  for (uint32_t i = 0; i < out->count && !firn_grad_walk_failed(w); i++) {
    const firn_grad_walk_branch *at = out->branches[i];
    const firn_output choice = frame->is_twin
                                   ? firn_grad_walk_bring(w, frame, at->choice)
                                   : at->choice;
    const firn_output both = op2(w, "Switch", list, choice);
    list = firn_output_next(both, at->taken);
    out->past[i] = firn_output_next(both, 1 - at->taken);
  }
  return list;
}

static firn_output go_out(firn_grad_walk *w, const ways *in, firn_output list) {
  for (uint32_t i = in->count; i-- > 0 && !firn_grad_walk_failed(w);) {
    const firn_output both[] = {list, in->past[i]};
    firn_op_begin(w->b, "Merge", NULL);
    firn_op_inputs(w->b, both, 2);
    list = firn_op_end(w->b);
  }
  return list;
}

static firn_dtype type_of(firn_grad_walk *w, firn_output o) {
  return firn_dtype_base(firn_output_type(w->b, o));
}

/* The list of what an output of the loop was in each round, outside of it. */
static firn_output keep(firn_grad_walk *w, firn_grad_walk_frame *frame,
                        firn_output o) {
  firn_grad_walk_site site;
  ways in;
  stand_before(w, &site, frame);
  const firn_output start = firn_grad_list_new(w->b, type_of(w, o));
  leave(&site);
  const firn_grad_carried c = firn_grad_walk_carry(w, frame, start);
  stand(w, &site, frame, NULL, FIRN_NO_OUTPUT);
  firn_output list =
      go_in(w, frame, firn_grad_walk_home_of(w, o).branch, c.value, &in);
  list = go_out(w, &in, firn_grad_list_push(w->b, list, o));
  leave(&site);
  firn_grad_walk_carry_on(w, frame, &c, list);
  return firn_grad_walk_exit(w, frame, c.last);
}

/* What an output of the loop was in the round that the twin is at. */
static firn_output recall(firn_grad_walk *w, firn_grad_walk_frame *twin,
                          firn_output o) {
  firn_grad_walk_site site;
  ways in;
  const firn_output kept = keep(w, twin->twin, o);
  const firn_grad_carried c = firn_grad_walk_carry(
      w, twin, firn_grad_walk_bring(w, twin->parent, kept));
  stand(w, &site, twin, NULL, twin->site.place.pivot);
  const firn_output list =
      go_in(w, twin, firn_grad_walk_home_of(w, o).branch, c.value, &in);
  const firn_output rest = firn_grad_list_pop(w->b, list, type_of(w, o));
  const firn_output out = firn_output_next(rest, 1);
  firn_builder_set_shape(w->b, out, &firn_info_at(w->b, o)->shape);
  const firn_output next = go_out(w, &in, rest);
  leave(&site);
  firn_grad_walk_carry_on(w, twin, &c, next);
  return out;
}

/* ---- Bringing ------------------------------------------------------------ */

/* A constant of the loop as one of the twin. */
static firn_output repeat(firn_grad_walk *w, firn_grad_walk_frame *twin,
                          const firn_node *node) {
  firn_grad_walk_site site;
  const firn_pb_AttrValue *value = firn_attr(node, "value");
  stand(w, &site, twin, NULL, twin->site.place.pivot);
  firn_op_begin(w->b, "Const", NULL);
  firn_op_attr_type(w->b, "dtype", (firn_dtype)node->output_types[0]);
  if (value) firn_op_attr_value(w->b, FIRN_STR("value"), value);
  const firn_output out = firn_op_end(w->b);
  leave(&site);
  return out;
}

static bool is_still(const firn_node *node) {
  return firn_grad_walk_op_is(node, "Enter") &&
         firn_attr_bool_or(node, "is_constant", false);
}

static firn_output look_for(firn_grad_walk *w, firn_grad_walk_frame *twin,
                            firn_output o) {
  const firn_node *node = firn_node_of(w->b, o);
  if (firn_grad_walk_home_of(w, o).frame != twin->twin)
    return enter(w, twin, firn_grad_walk_bring(w, twin->parent, o), true);
  if (is_still(node))
    return enter(w, twin,
                 firn_grad_walk_bring(w, twin->parent, firn_input_of(node, 0)),
                 true);
  if (firn_grad_walk_op_is(node, "Const")) return repeat(w, twin, node);
  return recall(w, twin, o);
}

firn_output firn_grad_walk_bring(firn_grad_walk *w, firn_grad_walk_frame *twin,
                                 firn_output o) {
  const firn_grad_walk_frame *home = firn_grad_walk_home_of(w, o).frame;
  if (firn_grad_walk_failed(w)) return FIRN_NO_OUTPUT;
  if (home == twin) return o;
  if (!twin->parent) {
    firn_builder_fail(w->b, FIRN_UNIMPLEMENTED,
                      "gradients: '%s' of the inside of loop '%.*s' is wanted "
                      "outside",
                      firn_output_name(w->b, o), FIRN_ARG(home->name));
    return FIRN_NO_OUTPUT;
  }
  uint32_t *key = firn_grad_walk_room(w, 3, sizeof *key);
  uint64_t found;
  if (!key) return FIRN_NO_OUTPUT;
  key[0] = twin->number, key[1] = o.node, key[2] = o.index;
  const firn_str text = {(const char *)key, 3 * sizeof *key};
  if (firn_map_get(&w->brought, text, &found))
    return (firn_output){(uint32_t)(found >> 32), (uint32_t)found};
  const firn_output out = look_for(w, twin, o);
  found = (uint64_t)out.node << 32 | out.index;
  if (!firn_grad_walk_failed(w) && !firn_map_set(&w->brought, text, found))
    firn_builder_fail(w->b, FIRN_RESOURCE_EXHAUSTED, "out of memory");
  return out;
}

/* ---- The twin ------------------------------------------------------------ */

/* How many rounds the loop ran, outside of it. */
static firn_output count_rounds(firn_grad_walk *w,
                                firn_grad_walk_frame *frame) {
  firn_grad_walk_site site;
  stand_before(w, &site, frame);
  const firn_output zero = firn_const_int32(w->b, NULL, 0);
  const firn_output one = firn_const_int32(w->b, NULL, 1);
  leave(&site);
  const firn_output step = enter(w, frame, one, true);
  const firn_grad_carried c = firn_grad_walk_carry(w, frame, zero);
  stand(w, &site, frame, NULL, FIRN_NO_OUTPUT);
  const firn_output next = op2(w, "AddV2", c.value, step);
  leave(&site);
  firn_grad_walk_carry_on(w, frame, &c, next);
  return firn_grad_walk_exit(w, frame, c.last);
}

/* Rounds left, and the condition that there are any. */
static void count_down(firn_grad_walk *w, firn_grad_walk_frame *twin,
                       firn_output rounds) {
  firn_grad_walk_site site;
  firn_grad_walk_go(w, twin->parent);
  const firn_output zero = firn_const_int32(w->b, NULL, 0);
  const firn_output one = firn_const_int32(w->b, NULL, 1);
  firn_grad_walk_return(w, twin->parent);
  const firn_output none = enter(w, twin, zero, true);
  const firn_output step = enter(w, twin, one, true);
  const firn_output left =
      merge(w, twin, firn_grad_walk_bring(w, twin->parent, rounds));
  stand(w, &site, twin, NULL, FIRN_NO_OUTPUT);
  firn_op_begin(w->b, "LoopCond", NULL);
  firn_op_input(w->b, op2(w, "Greater", left, none));
  twin->cond = firn_op_end(w->b);
  leave(&site);
  const firn_grad_carried c = split(w, twin, left);
  stand(w, &site, twin, NULL, FIRN_NO_OUTPUT);
  firn_op_begin(w->b, "Identity", NULL);
  firn_op_input(w->b, c.value);
  twin->site.place.pivot = firn_op_end(w->b);
  const firn_output next = op2(w, "Sub", c.value, step);
  leave(&site);
  firn_grad_walk_carry_on(w, twin, &c, next);
}

firn_grad_walk_frame *firn_grad_walk_twin(firn_grad_walk *w,
                                          firn_grad_walk_frame *frame,
                                          firn_grad_walk_frame *back) {
  firn_grad_walk_frame *twin = firn_grad_walk_room(w, 1, sizeof *twin);
  const firn_str scope = firn_builder_scope(w->b);
  if (!twin) return NULL;
  *twin = (firn_grad_walk_frame){
      .site = {{bring, note, FIRN_NO_OUTPUT}, w, {twin, NULL}, NULL},
      .parent = back,
      .name = firn_builder_text(w->b, "%.*s/%.*s", (int)scope.size, scope.data,
                                (int)frame->name.size, frame->name.data),
      .depth = frame->depth,
      .parallel = frame->parallel,
      .twin = frame,
      .is_twin = true,
      .number = ++w->twin_count,
      .gate = FIRN_NO_OUTPUT};
  count_down(w, twin, count_rounds(w, frame));
  return firn_grad_walk_failed(w) ? NULL : twin;
}
