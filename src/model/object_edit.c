/* model/object_edit.c: joins object graphs and keeps them true to their keys.
 */
#include "model/object_edit.h"

static const firn_str attributes_mark = {"/.ATTRIBUTES/", 13};

/* ---- Reading ------------------------------------------------------------ */

static bool is_node(const firn_objects *objects, int32_t id) {
  return id >= 0 && (size_t)id < objects->nodes_count;
}

static firn_code check_node(const firn_objects *objects, size_t n,
                            firn_error *err) {
  const firn_object_node *node = objects->nodes[n];
  for (size_t i = 0; i < node->children_count; i++)
    if (!is_node(objects, node->children[i]->node_id))
      return firn_fail(err, FIRN_DATA_LOSS,
                       "node %zu has child %d, there are %zu nodes", n,
                       node->children[i]->node_id, objects->nodes_count);
  for (size_t i = 0; i < node->slot_variables_count; i++) {
    const firn_object_slot *slot = node->slot_variables[i];
    if (!is_node(objects, slot->original_variable_node_id) ||
        !is_node(objects, slot->slot_variable_node_id))
      return firn_fail(err, FIRN_DATA_LOSS,
                       "node %zu has a slot of nodes %d and %d, there are %zu "
                       "nodes",
                       n, slot->original_variable_node_id,
                       slot->slot_variable_node_id, objects->nodes_count);
  }
  return FIRN_OK;
}

static firn_code parse(firn_str text, const firn_limits *limits,
                       firn_arena *arena, firn_objects **out, firn_error *err) {
  void *message = NULL;
  FIRN_TRY(firn_pb_parse(&firn_pb_type_TrackableObjectGraph,
                         (firn_bytes){(const uint8_t *)text.data, text.size},
                         limits, arena, &message, err));
  firn_objects *objects = message;
  if (!objects->nodes_count) return FIRN_OK; /* says nothing */
  for (size_t i = 0; i < objects->nodes_count; i++)
    FIRN_TRY(check_node(objects, i, err));
  *out = objects;
  return FIRN_OK;
}

firn_code firn_objects_read(const firn_checkpoint *ck,
                            const firn_limits *limits, firn_arena *arena,
                            firn_objects **out, firn_error *err) {
  const size_t i = firn_checkpoint_find(ck, FIRN_OBJECT_GRAPH_KEY);
  firn_tensor *tensor = NULL;
  firn_str text = {NULL, 0};
  *out = NULL;
  if (i == SIZE_MAX) return FIRN_OK;
  FIRN_TRY(firn_checkpoint_load(ck, i, NULL, &tensor, err));
  firn_code code = FIRN_OK;
  if (tensor->dtype != FIRN_STRING || tensor->count != 1) {
    code = firn_fail(err, FIRN_DATA_LOSS, "it is no string");
  } else {
    text = firn_arena_str(arena, firn_tensor_string(tensor, 0));
    if (!text.data) code = firn_oom(err, tensor->count);
  }
  firn_tensor_release(tensor);
  if (code == FIRN_OK) code = parse(text, limits, arena, out, err);
  if (code != FIRN_OK)
    firn_while(err, code, "object graph of checkpoint '%.*s'",
               FIRN_ARG(firn_checkpoint_prefix(ck)));
  return code;
}

bool firn_object_is_variable(const firn_object_value *value) {
  return firn_str_is(value->name, "VARIABLE_VALUE") || !value->name.size;
}

/* ---- Building ----------------------------------------------------------- */

/* An object graph that grows. Arrays as the parser made them have no room
 * behind their items. */
typedef struct editor {
  firn_objects *objects;
  firn_arena *arena;
  size_t node_capacity;
  size_t *child_capacity; /* of each node; 0: as parsed */
} editor;

static firn_code editor_init(editor *e, firn_objects *objects,
                             firn_arena *arena, firn_error *err) {
  *e = (editor){objects, arena, objects->nodes_count, NULL};
  e->child_capacity =
      firn_arena_array(arena, e->node_capacity + 1, sizeof *e->child_capacity);
  return e->child_capacity ? FIRN_OK : firn_oom(err, e->node_capacity);
}

