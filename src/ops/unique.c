/* ops/unique.c: which elements there are.
 *
 *   Unique, UniqueV2                 each once, in order of appearance, and for
 *                                    each element which of them it is
 *   UniqueWithCounts(V2)             also how often each occurs
 *   ListDiff                         the elements of x that y has not
 */
#include "ops/distinct.h"
#include "ops/indices.h"
#include "ops/walk.h"

static void put_index(firn_tensor *out, size_t i, size_t value) {
  if (out->dtype == FIRN_INT64)
    ((int64_t *)out->data)[i] = (int64_t)value;
  else
    ((int32_t *)out->data)[i] = (int32_t)value;
}

static firn_code check_countable(const firn_run *run, size_t output, size_t n,
                                 firn_error *err) {
  if (run->node->output_types[output] == FIRN_INT64 || n <= INT32_MAX)
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "%zu elements cannot be counted in int32", n);
}

/* ---- Unique ------------------------------------------------------------- */

static bool has_axis(const firn_node *node) {
  return firn_str_ends(node->type->name, FIRN_STR("V2"));
}

static firn_code infer_unique(firn_infer *q, firn_error *err) {
  const firn_shape *x = &q->in[0].shape;
  int64_t axis = 0, count = -1;
  bool known = true;
  int at = 0;
  if (has_axis(q->node)) {
    FIRN_TRY(firn_infer_rank(q, 1, 1, "axis", NULL, err));
    firn_infer_ints(q, 1, NULL, &count);
    if (count > 1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "axis must have at most 1 element, has %lld",
                       (long long)count);
    known = count == 0 || (count == 1 && firn_infer_int(q, 1, &axis));
  }
  q->out[0].shape = firn_shape_unknown();
  for (size_t i = 1; i < q->out_count; i++)
    q->out[i].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  if (!known || x->rank < 0) return FIRN_OK;
  if (count == 0 || !has_axis(q->node))
    FIRN_TRY(firn_infer_rank(q, 0, 1, "x", NULL, err));
  FIRN_TRY(firn_axis(axis, x->rank, &at, err));
  q->out[0].shape = *x;
  q->out[0].shape.dims[at] = FIRN_UNKNOWN_DIM;
  q->out[1].shape = firn_shape_vector(x->dims[at]);
  return FIRN_OK;
}

/* Copies the members of the set into output 0. */
static firn_code put_members(const firn_run *run, const firn_distinct *set,
                             int axis, firn_error *err) {
  const firn_tensor *x = run->in[0];
  const firn_slices *s = &set->slices;
  firn_shape shape = x->shape;
  firn_tensor *out;
  shape.dims[axis] = (int64_t)set->count;
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  const int64_t inner = (int64_t)s->inner;
  for (size_t m = 0; m < set->count; m++) {
    firn_walk w = {0};
    firn_walk_axis(&w, (int64_t)s->outer, (int64_t)s->n * inner,
                   (int64_t)set->count * inner);
    firn_walk_axis(&w, inner, 1, 1);
    FIRN_TRY(firn_walk_run(
        &w, x->dtype,
        firn_at(x->data, x->dtype, (int64_t)set->members[m] * inner),
        firn_at(out->data, x->dtype, (int64_t)m * inner), run, err));
  }
  return FIRN_OK;
}

static firn_code put_counts(const firn_run *run, size_t members,
                            firn_error *err) {
  const firn_shape shape = firn_shape_vector((int64_t)members);
  const firn_tensor *idx = run->out[1];
  firn_tensor *counts;
  if (run->out_count < 3) return FIRN_OK;
  FIRN_TRY(firn_run_output(run, 2, &shape, &counts, err));
  firn_fill_zero(counts);
  for (size_t i = 0; i < idx->count; i++) {
    const size_t at = (size_t)firn_index(idx, i);
    put_index(counts, at, (size_t)firn_index(counts, at) + 1);
  }
  return FIRN_OK;
}

static firn_code drive_unique(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  int axis = 0;
  if (has_axis(run->node) && run->in[1]->count)
    FIRN_TRY(
        firn_axis(firn_tensor_i64(run->in[1], 0), x->shape.rank, &axis, err));
  const firn_slices slices = {
      .tensor = x,
      .outer = (size_t)firn_shape_product(&x->shape, 0, axis),
      .n = (size_t)x->shape.dims[axis],
      .inner = (size_t)firn_shape_product(&x->shape, axis + 1, x->shape.rank),
  };
  firn_distinct set;
  firn_tensor *idx;
  const firn_shape shape = firn_shape_vector((int64_t)slices.n);
  FIRN_TRY(check_countable(run, 1, slices.n, err));
  FIRN_TRY(firn_run_output(run, 1, &shape, &idx, err));
  FIRN_TRY(firn_distinct_init(&set, &slices, run->env, err));
  for (size_t j = 0; j < slices.n; j++)
    put_index(idx, j, firn_distinct_add(&set, j));
  firn_code code = put_members(run, &set, axis, err);
  if (code == FIRN_OK) code = put_counts(run, set.count, err);
  firn_distinct_fini(&set);
  return code;
}

/* ---- ListDiff ----------------------------------------------------------- */

static firn_code infer_list_diff(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank(q, 0, 1, "x", NULL, err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "y", NULL, err));
  q->out[0].shape = q->out[1].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  return FIRN_OK;
}

static firn_code put_difference(const firn_run *run, const firn_distinct *y,
                                const firn_slices *x, firn_error *err) {
  size_t count = 0;
  firn_tensor *out, *idx;
  for (size_t j = 0; j < x->n; j++) count += !firn_distinct_has(y, x, j);
  const firn_shape shape = firn_shape_vector((int64_t)count);
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  FIRN_TRY(firn_run_output(run, 1, &shape, &idx, err));
  for (size_t j = 0, at = 0; j < x->n; j++) {
    if (firn_distinct_has(y, x, j)) continue;
    FIRN_TRY(firn_copy(out->dtype, firn_at(out->data, out->dtype, (int64_t)at),
                       firn_at(x->tensor->data, out->dtype, (int64_t)j), 1,
                       err));
    put_index(idx, at++, j);
  }
  return FIRN_OK;
}

static firn_code drive_list_diff(const firn_run *run, firn_error *err) {
  const firn_slices x = {run->in[0], 1, run->in[0]->count, 1},
                    y = {run->in[1], 1, run->in[1]->count, 1};
  firn_distinct set;
  FIRN_TRY(check_countable(run, 1, x.n, err));
  FIRN_TRY(firn_distinct_init(&set, &y, run->env, err));
  for (size_t j = 0; j < y.n; j++) firn_distinct_add(&set, j);
  const firn_code code = put_difference(run, &set, &x, err);
  firn_distinct_fini(&set);
  return code;
}

/* ---- The family --------------------------------------------------------- */

#define COMPARABLE \
  (FIRN_FLOATS | FIRN_INTS | FIRN_BIT(FIRN_BOOL) | FIRN_BIT(FIRN_STRING))

#define KERNEL(id)                                         \
  static const firn_kernel id[] = {                        \
      {.types = {{"T", COMPARABLE}}, .drive = drive_##id}, \
      {.drive = NULL},                                     \
  };

KERNEL(unique)
KERNEL(list_diff)

static const firn_op ops[] = {
    {"Unique", infer_unique, unique, 0},
    {"UniqueV2", infer_unique, unique, 0},
    {"UniqueWithCounts", infer_unique, unique, 0},
    {"UniqueWithCountsV2", infer_unique, unique, 0},
    {"ListDiff", infer_list_diff, list_diff, 0},
};

FIRN_OP_FAMILY(unique, ops);
