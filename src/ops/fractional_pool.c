/* ops/fractional_pool.c: FractionalMaxPool, FractionalAvgPool and their
 * gradients: poolings whose windows differ in size by chance.
 *
 * Along rows and columns the input is cut into output extents at places that
 * are drawn with TensorFlow's random numbers; the cuts are outputs 1 and 2, and
 * inputs of the gradients. A window reaches from one cut to the next, with
 * `overlapping` one further.
 */
#include <math.h>

#include "ops/infer.h"
#include "ops/random_source.h"

/* ---- Shape --------------------------------------------------------------- */

enum { AXES = 4 };

static firn_code read_ratio(const firn_node *node, float ratio[AXES],
                            firn_error *err) {
  const firn_pb_AttrValue *value = firn_attr(node, "pooling_ratio");
  if (!value || value->value_case != FIRN_ATTR_LIST || !value->list ||
      value->list->f_count != AXES)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "pooling_ratio must have %d numbers", AXES);
  for (int i = 0; i < AXES; i++) {
    ratio[i] = value->list->f[i];
    if (!(ratio[i] >= 1))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "pooling_ratio[%d] = %g must be at least 1", i,
                       (double)ratio[i]);
  }
  if (ratio[0] == 1 && ratio[3] == 1) return FIRN_OK;
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "pooling_ratio must be 1 for batch and channels");
}

static firn_code infer(firn_infer *q, firn_error *err) {
  float ratio[AXES];
  firn_shape x;
  FIRN_TRY(read_ratio(q->node, ratio, err));
  FIRN_TRY(firn_infer_rank(q, 0, AXES, "value", &x, err));
  if (!firn_attr_bool_or(q->node, "deterministic", false) &&
      (firn_attr_int_or(q->node, "seed", 0) ||
       firn_attr_int_or(q->node, "seed2", 0)))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "seed and seed2 must be 0 unless deterministic");
  for (int i = 1; i < 3; i++) {
    if (x.dims[i] < 0) continue;
    const int64_t out = (int64_t)((float)x.dims[i] / ratio[i]);
    if (out < 1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "pooling_ratio[%d] = %g is more than the extent %lld", i,
                       (double)ratio[i], (long long)x.dims[i]);
    x.dims[i] = out;
  }
  q->out[0].shape = x;
  for (int i = 1; i < 3; i++)
    q->out[i].shape =
        firn_shape_vector(x.dims[i] < 0 ? x.dims[i] : x.dims[i] + 1);
  return FIRN_OK;
}

/* ---- Cuts -----------------------------------------------------------------
 */

/* A number below n, each as likely. */
static uint32_t below(firn_philox_words *words, uint32_t n) {
  if ((n & (n - 1)) == 0) return firn_philox_word(words) & (n - 1);
  const uint32_t least = UINT32_MAX % n + 1;
  uint32_t number;
  do number = firn_philox_word(words);
  while (number < least);
  return number % n;
}

/* Windows of k and k + 1 in random order. */
static void shuffle_cuts(int64_t in, int64_t out, firn_philox p,
                         int64_t *cuts) {
  firn_philox_words words = {&p, {0}, 4};
  for (int64_t i = 0; i < out; i++) cuts[i] = in / out + (i < in % out);
  for (int64_t i = 0; i < out - 1; i++) {
    const int64_t j = i + (int64_t)below(&words, (uint32_t)(out - i));
    const int64_t kept = cuts[i];
    cuts[i] = cuts[j];
    cuts[j] = kept;
  }
  int64_t at = 0;
  for (int64_t i = 0; i <= out; i++) {
    const int64_t size = i < out ? cuts[i] : 0;
    cuts[i] = at;
    at += size;
  }
}

/* Cuts at even distances from a random start. */
static void even_cuts(int64_t in, int64_t out, firn_philox p, int64_t *cuts) {
  const double alpha = (double)in / (double)out;
  const int64_t k = in / out;
  const double most = fmin((double)(k + 2) / alpha - 1,
                           (double)(in + 1 - k) / alpha - (double)(out - 1));
  uint32_t words[4];
  firn_philox_next(&p, words);
  const double u = firn_uniform_double(words[0], words[1]) * most;
  cuts[0] = 0;
  for (int64_t i = 1; i < out; i++)
    cuts[i] = (int64_t)ceil(alpha * ((double)i + u)) - 1;
  cuts[out] = in;
}

