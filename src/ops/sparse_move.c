/* ops/sparse_move.c: sparse tensors in another form, order or size.
 *
 *   SparseToDense                   a dense tensor with a default elsewhere
 *   SparseReshape, SparseReorder    other extents; rows in order
 *   SparseConcat, SparseSplit       several become one, one several
 *   SparseSlice(Grad)               a box of it, and its values' gradient
 *   SparseFillEmptyRows(Grad)       a default in every row without a value
 */
#include "ops/segment.h"
#include "ops/sparse.h"
#include "ops/walk.h"

static void *value_at(const firn_tensor *t, size_t i) {
  return firn_at(t->data, t->dtype, (int64_t)i);
}

/* ---- SparseToDense ------------------------------------------------------ */

static firn_code infer_to_dense(firn_infer *q, firn_error *err) {
  const firn_shape *indices = &q->in[0].shape, *values = &q->in[2].shape;
  FIRN_TRY(firn_infer_rank(q, 1, 1, "output_shape", NULL, err));
  FIRN_TRY(firn_infer_rank(q, 3, 0, "default_value", NULL, err));
  FIRN_TRY(firn_infer_shape_of_value(q, 1, &q->out[0].shape, err));
  if (indices->rank > 2 || values->rank > 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "sparse_indices must have at most 2 axes, sparse_values "
                     "at most 1");
  return FIRN_OK;
}

/* What the indices are: [n, rank], or [n] of a vector, or a single one. */
static firn_code points_of(const firn_run *run, const firn_shape *shape,
                           size_t *n, firn_error *err) {
  const firn_shape *s = &run->in[0]->shape, *values = &run->in[2]->shape;
  const int64_t rank = s->rank == 2 ? s->dims[1] : 1;
  *n = s->rank == 0 ? 1 : (size_t)s->dims[0];
  if (rank != shape->rank)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "sparse_indices come by %lld, output_shape has %d axes",
                     (long long)rank, shape->rank);
  if (values->rank == 0 || (size_t)values->dims[0] == *n) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "%lld sparse_values for %zu sparse_indices",
                   (long long)values->dims[0], *n);
}

/* The place of point i in the dense tensor. */
static firn_code place_of(const firn_tensor *indices, const firn_shape *shape,
                          size_t i, int64_t *out, firn_error *err) {
  *out = 0;
  for (int k = 0; k < shape->rank; k++) {
    const int64_t at = firn_index(indices, i * (size_t)shape->rank + (size_t)k);
    if (at < 0 || at >= shape->dims[k])
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "sparse_indices[%zu,%d] = %lld is not in [0, %lld)", i,
                       k, (long long)at, (long long)shape->dims[k]);
    *out = *out * shape->dims[k] + at;
  }
  return FIRN_OK;
}

static firn_code drive_to_dense(const firn_run *run, firn_error *err) {
  const firn_tensor *dims = run->in[1], *values = run->in[2];
  const bool ordered = firn_attr_bool_or(run->node, "validate_indices", true);
  firn_shape shape = {.rank = (int)dims->count};
  firn_tensor *out;
  size_t n;
  for (int k = 0; k < shape.rank; k++) {
    shape.dims[k] = firn_index(dims, (size_t)k);
    if (shape.dims[k] < 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "output_shape[%d] = %lld must not be negative", k,
                       (long long)shape.dims[k]);
  }
  FIRN_TRY(points_of(run, &shape, &n, err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  FIRN_TRY(firn_fill(out->dtype, out->data, run->in[3]->data, out->count, err));
  int64_t before = -1, at;
  for (size_t i = 0; i < n; i++) {
    FIRN_TRY(place_of(run->in[0], &shape, i, &at, err));
    if (ordered && at <= before)
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "sparse_indices[%zu] %s", i,
                       at == before ? "is there twice" : "is out of order");
    before = at;
    FIRN_TRY(firn_copy(out->dtype, firn_at(out->data, out->dtype, at),
                       value_at(values, values->shape.rank ? i : 0), 1, err));
  }
  return FIRN_OK;
}

/* ---- SparseReshape ------------------------------------------------------ */

/* Finds the extent that is -1 in `to`. */
static firn_code find_shape(const firn_shape *from, firn_shape *to,
                            firn_error *err) {
  int64_t have, product = 1;
  int hole = -1;
  char tf[256], tt[256];
  bool fits = firn_shape_count(from, &have);
  for (int k = 0; k < to->rank; k++) {
    if (to->dims[k] < -1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "new_shape[%d] = %lld must not be negative", k,
                       (long long)to->dims[k]);
    if (to->dims[k] == -1 && hole >= 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "only one extent may be -1, new_shape[%d] and [%d] are",
                       hole, k);
    if (to->dims[k] == -1)
      hole = k;
    else
      fits &= firn_mul_i64(product, to->dims[k], &product);
  }
  if (fits && hole >= 0) {
    fits = product != 0 && have % product == 0;
    if (fits) to->dims[hole] = have / product;
  } else if (fits) {
    fits = have == product;
  }
  if (fits) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "the elements of shape %s do not fit shape %s",
                   firn_shape_text(from, tf), firn_shape_text(to, tt));
}

