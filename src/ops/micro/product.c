/* ops/micro/product.c: cuts a product into tiles that live in registers.
 *
 * Depth is cut so that a panel of the right side stays in the first cache while
 * it meets all tiles of a block of rows, and the block stays in the second one.
 * Each number of y is summed in the order of the depth, a deep one in pieces by
 * the shape alone, wherever the cuts in rows and columns fall: threads do not
 * change its bits.
 */
#include "ops/micro/product.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"

enum {
  BLOCK_ROWS = 240, /* times depth_block floats: fits in the second cache */
  BLOCK_POINTERS = 4096, /* on the stack of each thread */
  ITEM_WORK = 1 << 18,   /* multiplications worth waking a thread for */
};

const float firn_zero_run[FIRN_ZERO_RUN];

typedef struct job {
  firn_product p;
  size_t panels, blocks, groups; /* of rows, of panels */
  size_t tap_step, depth_step;
} job;

static size_t divide_up(size_t a, size_t b) { return (a + b - 1) / b; }

/* The i-th of `parts` nearly equal pieces of n begins here. */
static size_t cut(size_t n, size_t parts, size_t i) {
  return n / parts * i + firn_min_size(i, n % parts);
}

/* ---- Packing. ------------------------------------------------------------ */

static size_t panel_width(const firn_micro *micro, size_t columns, size_t at) {
  return columns - at <= micro->nr / 2 ? micro->nr / 2 : micro->nr;
}

size_t firn_panels_size(const firn_micro *micro, size_t depth, size_t columns) {
  const size_t last = columns % micro->nr;
  return depth * (columns - last + (last ? panel_width(micro, last, 0) : 0));
}

typedef float four __attribute__((vector_size(16)));
typedef float four_loose
    __attribute__((vector_size(16), aligned(1), may_alias));

/* out[k * width + j] = b[j * stride + k] for 4 x 4 numbers. */
static inline void transpose4(const float *b, size_t stride, float *out,
                              size_t width) {
  const four r0 = *(const four_loose *)b;
  const four r1 = *(const four_loose *)(b + stride);
  const four r2 = *(const four_loose *)(b + 2 * stride);
  const four r3 = *(const four_loose *)(b + 3 * stride);
  const four lo01 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5);
  const four lo23 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5);
  const four hi01 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
  const four hi23 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
  *(four_loose *)out = __builtin_shufflevector(lo01, lo23, 0, 1, 4, 5);
  *(four_loose *)(out + width) =
      __builtin_shufflevector(lo01, lo23, 2, 3, 6, 7);
  *(four_loose *)(out + 2 * width) =
      __builtin_shufflevector(hi01, hi23, 0, 1, 4, 5);
  *(four_loose *)(out + 3 * width) =
      __builtin_shufflevector(hi01, hi23, 2, 3, 6, 7);
}

/* In strips of rows, so that a line of `out` is written at once. */
void firn_transpose(const float *b, size_t stride, size_t rows, size_t columns,
                    float *out, size_t width) {
  enum { STRIP = 64 };
  const firn_loose_float *from = b;
  const size_t fours = rows / 4 * 4;
  size_t j = 0;
  for (size_t begin = 0; begin < fours; begin += STRIP) {
    const size_t end = firn_min_size(begin + STRIP, fours);
    for (j = 0; j + 4 <= columns; j += 4)
      for (size_t i = begin; i < end; i += 4)
        transpose4(b + j * stride + i, stride, out + i * width + j, width);
  }
  for (j = columns / 4 * 4; j < columns; j++)
    for (size_t i = 0; i < fours; i++)
      out[i * width + j] = from[j * stride + i];
  for (size_t i = fours; i < rows; i++)
    for (j = 0; j < columns; j++) out[i * width + j] = from[j * stride + i];
}

void firn_panel_pack(const firn_micro *micro, firn_matrix b, size_t panel,
                     size_t first, size_t rows, size_t depth, size_t columns,
                     const float *scale, float *packed) {
  const size_t n = panel * micro->nr;
  const size_t width = panel_width(micro, columns, n);
  const size_t have = firn_min_size(width, columns - n);
  packed += n * depth + first * width;
  if (!b.data) {
    memset(packed, 0, rows * width * sizeof *packed);
    return;
  }
  if (b.transposed) {
    firn_transpose(b.data + n * b.stride, b.stride, rows, have, packed, width);
  } else {
    for (size_t k = 0; k < rows; k++)
      memcpy(packed + k * width, b.data + k * b.stride + n,
             have * sizeof *packed);
  }
  if (!scale && have == width) return;
  for (size_t k = 0; k < rows; k++, packed += width) {
    for (size_t j = 0; scale && j < have; j++) packed[j] *= scale[n + j];
    for (size_t j = have; j < width; j++) packed[j] = 0;
  }
}

