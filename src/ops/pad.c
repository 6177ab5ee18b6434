/* ops/pad.c: a border around a tensor.
 *
 *   Pad, PadV2       of zeros, of one value
 *   MirrorPad        of what lies inside, mirrored
 *   MirrorPadGrad    the way back: what was mirrored is added where it came
 * from
 */
#include "ops/combine.h"
#include "ops/infer.h"
#include "ops/walk.h"

/* ---- What paddings say -------------------------------------------------- */

/* One axis: before and after, against the extent (-1: unknown). `most` is what
 * a border may be at the mirror: INT64_MAX without one. */
static firn_code pad_axis(int k, int64_t before, int64_t after, int64_t dim,
                          int64_t most, int64_t *out, firn_error *err) {
  *out = FIRN_UNKNOWN_DIM;
  const int64_t both[2] = {before, after};
  for (int i = 0; i < 2; i++)
    if (both[i] != FIRN_UNKNOWN_INT && (both[i] < 0 || both[i] > most))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "paddings[%d,%d] = %lld is not in [0, %lld]", k, i,
                       (long long)both[i], (long long)most);
  if (before == FIRN_UNKNOWN_INT || after == FIRN_UNKNOWN_INT || dim < 0)
    return FIRN_OK;
  if (!firn_add_i64(before, after, out) || !firn_add_i64(*out, dim, out))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "paddings[%d] are too large in sum", k);
  return FIRN_OK;
}

/* How far a mirror reaches: REFLECT leaves the border element out. Before the
 * extent is known anything goes. */
static firn_code mirror_of(const firn_node *node, bool *mirror, int64_t *offset,
                           firn_error *err) {
  const firn_str mode = firn_attr_str_or(node, "mode", "");
  *mirror = firn_str_is(node->type->name, "MirrorPad") ||
            firn_str_is(node->type->name, "MirrorPadGrad");
  *offset = firn_str_is(mode, "REFLECT");
  if (*mirror && !*offset && !firn_str_is(mode, "SYMMETRIC"))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "mode is '%.*s', not REFLECT or SYMMETRIC",
                     FIRN_ARG(mode));
  return FIRN_OK;
}

/* The rank that input 0 and the table of paddings agree about, or -1. */
static firn_code pad_rank(const firn_infer *q, int *out, firn_error *err) {
  firn_shape table;
  int64_t rank, two;
  FIRN_TRY(firn_infer_rank(q, 1, 2, "paddings", &table, err));
  if (!firn_dim_merge(q->in[0].shape.rank, table.dims[0], &rank) ||
      !firn_dim_merge(2, table.dims[1], &two)) {
    char text[256];
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT, "paddings must have shape [%d,2], has %s",
        q->in[0].shape.rank, firn_shape_text(&q->in[1].shape, text));
  }
  if (rank > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                     FIRN_MAX_RANK);
  *out = (int)rank;
  return FIRN_OK;
}

static firn_code infer_pad(firn_infer *q, firn_error *err) {
  const firn_shape *x = &q->in[0].shape;
  const int64_t *ints = NULL;
  int64_t offset;
  bool mirror;
  firn_shape out = {.rank = FIRN_UNKNOWN_RANK};
  FIRN_TRY(mirror_of(q->node, &mirror, &offset, err));
  FIRN_TRY(pad_rank(q, &out.rank, err));
  if (!mirror && q->in_count > 2)
    FIRN_TRY(firn_infer_rank(q, 2, 0, "constant_values", NULL, err));
  if (out.rank < 0) return FIRN_OK;
  firn_infer_ints(q, 1, &ints, NULL);
  for (int k = 0; k < out.rank; k++) {
    const int64_t dim = x->rank < 0 ? FIRN_UNKNOWN_DIM : x->dims[k];
    FIRN_TRY(pad_axis(k, ints ? ints[2 * k] : FIRN_UNKNOWN_INT,
                      ints ? ints[2 * k + 1] : FIRN_UNKNOWN_INT, dim,
                      mirror && dim >= 0 ? dim - offset : INT64_MAX,
                      &out.dims[k], err));
  }
  q->out[0].shape = out;
  return FIRN_OK;
}

/* ---- Borders of one value ----------------------------------------------- */

