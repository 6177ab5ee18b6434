/* model/save.c: a session's variables as a checkpoint.
 *
 * A variable goes where the saver's restore nodes would look for it, so that
 * whoever restored the model can restore what was saved. A checkpoint that says
 * by objects what it holds stays one: its object graph and what no variable of
 * the graph stands for are copied. */
#include <stdlib.h>

#include "model/save.h"

#define OBJECT_GRAPH "_CHECKPOINTABLE_OBJECT_GRAPH"

/* A variable, and the place that it is to have. */
typedef struct saved {
  firn_variable *variable;
  firn_str key, slice; /* slice as in restore nodes: "" is whole */
} saved;

typedef struct saving {
  const firn_model *model;
  firn_session *session;
  firn_arena arena;
  saved *items;
  size_t count, capacity;
  firn_map seen; /* variables, by address: position in items */
  firn_map keys; /* "key slice" → position */
  firn_checkpoint_writer *writer;
  firn_save_choice choice;
  size_t written;
} saving;

/* ---- Which variables go where ------------------------------------------- */

static bool is_seen(const saving *s, const firn_variable *const *variable) {
  uint64_t at;
  return firn_map_get(
      &s->seen, (firn_str){(const char *)variable, sizeof *variable}, &at);
}

/* A place that is taken already goes to the next variable under its own name.
 */
static firn_code choose_place(saving *s, saved *item, firn_error *err) {
  const firn_restored *at =
      firn_restore_place(s->model, firn_variable_node(item->variable));
  firn_str key = {NULL, 0};
  uint64_t other;
  if (at) {
    item->key = at->key;
    item->slice = at->slice;
    key = firn_arena_printf(&s->arena, "%.*s %.*s", (int)at->key.size,
                            at->key.data, (int)at->slice.size, at->slice.data);
    if (!key.data) return firn_oom(err, at->key.size);
  }
  if (!at || firn_map_get(&s->keys, key, &other)) {
    item->key = firn_variable_name(item->variable);
    item->slice = (firn_str){NULL, 0};
    key = firn_arena_printf(&s->arena, "%.*s ", (int)item->key.size,
                            item->key.data);
    if (!key.data) return firn_oom(err, item->key.size);
  }
  if (firn_map_get(&s->keys, key, &other))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "two variables would be saved under the key '%.*s'",
                     FIRN_ARG(item->key));
  return firn_map_set(&s->keys, key, s->count) ? FIRN_OK
                                               : firn_oom(err, key.size);
}

/* Takes over a reference to the variable. */
static firn_code add_variable(saving *s, firn_variable *variable,
                              firn_error *err) {
  if (is_seen(s, (const firn_variable *const *)&variable)) {
    firn_object_release((firn_object *)variable);
    return FIRN_OK;
  }
  if (s->count == s->capacity) {
    const size_t more = s->capacity ? 2 * s->capacity : 32;
    saved *items = firn_arena_array(&s->arena, more, sizeof *items);
    if (!items) {
      firn_object_release((firn_object *)variable);
      return firn_oom(err, more * sizeof *items);
    }
    if (s->count) memcpy(items, s->items, s->count * sizeof *items);
    s->items = items;
    s->capacity = more;
  }
  saved *item = &s->items[s->count];
  *item = (saved){.variable = variable};
  s->count++; /* from here on job_fini releases it */
  firn_variable **address =
      firn_arena_alloc(&s->arena, sizeof(firn_variable *));
  if (!address) return firn_oom(err, sizeof(firn_variable *));
  *address = variable;
  if (!firn_map_set(&s->seen,
                    (firn_str){(const char *)address, sizeof(firn_variable *)},
                    s->count))
    return firn_oom(err, sizeof(firn_variable *));
  return choose_place(s, item, err);
}

static firn_code visit(void *ud, firn_str container, firn_str name,
                       firn_object *object, firn_error *err) {
  FIRN_UNUSED(container);
  FIRN_UNUSED(name);
  return add_variable(ud, (firn_variable *)firn_object_retain(object), err);
}

/* The graph's variables first, since the saver knows those, then what runs have
 * made in functions. */