typedef struct packing {
  const firn_micro *micro;
  firn_matrix b;
  size_t depth, columns, pieces; /* of a panel */
  const float *scale;
  float *packed;
} packing;

enum { PIECE_ROWS = 128 };

static void pack_pieces(void *ctx, size_t begin, size_t end) {
  const packing *p = ctx;
  for (size_t i = begin; i < end; i++) {
    const size_t first = i % p->pieces * PIECE_ROWS;
    firn_matrix b = p->b;
    b.data += b.transposed ? first : first * b.stride;
    firn_panel_pack(p->micro, b, i / p->pieces, first,
                    firn_min_size(PIECE_ROWS, p->depth - first), p->depth,
                    p->columns, p->scale, p->packed);
  }
}

void firn_panels_pack(const firn_micro *micro, firn_matrix b, size_t depth,
                      size_t columns, const float *scale, float *packed,
                      firn_pool *pool) {
  enum { GRAIN = 1 << 14 }; /* numbers worth waking a thread for */
  const packing p = {micro, b,     depth, columns, divide_up(depth, PIECE_ROWS),
                     scale, packed};
  firn_parallel_for(pool, p.pieces * divide_up(columns, micro->nr),
                    GRAIN / (PIECE_ROWS * micro->nr), pack_pieces, (void *)&p);
}

/* ---- Running. ------------------------------------------------------------ */

static void copy_rows(const float *from, size_t from_stride, float *to,
                      size_t to_stride, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++)
    memcpy(to + r * to_stride, from + r * from_stride, columns * sizeof *to);
}

/* A tile of which only some columns exist goes by way of a whole one. */
static void run_part_tile(firn_tile_fn run, const firn_tile *t, size_t rows,
                          size_t columns) {
  enum { STRIDE = FIRN_TILE_COLUMNS_MAX };
  float c[FIRN_TILE_ROWS_MAX * STRIDE] = {0};
  float residual[FIRN_TILE_ROWS_MAX * STRIDE] = {0};
  firn_tile whole = *t;
  whole.c = c;
  whole.c_stride = STRIDE;
  if (!t->bias) copy_rows(t->c, t->c_stride, c, STRIDE, rows, columns);
  if (t->bias && t->residual) {
    copy_rows(t->residual, t->residual_stride, residual, STRIDE, rows, columns);
    whole.residual = residual;
    whole.residual_stride = STRIDE;
  }
  run(&whole);
  copy_rows(c, STRIDE, t->c, t->c_stride, rows, columns);
}

/* One panel against all tiles of a block. `tile` comes filled in but for what
 * differs from row to row. */
static void run_panel(const job *j, size_t panel, size_t row, size_t rows,
                      const float *const *pointers, firn_tile tile) {
  const firn_product *p = &j->p;
  const firn_micro *micro = p->micro;
  const size_t column = panel * micro->nr;
  const size_t width = panel_width(micro, p->columns, column);
  const size_t have = firn_min_size(width, p->columns - column);
  const bool half = width < micro->nr;
  float bias[FIRN_TILE_COLUMNS_MAX];
  if (tile.bias) {
    tile.bias = p->epilogue.bias ? p->epilogue.bias + column : firn_zero_run;
    if (have < width && p->epilogue.bias) {
      memset(bias, 0, sizeof bias);
      memcpy(bias, p->epilogue.bias + column, have * sizeof *bias);
      tile.bias = bias;
    }
  }

  const size_t tiles = divide_up(rows, micro->mr);
  for (size_t i = 0; i < tiles; i++) {
    const size_t first = cut(rows, tiles, i);
    const size_t n = cut(rows, tiles, i + 1) - first;
    const firn_tile_fn run = micro->tile[half ? 0 : 1][n - 1];
    tile.a = pointers + first * tile.taps;
    tile.c = p->y + (row + first) * p->y_stride + column;
    if (p->epilogue.residual)
      tile.residual = p->epilogue.residual +
                      (row + first) * p->epilogue.residual_stride + column;
    if (have == width)
      run(&tile);
    else
      run_part_tile(run, &tile, n, have);
  }
}

