/* ops/ragged_dense.c: RaggedTensorToTensor, rows filled up to equal lengths.
 *
 * A ragged axis is given by row splits, or by the row number of each element
 * (VALUE_ROWIDS; then the number of rows comes first, FIRST_DIM_SIZE). From the
 * outermost axis inwards it is worked out where each row begins in the result,
 * or that it falls outside; in the end that is known of each row of values.
 */
#include "ops/indices.h"
#include "ops/walk.h"

enum { SHAPE, VALUES, DEFAULT, PARTITIONS };

typedef enum kind { FIRST_DIM_SIZE, VALUE_ROWIDS, ROW_SPLITS } kind;

/* The ragged axes: `count` partitions, the first of them input `first`. */
typedef struct partitions {
  kind kinds[FIRN_MAX_RANK];
  size_t first;
  int count;
  bool sized; /* the number of rows is an input of its own */
} partitions;

static firn_code kind_of(firn_str name, kind *out, firn_error *err) {
  static const char *const names[] = {"FIRST_DIM_SIZE", "VALUE_ROWIDS",
                                      "ROW_SPLITS"};
  for (size_t i = 0; i < FIRN_COUNT(names); i++)
    if (firn_str_is(name, names[i])) {
      *out = (kind)i;
      return FIRN_OK;
    }
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "there is no row partition type '%.*s'", FIRN_ARG(name));
}

static firn_code partitions_of(const firn_node *node, size_t in_count,
                               partitions *p, firn_error *err) {
  const firn_pb_AttrValue *attr = firn_attr(node, "row_partition_types");
  const firn_pb_AttrValue_ListValue *list =
      attr && attr->value_case == FIRN_ATTR_LIST ? attr->list : NULL;
  const size_t n = list ? list->s_count : 0;
  if (n == 0 || n != in_count - PARTITIONS)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu row_partition_types for %zu row_partition_tensors", n,
                     in_count - PARTITIONS);
  if (n >= FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                     FIRN_MAX_RANK);
  *p = (partitions){.first = PARTITIONS};
  for (size_t i = 0; i < n; i++) {
    kind k;
    FIRN_TRY(kind_of(list->s[i], &k, err));
    const bool fits = i == 0 ? k != VALUE_ROWIDS : k != FIRST_DIM_SIZE;
    if (!fits)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "row_partition_types[%zu] cannot be '%.*s'", i,
                       FIRN_ARG(list->s[i]));
    if (k == FIRST_DIM_SIZE)
      p->first++, p->sized = true;
    else
      p->kinds[p->count++] = k;
  }
  return FIRN_OK;
}

/* The shape that is asked for, against that of the values: unknown extents are
 * what the rows make them. */
static firn_code wanted_shape(const partitions *p, const int64_t *ints,
                              int64_t count, const firn_shape *values,
                              firn_shape *out, firn_error *err) {
  const int rank = p->count + values->rank;
  char tv[256];
  if (values->rank < 1 || rank > FIRN_MAX_RANK || (count >= 0 && count != rank))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "shape has %lld elements; values of shape %s in %d ragged "
                     "axes need %d",
                     (long long)count, firn_shape_text(values, tv), p->count,
                     rank);
  *out = (firn_shape){.rank = rank};
  for (int k = 0; k < rank; k++) {
    const int64_t want = count >= 0 && ints ? ints[k] : -1;
    const int64_t have =
        k > p->count ? values->dims[k - p->count] : FIRN_UNKNOWN_DIM;
    if (want < -1 && want != FIRN_UNKNOWN_INT)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "shape[%d] = %lld must be -1 or more", k,
                       (long long)want);
    if (!firn_dim_merge(want < 0 ? FIRN_UNKNOWN_DIM : want, have,
                        &out->dims[k]))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "shape[%d] = %lld, values have %lld elements there", k,
                       (long long)want, (long long)have);
  }
  return FIRN_OK;
}

