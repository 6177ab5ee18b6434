/* ops/quantized_product.c: products, windows and joins of quantised tensors.
 *
 * A level less the level of zero is an integer proportional to the float it
 * stands for, so products and sums are done on integers of 32 bits, which wrap
 * around.
 */
#include "ops/geometry.h"
#include "ops/picture.h"
#include "ops/quantized.h"

static firn_code zero_of(const firn_tensor *x, firn_range r, const char *what,
                         int32_t *out, firn_error *err) {
  if (!(r.max > r.min))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the range of %s, [%g, %g], is empty", what, (double)r.min,
                     (double)r.max);
  *out = (int32_t)(uint32_t)firn_level_of(firn_levels_of(x->dtype), r, 0);
  return FIRN_OK;
}

/* The levels of x less that of zero. */
static firn_code centered(const firn_run *run, size_t i, int32_t zero,
                          int32_t **out, firn_error *err) {
  const firn_tensor *x = run->in[i];
  const size_t bytes = (x->count ? x->count : 1) * sizeof **out;
  *out = firn_new(&run->env->alloc, bytes);
  if (!*out) return firn_oom(err, bytes);
  for (size_t k = 0; k < x->count; k++)
    (*out)[k] = (int32_t)((uint32_t)firn_quantized_get(x, k) - (uint32_t)zero);
  return FIRN_OK;
}

static void drop(const firn_run *run, size_t i, int32_t *x) {
  const size_t count = run->in[i]->count;
  firn_delete(&run->env->alloc, x, (count ? count : 1) * sizeof *x);
}

/* y[j] += a * b[j * step] */
static void add_product(int32_t a, const int32_t *b, size_t step, int32_t *y,
                        size_t n) {
  if (step == 1)
    for (size_t j = 0; j < n; j++)
      y[j] = (int32_t)((uint32_t)y[j] + (uint32_t)a * (uint32_t)b[j]);
  else
    for (size_t j = 0; j < n; j++)
      y[j] = (int32_t)((uint32_t)y[j] + (uint32_t)a * (uint32_t)b[j * step]);
}

/* Both inputs centered, and the range of what becomes of them. */
typedef struct factors {
  int32_t *a, *b;
} factors;

static firn_code take_factors(const firn_run *run, const size_t mins[2],
                              factors *f, firn_error *err) {
  firn_range ra, rb;
  int32_t za, zb;
  FIRN_TRY(firn_range_of(run, mins[0], mins[0] + 1, &ra, err));
  FIRN_TRY(firn_range_of(run, mins[1], mins[1] + 1, &rb, err));
  FIRN_TRY(zero_of(run->in[0], ra, "the first input", &za, err));
  FIRN_TRY(zero_of(run->in[1], rb, "the second input", &zb, err));
  firn_put_range(run,
                 firn_range_of_product(firn_levels_of(run->in[0]->dtype), ra,
                                       firn_levels_of(run->in[1]->dtype), rb));
  FIRN_TRY(centered(run, 0, za, &f->a, err));
  const firn_code code = centered(run, 1, zb, &f->b, err);
  if (code != FIRN_OK) drop(run, 0, f->a);
  return code;
}

static void drop_factors(const firn_run *run, const factors *f) {
  drop(run, 0, f->a);
  drop(run, 1, f->b);
}

static const size_t ranges_follow[2] = {2, 4};

/* ---- MatMul ------------------------------------------------------------- */

static firn_code infer_matmul(firn_infer *q, firn_error *err) {
  firn_shape a, b;
  int64_t inner;
  const int ta = firn_attr_bool_or(q->node, "transpose_a", false);
  const int tb = firn_attr_bool_or(q->node, "transpose_b", false);
  FIRN_TRY(firn_infer_rank(q, 0, 2, "a", &a, err));
  FIRN_TRY(firn_infer_rank(q, 1, 2, "b", &b, err));
  if (!firn_dim_merge(a.dims[1 - ta], b.dims[tb], &inner)) {
    char sa[256], sb[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a of shape %s does not go with b of shape %s",
                     firn_shape_text(&a, sa), firn_shape_text(&b, sb));
  }
  q->out[0].shape = (firn_shape){2, {a.dims[ta], b.dims[1 - tb]}};
  return firn_infer_ranges(q, 2, 6, err);
}

