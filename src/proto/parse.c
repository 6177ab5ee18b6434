/* proto/parse.c: the binary form into message structs.
 *
 * A message is walked twice. The first walk takes every field that stands alone
 * and counts the repeated ones; then the arrays are allocated, exactly; the
 * second walk fills them. Payloads of inner messages are stepped over in both,
 * so each tag is looked at twice whatever the depth, and what is allocated is
 * bounded by the input.
 *
 * A message field that occurs again is merged, which is the same as parsing its
 * payloads one after the other. So the first walk only collects the pieces, and
 * "parse a message" always means "parse a ring of pieces".
 */
#include "proto/message.h"

#include <stdio.h>

enum { PATH_MAX_BYTES = 240 };

/* A ring: the slot of a message field holds its last piece during the walk. */
typedef struct piece {
  firn_bytes bytes;
  struct piece *next;
} piece;

/* Where we are, for messages to people. */
typedef struct frame {
  const struct frame *up;
  const firn_pb_field *field;
  size_t index;
} frame;

typedef struct parser {
  const uint8_t *base;
  firn_arena *arena;
  firn_arena vain; /* for what is parsed only to be looked at */
  piece *spare;    /* pieces that have served */
  const frame *where;
  uint32_t depth, max_depth;
  firn_error *err;
} parser;

/* One field as it lies in the input. */
typedef struct item {
  const firn_pb_field
      *field; /* NULL: unknown to the type, or of another form */
  uint32_t number, wire;
  uint64_t value;   /* a number      */
  firn_bytes bytes; /* a payload     */
  firn_bytes whole; /* with its tag  */
} item;

/* ---- Complaints. ------------------------------------------------------- */

static size_t put_path(char *out, const frame *at) {
  if (!at) return 0;
  size_t n = put_path(out, at->up);
  if (n >= PATH_MAX_BYTES) return n;
  const size_t room = PATH_MAX_BYTES - n;
  const char *dot = n ? "." : "";
  const int wrote = at->field->flags & FIRN_PB_REPEATED
                        ? snprintf(out + n, room, "%s%s[%zu]", dot,
                                   at->field->name, at->index)
                        : snprintf(out + n, room, "%s%s", dot, at->field->name);
  return n + firn_min_size((size_t)wrote, room);
}

/* "node[3].attr: <what> at offset 4711". The tail is the field that was being
 * read, if its number is known to the type. */
static firn_code damaged(const parser *p, const firn_pb_field *tail,
                         const uint8_t *at, const char *what) {
  char path[PATH_MAX_BYTES + 1] = {0};
  const size_t n = put_path(path, p->where);
  return firn_fail(p->err, FIRN_DATA_LOSS, "%s%s%s%s%s at offset %zu", path,
                   n && tail ? "." : "", tail ? tail->name : "",
                   n || tail ? ": " : "", what, (size_t)(at - p->base));
}

static firn_code too_deep(const parser *p) {
  char path[PATH_MAX_BYTES + 1] = {0};
  put_path(path, p->where);
  return firn_fail(p->err, FIRN_RESOURCE_EXHAUSTED,
                   "%s: messages are nested more than %u deep", path,
                   p->max_depth);
}

/* ---- One field. -------------------------------------------------------- */

static firn_code read_long_varint(const parser *p, const firn_pb_field *f,
                                  const uint8_t **at, const uint8_t *end,
                                  uint64_t *value) {
  const uint8_t *next = firn_wire_read(*at, end, value);
  if (!next) {
    firn_bytes rest = {*at, (size_t)(end - *at)};
    firn_error why = FIRN_ERROR_INIT;
    (void)!firn_wire_varint(&rest, value, &why);
    return damaged(p, f, *at, why.message);
  }
  *at = next;
  return FIRN_OK;
}

/* Most are tags and lengths of one byte. */
static inline firn_code read_varint(const parser *p, const firn_pb_field *f,
                                    const uint8_t **at, const uint8_t *end,
                                    uint64_t *value) {
  if (*at == end || **at >= 0x80) return read_long_varint(p, f, at, end, value);
  *value = *(*at)++;
  return FIRN_OK;
}

