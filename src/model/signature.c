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

static firn_code read_tensor(firn_arena *arena, firn_str key,
                             const firn_pb_TensorInfo *info,
                             firn_signature_tensor *out, firn_error *err) {
  const bool named = info && info->encoding_case == 1;
  out->key = firn_arena_cstr(arena, key);
  out->tensor = firn_arena_cstr(arena, named ? info->name : FIRN_STR(""));
  out->dtype = info ? (firn_dtype)info->dtype : FIRN_INVALID;
  out->shape = firn_shape_unknown();
  if (!out->key || !out->tensor) return firn_oom(err, key.size);
  if (!info || !info->tensor_shape) return FIRN_OK;
  return firn_shape_from_proto(info->tensor_shape, &out->shape, err);
}

static firn_code read_signature(firn_arena *arena, firn_str key,
                                const firn_pb_SignatureDef *def,
                                firn_signature *out, firn_error *err) {
  firn_signature_tensor *in =
      firn_arena_array(arena, def->inputs_count, sizeof *in);
  firn_signature_tensor *outputs =
      firn_arena_array(arena, def->outputs_count, sizeof *outputs);
  out->key = firn_arena_cstr(arena, key);
  out->method = firn_arena_cstr(arena, def->method_name);
  if (!in || !outputs || !out->key || !out->method) return firn_oom(err, 0);
  for (size_t i = 0; i < def->inputs_count; i++)
    FIRN_TRY(read_tensor(arena, def->inputs[i]->key, def->inputs[i]->value,
                         &in[i], err));
  for (size_t i = 0; i < def->outputs_count; i++)
    FIRN_TRY(read_tensor(arena, def->outputs[i]->key, def->outputs[i]->value,
                         &outputs[i], err));
  qsort(in, def->inputs_count, sizeof *in, by_tensor_key);
  qsort(outputs, def->outputs_count, sizeof *outputs, by_tensor_key);
  out->inputs = in;
  out->input_count = def->inputs_count;
  out->outputs = outputs;
  out->output_count = def->outputs_count;
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
    qsort(model->signatures, model->signature_count,
          sizeof *model->signatures, by_key);
  return FIRN_OK;
}

size_t firn_model_signature_count(const firn_model *model) {
  return model->signature_count;
}

const firn_signature *firn_model_signature_at(const firn_model *model,
                                              size_t i) {
  return &model->signatures[i];
}
