/* ops/micro/winograd.c: 3x3 convolutions with a quarter of the products.
 *
 * Pictures are cut into tiles of 4x4 results. The 6x6 pixels under each tile
 * are transformed (V), each of the 36 positions is a product of tiles x ic with
 * ic x oc (M), and M is transformed back. A block of tiles passes through all
 * three steps while V and M are in the cache. Many blocks are shared out to
 * threads, each of which has a V and an M of its own; of few blocks each step
 * is shared out. The blocks are the same either way, and so are the bits.
 *
 * The results differ from a plain sum by a few more roundings (about five times
 * the error); `exact` switches it off.
 */
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "ops/micro/conv_parts.h"
#include "ops/micro/product.h"

enum {
  TILE = 4,
  POSITIONS = 36,
  LEAST_CHANNELS = 16, /* fewer do not pay for the transforms */
  LEAST_TILES = 8,
  LEAST_TILES_REPACKED = 36, /* for weights take long to transform */
  LINE = 16,                 /* floats in a cache line */
};

size_t firn_winograd_tiles(const firn_conv_shape *s) {
  return s->batch * ((s->oh + TILE - 1) / TILE) * ((s->ow + TILE - 1) / TILE);
}

bool firn_winograd_pays(const firn_conv_shape *s) {
  return s->kh == 3 && s->kw == 3 && s->stride_h == 1 && s->stride_w == 1 &&
         s->dilation_h == 1 && s->dilation_w == 1 && s->groups == 1 &&
         s->ic >= LEAST_CHANNELS && s->oc >= LEAST_CHANNELS &&
         firn_winograd_tiles(s) >= LEAST_TILES;
}

bool firn_winograd_pays_repacked(const firn_conv_shape *s) {
  return firn_winograd_pays(s) &&
         firn_winograd_tiles(s) >= LEAST_TILES_REPACKED;
}

/* ---- Weights: U = G g G', in double, since it is done once. ---------------
 */

static size_t panels_size(const firn_conv_plan *plan) {
  return firn_panels_size(plan->micro, plan->shape.ic, plan->shape.oc);
}

size_t firn_winograd_pack_size(const firn_conv_plan *plan) {
  return POSITIONS * panels_size(plan) * sizeof(float);
}

/* Numbers of as many output channels. Half a panel is never less. */
typedef double some __attribute__((vector_size(4 * sizeof(double))));
enum { SOME = sizeof(some) / sizeof(double) };

/* out[i * step] = sum of G[i][j] * g[j]. */
static inline void transform_line(const some *g0, const some *g1,
                                  const some *g2, some *out, size_t step) {
  const some even = *g0 + *g2, even4 = *g0 + 4 * *g2;
  out[0] = *g0 / 4;
  out[step] = -(even + *g1) / 6;
  out[2 * step] = -(even - *g1) / 6;
  out[3 * step] = (even4 + 2 * *g1) / 24;
  out[4 * step] = (even4 - 2 * *g1) / 24;
  out[5 * step] = *g2;
}

static inline void transform_weights(const some g[9], some u[POSITIONS]) {
  some half[18];
  for (size_t c = 0; c < 3; c++)
    transform_line(&g[c], &g[3 + c], &g[6 + c], half + c, 3);
  for (size_t r = 0; r < 6; r++)
    transform_line(&half[3 * r], &half[3 * r + 1], &half[3 * r + 2], u + 6 * r,
                   1);
}

/* Where number (i, o) of a packed ic x oc matrix lies. */
static size_t panel_place(const firn_conv_plan *plan, size_t i, size_t o) {
  const size_t nr = plan->micro->nr, panel = o / nr * nr;
  const size_t width = plan->shape.oc - panel <= nr / 2 ? nr / 2 : nr;
  return panel * plan->shape.ic + i * width + (o - panel);
}

/* Channels [o, o + n) of input channel i. */
static void pack_some(const firn_conv_plan *plan, const firn_loose_float *w,
                      const float *scale, size_t i, size_t o, size_t n,
                      float *to) {
  const size_t size = panels_size(plan);
  some g[9] = {{0}}, u[POSITIONS];
  for (size_t t = 0; t < 9; t++)
    for (size_t k = 0; k < n; k++)
      g[t][k] = (double)w[(t * plan->shape.ic + i) * plan->shape.oc + o + k] *
                (scale ? (double)scale[o + k] : 1.0);
  transform_weights(g, u);
  for (size_t q = 0; q < POSITIONS; q++)
    for (size_t k = 0; k < n; k++) to[q * size + k] = (float)u[q][k];
}

