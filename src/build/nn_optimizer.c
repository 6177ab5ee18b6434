/* build/nn_optimizer.c: train ops, with the slots, constants and names that
 * TensorFlow's optimisers give them.
 *
 *   w/Adam, w/Adam_1, beta1_power   slots, beside the variable
 *   Adam/learning_rate ...          constants
 *   Adam/update_w/ResourceApplyAdam one step of one variable
 *   Adam                            all of them, and the global step
 */
#include "build/nn.h"

enum { MOST_SLOTS = 2, MOST_NUMBERS = 5 };

/* What an optimiser's op takes, behind the variable and its slots. */
typedef enum number {
  NONE = 0,
  RATE,
  MOMENTUM,
  BETA1,
  BETA2,
  EPSILON,
  DECAY,
  POWER1, /* the variables beta1_power and beta2_power */
  POWER2,
  GRADIENT,
} number;

typedef struct method {
  const char *name, *op; /* the op behind "Apply" and "ResourceApply" */
  size_t slots;
  number takes[8];
  bool has_nesterov;
} method;

static const method methods[] = {
    [FIRN_GRADIENT_DESCENT] =
        {"GradientDescent", "GradientDescent", 0, {RATE, GRADIENT}, false},
    [FIRN_MOMENTUM] =
        {"Momentum", "Momentum", 1, {RATE, GRADIENT, MOMENTUM}, true},
    [FIRN_ADAM] = {"Adam",
                   "Adam",
                   2,
                   {POWER1, POWER2, RATE, BETA1, BETA2, EPSILON, GRADIENT},
                   true},
    [FIRN_RMS_PROP] = {"RMSProp",
                       "RMSProp",
                       2,
                       {RATE, DECAY, MOMENTUM, EPSILON, GRADIENT},
                       false},
    [FIRN_ADAGRAD] = {"Adagrad", "Adagrad", 1, {RATE, GRADIENT}, false},
};

typedef struct trainer {
  firn_builder *b;
  const firn_optimizer *o;
  const method *m;
  const char *name;
  firn_output numbers[GRADIENT]; /* constants, and beta powers' handles */
  firn_output *updates;
  size_t update_count;
} trainer;

/* ---- Slots -------------------------------------------------------------- */

static bool is_reference(const trainer *t, firn_output variable) {
  return firn_dtype_is_ref(firn_output_type(t->b, variable));
}

static firn_shape shape_of(const trainer *t, firn_output variable) {
  const firn_info *info = firn_info_at(t->b, variable);
  return is_reference(t, variable) ? info->shape : info->handle_shape;
}

static firn_init first_of_slot(const trainer *t, size_t i) {
  if (t->o->kind == FIRN_ADAGRAD)
    return firn_init_constant(t->o->accumulated != 0 ? t->o->accumulated
                                                     : 0.1f);
  if (t->o->kind == FIRN_RMS_PROP && i == 0) return firn_init_ones();
  return firn_init_zeros();
}

static firn_output add_slot(const trainer *t, firn_output variable, size_t i) {
  const firn_node *node = firn_node_of(t->b, variable);
  if (!node) return FIRN_NO_OUTPUT;
  const firn_variable_spec spec = {.dtype = firn_nn_value_type(t->b, variable),
                                   .shape = shape_of(t, variable),
                                   .init = first_of_slot(t, i),
                                   .reference = is_reference(t, variable),
                                   .beside = variable};
  const firn_str name = node->def->name;
  return firn_nn_make_variable(
      t->b,
      firn_builder_text(t->b, "%.*s/%s", (int)name.size, name.data, t->name)
          .data,
      &spec);
}

/* Adam's powers of beta lie beside the variable whose name comes first. */
static firn_output add_power(const trainer *t, const char *name, float beta,
                             const firn_output *variables, size_t count) {
  firn_output first = variables[0];
  for (size_t i = 1; i < count; i++) {
    const firn_node *a = firn_node_of(t->b, variables[i]);
    const firn_node *b = firn_node_of(t->b, first);
    if (a && b && firn_str_compare(a->def->name, b->def->name) < 0)
      first = variables[i];
  }
  const firn_variable_spec spec = {.dtype = firn_nn_value_type(t->b, first),
                                   .shape = FIRN_SCALAR,
                                   .init = firn_init_constant(beta),
                                   .init_name = "initial_value",
                                   .reference = is_reference(t, first),
                                   .beside = first};
  return firn_nn_make_variable(t->b, name, &spec);
}

/* ---- Numbers ------------------------------------------------------------ */

static float or_usual(float value, double usual) {
  return value != 0 ? value : (float)usual;
}

static bool takes(const method *m, number n) {
  for (size_t i = 0; m->takes[i]; i++)
    if (m->takes[i] == n) return true;
  return false;
}

