/* model/restore_find.c: the value that a checkpoint has for a variable. */
#include "model/model.h"

bool firn_is_variable(const firn_node *node) {
  return firn_str_is(node->def->op, "VarHandleOp") ||
         firn_str_is(node->def->op, "VariableV2") ||
         firn_str_is(node->def->op, "Variable");
}

/* By the name that the graph gives its variable: the node's, or for a resource
 * the shared name. */
static size_t by_name(const firn_model *model, const firn_node *node,
                      firn_str *key) {
  *key = node->def->name;
  size_t found = firn_checkpoint_lookup(model->checkpoint, *key);
  if (found != SIZE_MAX) return found;
  const firn_str shared = firn_attr_str_or(node, "shared_name", "");
  if (!shared.size) return SIZE_MAX;
  found = firn_checkpoint_lookup(model->checkpoint, shared);
  if (found != SIZE_MAX) *key = shared;
  return found;
}

static const firn_restored *by_object(const firn_model *model,
                                      const firn_node *node) {
  const firn_str shared = firn_attr_str_or(node, "shared_name", "");
  uint64_t item = 0;
  if (!shared.size || !firn_map_get(&model->restore->by_name, shared, &item))
    firn_map_get(&model->restore->by_name, node->def->name, &item);
  return (const firn_restored *)(uintptr_t)item;
}

bool firn_restore_knows(const firn_model *model, const firn_node *node) {
  uint64_t item;
  firn_str key;
  return firn_map_get(&model->restore->by_node, node->def->name, &item) ||
         by_name(model, node, &key) != SIZE_MAX;
}

const firn_restored *firn_restore_place(const firn_model *model,
                                        const firn_node *node) {
  uint64_t item;
  if (!model->restore) return NULL;
  if (firn_map_get(&model->restore->by_node, node->def->name, &item))
    return (const firn_restored *)(uintptr_t)item;
  return by_object(model, node);
}

firn_code firn_restore_find(const firn_model *model, const firn_node *node,
                            firn_source *out, firn_error *err) {
  uint64_t item;
  const firn_restored *restored = NULL;
  *out = (firn_source){.tensor = SIZE_MAX, .slice = {.rank = -1}};
  if (firn_map_get(&model->restore->by_node, node->def->name, &item)) {
    restored = (const firn_restored *)(uintptr_t)item;
  } else {
    out->tensor = by_name(model, node, &out->key);
    if (out->tensor == SIZE_MAX) restored = by_object(model, node);
  }
  if (restored) {
    out->key = restored->key;
    out->tensor = firn_checkpoint_lookup(model->checkpoint, restored->key);
    FIRN_TRY(firn_slice_parse(restored->slice, &out->full, &out->slice, err));
  }
  if (out->tensor != SIZE_MAX) return FIRN_OK;
  return firn_fail(err, FIRN_NOT_FOUND,
                   "variable '%.*s': no key '%.*s' in checkpoint '%.*s'",
                   FIRN_ARG(node->def->name), FIRN_ARG(out->key),
                   FIRN_ARG(firn_checkpoint_prefix(model->checkpoint)));
}

firn_code firn_restore_read(const firn_model *model, const firn_node *node,
                            firn_tensor **out, firn_error *err) {
  firn_source source;
  *out = NULL;
  FIRN_TRY(firn_restore_find(model, node, &source, err));
  return firn_checkpoint_load(model->checkpoint, source.tensor,
                              source.slice.rank < 0 ? NULL : &source.slice, out,
                              err);
}

firn_code firn_restored_read(const firn_model *model,
                             const firn_restored *restored, firn_tensor **out,
                             firn_error *err) {
  const size_t i = firn_checkpoint_lookup(model->checkpoint, restored->key);
  firn_shape full;
  firn_slice slice;
  *out = NULL;
  if (i == SIZE_MAX)
    return firn_fail(err, FIRN_NOT_FOUND, "no key '%.*s' in checkpoint '%.*s'",
                     FIRN_ARG(restored->key),
                     FIRN_ARG(firn_checkpoint_prefix(model->checkpoint)));
  FIRN_TRY(firn_slice_parse(restored->slice, &full, &slice, err));
  return firn_checkpoint_load(model->checkpoint, i,
                              slice.rank < 0 ? NULL : &slice, out, err);
}
