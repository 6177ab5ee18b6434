/* ops/ragged_variant.c: ragged tensors as variants, and back; gradients of the
 * variants.
 *
 * A variant holds the row splits of each ragged axis and the flat values. With
 * batched_input the outermost axis becomes that of a vector of variants, one
 * for each row. */
#include "ops/handle.h"
#include "ops/infer.h"
#include "ops/pieces.h"
#include "ops/tensor_text.h"

typedef struct ragged {
  firn_object object;
  firn_allocator alloc;
  size_t axes; /* splits; behind them the values */
  firn_tensor *parts[];
} ragged;

static size_t size_of(size_t axes) {
  return sizeof(ragged) + (axes + 1) * sizeof(firn_tensor *);
}

static void free_ragged(firn_object *object) {
  ragged *r = (ragged *)object;
  const firn_allocator alloc = r->alloc;
  for (size_t i = 0; i <= r->axes; i++) firn_tensor_release(r->parts[i]);
  firn_delete(&alloc, r, size_of(r->axes));
}

static const firn_object_class ragged_class = {"ragged tensor", free_ragged};

bool firn_text_ragged(firn_buf *text, const firn_object *object) {
  const ragged *r = (const ragged *)object;
  if (!object || object->class != &ragged_class) return false;
  firn_buf_printf(
      text, "RaggedTensorVariant(dtype=%s, ragged_rank=%zu, splits_dtype=%s",
      firn_text_type(r->parts[r->axes]->dtype), r->axes,
      firn_text_type(r->axes ? r->parts[0]->dtype : FIRN_INVALID));
  return true;
}

static firn_code new_ragged(const firn_run *run, size_t axes, ragged **out,
                            firn_error *err) {
  *out = firn_new_zeroed(&run->env->alloc, size_of(axes));
  if (!*out) return firn_oom(err, size_of(axes));
  firn_object_init(&(*out)->object, &ragged_class);
  (*out)->alloc = run->env->alloc;
  (*out)->axes = axes;
  return FIRN_OK;
}

/* ---- To variants -------------------------------------------------------- */

static firn_code check_splits(const firn_tensor *splits, size_t axis,
                              int64_t rows, firn_error *err) {
  int64_t last = 0;
  for (size_t i = 0; i < splits->count; i++) {
    const int64_t here = firn_tensor_i64(splits, i);
    if (here < last || (i == 0 && here != 0) || here > rows)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "splits of axis %zu: element %zu = %lld is not in "
                       "[%lld, %lld]",
                       axis, i, (long long)here, (long long)last,
                       (long long)rows);
    last = here;
  }
  if (splits->count && last == rows) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "splits of axis %zu end with %lld, not with %lld", axis,
                   (long long)last, (long long)rows);
}

