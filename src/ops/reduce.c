/* ops/reduce.c: folds axes of a tensor away. */
#include "ops/reduce.h"

#include "ops/micro/micro.h"
#include "ops/widen.h"

enum {
  WIDTH = 256,        /* columns that are reduced together                  */
  LANES = 64,         /* partial results of a row                           */
  ROW_LEAF = 64 * 64, /* elements of a row folded one after another         */
  COLUMN_LEAF = 32,   /* rows joined one after another                      */
  SHORT_ROW = 32,     /* rows below this are taken as columns far apart     */
  TASK = 32768,       /* elements worth a thread                            */
  LARGEST = 16,       /* bytes of an element or accumulator                 */
};

/* ---- Which axes --------------------------------------------------------- */

/* Bit i of *mask: axis i is folded away. */
static firn_code axes_mask(const int64_t *axes, size_t count, int rank,
                           uint32_t *mask, firn_error *err) {
  *mask = 0;
  for (size_t i = 0; i < count; i++) {
    int axis;
    const firn_code code = firn_axis(axes[i], rank, &axis, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "reduction_indices[%zu]", i);
    if (*mask >> axis & 1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "reduction_indices hold axis %d twice", axis);
    *mask |= 1u << axis;
  }
  return FIRN_OK;
}

static firn_shape reduced_shape(const firn_shape *x, uint32_t mask, bool keep) {
  firn_shape out = {.rank = 0};
  for (int i = 0; i < x->rank; i++) {
    const bool fold = mask >> i & 1;
    if (!fold || keep) out.dims[out.rank++] = fold ? 1 : x->dims[i];
  }
  return out;
}

firn_code firn_infer_reduce(firn_infer *q, firn_error *err) {
  const bool keep = firn_attr_bool_or(q->node, "keep_dims", false);
  const firn_shape *x = &q->in[0].shape;
  const int64_t *axes = NULL;
  int64_t count = 0;
  uint32_t mask;
  if (x->rank < 0) return FIRN_OK;
  if (firn_infer_ints(q, 1, &axes, &count)) {
    FIRN_TRY(axes_mask(axes, (size_t)count, x->rank, &mask, err));
    q->out[0].shape = reduced_shape(x, mask, keep);
  } else if (keep) {
    q->out[0].shape.rank = x->rank;
    for (int i = 0; i < x->rank; i++)
      q->out[0].shape.dims[i] = x->dims[i] == 1 ? 1 : FIRN_UNKNOWN_DIM;
  }
  return FIRN_OK;
}

/* ---- The plan: what is left of the axes --------------------------------- */

typedef struct axes {
  int rank;
  int64_t dims[FIRN_MAX_RANK], strides[FIRN_MAX_RANK];
} axes;

typedef struct plan {
  const firn_reducer *by;
  const firn_micro *micro; /* for float accumulators */
  firn_dtype dtype;
  size_t in_size, out_size;
  const char *x;
  char *y;
  axes outer;                    /* kept axes, but for the columns    */
  axes folded;                   /* folded axes, but for the rows     */
  size_t columns, column_stride; /* 1 when going along rows */
  size_t row;                    /* elements of a row; 0: down columns */
  size_t rows;                   /* product of `folded` */
  size_t count;                  /* elements that make one result */
  size_t blocks;                 /* of columns */
} plan;

static void add_axis(axes *a, int64_t dim, int64_t stride) {
  a->dims[a->rank] = dim;
  a->strides[a->rank++] = stride;
}

static size_t axes_count(const axes *a) {
  size_t count = 1;
  for (int i = 0; i < a->rank; i++) count *= (size_t)a->dims[i];
  return count;
}

static int64_t axes_offset(const axes *a, size_t index) {
  int64_t offset = 0;
  for (int i = a->rank - 1; i >= 0; i--) {
    offset += (int64_t)(index % (size_t)a->dims[i]) * a->strides[i];
    index /= (size_t)a->dims[i];
  }
  return offset;
}

