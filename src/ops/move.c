/* ops/move.c: elements in another order, or several times over.
 *
 *   Transpose, ConjugateTranspose   axes in another order
 *   Tile, BroadcastTo               repeated along axes
 *   Reverse, ReverseV2              backwards along axes
 *   ReverseSequence                 the first elements of each row backwards
 *   Roll                            shifted along axes, what falls off comes in
 */
#include "ops/infer.h"
#include "ops/walk.h"

/* ---- Transpose ---------------------------------------------------------- */

/* Refuses a permutation that is none; unknown entries pass. */
static firn_code check_permutation(const int64_t *perm, int rank,
                                   firn_error *err) {
  uint32_t seen = 0;
  for (int k = 0; k < rank; k++) {
    const int64_t axis = perm[k] < 0 ? perm[k] + rank : perm[k];
    if (perm[k] == FIRN_UNKNOWN_INT) continue;
    if (axis < 0 || axis >= rank)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "perm[%d] = %lld is not in [%d, %d)", k,
                       (long long)perm[k], -rank, rank);
    if (seen >> axis & 1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "perm has axis %lld twice",
                       (long long)axis);
    seen |= 1u << axis;
  }
  return FIRN_OK;
}

static firn_code infer_transpose(firn_infer *q, firn_error *err) {
  const firn_shape *x = &q->in[0].shape;
  const int64_t *perm = NULL;
  firn_shape vector;
  int64_t rank;
  FIRN_TRY(firn_infer_rank(q, 1, 1, "perm", &vector, err));
  if (!firn_dim_merge(x->rank, vector.dims[0], &rank))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "perm has %lld elements, x has %d axes",
                     (long long)vector.dims[0], x->rank);
  if (rank < 0) return FIRN_OK;
  if (rank > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                     FIRN_MAX_RANK);
  firn_infer_ints(q, 1, &perm, NULL);
  firn_shape out = {.rank = (int)rank};
  if (perm) FIRN_TRY(check_permutation(perm, out.rank, err));
  for (int k = 0; k < out.rank; k++) {
    out.dims[k] = FIRN_UNKNOWN_DIM;
    if (perm && perm[k] != FIRN_UNKNOWN_INT && x->rank >= 0)
      out.dims[k] = x->dims[perm[k] < 0 ? perm[k] + rank : perm[k]];
  }
  q->out[0].shape = out;
  return FIRN_OK;
}

static firn_code drive_transpose(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  const int rank = x->shape.rank;
  int64_t perm[FIRN_MAX_RANK] = {0}, from[FIRN_MAX_RANK], to[FIRN_MAX_RANK];
  firn_shape shape = {.rank = rank};
  firn_tensor *out;
  firn_walk w = {0};
  for (int k = 0; k < rank; k++)
    perm[k] = firn_tensor_i64(run->in[1], (size_t)k);
  FIRN_TRY(check_permutation(perm, rank, err));
  for (int k = 0; k < rank; k++) {
    if (perm[k] < 0) perm[k] += rank;
    shape.dims[k] = x->shape.dims[perm[k]];
  }
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  firn_strides(&x->shape, from);
  firn_strides(&shape, to);
  for (int k = 0; k < rank; k++)
    firn_walk_axis(&w, shape.dims[k], from[perm[k]], to[k]);
  return firn_walk_run(&w, x->dtype, x->data, out->data, run, err);
}

static firn_code drive_conjugate(const firn_run *run, firn_error *err) {
  FIRN_TRY(drive_transpose(run, err));
  firn_tensor *out = run->out[0];
  float *single = out->data;
  double *twice = out->data;
  for (size_t i = 0; i < out->count; i++)
    if (out->dtype == FIRN_COMPLEX64)
      single[2 * i + 1] = -single[2 * i + 1];
    else
      twice[2 * i + 1] = -twice[2 * i + 1];
  return FIRN_OK;
}

/* ---- Tile --------------------------------------------------------------- */

