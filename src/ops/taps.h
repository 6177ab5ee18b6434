/* ops/taps.h: where along an axis the pixels of a resized picture come from.
 *
 * Resizing and its gradients go by the same few pixels with the same weights,
 * worked out once per axis, in TensorFlow's own float arithmetic.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_TAPS_H
#define FIRN_OPS_TAPS_H

#include <stdbool.h>
#include <stddef.h>

/* Where one output row or column comes from. */
typedef struct firn_tap {
  size_t at[4];
  float weight[4]; /* bilinear: weight[0] is the share of at[1] */
} firn_tap;

typedef enum firn_resize_method {
  FIRN_NEAREST,
  FIRN_BILINEAR,
  FIRN_BICUBIC,
} firn_resize_method;

/* One tap for each of `out` pixels, out of `in` ones, at least one. `half`: the
 * attr half_pixel_centers. */
void firn_taps_fill(firn_tap *taps, size_t out, size_t in,
                    firn_resize_method method, bool align_corners, bool half);

#endif