static firn_code list_variables(saving *s, firn_error *err) {
  const firn_graph *graph = s->model->graph;
  firn_store *store = firn_session_store(s->session);
  for (uint32_t i = 0; i < graph->node_count; i++) {
    firn_variable *variable = NULL;
    if (!firn_is_variable(graph->nodes[i])) continue;
    const firn_code code =
        firn_store_variable(store, graph->nodes[i], &variable, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "variable '%.*s'",
                        FIRN_ARG(graph->nodes[i]->def->name));
    FIRN_TRY(add_variable(s, variable, err));
  }
  return firn_store_each(store, &firn_variable_class, visit, s, err);
}

static int by_key(const void *a, const void *b) {
  const saved *sa = a, *sb = b;
  const int order = firn_str_compare(sa->key, sb->key);
  return order ? order : firn_str_compare(sa->slice, sb->slice);
}

/* ---- Writing ------------------------------------------------------------ */

static firn_code put(saving *s, const saved *item, const firn_tensor *value,
                     firn_error *err) {
  const char *key = firn_arena_cstr(&s->arena, item->key);
  firn_shape full;
  firn_slice slice;
  if (!key) return firn_oom(err, item->key.size);
  s->written++;
  if (!item->slice.size)
    return firn_checkpoint_writer_add(s->writer, key, value, err);
  FIRN_TRY(firn_slice_parse(item->slice, &full, &slice, err));
  return firn_checkpoint_writer_add_slice(s->writer, key, &full, &slice, value,
                                          err);
}

/* A variable without a value is left out; one whose value cannot be read is an
 * error. */
static firn_code put_variable(saving *s, const saved *item, firn_error *err) {
  firn_error why = FIRN_ERROR_INIT;
  firn_tensor *value = NULL;
  firn_code code = firn_variable_read(item->variable, &value, &why);
  if (code == FIRN_FAILED_PRECONDITION || code == FIRN_NOT_FOUND)
    code = FIRN_OK;
  else if (code != FIRN_OK)
    firn_fail(err, code, "%s", why.message);
  else
    code = put(s, item, value, err);
  firn_error_clear(&why);
  firn_tensor_release(value);
  return code;
}

/* A part of a tensor, or with `slice` NULL all of it. */
static firn_code copy_part(const firn_checkpoint *from, size_t i,
                           const char *name, const firn_slice *slice,
                           firn_checkpoint_writer *to, firn_error *err) {
  const firn_shape full = firn_checkpoint_at(from, i).shape;
  firn_tensor *value = NULL;
  FIRN_TRY(firn_checkpoint_load(from, i, slice, &value, err));
  const firn_code code =
      slice
          ? firn_checkpoint_writer_add_slice(to, name, &full, slice, value, err)
          : firn_checkpoint_writer_add(to, name, value, err);
  firn_tensor_release(value);
  return code;
}

firn_code firn_save_copy_tensor(const firn_checkpoint *from, size_t i,
                                firn_checkpoint_writer *to, firn_arena *scratch,
                                firn_error *err) {
  const firn_checkpoint_entry e = firn_checkpoint_at(from, i);
  const char *name = firn_arena_cstr(scratch, e.name);
  if (!name) return firn_oom(err, e.name.size);
  if (!e.slices) return copy_part(from, i, name, NULL, to, err);
  for (size_t k = 0; k < e.slices; k++) {
    const firn_slice slice = firn_checkpoint_slice_at(from, i, k);
    FIRN_TRY(copy_part(from, i, name, &slice, to, err));
  }
  return FIRN_OK;
}

static bool is_chosen(const saving *s, firn_str key) {
  uint64_t any;
  return !s->choice.wanted || firn_map_get(s->choice.wanted, key, &any);
}

static bool is_written(const saving *s, firn_str key) {
  for (size_t i = 0; i < s->count; i++)
    if (firn_str_eq(s->items[i].key, key)) return true;
  return false;
}

static firn_code copy_rest(saving *s, firn_error *err) {
  const firn_checkpoint *ck = s->model->checkpoint;
  if (!ck ||
      (!s->choice.rest && firn_checkpoint_find(ck, OBJECT_GRAPH) == SIZE_MAX))
    return FIRN_OK;
  for (size_t i = 0; i < firn_checkpoint_count(ck); i++) {
    const firn_str key = firn_checkpoint_at(ck, i).name;
    if (is_chosen(s, key) && !is_written(s, key))
      FIRN_TRY(firn_save_copy_tensor(ck, i, s->writer, &s->arena, err));
  }
  return FIRN_OK;
}