static firn_code read_tag(const parser *p, const uint8_t **at,
                          const uint8_t *end, item *it) {
  const uint8_t *start = *at;
  uint64_t tag;
  FIRN_TRY(read_varint(p, NULL, at, end, &tag));
  if (tag > UINT32_MAX || tag >> 3 == 0)
    return damaged(p, NULL, start, "a tag that is no field's");
  it->number = (uint32_t)(tag >> 3);
  it->wire = (uint32_t)(tag & 7);
  return FIRN_OK;
}

static firn_code read_fixed(const parser *p, const firn_pb_field *f,
                            const uint8_t **at, const uint8_t *end, size_t size,
                            uint64_t *value) {
  if ((size_t)(end - *at) < size)
    return damaged(p, f, *at, "a number runs past the end");
  *value = size == 8 ? firn_load64(*at) : firn_load32(*at);
  *at += size;
  return FIRN_OK;
}

static firn_code read_payload(const parser *p, const firn_pb_field *f,
                              const uint8_t **at, const uint8_t *end,
                              firn_bytes *out) {
  const uint8_t *start = *at;
  uint64_t size;
  FIRN_TRY(read_varint(p, f, at, end, &size));
  if (size > (size_t)(end - *at)) {
    char what[64];
    snprintf(what, sizeof what, "length %llu runs past the end",
             (unsigned long long)size);
    return damaged(p, f, start, what);
  }
  *out = (firn_bytes){*at, (size_t)size};
  *at += size;
  return FIRN_OK;
}

static firn_code read_value(const parser *p, const firn_pb_field *f,
                            const uint8_t **at, const uint8_t *end, item *it) {
  switch (it->wire) {
    case FIRN_WIRE_VARINT: return read_varint(p, f, at, end, &it->value);
    case FIRN_WIRE_FIXED64: return read_fixed(p, f, at, end, 8, &it->value);
    case FIRN_WIRE_FIXED32: return read_fixed(p, f, at, end, 4, &it->value);
    case FIRN_WIRE_BYTES: return read_payload(p, f, at, end, &it->bytes);
    default: return damaged(p, f, *at, "a tag of no known form");
  }
}

/* Steps over a group, the only thing that has to be walked to find its end. */
static firn_code skip_group(const parser *p, const uint8_t **at,
                            const uint8_t *end, uint32_t number,
                            uint32_t depth) {
  if (depth >= p->max_depth) return too_deep(p);
  while (*at < end) {
    const uint8_t *start = *at;
    item it = {0};
    FIRN_TRY(read_tag(p, at, end, &it));
    if (it.wire == FIRN_WIRE_GROUP_END) {
      if (it.number == number) return FIRN_OK;
      return damaged(p, NULL, start, "a group ends that was not begun");
    }
    if (it.wire == FIRN_WIRE_GROUP)
      FIRN_TRY(skip_group(p, at, end, it.number, depth + 1));
    else
      FIRN_TRY(read_value(p, NULL, at, end, &it));
  }
  return damaged(p, NULL, end, "a group has no end");
}

/* Whether the field may come in this form. */
static bool fits(const firn_pb_field *f, uint32_t wire) {
  return wire == firn_wire_type(f->kind) ||
         (wire == FIRN_WIRE_BYTES && (f->flags & FIRN_PB_REPEATED) &&
          firn_wire_packs(f->kind));
}

static firn_code next_item(const parser *p, const firn_pb_type *type,
                           const uint8_t **at, const uint8_t *end, item *it) {
  const uint8_t *start = *at;
  FIRN_TRY(read_tag(p, at, end, it));
  it->field = firn_pb_find(type, it->number);
  if (it->wire == FIRN_WIRE_GROUP)
    FIRN_TRY(skip_group(p, at, end, it->number, p->depth));
  else
    FIRN_TRY(read_value(p, it->field, at, end, it));
  if (it->field && !fits(it->field, it->wire)) it->field = NULL;
  it->whole = (firn_bytes){start, (size_t)(*at - start)};
  return FIRN_OK;
}

/* ---- Pieces. ----------------------------------------------------------- */

