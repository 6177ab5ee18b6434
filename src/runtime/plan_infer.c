/* runtime/plan_infer.c: walk the steps once, learn every value's shape, and
 * compute at once what does not depend on the feeds. */
#include <stdio.h>

#include "runtime/plan.h"
#include "runtime/writers.h"

enum {
  SMALL_CONSTANT =
      1 << 16,           /* bytes; up to here a constant is copied, aligned */
  MOST_FOLDED = 1 << 26, /* bytes; a larger result is computed by each run  */
};

/* What a loop is known to carry, over all the times that it is looked at: it
 * only ever becomes less, so that loops inside of loops come to rest. */
typedef struct loop_memory {
  firn_info *known; /* per carried value */
  int changes;      /* how often it had to become less */
} loop_memory;

typedef struct inferrer {
  firn_plan *plan;
  firn_info *in; /* of the step at hand */
  firn_tensor **tensors;
  firn_info *out;
  firn_writers writers;
  loop_memory **loops; /* per step: of the loops that have been met */
  size_t unsupported;  /* reached ops that firn cannot compute      */
  firn_error *err;
} inferrer;

/* ---- Constants ----------------------------------------------------------- */

/* Makes a value constant; takes over the tensor. What a handle refers to stays
 * known: the shape of a reference is its variable's. */
static void set_constant(firn_plan *plan, uint32_t value, firn_tensor *tensor) {
  firn_plan_value *v = &plan->values[value];
  const firn_info was = v->info;
  v->info = firn_info_of(tensor, &plan->arena);
  v->info.value = tensor;
  v->info.handle_dtype = was.handle_dtype;
  v->info.handle_shape = was.handle_shape;
  if (firn_dtype_is_ref(was.dtype)) v->info.shape = was.shape;
  v->place = FIRN_PLACE_CONST;
}

/* A step whose outputs are constants need not run, unless it lies behind a
 * branch: then it says at run time whether they are there. */
static void settle(firn_plan_step *s) { s->dropped = !s->may_die; }

/* Large contents stay where the file is mapped. */
static firn_code constant_tensor(firn_plan *plan, const firn_node *node,
                                 firn_tensor **out, firn_error *err) {
  const firn_env *env = plan->shared.env;
  const firn_pb_AttrValue *attr = firn_attr(node, "value");
  firn_dtype dtype;
  firn_shape shape;
  int64_t count;
  if (!attr || attr->value_case != 8 || !attr->tensor)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "has no attr 'value'");
  FIRN_TRY(firn_tensor_proto_look(attr->tensor, &dtype, &shape, err));
  if (attr->tensor->tensor_content.size > SMALL_CONSTANT &&
      firn_dtype_is_plain(dtype) && firn_shape_count(&shape, &count) &&
      (uint64_t)count * firn_dtype_size(dtype) ==
          attr->tensor->tensor_content.size)
    return firn_tensor_borrow(dtype, &shape, attr->tensor->tensor_content.data,
                              &env->alloc, out, err);
  return firn_tensor_from_proto(attr->tensor, env, out, err);
}

static firn_code infer_const(inferrer *f, firn_plan_step *s, firn_error *err) {
  firn_tensor *tensor = NULL;
  const firn_code code = constant_tensor(f->plan, s->node, &tensor, err);
  if (code != FIRN_OK)
    return firn_while(err, code, "node '%.*s' (Const)",
                      FIRN_ARG(s->node->def->name));
  set_constant(f->plan, s->out, tensor);
  settle(s);
  return FIRN_OK;
}

/* ---- Variables as constants ---------------------------------------------- */

/* Takes a variable's present value for a constant. A variable without a value
 * is left to the run: it may lie behind a branch that is not taken. */
