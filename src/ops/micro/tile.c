/* ops/micro/tile.c: a tile of a matrix product, kept in registers.
 *
 * Every product and every convolution but the depthwise ones ends here. A
 * function exists per number of rows, so that the accumulators have constant
 * indices: a dynamic one puts them into memory and costs a factor of three.
 */
#include "ops/micro/isa.h"

enum { PHASES_MOST = 4 };

/* A tile in registers. With few rows too few sums are in flight to hide the
 * latency of an addition, so neighbouring k go into sums of their own then. */
typedef vf sums[PHASES_MOST][TILE_ROWS][2];

INLINE size_t phases_of(size_t rows, size_t vectors) {
  return rows * vectors <= 2 ? 4 : rows * vectors <= 4 ? 2 : 1;
}

/* sum += a[r][k .. k + phases) times as many rows of the panel. */
INLINE void step(sums sum, const float *const *a, size_t k, const float *b,
                 const size_t phases, const size_t rows, const size_t vectors) {
  EACH (q, phases) {
    vf column[2];
    EACH (j, vectors) {
      column[j] = v_load(b + (q * vectors + j) * LANES);
    }
    EACH (r, rows) {
      const vf x = v_set(a[r][k + q]);
      EACH (j, vectors) sum[q][r][j] = v_fma(x, column[j], sum[q][r][j]);
    }
  }
}

INLINE void multiply(const firn_tile *t, sums sum, const size_t phases,
                     const size_t rows, const size_t vectors) {
  const float *b = t->b;
  for (size_t tap = 0; tap < t->taps; tap++) {
    const float *a[TILE_ROWS];
    EACH (r, rows) a[r] = t->a[tap * rows + r];
    size_t k = 0;
    if (phases > 1)
      for (; k + phases <= t->depth; k += phases) {
        step(sum, a, k, b, phases, rows, vectors);
        b += phases * vectors * LANES;
      }
    for (; k < t->depth; k++) {
      step(sum, a, k, b, 1, rows, vectors);
      b += vectors * LANES;
    }
  }
}

INLINE void run_tile(const firn_tile *t, const size_t rows,
                     const size_t vectors) {
  const size_t phases = phases_of(rows, vectors);
  sums sum;
  EACH (r, rows) {
    EACH (j, vectors) {
      sum[0][r][j] = t->bias ? v_load(t->bias + j * LANES) : v_set(0);
      EACH (q, phases)
        if (q > 0) sum[q][r][j] = v_set(0);
    }
  }
  if (t->bias && t->residual) {
    EACH (r, rows) {
      const float *from = t->residual + r * t->residual_stride;
      EACH (j, vectors) sum[0][r][j] += v_load(from + j * LANES);
    }
  }
  multiply(t, sum, phases, rows, vectors);
  const vf low = v_set(t->min), high = v_set(t->max);
  EACH (r, rows) {
    EACH (j, vectors) {
      EACH (q, phases)
        if (q > 0) sum[0][r][j] += sum[q][r][j];
      if (!t->bias) sum[0][r][j] += v_load(t->c + r * t->c_stride + j * LANES);
      v_store(t->c + r * t->c_stride + j * LANES,
              v_clamp(sum[0][r][j], low, high));
    }
  }
}

#define TILE(rows)                                      \
  void FIRN_ISA_NAME(half_##rows)(const firn_tile *t) { \
    run_tile(t, rows, 1);                               \
  }                                                     \
  void FIRN_ISA_NAME(full_##rows)(const firn_tile *t) { run_tile(t, rows, 2); }
FIRN_TILES(TILE)
