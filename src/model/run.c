/* model/run.c: runs by signature. */
#include "model/model.h"

/* ---- Names -------------------------------------------------------------- */

static const firn_signature_tensor *find_key(const firn_signature *s,
                                             bool input, const char *key) {
  const firn_signature_tensor *list = input ? s->inputs : s->outputs;
  const size_t count = input ? s->input_count : s->output_count;
  for (size_t i = 0; i < count; i++)
    if (!strcmp(list[i].key, key)) return &list[i];
  return NULL;
}

static const char *tensor_of(const firn_signature *s, bool input,
                             const char *name) {
  const firn_signature_tensor *t = s ? find_key(s, input, name) : NULL;
  if (t && *t->tensor) return t->tensor;
  return !s || strchr(name, ':') ? name : NULL;
}

firn_code firn_signature_tensor_name(const firn_signature *signature,
                                     bool input, const char *name,
                                     const char **out, firn_error *err) {
  const char *what = input ? "input" : "output";
  *out = name;
  if (!signature) return FIRN_OK;
  *out = tensor_of(signature, input, name);
  if (*out) return FIRN_OK;
  firn_fail(err, FIRN_NOT_FOUND, "signature '%s' has no %s '%s'",
            signature->key, what, name);
  const firn_signature_tensor *list =
      input ? signature->inputs : signature->outputs;
  const size_t count = input ? signature->input_count : signature->output_count;
  for (size_t i = 0; i < count; i++)
    firn_error_add(err, "there is %s '%s'", what, list[i].key);
  return FIRN_NOT_FOUND;
}

/* ---- Inputs ------------------------------------------------------------- */

typedef struct job {
  const firn_model *model;
  const firn_signature *signature;
  firn_arena arena;
  firn_feed *feeds;
  size_t count;
  firn_tensor **owned; /* defaults, to be released */
  size_t owned_count;
} job;

/* Begins the error that lists what is wrong with the inputs, once. */
static void complain(const job *j, size_t *wrong, firn_error *err) {
  if (!(*wrong)++)
    firn_fail(err, FIRN_INVALID_ARGUMENT,
              "the inputs are not those of signature '%s'", j->signature->key);
}

static void take_inputs(job *j, const firn_feed *inputs, size_t count,
                        size_t *wrong, firn_error *err) {
  for (size_t i = 0; i < count; i++) {
    const char *tensor = tensor_of(j->signature, true, inputs[i].name);
    if (!tensor) {
      complain(j, wrong, err);
      firn_error_add(err, "there is no input '%s'", inputs[i].name);
      continue;
    }
    j->feeds[j->count++] = (firn_feed){tensor, inputs[i].tensor};
  }
}

static const firn_pb_TensorProto *default_of(const job *j, const char *key) {
  const firn_pb_MetaGraphDef *meta = j->model->meta;
  for (size_t i = 0; meta && i < meta->signature_def_count; i++) {
    const firn_pb_SignatureDef *def = meta->signature_def[i]->value;
    if (!def || !firn_str_is(meta->signature_def[i]->key, j->signature->key))
      continue;
    for (size_t k = 0; k < def->defaults_count; k++)
      if (firn_str_is(def->defaults[k]->key, key))
        return def->defaults[k]->value;
  }
  return NULL;
}

static bool is_fed(const job *j, const char *tensor) {
  for (size_t i = 0; i < j->count; i++)
    if (!strcmp(j->feeds[i].name, tensor)) return true;
  return false;
}

static firn_code fill_in(job *j, size_t *wrong, firn_error *err) {
  const firn_signature *s = j->signature;
  for (size_t i = 0; i < s->input_count; i++) {
    const firn_signature_tensor *t = &s->inputs[i];
    char shape[256];
    if (!*t->tensor || is_fed(j, t->tensor)) continue;
    const firn_pb_TensorProto *value =
        t->optional ? default_of(j, t->key) : NULL;
    if (!value) {
      complain(j, wrong, err);
      firn_error_add(err, "input '%s' is missing: %s %s", t->key,
                     firn_dtype_name(t->dtype),
                     firn_shape_text(&t->shape, shape));
      continue;
    }
    firn_tensor **tensor = &j->owned[j->owned_count];
    const firn_code code =
        firn_tensor_from_proto(value, &j->model->env, tensor, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "default of input '%s'", t->key);
    j->owned_count++;
    j->feeds[j->count++] = (firn_feed){t->tensor, *tensor};
  }
  return *wrong ? FIRN_INVALID_ARGUMENT : FIRN_OK;
}

/* ---- The run ------------------------------------------------------------ */

static firn_code name_outputs(job *j, const firn_call *call, size_t *count,
                              const char ***out, firn_error *err) {
  const firn_signature *s = call->signature;
  const bool all = s && !call->output_count && !call->target_count;
  *count = all ? s->output_count : call->output_count;
  const char **names = firn_arena_array(&j->arena, *count, sizeof(*names));
  if (!names) return firn_oom(err, *count);
  for (size_t i = 0; i < *count; i++)
    FIRN_TRY(firn_signature_tensor_name(
        s, false, all ? s->outputs[i].key : call->outputs[i], &names[i], err));
  *out = names;
  return FIRN_OK;
}

static firn_code name_inputs(job *j, const firn_call *call, firn_error *err) {
  const firn_signature *s = call->signature;
  const size_t most = call->input_count + (s ? s->input_count : 0);
  size_t wrong = 0;
  j->feeds = firn_arena_array(&j->arena, most, sizeof *j->feeds);
  j->owned = firn_arena_array(&j->arena, most, sizeof(*j->owned));
  if (!j->feeds || !j->owned) return firn_oom(err, most);
  take_inputs(j, call->inputs, call->input_count, &wrong, err);
  return s ? fill_in(j, &wrong, err) : FIRN_OK;
}

firn_code firn_model_run(const firn_model *model, firn_session *session,
                         const firn_call *call, const firn_run_options *options,
                         firn_tensor **results, firn_error *err) {
  firn_call c = {0};
  memcpy(&c, call, firn_min_size(call->size, sizeof c));
  job j = {.model = model, .signature = c.signature};
  const char **fetches = NULL;
  size_t count = 0;
  firn_arena_init(&j.arena, &model->env.alloc);
  firn_code code = name_outputs(&j, &c, &count, &fetches, err);
  for (size_t i = 0; i < count; i++) results[i] = NULL;
  if (code == FIRN_OK) code = name_inputs(&j, &c, err);
  if (code == FIRN_OK)
    code = firn_session_run(session, options, j.feeds, j.count, fetches, count,
                            c.targets, c.target_count, results, err);
  for (size_t i = 0; i < j.owned_count; i++) firn_tensor_release(j.owned[i]);
  firn_arena_fini(&j.arena);
  return code;
}
