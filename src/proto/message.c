/* proto/message.c: messages in memory: making, copying, comparing, and the
 * order of map entries. */
#include "proto/message.h"

void *firn_pb_new(const firn_pb_type *type, firn_arena *arena) {
  return firn_arena_zeroed(arena, type->size);
}

const char *firn_pb_enum_name(const firn_pb_enum *e, int32_t number) {
  for (size_t i = 0; i < e->count; i++)
    if (e->values[i].number == number) return e->values[i].name;
  return NULL;
}

bool firn_pb_enum_number(const firn_pb_enum *e, firn_str name, int32_t *out) {
  for (size_t i = 0; i < e->count; i++)
    if (firn_str_is(name, e->values[i].name)) {
      *out = e->values[i].number;
      return true;
    }
  return false;
}

const firn_pb_type *firn_pb_find_any(firn_str type_url) {
  size_t start = type_url.size;
  while (start > 0 && type_url.data[start - 1] != '/') start--;
  return start == 0 ? NULL
                    : firn_pb_find_type((firn_str){type_url.data + start,
                                                   type_url.size - start});
}

bool firn_pb_present(const firn_pb_field *f, const void *msg) {
  const void *member = firn_pb_member(msg, f);
  if (f->flags & FIRN_PB_ONEOF)
    return *firn_pb_case(msg, f) == (int32_t)f->number;
  switch (f->kind) {
    case FIRN_PB_STRING:
    case FIRN_PB_BYTES: return ((const firn_str *)member)->size != 0;
    case FIRN_PB_MESSAGE: return *(void *const *)member != NULL;
    default: return firn_wire_load(f->kind, member) != 0;
  }
}

const firn_pb_type *firn_pb_find_type(firn_str name) {
  for (const firn_pb_type *const *t = firn_pb_types; *t; t++)
    if (firn_str_is(name, (*t)->name)) return *t;
  return NULL;
}

/* ---- Maps. ------------------------------------------------------------- */

static firn_str text_key(const firn_pb_type *entry, const void *msg) {
  return *(const firn_str *)firn_pb_member(msg, &entry->fields[0]);
}

static int compare_numbers(const firn_pb_field *key, const void *a,
                           const void *b) {
  uint64_t p = firn_wire_load(key->kind, firn_pb_member(a, key));
  uint64_t q = firn_wire_load(key->kind, firn_pb_member(b, key));
  switch (key->kind) {
    case FIRN_PB_SINT32:
    case FIRN_PB_SINT64:
      p = (uint64_t)firn_wire_unzigzag(p);
      q = (uint64_t)firn_wire_unzigzag(q);
      break;
    case FIRN_PB_SFIXED32:
      p = (uint64_t)(int32_t)p;
      q = (uint64_t)(int32_t)q;
      break;
    case FIRN_PB_UINT64:
    case FIRN_PB_FIXED64: return (p > q) - (p < q);
    default: break;
  }
  return ((int64_t)p > (int64_t)q) - ((int64_t)p < (int64_t)q);
}

int firn_pb_rising(const firn_pb_type *entry, const void *a, const void *b) {
  const firn_pb_field *key = &entry->fields[0];
  if (key->kind != FIRN_PB_STRING) return compare_numbers(key, a, b);
  return firn_str_compare(text_key(entry, a), text_key(entry, b));
}

int firn_pb_python(const firn_pb_type *entry, const void *a, const void *b) {
  const firn_pb_field *key = &entry->fields[0];
  if (key->kind != FIRN_PB_STRING) return compare_numbers(key, b, a);
  const firn_str x = text_key(entry, a), y = text_key(entry, b);
  return firn_str_starts(x, y) || firn_str_starts(y, x)
             ? (x.size < y.size) - (x.size > y.size)
             : firn_str_compare(x, y);
}

