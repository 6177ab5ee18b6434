/* proto/riegeli.c: the records of a Riegeli file. */
#include "proto/riegeli.h"

#include <inttypes.h>
#ifdef FIRN_HAVE_BROTLI
#include <brotli/decode.h>
#endif

#include "base/highway_hash.h"
#include "proto/wire.h"

enum {
  BLOCK = 1 << 16,
  BLOCK_HEADER = 24,
  CHUNK_HEADER = 40,
};

static uint64_t hash(firn_bytes bytes) {
  static const uint64_t key[4] = {0x2f696c6567656952, 0x0a7364726f636572,
                                  0x2f696c6567656952, 0x0a7364726f636572};
  return firn_highway_hash(key, bytes.data, bytes.size);
}

static const uint8_t signature[] = {
    0x83, 0xaf, 0x70, 0xd1, 0x0d, 0x88, 0x4a, 0x3f, 0,    0,    0, 0,    0,
    0,    0,    0,    0x40, 0,    0,    0,    0,    0,    0,    0, 0x91, 0xba,
    0xc2, 0x3c, 0x92, 0x87, 0xe1, 0xa9, 0,    0,    0,    0,    0, 0,    0,
    0,    0xe1, 0x9f, 0x13, 0xc0, 0xe9, 0xb1, 0xc3, 0x72, 0x73, 0, 0,    0,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0, 0};

bool firn_is_riegeli(firn_bytes input) {
  return input.size >= sizeof signature &&
         !memcmp(input.data, signature, sizeof signature);
}

/* ---- Blocks ------------------------------------------------------------- */

/* A walk through the file that does not see block headers. */
typedef struct walk {
  firn_bytes input;
  uint64_t at;
  firn_arena *arena;
  bool verify;
} walk;

/* The next `size` bytes: borrowed, or copied where a header lies in between. */
static firn_code take(walk *w, uint64_t size, firn_bytes *out,
                      firn_error *err) {
  const uint64_t begin = w->at;
  uint8_t *copy = NULL;
  size_t done = 0;
  if (size > w->input.size)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "chunk at offset %" PRIu64 " has %" PRIu64
                     " bytes in a file of %zu",
                     begin, size, w->input.size);
  *out = (firn_bytes){NULL, (size_t)size};
  while (done < size) {
    if (w->at % BLOCK == 0) w->at += BLOCK_HEADER;
    const uint64_t left = BLOCK - w->at % BLOCK;
    const size_t part = (size_t)(size - done < left ? size - done : left);
    if (w->at > w->input.size || part > w->input.size - w->at)
      return firn_fail(err, FIRN_DATA_LOSS,
                       "chunk at offset %" PRIu64 " is cut short", begin);
    const uint8_t *from = w->input.data + w->at;
    if (part == size) {
      out->data = from;
    } else {
      if (!copy && !(copy = firn_arena_alloc(w->arena, (size_t)size)))
        return firn_oom(err, (size_t)size);
      memcpy(copy + done, from, part);
      out->data = copy;
    }
    w->at += part;
    done += part;
  }
  return FIRN_OK;
}

/* A chunk begins neither in a block header nor right behind one. */
static uint64_t boundary(uint64_t at) {
  const uint64_t into = at % BLOCK;
  return into && into <= BLOCK_HEADER ? at - into + BLOCK_HEADER + 1 : at;
}

/* ---- Compression -------------------------------------------------------- */

/* The records that were read so far. */
typedef struct records {
  firn_arena *arena;
  firn_record *list;
  size_t count, capacity;
  uint64_t room; /* bytes that may still come out of compressed ones */
} records;

/* A file may make so much of each of its bytes, and not more. */
enum { DENSEST = 4096, ALWAYS = 16 << 20 };

static firn_code claim(records *r, uint64_t size, size_t packed,
                       firn_error *err) {
  if (size > r->room)
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                     "%zu compressed bytes claim to be %" PRIu64, packed, size);
  r->room -= size;
  return FIRN_OK;
}

#ifdef FIRN_HAVE_BROTLI
static firn_code unbrotli(firn_bytes in, uint64_t size, uint8_t *out,
                          firn_error *err) {
  size_t made = (size_t)size;
  const BrotliDecoderResult result =
      BrotliDecoderDecompress(in.size, in.data, &made, out);
  if (result == BROTLI_DECODER_RESULT_SUCCESS && made == size) return FIRN_OK;
  return firn_fail(err, FIRN_DATA_LOSS, "a chunk is not what brotli wrote");
}
#else
static firn_code unbrotli(firn_bytes in, uint64_t size, uint8_t *out,
                          firn_error *err) {
  FIRN_UNUSED(in);
  FIRN_UNUSED(size);
  FIRN_UNUSED(out);
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "a chunk is compressed with brotli, which this build of "
                   "firn leaves out");
}
#endif

