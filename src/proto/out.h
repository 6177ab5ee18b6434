/* proto/out.h: small pieces gathered before they go to a sink.
 *
 * Ownership: a plain struct on the writer's stack.
 * Threads:   confined.
 */
#ifndef FIRN_PROTO_OUT_H
#define FIRN_PROTO_OUT_H

#include "proto/proto.h"

/* Pieces of this size are handed on as they are. */
enum { FIRN_OUT_WHOLE = 4096 };

typedef struct firn_out {
  firn_sink sink;
  firn_error *err;
  firn_code code; /* the first failure; after it puts do nothing */
  size_t used;
  uint8_t buffer[FIRN_OUT_WHOLE];
} firn_out;

/* Appends; the second when the piece is large or the buffer full. */
void firn_out_put_large(firn_out *out, const void *data, size_t size);
static inline void firn_out_put(firn_out *out, const void *data, size_t size) {
  if (size > FIRN_OUT_WHOLE - out->used || size == FIRN_OUT_WHOLE) {
    firn_out_put_large(out, data, size);
    return;
  }
  if (size) memcpy(out->buffer + out->used, data, size);
  out->used += size;
}

/* Hands on what is gathered; returns the first failure. */
firn_code firn_out_flush(firn_out *out);

#endif
