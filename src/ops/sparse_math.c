/* ops/sparse_math.c: arithmetic on sparse tensors.
 *
 *   SparseAdd(Grad)                 sums of two; small ones are dropped
 *   SparseSparseMaximum, Minimum    the larger or smaller, 0 where one has none
 *   SparseTensorDenseAdd            into a dense tensor
 *   SparseTensorDenseMatMul         times a matrix
 *   SparseDenseCwiseAdd, Mul, Div   with the dense elements at its places
 *   SparseReduceSum, Max (Sparse)   over axes, into a dense or sparse tensor
 *   SparseSoftmax                   along the last axis, among what is there
 */
#include "base/complex.h"
#include <math.h>

#include "ops/segment.h"
#include "ops/sparse.h"
#include "ops/walk.h"

#define REALS (FIRN_FLOATS | FIRN_INTS)

static void *value_at(const firn_tensor *t, size_t i) {
  return firn_at(t->data, t->dtype, (int64_t)i);
}

/* ---- Two of one shape --------------------------------------------------- */

static firn_code same_dense_shape(const firn_shape *a, const firn_shape *b,
                                  firn_error *err) {
  firn_shape both;
  const firn_code code = firn_shape_merge(a, b, &both, err);
  return code == FIRN_OK ? code : firn_while(err, code, "dense shapes");
}

/* Inputs 0, 1, 2 and 3, 4, 5. */
static firn_code infer_pair(const firn_infer *q, int64_t *rank,
                            firn_error *err) {
  firn_shape a, b;
  int64_t ra, rb;
  FIRN_TRY(firn_infer_sparse(q, 0, 1, 2, NULL, &ra, &a, err));
  FIRN_TRY(firn_infer_sparse(q, 3, 4, 5, NULL, &rb, &b, err));
  FIRN_TRY(same_dense_shape(&a, &b, err));
  if (firn_dim_merge(ra, rb, rank)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "%lld and %lld axes",
                   (long long)ra, (long long)rb);
}

static firn_code pair_of(const firn_run *run, firn_sparse *a, firn_sparse *b,
                         firn_error *err) {
  FIRN_TRY(firn_sparse_of(run->in[0], run->in[1], run->in[2], a, err));
  FIRN_TRY(firn_sparse_of(run->in[3], run->in[4], run->in[5], b, err));
  return same_dense_shape(&a->shape, &b->shape, err);
}

/* A walk along the rows of both, in order: *way is below 0 when only a has the
 * row, above when only b has. */
typedef struct merging {
  const firn_sparse *a, *b;
  size_t i, j;
} merging;

static bool merge_next(const merging *m, int *way) {
  if (m->i == m->a->n && m->j == m->b->n) return false;
  *way = m->i == m->a->n   ? 1
         : m->j == m->b->n ? -1
                           : firn_sparse_compare(m->a, m->i, m->b, m->j);
  return true;
}

static void merge_step(merging *m, int way) {
  m->i += way <= 0;
  m->j += way >= 0;
}

/* ---- SparseAdd ---------------------------------------------------------- */

static firn_code infer_add(firn_infer *q, firn_error *err) {
  int64_t rank;
  FIRN_TRY(infer_pair(q, &rank, err));
  FIRN_TRY(firn_infer_rank(q, 6, 0, "thresh", NULL, err));
  q->out[0].shape = (firn_shape){.rank = 2, .dims = {FIRN_UNKNOWN_DIM, rank}};
  q->out[1].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  q->out[2].shape = firn_shape_vector(rank);
  return FIRN_OK;
}

/* TensorFlow takes the bytes of thresh for a value of the sums' real type,
 * whatever Treal says: the bytes that are not there are zero here. */
static void read_thresh(const firn_tensor *thresh, void *value) {
  memset(value, 0, sizeof(uint64_t));
  memcpy(value, thresh->data,
         firn_min_size(firn_dtype_size(thresh->dtype), sizeof(uint64_t)));
}

static uint64_t magnitude(int64_t x) {
  return x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
}

