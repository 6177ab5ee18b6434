/* proto/riegeli.h: the records of a Riegeli file.
 *
 * Chunks of records, each chunk with its hash, perhaps compressed; every 64 KiB
 * a block header lies across whatever there is. docs/formats/riegeli.md takes
 * one apart.
 *
 * Ownership: records lie in the input or in the arena.
 * Threads:   confined while reading.
 */
#ifndef FIRN_PROTO_RIEGELI_H
#define FIRN_PROTO_RIEGELI_H

#include "base/arena.h"

/* A record, and the number by which others refer to it: where its chunk begins,
 * plus its position therein. */
typedef struct firn_record {
  uint64_t position;
  firn_bytes bytes;
} firn_record;

/* Whether the bytes begin as such a file does. */
bool firn_is_riegeli(firn_bytes input);

/* Reads all records, in order of position. DATA_LOSS with the offset;
 * UNIMPLEMENTED for transposed chunks and for compression that this build
 * lacks. */
FIRN_CHECKED firn_code firn_riegeli_read(firn_bytes input, bool verify,
                                         firn_arena *arena, firn_record **out,
                                         size_t *count, firn_error *err);

#endif
