/* model/freeze_signature.c: the frozen graph of a signature.
 *
 * The part of the graph that the signature needs is written anew: inputs are
 * Placeholders and outputs Identities under the signature's own names, calls
 * are expanded as the options say. Of this graph the variables are frozen, then
 * the tables; in the end what nobody needs is dropped. */
#include "model/freeze.h"

typedef struct freezing {
  const firn_model *model;
  const firn_signature *signature;
  const firn_freeze_options *options;
  firn_frozen *out;
  firn_map taken;  /* names of inputs and outputs        */
  firn_str *names; /* inputs, outputs, then the init op  */
  size_t name_count;
  firn_edge *feeds, *fetches;
  firn_pb_NodeDef **nodes; /* of the new graph              */
  const firn_node **origin;
  uint32_t count;
} freezing;

/* ---- Names -------------------------------------------------------------- */

static bool may_stand(char c, bool first) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
      (c >= '0' && c <= '9'))
    return true;
  return !first && (c == '_' || c == '/' || c == '\\' || c == '-' || c == '>');
}

/* A node's name for a key: characters that none may have become '_', and one
 * that may not begin it gets an 'x' in front. */
static firn_code legal_name(firn_arena *arena, const char *key, firn_str *out,
                            firn_error *err) {
  const bool begins = may_stand(key[0], true);
  char *text = firn_arena_alloc(arena, strlen(key) + 2);
  if (!text) return firn_oom(err, strlen(key));
  size_t size = 0;
  if (!begins) text[size++] = 'x';
  for (const char *c = key; *c; c++)
    text[size++] = may_stand(*c, false) ? *c : '_';
  text[size] = 0;
  *out = (firn_str){text, size};
  return FIRN_OK;
}

static firn_code add_name(freezing *f, const char *key, firn_error *err) {
  firn_arena *arena = &f->out->arena;
  firn_str stem, name;
  uint64_t taken;
  FIRN_TRY(legal_name(arena, key, &stem, err));
  name = stem;
  for (unsigned i = 1; firn_map_get(&f->taken, name, &taken); i++) {
    name = firn_arena_printf(arena, "%.*s_%u", (int)stem.size, stem.data, i);
    if (!name.data) return firn_oom(err, stem.size);
  }
  if (!firn_map_set(&f->taken, name, 1)) return firn_oom(err, 0);
  f->names[f->name_count++] = name;
  return FIRN_OK;
}

static firn_code find_tensor(const freezing *f, const firn_signature_tensor *t,
                             const char *what, firn_edge *out,
                             firn_error *err) {
  if (!t->tensor[0])
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "signature '%s': %s '%s' names no tensor",
                     f->signature->key, what, t->key);
  const firn_code code =
      firn_graph_tensor(f->model->graph, firn_str_of(t->tensor), out, err);
  return code == FIRN_OK ? code
                         : firn_while(err, code, "signature '%s', %s '%s'",
                                      f->signature->key, what, t->key);
}

static firn_code find_ends(freezing *f, firn_error *err) {
  const firn_signature *s = f->signature;
  firn_arena *arena = &f->out->arena;
  f->names = firn_arena_array(arena, s->input_count + s->output_count + 1,
                              sizeof *f->names);
  f->feeds = firn_arena_array(arena, s->input_count, sizeof *f->feeds);
  f->fetches = firn_arena_array(arena, s->output_count, sizeof *f->fetches);
  if (!f->names || !f->feeds || !f->fetches) return firn_oom(err, 0);
  if (!s->output_count || !strcmp(s->key, FIRN_INIT_SIGNATURE))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "signature '%s' has no outputs", s->key);
  for (size_t i = 0; i < s->input_count; i++) {
    FIRN_TRY(find_tensor(f, &s->inputs[i], "input", &f->feeds[i], err));
    FIRN_TRY(add_name(f, s->inputs[i].key, err));
  }
  for (size_t i = 0; i < s->output_count; i++) {
    FIRN_TRY(find_tensor(f, &s->outputs[i], "output", &f->fetches[i], err));
    FIRN_TRY(add_name(f, s->outputs[i].key, err));
  }
  return FIRN_OK;
}