/* Whether a sum is not below the threshold. */
static bool reaches(firn_dtype dtype, const void *sum, const void *thresh) {
  const firn_tensor t = {.dtype = dtype, .count = 1, .data = (void *)thresh},
                    s = {.dtype = dtype, .count = 1, .data = (void *)sum};
  const float *single = sum;
  const double *twice = sum;
  switch (dtype) {
    case FIRN_COMPLEX64:
      return *(const float *)thresh <= hypotf(single[0], single[1]);
    case FIRN_COMPLEX128:
      return *(const double *)thresh <= hypot(twice[0], twice[1]);
    case FIRN_INT8:
    case FIRN_INT16:
    case FIRN_INT32:
    case FIRN_INT64: {
      const int64_t least = firn_tensor_i64(&t, 0);
      return least <= 0 || (uint64_t)least <= magnitude(firn_tensor_i64(&s, 0));
    }
    default: return firn_tensor_f64(&t, 0) <= fabs(firn_tensor_f64(&s, 0));
  }
}

/* The sum of the rows at which the walk stands, into `sum`; false when it is
 * not to be kept. */
static firn_code add_rows(const merging *m, int way, const void *thresh,
                          void *sum, bool *keep, firn_error *err) {
  const firn_dtype dtype = m->a->values->dtype;
  const void *first =
      way <= 0 ? value_at(m->a->values, m->i) : value_at(m->b->values, m->j);
  memcpy(sum, first, firn_dtype_size(dtype));
  *keep = true;
  if (way != 0) return FIRN_OK;
  FIRN_TRY(firn_combine_run(FIRN_COMBINE_ADD, dtype, sum,
                            value_at(m->b->values, m->j), 1, 1, err));
  *keep = reaches(dtype, sum, thresh);
  return FIRN_OK;
}

static firn_code drive_add(const firn_run *run, firn_error *err) {
  firn_sparse a, b;
  firn_tensor *indices = NULL, *values = NULL;
  uint64_t thresh;
  read_thresh(run->in[6], &thresh);
  FIRN_TRY(pair_of(run, &a, &b, err));
  FIRN_TRY(firn_put_shape(run, 2, &a.shape, err));
  for (int pass = 0; pass < 2; pass++) { /* count them, then write them */
    merging m = {&a, &b, 0, 0};
    size_t n = 0;
    int way;
    for (; merge_next(&m, &way); merge_step(&m, way)) {
      uint64_t sum[2];
      bool keep;
      FIRN_TRY(add_rows(&m, way, &thresh, sum, &keep, err));
      if (!keep) continue;
      if (pass) {
        firn_sparse_copy_row(way <= 0 ? &a : &b, way <= 0 ? m.i : m.j, indices,
                             n);
        memcpy(value_at(values, n), sum, firn_dtype_size(values->dtype));
      }
      n++;
    }
    if (pass == 0)
      FIRN_TRY(firn_sparse_outputs(run, 0, 1, (int64_t)n, a.rank, &indices,
                                   &values, err));
  }
  return FIRN_OK;
}

static firn_code infer_add_grad(firn_infer *q, firn_error *err) {
  firn_shape grad, rows[3];
  int64_t n;
  FIRN_TRY(firn_infer_rank(q, 0, 1, "backprop_val_grad", &grad, err));
  for (size_t i = 0; i < 3; i++) {
    FIRN_TRY(firn_infer_rank(q, i + 1, 2, "indices", &rows[i], err));
    if (!firn_dim_merge(rows[0].dims[1], rows[i].dims[1], &n))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "indices come by %lld and by %lld",
                       (long long)rows[0].dims[1], (long long)rows[i].dims[1]);
  }
  if (!firn_dim_merge(grad.dims[0], rows[2].dims[0], &n))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%lld gradients for %lld sum_indices",
                     (long long)grad.dims[0], (long long)rows[2].dims[0]);
  q->out[0].shape = firn_shape_vector(rows[0].dims[0]);
  q->out[1].shape = firn_shape_vector(rows[1].dims[0]);
  return FIRN_OK;
}