/* Merges neighbours of one kind, and splits the rest into kept and folded. */
static void split_axes(const firn_shape *x, uint32_t mask, plan *p,
                       bool *innermost_folds) {
  int64_t stride = firn_shape_product(x, 0, x->rank), pending = 1;
  bool folds = false;
  int64_t pending_stride = 1;
  for (int i = 0; i <= x->rank; i++) {
    const int64_t dim = i < x->rank ? x->dims[i] : 1;
    const bool fold = i < x->rank && (mask >> i & 1);
    if (i < x->rank && dim == 1) continue;
    if (i == x->rank || fold != folds) {
      if (pending > 1)
        add_axis(folds ? &p->folded : &p->outer, pending, pending_stride);
      if (i == x->rank) break;
      pending = 1;
      folds = fold;
    }
    stride /= dim;
    pending *= dim;
    pending_stride = stride;
  }
  *innermost_folds = folds && pending > 1;
}

static void make_plan(const firn_shape *x, uint32_t mask, plan *p) {
  bool innermost_folds;
  split_axes(x, mask, p, &innermost_folds);
  p->count = axes_count(&p->folded);
  p->columns = p->column_stride = 1;
  const int64_t inner =
      innermost_folds ? p->folded.dims[p->folded.rank - 1] : 0;
  if (inner >= SHORT_ROW || (inner && p->outer.rank == 0)) {
    p->row = (size_t)inner;
    p->folded.rank--;
  } else if (p->outer.rank > 0) {
    const int last = --p->outer.rank;
    p->columns = (size_t)p->outer.dims[last];
    p->column_stride = (size_t)p->outer.strides[last];
  }
  p->rows = axes_count(&p->folded);
  p->blocks = (p->columns + WIDTH - 1) / WIDTH;
}

/* ---- Accumulating ------------------------------------------------------- */

static void join(const plan *p, void *acc, const void *more, size_t n) {
  if (p->micro)
    p->micro->binary[p->by->micro - 1][FIRN_BOTH](acc, more, acc, n);
  else
    p->by->join(acc, more, acc, n);
}

/* n elements as accumulators: where they lie, when they are such already. */
static const void *take(const plan *p, const void *x, size_t n, void *buffer) {
  if (firn_is_short_float(p->dtype)) {
    firn_widen(p->dtype, x, buffer, n);
    x = buffer;
  }
  if (!p->by->take) return x;
  p->by->take(x, buffer, n);
  return buffer;
}

static void fold_leaf(const plan *p, const char *x, size_t n, void *acc) {
  _Alignas(64) char lanes[LANES * LARGEST], buffer[LANES * LARGEST];
  p->by->start(lanes, LANES);
  for (size_t i = 0; i < n; i += LANES) {
    const size_t some = firn_min_size(LANES, n - i);
    join(p, lanes, take(p, x + i * p->in_size, some, buffer), some);
  }
  for (size_t half = LANES / 2; half > 0; half /= 2)
    join(p, lanes, lanes + half * p->by->size, half);
  memcpy(acc, lanes, p->by->size);
}

/* One row to one accumulator. */
static void fold_row(const plan *p, const char *x, size_t n, void *acc) {
  _Alignas(16) char right[LARGEST];
  if (p->by->fold != FIRN_FOLD_NONE && p->dtype == FIRN_FLOAT) {
    const float v = p->by->fold == FIRN_FOLD_SUM
                        ? p->micro->row_sum((const float *)x, n)
                        : p->micro->row_max((const float *)x, n);
    memcpy(acc, &v, sizeof v);
    return;
  }
  if (n <= ROW_LEAF) {
    fold_leaf(p, x, n, acc);
    return;
  }
  const size_t half = n / 2 / LANES * LANES;
  fold_row(p, x, half, acc);
  fold_row(p, x + half * p->in_size, n - half, right);
  join(p, acc, right, 1);
}

/* Elements `stride` apart, next to each other. */
static void gather(const char *x, size_t size, size_t stride, size_t n,
                   char *to) {
  switch (size) {
    case 4:
      for (size_t i = 0; i < n; i++) memcpy(to + i * 4, x + i * stride * 4, 4);
      break;
    case 8:
      for (size_t i = 0; i < n; i++) memcpy(to + i * 8, x + i * stride * 8, 8);
      break;
    default:
      for (size_t i = 0; i < n; i++)
        memcpy(to + i * size, x + i * stride * size, size);
  }
}

/* Joins a stretch of columns of one row, or one folded row, to the
 * accumulators. */
