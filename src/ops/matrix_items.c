/* ops/matrix_items.c: runs a function on every matrix of a batch. */
#include "ops/matrix_items.h"

#include <float.h>
#include <stdatomic.h>

#include "base/arena.h"

/* ---- Memory, loading, storing ------------------------------------------- */

firn_complex *firn_item_space(firn_item *item, size_t count) {
  firn_complex *space = NULL;
  if (count < SIZE_MAX / sizeof *space)
    space = firn_arena_alloc(item->arena, count * sizeof *space);
  if (!space) item->short_of_memory = true;
  return space;
}

#define LOAD(TYPE, T, EXPR)                            \
  case TYPE: {                                         \
    const T *x = from;                                 \
    for (size_t i = 0; i < count; i++) to[i] = (EXPR); \
    break;                                             \
  }

static void load(firn_dtype dtype, const void *from, firn_complex *to,
                 size_t count) {
  switch ((int)dtype) {
    LOAD(FIRN_HALF, uint16_t, firn_half_to_float(x[i]))
    LOAD(FIRN_FLOAT, float, x[i])
    LOAD(FIRN_DOUBLE, double, x[i])
    LOAD(FIRN_COMPLEX64, float, CMPLX(x[2 * i], x[2 * i + 1]))
    LOAD(FIRN_COMPLEX128, double, CMPLX(x[2 * i], x[2 * i + 1]))
    default: break;
  }
}

firn_complex *firn_item_load(firn_item *item, size_t i, size_t rows,
                             size_t columns) {
  firn_complex *a = firn_item_space(item, rows * columns);
  if (a) load(item->run->in[i]->dtype, item->in[i], a, rows * columns);
  return a;
}

#define STORE(TYPE, T, EXPR)                             \
  case TYPE: {                                           \
    T *y = to;                                           \
    for (size_t i = 0; i < count; i++) y[i] = (T)(EXPR); \
    break;                                               \
  }
#define STORE_PARTS(TYPE, T)             \
  case TYPE: {                           \
    T *y = to;                           \
    for (size_t i = 0; i < count; i++) { \
      y[2 * i] = (T)creal(x[i]);         \
      y[2 * i + 1] = (T)cimag(x[i]);     \
    }                                    \
    break;                               \
  }

static void store(firn_dtype dtype, const firn_complex *x, void *to,
                  size_t count) {
  switch ((int)dtype) {
    STORE(FIRN_HALF, uint16_t, firn_half_from_float((float)creal(x[i])))
    STORE(FIRN_FLOAT, float, creal(x[i]))
    STORE(FIRN_DOUBLE, double, creal(x[i]))
    STORE_PARTS(FIRN_COMPLEX64, float)
    STORE_PARTS(FIRN_COMPLEX128, double)
    default: break;
  }
}

void firn_item_store(const firn_item *item, size_t i, const firn_complex *x,
                     size_t count) {
  store(item->run->out[i]->dtype, x, item->out[i], count);
}

double firn_item_epsilon(const firn_item *item) {
  const firn_dtype dtype = item->run->in[0]->dtype;
  const bool twice = dtype == FIRN_DOUBLE || dtype == FIRN_COMPLEX128;
  return twice ? DBL_EPSILON : (double)FLT_EPSILON;
}

/* ---- Driver ------------------------------------------------------------- */

enum { MATRICES = 4, OUTPUTS = 3 };

typedef struct job {
  const firn_run *run;
  firn_item_fn fn;
  size_t matrices, items;
  firn_shape batch;
  int64_t strides[MATRICES][FIRN_MAX_RANK]; /* of the batch axes, in matrices */
  size_t in_bytes[MATRICES], out_bytes[OUTPUTS];
  size_t m, n, k;
  atomic_size_t failed; /* the first item that did, or items */
  _Atomic(const char *) reason;
  atomic_bool short_of_memory;
} job;

static void report(job *j, size_t item, const char *reason) {
  size_t first = atomic_load(&j->failed);
  while (item < first)
    if (atomic_compare_exchange_weak(&j->failed, &first, item)) {
      atomic_store(&j->reason, reason);
      return;
    }
}

static size_t matrix_at(const job *j, size_t k, size_t item) {
  int64_t at = 0;
  for (int i = j->batch.rank - 1; i >= 0; i--) {
    at += (int64_t)(item % (size_t)j->batch.dims[i]) * j->strides[k][i];
    item /= (size_t)j->batch.dims[i];
  }
  return (size_t)at;
}

static void run_items(void *ctx, size_t begin, size_t end) {
  job *j = ctx;
  firn_arena arena;
  firn_arena_init(&arena, &j->run->env->alloc);
  for (size_t i = begin; i < end; i++) {
    firn_item item = {
        .run = j->run, .arena = &arena, .m = j->m, .n = j->n, .k = j->k};
    for (size_t k = 0; k < j->matrices; k++)
      item.in[k] = (const char *)j->run->in[k]->data +
                   matrix_at(j, k, i) * j->in_bytes[k];
    for (size_t k = 0; k < j->run->out_count && k < OUTPUTS; k++)
      item.out[k] = (char *)j->run->out[k]->data + i * j->out_bytes[k];
    const char *reason = j->fn(&item);
    if (item.short_of_memory) atomic_store(&j->short_of_memory, true);
    if (reason) report(j, i, reason);
    firn_arena_reset(&arena);
  }
  firn_arena_fini(&arena);
}