static firn_code drive_add_grad(const firn_run *run, firn_error *err) {
  const firn_tensor *grad = run->in[0];
  const int rank = (int)run->in[1]->shape.dims[1];
  const firn_sparse sum = {
      .indices = run->in[3], .n = grad->count, .rank = rank};
  for (size_t side = 0; side < 2; side++) {
    const firn_sparse own = {.indices = run->in[side + 1],
                             .n = (size_t)run->in[side + 1]->shape.dims[0],
                             .rank = rank};
    merging m = {&own, &sum, 0, 0};
    int way;
    firn_fill_zero(run->out[side]);
    for (; merge_next(&m, &way); merge_step(&m, way))
      if (way == 0)
        FIRN_TRY(firn_copy(grad->dtype, value_at(run->out[side], m.i),
                           value_at(grad, m.j), 1, err));
  }
  return FIRN_OK;
}

/* ---- SparseSparseMaximum, SparseSparseMinimum --------------------------- */

static firn_code infer_larger(firn_infer *q, firn_error *err) {
  int64_t rank;
  FIRN_TRY(infer_pair(q, &rank, err));
  q->out[0].shape = (firn_shape){.rank = 2, .dims = {FIRN_UNKNOWN_DIM, rank}};
  q->out[1].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  return FIRN_OK;
}

static firn_code drive_larger(const firn_run *run, firn_error *err) {
  const firn_combine *op = run->kernel->micro.table;
  static const uint64_t zero[2];
  firn_sparse a, b;
  firn_tensor *indices, *values;
  size_t n = 0;
  int way;
  FIRN_TRY(pair_of(run, &a, &b, err));
  for (merging m = {&a, &b, 0, 0}; merge_next(&m, &way); merge_step(&m, way))
    n++;
  FIRN_TRY(firn_sparse_outputs(run, 0, 1, (int64_t)n, a.rank, &indices, &values,
                               err));
  n = 0;
  for (merging m = {&a, &b, 0, 0}; merge_next(&m, &way); merge_step(&m, way)) {
    const void *x = way <= 0 ? value_at(a.values, m.i) : zero,
               *y = way >= 0 ? value_at(b.values, m.j) : zero;
    void *to = value_at(values, n);
    firn_sparse_copy_row(way <= 0 ? &a : &b, way <= 0 ? m.i : m.j, indices,
                         n++);
    memcpy(to, x, firn_dtype_size(values->dtype));
    FIRN_TRY(firn_combine_run(*op, values->dtype, to, y, 1, 1, err));
  }
  return FIRN_OK;
}

/* ---- With a dense tensor ------------------------------------------------ */

static firn_code infer_dense_add(firn_infer *q, firn_error *err) {
  firn_shape dense;
  FIRN_TRY(firn_infer_sparse(q, 0, 1, 2, NULL, NULL, &dense, err));
  FIRN_TRY(firn_infer_rank_at_least(q, 3, 1, "b", err));
  const firn_code code =
      firn_shape_merge(&dense, &q->in[3].shape, &q->out[0].shape, err);
  return code == FIRN_OK ? code : firn_while(err, code, "a and b");
}

/* The place of row i in the dense tensor. */
static int64_t place_of(const firn_sparse *s, size_t i) {
  int64_t at = 0;
  for (int k = 0; k < s->rank; k++)
    at = at * s->shape.dims[k] + firn_sparse_at(s, i, k);
  return at;
}

static firn_code drive_dense_add(const firn_run *run, firn_error *err) {
  const firn_tensor *b = run->in[3];
  firn_sparse s;
  firn_tensor *out;
  FIRN_TRY(firn_sparse_of(run->in[0], run->in[1], run->in[2], &s, err));
  FIRN_TRY(same_dense_shape(&s.shape, &b->shape, err));
  FIRN_TRY(firn_sparse_check(&s, err));
  FIRN_TRY(firn_run_output(run, 0, &b->shape, &out, err));
  FIRN_TRY(firn_copy(b->dtype, out->data, b->data, b->count, err));
  for (size_t i = 0; i < s.n; i++)
    FIRN_TRY(firn_combine_run(FIRN_COMBINE_ADD, out->dtype,
                              value_at(out, (size_t)place_of(&s, i)),
                              value_at(s.values, i), 1, 1, err));
  return FIRN_OK;
}

