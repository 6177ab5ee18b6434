/* proto/chunked.h: a message that was too large for one piece.
 *
 * TensorFlow's proto splitter writes it (.cpb) as records of a Riegeli file:
 * parts of the message, and last a ChunkMetadata that says where each part
 * belongs.
 *
 * Threads: confined while parsing.
 */
#ifndef FIRN_PROTO_CHUNKED_H
#define FIRN_PROTO_CHUNKED_H

#include "proto/proto.h"

/* Puts the message together. It lies in the arena, its strings there or in
 * `input`. DATA_LOSS for damage, UNIMPLEMENTED for what firn_riegeli_read does
 * not read. */
FIRN_CHECKED firn_code firn_chunked_parse(firn_bytes input,
                                          const firn_pb_type *type,
                                          const firn_env *env,
                                          firn_arena *arena, void **out,
                                          firn_error *err);

#endif
