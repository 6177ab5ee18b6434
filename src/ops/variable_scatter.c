/* ops/variable_scatter.c: rows of a variable, changed and read by their
 * numbers.
 *
 *   Scatter<Op>      value[indices[i]] = value[indices[i]] op updates[i]
 *   ScatterNd<Op>    the same with indices of several axes
 *   ResourceGather   output[i] = value[indices[i]]
 *
 * All indices are checked before anything is changed, so that a bad one leaves
 * the variable as it was. An index that occurs twice takes effect twice, in
 * order.
 */
#include <stdio.h>

#include "ops/combine.h"
#include "ops/infer.h"
#include "ops/store.h"

/* What a kernel does with each row: its micro.table. */
typedef struct mode {
  firn_combine op;
  bool nd;
} mode;

typedef struct scatter {
  mode mode;
  const firn_tensor *indices, *updates;
  bool skip_bad; /* bad_indices_policy IGNORE */
} scatter;

/* "1,2": where element `flat` of a tensor of that shape lies. */
static const char *place_text(const firn_shape *shape, size_t flat, char *out,
                              size_t size) {
  size_t used = 0;
  out[0] = 0;
  for (int k = 0; k < shape->rank && used < size; k++) {
    const size_t below = (size_t)firn_shape_product(shape, k + 1, shape->rank);
    used += (size_t)snprintf(out + used, size - used, "%s%zu", k ? "," : "",
                             flat / below % (size_t)shape->dims[k]);
  }
  return out;
}

/* ---- Rows by one index -------------------------------------------------- */

static firn_code check_row(const firn_tensor *indices, size_t i, int64_t rows,
                           firn_error *err) {
  const int64_t row = firn_tensor_i64(indices, i);
  char place[256];
  if (row >= 0 && row < rows) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "indices[%s] = %lld is not in [0, %lld)",
                   place_text(&indices->shape, i, place, sizeof place),
                   (long long)row, (long long)rows);
}

/* shape[0:keep] and rest[skip:] one after the other. */
static firn_code join(const firn_shape *shape, int keep, const firn_shape *rest,
                      int skip, firn_shape *out, firn_error *err) {
  const int more = rest->rank - skip;
  if (keep + more > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "%d axes, more than %d",
                     keep + more, FIRN_MAX_RANK);
  firn_shape result = {.rank = keep + more};
  for (int k = 0; k < keep; k++) result.dims[k] = shape->dims[k];
  for (int k = 0; k < more; k++) result.dims[keep + k] = rest->dims[skip + k];
  *out = result;
  return FIRN_OK;
}

static firn_code check_updates(const scatter *s, const firn_shape *want,
                               firn_error *err) {
  char th[256], tw[256];
  if (firn_shape_equal(&s->updates->shape, want)) return FIRN_OK;
  return firn_fail(
      err, FIRN_INVALID_ARGUMENT, "updates have shape %s, must have %s",
      firn_shape_text(&s->updates->shape, th), firn_shape_text(want, tw));
}

static firn_code scatter_rows(const scatter *s, firn_tensor *value,
                              firn_error *err) {
  const bool one = s->updates->shape.rank == 0;
  firn_shape want;
  if (value->shape.rank < 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the variable must have at least 1 axis, is a scalar");
  FIRN_TRY(join(&s->indices->shape, s->indices->shape.rank, &value->shape, 1,
                &want, err));
  if (!one) FIRN_TRY(check_updates(s, &want, err));
  for (size_t i = 0; i < s->indices->count; i++)
    FIRN_TRY(check_row(s->indices, i, value->shape.dims[0], err));
  const size_t row =
      (size_t)firn_shape_product(&value->shape, 1, value->shape.rank);
  const size_t size = firn_dtype_size(value->dtype);
  uint8_t *to = value->data;
  const uint8_t *from = s->updates->data;
  for (size_t i = 0; i < s->indices->count && row; i++) {
    const size_t at = (size_t)firn_tensor_i64(s->indices, i);
    FIRN_TRY(firn_combine_run(s->mode.op, value->dtype, to + at * row * size,
                              one ? from : from + i * row * size, row, !one,
                              err));
  }
  return FIRN_OK;
}

/* ---- Slices by several indices ------------------------------------------ */

/* The number of index tuples, and of indices in each. */
typedef struct tuples {
  size_t count;
  int depth;
  firn_shape outer; /* the axes of the tuples */
} tuples;

static firn_code look_at_tuples(const firn_tensor *indices,
                                const firn_shape *value, tuples *out,
                                firn_error *err) {
  const firn_shape *shape = &indices->shape;
  if (shape->rank < 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "indices must have at least 1 axis, are a scalar");
  if (shape->dims[shape->rank - 1] > value->rank) {
    char text[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "indices come by %lld, the variable has shape %s",
                     (long long)shape->dims[shape->rank - 1],
                     firn_shape_text(value, text));
  }
  out->outer = *shape;
  out->outer.rank--;
  out->depth = (int)shape->dims[shape->rank - 1];
  out->count = (size_t)firn_shape_product(shape, 0, out->outer.rank);
  return FIRN_OK;
}

/* The number of the slice that tuple i means, or -1. */
static int64_t slice_at(const firn_tensor *indices, size_t i, int depth,
                        const firn_shape *value) {
  int64_t at = 0;
  for (int k = 0; k < depth; k++) {
    const int64_t index =
        firn_tensor_i64(indices, i * (size_t)depth + (size_t)k);
    if (index < 0 || index >= value->dims[k]) return -1;
    at = at * value->dims[k] + index;
  }
  return at;
}

static firn_code bad_tuple(const firn_tensor *indices, size_t i,
                           const tuples *t, const firn_shape *value,
                           firn_error *err) {
  char place[256], shape[256], tuple[256] = "";
  size_t used = 0;
  for (int k = 0; k < t->depth && used < sizeof tuple; k++)
    used += (size_t)snprintf(
        tuple + used, sizeof tuple - used, "%s%lld", k ? ", " : "",
        (long long)firn_tensor_i64(indices, i * (size_t)t->depth + (size_t)k));
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "indices[%s] = [%s] does not index into shape %s",
                   place_text(&t->outer, i, place, sizeof place), tuple,
                   firn_shape_text(value, shape));
}

