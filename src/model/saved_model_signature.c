/* model/saved_model_signature.c: SignatureDefs, and what makes one that a
 * server can serve.
 *
 * The rules are those of TensorFlow's signature_def_utils: predict takes and
 * gives anything but nothing, classify and regress take "inputs", serialized
 * examples, and give classes and scores, or outputs. All that is wrong with a
 * signature is said at once. */
#include <stdio.h>

#include "model/saved_model_write.h"

static const char PREDICT[] = "tensorflow/serving/predict";
static const char CLASSIFY[] = "tensorflow/serving/classify";
static const char REGRESS[] = "tensorflow/serving/regress";
static const char TRAIN_SIGNATURE[] = "__saved_model_train_op";

typedef struct builder {
  const firn_model *model;
  const firn_signature *signature;
  firn_arena *arena;
  firn_error *err;
  size_t problems;
} builder;

/* ---- Problems ----------------------------------------------------------- */

/* The first problem makes the error, each is a line of it. */
static void problem(builder *b, firn_code code, const char *what,
                    const char *key, const char *why) {
  if (!b->problems++)
    firn_fail(b->err, code, "signature '%s' makes no sense for this graph",
              b->signature->key);
  firn_error_add(b->err, "%s%s%s%s: %s", what, *key ? " '" : "", key,
                 *key ? "'" : "", why);
}

/* ---- Tensors ------------------------------------------------------------ */

static firn_code set_name(builder *b, firn_edge e, firn_str *out) {
  const firn_str node = b->model->graph->nodes[e.node]->def->name;
  *out = firn_arena_printf(b->arena, "%.*s:%u", (int)node.size, node.data,
                           e.output);
  return out->data ? FIRN_OK : firn_oom(b->err, node.size);
}

/* Type and shape that the graph gives the tensor. */
static firn_code infer(builder *b, firn_edge e, firn_dtype *dtype,
                       firn_shape *shape) {
  const firn_node *node = b->model->graph->nodes[e.node];
  *dtype = FIRN_INVALID;
  *shape = firn_shape_unknown();
  if (e.output >= node->output_count) return FIRN_OK;
  firn_shape *all = firn_arena_array(b->arena, node->output_count, sizeof *all);
  if (!all) return firn_oom(b->err, node->output_count * sizeof *all);
  firn_model_shapes(b->model, e.node, all);
  *dtype = firn_dtype_base(node->output_types[e.output]);
  *shape = all[e.output];
  return FIRN_OK;
}

static firn_code read_tensor(builder *b, bool input,
                             const firn_signature_tensor *t,
                             firn_pb_TensorInfo *info) {
  const char *what = input ? "input" : "output";
  firn_error why = FIRN_ERROR_INIT;
  firn_shape shape = t->shape;
  firn_dtype dtype = t->dtype;
  firn_edge e;
  if (firn_graph_tensor(b->model->graph, firn_str_of(t->tensor), &e, &why) !=
      FIRN_OK) {
    problem(b, why.code, what, t->key, why.message);
    firn_error_clear(&why);
    return FIRN_OK;
  }
  if (dtype == FIRN_INVALID) FIRN_TRY(infer(b, e, &dtype, &shape));
  if (dtype == FIRN_INVALID)
    problem(b, FIRN_INVALID_ARGUMENT, what, t->key,
            "nobody knows its type: it has to be given");
  info->encoding_case = 1;
  info->dtype = dtype;
  FIRN_TRY(set_name(b, e, &info->name));
  return firn_shape_to_proto(&shape, b->arena, &info->tensor_shape, b->err);
}

/* ---- Sparse tensors: three entries that say what they are --------------- */

static const char *const parts[] = {"/indices", "/values", "/dense_shape"};

/* The tensor of part `part` of key `key`, or NULL. */
static const firn_signature_tensor *find_part(const firn_signature_tensor *list,
                                              size_t count, firn_str key,
                                              size_t part) {
  for (size_t i = 0; i < count; i++) {
    const firn_str k = firn_str_of(list[i].key);
    if (firn_str_starts(k, key) &&
        firn_str_is((firn_str){k.data + key.size, k.size - key.size},
                    parts[part]))
      return &list[i];
  }
  return NULL;
}

/* Whether the entry is a part of a sparse tensor that is all there: then which
 * part, and the key of the whole. */
static bool is_sparse(const firn_signature_tensor *list, size_t count, size_t i,
                      size_t *part, firn_str *key) {
  const firn_str own = firn_str_of(list[i].key);
  for (*part = 0; *part < FIRN_COUNT(parts); ++*part)
    if (firn_str_ends(own, firn_str_of(parts[*part]))) break;
  if (*part == FIRN_COUNT(parts)) return false;
  *key = (firn_str){own.data, own.size - strlen(parts[*part])};
  for (size_t k = 0; k < FIRN_COUNT(parts); k++)
    if (!find_part(list, count, *key, k)) return false;
  return true;
}