static firn_code cannot_spread(const firn_shape *sparse,
                               const firn_shape *dense, firn_error *err) {
  char ts[256], td[256];
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "dense of shape %s does not broadcast to the sparse "
                   "tensor's %s",
                   firn_shape_text(dense, td), firn_shape_text(sparse, ts));
}

static firn_code infer_cwise(firn_infer *q, firn_error *err) {
  firn_shape dense;
  int64_t n, rank;
  FIRN_TRY(firn_infer_sparse(q, 0, 1, 2, &n, &rank, &dense, err));
  if (rank >= 0 && q->in[3].shape.rank > rank)
    return cannot_spread(&dense, &q->in[3].shape, err);
  q->out[0].shape = firn_shape_vector(n);
  return FIRN_OK;
}

static firn_code drive_cwise(const firn_run *run, firn_error *err) {
  const firn_combine *op = run->kernel->micro.table;
  const firn_tensor *dense = run->in[3];
  const firn_shape *d = &dense->shape;
  firn_tensor *out = run->out[0];
  firn_sparse s;
  int64_t strides[FIRN_MAX_RANK];
  FIRN_TRY(firn_sparse_of(run->in[0], run->in[1], run->in[2], &s, err));
  const int more = s.rank - d->rank;
  for (int k = 0; k < d->rank; k++)
    if (more < 0 || (d->dims[k] != 1 && d->dims[k] != s.shape.dims[k + more]))
      return cannot_spread(&s.shape, d, err);
  FIRN_TRY(firn_sparse_check(&s, err));
  firn_strides(d, strides);
  FIRN_TRY(firn_copy(out->dtype, out->data, s.values->data, s.n, err));
  for (size_t i = 0; i < s.n; i++) {
    int64_t at = 0;
    for (int k = 0; k < d->rank; k++)
      if (d->dims[k] != 1) at += firn_sparse_at(&s, i, k + more) * strides[k];
    FIRN_TRY(firn_combine_run(*op, out->dtype, value_at(out, i),
                              value_at(dense, (size_t)at), 1, 1, err));
  }
  return FIRN_OK;
}

/* ---- SparseTensorDenseMatMul -------------------------------------------- */

static firn_code infer_mat_mul(firn_infer *q, firn_error *err) {
  const bool ta = firn_attr_bool_or(q->node, "adjoint_a", false),
             tb = firn_attr_bool_or(q->node, "adjoint_b", false);
  firn_shape a, b;
  int64_t rank, inner;
  FIRN_TRY(firn_infer_sparse(q, 0, 1, 2, NULL, &rank, &a, err));
  FIRN_TRY(firn_infer_rank(q, 3, 2, "b", &b, err));
  if (rank >= 0 && rank != 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "a must have 2 axes, has %lld",
                     (long long)rank);
  if (a.rank < 0)
    a = (firn_shape){.rank = 2, .dims = {FIRN_UNKNOWN_DIM, FIRN_UNKNOWN_DIM}};
  if (!firn_dim_merge(a.dims[!ta], b.dims[tb], &inner))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the %lld columns of a do not meet the %lld rows of b",
                     (long long)a.dims[!ta], (long long)b.dims[tb]);
  q->out[0].shape = (firn_shape){.rank = 2, .dims = {a.dims[ta], b.dims[!tb]}};
  return FIRN_OK;
}

/* y[row] += value * b[inner], where row `inner` of b lies at steps. Conjugates
 * are taken by the caller's CA and CB. */
typedef struct product {
  const firn_sparse *a;
  const void *b;
  void *y;
  int64_t columns, row_step, column_step; /* of b */
  bool ta, tb;
} product;

