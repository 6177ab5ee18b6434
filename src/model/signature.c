/* model/signature.c: SignatureDefs as plain structs, sorted by key. */
#include <stdlib.h>

#include "model/model.h"

static int by_tensor_key(const void *a, const void *b) {
  const firn_signature_tensor *x = a, *y = b;
  return strcmp(x->key, y->key);
}

static int by_key(const void *a, const void *b) {
  const firn_signature *x = a, *y = b;
  return strcmp(x->key, y->key);
}

/* The inputs or outputs of one signature while they are read. */
typedef struct list {
  firn_arena *arena;
  firn_signature_tensor *item;
  size_t count, capacity;
} list;

static firn_code add(list *l, firn_str key, firn_str tensor, firn_dtype dtype,
                     const firn_shape *shape, firn_error *err) {
  firn_signature_tensor *out = &l->item[l->count];
  if (l->count == l->capacity)
    return firn_fail(err, FIRN_INTERNAL, "more tensors than were counted");
  out->key = firn_arena_cstr(l->arena, key);
  out->tensor = firn_arena_cstr(l->arena, tensor);
  out->dtype = dtype;
  out->shape = *shape;
  if (!out->key || !out->tensor) return firn_oom(err, key.size);
  l->count++;
  return FIRN_OK;
}

static firn_code add_part(list *l, firn_str key, const char *part,
                          firn_str tensor, firn_dtype dtype, int rank,
                          firn_error *err) {
  firn_shape shape = {.rank = rank};
  for (int i = 0; i < rank; i++) shape.dims[i] = FIRN_UNKNOWN_DIM;
  const firn_str name =
      firn_arena_printf(l->arena, "%.*s/%s", (int)key.size, key.data, part);
  if (!name.data) return firn_oom(err, key.size);
  return add(l, name, tensor, dtype, &shape, err);
}

static firn_code add_sparse(list *l, firn_str key,
                            const firn_pb_TensorInfo *info, firn_error *err) {
  const firn_pb_TensorInfo_CooSparse *parts = info->coo_sparse;
  FIRN_TRY(add_part(l, key, "indices", parts->indices_tensor_name, FIRN_INT64,
                    2, err));
  FIRN_TRY(add_part(l, key, "values", parts->values_tensor_name,
                    (firn_dtype)info->dtype, 1, err));
  return add_part(l, key, "dense_shape", parts->dense_shape_tensor_name,
                  FIRN_INT64, 1, err);
}

/* How many tensors stand behind an entry. */
static size_t parts_of(const firn_pb_TensorInfo *info, int depth) {
  if (info && info->encoding_case == 4 && info->coo_sparse) return 3;
  if (!info || info->encoding_case != 5 || !info->composite_tensor) return 1;
  size_t count = 0;
  for (size_t i = 0; i < info->composite_tensor->components_count; i++)
    count +=
        depth ? parts_of(info->composite_tensor->components[i], depth - 1) : 1;
  return count;
}

enum { DEEPEST = 4 }; /* components of components */

static firn_code read_tensor(list *l, firn_str key,
                             const firn_pb_TensorInfo *info, int depth,
                             firn_error *err) {
  firn_shape shape = firn_shape_unknown();
  if (info && info->encoding_case == 4 && info->coo_sparse)
    return add_sparse(l, key, info, err);
  if (info && info->encoding_case == 5 && info->composite_tensor &&
      depth >= 0) {
    for (size_t i = 0; i < info->composite_tensor->components_count; i++) {
      const firn_str part =
          firn_arena_printf(l->arena, "%.*s/%zu", (int)key.size, key.data, i);
      if (!part.data) return firn_oom(err, key.size);
      FIRN_TRY(read_tensor(l, part, info->composite_tensor->components[i],
                           depth - 1, err));
    }
    return FIRN_OK;
  }
  if (info && info->tensor_shape)
    FIRN_TRY(firn_shape_from_proto(info->tensor_shape, &shape, err));
  return add(l, key,
             info && info->encoding_case == 1 ? info->name : FIRN_STR(""),
             info ? (firn_dtype)info->dtype : FIRN_INVALID, &shape, err);
}

static bool has_default(const firn_pb_SignatureDef *def, const char *key) {
  for (size_t i = 0; i < def->defaults_count; i++)
    if (firn_str_is(def->defaults[i]->key, key)) return true;
  return false;
}

