/* model/freeze.c: the sub-graph of some outputs, with variables as constants.
 *
 * The result has TensorFlow's node set, names, attrs and order
 * (convert_variables_to_constants): a variable becomes a Const of dtype and
 * value, a ReadVariableOp an Identity, ResourceGather a GatherV2 whose axis is
 * a new Const at the end. A graph in which a constant would then stand where a
 * reference is wanted, which TensorFlow writes but refuses to import, is mended
 * by freeze_unref.c. */
#include "model/freeze.h"

#include <stdio.h>

typedef struct freezer {
  const firn_model *model;
  const firn_graph *graph;
  const firn_freeze_options *options;
  firn_frozen *out;
  bool whole_values;
  bool *kept;      /* per node: in the sub-graph                          */
  bool *converted; /* per node: a variable that becomes a constant        */
  firn_pb_NodeDef **to; /* per node: what it becomes; NULL: stays as it is  */
  uint32_t *takers, *taker_at; /* per kept node, who takes its outputs      */
  firn_pb_NodeDef **added;     /* new nodes, for the end of the list        */
  size_t added_count;
  firn_tensor **live; /* per node: its value in the session; NULL: none asked */
} freezer;

static bool node_is(const firn_node *node, const char *op) {
  return firn_str_is(node->def->op, op);
}

/* ---- Nodes under construction ------------------------------------------- */

firn_pb_NodeDef_AttrEntry *firn_new_attr(firn_arena *arena, const char *name,
                                         int32_t value_case) {
  firn_pb_NodeDef_AttrEntry *e =
      firn_pb_new(&firn_pb_type_NodeDef_AttrEntry, arena);
  firn_pb_AttrValue *v = firn_pb_new(&firn_pb_type_AttrValue, arena);
  if (!e || !v) return NULL;
  e->key = firn_str_of(name);
  e->value = v;
  v->value_case = value_case;
  return e;
}

firn_pb_NodeDef *firn_edit_node(const firn_pb_NodeDef *def, firn_arena *arena) {
  firn_pb_NodeDef *copy = firn_arena_alloc(arena, sizeof *copy);
  firn_pb_NodeDef_AttrEntry **attrs =
      firn_arena_array(arena, def->attr_count + 1, sizeof(*attrs));
  if (!copy || !attrs) return NULL;
  *copy = *def;
  if (def->attr_count)
    memcpy(attrs, def->attr, def->attr_count * sizeof(*attrs));
  copy->attr = attrs;
  return copy;
}

void firn_drop_attr(firn_pb_NodeDef *def, const char *name) {
  size_t kept = 0;
  for (size_t i = 0; i < def->attr_count; i++)
    if (!firn_str_is(def->attr[i]->key, name)) def->attr[kept++] = def->attr[i];
  def->attr_count = kept;
}

static const firn_pb_NodeDef_AttrEntry *find_attr(const firn_pb_NodeDef *def,
                                                  const char *name) {
  for (size_t i = 0; i < def->attr_count; i++)
    if (firn_str_is(def->attr[i]->key, name)) return def->attr[i];
  return NULL;
}

/* A new node of that name and op with room for `attrs` attrs. */
static firn_pb_NodeDef *new_node(freezer *f, firn_str name, const char *op,
                                 size_t attrs) {
  firn_pb_NodeDef *def = firn_pb_new(&firn_pb_type_NodeDef, &f->out->arena);
  if (!def) return NULL;
  def->name = name;
  def->op = firn_str_of(op);
  def->attr = firn_arena_array(&f->out->arena, attrs, sizeof(*def->attr));
  return def->attr ? def : NULL;
}

static firn_code add_type(freezer *f, firn_pb_NodeDef *def, const char *name,
                          firn_dtype type, firn_error *err) {
  firn_pb_NodeDef_AttrEntry *e = firn_new_attr(&f->out->arena, name, 6);
  if (!e) return firn_oom(err, sizeof *e);
  e->value->type = type;
  def->attr[def->attr_count++] = e;
  return FIRN_OK;
}

/* Carries `_class` over, as TensorFlow does for the nodes it makes anew. */
static void keep_class(const firn_node *node, firn_pb_NodeDef *def) {
  const firn_pb_NodeDef_AttrEntry *e = find_attr(node->def, "_class");
  if (e) def->attr[def->attr_count++] = (firn_pb_NodeDef_AttrEntry *)e;
}

/* ---- The sub-graph ------------------------------------------------------ */

