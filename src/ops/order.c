/* ops/order.c: by size - the largest, the k largest, the n-th, and where a
 * value belongs.
 *
 *   ArgMax, ArgMin           where the largest or smallest along an axis is
 *   TopK, TopKV2             the k largest of each row, largest first
 *   NthElement               the n-th smallest (or largest) of each row
 *   LowerBound, UpperBound   where values belong in sorted rows
 *
 * Of equal ones the first counts. Numbers are compared by their keys
 * (ops/order_keys.h), but for ArgMax and ArgMin of float.
 */
#include <float.h>
#include <stdlib.h>

#include "ops/indices.h"
#include "ops/order_keys.h"
#include "ops/walk.h"

enum {
  SHARE = 16384, /* elements a thread should get to be worth waking */
  BLOCK = 64,    /* rows or elements that are looked at together    */
};

static void put_index(firn_tensor *out, size_t i, int64_t value) {
  switch ((int)out->dtype) {
    case FIRN_INT64: ((int64_t *)out->data)[i] = value; return;
    case FIRN_INT32: ((int32_t *)out->data)[i] = (int32_t)value; return;
    default: ((uint16_t *)out->data)[i] = (uint16_t)value; return;
  }
}

/* ---- ArgMax ------------------------------------------------------------- */

static firn_code infer_arg(firn_infer *q, firn_error *err) {
  const firn_shape *x = &q->in[0].shape;
  int64_t value;
  int axis;
  FIRN_TRY(firn_infer_rank(q, 1, 0, "dimension", NULL, err));
  if (x->rank < 0) return FIRN_OK;
  if (x->rank == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "input must have at least 1 axis, is a scalar");
  firn_shape out = {.rank = x->rank - 1};
  for (int k = 0; k < out.rank; k++) out.dims[k] = FIRN_UNKNOWN_DIM;
  if (firn_infer_int(q, 1, &value)) {
    FIRN_TRY(firn_axis(value, x->rank, &axis, err));
    if (x->dims[axis] == 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "axis %d of input has no elements", axis);
    for (int k = 0; k < out.rank; k++) out.dims[k] = x->dims[k + (k >= axis)];
  }
  q->out[0].shape = out;
  return FIRN_OK;
}

/* The rows of a tensor along an axis: element i of row (o, r) lies at
 * (o * n + i) * inner + r. */
typedef struct rows {
  const firn_tensor *x;
  firn_tensor *out;
  size_t n, inner;
  bool least;
} rows;

/* For up to BLOCK neighbouring rows: compares element after element. */
#define ARG_ROWS(NAME, T, BEST, WORST, LOAD)                                \
  static void NAME(const rows *a, size_t row, size_t count) {               \
    const size_t first = row / a->inner * a->n * a->inner + row % a->inner; \
    T best[BLOCK], values[BLOCK];                                           \
    int64_t at[BLOCK] = {0};                                                \
    for (size_t r = 0; r < count; r++) best[r] = WORST;                     \
    for (size_t i = 0; i < a->n; i++) {                                     \
      LOAD(a, first + i * a->inner, 1, count, values);                      \
      for (size_t r = 0; r < count; r++) {                                  \
        const bool better = values[r] BEST best[r];                         \
        best[r] = better ? values[r] : best[r];                             \
        at[r] = better ? (int64_t)i : at[r];                                \
      }                                                                     \
    }                                                                       \
    for (size_t r = 0; r < count; r++) put_index(a->out, row + r, at[r]);   \
  }                                                                         \
  static void NAME##_along(const rows *a, size_t row) {                     \
    T best = WORST, values[BLOCK];                                          \
    size_t at = 0;                                                          \
    for (size_t i = 0; i < a->n; i += BLOCK) {                              \
      const size_t count = a->n - i < BLOCK ? a->n - i : BLOCK;             \
      LOAD(a, row * a->n + i, 1, count, values);                            \
      for (size_t k = 0; k < count; k++)                                    \
        if (values[k] BEST best) best = values[k], at = i + k;              \
    }                                                                       \
    put_index(a->out, row, (int64_t)at);                                    \
  }

