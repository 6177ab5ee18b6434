/* ops/cross.c: columns of features crossed with each other.
 *
 *   SparseCross, V2, Hashed   of sparse and dense columns
 *   RaggedCross               of ragged, sparse and dense ones
 *
 * Row by row, every combination of one feature from each column becomes a
 * feature of its own: the texts joined by a separator, or a hash of the
 * features' hashes. The last column runs fastest.
 */
#include <stdio.h>

#include "ops/hash64.h"
#include "ops/indices.h"
#include "ops/sparse.h"
#include "ops/walk.h"

/* ---- Columns ------------------------------------------------------------ */

typedef enum kind { RAGGED, SPARSE, DENSE } kind;

/* Row r has the features values[begin(r) .. begin(r + 1)). */
typedef struct column {
  kind kind;
  const firn_tensor *values;
  const firn_tensor *splits; /* ragged                              */
  const int64_t *starts;     /* sparse: of each row, and one behind */
  int64_t width, rows;       /* dense: features of a row            */
} column;

/* How features become one, and what is made of them. */
typedef struct crossing {
  column *columns;
  size_t count;
  int64_t rows;
  bool hashed, keyed, strong; /* keyed: SparseCrossHashed            */
  uint64_t hash_key, salt[2];
  int64_t buckets;
  firn_str separator;
  firn_arena arena;
} crossing;

static int64_t begin_of(const column *c, int64_t row) {
  if (c->kind == DENSE) return row * c->width;
  if (c->kind == RAGGED) return firn_index(c->splits, (size_t)row);
  return c->starts[row];
}

static int64_t features_of(const column *c, int64_t row) {
  return begin_of(c, row + 1) - begin_of(c, row);
}

static firn_code set_rows(crossing *x, int64_t rows, firn_error *err) {
  if (x->rows < 0) x->rows = rows;
  if (x->rows == rows) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "column %zu has %lld rows, those before have %lld", x->count,
                   (long long)rows, (long long)x->rows);
}

static firn_code add_dense(crossing *x, const firn_tensor *values,
                           firn_error *err) {
  if (values->shape.rank != 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a dense column must have 2 axes, has %d",
                     values->shape.rank);
  FIRN_TRY(set_rows(x, values->shape.dims[0], err));
  x->columns[x->count++] =
      (column){.kind = DENSE, .values = values, .width = values->shape.dims[1]};
  return FIRN_OK;
}

/* The rows are told from the indices in one go, which therefore count only as
 * far as they are in order. */
static firn_code add_sparse(crossing *x, const firn_tensor *indices,
                            const firn_tensor *values, const firn_tensor *shape,
                            const firn_env *env, firn_error *err) {
  firn_sparse s;
  FIRN_TRY(firn_sparse_of(indices, values, shape, &s, err));
  if (s.rank != 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a sparse column must have 2 axes, has %d", s.rank);
  FIRN_TRY(set_rows(x, s.shape.dims[0], err));
  const firn_shape room = firn_shape_vector(x->rows); /* may be a lie */
  FIRN_TRY(firn_tensor_within(FIRN_INT64, &room, &env->limits, err));
  int64_t *starts =
      firn_arena_array(&x->arena, (size_t)x->rows + 1, sizeof *starts);
  if (!starts) return firn_oom(err, (size_t)x->rows * sizeof *starts);
  size_t at = 0;
  for (int64_t row = 0; row < x->rows; row++) {
    starts[row] = (int64_t)at;
    while (at < s.n && firn_sparse_at(&s, at, 0) == row) at++;
  }
  starts[x->rows] = (int64_t)at;
  x->columns[x->count++] =
      (column){.kind = SPARSE, .values = values, .starts = starts};
  return FIRN_OK;
}

static firn_code add_ragged(crossing *x, const firn_tensor *values,
                            const firn_tensor *splits, firn_error *err) {
  const size_t n = splits->count;
  bool fits = values->shape.rank == 1 && splits->shape.rank == 1 && n > 0 &&
              firn_index(splits, 0) == 0 &&
              firn_index(splits, n - 1) == (int64_t)values->count;
  for (size_t i = 1; fits && i < n; i++)
    fits = firn_index(splits, i) >= firn_index(splits, i - 1);
  if (!fits)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the row splits of column %zu must rise from 0 to its %zu "
                     "values",
                     x->count, values->count);
  FIRN_TRY(set_rows(x, (int64_t)n - 1, err));
  x->columns[x->count++] =
      (column){.kind = RAGGED, .values = values, .splits = splits};
  return FIRN_OK;
}