static bool chosen(const freezer *f, firn_str name) {
  const firn_freeze_options *o = f->options;
  bool in = o->only_count == 0;
  for (size_t i = 0; i < o->only_count; i++)
    in = in || firn_str_is(name, o->only[i]);
  for (size_t i = 0; i < o->except_count; i++)
    in = in && !firn_str_is(name, o->except[i]);
  return in;
}

/* Lists, per node, the kept nodes that take one of its outputs. */
static firn_code find_takers(freezer *f, firn_error *err) {
  const uint32_t n = f->graph->node_count;
  f->taker_at =
      firn_arena_array(&f->out->arena, (size_t)n + 2, sizeof(uint32_t));
  if (!f->taker_at) return firn_oom(err, n);
  size_t total = 0;
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t k = 0; f->kept[i] && k < f->graph->nodes[i]->input_count; k++)
      if (f->graph->nodes[i]->inputs[k].node != FIRN_NO_NODE)
        f->taker_at[f->graph->nodes[i]->inputs[k].node + 2]++, total++;
  for (uint32_t i = 0; i < n; i++) f->taker_at[i + 2] += f->taker_at[i + 1];
  f->takers = firn_arena_array(&f->out->arena, total, sizeof(uint32_t));
  if (!f->takers) return firn_oom(err, total);
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t k = 0; f->kept[i] && k < f->graph->nodes[i]->input_count;
         k++) {
      const uint32_t from = f->graph->nodes[i]->inputs[k].node;
      if (from != FIRN_NO_NODE) f->takers[f->taker_at[from + 1]++] = i;
    }
  return FIRN_OK;
}

static firn_code make_marks(freezer *f, firn_error *err) {
  const uint32_t n = f->graph->node_count;
  f->kept = firn_arena_array(&f->out->arena, n, sizeof(bool));
  f->converted = firn_arena_array(&f->out->arena, n, sizeof(bool));
  f->to = firn_arena_array(&f->out->arena, n, sizeof(*f->to));
  if (!f->kept || !f->converted || !f->to) return firn_oom(err, n);
  return FIRN_OK;
}

/* ---- Values ------------------------------------------------------------- */

static bool shapes_agree(const firn_shape *declared, const firn_shape *have) {
  if (declared->rank < 0) return true;
  if (declared->rank != have->rank) return false;
  for (int i = 0; i < have->rank; i++)
    if (declared->dims[i] >= 0 && declared->dims[i] != have->dims[i])
      return false;
  return true;
}

static firn_shape declared_shape(const firn_node *node) {
  firn_shape shape;
  if (firn_attr_shape(node, "shape", &shape, NULL) != FIRN_OK)
    shape = firn_shape_unknown();
  return shape;
}

/* Finds the sources of all variables first, so that one error names every key
 * that is missing and every value that does not fit. */
static firn_code find_sources(freezer *f, firn_source *sources,
                              firn_error *err) {
  size_t missing = 0, unfit = 0;
  firn_error one = FIRN_ERROR_INIT;
  for (uint32_t i = 0; i < f->graph->node_count; i++) {
    const firn_node *node = f->graph->nodes[i];
    if (!f->converted[i]) continue;
    const firn_code code = firn_restore_find(f->model, node, &sources[i], &one);
    char have_text[256], want_text[256], line[700];
    if (code == FIRN_OK) {
      const firn_checkpoint_entry e =
          firn_checkpoint_at(f->model->checkpoint, sources[i].tensor);
      const firn_shape want = declared_shape(node);
      const firn_shape have =
          sources[i].slice.rank < 0
              ? e.shape
              : firn_slice_shape(&sources[i].slice, &sources[i].full);
      const firn_dtype type = firn_attr_type_or(node, "dtype", e.dtype);
      if (shapes_agree(&want, &have) && type == e.dtype) continue;
      unfit++;
      snprintf(line, sizeof line,
               "'%.*s' is %s %s in the checkpoint, the graph "
               "wants %s %s",
               FIRN_ARG(node->def->name), firn_dtype_name(e.dtype),
               firn_shape_text(&have, have_text), firn_dtype_name(type),
               firn_shape_text(&want, want_text));
    } else {
      missing++;
      snprintf(line, sizeof line, "%s", one.message);
    }
    if (missing + unfit == 1)
      firn_fail(err, FIRN_NOT_FOUND, "%s",
                "the checkpoint does not fit the graph");
    firn_error_add(err, "%s", line);
  }
  firn_error_clear(&one);
  if (!missing && !unfit) return FIRN_OK;
  if (err) err->code = missing ? FIRN_NOT_FOUND : FIRN_INVALID_ARGUMENT;
  return missing ? FIRN_NOT_FOUND : FIRN_INVALID_ARGUMENT;
}