#define LOAD_FLOAT(a, from, stride, count, to) \
  memcpy(to, (const float *)(a)->x->data + (from), (count) * sizeof *(to))
#define LOAD_KEYS(a, from, stride, count, to)                            \
  firn_order_keys((a)->x->dtype,                                         \
                  firn_at((a)->x->data, (a)->x->dtype, (int64_t)(from)), \
                  stride, count, to)
/* From above, NaN being the worst as it is from below. */
#define LOAD_TURNED(a, from, stride, count, to) \
  do {                                          \
    LOAD_KEYS(a, from, stride, count, to);      \
    turn((a)->x->dtype, to, count);             \
  } while (0)

static void turn(firn_dtype dtype, uint64_t *keys, size_t n) {
  const bool may_be_nan = FIRN_BIT(dtype) & FIRN_FLOATS;
  for (size_t i = 0; i < n; i++)
    keys[i] = may_be_nan && keys[i] == 0 ? 0 : ~keys[i];
}

ARG_ROWS(max_float, float, >, -FLT_MAX, LOAD_FLOAT)
ARG_ROWS(min_float, float, <, FLT_MAX, LOAD_FLOAT)
ARG_ROWS(max_keys, uint64_t, >, firn_lowest_key(a->x->dtype), LOAD_KEYS)
ARG_ROWS(min_keys, uint64_t, >, ~firn_highest_key(a->x->dtype), LOAD_TURNED)

static void arg_rows(void *ctx, size_t begin, size_t end) {
  const rows *a = ctx;
  const bool fast = a->x->dtype == FIRN_FLOAT;
  while (begin < end) {
    size_t count = 1;
    if (a->inner == 1) {
      if (fast)
        (a->least ? min_float_along : max_float_along)(a, begin);
      else
        (a->least ? min_keys_along : max_keys_along)(a, begin);
    } else {
      count = firn_min_size(end - begin, a->inner - begin % a->inner);
      count = firn_min_size(count, BLOCK);
      if (fast)
        (a->least ? min_float : max_float)(a, begin, count);
      else
        (a->least ? min_keys : max_keys)(a, begin, count);
    }
    begin += count;
  }
}

static firn_code arg(const firn_run *run, bool least, firn_error *err) {
  const firn_tensor *x = run->in[0];
  firn_shape shape = {.rank = x->shape.rank - 1};
  int axis;
  FIRN_TRY(
      firn_axis(firn_tensor_i64(run->in[1], 0), x->shape.rank, &axis, err));
  for (int k = 0; k < shape.rank; k++)
    shape.dims[k] = x->shape.dims[k + (k >= axis)];
  rows a = {
      .x = x,
      .n = (size_t)x->shape.dims[axis],
      .inner = (size_t)firn_shape_product(&x->shape, axis + 1, x->shape.rank),
      .least = least};
  FIRN_TRY(firn_run_output(run, 0, &shape, &a.out, err));
  firn_parallel_for(run->pool, a.out->count, SHARE / (a.n + 1) + 1, arg_rows,
                    &a);
  return FIRN_OK;
}

static firn_code drive_arg_max(const firn_run *run, firn_error *err) {
  return arg(run, false, err);
}

static firn_code drive_arg_min(const firn_run *run, firn_error *err) {
  return arg(run, true, err);
}

/* ---- TopK --------------------------------------------------------------- */

static firn_code check_k(int64_t k, int64_t columns, firn_error *err) {
  if (k == FIRN_UNKNOWN_INT || (k >= 0 && (columns < 0 || k <= columns)))
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "k = %lld is not in [0, %lld], the elements of a row",
                   (long long)k, (long long)columns);
}

