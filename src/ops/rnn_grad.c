/* ops/rnn_grad.c: LSTMBlockCellGrad, BlockLSTMGrad, BlockLSTMGradV2 and
 * GRUBlockCellGrad.
 *
 * A sequence goes back step by step, since each step's gradients of the state
 * are what the one before gets. Only the product with the state's part of w is
 * made there; those for x and for w wait until the gradients of all gates are
 * known, and are one product each. Half is computed in float.
 */
#include <math.h>

#include "ops/micro/matmul.h"
#include "ops/rnn_cell.h"

typedef struct back {
  const firn_micro *micro;
  size_t steps, batch, inputs, cells;
  bool sequence, v2, peephole; /* of an LSTM */
  int threads;
  firn_cell_tensors tensors;
} back;

/* ---- Products ------------------------------------------------------------ */

/* y = a * b, and a^T * b. */
typedef struct product {
  size_t m, k, n;
  firn_matrix a, b;
  float *y;
} product;

static void multiply(const back *c, const product *p, const firn_run *run,
                     firn_scratch *scratch) {
  const firn_matmul_batches b = {.count = 1,
                                 .m = p->m,
                                 .k = p->k,
                                 .n = p->n,
                                 .a = p->a,
                                 .b = p->b,
                                 .y = p->y,
                                 .y_stride = p->n};
  void *room = firn_scratch_take(
      scratch, firn_matmul_batch_workspace(c->micro, &b, c->threads));
  if (!run || !p->m || !p->n) return;
  if (p->k)
    firn_matmul_batch(c->micro, &b, room, run->pool);
  else
    memset(p->y, 0, p->m * p->n * sizeof *p->y);
}

/* Rows of w (from `first` on, so many), the other way round, packed. */
static float *pack_turned(const back *c, const float *w, size_t first,
                          size_t rows, const firn_run *run,
                          firn_scratch *scratch) {
  const size_t wide = 4 * c->cells;
  float *to =
      firn_scratch_take(scratch, firn_matmul_pack_size(c->micro, wide, rows));
  if (run && rows && wide)
    firn_matmul_pack(c->micro, (firn_matrix){w + first * wide, wide, true},
                     wide, rows, NULL, to);
  return to;
}

/* y = the gradients of gates * packed, for `count` rows of them. */
static void times_packed(const back *c, const float *gates, size_t count,
                         const float *packed, size_t n, float *y,
                         firn_pool *pool) {
  const firn_epilogue plain = {.min = -INFINITY, .max = INFINITY};
  const size_t wide = 4 * c->cells;
  if (n && count && wide)
    firn_matmul_run(c->micro, count, wide, n, (firn_matrix){gates, wide, false},
                    packed, &plain, y, n, NULL, pool);
}

/* ---- One step of an LSTM ------------------------------------------------- */

/* Inputs without the length that sequences have in front. */
enum { X, CS_PREV, H_PREV, W, WCI, WCF, WCO, B, I, CS, F, O, CI, CO };

/* One step, or one row of it. */
typedef struct step {
  const float *cs_prev, *i, *cs, *f, *o, *ci, *co;
  const float *cs_grad, *h_grad; /* what arrives from above          */
  const float *h_carry;          /* and from the step behind it; NULL */
  float *cs_carry;               /* in: likewise; out: cs_prev_grad   */
  bool first;                    /* nothing arrives from behind       */
  float *gates;
} step;

static step row_of(const step *s, size_t row, size_t n) {
  const size_t at = row * n;
  return (step){s->cs_prev + at,  s->i + at,
                s->cs + at,       s->f + at,
                s->o + at,        s->ci + at,
                s->co + at,       s->cs_grad + at,
                s->h_grad + at,   s->h_carry ? s->h_carry + at : NULL,
                s->cs_carry + at, s->first,
                s->gates + 4 * at};
}

