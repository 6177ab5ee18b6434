/* checkpoint/sstable.c: finds, verifies and unpacks the blocks of a table file,
 * and walks their entries in key order. */
#include "checkpoint/sstable.h"

#include <inttypes.h>
#ifdef FIRN_HAVE_SNAPPY
#include <snappy-c.h>
#endif

#include "base/crc32c.h"
#include "proto/proto.h"

/* ---- Blocks ------------------------------------------------------------- */

#ifdef FIRN_HAVE_SNAPPY
/* The densest snappy there is makes 64 bytes of 3: whoever claims more lies,
 * and is not believed with memory. */
enum { SNAPPY_DENSEST = 22 };

static firn_code unpack(firn_bytes in, uint64_t offset, firn_arena *arena,
                        firn_bytes *out, firn_error *err) {
  const char *text = (const char *)in.data;
  size_t size = 0;
  if (snappy_uncompressed_length(text, in.size, &size) != SNAPPY_OK ||
      size / SNAPPY_DENSEST > in.size)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "block at offset %" PRIu64
                     " claims an impossible size before compression",
                     offset);
  char *data = firn_arena_alloc(arena, size);
  if (!data) return firn_oom(err, size);
  if (snappy_uncompress(text, in.size, data, &size) != SNAPPY_OK)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "block at offset %" PRIu64 " is not what snappy wrote",
                     offset);
  *out = (firn_bytes){(uint8_t *)data, size};
  return FIRN_OK;
}
#else
static firn_code unpack(firn_bytes in, uint64_t offset, firn_arena *arena,
                        firn_bytes *out, firn_error *err) {
  FIRN_UNUSED(in);
  FIRN_UNUSED(arena);
  FIRN_UNUSED(out);
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "block at offset %" PRIu64
                   " is compressed with snappy, which this build of firn "
                   "leaves out",
                   offset);
}
#endif

/* Finds and verifies one block. *out borrows from the file or the arena. */
static firn_code block_bytes(firn_bytes file, firn_block_handle at, bool verify,
                             firn_arena *arena, firn_bytes *out,
                             firn_error *err) {
  uint64_t end;
  if (__builtin_add_overflow(at.offset, at.size, &end) ||
      __builtin_add_overflow(end, FIRN_TABLE_TRAILER, &end) || end > file.size)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "block of %" PRIu64 " bytes at offset %" PRIu64
                     " runs past the end (%zu)",
                     at.size, at.offset, file.size);

  const uint8_t *block = file.data + at.offset;
  const uint8_t tag = block[at.size];
  if (verify) {
    const uint32_t want = firn_crc32c_unmask(firn_load32(block + at.size + 1));
    const uint32_t have = firn_crc32c(block, at.size + 1); /* with the tag */
    if (have != want)
      return firn_fail(err, FIRN_DATA_LOSS,
                       "block at offset %" PRIu64
                       " has checksum %08x, not %08x",
                       at.offset, have, want);
  }
  *out = (firn_bytes){block, at.size};
  if (tag == FIRN_TABLE_PLAIN) return FIRN_OK;
  if (tag == FIRN_TABLE_SNAPPY) return unpack(*out, at.offset, arena, out, err);
  /* The checksum vouches for the tag, so an odd one is news, not damage. */
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "block at offset %" PRIu64 " uses compression %u", at.offset,
                   tag);
}

static firn_code block_open(firn_bytes file, firn_block_handle at, bool verify,
                            firn_arena *arena, firn_block *out,
                            firn_error *err) {
  firn_bytes bytes = {NULL, 0};
  FIRN_TRY(block_bytes(file, at, verify, arena, &bytes, err));

  const uint32_t count =
      bytes.size < 4 ? 0 : firn_load32(bytes.data + bytes.size - 4);
  if (bytes.size < 4 || count > (bytes.size - 4) / 4)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "block at offset %" PRIu64
                     " of %zu bytes has no room for its %" PRIu32 " restarts",
                     at.offset, bytes.size, count);
  const size_t size = bytes.size - 4 - 4 * (size_t)count;
  *out = (firn_block){.entries = {bytes.data, size},
                      .restarts = bytes.data + size,
                      .restart_count = count,
                      .offset = at.offset};
  return FIRN_OK;
}

/* ---- Entries ------------------------------------------------------------ */