static firn_code infer_top(firn_infer *q, firn_error *err) {
  const firn_shape *x = &q->in[0].shape;
  int64_t k = FIRN_UNKNOWN_INT;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "input", err));
  if (q->in_count > 1) {
    FIRN_TRY(firn_infer_rank(q, 1, 0, "k", NULL, err));
    firn_infer_int(q, 1, &k);
  } else {
    k = firn_attr_int_or(q->node, "k", 0);
  }
  if (k != FIRN_UNKNOWN_INT) FIRN_TRY(check_k(k, INT64_MAX, err));
  if (x->rank < 0) return FIRN_OK;
  FIRN_TRY(check_k(k, x->dims[x->rank - 1], err));
  firn_shape out = *x;
  out.dims[out.rank - 1] = k == FIRN_UNKNOWN_INT ? FIRN_UNKNOWN_DIM : k;
  q->out[0].shape = q->out[1].shape = out;
  return FIRN_OK;
}

typedef struct top {
  const firn_tensor *x;
  firn_tensor *values, *indices;
  size_t n, k;
  bool sorted;
} top;

typedef struct entry {
  uint64_t key;
  size_t index;
} entry;

/* Whether a stands behind b in the result. */
static inline bool behind(const entry *a, const entry *b) {
  return a->key != b->key ? a->key < b->key : a->index > b->index;
}

/* Restores the heap (the last one of all on top) below `at`. */
static void sift(entry *heap, size_t n, size_t at) {
  const entry e = heap[at];
  for (size_t child; (child = 2 * at + 1) < n; at = child) {
    if (child + 1 < n && behind(&heap[child + 1], &heap[child])) child++;
    if (!behind(&heap[child], &e)) break;
    heap[at] = heap[child];
  }
  heap[at] = e;
}

/* Restores the heap above its new end. */
static void rise(entry *heap, size_t at) {
  const entry e = heap[at];
  for (size_t up; at > 0 && behind(&e, &heap[up = (at - 1) / 2]); at = up)
    heap[at] = heap[up];
  heap[at] = e;
}

/* The first `count` of n elements become a heap of which the k first stay. */
static void begin_heap(entry *heap, size_t count, size_t k) {
  for (size_t at = count / 2; at-- > 0;) sift(heap, count, at);
  if (count == k) return;
  heap[0] = heap[k];
  sift(heap, k, 0);
}

/* The k first of n elements into heap[0..k), in order; or as TensorFlow's heap
 * leaves them, which starts with one more and swaps its top by pop and push. */
static void select_top(firn_dtype dtype, const char *row, const top *t,
                       entry *heap) {
  const size_t n = t->n, k = t->k, first = t->sorted || n == k ? k : k + 1;
  uint64_t keys[BLOCK];
  for (size_t i = 0; i < n; i += BLOCK) {
    const size_t count = n - i < BLOCK ? n - i : BLOCK;
    firn_order_keys(dtype, row + i * firn_dtype_size(dtype), 1, count, keys);
    for (size_t j = 0; j < count; j++) {
      const entry e = {keys[j], i + j};
      if (e.index < first) {
        heap[e.index] = e;
        if (e.index + 1 == first) begin_heap(heap, first, k);
      } else if (behind(&heap[0], &e)) {
        heap[0] = first == k ? e : heap[k - 1];
        sift(heap, first == k ? k : k - 1, 0);
        if (first == k) continue;
        heap[k - 1] = e;
        rise(heap, k - 1);
      }
    }
  }
  for (size_t left = first == k ? k : 0; left > 1;) { /* the last one: behind */
    const entry last = heap[0];
    heap[0] = heap[--left];
    heap[left] = last;
    sift(heap, left, 0);
  }
}

