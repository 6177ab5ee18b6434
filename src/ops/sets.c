/* ops/sets.c: rows as sets, and as sequences.
 *
 *   DenseToDenseSetOperation, DenseToSparse..., SparseToSparse...
 *       for each row of two tensors: a - b, b - a, intersection or union
 *   SetSize        how many different elements each row of a sparse tensor has
 *   EditDistance   how many changes make one row into another
 *
 * A row is what differs in the last index only; its group is the number of all
 * indices before. Sets come out in increasing order.
 */
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "ops/sparse.h"
#include "ops/walk.h"

/* ---- Elements of sets --------------------------------------------------- */

typedef struct element {
  int64_t group;
  int64_t number; /* of an integer type */
  firn_str text;  /* of strings         */
  size_t index;   /* in its tensor      */
  bool second;    /* from set b         */
} element;

typedef struct elements {
  element *all;
  size_t n, room;
} elements;

static int by_value(const element *a, const element *b) {
  if (a->group != b->group) return a->group < b->group ? -1 : 1;
  if (a->number != b->number) return a->number < b->number ? -1 : 1;
  return firn_str_compare(a->text, b->text);
}

static int by_value_and_side(const void *pa, const void *pb) {
  const element *a = pa, *b = pb;
  const int way = by_value(a, b);
  return way ? way : (int)a->second - (int)b->second;
}

static void add(elements *e, const firn_tensor *values, size_t i, int64_t group,
                bool second) {
  element *to = &e->all[e->n++];
  *to = (element){.group = group, .index = i, .second = second};
  if (values->dtype == FIRN_STRING)
    to->text = firn_tstring_get((const firn_tstring *)values->data + i);
  else
    to->number = firn_tensor_i64(values, i);
}

static void add_dense(elements *e, const firn_tensor *x, bool second) {
  const int64_t width = x->shape.dims[x->shape.rank - 1];
  for (size_t i = 0; i < x->count; i++)
    add(e, x, i, (int64_t)i / width, second);
}

/* Indices must be within the shape and, unless the node says otherwise, in
 * order. */
static firn_code check_rows(const firn_node *node, const firn_sparse *s,
                            firn_error *err) {
  FIRN_TRY(firn_sparse_check(s, err));
  if (!firn_attr_bool_or(node, "validate_indices", true)) return FIRN_OK;
  for (size_t i = 1; i < s->n; i++) {
    const int way = firn_sparse_compare(s, i - 1, s, i);
    if (way >= 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "indices[%zu] %s", i,
                       way ? "is out of order" : "is there twice");
  }
  return FIRN_OK;
}

static int64_t group_of(const firn_sparse *s, size_t i) {
  int64_t group = 0;
  for (int k = 0; k < s->rank - 1; k++)
    group = group * s->shape.dims[k] + firn_sparse_at(s, i, k);
  return group;
}

static void add_sparse(elements *e, const firn_sparse *s, bool second) {
  for (size_t i = 0; i < s->n; i++)
    add(e, s->values, i, group_of(s, i), second);
}

static firn_code elements_init(elements *e, size_t room, const firn_env *env,
                               firn_error *err) {
  *e = (elements){.room = room};
  size_t bytes;
  if (!firn_mul_size(room + 1, sizeof *e->all, &bytes))
    return firn_oom(err, SIZE_MAX);
  e->all = firn_new(&env->alloc, bytes);
  return e->all ? FIRN_OK : firn_oom(err, bytes);
}

static void elements_fini(elements *e, const firn_env *env) {
  firn_delete(&env->alloc, e->all, (e->room + 1) * sizeof *e->all);
}

/* ---- Set operations ----------------------------------------------------- */

typedef enum operation { A_MINUS_B, B_MINUS_A, INTERSECTION, UNION } operation;

static firn_code operation_of(const firn_node *node, operation *out,
                              firn_error *err) {
  static const char *const names[] = {"a-b", "b-a", "intersection", "union"};
  const firn_str name = firn_attr_str_or(node, "set_operation", "");
  for (size_t i = 0; i < FIRN_COUNT(names); i++)
    if (firn_str_is(name, names[i])) {
      *out = (operation)i;
      return FIRN_OK;
    }
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "there is no set_operation '%.*s'", FIRN_ARG(name));
}

/* The first element after all that equal e->all[i], and whether the value is in
 * the result. */
