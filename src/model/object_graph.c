/* model/object_graph.c: variables by the object graph of a TensorFlow 2
 * checkpoint.
 *
 * Such a checkpoint names a value by the way to it through Python's objects
 * ("layer-1/kernel/.ATTRIBUTES/VARIABLE_VALUE"), and holds under one key a
 * message that tells for each the variable's own name. Restore nodes are
 * better: names need not be unique, and one that stands for two values is of no
 * use here. */
#include "model/model.h"

static const char KEY[] = "_CHECKPOINTABLE_OBJECT_GRAPH";

static firn_code add(
    firn_model *model,
    const firn_pb_TrackableObjectGraph_TrackableObject_SerializedTensor *t,
    firn_error *err) {
  firn_map *map = &model->restore->by_name;
  uint64_t before = 0;
  firn_restored *kept = NULL;
  if (!t->full_name.size ||
      (!firn_str_is(t->name, "VARIABLE_VALUE") && t->name.size))
    return FIRN_OK;
  if (!firn_map_get(map, t->full_name, &before)) {
    kept = firn_arena_zeroed(&model->arena, sizeof *kept);
    if (!kept) return firn_oom(err, sizeof *kept);
    kept->key = t->checkpoint_key;
  }
  /* Of two with one name, neither. */
  return firn_map_set(map, t->full_name, (uintptr_t)kept) ? FIRN_OK
                                                          : firn_oom(err, 0);
}

firn_code firn_object_graph_read(firn_model *model, firn_error *err) {
  const size_t i = firn_checkpoint_lookup(model->checkpoint, FIRN_STR(KEY));
  firn_tensor *tensor = NULL;
  void *message = NULL;
  if (i == SIZE_MAX) return FIRN_OK;
  FIRN_TRY(firn_checkpoint_load(model->checkpoint, i, NULL, &tensor, err));
  firn_str text = {0};
  if (tensor->dtype == FIRN_STRING && tensor->count == 1)
    text = firn_arena_str(&model->arena, firn_tensor_string(tensor, 0));
  firn_tensor_release(tensor);
  if (!text.data) return FIRN_OK;
  const firn_code code =
      firn_pb_parse(&firn_pb_type_TrackableObjectGraph,
                    (firn_bytes){(const uint8_t *)text.data, text.size},
                    &model->env.limits, &model->arena, &message, err);
  if (code != FIRN_OK)
    return firn_while(err, code, "object graph of checkpoint '%.*s'",
                      FIRN_ARG(firn_checkpoint_prefix(model->checkpoint)));
  const firn_pb_TrackableObjectGraph *graph = message;
  for (size_t n = 0; n < graph->nodes_count; n++)
    for (size_t k = 0; k < graph->nodes[n]->attributes_count; k++)
      FIRN_TRY(add(model, graph->nodes[n]->attributes[k], err));
  return FIRN_OK;
}