static firn_code top_row(const top *t, size_t row, entry *heap,
                         firn_error *err) {
  const firn_dtype dtype = t->x->dtype;
  const char *from = firn_at(t->x->data, dtype, (int64_t)(row * t->n));
  select_top(dtype, from, t, heap);
  for (size_t i = 0; i < t->k; i++) {
    put_index(t->indices, row * t->k + i, (int64_t)heap[i].index);
    FIRN_TRY(firn_copy(
        dtype, firn_at(t->values->data, dtype, (int64_t)(row * t->k + i)),
        firn_at(from, dtype, (int64_t)heap[i].index), 1, err));
  }
  return FIRN_OK;
}

static firn_code drive_largest(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  const int64_t n = x->shape.dims[x->shape.rank - 1],
                k = run->in_count > 1 ? firn_tensor_i64(run->in[1], 0)
                                      : firn_attr_int_or(run->node, "k", 0);
  firn_shape shape = x->shape;
  top t = {.x = x,
           .n = (size_t)n,
           .k = (size_t)k,
           .sorted = firn_attr_bool_or(run->node, "sorted", true)};
  FIRN_TRY(check_k(k, n, err));
  shape.dims[shape.rank - 1] = k;
  FIRN_TRY(firn_run_output(run, 0, &shape, &t.values, err));
  FIRN_TRY(firn_run_output(run, 1, &shape, &t.indices, err));
  if (t.values->count == 0) return FIRN_OK;
  const size_t bytes = (t.k + 1) * sizeof(entry);
  entry *heap = firn_new(&run->env->alloc, bytes);
  if (!heap) return firn_oom(err, bytes);
  firn_code code = FIRN_OK;
  for (size_t r = 0; code == FIRN_OK && r < t.values->count / t.k; r++)
    code = top_row(&t, r, heap, err);
  firn_delete(&run->env->alloc, heap, bytes);
  return code;
}

/* ---- NthElement --------------------------------------------------------- */

static firn_code check_n(int64_t n, int64_t columns, firn_error *err) {
  if (n == FIRN_UNKNOWN_INT || (n >= 0 && (columns < 0 || n < columns)))
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "n = %lld is not in [0, %lld), the elements of a row",
                   (long long)n, (long long)columns);
}

static firn_code infer_nth(firn_infer *q, firn_error *err) {
  const firn_shape *x = &q->in[0].shape;
  int64_t n = FIRN_UNKNOWN_INT;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "input", err));
  FIRN_TRY(firn_infer_rank(q, 1, 0, "n", NULL, err));
  firn_infer_int(q, 1, &n);
  if (x->rank < 0) return FIRN_OK;
  FIRN_TRY(check_n(n, x->dims[x->rank - 1], err));
  q->out[0].shape = *x;
  q->out[0].shape.rank--;
  return FIRN_OK;
}

static int by_key(const void *pa, const void *pb) {
  const entry *a = pa, *b = pb;
  if (a->key != b->key) return a->key < b->key ? -1 : 1;
  return (a->index > b->index) - (a->index < b->index);
}

