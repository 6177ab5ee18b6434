/* ops/boxes.h: how much two boxes overlap.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_BOXES_H
#define FIRN_OPS_BOXES_H

/* As C++ has them: with a NaN the first argument is the answer. */
static inline float firn_min_first(float a, float b) { return b < a ? b : a; }
static inline float firn_max_first(float a, float b) { return a < b ? b : a; }

/* Intersection over union of boxes given by any two opposite corners [y, x, y,
 * x]; 0 when one of them has no area. */
static inline float firn_box_overlap(const float *a, const float *b) {
  const float a_y0 = firn_min_first(a[0], a[2]);
  const float a_x0 = firn_min_first(a[1], a[3]);
  const float a_y1 = firn_max_first(a[0], a[2]);
  const float a_x1 = firn_max_first(a[1], a[3]);
  const float b_y0 = firn_min_first(b[0], b[2]);
  const float b_x0 = firn_min_first(b[1], b[3]);
  const float b_y1 = firn_max_first(b[0], b[2]);
  const float b_x1 = firn_max_first(b[1], b[3]);
  const float a_area = (a_y1 - a_y0) * (a_x1 - a_x0);
  const float b_area = (b_y1 - b_y0) * (b_x1 - b_x0);
  if (a_area <= 0 || b_area <= 0) return 0;
  const float height = firn_min_first(a_y1, b_y1) - firn_max_first(a_y0, b_y0);
  const float width = firn_min_first(a_x1, b_x1) - firn_max_first(a_x0, b_x0);
  const float both = firn_max_first(height, 0) * firn_max_first(width, 0);
  return both / (a_area + b_area - both);
}

#endif
