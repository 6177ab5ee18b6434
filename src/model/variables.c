/* model/variables.c: the variables of a model's session by name, and whether a
 * checkpoint has what they need. */
#include "model/model.h"
#include "ops/infer.h"

enum { NEAR_NAMES = 3 };

/* ---- By name ------------------------------------------------------------ */

static bool has_name(const firn_node *node, firn_str name) {
  return firn_is_variable(node) &&
         (firn_str_eq(node->def->name, name) ||
          firn_str_eq(firn_attr_str_or(node, "shared_name", ""), name));
}

static firn_code no_such(const firn_graph *graph, firn_str name,
                         firn_error *err) {
  firn_str near[NEAR_NAMES];
  firn_fail(err, FIRN_NOT_FOUND, "there is no variable '%.*s'", FIRN_ARG(name));
  const size_t count = firn_graph_near(graph, name, near, NEAR_NAMES);
  for (size_t i = 0; i < count; i++)
    firn_error_add(err, "perhaps '%.*s'", FIRN_ARG(near[i]));
  return FIRN_NOT_FOUND;
}

static const firn_node *find_node(const firn_model *model, firn_str name) {
  const firn_graph *graph = model->graph;
  firn_str node_name = name;
  int64_t output;
  firn_tensor_name_split(name, &node_name, &output);
  for (uint32_t i = 0; graph && i < graph->node_count; i++)
    if (has_name(graph->nodes[i], node_name)) return graph->nodes[i];
  return NULL;
}

/* The caller releases it. */
static firn_code find(const firn_model *model, firn_session *session,
                      firn_str name, firn_variable **out, firn_error *err) {
  const firn_node *node = find_node(model, name);
  *out = NULL;
  if (!model->graph)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "a checkpoint without a graph has no variables to set");
  if (!node) return no_such(model->graph, name, err);
  return firn_store_variable(firn_session_store(session), node, out, err);
}

firn_dtype firn_model_variable_type(const firn_model *model, const char *name) {
  const firn_node *node = find_node(model, firn_str_of(name));
  return node ? firn_attr_type_or(node, "dtype", FIRN_INVALID) : FIRN_INVALID;
}

firn_code firn_model_variable(const firn_model *model, firn_session *session,
                              const char *name, firn_tensor **out,
                              firn_error *err) {
  firn_variable *variable = NULL;
  *out = NULL;
  FIRN_TRY(find(model, session, firn_str_of(name), &variable, err));
  const firn_code code = firn_variable_read(variable, out, err);
  firn_object_release((firn_object *)variable);
  return code;
}

static firn_code check_fits(const firn_variable *variable,
                            const firn_tensor *value, firn_error *err) {
  firn_shape shape;
  if (value->dtype != firn_variable_dtype(variable))
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "it is %s, the value %s",
                     firn_dtype_name(firn_variable_dtype(variable)),
                     firn_dtype_name(value->dtype));
  return firn_shape_merge(firn_variable_shape(variable), &value->shape, &shape,
                          err);
}

firn_code firn_model_assign(const firn_model *model, firn_session *session,
                            const char *name, firn_tensor *value,
                            firn_error *err) {
  firn_variable *variable = NULL;
  FIRN_TRY(find(model, session, firn_str_of(name), &variable, err));
  firn_code code = check_fits(variable, value, err);
  if (code == FIRN_OK)
    code = firn_variable_assign(variable, firn_tensor_retain(value), err);
  firn_object_release((firn_object *)variable);
  return code == FIRN_OK ? code : firn_while(err, code, "assigning '%s'", name);
}

firn_code firn_model_global_step(const firn_model *model, firn_session *session,
                                 int64_t *out, firn_error *err) {
  const firn_pb_MetaGraphDef *meta = model->meta;
  firn_str name = FIRN_STR("global_step");
  firn_variable *variable = NULL;
  firn_tensor *value = NULL;
  for (size_t i = 0; meta && i < meta->collection_def_count; i++) {
    const firn_pb_CollectionDef *c = meta->collection_def[i]->value;
    void *def = NULL;
    if (!firn_str_is(meta->collection_def[i]->key, "global_step") || !c)
      continue;
    if (c->kind_case == 1 && c->node_list && c->node_list->value_count)
      name = c->node_list->value[0];
    if (c->kind_case != 2 || !c->bytes_list || !c->bytes_list->value_count)
      continue;
    const firn_str bytes = c->bytes_list->value[0];
    firn_arena arena;
    firn_arena_init(&arena, &model->env.alloc);
    if (firn_pb_parse(&firn_pb_type_VariableDef,
                      (firn_bytes){(const uint8_t *)bytes.data, bytes.size},
                      &model->env.limits, &arena, &def, NULL) == FIRN_OK)
      name = ((const firn_pb_VariableDef *)def)->variable_name;
    firn_arena_fini(&arena); /* the name lies in the message's own bytes */
  }
  FIRN_TRY(find(model, session, name, &variable, err));
  const firn_code code = firn_variable_read(variable, &value, err);
  firn_object_release((firn_object *)variable);
  FIRN_TRY(code);
  const bool fits = value->count == 1 &&
                    (value->dtype == FIRN_INT64 || value->dtype == FIRN_INT32);
  if (fits) *out = firn_tensor_i64(value, 0);
  firn_tensor_release(value);
  return fits ? FIRN_OK
              : firn_fail(err, FIRN_INVALID_ARGUMENT,
                          "the global step '%.*s' is no integer",
                          FIRN_ARG(name));
}

