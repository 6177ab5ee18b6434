/* Records out of Riegeli files: whole, across block headers, and damaged. */
#include <stdlib.h>

#include "base/file.h"
#include "proto/riegeli.h"
#include "support/test.h"

static const char FILE_NAME[] =
    "tests/golden/saved_model/chunked/saved_model.cpb";

typedef struct reading {
  firn_arena arena;
  firn_record *records;
  size_t count;
  firn_code code;
  firn_error err;
} reading;

static void read_it(reading *r, const void *data, size_t size, bool verify) {
  *r = (reading){.count = 0};
  firn_arena_init(&r->arena, NULL);
  r->code = firn_riegeli_read((firn_bytes){data, size}, verify, &r->arena,
                              &r->records, &r->count, &r->err);
}

TEST_FN(reads_compressed_records) {
  firn_error err = FIRN_ERROR_INIT;
  firn_file *file = NULL;
  reading r;
  CHECK_OK(firn_file_open(FILE_NAME, NULL, &file, &err), &err);
  CHECK(firn_is_riegeli(file->bytes));
  read_it(&r, file->bytes.data, file->bytes.size, true);
#ifdef FIRN_HAVE_BROTLI
  CHECK_STR(r.err.message, "");
  CHECK_EQ(r.count, 6);
  CHECK_EQ(r.records[0].position, 64);
  for (size_t i = 1; i < r.count; i++)
    CHECK(r.records[i].position > r.records[i - 1].position);
  CHECK_EQ(r.records[4].bytes.size, 8); /* an int64: -1 */
  for (int i = 0; i < 8; i++) CHECK_EQ(r.records[4].bytes.data[i], 0xff);
#else
  CHECK_EQ(r.code, FIRN_UNIMPLEMENTED);
  CHECK_HAS(r.err.message, "compressed with brotli");
#endif
  firn_arena_fini(&r.arena);
  firn_file_close(file);
}

/* ---- Files made here. Their hashes are zero, and not verified. ---------- */

enum { BLOCK = 1 << 16, BLOCK_HEADER = 24, ROOM = 4 * BLOCK };

typedef struct made {
  uint8_t *data;
  size_t size;
} made;

static void put(made *m, const void *data, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (m->size % BLOCK == 0) {
      memset(m->data + m->size, 0xbb, BLOCK_HEADER);
      m->size += BLOCK_HEADER;
    }
    m->data[m->size++] = ((const uint8_t *)data)[i];
  }
}

static void put_chunk(made *m, char type, uint64_t records, const void *data,
                      size_t size) {
  uint8_t head[40] = {0};
  firn_store64(head + 8, size);
  firn_store64(head + 24, records << 8 | (uint8_t)type);
  put(m, head, sizeof head);
  put(m, data, size);
}

static void start(made *m) {
  static const uint8_t first[64] = {
      0x83, 0xaf, 0x70, 0xd1, 0x0d, 0x88, 0x4a, 0x3f, 0,    0,   0, 0,    0,
      0,    0,    0,    0x40, 0,    0,    0,    0,    0,    0,   0, 0x91, 0xba,
      0xc2, 0x3c, 0x92, 0x87, 0xe1, 0xa9, 0,    0,    0,    0,   0, 0,    0,
      0,    0xe1, 0x9f, 0x13, 0xc0, 0xe9, 0xb1, 0xc3, 0x72, 0x73};
  m->data = calloc(ROOM, 1);
  CHECK(m->data);
  memcpy(m->data, first, sizeof first);
  m->size = sizeof first;
}

TEST_FN(steps_over_block_headers) {
  enum { LONG = 100000 };
  /* No compression; one size of three bytes, and two of one. */
  uint8_t *body = malloc(LONG + 20);
  const uint8_t head[] = {0, 5, 0xa0, 0x8d, 0x06, 1, 0};
  memcpy(body, head, sizeof head);
  for (int i = 0; i < LONG; i++) body[7 + i] = (uint8_t)(i * 7 >> 3);
  body[7 + LONG] = 'z';
  made m;
  reading r;
  start(&m);
  put_chunk(&m, 'r', 3, body, 8 + LONG);
  const size_t second = m.size;
  put_chunk(&m, 'p', 0, "padding", 7);
  put_chunk(&m, 'r', 1, "\0\1\2hi", 5);
  read_it(&r, m.data, m.size, false);
  CHECK_STR(r.err.message, "");
  CHECK_EQ(r.count, 4);
  CHECK_EQ(r.records[0].position, 64);
  CHECK_EQ(r.records[0].bytes.size, LONG);
  CHECK(!memcmp(r.records[0].bytes.data, body + 7, LONG));
  CHECK_EQ(r.records[1].position, 65);
  CHECK_EQ(r.records[1].bytes.size, 1);
  CHECK_EQ(*r.records[1].bytes.data, 'z');
  CHECK_EQ(r.records[2].bytes.size, 0);
  CHECK_EQ(r.records[3].position, second + 40 + 7);
  CHECK(!memcmp(r.records[3].bytes.data, "hi", 2));
  firn_arena_fini(&r.arena);
  free(m.data);
  free(body);
}