static void step_row(const back *c, const step *s, const float *const peep[3]) {
  const size_t n = c->cells;
  const firn_gates at = firn_lstm_gates(c->v2, n);
  for (size_t k = 0; k < n; k++) {
    const float i = s->i[k], f = s->f[k], o = s->o[k], ci = s->ci[k],
                co = s->co[k];
    const float h_grad = (s->first ? 0 : s->h_carry[k]) + s->h_grad[k];
    const float cs_grad = (s->first ? 0 : s->cs_carry[k]) + s->cs_grad[k];
    const float d_o = o * (1 - o) * h_grad * co;
    float d_cs = (1 - co * co) * h_grad * o + cs_grad;
    if (c->peephole) d_cs += d_o * peep[2][k];
    const float d_f = f * (1 - f) * d_cs * s->cs_prev[k];
    const float d_i = i * (1 - i) * d_cs * ci;
    s->gates[at.i + k] = d_i;
    s->gates[at.ci + k] = (1 - ci * ci) * d_cs * i;
    s->gates[at.f + k] = d_f;
    s->gates[at.o + k] = d_o;
    s->cs_carry[k] = d_cs * f;
    if (c->peephole) s->cs_carry[k] += d_i * peep[0][k] + d_f * peep[1][k];
  }
}

static void step_rows(const back *c, const step *s,
                      const float *const peep[3]) {
  for (size_t b = 0; b < c->batch; b++) {
    const step row = row_of(s, b, c->cells);
    step_row(c, &row, peep);
  }
}

/* to += the sum over the batch of gate * cs. */
static void add_peephole(const back *c, const float *gates, const float *cs,
                         float *to) {
  for (size_t k = 0; k < c->cells; k++) {
    float sum = 0;
    for (size_t b = 0; b < c->batch; b++)
      sum += gates[b * 4 * c->cells + k] * cs[b * c->cells + k];
    to[k] += sum;
  }
}

static void add_peepholes(const back *c, const step *s, float *const to[3]) {
  const firn_gates at = firn_lstm_gates(c->v2, c->cells);
  if (!c->peephole) return;
  add_peephole(c, s->gates + at.i, s->cs_prev, to[0]);
  add_peephole(c, s->gates + at.f, s->cs_prev, to[1]);
  add_peephole(c, s->gates + at.o, s->cs, to[2]);
}

static void add_bias(const back *c, const float *gates, float *to) {
  const size_t wide = 4 * c->cells;
  for (size_t k = 0; k < wide; k++) {
    float sum = 0;
    for (size_t b = 0; b < c->batch; b++) sum += gates[b * wide + k];
    to[k] += sum;
  }
}

static step step_at(const float *const *in, size_t skip) {
  return (step){.cs_prev = in[CS_PREV],
                .i = in[I] + skip,
                .cs = in[CS] + skip,
                .f = in[F] + skip,
                .o = in[O] + skip,
                .ci = in[CI] + skip,
                .co = in[CO] + skip};
}

static void clear(const back *c, const firn_cell_floats *t, size_t from) {
  for (size_t i = from; i < c->tensors.out_count; i++)
    if (c->tensors.out[i])
      memset(t->out[i], 0, c->tensors.out[i] * sizeof(float));
}

/* ---- A cell -------------------------------------------------------------- */

static void cell_back(const back *c, const firn_run *run,
                      firn_scratch *scratch) {
  enum { CS_GRAD = CO + 1, H_GRAD };
  enum { CS_PREV_GRAD, DICFO, WCI_GRAD };
  firn_cell_floats t = {.in = {NULL}};
  firn_cell_stage(&c->tensors, run, scratch, &t);
  if (run) {
    const float *const peep[] = {t.in[WCI], t.in[WCF], t.in[WCO]};
    step s = step_at(t.in, 0);
    s.first = true;
    s.cs_grad = t.in[CS_GRAD];
    s.h_grad = t.in[H_GRAD];
    s.cs_carry = t.out[CS_PREV_GRAD];
    s.gates = t.out[DICFO];
    clear(c, &t, WCI_GRAD);
    step_rows(c, &s, peep);
    add_peepholes(c, &s, t.out + WCI_GRAD);
  }
  firn_cell_done(&c->tensors, run, scratch, &t);
}

/* ---- A sequence ---------------------------------------------------------- */

enum { H = CO + 1, CS_GRAD, H_GRAD };
enum { X_GRAD, CS_PREV_GRAD, H_PREV_GRAD, W_GRAD, WCI_GRAD, B_GRAD = 7 };

/* What a sequence's run works in. */
typedef struct room {
  float *gates;         /* gradients of all gates of all steps            */
  float *states;        /* h before each step                             */
  float *upper, *lower; /* w for x and for h, the other way round, packed */
} room;

