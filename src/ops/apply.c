/* ops/apply.c: drives the rules of apply.h over variables.
 *
 * All variables of a step are locked together, in one order everywhere, so that
 * two steps that share some can neither wait for each other nor mix their
 * halves. Nothing is changed before everything has been checked.
 */
#include "ops/apply.h"

#include <stdio.h>

#include "ops/infer.h"
#include "ops/store.h"

enum {
  GRAIN = 1 << 14, /* elements that are worth a thread */
  CHUNK = 512,     /* half floats that are widened together */
};

/* One step while the locks are being taken. */
typedef struct step {
  const firn_run *run;
  const firn_apply_form *form;
  firn_variable *variable[FIRN_APPLY_SLOTS];
  int order[FIRN_APPLY_SLOTS]; /* in which they are locked */
  int locked;
  firn_tensor *value[FIRN_APPLY_SLOTS];
  firn_apply apply;
  firn_apply_fn fn;
} step;

/* ---- Checks ------------------------------------------------------------- */

static bool is_scalar_input(const firn_apply_form *f, int i) {
  const firn_apply_rule *r = f->rule;
  return i >= r->slots && i != r->grad && !(f->sparse && i == r->grad + 1);
}

static firn_code check_same(const char *what, const firn_shape *have,
                            const firn_shape *want, firn_error *err) {
  char th[256], tw[256];
  if (firn_shape_equal(have, want)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "%s has shape %s, the variable has %s", what,
                   firn_shape_text(have, th), firn_shape_text(want, tw));
}

static firn_code check_rows(const firn_tensor *grad, const firn_tensor *indices,
                            const firn_shape *var, firn_error *err) {
  char text[256];
  if (var->rank < 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the variable must have at least 1 axis, is a scalar");
  if (indices->shape.rank != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "indices must have 1 axis, have shape %s",
                     firn_shape_text(&indices->shape, text));
  firn_shape want = *var;
  want.dims[0] = (int64_t)indices->count;
  if (!firn_shape_equal(&grad->shape, &want)) {
    char tw[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "grad has shape %s, must have %s: a row per index",
                     firn_shape_text(&grad->shape, text),
                     firn_shape_text(&want, tw));
  }
  for (size_t i = 0; i < indices->count; i++) {
    const int64_t row = firn_tensor_i64(indices, i);
    if (row < 0 || row >= var->dims[0])
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "indices[%zu] = %lld is not in [0, %lld)", i,
                       (long long)row, (long long)var->dims[0]);
  }
  return FIRN_OK;
}

static firn_code check(const step *s, firn_error *err) {
  const firn_apply_rule *r = s->form->rule;
  const firn_tensor *grad = s->run->in[r->grad];
  const firn_shape *shape = &s->value[0]->shape;
  for (int i = 1; i < r->slots; i++) {
    char what[20];
    snprintf(what, sizeof what, "slot %d", i);
    FIRN_TRY(check_same(what, &s->value[i]->shape, shape, err));
  }
  return s->form->sparse ? check_rows(grad, s->run->in[r->grad + 1], shape, err)
                         : check_same("grad", &grad->shape, shape, err);
}

/* ---- Computing ---------------------------------------------------------- */

/* `a` from element `slot` of the variables and element `grad` of the gradient
 * on. */
static firn_apply at(const firn_apply *a, size_t size, size_t slot,
                     size_t grad) {
  firn_apply moved = *a;
  for (int i = 0; i < FIRN_APPLY_SLOTS; i++)
    if (moved.slot[i]) moved.slot[i] = (char *)moved.slot[i] + slot * size;
  moved.grad = (const char *)moved.grad + grad * size;
  return moved;
}

static void widen(const uint16_t *from, float *to, size_t n, bool half) {
  for (size_t i = 0; i < n; i++)
    to[i] =
        half ? firn_half_to_float(from[i]) : firn_bfloat16_to_float(from[i]);
}

static void narrow(const float *from, uint16_t *to, size_t n, bool half) {
  for (size_t i = 0; i < n; i++)
    to[i] = half ? firn_half_from_float(from[i])
                 : firn_bfloat16_from_float(from[i]);
}

