/* ops/eval.h: compute one node on given tensors, now.
 *
 * The whole life of a step in one call: infer with everything known, pick a
 * kernel, prepare, drive. Constant folding, steps whose shapes are known only
 * at run time and the tests of the ops all go through it.
 *
 *   firn_eval eval = {.node = node, .env = &env, .cpu = cpu, .store = store};
 *   firn_tensor *in[] = {x, y}, *out[1] = {NULL};
 *   code = firn_eval_run(&eval, in, 2, out, 1, err);
 *
 * Ownership: the caller releases the outputs.
 * Threads:   confined.
 */
#ifndef FIRN_OPS_EVAL_H
#define FIRN_OPS_EVAL_H

#include "ops/op.h"

typedef struct firn_eval {
  const firn_node *node;
  const firn_fusion *fused;
  const firn_env *env;
  uint32_t cpu;
  firn_pool *pool;
  struct firn_store *store;
  struct firn_packs *packs;
  firn_code (*stop)(void *ud, firn_error *err); /* as in firn_run */
  void *stop_ud;
} firn_eval;

/* Infers, prepares and drives. INVALID_ARGUMENT and UNIMPLEMENTED messages
 * begin with "node 'name' (Op): ". On failure every out[i] is NULL. */
FIRN_CHECKED firn_code firn_eval_run(const firn_eval *eval,
                                     firn_tensor *const *in, size_t in_count,
                                     firn_tensor **out, size_t out_count,
                                     firn_error *err);

/* What is known of a tensor that is there: its shape, its value, and its
 * integers when it is a small integer scalar or vector (copied into the arena).
 */
firn_info firn_info_of(firn_tensor *tensor, firn_arena *arena);

/* Holds a node against its op's definition: number and types of its inputs,
 * attrs. What infer and kernels rely on; firn_infer_node does it, too. */
FIRN_CHECKED firn_code firn_check_node(const firn_node *node,
                                       const firn_info *in, size_t in_count,
                                       firn_error *err);

/* Calls the op's infer on a node: fills in dtypes of `out`, then asks. Errors
 * get the node's name in front. */
FIRN_CHECKED firn_code firn_infer_node(const firn_node *node,
                                       const firn_info *in, size_t in_count,
                                       firn_info *out, size_t out_count,
                                       firn_arena *arena, firn_error *err);

#endif
