/* build/grad_walk.h: the walk of firn_gradients, as its files see it.
 *
 *   gradients.c    what lies between the ys and the xs; the walk against the
 *                  direction of the data
 *   grad_frames.c  which loop (Enter ... Exit) each node is in, and the order
 *                  in which whole loops are met
 *   grad_twin.c    the backward twin of a loop: what it takes from the loop
 *   grad_frame.c   the gradient of a loop, by both
 *
 * A loop's twin runs as many rounds as the loop did, from the last to the
 * first. What it needs of a round the loop itself keeps: it is made to carry a
 * list for each such value, to which every round adds one element and from
 * which the twin takes one. Rules need not know: while b->place is a twin, the
 * inputs of each new node are looked up there.
 *
 * Ownership: all lies in the walk's arena.
 * Threads:   confined.
 */
#ifndef FIRN_BUILD_GRAD_WALK_H
#define FIRN_BUILD_GRAD_WALK_H

#include "build/gradient.h"

typedef struct firn_grad_walk firn_grad_walk;
typedef struct firn_grad_walk_frame firn_grad_walk_frame;

/* A derivative that arrives at an output. */
typedef struct firn_grad_arrival {
  struct firn_grad_arrival *next;
  firn_output dy;
} firn_grad_arrival;

/* Conditionals of a loop's body in which a value is there at all. */
typedef struct firn_grad_walk_branch {
  struct firn_grad_walk_branch *outer, *next; /* next: of all in the frame */
  firn_output choice;
  uint32_t taken, depth;
} firn_grad_walk_branch;

/* Where an output is. */
typedef struct firn_grad_walk_home {
  firn_grad_walk_frame *frame;
  firn_grad_walk_branch
      *branch; /* within the frame; NULL: there in each round */
} firn_grad_walk_home;

/* Where new nodes go. */
typedef struct firn_grad_walk_site {
  firn_place place; /* first: a place is the site it stands in */
  firn_grad_walk *walk;
  firn_grad_walk_home home;
  firn_place *before; /* where they went until now */
} firn_grad_walk_site;

/* A loop, its twin, or (parent NULL) the graph around all loops. */
struct firn_grad_walk_frame {
  firn_grad_walk_site site; /* of a twin: rules write there                */
  firn_grad_walk_frame *parent;
  firn_grad_walk_branch *branch;   /* that the loop is in, of the parent   */
  firn_grad_walk_branch *branches; /* the conditionals in it             */
  firn_str name;
  uint32_t depth;
  int64_t parallel;     /* rounds at a time                                */
  firn_output cond;     /* its LoopCond                                    */
  firn_output entering; /* what an Enter takes                             */
  uint32_t *items;      /* nodes in order: its own, and Exits of loops in it */
  size_t item_count, exits_left;
  uint32_t level;
  firn_grad_walk_frame
      *twin; /* of a twin: the loop; of a loop: its twin or NULL  */
  bool is_twin;
  firn_output gate; /* of a loop: outside, there when the loop is        */
  uint32_t number;  /* of a twin                                         */
};

struct firn_grad_walk {
  firn_builder *b;
  firn_arena arena;
  const firn_output *ys, *xs, *dys;
  size_t ny, nx;
  uint32_t count;  /* nodes before any gradient was added      */
  bool *below;     /* needed by a y                            */
  bool *depends;   /* on an x, and needed by a y               */
  uint32_t *order; /* of those needed, inputs first            */
  size_t order_count;
  firn_grad_arrival ***arrived; /* per node and output; NULL: none yet      */
  firn_grad_walk_frame graph;   /* the outermost                            */
  firn_grad_walk_frame **frames;
  uint32_t frame_count;       /* without it; 0: no loops                  */
  firn_grad_walk_home *homes; /* per node; those behind are in the graph  */
  uint32_t home_count, home_capacity;
  firn_map brought; /* twin, node, output → output there    */
  uint32_t twin_count;
};

static inline bool firn_grad_walk_failed(const firn_grad_walk *w) {
  return w->b->failed != FIRN_OK;
}

/* Zeroed memory; NULL has been noted down as a failure. */
void *firn_grad_walk_room(firn_grad_walk *w, size_t count, size_t size);

/* Whether derivatives flow along values of this type. */
bool firn_grad_walk_flows(int type);

/* Adds to what arrived at an output, and the sum of that. */
void firn_grad_walk_arrive(firn_grad_walk *w, firn_output at, firn_output dy);
firn_output firn_grad_walk_total(firn_grad_walk *w, uint32_t node,
                                 uint32_t output);

/* Carries on what arrived at the frame's nodes; new nodes go to `back`: the
 * frame's twin, or the graph. */
void firn_grad_walk_frame_back(firn_grad_walk *w, firn_grad_walk_frame *frame,
                               firn_grad_walk_frame *back);

/* ---- Frames -------------------------------------------------------------- */

/* An op, whether or not on references. */
bool firn_grad_walk_op_is(const firn_node *node, const char *op);

/* Finds the frames of the nodes in w->order and sorts it such that whatever
 * leaves a loop comes behind all that enters it. */
bool firn_grad_walk_find_frames(firn_grad_walk *w);

firn_grad_walk_home firn_grad_walk_home_of(firn_grad_walk *w, firn_output o);
void firn_grad_walk_set_home(firn_grad_walk *w, uint32_t node,
                             firn_grad_walk_frame *frame,
                             firn_grad_walk_branch *branch);

/* Whether a Switch, and whether a Merge, is the loop's own and not a
 * conditional's. */
bool firn_grad_walk_is_loops_own(const firn_grad_walk *w,
                                 const firn_node *node);
bool firn_grad_walk_goes_round(const firn_grad_walk *w, const firn_node *node);

/* ---- Twins --------------------------------------------------------------- */

/* A value that a loop carries from round to round. */
typedef struct firn_grad_carried {
  firn_output merge, value, last; /* value in the body, last when it ends */
} firn_grad_carried;

/* One more for a frame: what it starts with lies in the parent, what it goes on
 * with and the last value too. */
firn_grad_carried firn_grad_walk_carry(firn_grad_walk *w,
                                       firn_grad_walk_frame *frame,
                                       firn_output start);
void firn_grad_walk_carry_on(firn_grad_walk *w, firn_grad_walk_frame *frame,
                             const firn_grad_carried *carried,
                             firn_output next);
firn_output firn_grad_walk_exit(firn_grad_walk *w, firn_grad_walk_frame *frame,
                                firn_output last);

/* The twin of a loop, in `back`, which is that of its parent. */
firn_grad_walk_frame *firn_grad_walk_twin(firn_grad_walk *w,
                                          firn_grad_walk_frame *frame,
                                          firn_grad_walk_frame *back);

/* An output as a node of a twin (or of the graph) takes it. */
firn_output firn_grad_walk_bring(firn_grad_walk *w, firn_grad_walk_frame *twin,
                                 firn_output o);

/* New nodes go to a twin (or to the graph); and back to where they went before.
 */
void firn_grad_walk_go(firn_grad_walk *w, firn_grad_walk_frame *twin);
void firn_grad_walk_return(firn_grad_walk *w, firn_grad_walk_frame *twin);

/* The gradient of a loop: passes what arrived at its Exits on to what enters
 * it. */
void firn_grad_walk_loop(firn_grad_walk *w, firn_grad_walk_frame *frame,
                         firn_grad_walk_frame *back);

#endif