/* A copy of `count` items with room for `capacity`. */
static void *widen(firn_arena *arena, const void *items, size_t count,
                   size_t capacity, size_t size) {
  void *all = firn_arena_array(arena, capacity, size);
  if (all && count) memcpy(all, items, count * size);
  return all;
}

static firn_code add_node(editor *e, firn_object_node *node, int32_t *id,
                          firn_error *err) {
  firn_objects *o = e->objects;
  if (o->nodes_count >= INT32_MAX)
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "too many objects");
  if (o->nodes_count == e->node_capacity) {
    const size_t more = 2 * e->node_capacity + 1;
    firn_object_node **nodes =
        widen(e->arena, o->nodes, o->nodes_count, more, sizeof *nodes);
    size_t *room =
        widen(e->arena, e->child_capacity, o->nodes_count, more, sizeof *room);
    if (!nodes || !room) return firn_oom(err, more * sizeof *nodes);
    o->nodes = nodes;
    e->child_capacity = room;
    e->node_capacity = more;
  }
  *id = (int32_t)o->nodes_count;
  e->child_capacity[o->nodes_count] = 0;
  o->nodes[o->nodes_count++] = node;
  return FIRN_OK;
}

static firn_object_edge *find_child(const firn_object_node *node,
                                    firn_str name) {
  for (size_t i = 0; i < node->children_count; i++)
    if (firn_str_eq(node->children[i]->local_name, name))
      return node->children[i];
  return NULL;
}

/* Makes the edge of that name lead to `to`, whether it is there or not. */
static firn_code set_child(editor *e, int32_t from, firn_str name, int32_t to,
                           firn_error *err) {
  firn_object_node *node = e->objects->nodes[from];
  size_t *capacity = &e->child_capacity[from];
  firn_object_edge *edge = find_child(node, name);
  if (edge) {
    edge->node_id = to;
    return FIRN_OK;
  }
  if (*capacity <= node->children_count) {
    *capacity = 2 * node->children_count + 2;
    firn_object_edge **all =
        widen(e->arena, node->children, node->children_count, *capacity,
              sizeof(firn_object_edge *));
    if (!all) return firn_oom(err, *capacity * sizeof *all);
    node->children = all;
  }
  edge = firn_arena_zeroed(e->arena, sizeof *edge);
  if (!edge) return firn_oom(err, sizeof *edge);
  edge->node_id = to;
  edge->local_name = name;
  node->children[node->children_count++] = edge;
  return FIRN_OK;
}

/* ---- Joining ------------------------------------------------------------ */

typedef struct joining {
  editor e;
  firn_objects *from;
  int32_t *map;   /* node of `from` → node of the whole, or -1 */
  int32_t *queue; /* nodes of `from` that are mapped           */
  size_t head, tail, matched;
} joining;

static void match(joining *j, int32_t from, int32_t to) {
  if (j->map[from] >= 0) return;
  j->map[from] = to;
  j->queue[j->tail++] = from;
}

static firn_object_slot *find_slot(const firn_object_node *node,
                                   int32_t original, firn_str name) {
  for (size_t i = 0; i < node->slot_variables_count; i++) {
    firn_object_slot *slot = node->slot_variables[i];
    if (slot->original_variable_node_id == original &&
        firn_str_eq(slot->slot_name, name))
      return slot;
  }
  return NULL;
}