static size_t next_value(const elements *e, size_t i, operation op,
                         bool *kept) {
  size_t end = i;
  bool in[2] = {false, false};
  for (; end < e->n && by_value(&e->all[i], &e->all[end]) == 0; end++)
    in[e->all[end].second] = true;
  *kept = op == A_MINUS_B      ? in[0] && !in[1]
          : op == B_MINUS_A    ? in[1] && !in[0]
          : op == INTERSECTION ? in[0] && in[1]
                               : true;
  return end;
}

/* Counts the values of the result, and the most in one group. */
static void count_values(const elements *e, operation op, int64_t *n,
                         int64_t *widest) {
  int64_t width = 0;
  bool kept;
  *n = *widest = 0;
  for (size_t i = 0, end; i < e->n; i = end) {
    if (i && e->all[i].group != e->all[i - 1].group) width = 0;
    end = next_value(e, i, op, &kept);
    *n += kept;
    width += kept;
    if (width > *widest) *widest = width;
  }
}

/* Writes the result; `outer` are the extents of the groups, `values` what the
 * elements of a and b come from. */
static firn_code put_sets(const firn_run *run, elements *e, operation op,
                          const firn_shape *outer,
                          const firn_tensor *const values[2], firn_error *err) {
  const int rank = outer->rank + 1;
  int64_t n, widest, width = 0;
  size_t row = 0;
  firn_tensor *indices, *out;
  firn_shape shape = *outer;
  bool kept;
  if (e->n) qsort(e->all, e->n, sizeof *e->all, by_value_and_side);
  count_values(e, op, &n, &widest);
  shape.dims[shape.rank++] = widest;
  FIRN_TRY(firn_put_shape(run, 2, &shape, err));
  FIRN_TRY(firn_sparse_outputs(run, 0, 1, n, rank, &indices, &out, err));
  for (size_t i = 0, end; i < e->n; i = end) {
    const element *v = &e->all[i];
    if (i && v->group != e->all[i - 1].group) width = 0;
    end = next_value(e, i, op, &kept);
    if (!kept) continue;
    int64_t *at = (int64_t *)indices->data + row * (size_t)rank;
    int64_t rest = v->group;
    at[rank - 1] = width++;
    for (int k = rank - 2; k >= 0; k--) {
      at[k] = rest % outer->dims[k];
      rest /= outer->dims[k];
    }
    FIRN_TRY(firn_copy(
        out->dtype, firn_at(out->data, out->dtype, (int64_t)row++),
        firn_at(values[v->second]->data, out->dtype, (int64_t)v->index), 1,
        err));
  }
  return FIRN_OK;
}

static firn_code same_groups(const firn_shape *a, const firn_shape *b,
                             firn_shape *outer, firn_error *err) {
  firn_shape ga = *a, gb = *b;
  if (a->rank < 2 || b->rank < 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "sets need at least 2 axes, these have %d and %d", a->rank,
                     b->rank);
  ga.rank--, gb.rank--;
  const firn_code code = firn_shape_merge(&ga, &gb, outer, err);
  return code == FIRN_OK ? code
                         : firn_while(err, code, "the rows of both sets");
}

/* How many of inputs 0 and 1 of the op are dense. */
static int dense_count(const firn_node *node) {
  if (firn_str_starts(node->type->name, FIRN_STR("DenseToDense"))) return 2;
  return firn_str_starts(node->type->name, FIRN_STR("DenseToSparse"));
}

static firn_code infer_set(firn_infer *q, firn_error *err) {
  const int dense = dense_count(q->node);
  operation op;
  int64_t rank = FIRN_UNKNOWN_DIM, other = FIRN_UNKNOWN_DIM;
  FIRN_TRY(operation_of(q->node, &op, err));
  if (dense) rank = q->in[0].shape.rank;
  if (dense == 0)
    FIRN_TRY(firn_infer_sparse(q, 0, 1, 2, NULL, &rank, NULL, err));
  if (dense == 2)
    other = q->in[1].shape.rank;
  else
    FIRN_TRY(firn_infer_sparse(q, dense ? 1 : 3, dense ? 2 : 4, dense ? 3 : 5,
                               NULL, &other, NULL, err));
  if (!firn_dim_merge(rank, other, &rank))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "one set has %lld axes, the other %lld", (long long)rank,
                     (long long)other);
  q->out[0].shape = (firn_shape){.rank = 2, .dims = {FIRN_UNKNOWN_DIM, rank}};
  q->out[1].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  q->out[2].shape = firn_shape_vector(rank);
  return FIRN_OK;
}