static bool read_now(inferrer *f, firn_plan_step *s) {
  firn_plan *plan = f->plan;
  const firn_info *handle = &plan->values[s->in[0]].info;
  firn_variable *variable = NULL;
  firn_tensor *tensor = NULL;
  if (!handle->value || firn_writers_touch(&f->writers, s->in[0])) return false;
  if (firn_variable_of(handle->value, &variable, NULL) != FIRN_OK) return false;
  if (firn_variable_read(variable, &tensor, NULL) != FIRN_OK) return false;
  set_constant(plan, s->out, tensor);
  plan->reads_variables = true;
  settle(s);
  return true;
}

/* ---- Ops ----------------------------------------------------------------- */

static firn_eval evaluation(const firn_plan *plan, const firn_plan_step *s) {
  return (firn_eval){.node = s->node,
                     .env = plan->shared.env,
                     .cpu = plan->shared.cpu,
                     .pool = plan->shared.pool,
                     .store = plan->shared.store,
                     .packs = plan->shared.packs};
}

static bool all_constant(const inferrer *f, const firn_plan_step *s) {
  for (uint32_t i = 0; i < s->in_count; i++)
    if (!f->plan->values[s->in[i]].info.value) return false;
  return true;
}

/* Whether computing a step now is allowed and not out of proportion. */
static bool may_fold(const inferrer *f, const firn_plan_step *s) {
  if (s->op->flags & (FIRN_OP_HANDLE)) return true;
  if (firn_op_stateful(s->node) || (s->op->flags & FIRN_OP_CONTROL) ||
      s->out_count == 0)
    return false;
  for (uint32_t i = 0; i < s->out_count; i++) {
    int64_t count;
    if (!firn_shape_known(&f->out[i].shape)) continue;
    if (!firn_shape_count(&f->out[i].shape, &count) || count > MOST_FOLDED)
      return false;
  }
  return true;
}

static firn_code fold(inferrer *f, firn_plan_step *s, firn_error *err) {
  const firn_eval eval = evaluation(f->plan, s);
  firn_tensor **out = f->tensors + f->plan->max_in;
  for (uint32_t i = 0; i < s->in_count; i++)
    f->tensors[i] = f->plan->values[s->in[i]].info.value;
  FIRN_TRY(
      firn_eval_run(&eval, f->tensors, s->in_count, out, s->out_count, err));
  for (uint32_t i = 0; i < s->out_count; i++) {
    f->plan->constant_bytes += firn_tensor_bytes(out[i]);
    set_constant(f->plan, s->out + i, out[i]);
  }
  settle(s);
  return FIRN_OK;
}

/* An output whose integers infer could tell (Shape, Size, ...) is a constant.
 */
static bool known_ints(const firn_info *info) {
  int64_t count;
  if (!info->ints || !firn_shape_known(&info->shape) ||
      !firn_shape_count(&info->shape, &count) ||
      (info->dtype != FIRN_INT32 && info->dtype != FIRN_INT64))
    return false;
  for (int64_t i = 0; i < count; i++)
    if (info->ints[i] == FIRN_UNKNOWN_INT) return false;
  return true;
}

static firn_code constant_of_ints(firn_plan *plan, uint32_t value,
                                  const firn_info *info, firn_error *err) {
  firn_tensor *t = NULL;
  FIRN_TRY(firn_tensor_make(info->dtype, &info->shape, &plan->shared.env->alloc,
                            &t, err));
  for (size_t i = 0; i < t->count; i++) {
    if (info->dtype == FIRN_INT32)
      ((int32_t *)t->data)[i] = (int32_t)info->ints[i];
    else
      ((int64_t *)t->data)[i] = info->ints[i];
  }
  set_constant(plan, value, t);
  return FIRN_OK;
}

/* A constant under another shape shares the bytes. */
static firn_code constant_alias(inferrer *f, firn_plan_step *s,
                                firn_error *err) {
  const firn_tensor *of = f->plan->values[s->in[0]].info.value;
  firn_tensor *t = NULL;
  if (of->buffer)
    FIRN_TRY(firn_tensor_view(of, f->out[0].dtype, &f->out[0].shape, &t, err));
  else
    FIRN_TRY(firn_tensor_borrow(f->out[0].dtype, &f->out[0].shape, of->data,
                                &f->plan->shared.env->alloc, &t, err));
  set_constant(f->plan, s->out, t);
  settle(s);
  return FIRN_OK;
}