static firn_code drive_matmul(const firn_run *run, firn_error *err) {
  const bool ta = firn_attr_bool_or(run->node, "transpose_a", false);
  const bool tb = firn_attr_bool_or(run->node, "transpose_b", false);
  const int64_t *a = run->in[0]->shape.dims, *b = run->in[1]->shape.dims;
  const size_t m = (size_t)a[ta], k = (size_t)a[!ta], n = (size_t)b[!tb];
  int32_t *y = run->out[0]->data;
  factors f;
  FIRN_TRY(take_factors(run, ranges_follow, &f, err));
  if (m && n) memset(y, 0, m * n * sizeof *y);
  for (size_t i = 0; i < m; i++)
    for (size_t p = 0; p < k; p++)
      add_product(f.a[ta ? p * m + i : i * k + p], f.b + (tb ? p : p * n),
                  tb ? k : 1, y + i * n, n);
  drop_factors(run, &f);
  return FIRN_OK;
}

/* ---- Mul, Add ----------------------------------------------------------- */

static firn_code infer_mul(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_broadcast(q, err));
  return firn_infer_ranges(q, 2, 6, err);
}

/* How far a tensor's elements are apart along the axes of the result; 0 where
 * it is repeated. */
static void steps_of(const firn_shape *x, const firn_shape *y, size_t *steps) {
  size_t step = 1;
  for (int i = y->rank - 1; i >= 0; i--) {
    const int j = i - (y->rank - x->rank);
    const size_t dim = j < 0 ? 1 : (size_t)x->dims[j];
    steps[i] = dim == 1 ? 0 : step;
    step *= dim;
  }
}

/* For element i of the result, which elements of the inputs it is made of. */
typedef struct pairing {
  const firn_shape *shape;
  size_t a[FIRN_MAX_RANK], b[FIRN_MAX_RANK];
} pairing;

static pairing pair_inputs(const firn_run *run) {
  pairing p = {.shape = &run->out[0]->shape};
  steps_of(&run->in[0]->shape, p.shape, p.a);
  steps_of(&run->in[1]->shape, p.shape, p.b);
  return p;
}

static void find_pair(const pairing *p, size_t i, size_t *a, size_t *b) {
  *a = *b = 0;
  for (int k = p->shape->rank - 1; k >= 0; k--) {
    const size_t dim = (size_t)p->shape->dims[k], at = i % dim;
    i /= dim;
    *a += at * p->a[k];
    *b += at * p->b[k];
  }
}

static firn_code drive_mul(const firn_run *run, firn_error *err) {
  const pairing p = pair_inputs(run);
  int32_t *y = run->out[0]->data;
  factors f;
  FIRN_TRY(take_factors(run, ranges_follow, &f, err));
  for (size_t i = 0; i < run->out[0]->count; i++) {
    size_t a, b;
    find_pair(&p, i, &a, &b);
    y[i] = (int32_t)((uint32_t)f.a[a] * (uint32_t)f.b[b]);
  }
  drop_factors(run, &f);
  return FIRN_OK;
}

/* What each of the 256 levels is in a sum's range. TensorFlow takes even steps
 * from the lowest one up; only a scalar is converted as such. */
static void levels_in_sum(const firn_tensor *x, firn_range r, firn_range total,
                          int32_t table[256]) {
  const firn_levels eight = firn_levels_of(x->dtype);
  const firn_levels wide = firn_levels_of(FIRN_QINT32);
  const int64_t zero =
      firn_level_of(wide, total, firn_float_of_level(eight, r, 0));
  const int64_t one =
      firn_level_of(wide, total, firn_float_of_level(eight, r, 1));
  const int32_t step = (int32_t)(uint32_t)(one - zero);
  for (int64_t i = 0; i < 256; i++) {
    int64_t level = zero + i * step;
    if (x->shape.rank == 0)
      level = firn_level_of(wide, total, firn_float_of_level(eight, r, i));
    if (level < wide.lowest) level = wide.lowest;
    table[i] = (int32_t)(level > wide.highest ? wide.highest : level);
  }
}

