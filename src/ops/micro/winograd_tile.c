/* ops/micro/winograd_tile.c: the transforms of Winograd's F(4x4, 3x3), and
 * those that take gradients back through it.
 *
 * For one tile: V = B' d B of 6x6 pixels, and y = A' m A, 4x4 pixels, of the 36
 * products (Lavin and Gray, "Fast algorithms for convolutional neural
 * networks", points 0, 1, -1, 2, -2, infinity). A vector holds channels.
 */
#include "ops/micro/isa.h"

/* out[i * out_step] = sum of B'[i][j] * d[j * step]. */
INLINE void transform_in(const vf *d, const size_t step, vf *out,
                         const size_t out_step) {
  const vf d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step],
           d4 = d[4 * step], d5 = d[5 * step];
  const vf two = v_set(2), four = v_set(4), five = v_set(5);
  const vf even = d4 - four * d2, odd = d3 - four * d1;
  const vf even2 = d4 - d2, odd2 = two * (d3 - d1);
  out[0] = four * d0 - five * d2 + d4;
  out[out_step] = even + odd;
  out[2 * out_step] = even - odd;
  out[3 * out_step] = even2 + odd2;
  out[4 * out_step] = even2 - odd2;
  out[5 * out_step] = four * d1 - five * d3 + d5;
}

/* out[i] = sum of A'[i][j] * m[j * step]. */
INLINE void transform_out(const vf *m, const size_t step, vf *out,
                          const size_t out_step) {
  const vf two = v_set(2), four = v_set(4), eight = v_set(8);
  const vf sum1 = m[step] + m[2 * step], diff1 = m[step] - m[2 * step];
  const vf sum2 = m[3 * step] + m[4 * step], diff2 = m[3 * step] - m[4 * step];
  out[0] = m[0] + sum1 + sum2;
  out[out_step] = diff1 + two * diff2;
  out[2 * out_step] = sum1 + four * sum2;
  out[3 * out_step] = diff1 + eight * diff2 + m[5 * step];
}

INLINE void channels_in(const float *const *px, const size_t *mask, size_t i,
                        size_t n, float *v, size_t v_stride) {
  vf d[36], line[6];
  for (size_t q = 0; q < 36; q++) d[q] = v_load_some(px[q] + (i & mask[q]), n);
  EACH (c, 6) transform_in(d + c, 6, d + c, 6);
  EACH (r, 6) {
    transform_in(d + 6 * r, 1, line, 1);
    EACH (c, 6) v_store_some(v + (6 * r + c) * v_stride + i, line[c], n);
  }
}

/* Pixels outside of the picture are zeros, whatever the channel. */
INLINE void fill_gaps(const float *const *px, size_t count, const float **pixel,
                      size_t *mask) {
  static const float zeros[LANES];
  for (size_t q = 0; q < count; q++) {
    pixel[q] = px[q] ? px[q] : zeros;
    mask[q] = px[q] ? SIZE_MAX : 0;
  }
}

void FIRN_ISA_NAME(winograd_in)(const float *const *px, size_t channels,
                                float *v, size_t v_stride) {
  const float *pixel[36];
  size_t mask[36], i = 0;
  fill_gaps(px, 36, pixel, mask);
  for (; i + LANES <= channels; i += LANES)
    channels_in(pixel, mask, i, LANES, v, v_stride);
  if (i < channels) channels_in(pixel, mask, i, channels - i, v, v_stride);
}

INLINE void channels_out(const firn_winograd_out *o, size_t i, size_t n) {
  const vf low = v_set(o->min), high = v_set(o->max);
  const vf bias = o->bias ? v_load_some(o->bias + i, n) : v_set(0);
  vf m[36], half[24], line[4];
  for (size_t q = 0; q < 36; q++)
    m[q] = v_load_some(o->m + q * o->m_stride + i, n);
  EACH (c, 6) transform_out(m + c, 6, half + c, 6);
  for (size_t r = 0; r < o->rows; r++) {
    transform_out(half + 6 * r, 1, line, 1);
    for (size_t c = 0; c < o->cols; c++) {
      vf y = line[c] + bias;
      if (o->residual)
        y += v_load_some(
            o->residual + r * o->residual_row + c * o->residual_col + i, n);
      v_store_some(o->y + r * o->y_row + c * o->y_col + i,
                   v_clamp(y, low, high), n);
    }
  }
}

