/* ops/slice.c: parts of a tensor, cut out and put back.
 *
 *   Slice, StridedSlice          y = x[spec]
 *   StridedSliceGrad             y = 0 everywhere, y[spec] = dy
 *   TensorStridedSliceUpdate     y = x, y[spec] = value
 *   (Resource)StridedSliceAssign the same to a variable
 */
#include "ops/infer.h"
#include "ops/slice_spec.h"
#include "ops/store.h"
#include "ops/walk.h"

/* ---- Slice -------------------------------------------------------------- */

/* begin[k] and size[k] of one axis against its extent; any may be unknown (an
 * extent -1). *out is the resulting extent. */
static firn_code slice_axis(int k, int64_t begin, int64_t size, int64_t extent,
                            int64_t *out, firn_error *err) {
  *out = FIRN_UNKNOWN_DIM;
  if (begin != FIRN_UNKNOWN_INT &&
      (begin < 0 || (extent >= 0 && begin > extent)))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "begin[%d] = %lld is not in [0, %lld]", k,
                     (long long)begin, (long long)extent);
  if (size == FIRN_UNKNOWN_INT) return FIRN_OK;
  if (size < -1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "size[%d] = %lld must be -1 or more", k, (long long)size);
  if (size == -1) {
    if (begin != FIRN_UNKNOWN_INT && extent >= 0) *out = extent - begin;
    return FIRN_OK;
  }
  if (extent >= 0 && size > extent - (begin == FIRN_UNKNOWN_INT ? 0 : begin))
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT,
        "size[%d] = %lld is more than the %lld from begin on", k,
        (long long)size,
        (long long)(extent - (begin == FIRN_UNKNOWN_INT ? 0 : begin)));
  *out = size;
  return FIRN_OK;
}

/* The rank that input x and the vectors begin and size agree about, or -1. */
static firn_code slice_rank(const firn_infer *q, int64_t *out,
                            firn_error *err) {
  int64_t rank = q->in[0].shape.rank;
  for (size_t i = 1; i <= 2; i++) {
    firn_shape vector;
    const char *what = i == 1 ? "begin" : "size";
    FIRN_TRY(firn_infer_rank(q, i, 1, what, &vector, err));
    if (!firn_dim_merge(rank, vector.dims[0], &rank))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "%s has %lld elements, must have %lld", what,
                       (long long)vector.dims[0], (long long)rank);
  }
  if (rank > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                     FIRN_MAX_RANK);
  *out = rank;
  return FIRN_OK;
}

static firn_code infer_slice(firn_infer *q, firn_error *err) {
  const firn_shape *x = &q->in[0].shape;
  const int64_t *begin = NULL, *size = NULL, *ints = NULL;
  int64_t rank = -1, count;
  FIRN_TRY(slice_rank(q, &rank, err));
  if (rank < 0) return FIRN_OK;
  firn_infer_ints(q, 1, &begin, NULL);
  firn_infer_ints(q, 2, &size, NULL);
  firn_shape out = {.rank = (int)rank};
  for (int k = 0; k < out.rank; k++)
    FIRN_TRY(slice_axis(k, begin ? begin[k] : FIRN_UNKNOWN_INT,
                        size ? size[k] : FIRN_UNKNOWN_INT,
                        x->rank < 0 ? FIRN_UNKNOWN_DIM : x->dims[k],
                        &out.dims[k], err));
  q->out[0].shape = out;
  firn_infer_ints(q, 0, &ints, &count);
  if (rank == 1 && ints && begin && begin[0] != FIRN_UNKNOWN_INT &&
      out.dims[0] >= 0)
    firn_infer_set_ints(q, 0, ints + begin[0], (size_t)out.dims[0]);
  return FIRN_OK;
}