static firn_code write_all(saving *s, firn_error *err) {
  if (s->count) qsort(s->items, s->count, sizeof *s->items, by_key);
  for (size_t i = 0; i < s->count; i++)
    if (is_chosen(s, s->items[i].key))
      FIRN_TRY(put_variable(s, &s->items[i], err));
  return copy_rest(s, err);
}

/* ---- Graph and state file ----------------------------------------------- */

static firn_code write_meta(saving *s, const char *prefix,
                            const firn_save_options *o, firn_error *err) {
  const char *suffix = o->meta_suffix ? o->meta_suffix : "meta";
  const firn_str path = firn_arena_printf(&s->arena, "%s.%s", prefix, suffix);
  firn_writer *file = NULL;
  if (!path.data) return firn_oom(err, strlen(prefix));
  FIRN_TRY(firn_writer_create(path.data, &s->model->env.alloc, &file, err));
  const firn_code code = firn_model_put_meta(s->model, file, false, err);
  if (code == FIRN_OK) return firn_writer_commit(file, o->sync, err);
  firn_writer_abandon(file);
  return code;
}

static firn_code write_state(saving *s, const char *prefix, firn_error *err) {
  const firn_str folder = firn_path_folder(firn_str_of(prefix));
  const firn_checkpoint_state_options state = {.size = sizeof state,
                                               .newest = prefix};
  const firn_str path = firn_arena_printf(&s->arena, "%.*s/checkpoint",
                                          (int)folder.size, folder.data);
  if (!path.data) return firn_oom(err, folder.size);
  const firn_options options = {.size = sizeof options};
  return firn_checkpoint_state_write(path.data, &state, &options, err);
}

/* ---- All of it ---------------------------------------------------------- */

static firn_code run(saving *s, const char *prefix, const firn_save_options *o,
                     firn_error *err) {
  const firn_checkpoint_writer_options wanted = {
      .size = sizeof wanted, .version = o->version, .sync = o->sync};
  if (!s->model->graph)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "a checkpoint without a graph has no session to save");
  FIRN_TRY(list_variables(s, err));
  const firn_options options = firn_options_of(&s->model->env);
  FIRN_TRY(firn_checkpoint_writer_create(prefix, &wanted, &options, &s->writer,
                                         err));
  FIRN_TRY(write_all(s, err));
  if (o->meta) FIRN_TRY(write_meta(s, prefix, o, err));
  firn_checkpoint_writer *writer = s->writer;
  s->writer = NULL;
  FIRN_TRY(firn_checkpoint_writer_commit(writer, err));
  return o->state ? write_state(s, prefix, err) : FIRN_OK;
}

firn_code firn_model_save_chosen(const firn_model *model, firn_session *session,
                                 const char *prefix, firn_save_options *options,
                                 const firn_save_choice *choice,
                                 firn_error *err) {
  saving s = {.model = model, .session = session, .choice = *choice};
  firn_save_options o = {.size = sizeof o};
  if (options) memcpy(&o, options, firn_min_size(options->size, sizeof o));
  firn_arena_init(&s.arena, &model->env.alloc);
  firn_map_init(&s.seen, &model->env.alloc);
  firn_map_init(&s.keys, &model->env.alloc);
  const firn_code code = run(&s, prefix, &o, err);
  firn_checkpoint_writer_abandon(s.writer);
  for (size_t i = 0; i < s.count; i++)
    firn_object_release((firn_object *)s.items[i].variable);
  firn_map_fini(&s.keys);
  firn_map_fini(&s.seen);
  firn_arena_fini(&s.arena);
  if (options && options->size >= sizeof o) options->saved = s.written;
  return code == FIRN_OK ? code : firn_while(err, code, "saving '%s'", prefix);
}

firn_code firn_model_save(const firn_model *model, firn_session *session,
                          const char *prefix, firn_save_options *options,
                          firn_error *err) {
  const firn_save_choice all = {.wanted = NULL};
  return firn_model_save_chosen(model, session, prefix, options, &all, err);
}