static firn_code check_tuples(const firn_tensor *indices, const tuples *t,
                              const firn_shape *value, firn_error *err) {
  for (size_t i = 0; i < t->count; i++)
    if (slice_at(indices, i, t->depth, value) < 0)
      return bad_tuple(indices, i, t, value, err);
  return FIRN_OK;
}

static firn_code scatter_slices(const scatter *s, firn_tensor *value,
                                firn_error *err) {
  tuples t;
  firn_shape want;
  FIRN_TRY(look_at_tuples(s->indices, &value->shape, &t, err));
  FIRN_TRY(join(&t.outer, t.outer.rank, &value->shape, t.depth, &want, err));
  FIRN_TRY(check_updates(s, &want, err));
  if (!s->skip_bad) FIRN_TRY(check_tuples(s->indices, &t, &value->shape, err));
  const size_t slice =
      (size_t)firn_shape_product(&value->shape, t.depth, value->shape.rank);
  const size_t size = firn_dtype_size(value->dtype);
  uint8_t *to = value->data;
  const uint8_t *from = s->updates->data;
  for (size_t i = 0; i < t.count && slice; i++) {
    const int64_t at = slice_at(s->indices, i, t.depth, &value->shape);
    if (at < 0) continue;
    FIRN_TRY(firn_combine_run(s->mode.op, value->dtype,
                              to + (size_t)at * slice * size,
                              from + i * slice * size, slice, 1, err));
  }
  return FIRN_OK;
}

/* ---- The scatter ops ---------------------------------------------------- */

static firn_code edit(void *ud, firn_tensor *value, firn_error *err) {
  const scatter *s = ud;
  if (value->dtype != s->updates->dtype)
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT, "the variable is %s, updates are %s",
        firn_dtype_name(value->dtype), firn_dtype_name(s->updates->dtype));
  return s->mode.nd ? scatter_slices(s, value, err)
                    : scatter_rows(s, value, err);
}

static firn_code drive_scatter(const firn_run *run, firn_error *err) {
  const mode *m = run->kernel->micro.table;
  const firn_str policy = firn_attr_str_or(run->node, "bad_indices_policy", "");
  scatter s = {*m, run->in[1], run->in[2], firn_str_is(policy, "IGNORE")};
  firn_variable *variable;
  firn_tensor *handle = NULL;
  FIRN_TRY(firn_variable_of(run->in[0], &variable, err));
  FIRN_TRY(firn_variable_update(variable, edit, &s, err));
  if (run->out_count == 0) return FIRN_OK;
  FIRN_TRY(firn_tensor_keep(run->in[0], &run->env->alloc, &handle, err));
  firn_run_give(run, 0, handle);
  return FIRN_OK;
}

static firn_code infer_scatter(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  if (q->out_count) q->out[0] = q->in[0];
  return FIRN_OK;
}

/* ---- Gathering ---------------------------------------------------------- */

