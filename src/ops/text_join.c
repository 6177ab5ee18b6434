/* ops/text_join.c: strings put together: StringJoin, ReduceJoin,
 * UnsortedSegmentJoin. */
#include "ops/infer.h"

static firn_str separator_of(const firn_run *run) {
  return firn_attr_str_or(run->node, "separator", "");
}

static void append(firn_buf *buf, firn_str text) {
  if (text.size) firn_buf_append(buf, text.data, text.size);
}

/* Sets element i to what was gathered, and starts afresh. */
static firn_code flush(firn_buf *buf, firn_tensor *out, size_t i,
                       firn_error *err) {
  if (buf->failed) return firn_oom(err, buf->size);
  FIRN_TRY(firn_tensor_set_string(
      out, i, (firn_str){(const char *)buf->data, buf->size}, err));
  buf->size = 0;
  return FIRN_OK;
}

/* ---- StringJoin --------------------------------------------------------- */

/* Scalars go with any shape; all others have one. */
static firn_code infer_join(firn_infer *q, firn_error *err) {
  firn_shape shape = firn_shape_scalar();
  bool open = false;
  for (size_t i = 0; i < q->in_count; i++) {
    const firn_shape *in = &q->in[i].shape;
    open |= in->rank < 0;
    if (in->rank <= 0) continue;
    if (shape.rank == 0) shape = *in;
    const firn_code code = firn_shape_merge(&shape, in, &shape, err);
    if (code != FIRN_OK) return firn_while(err, code, "inputs[%zu]", i);
  }
  q->out[0].shape = open && shape.rank == 0 ? firn_shape_unknown() : shape;
  return FIRN_OK;
}

static firn_code drive_join(const firn_run *run, firn_error *err) {
  firn_tensor *out = run->out[0];
  const firn_str between = separator_of(run);
  firn_buf buf = {0};
  firn_code code = FIRN_OK;
  firn_buf_init(&buf, &run->env->alloc);
  for (size_t i = 0; code == FIRN_OK && i < out->count; i++) {
    for (size_t k = 0; k < run->in_count; k++) {
      const firn_tensor *in = run->in[k];
      if (k) append(&buf, between);
      append(&buf, firn_tensor_string(in, in->shape.rank == 0 ? 0 : i));
    }
    code = flush(&buf, out, i, err);
  }
  firn_buf_fini(&buf);
  return code;
}

/* ---- ReduceJoin --------------------------------------------------------- */

typedef struct axes {
  int order[FIRN_MAX_RANK]; /* the reduced axes, slowest first: the last named
                             */
  int count;
  bool reduced[FIRN_MAX_RANK];
} axes;

static firn_code read_axes(const int64_t *ints, size_t count, int rank,
                           axes *out, firn_error *err) {
  *out = (axes){.count = 0};
  if (count > (size_t)rank)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu reduction_indices for %d axes", count, rank);
  for (size_t i = 0; i < count; i++) {
    int axis;
    const firn_code code = firn_axis(ints[i], rank, &axis, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "reduction_indices[%zu]", i);
    if (out->reduced[axis])
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "axis %d is reduced twice",
                       axis);
    out->reduced[axis] = true;
    out->order[count - 1 - i] = axis;
    out->count++;
  }
  return FIRN_OK;
}

static firn_shape reduced_shape(const firn_shape *in, const axes *a,
                                bool keep) {
  firn_shape out = {.rank = 0};
  for (int i = 0; i < in->rank; i++)
    if (!a->reduced[i] || keep)
      out.dims[out.rank++] = a->reduced[i] ? 1 : in->dims[i];
  return out;
}

static firn_code infer_reduce(firn_infer *q, firn_error *err) {
  const firn_shape *in = &q->in[0].shape;
  const int64_t *ints = NULL;
  int64_t count;
  axes a;
  if (in->rank < 0 || !firn_infer_ints(q, 1, &ints, &count)) return FIRN_OK;
  FIRN_TRY(read_axes(ints, (size_t)count, in->rank, &a, err));
  q->out[0].shape =
      reduced_shape(in, &a, firn_attr_bool_or(q->node, "keep_dims", false));
  return FIRN_OK;
}

/* Walks the kept axes (walk 0) or the reduced ones in the order they were named
 * (walk 1); the offset that number `i` has. */
static size_t offset_of(const firn_shape *shape, const int64_t *strides,
                        const int *order, int count, size_t i) {
  size_t at = 0;
  for (int k = count; k-- > 0;) {
    const size_t dim = (size_t)shape->dims[order[k]];
    at += i % dim * (size_t)strides[order[k]];
    i /= dim;
  }
  return at;
}

