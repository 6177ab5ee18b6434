/* checkpoint/table_writer.c: puts entries into blocks and blocks into a file,
 * as TensorFlow's table builder does. */
#include "checkpoint/table_writer.h"

#include "base/crc32c.h"

enum {
  BLOCK_SIZE = 262144, /* a block ends when it has this many bytes */
  RESTART_INTERVAL = 16,
  LONGEST_VARINT = 10,
  KEPT_CAPACITY = 4 * BLOCK_SIZE, /* a larger buffer is given back */
};

static size_t store_varint(uint8_t *out, uint64_t value) {
  size_t n = 0;
  for (; value >= 0x80; value >>= 7) out[n++] = (uint8_t)(value | 0x80);
  out[n++] = (uint8_t)value;
  return n;
}

void firn_put_varint(firn_buf *buf, uint64_t value) {
  uint8_t bytes[LONGEST_VARINT];
  firn_buf_append(buf, bytes, store_varint(bytes, value));
}

static void put_fixed32(firn_buf *buf, uint32_t value) {
  uint8_t bytes[4];
  firn_store32(bytes, value);
  firn_buf_append(buf, bytes, sizeof bytes);
}

static firn_str text_of(const firn_buf *buf) {
  return (firn_str){(const char *)buf->data, buf->size};
}

/* ---- Blocks ------------------------------------------------------------- */

/* Empties the block; one that held a large value gives its memory back. */
static void block_reset(firn_block_writer *block) {
  if (block->bytes.capacity > KEPT_CAPACITY) {
    const firn_allocator alloc = block->bytes.alloc;
    firn_buf_fini(&block->bytes);
    firn_buf_init(&block->bytes, &alloc);
  }
  block->bytes.size = block->restarts.size = block->last.size = 0;
  block->since_restart = 0;
  put_fixed32(&block->restarts, 0);
}

static void block_init(firn_block_writer *block, int interval,
                       const firn_allocator *alloc) {
  *block = (firn_block_writer){.interval = interval};
  firn_buf_init(&block->bytes, alloc);
  firn_buf_init(&block->restarts, alloc);
  firn_buf_init(&block->last, alloc);
  block_reset(block);
}

static void block_fini(firn_block_writer *block) {
  firn_buf_fini(&block->bytes);
  firn_buf_fini(&block->restarts);
  firn_buf_fini(&block->last);
}

static bool block_failed(const firn_block_writer *block) {
  return block->bytes.failed || block->restarts.failed || block->last.failed;
}

static size_t shared_prefix(firn_str a, firn_str b) {
  const size_t most = firn_min_size(a.size, b.size);
  size_t n = 0;
  while (n < most && a.data[n] == b.data[n]) n++;
  return n;
}

/* Everything of an entry but its value. */
static void block_add(firn_block_writer *block, firn_str key, size_t size) {
  size_t shared = 0;
  if (block->since_restart < block->interval) {
    shared = shared_prefix(text_of(&block->last), key);
  } else {
    put_fixed32(&block->restarts, (uint32_t)block->bytes.size);
    block->since_restart = 0;
  }
  if (shared) key = (firn_str){key.data + shared, key.size - shared};
  firn_put_varint(&block->bytes, shared);
  firn_put_varint(&block->bytes, key.size);
  firn_put_varint(&block->bytes, size);
  firn_buf_append(&block->bytes, key.data, key.size);
  block->last.size = shared;
  firn_buf_append(&block->last, key.data, key.size);
  block->since_restart++;
}

/* What the block would take in the file, as the builder reckons. */
static size_t block_size(const firn_block_writer *block) {
  return block->bytes.size + block->restarts.size + 4;
}

static firn_code block_write(firn_block_writer *block, firn_writer *file,
                             firn_block_handle *out, firn_error *err) {
  uint8_t trailer[FIRN_TABLE_TRAILER] = {FIRN_TABLE_PLAIN};
  const uint32_t restarts = (uint32_t)(block->restarts.size / 4);
  firn_buf_append(&block->bytes, block->restarts.data, block->restarts.size);
  put_fixed32(&block->bytes, restarts);
  if (block_failed(block)) return firn_oom(err, block->bytes.size);

  *out = (firn_block_handle){firn_writer_size(file), block->bytes.size};
  uint32_t crc = firn_crc32c(block->bytes.data, block->bytes.size);
  crc = firn_crc32c_extend(crc, trailer, 1);
  firn_store32(trailer + 1, firn_crc32c_mask(crc));
  FIRN_TRY(firn_writer_put(file, block->bytes.data, block->bytes.size, err));
  FIRN_TRY(firn_writer_put(file, trailer, sizeof trailer, err));
  block_reset(block);
  return FIRN_OK;
}

