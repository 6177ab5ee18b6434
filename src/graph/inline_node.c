/* graph/inline_node.c: the nodes of the result: their names, what they are
 * copied from, what they take. */
#include "graph/inline_scope.h"

#include <stdarg.h>
#include <stdio.h>

enum { MOST_NODES = FIRN_INLINE_MOST };

/* ---- Names -------------------------------------------------------------- */

firn_code firn_names_add(inliner *in, name_list *list, firn_str name,
                         firn_error *err) {
  if (list->count == list->capacity) {
    const size_t more = list->capacity ? 2 * list->capacity : 4;
    firn_str *item = firn_arena_array(in->arena, more, sizeof *item);
    if (!item) return firn_oom(err, more * sizeof *item);
    if (list->count) memcpy(item, list->item, list->count * sizeof *item);
    list->item = item;
    list->capacity = more;
  }
  list->item[list->count++] = name;
  return FIRN_OK;
}

firn_code firn_inline_unique(inliner *in, firn_str stem, firn_str *out,
                             firn_error *err) {
  uint64_t number = 0;
  *out = stem;
  if (firn_map_get(&in->names, stem, &number)) {
    uint64_t taken;
    do {
      *out = firn_arena_printf(in->arena, "%.*s_%llu", (int)stem.size,
                               stem.data, (unsigned long long)++number);
      if (!out->data) return firn_oom(err, stem.size);
    } while (firn_map_get(&in->names, *out, &taken));
    if (!firn_map_set(&in->names, stem, number)) return firn_oom(err, 0);
  }
  return firn_map_set(&in->names, *out, 0) ? FIRN_OK : firn_oom(err, 0);
}

firn_code firn_inline_name(inliner *in, firn_str *out, firn_error *err,
                           const char *fmt, ...) {
  char text[2048];
  va_list args;
  va_start(args, fmt);
  const int size = vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  if (size < 0 || (size_t)size >= sizeof text)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a name gets longer than %zu bytes: '%.100s...'",
                     sizeof text - 1, text);
  const firn_str stem =
      firn_arena_str(in->arena, (firn_str){text, (size_t)size});
  if (!stem.data) return firn_oom(err, (size_t)size);
  return firn_inline_unique(in, stem, out, err);
}

firn_str firn_inline_output(inliner *in, firn_str name, uint32_t k) {
  if (k == 0) return name;
  return firn_arena_printf(in->arena, "%.*s:%u", (int)name.size, name.data, k);
}

/* The node of a tensor: "n" of "n:1". */
static firn_str node_of(firn_str tensor) {
  const char *colon = memchr(tensor.data, ':', tensor.size);
  if (colon) tensor.size = (size_t)(colon - tensor.data);
  return tensor;
}

/* ---- Tensors ------------------------------------------------------------ */

bool firn_inline_fed(const scope *s, firn_edge e, size_t *which) {
  const firn_inline_wish *w = s->in->wish;
  for (size_t i = 0; !s->function && i < w->feed_count; i++)
    if (w->feeds[i].node == e.node && w->feeds[i].output == e.output) {
      *which = i;
      return true;
    }
  return false;
}

/* A control edge from a fed node waits for the feed. */
bool firn_inline_fed_at_all(const scope *s, uint32_t node, size_t *which) {
  const firn_inline_wish *w = s->in->wish;
  for (size_t i = 0; !s->function && i < w->feed_count; i++)
    if (w->feeds[i].node == node) {
      *which = i;
      return true;
    }
  return false;
}

/* Arguments are the first nodes of a body, in order. */
bool firn_inline_argument(const scope *s, uint32_t node) {
  return s->function && node < s->function->arg_count;
}

firn_str firn_inline_tensor(const scope *s, firn_edge e) {
  size_t which;
  if (firn_inline_fed(s, e, &which)) return s->in->wish->feed_names[which];
  if (firn_inline_argument(s, e.node)) return s->args[e.node];
  if (s->outs[e.node]) return s->outs[e.node][e.output];
  return firn_inline_output(s->in, s->name[e.node], e.output);
}

firn_code firn_inline_type(const scope *s, const firn_node *node,
                           firn_edge edge, firn_dtype *out, firn_error *err) {
  *out = firn_dtype_base((int)firn_edge_type(s->graph, edge));
  if (*out != FIRN_INVALID) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "node '%.*s' (%.*s): the type of output %u of '%.*s' is "
                   "not known",
                   FIRN_ARG(node->def->name), FIRN_ARG(node->def->op),
                   edge.output,
                   FIRN_ARG(s->graph->nodes[edge.node]->def->name));
}

