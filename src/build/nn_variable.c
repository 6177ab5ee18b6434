/* build/nn_variable.c: variables, what is done to them, and their groups.
 *
 * A variable is the nodes that TensorFlow's get_variable makes, in its order:
 * NAME/Initializer/..., NAME, NAME/IsInitialized/VarIsInitializedOp,
 * NAME/Assign, NAME/Read/ReadVariableOp. Those of references, which older
 * graphs have, are there so that optimisers can give such variables slots.
 */
#include "build/nn_init.h"

/* ---- Words for the other files ------------------------------------------ */

void firn_nn_beside(firn_builder *b, firn_output o) {
  const firn_node *node = firn_node_of(b, o);
  if (!node) return;
  const firn_str name = node->def->name;
  const char *class =
      firn_builder_text(b, "loc:@%.*s", (int)name.size, name.data).data;
  firn_op_attr_strings(b, "_class", &class, 1);
}

firn_output firn_nn_scalar(firn_builder *b, const char *name, firn_dtype dtype,
                           double value) {
  firn_op_begin(b, "Const", name);
  firn_nn_fill_attrs(b, dtype, FIRN_SCALAR, value);
  return firn_op_end(b);
}

void firn_nn_open(firn_builder *b, const char *name, const char *usual) {
  firn_builder_push(b, name ? name : usual);
}

void firn_nn_begin_whole(firn_builder *b, const char *op) {
  const firn_str scope = firn_builder_scope(b);
  firn_op_begin(
      b, op, firn_builder_text(b, "%.*s/", (int)scope.size, scope.data).data);
}

firn_dtype firn_nn_value_type(const firn_builder *b, firn_output o) {
  const firn_info *info = firn_info_at(b, o);
  const firn_node *node = firn_node_of(b, o);
  if (info->dtype != FIRN_RESOURCE) return firn_dtype_base(info->dtype);
  if (info->handle_dtype) return info->handle_dtype;
  return node ? firn_attr_type_or(node, "dtype", FIRN_INVALID) : FIRN_INVALID;
}

/* ---- Inputs ------------------------------------------------------------- */

firn_output firn_nn_placeholder(firn_builder *b, const char *name,
                                firn_dtype dtype, firn_shape shape) {
  firn_op_begin(b, "Placeholder", name);
  firn_op_attr_type(b, "dtype", dtype);
  firn_op_attr_shape(b, "shape", &shape);
  return firn_op_end(b);
}

firn_output firn_nn_placeholder_or(firn_builder *b, const char *name,
                                   firn_output value, firn_shape shape) {
  firn_op_begin(b, "PlaceholderWithDefault", name);
  firn_op_input(b, value);
  firn_op_attr_shape(b, "shape", &shape);
  return firn_op_end(b);
}

/* ---- Variables ---------------------------------------------------------- */

/* The name with something behind it. */
static const char *with(firn_builder *b, firn_str name, const char *end) {
  return firn_builder_text(b, "%.*s%s", (int)name.size, name.data, end).data;
}

static void add_resource(firn_builder *b, firn_str name,
                         const firn_variable_spec *s, firn_built_variable *v) {
  firn_op_begin(b, "VarHandleOp", with(b, name, "/"));
  firn_op_attr_type(b, "dtype", s->dtype);
  firn_op_attr_shape(b, "shape", &s->shape);
  firn_op_attr_bytes(b, "shared_name", name);
  v->handle = firn_op_end(b);

  firn_op_begin(b, "VarIsInitializedOp",
                with(b, name, "/IsInitialized/VarIsInitializedOp/"));
  firn_op_input(b, v->handle);
  firn_op_end(b);

  firn_op_begin(b, "AssignVariableOp", with(b, name, "/Assign/"));
  firn_op_input(b, v->handle);
  firn_op_input(b, v->initial);
  v->assign = firn_op_end(b);

  firn_op_begin(b, "ReadVariableOp", with(b, name, "/Read/ReadVariableOp/"));
  firn_op_input(b, v->handle);
  firn_op_attr_type(b, "dtype", s->dtype);
  v->read = firn_op_end(b);
}

static void add_reference(firn_builder *b, firn_str name,
                          const firn_variable_spec *s, firn_built_variable *v) {
  firn_op_begin(b, "VariableV2", with(b, name, "/"));
  firn_op_attr_type(b, "dtype", s->dtype);
  firn_op_attr_shape(b, "shape", &s->shape);
  firn_nn_beside(b, s->beside);
  v->handle = firn_op_end(b);

  firn_op_begin(b, "Assign", with(b, name, "/Assign/"));
  firn_op_input(b, v->handle);
  firn_op_input(b, v->initial);
  firn_nn_beside(b, s->beside);
  v->assign = firn_op_end(b);

  firn_op_begin(b, "Identity", with(b, name, "/read/"));
  firn_op_input(b, v->handle);
  firn_nn_beside(b, s->beside);
  v->read = firn_op_end(b);
}

