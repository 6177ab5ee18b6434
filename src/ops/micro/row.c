/* ops/micro/row.c: what takes a whole row at a time: sums, softmax, windows,
 * and products with one row on the left.
 */
#include <float.h>

#include "ops/micro/isa.h"
#include "ops/micro/vecmath.h"

enum { WAYS = 4 }; /* sums in flight */

/* ---- One row times a matrix that is not packed. -------------------------- */

void FIRN_ISA_NAME(row_times)(const float *a, size_t k, const float *b,
                              size_t b_stride, float *y, size_t n) {
  size_t j = 0;
  for (; j + WAYS * LANES <= n; j += WAYS * LANES) {
    vf sum[WAYS];
    EACH (w, WAYS) sum[w] = v_set(0);
    for (size_t i = 0; i < k; i++) {
      const vf x = v_set(a[i]);
      const float *row = b + i * b_stride + j;
      EACH (w, WAYS) sum[w] = v_fma(x, v_load(row + w * LANES), sum[w]);
    }
    EACH (w, WAYS) v_store(y + j + w * LANES, sum[w]);
  }
  for (; j < n; j += LANES) {
    const size_t some = n - j < LANES ? n - j : LANES;
    vf sum = v_set(0);
    for (size_t i = 0; i < k; i++)
      sum = v_fma(v_set(a[i]), v_load_part(b + i * b_stride + j, some), sum);
    v_store_part(y + j, sum, some);
  }
}

INLINE void dots(const float *a, size_t k, const float *b, size_t b_stride,
                 float *y, const size_t rows) {
  vf sum[WAYS];
  size_t i = 0;
  EACH (r, rows) sum[r] = v_set(0);
  for (; i + LANES <= k; i += LANES) {
    const vf x = v_load(a + i);
    EACH (r, rows) sum[r] = v_fma(x, v_load(b + r * b_stride + i), sum[r]);
  }
  if (i < k) {
    const vf x = v_load_part(a + i, k - i);
    EACH (r, rows)
      sum[r] = v_fma(x, v_load_part(b + r * b_stride + i, k - i), sum[r]);
  }
  EACH (r, rows) y[r] = v_sum(sum[r]);
}

void FIRN_ISA_NAME(row_dots)(const float *a, size_t k, const float *b,
                             size_t b_stride, float *y, size_t n) {
  size_t j = 0;
  for (; j + WAYS <= n; j += WAYS)
    dots(a, k, b + j * b_stride, b_stride, y + j, WAYS);
  for (; j < n; j++) dots(a, k, b + j * b_stride, b_stride, y + j, 1);
}

/* ---- Reductions. ----------------------------------------------------------
 */

enum { SUM_BLOCK = 1024, SUM_LEVELS = 54 };