static firn_code must_be_fed(const firn_node *node, firn_error *err) {
  firn_shape shape;
  char text[256];
  if (!firn_attr(node, "shape") ||
      firn_attr_shape(node, "shape", &shape, NULL) != FIRN_OK)
    shape = firn_shape_unknown();
  return firn_fail(
      err, FIRN_INVALID_ARGUMENT, "placeholder '%.*s' (%s %s) must be fed",
      FIRN_ARG(node->def->name),
      firn_dtype_name(firn_attr_type_or(node, "dtype", FIRN_INVALID)),
      firn_shape_text(&shape, text));
}

/* Notes an op that firn cannot compute; the walk goes on so that all are named,
 * each once, however often a loop's body is looked at. */
static void unsupported(inferrer *f, firn_plan_step *s, const char *why) {
  const firn_node *node = s->node;
  if (s->reported) return;
  s->reported = true;
  if (f->unsupported++ == 0)
    firn_fail(f->err, FIRN_UNIMPLEMENTED, "firn cannot compute this graph");
  firn_error_add(f->err, "node '%.*s': op %.*s %s", FIRN_ARG(node->def->name),
                 FIRN_ARG(node->def->op), why);
}

static bool supported(inferrer *f, firn_plan_step *s) {
  if (!s->op) {
    unsupported(
        f, s, s->node->type->def ? "is not there yet" : "is not known at all");
    return false;
  }
  if (s->op->flags & FIRN_OP_CONTROL) {
    unsupported(f, s, "cannot stand here");
    return false;
  }
  if (!(s->op->flags & FIRN_OP_ALIAS) &&
      !firn_op_kernel(s->op, s->node, f->plan->shared.cpu)) {
    char types[200] = "is not there for these types";
    const firn_dtype t = firn_attr_type_or(s->node, "T", FIRN_INVALID);
    if (t != FIRN_INVALID)
      snprintf(types, sizeof types, "is not there for %s", firn_dtype_name(t));
    unsupported(f, s, types);
    return false;
  }
  return true;
}

/* Learns the outputs of a step, and computes them when they are constant. */
static firn_code learn(inferrer *f, firn_plan_step *s, firn_error *err) {
  firn_plan *plan = f->plan;
  for (uint32_t i = 0; i < s->in_count; i++)
    f->in[i] = plan->values[s->in[i]].info;
  for (uint32_t i = 0; i < s->out_count; i++)
    f->out[i] = plan->values[s->out + i].info;
  FIRN_TRY(firn_infer_node(s->node, f->in, s->in_count, f->out, s->out_count,
                           &plan->arena, err));
  for (uint32_t i = 0; i < s->out_count; i++) {
    plan->values[s->out + i].info = f->out[i];
    plan->values[s->out + i].info.value = NULL; /* owned by constants only */
  }

  if ((s->op->flags & FIRN_OP_READS) && s->in_count == 1 && s->out_count == 1 &&
      read_now(f, s))
    return FIRN_OK;
  if ((s->op->flags & FIRN_OP_ALIAS) && s->in_count && s->out_count == 1 &&
      plan->values[s->in[0]].info.value && firn_shape_known(&f->out[0].shape))
    return constant_alias(f, s, err);
  if (all_constant(f, s) && may_fold(f, s)) return fold(f, s, err);

  bool all_known = s->out_count > 0 && !firn_op_stateful(s->node);
  for (uint32_t i = 0; i < s->out_count; i++)
    all_known = all_known && known_ints(&f->out[i]);
  for (uint32_t i = 0; all_known && i < s->out_count; i++)
    FIRN_TRY(constant_of_ints(plan, s->out + i, &f->out[i], err));
  if (all_known) settle(s);
  return FIRN_OK;
}