static firn_code read_sparse(builder *b, bool input,
                             const firn_signature_tensor *list, size_t count,
                             firn_str key, firn_pb_TensorInfo *info) {
  firn_pb_TensorInfo one[3] = {0};
  const firn_shape unknown = firn_shape_unknown();
  for (size_t k = 0; k < FIRN_COUNT(parts); k++)
    FIRN_TRY(read_tensor(b, input, find_part(list, count, key, k), &one[k]));
  info->coo_sparse = firn_pb_new(&firn_pb_type_TensorInfo_CooSparse, b->arena);
  if (!info->coo_sparse) return firn_oom(b->err, sizeof *info->coo_sparse);
  info->encoding_case = 4;
  info->dtype = one[1].dtype;
  info->coo_sparse->indices_tensor_name = one[0].name;
  info->coo_sparse->values_tensor_name = one[1].name;
  info->coo_sparse->dense_shape_tensor_name = one[2].name;
  return firn_shape_to_proto(&unknown, b->arena, &info->tensor_shape, b->err);
}

/* ---- Inputs and outputs ------------------------------------------------- */

/* The inputs or the outputs, as the message will have them. */
typedef struct side {
  const char *what;
  struct named {
    firn_str key;
    firn_pb_TensorInfo *info;
  } * items;
  size_t count;
} side;

static bool has_key(const side *s, firn_str key) {
  for (size_t i = 0; i < s->count; i++)
    if (firn_str_eq(s->items[i].key, key)) return true;
  return false;
}

static firn_code read_one(builder *b, side *s,
                          const firn_signature_tensor *list, size_t count,
                          size_t i, firn_error *err) {
  const bool input = s->what[0] == 'i';
  struct named *item = &s->items[s->count];
  size_t part;
  firn_str key = firn_str_of(list[i].key);
  const bool sparse = is_sparse(list, count, i, &part, &key);
  if (sparse && part) return FIRN_OK; /* its first part stood for it */
  if (!key.size) problem(b, FIRN_INVALID_ARGUMENT, s->what, "", "has no key");
  if (has_key(s, key))
    problem(b, FIRN_INVALID_ARGUMENT, s->what, list[i].key,
            "there are two of this key");
  item->key = firn_arena_str(b->arena, key);
  item->info = firn_pb_new(&firn_pb_type_TensorInfo, b->arena);
  if (!item->key.data || !item->info) return firn_oom(err, sizeof *item->info);
  s->count++;
  return sparse ? read_sparse(b, input, list, count, key, item->info)
                : read_tensor(b, input, &list[i], item->info);
}

static firn_code read_side(builder *b, side *s,
                           const firn_signature_tensor *list, size_t count,
                           firn_error *err) {
  s->items = firn_arena_array(b->arena, count, sizeof *s->items);
  if (!s->items) return firn_oom(err, count * sizeof *s->items);
  for (size_t i = 0; i < count; i++)
    FIRN_TRY(read_one(b, s, list, count, i, err));
  return FIRN_OK;
}

/* ---- Rules -------------------------------------------------------------- */

/* Complains about what is not of that type. */
static void want_type(builder *b, const side *s, const struct named *item,
                      firn_dtype dtype) {
  char why[100];
  char key[200];
  if (item->info->dtype == (int32_t)dtype || !item->info->dtype) return;
  snprintf(why, sizeof why, "is %s, the method wants %s",
           firn_dtype_name((firn_dtype)item->info->dtype),
           firn_dtype_name(dtype));
  snprintf(key, sizeof key, "%.*s", FIRN_ARG(item->key));
  problem(b, FIRN_INVALID_ARGUMENT, s->what, key, why);
}

/* "inputs", serialized examples; among the outputs only these two keys, of
 * these types. */
static void check_examples(builder *b, const side *in, const side *out,
                           const char *first, firn_dtype first_type,
                           const char *second, firn_dtype second_type) {
  char key[200];
  if (in->count != 1 || !firn_str_is(in->items[0].key, "inputs"))
    problem(b, FIRN_INVALID_ARGUMENT, "inputs", "",
            "the method wants one, of the key 'inputs'");
  else
    want_type(b, in, &in->items[0], FIRN_STRING);
  for (size_t i = 0; i < out->count; i++) {
    const struct named *item = &out->items[i];
    if (firn_str_is(item->key, first)) {
      want_type(b, out, item, first_type);
    } else if (second && firn_str_is(item->key, second)) {
      want_type(b, out, item, second_type);
    } else {
      snprintf(key, sizeof key, "%.*s", FIRN_ARG(item->key));
      problem(b, FIRN_INVALID_ARGUMENT, "output", key,
              "the method does not have it");
    }
  }
  if (!out->count)
    problem(b, FIRN_INVALID_ARGUMENT, "outputs", "", "there are none");
}