static firn_code tile_dim(int k, int64_t dim, int64_t times, int64_t *out,
                          firn_error *err) {
  *out = FIRN_UNKNOWN_DIM;
  if (times == FIRN_UNKNOWN_INT) return FIRN_OK;
  if (times < 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "multiples[%d] = %lld must not be negative", k,
                     (long long)times);
  if (dim < 0 && times) return FIRN_OK;
  if (dim < 0) dim = 0;
  if (!firn_mul_i64(dim, times, out))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "multiples[%d] = %lld is too large", k, (long long)times);
  return FIRN_OK;
}

static firn_code infer_tile(firn_infer *q, firn_error *err) {
  const firn_shape *x = &q->in[0].shape;
  const int64_t *times = NULL;
  firn_shape vector;
  int64_t rank;
  FIRN_TRY(firn_infer_rank(q, 1, 1, "multiples", &vector, err));
  if (!firn_dim_merge(x->rank, vector.dims[0], &rank))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "multiples has %lld elements, input has %d axes",
                     (long long)vector.dims[0], x->rank);
  if (rank < 0) return FIRN_OK;
  if (rank > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                     FIRN_MAX_RANK);
  firn_infer_ints(q, 1, &times, NULL);
  firn_shape out = {.rank = (int)rank};
  for (int k = 0; k < out.rank; k++)
    FIRN_TRY(tile_dim(k, x->rank < 0 ? FIRN_UNKNOWN_DIM : x->dims[k],
                      times ? times[k] : FIRN_UNKNOWN_INT, &out.dims[k], err));
  q->out[0].shape = out;
  return FIRN_OK;
}

static firn_code drive_tile(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  firn_shape shape = x->shape;
  int64_t from[FIRN_MAX_RANK], to[FIRN_MAX_RANK];
  firn_tensor *out;
  firn_walk w = {0};
  for (int k = 0; k < shape.rank; k++)
    FIRN_TRY(tile_dim(k, x->shape.dims[k],
                      firn_tensor_i64(run->in[1], (size_t)k), &shape.dims[k],
                      err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  if (out->count == 0) return FIRN_OK;
  firn_strides(&x->shape, from);
  firn_strides(&shape, to);
  for (int k = 0; k < shape.rank; k++) {
    const int64_t dim = x->shape.dims[k];
    firn_walk_axis(&w, shape.dims[k] / dim, 0, to[k] * dim);
    firn_walk_axis(&w, dim, from[k], to[k]);
  }
  return firn_walk_run(&w, x->dtype, x->data, out->data, run, err);
}

/* ---- BroadcastTo -------------------------------------------------------- */

static firn_code cannot_broadcast(const firn_shape *from, const firn_shape *to,
                                  firn_error *err) {
  char tf[256], tt[256];
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "shape %s does not broadcast to %s",
                   firn_shape_text(from, tf), firn_shape_text(to, tt));
}

static firn_code infer_broadcast_to(firn_infer *q, firn_error *err) {
  const firn_shape *x = &q->in[0].shape;
  firn_shape shape;
  FIRN_TRY(firn_infer_shape_of_value(q, 1, &shape, err));
  q->out[0].shape = shape;
  if (x->rank < 0 || shape.rank < 0) return FIRN_OK;
  if (x->rank > shape.rank) return cannot_broadcast(x, &shape, err);
  for (int k = 0; k < x->rank; k++) {
    const int at = k + shape.rank - x->rank;
    if (x->dims[k] > 1 && shape.dims[at] >= 0 && shape.dims[at] != x->dims[k])
      return cannot_broadcast(x, &shape, err);
  }
  return FIRN_OK;
}

static firn_code drive_broadcast_to(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0], *dims = run->in[1];
  firn_shape shape = {.rank = (int)dims->count};
  int64_t from[FIRN_MAX_RANK], to[FIRN_MAX_RANK];
  firn_tensor *out;
  firn_walk w = {0};
  for (int k = 0; k < shape.rank; k++) {
    shape.dims[k] = firn_tensor_i64(dims, (size_t)k);
    if (shape.dims[k] < 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "shape[%d] = %lld must not be negative", k,
                       (long long)shape.dims[k]);
  }
  const int more = shape.rank - x->shape.rank;
  if (more < 0) return cannot_broadcast(&x->shape, &shape, err);
  for (int k = 0; k < x->shape.rank; k++)
    if (x->shape.dims[k] != 1 && x->shape.dims[k] != shape.dims[k + more])
      return cannot_broadcast(&x->shape, &shape, err);
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  if (out->count == 0) return FIRN_OK;
  firn_strides(&x->shape, from);
  firn_strides(&shape, to);
  for (int k = 0; k < shape.rank; k++)
    firn_walk_axis(
        &w, shape.dims[k],
        k < more || x->shape.dims[k - more] == 1 ? 0 : from[k - more], to[k]);
  return firn_walk_run(&w, x->dtype, x->data, out->data, run, err);
}