firn_output firn_nn_make_variable(firn_builder *b, const char *name,
                                  const firn_variable_spec *spec) {
  firn_built_variable v = {.resource = !spec->reference,
                           .trainable = spec->trainable};
  const firn_str full = firn_builder_unique(b, name ? name : "Variable", true);
  if (b->failed != FIRN_OK) return FIRN_NO_OUTPUT;
  if (!firn_shape_known(&spec->shape)) {
    char text[256];
    firn_builder_fail(b, FIRN_INVALID_ARGUMENT,
                      "variable '%.*s': the shape %s is not known",
                      FIRN_ARG(full), firn_shape_text(&spec->shape, text));
    return FIRN_NO_OUTPUT;
  }
  firn_builder_push(b, with(b, full, "/Initializer/"));
  v.initial = firn_nn_add_init(b, spec);
  firn_builder_pop(b);
  if (spec->reference)
    add_reference(b, full, spec, &v);
  else
    add_resource(b, full, spec, &v);
  firn_builder_add_variable(b, &v);
  firn_builder_collect(b, "variables", v.handle);
  if (spec->trainable) firn_builder_collect(b, "trainable_variables", v.handle);
  return b->failed == FIRN_OK ? v.handle : FIRN_NO_OUTPUT;
}

firn_output firn_nn_variable(firn_builder *b, const char *name,
                             firn_dtype dtype, firn_shape shape,
                             firn_init init) {
  const firn_variable_spec spec = {.dtype = dtype,
                                   .shape = shape,
                                   .init = init,
                                   .trainable = true,
                                   .beside = FIRN_NO_OUTPUT};
  return firn_nn_make_variable(b, name, &spec);
}

firn_output firn_nn_state(firn_builder *b, const char *name, firn_dtype dtype,
                          firn_shape shape, firn_init init) {
  const firn_variable_spec spec = {
      .dtype = dtype, .shape = shape, .init = init, .beside = FIRN_NO_OUTPUT};
  return firn_nn_make_variable(b, name, &spec);
}

firn_output firn_nn_global_step(firn_builder *b) {
  firn_output step;
  if (firn_builder_collected(b, "global_step", &step, 1)) return step;
  firn_builder_push(b, "");
  step = firn_nn_state(b, "global_step", FIRN_INT64, FIRN_SCALAR,
                       firn_init_zeros());
  firn_builder_pop(b);
  firn_builder_collect(b, "global_step", step);
  return step;
}

/* ---- Reading and changing ----------------------------------------------- */

firn_output firn_nn_read(firn_builder *b, firn_output variable) {
  const int type = firn_output_type(b, variable);
  if (firn_dtype_is_ref(type)) {
    const firn_built_variable *v = firn_builder_variable(b, variable);
    return v && firn_node_of(b, v->read) ? v->read : variable;
  }
  if (type != FIRN_RESOURCE) return variable;
  firn_op_begin(b, "ReadVariableOp", NULL);
  firn_op_input(b, variable);
  firn_op_attr_type(b, "dtype", firn_nn_value_type(b, variable));
  return firn_op_end(b);
}

static firn_output change(firn_builder *b, const char *name,
                          const char *resource, const char *reference,
                          firn_output variable, firn_output value) {
  const bool ref = firn_dtype_is_ref(firn_output_type(b, variable));
  firn_op_begin(b, ref ? reference : resource, name);
  firn_op_input(b, variable);
  firn_op_input(b, firn_nn_read(b, value));
  return firn_op_end(b);
}

firn_output firn_nn_assign(firn_builder *b, const char *name,
                           firn_output variable, firn_output value) {
  return change(b, name, "AssignVariableOp", "Assign", variable, value);
}

firn_output firn_nn_assign_add(firn_builder *b, const char *name,
                               firn_output variable, firn_output value) {
  return change(b, name, "AssignAddVariableOp", "AssignAdd", variable, value);
}

firn_output firn_nn_assign_sub(firn_builder *b, const char *name,
                               firn_output variable, firn_output value) {
  return change(b, name, "AssignSubVariableOp", "AssignSub", variable, value);
}

/* ---- Groups ------------------------------------------------------------- */

firn_output firn_nn_group(firn_builder *b, const char *name,
                          const firn_output *outputs, size_t count) {
  firn_op_begin(b, "NoOp", name ? name : "group_deps");
  for (size_t i = 0; i < count; i++) firn_op_control(b, outputs[i]);
  return firn_op_end(b);
}

firn_output firn_nn_init(firn_builder *b, const char *name) {
  const uint32_t count = b->variable_count;
  firn_output *assigns = firn_builder_alloc(b, count, sizeof *assigns);
  if (!assigns) return FIRN_NO_OUTPUT;
  size_t used = 0;
  for (uint32_t i = 0; i < count; i++)
    if (firn_node_of(b, b->variables[i].assign))
      assigns[used++] = b->variables[i].assign;
  return firn_nn_group(b, name ? name : "init", assigns, used);
}
