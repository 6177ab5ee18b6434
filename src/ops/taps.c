/* ops/taps.c: where along an axis the pixels of a resized picture come from. */
#include "ops/taps.h"

#include <math.h>

#include "ops/picture.h"

/* Floats beyond any picture must not become integers as they are. */
static int64_t whole(float x) {
  if (!(x > -1e9f)) return -1000000000;
  return x < 4e9f ? (int64_t)x : 4000000000;
}

static size_t within(int64_t i, size_t limit) {
  if (i < 0) return 0;
  return (size_t)i < limit ? (size_t)i : limit - 1;
}

static float place(size_t i, float scale, bool half) {
  const float x = (float)(int)i;
  return half ? (x + 0.5f) * scale - 0.5f : x * scale;
}

static firn_tap nearest(size_t i, float scale, size_t limit, bool align,
                        bool half) {
  const float x = half ? ((float)(int)i + 0.5f) * scale : (float)(int)i * scale;
  return (firn_tap){
      .at = {within(whole(align ? roundf(x) : floorf(x)), limit)}};
}

static firn_tap bilinear(size_t i, float scale, size_t limit, bool half) {
  const float x = place(i, scale, half), low = floorf(x);
  return (firn_tap){
      .at = {within(whole(low), limit), within(whole(ceilf(x)), limit)},
      .weight = {x - low}};
}

/* The two pieces of the cubic kernel, from TensorFlow's table of 1024 steps;
 * float and double as there. */
static float near_piece(int64_t step, double a) {
  const float x = (float)((double)step / 1024);
  return (float)(((a + 2) * x - (a + 3)) * x * x + 1);
}

static float far_piece(int64_t step, double a) {
  const float x = (float)((double)step / 1024 + 1.0);
  return (float)(((a * x - 5 * a) * x + 8 * a) * x - 4 * a);
}

/* With half pixel centers what lies outside has no weight; else the edge is
 * repeated. */
static firn_tap bicubic(size_t i, float scale, size_t limit, bool half) {
  const double a = half ? -0.5 : -0.75;
  const float x = place(i, scale, half);
  const int64_t low = whole(floorf(x));
  const int64_t step = lrintf((x - (float)low) * 1024);
  firn_tap t = {.weight = {far_piece(step, a), near_piece(step, a),
                           near_piece(1024 - step, a),
                           far_piece(1024 - step, a)}};
  float sum = 0;
  for (int k = 0; k < 4; k++) {
    t.at[k] = within(low - 1 + k, limit);
    if (half && (int64_t)t.at[k] != low - 1 + k) t.weight[k] = 0;
    sum += t.weight[k];
  }
  if (half && fabsf(sum) >= 1000.0f * 1.17549435e-38f) {
    const float one_over = 1.0f / sum;
    for (int k = 0; k < 4; k++) t.weight[k] *= one_over;
  }
  return t;
}

void firn_taps_fill(firn_tap *taps, size_t out, size_t in, firn_resize_method m,
                    bool align, bool half) {
  const float scale = firn_resize_scale(in, out, align);
  for (size_t i = 0; i < out; i++) {
    if (m == FIRN_NEAREST) taps[i] = nearest(i, scale, in, align, half);
    if (m == FIRN_BILINEAR) taps[i] = bilinear(i, scale, in, half);
    if (m == FIRN_BICUBIC) taps[i] = bicubic(i, scale, in, half);
  }
}
