/* ops/op.h: what an op family declares, and what its functions are given.
 *
 * An op is a name, a shape function (`infer`) and an ordered list of kernels;
 * its arguments, types, attrs and defaults come from the op table (opdef). A
 * family file defines some ops and exports one const firn_op_family;
 * ops/registry.c lists the families. Nothing is registered at run time.
 *
 * The life of a step:
 *   1. infer   - given what is known of the inputs, say what is known of the
 *                outputs, and refuse what makes no sense. It must live with
 * unknown ranks, extents and values. Called when the plan is made; again before
 * each execution where shapes are known only then, with every input's shape and
 * value known.
 *   2. kernel  - the first in the list whose type constraints and CPU needs
 * fit.
 *   3. prepare - optional: shapes are known now; pack weights, build tables,
 * say how much scratch a run needs.
 *   4. drive   - compute. When infer could give an output's whole shape, the
 * output is there, aligned to 64 bytes; else out[i] is NULL and the kernel
 *                calls firn_run_output. It checks only what arrives in tensor
 *                values; infer has vouched for the rest.
 *
 * Messages say what is wrong with which input ("indices[2] = 7 is not in [0,
 * 5)"); the caller puts "node 'x' (GatherV2): " in front.
 *
 * Threads: tables are constant; prepare is confined, drive may run on many
 * threads with one prepared state, which it must not change.
 */
#ifndef FIRN_OPS_OP_H
#define FIRN_OPS_OP_H

#include "base/pool.h"
#include "graph/graph.h"

/* ---- What is known of a value ------------------------------------------- */

#define FIRN_UNKNOWN_INT INT64_MIN

/* `ints` holds the elements of a small int32, int64 or bool-free scalar or
 * vector (at most FIRN_MAX_INTS), each perhaps FIRN_UNKNOWN_INT; NULL when
 * nothing is known. `value` is the whole tensor when it is constant. A resource
 * or reference knows what it refers to, a tensor list its elements: handle_*.
 */
typedef struct firn_info {
  firn_dtype dtype;
  firn_shape shape;
  const int64_t *ints;
  firn_tensor *value;
  firn_dtype handle_dtype;
  firn_shape handle_shape;
} firn_info;

enum { FIRN_MAX_INTS = 256 };

typedef struct firn_infer {
  const firn_node *node;
  size_t in_count, out_count;
  const firn_info *in;
  firn_info *out; /* dtype is filled in; shape starts as unknown rank */
  firn_arena *arena;
} firn_infer;

typedef firn_code (*firn_infer_fn)(firn_infer *q, firn_error *err);

/* ---- A kernel ----------------------------------------------------------- */

struct firn_kernel;
struct firn_store;
struct firn_packs;

/* What the planner put onto the end of a convolution or matrix product: y = x *
 * w * scale + shift (+ residual), clamped; scale and shift by output channel.
 */
typedef struct firn_fusion {
  const float *scale, *shift; /* NULL: 1 and 0                              */
  size_t channels;
  int residual;   /* the input that is added, or 0 for none     */
  float min, max; /* -INFINITY, INFINITY for no clamp           */
} firn_fusion;

/* Given to prepare; it fills in the last three. */
typedef struct firn_prepare {
  const firn_node *node;
  const struct firn_kernel *kernel;
  size_t in_count, out_count;
  const firn_info *in, *out; /* in[i].value when constant              */
  const firn_fusion *fused;  /* NULL: none                             */
  const firn_env *env;
  uint32_t cpu;             /* features that may be used              */
  struct firn_packs *packs; /* share packed weights: ops/packs.h      */
  void *state;              /* handed to drive                        */
  void (*free_state)(void *state, const firn_env *env);
  size_t scratch; /* bytes that drive needs, 64-aligned     */
} firn_prepare;

/* Given to drive. */
typedef struct firn_run {
  const firn_node *node;
  const struct firn_kernel *kernel;
  const void *state;
  size_t in_count, out_count;
  firn_tensor *const *in; /* not to be written to                          */
  firn_tensor **out;      /* out[i] NULL: call firn_run_output             */
  void *scratch;
  firn_pool *pool;
  const firn_env *env;
  uint32_t cpu;
  struct firn_store *store; /* the session's variables, tables, ...         */
  firn_tensor **made;       /* where firn_run_output and _give put results  */
  /* Asked by kernels that wait for another run: not FIRN_OK when this one is
   * cancelled or late. NULL: they fail instead of waiting. */
  firn_code (*stop)(void *ud, firn_error *err);
  void *stop_ud;
} firn_run;

