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
 *   HEAP    made when its step runs, since its shape is not known before, or it is
 *           not plain bytes, or it is handed out as a result
 *   ALIAS   the bytes of another value under this value's shape
 *   PASS    whatever tensor the step hands through (Switch, Merge)
 *   DEAD    behind a branch that is never taken
 *
 * Ownership: a plan owns its constants, prepared states and arena; it borrows the
 *            program.
 * Threads:   immutable after it is made, but for its list of idle frames, which has
 *            a lock.
 */
#ifndef FIRN_RUNTIME_PLAN_H
#define FIRN_RUNTIME_PLAN_H

#include <pthread.h>

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
  firn_info info;   /* info.value is the constant                             */
  firn_place place;
  uint32_t of;      /* ALIAS: whose bytes                                     */
  uint32_t home;    /* SLAB: the value whose place it shares (itself or one
                       that an in-place step writes over)                     */
  size_t offset;    /* SLAB                                                   */
  uint32_t uses;    /* live steps that take it, fetches included              */
  uint32_t first, last; /* live steps between which its bytes must stay       */
  bool fetched;
  bool may_die;     /* behind a Switch                                        */
} firn_plan_value;

typedef struct firn_plan_step {
  firn_step_kind kind;
  const firn_node *node;
  const firn_op *op;
  uint32_t in_count, out_count, control_count;
  const uint32_t *in, *controls;
  uint32_t out;
  bool dropped;     /* folded, dead, or absorbed by another step              */
  bool at_run;      /* shapes are known at run time only: firn_eval_run       */
  bool may_die;
  const firn_kernel *kernel;
  const firn_fusion *fused;
  void *state;
  void (*free_state)(void *state, const firn_env *env);
  size_t scratch, scratch_offset;
} firn_plan_step;

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
  uint32_t *live;         /* the steps to be executed, in order               */
  uint32_t live_count;
  uint32_t max_in, max_out;
  uint32_t *release_at;   /* release[release_at[t] .. release_at[t + 1]): the  */
  uint32_t *release;      /* HEAP values that live step t is the last to need  */
  size_t slab_size;
  size_t constant_bytes;  /* of constants that the plan itself computed       */
  bool reads_variables;   /* variables were taken for constants at ...        */
  uint64_t generation;    /* ... this generation of the store                 */
  pthread_mutex_t lock;   /* guards idle                                      */
  firn_frame *idle;
} firn_plan;

/* Makes a plan for feeds of these types and shapes. UNIMPLEMENTED lists every op
 * that is reached and cannot be computed. */
FIRN_CHECKED firn_code firn_plan_new(const firn_program *program,
                                     const firn_plan_env *shared,
                                     firn_tensor *const *feeds,
                                     firn_plan **out, firn_error *err);
void firn_plan_free(firn_plan *plan);

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
} firn_run_limits;

FIRN_CHECKED firn_code firn_plan_run(firn_plan *plan,
                                     firn_tensor *const *feeds,
                                     const firn_run_limits *limits,
                                     firn_tensor **results, firn_error *err);

/* Frees idle frames; part of firn_plan_free. */
void firn_plan_free_frames(firn_plan *plan);

/* Counts, for each value, the live steps and fetches that take it. */
void firn_plan_count_uses(firn_plan *plan);

#endif