static firn_code infer(firn_infer *q, firn_error *err) {
  const int64_t *ints = NULL;
  int64_t count = -1;
  partitions p;
  FIRN_TRY(partitions_of(q->node, q->in_count, &p, err));
  const firn_info *shape = &q->in[SHAPE];
  if (shape->shape.rank < 0 || q->in[VALUES].shape.rank < 0) return FIRN_OK;
  if (shape->shape.rank > 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "shape must be a vector, or -1");
  if (shape->shape.rank == 1) firn_infer_ints(q, SHAPE, &ints, &count);
  if (shape->shape.rank == 1 && count < 0) return FIRN_OK;
  firn_shape *out = &q->out[0].shape;
  FIRN_TRY(wanted_shape(&p, ints, count, &q->in[VALUES].shape, out, err));
  for (int k = 0; shape->shape.rank == 1 && !ints && k < out->rank; k++)
    if (k <= p.count) out->dims[k] = FIRN_UNKNOWN_DIM;
  return FIRN_OK;
}

/* ---- What the partitions say -------------------------------------------- */

static firn_code check_partition(const firn_tensor *t, kind k, int number,
                                 int64_t rows, firn_error *err) {
  const size_t n = t->count;
  if (t->shape.rank != 1 ||
      (k == ROW_SPLITS &&
       (n == 0 || (int64_t)n != rows + 1 || firn_index(t, 0) != 0)))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "row partition %d must be the splits of %lld rows, from 0 "
                     "on",
                     number, (long long)rows);
  for (size_t i = 0; i < n; i++) {
    const int64_t value = firn_index(t, i);
    if (k == VALUE_ROWIDS ? value < 0 || value >= rows
                          : i && value < firn_index(t, i - 1))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       k == VALUE_ROWIDS
                           ? "row partition %d has %lld, which is no row"
                           : "row partition %d decreases to %lld",
                       number, (long long)value);
  }
  return FIRN_OK;
}

/* How many elements the partition's rows have in all. */
static int64_t below(const firn_tensor *t, kind k) {
  return k == ROW_SPLITS ? firn_index(t, t->count - 1) : (int64_t)t->count;
}

/* The length of the longest row. */
static int64_t longest(const firn_tensor *t, kind k) {
  int64_t most = 0, length = 0;
  for (size_t i = k == ROW_SPLITS ? 1 : 0; i < t->count; i++) {
    if (k == ROW_SPLITS)
      length = firn_index(t, i) - firn_index(t, i - 1);
    else
      length = i && firn_index(t, i) == firn_index(t, i - 1) ? length + 1 : 1;
    if (length > most) most = length;
  }
  return most;
}

/* to[j]: where element j of the partition's rows begins, `step` apart, when
 * its row begins at from[]; -1 for what lies outside of `width`. */
static void place_rows(const firn_tensor *t, kind k, const int64_t *from,
                       int64_t width, int64_t step, int64_t *to) {
  int64_t column = 0;
  if (k == VALUE_ROWIDS) {
    for (size_t j = 0; j < t->count; j++) {
      const int64_t row = firn_index(t, j);
      column = j && row == firn_index(t, j - 1) ? column + 1 : 0;
      to[j] = from[row] < 0 || column >= width ? -1 : from[row] + column * step;
    }
    return;
  }
  for (size_t row = 0; row + 1 < t->count; row++)
    for (int64_t j = firn_index(t, row); j < firn_index(t, row + 1); j++) {
      column = j - firn_index(t, row);
      to[j] = from[row] < 0 || column >= width ? -1 : from[row] + column * step;
    }
}

/* ---- The result --------------------------------------------------------- */

static firn_code first_extent(const firn_run *run, const partitions *p,
                              int64_t *out, firn_error *err) {
  const firn_tensor *t = run->in[PARTITIONS];
  if (p->sized ? t->count != 1 : t->count == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the first row partition is empty");
  *out = p->sized ? firn_index(t, 0) : (int64_t)t->count - 1;
  if (*out >= 0) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "the first dimension is %lld",
                   (long long)*out);
}

/* Fills the result with the default, which broadcasts to a row of values. */
static firn_code fill_default(const firn_run *run, firn_tensor *out, int outer,
                              firn_error *err) {
  const firn_tensor *value = run->in[DEFAULT];
  const firn_shape *v = &value->shape, *s = &out->shape;
  int64_t from[FIRN_MAX_RANK], to[FIRN_MAX_RANK];
  const int more = s->rank - v->rank;
  bool fits = more >= outer;
  for (int k = 0; fits && k < v->rank; k++)
    fits = v->dims[k] == 1 || v->dims[k] == s->dims[k + more];
  if (!fits) {
    char tv[256], ts[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "default_value of shape %s does not broadcast to the "
                     "inner axes of %s",
                     firn_shape_text(v, tv), firn_shape_text(s, ts));
  }
  if (out->count == 0) return FIRN_OK;
  firn_walk w = {0};
  firn_strides(v, from);
  firn_strides(s, to);
  for (int k = 0; k < s->rank; k++)
    firn_walk_axis(&w, s->dims[k],
                   k < more || v->dims[k - more] == 1 ? 0 : from[k - more],
                   to[k]);
  return firn_walk_run(&w, out->dtype, value->data, out->data, run, err);
}