/* ---- Inputs and outputs ------------------------------------------------- */

static void append(freezing *f, firn_pb_NodeDef *def, const firn_node *from) {
  f->nodes[f->count] = def;
  f->origin[f->count++] = from;
}

/* The value that an input has when it is not fed, or NULL. */
static firn_pb_TensorProto *default_of(const freezing *f, const char *input) {
  const firn_pb_MetaGraphDef *meta = f->model->meta;
  for (size_t i = 0; meta && i < meta->signature_def_count; i++) {
    const firn_pb_SignatureDef *def = meta->signature_def[i]->value;
    if (!def || !firn_str_is(meta->signature_def[i]->key, f->signature->key))
      continue;
    for (size_t k = 0; k < def->defaults_count; k++)
      if (firn_str_is(def->defaults[k]->key, input))
        return def->defaults[k]->value;
  }
  return NULL;
}

static firn_code add_default(freezing *f, firn_pb_NodeDef *input,
                             firn_pb_TensorProto *value, firn_error *err) {
  firn_arena *arena = &f->out->arena;
  const firn_str name = firn_arena_printf(
      arena, "%.*s/default", (int)input->name.size, input->name.data);
  if (!name.data) return firn_oom(err, input->name.size);
  firn_pb_NodeDef *def = firn_freeze_node(arena, name, "Const", 2);
  firn_pb_NodeDef_AttrEntry *e = firn_new_attr(arena, "value", 8);
  input->input = firn_arena_array(arena, 1, sizeof *input->input);
  if (!def || !e || !input->input) return firn_oom(err, sizeof *def);
  FIRN_TRY(
      firn_freeze_add_type(arena, def, "dtype", (firn_dtype)value->dtype, err));
  e->value->tensor = value;
  def->attr[def->attr_count++] = e;
  input->op = FIRN_STR("PlaceholderWithDefault");
  input->input[0] = name;
  input->input_count = 1;
  append(f, def, NULL);
  return FIRN_OK;
}

static firn_code add_input(freezing *f, size_t i, firn_error *err) {
  const firn_signature_tensor *t = &f->signature->inputs[i];
  firn_arena *arena = &f->out->arena;
  firn_pb_NodeDef *def = firn_freeze_node(arena, f->names[i], "Placeholder", 2);
  firn_pb_NodeDef_AttrEntry *e = firn_new_attr(arena, "shape", FIRN_ATTR_SHAPE);
  const firn_dtype type =
      firn_dtype_base((int)firn_edge_type(f->model->graph, f->feeds[i]));
  if (!def || !e) return firn_oom(err, sizeof *def);
  if (t->dtype != type)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "signature '%s': input '%s' is %s, tensor '%s' is %s",
                     f->signature->key, t->key, firn_dtype_name(t->dtype),
                     t->tensor, firn_dtype_name(type));
  FIRN_TRY(firn_freeze_add_type(arena, def, "dtype", type, err));
  FIRN_TRY(firn_shape_to_proto(&t->shape, arena, &e->value->shape, err));
  def->attr[def->attr_count++] = e;
  firn_pb_TensorProto *value = t->optional ? default_of(f, t->key) : NULL;
  if (value) FIRN_TRY(add_default(f, def, value, err));
  append(f, def, NULL);
  return FIRN_OK;
}

static firn_code add_output(freezing *f, size_t i, firn_error *err) {
  const firn_signature *s = f->signature;
  firn_arena *arena = &f->out->arena;
  firn_pb_NodeDef *def =
      firn_freeze_node(arena, f->names[s->input_count + i], "Identity", 1);
  firn_str *input = firn_arena_alloc(arena, sizeof *input);
  const firn_dtype type =
      firn_dtype_base((int)firn_edge_type(f->model->graph, f->fetches[i]));
  if (!def || !input) return firn_oom(err, sizeof *def);
  *input = f->out->inlined.fetches[i];
  def->input = input;
  def->input_count = 1;
  FIRN_TRY(firn_freeze_add_type(arena, def, "T", type, err));
  append(f, def, NULL);
  return FIRN_OK;
}