static firn_code check_all(const firn_run *run, size_t axes, firn_error *err) {
  const firn_tensor *values = run->in[axes];
  if (values->shape.rank < 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the values must have at least 1 axis");
  int64_t rows = values->shape.dims[0];
  for (size_t i = axes; i-- > 0;) {
    if (run->in[i]->shape.rank != 1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "splits of axis %zu must be a vector", i);
    FIRN_TRY(check_splits(run->in[i], i, rows, err));
    rows = (int64_t)run->in[i]->count - 1;
  }
  return FIRN_OK;
}

static void shift(firn_tensor *splits, int64_t by) {
  for (size_t i = 0; i < splits->count; i++) {
    if (splits->dtype == FIRN_INT64)
      ((int64_t *)splits->data)[i] -= by;
    else
      ((int32_t *)splits->data)[i] -= (int32_t)by;
  }
}

/* Row `b` of the outermost axis as a ragged tensor of one axis less. */
static firn_code cut_row(const firn_run *run, size_t axes, size_t b,
                         ragged **out, firn_error *err) {
  const firn_tensor *values = run->in[axes];
  size_t from = b, to = b + 1;
  ragged *r;
  if (axes > 0) {
    from = (size_t)firn_tensor_i64(run->in[0], b);
    to = (size_t)firn_tensor_i64(run->in[0], b + 1);
  }
  FIRN_TRY(new_ragged(run, axes ? axes - 1 : 0, out, err));
  r = *out;
  for (size_t k = 1; k < axes; k++) {
    const firn_tensor *splits = run->in[k];
    const firn_shape shape = firn_shape_vector((int64_t)(to - from + 1));
    FIRN_TRY(
        firn_piece_cut(splits, from, &shape, run->env, &r->parts[k - 1], err));
    const size_t first = (size_t)firn_tensor_i64(splits, from);
    to = (size_t)firn_tensor_i64(splits, to);
    from = first;
    shift(r->parts[k - 1], (int64_t)first);
  }
  firn_shape shape = values->shape;
  const size_t rows = (size_t)shape.dims[0];
  if (axes == 0)
    shape = firn_shape_rest(&shape);
  else
    shape.dims[0] = (int64_t)(to - from);
  return firn_piece_cut(values, rows ? from * (values->count / rows) : 0,
                        &shape, run->env, &r->parts[r->axes], err);
}

static firn_code give_rows(const firn_run *run, size_t axes, firn_error *err) {
  const size_t rows =
      axes ? run->in[0]->count - 1 : (size_t)run->in[0]->shape.dims[0];
  const firn_shape shape = firn_shape_vector((int64_t)rows);
  firn_tensor *out = NULL;
  FIRN_TRY(firn_tensor_within(FIRN_VARIANT, &shape, &run->env->limits, err));
  FIRN_TRY(firn_tensor_make(FIRN_VARIANT, &shape, &run->env->alloc, &out, err));
  for (size_t b = 0; b < rows; b++) {
    ragged *row = NULL;
    const firn_code code = cut_row(run, axes, b, &row, err);
    if (row) ((firn_object **)out->data)[b] = &row->object;
    if (code == FIRN_OK) continue;
    firn_tensor_release(out);
    return code;
  }
  firn_run_give(run, 0, out);
  return FIRN_OK;
}

static firn_code drive_to(const firn_run *run, firn_error *err) {
  const size_t axes = run->in_count - 1;
  const bool batched = firn_attr_bool_or(run->node, "batched_input", false);
  ragged *r = NULL;
  if (batched || axes > 0) FIRN_TRY(check_all(run, axes, err));
  if (batched) return give_rows(run, axes, err);
  FIRN_TRY(new_ragged(run, axes, &r, err));
  for (size_t i = 0; i <= axes; i++) {
    const firn_code code =
        firn_tensor_settle(run->in[i], &run->env->alloc, &r->parts[i], err);
    if (code == FIRN_OK) continue;
    firn_object_release(&r->object);
    return code;
  }
  return firn_give_object(run, 0, &r->object, err);
}

static firn_code infer_to(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_info *first = &q->in[0];
  if (!firn_attr_bool_or(q->node, "batched_input", false)) {
    q->out[0].shape = firn_shape_scalar();
    return FIRN_OK;
  }
  q->out[0].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  if (first->shape.rank > 0 && first->shape.dims[0] > 0)
    q->out[0].shape.dims[0] = first->shape.dims[0] - (q->in_count > 1);
  return FIRN_OK;
}

/* ---- From variants ------------------------------------------------------ */

typedef struct join {
  const firn_run *run;
  ragged **rows;
  size_t count; /* of the rows                     */
  size_t batch; /* axes that the variants make up  */
  size_t axes;  /* of each row                     */
} join;

static firn_code rows_of(join *j, firn_error *err) {
  const firn_run *run = j->run;
  const firn_tensor *in = run->in[0];
  for (size_t i = 0; i < in->count; i++) {
    firn_object *object = firn_object_at(in, i);
    if (!object || object->class != &ragged_class)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "element %zu is no ragged tensor", i);
    j->rows[i] = (ragged *)object;
    const ragged *r = j->rows[i];
    if (r->axes != j->axes)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "element %zu has %zu ragged axes, not %zu", i, r->axes,
                       j->axes);
    for (size_t k = 0; k <= r->axes; k++) {
      const size_t o = k < r->axes ? 0 : run->out_count - 1;
      const firn_dtype want = (firn_dtype)run->node->output_types[o];
      if (r->parts[k]->dtype != want)
        return firn_fail(
            err, FIRN_INVALID_ARGUMENT, "part %zu of element %zu is %s, not %s",
            k, i, firn_dtype_name(r->parts[k]->dtype), firn_dtype_name(want));
    }
  }
  return FIRN_OK;
}

static void put(firn_tensor *t, size_t i, int64_t value) {
  if (t->dtype == FIRN_INT64)
    ((int64_t *)t->data)[i] = value;
  else
    ((int32_t *)t->data)[i] = (int32_t)value;
}

/* Rows that a row's outermost axis has. */
static int64_t extent_of(const ragged *r) {
  if (r->axes) return (int64_t)r->parts[0]->count - 1;
  return r->parts[0]->shape.rank ? r->parts[0]->shape.dims[0] : 1;
}