/* ---- Reverse ------------------------------------------------------------ */

static firn_code infer_reverse(firn_infer *q, firn_error *err) {
  firn_shape dims;
  FIRN_TRY(firn_infer_rank(q, 1, 1, "dims", &dims, err));
  const int rank = q->in[0].shape.rank;
  if (rank >= 0 && dims.dims[0] >= 0 && dims.dims[0] != rank)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "dims has %lld elements, tensor has %d axes",
                     (long long)dims.dims[0], rank);
  q->out[0].shape = q->in[0].shape;
  return FIRN_OK;
}

/* Marks the axes that `axis` names, once each. */
static firn_code mark_axes(const int64_t *axes, int64_t count, int rank,
                           bool *marks, firn_error *err) {
  for (int64_t i = 0; i < count; i++) {
    int axis;
    if (axes[i] == FIRN_UNKNOWN_INT) continue;
    FIRN_TRY(firn_axis(axes[i], rank, &axis, err));
    if (marks[axis])
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "axis %d comes twice", axis);
    marks[axis] = true;
  }
  return FIRN_OK;
}

static firn_code infer_reverse_v2(firn_infer *q, firn_error *err) {
  const int64_t *axes = NULL;
  int64_t count = -1;
  bool marks[FIRN_MAX_RANK] = {false};
  FIRN_TRY(firn_infer_rank(q, 1, 1, "axis", NULL, err));
  q->out[0].shape = q->in[0].shape;
  firn_infer_ints(q, 1, &axes, &count);
  if (!axes || q->in[0].shape.rank < 0) return FIRN_OK;
  FIRN_TRY(mark_axes(axes, count, q->in[0].shape.rank, marks, err));
  const int64_t *ints = NULL;
  int64_t n = -1, turned[FIRN_MAX_INTS];
  firn_infer_ints(q, 0, &ints, &n);
  if (!ints || !marks[0] || q->in[0].shape.rank != 1 || n > FIRN_MAX_INTS)
    return FIRN_OK;
  for (int64_t i = 0; i < n; i++) turned[i] = ints[n - 1 - i];
  firn_infer_set_ints(q, 0, turned, (size_t)n);
  return FIRN_OK;
}

static firn_code backwards(const firn_run *run, const bool *marks,
                           firn_error *err) {
  const firn_tensor *x = run->in[0];
  firn_tensor *out;
  int64_t strides[FIRN_MAX_RANK], offset = 0;
  firn_walk w = {0};
  FIRN_TRY(firn_run_output(run, 0, &x->shape, &out, err));
  if (x->count == 0) return FIRN_OK;
  firn_strides(&x->shape, strides);
  for (int k = 0; k < x->shape.rank; k++) {
    const int64_t dim = x->shape.dims[k];
    if (marks[k]) offset += (dim - 1) * strides[k];
    firn_walk_axis(&w, dim, marks[k] ? -strides[k] : strides[k], strides[k]);
  }
  return firn_walk_run(&w, x->dtype, firn_at(x->data, x->dtype, offset),
                       out->data, run, err);
}

static firn_code drive_reverse(const firn_run *run, firn_error *err) {
  return backwards(run, run->in[1]->data, err);
}