bool firn_pb_entries_sorted(const firn_pb_type *entry, firn_pb_order *order,
                            void *const *entries, size_t count) {
  for (size_t i = 1; i < count; i++)
    if (order(entry, entries[i - 1], entries[i]) >= 0) return false;
  return true;
}

/* Merges two neighbouring sorted runs; equal keys stay in their order. */
static void merge_runs(const firn_pb_type *entry, firn_pb_order *order,
                       void **from, void **to, size_t begin, size_t middle,
                       size_t end) {
  size_t i = begin, j = middle;
  for (size_t k = begin; k < end; k++)
    to[k] = i < middle && (j >= end || order(entry, from[i], from[j]) <= 0)
                ? from[i++]
                : from[j++];
}

size_t firn_pb_entries_sort(const firn_pb_type *entry, firn_pb_order *order,
                            void **entries, size_t count, void **scratch) {
  void **from = entries, **to = scratch;
  for (size_t run = 1; run < count; run *= 2) {
    for (size_t i = 0; i < count; i += 2 * run)
      merge_runs(entry, order, from, to, i, firn_min_size(i + run, count),
                 firn_min_size(i + 2 * run, count));
    void **other = from;
    from = to;
    to = other;
  }

  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (i + 1 == count || order(entry, from[i], from[i + 1]) != 0)
      entries[kept++] = from[i];
  return kept;
}

void *const *firn_pb_entries(const firn_pb_field *f, const void *msg,
                             firn_pb_order *order, firn_arena *arena,
                             size_t *count) {
  void **own = *firn_pb_array(msg, f);
  *count = *firn_pb_count(msg, f);
  if (firn_pb_entries_sorted(f->sub, order, own, *count)) return own;

  void **copy = firn_arena_array(arena, *count, sizeof *copy);
  void **scratch = firn_arena_array(arena, *count, sizeof *scratch);
  if (!copy || !scratch) return NULL;
  memcpy(copy, own, *count * sizeof *copy);
  *count = firn_pb_entries_sort(f->sub, order, copy, *count, scratch);
  return copy;
}

/* ---- Copies. ----------------------------------------------------------- */

static void *copy_array(const void *from, size_t count, size_t width,
                        firn_arena *arena) {
  void *to = firn_arena_array(arena, count, width);
  if (to && count) memcpy(to, from, count * width);
  return to;
}

static bool copy_messages(const firn_pb_type *type, void **items, size_t count,
                          firn_arena *arena) {
  for (size_t i = 0; i < count; i++) {
    if (!items[i]) continue;
    items[i] = firn_pb_copy(type, items[i], arena);
    if (!items[i]) return false;
  }
  return true;
}

/* `msg` is a plain copy of the struct: gives it arrays and messages of its own.
 */
static bool copy_field(const firn_pb_field *f, void *msg, firn_arena *arena) {
  void **slot = firn_pb_array(msg, f);
  if (f->flags & FIRN_PB_REPEATED) {
    const size_t count = *firn_pb_count(msg, f);
    if (!count) return true;
    *slot = copy_array(*slot, count, firn_pb_width(f->kind), arena);
    return *slot && (f->kind != FIRN_PB_MESSAGE ||
                     copy_messages(f->sub, *slot, count, arena));
  }
  if (f->kind != FIRN_PB_MESSAGE || !firn_pb_present(f, msg)) return true;
  return copy_messages(f->sub, slot, 1, arena);
}

void *firn_pb_copy(const firn_pb_type *type, const void *msg,
                   firn_arena *arena) {
  firn_pb_unknown *to = firn_pb_new(type, arena);
  if (!to) return NULL;
  memcpy(to, msg, type->size);
  if (to->count) {
    to->items = copy_array(to->items, to->count, sizeof *to->items, arena);
    if (!to->items) return NULL;
  }
  for (size_t i = 0; i < type->count; i++)
    if (!copy_field(&type->fields[i], to, arena)) return NULL;
  return to;
}