static void add_number(trainer *t, number n, const char *name, float value) {
  if (takes(t->m, n)) t->numbers[n] = firn_const_float(t->b, name, value);
}

static void add_numbers(trainer *t) {
  const firn_optimizer *o = t->o;
  const bool adam = o->kind == FIRN_ADAM;
  if (o->rate_output)
    t->numbers[RATE] = *o->rate_output;
  else
    add_number(t, RATE, "learning_rate", o->rate);
  add_number(t, DECAY, "decay", or_usual(o->decay, 0.9));
  add_number(t, MOMENTUM, "momentum", o->momentum);
  add_number(t, BETA1, "beta1", or_usual(o->beta1, 0.9));
  add_number(t, BETA2, "beta2", or_usual(o->beta2, 0.999));
  add_number(t, EPSILON, "epsilon", or_usual(o->epsilon, adam ? 1e-8 : 1e-10));
}

/* ---- One variable ------------------------------------------------------- */

/* A number as the variable's type wants it, read when it is a variable. */
static firn_output argument(const trainer *t, number n, firn_output gradient,
                            firn_dtype dtype) {
  if (n == GRADIENT) return gradient;
  return firn_nn_cast(t->b, NULL, firn_nn_read(t->b, t->numbers[n]), dtype);
}

static firn_output update(const trainer *t, firn_output variable,
                          const firn_output *slots, firn_output gradient) {
  firn_builder *b = t->b;
  const firn_node *node = firn_node_of(b, variable);
  firn_output values[8] = {{0}};
  if (!node) return FIRN_NO_OUTPUT;
  const firn_dtype dtype = firn_nn_value_type(b, variable);
  const firn_str name = node->def->name;
  const char *op =
      firn_builder_text(b, "%sApply%s",
                        is_reference(t, variable) ? "" : "Resource", t->m->op)
          .data;
  firn_builder_push(
      b, firn_builder_text(b, "update_%.*s", (int)name.size, name.data).data);
  firn_builder_push(b, op);
  for (size_t i = 0; t->m->takes[i]; i++)
    values[i] = argument(t, t->m->takes[i], gradient, dtype);
  firn_nn_begin_whole(b, op);
  firn_op_input(b, variable);
  for (size_t i = 0; i < t->m->slots; i++) firn_op_input(b, slots[i]);
  for (size_t i = 0; t->m->takes[i]; i++) firn_op_input(b, values[i]);
  if (t->m->has_nesterov && t->o->nesterov)
    firn_op_attr_bool(b, "use_nesterov", true);
  firn_nn_beside(b, variable);
  const firn_output out = firn_op_end(b);
  firn_builder_pop(b);
  firn_builder_pop(b);
  return out;
}

/* ---- The end of a step -------------------------------------------------- */

static void wait_for_updates(const trainer *t) {
  for (size_t i = 0; i < t->update_count; i++)
    firn_op_control(t->b, t->updates[i]);
}

/* power *= beta, once every variable has used it. */
static firn_output move_power(const trainer *t, number power, number beta) {
  firn_builder *b = t->b;
  const firn_output handle = t->numbers[power];
  const bool ref = is_reference(t, handle);
  firn_output value;
  if (ref) {
    value = firn_nn_read(b, handle);
  } else {
    firn_op_begin(b, "ReadVariableOp", NULL);
    firn_op_input(b, handle);
    firn_op_attr_type(b, "dtype", firn_nn_value_type(b, handle));
    wait_for_updates(t);
    value = firn_op_end(b);
  }
  const firn_output by =
      firn_nn_cast(b, NULL, t->numbers[beta], firn_nn_value_type(b, handle));
  firn_op_begin(b, "Mul", "mul");
  firn_op_input(b, value);
  firn_op_input(b, by);
  if (ref) wait_for_updates(t);
  firn_nn_beside(b, handle);
  return firn_nn_assign(b, NULL, handle, firn_op_end(b));
}