#define MULTIPLY(ID, T, ACC, CONJ)                                         \
  static void multiply_##ID(const product *p) {                            \
    const T *values = p->a->values->data, *b = p->b;                       \
    ACC *y = p->y;                                                         \
    for (size_t i = 0; i < p->a->n; i++) {                                 \
      const int64_t row = firn_sparse_at(p->a, i, p->ta),                  \
                    inner = firn_sparse_at(p->a, i, !p->ta);               \
      const T value = p->ta ? CONJ(values[i]) : values[i];                 \
      const T *from = b + inner * p->row_step;                             \
      ACC *to = y + row * p->columns;                                      \
      if (p->tb)                                                           \
        for (int64_t j = 0; j < p->columns; j++)                           \
          to[j] += value * CONJ(from[j * p->column_step]);                 \
      else                                                                 \
        for (int64_t j = 0; j < p->columns; j++) to[j] += value * from[j]; \
    }                                                                      \
  }

#define AS_IT_IS(x) (x)
MULTIPLY(float, float, float, AS_IT_IS)
MULTIPLY(double, double, double, AS_IT_IS)
MULTIPLY(int32, uint32_t, uint32_t, AS_IT_IS)
MULTIPLY(complex64, float complex, float complex, conjf)
MULTIPLY(complex128, double complex, double complex, conj)

/* Half and bfloat16 add up in float and are rounded once. */
static firn_code multiply_short(const firn_run *run, const product *p,
                                firn_tensor *out, firn_error *err) {
  const bool half = out->dtype == FIRN_HALF;
  const size_t bytes = out->count * sizeof(float) + 1;
  const uint16_t *values = p->a->values->data, *b = p->b;
  uint16_t *y = out->data;
  float *sum = firn_new_zeroed(&run->env->alloc, bytes);
  if (!sum) return firn_oom(err, bytes);
#define WIDEN(x) (half ? firn_half_to_float(x) : firn_bfloat16_to_float(x))
  for (size_t i = 0; i < p->a->n; i++) {
    const float value = WIDEN(values[i]);
    const uint16_t *from = b + firn_sparse_at(p->a, i, !p->ta) * p->row_step;
    float *to = sum + firn_sparse_at(p->a, i, p->ta) * p->columns;
    for (int64_t j = 0; j < p->columns; j++)
      to[j] += value * WIDEN(from[j * p->column_step]);
  }
  for (size_t i = 0; i < out->count; i++)
    y[i] =
        half ? firn_half_from_float(sum[i]) : firn_bfloat16_from_float(sum[i]);
#undef WIDEN
  firn_delete(&run->env->alloc, sum, bytes);
  return FIRN_OK;
}

static firn_code drive_mat_mul(const firn_run *run, firn_error *err) {
  const firn_shape *b = &run->in[3]->shape;
  const bool ta = firn_attr_bool_or(run->node, "adjoint_a", false),
             tb = firn_attr_bool_or(run->node, "adjoint_b", false);
  firn_sparse a;
  firn_tensor *out;
  FIRN_TRY(firn_sparse_of(run->in[0], run->in[1], run->in[2], &a, err));
  FIRN_TRY(firn_sparse_check(&a, err));
  const firn_shape shape = {.rank = 2,
                            .dims = {a.shape.dims[ta], b->dims[!tb]}};
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  firn_fill_zero(out);
  const product p = {.a = &a,
                     .b = run->in[3]->data,
                     .y = out->data,
                     .columns = shape.dims[1],
                     .row_step = tb ? 1 : b->dims[1],
                     .column_step = tb ? b->dims[1] : 1,
                     .ta = ta,
                     .tb = tb};
  switch ((int)out->dtype) {
    case FIRN_FLOAT: multiply_float(&p); return FIRN_OK;
    case FIRN_DOUBLE: multiply_double(&p); return FIRN_OK;
    case FIRN_INT32: multiply_int32(&p); return FIRN_OK;
    case FIRN_COMPLEX64: multiply_complex64(&p); return FIRN_OK;
    case FIRN_COMPLEX128: multiply_complex128(&p); return FIRN_OK;
    default: return multiply_short(run, &p, out, err);
  }
}