/* Whether it is not certain that the step will run: then what is wrong with it
 * is no error before it does. */
static bool conditional(const firn_plan_step *s) {
  return s->may_die || s->block != 0;
}

static firn_code infer_op(inferrer *f, firn_plan_step *s, firn_error *err) {
  if (firn_str_is(s->node->def->op, "Placeholder") ||
      firn_str_is(s->node->def->op, "PlaceholderV2"))
    return must_be_fed(s->node, err);
  if (!supported(f, s)) return FIRN_OK;
  const firn_code code = learn(f, s, err);
  if (code == FIRN_OK || code == FIRN_RESOURCE_EXHAUSTED || !conditional(s))
    return code;
  firn_error_clear(err);
  s->at_run = true;
  return FIRN_OK;
}

/* ---- Conditionals -------------------------------------------------------- */

/* Output `value` is exactly what `from` is. */
static void pass_on(firn_plan *plan, uint32_t value, uint32_t from) {
  firn_plan_value *v = &plan->values[value];
  const firn_plan_value *of = &plan->values[from];
  v->info = of->info;
  v->may_die = of->may_die || of->place == FIRN_PLACE_DEAD;
  if (of->place == FIRN_PLACE_CONST) {
    v->info.value = firn_tensor_retain(of->info.value);
    v->place = FIRN_PLACE_CONST;
  } else {
    v->place = FIRN_PLACE_PASS;
    v->of = from;
  }
}

/* The condition of a step, if it is known and the run need not refuse it. */
static const firn_tensor *known_pred(const firn_plan *plan,
                                     const firn_plan_step *s, uint32_t input) {
  const firn_tensor *pred = plan->values[s->in[input]].info.value;
  return pred && firn_branch_check(s->node, pred, NULL) == FIRN_OK ? pred
                                                                   : NULL;
}

static void infer_switch(inferrer *f, firn_plan_step *s) {
  firn_plan *plan = f->plan;
  const firn_tensor *pred = known_pred(plan, s, 1);
  const uint32_t taken =
      pred ? firn_branch_taken(s->node, pred, s->out_count) : s->out_count;
  for (uint32_t i = 0; i < s->out_count; i++) {
    firn_plan_value *v = &plan->values[s->out + i];
    if (i == taken) {
      pass_on(plan, s->out + i, s->in[0]);
      if (v->place == FIRN_PLACE_CONST) settle(s);
      continue;
    }
    /* Even a constant passes only when the branch is taken. */
    v->info = plan->values[s->in[0]].info;
    v->info.value = NULL;
    v->place = pred ? FIRN_PLACE_DEAD : FIRN_PLACE_PASS;
    v->of = s->in[0];
    v->may_die = true;
  }
}

static firn_shape common_shape(const firn_shape *a, const firn_shape *b) {
  if (a->rank != b->rank) return firn_shape_unknown();
  firn_shape both = *a;
  for (int i = 0; i < a->rank; i++)
    if (a->dims[i] != b->dims[i]) both.dims[i] = FIRN_UNKNOWN_DIM;
  return both;
}

/* What two infos have in common: what may come out of a Merge, a branch, a
 * round. */
static firn_info common(const firn_info *a, const firn_info *b) {
  return (firn_info){
      .dtype = a->dtype,
      .shape = common_shape(&a->shape, &b->shape),
      .handle_dtype =
          a->handle_dtype == b->handle_dtype ? a->handle_dtype : FIRN_INVALID,
      .handle_shape = common_shape(&a->handle_shape, &b->handle_shape)};
}

static bool controls_may_die(const firn_plan *plan, const firn_plan_step *s) {
  for (uint32_t i = 0; i < s->control_count; i++)
    if (plan->steps[s->controls[i]].may_die) return true;
  return false;
}

