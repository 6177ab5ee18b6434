/* build/builder.c: the life of a builder, its failure, and its graph. */
#include "build/builder.h"

#include <stdarg.h>
#include <stdio.h>

/* The GraphDef version of the TensorFlow whose ops the table has. */
enum { PRODUCER = 2474 };

/* ---- Life --------------------------------------------------------------- */

static firn_code start(firn_builder *b, const firn_graph *base,
                       firn_error *err) {
  firn_pb_VersionDef *versions =
      firn_pb_new(&firn_pb_type_VersionDef, &b->arena);
  if (!versions) return firn_oom(err, sizeof *versions);
  versions->producer = PRODUCER;
  b->def.versions = versions;
  FIRN_TRY(firn_graph_new(base, &b->env, &b->graph, err));
  if (base && base->def) {
    b->def = *base->def;
    b->def.node = NULL;
    b->def.node_count = 0;
  }
  b->graph->def = &b->def;
  return FIRN_OK;
}

/* Copies the nodes of the base, which may name each other in any order. */
static firn_code take_over(firn_builder *b, const firn_graph *base,
                           firn_error *err) {
  const uint32_t n = base->node_count;
  firn_pb_NodeDef **defs = firn_arena_array(&b->arena, n, sizeof(*defs));
  if (!defs) return firn_oom(err, n * sizeof *defs);
  for (uint32_t i = 0; i < n; i++) {
    defs[i] = (firn_pb_NodeDef *)base->nodes[i]->def;
    if (!firn_builder_take_name(b, defs[i]->name)) return firn_oom(err, n);
  }
  FIRN_TRY(firn_graph_append_all(b->graph, defs, n, err));
  b->infos = firn_know_graph(b->graph, &b->arena);
  if (!b->infos) return firn_oom(err, n * sizeof(firn_info));
  b->info_capacity = b->taken_over = n;
  return FIRN_OK;
}

firn_code firn_builder_on(const firn_graph *base, const firn_options *options,
                          firn_builder **out, firn_error *err) {
  const firn_env env = firn_env_from(options);
  *out = NULL;
  firn_builder *b = firn_new_zeroed(&env.alloc, sizeof *b);
  if (!b) return firn_oom(err, sizeof *b);
  b->env = env;
  firn_arena_init(&b->arena, &env.alloc);
  firn_map_init(&b->taken, &env.alloc);
  firn_code code = start(b, base, err);
  if (code == FIRN_OK && base) code = take_over(b, base, err);
  if (code == FIRN_OK)
    *out = b;
  else
    firn_builder_free(b);
  return code;
}

firn_code firn_builder_new(const firn_options *options, firn_builder **out,
                           firn_error *err) {
  return firn_builder_on(NULL, options, out, err);
}

void firn_builder_free(firn_builder *b) {
  if (!b) return;
  const firn_allocator alloc = b->env.alloc;
  firn_error_clear(&b->err);
  firn_graph_free(b->graph);
  firn_map_fini(&b->taken);
  firn_arena_fini(&b->arena);
  firn_delete(&alloc, b, sizeof *b);
}

const firn_graph *firn_builder_graph(const firn_builder *b) { return b->graph; }

/* ---- Failure ------------------------------------------------------------ */

void firn_builder_fail(firn_builder *b, firn_code code, const char *fmt, ...) {
  char text[sizeof b->err.message];
  if (b->failed != FIRN_OK) return;
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  b->failed = firn_fail(&b->err, code, "%s", text);
}

bool firn_builder_ok(firn_builder *b, firn_code code, firn_error *err) {
  if (code == FIRN_OK) return true;
  if (b->failed == FIRN_OK) {
    b->failed = firn_fail(&b->err, code, "%s", err->message);
    for (size_t i = 0; i < firn_error_count(err); i++)
      firn_error_add(&b->err, "%s", firn_error_line(err, i));
  }
  firn_error_clear(err);
  return false;
}

firn_code firn_builder_check(firn_builder *b, firn_error *err) {
  if (b->failed == FIRN_OK && b->draft)
    firn_builder_fail(b, FIRN_FAILED_PRECONDITION,
                      "node '%.*s' (%.*s) was begun and not ended",
                      FIRN_ARG(b->draft->name), FIRN_ARG(b->draft->op));
  if (b->failed == FIRN_OK) return FIRN_OK;
  (void)firn_fail(err, b->failed, "%s", b->err.message);
  for (size_t i = 0; i < firn_error_count(&b->err); i++)
    firn_error_add(err, "%s", firn_error_line(&b->err, i));
  return b->failed;
}

/* ---- Memory ------------------------------------------------------------- */

void *firn_builder_alloc(firn_builder *b, size_t count, size_t size) {
  void *memory = firn_arena_array(&b->arena, count, size);
  if (!memory)
    firn_builder_fail(b, FIRN_RESOURCE_EXHAUSTED,
                      "out of memory: %zu times %zu bytes wanted", count, size);
  return memory;
}

firn_str firn_builder_text(firn_builder *b, const char *fmt, ...) {
  va_list args, again;
  va_start(args, fmt);
  va_copy(again, args);
  const int size = vsnprintf(NULL, 0, fmt, args);
  va_end(args);
  char *text = firn_builder_alloc(b, (size_t)size + 1, 1);
  if (text) vsnprintf(text, (size_t)size + 1, fmt, again);
  va_end(again);
  return text ? (firn_str){text, (size_t)size} : FIRN_STR("");
}