/* Each call takes its own steps of the random numbers. */
static void draw_cuts(int64_t in, int64_t out, bool even, firn_philox *p,
                      int64_t *cuts) {
  if (in % out == 0) {
    for (int64_t i = 0; i <= out; i++) cuts[i] = i * (in / out);
    return;
  }
  (even ? even_cuts : shuffle_cuts)(in, out, *p, cuts);
  firn_philox_skip(p, even ? 1 : (uint64_t)(out + 3) / 4);
}

/* ---- Windows --------------------------------------------------------------
 */

typedef struct pools {
  const int64_t *rows, *columns; /* cuts                        */
  int64_t high, wide;            /* of the input                */
  int64_t out_high, out_wide;
  size_t batch, channels;
  bool overlapping;
  const void *x, *dy;
  void *y, *dx;
} pools;

/* The last position of the window between two cuts, plus one. */
static int64_t window_end(const int64_t *cuts, int64_t i, int64_t in,
                          bool overlapping) {
  const int64_t cut = cuts[i + 1]; /* the last may lie anywhere behind */
  return cut < in ? cut + (overlapping ? 1 : 0) : in;
}

/* Walks over the windows: output row i, column j of image b, and where it lies.
 */
#define EACH_WINDOW(p, b, i, j, top, bottom, left, right)                    \
  for (size_t b = 0; b < p->batch; b++)                                      \
    for (int64_t i = 0; i < p->out_high; i++)                                \
      for (int64_t j = 0, top = p->rows[i],                                  \
                   bottom = window_end(p->rows, i, p->high, p->overlapping); \
           j < p->out_wide; j++)                                             \
        for (int64_t                                                         \
                 left = p->columns[j],                                       \
                 right = window_end(p->columns, j, p->wide, p->overlapping), \
                 once = 1;                                                   \
             once; once = 0)

static size_t element(const pools *p, size_t b, int64_t y, int64_t x) {
  return ((b * (size_t)p->high + (size_t)y) * (size_t)p->wide + (size_t)x) *
         p->channels;
}
static size_t window(const pools *p, size_t b, int64_t i, int64_t j) {
  return ((b * (size_t)p->out_high + (size_t)i) * (size_t)p->out_wide +
          (size_t)j) *
         p->channels;
}

/* The mean of integers is cut off; their gradient is summed up in double. */
#define POOLS(T, SUM)                                                     \
  static void max_##T(const pools *p) {                                   \
    EACH_WINDOW(p, b, i, j, top, bottom, left, right) {                   \
      T *y = (T *)p->y + window(p, b, i, j);                              \
      const T *first = (const T *)p->x + element(p, b, top, left);        \
      for (size_t c = 0; c < p->channels; c++) y[c] = first[c];           \
      for (int64_t r = top; r < bottom; r++)                              \
        for (int64_t s = left; s < right; s++) {                          \
          const T *x = (const T *)p->x + element(p, b, r, s);             \
          for (size_t c = 0; c < p->channels; c++)                        \
            y[c] = x[c] > y[c] ? x[c] : y[c];                             \
        }                                                                 \
    }                                                                     \
  }                                                                       \
  static void mean_##T(const pools *p) {                                  \
    EACH_WINDOW(p, b, i, j, top, bottom, left, right) {                   \
      T *y = (T *)p->y + window(p, b, i, j);                              \
      const int64_t n = (bottom - top) * (right - left);                  \
      for (size_t c = 0; c < p->channels; c++) {                          \
        SUM sum = 0;                                                      \
        for (int64_t r = top; r < bottom; r++)                            \
          for (int64_t s = left; s < right; s++)                          \
            sum += (SUM)((const T *)p->x)[element(p, b, r, s) + c];       \
        y[c] = (T)((T)sum / (T)n);                                        \
      }                                                                   \
    }                                                                     \
  }                                                                       \
  static void max_back_##T(const pools *p) {                              \
    EACH_WINDOW(p, b, i, j, top, bottom, left, right)                     \
    for (size_t c = 0; c < p->channels; c++) {                            \
      const T *x = p->x;                                                  \
      size_t best = element(p, b, top, left) + c;                         \
      for (int64_t r = top; r < bottom; r++)                              \
        for (int64_t s = left; s < right; s++) {                          \
          const size_t at = element(p, b, r, s) + c;                      \
          if (x[at] > x[best]) best = at;                                 \
        }                                                                 \
      ((T *)p->dx)[best] =                                                \
          (T)((SUM)((T *)p->dx)[best] +                                   \
              (SUM)((const T *)p->dy)[window(p, b, i, j) + c]);           \
    }                                                                     \
  }                                                                       \
  static void mean_back_##T(const pools *p, double *sums, size_t count) { \
    for (size_t k = 0; k < count; k++) sums[k] = 0;                       \
    EACH_WINDOW(p, b, i, j, top, bottom, left, right) {                   \
      const T *dy = (const T *)p->dy + window(p, b, i, j);                \
      const double n = (double)((bottom - top) * (right - left));         \
      for (int64_t r = top; r < bottom; r++)                              \
        for (int64_t s = left; s < right; s++)                            \
          for (size_t c = 0; c < p->channels; c++)                        \
            sums[element(p, b, r, s) + c] += (double)dy[c] / n;           \
    }                                                                     \
    for (size_t k = 0; k < count; k++) ((T *)p->dx)[k] = (T)sums[k];      \
  }