static firn_code infer_merge(inferrer *f, firn_plan_step *s, firn_error *err) {
  firn_plan *plan = f->plan;
  uint32_t alive = 0, last = 0;
  firn_info info = {0};
  for (uint32_t i = 0; i < s->in_count; i++) {
    const firn_plan_value *v = &plan->values[s->in[i]];
    if (v->place == FIRN_PLACE_DEAD) continue;
    info = alive++ ? common(&info, &v->info) : v->info;
    last = i;
  }
  const firn_plan_value *only = &plan->values[s->in[last]];
  if (alive == 1 && !only->may_die) {
    const int64_t index = last;
    s->may_die = controls_may_die(plan, s);
    pass_on(plan, s->out, s->in[last]);
    if (plan->values[s->out].place == FIRN_PLACE_CONST) settle(s);
    for (uint32_t i = 0; i < s->out_count; i++)
      plan->values[s->out + i].may_die = s->may_die;
    if (s->out_count > 1) {
      firn_info i = plan->values[s->out + 1].info;
      i.dtype = FIRN_INT32;
      i.shape = firn_shape_scalar();
      i.ints = &index;
      FIRN_TRY(constant_of_ints(plan, s->out + 1, &i, err));
    }
    return FIRN_OK;
  }
  info.ints = NULL;
  info.value = NULL;
  plan->values[s->out].info = info;
  plan->values[s->out].place = FIRN_PLACE_PASS;
  plan->values[s->out].of = FIRN_NO_VALUE;
  plan->values[s->out].may_die = true;
  if (s->out_count > 1) {
    plan->values[s->out + 1].info.dtype = FIRN_INT32;
    plan->values[s->out + 1].info.shape = firn_shape_scalar();
    plan->values[s->out + 1].may_die = true;
  }
  return FIRN_OK;
}

/* ---- If, Case, While ---------------------------------------------------- */

static firn_code infer_block(inferrer *f, uint32_t block, firn_error *err);

static void bury(firn_plan *plan, firn_plan_step *s) {
  s->dropped = true;
  s->may_die = true;
  for (uint32_t i = 0; i < s->out_count; i++) {
    firn_plan_value *v = &plan->values[s->out + i];
    firn_tensor_release(v->info.value);
    v->info.value = NULL;
    v->place = FIRN_PLACE_DEAD;
  }
}

/* Drops all steps of a block that never runs. */
static void bury_block(firn_plan *plan, uint32_t block) {
  const firn_block *b = &plan->program->blocks[block];
  for (uint32_t i = 0; i < b->count; i++) {
    firn_plan_step *s = &plan->steps[b->steps[i]];
    for (uint32_t k = 0; k < s->inner_count; k++)
      bury_block(plan, s->inner + k);
    bury(plan, s);
  }
}

/* Whether nothing is left to do in a block when it runs. */
static bool settled(const firn_plan *plan, uint32_t block) {
  const firn_block *b = &plan->program->blocks[block];
  for (uint32_t i = 0; i < b->count; i++)
    if (!plan->steps[b->steps[i]].dropped) return false;
  return true;
}

/* What may be dead inside of a block comes out of it at run time. */
static void hide(firn_plan *plan, uint32_t value) {
  firn_plan_value *v = &plan->values[value];
  firn_tensor_release(v->info.value);
  v->info.value = NULL;
  v->info.ints = NULL;
  v->place = FIRN_PLACE_PASS;
  v->of = FIRN_NO_VALUE;
}