bool firn_builder_grow(firn_builder *b, void *array, uint32_t count,
                       uint32_t *capacity, size_t item) {
  if (count < *capacity) return true;
  if (*capacity > UINT32_MAX / 2) return false;
  const uint32_t wanted = *capacity ? *capacity * 2 : 8;
  void *old, *bigger = firn_builder_alloc(b, wanted, item);
  if (!bigger) return false;
  memcpy(&old, array, sizeof old);
  if (count) memcpy(bigger, old, count * item);
  memcpy(array, &bigger, sizeof bigger);
  *capacity = wanted;
  return true;
}

/* ---- What is known of an output ----------------------------------------- */

const firn_info *firn_info_at(const firn_builder *b, firn_output o) {
  static const firn_info nothing = {
      .shape = {.rank = FIRN_UNKNOWN_RANK},
      .handle_shape = {.rank = FIRN_UNKNOWN_RANK}};
  const firn_node *node = firn_node_of(b, o);
  return node && o.index < node->output_count ? &b->infos[o.node][o.index]
                                              : &nothing;
}

int firn_output_type(const firn_builder *b, firn_output o) {
  return (int)firn_info_at(b, o)->dtype;
}

firn_shape firn_output_shape(const firn_builder *b, firn_output o) {
  return firn_info_at(b, o)->shape;
}

const char *firn_output_name(firn_builder *b, firn_output o) {
  const firn_node *node = firn_node_of(b, o);
  if (!node) return "";
  const firn_str name = node->def->name;
  if (o.index == 0 && o.node >= b->taken_over) return name.data; /* "NAME:0" */
  return firn_builder_text(b, "%.*s:%u", (int)name.size, name.data, o.index)
      .data;
}

firn_output firn_output_named(firn_builder *b, const char *name) {
  firn_error err = FIRN_ERROR_INIT;
  firn_edge e;
  if (b->failed != FIRN_OK) return FIRN_NO_OUTPUT;
  const firn_node *node = firn_graph_find(b->graph, firn_str_of(name));
  if (node) return (firn_output){node->index, 0};
  const firn_code code =
      firn_graph_tensor(b->graph, firn_str_of(name), &e, &err);
  return firn_builder_ok(b, code, &err) ? (firn_output){e.node, e.output}
                                        : FIRN_NO_OUTPUT;
}

bool firn_builder_takers(firn_builder *b, firn_arena *arena, firn_takers *out) {
  const firn_graph *g = b->graph;
  const size_t n = g->node_count;
  size_t edges = 0;
  for (size_t i = 0; i < n; i++) edges += g->nodes[i]->input_count;
  out->at = firn_arena_array(arena, n + 2, sizeof *out->at);
  out->takers = firn_arena_array(arena, edges, sizeof *out->takers);
  if (!out->at || !out->takers || edges >= UINT32_MAX) return false;

  /* Counted one place further on, so that filling leaves every start right. */
  uint32_t *at = out->at + 2;
  for (size_t i = 0; i < n; i++)
    for (uint32_t k = 0; k < g->nodes[i]->input_count; k++)
      if (g->nodes[i]->inputs[k].node < n) at[g->nodes[i]->inputs[k].node]++;
  for (size_t i = 0; i + 1 < n; i++) at[i + 1] += at[i];
  at = out->at + 1;
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t k = 0; k < g->nodes[i]->input_count; k++) {
      const uint32_t from = g->nodes[i]->inputs[k].node;
      if (from < n) out->takers[at[from]++] = (firn_edge){i, k};
    }
  return true;
}

/* ---- What the public words cannot --------------------------------------- */

void firn_builder_set_shape(firn_builder *b, firn_output o,
                            const firn_shape *shape) {
  const firn_node *node = firn_node_of(b, o);
  if (b->failed == FIRN_OK && node && o.index < node->output_count)
    b->infos[o.node][o.index].shape = *shape;
}

void firn_builder_rewire(firn_builder *b, uint32_t index, uint32_t i,
                         firn_output input) {
  const firn_node *from = firn_node_of(b, input);
  if (b->failed != FIRN_OK) return;
  if (!from || index >= b->graph->node_count ||
      i >= b->graph->nodes[index]->input_count) {
    firn_builder_fail(b, FIRN_INTERNAL, "node %u has no input %u to rewire",
                      index, i);
    return;
  }
  /* Both lie in the builder's arena: it made this node. */
  const firn_node *node = b->graph->nodes[index];
  firn_edge *edges = (firn_edge *)node->inputs;
  const firn_str name = from->def->name;
  edges[i] = (firn_edge){input.node, input.index};
  node->def->input[i] = input.index
                            ? firn_builder_text(b, "%.*s:%u", (int)name.size,
                                                name.data, input.index)
                            : name;
}

void firn_builder_add_function(firn_builder *b,
                               const firn_pb_FunctionDef *function) {
  if (b->failed != FIRN_OK) return;
  const firn_str name = function->signature->name;
  if (firn_graph_function(b->graph, name)) {
    firn_builder_fail(b, FIRN_ALREADY_EXISTS,
                      "function '%.*s' is there already", FIRN_ARG(name));
    return;
  }
  const firn_pb_FunctionDefLibrary *old = b->def.library;
  const size_t count = old ? old->function_count : 0;
  firn_pb_FunctionDefLibrary *library =
      firn_builder_alloc(b, 1, sizeof *library);
  firn_pb_FunctionDef **functions =
      firn_builder_alloc(b, count + 1, sizeof(*functions));
  if (!library || !functions) return;
  if (old) *library = *old;
  if (count) memcpy(functions, old->function, count * sizeof(*functions));
  functions[count] = (firn_pb_FunctionDef *)function;
  library->function = functions + count;
  library->function_count = 1;
  firn_error err = FIRN_ERROR_INIT;
  const firn_code code = firn_graph_add_functions(b->graph, library, &err);
  library->function = functions;
  library->function_count = count + 1;
  b->def.library = library;
  (void)firn_builder_ok(b, code, &err);
}