/* ---- First values ------------------------------------------------------- */

static firn_code initialize_one(firn_session *session, const firn_graph *graph,
                                firn_variable *variable, firn_arena *arena,
                                size_t *count, firn_error *err) {
  const firn_str name = firn_variable_node(variable)->def->name;
  const firn_str assign =
      firn_arena_printf(arena, "%.*s/Assign", (int)name.size, name.data);
  if (!assign.data) return firn_oom(err, name.size);
  if (firn_variable_ready(variable) || !firn_graph_find(graph, assign))
    return FIRN_OK;
  ++*count;
  const firn_code code = firn_session_run(session, NULL, NULL, 0, NULL, 0,
                                          &assign.data, 1, NULL, err);
  return code == FIRN_OK
             ? code
             : firn_while(err, code, "initialising '%.*s'", FIRN_ARG(name));
}

firn_code firn_model_initialize(const firn_model *model, firn_session *session,
                                size_t *count, firn_error *err) {
  const firn_graph *graph = model->graph;
  firn_store *store = firn_session_store(session);
  firn_arena arena;
  size_t done = 0;
  firn_code code = FIRN_OK;
  firn_arena_init(&arena, &model->env.alloc);
  for (uint32_t i = 0; graph && i < graph->node_count && code == FIRN_OK; i++) {
    firn_variable *variable = NULL;
    if (!firn_is_variable(graph->nodes[i])) continue;
    code = firn_store_variable(store, graph->nodes[i], &variable, err);
    if (code == FIRN_OK)
      code = initialize_one(session, graph, variable, &arena, &done, err);
    firn_object_release((firn_object *)variable);
  }
  firn_arena_fini(&arena);
  if (count) *count = done;
  return code;
}

/* ---- Another checkpoint ------------------------------------------------- */

/* Where a checkpoint has the value of a variable. */
static size_t look_up(const firn_model *model, const firn_checkpoint *ck,
                      const firn_node *node, firn_restored *at) {
  const firn_restored *place = firn_restore_place(model, node);
  *at = place ? *place : (firn_restored){.key = node->def->name};
  size_t found = firn_checkpoint_lookup(ck, at->key);
  if (found != SIZE_MAX || place) return found;
  const firn_str shared = firn_attr_str_or(node, "shared_name", "");
  found = firn_checkpoint_lookup(ck, shared);
  if (found != SIZE_MAX) at->key = shared;
  return found;
}

typedef struct comparison {
  const firn_model *model;
  const firn_checkpoint *ck;
  bool *taken; /* keys that a variable takes */
  size_t missing, other;
} comparison;

/* A problem is the first line's business and a line of its own. */
static void note(comparison *c, size_t *counter, firn_error *err) {
  if (!c->missing && !c->other)
    firn_fail(err, FIRN_NOT_FOUND, "checkpoint '%.*s' is not of this graph",
              FIRN_ARG(firn_checkpoint_prefix(c->ck)));
  ++*counter;
}

static void compare_one(comparison *c, const firn_node *node, bool needed,
                        firn_error *err) {
  firn_restored at;
  firn_shape want, full, have;
  firn_slice slice;
  char th[256], tw[256];
  const size_t found = look_up(c->model, c->ck, node, &at);
  if (found != SIZE_MAX) c->taken[found] = true;
  if (!needed) return;
  if (found == SIZE_MAX) {
    note(c, &c->missing, err);
    firn_error_add(err, "missing: '%.*s' of variable '%.*s'", FIRN_ARG(at.key),
                   FIRN_ARG(node->def->name));
    return;
  }
  const firn_checkpoint_entry e = firn_checkpoint_at(c->ck, found);
  const firn_dtype dtype = firn_attr_type_or(node, "dtype", FIRN_INVALID);
  if (firn_attr_shape(node, "shape", &want, NULL) != FIRN_OK)
    want = firn_shape_unknown();
  if (want.rank == 0 && firn_str_is(node->def->op, "Variable"))
    want = firn_shape_unknown();
  have = e.shape;
  if (firn_slice_parse(at.slice, &full, &slice, NULL) == FIRN_OK &&
      slice.rank >= 0)
    have = firn_slice_shape(&slice, &full);
  if (e.dtype == dtype &&
      firn_shape_merge(&want, &have, &full, NULL) == FIRN_OK)
    return;
  note(c, &c->other, err);
  firn_error_add(err, "different: '%.*s' is %s %s, variable '%.*s' %s %s",
                 FIRN_ARG(at.key), firn_dtype_name(e.dtype),
                 firn_shape_text(&have, th), FIRN_ARG(node->def->name),
                 firn_dtype_name(dtype), firn_shape_text(&want, tw));
}