static void join_row(const plan *p, const char *x, size_t n, void *acc) {
  _Alignas(64) char buffer[WIDTH * LARGEST], apart[WIDTH * LARGEST];
  if (p->row) {
    fold_row(p, x, p->row, buffer);
    join(p, acc, buffer, 1);
    return;
  }
  if (p->column_stride != 1) {
    gather(x, p->in_size, p->column_stride, n, apart);
    x = apart;
  }
  join(p, acc, take(p, x, n, buffer), n);
}

/* Rows [begin, end) of the folded axes, by halves. */
static void fold_rows(const plan *p, const char *x, size_t begin, size_t end,
                      size_t n, void *acc) {
  if (end - begin <= COLUMN_LEAF) {
    p->by->start(acc, n);
    for (size_t i = begin; i < end; i++)
      join_row(p, x + axes_offset(&p->folded, i) * (int64_t)p->in_size, n, acc);
    return;
  }
  _Alignas(64) char right[WIDTH * LARGEST];
  const size_t half = begin + (end - begin) / 2;
  fold_rows(p, x, begin, half, n, acc);
  fold_rows(p, x, half, end, n, right);
  join(p, acc, right, n);
}

static void finish(const plan *p, const void *acc, char *y, size_t n) {
  _Alignas(64) float wide[WIDTH];
  const bool narrow = firn_is_short_float(p->dtype);
  void *to = narrow ? (void *)wide : y;
  if (p->by->finish)
    p->by->finish(acc, to, n, p->count);
  else
    memcpy(to, acc, n * p->by->size);
  if (narrow) firn_narrow(p->dtype, wide, y, n);
}

/* One task is a block of columns at one place of the outer axes. */
static void run_tasks(void *ctx, size_t begin, size_t end) {
  const plan *p = ctx;
  _Alignas(64) char acc[WIDTH * LARGEST];
  for (size_t task = begin; task < end; task++) {
    const size_t outer = task / p->blocks, column = task % p->blocks * WIDTH;
    const size_t n = firn_min_size(WIDTH, p->columns - column);
    const int64_t at =
        axes_offset(&p->outer, outer) + (int64_t)(column * p->column_stride);
    fold_rows(p, p->x + at * (int64_t)p->in_size, 0, p->rows, n, acc);
    finish(p, acc, p->y + (outer * p->columns + column) * p->out_size, n);
  }
}

/* Nothing is folded: every result is of no elements. */
static void run_empty(const plan *p, size_t count) {
  _Alignas(64) char acc[WIDTH * LARGEST];
  p->by->start(acc, WIDTH);
  for (size_t i = 0; i < count; i += WIDTH)
    finish(p, acc, p->y + i * p->out_size, firn_min_size(WIDTH, count - i));
}

firn_code firn_drive_reduce(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0], *indices = run->in[1];
  firn_tensor *out;
  int64_t list[FIRN_MAX_RANK] = {0};
  uint32_t mask;
  if (indices->count > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "reduction_indices hold %zu axes of a tensor with %d",
                     indices->count, x->shape.rank);
  for (size_t i = 0; i < indices->count; i++)
    list[i] = firn_tensor_i64(indices, i);
  FIRN_TRY(axes_mask(list, indices->count, x->shape.rank, &mask, err));
  const bool keep = firn_attr_bool_or(run->node, "keep_dims", false);
  const firn_shape shape = reduced_shape(&x->shape, mask, keep);
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  if (out->count == 0) return FIRN_OK;

  const bool single = x->dtype == FIRN_FLOAT || firn_is_short_float(x->dtype);
  const firn_reducers reducers = run->kernel->micro.table;
  plan p = {.by = &reducers[single ? FIRN_FLOAT : x->dtype],
            .dtype = x->dtype,
            .in_size = firn_dtype_size(x->dtype),
            .out_size = firn_dtype_size(out->dtype),
            .x = x->data,
            .y = out->data};
  if (single && p.by->micro) p.micro = firn_micro_pick(run->cpu);
  if (x->count == 0) {
    run_empty(&p, out->count);
    return FIRN_OK;
  }
  make_plan(&x->shape, mask, &p);
  const size_t tasks = axes_count(&p.outer) * p.blocks;
  const size_t cost = p.count * firn_min_size(WIDTH, p.columns);
  firn_parallel_for(run->pool, tasks, TASK / (cost + 1) + 1, run_tasks, &p);
  return FIRN_OK;
}
