/* ops/pool_pick.c: which element of each window is the largest, and what
 * follows. */
#include "ops/pool_pick.h"

enum { CHANNELS = 32 }; /* looked at together, so that the loops are vectors */

#define SUM(a, b) ((a) + (b))
#define SUM_OF_INTS(a, b) ((uint64_t)(a) + (uint64_t)(b)) /* wraps around */

/* A window's channels [at, at + n): pixels of the largest elements, then what
 * the mode says. NaN in front stays, NaN behind is never larger, as in
 * TensorFlow. */
#define PICK(NAME, T, ADD)                                                   \
  static void find_##NAME(const firn_pick *p, const firn_geometry *g,        \
                          const firn_span span[3], size_t image, size_t at,  \
                          size_t n, T *best, size_t *where) {                \
    const size_t channels = (size_t)g->channels;                             \
    bool first = true;                                                       \
    for (int64_t i = 0; i < span[0].count; i++)                              \
      for (int64_t j = 0; j < span[1].count; j++)                            \
        for (int64_t k = 0; k < span[2].count; k++) {                        \
          const size_t from =                                                \
              firn_pixel(g, image, span[0].first + i, span[1].first + j,     \
                         span[2].first + k);                                 \
          const T *x = (const T *)p->x + from * channels + at;               \
          for (size_t c = 0; c < n; c++)                                     \
            if (first || x[c] > best[c]) {                                   \
              best[c] = x[c];                                                \
              where[c] = from;                                               \
            }                                                                \
          first = false;                                                     \
        }                                                                    \
  }                                                                          \
  static void pick_##NAME(void *ctx, const firn_geometry *g,                 \
                          const firn_span span[3], size_t image,             \
                          size_t pixel) {                                    \
    const firn_pick *p = ctx;                                                \
    const size_t channels = (size_t)g->channels;                             \
    const size_t base = p->across_batch ? 0 : firn_pixel(g, image, 0, 0, 0); \
    T best[CHANNELS] = {0};                                                  \
    size_t where[CHANNELS] = {0};                                            \
    for (size_t at = 0; at < channels; at += CHANNELS) {                     \
      const size_t n = firn_min_size(channels - at, CHANNELS);               \
      const size_t window = pixel * channels + at;                           \
      const T *from = p->from;                                               \
      T *to = p->to;                                                         \
      find_##NAME(p, g, span, image, at, n, best, where);                    \
      for (size_t c = 0; c < n; c++) {                                       \
        const size_t element = where[c] * channels + at + c;                 \
        if (p->mode == FIRN_PICK_SCATTER) {                                  \
          to[element] = (T)ADD(to[element], from[window + c]);               \
        } else if (p->mode == FIRN_PICK_GATHER) {                            \
          to[window + c] = from[element];                                    \
        } else {                                                             \
          to[window + c] = best[c];                                          \
          p->index[window + c] = (int64_t)(element - base * channels);       \
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
