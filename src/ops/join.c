/* ops/join.c: several tensors become one along an axis, and one several.
 *
 *   Concat, ConcatV2   the parts follow each other along an axis they have
 *   Pack               along a new axis
 *   Split, SplitV, Unpack   the way back
 *
 * Seen from the memory, the whole is a table with one row for each index before
 * the axis, and every part is some columns of it.
 */
#include <assert.h>

#include "ops/indices.h"
#include "ops/walk.h"

/* ---- Columns of a table ------------------------------------------------- */

typedef struct table {
  int64_t rows, columns; /* columns in elements */
  int64_t next;          /* where the next part begins */
} table;

static table table_of(const firn_shape *whole, int axis) {
  table t = {1, 1, 0};
  const int64_t any = firn_shape_product(whole, 0, whole->rank);
  if (any == 0) return (table){0, 0, 0};
  t.rows = firn_shape_product(whole, 0, axis);
  t.columns = firn_shape_product(whole, axis, whole->rank);
  return t;
}

/* Copies the next part into the whole, or out of it. */
static firn_code copy_part(const firn_run *run, table *t, firn_tensor *whole,
                           firn_tensor *part, bool into, firn_error *err) {
  if (part->count == 0) return FIRN_OK;
  assert(t->rows > 0); /* a part is no larger than the whole */
  const int64_t columns = (int64_t)part->count / t->rows;
  char *place = firn_at(whole->data, whole->dtype, t->next);
  firn_walk w = {0};
  firn_walk_axis(&w, t->rows, into ? columns : t->columns,
                 into ? t->columns : columns);
  firn_walk_axis(&w, columns, 1, 1);
  t->next += columns;
  return firn_walk_run(&w, whole->dtype, into ? part->data : place,
                       into ? place : part->data, run, err);
}

/* ---- Concat ------------------------------------------------------------- */

/* Which inputs are the parts, and which is the axis. */
typedef struct parts {
  size_t first, count, axis;
} parts;

static parts parts_of(const firn_node *node, size_t in_count) {
  if (firn_str_is(node->type->name, "Concat"))
    return (parts){1, in_count - 1, 0};
  return (parts){0, in_count - 1, in_count - 1};
}

static firn_code add_part(firn_shape *sum, const firn_shape *part, size_t i,
                          int axis, firn_error *err) {
  char ts[256], tp[256];
  bool fits = part->rank == sum->rank;
  int64_t total = FIRN_UNKNOWN_DIM;
  for (int k = 0; fits && k < sum->rank; k++)
    if (k != axis)
      fits = firn_dim_merge(sum->dims[k], part->dims[k], &sum->dims[k]);
  if (!fits)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "values[%zu] of shape %s does not fit to those before, "
                     "%s, along axis %d",
                     i, firn_shape_text(part, tp), firn_shape_text(sum, ts),
                     axis);
  const int64_t a = sum->dims[axis], b = part->dims[axis];
  if (a >= 0 && b >= 0 && !firn_add_i64(a, b, &total))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the extents along axis %d are too large in sum", axis);
  sum->dims[axis] = total;
  return FIRN_OK;
}

/* Concatenated vectors of integers, as far as their lengths are known. */
static void join_ints(firn_infer *q, const parts *p) {
  int64_t all[FIRN_MAX_INTS];
  size_t used = 0;
  for (size_t i = 0; i < p->count; i++) {
    const int64_t *ints = NULL;
    int64_t count = -1;
    firn_infer_ints(q, p->first + i, &ints, &count);
    if (count < 0 || (size_t)count > FIRN_MAX_INTS - used) return;
    for (int64_t k = 0; k < count; k++)
      all[used++] = ints ? ints[k] : FIRN_UNKNOWN_INT;
  }
  firn_infer_set_ints(q, 0, all, used);
}

/* With the axis not known: the rank is all that can be told. */
static firn_code join_somewhere(const firn_infer *q, const parts *p,
                                firn_shape *out, firn_error *err) {
  for (size_t i = 0; i < p->count; i++) {
    const firn_shape *part = &q->in[p->first + i].shape;
    if (part->rank < 0) continue;
    if (out->rank >= 0 && out->rank != part->rank)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "values[%zu] has %d axes, those before have %d", i,
                       part->rank, out->rank);
    *out = *part;
  }
  for (int k = 0; k < out->rank; k++) out->dims[k] = FIRN_UNKNOWN_DIM;
  return FIRN_OK;
}