static firn_code drive_nth(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  const size_t n = (size_t)x->shape.dims[x->shape.rank - 1];
  const bool reverse = firn_attr_bool_or(run->node, "reverse", false);
  int64_t nth = firn_tensor_i64(run->in[1], 0);
  firn_shape shape = x->shape;
  firn_tensor *out;
  shape.rank--;
  FIRN_TRY(check_n(nth, (int64_t)n, err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  if (out->count == 0) return FIRN_OK;
  if (reverse) nth = (int64_t)n - 1 - nth;
  const size_t bytes = n * (sizeof(entry) + sizeof(uint64_t));
  entry *entries = firn_new(&run->env->alloc, bytes);
  if (!entries) return firn_oom(err, bytes);
  uint64_t *keys = (uint64_t *)(entries + n);
  firn_code code = FIRN_OK;
  for (size_t r = 0; code == FIRN_OK && r < out->count; r++) {
    const char *row = firn_at(x->data, x->dtype, (int64_t)(r * n));
    firn_order_keys(x->dtype, row, 1, n, keys);
    for (size_t i = 0; i < n; i++) entries[i] = (entry){keys[i], i};
    qsort(entries, n, sizeof *entries, by_key);
    code =
        firn_copy(x->dtype, firn_at(out->data, x->dtype, (int64_t)r),
                  firn_at(row, x->dtype, (int64_t)entries[nth].index), 1, err);
  }
  firn_delete(&run->env->alloc, entries, bytes);
  return code;
}

/* ---- LowerBound, UpperBound --------------------------------------------- */

static firn_code infer_bound(firn_infer *q, firn_error *err) {
  firn_shape sorted, values;
  FIRN_TRY(firn_infer_rank(q, 0, 2, "sorted_inputs", &sorted, err));
  FIRN_TRY(firn_infer_rank(q, 1, 2, "values", &values, err));
  if (!firn_dim_merge(sorted.dims[0], values.dims[0], &values.dims[0]))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "sorted_inputs has %lld rows, values %lld",
                     (long long)sorted.dims[0], (long long)values.dims[0]);
  q->out[0].shape = values;
  return FIRN_OK;
}

/* The number of sorted elements below the key (or, `upper`, not above it). A
 * NaN is neither below nor above anything. */
static int64_t bound(firn_dtype dtype, const void *sorted, int64_t n,
                     uint64_t key, bool upper) {
  const bool nan = key == 0 && (FIRN_BIT(dtype) & FIRN_FLOATS);
  int64_t lo = 0, hi = n;
  if (nan) return upper ? n : 0;
  while (lo < hi) {
    const int64_t mid = lo + (hi - lo) / 2;
    uint64_t at;
    firn_order_keys(dtype, firn_at(sorted, dtype, mid), 1, 1, &at);
    if (upper ? at <= key : at < key)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

static firn_code bounds(const firn_run *run, bool upper, firn_error *err) {
  const firn_tensor *sorted = run->in[0], *values = run->in[1];
  const int64_t n = sorted->shape.dims[1], m = values->shape.dims[1];
  firn_tensor *out;
  FIRN_TRY(firn_run_output(run, 0, &values->shape, &out, err));
  if (out->dtype == FIRN_INT32 && n > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "rows of %lld elements; want out_type int64",
                     (long long)n);
  for (size_t i = 0; i < values->count; i++) {
    uint64_t key;
    const int64_t row = (int64_t)i / m;
    firn_order_keys(values->dtype,
                    firn_at(values->data, values->dtype, (int64_t)i), 1, 1,
                    &key);
    put_index(
        out, i,
        bound(values->dtype, firn_at(sorted->data, values->dtype, row * n), n,
              key, upper));
  }
  return FIRN_OK;
}

static firn_code drive_lower(const firn_run *run, firn_error *err) {
  return bounds(run, false, err);
}

static firn_code drive_upper(const firn_run *run, firn_error *err) {
  return bounds(run, true, err);
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(id, TYPES)                             \
  static const firn_kernel id[] = {                   \
      {.types = {{"T", TYPES}}, .drive = drive_##id}, \
      {.drive = NULL},                                \
  };

#define REALS (FIRN_FLOATS | FIRN_INTS)

KERNEL(arg_max, FIRN_ORDERED)
KERNEL(arg_min, FIRN_ORDERED)
KERNEL(largest, REALS)
KERNEL(nth, REALS)
KERNEL(lower, REALS)
KERNEL(upper, REALS)

static const firn_op ops[] = {
    {"ArgMax", infer_arg, arg_max, 0},
    {"ArgMin", infer_arg, arg_min, 0},
    {"TopK", infer_top, largest, 0},
    {"TopKV2", infer_top, largest, 0},
    {"NthElement", infer_nth, nth, 0},
    {"LowerBound", infer_bound, lower, 0},
    {"UpperBound", infer_bound, upper, 0},
};

FIRN_OP_FAMILY(order, ops);
