/* checkpoint/sstable.h: sorted tables of keys and values in one file.
 *
 * The container of both checkpoint generations. Blocks of entries, then one
 * block with nothing in it, then the index (per block a key that is not below
 * its last, and where it lies), then 48 bytes of footer. docs/formats/table.md
 * has the bytes.
 *
 *   firn_sstable table;
 *   firn_cursor at;
 *   FIRN_TRY(firn_sstable_open(file->bytes, true, &arena, &table, err));
 *   FIRN_TRY(firn_cursor_first(&at, &table, &arena, err));
 *   while (!at.end) {
 *     use(at.key, at.value);
 *     FIRN_TRY(firn_cursor_next(&at, err));
 *   }
 *
 * Ownership: keys lie in the cursor's arena; values in the file, or in that
 *            arena when their block is compressed.
 * Threads:   a table is immutable, a cursor confined.
 */
#ifndef FIRN_CHECKPOINT_SSTABLE_H
#define FIRN_CHECKPOINT_SSTABLE_H

#include "base/arena.h"
#include "base/text.h"

enum {
  FIRN_TABLE_FOOTER = 48,
  FIRN_TABLE_TRAILER = 5, /* after each block: compression, masked checksum */
  FIRN_TABLE_PLAIN = 0,   /* the two compressions                           */
  FIRN_TABLE_SNAPPY = 1,
};
#define FIRN_TABLE_MAGIC 0xdb4775248b80fb57u

/* Where a block lies; its trailer comes on top. */
typedef struct firn_block_handle {
  uint64_t offset, size;
} firn_block_handle;

/* The entries of one block, and the array of restart offsets at its end. */
typedef struct firn_block {
  firn_bytes entries;
  const uint8_t *restarts;
  uint32_t restart_count;
  uint64_t offset; /* in the file, for messages */
} firn_block;

typedef struct firn_sstable {
  firn_bytes file;
  firn_block index;
  bool verify; /* the checksums of data blocks; the index's always is */
} firn_sstable;

/* A place within one block. */
typedef struct firn_block_place {
  firn_block block;
  size_t next; /* offset of the entry after this one */
  firn_str key;
  firn_bytes value;
  bool end;
} firn_block_place;

typedef struct firn_cursor {
  const firn_sstable *table;
  firn_arena *arena;
  firn_block_place index, data;
  size_t key_bytes; /* left of what keys may take                   */
  uint64_t floor;   /* the end of the block before, where none begins */
  firn_str key;
  firn_bytes value;
  bool end;
} firn_cursor;

/* Whether the last bytes are a table's footer: for telling files apart. */
bool firn_sstable_is(firn_bytes file);

/* Checks footer and index. A compressed index goes to the arena. DATA_LOSS. */
FIRN_CHECKED firn_code firn_sstable_open(firn_bytes file, bool verify,
                                         firn_arena *arena, firn_sstable *out,
                                         firn_error *err);

/* Goes to the first entry; to the first whose key is not below `key`; on. At
 * the end of the table `end` is set. DATA_LOSS for a damaged block,
 * UNIMPLEMENTED for a compression that firn does not have. */
FIRN_CHECKED firn_code firn_cursor_first(firn_cursor *cursor,
                                         const firn_sstable *table,
                                         firn_arena *arena, firn_error *err);
FIRN_CHECKED firn_code firn_cursor_seek(firn_cursor *cursor,
                                        const firn_sstable *table,
                                        firn_arena *arena, firn_str key,
                                        firn_error *err);
FIRN_CHECKED firn_code firn_cursor_next(firn_cursor *cursor, firn_error *err);

#endif
