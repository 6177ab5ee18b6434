/* ops/rnn_cell.c: what the LSTM and GRU cells and their gradients share. */
#include "ops/rnn_cell.h"

#include <assert.h>

/* ---- Shapes ------------------------------------------------------------- */

int64_t firn_dim_times(int64_t a, int64_t b) {
  int64_t product;
  return a < 0 || b < 0 || !firn_mul_i64(a, b, &product) ? -1 : product;
}

int64_t firn_dim_plus(int64_t a, int64_t b) {
  return a < 0 || b < 0 || a > INT64_MAX - b ? -1 : a + b;
}

firn_code firn_infer_fits(const firn_infer *q, size_t i, firn_shape want,
                          firn_error *err) {
  firn_shape ignored;
  const firn_code code =
      firn_shape_merge(&q->in[i].shape, &want, &ignored, err);
  if (code == FIRN_OK) return code;
  const firn_str name = firn_infer_input_name(q, i);
  return firn_while(err, code, "%.*s", FIRN_ARG(name));
}

static firn_shape matrix(int64_t rows, int64_t columns) {
  return (firn_shape){2, {rows, columns}};
}

/* x and the state behind it, which go by the same batch. */
static firn_code infer_state(const firn_infer *q, size_t i, int axes,
                             const char *what, firn_cell_extents *out,
                             firn_error *err) {
  firn_shape x, state;
  FIRN_TRY(firn_infer_rank(q, i, axes, "x", &x, err));
  FIRN_TRY(firn_infer_rank(q, i + 1, 2, what, &state, err));
  *out = (firn_cell_extents){.steps = axes == 3 ? x.dims[0] : 1,
                             .inputs = x.dims[axes - 1],
                             .cells = state.dims[1]};
  if (firn_dim_merge(x.dims[axes - 2], state.dims[0], &out->batch))
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "x has a batch of %lld, %s of %lld",
                   (long long)x.dims[axes - 2], what, (long long)state.dims[0]);
}

firn_code firn_infer_lstm(const firn_infer *q, bool sequence,
                          firn_cell_extents *out, firn_error *err) {
  enum { H_PREV = 2, W, WCI, WCF, WCO, B };
  const size_t s = sequence ? 1 : 0;
  FIRN_TRY(infer_state(q, s, sequence ? 3 : 2, "cs_prev", out, err));
  if (s) FIRN_TRY(firn_infer_rank(q, 0, 0, "seq_len_max", NULL, err));
  const int64_t cells = out->cells, gates = firn_dim_times(cells, 4);
  FIRN_TRY(firn_infer_fits(q, s + H_PREV, matrix(out->batch, cells), err));
  FIRN_TRY(firn_infer_fits(
      q, s + W, matrix(firn_dim_plus(out->inputs, cells), gates), err));
  const bool peephole = firn_attr_bool_or(q->node, "use_peephole", false);
  for (size_t i = WCI; i <= WCO; i++)
    FIRN_TRY(firn_infer_fits(q, s + i, firn_shape_vector(peephole ? cells : -1),
                             err));
  return firn_infer_fits(q, s + B, firn_shape_vector(gates), err);
}

firn_code firn_infer_gru(const firn_infer *q, firn_cell_extents *out,
                         firn_error *err) {
  enum { W_RU = 2, W_C, B_RU, B_C };
  FIRN_TRY(infer_state(q, 0, 2, "h_prev", out, err));
  const int64_t cells = out->cells, both = firn_dim_times(cells, 2);
  const int64_t rows = firn_dim_plus(out->inputs, cells);
  FIRN_TRY(firn_infer_fits(q, W_RU, matrix(rows, both), err));
  FIRN_TRY(firn_infer_fits(q, W_C, matrix(rows, cells), err));
  FIRN_TRY(firn_infer_fits(q, B_RU, firn_shape_vector(both), err));
  return firn_infer_fits(q, B_C, firn_shape_vector(cells), err);
}

/* ---- Tensors as floats -------------------------------------------------- */

static size_t count_of(const firn_info *info) {
  return (size_t)firn_shape_product(&info->shape, 0, info->shape.rank);
}

firn_code firn_cell_steps(const firn_run *run, size_t most, size_t *out,
                          firn_error *err) {
  const int64_t steps = firn_tensor_i64(run->in[0], 0);
  if (steps < 0 || (uint64_t)steps > most)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "seq_len_max is %lld, x has %zu steps", (long long)steps,
                     most);
  *out = (size_t)steps;
  return FIRN_OK;
}

firn_cell_tensors firn_cell_tensors_of(const firn_prepare *p, size_t first) {
  firn_cell_tensors t = {.dtype = p->out[0].dtype,
                         .first = first,
                         .in_count = p->in_count,
                         .out_count = p->out_count};
  assert(p->in_count <= FIRN_CELL_INPUTS && p->out_count <= FIRN_CELL_OUTPUTS);
  for (size_t i = 0; i < p->in_count; i++) t.in[i] = count_of(&p->in[i]);
  for (size_t i = 0; i < p->out_count; i++) t.out[i] = count_of(&p->out[i]);
  return t;
}

static firn_stage flat(firn_dtype dtype, size_t count) {
  return (firn_stage){dtype, false, 1, 1, count};
}

void firn_cell_stage(const firn_cell_tensors *t, const firn_run *run,
                     firn_scratch *scratch, firn_cell_floats *f) {
  for (size_t i = t->first; i < t->in_count; i++) {
    const firn_stage s = flat(t->dtype, t->in[i]);
    f->in[i] = firn_stage_in(&s, run ? run->in[i]->data : NULL, scratch);
  }
  for (size_t i = 0; i < t->out_count; i++) {
    const firn_stage s = flat(t->dtype, t->out[i]);
    f->out[i] = firn_stage_out(&s, run ? run->out[i]->data : NULL, scratch);
  }
}

void firn_cell_done(const firn_cell_tensors *t, const firn_run *run,
                    firn_scratch *scratch, const firn_cell_floats *f) {
  for (size_t i = 0; i < t->out_count; i++) {
    const firn_stage s = flat(t->dtype, t->out[i]);
    firn_stage_done(&s, f->out[i], run ? run->out[i]->data : NULL, scratch);
  }
}
