/* ops/softmax.c: Softmax and LogSoftmax over the last axis. */
#include <math.h>

#include "ops/infer.h"
#include "ops/micro/micro.h"
#include "ops/stage.h"

/* ---- double; float has its loops in ops/micro ---------------------------- */

static double row_max(const double *x, size_t n) {
  double max = -INFINITY;
  for (size_t i = 0; i < n; i++) max = x[i] > max || isnan(x[i]) ? x[i] : max;
  return max;
}

static void softmax_row(const double *x, double *y, size_t n) {
  const double max = row_max(x, n);
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += y[i] = exp(x[i] - max);
  for (size_t i = 0; i < n; i++) y[i] /= sum;
}

static void log_softmax_row(const double *x, double *y, size_t n) {
  const double max = row_max(x, n);
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += exp(x[i] - max);
  sum = log(sum);
  for (size_t i = 0; i < n; i++) y[i] = x[i] - max - sum;
}

/* ---- Driver -------------------------------------------------------------- */

typedef struct job {
  const firn_micro *micro;
  firn_dtype dtype; /* float or double */
  bool log;
  const void *x;
  void *y;
  size_t width;
} job;

static void run_rows(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  for (size_t i = begin * j->width; i < end * j->width; i += j->width) {
    if (j->dtype == FIRN_DOUBLE)
      (j->log ? log_softmax_row : softmax_row)((const double *)j->x + i,
                                               (double *)j->y + i, j->width);
    else
      (j->log ? j->micro->log_softmax : j->micro->softmax)(
          (const float *)j->x + i, (float *)j->y + i, j->width);
  }
}

static firn_stage stage_of(firn_dtype dtype, const firn_shape *shape) {
  return (firn_stage){dtype, false, 1, 1,
                      (size_t)firn_shape_product(shape, 0, shape->rank)};
}

/* Narrow floats are widened into the scratch, and replaced there. */
static firn_code prepare(firn_prepare *p, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_stage stage = stage_of(p->in[0].dtype, &p->in[0].shape);
  firn_scratch need = {NULL, 0};
  firn_stage_in(&stage, NULL, &need);
  p->scratch = need.used;
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  enum { GRAIN = 4096 };
  FIRN_UNUSED(err);
  const firn_tensor *x = run->in[0];
  firn_tensor *y = run->out[0];
  if (x->count == 0) return FIRN_OK;
  const firn_stage stage = stage_of(x->dtype, &x->shape);
  const firn_dtype wide = firn_dtype_wide(x->dtype);
  firn_scratch scratch = {run->scratch, 0};
  job j = {.micro = firn_micro_pick(run->cpu),
           .dtype = wide,
           .log = run->kernel->micro.table != NULL,
           .x = x->data,
           .y = y->data,
           .width = (size_t)x->shape.dims[x->shape.rank - 1]};
  if (wide != x->dtype) {
    j.x = firn_stage_in(&stage, x->data, &scratch);
    j.y = run->scratch;
  }
  firn_parallel_for(run->pool, x->count / j.width, GRAIN / j.width + 1,
                    run_rows, &j);
  if (wide != x->dtype) firn_narrow(x->dtype, j.y, y->data, x->count);
  return FIRN_OK;
}

static firn_code infer(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "logits", err));
  return firn_infer_same(q, err);
}

/* ---- The family ---------------------------------------------------------- */

static const bool with_log = true;

static const firn_kernel softmax[] = {
    {.types = {{"T", FIRN_FLOATS}}, .prepare = prepare, .drive = drive},
    {.drive = NULL},
};
static const firn_kernel log_softmax[] = {
    {.types = {{"T", FIRN_FLOATS}},
     .prepare = prepare,
     .drive = drive,
     .micro = {.table = &with_log}},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"Softmax", infer, softmax, FIRN_OP_IN_PLACE},
    {"LogSoftmax", infer, log_softmax, FIRN_OP_IN_PLACE},
};

FIRN_OP_FAMILY(softmax, ops);