/* A saver need not know every variable; without one all of them count. */
static bool is_savers(const firn_model *model, const firn_node *node) {
  return !model->restore || !model->restore->by_node.count ||
         firn_restore_place(model, node);
}

/* Compares what is marked (NULL: what the saver restores) and reports all at
 * once.
 */
static firn_code compare(const firn_model *model, const firn_checkpoint *ck,
                         const bool *marks, firn_error *err) {
  comparison c = {.model = model, .ck = ck};
  const size_t keys = firn_checkpoint_count(ck);
  c.taken = firn_new_zeroed(&model->env.alloc, keys + 1);
  if (!c.taken) return firn_oom(err, keys);
  for (uint32_t i = 0; i < model->graph->node_count; i++)
    if (firn_is_variable(model->graph->nodes[i]))
      compare_one(&c, model->graph->nodes[i],
                  marks ? marks[i] : is_savers(model, model->graph->nodes[i]),
                  err);
  for (size_t i = 0; (c.missing || c.other) && i < keys; i++)
    if (!c.taken[i])
      firn_error_add(err, "extra: '%.*s'",
                     FIRN_ARG(firn_checkpoint_at(ck, i).name));
  firn_delete(&model->env.alloc, c.taken, keys + 1);
  if (!c.missing && !c.other) return FIRN_OK;
  const firn_code code = c.missing ? FIRN_NOT_FOUND : FIRN_INVALID_ARGUMENT;
  if (err) err->code = code;
  return code;
}

static firn_code mark_upstream(const firn_model *model,
                               const char *const *names, size_t count,
                               bool *marks, firn_error *err) {
  const firn_graph *graph = model->graph;
  uint32_t *roots = firn_new(&model->env.alloc, (count + 1) * sizeof *roots);
  firn_code code = roots ? FIRN_OK : firn_oom(err, count * sizeof *roots);
  for (size_t i = 0; code == FIRN_OK && i < count; i++) {
    const firn_node *node = NULL;
    code = firn_graph_need(graph, firn_str_of(names[i]), &node, err);
    if (code == FIRN_OK) roots[i] = node->index;
  }
  if (code == FIRN_OK)
    code = firn_graph_reach(graph, roots, count, false, marks, err);
  firn_delete(&model->env.alloc, roots, (count + 1) * sizeof *roots);
  return code;
}

firn_code firn_model_check(const firn_model *model, const char *const *names,
                           size_t count, firn_error *err) {
  if (!model->checkpoint || !model->graph) return FIRN_OK;
  const size_t size = model->graph->node_count + 1;
  bool *marks = firn_new_zeroed(&model->env.alloc, size);
  if (!marks) return firn_oom(err, size);
  firn_code code = mark_upstream(model, names, count, marks, err);
  if (code == FIRN_OK) code = compare(model, model->checkpoint, marks, err);
  firn_delete(&model->env.alloc, marks, size);
  return code;
}

static firn_code restore_one(const firn_model *model, firn_session *session,
                             const firn_checkpoint *ck, const firn_node *node,
                             firn_error *err) {
  firn_restored at;
  firn_shape full;
  firn_slice slice;
  firn_variable *variable = NULL;
  firn_tensor *value = NULL;
  const size_t found = look_up(model, ck, node, &at);
  if (found == SIZE_MAX) return FIRN_OK; /* none of the saver's */
  FIRN_TRY(firn_slice_parse(at.slice, &full, &slice, err));
  FIRN_TRY(firn_checkpoint_load(ck, found, slice.rank < 0 ? NULL : &slice,
                                &value, err));
  firn_code code =
      firn_store_variable(firn_session_store(session), node, &variable, err);
  if (code == FIRN_OK)
    code = firn_variable_assign(variable, firn_tensor_retain(value), err);
  firn_object_release((firn_object *)variable);
  firn_tensor_release(value);
  return code;
}

firn_code firn_model_restore(const firn_model *model, firn_session *session,
                             const char *prefix, firn_error *err) {
  firn_checkpoint *ck = NULL;
  if (!model->graph)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "a checkpoint without a graph has no session");
  const firn_options options = firn_options_of(&model->env);
  FIRN_TRY(firn_checkpoint_open(prefix, &options, &ck, err));
  firn_code code = compare(model, ck, NULL, err);
  for (uint32_t i = 0; i < model->graph->node_count && code == FIRN_OK; i++)
    if (firn_is_variable(model->graph->nodes[i]))
      code = restore_one(model, session, ck, model->graph->nodes[i], err);
  firn_checkpoint_close(ck);
  return code;
}