/* Checks all partitions, and finds the extents that are not given. */
static firn_code find_extents(const firn_run *run, const partitions *p,
                              firn_shape *shape, int64_t *most,
                              firn_error *err) {
  int64_t rows;
  FIRN_TRY(first_extent(run, p, &rows, err));
  if (shape->dims[0] < 0) shape->dims[0] = rows;
  *most = rows;
  for (int k = 0; k < p->count; k++) {
    const firn_tensor *t = run->in[p->first + (size_t)k];
    FIRN_TRY(check_partition(t, p->kinds[k], k, rows, err));
    if (shape->dims[k + 1] < 0) shape->dims[k + 1] = longest(t, p->kinds[k]);
    rows = below(t, p->kinds[k]);
    if (rows > *most) *most = rows;
  }
  if (rows == run->in[VALUES]->shape.dims[0]) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "the row partitions make %lld rows, there are %lld values",
                   (long long)rows, (long long)run->in[VALUES]->shape.dims[0]);
}

static firn_code fill(const firn_run *run, const partitions *p,
                      firn_tensor *out, int64_t *from, int64_t *to,
                      firn_error *err) {
  const firn_tensor *values = run->in[VALUES];
  const firn_shape *s = &out->shape;
  const int64_t row = firn_shape_product(s, p->count + 1, s->rank);
  int64_t rows, step = firn_shape_product(s, 1, p->count + 1);
  FIRN_TRY(first_extent(run, p, &rows, err));
  for (int64_t i = 0; i < rows; i++) from[i] = i < s->dims[0] ? i * step : -1;
  for (int k = 0; k < p->count; k++) {
    const int64_t width = s->dims[k + 1];
    step = firn_shape_product(s, k + 2, p->count + 1);
    place_rows(run->in[p->first + (size_t)k], p->kinds[k], from, width, step,
               to);
    int64_t *const swap = from;
    from = to, to = swap;
  }
  for (int64_t i = 0; row && out->count && i < values->shape.dims[0]; i++)
    if (from[i] >= 0)
      FIRN_TRY(firn_copy(
          out->dtype, firn_at(out->data, out->dtype, from[i] * row),
          firn_at(values->data, out->dtype, i * row), (size_t)row, err));
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  const firn_tensor *wanted = run->in[SHAPE];
  int64_t ints[FIRN_MAX_RANK], most;
  partitions p;
  firn_shape shape;
  firn_tensor *out;
  FIRN_TRY(partitions_of(run->node, run->in_count, &p, err));
  const bool vector = wanted->shape.rank == 1;
  for (size_t i = 0; vector && i < wanted->count && i < FIRN_MAX_RANK; i++)
    ints[i] = firn_index(wanted, i);
  if (!vector && firn_index(wanted, 0) != -1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "shape must be a vector, or -1");
  FIRN_TRY(wanted_shape(&p, ints, vector ? (int64_t)wanted->count : -1,
                        &run->in[VALUES]->shape, &shape, err));
  FIRN_TRY(find_extents(run, &p, &shape, &most, err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  FIRN_TRY(fill_default(run, out, p.count + 1, err));
  const firn_shape rows = firn_shape_vector(most); /* one may be a lie */
  FIRN_TRY(firn_tensor_within(FIRN_INT64, &rows, &run->env->limits, err));
  const size_t bytes = 2 * ((size_t)most + 1) * sizeof(int64_t);
  int64_t *places = firn_new(&run->env->alloc, bytes);
  if (!places) return firn_oom(err, bytes);
  const firn_code code = fill(run, &p, out, places, places + most + 1, err);
  firn_delete(&run->env->alloc, places, bytes);
  return code;
}

static const firn_kernel to_tensor[] = {{.drive = drive}, {.drive = NULL}};

static const firn_op ops[] = {
    {"RaggedTensorToTensor", infer, to_tensor, 0},
};

FIRN_OP_FAMILY(ragged_dense, ops);
