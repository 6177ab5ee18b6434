/* ops/rnn.c: LSTMBlockCell, BlockLSTM, BlockLSTMV2 and GRUBlockCell.
 *
 * The ops say [x, h] * w; here it is x * (upper rows of w) + h * (lower rows):
 * of a whole sequence the first part is one product, and only the second one
 * goes step by step. Half is computed in float.
 */
#include <assert.h>
#include <math.h>

#include "ops/micro/matmul.h"
#include "ops/pack_key.h"
#include "ops/packs.h"
#include "ops/rnn_cell.h"

/* ---- Weights in two parts -------------------------------------------------
 */

typedef struct weights {
  size_t upper, lower, columns; /* rows of the two parts */
  size_t skip;                  /* floats of the packed upper part */
  const firn_pack *pack;        /* NULL: packed at run             */
} weights;

static weights weights_of(const firn_micro *micro, size_t upper, size_t lower,
                          size_t columns) {
  weights w = {upper, lower, columns, 0, NULL};
  w.skip = (firn_matmul_pack_size(micro, upper, columns) + 63) / 64 * 16;
  return w;
}

static size_t packed_bytes(const firn_micro *micro, const weights *w) {
  return w->skip * sizeof(float) +
         firn_matmul_pack_size(micro, w->lower, w->columns);
}

typedef struct filling {
  const firn_micro *micro;
  const weights *w;
  const float *data;
} filling;

static void fill(void *ud, void *data) {
  const filling *f = ud;
  const weights *w = f->w;
  const firn_matrix upper = {f->data, w->columns, false};
  const firn_matrix lower = {f->data + w->upper * w->columns, w->columns,
                             false};
  firn_matmul_pack(f->micro, upper, w->upper, w->columns, NULL, data);
  firn_matmul_pack(f->micro, lower, w->lower, w->columns, NULL,
                   (float *)data + w->skip);
}

/* A constant of floats is packed once for all runs. */
static firn_code pack_constant(const firn_prepare *p, const firn_micro *micro,
                               size_t input, weights *w, firn_error *err) {
  firn_tensor *value = p->in[input].value;
  if (!value || value->dtype != FIRN_FLOAT) return FIRN_OK;
  filling f = {micro, w, value->data};
  uint64_t key = firn_pack_key(5, (uintptr_t)micro);
  key = firn_pack_key(key, w->upper);
  key = firn_pack_key(key, w->columns);
  return firn_packs_get(p->packs, p->env, value, key, packed_bytes(micro, w),
                        fill, &f, &w->pack, err);
}

static const float *packed(const firn_micro *micro, const weights *w,
                           const float *data, firn_scratch *scratch) {
  if (w->pack) return w->pack->data;
  float *to = firn_scratch_take(scratch, packed_bytes(micro, w));
  filling f = {micro, w, data};
  if (scratch->base) fill(&f, to);
  return to;
}

/* ---- Both cells -----------------------------------------------------------
 */

typedef struct cell {
  const firn_micro *micro;
  size_t steps, batch, inputs, cells;
  bool sequence, v2, peephole; /* of an LSTM */
  float forget_bias, clip;
  weights w[2];
  firn_packs *packs;
  firn_cell_tensors tensors;
} cell;

static void free_cell(void *state, const firn_env *env) {
  cell *c = state;
  for (size_t i = 0; i < 2; i++) firn_pack_release(c->packs, env, c->w[i].pack);
  firn_delete(&env->alloc, c, sizeof *c);
}

/* y = x * upper part + bias, for rows of x. */
static void times_upper(const cell *c, const weights *w, const float *packed_w,
                        const float *x, size_t rows, const float *bias,
                        float *y, firn_pool *pool) {
  const firn_epilogue e = {.bias = bias, .min = -INFINITY, .max = INFINITY};
  const firn_matrix a = {x, w->upper, false};
  for (size_t r = 0; w->upper == 0 && r < rows; r++)
    memcpy(y + r * w->columns, bias, w->columns * sizeof *y);
  if (w->upper && rows)
    firn_matmul_run(c->micro, rows, w->upper, w->columns, a, packed_w, &e, y,
                    w->columns, NULL, pool);
}

/* y += h * lower part */
static void add_lower(const cell *c, const weights *w, const float *packed_w,
                      const float *h, float *y, firn_pool *pool) {
  const firn_epilogue e = {.residual = y,
                           .residual_stride = w->columns,
                           .min = -INFINITY,
                           .max = INFINITY};
  const firn_matrix a = {h, w->lower, false};
  firn_matmul_run(c->micro, c->batch, w->lower, w->columns, a,
                  packed_w + w->skip, &e, y, w->columns, NULL, pool);
}

/* ---- LSTM -----------------------------------------------------------------
 */

/* Inputs without the length that sequences have in front. */
enum { X, CS_PREV, H_PREV, W, WCI, WCF, WCO, B };
enum { I, CS, F, O, CI, CO, H };