static firn_code drive_set(const firn_run *run, firn_error *err) {
  const int dense = dense_count(run->node);
  firn_sparse s[2];
  firn_shape outer;
  operation op;
  elements e;
  FIRN_TRY(operation_of(run->node, &op, err));
  if (dense == 0)
    FIRN_TRY(firn_sparse_of(run->in[0], run->in[1], run->in[2], &s[0], err));
  if (dense < 2)
    FIRN_TRY(firn_sparse_of(run->in[dense ? 1 : 3], run->in[dense ? 2 : 4],
                            run->in[dense ? 3 : 5], &s[1], err));
  for (int i = dense; i < 2; i++) FIRN_TRY(check_rows(run->node, &s[i], err));
  const firn_shape *a = dense ? &run->in[0]->shape : &s[0].shape,
                   *b = dense == 2 ? &run->in[1]->shape : &s[1].shape;
  FIRN_TRY(same_groups(a, b, &outer, err));
  int64_t groups;
  if (!firn_shape_count(&outer, &groups))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "there are more than 2^63 - 1 sets");
  const firn_tensor *const values[2] = {dense ? run->in[0] : s[0].values,
                                        dense == 2 ? run->in[1] : s[1].values};
  FIRN_TRY(
      elements_init(&e, values[0]->count + values[1]->count, run->env, err));
  for (int i = 0; i < 2; i++)
    if (i < dense)
      add_dense(&e, values[i], i == 1);
    else
      add_sparse(&e, &s[i], i == 1);
  const firn_code code = put_sets(run, &e, op, &outer, values, err);
  elements_fini(&e, run->env);
  return code;
}

/* ---- SetSize ------------------------------------------------------------ */

static firn_code infer_size(firn_infer *q, firn_error *err) {
  firn_shape dense;
  FIRN_TRY(firn_infer_sparse(q, 0, 1, 2, NULL, NULL, &dense, err));
  if (dense.rank < 0) return FIRN_OK;
  if (dense.rank < 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "sets need at least 2 axes, have %d", dense.rank);
  q->out[0].shape = dense;
  q->out[0].shape.rank--;
  return FIRN_OK;
}

static firn_code drive_size(const firn_run *run, firn_error *err) {
  firn_sparse s;
  elements e;
  firn_tensor *out;
  bool kept;
  FIRN_TRY(firn_sparse_of(run->in[0], run->in[1], run->in[2], &s, err));
  FIRN_TRY(check_rows(run->node, &s, err));
  firn_shape shape = s.shape;
  shape.rank--;
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  firn_fill_zero(out);
  FIRN_TRY(elements_init(&e, s.n, run->env, err));
  add_sparse(&e, &s, false);
  if (e.n) qsort(e.all, e.n, sizeof *e.all, by_value_and_side);
  for (size_t i = 0; i < e.n; i = next_value(&e, i, UNION, &kept))
    ((int32_t *)out->data)[e.all[i].group]++;
  elements_fini(&e, run->env);
  return FIRN_OK;
}

/* ---- EditDistance ------------------------------------------------------- */

static firn_code infer_edit(firn_infer *q, firn_error *err) {
  firn_shape a, b;
  FIRN_TRY(firn_infer_sparse(q, 0, 1, 2, NULL, NULL, &a, err));
  FIRN_TRY(firn_infer_sparse(q, 3, 4, 5, NULL, NULL, &b, err));
  if (a.rank < 0 || b.rank < 0) return FIRN_OK;
  if (a.rank != b.rank || a.rank < 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "hypothesis and truth must have as many axes as each "
                     "other, at least 2; they have %d and %d",
                     a.rank, b.rank);
  q->out[0].shape.rank = a.rank - 1;
  for (int k = 0; k < a.rank - 1; k++)
    q->out[0].shape.dims[k] = a.dims[k] < 0 || b.dims[k] < 0 ? FIRN_UNKNOWN_DIM
                              : a.dims[k] > b.dims[k]        ? a.dims[k]
                                                             : b.dims[k];
  return FIRN_OK;
}

static bool same(const firn_tensor *a, size_t i, const firn_tensor *b,
                 size_t j) {
  const size_t size = firn_dtype_size(a->dtype);
  if (a->dtype == FIRN_STRING)
    return firn_str_eq(firn_tstring_get((const firn_tstring *)a->data + i),
                       firn_tstring_get((const firn_tstring *)b->data + j));
  if (a->dtype < 64 && (FIRN_BIT(a->dtype) & FIRN_FLOATS))
    return firn_tensor_f64(a, i) == firn_tensor_f64(b, j);
  return !memcmp((char *)a->data + i * size, (char *)b->data + j * size, size);
}