static firn_code reduce_all(const firn_run *run, const axes *a,
                            firn_tensor *out, firn_error *err) {
  const firn_tensor *in = run->in[0];
  const firn_str between = separator_of(run);
  int64_t strides[FIRN_MAX_RANK], step = 1;
  int kept[FIRN_MAX_RANK], kept_count = 0;
  size_t many = 1;
  for (int i = in->shape.rank; i-- > 0;) {
    strides[i] = step;
    if (in->count) step *= in->shape.dims[i];
  }
  for (int i = 0; i < in->shape.rank; i++)
    if (!a->reduced[i]) kept[kept_count++] = i;
  for (int i = 0; i < a->count; i++)
    many *= (size_t)in->shape.dims[a->order[i]];
  firn_buf buf = {0};
  firn_code code = FIRN_OK;
  firn_buf_init(&buf, &run->env->alloc);
  for (size_t i = 0; code == FIRN_OK && i < out->count; i++) {
    const size_t base = offset_of(&in->shape, strides, kept, kept_count, i);
    for (size_t k = 0; k < many; k++) {
      if (k) append(&buf, between);
      append(&buf,
             firn_tensor_string(in, base + offset_of(&in->shape, strides,
                                                     a->order, a->count, k)));
    }
    code = flush(&buf, out, i, err);
  }
  firn_buf_fini(&buf);
  return code;
}

static firn_code drive_reduce(const firn_run *run, firn_error *err) {
  const firn_tensor *in = run->in[0], *indices = run->in[1];
  int64_t ints[FIRN_MAX_RANK];
  axes a;
  firn_tensor *out = NULL;
  for (size_t i = 0; i < indices->count && i < FIRN_MAX_RANK; i++)
    ints[i] = firn_tensor_i64(indices, i);
  FIRN_TRY(read_axes(ints, indices->count, in->shape.rank, &a, err));
  const firn_shape shape = reduced_shape(
      &in->shape, &a, firn_attr_bool_or(run->node, "keep_dims", false));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  return reduce_all(run, &a, out, err);
}

/* ---- UnsortedSegmentJoin ------------------------------------------------ */

static firn_code infer_segments(firn_infer *q, firn_error *err) {
  const firn_shape *in = &q->in[0].shape, *ids = &q->in[1].shape;
  firn_shape merged;
  int64_t count = FIRN_UNKNOWN_DIM;
  if (in->rank < 0 || ids->rank < 0) return FIRN_OK;
  if (ids->rank > in->rank)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "segment_ids has more axes than the inputs");
  firn_shape front = *in, out = {.rank = 1};
  front.rank = ids->rank;
  FIRN_TRY(firn_shape_merge(&front, ids, &merged, err));
  if (firn_infer_int(q, 2, &count) && count < 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "num_segments = %lld must not be negative",
                     (long long)count);
  out.dims[0] = count;
  for (int i = ids->rank; i < in->rank; i++) out.dims[out.rank++] = in->dims[i];
  q->out[0].shape = out;
  return FIRN_OK;
}

/* Element k of segment s. */
static firn_code join_segment(const firn_run *run, int64_t s, size_t k,
                              size_t width, firn_buf *buf) {
  const firn_tensor *in = run->in[0], *ids = run->in[1];
  bool first = true;
  for (size_t i = 0; i < ids->count; i++) {
    if (firn_tensor_i64(ids, i) != s) continue;
    if (!first) append(buf, separator_of(run));
    append(buf, firn_tensor_string(in, i * width + k));
    first = false;
  }
  return FIRN_OK;
}

static firn_code drive_segments(const firn_run *run, firn_error *err) {
  const firn_tensor *in = run->in[0], *ids = run->in[1];
  const int64_t segments =
      run->in[2]->count == 1 ? firn_tensor_i64(run->in[2], 0) : -1;
  const size_t width = ids->count ? in->count / ids->count : 0;
  firn_tensor *out = NULL;
  firn_shape shape = {.rank = 1, .dims = {segments}};
  if (segments < 0 || ids->shape.rank > in->shape.rank)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "num_segments must be a number of at least 0");
  for (int i = ids->shape.rank; i < in->shape.rank; i++)
    shape.dims[shape.rank++] = in->shape.dims[i];
  for (size_t i = 0; i < ids->count; i++)
    if (firn_tensor_i64(ids, i) >= segments || firn_tensor_i64(ids, i) < 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "segment_ids[%zu] = %lld is not in [0, %lld)", i,
                       (long long)firn_tensor_i64(ids, i), (long long)segments);
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  firn_buf buf = {0};
  firn_code code = FIRN_OK;
  firn_buf_init(&buf, &run->env->alloc);
  for (size_t i = 0; width && code == FIRN_OK && i < out->count; i++) {
    code = join_segment(run, (int64_t)(i / width), i % width, width, &buf);
    if (code == FIRN_OK) code = flush(&buf, out, i, err);
  }
  firn_buf_fini(&buf);
  return code;
}

#define KERNEL(NAME) \
  static const firn_kernel NAME[] = {{.drive = drive_##NAME}, {.drive = NULL}}

KERNEL(join);
KERNEL(reduce);
KERNEL(segments);

static const firn_op ops[] = {
    {"StringJoin", infer_join, join, 0},
    {"ReduceJoin", infer_reduce, reduce, 0},
    {"UnsortedSegmentJoin", infer_segments, segments, 0},
};

FIRN_OP_FAMILY(text_join, ops);