firn_str firn_inline_control(const scope *s, uint32_t node) {
  size_t which;
  if (firn_inline_fed_at_all(s, node, &which))
    return node_of(s->in->wish->feed_names[which]);
  return firn_inline_argument(s, node) ? node_of(s->args[node]) : s->name[node];
}

firn_code firn_inline_controls(const scope *s, const firn_node *node,
                               name_list *list, firn_error *err) {
  for (uint32_t i = 0; i < node->control_count; i++)
    FIRN_TRY(firn_names_add(s->in, list,
                            firn_inline_control(s, node->controls[i]), err));
  return FIRN_OK;
}

/* ---- New nodes ---------------------------------------------------------- */

firn_code firn_inline_too_many(firn_error *err) {
  return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                   "with its calls expanded the graph has more than %d nodes",
                   MOST_NODES);
}

static firn_code append(inliner *in, firn_pb_NodeDef *def,
                        const firn_node *from, firn_error *err) {
  firn_inlined *out = in->out;
  if (out->count >= MOST_NODES) return firn_inline_too_many(err);
  if (out->count == out->capacity) {
    const uint32_t more = out->capacity ? 2 * out->capacity : 256;
    firn_pb_NodeDef **nodes = firn_arena_array(in->arena, more, sizeof *nodes);
    const firn_node **origin =
        firn_arena_array(in->arena, more, sizeof *origin);
    if (!nodes || !origin) return firn_oom(err, more);
    if (out->count) {
      memcpy(nodes, out->nodes, out->count * sizeof *nodes);
      memcpy(origin, out->from, out->count * sizeof *origin);
    }
    out->nodes = nodes;
    out->from = origin;
    out->capacity = more;
  }
  out->nodes[out->count] = def;
  out->from[out->count++] = from;
  return FIRN_OK;
}

/* Writes the control inputs behind the data inputs. */
static firn_code set_controls(inliner *in, firn_pb_NodeDef *def,
                              const name_list *list, firn_error *err) {
  for (size_t i = 0; list && i < list->count; i++) {
    const firn_str text = firn_arena_printf(
        in->arena, "^%.*s", (int)list->item[i].size, list->item[i].data);
    if (!text.data) return firn_oom(err, list->item[i].size);
    def->input[def->input_count++] = text;
  }
  return FIRN_OK;
}

firn_code firn_inline_attr(inliner *in, firn_pb_NodeDef *def, const char *name,
                           int32_t value_case, firn_pb_AttrValue **out,
                           firn_error *err) {
  firn_pb_NodeDef_AttrEntry *e =
      firn_pb_new(&firn_pb_type_NodeDef_AttrEntry, in->arena);
  firn_pb_AttrValue *v = firn_pb_new(&firn_pb_type_AttrValue, in->arena);
  if (!e || !v) return firn_oom(err, sizeof *v);
  e->key = firn_str_of(name);
  e->value = v;
  v->value_case = value_case;
  def->attr[def->attr_count++] = e;
  *out = v;
  return FIRN_OK;
}

firn_code firn_inline_add(inliner *in, firn_str name, const char *op,
                          firn_dtype type, const firn_str *inputs, size_t count,
                          const name_list *controls, firn_pb_NodeDef **out,
                          firn_error *err) {
  enum { ATTRS = 4 };
  firn_pb_NodeDef *def = firn_pb_new(&firn_pb_type_NodeDef, in->arena);
  firn_pb_AttrValue *t;
  const size_t most = count + (controls ? controls->count : 0);
  if (!def) return firn_oom(err, sizeof *def);
  def->name = name;
  def->op = firn_str_of(op);
  def->attr = firn_arena_array(in->arena, ATTRS, sizeof(*def->attr));
  def->input = firn_arena_array(in->arena, most, sizeof *def->input);
  if (!def->attr || !def->input) return firn_oom(err, most);
  if (count) memcpy(def->input, inputs, count * sizeof *inputs);
  def->input_count = count;
  FIRN_TRY(set_controls(in, def, controls, err));
  if (type != FIRN_INVALID) {
    FIRN_TRY(firn_inline_attr(in, def, "T", FIRN_ATTR_TYPE, &t, err));
    t->type = (int32_t)type;
  }
  if (out) *out = def;
  return append(in, def, NULL, err);
}