/* The least number of insertions, deletions and replacements that make a[0..n)
 * into b[0..m). `row` has room for m + 1. */
static int64_t distance(const firn_tensor *a, size_t i, size_t n,
                        const firn_tensor *b, size_t j, size_t m,
                        int64_t *row) {
  for (size_t k = 0; k <= m; k++) row[k] = (int64_t)k;
  for (size_t r = 0; r < n; r++) {
    int64_t diagonal = row[0];
    row[0] = (int64_t)r + 1;
    for (size_t k = 0; k < m; k++) {
      const int64_t replaced = diagonal + !same(a, i + r, b, j + k);
      diagonal = row[k + 1];
      int64_t least = row[k] < diagonal ? row[k] + 1 : diagonal + 1;
      row[k + 1] = replaced < least ? replaced : least;
    }
  }
  return row[m];
}

/* The group of row i among the result's elements; -1 outside. */
static int64_t result_of(const firn_sparse *s, size_t i,
                         const firn_shape *shape) {
  int64_t at = 0;
  for (int k = 0; k < shape->rank; k++) {
    const int64_t index = firn_sparse_at(s, i, k);
    if (index < 0 || index >= shape->dims[k]) return -1;
    at = at * shape->dims[k] + index;
  }
  return at;
}

/* The rows of one group from *i on; moves *i behind them. */
static size_t group_size(const firn_sparse *s, size_t *i,
                         const firn_shape *shape) {
  const size_t first = *i;
  const int64_t group = result_of(s, first, shape);
  while (*i < s->n && result_of(s, *i, shape) == group) ++*i;
  return *i - first;
}

static void put_distances(const firn_sparse *a, const firn_sparse *b,
                          bool normalize, firn_tensor *out, int64_t *row) {
  float *y = out->data;
  for (size_t i = 0, j = 0; i < a->n || j < b->n;) {
    const int64_t ga = i < a->n ? result_of(a, i, &out->shape) : INT64_MAX,
                  gb = j < b->n ? result_of(b, j, &out->shape) : INT64_MAX;
    const size_t ia = i, jb = j;
    const size_t n = ga <= gb ? group_size(a, &i, &out->shape) : 0;
    const size_t m = gb <= ga ? group_size(b, &j, &out->shape) : 0;
    const float changes =
        (float)distance(a->values, ia, n, b->values, jb, m, row);
    y[ga < gb ? ga : gb] = !normalize ? changes
                           : m        ? changes / (float)m
                                      : INFINITY;
  }
}

static firn_code drive_edit(const firn_run *run, firn_error *err) {
  firn_sparse s[2];
  firn_shape shape;
  firn_tensor *out;
  for (size_t i = 0; i < 2; i++)
    FIRN_TRY(firn_sparse_of(run->in[3 * i], run->in[3 * i + 1],
                            run->in[3 * i + 2], &s[i], err));
  shape = s[0].shape;
  shape.rank--;
  for (int k = 0; k < shape.rank; k++)
    if (s[1].shape.dims[k] > shape.dims[k]) shape.dims[k] = s[1].shape.dims[k];
  for (size_t i = 0; i < 2; i++)
    for (size_t r = 0; r < s[i].n; r++)
      if (result_of(&s[i], r, &shape) < 0)
        return firn_fail(err, FIRN_INVALID_ARGUMENT,
                         "%s_indices[%zu] is outside of the dense shape",
                         i ? "truth" : "hypothesis", r);
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  firn_fill_zero(out);
  const size_t bytes = (s[1].n + 1) * sizeof(int64_t);
  int64_t *row = firn_new(&run->env->alloc, bytes);
  if (!row) return firn_oom(err, bytes);
  put_distances(&s[0], &s[1], firn_attr_bool_or(run->node, "normalize", true),
                out, row);
  firn_delete(&run->env->alloc, row, bytes);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

static const firn_kernel set[] = {{.drive = drive_set}, {.drive = NULL}};
static const firn_kernel size[] = {{.drive = drive_size}, {.drive = NULL}};
static const firn_kernel edit[] = {{.drive = drive_edit}, {.drive = NULL}};

static const firn_op ops[] = {
    {"DenseToDenseSetOperation", infer_set, set, 0},
    {"DenseToSparseSetOperation", infer_set, set, 0},
    {"SparseToSparseSetOperation", infer_set, set, 0},
    {"SetSize", infer_size, size, 0},
    {"EditDistance", infer_edit, edit, 0},
};

FIRN_OP_FAMILY(sets, ops);