/* ---- The new graph ------------------------------------------------------ */

static firn_code copy_part(freezing *f, const uint32_t *init, firn_error *err) {
  const firn_signature *s = f->signature;
  const firn_freeze_functions functions = f->options->functions;
  const firn_inline_wish wish = {.calls = functions != FIRN_FUNCTIONS_KEEP,
                                 .lower = functions == FIRN_FUNCTIONS_LOWER,
                                 .feeds = f->feeds,
                                 .feed_names = f->names,
                                 .feed_count = s->input_count,
                                 .fetches = f->fetches,
                                 .fetch_count = s->output_count,
                                 .targets = init,
                                 .target_count = init ? 1 : 0,
                                 .reserved = f->names,
                                 .reserved_count = f->name_count};
  firn_inlined_fini(&f->out->inlined);
  return firn_graph_inline(f->model->graph, &wish, &f->out->inlined, err);
}

/* Tables that stay need the init op, which is to be run by its name. */
static firn_code copy_all(freezing *f, firn_error *err) {
  const firn_inlined *in = &f->out->inlined;
  const firn_node *init = NULL;
  bool tables = false;
  FIRN_TRY(copy_part(f, NULL, err));
  if (f->options->tables != FIRN_TABLES_KEEP || !f->model->init_op.size)
    return FIRN_OK;
  for (uint32_t i = 0; i < in->count; i++)
    tables = tables || firn_freeze_is_table(in->nodes[i]->op);
  if (!tables) return FIRN_OK;
  FIRN_TRY(firn_graph_need(f->model->graph, f->model->init_op, &init, err));
  FIRN_TRY(copy_part(f, &init->index, err));
  f->names[f->name_count++] = in->targets[0];
  return FIRN_OK;
}

static firn_code make_graph(freezing *f, firn_error *err) {
  const firn_signature *s = f->signature;
  const firn_pb_GraphDef *from = f->model->graph->def;
  firn_arena *arena = &f->out->arena;
  const firn_pb_MetaGraphDef_MetaInfoDef *info =
      f->model->meta ? f->model->meta->meta_info_def : NULL;
  FIRN_TRY(copy_all(f, err));
  const firn_inlined *in = &f->out->inlined;
  const size_t most = in->count + 2 * s->input_count + s->output_count;
  f->nodes = firn_arena_array(arena, most, sizeof *f->nodes);
  f->origin = firn_arena_array(arena, most, sizeof *f->origin);
  firn_pb_GraphDef *def = firn_pb_new(&firn_pb_type_GraphDef, arena);
  if (!f->nodes || !f->origin || !def) return firn_oom(err, most);
  for (size_t i = 0; i < s->input_count; i++) FIRN_TRY(add_input(f, i, err));
  for (uint32_t i = 0; i < in->count; i++) append(f, in->nodes[i], in->from[i]);
  for (size_t i = 0; i < s->output_count; i++) FIRN_TRY(add_output(f, i, err));
  def->node = f->nodes;
  def->node_count = f->count;
  if (from) {
    def->library = from->library;
    def->versions = from->versions;
    def->version = from->version;
  }
  return firn_graph_import(def, info ? info->stripped_op_list : NULL,
                           &f->model->env, &f->out->graph, err);
}

/* ---- Assets ------------------------------------------------------------- */