static firn_code infer_reshape(firn_infer *q, firn_error *err) {
  firn_shape shape;
  int64_t n;
  FIRN_TRY(firn_infer_sparse(q, 0, SIZE_MAX, 1, &n, NULL, NULL, err));
  FIRN_TRY(firn_infer_rank(q, 2, 1, "new_shape", &shape, err));
  q->out[0].shape = (firn_shape){.rank = 2, .dims = {n, shape.dims[0]}};
  q->out[1].shape = shape;
  return FIRN_OK;
}

static firn_code drive_reshape(const firn_run *run, firn_error *err) {
  const firn_tensor *wanted = run->in[2];
  firn_shape shape = {.rank = (int)wanted->count};
  firn_sparse s;
  firn_tensor *out;
  FIRN_TRY(firn_sparse_of(run->in[0], NULL, run->in[1], &s, err));
  if (wanted->count > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                     FIRN_MAX_RANK);
  for (int k = 0; k < shape.rank; k++)
    shape.dims[k] = firn_index(wanted, (size_t)k);
  FIRN_TRY(find_shape(&s.shape, &shape, err));
  FIRN_TRY(firn_put_shape(run, 1, &shape, err));
  const firn_shape matrix = {.rank = 2, .dims = {(int64_t)s.n, shape.rank}};
  FIRN_TRY(firn_run_output(run, 0, &matrix, &out, err));
  int64_t *to = out->data;
  for (size_t i = 0; i < s.n; i++) {
    uint64_t at = 0; /* an index outside of the shape may wrap around */
    for (int k = 0; k < s.rank; k++)
      at = at * (uint64_t)s.shape.dims[k] + (uint64_t)firn_sparse_at(&s, i, k);
    int64_t rest = (int64_t)at;
    for (int k = shape.rank - 1; k >= 0; k--) {
      const int64_t dim = k ? shape.dims[k] : 0;
      to[i * (size_t)shape.rank + (size_t)k] = dim ? rest % dim : rest;
      rest = dim ? rest / dim : 0;
    }
  }
  return FIRN_OK;
}

/* ---- SparseReorder ------------------------------------------------------ */

static firn_code infer_reorder(firn_infer *q, firn_error *err) {
  int64_t n, rank;
  FIRN_TRY(firn_infer_sparse(q, 0, 1, 2, &n, &rank, NULL, err));
  q->out[0].shape = (firn_shape){.rank = 2, .dims = {n, rank}};
  q->out[1].shape = firn_shape_vector(n);
  return FIRN_OK;
}

static void all_axes(int *axes) {
  for (int k = 0; k < FIRN_MAX_RANK; k++) axes[k] = k;
}

static firn_code drive_reorder(const firn_run *run, firn_error *err) {
  firn_sparse s;
  firn_tensor *indices, *values;
  int axes[FIRN_MAX_RANK];
  size_t *order;
  FIRN_TRY(firn_sparse_of(run->in[0], run->in[1], run->in[2], &s, err));
  FIRN_TRY(firn_sparse_outputs(run, 0, 1, (int64_t)s.n, s.rank, &indices,
                               &values, err));
  all_axes(axes);
  FIRN_TRY(firn_sparse_order(&s, axes, s.rank, run->env, &order, err));
  firn_code code = FIRN_OK;
  for (size_t i = 0; code == FIRN_OK && i < s.n; i++) {
    firn_sparse_copy_row(&s, order[i], indices, i);
    code = firn_copy(values->dtype, value_at(values, i),
                     value_at(s.values, order[i]), 1, err);
  }
  firn_sparse_order_free(&s, run->env, order);
  return code;
}