/* One row: from gates before their functions to all outputs. */
static void lstm_row(const cell *c, const float *gates, const float *cs_prev,
                     const float *const peep[3], float *const out[7]) {
  const size_t n = c->cells;
  const firn_gates at = firn_lstm_gates(c->v2, n);
  const float *gi = gates + at.i, *gf = gates + at.f, *gci = gates + at.ci,
              *go = gates + at.o;
  void (*const *f)(const float *, float *, size_t) = c->micro->unary;
  for (size_t k = 0; k < n; k++) {
    const float p = c->peephole ? cs_prev[k] : 0;
    out[I][k] = gi[k] + (c->peephole ? p * peep[0][k] : 0);
    out[F][k] = gf[k] + c->forget_bias + (c->peephole ? p * peep[1][k] : 0);
  }
  f[FIRN_SIGMOID](out[I], out[I], n);
  f[FIRN_SIGMOID](out[F], out[F], n);
  f[FIRN_TANH](gci, out[CI], n);
  for (size_t k = 0; k < n; k++) {
    const float cs = out[CI][k] * out[I][k] + cs_prev[k] * out[F][k];
    out[CS][k] = c->clip <= 0    ? cs
                 : cs > c->clip  ? c->clip
                 : cs < -c->clip ? -c->clip
                                 : cs;
  }
  for (size_t k = 0; k < n; k++)
    out[O][k] = go[k] + (c->peephole ? out[CS][k] * peep[2][k] : 0);
  f[FIRN_SIGMOID](out[O], out[O], n);
  f[FIRN_TANH](out[CS], out[CO], n);
  for (size_t k = 0; k < n; k++) out[H][k] = out[CO][k] * out[O][k];
}

static void lstm(const cell *c, const firn_run *run, size_t steps,
                 firn_scratch *scratch) {
  firn_cell_floats t = {.in = {NULL}};
  assert(c->tensors.out_count == H + 1);
  firn_cell_stage(&c->tensors, run, scratch, &t);
  const float *const *in = t.in + (c->sequence ? 1 : 0);
  const float *w = packed(c->micro, &c->w[0], in[W], scratch);
  const size_t one = c->batch * c->cells, wide = 4 * c->cells;
  float *gates =
      firn_scratch_array(scratch, c->steps * c->batch * wide, sizeof *gates);
  if (run) {
    const float *const peep[] = {in[WCI], in[WCF], in[WCO]};
    const float *cs = in[CS_PREV], *h = in[H_PREV];
    times_upper(c, &c->w[0], w, in[X], steps * c->batch, in[B], gates,
                run->pool);
    for (size_t s = 0; s < steps; s++) {
      float *g = gates + s * c->batch * wide;
      add_lower(c, &c->w[0], w, h, g, run->pool);
      for (size_t b = 0; b < c->batch; b++) {
        float *out[7];
        for (size_t i = 0; i < 7; i++)
          out[i] = t.out[i] + s * one + b * c->cells;
        lstm_row(c, g + b * wide, cs + b * c->cells, peep, out);
      }
      cs = t.out[CS] + s * one;
      h = t.out[H] + s * one;
    }
    for (size_t i = 0; i < 7; i++)
      memset(t.out[i] + steps * one, 0,
             (c->steps - steps) * one * sizeof(float));
  }
  firn_cell_done(&c->tensors, run, scratch, &t);
}

/* ---- GRU ------------------------------------------------------------------
 */

enum { GRU_X, GRU_H_PREV, W_RU, W_C, B_RU, B_C };
enum { GRU_R, GRU_U, GRU_C, GRU_H };

static void gru(const cell *c, const firn_run *run, firn_scratch *scratch) {
  const size_t n = c->cells;
  firn_cell_floats t = {.in = {NULL}};
  firn_cell_stage(&c->tensors, run, scratch, &t);
  const float *w_ru = packed(c->micro, &c->w[0], t.in[W_RU], scratch);
  const float *w_c = packed(c->micro, &c->w[1], t.in[W_C], scratch);
  float *ru = firn_scratch_array(scratch, c->batch * 2 * n, sizeof *ru);
  float *rh = firn_scratch_array(scratch, c->batch * n, sizeof *rh);
  if (run) {
    const float *x = t.in[GRU_X], *h = t.in[GRU_H_PREV];
    times_upper(c, &c->w[0], w_ru, x, c->batch, t.in[B_RU], ru, run->pool);
    add_lower(c, &c->w[0], w_ru, h, ru, run->pool);
    c->micro->unary[FIRN_SIGMOID](ru, ru, c->batch * 2 * n);
    for (size_t b = 0; b < c->batch; b++) {
      memcpy(t.out[GRU_R] + b * n, ru + b * 2 * n, n * sizeof *ru);
      memcpy(t.out[GRU_U] + b * n, ru + b * 2 * n + n, n * sizeof *ru);
    }
    float *out = t.out[GRU_C];
    for (size_t i = 0; i < c->batch * n; i++) rh[i] = t.out[GRU_R][i] * h[i];
    times_upper(c, &c->w[1], w_c, x, c->batch, t.in[B_C], out, run->pool);
    add_lower(c, &c->w[1], w_c, rh, out, run->pool);
    c->micro->unary[FIRN_TANH](out, out, c->batch * n);
    for (size_t i = 0; i < c->batch * n; i++) {
      const float u = t.out[GRU_U][i];
      t.out[GRU_H][i] = u * h[i] + (1 - u) * out[i];
    }
  }
  firn_cell_done(&c->tensors, run, scratch, &t);
}