/* ---- One feature -------------------------------------------------------- */

static firn_str text_of(const column *c, int64_t i, char *room) {
  if (c->values->dtype == FIRN_STRING)
    return firn_tstring_get((const firn_tstring *)c->values->data + i);
  const int n = snprintf(room, 32, "%lld",
                         (long long)((const int64_t *)c->values->data)[i]);
  return (firn_str){room, (size_t)n};
}

/* A number stands for itself; but with a salt, in sparse columns, TensorFlow
 * takes the fingerprint of its first four bytes. */
static firn_code hash_of(const crossing *x, const column *c, int64_t i,
                         uint64_t *out, firn_error *err) {
  enum { HASHED_BYTES = 4 };
  firn_str bytes;
  if (c->values->dtype == FIRN_STRING) {
    bytes = firn_tstring_get((const firn_tstring *)c->values->data + i);
  } else {
    const int64_t *number = (const int64_t *)c->values->data + i;
    if (!x->keyed || (c->kind == DENSE && !x->strong)) {
      *out = (uint64_t)*number;
      return FIRN_OK;
    }
    if (c->kind == DENSE)
      return firn_fail(err, FIRN_UNIMPLEMENTED,
                       "a strong hash of dense integers");
    bytes = (firn_str){(const char *)number, HASHED_BYTES};
  }
  *out = x->strong ? firn_sip64(x->salt[0], x->salt[1], bytes)
                   : firn_farm64(bytes);
  return FIRN_OK;
}

static uint64_t shift_mix(uint64_t x) { return x ^ x >> 47; }

/* One fingerprint of two. */
static uint64_t join_hashes(uint64_t a, uint64_t b) {
  const uint64_t factor = 0xc6a4a7935bd1e995u;
  uint64_t hash = a ^ factor;
  hash ^= shift_mix(b * factor) * factor;
  hash *= factor;
  hash = shift_mix(hash) * factor;
  return shift_mix(hash);
}

/* ---- Combinations ------------------------------------------------------- */

static firn_code put_hash(const crossing *x, int64_t row, const int64_t *pick,
                          int64_t *out, firn_error *err) {
  uint64_t hash = x->hash_key;
  for (size_t k = 0; k < x->count; k++) {
    const column *c = &x->columns[k];
    uint64_t one;
    FIRN_TRY(hash_of(x, c, begin_of(c, row) + pick[k], &one, err));
    hash = x->keyed && k == 0 ? one : join_hashes(hash, one);
  }
  *out = (int64_t)(hash % (x->buckets > 0 ? (uint64_t)x->buckets : INT64_MAX));
  return FIRN_OK;
}

static firn_code put_text(const crossing *x, int64_t row, const int64_t *pick,
                          firn_buf *buf, firn_tstring *out, firn_error *err) {
  buf->size = 0;
  for (size_t k = 0; k < x->count; k++) {
    const column *c = &x->columns[k];
    char room[32];
    const firn_str text = text_of(c, begin_of(c, row) + pick[k], room);
    if (k) firn_buf_append(buf, x->separator.data, x->separator.size);
    firn_buf_append(buf, text.data, text.size);
  }
  if (!buf->failed &&
      firn_tstring_set(out, (firn_str){(char *)buf->data, buf->size}))
    return FIRN_OK;
  return firn_oom(err, buf->size);
}

/* The number of combinations of a row. */
static firn_code count_row(const crossing *x, int64_t row, int64_t *out,
                           firn_error *err) {
  *out = x->count > 0;
  for (size_t k = 0; k < x->count; k++)
    if (!firn_mul_i64(*out, features_of(&x->columns[k], row), out))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "row %lld has too many combinations", (long long)row);
  return FIRN_OK;
}

