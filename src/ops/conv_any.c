/* ops/conv_any.c: convolutions of any numbers, as the definition says it. */
#include "ops/conv_any.h"

#include <string.h>

typedef struct job {
  const firn_conv_any *conv;
  const void *x, *w;
  void *y;
  void (*pixel)(const struct job *j, const int64_t at[4], size_t y_index);
} job;

/* The position of tap `t` under output `o`, or -1 outside of the picture. */
static int64_t tap(const firn_geometry *g, int axis, int64_t o, int64_t t) {
  const int64_t at =
      o * g->stride[axis] + t * g->dilation[axis] - g->before[axis];
  return at < g->in[axis] ? at : -1;
}

/* One output pixel: for each tap inside of the picture, for each channel of
 * each group, a multiple of a row of weights. */
#define PIXEL(NAME, T)                                                        \
  static inline void add_tap_##NAME(const firn_conv_any *c, const T *x,       \
                                    const T *w, T *y) {                       \
    const size_t depth = (size_t)c->g.channels / c->groups,                   \
                 width = c->oc / c->groups;                                   \
    for (size_t k = 0; k < c->groups; k++)                                    \
      for (size_t i = 0; i < depth; i++) {                                    \
        const T v = x[k * depth + i];                                         \
        const T *row = w + i * c->oc + k * width;                             \
        for (size_t j = 0; j < width; j++) y[k * width + j] += v * row[j];    \
      }                                                                       \
  }                                                                           \
  static void pixel_##NAME(const job *j, const int64_t at[4], size_t index) { \
    const firn_conv_any *c = j->conv;                                         \
    const firn_geometry *g = &c->g;                                           \
    const size_t depth = (size_t)g->channels / c->groups;                     \
    T *y = (T *)j->y + index * c->oc;                                         \
    const T *w = j->w;                                                        \
    memset(y, 0, c->oc * sizeof *y);                                          \
    for (int64_t a = 0; a < g->window[0]; a++)                                \
      for (int64_t b = 0; b < g->window[1]; b++)                              \
        for (int64_t d = 0; d < g->window[2]; d++, w += depth * c->oc) {      \
          const int64_t z = tap(g, 0, at[1], a), v = tap(g, 1, at[2], b),     \
                        u = tap(g, 2, at[3], d);                              \
          if (z < 0 || v < 0 || u < 0) continue;                              \
          const int64_t from =                                                \
              ((at[0] * g->in[0] + z) * g->in[1] + v) * g->in[2] + u;         \
          add_tap_##NAME(c, (const T *)j->x + from * g->channels, w, y);      \
        }                                                                     \
  }

PIXEL(float, float)
PIXEL(double, double)
PIXEL(int, uint32_t)

static void run_rows(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  const int64_t *out = j->conv->g.out;
  for (size_t row = begin; row < end; row++) {
    const int64_t r = (int64_t)row;
    int64_t at[4] = {r / out[1] / out[0], r / out[1] % out[0], r % out[1], 0};
    for (; at[3] < out[2]; at[3]++)
      j->pixel(j, at, row * (size_t)out[2] + (size_t)at[3]);
  }
}

void firn_conv_any_run(const firn_conv_any *conv, firn_dtype dtype,
                       const void *x, const void *w, void *y, firn_pool *pool) {
  enum { ROW_WORK = 1 << 15 }; /* multiplications worth waking a thread for */
  const firn_geometry *g = &conv->g;
  job j = {conv, x, w, y, pixel_float};
  if (dtype == FIRN_DOUBLE) j.pixel = pixel_double;
  if (dtype == FIRN_INT32) j.pixel = pixel_int;
  const size_t rows = (size_t)(g->batch * g->out[0] * g->out[1]);
  const size_t work = (size_t)g->out[2] * firn_space(g->window) * conv->oc *
                      ((size_t)g->channels / conv->groups);
  if (rows)
    firn_parallel_for(pool, rows, ROW_WORK / (work + 1) + 1, run_rows, &j);
}