static void run_narrow(const firn_apply *a, size_t n, firn_apply_fn fn,
                       bool half) {
  float slot[FIRN_APPLY_SLOTS][CHUNK], grad[CHUNK];
  for (size_t done = 0; done < n; done += CHUNK) {
    const size_t part = firn_min_size(CHUNK, n - done);
    const firn_apply from = at(a, sizeof(uint16_t), done, done);
    firn_apply wide = *a;
    for (int i = 0; i < FIRN_APPLY_SLOTS && a->slot[i]; i++) {
      widen(from.slot[i], slot[i], part, half);
      wide.slot[i] = slot[i];
    }
    widen(from.grad, grad, part, half);
    wide.grad = grad;
    fn(&wide, part);
    for (int i = 0; i < FIRN_APPLY_SLOTS && a->slot[i]; i++)
      narrow(slot[i], from.slot[i], part, half);
  }
}

static void compute(const step *s, size_t slot, size_t grad, size_t n) {
  const firn_dtype dtype = s->value[0]->dtype;
  const firn_apply a = at(&s->apply, firn_dtype_size(dtype), slot, grad);
  if (dtype == FIRN_HALF || dtype == FIRN_BFLOAT16)
    run_narrow(&a, n, s->fn, dtype == FIRN_HALF);
  else
    s->fn(&a, n);
}

static void compute_range(void *ctx, size_t begin, size_t end) {
  compute(ctx, begin, begin, end - begin);
}

/* Rows in order: an index that occurs twice takes effect twice. */
static void compute_rows(const step *s) {
  const firn_tensor *indices = s->run->in[s->form->rule->grad + 1];
  const firn_shape *shape = &s->value[0]->shape;
  const size_t row = (size_t)firn_shape_product(shape, 1, shape->rank);
  for (size_t i = 0; i < indices->count; i++)
    compute(s, (size_t)firn_tensor_i64(indices, i) * row, i * row, row);
}

static firn_code take_step(step *s, firn_error *err) {
  FIRN_TRY(check(s, err));
  for (int i = 0; i < s->form->rule->slots; i++)
    s->apply.slot[i] = s->value[i]->data;
  s->apply.grad = s->run->in[s->form->rule->grad]->data;
  if (s->form->sparse)
    compute_rows(s);
  else
    firn_parallel_for(s->run->pool, s->value[0]->count, GRAIN, compute_range,
                      s);
  return FIRN_OK;
}

/* ---- Locks -------------------------------------------------------------- */

static firn_code lock_next(step *s, firn_error *err);

static firn_code locked(void *ud, firn_tensor *value, firn_error *err) {
  step *s = ud;
  s->value[s->order[s->locked]] = value;
  s->locked++;
  return s->locked == s->form->rule->slots ? take_step(s, err)
                                           : lock_next(s, err);
}

/* Each update runs inside the one before: the last of them has all the locks.
 * There is at least one, since the first slot is what an op updates. */
static firn_code lock_next(step *s, firn_error *err) {
  return firn_variable_update(s->variable[s->order[s->locked]], locked, s, err);
}

/* By address, which is the same order in every step. */
static firn_code put_in_order(step *s, firn_error *err) {
  const int slots = s->form->rule->slots;
  for (int i = 0; i < slots; i++) {
    int k = i;
    for (; k > 0 &&
           (uintptr_t)s->variable[s->order[k - 1]] > (uintptr_t)s->variable[i];
         k--)
      s->order[k] = s->order[k - 1];
    s->order[k] = i;
    if (k > 0 && s->variable[s->order[k - 1]] == s->variable[i])
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "inputs %d and %d are the same variable",
                       s->order[k - 1], i);
  }
  return FIRN_OK;
}

/* ---- The op ------------------------------------------------------------- */

static void take_scalar(step *s, int i, int place) {
  const firn_tensor *t = s->run->in[i];
  if (t->dtype == FIRN_COMPLEX64) {
    s->apply.h[place] = (double)((const float *)t->data)[0];
    s->apply.c[place] = (double)((const float *)t->data)[1];
  } else if (t->dtype == FIRN_COMPLEX128) {
    s->apply.h[place] = ((const double *)t->data)[0];
    s->apply.c[place] = ((const double *)t->data)[1];
  } else {
    s->apply.h[place] = firn_tensor_f64(t, 0);
  }
}