static firn_code drive_add(const firn_run *run, firn_error *err) {
  const pairing p = pair_inputs(run);
  const uint8_t *x = run->in[0]->data, *y = run->in[1]->data;
  int32_t *out = run->out[0]->data, of_x[256], of_y[256];
  firn_range rx, ry;
  FIRN_TRY(firn_range_of(run, 2, 3, &rx, err));
  FIRN_TRY(firn_range_of(run, 4, 5, &ry, err));
  const firn_range total = firn_range_of_sum(rx, ry, 14);
  levels_in_sum(run->in[0], rx, total, of_x);
  levels_in_sum(run->in[1], ry, total, of_y);
  for (size_t i = 0; i < run->out[0]->count; i++) {
    size_t a, b;
    find_pair(&p, i, &a, &b);
    out[i] = (int32_t)((uint32_t)of_x[x[a]] + (uint32_t)of_y[y[b]]);
  }
  firn_put_range(run, total);
  return FIRN_OK;
}

/* ---- Conv2D ------------------------------------------------------------- */

static firn_code lay_out_conv(const firn_node *node, const firn_shape *x,
                              const firn_shape *w, firn_geometry *g,
                              firn_error *err) {
  FIRN_TRY(firn_geometry_attrs(node, 2, g, err));
  FIRN_TRY(firn_geometry_input(g, x, "input", err));
  if (g->stride[1] != g->stride[2] || g->dilation[1] != 1 ||
      g->dilation[2] != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "strides must be equal and dilations 1");
  g->window[1] = w->rank == 4 && w->dims[0] >= 0 ? w->dims[0] : 1;
  g->window[2] = w->rank == 4 && w->dims[1] >= 0 ? w->dims[1] : 1;
  return firn_geometry_place(g, err);
}

static firn_code infer_conv(firn_infer *q, firn_error *err) {
  firn_shape x, w;
  firn_geometry g;
  int64_t depth;
  FIRN_TRY(firn_infer_rank(q, 0, 4, "input", &x, err));
  FIRN_TRY(firn_infer_rank(q, 1, 4, "filter", &w, err));
  FIRN_TRY(lay_out_conv(q->node, &x, &w, &g, err));
  if (!firn_dim_merge(x.dims[3], w.dims[2], &depth))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "input has %lld channels, filter %lld",
                     (long long)x.dims[3], (long long)w.dims[2]);
  for (int k = 1; k < 3; k++)
    if (w.dims[k - 1] < 0) g.out[k] = FIRN_UNKNOWN_DIM;
  q->out[0].shape = firn_geometry_shape(&g, g.out, w.dims[3]);
  return firn_infer_ranges(q, 2, 6, err);
}

typedef struct convolution {
  const int32_t *x, *w;
  int32_t *y;
  firn_geometry g;
  size_t oc;
  int64_t top, left; /* of the first window, below 0 */
} convolution;

/* TensorFlow centers the windows for VALID as for SAME. */
static int64_t first_tap(const firn_geometry *g, int axis) {
  return -(
      ((g->out[axis] - 1) * g->stride[axis] + g->window[axis] - g->in[axis]) /
      2);
}

static void convolve_pixel(const convolution *c, size_t image, int64_t oy,
                           int64_t ox, int32_t *y) {
  const firn_geometry *g = &c->g;
  const size_t ic = (size_t)g->channels;
  for (int64_t ky = 0; ky < g->window[1]; ky++)
    for (int64_t kx = 0; kx < g->window[2]; kx++) {
      const int64_t iy = oy * g->stride[1] + c->top + ky;
      const int64_t ix = ox * g->stride[2] + c->left + kx;
      if (iy < 0 || iy >= g->in[1] || ix < 0 || ix >= g->in[2]) continue;
      const int32_t *x = c->x + firn_pixel(g, image, 0, iy, ix) * ic;
      const int32_t *w = c->w + (size_t)(ky * g->window[2] + kx) * ic * c->oc;
      for (size_t i = 0; i < ic; i++)
        add_product(x[i], w + i * c->oc, 1, y, c->oc);
    }
}