void FIRN_ISA_NAME(winograd_out)(const firn_winograd_out *o) {
  size_t i = 0;
  for (; i + LANES <= o->channels; i += LANES) channels_out(o, i, LANES);
  if (i < o->channels) channels_out(o, i, o->channels - i);
}

/* ---- Backwards ----------------------------------------------------------- */

/* out[i] = sum of A[i][j] * y[j * step]. */
INLINE void transform_back(const vf *y, const size_t step, vf *out,
                           const size_t out_step) {
  const vf two = v_set(2), four = v_set(4);
  const vf y0 = y[0], y1 = y[step], y2 = y[2 * step], y3 = y[3 * step];
  const vf even = y0 + y2, odd = y1 + y3;
  const vf even2 = y0 + four * y2, odd2 = two * (y1 + four * y3);
  out[0] = y0;
  out[out_step] = even + odd;
  out[2 * out_step] = even - odd;
  out[3 * out_step] = even2 + odd2;
  out[4 * out_step] = even2 - odd2;
  out[5 * out_step] = y3;
}

INLINE void channels_back(const float *const *px, const size_t *mask, size_t i,
                          size_t n, float *m, size_t m_stride) {
  vf d[16], half[24], line[6];
  for (size_t q = 0; q < 16; q++) d[q] = v_load_some(px[q] + (i & mask[q]), n);
  EACH (c, 4) transform_back(d + c, 4, half + c, 4);
  EACH (r, 6) {
    transform_back(half + 4 * r, 1, line, 1);
    EACH (c, 6) v_store_some(m + (6 * r + c) * m_stride + i, line[c], n);
  }
}

void FIRN_ISA_NAME(winograd_back)(const float *const *px, size_t channels,
                                  float *m, size_t m_stride) {
  const float *pixel[16];
  size_t mask[16], i = 0;
  fill_gaps(px, 16, pixel, mask);
  for (; i + LANES <= channels; i += LANES)
    channels_back(pixel, mask, i, LANES, m, m_stride);
  if (i < channels) channels_back(pixel, mask, i, channels - i, m, m_stride);
}

/* out[i] = sum of G'[i][j] * u[j * step]. */
INLINE void transform_filter(const vf *u, const size_t step, vf *out,
                             const size_t out_step) {
  const vf sum1 = u[step] + u[2 * step], diff1 = u[2 * step] - u[step];
  const vf sum2 = u[3 * step] + u[4 * step], diff2 = u[3 * step] - u[4 * step];
  out[0] = u[0] / v_set(4) - sum1 / v_set(6) + sum2 / v_set(24);
  out[out_step] = diff1 / v_set(6) + diff2 / v_set(12);
  out[2 * out_step] = (sum2 - sum1) / v_set(6) + u[5 * step];
}

INLINE void channels_filter(const float *u, size_t u_stride, size_t n,
                            float *dw, size_t dw_stride) {
  vf m[36], half[18], line[3];
  for (size_t q = 0; q < 36; q++) m[q] = v_load_some(u + q * u_stride, n);
  EACH (c, 6) transform_filter(m + c, 6, half + c, 6);
  EACH (r, 3) {
    transform_filter(half + 6 * r, 1, line, 1);
    EACH (c, 3) v_store_some(dw + (3 * r + c) * dw_stride, line[c], n);
  }
}

void FIRN_ISA_NAME(winograd_filter)(const float *u, size_t u_stride, size_t n,
                                    float *dw, size_t dw_stride) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    channels_filter(u + i, u_stride, LANES, dw + i, dw_stride);
  if (i < n) channels_filter(u + i, u_stride, n - i, dw + i, dw_stride);
}
