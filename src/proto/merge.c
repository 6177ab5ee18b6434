/* proto/merge.c: put one message into another. */
#include "proto/merge.h"

#include "proto/message.h"

static bool join(const firn_pb_field *f, void *into, const void *from,
                 firn_arena *arena) {
  const size_t width = firn_pb_width(f->kind);
  const size_t have = *firn_pb_count(into, f), more = *firn_pb_count(from, f);
  if (!more) return true;
  if (!have) {
    *firn_pb_array(into, f) = *firn_pb_array(from, f);
    *firn_pb_count(into, f) = more;
    return true;
  }
  char *all = firn_arena_array(arena, have + more, width);
  if (!all) return false;
  memcpy(all, *firn_pb_array(into, f), have * width);
  memcpy(all + have * width, *firn_pb_array(from, f), more * width);
  *firn_pb_array(into, f) = (void *)all;
  *firn_pb_count(into, f) = have + more;
  if (!(f->flags & FIRN_PB_MAP)) return true;
  void **scratch = firn_arena_array(arena, have + more, sizeof *scratch);
  if (!scratch) return false;
  *firn_pb_count(into, f) = firn_pb_entries_sort(
      f->sub, firn_pb_rising, (void **)all, have + more, scratch);
  return true;
}

static bool merge_field(const firn_pb_field *f, void *into, const void *from,
                        firn_arena *arena) {
  if (f->flags & FIRN_PB_REPEATED) return join(f, into, from, arena);
  if (!firn_pb_present(f, from)) return true;
  void **mine = firn_pb_member(into, f);
  void *const *theirs = firn_pb_member(from, f);
  if (f->kind == FIRN_PB_MESSAGE && firn_pb_present(f, into) && *mine &&
      *theirs)
    return firn_pb_merge(f->sub, *mine, *theirs, arena);
  memcpy(mine, theirs, firn_pb_width(f->kind));
  if (f->flags & FIRN_PB_ONEOF) *firn_pb_case(into, f) = (int32_t)f->number;
  return true;
}

bool firn_pb_merge(const firn_pb_type *type, void *into, const void *from,
                   firn_arena *arena) {
  firn_pb_unknown *mine = into;
  const firn_pb_unknown *theirs = from;
  if (theirs->count) {
    firn_bytes *all =
        firn_arena_array(arena, mine->count + theirs->count, sizeof *all);
    if (!all) return false;
    if (mine->count) memcpy(all, mine->items, mine->count * sizeof *all);
    memcpy(all + mine->count, theirs->items, theirs->count * sizeof *all);
    mine->items = all;
    mine->count += theirs->count;
  }
  for (size_t i = 0; i < type->count; i++)
    if (!merge_field(&type->fields[i], into, from, arena)) return false;
  return true;
}

bool firn_pb_extend(const firn_pb_field *field, void *msg, size_t count,
                    firn_arena *arena) {
  const size_t have = *firn_pb_count(msg, field);
  void **all = firn_arena_array(arena, have + count, sizeof *all);
  if (!all) return false;
  if (have) memcpy(all, *firn_pb_array(msg, field), have * sizeof *all);
  for (size_t i = 0; i < count; i++) {
    all[have + i] = firn_pb_new(field->sub, arena);
    if (!all[have + i]) return false;
  }
  *firn_pb_array(msg, field) = (void *)all;
  *firn_pb_count(msg, field) = have + count;
  return true;
}