/* Finds the nodes that both have: by paths, then slots of what paths found. */
static void match_all(joining *j) {
  match(j, 0, 0);
  while (j->head < j->tail) {
    const int32_t n = j->queue[j->head++];
    const firn_object_node *ours = j->e.objects->nodes[j->map[n]];
    const firn_object_node *theirs = j->from->nodes[n];
    for (size_t i = 0; i < theirs->children_count; i++) {
      const firn_object_edge *edge =
          find_child(ours, theirs->children[i]->local_name);
      if (edge) match(j, theirs->children[i]->node_id, edge->node_id);
    }
  }
  const size_t by_path = j->tail;
  for (size_t q = 0; q < by_path; q++) {
    const firn_object_node *ours = j->e.objects->nodes[j->map[j->queue[q]]];
    const firn_object_node *theirs = j->from->nodes[j->queue[q]];
    for (size_t i = 0; i < theirs->slot_variables_count; i++) {
      const firn_object_slot *slot = theirs->slot_variables[i];
      const int32_t original = j->map[slot->original_variable_node_id];
      const firn_object_slot *same =
          original < 0 ? NULL : find_slot(ours, original, slot->slot_name);
      if (same)
        match(j, slot->slot_variable_node_id, same->slot_variable_node_id);
    }
  }
  j->matched = j->tail;
}

static void renumber(const joining *j, firn_object_node *node) {
  for (size_t i = 0; i < node->children_count; i++)
    node->children[i]->node_id = j->map[node->children[i]->node_id];
  for (size_t i = 0; i < node->slot_variables_count; i++) {
    firn_object_slot *slot = node->slot_variables[i];
    slot->original_variable_node_id = j->map[slot->original_variable_node_id];
    slot->slot_variable_node_id = j->map[slot->slot_variable_node_id];
  }
}

static bool has_value(const firn_object_node *node, firn_str name) {
  for (size_t i = 0; i < node->attributes_count; i++)
    if (firn_str_eq(node->attributes[i]->name, name)) return true;
  return false;
}

/* Gives one of our nodes what theirs has more. */
static firn_code enrich(joining *j, int32_t to, const firn_object_node *theirs,
                        firn_error *err) {
  firn_arena *arena = j->e.arena;
  firn_object_node *ours = j->e.objects->nodes[to];
  for (size_t i = 0; i < theirs->children_count; i++) {
    const firn_object_edge *edge = theirs->children[i];
    if (!find_child(ours, edge->local_name))
      FIRN_TRY(set_child(&j->e, to, edge->local_name, edge->node_id, err));
  }
  const size_t values = ours->attributes_count + theirs->attributes_count;
  const size_t slots =
      ours->slot_variables_count + theirs->slot_variables_count;
  ours->attributes = widen(arena, ours->attributes, ours->attributes_count,
                           values + 1, sizeof(firn_object_value *));
  ours->slot_variables =
      widen(arena, ours->slot_variables, ours->slot_variables_count, slots + 1,
            sizeof(firn_object_slot *));
  if (!ours->attributes || !ours->slot_variables) return firn_oom(err, values);
  for (size_t i = 0; i < theirs->attributes_count; i++)
    if (!has_value(ours, theirs->attributes[i]->name))
      ours->attributes[ours->attributes_count++] = theirs->attributes[i];
  for (size_t i = 0; i < theirs->slot_variables_count; i++) {
    firn_object_slot *slot = theirs->slot_variables[i];
    if (!find_slot(ours, slot->original_variable_node_id, slot->slot_name))
      ours->slot_variables[ours->slot_variables_count++] = slot;
  }
  return FIRN_OK;
}

firn_code firn_objects_join(firn_objects *to, firn_objects *from,
                            firn_arena *arena, firn_error *err) {
  joining j = {.from = from};
  const size_t count = from->nodes_count;
  FIRN_TRY(editor_init(&j.e, to, arena, err));
  j.map = firn_arena_array(arena, count, sizeof *j.map);
  j.queue = firn_arena_array(arena, count, sizeof *j.queue);
  if (!j.map || !j.queue) return firn_oom(err, count * sizeof *j.map);
  for (size_t i = 0; i < count; i++) j.map[i] = -1;
  match_all(&j);
  const size_t ours = to->nodes_count;
  for (size_t i = 0; i < count; i++)
    if (j.map[i] < 0) FIRN_TRY(add_node(&j.e, from->nodes[i], &j.map[i], err));
  for (size_t i = 0; i < count; i++) renumber(&j, from->nodes[i]);
  for (size_t i = 0; i < count; i++)
    if ((size_t)j.map[i] < ours)
      FIRN_TRY(enrich(&j, j.map[i], from->nodes[i], err));
  return FIRN_OK;
}

