/* model/saved_model_variables.c: the variables of a SavedModel.
 *
 * The first meta graph brings them: from its session, under the keys that its
 * saver knows, or tensor by tensor from its checkpoint. All meta graphs are
 * then held against what was written: a signature whose variables are not there
 * would fail only when it is served. */
#include "model/save.h"
#include "model/saved_model_write.h"

firn_str firn_variable_identity(const firn_node *node) {
  const firn_str shared = firn_attr_str_or(node, "shared_name", "");
  return shared.size ? shared : node->def->name;
}

/* By the restore nodes, else by its names. */
static size_t look_up(const firn_model *model, const firn_checkpoint *ck,
                      const firn_node *node, firn_restored *at) {
  const firn_restored *place = firn_restore_place(model, node);
  *at = (firn_restored){.key = node->def->name};
  size_t found = SIZE_MAX;
  if (place) found = firn_checkpoint_lookup(ck, place->key);
  if (found != SIZE_MAX) {
    *at = *place;
    return found;
  }
  found = firn_checkpoint_lookup(ck, at->key);
  if (found != SIZE_MAX) return found;
  at->key = firn_variable_identity(node);
  return firn_checkpoint_lookup(ck, at->key);
}

size_t firn_draft_find(const firn_draft_graph *d, const firn_node *node,
                       firn_restored *at) {
  if (!d->w->variables) return SIZE_MAX;
  return look_up(d->model, d->w->variables, node, at);
}

/* ---- Which -------------------------------------------------------------- */

static bool want(firn_map *keys, firn_str key) {
  return firn_map_set(keys, key, 1);
}

/* The keys of the variables that are served, by every name that they may have
 * been saved under, and of all tables. */
static firn_code list_wanted(const firn_draft_graph *d, firn_map *keys,
                             firn_error *err) {
  const firn_restore *restore = d->model->restore;
  bool ok = true;
  for (uint32_t i = 0; i < d->graph->node_count; i++) {
    const firn_node *node = d->graph->nodes[i];
    if (!d->served[i] || !firn_is_variable(node)) continue;
    const firn_restored *place = firn_restore_place(d->model, node);
    if (place) ok = ok && want(keys, place->key);
    if (place) continue;
    ok = ok && want(keys, node->def->name) &&
         want(keys, firn_variable_identity(node));
  }
  for (const firn_table_import *i = restore ? restore->imports : NULL; i;
       i = i->next)
    ok = ok && want(keys, i->keys.key) && want(keys, i->values.key);
  return ok ? FIRN_OK : firn_oom(err, d->graph->node_count);
}

/* ---- Writing ------------------------------------------------------------ */

static firn_code copy_tensors(const firn_draft_graph *d, const firn_map *wanted,
                              firn_checkpoint_writer *to, firn_error *err) {
  const firn_checkpoint *from = d->model->checkpoint;
  for (size_t i = 0; i < firn_checkpoint_count(from); i++) {
    uint64_t any;
    const firn_str key = firn_checkpoint_at(from, i).name;
    if (wanted && !firn_map_get(wanted, key, &any)) continue;
    FIRN_TRY(firn_save_copy_tensor(from, i, to, d->arena, err));
  }
  return FIRN_OK;
}

static firn_code copy_checkpoint(const firn_draft_graph *d,
                                 const firn_map *wanted, firn_error *err) {
  const firn_checkpoint_writer_options options = {.size = sizeof options,
                                                  .sync = d->w->sync};
  firn_checkpoint_writer *to = NULL;
  const firn_options general = firn_options_of(&d->w->env);
  FIRN_TRY(firn_checkpoint_writer_create(d->w->prefix, &options, &general, &to,
                                         err));
  const firn_code code = copy_tensors(d, wanted, to, err);
  if (code == FIRN_OK) return firn_checkpoint_writer_commit(to, err);
  firn_checkpoint_writer_abandon(to);
  return code;
}

static firn_code save_chosen(firn_saved_model_writer *w,
                             const firn_model *model, firn_session *session,
                             const firn_save_choice *choice, firn_error *err) {
  firn_save_options options = {.size = sizeof options, .sync = w->sync};
  return firn_model_save_chosen(model, session, w->prefix, &options, choice,
                                err);
}