static firn_code read_inputs(list *l, const firn_pb_SignatureDef *def,
                             firn_error *err) {
  for (size_t i = 0; i < def->inputs_count; i++)
    l->capacity += parts_of(def->inputs[i]->value, DEEPEST);
  l->item = firn_arena_array(l->arena, l->capacity, sizeof *l->item);
  if (!l->item) return firn_oom(err, l->capacity);
  for (size_t i = 0; i < def->inputs_count; i++)
    FIRN_TRY(read_tensor(l, def->inputs[i]->key, def->inputs[i]->value, DEEPEST,
                         err));
  for (size_t i = 0; i < l->count; i++)
    l->item[i].optional = has_default(def, l->item[i].key);
  return FIRN_OK;
}

static firn_code read_outputs(list *l, const firn_pb_SignatureDef *def,
                              firn_error *err) {
  for (size_t i = 0; i < def->outputs_count; i++)
    l->capacity += parts_of(def->outputs[i]->value, DEEPEST);
  l->item = firn_arena_array(l->arena, l->capacity, sizeof *l->item);
  if (!l->item) return firn_oom(err, l->capacity);
  for (size_t i = 0; i < def->outputs_count; i++)
    FIRN_TRY(read_tensor(l, def->outputs[i]->key, def->outputs[i]->value,
                         DEEPEST, err));
  return FIRN_OK;
}

static firn_code read_signature(firn_arena *arena, firn_str key,
                                const firn_pb_SignatureDef *def,
                                firn_signature *out, firn_error *err) {
  list in = {.arena = arena}, outputs = {.arena = arena};
  out->key = firn_arena_cstr(arena, key);
  out->method = firn_arena_cstr(arena, def->method_name);
  if (!out->key || !out->method) return firn_oom(err, 0);
  FIRN_TRY(read_inputs(&in, def, err));
  FIRN_TRY(read_outputs(&outputs, def, err));
  if (in.count) qsort(in.item, in.count, sizeof *in.item, by_tensor_key);
  if (outputs.count)
    qsort(outputs.item, outputs.count, sizeof *outputs.item, by_tensor_key);
  out->inputs = in.item;
  out->input_count = in.count;
  out->outputs = outputs.item;
  out->output_count = outputs.count;
  return FIRN_OK;
}

firn_code firn_model_read_signatures(firn_model *model, firn_error *err) {
  const size_t count = model->meta->signature_def_count;
  model->signatures =
      firn_arena_array(&model->arena, count, sizeof *model->signatures);
  if (!model->signatures) return firn_oom(err, count);
  for (size_t i = 0; i < count; i++) {
    const firn_pb_MetaGraphDef_SignatureDefEntry *e =
        model->meta->signature_def[i];
    if (!e->value) continue;
    const firn_code code =
        read_signature(&model->arena, e->key, e->value,
                       &model->signatures[model->signature_count], err);
    if (code != FIRN_OK)
      return firn_while(err, code, "signature '%.*s'", FIRN_ARG(e->key));
    model->signature_count++;
  }
  if (model->signature_count)
    qsort(model->signatures, model->signature_count, sizeof *model->signatures,
          by_key);
  return FIRN_OK;
}

size_t firn_model_signature_count(const firn_model *model) {
  return model->signature_count;
}

const firn_signature *firn_model_signature_at(const firn_model *model,
                                              size_t i) {
  return &model->signatures[i];
}

firn_code firn_model_signature(const firn_model *model, const char *key,
                               const firn_signature **out, firn_error *err) {
  const char *wanted = key ? key : "serving_default";
  size_t callable = 0;
  const firn_signature *only = NULL;
  *out = NULL;
  for (size_t i = 0; i < model->signature_count; i++) {
    const firn_signature *s = &model->signatures[i];
    if (!strcmp(s->key, wanted)) {
      *out = s;
      return FIRN_OK;
    }
    if (!strcmp(s->key, FIRN_INIT_SIGNATURE)) continue;
    callable++;
    only = s;
  }
  if (!key && callable == 1) {
    *out = only;
    return FIRN_OK;
  }
  firn_fail(err, FIRN_NOT_FOUND, "there is no signature '%s'", wanted);
  for (size_t i = 0; i < model->signature_count; i++)
    firn_error_add(err, "there is '%s'", model->signatures[i].key);
  return FIRN_NOT_FOUND;
}
