/* model/object_graph.c: variables by the object graph of a TensorFlow 2
 * checkpoint.
 *
 * Such a checkpoint names a value by the way to it through Python's objects
 * ("layer-1/kernel/.ATTRIBUTES/VARIABLE_VALUE"), and holds under one key a
 * message that tells for each the variable's own name. Restore nodes are
 * better: names need not be unique, and one that stands for two values is of no
 * use here. */
#include "model/model.h"
#include "model/object_edit.h"

static firn_code add(firn_model *model, const firn_object_value *t,
                     firn_error *err) {
  firn_map *map = &model->restore->by_name;
  uint64_t before = 0;
  firn_restored *kept = NULL;
  if (!t->full_name.size || !firn_object_is_variable(t)) return FIRN_OK;
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
  firn_objects *graph = NULL;
  FIRN_TRY(firn_objects_read(model->checkpoint, &model->env.limits,
                             &model->arena, &graph, err));
  for (size_t n = 0; graph && n < graph->nodes_count; n++)
    for (size_t k = 0; k < graph->nodes[n]->attributes_count; k++)
      FIRN_TRY(add(model, graph->nodes[n]->attributes[k], err));
  return FIRN_OK;
}
