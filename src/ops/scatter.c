/* ops/scatter.c: slices of a tensor, changed by their indices.
 *
 *   ScatterNd                   y = 0, y[indices[i]] += updates[i]
 *   ScatterNdNonAliasingAdd     y = x, y[indices[i]] += updates[i]
 *   TensorScatter<Op>           y = x, y[indices[i]] op= updates[i]
 */
#include "ops/scatter.h"

#include "base/text.h"
#include "ops/walk.h"

/* ---- The loop ----------------------------------------------------------- */

static firn_code append(firn_tstring *to, const firn_tstring *from, size_t n,
                        firn_error *err) {
  for (size_t i = 0; i < n; i++) {
    const firn_str a = firn_tstring_get(&to[i]), b = firn_tstring_get(&from[i]);
    firn_buf both = {0};
    firn_buf_append(&both, a.data, a.size);
    firn_buf_append(&both, b.data, b.size);
    const bool done =
        !both.failed &&
        firn_tstring_set(&to[i], (firn_str){(char *)both.data, both.size});
    firn_buf_fini(&both);
    if (!done) return firn_oom(err, a.size + b.size);
  }
  return FIRN_OK;
}

static firn_code check_updates(const firn_tuples *t, const firn_shape *value,
                               const firn_shape *updates, firn_error *err) {
  char have[256], want[256];
  firn_shape shape;
  FIRN_TRY(
      firn_shape_join(&t->outer, t->outer.rank, value, t->depth, &shape, err));
  if (t->depth == 0 && t->count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the last axis of indices is empty: they index nothing");
  if (firn_shape_equal(updates, &shape)) return FIRN_OK;
  return firn_fail(
      err, FIRN_INVALID_ARGUMENT, "updates have shape %s, must have %s",
      firn_shape_text(updates, have), firn_shape_text(&shape, want));
}

firn_code firn_scatter_slices(firn_combine op, bool skip_bad,
                              firn_tensor *value, const firn_tensor *indices,
                              const firn_tensor *updates, firn_error *err) {
  const firn_dtype dtype = value->dtype;
  const firn_combine_fn combine =
      op == FIRN_COMBINE_SET ? NULL : firn_combine_of(op, dtype);
  const bool appends = dtype == FIRN_STRING && op == FIRN_COMBINE_ADD;
  firn_tuples t;
  FIRN_TRY(firn_tuples_of(indices, &value->shape, &t, err));
  FIRN_TRY(check_updates(&t, &value->shape, &updates->shape, err));
  if (!skip_bad) FIRN_TRY(firn_tuples_check(&t, &value->shape, err));
  const int64_t slice =
      firn_shape_product(&value->shape, t.depth, value->shape.rank);
  const size_t n = (size_t)slice;
  for (size_t i = 0; i < t.count && slice; i++) {
    const int64_t at = firn_tuple_at(&t, i, &value->shape);
    if (at < 0) continue;
    void *to = firn_at(value->data, dtype, at * slice);
    const void *from = firn_at(updates->data, dtype, (int64_t)i * slice);
    if (appends)
      FIRN_TRY(append(to, from, n, err));
    else if (!combine || !combine(to, from, n, 1))
      FIRN_TRY(firn_combine_run(op, dtype, to, from, n, 1, err));
  }
  return FIRN_OK;
}

/* ---- The ops ------------------------------------------------------------ */

static firn_code skips_bad(const firn_node *node, bool *out, firn_error *err) {
  const firn_str policy = firn_attr_str_or(node, "bad_indices_policy", "");
  *out = firn_str_is(policy, "IGNORE");
  if (*out || policy.size == 0 || firn_str_is(policy, "DEFAULT") ||
      firn_str_is(policy, "ERROR"))
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "bad_indices_policy is '%.*s'",
                   FIRN_ARG(policy));
}

/* Whether updates fit indices and the shape of what is changed, as far as
 * known. */
static firn_code check_shapes(const firn_shape *value,
                              const firn_shape *indices,
                              const firn_shape *updates, firn_error *err) {
  firn_shape want, both;
  if (indices->rank < 0 || value->rank < 0) return FIRN_OK;
  const int64_t depth = indices->dims[indices->rank - 1];
  if (depth < 0) return FIRN_OK;
  if (depth > value->rank)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "indices come by %lld, what they index has %d axes",
                     (long long)depth, value->rank);
  FIRN_TRY(firn_shape_join(indices, indices->rank - 1, value, (int)depth, &want,
                           err));
  const firn_code code = firn_shape_merge(&want, updates, &both, err);
  return code == FIRN_OK ? code : firn_while(err, code, "updates");
}