/* ---- Shape ----------------------------------------------------------------
 */

static bool is_gru(const firn_node *node) {
  return firn_str_starts(node->type->name, FIRN_STR("GRU"));
}
static bool is_sequence(const firn_node *node) {
  return firn_str_starts(node->type->name, FIRN_STR("BlockLSTM"));
}

static firn_code infer_lstm(firn_infer *q, firn_error *err) {
  const bool sequence = is_sequence(q->node);
  firn_cell_extents e;
  FIRN_TRY(firn_infer_lstm(q, sequence, &e, err));
  for (size_t i = 0; i < q->out_count; i++)
    q->out[i].shape = firn_cell_shape(sequence, e.steps, e.batch, e.cells);
  return FIRN_OK;
}

static firn_code infer_gru(firn_infer *q, firn_error *err) {
  firn_cell_extents e;
  FIRN_TRY(firn_infer_gru(q, &e, err));
  for (size_t i = 0; i < q->out_count; i++)
    q->out[i].shape = firn_cell_shape(false, 1, e.batch, e.cells);
  return FIRN_OK;
}

/* ---- Driver ---------------------------------------------------------------
 */

static void describe(const firn_prepare *p, cell *c) {
  const firn_node *node = p->node;
  const size_t s = is_sequence(node) ? 1 : 0;
  const firn_shape *x = &p->in[s].shape, *state = &p->in[s + 1].shape;
  c->micro = firn_micro_pick(p->cpu);
  c->packs = p->packs;
  c->sequence = s;
  c->steps = s ? (size_t)x->dims[0] : 1;
  c->batch = (size_t)state->dims[0];
  c->cells = (size_t)state->dims[1];
  c->inputs = (size_t)x->dims[x->rank - 1];
  c->v2 = firn_str_is(node->type->name, "BlockLSTMV2");
  c->peephole = firn_attr_bool_or(node, "use_peephole", false);
  c->forget_bias = c->v2 ? 0 : firn_attr_float_or(node, "forget_bias", 1);
  c->clip = firn_attr_float_or(node, "cell_clip", c->v2 ? 0 : 3);
  c->tensors = firn_cell_tensors_of(p, s);
}

static firn_code plan(firn_prepare *p, cell *c, firn_error *err) {
  firn_scratch need = {NULL, 0};
  describe(p, c);
  if (c->tensors.out[0] == 0) return FIRN_OK;
  if (is_gru(p->node)) {
    c->w[0] = weights_of(c->micro, c->inputs, c->cells, 2 * c->cells);
    c->w[1] = weights_of(c->micro, c->inputs, c->cells, c->cells);
    FIRN_TRY(pack_constant(p, c->micro, W_RU, &c->w[0], err));
    FIRN_TRY(pack_constant(p, c->micro, W_C, &c->w[1], err));
    gru(c, NULL, &need);
  } else {
    c->w[0] = weights_of(c->micro, c->inputs, c->cells, 4 * c->cells);
    FIRN_TRY(
        pack_constant(p, c->micro, W + (c->sequence ? 1 : 0), &c->w[0], err));
    lstm(c, NULL, c->steps, &need);
  }
  p->scratch = need.used;
  return FIRN_OK;
}

static firn_code prepare(firn_prepare *p, firn_error *err) {
  cell *c = firn_new_zeroed(&p->env->alloc, sizeof *c);
  if (!c) return firn_oom(err, sizeof *c);
  const firn_code code = plan(p, c, err);
  if (code != FIRN_OK) {
    free_cell(c, p->env);
    return code;
  }
  p->state = c;
  p->free_state = free_cell;
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  const cell *c = run->state;
  char none[64] __attribute__((aligned(64)));
  firn_scratch scratch = {run->scratch ? run->scratch : none, 0};
  size_t steps = 1;
  if (c->sequence) FIRN_TRY(firn_cell_steps(run, c->steps, &steps, err));
  if (c->tensors.out[0] == 0) return FIRN_OK;
  if (is_gru(run->node))
    gru(c, run, &scratch);
  else
    lstm(c, run, steps, &scratch);
  return FIRN_OK;
}

/* ---- The family -----------------------------------------------------------
 */

static const firn_kernel lstm_kernels[] = {
    {.types = {{"T", FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_HALF)}},
     .prepare = prepare,
     .drive = drive},
    {.drive = NULL},
};
static const firn_kernel gru_kernels[] = {
    {.types = {{"T", FIRN_BIT(FIRN_FLOAT)}},
     .prepare = prepare,
     .drive = drive},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"LSTMBlockCell", infer_lstm, lstm_kernels, 0},
    {"BlockLSTM", infer_lstm, lstm_kernels, 0},
    {"BlockLSTMV2", infer_lstm, lstm_kernels, 0},
    {"GRUBlockCell", infer_gru, gru_kernels, 0},
};

FIRN_OP_FAMILY(rnn, ops);
