/* proto/write.c: message structs into the binary form.
 *
 * One function walks a message, twice. The first walk only adds up; it notes
 * the size of every inner message in the order they are met. The second walk
 * meets them in the same order, so that each length is at hand before its
 * payload.
 */
#include "proto/message.h"
#include "proto/out.h"

typedef struct writer {
  firn_out out;
  bool counting;
  uint64_t size;  /* while counting                     */
  firn_buf notes; /* uint64_t each                      */
  size_t note;    /* the next to be used, while writing */
  firn_pb_order *order;
  firn_arena scratch; /* maps put in order                  */
} writer;

static void fail_short(writer *w, size_t size) {
  if (w->out.code == FIRN_OK) w->out.code = firn_oom(w->out.err, size);
}

static void put_bytes(writer *w, const void *data, size_t size) {
  if (w->counting)
    w->size += size;
  else
    firn_out_put(&w->out, data, size);
}

static void put_varint(writer *w, uint64_t value) {
  if (w->counting) {
    w->size += firn_wire_length(value);
    return;
  }
  uint8_t bytes[FIRN_WIRE_MAX_VARINT];
  firn_out_put(&w->out, bytes, firn_wire_store(bytes, value));
}

static void put_tag(writer *w, const firn_pb_field *f, uint32_t wire) {
  put_varint(w, (uint64_t)f->number << 3 | wire);
}

static void put_number(writer *w, uint8_t kind, const void *member) {
  const uint64_t bits = firn_wire_load(kind, member);
  uint8_t bytes[8];
  if (firn_wire_type(kind) == FIRN_WIRE_VARINT) {
    put_varint(w, bits);
    return;
  }
  firn_store64(bytes, bits);
  put_bytes(w, bytes, firn_pb_width(kind));
}

/* A length is known while writing; while counting it is what the payload adds.
 */
static size_t begin_payload(writer *w) {
  uint64_t size = 0;
  if (!w->counting) {
    memcpy(&size, w->notes.data + w->note, sizeof size);
    w->note += sizeof size;
    put_varint(w, size);
    return 0;
  }
  const size_t at = w->notes.size;
  firn_buf_append(&w->notes, &w->size, sizeof w->size);
  if (w->notes.failed) fail_short(w, sizeof size);
  return at;
}

static void end_payload(writer *w, size_t at) {
  if (!w->counting || w->notes.failed) return;
  uint64_t start;
  memcpy(&start, w->notes.data + at, sizeof start);
  const uint64_t size = w->size - start;
  memcpy(w->notes.data + at, &size, sizeof size);
  put_varint(w, size);
}

static void put_fields(writer *w, const firn_pb_type *type, const void *msg);

static void put_one(writer *w, const firn_pb_field *f, const void *member) {
  put_tag(w, f, firn_wire_type(f->kind));
  if (f->kind == FIRN_PB_MESSAGE) {
    const void *msg = *(void *const *)member;
    const size_t at = begin_payload(w);
    if (msg) put_fields(w, f->sub, msg);
    end_payload(w, at);
  } else if (firn_wire_packs(f->kind)) {
    put_number(w, f->kind, member);
  } else {
    const firn_str *text = member;
    put_varint(w, text->size);
    put_bytes(w, text->data, text->size);
  }
}

static void put_packed(writer *w, const firn_pb_field *f, const char *array,
                       size_t count) {
  const size_t width = firn_pb_width(f->kind);
  put_tag(w, f, FIRN_WIRE_BYTES);
  const size_t at = begin_payload(w);
  if (firn_wire_type(f->kind) != FIRN_WIRE_VARINT && FIRN_WIRE_IS_NATIVE)
    put_bytes(w, array, count * width);
  else
    for (size_t i = 0; i < count; i++)
      put_number(w, f->kind, array + i * width);
  end_payload(w, at);
}

static void put_repeated(writer *w, const firn_pb_field *f, const void *msg) {
  const char *array = *firn_pb_array(msg, f);
  size_t count = *firn_pb_count(msg, f);
  if (count == 0) return;
  if (f->flags & FIRN_PB_PACKED) {
    put_packed(w, f, array, count);
    return;
  }
  if (f->flags & FIRN_PB_MAP) {
    array =
        (const char *)firn_pb_entries(f, msg, w->order, &w->scratch, &count);
    if (!array) {
      fail_short(w, count * sizeof(void *));
      return;
    }
  }
  for (size_t i = 0; i < count; i++)
    put_one(w, f, array + i * firn_pb_width(f->kind));
}

static void put_fields(writer *w, const firn_pb_type *type, const void *msg) {
  const firn_pb_unknown *unknown = msg;
  for (size_t i = 0; i < type->count && w->out.code == FIRN_OK; i++) {
    const firn_pb_field *f = &type->fields[i];
    if (f->flags & FIRN_PB_REPEATED)
      put_repeated(w, f, msg);
    else if (type->map_entry || firn_pb_present(f, msg))
      put_one(w, f, firn_pb_member(msg, f));
  }
  for (size_t i = 0; i < unknown->count; i++)
    put_bytes(w, unknown->items[i].data, unknown->items[i].size);
}

static void init(writer *w, firn_error *err) {
  w->out.code = FIRN_OK;
  w->out.used = 0;
  w->out.err = err;
  w->size = 0;
  w->note = 0;
  w->counting = true;
  w->order = firn_pb_python;
  firn_buf_init(&w->notes, NULL);
  firn_arena_init(&w->scratch, NULL);
}

static void fini(writer *w) {
  firn_arena_fini(&w->scratch);
  firn_buf_fini(&w->notes);
}

firn_code firn_pb_size(const firn_pb_type *type, const void *msg, uint64_t *out,
                       firn_error *err) {
  writer w;
  init(&w, err);
  put_fields(&w, type, msg);
  *out = w.size;
  fini(&w);
  return w.out.code;
}

static firn_code write_in(firn_pb_order *order, const firn_pb_type *type,
                          const void *msg, firn_sink sink, firn_error *err) {
  writer w;
  init(&w, err);
  w.order = order;
  w.out.sink = sink;
  put_fields(&w, type, msg);
  w.counting = false;
  if (w.out.code == FIRN_OK) put_fields(&w, type, msg);
  fini(&w);
  return firn_out_flush(&w.out);
}

firn_code firn_pb_write(const firn_pb_type *type, const void *msg,
                        firn_sink sink, firn_error *err) {
  return write_in(firn_pb_python, type, msg, sink, err);
}

firn_code firn_pb_write_rising(const firn_pb_type *type, const void *msg,
                               firn_sink sink, firn_error *err) {
  return write_in(firn_pb_rising, type, msg, sink, err);
}