/* ---- SparseReduce ------------------------------------------------------- */

/* The axes that stay, in order; and the result's shape. */
typedef struct reduction {
  bool gone[FIRN_MAX_RANK];
  int kept[FIRN_MAX_RANK], count;
  bool keep_dims;
  firn_shape shape;
} reduction;

static firn_code reduction_of(const firn_node *node, const firn_shape *dense,
                              const int64_t *axes, size_t count, reduction *r,
                              firn_error *err) {
  *r = (reduction){.keep_dims = firn_attr_bool_or(node, "keep_dims", false)};
  for (size_t i = 0; i < count; i++) {
    int axis;
    FIRN_TRY(firn_axis(axes[i], dense->rank, &axis, err));
    r->gone[axis] = true;
  }
  for (int k = 0; k < dense->rank; k++) {
    if (!r->gone[k]) r->kept[r->count++] = k;
    if (!r->gone[k])
      r->shape.dims[r->shape.rank++] = dense->dims[k];
    else if (r->keep_dims)
      r->shape.dims[r->shape.rank++] = 1;
  }
  return FIRN_OK;
}

static firn_code infer_reduction(const firn_infer *q, reduction *r, bool *known,
                                 firn_error *err) {
  const int64_t *axes = NULL;
  int64_t count = -1;
  firn_shape dense;
  FIRN_TRY(firn_infer_sparse(q, 0, 1, 2, NULL, NULL, &dense, err));
  *known = false;
  if (q->in[3].shape.rank > 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "reduction_axes must be a scalar or a vector");
  if (!firn_infer_ints(q, 3, &axes, &count) || dense.rank < 0) return FIRN_OK;
  *known = true;
  return reduction_of(q->node, &dense, axes, (size_t)count, r, err);
}

static firn_code infer_reduce(firn_infer *q, firn_error *err) {
  reduction r;
  bool known;
  FIRN_TRY(infer_reduction(q, &r, &known, err));
  if (known) q->out[0].shape = r.shape;
  return FIRN_OK;
}

static firn_code infer_reduce_sparse(firn_infer *q, firn_error *err) {
  reduction r;
  bool known;
  FIRN_TRY(infer_reduction(q, &r, &known, err));
  const int64_t rank = known ? r.shape.rank : FIRN_UNKNOWN_DIM;
  q->out[0].shape = (firn_shape){.rank = 2, .dims = {FIRN_UNKNOWN_DIM, rank}};
  q->out[1].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  q->out[2].shape = firn_shape_vector(rank);
  return FIRN_OK;
}

static firn_code read_reduction(const firn_run *run, firn_sparse *s,
                                reduction *r, firn_error *err) {
  int64_t axes[FIRN_MAX_RANK];
  const firn_tensor *t = run->in[3];
  FIRN_TRY(firn_sparse_of(run->in[0], run->in[1], run->in[2], s, err));
  if (t->count > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%zu reduction_axes",
                     t->count);
  for (size_t i = 0; i < t->count; i++) axes[i] = firn_index(t, i);
  return reduction_of(run->node, &s->shape, axes, t->count, r, err);
}

static bool same_group(const firn_sparse *s, const reduction *r, size_t i,
                       size_t j) {
  for (int k = 0; k < r->count; k++)
    if (firn_sparse_at(s, i, r->kept[k]) != firn_sparse_at(s, j, r->kept[k]))
      return false;
  return true;
}