/* ---- Copies ------------------------------------------------------------- */

static bool has_effect(const scope *s, const firn_node *node, firn_error *err,
                       firn_code *code) {
  bool has = false;
  *code = firn_effects_of(&s->in->effects, node, &has, err);
  return has;
}

static firn_code put_string(inliner *in, firn_pb_NodeDef *def, const char *name,
                            firn_str text, firn_error *err) {
  firn_pb_AttrValue *v;
  size_t kept = 0;
  for (size_t i = 0; i < def->attr_count; i++)
    if (!firn_str_is(def->attr[i]->key, name)) def->attr[kept++] = def->attr[i];
  def->attr_count = kept;
  FIRN_TRY(firn_inline_attr(in, def, name, FIRN_ATTR_STRING, &v, err));
  v->s = text;
  return FIRN_OK;
}

/* Attrs that name other nodes or their own: `_class` goes, a frame belongs to
 * one call, and a resource keeps the name that it had. */
static firn_code copy_attrs(scope *s, const firn_node *node,
                            firn_pb_NodeDef *def, firn_error *err) {
  inliner *in = s->in;
  firn_pb_NodeDef_AttrEntry **attrs =
      firn_arena_array(in->arena, node->def->attr_count + 1, sizeof *attrs);
  if (!attrs) return firn_oom(err, node->def->attr_count);
  def->attr = attrs;
  def->attr_count = 0;
  for (size_t i = 0; i < node->def->attr_count; i++)
    if (!firn_str_is(node->def->attr[i]->key, "_class"))
      attrs[def->attr_count++] = node->def->attr[i];
  if (s->function &&
      (firn_str_is(def->op, "Enter") || firn_str_is(def->op, "RefEnter"))) {
    const firn_str frame = firn_attr_str_or(node, "frame_name", "");
    const firn_str own =
        firn_arena_printf(in->arena, "%.*s%.*s", (int)s->prefix.size,
                          s->prefix.data, (int)frame.size, frame.data);
    if (!own.data) return firn_oom(err, frame.size);
    return put_string(in, def, "frame_name", own, err);
  }
  const firn_pb_OpDef *op = node->type->def;
  if (!op || !firn_opdef_attr(op, FIRN_STR("shared_name")) ||
      firn_attr_str_or(node, "shared_name", "").size ||
      firn_str_eq(def->name, node->def->name))
    return FIRN_OK;
  return put_string(in, def, "shared_name", node->def->name, err);
}

/* In a gated scope a node without inputs, and one with an effect, must wait. */
static firn_code copy_controls(scope *s, const firn_node *node, name_list *list,
                               firn_error *err) {
  firn_code code = FIRN_OK;
  FIRN_TRY(firn_inline_controls(s, node, list, err));
  if (!s->gate || !s->gate->count) return FIRN_OK;
  const bool waits = node->input_count == 0 || has_effect(s, node, err, &code);
  FIRN_TRY(code);
  for (size_t i = 0; waits && i < s->gate->count; i++)
    FIRN_TRY(firn_names_add(s->in, list, s->gate->item[i], err));
  return FIRN_OK;
}

firn_code firn_inline_copy(scope *s, const firn_node *node, firn_error *err) {
  inliner *in = s->in;
  name_list controls = {0};
  firn_pb_NodeDef *def = firn_arena_alloc(in->arena, sizeof *def);
  if (!def) return firn_oom(err, sizeof *def);
  FIRN_TRY(copy_controls(s, node, &controls, err));
  *def = *node->def;
  def->name = s->name[node->index];
  def->experimental_debug_info = NULL;
  def->input_count = 0;
  def->input = firn_arena_array(in->arena, node->input_count + controls.count,
                                sizeof *def->input);
  if (!def->input) return firn_oom(err, node->input_count);
  for (uint32_t i = 0; i < node->input_count; i++) {
    const firn_str text = firn_inline_tensor(s, node->inputs[i]);
    if (!text.data) return firn_oom(err, 0);
    def->input[def->input_count++] = text;
  }
  FIRN_TRY(set_controls(in, def, &controls, err));
  FIRN_TRY(copy_attrs(s, node, def, err));
  return append(in, def, node, err);
}
