/* ops/gather.c: slices of a tensor, by index.
 *
 *   Gather      y = params[indices]
 *   GatherV2    the same along any axis, batch by batch
 *   GatherNd    y[i] = params[indices[i, 0], indices[i, 1], ...]
 *   Where       the indices of all elements that are not 0
 *
 * What differs between types is their size: slices are copied as bytes.
 */
#include <stdatomic.h>
#include <string.h>

#include "ops/indices.h"
#include "ops/infer.h"
#include "ops/walk.h"

enum { SHARE_BYTES = 32768 }; /* what a thread should get to be worth waking */

/* ---- Copying slices ----------------------------------------------------- */

/* y[row] = x[where(row)], slices of `size` bytes; where() is by the table of
 * slice numbers below. */
typedef struct copying {
  firn_dtype dtype;
  size_t slice, bytes; /* elements and bytes of a slice */
  const char *from;
  char *to;
  const firn_tensor *indices;
  size_t per_batch; /* indices of one batch                                */
  size_t outer;     /* how often they are used in each batch               */
  size_t rows;      /* slices along the axis                               */
  const firn_tuples *tuples; /* not NULL: GatherNd                         */
  const firn_shape *shape;
  atomic_bool failed;
} copying;

static size_t source_of(const copying *c, size_t row) {
  if (c->tuples) return (size_t)firn_tuple_at(c->tuples, row, c->shape);
  const size_t group = row / c->per_batch, i = row % c->per_batch;
  const size_t batch = group / c->outer;
  return group * c->rows +
         (size_t)firn_index(c->indices, batch * c->per_batch + i);
}

#define COPY_SLICES(T)                                                     \
  for (size_t row = begin; row < end; row++)                               \
  memcpy(c->to + row * sizeof(T), c->from + source_of(c, row) * sizeof(T), \
         sizeof(T))

static void copy_slices(void *ctx, size_t begin, size_t end) {
  copying *c = ctx;
  if (!firn_dtype_is_plain(c->dtype)) {
    for (size_t row = begin; row < end; row++)
      if (!firn_elements_copy(c->dtype, c->to + row * c->bytes,
                              c->from + source_of(c, row) * c->bytes, c->slice))
        atomic_store(&c->failed, true);
  } else if (c->bytes == 4) {
    COPY_SLICES(uint32_t);
  } else if (c->bytes == 8) {
    COPY_SLICES(uint64_t);
  } else {
    for (size_t row = begin; row < end; row++)
      memcpy(c->to + row * c->bytes, c->from + source_of(c, row) * c->bytes,
             c->bytes);
  }
}

static firn_code copy_all(const firn_run *run, copying *c, size_t rows,
                          firn_error *err) {
  c->bytes = c->slice * firn_dtype_size(c->dtype);
  atomic_init(&c->failed, false);
  firn_parallel_for(run->pool, rows, SHARE_BYTES / (c->bytes + 16) + 1,
                    copy_slices, c);
  return atomic_load(&c->failed) ? firn_oom(err, c->bytes) : FIRN_OK;
}

/* ---- Gather and GatherV2 ------------------------------------------------ */

typedef struct gathering {
  int axis, batch;
  firn_shape shape; /* of the result, as far as known */
} gathering;

static firn_code check_batch(const gathering *g, const firn_shape *params,
                             const firn_shape *indices, firn_error *err) {
  if (g->batch > g->axis)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "batch_dims = %d must not be above axis = %d", g->batch,
                     g->axis);
  for (int k = 0; k < g->batch; k++) {
    int64_t dim;
    if (!firn_dim_merge(params->dims[k], indices->dims[k], &dim))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "axis %d of params has %lld elements, of indices %lld",
                       k, (long long)params->dims[k],
                       (long long)indices->dims[k]);
  }
  return FIRN_OK;
}