POOLS(float, float)
POOLS(double, double)
POOLS(int32_t, uint32_t)
POOLS(int64_t, uint64_t)

/* ---- Forward --------------------------------------------------------------
 */

static bool is_max(const firn_node *node) {
  return firn_str_starts(node->type->name, FIRN_STR("FractionalMax"));
}

static void pool(const pools *p, firn_dtype dtype, bool max) {
  switch (dtype) {
    case FIRN_DOUBLE: (max ? max_double : mean_double)(p); break;
    case FIRN_INT32: (max ? max_int32_t : mean_int32_t)(p); break;
    case FIRN_INT64: (max ? max_int64_t : mean_int64_t)(p); break;
    default: (max ? max_float : mean_float)(p); break;
  }
}

static firn_code drive(const firn_run *run, firn_error *err) {
  const firn_node *node = run->node;
  const firn_tensor *x = run->in[0];
  const firn_shape *y = &run->out[0]->shape;
  const bool even = firn_attr_bool_or(node, "pseudo_random", false);
  firn_philox random =
      firn_philox_seeded((uint64_t)firn_attr_int_or(node, "seed", 0),
                         (uint64_t)firn_attr_int_or(node, "seed2", 0));
  if (!firn_attr_bool_or(node, "deterministic", false))
    FIRN_TRY(firn_random_start(run, FIRN_SEEDED, 0,
                               (uint64_t)(y->dims[1] + y->dims[2] + 8), &random,
                               err));
  int64_t *rows = run->out[1]->data, *columns = run->out[2]->data;
  draw_cuts(x->shape.dims[1], y->dims[1], even, &random, rows);
  draw_cuts(x->shape.dims[2], y->dims[2], even, &random, columns);
  const pools p = {.rows = rows,
                   .columns = columns,
                   .high = x->shape.dims[1],
                   .wide = x->shape.dims[2],
                   .out_high = y->dims[1],
                   .out_wide = y->dims[2],
                   .batch = (size_t)y->dims[0],
                   .channels = (size_t)y->dims[3],
                   .overlapping = firn_attr_bool_or(node, "overlapping", false),
                   .x = x->data,
                   .y = run->out[0]->data};
  pool(&p, x->dtype, is_max(node));
  return FIRN_OK;
}

/* ---- Backward -------------------------------------------------------------
 */

static firn_code infer_grad(firn_infer *q, firn_error *err) {
  const bool max = is_max(q->node);
  firn_shape x = q->in[0].shape;
  if (!max) FIRN_TRY(firn_infer_extents_of_value(q, 0, &x, err));
  FIRN_TRY(firn_infer_rank(q, max ? 2 : 1, AXES, "out_backprop", NULL, err));
  FIRN_TRY(
      firn_infer_rank(q, max ? 3 : 2, 1, "row_pooling_sequence", NULL, err));
  FIRN_TRY(
      firn_infer_rank(q, max ? 4 : 3, 1, "col_pooling_sequence", NULL, err));
  if (x.rank >= 0 && x.rank != AXES)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the original input must have %d axes, has %d", AXES,
                     x.rank);
  if (x.rank < 0) x = (firn_shape){.rank = AXES, .dims = {-1, -1, -1, -1}};
  q->out[0].shape = x;
  return FIRN_OK;
}