/* The three numbers before the bytes of an entry. */
typedef struct entry_head {
  uint64_t shared, unshared, value_size;
  firn_bytes rest; /* of the block, from the rest of the key on */
} entry_head;

static firn_code bad_entry(const firn_block *block, size_t at,
                           firn_error *err) {
  return firn_fail(err, FIRN_DATA_LOSS,
                   "entry at offset %zu of the block at offset %" PRIu64
                   " is damaged",
                   at, block->offset);
}

static firn_code read_head(const firn_block *block, size_t at, entry_head *out,
                           firn_error *err) {
  firn_bytes in = {block->entries.data + at, block->entries.size - at};
  if (firn_wire_varint(&in, &out->shared, NULL) != FIRN_OK ||
      firn_wire_varint(&in, &out->unshared, NULL) != FIRN_OK ||
      firn_wire_varint(&in, &out->value_size, NULL) != FIRN_OK ||
      out->unshared > in.size || out->value_size > in.size - out->unshared)
    return bad_entry(block, at, err);
  out->rest = in;
  return FIRN_OK;
}

/* Moves on to the entry at place->next. Keys are put together in the arena,
 * which must not be made to hold more than `budget` says. */
static firn_code step(firn_block_place *place, firn_arena *arena,
                      size_t *budget, firn_error *err) {
  const firn_block *block = &place->block;
  entry_head head;
  place->end = place->next >= block->entries.size;
  if (place->end) return FIRN_OK;

  FIRN_TRY(read_head(block, place->next, &head, err));
  if (head.shared > place->key.size) return bad_entry(block, place->next, err);
  const size_t shared = (size_t)head.shared, unshared = (size_t)head.unshared;
  const size_t size = shared + unshared;
  if (size > *budget)
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                     "keys take many times the room of their file");
  *budget -= size;

  if (shared == 0) {
    place->key = (firn_str){(const char *)head.rest.data, unshared};
  } else {
    char *key = firn_arena_alloc(arena, size);
    if (!key) return firn_oom(err, size);
    memcpy(key, place->key.data, shared);
    memcpy(key + shared, head.rest.data, unshared);
    place->key = (firn_str){key, size};
  }
  place->value =
      (firn_bytes){head.rest.data + unshared, (size_t)head.value_size};
  place->next =
      (size_t)(place->value.data + place->value.size - block->entries.data);
  return FIRN_OK;
}

/* The key that stands in full at restart `i`. */
static firn_code restart_key(const firn_block *block, uint32_t i, size_t *at,
                             firn_str *key, firn_error *err) {
  entry_head head;
  *at = firn_load32(block->restarts + 4 * (size_t)i);
  if (*at > block->entries.size) return bad_entry(block, *at, err);
  FIRN_TRY(read_head(block, *at, &head, err));
  if (head.shared) return bad_entry(block, *at, err);
  *key = (firn_str){(const char *)head.rest.data, (size_t)head.unshared};
  return FIRN_OK;
}

/* Goes to the first entry of the block whose key is not below `key`: by halving
 * between the restarts, then step by step. */
static firn_code seek(firn_block_place *place, firn_arena *arena, firn_str key,
                      size_t *budget, firn_error *err) {
  const firn_block *block = &place->block;
  uint32_t low = 0, high = block->restart_count; /* the answer is from low on */
  size_t at;
  while (high - low > 1) {
    const uint32_t middle = low + (high - low) / 2;
    firn_str middle_key;
    FIRN_TRY(restart_key(block, middle, &at, &middle_key, err));
    if (firn_str_compare(middle_key, key) < 0)
      low = middle;
    else
      high = middle;
  }
  /* The first entry lies at 0 whatever the first restart says. */
  at = 0;
  if (low) {
    firn_str ignored;
    FIRN_TRY(restart_key(block, low, &at, &ignored, err));
  }
  place->next = at;
  place->key = (firn_str){NULL, 0};
  do {
    FIRN_TRY(step(place, arena, budget, err));
  } while (!place->end && firn_str_compare(place->key, key) < 0);
  return FIRN_OK;
}

/* ---- Tables ------------------------------------------------------------- */

static bool read_handle(firn_bytes *in, firn_block_handle *out) {
  return firn_wire_varint(in, &out->offset, NULL) == FIRN_OK &&
         firn_wire_varint(in, &out->size, NULL) == FIRN_OK;
}

bool firn_sstable_is(firn_bytes file) {
  return file.size >= FIRN_TABLE_FOOTER &&
         firn_load64(file.data + file.size - 8) == FIRN_TABLE_MAGIC;
}