/* The result of two shapes of known ranks, and a known axis. */
static firn_code gather_shape(const firn_node *node, const firn_shape *params,
                              const firn_shape *indices, int64_t axis,
                              gathering *g, firn_error *err) {
  const int64_t batch = firn_attr_int_or(node, "batch_dims", 0);
  const int most = indices->rank;
  if (params->rank < 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "params must have at least 1 axis, is a scalar");
  FIRN_TRY(firn_axis(axis, params->rank, &g->axis, err));
  if (batch < -most || batch > most)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "batch_dims = %lld is not in [%d, %d]", (long long)batch,
                     -most, most);
  g->batch = (int)(batch < 0 ? batch + most : batch);
  FIRN_TRY(check_batch(g, params, indices, err));
  firn_shape front;
  FIRN_TRY(firn_shape_join(params, g->axis, indices, g->batch, &front, err));
  return firn_shape_join(&front, front.rank, params, g->axis + 1, &g->shape,
                         err);
}

/* Picked integers of a vector of integers. */
static void gather_ints(firn_infer *q) {
  const int64_t *params = NULL, *indices = NULL;
  int64_t n = -1, count = -1, picked[FIRN_MAX_INTS];
  firn_infer_ints(q, 0, &params, &n);
  firn_infer_ints(q, 1, &indices, &count);
  if (!params || !indices || q->in[0].shape.rank != 1 ||
      q->in[1].shape.rank > 1 || count > FIRN_MAX_INTS)
    return;
  for (int64_t i = 0; i < count; i++)
    picked[i] = indices[i] >= 0 && indices[i] < n ? params[indices[i]]
                                                  : FIRN_UNKNOWN_INT;
  firn_infer_set_ints(q, 0, picked, (size_t)count);
}

static firn_code infer_gather(firn_infer *q, firn_error *err) {
  const firn_shape *params = &q->in[0].shape, *indices = &q->in[1].shape;
  int64_t axis = 0;
  gathering g;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "params", err));
  if (q->in_count > 2) {
    FIRN_TRY(firn_infer_rank(q, 2, 0, "axis", NULL, err));
    if (!firn_infer_int(q, 2, &axis)) axis = FIRN_UNKNOWN_INT;
  }
  if (params->rank < 0 || indices->rank < 0 || axis == FIRN_UNKNOWN_INT)
    return FIRN_OK;
  FIRN_TRY(gather_shape(q->node, params, indices, axis, &g, err));
  q->out[0].shape = g.shape;
  gather_ints(q);
  return FIRN_OK;
}

static firn_code drive_gather(const firn_run *run, firn_error *err) {
  const firn_tensor *params = run->in[0], *indices = run->in[1];
  const firn_shape *s = &params->shape;
  const int64_t axis = run->in_count > 2 ? firn_tensor_i64(run->in[2], 0) : 0;
  gathering g;
  firn_tensor *out;
  FIRN_TRY(gather_shape(run->node, s, &indices->shape, axis, &g, err));
  FIRN_TRY(firn_run_output(run, 0, &g.shape, &out, err));
  if (out->count == 0) return FIRN_OK;
  FIRN_TRY(firn_indices_check(indices, s->dims[g.axis], "indices", err));
  copying c = {
      .dtype = params->dtype,
      .slice = (size_t)firn_shape_product(s, g.axis + 1, s->rank),
      .from = params->data,
      .to = out->data,
      .indices = indices,
      .outer = (size_t)firn_shape_product(s, g.batch, g.axis),
      .per_batch = (size_t)firn_shape_product(&indices->shape, g.batch,
                                              indices->shape.rank),
      .rows = (size_t)s->dims[g.axis],
  };
  return copy_all(run, &c, out->count / c.slice, err);
}

/* ---- GatherNd ----------------------------------------------------------- */

static firn_code infer_gather_nd(firn_infer *q, firn_error *err) {
  const firn_shape *params = &q->in[0].shape, *indices = &q->in[1].shape;
  FIRN_TRY(firn_infer_rank_at_least(q, 1, 1, "indices", err));
  if (params->rank < 0 || indices->rank < 0 ||
      indices->dims[indices->rank - 1] < 0)
    return FIRN_OK;
  const int64_t depth = indices->dims[indices->rank - 1];
  if (depth > params->rank)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "indices come by %lld, params has %d axes",
                     (long long)depth, params->rank);
  return firn_shape_join(indices, indices->rank - 1, params, (int)depth,
                         &q->out[0].shape, err);
}