/* ---- SparseConcat ------------------------------------------------------- */

static firn_code infer_concat(firn_infer *q, firn_error *err) {
  const size_t parts = q->in_count / 3;
  int64_t n, all = 0, rank = FIRN_UNKNOWN_DIM, one;
  for (size_t i = 0; i < parts; i++) {
    FIRN_TRY(
        firn_infer_sparse(q, i, parts + i, 2 * parts + i, &n, &one, NULL, err));
    if (!firn_dim_merge(rank, one, &rank))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "input %zu has %lld axes, those before have %lld", i,
                       (long long)one, (long long)rank);
    if (n < 0 || all < 0 || !firn_add_i64(all, n, &all)) all = FIRN_UNKNOWN_DIM;
  }
  q->out[0].shape = (firn_shape){.rank = 2, .dims = {all, rank}};
  q->out[1].shape = firn_shape_vector(all);
  q->out[2].shape = firn_shape_vector(rank);
  return FIRN_OK;
}

/* The dense shape of the whole. */
static firn_code concat_shape(const firn_run *run, size_t parts, int *axis,
                              firn_shape *sum, int64_t *n, firn_error *err) {
  firn_sparse s;
  *n = 0;
  for (size_t i = 0; i < parts; i++) {
    FIRN_TRY(firn_sparse_of(run->in[i], run->in[parts + i],
                            run->in[2 * parts + i], &s, err));
    *n += (int64_t)s.n;
    if (i == 0) {
      *sum = s.shape;
      FIRN_TRY(firn_axis(firn_attr_int_or(run->node, "concat_dim", 0), s.rank,
                         axis, err));
      continue;
    }
    bool fits = s.rank == sum->rank;
    for (int k = 0; fits && k < s.rank; k++)
      fits = k == *axis
                 ? firn_add_i64(sum->dims[k], s.shape.dims[k], &sum->dims[k])
                 : sum->dims[k] == s.shape.dims[k];
    char ts[256], ta[256];
    if (!fits)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "shapes[%zu] = %s does not fit to those before, %s, "
                       "along axis %d",
                       i, firn_shape_text(&s.shape, ta),
                       firn_shape_text(sum, ts), *axis);
  }
  return FIRN_OK;
}

/* The parts' rows behind each other, moved along the axis; where the value of
 * each lies. */
static firn_code gather_parts(const firn_run *run, size_t parts, int axis,
                              firn_tensor *indices, const void **values,
                              firn_error *err) {
  uint64_t offset = 0;
  size_t row = 0;
  for (size_t p = 0; p < parts; p++) {
    firn_sparse s;
    FIRN_TRY(firn_sparse_of(run->in[p], run->in[parts + p],
                            run->in[2 * parts + p], &s, err));
    for (size_t i = 0; i < s.n; i++, row++) {
      firn_sparse_copy_row(&s, i, indices, row);
      int64_t *at = (int64_t *)indices->data + row * (size_t)s.rank + axis;
      *at = (int64_t)((uint64_t)*at + offset);
      values[row] = value_at(s.values, i);
    }
    offset += (uint64_t)s.shape.dims[axis];
  }
  return FIRN_OK;
}

static firn_code put_sorted(const firn_run *run, const firn_sparse *all,
                            const void **from, firn_tensor *indices,
                            firn_tensor *values, firn_error *err) {
  int axes[FIRN_MAX_RANK];
  size_t *order;
  all_axes(axes);
  FIRN_TRY(firn_sparse_order(all, axes, all->rank, run->env, &order, err));
  firn_code code = FIRN_OK;
  for (size_t i = 0; code == FIRN_OK && i < all->n; i++) {
    firn_sparse_copy_row(all, order[i], indices, i);
    code =
        firn_copy(values->dtype, value_at(values, i), from[order[i]], 1, err);
  }
  firn_sparse_order_free(all, run->env, order);
  return code;
}

