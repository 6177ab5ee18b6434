/* ops/loss.c: what a network is judged by: cross entropies, L2Loss, InTopK. */
#include <math.h>

#include "ops/infer.h"
#include "ops/micro/micro.h"
#include "ops/stage.h"

/* ---- Cross entropy: shape ------------------------------------------------ */

static firn_code infer_dense(firn_infer *q, firn_error *err) {
  firn_shape both;
  FIRN_TRY(firn_shape_broadcast(&q->in[0].shape, &q->in[1].shape, &both, err));
  if (both.rank >= 0 && both.rank != 2) {
    char text[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "logits and labels must broadcast to 2 axes, do to %s",
                     firn_shape_text(&both, text));
  }
  if (both.rank < 0) {
    both.rank = 2;
    both.dims[0] = both.dims[1] = FIRN_UNKNOWN_DIM;
  }
  q->out[0].shape = firn_shape_vector(both.dims[0]);
  q->out[1].shape = both;
  return FIRN_OK;
}

static firn_code infer_sparse(firn_infer *q, firn_error *err) {
  firn_shape logits, labels;
  int64_t rows;
  FIRN_TRY(firn_infer_rank(q, 0, 2, "logits", &logits, err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "labels", &labels, err));
  if (logits.dims[1] == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "logits have no classes");
  if (!firn_dim_merge(logits.dims[0], labels.dims[0], &rows))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "logits have %lld rows, labels %lld elements",
                     (long long)logits.dims[0], (long long)labels.dims[0]);
  logits.dims[0] = rows;
  q->out[0].shape = firn_shape_vector(rows);
  q->out[1].shape = logits;
  return FIRN_OK;
}

/* ---- Cross entropy: loops ------------------------------------------------ */

/* A matrix that may repeat its only row or column. */
typedef struct matrix {
  const void *data;
  size_t row_step, step;
} matrix;

typedef struct entropy {
  const firn_micro *micro;
  matrix logits, labels;  /* labels: of the dense op */
  const int64_t *classes; /* of the sparse op, else NULL */
  size_t columns;
  void *loss, *back;
} entropy;

static void log_softmax_float(const entropy *e, float *y, size_t n) {
  e->micro->log_softmax(y, y, n);
}
static void exp_float(const entropy *e, float *y, size_t n) {
  e->micro->unary[FIRN_EXP](y, y, n);
}
static void log_softmax_double(const entropy *e, double *y, size_t n) {
  double max = -INFINITY, sum = 0;
  FIRN_UNUSED(e);
  for (size_t i = 0; i < n; i++) max = y[i] > max || isnan(y[i]) ? y[i] : max;
  for (size_t i = 0; i < n; i++) sum += exp(y[i] - max);
  for (size_t i = 0; i < n; i++) y[i] = y[i] - max - log(sum);
}
static void exp_double(const entropy *e, double *y, size_t n) {
  FIRN_UNUSED(e);
  for (size_t i = 0; i < n; i++) y[i] = exp(y[i]);
}

/* loss = -sum(labels * log_softmax(logits)), back = softmax(logits) - labels.
 * The row of `back` holds the logarithms first. */
#define ENTROPY(T)                                                          \
  static T dense_##T(const entropy *e, size_t row, T *y) {                  \
    const T *labels = (const T *)e->labels.data + row * e->labels.row_step; \
    const size_t n = e->columns, step = e->labels.step;                     \
    T loss = 0;                                                             \
    for (size_t i = 0; i < n; i++) loss -= labels[i * step] * y[i];         \
    exp_##T(e, y, n);                                                       \
    for (size_t i = 0; i < n; i++) y[i] -= labels[i * step];                \
    return loss;                                                            \
  }                                                                         \
  static T sparse_##T(const entropy *e, size_t row, T *y) {                 \
    const size_t class = (size_t)e->classes[row];                           \
    const T loss = -y[class];                                               \
    exp_##T(e, y, e->columns);                                              \
    y[class] -= 1;                                                          \
    return loss;                                                            \
  }                                                                         \
  static void rows_##T(void *ctx, size_t begin, size_t end) {               \
    const entropy *e = ctx;                                                 \
    for (size_t r = begin; r < end; r++) {                                  \
      const T *x = (const T *)e->logits.data + r * e->logits.row_step;      \
      T *y = (T *)e->back + r * e->columns;                                 \
      for (size_t i = 0; i < e->columns; i++) y[i] = x[i * e->logits.step]; \
      log_softmax_##T(e, y, e->columns);                                    \
      ((T *)e->loss)[r] =                                                   \
          e->classes ? sparse_##T(e, r, y) : dense_##T(e, r, y);            \
    }                                                                       \
  }
ENTROPY(float)
ENTROPY(double)

/* ---- Cross entropy: driver ----------------------------------------------- */