/* ---- The index ---------------------------------------------------------- */

/* Shortens `key` to one that is not below it and still below `next`. */
static void separate(firn_buf *key, firn_str next) {
  const size_t same = shared_prefix(text_of(key), next);
  if (same >= key->size || same >= next.size) return;
  const uint8_t have = key->data[same], want = (uint8_t)next.data[same];
  if (have == 0xff || have + 1 >= want) return;
  key->data[same]++;
  key->size = same + 1;
}

/* Shortens `key` to one that is not below it. */
static void succeed(firn_buf *key) {
  for (size_t i = 0; i < key->size; i++)
    if (key->data[i] != 0xff) {
      key->data[i]++;
      key->size = i + 1;
      return;
    }
}

/* `out` has room for two varints. */
static size_t store_handle(uint8_t *out, firn_block_handle handle) {
  const size_t size = store_varint(out, handle.offset);
  return size + store_varint(out + size, handle.size);
}

/* Enters the pending block under `key`. */
static void index_add(firn_table_writer *table, const firn_buf *key) {
  uint8_t at[2 * LONGEST_VARINT];
  const size_t size = store_handle(at, table->pending);
  block_add(&table->index, text_of(key), size);
  firn_buf_append(&table->index.bytes, at, size);
  table->is_pending = false;
}

/* ---- Tables ------------------------------------------------------------- */

void firn_table_writer_init(firn_table_writer *table, firn_writer *file,
                            const firn_allocator *alloc) {
  *table = (firn_table_writer){.file = file};
  block_init(&table->data, RESTART_INTERVAL, alloc);
  block_init(&table->index, 1, alloc);
}

void firn_table_writer_fini(firn_table_writer *table) {
  block_fini(&table->data);
  block_fini(&table->index);
}

/* Ends a block. Its last key stays: the index needs it once the next is known.
 */
static firn_code flush(firn_table_writer *table, firn_error *err) {
  firn_buf last = table->data.last;
  if (table->data.bytes.size == 0) return FIRN_OK;
  firn_buf_init(&table->data.last, &last.alloc);
  const firn_code code =
      block_write(&table->data, table->file, &table->pending, err);
  firn_buf_fini(&table->data.last);
  table->data.last = last;
  table->is_pending = true;
  return code;
}

firn_code firn_table_begin(firn_table_writer *table, firn_str key, size_t size,
                           firn_buf **out, firn_error *err) {
  if (table->is_pending) {
    separate(&table->data.last, key);
    index_add(table, &table->data.last);
    table->data.last.size = 0;
  }
  block_add(&table->data, key, size);
  *out = &table->data.bytes;
  /* All at once: doubling would take twice a large value. */
  if (!firn_buf_grow(*out, size)) return firn_oom(err, size);
  (*out)->size -= size;
  return FIRN_OK;
}

firn_code firn_table_end(firn_table_writer *table, firn_error *err) {
  if (block_failed(&table->data)) return firn_oom(err, table->data.bytes.size);
  return block_size(&table->data) < BLOCK_SIZE ? FIRN_OK : flush(table, err);
}

firn_code firn_table_put(firn_table_writer *table, firn_str key,
                         firn_bytes value, firn_error *err) {
  firn_buf *out = NULL;
  FIRN_TRY(firn_table_begin(table, key, value.size, &out, err));
  firn_buf_append(out, value.data, value.size);
  return firn_table_end(table, err);
}

firn_code firn_table_finish(firn_table_writer *table, firn_error *err) {
  firn_block_handle meta, index;
  uint8_t footer[FIRN_TABLE_FOOTER] = {0};
  FIRN_TRY(flush(table, err));
  if (table->is_pending) {
    succeed(&table->data.last);
    index_add(table, &table->data.last);
  }
  table->data.last.size = 0;
  /* The block between data and index is empty: nothing was ever put there. */
  FIRN_TRY(block_write(&table->data, table->file, &meta, err));
  FIRN_TRY(block_write(&table->index, table->file, &index, err));

  store_handle(footer + store_handle(footer, meta), index);
  firn_store64(footer + FIRN_TABLE_FOOTER - 8, FIRN_TABLE_MAGIC);
  return firn_writer_put(table->file, footer, sizeof footer, err);
}