static firn_code drive_reverse_v2(const firn_run *run, firn_error *err) {
  const firn_tensor *axes = run->in[1];
  bool marks[FIRN_MAX_RANK] = {false};
  for (size_t i = 0; i < axes->count; i++) {
    const int64_t axis = firn_tensor_i64(axes, i);
    FIRN_TRY(mark_axes(&axis, 1, run->in[0]->shape.rank, marks, err));
  }
  return backwards(run, marks, err);
}

/* ---- ReverseSequence ---------------------------------------------------- */

static firn_code infer_reverse_sequence(firn_infer *q, firn_error *err) {
  const firn_shape *x = &q->in[0].shape;
  firn_shape lengths;
  int seq, batch;
  FIRN_TRY(firn_infer_rank(q, 1, 1, "seq_lengths", &lengths, err));
  q->out[0].shape = *x;
  if (x->rank < 0) return FIRN_OK;
  const int64_t seq_dim = firn_attr_int_or(q->node, "seq_dim", 0);
  const int64_t batch_dim = firn_attr_int_or(q->node, "batch_dim", 0);
  if (seq_dim < 0 || batch_dim < 0 || seq_dim == batch_dim)
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT,
        "attrs 'seq_dim' = %lld and 'batch_dim' = %lld must be two "
        "axes",
        (long long)seq_dim, (long long)batch_dim);
  FIRN_TRY(firn_axis(seq_dim, x->rank, &seq, err));
  FIRN_TRY(firn_axis(batch_dim, x->rank, &batch, err));
  if (!firn_dim_merge(x->dims[batch], lengths.dims[0],
                      &q->out[0].shape.dims[batch]))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "seq_lengths has %lld elements, axis %d of input %lld",
                     (long long)lengths.dims[0], batch,
                     (long long)x->dims[batch]);
  return FIRN_OK;
}

/* The walk of one row of the batch, along all axes but batch and sequence. */
static firn_code reverse_row(const firn_run *run, int seq, int batch,
                             int64_t row, int64_t length, firn_error *err) {
  const firn_tensor *x = run->in[0];
  const firn_shape *s = &x->shape;
  int64_t strides[FIRN_MAX_RANK];
  firn_strides(s, strides);
  const int64_t start = row * strides[batch];
  for (int part = 0; part < 2; part++) {
    firn_walk w = {0};
    for (int k = 0; k < s->rank; k++) {
      if (k == batch) continue;
      if (k != seq)
        firn_walk_axis(&w, s->dims[k], strides[k], strides[k]);
      else if (part == 0)
        firn_walk_axis(&w, length, -strides[k], strides[k]);
      else
        firn_walk_axis(&w, s->dims[k] - length, strides[k], strides[k]);
    }
    const int64_t from = part ? length : length - 1, to = part ? length : 0;
    FIRN_TRY(firn_walk_run(
        &w, x->dtype, firn_at(x->data, x->dtype, start + from * strides[seq]),
        firn_at(run->out[0]->data, x->dtype, start + to * strides[seq]), run,
        err));
  }
  return FIRN_OK;
}

static firn_code drive_reverse_sequence(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0], *lengths = run->in[1];
  const int seq = (int)firn_attr_int_or(run->node, "seq_dim", 0);
  const int batch = (int)firn_attr_int_or(run->node, "batch_dim", 0);
  FIRN_TRY(firn_run_output(run, 0, &x->shape, NULL, err));
  for (size_t i = 0; i < lengths->count; i++) {
    const int64_t length = firn_tensor_i64(lengths, i);
    if (length < 0 || length > x->shape.dims[seq])
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "seq_lengths[%zu] = %lld is not in [0, %lld]", i,
                       (long long)length, (long long)x->shape.dims[seq]);
  }
  for (size_t i = 0; x->count && i < lengths->count; i++)
    FIRN_TRY(reverse_row(run, seq, batch, (int64_t)i,
                         firn_tensor_i64(lengths, i), err));
  return FIRN_OK;
}