static matrix matrix_of(const void *data, const firn_shape *shape,
                        const firn_shape *whole) {
  const int64_t columns = shape->rank > 0 ? shape->dims[shape->rank - 1] : 1;
  const int64_t rows = shape->rank > 1 ? shape->dims[0] : 1;
  return (matrix){data, rows == 1 && whole->dims[0] != 1 ? 0 : (size_t)columns,
                  columns == 1 && whole->dims[1] != 1 ? 0 : 1};
}

static firn_stage flat(firn_dtype dtype, const firn_shape *shape) {
  return (firn_stage){dtype, false, 1, 1,
                      (size_t)firn_shape_product(shape, 0, shape->rank)};
}

/* Everything of a run, or with an empty scratch only how much it needs. */
static void judge(const firn_shape *const shapes[3], firn_dtype dtype,
                  bool sparse, const firn_run *run, firn_scratch *scratch) {
  enum { GRAIN = 1 << 12 };
  const bool measuring = !scratch->base;
  const firn_shape *whole = shapes[2];
  const firn_shape rows = firn_shape_vector(whole->dims[0]);
  const firn_stage logits = flat(dtype, shapes[0]),
                   labels = flat(dtype, shapes[1]);
  const firn_stage loss = flat(dtype, &rows), back = flat(dtype, whole);
  entropy e = {.columns = (size_t)whole->dims[1]};
  int64_t *classes = NULL;
  e.logits = matrix_of(
      firn_stage_in(&logits, measuring ? NULL : run->in[0]->data, scratch),
      shapes[0], whole);
  if (sparse)
    classes =
        firn_scratch_array(scratch, (size_t)rows.dims[0], sizeof *classes);
  else
    e.labels = matrix_of(
        firn_stage_in(&labels, measuring ? NULL : run->in[1]->data, scratch),
        shapes[1], whole);
  void *out[2] = {measuring ? NULL : run->out[0]->data,
                  measuring ? NULL : run->out[1]->data};
  e.loss = firn_stage_out(&loss, out[0], scratch);
  e.back = firn_stage_out(&back, out[1], scratch);
  if (!measuring) {
    for (int64_t i = 0; sparse && i < rows.dims[0]; i++)
      classes[i] = firn_tensor_i64(run->in[1], (size_t)i);
    e.classes = classes;
    e.micro = firn_micro_pick(run->cpu);
    firn_parallel_for(run->pool, (size_t)rows.dims[0],
                      GRAIN / (e.columns + 1) + 1,
                      dtype == FIRN_DOUBLE ? rows_double : rows_float, &e);
  }
  firn_stage_done(&loss, e.loss, out[0], scratch);
  firn_stage_done(&back, e.back, out[1], scratch);
}

static bool is_sparse(const firn_node *node) {
  return firn_str_starts(node->type->name, FIRN_STR("Sparse"));
}

static firn_code prepare(firn_prepare *p, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_shape *shapes[] = {&p->in[0].shape, &p->in[1].shape,
                                &p->out[1].shape};
  firn_scratch need = {NULL, 0};
  judge(shapes, p->in[0].dtype, is_sparse(p->node), NULL, &need);
  p->scratch = need.used;
  return FIRN_OK;
}

static firn_code check_classes(const firn_tensor *labels, int64_t classes,
                               firn_error *err) {
  for (size_t i = 0; i < labels->count; i++) {
    const int64_t label = firn_tensor_i64(labels, i);
    if (label < 0 || label >= classes)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "labels[%zu] = %lld is not in [0, %lld)", i,
                       (long long)label, (long long)classes);
  }
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  const firn_shape *shapes[] = {&run->in[0]->shape, &run->in[1]->shape,
                                &run->out[1]->shape};
  const bool sparse = is_sparse(run->node);
  if (sparse)
    FIRN_TRY(check_classes(run->in[1], run->in[0]->shape.dims[1], err));
  if (run->out[1]->count == 0) {
    if (run->out[0]->count)
      memset(run->out[0]->data, 0, firn_tensor_bytes(run->out[0]));
    return FIRN_OK;
  }
  char none[64] __attribute__((aligned(64)));
  firn_scratch scratch = {run->scratch ? run->scratch : none, 0};
  judge(shapes, run->in[0]->dtype, sparse, run, &scratch);
  return FIRN_OK;
}

/* ---- L2Loss -------------------------------------------------------------- */

enum { BLOCK = 256, PART = 64 * BLOCK }; /* elements summed by one thread */

typedef struct squares {
  const firn_tensor *x;
  double *parts;
} squares;