/* The splits of the axes that the tensor of variants has. */
static firn_code give_batch_splits(const join *j, firn_error *err) {
  const firn_shape *in = &j->run->in[0]->shape;
  int64_t groups = 1;
  for (size_t k = 0; k < j->batch; k++) {
    const bool last = k + 1 == j->batch;
    groups *= in->dims[k];
    const firn_shape shape = firn_shape_vector(groups + 1);
    firn_tensor *splits = NULL;
    int64_t end = 0;
    FIRN_TRY(firn_run_output(j->run, k, &shape, &splits, err));
    put(splits, 0, 0);
    for (int64_t i = 0; i < groups; i++) {
      end += last ? extent_of(j->rows[i]) : in->dims[k + 1];
      put(splits, (size_t)i + 1, end);
    }
  }
  return FIRN_OK;
}

/* Ragged axis `k` of all rows, one behind the other. */
static firn_code give_row_splits(const join *j, size_t k, firn_error *err) {
  size_t count = 1, at = 1;
  int64_t before = 0;
  firn_tensor *splits = NULL;
  for (size_t i = 0; i < j->count; i++)
    count += j->rows[i]->parts[k]->count - 1;
  const firn_shape shape = firn_shape_vector((int64_t)count);
  FIRN_TRY(firn_run_output(j->run, j->batch + k, &shape, &splits, err));
  put(splits, 0, 0);
  for (size_t i = 0; i < j->count; i++) {
    const firn_tensor *from = j->rows[i]->parts[k];
    for (size_t e = 1; e < from->count; e++)
      put(splits, at++, before + firn_tensor_i64(from, e));
    before += firn_tensor_i64(from, from->count - 1);
  }
  return FIRN_OK;
}

static firn_code give_values(const join *j, firn_error *err) {
  const size_t out = j->run->out_count - 1;
  firn_tensor **values = (firn_tensor **)j->rows; /* no longer needed */
  firn_shape rest = firn_shape_scalar();
  firn_tensor *lengths = NULL;
  for (size_t i = 0; i < j->count; i++) values[i] = j->rows[i]->parts[j->axes];
  if (j->count && values[0]->shape.rank == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the values are scalars: they make no ragged axis");
  if (j->count) rest = firn_shape_rest(&values[0]->shape);
  const firn_shape vector = firn_shape_vector((int64_t)j->count);
  FIRN_TRY(firn_tensor_make(FIRN_INT64, &vector, &j->run->env->alloc, &lengths,
                            err));
  firn_code code = FIRN_OK;
  for (size_t i = 0; code == FIRN_OK && i < j->count; i++) {
    const firn_shape own = values[i]->shape.rank
                               ? firn_shape_rest(&values[i]->shape)
                               : firn_shape_unknown();
    ((int64_t *)lengths->data)[i] = values[i]->shape.dims[0];
    if (!firn_shape_equal(&own, &rest))
      code = firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "the values of element %zu have another shape", i);
  }
  if (code == FIRN_OK)
    code = firn_pieces_concat(j->run, out, values, lengths->data, j->count,
                              &rest, err);
  firn_tensor_release(lengths);
  return code;
}

static firn_code join_rows(join *j, firn_error *err) {
  FIRN_TRY(rows_of(j, err));
  FIRN_TRY(give_batch_splits(j, err));
  for (size_t k = 0; k < j->axes; k++) FIRN_TRY(give_row_splits(j, k, err));
  return give_values(j, err);
}

/* A variant scalar: its parts as they are. */
static firn_code give_parts(const join *j, firn_error *err) {
  FIRN_TRY(rows_of((join *)(uintptr_t)j, err));
  for (size_t k = 0; k <= j->axes; k++)
    firn_run_give(j->run, k, firn_tensor_retain(j->rows[0]->parts[k]));
  return FIRN_OK;
}

static firn_code drive_from(const firn_run *run, firn_error *err) {
  const size_t axes = run->out_count - 1;
  const int64_t told = firn_attr_int_or(run->node, "input_ragged_rank", -1);
  join j = {.run = run,
            .count = run->in[0]->count,
            .batch = (size_t)run->in[0]->shape.rank};
  if (j.batch > axes || (told >= 0 && (size_t)told != axes - j.batch))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu ragged axes cannot come of %zu axes of variants with "
                     "%lld each",
                     axes, j.batch, (long long)told);
  j.axes = axes - j.batch;
  const size_t size = (j.count + 1) * sizeof *j.rows;
  j.rows = firn_new_zeroed(&run->env->alloc, size);
  if (!j.rows) return firn_oom(err, size);
  const firn_code code = j.batch ? join_rows(&j, err) : give_parts(&j, err);
  firn_delete(&run->env->alloc, j.rows, size);
  return code;
}

static firn_code infer_from(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  for (size_t i = 0; i + 1 < q->out_count; i++)
    q->out[i].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  return FIRN_OK;
}

/* ---- The gradient of variants ------------------------------------------- */

/* The values that variant i holds. A variant of nothing stands for zeros, as
 * many rows as the splits say; *values is NULL then. */