static void check_rules(builder *b, const char *method, const side *in,
                        const side *out) {
  if (!strcmp(method, CLASSIFY)) {
    check_examples(b, in, out, "classes", FIRN_STRING, "scores", FIRN_FLOAT);
  } else if (!strcmp(method, REGRESS)) {
    check_examples(b, in, out, "outputs", FIRN_FLOAT, NULL, FIRN_INVALID);
  } else if (!strcmp(method, PREDICT)) {
    if (!in->count)
      problem(b, FIRN_INVALID_ARGUMENT, "inputs", "", "there are none");
    if (!out->count)
      problem(b, FIRN_INVALID_ARGUMENT, "outputs", "", "there are none");
  }
}

/* Short names of the methods that a server knows. */
static const char *method_name(const char *method) {
  static const char *const known[] = {PREDICT, CLASSIFY, REGRESS};
  if (!method || !*method) return PREDICT;
  for (size_t i = 0; i < FIRN_COUNT(known); i++)
    if (!strcmp(method, strrchr(known[i], '/') + 1)) return known[i];
  return method;
}

static void check_key(builder *b) {
  const char *key = b->signature->key;
  if (!*key) problem(b, FIRN_INVALID_ARGUMENT, "key", "", "is empty");
  if (!strcmp(key, FIRN_INIT_SIGNATURE) || !strcmp(key, TRAIN_SIGNATURE))
    problem(b, FIRN_INVALID_ARGUMENT, "key", "",
            "it is kept for what runs when the model is loaded or trained");
}

/* ---- The message -------------------------------------------------------- */

/* Entries of inputs and outputs are structs of one form with two names. */
#define FILL(def, field, type, from, arena, err)                           \
  do {                                                                     \
    (def)->field = firn_arena_array(arena, (from)->count, sizeof(void *)); \
    if (!(def)->field) return firn_oom(err, (from)->count);                \
    for (size_t i_ = 0; i_ < (from)->count; i_++) {                        \
      (def)->field[i_] = firn_pb_new(&(type), arena);                      \
      if (!(def)->field[i_]) return firn_oom(err, sizeof(void *));         \
      (def)->field[i_]->key = (from)->items[i_].key;                       \
      (def)->field[i_]->value = (from)->items[i_].info;                    \
    }                                                                      \
    (def)->field##_count = (from)->count;                                  \
  } while (0)

firn_code firn_signature_to_proto(const firn_model *model,
                                  const firn_signature *signature,
                                  firn_arena *arena, firn_pb_SignatureDef **out,
                                  firn_error *err) {
  builder b = {
      .model = model, .signature = signature, .arena = arena, .err = err};
  side in = {.what = "input"}, outputs = {.what = "output"};
  const char *method = method_name(signature->method);
  firn_error own = FIRN_ERROR_INIT;
  if (!err) b.err = &own;
  check_key(&b);
  FIRN_TRY(
      read_side(&b, &in, signature->inputs, signature->input_count, b.err));
  FIRN_TRY(read_side(&b, &outputs, signature->outputs, signature->output_count,
                     b.err));
  check_rules(&b, method, &in, &outputs);
  if (b.problems) {
    const firn_code code = b.err->code;
    firn_error_clear(&own);
    return code;
  }
  firn_pb_SignatureDef *def = firn_pb_new(&firn_pb_type_SignatureDef, arena);
  if (!def) return firn_oom(err, sizeof *def);
  def->method_name = firn_arena_str(arena, firn_str_of(method));
  if (!def->method_name.data) return firn_oom(err, strlen(method));
  FILL(def, inputs, firn_pb_type_SignatureDef_InputsEntry, &in, arena, err);
  FILL(def, outputs, firn_pb_type_SignatureDef_OutputsEntry, &outputs, arena,
       err);
  *out = def;
  return FIRN_OK;
}

/* ---- In a meta graph ---------------------------------------------------- */

void firn_meta_drop_signature(firn_pb_MetaGraphDef *meta, firn_str key) {
  size_t kept = 0;
  for (size_t i = 0; i < meta->signature_def_count; i++)
    if (!firn_str_eq(meta->signature_def[i]->key, key))
      meta->signature_def[kept++] = meta->signature_def[i];
  meta->signature_def_count = kept;
}

firn_code firn_meta_set_signature(firn_pb_MetaGraphDef *meta, firn_str key,
                                  firn_pb_SignatureDef *def, firn_arena *arena,
                                  firn_error *err) {
  const size_t count = meta->signature_def_count;
  firn_pb_MetaGraphDef_SignatureDefEntry **list =
      firn_arena_array(arena, count + 1, sizeof *list);
  firn_pb_MetaGraphDef_SignatureDefEntry *e =
      firn_pb_new(&firn_pb_type_MetaGraphDef_SignatureDefEntry, arena);
  if (!list || !e) return firn_oom(err, sizeof *e);
  e->key = firn_arena_str(arena, key);
  e->value = def;
  if (!e->key.data) return firn_oom(err, key.size);
  if (count) memcpy(list, meta->signature_def, count * sizeof *list);
  meta->signature_def = list; /* the old list may be the model's */
  firn_meta_drop_signature(meta, key);
  list[meta->signature_def_count++] = e;
  return FIRN_OK;
}