static firn_code infer_concat(firn_infer *q, firn_error *err) {
  const parts p = parts_of(q->node, q->in_count);
  firn_shape sum = firn_shape_unknown();
  int64_t value;
  int axis = 0;
  FIRN_TRY(firn_infer_single(q, p.axis, "axis", err));
  if (!firn_infer_int(q, p.axis, &value))
    return join_somewhere(q, &p, &q->out[0].shape, err);
  bool open = false;
  for (size_t i = 0; i < p.count; i++) {
    const firn_shape *part = &q->in[p.first + i].shape;
    if (part->rank < 0) {
      open = true;
      continue;
    }
    if (sum.rank < 0) {
      FIRN_TRY(firn_axis(value, part->rank, &axis, err));
      sum = *part;
      continue;
    }
    FIRN_TRY(add_part(&sum, part, i, axis, err));
  }
  if (open && sum.rank >= 0) sum.dims[axis] = FIRN_UNKNOWN_DIM;
  q->out[0].shape = sum;
  if (sum.rank == 1) join_ints(q, &p);
  return FIRN_OK;
}

static firn_code drive_concat(const firn_run *run, firn_error *err) {
  const parts p = parts_of(run->node, run->in_count);
  firn_shape sum = run->in[p.first]->shape;
  firn_tensor *out;
  int axis;
  FIRN_TRY(
      firn_axis(firn_tensor_i64(run->in[p.axis], 0), sum.rank, &axis, err));
  for (size_t i = 1; i < p.count; i++)
    FIRN_TRY(add_part(&sum, &run->in[p.first + i]->shape, i, axis, err));
  FIRN_TRY(firn_run_output(run, 0, &sum, &out, err));
  table t = table_of(&sum, axis);
  for (size_t i = 0; i < p.count; i++)
    FIRN_TRY(copy_part(run, &t, out, run->in[p.first + i], true, err));
  return FIRN_OK;
}

/* ---- Pack and Unpack ---------------------------------------------------- */

/* Scalars become a vector. */
static void pack_ints(firn_infer *q) {
  int64_t all[FIRN_MAX_INTS];
  if (q->in_count > FIRN_MAX_INTS) return;
  for (size_t i = 0; i < q->in_count; i++)
    if (!firn_infer_int(q, i, &all[i])) all[i] = FIRN_UNKNOWN_INT;
  firn_infer_set_ints(q, 0, all, q->in_count);
}

static firn_code infer_pack(firn_infer *q, firn_error *err) {
  firn_shape part = q->in[0].shape;
  int axis;
  for (size_t i = 1; i < q->in_count; i++) {
    const firn_code code = firn_shape_merge(&part, &q->in[i].shape, &part, err);
    if (code != FIRN_OK) return firn_while(err, code, "values[%zu]", i);
  }
  if (part.rank < 0) return FIRN_OK;
  if (part.rank == FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                     FIRN_MAX_RANK);
  firn_shape out = {.rank = part.rank + 1};
  FIRN_TRY(
      firn_axis(firn_attr_int_or(q->node, "axis", 0), out.rank, &axis, err));
  for (int k = 0; k < out.rank; k++)
    out.dims[k] = k == axis ? (int64_t)q->in_count : part.dims[k - (k > axis)];
  q->out[0].shape = out;
  if (part.rank == 0) pack_ints(q);
  return FIRN_OK;
}

static firn_code drive_pack(const firn_run *run, firn_error *err) {
  firn_tensor *out = run->out[0];
  int axis;
  FIRN_TRY(firn_axis(firn_attr_int_or(run->node, "axis", 0), out->shape.rank,
                     &axis, err));
  table t = table_of(&out->shape, axis);
  for (size_t i = 0; i < run->in_count; i++)
    FIRN_TRY(copy_part(run, &t, out, run->in[i], true, err));
  return FIRN_OK;
}

/* Integers [i * each, (i + 1) * each) of input `in` are those of output i. */
static void part_ints(firn_infer *q, size_t in, size_t i, int64_t from,
                      int64_t each) {
  const int64_t *ints = NULL;
  int64_t count = -1;
  firn_infer_ints(q, in, &ints, &count);
  if (ints && from + each <= count)
    firn_infer_set_ints(q, i, ints + from, (size_t)each);
}