static firn_code drive_concat(const firn_run *run, firn_error *err) {
  const size_t parts = run->in_count / 3;
  firn_shape sum = {.rank = 0};
  firn_tensor *indices, *values, *unsorted = NULL;
  int64_t n;
  int axis = 0;
  FIRN_TRY(concat_shape(run, parts, &axis, &sum, &n, err));
  FIRN_TRY(firn_put_shape(run, 2, &sum, err));
  FIRN_TRY(firn_sparse_outputs(run, 0, 1, n, sum.rank, &indices, &values, err));
  const size_t bytes = (size_t)n * sizeof(void *) + 1;
  const void **from = firn_new(&run->env->alloc, bytes);
  if (!from) return firn_oom(err, bytes);
  firn_code code = firn_tensor_make(FIRN_INT64, &indices->shape,
                                    &run->env->alloc, &unsorted, err);
  if (code == FIRN_OK)
    code = gather_parts(run, parts, axis, unsorted, from, err);
  if (code == FIRN_OK) {
    const firn_sparse all = {
        .indices = unsorted, .n = (size_t)n, .rank = sum.rank, .shape = sum};
    code = put_sorted(run, &all, from, indices, values, err);
  }
  firn_tensor_release(unsorted);
  firn_delete(&run->env->alloc, from, bytes);
  return code;
}

/* ---- SparseSplit -------------------------------------------------------- */

static firn_code infer_split(firn_infer *q, firn_error *err) {
  const size_t parts = q->out_count / 3;
  int64_t rank;
  FIRN_TRY(firn_infer_rank(q, 0, 0, "split_dim", NULL, err));
  FIRN_TRY(firn_infer_sparse(q, 1, 2, 3, NULL, &rank, NULL, err));
  for (size_t i = 0; i < parts; i++) {
    q->out[i].shape = (firn_shape){.rank = 2, .dims = {FIRN_UNKNOWN_DIM, rank}};
    q->out[parts + i].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
    q->out[2 * parts + i].shape = firn_shape_vector(rank);
  }
  return FIRN_OK;
}

/* Extents are shared out evenly; the first ones get one more. */
static int64_t part_begin(int64_t extent, int64_t parts, int64_t i) {
  const int64_t rest = extent % parts;
  return extent / parts * i + (i < rest ? i : rest);
}

static firn_code put_part(const firn_run *run, const firn_sparse *s, int axis,
                          size_t i, firn_error *err) {
  const size_t parts = run->out_count / 3;
  const int64_t extent = s->shape.dims[axis];
  const int64_t begin = part_begin(extent, (int64_t)parts, (int64_t)i),
                end = part_begin(extent, (int64_t)parts, (int64_t)i + 1);
  firn_shape shape = s->shape;
  firn_tensor *indices, *values;
  size_t n = 0;
  for (size_t r = 0; r < s->n; r++) {
    const int64_t at = firn_sparse_at(s, r, axis);
    n += at >= begin && at < end;
  }
  shape.dims[axis] = end - begin;
  FIRN_TRY(firn_sparse_outputs(run, i, parts + i, (int64_t)n, s->rank, &indices,
                               &values, err));
  for (size_t r = 0, row = 0; row < n; r++) {
    const int64_t at = firn_sparse_at(s, r, axis);
    if (at < begin || at >= end) continue;
    firn_sparse_copy_row(s, r, indices, row);
    ((int64_t *)indices->data)[row * (size_t)s->rank + (size_t)axis] -= begin;
    FIRN_TRY(firn_copy(values->dtype, value_at(values, row++),
                       value_at(s->values, r), 1, err));
  }
  return firn_put_shape(run, 2 * parts + i, &shape, err);
}

static firn_code drive_split(const firn_run *run, firn_error *err) {
  const size_t parts = run->out_count / 3;
  firn_sparse s;
  int axis;
  FIRN_TRY(firn_sparse_of(run->in[1], run->in[2], run->in[3], &s, err));
  FIRN_TRY(firn_axis(firn_tensor_i64(run->in[0], 0), s.rank, &axis, err));
  if ((int64_t)parts > s.shape.dims[axis])
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "axis %d has %lld elements, fewer than num_split = %zu",
                     axis, (long long)s.shape.dims[axis], parts);
  FIRN_TRY(firn_sparse_check(&s, err));
  for (size_t i = 0; i < parts; i++) FIRN_TRY(put_part(run, &s, axis, i, err));
  return FIRN_OK;
}