/* The value of the group that begins at order[*i]; moves *i behind it. */
static firn_code reduce_group(const firn_run *run, const firn_sparse *s,
                              const reduction *r, const size_t *order,
                              size_t *i, void *to, firn_error *err) {
  const firn_combine *op = run->kernel->micro.table;
  const size_t first = *i, row = order[first];
  const firn_dtype dtype = s->values->dtype;
  memcpy(to, value_at(s->values, row), firn_dtype_size(dtype));
  for (++*i; *i < s->n && same_group(s, r, row, order[*i]); ++*i)
    FIRN_TRY(firn_combine_run(*op, dtype, to, value_at(s->values, order[*i]), 1,
                              1, err));
  return FIRN_OK;
}

static firn_code reduce_dense(const firn_run *run, const firn_sparse *s,
                              const reduction *r, const size_t *order,
                              firn_error *err) {
  firn_tensor *out;
  FIRN_TRY(firn_run_output(run, 0, &r->shape, &out, err));
  firn_fill_zero(out);
  for (size_t i = 0; i < s->n;) {
    int64_t at = 0;
    for (int k = 0; k < r->count; k++) {
      const int64_t index = firn_sparse_at(s, order[i], r->kept[k]),
                    dim = s->shape.dims[r->kept[k]];
      if (index < 0 || index >= dim)
        return firn_fail(err, FIRN_INVALID_ARGUMENT,
                         "input_indices[%zu,%d] = %lld is not in [0, %lld)",
                         order[i], r->kept[k], (long long)index,
                         (long long)dim);
      at = at * dim + index;
    }
    if (out->count == 0) /* a reduced axis without elements, beside values */
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "values in a tensor without elements");
    FIRN_TRY(
        reduce_group(run, s, r, order, &i, value_at(out, (size_t)at), err));
  }
  return FIRN_OK;
}

static firn_code reduce_sparse(const firn_run *run, const firn_sparse *s,
                               const reduction *r, const size_t *order,
                               firn_error *err) {
  int64_t groups = 0;
  firn_tensor *indices, *values;
  for (size_t i = 0; i < s->n; i++)
    groups += i == 0 || !same_group(s, r, order[i - 1], order[i]);
  FIRN_TRY(firn_put_shape(run, 2, &r->shape, err));
  FIRN_TRY(firn_sparse_outputs(run, 0, 1, groups, r->shape.rank, &indices,
                               &values, err));
  int64_t *to = indices->data;
  for (size_t i = 0, g = 0; i < s->n; g++) {
    for (int k = 0; k < s->rank; k++)
      if (!r->gone[k])
        *to++ = firn_sparse_at(s, order[i], k);
      else if (r->keep_dims)
        *to++ = 0;
    FIRN_TRY(reduce_group(run, s, r, order, &i, value_at(values, g), err));
  }
  return FIRN_OK;
}

static firn_code drive_reduce(const firn_run *run, firn_error *err) {
  firn_sparse s;
  reduction r;
  size_t *order;
  FIRN_TRY(read_reduction(run, &s, &r, err));
  FIRN_TRY(firn_sparse_order(&s, r.kept, r.count, run->env, &order, err));
  const firn_code code = run->out_count > 1
                             ? reduce_sparse(run, &s, &r, order, err)
                             : reduce_dense(run, &s, &r, order, err);
  firn_sparse_order_free(&s, run->env, order);
  return code;
}

/* ---- SparseSoftmax ------------------------------------------------------ */

static firn_code infer_softmax(firn_infer *q, firn_error *err) {
  int64_t n, rank;
  FIRN_TRY(firn_infer_sparse(q, 0, 1, 2, &n, &rank, NULL, err));
  if (rank >= 0 && rank < 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a sparse softmax needs at least 2 axes, has %lld",
                     (long long)rank);
  q->out[0].shape = firn_shape_vector(n);
  return FIRN_OK;
}

/* exp(x - max) / sum over the rows order[begin, end). */
static void softmax_group(const firn_sparse *s, const size_t *order,
                          size_t begin, size_t end, firn_tensor *out) {
  double most = -INFINITY, sum = 0;
  for (size_t i = begin; i < end; i++) {
    const double x = firn_tensor_f64(s->values, order[i]);
    if (x > most) most = x;
  }
  for (size_t i = begin; i < end; i++)
    sum += exp(firn_tensor_f64(s->values, order[i]) - most);
  for (size_t i = begin; i < end; i++)
    firn_put_number(out->dtype, value_at(out, i),
                    exp(firn_tensor_f64(s->values, order[i]) - most) / sum);
}