static firn_code infer_unpack(firn_infer *q, firn_error *err) {
  const firn_shape *whole = &q->in[0].shape;
  int axis;
  int64_t num;
  if (whole->rank < 0) return FIRN_OK;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "value", err));
  FIRN_TRY(
      firn_axis(firn_attr_int_or(q->node, "axis", 0), whole->rank, &axis, err));
  if (!firn_dim_merge(whole->dims[axis], (int64_t)q->out_count, &num))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "axis %d of value has %lld elements, attr 'num' is %zu",
                     axis, (long long)whole->dims[axis], q->out_count);
  firn_shape part = {.rank = 0};
  for (int k = 0; k < whole->rank; k++)
    if (k != axis) part.dims[part.rank++] = whole->dims[k];
  for (size_t i = 0; i < q->out_count; i++) {
    q->out[i].shape = part;
    if (part.rank == 0) part_ints(q, 0, i, (int64_t)i, 1);
  }
  return FIRN_OK;
}

static firn_code drive_unpack(const firn_run *run, firn_error *err) {
  firn_tensor *whole = run->in[0];
  int axis;
  FIRN_TRY(firn_axis(firn_attr_int_or(run->node, "axis", 0), whole->shape.rank,
                     &axis, err));
  table t = table_of(&whole->shape, axis);
  for (size_t i = 0; i < run->out_count; i++)
    FIRN_TRY(copy_part(run, &t, whole, run->out[i], false, err));
  return FIRN_OK;
}

/* ---- Split and SplitV --------------------------------------------------- */

static void spread_unknown(firn_infer *q, const firn_shape *whole) {
  firn_shape part = *whole;
  for (int k = 0; k < part.rank; k++) part.dims[k] = FIRN_UNKNOWN_DIM;
  for (size_t i = 0; i < q->out_count; i++) q->out[i].shape = part;
}

static firn_code uneven(int64_t extent, int axis, size_t count,
                        firn_error *err) {
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "axis %d of value has %lld elements, which %zu parts cannot "
                   "share",
                   axis, (long long)extent, count);
}

static firn_code infer_split(firn_infer *q, firn_error *err) {
  const firn_shape *whole = &q->in[1].shape;
  int64_t value;
  int axis;
  FIRN_TRY(firn_infer_rank(q, 0, 0, "split_dim", NULL, err));
  if (whole->rank < 0) return FIRN_OK;
  FIRN_TRY(firn_infer_rank_at_least(q, 1, 1, "value", err));
  if (!firn_infer_int(q, 0, &value)) {
    spread_unknown(q, whole);
    return FIRN_OK;
  }
  FIRN_TRY(firn_axis(value, whole->rank, &axis, err));
  firn_shape part = *whole;
  const int64_t extent = part.dims[axis], n = (int64_t)q->out_count;
  if (extent >= 0 && extent % n) return uneven(extent, axis, q->out_count, err);
  if (extent >= 0) part.dims[axis] = extent / n;
  for (size_t i = 0; i < q->out_count; i++) {
    q->out[i].shape = part;
    if (part.rank == 1 && extent >= 0)
      part_ints(q, 1, i, (int64_t)i * (extent / n), extent / n);
  }
  return FIRN_OK;
}

/* Cuts axis `axis` of the whole into parts of these sizes, or of `each`. */
static firn_code cut(const firn_run *run, firn_tensor *whole, int axis,
                     const int64_t *sizes, int64_t each, firn_error *err) {
  firn_shape part = whole->shape;
  table t = table_of(&part, axis);
  for (size_t i = 0; i < run->out_count; i++) {
    firn_tensor *out;
    part.dims[axis] = sizes ? sizes[i] : each;
    FIRN_TRY(firn_run_output(run, i, &part, &out, err));
    FIRN_TRY(copy_part(run, &t, whole, out, false, err));
  }
  return FIRN_OK;
}

static firn_code drive_split(const firn_run *run, firn_error *err) {
  firn_tensor *whole = run->in[1];
  const int64_t n = (int64_t)run->out_count;
  int axis;
  FIRN_TRY(
      firn_axis(firn_tensor_i64(run->in[0], 0), whole->shape.rank, &axis, err));
  const int64_t extent = whole->shape.dims[axis];
  if (extent % n) return uneven(extent, axis, run->out_count, err);
  return cut(run, whole, axis, NULL, extent / n, err);
}

/* The sizes of the parts with the -1 among them replaced, as far as known:
 * whoever is not stays FIRN_UNKNOWN_INT. `extent` may be -1 (unknown). */