static firn_code drive_slice(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  firn_shape shape = x->shape;
  firn_tensor *out;
  firn_walk w = {0};
  int64_t from[FIRN_MAX_RANK], to[FIRN_MAX_RANK], offset = 0;
  for (int k = 0; k < shape.rank; k++)
    FIRN_TRY(slice_axis(k, firn_tensor_i64(run->in[1], (size_t)k),
                        firn_tensor_i64(run->in[2], (size_t)k),
                        x->shape.dims[k], &shape.dims[k], err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  if (out->count == 0) return FIRN_OK;
  firn_strides(&x->shape, from);
  firn_strides(&shape, to);
  for (int k = 0; k < shape.rank; k++) {
    offset += firn_tensor_i64(run->in[1], (size_t)k) * from[k];
    firn_walk_axis(&w, shape.dims[k], from[k], to[k]);
  }
  return firn_walk_run(&w, x->dtype, firn_at(x->data, x->dtype, offset),
                       out->data, run, err);
}

/* ---- Strided slices: what their inputs say ------------------------------ */

/* Fills in what inputs `first` (begin), first + 1 (end) and first + 2 (strides)
 * say; args->count is -1 when not even their length is known. */
static firn_code args_of(const firn_infer *q, size_t first, firn_cut_args *args,
                         firn_error *err) {
  static const char *const names[] = {"begin", "end", "strides"};
  const int64_t **ints[] = {&args->begin, &args->end, &args->strides};
  *args = (firn_cut_args){.node = q->node, .count = -1};
  for (size_t i = 0; i < 3; i++) {
    firn_shape vector;
    FIRN_TRY(firn_infer_rank(q, first + i, 1, names[i], &vector, err));
    firn_infer_ints(q, first + i, ints[i], NULL);
    if (!firn_dim_merge(args->count, vector.dims[0], &args->count))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "%s has %lld elements, begin has %lld", names[i],
                       (long long)vector.dims[0], (long long)args->count);
  }
  return FIRN_OK;
}

static firn_code infer_strided_slice(firn_infer *q, firn_error *err) {
  const firn_shape *x = &q->in[0].shape;
  const int64_t *ints = NULL;
  int64_t count, some[FIRN_MAX_INTS];
  firn_cut_args args;
  firn_cut s;
  FIRN_TRY(args_of(q, 1, &args, err));
  if (args.count < 0 || x->rank < 0) return FIRN_OK;
  FIRN_TRY(firn_cut_resolve(&args, x, &s, err));
  q->out[0].shape = s.shape;
  firn_infer_ints(q, 0, &ints, &count);
  const firn_cut_axis *a = &s.axes[0];
  if (!ints || x->rank != 1 || s.shape.rank > 1 || a->size < 0 ||
      a->begin == FIRN_UNKNOWN_INT || a->stride == FIRN_UNKNOWN_INT ||
      a->size > FIRN_MAX_INTS)
    return FIRN_OK;
  for (int64_t i = 0; i < a->size; i++)
    some[i] = ints[a->begin + (i ? i * a->stride : 0)];
  firn_infer_set_ints(q, 0, some, (size_t)a->size);
  return FIRN_OK;
}

/* The same of a run, where everything is known. */
static firn_code resolve(const firn_run *run, size_t first,
                         const firn_shape *of, firn_cut *out, firn_error *err) {
  enum { MOST = 64 };
  int64_t ints[3][MOST];
  const firn_cut_args args = {run->node, (int64_t)run->in[first]->count,
                              ints[0], ints[1], ints[2]};
  for (size_t i = 0; i < 3; i++) {
    const firn_tensor *t = run->in[first + i];
    if (t->count != (size_t)args.count || t->count > MOST)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "begin, end and strides must have as many elements as "
                       "each other, at most %d",
                       MOST);
    for (size_t k = 0; k < t->count; k++) ints[i][k] = firn_tensor_i64(t, k);
  }
  return firn_cut_resolve(&args, of, out, err);
}

/* A walk over the box that is cut out of x: the strides of x times the slice's
 * on one side, those in `other` on the other. *offset is where in x it begins.
 */
static firn_walk walk_of(const firn_cut *s, const firn_shape *x,
                         const int64_t *other, bool back, int64_t *offset) {
  int64_t strides[FIRN_MAX_RANK];
  firn_walk w = {0};
  *offset = 0;
  for (int k = 0; k < s->rank; k++)
    if (s->box.dims[k] == 0) w.empty = true;
  if (w.empty) return w;
  firn_strides(x, strides);
  for (int k = 0; k < s->rank; k++) {
    const firn_cut_axis *a = &s->axes[k];
    const int64_t step = a->size > 1 ? a->stride * strides[k] : 0;
    *offset += a->begin * strides[k];
    firn_walk_axis(&w, a->size, back ? other[k] : step, back ? step : other[k]);
  }
  return w;
}

static firn_code drive_strided_slice(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  firn_tensor *out;
  firn_cut s;
  int64_t offset, dense[FIRN_MAX_RANK];
  FIRN_TRY(resolve(run, 1, &x->shape, &s, err));
  FIRN_TRY(firn_run_output(run, 0, &s.shape, &out, err));
  firn_strides(&s.box, dense);
  const firn_walk w = walk_of(&s, &x->shape, dense, false, &offset);
  return firn_walk_run(&w, x->dtype, firn_at(x->data, x->dtype, offset),
                       out->data, run, err);
}

/* ---- Putting back ------------------------------------------------------- */

/* x[slice] = value, which is broadcast to the slice. */
static firn_code put_slice(const firn_run *run, const firn_cut *s,
                           firn_tensor *x, const firn_tensor *value,
                           firn_error *err) {
  firn_shape v = value->shape;
  int64_t offset, strides[FIRN_MAX_RANK], spread[FIRN_MAX_RANK] = {0};
  firn_shape both;
  char tv[256], ts[256];
  while (v.rank > s->shape.rank && v.dims[0] == 1) {
    v.rank--;
    memmove(v.dims, v.dims + 1, (size_t)v.rank * sizeof v.dims[0]);
  }
  if (firn_shape_broadcast(&v, &s->shape, &both, NULL) != FIRN_OK ||
      !firn_shape_equal(&both, &s->shape))
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT, "the value has shape %s, the slice %s",
        firn_shape_text(&value->shape, tv), firn_shape_text(&s->shape, ts));
  firn_strides(&v, strides);
  for (int k = 0; k < s->rank; k++) {
    const int axis = s->place[k] - (s->shape.rank - v.rank);
    if (s->place[k] >= 0 && axis >= 0 && v.dims[axis] != 1)
      spread[k] = strides[axis];
  }
  const firn_walk w = walk_of(s, &x->shape, spread, true, &offset);
  return firn_walk_run(&w, x->dtype, value->data,
                       firn_at(x->data, x->dtype, offset), run, err);
}