static void steps_back(const back *c, const float *const *in,
                       const firn_cell_floats *t, const room *r, size_t steps,
                       firn_pool *pool) {
  const size_t one = c->batch * c->cells;
  const float *const peep[] = {in[WCI], in[WCF], in[WCO]};
  for (size_t at = steps; at-- > 0;) {
    step s = step_at(in, at * one);
    if (at > 0) s.cs_prev = in[CS] + (at - 1) * one;
    s.first = at + 1 == steps;
    s.cs_grad = in[CS_GRAD] + at * one;
    s.h_grad = in[H_GRAD] + at * one;
    s.h_carry = t->out[H_PREV_GRAD];
    s.cs_carry = t->out[CS_PREV_GRAD];
    s.gates = r->gates + at * 4 * one;
    step_rows(c, &s, peep);
    times_packed(c, s.gates, c->batch, r->lower, c->cells, t->out[H_PREV_GRAD],
                 pool);
    add_bias(c, s.gates, t->out[B_GRAD]);
    add_peepholes(c, &s, t->out + WCI_GRAD);
  }
}

static void weights_back(const back *c, const float *const *in,
                         const firn_cell_floats *t, const room *r, size_t steps,
                         const firn_run *run, firn_scratch *scratch) {
  const size_t one = c->batch * c->cells, wide = 4 * c->cells;
  const size_t rows = steps * c->batch;
  if (run && steps) {
    memcpy(r->states, in[H_PREV], one * sizeof(float));
    memcpy(r->states + one, in[H], (steps - 1) * one * sizeof(float));
  }
  const firn_matrix gates = {r->gates, wide, false};
  const product of_x = {
      c->inputs, rows, wide, {in[X], c->inputs, true}, gates, t->out[W_GRAD]};
  const product of_h = {
      c->cells, rows,
      wide,     {r->states, c->cells, true},
      gates,    run ? t->out[W_GRAD] + c->inputs * wide : NULL};
  multiply(c, &of_x, run, scratch);
  multiply(c, &of_h, run, scratch);
}

static void sequence_back(const back *c, const firn_run *run, size_t steps,
                          firn_scratch *scratch) {
  const size_t rows = c->steps * c->batch;
  firn_cell_floats t = {.in = {NULL}};
  firn_cell_stage(&c->tensors, run, scratch, &t);
  const float *const *in = t.in + 1;
  const room r = {
      firn_scratch_array(scratch, rows * c->cells, 4 * sizeof(float)),
      firn_scratch_array(scratch, rows * c->cells, sizeof(float)),
      pack_turned(c, in[W], 0, c->inputs, run, scratch),
      pack_turned(c, in[W], c->inputs, c->cells, run, scratch)};
  if (run) {
    clear(c, &t, 0);
    steps_back(c, in, &t, &r, steps, run->pool);
    times_packed(c, r.gates, steps * c->batch, r.upper, c->inputs,
                 t.out[X_GRAD], run->pool);
  }
  weights_back(c, in, &t, &r, steps, run, scratch);
  firn_cell_done(&c->tensors, run, scratch, &t);
}

/* ---- GRU ----------------------------------------------------------------- */

enum { GRU_H_PREV = 1, W_RU, W_C, GRU_R = 6, GRU_U, GRU_C, GRU_DH };
enum { D_X, D_H_PREV, D_C_BAR, D_R_BAR_U_BAR };

/* y = d * w^T: of x in the first columns, of h in the others. */
static float *through(const back *c, const float *d, size_t columns,
                      const float *w, const firn_run *run,
                      firn_scratch *scratch) {
  const size_t n = c->inputs + c->cells;
  float *y = firn_scratch_array(scratch, c->batch * n, sizeof *y);
  const product p = {c->batch,           columns, n, {d, columns, false},
                     {w, columns, true}, y};
  multiply(c, &p, run, scratch);
  return y;
}

static void gru_gates(const back *c, const firn_cell_floats *t, size_t b) {
  const size_t n = c->cells, at = b * n;
  const float *h = t->in[GRU_H_PREV] + at, *u = t->in[GRU_U] + at;
  const float *ci = t->in[GRU_C] + at, *dh = t->in[GRU_DH] + at;
  float *d_u = t->out[D_R_BAR_U_BAR] + 2 * at + n;
  for (size_t k = 0; k < n; k++) {
    t->out[D_C_BAR][at + k] = dh[k] * (1 - u[k]) * (1 - ci[k] * ci[k]);
    d_u[k] = dh[k] * (h[k] - ci[k]) * u[k] * (1 - u[k]);
  }
}