firn_code firn_saved_model_save_session(firn_saved_model_writer *w,
                                        const firn_model *model,
                                        firn_session *session,
                                        firn_error *err) {
  const firn_checkpoint *ck = model->checkpoint;
  firn_save_choice choice = {.rest = true};
  firn_map keys;
  bool ok = true;
  firn_map_init(&keys, &w->env.alloc);
  for (size_t i = 0; ck && ok && i < firn_checkpoint_count(ck); i++)
    ok = want(&keys, firn_checkpoint_at(ck, i).name);
  if (ck) choice.wanted = &keys;
  const firn_code code = ok ? save_chosen(w, model, session, &choice, err)
                            : firn_oom(err, firn_checkpoint_count(ck));
  firn_map_fini(&keys);
  return code;
}

static firn_code save_session(const firn_draft_graph *d, firn_session *session,
                              const firn_map *wanted, firn_error *err) {
  const bool saved = d->model->kind == FIRN_MODEL_SAVED_MODEL;
  const firn_save_choice choice = {.wanted = wanted, .rest = saved};
  if (saved && !wanted)
    return firn_saved_model_save_session(d->w, d->model, session, err);
  return save_chosen(d->w, d->model, session, &choice, err);
}

static bool has_variables(const firn_draft_graph *d) {
  for (uint32_t i = 0; i < d->graph->node_count; i++)
    if (firn_is_variable(d->graph->nodes[i])) return true;
  return d->model->checkpoint && firn_checkpoint_count(d->model->checkpoint);
}

/* A checkpoint of nothing is none. */
static firn_code drop_empty(firn_saved_model_writer *w, firn_error *err) {
  const char *folder =
      firn_arena_printf(&w->arena, "%s/variables", w->temp).data;
  if (firn_checkpoint_count(w->variables)) return FIRN_OK;
  firn_checkpoint_close(w->variables);
  w->variables = NULL;
  if (!folder) return firn_oom(err, 0);
  firn_remove_folder(folder);
  return firn_folder_make(folder, err);
}

static firn_code write_variables(firn_draft_graph *d, firn_session *session,
                                 firn_error *err) {
  firn_saved_model_writer *w = d->w;
  const bool some = d->o.strip && !w->keep_variables;
  firn_map keys;
  firn_code code = FIRN_OK;
  if (!has_variables(d) || (!session && !d->model->checkpoint)) return FIRN_OK;
  firn_map_init(&keys, &w->env.alloc);
  if (some) code = list_wanted(d, &keys, err);
  if (code == FIRN_OK)
    code = session ? save_session(d, session, some ? &keys : NULL, err)
                   : copy_checkpoint(d, some ? &keys : NULL, err);
  firn_map_fini(&keys);
  const firn_options options = firn_options_of(&w->env);
  if (code == FIRN_OK)
    code = firn_checkpoint_open(w->prefix, &options, &w->variables, err);
  if (code == FIRN_OK) code = drop_empty(w, err);
  return code;
}

/* ---- What is missing ---------------------------------------------------- */

static firn_code check_served(const firn_draft_graph *d, firn_error *err) {
  firn_restored at;
  size_t missing = 0;
  for (uint32_t i = 0; i < d->graph->node_count; i++) {
    const firn_node *node = d->graph->nodes[i];
    if (!d->served[i] || d->initial[i] || !firn_is_variable(node) ||
        firn_draft_find(d, node, &at) != SIZE_MAX)
      continue;
    if (!missing++)
      firn_fail(err, FIRN_FAILED_PRECONDITION,
                "variables that signatures need have no value: run their "
                "initialisers, or restore a checkpoint, before they are saved");
    firn_error_add(err, "variable '%.*s'", FIRN_ARG(node->def->name));
  }
  return missing ? FIRN_FAILED_PRECONDITION : FIRN_OK;
}

firn_code firn_draft_variables(firn_draft_graph *d, firn_session *session,
                               firn_error *err) {
  if (!d->w->saved.meta_graphs_count)
    FIRN_TRY(write_variables(d, session, err));
  return check_served(d, err);
}