static firn_code split_sizes(const int64_t *ints, size_t count, int64_t extent,
                             int64_t *sizes, firn_error *err) {
  int64_t sum = 0;
  size_t rest = count, open = 0;
  for (size_t i = 0; i < count; i++) {
    const int64_t size = sizes[i] = ints[i];
    if (size == FIRN_UNKNOWN_INT) {
      open++;
    } else if (size == -1) {
      if (rest < count)
        return firn_fail(err, FIRN_INVALID_ARGUMENT,
                         "only one of size_splits may be -1");
      rest = i;
      sizes[i] = FIRN_UNKNOWN_INT;
    } else if (size < 0 || !firn_add_i64(sum, size, &sum)) {
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "size_splits[%zu] = %lld is no size", i,
                       (long long)size);
    }
  }
  if (extent < 0 || open) return FIRN_OK;
  if (rest < count ? sum > extent : sum != extent)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "size_splits sum up to %lld, value has %lld elements on "
                     "that axis",
                     (long long)sum, (long long)extent);
  if (rest < count) sizes[rest] = extent - sum;
  return FIRN_OK;
}

static firn_code check_split_count(int64_t have, size_t want, firn_error *err) {
  if (have < 0 || have == (int64_t)want) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "size_splits has %lld elements, attr 'num_split' is %zu",
                   (long long)have, want);
}

static firn_code infer_split_v(firn_infer *q, firn_error *err) {
  const firn_shape *whole = &q->in[0].shape;
  const int64_t *ints = NULL;
  int64_t value, count = -1, from = 0;
  int axis;
  FIRN_TRY(firn_infer_rank(q, 1, 1, "size_splits", NULL, err));
  firn_infer_ints(q, 1, &ints, &count);
  FIRN_TRY(check_split_count(count, q->out_count, err));
  FIRN_TRY(firn_infer_single(q, 2, "split_dim", err));
  if (whole->rank < 0) return FIRN_OK;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "value", err));
  spread_unknown(q, whole);
  if (!firn_infer_int(q, 2, &value)) return FIRN_OK;
  FIRN_TRY(firn_axis(value, whole->rank, &axis, err));
  int64_t *sizes = NULL;
  if (ints) {
    sizes = firn_arena_array(q->arena, q->out_count, sizeof *sizes);
    if (!sizes) return firn_oom(err, q->out_count * sizeof *sizes);
    FIRN_TRY(split_sizes(ints, q->out_count, whole->dims[axis], sizes, err));
  }
  for (size_t i = 0; i < q->out_count; i++) {
    firn_shape part = *whole;
    const int64_t size = sizes ? sizes[i] : FIRN_UNKNOWN_INT;
    part.dims[axis] = size == FIRN_UNKNOWN_INT ? FIRN_UNKNOWN_DIM : size;
    q->out[i].shape = part;
    if (size == FIRN_UNKNOWN_INT) from = FIRN_UNKNOWN_INT;
    if (from == FIRN_UNKNOWN_INT) continue;
    if (part.rank == 1) part_ints(q, 0, i, from, size);
    from += size;
  }
  return FIRN_OK;
}

static firn_code drive_split_v(const firn_run *run, firn_error *err) {
  firn_tensor *whole = run->in[0];
  const size_t n = run->out_count;
  int axis;
  FIRN_TRY(
      firn_axis(firn_tensor_i64(run->in[2], 0), whole->shape.rank, &axis, err));
  FIRN_TRY(check_split_count((int64_t)run->in[1]->count, n, err));
  int64_t *sizes = firn_new(&run->env->alloc, n * 2 * sizeof *sizes);
  if (!sizes) return firn_oom(err, n * 2 * sizeof *sizes);
  for (size_t i = 0; i < n; i++) sizes[n + i] = firn_tensor_i64(run->in[1], i);
  firn_code code =
      split_sizes(sizes + n, n, whole->shape.dims[axis], sizes, err);
  if (code == FIRN_OK) code = cut(run, whole, axis, sizes, 0, err);
  firn_delete(&run->env->alloc, sizes, n * 2 * sizeof *sizes);
  return code;
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(id, ...)                   \
  static const firn_kernel id[] = {       \
      {.drive = drive_##id, __VA_ARGS__}, \
      {.drive = NULL},                    \
  };

KERNEL(concat, .unaligned = ~0u)
KERNEL(pack, .unaligned = ~0u)
KERNEL(unpack, .unaligned = 1)
KERNEL(split, .unaligned = 2)
KERNEL(split_v, .unaligned = 1)

static const firn_op ops[] = {
    {"Concat", infer_concat, concat, 0}, {"ConcatV2", infer_concat, concat, 0},
    {"Pack", infer_pack, pack, 0},       {"Unpack", infer_unpack, unpack, 0},
    {"Split", infer_split, split, 0},    {"SplitV", infer_split_v, split_v, 0},
};

FIRN_OP_FAMILY(join, ops);