/* ---- Paths -------------------------------------------------------------- */

/* The first part of a key's path, as a local name: ".S" stands for a slash and
 * ".." for a dot. The rest stays in *path. */
static firn_code take_name(firn_str *path, firn_arena *arena, firn_str *out,
                           firn_error *err) {
  size_t end = 0, n = 0;
  while (end < path->size && path->data[end] != '/') end++;
  char *name = firn_arena_alloc(arena, end + 1);
  if (!name) return firn_oom(err, end);
  for (size_t i = 0; i < end; i++) {
    char c = path->data[i];
    if (c == '.' && i + 1 < end) c = path->data[++i] == 'S' ? '/' : '.';
    name[n++] = c;
  }
  *out = (firn_str){name, n};
  const size_t skip = end < path->size ? end + 1 : end;
  path->data += skip;
  path->size -= skip;
  return FIRN_OK;
}

static size_t find_text(firn_str text, firn_str part) {
  for (size_t i = 0; i + part.size <= text.size; i++)
    if (!memcmp(text.data + i, part.data, part.size)) return i;
  return SIZE_MAX;
}

/* Makes the path that the key spells lead to `node`; keys that spell none
 * (those of slots, or names that do not come from paths) are left alone. */
static firn_code lead(editor *e, firn_str key, int32_t node, firn_error *err) {
  const size_t end = find_text(key, attributes_mark);
  firn_str path = {key.data, end == SIZE_MAX ? 0 : end}, name;
  int32_t at = 0;
  if (!path.size || find_text(path, FIRN_STR(".OPTIMIZER_SLOT/")) != SIZE_MAX)
    return FIRN_OK;
  for (;;) {
    FIRN_TRY(take_name(&path, e->arena, &name, err));
    if (!path.size) return set_child(e, at, name, node, err);
    const firn_object_edge *edge = find_child(e->objects->nodes[at], name);
    int32_t next = edge ? edge->node_id : -1;
    if (!edge) {
      firn_object_node *fresh = firn_arena_zeroed(e->arena, sizeof *fresh);
      if (!fresh) return firn_oom(err, sizeof *fresh);
      FIRN_TRY(add_node(e, fresh, &next, err));
      FIRN_TRY(set_child(e, at, name, next, err));
    }
    at = next;
  }
}

/* ---- New keys ----------------------------------------------------------- */

typedef struct moved {
  int32_t node;
  firn_str key;
} moved;

typedef struct rekeying {
  const firn_rekeyed *list;
  size_t count;
  moved *moved;
  size_t moved_count;
} rekeying;

