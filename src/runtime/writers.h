/* runtime/writers.h: which variables a program may write to.
 *
 * A read of a variable that the program does not write to gives the same value
 * throughout a run, so a plan may take it for a constant. Handles are followed
 * through whatever hands them on, back to the node that declares the variable;
 * two nodes that declare one variable (the same shared name) count as one. What
 * cannot be followed (a handle that goes round in a loop, or is fed) may be any
 * variable.
 *
 * Ownership: all in the arena.
 * Threads:   a pure function of the program.
 */
#ifndef FIRN_RUNTIME_WRITERS_H
#define FIRN_RUNTIME_WRITERS_H

#include "runtime/program.h"

typedef struct firn_writers {
  uint32_t *origin; /* per value: the value that its handle comes from, the
                       first one of that variable                           */
  bool *declared;   /* per value: a node declares its variable; by origin   */
  bool *written;    /* per value: a step writes to its variable; by origin  */
  bool any;         /* there is a step that writes                          */
  bool unknown;     /* ... to a variable that cannot be told                */
} firn_writers;

FIRN_CHECKED firn_code firn_writers_find(const firn_program *program,
                                         firn_arena *arena, firn_writers *out,
                                         firn_error *err);

/* Whether a step may write to the variable behind the value `handle`. */
bool firn_writers_touch(const firn_writers *writers, uint32_t handle);

#endif
