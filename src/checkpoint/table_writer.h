/* checkpoint/table_writer.h: writes a sorted table of keys and values.
 *
 * The blocks, restarts and separators of TensorFlow's table builder, byte for
 * byte: blocks end once they reach 262144 bytes, every 16th key stands in full,
 * nothing is compressed. docs/formats/table.md has the bytes.
 *
 *   firn_table_writer table;
 *   firn_table_writer_init(&table, file, &alloc);
 *   FIRN_TRY(firn_table_put(&table, key, value, err));   in rising order
 *   FIRN_TRY(firn_table_finish(&table, err));
 *   firn_table_writer_fini(&table);
 *
 * Ownership: borrows the file, which the caller commits; fini frees the rest.
 * Threads:   confined.
 */
#ifndef FIRN_CHECKPOINT_TABLE_WRITER_H
#define FIRN_CHECKPOINT_TABLE_WRITER_H

#include "base/file.h"
#include "checkpoint/sstable.h"

/* A block that is being put together. */
typedef struct firn_block_writer {
  firn_buf bytes, restarts;
  firn_buf last; /* the key before */
  int interval, since_restart;
} firn_block_writer;

typedef struct firn_table_writer {
  firn_writer *file;
  firn_block_writer data, index;
  firn_block_handle pending; /* a block that the index does not have yet */
  bool is_pending;
} firn_table_writer;

void firn_table_writer_init(firn_table_writer *table, firn_writer *file,
                            const firn_allocator *alloc);
void firn_table_writer_fini(firn_table_writer *table);

/* Adds one entry. `key` is above the key before it. */
FIRN_CHECKED firn_code firn_table_put(firn_table_writer *table, firn_str key,
                                      firn_bytes value, firn_error *err);

/* The same in two steps, for a value that is made on the spot: `size` bytes are
 * appended to *out between them, and nothing else is done. */
FIRN_CHECKED firn_code firn_table_begin(firn_table_writer *table, firn_str key,
                                        size_t size, firn_buf **out,
                                        firn_error *err);
FIRN_CHECKED firn_code firn_table_end(firn_table_writer *table,
                                      firn_error *err);

/* Appends a number as table files and messages have it, 7 bits a byte. */
void firn_put_varint(firn_buf *buf, uint64_t value);

/* Writes what is left: the last block, the index and the footer. */
FIRN_CHECKED firn_code firn_table_finish(firn_table_writer *table,
                                         firn_error *err);

#endif