/* Cuts come from a tensor: each window must hold something, inside of the
 * input. */
static firn_code check_cuts(const firn_tensor *cuts, int64_t out, int64_t in,
                            const char *what, firn_error *err) {
  const int64_t *c = cuts->data;
  if ((int64_t)cuts->count != out + 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%s has %zu elements, %lld windows want %lld", what,
                     cuts->count, (long long)out, (long long)out + 1);
  for (int64_t i = 0; i < out; i++)
    if (c[i] < 0 || c[i] >= in || c[i + 1] <= c[i])
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "%s[%lld] = %lld is no cut of an extent of %lld", what,
                       (long long)i, (long long)c[i], (long long)in);
  return FIRN_OK;
}

static void pull_back(const pools *p, firn_dtype dtype, bool max, double *sums,
                      size_t count) {
  if (!max) {
    switch (dtype) {
      case FIRN_DOUBLE: mean_back_double(p, sums, count); return;
      case FIRN_INT32: mean_back_int32_t(p, sums, count); return;
      case FIRN_INT64: mean_back_int64_t(p, sums, count); return;
      default: mean_back_float(p, sums, count); return;
    }
  }
  memset(p->dx, 0, count * firn_dtype_size(dtype));
  switch (dtype) {
    case FIRN_DOUBLE: max_back_double(p); break;
    case FIRN_INT32: max_back_int32_t(p); break;
    case FIRN_INT64: max_back_int64_t(p); break;
    default: max_back_float(p); break;
  }
}

static firn_code prepare_grad(firn_prepare *p, firn_error *err) {
  const firn_shape *dx = &p->out[0].shape;
  FIRN_UNUSED(err);
  if (!is_max(p->node))
    p->scratch = (size_t)firn_shape_product(dx, 0, dx->rank) * sizeof(double);
  return FIRN_OK;
}

static firn_code drive_grad(const firn_run *run, firn_error *err) {
  const bool max = is_max(run->node);
  const firn_tensor *dy = run->in[max ? 2 : 1], *dx = run->out[0];
  const firn_tensor *rows = run->in[max ? 3 : 2],
                    *columns = run->in[max ? 4 : 3];
  const int64_t *x = dx->shape.dims, *y = dy->shape.dims;
  if (x[0] != y[0] || x[3] != y[3])
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "out_backprop has batch %lld and %lld channels, the input "
                     "%lld and %lld",
                     (long long)y[0], (long long)y[3], (long long)x[0],
                     (long long)x[3]);
  FIRN_TRY(check_cuts(rows, y[1], x[1], "row_pooling_sequence", err));
  FIRN_TRY(check_cuts(columns, y[2], x[2], "col_pooling_sequence", err));
  const pools p = {
      .rows = rows->data,
      .columns = columns->data,
      .high = x[1],
      .wide = x[2],
      .out_high = y[1],
      .out_wide = y[2],
      .batch = (size_t)y[0],
      .channels = (size_t)y[3],
      .overlapping = firn_attr_bool_or(run->node, "overlapping", false),
      .x = max ? run->in[0]->data : NULL,
      .dy = dy->data,
      .dx = dx->data};
  if (dx->count) pull_back(&p, dx->dtype, max, run->scratch, dx->count);
  return FIRN_OK;
}

/* ---- The family -----------------------------------------------------------
 */

#define TYPES (FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE) | FIRN_INDICES)

static const firn_kernel forward[] = {
    {.types = {{"T", TYPES}}, .drive = drive},
    {.drive = NULL},
};
static const firn_kernel backward[] = {
    {.types = {{"T", TYPES}}, .prepare = prepare_grad, .drive = drive_grad},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"FractionalMaxPool", infer, forward, FIRN_OP_STATEFUL},
    {"FractionalAvgPool", infer, forward, FIRN_OP_STATEFUL},
    {"FractionalMaxPoolGrad", infer_grad, backward, 0},
    {"FractionalAvgPoolGrad", infer_grad, backward, 0},
};

FIRN_OP_FAMILY(fractional_pool, ops);