static void gru_reset(const back *c, const firn_cell_floats *t,
                      const float *of_c, size_t b) {
  const size_t n = c->cells, at = b * n;
  const float *h = t->in[GRU_H_PREV] + at, *r = t->in[GRU_R] + at;
  const float *d_hr = of_c + b * (c->inputs + n) + c->inputs;
  float *d_r = t->out[D_R_BAR_U_BAR] + 2 * at;
  for (size_t k = 0; k < n; k++) d_r[k] = d_hr[k] * h[k] * r[k] * (1 - r[k]);
}

static void gru_state(const back *c, const firn_cell_floats *t,
                      const float *of_c, const float *of_ru, size_t b) {
  const size_t n = c->cells, at = b * n, m = c->inputs;
  const float *r = t->in[GRU_R] + at, *u = t->in[GRU_U] + at;
  const float *dh = t->in[GRU_DH] + at;
  of_c += b * (m + n);
  of_ru += b * (m + n);
  for (size_t k = 0; k < m; k++) t->out[D_X][b * m + k] = of_ru[k] + of_c[k];
  for (size_t k = 0; k < n; k++)
    t->out[D_H_PREV][at + k] = of_ru[m + k] + of_c[m + k] * r[k] + dh[k] * u[k];
}

static void gru_back(const back *c, const firn_run *run,
                     firn_scratch *scratch) {
  const size_t batch = run ? c->batch : 0;
  firn_cell_floats t = {.in = {NULL}};
  firn_cell_stage(&c->tensors, run, scratch, &t);
  for (size_t b = 0; b < batch; b++) gru_gates(c, &t, b);
  const float *of_c =
      through(c, t.out[D_C_BAR], c->cells, t.in[W_C], run, scratch);
  for (size_t b = 0; b < batch; b++) gru_reset(c, &t, of_c, b);
  const float *of_ru =
      through(c, t.out[D_R_BAR_U_BAR], 2 * c->cells, t.in[W_RU], run, scratch);
  for (size_t b = 0; b < batch; b++) gru_state(c, &t, of_c, of_ru, b);
  firn_cell_done(&c->tensors, run, scratch, &t);
}

/* ---- Shape --------------------------------------------------------------- */

static bool is_gru(const firn_node *node) {
  return firn_str_starts(node->type->name, FIRN_STR("GRU"));
}
static bool is_sequence(const firn_node *node) {
  return firn_str_starts(node->type->name, FIRN_STR("BlockLSTM"));
}

/* Inputs from `first` up to `last` are states. */
static firn_code infer_states(const firn_infer *q, size_t first, size_t last,
                              bool sequence, const firn_cell_extents *e,
                              firn_error *err) {
  const firn_shape shape =
      firn_cell_shape(sequence, e->steps, e->batch, e->cells);
  for (size_t i = first; i <= last; i++)
    FIRN_TRY(firn_infer_fits(q, i, shape, err));
  return FIRN_OK;
}

static firn_code infer_cell(firn_infer *q, firn_error *err) {
  firn_cell_extents e;
  FIRN_TRY(firn_infer_lstm(q, false, &e, err));
  FIRN_TRY(infer_states(q, I, CO + 2, false, &e, err));
  q->out[0].shape = firn_cell_shape(false, 1, e.batch, e.cells);
  q->out[1].shape =
      firn_cell_shape(false, 1, e.batch, firn_dim_times(e.cells, 4));
  for (size_t i = 0; i < 3; i++) q->out[2 + i].shape = q->in[WCI + i].shape;
  return FIRN_OK;
}

