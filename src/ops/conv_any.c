/* ops/conv_any.c: convolutions of any numbers, and their gradients, as the
 * definition says it.
 *
 * Each output pixel meets the input pixels under its window. For each of these
 * taps x is a row of channels, w a matrix, y a row of output channels; the
 * three modes differ in which of them is computed.
 */
#include "ops/conv_any.h"

typedef enum mode { FORWARD, INPUT, FILTER } mode;

typedef struct job {
  mode mode;
  const firn_conv_layout *l;
  void *x, *w, *y; /* one of them is written to */
} job;

#define LOOPS(NAME, T)                                                        \
  static void tap_##NAME(const job *its, T *x, T *w, T *y) {                  \
    const firn_conv_layout *l = its->l;                                       \
    const size_t groups = (size_t)l->groups, oc = (size_t)l->oc;              \
    const size_t depth = (size_t)l->g.channels / groups, n = oc / groups;     \
    for (size_t g = 0; g < groups; g++, x += depth, y += n)                   \
      for (size_t i = 0; i < depth; i++) {                                    \
        T *row = w + i * oc + g * n;                                          \
        T sum = 0;                                                            \
        if (its->mode == FORWARD)                                             \
          for (size_t j = 0; j < n; j++) y[j] += x[i] * row[j];               \
        else if (its->mode == FILTER)                                         \
          for (size_t j = 0; j < n; j++) row[j] += x[i] * y[j];               \
        else                                                                  \
          for (size_t j = 0; j < n; j++) sum += row[j] * y[j];                \
        if (its->mode == INPUT) x[i] += sum;                                  \
      }                                                                       \
  }                                                                           \
  static void window_##NAME(void *ctx, const firn_geometry *g,                \
                            const firn_span span[3], size_t image,            \
                            size_t pixel) {                                   \
    const job *j = ctx;                                                       \
    const size_t channels = (size_t)g->channels, oc = (size_t)j->l->oc;       \
    const size_t matrix = channels / (size_t)j->l->groups * oc;               \
    const int64_t *d = g->dilation;                                           \
    T *y = (T *)j->y + pixel * oc;                                            \
    for (int64_t a = 0; a < span[0].count; a++)                               \
      for (int64_t b = 0; b < span[1].count; b++)                             \
        for (int64_t c = 0; c < span[2].count; c++) {                         \
          const size_t from =                                                 \
              firn_pixel(g, image, span[0].first + a * d[0],                  \
                         span[1].first + b * d[1], span[2].first + c * d[2]); \
          const int64_t tap =                                                 \
              ((span[0].skipped + a) * g->window[1] + span[1].skipped + b) *  \
                  g->window[2] +                                              \
              span[2].skipped + c;                                            \
          tap_##NAME(j, (T *)j->x + from * channels,                          \
                     (T *)j->w + (size_t)tap * matrix, y);                    \
        }                                                                     \
  }

LOOPS(float, float)
LOOPS(double, double)
LOOPS(int, uint32_t)

static void run(job *j, firn_dtype dtype, firn_pool *pool) {
  const firn_geometry *g = &j->l->g;
  firn_window_fn *window = window_float;
  if (dtype == FIRN_DOUBLE) window = window_double;
  if (dtype == FIRN_INT32) window = window_int;
  firn_each_window(g, window, j,
                   firn_space(g->window) * (size_t)j->l->oc *
                       (size_t)(g->channels / j->l->groups),
                   j->mode == INPUT, j->mode == FILTER ? NULL : pool);
}

static void zero(void *to, firn_dtype dtype, size_t count) {
  if (count) memset(to, 0, count * firn_dtype_size(dtype));
}

/* The inputs are not written to: the modes say which pointer is the result. */
void firn_conv_any_run(const firn_conv_layout *l, firn_dtype dtype,
                       const void *x, const void *w, void *y, firn_pool *pool) {
  job j = {FORWARD, l, (void *)x, (void *)w, y};
  zero(y, dtype, (size_t)(l->g.batch * l->oc) * firn_space(l->g.out));
  run(&j, dtype, pool);
}

void firn_conv_any_input(const firn_conv_layout *l, firn_dtype dtype,
                         const void *dy, const void *w, void *dx,
                         firn_pool *pool) {
  job j = {INPUT, l, dx, (void *)w, (void *)dy};
  zero(dx, dtype, (size_t)(l->g.batch * l->g.channels) * firn_space(l->g.in));
  run(&j, dtype, pool);
}

void firn_conv_any_filter(const firn_conv_layout *l, firn_dtype dtype,
                          const void *x, const void *dy, void *dw) {
  job j = {FILTER, l, (void *)x, dw, (void *)dy};
  zero(dw, dtype,
       firn_space(l->g.window) * (size_t)(l->g.channels / l->groups * l->oc));
  run(&j, dtype, NULL);
}