static firn_code infer_grad(firn_infer *q, firn_error *err) {
  firn_cut_args args;
  FIRN_TRY(args_of(q, 1, &args, err));
  return firn_infer_shape_of_value(q, 0, &q->out[0].shape, err);
}

static firn_code shape_of_values(const firn_tensor *t, firn_shape *out,
                                 firn_error *err) {
  if (t->shape.rank != 1 || t->count > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "shape must be a vector of at most %d extents",
                     FIRN_MAX_RANK);
  *out = (firn_shape){.rank = (int)t->count};
  for (size_t k = 0; k < t->count; k++) {
    out->dims[k] = firn_tensor_i64(t, k);
    if (out->dims[k] < 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "shape[%zu] = %lld must not be negative", k,
                       (long long)out->dims[k]);
  }
  return FIRN_OK;
}

static firn_code drive_grad(const firn_run *run, firn_error *err) {
  firn_shape shape;
  firn_tensor *out;
  firn_cut s;
  FIRN_TRY(shape_of_values(run->in[0], &shape, err));
  FIRN_TRY(resolve(run, 1, &shape, &s, err));
  if (!firn_shape_equal(&run->in[4]->shape, &s.shape)) {
    char have[256], want[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "dy has shape %s, the slice %s",
                     firn_shape_text(&run->in[4]->shape, have),
                     firn_shape_text(&s.shape, want));
  }
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  firn_fill_zero(out);
  return put_slice(run, &s, out, run->in[4], err);
}

static firn_code infer_update(firn_infer *q, firn_error *err) {
  firn_cut_args args;
  firn_cut s;
  FIRN_TRY(args_of(q, 1, &args, err));
  q->out[0].shape = q->in[0].shape;
  if (args.count < 0 || q->in[0].shape.rank < 0) return FIRN_OK;
  return firn_cut_resolve(&args, &q->in[0].shape, &s, err);
}

static firn_code drive_update(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  firn_tensor *out;
  firn_cut s;
  FIRN_TRY(firn_run_output(run, 0, &x->shape, &out, err));
  FIRN_TRY(resolve(run, 1, &x->shape, &s, err));
  FIRN_TRY(firn_copy(x->dtype, out->data, x->data, x->count, err));
  return put_slice(run, &s, out, run->in[4], err);
}

/* ---- Variables ---------------------------------------------------------- */

static firn_code infer_assign(firn_infer *q, firn_error *err) {
  firn_cut_args args;
  FIRN_TRY(args_of(q, 1, &args, err));
  if (q->out_count) q->out[0] = q->in[0];
  return FIRN_OK;
}

static firn_code edit(void *ud, firn_tensor *value, firn_error *err) {
  const firn_run *run = ud;
  const firn_tensor *update = run->in[4];
  firn_cut s;
  if (value->dtype != update->dtype)
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT, "the variable is %s, the value %s",
        firn_dtype_name(value->dtype), firn_dtype_name(update->dtype));
  FIRN_TRY(resolve(run, 1, &value->shape, &s, err));
  return put_slice(run, &s, value, update, err);
}

static firn_code drive_assign(const firn_run *run, firn_error *err) {
  firn_variable *variable;
  firn_tensor *handle = NULL;
  FIRN_TRY(firn_variable_of(run->in[0], &variable, err));
  FIRN_TRY(firn_variable_update(variable, edit, (void *)(uintptr_t)run, err));
  if (run->out_count == 0) return FIRN_OK;
  FIRN_TRY(firn_tensor_keep(run->in[0], &run->env->alloc, &handle, err));
  firn_run_give(run, 0, handle);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(id, ...)                                \
  static const firn_kernel id[] = {                    \
      {.drive = drive_##id, .unaligned = __VA_ARGS__}, \
      {.drive = NULL},                                 \
  };

KERNEL(slice, 1)
KERNEL(strided_slice, 1)
KERNEL(grad, 1 << 4)
KERNEL(update, 1 | 1 << 4)
KERNEL(assign, 1 << 4)

static const firn_op ops[] = {
    {"Slice", infer_slice, slice, 0},
    {"StridedSlice", infer_strided_slice, strided_slice, 0},
    {"StridedSliceGrad", infer_grad, grad, 0},
    {"TensorStridedSliceUpdate", infer_update, update, 0},
    {"StridedSliceAssign", infer_assign, assign,
     FIRN_OP_STATEFUL | FIRN_OP_WRITES | FIRN_OP_GIVES},
    {"ResourceStridedSliceAssign", infer_assign, assign,
     FIRN_OP_STATEFUL | FIRN_OP_WRITES},
};

FIRN_OP_FAMILY(slice, ops);