/* ---- SparseSlice -------------------------------------------------------- */

static firn_code infer_slice(firn_infer *q, firn_error *err) {
  int64_t rank, all;
  FIRN_TRY(firn_infer_sparse(q, 0, 1, 2, NULL, &rank, NULL, err));
  for (size_t i = 3; i < 5; i++) {
    firn_shape vector;
    FIRN_TRY(firn_infer_rank(q, i, 1, i == 3 ? "start" : "size", &vector, err));
    if (!firn_dim_merge(rank, vector.dims[0], &all))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "%s has %lld elements, must have %lld",
                       i == 3 ? "start" : "size", (long long)vector.dims[0],
                       (long long)rank);
  }
  q->out[0].shape = (firn_shape){.rank = 2, .dims = {FIRN_UNKNOWN_DIM, rank}};
  q->out[1].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  q->out[2].shape = firn_shape_vector(rank);
  return FIRN_OK;
}

/* One axis of the box: [start, start + size) within [0, dim). */
typedef struct box {
  int64_t start[FIRN_MAX_RANK];
  firn_shape size;
} box;

static firn_code box_of(const firn_run *run, const firn_sparse *s, box *b,
                        firn_error *err) {
  b->size.rank = s->rank;
  for (int k = 0; k < s->rank; k++) {
    const int64_t start = firn_index(run->in[3], (size_t)k),
                  size = firn_index(run->in[4], (size_t)k);
    if (size < 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "size[%d] = %lld must not be negative", k,
                       (long long)size);
    const int64_t dim = s->shape.dims[k];
    b->start[k] = start;
    if (start >= dim)
      b->size.dims[k] = 0;
    else if (start < 0)
      b->size.dims[k] = size < dim ? size : dim;
    else
      b->size.dims[k] = size < dim - start ? size : dim - start;
  }
  return FIRN_OK;
}

static bool within(const firn_sparse *s, size_t i, const box *b) {
  for (int k = 0; k < s->rank; k++) {
    const int64_t at = firn_sparse_at(s, i, k);
    if (at < b->start[k] ||
        (uint64_t)at - (uint64_t)b->start[k] >= (uint64_t)b->size.dims[k])
      return false;
  }
  return true;
}

static firn_code drive_slice(const firn_run *run, firn_error *err) {
  firn_sparse s;
  firn_tensor *indices, *values;
  size_t n = 0;
  box b;
  FIRN_TRY(firn_sparse_of(run->in[0], run->in[1], run->in[2], &s, err));
  FIRN_TRY(box_of(run, &s, &b, err));
  for (size_t i = 0; i < s.n; i++) n += within(&s, i, &b);
  FIRN_TRY(firn_sparse_outputs(run, 0, 1, (int64_t)n, s.rank, &indices, &values,
                               err));
  for (size_t i = 0, row = 0; row < n; i++) {
    if (!within(&s, i, &b)) continue;
    firn_sparse_copy_row(&s, i, indices, row);
    int64_t *at = (int64_t *)indices->data + row * (size_t)s.rank;
    for (int k = 0; k < s.rank; k++) at[k] -= b.start[k];
    FIRN_TRY(firn_copy(values->dtype, value_at(values, row++),
                       value_at(s.values, i), 1, err));
  }
  return firn_put_shape(run, 2, &b.size, err);
}

static firn_code infer_slice_grad(firn_infer *q, firn_error *err) {
  firn_shape indices, picked, grad;
  int64_t n;
  FIRN_TRY(firn_infer_rank(q, 0, 1, "backprop_val_grad", &grad, err));
  FIRN_TRY(firn_infer_rank(q, 1, 2, "input_indices", &indices, err));
  FIRN_TRY(firn_infer_rank(q, 2, 1, "input_start", NULL, err));
  FIRN_TRY(firn_infer_rank(q, 3, 2, "output_indices", &picked, err));
  if (!firn_dim_merge(grad.dims[0], picked.dims[0], &n))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%lld gradients for %lld output_indices",
                     (long long)grad.dims[0], (long long)picked.dims[0]);
  if (!firn_dim_merge(indices.dims[1], picked.dims[1], &n))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "input_indices come by %lld, output_indices by %lld",
                     (long long)indices.dims[1], (long long)picked.dims[1]);
  q->out[0].shape = firn_shape_vector(indices.dims[0]);
  return FIRN_OK;
}