static firn_shape batch_of(const firn_shape *shape) {
  firn_shape batch = *shape;
  batch.rank -= 2;
  return batch;
}

static void set_strides(job *j, size_t k, const firn_shape *shape) {
  const firn_shape own = batch_of(shape);
  int64_t step = 1;
  for (int i = j->batch.rank - 1; i >= 0; i--) {
    const int axis = i - (j->batch.rank - own.rank);
    const int64_t dim = axis < 0 ? 1 : own.dims[axis];
    j->strides[k][i] = dim == 1 ? 0 : step;
    step *= dim;
  }
  const int r = shape->rank;
  j->in_bytes[k] = (size_t)(shape->dims[r - 2] * shape->dims[r - 1]) *
                   firn_dtype_size(j->run->in[k]->dtype);
}

static firn_code set_up(job *j, firn_error *err) {
  const firn_run *run = j->run;
  const firn_shape *a = &run->in[0]->shape;
  j->batch = batch_of(a);
  for (size_t k = 1; k < j->matrices; k++) {
    const firn_shape *b = &run->in[k]->shape, other = batch_of(b);
    FIRN_TRY(firn_shape_broadcast(&j->batch, &other, &j->batch, err));
    j->k = (size_t)b->dims[b->rank - 1];
  }
  j->m = (size_t)a->dims[a->rank - 2];
  j->n = (size_t)a->dims[a->rank - 1];
  j->items = (size_t)firn_shape_product(&j->batch, 0, j->batch.rank);
  for (size_t k = 0; k < j->matrices; k++)
    set_strides(j, k, &run->in[k]->shape);
  for (size_t k = 0; k < run->out_count && k < OUTPUTS && j->items; k++)
    j->out_bytes[k] = firn_tensor_bytes(run->out[k]) / j->items;
  atomic_init(&j->failed, j->items);
  return FIRN_OK;
}

firn_code firn_drive_items(const firn_run *run, size_t matrices,
                           firn_error *err) {
  job j = {.run = run,
           .fn = (firn_item_fn)run->kernel->micro.any,
           .matrices = matrices};
  FIRN_TRY(set_up(&j, err));
  const size_t cost = j.m * j.n * (j.m + j.n + j.k) + 1;
  firn_parallel_for(run->pool, j.items, 32768 / cost + 1, run_items, &j);
  if (atomic_load(&j.short_of_memory)) return firn_oom(err, j.m * j.n * 16);
  const size_t failed = atomic_load(&j.failed);
  if (failed < j.items)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "matrix %zu %s", failed,
                     atomic_load(&j.reason));
  return FIRN_OK;
}

firn_code firn_drive_matrix(const firn_run *run, firn_error *err) {
  return firn_drive_items(run, 1, err);
}

firn_code firn_drive_matrices(const firn_run *run, firn_error *err) {
  return firn_drive_items(run, 2, err);
}

/* ---- Shapes ------------------------------------------------------------- */

firn_code firn_infer_matrix(const firn_infer *q, size_t i, const char *what,
                            bool square, firn_shape *batch, int64_t *rows,
                            int64_t *columns, firn_error *err) {
  const firn_shape *in = &q->in[i].shape;
  int64_t m = FIRN_UNKNOWN_DIM, n = FIRN_UNKNOWN_DIM;
  FIRN_TRY(firn_infer_rank_at_least(q, i, 2, what, err));
  *batch = firn_shape_unknown();
  if (in->rank >= 0) {
    *batch = batch_of(in);
    m = in->dims[in->rank - 2];
    n = in->dims[in->rank - 1];
  }
  if (square) {
    int64_t same;
    if (!firn_dim_merge(m, n, &same))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "%s must be square, is %lld by %lld", what, (long long)m,
                       (long long)n);
    m = n = same;
  }
  *rows = m;
  *columns = n;
  return FIRN_OK;
}

firn_code firn_shape_matrices(const firn_shape *batch, int64_t rows,
                              int64_t columns, firn_shape *out,
                              firn_error *err) {
  *out = *batch;
  if (batch->rank < 0) return FIRN_OK;
  if (batch->rank + 2 > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "%d axes are more than %d",
                     batch->rank + 2, FIRN_MAX_RANK);
  out->dims[out->rank++] = rows;
  out->dims[out->rank++] = columns;
  return FIRN_OK;
}

firn_shape firn_shape_vectors(const firn_shape *batch, int64_t size) {
  firn_shape out = *batch;
  if (out.rank >= 0) out.dims[out.rank++] = size; /* a matrix had two */
  return out;
}

firn_code firn_infer_square(firn_infer *q, firn_error *err) {
  firn_shape batch;
  int64_t n, same;
  FIRN_TRY(firn_infer_matrix(q, 0, "input", true, &batch, &n, &same, err));
  return firn_shape_matrices(&batch, n, n, &q->out[0].shape, err);
}
