/* runtime/plan.h: a program made ready for feeds of certain shapes.
 *
 * Making a plan: infer every value (shapes, small integer values), fold what is
 * constant, drop what is dead or folded, fuse, choose kernels, let them prepare
 * (pack weights), and give every value of known shape a place in one slab.
 *
 * Where a value lives while the plan runs:
 *   CONST   a tensor of the plan
 *   FEED    the caller's tensor
 *   SLAB    at an offset of the run's slab
 *   HEAP    made when its step runs, since its shape is not known before, or it
 * is not plain bytes, or it is handed out as a result ALIAS   the bytes of
 * another value under this value's shape PASS    whatever tensor the step hands
 * through (Switch, Merge, If) DEAD    behind a branch that is never taken
 *
 * Time is counted in ticks. A step has one; a BRANCH or LOOP has one before its
 * blocks and one after (`end`), a LOOP also one at the end of each round
 * (`carry`).
 *
 * Ownership: a plan owns its constants, prepared states and arena; it borrows
 * the program. Threads:   immutable after it is made, but for its list of idle
 * frames, which has a lock.
 */
#ifndef FIRN_RUNTIME_PLAN_H
#define FIRN_RUNTIME_PLAN_H

#include <pthread.h>
#include <stdatomic.h>

#include "ops/eval.h"
#include "ops/packs.h"
#include "ops/store.h"
#include "runtime/program.h"

typedef enum firn_place {
  FIRN_PLACE_NONE,
  FIRN_PLACE_CONST,
  FIRN_PLACE_FEED,
  FIRN_PLACE_SLAB,
  FIRN_PLACE_HEAP,
  FIRN_PLACE_ALIAS,
  FIRN_PLACE_PASS,
  FIRN_PLACE_DEAD,
} firn_place;

typedef struct firn_plan_value {
  firn_info info; /* info.value is the constant                             */
  firn_place place;
  uint32_t of;   /* ALIAS: whose bytes                                     */
  uint32_t home; /* SLAB: the value whose place it shares (itself or one
                    that an in-place step writes over)                     */
  size_t offset; /* SLAB                                                   */
  uint32_t uses; /* live steps that take it, fetches included              */
  uint32_t first, last; /* ticks between which its bytes must stay            */
  bool fetched;
  bool may_die; /* behind a Switch                                        */
} firn_plan_value;

typedef struct firn_plan_step {
  firn_step_kind kind;
  const firn_node *node;
  const firn_op *op;
  uint32_t in_count, out_count, control_count;
  const uint32_t *in, *controls;
  uint32_t out;
  uint32_t block; /* where it stands                                        */
  uint32_t inner, inner_count; /* BRANCH, LOOP: its blocks                    */
  uint32_t tick, carry, end;
  uint8_t *hazard; /* LOOP: results that share bytes with a carried value    */
  bool dropped;    /* folded, dead, or absorbed by another step              */
  bool reported;   /* named as unsupported already                           */
  bool at_run;     /* shapes are known at run time only: firn_eval_run       */
  bool may_die;
  const firn_kernel *kernel;
  const firn_fusion *fused;
  void *state;
  void (*free_state)(void *state, const firn_env *env);
  size_t scratch, scratch_offset;
} firn_plan_step;

/* The steps of a block that are to be executed, in order. */
typedef struct firn_plan_block {
  uint32_t *live;
  uint32_t live_count;
  const uint32_t *results;
  uint32_t result_count;
} firn_plan_block;

typedef struct firn_frame firn_frame;

/* What all plans of a session share. */
typedef struct firn_plan_env {
  const firn_env *env;
  uint32_t cpu;
  firn_pool *pool;
  firn_store *store;
  firn_packs *packs;
} firn_plan_env;

typedef struct firn_plan {
  const firn_program *program;
  firn_plan_env shared;
  firn_arena arena;
  firn_plan_value *values;
  firn_plan_step *steps;
  firn_plan_block *blocks;
  uint32_t ticks;
  uint32_t max_in, max_out;
  uint32_t *release_at; /* release[release_at[t] .. release_at[t + 1]): the  */
  uint32_t *release;    /* HEAP values that nobody needs after tick t        */
  size_t slab_size;
  size_t constant_bytes; /* of constants that the plan itself computed       */
  _Atomic size_t frame_bytes; /* of the frames, idle or at work              */
  bool reads_variables; /* variables were taken for constants at ...        */
  uint64_t generation;  /* ... this generation of the store                 */
  pthread_mutex_t lock; /* guards idle                                      */
  firn_frame *idle;
} firn_plan;

/* Makes a plan for feeds of these types and shapes. UNIMPLEMENTED lists every
 * op that is reached and cannot be computed. */
FIRN_CHECKED firn_code firn_plan_new(const firn_program *program,
                                     const firn_plan_env *shared,
                                     firn_tensor *const *feeds, firn_plan **out,
                                     firn_error *err);
void firn_plan_free(firn_plan *plan);

/* What the plan takes now, without the packed weights that it shares. */
size_t firn_plan_bytes(const firn_plan *plan);

/* The steps of making a plan, each in a file of its own. */
FIRN_CHECKED firn_code firn_plan_infer(firn_plan *plan, firn_error *err);
FIRN_CHECKED firn_code firn_plan_fuse(firn_plan *plan, firn_error *err);
FIRN_CHECKED firn_code firn_plan_prepare(firn_plan *plan, firn_error *err);
FIRN_CHECKED firn_code firn_plan_layout(firn_plan *plan, firn_error *err);

/* Executes the plan once. results[i] is the value of fetch i, for the caller to
 * release. */
typedef struct firn_run_limits {
  int64_t deadline_ns; /* of the monotonic clock; 0: none */
  bool (*cancelled)(void *ud);
  void *ud;
  bool no_waiting; /* steps fail instead of waiting for other runs */
} firn_run_limits;

FIRN_CHECKED firn_code firn_plan_run(firn_plan *plan, firn_tensor *const *feeds,
                                     const firn_run_limits *limits,
                                     firn_tensor **results, firn_error *err);

/* Frees idle frames; part of firn_plan_free. */
void firn_plan_free_frames(firn_plan *plan);

/* Fails unless a BRANCH or SWITCH can go by that condition: all but If want a
 * scalar. */
FIRN_CHECKED firn_code firn_branch_check(const firn_node *node,
                                         const firn_tensor *pred,
                                         firn_error *err);

/* Whether a step runs although one that it waits for is dead: a ControlTrigger,
 * but not where the whole call around it is dead. */
bool firn_step_outlives(const firn_plan_step *s, const firn_plan_step *control);

/* Which of `count` ways a BRANCH or SWITCH goes: 1 or 0 by the truth of the
 * condition; the number that a Case or _SwitchN is given, or the last one. */
uint32_t firn_branch_taken(const firn_node *node, const firn_tensor *pred,
                           uint32_t count);

/* The truth of a tensor: a scalar that is not zero or empty, or any elements.
 */
bool firn_tensor_truth(const firn_tensor *tensor);

/* Makes the values and steps of a block, and of the blocks in it, what the
 * program says, forgetting what was learnt of them. */
void firn_plan_reset(firn_plan *plan, uint32_t block);

/* Counts, for each value, the live steps, blocks and fetches that take it. */
void firn_plan_count_uses(firn_plan *plan);

#endif
