/* ops/conv_grad.h: gradients of convolutions of floats.
 *
 * Channels are in the last axis. Each function does its work with the scratch
 * of a run; with an empty scratch (base NULL) it only tells how much that must
 * be.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_CONV_GRAD_H
#define FIRN_OPS_CONV_GRAD_H

#include "ops/conv_layout.h"
#include "ops/stage.h"

typedef struct firn_conv_grad {
  firn_conv_layout l;
  const firn_micro *micro;
  bool exact;
  int threads;
  firn_pool *pool;
} firn_conv_grad;

/* dx from dy and w. */
void firn_conv_grad_input(const firn_conv_grad *c, const float *dy,
                          const float *w, float *dx, firn_scratch *scratch);

/* Whether the memory that firn_conv_grad_filter lays things out in is in
 * proportion to them; not so with holes that reach far beyond the picture. */
bool firn_conv_grad_filter_fits(const firn_conv_grad *c);

/* dw from x and dy. */
void firn_conv_grad_filter(const firn_conv_grad *c, const float *x,
                           const float *dy, float *dw, firn_scratch *scratch);

#endif
