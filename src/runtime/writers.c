/* runtime/writers.c: which variables a program may write to. */
#include "runtime/writers.h"

#include "base/map.h"

static bool has_flag(const firn_step *s, uint32_t flag) {
  return s->op && (s->op->flags & flag);
}

/* Whether the outputs of a step refer to the variable that its first input
 * refers to. */
static bool hands_on(const firn_step *s) {
  return s->in_count && (s->kind == FIRN_STEP_SWITCH ||
                         has_flag(s, FIRN_OP_ALIAS | FIRN_OP_WRITES));
}

/* What the session knows a variable by. */
static firn_str name_of(const firn_node *node, firn_arena *arena) {
  const firn_str container = firn_attr_str_or(node, "container", "");
  firn_str name = firn_attr_str_or(node, "shared_name", "");
  if (!name.size) name = node->def->name;
  char *key = firn_arena_alloc(arena, container.size + 1 + name.size);
  if (!key) return (firn_str){0};
  if (container.size) memcpy(key, container.data, container.size);
  key[container.size] = 0;
  if (name.size) memcpy(key + container.size + 1, name.data, name.size);
  return (firn_str){key, container.size + 1 + name.size};
}

/* Makes the first handle of that name the origin of this one. */
static bool declare(const firn_step *s, firn_map *names, firn_arena *arena,
                    firn_writers *w) {
  const firn_str key = name_of(s->node, arena);
  uint64_t first = s->out;
  if (!key.data) return false;
  if (!firn_map_get(names, key, &first) && !firn_map_set(names, key, first))
    return false;
  w->origin[s->out] = (uint32_t)first;
  w->declared[s->out] = true;
  return true;
}

/* Forwards: a step's number is above those of everything it uses. */
static bool find_origins(const firn_program *p, firn_map *names,
                         firn_arena *arena, firn_writers *w) {
  for (uint32_t i = 0; i < p->value_count; i++) w->origin[i] = i;
  for (uint32_t i = 0; i < p->step_count; i++) {
    const firn_step *s = &p->steps[i];
    if (has_flag(s, FIRN_OP_HANDLE) && s->out_count == 1) {
      if (!declare(s, names, arena, w)) return false;
    } else if (hands_on(s)) {
      for (uint32_t k = 0; k < s->out_count; k++)
        w->origin[s->out + k] = w->origin[s->in[0]];
    }
  }
  return true;
}

/* An optimiser writes to its slots, too: to all that it is given a handle of.
 */
static void mark_written(const firn_program *p, const firn_step *s,
                         firn_writers *w) {
  bool found = false;
  w->any = true;
  for (uint32_t i = 0; i < s->in_count; i++) {
    const int dtype = p->values[s->in[i]].dtype;
    if (dtype && dtype != FIRN_RESOURCE && !firn_dtype_is_ref(dtype)) continue;
    const uint32_t to = w->origin[s->in[i]];
    found = true;
    w->written[to] = true;
    w->unknown |= !w->declared[to];
  }
  w->unknown |= !found;
}

firn_code firn_writers_find(const firn_program *program, firn_arena *arena,
                            firn_writers *out, firn_error *err) {
  const uint32_t n = program->value_count;
  firn_map names;
  *out = (firn_writers){
      .origin = firn_arena_array(arena, n, sizeof *out->origin),
      .declared = firn_arena_array(arena, n, sizeof *out->declared),
      .written = firn_arena_array(arena, n, sizeof *out->written)};
  if (!out->origin || !out->declared || !out->written)
    return firn_oom(err, n * sizeof *out->origin);
  firn_map_init(&names, &program->env.alloc);
  const bool done = find_origins(program, &names, arena, out);
  firn_map_fini(&names);
  if (!done) return firn_oom(err, n);

  for (uint32_t i = 0; i < program->step_count; i++)
    if (has_flag(&program->steps[i], FIRN_OP_WRITES))
      mark_written(program, &program->steps[i], out);
  return FIRN_OK;
}

bool firn_writers_touch(const firn_writers *writers, uint32_t handle) {
  const uint32_t from = writers->origin[handle];
  return writers->any && (writers->unknown || !writers->declared[from] ||
                          writers->written[from]);
}