static void convolve_rows(void *ctx, size_t begin, size_t end) {
  const convolution *c = ctx;
  const size_t height = (size_t)c->g.out[1], width = (size_t)c->g.out[2];
  for (size_t i = begin; i < end; i++)
    for (size_t x = 0; x < width; x++)
      convolve_pixel(c, i / height, (int64_t)(i % height), (int64_t)x,
                     c->y + (i * width + x) * c->oc);
}

static firn_code drive_conv(const firn_run *run, firn_error *err) {
  const firn_tensor *out = run->out[0];
  convolution c = {.y = out->data, .oc = (size_t)run->in[1]->shape.dims[3]};
  factors f;
  FIRN_TRY(lay_out_conv(run->node, &run->in[0]->shape, &run->in[1]->shape, &c.g,
                        err));
  FIRN_TRY(take_factors(run, ranges_follow, &f, err));
  c.x = f.a;
  c.w = f.b;
  c.top = first_tap(&c.g, 1);
  c.left = first_tap(&c.g, 2);
  if (out->count) {
    memset(out->data, 0, firn_tensor_bytes(out));
    const size_t rows = (size_t)(c.g.batch * c.g.out[1]);
    firn_parallel_for(run->pool, rows, 1, convolve_rows, &c);
  }
  drop_factors(run, &f);
  return FIRN_OK;
}

/* ---- Pooling ------------------------------------------------------------ */

static firn_code lay_out_pool(const firn_node *node, const firn_shape *x,
                              firn_geometry *g, firn_error *err) {
  const int64_t *list;
  size_t count;
  int64_t others[2];
  FIRN_TRY(firn_geometry_attrs(node, 2, g, err));
  FIRN_TRY(firn_attr_ints(node, "ksize", &list, &count, err));
  FIRN_TRY(firn_geometry_list(g, list, count, "ksize", false, g->window, others,
                              err));
  if (others[0] != 1 || others[1] != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "windows over batch or channels");
  FIRN_TRY(firn_geometry_input(g, x, "input", err));
  return firn_geometry_place(g, err);
}

static firn_code infer_pool(firn_infer *q, firn_error *err) {
  firn_shape x;
  firn_geometry g;
  FIRN_TRY(firn_infer_rank(q, 0, 4, "input", &x, err));
  FIRN_TRY(lay_out_pool(q->node, &x, &g, err));
  q->out[0].shape = firn_geometry_shape(&g, g.out, g.channels);
  return firn_infer_ranges(q, 1, 3, err);
}

typedef struct pooling {
  const firn_tensor *x;
  firn_tensor *y;
  bool mean;
} pooling;

static void pool_window(void *ctx, const firn_geometry *g,
                        const firn_span span[3], size_t image, size_t pixel) {
  const pooling *p = ctx;
  const size_t channels = (size_t)g->channels;
  for (size_t c = 0; c < channels; c++) {
    int64_t sum = 0, count = 0, most = INT64_MIN;
    for (int64_t y = 0; y < span[1].count; y++)
      for (int64_t x = 0; x < span[2].count; x++) {
        const size_t at =
            firn_pixel(g, image, 0, span[1].first + y, span[2].first + x);
        const int64_t level = firn_quantized_get(p->x, at * channels + c);
        sum += level;
        count++;
        if (level > most) most = level;
      }
    if (p->mean) most = count ? sum / count : 0;
    firn_quantized_put(p->y, pixel * channels + c, most);
  }
}

