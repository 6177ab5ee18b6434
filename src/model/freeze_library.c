/* model/freeze_library.c: the functions that a frozen graph needs: variants in
 * place of what they stand for, and nothing that is not reached. */
#include "model/freeze.h"

/* `names` has each variant under its own name, and the latest one of each
 * function under the function's. */
firn_freeze_variant *firn_freeze_variant_named(const firn_frozen *z,
                                               firn_str name) {
  uint64_t found;
  return firn_map_get(&z->names, name, &found)
             ? (firn_freeze_variant *)(uintptr_t)found
             : NULL;
}

/* Functions that are reached, each once. */
typedef struct reached {
  firn_frozen *frozen;
  const firn_graph *graph;
  firn_map seen;
  firn_pb_FunctionDef **list;
  size_t count, capacity;
} reached;

static const firn_pb_FunctionDef *function_named(const reached *r,
                                                 firn_str name) {
  const firn_pb_FunctionDef *def = firn_graph_function(r->graph, name);
  const firn_freeze_variant *v =
      def ? NULL : firn_freeze_variant_named(r->frozen, name);
  return v ? v->def : def;
}

static firn_code reach(reached *r, firn_str name, firn_error *err) {
  uint64_t known;
  const firn_pb_FunctionDef *def = function_named(r, name);
  if (!def || firn_map_get(&r->seen, name, &known)) return FIRN_OK;
  if (!firn_map_set(&r->seen, name, 1)) return firn_oom(err, 0);
  if (r->count == r->capacity) {
    const size_t more = r->capacity ? 2 * r->capacity : 16;
    firn_pb_FunctionDef **list =
        firn_arena_array(&r->frozen->arena, more, sizeof *list);
    if (!list) return firn_oom(err, more);
    if (r->count) memcpy(list, r->list, r->count * sizeof *list);
    r->list = list;
    r->capacity = more;
  }
  r->list[r->count++] = (firn_pb_FunctionDef *)def;
  return FIRN_OK;
}

static firn_code reach_func(void *ud, const firn_pb_NameAttrList *func,
                            firn_error *err) {
  return reach(ud, func->name, err);
}

static firn_code reach_node(reached *r, const firn_pb_NodeDef *node,
                            firn_error *err) {
  FIRN_TRY(reach(r, node->op, err));
  return firn_each_func(node, reach_func, r, err);
}

firn_code firn_freeze_library(firn_frozen *frozen, const firn_graph *graph,
                              firn_error *err) {
  reached r = {.frozen = frozen, .graph = graph};
  firn_code code = FIRN_OK;
  firn_map_init(&r.seen, &frozen->arena.alloc);
  for (size_t i = 0; code == FIRN_OK && i < frozen->def->node_count; i++)
    code = reach_node(&r, frozen->def->node[i], err);
  for (size_t i = 0; code == FIRN_OK && i < r.count; i++)
    for (size_t k = 0; code == FIRN_OK && k < r.list[i]->node_def_count; k++)
      code = reach_node(&r, r.list[i]->node_def[k], err);
  firn_map_fini(&r.seen);
  if (code != FIRN_OK) return code;
  frozen->def->library = NULL;
  if (!r.count) return FIRN_OK;
  firn_pb_FunctionDefLibrary *library =
      firn_pb_new(&firn_pb_type_FunctionDefLibrary, &frozen->arena);
  if (!library) return firn_oom(err, sizeof *library);
  library->function = r.list;
  library->function_count = r.count;
  frozen->def->library = library;
  return FIRN_OK;
}

/* ---- Devices ------------------------------------------------------------ */

static firn_code clear_function(firn_frozen *frozen, size_t index,
                                firn_error *err) {
  firn_pb_FunctionDef **def = &frozen->def->library->function[index];
  firn_pb_FunctionDef *own = firn_arena_alloc(&frozen->arena, sizeof *own);
  if (!own) return firn_oom(err, sizeof *own);
  *own = **def;
  own->node_def = firn_arena_array(&frozen->arena, own->node_def_count,
                                   sizeof(*own->node_def));
  if (!own->node_def) return firn_oom(err, own->node_def_count);
  for (size_t i = 0; i < own->node_def_count; i++) {
    own->node_def[i] =
        firn_arena_alloc(&frozen->arena, sizeof(**own->node_def));
    if (!own->node_def[i]) return firn_oom(err, sizeof(**own->node_def));
    *own->node_def[i] = *(*def)->node_def[i];
    own->node_def[i]->device = (firn_str){0};
  }
  *def = own;
  return FIRN_OK;
}

firn_code firn_freeze_clear_devices(firn_frozen *frozen, firn_error *err) {
  const firn_pb_FunctionDefLibrary *library = frozen->def->library;
  for (size_t i = 0; library && i < library->function_count; i++) {
    bool any = false;
    for (size_t k = 0; k < library->function[i]->node_def_count && !any; k++)
      any = library->function[i]->node_def[k]->device.size > 0;
    if (any) FIRN_TRY(clear_function(frozen, i, err));
  }
  return FIRN_OK;
}