static firn_code drive_softmax(const firn_run *run, firn_error *err) {
  firn_sparse s;
  reduction r = {.count = 0};
  size_t *order;
  int axes[FIRN_MAX_RANK];
  FIRN_TRY(firn_sparse_of(run->in[0], run->in[1], run->in[2], &s, err));
  for (int k = 0; k < s.rank; k++) axes[k] = r.kept[k] = k;
  r.count = s.rank - 1;
  FIRN_TRY(firn_sparse_order(&s, axes, s.rank, run->env, &order, err));
  for (size_t begin = 0, end; begin < s.n; begin = end) {
    for (end = begin + 1;
         end < s.n && same_group(&s, &r, order[begin], order[end]);)
      end++;
    softmax_group(&s, order, begin, end, run->out[0]);
  }
  firn_sparse_order_free(&s, run->env, order);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

static const firn_combine op_add = FIRN_COMBINE_ADD, op_mul = FIRN_COMBINE_MUL,
                          op_div = FIRN_COMBINE_DIV, op_max = FIRN_COMBINE_MAX,
                          op_min = FIRN_COMBINE_MIN;

#define KERNEL(id, TYPES, DRIVE, OP)                                     \
  static const firn_kernel id[] = {                                      \
      {.types = {{"T", TYPES}}, .drive = DRIVE, .micro = {.table = OP}}, \
      {.drive = NULL},                                                   \
  };

#define PRODUCTS (FIRN_FLOATS | FIRN_COMPLEXES | FIRN_BIT(FIRN_INT32))

KERNEL(add, FIRN_NUMBERS, drive_add, NULL)
KERNEL(add_grad, FIRN_NUMBERS, drive_add_grad, NULL)
KERNEL(dense_add, FIRN_NUMBERS, drive_dense_add, NULL)
KERNEL(mat_mul, PRODUCTS, drive_mat_mul, NULL)
KERNEL(cwise_add, FIRN_NUMBERS, drive_cwise, &op_add)
KERNEL(cwise_mul, FIRN_NUMBERS, drive_cwise, &op_mul)
KERNEL(cwise_div, FIRN_NUMBERS, drive_cwise, &op_div)
KERNEL(larger, REALS, drive_larger, &op_max)
KERNEL(smaller, REALS, drive_larger, &op_min)
KERNEL(reduce_sum, FIRN_NUMBERS, drive_reduce, &op_add)
KERNEL(reduce_max, REALS, drive_reduce, &op_max)
KERNEL(softmax, FIRN_FLOATS, drive_softmax, NULL)

static const firn_op ops[] = {
    {"SparseAdd", infer_add, add, 0},
    {"SparseAddGrad", infer_add_grad, add_grad, 0},
    {"SparseTensorDenseAdd", infer_dense_add, dense_add, 0},
    {"SparseTensorDenseMatMul", infer_mat_mul, mat_mul, 0},
    {"SparseDenseCwiseAdd", infer_cwise, cwise_add, 0},
    {"SparseDenseCwiseMul", infer_cwise, cwise_mul, 0},
    {"SparseDenseCwiseDiv", infer_cwise, cwise_div, 0},
    {"SparseSparseMaximum", infer_larger, larger, 0},
    {"SparseSparseMinimum", infer_larger, smaller, 0},
    {"SparseReduceSum", infer_reduce, reduce_sum, 0},
    {"SparseReduceMax", infer_reduce, reduce_max, 0},
    {"SparseReduceSumSparse", infer_reduce_sparse, reduce_sum, 0},
    {"SparseReduceMaxSparse", infer_reduce_sparse, reduce_max, 0},
    {"SparseSoftmax", infer_softmax, softmax, 0},
};

FIRN_OP_FAMILY(sparse_math, ops);