static firn_code infer_branch(inferrer *f, firn_plan_step *s, firn_error *err) {
  firn_plan *plan = f->plan;
  const firn_tensor *pred = known_pred(plan, s, 0);
  uint32_t only = s->inner_count;
  if (pred) only = firn_branch_taken(s->node, pred, s->inner_count);
  for (uint32_t b = 0; b < s->inner_count; b++) {
    if (pred && b != only)
      bury_block(plan, s->inner + b);
    else
      FIRN_TRY(infer_block(f, s->inner + b, err));
  }
  bool constant = pred && settled(plan, s->inner + only);
  for (uint32_t i = 0; i < s->out_count; i++) {
    if (pred) {
      pass_on(plan, s->out + i, plan->blocks[s->inner + only].results[i]);
      constant &= plan->values[s->out + i].place == FIRN_PLACE_CONST;
      if (plan->values[s->out + i].may_die) hide(plan, s->out + i);
      continue;
    }
    firn_info info = {0};
    for (uint32_t b = 0; b < s->inner_count; b++) {
      const uint32_t r = plan->blocks[s->inner + b].results[i];
      const firn_info *one = &plan->values[r].info;
      info = b ? common(&info, one) : *one;
      plan->values[s->out + i].may_die |=
          plan->values[r].may_die || plan->values[r].place == FIRN_PLACE_DEAD;
    }
    info.ints = NULL;
    info.value = NULL;
    plan->values[s->out + i].info = info;
    plan->values[s->out + i].place = FIRN_PLACE_PASS;
    plan->values[s->out + i].of = FIRN_NO_VALUE;
  }
  if (constant) settle(s);
  return FIRN_OK;
}

/* Whether one more round leaves what is known of the carried values as it is;
 * what it changes becomes unknown. */
static bool widen(firn_plan *plan, const firn_plan_step *s, firn_info *known,
                  bool give_up) {
  const firn_plan_block *body = &plan->blocks[s->inner + 1];
  bool stable = true;
  for (uint32_t i = 0; i < s->out_count; i++) {
    const firn_info both =
        common(&known[i], &plan->values[body->results[i]].info);
    stable = stable && firn_shape_equal(&both.shape, &known[i].shape) &&
             firn_shape_equal(&both.handle_shape, &known[i].handle_shape) &&
             both.handle_dtype == known[i].handle_dtype;
    known[i] = both;
  }
  for (uint32_t i = 0; !stable && give_up && i < s->out_count; i++) {
    known[i].shape = known[i].handle_shape = firn_shape_unknown();
    known[i].handle_dtype = FIRN_INVALID;
  }
  return stable;
}

/* What the loop starts with now, and started with when it was met before. */
static firn_code recall(inferrer *f, const firn_plan_step *s, loop_memory **out,
                        firn_error *err) {
  firn_plan *plan = f->plan;
  const size_t index = (size_t)(s - plan->steps);
  loop_memory *m = f->loops[index];
  const bool first = m == NULL;
  if (first) {
    m = firn_arena_zeroed(&plan->arena, sizeof *m);
    if (!m) return firn_oom(err, sizeof *m);
    m->known = firn_arena_array(&plan->arena, s->out_count, sizeof *m->known);
    if (!m->known) return firn_oom(err, s->out_count);
    f->loops[index] = m;
  }
  for (uint32_t i = 0; i < s->out_count; i++) {
    const firn_info *start = &plan->values[s->in[i]].info;
    m->known[i] = common(first ? start : &m->known[i], start);
  }
  *out = m;
  return FIRN_OK;
}

/* A loop's body is looked at until the shapes that it carries do not change. */
static firn_code infer_loop(inferrer *f, firn_plan_step *s, firn_error *err) {
  enum { PATIENCE = 8 };
  firn_plan *plan = f->plan;
  loop_memory *m = NULL;
  FIRN_TRY(recall(f, s, &m, err));
  for (;;) {
    for (uint32_t i = 0; i < s->out_count; i++) {
      plan->values[s->out + i].info = m->known[i];
      plan->values[s->out + i].may_die = s->may_die;
    }
    FIRN_TRY(infer_block(f, s->inner, err));
    FIRN_TRY(infer_block(f, s->inner + 1, err));
    if (widen(plan, s, m->known, m->changes >= PATIENCE)) return FIRN_OK;
    m->changes++;
    firn_plan_reset(plan, s->inner);
    firn_plan_reset(plan, s->inner + 1);
  }
}

/* ---- The walk ------------------------------------------------------------ */