/* Both lists are in the same order: one walk along the longer one. */
static firn_code drive_slice_grad(const firn_run *run, firn_error *err) {
  const firn_tensor *grad = run->in[0], *from = run->in[1], *start = run->in[2],
                    *to = run->in[3];
  firn_tensor *out = run->out[0];
  const size_t rank = (size_t)from->shape.dims[1];
  size_t used = 0;
  if (start->count != rank)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "input_start has %zu elements, must have %zu",
                     start->count, rank);
  firn_fill_zero(out);
  for (size_t i = 0; i < out->count && used < grad->count; i++) {
    bool same = true;
    for (size_t k = 0; same && k < rank; k++)
      same = (uint64_t)firn_index(from, i * rank + k) ==
             (uint64_t)firn_index(to, used * rank + k) +
                 (uint64_t)firn_index(start, k);
    if (same)
      FIRN_TRY(firn_copy(out->dtype, value_at(out, i), value_at(grad, used++),
                         1, err));
  }
  if (used == grad->count) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "output_indices[%zu] is not among input_indices", used);
}

/* ---- SparseFillEmptyRows ------------------------------------------------ */

static firn_code infer_fill(firn_infer *q, firn_error *err) {
  firn_shape dense;
  int64_t n, rank;
  FIRN_TRY(firn_infer_sparse(q, 0, 1, 2, &n, &rank, &dense, err));
  FIRN_TRY(firn_infer_rank(q, 3, 0, "default_value", NULL, err));
  q->out[0].shape = (firn_shape){.rank = 2, .dims = {FIRN_UNKNOWN_DIM, rank}};
  q->out[1].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  q->out[2].shape =
      firn_shape_vector(dense.rank > 0 ? dense.dims[0] : FIRN_UNKNOWN_DIM);
  q->out[3].shape = firn_shape_vector(n);
  return FIRN_OK;
}

/* Where each row begins in the result: next[row], and how many there are. */
static int64_t row_starts(const firn_sparse *s, bool *empty, int64_t rows,
                          int64_t *next) {
  int64_t at = 0;
  for (size_t i = 0; i < s->n; i++) next[firn_sparse_at(s, i, 0)]++;
  for (int64_t r = 0; r < rows; r++) {
    const int64_t count = next[r];
    empty[r] = count == 0;
    next[r] = at;
    at += count ? count : 1;
  }
  return at;
}

static firn_code fill_rows(const firn_run *run, const firn_sparse *s,
                           int64_t *next, firn_error *err) {
  const int64_t rows = s->shape.dims[0];
  bool *empty = run->out[2]->data;
  firn_tensor *indices, *values;
  int64_t *reverse = run->out[3]->data;
  const int64_t n = row_starts(s, empty, rows, next);
  FIRN_TRY(firn_sparse_outputs(run, 0, 1, n, s->rank, &indices, &values, err));
  firn_fill_zero(indices);
  for (int64_t r = 0; r < rows; r++) {
    if (!empty[r]) continue;
    ((int64_t *)indices->data)[next[r] * s->rank] = r;
    FIRN_TRY(firn_copy(values->dtype, value_at(values, (size_t)next[r]),
                       run->in[3]->data, 1, err));
  }
  for (size_t i = 0; i < s->n; i++) {
    const int64_t to = reverse[i] = next[firn_sparse_at(s, i, 0)]++;
    firn_sparse_copy_row(s, i, indices, (size_t)to);
    FIRN_TRY(firn_copy(values->dtype, value_at(values, (size_t)to),
                       value_at(s->values, i), 1, err));
  }
  return FIRN_OK;
}

