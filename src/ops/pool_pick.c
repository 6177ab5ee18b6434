/* ops/pool_pick.c: which element of each window is the largest, and what
 * follows. */
#include "ops/pool_pick.h"

#include <string.h>

enum {
  CHANNELS = 32, /* looked at together, so that the loops are vectors */
  TAPS = 64,     /* whose pixels are looked up                        */
};

#define SUM(a, b) ((a) + (b))
#define SUM_OF_INTS(a, b) ((uint64_t)(a) + (uint64_t)(b)) /* wraps around */

/* The pixels under a window; those of its first taps are in a table. */
typedef struct window {
  const firn_geometry *g;
  const firn_span *span;
  size_t image;
  uint32_t taps;
  size_t pixel[TAPS];
} window;

static size_t pixel_under(const window *w, uint32_t tap) {
  const int64_t wide = w->span[2].count, high = w->span[1].count;
  return firn_pixel(w->g, w->image, w->span[0].first + tap / wide / high,
                    w->span[1].first + tap / wide % high,
                    w->span[2].first + tap % wide);
}

static size_t pixel_of(const window *w, uint32_t tap) {
  return tap < TAPS ? w->pixel[tap] : pixel_under(w, tap);
}

static void open_window(window *w, const firn_geometry *g,
                        const firn_span span[3], size_t image) {
  w->g = g;
  w->span = span;
  w->image = image;
  w->taps = (uint32_t)(span[0].count * span[1].count * span[2].count);
  w->pixel[0] = 0; /* of a window without taps */
  for (uint32_t t = 0; t < w->taps && t < TAPS; t++)
    w->pixel[t] = pixel_under(w, t);
}

/* A window's channels [at, at + n): taps of the largest elements, then what
 * the mode says. NaN in front stays, NaN behind is never larger, as in
 * TensorFlow. */
#define PICK(NAME, T, ADD)                                                   \
  static void better_##NAME(const T *restrict x, size_t n, uint32_t tap,     \
                            T *restrict best, uint32_t *restrict where) {    \
    for (size_t c = 0; c < n; c++) {                                         \
      const T a = x[c], b = best[c];                                         \
      const uint32_t more = -(uint32_t)(a > b), old = where[c];              \
      best[c] = a > b ? a : b;                                               \
      where[c] = (tap & more) | (old & ~more);                               \
    }                                                                        \
  }                                                                          \
  static void find_##NAME(const firn_pick *p, const window *w, size_t at,    \
                          size_t n, T *best, uint32_t *where) {              \
    for (uint32_t tap = 0; tap < w->taps; tap++) {                           \
      const T *x =                                                           \
          (const T *)p->x + pixel_of(w, tap) * (size_t)w->g->channels + at;  \
      if (tap)                                                               \
        better_##NAME(x, n, tap, best, where);                               \
      else                                                                   \
        memcpy(best, x, n * sizeof *best);                                   \
    }                                                                        \
  }                                                                          \
  static void pick_##NAME(void *ctx, const firn_geometry *g,                 \
                          const firn_span span[3], size_t image,             \
                          size_t pixel) {                                    \
    const firn_pick *p = ctx;                                                \
    const size_t channels = (size_t)g->channels;                             \
    const size_t base = p->across_batch ? 0 : firn_pixel(g, image, 0, 0, 0); \
    T best[CHANNELS] = {0};                                                  \
    uint32_t where[CHANNELS] = {0};                                          \
    window w;                                                                \
    open_window(&w, g, span, image);                                         \
    for (size_t at = 0; at < channels; at += CHANNELS) {                     \
      const size_t n = firn_min_size(channels - at, CHANNELS);               \
      const size_t to_at = pixel * channels + at;                            \
      const T *from = p->from;                                               \
      T *to = p->to;                                                         \
      memset(where, 0, sizeof where);                                        \
      find_##NAME(p, &w, at, n, best, where);                                \
      for (size_t c = 0; c < n; c++) {                                       \
        const size_t element = pixel_of(&w, where[c]) * channels + at + c;   \
        if (p->mode == FIRN_PICK_SCATTER) {                                  \
          to[element] = (T)ADD(to[element], from[to_at + c]);                \
        } else if (p->mode == FIRN_PICK_GATHER) {                            \
          to[to_at + c] = from[element];                                     \
        } else {                                                             \
          to[to_at + c] = best[c];                                           \
          p->index[to_at + c] = (int64_t)(element - base * channels);        \
        }                                                                    \
      }                                                                      \
    }                                                                        \
  }

PICK(float, float, SUM)
PICK(double, double, SUM)
PICK(i8, int8_t, SUM_OF_INTS)
PICK(u8, uint8_t, SUM_OF_INTS)
PICK(i16, int16_t, SUM_OF_INTS)
PICK(u16, uint16_t, SUM_OF_INTS)
PICK(i32, int32_t, SUM_OF_INTS)
PICK(u32, uint32_t, SUM_OF_INTS)
PICK(i64, int64_t, SUM_OF_INTS)
PICK(u64, uint64_t, SUM_OF_INTS)

static firn_window_fn *picker(firn_dtype dtype) {
  switch (dtype) {
    case FIRN_DOUBLE: return pick_double;
    case FIRN_INT8: return pick_i8;
    case FIRN_UINT8: return pick_u8;
    case FIRN_INT16: return pick_i16;
    case FIRN_UINT16: return pick_u16;
    case FIRN_INT32: return pick_i32;
    case FIRN_UINT32: return pick_u32;
    case FIRN_INT64: return pick_i64;
    case FIRN_UINT64: return pick_u64;
    default: return pick_float;
  }
}

void firn_pool_pick(const firn_pick *pick, firn_dtype dtype,
                    const firn_geometry *g, firn_pool *pool) {
  firn_pick copy = *pick;
  firn_each_window(g, picker(dtype), &copy,
                   firn_space(g->window) * (size_t)g->channels,
                   pick->mode == FIRN_PICK_SCATTER, pool);
}