static firn_code take_inputs(step *s, firn_error *err) {
  const firn_apply_rule *r = s->form->rule;
  const firn_dtype dtype = s->run->in[r->grad]->dtype;
  int place = 0;
  char text[256];
  for (int i = 0; i < r->slots; i++) {
    FIRN_TRY(firn_variable_of(s->run->in[i], &s->variable[i], err));
    const firn_dtype have = firn_variable_dtype(s->variable[i]);
    const firn_str name = firn_variable_name(s->variable[i]);
    if (have != dtype)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "variable '%.*s' is %s, the gradient %s", FIRN_ARG(name),
                       firn_dtype_name(have), firn_dtype_name(dtype));
  }
  for (int i = 0; i < (int)s->run->in_count; i++) {
    if (!is_scalar_input(s->form, i)) continue;
    const firn_tensor *t = s->run->in[i];
    if (t->shape.rank != 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "input %d must be a scalar, has shape %s", i,
                       firn_shape_text(&t->shape, text));
    take_scalar(s, i, place++);
  }
  s->apply.flag =
      r->attr ? firn_attr_bool_or(s->run->node, r->attr, r->flag) : false;
  switch ((int)dtype) {
    case FIRN_DOUBLE: s->fn = r->f64; break;
    case FIRN_COMPLEX64: s->fn = r->c64; break;
    case FIRN_COMPLEX128: s->fn = r->c128; break;
    default: s->fn = r->f32; break;
  }
  return FIRN_OK;
}

firn_code firn_apply_drive(const firn_run *run, firn_error *err) {
  step s = {.run = run, .form = run->kernel->micro.table};
  firn_tensor *handle = NULL;
  FIRN_TRY(take_inputs(&s, err));
  FIRN_TRY(put_in_order(&s, err));
  FIRN_TRY(lock_next(&s, err));
  if (run->out_count == 0) return FIRN_OK;
  FIRN_TRY(firn_tensor_keep(run->in[0], &run->env->alloc, &handle, err));
  firn_run_give(run, 0, handle);
  return FIRN_OK;
}

/* ---- Shapes ------------------------------------------------------------- */

static const firn_shape *shape_behind(const firn_info *in) {
  static const firn_shape unknown = {.rank = FIRN_UNKNOWN_RANK};
  return in->handle_dtype == FIRN_INVALID ? &unknown : &in->handle_shape;
}

/* The rule is known by what the inputs are: handles first, and the gradient is
 * the input called so. */
static int input_named(const firn_infer *q, const char *a, const char *b) {
  const firn_pb_OpDef *def = q->node->type->def;
  for (size_t i = 0; def && i < def->input_arg_count; i++)
    if (firn_str_is(def->input_arg[i]->name, a) ||
        firn_str_is(def->input_arg[i]->name, b))
      return (int)i;
  return -1;
}

static bool is_variable(const firn_infer *q, size_t i) {
  return firn_dtype_is_handle(q->in[i].dtype);
}

static firn_code infer(firn_infer *q, bool sparse, firn_error *err) {
  firn_shape shape = *shape_behind(&q->in[0]);
  const int grad = input_named(q, "grad", "delta");
  for (size_t i = 1; i < q->in_count; i++) {
    firn_shape ignored;
    if (is_variable(q, i)) {
      const firn_code code =
          firn_shape_merge(&shape, shape_behind(&q->in[i]), &shape, err);
      if (code != FIRN_OK)
        return firn_while(err, code, "the variable and slot %zu", i);
    } else if ((int)i != grad && !(sparse && (int)i == grad + 1)) {
      const firn_str name = q->node->type->def
                                ? q->node->type->def->input_arg[i]->name
                                : FIRN_STR("hyperparameter");
      char what[40];
      snprintf(what, sizeof what, "%.*s", FIRN_ARG(name));
      FIRN_TRY(firn_infer_rank(q, i, 0, what, &ignored, err));
    }
  }
  if (grad >= 0 && !sparse) {
    const firn_code code =
        firn_shape_merge(&shape, &q->in[grad].shape, &shape, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "the variable and its gradient");
  }
  if (grad >= 0 && sparse) {
    firn_shape rows = q->in[grad].shape, indices;
    FIRN_TRY(firn_infer_rank(q, (size_t)grad + 1, 1, "indices", &indices, err));
    if (rows.rank > 0 &&
        !firn_dim_merge(rows.dims[0], indices.dims[0], &rows.dims[0]))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "grad has %lld rows for %lld indices",
                       (long long)rows.dims[0], (long long)indices.dims[0]);
    if (rows.rank > 0) rows.dims[0] = FIRN_UNKNOWN_DIM;
    const firn_code code = firn_shape_merge(&shape, &rows, &shape, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "the variable and its gradient's rows");
  }
  if (q->out_count) {
    q->out[0] = q->in[0];
    q->out[0].shape = shape;
  }
  return FIRN_OK;
}

firn_code firn_apply_infer(firn_infer *q, firn_error *err) {
  return infer(q, false, err);
}

firn_code firn_apply_infer_sparse(firn_infer *q, firn_error *err) {
  return infer(q, true, err);
}
