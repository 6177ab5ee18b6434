/* ops/packs.h: packed weights, shared by all plans of a session.
 *
 * A pack is what prepare makes of a constant (weights in the order of a
 * kernel's inner loop). Its key is the constant's bytes (by address; the pack
 * keeps the tensor alive, so the address stays its own) and a number that says
 * how it was packed.
 *
 * Ownership: get hands out a reference; packs are freed with their last one.
 * Threads:   safe.
 */
#ifndef FIRN_OPS_PACKS_H
#define FIRN_OPS_PACKS_H

#include "ops/op.h"

typedef struct firn_packs firn_packs;
typedef struct firn_pack {
  void *data; /* 64-aligned */
  size_t size;
} firn_pack;

FIRN_CHECKED firn_code firn_packs_new(const firn_env *env, firn_packs **out,
                                      firn_error *err);
void firn_packs_free(firn_packs *packs);

/* The bytes that all packs take now. */
size_t firn_packs_bytes(firn_packs *packs);

/* The pack of `source` under `key`; made by `fill` when it is not there. With
 * packs NULL it is made for the caller alone. */
FIRN_CHECKED firn_code firn_packs_get(firn_packs *packs, const firn_env *env,
                                      firn_tensor *source, uint64_t key,
                                      size_t size,
                                      void (*fill)(void *ud, void *data),
                                      void *ud, const firn_pack **out,
                                      firn_error *err);
void firn_pack_release(firn_packs *packs, const firn_env *env,
                       const firn_pack *pack);

#endif