/* Where all values are, or the values themselves when a session has them. */
static firn_code find_values(freezer *f, firn_source *sources,
                             firn_error *err) {
  if (!f->options->session) return find_sources(f, sources, err);
  f->live = firn_arena_array(&f->out->arena, f->graph->node_count,
                             sizeof(firn_tensor *));
  if (!f->live) return firn_oom(err, f->graph->node_count);
  return firn_freeze_read_live(f->options->session, f->graph, f->converted,
                               f->out, f->live, err);
}

enum { SMALLEST_COPY = 4096 }; /* what firn_pb_write hands over by itself */

/* The value as a TensorProto: by pointer into the checkpoint's file, or read.
 */
static firn_code value_of(freezer *f, const firn_node *node,
                          const firn_source *source, firn_pb_TensorProto **out,
                          firn_error *err) {
  const firn_checkpoint *ck = f->model->checkpoint;
  const firn_slice *slice = source->slice.rank < 0 ? NULL : &source->slice;
  firn_frozen *z = f->out;
  firn_span span = {0};
  if (f->live)
    return firn_tensor_to_proto(f->live[node->index], &z->arena, out, err);
  if (!f->whole_values)
    FIRN_TRY(firn_checkpoint_span(ck, source->tensor, slice, &span, err));
  const firn_checkpoint_entry e = firn_checkpoint_at(ck, source->tensor);
  if (span.file && span.size >= SMALLEST_COPY) {
    const firn_shape shape =
        slice ? firn_slice_shape(slice, &source->full) : e.shape;
    firn_pb_TensorProto *pb = firn_pb_new(&firn_pb_type_TensorProto, &z->arena);
    if (!pb) return firn_oom(err, sizeof *pb);
    pb->dtype = e.dtype;
    FIRN_TRY(firn_shape_to_proto(&shape, &z->arena, &pb->tensor_shape, err));
    const char *at = (const char *)span.file->bytes.data + span.offset;
    pb->tensor_content = (firn_str){at, span.size};
    z->copied[z->copied_count++] = (firn_copied){at, span, node->def->name};
    *out = pb;
    return FIRN_OK;
  }
  firn_tensor **tensor = &z->owned[z->owned_count];
  FIRN_TRY(firn_checkpoint_load(ck, source->tensor, slice, tensor, err));
  z->owned_count++;
  return firn_tensor_to_proto(*tensor, &z->arena, out, err);
}

static firn_code make_constant(freezer *f, const firn_node *node,
                               const firn_source *source, firn_error *err) {
  firn_pb_TensorProto *value = NULL;
  firn_pb_NodeDef *def = new_node(f, node->def->name, "Const", 2);
  firn_pb_NodeDef_AttrEntry *e = firn_new_attr(&f->out->arena, "value", 8);
  if (!def || !e) return firn_oom(err, sizeof *def);
  const firn_code code = value_of(f, node, source, &value, err);
  if (code != FIRN_OK)
    return firn_while(err, code, "variable '%.*s'", FIRN_ARG(node->def->name));
  FIRN_TRY(add_type(f, def, "dtype", (firn_dtype)value->dtype, err));
  e->value->tensor = value;
  def->attr[def->attr_count++] = e;
  f->to[node->index] = def;
  f->out->variables++;
  return FIRN_OK;
}

/* ---- What stands behind a variable -------------------------------------- */

static firn_code make_identity(freezer *f, const firn_node *node,
                               firn_error *err) {
  firn_pb_NodeDef *def = new_node(f, node->def->name, "Identity", 2);
  if (!def) return firn_oom(err, sizeof *def);
  def->input = node->def->input;
  def->input_count = 1; /* control inputs are lost, as in TensorFlow */
  FIRN_TRY(add_type(f, def, "T", firn_attr_type_or(node, "dtype", FIRN_INVALID),
                    err));
  keep_class(node, def);
  f->to[node->index] = def;
  return FIRN_OK;
}

/* The axis of the new GatherV2: a scalar zero of the indices' type. */
static firn_code make_axis(freezer *f, firn_str name, firn_dtype type,
                           firn_error *err) {
  const firn_shape scalar = firn_shape_scalar();
  firn_pb_TensorProto *value = NULL;
  firn_tensor **zero = &f->out->owned[f->out->owned_count];
  firn_pb_NodeDef *def = new_node(f, name, "Const", 2);
  firn_pb_NodeDef_AttrEntry *e = firn_new_attr(&f->out->arena, "value", 8);
  if (!def || !e) return firn_oom(err, sizeof *def);
  FIRN_TRY(firn_tensor_make(type, &scalar, &f->model->env.alloc, zero, err));
  f->out->owned_count++;
  memset((*zero)->data, 0, firn_dtype_size(type));
  FIRN_TRY(firn_tensor_to_proto(*zero, &f->out->arena, &value, err));
  FIRN_TRY(add_type(f, def, "dtype", type, err));
  e->value->tensor = value;
  def->attr[def->attr_count++] = e;
  f->added[f->added_count++] = def;
  return FIRN_OK;
}

