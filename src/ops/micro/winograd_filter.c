/* ops/micro/winograd_filter.c: what 3x3 filters get back, with a quarter of the
 * products.
 *
 * Forward, y = A' (U * V) A for each tile, where U is the transformed filter
 * and V the transformed pixels (winograd.c). So the gradient of U is the sum
 * over all tiles of V * M, where M = A dy A', and each of its 36 positions is a
 * product of matrices whose depth is the tiles; the filter gets G' dU G. V is
 * laid out channel by channel and M in panels, as ops/micro/product.h wants
 * them.
 */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "ops/micro/conv_parts.h"
#include "ops/micro/product.h"

enum {
  TILE = 4,
  POSITIONS = 36,
  LINE = 16, /* floats in a cache line; tiles and channels done together */
};

typedef struct job {
  const firn_conv_shape *s;
  const firn_micro *micro;
  const float *x, *dy;
  size_t across, per_image, tiles;
  size_t row;   /* floats of a channel of V                 */
  size_t panel; /* floats of a position of M                */
  float *v, *m, *u;
  float *dw;
} job;

/* Where the plain product takes a millisecond or so. Less is not worth the
 * rounding: near the end of training an optimizer that divides by the size of
 * gradients makes steps of what is left of them. */
bool firn_conv_filter_pays(const firn_conv_shape *s) {
  enum { LEAST_PRODUCTS = 1 << 26 };
  const size_t taps = s->kh * s->kw, pixels = s->batch * s->oh * s->ow;
  return firn_winograd_pays_repacked(s) &&
         taps * s->ic * s->oc * pixels >= LEAST_PRODUCTS;
}

static job job_of(const firn_conv_shape *s, const firn_micro *micro) {
  job j = {.s = s, .micro = micro};
  j.across = (s->ow + TILE - 1) / TILE;
  j.per_image = j.across * ((s->oh + TILE - 1) / TILE);
  j.tiles = firn_winograd_tiles(s);
  /* An odd number of cache lines keeps rows off each other's cache sets. */
  j.row = (j.tiles + LINE - 1) / LINE * LINE;
  if (j.row % (2 * LINE) == 0) j.row += LINE;
  j.panel = (firn_panels_size(micro, j.tiles, s->oc) + LINE - 1) / LINE * LINE;
  return j;
}

size_t firn_conv_filter_workspace(const firn_conv_shape *shape,
                                  const firn_micro *micro) {
  const job j = job_of(shape, micro);
  return POSITIONS * sizeof(float) *
         (shape->ic * j.row + j.panel + shape->ic * shape->oc);
}

/* Pointers to the side x side pixels of a picture from a tile's corner on;
 * NULL outside. */
static void find_pixels(const job *j, size_t tile, const float *picture,
                        size_t high, size_t wide, size_t channels, size_t side,
                        bool padded, const float **px) {
  const size_t in_image = tile % j->per_image;
  const size_t top = in_image / j->across * TILE - (padded ? j->s->pad_top : 0);
  const size_t left =
      in_image % j->across * TILE - (padded ? j->s->pad_left : 0);
  picture += tile / j->per_image * high * wide * channels;
  for (size_t q = 0; q < side * side; q++) {
    const size_t y = top + q / side, x = left + q % side; /* wrap around */
    px[q] = y < high && x < wide ? picture + (y * wide + x) * channels : NULL;
  }
}

/* V of LINE tiles from `first` on: LINE channels at a time, turned. */
static void tiles_in(const job *j, size_t first) {
  const firn_conv_shape *s = j->s;
  const size_t tiles = firn_min_size(LINE, j->tiles - first);
  const float *px[LINE][POSITIONS];
  float v[POSITIONS * LINE * LINE];
  for (size_t t = 0; t < tiles; t++)
    find_pixels(j, first + t, j->x, s->ih, s->iw, s->ic, TILE + 2, true, px[t]);
  for (size_t c = 0; c < s->ic; c += LINE) {
    const size_t n = firn_min_size(LINE, s->ic - c);
    for (size_t t = 0; t < tiles; t++) {
      j->micro->winograd_in(px[t], n, v + t * LINE, LINE * LINE);
      for (size_t q = 0; q < POSITIONS; q++)
        if (px[t][q]) px[t][q] += n;
    }
    for (size_t q = 0; q < POSITIONS; q++)
      firn_transpose(v + q * LINE * LINE, LINE, n, tiles,
                     j->v + (q * s->ic + c) * j->row + first, j->row);
  }
}

static void all_in(void *ctx, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) tiles_in(ctx, i * LINE);
}

/* M of a tile: its row of all panels. */
static void tile_back(const job *j, size_t tile) {
  const firn_conv_shape *s = j->s;
  const size_t nr = j->micro->nr;
  const float *px[TILE * TILE];
  find_pixels(j, tile, j->dy, s->oh, s->ow, s->oc, TILE, false, px);
  for (size_t o = 0; o < s->oc; o += nr) {
    const size_t left = s->oc - o, n = firn_min_size(left, nr);
    const size_t width = left <= nr / 2 ? nr / 2 : nr;
    float *m = j->m + o * j->tiles + tile * width;
    j->micro->winograd_back(px, n, m, j->panel);
    for (size_t q = 0; n < width && q < POSITIONS; q++)
      memset(m + q * j->panel + n, 0, (width - n) * sizeof *m);
    for (size_t q = 0; q < TILE * TILE; q++)
      if (px[q]) px[q] += n;
  }
}

static void all_back(void *ctx, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) tile_back(ctx, i);
}

static void multiply(void *ctx, size_t begin, size_t end) {
  static const firn_epilogue plain = {.min = -INFINITY, .max = INFINITY};
  const job *j = ctx;
  const size_t ic = j->s->ic, oc = j->s->oc;
  for (size_t q = begin; q < end; q++) {
    const firn_matrix v = {j->v + q * ic * j->row, j->row, false};
    firn_matmul_run(j->micro, ic, j->tiles, oc, v, j->m + q * j->panel, &plain,
                    j->u + q * ic * oc, oc, NULL, NULL);
  }
}

static void filters(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  const size_t oc = j->s->oc, matrix = j->s->ic * oc;
  j->micro->winograd_filter(j->u + begin * oc, matrix, (end - begin) * oc,
                            j->dw + begin * oc, matrix);
}

void firn_conv_filter_run(const firn_conv_shape *shape, const firn_micro *micro,
                          const float *x, const float *dy, float *dw,
                          void *scratch, firn_pool *pool) {
  enum { GRAIN = 1 << 12 }; /* numbers worth waking a thread for */
  job j = job_of(shape, micro);
  j.x = x;
  j.dy = dy;
  j.dw = dw;
  j.v = scratch;
  j.m = j.v + POSITIONS * shape->ic * j.row;
  j.u = j.m + POSITIONS * j.panel;
  firn_parallel_for(pool, (j.tiles + LINE - 1) / LINE, 1, all_in, &j);
  firn_parallel_for(pool, j.tiles, GRAIN / (POSITIONS * shape->oc) + 1,
                    all_back, &j);
  firn_parallel_for(pool, POSITIONS, 1, multiply, &j);
  firn_parallel_for(pool, shape->ic, GRAIN / (POSITIONS * shape->oc) + 1,
                    filters, &j);
}