static bool step_is_dead(const firn_plan *plan, uint32_t step) {
  const firn_plan_step *s = &plan->steps[step];
  for (uint32_t i = 0; i < s->out_count; i++)
    if (plan->values[s->out + i].place != FIRN_PLACE_DEAD) return false;
  return s->out_count || (s->dropped && s->may_die);
}

/* Whether a step can never run, or may not: by its inputs and whom it waits
 * for. */
static bool dies(firn_plan *plan, firn_plan_step *s) {
  uint32_t dead = 0;
  for (uint32_t i = 0; i < s->in_count; i++) {
    const firn_plan_value *v = &plan->values[s->in[i]];
    dead += v->place == FIRN_PLACE_DEAD;
    s->may_die |= v->may_die;
  }
  bool dead_control = false;
  for (uint32_t i = 0; i < s->control_count; i++) {
    if (firn_step_outlives(s, &plan->steps[s->controls[i]])) continue;
    dead_control |= step_is_dead(plan, s->controls[i]);
    s->may_die |= plan->steps[s->controls[i]].may_die;
  }
  if (s->kind == FIRN_STEP_MERGE) return dead == s->in_count || dead_control;
  return dead > 0 || dead_control;
}

static firn_code infer_step(inferrer *f, firn_plan_step *s, firn_error *err) {
  firn_plan *plan = f->plan;
  if (dies(plan, s)) {
    bury(plan, s);
    for (uint32_t k = 0; k < s->inner_count; k++)
      bury_block(plan, s->inner + k);
    return FIRN_OK;
  }
  switch (s->kind) {
    case FIRN_STEP_CONST: FIRN_TRY(infer_const(f, s, err)); break;
    case FIRN_STEP_SWITCH: infer_switch(f, s); break;
    case FIRN_STEP_MERGE: return infer_merge(f, s, err);
    case FIRN_STEP_DEREF:
      plan->values[s->out].info.shape = plan->values[s->in[0]].info.shape;
      read_now(f, s);
      break;
    case FIRN_STEP_BRANCH: FIRN_TRY(infer_branch(f, s, err)); break;
    case FIRN_STEP_GATE: settle(s); return FIRN_OK;
    case FIRN_STEP_LOOP: return infer_loop(f, s, err);
    case FIRN_STEP_OP: FIRN_TRY(infer_op(f, s, err)); break;
  }
  for (uint32_t i = 0; i < s->out_count; i++)
    plan->values[s->out + i].may_die |= s->may_die && !s->dropped;
  return FIRN_OK;
}

static firn_code infer_block(inferrer *f, uint32_t block, firn_error *err) {
  const firn_block *b = &f->plan->program->blocks[block];
  for (uint32_t i = 0; i < b->count; i++) {
    const firn_code code = infer_step(f, &f->plan->steps[b->steps[i]],
                                      f->unsupported ? NULL : err);
    if (code != FIRN_OK) return code;
  }
  return FIRN_OK;
}

firn_code firn_plan_infer(firn_plan *plan, firn_error *err) {
  firn_error own = FIRN_ERROR_INIT;
  inferrer f = {.plan = plan, .err = err ? err : &own};
  f.in = firn_arena_array(&plan->arena, plan->max_in, sizeof *f.in);
  f.out = firn_arena_array(&plan->arena, plan->max_out, sizeof *f.out);
  f.tensors = firn_arena_array(&plan->arena, plan->max_in + plan->max_out,
                               sizeof *f.tensors);
  f.loops = firn_arena_array(&plan->arena, plan->program->step_count,
                             sizeof(loop_memory *));
  if (!f.in || !f.out || !f.tensors || !f.loops) return firn_oom(err, 0);
  FIRN_TRY(firn_writers_find(plan->program, &plan->arena, &f.writers, err));
  const firn_code code = infer_block(&f, 0, err);
  firn_error_clear(&own);
  return f.unsupported ? FIRN_UNIMPLEMENTED : code;
}