static firn_code drive_pad(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  firn_shape shape = x->shape;
  int64_t from[FIRN_MAX_RANK], to[FIRN_MAX_RANK], offset = 0;
  firn_tensor *out;
  firn_walk w = {0};
  for (int k = 0; k < shape.rank; k++)
    FIRN_TRY(pad_axis(k, firn_tensor_i64(run->in[1], 2 * (size_t)k),
                      firn_tensor_i64(run->in[1], 2 * (size_t)k + 1),
                      shape.dims[k], INT64_MAX, &shape.dims[k], err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  if (run->in_count > 2)
    FIRN_TRY(
        firn_fill(out->dtype, out->data, run->in[2]->data, out->count, err));
  else
    firn_fill_zero(out);
  if (x->count == 0) return FIRN_OK;
  firn_strides(&x->shape, from);
  firn_strides(&shape, to);
  for (int k = 0; k < shape.rank; k++) {
    offset += firn_tensor_i64(run->in[1], 2 * (size_t)k) * to[k];
    firn_walk_axis(&w, x->shape.dims[k], from[k], to[k]);
  }
  return firn_walk_run(&w, x->dtype, x->data,
                       firn_at(out->data, x->dtype, offset), run, err);
}

/* ---- Mirrors ------------------------------------------------------------ */

/* Copies the middle, then completes axis after axis from the last to the first:
 * when an axis' turn has come, all after it are whole. */
static firn_code mirror_axis(const firn_run *run, const firn_tensor *x,
                             firn_tensor *out, const int64_t *before, int axis,
                             int64_t offset, firn_error *err) {
  const firn_shape *s = &out->shape;
  int64_t stride[FIRN_MAX_RANK], start = 0;
  const int64_t dim = x->shape.dims[axis], lead = before[axis],
                trail = s->dims[axis] - lead - dim;
  firn_strides(s, stride);
  for (int k = 0; k < axis; k++) start += before[k] * stride[k];
  for (int side = 0; side < 2; side++) {
    firn_walk w = {0};
    for (int k = 0; k < axis; k++)
      firn_walk_axis(&w, x->shape.dims[k], stride[k], stride[k]);
    firn_walk_axis(&w, side ? trail : lead, -stride[axis], stride[axis]);
    firn_walk_axis(&w, stride[axis], 1, 1);
    const int64_t from = side ? lead + dim - 1 - offset : 2 * lead - 1 + offset;
    const int64_t to = side ? lead + dim : 0;
    FIRN_TRY(firn_walk_run(
        &w, x->dtype, firn_at(out->data, x->dtype, start + from * stride[axis]),
        firn_at(out->data, x->dtype, start + to * stride[axis]), run, err));
  }
  return FIRN_OK;
}

static firn_code drive_mirror(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  firn_shape shape = x->shape;
  int64_t from[FIRN_MAX_RANK], to[FIRN_MAX_RANK], before[FIRN_MAX_RANK] = {0};
  int64_t start = 0, offset;
  firn_tensor *out;
  firn_walk w = {0};
  bool mirror;
  FIRN_TRY(mirror_of(run->node, &mirror, &offset, err));
  for (int k = 0; k < shape.rank; k++) {
    before[k] = firn_tensor_i64(run->in[1], 2 * (size_t)k);
    FIRN_TRY(
        pad_axis(k, before[k], firn_tensor_i64(run->in[1], 2 * (size_t)k + 1),
                 shape.dims[k], shape.dims[k] - offset, &shape.dims[k], err));
  }
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  if (out->count == 0 || x->count == 0) return FIRN_OK;
  firn_strides(&x->shape, from);
  firn_strides(&shape, to);
  for (int k = 0; k < shape.rank; k++) {
    start += before[k] * to[k];
    firn_walk_axis(&w, x->shape.dims[k], from[k], to[k]);
  }
  FIRN_TRY(firn_walk_run(&w, x->dtype, x->data,
                         firn_at(out->data, x->dtype, start), run, err));
  for (int k = shape.rank - 1; k >= 0; k--)
    FIRN_TRY(mirror_axis(run, x, out, before, k, offset, err));
  return FIRN_OK;
}

/* ---- The gradient of a mirror ------------------------------------------- */

/* One axis: what it was before the padding. */
static firn_code unpad_axis(int k, int64_t before, int64_t after, int64_t dim,
                            int64_t offset, int64_t *out, firn_error *err) {
  int64_t padded;
  *out = FIRN_UNKNOWN_DIM;
  if (dim < 0 || before == FIRN_UNKNOWN_INT || after == FIRN_UNKNOWN_INT)
    return FIRN_OK;
  if (before >= 0 && after >= 0 && before <= dim && after <= dim - before)
    *out = dim - before - after;
  if (*out < 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "paddings[%d] = [%lld, %lld] do not fit %lld elements", k,
                     (long long)before, (long long)after, (long long)dim);
  return pad_axis(k, before, after, *out, *out - offset, &padded, err);
}

static firn_code infer_mirror_grad(firn_infer *q, firn_error *err) {
  const firn_shape *dy = &q->in[0].shape;
  const int64_t *ints = NULL;
  int64_t offset;
  bool mirror;
  firn_shape out = {.rank = FIRN_UNKNOWN_RANK};
  FIRN_TRY(mirror_of(q->node, &mirror, &offset, err));
  FIRN_TRY(pad_rank(q, &out.rank, err));
  if (out.rank < 0) return FIRN_OK;
  firn_infer_ints(q, 1, &ints, NULL);
  for (int k = 0; k < out.rank; k++)
    FIRN_TRY(unpad_axis(k, ints ? ints[2 * k] : FIRN_UNKNOWN_INT,
                        ints ? ints[2 * k + 1] : FIRN_UNKNOWN_INT,
                        dy->rank < 0 ? FIRN_UNKNOWN_DIM : dy->dims[k], offset,
                        &out.dims[k], err));
  q->out[0].shape = out;
  return FIRN_OK;
}

/* Adds both borders of an axis to what they mirror. */
static firn_code fold_axis(firn_tensor *dy, int axis, int64_t lead, int64_t dim,
                           int64_t offset, firn_error *err) {
  const firn_shape *s = &dy->shape;
  const int64_t outer = firn_shape_product(s, 0, axis),
                inner = firn_shape_product(s, axis + 1, s->rank),
                extent = s->dims[axis];
  for (int64_t i = 0; i < outer * extent; i++) {
    const int64_t place = i % extent;
    int64_t mirror;
    if (place < lead)
      mirror = 2 * lead - 1 + offset - place;
    else if (place >= lead + dim)
      mirror = 2 * (lead + dim) - 1 - offset - place;
    else
      continue;
    FIRN_TRY(firn_combine_run(
        FIRN_COMBINE_ADD, dy->dtype,
        firn_at(dy->data, dy->dtype, (i - place + mirror) * inner),
        firn_at(dy->data, dy->dtype, i * inner), (size_t)inner, 1, err));
  }
  return FIRN_OK;
}

/* Folds `dy` (a copy of the gradient) axis by axis, then cuts out the middle.
 */
static firn_code fold(const firn_run *run, firn_tensor *dy, int64_t offset,
                      firn_error *err) {
  firn_shape shape = dy->shape;
  int64_t before[FIRN_MAX_RANK] = {0}, from[FIRN_MAX_RANK], to[FIRN_MAX_RANK];
  int64_t start = 0;
  firn_tensor *out;
  firn_walk w = {0};
  for (int k = 0; k < shape.rank; k++) {
    before[k] = firn_tensor_i64(run->in[1], 2 * (size_t)k);
    FIRN_TRY(unpad_axis(k, before[k],
                        firn_tensor_i64(run->in[1], 2 * (size_t)k + 1),
                        shape.dims[k], offset, &shape.dims[k], err));
  }
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  if (out->count == 0) return FIRN_OK;
  firn_strides(&dy->shape, from);
  firn_strides(&shape, to);
  for (int k = 0; k < shape.rank; k++) {
    FIRN_TRY(fold_axis(dy, k, before[k], shape.dims[k], offset, err));
    start += before[k] * from[k];
    firn_walk_axis(&w, shape.dims[k], from[k], to[k]);
  }
  return firn_walk_run(&w, dy->dtype, firn_at(dy->data, dy->dtype, start),
                       out->data, run, err);
}

static firn_code drive_mirror_grad(const firn_run *run, firn_error *err) {
  firn_tensor *dy = NULL;
  int64_t offset;
  bool mirror;
  FIRN_TRY(mirror_of(run->node, &mirror, &offset, err));
  FIRN_TRY(firn_tensor_copy(run->in[0], &run->env->alloc, &dy, err));
  const firn_code code = fold(run, dy, offset, err);
  firn_tensor_release(dy);
  return code;
}

/* ---- The family --------------------------------------------------------- */

static const firn_kernel pad[] = {
    {.drive = drive_pad, .unaligned = 1},
    {.drive = NULL},
};
static const firn_kernel mirror_pad[] = {
    {.drive = drive_mirror, .unaligned = 1},
    {.drive = NULL},
};

static const firn_kernel mirror_pad_grad[] = {
    {.types = {{"T", FIRN_NUMBERS}}, .drive = drive_mirror_grad},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"Pad", infer_pad, pad, 0},
    {"PadV2", infer_pad, pad, 0},
    {"MirrorPad", infer_pad, mirror_pad, 0},
    {"MirrorPadGrad", infer_mirror_grad, mirror_pad_grad, 0},
};

FIRN_OP_FAMILY(pad, ops);