static firn_code drive_gather_nd(const firn_run *run, firn_error *err) {
  const firn_tensor *params = run->in[0];
  firn_tuples tuples;
  firn_shape shape;
  firn_tensor *out;
  FIRN_TRY(firn_tuples_of(run->in[1], &params->shape, &tuples, err));
  FIRN_TRY(firn_shape_join(&tuples.outer, tuples.outer.rank, &params->shape,
                           tuples.depth, &shape, err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  FIRN_TRY(firn_tuples_check(&tuples, &params->shape, err));
  if (out->count == 0) return FIRN_OK;
  copying c = {
      .dtype = params->dtype,
      .slice = out->count / tuples.count,
      .from = params->data,
      .to = out->data,
      .tuples = &tuples,
      .shape = &params->shape,
  };
  return copy_all(run, &c, tuples.count, err);
}

/* ---- Where -------------------------------------------------------------- */

static firn_code infer_where(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "input", err));
  const int rank = q->in[0].shape.rank;
  q->out[0].shape = (firn_shape){
      .rank = 2,
      .dims = {FIRN_UNKNOWN_DIM, rank < 0 ? FIRN_UNKNOWN_DIM : rank}};
  return FIRN_OK;
}

/* Where a number has a bit when it is not 0. Of floats, in the exponent: -0.0
 * is 0, and so is a denormal, as in all of a run. (Not the halves: their
 * denormals are no denormals once they are floats.) */
static uint64_t bits_that_count(firn_dtype dtype) {
  switch ((int)dtype) {
    case FIRN_HALF: return 0x7fff;
    case FIRN_BFLOAT16: return 0x7f80;
    case FIRN_FLOAT: return 0x7f800000;
    case FIRN_DOUBLE:
    case FIRN_COMPLEX128: return 0x7ff0000000000000;
    case FIRN_COMPLEX64: return 0x7f8000007f800000;
    default: return UINT64_MAX;
  }
}

/* Whether element i is not 0. */
static inline bool holds(const void *data, size_t size, uint64_t mask,
                         size_t i) {
  uint64_t bits[2] = {0, 0};
  memcpy(bits, (const char *)data + i * size, size);
  return ((bits[0] & mask) | (bits[1] & mask)) != 0;
}

/* Calls BODY for each element that is not 0, the common sizes in line. */
#define EACH_HELD(SIZE, BODY)           \
  for (size_t i = 0; i < x->count; i++) \
    if (holds(x->data, SIZE, mask, i)) BODY

#define EACH_HELD_OF(x, BODY)            \
  switch (firn_dtype_size((x)->dtype)) { \
    case 1: EACH_HELD(1, BODY); break;   \
    case 2: EACH_HELD(2, BODY); break;   \
    case 4: EACH_HELD(4, BODY); break;   \
    case 8: EACH_HELD(8, BODY); break;   \
    default: EACH_HELD(16, BODY); break; \
  }

static void put_place(const firn_shape *shape, size_t i, int64_t *to) {
  for (int k = shape->rank - 1; k >= 0; k--) {
    to[k] = (int64_t)(i % (size_t)shape->dims[k]);
    i /= (size_t)shape->dims[k];
  }
}

static firn_code drive_where(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  const uint64_t mask = bits_that_count(x->dtype);
  const int rank = x->shape.rank;
  int64_t count = 0;
  firn_tensor *out;
  EACH_HELD_OF(x, count++);
  const firn_shape shape = {.rank = 2, .dims = {count, rank}};
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  int64_t *to = out->data;
  EACH_HELD_OF(x, {
    put_place(&x->shape, i, to);
    to += rank;
  });
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

static const firn_kernel gather[] = {
    {.drive = drive_gather, .unaligned = 1},
    {.drive = NULL},
};
static const firn_kernel gather_nd[] = {
    {.drive = drive_gather_nd, .unaligned = 1},
    {.drive = NULL},
};
static const firn_kernel where[] = {
    {.types = {{"T", FIRN_NUMBERS | FIRN_BIT(FIRN_BOOL)}},
     .drive = drive_where,
     .unaligned = 1},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"Gather", infer_gather, gather, 0},
    {"GatherV2", infer_gather, gather, 0},
    {"GatherNd", infer_gather_nd, gather_nd, 0},
    {"Where", infer_where, where, 0},
};

FIRN_OP_FAMILY(gather, ops);
