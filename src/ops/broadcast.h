/* ops/broadcast.h: the one loop of all ops whose operands broadcast.
 *
 * Axes of extent 1 are dropped and axes that lie one behind the other in every
 * operand become one. What is left is walked in spans: pieces of the output, in
 * which an operand either goes along (step 1) or stays (step 0).
 *
 *   firn_broadcast b;
 *   firn_broadcast_init(&b, &out->shape, shapes, 2);
 *   b.in[0] = (firn_operand){x->data, 4}; ...
 *   firn_broadcast_run(&b, pool, grain, add_span, &ctx);
 *
 * Where the innermost extent is short, elements are gathered into longer spans
 * first, so that a span is worth a call of a vector loop.
 *
 * Threads: pure; run shares the spans out.
 */
#ifndef FIRN_OPS_BROADCAST_H
#define FIRN_OPS_BROADCAST_H

#include "ops/op.h"

enum {
  FIRN_OPERANDS = 3,
  FIRN_SPAN_GRAIN = 16384, /* elements worth a thread, when each is cheap */
};

typedef struct firn_operand {
  const void *data;
  size_t size; /* of an element */
} firn_operand;

typedef struct firn_broadcast {
  int count; /* operands */
  int rank;  /* at least 1 */
  size_t total;
  int64_t dims[FIRN_MAX_RANK];
  int64_t strides[FIRN_OPERANDS][FIRN_MAX_RANK]; /* in elements */
  firn_operand in[FIRN_OPERANDS];
  void *out;
  size_t out_size;
} firn_broadcast;

/* One piece: out[i] = f(in[0][i * step[0]], ...) for i < n. */
typedef struct firn_span {
  const void *in[FIRN_OPERANDS];
  size_t step[FIRN_OPERANDS]; /* 0 or 1; all of them 0 only when n is 1 */
  void *out;
  size_t n;
} firn_span;

typedef void (*firn_span_fn)(void *ctx, const firn_span *span);

/* Shapes only; each must broadcast to `out`. */
void firn_broadcast_init(firn_broadcast *b, const firn_shape *out,
                         const firn_shape *const *in, int count);

/* Calls `body` for spans that cover the output once. */
void firn_broadcast_run(const firn_broadcast *b, firn_pool *pool, size_t grain,
                        firn_span_fn body, void *ctx);

/* Both for the inputs and output 0 of a run. */
void firn_broadcast_inputs(const firn_run *run, int count, size_t grain,
                           firn_span_fn body, void *ctx);

#endif
