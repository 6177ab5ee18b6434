/* runtime/program.h: what has to be done for some feeds, fetches and targets.
 *
 * A program is the structure of a run, before any shape is known: the nodes
 * that the fetches and targets need, as steps in an order that works, and the
 * values that pass between them. It is made once per (feeds, fetches, targets)
 * and shared by the plans for all shapes.
 *
 *   values   one per used node output and per feed; a number into `values`
 *   steps    one per node, and a DEREF wherever a reference meets an input that
 *            wants the variable's value
 *   blocks   lists of steps: block 0 is the whole; others belong to a BRANCH
 * (If, Case: one block each) or a LOOP (a block for the condition, one for the
 * body), and are run by it
 *
 * Function calls are inlined: their bodies' steps stand where the call stood.
 * While and the Enter ... Exit frames of old graphs both become LOOPs. Steps
 * inside a block use values from outside directly; only what changes from round
 * to round is carried. A step's number is above those of everything it uses,
 * blocks included.
 *
 * Nodes that write to a variable come as late as the graph allows, so that
 * reads the graph does not order see the value from before the run.
 *
 * Ownership: arrays live in the program's arena; nodes belong to the graph, or
 * to the function bodies that the program keeps. Threads:   immutable after
 * building.
 */
#ifndef FIRN_RUNTIME_PROGRAM_H
#define FIRN_RUNTIME_PROGRAM_H

#include "graph/function.h"
#include "ops/op.h"

#define FIRN_NO_VALUE UINT32_MAX
#define FIRN_NO_STEP UINT32_MAX

typedef enum firn_step_kind {
  FIRN_STEP_OP,     /* infer and kernel                                       */
  FIRN_STEP_CONST,  /* the node's value                                       */
  FIRN_STEP_DEREF,  /* out = the value of the variable that in refers to      */
  FIRN_STEP_SWITCH, /* in[0] becomes out[in[1] ? 1 : 0], the other one dies   */
  FIRN_STEP_MERGE,  /* out[0] = the input that is alive, out[1] = its number  */
  FIRN_STEP_BRANCH, /* runs one block by in[0]; out = that block's results    */
  FIRN_STEP_GATE,   /* nothing; where it is dead, who waits for it is, too    */
  FIRN_STEP_LOOP,   /* out = in (the first out_count of it); while the first
                       block's result holds, runs the second and out = its
                       results                                                */
} firn_step_kind;

typedef struct firn_step {
  firn_step_kind kind;
  const firn_node *node;
  const firn_op *op; /* NULL: firn does not know the op               */
  uint32_t in_count, out_count;
  const uint32_t *in; /* values                                        */
  uint32_t out;       /* the first of out_count consecutive values     */
  uint32_t control_count;
  const uint32_t *controls; /* steps: if one is dead, this one is            */
  uint32_t block;           /* the block that it stands in                   */
  uint32_t inner, inner_count; /* BRANCH, LOOP: its own blocks                */
} firn_step;

typedef struct firn_block {
  uint32_t *steps; /* in order                                      */
  uint32_t count, capacity;
  uint32_t *results; /* values                                        */
  uint32_t result_count;
  uint32_t owner; /* the BRANCH or LOOP; FIRN_NO_STEP for block 0  */
  bool effects;   /* something in it must run for its effect       */
} firn_block;

typedef struct firn_value {
  int dtype;       /* references above 100; 0 when the graph cannot say  */
  uint32_t step;   /* who makes it; FIRN_NO_STEP for a feed              */
  uint32_t output; /* which output of the step; or which feed            */
  const firn_node *node;
} firn_value;

/* What a run wants, as edges of the graph. */
typedef struct firn_wish {
  const firn_edge *feeds;
  size_t feed_count;
  const firn_edge *fetches;
  size_t fetch_count;
  const uint32_t *targets;
  size_t target_count;
} firn_wish;

typedef struct firn_program {
  firn_arena arena;
  const firn_graph *graph;
  firn_env env;
  firn_step *steps;
  uint32_t step_count, step_capacity;
  firn_value *values;
  uint32_t value_count, value_capacity;
  firn_block *blocks;
  uint32_t block_count, block_capacity;
  uint32_t *feeds; /* the value of each feed                                */
  size_t feed_count;
  uint32_t *fetches; /* the value of each fetch                               */
  size_t fetch_count;
  firn_function **functions; /* the bodies that were inlined                  */
  size_t function_count, function_capacity;
  uint32_t calls; /* bodies that were put in                               */
} firn_program;

/* Prunes, inlines and orders. INVALID_ARGUMENT for an input that names no node,
 * a cycle, a function that does not exist; RESOURCE_EXHAUSTED for calls nested
 * too deeply. Unknown ops are no error here: the plan may find that they are
 * not reached. */
FIRN_CHECKED firn_code firn_program_new(const firn_graph *graph,
                                        const firn_wish *wish,
                                        const firn_env *env, firn_program **out,
                                        firn_error *err);
void firn_program_free(firn_program *program);

/* Whether input `i` of a node takes a reference rather than a value. */
bool firn_input_is_ref(const firn_node *node, uint32_t i);

#endif