/* The node of the optimiser's own name; with a step it adds 1 to that. */
static firn_output finish(trainer *t, firn_output step) {
  firn_builder *b = t->b;
  if (!firn_node_of(b, step)) {
    firn_nn_begin_whole(b, "NoOp");
    wait_for_updates(t);
    return firn_op_end(b);
  }
  const bool ref = is_reference(t, step);
  const firn_output all =
      firn_nn_group(b, "update", t->updates, t->update_count);
  firn_op_begin(b, "Const", ref ? "value" : NULL);
  firn_op_attr_type(b, "dtype", firn_nn_value_type(b, step));
  firn_tensor one = {.dtype = firn_nn_value_type(b, step),
                     .shape = FIRN_SCALAR,
                     .count = 1,
                     .data = &(int64_t){1}};
  if (one.dtype != FIRN_INT64 && one.dtype != FIRN_INT32)
    firn_builder_fail(b, FIRN_INVALID_ARGUMENT, "the global step is %s",
                      firn_dtype_name(one.dtype));
  firn_op_attr_tensor(b, "value", &one);
  firn_op_control(b, all);
  firn_nn_beside(b, step);
  const firn_output value = firn_op_end(b);
  firn_nn_begin_whole(b, ref ? "AssignAdd" : "AssignAddVariableOp");
  firn_op_input(b, step);
  firn_op_input(b, value);
  firn_nn_beside(b, step);
  return firn_op_end(b);
}

/* ---- The words ---------------------------------------------------------- */

/* Leaves out what has no gradient. Returns how many are left. */
static size_t with_gradients(const firn_builder *b, const firn_output *g,
                             const firn_output *v, size_t count,
                             firn_output *grads, firn_output *vars) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    if (!firn_node_of(b, g[i])) continue;
    grads[kept] = g[i];
    vars[kept++] = v[i];
  }
  return kept;
}

static firn_output apply(trainer *t, const firn_output *grads,
                         const firn_output *vars, size_t count,
                         const firn_output *others, size_t other_count,
                         firn_output step) {
  firn_builder *b = t->b;
  firn_output(*slots)[MOST_SLOTS] = firn_builder_alloc(b, count, sizeof *slots);
  t->updates =
      firn_builder_alloc(b, count + other_count + 2, sizeof *t->updates);
  if (!slots || !t->updates) return FIRN_NO_OUTPUT;
  firn_builder_push(b, "");
  if (t->o->kind == FIRN_ADAM) {
    t->numbers[POWER1] =
        add_power(t, "beta1_power", or_usual(t->o->beta1, 0.9), vars, count);
    t->numbers[POWER2] =
        add_power(t, "beta2_power", or_usual(t->o->beta2, 0.999), vars, count);
  }
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < t->m->slots; k++)
      slots[i][k] = add_slot(t, vars[i], k);
  firn_builder_pop(b);
  firn_builder_push(b, t->name);
  add_numbers(t);
  for (size_t i = 0; i < count; i++)
    t->updates[i] = update(t, vars[i], slots[i], grads[i]);
  t->update_count = count;
  if (t->o->kind == FIRN_ADAM) {
    const firn_output one = move_power(t, POWER1, BETA1);
    const firn_output two = move_power(t, POWER2, BETA2);
    t->updates[t->update_count++] = one;
    t->updates[t->update_count++] = two;
  }
  for (size_t i = 0; i < other_count; i++)
    t->updates[t->update_count++] = others[i];
  const firn_output out = finish(t, step);
  firn_builder_pop(b);
  firn_builder_collect(b, "train_op", out);
  return out;
}

firn_output firn_nn_train(firn_builder *b, const firn_optimizer *o,
                          const firn_output *gradients,
                          const firn_output *variables, size_t count,
                          bool updates, firn_output step) {
  if (b->failed != FIRN_OK) return FIRN_NO_OUTPUT;
  if ((size_t)o->kind >= FIRN_COUNT(methods)) {
    firn_builder_fail(b, FIRN_INVALID_ARGUMENT, "there is no optimiser %d",
                      (int)o->kind);
    return FIRN_NO_OUTPUT;
  }
  trainer t = {.b = b, .o = o, .m = &methods[o->kind]};
  t.name = o->name ? o->name : t.m->name;
  const size_t others =
      updates ? firn_builder_collected(b, "update_ops", NULL, 0) : 0;
  firn_output *grads = firn_builder_alloc(b, count, sizeof *grads);
  firn_output *vars = firn_builder_alloc(b, count, sizeof *vars);
  firn_output *waits = firn_builder_alloc(b, others, sizeof *waits);
  if (!grads || !vars || !waits) return FIRN_NO_OUTPUT;
  if (others) firn_builder_collected(b, "update_ops", waits, others);
  const size_t kept =
      with_gradients(b, gradients, variables, count, grads, vars);
  if (kept == 0) {
    firn_builder_fail(b, FIRN_INVALID_ARGUMENT,
                      "%s: no trainable variable has a gradient", t.name);
    return FIRN_NO_OUTPUT;
  }
  return apply(&t, grads, vars, kept, waits, others, step);
}

firn_output firn_nn_apply_gradients(firn_builder *b,
                                    const firn_optimizer *optimizer,
                                    const firn_output *gradients,
                                    const firn_output *variables, size_t count,
                                    firn_output step) {
  return firn_nn_train(b, optimizer, gradients, variables, count, false, step);
}