static firn_code make_gather(freezer *f, const firn_node *node, bool nd,
                             firn_error *err) {
  const firn_dtype indices = firn_attr_type_or(node, "Tindices", FIRN_INT32);
  firn_pb_NodeDef *def =
      new_node(f, node->def->name, nd ? "GatherNd" : "GatherV2", 4);
  firn_str *inputs = firn_arena_array(&f->out->arena, 3, sizeof *inputs);
  if (!def || !inputs) return firn_oom(err, sizeof *def);
  if (!nd && firn_attr_int_or(node, "batch_dims", 0) != 0)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "node '%.*s' (ResourceGather): cannot be frozen with "
                     "batch_dims %lld",
                     FIRN_ARG(node->def->name),
                     (long long)firn_attr_int_or(node, "batch_dims", 0));
  memcpy(inputs, node->def->input, 2 * sizeof *inputs);
  def->input = inputs;
  def->input_count = nd ? 2 : 3;
  FIRN_TRY(add_type(f, def, "Tparams",
                    firn_attr_type_or(node, "dtype", FIRN_INVALID), err));
  FIRN_TRY(add_type(f, def, "Tindices", indices, err));
  if (!nd) {
    inputs[2] =
        firn_arena_printf(&f->out->arena, "%.*s/axis",
                          (int)node->def->name.size, node->def->name.data);
    if (!inputs[2].data) return firn_oom(err, 0);
    FIRN_TRY(add_type(f, def, "Taxis", indices, err));
    FIRN_TRY(make_axis(f, inputs[2], indices, err));
  }
  keep_class(node, def);
  f->to[node->index] = def;
  return FIRN_OK;
}

static bool hands_on(const firn_node *node) {
  static const char *const ops[] = {"Enter",         "Exit",   "Identity",
                                    "NextIteration", "Switch", "_SwitchN"};
  for (size_t i = 0; i < FIRN_COUNT(ops); i++)
    if (node_is(node, ops[i])) return true;
  return false;
}

/* A node that hands a variable's value on keeps its attrs; one that handed a
 * resource on now hands its value. */
static firn_code make_passing(freezer *f, const firn_node *node,
                              firn_dtype type, firn_error *err) {
  firn_pb_NodeDef *def = firn_edit_node(node->def, &f->out->arena);
  if (!def) return firn_oom(err, sizeof *def);
  for (size_t i = 0; i < def->attr_count; i++) {
    if (!firn_str_is(def->attr[i]->key, "T")) continue;
    def->attr[i] = firn_new_attr(&f->out->arena, "T", 6);
    if (!def->attr[i]) return firn_oom(err, sizeof *def);
    def->attr[i]->value->type = type;
  }
  f->to[node->index] = def;
  return FIRN_OK;
}

static firn_code convert(freezer *f, uint32_t index, firn_dtype type,
                         bool *again, firn_error *err) {
  const firn_node *node = f->graph->nodes[index];
  *again = false;
  if (f->to[index] || node->input_count == 0) return FIRN_OK;
  if (node_is(node, "ReadVariableOp")) return make_identity(f, node, err);
  if (node_is(node, "ResourceGather") && node->input_count == 2)
    return make_gather(f, node, false, err);
  if (node_is(node, "ResourceGatherNd") && node->input_count == 2)
    return make_gather(f, node, true, err);
  *again = hands_on(node);
  return *again ? make_passing(f, node, type, err) : FIRN_OK;
}

/* Walks forward from each variable through whatever hands it on. */
static firn_code convert_takers(freezer *f, uint32_t variable, uint32_t *stack,
                                firn_error *err) {
  const firn_dtype type =
      firn_attr_type_or(f->graph->nodes[variable], "dtype", FIRN_INVALID);
  size_t top = 0;
  stack[top++] = variable;
  while (top > 0) {
    const uint32_t from = stack[--top];
    for (uint32_t k = f->taker_at[from]; k < f->taker_at[from + 1]; k++) {
      bool again;
      FIRN_TRY(convert(f, f->takers[k], type, &again, err));
      if (again) stack[top++] = f->takers[k];
    }
  }
  return FIRN_OK;
}

/* ---- The whole ---------------------------------------------------------- */