static firn_code drive_fill(const firn_run *run, firn_error *err) {
  firn_sparse s;
  FIRN_TRY(firn_sparse_of(run->in[0], run->in[1], run->in[2], &s, err));
  if (s.rank < 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "dense_shape must have at least 1 element");
  const firn_shape rows = firn_shape_vector(s.shape.dims[0]),
                   n = firn_shape_vector((int64_t)s.n);
  for (size_t i = 0; i < s.n; i++) {
    const int64_t row = firn_sparse_at(&s, i, 0);
    if (row < 0 || row >= s.shape.dims[0])
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "indices[%zu,0] = %lld is not in [0, %lld)", i,
                       (long long)row, (long long)s.shape.dims[0]);
  }
  FIRN_TRY(firn_run_output(run, 2, &rows, NULL, err));
  FIRN_TRY(firn_run_output(run, 3, &n, NULL, err));
  size_t bytes;
  if (!firn_mul_size((size_t)rows.dims[0], sizeof(int64_t), &bytes))
    return firn_oom(err, SIZE_MAX);
  int64_t *next = firn_new_zeroed(&run->env->alloc, bytes + 1);
  if (!next) return firn_oom(err, bytes);
  const firn_code code = fill_rows(run, &s, next, err);
  firn_delete(&run->env->alloc, next, bytes + 1);
  return code;
}

static firn_code infer_fill_grad(firn_infer *q, firn_error *err) {
  FIRN_TRY(
      firn_infer_rank(q, 0, 1, "reverse_index_map", &q->out[0].shape, err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "grad_values", NULL, err));
  q->out[1].shape = firn_shape_scalar();
  return FIRN_OK;
}

static firn_code fill_grad(const firn_run *run, bool *seen, firn_error *err) {
  const firn_tensor *map = run->in[0], *grad = run->in[1];
  firn_tensor *values = run->out[0], *rest = run->out[1];
  for (size_t i = 0; i < map->count; i++) {
    const int64_t at = firn_index(map, i);
    seen[at] = true;
    FIRN_TRY(firn_copy(values->dtype, value_at(values, i),
                       value_at(grad, (size_t)at), 1, err));
  }
  firn_fill_zero(rest);
  for (size_t i = 0; i < grad->count; i++)
    if (!seen[i])
      FIRN_TRY(firn_combine_run(FIRN_COMBINE_ADD, rest->dtype, rest->data,
                                value_at(grad, i), 1, 1, err));
  return FIRN_OK;
}

static firn_code drive_fill_grad(const firn_run *run, firn_error *err) {
  const size_t bytes = run->in[1]->count + 1;
  FIRN_TRY(firn_indices_check(run->in[0], (int64_t)run->in[1]->count,
                              "reverse_index_map", err));
  bool *seen = firn_new_zeroed(&run->env->alloc, bytes);
  if (!seen) return firn_oom(err, bytes);
  const firn_code code = fill_grad(run, seen, err);
  firn_delete(&run->env->alloc, seen, bytes);
  return code;
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(id)                        \
  static const firn_kernel id##_any[] = { \
      {.drive = drive_##id},              \
      {.drive = NULL},                    \
  };
#define NUMBER_KERNEL(id)                                    \
  static const firn_kernel id##_any[] = {                    \
      {.types = {{"T", FIRN_NUMBERS}}, .drive = drive_##id}, \
      {.drive = NULL},                                       \
  };

KERNEL(to_dense)
KERNEL(reshape)
KERNEL(reorder)
KERNEL(concat)
KERNEL(split)
KERNEL(slice)
NUMBER_KERNEL(slice_grad)
KERNEL(fill)
NUMBER_KERNEL(fill_grad)

static const firn_op ops[] = {
    {"SparseToDense", infer_to_dense, to_dense_any, 0},
    {"SparseReshape", infer_reshape, reshape_any, 0},
    {"SparseReorder", infer_reorder, reorder_any, 0},
    {"SparseConcat", infer_concat, concat_any, 0},
    {"SparseSplit", infer_split, split_any, 0},
    {"SparseSlice", infer_slice, slice_any, 0},
    {"SparseSliceGrad", infer_slice_grad, slice_grad_any, 0},
    {"SparseFillEmptyRows", infer_fill, fill_any, 0},
    {"SparseFillEmptyRowsGrad", infer_fill_grad, fill_grad_any, 0},
};

FIRN_OP_FAMILY(sparse_move, ops);