/* ---- Equality. --------------------------------------------------------- */

static bool equal_value(const firn_pb_field *f, const void *a, const void *b) {
  switch (f->kind) {
    case FIRN_PB_STRING:
    case FIRN_PB_BYTES:
      return firn_str_eq(*(const firn_str *)a, *(const firn_str *)b);
    case FIRN_PB_MESSAGE:
      return firn_pb_equal(f->sub, *(void *const *)a, *(void *const *)b);
    default: return memcmp(a, b, firn_pb_width(f->kind)) == 0;
  }
}

static bool equal_arrays(const firn_pb_field *f, const void *a, const void *b) {
  const char *x = *firn_pb_array(a, f), *y = *firn_pb_array(b, f);
  const size_t count = *firn_pb_count(a, f), width = firn_pb_width(f->kind);
  if (count != *firn_pb_count(b, f)) return false;
  if (firn_wire_packs(f->kind)) return !count || !memcmp(x, y, count * width);
  for (size_t i = 0; i < count; i++)
    if (!equal_value(f, x + i * width, y + i * width)) return false;
  return true;
}

/* Every entry of `a` has its equal in `b`: the last of its key, which counts.
 */
static bool entries_within(const firn_pb_field *f, const void *a,
                           const void *b) {
  void *const *x = *firn_pb_array(a, f), *const *y = *firn_pb_array(b, f);
  const size_t many = *firn_pb_count(b, f);
  for (size_t i = *firn_pb_count(a, f); i-- > 0;) {
    size_t at = many, later = *firn_pb_count(a, f);
    while (--later > i && firn_pb_rising(f->sub, x[i], x[later])) continue;
    if (later > i) continue; /* a later entry of that key hides this one */
    while (at > 0 && firn_pb_rising(f->sub, x[i], y[at - 1])) at--;
    if (at == 0 || !firn_pb_equal(f->sub, x[i], y[at - 1])) return false;
  }
  return true;
}

/* Maps that were parsed are sorted and compare in one walk; others are rare. */
static bool equal_maps(const firn_pb_field *f, const void *a, const void *b) {
  if (firn_pb_entries_sorted(f->sub, firn_pb_rising, *firn_pb_array(a, f),
                             *firn_pb_count(a, f)) &&
      firn_pb_entries_sorted(f->sub, firn_pb_rising, *firn_pb_array(b, f),
                             *firn_pb_count(b, f)))
    return equal_arrays(f, a, b);
  return entries_within(f, a, b) && entries_within(f, b, a);
}

static bool equal_field(const firn_pb_type *type, const firn_pb_field *f,
                        const void *a, const void *b) {
  if (f->flags & FIRN_PB_MAP) return equal_maps(f, a, b);
  if (f->flags & FIRN_PB_REPEATED) return equal_arrays(f, a, b);
  const bool here = type->map_entry || firn_pb_present(f, a);
  if (here != (type->map_entry || firn_pb_present(f, b))) return false;
  return !here || equal_value(f, firn_pb_member(a, f), firn_pb_member(b, f));
}

static bool equal_unknown(const firn_pb_unknown *a, const firn_pb_unknown *b) {
  if (a->count != b->count) return false;
  for (size_t i = 0; i < a->count; i++)
    if (a->items[i].size != b->items[i].size ||
        memcmp(a->items[i].data, b->items[i].data, a->items[i].size))
      return false;
  return true;
}

bool firn_pb_equal(const firn_pb_type *type, const void *a, const void *b) {
  if (a == b) return true;
  if (!a || !b) { /* only in map entries: an absent value is an empty one */
    uint64_t size = 1;
    return firn_pb_size(type, a ? a : b, &size, NULL) == FIRN_OK && size == 0;
  }
  if (!equal_unknown(a, b)) return false;
  for (size_t i = 0; i < type->count; i++)
    if (!equal_field(type, &type->fields[i], a, b)) return false;
  return true;
}