static firn_code infer_sequence(firn_infer *q, firn_error *err) {
  firn_cell_extents e;
  FIRN_TRY(firn_infer_lstm(q, true, &e, err));
  FIRN_TRY(infer_states(q, 1 + I, 1 + H_GRAD, true, &e, err));
  const int64_t gates = firn_dim_times(e.cells, 4);
  const int64_t rows = firn_dim_plus(e.inputs, e.cells);
  const firn_shape state = firn_cell_shape(false, 1, e.batch, e.cells);
  q->out[X_GRAD].shape = firn_cell_shape(true, e.steps, e.batch, e.inputs);
  q->out[CS_PREV_GRAD].shape = q->out[H_PREV_GRAD].shape = state;
  q->out[W_GRAD].shape = firn_cell_shape(false, 1, rows, gates);
  for (size_t i = 0; i < 3; i++)
    q->out[WCI_GRAD + i].shape = q->in[1 + WCI + i].shape;
  q->out[B_GRAD].shape = firn_shape_vector(gates);
  return FIRN_OK;
}

static firn_code infer_gru(firn_infer *q, firn_error *err) {
  firn_cell_extents e;
  FIRN_TRY(firn_infer_gru(q, &e, err));
  FIRN_TRY(infer_states(q, GRU_R, GRU_DH, false, &e, err));
  const firn_shape state = firn_cell_shape(false, 1, e.batch, e.cells);
  q->out[D_X].shape = firn_cell_shape(false, 1, e.batch, e.inputs);
  q->out[D_H_PREV].shape = q->out[D_C_BAR].shape = state;
  q->out[D_R_BAR_U_BAR].shape =
      firn_cell_shape(false, 1, e.batch, firn_dim_times(e.cells, 2));
  return FIRN_OK;
}

/* ---- Driver -------------------------------------------------------------- */

static void free_back(void *state, const firn_env *env) {
  firn_delete(&env->alloc, state, sizeof(back));
}

static void run_or_measure(const back *c, const firn_node *node,
                           const firn_run *run, size_t steps,
                           firn_scratch *scratch) {
  if (is_gru(node))
    gru_back(c, run, scratch);
  else if (c->sequence)
    sequence_back(c, run, steps, scratch);
  else
    cell_back(c, run, scratch);
}

static firn_code prepare(firn_prepare *p, firn_error *err) {
  const bool sequence = is_sequence(p->node);
  const firn_info *x = &p->in[sequence ? 1 : 0];
  back *c = firn_new_zeroed(&p->env->alloc, sizeof *c);
  if (!c) return firn_oom(err, sizeof *c);
  *c = (back){
      .micro = firn_micro_pick(p->cpu),
      .steps = sequence ? (size_t)x->shape.dims[0] : 1,
      .batch = (size_t)x[1].shape.dims[0],
      .inputs = (size_t)x->shape.dims[x->shape.rank - 1],
      .cells = (size_t)x[1].shape.dims[1],
      .sequence = sequence,
      .v2 = firn_str_is(p->node->type->name, "BlockLSTMGradV2"),
      .peephole = firn_attr_bool_or(p->node, "use_peephole", false),
      .threads = p->env->threads,
      .tensors = firn_cell_tensors_of(p, sequence ? 1 : 0),
  };
  firn_scratch need = {NULL, 0};
  run_or_measure(c, p->node, NULL, c->steps, &need);
  p->scratch = need.used;
  p->state = c;
  p->free_state = free_back;
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  const back *c = run->state;
  char none[64] __attribute__((aligned(64)));
  firn_scratch scratch = {run->scratch ? run->scratch : none, 0};
  size_t steps = 1;
  if (c->sequence) FIRN_TRY(firn_cell_steps(run, c->steps, &steps, err));
  run_or_measure(c, run->node, run, steps, &scratch);
  return FIRN_OK;
}

/* ---- The family ---------------------------------------------------------- */

#define KERNELS(NAME, BITS)                                         \
  static const firn_kernel NAME[] = {                               \
      {.types = {{"T", BITS}}, .prepare = prepare, .drive = drive}, \
      {.drive = NULL},                                              \
  }
KERNELS(lstm_kernels, FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_HALF));
KERNELS(gru_kernels, FIRN_BIT(FIRN_FLOAT));

static const firn_op ops[] = {
    {"LSTMBlockCellGrad", infer_cell, lstm_kernels, 0},
    {"BlockLSTMGrad", infer_sequence, lstm_kernels, 0},
    {"BlockLSTMGradV2", infer_sequence, lstm_kernels, 0},
    {"GRUBlockCellGrad", infer_gru, gru_kernels, 0},
};

FIRN_OP_FAMILY(rnn_grad, ops);