static piece *new_piece(parser *p, firn_bytes bytes) {
  piece *q = p->spare;
  if (q)
    p->spare = q->next;
  else
    q = firn_arena_alloc(p->arena, sizeof *q);
  if (q) *q = (piece){bytes, q};
  return q;
}

static firn_code add_piece(parser *p, void **slot, firn_bytes bytes) {
  piece *last = *slot, *q = new_piece(p, bytes);
  if (!q) return firn_oom(p->err, sizeof *q);
  if (last) {
    q->next = last->next;
    last->next = q;
  }
  *slot = q;
  return FIRN_OK;
}

static void spare_ring(parser *p, piece *last) {
  piece *first = last->next;
  last->next = p->spare;
  p->spare = first;
}

static firn_code parse_ring(parser *p, const firn_pb_type *type, void *msg,
                            const piece *last);

/* Turns the ring in the slot of a message field into the message. */
static firn_code settle(parser *p, const firn_pb_field *f, void **slot) {
  const piece *last = *slot;
  const frame here = {p->where, f, 0};
  void *msg = firn_pb_new(f->sub, p->arena);
  if (!msg) return firn_oom(p->err, ((const firn_pb_type *)f->sub)->size);
  *slot = msg;
  p->where = &here;
  const firn_code code = parse_ring(p, f->sub, msg, last);
  p->where = here.up;
  return code;
}

/* The message of a oneof that another member pushes out is parsed all the same,
 * since its damage is damage; but what it takes is given back. */
static firn_code settle_in_vain(parser *p, const firn_pb_field *f,
                                void **slot) {
  if (p->arena == &p->vain) return settle(p, f, slot);
  firn_arena *own = p->arena;
  piece *spare = p->spare;
  p->arena = &p->vain;
  p->spare = NULL;
  const firn_code code = settle(p, f, slot);
  p->arena = own;
  p->spare = spare;
  firn_arena_reset(&p->vain);
  return code;
}

/* ---- First walk. ------------------------------------------------------- */

static bool is_ring(const firn_pb_field *f) {
  return f->kind == FIRN_PB_MESSAGE && !(f->flags & FIRN_PB_REPEATED);
}

/* Makes `f` the set member of its oneof. */
static firn_code choose(parser *p, const firn_pb_type *type,
                        const firn_pb_field *f, void *msg) {
  int32_t *set = firn_pb_case(msg, f);
  if (*set == (int32_t)f->number) return FIRN_OK;
  if (*set) {
    const firn_pb_field *old = firn_pb_find(type, (uint32_t)*set);
    void **slot = firn_pb_member(msg, old);
    piece *last = is_ring(old) ? *slot : NULL;
    if (last) FIRN_TRY(settle_in_vain(p, old, slot));
    if (last) spare_ring(p, last);
  }
  *set = (int32_t)f->number;
  if (f->kind == FIRN_PB_MESSAGE) *(void **)firn_pb_member(msg, f) = NULL;
  return FIRN_OK;
}

static firn_code count_packed(const parser *p, const item *it, size_t *count) {
  const firn_bytes b = it->bytes;
  const size_t width = firn_pb_width(it->field->kind);
  if (firn_wire_type(it->field->kind) != FIRN_WIRE_VARINT) {
    if (b.size % width)
      return damaged(p, it->field, b.data, "packed numbers are cut short");
    *count += b.size / width;
    return FIRN_OK;
  }
  size_t ends = 0;
  for (size_t i = 0; i < b.size; i++) ends += b.data[i] < 0x80;
  if (b.size && b.data[b.size - 1] >= 0x80)
    return damaged(p, it->field, b.data, "packed numbers are cut short");
  *count += ends;
  return FIRN_OK;
}

static firn_code take_item(parser *p, const firn_pb_type *type, const item *it,
                           void *msg) {
  const firn_pb_field *f = it->field;
  if (!f) {
    ((firn_pb_unknown *)msg)->count++;
    return FIRN_OK;
  }
  if (f->flags & FIRN_PB_REPEATED) {
    size_t *count = firn_pb_count(msg, f);
    if (it->wire == FIRN_WIRE_BYTES && firn_wire_packs(f->kind))
      return count_packed(p, it, count);
    ++*count;
    return FIRN_OK;
  }
  if (f->flags & FIRN_PB_ONEOF) FIRN_TRY(choose(p, type, f, msg));
  void *member = firn_pb_member(msg, f);
  if (f->kind == FIRN_PB_MESSAGE) return add_piece(p, member, it->bytes);
  if (firn_wire_packs(f->kind))
    firn_wire_unload(f->kind, it->value, member);
  else
    *(firn_str *)member =
        (firn_str){(const char *)it->bytes.data, it->bytes.size};
  return FIRN_OK;
}