static firn_code infer_gather(firn_infer *q, firn_error *err) {
  const firn_shape *value = &q->in[0].handle_shape;
  const firn_shape *indices = &q->in[1].shape;
  int batch = 0;
  if (q->in[0].handle_dtype == FIRN_INVALID || value->rank < 0 ||
      indices->rank < 0)
    return FIRN_OK;
  if (value->rank < 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the variable must have at least 1 axis, is a scalar");
  const int64_t dims = firn_attr_int_or(q->node, "batch_dims", 0);
  if (dims) FIRN_TRY(firn_axis(dims, indices->rank + 1, &batch, err));
  if (batch >= value->rank || batch > indices->rank)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "batch_dims = %lld is too large", (long long)dims);
  for (int k = 0; k < batch; k++) {
    int64_t dim;
    if (!firn_dim_merge(value->dims[k], indices->dims[k], &dim))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "axis %d of the variable has %lld elements, of the "
                       "indices %lld",
                       k, (long long)value->dims[k],
                       (long long)indices->dims[k]);
  }
  return join(indices, indices->rank, value, batch + 1, &q->out[0].shape, err);
}

/* Copies the rows of one variable's value that the indices name. */
static firn_code gather(const firn_run *run, const firn_tensor *value,
                        firn_error *err) {
  const firn_tensor *indices = run->in[1];
  const firn_info in[2] = {
      {.handle_dtype = value->dtype, .handle_shape = value->shape},
      {.shape = indices->shape}};
  firn_info out = {.shape = firn_shape_unknown()};
  firn_infer q = {run->node, 2, 1, in, &out, NULL};
  firn_tensor *to = NULL;
  FIRN_TRY(infer_gather(&q, err));
  FIRN_TRY(firn_run_output(run, 0, &out.shape, &to, err));
  int64_t batch = firn_attr_int_or(run->node, "batch_dims", 0);
  if (batch < 0) batch += indices->shape.rank + 1;
  const int b = (int)batch;
  const int64_t rows = value->shape.dims[b];
  const size_t each =
      (size_t)firn_shape_product(&indices->shape, b, indices->shape.rank);
  const size_t row =
      (size_t)firn_shape_product(&value->shape, b + 1, value->shape.rank);
  const size_t bytes = row * firn_dtype_size(value->dtype);
  for (size_t i = 0; i < indices->count; i++) {
    FIRN_TRY(check_row(indices, i, rows, err));
    const size_t at =
        i / each * (size_t)rows + (size_t)firn_tensor_i64(indices, i);
    if (!firn_elements_copy(value->dtype, (uint8_t *)to->data + i * bytes,
                            (const uint8_t *)value->data + at * bytes, row))
      return firn_oom(err, bytes);
  }
  return FIRN_OK;
}

static firn_code infer_gather_nd(firn_infer *q, firn_error *err) {
  const firn_shape *value = &q->in[0].handle_shape;
  const firn_shape *indices = &q->in[1].shape;
  FIRN_TRY(firn_infer_rank_at_least(q, 1, 1, "indices", err));
  if (q->in[0].handle_dtype == FIRN_INVALID || value->rank < 0 ||
      indices->rank < 0 || indices->dims[indices->rank - 1] < 0)
    return FIRN_OK;
  const int64_t depth = indices->dims[indices->rank - 1];
  if (depth > value->rank) {
    char text[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "indices come by %lld, the variable has shape %s",
                     (long long)depth, firn_shape_text(value, text));
  }
  return join(indices, indices->rank - 1, value, (int)depth, &q->out[0].shape,
              err);
}

static firn_code gather_nd(const firn_run *run, const firn_tensor *value,
                           firn_error *err) {
  const firn_tensor *indices = run->in[1];
  tuples t;
  firn_shape shape;
  firn_tensor *to = NULL;
  FIRN_TRY(look_at_tuples(indices, &value->shape, &t, err));
  FIRN_TRY(join(&t.outer, t.outer.rank, &value->shape, t.depth, &shape, err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &to, err));
  FIRN_TRY(check_tuples(indices, &t, &value->shape, err));
  const size_t slice =
      (size_t)firn_shape_product(&value->shape, t.depth, value->shape.rank);
  const size_t bytes = slice * firn_dtype_size(value->dtype);
  for (size_t i = 0; i < t.count; i++) {
    const int64_t at = slice_at(indices, i, t.depth, &value->shape);
    if (!firn_elements_copy(value->dtype, (uint8_t *)to->data + i * bytes,
                            (const uint8_t *)value->data + (size_t)at * bytes,
                            slice))
      return firn_oom(err, bytes);
  }
  return FIRN_OK;
}

