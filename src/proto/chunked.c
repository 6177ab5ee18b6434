/* proto/chunked.c: a message that was too large for one piece.
 *
 * The metadata is a tree: a ChunkedMessage may have a chunk of its own and
 * fields that lie in others. A field is named by the way to it, in steps: a
 * field number, and for repeated fields an index, for maps a key. */
#include "proto/chunked.h"

#include <inttypes.h>
#include <stdlib.h>

#include "proto/merge.h"
#include "proto/message.h"
#include "proto/messages.h"
#include "proto/riegeli.h"

typedef struct joiner {
  const firn_pb_ChunkMetadata *meta;
  const firn_record *records;
  size_t count;
  const firn_limits *limits;
  firn_arena *arena;
  size_t start; /* of the arena's use: what may be added has a limit */
  size_t most;
} joiner;

/* Where a field is: the message that has it, or (field NULL) a message itself.
 */
typedef struct place {
  const firn_pb_type *type;
  void *msg;
  const firn_pb_field *field; /* of text or a number */
} place;

/* ---- Chunks ------------------------------------------------------------- */

static firn_code find_chunk(const joiner *j, uint64_t index, firn_bytes *out,
                            firn_error *err) {
  if (index >= j->meta->chunks_count)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "chunk %" PRIu64 " is asked for, there are %zu", index,
                     j->meta->chunks_count);
  const firn_pb_ChunkInfo *info = j->meta->chunks[index];
  size_t low = 0, high = j->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (j->records[middle].position < info->offset)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == j->count || j->records[low].position != info->offset)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "chunk %" PRIu64 " is to be at offset %" PRIu64
                     ", where no record begins",
                     index, info->offset);
  if (j->records[low].bytes.size != info->size)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "chunk %" PRIu64 " is to have %" PRIu64
                     " bytes, its record has %zu",
                     index, info->size, j->records[low].bytes.size);
  *out = j->records[low].bytes;
  return FIRN_OK;
}

static firn_code merge_bytes(const joiner *j, const firn_pb_type *type,
                             void *into, firn_bytes bytes, firn_error *err) {
  void *part = NULL;
  FIRN_TRY(firn_pb_parse(type, bytes, j->limits, j->arena, &part, err));
  return firn_pb_merge(type, into, part, j->arena) ? FIRN_OK
                                                   : firn_oom(err, bytes.size);
}

/* ---- The way to a field ------------------------------------------------- */

static firn_code no_way(const place *at, const char *why, firn_error *err) {
  return firn_fail(err, FIRN_DATA_LOSS, "a chunk belongs to a %s of %s", why,
                   at->type->name);
}

/* Many small steps could each copy a long list: that has an end. */
static firn_code check_growth(const joiner *j, firn_error *err) {
  if (j->arena->used - j->start <= j->most) return FIRN_OK;
  return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                   "the chunks take more than %zu bytes to join", j->most);
}

static firn_code step_index(const joiner *j, place *at,
                            const firn_pb_field *field, uint64_t index,
                            firn_error *err) {
  const size_t have = *firn_pb_count(at->msg, field);
  if (index >= have) {
    const uint64_t more = index - have + 1;
    const size_t each = ((const firn_pb_type *)field->sub)->size;
    if (more > j->most / each || more > j->meta->chunks_count + have)
      return no_way(at, "list that is not so long", err);
    if (!firn_pb_extend(field, at->msg, (size_t)more, j->arena))
      return firn_oom(err, (size_t)more);
    FIRN_TRY(check_growth(j, err));
  }
  void **item = (void **)*firn_pb_array(at->msg, field) + index;
  *at = (place){field->sub, *item, NULL};
  return FIRN_OK;
}

/* Writes the key into a map entry. False for a kind that does not fit. */
static bool put_key(const firn_pb_field *f, void *entry,
                    const firn_pb_FieldIndex_MapKey *key) {
  if (f->kind == FIRN_PB_STRING) {
    if (key->type_case != 1) return false;
    *(firn_str *)firn_pb_member(entry, f) = key->s;
    return true;
  }
  uint64_t bits = 0;
  switch (key->type_case) {
    case 2: bits = key->boolean; break;
    case 3: bits = key->ui32; break;
    case 4: bits = key->ui64; break;
    case 5: bits = (uint64_t)(int64_t)key->i32; break;
    case 6: bits = (uint64_t)key->i64; break;
    default: return false;
  }
  firn_wire_unload(f->kind, bits, firn_pb_member(entry, f));
  return true;
}

