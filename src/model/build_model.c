/* model/build_model.c: a model over a graph that was built, and a builder over
 * a model's graph.
 *
 * The builder's graph may grow while the model is there: sessions see it at
 * once, and what is written is the graph as it is then.
 */
#include "build/builder.h"
#include "model/model.h"

/* ---- A model of a builder's graph --------------------------------------- */

static firn_code start(firn_model *model, firn_builder *b, firn_error *err) {
  firn_pb_MetaGraphDef *meta = NULL;
  pthread_mutex_init(&model->lock, NULL);
  firn_arena_init(&model->arena, &model->env.alloc);
  model->kind = FIRN_MODEL_META_GRAPH;
  model->path = FIRN_STR("the graph that was built");
  model->builder = b;
  model->graph = b->graph;
  FIRN_TRY(firn_builder_meta(b, &model->arena, &meta, err));
  model->meta = meta;
  model->tensorflow = meta->meta_info_def->tensorflow_version.data;
  return firn_restore_new(model, err);
}

firn_code firn_model_new(firn_builder *b, const firn_options *general,
                         firn_model **out, firn_error *err) {
  const firn_env env = firn_env_from(general);
  *out = NULL;
  FIRN_TRY(firn_builder_check(b, err));
  firn_model *model = firn_new_zeroed(&env.alloc, sizeof *model);
  if (!model) return firn_oom(err, sizeof *model);
  model->env = env;
  const firn_code code = start(model, b, err);
  if (code == FIRN_OK)
    *out = model;
  else
    firn_model_close(model);
  return code;
}

firn_code firn_model_builder(const firn_model *model,
                             const firn_options *general, firn_builder **out,
                             firn_error *err) {
  *out = NULL;
  if (!model->graph)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "'%.*s' is a checkpoint without a graph to build on",
                     FIRN_ARG(model->path));
  FIRN_TRY(firn_builder_on(model->graph, general, out, err));
  if (model->meta) firn_builder_take_meta(*out, model->meta);
  const firn_code code = firn_builder_check(*out, err);
  if (code == FIRN_OK) return code;
  firn_builder_free(*out);
  *out = NULL;
  return code;
}

/* ---- Its MetaGraphDef --------------------------------------------------- */

static firn_code put(void *ud, const void *data, size_t size, firn_error *err) {
  return firn_writer_put(ud, data, size, err);
}

firn_code firn_model_put_meta(const firn_model *model, firn_writer *file,
                              bool text, firn_error *err) {
  const firn_sink sink = {put, file};
  firn_pb_GraphDef *graph = (firn_pb_GraphDef *)(uintptr_t)model->graph->def;
  const firn_pb_MetaGraphDef plain = {.graph_def = graph};
  const firn_pb_MetaGraphDef *meta = model->meta ? model->meta : &plain;
  firn_pb_MetaGraphDef *fresh = NULL;
  firn_code code = FIRN_OK;
  firn_arena arena;
  if (!text && !model->builder && model->kind == FIRN_MODEL_META_GRAPH &&
      model->file && !firn_graph_is_text(model->file->bytes))
    return firn_writer_put(file, model->file->bytes.data,
                           model->file->bytes.size, err);
  firn_arena_init(&arena, &model->env.alloc);
  if (model->builder) {
    code = firn_builder_meta(model->builder, &arena, &fresh, err);
    meta = fresh;
  }
  if (code == FIRN_OK)
    code = text
               ? firn_pb_write_text(&firn_pb_type_MetaGraphDef, meta, sink, err)
               : firn_pb_write(&firn_pb_type_MetaGraphDef, meta, sink, err);
  firn_arena_fini(&arena);
  return code;
}

firn_code firn_model_export_meta(const firn_model *model, const char *path,
                                 bool text, firn_error *err) {
  firn_writer *file = NULL;
  if (!model->graph)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "'%.*s' is a checkpoint without a graph",
                     FIRN_ARG(model->path));
  FIRN_TRY(firn_writer_create(path, &model->env.alloc, &file, err));
  const firn_code code = firn_model_put_meta(model, file, text, err);
  if (code == FIRN_OK) return firn_writer_commit(file, false, err);
  firn_writer_abandon(file);
  return code;
}