static firn_code drive_gather(const firn_run *run, firn_error *err) {
  const mode *m = run->kernel->micro.table;
  firn_variable *variable;
  firn_tensor *value = NULL;
  FIRN_TRY(firn_variable_of(run->in[0], &variable, err));
  FIRN_TRY(firn_variable_read(variable, &value, err));
  firn_code code = FIRN_OK;
  if (value->dtype != (firn_dtype)run->node->output_types[0])
    code = firn_fail(err, FIRN_INVALID_ARGUMENT, "the variable is %s, not %s",
                     firn_dtype_name(value->dtype),
                     firn_dtype_name((firn_dtype)run->node->output_types[0]));
  else
    code = m->nd ? gather_nd(run, value, err) : gather(run, value, err);
  firn_tensor_release(value);
  return code;
}

/* ---- The family --------------------------------------------------------- */

#define REALS (FIRN_FLOATS | FIRN_INTS)

#define SCATTER(ID, ATTR, TYPES, OP, ND)  \
  static const mode ID##_mode = {OP, ND}; \
  static const firn_kernel ID[] = {       \
      {.types = {{ATTR, TYPES}},          \
       .drive = drive_scatter,            \
       .micro = {.table = &ID##_mode}},   \
      {.drive = NULL},                    \
  };

#define SCATTERS(ID, ATTR, ND, ADDABLE)                   \
  SCATTER(ID##_set, ATTR, FIRN_ANY, FIRN_COMBINE_SET, ND) \
  SCATTER(ID##_add, ATTR, ADDABLE, FIRN_COMBINE_ADD, ND)  \
  SCATTER(ID##_sub, ATTR, ADDABLE, FIRN_COMBINE_SUB, ND)  \
  SCATTER(ID##_min, ATTR, REALS, FIRN_COMBINE_MIN, ND)    \
  SCATTER(ID##_max, ATTR, REALS, FIRN_COMBINE_MAX, ND)

SCATTERS(ref, "T", false, FIRN_NUMBERS)
SCATTER(ref_mul, "T", FIRN_NUMBERS, FIRN_COMBINE_MUL, false)
SCATTER(ref_div, "T", FIRN_NUMBERS, FIRN_COMBINE_DIV, false)
SCATTERS(res, "dtype", false, FIRN_NUMBERS)
SCATTER(res_mul, "dtype", FIRN_NUMBERS, FIRN_COMBINE_MUL, false)
SCATTER(res_div, "dtype", FIRN_NUMBERS, FIRN_COMBINE_DIV, false)
SCATTERS(nd, "T", true, FIRN_NUMBERS | FIRN_BIT(FIRN_BOOL))

static const mode rows_mode = {FIRN_COMBINE_SET, false};
static const mode slices_mode = {FIRN_COMBINE_SET, true};
static const firn_kernel gather_rows[] = {
    {.drive = drive_gather, .micro = {.table = &rows_mode}},
    {.drive = NULL},
};
static const firn_kernel gather_slices[] = {
    {.drive = drive_gather, .micro = {.table = &slices_mode}},
    {.drive = NULL},
};

enum { WRITES = FIRN_OP_STATEFUL | FIRN_OP_GIVES | FIRN_OP_WRITES };
enum { READS = FIRN_OP_STATEFUL };

#define OP(NAME, KERNELS) \
  { NAME, infer_scatter, KERNELS, WRITES }

static const firn_op ops[] = {
    OP("ScatterUpdate", ref_set),
    OP("ScatterAdd", ref_add),
    OP("ScatterSub", ref_sub),
    OP("ScatterMul", ref_mul),
    OP("ScatterDiv", ref_div),
    OP("ScatterMin", ref_min),
    OP("ScatterMax", ref_max),
    OP("ResourceScatterUpdate", res_set),
    OP("ResourceScatterAdd", res_add),
    OP("ResourceScatterSub", res_sub),
    OP("ResourceScatterMul", res_mul),
    OP("ResourceScatterDiv", res_div),
    OP("ResourceScatterMin", res_min),
    OP("ResourceScatterMax", res_max),
    OP("ScatterNdUpdate", nd_set),
    OP("ScatterNdAdd", nd_add),
    OP("ScatterNdSub", nd_sub),
    OP("ScatterNdMin", nd_min),
    OP("ScatterNdMax", nd_max),
    OP("ResourceScatterNdUpdate", nd_set),
    OP("ResourceScatterNdAdd", nd_add),
    OP("ResourceScatterNdSub", nd_sub),
    OP("ResourceScatterNdMin", nd_min),
    OP("ResourceScatterNdMax", nd_max),
    {"ResourceGather", infer_gather, gather_rows, READS},
    {"ResourceGatherNd", infer_gather_nd, gather_slices, READS},
};

FIRN_OP_FAMILY(variable_scatter, ops);