/* The first of the list that is not below `key`. */
static size_t lower_bound(const rekeying *r, firn_str key) {
  size_t low = 0, high = r->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (firn_str_compare(r->list[middle].from, key) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* What the key of a value becomes: empty when nothing is left of it. */
static firn_code new_key(const rekeying *r, firn_str key, firn_str *out,
                         firn_error *err) {
  *out = (firn_str){NULL, 0};
  const size_t first = lower_bound(r, key);
  if (first < r->count && firn_str_eq(r->list[first].from, key)) {
    *out = r->list[first].to;
    return FIRN_OK;
  }
  for (size_t i = first; i < r->count; i++) {
    const firn_rekeyed *it = &r->list[i];
    if (!firn_str_starts(it->from, key)) break;
    const firn_str end = {it->from.data + key.size, it->from.size - key.size};
    firn_str stem = it->to;
    if (end.data[0] != '-') continue; /* "table-keys", not "table2" */
    if (firn_str_ends(stem, end)) stem.size -= end.size;
    if (stem.size == it->to.size || (out->size && !firn_str_eq(stem, *out)))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "'%.*s' cannot become '%.*s': the tensors of an object "
                       "need keys that begin alike",
                       FIRN_ARG(it->from), FIRN_ARG(it->to));
    *out = stem;
  }
  return FIRN_OK;
}

/* Sets the keys of a node's values; those that are gone leave the node. */
static firn_code rekey_values(rekeying *r, firn_object_node *node, int32_t id,
                              firn_error *err) {
  size_t kept = 0;
  for (size_t i = 0; i < node->attributes_count; i++) {
    firn_object_value *value = node->attributes[i];
    firn_str key;
    FIRN_TRY(new_key(r, value->checkpoint_key, &key, err));
    if (!key.size) continue;
    if (!firn_str_eq(key, value->checkpoint_key))
      r->moved[r->moved_count++] = (moved){id, key};
    value->checkpoint_key = key;
    node->attributes[kept++] = value;
  }
  if (!kept && node->attributes_count && !node->children_count &&
      node->has_checkpoint_values)
    node->has_checkpoint_values->value = false;
  node->attributes_count = kept;
  return FIRN_OK;
}

/* A slot whose variable has no value any more is none. */
static void drop_slots(firn_objects *objects, firn_object_node *node) {
  size_t kept = 0;
  for (size_t i = 0; i < node->slot_variables_count; i++) {
    firn_object_slot *slot = node->slot_variables[i];
    if (objects->nodes[slot->slot_variable_node_id]->attributes_count)
      node->slot_variables[kept++] = slot;
  }
  node->slot_variables_count = kept;
}

firn_code firn_objects_rekey(firn_objects *objects, const firn_rekeyed *list,
                             size_t count, firn_arena *arena, firn_error *err) {
  editor e;
  rekeying r = {.list = list, .count = count};
  size_t values = 0;
  const size_t nodes = objects->nodes_count;
  FIRN_TRY(editor_init(&e, objects, arena, err));
  for (size_t i = 0; i < nodes; i++)
    values += objects->nodes[i]->attributes_count;
  r.moved = firn_arena_array(arena, values + 1, sizeof *r.moved);
  if (!r.moved) return firn_oom(err, values * sizeof *r.moved);
  for (size_t i = 0; i < nodes; i++)
    FIRN_TRY(rekey_values(&r, objects->nodes[i], (int32_t)i, err));
  for (size_t i = 0; i < nodes; i++) drop_slots(objects, objects->nodes[i]);
  for (size_t i = 0; i < r.moved_count; i++)
    FIRN_TRY(lead(&e, r.moved[i].key, r.moved[i].node, err));
  return FIRN_OK;
}

/* ---- What only optimisers have ------------------------------------------ */

/* Keras' optimisers of today list all their variables under one child; those
 * that are children by name (the step, the learning rate) are no slots. */
static const firn_object_node *slot_list(const firn_objects *objects,
                                         const firn_object_node *node) {
  const firn_object_edge *list = find_child(node, FIRN_STR("_variables"));
  const bool counts = find_child(node, FIRN_STR("_iterations")) ||
                      find_child(node, FIRN_STR("iterations"));
  return list && counts ? objects->nodes[list->node_id] : NULL;
}

static bool is_child(const firn_object_node *node, int32_t id) {
  for (size_t i = 0; i < node->children_count; i++)
    if (node->children[i]->node_id == id) return true;
  return false;
}

firn_code firn_objects_each_slot(const firn_objects *objects, firn_arena *arena,
                                 void (*mark)(void *ud, firn_str key), void *ud,
                                 firn_error *err) {
  bool *marks = firn_arena_array(arena, objects->nodes_count, sizeof *marks);
  if (!marks) return firn_oom(err, objects->nodes_count);
  for (size_t n = 0; n < objects->nodes_count; n++) {
    const firn_object_node *node = objects->nodes[n];
    const firn_object_node *list = slot_list(objects, node);
    for (size_t i = 0; i < node->slot_variables_count; i++)
      marks[node->slot_variables[i]->slot_variable_node_id] = true;
    for (size_t i = 0; list && i < list->children_count; i++)
      if (!is_child(node, list->children[i]->node_id))
        marks[list->children[i]->node_id] = true;
  }
  for (size_t n = 0; n < objects->nodes_count; n++)
    for (size_t i = 0; marks[n] && i < objects->nodes[n]->attributes_count; i++)
      mark(ud, objects->nodes[n]->attributes[i]->checkpoint_key);
  return FIRN_OK;
}
