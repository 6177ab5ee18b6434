/* build/save_nodes.c: the nodes that save and restore, as TensorFlow's Saver
 * makes them:
 *
 *   save/Const              the prefix, to be fed
 *   save/SaveV2             all variables, under their names, in name order
 *   save/control_dependency the prefix, once it is saved
 *   save/RestoreV2, save/AssignVariableOp ..., save/restore_all
 */
#include <stdlib.h>

#include "build/nn.h"

typedef struct saver {
  firn_builder *b;
  const firn_built_variable **variables;
  firn_output names; /* the keys, and "" for each */
  size_t count;
} saver;

/* ---- In name order ------------------------------------------------------ */

typedef struct named {
  firn_str name;
  const firn_built_variable *variable;
} named;

static int by_name(const void *a, const void *b) {
  return firn_str_compare(((const named *)a)->name, ((const named *)b)->name);
}

static bool sort_variables(saver *s) {
  firn_builder *b = s->b;
  const size_t n = b->variable_count;
  named *order = firn_builder_alloc(b, n, sizeof *order);
  s->variables = firn_builder_alloc(b, n, sizeof(*s->variables));
  if (!order || !s->variables) return false;
  for (size_t i = 0; i < n; i++)
    order[i] = (named){firn_node_of(b, b->variables[i].handle)->def->name,
                       &b->variables[i]};
  if (n) qsort(order, n, sizeof *order, by_name);
  for (size_t i = 0; i < n; i++) s->variables[i] = order[i].variable;
  s->count = n;
  return true;
}

static firn_dtype value_type(const saver *s, size_t i) {
  return firn_attr_type_or(firn_node_of(s->b, s->variables[i]->handle), "dtype",
                           FIRN_INVALID);
}

/* ---- Nodes -------------------------------------------------------------- */

/* A vector of strings: the variables' names, or empty ones. */
static firn_output add_strings(saver *s, const char *name, bool keys) {
  firn_builder *b = s->b;
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *tensor = NULL;
  const firn_shape shape = firn_shape_vector((int64_t)s->count);
  firn_code code =
      firn_tensor_make(FIRN_STRING, &shape, &b->env.alloc, &tensor, &err);
  for (size_t i = 0; code == FIRN_OK && keys && i < s->count; i++)
    code = firn_tensor_set_string(
        tensor, i, firn_node_of(b, s->variables[i]->handle)->def->name, &err);
  firn_output out = FIRN_NO_OUTPUT;
  if (firn_builder_ok(b, code, &err)) out = firn_const(b, name, tensor);
  firn_tensor_release(tensor);
  return out;
}

/* The prefix: two placeholders with a default, one behind the other. */
static firn_output add_prefix(firn_builder *b) {
  const firn_shape scalar = firn_shape_scalar();
  firn_output at = firn_const_string(b, "filename/input", "model");
  for (int i = 0; i < 2; i++) {
    firn_op_begin(b, "PlaceholderWithDefault", i ? "Const" : "filename");
    firn_op_input(b, at);
    firn_op_attr_shape(b, "shape", &scalar);
    at = firn_op_end(b);
  }
  return at;
}

static firn_output add_save(saver *s, firn_output prefix) {
  firn_builder *b = s->b;
  firn_output *values = firn_builder_alloc(b, s->count, sizeof *values);
  if (!values) return FIRN_NO_OUTPUT;
  for (size_t i = 0; i < s->count; i++) {
    const firn_built_variable *v = s->variables[i];
    values[i] = !v->resource               ? v->handle
                : firn_node_of(b, v->read) ? v->read
                                           : firn_nn_read(b, v->handle);
  }
  const firn_output names = add_strings(s, "SaveV2/tensor_names", true);
  const firn_output slices = add_strings(s, "SaveV2/shape_and_slices", false);
  firn_op_begin(b, "SaveV2", "SaveV2");
  firn_op_input(b, prefix);
  firn_op_input(b, names);
  firn_op_input(b, slices);
  firn_op_inputs(b, values, s->count);
  const firn_output save = firn_op_end(b);
  const firn_node *of = firn_node_of(b, prefix);
  if (!of) return FIRN_NO_OUTPUT;
  const char *class = firn_builder_text(b, "loc:@%.*s", (int)of->def->name.size,
                                        of->def->name.data)
                          .data;
  firn_op_begin(b, "Identity", "control_dependency");
  firn_op_input(b, prefix);
  firn_op_control(b, save);
  firn_op_attr_strings(b, "_class", &class, 1);
  return firn_op_end(b);
}

static firn_output assign(firn_builder *b, const firn_built_variable *v,
                          firn_output value) {
  if (v->resource) {
    firn_op_begin(b, "Identity", NULL);
    firn_op_input(b, value);
    const firn_output copy = firn_op_end(b);
    firn_op_begin(b, "AssignVariableOp", NULL);
    firn_op_input(b, v->handle);
    firn_op_input(b, copy);
    return firn_op_end(b);
  }
  firn_op_begin(b, "Assign", NULL);
  firn_op_input(b, v->handle);
  firn_op_input(b, value);
  return firn_op_end(b);
}

static firn_output add_restore(saver *s, firn_output prefix) {
  firn_builder *b = s->b;
  firn_dtype *types = firn_builder_alloc(b, s->count, sizeof *types);
  firn_output *done = firn_builder_alloc(b, s->count, sizeof *done);
  if (!types || !done) return FIRN_NO_OUTPUT;
  for (size_t i = 0; i < s->count; i++) types[i] = value_type(s, i);
  const firn_output names = add_strings(s, "RestoreV2/tensor_names", true);
  const firn_output slices =
      add_strings(s, "RestoreV2/shape_and_slices", false);
  firn_op_begin(b, "RestoreV2", "RestoreV2");
  firn_op_input(b, prefix);
  firn_op_input(b, names);
  firn_op_input(b, slices);
  firn_op_attr_types(b, "dtypes", types, s->count);
  const firn_output first = firn_op_end(b);
  for (size_t i = 0; i < s->count; i++)
    done[i] = assign(b, s->variables[i], firn_output_next(first, (uint32_t)i));
  firn_op_begin(b, "NoOp", "restore_all");
  for (size_t i = 0; i < s->count; i++) firn_op_control(b, done[i]);
  return firn_op_end(b);
}

void firn_builder_add_saver(firn_builder *b) {
  saver s = {.b = b};
  if (b->failed != FIRN_OK) return;
  if (b->variable_count == 0) {
    firn_builder_fail(b, FIRN_FAILED_PRECONDITION,
                      "there are no variables to save");
    return;
  }
  firn_pb_SaverDef *def = firn_builder_alloc(b, 1, sizeof *def);
  if (!def || !sort_variables(&s)) return;
  firn_builder_push(b, "");
  firn_builder_push(b, "save");
  const firn_output prefix = add_prefix(b);
  const firn_output saved = add_save(&s, prefix);
  const firn_output restored = add_restore(&s, prefix);
  firn_builder_pop(b);
  firn_builder_pop(b);
  if (b->failed != FIRN_OK) return;
  def->filename_tensor_name = firn_str_of(firn_output_name(b, prefix));
  def->save_tensor_name = firn_str_of(firn_output_name(b, saved));
  def->restore_op_name = firn_node_of(b, restored)->def->name;
  def->max_to_keep = 5;
  def->keep_checkpoint_every_n_hours = 10000;
  def->version = 2;
  b->saver = def;
}