static firn_code convert_all(freezer *f, firn_error *err) {
  const uint32_t n = f->graph->node_count;
  firn_frozen *z = f->out;
  size_t variables = 0, gathers = 0;
  for (uint32_t i = 0; i < n; i++) {
    const firn_node *node = f->graph->nodes[i];
    if (!f->kept[i]) continue;
    f->converted[i] = firn_is_variable(node) && chosen(f, node->def->name);
    variables += f->converted[i];
    gathers += node_is(node, "ResourceGather");
  }
  if (variables && !f->model->checkpoint && !f->options->session)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "'%.*s' has %zu variables and no checkpoint that gives "
                     "their values",
                     FIRN_ARG(f->model->path), variables);
  firn_source *sources = firn_arena_array(&z->arena, n, sizeof *sources);
  uint32_t *stack = firn_arena_array(&z->arena, n, sizeof *stack);
  z->copied = firn_arena_array(&z->arena, variables, sizeof *z->copied);
  z->owned =
      firn_arena_array(&z->arena, variables + gathers, sizeof(*z->owned));
  f->added = firn_arena_array(&z->arena, gathers, sizeof(*f->added));
  if (!sources || !stack || !z->copied || !z->owned || !f->added)
    return firn_oom(err, n * sizeof *sources);
  FIRN_TRY(find_values(f, sources, err));
  for (uint32_t i = 0; i < n; i++)
    if (f->converted[i])
      FIRN_TRY(make_constant(f, f->graph->nodes[i], &sources[i], err));
  for (uint32_t i = 0; i < n; i++)
    if (f->converted[i]) FIRN_TRY(convert_takers(f, i, stack, err));
  return firn_freeze_unref(f->graph, f->kept, f->converted, f->to, &z->arena,
                           err);
}

/* The kept nodes in their order, new ones at the end. Devices go, and so do the
 * shapes that export_meta_graph notes down: TensorFlow drops them at import. */
static firn_code assemble(freezer *f, firn_error *err) {
  const firn_pb_GraphDef *from = f->graph->def;
  firn_arena *arena = &f->out->arena;
  firn_pb_GraphDef *def = firn_pb_new(&firn_pb_type_GraphDef, arena);
  if (!def) return firn_oom(err, sizeof *def);
  def->node = firn_arena_array(arena, f->graph->node_count + f->added_count,
                               sizeof(*def->node));
  if (!def->node) return firn_oom(err, f->graph->node_count);
  def->library = from->library;
  def->versions = from->versions;
  def->version = from->version;
  for (uint32_t i = 0; i < f->graph->node_count; i++) {
    if (!f->kept[i]) continue;
    firn_pb_NodeDef *node =
        f->to[i] ? f->to[i] : (firn_pb_NodeDef *)f->graph->nodes[i]->def;
    const bool device = node->device.size && !f->options->keep_devices;
    if (device || find_attr(node, "_output_shapes")) {
      if (!f->to[i]) node = firn_edit_node(node, arena);
      if (!node) return firn_oom(err, sizeof *node);
      if (device) node->device = (firn_str){0};
      firn_drop_attr(node, "_output_shapes");
    }
    def->node[def->node_count++] = node;
  }
  for (size_t i = 0; i < f->added_count; i++)
    def->node[def->node_count++] = f->added[i];
  f->out->def = def;
  return FIRN_OK;
}

firn_code firn_freeze_build(const firn_model *model, const uint32_t *outputs,
                            size_t count, const firn_freeze_options *options,
                            bool whole_values, firn_frozen *out,
                            firn_error *err) {
  freezer f = {.model = model,
               .graph = model->graph,
               .options = options,
               .out = out,
               .whole_values = whole_values};
  *out = (firn_frozen){0};
  firn_arena_init(&out->arena, &model->env.alloc);
  if (model->checkpoint)
    out->checkpoint = firn_checkpoint_prefix(model->checkpoint);
  firn_code code = make_marks(&f, err);
  if (code == FIRN_OK)
    code = firn_graph_reach(f.graph, outputs, count, true, f.kept, err);
  if (code == FIRN_OK) code = firn_graph_check(f.graph, f.kept, err);
  if (code == FIRN_OK) code = find_takers(&f, err);
  if (code == FIRN_OK) code = convert_all(&f, err);
  if (code == FIRN_OK) code = assemble(&f, err);
  if (code != FIRN_OK) firn_freeze_fini(out);
  return code;
}

void firn_freeze_fini(firn_frozen *frozen) {
  for (size_t i = 0; i < frozen->owned_count; i++)
    firn_tensor_release(frozen->owned[i]);
  firn_arena_fini(&frozen->arena);
  *frozen = (firn_frozen){0};
}
