/* build/name_scope.c: scopes, and names that nobody has yet, by the rules of
 * TensorFlow's Graph.unique_name.
 *
 * Names that differ in capitals only count as one, because they may become
 * files. The map has, for each name in small letters, how often it was asked
 * for.
 */
#include "build/builder.h"

/* ---- Which characters --------------------------------------------------- */

static bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '.';
}

/* `inner`: a part below a scope, which may begin with any of them. */
static bool is_legal(firn_str name, bool inner) {
  if (name.size == 0 || (!inner && !is_word(name.data[0]))) return false;
  for (size_t i = 0; i < name.size; i++)
    if (!is_word(name.data[i]) && !strchr("_\\/>-", name.data[i])) return false;
  return true;
}

static bool check_legal(firn_builder *b, const char *what, firn_str name,
                        bool inner) {
  if (is_legal(name, inner)) return true;
  firn_builder_fail(b, FIRN_INVALID_ARGUMENT,
                    "'%.*s' is no name for a %s: letters, digits and ._\\/>- "
                    "are, and at the front a letter, digit or dot",
                    FIRN_ARG(name), what);
  return false;
}

/* ---- Unique names ------------------------------------------------------- */

/* The key of a name: in small letters. Text "" when memory is short. */
static firn_str key_of(firn_builder *b, firn_str name) {
  char *key = firn_builder_alloc(b, name.size + 1, 1);
  if (!key) return FIRN_STR("");
  for (size_t i = 0; i < name.size; i++) {
    const char c = name.data[i];
    key[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return (firn_str){key, name.size};
}

static bool take(firn_builder *b, firn_str key, uint64_t count) {
  if (firn_map_set(&b->taken, key, count)) return true;
  firn_builder_fail(b, FIRN_RESOURCE_EXHAUSTED, "out of memory: a name");
  return false;
}

bool firn_builder_take_name(firn_builder *b, firn_str name) {
  uint64_t count = 0;
  const firn_str key = key_of(b, name);
  return firn_map_get(&b->taken, key, &count) || take(b, key, 1);
}

/* `name` with the scope in front, made unique. */
static firn_str make_unique(firn_builder *b, firn_str name, bool mark) {
  const firn_str key = key_of(b, name);
  uint64_t count = 0, other;
  firn_map_get(&b->taken, key, &count);
  if (mark && !take(b, key, count + 1)) return FIRN_STR("");
  if (count == 0) return name;

  firn_str numbered;
  do {
    numbered = firn_builder_text(b, "%.*s_%llu", (int)key.size, key.data,
                                 (unsigned long long)count++);
    if (b->failed != FIRN_OK) return FIRN_STR("");
  } while (firn_map_get(&b->taken, numbered, &other));
  if (mark && !take(b, numbered, 1)) return FIRN_STR("");
  return firn_builder_text(b, "%.*s_%llu", (int)name.size, name.data,
                           (unsigned long long)count - 1);
}

static firn_str in_scope(firn_builder *b, const char *name) {
  const firn_str scope = firn_builder_scope(b);
  return scope.size ? firn_builder_text(b, "%.*s/%s", (int)scope.size,
                                        scope.data, name)
                    : firn_builder_text(b, "%s", name);
}

static bool ends_in_slash(const char *name) {
  const size_t size = strlen(name);
  return size > 1 && name[size - 1] == '/';
}

firn_str firn_builder_unique(firn_builder *b, const char *name, bool mark) {
  if (b->failed != FIRN_OK) return FIRN_STR("");
  if (ends_in_slash(name)) { /* the very name of a scope */
    const firn_str whole =
        firn_builder_text(b, "%.*s", (int)strlen(name) - 1, name);
    if (!check_legal(b, "node", whole, false)) return FIRN_STR("");
    if (mark && !firn_builder_take_name(b, whole)) return FIRN_STR("");
    return whole;
  }
  const firn_str full = in_scope(b, name);
  if (*name == 0 || !check_legal(b, "node", full, false)) {
    if (*name == 0) (void)check_legal(b, "node", FIRN_STR(""), false);
    return FIRN_STR("");
  }
  return make_unique(b, full, mark);
}

/* ---- Scopes ------------------------------------------------------------- */

firn_str firn_builder_scope(const firn_builder *b) {
  return b->scope_count ? b->scopes[b->scope_count - 1] : FIRN_STR("");
}

void firn_builder_push(firn_builder *b, const char *name) {
  firn_str scope = FIRN_STR("");
  if (b->failed != FIRN_OK) return;
  const bool inner = firn_builder_scope(b).size > 0;
  if (*name && !check_legal(b, "scope", firn_str_of(name), inner)) return;
  if (ends_in_slash(name))
    scope = firn_builder_text(b, "%.*s", (int)strlen(name) - 1, name);
  else if (*name)
    scope = make_unique(b, in_scope(b, name), true);
  if (b->failed != FIRN_OK ||
      !firn_builder_grow(b, &b->scopes, b->scope_count, &b->scope_capacity,
                         sizeof *b->scopes))
    return;
  b->scopes[b->scope_count++] = scope;
}

void firn_builder_pop(firn_builder *b) {
  if (b->failed != FIRN_OK) return;
  if (b->scope_count == 0)
    firn_builder_fail(b, FIRN_FAILED_PRECONDITION, "no scope is open");
  else
    b->scope_count--;
}