static firn_code drive_pool(const firn_run *run, bool mean, firn_error *err) {
  firn_geometry g;
  firn_range r;
  FIRN_TRY(lay_out_pool(run->node, &run->in[0]->shape, &g, err));
  FIRN_TRY(firn_range_of(run, 1, 2, &r, err));
  pooling p = {run->in[0], run->out[0], mean};
  const size_t work = (size_t)(g.window[1] * g.window[2] * g.channels) * 4;
  if (run->out[0]->count)
    firn_each_window(&g, pool_window, &p, work, false, run->pool);
  firn_put_range(run, r);
  return FIRN_OK;
}

static firn_code drive_max_pool(const firn_run *run, firn_error *err) {
  return drive_pool(run, false, err);
}

static firn_code drive_avg_pool(const firn_run *run, firn_error *err) {
  return drive_pool(run, true, err);
}

/* ---- Reshape ------------------------------------------------------------ */

static firn_code infer_reshape(firn_infer *q, firn_error *err) {
  firn_shape out;
  int64_t count, known = 1;
  int open = -1;
  FIRN_TRY(firn_infer_ranges(q, 2, 4, err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "shape", NULL, err));
  FIRN_TRY(firn_infer_shape_of_value(q, 1, &out, err));
  q->out[0].shape = out;
  if (out.rank < 0 || !firn_shape_known(&q->in[0].shape) ||
      !firn_shape_count(&q->in[0].shape, &count) ||
      !firn_infer_ints(q, 1, NULL, NULL))
    return FIRN_OK;
  for (int i = 0; i < out.rank; i++) {
    if (out.dims[i] < 0 && open >= 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "shape[%d] and shape[%d] are both -1", open, i);
    if (out.dims[i] < 0) open = i;
    if (out.dims[i] >= 0 && !firn_mul_i64(known, out.dims[i], &known))
      known = -1;
  }
  if (open >= 0 && known > 0 && count % known == 0) {
    q->out[0].shape.dims[open] = count / known;
    return FIRN_OK;
  }
  if (open < 0 && known == count) return FIRN_OK;
  char from[256], to[256];
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "%s does not fit into shape %s",
                   firn_shape_text(&q->in[0].shape, from),
                   firn_shape_text(&out, to));
}

static firn_code drive_reshape(const firn_run *run, firn_error *err) {
  firn_range r;
  FIRN_TRY(firn_range_of(run, 2, 3, &r, err));
  if (run->in[0]->count)
    memcpy(run->out[0]->data, run->in[0]->data, firn_tensor_bytes(run->in[0]));
  firn_put_range(run, r);
  return FIRN_OK;
}

/* ---- Concat ------------------------------------------------------------- */

static size_t parts_of(const firn_node *node) {
  const int64_t n = firn_attr_int_or(node, "N", 0);
  return n > 0 ? (size_t)n : 0;
}

static firn_code infer_concat(firn_infer *q, firn_error *err) {
  const size_t n = parts_of(q->node);
  int64_t axis, sum = 0;
  FIRN_TRY(firn_infer_is_scalar(q, 0, "concat_dim", err));
  q->out[1].shape = q->out[2].shape = firn_shape_scalar();
  firn_shape out = q->in[1].shape;
  if (!firn_infer_int(q, 0, &axis) || out.rank < 0) return FIRN_OK;
  if (axis < 0 || axis >= out.rank)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "concat_dim = %lld is not in [0, %d)", (long long)axis,
                     out.rank);
  for (size_t i = 0; i < n; i++) {
    firn_shape part = q->in[1 + i].shape;
    if (part.rank < 0) return FIRN_OK;
    const int64_t dim = part.rank == out.rank ? part.dims[axis] : 0;
    if (part.rank == out.rank) part.dims[axis] = out.dims[axis];
    FIRN_TRY(firn_shape_merge(&part, &out, &out, err));
    if (dim < 0 || sum < 0 || !firn_add_i64(sum, dim, &sum)) sum = -1;
    out.dims[axis] = FIRN_UNKNOWN_DIM;
  }
  out.dims[axis] = sum;
  q->out[0].shape = out;
  return FIRN_OK;
}