/* Makes output i with this shape (dtype by the op's definition), when infer
 * could not tell; *out is also run->out[i] afterwards. When out[i] is already
 * there its shape must be the same. */
FIRN_CHECKED firn_code firn_run_output(const firn_run *run, size_t i,
                                       const firn_shape *shape,
                                       firn_tensor **out, firn_error *err);

/* Makes an existing tensor the output i, taking over one reference (retain
 * first to keep your own). It must own its data. Only for outputs that infer
 * leaves unknown, or of ops flagged FIRN_OP_GIVES. */
void firn_run_give(const firn_run *run, size_t i, firn_tensor *tensor);

typedef firn_code (*firn_prepare_fn)(firn_prepare *p, firn_error *err);
typedef firn_code (*firn_drive_fn)(const firn_run *run, firn_error *err);

/* The type attr `attr` must be in `types`. */
typedef struct firn_constraint {
  const char *attr;
  firn_dtypes types;
} firn_constraint;

/* The inner loop that a driver shared by many kernels calls. */
typedef union firn_micro_fn {
  void (*unary)(const void *x, void *y, size_t n);
  void (*binary)(const void *a, const void *b, void *y, size_t n);
  void (*row)(const void *x, void *y, size_t n);
  void (*any)(void);
  const void *table;
} firn_micro_fn;

typedef struct firn_kernel {
  firn_constraint types[4]; /* unused ones have attr NULL                   */
  uint32_t needs;           /* FIRN_CPU_ bits                               */
  firn_prepare_fn prepare;  /* may be NULL                                  */
  firn_drive_fn drive;      /* NULL ends the list                           */
  firn_micro_fn micro;
  uint32_t unaligned; /* bit i: input i may lie at any address        */
} firn_kernel;

/* ---- An op -------------------------------------------------------------- */

enum {
  /* Output 0 is the bytes of input 0 under the inferred shape: nothing is run.
   */
  FIRN_OP_ALIAS = 1u << 0,
  /* Has effects or state: never folded, merged or left out when a target. (Also
   * every op whose definition says is_stateful.) */
  FIRN_OP_STATEFUL = 1u << 1,
  /* The runtime does it itself: Switch, Merge, While, Placeholder, Const, ...
   */
  FIRN_OP_CONTROL = 1u << 2,
  /* Output 0 may be written over any input of the same type and shape. */
  FIRN_OP_IN_PLACE = 1u << 3,
  /* Kernels heed an epilogue. */
  FIRN_OP_EPILOGUE = 1u << 4,
  /* The kernel gives its outputs by firn_run_give. */
  FIRN_OP_GIVES = 1u << 5,
  /* Writes to a variable: the planner keeps readers before it. */
  FIRN_OP_WRITES = 1u << 6,
  /* Gives handles of the session's state, the same ones in every run:
   * VarHandleOp, VariableV2, HashTableV2 under a shared name, ... The plan asks
   * once. */
  FIRN_OP_HANDLE = 1u << 7,
  /* Reads a variable and nothing else: a constant for a plan that does not
   * write to that variable. */
  FIRN_OP_READS = 1u << 8,
};

typedef struct firn_op {
  const char *name;
  firn_infer_fn infer;
  const firn_kernel *kernels; /* NULL for ALIAS and CONTROL; ends with {0}  */
  uint32_t flags;
} firn_op;

typedef struct firn_op_family {
  const char *name;
  const firn_op *ops;
  size_t count;
} firn_op_family;

#define FIRN_OP_FAMILY(id, array)                      \
  const firn_op_family firn_family_##id = {#id, array, \
                                           sizeof(array) / sizeof((array)[0])}

/* The op of that name, or NULL; and the op of a node, looked up once per graph.
 */
const firn_op *firn_op_find(firn_str name);
const firn_op *firn_op_of(const firn_node *node);

/* All ops, for `firn ops`: family by family. */
size_t firn_op_family_count(void);
const firn_op_family *firn_op_family_at(size_t i);

/* The first kernel that fits the node's type attrs and the CPU, or NULL. */
const firn_kernel *firn_op_kernel(const firn_op *op, const firn_node *node,
                                  uint32_t cpu);

/* Whether the op must be run even if its value is known. */
bool firn_op_stateful(const firn_node *node);

#endif
