/* runtime/scope.h: one graph on its way into a program: the main graph, or the
 * body of a function for one call of it.
 *
 *   scope.c         which nodes are needed; which loop frame each is in; their
 * order program.c       steps and values program_call.c  calls, If, Case, While
 *   program_loop.c  frames: Enter ... Exit
 *
 * Threads: confined.
 */
#ifndef FIRN_RUNTIME_SCOPE_H
#define FIRN_RUNTIME_SCOPE_H

#include "runtime/program.h"

/* A loop frame of a graph: what lies between its Enter and Exit nodes. */
typedef struct firn_loop_frame {
  firn_str name;
  uint32_t parent;    /* frame 0 is the graph outside of all loops */
  uint32_t loop_cond; /* the LoopCond node, or FIRN_NO_NODE        */
} firn_loop_frame;

typedef struct firn_scope {
  firn_program *program;
  const firn_graph *graph;
  const firn_wish *wish;         /* of the main graph; else NULL              */
  const firn_function *function; /* of a body; else NULL                     */
  const uint32_t *args;          /* of a body: the values of its arguments    */
  const uint32_t *gates;         /* steps without which nothing in it runs    */
  uint32_t gate_count;
  uint32_t depth; /* calls around it                           */
  uint32_t block; /* that steps are being added to             */
  firn_arena arena;
  bool *marks;        /* per node: needed                          */
  uint32_t *outputs;  /* per node: how many outputs                */
  uint32_t **outs;    /* per node: the values of its outputs       */
  uint32_t *step_of;  /* per node: its step                        */
  uint32_t *frame_of; /* per node: its loop frame                  */
  firn_loop_frame *frames;
  uint32_t frame_count;
} firn_scope;

/* What a unit is when a set of nodes is put in order: a node, or a whole loop.
 */
typedef struct firn_unit {
  bool is_frame;
  uint32_t index;
} firn_unit;

FIRN_CHECKED firn_code firn_scope_init(firn_scope *scope, firn_error *err);
void firn_scope_fini(firn_scope *scope);

/* Marks what these edges and nodes need. */
FIRN_CHECKED firn_code firn_scope_prune(firn_scope *scope,
                                        const firn_edge *edges, size_t edges_n,
                                        const uint32_t *nodes, size_t nodes_n,
                                        firn_error *err);

/* Finds out which frame each needed node is in. */
FIRN_CHECKED firn_code firn_scope_find_frames(firn_scope *scope,
                                              firn_error *err);

/* The frame that a node's outputs belong to: an Exit's are outside of its own.
 * And the calls and loops around a node. */
uint32_t firn_scope_frame(const firn_scope *scope, uint32_t node);
uint32_t firn_scope_depth(const firn_scope *scope, uint32_t node);

/* Puts the units of `frame` for which pick[node] is true (NULL: all) in order.
 * *units lies in the scope's arena. */
FIRN_CHECKED firn_code firn_scope_order(firn_scope *scope, uint32_t frame,
                                        const bool *pick, firn_unit **units,
                                        uint32_t *count, firn_error *err);

/* Whether an output is fed, and by which feed. */
bool firn_scope_fed(const firn_scope *scope, uint32_t node, uint32_t output,
                    size_t *which);

/* The value of an edge. */
uint32_t firn_scope_value(const firn_scope *scope, firn_edge e);

/* ---- Adding to the program ---------------------------------------------- */

FIRN_CHECKED firn_code firn_program_add_value(firn_program *p, int dtype,
                                              uint32_t step, uint32_t output,
                                              const firn_node *node,
                                              uint32_t *out, firn_error *err);
FIRN_CHECKED firn_code firn_program_add_step(firn_program *p,
                                             const firn_step *step,
                                             uint32_t *out, firn_error *err);
FIRN_CHECKED firn_code firn_program_count_call(firn_program *p,
                                               firn_error *err);
FIRN_CHECKED firn_code firn_program_add_block(firn_program *p, uint32_t *out,
                                              firn_error *err);

/* Makes *value, when it is a reference, the value of its variable, read by a
 * step in front of `node`'s. */
FIRN_CHECKED firn_code firn_scope_deref(firn_scope *scope, uint32_t *value,
                                        const firn_node *node, firn_error *err);

/* Emits one needed node, units in order, a loop, a call. */
FIRN_CHECKED firn_code firn_scope_emit(firn_scope *scope, const firn_node *node,
                                       firn_error *err);
FIRN_CHECKED firn_code firn_scope_emit_units(firn_scope *scope,
                                             const firn_unit *units,
                                             uint32_t count, firn_error *err);
FIRN_CHECKED firn_code firn_scope_emit_loop(firn_scope *scope, uint32_t frame,
                                            firn_error *err);

/* Emits a node that calls functions; *done is false when it does not. */
FIRN_CHECKED firn_code firn_scope_emit_call(firn_scope *scope,
                                            const firn_node *node, bool *done,
                                            firn_error *err);

/* Adds a step that lives when `node`, which has none of its own, does: its
 * inputs `in` are there, and those it waits for. *count is 0 where nothing can
 * be missing. */
FIRN_CHECKED firn_code firn_scope_gate(firn_scope *scope, const firn_node *node,
                                       const uint32_t *in, uint32_t **gate,
                                       uint32_t *count, firn_error *err);

/* The steps that must live for `node` to live: its control inputs, and the
 * scope's gate when nothing else ties it to its call. */
FIRN_CHECKED firn_code firn_scope_controls(firn_scope *scope,
                                           const firn_node *node,
                                           const uint32_t **list,
                                           uint32_t *count, firn_error *err);

#endif
