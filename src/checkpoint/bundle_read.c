/* checkpoint/bundle_read.c: the elements of a part of a V2 checkpoint, verified
 * while they pass.
 *
 * Numbers lie one after the other. Strings lie as all their lengths (varints),
 * a checksum of the lengths, and then all their bytes. Both checksums count a
 * length as four bytes, or eight when it needs them, in the byte order of the
 * writer.
 */
#include "checkpoint/bundle_read.h"

#include <inttypes.h>

#include "base/pool.h"

enum {
  WINDOW = 256 << 10,  /* verified while it is still in the cache */
  PIECE = 2 << 20,     /* read by one thread */
  PIECES_TO_SHARE = 8, /* so that starting threads is a small part of it */
};

static firn_code bad_checksum(const char *what, size_t offset, uint32_t have,
                              uint32_t want, firn_error *err) {
  return firn_fail(err, FIRN_DATA_LOSS,
                   "%s at offset %zu has checksum %08x, not %08x", what, offset,
                   have, want);
}

/* ---- Numbers ------------------------------------------------------------ */

static void swap16(uint8_t *p, size_t size) {
  for (size_t i = 0; i < size; i += 2)
    firn_store16(p + i, __builtin_bswap16(firn_load16(p + i)));
}
static void swap32(uint8_t *p, size_t size) {
  for (size_t i = 0; i < size; i += 4)
    firn_store32(p + i, __builtin_bswap32(firn_load32(p + i)));
}
static void swap64(uint8_t *p, size_t size) {
  for (size_t i = 0; i < size; i += 8)
    firn_store64(p + i, __builtin_bswap64(firn_load64(p + i)));
}

/* A complex number is two numbers, each turned for itself. */
static void swap_elements(firn_dtype dtype, uint8_t *p, size_t size) {
  const bool pair = dtype == FIRN_COMPLEX64 || dtype == FIRN_COMPLEX128;
  switch (firn_dtype_size(dtype) / (pair ? 2 : 1)) {
    case 2: swap16(p, size); break;
    case 4: swap32(p, size); break;
    case 8: swap64(p, size); break;
    default: break;
  }
}

/* Numbers on their way into memory, in pieces that any thread may read. */
typedef struct numbers {
  const firn_span *span;
  uint8_t *to;
  firn_dtype dtype;
  bool verify, swap;
  uint32_t *crcs; /* per piece */
  firn_code *codes;
} numbers;

static size_t piece_size(const numbers *n, size_t piece) {
  return firn_min_size(PIECE, n->span->size - piece * PIECE);
}

static firn_code read_piece(const numbers *n, size_t piece, firn_error *err) {
  const size_t begin = piece * PIECE, end = begin + piece_size(n, piece);
  uint32_t crc = 0;
  for (size_t at = begin; at < end;) {
    const size_t size = firn_min_size(WINDOW, end - at);
    uint8_t *to = n->to + at;
    FIRN_TRY(
        firn_file_pread(n->span->file, n->span->offset + at, to, size, err));
    if (n->verify) crc = firn_crc32c_extend(crc, to, size);
    if (n->swap) swap_elements(n->dtype, to, size);
    at += size;
  }
  n->crcs[piece] = crc;
  return FIRN_OK;
}

static void read_pieces(void *ctx, size_t begin, size_t end) {
  const numbers *n = ctx;
  for (size_t i = begin; i < end; i++) n->codes[i] = read_piece(n, i, NULL);
}

/* A piece that could not be read is tried again where there is somebody to tell
 * why. */
static firn_code join_pieces(const numbers *n, size_t count, uint32_t *crc,
                             firn_error *err) {
  *crc = 0;
  for (size_t i = 0; i < count; i++) {
    if (n->codes[i] != FIRN_OK) FIRN_TRY(read_piece(n, i, err));
    *crc = firn_crc32c_join(*crc, n->crcs[i], piece_size(n, i));
  }
  return FIRN_OK;
}

/* Half of the time goes to memory that is touched for the first time, which
 * threads can do side by side. */