static float block_sum(const float *x, size_t n) {
  vf sum[WAYS];
  size_t i = 0;
  EACH (w, WAYS) sum[w] = v_set(0);
  for (; i + WAYS * LANES <= n; i += WAYS * LANES) {
    EACH (w, WAYS) sum[w] += v_load(x + i + w * LANES);
  }
  for (; i + LANES <= n; i += LANES) sum[0] += v_load(x + i);
  if (i < n) sum[1] += v_load_part(x + i, n - i);
  return v_sum((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

/* Sums of blocks are added in pairs, as a binary counter carries. */
float FIRN_ISA_NAME(row_sum)(const float *x, size_t n) {
  float level[SUM_LEVELS];
  size_t blocks = 0, depth = 0;
  for (size_t i = 0; i < n; i += SUM_BLOCK) {
    float sum = block_sum(x + i, n - i < SUM_BLOCK ? n - i : SUM_BLOCK);
    for (size_t bit = blocks++; bit & 1; bit >>= 1) sum += level[--depth];
    level[depth++] = sum;
  }
  float sum = 0;
  while (depth > 0) sum += level[--depth];
  return sum;
}

float FIRN_ISA_NAME(row_max)(const float *x, size_t n) {
  vf most[2] = {v_set(-INFINITY), v_set(-INFINITY)};
  size_t i = 0;
  for (; i + 2 * LANES <= n; i += 2 * LANES) {
    most[0] = v_max_nan(most[0], v_load(x + i));
    most[1] = v_max_nan(most[1], v_load(x + i + LANES));
  }
  float lane[LANES], max = -INFINITY;
  v_store(lane, v_max_nan(most[0], most[1]));
  for (size_t l = 0; l < LANES; l++)
    max = lane[l] > max || lane[l] != lane[l] ? lane[l] : max;
  for (; i < n; i++) max = x[i] > max || x[i] != x[i] ? x[i] : max;
  return max;
}

/* y = exp(x - max); the sum of y. */
static float exp_row(const float *x, float *y, size_t n, float max) {
  const vf top = v_set(max);
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) v_store(y + i, v_exp(v_load(x + i) - top));
  if (i < n) v_store_part(y + i, v_exp(v_load_part(x + i, n - i) - top), n - i);
  return FIRN_ISA_NAME(row_sum)(y, n);
}

void FIRN_ISA_NAME(softmax)(const float *x, float *y, size_t n) {
  const float sum = exp_row(x, y, n, FIRN_ISA_NAME(row_max)(x, n));
  const float scale = 1 / sum;
  FIRN_ISA_NAME(mul_right)(y, &scale, y, n);
}

/* The sum has to be known before y is written: x may be y. */
void FIRN_ISA_NAME(log_softmax)(const float *x, float *y, size_t n) {
  const float max = FIRN_ISA_NAME(row_max)(x, n);
  float part[SUM_BLOCK], sum = 0;
  for (size_t i = 0; i < n; i += SUM_BLOCK)
    sum += exp_row(x + i, part, n - i < SUM_BLOCK ? n - i : SUM_BLOCK, max);
  const float log_sum = logf(sum);
  const vf top = v_set(max), rest = v_set(log_sum);
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) v_store(y + i, v_load(x + i) - top - rest);
  if (i < n) v_store_part(y + i, v_load_part(x + i, n - i) - top - rest, n - i);
}

/* ---- Windows. -------------------------------------------------------------
 */

/* `vectors` vectors of channels, the last of them with `n` numbers. */
INLINE void window_max(const firn_window *w, size_t c, float *y,
                       const size_t vectors, size_t n) {
  vf most[WAYS];
  EACH (v, vectors) most[v] = v_set(-FLT_MAX);
  for (size_t r = 0; r < w->rows; r++) {
    const float *x = w->x + r * w->row_stride + c;
    for (size_t q = 0; q < w->cols; q++, x += w->col_stride) {
      EACH (v, vectors) most[v] = v_max(v_load_some(x + v * LANES, n), most[v]);
    }
  }
  EACH (v, vectors) v_store_some(y + c + v * LANES, most[v], n);
}

INLINE void window_mean(const firn_window *w, size_t c, float *y,
                        const size_t vectors, size_t n) {
  const vf scale = v_set(1.0f / (float)(w->rows * w->cols));
  vf sum[WAYS];
  EACH (v, vectors) sum[v] = v_set(0);
  for (size_t r = 0; r < w->rows; r++) {
    const float *x = w->x + r * w->row_stride + c;
    for (size_t q = 0; q < w->cols; q++, x += w->col_stride) {
      EACH (v, vectors) sum[v] += v_load_some(x + v * LANES, n);
    }
  }
  EACH (v, vectors) v_store_some(y + c + v * LANES, sum[v] * scale, n);
}

#define WINDOW(name, part)                                                \
  void FIRN_ISA_NAME(name)(const firn_window *w, float *y) {              \
    size_t c = 0;                                                         \
    for (; c + WAYS * LANES <= w->channels; c += WAYS * LANES)            \
      part(w, c, y, WAYS, LANES);                                         \
    for (; c + LANES <= w->channels; c += LANES) part(w, c, y, 1, LANES); \
    if (c < w->channels) part(w, c, y, 1, w->channels - c);               \
  }
WINDOW(max_window, window_max)
WINDOW(mean_window, window_mean)