static void find_block(const firn_product *p, size_t row, size_t rows,
                       size_t tap, size_t taps, size_t k,
                       const float **pointers) {
  const size_t tiles = divide_up(rows, p->micro->mr);
  for (size_t i = 0; i < tiles; i++) {
    const size_t first = cut(rows, tiles, i);
    p->find(p->ctx, row + first, cut(rows, tiles, i + 1) - first, tap, taps, k,
            pointers + first * taps);
  }
}

/* A block of rows times a group of panels. */
static void run_item(const job *j, size_t block, size_t group) {
  const firn_product *p = &j->p;
  const size_t row = cut(p->rows, j->blocks, block);
  const size_t rows = cut(p->rows, j->blocks, block + 1) - row;
  const size_t panel_end = cut(j->panels, j->groups, group + 1);
  const size_t whole = p->taps * p->depth;
  const float *pointers[BLOCK_POINTERS];

  for (size_t tap = 0; tap < p->taps; tap += j->tap_step) {
    const size_t taps = firn_min_size(j->tap_step, p->taps - tap);
    for (size_t k = 0; k < p->depth; k += j->depth_step) {
      const size_t depth = firn_min_size(j->depth_step, p->depth - k);
      const bool first = tap == 0 && k == 0;
      const bool last = tap + taps == p->taps && k + depth == p->depth;
      firn_tile tile = {
          .taps = taps,
          .depth = depth,
          .c_stride = p->y_stride,
          .bias = first ? firn_zero_run : NULL,
          .residual_stride = p->epilogue.residual_stride,
          .min = last ? p->epilogue.min : -INFINITY,
          .max = last ? p->epilogue.max : INFINITY,
      };
      find_block(p, row, rows, tap, taps, k, pointers);
      size_t panel = cut(j->panels, j->groups, group);
      for (; panel < panel_end; panel++) {
        const size_t column = panel * p->micro->nr;
        const size_t width = panel_width(p->micro, p->columns, column);
        tile.b = p->packed + column * whole + (tap * p->depth + k) * width;
        run_panel(j, panel, row, rows, pointers, tile);
      }
    }
  }
}

static void run_items(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  for (size_t i = begin; i < end; i++)
    run_item(j, i / j->groups, i % j->groups);
}

/* How far the depth goes at a time. A block that is one tile high meets each
 * panel once only, so nothing is gained by coming back to it. */
static void cut_depth(job *j, size_t block_rows) {
  const firn_product *p = &j->p;
  const size_t want = p->micro->depth_block;
  j->tap_step = 1;
  j->depth_step = p->depth;
  if (p->taps == 1 && block_rows <= p->micro->mr) return;
  if (p->depth > want + want / 4) {
    const size_t pieces = divide_up(p->depth, want);
    j->depth_step = divide_up(divide_up(p->depth, pieces), 8) * 8;
    return;
  }
  const size_t most = firn_max_size(BLOCK_POINTERS / block_rows, 1);
  size_t step = firn_max_size(want / p->depth, 1);
  step = firn_min_size(firn_min_size(step, most), p->taps);
  assert(step > 0);
  j->tap_step = divide_up(p->taps, divide_up(p->taps, step));
}

void firn_product_run(const firn_product *product, firn_pool *pool) {
  if (product->rows == 0 || product->columns == 0) return;
  job j = {.p = *product};
  const size_t threads = pool ? (size_t)firn_pool_threads(pool) : 1;
  j.panels = divide_up(product->columns, product->micro->nr);
  j.blocks = divide_up(product->rows, BLOCK_ROWS);
  assert(j.blocks > 0); /* for rows is not 0 */
  cut_depth(&j, divide_up(product->rows, j.blocks));

  /* Twice as many items as the pool makes pieces, so that these are nearly
   * equal; none too small to be worth its hand-over. */
  const size_t work =
      product->rows * product->columns * product->taps * product->depth;
  const size_t items = firn_min_size(8 * threads, work / ITEM_WORK + 1);
  j.groups = 1;
  if (threads > 1 && j.blocks < items)
    j.groups = firn_min_size(divide_up(items, j.blocks), j.panels);
  const size_t count = j.blocks * j.groups;
  firn_parallel_for(pool, count, count / (work / ITEM_WORK + 1) + 1, run_items,
                    &j);
}