static firn_code first_walk(parser *p, const firn_pb_type *type, void *msg,
                            firn_bytes in) {
  const uint8_t *at = in.data, *end = at + in.size;
  while (at < end) {
    item it = {0};
    FIRN_TRY(next_item(p, type, &at, end, &it));
    FIRN_TRY(take_item(p, type, &it, msg));
  }
  return FIRN_OK;
}

/* ---- Second walk. ------------------------------------------------------ */

/* Allocates what was counted and sets the counts back. */
static firn_code make_arrays(parser *p, const firn_pb_type *type, void *msg,
                             bool *any) {
  firn_pb_unknown *unknown = msg;
  if (unknown->count) {
    unknown->items =
        firn_arena_array(p->arena, unknown->count, sizeof *unknown->items);
    if (!unknown->items) return firn_oom(p->err, unknown->count);
    unknown->count = 0;
    *any = true;
  }
  for (size_t i = 0; i < type->count; i++) {
    const firn_pb_field *f = &type->fields[i];
    if (!(f->flags & FIRN_PB_REPEATED)) continue;
    size_t *count = firn_pb_count(msg, f);
    if (!*count) continue;
    void **array = firn_pb_array(msg, f);
    *array = firn_arena_array(p->arena, *count, firn_pb_width(f->kind));
    if (!*array) return firn_oom(p->err, *count * firn_pb_width(f->kind));
    *count = 0;
    *any = true;
  }
  return FIRN_OK;
}

static firn_code fill_packed(const parser *p, const item *it, char *to,
                             size_t *count) {
  const uint8_t kind = it->field->kind;
  const size_t width = firn_pb_width(kind);
  const uint8_t *at = it->bytes.data, *end = at + it->bytes.size;
  if (firn_wire_type(kind) == FIRN_WIRE_VARINT) {
    for (; at < end; to += width, ++*count) {
      uint64_t value;
      FIRN_TRY(read_varint(p, it->field, &at, end, &value));
      firn_wire_unload(kind, value, to);
    }
    return FIRN_OK;
  }
  *count += it->bytes.size / width;
  if (FIRN_WIRE_IS_NATIVE) {
    if (it->bytes.size) memcpy(to, at, it->bytes.size);
    return FIRN_OK;
  }
  for (; at < end; at += width, to += width)
    firn_wire_unload(kind, width == 8 ? firn_load64(at) : firn_load32(at), to);
  return FIRN_OK;
}

static firn_code fill_message(parser *p, const item *it, void **to,
                              size_t index) {
  const firn_pb_type *type = it->field->sub;
  const frame here = {p->where, it->field, index};
  piece only = {it->bytes, &only};
  *to = firn_pb_new(type, p->arena);
  if (!*to) return firn_oom(p->err, type->size);
  p->where = &here;
  const firn_code code = parse_ring(p, type, *to, &only);
  p->where = here.up;
  return code;
}

static firn_code fill_item(parser *p, const item *it, void *msg) {
  const firn_pb_field *f = it->field;
  if (!f) {
    firn_pb_unknown *unknown = msg;
    unknown->items[unknown->count++] = it->whole;
    return FIRN_OK;
  }
  if (!(f->flags & FIRN_PB_REPEATED)) return FIRN_OK;
  size_t *count = firn_pb_count(msg, f);
  char *to = *firn_pb_array(msg, f);
  if (!to) return FIRN_OK; /* packed, and none of them */
  to += *count * firn_pb_width(f->kind);
  if (firn_wire_packs(f->kind)) {
    if (it->wire == FIRN_WIRE_BYTES) return fill_packed(p, it, to, count);
    firn_wire_unload(f->kind, it->value, to);
  } else if (f->kind == FIRN_PB_MESSAGE) {
    FIRN_TRY(fill_message(p, it, (void **)to, *count));
  } else {
    *(firn_str *)to = (firn_str){(const char *)it->bytes.data, it->bytes.size};
  }
  ++*count;
  return FIRN_OK;
}

