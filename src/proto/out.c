/* proto/out.c: gathers the small pieces that writers make, so that a sink sees
 * few calls, and lets the large ones pass uncopied. */
#include "proto/out.h"

static void hand_on(firn_out *out, const void *data, size_t size) {
  if (out->code == FIRN_OK && size)
    out->code = out->sink.put(out->sink.ud, data, size, out->err);
}

firn_code firn_out_flush(firn_out *out) {
  hand_on(out, out->buffer, out->used);
  out->used = 0;
  return out->code;
}

void firn_out_put_large(firn_out *out, const void *data, size_t size) {
  firn_out_flush(out);
  if (size >= FIRN_OUT_WHOLE) {
    hand_on(out, data, size);
    return;
  }
  memcpy(out->buffer, data, size);
  out->used = size;
}

static firn_code put_buf(void *ud, const void *data, size_t size,
                         firn_error *err) {
  firn_buf *buf = ud;
  firn_buf_append(buf, data, size);
  return buf->failed ? firn_oom(err, size) : FIRN_OK;
}

firn_sink firn_sink_buf(firn_buf *buf) { return (firn_sink){put_buf, buf}; }