static firn_code read_numbers(const firn_checkpoint *ck, const firn_part *part,
                              firn_arena *scratch, uint8_t *to,
                              firn_error *err) {
  const firn_span *span = &part->span;
  const size_t count = (span->size + PIECE - 1) / PIECE;
  const int threads = count < PIECES_TO_SHARE ? 1 : ck->env.threads;
  numbers n = {.span = span,
               .to = to,
               .dtype = part->dtype,
               .verify = !ck->env.skip_checksums,
               .swap = ck->swap,
               .crcs = firn_arena_array(scratch, count, sizeof *n.crcs),
               .codes = firn_arena_array(scratch, count, sizeof *n.codes)};
  firn_pool *pool = NULL;
  uint32_t crc = 0;
  if (!n.crcs || !n.codes) return firn_oom(err, count * sizeof *n.crcs);
  FIRN_TRY(firn_pool_new(threads, &ck->env.alloc, &pool, err));
  firn_parallel_for(pool, count, 1, read_pieces, &n);
  firn_pool_free(pool);
  FIRN_TRY(join_pieces(&n, count, &crc, err));
  if (n.verify && crc != span->crc)
    return bad_checksum("data", span->offset, crc, span->crc, err);
  return FIRN_OK;
}

/* ---- Strings ------------------------------------------------------------ */

typedef struct strings {
  firn_bytes lengths; /* from the first on */
  firn_bytes bytes;   /* of all strings    */
  uint32_t crc;       /* of lengths and their checksum */
} strings;

static uint32_t hash_length(uint32_t crc, uint64_t length, bool swap) {
  uint8_t bytes[8];
  if (length <= UINT32_MAX) {
    const uint32_t n = (uint32_t)length;
    firn_store32(bytes, swap ? __builtin_bswap32(n) : n);
    return firn_crc32c_extend(crc, bytes, 4);
  }
  firn_store64(bytes, swap ? __builtin_bswap64(length) : length);
  return firn_crc32c_extend(crc, bytes, 8);
}

/* Walks the lengths: they must be whole, add up to the rest, and be what their
 * checksum says. */
static firn_code check_lengths(const firn_part *part, bool swap, bool verify,
                               strings *out, firn_error *err) {
  const firn_span *span = &part->span;
  firn_bytes in = {span->file->bytes.data + span->offset, span->size};
  uint64_t total = 0, length;
  uint32_t crc = 0;
  out->lengths = in;
  for (size_t i = 0; i < part->count; i++) {
    if (firn_wire_varint(&in, &length, NULL) != FIRN_OK ||
        __builtin_add_overflow(total, length, &total))
      return firn_fail(err, FIRN_DATA_LOSS,
                       "the length of string %zu of %zu is damaged", i,
                       part->count);
    if (verify) crc = hash_length(crc, length, swap);
  }
  if (in.size < 4 || total != in.size - 4)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "its strings take %" PRIu64 " bytes, its entry has %zu",
                     total, in.size < 4 ? 0 : in.size - 4);

  const uint32_t stored = firn_load32(in.data);
  const uint32_t want =
      firn_crc32c_unmask(swap ? __builtin_bswap32(stored) : stored);
  if (verify && crc != want)
    return bad_checksum("list of lengths", span->offset, crc, want, err);
  out->crc = firn_crc32c_extend(crc, in.data, 4);
  out->bytes = (firn_bytes){in.data + 4, in.size - 4};
  return FIRN_OK;
}

static firn_code read_strings(const firn_checkpoint *ck, const firn_part *part,
                              firn_tstring *to, firn_error *err) {
  const bool verify = !ck->env.skip_checksums;
  strings s;
  uint64_t length = 0;
  FIRN_TRY(check_lengths(part, ck->swap, verify, &s, err));
  if (verify) {
    const uint32_t crc = firn_crc32c_extend(s.crc, s.bytes.data, s.bytes.size);
    if (crc != part->span.crc)
      return bad_checksum("data", part->span.offset, crc, part->span.crc, err);
  }
  const char *at = (const char *)s.bytes.data;
  for (size_t i = 0; i < part->count; i++) {
    FIRN_TRY(firn_wire_varint(&s.lengths, &length, err));
    if (!firn_tstring_set(&to[i], (firn_str){at, (size_t)length}))
      return firn_oom(err, (size_t)length);
    at += length;
  }
  return FIRN_OK;
}

firn_code firn_bundle_read(const firn_checkpoint *ck, const firn_part *part,
                           firn_arena *scratch, void *to, firn_error *err) {
  if (part->count == 0) return FIRN_OK;
  return part->dtype == FIRN_STRING ? read_strings(ck, part, to, err)
                                    : read_numbers(ck, part, scratch, to, err);
}