firn_code firn_sstable_open(firn_bytes file, bool verify, firn_arena *arena,
                            firn_sstable *out, firn_error *err) {
  *out = (firn_sstable){.file = file, .verify = verify};
  if (file.size < FIRN_TABLE_FOOTER)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "%zu bytes are too few for a table file (%d of footer)",
                     file.size, FIRN_TABLE_FOOTER);
  if (!firn_sstable_is(file))
    return firn_fail(
        err, FIRN_DATA_LOSS,
        "not a table file: it ends in %016" PRIx64 ", not %016" PRIx64,
        firn_load64(file.data + file.size - 8), (uint64_t)FIRN_TABLE_MAGIC);

  firn_bytes footer = {file.data + file.size - FIRN_TABLE_FOOTER,
                       FIRN_TABLE_FOOTER - 8};
  firn_block_handle meta_index, index;
  if (!read_handle(&footer, &meta_index) || !read_handle(&footer, &index))
    return firn_fail(err, FIRN_DATA_LOSS, "footer at offset %zu is damaged",
                     file.size - FIRN_TABLE_FOOTER);
  return block_open(file, index, true, arena, &out->index, err);
}

/* TensorFlow writes a key in full every 16 entries, so all keys together take
 * less than 16 times the file. */
static size_t cursor_limit(firn_bytes file) {
  size_t limit;
  return firn_mul_size(file.size, 16, &limit) ? limit : SIZE_MAX;
}

/* Opens the block that the index is at. */
static firn_code enter_block(firn_cursor *c, firn_error *err) {
  firn_block_handle at;
  firn_bytes value = c->index.value;
  if (!read_handle(&value, &at))
    return bad_entry(&c->index.block, c->index.next, err);
  /* Else an index may lead to one large block again and again. */
  if (at.offset < c->floor)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "block at offset %" PRIu64
                     " begins before the end of the block before it (%" PRIu64
                     ")",
                     at.offset, c->floor);
  c->data = (firn_block_place){.next = 0};
  FIRN_TRY(block_open(c->table->file, at, c->table->verify, c->arena,
                      &c->data.block, err));
  c->floor = at.offset + at.size;
  return FIRN_OK;
}

/* Takes the entry that the data place is at; from the end of a block goes on to
 * the first entry of the next block that has one. */
static firn_code settle(firn_cursor *c, firn_error *err) {
  while (c->data.end) {
    FIRN_TRY(step(&c->index, c->arena, &c->key_bytes, err));
    if (c->index.end) break;
    FIRN_TRY(enter_block(c, err));
    FIRN_TRY(step(&c->data, c->arena, &c->key_bytes, err));
  }
  c->end = c->data.end;
  c->key = c->data.key;
  c->value = c->data.value;
  return FIRN_OK;
}

static void cursor_start(firn_cursor *c, const firn_sstable *table,
                         firn_arena *arena) {
  *c = (firn_cursor){.table = table,
                     .arena = arena,
                     .index = {.block = table->index},
                     .key_bytes = cursor_limit(table->file)};
  c->data.end = true;
}

firn_code firn_cursor_first(firn_cursor *cursor, const firn_sstable *table,
                            firn_arena *arena, firn_error *err) {
  cursor_start(cursor, table, arena);
  return settle(cursor, err);
}

firn_code firn_cursor_seek(firn_cursor *cursor, const firn_sstable *table,
                           firn_arena *arena, firn_str key, firn_error *err) {
  cursor_start(cursor, table, arena);
  FIRN_TRY(seek(&cursor->index, arena, key, &cursor->key_bytes, err));
  if (cursor->index.end) {
    cursor->end = true;
    return FIRN_OK;
  }
  FIRN_TRY(enter_block(cursor, err));
  FIRN_TRY(seek(&cursor->data, arena, key, &cursor->key_bytes, err));
  FIRN_TRY(settle(cursor, err));
  /* Only an index that lies has anything left to pass over. */
  while (!cursor->end && firn_str_compare(cursor->key, key) < 0)
    FIRN_TRY(firn_cursor_next(cursor, err));
  return FIRN_OK;
}

firn_code firn_cursor_next(firn_cursor *cursor, firn_error *err) {
  FIRN_TRY(step(&cursor->data, cursor->arena, &cursor->key_bytes, err));
  return settle(cursor, err);
}
