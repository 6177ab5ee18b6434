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

typedef firn_freezer freezer;

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

firn_pb_NodeDef *firn_freeze_node(firn_arena *arena, firn_str name,
                                  const char *op, size_t attrs) {
  firn_pb_NodeDef *def = firn_pb_new(&firn_pb_type_NodeDef, arena);
  if (!def) return NULL;
  def->name = name;
  def->op = firn_str_of(op);
  def->attr = firn_arena_array(arena, attrs, sizeof(*def->attr));
  return def->attr ? def : NULL;
}

firn_code firn_freeze_add_type(firn_arena *arena, firn_pb_NodeDef *def,
                               const char *name, firn_dtype type,
                               firn_error *err) {
  firn_pb_NodeDef_AttrEntry *e = firn_new_attr(arena, name, 6);
  if (!e) return firn_oom(err, sizeof *e);
  e->value->type = (int32_t)type;
  def->attr[def->attr_count++] = e;
  return FIRN_OK;
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

/* TensorFlow takes no graph with a cycle that is not a loop's. */
static firn_code refuse_cycles(freezer *f, firn_error *err) {
  size_t count;
  uint32_t *order =
      firn_arena_array(&f->out->arena, f->graph->node_count, sizeof *order);
  if (!order) return firn_oom(err, f->graph->node_count * sizeof *order);
  return firn_graph_order(f->graph, f->kept, order, &count, err);
}

static firn_code make_marks(freezer *f, firn_error *err) {
  const uint32_t n = f->graph->node_count;
  f->kept = firn_arena_array(&f->out->arena, n, sizeof(bool));
  f->converted = firn_arena_array(&f->out->arena, n, sizeof(bool));
  if (!f->kept || !f->converted) return firn_oom(err, n);
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

/* The node of the model that a node of the graph is. */
static const firn_node *origin_of(const freezer *f, uint32_t node) {
  return f->source->origin ? f->source->origin[node] : f->graph->nodes[node];
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
    const firn_code code =
        firn_restore_find(f->model, origin_of(f, i), &sources[i], &one);
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
  firn_arena *arena = &f->out->arena;
  firn_pb_NodeDef *def = firn_freeze_node(arena, node->def->name, "Const", 2);
  firn_pb_NodeDef_AttrEntry *e = firn_new_attr(arena, "value", 8);
  if (!def || !e) return firn_oom(err, sizeof *def);
  const firn_code code = value_of(f, node, source, &value, err);
  if (code != FIRN_OK)
    return firn_while(err, code, "variable '%.*s'", FIRN_ARG(node->def->name));
  FIRN_TRY(
      firn_freeze_add_type(arena, def, "dtype", (firn_dtype)value->dtype, err));
  e->value->tensor = value;
  def->attr[def->attr_count++] = e;
  f->to[node->index] = def;
  f->out->variables++;
  return FIRN_OK;
}

/* ---- The whole ---------------------------------------------------------- */

/* A signature that writes to a variable has no frozen form. */
static firn_code refuse_writes(const freezer *f, firn_error *err) {
  size_t count = 0;
  const firn_write *last = NULL;
  for (const firn_write *w = f->writes; w; w = w->next) {
    if (last && w->variable == last->variable) continue;
    if (!count++)
      firn_fail(err, FIRN_FAILED_PRECONDITION,
                "variables that are written to cannot become constants");
    firn_error_add(err, "'%.*s', by node '%.*s' (%.*s)",
                   FIRN_ARG(f->graph->nodes[w->variable]->def->name),
                   FIRN_ARG(w->node), FIRN_ARG(w->op));
    last = w;
  }
  return count ? FIRN_FAILED_PRECONDITION : FIRN_OK;
}

static firn_code convert_all(freezer *f, firn_error *err) {
  const uint32_t n = f->graph->node_count;
  firn_frozen *z = f->out;
  size_t variables = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (!f->kept[i] || (f->source->part && !f->source->part[i])) continue;
    f->converted[i] = firn_is_variable(f->graph->nodes[i]) &&
                      chosen(f, origin_of(f, i)->def->name);
    variables += f->converted[i];
  }
  if (variables && !f->model->checkpoint && !f->options->session)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "'%.*s' has %zu variables and no checkpoint that gives "
                     "their values",
                     FIRN_ARG(f->model->path), variables);
  firn_source *sources = firn_arena_array(&z->arena, n, sizeof *sources);
  z->copied = firn_arena_array(&z->arena, variables, sizeof *z->copied);
  z->owned = firn_arena_array(&z->arena, variables, sizeof(*z->owned));
  if (!sources || !z->copied || !z->owned)
    return firn_oom(err, n * sizeof *sources);
  FIRN_TRY(find_values(f, sources, err));
  for (uint32_t i = 0; i < n; i++)
    if (f->converted[i])
      FIRN_TRY(make_constant(f, f->graph->nodes[i], &sources[i], err));
  for (uint32_t i = 0; i < n; i++)
    if (f->converted[i])
      FIRN_TRY(firn_freeze_takers(
          f, i, firn_attr_type_or(f->graph->nodes[i], "dtype", FIRN_INVALID),
          err));
  FIRN_TRY(firn_freeze_calls(f, err));
  FIRN_TRY(refuse_writes(f, err));
  return firn_freeze_unref(f->graph, f->kept, f->converted, f->to, &z->arena,
                           err);
}