static firn_range range_of_all(const firn_run *run, size_t n) {
  firn_range all = {3.40282347e38f, -3.40282347e38f};
  for (size_t i = 0; i < n; i++) {
    const float min = *(const float *)run->in[1 + n + i]->data;
    const float max = *(const float *)run->in[1 + 2 * n + i]->data;
    if (min < all.min) all.min = min;
    if (max > all.max) all.max = max;
  }
  if (run->out[0]->dtype != FIRN_QINT32) return all;
  const float low = all.min < 0 ? -all.min : all.min;
  const float high = all.max < 0 ? -all.max : all.max;
  const float most = low < high ? high : low;
  return (firn_range){-most, most};
}

static firn_code drive_concat(const firn_run *run, firn_error *err) {
  const size_t n = parts_of(run->node);
  const int axis = (int)firn_tensor_i64(run->in[0], 0);
  firn_tensor *y = run->out[0];
  if (!y)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "concat_dim is out of range");
  for (size_t i = 1; i <= 3 * n; i++)
    if (i > n && run->in[i]->count < 1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "input %zu must hold a number", i);
  const firn_range all = range_of_all(run, n);
  const size_t rows = (size_t)firn_shape_product(&y->shape, 0, axis);
  const size_t row = (size_t)firn_shape_product(&y->shape, axis, y->shape.rank);
  size_t at = 0;
  for (size_t i = 0; i < n; i++) {
    const firn_tensor *x = run->in[1 + i];
    firn_range r;
    FIRN_TRY(firn_range_of(run, 1 + n + i, 1 + 2 * n + i, &r, err));
    const size_t part = rows ? x->count / rows : 0;
    const size_t size = firn_dtype_size(x->dtype);
    for (size_t k = 0; k < rows && part; k++)
      if (r.min == all.min && r.max == all.max)
        memcpy((char *)y->data + (k * row + at) * size,
               (const char *)x->data + k * part * size, part * size);
      else
        firn_requantize(x, k * part, r, y, k * row + at, all, part);
    at += part;
  }
  firn_put_range(run, all);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define EIGHT_OR_32 (FIRN_BIT(FIRN_QUINT8) | FIRN_BIT(FIRN_QINT32))
#define EIGHT (FIRN_BIT(FIRN_QUINT8) | FIRN_BIT(FIRN_QINT8))

#define KERNELS(id, attr, bits)                       \
  static const firn_kernel id##_kernels[] = {         \
      {.types = {{attr, bits}}, .drive = drive_##id}, \
      {.drive = NULL},                                \
  };

KERNELS(matmul, "Toutput", FIRN_BIT(FIRN_QINT32))
KERNELS(mul, "Toutput", FIRN_BIT(FIRN_QINT32))
static const firn_kernel add_kernels[] = {
    {.types = {{"T1", FIRN_BIT(FIRN_QUINT8)},
               {"T2", FIRN_BIT(FIRN_QUINT8)},
               {"Toutput", FIRN_BIT(FIRN_QINT32)}},
     .drive = drive_add},
    {.drive = NULL},
};
KERNELS(conv, "out_type", FIRN_BIT(FIRN_QINT32))
KERNELS(max_pool, "T", EIGHT)
KERNELS(avg_pool, "T", EIGHT)
KERNELS(reshape, "T", EIGHT_OR_32)
KERNELS(concat, "T", EIGHT_OR_32)

static const firn_op ops[] = {
    {"QuantizedMatMul", infer_matmul, matmul_kernels, 0},
    {"QuantizedMul", infer_mul, mul_kernels, 0},
    {"QuantizedAdd", infer_mul, add_kernels, 0},
    {"QuantizedConv2D", infer_conv, conv_kernels, 0},
    {"QuantizedMaxPool", infer_pool, max_pool_kernels, 0},
    {"QuantizedAvgPool", infer_pool, avg_pool_kernels, 0},
    {"QuantizedReshape", infer_reshape, reshape_kernels, 0},
    {"QuantizedConcat", infer_concat, concat_kernels, 0},
};

FIRN_OP_FAMILY(quantized_product, ops);
