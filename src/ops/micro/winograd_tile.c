/* ops/micro/winograd_tile.c: the transforms of Winograd's F(4x4, 3x3).
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

void FIRN_ISA_NAME(winograd_in)(const float *const *px, size_t channels,
                                float *v, size_t v_stride) {
  static const float zeros[LANES];
  const float *pixel[36];
  size_t mask[36], i = 0;
  for (size_t q = 0; q < 36; q++) {
    pixel[q] = px[q] ? px[q] : zeros;
    mask[q] = px[q] ? SIZE_MAX : 0;
  }
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
