/* model/start.c: what a session of a model must do before its first run.
 *
 * Variables need nothing: the session asks for each when it is read. Tables do.
 * A mutable table gets its contents from the checkpoint, and the init op of a
 * SavedModel (tables from files and constants, variables that no checkpoint
 * holds) is run once, with the paths of the assets fed to the tensors that
 * stand for them. An init op that reaches nothing with an effect is not run. */
#include "model/model.h"

typedef struct start {
  const firn_model *model;
  firn_session *session;
  firn_arena arena;
  firn_feed
      *feeds; /* of the run to come; their tensors are released after it */
  size_t count;
} start;

static firn_code run(start *s, firn_str target, firn_error *err) {
  const char *name = firn_arena_cstr(&s->arena, target);
  if (!name) return firn_oom(err, target.size);
  /* Nobody else runs yet: to wait for another run would be for ever. */
  const firn_run_options options = {.size = sizeof options, .no_waiting = true};
  return firn_session_run(s->session, &options, s->feeds, s->count, NULL, 0,
                          &name, 1, NULL, err);
}

static void release_feeds(start *s) {
  while (s->count) firn_tensor_release(s->feeds[--s->count].tensor);
}

/* ---- Tables of the checkpoint ------------------------------------------- */

static firn_code feed_input(start *s, const firn_node *node, uint32_t input,
                            const firn_restored *from, firn_error *err) {
  const firn_edge e = node->inputs[input];
  firn_feed *feed = &s->feeds[s->count];
  if (e.node == FIRN_NO_NODE) return FIRN_OK;
  const firn_str name = s->model->graph->nodes[e.node]->def->name;
  feed->name = firn_arena_printf(&s->arena, "%.*s:%u", (int)name.size,
                                 name.data, e.output)
                   .data;
  if (!feed->name) return firn_oom(err, name.size);
  FIRN_TRY(firn_restored_read(s->model, from, &feed->tensor, err));
  s->count++;
  return FIRN_OK;
}

static firn_code import_table(start *s, const firn_table_import *import,
                              firn_error *err) {
  const firn_node *node = firn_graph_find(s->model->graph, import->node);
  if (!node || node->input_count < 3) return FIRN_OK;
  firn_code code = feed_input(s, node, 1, &import->keys, err);
  if (code == FIRN_OK) code = feed_input(s, node, 2, &import->values, err);
  if (code == FIRN_OK) code = run(s, import->node, err);
  return code == FIRN_OK ? code
                         : firn_while(err, code, "restoring a table by '%.*s'",
                                      FIRN_ARG(import->node));
}

/* ---- The init op -------------------------------------------------------- */

/* Nodes of an op that nobody knows may do anything. */
static bool has_effect(const firn_node *node) {
  const firn_pb_OpDef *def = node->type->def;
  return !def || def->is_stateful || firn_op_stateful(node);
}

static bool is_needed(const firn_graph *graph, const bool *marks) {
  for (uint32_t i = 0; i < graph->node_count; i++)
    if (marks[i] && has_effect(graph->nodes[i])) return true;
  return false;
}

static firn_code feed_assets(start *s, const bool *marks, firn_error *err) {
  const firn_model *model = s->model;
  const firn_shape scalar = firn_shape_scalar();
  size_t missing = 0;
  for (size_t i = 0; i < model->asset_count; i++) {
    const firn_asset *asset = &model->assets[i];
    firn_feed *feed = &s->feeds[s->count];
    firn_edge e;
    if (firn_graph_tensor(model->graph, asset->tensor, &e, NULL) != FIRN_OK ||
        !marks[e.node])
      continue;
    if (firn_path_look(asset->path) == FIRN_PATH_MISSING) {
      if (!missing++)
        firn_fail(err, FIRN_NOT_FOUND, "assets of the SavedModel are missing");
      firn_error_add(err, "'%s', which '%.*s' stands for", asset->path,
                     FIRN_ARG(asset->tensor));
      continue;
    }
    feed->name = firn_arena_cstr(&s->arena, asset->tensor);
    if (!feed->name) return firn_oom(err, asset->tensor.size);
    FIRN_TRY(firn_tensor_make(FIRN_STRING, &scalar, &model->env.alloc,
                              &feed->tensor, err));
    s->count++;
    FIRN_TRY(
        firn_tensor_set_string(feed->tensor, 0, firn_str_of(asset->path), err));
  }
  return missing ? FIRN_NOT_FOUND : FIRN_OK;
}

static firn_code run_init_op(start *s, firn_error *err) {
  const firn_graph *graph = s->model->graph;
  const firn_node *op = NULL;
  bool *marks = firn_arena_array(&s->arena, graph->node_count, sizeof *marks);
  if (!marks) return firn_oom(err, graph->node_count);
  FIRN_TRY(firn_graph_need(graph, s->model->init_op, &op, err));
  FIRN_TRY(firn_graph_reach(graph, &op->index, 1, false, marks, err));
  if (!is_needed(graph, marks)) return FIRN_OK;
  FIRN_TRY(feed_assets(s, marks, err));
  return run(s, op->def->name, err);
}

firn_code firn_model_start(const firn_model *model, firn_session *session,
                           firn_error *err) {
  start s = {.model = model, .session = session};
  const firn_table_import *import =
      model->checkpoint && model->restore ? model->restore->imports : NULL;
  firn_code code = FIRN_OK;
  firn_arena_init(&s.arena, &model->env.alloc);
  s.feeds = firn_arena_array(&s.arena, model->asset_count + 2, sizeof *s.feeds);
  if (!s.feeds) code = firn_oom(err, model->asset_count);
  for (; code == FIRN_OK && import; import = import->next) {
    code = import_table(&s, import, err);
    release_feeds(&s);
  }
  if (code == FIRN_OK && model->init_op.size) {
    code = run_init_op(&s, err);
    release_feeds(&s);
    if (code != FIRN_OK)
      firn_while(err, code, "init op '%.*s'", FIRN_ARG(model->init_op));
  }
  firn_arena_fini(&s.arena);
  return code;
}