/* Counts them all, and the most of one row. */
static firn_code count_all(const crossing *x, int64_t *total, int64_t *widest,
                           firn_error *err) {
  *total = *widest = 0;
  for (int64_t row = 0; row < x->rows; row++) {
    int64_t count;
    FIRN_TRY(count_row(x, row, &count, err));
    if (count > *widest) *widest = count;
    if (!firn_add_i64(*total, count, total))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "there are too many combinations");
  }
  return FIRN_OK;
}

static void next_pick(const crossing *x, int64_t row, int64_t *pick) {
  for (size_t k = x->count; k-- > 0;) {
    if (++pick[k] < features_of(&x->columns[k], row)) return;
    pick[k] = 0;
  }
}

/* Writes all values, and (row, number within the row) to `indices` if it is not
 * NULL. */
static firn_code put_all(crossing *x, const firn_env *env, firn_tensor *values,
                         int64_t *indices, firn_error *err) {
  int64_t *pick = firn_arena_array(&x->arena, x->count + 1, sizeof *pick);
  firn_code code = pick ? FIRN_OK : firn_oom(err, x->count * sizeof *pick);
  firn_buf buf;
  size_t at = 0;
  firn_buf_init(&buf, &env->alloc);
  for (int64_t row = 0; code == FIRN_OK && row < x->rows; row++) {
    int64_t count;
    code = count_row(x, row, &count, err);
    for (int64_t i = 0; code == FIRN_OK && i < count; i++, at++) {
      code = x->hashed
                 ? put_hash(x, row, pick, (int64_t *)values->data + at, err)
                 : put_text(x, row, pick, &buf,
                            (firn_tstring *)values->data + at, err);
      if (indices) *indices++ = row, *indices++ = i;
      next_pick(x, row, pick);
    }
  }
  firn_buf_fini(&buf);
  return code;
}

/* ---- The sparse ops ----------------------------------------------------- */

static firn_code check_lists(const firn_node *node, const char *sparse,
                             const char *number, firn_error *err) {
  const int64_t n = firn_attr_int_or(node, number, 0);
  if ((int64_t)firn_attr_type_count(node, sparse) == n) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "attr '%s' has %zu types, attr '%s' is %lld", sparse,
                   firn_attr_type_count(node, sparse), number, (long long)n);
}

static firn_code infer_sparse(firn_infer *q, firn_error *err) {
  const size_t n = firn_attr_type_count(q->node, "sparse_types");
  FIRN_TRY(check_lists(q->node, "sparse_types", "N", err));
  for (size_t i = 0; i < n; i++)
    FIRN_TRY(firn_infer_sparse(q, i, n + i, 2 * n + i, NULL, NULL, NULL, err));
  const size_t first = 3 * n + firn_attr_type_count(q->node, "dense_types");
  for (size_t i = first; i < q->in_count; i++) {
    const bool salt = i == first + 2;
    FIRN_TRY(firn_infer_rank(q, i, salt, "a parameter", NULL, err));
    if (salt && q->in[i].shape.rank == 1 && q->in[i].shape.dims[0] >= 0 &&
        q->in[i].shape.dims[0] != 2)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "salt must have 2 elements, has %lld",
                       (long long)q->in[i].shape.dims[0]);
  }
  q->out[0].shape = (firn_shape){.rank = 2, .dims = {FIRN_UNKNOWN_DIM, 2}};
  q->out[1].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  q->out[2].shape = firn_shape_vector(2);
  return FIRN_OK;
}

/* Before internal_type became int64, all features had to be text. */
static firn_code check_internal(const firn_run *run, firn_error *err) {
  if (firn_attr_type_or(run->node, "internal_type", FIRN_INVALID) !=
      FIRN_STRING)
    return FIRN_OK;
  const size_t n = firn_attr_type_count(run->node, "sparse_types");
  for (size_t i = n; i < run->in_count; i++)
    if ((i < 2 * n || i >= 3 * n) && run->in[i]->dtype != FIRN_STRING)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "attr 'internal_type' is string, input %zu is %s", i,
                       firn_dtype_name(run->in[i]->dtype));
  return FIRN_OK;
}