/* ---- Roll --------------------------------------------------------------- */

static firn_code infer_roll(firn_infer *q, firn_error *err) {
  const firn_shape *shift = &q->in[1].shape, *axis = &q->in[2].shape;
  firn_shape both;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "input", err));
  if (shift->rank > 1 || axis->rank > 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "shift and axis must be scalars or vectors");
  const firn_code code = firn_shape_merge(shift, axis, &both, err);
  if (code != FIRN_OK) return firn_while(err, code, "shift and axis");
  q->out[0].shape = q->in[0].shape;
  return FIRN_OK;
}

/* Each axis is two pieces that change places: 2^rank boxes would be many, so
 * each piece of the outermost shifted axes is a recursion, and the boxes
 * without a shifted axis are walks. */
static firn_code roll_box(const firn_run *run, const int64_t *shifts, int axis,
                          const firn_walk *outer, int64_t from, int64_t to,
                          firn_error *err) {
  const firn_tensor *x = run->in[0];
  const firn_shape *s = &x->shape;
  firn_walk w = *outer;
  for (; axis < s->rank; axis++) {
    const int64_t stride = firn_shape_product(s, axis + 1, s->rank),
                  dim = s->dims[axis], shift = shifts[axis];
    if (shift == 0) {
      firn_walk_axis(&w, dim, stride, stride);
      continue;
    }
    firn_walk first = w, second = w;
    firn_walk_axis(&first, dim - shift, stride, stride);
    firn_walk_axis(&second, shift, stride, stride);
    FIRN_TRY(roll_box(run, shifts, axis + 1, &first, from, to + shift * stride,
                      err));
    return roll_box(run, shifts, axis + 1, &second,
                    from + (dim - shift) * stride, to, err);
  }
  return firn_walk_run(&w, x->dtype, firn_at(x->data, x->dtype, from),
                       firn_at(run->out[0]->data, x->dtype, to), run, err);
}

static firn_code drive_roll(const firn_run *run, firn_error *err) {
  const firn_shape *s = &run->in[0]->shape;
  int64_t shifts[FIRN_MAX_RANK] = {0};
  const firn_walk all = {0};
  FIRN_TRY(firn_run_output(run, 0, s, NULL, err));
  for (size_t i = 0; i < run->in[2]->count; i++) {
    int axis;
    FIRN_TRY(firn_axis(firn_tensor_i64(run->in[2], i), s->rank, &axis, err));
    const int64_t dim = s->dims[axis];
    if (dim == 0) continue;
    const int64_t shift = firn_tensor_i64(run->in[1], i) % dim;
    shifts[axis] = (shifts[axis] + shift + dim) % dim;
  }
  if (run->in[0]->count == 0) return FIRN_OK;
  return roll_box(run, shifts, 0, &all, 0, 0, err);
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(id)                           \
  static const firn_kernel id[] = {          \
      {.drive = drive_##id, .unaligned = 1}, \
      {.drive = NULL},                       \
  };

KERNEL(transpose)
KERNEL(tile)
KERNEL(broadcast_to)
KERNEL(reverse)
KERNEL(reverse_v2)
KERNEL(reverse_sequence)
KERNEL(roll)

static const firn_kernel conjugate_transpose[] = {
    {.types = {{"T", FIRN_COMPLEXES}}, .drive = drive_conjugate},
    {.types = {{"T", FIRN_ANY}}, .drive = drive_transpose, .unaligned = 1},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"Transpose", infer_transpose, transpose, 0},
    {"ConjugateTranspose", infer_transpose, conjugate_transpose, 0},
    {"Tile", infer_tile, tile, 0},
    {"BroadcastTo", infer_broadcast_to, broadcast_to, 0},
    {"Reverse", infer_reverse, reverse, 0},
    {"ReverseV2", infer_reverse_v2, reverse_v2, 0},
    {"ReverseSequence", infer_reverse_sequence, reverse_sequence, 0},
    {"Roll", infer_roll, roll, 0},
};

FIRN_OP_FAMILY(move, ops);
