/* ops/rnn_cell.h: what the LSTM and GRU cells and their gradients share: the
 * shapes of their inputs, where the gates lie, and their tensors as floats.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_RNN_CELL_H
#define FIRN_OPS_RNN_CELL_H

#include "ops/infer.h"
#include "ops/stage.h"

/* ---- Shapes ------------------------------------------------------------- */

/* Each -1 when unknown; steps is 1 for a single cell. */
typedef struct firn_cell_extents {
  int64_t steps, batch, inputs, cells;
} firn_cell_extents;

/* Inputs x, cs_prev, h_prev, w, wci, wcf, wco, b, with `sequence` behind
 * seq_len_max. A peephole that is not used may have any extent. */
FIRN_CHECKED firn_code firn_infer_lstm(const firn_infer *q, bool sequence,
                                       firn_cell_extents *out, firn_error *err);

/* Inputs x, h_prev, w_ru, w_c, b_ru, b_c. */
FIRN_CHECKED firn_code firn_infer_gru(const firn_infer *q,
                                      firn_cell_extents *out, firn_error *err);

/* Fails unless input i may have that shape; the message names the input. */
FIRN_CHECKED firn_code firn_infer_fits(const firn_infer *q, size_t i,
                                       firn_shape want, firn_error *err);

/* A matrix, and [steps, rows, columns] of a sequence. */
static inline firn_shape firn_cell_shape(bool sequence, int64_t steps,
                                         int64_t rows, int64_t columns) {
  if (sequence) return (firn_shape){3, {steps, rows, columns}};
  return (firn_shape){2, {rows, columns}};
}

/* a + b and a * b: -1 when one of them is, or when it does not fit. */
int64_t firn_dim_plus(int64_t a, int64_t b);
int64_t firn_dim_times(int64_t a, int64_t b);

/* How many steps input 0 of a sequence, seq_len_max, asks for; INVALID_ARGUMENT
 * unless x has them. */
FIRN_CHECKED firn_code firn_cell_steps(const firn_run *run, size_t most,
                                       size_t *out, firn_error *err);

/* ---- Gates -------------------------------------------------------------- */

/* Where the gates lie in a row of 4 * cells numbers: those of BlockLSTMV2 and
 * its gradient in another order. */
typedef struct firn_gates {
  size_t i, ci, f, o;
} firn_gates;

static inline firn_gates firn_lstm_gates(bool v2, size_t cells) {
  return (firn_gates){0, v2 ? 2 * cells : cells, v2 ? cells : 2 * cells,
                      3 * cells};
}

/* ---- Tensors as floats -------------------------------------------------- */

enum { FIRN_CELL_INPUTS = 18, FIRN_CELL_OUTPUTS = 8 };

/* How many elements each has; the inputs before `first` are no floats. */
typedef struct firn_cell_tensors {
  firn_dtype dtype;
  size_t first, in_count, out_count;
  size_t in[FIRN_CELL_INPUTS], out[FIRN_CELL_OUTPUTS];
} firn_cell_tensors;

typedef struct firn_cell_floats {
  const float *in[FIRN_CELL_INPUTS];
  float *out[FIRN_CELL_OUTPUTS];
} firn_cell_floats;

firn_cell_tensors firn_cell_tensors_of(const firn_prepare *p, size_t first);

/* Half is computed in float. `run` NULL takes the room and no more. */
void firn_cell_stage(const firn_cell_tensors *t, const firn_run *run,
                     firn_scratch *scratch, firn_cell_floats *f);
void firn_cell_done(const firn_cell_tensors *t, const firn_run *run,
                    firn_scratch *scratch, const firn_cell_floats *f);

#endif