/* How features are joined: attrs in the first generation, inputs after. That
 * one hashes when its output is of integers, whatever hashed_output says. */
static firn_code take_parameters(const firn_run *run, crossing *x, size_t first,
                                 firn_error *err) {
  const firn_str op = run->node->type->name;
  const size_t values = run->out_count == 3; /* RaggedCross: the first output */
  const int type = run->node->output_types[values];
  x->separator = FIRN_STR("_X_");
  if (firn_str_is(op, "SparseCrossV2")) {
    x->separator = firn_tensor_string(run->in[first], 0);
  } else if (firn_str_is(op, "SparseCrossHashed")) {
    x->hashed = x->keyed = true;
    x->buckets = firn_tensor_i64(run->in[first], 0);
    x->strong = firn_tensor_i64(run->in[first + 1], 0) != 0;
    for (size_t i = 0; i < 2; i++)
      x->salt[i] = (uint64_t)firn_tensor_i64(run->in[first + 2], i);
  } else {
    x->hashed = type == FIRN_INT64;
    x->buckets = firn_attr_int_or(run->node, "num_buckets", 0);
    x->hash_key = (uint64_t)firn_attr_int_or(run->node, "hash_key", 0);
  }
  if (type == (x->hashed ? FIRN_INT64 : FIRN_STRING)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "%s features are not of the output's type, %s",
                   x->hashed ? "hashed" : "joined",
                   firn_dtype_name((firn_dtype)type));
}

static firn_code take_sparse(const firn_run *run, crossing *x,
                             firn_error *err) {
  const size_t n = firn_attr_type_count(run->node, "sparse_types"),
               dense = firn_attr_type_count(run->node, "dense_types");
  x->columns = firn_arena_array(&x->arena, n + dense + 1, sizeof(column));
  if (!x->columns) return firn_oom(err, (n + dense) * sizeof(column));
  for (size_t i = 0; i < n; i++)
    FIRN_TRY(add_sparse(x, run->in[i], run->in[n + i], run->in[2 * n + i],
                        run->env, err));
  for (size_t i = 0; i < dense; i++)
    FIRN_TRY(add_dense(x, run->in[3 * n + i], err));
  if (x->rows < 0) x->rows = 0;
  return take_parameters(run, x, 3 * n + dense, err);
}

static firn_code cross_sparse(const firn_run *run, crossing *x,
                              firn_error *err) {
  firn_tensor *indices, *values;
  int64_t total, widest;
  FIRN_TRY(take_sparse(run, x, err));
  FIRN_TRY(count_all(x, &total, &widest, err));
  const firn_shape shape = {.rank = 2, .dims = {x->rows, widest}};
  FIRN_TRY(firn_put_shape(run, 2, &shape, err));
  FIRN_TRY(firn_sparse_outputs(run, 0, 1, total, 2, &indices, &values, err));
  return put_all(x, run->env, values, indices->data, err);
}

static firn_code drive_sparse(const firn_run *run, firn_error *err) {
  crossing x = {.rows = -1};
  FIRN_TRY(check_internal(run, err));
  firn_arena_init(&x.arena, &run->env->alloc);
  const firn_code code = cross_sparse(run, &x, err);
  firn_arena_fini(&x.arena);
  return code;
}

/* ---- RaggedCross -------------------------------------------------------- */

/* The numbers of columns of each kind, by attrs. */
static void count_columns(const firn_node *node, size_t count[3]) {
  count[RAGGED] = firn_attr_type_count(node, "ragged_values_types");
  count[SPARSE] = firn_attr_type_count(node, "sparse_values_types");
  count[DENSE] = firn_attr_type_count(node, "dense_types");
}

