/* checkpoint/bundle_pass.c: elements on their way from one checkpoint's file to
 * another's, verified while they pass and never in memory as a whole. */
#include "base/crc32c.h"
#include "checkpoint/bundle_write.h"

enum { WINDOW = FIRN_WRITER_BLOCK };

static firn_code pass(firn_writer *to, const firn_span *span, uint8_t *window,
                      uint32_t *crc, firn_error *err) {
  *crc = 0;
  for (size_t done = 0; done < span->size;) {
    const size_t n = firn_writer_step(to, span->size - done);
    FIRN_TRY(firn_file_pread(span->file, span->offset + done, window, n, err));
    *crc = firn_crc32c_extend(*crc, window, n);
    FIRN_TRY(firn_writer_put(to, window, n, err));
    done += n;
  }
  return FIRN_OK;
}

firn_code firn_bundle_pass(firn_checkpoint_writer *w, const firn_span *span,
                           bool verify, firn_saved_part *part,
                           firn_error *err) {
  firn_writer *to = w->files[w->shard];
  firn_place *place = &part->place;
  const size_t room = firn_min_size(WINDOW, span->size);
  uint8_t *memory = firn_new(&w->env.alloc, room + FIRN_PAGE);
  if (!memory) return firn_oom(err, room + FIRN_PAGE);
  *place = (firn_place){
      .shard = w->shard, .offset = firn_writer_size(to), .size = span->size};
  /* Far from where the file's bytes lie within their page, once the block that
   * is begun is full. */
  const size_t first = firn_writer_step(to, span->size);
  uint8_t *window =
      firn_place_in_page(memory, span->offset + first + FIRN_PAGE / 2);
  const firn_code code = pass(to, span, window, &place->crc, err);
  firn_delete(&w->env.alloc, memory, room + FIRN_PAGE);
  if (code == FIRN_OK && verify && place->crc != span->crc)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "data at offset %zu of its source has checksum %08x, not "
                     "%08x",
                     span->offset, place->crc, span->crc);
  return code;
}