TEST_FN(refuses_damage) {
  static const struct {
    const char *name;
    char type;
    uint64_t records;
    const char *data;
    size_t size;
    firn_code code;
    const char *says;
  } rows[] =
      {
          {"transposed", 't', 1, "", 0, FIRN_UNIMPLEMENTED,
           "the chunk at offset 64 is transposed, which firn does not read"},
          {"no data", 'r', 1, "", 0, FIRN_DATA_LOSS,
           "chunk at offset 64: a chunk is empty"},
          {"zstd", 'r', 1, "z\0", 2, FIRN_UNIMPLEMENTED,
           "chunk at offset 64: chunks compressed in the way 0x7a cannot be "
           "read"},
          {"sizes too long", 'r', 1, "\0\5\1", 3, FIRN_DATA_LOSS,
           "chunk at offset 64: the sizes run past the end"},
          {"too few sizes", 'r', 2, "\0\1\1x", 4, FIRN_DATA_LOSS,
           "chunk at offset 64: 2 records have 1 sizes"},
          {"record too long", 'r', 1, "\0\1\2x", 4, FIRN_DATA_LOSS,
           "chunk at offset 64: a record runs past the end"},
          {"too many records", 'r', 1 << 20, "\0\1\2x", 4, FIRN_DATA_LOSS,
           "chunk at offset 64 claims 1048576 records"},
#ifdef FIRN_HAVE_BROTLI
          {"brotli bomb", 'r', 1, "b\7\377\377\377\377\377\377\1", 9,
           FIRN_RESOURCE_EXHAUSTED,
           "chunk at offset 64: 0 compressed bytes claim to be 8796093022207"},
          {"no brotli", 'r', 1, "b\3\1\0\0", 5, FIRN_DATA_LOSS,
           "chunk at offset 64: a chunk is not what brotli wrote"},
#endif
      },
    *row;
  EACH (row, rows) {
    made m;
    reading r;
    start(&m);
    put_chunk(&m, row->type, row->records, row->data, row->size);
    read_it(&r, m.data, m.size, false);
    CHECK_STR(r.err.message, row->says);
    CHECK_EQ(r.code, row->code);
    firn_arena_fini(&r.arena);
    free(m.data);
  }
}

TEST_FN(refuses_what_is_cut_short) {
  made m;
  reading r;
  start(&m);
  put_chunk(&m, 'r', 1, "\0\1\2hi", 5);
  for (size_t size = 65; size < m.size; size++) {
    uint8_t *exact = malloc(size);
    memcpy(exact, m.data, size);
    read_it(&r, exact, size, false);
    CHECK_EQ(r.code, FIRN_DATA_LOSS);
    firn_arena_fini(&r.arena);
    free(exact);
  }
  read_it(&r, m.data, 63, false);
  CHECK_STR(r.err.message, "this is no Riegeli file");
  firn_arena_fini(&r.arena);
  free(m.data);
}

TEST_FN(verifies_hashes) {
  made m;
  reading r;
  start(&m);
  put_chunk(&m, 'r', 1, "\0\1\2hi", 5);
  read_it(&r, m.data, m.size, true);
  CHECK_EQ(r.code, FIRN_DATA_LOSS);
  CHECK_STR(r.err.message,
            "header of the chunk at offset 64 does not fit its hash");
  firn_arena_fini(&r.arena);
  free(m.data);
}

SUITE(proto_riegeli, TEST(reads_compressed_records),
      TEST(steps_over_block_headers), TEST(refuses_damage),
      TEST(refuses_what_is_cut_short), TEST(verifies_hashes));