static firn_code values_of(const firn_run *run, size_t i, size_t row,
                           firn_tensor **values, size_t *count,
                           firn_error *err) {
  const firn_tensor *splits = run->in[1];
  const firn_dtype want = (firn_dtype)run->node->output_types[0];
  firn_object *object = firn_object_at(run->in[0], i);
  *values = NULL;
  if (object && object->class != &ragged_class)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "encoded_ragged_grad[%zu] is no ragged tensor", i);
  if (object) {
    const ragged *r = (ragged *)object;
    *values = r->parts[r->axes];
    *count = (*values)->count;
    if ((*values)->dtype == want) return FIRN_OK;
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "encoded_ragged_grad[%zu] holds %s, not %s", i,
                     firn_dtype_name((*values)->dtype), firn_dtype_name(want));
  }
  if (i + 1 >= splits->count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "row_splits has %zu elements, none for row %zu",
                     splits->count, i);
  const int64_t from = firn_tensor_i64(splits, i);
  const int64_t to = firn_tensor_i64(splits, i + 1);
  if (from < 0 || to < from || !firn_mul_size((size_t)(to - from), row, count))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "row_splits[%zu] = %lld and row_splits[%zu] = %lld hold "
                     "no row",
                     i, (long long)from, i + 1, (long long)to);
  return FIRN_OK;
}

/* One variant's values are the gradient as they are. */
static firn_code give_single(const firn_run *run, firn_shape shape, size_t row,
                             firn_error *err) {
  firn_tensor *values = NULL;
  size_t count = 0;
  FIRN_TRY(values_of(run, 0, row, &values, &count, err));
  if (values) {
    firn_run_give(run, 0, firn_tensor_retain(values));
    return FIRN_OK;
  }
  shape.dims[0] = row ? (int64_t)(count / row) : 0;
  FIRN_TRY(firn_piece_zeros((firn_dtype)run->node->output_types[0], &shape,
                            run->env, &values, err));
  firn_run_give(run, 0, values);
  return FIRN_OK;
}

/* Those of more variants lie one after another in a tensor of that shape. */
static firn_code give_joined(const firn_run *run, const firn_shape *shape,
                             size_t row, firn_error *err) {
  firn_tensor *out = NULL;
  size_t at = 0;
  FIRN_TRY(firn_run_output(run, 0, shape, &out, err));
  const size_t size = firn_dtype_size(out->dtype);
  for (size_t i = 0; i < run->in[0]->count; i++) {
    firn_tensor *values = NULL;
    size_t count = 0;
    FIRN_TRY(values_of(run, i, row, &values, &count, err));
    if (count > out->count - at)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "encoded_ragged_grad[%zu] has %zu values, "
                       "dense_values_shape room for %zu",
                       i, count, out->count - at);
    char *to = (char *)out->data + at * size;
    if (count && values &&
        !firn_elements_copy(out->dtype, to, values->data, count))
      return firn_oom(err, count * size);
    if (count && !values && firn_dtype_is_plain(out->dtype))
      memset(to, 0, count * size);
    at += count;
  }
  if (at == out->count) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "encoded_ragged_grad has %zu values, dense_values_shape "
                   "wants %zu",
                   at, out->count);
}

static firn_code drive_gradient(const firn_run *run, firn_error *err) {
  firn_shape shape;
  int64_t row = 1;
  FIRN_TRY(firn_shape_of_tensor(run->in[2], &shape, err));
  for (int k = 0; k < shape.rank; k++)
    if (shape.dims[k] < 0 || (k > 0 && !firn_mul_i64(row, shape.dims[k], &row)))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "dense_values_shape[%d] = %lld is no extent", k,
                       (long long)shape.dims[k]);
  if (shape.rank < 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "dense_values_shape must have at least 1 element");
  if (run->in[0]->count == 1) return give_single(run, shape, (size_t)row, err);
  return give_joined(run, &shape, (size_t)row, err);
}

static firn_code infer_gradient(firn_infer *q, firn_error *err) {
  return firn_infer_rank(q, 2, 1, "dense_values_shape", NULL, err);
}

static const firn_kernel to[] = {{.drive = drive_to}, {.drive = NULL}};
static const firn_kernel from[] = {{.drive = drive_from}, {.drive = NULL}};
static const firn_kernel gradient[] = {{.drive = drive_gradient},
                                       {.drive = NULL}};

static const firn_op ops[] = {
    {"RaggedTensorToVariant", infer_to, to, FIRN_OP_GIVES},
    {"RaggedTensorFromVariant", infer_from, from, FIRN_OP_GIVES},
    {"RaggedTensorToVariantGradient", infer_gradient, gradient, FIRN_OP_GIVES},
};

FIRN_OP_FAMILY(ragged_variant, ops);