static firn_code second_walk(parser *p, const firn_pb_type *type, void *msg,
                             firn_bytes in) {
  const uint8_t *at = in.data, *end = at + in.size;
  while (at < end) {
    item it = {0};
    FIRN_TRY(next_item(p, type, &at, end, &it));
    FIRN_TRY(fill_item(p, &it, msg));
  }
  return FIRN_OK;
}

/* ---- A message. -------------------------------------------------------- */

/* Entries in the order of their keys, of equal ones the last; a message value
 * is there even when it is absent. */
static firn_code tidy_map(parser *p, const firn_pb_field *f, void *msg) {
  const firn_pb_type *entry = f->sub;
  const firn_pb_field *value = &entry->fields[1];
  void **entries = *firn_pb_array(msg, f);
  size_t *count = firn_pb_count(msg, f);
  for (size_t i = 0; i < *count; i++) {
    void **slot = firn_pb_member(entries[i], value);
    if (value->kind != FIRN_PB_MESSAGE) break;
    if (!*slot) *slot = firn_pb_new(value->sub, p->arena);
    if (!*slot)
      return firn_oom(p->err, ((const firn_pb_type *)value->sub)->size);
  }
  if (firn_pb_entries_sorted(entry, firn_pb_rising, entries, *count))
    return FIRN_OK;
  void **scratch = firn_arena_array(p->arena, *count, sizeof *scratch);
  if (!scratch) return firn_oom(p->err, *count * sizeof *scratch);
  *count =
      firn_pb_entries_sort(entry, firn_pb_rising, entries, *count, scratch);
  return FIRN_OK;
}

static firn_code finish(parser *p, const firn_pb_type *type, void *msg) {
  for (size_t i = 0; i < type->count; i++) {
    const firn_pb_field *f = &type->fields[i];
    if (f->flags & FIRN_PB_MAP) {
      FIRN_TRY(tidy_map(p, f, msg));
    } else if (is_ring(f)) {
      void **slot = firn_pb_member(msg, f);
      const bool set = !(f->flags & FIRN_PB_ONEOF) ||
                       *firn_pb_case(msg, f) == (int32_t)f->number;
      piece *last = set ? *slot : NULL;
      if (last) FIRN_TRY(settle(p, f, slot));
      if (last) spare_ring(p, last);
    }
  }
  return FIRN_OK;
}

static firn_code parse_ring(parser *p, const firn_pb_type *type, void *msg,
                            const piece *last) {
  const piece *q = last;
  bool any = false;
  if (p->depth > p->max_depth) return too_deep(p);
  p->depth++;
  do {
    q = q->next;
    FIRN_TRY(first_walk(p, type, msg, q->bytes));
  } while (q != last);

  FIRN_TRY(make_arrays(p, type, msg, &any));
  if (any) do {
      q = q->next;
      FIRN_TRY(second_walk(p, type, msg, q->bytes));
    } while (q != last);

  FIRN_TRY(finish(p, type, msg));
  p->depth--;
  return FIRN_OK;
}

firn_code firn_pb_parse(const firn_pb_type *type, firn_bytes input,
                        const firn_limits *limits, firn_arena *arena,
                        void **out, firn_error *err) {
  static const uint8_t nothing[1];
  if (!input.data) input = (firn_bytes){nothing, 0};
  parser p = {.base = input.data,
              .arena = arena,
              .max_depth = limits && limits->nesting ? limits->nesting
                                                     : FIRN_PB_DEFAULT_NESTING,
              .err = err};
  piece only = {input, &only};
  *out = NULL;
  void *msg = firn_pb_new(type, arena);
  if (!msg) return firn_oom(err, type->size);
  firn_arena_init(&p.vain, &arena->alloc);
  const firn_code code = parse_ring(&p, type, msg, &only);
  firn_arena_fini(&p.vain);
  if (code == FIRN_OK) *out = msg;
  return code;
}