/* Blocks are summed in float, the blocks' sums in double. */
static double sum_part(const firn_tensor *x, size_t begin, size_t end) {
  double sum = 0;
  if (x->dtype == FIRN_DOUBLE) {
    const double *v = x->data;
    for (size_t i = begin; i < end; i++) sum += v[i] * v[i];
    return sum;
  }
  for (size_t at = begin; at < end; at += BLOCK) {
    const size_t n = firn_min_size(end - at, BLOCK);
    float wide[BLOCK], part[8] = {0};
    const float *v = wide;
    if (x->dtype == FIRN_FLOAT)
      v = (const float *)x->data + at;
    else
      firn_widen(x->dtype, (const uint16_t *)x->data + at, wide, n);
    for (size_t i = 0; i < n; i++) part[i % 8] += v[i] * v[i];
    for (size_t i = 0; i < 8; i++) sum += (double)part[i];
  }
  return sum;
}

static void sum_parts(void *ctx, size_t begin, size_t end) {
  const squares *s = ctx;
  for (size_t i = begin; i < end; i++)
    s->parts[i] =
        sum_part(s->x, i * PART, firn_min_size((i + 1) * PART, s->x->count));
}

static size_t parts_of(size_t count) { return (count + PART - 1) / PART; }

static firn_code prepare_l2(firn_prepare *p, firn_error *err) {
  FIRN_UNUSED(err);
  int64_t count = 0;
  if (!firn_shape_count(&p->in[0].shape, &count)) count = 0;
  p->scratch = (parts_of((size_t)count) * sizeof(double) + 63) / 64 * 64;
  return FIRN_OK;
}

static firn_code drive_l2(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_tensor *x = run->in[0];
  squares s = {x, run->scratch};
  const size_t parts = parts_of(x->count);
  double sum = 0;
  firn_parallel_for(run->pool, parts, 2, sum_parts, &s);
  for (size_t i = 0; i < parts; i++) sum += s.parts[i];
  sum /= 2;
  const float single = (float)sum;
  if (x->dtype == FIRN_DOUBLE)
    *(double *)run->out[0]->data = sum;
  else if (x->dtype == FIRN_FLOAT)
    *(float *)run->out[0]->data = single;
  else
    firn_narrow(x->dtype, &single, run->out[0]->data, 1);
  return FIRN_OK;
}

/* ---- InTopK -------------------------------------------------------------- */

static firn_code infer_top(firn_infer *q, firn_error *err) {
  firn_shape predictions, targets;
  int64_t rows;
  FIRN_TRY(firn_infer_rank(q, 0, 2, "predictions", &predictions, err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "targets", &targets, err));
  if (q->in_count > 2) FIRN_TRY(firn_infer_rank(q, 2, 0, "k", NULL, err));
  if (!firn_dim_merge(predictions.dims[0], targets.dims[0], &rows))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "predictions have %lld rows, targets %lld elements",
                     (long long)predictions.dims[0],
                     (long long)targets.dims[0]);
  q->out[0].shape = firn_shape_vector(rows);
  return FIRN_OK;
}

/* Whether fewer than k classes lie above the target. Where the target is no
 * class or a number is not finite, nothing can be said. */
static bool is_in_top(const float *row, size_t n, int64_t target, int64_t k) {
  if (target < 0 || target >= (int64_t)n || !isfinite(row[target]))
    return false;
  int64_t above = 0;
  for (size_t i = 0; i < n; i++) {
    if (!isfinite(row[i])) return false;
    above += row[i] > row[target];
  }
  return above < k;
}

static firn_code drive_top(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_tensor *x = run->in[0];
  bool *out = run->out[0]->data;
  const size_t n = (size_t)x->shape.dims[1];
  const int64_t k = run->in_count > 2 ? firn_tensor_i64(run->in[2], 0)
                                      : firn_attr_int_or(run->node, "k", 1);
  for (size_t r = 0; r < run->out[0]->count; r++)
    out[r] = is_in_top((const float *)x->data + r * n, n,
                       firn_tensor_i64(run->in[1], r), k);
  return FIRN_OK;
}

/* ---- The family ---------------------------------------------------------- */

static const firn_kernel dense[] = {
    {.types = {{"T", FIRN_FLOATS}}, .prepare = prepare, .drive = drive},
    {.drive = NULL},
};
static const firn_kernel sparse[] = {
    {.types = {{"T", FIRN_FLOATS}, {"Tlabels", FIRN_INDICES}},
     .prepare = prepare,
     .drive = drive},
    {.drive = NULL},
};
static const firn_kernel l2[] = {
    {.types = {{"T", FIRN_FLOATS}}, .prepare = prepare_l2, .drive = drive_l2},
    {.drive = NULL},
};
static const firn_kernel top[] = {
    {.types = {{"T", FIRN_INDICES}}, .drive = drive_top},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"SoftmaxCrossEntropyWithLogits", infer_dense, dense, 0},
    {"SparseSoftmaxCrossEntropyWithLogits", infer_sparse, sparse, 0},
    {"L2Loss", firn_infer_scalar, l2, 0},
    {"InTopK", infer_top, top, 0},
    {"InTopKV2", infer_top, top, 0},
};

FIRN_OP_FAMILY(loss, ops);