static firn_code infer_ragged(firn_infer *q, firn_error *err) {
  const firn_str order = firn_attr_str_or(q->node, "input_order", "");
  size_t count[3], used[3] = {0, 0, 0};
  count_columns(q->node, count);
  FIRN_TRY(check_lists(q->node, "sparse_values_types", "Nsparse", err));
  if (firn_attr_type_count(q->node, "ragged_splits_types") != count[RAGGED])
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "as many ragged_row_splits as ragged_values are needed");
  for (size_t i = 0; i < order.size; i++)
    used[order.data[i] == 'R'   ? RAGGED
         : order.data[i] == 'S' ? SPARSE
                                : DENSE]++;
  if (memcmp(used, count, sizeof used) != 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "input_order '%.*s' does not order %zu ragged, %zu sparse "
                     "and %zu dense columns",
                     FIRN_ARG(order), count[RAGGED], count[SPARSE],
                     count[DENSE]);
  q->out[0].shape = q->out[1].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  return FIRN_OK;
}

static firn_code take_ragged(const firn_run *run, crossing *x,
                             firn_error *err) {
  const firn_str order = firn_attr_str_or(run->node, "input_order", "");
  firn_tensor *const *in = run->in;
  size_t count[3], r = 0, s = 0, d = 0;
  count_columns(run->node, count);
  const size_t sparse = 2 * count[RAGGED], dense = sparse + 3 * count[SPARSE];
  x->columns = firn_arena_array(&x->arena, order.size + 1, sizeof(column));
  if (!x->columns) return firn_oom(err, order.size * sizeof(column));
  for (size_t i = 0; i < order.size; i++) {
    if (order.data[i] == 'R') {
      FIRN_TRY(add_ragged(x, in[r], in[count[RAGGED] + r], err));
      r++;
    } else if (order.data[i] == 'S') {
      FIRN_TRY(add_sparse(x, in[sparse + s], in[sparse + count[SPARSE] + s],
                          in[sparse + 2 * count[SPARSE] + s], run->env, err));
      s++;
    } else {
      FIRN_TRY(add_dense(x, in[dense + d++], err));
    }
  }
  if (x->rows < 0) x->rows = 0;
  return take_parameters(run, x, run->in_count, err);
}

static firn_code cross_ragged(const firn_run *run, crossing *x,
                              firn_error *err) {
  firn_tensor *values, *splits;
  int64_t total, widest, sum = 0, count;
  FIRN_TRY(take_ragged(run, x, err));
  FIRN_TRY(count_all(x, &total, &widest, err));
  const firn_shape shape = firn_shape_vector(x->rows + 1),
                   vector = firn_shape_vector(total);
  FIRN_TRY(firn_run_output(run, 1, &shape, &splits, err));
  if (splits->dtype == FIRN_INT32 && total > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%lld combinations are too many for int32 splits",
                     (long long)total);
  FIRN_TRY(firn_run_output(run, 0, &vector, &values, err));
  for (int64_t row = 0; row <= x->rows; row++) {
    if (splits->dtype == FIRN_INT64)
      ((int64_t *)splits->data)[row] = sum;
    else
      ((int32_t *)splits->data)[row] = (int32_t)sum;
    if (row == x->rows) break;
    FIRN_TRY(count_row(x, row, &count, err));
    sum += count;
  }
  return put_all(x, run->env, values, NULL, err);
}

static firn_code drive_ragged(const firn_run *run, firn_error *err) {
  crossing x = {.rows = -1};
  firn_arena_init(&x.arena, &run->env->alloc);
  const firn_code code = cross_ragged(run, &x, err);
  firn_arena_fini(&x.arena);
  return code;
}

/* ---- The family --------------------------------------------------------- */

static const firn_kernel sparse[] = {{.drive = drive_sparse}, {.drive = NULL}};
static const firn_kernel ragged[] = {{.drive = drive_ragged}, {.drive = NULL}};

static const firn_op ops[] = {
    {"SparseCross", infer_sparse, sparse, 0},
    {"SparseCrossV2", infer_sparse, sparse, 0},
    {"SparseCrossHashed", infer_sparse, sparse, 0},
    {"RaggedCross", infer_ragged, ragged, 0},
};

FIRN_OP_FAMILY(cross, ops);