static firn_code infer_scatter(firn_infer *q, firn_error *err) {
  bool skip;
  FIRN_TRY(skips_bad(q->node, &skip, err));
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "indices", err));
  FIRN_TRY(firn_infer_rank_at_least(q, 1, 1, "updates", err));
  FIRN_TRY(firn_infer_shape_of_value(q, 2, &q->out[0].shape, err));
  return check_shapes(&q->out[0].shape, &q->in[0].shape, &q->in[1].shape, err);
}

static firn_code infer_tensor(firn_infer *q, firn_error *err) {
  bool skip;
  FIRN_TRY(skips_bad(q->node, &skip, err));
  FIRN_TRY(firn_infer_rank_at_least(q, 1, 1, "indices", err));
  FIRN_TRY(firn_infer_rank_at_least(q, 2, 1, "updates", err));
  q->out[0].shape = q->in[0].shape;
  return check_shapes(&q->in[0].shape, &q->in[1].shape, &q->in[2].shape, err);
}

static firn_code drive_scatter(const firn_run *run, firn_error *err) {
  const firn_tensor *dims = run->in[2];
  firn_shape shape = {.rank = (int)dims->count};
  firn_tensor *out;
  bool skip;
  for (int k = 0; k < shape.rank; k++) {
    shape.dims[k] = firn_tensor_i64(dims, (size_t)k);
    if (shape.dims[k] < 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "shape[%d] = %lld must not be negative", k,
                       (long long)shape.dims[k]);
  }
  FIRN_TRY(skips_bad(run->node, &skip, err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  firn_fill_zero(out);
  return firn_scatter_slices(FIRN_COMBINE_ADD, skip, out, run->in[0],
                             run->in[1], err);
}

static firn_code drive_tensor(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  const firn_combine *op = run->kernel->micro.table;
  firn_tensor *out;
  bool skip;
  FIRN_TRY(skips_bad(run->node, &skip, err));
  FIRN_TRY(firn_run_output(run, 0, &x->shape, &out, err));
  FIRN_TRY(firn_copy(x->dtype, out->data, x->data, x->count, err));
  return firn_scatter_slices(*op, skip, out, run->in[1], run->in[2], err);
}

/* ---- The family --------------------------------------------------------- */

#define BOOL FIRN_BIT(FIRN_BOOL)
#define TEXT FIRN_BIT(FIRN_STRING)
#define REALS (FIRN_NUMBERS & ~FIRN_COMPLEXES)

static const firn_kernel scatter[] = {
    {.types = {{"T", FIRN_NUMBERS | BOOL | TEXT}}, .drive = drive_scatter},
    {.drive = NULL},
};

#define TENSOR_KERNEL(id, OP, TYPES)      \
  static const firn_combine id##_op = OP; \
  static const firn_kernel id[] = {       \
      {.types = {{"T", TYPES}},           \
       .drive = drive_tensor,             \
       .micro = {.table = &id##_op}},     \
      {.drive = NULL},                    \
  };

TENSOR_KERNEL(non_aliasing, FIRN_COMBINE_ADD, FIRN_NUMBERS | BOOL)
TENSOR_KERNEL(update, FIRN_COMBINE_SET, FIRN_ANY)
TENSOR_KERNEL(add, FIRN_COMBINE_ADD, FIRN_NUMBERS)
TENSOR_KERNEL(sub, FIRN_COMBINE_SUB, FIRN_NUMBERS)
TENSOR_KERNEL(max, FIRN_COMBINE_MAX, REALS)
TENSOR_KERNEL(min, FIRN_COMBINE_MIN, REALS)

static const firn_op ops[] = {
    {"ScatterNd", infer_scatter, scatter, 0},
    {"ScatterNdNonAliasingAdd", infer_tensor, non_aliasing, 0},
    {"TensorScatterUpdate", infer_tensor, update, 0},
    {"TensorScatterAdd", infer_tensor, add, 0},
    {"TensorScatterSub", infer_tensor, sub, 0},
    {"TensorScatterMax", infer_tensor, max, 0},
    {"TensorScatterMin", infer_tensor, min, 0},
};

FIRN_OP_FAMILY(scatter, ops);