typedef struct packing {
  const firn_conv_plan *plan;
  const float *weights, *scale;
  float *packed;
} packing;

static void pack_inputs(void *ctx, size_t begin, size_t end) {
  const packing *p = ctx;
  const firn_conv_plan *plan = p->plan;
  const size_t oc = plan->shape.oc, whole = oc / SOME * SOME;
  for (size_t i = begin; i < end; i++) {
    for (size_t o = 0; o < whole; o += SOME)
      pack_some(plan, p->weights, p->scale, i, o, SOME,
                p->packed + panel_place(plan, i, o));
    if (whole < oc)
      pack_some(plan, p->weights, p->scale, i, whole, oc - whole,
                p->packed + panel_place(plan, i, whole));
  }
}

void firn_winograd_pack(const firn_conv_plan *plan, const float *weights,
                        const float *scale, float *packed, firn_pool *pool) {
  enum { GRAIN = 256 }; /* pairs of channels */
  const firn_conv_shape *s = &plan->shape;
  packing p = {plan, weights, scale, packed};
  if (s->oc % (plan->micro->nr / 2))
    memset(packed, 0, firn_winograd_pack_size(plan));
  firn_parallel_for(pool, s->ic, GRAIN / s->oc + 1, pack_inputs, &p);
}

/* ---- Blocks of tiles. -----------------------------------------------------
 */

typedef struct layout {
  size_t across, per_image, tiles; /* tiles in a row, in an image, in all */
  size_t block;                    /* tiles at a time */
  size_t v_stride, m_stride;       /* floats from position to position */
  size_t slot;                     /* floats of V and M together */
} layout;

static layout lay_out(const firn_conv_plan *plan) {
  enum { CACHE = 1400 * 1024 }; /* V and M; measured */
  const firn_conv_shape *s = &plan->shape;
  layout l;
  l.across = (s->ow + TILE - 1) / TILE;
  l.per_image = l.across * ((s->oh + TILE - 1) / TILE);
  l.tiles = s->batch * l.per_image;
  const size_t per_tile = POSITIONS * sizeof(float) * (s->ic + s->oc);
  size_t block = CACHE / per_tile / plan->micro->mr * plan->micro->mr;
  block = firn_max_size(block, 2 * plan->micro->mr);
  const size_t blocks = (l.tiles + block - 1) / block;
  l.block = (l.tiles + blocks - 1) / blocks;
  /* One line more keeps the 36 positions off each other's cache sets. */
  l.v_stride = (l.block * s->ic + LINE - 1) / LINE * LINE + LINE;
  l.m_stride = (l.block * s->oc + LINE - 1) / LINE * LINE + LINE;
  l.slot = POSITIONS * (l.v_stride + l.m_stride);
  return l;
}

/* Threads that work on a block of their own; 1: all on the same one. */
static size_t slots_of(const layout *l, int threads) {
  const size_t blocks = (l->tiles + l->block - 1) / l->block;
  const size_t most = threads > 1 ? (size_t)threads : 1;
  return blocks >= 3 * most ? most : 1;
}

size_t firn_winograd_workspace(const firn_conv_plan *plan, int threads) {
  const layout l = lay_out(plan);
  return slots_of(&l, threads) * l.slot * sizeof(float);
}

typedef struct job {
  const firn_conv_plan *plan;
  layout l;
  const float *x, *packed;
  firn_epilogue epilogue;
  float *y;
  size_t y_stride;
  float *scratch;
  atomic_size_t next;
} job;

/* The first result of a tile. */
typedef struct corner {
  size_t n, y, x;
} corner;

static corner corner_of(const layout *l, size_t tile) {
  const size_t in_image = tile % l->per_image;
  return (corner){tile / l->per_image, in_image / l->across * TILE,
                  in_image % l->across * TILE};
}

static void tile_in(const job *j, size_t tile, float *v) {
  const firn_conv_shape *s = &j->plan->shape;
  const corner at = corner_of(&j->l, tile);
  const float *px[POSITIONS];
  for (size_t q = 0; q < POSITIONS; q++) {
    const size_t iy = at.y + q / 6 - s->pad_top; /* wraps above and left */
    const size_t ix = at.x + q % 6 - s->pad_left;
    px[q] = iy < s->ih && ix < s->iw
                ? j->x + ((at.n * s->ih + iy) * s->iw + ix) * s->ic
                : NULL;
  }
  j->plan->micro->winograd_in(px, s->ic, v, j->l.v_stride);
}