/* A constant that stands for an asset gets the file's path. */
static firn_code set_asset(freezing *f, const firn_asset *asset, size_t index,
                           firn_error *err) {
  firn_arena *arena = &f->out->arena;
  const firn_pb_NodeDef *old = f->out->def->node[index];
  firn_pb_NodeDef *def = firn_freeze_node(arena, old->name, "Const", 2);
  firn_pb_NodeDef_AttrEntry *e = firn_new_attr(arena, "value", 8);
  firn_pb_TensorProto *t = firn_pb_new(&firn_pb_type_TensorProto, arena);
  firn_str *path = firn_arena_alloc(arena, sizeof *path);
  const firn_shape scalar = firn_shape_scalar();
  if (firn_path_look(asset->path) == FIRN_PATH_MISSING)
    return firn_fail(err, FIRN_NOT_FOUND,
                     "asset '%s', which '%.*s' stands for, is missing",
                     asset->path, FIRN_ARG(asset->tensor));
  if (!def || !e || !t || !path) return firn_oom(err, sizeof *def);
  *path = firn_str_of(asset->path);
  t->dtype = FIRN_STRING;
  t->string_val = path;
  t->string_val_count = 1;
  FIRN_TRY(firn_shape_to_proto(&scalar, arena, &t->tensor_shape, err));
  FIRN_TRY(firn_freeze_add_type(arena, def, "dtype", FIRN_STRING, err));
  e->value->tensor = t;
  def->attr[def->attr_count++] = e;
  f->out->def->node[index] = def;
  return FIRN_OK;
}

static firn_code set_assets(freezing *f, firn_error *err) {
  for (size_t a = 0; a < f->model->asset_count; a++) {
    const firn_asset *asset = &f->model->assets[a];
    firn_edge e;
    if (firn_graph_tensor(f->model->graph, asset->tensor, &e, NULL) != FIRN_OK)
      continue;
    for (size_t i = 0; i < f->out->def->node_count; i++) {
      const firn_node *node =
          firn_graph_find(f->out->graph, f->out->def->node[i]->name);
      if (node && f->origin[node->index] == f->model->graph->nodes[e.node])
        FIRN_TRY(set_asset(f, asset, i, err));
    }
  }
  return FIRN_OK;
}

/* ---- The whole ---------------------------------------------------------- */

/* What the signature reaches without the init op. Variables beside it (the path
 * of an asset, say) are the init op's, which gives them their values. */
static firn_code find_part(freezing *f, const uint32_t *roots, const bool **out,
                           firn_error *err) {
  const firn_signature *s = f->signature;
  bool *marks = firn_arena_array(&f->out->arena, f->count, sizeof *marks);
  if (!marks) return firn_oom(err, f->count);
  *out = marks;
  return firn_graph_reach(f->out->graph, roots,
                          s->input_count + s->output_count, false, marks, err);
}

static firn_code freeze(freezing *f, firn_error *err) {
  const firn_pb_MetaGraphDef_MetaInfoDef *info =
      f->model->meta ? f->model->meta->meta_info_def : NULL;
  FIRN_TRY(find_ends(f, err));
  FIRN_TRY(make_graph(f, err));
  firn_freeze_source source = {
      .graph = f->out->graph, .origin = f->origin, .strict = true};
  uint32_t *roots =
      firn_arena_array(&f->out->arena, f->name_count, sizeof *roots);
  if (!roots) return firn_oom(err, f->name_count);
  for (size_t i = 0; i < f->name_count; i++) {
    const firn_node *node = NULL;
    FIRN_TRY(firn_graph_need(f->out->graph, f->names[i], &node, err));
    roots[i] = node->index;
  }
  FIRN_TRY(find_part(f, roots, &source.part, err));
  FIRN_TRY(firn_freeze_build(f->model, &source, roots, f->name_count,
                             f->options, f->options->text, f->out, err));
  FIRN_TRY(firn_freeze_library(f->out, f->out->graph, err));
  if (f->options->tables == FIRN_TABLES_INLINE)
    FIRN_TRY(
        firn_freeze_fill_tables(f->model, f->origin, f->options, f->out, err));
  FIRN_TRY(firn_freeze_tidy(f->out, f->names, f->name_count,
                            info ? info->stripped_op_list : NULL, err));
  if (!f->options->keep_devices)
    FIRN_TRY(firn_freeze_clear_devices(f->out, err));
  return set_assets(f, err);
}

firn_code firn_freeze_signature(const firn_model *model,
                                const firn_signature *signature,
                                const firn_freeze_options *options,
                                firn_frozen *out, firn_error *err) {
  freezing f = {
      .model = model, .signature = signature, .options = options, .out = out};
  firn_map_init(&f.taken, &model->env.alloc);
  const firn_code code = freeze(&f, err);
  firn_map_fini(&f.taken);
  return code;
}