/* A buffer as a chunk holds it: compressed ones begin with their size. */
static firn_code unpack(records *r, firn_bytes in, uint8_t kind,
                        firn_bytes *out, firn_error *err) {
  uint64_t size;
  if (kind == 0) {
    *out = in;
    return FIRN_OK;
  }
  if (kind != 'b')
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "chunks compressed in the way 0x%02x cannot be read",
                     kind);
  FIRN_TRY(firn_wire_varint(&in, &size, err));
  FIRN_TRY(claim(r, size, in.size, err));
  uint8_t *data = firn_arena_alloc(r->arena, (size_t)size);
  if (!data) return firn_oom(err, (size_t)size);
  FIRN_TRY(unbrotli(in, size, data, err));
  *out = (firn_bytes){data, (size_t)size};
  return FIRN_OK;
}

/* ---- Chunks ------------------------------------------------------------- */

typedef struct chunk {
  uint64_t begin, records, decoded;
  uint8_t type;
  firn_bytes data;
} chunk;

static firn_code read_chunk(walk *w, chunk *out, firn_error *err) {
  firn_bytes head;
  *out = (chunk){.begin = w->at};
  FIRN_TRY(take(w, CHUNK_HEADER, &head, err));
  const firn_bytes rest = {head.data + 8, CHUNK_HEADER - 8};
  if (w->verify && hash(rest) != firn_load64(head.data))
    return firn_fail(err, FIRN_DATA_LOSS,
                     "header of the chunk at offset %" PRIu64
                     " does not fit its hash",
                     out->begin);
  const uint64_t size = firn_load64(head.data + 8);
  out->type = head.data[24];
  out->records = firn_load64(head.data + 24) >> 8;
  out->decoded = firn_load64(head.data + 32);
  FIRN_TRY(take(w, size, &out->data, err));
  if (w->verify && hash(out->data) != firn_load64(head.data + 16))
    return firn_fail(err, FIRN_DATA_LOSS,
                     "data of the chunk at offset %" PRIu64
                     " does not fit its hash",
                     out->begin);
  /* A chunk takes at least as many bytes as it has records. */
  const uint64_t least = boundary(out->begin + out->records);
  if (out->records > w->input.size)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "chunk at offset %" PRIu64 " claims %" PRIu64 " records",
                     out->begin, out->records);
  w->at = boundary(w->at);
  if (w->at < least) w->at = least;
  return FIRN_OK;
}

static bool make_room(records *r, size_t more) {
  if (more <= r->capacity - r->count) return true;
  const size_t size = 2 * r->capacity + more;
  firn_record *list = firn_arena_array(r->arena, size, sizeof *list);
  if (!list) return false;
  if (r->count) memcpy(list, r->list, r->count * sizeof *list);
  r->list = list;
  r->capacity = size;
  return true;
}

/* Compression type, size of the sizes, sizes, and the rest is the records. */
static firn_code read_records(const chunk *c, records *r, firn_error *err) {
  firn_bytes in = c->data, sizes, values;
  uint64_t part, size;
  if (!in.size) return firn_fail(err, FIRN_DATA_LOSS, "a chunk is empty");
  const uint8_t kind = *in.data;
  in = (firn_bytes){in.data + 1, in.size - 1};
  FIRN_TRY(firn_wire_varint(&in, &part, err));
  if (part > in.size)
    return firn_fail(err, FIRN_DATA_LOSS, "the sizes run past the end");
  const firn_bytes rest = {in.data + part, in.size - (size_t)part};
  FIRN_TRY(unpack(r, (firn_bytes){in.data, (size_t)part}, kind, &sizes, err));
  FIRN_TRY(unpack(r, rest, kind, &values, err));
  if (c->records > sizes.size)
    return firn_fail(err, FIRN_DATA_LOSS, "%" PRIu64 " records have %zu sizes",
                     c->records, sizes.size);
  if (!make_room(r, (size_t)c->records)) return firn_oom(err, sizes.size);
  for (uint64_t i = 0; i < c->records; i++) {
    FIRN_TRY(firn_wire_varint(&sizes, &size, err));
    if (size > values.size)
      return firn_fail(err, FIRN_DATA_LOSS, "a record runs past the end");
    r->list[r->count++] =
        (firn_record){c->begin + i, {values.data, (size_t)size}};
    values = (firn_bytes){values.data + size, values.size - (size_t)size};
  }
  return FIRN_OK;
}

firn_code firn_riegeli_read(firn_bytes input, bool verify, firn_arena *arena,
                            firn_record **out, size_t *count, firn_error *err) {
  walk w = {.input = input, .arena = arena, .verify = verify};
  records r = {.arena = arena};
  if (__builtin_mul_overflow((uint64_t)input.size, DENSEST, &r.room) ||
      __builtin_add_overflow(r.room, ALWAYS, &r.room))
    r.room = UINT64_MAX;
  *out = NULL;
  *count = 0;
  if (!firn_is_riegeli(input))
    return firn_fail(err, FIRN_DATA_LOSS, "this is no Riegeli file");
  while (w.at < input.size) {
    chunk c;
    FIRN_TRY(read_chunk(&w, &c, err));
    if (c.type == 't')
      return firn_fail(err, FIRN_UNIMPLEMENTED,
                       "the chunk at offset %" PRIu64
                       " is transposed, which firn does not read",
                       c.begin);
    if (c.type != 'r') continue; /* signature, metadata, padding */
    const firn_code code = read_records(&c, &r, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "chunk at offset %" PRIu64, c.begin);
  }
  *out = r.list;
  *count = r.count;
  return FIRN_OK;
}
