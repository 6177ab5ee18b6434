/* build/collection.c: collections, and the variables in them. */
#include "build/builder.h"

/* ---- Variables ---------------------------------------------------------- */

void firn_builder_add_variable(firn_builder *b,
                               const firn_built_variable *variable) {
  if (b->failed != FIRN_OK ||
      !firn_builder_grow(b, &b->variables, b->variable_count,
                         &b->variable_capacity, sizeof *b->variables))
    return;
  b->variables[b->variable_count++] = *variable;
}

const firn_built_variable *firn_builder_variable(const firn_builder *b,
                                                 firn_output handle) {
  for (uint32_t i = 0; i < b->variable_count; i++)
    if (firn_output_same(b->variables[i].handle, handle))
      return &b->variables[i];
  return NULL;
}

/* ---- Collections -------------------------------------------------------- */

firn_collection *firn_builder_collection(firn_builder *b, const char *key,
                                         bool make) {
  firn_collection **at = &b->collections;
  for (; *at; at = &(*at)->next)
    if (firn_str_is((*at)->key, key)) return *at;
  if (!make) return NULL;
  firn_collection *c = firn_builder_alloc(b, 1, sizeof *c);
  if (!c) return NULL;
  c->key = firn_builder_text(b, "%s", key);
  return *at = c;
}

void firn_builder_collect(firn_builder *b, const char *key, firn_output o) {
  if (b->failed != FIRN_OK) return;
  const firn_node *node = firn_node_of(b, o);
  if (!node || (o.index && o.index >= node->output_count)) {
    firn_builder_fail(b, FIRN_INVALID_ARGUMENT,
                      "collection '%s': this is no output of a node", key);
    return;
  }
  firn_collection *c = firn_builder_collection(b, key, true);
  if (!c || !firn_builder_grow(b, &c->items, c->count, &c->capacity,
                               sizeof *c->items))
    return;
  c->items[c->count++] = o;
}

size_t firn_builder_collected(const firn_builder *b, const char *key,
                              firn_output *out, size_t max) {
  const firn_collection *c =
      firn_builder_collection((firn_builder *)b, key, false);
  const size_t count = c ? c->count : 0;
  for (size_t i = 0; i < count && i < max; i++) out[i] = c->items[i];
  return count;
}