static firn_code step_key(const joiner *j, place *at,
                          const firn_pb_field *field,
                          const firn_pb_FieldIndex_MapKey *key,
                          firn_error *err) {
  const firn_pb_type *type = field->sub;
  void *wanted = firn_pb_new(type, j->arena);
  if (!wanted) return firn_oom(err, type->size);
  if (!put_key(&type->fields[0], wanted, key))
    return no_way(at, "map with keys of another kind", err);
  const size_t have = *firn_pb_count(at->msg, field);
  void *entry = NULL, **list = *firn_pb_array(at->msg, field);
  for (size_t i = 0; i < have && !entry; i++)
    if (firn_pb_rising(type, list[i], wanted) == 0) entry = list[i];
  if (!entry) {
    void *holder = firn_pb_new(at->type, j->arena);
    void **one = firn_arena_array(j->arena, 1, sizeof *one);
    if (!holder || !one) return firn_oom(err, at->type->size);
    *one = entry = wanted;
    *firn_pb_array(holder, field) = (void *)one;
    *firn_pb_count(holder, field) = 1;
    if (!firn_pb_merge(at->type, at->msg, holder, j->arena))
      return firn_oom(err, have);
    FIRN_TRY(check_growth(j, err));
  }
  const firn_pb_field *value = &type->fields[1];
  *at = (place){type, entry, value};
  if (value->kind != FIRN_PB_MESSAGE) return FIRN_OK;
  void **slot = firn_pb_member(entry, value);
  if (!*slot) *slot = firn_pb_new(value->sub, j->arena);
  if (!*slot) return firn_oom(err, 0);
  *at = (place){value->sub, *slot, NULL};
  return FIRN_OK;
}

static firn_code step_field(const joiner *j, place *at,
                            const firn_pb_field *field, firn_error *err) {
  if (field->kind != FIRN_PB_MESSAGE) {
    at->field = field;
    return FIRN_OK;
  }
  void **slot = firn_pb_member(at->msg, field);
  if (!firn_pb_present(field, at->msg) || !*slot) {
    *slot = firn_pb_new(field->sub, j->arena);
    if (!*slot) return firn_oom(err, 0);
    if (field->flags & FIRN_PB_ONEOF)
      *firn_pb_case(at->msg, field) = (int32_t)field->number;
  }
  *at = (place){field->sub, *slot, NULL};
  return FIRN_OK;
}

static firn_code find_place(const joiner *j, const firn_pb_ChunkedField *f,
                            place *at, firn_error *err) {
  for (size_t i = 0; i < f->field_tag_count; i++) {
    const firn_pb_FieldIndex *tag = f->field_tag[i];
    const firn_pb_FieldIndex *next =
        i + 1 < f->field_tag_count ? f->field_tag[i + 1] : NULL;
    const firn_pb_field *field = tag->kind_case == 1 && !at->field
                                     ? firn_pb_find(at->type, tag->field)
                                     : NULL;
    if (!field) return no_way(at, "field that is none", err);
    if (field->flags & FIRN_PB_MAP) {
      if (!next || next->kind_case != 2 || !next->map_key)
        return no_way(at, "map without a key", err);
      FIRN_TRY(step_key(j, at, field, next->map_key, err));
      i++;
    } else if (field->flags & FIRN_PB_REPEATED) {
      if (!next || next->kind_case != 3 || field->kind != FIRN_PB_MESSAGE)
        return no_way(at, "list without an index", err);
      FIRN_TRY(step_index(j, at, field, next->index, err));
      i++;
    } else {
      FIRN_TRY(step_field(j, at, field, err));
    }
  }
  return FIRN_OK;
}

/* ---- Joining
 * ---------------------------------------------------------------------------
 */

static int compare_tags(const firn_pb_FieldIndex *a,
                        const firn_pb_FieldIndex *b) {
  if (a->kind_case != b->kind_case) return a->kind_case < b->kind_case ? -1 : 1;
  if (a->kind_case == 1) return (a->field > b->field) - (a->field < b->field);
  if (a->kind_case == 3) return (a->index > b->index) - (a->index < b->index);
  return 0;
}

/* What is wider comes first, so that a list is there before its elements are
 * filled; of equals, the earlier chunk. */
