/* opdef/opdef.c: finds an op by the generated perfect hash and parses it. */
#include "opdef/opdef.h"

#include "opdef/opdef_table.h"

enum { NAME_AT = 2, NESTING = 20 };

/* FNV-1a, then a mix of its bits: the hash that tools/gen_opdef.py placed the
 * ops by. It is part of the table, hence not base's. */
static uint64_t hash_name(firn_str name) {
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t i = 0; i < name.size; i++)
    h = (h ^ (uint8_t)name.data[i]) * 0x100000001b3u;
  h ^= h >> 32;
  h *= 0x9e3779b97f4a7c15u;
  return h ^ h >> 29;
}

size_t firn_opdef_count(void) { return firn_opdef_op_count; }

firn_str firn_opdef_name(size_t i) {
  const char *message = firn_opdef_blob + firn_opdef_starts[i];
  return (firn_str){message + NAME_AT, (size_t)(uint8_t)message[1]};
}

/* The only op that `name` can be, or op_count. */
static uint32_t candidate(firn_str name) {
  const uint64_t h = hash_name(name);
  const uint32_t bucket = (uint32_t)(h >> 32) % firn_opdef_bucket_count;
  const uint32_t shift = firn_opdef_shifts[bucket] * 0x9e3779b1u;
  return firn_opdef_slots[((uint32_t)h ^ shift) % firn_opdef_slot_count];
}

firn_code firn_opdef_find(firn_str op, firn_arena *arena,
                          const firn_pb_OpDef **out, firn_error *err) {
  *out = NULL;
  const uint32_t i = candidate(op);
  if (i >= firn_opdef_op_count || !firn_str_eq(firn_opdef_name(i), op))
    return FIRN_OK;

  const uint32_t start = firn_opdef_starts[i];
  const firn_bytes bytes = {(const uint8_t *)firn_opdef_blob + start,
                            firn_opdef_starts[i + 1] - start};
  const firn_limits limits = {.nesting = NESTING};
  void *def = NULL;
  FIRN_TRY(
      firn_pb_parse(&firn_pb_type_OpDef, bytes, &limits, arena, &def, err));
  *out = def;
  return FIRN_OK;
}

const firn_pb_OpDef_AttrDef *firn_opdef_attr(const firn_pb_OpDef *def,
                                             firn_str name) {
  for (size_t i = 0; def && i < def->attr_count; i++)
    if (firn_str_eq(def->attr[i]->name, name)) return def->attr[i];
  return NULL;
}