static void take_added(const freezer *f, firn_pb_GraphDef *def) {
  for (size_t i = 0; i < f->added_count; i++)
    def->node[def->node_count++] = f->added[i];
}

/* The kept nodes in their order, new ones at the end; of a signature in front,
 * so that its outputs come last. Devices go, and so do the
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
  if (f->source->strict) take_added(f, def);
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
  if (!f->source->strict) take_added(f, def);
  f->out->def = def;
  return FIRN_OK;
}

void firn_freeze_init(const firn_model *model, firn_frozen *out) {
  *out = (firn_frozen){0};
  firn_arena_init(&out->arena, &model->env.alloc);
  firn_arena_init(&out->inlined.arena, &model->env.alloc);
  firn_map_init(&out->names, &model->env.alloc);
  if (model->checkpoint)
    out->checkpoint = firn_checkpoint_prefix(model->checkpoint);
}

firn_code firn_freeze_build(const firn_model *model,
                            const firn_freeze_source *source,
                            const uint32_t *outputs, size_t count,
                            const firn_freeze_options *options,
                            bool whole_values, firn_frozen *out,
                            firn_error *err) {
  freezer f = {.model = model,
               .graph = source->graph,
               .source = source,
               .options = options,
               .out = out,
               .whole_values = whole_values};
  FIRN_TRY(make_marks(&f, err));
  FIRN_TRY(firn_graph_reach(f.graph, outputs, count, true, f.kept, err));
  FIRN_TRY(firn_graph_check(f.graph, f.kept, err));
  FIRN_TRY(refuse_cycles(&f, err));
  FIRN_TRY(firn_freeze_ready(&f, err));
  FIRN_TRY(convert_all(&f, err));
  FIRN_TRY(assemble(&f, err));
  return out->variants ? firn_freeze_library(out, f.graph, err) : FIRN_OK;
}

void firn_freeze_fini(firn_frozen *frozen) {
  for (size_t i = 0; i < frozen->owned_count; i++)
    firn_tensor_release(frozen->owned[i]);
  for (size_t i = 0; i < frozen->table_count; i++)
    firn_tensor_release(frozen->tables[i]);
  firn_freeze_variants_free(frozen);
  firn_map_fini(&frozen->names);
  firn_graph_free(frozen->graph);
  firn_inlined_fini(&frozen->inlined);
  firn_arena_fini(&frozen->arena);
  *frozen = (firn_frozen){0};
}