static int by_place(const void *pa, const void *pb) {
  const firn_pb_ChunkedField *a = *(firn_pb_ChunkedField *const *)pa;
  const firn_pb_ChunkedField *b = *(firn_pb_ChunkedField *const *)pb;
  for (size_t i = 0; i < a->field_tag_count && i < b->field_tag_count; i++) {
    const int order = compare_tags(a->field_tag[i], b->field_tag[i]);
    if (order) return order;
  }
  if (a->field_tag_count != b->field_tag_count)
    return a->field_tag_count < b->field_tag_count ? -1 : 1;
  const uint64_t x = a->message ? a->message->chunk_index : 0;
  const uint64_t y = b->message ? b->message->chunk_index : 0;
  return (x > y) - (x < y);
}

/* Text and bytes lie in their chunk as they are. */
static firn_code set_value(const joiner *j, const place *at,
                           const firn_pb_ChunkedMessage *message,
                           firn_error *err) {
  firn_bytes bytes;
  const firn_pb_field *f = at->field;
  if (f->kind != FIRN_PB_STRING && f->kind != FIRN_PB_BYTES)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "'%s' of %s lies in a chunk of its own, which firn reads "
                     "only for messages and bytes",
                     f->name, at->type->name);
  if (!message->chunk_index_case)
    return no_way(at, "value without a chunk", err);
  FIRN_TRY(find_chunk(j, message->chunk_index, &bytes, err));
  *(firn_str *)firn_pb_member(at->msg, f) =
      (firn_str){(const char *)bytes.data, bytes.size};
  if (f->flags & FIRN_PB_ONEOF) *firn_pb_case(at->msg, f) = (int32_t)f->number;
  return FIRN_OK;
}

static firn_code join(const joiner *j, const firn_pb_ChunkedMessage *message,
                      const firn_pb_type *type, void *into, uint32_t depth,
                      firn_error *err) {
  firn_bytes bytes;
  if (depth == 0)
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                     "the chunks are nested too deeply");
  if (message->chunk_index_case) {
    FIRN_TRY(find_chunk(j, message->chunk_index, &bytes, err));
    FIRN_TRY(merge_bytes(j, type, into, bytes, err));
    FIRN_TRY(check_growth(j, err));
  }
  if (message->chunked_fields_count)
    qsort(message->chunked_fields, message->chunked_fields_count,
          sizeof *message->chunked_fields, by_place);
  for (size_t i = 0; i < message->chunked_fields_count; i++) {
    const firn_pb_ChunkedField *field = message->chunked_fields[i];
    place at = {type, into, NULL};
    if (!field->message) continue;
    FIRN_TRY(find_place(j, field, &at, err));
    if (at.field)
      FIRN_TRY(set_value(j, &at, field->message, err));
    else
      FIRN_TRY(join(j, field->message, at.type, at.msg, depth - 1, err));
  }
  return FIRN_OK;
}

firn_code firn_chunked_parse(firn_bytes input, const firn_pb_type *type,
                             const firn_env *env, firn_arena *arena, void **out,
                             firn_error *err) {
  enum { SPARE = 16 << 20, TIMES = 64 };
  joiner j = {.limits = &env->limits, .arena = arena};
  firn_record *records = NULL;
  void *meta = NULL;
  size_t total = 0;
  *out = NULL;
  FIRN_TRY(firn_riegeli_read(input, !env->skip_checksums, arena, &records,
                             &j.count, err));
  if (!j.count)
    return firn_fail(err, FIRN_DATA_LOSS, "the file has no records");
  j.records = records;
  const firn_code code =
      firn_pb_parse(&firn_pb_type_ChunkMetadata, records[j.count - 1].bytes,
                    &env->limits, arena, &meta, err);
  if (code != FIRN_OK) return firn_while(err, code, "the last record");
  j.meta = meta;
  for (size_t i = 0; i < j.count; i++) total += records[i].bytes.size;
  j.start = arena->used;
  j.most =
      total > (SIZE_MAX - SPARE) / TIMES ? SIZE_MAX : SPARE + total * TIMES;
  *out = firn_pb_new(type, arena);
  if (!*out) return firn_oom(err, type->size);
  if (!j.meta->message) return FIRN_OK;
  return join(&j, j.meta->message, type, *out, FIRN_PB_DEFAULT_NESTING, err);
}