static void tile_out(const job *j, size_t tile, const float *m) {
  const firn_conv_shape *s = &j->plan->shape;
  const corner at = corner_of(&j->l, tile);
  const size_t pixel = (at.n * s->oh + at.y) * s->ow + at.x;
  const size_t residual_stride = j->epilogue.residual_stride;
  const firn_winograd_out out = {
      .m = m,
      .m_stride = j->l.m_stride,
      .channels = s->oc,
      .rows = firn_min_size(TILE, s->oh - at.y),
      .cols = firn_min_size(TILE, s->ow - at.x),
      .bias = j->epilogue.bias,
      .residual = j->epilogue.residual
                      ? j->epilogue.residual + pixel * residual_stride
                      : NULL,
      .residual_row = s->ow * residual_stride,
      .residual_col = residual_stride,
      .y = j->y + pixel * j->y_stride,
      .y_row = s->ow * j->y_stride,
      .y_col = j->y_stride,
      .min = j->epilogue.min,
      .max = j->epilogue.max,
  };
  j->plan->micro->winograd_out(&out);
}

typedef struct block {
  const job *j;
  size_t tile;
  float *v, *m;
} block;

static void tiles_in(void *ctx, size_t begin, size_t end) {
  const block *b = ctx;
  for (size_t t = begin; t < end; t++)
    tile_in(b->j, b->tile + t, b->v + t * b->j->plan->shape.ic);
}

static void tiles_out(void *ctx, size_t begin, size_t end) {
  const block *b = ctx;
  for (size_t t = begin; t < end; t++)
    tile_out(b->j, b->tile + t, b->m + t * b->j->plan->shape.oc);
}

static size_t tiles_of(const block *b) {
  return firn_min_size(b->j->l.block, b->j->l.tiles - b->tile);
}

static void multiply(void *ctx, size_t begin, size_t end) {
  static const firn_epilogue plain = {.min = -INFINITY, .max = INFINITY};
  const block *b = ctx;
  const firn_conv_plan *plan = b->j->plan;
  const size_t ic = plan->shape.ic, oc = plan->shape.oc;
  const size_t size = panels_size(plan);
  for (size_t q = begin; q < end; q++) {
    const firn_matrix v = {b->v + q * b->j->l.v_stride, ic, false};
    firn_matmul_run(plan->micro, tiles_of(b), ic, oc, v,
                    b->j->packed + q * size, &plain,
                    b->m + q * b->j->l.m_stride, oc, NULL, NULL);
  }
}

static void run_block(const job *j, size_t tile, float *scratch,
                      firn_pool *pool) {
  block b = {j, tile, scratch, scratch + POSITIONS * j->l.v_stride};
  const size_t tiles = tiles_of(&b);
  firn_parallel_for(pool, tiles, 1, tiles_in, &b);
  firn_parallel_for(pool, POSITIONS, 1, multiply, &b);
  firn_parallel_for(pool, tiles, 1, tiles_out, &b);
}

static void run_slots(void *ctx, size_t begin, size_t end) {
  job *j = ctx;
  const size_t step = j->l.block;
  for (size_t slot = begin; slot < end; slot++) {
    float *scratch = j->scratch + slot * j->l.slot;
    for (size_t t; (t = atomic_fetch_add(&j->next, step)) < j->l.tiles;)
      run_block(j, t, scratch, NULL);
  }
}

void firn_winograd_run(const firn_conv_plan *plan, const float *x,
                       const float *packed, const firn_epilogue *epilogue,
                       float *y, size_t y_stride, void *scratch,
                       firn_pool *pool) {
  job j = {.plan = plan,
           .l = lay_out(plan),
           .x = x,
           .packed = packed,
           .epilogue = *epilogue,
           .y = y,
           .y_stride = y_stride,
           .scratch = scratch};
  const int threads = pool ? firn_pool_threads(pool) : 1;
  const size_t slots = slots_of(&j.l, threads);
  if (slots > 1) {
    firn_parallel_for(pool, slots, 1, run_slots, &j);
    return;
  }
  for (size_t tile = 0; tile < j.l.tiles; tile += j.l.block)
    run_block(&j, tile, scratch, pool);
}
